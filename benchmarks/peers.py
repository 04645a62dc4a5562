"""What this model is measured against, and the table in which both benchmarks print.

Two peers learn nothing: a count of war words, and VADER's sentiment turned round. Two learn from the same rows: logistic regression
on TF-IDF of words, and of words and characters. The penalty of the trained peers (C = 3) is near their best in cross-validation, so
that they are not beaten for want of tuning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

__all__ = ["BAGS", "WAR_WORDS", "Bag", "Split", "aligned", "untrained", "vader", "war_words", "word_pipeline"]

Rows = NDArray[np.intp]
Scorer = Callable[[str], float]

WAR_WORDS = frozenset(
    {
        "army",
        "attack",
        "attacked",
        "attacks",
        "battle",
        "bomb",
        "bombing",
        "clashes",
        "combat",
        "conflict",
        "fighting",
        "forces",
        "invasion",
        "killed",
        "military",
        "missile",
        "missiles",
        "offensive",
        "rebels",
        "soldiers",
        "strikes",
        "threat",
        "troops",
        "war",
        "weapons",
    }
)
"""Twenty-five words that anybody would name first."""

RARE = 2
"""A word or character run must stand in at least so many training texts."""

PENALTY = 3.0
"""Inverse strength of the L2 penalty of both trained peers."""

_WORD = re.compile(r"[a-z]+")


# --- peers that learn nothing --------------------------------------------------------------------


def war_words(text: str) -> float:
    """Return how many words of the text are war words.

    Examples
    --------
    >>> war_words("Troops attack; more troops follow.")
    3.0
    """
    return float(sum(word in WAR_WORDS for word in _WORD.findall(text.lower())))


def vader() -> Scorer:
    """Return VADER's compound sentiment with its sign turned: the gloomier, the higher."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    polarity = SentimentIntensityAnalyzer().polarity_scores
    return lambda text: -float(polarity(text)["compound"])


def untrained() -> dict[str, Scorer]:
    """Return the peers that learn nothing, by name; VADER only where it is installed."""
    scorers: dict[str, Scorer] = {"war words": war_words}
    if find_spec("vaderSentiment"):
        scorers["VADER"] = vader()
    return scorers


# --- peers that learn ----------------------------------------------------------------------------


def _regression() -> LogisticRegression:
    return LogisticRegression(C=PENALTY, solver="liblinear", random_state=0)


def word_pipeline() -> Pipeline:
    """Return the word peer as one pipeline from texts to probabilities, for timing."""
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=RARE, sublinear_tf=True), _regression())


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to score, under the name of a way to measure."""

    scheme: str
    train: Rows
    test: Rows


@dataclass(frozen=True)
class Bag:
    """A trained peer: blocks of n-grams, each weighted by TF-IDF, under one logistic regression.

    The n-grams are counted once for all texts, but which of them count, and for how much, is learned anew from the training rows of
    each split; so nothing of a test text leaks, and cross-validation is many times faster.
    """

    blocks: tuple[tuple[str, tuple[int, int]], ...]

    def predict(
        self, texts: Sequence[str], labels: NDArray[np.int_], splits: Sequence[Split], n_jobs: int = 1
    ) -> list[NDArray[np.float64]]:
        """Return the probabilities of the test rows of each split.

        Parameters
        ----------
        texts : sequence of str
            All texts that any split names.
        labels : array of int
            Label of each text; only those of training rows are looked at.
        splits : sequence of Split
        n_jobs : int
            Processes for joblib.

        Returns
        -------
        list of ndarray
        """
        counts = Parallel(n_jobs=n_jobs)(delayed(_count)(texts, analyzer, sizes) for analyzer, sizes in self.blocks)
        return list(Parallel(n_jobs=n_jobs)(delayed(_fit_predict)(counts, labels, split) for split in splits))


BAGS = {
    "TF-IDF words": Bag((("word", (1, 2)),)),
    "TF-IDF words + characters": Bag((("word", (1, 2)), ("char_wb", (2, 5)))),
}
"""The trained peers by name."""


def _count(texts: Sequence[str], analyzer: str, sizes: tuple[int, int]) -> Any:
    return CountVectorizer(analyzer=analyzer, ngram_range=sizes, min_df=RARE).fit_transform(texts)


def _fit_predict(counts: Sequence[Any], labels: NDArray[np.int_], split: Split) -> NDArray[np.float64]:
    train, test = zip(*(_weighted(block[split.train], block[split.test]) for block in counts), strict=True)
    fitted = _regression().fit(sparse.hstack(train).tocsr(), labels[split.train])
    probability: NDArray[np.float64] = fitted.predict_proba(sparse.hstack(test).tocsr())[:, 1]
    return probability


def _weighted(train: Any, test: Any) -> tuple[Any, Any]:
    common = np.flatnonzero(np.bincount(train.indices, minlength=train.shape[1]) >= RARE)
    weigh = TfidfTransformer(sublinear_tf=True).fit(train[:, common])
    return weigh.transform(train[:, common]), weigh.transform(test[:, common])


# --- printing ------------------------------------------------------------------------------------


def aligned(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of text: the first column to the left, numbers to the right.

    Examples
    --------
    >>> print(aligned(["who", "n"], [["one", "1"], ["eleven", "11"]]))
    who      n
    ------  --
    one      1
    eleven  11
    """
    cells = [list(headings), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [all(_numeric(cell) for cell in column[1:]) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(_line(line, widths, numeric) for line in cells)


def _numeric(cell: str) -> bool:
    return not cell or cell[0] in "0123456789+-"


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = [c.rjust(w) if right else c.ljust(w) for c, w, right in zip(cells, widths, numeric, strict=True)]
    return "  ".join(padded).rstrip()
