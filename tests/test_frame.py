"""Whole tables: the number of `score` in every row that can have one, and in every other row the reason why not."""

from __future__ import annotations

import gc
import math
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib.parallel import ThreadingBackend
from support import ROOT, cases
from test_text import ANY_TEXT

import escalate
from escalate import frame, language, running
from escalate.errors import EscalateError, TextError, TextTypeError
from escalate.frame import COLUMNS, ColumnError
from escalate.model import Model

TEXTS = cases("texts.json")
WAR = "Gunboats of Ostrel fired on the ferry port before dawn, killing four dockers."
TALKS = "Envoys of both armies met in Vellin and agreed to extend the truce by a month."
PEACE = "The town band of Tamsin rehearsed a waltz on the pier."
LONG = " ".join([WAR, PEACE, TALKS, "Nobody knows what comes next.", PEACE.replace("waltz", "march"), "The rain went on."])
NEWS = [WAR, TALKS, PEACE, LONG]


def pandas_frame(texts: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"text": pd.Series(texts, dtype=object), "id": range(len(texts))})


# --- the numbers ---------------------------------------------------------------------------------


def test_risk_is_the_score_and_level_and_direction_are_those_of_the_explanation():
    texts = [*TEXTS, *NEWS]
    scored = escalate.score_frame(pandas_frame(texts))
    told = [escalate.explain(text) for text in texts]
    readable = np.array([bool(text.strip()) for text in texts])
    assert (scored["status"] == np.where(readable, "ok", "empty")).all()
    assert scored["risk"][readable].tolist() == escalate.score([text for text in texts if text.strip()]).tolist()
    np.testing.assert_allclose(scored["level"][readable], np.array([t.level for t in told])[readable], rtol=0, atol=1e-12)
    np.testing.assert_allclose(scored["direction"][readable], np.array([t.direction for t in told])[readable], rtol=0, atol=1e-12)


@given(st.lists(st.sampled_from(NEWS) | ANY_TEXT, min_size=1, max_size=12), st.integers(0, 11))
def test_a_row_does_not_feel_its_neighbours(texts, at):
    at %= len(texts)
    together = escalate.score_frame(pandas_frame(texts)).iloc[at]
    alone = escalate.score_frame(pandas_frame([texts[at]])).iloc[0]
    pd.testing.assert_series_equal(together, alone, check_names=False, check_exact=True)


def test_rows_of_many_blocks_and_chunks_stay_in_order(monkeypatch):
    monkeypatch.setattr(frame, "BLOCK_ROWS", 3)
    monkeypatch.setattr(frame, "CHUNK_ROWS", 7)
    texts = [*NEWS, None, 5] * 5
    scored = escalate.score_frame(pandas_frame(texts))
    assert scored["risk"].dropna().tolist() == escalate.score([t for t in texts if isinstance(t, str)]).tolist()
    assert scored["status"].tolist() == ["ok"] * 4 + ["missing", "not text: int"] + scored["status"].tolist()[6:]


def test_scores_alone_are_the_same_scores():
    alone = escalate.score_frame(pandas_frame(NEWS), columns=["risk"])
    assert alone["risk"].tolist() == escalate.score(NEWS).tolist()


def test_a_model_can_be_given(model):
    own = Model(model.lexicon, [], model.features, {n: dataclass_without_words(h) for n, h in model.heads.items()})
    scored = escalate.score_frame(pandas_frame(NEWS), model=own)
    assert scored["risk"].tolist() == own.score(NEWS).tolist() != escalate.score(NEWS).tolist()


def dataclass_without_words(head: Any) -> Any:
    return type(head)(head.intercept, head.features, [], head.pooling)


def test_bounds_are_the_interval():
    found = escalate.score_frame(pandas_frame(NEWS))[["low", "high"]].to_numpy()
    assert found == pytest.approx(escalate.score_interval(NEWS), abs=1e-9)


