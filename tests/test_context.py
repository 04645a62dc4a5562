"""Signals and their modes: what must be found in a sentence, and what must not."""

from __future__ import annotations

from collections import Counter

import pytest
from support import canonical, cases, params, signal_faults, signals

import escalate
from escalate.context import find_signals
from escalate.lexicon import MODES

CASES = cases("signals.json")


@pytest.mark.parametrize("case", params(CASES))
def test_sentence_holds_its_signals_in_their_modes(case):
    faults = signal_faults(case)
    assert not faults, f"{case['why']}: {faults}; found {sorted(signals(escalate.explain(case['text'])))}"


def test_cases_name_families_and_modes_that_exist(model):
    pairs = [pair for case in CASES for pair in (*case.get("found", ()), *case.get("absent", ()))]
    assert {family for family, _ in pairs} <= set(model.lexicon.families)
    assert {mode for _, mode in pairs} <= set(MODES)


def test_every_family_is_expected_as_actual_somewhere(model):
    expected = {family for case in CASES for family, mode in case.get("found", ()) if mode == "actual"}
    assert set(model.lexicon.families) <= expected


def test_every_mode_but_the_figurative_is_expected_at_least_five_times():
    count = Counter(mode for case in CASES for _, mode in case.get("found", ()))
    assert min(count[mode] for mode in MODES if mode != "figurative") >= 5


@pytest.mark.parametrize(
    ("family", "mode", "moved"),
    [
        ("strike", "threatened", ("threat_of_force", "threatened")),
        ("arms_transfer", "negated", ("refusal_of_arms", "actual")),
        ("troop_deployment", "negated", ("restraint", "actual")),
        ("sanctions_relief", "negated", ("sanctions", "actual")),
        ("threat_of_force", "actual", ("threat_of_force", "threatened")),
        ("ceasefire", "negated", ("ceasefire", "negated")),
    ],
)
def test_lexicon_states_the_moves(model, family, mode, moved):
    assert canonical(model.lexicon, family, mode) == moved


def test_moves_lead_to_families_and_modes_that_exist(model):
    families = model.lexicon.families
    for family in families.values():
        for mode, target in family.moves.items():
            name, _, new_mode = target.partition("/")
            assert mode in MODES
            assert name in families
            assert new_mode in MODES


def test_signals_of_a_sentence_are_in_reading_order_and_inside_it(model):
    for case in CASES:
        reading = model.read(case["text"])
        for sentence, found in zip(reading.sentences, reading.signals, strict=True):
            assert found == sorted(found, key=lambda s: (s.start, s.end, s.family))
            assert all(sentence.start <= s.start <= s.act_start <= s.act_end <= s.end <= sentence.end for s in found)
            assert find_signals(reading.document, sentence, model.matcher) == found


def test_sentence_border_ends_every_scope():
    text = "The ministry denied everything. The army shelled the town."
    assert ("strike", "actual") in signals(escalate.explain(text))
