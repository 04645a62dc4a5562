"""Wrong input: the error says what was found, what was expected, and what to do."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import escalate
from escalate.errors import EscalateError, LexiconError, ModelFileError, TextError, TextTypeError
from escalate.tables import TableError

MISSING = "drop or fill missing texts"
ARROW = r"pass an array of pyarrow as array\.to_pylist\(\), one of its texts as array\[0\]\.as_py\(\)"
DECODE = r"data\.decode\('utf-8'\)"

BATCHES = {
    "None in row 3": (["a", "b", "c", None], TextError, "position 3", "NoneType", MISSING),
    "NaN in row 1": (["a", float("nan")], TextError, "position 1", "nan", MISSING),
    "numpy NaN": (["a", np.float64("nan")], TextError, "position 1", "nan", MISSING),
    "NA of pandas": (pd.Series(["a", None], dtype="string"), TextError, "position 1", "NAType", MISSING),
    "None in a series": (pd.Series(["a", None], dtype=object), TextError, "position 1", "NoneType", MISSING),
    "masked text": (np.ma.array(["a", "b"], mask=[False, True]), TextError, "position 1", "MaskedConstant (masked)", MISSING),
    "bytes in row 0": ([b"war"], TextTypeError, "position 0", "bytes", DECODE),
    "bytearray in row 0": ([bytearray(b"war")], TextTypeError, "position 0", "bytearray", DECODE),
    "number in row 2": (["a", "b", 7], TextTypeError, "position 2", "int (7)", "pass the text itself"),
    "list in row 1": (["a", ["b"]], TextTypeError, "position 1", "list", "pass the text itself"),
    "path in row 0": ([Path("x.txt")], TextTypeError, "position 0", "Path", "pass the text itself"),
    "array of pyarrow": (pa.array(["a"]), TextTypeError, "position 0", "StringScalar", ARROW),
    "chunked array of pyarrow": (pa.chunked_array([["a"], ["b"]]), TextTypeError, "position 0", "StringScalar", ARROW),
    "null of pyarrow": (["a", pa.scalar(None)], TextTypeError, "position 1", "NullScalar", ARROW),
    "set": ({"a"}, TextTypeError, "in an order", "set ({'a'}), which has none", r"pass list\(texts\)"),
    "frozenset": (frozenset("a"), TextTypeError, "in an order", "frozenset", r"pass list\(texts\)"),
    "two dimensions": (np.array([["a"]]), TextTypeError, "position 0", "ndarray", "pass the text itself"),
}


@pytest.mark.parametrize(("texts", "kind", "where", "what", "advice"), BATCHES.values(), ids=BATCHES.keys())
def test_batch_names_the_row_the_value_and_the_remedy(texts, kind, where, what, advice):
    with pytest.raises(kind, match=advice) as caught:
        escalate.score(texts)
    message = str(caught.value)
    assert where in message
    assert what in message
    assert "expected " in message


SINGLE = {
    "None": (None, "NoneType", MISSING),
    "NaN": (float("nan"), "nan", MISSING),
    "NA": (pd.NA, "NAType", MISSING),
    "bytes": (b"war", "bytes", DECODE),
    "number": (7, "int", "pass the text itself"),
    "truth": (True, "bool", "pass the text itself"),
    "function": (len, "builtin", "pass the text itself"),
    "scalar of pyarrow": (pa.scalar("war"), "StringScalar", ARROW),
    "array without rows": (np.array("war"), "ndarray", "pass the text itself"),
}


@pytest.mark.parametrize(("text", "what", "advice"), SINGLE.values(), ids=SINGLE.keys())
def test_single_text_of_a_wrong_kind_is_refused(text, what, advice):
    for call in (escalate.score, escalate.explain):
        with pytest.raises((TypeError, ValueError), match=advice) as caught:
            call(text)
        assert isinstance(caught.value, EscalateError)
        assert what in str(caught.value)
        assert "expected" in str(caught.value)


def test_keys_of_a_dict_have_an_order():
    assert escalate.score({"war": 1, "peace": 2}.keys()).tolist() == escalate.score(["war", "peace"]).tolist()


@pytest.mark.parametrize("call", [lambda text: escalate.default_model().recalibrate(text, [0, 1] * 6), escalate.score_interval])
def test_one_text_is_not_read_letter_by_letter(call):
    with pytest.raises(TextTypeError, match=r"expected several texts, got one str \('abcdefghijkl'\); pass \[text\]"):
        call("abcdefghijkl")


WRONG_KIND = {
    "model of a frame": lambda given: escalate.score_frame(pd.DataFrame({"text": ["war"]}), model=given),
    "model of a card": escalate.model_card,
    "model of an index": lambda given: escalate.risk_index(pd.DataFrame({"d": ["2031-03-01"], "t": ["war"]}), "d", "t", model=given),
    "lexicon of a training": lambda given: escalate.train(["war", "peace"] * 2, [1, 0] * 2, lexicon=given),
    "lexicon of a vectoriser": lambda given: escalate.SignalVectorizer(lexicon=given).fit(["war"]),
}


@pytest.mark.parametrize("what", WRONG_KIND)
def test_file_in_the_place_of_what_it_holds_is_named_with_the_call_that_reads_it(what):
    name = what.partition(" ")[0]
    load = rf"escalate\.{name.capitalize()}\.load\("
    for given, told in (("mine", "text 'mine'"), ("", "text ''"), (Path("mine"), "path 'mine'")):
        with pytest.raises(TypeError, match=rf"^{name} is the {told}; give {load}'{given or ''}'\)"):
            WRONG_KIND[what](given)
    with pytest.raises(TypeError, match=rf"^{name} is int \(7\); expected what {load}path\) returns"):
        WRONG_KIND[what](7)


def test_several_texts_cannot_be_explained_at_once():
    with pytest.raises(TextTypeError, match="list"):
        escalate.explain(["one", "two"])


def _kind(call: object, value: object) -> type[Exception] | None:
    try:
        call(value)  # type: ignore[operator]
    except EscalateError as error:
        return type(error)
    return None


@pytest.mark.parametrize("value", [None, float("nan")], ids=["None", "NaN"])
def test_missing_text_is_the_same_error_everywhere(value):
    assert _kind(escalate.score, value) is _kind(escalate.explain, value) is TextError


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(pd.DataFrame({"text": ["war", "peace"]}), id="table"),
        pytest.param({"first": b"war"}, id="dict"),
    ],
)
def test_tables_and_dicts_are_no_sequences_of_texts(texts):
    assert _kind(escalate.score, texts) is TextTypeError


def test_number_is_not_called_a_missing_text():
    with pytest.raises(TextTypeError) as caught:
        escalate.score(["a", 3.5])
    assert "missing" not in str(caught.value)


def test_explain_names_no_position():
    with pytest.raises(TextTypeError) as caught:
        escalate.explain(7)
    assert "position" not in str(caught.value)


def test_long_value_is_cut_in_the_message():
    with pytest.raises(TextTypeError) as caught:
        escalate.score([list(range(10_000))])
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (LexiconError, ValueError),
        (ModelFileError, ValueError),
        (TextError, ValueError),
        (TextTypeError, TypeError),
        (TableError, ValueError),
    ],
)
def test_errors_are_of_the_library_and_of_the_builtin_kind(error, builtin):
    assert issubclass(error, EscalateError)
    assert issubclass(error, builtin)


def test_every_error_of_the_library_can_be_imported_from_it():
    modules = [
        importlib.import_module(f"escalate.{found.name}") for found in pkgutil.iter_modules(escalate.__path__) if found.name != "__main__"
    ]
    kinds = {
        what for module in modules for what in vars(module).values() if isinstance(what, type) and issubclass(what, Warning | EscalateError)
    }
    own = {kind for kind in kinds if kind.__module__.partition(".")[0] == "escalate"}
    assert {kind.__name__ for kind in own} >= {"ColumnError", "TableError", "BatchError", "EscalateWarning"}
    assert [
        kind.__name__ for kind in own if getattr(escalate, kind.__name__, None) is not kind or kind.__name__ not in escalate.__all__
    ] == []
