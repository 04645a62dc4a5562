"""The daily index of dated headlines against the Geopolitical Risk index of Caldara and Iacoviello, which people read from ten newspapers.

    python benchmarks/index.py --data FOLDER [--picture docs/pictures/index.png]

FOLDER holds headlines_2025.csv and gpr_daily.csv. Every way to make the index is reported, and none is fitted on the reference. Half a
minute on one core; the picture needs the extra ``plot``, copies the extra ``dedupe``.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import escalate
from escalate import RiskIndex, risk_index
from escalate.calibration import sigmoid
from escalate.model import Model, direction_of, level_of

WAR = re.compile(
    r"\b(?:war|wars|military|army|troops?|soldiers?|missiles?|strikes?|attack(?:s|ed)?|bomb(?:s|ed|ing)?|invasion|weapons?|nuclear|drones?|"
    r"airstrikes?|ceasefire|fighting|killed|battle|rebels?|terror\w*|militants?|navy)\b",
    re.IGNORECASE,
)
GPR_PAPERS = (
    *("Chicago Tribune", "The Daily Telegraph", "The Telegraph", "Financial Times", "The Globe and Mail", "The Guardian", "WSJ"),
    *("Los Angeles Times", "The New York Times", "USA Today", "The Wall Street Journal", "The Washington Post"),
)
"""The newspapers behind the reference, as the headlines spell them."""

WINDOW = 7
ASKED = {"7-day": 0.93, "daily": 0.66}
QUIET = "2026-02-27"
"""The last day before the war that fills the last month and with it much of any correlation."""

BLOCK, DRAWS = 28, 1000


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with headlines_2025.csv and gpr_daily.csv")
    parser.add_argument("--picture", type=Path, help="where to draw the index beside the reference")
    arguments = parser.parse_args(argv)
    news = scored(pd.read_csv(arguments.data / "headlines_2025.csv", keep_default_na=False), escalate.default_model())
    reference = pd.read_csv(arguments.data / "gpr_daily.csv", index_col="date", parse_dates=True).tz_localize("UTC")
    found = choices(news)
    known = labelled(arguments.data / "news_short.csv")
    if known:
        rest = news[~news["text"].isin(known)]
        found[f"best guess, without the {len(news) - len(rest):,} labelled ones"] = best_guess(rest)["risk"]
    days = next(iter(found.values())).index
    print(f"{len(news):,} headlines of {news['publisher'].nunique():,} publishers, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}")
    print("asked: " + ", ".join(f"{name} >= {least}" for name, least in ASKED.items()))
    report(found, reference)
    halves(news)
    if arguments.picture:
        draw(best_guess(news), reference, arguments.picture)


def scored(news: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return the headlines with their score, level, direction and chance of the highest rung."""
    rows = []
    for text in news["text"]:
        readings = model.readings(model.read(text))
        rows.append((sigmoid(readings["escal"]), level_of(readings), direction_of(readings), sigmoid(readings["rung5"])))
    found = news.join(pd.DataFrame(rows, news.index, ["risk", "level", "direction", "rung5"]))
    return found.assign(ladder=found["level"] / 5, war=found["text"].str.contains(WAR).astype(float))


def labelled(path: Path) -> set[str]:
    """Return the labelled texts, some of which the model has learned from."""
    return set(pd.read_csv(path, usecols=["text"])["text"]) if path.exists() else set()


# --- ways to make an index -----------------------------------------------------------------------


def series(news: pd.DataFrame, column: str = "risk", **options: Any) -> RiskIndex:
    """Return an index of headlines of which none is a copy any more."""
    return risk_index(news.assign(risk=news[column]), "date", risk="risk", source="publisher", **options)


def once(news: pd.DataFrame) -> pd.DataFrame:
    """Return the headlines without copies."""
    return news.loc[risk_index(news, "date", "text", risk="risk").articles.index]


def best_guess(news: pd.DataFrame) -> RiskIndex:
    """Return the index made as we would advise without looking at the reference: copies once, every publisher the same."""
    return risk_index(news, "date", "text", risk="risk", source="publisher", weights="balanced")


