"""What scoring tables costs: beside `score` on the same texts, in memory, over kills, among broken rows, and with workers.

    python benchmarks/batch.py --data FOLDER [--rows 1000000]

Costs beside `score` are ratios of processor time, which other programs on the machine disturb little; times are by the clock. Nothing
here is a test of speed, but a file that comes out different after a kill, or a row that is lost, stops the program.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd
from latency import PEACEFUL_ARTICLE, WAR_ARTICLE, many_texts
from peers import aligned

import escalate
from escalate.frame import COLUMNS, GROUPS, Plan, score_chunk
from escalate.running import ModelSource, score_far

ROOT = Path(__file__).resolve().parents[1]
ASKED = {
    "risk, status": ["risk", "status"],
    "default": COLUMNS,
    "default, counts": [*COLUMNS, "counts"],
    "default, all groups": [*COLUMNS, *GROUPS],
}

TINY = 16
"""Texts that workers are given to find out how long they take to begin."""


def headlines(data: Path) -> list[str]:
    """Return real headlines where there are any, else the sentences of two articles."""
    path = data / "headlines_2025.csv"
    if not path.exists():
        return [sentence.strip() for text in (WAR_ARTICLE, PEACEFUL_ARTICLE) for sentence in text.replace("\n", " ").split(". ")]
    with path.open(newline="", encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


# --- beside score --------------------------------------------------------------------------------


def cost(texts: Sequence[str], columns: Sequence[str], rounds: int) -> np.ndarray:
    """Return the ratios of the processor time of a table to that of `score`, in turns."""
    table = pd.DataFrame({"text": texts})
    escalate.score(texts[:100])
    framed, plain = (lambda: escalate.score_frame(table, columns=columns)), (lambda: escalate.score(texts))
    return np.array([_processor(framed) / _processor(plain) for _ in range(rounds)])


def _processor(task: Callable[[], object]) -> float:
    start = time.process_time()
    task()
    return time.process_time() - start


def show_costs(short: Sequence[str], long: Sequence[str], rounds: int) -> None:
    rows = []
    for name, columns in ASKED.items():
        for kind, texts in (("headlines", short), ("articles", long)):
            low, middle, high = np.percentile(cost(texts, columns, rounds), [25, 50, 75])
            rows.append([name, kind, f"{middle:.2f}", f"{low:.2f} to {high:.2f}"])
    print(f"\nscore_frame beside score, {len(short):,} headlines and {len(long):,} articles\n")
    print(aligned(["columns", "texts", "ratio", "quartiles"], rows), flush=True)


# --- memory --------------------------------------------------------------------------------------


def write_rows(path: Path, texts: Sequence[str], rows: int) -> Path:
    """Write so many rows, the texts over and over with numbers behind them, in the format that the name states."""
    numbered = ({"id": n, "text": f"{text} ({n})"} for n, text in enumerate(islice(cycle(texts), rows)))
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
        with pq.ParquetWriter(path, schema) as writer:
            while some := list(islice(numbered, 100_000)):
                writer.write_table(pa.Table.from_pylist(some, schema))
    else:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in numbered)
    return path


def start(source: Path, target: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "escalate", "batch", str(source), str(target), *more]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)


def watched(process: subprocess.Popen[bytes], log: Path) -> Iterator[tuple[int, float]]:
    """Yield rows on record and megabytes in memory, twice a second, while a run lasts."""
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        lines = log.read_bytes().splitlines(keepends=True)[1:] if log.exists() else []
        rows = json.loads(lines[-1])["summary"]["rows"] if lines and lines[-1].endswith(b"\n") else 0
        resident = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
        if resident:
            yield rows, int(resident[0].split()[1]) / 1024
        time.sleep(0.5)


def show_memory(folder: Path, texts: Sequence[str], rows: int) -> None:
    """Run Parquet to Parquet and print the memory by tenths of the rows."""
    source, target = write_rows(folder / "m.parquet", texts, rows), folder / "m_out.parquet"
    begun = time.perf_counter()
    with start(source, target) as process:
        seen = list(watched(process, Path(f"{target}.part.log")))
    seconds = time.perf_counter() - begun
    assert process.returncode == 0
    tenths = [[mb for done, mb in seen if done * 10 // (rows + 1) == tenth] for tenth in range(10)]
    table = [[f"{tenth * 10} %", f"{max(some):,.0f} MB" if some else "-"] for tenth, some in enumerate(tenths)]
    most = max(mb for _, mb in seen)
    print(f"\nParquet to Parquet, {rows:,} rows: {seconds:,.0f} s, {rows / seconds:,.0f} rows/s, at most {most:,.0f} MB\n")
    print(aligned(["rows done", "most memory"], table), flush=True)


# --- kills ---------------------------------------------------------------------------------------


def show_kills(folder: Path, texts: Sequence[str], rows: int, kills: int) -> None:
    """Kill runs at random moments, go on with them until they end, and compare each with one that was left alone."""
    chance = random.Random(1)
    for name in ("k.jsonl", "k.parquet"):
        source, whole, target = write_rows(folder / name, texts, rows), folder / f"whole_{name}", folder / f"out_{name}"
        begun = time.perf_counter()
        assert start(source, whole).wait() == 0
        seconds = time.perf_counter() - begun
        killed = ended = 0
        while killed < kills or not ended:
            with start(source, target, "--resume") as process:
                if _killed(process, chance.uniform(0, seconds) if killed < kills else None):
                    killed += 1
                    continue
            assert target.read_bytes() == whole.read_bytes(), "a run that was killed came out different"
            ended += 1
            target.unlink()
        print(
            f"{name}, {rows:,} rows: killed {killed} times, ended {ended} times, always the same {whole.stat().st_size:,} bytes", flush=True
        )


def _killed(process: subprocess.Popen[bytes], seconds: float | None) -> bool:
    """Let a run go on for so long, then kill it; say whether it had not yet ended."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