def test_bounds_of_a_model_without_intervals_are_the_interval_that_says_nothing(model):
    own = replace(model, calibration=replace(model.calibration, knots=()))
    found = escalate.score_frame(pandas_frame(NEWS), columns=["low", "high"], model=own).to_numpy().tolist()
    assert found == own.score_interval(NEWS).tolist() == [[0.0, 1.0]] * len(NEWS)
    (row,) = re.findall(r"^\| `low`, `high` \| .*", (ROOT / "docs" / "batch.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert "0 and 1" in row
    assert "empty" not in row


def test_text_that_is_no_english_has_its_number_and_a_warning():
    found = escalate.score_frame(pd.DataFrame({"text": ["El ejército avanza hacia la ciudad y los vecinos huyen de sus casas."]}))
    assert 0 <= found["risk"].iloc[0] <= 1
    assert "not English" in found["status"].iloc[0]


# --- the table -----------------------------------------------------------------------------------

INDEXES = {
    "labels": pd.Index(["d", "a", "c", "b"], name="key"),
    "labels that stand twice": pd.Index([7, 7, 3, 7]),
    "two levels": pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 0), ("a", 9)], names=["paper", "page"]),
    "dates": pd.date_range("2026-01-01", periods=4, freq="D"),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES.keys())
def test_index_and_order_are_those_of_the_table(index):
    table = pandas_frame(NEWS).set_index(index)
    before = table.copy()
    scored = escalate.score_frame(table)
    pd.testing.assert_index_equal(scored.index, index)
    assert scored["risk"].tolist() == escalate.score(NEWS).tolist()
    pd.testing.assert_frame_equal(table, before)


DTYPES: list[Any] = [object, "string", "category", "str"]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_kind_of_string_column_is_read(dtype):
    table = pd.DataFrame({"text": pd.Series([WAR, None, PEACE], dtype=dtype)})
    scored = escalate.score_frame(table)
    assert scored["status"].tolist() == ["ok", "missing", "ok"]
    assert scored["risk"].iloc[[0, 2]].tolist() == escalate.score([WAR, PEACE]).tolist()


KINDS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], dict[str, list[Any]]]]] = {
    "pandas": (pd.DataFrame, lambda table: table.to_dict("list")),
    "polars": (pl.DataFrame, lambda table: table.to_dict(as_series=False)),
    "pyarrow": (pa.table, lambda table: table.to_pydict()),
}


@pytest.mark.parametrize(("kind", "as_lists"), KINDS.values(), ids=KINDS.keys())
def test_the_same_kind_of_table_comes_out(kind, as_lists):
    table = kind({"text": [WAR, None, PEACE]})
    scored = escalate.score_frame(table)
    assert type(scored) is type(table)
    lists = as_lists(scored)
    assert list(lists) == list(COLUMNS)
    assert lists["status"] == ["ok", "missing", "ok"]
    assert lists["risk"][::2] == escalate.score([WAR, PEACE]).tolist()
    assert lists["risk"][1] is None or math.isnan(lists["risk"][1])


def test_result_can_be_assigned():
    table = pandas_frame(NEWS)
    assert list(table.assign(**escalate.score_frame(table)).columns) == ["text", "id", *COLUMNS]
    again = table.assign(**escalate.score_frame(table))
    pd.testing.assert_frame_equal(again.assign(**escalate.score_frame(again)), again)


def test_empty_table_has_the_columns_and_their_types():
    empty, full = (escalate.score_frame(pandas_frame(texts)) for texts in ([], NEWS))
    assert len(empty) == 0
    assert list(empty.columns) == list(COLUMNS)
    assert empty.dtypes.tolist() == full.dtypes.tolist()


def test_table_of_nothing_but_holes_keeps_its_types():
    scored = escalate.score_frame(pandas_frame([None, 3]), columns=[*COLUMNS, "counts", "contributions", "reasons"])
    assert scored.drop(columns=["status", "reasons"]).isna().all(axis=None)
    assert (scored.drop(columns=["status", "reasons"]).dtypes == np.float64).all()


# --- rows without a score ------------------------------------------------------------------------

