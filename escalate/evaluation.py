"""How good a score is: discrimination, calibration, and both by group of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "calibration_error",
    "calibration_error_interval",
    "direction_f1",
    "interval_coverage",
    "measure",
    "measure_groups",
    "quadratic_kappa",
    "recalibration_slope",
]


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


def calibration_error_interval(labels: ArrayLike, scores: ArrayLike, *, rounds: int = 200, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of :func:`calibration_error`; resampling itself adds a little error, so it lies a bit high."""
    label, score = np.asarray(labels, float), np.asarray(scores, float)
    rng = np.random.default_rng(seed)
    drawn = [calibration_error(label[rows], score[rows]) for rows in rng.integers(0, len(label), (rounds, len(label)))]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def recalibration_slope(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the slope of a logistic regression of the labels on the log-odds: 1 is right, below 1 the scores are too extreme."""
    from sklearn.linear_model import LogisticRegression

    p = np.clip(np.asarray(scores, float), 1e-6, 1 - 1e-6)
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(np.log(p / (1 - p))[:, None], np.asarray(labels, int))
    return float(fitted.coef_[0, 0])


def direction_f1(labels: ArrayLike, directions: ArrayLike) -> float:
    """Return the macro-F1 of the direction over its three values; beyond half way a direction counts as one."""
    from sklearn.metrics import f1_score

    direction = np.asarray(directions, float)
    rounded = (direction > 0.5).astype(int) - (direction < -0.5).astype(int)
    return float(f1_score(np.asarray(labels, int), rounded, average="macro"))


def interval_coverage(shares: ArrayLike, intervals: Sequence[tuple[float, float]]) -> float:
    """Return the share of cells whose share of positives lies in the interval around their mean score.

    Parameters
    ----------
    shares : array
        Share of positives of each cell; see :func:`escalate.calibration.cells`.
    intervals : sequence of (float, float)
        Low and high end for each cell.
    """
    inside = [low <= share <= high for share, (low, high) in zip(np.asarray(shares).tolist(), intervals, strict=True)]
    return float(np.mean(inside))


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
        ``n, positives, auroc, average_precision, brier, calibration_error, slope, f1``; AUROC, average precision and slope are
        None where only one class is present.
    """
    from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score

    label, score = np.asarray(labels, int), np.asarray(scores, float)
    both = 0 < label.sum() < len(label)
    values = {
        "auroc": roc_auc_score(label, score) if both else None,
        "average_precision": average_precision_score(label, score) if both else None,
        "brier": brier_score_loss(label, score),
        "calibration_error": calibration_error(label, score),
        "slope": recalibration_slope(label, score) if both else None,
        "f1": f1_score(label, score >= 0.5, zero_division=0.0),
    }
    rounded = {name: None if value is None else round(float(value), 4) for name, value in values.items()}
    return {"n": len(label), "positives": int(label.sum()), **rounded}


def measure_groups(labels: Sequence[int], scores: NDArray[Any], groups: Mapping[str, NDArray[np.bool_]]) -> dict[str, dict[str, Any]]:
    """Return :func:`measure` for each named subset of the texts; empty subsets are left out."""
    label = np.asarray(labels)
    return {name: measure(label[inside], scores[inside]) for name, inside in groups.items() if inside.any()}
