"""Model files: every format keeps its reader, and whatever a file holds, it makes a whole model or a clear refusal."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import escalate
from escalate import modelfile
from escalate.errors import ModelFileError
from escalate.lexicon import Lexicon
from escalate.model import HEADS, Model
from escalate.terms import PackedTerms

FIXTURES = Path(__file__).parent / "fixtures"
OLD = FIXTURES / "model_format_1.json"
SMALL = FIXTURES / f"model_format_{modelfile.FORMAT}.json"
BYTES = SMALL.read_bytes()
CONTENT = json.loads(BYTES)["content"]
NEWS = "Ardenian guns shelled the town, killing nine."
SENTENCES = [
    NEWS,
    "Arden never shelled the town.",
    "ARD sent troops to the port, but the harvest was good. Kell bombarded a market. Rain.",
    "",
    "Troops were sent? No town. Arden shelled: the market, never the town. Kell bombards Arden and Kell.",
]


# --- every format keeps its reader ----------------------------------------------------------------


def test_model_saved_where_no_file_can_be_is_told_and_leaves_nothing(tmp_path):
    (tmp_path / "model.json").mkdir()
    with pytest.raises(ModelFileError, match="cannot be written"):
        Model.load(SMALL).save(tmp_path / "model.json")
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]


def test_every_format_has_a_reader_and_a_file_to_read():
    assert sorted(modelfile._READERS) == list(range(1, modelfile.FORMAT + 1))
    assert {path.name for path in FIXTURES.glob("model_format_*.json")} == {f"model_format_{n}.json" for n in modelfile._READERS}


def test_format_1_scores_as_ever():
    found = Model.load(OLD).explain(NEWS)
    features, word, tokens = -1.5 + 0.25 + 0.5 + 0.75 + 1.5 + 0.5, 0.75, 37 / 5
    value = 0.25 + 0.9 * (features + word * 3 / math.sqrt(tokens))
    assert found.score == pytest.approx(1 / (1 + math.exp(-value)), abs=1e-12)
    assert found.score == pytest.approx(0.94237272035053, abs=1e-12)
    assert Model.load(OLD).score(SENTENCES[2]) == pytest.approx(0.38345112475335, abs=1e-12)


def test_format_2_scores_as_ever():
    found = Model.load(FIXTURES / "model_format_2.json").explain(NEWS)
    features, words, tokens = -1.5 + 0.25 + 0.5 + 0.75 + 1.5 + 0.5, 0.75 + 0.5, 37 / 5
    value = 0.25 + 0.9 * (features + words * 3 / math.sqrt(tokens))
    value = 0.125 - 0.75 * math.log1p(math.exp(-value)) + 1.25 * math.log1p(math.exp(value))
    assert found.score == pytest.approx(1 / (1 + math.exp(-value)), abs=1e-12)
    assert found.score == pytest.approx(0.98602786433289, abs=1e-12)
    assert found.interval == pytest.approx((0.63778939218430, 1.0), abs=1e-12)
    assert Model.load(FIXTURES / "model_format_2.json").score(SENTENCES[2]) == pytest.approx(0.50265366696462, abs=1e-12)


def test_format_3_scores_as_ever():
    found = Model.load(FIXTURES / "model_format_3.json").explain(NEWS)
    assert found.score == pytest.approx(0.98602786433289, abs=1e-12)
    assert Model.load(FIXTURES / "model_format_3.json").score(SENTENCES[2]) == pytest.approx(0.50265366696462, abs=1e-12)


@pytest.mark.parametrize("number", [4, 5, 6, 7])
def test_formats_4_to_7_score_as_ever_and_hold_cues_that_ask(number):
    model = Model.load(FIXTURES / f"model_format_{number}.json")
    assert model.explain(NEWS).score == pytest.approx(0.98602786433289, abs=1e-12)
    texts = [
        "Has Arden shelled the town?",
        "Arden has shelled the town.",
        "Arden dropped the plan that shelled the town.",
        "Arden dropped the men that shelled the town.",
    ]
    assert [[s.mode for s in model.explain(text).signals] for text in texts] == [["hypothetical"], ["actual"], ["negated"], ["actual"]]


@pytest.mark.parametrize(
    ("number", "families"), [(5, ["troop_deployment", "strike"]), (6, ["troop_deployment"]), (7, ["troop_deployment"])]
)
def test_formats_from_6_on_hold_families_that_cover_others(number, families):
    found = Model.load(FIXTURES / f"model_format_{number}.json").explain("Arden sent the shelled town troops.")
    assert [signal.family for signal in found.signals] == families


def test_format_7_holds_the_model_of_format_6_and_gives_it_no_other_name():
    old = FIXTURES / "model_format_6.json"
    assert Model.load(SMALL) == Model.load(old)
    assert Model.load(SMALL).version == Model.load(old).version == json.loads(old.read_bytes())["sha256"][:12]


def test_shipped_file_holds_whole_numbers_and_packed_terms():
    content = json.loads((modelfile.default_folder() / "model.json").read_bytes())["content"]
    assert {form for head in content["heads"].values() for part in ("features", "words") for form in head[part]} == {"int32"}
    assert len(content["lexicon"]["terms"]["groups"]) > 5000


@given(
    st.lists(
        st.floats(-1e6, 1e6) | st.integers(-(10**9), 10**9).map(lambda n: n / 1e5) | st.sampled_from([-0.0, 5e-324]), min_size=4, max_size=4
    )
)
def test_weights_of_any_kind_are_kept_bit_for_bit(weights):
    model = Model.load(SMALL)
    model.heads["escal"].words[:] = weights
    again = modelfile.from_text(modelfile.to_text(model))
    assert np.array(again.heads["escal"].words).tobytes() == np.array(weights).tobytes()
    assert again.version == model.version


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("model_format_*.json")), ids=lambda path: path.stem)
def test_every_format_reads_signals_modes_and_moves(path):
    model = Model.load(path)
    found = model.explain(NEWS)
    assert [(s.family, s.mode, s.text, s.actors) for s in found.signals] == [("strike", "actual", "shelled the town", ("arden",))]
    assert [w.text for w in found.words] == ["Ardenian", "killing"]
    assert [(s.family, s.mode) for s in model.explain(SENTENCES[1]).signals] == [("strike", "negated")]
    assert [(s.family, s.mode) for s in model.explain("Arden never sent troops.").signals] == [("restraint", "actual")]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("model_format_*.json")), ids=lambda path: path.stem)
def test_fixture_written_again_scores_the_same(path, tmp_path):
    Model.load(path).save(tmp_path)
    again = Model.load(tmp_path)
    assert again.score(SENTENCES).tolist() == Model.load(path).score(SENTENCES).tolist()
    assert modelfile.to_text(again).startswith(f'{{"kind":"escalate-model","format":{modelfile.FORMAT},')


# --- damage --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("files") / "model.json"


def outcome(path: Path, data: bytes) -> Model | None:
    """Return the model of a file that holds `data`, or None where it is refused in the one way that a file may be refused."""
    path.write_bytes(data)
    try:
        return Model.load(path)
    except ModelFileError:
        return None


def same(model: Model) -> bool:
    return modelfile.to_text(model) == BYTES.decode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return the small file with some bytes replaced, removed or put in, or with its end cut off."""
    data = bytearray(BYTES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        width = draw(st.sampled_from([0, 1, 1, 1, 2, 8, 100, len(data)]))
        data[at : at + width] = draw(
            st.binary(max_size=3) | st.sampled_from([b"{", b"}", b'"', b",", b"0", b"1e999", b"NaN", b"\xff", b" "])
        )
    return bytes(data)


@given(damaged())
def test_damaged_bytes_are_refused_or_mean_the_same(place, data):
    model = outcome(place, data)
    assert model is None or same(model)


@pytest.mark.parametrize("at", range(0, len(BYTES) - 1, 41))
def test_truncated_file_is_refused(place, at):
    assert outcome(place, BYTES[:at]) is None


@pytest.mark.parametrize("at", range(0, len(BYTES), 7))
def test_single_changed_byte_is_refused_or_means_the_same(place, at):
    data = bytearray(BYTES)
    data[at] ^= 1
    model = outcome(place, bytes(data))
    assert model is None or same(model)


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(place, data):
    assert outcome(place, data) is None


def test_blanks_at_the_end_change_nothing(place):
    model = outcome(place, BYTES + b"\r\n \n")
    assert model is not None
    assert same(model)


# --- a right checksum over wrong content ----------------------------------------------------------


def forged(content: object, then: tuple[str, str] = ("", "")) -> bytes:
    """Return a file whose checksum is right, whatever its content; `then` replaces something in its text."""
    body = json.dumps(content, separators=(",", ":"), sort_keys=True)
    body = body.replace(*then) if then[0] else body
    return f'{{"kind":"escalate-model","format":{modelfile.FORMAT},"sha256":"{modelfile._digest(body)}","content":{body}}}\n'.encode()


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside `value`."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from places(child, (*at, key))


PLACES = list(places(CONTENT))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        ["strike", "strike/negated", "negated", "actual", "town", "a b", "*", "x*", "(", "\ud800", "../..", "escal", 10**9, -1, [], {}]
    ),
    st.lists(st.text(max_size=2) | st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers() | st.text(max_size=2), max_size=2),
)


