"""The labelled articles of `seeds/`: on their side of 0.5, near their rung, with their signals, and not a billionth elsewhere than before.

`pytest --regen-golden` rewrites the scores compared with, `pytest --regen-known` the list of what is known to fail.
"""

from __future__ import annotations

import json
from collections import Counter

import pytest
from support import GOLDEN, ROOT, SEEDS_KNOWN, all_seed_checks, facts, known, known_table, read_seed, seeds

from escalate.lexicon import MODES

PATHS = sorted((ROOT / "seeds").glob("[a-z]*.md"))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_seed_can_be_read_and_its_labels_agree(path, model):
    seed = read_seed(path)
    assert seed.id == path.stem
    assert seed.title
    assert seed.body
    assert seed.escal == int(seed.rung >= 2)
    assert 0 <= seed.rung <= 5
    assert seed.direction in (-1, 0, 1)
    assert {family for family, _ in seed.signals} <= set(model.lexicon.families)
    assert {mode for _, mode in seed.signals} <= set(MODES)


def test_ids_and_texts_are_unique():
    assert len({seed.id for seed in seeds()}) == len({seed.text for seed in seeds()}) == len(PATHS)


def test_seeds_are_of_both_kinds_and_of_every_rung():
    assert set(Counter(seed.rung for seed in seeds())) == set(range(6))
    assert 0.35 < sum(seed.escal for seed in seeds()) / len(seeds()) < 0.65


def _checks() -> list[object]:
    listed = known_table(SEEDS_KNOWN)
    return [pytest.param(fault, id=name, marks=known(listed.get(name))) for name, fault in all_seed_checks()]


@pytest.mark.parametrize("fault", _checks())
def test_seeds_are_read_as_labelled(fault):
    assert not fault, fault


def test_known_failures_are_checks_that_exist():
    assert set(known_table(SEEDS_KNOWN)) <= {name for name, _ in all_seed_checks()}


def test_golden_scores_are_those_of_the_seeds_there_are():
    assert set(json.loads(GOLDEN.read_text(encoding="utf-8"))) == {seed.id for seed in seeds()}


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.id)
def test_score_is_what_it_was(seed):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))[seed.id]
    assert facts(seed) == pytest.approx(golden, abs=1e-9, rel=0), "changed; if that is meant: pytest --regen-golden"
