"""Pairs: a signal together with something else in its sentence, be it a class of words, a cue or another signal.

``strike:actual&war_film`` or ``troop_deployment:threatened&cue_negated`` say what a sum of the two cannot. A pair is learned like a
word: kept where it carries over, and worth less in a long text. In a vocabulary the ``&`` tells it from a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, reduce
from itertools import combinations
from operator import or_

from escalate.context import Kind, Kinds
from escalate.matching import REMEMBERED, Matcher, SentenceHits, bits_of

__all__ = ["PairReader", "is_pair", "signal_kinds"]


def is_pair(name: str) -> bool:
    """Say whether an entry of the vocabulary is a pair, and not a word."""
    return "&" in name


def signal_kinds(name: str) -> list[str]:
    """Return the signals (``family:mode``) in the name of a pair.

    Examples
    --------
    >>> signal_kinds("clash:actual&strike:past"), signal_kinds("clash:actual&weather")
    (['clash:actual', 'strike:past'], ['clash:actual'])
    """
    return [part for part in name.split("&") if ":" in part]


class PairReader:
    """Gives the pairs of a sentence, as names or as their numbers in a vocabulary.

    Parameters
    ----------
    matcher : Matcher
    vocabulary : sequence of str
        The pairs that count, among words, which are passed over.
    """

    def __init__(self, matcher: Matcher, vocabulary: Sequence[str] = ()) -> None:
        self._matcher = matcher
        self._bits = {**matcher.class_bits, **matcher.cue_bits}
        self._beside: dict[Kind, dict[int, int]] = {}
        self._together: dict[tuple[Kind, Kind], int] = {}
        for number, name in enumerate(vocabulary):
            if is_pair(name):
                self._learn(number, *name.split("&"))
        self._learned = {kind: reduce(or_, numbers) for kind, numbers in self._beside.items()}
        # One memory for each reader, not one for the class: numbers belong to a vocabulary.
        self._numbers_beside = lru_cache(REMEMBERED)(self._beside_of)

    def _learn(self, number: int, signal: str, other: str) -> None:
        kind = _kind(signal)
        if ":" in other:
            self._together[kind, _kind(other)] = self._together[_kind(other), kind] = number
        elif other in self._bits:
            self._beside.setdefault(kind, {})[self._bits[other]] = number

    def numbers(self, kinds: Kinds, sentence: SentenceHits) -> list[int]:
        """Return the pairs of a sentence with signals of these kinds, as their numbers in the vocabulary."""
        found: list[int] = []
        present, different = sentence.present, dict.fromkeys(kinds)
        for kind in different:
            if learned := self._learned.get(kind):
                found += self._numbers_beside(kind, present & learned)
        if len(different) > 1:
            found += [self._together[both] for both in combinations(different, 2) if both in self._together]
        return found

    def names(self, kinds: Kinds, sentence: SentenceHits) -> set[str]:
        """Return all pairs of a sentence with signals of these kinds, by name."""
        present = sentence.present
        beside = [name for name, bit in self._bits.items() if bit & present]
        signals = sorted({f"{family}:{mode}" for family, mode in kinds})
        both = {f"{one}&{other}" for one, other in combinations(signals, 2)}
        return both.union(f"{signal}&{name}" for signal in signals for name in beside)

    def _beside_of(self, kind: Kind, present: int) -> tuple[int, ...]:
        """Return the pairs of a signal with what stands beside it, as their numbers."""
        return tuple(map(self._beside[kind].__getitem__, bits_of(present)))


def _kind(signal: str) -> Kind:
    family, _, mode = signal.partition(":")
    return family, mode
