"""How fast this model is beside its peers and beside the least that any reader must do; and how the cost grows.

    python benchmarks/speed.py --data FOLDER [--picture FILE] [--full]

All contestants score the same texts in one process and take turns within each round. Two of them are no scorers but a floor: making
the bytes lower case, and running the bare automaton over documents already read. Times differ between machines and hours; the ratios
count. Nothing here is a test: no time is right or wrong.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count, cycle, islice
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import numpy as np
from latency import PEACEFUL_ARTICLE, ROOT, WAR_ARTICLE, Task, rounds_of
from peers import PENALTY, aligned, vader, war_words, word_pipeline
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

import escalate
from escalate.tables import read_tables
from escalate.text import Document

OURS = "escalate, batch"
FLOOR = ("automaton alone", "bytes.lower")
SENTENCES = [s.strip() for text in (WAR_ARTICLE, PEACEFUL_ARTICLE) for s in text.replace("\n", " ").split(". ")]

AT_WAR = 3
"""An article with so many war words counts as one about war; one without any does not. Those between are left out of both."""

PIECES = 20
"""A short length is measured on so many pieces from all over the text, since one piece may happen to hold little."""

SOME = 100
"""Texts that are timed together where each can be scored for the first time only once."""

Maker = Callable[[Sequence[str], Mapping[str, Pipeline]], Task]


@dataclass(frozen=True)
class Growth:
    """Seconds by size of the work, and the power of the size with which they grow."""

    seconds: dict[int, float]

    @property
    def exponent(self) -> float:
        """Slope of the logarithms by least squares: 1 is linear."""
        return float(np.polyfit(np.log(list(self.seconds)), np.log(list(self.seconds.values())), 1)[0])


# --- texts ---------------------------------------------------------------------------------------


def articles(data: Path) -> list[str]:
    """Return the unlabelled articles where there are any, else two articles over and over, with numbers in their sentences."""
    path = data / "articles_unlabelled.csv"
    if not path.exists():
        return list(islice(numbered([WAR_ARTICLE, PEACEFUL_ARTICLE]), 200))
    with path.open(newline="", encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def numbered(texts: Sequence[str]) -> Iterator[str]:
    """Yield the texts for ever; from the second turn on every sentence bears a number, for a sentence that comes twice is read once."""
    yield from texts
    for turn in count(1):
        yield from (text.replace(". ", f" {turn}. ") for text in texts)


def corpora(texts: Sequence[str], size: int) -> dict[str, list[str]]:
    """Return all texts, those about war and those without a word of it, each drawn evenly down to a size."""
    words = [war_words(text) for text in texts]
    parts = {
        "all articles": list(texts),
        "articles about war": [text for text, n in zip(texts, words, strict=True) if n >= AT_WAR],
        "articles without war": [text for text, n in zip(texts, words, strict=True) if n == 0],
    }
    return {name: drawn(part, size) for name, part in parts.items() if part}


def drawn(texts: Sequence[str], size: int) -> list[str]:
    size = min(size, len(texts))
    return [texts[i * len(texts) // size] for i in range(size)]


def long_text(texts: Sequence[str], size: int) -> str:
    """Return the articles one behind the other as one text of so many characters."""
    found: list[str] = []
    length = 0
    for text in numbered(texts):
        found.append(text)
        length += len(text) + 2
        if length >= size:
            break
    return "\n\n".join(found)[:size]


def rows(size: int) -> list[str]:
    """Return so many different rows of one sentence."""
    return [f"{sentence} ({n})." for n, sentence in enumerate(islice(cycle(SENTENCES), size))]


def adversarial(plain: str) -> dict[str, str]:
    """Return texts as long as `plain` that no newspaper prints, by what is odd about them."""
    units = {"one word repeated": "war ", "no spaces": "attack", "nothing but full stops": ". "}
    texts = {name: (unit * (len(plain) // len(unit) + 1))[: len(plain)] for name, unit in units.items()}
    names = " ".join(list(escalate.Model.load().lexicon.cased) * (len(plain) // 100))[: len(plain)].upper()
    return texts | {
        "names in capitals": names,
        "nothing but cues": cues(len(plain)),
        "no full stop": plain.translate(dict.fromkeys(map(ord, ".!?\n"), " ")),
    }


def cues(size: int) -> str:
    """Return cues at random, so many characters: in a list over and over, all rounds but the first would be read as repeats."""
    known = list(escalate.Model.load().lexicon.cues_of)
    return " ".join(random.Random(0).choices(known, k=size))[:size]


# --- contestants ---------------------------------------------------------------------------------


def learners(data: Path) -> dict[str, Pipeline]:
    """Return the peers that learn, trained on the short news where there are any, else on the sentences of two articles."""
    path = data / "news_short.csv"
    table = read_tables([path]) if path.exists() else None
    texts = table.texts if table else SENTENCES
    labels = table.escal if table else [int(sentence in WAR_ARTICLE.replace("\n", " ")) for sentence in SENTENCES]
    hashing = make_pipeline(HashingVectorizer(ngram_range=(1, 2)), LogisticRegression(C=PENALTY, solver="liblinear", random_state=0))
    return {"TF-IDF words": word_pipeline().fit(texts, labels), "hashed words": hashing.fit(texts, labels)}


def makers() -> dict[str, Maker]:
    """Return what makes the contestants, by name; VADER and TextBlob only where they are installed."""
    made: dict[str, Maker] = {
        OURS: lambda texts, _: lambda: escalate.score(texts),
        "escalate, one by one": lambda texts, _: lambda: [escalate.score(text) for text in texts],
        "TF-IDF words": lambda texts, learned: lambda: learned["TF-IDF words"].predict_proba(texts),
        "hashed words": lambda texts, learned: lambda: learned["hashed words"].predict_proba(texts),
        "automaton alone": lambda texts, _: automaton(texts),
        "bytes.lower": lambda texts, _: lower(texts),
    }
    if find_spec("vaderSentiment"):
        made["VADER"] = lambda texts, _: one_by_one(vader(), texts)
    if find_spec("textblob"):
        made["TextBlob"] = lambda texts, _: one_by_one(textblob(), texts)
    return made


def one_by_one(scorer: Callable[[str], float], texts: Sequence[str]) -> Task:
    return lambda: [scorer(text) for text in texts]


def textblob() -> Callable[[str], float]:
    """Return TextBlob's polarity with its sign turned: the gloomier, the higher."""
    from textblob import TextBlob

    return lambda text: -float(TextBlob(text).sentiment.polarity)