HOLES = {
    "None": (None, "missing"),
    "NaN": (float("nan"), "missing"),
    "numpy NaN": (np.float32("nan"), "missing"),
    "NA": (pd.NA, "missing"),
    "NaT": (pd.NaT, "missing"),
    "NaT of numpy": (np.datetime64("NaT", "D"), "missing"),
    "NaT of a time span": (np.timedelta64("NaT", "s"), "missing"),
    "masked": (np.ma.masked, "missing"),
    "nothing": ("", "empty"),
    "blanks": (" \n\t\u00a0", "empty"),
    "number": (7, "not text: int"),
    "infinity": (math.inf, "not text: float"),
    "truth": (True, "not text: bool"),
    "date": (np.datetime64("2031-03-25"), "not text: datetime64"),
    "bytes": (WAR.encode(), "not text: bytes"),
    "list": ([WAR], "not text: list"),
}


@pytest.mark.parametrize(("value", "status"), HOLES.values(), ids=HOLES.keys())
def test_a_row_that_is_no_text_is_marked_and_has_no_number(value, status):
    scored = escalate.score_frame(pandas_frame([WAR, value, PEACE]))
    assert scored["status"].tolist() == ["ok", status, "ok"]
    assert scored.iloc[1].drop("status").isna().all()
    assert scored["risk"].iloc[[0, 2]].tolist() == escalate.score([WAR, PEACE]).tolist()


ANYTHING = st.one_of(st.none(), st.integers(), st.floats(), st.binary(max_size=5), st.booleans(), ANY_TEXT, st.lists(st.text(), max_size=2))


