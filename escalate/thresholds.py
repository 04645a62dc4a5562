"""Recommended cut-offs, and what they cost on sources that the model knows and on sources that it has never seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Threshold", "find_thresholds"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cut-off: texts that score at least `score` are taken.

    Attributes
    ----------
    goal : str
        What it was chosen for, on left-out sources at the base rate of the wild: ``"precision 0.9"``, ``"recall 0.9"`` or ``"best F1"``.
    score : float
        The cut-off, 0 to 1.
    known_precision, known_recall : float
        What it reaches on texts of sources that the model has learned from (out of fold).
    unseen_precision, unseen_recall : float
        What it reaches on texts of sources that the model has not seen.
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


def find_thresholds(labels: NDArray[np.int_], weights: FloatArray, known: FloatArray, unseen: FloatArray) -> list[Threshold]:
    """Return the cut-offs for the three goals, chosen on `unseen` scores.

    Parameters
    ----------
    labels : array of 0 and 1
    weights : array
        Weight of each text, as often as it would be met in the wild.
    known, unseen : array
        Scores of models that have not seen the text, and that have not seen its source.
    """
    found = []
    for goal, choose in _GOALS.items():
        cut = choose(*_curve(labels, weights, unseen))
        costs = [round(cost, 3) for scores in (known, unseen) for cost in _cost(labels, weights, scores, cut)]
        found.append(Threshold(goal, round(cut, 3), *costs))
    return found


def _curve(labels: NDArray[np.int_], weights: FloatArray, scores: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return precision and recall at each cut-off that can be chosen, by falling cut-off."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum((labels * weights)[order])
    taken = np.cumsum(weights[order])
    return right / taken, right / right[-1], scores[order]


def _cost(labels: NDArray[np.int_], weights: FloatArray, scores: FloatArray, cut: float) -> tuple[float, float]:
    taken = scores >= cut
    right = (labels * weights)[taken].sum()
    return float(right / max(weights[taken].sum(), 1e-9)), float(right / (labels * weights).sum())


def _for_precision(precision: FloatArray, _: FloatArray, cuts: FloatArray) -> float:
    """Return the lowest cut-off that keeps nine of ten right; where none does, the most precise one with some texts behind it."""
    good = np.flatnonzero(precision >= 0.9)
    return float(cuts[good[-1] if len(good) else int(np.argmax(precision[50:])) + 50])


def _for_recall(_: FloatArray, recall: FloatArray, cuts: FloatArray) -> float:
    return float(cuts[np.flatnonzero(recall >= 0.9)[0]])


def _for_f1(precision: FloatArray, recall: FloatArray, cuts: FloatArray) -> float:
    return float(cuts[int(np.argmax(2 * precision * recall / np.maximum(precision + recall, 1e-9)))])


_GOALS: dict[str, Callable[[FloatArray, FloatArray, FloatArray], float]] = {
    "precision 0.9": _for_precision,
    "recall 0.9": _for_recall,
    "best F1": _for_f1,
}
