"""scikit-learn faces: the features as a transformer, and the whole model as a classifier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from escalate.errors import of_kind
from escalate.features import FeatureReader
from escalate.labels import read_column
from escalate.lexicon import Lexicon
from escalate.model import FloatArray, Model, Reading, checked_texts, is_missing
from escalate.tables import TableError
from escalate.training import Settings, train

__all__ = ["EscalationClassifier", "SignalVectorizer"]


def _texts(texts: Any) -> list[str]:
    """Return the texts of a list, array or Series; a table with one column of texts counts as well."""
    shape: tuple[int, ...] = getattr(texts, "shape", ())
    if len(shape) == 2 and shape[1] == 1:
        texts = np.asanyarray(texts)[:, 0]  # a masked text stays masked
    return list(checked_texts(texts))


def _two_classes(y: Any, count: int) -> tuple[NDArray[Any], list[int]]:
    """Return the two labels in `y`, the smaller first, and the place of each text's label among them."""
    labels = _labels(y, count)
    try:
        classes, places = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise TableError(f"y holds labels that have no order ({error}); give two labels of one kind") from error
    if len(classes) != 2:
        raise TableError(f"y holds {len(classes)} class(es), {classes[:5].tolist()}; expected two")
    return (classes if hasattr(y, "__array__") else np.array(classes.tolist())), places.tolist()


def _labels(y: Any, count: int) -> NDArray[Any]:
    """Return the labels as an array, none of them missing: a mask would be dropped, and a NaN be taken for a class of its own."""
    found = read_column(y, "labels in y", count, TableError)
    # A list stays a list of objects: numpy would make text of a number that stands beside text.
    labels = np.asanyarray(y) if hasattr(y, "__array__") else np.fromiter(found, dtype=object, count=count)
    for at, label in enumerate(labels):
        if is_missing(label):
            raise TableError(f"label {label!r:.60} at position {at} of y is missing; leave out the texts that have no label")
    return np.asarray(labels)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _numbers(reader: FeatureReader, reading: Reading) -> set[int]:
    """Return the numbers of the features that hold anywhere in a text."""
    found = zip(reading.sentences, reading.signals, strict=True)
    return set().union(*(reader.read(reading.document, sentence, signals) for sentence, signals in found))


