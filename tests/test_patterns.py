"""The table and the automaton find the same patterns: from left to right the longest that ends where a word ends, or a stem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import escalate
from escalate.automaton import Automaton
from escalate.patterns import PatternTable

WORD = st.text("ab1", min_size=1, max_size=4)
PHRASE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
PATTERNS = st.lists(PHRASE | WORD.map("{}*".format), min_size=1, max_size=12, unique=True).map(sorted)
TEXT = st.lists(st.tuples(WORD, st.sampled_from([" ", " ", " ", "  "])), max_size=20).map(lambda parts: "".join(map("".join, parts)))


def simplest(patterns, words):
    """Return what is to be found, by trying every pattern at every blank."""
    found, at = [], 0
    while at < len(words):
        there = [
            (len(spelled), -number)
            for number, pattern in enumerate(patterns)
            for spelled in [" " + pattern.rstrip("*")]
            if words.startswith(spelled, at) and (pattern.endswith("*") or words[at + len(spelled)] == " ")
        ]
        if there:
            size, number = max(there)
            found.append((-number, at + 1, at + size + (not patterns[-number].endswith("*"))))
        at += max(there)[0] if there else 1
    return found


def numbered(patterns):
    """Number patterns by their place; of two alike the first counts."""
    return {pattern: number for number, pattern in reversed(list(enumerate(patterns)))}


@given(PATTERNS, TEXT)
def test_both_find_what_is_there(patterns, text):
    words = f" {text}  "
    table = PatternTable(numbered(patterns), [p for p in patterns if p.endswith("*")], 100)
    assert list(table.find(words)) == simplest(patterns, words)
    assert Automaton(patterns).find(words.encode()) == simplest(patterns, words)


@pytest.mark.parametrize(
    ("patterns", "words", "found"),
    [
        (["air", "air strike"], " air strikes  ", [(0, 1, 5)]),
        (["kill*", "killing"], " killings  ", [(0, 1, 5)]),
        (["sent to the front", "sent", "the frontier post"], " sent to the frontier post  ", [(1, 1, 6), (2, 9, 27)]),
        (["a b", "b c"], " a  b c  ", [(1, 4, 8)]),
        ([], " a  ", []),
    ],
    ids=["longer word", "stem", "hidden twice", "two blanks", "no pattern"],
)
def test_no_pattern_is_hidden_by_the_beginning_of_another(patterns, words, found):
    table = PatternTable(numbered(patterns), [p for p in patterns if p.endswith("*")], 100)
    assert list(table.find(words)) == found
    assert Automaton(patterns).find(words.encode()) == found


def test_score_does_not_wait_for_the_automaton():
    model = escalate.Model.load()
    model.score("Shells fell on the port.")
    assert "automaton" not in vars(model.matcher)
    model.score("Shells fell on the port. " * 20_000)
    assert "automaton" in vars(model.matcher)
