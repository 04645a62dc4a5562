"""Labels as callers hand them over: a list, an array, a Series or a generator, read by position and as whole numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from escalate.errors import EscalateError

__all__ = ["read_column", "read_labels", "whole"]

_WHOLE = re.compile(r"-?[0-9]{1,9}(?:\.0*)?")
"""A whole number as text; pandas writes one with ``.0`` where others of its column are missing."""


def read_column(values: Any, name: str, count: int, error: type[EscalateError]) -> list[Any]:
    """Return one value for each of `count` texts, by position: what the index of a Series says does not matter.

    Parameters
    ----------
    values : iterable
        A list, an array or Series of one dimension, a generator.
    name : str
        What the caller knows it as.
    count : int
        Number of the texts.
    error : type of EscalateError
        What to raise when it is of another kind or length.

    Returns
    -------
    list
    """
    if not _is_column(values):
        raise error(f"{name}: expected a list, array or Series with one value for each text, got {_described(values)}")
    found = [_plain(value) for value in values]
    if len(found) != count:
        raise error(f"{count} texts but {len(found)} {name}; give one for each text")
    return found


def _is_column(values: Any) -> bool:
    """Say whether values stand in an order of their own, one after the other."""
    unordered_or_text = isinstance(values, str | bytes | bytearray | set | frozenset | Mapping)
    return isinstance(values, Iterable) and not unordered_or_text and getattr(values, "ndim", 1) == 1


def _plain(value: Any) -> Any:
    """Return a number of numpy or pyarrow as one of Python. What is masked stays so: its item would be a number that nobody gave."""
    if hasattr(value, "as_py"):
        return value.as_py()
    return value.item() if hasattr(value, "item") and type(value).__name__ != "MaskedConstant" else value


def _described(values: Any) -> str:
    shape = getattr(values, "shape", None)
    return type(values).__name__ + (f" ({values!r:.60})" if shape is None else f" of shape {shape}")


def read_labels(values: Any, count: int, error: type[EscalateError]) -> list[int]:
    """Return labels as 0 and 1: whole numbers, the same as floats, or truth values.

    Parameters
    ----------
    values : iterable
    count : int
        Number of the texts.
    error : type of EscalateError
        What to raise; it names the first position that holds no label.

    Returns
    -------
    list of int
    """
    found = read_column(values, "labels", count, error)
    labels = [int(value) if isinstance(value, bool) else whole(value) for value in found]
    for at, label in enumerate(labels):
        if label not in (0, 1):
            raise error(f"label {found[at]!r:.60} at position {at}; expected 0 or 1")
    return [label for label in labels if label is not None]


def whole(value: Any) -> int | None:
    """Return a whole number, be it an int, a float or text; None for anything else, also for a truth value.

    Examples
    --------
    >>> whole(4), whole(4.0), whole("4"), whole("4.0"), whole(4.5), whole("--4"), whole(True)
    (4, 4, 4, 4, None, None, None)
    """
    if isinstance(value, str):
        written = value.strip()
        return int(float(written)) if _WHOLE.fullmatch(written) else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
