"""Building a model folder: the model, what it measured, and its card. Running it twice gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escalate.calibration import FULLY_READ, Calibration, fit_knots, logit
from escalate.card import card_text
from escalate.evaluation import (
    calibration_error_interval,
    direction_f1,
    interval_coverage,
    measure_groups,
    quadratic_kappa,
)
from escalate.lexicon import Lexicon
from escalate.model import FloatArray, Model
from escalate.paths import write_whole
from escalate.tables import Table, can_be_held_out, held_out, read_tables
from escalate.teacher import Teacher
from escalate.thresholds import find_thresholds
from escalate.training import Corpus, Predictions, Settings, cells_of, fit, one_thread, out_of_group, predictions

__all__ = ["build", "subsets"]


def build(
    paths: Sequence[str | Path],
    folder: str | Path,
    *,
    lexicon: Lexicon | None = None,
    teacher: str | Path | None = None,
    n_jobs: int = 1,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
    say: Callable[[str], object] = lambda _: None,
) -> Model:
    """Train a model on labelled tables and write ``model.json``, ``metrics.json`` and ``CARD.md`` into `folder`.

    What the tables do not tell is not measured: without folds, five are drawn; without two sources there are no figures for left-out
    sources and no cut-offs, which are chosen on them; without rungs and directions none for level and direction.

    Parameters
    ----------
    paths : sequence of path
        CSV or JSON Lines files; see :func:`escalate.tables.read_tables`.
    folder : path
    lexicon : Lexicon, optional
        Default: the one shipped.
    teacher : path, optional
        Opinions on some of the texts to learn from beside the labels; see :mod:`escalate.teacher`.
    n_jobs : int
        Processes for the out-of-source fits.
    progress : callable
        Wraps the texts while they are read, for example ``tqdm``.
    say : callable
        Called with a line at each step.

    Returns
    -------
    Model
    """
    settings, opinions = Settings(), Teacher.load(teacher) if teacher else None
    given = read_tables(paths)
    table = held_out(given)
    say(f"reading {len(table)} texts")
    corpus = Corpus(table, lexicon or Lexicon.load(), progress, opinions)
    say(f"{len(corpus.features)} features, {len(corpus.vocabulary)} candidate words; measuring out of fold and out of source")
    with one_thread():
        stats = out_of_group(corpus, table.group, settings, n_jobs=n_jobs)
        known = predictions(corpus, out_of_group(corpus, table.fold, settings, n_jobs=n_jobs), table.fold)
        unseen = predictions(corpus, stats, table.group) if can_be_held_out(given, given.group) else None
        say("fitting the model")
        model = fit(corpus, settings, stats=stats, n_jobs=n_jobs)
        model.meta = {
            "data": _facts(table, [*paths, teacher] if teacher else paths),
            "metrics": _metrics(corpus, unseen, known, "folds" if can_be_held_out(given, given.fold) else "drawn folds"),
            "settings": vars(settings),
            "thresholds": _thresholds(corpus, known, unseen) if unseen else [],
        }
    _write(model, Path(folder))
    return model


def subsets(table: Table) -> dict[str, NDArray[np.bool_]]:
    """Return the groups of rows that are reported apart."""
    form, selection = np.array(table.form), np.array(table.selection)
    short = (form != "article") & (selection != "contrast") & (selection != "paragraph")
    return {
        "random + keyword": short & np.isin(selection, ["random", "keyword"]),
        "diverse": short & (selection == "diverse"),
        "uncertain": short & (selection == "uncertain"),
        "all short": short,
        "articles": (form == "article") & (selection != "paragraph"),
    }


def _metrics(corpus: Corpus, unseen: Predictions | None, known: Predictions, folds: str) -> dict[str, Any]:
    """Return what is known of the model's quality, ready for ``metrics.json``; `folds` is what its folds are called."""
    found: dict[str, Any] = {folds: _quality(corpus, known)}
    if unseen is None:
        return found
    found["left-out sources"] = _quality(corpus, unseen)
    for name, groups in _slices(corpus.table).items():
        found[f"left-out sources by {name}"] = measure_groups(corpus.table.escal, unseen.score, groups)
    found["intervals"] = {"left-out sources": _coverage(corpus, unseen.score), folds: _coverage(corpus, known.score, unseen.score)}
    return found


