"""Errors and warnings of the library; all errors are also the built-in kind that fits."""

from __future__ import annotations

from os import PathLike, fspath
from typing import Any, TypeVar

__all__ = [
    "CalibrationError",
    "EscalateError",
    "EscalateWarning",
    "ExplanationError",
    "IndexInputError",
    "LexiconError",
    "MissingExtraError",
    "ModelFileError",
    "TextError",
    "TextTypeError",
    "extra_hint",
    "of_kind",
]

Kind = TypeVar("Kind")


class EscalateError(Exception):
    """Base class of the errors raised by `escalate`."""


class CalibrationError(EscalateError, ValueError):
    """A prevalence, or labelled texts to recalibrate with, cannot be used."""


class ExplanationError(EscalateError, ValueError):
    """An explanation was asked about a signal it does not hold, or cannot be read again."""


class IndexInputError(EscalateError, ValueError):
    """An index cannot be made: a column is missing, holds no date, or a value is out of range."""


class LexiconError(EscalateError, ValueError):
    """A lexicon file cannot be read or says something unknown."""


class MissingExtraError(EscalateError, ImportError):
    """A library is missing that comes with an extra of `escalate`."""


class ModelFileError(EscalateError, ValueError):
    """A model file is missing, damaged, foreign, or of a newer format."""


class TextError(EscalateError, ValueError):
    """A text is missing (None, NaN) where a string was expected."""


class TextTypeError(EscalateError, TypeError):
    """Something that is not a string was given where a text was expected."""


class EscalateWarning(UserWarning):
    """A score was given for a text that is not English news, or for nothing."""


def extra_hint(name: str) -> str:
    """Return how to install an extra. From a clone, since the name of this library may be another's in an index of packages.

    Parameters
    ----------
    name : str
        One of the optional dependencies in ``pyproject.toml``.

    Returns
    -------
    str
    """
    return f"install it from a clone of the repository: pip install '.[{name}]'"


def of_kind(kind: type[Kind], name: str, value: Any) -> Kind:
    """Return a value that must be a Model or a Lexicon; what is given in its place is mostly the path of its file.

    Parameters
    ----------
    kind : type
        A class of the library that has a `load`.
    name : str
        What the caller knows the value as.
    value : object

    Returns
    -------
    object
        The value itself.

    Raises
    ------
    TypeError
        When it is of another kind.
    """
    if isinstance(value, kind):
        return value
    if isinstance(value, str | PathLike):
        what, path = "text" if isinstance(value, str) else "path", fspath(value)
        raise TypeError(f"{name} is the {what} {path!r}; give escalate.{kind.__name__}.load({path!r})")
    raise TypeError(f"{name} is {type(value).__name__} ({value!r:.60}); expected what escalate.{kind.__name__}.load(path) returns")
