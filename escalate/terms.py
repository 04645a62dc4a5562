"""The terms of a lexicon as a model file holds them: packed by their beginnings, unpacked where a text first asks for one.

A text meets few of a hundred thousand terms. To make a dict of all of them takes half as long as importing numpy, and a program that scores
a text or two would wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from sys import intern
from typing import Any

from escalate.lazy import Lazy

__all__ = ["PackedTerms", "pack_terms"]

START = 4
"""Letters of its first word by which a term is found: with fewer a text unpacks more terms, with more a file has more parts to read."""


class PackedTerms(Mapping[str, tuple[str, ...]]):
    """Term -> names of its classes, as a dict gives them; it cannot be changed. Threads may share one.

    Parameters
    ----------
    classes : sequence of str
        Names of all classes.
    groups : mapping of str to str
        Terms that begin alike, by how they begin, as :func:`pack_terms` makes them.

    Examples
    --------
    >>> terms = PackedTerms(["arms", "harm"], {"gun": "gun,gun fire=0,0 1"})
    >>> terms["gun fire"], terms.get("fire"), list(terms)
    (('arms', 'harm'), None, ['gun', 'gun fire'])
    """

    def __init__(self, classes: Sequence[str], groups: Mapping[str, str]) -> None:
        self.classes = classes
        self._groups = groups
        self._alike = Lazy(self._found)
        self._names = Lazy(self._names_of)

    def __getitem__(self, term: str) -> tuple[str, ...]:
        return self._names[self._alike[_start(term)][term]]

    def __contains__(self, term: object) -> bool:
        return isinstance(term, str) and term in self._alike[_start(term)]

    def __iter__(self) -> Iterator[str]:
        for start in self._groups:
            yield from self._alike[start]  # kept: who asks for all, as the automaton does, will look up many

    def __len__(self) -> int:
        return sum(len(_parts(group)[0]) for group in self._groups.values())

    def __repr__(self) -> str:
        return repr(self.to_dict())

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave behind what was unpacked: a copy unpacks its own."""
        return PackedTerms, (self.classes, self._groups)

    def to_dict(self) -> dict[str, tuple[str, ...]]:
        """Return all terms as a dict, faster than ``dict`` makes one of them."""
        found: dict[str, tuple[str, ...]] = {}
        for group in self._groups.values():
            terms, numbers = _parts(group)
            found.update(zip(terms, map(self._names.__getitem__, numbers), strict=True))
        return found

    def opens(self, word: str) -> bool:
        """Say whether a term of several words opens with this one."""
        opening = f"{word} "
        return any(term.startswith(opening) for term in self._alike[_start(word)])

    def check(self) -> None:
        """Check what is else taken on trust, for a file that may have been tampered with.

        Raises
        ------
        ValueError
            When a term stands twice, or where it would not be found, or when the classes are not those of the terms.
        """
        used: set[str] = set()
        for start, group in self._groups.items():
            terms, numbers = _parts(group)
            used.update(" ".join(numbers).split())
            if repeated := len(terms) - len(set(terms)):
                raise ValueError(f"lexicon: {repeated} terms stand twice")
            if wrong := [term for term in terms if _start(term) != start]:
                raise ValueError(f"lexicon: {wrong[0]!r:.60} stands under {start!r:.60}")
            if len(terms) != len(numbers):
                raise ValueError(f"lexicon: {len(terms)} terms under {start!r:.60} have the classes of {len(numbers)}")
        if different := used ^ set(map(str, range(len(self.classes)))):
            raise ValueError(f"lexicon: class {min(different)!r:.60} is none, or that of no term")

    def _found(self, start: str) -> dict[str, str]:
        """Return the terms of a group, each with the numbers of its classes as they are written."""
        if start not in self._groups:
            return {}
        terms, numbers = _parts(self._groups[start])
        return dict(zip(terms, map(intern, numbers), strict=True))  # most are those of other terms as well

    def _names_of(self, numbers: str) -> tuple[str, ...]:
        return tuple([self.classes[int(number)] for number in numbers.split()])


def _parts(group: str) -> tuple[list[str], list[str]]:
    """Return the terms of a group, and for each the numbers of its classes."""
    terms, _, numbers = group.partition("=")
    return terms.split(","), numbers.split(",")


def _start(term: str) -> str:
    """Return by what a term is found; all that open with one word are found by the same."""
    return term[:START].partition(" ")[0]


def pack_terms(terms: Mapping[str, tuple[str, ...]]) -> tuple[list[str], dict[str, str]]:
    """Return the names of the classes, and the terms that begin alike as one text each: what makes a :class:`PackedTerms`.

    Examples
    --------
    >>> pack_terms({"gun": ("arms",), "gun fire": ("arms", "harm"), "sabre": ("arms",)})
    (['arms', 'harm'], {'gun': 'gun,gun fire=0,0 1', 'sabr': 'sabre=0'})
    """
    if wrong := [term for term in terms if "," in term or "=" in term]:
        raise ValueError(f"{wrong[0]!r:.60} is no term")
    classes = sorted({name for names in set(terms.values()) for name in names})
    numbers = {name: str(number) for number, name in enumerate(classes)}
    groups: dict[str, list[str]] = {}
    for term in sorted(terms):
        groups.setdefault(_start(term), []).append(term)
    classed = {start: [" ".join(map(numbers.__getitem__, terms[term])) for term in group] for start, group in groups.items()}
    return classes, {start: f"{','.join(group)}={','.join(classed[start])}" for start, group in groups.items()}
