"""Who is in the news must not decide: with every actor renamed to an invented one of its kind, scores hardly move."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest
from support import ROOT

import escalate
from escalate.text import Document

INVENTED = ("Valdoria", "Kesh", "Tessland", "Ostrava Minor", "Merune", "Pelanga", "Quorra", "Ludmark")
MOVES_AT_MOST = 0.05


def renamed(text: str) -> str:
    """Return the text with every actor of the lexicon under an invented name, the same one throughout."""
    model = escalate.default_model()
    document = Document.read(text)
    names: dict[str, str] = {}
    spans = []
    for sentence in model.matcher.scan(document):
        for term, start, end in sentence.hits:
            if term.actor:
                spans.append((*document.span(start, end), names.setdefault(term.actor, INVENTED[len(names) % len(INVENTED)])))
    for start, end, name in sorted(spans, reverse=True):
        text = text[:start] + name + text[end:]
    return text


def seed_texts() -> list[str]:
    texts = []
    for path in sorted((ROOT / "seeds").glob("[a-z]*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        texts.append(f"{tomllib.loads(front)['title']}\n\n{body.strip()}")
    return texts


def test_renaming_renames():
    assert renamed("Russian troops left Moscow for Ukraine.") == "Valdoria troops left Valdoria for Kesh."


def contrast_texts() -> list[str]:
    lines = (ROOT / "seeds" / "contrasts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


@pytest.mark.parametrize(("texts", "enough"), [(seed_texts, 60), (contrast_texts, 4000)], ids=["articles", "sentences"])
@pytest.mark.filterwarnings("ignore::escalate.EscalateWarning")
def test_scores_hardly_move_when_all_actors_are_renamed(texts, enough):
    before = texts()
    after = [renamed(text) for text in before]
    changed = [a != b for a, b in zip(before, after, strict=True)]
    assert sum(changed) > enough
    moved = np.abs(escalate.score(before) - escalate.score(after))[changed]
    assert moved.mean() <= MOVES_AT_MOST
