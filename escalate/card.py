"""The model card, generated from the facts in the model file so that it cannot drift from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from escalate.model import Model

__all__ = ["card_text"]

_HEAD = """# Model card

**What it says.** `score(text)` is the probability that a trained coder would mark the text as reporting at least one current step,
by a state or an organised armed group, that uses, credibly threatens, prepares or enables military force. It is a reading of one
text, not a forecast of war, and not a statement about what is true.

**Intended use.** Sorting, filtering and indexing English news about international and internal armed conflict, with a person reading
what is found. **Not for** targeting or judging people, for automatic decisions, for languages other than English, for social-media
chatter, or as a probability that war will come.
"""

_LABELS = """## How the texts were labelled

By language-model annotators that read every text against the codebook, one pass, without keyword help. 2,456 items were coded twice,
independently: Cohen's kappa 0.95 on the target (articles 0.92, short texts 0.97), weighted kappa 0.96 on the rung, 0.92 on the direction.
The annotators are of one kind, so shared blind spots are possible; take 0.95 as an upper estimate. Contrast sentences were written and
labelled for this project. News texts belong to their publishers; only single words and short phrases learned from them are in the model.
"""

_LIMITS = """## Where it fails

See `docs/limits.md` and the strict expected failures in the tests. In short: wars and genres unlike those it learned from cost it
accuracy (compare folds with left-out sources); war as a mere setting, reported speech about force, and unusual wording without any
known word of force are its commonest mistakes.
"""


def card_text(model: Model) -> str:
    """Return the card of `model` as Markdown."""
    return "\n".join([_HEAD, *_learned(model), _LABELS, *_measured(model.meta.get("metrics", {})), _LIMITS])


def _learned(model: Model) -> Iterator[str]:
    data = model.meta.get("data", {})
    yield "## What it learned from\n"
    yield f"{data.get('short_texts', 0):,} short texts and {data.get('articles', 0):,} articles from {data.get('sources', 0)} sources, and "
    yield f"{data.get('contrast_sentences', 0):,} contrast sentences; {data.get('positives', 0):,} of all are positive. "
    yield f"The model holds {len(model.features):,} named features and {len(model.vocabulary):,} learned words, phrases and stems "
    yield f"over a lexicon of {len(model.lexicon.terms):,} terms and {len(model.lexicon.frames)} frames.\n"
    for name, digest in data.get("files", {}).items():
        yield f"- `{name}`: sha256 `{digest}`"
    yield ""


def _measured(metrics: Mapping[str, Any]) -> Iterator[str]:
    yield "## How good it is\n"
    yield "Every text is scored by a model, pooling layer and calibration that have not seen its fold or source.\n"
    for name, groups in metrics.items():
        yield f"### {name.capitalize()}\n"
        yield "| texts | n | positives | AUROC | average precision | Brier | calibration error | F1 at 0.5 |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from (_row(group, values) for group, values in groups.items())
        yield ""


def _row(name: str, values: Mapping[str, Any]) -> str:
    shown = [values["n"], values["positives"]]
    shown += ["-" if values[k] is None else f"{values[k]:.3f}" for k in ("auroc", "average_precision", "brier", "calibration_error", "f1")]
    return f"| {name} | " + " | ".join(map(str, shown)) + " |"
