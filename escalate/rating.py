"""Level and direction of many texts at once: the heads stacked side by side, so that one pass over the features values all of them.

A head asked alone costs a sum over the features of a unit; six heads asked one by one cost more than the tenth part of reading a
headline each. Stacked as the columns of a matrix they are valued together, for all texts of a chunk in a handful of array operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from escalate.calibration import beta_map, sigmoid, sigmoids
from escalate.model import (
    DIRECTION_SLOPE,
    HEADS,
    LEVEL_SLOPE,
    SHARPNESS,
    FloatArray,
    Head,
    Model,
    Unit,
    length_share,
    log_size,
    lowers_bonus,
    union_of,
    word_scale,
)

__all__ = ["HeadStack", "Ratings", "rate", "score_units"]


class Ratings(NamedTuple):
    """What several texts are rated, each an array in the order of the texts.

    Attributes
    ----------
    score : ndarray
        Probability of escalation, 0 to 1.
    level : ndarray
        Rung of the ladder, 0 to 5.
    direction : ndarray
        -1 (lowers the risk) to 1 (raises it).
    """

    score: FloatArray
    level: FloatArray
    direction: FloatArray


def rate(model: Model, units: Sequence[Sequence[Unit]]) -> Ratings:
    """Return what :meth:`Model.rate` returns."""
    unions = [union_of(some) for some in units]
    log_odds = model.stack.log_odds(units, unions)
    escal = HEADS.index("escal")
    log_odds[:, escal] = beta_map(log_odds[:, escal], model.calibration)
    log_odds[:, HEADS.index("lowers")] += [lowers_bonus(len(some)) for some in units]
    return Ratings(_scores(model, units, unions), levels(log_odds), directions(log_odds))


def score_units(model: Model, units: Sequence[Sequence[Unit]]) -> FloatArray:
    """Return the scores alone, which need one head."""
    return _scores(model, units, [union_of(some) for some in units])


def _scores(model: Model, units: Sequence[Sequence[Unit]], unions: Sequence[Unit]) -> FloatArray:
    """Return the scores by their own head, in its own order of summing: the very numbers that `score` gives."""
    log_odds, calibrated = model.heads["escal"].log_odds, model.calibration.apply
    return np.array([sigmoid(calibrated(log_odds(some, union))) for some, union in zip(units, unions, strict=True)], dtype=np.float64)


class HeadStack:
    """The heads of a model as matrices of one column a head, in the order of `HEADS`.

    Parameters
    ----------
    heads : mapping of str to Head
        The heads of a model.
    """

    def __init__(self, heads: Mapping[str, Head]) -> None:
        stacked = [heads[name] for name in HEADS]
        self._intercepts = np.array([head.intercept for head in stacked])
        self._features = np.array([head.features for head in stacked]).T.copy()
        self._words = np.array([head.words for head in stacked]).T.copy()
        self._pooling = np.array([head.pooling for head in stacked]).T.copy()

    def log_odds(self, units: Sequence[Sequence[Unit]], unions: Sequence[Unit]) -> FloatArray:
        """Return the pooled log-odds, one row a text and one column a head.

        Parameters
        ----------
        units : sequence of sequence of Unit
            The units of each text.
        unions : sequence of Unit
            The union of the units of each text.

        Returns
        -------
        ndarray of shape (texts, heads)
            The values of :meth:`Head.log_odds`, but for the order in which weights are summed.
        """
        wholes = self._values(unions)
        pooled: FloatArray = self._pooling[0] + self._pooling[1] * wholes
        longer = [at for at, some in enumerate(units) if len(some) > 1]
        if longer:
            sentences = self._values([unit for at in longer for unit in units[at]])
            pooled[longer] = self._pool(wholes[longer], sentences, [len(units[at]) for at in longer])
        return pooled

    def _values(self, units: Sequence[Unit]) -> FloatArray:
        scales = np.array([word_scale(unit.tokens) for unit in units])
        words = _sums(self._words, [unit.words for unit in units])
        valued: FloatArray = self._intercepts + _sums(self._features, [unit.features for unit in units]) + scales[:, None] * words
        return valued

    def _pool(self, wholes: FloatArray, sentences: FloatArray, counts: Sequence[int]) -> FloatArray:
        """Return what :meth:`Head.log_odds` does for texts of several sentences; `sentences` holds theirs, text after text."""
        constant, of_whole, of_mean, of_peak, of_top, of_lead, of_size, of_soft = self._pooling
        mean, peak, top, lead, soft = _summaries(sentences, np.array(counts))
        parts = np.array([length_share(count) for count in counts])[:, None]
        sizes = np.array([log_size(count) for count in counts])[:, None]
        read = of_mean * (mean - wholes) + of_peak * (peak - mean) + of_top * (top - mean) + of_lead * (lead - mean)
        pooled: FloatArray = constant + of_whole * wholes + parts * (read + of_soft * (soft - mean) + of_size * sizes)
        return pooled


def _summaries(values: FloatArray, counts: NDArray[np.intp]) -> tuple[FloatArray, ...]:
    """Return mean, maximum, mean of the top three, first and soft maximum of each run of two or more rows. The rows end up sorted."""
    ends = np.cumsum(counts)
    starts = ends - counts
    mean = np.add.reduceat(values, starts, axis=0) / counts[:, None]
    lead = values[starts]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        values[start:end].sort(axis=0)
    peak = values[ends - 1]
    third = np.where(counts > 2, 1.0, 0.0)[:, None] * values[np.maximum(ends - 3, starts)]
    top = (peak + values[ends - 2] + third) / np.minimum(counts, 3)[:, None]
    above = np.exp(SHARPNESS * (values - np.repeat(peak, counts, axis=0)))
    soft = peak + np.log(np.add.reduceat(above, starts, axis=0)) / SHARPNESS
    return mean, peak, top, lead, soft


def _sums(weights: FloatArray, chosen: Sequence[set[int]]) -> FloatArray:
    """Return, for each set, the sum of the rows it names."""
    sums = np.zeros((len(chosen), weights.shape[1]))
    sizes = np.fromiter(map(len, chosen), np.intp, len(chosen))
    if total := int(sizes.sum()):
        rows = np.fromiter(chain.from_iterable(chosen), np.intp, total)
        starts = (np.cumsum(sizes) - sizes)[sizes > 0]  # reduceat takes an empty run for a run of one
        sums[sizes > 0] = np.add.reduceat(np.take(weights, rows, axis=0), starts, axis=0)
    return sums


def levels(log_odds: FloatArray) -> FloatArray:
    """Return the level of each row of log-odds, 0 to 5, as :func:`escalate.model.level_of` does for one."""
    at_least = sigmoids(LEVEL_SLOPE * log_odds[:, _columns("escal", "rung3", "rung4", "rung5")])
    first = sigmoids(LEVEL_SLOPE * log_odds[:, HEADS.index("rung1")])
    summed: FloatArray = np.maximum(first, at_least[:, 0]) + np.minimum.accumulate(at_least, axis=1).sum(axis=1)
    return summed


def directions(log_odds: FloatArray) -> FloatArray:
    """Return the direction of each row of log-odds, -1 to 1, as :func:`escalate.model.direction_of` does for one."""
    raises, lowers = np.exp(np.minimum(700.0, DIRECTION_SLOPE * log_odds[:, _columns("raises", "lowers")])).T
    direction: FloatArray = (raises - lowers) / (1.0 + raises + lowers)
    return direction


def _columns(*names: str) -> list[int]:
    return [HEADS.index(name) for name in names]
