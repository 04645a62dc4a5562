"""Patterns looked up word by word: slower than an automaton, but ready at once.

An automaton over eighty thousand patterns takes longer to build than numpy takes to import, which a program that scores a text or two
should not wait for. Both ways find the same: from left to right the longest pattern that ends where a word ends, or a stem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

__all__ = ["BLANK", "Find", "Numbers", "PatternTable"]

BLANK = 32
"""The byte between words."""

Find = tuple[int, int, int]
"""A pattern found: its number, where it starts, and where the search goes on: behind the blank after it, or behind a stem."""


class Numbers:
    """Gives a pattern its number when it is first met: a text meets few, and numbering a hundred thousand takes as long as reading them.

    The numbers go down from -1, so that those of another count from zero up can stand beside them. Threads may share one.

    Parameters
    ----------
    is_known : callable
        Says of a text whether it is a pattern.

    Examples
    --------
    >>> numbers = Numbers({"air", "air strike"}.__contains__)
    >>> "air" in numbers, "strike" in numbers, numbers["air strike"], numbers["air"], numbers.pattern(-1)
    (True, False, -1, -2, 'air strike')
    """

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known
        self._met: dict[str, int] = {}
        self._patterns: dict[int, str] = {}
        self._upcoming = count(-1, -1)

    def __contains__(self, pattern: str) -> bool:
        return pattern in self._met or self._is_known(pattern)

    def __getitem__(self, pattern: str) -> int:
        number = self._met.get(pattern)
        if number is not None:
            return number
        fresh = next(self._upcoming)
        self._patterns[fresh] = pattern  # first, for no thread may know of a number that has no pattern
        return self._met.setdefault(pattern, fresh)

    def pattern(self, number: int) -> str:
        """Return the pattern that was given a number."""
        return self._patterns[number]


class PatternTable:
    """Patterns by their words.

    Parameters
    ----------
    numbers : Numbers or mapping of str to int
        Words and phrases with their numbers; a trailing ``*`` makes a stem, matched at the start of any word. A word stands before the stem
        of its spelling.
    stems : iterable of str
        The stems among them.
    longest : int
        Characters of the longest.
    is_passed_over : callable, optional
        Says of a phrase that it does not count.

    Examples
    --------
    >>> table = PatternTable({"air": 0, "air strike": 1, "bomb*": 2}, ["bomb*"], 10)
    >>> list(table.find(" air strikes bombed  "))
    [(0, 1, 5), (2, 13, 17)]
    """

    def __init__(
        self,
        numbers: Numbers | Mapping[str, int],
        stems: Iterable[str],
        longest: int,
        is_passed_over: Callable[[str], bool] = lambda phrase: False,
    ) -> None:
        self._whole = numbers
        self._is_passed_over = is_passed_over
        self._stems = {stem[:-1]: numbers[stem] for stem in stems}
        self._stem_sizes = sorted(set(map(len, self._stems)), reverse=True)
        self._longest = longest

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
