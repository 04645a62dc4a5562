"""Errors and warnings of the library; all errors are also the built-in kind that fits."""

from __future__ import annotations

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
]


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
    """A score was given for a text that is no English news, or for nothing."""
