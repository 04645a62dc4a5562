"""Patterns looked up word by word: slower than an automaton, but ready at once.

An automaton over fifty thousand patterns takes longer to build than numpy takes to import, which a program that scores a text or two
should not wait for. Both ways find the same: from left to right the longest pattern that ends where a word ends, or a stem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["Find", "PatternTable"]

Find = tuple[int, int, int]
"""A pattern found: its number, and where the blank before it and its own end stand."""


class PatternTable:
    """Patterns by their words.

    Parameters
    ----------
    patterns : sequence of str
        Words and phrases; a trailing ``*`` makes a stem, matched at the start of any word. Of two that are spelled alike the first counts.

    Examples
    --------
    >>> table = PatternTable(["air", "air strike", "bomb*"])
    >>> list(table.find(b" air strikes bombed  "))
    [(0, 0, 4), (2, 12, 17)]
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        numbers = range(len(patterns) - 1, -1, -1)
        self._whole = dict(zip(reversed(_encoded(patterns)), numbers, strict=True))
        self._stems = {pattern.encode("ascii")[:-1]: at for at, pattern in enumerate(patterns) if pattern.endswith("*")}
        self._stem_sizes = sorted(set(map(len, self._stems)), reverse=True)
        phrases = sorted([pattern for pattern in patterns if " " in pattern], key=_blanks)
        longest = {phrase.partition(" ")[0]: _blanks(phrase) for phrase in phrases}
        self._longest = dict(zip(_encoded(list(longest)), longest.values(), strict=True))

    def find(self, words: bytes, start: int = 0, stop: int | None = None) -> Iterator[Find]:
        """Yield what is found from `start` on, as long as it begins before `stop`; no two overlap.

        Parameters
        ----------
        words : bytes
            Words with blanks between them, one blank first and two last, as :attr:`escalate.text.Document.words`.
        start, stop : int
        """
        blank = words.find(b" ", start, stop)
        while blank >= 0:
            found = self._at(words, blank)
            if found:
                yield found
            blank = words.find(b" ", found[2] if found else blank + 1, stop)

    def _at(self, words: bytes, blank: int) -> Find | None:
        """Return the longest pattern behind a blank."""
        start = blank + 1
        end = words.find(b" ", start)
        word = words[start:end]
        for close in self._closes(words, word, end):
            at = self._whole.get(words[start:close])
            if at is not None:
                return at, blank, close
        for size in self._stem_sizes:
            at = self._stems.get(word[:size])
            if at is not None and size <= len(word):
                return at, blank, start + size
        return None

    def _closes(self, words: bytes, word: bytes, end: int) -> list[int]:
        """Return where a pattern that begins with a word could end: the longest first, and last the word itself."""
        ends = [end]
        for _ in range(self._longest.get(word, 0)):
            end = words.find(b" ", end + 1)
            if end <= ends[-1] + 1:  # two blanks: there was a mark, or the text is over
                break
            ends.append(end)
        return ends[::-1]

    def stems_inside(self, patterns: Sequence[str]) -> dict[int, tuple[int, int]]:
        """Return, by the number of each single word that begins with a stem, the longest such stem and its length with the blank before."""
        found: dict[int, tuple[int, int]] = {}
        for size in reversed(self._stem_sizes):
            for at, pattern in enumerate(patterns):
                stem = self._stems.get(pattern[:size].encode("ascii")) if len(pattern) >= size and " " not in pattern else None
                if stem is not None:
                    found[at] = stem, size + 1
        return found


def _encoded(patterns: Sequence[str]) -> list[bytes]:
    """Return the patterns as bytes: encoding them one by one would take five times as long."""
    return "\n".join(patterns).encode("ascii").split(b"\n") if patterns else []


def _blanks(phrase: str) -> int:
    return phrase.count(" ")
