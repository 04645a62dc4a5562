"""From labelled texts to a :class:`~escalate.model.Model`; the only room, with `calibration`, that knows scikit-learn.

1. Every text is read into sentences, signals and named features; words that carry over become the vocabulary.
2. Each head is one logistic regression on whole texts, beside effects of their sources that are not kept; only the heaviest words are.
3. Sentence values *out of source* (from a model that has not seen the source) train the pooling layer, which also calibrates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from escalate.calibration import Calibration, beta_map, cells, fit_beta, fit_knots, logits, rounded, sigmoids
from escalate.context import RawSignal, kinds_of, quiet_spans
from escalate.errors import of_kind
from escalate.features import FeatureReader
from escalate.lexicon import Lexicon
from escalate.matching import SentenceHits
from escalate.model import HEADS, SHARPNESS, FloatArray, Head, Model, checked_texts, length_share, log_size, lowers_bonus, word_scale
from escalate.pairs import PairReader, is_pair
from escalate.rating import directions, levels
from escalate.tables import Table, TableError, table_of
from escalate.teacher import Teacher
from escalate.vocabulary import candidates, name_words, word_terms

__all__ = ["Corpus", "Predictions", "Settings", "fit", "one_thread", "out_of_group", "predictions", "train"]

Rows = NDArray[np.intp]

_ACTOR = re.compile(r"^actor:|[:+&_]actor(?![a-z])")
"""In the name of a feature or pair: an actor, or a kind of them."""


@dataclass(frozen=True)
class Settings:
    """Choices of the training, made by leave-one-source-out (see ``docs/experiments.md``)."""

    strength: float = 0.3
    """Inverse strength of the L2 penalty."""
    feature_scale: float = 0.35
    """Size of a feature beside a word: the smaller, the harder it is shrunk."""
    actor_scale: float = 0.08
    """Size of what tells of actors beside other features and pairs: a score must not hang on who is known by name."""
    pair_scale: float = 0.7
    """Size of a pair beside a word."""
    vocabulary: int = 12000
    """Learned words, phrases, stems and pairs kept."""
    contrast_weight: float = 1.0
    """Weight of a contrast sentence beside a news text."""
    source_intercept: float = 1.0
    """Size of the intercept that each source of news has of its own while the weights are learned: how common escalation is in a source
    is nothing that its words should have to say."""
    source_slope: float = 0.3
    """Size of what each source may weigh differently. Neither is kept: what is left for all sources is the model."""
    teacher_share: float = 0.3
    """Share of a teacher's opinion in what is learned, where there is one; the rest is the label."""
    digits: int = 5
    """Decimals kept of every weight, so that a rebuilt model is the same to the byte."""

    def __post_init__(self) -> None:
        """Refuse what scikit-learn would refuse under another name, and a vocabulary that slices would take for another."""
        if isinstance(self.strength, bool) or not isinstance(self.strength, Real) or not 0.0 < self.strength < math.inf:
            raise ValueError(f"strength is {self.strength!r:.60}; expected a number above 0, such as {Settings.strength}")
        if isinstance(self.vocabulary, bool) or not isinstance(self.vocabulary, Integral) or self.vocabulary < 0:
            raise ValueError(f"vocabulary is {self.vocabulary!r:.60}; expected a number of words, 0 or more, such as {Settings.vocabulary}")


