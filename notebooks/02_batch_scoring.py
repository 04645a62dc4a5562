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
# # Many articles: score a table, sort it, decide what to read
#
# You have more articles than time. We score a table of them, sort it with the highest scores on top, and choose a cut-off knowing what
# it costs: every cut-off misses something.
#
# Run this notebook in its own folder. In your clone of the repository, install what it needs with `pip install '.[notebooks]'`.

# %%
import tomllib
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import escalate

warnings.filterwarnings("ignore", message="IProgress not found")  # without ipywidgets the bar is drawn in characters


def sample_articles(folder: Path) -> pd.DataFrame:
    """Return the sample articles of this project: date, title, text and the label `escal`."""
    rows = []
    for path in sorted(folder.glob("*.md")):
        parts = path.read_text(encoding="utf-8").split("+++\n", 2)
        if len(parts) == 3:  # what has no head is no article
            facts = tomllib.loads(parts[1])
            rows.append({name: facts[name] for name in ("date", "title", "escal")} | {"text": parts[2].strip()})
    return pd.DataFrame(rows)


# %% [markdown]
# A table of your own needs a column `text`. A column `title` is read before the text if you have one, and `escal` (0 or 1) is only
# needed for the section that counts mistakes.

# %%
news = sample_articles(Path("../seeds"))  # change this line, for example to: news = pd.read_csv("my-news.csv")
print(f"{len(news)} articles, {news['text'].str.split().str.len().median():.0f} words each (median)")

# %% [markdown]
# ## Score them
#
# `progress=True` shows a bar; on a terminal it comes by itself.

# %%
wanted = ["risk", "low", "high", "level", "direction", "status", "reasons"]
scores = escalate.score_frame(news, title="title", columns=wanted, progress=True)
news = news.assign(**scores)
news[["risk", "level", "direction", "title"]].sort_values("risk", ascending=False).head(8).round(2)

# %% [markdown]
# A row that cannot be scored does not stop the others. Its `status` says why.

# %%
broken = pd.DataFrame({"text": ["The army shelled two villages.", None, "   ", 42]})
broken.assign(**escalate.score_frame(broken, columns=["risk", "status"], progress=False))

# %% [markdown]
# ## What stands behind the rows
#
# `reasons` holds the three signals or words that move each score most. It costs several times as long, so ask for it when you read, not
# when you filter.

# %%
with pd.option_context("display.max_colwidth", 110):
    display(news.sort_values("risk", ascending=False)[["risk", "reasons"]].head(5).round(2))

# %% [markdown]
# ## Look at the whole before you choose

# %%
marked = news["escal"].astype(bool) if "escal" in news else pd.Series(False, index=news.index)
figure, axes = plt.subplots(figsize=(7, 3))
axes.hist([news["risk"][~marked], news["risk"][marked]], bins=np.linspace(0, 1, 21), stacked=True, color=["#b9c3c9", "#9a3b26"])
axes.legend(["coder: no step reported", "coder: a step reported"])
axes.set(xlabel="score", ylabel="articles")
plt.tight_layout()
plt.show()

# %% [markdown]
# The samples were written to be hard: many are about war and report no current step. Your own feed will look calmer.
#
# ## What to trust
#
# An interval is wide where the model has little to go by. Read those rows first.

# %%
shown = news.sort_values("risk").reset_index(drop=True)
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.fill_between(shown.index, shown["low"], shown["high"], color="#b9c3c9", label="interval")
axes.plot(shown.index, shown["risk"], color="#9a3b26", label="score")
axes.set(xlabel="articles, sorted by score", ylabel="score", ylim=(0, 1))
axes.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# ## Thresholds
#
# The model carries cut-offs for three goals, and what each reached on sources it had not seen.

# %%
cuts = pd.DataFrame([[t.goal, t.score, t.unseen_precision, t.unseen_recall] for t in escalate.thresholds()])
cuts.columns = ["goal", "cut-off", "precision", "recall"]
cuts.round(2)

# %% [markdown]
# What do they do here? The table counts, for each cut-off, what is taken and what is missed.

# %%
if "escal" in news:
    rows = []
    for threshold in escalate.thresholds():
        taken = news["risk"] >= threshold.score
        rows.append([threshold.goal, taken.sum(), (taken & marked).sum(), (taken & ~marked).sum(), (~taken & marked).sum()])
    display(pd.DataFrame(rows, columns=["goal", "taken", "right", "wrong", "missed"]))

# %% [markdown]
# The shares differ from those above: half of these articles report a step, where the cut-offs were chosen for a quarter, and many of the
# others are traps. A cut-off carries over only as far as your texts look like those it was measured on. Label a hundred of your own and
# count (`03_train_and_calibrate`).
#
# ## Your share of positives
#
# The default assumes that about a quarter of the texts report a step. If it is one in fifty in your feed, say so. The order stays, the
# numbers move.

# %%
texts = (news["title"] + "\n\n" + news["text"]).tolist()
rare = escalate.score(texts, prevalence=0.02)
print(f"mean score {news['risk'].mean():.2f}; at a share of 0.02 it is {rare.mean():.2f}")

# %% [markdown]
# ## Where it went wrong
#
# Always read some of both kinds.

# %%
if "escal" in news:
    high = news[~marked].sort_values("risk", ascending=False).head(4).assign(mistake="too high")
    low = news[marked].sort_values("risk").head(4).assign(mistake="too low")
    display(pd.concat([high, low])[["mistake", "risk", "title"]].round(2))

# %% [markdown]
# ## Limits
#
# - Sort by the score and read from the top. A cut-off throws away what the score knows.
# - Copies of one report count as often as they come. Remove them first if you count articles.
# - A mean of scores over a feed says how much of the *news* reports such steps. It depends on what is reported, and by whom. It is not
#   the risk of war.
# - Files too large for memory: `escalate batch news.csv scored.csv` reads them row by row, and `--resume` continues an interrupted run.
