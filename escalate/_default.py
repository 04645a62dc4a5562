"""The default model, loaded once at first use, and the two calls on it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, overload

from escalate.errors import of_kind
from escalate.model import FloatArray, Model, Texts
from escalate.modelfile import default_folder
from escalate.thresholds import Threshold

if TYPE_CHECKING:
    from escalate.explanation import Explanation

__all__ = ["default_model", "explain", "model_card", "score", "score_interval", "thresholds"]


@cache
def default_model() -> Model:
    """Return the default model; it is read from disk once.

    Returns
    -------
    Model
    """
    return Model.load()


@overload
def score(text: str, *, prevalence: float | None = None) -> float: ...
@overload
def score(text: Texts, *, prevalence: float | None = None) -> FloatArray: ...
def score(text: str | Texts, *, prevalence: float | None = None) -> float | FloatArray:
    """Return the probability that a trained coder would mark the text as reporting military escalation.

    Parameters
    ----------
    text : str or iterable of str
        One text, or a list, array or Series of texts.
    prevalence : float, optional
        Share of texts in your collection that report escalation, if you know it; see :meth:`Model.with_prevalence`.

    Returns
    -------
    float or ndarray of float64
        Between 0 and 1: of 100 texts scored 0.7 about 70 report a current step that uses, credibly threatens, prepares or
        enables military force. For several texts an array of the same length and order.

    Raises
    ------
    TextTypeError
        When something is not a string (a TypeError).
    TextError
        When a text is missing, None or NaN (a ValueError).
    CalibrationError
        When `prevalence` is not between 0 and 1 (a ValueError).

    Warns
    -----
    EscalateWarning
        When a text is not English news: another language, code, numbers, damaged data, nothing. It is scored all the same, and
        ``explain(text).warning`` says the same words. Silence it with ``warnings.simplefilter("ignore", EscalateWarning)``.

    Examples
    --------
    >>> score("Rebels shelled the border town overnight, killing six soldiers.") > 0.9
    True
    >>> score(["Parliament debated the budget.", "Warships have sailed for the strait."]).shape
    (2,)
    """
    return default_model().score(text, prevalence=prevalence)


def explain(text: str) -> Explanation:
    """Return the score of one text with everything that made it.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    Explanation
        Score, log-odds, level (0-5), direction (-1 to 1), signals, words and sentences. The contributions sum to the log-odds.

    Examples
    --------
    >>> explain("The army shelled two villages.").signals[0].family
    'strike'
    """
    return default_model().explain(text)


def score_interval(texts: Texts) -> FloatArray:
    """Return the interval around the score of each text; see :meth:`Model.score_interval`.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    ndarray of float64, shape (n_texts, 2)
        Low and high end, between 0 and 1: of 50 texts of one source with about this score, the share that coders mark lies between them
        in nine cases of ten.

    Examples
    --------
    >>> score_interval(["Jets bombed the port overnight.", "The museum opens at nine."]).shape
    (2, 2)
    """
    return default_model().score_interval(texts)


def thresholds() -> list[Threshold]:
    """Return recommended cut-offs of the default model; see :meth:`Model.thresholds`.

    Returns
    -------
    list of Threshold

    Examples
    --------
    >>> for cut in thresholds():
    ...     assert 0 < cut.score < 1 and 0 <= cut.unseen_recall <= 1
    """
    return default_model().thresholds()


def model_card(model: Model | None = None) -> str:
    """Return the card of a model: what it says, what it learned from, how good it is, where it fails.

    Parameters
    ----------
    model : Model, optional
        Default the default model, whose card lies beside it; that of another is made from the facts in its file.

    Returns
    -------
    str
        Markdown; ``print(escalate.model_card())``.

    Examples
    --------
    >>> print(model_card().splitlines()[0])
    # Model card
    """
    if model is None:
        return (default_folder() / "CARD.md").read_text(encoding="utf-8")
    from escalate.card import card_text

    return card_text(of_kind(Model, "model", model))