def automaton(texts: Sequence[str]) -> Task:
    """Return the search for all patterns in documents already read, without anything that is done with what it finds."""
    documents = [Document.read(text).words for text in texts]
    find = escalate.Model.load().matcher.automaton.find
    return lambda: [find(words) for words in documents]


def lower(texts: Sequence[str]) -> Task:
    encoded = [text.encode() for text in texts]
    return lambda: [text.lower() for text in encoded]


# --- memory --------------------------------------------------------------------------------------


def peaks(texts: Sequence[str], learned: Mapping[str, Pipeline]) -> dict[str, float]:
    """Return the MB that each contestant adds at its peak to a fresh process that holds libraries, texts and trained peers."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        return {name: pool.submit(peak, name, list(texts), dict(learned)).result() for name in makers()}


def peak(name: str, texts: Sequence[str], learned: Mapping[str, Pipeline]) -> float:
    """Return the MB that one contestant adds to this process; NaN where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    before = _kilobytes(status, "VmRSS")
    with warnings.catch_warnings(action="ignore", category=escalate.EscalateWarning):
        makers()[name](texts, learned)()
    return max(0, _kilobytes(status, "VmHWM") - before) / 1000


def _kilobytes(status: Path, field: str) -> int:
    found = [line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith(f"{field}:")]
    return int(found[0].split()[1])


# --- measuring -----------------------------------------------------------------------------------


