"""What a model learns from this repository alone, and what its sentences add to the news.

    python benchmarks/seed_only.py --data FOLDER [--out models/seed-only]

Trains on the contrast sentences and paragraphs of ``seeds/`` only, measures on news it has never seen, and writes ``metrics.json``. Then
fits the news with and without these texts, each source left out. Some three minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import read_texts, seed_tables

import escalate
from escalate.build import subsets
from escalate.evaluation import measure_groups
from escalate.lexicon import Lexicon
from escalate.tables import Table, read_tables
from escalate.training import Corpus, Settings, predict_out_of_group

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled tables")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "seed-only", help="folder for metrics.json")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    model = seed_model(arguments.jobs)
    data = read_texts(arguments.data)
    scores = np.asarray(model.score(data.texts))
    found: dict[str, Any] = {"seed-only, on texts it has never seen": measure_groups(data.labels.tolist(), scores, data.groups)}
    for name, tables in (("news alone", []), ("news and seeds", seed_tables(ROOT / "seeds"))):
        found[f"{name}, left-out sources"] = left_out(
            [arguments.data / "news_short.csv", arguments.data / "news_articles.csv", *tables], arguments.jobs
        )
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "metrics.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name, groups in found.items():
        print(name)
        for group, values in groups.items():
            print(f"  {group:18} AUROC {values['auroc']:.3f}  average precision {values['average_precision']:.3f}")


def seed_model(jobs: int) -> escalate.Model:
    """Return a model of the sentences and paragraphs, grouped by their writers."""
    table = read_tables(seed_tables(ROOT / "seeds"))
    return escalate.train(table.texts, table.escal, [rung or 0 for rung in table.rung], writers(table), n_jobs=jobs)


def writers(table: Table) -> list[str]:
    """Return who wrote each text: the letter that its group begins with."""
    letters = []
    for path in seed_tables(ROOT / "seeds"):
        with path.open(encoding="utf-8") as file:
            letters += [json.loads(line)["group"][0] for line in file if line.strip()]
    assert len(letters) == len(table)
    return letters


def left_out(paths: list[Path], jobs: int) -> dict[str, dict[str, Any]]:
    table = read_tables(paths)
    scores = predict_out_of_group(Corpus(table, Lexicon.load()), table.group, Settings(), n_jobs=jobs)
    return measure_groups(table.escal, scores, subsets(table))


if __name__ == "__main__":
    main()
