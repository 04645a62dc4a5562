"""Plots: what is drawn is what was given, on the Axes that were given, and can be told apart without colour."""

from __future__ import annotations

import re
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import escalate
from escalate import IndexInputError, MissingExtraError, plot, risk_index

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

LABELS, SCORES = np.array([0] * 9 + [1] * 6), np.array([0.05] * 8 + [0.62] * 3 + [0.95] * 4)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Axes:
    return plt.subplots()[1]


@pytest.fixture(scope="module")
def index() -> escalate.RiskIndex:
    days = ["2031-03-01"] * 6 + ["2031-03-02"] * 2 + ["2031-03-04"] * 5
    return risk_index(pd.DataFrame({"day": days, "risk": np.linspace(0, 1, 13), "desk": list("aabbababababa")}), "day", risk="risk")


@pytest.fixture(scope="module")
def split() -> escalate.RiskIndex:
    days = pd.date_range("2031-03-01", periods=12).repeat(2)
    risk = np.ravel([[0.1, 0.8 if day > 5 else 0.12] for day in range(12)])
    return risk_index(pd.DataFrame({"day": days, "risk": risk, "desk": ["quiet $1", "loud"] * 12}), "day", risk="risk", by="desk")


def drawn(ax: Axes, gid: str = "reliability") -> list[np.ndarray]:
    return [line.get_xydata() for line in ax.lines if line.get_gid() == gid]


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot.reliability(LABELS, SCORES, ax=ax),
        lambda ax: plot.ladder([0.1, 4.4], ax=ax),
        lambda ax: plot.contributions(escalate.explain("The army shelled two villages."), ax=ax),
    ],
)
def test_given_axes_are_drawn_on_and_new_ones_made(draw, ax):
    assert draw(ax) is ax
    made = draw(None)
    assert isinstance(made, Axes)
    assert made is not ax
    assert made.get_xlabel()


def test_plots_are_reached_from_the_package():
    assert escalate.plot is plot


def test_reliability_draws_share_over_mean_score_and_counts():
    ax = plot.reliability(LABELS, SCORES, label="mine")
    (points,) = drawn(ax)
    assert points == pytest.approx(np.array([[0.05, 0.0], [0.62, 2 / 3], [0.95, 1.0]]))
    assert [t for t in words(ax) if t.isdigit()] == ["8", "3", "4"]
    assert ax.get_legend_handles_labels()[1] == ["mine (n = 15)"]
    (bars,) = ax.containers[0].lines[2]
    low, high = bars.get_segments()[1][:, 1]
    assert (low, high) == pytest.approx(plot.wilson(2 / 3, 3))


def test_reliability_curves_differ_in_more_than_colour():
    ax = plot.reliability(LABELS, SCORES)
    plot.reliability(LABELS, 1 - SCORES, ax=ax)
    markers = [line.get_marker() for line in ax.lines if line.get_gid() == "reliability"]
    assert len(set(markers)) == 2
    assert len([t for t in words(ax) if t == "as promised"]) == 1


@pytest.mark.parametrize(
    ("labels", "scores", "told"),
    [
        ([0, 1], [0.5], "shape"),
        ([], [], "shape"),
        ([0, 2], [0.5, 0.5], "label 2.0"),
        ([0, 1], [0.5, 1.5], "score .*1.5"),
        (["no", "yes"], [0.5, 0.5], "labels: could not convert .*; expected numbers"),
        (np.ma.array([0, 1], mask=[0, 1]), [0.5, 0.5], "label nan; expected 0 or 1"),
        ([0, 1], np.ma.array([0.5, 0.5], mask=[1, 0]), "score .*nan.*; expected a probability"),
    ],
)
def test_reliability_names_what_it_cannot_draw(labels, scores, told):
    with pytest.raises(IndexInputError, match=told):
        plot.reliability(labels, scores)


@pytest.mark.parametrize("bins", [0, -1, 2.5, "ten", None])
def test_number_of_bins_that_cannot_be_is_named(bins):
    with pytest.raises(IndexInputError, match=f"bins is {bins!r}; expected a number of bins, 1 or more"):
        plot.reliability([0, 1], [0.2, 0.8], bins)


