"""How good a score is: discrimination, calibration, and both by group of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["calibration_error", "measure", "measure_groups", "quadratic_kappa"]


def calibration_error(labels: ArrayLike, scores: ArrayLike, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal count.

    Parameters
    ----------
    labels : array of 0 and 1
    scores : array of probabilities
    bins : int

    Returns
    -------
    float
        Mean absolute difference between score and share of positives, weighted by count; 0 is perfect.

    Examples
    --------
    >>> calibration_error([0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0], bins=2)
    0.0
    """
    label, score = np.asarray(labels, float), np.asarray(scores, float)
    parts = [p for p in np.array_split(np.argsort(score, kind="stable"), bins) if len(p)]
    return float(sum(len(p) * abs(score[p].mean() - label[p].mean()) for p in parts) / len(label))


def quadratic_kappa(labels: ArrayLike, levels: ArrayLike) -> float:
    """Return Cohen's kappa with quadratic weights between rungs and rounded levels."""
    from sklearn.metrics import cohen_kappa_score

    rounded = np.clip(np.rint(np.asarray(levels, float)), 0, 5).astype(int)
    return float(cohen_kappa_score(np.asarray(labels, int), rounded, weights="quadratic", labels=list(range(6))))


def measure(labels: ArrayLike, scores: ArrayLike) -> dict[str, float | int | None]:
    """Return the usual measures of a probability against 0/1 labels.

    Parameters
    ----------
    labels : array of 0 and 1
    scores : array of probabilities

    Returns
    -------
    dict
        ``n, positives, auroc, average_precision, brier, calibration_error, f1``; AUROC and average precision are None
        where only one class is present.
    """
    from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score

    label, score = np.asarray(labels, int), np.asarray(scores, float)
    both = 0 < label.sum() < len(label)
    values = {
        "auroc": roc_auc_score(label, score) if both else None,
        "average_precision": average_precision_score(label, score) if both else None,
        "brier": brier_score_loss(label, score),
        "calibration_error": calibration_error(label, score),
        "f1": f1_score(label, score >= 0.5, zero_division=0.0),
    }
    rounded = {name: None if value is None else round(float(value), 4) for name, value in values.items()}
    return {"n": len(label), "positives": int(label.sum()), **rounded}


def measure_groups(labels: Sequence[int], scores: NDArray[Any], groups: Mapping[str, NDArray[np.bool_]]) -> dict[str, dict[str, Any]]:
    """Return :func:`measure` for each named subset of the texts; empty subsets are left out."""
    label = np.asarray(labels)
    return {name: measure(label[inside], scores[inside]) for name, inside in groups.items() if inside.any()}
