"""How much of a text the model could read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from escalate.matching import SentenceHits
from escalate.text import Document
from escalate.vocabulary import STOPWORDS

__all__ = ["Evidence", "evidence_of", "known_words"]

_LETTERS = re.compile(rb"(?<!\S)[a-z]+(?!\S)")
_START = itemgetter(1)
_STOPWORDS = frozenset(word.encode() for word in STOPWORDS)


class Evidence(NamedTuple):
    """The words of a text, and those that the model knows.

    Attributes
    ----------
    words : int
        Content words: no function words, no numbers.
    known : int
        How many of them the lexicon or the learned vocabulary knows.
    """

    words: int
    known: int

    @property
    def share(self) -> float:
        """The share of content words that are known, 0 to 1; 0 for a text without any."""
        return self.known / self.words if self.words else 0.0


def evidence_of(document: Document, sentences: Sequence[SentenceHits]) -> Evidence:
    """Return how many content words a document has, and how many of them were found by the automaton."""
    found = list(_found(document, sentences))
    return Evidence(len(found), sum(found))


def known_words(document: Document, sentences: Sequence[SentenceHits], at_most: int) -> int:
    """Return the number of known content words, or `at_most` as soon as there are so many.

    The same words as :func:`evidence_of` counts, but looked for only where something was found: most texts have enough in their first line.
    """
    text, count = document.words, 0
    for sentence in sentences:
        reached = 0
        for _, start, found_end in sorted((*sentence.hits, *sentence.words), key=_START):
            if found_end > reached:
                end = text.find(b" ", found_end)  # a stem ends inside its word
                words = text[max(start, reached) : end].split()
                count += len([word for word in words if word not in _STOPWORDS and word.isalpha()])
                reached = end
                if count >= at_most:
                    return at_most
    return count


def _found(document: Document, sentences: Sequence[SentenceHits]) -> Iterator[bool]:
    """Say of each content word whether it was found."""
    for sentence in sentences:
        covered = sorted((start, end) for _, start, end in (*sentence.hits, *sentence.words))
        at, reached = 0, 0
        for start in _content_words(document.words, sentence.start, sentence.end):
            while at < len(covered) and covered[at][0] <= start:
                reached = max(reached, covered[at][1])
                at += 1
            yield start < reached


def _content_words(text: bytes, start: int, end: int) -> Iterator[int]:
    """Yield where the words that carry meaning start."""
    for word in _LETTERS.finditer(text, start, end):
        if word[0] not in _STOPWORDS:
            yield word.start()
