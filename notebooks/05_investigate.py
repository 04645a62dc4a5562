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
# # Investigate a change
#
# The index rose. Why? We go from the line to the day, from the day to its articles, from an article to its sentences and words, and ask
# at each step whether to believe it.
#
# The archive is invented, so nothing here is about a real state. Run this notebook in its own folder. In your clone of the repository,
# install what it needs with `pip install '.[notebooks]'`.

# %%
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
index = escalate.risk_index(news, "date", "text", title="title", source="outlet")

# %% [markdown]
# ## Where does the level change?
#
# `changes` cuts the series into stretches of one level. A single loud day is no change.

# %%
changes = index.changes()
with pd.option_context("display.max_colwidth", 70):
    display(changes.round(2))

# %% [markdown]
# Few change points are found: with some three articles a day, only a large and lasting change stands out from the noise. The day itself
# can be asked for all the same. We take the first change point, or the highest day if there is none.

# %%
day = changes.index[0] if len(changes) else index["risk"].idxmax()
figure, axes = plt.subplots(figsize=(9, 3.4))
escalate.plot.index(index, ax=axes)
axes.axvline(day, color="#9a3b26", linewidth=1)
plt.tight_layout()
plt.show()

# %% [markdown]
# ## Which articles moved it?
#
# Each article adds its share of the day, times how far its score lies from the week before. The contributions sum to the change.

# %%
movers = index.movers(day)
print(f"from {movers.attrs['before']:.2f} to {movers.attrs['risk']:.2f}, a change of {movers.attrs['change']:+.2f}")
with pd.option_context("display.max_colwidth", 80):
    display(movers[["headline", "source", "risk", "copies", "contribution"]].round(2))

# %% [markdown]
# ## Is the article what it seems?

# %%
articles = news["title"] + "\n\n" + news["text"]
top = movers.index[0]
found = escalate.explain(articles[top])
print(found)

# %%
found.plot()
plt.show()

# %% [markdown]
# ## The second one
#
# The first article is rarely the one that misleads. Read the next as well: does it report a step, or only speak in the language of war?

# %%
second = escalate.explain(articles[movers.index[min(1, len(movers) - 1)]])
print(second.text[:500])
print()
for signal in sorted(second.signals, key=lambda s: -abs(s.contribution))[:6]:
    print(f"{signal.contribution:+.2f}  {signal.family:20} {signal.mode:12} {signal.text!r}")

# %% [markdown]
# ## How much hangs on it?
#
# Leave one article out at a time and look at the day again. If one article carries the change, the change is as good as that article.

# %%
rows = []
for label in movers.index:
    without = escalate.risk_index(news.drop(index=label), "date", "text", title="title", source="outlet")
    rows.append([movers["headline"][label], without["risk"].get(day)])
with pd.option_context("display.max_colwidth", 80):
    display(pd.DataFrame(rows, columns=["without", "index of the day"]).round(2))

# %% [markdown]
# ## Did the scores agree with a reader?
#
# This archive carries labels. Yours may not: then read ten articles by hand.

# %%
if "escal" in news:
    counted = index.articles.join(news["escal"])
    wrong = counted[(counted["risk"] >= 0.5) != (counted["escal"] == 1)]
    print(f"{len(wrong)} of {len(counted)} counted articles stand on the wrong side of 0.5")
    with pd.option_context("display.max_colwidth", 70):
        display(wrong.assign(far=(wrong["risk"] - 0.5).abs()).nlargest(8, "far")[["headline", "risk", "escal"]].round(2))

# %% [markdown]
# ## Limits
#
# - A change of the index is a change of what was published. Ask first whether an outlet came or went.
# - Election nights, derbies and quarterly results told in the language of war can raise a thin day. The list of articles shows it.
# - The account of a score is exact about the model, and says nothing about whether the article is true.
# - Not for targeting people. What is found here is a reason to read on.
