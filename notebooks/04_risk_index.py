# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # An index over time
#
# From the scores of single articles to one line a day or a week: how much of what was published reports steps of force, between whom, and
# when it changed.
#
# The archive is invented: thirteen outlets, 62 days, four states that do not exist. Two crises run through it. One is defused, the other
# ends in war. Because it is invented, we know what happened, and can compare the index with it.
#
# Run this notebook in its own folder. In your clone of the repository, install what it needs with `pip install '.[notebooks]'`.

# %%
import json
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import escalate

ARCHIVE = Path("../seeds/archive.jsonl")  # change this line; columns date, text, title and outlet


# %%
def read_archive(path: Path) -> pd.DataFrame:
    """Return a table of articles from JSON Lines or CSV."""
    table = pd.read_json(path, lines=True) if path.suffix == ".jsonl" else pd.read_csv(path)
    return table.set_index("id") if "id" in table else table


news = read_archive(ARCHIVE)
dates = pd.to_datetime(news["date"]).dt.date
print(f"{len(news)} articles of {news['outlet'].nunique()} outlets, {dates.min()} to {dates.max()}")

# %% [markdown]
# ## Count
#
# `risk_index` finds copies of a story with the extra `dedupe`, which `notebooks` includes. Without it, say `duplicates=None`.

# %%
daily = escalate.risk_index(news, "date", "text", title="title", source="outlet")
daily.coverage.to_frame("rows")

# %% [markdown]
# Copies of one report count once: what many papers print is not more risk. Days without an article are gaps and not zeros. Days with
# fewer than five articles are *thin*.
#
# ## Look

# %%
figure, axes = plt.subplots(figsize=(9, 3.6))
escalate.plot.index(daily, ax=axes)
plt.tight_layout()
plt.show()

# %% [markdown]
# A day has about three articles here, so the bands are wide and the line jumps. Weeks are steadier.

# %%
weekly = escalate.risk_index(news, "date", "text", title="title", source="outlet", freq="W")
weekly[["risk", "risk_low", "risk_high", "n", "copies", "status"]].round(2)

# %% [markdown]
# ## Between whom
#
# The whole hides that one crisis cools while the other heats up. So we ask for one line for each pair of states that are named in one
# sentence. The lexicon does not know invented states: we give their names. For real ones leave `actors` out.

# %%
story_file = ARCHIVE.with_name("archive_story.json")
story = json.loads(story_file.read_text(encoding="utf-8")) if story_file.exists() else {}
states = {s["name"]: [s["name"], *s["demonyms"], s["capital"]] for crisis in "AB" if crisis in story for s in story[crisis]["states"]}

pairs = escalate.risk_index(news, "date", "text", title="title", source="outlet", freq="W", by="pairs", actors=states or None)
busiest = pairs.groupby(level=0)["n"].sum().sort_values(ascending=False).index[:2].tolist()
figure, axes = plt.subplots(figsize=(9, 3.6))
escalate.plot.index(pairs, lines=busiest, ax=axes)
plt.tight_layout()
plt.show()

# %% [markdown]
# ## Compare it with what happened
#
# The story of the archive lists its turning points. A few of them, beside the index of that week:

# %%
if story:
    names = {crisis: [s["name"] for s in story[crisis]["states"]] for crisis in "AB"}
    rows = []
    for crisis in "AB":
        line = next((pair for pair in busiest if all(name in pair for name in names[crisis])), None)
        for turn in story[crisis]["turning_points"][::4]:
            week = pd.offsets.Week(weekday=6).rollforward(pd.Timestamp(turn["date"], tz="UTC"))
            rows.append([turn["date"], turn["risk"], turn["what"][:70], pairs["risk"].get((line, week))])
    with pd.option_context("display.max_colwidth", 80):
        display(pd.DataFrame(rows, columns=["date", "goes", "what happened", "index"]).sort_values("date").round(2))

# %% [markdown]
# The pair that makes peace falls to nearly nothing. The pair that goes to war climbs and stays. A step that one short notice reports
# moves a weekly index little.
#
# ## Limits
#
# - The index is a reading of the articles you gave it. Other outlets, another index.
# - It follows the news. It is no forecast of war.
# - Bands take articles as independent. On a day that is filled by one story they are not, and the band is too narrow.
# - A pair's line says how much risk is reported where both are named, not who does what to whom.
#
# Next: `05_investigate` asks which articles are behind a change.
