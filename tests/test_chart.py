"""The plot: bars that make up the log-odds, told apart without colour; and a clear word where matplotlib is missing."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import pytest
from support import ROOT, seeds

import escalate
from escalate.errors import EscalateError, MissingExtraError
from escalate.render import GROUPS, strongest_rows

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

TEXT = seeds()[0].text


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_plot_returns_axes_and_shows_nothing():
    ax = escalate.explain(TEXT).plot()
    assert isinstance(ax, Axes)
    assert plt.get_fignums() == [ax.figure.number]


def test_plot_draws_on_the_axes_it_is_given():
    _, ax = plt.subplots()
    assert escalate.explain(TEXT).plot(ax) is ax
    assert escalate.explain(TEXT).plot(ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("text", [TEXT, "Rain.", "", "Rebels shelled the port.", *(seed.text for seed in seeds()[:5])])
def test_bars_make_the_log_odds(text):
    found = escalate.explain(text)
    bars = found.plot().patches
    # Rows that would show as 0.00 are left out, at most one of each kind of rest.
    assert sum(bar.get_width() for bar in bars) == pytest.approx(found.log_odds, abs=4 * 0.005)
    assert [bar.get_width() for bar in bars] == [row.contribution for row in strongest_rows(found)]


def test_title_and_labels_say_what_it_is():
    found = escalate.explain("Rebels shelled the port.")
    ax = found.plot()
    assert f"{found.score:.3f}" in ax.get_title()
    assert "log-odds" in ax.get_xlabel()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert any(label.startswith("strike \u00b7 actual: ") for label in labels)
    assert "where every text starts" in labels
    assert max(map(len, labels)) <= 44


def test_groups_differ_in_colour_and_modes_in_hatch():
    news = "Rebels shelled the port. The navy threatened to bomb the bridge. Talks on a ceasefire go on. The striker scored a goal."
    found = escalate.explain(news)
    ax = found.plot()
    bars = zip(strongest_rows(found), ax.patches, strict=True)
    looks = {(row.group, row.mode): (to_hex(bar.get_facecolor()), bar.get_hatch()) for row, bar in bars}
    colours = {group: colour for (group, _), (colour, _) in looks.items()}
    assert len(set(colours.values())) == len(colours) >= 4
    hatches = {mode: hatch for (_, mode), (_, hatch) in looks.items() if mode}
    assert len(set(hatches.values())) == len(hatches) >= 2
    legend = {text.get_text() for text in ax.get_legend().get_texts()}
    assert {GROUPS[group] for group in colours if group} <= legend


def test_dollar_signs_are_no_formulas(tmp_path):
    ax = escalate.explain("The army shelled the $5 bridge at $x^2_ and fled.").plot()
    ax.figure.savefig(tmp_path / "why.png")
    assert (tmp_path / "why.png").stat().st_size > 1000


def test_missing_matplotlib_names_the_extra():
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import escalate\n"
        "try:\n    escalate.explain('Rain fell.').plot()\n"
        "except ImportError as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MissingExtraError")
    assert ".[plot]" in done.stdout
    assert issubclass(MissingExtraError, EscalateError)
    assert issubclass(MissingExtraError, ImportError)
