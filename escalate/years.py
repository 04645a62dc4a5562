"""Years as words of a lexicon: which of them are past depends on the year that is "now"."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from numbers import Integral

from escalate.errors import LexiconError
from escalate.lexicon import Lexicon
from escalate.terms import PackedTerms

__all__ = ["lexicon_at", "words_of_years"]

Words = dict[str, tuple[str, ...]]

YEARS = range(1900, 2201)
"""What "now" can be: earlier there is no class of old years, and every later year would be a word of its own."""

FIRST_PAST = 1800
GENERATION = 36
"""Years after which a year is history wherever it is named."""

YEAR_CLASS = "old_year"
YEAR_CUES = ("year", "year_of_force")
"""The class of such a year, and the cues of ``context.toml`` that every past year is."""

COMPARED = ("as in", "like in", "unlike in", "not since", "since the", "first time since", "first time since the")
COMPARED_FROM = 1900
NO_CUE = "looks_like"
"""What stands before a year from then on to which today is compared, and the cue that is none."""


def words_of_years(year: object) -> tuple[Words, Words]:
    """Return the terms and the cues that the years make which lie two or more before `year`.

    Raises
    ------
    LexiconError
        When `year` is none.
    """
    if not isinstance(year, Integral) or int(year) not in YEARS:
        raise LexiconError(f"year is {year!r:.60}; expected the year that is now, a whole number from {YEARS[0]} to {YEARS[-1]}")
    now = int(year)
    past = range(FIRST_PAST, now - 1)
    terms: Words = {str(a_year): (YEAR_CLASS,) for a_year in past if a_year < now - GENERATION}
    cues: Words = {str(a_year): YEAR_CUES for a_year in past}
    cues |= {f"{words} {a_year}": (NO_CUE,) for a_year in past if a_year >= COMPARED_FROM for words in COMPARED}
    return terms, cues


def lexicon_at(lexicon: Lexicon, year: int) -> Lexicon:
    """Return a lexicon in which `year` is "now", and all else is as it was."""
    terms, cues = words_of_years(year)
    all_terms, all_cues = words_of_years(YEARS[-1])
    known = lexicon.terms.to_dict() if isinstance(lexicon.terms, PackedTerms) else lexicon.terms
    return replace(lexicon, terms=_moved(known, all_terms, terms), cues_of=_moved(lexicon.cues_of, all_cues, cues))


def _moved(words: Mapping[str, tuple[str, ...]], of_years: Mapping[str, tuple[str, ...]], new: Words) -> Words:
    """Return the words with what years make of some of them put anew."""
    rest = {word: _without(names, of_years.get(word, ())) for word, names in words.items()}
    kept = {word: names for word, names in rest.items() if names or word not in of_years}
    return kept | {word: (*names, *kept.get(word, ())) for word, names in new.items()}


def _without(names: tuple[str, ...], gone: Container[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in gone) if gone else names
