"""What stands around a report takes no part in it, and what only looks like that does."""

from __future__ import annotations

import pytest
from support import cases, params

import escalate
from escalate.text import Document


def words(text: str) -> list[bytes]:
    return Document.read(text).words.split()


@pytest.mark.parametrize("case", params(cases("clutter.json")))
def test_only_the_words_of_the_report_count(case):
    assert words(case["text"]) == words(case["report"]) != [], case["why"]


@pytest.mark.parametrize("case", params(cases("clutter.json")))
def test_report_with_clutter_scores_as_without(case):
    assert escalate.score(case["text"]) == pytest.approx(escalate.score(case["report"]), abs=0.02), case["why"]


def test_spans_still_point_into_the_text_as_given():
    text = "By Ilario Brandt\n\nRebels shelled the port. (Reuters) https://example.com/a Rebels shelled the bridge."
    found = escalate.explain(text).signals
    assert [text[s.start : s.end] for s in found] == [s.text for s in found] == ["Rebels shelled the port", "Rebels shelled the bridge"]
