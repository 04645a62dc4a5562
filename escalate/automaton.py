"""One pass of one automaton over all patterns."""

from __future__ import annotations

from collections.abc import Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from escalate.patterns import Find, PatternTable

__all__ = ["Automaton"]

BLANK = 32
"""The byte between words."""


class Automaton:
    """Finds what a :class:`~escalate.patterns.PatternTable` finds, several times faster.

    The automaton knows no words: the longest pattern may end inside one ("air strike" in "air strikes"). Where such a match hides
    others, they are found again: a stem from its pattern alone, the rest with the table.

    Parameters
    ----------
    patterns : sequence of str
    table : PatternTable
        The same patterns.

    Examples
    --------
    >>> patterns = ["air", "air strike", "bomb*"]
    >>> Automaton(patterns, PatternTable(patterns)).find(b" air strikes bombed  ")
    [(0, 0, 4), (2, 12, 17)]
    """

    def __init__(self, patterns: Sequence[str], table: PatternTable) -> None:
        self._table = table
        self._is_stem = [pattern.endswith("*") for pattern in patterns]
        self._stem_in = table.stems_inside(patterns)
        self._is_hiding = [" " in pattern or at in self._stem_in for at, pattern in enumerate(patterns)]
        spelled = [b" " + pattern.rstrip("*").encode("ascii") for pattern in patterns]
        self._automaton = BytesAhoCorasick(spelled, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA)

    def find(self, words: bytes) -> list[Find]:
        """Return what is found in `words`, from left to right."""
        found, is_stem, is_hiding = self._automaton.find_matches_as_indexes(words), self._is_stem, self._is_hiding
        hiding = [number for number, find in enumerate(found) if words[find[2]] != BLANK and is_hiding[find[0]]]
        if hiding:
            found = self._looked_again(words.decode("ascii"), found, hiding)
        return [find for find in found if words[find[2]] == BLANK or is_stem[find[0]]]

    def _looked_again(self, words: str, raw: list[Find], hiding: Sequence[int]) -> list[Find]:
        """Return the matches with what some of them hide in their place."""
        found: list[Find] = []
        first = 0
        for number in hiding:
            if number < first:
                continue
            found += raw[first:number]
            first = number + 1
            at, blank, _ = raw[number]
            if at in self._stem_in:
                stem, size = self._stem_in[at]
                found.append((stem, blank, blank + size))
            else:
                hidden, done = self._hidden(words, raw, number)
                found += hidden
                while first < len(raw) and raw[first][1] < done:
                    first += 1
        return found + raw[first:]

    def _hidden(self, words: str, raw: list[Find], number: int) -> tuple[list[Find], int]:
        """Return what one match hides, and up to where the matches behind it do not count: what it hid may reach into them."""
        _, done, stop = raw[number]
        following = number + 1
        hidden: list[Find] = []
        while found := next(self._table.find(words, done, stop), None):
            hidden.append(found)
            done = found[2]
            while following < len(raw) and raw[following][1] < done:
                stop = max(stop, raw[following][2])
                following += 1
        return hidden, max(done, stop)
