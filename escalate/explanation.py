"""An exact account of one score: what each signal, word and trait of form added to the log-odds.

The model is linear, so the score can be taken apart without remainder: the contributions of signals, words and structure and the
intercept sum to the log-odds. Weights that belong to several things at once are shared evenly among them: what "an actual
escalatory signal" is worth goes in equal parts to the signals that are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from escalate.calibration import sigmoid
from escalate.context import RawSignal, is_covered, quiet_spans
from escalate.evidence import Evidence, evidence_of
from escalate.features import signal_names, term_names
from escalate.language import doubt
from escalate.matching import SentenceHits
from escalate.pairs import is_pair, signal_kinds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from escalate.model import Head, Model, Reading, Unit

__all__ = ["Explanation", "Sentence", "Signal", "Word", "build_explanation"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: a family in a mode, and the exact words that carry it.

    Attributes
    ----------
    family, mode : str
        What it is (``"troop_deployment"``) and how it stands (``"actual"``, ``"threatened"``, ``"hypothetical"``,
        ``"negated"``, ``"past"``, ``"figurative"``).
    text : str
        The words, as they stand in the caller's text.
    start, end : int
        Offsets in the caller's text: ``text[start:end]``.
    sentence : int
        Number of the sentence, from 0.
    contribution : float
        What it adds to the log-odds.
    level : int
        Rung of its family, 0 to 5.
    actors : tuple of str
        States, armed groups and alliances named beside it.
    group : str
        What its family is in the lexicon: ``"escalatory"``, ``"pressure"``, ``"deescalatory"`` or ``"counter"`` (counter-evidence).
    """

    family: str
    mode: str
    text: str
    start: int
    end: int
    sentence: int
    contribution: float
    level: int
    actors: tuple[str, ...] = ()
    group: str = "escalatory"


