"""Scores on a cluster: the partitions of a Dask DataFrame, each with the numbers that `score_frame` would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from escalate._default import default_model
from escalate.errors import MissingExtraError, TextTypeError
from escalate.frame import COLUMNS, score_frame
from escalate.running import ModelSource, built

__all__ = ["dask_score"]


# --- Dask ----------------------------------------------------------------------------------------


def dask_score(ddf: Any, text: str = "text", title: str | None = None, columns: Sequence[str] = COLUMNS) -> Any:
    """Return the scores of a Dask DataFrame, with its index, order and partitions; nothing is scored before it is computed.

    Parameters
    ----------
    ddf : dask.dataframe.DataFrame
    text : str
        Name of the column of texts.
    title : str, optional
        Name of a column of headlines.
    columns : sequence of str
        The columns wanted, as :func:`escalate.score_frame` takes them.

    Returns
    -------
    dask.dataframe.DataFrame
        What :func:`escalate.score_frame` gives for the rows of each partition. Each worker process builds the model once.

    Raises
    ------
    ColumnError
        When a column is not there, or cannot be given (a ValueError); at once, not when computed.
    TextTypeError
        When `ddf` is no Dask DataFrame (a TypeError).
    MissingExtraError
        When dask is missing (an ImportError).

    Examples
    --------
    .. code-block:: python

        scores = dask_score(ddf, text="body", title="headline", columns=["risk", "status"])
        ddf.assign(risk=scores["risk"], status=scores["status"]).to_parquet("scored")
    """
    if not isinstance(ddf, _dask().DataFrame):
        what = f"expected a DataFrame of dask, got {type(ddf).__module__.partition('.')[0]} {type(ddf).__name__}"
        raise TextTypeError(f"{what}; give it to escalate.score_frame, or make it one with dask.dataframe.from_pandas")
    chosen = list(columns) if not isinstance(columns, str) else columns
    # The empty frame that Dask keeps for types is scored here: wrong columns are told at once, and types are those of the rows to come.
    meta = score_frame(ddf._meta, text, title, chosen)
    return ddf.map_partitions(_score_part, ModelSource.of(default_model()), text, title, chosen, meta=meta)


def _score_part(part: Any, source: ModelSource, text: str, title: str | None, columns: Sequence[str]) -> Any:
    """Return the scores of one partition; this is what runs in a worker."""
    return score_frame(part, text, title, columns, progress=False, n_jobs=1, model=built(source))


def _dask() -> Any:
    try:
        import dask.dataframe
    except ImportError as error:
        raise MissingExtraError('dask_score() needs dask; install it with: pip install "escalate[dask]"') from error
    return dask.dataframe
