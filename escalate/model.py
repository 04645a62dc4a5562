"""The model: features -> log-odds -> probability, level and direction; read from and written to a plain JSON file.

Everything is linear, so a score can be taken apart again without remainder. A *head* is one linear reading of the same features:
``escal`` (the score), ``rung1`` .. ``rung5`` (at least that rung; together the level), ``raises`` and ``lowers`` (the direction).
A head values each sentence and the union of all sentences; a second small linear layer pools these values into one log-odds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from escalate.context import RawSignal, find_signals, is_covered, quiet_spans
from escalate.errors import EscalateError, TextError, TextTypeError
from escalate.explain import Explanation, build_explanation
from escalate.features import FeatureReader
from escalate.lexicon import Lexicon
from escalate.matching import Matcher, SentenceHits
from escalate.text import Document

if TYPE_CHECKING:
    from escalate.rating import HeadStack, Ratings

__all__ = ["HEADS", "Head", "Model", "Reading", "Texts", "Unit"]

HEADS = ("escal", "rung1", "rung3", "rung4", "rung5", "raises", "lowers")
"""Names of the heads. ``rung2`` is ``escal`` itself: the codebook's target is rung 2 and above."""

FloatArray = NDArray[np.float64]


class SupportsArray(Protocol):
    """What can be turned into a numpy array, such as a pandas Series."""

    def __array__(self) -> NDArray[Any]: ...


Texts = list[str] | tuple[str, ...] | Iterator[str] | NDArray[Any] | SupportsArray
"""Several texts: a list, tuple, iterator, array or Series of str."""


@dataclass(slots=True)
class Unit:
    """A sentence as numbers: which features hold, which learned words stand in it, how long it is."""

    features: set[int]
    words: set[int]
    tokens: float


@dataclass(slots=True)
class Reading:
    """A document read: its distinct sentences as hits, signals and units."""

    document: Document
    sentences: list[SentenceHits]
    signals: list[list[RawSignal]]
    units: list[Unit]

    @property
    def union(self) -> Unit:
        """All sentences taken together as one unit."""
        return union_of(self.units)


@dataclass(slots=True)
class Head:
    """One linear reading of the features, and how its sentence values are pooled.

    Attributes
    ----------
    intercept : float
        Value of a sentence without any feature.
    features, words : list of float
        Weight of each feature, and of each learned word before its length scaling.
    pooling : list of float
        Weights of: constant, union, mean, maximum, mean of the top three, lead, log of the number of sentences. The mean enters
        as its difference from the union, the next three as differences from the mean, all but constant and union times
        :func:`length_share`.
    """

    intercept: float
    features: list[float]
    words: list[float]
    pooling: list[float]

    def value(self, unit: Unit) -> float:
        """Return the value of one unit (log-odds before pooling)."""
        total = self.intercept + math.fsum(map(self.features.__getitem__, unit.features))
        if unit.words:
            total += word_scale(unit.tokens) * math.fsum(map(self.words.__getitem__, unit.words))
        return total

    def shares(self, values: Sequence[float]) -> tuple[list[float], float, float]:
        """Return the weight of each sentence, that of the union, and the constant, which together give the pooled log-odds."""
        constant, union, mean, peak, top, lead, size = self.pooling
        count = len(values)
        part = length_share(count)
        shares = [part * (mean - peak - top - lead) / count] * count
        order = sorted(range(count), key=lambda i: -values[i])
        shares[order[0]] += part * peak
        for i in order[:3]:
            shares[i] += part * top / min(3, count)
        shares[0] += part * lead
        return shares, union - part * mean, constant + part * size * math.log(min(count, 40))

    def log_odds(self, units: Sequence[Unit], union: Unit) -> float:
        """Return the pooled log-odds of a document."""
        if len(units) == 1:
            return self.pooling[0] + self.pooling[1] * self.value(union)
        values = [self.value(unit) for unit in units]
        shares, share, constant = self.shares(values)
        return constant + math.fsum([w * v for w, v in zip(shares, values, strict=True)]) + share * self.value(union)


def union_of(units: Sequence[Unit]) -> Unit:
    """Return several units taken together as one."""
    if len(units) == 1:
        return units[0]
    return Unit(set().union(*[u.features for u in units]), set().union(*[u.words for u in units]), sum(u.tokens for u in units))


