"""How well this model finds escalation, beside a word count, VADER and two TF-IDF regressions, on the same splits.

    python benchmarks/accuracy.py --data FOLDER

prints cross-validation by fold, leave-one-source-out, a comparison source by source, and two transfer sets that nothing learned from.
A few minutes on two cores; ``--quick`` leaves out the peers that must be trained.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from peers import BAGS, Split, aligned, untrained

import escalate
from escalate.build import subsets
from escalate.evaluation import measure
from escalate.lexicon import Lexicon
from escalate.tables import RELATED, Table, read_tables
from escalate.teacher import Teacher
from escalate.training import Corpus, Settings, predict_out_of_group

ROOT = Path(__file__).resolve().parents[1]
FOLDS, SOURCES, TRANSFER = "folds", "left-out sources", "transfer"
OURS, RIVAL = "escalate", "TF-IDF words + characters"
ENOUGH = 40
"""Positives a source must have before a difference on it is worth a mark."""
RANKS = ("auroc", "average_precision")
MEASURES = {"auroc": "AUROC", "average_precision": "AP", "brier": "Brier", "calibration_error": "calibr. error", "f1": "F1 at 0.5"}

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]
Scores = dict[str, dict[str, FloatArray]]
"""Way to measure -> model -> score of every text, NaN where it has none."""


@dataclass(frozen=True)
class Texts:
    """All texts to score: the news rows first, then the rows of each transfer set."""

    news: Table
    texts: list[str]
    labels: NDArray[np.int_]
    groups: dict[str, Mask]

    @property
    def is_news(self) -> Mask:
        """Which rows are news; the others are transfer sets."""
        return np.arange(len(self.texts)) < len(self.news)


# --- reading -------------------------------------------------------------------------------------


def read_texts(data: Path) -> Texts:
    news = read_tables([data / "news_short.csv", data / "news_articles.csv"])
    transfer = {"ICBe": _icbe(data / "icbe_pre2005.csv"), "CAMEO": _cameo(data / "cameo_family.csv")}
    texts, labels = list(news.texts), list(news.escal)
    for rows in transfer.values():
        texts += rows["text"].tolist()
        labels += rows["target"].astype(int).tolist()
    owner = np.array(["news"] * len(news) + [name for name, rows in transfer.items() for _ in range(len(rows))])
    groups = {name: np.pad(mask, (0, len(texts) - len(news))) for name, mask in subsets(news).items()}
    return Texts(news, texts, np.array(labels), groups | {name: owner == name for name in transfer})


def _icbe(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    return rows.assign(target=(rows["any_escalatory"] == "1") | rows["sayintkind"].str.contains("threaten|ultimatum"))


def _cameo(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    coded = rows[rows["plv_root"] != ""]
    return coded.assign(target=coded["plv_root"].isin(["THREATEN", "MOBILIZE", "ASSAULT"]))


# --- scoring -------------------------------------------------------------------------------------


def seed_tables(seeds: Path) -> list[Path]:
    """Return the files written for training: always learned from, never measured."""
    return [path for path in (seeds / "contrasts.jsonl", seeds / "paragraphs.jsonl") if path.exists()]


def seed_teacher(seeds: Path) -> Teacher | None:
    """Return the opinions that are learned from beside the labels."""
    path = seeds / "teacher.npz"
    return Teacher.load(path) if path.exists() else None


def own_scores(data: Texts, seeds: Path, jobs: int) -> dict[str, FloatArray]:
    """Return this model's scores: out of fold and out of source while training anew, and the shipped model's on the transfer sets."""
    everything = data.news.subset(range(len(data.news))).extend(read_tables(seed_tables(seeds)))
    corpus = Corpus(everything, Lexicon.load(), teacher=seed_teacher(seeds))
    folds = _out_of_group(corpus, everything.fold, data, jobs)
    folds[data.groups["articles"]] = _article_folds(everything, data, jobs)
    transfer = np.full(len(data.texts), np.nan)
    transfer[~data.is_news] = escalate.Model.load().score([t for t, news in zip(data.texts, data.is_news, strict=True) if not news])
    return {FOLDS: folds, SOURCES: _out_of_group(corpus, everything.group, data, jobs), TRANSFER: transfer}


def _out_of_group(corpus: Corpus, groups: Sequence[Any], data: Texts, jobs: int) -> FloatArray:
    scores = np.full(len(data.texts), np.nan)
    scores[: len(data.news)] = predict_out_of_group(corpus, groups, Settings(), n_jobs=jobs)[: len(data.news)]
    return scores


def _article_folds(everything: Table, data: Texts, jobs: int) -> FloatArray:
    """Return the scores of the articles out of fold, without the short sources cut from them and a teacher that knows these."""
    kept = [row for row, source in enumerate(everything.source) if source not in RELATED]
    table = everything.subset(kept)
    articles = data.groups["articles"].nonzero()[0]
    scores: FloatArray = predict_out_of_group(Corpus(table, Lexicon.load()), table.fold, Settings(), n_jobs=jobs)[np.isin(kept, articles)]
    return scores


def news_splits(news: Table) -> Iterator[Split]:
    """Yield the splits of the trained peers: short texts learn from short texts, articles from articles and short texts."""
    article = np.array(news.form) == "article"
    unrelated = ~np.isin(news.source, list(RELATED)) | article
    everything = np.ones(len(news), bool)
    for scheme, labels, rest in ((FOLDS, np.array(news.fold), unrelated), (SOURCES, np.array(news.group), everything)):
        for inside, usable in ((~article, ~article), (article, rest)):
            for label in np.unique(labels[inside]):
                left_out = labels == label
                yield Split(scheme, np.flatnonzero(usable & ~left_out), np.flatnonzero(inside & left_out))


def peer_scores(data: Texts, jobs: int, *, quick: bool) -> dict[str, dict[str, FloatArray]]:
    """Return the scores of each peer for each way to measure."""
    found = {}
    for name, score in untrained().items():
        found[name] = dict.fromkeys((FOLDS, SOURCES, TRANSFER), np.array([score(text) for text in data.texts]))
    splits = [*news_splits(data.news), Split(TRANSFER, np.flatnonzero(data.is_news), np.flatnonzero(~data.is_news))]
    for name, bag in {} if quick else BAGS.items():
        found[name] = {scheme: np.full(len(data.texts), np.nan) for scheme in (FOLDS, SOURCES, TRANSFER)}
        for split, scores in zip(splits, bag.predict(data.texts, data.labels, splits, jobs), strict=True):
            found[name][split.scheme][split.test] = scores
    return found


# --- measuring -----------------------------------------------------------------------------------


def measured(data: Texts, models: Mapping[str, Mapping[str, FloatArray]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the measures by way to measure, group of texts and model."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for scheme in (FOLDS, SOURCES, TRANSFER):
        news = scheme != TRANSFER
        groups = {name: mask for name, mask in data.groups.items() if mask.any() and data.is_news[mask].all() == news}
        found[scheme] = {
            name: {model: _measure(model, data.labels[mask], scores[scheme][mask]) for model, scores in models.items()}
            for name, mask in groups.items()
        }
    return found


def _measure(model: str, labels: NDArray[np.int_], scores: FloatArray) -> dict[str, Any]:
    """Return the measures; a model without probabilities is judged by its ranks alone."""
    if model == OURS or model in BAGS:
        return measure(labels, scores)
    values = measure(labels, (scores - scores.min()) / max(np.ptp(scores), 1.0))
    return {name: value if name in ("n", "positives", *RANKS) else None for name, value in values.items()}


def by_source(data: Texts, models: Mapping[str, Mapping[str, FloatArray]]) -> dict[str, dict[str, Any]]:
    """Return n, positives and the average precision of this model and its rival for each left-out source."""
    source = np.array(data.news.source)
    found = {}
    for name in np.unique(source).tolist():
        rows = np.flatnonzero(source == name)
        values = {m: _measure(m, data.labels[rows], models[m][SOURCES][rows]) for m in (OURS, RIVAL) if m in models}
        precision = {m: v["average_precision"] for m, v in values.items()}
        found[name] = {"n": values[OURS]["n"], "positives": values[OURS]["positives"], **precision}
    return found


# --- printing ------------------------------------------------------------------------------------


def scheme_table(groups: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    rows = [
        [group if first == 0 else "", str(values["n"]) if first == 0 else "", str(values["positives"]) if first == 0 else "", model]
        + [_number(values[name]) for name in MEASURES]
        for group, models in groups.items()
        for first, (model, values) in enumerate(models.items())
    ]
    return aligned(["texts", "n", "positives", "model", *MEASURES.values()], rows)


def source_table(sources: Mapping[str, Mapping[str, Any]]) -> str:
    headings = ["source", "n", "positives", f"{OURS} AP", f"{RIVAL} AP", "difference", ""]
    return aligned(headings, [_source_row(*item) for item in sources.items()])


def _source_row(name: str, values: Mapping[str, Any]) -> list[str]:
    ours, rival = values[OURS], values.get(RIVAL)
    difference = None if ours is None or rival is None else ours - rival
    mark = "* TF-IDF better" if difference is not None and difference < 0 and values["positives"] >= ENOUGH else ""
    gap = "-" if difference is None else f"{difference:+.3f}"
    return [name, str(values["n"]), str(values["positives"]), _number(ours), _number(rival), gap, mark]


def source_summary(sources: Mapping[str, Mapping[str, Any]]) -> str:
    gaps = [v[OURS] - v[RIVAL] for v in sources.values() if v["positives"] >= ENOUGH and v.get(RIVAL) is not None]
    if not gaps:
        return f"no comparison: {RIVAL} was not trained, or no source has {ENOUGH} positives"
    better = sum(gap < 0 for gap in gaps)
    return f"of {len(gaps)} sources with at least {ENOUGH} positives, TF-IDF is better on {better}; mean difference {np.mean(gaps):+.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def header(argv: Sequence[str], data: Texts, seeds: Path) -> str:
    news, others = len(data.news), len(data.texts) - len(data.news)
    own = ", ".join(f"{len(read_tables([path])):,} rows of {path.name}" for path in seed_tables(seeds)) or "nothing else"
    own += " and from the opinions in teacher.npz" if seed_teacher(seeds) else ""
    return "\n".join(
        [
            " ".join(["python benchmarks/accuracy.py", *argv]),
            f"escalate {escalate.__version__}; {news:,} labelled news texts, {others:,} transfer sentences",
            "Every news text is scored by heads that have not seen its fold or source; out of fold, articles also by heads that have not",
            f"seen the short texts cut from them. {OURS} also learns from {own}; the peers do not.",
            "The transfer sets are scored by the shipped model, and by peers that learned from all news rows.",
            "The word count and VADER learn nothing and give no probabilities, so they are only ranked. AP: average precision.",
        ]
    )


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure this model and its peers on the same splits.")
    folder = ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=folder, metavar="FOLDER", help="folder of the labelled tables")
    parser.add_argument("--seeds", type=Path, default=ROOT / "seeds", metavar="FOLDER", help="folder of contrasts.jsonl")
    parser.add_argument("--quick", action="store_true", help="leave out the peers that must be trained")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the measures to this file")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> None:
    """Measure, print, and write JSON if asked."""
    args = arguments(argv)
    data = read_texts(args.data)
    print(header(argv, data, args.seeds), flush=True)
    models = {OURS: own_scores(data, args.seeds, args.jobs)} | peer_scores(data, args.jobs, quick=args.quick)
    found, sources = measured(data, models), by_source(data, models)
    for scheme in (FOLDS, SOURCES):
        print(f"\n{scheme}\n\n{scheme_table(found[scheme])}")
    print(f"\naverage precision by left-out source\n\n{source_table(sources)}\n\n{source_summary(sources)}")
    print(f"\n{TRANSFER}: no model learned from these sets\n\n{scheme_table(found[TRANSFER])}")
    if args.json:
        args.json.write_text(json.dumps({**found, "by source": sources}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