class SignalVectorizer(TransformerMixin, BaseEstimator):
    """Turn texts into the named features of the library: signals by family and mode, classes of words, actors, form.

    Parameters
    ----------
    lexicon : Lexicon, optional
        Default: the one shipped.
    min_texts : int
        Features met in fewer texts are left out; a number of texts, not a share of them.
    sparse_output : bool
        Whether `transform` gives a sparse matrix; pass False for pandas output.

    Attributes
    ----------
    feature_names_ : list of str

    Examples
    --------
    >>> from escalate import SignalVectorizer
    >>> vectorizer = SignalVectorizer().fit(["The army shelled two villages.", "The museum opens at nine."])
    >>> "strike:actual" in vectorizer.get_feature_names_out()
    True
    """

    def __init__(self, *, lexicon: Lexicon | None = None, min_texts: int = 1, sparse_output: bool = True) -> None:
        self.lexicon = lexicon
        self.min_texts = min_texts
        self.sparse_output = sparse_output

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn which features occur.

        Parameters
        ----------
        X : iterable of str
        y : ignored

        Returns
        -------
        SignalVectorizer
        """
        if not _is_whole(self.min_texts):
            raise ValueError(f"min_texts is {self.min_texts!r:.60}; expected a number of texts, such as 2")
        lexicon = Lexicon.load() if self.lexicon is None else of_kind(Lexicon, "lexicon", self.lexicon)
        blank = Model(lexicon, [], [], {})
        growing = FeatureReader(blank.matcher)
        rows = [_numbers(growing, blank.read(text)) for text in _texts(X)]
        count = np.bincount([at for row in rows for at in row], minlength=len(growing.names))
        self.feature_names_ = sorted(name for name, n in zip(growing.names, count, strict=True) if n >= self.min_texts)
        self._model = replace(blank, features=self.feature_names_)
        vars(self._model)["matcher"] = blank.matcher  # of the same lexicon, and slow to make
        return self

    def transform(self, X: Any) -> Any:
        """Return one row a text, 1 where a feature holds anywhere in it.

        Parameters
        ----------
        X : iterable of str

        Returns
        -------
        csr_matrix or ndarray of float64, shape (n_texts, n_features)
        """
        check_is_fitted(self, "feature_names_")
        rows = [sorted(self._model.read(text).union.features) for text in _texts(X)]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        flat = np.array([at for row in rows for at in row], dtype=np.int64)
        matrix = sparse.csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(rows), len(self.feature_names_)))
        return matrix if self.sparse_output else matrix.toarray()

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the features, in the order of the columns.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self, "feature_names_")
        return np.array(self.feature_names_, dtype=object)

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that the input is text."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.requires_fit = True
        return tags


class EscalationClassifier(ClassifierMixin, BaseEstimator):
    """Train and use an escalation model the scikit-learn way.

    Parameters
    ----------
    strength : float
        Inverse strength of the penalty on all weights, as ``C`` in scikit-learn.
    vocabulary : int
        Learned words kept.
    lexicon : Lexicon, optional
        Default: the one shipped.

    Attributes
    ----------
    model_ : Model
        The trained model, with :meth:`~escalate.Model.explain` and :meth:`~escalate.Model.save`.
    classes_ : ndarray
        The two labels, the negative one first.

    Examples
    --------
    >>> from escalate import EscalationClassifier
    >>> texts = ["Shells fell on the port.", "The bakery opened.", "Rebels took the fort.", "It rained all day."] * 5
    >>> classifier = EscalationClassifier().fit(texts, [1, 0, 1, 0] * 5)
    >>> classifier.predict(["Rebels shelled the fort."]).tolist()
    [1]
    """

    def __init__(self, *, strength: float = 0.3, vocabulary: int = 12000, lexicon: Lexicon | None = None) -> None:
        self.strength = strength
        self.vocabulary = vocabulary
        self.lexicon = lexicon

    def fit(self, X: Any, y: Any, groups: Iterable[Any] | None = None) -> Self:
        """Train on labelled texts.

        Parameters
        ----------
        X : iterable of str
        y : array of two different labels
            The greater one is the positive. None may be missing.
        groups : iterable, optional
            Source of each text, by position; see :func:`escalate.train`, also for what level and direction of such a model mean.

        Returns
        -------
        EscalationClassifier

        Raises
        ------
        TableError
            When a label is missing, `y` is no column, or holds other than two labels (a ValueError); else as :func:`escalate.train`.
        """
        texts = _texts(X)
        classes, labels = _two_classes(y, len(texts))
        settings = Settings(strength=self.strength, vocabulary=self.vocabulary)
        model = train(texts, labels, groups=groups, lexicon=self.lexicon, settings=settings)
        self.classes_, self.model_ = classes, model  # together, so that a fit that fails leaves none of itself behind
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the calibrated probability of each class.

        Parameters
        ----------
        X : iterable of str

        Returns
        -------
        ndarray of float64, shape (n_texts, 2)
        """
        check_is_fitted(self, "model_")
        positive = np.asarray(self.model_.score(_texts(X)))
        return np.column_stack([1.0 - positive, positive])

    def decision_function(self, X: Any) -> FloatArray:
        """Return the calibrated log-odds of the positive class, shape (n_texts,)."""
        positive = np.clip(self.predict_proba(X)[:, 1], 1e-15, 1 - 1e-15)
        odds: FloatArray = np.log(positive / (1.0 - positive))
        return odds

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class of each text, shape (n_texts,)."""
        positive = self.predict_proba(X)[:, 1] >= 0.5
        labels: NDArray[Any] = self.classes_[positive.astype(int)]
        return labels

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that the input is text, and the classes two."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.classifier_tags.multi_class = False
        return tags
