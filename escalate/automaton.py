"""One pass of one automaton over all patterns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from escalate.patterns import BLANK, Find

__all__ = ["Automaton"]

_MARK_BEHIND = bytes(32 if byte == BLANK else 0 for byte in range(256))
"""By how much the byte behind each byte differs where it begins a word from the same byte inside one: "bombed" is read as "Bombed"."""


class Automaton:
    """Finds what a :class:`~escalate.patterns.PatternTable` finds, several times faster.

    An automaton knows no words. So the first byte of every word is marked, in text and patterns alike, and all patterns but stems end in
    the blank that ends their last word: what is found can neither begin nor end inside a word, and nothing need be checked afterwards.

    Parameters
    ----------
    patterns : sequence of str

    Examples
    --------
    >>> Automaton(["air", "air strike", "bomb*"]).find(b" air strikes bombed  ")
    [(0, 1, 5), (2, 13, 17)]
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        spelled = _spelled(patterns)
        self._automaton = BytesAhoCorasick(spelled, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA)

    def find(self, words: bytes) -> list[Find]:
        """Return what is found in `words`, from left to right."""
        return self._automaton.find_matches_as_indexes(_marked(words))


def _spelled(patterns: Sequence[str]) -> list[bytes]:
    """Return the patterns as they stand in marked text; all are marked at once, which takes a tenth of the time."""
    behind_blank = [f" {pattern[:-1]}" if pattern[-1] == "*" else f" {pattern} " for pattern in patterns]
    ends = list(accumulate(map(len, behind_blank)))
    marked = _marked("".join(behind_blank).encode("ascii"))
    return [marked[start + 1 : end] for start, end in zip([0, *ends], ends, strict=False)]


def _marked(words: bytes) -> bytes:
    """Return `words` with the first byte of every word marked; a second blank is marked as well, and so ends nothing."""
    marks = np.frombuffer(b"\0" + words.translate(_MARK_BEHIND), np.uint8, len(words))
    return (np.frombuffer(words, np.uint8) - marks).tobytes()