@dataclass(frozen=True, slots=True)
class Word:
    """A learned or lexicon word that moved the score without being part of a signal.

    Attributes
    ----------
    text : str
        The word, as it stands in the caller's text.
    start, end : int
        Offsets in the caller's text.
    sentence : int
        Number of the sentence, from 0.
    contribution : float
        What it adds to the log-odds.
    """

    text: str
    start: int
    end: int
    sentence: int
    contribution: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and what it adds.

    Attributes
    ----------
    text : str
        The sentence, as it stands in the caller's text.
    start, end : int
        Offsets in the caller's text.
    log_odds : float
        Its own value, were it the whole text (before pooling).
    contribution : float
        What its signals, words and form add to the log-odds of the whole text.
    """

    text: str
    start: int
    end: int
    log_odds: float
    contribution: float


class Origin(NamedTuple):
    """What an explanation was made of, kept so that the text can be read again with other signals."""

    model: Model
    reading: Reading


@dataclass(frozen=True)
class Explanation:
    """The score of one text with everything that made it.

    Attributes
    ----------
    text : str
        The caller's text.
    score : float
        Calibrated probability, 0 to 1; what :func:`escalate.score` returns.
    log_odds : float
        ``log(score / (1 - score))``: the sum of `intercept`, `structure` and all contributions.
    level : float
        Rung of the codebook's ladder, 0 (nothing) to 5 (war); between two rungs where the text is in doubt.
    direction : float
        -1 (the text lowers the risk) to 1 (it raises it).
    interval : tuple of float
        Low and high end around the score; see :meth:`escalate.Model.score_interval`.
    evidence : Evidence
        How many content words the text has, and how many of them the model knows.
    intercept : float
        What a text without any feature starts from.
    structure : dict of str to float
        What the form adds (question, headline, nobody named, no signal), and the last step of calibration.
    signals : list of Signal
    words : list of Word
    sentences : list of Sentence
        Repeated sentences are listed once.
    warning : str
        Why the score means little, where the text is not English news: see :func:`escalate.language.doubt`. Else empty.

    Examples
    --------
    >>> import escalate
    >>> found = escalate.explain("Two brigades were sent to the border on Friday.")
    >>> parts = [s.contribution for s in found.signals] + [w.contribution for w in found.words]
    >>> total = found.intercept + sum(found.structure.values()) + sum(parts)
    >>> abs(total - found.log_odds) < 1e-9
    True
    """

    text: str
    score: float
    log_odds: float
    level: float
    direction: float
    interval: tuple[float, float]
    evidence: Evidence
    intercept: float
    structure: dict[str, float] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    warning: str = ""
    _origin: Origin | None = field(default=None, repr=False, compare=False)
    _version: str = field(default="", repr=False, compare=False)

    @property
    def model_version(self) -> str:
        """The version of the model that gave the score; see :attr:`escalate.Model.version`."""
        return self._origin.model.version if self._origin else self._version

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data, ready for JSON; ``docs/explanation-schema.md`` describes it.

        Returns
        -------
        dict
            The attributes by name, and `model_version`; signals, words and sentences as lists of dicts, and no tuple anywhere: what
            JSON gives back is equal.
        """
        plain = asdict(replace(self, _origin=None))
        del plain["_origin"], plain["_version"]
        signals = [signal | {"actors": list(signal["actors"])} for signal in plain["signals"]]
        told = {"interval": list(self.interval), "evidence": self.evidence._asdict(), "signals": signals}
        return plain | told | {"model_version": self.model_version}

    def without(self, *signals: Signal) -> Explanation:
        """Return the explanation of the text as it would be without some of its signals.

        The features are read again as though other words stood where the signals stand: the signals are gone, and with them
        the lexicon terms and learned words in their spans, unless another signal needs these. Everything else, the length
        included, stays. The new score is exact; the old one less the contribution is not the same number, since a signal also
        changes what is shared, crossed and pooled.

        Parameters
        ----------
        *signals : Signal
            Some of this explanation's `signals`. A sentence that is repeated loses them wherever it stands.

        Returns
        -------
        Explanation

        Raises
        ------
        ExplanationError
            When a signal is not one of this explanation's, or the explanation has been pickled or copied since it was made.
        TypeError
            When a list or an array is given in the place of a signal.

        Examples
        --------
        >>> import escalate
        >>> found = escalate.explain("The army shelled two villages.")
        >>> found.without(*found.signals).score < found.score
        True
        """
        from escalate.counterfactual import read_without

        return read_without(self, signals)

    def negated(self, *signals: Signal) -> Explanation:
        """Return the explanation of the text as it would be had some of its signals been denied, refused or averted.

        The features are read again with these signals in the mode ``negated``, or moved to what their negation is (a negated
        delivery of arms is a refusal); the words in their spans count as words of something that is not so. No word of negation
        is put in, so a text that says it may score a little differently. Topics such as sport cannot be negated and stay.

        Parameters
        ----------
        *signals : Signal
            Some of this explanation's `signals`.

        Returns
        -------
        Explanation

        Raises
        ------
        ExplanationError, TypeError
            As :meth:`without`.

        Examples
        --------
        >>> import escalate
        >>> found = escalate.explain("Berlin will send missiles to the front.")
        >>> found.negated(*found.signals).score < found.score
        True
        """
        from escalate.counterfactual import read_negated

        return read_negated(self, signals)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the contributions as bars.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; default a new figure.

        Returns
        -------
        matplotlib Axes
            Nothing is shown or saved: ``ax.figure.savefig("why.png")`` does.

        Raises
        ------
        MissingExtraError
            When matplotlib is missing (an ImportError); it comes with the extra ``plot``.
        """
        from escalate.chart import as_axes

        return as_axes(self, ax)

    def __hash__(self) -> int:
        """Refuse: equal accounts would need equal hashes, and these would change with the lists and the dict inside."""
        raise TypeError("unhashable type: 'Explanation', since it holds lists; take its text for a key of a dict or a member of a set")

    def __getstate__(self) -> dict[str, Any]:
        """Leave the model behind when pickled or copied, all but its version: it is large, and its automaton cannot go along."""
        return {**self.__dict__, "_origin": None, "_version": self.model_version}

    def __repr__(self) -> str:
        from escalate.render import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from escalate.render import as_html

        return as_html(self)


class _Owner(NamedTuple):
    """What a share of the score is credited to: a signal, a word, or a trait of form."""

    sentence: int
    kind: str
    key: Any


def build_explanation(model: Model, reading: Reading) -> Explanation:
    """Return the account of a text that `model` has read."""
    from escalate.model import direction_of, level_of

    head = model.heads["escal"]
    union = reading.union
    values = [head.value(unit) for unit in reading.units]
    shares, union_share, constant = _all_shares(head, values)
    credited = _credit(model, reading, union, shares, union_share)
    readings = model.readings(reading)
    log_odds = readings["escal"]
    plain = head.log_odds(reading.units, union)
    evidence = evidence_of(reading.document, reading.sentences)
    return Explanation(
        text=reading.document.text,
        score=sigmoid(log_odds),
        log_odds=log_odds,
        level=level_of(readings),
        direction=direction_of(readings),
        interval=model.calibration.interval(log_odds, evidence.known),
        evidence=evidence,
        intercept=constant + (sum(shares) + union_share) * head.intercept,
        structure={**_structure(credited), "calibration": log_odds - plain},
        signals=list(_signals(model, reading, credited)),
        words=list(_words(reading, credited)),
        sentences=list(_sentences(reading, values, credited)),
        warning=doubt(reading.document.text),
        _origin=Origin(model, reading),
    )


def _all_shares(head: Head, values: list[float]) -> tuple[list[float], float, float]:
    """Return the shares; a text of one sentence is its own union."""
    constant, union = head.pooling[:2]
    return ([union], 0.0, constant) if len(values) == 1 else head.shares(values)


# --- crediting -----------------------------------------------------------------------------------


def _credit(model: Model, reading: Reading, union: Unit, shares: Sequence[float], union_share: float) -> dict[_Owner, float]:
    """Divide the weight of every feature and word among its owners."""
    from escalate.model import word_scale

    head = model.heads["escal"]
    credited: dict[_Owner, float] = defaultdict(float)
    feature_share, word_share = _union_shares(reading, union_share)
    union_scale = word_scale(union.tokens)
    for number, unit in enumerate(reading.units):
        owners = _feature_owners(model, reading, number)
        for at in unit.features:
            name = model.features[at]
            weight = head.features[at] * (shares[number] + feature_share[at])
            holders = owners.get(name) or [_Owner(number, "form", _form_name(name))]
            for holder in holders:
                credited[holder] += weight / len(holders)
        scale = word_scale(unit.tokens)
        for at, holders in _word_owners(model, reading, number, owners):
            weight = head.words[at] * (shares[number] * scale + word_share[at] * union_scale)
            for holder in holders:
                credited[holder] += weight / len(holders)
    return credited


def _union_shares(reading: Reading, share: float) -> tuple[dict[int, float], dict[int, float]]:
    """Divide the share of the union evenly among the sentences that hold a feature or word."""
    features: dict[int, int] = defaultdict(int)
    words: dict[int, int] = defaultdict(int)
    for unit in reading.units:
        for at in unit.features:
            features[at] += 1
        for at in unit.words:
            words[at] += 1
    return {k: share / n for k, n in features.items()}, {k: share / n for k, n in words.items()}


def _form_name(name: str) -> str:
    return name.split(":", 1)[1].replace("_", " ") if name.startswith("form:") else name


def _word_owners(model: Model, reading: Reading, number: int, owners: dict[str, list[_Owner]]) -> Iterator[tuple[int, list[_Owner]]]:
    """Yield, for each learned word and pair of a sentence, the words or signals it is credited to."""
    for at, places in _places(reading.sentences[number], reading.document.words).items():
        yield at, [_Owner(number, "word", place) for place in places]
    for at in reading.units[number].words:
        if is_pair(name := model.vocabulary[at]):
            yield at, [owner for kind in signal_kinds(name) for owner in owners[kind]]


def _places(sentence: SentenceHits, words: bytes) -> dict[int, list[tuple[int, int]]]:
    """Return where each learned word of a sentence stands; a stem is shown as the whole word it was found in."""
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for learned, start, end in sentence.words:
        close = words.find(b" ", end)
        for at in learned:
            places[at].append((start, close))
    return places


def _feature_owners(model: Model, reading: Reading, number: int) -> dict[str, list[_Owner]]:
    """Return, for each feature of a sentence, the signals or words it is credited to."""
    owners: dict[str, list[_Owner]] = defaultdict(list)
    signals = reading.signals[number]
    for at, signal in enumerate(signals):
        for name in signal_names(model.matcher, signal.family, signal.mode):
            owners[name].append(_Owner(number, "signal", at))
    _own_terms(model, reading, number, owners)
    _own_crossings(model, reading, number, owners)
    return owners


def _own_terms(model: Model, reading: Reading, number: int, owners: dict[str, list[_Owner]]) -> None:
    signals = reading.signals[number]
    quiet = quiet_spans(list(signals), model.lexicon.families)
    for term, start, end in reading.sentences[number].hits:
        owner = _owner_at(number, start, end, signals)
        names = list(term_names(model.matcher, term, quiet=is_covered(start, end, quiet)))
        if term.actor:
            names += [f"actor:{model.lexicon.actors[term.actor].kind}", "actor:two_states"]
        for name in names:
            owners[name].append(owner)


def _own_crossings(model: Model, reading: Reading, number: int, owners: dict[str, list[_Owner]]) -> None:
    for at in reading.units[number].features:
        name = model.features[at]
        if "+" in name:
            owners[name] = owners[name.split("+")[0]]


def _owner_at(number: int, start: int, end: int, signals: Sequence[RawSignal]) -> _Owner:
    for at, signal in enumerate(signals):
        if signal.start <= start and end <= signal.end:
            return _Owner(number, "signal", at)
    return _Owner(number, "word", (start, end))


# --- the parts of the account -------------------------------------------------------------------


def _structure(credited: dict[_Owner, float]) -> dict[str, float]:
    structure: dict[str, float] = defaultdict(float)
    for owner, credit in credited.items():
        if owner.kind == "form":
            structure[owner.key] += credit
    return dict(sorted(structure.items()))


def _signals(model: Model, reading: Reading, credited: dict[_Owner, float]) -> Iterator[Signal]:
    document = reading.document
    for number, signals in enumerate(reading.signals):
        for at, signal in enumerate(signals):
            start, end = document.span(signal.start, signal.end)
            family = model.lexicon.families[signal.family]
            yield Signal(
                family=signal.family,
                mode=signal.mode,
                text=document.text[start:end],
                start=start,
                end=end,
                sentence=number,
                contribution=credited.get(_Owner(number, "signal", at), 0.0),
                level=family.rung,
                actors=_actors(reading.sentences[number], signal),
                group=family.group,
            )


def _actors(sentence: SentenceHits, signal: RawSignal) -> tuple[str, ...]:
    """Return the actors inside the signal and the nearest one on each side."""
    named = [(start, end, term.actor) for term, start, end in sentence.hits if term.actor]
    inside = [name for start, end, name in named if signal.start <= start and end <= signal.end]
    before = [name for _, end, name in named if end <= signal.start][-1:]
    after = [name for start, _, name in named if start >= signal.end][:1]
    return tuple(dict.fromkeys([*before, *inside, *after]))


def _words(reading: Reading, credited: dict[_Owner, float]) -> Iterator[Word]:
    document = reading.document
    for owner, credit in sorted(
        ((o, c) for o, c in credited.items() if o.kind == "word"), key=lambda pair: (pair[0].sentence, pair[0].key)
    ):
        start, end = document.span(*owner.key)
        yield Word(document.text[start:end], start, end, owner.sentence, credit)


def _sentences(reading: Reading, values: Sequence[float], credited: dict[_Owner, float]) -> Iterator[Sentence]:
    totals: dict[int, float] = defaultdict(float)
    for owner, credit in credited.items():
        totals[owner.sentence] += credit
    for number, sentence in enumerate(reading.sentences):
        start, end = reading.document.sentence_span(sentence.start, sentence.end)
        yield Sentence(reading.document.text[start:end], start, end, values[number], totals[number])
