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
# # Quickstart: one article, its score and its reasons
#
# We score one article, look at what the number rests on, and ask what would have changed it. It takes a minute.
#
# The score is the probability that a trained coder would say: *this text reports at least one current step, by a state or an organised
# armed group, that uses, credibly threatens, prepares or enables military force.* It is a reading of one text. It is not a forecast of
# war, and it does not check whether the text is true.
#
# Run this notebook in its own folder. In your clone of the repository, install what it needs with `pip install '.[notebooks]'`.

# %%
from pathlib import Path

import matplotlib.pyplot as plt

import escalate

ARTICLE = Path("../seeds/long-range-permission.md")  # change this line to read a text file of your own


# %% [markdown]
# The sample articles of this project carry their labels in a block between two lines of `+++`. A plain text file has no such block.


# %%
def read_article(path: Path) -> str:
    """Return the text of a file; the title of a sample article is put before its body."""
    import tomllib

    text = path.read_text(encoding="utf-8")
    if not text.startswith("+++\n"):
        return text
    _, head, body = text.split("+++\n", 2)
    return f"{tomllib.loads(head)['title']}\n\n{body.strip()}"


text = read_article(ARTICLE)
print(text[:400], "...")

# %% [markdown]
# ## The number

# %%
round(escalate.score(text), 3)

# %% [markdown]
# Read it as a frequency: of 100 texts with a score of 0.8, a coder marks about 80. It means the same for a headline and for a long
# article.
#
# ## The reasons
#
# `explain` gives the same number with everything that made it. In a notebook it shows itself as a highlighted text. Here is the terminal
# form, which says the same.

# %%
found = escalate.explain(text)
print(found)

# %% [markdown]
# Beside the score stand three things:
#
# - the **level**, 0 to 5: nothing, words, threat, preparation, use of force, war;
# - the **direction**, -1 to 1: does the text lower or raise the risk;
# - the **interval**: where the share of marked texts lies, nine times out of ten, among texts scored like this one.

# %%
low, high = found.interval
print(f"score {found.score:.2f} ({low:.2f} to {high:.2f}), level {found.level:.1f}, direction {found.direction:+.2f}")

# %% [markdown]
# ## A picture of it

# %%
found.plot()
plt.show()

# %% [markdown]
# Bars to the right raise the score, bars to the left lower it. All contributions, with the intercept and the form, sum to the log-odds.
# We can check that.

# %%
parts = [s.contribution for s in found.signals] + [w.contribution for w in found.words]
total = found.intercept + sum(found.structure.values()) + sum(parts)
print(f"sum of the parts {total:.6f}, log-odds {found.log_odds:.6f}")

# %% [markdown]
# ## Signals and their modes
#
# A signal is a family (what), a mode (how it stands) and the exact words. A strike that is feared is not a strike that happened.

# %%
for signal in sorted(found.signals, key=lambda s: -abs(s.contribution))[:8]:
    print(f"{signal.contribution:+.2f}  {signal.family:22} {signal.mode:13} {text[signal.start : signal.end]!r}")

# %% [markdown]
# ## What would have changed it?
#
# `without` reads the text again as if a signal were not there; `negated` as if it had been denied.

# %%
strongest = max(found.signals, key=lambda s: s.contribution)
print(f"strongest signal: {strongest.text!r}")
print(f"as it is {found.score:.2f}, without it {found.without(strongest).score:.2f}, denied {found.negated(strongest).score:.2f}")
print(f"without any signal {found.without(*found.signals).score:.2f}")

# %% [markdown]
# ## Small words decide
#
# The same act in six modes. Watch the score, and watch where the reading fails.

# %%
sentences = {
    "actual": "Jets bombed the port overnight.",
    "threatened": "Jets will bomb the port tomorrow, the minister vowed.",
    "hypothetical": "Residents fear that jets could bomb the port.",
    "negated": "The ministry denied that its jets had bombed the port.",
    "past": "In 1954 jets bombed the port.",
    "figurative": "Her new show bombed at the box office.",
}
scores = escalate.score(list(sentences.values()))
figure, axes = plt.subplots(figsize=(7, 2.6))
axes.barh(list(sentences), scores, color="#9a3b26")
axes.invert_yaxis()
axes.set(xlim=(0, 1), xlabel="score")
axes.bar_label(axes.containers[0], fmt="%.2f", padding=3)
plt.tight_layout()
plt.show()

# %% [markdown]
# ## Limits
#
# - English news only. For most other texts `found.warning` says why the score is unreliable.
# - The strongest reason is not always the right one: a remark in the background shares its words with the main fact.
# - History, sport or film told at length in the language of war can score high.
# - Do not use it to target or to judge people, or to decide anything without a person reading the text.
#
# Next: `02_batch_scoring` reads many articles at once.
