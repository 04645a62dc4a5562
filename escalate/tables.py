"""Labelled texts, read from CSV or JSON Lines into one table for training and evaluation."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from escalate.errors import EscalateError

__all__ = ["Table", "TableError", "read_tables", "table_of"]

RELATED = {"s_ukr": "ukr_guardian_nyt", "s_bbc": "bbc2005", "s_masakhane": "masakhane"}
"""Sources cut from the same articles: they are left out together."""

_CONTRAST = {"source": "contrasts", "selection": "contrast"}
_PARAGRAPH = {"source": "paragraphs", "selection": "paragraph", "fold": 999}

UNCERTAIN_WEIGHT = 0.3
"""Rows chosen because a model was unsure count less in calibration: there are far more of them than in the wild."""


PARAGRAPH_WEIGHT = 0.25
"""Contrast paragraphs are hard on purpose, and so count less in calibration."""


ARTICLE_WEIGHT = 3.0
"""Articles are few beside the short texts, and alone show how sentences add up."""


class TableError(EscalateError, ValueError):
    """A labelled table is missing, lacks a column, or holds a label that cannot be."""


@dataclass
class Table:
    """Labelled texts, column by column; `rung` and `direction` hold None where a text has no such label."""

    texts: list[str] = field(default_factory=list)
    escal: list[int] = field(default_factory=list)
    rung: list[int | None] = field(default_factory=list)
    direction: list[int | None] = field(default_factory=list)
    group: list[str] = field(default_factory=list)
    fold: list[int] = field(default_factory=list)
    form: list[str] = field(default_factory=list)
    selection: list[str] = field(default_factory=list)
    mode: list[str] = field(default_factory=list)
    confidence: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    date: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, row: Mapping[str, Any], where: str) -> None:
        """Add one labelled text."""
        text = row.get("text")
        if not isinstance(text, str):
            raise TableError(f"{where}: column 'text' is missing or not a string (got {text!r})")
        rung = _label(row, "rung", range(6), where, optional=True)
        source = "own" if row.get("source") in (None, "") else str(row["source"])
        self.texts.append(text)
        self.escal.append(_label(row, "escal", (0, 1), where) or 0)
        self.rung.append(rung)
        self.direction.append(_label(row, "direction", (-1, 0, 1), where, optional=True))
        self.source.append(source)
        self.date.append(str(row.get("date") or ""))
        self.group.append(RELATED.get(source, source))
        self.fold.append(_label(row, "fold", range(1000), where, optional=True) or 0)
        self.form.append(str(row.get("form") or ""))
        self.selection.append(str(row.get("selection") or ""))
        self.mode.append(str(row.get("mode") or ""))
        self.confidence.append(str(row.get("confidence") or ""))

    def weights(self) -> list[float]:
        """Return the weight of each row in calibration."""
        special = {"uncertain": UNCERTAIN_WEIGHT, "contrast": 0.0, "paragraph": PARAGRAPH_WEIGHT}
        usual = [ARTICLE_WEIGHT if form == "article" else 1.0 for form in self.form]
        return [special.get(selection, weight) for selection, weight in zip(self.selection, usual, strict=True)]

    def extend(self, other: Table) -> Table:
        """Append the rows of `other` and return the table itself."""
        for name in self.__dataclass_fields__:
            getattr(self, name).extend(getattr(other, name))
        return self

    def subset(self, rows: Sequence[int]) -> Table:
        """Return the given rows as a new table."""
        return Table(**{name: [getattr(self, name)[i] for i in rows] for name in self.__dataclass_fields__})


def table_of(
    texts: Sequence[str], labels: Sequence[int], levels: Sequence[int] | None = None, groups: Sequence[Any] | None = None
) -> Table:
    """Return labelled texts as a table; without groups they are dealt to five, positives and negatives evenly."""
    columns = {"labels": labels, "levels": levels, "groups": groups}
    for name, column in columns.items():
        if column is not None and len(column) != len(texts):
            raise TableError(f"{len(texts)} texts but {len(column)} {name}; give one for each text")
    if len(set(labels)) < 2:
        raise TableError(f"all {len(texts)} labels are the same or there are none; training needs texts with label 0 and with label 1")
    table = Table()
    dealt = {0: 0, 1: 0}
    for at, text in enumerate(texts):
        label = _whole(_plain(labels[at]))
        row = {"text": text, "escal": label if label is not None else labels[at], "rung": None if levels is None else _plain(levels[at])}
        table.add(row | {"source": dealt.get(label or 0, 0) % 5 if groups is None else groups[at]}, f"position {at}")
        dealt[label or 0] += 1
    return table


def _plain(value: Any) -> Any:
    """Return a numpy scalar as the Python number it is."""
    return value.item() if hasattr(value, "item") else value


def read_tables(paths: Iterable[str | Path]) -> Table:
    """Return the rows of several CSV or JSON Lines files.

    Parameters
    ----------
    paths : iterable of path
        Files with columns ``text`` and ``escal``, and if there are any ``rung``, ``direction``, ``source``, ``fold``, ``form``,
        ``selection``. In a ``.jsonl`` file a row with a ``group`` but no ``source`` is a contrast sentence (always learned from,
        never measured), or with form ``article`` a contrast paragraph (which trains the pooling layer).

    Returns
    -------
    Table

    Raises
    ------
    TableError
        Names the file and line, what was found and what was expected.
    """
    table = Table()
    files = [Path(path) for path in paths]
    for path in files:
        try:
            for line, row in _json_lines(path) if path.suffix in {".jsonl", ".ndjson"} else _csv_rows(path):
                table.add(row, f"{path}, line {line}")
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise TableError(f"{path}: {error}") from error
    if not len(table):
        raise TableError("no labelled rows in " + ", ".join(map(str, files)))
    return table


def _whole(value: Any) -> int | None:
    """Return a whole number, written as such or as text; None for anything else."""
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"text", "escal"} - set(reader.fieldnames or ())
        if missing:
            raise TableError(f"{path}: no column {sorted(missing)[0]!r}; found {reader.fieldnames}")
        for row in reader:
            yield reader.line_num, row


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                row = _json_row(line, f"{path}, line {number}")
                if "group" in row and "source" not in row:
                    row |= _PARAGRAPH if row.get("form") == "article" else _CONTRAST
                yield number, row


def _json_row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise TableError(f"{where}: not valid JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(row, dict):
        raise TableError(f"{where}: expected a JSON object, got {type(row).__name__}")
    return row


def _label(row: Mapping[str, Any], name: str, allowed: Iterable[int], where: str, *, optional: bool = False) -> int | None:
    value = row.get(name)
    if optional and value in (None, ""):
        return None
    number = _whole(value)
    if number is None or number not in allowed:
        raise TableError(f"{where}: {name} is {value!r}; expected one of {list(allowed)[:8]}")
    return number
