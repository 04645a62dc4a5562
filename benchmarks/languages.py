"""How well the check for English doubts: false alarms on news, hits on other languages, and what it costs a batch.

    python benchmarks/languages.py --data FOLDER --catalogues /usr/share/locale

The catalogues are those of the programs on the machine, in gettext's form: sentences in many languages that the check was not made
with, and whose English originals are known. Short are those of five to nine English words, long those of ten to forty.
"""

from __future__ import annotations

import argparse
import csv
import gettext
import random
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import escalate
from escalate import model as module
from escalate.language import doubt

TABLES = ("news_short.csv", "headlines_2025.csv", "news_articles.csv", "articles_unlabelled.csv")
PLAIN = re.compile(r"[A-Z][A-Za-z ,.'\u2019;:?!-]+")
MARKED = re.compile(r"[%<>_=\\/$\n{}|\"]")
MOST = 300
"""Messages of a language and length that are looked at."""

ROUNDS = 15


def texts_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def messages(folder: Path) -> dict[str, int]:
    """Return the messages of a language, each with the words of its English original."""
    found: dict[str, int] = {}
    for path in sorted(folder.glob("LC_MESSAGES/*.mo")):
        for english, text in _catalogue(path).items():
            if isinstance(english, str) and PLAIN.fullmatch(english) and text != english and not MARKED.search(text):
                found[text] = len(english.split())
    return found


def _catalogue(path: Path) -> dict[object, str]:
    """Return a catalogue; a few on every machine are not in their own form, and are left out with a word."""
    try:
        with path.open("rb") as file:
            return dict(gettext.GNUTranslations(file)._catalog)
    except (UnicodeDecodeError, IndexError, OSError) as error:
        print(f"left out {path}: {error}", file=sys.stderr)
        return {}


def hits(folder: Path) -> str:
    """Return the shares of short and long messages that are doubted, or nothing where there are too few."""
    found = sorted(messages(folder).items())
    random.Random(1).shuffle(found)
    groups = [[text for text, words in found if least <= words <= most][:MOST] for least, most in ((5, 9), (10, 40))]
    if min(map(len, groups)) < 50:
        return ""
    shares = [statistics.mean(bool(doubt(text)) for text in group) for group in groups]
    return f"{folder.name:8} short {shares[0]:.2f}  long {shares[1]:.2f}  ({len(groups[0])} and {len(groups[1])})"


def cost(texts: Sequence[str]) -> str:
    """Return what the check adds to scoring `texts`, in alternating rounds with and without it."""
    with_check, without = module.noting_doubts, _unlooked
    times: dict[Callable[..., Iterable[str]], list[float]] = {with_check: [], without: []}
    escalate.score(texts)
    for _ in range(ROUNDS):
        for way, taken in times.items():
            module.noting_doubts = way
            start = time.thread_time()
            escalate.score(texts)
            taken.append(time.thread_time() - start)
    module.noting_doubts = with_check
    best = {way: min(taken) / len(texts) * 1e6 for way, taken in times.items()}
    return f"{best[without]:.1f} us a text, the check {best[with_check] - best[without]:.2f} us: {best[with_check] / best[without] - 1:.1%}"


def _unlooked(texts: Iterable[str], _found: dict[int, str]) -> Iterable[str]:
    return texts


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the tables")
    parser.add_argument("--catalogues", type=Path, help="folder of languages with gettext catalogues")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore", escalate.EscalateWarning)
    for path in filter(Path.is_file, (arguments.data / name for name in TABLES if arguments.data)):
        texts = texts_of(path)
        doubted = sum(bool(doubt(text)) for text in texts)
        some = texts[:: max(1, len(texts) // 500)]
        print(f"{path.name:24} {doubted} of {len(texts):,} doubted ({doubted / len(texts):.3%}); {cost(some)}")
    for folder in sorted(arguments.catalogues.iterdir()) if arguments.catalogues else ():
        if line := hits(folder):
            print(line)


if __name__ == "__main__":
    main()
