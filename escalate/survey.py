"""One pass over a table of articles for a report: what each text scores, what it is about, and what could not be read."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from escalate.calibration import sigmoid
from escalate.errors import IndexInputError
from escalate.evidence import evidence_of
from escalate.model import Model, direction_of, level_of

__all__ = ["NUMBERS", "Survey", "Unread", "read_rows", "survey"]

CURRENT = frozenset({"actual", "threatened"})
"""Modes in which a signal tells what an article is about; a strike long past or only feared is not counted."""

NUMBERS = ("risk", "level", "direction", "low", "high", "words", "known")
"""What is found for each text."""


class Unread(NamedTuple):
    """A row that could not be read.

    Attributes
    ----------
    where : str
        Line or row.
    reason : str
    """

    where: str
    reason: str


@dataclass(frozen=True)
class Survey:
    """Everything a report tells of its input.

    Attributes
    ----------
    table : DataFrame
        One row an article, in the order of the input: ``row, date, text, title, source, label`` as far as they were given, and the
        columns of `NUMBERS`, NaN where there is no text.
    families : list of frozenset of str
        Signal families that each article reports as current or threatened.
    unread : list of Unread
    """

    table: pd.DataFrame
    families: list[frozenset[str]]
    unread: list[Unread]


# --- files ---------------------------------------------------------------------------------------


def read_rows(path: Path) -> tuple[pd.DataFrame, list[Unread]]:
    """Read a table from CSV, TSV or JSON Lines; lines that are no rows are listed, and the others are read.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of DataFrame and list of Unread
        Rows are labelled by the line they begin on.

    Raises
    ------
    IndexInputError
        When the file is of another kind, is not UTF-8, or holds no row.
    """
    readers = {".csv": _csv, ".tsv": _tsv, ".jsonl": _json_lines, ".ndjson": _json_lines}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise IndexInputError(f"{path}: cannot tell what kind of file this is; expected a name that ends in {', '.join(readers)}")
    unread: list[Unread] = []
    rows = dict(reader(path, unread))
    if not rows:
        raise IndexInputError(f"{path}: no row could be read" + (f"; {unread[0].where}: {unread[0].reason}" if unread else ""))
    # Plain objects: the strings of pandas hold no lone surrogates, which JSON may.
    return pd.DataFrame(list(rows.values()), pd.Index([f"line {line}" for line in rows]), dtype=object), unread


def _csv(path: Path, unread: list[Unread], delimiter: str = ",") -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=delimiter)
            header = next(reader, [])
            line = reader.line_num + 1
            for row in reader:
                if len(row) == len(header):
                    yield line, dict(zip(header, row, strict=True))
                elif row:
                    unread.append(Unread(f"line {line}", f"{len(row)} fields where the header has {len(header)}"))
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise IndexInputError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); convert it first") from error
    except csv.Error as error:
        raise IndexInputError(f"{path}: {error}") from error


def _tsv(path: Path, unread: list[Unread]) -> Iterator[tuple[int, dict[str, Any]]]:
    return _csv(path, unread, "\t")


def _json_lines(path: Path, unread: list[Unread]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            unread.append(Unread(f"line {number}", f"not UTF-8 ({error.reason} at byte {error.start} of the line)"))
            continue
        except json.JSONDecodeError as error:
            unread.append(Unread(f"line {number}", f"not JSON ({error.msg} at column {error.colno})"))
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            unread.append(Unread(f"line {number}", f"expected an object, got {type(row).__name__}"))


# --- the pass ------------------------------------------------------------------------------------


def survey(df: pd.DataFrame, columns: dict[str, str | None], model: Model, unread: list[Unread]) -> Survey:
    """Score a table and note what each text is about.

    Parameters
    ----------
    df : DataFrame
    columns : dict of str to str or None
        Names of the columns that hold ``date, text, title, source, label``; None for what the table has not.
    model : Model
    unread : list of Unread
        What could not be read before.

    Returns
    -------
    Survey

    Raises
    ------
    IndexInputError
        When a column is missing.
    """
    if missing := [name for name in columns.values() if name is not None and name not in df.columns]:
        raise IndexInputError(f"no column {missing[0]!r}; the table has {', '.join(map(str, df.columns))}")
    table = pd.DataFrame({role: pd.Series(df[name].tolist(), dtype=object) for role, name in columns.items() if name is not None})
    table.insert(0, "row", pd.Series([str(label) for label in df.index], dtype=object))
    texts = [_text(row.get("title"), row.get("text")) for row in table.to_dict("records")]
    numbers = np.full((len(texts), len(NUMBERS)), np.nan)
    families: list[frozenset[str]] = []
    for at, text in enumerate(texts):
        about: frozenset[str] = frozenset()
        if text:
            numbers[at], about = _look(model, text)
        families.append(about)
    table[list(NUMBERS)] = numbers
    return Survey(table, families, unread)


def _text(title: Any, body: Any) -> str:
    return "\n\n".join(part for part in (title, body) if isinstance(part, str) and part.strip())


def _look(model: Model, text: str) -> tuple[tuple[float, ...], frozenset[str]]:
    """Return the numbers of a text and what it is about."""
    reading = model.read(text)
    readings = model.readings(reading)
    evidence = evidence_of(reading.document, reading.sentences)
    low, high = model.calibration.interval(readings["escal"], evidence.known)
    score = sigmoid(readings["escal"])
    about = frozenset(signal.family for signals in reading.signals for signal in signals if signal.mode in CURRENT)
    return (score, level_of(readings), direction_of(readings), low, high, evidence.words, evidence.known), about