@st.composite
def tampered(draw: st.DrawFn) -> object:
    """Return the content with up to three values replaced or removed, or one put beside them."""
    content = json.loads(json.dumps(CONTENT))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(PLACES))
        parent = content
        try:
            for key in way:
                parent = parent[key]
            parent[last]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken it away
        if not isinstance(parent, dict | list):
            continue
        action = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if action == "replace":
            parent[last] = draw(ODD)
        elif action == "remove":
            del parent[last]
        elif isinstance(parent, dict):
            parent[draw(st.text(max_size=4))] = draw(ODD)
        else:
            parent.insert(last, draw(ODD))
    return content


@given(tampered())
def test_tampered_content_is_refused_or_still_a_whole_model(place, content):
    model = outcome(place, forged(content))
    if model is None:
        return
    for text in SENTENCES:
        found = model.explain(text)
        assert 0 <= found.score <= 1
        assert math.isfinite(found.log_odds)
        assert 0 <= found.interval[0] <= found.interval[1] <= 1
        assert repr(found)
    assert model.score(SENTENCES).shape == (len(SENTENCES),)
    assert modelfile.from_text(modelfile.to_text(model)).score(NEWS) == model.score(NEWS)


def changed(*way: Any, to: object, then: tuple[str, str] = ("", "")) -> bytes:
    content = json.loads(json.dumps(CONTENT))
    parent = content
    for key in way[:-1]:
        parent = parent[key]
    parent[way[-1]] = to
    return forged(content, then)


