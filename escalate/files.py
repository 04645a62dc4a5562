"""Tables in files, chunk by chunk: CSV, TSV and JSON Lines here, Parquet in `parquet.py`.

A *source* yields chunks, and behind each of them the position where reading can go on. An *encoder* turns a chunk and its scores into
bytes that are simply appended; :func:`finish` makes the file that was asked for out of these bytes. What is not a row is not guessed
at: it becomes a :class:`Reject` with its line and the reason.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from math import isnan
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple

from escalate.packing import PACKINGS, RECORD_LIMIT, BatchError, CutLine, Input, Lines, Position, pack

__all__ = ["Chunk", "Encoder", "Format", "Reject", "Source", "encoder_for", "finish", "open_source", "place_of"]

KINDS = {"csv": "csv", "tsv": "tsv", "tab": "tsv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet", "pq": "parquet"}
"""Endings of files, and their kinds."""

CHUNK_BYTES = 8 << 20
"""Bytes after which a chunk is full whatever its number of rows."""

FIRST_LINES = 100
"""Lines of JSON that are looked at for the names of columns; not every row need have them all."""

BARE_RETURNS = r"end in bare carriage returns; convert these to line feeds first, for example with: tr '\r' '\n'"
"""What is wrong with files from old spreadsheets, which csv calls its universal-newline mode."""

PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
"""What packed files begin with; a workbook is packed with zip."""

RENAMED = {"gzip": "gz", "zstd": "zst"}
"""What the names of files end in that are packed so."""

SHOWN = 500
"""Characters of a broken row that are kept in the rejects."""


class Format(NamedTuple):
    """What a file is.

    Attributes
    ----------
    kind : str
        ``"csv"``, ``"tsv"``, ``"jsonl"`` or ``"parquet"``.
    packing : str
        ``""``, ``"gz"`` or ``"zst"``.
    """

    kind: str
    packing: str = ""

    @classmethod
    def of(cls, name: str) -> Format:
        """Return the format that the end of a name states, such as ``news.csv.gz`` or plain ``csv.gz``.

        Parameters
        ----------
        name : str

        Returns
        -------
        Format
        """
        *rest, last = Path(name).name.lower().split(".")
        packing = PACKINGS.get(last, "")
        kind = KINDS.get((rest or [""])[-1] if packing else last)
        if kind is None:
            endings = f"{', '.join(KINDS)}, and then if packed gz or zst"
            raise BatchError(
                f"{name!r} does not say what it is; expected an ending of {endings}, or for batch such a word with --from or --to"
            )
        if kind == "parquet" and packing:
            raise BatchError(f"{name!r}: Parquet is packed inside; name it without .{packing}")
        return cls(kind, packing)


@dataclass(frozen=True, slots=True)
class Reject:
    """A line, or lines, that are no row.

    Attributes
    ----------
    line : int
        Its number, from 1.
    reason : str
    text : str
        How it begins.
    """

    line: int
    reason: str
    text: str


@dataclass(slots=True)
class Chunk:
    """Some rows as they came, with their texts.

    Attributes
    ----------
    rows : list of list of str, list of str, or RecordBatch
        Of CSV and TSV, JSON Lines, and Parquet.
    texts : list
    titles : list or None
    position : Position
        Behind the chunk.
    rejects : list of Reject
        What stood between the rows.
    """

    rows: Any
    texts: list[Any]
    titles: list[Any] | None
    position: Position = field(default_factory=Position)
    rejects: list[Reject] = field(default_factory=list)


class Source(ABC):
    """A table that is read chunk by chunk.

    Attributes
    ----------
    names : list of str
        The columns; of JSON Lines those of the first rows.
    """

    names: list[str]

    @abstractmethod
    def go_to(self, position: Position) -> None:
        """Begin reading at a position that an earlier run gave."""

    @abstractmethod
    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Yield chunks of at most so many rows; the same rows always fall into the same chunks."""

    @abstractmethod
    def share(self) -> float | None:
        """Return which share has been read, 0 to 1, if that can be known."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


def open_source(name: str, form: Format, text: str, title: str | None, new: Collection[str]) -> Source:
    """Open a table to which columns will be added.

    Parameters
    ----------
    name : str
        A path, or ``"-"`` for standard input.
    form : Format
    text : str
        The column of texts.
    title : str or None
        The column of titles.
    new : collection of str
        The columns to be added.

    Returns
    -------
    Source

    Raises
    ------
    BatchError
        When there is no table or no such column, or a new column is there already.
    """
    source = _opened(name, form, text, title, new)
    if twice := [column for column in new if column in source.names]:
        source.close()
        raise BatchError(f"the file has a column {twice[0]!r} already; give the new ones a --prefix, for example --prefix new_")
    return source


def _opened(name: str, form: Format, text: str, title: str | None, new: Collection[str]) -> Source:
    if form.kind == "parquet":
        from escalate.parquet import ParquetSource

        return ParquetSource(name, text, title)
    lines = Lines(Input(name, form.packing))
    with ExitStack() as stack:
        stack.callback(lines.close)
        _refuse_foreign(lines, form)
        kind = form.kind
        source = JsonSource(lines, text, title, new) if kind == "jsonl" else CsvSource(lines, text, title, DELIMITERS[kind])
        stack.pop_all()
    return source


def _refuse_foreign(lines: Lines, form: Format) -> None:
    """Refuse what is no text in UTF-8 from its first bytes on: told by its lines, it would seem to be something else."""
    first = list(islice(lines, 1))
    lines.take_back(first)
    if fault := _foreign(b"".join(first), form):
        raise BatchError(f"the file is not {'.'.join(filter(None, form))}: {fault}")


def _foreign(head: bytes, form: Format) -> str:
    """Say by its first bytes what a file is instead of text, and what to do; nothing of a text."""
    if packing := next((packing for magic, packing in PACKED.items() if head.startswith(magic)), ""):
        again = " again" if form.packing else ""
        return f"it is packed with {packing}{again}; {_renamed(form.kind, '' if again else RENAMED.get(packing, ''))}"
    if head.startswith(b"PAR1"):
        return "it is Parquet; name it .parquet, or say so to batch with --from parquet"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:2]:
        return "it is UTF-16; convert it to UTF-8 first, for example with: iconv -f UTF-16 -t UTF-8"
    return ""


def _renamed(kind: str, packing: str) -> str:
    named = f"{kind}.{packing}"
    return f"name it .{named}, or say so to batch with --from {named}" if packing else f"take the {kind} out of it first"


# --- text files ----------------------------------------------------------------------------------

Record = tuple[Any, Any, Any]
"""A row as it came, its text and its title."""


class _LineSource(Source):
    """What CSV and JSON Lines share: records and rejects gathered into chunks."""

    def __init__(self, lines: Lines, title: str | None) -> None:
        self._lines = lines
        self._has_titles = title is not None

    def go_to(self, position: Position) -> None:
        """Go on at a line."""
        self._lines.go_to(position)

    def share(self) -> float | None:
        """Return the share of the bytes."""
        return self._lines.share()

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    @abstractmethod
    def _records(self) -> Iterator[Record | Reject]:
        """Yield every row and every reject."""

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Yield chunks, full when they have so many rows and rejects, or bytes enough."""
        start, chunk = self._lines.at, self._new()
        for record in self._records():
            if isinstance(record, Reject):
                chunk.rejects.append(record)
            else:
                row, text, title = record
                chunk.rows.append(row)
                chunk.texts.append(text)
                if chunk.titles is not None:
                    chunk.titles.append(title)
            if len(chunk.texts) + len(chunk.rejects) >= rows or self._lines.at - start >= CHUNK_BYTES:
                chunk.position = self._lines.position()
                yield chunk
                start, chunk = self._lines.at, self._new()
        chunk.position = self._lines.position()
        if chunk.texts or chunk.rejects:
            yield chunk

    def _new(self) -> Chunk:
        return Chunk([], [], [] if self._has_titles else None)


