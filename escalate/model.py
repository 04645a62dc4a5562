"""The model: features -> log-odds -> probability, level and direction; read from and written to a plain JSON file.

Everything is linear, so a score can be taken apart again without remainder. A *head* is one linear reading of the same features:
``escal`` (the score), ``rung1`` .. ``rung5`` (at least that rung; together the level), ``raises`` and ``lowers`` (the direction).
A head values each sentence and the union of all sentences; a second small linear layer pools these values into one log-odds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import chain
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from escalate.calibration import FULLY_READ, Calibration, fit_line, sigmoid, stretched
from escalate.context import RawSignal, find_signals, is_covered, kinds_of, quiet_spans
from escalate.errors import CalibrationError, EscalateError, TextError, TextTypeError
from escalate.evidence import known_words
from escalate.features import FeatureReader
from escalate.labels import read_labels
from escalate.language import doubt, noting_doubts, warn_of_doubt, warn_of_doubts
from escalate.lazy import Once
from escalate.lexicon import Lexicon
from escalate.matching import Matcher, SentenceHits
from escalate.pairs import PairReader
from escalate.text import Document
from escalate.thresholds import Threshold

if TYPE_CHECKING:
    from escalate.explanation import Explanation
    from escalate.rating import HeadStack, Ratings

__all__ = ["HEADS", "Head", "Model", "Reading", "Texts", "Unit"]

HEADS = ("escal", "rung1", "rung3", "rung4", "rung5", "raises", "lowers")
"""Names of the heads. ``rung2`` is ``escal`` itself: the codebook's target is rung 2 and above."""

LEVEL_SLOPE = 2.0
"""By which the log-odds of reaching a rung enter the level: it keeps away from the middle, and so nearer to what coders said than an
expected rung would (see ``docs/experiments.md``)."""

DIRECTION_SLOPE, LOWERS_BONUS = 1.5, 0.8
"""The same for the direction; and log-odds that favour its rarer side in a text of one sentence (see :func:`lowers_bonus`). Found on
left-out sources."""

SHARPNESS = 0.7
"""How sharply the highest sentence of a text stands out in its soft maximum. Found on left-out sources."""

HANDFUL = 8_000
"""Characters of texts that are read together: a hundred headlines or three articles. From twice as many on articles are read slower: the
processor forgets the texts instead of the steps."""

VERSION_LENGTH = 12
"""Characters of a checksum that name a model: two models share them by chance once in some 280 trillion pairs."""

FloatArray = NDArray[np.float64]


class SupportsArray(Protocol):
    """What can be turned into a numpy array, such as a pandas Series."""

    def __array__(self) -> NDArray[Any]: ...


Texts = list[str] | tuple[str, ...] | Iterator[str] | NDArray[Any] | SupportsArray
"""Several texts: a list, tuple, iterator, array or Series of str."""


@dataclass(slots=True)
class Unit:
    """A sentence as numbers: which features hold, which learned words and pairs stand in it, how long it is."""

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
        Weights of: constant, union, mean, maximum, mean of the top three, lead, log of the number of sentences, soft maximum (see
        :func:`soft_maximum`). The mean enters as its difference from the union, the others but the number as differences from the
        mean, all but constant and union times :func:`length_share`. Maximum and top three are what files before format 5 weigh in place
        of the soft maximum.
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
        constant, union, mean, peak, top, lead, size, soft = self.pooling
        count = len(values)
        part = length_share(count)
        rest, given = soft_maximum(values)
        even = (mean - peak - top - lead - soft) / count
        shares = [part * (even + soft * share) for share in given]
        if peak or top:
            order = sorted(range(count), key=values.__getitem__, reverse=True)
            shares[order[0]] += part * peak
            for i in order[:3]:
                shares[i] += part * top / min(3, count)
        shares[0] += part * lead
        return shares, union - part * mean, constant + part * (size * log_size(count) + soft * rest)

    def log_odds(self, units: Sequence[Unit], union: Unit) -> float:
        """Return the pooled log-odds of a document."""
        if len(units) == 1:
            return self.pooling[0] + self.pooling[1] * self.value(union)
        values = list(map(self.value, units))
        shares, share, constant = self.shares(values)
        return constant + math.fsum(map(mul, shares, values)) + share * self.value(union)


