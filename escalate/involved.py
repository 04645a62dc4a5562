"""Who is involved: the states, armed groups and alliances a text names, from the default lexicon or the caller's own list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from escalate.errors import IndexInputError
from escalate.lexicon import Actor, Lexicon
from escalate.matching import Matcher
from escalate.text import Document

__all__ = ["PAIR", "Actors", "Finder"]

Actors = Mapping[str, Iterable[str]] | Lexicon
"""Actors as ``{name: spellings}``, or a lexicon that holds actors."""

PAIR = "-"
"""Stands between the two names of a pair, which are in alphabetical order: ``iran-united_states``."""


class Finder:
    """Finds the actors in texts.

    Parameters
    ----------
    actors : mapping of str to iterable of str, or Lexicon
        In a mapping the spellings are the words that count, in any case: ``{"Veskaria": ["Veskaria", "Veskarian", "Torvane"]}``. The
        name itself counts only if it is among them. A spelling all in capitals, such as ``"US"``, counts only so spelt.

    Examples
    --------
    >>> find = Finder({"Veskaria": ["Veskaria", "Torvane"], "Lomeda": ["Lomeda", "Lomedan"]})
    >>> sorted(find.actors("Torvane recalled its envoy. The Lomedan minister shrugged."))
    ['Lomeda', 'Veskaria']
    >>> find.pairs("Torvane recalled its envoy. The Lomedan minister shrugged.")
    set()
    >>> find.pairs("Torvane recalled its envoy from Lomeda.")
    {'Lomeda-Veskaria'}
    """

    def __init__(self, actors: Actors) -> None:
        self._matcher = Matcher(_only_actors(actors) if isinstance(actors, Lexicon) else _lexicon(actors))

    def _named(self, text: str) -> list[set[str]]:
        return [{term.actor for term, _, _ in sentence.hits} for sentence in self._matcher.scan(Document.read(text))]

    def actors(self, text: str) -> set[str]:
        """Return the actors that a text names."""
        return set().union(*self._named(text))

    def pairs(self, text: str) -> set[str]:
        """Return the pairs of actors that stand together in one sentence; far apart in a long text they may have nothing to do."""
        return {PAIR.join(pair) for named in self._named(text) for pair in combinations(sorted(named), 2)}


def _only_actors(lexicon: Lexicon) -> Lexicon:
    """Return a lexicon of nothing but the actors, so that no longer term hides one."""
    if not lexicon.actors:
        raise IndexInputError("the lexicon holds no actors; add [actors.NAME] tables to it, or pass a mapping of names to spellings")
    return Lexicon(actors_of=lexicon.actors_of, cased=lexicon.cased, actors=lexicon.actors)


def _lexicon(actors: Mapping[str, Iterable[str]]) -> Lexicon:
    lexicon = Lexicon()
    for name, spellings in actors.items():
        lexicon.actors[name] = Actor(name, "state")
        for spelling in _spellings(name, spellings):
            _add(lexicon, name, spelling)
    if not lexicon.actors:
        raise IndexInputError("the mapping of actors is empty; expected for example {'Iran': ['Iran', 'Iranian', 'Tehran']}")
    return lexicon


def _spellings(name: str, spellings: Iterable[str]) -> list[str]:
    found = [spellings] if isinstance(spellings, str) else list(spellings)
    if not found or not all(isinstance(spelling, str) and spelling.strip() for spelling in found):
        raise IndexInputError(f"spellings of {name!r} are {spellings!r:.80}; expected words, for example ['Iran', 'Iranian', 'Tehran']")
    return found


def _add(lexicon: Lexicon, name: str, spelling: str) -> None:
    """Add a spelling in the normal form in which texts are read."""
    read = Document.read(spelling)
    capitals = spelling.isupper() and spelling.isascii()
    key = read.cased.decode().strip(" .") if capitals else " ".join(read.words.decode().split())
    table = lexicon.cased if capitals else lexicon.actors_of
    if not key or "\x7f" in key:
        raise IndexInputError(f"spelling {spelling!r} of {name!r} has a letter that is not Latin, or none; texts are read as English")
    if table.setdefault(key, name) != name:
        raise IndexInputError(f"spelling {spelling!r} is given to both {table[key]!r} and {name!r}; give it to one")