def _reject(line: int, reason: str, data: bytes) -> Reject:
    return Reject(line, reason, data[: 4 * SHOWN].decode("utf-8", "backslashreplace").rstrip("\r\n")[:SHOWN])


def place_of(name: str, names: Sequence[str]) -> int:
    """Return where a column stands.

    Parameters
    ----------
    name : str
    names : sequence of str
        All columns.

    Returns
    -------
    int

    Raises
    ------
    BatchError
        When it stands nowhere or twice.
    """
    if names.count(name) != 1:
        fault = "no column" if name not in names else "more than one column"
        told = f"{fault} {name!r}; the file has {', '.join(map(repr, names))}"
        raise BatchError(f"{told}; {_other_delimiter(names) or 'name yours with --text and --title'}")
    return names.index(name)


def _other_delimiter(names: Sequence[str]) -> str:
    """Say what to do where the names are all in one, because something else parts them; nothing otherwise."""
    mark = next((mark for mark in "\t;|," if len(names) == 1 and mark in names[0]), "")
    kind = next((kind for kind, delimiter in DELIMITERS.items() if delimiter == mark), "")
    remedy = f"name it .{kind}, or say so to batch with --from {kind}" if kind else "write it with commas first"
    return f"if {mark!r} parts them, {remedy}" if mark else ""


