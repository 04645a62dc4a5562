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
    LexiconError,
    MissingExtraError,
    ModelFileError,
    TextError,
    TextTypeError,
)
from escalate.explain import Explanation, Sentence, Signal, Word
from escalate.lexicon import Lexicon
from escalate.model import Model
from escalate.thresholds import Threshold

if TYPE_CHECKING:
    from escalate.estimators import EscalationClassifier, SignalVectorizer
    from escalate.frame import score_frame
    from escalate.training import train

__version__ = "0.1.0"

__all__ = [
    "CalibrationError",
    "EscalateError",
    "EscalateWarning",
    "EscalationClassifier",
    "Explanation",
    "ExplanationError",
    "Lexicon",
    "LexiconError",
    "MissingExtraError",
    "Model",
    "ModelFileError",
    "Sentence",
    "Signal",
    "SignalVectorizer",
    "TextError",
    "TextTypeError",
    "Threshold",
    "Word",
    "default_model",
    "explain",
    "model_card",
    "score",
    "score_frame",
    "score_interval",
    "thresholds",
    "train",
]

_LATER = {"EscalationClassifier": "estimators", "SignalVectorizer": "estimators", "score_frame": "frame", "train": "training"}
"""Names that need more than scoring does: imported when first asked for."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'escalate' has no attribute {name!r}")
    return getattr(import_module(f"escalate.{_LATER[name]}"), name)
