"""What is made when first asked for: entries of tables, of which a text meets few, and parts of a model, which threads share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import Any, Self, TypeVar, overload

__all__ = ["Lazy", "Once"]

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


class Once(cached_property[Value]):
    """A cached property that is made once, however many threads ask for it first.

    That of Python makes one for each of them from 3.12 on: threads would then read the numbers of one matcher in the tables of another.

    Parameters
    ----------
    make : callable
        Gives the value for an object.

    Examples
    --------
    >>> class Circle:
    ...     @Once
    ...     def centre(self) -> list[int]:
    ...         return [0, 0]
    >>> circle = Circle()
    >>> circle.centre is circle.centre
    True
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        super().__init__(make)
        self._making = RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Value: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
        with self._making:
            return super().__get__(instance, owner)
