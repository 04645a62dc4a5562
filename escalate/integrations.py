"""Scores on a cluster: the partitions of a Dask or Spark DataFrame, each with the numbers that `score_frame` would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from escalate._default import default_model
from escalate.errors import MissingExtraError, TextTypeError, extra_hint, of_kind
from escalate.frame import COLUMNS, TEXT_COLUMNS, ColumnError, Plan, score_chunk, score_frame
from escalate.model import Model
from escalate.parquet import values_of
from escalate.running import ModelSource, built, score_far

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType

__all__ = ["dask_score", "spark_map", "spark_schema"]


# --- Dask ----------------------------------------------------------------------------------------


def dask_score(
    ddf: Any, text: str = "text", title: str | None = None, columns: Sequence[str] = COLUMNS, *, model: Model | None = None
) -> Any:
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
    model : Model, optional
        Default: the shipped one.

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
    chosen_model = _chosen(model)
    chosen = Plan.of(columns, chosen_model).names
    # The empty frame that Dask keeps for types is scored here: wrong columns are told at once, and types are those of the rows to come.
    meta = score_frame(ddf._meta, text, title, chosen, model=chosen_model)
    return ddf.map_partitions(_score_part, ModelSource.of(chosen_model), text, title, chosen, meta=meta)


def _chosen(model: Model | None) -> Model:
    return default_model() if model is None else of_kind(Model, "model", model)


def _score_part(part: Any, source: ModelSource, text: str, title: str | None, columns: Sequence[str]) -> Any:
    """Return the scores of one partition; this is what runs in a worker."""
    return score_frame(part, text, title, columns, progress=False, n_jobs=1, model=built(source))


def _dask() -> Any:
    try:
        import dask.dataframe
    except ImportError as error:
        raise MissingExtraError(f"dask_score() needs dask; {extra_hint('dask')}") from error
    return dask.dataframe


# --- Spark ---------------------------------------------------------------------------------------


def spark_schema(columns: Sequence[str] = COLUMNS, *, model: Model | None = None) -> StructType:
    """Return the fields that :func:`spark_map` adds to each row.

    Parameters
    ----------
    columns : sequence of str
        The columns wanted, as :func:`escalate.score_frame` takes them.
    model : Model, optional
        Default: the shipped one.

    Returns
    -------
    pyspark.sql.types.StructType
        Strings for `status` and `reasons`, doubles for all others; any can be null.

    Raises
    ------
    ColumnError
        When a column cannot be given (a ValueError).
    MissingExtraError
        When pyspark is missing (an ImportError).

    Examples
    --------
    .. code-block:: python

        schema = StructType([*df.schema, *spark_schema(["risk", "status"])])
    """
    names = Plan.of(columns, _chosen(model)).names
    try:
        from pyspark.sql.types import DoubleType, StringType, StructField, StructType
    except ImportError as error:
        raise MissingExtraError(f"spark_schema() needs pyspark; {extra_hint('spark')}") from error
    return StructType([StructField(name, StringType() if name in TEXT_COLUMNS else DoubleType()) for name in names])


def spark_map(
    text: str = "text", title: str | None = None, columns: Sequence[str] = COLUMNS, *, model: Model | None = None
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what ``DataFrame.mapInArrow`` of Spark needs to score rows: batches in, the same rows with the new columns behind out.

    Parameters
    ----------
    text : str
        Name of the column of texts.
    title : str, optional
        Name of a column of headlines.
    columns : sequence of str
        The columns wanted, as :func:`escalate.score_frame` takes them.
    model : Model, optional
        Default: the shipped one.

    Returns
    -------
    callable
        It builds the model once in each worker process. A row without a score has null for its numbers. A column that is not there,
        or is there already, fails the job with a ColumnError.

    Raises
    ------
    ColumnError
        When a column cannot be given (a ValueError).

    Examples
    --------
    .. code-block:: python

        schema = StructType([*df.schema, *spark_schema()])
        scored = df.mapInArrow(spark_map(text="body", title="headline"), schema)
    """
    chosen = _chosen(model)
    return partial(_score_batches, ModelSource.of(chosen), Plan.of(columns, chosen), text, title)


def _score_batches(
    source: ModelSource, plan: Plan, text: str, title: str | None, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield each batch with its scores; this is what runs in a worker."""
    arrow = _arrow()
    for batch in batches:
        _check_names(batch.schema.names, text, title, plan)
        titles = None if title is None else values_of(batch.column(title))
        found = score_far(source, partial(score_chunk, plan=plan), values_of(batch.column(text)), titles)
        # The types are told: a batch without rows, or with nothing but nulls, would be taken for one of no type.
        kinds = [arrow.string() if name in TEXT_COLUMNS else arrow.float64() for name in found]
        new = [arrow.array(values, kind, from_pandas=True) for values, kind in zip(found.values(), kinds, strict=True)]
        yield arrow.RecordBatch.from_arrays([*batch.columns, *new], names=[*batch.schema.names, *found])


def _check_names(have: Sequence[str], text: str, title: str | None, plan: Plan) -> None:
    for name in [text] if title is None else [text, title]:
        if name not in have:
            raise ColumnError(f"no column {name!r}; the rows have {', '.join(have)}")
    if twice := [name for name in plan.names if name in have]:
        raise ColumnError(f"the rows have columns of these names already: {', '.join(twice)}; rename them first")


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError(f"spark_map() needs pyarrow on the workers; {extra_hint('spark')}") from error
    return pyarrow
