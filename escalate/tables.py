"""Labelled texts, read from CSV or JSON Lines into one table for training and evaluation."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from escalate.errors import EscalateError
from escalate.files import PACKED
from escalate.labels import read_column, read_labels, whole
from escalate.model import is_missing

__all__ = ["Table", "TableError", "can_be_held_out", "dealt", "held_out", "read_tables", "table_of"]

RELATED = {"s_ukr": "ukr_guardian_nyt", "s_bbc": "bbc2005", "s_masakhane": "masakhane"}
"""Sources cut from the same articles: they are left out together."""

PARAGRAPH_FOLD = 999
"""Fold of the contrast paragraphs: a fold of their own."""

_CONTRAST = {"source": "contrasts", "selection": "contrast"}
_PARAGRAPH = {"source": "paragraphs", "selection": "paragraph", "fold": PARAGRAPH_FOLD}

READ = ("text", "escal", "rung", "direction", "source", "fold", "form", "selection", "mode", "confidence", "date", "group")
"""Columns that are read; others are passed over."""

WRITTEN = ("contrast", "paragraph")
"""Selections that were written to train with, and are no news."""

PARTS = 5
"""Parts to which texts are dealt where no source or fold tells them apart."""

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
    texts: Sequence[str],
    labels: Any,
    levels: Any = None,
    groups: Any = None,
    directions: Any = None,
) -> Table:
    """Return labelled texts as a table of parts that can be held out (see :func:`held_out`); all columns go by position."""
    escal = read_labels(labels, len(texts), TableError)
    if len(set(escal)) < 2:
        raise TableError(f"all {len(texts)} labels are the same or there are none; training needs texts with label 0 and with label 1")
    table = Table()
    columns = (_grades(levels, "level", range(6), len(texts)), _grades(directions, "direction", (-1, 0, 1), len(texts)))
    for at, (text, label, source, rung, direction) in enumerate(zip(texts, escal, _sources(groups, escal), *columns, strict=True)):
        table.add({"text": text, "escal": label, "rung": rung, "direction": direction, "source": source}, f"position {at}")
    return held_out(table)


def _grades(values: Any, name: str, allowed: Sequence[int], count: int) -> list[int | None]:
    """Return the levels or directions of texts, None where a text has none."""
    if values is None:
        return [None] * count
    found = [None if is_missing(value) else value for value in read_column(values, f"{name}s", count, TableError)]
    for at, value in enumerate(found):
        if value is not None and whole(value) not in allowed:
            raise TableError(f"{name} {value!r:.60} at position {at}; expected one of {list(allowed)}, or None")
    return [whole(value) for value in found]


def _sources(groups: Any, labels: Sequence[int]) -> list[Any]:
    """Return the source of each text; where none are given, each part that it is dealt to counts as one."""
    if groups is None:
        return dealt(labels)
    return [None if is_missing(group) else group for group in read_column(groups, "groups", len(labels), TableError)]


# --- parts to hold out ---------------------------------------------------------------------------


def dealt(labels: Iterable[int]) -> list[int]:
    """Return one of five parts for each label, positives and negatives evenly and in their order.

    Examples
    --------
    >>> dealt([1, 1, 0, 1, 0])
    [0, 1, 0, 2, 1]
    """
    met: Counter[int] = Counter()
    parts = []
    for label in labels:
        parts.append(met[label] % PARTS)
        met[label] += 1
    return parts


def can_be_held_out(table: Table, parts: Sequence[Any]) -> bool:
    """Say whether a model can learn from all parts but one, and be measured on that one, in turn.

    There must be two parts of news or more, and none that alone holds all texts of a label: a model without it would not know the
    label at all. Contrast sentences are learned from whatever is held out.
    """
    news = {part for part, selection in zip(parts, table.selection, strict=True) if selection not in WRITTEN}
    homes: dict[int, set[Any]] = {}
    for label, part, selection in zip(table.escal, parts, table.selection, strict=True):
        homes.setdefault(label, set()).add(None if selection == "contrast" else part)
    return len(news) != 1 and not any(len(home) == 1 and home <= news for home in homes.values())


def held_out(table: Table) -> Table:
    """Return the table with groups and folds that can be held out in turn: those that cannot are dealt anew.

    Raises
    ------
    TableError
        When a label is that of a single text, which cannot be both learned from and measured on.
    """
    count = Counter(table.escal)
    for label in sorted(count):
        if count[label] == 1 < len(count):
            raise TableError(f"label {label} is that of a single text; training needs two or more texts of each label")
    group = table.group if can_be_held_out(table, table.group) else [str(part) for part in _dealt_anew(table, table.group)]
    fold = table.fold if can_be_held_out(table, table.fold) else _dealt_anew(table, table.fold)
    return replace(table, group=group, fold=fold)


def _dealt_anew(table: Table, parts: Sequence[Any]) -> list[Any]:
    """Return new parts for the news, and for what was written to train with the old ones."""
    news = iter(dealt(label for label, selection in zip(table.escal, table.selection, strict=True) if selection not in WRITTEN))
    return [old if selection in WRITTEN else next(news) for old, selection in zip(parts, table.selection, strict=True)]


# --- files ---------------------------------------------------------------------------------------


def read_tables(paths: Iterable[str | Path]) -> Table:
    """Return the rows of several CSV or JSON Lines files.

    Parameters
    ----------
    paths : iterable of path
        Files with columns ``text`` and ``escal``, and if there are any ``rung``, ``direction``, ``source``, ``fold``, ``form``,
        ``selection``. Rows without a source count as one source together, rows without a fold as fold 0. In a ``.jsonl`` file a row
        with a ``group``, in what its texts differ (``differs``), and no ``source`` is a contrast sentence (always learned from, never
        measured), or with form ``article`` a contrast paragraph (which trains the pooling layer).

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
            for line, row in _json_lines(path) if path.suffix.lower() in {".jsonl", ".ndjson"} else _csv_rows(path):
                table.add(row, f"{path}, line {line}")
        except UnicodeDecodeError as error:
            raise TableError(f"{path}: {_not_text(path)}") from error
        except OSError as error:
            raise TableError(f"{path}: {error}") from error
    if not len(table):
        raise TableError("no labelled rows in " + ", ".join(map(str, files)))
    return table


