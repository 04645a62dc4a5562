"""How fast this model is beside VADER and a TF-IDF regression: one article at a time, in bulk, and from a cold start.

    python benchmarks/latency.py --data FOLDER

Machines differ and are noisy, so the contestants take turns in rounds, and what counts is the ratio to this model in the same round.
Nothing here is a test: no time is right or wrong.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from peers import aligned, vader, word_pipeline
from sklearn.pipeline import Pipeline

import escalate
from escalate.tables import read_tables

ROOT = Path(__file__).resolve().parents[1]
OURS = "escalate"
ENOUGH_SECONDS = 0.05
"""A contestant repeats a quick task until it has run for about so long, then the mean counts as one measurement."""

Task = Callable[[], object]

WAR_ARTICLE = """\
Government forces and rebels of the Northern Front fought for a third day on Thursday around the rail junction at Marovac, and the \
army said it had sent two more brigades to keep the only paved road to the capital open.

Residents reached by telephone described shells landing every few minutes from before dawn. The regional hospital, which lost its \
electricity on Tuesday, counted 31 dead and more than a hundred wounded, among them nine children who had been queuing for water. \
Surgeons were working by the light of miners' lamps lent by a nearby quarry.

"We hear the outgoing guns, then we count, then we hear where it fell," said a schoolteacher who has moved her pupils into the cellar \
of a brewery. "By now the little ones can tell a mortar from a howitzer."

The defence minister, speaking after an emergency meeting of the cabinet, accused the neighbouring republic of Vellin of letting \
ammunition cross its border at night. He warned that any further convoy would be treated as a legitimate target, wherever it was found. \
Vellin rejected the charge as a fabrication, but it put its air defences on alert and called up reservists in the three southern \
districts, the first such order in eleven years.

Foreign governments watched with growing unease. One of the army's main suppliers announced that it would speed up the delivery of \
armoured vehicles and drones agreed last spring, while a second declined to lift its ban on the sale of long-range rockets. Diplomats \
said that a proposal for a truce of seventy-two hours, drafted by the secretariat of the regional union, had been put to both sides and \
answered by neither.

On the river, gunboats fired on a bridge that engineers had been repairing under white flags. The navy said that the men on it were \
combatants. A relief agency said that at least four of them were its own employees, that it had passed their names and the hours of \
their work to the military a day earlier, and that it was withdrawing its remaining staff to the coast.

Analysts doubted that either side could win quickly. The rebels hold the heights and most of the local sympathy, but they are short of \
fuel; the army has aircraft and armour, but its supply lines run for two hundred kilometres through forest where it has been ambushed \
eleven times since March. What worries neighbours most is the season. When the rains end in five weeks the ground will carry tanks \
again, and both commands are said to be keeping their best units back for that moment.

By nightfall the junction had changed hands twice. A spokesman for the Front claimed the capture of six tanks and a colonel. The army \
acknowledged a tactical regrouping, and bombed the station.
"""

PEACEFUL_ARTICLE = """\
The town council of Little Harrow voted on Tuesday evening to spend the whole of an unexpected surplus on the repair of the covered \
market, a timber hall of 1874 whose roof has leaked on four generations of cheesemongers.

The decision, by eleven votes to three, ends an argument that has run since the spring, when the treasurer discovered that the sale of \
a disused tram depot had brought in almost twice what had been foreseen. Some members had wanted a new swimming pool. Others had \
hoped to lower the charge for collecting garden waste, which rose in January for the second year in a row.

"People may forget a small saving, but they will walk under that roof every Saturday of their lives," said the mayor, a retired \
pharmacist who buys her eggs there. She thanked the school choir, which had opened the meeting with two songs about rain.

Work is to start after the harvest fair. Carpenters will number and take down about six hundred oak shingles, replace those that are \
rotten, and put copper gutters where there have never been any. The stallholders will move for five months to the station car park, \
where the railway has agreed to lend them light, water and the old waiting room. A bus will run from the church every twenty minutes, \
free of charge for anyone with a shopping basket.

Not everybody was content. The owner of a bakery opposite the market feared that she would lose her lunchtime customers and asked for \
a discount on her rates, which the council promised to consider. A member of the swimming club, who had come with a petition and a pair \
of goggles, said that children would now go on learning to swim in the next town, thirty minutes away by car.

The architect showed drawings on which the hall looked much as it does today, only dry. She said that she had found the builder's own \
notebook in the county library, with his sums, his shopping lists and a pressed violet, and that she meant to follow it closely. The \
one novelty is a gallery at the northern end with twelve tables, a piano and a view of the river.

