"""One pass of one automaton over a document: lexicon terms, cues, actors and the learned vocabulary together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from escalate.lexicon import ACTOR_CLASSES, Cue, Lexicon
from escalate.text import Document

__all__ = ["CompiledCue", "CompiledFrame", "Hit", "Matcher", "SentenceHits"]

Hit = tuple[int, int, int]
"""A pattern found: its number, and its internal span with the blank on either side."""


class CompiledFrame(NamedTuple):
    """A frame with its classes as bit masks."""

    family: str
    object: int
    unless: int
    gap: int
    order: str


class CompiledCue(NamedTuple):
    """A cue with the families it acts on as a set."""

    name: str
    mode: str
    direction: str
    scope: int
    rank: int
    families: frozenset[str]
    only_over: str


@dataclass(slots=True)
class SentenceHits:
    """What was found in one sentence, in reading order: lexicon terms (the longest only) and learned words."""

    start: int
    end: int
    hits: list[Hit] = field(default_factory=list)
    words: list[Hit] = field(default_factory=list)


class Matcher:
    """The automaton and the tables that give its hits their meaning.

    Parameters
    ----------
    lexicon : Lexicon
        Terms, cues, actors and frames.
    vocabulary : sequence of str
        Learned words; a trailing ``*`` makes a stem, matched at the start of any word.

    Attributes
    ----------
    terms : list of str
        The lexicon terms; their numbers come first among the patterns.
    masks, frames, cues, stops, actors, cased : list
        For each term its classes as a bit mask, the frames it can open, the cues it is, whether it ends a scope, the actor it
        names, and the only spelling in which it does.
    vocabulary_of : list of int
        For each pattern the number of its learned word, or -1.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Sequence[str] = ()) -> None:
        self.lexicon = lexicon
        self.vocabulary = tuple(vocabulary)
        self.class_bits = {name: 1 << i for i, name in enumerate(sorted({*lexicon.classes, *ACTOR_CLASSES}))}
        spelled = {form.lower().replace("-", " "): form for form in lexicon.cased}
        self.terms = list(dict.fromkeys([*lexicon.terms, *lexicon.actors_of, *spelled, *lexicon.cues_of, *lexicon.stops]))
        self.cased = [spelled.get(t, "").encode() if t not in lexicon.actors_of else b"" for t in self.terms]
        self.actors = [lexicon.actors_of.get(t) or lexicon.cased.get(spelled.get(t, ""), "") for t in self.terms]
        self.masks = [self._mask(lexicon.terms.get(t, ())) | self._actor_mask(a) for t, a in zip(self.terms, self.actors, strict=True)]
        compiled = {name: _compile_cue(cue, lexicon) for name, cue in lexicon.cues.items()}
        self.cues = [tuple(compiled[name] for name in lexicon.cues_of.get(t, ())) for t in self.terms]
        stops = set(lexicon.stops)
        self.stops = [t in stops for t in self.terms]
        self.frames = self._frames()
        self.vocabulary_of, patterns = self._patterns()
        self._automaton = BytesAhoCorasick(patterns, implementation=Implementation.DFA)

    def _mask(self, classes: Iterable[str]) -> int:
        mask = 0
        for name in classes:
            mask |= self.class_bits[name]
        return mask

    def _actor_mask(self, name: str) -> int:
        if not name:
            return 0
        kind = self.lexicon.actors[name].kind
        more = {"state": ["government_actor"], "armed_group": ["actor_group"]}.get(kind, [])
        return self._mask(["actor", f"actor_{kind}", *more])

    def _frames(self) -> list[tuple[CompiledFrame, ...]]:
        frames = self.lexicon.frames
        opened = [(self._mask(f.act), CompiledFrame(f.family, self._mask(f.object), self._mask(f.unless), f.gap, f.order)) for f in frames]
        shared = {mask: tuple(frame for act, frame in opened if act & mask) for mask in set(self.masks)}
        return [shared[mask] for mask in self.masks]

    def _patterns(self) -> tuple[list[int], list[bytes]]:
        """Return the learned word of each pattern, and the patterns: terms first, then the words that are no terms."""
        number = {term: i for i, term in enumerate(self.terms)}
        patterns = [f" {term} " for term in self.terms]
        vocabulary_of = [-1] * len(patterns)
        for at, word in enumerate(self.vocabulary):
            if word in number:
                vocabulary_of[number[word]] = at
            else:
                patterns.append(f" {word[:-1]}" if word.endswith("*") else f" {word} ")
                vocabulary_of.append(at)
        return vocabulary_of, [p.encode("ascii") for p in patterns]

    def scan(self, document: Document) -> list[SentenceHits]:
        """Return the hits of `document`, sentence by sentence (every sentence, also those without any)."""
        found = self._automaton.find_matches_as_indexes(document.words, overlapping=True)
        sentences = [SentenceHits(start, end) for start, end in document.sentences]
        count, vocabulary_of = len(self.terms), self.vocabulary_of
        _distribute([hit for hit in found if vocabulary_of[hit[0]] >= 0], sentences, "words")
        _distribute(self._longest([hit for hit in found if hit[0] < count], document.cased), sentences, "hits")
        return sentences

    def _longest(self, found: list[Hit], cased: bytes) -> list[Hit]:
        """Drop every term inside a longer one; `found` is in the order of its ends."""
        kept: list[Hit] = []
        last_end = -1
        spelling = self.cased
        for hit in found:
            at, start, end = hit
            if spelling[at] and not _spelled(cased, start + 1, spelling[at]):
                continue
            while kept and kept[-1][1] >= start:
                kept.pop()
                last_end = kept[-1][2] if kept else -1
            if end != last_end:
                kept.append(hit)
                last_end = end
        return kept


def _distribute(hits: list[Hit], sentences: list[SentenceHits], name: str) -> None:
    """Give each hit to the sentence it starts in."""
    number = 0
    inside = getattr(sentences[0], name)
    end = sentences[0].end
    last = len(sentences) - 1
    for hit in hits:
        while hit[1] + 1 >= end and number < last:
            number += 1
            inside = getattr(sentences[number], name)
            end = sentences[number].end
        inside.append(hit)


def _spelled(cased: bytes, start: int, form: bytes) -> bool:
    """Say whether the word stands in its own spelling, and not in a text that is all capitals."""
    return cased[start : start + len(form)] == form and not cased.isupper()


def _compile_cue(cue: Cue, lexicon: Lexicon) -> CompiledCue:
    families = frozenset(cue.families or lexicon.families) - frozenset(cue.except_families)
    return CompiledCue(cue.name, cue.mode, cue.direction, cue.scope, cue.rank, families, cue.only_over)