# --- CSV and TSV ---------------------------------------------------------------------------------

DELIMITERS = {"csv": ",", "tsv": "\t"}

_FIELD_LIMIT = Lock()
"""Held while the limit of the csv module is ours, or two readers would each give the other's limit back."""


class CsvSource(_LineSource):
    """Comma- or tab-separated rows with a header, quoted as spreadsheets do, line breaks inside quotes included.

    Parameters
    ----------
    lines : Lines
    text : str
    title : str or None
    delimiter : str
    """

    def __init__(self, lines: Lines, text: str, title: str | None, delimiter: str) -> None:
        super().__init__(lines, title)
        self._delimiter = delimiter
        self._held: list[bytes] = []
        self._bytes_held = 0
        self._not_utf8 = ""
        self.names = self._header()
        self._text = place_of(text, self.names)
        self._title = None if title is None else place_of(title, self.names)

    def _header(self) -> list[str]:
        first = next(self._rows(), None)
        if first is None:
            raise BatchError("the file is empty: not even a header")
        if isinstance(first, Reject):
            bare = "\r" in first.text.replace("\r\n", "")  # the lines are one, which is the header and maybe too long for a row
            raise BatchError(f"its lines {BARE_RETURNS}" if bare else f"line {first.line}, the header: {first.reason}")
        return first

    def _records(self) -> Iterator[Record | Reject]:
        width, text, title = len(self.names), self._text, self._title
        for row in self._rows():
            if isinstance(row, Reject):
                yield row
            elif len(row) != width:
                reason = f"{len(row)} fields, the header has {width}"
                yield _reject(self._lines.number - len(self._held) + 1, reason, b"".join(self._held))
            else:
                yield row, row[text], None if title is None else row[title]

    def _rows(self) -> Iterator[list[str] | Reject]:
        """Yield every row that is quoted soundly; blank lines are none."""
        parser = self._parser()
        while True:
            self._held.clear()
            self._bytes_held, self._not_utf8 = 0, ""
            try:
                row = _next_row(parser)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._without_first_line(str(error))
                parser = self._parser()
                continue
            if self._not_utf8:
                yield _reject(self._lines.number - len(self._held) + 1, self._not_utf8, b"".join(self._held))
            elif row:
                yield row

    def _parser(self) -> Iterator[list[str]]:
        return csv.reader(self._decoded(), delimiter=self._delimiter, strict=True)

    def _decoded(self) -> Iterator[str]:
        for line in self._lines:
            self._held.append(line)
            self._bytes_held += len(line)
            if isinstance(line, CutLine) or self._bytes_held > RECORD_LIMIT:
                raise csv.Error(f"longer than {RECORD_LIMIT:,} bytes: a quote that is never closed, or no line end")
            try:
                decoded = line.decode("utf-8")
            except UnicodeDecodeError as error:
                self._not_utf8 = f"not UTF-8: {error.reason} at byte {error.start} of line {self._lines.number}"
                decoded = line.decode("utf-8", "replace")
            # Before the parser sees it, which takes a quote behind a mark for one inside a field.
            yield decoded.removeprefix("\ufeff") if self._lines.number == 1 else decoded

    def _without_first_line(self, fault: str) -> Reject:
        """Reject the line with which a row of broken quotes begins, and read on behind it: what the lost quote swallowed comes back."""
        first, *rest = self._held
        self._lines.take_back(rest)
        reason = f"lines in it {BARE_RETURNS}" if fault.startswith("new-line character") else f"broken quotes: {fault}"
        return _reject(self._lines.number, reason, first)


def _next_row(parser: Iterator[list[str]]) -> list[str]:
    """Return the next row, with fields as long as a row may be.

    The limit of the csv module is one for the whole process: it is the caller's again behind every row.
    """
    with _FIELD_LIMIT:
        before = csv.field_size_limit(RECORD_LIMIT)
        try:
            return next(parser)
        finally:
            csv.field_size_limit(before)


# --- JSON Lines ----------------------------------------------------------------------------------