If the weather is kind the market will reopen on the first Saturday in April with music, pancakes and a competition for the best \
marrow, in which the members of the council have been forbidden to take part. Tickets for the opening concert, given by the brass band \
of the fire brigade, go on sale next month at the library and cost three pounds. Any profit will pay for a clock, since the present one \
stopped in 1951 and has been right, as the mayor likes to say, twice a day ever since.
"""


# --- contestants ---------------------------------------------------------------------------------


def trained_pipeline(data: Path) -> tuple[Pipeline, str]:
    """Return the word peer and what it learned from: the short news where there are any, else the sentences of the two articles."""
    path = data / "news_short.csv"
    if path.exists():
        table = read_tables([path])
        return word_pipeline().fit(table.texts, table.escal), f"{len(table):,} short news texts"
    war, peaceful = WAR_ARTICLE.split(". "), PEACEFUL_ARTICLE.split(". ")
    return word_pipeline().fit(war + peaceful, [1] * len(war) + [0] * len(peaceful)), "the two articles only: too small a vocabulary"


def single(text: str, pipeline: Pipeline) -> dict[str, Task]:
    """Return the contestants on one text, called by name."""
    tasks: dict[str, Task] = {OURS: lambda: escalate.score(text)}
    if find_spec("vaderSentiment"):
        polarity = vader()
        tasks["VADER"] = lambda: polarity(text)
    return tasks | {"TF-IDF words": lambda: pipeline.predict_proba([text])}


def batch(texts: Sequence[str], pipeline: Pipeline) -> dict[str, Task]:
    """Return the contestants on many texts at once; VADER takes them one by one, for it has no other way."""
    tasks: dict[str, Task] = {OURS: lambda: escalate.score(texts)}
    if find_spec("vaderSentiment"):
        polarity = vader()
        tasks["VADER"] = lambda: [polarity(text) for text in texts]
    return tasks | {"TF-IDF words": lambda: pipeline.predict_proba(texts)}


def cold_start() -> dict[str, Task]:
    """Return fresh processes: the first score of this model, and the import of numpy that no scientific user escapes."""
    return {OURS: lambda: _python("import escalate; escalate.score('x')"), "import numpy": lambda: _python("import numpy")}


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def many_texts(data: Path, size: int) -> tuple[list[str], str]:
    """Return so many articles, evenly drawn from the unlabelled ones where there are any, else the two above over and over."""
    path = data / "articles_unlabelled.csv"
    if not path.exists():
        return [(WAR_ARTICLE, PEACEFUL_ARTICLE)[i % 2] for i in range(size)], "the two articles repeated"
    with path.open(newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    return [texts[i * len(texts) // size] for i in range(size)], path.name


# --- measuring -----------------------------------------------------------------------------------


def rounds_of(tasks: Mapping[str, Task], rounds: int, *, long: bool = False) -> dict[str, list[float]]:
    """Return the seconds of each contestant in each round; within a round they take turns, in an order that rotates.

    A task known to be long is neither warmed up nor repeated within a round.
    """
    repeats = {name: 1 if long else _repeats(task) for name, task in tasks.items()}
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    names = list(tasks)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            seconds[name].append(_time(tasks[name], repeats[name]))
    return seconds


def _repeats(task: Task) -> int:
    """Return how often to repeat a task; its first run warms it up and, if slow, shows that once is enough."""
    if _time(task, 1) > 1:
        return 1
    return max(1, int(ENOUGH_SECONDS / max(_time(task, 1), 1e-7)))


def _time(task: Task, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        task()
    return (time.perf_counter() - start) / repeats


def show(title: str, seconds: Mapping[str, Sequence[float]], texts: int = 1) -> None:
    """Print one task: median time per text, and the ratio to this model with its quartiles."""
    rows = []
    for name, values in seconds.items():
        low, middle, high = np.percentile(np.array(values) / np.array(seconds[OURS]), [25, 50, 75])
        spread = "" if name == OURS else f"{low:.2f} to {high:.2f}"
        rows.append([name, _readable(float(np.median(values)) / texts), f"{middle:.2f}", spread])
    print(f"\n{title}\n\n" + aligned(["contestant", "time per text", "ratio", "quartiles of ratio"], rows), flush=True)


def _readable(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} us" if seconds < 1e-2 else f"{seconds * 1e3:,.0f} ms"


def header(argv: Sequence[str], learned: str, drawn: str) -> str:
    return "\n".join(
        [
            " ".join(["python benchmarks/latency.py", *argv]),
            f"escalate {escalate.__version__}, Python {sys.version.split()[0]}; TF-IDF learned from {learned}; batch from {drawn}",
            "Machines are noisy and differ: the ratios count, not the times. Contestants take turns within each round; a ratio is the time",
            f"of a contestant over that of {OURS} in the same round, median and quartiles over the rounds: above 1, {OURS} is faster.",
        ]
    )


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time this model and its peers in interleaved rounds.")
    folder = ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=folder, metavar="FOLDER", help="folder of news_short.csv and articles_unlabelled.csv")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of the single calls (default: 15)")
    parser.add_argument("--slow-rounds", type=int, default=3, help="rounds of the batch, fewest of the cold start (default: 3)")
    parser.add_argument("--batch", type=int, default=2000, help="texts of the batch (default: 2000)")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> None:
    """Time everything and print one table for each task."""
    args = arguments(argv)
    pipeline, learned = trained_pipeline(args.data)
    texts, drawn = many_texts(args.data, args.batch)
    print(header(argv, learned, drawn), flush=True)
    for title, text in (("war article", WAR_ARTICLE), ("peaceful article", PEACEFUL_ARTICLE)):
        show(f"{title}, {len(text.split())} words", rounds_of(single(text, pipeline), args.rounds))
    show("cold start, fresh process", rounds_of(cold_start(), max(args.slow_rounds, args.rounds // 2)))
    words = np.mean([len(text.split()) for text in texts])
    show(f"batch of {len(texts):,}, mean {words:.0f} words", rounds_of(batch(texts, pipeline), args.slow_rounds, long=True), len(texts))


if __name__ == "__main__":
    main(sys.argv[1:])