def union_of(units: Sequence[Unit]) -> Unit:
    """Return several units taken together as one."""
    if len(units) == 1:
        return units[0]
    return Unit(set().union(*[u.features for u in units]), set().union(*[u.words for u in units]), sum(u.tokens for u in units))


def soft_maximum(values: Sequence[float]) -> tuple[float, list[float]]:
    """Return a constant and the share of each value in the soft maximum, log(sum(exp(s * value))) / s with s = :data:`SHARPNESS`.

    It is the constant plus the sum of the values times their shares. One sentence far above the others makes it alone; several alike make
    it higher than any of them, as several reports of force make a text more certain than one.
    """
    highest = max(values)
    weights = [math.exp(SHARPNESS * (value - highest)) for value in values]
    total = math.fsum(weights)
    shares = [weight / total for weight in weights]
    below = math.fsum(share * (highest - value) for share, value in zip(shares, values, strict=True))
    return math.log(total) / SHARPNESS + below, shares


def length_share(count: int) -> float:
    """Return how far a text of so many sentences is read sentence by sentence: 0 for one, fully from five on."""
    return min(1.0, (count - 1) / 4.0)


def log_size(count: int) -> float:
    """Return what the number of sentences counts as: more than forty say no more than forty."""
    return math.log(min(count, 40))


def tokens(document: Document, sentence: SentenceHits) -> float:
    """Return the length of a sentence in words of five letters, which no spelling of blanks and stops can change."""
    start, end = sentence.start, sentence.end
    return (end - start - document.words.count(b" ", start, end)) / 5.0


