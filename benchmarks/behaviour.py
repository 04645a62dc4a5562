"""How often a scorer gets meaning right: the cases of ``tests/behaviour`` by category, for this model or for a peer.

Single cases must stand on their side of 0.5, pairs in their order (and, where the case says so, on both sides of 0.5), and texts
that mean the same within 0.05 of each other. Peers that learn nothing give no probability: the count of war words n is read as
n / (n + 1.5), so that two words cross 0.5, and VADER's sentiment is moved to 0..1.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from peers import aligned, vader, war_words, word_pipeline

__all__ = ["main", "pass_rates", "passes", "scorers"]

Scores = Callable[[Sequence[str]], Sequence[float]]
Case = Mapping[str, Any]

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ESCALATE_DATA") or ROOT.parent / "shared" / "data")
CASES = ROOT / "tests" / "behaviour"
TABLES = ("news_short.csv", "news_articles.csv")
KINDS = ("single", "pair, order", "pair, sides", "same")
ALIKE = 0.05


# --- scorers -------------------------------------------------------------------------------------


def scorers(data: Path) -> dict[str, Callable[[], Scores]]:
    """Return what makes each scorer, by name; the trained peer learns from the tables in `data`."""
    return {"escalate": _escalate, "tfidf": lambda: _tfidf(data), "vader": _vader, "words": _words}


def _escalate() -> Scores:
    import escalate

    return lambda texts: escalate.score(list(texts)).tolist()


def _tfidf(data: Path) -> Scores:
    from escalate.tables import read_tables

    table = read_tables(data / name for name in TABLES)
    fitted = word_pipeline().fit(table.texts, table.escal)
    return lambda texts: fitted.predict_proba(list(texts))[:, 1].tolist()


def _vader() -> Scores:
    gloom = vader()
    return lambda texts: [(gloom(text) + 1) / 2 for text in texts]


def _words() -> Scores:
    return lambda texts: [(n := war_words(text)) / (n + 1.5) for text in texts]


# --- cases ---------------------------------------------------------------------------------------


def read_cases(folder: Path) -> dict[str, list[Case]]:
    """Return the cases of every file in `folder`, by category."""
    contents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return {content["category"]: content["cases"] for content in contents}


def kind_of(case: Case) -> str:
    """Return what kind of case it is, one of `KINDS`."""
    if "text" in case:
        return "single"
    if "same_a" in case:
        return "same"
    return "pair, sides" if case.get("sides") else "pair, order"


def texts_of(case: Case) -> tuple[str, ...]:
    """Return the one or two texts of a case."""
    return tuple(case[key] for key in ("text", "higher", "lower", "same_a", "same_b") if key in case)


def passes(case: Case, scores: Sequence[float]) -> bool:
    """Say whether the scores of the texts of a case are as it expects.

    Examples
    --------
    >>> passes({"text": "...", "expect": "escalation"}, [0.7])
    True
    >>> passes({"higher": "...", "lower": "...", "sides": True}, [0.7, 0.6])
    False
    """
    kind = kind_of(case)
    if kind == "single":
        return (scores[0] > 0.5) == (case["expect"] == "escalation")
    first, second = scores
    if kind == "same":
        return abs(first - second) <= ALIKE
    return first > 0.5 > second if kind == "pair, sides" else first > second


def pass_rates(cases: Mapping[str, Sequence[Case]], score: Scores) -> dict[str, Counter[str]]:
    """Return for every category how many cases of each kind there are (``of single``) and how many pass (``single``)."""
    known: dict[str, float] = {}
    texts = list(dict.fromkeys(text for rows in cases.values() for case in rows for text in texts_of(case)))
    known.update(zip(texts, score(texts), strict=True))
    return {category: _count(rows, known) for category, rows in cases.items()}


def _count(rows: Sequence[Case], known: Mapping[str, float]) -> Counter[str]:
    count: Counter[str] = Counter()
    for case in rows:
        kind = kind_of(case)
        count[f"of {kind}"] += 1
        count[kind] += passes(case, [known[text] for text in texts_of(case)])
    return count


# --- printing ------------------------------------------------------------------------------------


def table(rates: Mapping[str, Counter[str]]) -> str:
    """Return the pass rates as a table, the sum of all categories last."""
    total: Counter[str] = Counter()
    for count in rates.values():
        total.update(count)
    lines = [[name, *_cells(count)] for name, count in (*rates.items(), ("all", total))]
    return aligned(["category", "cases", "passed", *KINDS], lines)


def _cells(count: Counter[str]) -> Iterator[str]:
    cases, passed = sum(count[f"of {kind}"] for kind in KINDS), sum(count[kind] for kind in KINDS)
    yield str(cases)
    yield f"{passed / cases:.0%}"
    for kind in KINDS:
        yield f"{count[kind] / of:.0%}" if (of := count[f"of {kind}"]) else "-"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the pass rates of one scorer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scorer", choices=["escalate", "tfidf", "vader", "words"], default="escalate")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help="labelled tables, for a peer that is trained")
    parser.add_argument("--cases", type=Path, default=CASES, metavar="FOLDER", help="files of cases (default: tests/behaviour)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the counts as JSON as well")
    arguments = parser.parse_args(argv)
    if arguments.scorer == "tfidf" and not all((arguments.data / name).is_file() for name in TABLES):
        parser.error(f"no {' and '.join(TABLES)} in {arguments.data}; give --data")
    rates = pass_rates(read_cases(arguments.cases), scorers(arguments.data)[arguments.scorer]())
    print(f"python benchmarks/behaviour.py --scorer {arguments.scorer}\n\n{table(rates)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rates, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