class JsonSource(_LineSource):
    """One JSON object a line.

    Parameters
    ----------
    lines : Lines
    text : str
    title : str or None
    new : collection of str
        Columns that no row may have yet.
    """

    def __init__(self, lines: Lines, text: str, title: str | None, new: Collection[str]) -> None:
        super().__init__(lines, title)
        self._text, self._title = text, title
        self._new_names = frozenset(new)
        self.names = self._first_names()
        for name in filter(None, (text, title)):
            place_of(name, self.names)

    def _first_names(self) -> list[str]:
        """Return the keys of the first rows, which are taken back and come again."""
        lines = list(islice(self._lines, FIRST_LINES))
        objects = [_parsed(line, number) for number, line in enumerate(lines, 1)]
        self._lines.take_back(lines)
        names = dict.fromkeys(name for found in objects if isinstance(found, tuple) for name in found[1])
        if not names:
            raise BatchError(_no_json_lines(len(lines), next((found for found in objects if isinstance(found, Reject)), None)))
        return list(names)

    def _records(self) -> Iterator[Record | Reject]:
        for line in self._lines:
            found = _parsed(line, self._lines.number)
            if isinstance(found, Reject):
                yield found
            elif found is not None:
                raw, row = found
                if fault := self._fault(row):
                    yield _reject(self._lines.number, fault, line)
                else:
                    yield raw, row.get(self._text), None if self._title is None else row.get(self._title)

    def _fault(self, row: dict[str, Any]) -> str:
        """Say why an object is no row, or nothing. Which of two texts is meant cannot be known; other keys may stand twice."""
        if not self._new_names.isdisjoint(row):
            return f"has a column {min(self._new_names & row.keys())!r} already"
        twice = row.twice & {self._text, self._title} if isinstance(row, _Repeating) else frozenset()
        return f"has more than one {min(filter(None, twice))!r}" if twice else ""


