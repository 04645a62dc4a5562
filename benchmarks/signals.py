"""Signals and context measured on their own: against a gold set of spans, and against the mode labels of the news texts.

    python benchmarks/signals.py [--data FOLDER]

The gold set (``tests/gold/signals.json``) was written without a look at the lexicon. A gold signal is found when a signal of its family
overlaps it; its mode is right when one of those has it. Moves of context (a refused delivery is a refusal) are applied to the gold too.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import escalate
from escalate.explanation import Signal
from escalate.lexicon import MODES, Family
from escalate.tables import read_tables

ROOT = Path(__file__).resolve().parents[1]
LETTERS = {"a": "actual", "t": "threatened", "h": "hypothetical", "d": "negated", "p": "past", "f": "figurative", "n": "none"}


def canonical(family: str, mode: str, families: dict[str, Family]) -> tuple[str, str]:
    """Return family and mode as the context engine would name them."""
    moved = families[family].moves.get(mode)
    if moved:
        family, _, mode = moved.partition("/")
    return family, families[family].base_mode if mode == "actual" else mode


def compare(sentence: dict[str, Any], families: dict[str, Family]) -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
    """Return what was found, missed and made up, by family, and how often a mode was right or wrong."""
    text = sentence["text"]
    found = [s for s in escalate.explain(text).signals if families[s.family].group != "counter"]
    hit, missed, modes = Counter[str](), Counter[str](), Counter[str]()
    used: set[Signal] = set()
    for gold in sentence["signals"]:
        family, mode = canonical(gold["family"], gold["mode"], families)
        if families[family].group == "counter":
            continue
        start = text.find(gold["text"])
        over = [s for s in found if s.family == family and s.start < start + len(gold["text"]) and s.end > start and s not in used]
        used.update(over)
        (hit if over else missed)[family] += 1
        if over:
            modes["right" if any(s.mode == mode for s in over) else "wrong"] += 1
    made_up = Counter(s.family for s in found if s not in used)
    return hit, missed, made_up, modes


def print_gold(path: Path) -> None:
    """Print recall and precision by family on the gold spans."""
    families = escalate.default_model().lexicon.families
    totals = [Counter[str]() for _ in range(4)]
    for sentence in json.loads(path.read_text(encoding="utf-8"))["sentences"]:
        for total, part in zip(totals, compare(sentence, families), strict=True):
            total.update(part)
    hit, missed, made_up, modes = totals
    print(f"{'family':30}{'gold':>6}{'recall':>8}{'precision':>11}")
    for family in [*families, "all"]:
        h, m, f = (sum(c.values()) if family == "all" else c[family] for c in (hit, missed, made_up))
        if h + m:
            print(f"{family:30}{h + m:6}{h / (h + m):8.2f}{h / max(1, h + f):11.2f}")
    print(f"mode right, of the signals found: {modes['right'] / max(1, modes.total()):.2f}\n")


def text_mode(text: str, families: dict[str, Family]) -> str:
    """Return the mode of the most severe act of force in a text; a moved signal shows that something was negated."""
    acts = [s for s in escalate.explain(text).signals if families[s.family].group == "escalatory"]
    if acts:
        return max(acts, key=lambda s: (s.level, -MODES.index(s.mode))).mode
    turned = any(s.family in ("restraint", "refusal_of_arms") for s in escalate.explain(text).signals)
    return "negated" if turned else "none"


def print_modes(path: Path) -> None:
    """Print macro-F1 of the mode against the labels of the news texts."""
    from sklearn.metrics import confusion_matrix, f1_score

    table = read_tables([path])
    families = escalate.default_model().lexicon.families
    names = [*MODES, "none"]
    labels = [LETTERS[mode] for mode in table.mode]
    found = [text_mode(text, families) for text in table.texts]
    print(f"mode against the labels of {path.name}: macro-F1 {f1_score(labels, found, labels=names, average='macro'):.3f}")
    print(f"{'label':14}" + "".join(f"{name[:8]:>10}" for name in names))
    for name, row in zip(names, confusion_matrix(labels, found, labels=names), strict=True):
        print(f"{name:14}" + "".join(f"{count:10}" for count in row))


def main() -> None:
    """Print both measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments = parser.parse_args()
    print_gold(ROOT / "tests" / "gold" / "signals.json")
    short = arguments.data / "news_short.csv"
    if short.is_file():
        print_modes(short)
    else:
        print(f"no {short}: the mode labels are not measured")


if __name__ == "__main__":
    main()
