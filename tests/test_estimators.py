"""scikit-learn faces: texts in, features and probabilities out, in pipelines and searches."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks as checks
from sklearn.utils.fixes import parse_version

import escalate
from escalate import EscalationClassifier, SignalVectorizer, TextError, TextTypeError
from escalate.tables import TableError, table_of

WAR = ["Gunners shelled the harbour.", "Rebels ambushed a patrol.", "Jets bombed the airfield.", "The general threatened to attack."]
CALM = ["Bakers won a prize.", "The choir sang on the square.", "A tram line opened.", "Rain fell on the fields."]
TEXTS, LABELS = (WAR + CALM) * 5, ([1] * 4 + [0] * 4) * 5

CHECKS = (
    checks.check_parameters_default_constructible,
    checks.check_no_attributes_set_in_init,
    checks.check_get_params_invariance,
    checks.check_set_params,
)
"""The checks of scikit-learn that feed no numbers; all others do, and `check_estimator` itself passes over estimators of texts."""


@pytest.fixture(scope="module")
def fitted() -> EscalationClassifier:
    return EscalationClassifier().fit(TEXTS, LABELS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("estimator", [SignalVectorizer(), EscalationClassifier()], ids=["vectorizer", "classifier"])
def test_scikit_learns_own_checks(estimator, check):
    check(type(estimator).__name__, estimator)


def test_vectorizer_names_its_columns():
    vectorizer = SignalVectorizer().fit(TEXTS)
    matrix = vectorizer.transform(TEXTS)
    names = vectorizer.get_feature_names_out().tolist()
    assert matrix.shape == (len(TEXTS), len(names))
    assert matrix[0, names.index("strike:actual")] == 1
    assert matrix[4, names.index("strike:actual")] == 0


def test_vectorizer_gives_pandas():
    frame = SignalVectorizer(sparse_output=False).set_output(transform="pandas").fit_transform(pd.Series(TEXTS, index=range(9, 49)))
    assert frame["strike:actual"].iloc[0] == 1
    if parse_version(sklearn.__version__) >= parse_version("1.7"):  # before, scikit-learn kept the index of a DataFrame only
        assert frame.index.tolist() == list(range(9, 49))


def test_vectorizer_leaves_out_what_is_rare():
    assert len(SignalVectorizer(min_texts=6).fit(TEXTS).feature_names_) < len(SignalVectorizer().fit(TEXTS).feature_names_)


def test_classifier_learns(fitted):
    assert fitted.score(TEXTS, LABELS) == 1.0
    proba = fitted.predict_proba(["Jets shelled the harbour.", "The bakers sang."])
    assert proba.sum(axis=1) == pytest.approx([1, 1])
    assert proba[0, 1] > 0.5 > proba[1, 1]
    assert fitted.decision_function(WAR).min() > fitted.decision_function(CALM).max()


def test_classifier_keeps_the_labels_it_was_given():
    found = EscalationClassifier().fit(TEXTS, np.where(np.array(LABELS) == 1, "war", "calm")).predict([WAR[0], CALM[0]])
    assert found.tolist() == ["war", "calm"]


def test_classifier_holds_a_whole_model(fitted, tmp_path):
    fitted.model_.save(tmp_path)
    assert escalate.Model.load(tmp_path).score(WAR).tolist() == fitted.predict_proba(WAR)[:, 1].tolist()


TABLES = {
    "array": np.array(WAR)[:, None],
    "pandas": pd.DataFrame({"text": WAR}),
    "polars": pl.DataFrame({"text": WAR}),
    "pyarrow": pa.table({"text": WAR}),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_table_of_one_column_is_read(fitted, table):
    assert fitted.predict_proba(table).tolist() == fitted.predict_proba(WAR).tolist()


def test_masked_text_of_a_table_is_refused():
    with pytest.raises(TextError, match=r"position 1.*\(masked\)"):
        SignalVectorizer().fit(np.ma.array(WAR, mask=[False, True, False, False])[:, None])


def test_search_and_pipeline_and_calibration():
    search = GridSearchCV(EscalationClassifier(), {"strength": [0.1, 1.0]}, cv=2).fit(TEXTS, LABELS)
    assert search.best_score_ > 0.9
    pipeline = make_pipeline(SignalVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
    assert pipeline.score(TEXTS, LABELS) == 1.0
    calibrated = CalibratedClassifierCV(EscalationClassifier(), cv=2).fit(TEXTS, LABELS)
    assert calibrated.predict_proba(WAR)[:, 1].min() > calibrated.predict_proba(CALM)[:, 1].max()


def pickled(what):
    return pickle.loads(pickle.dumps(what))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
def test_used_estimators_can_be_pickled_and_copied(fitted, again):
    vectorizer = SignalVectorizer().fit(TEXTS)
    matrix, proba = vectorizer.transform(TEXTS), fitted.predict_proba(TEXTS)
    assert (again(vectorizer).transform(TEXTS) != matrix).nnz == 0
    assert again(fitted).predict_proba(TEXTS).tolist() == proba.tolist()


def test_groups_of_the_classifier_go_by_position(fitted):
    groups = pd.Series(["a", "b", "c", "d"] * 10, index=range(100, 140))
    given = EscalationClassifier().fit(pd.Series(TEXTS, index=groups.index), pd.Series(LABELS, index=groups.index), groups=groups)
    assert given.predict_proba(WAR).tolist() == EscalationClassifier().fit(TEXTS, LABELS, groups.tolist()).predict_proba(WAR).tolist()


def test_classifier_learns_from_a_single_source(fitted):
    found = EscalationClassifier().fit(TEXTS, LABELS, groups=["one paper"] * 40)
    assert found.predict_proba(TEXTS).tolist() == fitted.predict_proba(TEXTS).tolist()


def test_clone_copies_the_settings():
    assert clone(EscalationClassifier(strength=2.0)).get_params() == EscalationClassifier(strength=2.0).get_params()


WRONG_Y = {
    "one class": ([1] * 40, r"y holds 1 class\(es\), \[1\]; expected two"),
    "three classes": ([0, 1, 2, 0] * 10, r"y holds 3 class\(es\)"),
    "masked": (np.ma.array(LABELS, mask=[0, 0, 1] + [0] * 37), "label masked at position 2 of y is missing; leave out the texts"),
    "NaN for a class": ([1.0, float("nan")] * 20, "label nan at position 1"),
    "NaN in an array": (np.array([np.nan] + LABELS[1:]), "label .*nan.* at position 0"),
    "None beside words": ([None] + ["war", "calm"] * 19 + ["war"], "label None at position 0"),
    "NA of words": (pd.Series([pd.NA] + ["war", "calm"] * 19 + ["war"], dtype="string"), "label <NA> at position 0"),
    "no category": (pd.Categorical(["war", None] * 20), "label nan at position 1"),
    "NaT": (np.array(["2031-01-01", "NaT"] * 20, "M8[D]"), "label .*NaT.* at position 1"),
    "words and numbers": (["war", 0] * 20, "labels that have no order .*; give two labels of one kind"),
    "too few": (LABELS[:39], "40 texts but 39 labels in y"),
    "column of a table": (
        pd.DataFrame({"label": LABELS}),
        r"labels in y: expected .* got DataFrame of shape \(40, 1\)",
    ),
    "None": (None, "labels in y: expected .* got NoneType"),
    "text": ("0101", "labels in y: expected .* got str"),
}


@pytest.mark.parametrize(("y", "message"), WRONG_Y.values(), ids=WRONG_Y.keys())
def test_labels_that_are_no_two_classes_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        EscalationClassifier().fit(TEXTS, y)


CLASSES = {
    "words": (["war", "calm"] * 20, "U"),
    "whole numbers": ([2, 1] * 20, "i"),
    "truth values": ([True, False] * 20, "b"),
    "generator": ((label for label in [2, 1] * 20), "i"),
    "series of words": (pd.Series(["war", "calm"] * 20, dtype=object), "O"),
    "nothing masked": (np.ma.array([2, 1] * 20), "i"),
}


@pytest.mark.parametrize(("y", "kind"), CLASSES.values(), ids=CLASSES.keys())
def test_classes_are_labels_as_they_were_given(y, kind):
    classes = EscalationClassifier().fit(TEXTS, y).classes_
    assert classes.dtype.kind == kind
    assert type(classes) is np.ndarray


WRONG_PARAMETERS = {
    "strength": (EscalationClassifier, [0, -1.0, float("nan"), float("inf"), "1", None, True], "a number above 0"),
    "vocabulary": (EscalationClassifier, [-1, 10.0, None, True, ["war"]], "a number of words, 0 or more"),
    "min_texts": (SignalVectorizer, [0.1, "2", None, True, float("nan")], "a number of texts"),
}
WRONG_VALUES = [(name, kind, value, said) for name, (kind, values, said) in WRONG_PARAMETERS.items() for value in values]


@pytest.mark.parametrize(("name", "kind", "value", "said"), WRONG_VALUES)
def test_parameter_out_of_range_is_named(name, kind, value, said):
    with pytest.raises(ValueError, match=re.escape(f"{name} is {value!r}; expected {said}")):
        kind(**{name: value}).fit(TEXTS, LABELS)


def test_numbers_of_numpy_are_parameters():
    small = EscalationClassifier(strength=np.float32(0.5), vocabulary=np.int64(3)).fit(TEXTS, LABELS)
    assert len(small.model_.vocabulary) == 3
    assert SignalVectorizer(min_texts=np.int64(6)).fit(TEXTS).feature_names_ == SignalVectorizer(min_texts=6).fit(TEXTS).feature_names_


def test_settings_of_another_kind_are_refused():
    for settings in (None, {"strength": 1.0}):
        with pytest.raises(TypeError, match=r"settings is .*; expected escalate\.training\.Settings\("):
            escalate.train(TEXTS, LABELS, settings=settings)


def test_fit_that_fails_leaves_the_last_one_as_it_was():
    words = np.where(np.array(LABELS) == 1, "war", "calm")
    classifier = EscalationClassifier().fit(TEXTS, words)
    for wrong in ([1] * 40, [0] * 39 + [1], np.ma.array(LABELS, mask=True)):
        with pytest.raises(TableError):
            classifier.fit(TEXTS, wrong)
    assert classifier.predict([WAR[0], CALM[0]]).tolist() == ["war", "calm"]


def test_one_string_is_refused(fitted):
    with pytest.raises(TextTypeError, match=r"pass \[text\]"):
        fitted.predict("Jets bombed the airfield.")


def test_unfitted_is_refused():
    with pytest.raises(NotFittedError):
        EscalationClassifier().predict(WAR)
    with pytest.raises(NotFittedError):
        SignalVectorizer().transform(WAR)


# --- escalate.train ------------------------------------------------------------------------------


def test_train_takes_levels_and_groups():
    model = escalate.train(TEXTS, LABELS, levels=[4 * label for label in LABELS], groups=["a", "b"] * 20)
    assert model.explain(WAR[0]).level > 2 > model.explain(CALM[0]).level


@pytest.fixture(scope="module")
def plain() -> escalate.Model:
    return escalate.train(TEXTS, LABELS)


def test_columns_go_by_position_whatever_their_index_says(plain):
    frame = pd.DataFrame({"text": TEXTS, "label": LABELS}, index=range(len(TEXTS), 0, -1))
    frame["level"] = frame["label"] * 4
    groups = pd.Series(["a", "b", "c", "d"] * 10, index=frame.index)
    found = escalate.train(frame["text"], frame["label"], frame["level"], groups, directions=frame["label"])
    same = escalate.train(TEXTS, LABELS, [4 * label for label in LABELS], ["a", "b", "c", "d"] * 10, directions=LABELS)
    assert found == same
    assert escalate.train(frame["text"], frame["label"]) == plain


KINDS = {
    "truth values": lambda: [label == 1 for label in LABELS],
    "array of truth values": lambda: np.array(LABELS) == 1,
    "floats": lambda: [float(label) for label in LABELS],
    "array of floats": lambda: np.array(LABELS, dtype=np.float32),
    "pyarrow": lambda: pa.array(LABELS),
    "small integers": lambda: np.array(LABELS, dtype=np.int8),
    "generator": lambda: (label for label in LABELS),
    "series with NA": lambda: pd.Series(LABELS, dtype="Int64"),
}


@pytest.mark.parametrize("labels", KINDS.values(), ids=KINDS.keys())
def test_labels_of_every_usual_kind_are_read(plain, labels):
    assert escalate.train(TEXTS, labels()) == plain
    assert escalate.default_model().recalibrate(TEXTS, labels()) == escalate.default_model().recalibrate(TEXTS, LABELS)


def test_levels_may_be_missing_and_whole_floats():
    levels = pd.Series([4.0 * label for label in LABELS])
    levels[::5] = np.nan
    given = [None if at % 5 == 0 else 4 * label for at, label in enumerate(LABELS)]
    assert escalate.train(TEXTS, LABELS, levels) == escalate.train(TEXTS, LABELS, given)


def test_masked_levels_directions_and_groups_are_missing():
    mask = [at % 5 == 0 for at in range(len(TEXTS))]
    columns = {"levels": [4 * label for label in LABELS], "directions": LABELS, "groups": [7, 8, 9, 9] * 10}
    given = {name: [None if hidden else value for value, hidden in zip(column, mask, strict=True)] for name, column in columns.items()}
    masked = {name: np.ma.array(column, mask=mask) for name, column in columns.items()}
    assert escalate.train(TEXTS, LABELS, **masked) == escalate.train(TEXTS, LABELS, **given)


def test_missing_groups_are_one_source():
    given, filled = (["a", "b", missing, "c"] * 10 for missing in (None, "own"))
    assert escalate.train(TEXTS, LABELS, groups=given) == escalate.train(TEXTS, LABELS, groups=filled)
    assert escalate.train(TEXTS, LABELS, groups=pd.Series(given, dtype="string")) == escalate.train(TEXTS, LABELS, groups=filled)


GROUPS = {
    "one source": ["a"] * 40,
    "a source for each label": LABELS,
    "all that escalates from one source": ["b"] * 4 + ["c", "a", "b", "c"],
}


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS.keys())
def test_sources_that_cannot_be_held_out_are_dealt_anew(groups):
    many = groups * (40 // len(groups))
    war, calm = escalate.train(TEXTS, LABELS, groups=many).score([*WAR, *CALM]).reshape(2, 4)
    assert war.min() > 0.9
    assert calm.max() < 0.1


def test_sources_that_can_be_held_out_are_kept():
    table = table_of(TEXTS, LABELS, groups=["a", "b"] * 20)
    assert table.group == ["a", "b"] * 20
    assert table_of(TEXTS, LABELS, groups=LABELS).source == [str(label) for label in LABELS]


def test_texts_that_are_alike_get_the_base_rate():
    model = escalate.train([WAR[0]] * 20, [1, 0, 0, 0] * 5)
    assert model.score(WAR[0]) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["bread", "wine"], [0, 1], "label 0 is that of a single text"),
        (TEXTS[:1] + CALM * 5, [1] + [0] * 20, "label 1 is that of a single text"),
        (
            ["Bread.", "Wine?", "The Taliban shelled a fort.", "France bombed a port"],
            [0, 0, 1, 1],
            "nothing to learn from: .* 4 texts; give more",
        ),
        ([], [], "all 0 labels are the same or there are none"),
    ],
)
def test_too_little_to_learn_from_is_refused(texts, labels, message):
    with pytest.raises(TableError, match=message):
        escalate.train(texts, labels)


def test_level_without_levels_rises_with_the_score_and_direction_without_directions_is_0(plain):
    found = [plain.explain(text) for text in (*WAR, *CALM, "The army signed an armistice.", "Fighting", "bread")]
    found.sort(key=lambda one: one.score)
    assert found[0].level < found[-1].level < 2.1
    assert [one.level for one in found] == sorted(one.level for one in found)
    assert [one.direction for one in found] == pytest.approx([0.0] * len(found), abs=1e-9)


def test_directions_are_learned():
    peace = [
        "Both sides signed a ceasefire.",
        "Troops withdrew from the border.",
        "Rebels laid down their arms.",
        "Envoys held peace talks.",
    ]
    texts = (WAR + CALM + peace) * 5
    labels, directions = ([1] * 4 + [0] * 8) * 5, ([1] * 4 + [0] * 4 + [-1] * 4) * 5
    model = escalate.train(texts, labels, directions=directions)
    war, calm, peaceful = (model.explain(some[0]).direction for some in (WAR, CALM, peace))
    assert war > 0.5 > calm > -0.5 > peaceful


@pytest.mark.parametrize(
    ("labels", "levels", "message"),
    [
        ([1] * 39, None, "40 texts but 39 labels"),
        ([1] * 40, None, "all 40 labels are the same"),
        ([0, 1, 7] + [0] * 37, None, "label 7 at position 2; expected 0 or 1"),
        (LABELS, [9] * 40, "level 9 at position 0; expected one of"),
        (LABELS, [True] * 40, "level True at position 0; expected one of"),
        (LABELS, [4] * 39, "40 texts but 39 levels"),
        (None, None, r"labels: expected a list, array or Series with one value for each text, got NoneType \(None\)"),
        (7, None, r"labels: expected .* got int \(7\)"),
        ("0101", None, r"labels: expected .* got str \('0101'\)"),
        ({0, 1}, None, r"labels: expected .* got set"),
        (np.array(LABELS)[:, None], None, r"labels: expected .* got ndarray of shape \(40, 1\)"),
        (pd.DataFrame({"label": LABELS}), None, r"labels: expected .* got DataFrame of shape \(40, 1\)"),
        ([[label] for label in LABELS], None, r"label \[1\] at position 0; expected 0 or 1"),
        ([None] + LABELS[1:], None, "label None at position 0; expected 0 or 1"),
        ([0.5] + LABELS[1:], None, "label 0.5 at position 0; expected 0 or 1"),
        ([float("nan")] + LABELS[1:], None, "label nan at position 0; expected 0 or 1"),
        (np.ma.array(LABELS, mask=[0, 0, 1] + [0] * 37), None, "label masked at position 2; expected 0 or 1"),
    ],
)
def test_train_names_what_is_wrong(labels, levels, message):
    with pytest.raises(TableError, match=message):
        escalate.train(TEXTS, labels, levels=levels)


@pytest.mark.parametrize("name", ["groups", "directions"])
def test_train_names_a_column_that_is_too_short(name):
    with pytest.raises(TableError, match=f"40 texts but 3 {name}; give one for each text"):
        escalate.train(TEXTS, LABELS, **{name: [0, 1, 1]})


def test_train_names_a_direction_that_cannot_be():
    with pytest.raises(TableError, match=r"direction 'up' at position 1; expected one of \[-1, 0, 1\], or None"):
        escalate.train(TEXTS, LABELS, directions=[0, "up"] * 20)


@pytest.mark.parametrize("texts", ["ab", {"a", "b"}, frozenset("ab")], ids=["str", "set", "frozenset"])
def test_train_refuses_what_is_not_several_texts_in_an_order(texts):
    with pytest.raises(TextTypeError, match=r"expected .*; pass "):
        escalate.train(texts, [0, 1])
