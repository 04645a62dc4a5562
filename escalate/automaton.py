"""One pass of one automaton over all patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from escalate.patterns import Find, PatternTable

__all__ = ["Automaton"]

BLANK = 32
"""The byte between words."""


class Automaton:
    """Finds what a :class:`~escalate.patterns.PatternTable` finds, several times faster.

    The automaton knows no words: the longest pattern may end inside one ("air strike" in "air strikes"). Where such a match hides a
    shorter one that ends well, the table looks again.

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
        self._is_hiding = [table.is_hiding(pattern) for pattern in patterns]
        spelled = [b" " + pattern.rstrip("*").encode("ascii") for pattern in patterns]
        self._automaton = BytesAhoCorasick(spelled, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)

    def find(self, words: bytes) -> list[Find]:
        """Return what is found in `words`, from left to right."""
        raw, is_stem, is_hiding = self._automaton.find_matches_as_indexes(words), self._is_stem, self._is_hiding
        if [find for find in raw if is_hiding[find[0]] and words[find[2]] != BLANK]:
            return list(self._looked_again(words, raw))
        return [find for find in raw if words[find[2]] == BLANK or is_stem[find[0]]]

    def _looked_again(self, words: bytes, raw: Sequence[Find]) -> Iterator[Find]:
        """Yield the matches that end well, and what the others hide."""
        done = 0
        for number, find in enumerate(raw):
            at, blank, end = find
            if blank < done:
                continue
            if words[end] == BLANK or self._is_stem[at]:
                yield find
            elif self._is_hiding[at]:
                hidden, done = self._hidden(words, raw, number)
                yield from hidden

    def _hidden(self, words: bytes, raw: Sequence[Find], number: int) -> tuple[list[Find], int]:
        """Return what one match hides, and up to where the matches behind it do not count: what it hid may reach into them."""
        _, done, stop = raw[number]
        behind = iter(raw[number + 1 :])
        following = next(behind, None)
        hidden: list[Find] = []
        while found := next(self._table.find(words, done, stop), None):
            hidden.append(found)
            done = found[2]
            while following and following[1] < done:
                stop = max(stop, following[2])
                following = next(behind, None)
        return hidden, max(done, stop)