def _not_text(path: Path) -> str:
    """Say why a file is no UTF-8 and what to do. The decoder counts bytes in blocks of its own, so the line is looked for here."""
    with path.open("rb") as file:
        head = file.read(4)
        if packed := [packing for magic, packing in PACKED.items() if head.startswith(magic)]:
            return f"the file is packed with {packed[0]}; unpack it first"
        file.seek(0)
        number = 1 + sum(1 for _ in takewhile(_is_utf8, file))
    return f"line {number} is not UTF-8 text; expected CSV or JSON Lines, convert the file to UTF-8 first"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = _quoted_rows(file, path)
        _, names = next(rows, (0, []))
        _check_header(names, path)
        for line, row in rows:
            if len(row) != len(names):
                raise TableError(f"{path}, line {line}: {len(row)} fields, the header has {len(names)}; quote texts that hold commas")
            yield line, dict(zip(names, row, strict=True))


def _quoted_rows(file: Iterable[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row, and the line on which it begins; blank lines are none."""
    reader = csv.reader(file, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise TableError(f"{path}, line {line}: broken quotes: {error}") from error
        if row is None:
            return
        if row:
            yield line, row


def _check_header(names: Sequence[str], path: Path) -> None:
    if not names:
        raise TableError(f"{path}: the file is empty; expected a header with the columns 'text' and 'escal'")
    for name in READ:
        if names.count(name) > 1:
            raise TableError(f"{path}: more than one column {name!r}; which is meant cannot be known, drop or rename the others")
    if missing := {"text", "escal"} - set(names):
        raise TableError(f"{path}: no column {sorted(missing)[0]!r}; found {names}")


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                row = _json_row(line, f"{path}, line {number}")
                if "group" in row and "differs" in row and "source" not in row:
                    row |= _PARAGRAPH if row.get("form") == "article" else _CONTRAST
                yield number, row


def _json_row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=lambda pairs: _single(pairs, where))
    except json.JSONDecodeError as error:
        raise TableError(f"{where}: not valid JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(row, dict):
        raise TableError(f"{where}: expected a JSON object, got {type(row).__name__}")
    return row


def _single(pairs: Sequence[tuple[str, Any]], where: str) -> dict[str, Any]:
    """Return an object, in which what is read stands once."""
    count = Counter(name for name, _ in pairs)
    if twice := [name for name in READ if count[name] > 1]:
        raise TableError(f"{where}: more than one {twice[0]!r}; which is meant cannot be known")
    return dict(pairs)


def _label(row: Mapping[str, Any], name: str, allowed: Iterable[int], where: str, *, optional: bool = False) -> int | None:
    value = row.get(name)
    if optional and value in (None, ""):
        return None
    number = whole(value)
    if number is None or number not in allowed:
        raise TableError(f"{where}: {name} is {value!r:.60}; expected one of {list(allowed)[:8]}")
    return number
