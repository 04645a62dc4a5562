"""Clusters on this machine: Dask with two worker processes and Spark give every row once, with the very numbers of `score_frame`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time

import pandas as pd
import pytest
from support import ROOT

from escalate import MissingExtraError, default_model, running, score_frame
from escalate.errors import TextTypeError
from escalate.frame import COLUMNS, ColumnError
from escalate.integrations import dask_score, spark_map, spark_schema

# Clusters warn of their own affairs (ports in use, files kept open); what they give back is what is held here.
pytestmark = pytest.mark.filterwarnings("default")

NAMES = ("connect", "connect_ex", "sendto")
CALLS = ("getaddrinfo", "gethostbyname", "create_connection")
REAL = [(socket.socket, name, getattr(socket.socket, name)) for name in NAMES] + [(socket, name, getattr(socket, name)) for name in CALLS]
"""As they are before `conftest` takes the network away: the processes of a cluster talk to one another by sockets."""

TEXTS = [
    "Rebels shelled the harbour overnight, killing four sailors.",
    "The bakery on the corner sells rye bread on Thursdays.",
    "The ministry denied that troops had crossed the river.",
    None,
    "   ",
    "Two frigates left port after the general threatened a blockade.",
    "Talks on the ceasefire resume on Monday in the capital.",
]
TITLES = ["Harbour under fire", None, "", "A headline alone", "Blank", "Fleet sails", None]
GROUPS = [*COLUMNS, "counts", "contributions", "reasons"]


def table(rows: int) -> pd.DataFrame:
    """Return so many rows, no two alike and some without a text."""
    texts = [text and text.strip() and f"{text} It was day {at} of the month." for at, text in zip(range(rows), TEXTS * rows, strict=False)]
    return pd.DataFrame({"number": range(rows), "body": texts, "headline": (TITLES * rows)[:rows]}).set_index("number")


def local(df: pd.DataFrame, **options: object) -> pd.DataFrame:
    return score_frame(df, "body", "headline", **options)


@pytest.fixture(scope="module")
def sockets():
    with pytest.MonkeyPatch.context() as patch:
        for owner, name, real in REAL:
            patch.setattr(owner, name, real)
        patch.setenv("PYTHONPATH", str(ROOT))
        yield


# --- Dask ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(sockets, tmp_path_factory):
    pytest.importorskip("dask.dataframe", reason="dask is missing; pip install '.[dask]'")
    distributed = pytest.importorskip("distributed", reason="distributed is missing; pip install '.[dask]'")
    folder = tmp_path_factory.mktemp("dask")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", local_directory=str(folder)
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def cut(df: pd.DataFrame, parts: int):
    from dask.dataframe import from_pandas

    return from_pandas(df, npartitions=parts)


@pytest.mark.parametrize("columns", [COLUMNS, GROUPS, ["status", "risk"]], ids=["default", "groups", "two"])
def test_dask_gives_what_score_frame_gives(client, columns):
    df = table(60)
    lazy = dask_score(cut(df, 7), "body", "headline", columns)
    pd.testing.assert_frame_equal(lazy.compute(), local(df, columns=columns), check_exact=True)


def test_dask_meta_tells_the_types_of_the_rows(client):
    lazy = dask_score(cut(table(20), 3), "body", "headline", GROUPS)
    assert lazy.npartitions == 3
    assert lazy.dtypes.to_dict() == lazy.compute().dtypes.to_dict()


def test_dask_workers_build_the_model_once(client):
    dask_score(cut(table(60), 12), "body").compute()
    built = client.run(lambda: running.built.cache_info().misses)
    assert set(built.values()) <= {0, 1}
    assert sum(built.values()) >= 1


def test_dask_scores_with_a_model_of_ones_own(client):
    rare, df = default_model().with_prevalence(0.02), table(40)
    found = dask_score(cut(df, 2), "body", "headline", ["risk"], model=rare).compute()
    pd.testing.assert_frame_equal(found, local(df, columns=["risk"], model=rare), check_exact=True)


def test_dask_behind_joblib(client, monkeypatch):
    import joblib

    monkeypatch.setattr(running, "START_SECONDS", 0.0)
    df = table(4500)
    before = sum(client.run(lambda: running.built.cache_info().hits + running.built.cache_info().misses).values())
    with joblib.parallel_config(backend="dask"):
        scores = local(df, n_jobs=2)
    after = sum(client.run(lambda: running.built.cache_info().hits + running.built.cache_info().misses).values())
    assert after - before == 4, "the first chunk of 1,000 rows is scored here, the other four by the cluster"
    pd.testing.assert_frame_equal(scores, local(df), check_exact=True)


def test_dask_worker_killed_in_mid_job_loses_no_row(client):
    df = table(8000)
    pids = client.run(os.getpid)
    lazy = dask_score(cut(df, 40), "body", "headline", GROUPS).persist()
    deadline = time.monotonic() + 60
    while not 4 <= finished(client) < 30:
        assert time.monotonic() < deadline, "the job was over, or never began, before a worker could be killed"
        time.sleep(0.01)
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    scores = lazy.compute()
    assert set(client.run(os.getpid).values()) != set(pids.values())
    pd.testing.assert_frame_equal(scores, local(df, columns=GROUPS), check_exact=True)


def finished(client) -> int:
    """Return how many partitions lie scored in the memory of the workers."""
    return sum(len(keys) for keys in client.has_what().values())


@pytest.mark.parametrize(("text", "columns", "said"), [("text", COLUMNS, "no column 'text'"), ("body", ["rsk"], "did you mean 'risk'")])
def test_dask_tells_wrong_columns_before_it_computes(client, text, columns, said):
    with pytest.raises(ColumnError, match=said):
        dask_score(cut(table(5), 1), text, columns=columns)


@pytest.mark.parametrize("columns", [None, 7])
def test_dask_tells_what_are_no_columns(columns):
    pytest.importorskip("dask.dataframe", reason="dask is missing; pip install '.[dask]'")
    with pytest.raises(TypeError, match=f"columns is {columns}; pass a list"):
        dask_score(cut(table(5), 1), "body", columns=columns)


def test_dask_takes_columns_from_a_generator():
    pytest.importorskip("dask.dataframe", reason="dask is missing; pip install '.[dask]'")
    lazy = dask_score(cut(table(5), 1), "body", columns=iter(["status", "risk"]))
    pd.testing.assert_frame_equal(lazy.compute(scheduler="synchronous"), score_frame(table(5), "body", columns=["status", "risk"]))


def test_dask_is_not_for_other_frames():
    pytest.importorskip("dask.dataframe", reason="dask is missing; pip install '.[dask]'")
    with pytest.raises(TextTypeError, match=r"got pandas DataFrame; give it to escalate\.score_frame"):
        dask_score(table(5), "body")


def test_missing_dask_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.dataframe", None)
    with pytest.raises(MissingExtraError, match=r"\.\[dask\]"):
        dask_score(table(5), "body")


# --- Spark ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spark(sockets, tmp_path_factory):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is missing; pip install '.[spark]'")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("Spark runs on Java, and there is neither java on the path nor JAVA_HOME")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = sql.SparkSession.builder.master("local[2]").appName("escalate")
        settings = {
            "spark.ui.enabled": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(tmp_path_factory.mktemp("spark")),
            "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
            "spark.sql.execution.arrow.maxRecordsPerBatch": "17",  # so that a partition has several batches, and a last short one
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")  # some tests here fail jobs on purpose
        yield session
        session.stop()


def scored_by_spark(spark, df: pd.DataFrame, columns=COLUMNS, **options):
    from pyspark.sql.types import StructType

    rows = spark_rows(spark, df)
    return rows.mapInArrow(spark_map("body", "headline", columns, **options), StructType([*rows.schema, *spark_schema(columns)]))


def spark_rows(spark, df: pd.DataFrame):
    rows = [(number, text, title) for number, text, title in nulls(df.reset_index())]
    return spark.createDataFrame(rows, "number long, body string, headline string").repartition(3)


def nulls(df: pd.DataFrame) -> list[list[object]]:
    """Return the rows as Spark gives them, with None for what is missing."""
    return df.astype(object).where(df.notna(), None).to_numpy().tolist()


@pytest.mark.parametrize("columns", [COLUMNS, GROUPS, ["status", "risk"]], ids=["default", "groups", "two"])
def test_spark_gives_every_row_with_what_score_frame_gives(spark, columns):
    df = table(120)
    scored = scored_by_spark(spark, df, columns)
    expected = df.join(local(df, columns=columns)).reset_index()
    assert scored.columns == list(expected.columns)
    assert sorted(list(row) for row in scored.collect()) == nulls(expected)


def test_spark_has_rows_without_any_score(spark):
    df = table(120).assign(body=None)
    assert {(row.risk, row.status) for row in scored_by_spark(spark, df).collect()} == {(None, "missing")}


def test_spark_scores_no_rows(spark):
    assert scored_by_spark(spark, table(0)).collect() == []


def test_spark_workers_build_the_model_once(spark):
    scored_by_spark(spark, table(120)).collect()

    def tell(batches):
        import pyarrow

        from escalate import running

        for _ in batches:
            yield pyarrow.RecordBatch.from_pydict({"built": [running.built.cache_info().misses]})

    told = [row.built for row in spark_rows(spark, table(120)).mapInArrow(tell, "built long").collect()]
    assert set(told) <= {0, 1}
    assert 1 in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "story"}, "no column 'story'; the rows have number, body, headline"),
        ({"text": "body", "title": "head"}, "no column 'head'"),
    ],
)
def test_spark_tells_what_column_is_not_there(spark, options, said):
    with pytest.raises(Exception, match=said):
        spark_rows(spark, table(5)).mapInArrow(spark_map(**options), spark_schema()).collect()


def test_spark_writes_over_no_column(spark):
    rows = spark_rows(spark, table(5)).withColumnRenamed("number", "risk")
    with pytest.raises(Exception, match="already: risk; rename"):
        rows.mapInArrow(spark_map("body"), spark_schema()).collect()


def test_spark_tells_wrong_columns_before_it_computes():
    with pytest.raises(ColumnError, match="did you mean 'risk'"):
        spark_map("body", columns=["rsk"])


def test_spark_map_tells_that_there_is_no_column_without_a_name():
    pyarrow = pytest.importorskip("pyarrow")
    with pytest.raises(ColumnError, match="no column None; the rows have body"):
        next(spark_map(None)(iter([pyarrow.record_batch({"body": ["Rain fell."]})])))


def test_missing_pyspark_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql.types", None)
    with pytest.raises(MissingExtraError, match=r"\.\[spark\]"):
        spark_schema()


def test_missing_pyarrow_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"\.\[spark\]"):
        next(spark_map("body")(iter([object()])))
