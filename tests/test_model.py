"""Scores: one number for one text however it is asked for, taken apart without remainder, kept in a plain file."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, cases
from test_text import ANY_TEXT

import escalate
from escalate import modelfile
from escalate._default import default_model
from escalate.errors import ModelFileError
from escalate.evidence import evidence_of, known_words
from escalate.model import HANDFUL, SHARPNESS, Model, handfuls, soft_maximum

TEXTS = cases("texts.json")
NEWS = st.lists(st.sampled_from([s for text in TEXTS for s in (text, text.upper(), text + " ")]), max_size=5).map(" ".join)


def test_model_is_shown_in_one_line(model):
    shown = repr(model)
    assert re.fullmatch(
        r"<escalate.Model, a scorer of news text: [\d,]+ terms, [\d,]+ features, [\d,]+ words; trained on [\d,]+ texts>", shown
    )
    assert f"{len(model.features):,} features" in shown
    assert repr(Model(model.lexicon, [], [], model.heads)).endswith("0 features, 0 words; what it was trained on is not noted>")


# --- one number ----------------------------------------------------------------------------------


@given(ANY_TEXT | NEWS)
def test_score_is_a_probability(text):
    score = escalate.score(text)
    assert type(score) is float
    assert 0 <= score <= 1


@pytest.mark.parametrize(
    "kind",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda t: np.array(t, dtype=object),
        lambda t: pd.Series(t, dtype=object),
        lambda t: pd.Series(t, dtype="string"),
    ],
    ids=["list", "tuple", "iterator", "array", "object array", "object series", "string series"],
)
def test_batch_gives_the_scores_of_single_texts(kind):
    single = np.array([escalate.score(text) for text in TEXTS])
    batch = escalate.score(kind(TEXTS))
    assert isinstance(batch, np.ndarray)
    assert batch.dtype == np.float64
    np.testing.assert_allclose(batch, single, rtol=0, atol=1e-12)


def test_labels_of_a_series_do_not_matter():
    series = pd.Series(TEXTS, index=range(len(TEXTS), 0, -1))
    assert escalate.score(series).tolist() == escalate.score(TEXTS).tolist()


def test_order_of_a_batch_is_kept():
    assert escalate.score(TEXTS[::-1]).tolist() == escalate.score(TEXTS)[::-1].tolist()


def test_no_texts_give_no_scores():
    assert escalate.score([]).shape == (0,)


def test_plain_cases_stand_on_their_sides():
    assert escalate.score("Rebels shelled the border town overnight, killing six soldiers.") > 0.9
    assert escalate.score("The library lends umbrellas on rainy days.") < 0.1


# --- taken apart ---------------------------------------------------------------------------------


def parts(text: str) -> float:
    found = escalate.explain(text)
    return math.fsum([
        found.intercept, *found.structure.values(), *(s.contribution for s in found.signals), *(w.contribution for w in found.words),
    ])  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_contributions_sum_to_the_log_odds(text):
    assert parts(text) == pytest.approx(escalate.explain(text).log_odds, abs=1e-9)


@given(ANY_TEXT | NEWS)
def test_contributions_sum_to_the_log_odds_of_any_text(text):
    found = escalate.explain(text)
    assert parts(text) == pytest.approx(found.log_odds, abs=1e-9)
    assert found.score == escalate.score(text)
    assert found.score == pytest.approx(1 / (1 + math.exp(-found.log_odds)), abs=1e-12)


def test_texts_are_read_together_as_they_are_alone(model):
    together = model.read_all(TEXTS)
    assert [reading.units for reading in together] == [model.read(text).units for text in TEXTS]


@given(st.lists(st.integers(0, 2 * HANDFUL)))
def test_handfuls_hold_every_text_once_in_order(sizes):
    texts = ["x" * size for size in sizes]
    found = list(handfuls(texts))
    assert [text for some in found for text in some] == texts
    assert all(sum(map(len, some[:-1])) < HANDFUL for some in found)


@given(ANY_TEXT | NEWS, st.integers(1, 9))
def test_known_words_are_those_of_the_evidence_up_to_a_limit(text, limit):
    reading = default_model().read(text)
    known = evidence_of(reading.document, reading.sentences).known
    assert known_words(reading.document, reading.sentences, limit) == min(known, limit)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=40))
def test_soft_maximum_is_a_constant_and_shares_of_the_values(values):
    rest, shares = soft_maximum(values)
    soft = np.logaddexp.reduce(SHARPNESS * np.array(values)) / SHARPNESS
    assert math.fsum(shares) == pytest.approx(1)
    assert rest + math.fsum(share * value for share, value in zip(shares, values, strict=True)) == pytest.approx(soft, abs=1e-9)
    assert max(values) - 1e-9 <= soft <= max(values) + math.log(len(values)) / SHARPNESS + 1e-9


@pytest.mark.parametrize("text", TEXTS)
def test_sentences_hold_what_signals_words_and_form_add(text):
    found = escalate.explain(text)
    parts = [found.intercept, found.structure["calibration"], *(s.contribution for s in found.sentences)]
    assert math.fsum(parts) == pytest.approx(found.log_odds, abs=1e-9)


@pytest.mark.parametrize("text", TEXTS)
def test_level_and_direction_keep_to_their_scales(text):
    found = escalate.explain(text)
    assert 0 <= found.level <= 5
    assert -1 <= found.direction <= 1


def test_level_rises_with_the_ladder_and_direction_falls_with_peace():
    war, threat, peace = map(
        escalate.explain,
        [
            "Thousands of troops and tanks invaded the country, and heavy fighting raged on three fronts.",
            "The general threatened to retaliate with missiles.",
            "Both sides signed a ceasefire and withdrew their troops.",
        ],
    )
    assert war.level > threat.level > peace.level
    assert war.direction > 0 > peace.direction


def test_explanation_is_plain_data():
    found = escalate.explain(TEXTS[8])
    data = json.loads(json.dumps(found.to_dict()))
    assert data["score"] == found.score
    assert [s["family"] for s in data["signals"]] == [s.family for s in found.signals]


def test_explanation_says_that_it_cannot_be_hashed_and_its_parts_can():
    found = escalate.explain(TEXTS[8])
    with pytest.raises(TypeError, match=r"unhashable type: 'Explanation', .* take its text for a key"):
        hash(found)
    assert len({*found.signals, *found.words, *found.sentences}) == len([*found.signals, *found.words, *found.sentences])


# --- what must not matter ------------------------------------------------------------------------


def _tokens(text: str) -> str:
    """Return the text as a corpus of tokens has it."""
    text = re.sub(r"(?<=\w)(?=n't\b|['\u2019]s\b|[,;:](?:\s|\Z)|\.(?:\s|\Z))", " ", text)
    return re.sub("\u201c(\\w+)\u201d", "\u201c \\1 \u201d", text)


SAME = {
    "white space": lambda t: t.replace(" ", "  "),
    "blank and tab": lambda t: t.replace(" ", " \t"),
    "thin blanks": lambda t: t.replace(" ", " \u2009"),
    "line ends": lambda t: t.replace("\n", "\r\n"),
    "blanks at the ends": lambda t: f"\n  {t} \t\n",
    "quotation marks": lambda t: t.replace("\u201c", '"').replace("\u201d", '"'),
    "apostrophes": lambda t: t.replace("'", "\u2019"),
    "entities": lambda t: t.replace("&", "&amp;").replace('"', "&quot;"),
    "non-breaking blanks": lambda t: t.replace(" ", "\u00a0"),
    "acronyms": lambda t: t.replace("US ", "U.S. "),
    "soft hyphens": lambda t: t.replace("troops", "tr\u00adoops"),
    "bold type": lambda t: t.replace("troops", "<b>troops</b>"),
    "ampersands": lambda t: t.replace(" & ", " and "),
    "quoted words": lambda t: re.sub("(Caf\u00e9 owners|sent troops|massing)", "'\\1'", t),
    "tokens of a corpus": _tokens,
    "composed letters": lambda t: t.replace("é", "e\u0301"),
}
PLAIN = (
    "The US & Café owners\u2019 guards fought near the port. \u201cWe won't stop,\u201d said an envoy.",
    "The US sent troops to the gulf",
    "Tea & cakes were sold at the fair; it didn't rain.\n\nThe mayor's \u201ctriumph\u201d was the US choir.",
    "\u201cOur troops hold,\u201d he said.\n\nThe US denied that it\u2019s massing ships.",
)


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("change", SAME.values(), ids=SAME.keys())
def test_way_of_writing_does_not_matter(change, text):
    assert escalate.score(change(text)) == pytest.approx(escalate.score(text), abs=1e-12)


@pytest.mark.parametrize("text", ["The {} Navy denied that it's massing ships.", "Soldiers left {} ports and {} bases."])
def test_way_of_writing_an_acronym_inside_a_phrase_does_not_matter(text):
    assert escalate.score(text.format("U.S.", "U.S.")) == pytest.approx(escalate.score(text.format("US", "US")), abs=1e-12)


DATELINES = (
    "NAIROBI, March 3 (AP) - ",
    "NAIROBI, March 3 - ",
    "KABUL, Afghanistan (AFP) \u2014 ",
    "FORT MARLOW, N.C., Aug. 4 (UPI) -- ",
    "(Reuters) - ",
    "KABUL - ",
    "KABUL, Afghanistan - ",
    pytest.param("Kabul: ", marks=pytest.mark.xfail(strict=True, reason="a name before a colon may be who says it")),
)


@pytest.mark.parametrize("dateline", DATELINES)
@pytest.mark.parametrize("text", ["Shots were heard near the bridge.", "Talks between the two armies ended with shots near the bridge."])
def test_dateline_does_not_matter(text, dateline):
    assert escalate.score(dateline + text) == pytest.approx(escalate.score(text), abs=1e-12)


@pytest.mark.parametrize("headline", ["Missiles (Iskander) - ", "Army Storms Fort, May 2 - ", "Army storms fort, May 2, 1945 - "])
def test_headline_before_a_dash_is_no_dateline(headline):
    text = "Talks went on."
    assert escalate.score(headline + text) != pytest.approx(escalate.score(text), abs=0.01)


SHORT_LINES = [
    "Marshal Okoro said on Friday that nobody had told him of a plan by\nVeskaria to shell the port, and that he would not answer.",
    "Nobody told him of a plan to shell the port, said the\nMarshal. The navy, he added, would stay in the harbour,\nOstrel being quiet.",
    "Marshal Okoro said that nobody in Ostrel\nHarbour had told him of a plan by the navy to\nshell Orsk, and that he would not answer.",
    pytest.param(
        "Marshal Okoro said on Friday that he knew of no plan\nVeskaria had made to shell the port.",
        marks=pytest.mark.xfail(strict=True, reason="the first of two lines is taken for a headline"),
    ),
]


@pytest.mark.parametrize("text", SHORT_LINES)
def test_text_in_short_lines_scores_as_in_one(text):
    assert escalate.score(text) == pytest.approx(escalate.score(text.replace("\n", " ")), abs=0.01)


@pytest.mark.parametrize("text", [t for t in TEXTS if len(t) > 20])
@pytest.mark.parametrize("between", [" ", "\n", "\n\n"], ids=["blank", "line", "paragraph"])
def test_text_that_repeats_itself_scores_as_once(text, between):
    assert escalate.score(between.join([text] * 5)) == pytest.approx(escalate.score(text), abs=0.05)


def test_hash_seed_does_not_matter():
    program = "import escalate, json, sys; print(json.dumps(escalate.score(json.load(sys.stdin)).tolist()))"
    printed = [_run(program, seed) for seed in ("0", "1", "4711")]
    assert printed[0] == printed[1] == printed[2]
    assert json.loads(printed[0]) == escalate.score(TEXTS).tolist()


def test_sums_are_taken_in_the_same_order_in_every_process():
    """A last bit that differs from process to process would make a resumed file differ from one that was left alone."""
    texts = ["Veskaria muddles nuke-testing message", "Nuke-testing message confuses allies"]
    program = f"import escalate; read = escalate.default_model().read; print([list(read(t).units[0].features) for t in {texts}])"
    assert _run(program, "0") == _run(program, "9")


def _run(program: str, seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(TEXTS), env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


# --- copies --------------------------------------------------------------------------------------


def pickled(model: Model) -> Model:
    again: Model = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes
    return again


@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
def test_used_model_can_be_pickled_and_copied(again):
    used = Model.load()
    scores = used.score(TEXTS)
    used.rate([used.read(text).units for text in TEXTS])
    assert again(used) == used
    assert again(used).score(TEXTS).tolist() == scores.tolist()


def test_use_makes_a_pickled_model_no_larger():
    used = Model.load()
    fresh = len(pickle.dumps(used))
    used.score(TEXTS)
    assert len(pickle.dumps(used)) == fresh


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "model.json"
    escalate.default_model().save(path)
    return path


def test_saved_model_is_the_shipped_file_to_the_byte(saved):
    assert saved.read_bytes() == (modelfile.default_folder() / "model.json").read_bytes()


def test_model_read_back_scores_the_same_and_saves_the_same(saved, tmp_path):
    again = Model.load(saved)
    assert again.score(TEXTS).tolist() == escalate.score(TEXTS).tolist()
    again.save(tmp_path)
    assert (tmp_path / "model.json").read_bytes() == saved.read_bytes()


def test_saving_makes_folders_and_leaves_no_part(saved, tmp_path):
    Model.load(saved.parent).save(tmp_path / "deep" / "down")
    assert [p.name for p in (tmp_path / "deep" / "down").iterdir()] == ["model.json"]


def _with_head(text: str, **changes: object) -> str:
    head, _, body = text.partition(',"content":')
    return json.dumps(json.loads(head + "}") | changes, separators=(",", ":"))[:-1] + ',"content":' + body


DAMAGED = {
    "truncated": (lambda t: t[: len(t) // 2], "JSON"),
    "empty": (lambda _: "", "JSON"),
    "one weight changed": (lambda t: t.replace('"intercept":-', '"intercept":', 1), "checksum"),
    "checksum changed": (lambda t: _with_head(t, sha256="0" * 64), "checksum"),
    "newer format": (lambda t: _with_head(t, format=modelfile.FORMAT + 1), "format"),
    "format of another type": (lambda t: _with_head(t, format="1"), "format"),
    "another kind": (lambda t: _with_head(t, kind="another"), "not an escalate model"),
    "another JSON": (lambda _: '{"a": 1}', "not an escalate model"),
    "a list": (lambda _: "[1, 2]", "not an escalate model"),
    "a number": (lambda _: "7", "not an escalate model"),
    "deep JSON": (lambda _: "[" * 200_000, "JSON"),
    "no content": (lambda t: t.partition(',"content":')[0] + "}", "checksum"),
}


@pytest.mark.parametrize(("damage", "named"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_file_is_refused(damage, named, saved, tmp_path):
    path = tmp_path / "damaged.json"
    path.write_text(damage(saved.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ModelFileError, match=named) as caught:
        Model.load(path)
    assert "damaged.json" in str(caught.value)


def _forged(content: object) -> str:
    body = modelfile._dump(content)
    return f'{{"kind":"escalate-model","format":{modelfile.FORMAT},"sha256":"{modelfile._digest(body)}","content":{body}}}\n'


INCOMPLETE = {
    "list": lambda _: [1],
    "nothing": lambda _: {},
    "no heads": lambda c: c | {"heads": {}},
    "heads of another kind": lambda c: c | {"heads": [1]},
    "too few features": lambda c: c | {"features": c["features"][:-1]},
    "too few words": lambda c: c | {"vocabulary": c["vocabulary"][:-1]},
    "no lexicon": lambda c: {k: v for k, v in c.items() if k != "lexicon"},
    "lexicon of another kind": lambda c: c | {"lexicon": 5},
    "a weight that is text": lambda c: c | {"heads": c["heads"] | {"escal": c["heads"]["escal"] | {"intercept": "high"}}},
    "words that are text": lambda c: c | {"heads": c["heads"] | {"escal": c["heads"]["escal"] | {"words": ["x"] * len(c["vocabulary"])}}},
    "vocabulary of numbers": lambda c: c | {"vocabulary": list(range(len(c["vocabulary"])))},
}


@pytest.mark.parametrize("change", INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_file_with_a_right_checksum_and_wrong_content_is_refused_or_harmless(change, saved, tmp_path):
    content = json.loads(saved.read_text(encoding="utf-8"))["content"]
    path = tmp_path / "forged.json"
    path.write_text(_forged(change(content)), encoding="utf-8")
    assert outcome(path).startswith(("scored", f"{path}: not a complete model"))


def outcome(path: Path) -> str:
    """Return what comes of loading a file and scoring with it."""
    try:
        return f"scored {Model.load(path).score(TEXTS[5])}"
    except Exception as error:  # noqa: BLE001 - that it is another one than ModelFileError is what may be wrong
        return str(error) if isinstance(error, ModelFileError) else repr(error)


def test_oversized_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(modelfile, "MAX_BYTES", 1000)
    path = tmp_path / "large.json"
    path.write_text(" " * 1001, encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"large\.json: longer than the 1,000 bytes"):
        Model.load(path)


def test_binary_file_is_refused(tmp_path):
    path = tmp_path / "binary.json"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(ModelFileError, match="JSON"):
        Model.load(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match="nowhere"):
        Model.load(tmp_path / "nowhere")
