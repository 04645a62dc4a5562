"""The model card, generated from the facts in the model file so that it cannot drift from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
labelled for this project. Where a file of opinions is named above, an encoder that was fine-tuned on the same labels, but had learned
nothing from the source in question, softens the labels of short texts and contrast sentences. News texts belong to their publishers;
only single words and short phrases learned from them are in the model.
"""

_LIMITS = """## Where it fails

See `docs/limits.md` and the strict expected failures in the tests. In short: wars and genres unlike those it learned from cost it
accuracy (compare folds with left-out sources); war as a mere setting, reported speech about force, and unusual wording without any
known word of force are its commonest mistakes.
"""


NEWS_TABLE_SHA256 = "bba09330e7d7827ed50399618cf0a08596755b0fdc709ce94682addf34d7557e"
"""Checksum of the table whose labels are described here; another table of the same name was labelled by others."""

_OWN_LABELS = """## How the labels were made

Not known to the library: say here who labelled the texts, by which rule, and how often two of them agreed.
"""

_CHANGES = """## Changes

First public model. Later ones list here what changed in data, lexicon and measured quality.
"""


def card_text(model: Model) -> str:
    """Return the card of `model` as Markdown: the same whether the model was just trained or read from its file, which sorts its facts."""
    metrics = model.meta.get("metrics", {})
    learned_from_news = NEWS_TABLE_SHA256 in model.meta.get("data", {}).get("files", {}).values()
    labels, changes = (_LABELS, [_CHANGES]) if learned_from_news else (_OWN_LABELS, [])
    return "\n".join([_HEAD, *_learned(model), labels, *_measured(metrics), *_promised(model, metrics), _LIMITS, *changes])


def _learned(model: Model) -> Iterator[str]:
    data = model.meta.get("data", {})
    yield "## What it learned from\n"
    sources = f"{data.get('sources', 0)} source" + "s" * (data.get("sources") != 1)
    yield f"{data.get('short_texts', 0):,} short texts and {data.get('articles', 0):,} articles from {sources},"
    written = f"{data.get('contrast_sentences', 0):,} contrast sentences and {data.get('contrast_paragraphs', 0):,} contrast paragraphs"
    yield f"and {written}; {data.get('positives', 0):,} of all are positive."
    yield f"The model holds {len(model.features):,} named features and {len(model.vocabulary):,} learned words, phrases, stems and pairs"
    yield f"over a lexicon of {len(model.lexicon.terms):,} terms and {len(model.lexicon.frames)} frames. Version `{model.version}`.\n"
    for name, digest in sorted(data.get("files", {}).items()):
        yield f"- `{name}`: sha256 `{digest}`"
    yield ""


def _measured(metrics: Mapping[str, Any]) -> Iterator[str]:
    yield "## How good it is\n"
    yield (
        "Every text is scored by weights, pooling layer and calibration that have not seen its fold or source. *Calibration error* is the\n"
        "mean difference between score and share of positives over ten bins of equal count, with its 95 % bootstrap interval where given;\n"
        "*slope* that of a logistic recalibration (1 is right). *Level* is the quadratic weighted kappa of the rung, *direction* the\n"
        "macro-F1.\n"
    )
    if metrics and "left-out sources" not in metrics:
        yield "The tables name no sources that could be left out in turn, so how good it is on sources it has not seen is not known.\n"
    for name, groups in sorted(metrics.items()):
        if name != "intervals":
            yield f"### {name.capitalize()}\n"
            graded = any("level_kappa" in values for values in groups.values())
            columns = [*_COLUMNS, *(_GRADED if graded else {})]
            yield "| texts | n | positives | " + " | ".join({**_COLUMNS, **_GRADED}[column] for column in columns) + " |"
            yield "|---" * (3 + len(columns)) + "|"
            yield from (_row(group, values, columns) for group, values in sorted(groups.items()))
            yield ""


_COLUMNS = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "brier": "Brier",
    "calibration_error": "calibration error",
    "slope": "slope",
    "f1": "F1 at 0.5",
}
_GRADED = {"level_kappa": "level", "direction_f1": "direction"}


def _row(name: str, values: Mapping[str, Any], columns: Sequence[str]) -> str:
    shown = [str(values["n"]), str(values["positives"])]
    for column in columns:
        text = "-" if values.get(column) is None else f"{values[column]:.3f}"
        if column == "calibration_error" and "calibration_error_95" in values:
            low, high = values["calibration_error_95"]
            text += f" ({low:.3f}-{high:.3f})"
        shown.append(text)
    return f"| {name} | " + " | ".join(shown) + " |"


def _promised(model: Model, metrics: Mapping[str, Any]) -> Iterator[str]:
    yield "## What a score promises\n"
    yield f"Calibrated to a share of positives of {model.calibration.prevalence:.3f}; `score(text, prevalence=...)` moves it to yours."
    yield "`docs/calibration.md` says what this means; its reliability diagrams are drawn by `benchmarks/calibration.py`."
    for name, share in sorted(metrics.get("intervals", {}).items()):
        if share is not None:
            yield f"The 90 % interval holds {share:.1%} of the cells of 50 texts ({name})."
    off = [
        f"{source} ({values['slope']:.2f})"
        for source, values in sorted(metrics.get("left-out sources by source", {}).items())
        if values["positives"] >= 30 and not 0.8 <= values["slope"] <= 1.25
    ]
    if off:
        yield "Left-out sources with 30 or more positives on which the slope lies outside 0.8 to 1.25: " + ", ".join(off) + "."
    if found := model.thresholds():
        yield "\n| goal, on left-out sources | cut-off | precision, recall on known sources | on unseen sources |\n|---|---|---|---|"
        for t in found:
            known, unseen = f"{t.known_precision:.2f}, {t.known_recall:.2f}", f"{t.unseen_precision:.2f}, {t.unseen_recall:.2f}"
            yield f"| {t.goal} | {t.score:.3f} | {known} | {unseen} |"
    yield ""
