"""What a score promises, measured: maps compared, calibration by source, the interval's coverage, and recalibration with few labels.

    python benchmarks/calibration.py --data FOLDER [--pictures FOLDER]

Every figure is out of source: weights, pooling, map and interval have not seen the source they are measured on. Some five minutes on
two cores; ``--pictures`` draws the reliability diagrams (needs the extra ``plot``).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from accuracy import seed_tables, seed_teacher
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from escalate.build import subsets
from escalate.calibration import Calibration, beta_map, fit_beta, fit_line, stretched
from escalate.evaluation import calibration_error, calibration_error_interval, recalibration_slope
from escalate.lexicon import Lexicon
from escalate.tables import read_tables
from escalate.training import Corpus, Settings, calibrated_out_of_group, out_of_group, pooled_out_of_group

ROOT = Path(__file__).resolve().parents[1]
FloatArray = NDArray[np.float64]
Map = Callable[[FloatArray], FloatArray]
SIZES = (25, 50, 100, 200, 400)
DRAWS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with news_short.csv and news_articles.csv")
    parser.add_argument("--pictures", type=Path, help="folder for the reliability diagrams")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    table = read_tables([arguments.data / "news_short.csv", arguments.data / "news_articles.csv", *seed_tables(ROOT / "seeds")])
    print(f"reading {len(table)} texts, then fitting out of fold and out of source", flush=True)
    corpus = Corpus(table, Lexicon.load(), teacher=seed_teacher(ROOT / "seeds"))
    scores = {}
    for name, groups in (("folds", table.fold), ("left-out sources", table.group)):
        stats = out_of_group(corpus, groups, Settings(), heads=("escal",), n_jobs=arguments.jobs)["escal"]
        compare_maps(corpus, pooled_out_of_group(corpus, stats, groups, "escal"), groups, name)
        scores[name] = calibrated_out_of_group(corpus, stats, groups)
    by_source(corpus, scores["left-out sources"])
    learning_curve(corpus, scores["left-out sources"])
    if arguments.pictures:
        draw(corpus, scores, arguments.pictures)


# --- maps ----------------------------------------------------------------------------------------


def log_odds(p: FloatArray) -> FloatArray:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))


def fit_maps(z: FloatArray, y: NDArray[np.int_], w: FloatArray) -> dict[str, Map]:
    """Return every map, fitted on the same labelled log-odds."""
    beta = fit_beta(z, y, w)
    line = LogisticRegression(C=1e6, max_iter=1000).fit(z[:, None], y, sample_weight=w)
    heat = LogisticRegression(C=1e6, max_iter=1000, fit_intercept=False).fit(z[:, None], y, sample_weight=w)
    steps = IsotonicRegression(out_of_bounds="clip", y_min=0.001, y_max=0.999).fit(z, y, sample_weight=w)
    return {
        "pooling alone": lambda q: 1 / (1 + np.exp(-q)),
        "temperature": lambda q: heat.predict_proba(q[:, None])[:, 1],
        "sigmoid": lambda q: line.predict_proba(q[:, None])[:, 1],
        "beta": lambda q: 1 / (1 + np.exp(-beta_map(q, beta))),
        "isotonic": steps.predict,
    }


def compare_maps(corpus: Corpus, pooled: FloatArray, groups: list[object], name: str) -> None:
    y, w = corpus.target("escal"), np.array(corpus.table.weights())
    label = np.array([str(g) for g in groups])
    measured = ~np.isnan(pooled)
    z = log_odds(np.where(measured, pooled, 0.5))
    found: dict[str, FloatArray] = {}
    for group in sorted(set(label[measured])):
        inside, rest = measured & (label == group), measured & (label != group) & (w > 0)
        for kind, apply in fit_maps(z[rest], y[rest], w[rest]).items():
            found.setdefault(kind, np.full(len(y), np.nan))[inside] = apply(z[inside])
    print(f"\n{name}: Brier score / log loss / calibration error (95 % bootstrap interval)")
    for kind, p in found.items():
        print(f"  {kind:14}" + " | ".join(f"{s}: {_scores(y[m], p[m])}" for s, m in subsets(corpus.table).items() if s != "uncertain"))


def _scores(y: NDArray[np.int_], p: FloatArray) -> str:
    likely = np.clip(np.where(y == 1, p, 1 - p), 1e-6, 1)
    low, high = calibration_error_interval(y, p)
    return f"{np.mean((p - y) ** 2):.4f} / {-np.log(likely).mean():.4f} / {calibration_error(y, p):.3f} ({low:.3f}-{high:.3f})"


# --- by source -----------------------------------------------------------------------------------


def source_rows(corpus: Corpus, scores: FloatArray) -> dict[str, NDArray[np.intp]]:
    """Return the rows of each source with 30 or more positives."""
    source, y = np.array(corpus.table.source), corpus.target("escal")
    rows = {s: np.flatnonzero((source == s) & ~np.isnan(scores) & ~corpus.is_written) for s in sorted(set(source))}
    return {s: r for s, r in rows.items() if y[r].sum() >= 30}


def by_source(corpus: Corpus, scores: FloatArray) -> None:
    y = corpus.target("escal")
    print("\nleft-out sources with 30 or more positives: share of positives, mean score, calibration error, slope (0.8 to 1.25 is good)")
    for source, rows in source_rows(corpus, scores).items():
        slope = recalibration_slope(y[rows], scores[rows])
        mark = "" if 0.8 <= slope <= 1.25 else "  *"
        error = calibration_error(y[rows], scores[rows])
        print(f"  {source:18} {y[rows].mean():.3f}  {scores[rows].mean():.3f}  {error:.3f}  {slope:.2f}{mark}")


def learning_curve(corpus: Corpus, scores: FloatArray) -> None:
    """Print the calibration error on the rest of each source after recalibration with a few of its texts."""
    y = corpus.target("escal")
    rng = np.random.default_rng(0)
    print(f"\nrecalibration: calibration error on the rest of the source, mean of {DRAWS} draws (default, then by number of labels)")
    means = []
    for source, rows in source_rows(corpus, scores).items():
        curve = [_after(y[rows], scores[rows], size, rng) for size in SIZES if size < 0.7 * len(rows)]
        default = curve[0][0]
        means.append((default, [after for _, after in curve]))
        print(f"  {source:18} {default:.3f} -> " + "  ".join(f"{s}: {after:.3f}" for s, (_, after) in zip(SIZES, curve, strict=False)))
    for at, size in enumerate(SIZES):
        both = [(default, after[at]) for default, after in means if len(after) > at]
        print(f"  mean with {size:3} labels: {np.mean([d for d, _ in both]):.4f} -> {np.mean([a for _, a in both]):.4f}")


def _after(y: NDArray[np.int_], p: FloatArray, size: int, rng: np.random.Generator) -> tuple[float, float]:
    before, after = [], []
    z = log_odds(p)
    for _ in range(DRAWS):
        order = rng.permutation(len(y))
        few, rest = order[:size], order[size:]
        moved = stretched(Calibration(), *fit_line(z[few], y[few]), z[few])
        before.append(calibration_error(y[rest], p[rest]))
        after.append(calibration_error(y[rest], 1 / (1 + np.exp(-beta_map(z[rest], moved)))))
    return float(np.mean(before)), float(np.mean(after))


# --- pictures ------------------------------------------------------------------------------------


def draw(corpus: Corpus, scores: dict[str, FloatArray], folder: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from escalate.plot import reliability

    y, groups = corpus.target("escal"), subsets(corpus.table)
    figure, axes = plt.subplots(1, 3, figsize=(19, 6.2))
    for axis, group in zip(axes, ("random + keyword", "diverse", "articles"), strict=True):
        inside = groups[group]
        reliability(y[inside], scores["left-out sources"][inside], label=f"{group}, source left out", ax=axis)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "reliability.png", dpi=80, bbox_inches="tight")
    print(f"wrote {folder / 'reliability.png'}")


if __name__ == "__main__":
    main()
