"""Calibrated scores of military escalation in news text, with the reasons.

>>> import escalate
>>> escalate.score("The museum opens at nine.") < 0.1
True
"""

from escalate._default import default_model, explain, model_card, score
from escalate.errors import (
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

__version__ = "0.1.0"

__all__ = [
    "EscalateError",
    "EscalateWarning",
    "Explanation",
    "ExplanationError",
    "Lexicon",
    "LexiconError",
    "MissingExtraError",
    "Model",
    "ModelFileError",
    "Sentence",
    "Signal",
    "TextError",
    "TextTypeError",
    "Word",
    "default_model",
    "explain",
    "model_card",
    "score",
]
