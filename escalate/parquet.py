"""Parquet for `files.py`; it needs pyarrow.

A Parquet file gets its index at its very end and cannot be gone on with. So chunks are appended as small streams of Arrow's own
format, each complete, and become Parquet when all are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalate.errors import extra_hint
from escalate.files import Chunk, Encoder, Source, place_of
from escalate.packing import BatchError, Position

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ParquetEncoder", "ParquetSource", "schema_of", "to_parquet", "values_of"]

GROUP_ROWS = 1 << 16
GROUP_BYTES = 64 << 20
"""A row group of the output is closed when it has so many rows or bytes."""


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BatchError(f"Parquet files need the package pyarrow; {extra_hint('batch')}, or use CSV or JSON Lines") from error
    return pyarrow


class ParquetSource(Source):
    """The rows of a Parquet file.

    Parameters
    ----------
    name : str
    text : str
    title : str or None
    """

    def __init__(self, name: str, text: str, title: str | None) -> None:
        if name == "-":
            raise BatchError("Parquet cannot be read from standard input: its index is at its end; give a file")
        arrow = _arrow()
        self._name = name
        try:
            # Not read ahead: with it, a whole row group is held.
            self._file = arrow.parquet.ParquetFile(name, pre_buffer=False, buffer_size=1 << 20)
        except arrow.ArrowInvalid as error:
            raise BatchError(f"{name}: not a Parquet file: {error}") from error
        self.schema: pa.Schema = self._file.schema_arrow
        self.names: list[str] = self.schema.names
        self._text = place_of(text, self.names)
        self._title = None if title is None else place_of(title, self.names)
        self._done = 0
        self.rows: int = self._file.metadata.num_rows

    def go_to(self, position: Position) -> None:
        """Go on behind so many rows."""
        self._done = position.at

    def share(self) -> float | None:
        """Return the share of the rows."""
        return self._done / self.rows if self.rows else 1.0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Yield chunks, none across two row groups."""
        at = 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            if at + size <= self._done:
                at += size
                continue
            for batch in self._batches(rows, group, at):
                at += batch.num_rows
                if at > self._done:
                    self._done = at
                    yield self._chunk(batch, at)

    def _batches(self, rows: int, group: int, at: int) -> Iterator[pa.RecordBatch]:
        """Yield the batches of a row group that begins behind so many rows."""
        try:
            yield from self._file.iter_batches(rows, row_groups=[group])
        except (_arrow().ArrowException, OSError) as error:
            raise BatchError(f"{self._name}: row group {group + 1}, behind row {at:,}, is damaged or cannot be read: {error}") from error

    def _chunk(self, batch: pa.RecordBatch, at: int) -> Chunk:
        titles = None if self._title is None else values_of(batch.column(self._title))
        return Chunk(batch, values_of(batch.column(self._text)), titles, Position(at, at))


def values_of(column: pa.Array[Any]) -> list[Any]:
    """Return the values of a column; strings that are not UTF-8 as bytes, which no one takes for a text.

    Parameters
    ----------
    column : pyarrow.Array

    Returns
    -------
    list
    """
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        values = [_value(scalar) for scalar in column]
    return values


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):  # a moment beyond all years that Python knows, which is no text either
        return scalar


# --- writing -------------------------------------------------------------------------------------


def schema_of(source: Source, names: Sequence[str]) -> pa.Schema:
    """Return the schema of a source; columns of text files are strings.

    Parameters
    ----------
    source : Source
    names : sequence of str

    Returns
    -------
    pyarrow.Schema
    """
    arrow = _arrow()
    return source.schema if isinstance(source, ParquetSource) else arrow.schema([(name, arrow.string()) for name in names])


class ParquetEncoder(Encoder):
    """Writes chunks as streams of Arrow.

    Parameters
    ----------
    schema : pyarrow.Schema
        Of the rows.
    new : mapping of str to bool
        The columns to be added, and whether each is text.
    """

    def __init__(self, schema: pa.Schema, new: Mapping[str, bool]) -> None:
        arrow = _arrow()
        self._schema: pa.Schema = schema
        for name, is_text in new.items():
            self._schema = self._schema.append(arrow.field(name, arrow.string() if is_text else arrow.float64()))

    def head(self) -> bytes:
        """Return a stream without rows, which tells the schema."""
        return self._bytes([])

    def encode(self, rows: Any, columns: dict[str, Any]) -> bytes:
        """Return a stream of one batch; a missing number is null."""
        arrow = _arrow()
        given = rows.columns if isinstance(rows, arrow.RecordBatch) else self._arrays(rows)
        new = [arrow.array(values, from_pandas=True) for values in columns.values()]
        return self._bytes([arrow.RecordBatch.from_arrays([*given, *new], schema=self._schema)]) if len(rows) else b""

    def _arrays(self, rows: Sequence[Sequence[str]]) -> list[Any]:
        return [_arrow().array(column, _arrow().string()) for column in zip(*rows, strict=True)]

    def _bytes(self, batches: Sequence[Any]) -> bytes:
        arrow = _arrow()
        sink = arrow.BufferOutputStream()
        with arrow.ipc.new_stream(sink, self._schema, options=arrow.ipc.IpcWriteOptions(compression="lz4")) as stream:
            for batch in batches:
                stream.write_batch(batch)
        written: bytes = sink.getvalue().to_pybytes()
        return written


def to_parquet(part: Path, target: Path) -> None:
    """Write the streams in a file as Parquet; how they were cut into chunks leaves no trace but in row groups.

    Parameters
    ----------
    part, target : Path
    """
    arrow = _arrow()
    with arrow.OSFile(str(part)) as file:
        schema = arrow.ipc.open_stream(file).schema
        file.seek(0)
        with arrow.parquet.ParquetWriter(str(target), schema, compression="zstd") as writer:
            for group in _groups(_batches(file, arrow)):
                writer.write_table(arrow.Table.from_batches(group, schema).unify_dictionaries())


def _batches(file: Any, arrow: Any) -> Iterator[Any]:
    while file.tell() < file.size():
        with arrow.ipc.open_stream(file) as stream:
            yield from stream


def _groups(batches: Iterator[Any]) -> Iterator[list[Any]]:
    """Gather batches until they make a row group."""
    group: list[Any] = []
    rows = size = 0
    for batch in batches:
        group.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, rows, size = [], 0, 0
    if group:
        yield group
