"""What a score promises: the last map from log-odds to probability, the interval around it, and the base rate it assumes.

A calibration is a handful of numbers in the model file. It is fitted on texts of sources the model had not seen (see
:mod:`escalate.training`) and applied with nothing but arithmetic.

The map is *beta calibration* (Kull, Silva Filho and Flach 2017): three numbers, the identity among its cases, and unlike isotonic
regression strictly increasing, so that it never makes two different texts equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escalate.errors import CalibrationError

__all__ = ["Calibration", "Knot", "beta_map", "cells", "fit_beta", "fit_knots", "logits", "rounded", "sigmoid", "sigmoids"]

FloatArray = NDArray[np.float64]

CELL = 50
"""Texts of one source with neighbouring scores whose share of positives the interval speaks of."""

COVERAGE = 0.9
"""Share of such cells that the interval is made to hold."""

FULLY_READ = 6
"""Known words from which on a text counts as read; below, the interval widens until it says nothing at no word."""

SHIFT_SPREAD, SLOPE_SPREAD = 1.0, 0.25
"""How far a new source is expected to lie from the default map, as standard deviations; chosen by the learning curves of
``benchmarks/calibration.py``."""


def sigmoid(x: float) -> float:
    """Return the probability of log-odds `x`, without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def logit(p: float) -> float:
    """Return the log-odds of a probability; certainty counts as one in a billion."""
    p = min(1.0 - 1e-9, max(1e-9, p))
    return math.log(p / (1.0 - p))


def sigmoids(x: FloatArray) -> FloatArray:
    """Return the probabilities of several log-odds, without overflow."""
    small = np.exp(-np.abs(x))
    probabilities: FloatArray = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return probabilities


def logits(p: FloatArray) -> FloatArray:
    """Return the log-odds of several probabilities; see :func:`logit`."""
    p = np.clip(p, 1e-9, 1.0 - 1e-9)
    log_odds: FloatArray = np.log(p / (1.0 - p))
    return log_odds


