"""Constructions of the language: every way to say that something did not, may, will or did happen, tried on fifteen acts of force."""

from __future__ import annotations

from functools import cache

import pytest
from support import cases

from escalate.lexicon import Lexicon
from escalate.model import Model

DATA = cases("constructions.json")
LOUD = {"refused": (), "possible": (), "past": (), "actual": ("actual",), "planned": ("actual", "threatened")}
"""The modes in which an escalatory signal must be found; none may be where nothing happens or is going to happen."""

WORKS_ABOVE = 0.6
"""Share of the acts for which a construction must be read rightly to count as known."""


@cache
def fresh() -> Model:
    """Return the lexicon as it is in its files, with nothing learned."""
    return Model(Lexicon.load(), [], [], {})


def modes_of_force(text: str) -> set[str]:
    model = fresh()
    found = [signal for signals in model.read(text).signals for signal in signals]
    modes = {signal.mode for signal in found if model.lexicon.families[signal.family].group == "escalatory"}
    return modes & {"actual", "threatened"}


def sentence(frame: str, act: dict[str, str]) -> str:
    noun = act["noun"]
    return frame.format(
        s=act["who"], i=act["do"], p=act["did"], pp=act["done"], g=act["doing"], n=noun,
        N=noun.split(" ", 1)[1], N2=noun[0].upper() + noun[1:],
    )  # fmt: skip


def is_right(kind: str, frame: str, act: dict[str, str]) -> bool:
    found, wanted = modes_of_force(sentence(frame, act)), LOUD[kind]
    return bool(found.intersection(wanted)) if wanted else not found


@cache
def shares(kind: str) -> dict[str, float]:
    """Return, for each construction of a kind, the share of the acts with which it is read rightly."""
    acts = DATA["acts"]
    return {frame: sum(is_right(kind, frame, act) for act in acts) / len(acts) for frame in DATA["frames"][kind]}


@pytest.mark.parametrize("kind", LOUD)
def test_constructions_that_are_not_understood_are_known(kind):
    failing = {frame for frame, share in shares(kind).items() if share < WORKS_ABOVE}
    known = set(DATA["not_understood"][kind])
    assert failing - known == set(), "read wrongly with most acts; mend it, or note it among `not_understood`"
    assert known - failing == set(), "now understood; take it from `not_understood`"


@pytest.mark.parametrize("kind", LOUD)
def test_most_constructions_are_understood_with_most_acts(kind):
    found = shares(kind)
    assert sum(found.values()) / len(found) >= DATA["floor"][kind]
