"""One pass over a table of articles for a report: what each text scores, what it is about, and what could not be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from escalate.article import article_of, fault_of, in_words
from escalate.calibration import sigmoid
from escalate.errors import IndexInputError
from escalate.evidence import evidence_of
from escalate.files import Format, open_source
from escalate.index import column_of
from escalate.language import doubt
from escalate.model import Model, direction_of, level_of

__all__ = ["NUMBERS", "Survey", "Unread", "article_in", "read_rows", "survey"]

CURRENT = frozenset({"actual", "threatened"})
"""Modes in which a signal tells what an article is about; a strike long past or only feared is not counted."""

CHUNK_ROWS = 1000

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
        One row an article, in the order of the input: ``row, date, text, title, source, label`` as far as they were given, the columns
        of `NUMBERS`, NaN where there is no text, ``fault``: why there is none, and ``doubt``: why the text is not English news, or nothing.
    families : list of frozenset of str
        Signal families that each article reports as current or threatened.
    unread : list of Unread
    """

    table: pd.DataFrame
    families: list[frozenset[str]]
    unread: list[Unread]


# --- files ---------------------------------------------------------------------------------------


def read_rows(path: Path, text: str = "text") -> tuple[pd.DataFrame, list[Unread]]:
    """Read a whole table from CSV, TSV, JSON Lines (also packed) or Parquet; lines that are no rows are listed.

    Parameters
    ----------
    path : Path
    text : str
        The column of texts, which must be there.

    Returns
    -------
    tuple of DataFrame and list of Unread
        Rows are labelled ``row 1``, ``row 2`` and so on; of what is no row the line is given.

    Raises
    ------
    BatchError
        When the file is of another kind, or has no such column.
    IndexInputError
        When it holds no row.
    """
    form = Format.of(str(path))
    source = open_source(str(path), form, text, None, ())
    rows: list[dict[str, Any]] = []
    unread: list[Unread] = []
    with closing(source):
        for chunk in source.chunks(CHUNK_ROWS):
            rows += _dicts(chunk.rows, form.kind, source.names)
            unread += [Unread(f"line {reject.line}", reject.reason) for reject in chunk.rejects]
    if not rows:
        raise IndexInputError(f"{path}: no row could be read" + (f"; {unread[0].where}: {unread[0].reason}" if unread else ""))
    # Plain objects: the strings of pandas hold no lone surrogates, which JSON may.
    return pd.DataFrame(rows, [f"row {number}" for number in range(1, len(rows) + 1)], dtype=object), unread


def _dicts(rows: Any, kind: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a chunk as dicts."""
    if kind == "parquet":
        found: list[dict[str, Any]] = rows.to_pylist()
        return found
    return [json.loads(row) for row in rows] if kind == "jsonl" else [dict(zip(names, row, strict=True)) for row in rows]


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
        When a column is missing or stands twice, or `df` is no DataFrame of pandas.
    """
    found = {role: column_of(df, name).to_list() for role, name in columns.items() if name is not None}
    table = pd.DataFrame({role: pd.Series(values, dtype=object) for role, values in found.items()})
    table.insert(0, "row", pd.Series([str(label) for label in df.index], dtype=object))
    rows = table.to_dict("records")
    texts = [article_in(row) for row in rows]
    numbers = np.full((len(texts), len(NUMBERS)), np.nan)
    families: list[frozenset[str]] = []
    for at, text in enumerate(texts):
        about: frozenset[str] = frozenset()
        if text:
            numbers[at], about = _look(model, text)
        families.append(about)
    table[list(NUMBERS)] = numbers
    table["fault"] = pd.Series([in_words(fault_of(*_pair(row))) for row in rows], dtype=object)
    table["doubt"] = pd.Series([doubt(text) if text else "" for text in texts], dtype=object)
    return Survey(table, families, unread)


def article_in(row: Mapping[Any, Any]) -> str:
    """Return what is scored of a row of a survey, or nothing; in a table without texts the titles are the texts.

    Parameters
    ----------
    row : mapping
        Its ``text`` and ``title``, as far as the table has them.

    Returns
    -------
    str
    """
    pair = _pair(row)
    return "" if fault_of(*pair) else article_of(*pair)


def _pair(row: Mapping[Any, Any]) -> tuple[Any, Any]:
    return (row["text"], row.get("title")) if "text" in row else (row.get("title"), None)


def _look(model: Model, text: str) -> tuple[tuple[float, ...], frozenset[str]]:
    """Return the numbers of a text and what it is about."""
    reading = model.read(text)
    readings = model.readings(reading)
    evidence = evidence_of(reading.document, reading.sentences)
    low, high = model.calibration.interval(readings["escal"], evidence.known)
    score = sigmoid(readings["escal"])
    about = frozenset(signal.family for signals in reading.signals for signal in signals if signal.mode in CURRENT)
    return (score, level_of(readings), direction_of(readings), low, high, evidence.words, evidence.known), about
