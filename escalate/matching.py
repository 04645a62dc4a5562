"""One pass of one automaton over a document: lexicon terms, cues, actors and the learned vocabulary together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, reduce
from itertools import chain, count
from operator import or_
from typing import NamedTuple

from escalate.automaton import Automaton
from escalate.lazy import Lazy
from escalate.lexicon import ACTOR_CLASSES, LONGEST_TERM, Cue, Lexicon
from escalate.patterns import Find, Numbers, PatternTable
from escalate.terms import PackedTerms
from escalate.text import Document
from escalate.vocabulary import word_terms

__all__ = ["CompiledCue", "CompiledFrame", "Hit", "Matcher", "SentenceHits", "Term", "WordHit", "bits_of", "present_in", "soon"]

AUTOMATON_AFTER = 10_000
"""Characters after which the automaton is built: five times faster to run than a table of patterns, ten times slower to build."""


REMEMBERED = 100_000
"""Situations of acts that are remembered: most are like others."""


class CompiledFrame(NamedTuple):
    """A frame with its classes as bit masks."""

    family: str
    object: int
    unless: int
    gap: int
    order: str


class CompiledCue(NamedTuple):
    """A cue with the families it acts on as a set; a bare one asks nothing of the words around it."""

    name: str
    mode: str
    direction: str
    scope: int
    rank: int
    families: frozenset[str]
    only_over: str
    comma: bool
    after: tuple[bytes, ...]
    before: tuple[str, ...]
    closed_by: tuple[str, ...]
    asks: bool
    first_verb: bool
    is_bare: bool


@dataclass(slots=True, eq=False)
class Term:
    """What a lexicon term means, in one place: a text asks it of every hit.

    Attributes
    ----------
    mask : int
        Its classes and the modes it is a cue of, as a bit mask.
    opens : int
        Classes of which one must be present for a frame that it opens to fit: its objects, and the class of the term itself where it asks
        for none. 0 where the term opens no frame.
    asked : int
        The classes that decide, by their presence in its sentence, which of its frames fit.
    cues : tuple of CompiledCue
        The cues it is.
    actor : str
        The actor it names.
    cased : bytes
        The only spelling in which it counts, if there is one.
    """

    mask: int
    opens: int
    asked: int
    cues: tuple[CompiledCue, ...]
    actor: str
    cased: bytes


Hit = tuple[Term, int, int]
"""A lexicon term found, and its internal span."""


WordHit = tuple[tuple[int, ...], int, int]
"""The learned words that stand at one place, as their numbers in the vocabulary, and their internal span."""


_Part = tuple[int, int, int]
"""A lexicon term in a pattern: its number and span there."""


@dataclass(slots=True)
class SentenceHits:
    """What was found in one sentence, in reading order.

    Attributes
    ----------
    start, end : int
        Internal span.
    hits : list of Hit
        Lexicon terms.
    words : list of WordHit
        Learned words.
    present : int
        What :func:`present_in` says of the terms.
    """

    start: int
    end: int
    hits: list[Hit]
    words: list[WordHit]
    present: int


class Matcher:
    """The automaton and the tables that give its hits their meaning.

    From left to right the longest pattern is found, and the search goes on behind it, so that every word is found at most once. What a
    longer pattern hides is known beforehand: the terms inside it are its `parts`, the learned words and stems its `learned`.

    Parameters
    ----------
    lexicon : Lexicon
        Terms, cues, actors and frames.
    vocabulary : sequence of str
        Learned words; a trailing ``*`` makes a stem, matched at the start of any word. Pairs (see :mod:`escalate.pairs`) are no
        words and are passed over.

    Attributes
    ----------
    masks, frames, cues, actors, cased : mapping of int
        For each term its classes and the modes it is a cue of as a bit mask, the frames it can open, the cues it is, the actor it
        names, and the only spelling in which it does.
    terms : mapping of int to Term
        For each term what a text asks of it at every hit.
    fitting : callable
        Gives the frames that fit, from the mask of a term and that of the asked classes which are present.
    adjacent : mapping of bytes to list of (bytes, CompiledCue)
        Cues that count only directly before an act, by their last word, with all their words; they are looked up there, and are no
        patterns.
    opening : mapping of bytes to list of (bytes, CompiledCue)
        Cues that count only where a sentence opens with them, by their first word, with all their words; looked up likewise.
    parts : mapping of int to tuple of (int, int, int)
        For each pattern the lexicon terms in it, with their span in the pattern.
    learned : mapping of int to tuple of int
        For each pattern the learned words it stands for; made when first asked for.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Sequence[str] = ()) -> None:
        self.lexicon = lexicon
        self.vocabulary = tuple(vocabulary)
        self.class_bits = {name: 1 << i for i, name in enumerate(sorted({*lexicon.classes, *ACTOR_CLASSES}))}
        self._class_of_bit = {bit: name for name, bit in self.class_bits.items()}
        modes = sorted({cue.mode for cue in lexicon.cues.values()})
        self.cue_bits = {f"cue_{mode}": 1 << len(self.class_bits) + i for i, mode in enumerate(modes)}
        spelled = _only_cased(lexicon)
        looked_up = {name for name, cue in lexicon.cues.items() if _is_looked_up(cue)}
        # Most words are of the same few cues: what these are is asked once for all of them.
        elsewhere: Lazy[tuple[str, ...], list[str]] = Lazy(lambda names: [name for name in names if name in looked_up])
        self._is_pattern_of: Lazy[tuple[str, ...], bool] = Lazy(lambda names: len(elsewhere[names]) < len(names))
        self._spelling = spelled
        self._learned_number = dict(zip(self.vocabulary, count()))
        self._numbers = Numbers(lambda pattern: pattern in self._learned_number or self._is_term(pattern))
        self._compiled = {name: _compile_cue(cue, lexicon) for name, cue in lexicon.cues.items()}
        self.cased = Lazy(self._cased_of)
        self.actors = Lazy(self._actor_of)
        self.masks = Lazy(self._mask_of)
        self.cues = Lazy(self._cues_of)
        self.adjacent: dict[bytes, list[tuple[bytes, CompiledCue]]] = {}
        self.opening: dict[bytes, list[tuple[bytes, CompiledCue]]] = {}
        for words, names in lexicon.cues_of.items():
            for name in elsewhere[names]:
                self._look_up(words, self._compiled[name], opens=lexicon.cues[name].opens)
        self._compiled_frames = Lazy(self._compile_frame)
        self._opened_by: Lazy[int, tuple[CompiledFrame, ...]] = Lazy(self._frames_opened_by)
        self.frames: Lazy[int, tuple[CompiledFrame, ...]] = Lazy(lambda at: self._opened_by[self.masks[at]])
        self.terms = Lazy(self._term)
        # One memory for each matcher, not one for the class: frames belong to a lexicon.
        self.fitting = lru_cache(REMEMBERED)(self._fitting)
        self.stops = re.compile(rb" (?:%s) " % b"|".join(word.encode() for word in lexicon.stops)) if lexicon.stops else None
        self._opens_term = Lazy(self._is_opener)
        self.parts = Lazy(self._parts_of)
        self.learned = Lazy(self._learned_of)
        self._meanings = Lazy(self._meaning_of)
        longest = max(map(len, self.vocabulary), default=0)
        self._table = PatternTable(
            self._numbers, [word for word in self.vocabulary if word[-1] == "*"], max(longest, LONGEST_TERM), self._cuts_terms
        )
        self._before_automaton = AUTOMATON_AFTER
        self._pattern_list: list[str] = []  # those of the automaton, once there is one

    def _look_up(self, words: str, cue: CompiledCue, *, opens: bool) -> None:
        """Note a cue that is looked up where it counts, and is no pattern."""
        if opens:
            self.opening.setdefault(words.partition(" ")[0].encode(), []).append((f"{words} ".encode(), cue))
        else:
            self.adjacent.setdefault(_last(words).encode(), []).append((f" {words} ".encode(), cue))

    def find(self, words: bytes) -> list[Find]:
        """Return the patterns in `words`, from left to right; the automaton is built once it pays."""
        if self._before_automaton < len(words):
            return self.automaton.find(words)
        self._before_automaton -= len(words)
        return list(self._table.find(words.decode("ascii")))

    @cached_property
    def automaton(self) -> Automaton:
        """The patterns as an automaton, which numbers them by their place in `_pattern_list`."""
        terms = self._all_terms(self.lexicon.terms)
        learned = [word for word in self.vocabulary if "&" not in word and word not in terms]
        patterns = [*terms, *learned]
        openers = {term.partition(" ")[0] for term in terms if " " in term}
        self._opens_term.update((word, word in openers) for word in map(_last, learned))
        self._pattern_list = patterns
        # A phrase that is passed over keeps its number: a term that was found already stands in its place.
        return Automaton([patterns[0] if self._cuts_terms(pattern) else pattern for pattern in patterns])

    def _all_terms(self, terms: Iterable[str]) -> dict[str, None]:
        """Return the terms that are patterns, each once: these, and those of actors and cues."""
        lexicon, is_pattern = self.lexicon, self._is_pattern_of
        cue_words = (term for term, names in lexicon.cues_of.items() if is_pattern[names])
        return dict.fromkeys(chain(terms, lexicon.actors_of, self._spelling, cue_words))

    def _is_term(self, pattern: str) -> bool:
        lexicon = self.lexicon
        if pattern in lexicon.terms or pattern in lexicon.actors_of or pattern in self._spelling:
            return True
        names = lexicon.cues_of.get(pattern)
        return names is not None and self._is_pattern_of[names]

    def _pattern(self, number: int) -> str:
        """Return a pattern by the number that the automaton or the table gave it."""
        return self._pattern_list[number] if number >= 0 else self._numbers.pattern(number)

    def _mask(self, classes: Iterable[str]) -> int:
        mask = 0
        for name in classes:
            mask |= self.class_bits[name]
        return mask

    def classes_in(self, mask: int) -> list[str]:
        """Return the names of the classes in a bit mask, in their order."""
        names = self._class_of_bit
        return [names[bit] for bit in bits_of(mask) if bit in names]

    # --- what a term means; looked up when first met --------------------------------------------

    def _cased_of(self, at: int) -> bytes:
        term = self._numbers.pattern(at)
        return b"" if term in self.lexicon.actors_of else self._spelling.get(term, "").encode()

    def _actor_of(self, at: int) -> str:
        term, lexicon = self._numbers.pattern(at), self.lexicon
        return lexicon.actors_of.get(term) or lexicon.cased.get(self._spelling.get(term, ""), "")

    def _cues_of(self, at: int) -> tuple[CompiledCue, ...]:
        names, known = self.lexicon.cues_of.get(self._numbers.pattern(at), ()), self.lexicon.cues
        return tuple(self._compiled[name] for name in names if not _is_looked_up(known[name]))

    def _mask_of(self, at: int) -> int:
        mask = self._mask(self.lexicon.terms.get(self._numbers.pattern(at), ())) | self._actor_mask(self.actors[at])
        for cue in self.cues[at]:
            mask |= self.cue_bits[f"cue_{cue.mode}"]
        return mask

    @cached_property
    def _frames_of_class(self) -> dict[int, list[int]]:
        """For each class, as a bit, the places of the frames that it opens."""
        found: dict[int, list[int]] = {}
        for at, frame in enumerate(self.lexicon.frames):
            for name in frame.act:
                found.setdefault(self.class_bits[name], []).append(at)
        return found

    def _compile_frame(self, at: int) -> CompiledFrame:
        frame = self.lexicon.frames[at]
        return CompiledFrame(frame.family, self._mask(frame.object), self._mask(frame.unless), frame.gap, frame.order)

    def _frames_opened_by(self, mask: int) -> tuple[CompiledFrame, ...]:
        opened = self._frames_of_class
        places = {at for bit in bits_of(mask) if bit in opened for at in opened[bit]}
        return tuple([self._compiled_frames[at] for at in sorted(places)])

    def _term(self, at: int) -> Term:
        mask, frames = self.masks[at], self.frames[at]
        opens = reduce(or_, [frame.object or mask for frame in frames], 0)
        asked = reduce(or_, [frame.object | frame.unless for frame in frames], 0)
        return Term(mask, opens, asked, self.cues[at], self.actors[at], self.cased[at])

    def _fitting(self, mask: int, present: int) -> tuple[CompiledFrame, ...]:
        """Return the frames that a term of these classes opens beside what is present."""
        opened = self._opened_by[mask]
        return tuple([f for f in opened if not f.unless & present and (not f.object or f.object & present)])

    def _actor_mask(self, name: str) -> int:
        if not name:
            return 0
        kind = self.lexicon.actors[name].kind
        more = {"state": ["government_actor"], "armed_group": ["actor_group"]}.get(kind, [])
        return self._mask(["actor", f"actor_{kind}", *more])

    # --- patterns ------------------------------------------------------------------------------

    @cached_property
    def _openers(self) -> set[str]:
        """The words with which terms of several words open, apart from terms that are packed."""
        terms = self.lexicon.terms
        return {term.partition(" ")[0] for term in self._all_terms({} if isinstance(terms, PackedTerms) else terms) if " " in term}

    def _is_opener(self, word: str) -> bool:
        """Say whether a term of several words opens with this one."""
        terms = self.lexicon.terms
        return word in self._openers or (isinstance(terms, PackedTerms) and terms.opens(word))

    def _cuts_terms(self, pattern: str) -> bool:
        """Say whether a pattern is a learned phrase that could cut a term in two: it is passed over."""
        return " " in pattern and not self._is_term(pattern) and self._opens_term[_last(pattern)]

    def _learned_of(self, pattern_at: int) -> tuple[int, ...]:
        """Return the learned words that a pattern stands for: itself, and the words, phrases and stems that it hides."""
        pattern, number = self._pattern(pattern_at), self._learned_number
        return tuple(sorted(number[word] for word in {pattern, *word_terms(pattern)} if word in number))

    def _parts_of(self, pattern_at: int) -> tuple[_Part, ...]:
        """Return the longest lexicon terms in a pattern, from left to right.

        A term stands for itself alone; but a cue ("refuses to launch") leaves the terms in it ("launch") what they are.
        """
        pattern, lexicon = self._pattern(pattern_at), self.lexicon
        if not self._is_term(pattern):
            return tuple(self._terms_in(pattern, self._is_term))
        itself = (self._numbers[pattern], 0, len(pattern))
        if pattern in lexicon.terms or pattern not in lexicon.cues_of:
            return (itself,)
        return (itself, *self._terms_in(pattern, self._is_no_cue))

    def _is_no_cue(self, term: str) -> bool:
        return term in self.lexicon.terms and term not in self.lexicon.cues_of

    def _terms_in(self, pattern: str, is_known: Callable[[str], bool]) -> Iterator[_Part]:
        """Yield the longest of the known terms inside a pattern, shorter than it, from left to right."""
        words = pattern.split()
        at = start = 0
        while at < len(words):
            ends = range(len(words), at, -1)
            term = next((t for end in ends if is_known(t := " ".join(words[at:end])) and t != pattern), "")
            if term:
                yield self._numbers[term], start, start + len(term)
            taken = max(1, len(term.split()))
            start += sum(len(word) + 1 for word in words[at : at + taken])
            at += taken

    def _meaning_of(self, pattern_at: int) -> tuple[int, tuple[int, ...], tuple[Hit, ...]]:
        """Return the length of a pattern, the learned words it stands for, and the terms in it with their span there."""
        parts = tuple([(self.terms[number], start, end) for number, start, end in self.parts[pattern_at]])
        return len(self._pattern(pattern_at).rstrip("*")), self.learned[pattern_at], parts

    def scan(self, document: Document) -> list[SentenceHits]:
        """Return the hits of `document`, sentence by sentence (every sentence, also those without any)."""
        meanings = self._meanings
        sentences = [SentenceHits(start, end, [], [], 0) for start, end in document.sentences]
        upcoming = iter(sentences)
        sentence = next(upcoming)
        until, last = sentence.end, sentences[-1].end
        hits, words, present = sentence.hits, sentence.words, 0
        for at, start, _ in self.find(document.words):
            while start >= until < last:
                sentence.present, present = present, 0
                sentence = next(upcoming)
                until, hits, words = sentence.end, sentence.hits, sentence.words
            size, learned, parts = meanings[at]
            if learned:
                words.append((learned, start, start + size))
            for term, left, right in parts:
                if not term.cased or _spelled(document, start + left, term.cased):
                    hits.append((term, start + left, start + right))
                    present |= term.mask
        sentence.present = present
        return sentences


