"""Named sparse features of one sentence: family x mode signals, actors and scope, counter-evidence, structure.

Every feature is present or absent, so length and repetition change nothing. Names read as what they are: ``strike:actual``,
``escalatory:threatened+topic:sport``, ``term:casualty``, ``actor:two_states``, ``form:question``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from escalate.context import Kinds, RawSignal, is_covered, kinds_of, quiet_spans
from escalate.lazy import Lazy
from escalate.matching import Matcher, SentenceHits, Term
from escalate.text import Document

__all__ = ["FeatureReader"]

Names = tuple[str, ...]
Numbers = tuple[int, ...]
Marks = tuple[bytes, bool]

REMEMBERED = 50_000
"""Combinations of signals that are remembered: most sentences with signals are like others."""


class FeatureReader:
    """Gives the features of sentences as numbers.

    Parameters
    ----------
    matcher : Matcher
    names : sequence of str, optional
        The features that exist, in order; others are ignored. Without it every feature met gets the next number.

    Attributes
    ----------
    names : list of str
    """

    def __init__(self, matcher: Matcher, names: Sequence[str] | None = None) -> None:
        self.matcher = matcher
        self.grows = names is None
        self.names = list(names or ())
        self._index = {name: i for i, name in enumerate(self.names)}
        self._of_term: Lazy[Term, Numbers] = Lazy(lambda term: self._numbers(term_names(matcher, term)))
        self._of_quiet_term: Lazy[Term, Numbers] = Lazy(lambda term: self._numbers(term_names(matcher, term, quiet=True)))
        self._of_shape = Lazy(self._shape)
        # One memory for each reader, not one for the class: numbers belong to a list of names.
        self._of_kinds = lru_cache(REMEMBERED)(lambda kinds, scope: self._numbers(tuple(self._told(kinds, scope))))
        self._of_actors = Lazy(self._scope)

    def read(self, document: Document, sentence: SentenceHits, signals: list[RawSignal]) -> set[int]:
        """Return the numbers of the features that hold in one sentence, learned words left out."""
        loud, quiet = self._of_term, self._of_quiet_term
        spans = quiet_spans(signals, self.matcher.lexicon.families) if signals else []
        named: list[str] = []
        found: list[int] = []  # a list is put together faster than sets are
        for term, start, end in sentence.hits:
            found += quiet[term] if spans and is_covered(start, end, spans) else loud[term]
            if term.actor:
                named.append(term.actor)
        scope = self._of_actors[frozenset(named)]
        shape = self._of_shape[scope, _marks(document, sentence), bool(signals)]
        if signals:
            found += self._of_kinds(kinds_of(signals), scope)
        return {*shape, *found}

    def _told(self, kinds: Kinds, scope: Names) -> Iterator[str]:
        """Yield what the signals of a sentence bring, each alone and crossed with what stands beside it."""
        matcher = self.matcher
        for family, mode in kinds:
            yield from signal_names(matcher, family, mode)
        if all(matcher.lexicon.families[family].group == "counter" for family, _ in kinds):
            yield "form:no_signal"
        beside = (*scope, *sorted(topics(kinds, matcher)))
        for group in sorted(escalatory(kinds, matcher)):  # the order in which numbers are met decides the last bits of a sum
            yield from (f"{group}+{name}" for name in beside)

    def _numbers(self, names: Iterable[str]) -> Numbers:
        index = self._index
        if self.grows:
            for name in names:
                if name not in index:
                    index[name] = len(self.names)
                    self.names.append(name)
        return tuple(index[name] for name in names if name in index)

    def _shape(self, key: tuple[Names, Marks, bool]) -> Numbers:
        scope, marks, signals = key
        return self._numbers((*scope, *_form(*marks), *(() if signals else ("form:no_signal",))))

    def _scope(self, named: frozenset[str]) -> Names:
        """Say who is there: states (one or more), armed groups, alliances, nobody."""
        return _kinds([self.matcher.lexicon.actors[name].kind for name in named])


def _kinds(kinds: list[str]) -> Names:
    if not kinds:
        return ("actor:none",)
    found = tuple(sorted({f"actor:{kind}" for kind in kinds}))
    return (*found, "actor:two_states") if kinds.count("state") > 1 else found


def term_names(matcher: Matcher, term: Term, *, quiet: bool = False) -> tuple[str, ...]:
    """Return the features a term brings: its classes, by other names in a quiet span, and the cues it is."""
    kind = "quiet" if quiet else "term"
    classes = [f"{kind}:{name}" for name in matcher.classes_in(term.mask)]
    return (*classes, *(f"cue:{cue.name}" for cue in term.cues))


def signal_names(matcher: Matcher, family: str, mode: str) -> tuple[str, ...]:
    """Return the features a signal brings: itself, and what it is one of."""
    known = matcher.lexicon.families[family]
    if known.group == "counter":
        return f"{family}:{mode}", f"topic:{family}"
    return f"{family}:{mode}", f"{known.group}:{mode}", f"rung{known.rung}:{mode}"


def escalatory(kinds: Kinds, matcher: Matcher) -> set[str]:
    """Return the modes in which something escalatory stands, as names."""
    families = matcher.lexicon.families
    return {f"escalatory:{mode}" for family, mode in kinds if families[family].group == "escalatory"}


def topics(kinds: Kinds, matcher: Matcher) -> set[str]:
    """Return the topics of counter-evidence, as names."""
    families = matcher.lexicon.families
    return {f"topic:{family}" for family, _ in kinds if families[family].group == "counter"}


def _marks(document: Document, sentence: SentenceHits) -> Marks:
    """Return what a sentence ends in, and whether there is a quotation mark in it."""
    start, end = sentence.start, sentence.end
    return document.clauses[max(start, end - 3) : end].rstrip()[-1:], document.cased.find(b'"', start, end) >= 0


def _form(last: bytes, is_quoting: bool) -> Names:
    """Name the form of a sentence: a question, a headline without full stop, a quotation."""
    found = ("form:question",) if last == b"?" else () if last in (b".", b"!") else ("form:headline",)
    return (*found, "form:quote") if is_quoting else found
