"""scikit-learn faces: texts in, features and probabilities out, in pipelines and searches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks as checks

import escalate
from escalate import EscalationClassifier, SignalVectorizer, TextTypeError
from escalate.tables import TableError

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
    assert frame.loc[9, "strike:actual"] == 1


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


def test_column_of_a_table_is_read(fitted):
    frame = pd.DataFrame({"text": WAR})
    assert fitted.predict_proba(frame[["text"]].to_numpy()).tolist() == fitted.predict_proba(WAR).tolist()


def test_search_and_pipeline_and_calibration():
    search = GridSearchCV(EscalationClassifier(), {"strength": [0.1, 1.0]}, cv=2).fit(TEXTS, LABELS)
    assert search.best_score_ > 0.9
    pipeline = make_pipeline(SignalVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
    assert pipeline.score(TEXTS, LABELS) == 1.0
    calibrated = CalibratedClassifierCV(EscalationClassifier(), cv=2).fit(TEXTS, LABELS)
    assert calibrated.predict_proba(WAR)[:, 1].min() > calibrated.predict_proba(CALM)[:, 1].max()


def test_clone_copies_the_settings():
    assert clone(EscalationClassifier(strength=2.0)).get_params() == EscalationClassifier(strength=2.0).get_params()


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="expected two"):
        EscalationClassifier().fit(TEXTS, [1] * len(TEXTS))


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


@pytest.mark.parametrize(
    ("labels", "levels", "message"),
    [
        ([1] * 39, None, "40 texts but 39 labels"),
        ([1] * 40, None, "all 40 labels are the same"),
        ([0, 1, 7] + [0] * 37, None, "label 7 at position 2; expected 0 or 1"),
        (LABELS, [9] * 40, "level 9 at position 0; expected one of"),
    ],
)
def test_train_names_what_is_wrong(labels, levels, message):
    with pytest.raises(TableError, match=message):
        escalate.train(TEXTS, labels, levels=levels)
