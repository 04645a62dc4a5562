"""What is wrong in a lexicon: in its parts, and in what they say of each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from escalate.errors import LexiconError
from escalate.lexicon import (
    ACTOR_CLASSES,
    ACTOR_KINDS,
    DIRECTIONS,
    GROUPS,
    LONGEST,
    LONGEST_TERM,
    MODES,
    ORDERS,
    PLOVER,
    Cue,
    Family,
    Frame,
    Lexicon,
)

__all__ = ["TERM", "check", "is_number"]

TERM = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


def check(lexicon: Lexicon, where: str) -> None:
    """Raise a LexiconError for the first thing that is wrong, behind `where`."""
    for fault in _faults(lexicon):
        raise LexiconError(where + fault)


def _faults(lexicon: Lexicon) -> Iterator[str]:
    """Yield what is wrong in the parts of a lexicon, and in what they say of each other."""
    yield from _wrong_terms("terms", [*lexicon.terms, *lexicon.cues_of, *lexicon.actors_of, *lexicon.stops])
    yield from (f"cased: {form!r:.60} is no ASCII text" for form in lexicon.cased if not form or not form.isascii())
    yield from _unknown("terms", lexicon.terms.values(), None)
    yield from _unknown("cues_of", lexicon.cues_of.values(), lexicon.cues)
    yield from _unknown("actors", [[*lexicon.actors_of.values(), *lexicon.cased.values()]], lexicon.actors)
    yield from (
        f"[actors.{actor.name!s:.60}] kind: no {actor.kind!r:.60}" for actor in lexicon.actors.values() if actor.kind not in ACTOR_KINDS
    )
    for name, family in lexicon.families.items():
        yield from _family_faults(name, family, lexicon)
    classes = {*lexicon.classes, *ACTOR_CLASSES}
    for frame in lexicon.frames:
        yield from _frame_faults(frame, lexicon, classes)
    for name, cue in lexicon.cues.items():
        yield from _cue_faults(name, cue, lexicon)


def _wrong_terms(where: str, words: Sequence[Any]) -> Iterator[str]:
    yield from (f"{where}: {word!r:.60} is no term" for word in words if not isinstance(word, str) or not TERM.fullmatch(word))
    yield from (f"{where}: {word!r:.60} is longer than {LONGEST_TERM} characters" for word in words if len(str(word)) > LONGEST_TERM)


def _unknown(where: str, groups: Iterable[Iterable[Any]], known: Collection[str] | None) -> Iterator[str]:
    """Yield the names that are none, or of which nothing is known; without `known` any name will do."""
    named = {name if isinstance(name, str) else repr(name): isinstance(name, str) for group in groups for name in group}
    yield from (f"{where}: no {name!r:.60}" for name, is_text in named.items() if not is_text or (known is not None and name not in known))


def is_number(value: Any) -> bool:
    """Say whether a value is a whole number that a gap, scope or rank may be."""
    return type(value) is int and 0 <= value <= LONGEST


def _family_faults(name: str, family: Family, lexicon: Lexicon) -> Iterator[str]:
    where = f"[family.{name!s:.60}]"
    if family.name != name or family.group not in GROUPS or family.plover not in PLOVER or family.base_mode not in MODES:
        yield f"{where}: name, group, plover or base_mode is unknown"
    if type(family.rung) is not int or type(family.mid) is not int or not 0 <= family.rung <= 5:
        yield f"{where}: rung and mid must be whole numbers, rung from 0 to 5"
    if not isinstance(family.moves, dict):
        yield f"{where} moves: expected a table, got {type(family.moves).__name__}"
        return
    for mode, target in family.moves.items():
        if mode not in MODES or not _is_kind(target, lexicon):
            yield f"{where} moves: {mode!r:.60} to {target!r:.60} is not mode to 'family/mode'"
    if not isinstance(family.covers, tuple):
        yield f"{where} covers: expected a list, got {type(family.covers).__name__}"
        return
    yield from (f"{where} covers: {kind!r:.60} is not 'family/mode'" for kind in family.covers if not _is_kind(kind, lexicon))


def _is_kind(value: Any, lexicon: Lexicon) -> bool:
    family, _, mode = str(value).partition("/")
    return family in lexicon.families and mode in MODES


def _frame_faults(frame: Frame, lexicon: Lexicon, classes: Collection[str]) -> Iterator[str]:
    where = f"[family.{frame.family!s:.60}] frames"
    if frame.family not in lexicon.families or frame.order not in ORDERS or not is_number(frame.gap):
        yield f"{where}: family, order or gap is unknown"
    for fault in _unknown(where, [frame.act, frame.object, frame.unless], classes):
        yield f"{fault}; classes are defined in [terms] tables"


def _cue_faults(name: str, cue: Cue, lexicon: Lexicon) -> Iterator[str]:
    where = f"[cue.{name!s:.60}]"
    if cue.name != name or cue.mode not in MODES or cue.direction not in DIRECTIONS or cue.only_over not in ("", *MODES):
        yield f"{where}: name, mode, direction or only_over is unknown"
    if not is_number(cue.scope) or not is_number(cue.rank) or set(map(type, (cue.comma, cue.opens, cue.asks, cue.first_verb))) != {bool}:
        yield f"{where}: scope and rank must be whole numbers, comma, opens, asks and first_verb true or false"
    yield from _unknown(f"{where} families", [cue.families, cue.except_families], lexicon.families)
    yield from _wrong_terms(where, [*cue.after, *cue.before, *cue.closed_by])