def length_share(count: int) -> float:
    """Return how far a text of so many sentences is read sentence by sentence: 0 for one, fully from five on."""
    return min(1.0, (count - 1) / 4.0)


def tokens(document: Document, sentence: SentenceHits) -> float:
    """Return the length of a sentence in words of five letters, which no spelling of blanks and stops can change."""
    start, end = sentence.start, sentence.end
    return (end - start - document.words.count(b" ", start, end)) / 5.0


def word_scale(tokens: float) -> float:
    """Return the weight of one learned word in a unit of so many words: long units would otherwise shout."""
    return 3.0 / math.sqrt(max(tokens, 4))


def sigmoid(x: float) -> float:
    """Return the probability of log-odds `x`, without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


@dataclass
class Model:
    """A trained scorer.

    Attributes
    ----------
    lexicon : Lexicon
        The grammar of signals.
    vocabulary : list of str
        Learned words and short phrases; ``*`` marks a stem.
    features : list of str
        Names of the other features.
    heads : dict of str to Head
        The linear readings; see the module's docstring.
    meta : dict
        What the model learned from, when, and how good it is.

    Examples
    --------
    >>> import escalate
    >>> model = escalate.Model.load()
    >>> model.score("The museum opens at nine.") < 0.1
    True
    """

    lexicon: Lexicon
    vocabulary: list[str]
    features: list[str]
    heads: dict[str, Head]
    meta: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def matcher(self) -> Matcher:
        """The automaton over lexicon and vocabulary, built at first use."""
        return Matcher(self.lexicon, self.vocabulary)

    @cached_property
    def reader(self) -> FeatureReader:
        """Gives the features of sentences as their numbers in `features`."""
        return FeatureReader(self.matcher, self.features)

    @cached_property
    def stack(self) -> HeadStack:
        """The heads side by side, which value many texts at once."""
        from escalate.rating import HeadStack

        return HeadStack(self.heads)

    # --- reading a text ------------------------------------------------------------------------

    def read(self, text: str) -> Reading:
        """Return `text` read into sentences, signals and units; repeated sentences are read once."""
        document = Document.read(text)
        sentences = self.matcher.scan(document)
        if len(sentences) > 1:
            different: dict[bytes, SentenceHits] = {}
            for sentence in sentences:
                different.setdefault(document.words[sentence.start : sentence.end].strip(), sentence)
            sentences = list(different.values())
        matcher, reader, learned = self.matcher, self.reader, self.matcher.learned
        signals = [find_signals(document, sentence, matcher) for sentence in sentences]
        for sentence, found in zip(sentences, signals, strict=True):
            if found and (quiet := quiet_spans(found, matcher.lexicon.families)):
                sentence.words = [hit for hit in sentence.words if not is_covered(hit[1], hit[2], quiet)]
        units = [
            Unit(
                reader.read(document, sentence, found),
                {word for hit in sentence.words for word in learned[hit[0]]},
                tokens(document, sentence),
            )
            for sentence, found in zip(sentences, signals, strict=True)
        ]
        return Reading(document, sentences, signals, units)

    # --- scoring -------------------------------------------------------------------------------

    @overload
    def score(self, text: str) -> float: ...
    @overload
    def score(self, text: Texts) -> FloatArray: ...
    def score(self, text: str | Texts) -> float | FloatArray:
        """Return the probability that a trained coder would mark the text as reporting military escalation.

        Parameters
        ----------
        text : str or iterable of str
            One text, or a list, array or Series of texts.

        Returns
        -------
        float or ndarray of float64
            Between 0 and 1; for several texts an array of the same length and order.

        Raises
        ------
        TextTypeError
            When something is not a string; for several texts the position is named.
        TextError
            When a text is missing (None or NaN).

        Examples
        --------
        >>> import escalate
        >>> escalate.score("Rebels shelled the border town overnight, killing six soldiers.") > 0.9
        True
        >>> escalate.score(["Parliament debated the budget.", "The fleet has sailed for the strait."]).shape
        (2,)
        """
        if isinstance(text, str):
            return self._score_one(text)
        return np.fromiter((self._score_one(t) for t in checked_texts(text)), dtype=np.float64)

    def _score_one(self, text: str) -> float:
        reading = self.read(text)
        return sigmoid(self.heads["escal"].log_odds(reading.units, reading.union))

    def explain(self, text: str) -> Explanation:
        """Return the score of one text with everything that made it.

        Parameters
        ----------
        text : str
            The text.

        Returns
        -------
        Explanation
            Score, log-odds, level, direction, signals, words and sentences; the contributions sum to the log-odds.

        Examples
        --------
        >>> import escalate
        >>> found = escalate.explain("The army shelled two villages.")
        >>> found.signals[0].family, found.signals[0].mode
        ('strike', 'actual')
        """
        if not isinstance(text, str):
            raise _text_error(text, "expected str")
        return build_explanation(self, self.read(text))

    def readings(self, reading: Reading) -> dict[str, float]:
        """Return the pooled log-odds of every head."""
        union = reading.union
        return {name: head.log_odds(reading.units, union) for name, head in self.heads.items()}

    def rate(self, units: Sequence[Sequence[Unit]]) -> Ratings:
        """Return score, level and direction of several texts, all from the one reading that gave their units.

        Parameters
        ----------
        units : sequence of sequence of Unit
            The units of each text, ``model.read(text).units``.

        Returns
        -------
        Ratings
            Three arrays in the order of the texts. The score is what :meth:`score` gives; level and direction are what
            :meth:`explain` gives, to the last bits.
        """
        from escalate.rating import rate

        return rate(self, units)

    # --- files ---------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: str | Path | None = None) -> Model:
        """Read a model file; without `path` the default model.

        Parameters
        ----------
        path : path, optional
            A ``model.json`` or the folder that holds it.

        Returns
        -------
        Model

        Raises
        ------
        ModelFileError
            When the file is missing, damaged, foreign or of a newer format.
        """
        from escalate.modelfile import read_model

        return read_model(path)

    def save(self, path: str | Path) -> None:
        """Write the model to `path` (a ``.json`` file or a folder) as plain JSON with its own checksum.

        Parameters
        ----------
        path : path
            Where to; parent folders are made.
        """
        from escalate.modelfile import write_model

        write_model(self, path)


def level_of(readings: Mapping[str, float]) -> float:
    """Return the expected rung, 0 to 5: the sum of the probabilities of reaching each rung."""
    at_least = [sigmoid(readings[name]) for name in ("rung1", "escal", "rung3", "rung4", "rung5")]
    ordered = np.minimum.accumulate(at_least[1:])
    return float(max(at_least[0], at_least[1]) + ordered.sum())


def direction_of(readings: Mapping[str, float]) -> float:
    """Return the direction, -1 (lowers the risk) to 1 (raises it)."""
    return sigmoid(readings["raises"]) - sigmoid(readings["lowers"])


def checked_texts(texts: Any) -> Iterator[str]:
    """Yield the texts; raise with the position of the first that is not a string."""
    if isinstance(texts, bytes | bytearray | Mapping) or hasattr(texts, "columns"):
        raise _text_error(texts, "expected a str or a sequence of str")
    try:
        items = iter(texts)
    except TypeError:
        raise _text_error(texts, "expected a str or a sequence of str") from None
    for position, text in enumerate(items):
        if not isinstance(text, str):
            raise _text_error(text, f"text at position {position}: expected str")
        yield text


def is_missing(value: Any) -> bool:
    """Say whether a value stands for no value: None, a NaN, or the NA and NaT of pandas."""
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value)) or type(value).__name__ in ("NAType", "NaTType")


def _text_error(text: Any, expected: str) -> EscalateError:
    missing = is_missing(text)
    message = f"{expected}, got {type(text).__name__} ({text!r:.60}); {_advice(text, missing=missing)}"
    return TextError(message) if missing else TextTypeError(message)


def _advice(text: Any, *, missing: bool) -> str:
    if isinstance(text, bytes | bytearray):
        return "decode it first, for example data.decode('utf-8')"
    if missing:
        return "drop or fill missing texts first, for example series.dropna()"
    if isinstance(text, Mapping) or hasattr(text, "columns"):
        return "pass one column or the values, for example df['text']"
    return "pass the text itself"