def handfuls(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts some at a time, as many as are read fastest together (see :data:`HANDFUL`)."""
    some: list[str] = []
    size = 0
    for text in texts:
        some.append(text)
        size += len(text)
        if size >= HANDFUL:
            yield some
            some, size = [], 0
    if some:
        yield some


def word_scale(tokens: float) -> float:
    """Return the weight of one learned word in a unit of so many words: long units would otherwise shout."""
    return 3.0 / math.sqrt(max(tokens, 4))


@dataclass(repr=False)
class Model:
    """A trained scorer.

    Attributes
    ----------
    lexicon : Lexicon
        The grammar of signals.
    vocabulary : list of str
        Learned words and short phrases, ``*`` marks a stem; and pairs, with an ``&`` (see :mod:`escalate.pairs`).
    features : list of str
        Names of the other features.
    heads : dict of str to Head
        The linear readings; see the module's docstring.
    calibration : Calibration
        The last map from log-odds to probability, the interval and the base rate.
    meta : dict
        What the model learned from, and how good it is.

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
    calibration: Calibration = field(default_factory=Calibration)
    meta: dict[str, Any] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the memories of a used model behind when pickled or copied: they cannot go along, and are made anew."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def __repr__(self) -> str:
        """Return what the model is in one line; all that it holds would be four million characters."""
        size = f"{len(self.lexicon.terms):,} terms, {len(self.features):,} features, {len(self.vocabulary):,} words"
        texts = self.meta.get("data", {}).get("texts")
        learned = f"trained on {texts:,} texts" if isinstance(texts, int) else "what it was trained on is not noted"
        return f"<escalate.Model, a scorer of news text: {size}; {learned}>"

    @Once
    def version(self) -> str:
        """The first twelve characters of the checksum (SHA-256) of all that the model holds: models of one version give the same scores.

        State it beside published scores. It stands in model cards, reports and the JSON of explanations. A newer format of files gives a
        model no other version.
        """
        from escalate.modelfile import digest

        return digest(self)[:VERSION_LENGTH]

    @Once
    def matcher(self) -> Matcher:
        """The automaton over lexicon and vocabulary, built at first use."""
        return Matcher(self.lexicon, self.vocabulary)

    @Once
    def reader(self) -> FeatureReader:
        """Gives the features of sentences as their numbers in `features`."""
        return FeatureReader(self.matcher, self.features)

    @Once
    def pairs(self) -> PairReader:
        """Gives the pairs of sentences as their numbers in `vocabulary`."""
        return PairReader(self.matcher, self.vocabulary)

    @Once
    def stack(self) -> HeadStack:
        """The heads side by side, which value many texts at once."""
        from escalate.rating import HeadStack

        return HeadStack(self.heads)

    # --- reading a text ------------------------------------------------------------------------

    def read(self, text: str) -> Reading:
        """Return `text` read into sentences, signals and units; repeated sentences are read once."""
        document = Document.read(text)
        sentences = self._sentences(document)
        signals = self._signals(document, sentences)
        return Reading(document, sentences, signals, self._units(document, sentences, signals))

    def read_all(self, texts: Sequence[str]) -> list[Reading]:
        """Return what :meth:`read` returns, of each of a handful of texts (see :func:`handfuls`).

        One step is done for all of them before the next: headlines are read a seventh faster so, since the processor has each step at hand.
        """
        documents = list(map(Document.read, texts))
        sentences = list(map(self._sentences, documents))
        signals = list(map(self._signals, documents, sentences))
        units = list(map(self._units, documents, sentences, signals))
        return list(map(Reading, documents, sentences, signals, units))

    def _sentences(self, document: Document) -> list[SentenceHits]:
        """Return the sentences of a document, of those that are the same word for word the first."""
        sentences = self.matcher.scan(document)
        if len(sentences) == 1:
            return sentences
        different: dict[bytes, SentenceHits] = {}
        for sentence in sentences:
            different.setdefault(document.words[sentence.start : sentence.end].strip(), sentence)
        return list(different.values())

    def _signals(self, document: Document, sentences: Sequence[SentenceHits]) -> list[list[RawSignal]]:
        """Return the signals of each sentence, and leave out the learned words that stand in its quiet spans."""
        matcher, families = self.matcher, self.lexicon.families
        signals = [find_signals(document, sentence, matcher) for sentence in sentences]
        for sentence, found in zip(sentences, signals, strict=True):
            if found and (quiet := quiet_spans(found, families)):
                sentence.words = [hit for hit in sentence.words if not is_covered(hit[1], hit[2], quiet)]
        return signals

    def _units(self, document: Document, sentences: Sequence[SentenceHits], signals: Sequence[list[RawSignal]]) -> list[Unit]:
        return [self.unit_of(document, sentence, found) for sentence, found in zip(sentences, signals, strict=True)]

    def unit_of(self, document: Document, sentence: SentenceHits, signals: list[RawSignal]) -> Unit:
        """Return a sentence with its signals as numbers; the words in its quiet spans are left out already."""
        words: list[int] = []
        for learned, _, _ in sentence.words:
            words += learned
        if signals:
            words += self.pairs.numbers(kinds_of(signals), sentence)
        return Unit(self.reader.read(document, sentence, signals), set(words), tokens(document, sentence))

    # --- scoring -------------------------------------------------------------------------------

    @overload
    def score(self, text: str, *, prevalence: float | None = None) -> float: ...
    @overload
    def score(self, text: Texts, *, prevalence: float | None = None) -> FloatArray: ...
    def score(self, text: str | Texts, *, prevalence: float | None = None) -> float | FloatArray:
        """Return the probability that a trained coder would mark the text as reporting military escalation.

        Parameters
        ----------
        text : str or iterable of str
            One text, or a list, array or Series of texts.
        prevalence : float, optional
            Share of texts in your collection that report escalation, if you know it; see :meth:`with_prevalence`.

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
        CalibrationError
            When `prevalence` is not between 0 and 1.

        Warns
        -----
        EscalateWarning
            When a text is not English news: another language, code, numbers, damaged data, nothing. It is scored all the same.
            For several texts one warning names how many they are and where the first stand.

        Examples
        --------
        >>> import escalate
        >>> escalate.score("Rebels shelled the border town overnight, killing six soldiers.") > 0.9
        True
        >>> escalate.score(["Parliament debated the budget.", "The fleet has sailed for the strait."]).shape
        (2,)
        """
        calibration = self.calibration if prevalence is None else self.calibration.at(prevalence)
        if isinstance(text, str):
            if reason := doubt(text):
                warn_of_doubt(reason)
            return self._score(self.read(text), calibration)
        found: dict[int, str] = {}
        readings = chain.from_iterable(map(self.read_all, handfuls(noting_doubts(checked_texts(text), found))))
        scores = np.fromiter((self._score(reading, calibration) for reading in readings), dtype=np.float64)
        warn_of_doubts(found, len(scores))
        return scores

    def _score(self, reading: Reading, calibration: Calibration) -> float:
        return sigmoid(calibration.apply(self._log_odds(reading)))

    def _log_odds(self, reading: Reading) -> float:
        """Return the log-odds of escalation before they are calibrated."""
        return self.heads["escal"].log_odds(reading.units, reading.union)

    def score_interval(self, texts: Texts) -> FloatArray:
        """Return the interval around the score of each text.

        Of 50 texts of one source that get about this score, the share that trained coders would mark lies between the two ends in
        nine cases of ten, also for sources that the model has never seen. Where fewer than six words of a text are known to the
        model the interval widens, to 0 .. 1 where none is.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        ndarray of float64, shape (n_texts, 2)
            Low and high end, between 0 and 1.

        Raises
        ------
        TextTypeError, TextError
            As for :meth:`score`.

        Examples
        --------
        >>> import escalate
        >>> low, high = escalate.Model.load().score_interval(["Jets bombed the port overnight, killing nine soldiers."])[0]
        >>> bool(0.4 < low < high <= 1)
        True
        """
        if isinstance(texts, str):
            raise TextTypeError(f"expected several texts, got one str ({texts!r:.60}); pass [text], or use explain(text).interval")
        found = [self._interval(self.read(text)) for text in checked_texts(texts)]
        return np.array(found, dtype=np.float64).reshape(len(found), 2)

    def _interval(self, reading: Reading) -> tuple[float, float]:
        log_odds = self.calibration.apply(self._log_odds(reading))
        return self.calibration.interval(log_odds, known_words(reading.document, reading.sentences, FULLY_READ))

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
        from escalate.explanation import build_explanation

        return build_explanation(self, self.read(text))

    # --- for one's own texts -------------------------------------------------------------------

    def with_prevalence(self, prevalence: float) -> Model:
        """Return the model for a collection in which the share `prevalence` of all texts reports escalation.

        The default stands for news picked at the base rate in ``CARD.md``. In a feed of nothing but conflict news, or of nearly none,
        every score is off in the same direction; this moves all log-odds by one number (prior correction). The cut-offs of
        :meth:`thresholds` move along, and so does the precision they promise.

        Parameters
        ----------
        prevalence : float
            Between 0 and 1, without the ends.

        Returns
        -------
        Model

        Raises
        ------
        CalibrationError

        Examples
        --------
        >>> import escalate
        >>> rare = escalate.Model.load().with_prevalence(0.01)
        >>> rare.score("Troops massed at the border.") < escalate.score("Troops massed at the border.")
        True
        """
        calibration = self.calibration.at(prevalence)
        shift = calibration.shift - self.calibration.shift
        return self._recut(calibration, lambda cut: cut.at_odds(shift))

    def at_year(self, year: int) -> Model:
        """Return the model for texts of the year `year`: years two or more before it count as past, itself and later ones do not.

        For archives. The shipped model reads as of 2026, so that an article of 1962 that names its own year is history to it.

        Parameters
        ----------
        year : int
            "Now", from 1900 to 2200.

        Returns
        -------
        Model

        Raises
        ------
        LexiconError
            When `year` is none.

        Examples
        --------
        >>> import escalate
        >>> text = "In 1962 the army shelled the village."
        >>> [signal.mode for signal in escalate.Model.load().at_year(1962).explain(text).signals]
        ['actual']
        """
        from escalate.years import lexicon_at  # not needed for news of today

        return replace(self, lexicon=lexicon_at(self.lexicon, year))

    def _recut(self, calibration: Calibration, move: Callable[[Threshold], Threshold]) -> Model:
        """Return the model with another calibration, and its cut-offs moved so that they take the same texts."""
        cuts = [asdict(move(cut)) for cut in self.thresholds()]
        return replace(self, calibration=calibration, meta=self.meta | ({"thresholds": cuts} if cuts else {}))

    def recalibrate(self, texts: Texts, labels: Iterable[Any]) -> Model:
        """Return the model with its calibration moved towards labelled texts of your own.

        From some fifty texts on this helps more often than it hurts (measured on left-out sources, see ``docs/calibration.md``); with few
        texts it stays near the default. Order and ranking of texts do not change; the cut-offs of :meth:`thresholds` move along.

        Parameters
        ----------
        texts : iterable of str
            Texts picked as those will be that you score later: at random, not by score.
        labels : iterable of int
            1 where the text reports escalation by the codebook, else 0; or truth values. They go by position.

        Returns
        -------
        Model

        Raises
        ------
        CalibrationError
            When texts and labels differ in number, a label is neither 0 nor 1, or there are fewer than ten texts.
        TextTypeError, TextError
            As for :meth:`score`.

        Examples
        --------
        >>> import escalate
        >>> texts = ["Shells fell on the port.", "The bakery opened.", "Rebels took the fort.", "It rained."] * 5
        >>> own = escalate.Model.load().recalibrate(texts, [1, 0, 1, 0] * 5)
        >>> own.score("Shells fell on the port.") > 0.5
        True
        """
        readings = [self.read(text) for text in checked_texts(texts)]
        checked = _checked_labels(labels, len(readings))
        values = [self.calibration.apply(self._log_odds(reading)) for reading in readings]
        shift, slope = fit_line(values, checked)
        return self._recut(stretched(self.calibration, shift, slope, values), lambda cut: cut.moved(shift, slope))

    def thresholds(self) -> list[Threshold]:
        """Return recommended cut-offs, with what each costs on known and on unseen sources.

        Returns
        -------
        list of Threshold
            For precision 0.9, recall 0.9 and best F1, on the scale of this model's own scores: where you score with a prevalence, ask
            ``model.with_prevalence(...).thresholds()``. Empty for a model that was not measured on left-out sources.

        Examples
        --------
        >>> import escalate
        >>> [t.goal for t in escalate.Model.load().thresholds()]
        ['precision 0.9', 'recall 0.9', 'best F1']
        """
        return [Threshold.from_dict(found) for found in self.meta.get("thresholds", [])]

    def readings(self, reading: Reading) -> dict[str, float]:
        """Return the log-odds of every head: calibrated for ``escal``, pooled for the others, with their bonus for ``lowers``."""
        union = reading.union
        values = {name: head.log_odds(reading.units, union) for name, head in self.heads.items()}
        lowers = values["lowers"] + lowers_bonus(len(reading.units))
        return values | {"escal": self.calibration.apply(values["escal"]), "lowers": lowers}

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
    """Return the level, 0 to 5: how far each rung is reached, summed."""
    at_least = [sigmoid(LEVEL_SLOPE * readings[name]) for name in ("rung1", "escal", "rung3", "rung4", "rung5")]
    ordered = np.minimum.accumulate(at_least[1:])
    return float(max(at_least[0], at_least[1]) + ordered.sum())


def direction_of(readings: Mapping[str, float]) -> float:
    """Return the direction, -1 (lowers the risk) to 1 (raises it): the shares of the two sides and of neither sum to one."""
    raises, lowers = (math.exp(min(700.0, DIRECTION_SLOPE * readings[side])) for side in ("raises", "lowers"))
    return (raises - lowers) / (1.0 + raises + lowers)


def lowers_bonus(count: int) -> float:
    """Return what favours the rarer side of the direction in a text of so many sentences: in longer ones it stands out by itself."""
    return LOWERS_BONUS * (1.0 - length_share(count))


def checked_texts(texts: Any) -> Iterator[str]:
    """Yield the texts; raise with the position of the first that is not a string, or where they are no texts in an order."""
    if isinstance(texts, str):
        raise TextTypeError(f"expected several texts, got one str ({texts!r:.60}); pass [text]")
    if isinstance(texts, set | frozenset):
        raise TextTypeError(f"expected texts in an order, got {type(texts).__name__} ({texts!r:.60}), which has none; pass list(texts)")
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


def _checked_labels(labels: Iterable[Any], count: int) -> list[int]:
    found = read_labels(labels, count, CalibrationError)
    if count < 10:
        raise CalibrationError(f"{count} labelled texts; recalibration needs at least 10, and helps from about 50 on")
    return found


_MISSING = frozenset({"NAType", "NaTType", "MaskedConstant"})
"""Types of values that stand for no value, by name: pandas is not imported for them, nor are the masked arrays of numpy."""


def is_missing(value: Any) -> bool:
    """Say whether a value stands for no value: None, a NaN, the NA and NaT of pandas, or the NaT and the masked value of numpy."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value)) or type(value).__name__ in _MISSING


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
    if hasattr(text, "as_py") or hasattr(text, "to_pylist"):  # of pyarrow, whose arrays yield scalars that are no str
        return "pass an array of pyarrow as array.to_pylist(), one of its texts as array[0].as_py()"
    return "pass the text itself"
