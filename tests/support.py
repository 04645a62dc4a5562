"""What several tests share: cases read from files, expectations in canonical form, seeds, and the lists of known failures."""

from __future__ import annotations

import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import escalate
from escalate.explanation import Explanation
from escalate.lexicon import Lexicon

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
PACKAGE = ROOT / "escalate"
CASES = TESTS / "cases"
DATA = Path(os.environ.get("ESCALATE_DATA") or ROOT.parent / "shared" / "data")

GOLDEN = TESTS / "golden" / "seeds.json"
SIGNALS = CASES / "signals.json"
SEEDS_KNOWN = CASES / "seeds_known_failures.json"
BEHAVIOUR_KNOWN = TESTS / "behaviour_known_failures.json"
CEILINGS = TESTS / "known_failures_ceilings.json"

SHARE = 0.75
"""For how many of the seeds side, level and direction must be right at least."""

Pair = tuple[str, str]


# --- cases ---------------------------------------------------------------------------------------


def cases(name: str) -> list[Any]:
    """Return the cases of a file of `tests/cases`."""
    found: list[Any] = _load(CASES / name)
    return found


def params(rows: Iterable[Mapping[str, Any]], key: str = "text") -> list[Any]:
    """Return one parameter set a row; a row with ``xfail`` is a strict expected failure."""
    return [pytest.param(row, id=f"{number:03d}-{row[key][:40]}", marks=known(row.get("xfail"))) for number, row in enumerate(rows)]


def known(reason: str | None) -> list[pytest.MarkDecorator]:
    """Return the marks of a failure that is known for `reason`: a fix must be noticed, so they are strict."""
    return [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)] if reason else []


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _dump(path: Path, rows: Sequence[Any]) -> None:
    """Write one row a line, so that a change of one case is a change of one line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n" if rows else "[]\n", encoding="utf-8")


def _dump_table(path: Path, table: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


# --- signals -------------------------------------------------------------------------------------


def canonical(lexicon: Lexicon, family: str, mode: str) -> Pair:
    """Return the family and mode in which the package states what is meant: a future strike is a threat of force."""
    known_family = lexicon.families[family]
    mode = known_family.base_mode if mode == "actual" else mode
    moved = known_family.moves.get(mode)
    if moved is None:
        return family, mode
    name, _, new_mode = moved.partition("/")
    return name, new_mode


def signals(found: Explanation) -> set[Pair]:
    return {(s.family, s.mode) for s in found.signals}


def signal_faults(case: Mapping[str, Any]) -> list[str]:
    """Say what is missing from, or should not be among, the signals of a case."""
    lexicon = escalate.default_model().lexicon
    have = signals(escalate.explain(case["text"]))
    missing = [pair for pair in case.get("found", ()) if canonical(lexicon, *pair) not in have]
    surplus = [pair for pair in case.get("absent", ()) if canonical(lexicon, *pair) in have]
    return [f"no {':'.join(pair)}" for pair in missing] + [f"{':'.join(pair)} found" for pair in surplus]


# --- seeds ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seed:
    """A labelled article of `seeds/`."""

    id: str
    title: str
    body: str
    escal: int
    rung: int
    direction: int
    date: str
    signals: tuple[Pair, ...]

    @property
    def text(self) -> str:
        return f"{self.title}\n\n{self.body}"


def read_seed(path: Path) -> Seed:
    opening, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    assert not opening, f"{path.name} does not begin with +++"
    facts = tomllib.loads(head)
    facts["signals"] = tuple((family, mode) for family, mode in facts["signals"])
    return Seed(body=body.strip(), **facts)


@cache
def seeds() -> tuple[Seed, ...]:
    return tuple(read_seed(path) for path in sorted((ROOT / "seeds").glob("[a-z]*.md")))


@cache
def explained(seed: Seed) -> Explanation:
    return escalate.explain(seed.text)


def seed_checks(seed: Seed) -> Iterator[tuple[str, str]]:
    """Yield the name of each check of a seed, and what is wrong, or nothing."""
    found = explained(seed)
    right = (found.score > 0.5) == bool(seed.escal)
    yield f"{seed.id}: side", "" if right else f"escal = {seed.escal} on the other side of 0.5"
    have, lexicon = signals(found), escalate.default_model().lexicon
    for family, mode in seed.signals:
        missing = canonical(lexicon, family, mode) not in have
        yield f"{seed.id}: {family} {mode}", "worded in a way that lexicon or context do not read" if missing else ""


def share_checks() -> Iterator[tuple[str, str]]:
    """Yield the same for all seeds together: for how many side, level and direction are right."""
    pointing = [seed for seed in seeds() if seed.direction]
    right = {
        "side": [(explained(seed).score > 0.5) == bool(seed.escal) for seed in seeds()],
        "level within one rung": [abs(explained(seed).level - seed.rung) <= 1 for seed in seeds()],
        "direction": [explained(seed).direction * seed.direction > 0 for seed in pointing],
    }
    for name, hits in right.items():
        enough = sum(hits) >= SHARE * len(hits)
        yield f"all seeds: {name}", "" if enough else f"right for fewer than {SHARE:.0%}"


def all_seed_checks() -> Iterator[tuple[str, str]]:
    for seed in seeds():
        yield from seed_checks(seed)
    yield from share_checks()


# --- behaviour -----------------------------------------------------------------------------------


def behaviour() -> dict[str, dict[str, Any]]:
    """Return the cases of `tests/behaviour` by their ids."""
    files = sorted((TESTS / "behaviour").glob("*.json"))
    contents = [_load(file) for file in files]
    rows = [row | {"category": content["category"]} for content in contents for row in content["cases"]]
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows), "ids of behaviour cases are not unique"
    return found


def behaviour_fault(case: Mapping[str, Any]) -> str:
    """Say what is wrong with the scores of a case, or nothing."""
    if "text" in case:
        score = escalate.score(case["text"])
        return "" if (score > 0.5) == (case["expect"] == "escalation") else f"scored {score:.3f}, expected {case['expect']}"
    if "same_a" in case:
        first, second = escalate.score([case["same_a"], case["same_b"]]).tolist()
        return "" if abs(first - second) <= 0.05 else f"scored {first:.3f} and {second:.3f}, expected the same"
    higher, lower = escalate.score([case["higher"], case["lower"]]).tolist()
    right = higher > 0.5 > lower if case.get("sides") else higher > lower
    return (
        "" if right else f"scored {higher:.3f} and {lower:.3f}, expected " + ("both sides of 0.5" if case.get("sides") else "higher first")
    )


# --- what is compared with -----------------------------------------------------------------------


def known_table(path: Path) -> dict[str, str]:
    """Return the known failures of a file, with their reasons."""
    found: dict[str, str] = _load(path) if path.exists() else {}
    return found


def known_list(path: Path) -> list[str]:
    found: list[str] = _load(path) if path.exists() else []
    return found


def facts(seed: Seed) -> dict[str, float]:
    found = explained(seed)
    return {"score": found.score, "level": found.level, "direction": found.direction}


def rewrite_golden() -> None:
    _dump_table(GOLDEN, {seed.id: facts(seed) for seed in seeds()})


def known_counts(seed_checks: Iterable[str], cases: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many known failures there are of each category."""
    found = Counter("seeds: side" if name.endswith(": side") else "seeds: signals and rungs" for name in seed_checks)
    all_cases = behaviour()
    found.update(f"behaviour: {all_cases[name]['category']}" for name in cases if name in all_cases)
    found["signals"] = sum("xfail" in row for row in rows)
    return dict(found)


