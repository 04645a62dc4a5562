"""The lexicon: term classes, signal families with their frames, context cues and actors.

The files in the folder ``lexicon`` are the default one. :meth:`Lexicon.load` reads them, and your own files after them: a class,
family or cue of the same name is *extended*, a new one is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from escalate.terms import PackedTerms

__all__ = ["MODES", "Actor", "Cue", "Family", "Frame", "Lexicon"]

Mode = Literal["actual", "threatened", "hypothetical", "negated", "past", "figurative"]
MODES: tuple[Mode, ...] = ("actual", "threatened", "hypothetical", "negated", "past", "figurative")
GROUPS = ("escalatory", "pressure", "deescalatory", "counter")
PLOVER = (
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN",
    "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT", "FIGHT", "NONE",
)  # fmt: skip
ACTOR_KINDS = ("state", "armed_group", "alliance", "organization")
ACTOR_CLASSES = ("actor", *(f"actor_{kind}" for kind in ACTOR_KINDS), "actor_group", "government_actor")
ORDERS = ("any", "forward", "backward")
DIRECTIONS = ("forward", "backward", "sentence", "adjacent")
LONGEST = 1000
"""What a gap, scope or rank may be at most; no sentence has so many words."""

LONGEST_TERM = 100
"""Characters of the longest term: longer ones would never be looked up."""

ASKED = ("after", "before", "closed_by", "opens", "asks", "first_verb")
"""What a cue may ask of the words around it."""


class Frame(NamedTuple):
    """A pattern of classes that makes a signal; see the head of ``signals.toml``."""

    family: str
    act: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    gap: int = 6
    order: str = "any"
    unless: tuple[str, ...] = ()


class Family(NamedTuple):
    """A signal family, with its place on the ladder and in the field's ontologies."""

    name: str
    group: str
    rung: int
    plover: str
    mid: int
    base_mode: str = "actual"
    moves: Mapping[str, str] = {}
    covers: tuple[str, ...] = ()
    """Signals (``"family/mode"``) that say nothing of their own where they begin inside one of this family."""


class Cue(NamedTuple):
    """A context cue: words that decide the mode of the signals in their scope."""

    name: str
    mode: str
    direction: str
    scope: int
    rank: int
    families: tuple[str, ...] = ()
    except_families: tuple[str, ...] = ()
    only_over: str = ""
    comma: bool = False
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()
    opens: bool = False
    asks: bool = False
    first_verb: bool = False


class Actor(NamedTuple):
    """A state, armed group, alliance or organization."""

    name: str
    kind: str


@dataclass(repr=False)
class Lexicon:
    """Everything `escalate` knows about words before it has seen a label.

    Attributes
    ----------
    terms : mapping of str to tuple of str
        Term -> names of its classes.
    cues_of : dict of str to tuple of str
        Term -> names of its cues.
    actors_of : dict of str to str
        Term -> name of the actor.
    cased : dict of str to str
        Case-sensitive form (``"US"``) -> name of the actor.
    families, frames, cues, actors, stops
        The parts of the grammar.
    """

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cues_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    actors_of: dict[str, str] = field(default_factory=dict)
    cased: dict[str, str] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    cues: dict[str, Cue] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    stops: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return what the lexicon is in one line; all that it holds would be five million characters."""
        sizes = {"terms": len(self.terms), "families": len(self.families), "cues": len(self.cues), "actors": len(self.actors)}
        return f"<escalate.Lexicon: {', '.join(f'{size:,} {name}' for name, size in sizes.items())}>"

    @classmethod
    def load(cls, paths: str | Path | Iterable[str | Path] = (), *, year: int = 2026) -> Lexicon:
        """Read the default lexicon, and after it the files in `paths`.

        Parameters
        ----------
        paths : path or iterable of paths
            Your own TOML files, in the form of the default ones.
        year : int
            "Now": a mention of a year two or more before it counts as the past.

        Returns
        -------
        Lexicon

        Raises
        ------
        LexiconError
            When a file cannot be read or says something unknown; the message names file, table and key. Also when `year` is none.
        TypeError
            When `paths` are no paths.

        Examples
        --------
        >>> "deploy_verb" in Lexicon.load().terms["dispatched"]
        True
        """
        from escalate.lexiconfile import load  # a shipped model brings its lexicon along: scoring reads no TOML

        return load(paths, year)

    @property
    def classes(self) -> list[str]:
        """Names of the term classes, sorted."""
        if isinstance(self.terms, PackedTerms):
            return sorted(self.terms.classes)
        return sorted({name for names in set(self.terms.values()) for name in names})

    def to_dict(self) -> dict[str, Any]:
        """Return the lexicon as plain data, for the model file."""
        terms = self.terms.to_dict() if isinstance(self.terms, PackedTerms) else dict(self.terms)
        return {
            "terms": terms, "cues_of": self.cues_of, "actors_of": self.actors_of, "cased": self.cased,
            "families": {k: _family_data(v) for k, v in self.families.items()}, "frames": [f._asdict() for f in self.frames],
            "cues": {k: _cue_data(v) for k, v in self.cues.items()}, "actors": {k: v.kind for k, v in self.actors.items()},
            "stops": self.stops,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Lexicon:
        """Rebuild a lexicon from :meth:`to_dict`."""
        return cls(
            terms=dict(zip(data["terms"], map(tuple, data["terms"].values()), strict=True)),
            cues_of={k: tuple(v) for k, v in data["cues_of"].items()},
            actors_of=dict(data["actors_of"]),
            cased=dict(data["cased"]),
            families={k: Family(**with_tuples(v)) for k, v in data["families"].items()},
            frames=[Frame(**with_tuples(f)) for f in data["frames"]],
            cues={k: Cue(**with_tuples(v)) for k, v in data["cues"].items()},
            actors={k: Actor(k, v) for k, v in data["actors"].items()},
            stops=tuple(data["stops"]),
        )

    def check(self) -> None:
        """Check everything that :meth:`from_dict` has taken on trust, for data from a file that may have been tampered with.

        Raises
        ------
        LexiconError
            When something is of a wrong kind, or names what does not exist.
        """
        from escalate.faults import check

        check(self, "lexicon: ")


def _family_data(family: Family) -> dict[str, Any]:
    """Return a family as plain data; what it covers only where it covers something."""
    return {k: v for k, v in family._asdict().items() if v or k != "covers"}


def _cue_data(cue: Cue) -> dict[str, Any]:
    """Return a cue as plain data; what it asks of the words around it only where it asks."""
    return {k: v for k, v in cue._asdict().items() if v or k not in ASKED}


def with_tuples(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping with its lists made tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
