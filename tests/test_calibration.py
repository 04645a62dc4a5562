"""What a score promises: the last map, the interval, prevalence, recalibration and cut-offs."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import cases

import escalate
from escalate import CalibrationError, Model, TextTypeError
from escalate.calibration import FULLY_READ, Calibration, Knot, beta_map, cells, fit_beta, fit_knots, fit_line, logit, sigmoid, stretched
from escalate.evaluation import calibration_error, interval_coverage, recalibration_slope
from escalate.thresholds import Threshold, find_thresholds

SENTENCES = ["Jets bombed the port overnight.", "The museum opens at nine.", "The minister warned of war.", "Zzyzx qwv."]
log_odds = st.floats(-30, 30)
shares = st.floats(0.001, 0.999)
slopes = st.floats(0.1, 5)


def drawn(seed: int, size: int = 4000, *, shift: float = 0.0, slope: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds, and labels that are as likely as ``shift + slope * log_odds`` says."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-1.0, 2.0, size)
    return z, (rng.random(size) < 1 / (1 + np.exp(-(shift + slope * z)))).astype(int)


# --- the map -------------------------------------------------------------------------------------


@given(log_odds)
def test_default_calibration_changes_nothing(z):
    assert Calibration().apply(z) == pytest.approx(z, abs=1e-9)


@given(log_odds, log_odds, slopes, slopes, st.floats(-3, 3))
def test_map_keeps_the_order(a, b, low, high, constant):
    calibration = Calibration(constant, low, high)
    if a < b:
        assert calibration.apply(a) <= calibration.apply(b)


@given(st.lists(log_odds, min_size=1, max_size=5), slopes, slopes)
def test_array_and_single_map_agree(zs, low, high):
    calibration = Calibration(0.3, low, high)
    assert beta_map(np.array(zs), calibration).tolist() == pytest.approx([calibration.apply(z) for z in zs], abs=1e-9)


def test_fitted_map_undoes_a_distortion():
    z, y = drawn(1, 20000, shift=-0.5, slope=0.6)
    fitted = fit_beta(z, y, np.ones(len(z)))
    p = 1 / (1 + np.exp(-beta_map(z, fitted)))
    assert calibration_error(y, 1 / (1 + np.exp(-z))) > 0.05
    assert calibration_error(y, p) < 0.02
    assert recalibration_slope(y, p) == pytest.approx(1.0, abs=0.05)
    assert fitted.prevalence == pytest.approx(y.mean())


def test_fitted_map_of_one_class_is_the_default():
    assert fit_beta(np.zeros(5), np.ones(5, int), np.ones(5)) == Calibration()


# --- prevalence ----------------------------------------------------------------------------------


@given(log_odds, shares, shares)
def test_score_rises_with_prevalence(z, one, other):
    calibration = Calibration(prevalence=0.2)
    if one < other:
        assert calibration.at(one).apply(z) <= calibration.at(other).apply(z)


@given(log_odds)
def test_own_prevalence_changes_nothing(z):
    calibration = Calibration(prevalence=0.2)
    assert calibration.at(0.2).apply(z) == pytest.approx(calibration.apply(z), abs=1e-9)


@pytest.mark.parametrize("wanted", [0.02, 0.1, 0.6])
def test_prior_correction_holds_on_a_resampled_set(wanted):
    """Positives are dropped or doubled at random until they are the wanted share."""
    z, y = drawn(2, 60000)
    rng = np.random.default_rng(3)
    keep = np.where(y == 1, wanted / y.mean(), (1 - wanted) / (1 - y.mean()))
    rows = rng.choice(len(y), 20000, p=keep / keep.sum())
    moved = Calibration(prevalence=float(y.mean())).at(wanted)
    before = calibration_error(y[rows], 1 / (1 + np.exp(-z[rows])))
    after = calibration_error(y[rows], 1 / (1 + np.exp(-beta_map(z[rows], moved))))
    assert before > 0.02
    assert after < 0.015


@pytest.mark.parametrize("wrong", [0, 1, -0.1, 1.5, math.nan, "half", True, None])
def test_impossible_prevalence_is_named(wrong):
    with pytest.raises(CalibrationError, match=r"prevalence is .*expected the share"):
        Model.load().with_prevalence(wrong)


@pytest.mark.parametrize(
    "share", [np.float32(0.25), np.float64(0.25), np.float16(0.25), Fraction(1, 4)], ids=lambda share: type(share).__name__
)
def test_prevalence_may_be_any_real_number(share):
    assert escalate.score(SENTENCES, prevalence=share).tolist() == escalate.score(SENTENCES, prevalence=0.25).tolist()


def test_prevalence_of_the_call_and_of_the_model_agree():
    assert escalate.score(SENTENCES, prevalence=0.03).tolist() == Model.load().with_prevalence(0.03).score(SENTENCES).tolist()
    assert escalate.score(SENTENCES[0], prevalence=0.03) == escalate.score(SENTENCES, prevalence=0.03)[0]


def test_explanation_with_a_prevalence_still_adds_up():
    found = Model.load().with_prevalence(0.01).explain(SENTENCES[0])
    parts = [s.contribution for s in found.signals] + [w.contribution for w in found.words]
    assert found.intercept + sum(found.structure.values()) + sum(parts) == pytest.approx(found.log_odds, abs=1e-9)


# --- the interval --------------------------------------------------------------------------------


@given(log_odds, st.integers(0, 50), shares)
def test_interval_holds_the_score(z, known, prevalence):
    calibration = Calibration(prevalence=0.3, knots=(Knot(0.1, -0.2, 0.4), Knot(0.8, -0.5, 0.3))).at(prevalence)
    low, high = calibration.interval(calibration.apply(z), known)
    assert 0 <= low <= sigmoid(calibration.apply(z)) + 1e-9
    assert sigmoid(calibration.apply(z)) - 1e-9 <= high <= 1


@given(log_odds, st.integers(0, FULLY_READ - 1))
def test_interval_narrows_with_what_was_read(z, known):
    calibration = Calibration(knots=(Knot(0.5, -0.2, 0.2),))
    low, high = calibration.interval(z, known)
    closer_low, closer_high = calibration.interval(z, known + 1)
    assert low <= closer_low + 1e-12
    assert closer_high - 1e-12 <= high


def test_nothing_known_says_nothing():
    found = escalate.explain("Zzyzx qwv brrl.")
    assert found.evidence.known == 0
    assert found.interval == (0.0, 1.0)


def test_interval_of_a_model_without_knots_says_nothing():
    assert Calibration().interval(0.3, 50) == (0.0, 1.0)


def test_interval_covers_nine_of_ten_cells_of_new_sources():
    """Sources that lie half a unit of log-odds to either side of the map, as real ones do."""
    rng = np.random.default_rng(5)
    z, source = rng.normal(-1, 2, 20000), rng.integers(0, 40, 20000)
    p = 1 / (1 + np.exp(-z))
    y = (rng.random(20000) < 1 / (1 + np.exp(-(z + rng.normal(0, 0.5, 40)[source])))).astype(int)
    old = source < 20
    knots = fit_knots(*cells(p[old], y[old], source[old].astype(str).tolist())[:2])
    means, found, _ = cells(p[~old], y[~old], source[~old].astype(str).tolist())
    intervals = [Calibration(knots=knots).interval(logit(m), FULLY_READ) for m in means]
    assert 0.82 <= interval_coverage(found, intervals) <= 0.98


def test_intervals_of_several_texts():
    found = escalate.score_interval(SENTENCES)
    assert found.shape == (4, 2)
    assert [tuple(row) for row in found.tolist()] == [escalate.explain(text).interval for text in SENTENCES]
    assert escalate.score_interval([]).shape == (0, 2)


def test_interval_of_one_string_is_refused():
    with pytest.raises(TextTypeError, match=r"pass \[text\]"):
        escalate.score_interval("one text")


def test_evidence_counts_content_words():
    found = escalate.explain("Troops of the army shelled 3 brzks in 1999.").evidence
    assert (found.words, found.known) == (4, 3)
    assert found.share == 0.75


# --- recalibration -------------------------------------------------------------------------------


def test_recalibration_follows_many_labels_and_distrusts_few():
    z, y = drawn(7, 5000, shift=2.0, slope=0.7)
    many = stretched(Calibration(), *fit_line(z, y), z)
    few = stretched(Calibration(), *fit_line(z[:5], y[:5]), z[:5])
    assert many.constant == pytest.approx(2.0, abs=0.25)
    assert many.low_slope == pytest.approx(0.7, abs=0.1)
    assert abs(few.constant) < 0.8 * many.constant


def test_recalibration_of_a_recalibrated_map_is_a_beta_map_again():
    z, y = drawn(8, 2000, shift=1.0)
    start = Calibration(0.2, 0.9, 1.1, prevalence=0.3).at(0.5)
    before = beta_map(z, start)
    moved = stretched(start, *fit_line(before, y), before)
    assert calibration_error(y, 1 / (1 + np.exp(-beta_map(z, moved)))) < 0.04
    assert moved.shift == 0


def test_recalibrated_model_keeps_the_ranking(tmp_path):
    texts = SENTENCES * 5
    model = Model.load().recalibrate(texts, [0, 0, 1, 0] * 5)
    before, after = escalate.score(SENTENCES), model.score(SENTENCES)
    assert np.argsort(before).tolist() == np.argsort(after).tolist()
    model.save(tmp_path)
    assert Model.load(tmp_path).score(SENTENCES).tolist() == after.tolist()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1] * 19, "20 texts but 19 labels"),
        ([2] * 20, "label 2 at position 0"),
        ([0] * 19 + [None], "label None at position 19"),
        (np.ma.array([0, 1] * 10, mask=[0] * 19 + [1]), "label masked at position 19; expected 0 or 1"),
        (None, "labels: expected a list"),
        (np.zeros((20, 1)), r"got ndarray of shape \(20, 1\)"),
    ],
)
def test_bad_labels_are_named(labels, message):
    with pytest.raises(CalibrationError, match=message):
        Model.load().recalibrate(SENTENCES * 5, labels)


def test_too_few_labels_are_refused():
    with pytest.raises(CalibrationError, match="4 labelled texts"):
        Model.load().recalibrate(SENTENCES, [1, 0, 1, 0])


# --- cut-offs ------------------------------------------------------------------------------------


def test_thresholds_reach_their_goals():
    z, y = drawn(9, 8000)
    p = 1 / (1 + np.exp(-z))
    precise, complete, best = find_thresholds(y, np.ones(len(y)), p, p)
    assert precise.unseen_precision >= 0.895
    assert complete.unseen_recall >= 0.895
    assert complete.score < best.score < precise.score
    assert (precise.known_precision, precise.known_recall) == (precise.unseen_precision, precise.unseen_recall)


def test_shipped_thresholds_are_in_order():
    precise, complete, best = escalate.thresholds()
    assert 0 < complete.score < best.score < precise.score < 1
    assert precise.unseen_precision >= 0.85


PRECISE = "precision 0.9"


def _cut(labels: list[int], scores: list[float]) -> tuple[float, float, float]:
    y, p = np.array(labels), np.array(scores)
    found = {cut.goal: cut for cut in find_thresholds(y, np.ones(len(y)), p, p)}[PRECISE]
    return found.score, found.unseen_precision, found.unseen_recall


def test_precision_that_few_texts_cannot_reach_gives_the_most_precise_cut():
    # Every second text is right, but for the best of the upper half: 7 of the first 12.
    labels = [0, 1] * 5 + [1, 1] + [0, 1] * 4
    assert _cut(labels, [1 - at / 20 for at in range(20)]) == (0.45, 0.583, 0.636)


def test_texts_of_one_score_cannot_be_cut_apart():
    assert _cut([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1]) == (0.9, 1.0, 0.5)
    assert _cut([1, 0, 0, 0], [0.5] * 4) == (0.5, 0.25, 1.0)


@pytest.mark.parametrize("labels", [[], [0], [1, 1, 1]], ids=["none", "one", "all right"])
def test_texts_of_one_label_have_no_cuts(labels):
    p = np.linspace(0, 1, len(labels))
    assert find_thresholds(np.array(labels, dtype=int), np.ones(len(labels)), p, p) == []


def taken(model: Model, texts: list[str]) -> list[list[bool]]:
    scores = model.score(texts)
    return [(scores >= cut.score).tolist() for cut in model.thresholds()]


MOVES = {
    "rarer": lambda model: model.with_prevalence(0.02),
    "commoner": lambda model: model.with_prevalence(0.7),
    "twice": lambda model: model.with_prevalence(0.02).with_prevalence(0.9),
    "recalibrated": lambda model: model.recalibrate(NEWS, [0, 0, 1, 1, 0] * (len(NEWS) // 5)),
    "recalibrated, then rarer": lambda model: MOVES["rarer"](MOVES["recalibrated"](model)),
}
NEWS = [text for text in cases("texts.json") if text.strip()]
NEWS = NEWS[: len(NEWS) // 5 * 5]


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_cuts_take_the_same_texts_after_every_move_of_the_scores(move):
    model = Model.load()
    moved = move(model)
    assert [cut.score for cut in moved.thresholds()] != [cut.score for cut in model.thresholds()]
    assert taken(moved, NEWS) == taken(model, NEWS)
    assert [cut.unseen_recall for cut in moved.thresholds()] == [cut.unseen_recall for cut in model.thresholds()]
    assert model.thresholds() == Model.load().thresholds()


@pytest.mark.parametrize("wanted", [0.05, 0.6])
def test_precision_of_a_cut_moves_with_the_base_rate(wanted):
    """Positives and negatives are drawn again until positives are the wanted share; the cut must reach what it promises there."""
    z, y = drawn(11, 60000)
    p = 1 / (1 + np.exp(-z))
    share = float(y.mean())
    cut = find_thresholds(y, np.ones(len(y)), p, p)[1]
    shift = logit(wanted) - logit(share)
    weights = np.where(y == 1, wanted / share, (1 - wanted) / (1 - share))
    moved = cut.at_odds(shift)
    inside = 1 / (1 + np.exp(-(z + shift))) >= moved.score
    assert (weights * y)[inside].sum() / weights[inside].sum() == pytest.approx(moved.unseen_precision, abs=0.005)
    assert abs(moved.unseen_precision - cut.unseen_precision) > 0.1


@given(shares, st.floats(-5, 5), slopes)
def test_moved_cut_is_the_score_that_the_text_on_it_gets(score, shift, slope):
    cut = Threshold(PRECISE, score, 0.9, 0.5, 0.8, 0.4)
    assert cut.moved(shift, slope).score == pytest.approx(sigmoid(shift + slope * logit(score)))


def test_ends_of_the_scale_do_not_move():
    assert [Threshold(PRECISE, end, 1.0, 0.5, 0.0, 0.4).at_odds(2.0) for end in (0.0, 1.0)] == [
        Threshold(PRECISE, end, 1.0, 0.5, 0.0, 0.4) for end in (0.0, 1.0)
    ]


def test_model_without_cuts_gets_none():
    plain = replace(Model.load(), meta={})
    assert plain.with_prevalence(0.1).meta == {}


def test_moved_cuts_are_saved_with_the_model(tmp_path):
    moved = Model.load().with_prevalence(0.02)
    moved.save(tmp_path)
    assert Model.load(tmp_path).thresholds() == moved.thresholds()


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [{"prevalence": 0.0}, {"constant": math.nan}, {"low_slope": "steep"}, {"knots": [[0.5, 0.1]]}, {"knots": None}],
)
def test_broken_calibration_is_refused(broken):
    with pytest.raises((ValueError, TypeError)):
        Calibration.from_dict(Calibration().to_dict() | broken)