def _quality(corpus: Corpus, predicted: Predictions) -> dict[str, dict[str, Any]]:
    """Return the measures of each group of rows that is reported apart."""
    groups = subsets(corpus.table)
    measured = measure_groups(corpus.table.escal, predicted.score, groups)
    return {name: values | _more_quality(corpus, predicted, groups[name]) for name, values in measured.items()}


def _more_quality(corpus: Corpus, predicted: Predictions, inside: NDArray[np.bool_]) -> dict[str, Any]:
    return {"calibration_error_95": _calibration_interval(corpus, predicted, inside), **_graded(corpus, predicted, inside)}


def _calibration_interval(corpus: Corpus, predicted: Predictions, inside: NDArray[np.bool_]) -> list[float]:
    labels = np.array(corpus.table.escal)[inside]
    return [round(end, 4) for end in calibration_error_interval(labels, predicted.score[inside])]


def _graded(corpus: Corpus, predicted: Predictions, inside: NDArray[np.bool_]) -> dict[str, float | None]:
    """Return how good level and direction are on some of the texts."""
    table = corpus.table
    rows = [i for i in np.flatnonzero(inside) if table.rung[i] is not None and table.direction[i] is not None]
    rung, direction = np.array(table.rung)[rows].astype(int), np.array(table.direction)[rows].astype(int)
    return {
        "level_kappa": round(quadratic_kappa(rung, predicted.level[rows]), 4) if len(set(rung)) > 1 else None,
        "direction_f1": round(direction_f1(direction, predicted.direction[rows]), 4) if rows else None,
    }


def _slices(table: Table) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Return the other ways to cut the news: by source, form, length, decade and rung."""
    news = ~np.isin(table.selection, ["contrast", "paragraph"])
    words = np.array([len(text.split()) for text in table.texts])
    steps = {"<10 words": 10, "10-19 words": 20, "20-39 words": 40, "40-99 words": 100}
    length = np.select([words < limit for limit in steps.values()], list(steps), "100+ words")
    columns = {
        "source": table.source,
        "form": table.form,
        "length": length,
        "decade": [f"{date[:3]}0s" if date[:4].isdigit() else "no date" for date in table.date],
        "rung": ["no rung" if rung is None else f"rung {rung}" for rung in table.rung],
    }
    return {name: {str(v): news & (np.array(column) == v) for v in sorted(set(np.array(column)[news]))} for name, column in columns.items()}


def _coverage(corpus: Corpus, scores: FloatArray, basis: FloatArray | None = None) -> float | None:
    """Return the share of cells that the interval holds, each source under knots from the others of `basis`; None without cells."""
    means, shares, sources = cells_of(corpus, scores)
    basis_means, basis_shares, basis_sources = cells_of(corpus, scores if basis is None else basis)
    intervals = []
    for mean, source in zip(means, sources, strict=True):
        others = np.array(basis_sources) != source
        knots = fit_knots(basis_means[others], basis_shares[others])
        intervals.append(Calibration(knots=knots).interval(logit(mean), FULLY_READ))
    return round(interval_coverage(shares, intervals), 4) if intervals else None


def _thresholds(corpus: Corpus, known: Predictions, unseen: Predictions) -> list[dict[str, Any]]:
    rows = np.flatnonzero(corpus.is_natural)
    weights = np.array(corpus.table.weights())[rows]
    found = find_thresholds(corpus.target("escal")[rows], weights, known.score[rows], unseen.score[rows])
    return [asdict(threshold) for threshold in found]


def _facts(table: Table, paths: Sequence[str | Path]) -> dict[str, Any]:
    contrast = sum(s == "contrast" for s in table.selection)
    paragraphs = sum(s == "paragraph" for s in table.selection)
    articles = sum(f == "article" for f in table.form) - paragraphs
    return {
        "files": {Path(p).name: hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in paths},
        "texts": len(table),
        "positives": sum(table.escal),
        "contrast_sentences": contrast,
        "contrast_paragraphs": paragraphs,
        "articles": articles,
        "short_texts": len(table) - contrast - paragraphs - articles,
        "sources": len(set(table.source) - {"contrasts", "paragraphs"}),
    }


def _write(model: Model, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder)
    text = json.dumps(model.meta, indent=1, sort_keys=True)
    write_whole(folder / "metrics.json", text + "\n")
    write_whole(folder / "CARD.md", card_text(model))