class Corpus:
    """A table read once: sentence by sentence features and words as sparse matrices."""

    def __init__(
        self,
        table: Table,
        lexicon: Lexicon,
        progress: Callable[[Sequence[str]], Iterable[str]] = iter,
        teacher: Teacher | None = None,
    ) -> None:
        self.table = table
        self.lexicon = lexicon
        self.teacher = teacher
        reader = Model(lexicon, [], [], {})
        growing, pairs = FeatureReader(reader.matcher), PairReader(reader.matcher)
        names: list[set[str]] = []
        terms: list[set[str]] = []
        counts: list[int] = []
        tokens: list[float] = []
        for text in progress(table.texts):
            reading = reader.read(text)
            counts.append(len(reading.sentences))
            tokens += [unit.tokens for unit in reading.units]
            for sentence, signals in zip(reading.sentences, reading.signals, strict=True):
                names.append({growing.names[i] for i in growing.read(reading.document, sentence, signals)})
                heard = _heard(reading.document.words, sentence, signals, lexicon)
                terms.append(word_terms(heard) | (pairs.names(kinds_of(signals), sentence) if signals else set()))
        self.counts = np.array(counts)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)])
        self.tokens = np.array(tokens, dtype=float)
        self.features = _common(names)
        groups = [group for group, count in zip(table.group, counts, strict=True) for _ in range(count)]
        self.vocabulary = candidates(terms, groups, name_words(table.texts, lexicon))
        self.by_sentence = (_matrix(names, self.features), _matrix(terms, self.vocabulary))
        gather = sparse.csr_matrix((np.ones(len(tokens)), np.arange(len(tokens)), self.starts), shape=(len(table), len(tokens)))
        self.by_text = tuple(((gather @ m) > 0).astype(float).tocsr() for m in self.by_sentence)
        self.text_tokens = gather @ self.tokens
        self.frequency = np.maximum(1, np.asarray(self.by_text[1].sum(axis=0)).ravel())
        self.rarity = np.log(len(table) / self.frequency)
        self.rarity /= (self.rarity.mean() if len(self.rarity) else 0.0) or 1.0  # no word is rare where all stand in every text
        if not self.features and not self.vocabulary:
            raise TableError(f"nothing to learn from: no signal and no word stands in enough of the {len(table)} texts; give more texts")

    def design(self, rows: Rows, settings: Settings) -> Any:
        """Return the design matrix of whole texts."""
        features, words = self.scales(settings)
        scaled = sparse.diags(_word_scales(self.text_tokens[rows])) @ self.by_text[1][rows] @ sparse.diags(words)
        return sparse.hstack([self.by_text[0][rows] @ sparse.diags(features), scaled]).tocsr()

    def scales(self, settings: Settings) -> tuple[FloatArray, FloatArray]:
        """Return the size of each feature, and of each learned word and pair: the smaller, the harder its weight is shrunk."""
        features, words = (np.where(_on_actors(names), settings.actor_scale, 1.0) for names in (self.features, self.vocabulary))
        pairs = np.where([is_pair(name) for name in self.vocabulary], settings.pair_scale, 1.0)
        return settings.feature_scale * features, self.rarity * words * pairs

    def target(self, head: str) -> NDArray[np.int_]:
        """Return the 0/1 target of a head for every text, -1 where a text lacks the label."""
        table = self.table
        if head == "escal":
            return np.array(table.escal)
        if head in ("raises", "lowers"):
            wanted = 1 if head == "raises" else -1
            return np.array([-1 if d is None else int(d == wanted) for d in table.direction])
        rung = int(head[-1])
        return np.array([-1 if r is None else int(r >= rung) for r in table.rung])

    def learned_target(self, head: str, settings: Settings, left_out: str | None) -> FloatArray:
        """Return what is to be learned: the target of a head, for the score mixed with a teacher that has not seen the left-out group."""
        target = self.target(head).astype(float)
        if head != "escal" or self.teacher is None:
            return target
        opinion = sigmoids(self.teacher.opinions(self.table.texts, left_out))
        return np.where(np.isnan(opinion), target, target + settings.teacher_share * (opinion - target))

    def source_effects(self, design: Any, rows: Rows, settings: Settings) -> Any:
        """Return columns that give each source an intercept and weights of its own; what was written for training has no intercept."""
        _, source = np.unique(np.array(self.table.group)[rows], return_inverse=True)
        count = source.max() + 1
        size = np.where(self.is_written[rows], 0.0, settings.source_intercept)
        intercepts = sparse.csr_matrix((size, (np.arange(len(rows)), source)), shape=(len(rows), count))
        own = (settings.source_slope * design).tocsr()
        at = np.repeat(source, np.diff(own.indptr)).astype(np.int64) * design.shape[1] + own.indices
        used, columns = np.unique(at, return_inverse=True)
        slopes = sparse.csr_matrix((own.data, columns, own.indptr), shape=(len(rows), len(used)))
        return sparse.hstack([intercepts, slopes])

    @property
    def is_contrast(self) -> NDArray[np.bool_]:
        """Which texts are contrast sentences: always learned from, never a measure."""
        return np.array([s == "contrast" for s in self.table.selection])

    @property
    def is_natural(self) -> NDArray[np.bool_]:
        """Which texts are news that was not picked for being hard."""
        return np.array([s not in ("contrast", "paragraph", "uncertain") for s in self.table.selection])

    @property
    def is_written(self) -> NDArray[np.bool_]:
        """Which texts were written for training: contrast sentences and paragraphs."""
        return np.array([s in ("contrast", "paragraph") for s in self.table.selection])