# --- broken rows ---------------------------------------------------------------------------------


def show_broken(folder: Path, texts: Sequence[str], rows: int) -> None:
    """Break one row in a hundred of a CSV file in six ways, and count what comes out."""
    ways: list[Callable[[str], bytes]] = [
        lambda row: row.encode().partition(b",")[0],
        lambda row: row.encode() + b",surplus",
        lambda row: row.replace(',"', ',"lost ', 1).removesuffix('"').encode(),
        lambda row: row.encode() + b",\xff\xfe",
        lambda row: row.removesuffix('"').encode() + b' "said" he"',
        lambda row: b'"' + row.encode(),
    ]
    source, target = folder / "b.csv", folder / "b_out.csv"
    broken = set(random.Random(2).sample(range(rows), rows // 100))
    with source.open("wb") as file:
        file.write(b"id,text\n")
        for number, text in enumerate(islice(cycle(texts), rows)):
            row = '{},"{}"'.format(number, text.replace('"', '""').replace("\n", " "))
            file.write((ways[number % len(ways)](row) if number in broken else row.encode()) + b"\n")
    assert start(source, target).wait() == 0
    told = [json.loads(line)["line"] for line in Path(f"{target}.rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    with target.open(newline="", encoding="utf-8") as file:
        scored = [int(row["id"]) for row in csv.DictReader(file)]
    assert sorted(told) == sorted(number + 2 for number in broken), "a broken row was not told, or told twice"
    assert scored == [number for number in range(rows) if number not in broken], "a row was lost or doubled"
    print(
        f"CSV with {len(broken):,} of {rows:,} rows broken in {len(ways)} ways: {len(scored):,} scored, {len(told):,} told, each once",
        flush=True,
    )


# --- workers -------------------------------------------------------------------------------------


def show_workers(texts: Sequence[str], jobs: int, rounds: int) -> None:
    """Print how long workers take to begin and what they bring: by the clock, and in processor time, which needs no idle machine."""
    model = escalate.default_model()
    scorer = partial(score_chunk, plan=Plan.of(COLUMNS, model))
    tasks = partial(_far, ModelSource.of(model), scorer)
    chunks = [list(texts[at : at + 1000]) for at in range(0, len(texts), 1000)]
    starts, works, heres = [], [], []
    for _ in range(rounds):
        starts.append(_spent(lambda: tasks([chunk[:TINY] for chunk in chunks[:1]] * jobs, jobs)))
        works.append(_spent(lambda: tasks(chunks, jobs)))
        heres.append(_spent(lambda: [scorer(model, chunk, None) for chunk in chunks]))
    (begin, mine, theirs), (work, far_mine, far_theirs), (here, alone, _) = (np.median(some, axis=0) for some in (starts, works, heres))
    rows = [
        [f"begin with {jobs} workers", f"{begin:.2f} s", f"{mine:.2f} s", f"{theirs:.2f} s"],
        [f"begin, then {len(texts):,} headlines", f"{work:.2f} s", f"{far_mine:.2f} s", f"{far_theirs:.2f} s"],
        [f"{len(texts):,} headlines in one process", f"{here:.2f} s", f"{alone:.2f} s", ""],
    ]
    print("\n" + aligned(["task", "clock", "own processor time", "workers' processor time"], rows), flush=True)


def _far(source: ModelSource, scorer: Callable[..., object], chunks: Sequence[list[str]], jobs: int) -> None:
    """Score chunks by workers that are new, and end them."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    Parallel(n_jobs=jobs, batch_size=1)(delayed(score_far)(source, scorer, chunk, None) for chunk in chunks)
    get_reusable_executor().shutdown(wait=True)


def _spent(task: Callable[[], object]) -> tuple[float, float, float]:
    """Return seconds by the clock, of this process and of its workers that have ended."""
    before = time.perf_counter(), time.process_time(), _of_children()
    task()
    return time.perf_counter() - before[0], time.process_time() - before[1], _of_children() - before[2]


def _of_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


# --- all -----------------------------------------------------------------------------------------


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the scoring of tables.")
    folder = ROOT.parent / "shared" / "data"
    parser.add_argument(
        "--data", type=Path, default=folder, metavar="FOLDER", help="folder of headlines_2025.csv and articles_unlabelled.csv"
    )
    parser.add_argument("--only", choices=["cost", "memory", "kills", "broken", "workers"], help="measure this alone")
    parser.add_argument("--texts", type=int, default=10_000, help="headlines of the costs and the workers; a tenth as many articles")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of the costs; a third of them of the workers")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the file whose memory is watched (default: 100000)")
    parser.add_argument("--kill-rows", type=int, default=50_000, help="rows of the files whose runs are killed")
    parser.add_argument("--kills", type=int, default=10, help="how often (default: 10)")
    parser.add_argument("--jobs", type=int, default=2, help="workers (default: 2)")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> None:
    """Measure everything and print it."""
    args = arguments(argv)
    print(" ".join(["python benchmarks/batch.py", *argv]))
    print(f"escalate {escalate.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    texts = headlines(args.data)
    short = list(islice(cycle(texts), args.texts))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: dict[str, Callable[[], None]] = {
            "cost": lambda: show_costs(short, many_texts(args.data, max(1, args.texts // 10))[0], args.rounds),
            "memory": lambda: show_memory(folder, texts, args.rows),
            "kills": lambda: show_kills(folder, texts, args.kill_rows, args.kills),
            "broken": lambda: show_broken(folder, texts, args.rows),
            "workers": lambda: show_workers(short, args.jobs, max(1, args.rounds // 3)),
        }
        for part, show in parts.items():
            if args.only in (None, part):
                show()


if __name__ == "__main__":
    main(sys.argv[1:])
