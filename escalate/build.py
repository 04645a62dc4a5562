"""Building a model folder: the model, what it measured, and its card. Running it twice gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escalate.card import card_text
from escalate.evaluation import measure_groups
from escalate.lexicon import Lexicon
from escalate.model import FloatArray, Model
from escalate.tables import Table, read_tables
from escalate.training import Corpus, Settings, fit, predict_out_of_group

__all__ = ["build", "subsets"]


def build(
    paths: Sequence[str | Path],
    folder: str | Path,
    *,
    lexicon: Lexicon | None = None,
    jobs: int = 1,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
    say: Callable[[str], object] = lambda _: None,
) -> Model:
    """Train a model on labelled tables and write ``model.json``, ``metrics.json`` and ``CARD.md`` into `folder`.

    Parameters
    ----------
    paths : sequence of path
        CSV or JSON Lines files; see :func:`escalate.tables.read_tables`.
    folder : path
    lexicon : Lexicon, optional
        Default: the one shipped.
    jobs : int
        Processes for the out-of-source fits.
    progress : callable
        Wraps the texts while they are read, for example ``tqdm``.
    say : callable
        Called with a line at each step.

    Returns
    -------
    Model
    """
    settings = Settings()
    table = read_tables(paths)
    say(f"reading {len(table)} texts")
    corpus = Corpus(table, lexicon or Lexicon.load(), progress)
    say(f"{len(corpus.features)} features, {len(corpus.vocabulary)} candidate words; measuring out of fold and out of source")
    metrics = _metrics(corpus, settings, jobs)
    say("fitting the model")
    model = fit(corpus, settings, jobs=jobs)
    model.meta = {"data": _facts(table, paths), "metrics": metrics, "settings": vars(settings)}
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


def _metrics(corpus: Corpus, settings: Settings, jobs: int) -> dict[str, Any]:
    table = corpus.table
    found: dict[str, Any] = {}
    for name, groups in (("folds", table.fold), ("left-out sources", table.group)):
        if len(set(groups)) > 1:
            scores = predict_out_of_group(corpus, groups, settings, jobs=jobs)
            found[name] = measure_groups(table.escal, scores, subsets(table))
            if name != "folds":
                found["by source"] = _by_source(table, scores)
    return found


def _by_source(table: Table, scores: FloatArray) -> dict[str, Any]:
    source = np.array(table.source)
    return measure_groups(table.escal, scores, {s: source == s for s in sorted(set(source.tolist()) - {"contrasts", "paragraphs"})})


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
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    (folder / "CARD.md").write_text(card_text(model), encoding="utf-8")
