"""What the score would be had some signals been absent or negated: the same reading with other signals, valued anew.

Nothing is subtracted: the features of the touched sentences are read again by the same reader, so the answer is exact for what
it says, and can itself be explained and asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from escalate.calibration import sigmoid
from escalate.context import RawSignal, is_covered, quiet_spans, settle
from escalate.errors import ExplanationError
from escalate.explanation import Explanation, Origin, Signal, build_explanation
from escalate.matching import Hit, SentenceHits, WordHit, present_in
from escalate.model import Model, Reading

__all__ = ["WhatIf", "read_negated", "read_without", "what_if"]

Found = TypeVar("Found", Hit, WordHit)


class WhatIf(NamedTuple):
    """The scores of a text were some of its signals gone, and were they negated.

    Attributes
    ----------
    signals : tuple of Signal
    without, negated : float
        What :meth:`Explanation.without` and :meth:`Explanation.negated` would score.
    """

    signals: tuple[Signal, ...]
    without: float
    negated: float


def what_if(explanation: Explanation, count: int = 3) -> list[WhatIf]:
    """Return what the score hangs on: its strongest signals one by one, and all together; nothing where it cannot be read again.

    Parameters
    ----------
    explanation : Explanation
    count : int
        How many of the strongest signals.

    Returns
    -------
    list of WhatIf

    Examples
    --------
    >>> import escalate
    >>> [row] = what_if(escalate.explain("The army shelled two villages."))
    >>> row.without < escalate.score("The army shelled two villages.")
    True
    """
    if explanation._origin is None:
        return []
    strongest = sorted(explanation.signals, key=lambda signal: -abs(signal.contribution))[:count]
    groups: list[tuple[Signal, ...]] = [(signal,) for signal in strongest]
    if len(explanation.signals) > 1:
        groups.append(tuple(explanation.signals))
    return [WhatIf(group, _score(_without(explanation, group)), _score(_negated(explanation, group))) for group in groups]


def read_without(explanation: Explanation, signals: Sequence[Any]) -> Explanation:
    """Return what :meth:`Explanation.without` returns."""
    return build_explanation(*_without(explanation, signals))


def read_negated(explanation: Explanation, signals: Sequence[Any]) -> Explanation:
    """Return what :meth:`Explanation.negated` returns."""
    return build_explanation(*_negated(explanation, signals))


def _score(origin: Origin) -> float:
    return sigmoid(origin.model.readings(origin.reading)["escal"])


def _without(explanation: Explanation, signals: Sequence[Any]) -> Origin:
    model, reading = _known(explanation)
    changed = reading
    for number, places in _places(explanation, signals).items():
        gone = [reading.signals[number][at] for at in places]
        kept = [signal for at, signal in enumerate(reading.signals[number]) if at not in places]
        sentence = reading.sentences[number]
        hits = _outside(sentence.hits, gone, kept)
        left = replace(sentence, hits=hits, words=_outside(sentence.words, gone, kept), present=present_in(hits))
        changed = _with_sentence(model, changed, number, left, kept)
    return Origin(model, changed)


def _negated(explanation: Explanation, signals: Sequence[Any]) -> Origin:
    model, reading = _known(explanation)
    families = model.lexicon.families
    changed = reading
    for number, places in _places(explanation, signals).items():
        moved = [settle(signal, "negated", families) if at in places else signal for at, signal in enumerate(reading.signals[number])]
        sentence = reading.sentences[number]
        quiet = quiet_spans(moved, families)
        left = replace(sentence, words=[hit for hit in sentence.words if not is_covered(hit[1], hit[2], quiet)])
        changed = _with_sentence(model, changed, number, left, moved)
    return Origin(model, changed)


def _known(explanation: Explanation) -> Origin:
    if explanation._origin is None:
        raise ExplanationError("this explanation was pickled, copied or made by hand and cannot be read again; explain the text anew")
    return explanation._origin


def _places(explanation: Explanation, signals: Iterable[Any]) -> Mapping[int, set[int]]:
    """Return for each sentence the places of the signals among those of the sentence."""
    places: dict[int, set[int]] = defaultdict(set)
    for signal in signals:
        if isinstance(signal, Iterable) and not isinstance(signal, str):
            what = f"got {type(signal).__name__} ({signal!r:.60}) for a signal"
            raise TypeError(f"{what}; give some of the explanation's signals one by one, for example found.without(*found.signals[:2])")
        if signal not in explanation.signals:
            raise ExplanationError(f"{signal!r:.80} is not one of the {len(explanation.signals)} signals of this explanation")
        beside = [other for other in explanation.signals if other.sentence == signal.sentence]
        places[signal.sentence].add(beside.index(signal))
    return places


def _outside(hits: Iterable[Found], gone: Iterable[RawSignal], kept: Iterable[RawSignal]) -> list[Found]:
    """Return the hits that stand outside the signals that are gone, or inside one that is kept."""
    left, held = ([(signal.start, signal.end) for signal in some] for some in (gone, kept))
    return [hit for hit in hits if not _touches(hit, left) or is_covered(hit[1], hit[2], held)]


def _touches(hit: Hit | WordHit, spans: Iterable[tuple[int, int]]) -> bool:
    return any(hit[1] < end and start < hit[2] for start, end in spans)


def _with_sentence(model: Model, reading: Reading, number: int, sentence: SentenceHits, signals: list[RawSignal]) -> Reading:
    """Return the reading with one sentence read otherwise."""
    unit = model.unit_of(reading.document, sentence, signals)
    return Reading(
        reading.document,
        [*reading.sentences[:number], sentence, *reading.sentences[number + 1 :]],
        [*reading.signals[:number], signals, *reading.signals[number + 1 :]],
        [*reading.units[:number], unit, *reading.units[number + 1 :]],
    )