def present_in(hits: Iterable[Hit]) -> int:
    """Return the classes of some terms, and the modes they are cues of, as a bit mask."""
    return reduce(or_, [term.mask for term, _, _ in hits], 0)


def bits_of(mask: int) -> Iterator[int]:
    """Yield the single bits of a mask, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _spelled(document: Document, start: int, form: bytes) -> bool:
    """Say whether the word stands in its own spelling, and not in a text that is all capitals."""
    return document.cased[start : start + len(form)] == form and not document.is_upper


def _last(pattern: str) -> str:
    return pattern.rpartition(" ")[2]


def _is_looked_up(cue: Cue) -> bool:
    return cue.direction == "adjacent" or cue.opens


def _only_cased(lexicon: Lexicon) -> dict[str, str]:
    """Return the case-sensitive forms of actors by their words; one that is an ordinary word as well ("CAR") is no actor."""
    spelled = {form.lower().replace("-", " "): form for form in lexicon.cased}
    return {words: form for words, form in spelled.items() if words not in lexicon.terms and words not in lexicon.cues_of}


def _compile_cue(cue: Cue, lexicon: Lexicon) -> CompiledCue:
    families = frozenset(cue.families or lexicon.families) - frozenset(cue.except_families)
    after = tuple(f" {word} ".encode() for word in cue.after)
    return CompiledCue(
        cue.name, cue.mode, cue.direction, cue.scope, cue.rank, families, cue.only_over, cue.comma, after, cue.before, cue.closed_by,
        cue.asks, cue.first_verb, not (after or cue.before or cue.asks),
    )  # fmt: skip


@cache
def soon(words: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return a pattern that one of these words stands here, or behind at most three others; made when first asked for."""
    return re.compile(rb"(?: +\w+){0,3} +(?:%s) " % "|".join(words).encode())
