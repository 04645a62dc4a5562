"""Patterns looked up word by word: slower than an automaton, but ready at once.

An automaton over fifty thousand patterns takes longer to build than numpy takes to import, which a program that scores a text or two
should not wait for. Both ways find the same: from left to right the longest pattern that ends where a word ends, or a stem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

__all__ = ["Find", "PatternTable"]

Find = tuple[int, int, int]
"""A pattern found: its number, and where the blank before it and its own end stand."""


class PatternTable:
    """Patterns by their words.

    Parameters
    ----------
    patterns : sequence of str
        Words and phrases; a trailing ``*`` makes a stem, matched at the start of any word. A word stands before the stem of its spelling.

    Examples
    --------
    >>> table = PatternTable(["air", "air strike", "bomb*"])
    >>> list(table.find(" air strikes bombed  "))
    [(0, 0, 4), (2, 12, 17)]
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._whole = dict(zip(reversed(patterns), range(len(patterns) - 1, -1, -1), strict=True))
        self._stems = {pattern[:-1]: self._whole[pattern] for pattern in patterns if pattern[-1] == "*"}
        self._stem_sizes = sorted(set(map(len, self._stems)), reverse=True)
        self._most = max(map(str.count, patterns, repeat(" ")), default=0)

    def find(self, words: str, start: int = 0, stop: int | None = None) -> Iterator[Find]:
        """Yield what is found from `start` on, as long as it begins before `stop`; no two overlap.

        Parameters
        ----------
        words : str
            Words with blanks between them, one blank first and two last, as :attr:`escalate.text.Document.words`.
        start, stop : int
        """
        blank = words.find(" ", start, stop)
        while blank >= 0:
            found = self._at(words, blank)
            if found:
                yield found
            blank = words.find(" ", found[2] if found else blank + 1, stop)

    def _at(self, words: str, blank: int) -> Find | None:
        """Return the longest pattern behind a blank."""
        start, whole = blank + 1, self._whole
        closes = self._closes(words, start)
        for close in closes:
            if (phrase := words[start:close]) in whole:
                return whole[phrase], blank, close
        word = words[start : closes[-1]]
        for size in self._stem_sizes:
            at = self._stems.get(word[:size])
            if at is not None and size <= len(word):
                return at, blank, start + size
        return None

    def _closes(self, words: str, start: int) -> list[int]:
        """Return where a pattern that begins here could end: the longest first, and last the first word itself."""
        ends = [words.find(" ", start)]
        for _ in range(self._most):
            end = words.find(" ", ends[-1] + 1)
            if end <= ends[-1] + 1:  # two blanks: there was a mark, or the text is over
                break
            ends.append(end)
        return ends[::-1]

    def stems_inside(self, patterns: Sequence[str]) -> dict[int, tuple[int, int]]:
        """Return, by the number of each single word that begins with a stem, the longest such stem and its length with the blank before."""
        found: dict[int, tuple[int, int]] = {}
        for size in reversed(self._stem_sizes):
            for at, pattern in enumerate(patterns):
                stem = self._stems.get(pattern[:size]) if len(pattern) >= size and " " not in pattern else None
                if stem is not None:
                    found[at] = stem, size + 1
        return found
