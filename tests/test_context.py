"""Signals and their modes: what must be found in a sentence, and what must not."""

from __future__ import annotations

from collections import Counter

import pytest
from support import canonical, cases, params, signal_faults, signals

import escalate
from escalate.context import find_signals
from escalate.lexicon import MODES, Lexicon
from escalate.model import Model

CASES = cases("signals.json")


@pytest.mark.parametrize("case", params(CASES))
def test_sentence_holds_its_signals_in_their_modes(case):
    faults = signal_faults(case)
    assert not faults, f"{case['why']}: {faults}; found {sorted(signals(escalate.explain(case['text'])))}"


@pytest.mark.parametrize("case", params(cases("plain_news.json")))
def test_plain_news_holds_a_step_of_force_or_none(case):
    """Home affairs, accidents, business and figures of speech, beside what they are taken for."""
    steps = [s for s in escalate.explain(case["text"]).signals if s.group == "escalatory" and s.mode in ("actual", "threatened")]
    assert bool(steps) is case["force"], f"{case['why']}: found {[(s.family, s.mode, s.text) for s in steps]}"


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


# --- what a cue asks of the words around it ------------------------------------------------------

AROUND = [
    ("Gunboats shelled the harbour of Ostrel in 1961.", ("strike", "past"), "a year after a preposition"),
    ("The quay at Ostrel, shelled by gunboats in 1961, reopens on Friday.", ("strike", "past"), "today stands farther off than the year"),
    ("Rebels have shelled the port of Ostrel since 2011.", ("strike", "actual"), "a year since which it goes on"),
    ("Within a week the Kordish navy let the seized tanker go.", ("seizure", "negated"), "let ... go"),
    ("The Kordish navy let reporters see the seized tanker.", ("seizure", "actual"), "let without go"),
    ("The general called the air strike on the depots off.", ("strike", "negated"), "called ... off"),
    ("Kordia halts strikes on the capital of Velland.", ("ceasefire", "actual"), "a halt is itself no halt to a ceasefire"),
    ("Officers in Velland led a foiled coup, the radio said.", ("coup", "negated"), "the cue holds the act"),
    ("Velland urges Kordia to end strikes on its ports.", ("strike", "actual"), "an end that is only asked for"),
    ("Velland and Kordia agreed to end strikes on ports.", ("strike", "negated"), "an end that is agreed"),
    ("A blast killed six soldiers at a checkpoint on May 14 near Ostrel.", ("clash", "actual"), "a month that looks like a modal"),
    ("No group has claimed responsibility for the car bombing in Ostrel.", ("terrorist_attack", "actual"), "nobody claims it: it happened"),
    ("Three men were jailed for the car bombing in Ostrel.", ("terrorist_attack", "past"), "what a court deals with is done"),
    ("Seven men were arrested on suspicion of plotting a car bombing in Ostrel.", ("terrorist_attack", "negated"), "a plot that ended"),
    ("A ceasefire began at noon, and no shell has fallen on Ostrel.", ("ceasefire", "actual"), "a ceasefire that holds"),
    ("The truce in Ostrel is a dead letter: mortars fell on the market.", ("ceasefire", "negated"), "a truce that is broken"),
    ("Velland dropped a plan to shell the port of Ostrel.", ("strike", "negated"), "a plan soon behind the cue"),
    ("Velland dropped men near the gunners that shelled the port of Ostrel.", ("strike", "actual"), "nothing of a plan behind it"),
    ("Should Kordia shell the port, insurers would leave.", ("strike", "hypothetical"), "an if without the word, opening the sentence"),
    ("Did Kordia shell the port of Ostrel?", ("strike", "hypothetical"), "a question asks"),
    ("It was Kordia that did shell the port of Ostrel, and who will pay?", ("strike", "actual"), "a question that the word does not open"),
    ("Did Kordia shell the port of Ostrel. It did.", ("strike", "actual"), "a sentence that asks nothing"),
    ("In May, 1943, Kordish gunners shelled the port.", ("strike", "past"), "another year is not, comma or none"),
    ("Gunboats did not stop at threats and shelled the port.", ("strike", "actual"), "a denial of less"),
    ("Drones did not reach the port of Ostrel or strike the refinery.", ("strike", "negated"), "a denial between the act and its object"),
]


@pytest.fixture(scope="module")
def fresh():
    """The lexicon as it is in its files, with nothing learned."""
    return Model(Lexicon.load(), [], [], {})


@pytest.mark.parametrize(("text", "signal", "why"), AROUND, ids=[why for _, _, why in AROUND])
def test_cue_minds_the_words_around_it(fresh, text, signal, why):
    found = {(s.family, s.mode) for sentence in fresh.read(text).signals for s in sentence}
    assert canonical(fresh.lexicon, *signal) in found, f"{why}: {sorted(found)}"


def test_year_is_past_for_a_model_of_a_later_year():
    assert "2020" not in Lexicon.load(year=2021).cues_of
    assert "2020" in Lexicon.load(year=2022).cues_of


@pytest.mark.parametrize(("gap", "found"), [(0, 1), (1, 2), (2, 3)])
def test_gap_counts_the_words_between(tmp_path, gap, found):
    own = tmp_path / "own.toml"
    own.write_text(
        '[terms.glim]\nwords = ["glimmed"]\n[terms.plov]\nwords = ["plovs"]\n'
        '[family.gleam]\ngroup = "escalatory"\nrung = 4\nplover = "ASSAULT"\nmid = 4\n'
        f'frames = [{{ act = ["glim"], object = ["plov"], gap = {gap} }}]\n',
        encoding="utf-8",
    )
    model = Model(Lexicon.load(own), [], [], {})
    texts = ["They glimmed plovs.", "They glimmed old plovs.", "They glimmed very old plovs."]
    assert sum(signal.family == "gleam" for text in texts for signals in model.read(text).signals for signal in signals) == found


def test_cue_of_several_words_opens_a_sentence_and_stands_nowhere_else(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[cue.blim]\nmode = "figurative"\ndirection = "forward"\nscope = 9\nrank = 99\nopens = true\nverbs = ["blim on"]\n',
        encoding="utf-8",
    )
    model = Model(Lexicon.load(own), [], [], {})
    texts = ["Blimming on Kordia shelled the port.", "Blimming Kordia shelled the port.", "Yes, blimming on Kordia shelled the port."]
    modes = [[s.mode for signals in model.read(text).signals for s in signals if s.family == "strike"] for text in texts]
    assert modes == [["figurative"], ["actual"], ["actual"]]
