"""Pictures for notebooks and papers, with matplotlib (an extra): each call draws on given or new Axes and returns them.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from escalate.chart import as_axes
from escalate.errors import IndexInputError, MissingExtraError, extra_hint
from escalate.explanation import Explanation
from escalate.index import COLUMNS, RiskIndex, wilson
from escalate.render import RUNGS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["contributions", "index", "ladder", "reliability"]

FloatArray = NDArray[np.float64]

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (7, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (9, 3)))
INK, SOFT, PALE = "#222222", "#5f6368", "#e4e6e9"

UNITS = {
    "risk": "mean risk (probability, 0 to 1)",
    "share": "share of articles at or above the threshold",
    "direction": "net direction (-1 lowers risk, 1 raises it)",
    "n": "articles",
}


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError(f"plots need matplotlib; {extra_hint('plot')}") from error
    return pyplot.subplots(figsize=size, layout="constrained")[1]


def _plain(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=PALE, linewidth=0.8)
    ax.set_axisbelow(True)


def _legend(ax: Axes) -> None:
    """Put the legend above the picture, where it hides nothing."""
    ax.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2, handlelength=2.4)


# --- reliability ---------------------------------------------------------------------------------


def reliability(labels: ArrayLike, scores: ArrayLike, bins: int = 10, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how often texts of each score are marked: on the diagonal, scores keep their promise.

    Parameters
    ----------
    labels : array of 0 and 1
    scores : array of float
        Probabilities, 0 to 1.
    bins : int
        Bins of equal width; empty ones are not drawn.
    label : str, optional
        Name for the legend; call again on the same Axes to compare.
    ax : matplotlib Axes, optional
        Where to draw; default new ones.

    Returns
    -------
    matplotlib Axes
        Points at mean score and share marked, with 95 % bands (Wilson), and below them the number of texts in each bin.

    Raises
    ------
    MissingExtraError
        When matplotlib is missing.
    IndexInputError
        When labels and scores do not fit, one of them is masked, or `bins` is no number of bins.
    """
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise IndexInputError(f"bins is {bins!r:.60}; expected a number of bins, 1 or more")
    label_array, score_array = _checked(labels, scores)
    ax = _axes(ax, (5.6, 5.6))
    drawn = len([line for line in ax.lines if line.get_gid() == "reliability"])
    colour, marker = COLOURS[drawn % len(COLOURS)], MARKERS[drawn % len(MARKERS)]
    means, shares, counts = _binned(label_array, score_array, bins)
    low, high = wilson(shares, counts)
    if not drawn:
        _frame_reliability(ax)
    errors = np.stack([shares - low, high - shares])
    ax.errorbar(means, shares, errors, fmt="none", ecolor=colour, elinewidth=1.6, capsize=3, alpha=0.8)
    name = f"{label or 'scores'} (n = {len(score_array):,})"
    ax.plot(means, shares, marker, color=colour, markersize=6, markeredgecolor="white", label=name, gid="reliability", linestyle="none")
    row = -0.055 - 0.05 * drawn
    for mean, count in zip(means, counts, strict=True):
        ax.text(mean, row, _short(count), color=colour, fontsize=8, ha="center", va="center")
    ax.set_ylim(row - 0.035, 1.03)
    _legend(ax)
    return ax


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[FloatArray, FloatArray]:
    label, score = _numbers("labels", labels), _numbers("scores", scores)
    if label.shape != score.shape or label.ndim != 1 or not len(label):
        raise IndexInputError(f"labels of shape {label.shape} and scores of shape {score.shape}; expected one of each for every text")
    if wrong := [x for x in label.tolist() if x not in (0, 1)]:
        raise IndexInputError(f"label {wrong[0]!r}; expected 0 or 1")
    if not ((score >= 0) & (score <= 1)).all():
        raise IndexInputError(f"score {score[~((score >= 0) & (score <= 1))][0]!r}; expected a probability from 0 to 1")
    return label, score


def _numbers(name: str, values: ArrayLike) -> FloatArray:
    """Return numbers as an array; what is masked is NaN, for what lies under a mask nobody gave."""
    try:
        numbers: FloatArray = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise IndexInputError(f"{name}: {error}; expected numbers") from error
    return np.where(np.ma.getmaskarray(values), np.nan, numbers) if isinstance(values, np.ma.MaskedArray) else numbers


