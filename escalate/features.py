"""Named sparse features of one sentence: family x mode signals, actors and scope, counter-evidence, structure.

Every feature is present or absent, so length and repetition change nothing. Names read as what they are: ``strike:actual``,
``escalatory:threatened+sport``, ``term:casualty``, ``actor:two_states``, ``form:question``.
"""

from __future__ import annotations

from collections.abc import Iterable

from escalate.context import RawSignal
from escalate.matching import Matcher, SentenceHits
from escalate.text import Document

__all__ = ["sentence_features"]

_TOPICS = ("crime", "sport", "business", "culture", "history", "disaster")


def sentence_features(document: Document, sentence: SentenceHits, signals: list[RawSignal], matcher: Matcher) -> set[str]:
    """Return the names of the features that hold in one sentence, learned words left out."""
    found = _signal_features(signals, matcher)
    found |= _term_features(sentence, matcher)
    scope = _scope_features(sentence, matcher)
    found |= scope
    found |= _crossed(found, scope, signals)
    found |= _form_features(document, sentence)
    return found


def _signal_features(signals: Iterable[RawSignal], matcher: Matcher) -> set[str]:
    families = matcher.lexicon.families
    found: set[str] = set()
    for signal in signals:
        family = families[signal.family]
        found.add(f"{signal.family}:{signal.mode}")
        if family.group != "counter":
            found.add(f"{family.group}:{signal.mode}")
            found.add(f"rung{family.rung}:{signal.mode}")
        else:
            found.add(f"topic:{signal.family}")
    return found


def _term_features(sentence: SentenceHits, matcher: Matcher) -> set[str]:
    found: set[str] = set()
    for hit in sentence.hits:
        found.update(matcher.features_of(hit.entry))
    return found


def _scope_features(sentence: SentenceHits, matcher: Matcher) -> set[str]:
    """Say who is there: states (one or more), armed groups, alliances, nobody."""
    actors = {matcher.entries[hit.entry].actor for hit in sentence.hits} - {""}
    kinds = [matcher.lexicon.actors[name].kind for name in actors]
    found = {f"actor:{kind}" for kind in kinds}
    if kinds.count("state") > 1:
        found.add("actor:two_states")
    return found or {"actor:none"}


def _crossed(found: set[str], scope: set[str], signals: list[RawSignal]) -> set[str]:
    """Cross the groups of signals with the topics and actors beside them."""
    groups = {name for name in found if name.startswith(("escalatory:", "pressure:", "deescalatory:"))}
    beside = scope | {name for name in found if name.startswith("topic:")}
    if not groups:
        return {"form:no_signal"}
    return {f"{group}+{other}" for group in groups if group.startswith("escalatory:") for other in beside}


def _form_features(document: Document, sentence: SentenceHits) -> set[str]:
    clauses = document.clauses
    found = set()
    last = clauses[sentence.start : sentence.end].rstrip()[-1:]
    if last == b"?":
        found.add("form:question")
    elif last not in (b".", b"!"):
        found.add("form:headline")
    if any(mark in document.edited[sentence.start - 1 : sentence.end - 1] for mark in ('"', "\u201c")):
        found.add("form:quote")
    return found
