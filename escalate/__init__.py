"""Calibrated scores of military escalation in news text, with the reasons.

>>> import escalate
>>> escalate.score("The museum opens at nine.") < 0.1
True
"""

from escalate._default import default_model, explain, score
from escalate.errors import EscalateError, LexiconError, ModelFileError, TextError, TextTypeError
from escalate.explain import Explanation, Sentence, Signal, Word
from escalate.frame import score_frame
from escalate.lexicon import Lexicon
from escalate.model import Model

__version__ = "0.1.0"

__all__ = [
    "EscalateError",
    "Explanation",
    "Lexicon",
    "LexiconError",
    "Model",
    "ModelFileError",
    "Sentence",
    "Signal",
    "TextError",
    "TextTypeError",
    "Word",
    "default_model",
    "explain",
    "score",
    "score_frame",
]