@given(st.lists(ANYTHING, max_size=8), st.lists(ANYTHING, max_size=8))
def test_whatever_a_table_holds_each_row_has_a_number_or_a_reason(texts, titles):
    rows = min(len(texts), len(titles))
    table = pd.DataFrame({"text": pd.Series(texts[:rows], dtype=object), "title": pd.Series(titles[:rows], dtype=object)})
    scored = escalate.score_frame(table, title="title")
    assert len(scored) == rows
    faulty = scored["status"].str.match("missing|empty|not text|failed")
    assert (faulty == scored["risk"].isna()).all()
    assert scored["risk"].dropna().between(0, 1).all()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the reading of some texts fail."""
    read_all = Model.read_all

    def fails(self: Model, texts: Sequence[str]) -> Any:
        if any("waltz" in text for text in texts):
            raise IndexError("bar 17 is not there")
        return read_all(self, texts)

    monkeypatch.setattr(Model, "read_all", fails)


@pytest.mark.usefixtures("broken")
def test_a_text_that_cannot_be_read_costs_its_own_row_only():
    scored = escalate.score_frame(pandas_frame([WAR, PEACE, TALKS]))
    assert scored["status"].tolist() == ["ok", "failed: IndexError: bar 17 is not there", "ok"]
    assert scored["risk"].isna().tolist() == [False, True, False]


RAISED = {
    "missing": (None, TextError, "row 1: missing"),
    "empty": (" ", TextError, "row 1: empty"),
    "number": (7, TextTypeError, r"row 1: not text: int \(7\)"),
    "failed": (PEACE, EscalateError, "row 1: failed: IndexError"),
}


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(("value", "kind", "message"), RAISED.values(), ids=RAISED.keys())
@pytest.mark.parametrize("columns", [COLUMNS, ["risk"]], ids=["with status", "without status"])
def test_a_bad_row_can_stop_everything(value, kind, message, columns):
    with pytest.raises(kind, match=message):
        escalate.score_frame(pandas_frame([WAR, value, 5]), columns=columns, on_error="raise")


def test_a_bad_title_is_shown_where_it_stops_everything():
    news = pd.DataFrame({"text": [WAR, PEACE], "title": ["Shells", 7]}, dtype=object)
    with pytest.raises(TextTypeError, match=r"^row 1: not text: int in the title \(7\)"):
        escalate.score_frame(news, title="title", on_error="raise")


def test_a_text_in_doubt_has_its_number_and_stops_nothing():
    spanish = "El ejército avanza hacia la ciudad y los vecinos huyen de sus casas."
    scored = escalate.score_frame(pandas_frame([WAR, spanish, "12 34 56 78"]), on_error="raise")
    assert scored["risk"].notna().all()
    assert scored["status"].tolist() == ["ok", *(language.doubt(text) for text in (spanish, "12 34 56 78"))]
    assert [reason for reason in language.REASONS if reason.partition(":")[0] in frame.FAULTS] == []


def test_a_good_table_stops_nothing():
    assert len(escalate.score_frame(pandas_frame(NEWS), on_error="raise")) == len(NEWS)


# --- titles --------------------------------------------------------------------------------------

TITLES: dict[str, tuple[Any, str]] = {
    "headline": ("Shots at the port", f"Shots at the port\n\n{TALKS}"),
    "None": (None, TALKS),
    "NaN": (float("nan"), TALKS),
    "nothing": ("", TALKS),
    "blank": ("  ", TALKS),
}


@pytest.mark.parametrize(("title", "joined"), TITLES.values(), ids=TITLES.keys())
def test_title_and_text_are_read_as_one_and_no_title_is_no_title(title, joined):
    table = pd.DataFrame({"body": [TALKS], "head": pd.Series([title], dtype=object)})
    assert escalate.score_frame(table, "body", "head")["risk"][0] == escalate.score(joined)


def test_title_without_a_text_is_no_text():
    table = pd.DataFrame({"text": [None, WAR, ""], "title": [WAR, 12, WAR]})
    assert escalate.score_frame(table, title="title")["status"].tolist() == ["missing", "not text: int in the title", "empty"]


# --- columns -------------------------------------------------------------------------------------


def test_columns_come_in_the_order_asked_for():
    assert list(escalate.score_frame(pandas_frame(NEWS), columns=["status", "level", "count_strike", "risk"]).columns) == [
        "status",
        "level",
        "count_strike",
        "risk",
    ]


def test_counts_are_the_signals_of_the_explanation(model):
    counts = escalate.score_frame(pandas_frame(NEWS), columns=["counts"])
    assert list(counts.columns) == [f"count_{family}" for family in sorted(model.lexicon.families)]
    for row, text in enumerate(NEWS):
        families = [signal.family for signal in escalate.explain(text).signals]
        assert {name: n for name, n in counts.iloc[row].items() if n} == {f"count_{f}": families.count(f) for f in families}


def test_contributions_sum_to_the_log_odds():
    scored = escalate.score_frame(pandas_frame(TEXTS), columns=["risk", "contributions"]).dropna()
    total = scored.drop(columns="risk").sum(axis=1)
    np.testing.assert_allclose(total, np.log(scored["risk"] / (1 - scored["risk"])), rtol=0, atol=1e-9)


def test_reasons_are_the_strongest_three():
    (reasons,) = escalate.score_frame(pandas_frame([WAR]), columns=["reasons"])["reasons"]
    told = escalate.explain(WAR)
    strongest = max([*told.signals, *told.words], key=lambda part: abs(part.contribution))
    assert f'"{strongest.text}" {strongest.contribution:+.2f}' in reasons.split("; ")[0]
    assert len(reasons.split("; ")) == 3


TORN = WAR.replace("the ferry", "the \ud800 ferry")
"""A text with a lone surrogate in the words of its signal: JSON may hold one, and pandas keeps it in a column of objects."""


def test_lone_surrogate_costs_no_row_its_reasons():
    scored = escalate.score_frame(pandas_frame([WAR, TORN, PEACE]), columns=["risk", "reasons", "status"])
    assert scored["risk"].tolist() == escalate.score([WAR, TORN, PEACE]).tolist()
    assert scored["reasons"].tolist()[::2] == escalate.score_frame(pandas_frame([WAR, PEACE]), columns=["reasons"])["reasons"].tolist()
    assert "fired on the \ufffd ferry" in scored["reasons"][1]
    assert scored["status"].tolist() == ["ok"] * 3


def test_lone_surrogate_in_an_error_costs_no_row_its_status(monkeypatch):
    def fails(_: Model, texts: Sequence[str]) -> Any:
        raise ValueError(f"cannot read {texts[0][-2:]}")

    monkeypatch.setattr(Model, "read_all", fails)
    statuses = escalate.score_frame(pandas_frame([WAR, f"{PEACE} \ud800."]), columns=["status"])["status"].tolist()
    assert statuses == ["failed: ValueError: cannot read s.", "failed: ValueError: cannot read \ufffd."]


WRONG: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "column that is not there": (lambda: escalate.score_frame(pandas_frame(NEWS), "body"), ColumnError, r"no column 'body'; .* text, id"),
    "title that is not there": (lambda: escalate.score_frame(pandas_frame(NEWS), title="head"), ColumnError, "no column 'head'"),
    "unknown result": (lambda: escalate.score_frame(pandas_frame(NEWS), columns=["rick"]), ColumnError, "did you mean 'risk'"),
    "unknown family": (lambda: escalate.score_frame(pandas_frame(NEWS), columns=["count_strikes"]), ColumnError, "'count_strike'"),
    "nothing like it": (lambda: escalate.score_frame(pandas_frame(NEWS), columns=["zzz"]), ColumnError, "there are risk, low"),
    "string of columns": (lambda: escalate.score_frame(pandas_frame(NEWS), columns="risk"), ColumnError, r"pass a list.*\['risk'\]"),
    "no columns": (lambda: escalate.score_frame(pandas_frame(NEWS), columns=None), TypeError, r"columns is None; pass a list, .*\['risk'"),
    "list in the columns": (lambda: escalate.score_frame(pandas_frame(NEWS), columns=[["risk"]]), ColumnError, r"no column \['risk'\] can"),
    "set of columns": (lambda: escalate.score_frame(pandas_frame(NEWS), columns={"risk"}), TypeError, "columns is .*; pass a list"),
    "not one column": (lambda: escalate.score_frame(pandas_frame(NEWS), columns=[]), ColumnError, "names no column; ask for one at least"),
    "columns of one name": (lambda: escalate.score_frame(pd.DataFrame([[WAR, 1, 2]], columns=["text", "n", "n"])), ColumnError, "twice: n"),
    "series": (lambda: escalate.score_frame(pd.Series(NEWS)), TextTypeError, "got pandas Series"),
    "list": (lambda: escalate.score_frame(NEWS), TextTypeError, "escalate.score"),
    "lazy frame": (lambda: escalate.score_frame(pl.LazyFrame({"text": NEWS})), TextTypeError, "polars LazyFrame; collect"),
    "no worker": (lambda: escalate.score_frame(pandas_frame(NEWS), n_jobs=0), ValueError, "n_jobs is 0; expected a number of workers"),
    "half a worker": (lambda: escalate.score_frame(pandas_frame(NEWS), n_jobs=1.5), ValueError, "n_jobs is 1.5; expected a number"),
    "misspelt choice": (lambda: escalate.score_frame(pandas_frame(NEWS), on_error="drop"), ValueError, "'mark' or 'raise'"),
}


@pytest.mark.parametrize(("call", "kind", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_use_is_explained(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


# --- workers -------------------------------------------------------------------------------------


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make workers pay at once, in small chunks; the list gets the number of chunks of each wave."""
    waves: list[int] = []

    class Counting(joblib.Parallel):
        def __call__(self, tasks: Any) -> Any:
            listed = list(tasks)
            waves.append(len(listed))
            return super().__call__(listed)

    monkeypatch.setattr(joblib, "Parallel", Counting)
    monkeypatch.setattr(running, "START_SECONDS", -1.0)
    monkeypatch.setattr(frame, "CHUNK_ROWS", 3)
    return waves


