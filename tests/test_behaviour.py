"""Cases of behaviour: each is right, or listed as a known failure; a listed case that comes right must leave the list.

`pytest --regen-known` rewrites the list, if it grows in no category (`=worse` where it may).
`python benchmarks/behaviour.py` prints the rates.
"""

from __future__ import annotations

import importlib
import json

import pytest
import support
from support import BEHAVIOUR_KNOWN, CEILINGS, ROOT, SEEDS_KNOWN, SIGNALS, TESTS, behaviour, behaviour_fault, known_list, known_table

CASES = behaviour()
KNOWN = known_list(BEHAVIOUR_KNOWN)
SHAPES = ({"text", "expect"}, {"higher", "lower"}, {"same_a", "same_b"})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_case_has_one_shape_and_a_reason(case):
    shapes = [shape for shape in SHAPES if shape <= set(case)]
    assert len(shapes) == 1
    assert set(case) <= shapes[0] | {"id", "reason", "category", "sides"}
    assert case["reason"]
    assert case.get("expect", "none") in ("escalation", "none")
    texts = [case[key] for key in shapes[0] - {"expect"}]
    assert all(text.strip() for text in texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", CASES)
def test_case_behaves(name):
    fault = behaviour_fault(CASES[name])
    if name in KNOWN:
        assert fault, f"{name} is right now: take it off {BEHAVIOUR_KNOWN.name} (pytest --regen-known)"
        pytest.xfail(fault)
    assert not fault, f"{CASES[name]['reason']}: {fault}"


def test_known_failures_are_cases_that_exist_named_once():
    assert sorted(set(KNOWN)) == sorted(KNOWN)
    assert set(KNOWN) <= set(CASES)


# --- no more of them than there were -------------------------------------------------------------


def test_known_failures_are_no_more_than_there_were():
    counts = support.known_counts(known_table(SEEDS_KNOWN), KNOWN, json.loads(SIGNALS.read_text(encoding="utf-8")))
    above = support.above_ceilings(counts, json.loads(CEILINGS.read_text(encoding="utf-8")))
    assert not above, f"{above}; if that is meant: pytest --regen-known=worse"


@pytest.fixture
def lists(tmp_path, monkeypatch):
    """Lists of known failures in which nothing is known to fail yet, where one case of behaviour fails."""
    monkeypatch.setattr(support, "all_seed_checks", lambda: iter([("a seed: side", "")]))
    monkeypatch.setattr(support, "behaviour_fault", lambda case: "wrong" if case["id"] == next(iter(CASES)) else "")
    for name, content in {"SEEDS_KNOWN": "{}", "BEHAVIOUR_KNOWN": "[]", "SIGNALS": "[]", "CEILINGS": "{}"}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        monkeypatch.setattr(support, name, tmp_path / name)
    return tmp_path


def test_more_known_failures_are_taken_only_where_that_is_meant(lists):
    category = f"behaviour: {next(iter(CASES.values()))['category']}"
    with pytest.raises(pytest.UsageError, match=f"{category}: 1, were 0"):
        list(support.rewrite_known())
    assert (lists / "BEHAVIOUR_KNOWN").read_text(encoding="utf-8") == "[]"
    list(support.rewrite_known(worse=True))
    assert json.loads((lists / "BEHAVIOUR_KNOWN").read_text(encoding="utf-8")) == [next(iter(CASES))]
    assert json.loads((lists / "CEILINGS").read_text(encoding="utf-8")) == {category: 1, "signals": 0}


def test_fewer_known_failures_lower_what_may_be_known(lists):
    (lists / "CEILINGS").write_text(json.dumps(dict.fromkeys(support.known_counts([], CASES, []), 9)), encoding="utf-8")
    list(support.rewrite_known())
    assert sorted(json.loads((lists / "CEILINGS").read_text(encoding="utf-8")).values()) == [0, 1]


def test_every_file_names_its_category():
    for path in (TESTS / "behaviour").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["category"] == path.stem


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("behaviour")


def test_benchmark_counts_what_the_tests_count(bench, tmp_path, capsys):
    assert bench.main(["--json", str(tmp_path / "out.json")]) == 0
    rates = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    passed = sum(count.get(kind, 0) for count in rates.values() for kind in bench.KINDS)
    assert passed == sum(not behaviour_fault(case) for case in CASES.values())
    assert capsys.readouterr().out.splitlines()[-1].split()[:2] == ["all", str(len(CASES))]


def test_benchmark_measures_a_peer_that_learns_nothing(bench, capsys):
    assert bench.main(["--scorer", "words"]) == 0
    assert "--scorer words" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("case", "scores", "right"),
    [
        ({"text": "", "expect": "none"}, [0.4], True),
        ({"text": "", "expect": "escalation"}, [0.5], False),
        ({"higher": "", "lower": ""}, [0.3, 0.2], True),
        ({"higher": "", "lower": "", "sides": True}, [0.3, 0.2], False),
        ({"higher": "", "lower": "", "sides": True}, [0.6, 0.4], True),
        ({"same_a": "", "same_b": ""}, [0.5, 0.56], False),
        ({"same_a": "", "same_b": ""}, [0.5, 0.54], True),
    ],
)
def test_benchmark_knows_when_a_case_passes(bench, case, scores, right):
    assert bench.passes(case, scores) is right


def test_benchmark_trains_its_peer_only_on_tables_that_are_there(bench, tmp_path, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--scorer", "tfidf", "--data", str(tmp_path)])
    assert "--data" in capsys.readouterr().err