def above_ceilings(counts: Mapping[str, int], ceilings: Mapping[str, int]) -> list[str]:
    return [f"{name}: {count}, were {ceilings.get(name, 0)}" for name, count in sorted(counts.items()) if count > ceilings.get(name, 0)]


def rewrite_known(*, worse: bool = False) -> Iterator[str]:
    """Rewrite the lists of known failures, and say what has come and gone; reasons given by hand are kept.

    The lists would take in whatever a worse model gets wrong: more failures of a category than before are refused, unless `worse`.
    """
    given, checked = known_table(SEEDS_KNOWN), dict(all_seed_checks())
    failing = {name: given.get(name) or fault for name, fault in checked.items() if fault}
    listed, cases_failing = known_list(BEHAVIOUR_KNOWN), [name for name, case in behaviour().items() if behaviour_fault(case)]
    rows = _load(SIGNALS)
    refreshed = [_refreshed(row) for row in rows]
    counts = known_counts(failing, cases_failing, refreshed)
    more = above_ceilings(counts, _load(CEILINGS))
    if more and not worse:
        raise pytest.UsageError("\n  ".join(["more known failures than before (if that is meant: --regen-known=worse)", *more]))
    _dump_table(CEILINGS, counts)
    _dump_table(SEEDS_KNOWN, failing)
    _dump(BEHAVIOUR_KNOWN, cases_failing)
    _dump(SIGNALS, refreshed)
    yield _account("seeds", len(checked), given, failing)
    yield _account("behaviour", len(behaviour()), listed, cases_failing)
    marked, still = ([row["text"] for row in some if "xfail" in row] for some in (rows, refreshed))
    yield _account("signals", len(rows), marked, still)


def _account(what: str, of: int, before: Iterable[str], after: Iterable[str]) -> str:
    old, new = set(before), set(after)
    changes = "".join(f"\n  {sign} {name}" for sign, names in (("+", new - old), ("-", old - new)) for name in sorted(names))
    return f"{what}: {len(new)} of {of} are known failures, {len(new - old)} of them new; {len(old - new)} came right{changes}"


def _refreshed(row: dict[str, Any]) -> dict[str, Any]:
    faults = signal_faults(row)
    plain = {key: value for key, value in row.items() if key != "xfail"}
    return plain | {"xfail": row.get("xfail") or "; ".join(faults)} if faults else plain