MIXED = [*NEWS, None, 5, ""] * 6


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_workers_give_what_one_process_gives(eager, backend):
    table = pandas_frame(MIXED)
    here = escalate.score_frame(table)
    assert eager == []
    with joblib.parallel_config(backend=backend):
        there = escalate.score_frame(table, n_jobs=2)
    assert sum(eager) == math.ceil(len(MIXED) / 3) - 1
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_a_cell_that_cannot_travel_costs_only_its_row(eager):
    texts, titles = [*NEWS, iter(NEWS), float("nan"), np.str_(WAR)] * 4, ["News", None, 5, threading.Lock()] * 7
    table = pd.DataFrame({"text": pd.Series(texts, dtype=object), "title": pd.Series(titles, dtype=object)})
    with joblib.parallel_config(backend="loky"):
        there = escalate.score_frame(table, title="title", n_jobs=2)
    assert eager
    assert {"ok", "missing", "not text: list_iterator", "not text: lock in the title"} <= set(there["status"])
    pd.testing.assert_frame_equal(there, escalate.score_frame(table, title="title"), check_exact=True)


def test_the_callers_configuration_is_honoured(eager):
    with joblib.parallel_config(backend="threading", n_jobs=2):
        escalate.score_frame(pandas_frame(MIXED))
    assert max(eager) == 2 * running.WAVE