def _heard(words: bytes, sentence: SentenceHits, signals: list[RawSignal], lexicon: Lexicon) -> str:
    """Return the words of a sentence with its quiet spans blanked, as scoring passes over the learned words there."""
    heard = bytearray(words[sentence.start : sentence.end])
    for start, end in quiet_spans(signals, lexicon.families):
        heard[start - sentence.start : end - sentence.start] = b" " * (end - start)
    return heard.decode("ascii")


def _on_actors(names: Sequence[str]) -> NDArray[np.bool_]:
    """Say of each feature and pair whether it tells of actors; a learned word never does."""
    return np.array([bool(_ACTOR.search(name)) for name in names], dtype=bool)


def _common(names: list[set[str]], at_least: int = 3) -> list[str]:
    count: dict[str, int] = {}
    for found in names:
        for name in found:
            count[name] = count.get(name, 0) + 1
    return sorted(name for name, n in count.items() if n >= at_least)


def _matrix(rows: list[set[str]], columns: list[str]) -> Any:
    index = {name: i for i, name in enumerate(columns)}
    found = [sorted(index[name] for name in row if name in index) for row in rows]
    starts = np.concatenate([[0], np.cumsum([len(f) for f in found])])
    flat = np.array([i for f in found for i in f], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(rows), len(columns)))


# --- heads ---------------------------------------------------------------------------------------


@dataclass
class _Weights:
    """The weights of one head over all candidates, before pooling."""

    intercept: float
    features: FloatArray
    words: FloatArray

    def values(self, corpus: Corpus, *, whole: bool) -> FloatArray:
        """Return the value of every sentence, or of every whole text."""
        features, words = corpus.by_text if whole else corpus.by_sentence
        tokens = corpus.text_tokens if whole else corpus.tokens
        value: FloatArray = self.intercept + features @ self.features + _word_scales(tokens) * (words @ self.words)
        return value


def _fit_head(corpus: Corpus, rows: Rows, head: str, settings: Settings, left_out: str | None) -> _Weights:
    """Fit one head on whole texts, each source with effects of its own, which are then dropped."""
    target = corpus.learned_target(head, settings, left_out)[rows]
    rows, target = rows[target >= 0], target[target >= 0]
    width = len(corpus.features)
    labels = set(corpus.target(head)[rows].tolist())
    if len(labels) < 2:
        constant = 20.0 if 1 in labels else -20.0
        return _Weights(constant, np.zeros(width), np.zeros(len(corpus.vocabulary)))
    design = corpus.design(rows, settings)
    effects = corpus.source_effects(design, rows, settings)
    weight = np.where(corpus.is_written[rows], settings.contrast_weight, 1.0)
    intercept, fitted = _fit_shares(sparse.hstack([design, effects]).tocsr(), target, weight, settings.strength)
    shared, own = np.split(fitted, [design.shape[1]])
    coefficients = shared * np.concatenate(corpus.scales(settings))
    intercept += float((effects @ own).mean())
    return _Weights(intercept, coefficients[:width], coefficients[width:])


def _fit_shares(design: Any, share: FloatArray, weight: FloatArray, strength: float) -> tuple[float, FloatArray]:
    """Fit a logistic regression on targets between 0 and 1: each text counts as positive by its share and as negative by the rest."""
    weights = np.concatenate([weight * share, weight * (1.0 - share)])
    used = np.flatnonzero(weights > 0)
    label = np.repeat([1, 0], len(share))[used]
    fitted = LogisticRegression(C=strength, solver="liblinear", tol=1e-3, max_iter=400, random_state=0)
    fitted.fit(design[used % len(share)], label, sample_weight=weights[used])
    return float(fitted.intercept_[0]), fitted.coef_[0]


def _heaviest(corpus: Corpus, weights: dict[str, _Weights], keep: int) -> NDArray[np.intp]:
    """Return the columns of the words that matter most for the score: by weight, and a little by how often they occur."""
    size = np.abs(weights["escal"].words) * corpus.frequency**0.25
    order = np.argsort(-size, kind="stable")[:keep]
    return np.sort(order[size[order] > 0])


