"""Patterns looked up word by word: slower than an automaton, but ready at once.

An automaton over eighty thousand patterns takes longer to build than numpy takes to import, which a program that scores a text or two
should not wait for. Both ways find the same: from left to right the longest pattern that ends where a word ends, or a stem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["BLANK", "Find", "PatternTable"]

BLANK = 32
"""The byte between words."""

Find = tuple[int, int, int]
"""A pattern found: its number, where it starts, and where the search goes on: behind the blank after it, or behind a stem."""


class PatternTable:
    """Patterns by their words.

    Parameters
    ----------
    numbers : mapping of str to int
        Words and phrases with their numbers; a trailing ``*`` makes a stem, matched at the start of any word. A word stands before the stem
        of its spelling.
    is_passed_over : callable, optional
        Says of a phrase that it does not count.

    Examples
    --------
    >>> table = PatternTable({"air": 0, "air strike": 1, "bomb*": 2})
    >>> list(table.find(" air strikes bombed  "))
    [(0, 1, 5), (2, 13, 17)]
    """

    def __init__(self, numbers: Mapping[str, int], is_passed_over: Callable[[str], bool] = lambda phrase: False) -> None:
        self._whole = numbers
        self._is_passed_over = is_passed_over
        self._stems = {stem: numbers[f"{stem}*"] for stem in _stems_among(numbers)}
        self._stem_sizes = sorted(set(map(len, self._stems)), reverse=True)
        self._longest = max(map(len, numbers), default=0)

    def find(self, words: str) -> Iterator[Find]:
        """Yield what is found; no two overlap.

        Parameters
        ----------
        words : str
            Words with blanks between them, one blank first and two last, as :attr:`escalate.text.Document.words`.
        """
        blank = words.find(" ")
        while blank >= 0:
            found = self._at(words, blank + 1)
            if found:
                yield found
            blank = words.find(" ", found[2] - 1 if found else blank + 1)

    def _at(self, words: str, start: int) -> Find | None:
        """Return the longest pattern that starts here."""
        whole = self._whole
        closes = self._closes(words, start)
        for close in closes:
            if (phrase := words[start:close]) in whole and not self._is_passed_over(phrase):
                return whole[phrase], start, close + 1
        word = words[start : closes[-1]]
        for size in self._stem_sizes:
            at = self._stems.get(word[:size])
            if at is not None and size <= len(word):
                return at, start, start + size
        return None

    def _closes(self, words: str, start: int) -> list[int]:
        """Return where a pattern that begins here could end: the longest first, and last the first word itself."""
        ends = [words.find(" ", start)]
        last = start + self._longest
        while True:
            end = words.find(" ", ends[-1] + 1)
            if end <= ends[-1] + 1 or end > last:  # two blanks: there was a mark, or the text is over
                return ends[::-1]
            ends.append(end)


def _stems_among(patterns: Iterable[str]) -> Iterator[str]:
    """Yield the stems among patterns, without their mark; looked for in all at once, for one by one takes four times as long."""
    text = "\n".join(("", *patterns))
    mark = text.find("*")
    while mark >= 0:
        yield text[text.rfind("\n", 0, mark) + 1 : mark]
        mark = text.find("*", mark + 1)
