"""Clusters on this machine: Dask with two worker processes and Spark give every row once, with the very numbers of `score_frame`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

import pandas as pd
import pytest
from support import ROOT

from escalate import MissingExtraError, running, score_frame
from escalate.errors import TextTypeError
from escalate.frame import COLUMNS, ColumnError
from escalate.integrations import dask_score

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
    pytest.importorskip("dask.dataframe", reason="dask is missing; pip install escalate[dask]")
    distributed = pytest.importorskip("distributed", reason="distributed is missing; pip install escalate[dask]")
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


def test_dask_is_not_for_other_frames():
    pytest.importorskip("dask.dataframe", reason="dask is missing; pip install escalate[dask]")
    with pytest.raises(TextTypeError, match=r"got pandas DataFrame; give it to escalate\.score_frame"):
        dask_score(table(5), "body")


def test_missing_dask_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.dataframe", None)
    with pytest.raises(MissingExtraError, match=r"escalate\[dask\]"):
        dask_score(table(5), "body")
