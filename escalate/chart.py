"""The bars of an explanation as a matplotlib figure; matplotlib is imported when a plot is asked for, and comes with an extra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from escalate.errors import MissingExtraError, extra_hint
from escalate.explanation import Explanation
from escalate.render import GROUPS, Row, score_word, strongest_rows, verdict
from escalate.stylesheet import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["as_axes"]

_COLOURS = {
    "escalatory": PALETTE["warm"][0],
    "pressure": PALETTE["amber"][0],
    "deescalatory": PALETTE["cool"][0],
    "counter": PALETTE["grey"][0],
}
_NO_SIGNAL = PALETTE["grey"][1]
_HATCHES = {"actual": "", "threatened": "//", "hypothetical": "..", "negated": "xx", "past": "--", "figurative": "oo"}
_LONGEST = 44


def as_axes(explanation: Explanation, ax: Axes | None = None) -> Axes:
    """Draw the strongest contributions as bars, the strongest on top; together they make the log-odds.

    Parameters
    ----------
    explanation : Explanation
        What :func:`escalate.explain` returns.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    MissingExtraError
        When matplotlib is missing.
    """
    rows = strongest_rows(explanation)
    ax = _new_axes(len(rows)) if ax is None else ax
    for place, row in enumerate(rows):
        colour, hatch = _COLOURS.get(row.group, _NO_SIGNAL), _HATCHES.get(row.mode, "")
        ax.barh(place, row.contribution, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        side = "left" if row.contribution >= 0 else "right"
        apart = (3 if side == "left" else -3, 0)
        ax.annotate(
            f"{row.contribution:+.2f}", (row.contribution, place), apart, textcoords="offset points", va="center", ha=side, fontsize="small"
        )
    # Words may hold dollar signs, which matplotlib would take for formulas.
    ax.set_yticks(range(len(rows)), [_label(row) for row in rows], parse_math=False)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.axvline(0, color=PALETTE["ink"][0], linewidth=0.8)
    ax.margins(x=0.15)
    ax.set_xlabel(f"added to the log-odds ({explanation.log_odds:+.2f} in all)")
    ax.set_title(f"{verdict(explanation)}: score {score_word(explanation.score)}", parse_math=False)
    _explain_looks(ax, rows)
    return ax


def _new_axes(count: int) -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError(f"plot() needs matplotlib; {extra_hint('plot')}") from error
    _, ax = pyplot.subplots(figsize=(9, 1.4 + 0.32 * count), layout="constrained")
    return ax


def _label(row: Row) -> str:
    name = f"{row.family} \u00b7 {row.mode}: {row.words}" if row.mode else f"{row.family}: {row.words}" if row.words else row.family
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST else name[: _LONGEST - 3].rstrip() + "..."


def _explain_looks(ax: Axes, rows: Sequence[Row]) -> None:
    """Say what colours and hatches mean, as far as they occur."""
    from matplotlib.patches import Patch

    groups = [group for group in GROUPS if any(row.group == group for row in rows)]
    modes = [mode for mode, hatch in _HATCHES.items() if hatch and any(row.mode == mode for row in rows)]
    looks = [Patch(facecolor=_COLOURS[group], label=GROUPS[group]) for group in groups]
    looks += [Patch(facecolor=PALETTE["grey"][0], hatch=_HATCHES[mode], edgecolor="white", label=mode) for mode in modes]
    if looks:
        ax.legend(handles=looks, fontsize="small", frameon=False, loc="best")