def race(texts: Sequence[str], learned: Mapping[str, Pipeline], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each contestant in each round."""
    return rounds_of({name: make(texts, learned) for name, make in makers().items()}, rounds)


def by_length(text: str, rounds: int) -> Growth:
    """Return what one call costs by the length of its text: 1 kB, ten times that, and so on to all of it."""
    tasks = {size: _pieces(text, size) for size in powers(1000, len(text))}
    return _growth(
        {size: one_by_one(escalate.score, pieces) for size, pieces in tasks.items()}, rounds, {s: len(p) for s, p in tasks.items()}
    )


def _pieces(text: str, size: int) -> list[str]:
    whole = len(text) // size
    return [text[at * size : (at + 1) * size] for at in drawn(range(whole), PIECES)]


def by_number(most: int, rounds: int) -> Growth:
    """Return what a batch costs by the number of its rows."""
    batches = {size: rows(size) for size in powers(10, most)}
    return _growth({size: lambda texts=texts: escalate.score(texts) for size, texts in batches.items()}, rounds, {})


def powers(first: int, last: int) -> list[int]:
    """Return `first` times 1, 10, 100 and so on, up to `last`.

    Examples
    --------
    >>> powers(10, 5000)
    [10, 100, 1000]
    """
    return [first * 10**i for i in range(20) if first * 10**i <= last]


def _growth(tasks: Mapping[int, Task], rounds: int, calls: Mapping[int, int]) -> Growth:
    found = rounds_of({str(size): task for size, task in tasks.items()}, rounds)
    return Growth({int(size): float(np.median(seconds)) / calls.get(int(size), 1) for size, seconds in found.items()})


def by_oddity(plain: str, rounds: int) -> dict[str, Growth]:
    """Return what odd texts cost at a tenth of the length of `plain`, and at all of it."""
    sizes = (len(plain) // 10, len(plain))
    return {name: _growth({n: _call(text[:n]) for n in sizes}, rounds, {}) for name, text in adversarial(plain).items()}


def _call(text: str) -> Task:
    return lambda: escalate.score(text)


def first_time(texts: Sequence[str]) -> list[float]:
    """Return how many times longer texts take when they are scored first than when they are scored again, for each hundred of them."""
    found = []
    for start in range(0, len(texts) - SOME + 1, SOME):
        task = one_by_one(escalate.score, texts[start : start + SOME])
        first = _seconds(task)
        found.append(first / _seconds(task))
    return found


def _seconds(task: Task) -> float:
    start = perf_counter()
    task()
    return perf_counter() - start


# --- printing ------------------------------------------------------------------------------------


def quartiles(values: Iterable[float]) -> list[float]:
    return [float(x) for x in np.percentile(list(values), [25, 50, 75])]


def megabytes(texts: Sequence[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


def ordered(seconds: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the names, the slowest first."""
    return sorted(seconds, key=lambda name: -float(np.median(seconds[name])))


def show_race(title: str, texts: Sequence[str], seconds: Mapping[str, Sequence[float]], memory: Mapping[str, float]) -> None:
    """Print one race: rates, and the time of each contestant over that of ours in the same round."""
    size, found = megabytes(texts), []
    for name in ordered(seconds):
        middle = float(np.median(seconds[name]))
        low, ratio, high = quartiles(np.array(seconds[name]) / np.array(seconds[OURS]))
        cells = [f"{len(texts) / middle:,.0f}", f"{size / middle:,.2f}", f"{ratio:.3g}", "" if name == OURS else f"{low:.3g} to {high:.3g}"]
        found.append([name, *cells, *([f"{memory[name]:,.0f}"] if memory else [])])
    headings = ["contestant", "docs/s", "MB/s", "time ratio", "quartiles", *(["peak MB"] if memory else [])]
    print(f"\n{title}: {len(texts):,} texts, {size:.2f} MB\n\n" + aligned(headings, found), flush=True)


def show_first_time(found: Sequence[float]) -> None:
    """Print what the races cannot show, whose texts are scored again in every round: what the model meets for the first time costs more."""
    if found:
        low, middle, high = quartiles(found)
        print(f"\ntexts scored for the first time: {middle:.2f} times as long as again ({low:.2f} to {high:.2f})", flush=True)


def show_growth(title: str, unit: str, growth: Growth) -> None:
    cells = [[f"{size:,}", f"{seconds:.3g}", f"{seconds / size * 1e6:,.3g}"] for size, seconds in growth.seconds.items()]
    print(f"\n{title}: grows with power {growth.exponent:.3f} (linear is 1)\n")
    print(aligned([unit, "seconds", "microseconds each"], cells), flush=True)


def show_oddities(found: Mapping[str, Growth]) -> None:
    sizes = list(next(iter(found.values())).seconds)
    cells = [[name, *(f"{s / n * 1e6:.3g}" for n, s in growth.seconds.items()), f"{growth.exponent:.3f}"] for name, growth in found.items()]
    print("\nodd texts, seconds for one MB\n")
    print(aligned(["text", *(f"of {size / 1e6:g} MB" for size in sizes), "power"], cells), flush=True)


def draw(path: Path, texts: Sequence[str], seconds: Mapping[str, Sequence[float]]) -> None:
    """Draw the MB a second of every contestant as bars, with their quartiles."""
    from matplotlib.figure import Figure

    names = ordered(seconds)
    low, middle, high = np.array([quartiles(megabytes(texts) / np.array(seconds[name])) for name in names]).T
    colours = ["#b5402a" if name.startswith("escalate") else "#b8b8b8" if name in FLOOR else "#4a6d8c" for name in names]
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    axes = figure.add_subplot()
    bars = axes.barh(names, middle, xerr=[middle - low, high - middle], color=colours, capsize=3)
    axes.bar_label(bars, labels=[f"{value:,.0f}" if value >= 100 else f"{value:.2g}" for value in middle], padding=6)
    axes.set(xscale="log", xlabel="MB of text a second, logarithmic; lines: quartiles over the rounds", title="Speed on news articles")
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


def header(argv: Sequence[str]) -> str:
    return "\n".join(
        [
            " ".join(["python benchmarks/speed.py", *argv]),
            f"escalate {escalate.__version__}, Python {sys.version.split()[0]}, one core",
            f"A time ratio is the time of a contestant over that of '{OURS}' in the same round, median and quartiles over the rounds:",
            "above 1, escalate is faster. Peak memory is what a fresh process adds to its libraries, the texts and the trained peers.",
        ]
    )


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Race this model against its peers, and measure how its cost grows.")
    folder = ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=folder, metavar="FOLDER", help="folder of news_short.csv and articles_unlabelled.csv")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each race (default: 15)")
    parser.add_argument("--slow-rounds", type=int, default=3, help="rounds of each growth (default: 3)")
    parser.add_argument("--sample", type=int, default=400, help="articles of each race (default: 400)")
    parser.add_argument("--longest", type=int, default=10_000_000, help="characters of the longest text (default: 10 million)")
    parser.add_argument("--rows", type=int, default=100_000, help="most rows of one batch (default: 100,000)")
    parser.add_argument("--full", action="store_const", dest="rows", const=1_000_000, help="batches of up to a million rows")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the race on all articles (.png, .svg, .pdf)")
    return parser.parse_args(argv)


def races(args: argparse.Namespace, texts: Sequence[str]) -> None:
    """Run and print the race on each corpus; memory and the picture are of the first, which is all articles."""
    learned = learners(args.data)
    for number, (title, part) in enumerate(corpora(texts, args.sample).items()):
        seconds = race(part, learned, args.rounds)
        show_race(title, part, seconds, {} if number else peaks(part, learned))
        if args.picture and not number:
            draw(args.picture, part, seconds)


def main(argv: Sequence[str]) -> None:
    """Measure everything and print one table for each question."""
    args = arguments(argv)
    texts = articles(args.data)
    print(header(argv), flush=True)
    with warnings.catch_warnings(action="ignore", category=escalate.EscalateWarning):
        races(args, texts)
        raced = {text for part in corpora(texts, args.sample).values() for text in part}
        show_first_time(first_time([text for text in texts if text not in raced]))
        plain = long_text(texts, args.longest)
        show_growth("one text by its length", "characters", by_length(plain, args.slow_rounds))
        show_growth("a batch by its number of rows", "rows", by_number(args.rows, args.slow_rounds))
        show_oddities(by_oddity(plain, args.slow_rounds))


if __name__ == "__main__":
    main(sys.argv[1:])
