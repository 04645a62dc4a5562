"""The documentation says what the library does: examples run, every family and mode has one, every public name is in the reference."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from support import ROOT

import escalate

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
FENCE = re.compile(r"^```py(?:thon|con)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODES = {"actual", "threatened", "hypothetical", "negated", "past", "figurative"}


def interactive(text: str) -> str:
    """Return the prompts of a page and what they answer, with line numbers kept."""
    blocks = [match for match in FENCE.finditer(text) if match.group(1).startswith(">>>")]
    lines = [""] * text.count("\n")
    for block in blocks:
        first = text.count("\n", 0, block.start(1))
        rows = block.group(1).splitlines()
        lines[first : first + len(rows)] = rows
    return "\n".join(lines)


WITH_PROMPTS = [path for path in [ROOT / "README.md", *PAGES] if interactive(path.read_text(encoding="utf-8")).strip()]


@pytest.mark.parametrize("path", WITH_PROMPTS, ids=lambda path: path.name)
def test_examples_of_a_page_run(path):
    test = doctest.DocTestParser().get_doctest(interactive(path.read_text(encoding="utf-8")), {}, path.name, str(path), 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert "".join(said) == ""


def test_pages_with_examples_are_found():
    assert {path.name for path in WITH_PROMPTS} >= {"README.md", "index.md", "start.md", "signals.md", "training.md", "thresholds.md"}


# --- programs ------------------------------------------------------------------------------------

CLUSTER = re.compile(r"\b(dask|pyspark)\b")
"""What names one of these is not run: it needs a cluster. `test_integrations.py` has clusters on this machine."""

HEADLINES = ("Iran vows to strike a base of the United States", "Bakers meet in the old town", "Rebels shell the port", "Rain is expected")
OTHERS = {"pandas": "# polars", "polars": "# pandas"}
WORDS = '[terms.swarm]\nnouns = ["drone swarm"]\n'


def programs(path: Path, kind: str = "pandas") -> str:
    """Return what the Python blocks of a page without prompts say together, for tables of a kind; clusters are left out.

    A line may end in `# pandas` or `# polars`; for polars only blocks with such lines are taken. Line numbers are kept.
    """
    text = path.read_text(encoding="utf-8")
    lines = [""] * text.count("\n")
    for block in FENCE.finditer(text):
        said = block.group(1)
        if not said.startswith(">>>") and not CLUSTER.search(said) and (kind == "pandas" or f"# {kind}\n" in said):
            first = text.count("\n", 0, block.start(1))
            rows = said.splitlines()
            lines[first : first + len(rows)] = ["" if row.endswith(OTHERS[kind]) else row for row in rows]
    return "\n".join(lines)


def names() -> dict[str, object]:
    """Return what the pages take as given: a month of articles under the names that they use, and a model."""
    titles = [HEADLINES[n % 4] for n in range(60)]
    texts = [f"{title}, it was said at {n} o'clock." for n, title in enumerate(titles)]
    labels = [n % 4 in (0, 2) for n in range(60)]
    columns = {"date": pd.date_range("2031-03-01", periods=60, freq="12h").strftime("%Y-%m-%d"), "source": ["Herald", "Post"] * 30}
    columns |= {"body": texts, "headline": titles, "text": texts, "title": titles, "outlet": columns["source"]}
    df = pd.DataFrame(columns)
    given = {"df": df, "news": df, "texts": texts, "labels": [int(label) for label in labels], "text": texts[0]}
    return given | {"escalate": escalate, "np": np, "pd": pd, "model": escalate.default_model(), "scores": escalate.score(texts)}


WITH_PROGRAMS = [path for path in [ROOT / "README.md", *PAGES] if programs(path).strip()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.chdir(tmp_path)
    for name in ("mine.toml", "my-words.toml"):
        (tmp_path / name).write_text(WORDS, encoding="utf-8")
    return tmp_path


def run(program: str, folder: Path, **given: object) -> None:
    (folder / "page.py").write_text(program, encoding="utf-8")
    runpy.run_path(str(folder / "page.py"), names() | given)


@pytest.mark.parametrize("path", WITH_PROGRAMS, ids=lambda path: path.name)
def test_programs_of_a_page_run(path, folder):
    run(programs(path), folder)


@pytest.mark.parametrize("path", [path for path in PAGES if programs(path, "polars").strip()], ids=lambda path: path.name)
def test_programs_of_a_page_run_on_polars(path, folder):
    run(programs(path, "polars"), folder, df=pl.from_pandas(names()["df"]))


def test_programs_of_the_pages_are_found_and_clusters_left_out():
    assert {path.name for path in WITH_PROGRAMS} >= {"README.md", "batch.md", "calibration.md", "index-and-report.md", "training.md"}
    assert "escalate.score_frame(df" in programs(DOCS / "batch.md")
    assert "dask_score" not in programs(DOCS / "batch.md")


# --- signals -------------------------------------------------------------------------------------


def table_rows(page: str, columns: int) -> list[list[str]]:
    """Return the rows of the tables of a page that begin with a name in backticks."""
    cells = [[cell.strip() for cell in line.strip("| \n").split(" | ")] for line in page.splitlines() if line.startswith("| `")]
    return [row for row in cells if len(row) == columns]


SIGNALS = (DOCS / "signals.md").read_text(encoding="utf-8")
FAMILIES = table_rows(SIGNALS, 5)
ACTS = table_rows(SIGNALS, 4)
EXAMPLES = [(row[0].strip("`"), row[4], row[3]) for row in FAMILIES] + [(row[0].strip("`"), row[1], row[3]) for row in ACTS]


@pytest.mark.parametrize(("family", "mode", "text"), EXAMPLES, ids=lambda value: value[:30])
def test_example_of_a_signal_is_read_as_the_page_says(family, mode, text):
    assert (family, mode) in {(s.family, s.mode) for s in escalate.explain(text).signals}


def test_every_family_has_an_example_and_its_rung():
    families = escalate.default_model().lexicon.families
    assert {row[0].strip("`"): int(row[2]) for row in FAMILIES} == {name: family.rung for name, family in families.items()}


def test_every_mode_has_an_example():
    assert {row[1] for row in ACTS} == MODES


def test_moves_are_those_of_the_lexicon():
    said = {(row[0].strip("`"), row[1], row[2].replace("`", "").replace(", ", "/")) for row in table_rows(SIGNALS, 3)}
    families = escalate.default_model().lexicon.families
    assert said == {(name, mode, moved) for name, family in families.items() for mode, moved in family.moves.items()}


# --- reference and pages -------------------------------------------------------------------------


def test_every_public_name_is_in_the_reference_once():
    named = re.findall(r"^\.\. auto\w+:: (\w+)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(escalate.__all__)


REFERENCE = (DOCS / "api.md").read_text(encoding="utf-8")


def test_names_of_modules_in_the_reference_are_all_there_are():
    named = re.findall(r"^\.\. auto\w+:: escalate\.(\w+)\.(\w+)$", REFERENCE, re.MULTILINE)
    modules = {name: importlib.import_module(f"escalate.{name}") for name in ("plot", "integrations")}
    assert sorted(named) == sorted(
        [("report", "report_page"), *((name, what) for name, module in modules.items() for what in module.__all__)]
    )


@pytest.mark.parametrize("name", ["Model", "RiskIndex", "Explanation"])
def test_members_in_the_reference_exist_and_are_documented(name):
    block = REFERENCE.partition(f"autoclass:: {name}\n   :members:")[2].partition("\n")[0]
    members = [member for member in block.replace(",", " ").split() if member]
    assert all(getattr(escalate, name).__dict__[member].__doc__ for member in members)
    if name == "RiskIndex":
        own = [
            member
            for member, what in vars(escalate.RiskIndex).items()
            if not member.startswith("_") and (callable(what) or isinstance(what, property))
        ]
        assert sorted(members) == sorted(own)


def test_links_have_words_to_click_on():
    assert [path.name for path in PAGES if "[](" in path.read_text(encoding="utf-8")] == []


def test_calls_on_a_table_fit_the_table_of_the_page():
    """In `batch.md` the table has columns `body` and `headline`."""
    calls = re.findall(r"escalate\.score_frame\(df.*?\)", (DOCS / "batch.md").read_text(encoding="utf-8"))
    df = pd.DataFrame({"headline": ["Rain"], "body": ["Rain fell."]})
    assert len(calls) == 3
    for call in calls:
        (found,) = ast.parse(call).body
        options = {given.arg: ast.literal_eval(given.value) for given in found.value.keywords}
        assert len(escalate.score_frame(df, **options)) == 1


def test_recall_in_the_table_of_thresholds_is_about_that_of_the_model():
    (said,) = re.findall(r"measured: recall (0\.\d\d)", (DOCS / "thresholds.md").read_text(encoding="utf-8"))
    assert float(said) == pytest.approx(escalate.thresholds()[0].unseen_recall, abs=0.03)


def test_every_page_is_in_a_table_of_contents():
    entries = re.findall(r"^```\{toctree\}\n(.*?)^```$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    named = {line for entry in entries for line in entry.splitlines() if line and not line.startswith(":")}
    assert named == {path.stem for path in PAGES} - {"index"}


def test_picture_of_the_walk_is_that_of_the_shipped_model():
    walk = runpy.run_path(str(DOCS / "walk.py"))
    assert walk["PICTURE"].read_text(encoding="utf-8") == walk["draw"](), "the model has changed: run python docs/walk.py"
    assert all(part.strip() in " ".join((DOCS / "how-it-works.md").read_text(encoding="utf-8").split()) for part in [walk["TEXT"]])
