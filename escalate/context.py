"""From hits to signals: frames joined inside a sentence, and the mode of each signal decided by the cues in whose scope it stands."""

from __future__ import annotations

from typing import NamedTuple

from escalate.lexicon import Family
from escalate.matching import CompiledCue, CompiledFrame, Hit, Matcher, SentenceHits
from escalate.text import Document

__all__ = ["RawSignal", "find_signals"]


class RawSignal(NamedTuple):
    """A signal in internal positions: a family in a mode, its span, and the act inside it."""

    family: str
    mode: str
    start: int
    end: int
    act_start: int
    act_end: int


def find_signals(document: Document, sentence: SentenceHits, matcher: Matcher) -> list[RawSignal]:
    """Return the signals of one sentence, in reading order, each in its mode."""
    hits = sentence.hits
    if not hits:
        return []
    joined = _join_frames(document, hits, matcher)
    if not joined:
        return []
    families = matcher.lexicon.families
    context = _Context(document, hits, matcher)
    signals = [_settle(signal, context.mode(signal), families) for signal in joined]
    return _merge(signals)


# --- frames --------------------------------------------------------------------------------------


def _join_frames(document: Document, hits: list[Hit], matcher: Matcher) -> list[RawSignal]:
    """Join acts with their objects; every signal is still actual."""
    entries = matcher.entries
    present = 0
    for hit in hits:
        present |= entries[hit.entry].mask
    found: list[RawSignal] = []
    for at, hit in enumerate(hits):
        for frame in entries[hit.entry].frames:
            if frame.unless & present or (frame.object and not frame.object & present):
                continue
            span = _span(document, hits, at, frame, matcher)
            if span:
                found.append(RawSignal(frame.family, "actual", *span, hit.start, hit.end))
    return found


def _span(document: Document, hits: list[Hit], at: int, frame: CompiledFrame, matcher: Matcher) -> tuple[int, int] | None:
    """Return the span of the frame opened by hit `at`, or None where its object is missing."""
    act = hits[at]
    if not frame.object:
        return act.start, act.end
    right = _nearest(document, hits, range(at + 1, len(hits)), act, frame, matcher) if frame.order != "backward" else None
    left = _nearest(document, hits, range(at - 1, -1, -1), act, frame, matcher) if frame.order != "forward" else None
    if right and left:
        right, left = (right, None) if right.start - act.end <= act.start - left.end else (None, left)
    if right:
        return act.start, right.end
    return (left.start, act.end) if left else None


def _nearest(document: Document, hits: list[Hit], order: range, act: Hit, frame: CompiledFrame, matcher: Matcher) -> Hit | None:
    """Return the nearest object of `frame` in the given direction, within its gap and the same clause."""
    reach = frame.gap * 12
    for i in order:
        hit = hits[i]
        start, end = (act.end, hit.start) if hit.start >= act.end else (hit.end, act.start)
        if end - start > reach:
            return None
        if end < start or not matcher.entries[hit.entry].mask & frame.object:
            continue
        apart = document.words.count(b" ", start, end) - 1
        if apart <= frame.gap and document.clauses.find(b";", start, end) < 0:
            return hit
        return None
    return None


# --- modes ---------------------------------------------------------------------------------------


class _Context:
    """The cues and scope boundaries of one sentence."""

    def __init__(self, document: Document, hits: list[Hit], matcher: Matcher) -> None:
        entries = matcher.entries
        self.document = document
        self.cues = [(hit.start, hit.end, cue) for hit in hits for cue in entries[hit.entry].cues]
        self.stops = [hit.start for hit in hits if entries[hit.entry].stop]

    def mode(self, signal: RawSignal) -> str:
        """Return the mode the strongest cue in reach gives; actual where there is none."""
        reaching = [(cue.rank, -distance, cue) for start, end, cue in self.cues if (distance := self._distance(signal, start, end, cue)) is not None]
        if not reaching:
            return "actual"
        lifted = {cue.only_over for _, _, cue in reaching if cue.only_over}
        modes = [(rank, near, cue.mode) for rank, near, cue in reaching if cue.mode not in lifted and not cue.only_over]
        return max(modes)[2] if modes else "actual"

    def _distance(self, signal: RawSignal, start: int, end: int, cue: CompiledCue) -> int | None:
        """Return the words between cue and signal, or None where the cue does not reach it."""
        if signal.family not in cue.families:
            return None
        if cue.direction == "sentence":
            return 0
        if cue.direction == "forward":
            if end > signal.act_start:
                return None
            left, right = end, signal.start if end <= signal.start else signal.act_start
        else:
            if start < signal.act_end:
                return None
            left, right = signal.end if start >= signal.end else signal.act_end, start
        apart = self.document.words.count(b" ", left, right) - 1
        return apart if apart < cue.scope and not self._stopped(left, right) else None

    def _stopped(self, left: int, right: int) -> bool:
        if any(left <= stop < right for stop in self.stops):
            return True
        return self.document.clauses.find(b";", left, right) >= 0 or self.document.clauses.find(b":", left, right) >= 0


def _settle(signal: RawSignal, mode: str, families: dict[str, Family]) -> RawSignal:
    """Give the signal its mode, and where the mode changes what it means, its new family."""
    family = families[signal.family]
    if mode == "actual":
        mode = family.base_mode
    moved = family.moves.get(mode)
    name, mode = moved.split("/") if moved else (signal.family, mode)
    return signal._replace(family=name, mode=mode)


def _merge(signals: list[RawSignal]) -> list[RawSignal]:
    """Merge overlapping signals of one family and mode into the longer one."""
    kept: list[RawSignal] = []
    for signal in sorted(signals, key=lambda s: (s.family, s.mode, s.start, -s.end)):
        last = kept[-1] if kept else None
        if last and last.family == signal.family and last.mode == signal.mode and signal.start < last.end:
            kept[-1] = last._replace(end=max(last.end, signal.end))
        else:
            kept.append(signal)
    return sorted(kept, key=lambda s: (s.start, s.end, s.family))