class _Repeating(dict[str, Any]):
    """An object in which a key stands more than once."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        count = Counter(key for key, _ in pairs)
        self.twice = frozenset(key for key in count if count[key] > 1)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeating(pairs)


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _no_json_lines(count: int, first: Reject | None) -> str:
    """Say why a file without an object in its first lines is no JSON Lines."""
    if first is None:
        return "the file is empty: not even one row" if count == 0 else f"not one of the first {count:,} lines has a column"
    if BARE_RETURNS in first.reason:
        return f"its lines {BARE_RETURNS}"
    remedy = "write one object a line; a list of objects, or objects over several lines, become that by: jq -c '.[]?'"
    return f"not one of the first {count:,} lines is a JSON object; line {first.line}: {first.reason}; {remedy}"


def _parsed(line: bytes, number: int) -> tuple[str, dict[str, Any]] | Reject | None:
    """Return a row as it stands and as an object, or why it is none; None for a blank line."""
    if isinstance(line, CutLine):
        told = f"lines in it {BARE_RETURNS}" if line.count(b"\r") else "no line feed, and bare carriage returns end no line"
        return _reject(number, f"longer than {RECORD_LIMIT:,} bytes: {told}", line)
    try:
        raw = line.decode("utf-8").removeprefix("\ufeff").strip()
        found = _DECODER.decode(raw) if raw else None
    except UnicodeDecodeError as error:
        return _reject(number, f"not UTF-8: {error.reason} at byte {error.start}", line)
    except (ValueError, RecursionError) as error:
        told = f"lines in it {BARE_RETURNS}" if _is_behind_return(error) else f"not JSON: {error}"
        return _reject(number, told, line)
    if raw and not isinstance(found, dict):
        return _reject(number, f"a JSON {type(found).__name__}, not an object", line)
    return (raw, found) if found is not None else None


def _is_behind_return(error: Exception) -> bool:
    """Say whether a second value stands where the first was ended by a bare carriage return."""
    return isinstance(error, json.JSONDecodeError) and "\r" in error.doc[len(error.doc[: error.pos].rstrip()) : error.pos]


# --- encoders ------------------------------------------------------------------------------------


class Encoder(ABC):
    """Turns chunks into bytes to be appended."""

    @abstractmethod
    def head(self) -> bytes:
        """Return what stands before the first chunk."""

    @abstractmethod
    def encode(self, rows: Any, columns: dict[str, Any]) -> bytes:
        """Return the rows of a chunk with their new columns."""


def encoder_for(target: Format, source: Source, given: Format, new: Mapping[str, bool]) -> Encoder:
    """Return what writes the rows of a source, with new columns, in the format asked for.

    Parameters
    ----------
    target : Format
    source : Source
    given : Format
        That of the source.
    new : mapping of str to bool
        The columns to be added, and whether each is text; the others are numbers.

    Returns
    -------
    Encoder

    Raises
    ------
    BatchError
        When rows of the one cannot be written as rows of the other without guessing.
    """
    tabular = given.kind in DELIMITERS
    if target.kind in DELIMITERS and tabular:
        return CsvEncoder([*source.names, *new], DELIMITERS[target.kind])
    if target.kind == "jsonl" and (tabular or given.kind == "jsonl"):
        return JsonEncoder(partial(_as_json, _different(source.names)) if tabular else list)
    if target.kind == "parquet" and (tabular or given.kind == "parquet"):
        from escalate.parquet import ParquetEncoder, schema_of

        return ParquetEncoder(schema_of(source, _different(source.names)), new)
    raise BatchError(
        f"{given.kind} cannot be written as {target.kind}: write {given.kind}, and convert that; only csv and tsv become others"
    )


def _different(names: Sequence[str]) -> Sequence[str]:
    if twice := [name for name in names if names.count(name) > 1]:
        raise BatchError(f"two columns are named {twice[0]!r}; rename one: with both, only csv and tsv can be written, from csv or tsv")
    return names


class CsvEncoder(Encoder):
    """Writes rows of fields.

    Parameters
    ----------
    names : sequence of str
        All columns.
    delimiter : str
    """

    def __init__(self, names: Sequence[str], delimiter: str) -> None:
        self._names = names
        self._delimiter = delimiter

    def head(self) -> bytes:
        """Return the header."""
        return self._bytes([self._names])

    def encode(self, rows: list[list[str]], columns: dict[str, Any]) -> bytes:
        """Return rows; a missing number is an empty field."""
        new = zip(*[_plain(values, missing="") for values in columns.values()], strict=True)
        return self._bytes([[*row, *more] for row, more in zip(rows, new, strict=True)])

    def _bytes(self, rows: Sequence[Sequence[Any]]) -> bytes:
        text = self._text(rows, csv.QUOTE_MINIMAL)
        if "\r" in text:  # which the csv module leaves without quotes unless it ends the lines with it
            returns = [any("\r" in str(cell) for cell in row) for row in rows]
            text = "".join(self._text([row], csv.QUOTE_ALL if has else csv.QUOTE_MINIMAL) for row, has in zip(rows, returns, strict=True))
        return text.encode("utf-8", "backslashreplace")

    def _text(self, rows: Sequence[Sequence[Any]], quoting: Literal[0, 1]) -> str:
        written = io.StringIO(newline="")
        csv.writer(written, delimiter=self._delimiter, lineterminator="\n", quoting=quoting).writerows(rows)
        return written.getvalue()


class JsonEncoder(Encoder):
    """Writes objects as they came, the new keys behind their own.

    Parameters
    ----------
    as_json : callable
        Turns the rows of a chunk into JSON objects.
    """

    def __init__(self, as_json: Callable[[Any], Iterable[str]]) -> None:
        self._as_json = as_json

    def head(self) -> bytes:
        """Return nothing."""
        return b""

    def encode(self, rows: Any, columns: dict[str, Any]) -> bytes:
        """Return objects, one a line; a missing number is null."""
        names = list(columns)
        new = zip(*[_plain(values, missing=None) for values in columns.values()], strict=True)
        lines = [
            f"{_left_open(raw)}{json.dumps(dict(zip(names, more, strict=True)), ensure_ascii=False)[1:]}\n"
            for raw, more in zip(self._as_json(rows), new, strict=True)
        ]
        return "".join(lines).encode("utf-8", "backslashreplace")


def _left_open(raw: str) -> str:
    """Return a JSON object without its end, ready for another key."""
    begun = raw[:-1].rstrip()
    return begun if begun == "{" else begun + ", "


def _as_json(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)


def _plain(values: Any, *, missing: Any) -> list[Any]:
    """Return a column as Python values, with `missing` for NaN."""
    return values if isinstance(values, list) else [missing if isnan(value) else value for value in values.tolist()]


# --- the file asked for --------------------------------------------------------------------------


def finish(part: Path, target: Path, form: Format) -> None:
    """Make the file that was asked for out of the bytes of an encoder; it appears whole or not at all.

    Parameters
    ----------
    part : Path
        The bytes; left in place unless they are the file themselves.
    target : Path
    form : Format
    """
    if not form.packing and form.kind != "parquet":
        part.replace(target)
        return
    whole = part.with_name(f"{part.name}.out")
    if form.packing:
        pack(part, whole, form.packing)
    else:
        from escalate.parquet import to_parquet

        to_parquet(part, whole)
    whole.replace(target)