def doubles(*weights: float) -> dict[str, str]:
    return {"float64": base64.b64encode(struct.pack(f"<{len(weights)}d", *weights)).decode()}


GROUPS = ("lexicon", "terms", "groups")
WRONG = {
    "NaN as a number": (changed("heads", "escal", "intercept", to=float("nan")), "NaN is no JSON number"),
    "infinity as a number": (changed("heads", "escal", "pooling", 0, to=float("inf")), "Infinity is no JSON number"),
    "weight beyond floats": (changed("heads", "escal", "pooling", 0, to="HUGE", then=('"HUGE"', "1e999")), "inf is no number"),
    "huge whole weight": (changed("heads", "escal", "pooling", 0, to=10**400), "no number of at most"),
    "endless whole weight": (changed("heads", "escal", "pooling", 0, to=0).replace(b"[0,", b"[" + b"9" * 5000 + b",", 1), "JSON"),
    "true as weight": (changed("heads", "escal", "pooling", 0, to=True), "True is no number"),
    "text as weight": (changed("heads", "escal", "pooling", 0, to="1"), "'1' is no number"),
    "huge packed weight": (changed("heads", "escal", "words", to=doubles(0.5, 1e300, 0, 0)), "words: 1e+300 is no number of at most"),
    "packed NaN": (changed("heads", "escal", "words", to=doubles(0.5, math.nan, 0, 0)), "words: nan is no number of at most"),
    "packed infinity": (changed("heads", "escal", "words", to=doubles(0.5, -math.inf, 0, 0)), "words: -inf is no number of at most"),
    "too few weights": (changed("heads", "rung5", "words", to={"int32": ""}), "head 'rung5': words: expected a list of 4 numbers"),
    "weights that are no text": (changed("heads", "rung5", "words", to={"int32": [1, 2, 3, 4]}), "packed numbers are list"),
    "weights as a list": (changed("heads", "rung5", "words", to=[1.0, 2.0, 3.0, 4.0]), "expected one text of packed numbers"),
    "weights in two forms": (changed("heads", "rung5", "words", to={"int32": "", "float64": ""}), "expected one text of packed numbers"),
    "weights of another form": (changed("heads", "rung5", "words", to={"object": "AAAA"}), "'object' is no form of packed numbers"),
    "weights of half a number": (changed("heads", "rung5", "words", to={"int32": "AAAAAAA="}), "buffer size"),
    "weights of other letters": (changed("heads", "rung5", "words", to={"int32": "AA!A"}), "base64"),
    "words twice": (changed("vocabulary", 0, to="market"), "vocabulary must be a list of different texts"),
    "word with a pattern": (changed("vocabulary", 0, to="a|b"), "no word, phrase, stem or pair"),
    "unknown family in a frame": (changed("lexicon", "frames", 0, "family", to="war"), "[family.war] frames"),
    "unknown class in a frame": (changed("lexicon", "frames", 0, "object", to=["sea"]), "no 'sea'"),
    "negative gap": (changed("lexicon", "frames", 0, "gap", to=-1), "[family.strike] frames"),
    "moves to nowhere": (changed("lexicon", "families", "strike", "moves", to={"negated": "peace"}), "moves: 'negated' to 'peace'"),
    "rung of text": (changed("lexicon", "families", "strike", "rung", to="4"), "rung and mid"),
    "unknown cue": (changed("lexicon", "cues_of", "doubt", to="never again"), "cues_of: no 'doubt'"),
    "unknown direction": (changed("lexicon", "cues", "denial", "direction", to="up"), "[cue.denial]"),
    "unknown actor": (changed("lexicon", "actors_of", "kell", to="nobody"), "actors: no 'nobody'"),
    "unknown kind of actor": (changed("lexicon", "actors", "kell", to="planet"), "[actors.kell] kind: no 'planet'"),
    "term of other letters": (changed(*GROUPS, "town", to="town,town\u0441\u0435\u043b\u043e=2,2"), "no term"),
    "term of two sets of classes": (changed(*GROUPS, "town", to="town,town=2,0"), "1 terms stand twice"),
    "term where it is not found": (changed(*GROUPS, "town", to="town,market=2,2"), "'market' stands under 'town'"),
    "term without classes": (changed(*GROUPS, "town", to="town,townsfolk=2"), "2 terms under 'town' have the classes of 1"),
    "class without terms": (changed(*GROUPS, "town", to="town=0"), "class '2' is none, or that of no term"),
    "class that is none": (changed(*GROUPS, "town", to="town=2 9"), "class '9' is none, or that of no term"),
    "class from the end": (changed(*GROUPS, "town", to="town=2 -1"), "class '-1' is none, or that of no term"),
    "class twice": (changed("lexicon", "terms", "classes", 0, to="place"), "lexicon: classes must be a list of different texts"),
    "terms that are no text": (changed(*GROUPS, "town", to=["town"]), "not a complete model"),
    "stop with a pattern": (changed("lexicon", "stops", 0, to="(a+)+"), "no term"),
    "field that no frame has": (changed("lexicon", "frames", 0, "call", to="exit"), "unexpected keyword"),
    "calibration without a number": (changed("calibration", "constant", to="x"), "could not convert"),
    "huge calibration": (changed("calibration", "shift", to=1e300), "calibration: 1e+300 is no number of at most"),
    "huge knot": (changed("calibration", "knots", 0, to=[0.2, -1e300, 0.5]), "calibration: knot: -1e+300"),
    "knot of two": (changed("calibration", "knots", 0, to=[0.2, 0.5]), "missing 1 required positional argument"),
    "certain prevalence": (changed("calibration", "prevalence", to=1.0), "out of range"),
    "facts that are none": (changed("meta", to=[]), "meta is list"),
}