def _binned(labels: FloatArray, scores: FloatArray, bins: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean score, share marked and count of each bin that is not empty."""
    inside = np.minimum((scores * bins).astype(int), bins - 1)
    counts = np.bincount(inside, minlength=bins)
    kept = counts > 0
    sums = [np.bincount(inside, values, bins)[kept] / counts[kept] for values in (scores, labels)]
    return sums[0], sums[1], counts[kept].astype(float)


def _frame_reliability(ax: Axes) -> None:
    ax.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    ax.text(0.62, 0.58, "as promised", color=SOFT, fontsize=9, rotation=45, rotation_mode="anchor", ha="center", va="top")
    ax.set_xlabel("score (probability)")
    ax.set_ylabel("share marked as escalation")
    ax.set_xlim(-0.03, 1.03)
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.axhline(-0.02, color=PALE, linewidth=0.8)
    ax.text(-0.045, -0.055, "texts", color=SOFT, fontsize=8, ha="right", va="center")
    _plain(ax)
    ax.set_aspect("equal", adjustable="box")


def _short(count: float) -> str:
    return f"{count:.0f}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count / 1000:.0f}k"


# --- the index -----------------------------------------------------------------------------------


def index(found: RiskIndex, column: str = "risk", *, lines: Sequence[Hashable] = (), changes: bool = True, ax: Axes | None = None) -> Axes:
    """Draw an index over time with its bands.

    Parameters
    ----------
    found : RiskIndex
        The whole index: a slice of it is a plain table, which knows neither its lines nor its changes.
    column : str
        ``"risk"`` or ``"share"``, with bands; any other column without.
    lines : sequence, optional
        Lines of a split index, at most six; default the six with the most articles.
    changes : bool
        Whether to mark the change points; only done for `risk`.
    ax : matplotlib Axes, optional
        Where to draw; default new ones.

    Returns
    -------
    matplotlib Axes
        Thin periods have a hollow mark, gaps interrupt the line and, where there is one line, are shaded.

    Raises
    ------
    MissingExtraError
        When matplotlib is missing.
    IndexInputError
        When a line or column does not exist, or it is no whole index.
    """
    if not isinstance(found, RiskIndex):
        remedy = "draw the whole index that risk_index returns, and set ax.set_xlim(...) to show a part of it"
        raise IndexInputError(f"expected a RiskIndex, got {type(found).__name__}: what is cut from an index is a plain table; {remedy}")
    if column not in COLUMNS or column == "status":
        raise IndexInputError(f"no column {column!r} to draw; expected one of {', '.join(COLUMNS[:-1])}")
    names = _chosen(found, lines)
    ax = _axes(ax, (9.0, 4.2))
    for number, name in enumerate(names):
        _draw_line(ax, found.line(name), column, number, name)
    if len(names) == 1:
        _shade_gaps(ax, found.line(names[0]))
    if changes and column == "risk":
        _mark_changes(ax, found, names)
    labels = found.line(names[0]).index
    ax.set_xlabel(f"{labels.name} ({found.timezone})")
    ax.set_ylabel(UNITS.get(column, column))
    ax.set_ylim(*((-1, 1) if column == "direction" else (0, None)))
    _plain(ax)
    _dated(ax)
    if ax.get_legend_handles_labels()[0]:
        _legend(ax)
    return ax


def _chosen(found: RiskIndex, lines: Sequence[Hashable]) -> list[Hashable]:
    if not found.lines:
        return [None]
    if len(lines) > len(COLOURS):
        raise IndexInputError(f"{len(lines)} lines; at most {len(COLOURS)} can be told apart, draw the others on their own")
    most: list[Hashable] = pd.Series({name: found.line(name)["n"].sum() for name in found.lines}).nlargest(len(COLOURS)).index.tolist()
    return list(lines) or most


def _draw_line(ax: Axes, table: pd.DataFrame, column: str, number: int, name: Hashable) -> None:
    days, values = _naive(table), table[column].to_numpy(float)
    colour = COLOURS[number]
    label = None if name is None else f"{name} ({table['n'].sum():,} articles)".replace("$", r"\$")  # no formula
    if f"{column}_low" in table:
        low, high = table[f"{column}_low"].to_numpy(float), table[f"{column}_high"].to_numpy(float)
        ax.fill_between(days, low, high, color=colour, alpha=0.16, linewidth=0, label="95 % band" if name is None else None)
    ax.plot(days, values, color=colour, linewidth=1.8, linestyle=DASHES[number], label=label)
    thin = (table["status"] == "thin").to_numpy()
    few = "thin: fewer than 5 effective articles" if name is None and thin.any() else None
    ax.plot(days[thin], values[thin], MARKERS[number], color=colour, markerfacecolor="white", markersize=4.5, label=few, linestyle="none")
    if len(days) <= 100:
        ax.plot(days[~thin], values[~thin], MARKERS[number], color=colour, markersize=4, linestyle="none")


def _naive(table: pd.DataFrame) -> NDArray[Any]:
    """Return the labels as local clock time, as a reader in that time zone knows them."""
    return np.asarray(pd.DatetimeIndex(table.index).tz_localize(None).to_numpy())


def _shade_gaps(ax: Axes, table: pd.DataFrame) -> None:
    days = _naive(table)
    gaps = np.flatnonzero((table["status"] == "gap").to_numpy())
    step = (days[1] - days[0]) / 2 if len(days) > 1 else np.timedelta64(12, "h")
    for number, at in enumerate(gaps):
        ax.axvspan(days[at] - step, days[at] + step, color=PALE, linewidth=0, zorder=0, label=None if number else "gap: no article")


def _mark_changes(ax: Axes, found: RiskIndex, names: Sequence[Hashable]) -> None:
    table = found.changes()
    for number, name in enumerate(names):
        own = table if name is None else table[table["line"] == name]
        for day, value in zip(_naive(own), own["after"], strict=True):
            ax.axvline(day, color=COLOURS[number], linewidth=1, linestyle=(0, (2, 2)), alpha=0.9)
            ax.annotate(f"to {value:.2f}", (day, 1), (2, -2), ("data", "axes fraction"), "offset points", fontsize=8, color=INK, va="top")


def _dated(ax: Axes) -> None:
    dates: Any = import_module("matplotlib.dates")
    locator = dates.AutoDateLocator(minticks=4, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))


# --- one explanation, many levels ----------------------------------------------------------------


def contributions(explanation: Explanation, ax: Axes | None = None) -> Axes:
    """Draw what the strongest signals, words and traits of form add to the log-odds of one text; all bars together are the log-odds.

    Parameters
    ----------
    explanation : Explanation
        What :func:`escalate.explain` returns; its own method ``plot`` draws the same.
    ax : matplotlib Axes, optional
        Where to draw; default new ones.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    MissingExtraError
        When matplotlib is missing.
    TypeError
        When it is no explanation, for example the text itself.
    """
    if not isinstance(explanation, Explanation):
        got = f"{type(explanation).__name__} ({explanation!r:.60})"
        raise TypeError(f"expected an Explanation, got {got}; explain the text first, for example contributions(escalate.explain(text))")
    return as_axes(explanation, ax)


def ladder(levels: ArrayLike, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how texts are spread over the ladder of escalation.

    Parameters
    ----------
    levels : array of float
        Levels, 0 to 5, as ``explain(text).level`` or the column ``level`` give them; NaN and masked ones are left
        out. Each goes to its nearest rung.
    label : str, optional
        Name for the legend; call again on the same Axes to compare.
    ax : matplotlib Axes, optional
        Where to draw; default new ones.

    Returns
    -------
    matplotlib Axes
        Share of texts on each rung with its 95 % band (Wilson), and their number.

    Raises
    ------
    MissingExtraError
        When matplotlib is missing.
    IndexInputError
        When there is no level, or one out of range.
    """
    given = _numbers("levels", levels).ravel()
    known = given[~np.isnan(given)]
    if not len(known) or known.min() < 0 or known.max() > 5:
        raise IndexInputError(f"levels from {known.min():g} to {known.max():g}; expected 0 to 5" if len(known) else "no level to draw")
    ax = _axes(ax, (7.0, 3.8))
    drawn = len(ax.containers)
    counts = np.bincount(np.rint(known).astype(int), minlength=6)
    shares = counts / len(known)
    low, high = wilson(shares, np.full(6, len(known)))
    at = np.arange(6) + 0.27 * drawn
    ax.bar(at, shares, 0.25 if drawn or label else 0.7, color=COLOURS[drawn % 6], hatch=("", "//", "..")[drawn % 3], edgecolor="white",
           linewidth=0, label=f"{label or 'texts'} (n = {len(known):,})")  # fmt: skip
    ax.vlines(at, low, high, color=INK, linewidth=1.2)
    for place, top, count in zip(at, high, counts, strict=True):
        ax.annotate(f"{count:,}", (place, top), (0, 3), textcoords="offset points", ha="center", fontsize=8, color=INK)
    ax.set_xticks(np.arange(6) + 0.135 * drawn, [f"{rung}\n{name}" for rung, name in enumerate(RUNGS)])
    ax.set_ylabel("share of texts")
    ax.set_xlabel("level (nearest rung)")
    ax.margins(y=0.12)
    _plain(ax)
    _legend(ax)
    return ax
