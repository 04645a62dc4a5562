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
# # Your own labels: train, test on unseen sources, recalibrate
#
# Two questions, in this order. First: how good is a model trained on my labels, on a source it has never seen? Second: can I do with
# less, and only correct the scores of the shipped model?
#
# The sample labels are sentences written for this project. A few hundred are used here, so that the notebook is quick: the figures
# show the method and are not a measure of the library. Run this notebook in its own folder. In your clone of the repository, install what
# it needs with `pip install '.[notebooks]'`.

# %%
import random
import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

import escalate

LABELLED = Path("../seeds/contrasts.jsonl")  # change this line; the columns used are named in the next cell


# %% [markdown]
# ## The labels
#
# Each row has a `text` and a label `escal`: 1 where the text reports a current step that uses, credibly threatens, prepares or enables
# military force. `source` says where the text comes from. Here the register (report, local paper, broadcast, communique) stands for the
# source.


# %%
def read_labelled(path: Path, per_source: int = 130) -> pd.DataFrame:
    """Return columns text, escal and source; of the sample sentences only a few from each of four registers."""
    table = pd.read_json(path, lines=True) if path.suffix == ".jsonl" else pd.read_csv(path)
    if "register" not in table:
        return table[["text", "escal", "source"]]
    table = table.rename(columns={"register": "source"})
    table = table[table["source"].isin(["report", "local", "broadcast", "communique"])]
    order = table.sample(frac=1, random_state=7)
    return order.groupby("source").head(per_source)[["text", "escal", "source"]].reset_index(drop=True)


labelled = read_labelled(LABELLED)
labelled.groupby("source")["escal"].agg(["size", "mean"]).round(2)

# %% [markdown]
# ## Leave one source out
#
# A random split flatters: texts of one source share names, phrases and habits. So we hold out one source at a time, train on the others
# and score the one held out.

# %%
out_of_source = np.full(len(labelled), np.nan)
for source in labelled["source"].unique():
    held = (labelled["source"] == source).to_numpy()
    model = escalate.EscalationClassifier()
    model.fit(labelled["text"][~held], labelled["escal"][~held])
    out_of_source[held] = model.predict_proba(labelled["text"][held])[:, 1]

rows = [
    [source, len(part), roc_auc_score(part["escal"], part["score"]), brier_score_loss(part["escal"], part["score"])]
    for source, part in labelled.assign(score=out_of_source).groupby("source")
]
pd.DataFrame(rows, columns=["held out", "texts", "AUROC", "Brier"]).round(3)

# %% [markdown]
# AUROC says whether positives stand above negatives: 0.5 is chance, 1 is perfect. The Brier score also asks whether the numbers are
# right; lower is better. With so few sentences, most of them made in pairs that differ in one detail, this is a hard test.
#
# ## A reliability diagram
#
# Sort the texts into bins by score. In each bin compare the mean score with the share of positives. On the diagonal the numbers are
# right.


# %%
def reliability(labels, scores, bins: int = 6) -> pd.DataFrame:
    """Return mean score, share of positives and number of texts for bins of equal count."""
    table = pd.DataFrame({"label": np.asarray(labels), "score": np.asarray(scores)}).sort_values("score")
    table["bin"] = np.arange(len(table)) * bins // len(table)
    return table.groupby("bin").agg(score=("score", "mean"), share=("label", "mean"), texts=("label", "size"))


def draw(axes, labels, scores, name: str, colour: str) -> None:
    """Add one curve, with bars of one standard error."""
    found = reliability(labels, scores)
    error = np.sqrt(found["share"] * (1 - found["share"]) / found["texts"])
    axes.errorbar(found["score"], found["share"], yerr=error, marker="o", capsize=3, label=name, color=colour)
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle="dotted")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="mean score", ylabel="share of positives", aspect="equal")


figure, axes = plt.subplots(figsize=(4.6, 4.6))
draw(axes, labelled["escal"], out_of_source, "own model, source left out", "#9a3b26")
axes.legend(loc="upper left")
plt.tight_layout()
plt.show()

# %% [markdown]
# ## The whole model
#
# `train` does what the classifier does, and also fits the pooling of sentences, the calibration and the interval on texts whose source
# the weights have not seen. The result is one plain JSON file.

# %%
own = escalate.train(labelled["text"], labelled["escal"], groups=labelled["source"])
print(f"{own.score('Gunboats opened fire on the harbour at dawn.'):.2f}  a new sentence")
print(f"{own.score('The harbour hosts a regatta on Sunday.'):.2f}  another")
# own.save("my-model") writes it; escalate.Model.load("my-model") reads it

# %% [markdown]
# ## Recalibrate the shipped model
#
# Often the ranking is fine and only the numbers are off, because your texts differ from those the model was fitted on. Then some
# labels for recalibration help more than a new model. The shipped model was trained on the sentences above, so they cannot test it. We
# use the labelled sample articles, which it has not seen: one half to correct, the other to check.


# %%
def sample_articles(folder: Path) -> pd.DataFrame:
    """Return text and label of the sample articles."""
    rows = []
    for path in sorted(folder.glob("*.md")):
        parts = path.read_text(encoding="utf-8").split("+++\n", 2)
        if len(parts) == 3:  # what has no head is no article
            facts = tomllib.loads(parts[1])
            rows.append((f"{facts['title']}\n\n{parts[2].strip()}", facts["escal"]))
    return pd.DataFrame(rows, columns=["text", "escal"])


articles = sample_articles(Path("../seeds"))
drawn = set(random.Random(4).sample(range(len(articles)), len(articles) // 2))
first = articles.index.isin(drawn)
shipped = escalate.default_model()
corrected = shipped.recalibrate(articles["text"][first].tolist(), articles["escal"][first].tolist())

check = articles[~first]
before, after = shipped.score(check["text"].tolist()), corrected.score(check["text"].tolist())
pd.DataFrame(
    [
        [name, roc_auc_score(check["escal"], s), brier_score_loss(check["escal"], s)]
        for name, s in [("shipped", before), ("corrected", after)]
    ],
    columns=["model", "AUROC", "Brier"],
).round(3)

# %%
figure, axes = plt.subplots(figsize=(4.6, 4.6))
draw(axes, check["escal"], before, "shipped", "#5b7083")
draw(axes, check["escal"], after, "corrected", "#9a3b26")
axes.legend(loc="upper left")
plt.tight_layout()
plt.show()

# %% [markdown]
# The ranking is the same before and after: recalibration moves the numbers by a shift and a slope. Compare the Brier score on the half
# that was held back. Here recalibration did not help: the seed articles are hard, and 61 labels are few.
#
# ## Limits
#
# - Label texts drawn at random from those you will score. Labels picked by score teach the model your picking.
# - Ten labels are the least, fifty help on average, four hundred decide. With few, look at the bars before you believe a curve.
# - A model is as good as its codebook. Have a part coded twice, and count how often the two agree.
# - Test on sources that were left out. A random split promises what a new source will not keep.
