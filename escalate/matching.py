"""One pass of one automaton over a document: lexicon terms, cues, actors and the learned vocabulary together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from escalate.lexicon import Cue, Lexicon
from escalate.text import Document

__all__ = ["CompiledCue", "CompiledFrame", "Hit", "Matcher", "SentenceHits"]


class Hit(NamedTuple):
    """A lexicon term found: internal span (blanks excluded) and the number of its entry."""

    start: int
    end: int
    entry: int


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
    """What was found in one sentence, in reading order."""

    start: int
    end: int
    hits: list[Hit]
    words: list[tuple[int, int, int]]
    """Learned words: internal start, end, vocabulary number."""


class _Entry:
    """What one lexicon term is: classes, cues, actor, and the frames it can open."""

    __slots__ = ("actor", "cased", "cues", "frames", "mask", "stop")

    def __init__(self) -> None:
        self.mask = 0
        self.cues: tuple[CompiledCue, ...] = ()
        self.actor = ""
        self.cased = ""
        self.frames: tuple[CompiledFrame, ...] = ()
        self.stop = False


class Matcher:
    """The automaton and the tables that give its hits their meaning.

    Parameters
    ----------
    lexicon : Lexicon
        Terms, cues, actors and frames.
    vocabulary : sequence of str
        Learned words; a trailing ``*`` makes a stem, matched at the start of any word.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Sequence[str] = ()) -> None:
        self.lexicon = lexicon
        self.vocabulary = tuple(vocabulary)
        self.class_bits = {name: 1 << i for i, name in enumerate(_class_names(lexicon))}
        self.entries: list[_Entry] = []
        self._terms: dict[str, int] = {}
        self._features: dict[int, tuple[str, ...]] = {}
        self._fill(lexicon)
        self.vocabulary_of: list[int] = []
        self._automaton = self._build()

    def _fill(self, lexicon: Lexicon) -> None:
        for term, classes in lexicon.terms.items():
            self._entry(term).mask |= self._mask(classes)
        for term, name in lexicon.actors_of.items():
            self._make_actor(self._entry(term), name)
        for form, name in lexicon.cased.items():
            entry = self._entry(form.lower().replace("-", " "))
            if not entry.actor:
                entry.cased = form
                self._make_actor(entry, name)
        cues = {name: _compile_cue(cue, lexicon) for name, cue in lexicon.cues.items()}
        for term, names in lexicon.cues_of.items():
            self._entry(term).cues = tuple(cues[name] for name in names)
        for term in lexicon.stops:
            self._entry(term).stop = True
        self._attach_frames(lexicon)

    def _attach_frames(self, lexicon: Lexicon) -> None:
        compiled = [(self._mask(f.act), CompiledFrame(f.family, self._mask(f.object), self._mask(f.unless), f.gap, f.order)) for f in lexicon.frames]
        shared: dict[int, tuple[CompiledFrame, ...]] = {}
        for entry in self.entries:
            if entry.mask not in shared:
                shared[entry.mask] = tuple(frame for act, frame in compiled if act & entry.mask)
            entry.frames = shared[entry.mask]

    def _make_actor(self, entry: _Entry, name: str) -> None:
        kind = self.lexicon.actors[name].kind
        classes = ["actor", f"actor_{kind}"]
        classes += ["actor_group"] if kind == "armed_group" else []
        classes += ["government_actor"] if kind == "state" else []
        entry.actor = name
        entry.mask |= self._mask(classes)

    def _mask(self, classes: Iterable[str]) -> int:
        mask = 0
        for name in classes:
            mask |= self.class_bits[name]
        return mask

    def _entry(self, term: str) -> _Entry:
        if term not in self._terms:
            self._terms[term] = len(self.entries)
            self.entries.append(_Entry())
        return self.entries[self._terms[term]]

    def _build(self) -> BytesAhoCorasick:
        patterns = [f" {term} " for term in self._terms]
        self.vocabulary_of = [-1] * len(patterns)
        for number, word in enumerate(self.vocabulary):
            if word in self._terms:
                self.vocabulary_of[self._terms[word]] = number
            else:
                patterns.append(f" {word[:-1]}" if word.endswith("*") else f" {word} ")
                self.vocabulary_of.append(number)
        return BytesAhoCorasick([p.encode("ascii") for p in patterns], implementation=Implementation.DFA)

    def features_of(self, entry: int) -> tuple[str, ...]:
        """Return the names of the class and cue features of an entry."""
        known = self._features.get(entry)
        if known is None:
            found = self.entries[entry]
            known = tuple(f"term:{n}" for n, bit in self.class_bits.items() if bit & found.mask) + tuple(f"cue:{c.name}" for c in found.cues)
            self._features[entry] = known
        return known

    def scan(self, document: Document) -> list[SentenceHits]:
        """Return the hits of `document`, sentence by sentence (every sentence, also those without any)."""
        found = [(start, -end, at) for at, start, end in self._automaton.find_matches_as_indexes(document.words, overlapping=True)]
        found.sort()
        sentences = [SentenceHits(start, end, [], []) for start, end in document.sentences]
        self._distribute(document, found, sentences)
        return sentences

    def _distribute(self, document: Document, found: list[tuple[int, int, int]], sentences: list[SentenceHits]) -> None:
        """Sort hits into sentences; a lexicon term inside a longer one is dropped."""
        n_entries, vocabulary_of, entries = len(self.entries), self.vocabulary_of, self.entries
        covered = number = 0
        sentence = sentences[0]
        for start, negative_end, at in found:
            end = -negative_end
            while start + 1 >= sentence.end and number + 1 < len(sentences):
                number += 1
                sentence = sentences[number]
            word = vocabulary_of[at]
            if word >= 0:
                sentence.words.append((start + 1, end, word))
            if at < n_entries and end > covered:
                entry = entries[at]
                if entry.cased and not _has_case(document, start + 1, entry.cased):
                    continue
                covered = end
                sentence.hits.append(Hit(start + 1, end - 1, at))


def _has_case(document: Document, start: int, form: str) -> bool:
    text = document.edited
    return text[start - 1 : start - 1 + len(form)] == form and not text.isupper()


def _class_names(lexicon: Lexicon) -> list[str]:
    from escalate.lexicon import ACTOR_CLASSES

    return sorted({*lexicon.classes, *ACTOR_CLASSES})


def _compile_cue(cue: Cue, lexicon: Lexicon) -> CompiledCue:
    families = frozenset(cue.families or lexicon.families) - frozenset(cue.except_families)
    return CompiledCue(cue.name, cue.mode, cue.direction, cue.scope, cue.rank, families, cue.only_over)