def test_index_is_drawn_with_band_gaps_and_thin_periods(index):
    ax = plot.index(index)
    assert ax.lines[0].get_ydata() == pytest.approx(index["risk"].to_numpy(), nan_ok=True)
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert [len(line.get_ydata()) for line in hollow] == [1]
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["95 % band", "thin: fewer than 5 effective articles", "gap: no article"]
    assert ax.get_xlabel() == "day (UTC)"
    assert "0 to 1" in ax.get_ylabel()


def test_lines_of_a_split_index_are_named_and_their_changes_marked(split):
    ax = plot.index(split)
    assert ax.get_legend_handles_labels()[1] == [r"loud (12 articles)", r"quiet \$1 (12 articles)"]
    assert [word for word in words(ax) if word.startswith("to")] == ["to 0.80"]
    assert len({line.get_linestyle() for line in ax.lines if len(line.get_xdata()) == 12 and line.get_linewidth() == 1.8}) == 2
    ax.figure.canvas.draw()  # a dollar sign in a name is no formula
    alone = plot.index(split, "direction", lines=["quiet $1"], changes=False)
    assert alone.get_ylim() == (-1, 1)


def test_index_names_what_it_cannot_draw(index, split):
    with pytest.raises(IndexInputError, match="no column 'mood'"):
        plot.index(index, "mood")
    with pytest.raises(IndexInputError, match="no line 'x'"):
        plot.index(split, lines=["x"])
    with pytest.raises(IndexInputError, match="at most 6"):
        plot.index(split, lines=list("abcdefg"))


def test_part_of_an_index_is_no_index(index, split):
    for part in (index["2031-03-02":], split.loc["loud"], index.copy(), index["risk"]):
        with pytest.raises(IndexInputError, match=rf"expected a RiskIndex, got {type(part).__name__}: .*draw the whole index"):
            plot.index(part)


def test_contributions_sum_to_the_log_odds():
    found = escalate.explain("Two brigades were sent to the border on Friday, $5 and $6 after the ultimatum. Talks go on in Geneva.")
    ax = plot.contributions(found)
    bars = [patch for patch in ax.patches if patch.get_height() < 1]
    assert sum(bar.get_width() for bar in bars) == pytest.approx(found.log_odds)
    ax.figure.canvas.draw()


@pytest.mark.parametrize("given", ["The army shelled two villages.", None, 0.5])
def test_contributions_are_those_of_an_explanation(given):
    told = re.escape(f"expected an Explanation, got {type(given).__name__} ({given!r}); ") + r".*escalate\.explain\(text\)"
    with pytest.raises(TypeError, match=told):
        plot.contributions(given)


def test_ladder_counts_nearest_rungs():
    ax = plot.ladder([0.2, 0.4, 2.6, 5.0, np.nan])
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([0.5, 0, 0, 0.25, 0, 0.25])
    assert words(ax) == ["2", "0", "0", "1", "0", "1"]
    assert words(plot.ladder(np.ma.array([0.2, 5.0, 9.0], mask=[0, 0, 1]))) == ["1", "0", "0", "0", "0", "1"]
    plot.ladder([1.0], label="other", ax=ax)
    assert len(ax.patches) == 12
    assert ax.patches[0].get_hatch() != ax.patches[6].get_hatch()


@pytest.mark.parametrize("levels", [[], [np.nan], [6.0], [-1.0]])
def test_ladder_names_levels_that_are_none(levels):
    with pytest.raises(IndexInputError, match="level"):
        plot.ladder(levels)


def test_missing_matplotlib_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError, match=r"\.\[plot\]"):
        plot.ladder([1.0])


# Simulations of the two commonest kinds of colour blindness (Vienot, Brettel and Mollon 1999), on linear light.
BLIND = {
    "protan": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    "deutan": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
}


@pytest.mark.parametrize("kind", BLIND)
def test_first_three_colours_are_told_apart_by_colour_blind_readers(kind):
    seen = [BLIND[kind] @ np.array(to_rgb(colour)) ** 2.2 for colour in plot.COLOURS[:3]]
    apart = [float(np.abs(one - other).max()) for at, one in enumerate(seen) for other in seen[:at]]
    assert min(apart) > 0.12
