"""Recommended cut-offs, and what they cost on sources that the model knows and on sources that it has never seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escalate.calibration import logit, sigmoid

__all__ = ["Threshold", "find_thresholds"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cut-off: texts that score at least `score` are taken.

    Attributes
    ----------
    goal : str
        What it was chosen for, on left-out sources at the base rate of the wild: ``"precision 0.9"``, ``"recall 0.9"`` or ``"best F1"``.
        Where no cut-off reaches that precision it is the most precise one; what it reaches stands in `unseen_precision`.
    score : float
        The cut-off, 0 to 1.
    known_precision, known_recall : float
        What it reaches on texts of sources that the model has learned from (out of fold).
    unseen_precision, unseen_recall : float
        What it reaches on texts of sources that the model has not seen.

    Notes
    -----
    A cut-off belongs to the calibration of its model. :meth:`escalate.Model.with_prevalence` and :meth:`escalate.Model.recalibrate` move
    all scores without changing their order, and the cut-offs with them: they go on taking the same texts. So recall stays; precision
    moves with the base rate by Bayes' rule, and with `recalibrate` stays what it was on the sources it was measured on.
    """

    goal: str
    score: float
    known_precision: float
    known_recall: float
    unseen_precision: float
    unseen_recall: float

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Threshold:
        """Return the threshold from plain data."""
        return cls(str(data["goal"]), *(float(data[name]) for name in cls.__slots__[1:]))

    def moved(self, shift: float, slope: float = 1.0) -> Threshold:
        """Return the threshold after a map ``shift + slope * log_odds`` of all scores: it takes the same texts as before."""
        return replace(self, score=_moved(self.score, shift, slope))

    def at_odds(self, shift: float) -> Threshold:
        """Return the threshold where the log-odds of the base rate are higher by `shift`, and so are those of all scores.

        Positives and negatives are each taken as often as before; only how many there are of each changes, and with it the precision.
        """
        known, unseen = _moved(self.known_precision, shift), _moved(self.unseen_precision, shift)
        return replace(self.moved(shift), known_precision=known, unseen_precision=unseen)


def _moved(p: float, shift: float, slope: float = 1.0) -> float:
    """Return a probability after a map of its log-odds; the ends, which no map moves, stay."""
    return sigmoid(shift + slope * logit(p)) if 0.0 < p < 1.0 else p


def find_thresholds(labels: NDArray[np.int_], weights: FloatArray, known: FloatArray, unseen: FloatArray) -> list[Threshold]:
    """Return the cut-offs for the three goals, chosen on `unseen` scores; none where the texts are all of one label.

    Parameters
    ----------
    labels : array of 0 and 1
    weights : array
        Weight of each text, as often as it would be met in the wild.
    known, unseen : array
        Scores of models that have not seen the text, and that have not seen its source.
    """
    found: list[Threshold] = []
    if len(set(labels.tolist())) < 2:
        return found
    for goal, choose in _GOALS.items():
        cut = choose(*_curve(labels, weights, unseen))
        costs = [round(cost, 3) for scores in (known, unseen) for cost in _cost(labels, weights, scores, cut)]
        found.append(Threshold(goal, round(cut, 3), *costs))
    return found


def _curve(labels: NDArray[np.int_], weights: FloatArray, scores: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return precision and recall at each cut-off that can be chosen, by falling cut-off; texts of one score are taken together."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum((labels * weights)[order])
    taken = np.cumsum(weights[order])
    last = np.append(np.diff(scores[order]) != 0, True)
    return (right / taken)[last], (right / right[-1])[last], scores[order][last]


def _cost(labels: NDArray[np.int_], weights: FloatArray, scores: FloatArray, cut: float) -> tuple[float, float]:
    taken = scores >= cut
    right = (labels * weights)[taken].sum()
    return float(right / max(weights[taken].sum(), 1e-9)), float(right / (labels * weights).sum())


def _for_precision(precision: FloatArray, _: FloatArray, cuts: FloatArray) -> float:
    """Return the lowest cut-off that keeps nine of ten right; where none does, the most precise one with some texts behind it."""
    if len(good := np.flatnonzero(precision >= 0.9)):
        return float(cuts[good[-1]])
    few = min(50, len(cuts) // 2)
    return float(cuts[few + int(np.argmax(precision[few:]))])


def _for_recall(_: FloatArray, recall: FloatArray, cuts: FloatArray) -> float:
    return float(cuts[np.flatnonzero(recall >= 0.9)[0]])


def _for_f1(precision: FloatArray, recall: FloatArray, cuts: FloatArray) -> float:
    return float(cuts[int(np.argmax(2 * precision * recall / np.maximum(precision + recall, 1e-9)))])


_GOALS: dict[str, Callable[[FloatArray, FloatArray, FloatArray], float]] = {
    "precision 0.9": _for_precision,
    "recall 0.9": _for_recall,
    "best F1": _for_f1,
}
