"""Calibrated scores of military escalation in news text, with the reasons.

>>> import escalate
>>> escalate.score("The museum opens at nine.") < 0.1
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from escalate._default import default_model, explain, model_card, score, score_interval, thresholds
from escalate.errors import (
    CalibrationError,
    EscalateError,
    EscalateWarning,
    ExplanationError,
    IndexInputError,
    LexiconError,
    MissingExtraError,
    ModelFileError,
    TextError,
    TextTypeError,
)
from escalate.lexicon import Lexicon
from escalate.model import Model
from escalate.thresholds import Threshold

if TYPE_CHECKING:
    from escalate import plot as plot
    from escalate.estimators import EscalationClassifier, SignalVectorizer
    from escalate.explanation import Explanation, Sentence, Signal, Word
    from escalate.frame import ColumnError, score_frame
    from escalate.index import RiskIndex, risk_index
    from escalate.packing import BatchError
    from escalate.tables import TableError
    from escalate.teacher import TeacherError
    from escalate.training import train

__version__ = "0.1.0"

__all__ = [
    "BatchError",
    "CalibrationError",
    "ColumnError",
    "EscalateError",
    "EscalateWarning",
    "EscalationClassifier",
    "Explanation",
    "ExplanationError",
    "IndexInputError",
    "Lexicon",
    "LexiconError",
    "MissingExtraError",
    "Model",
    "ModelFileError",
    "RiskIndex",
    "Sentence",
    "Signal",
    "SignalVectorizer",
    "TableError",
    "TeacherError",
    "TextError",
    "TextTypeError",
    "Threshold",
    "Word",
    "default_model",
    "explain",
    "model_card",
    "risk_index",
    "score",
    "score_frame",
    "score_interval",
    "thresholds",
    "train",
]

_LATER = {
    "BatchError": "packing",
    "ColumnError": "frame",
    "EscalationClassifier": "estimators",
    "Explanation": "explanation",
    "RiskIndex": "index",
    "Sentence": "explanation",
    "Signal": "explanation",
    "SignalVectorizer": "estimators",
    "TableError": "tables",
    "TeacherError": "teacher",
    "Word": "explanation",
    "risk_index": "index",
    "score_frame": "frame",
    "train": "training",
}
"""Names that need more than scoring does: imported when first asked for."""


if not TYPE_CHECKING:  # with it in sight, a type checker would take every misspelt name for Any

    def __getattr__(name: str) -> Any:
        if name == "plot":
            return import_module("escalate.plot")
        if name not in _LATER:
            raise AttributeError(f"module 'escalate' has no attribute {name!r}")
        return getattr(import_module(f"escalate.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    """Name what can be asked for, also what is not imported yet: completion and `help` look here."""
    return sorted({*globals(), *__all__, "plot"})