def _fit_heads(
    corpus: Corpus, rows: Rows, settings: Settings, heads: Sequence[str] = HEADS, left_out: str | None = None
) -> dict[str, _Weights]:
    """Fit the heads, and empty the words that will not be shipped."""
    weights = {head: _fit_head(corpus, rows, head, settings, left_out) for head in heads}
    kept = _heaviest(corpus, weights, settings.vocabulary)
    for one in weights.values():
        pruned = np.zeros_like(one.words)
        pruned[kept] = one.words[kept]
        one.words = pruned
    return weights


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which sums are made by one thread: with several the last digits of a model hang on how many there are."""
    found: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return found


# --- out of group ---------------------------------------------------------------------------------


def out_of_group(
    corpus: Corpus, groups: Sequence[Any], settings: Settings, heads: Sequence[str] = HEADS, n_jobs: int = 1
) -> dict[str, FloatArray]:
    """Return the pooling statistics of every text under a model that has not seen its group.

    Parameters
    ----------
    corpus : Corpus
    groups : sequence
        Group of each text (source, or fold).
    settings : Settings
    heads : sequence of str
    n_jobs : int
        Processes for joblib.

    Returns
    -------
    dict of str to ndarray of shape (n_texts, 5)
        For each head, see :func:`pooling_statistics`.
    """
    from joblib import Parallel, delayed

    labels = np.array([str(g) for g in groups])
    contrast = corpus.is_contrast
    left_out = sorted(set(labels[~contrast].tolist()))
    stats = {head: np.zeros((len(labels), 5)) for head in heads}
    results = Parallel(n_jobs=n_jobs)(delayed(_leave_out)(corpus, labels, group, settings, heads) for group in left_out)
    for group, found in zip(left_out, results, strict=True):
        rows = np.flatnonzero((labels == group) & ~contrast)
        for head in heads:
            stats[head][rows] = found[head]
    return stats


def _leave_out(corpus: Corpus, labels: NDArray[Any], group: str, settings: Settings, heads: Sequence[str]) -> dict[str, FloatArray]:
    contrast = corpus.is_contrast
    train = np.flatnonzero((labels != group) | contrast)
    rows = np.flatnonzero((labels == group) & ~contrast)
    with one_thread():
        weights = _fit_heads(corpus, train, settings, heads, group)
        return {head: pooling_statistics(corpus, weights[head])[rows] for head in heads}


def pooling_statistics(corpus: Corpus, weights: _Weights) -> FloatArray:
    """Return for every text: union, mean, lead, size and soft maximum.

    Mean is a difference from the union, lead and soft maximum are differences from the mean; all but the union count by
    :func:`~escalate.model.length_share`, so that a short text is read as a whole.
    """
    sentences, texts = weights.values(corpus, whole=False), weights.values(corpus, whole=True)
    stats = np.zeros((len(corpus.counts), 5))
    for row, (start, end) in enumerate(zip(corpus.starts, corpus.starts[1:], strict=False)):
        values = sentences[start:end]
        mean, part = values.mean(), length_share(end - start)
        soft = np.logaddexp.reduce(SHARPNESS * values) / SHARPNESS
        read = np.array([mean - texts[row], values[0] - mean, log_size(end - start), soft - mean])
        stats[row] = texts[row], *(part * read)
    return stats


def fit_pooling(stats: FloatArray, target: NDArray[np.int_], weight: FloatArray) -> list[float]:
    """Return the pooling layer: constant and one weight per statistic."""
    known = (target >= 0) & (weight > 0)
    if len(set(target[known].tolist())) < 2:
        return [0.0, 1.0, *[0.0] * (stats.shape[1] - 1)]
    fitted = LogisticRegression(C=1.0, solver="lbfgs", max_iter=2000, tol=1e-8)
    fitted.fit(stats[known], target[known], sample_weight=weight[known])
    return [float(fitted.intercept_[0]), *map(float, fitted.coef_[0])]


# --- the whole ------------------------------------------------------------------------------------


def fit(
    corpus: Corpus,
    settings: Settings = Settings(),
    *,
    stats: dict[str, FloatArray] | None = None,
    n_jobs: int = 1,
    meta: dict[str, Any] | None = None,
) -> Model:
    """Return a model trained on `corpus`, calibrated out of group.

    Parameters
    ----------
    corpus : Corpus
        Its groups are held out in turn; see :func:`escalate.tables.held_out`.
    settings : Settings
    stats : dict of str to ndarray
        The out-of-source statistics (see :func:`out_of_group`), if they are there already.
    n_jobs : int
        Processes for the out-of-group fits.
    meta : dict
        Facts to keep in the model file.

    Returns
    -------
    Model
    """
    stats = stats or out_of_group(corpus, corpus.table.group, settings, n_jobs=n_jobs)
    weights = _fit_heads(corpus, np.arange(len(corpus.table)), settings)
    kept = _heaviest(corpus, weights, settings.vocabulary)
    weight = np.array(corpus.table.weights())
    heads = {}
    for name, one in weights.items():
        pooling = fit_pooling(stats[name], corpus.target(name), weight)
        constant, union, mean, lead, size, soft = pooling
        pooling = [constant, union, mean, 0.0, 0.0, lead, size, soft]
        features, words, pooling = [_rounded(list(x), settings.digits) for x in (one.features, one.words[kept], pooling)]
        heads[name] = Head(round(one.intercept, settings.digits), features, words, pooling)
    vocabulary = [corpus.vocabulary[i] for i in kept]
    calibration = fit_calibration(corpus, stats["escal"])
    return Model(corpus.lexicon, vocabulary, list(corpus.features), heads, calibration, meta or {})


def train(
    texts: Iterable[str],
    labels: Iterable[Any],
    levels: Iterable[Any] | None = None,
    groups: Iterable[Any] | None = None,
    lexicon: Lexicon | None = None,
    *,
    directions: Iterable[Any] | None = None,
    settings: Settings = Settings(),
    n_jobs: int = 1,
) -> Model:
    """Return a model trained on labelled texts of your own.

    Words, signals and context are weighed anew; pooling, calibration and interval are fitted on texts whose group the weights have not
    seen.

    Parameters
    ----------
    texts : iterable of str
        A list, array or Series. All columns go by position; the index of a Series does not matter.
    labels : iterable of int
        1 where a text reports escalation, else 0; or truth values. At least two of each.
    levels : iterable of int, optional
        Rung of each text, 0 to 5, None where it has none. Without them the model cannot tell one step from a graver one: its level
        rises with the score and with nothing else, from about 0 to about 2, the rung from which on a text reports
        escalation.
    groups : iterable, optional
        Source of each text. Give it if you can: calibration then holds for new sources as well. Without it, five parts dealt evenly;
        so too where sources cannot be held out, because there is only one or because one alone holds all texts of a label.
    lexicon : Lexicon, optional
        Default: the one shipped. Your own: ``Lexicon.load("my-words.toml")``.
    directions : iterable of int, optional
        1 where a text tells of a step that raises the risk, -1 where it tells of one that lowers it, else 0; None where it has none.
        Without them the model knows no direction, and gives 0 for every text.
    settings : Settings
    n_jobs : int
        Processes. Each computes with one thread, this one too until the call returns; so the number changes no weight.

    Returns
    -------
    Model

    Raises
    ------
    TableError
        When there is nothing to learn from, columns differ in length, or a label, level or direction cannot be; it names the position.
    TextTypeError, TextError
        When a text is not a string, or `texts` is one string or a set.
    TypeError
        When `lexicon` is no Lexicon, or `settings` are none.

    Examples
    --------
    >>> import escalate
    >>> texts = ["Shells fell on the port.", "The bakery opened.", "Rebels took the fort.", "It rained all day."] * 5
    >>> model = escalate.train(texts, [1, 0, 1, 0] * 5)
    >>> model.score("Rebels shelled the fort.") > 0.5
    True
    """
    if not isinstance(settings, Settings):
        raise TypeError(f"settings is {settings!r:.60}; expected escalate.training.Settings(strength=...), or leave it out")
    table = table_of(list(checked_texts(texts)), labels, levels, groups, directions)
    grammar = Lexicon.load() if lexicon is None else of_kind(Lexicon, "lexicon", lexicon)
    corpus = Corpus(table, grammar)
    with one_thread():
        return fit(corpus, settings, n_jobs=n_jobs)


def fit_calibration(corpus: Corpus, stats: FloatArray) -> Calibration:
    """Return the beta map fitted on out-of-group statistics, with the knots of its interval."""
    fitted = _beta_after_pooling(corpus, stats, np.ones(len(stats), bool))[1]
    scores = calibrated_out_of_group(corpus, stats, corpus.table.group)
    means, shares, _ = cells_of(corpus, scores)
    return rounded(replace(fitted, knots=fit_knots(means, shares)))


def cells_of(corpus: Corpus, scores: FloatArray) -> tuple[FloatArray, FloatArray, list[str]]:
    """Return :func:`escalate.calibration.cells` of the texts that were not picked for being hard."""
    rows = np.flatnonzero(corpus.is_natural & ~np.isnan(scores))
    return cells(scores[rows], corpus.target("escal")[rows], [corpus.table.source[i] for i in rows])


def _beta_after_pooling(corpus: Corpus, stats: FloatArray, rows: NDArray[np.bool_]) -> tuple[FloatArray, Calibration]:
    """Return the pooled log-odds of all texts and the beta map, both fitted on `rows`."""
    target, weight = corpus.target("escal"), np.array(corpus.table.weights())
    constant, *slopes = fit_pooling(stats, np.where(rows, target, -1), weight)
    pooled = constant + stats @ np.array(slopes)
    known = rows & (weight > 0)
    return pooled, fit_beta(pooled[known], target[known], weight[known])


def calibrated_out_of_group(corpus: Corpus, stats: FloatArray, groups: Sequence[Any]) -> FloatArray:
    """Return the probability of every text from out-of-group statistics; pooling and calibration have not seen its group either."""
    log_odds = np.full(len(stats), np.nan)
    for inside in _left_out(corpus, groups):
        pooled, beta = _beta_after_pooling(corpus, stats, ~inside)
        log_odds[inside] = beta_map(pooled[inside], beta)
    return sigmoids(log_odds)


def pooled_out_of_group(corpus: Corpus, stats: FloatArray, groups: Sequence[Any], head: str) -> FloatArray:
    """Return the same for any head, without a map after the pooling layer."""
    target, weight = corpus.target(head), np.array(corpus.table.weights())
    log_odds = np.full(len(stats), np.nan)
    for inside in _left_out(corpus, groups):
        constant, *slopes = fit_pooling(stats, np.where(inside, -1, target), weight)
        log_odds[inside] = constant + stats[inside] @ np.array(slopes)
    return sigmoids(log_odds)


def _left_out(corpus: Corpus, groups: Sequence[Any]) -> Iterator[NDArray[np.bool_]]:
    """Yield the rows of each group in turn; contrast sentences are never left out."""
    labels, measured = np.array([str(g) for g in groups]), ~corpus.is_contrast
    for group in sorted(set(labels[measured].tolist())):
        yield (labels == group) & measured


def _word_scales(tokens: FloatArray) -> FloatArray:
    """Return :func:`~escalate.model.word_scale` of several units."""
    return np.fromiter(map(word_scale, tokens), np.float64, len(tokens))


def _rounded(values: list[float], digits: int) -> list[float]:
    return [round(float(v), digits) + 0.0 for v in values]


@dataclass(frozen=True)
class Predictions:
    """What a model that has not seen its group says of every text; NaN for contrast sentences."""

    score: FloatArray
    level: FloatArray
    direction: FloatArray


def predictions(corpus: Corpus, stats: dict[str, FloatArray], groups: Sequence[Any]) -> Predictions:
    """Return score, level and direction of every text from the out-of-group statistics of all heads."""
    score = calibrated_out_of_group(corpus, stats["escal"], groups)
    reached = {head: pooled_out_of_group(corpus, stats[head], groups, head) for head in HEADS if head != "escal"} | {"escal": score}
    log_odds = np.array([logits(reached[head]) for head in HEADS]).T
    log_odds[:, HEADS.index("lowers")] += [lowers_bonus(count) for count in corpus.counts.tolist()]
    return Predictions(score, levels(log_odds), directions(log_odds))


def predict_out_of_group(corpus: Corpus, groups: Sequence[Any], settings: Settings, *, n_jobs: int = 1) -> FloatArray:
    """Return the probability of every text under a model, pooling and calibration that have not seen its group."""
    stats = out_of_group(corpus, groups, settings, heads=("escal",), n_jobs=n_jobs)["escal"]
    return calibrated_out_of_group(corpus, stats, groups)
