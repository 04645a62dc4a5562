"""Tables whose entries are made when first asked for: a text meets few of all that could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Lazy"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class Lazy(dict[Key, Value]):
    """A dict that makes a missing entry from its key, and keeps it.

    Parameters
    ----------
    make : callable
        Gives the value of a key.

    Examples
    --------
    >>> squares = Lazy(lambda n: n * n)
    >>> squares[3], dict(squares)
    (9, {3: 9})
    """

    def __init__(self, make: Callable[[Key], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Value:
        self[key] = self._make(key)
        return self[key]