def test_a_back_end_far_away_gets_nothing_that_cannot_travel(eager):
    """Like Dask and Spark, this one sends everything as bytes, and gives results back only all at once."""

    class Far(ThreadingBackend):
        supports_return_generator = False

        def submit(self, task: Any, callback: Any = None) -> Any:
            return super().submit(ForkingPickler.loads(ForkingPickler.dumps(task)), callback)

    joblib.register_parallel_backend("far", Far)
    with joblib.parallel_config(backend="far", n_jobs=2):
        there = escalate.score_frame(pandas_frame(MIXED), columns=[*COLUMNS, "counts", "reasons"])
    assert eager
    pd.testing.assert_frame_equal(
        there, escalate.score_frame(pandas_frame(MIXED), columns=[*COLUMNS, "counts", "reasons"]), check_exact=True
    )


def test_a_model_of_ones_own_travels_to_the_workers(eager, model):
    own = Model(model.lexicon, [], model.features, {n: dataclass_without_words(h) for n, h in model.heads.items()})
    table = pandas_frame(MIXED)
    there = escalate.score_frame(table, n_jobs=2, model=own)
    assert eager
    pd.testing.assert_frame_equal(there, escalate.score_frame(table, model=own), check_exact=True)


def test_a_worker_with_another_default_model_is_refused(model):
    with pytest.raises(EscalateError, match="install the same escalate"):
        running.built(running.ModelSource("0" * 64, ""))


def test_little_work_starts_no_worker(monkeypatch):
    monkeypatch.setattr(joblib, "Parallel", None)
    monkeypatch.setattr(frame, "CHUNK_ROWS", 3)
    escalate.score_frame(pandas_frame(MIXED), n_jobs=2)


@pytest.mark.parametrize(("seconds", "workers", "pays"), [(2.9, 2, False), (3.1, 2, True), (1.6, 64, True), (1e9, 1, False)])
def test_workers_pay_when_what_they_save_outlasts_their_start(seconds, workers, pays):
    assert running.pays(seconds, workers) is pays


# --- the bar -------------------------------------------------------------------------------------


def test_a_bar_is_shown_on_request_and_not_in_a_pipe(capsys):
    escalate.score_frame(pandas_frame(NEWS))
    assert capsys.readouterr().err == ""
    escalate.score_frame(pandas_frame(NEWS), progress=True)
    shown = capsys.readouterr().err
    assert "4/4" in shown
    assert "rows/s" in shown


def test_a_bar_is_shown_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    escalate.score_frame(pandas_frame(NEWS))
    assert "4/4" in capsys.readouterr().err
    escalate.score_frame(pandas_frame(NEWS), progress=False)
    assert capsys.readouterr().err == ""


def test_a_bar_without_tqdm_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(EscalateError, match=r"\.\[batch\]"):
        escalate.score_frame(pandas_frame(NEWS), progress=True)


def test_polars_does_not_bring_pandas():
    program = (
        "import sys, polars, escalate; escalate.score_frame(polars.DataFrame({'text': ['Rain fell.']})); print('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.parametrize("collects", [True, False])
def test_collector_of_garbage_is_left_as_it_was(collects, monkeypatch):
    was = gc.isenabled()
    seen = []
    monkeypatch.setattr(frame, "known_words", lambda *_: seen.append(gc.isenabled()) or 9)
    try:
        (gc.enable if collects else gc.disable)()
        escalate.score_frame(pd.DataFrame({"text": ["Rain fell.", None, "Rebels shelled the port."]}))
        assert gc.isenabled() is collects
        assert seen == [False, False]
    finally:
        (gc.enable if was else gc.disable)()