def choices(news: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the daily series of every way to make the index."""
    single = once(news)
    papers = single[single["publisher"].isin(GPR_PAPERS)]
    even = {"weights": "balanced"}
    found = {
        "headlines with a war word": series(news, "war")["risk"],
        "headlines with a war word, balanced, once": series(single, "war", **even)["risk"],
        "mean risk": series(news)["risk"],
        "mean risk, once": series(single)["risk"],
        "mean risk, balanced": series(news, **even)["risk"],
        "mean risk, balanced, once (best guess)": best_guess(news)["risk"],
    }
    for cut in (0.3, 0.5, 0.7, 0.9):
        found[f"share at {cut} or more, balanced, once"] = series(single, threshold=cut, **even)["share"]
    found["mean level, balanced, once"] = series(single, "ladder", **even)["risk"]
    found["mean chance of rung 5 (war), once"] = series(single, "rung5")["risk"]
    found["mean chance of rung 5 (war), balanced, once"] = series(single, "rung5", **even)["risk"]
    for column, what in (("risk", "marked headlines"), ("rung5", "headlines on rung 5")):
        count = series(single, column)
        found[f"expected number of {what}, once"] = count["risk"] * count["n"]
    found[f"mean risk, only the reference's papers ({len(papers):,})"] = series(papers)["risk"]
    return found


# --- figures -------------------------------------------------------------------------------------


def report(found: dict[str, pd.Series], reference: pd.DataFrame) -> None:
    """Print the correlations of every series with the reference."""
    heads = ("7-day", "95 % interval", "daily", "acts, 7-day", "threats, 7-day", "7-day to Feb 27")
    print(f"\n{'':54}" + "".join(f"{head:>17}" for head in heads))
    for name, series in found.items():
        both = reference.join(series.rename("ours"), how="inner")
        weeks = both.rolling(WINDOW).mean().dropna()
        if np.ptp(both["ours"]) == 0:
            print(f"{name:54}    the same every day")
            continue
        low, high = interval(weeks["ours"].to_numpy(), weeks["GPRD"].to_numpy())
        values = [weeks["ours"].corr(weeks["GPRD"]), both["ours"].corr(both["GPRD"])]
        values += [weeks["ours"].corr(weeks[part]) for part in ("GPRD_ACT", "GPRD_THREAT")]
        values.append(weeks.loc[:QUIET, "ours"].corr(weeks.loc[:QUIET, "GPRD"]))
        cells = [f"{values[0]:.3f}", f"{low:.2f} to {high:.2f}", *(f"{value:.3f}" for value in values[1:])]
        print(f"{name:54}" + "".join(f"{cell:>17}" for cell in cells))


def interval(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a correlation of two slow series: whole blocks of four weeks are drawn again."""
    rng = np.random.default_rng(0)
    count = -(-len(one) // BLOCK)
    starts = rng.integers(0, len(one) - BLOCK + 1, (DRAWS, count))
    rows = (starts[:, :, None] + np.arange(BLOCK)).reshape(DRAWS, -1)[:, : len(one)]
    drawn = [np.corrcoef(one[at], other[at])[0, 1] for at in rows if np.ptp(one[at]) > 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def halves(news: pd.DataFrame) -> None:
    """Print how far two halves of the publishers agree, and in how many days their bands allow for the difference."""
    rng = np.random.default_rng(0)
    names = rng.permutation(news["publisher"].unique())
    first = news["publisher"].isin(set(names[: len(names) // 2]))
    one, other = (best_guess(half) for half in (news[first], news[~first]))
    both = pd.concat({"one": one, "other": other}, axis=1, join="inner").dropna(subset=[("one", "risk"), ("other", "risk")])
    a, b = both["one"], both["other"]
    reach = np.hypot(a["risk_high"] - a["risk_low"], b["risk_high"] - b["risk_low"]) / 2
    held = ((a["risk"] - b["risk"]).abs() <= reach).mean()
    weeks = a["risk"].rolling(WINDOW).mean().corr(b["risk"].rolling(WINDOW).mean())
    print(f"\ntwo halves of the publishers: daily r {a['risk'].corr(b['risk']):.3f}, 7-day r {weeks:.3f}")
    print(f"their difference lies within what the two bands allow on {held:.0%} of days (95 % asked)")


# --- picture -------------------------------------------------------------------------------------


def draw(index: RiskIndex, reference: pd.DataFrame, path: Path) -> None:
    """Draw the index with its bands, and below it the reference, each with its 7-day mean."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from escalate import plot

    figure, (above, below) = plt.subplots(2, 1, figsize=(9.6, 6.6), layout="constrained", sharex=True)
    plot.index(index, ax=above)
    above.set_xlabel("")
    above.set_title(
        f"escalate: mean risk of {index['n'].sum():,} headlines, publishers balanced, copies once", loc="left", fontsize=11, pad=24
    )
    days = index.index.tz_localize(None)
    gpr = reference.loc[index.index[0] : index.index[-1], "GPRD"]
    below.plot(days, gpr, color=plot.SKY, linewidth=1, label="daily")
    below.plot(days, gpr.rolling(WINDOW).mean(), color=plot.VERMILION, linewidth=2, label="7-day mean")
    weeks = index["risk"].rolling(WINDOW).mean()
    above.plot(days, weeks, color=plot.VERMILION, linewidth=2, label="7-day mean")
    above.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    r = weeks.corr(gpr.rolling(WINDOW).mean())
    below.set_title(f"Geopolitical Risk index (Caldara and Iacoviello); 7-day means correlate at {r:.3f}", loc="left", fontsize=11)
    below.set_ylabel("index (mean of 1985 to 2019 = 100)")
    below.set_xlabel("day (UTC)")
    below.set_ylim(0, None)
    below.legend(frameon=False, loc="upper left", fontsize=9)
    below.spines[["top", "right"]].set_visible(False)
    below.grid(axis="y", color=plot.PALE, linewidth=0.8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    print(f"\nwrote {path}")


if __name__ == "__main__":
    main()
