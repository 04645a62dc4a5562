"""What the score would be without a signal, or with its negation: read anew, exact, and itself an explanation."""

from __future__ import annotations

import copy
import math
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from support import cases, seeds
from test_model import NEWS

import escalate
from escalate.counterfactual import what_if
from escalate.errors import EscalateError, ExplanationError
from escalate.explanation import Explanation

SIGNALS = [case["text"] for case in cases("signals.json")]
SHELLED = "The army shelled two villages."
SENT = "Berlin will send missiles to the front. Rain fell on the market. The choir sang. The baker slept. A dog barked."


def crossed_out(found: Explanation) -> str:
    """Return the text with the words of all signals made meaningless, each as long as before."""
    text = found.text
    for signal in found.signals:
        text = text[: signal.start] + re.sub(r"[^\W_]", "x", text[signal.start : signal.end]) + text[signal.end :]
    return text


def parts(found: Explanation) -> float:
    return math.fsum([found.intercept, *found.structure.values(), *(p.contribution for p in (*found.signals, *found.words))])


def test_without_all_signals_scores_like_the_text_with_their_words_crossed_out():
    equal = []
    for text in SIGNALS:
        found = escalate.explain(text)
        if found.signals:
            equal.append(abs(found.without(*found.signals).score - escalate.score(crossed_out(found))) < 1e-12)
    # Where it is not, crossing out has cut a longer term, or opened a frame over the gap.
    assert len(equal) > 100
    assert sum(equal) >= 0.97 * len(equal)


@pytest.mark.parametrize("text", [SHELLED, SENT, "Rebels shell port as navy threatens blockade"])
def test_without_is_an_explanation_like_any_other(text):
    found = escalate.explain(text)
    changed = found.without(found.signals[0])
    assert len(changed.signals) == len(found.signals) - 1
    assert changed.text == text
    assert parts(changed) == pytest.approx(changed.log_odds, abs=1e-9)
    assert changed.without(*changed.signals).score == pytest.approx(found.without(*found.signals).score, abs=1e-12)


def test_without_nothing_is_the_same():
    found = escalate.explain(SENT)
    assert found.without() == found == found.negated()


def test_asking_changes_nothing():
    found = escalate.explain(SENT)
    before = found.to_dict()
    found.without(*found.signals)
    found.negated(*found.signals)
    assert found.to_dict() == before
    assert escalate.explain(SENT) == found


def test_negation_moves_a_signal_to_what_it_means():
    found = escalate.explain(SENT)
    assert ("arms_transfer", "threatened") in [(s.family, s.mode) for s in found.signals]
    denied = found.negated(*found.signals)
    assert ("refusal_of_arms", "actual") in [(s.family, s.mode) for s in denied.signals]
    assert denied.score < found.score


def test_negation_of_force_lowers_the_score():
    found = escalate.explain(SHELLED)
    denied = found.negated(*found.signals)
    assert [(s.family, s.mode) for s in denied.signals] == [("strike", "negated")]
    assert denied.score < found.score
    assert parts(denied) == pytest.approx(denied.log_odds, abs=1e-9)


def test_negation_reads_like_a_cue_that_has_no_weight_of_its_own():
    """Beside a word of negation, the features are those of the negated text but for that word."""
    plain, denied = escalate.explain("Reports say the army shelled two villages."), escalate.explain("The army never shelled two villages.")
    assert ("strike", "negated") in [(s.family, s.mode) for s in denied.signals]
    assert [(s.family, s.mode) for s in plain.negated(*plain.signals).signals] == [("strike", "negated")]


def test_topics_cannot_be_negated():
    found = escalate.explain("The goalkeeper saved a penalty in the cup final.")
    topics = [s for s in found.signals if s.level == 0]
    assert topics
    assert found.negated(*topics).score == found.score


def test_subtracting_a_contribution_is_another_number():
    found = escalate.explain("Rebels shelled the port. The navy threatened a blockade. Talks failed. Rain fell. The fleet sailed.")
    strike = found.signals[0]
    assert found.without(strike).log_odds != pytest.approx(found.log_odds - strike.contribution, abs=1e-6)


def test_repeated_sentence_loses_the_signal_wherever_it_stands():
    once, twice = escalate.explain(SHELLED), escalate.explain(f"{SHELLED}\n\n{SHELLED}")
    assert twice.without(*twice.signals).score == once.without(*once.signals).score


@given(NEWS)
def test_every_signal_of_any_text_can_be_taken_away_and_negated(text):
    found = escalate.explain(text)
    for changed in (found.without(*found.signals), found.negated(*found.signals)):
        assert 0 <= changed.score <= 1
        assert parts(changed) == pytest.approx(changed.log_odds, abs=1e-9)
    assert found.without(*found.signals).signals == []


def test_what_the_score_hangs_on_is_what_without_and_negated_say():
    found = escalate.explain(seeds()[0].text)
    *single, together = what_if(found)
    assert [row.signals for row in single] == [(s,) for s in sorted(found.signals, key=lambda s: -abs(s.contribution))[:3]]
    assert together.signals == tuple(found.signals)
    for row in (*single, together):
        assert row.without == found.without(*row.signals).score
        assert row.negated == found.negated(*row.signals).score


def test_text_without_signals_hangs_on_none():
    assert what_if(escalate.explain("Tuesday.")) == []


@pytest.mark.parametrize("stranger", [escalate.explain("Rebels shelled the port.").signals[0], "strike", 0, None])
def test_signal_of_another_text_is_refused(stranger):
    with pytest.raises(ExplanationError, match="not one of the 1 signals"):
        escalate.explain(SHELLED).without(stranger)


@pytest.mark.parametrize("several", [list, tuple, lambda signals: np.array([*signals, None]), lambda _: np.array([1, 2]), pd.Series])
def test_signals_are_given_one_by_one(several):
    found = escalate.explain(SHELLED)
    for read in (found.without, found.negated):
        with pytest.raises(TypeError, match=r"(?s)^got \w+ \(.* for a signal; .* one by one, for example found\.without\(\*found\.signals"):
            read(several(found.signals))


def pickled(found: Explanation) -> Explanation:
    again: Explanation = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
    return again


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_copy_is_equal_and_light_and_says_that_it_cannot_be_read_again(copied):
    found = escalate.explain(SHELLED)
    again = copied(found)
    assert again == found
    assert again.to_dict() == found.to_dict()
    assert len(pickle.dumps(again)) < 5000
    assert what_if(again) == []
    assert "no signal" in repr(again)
    with pytest.raises(ExplanationError, match="explain the text anew"):
        again.negated(*again.signals)


def test_error_is_of_the_library_and_a_value_error():
    assert issubclass(ExplanationError, EscalateError)
    assert issubclass(ExplanationError, ValueError)