@pytest.mark.parametrize(("data", "named"), WRONG.values(), ids=WRONG.keys())
def test_wrong_content_is_refused_for_what_is_wrong(place, data, named):
    place.write_bytes(data)
    with pytest.raises(ModelFileError) as caught:
        Model.load(place)
    assert named in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("head", HEADS)
def test_missing_head_is_named(place, head):
    heads = {name: value for name, value in CONTENT["heads"].items() if name != head}
    place.write_bytes(forged(CONTENT | {"heads": heads}))
    with pytest.raises(ModelFileError, match=f"no head '{head}'"):
        Model.load(place)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"format":', '"format":1,"format":'),
        ('"meta":{', '"meta":{"note":"x",'),
        ('"town":"town=2"', '"town":"town=2","town":"town=0"'),
    ],
)
def test_key_that_stands_twice_is_refused(place, before, after):
    text = BYTES.decode()
    assert before in text
    place.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ModelFileError, match="stands twice"):
        Model.load(place)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"kind":"escalate-model","content":['])
def test_deep_nesting_is_refused(place, opening):
    assert outcome(place, opening.encode() * 100_000) is None


@pytest.mark.parametrize("number", [0, -1, 2**70, 1.0, True, "1", None, [1]])
def test_format_that_is_none_is_refused(place, number):
    head, _, rest = BYTES.decode().partition(f'"format":{modelfile.FORMAT}')
    assert outcome(place, f'{head}"format":{json.dumps(number)}{rest}'.encode()) is None


def test_newer_format_says_what_to_do(place):
    place.write_bytes(BYTES.replace(b'"format":%d' % modelfile.FORMAT, b'"format":%d' % (modelfile.FORMAT + 1)))
    with pytest.raises(ModelFileError, match=f"format {modelfile.FORMAT + 1}; this version reads 1 to {modelfile.FORMAT}; upgrade"):
        Model.load(place)


def test_endless_input_is_read_no_further_than_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(modelfile, "MAX_BYTES", 10_000)
    endless = tmp_path / "endless.json"
    endless.symlink_to("/dev/zero")
    with pytest.raises(ModelFileError, match="10,000 bytes"):
        Model.load(endless)


def test_folder_with_the_name_of_a_file_is_refused(tmp_path):
    (tmp_path / "model.json").mkdir()
    with pytest.raises(ModelFileError, match="cannot be read"):
        Model.load(tmp_path / "model.json")


@pytest.mark.parametrize(("weight", "note"), [(math.nan, 1), (1.0, np.int64(1)), (1.0, {1, 2})], ids=["NaN", "number of numpy", "set"])
def test_model_that_no_file_can_hold_is_not_written(tmp_path, weight, note):
    model = Model.load(SMALL)
    model.heads["escal"].words[0] = weight
    model.meta["note"] = note
    with pytest.raises(ModelFileError, match=r"cannot be written: .*; a file holds finite numbers"):
        model.save(tmp_path)
    with pytest.raises(ModelFileError, match="cannot be written"):
        _ = model.version
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("term", ["town,market", "town=market"])
def test_term_that_a_file_would_take_for_several_is_not_written(tmp_path, term):
    model = Model.load(SMALL)
    model = replace(model, lexicon=replace(model.lexicon, terms={**model.lexicon.terms, term: ("place",)}))
    with pytest.raises(ModelFileError, match=f"cannot be written: '{term}' is no term"):
        model.save(tmp_path)


def test_default_lexicon_passes_the_check_of_lexicons():
    Lexicon.load().check()
    lexicon = escalate.default_model().lexicon
    lexicon.check()
    assert isinstance(lexicon.terms, PackedTerms)
    lexicon.terms.check()


def test_default_vocabulary_passes_the_check_of_words():
    assert [word for word in escalate.default_model().vocabulary if not modelfile._WORD.fullmatch(word)] == []


@given(
    st.lists(st.sampled_from(["shelled", "town", "Arden", "troops", "sent", "never", "market", "Kell", "but", ".", "killing"]), max_size=12)
)
def test_saving_and_loading_is_idempotent(words):
    text = " ".join(words)
    model = Model.load(SMALL)
    once = modelfile.to_text(model)
    again = modelfile.from_text(once)
    assert modelfile.to_text(again) == once
    assert again.score(text) == model.score(text)
    assert again.explain(text) == model.explain(text)
