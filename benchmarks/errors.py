"""The worst mistakes on left-out sources, with the reasons behind each: what to read before growing the lexicon.

    python benchmarks/errors.py --data FOLDER [--source NAME] [--worst 5] [--words 30]

For each source it prints the texts whose out-of-source score lies farthest from their label, with the signals and words of the shipped
model, and the frequent words among them that no class of the lexicon knows.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from accuracy import seed_tables, seed_teacher
from numpy.typing import NDArray

import escalate
from escalate.lexicon import Lexicon
from escalate.tables import read_tables
from escalate.training import Corpus, Settings, predict_out_of_group
from escalate.vocabulary import STOPWORDS

ROOT = Path(__file__).resolve().parents[1]
FloatArray = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with news_short.csv and news_articles.csv")
    parser.add_argument("--source", action="append", help="only this source; may be given several times")
    parser.add_argument("--worst", type=int, default=5, help="texts a source (default 5)")
    parser.add_argument("--words", type=int, default=30, help="unknown words a source (default 30)")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    table = read_tables([arguments.data / "news_short.csv", arguments.data / "news_articles.csv", *seed_tables(ROOT / "seeds")])
    print(f"reading {len(table)} texts, then fitting out of source", flush=True)
    corpus = Corpus(table, Lexicon.load(), teacher=seed_teacher(ROOT / "seeds"))
    scores = predict_out_of_group(corpus, table.group, Settings(), n_jobs=arguments.jobs)
    missed = np.abs(scores - np.array(table.escal))
    for source in arguments.source or sorted(set(table.source)):
        rows = [i for i in np.argsort(-np.nan_to_num(missed)) if table.source[i] == source and not np.isnan(scores[i])]
        print_worst(corpus, source, [int(i) for i in rows[: arguments.worst]], scores)
        wrong = [int(i) for i in rows if (scores[i] >= 0.5) != bool(table.escal[i])]
        print(f"  {len(wrong)} of {len(rows)} on the wrong side of 0.5; unknown words in missed positives:")
        print("  " + ", ".join(unknown_words(corpus, [i for i in wrong if table.escal[i]], arguments.words)))


def print_worst(corpus: Corpus, source: str, rows: list[int], scores: FloatArray) -> None:
    table = corpus.table
    print(f"\n== {source} ==")
    for i in rows:
        print(f"  {scores[i]:.2f} for a label of {table.escal[i]} ({table.mode[i] or 'no mode'}): {table.texts[i]:.300}")
        print(f"       {reasons(table.texts[i])}")


def reasons(text: str, count: int = 6) -> str:
    """Return the signals of a text and the words that weigh most in it."""
    found = escalate.explain(text)
    signals = [f"{s.family}/{s.mode} {s.contribution:+.1f}" for s in found.signals]
    weighty = sorted(found.words, key=lambda w: -abs(w.contribution))[:count]
    return ", ".join([*signals, *(f"{w.text!r} {w.contribution:+.1f}" for w in weighty)]) or "nothing found"


def unknown_words(corpus: Corpus, rows: list[int], count: int) -> list[str]:
    """Return the words that stand most often in some texts and in no class of the lexicon."""
    known = {word for term in corpus.lexicon.terms for word in term.split()} | STOPWORDS
    met: Counter[str] = Counter()
    for i in rows:
        met.update({word for word in corpus.table.texts[i].lower().split() if word.isalpha() and word not in known})
    return [f"{word} {n}" for word, n in met.most_common(count) if n > 1]


if __name__ == "__main__":
    main()
