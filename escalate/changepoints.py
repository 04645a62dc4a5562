"""Where the level of a series changes: the best cut into stretches of one level each, every cut paying its price.

Optimal partitioning (Jackson and others 2005): exact, by dynamic programming. The noise is estimated from the series itself (von Neumann's
mean squared difference of neighbours), since articles of one day tell one story and stray in their own way.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Change", "change_points"]

FloatArray = NDArray[np.float64]

SHORTEST = 3
"""Periods that a stretch lasts at least: a single loud day is a day, not a new level."""

PRICE = 3.0
"""What a cut costs, times the logarithm of the number of periods. Two is the Bayesian information criterion (a place and a level)."""

SMALLEST = 1e-6
"""Least variance of an article, for a series that does not stray at all."""


class Change(NamedTuple):
    """A place where the level changes.

    Attributes
    ----------
    at : int
        Place of the first value of the new stretch.
    before, after : float
        Weighted mean of the stretch that ends, and of the one that begins.
    """

    at: int
    before: float
    after: float


def change_points(values: FloatArray, counts: FloatArray) -> list[Change]:
    """Return the changes of level of a series.

    Parameters
    ----------
    values : array
        The series, without gaps.
    counts : array
        How many articles stand behind each value: the more, the less it strays.

    Returns
    -------
    list of Change
        In order of time; empty for a series of fewer than twice `SHORTEST` values.

    Examples
    --------
    >>> import numpy as np
    >>> steady = np.tile([0.1, 0.12, 0.11], 5)
    >>> change_points(np.r_[steady, steady + 0.5], np.full(30, 100))
    [Change(at=15, before=0.11, after=0.61)]
    """
    if len(values) < 2 * SHORTEST:
        return []
    weights = counts / max(_noise(values, counts), SMALLEST)
    cuts = _best_cuts(values, weights, PRICE * math.log(len(values)))
    means = [float(np.average(values[a:b], weights=weights[a:b])) for a, b in zip([0, *cuts], [*cuts, len(values)], strict=True)]
    return [Change(at, round(means[i], 12), round(means[i + 1], 12)) for i, at in enumerate(cuts)]


def _noise(values: FloatArray, counts: FloatArray) -> float:
    """Return the variance that one article would have, from the differences of neighbours: a few changes of level hardly add to it."""
    return float(np.mean(np.diff(values) ** 2 / (1 / counts[1:] + 1 / counts[:-1])))


def _best_cuts(values: FloatArray, weights: FloatArray, price: float) -> list[int]:
    """Return the places of the cuts with the least sum of squared distances and prices."""
    sums = np.stack([np.concatenate([[0.0], np.cumsum(weights * values**power)]) for power in (0, 1, 2)])
    count = len(values)
    best = np.full(count + 1, np.inf)
    best[0] = -price
    last = np.zeros(count + 1, int)
    for end in range(SHORTEST, count + 1):
        weight, first, second = sums[:, end, None] - sums[:, : end - SHORTEST + 1]
        total = best[: end - SHORTEST + 1] + second - first**2 / weight + price
        last[end] = np.argmin(total)
        best[end] = total[last[end]]
    cuts = []
    end = count
    while end := int(last[end]):
        cuts.append(end)
    return cuts[::-1]
