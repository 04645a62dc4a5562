"""Cases of behaviour: each is right, or listed as a known failure; a listed case that comes right must leave the list.

`pytest --regen-known` rewrites the list; `python benchmarks/behaviour.py` prints the rates.
"""

from __future__ import annotations

import json

import pytest
from support import BEHAVIOUR_KNOWN, TESTS, behaviour, behaviour_fault, known_list

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


def test_every_file_names_its_category():
    for path in (TESTS / "behaviour").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["category"] == path.stem
