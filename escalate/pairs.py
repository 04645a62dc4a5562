"""Pairs: a signal together with something else in its sentence, be it a class of words, a cue or another signal.

``strike:actual&war_film`` or ``troop_deployment:threatened&cue_negated`` say what a sum of the two cannot. A pair is learned like a
word: kept where it carries over, and worth less in a long text. In a vocabulary the ``&`` tells it from a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from escalate.context import RawSignal
from escalate.matching import Matcher, SentenceHits

__all__ = ["PairReader", "is_pair", "signal_kinds"]

REMEMBERED = 50_000
"""Sentences whose pairs are remembered: most sentences with signals are like others."""

Kinds = tuple[str, ...]


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
        self._masks = matcher.masks
        self._bits = {**matcher.class_bits, **matcher.cue_bits}
        number = {name: at for at, name in enumerate(vocabulary) if is_pair(name)}
        # One memory for each reader, not one for the class: numbers belong to a vocabulary.
        self._numbers = lru_cache(REMEMBERED)(lambda kinds, mask: tuple(number[n] for n in self._names(kinds, mask) if n in number))

    def names(self, signals: Sequence[RawSignal], sentence: SentenceHits) -> set[str]:
        """Return the pairs of a sentence by name."""
        return set(self._names(*self._key(signals, sentence)))

    def numbers(self, signals: Sequence[RawSignal], sentence: SentenceHits) -> tuple[int, ...]:
        """Return the pairs of a sentence that are in the vocabulary, as their numbers."""
        return self._numbers(*self._key(signals, sentence))

    def _key(self, signals: Sequence[RawSignal], sentence: SentenceHits) -> tuple[Kinds, int]:
        masks, present = self._masks, 0
        for hit in sentence.hits:
            present |= masks[hit[0]]
        return tuple(sorted({f"{s.family}:{s.mode}" for s in signals})), present

    def _names(self, kinds: Kinds, present: int) -> Iterator[str]:
        beside = [name for name, bit in self._bits.items() if bit & present]
        for kind in kinds:
            yield from (f"{kind}&{name}" for name in beside)
        yield from (f"{one}&{other}" for one, other in combinations(kinds, 2))