def softplus(x: float) -> float:
    """Return ``log(1 + exp(x))``, without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@dataclass(frozen=True, slots=True)
class Knot:
    """How far shares strayed from scores near one score.

    Attributes
    ----------
    score : float
        Where, as a probability.
    below, above : float
        The quantiles of the straying, in units of ``sqrt(p * (1 - p))``.
    """

    score: float
    below: float
    above: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The last step of a score.

    Attributes
    ----------
    constant, low_slope, high_slope : float
        The beta map: it moves log-odds by the constant and stretches them by one slope far below zero, by the other far above.
    prevalence : float
        Share of positives among the texts the map was fitted on, each weighted as in the wild.
    shift : float
        Added for another base rate; see :meth:`at`.
    knots : tuple of Knot
        Where the interval is known, by rising score.
    """

    constant: float = 0.0
    low_slope: float = 1.0
    high_slope: float = 1.0
    prevalence: float = 0.5
    shift: float = 0.0
    knots: tuple[Knot, ...] = ()

    def apply(self, log_odds: float) -> float:
        """Return the calibrated log-odds."""
        return self.constant - self.low_slope * softplus(-log_odds) + self.high_slope * softplus(log_odds) + self.shift

    def at(self, prevalence: float) -> Calibration:
        """Return the calibration for texts of which the share `prevalence` is positive.

        Bayes' rule for a changed base rate (Saerens, Latinne and Decaestecker 2002): all log-odds move by the difference of the log-odds
        of the two shares, as long as positives look like positives and negatives like negatives in both places.

        Raises
        ------
        CalibrationError
            When `prevalence` is not a number strictly between 0 and 1.
        """
        if isinstance(prevalence, bool) or not isinstance(prevalence, Real) or not 0.0 < prevalence < 1.0:
            raise CalibrationError(f"prevalence is {prevalence!r}; expected the share of positive texts, a number between 0 and 1")
        return replace(self, shift=logit(float(prevalence)) - logit(self.prevalence))

    def interval(self, log_odds: float, known: int) -> tuple[float, float]:
        """Return the interval around calibrated log-odds of a text in which `known` words are known.

        Of 50 texts of one source, also of a source never seen, that get about this score, the share that coders mark lies
        between the two ends in nine of ten cases.
        """
        low, high = self.intervals(np.array([log_odds]), np.array([known]))
        return float(low[0]), float(high[0])

    def intervals(self, log_odds: FloatArray, known: NDArray[np.int_]) -> tuple[FloatArray, FloatArray]:
        """Return the lower and the upper ends of the intervals of several texts; see :meth:`interval`."""
        score = sigmoids(log_odds - self.shift)
        if not self.knots:
            return np.zeros_like(score), np.ones_like(score)
        at, below, above = np.array([(knot.score, knot.below, knot.above) for knot in self.knots]).T
        width = np.sqrt(score * (1.0 - score))
        read = np.minimum(1.0, known / FULLY_READ)
        low = read * np.clip(score + np.interp(score, at, below) * width, 0.0, 1.0)
        high = 1.0 - read * (1.0 - np.clip(score + np.interp(score, at, above) * width, 0.0, 1.0))
        return self._shifted(np.minimum(low, score)), self._shifted(np.maximum(high, score))

    def _shifted(self, p: FloatArray) -> FloatArray:
        """Return probabilities for the base rate in use; certainty stays what it is."""
        return np.where((p > 0.0) & (p < 1.0), sigmoids(logits(p) + self.shift), p) if self.shift else p

    def to_dict(self) -> dict[str, Any]:
        """Return the calibration as plain data."""
        return asdict(self) | {"knots": [[k.score, k.below, k.above] for k in self.knots]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Calibration:
        """Return the calibration from plain data; a number that is none is a ValueError."""
        plain = {name: float(data[name]) for name in ("constant", "low_slope", "high_slope", "prevalence", "shift")}
        knots = tuple(Knot(*map(float, knot)) for knot in data["knots"])
        if not all(map(math.isfinite, plain.values())) or not 0.0 < plain["prevalence"] < 1.0:
            raise ValueError("the calibration holds a number out of range")
        return cls(**plain, knots=knots)


# --- fitting -------------------------------------------------------------------------------------


def beta_map(log_odds: FloatArray, calibration: Calibration) -> FloatArray:
    """Return :meth:`Calibration.apply` for an array."""
    rising, falling = np.logaddexp(0.0, log_odds), np.logaddexp(0.0, -log_odds)
    moved: FloatArray = calibration.constant - calibration.low_slope * falling + calibration.high_slope * rising + calibration.shift
    return moved


def fit_beta(log_odds: FloatArray, labels: NDArray[np.int_], weights: FloatArray) -> Calibration:
    """Return the beta map that fits labelled log-odds best, with the share of positives it was fitted on.

    A slope that would come out negative, which real scores do not show, is held at zero. Where there is nothing to fit it on, be it
    that no text counts or that all have one label, the map changes nothing.
    """
    from sklearn.linear_model import LogisticRegression

    if not weights.any():
        return Calibration()
    prevalence = float(np.average(labels, weights=weights))
    if not 0.0 < prevalence < 1.0:
        return Calibration()
    columns = np.column_stack([-np.logaddexp(0.0, -log_odds), np.logaddexp(0.0, log_odds)])
    slopes = np.zeros(2)
    used = [0, 1]
    fitted = LogisticRegression(C=1e4, tol=1e-8, max_iter=1000)
    while used:
        fitted.fit(columns[:, used], labels, sample_weight=weights)
        if (fitted.coef_[0] >= 0).all():
            slopes[used] = fitted.coef_[0]
            break
        used.pop(int(np.argmin(fitted.coef_[0])))
    return Calibration(float(fitted.intercept_[0]), float(slopes[0]), float(slopes[1]), prevalence)


def cells(scores: FloatArray, labels: NDArray[np.int_], sources: Sequence[str]) -> tuple[FloatArray, FloatArray, list[str]]:
    """Return mean score, share of positives and source of every cell of about 50 texts with neighbouring scores."""
    source = np.asarray(sources)
    means, shares, names = [], [], []
    for name in sorted(set(source.tolist())):
        rows = np.flatnonzero(source == name)
        rows = rows[np.argsort(scores[rows], kind="stable")]
        if len(rows) >= CELL:
            for part in np.array_split(rows, len(rows) // CELL):
                means.append(scores[part].mean())
                shares.append(labels[part].mean())
                names.append(name)
    return np.array(means), np.array(shares), names


def fit_knots(means: FloatArray, shares: FloatArray, count: int = 5) -> tuple[Knot, ...]:
    """Return the knots of the interval: conformal quantiles of the straying of cells, in groups of neighbouring scores."""
    order = np.argsort(means, kind="stable")
    groups = np.array_split(order, min(count, max(1, len(order) // 20)))
    return tuple(_knot(means[part], shares[part]) for part in groups if len(part))


def _knot(means: FloatArray, shares: FloatArray) -> Knot:
    straying = np.sort((shares - means) / np.sqrt(np.maximum(means * (1.0 - means), 1e-9)))
    # The finite-sample quantile of conformal prediction: one rank further out than the plain one.
    rank = min(len(means), math.ceil((len(means) + 1) * (1.0 + COVERAGE) / 2.0))
    return Knot(float(means.mean()), float(straying[len(means) - rank]), float(straying[rank - 1]))


def rounded(calibration: Calibration, digits: int = 5) -> Calibration:
    """Return the calibration with all numbers rounded, so that a rebuilt model is the same to the byte."""
    knots = tuple(Knot(*(round(value, digits) + 0.0 for value in (k.score, k.below, k.above))) for k in calibration.knots)
    names = ("constant", "low_slope", "high_slope", "prevalence", "shift")
    return replace(calibration, knots=knots, **{name: round(getattr(calibration, name), digits) + 0.0 for name in names})


def fit_line(log_odds: Sequence[float], labels: Sequence[int]) -> tuple[float, float]:
    """Return shift and slope of the line that moves log-odds towards labels.

    The maximum a posteriori fit of ``shift + slope * log_odds`` with a normal prior around the default map (0, 1): with few texts it
    stays near the default, with many it follows them.
    """
    x, y = np.asarray(log_odds, float), np.asarray(labels, float)
    precision = np.diag([SHIFT_SPREAD**-2, SLOPE_SPREAD**-2])
    prior = np.array([0.0, 1.0])
    design = np.column_stack([np.ones_like(x), x])
    at = prior.copy()
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ at, -500, 500)))
        gradient = design.T @ (p - y) + precision @ (at - prior)
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + precision, gradient)
        at = at - np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    return float(at[0]), max(float(at[1]), 0.05)


def stretched(calibration: Calibration, shift: float, slope: float, log_odds: Sequence[float]) -> Calibration:
    """Return the calibration with a line folded into its beta map; the base rate is that of texts with these log-odds before it."""
    x = np.asarray(log_odds, float)
    p = 1.0 / (1.0 + np.exp(-(shift + slope * x)))
    return replace(
        calibration,
        constant=shift + slope * (calibration.constant + calibration.shift),
        low_slope=slope * calibration.low_slope,
        high_slope=slope * calibration.high_slope,
        prevalence=min(0.99, max(0.01, float(p.mean()))),
        shift=0.0,
    )
