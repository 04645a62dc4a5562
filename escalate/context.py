"""From hits to signals: frames joined inside a sentence, and the mode of each signal decided by the cues in whose scope it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from escalate.inflect import irregular_pasts
from escalate.lexicon import Family
from escalate.matching import CompiledCue, CompiledFrame, Hit, Matcher, SentenceHits, soon
from escalate.text import Document

__all__ = ["Kind", "Kinds", "RawSignal", "find_signals", "is_covered", "kinds_of", "quiet_spans", "settle"]

_AND = re.compile(rb" and (?:\w+ ){0,2}$")
"""What stands before a verb that begins a clause of its own; a subject of two words may come between."""

_ANEW = re.compile(rb" (?:and|but) (?:will|would|shall|then|now|today|instead) ")
"""What opens a second clause whatever its verb: "will not attack the city and will shell the port"."""

_NO_PAST = frozenset(
    b"armed guided manned unmanned planned alleged proposed continued renewed suspected sustained repeated limited united".split()
)
"""Words that end like a past tense and stand before a noun: "rejected talks and armed struggle"."""

_PASTS = frozenset(past.encode() for past in irregular_pasts()) - frozenset(b"ground wound left shot bound set cut saw hit".split())
"""Past tenses that are hardly ever anything else."""

_UNCHANGED = frozenset(b"cut hit put set shot shut".split())
"""Verbs whose past tense looks like another form, and that are verbs directly behind "and"."""

_PRESENTS = frozenset(
    b"annexes announces bombards calls captures closes crosses cuts declares deploys expels fires flies imposes invades kills launches "
    b"lays masses mobilises mobilizes moves occupies opens orders pours puts reinforces resumes rolls rushes seizes sends sets shoots "
    b"sinks stations storms surrounds takes threatens vows".split()
)
"""Third persons of the present that are no plurals: "cancels the visit and fires missiles"."""

_STRONG_MARKS, _MARKS = re.compile(b"[;:]"), re.compile(b"[;:,]")
"""What ends the reach of a cue, and of one that a comma stops too."""

_RELATIVE = re.compile(rb" (?:which|who|whose|where) ")
"""What opens a clause about the word before it."""

_SINCE = re.compile(rb" since (?:\w+ +){0,6}$")
"""What stands before a time that only measures: "the heaviest shelling since the war of 2006"."""

_OPEN = re.compile(rb"(?<! as)(?<! even) (?:whether|if|unless|might) +(?:\w+ +){0,6}$")
"""What leaves open whether a denial holds."""

_OPEN_REACH = 80
"""Characters before a denial in which that is looked for."""

_DETERMINERS = (b" the ", b" a ", b" an ", b" its ", b" their ", b" his ", b" her ")

_AUXILIARIES = (b" was ", b" were ", b" has ", b" have ", b" had ")

LONG_WORD = 12
"""Characters of a long word and its blank: words of this length fill a gap."""

SHORT_GAP = 6
"""Words of a gap up to which a frame joins words of one clause only; a longer one is meant to reach further."""

_OTHER_CLAUSE = re.compile(rb" (?:while|whereas|although|though) ")
"""What opens a clause that says something else."""

_QUIET_MODES = frozenset({"negated", "past", "figurative"})


class RawSignal(NamedTuple):
    """A signal in internal positions: a family in a mode, its span, and the act inside it."""

    family: str
    mode: str
    start: int
    end: int
    act_start: int
    act_end: int


Kind = tuple[str, str]
"""Family and mode of a signal."""

Kinds = tuple[Kind, ...]
"""Those of the signals of a sentence."""


def kinds_of(signals: Sequence[RawSignal]) -> Kinds:
    """Return the family and mode of each signal."""
    return tuple([(signal.family, signal.mode) for signal in signals])


def find_signals(document: Document, sentence: SentenceHits, matcher: Matcher) -> list[RawSignal]:
    """Return the signals of one sentence, in reading order, each in its mode."""
    joined = dict.fromkeys(_join_frames(document, sentence, matcher))  # several frames find the same
    if not joined:
        return []
    families = matcher.lexicon.families
    signals = [signal for signal in joined if families[signal.family].group == "counter"]  # a topic has no mode but to be there
    if len(signals) < len(joined):
        context = _Context(document, sentence, matcher)
        acts = [signal for signal in joined if families[signal.family].group != "counter"]
        signals += [settle(signal, context.mode(signal), families) for signal in acts]
    return _merge(_without_covered(signals, families)) if len(signals) > 1 else signals


def quiet_spans(signals: list[RawSignal], families: dict[str, Family]) -> list[tuple[int, int]]:
    """Return the spans whose words of force are not meant as force now: refused, ended, past, figurative.

    What stands there counts through its signal, and not once more as if nothing stood around it.
    """
    return [(s.start, s.end) for s in signals if s.mode in _QUIET_MODES or families[s.family].group == "deescalatory"]


def is_covered(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    """Say whether a term stands inside one of the spans."""
    return bool([left for left, right in spans if left <= start and end <= right])


# --- frames --------------------------------------------------------------------------------------


def _join_frames(document: Document, sentence: SentenceHits, matcher: Matcher) -> list[RawSignal]:
    """Join acts with their objects; every signal is still actual."""
    hits, fitting = sentence.hits, matcher.fitting
    present = sentence.present
    found: list[RawSignal] = []
    for at, (term, start, end) in enumerate(hits):
        if not term.opens & present:
            continue
        for frame in fitting(term.mask, present & term.asked):
            span = _span(document, hits, at, frame) if frame.object else (start, end)
            if span:
                found.append(RawSignal(frame.family, "actual", span[0], span[1], start, end))
    return found


def _span(document: Document, hits: list[Hit], at: int, frame: CompiledFrame) -> tuple[int, int] | None:
    """Return the span of the frame opened by hit `at`, or None where its object is missing."""
    _, start, end = hits[at]
    right = _object_right(document, hits, at, frame) if frame.order != "backward" else None
    left = _object_left(document, hits, at, frame) if frame.order != "forward" else None
    if right and left:
        right, left = (right, None) if right[1] - end <= start - left[2] else (None, left)
    if right:
        return start, right[2]
    return (left[1], end) if left else None


def _object_right(document: Document, hits: list[Hit], at: int, frame: CompiledFrame) -> Hit | None:
    """Return the next object of `frame`, if it stands within the gap and in the same clause."""
    wanted = frame.object
    for i in range(at + 1, len(hits)):
        if hits[i][0].mask & wanted:
            return hits[i] if _together(document, hits[at][2], hits[i][1], frame.gap) else None
    return None


def _object_left(document: Document, hits: list[Hit], at: int, frame: CompiledFrame) -> Hit | None:
    """Return the last object of `frame` before the act, if it stands within the gap and in the same clause."""
    wanted = frame.object
    for i in range(at - 1, -1, -1):
        if hits[i][0].mask & wanted:
            left, right = hits[i][2], hits[at][1]
            return hits[i] if _together(document, left, right, frame.gap) and not _parted(document, left, right, frame.gap) else None
    return None


def _together(document: Document, left: int, right: int, gap: int) -> bool:
    """Say whether at most `gap` words of usual length and no semicolon stand between two terms."""
    if right - left > 1 + gap * LONG_WORD:
        return False
    words = document.words
    if words.count(b" ", left, right) > gap + 1 or document.clauses.find(b";", left, right) >= 0:
        return False
    return gap > SHORT_GAP or not _OTHER_CLAUSE.search(words, left - 1, right + 1)


def _parted(document: Document, left: int, right: int, gap: int) -> bool:
    """Say whether a new clause begins before the act: "left no doubt of its fleet, and sailed"."""
    return gap <= SHORT_GAP and document.clauses.find(b", and ", left, right) >= 0


# --- modes ---------------------------------------------------------------------------------------


class _Context:
    """The cues and scope boundaries of one sentence."""

    def __init__(self, document: Document, sentence: SentenceHits, matcher: Matcher) -> None:
        self.document, self.start = document, sentence.start
        self.families = matcher.lexicon.families
        met = [(start, end, cue) for term, start, end in sentence.hits for cue in term.cues]
        self.cues = [found for found in (*self._opening(sentence, matcher), *met) if found[2].is_bare or self._counts(sentence, *found)]
        self.stops = matcher.stops
        self.adjacent = matcher.adjacent

    def _opening(self, sentence: SentenceHits, matcher: Matcher) -> Iterator[tuple[int, int, CompiledCue]]:
        """Yield the cues that the sentence opens with."""
        words = self.document.words
        start = sentence.end - len(words[sentence.start : sentence.end].lstrip())
        for opener, cue in matcher.opening.get(words[start : words.find(b" ", start)], ()):
            if words.startswith(opener, start):
                yield start, start + len(opener) - 1, cue

    def _counts(self, sentence: SentenceHits, start: int, end: int, cue: CompiledCue) -> bool:
        """Say whether a cue finds around it what it asks for."""
        words, clauses = self.document.words, self.document.clauses
        return (
            (not cue.after or _past_blanks(words, sentence.start, start).endswith(cue.after))
            and (not cue.before or bool(soon(cue.before).match(words, end)))
            and (not cue.asks or clauses[sentence.start : sentence.end].rstrip().endswith(b"?"))
        )

    def mode(self, signal: RawSignal) -> str:
        """Return the mode the strongest cue in reach gives; actual where there is none."""
        reaching = [(cue.rank, 0, cue, signal.act_start) for cue in self._directly_before(signal)]
        lifting: list[tuple[int, CompiledCue]] = []
        for start, end, cue in self.cues:
            apart = self._distance(signal, start, end, cue) if self._acts_on(signal, cue) else None
            if apart is None:
                continue
            if cue.only_over:
                lifting.append((-apart, cue))
            else:
                reaching.append((cue.rank, -apart, cue, start))
        modes = [(rank, near, cue.mode, at) for rank, near, cue, at in reaching if not (lifting and _is_lifted(rank, near, cue, lifting))]
        if not modes:
            return "actual"
        _, _, mode, at = max(modes)
        return "hypothetical" if mode == "negated" and self._is_open(at) else mode

    def _is_open(self, at: int) -> bool:
        """Say whether a denial is itself only asked or supposed: "if the talks fail", "whether it would halt the raids"."""
        return _OPEN.search(self.document.words, max(self.start - 1, at - _OPEN_REACH), at) is not None

    def _directly_before(self, signal: RawSignal) -> list[CompiledCue]:
        words, act = self.document.words, signal.act_start
        last = words[words.rfind(b" ", 0, act - 1) + 1 : act - 1]
        near = [cue for word, cue in self.adjacent.get(last, ()) if signal.family in cue.families and words.endswith(word, 0, act)]
        return [cue for cue in near if not (cue.first_verb and self._is_second_verb(act))]

    def _is_second_verb(self, act: int) -> bool:
        """Say whether a past tense stands before an act in its clause: "sailed to escort" has happened, "Arden to escort" has not."""
        start = max(self.start, *(self.document.clauses.rfind(mark, self.start, act) for mark in (b";", b":")))
        words = self.document.words[start:act]
        return _is_finite(words) or any(verb in words for verb in _AUXILIARIES)

    def _acts_on(self, signal: RawSignal, cue: CompiledCue) -> bool:
        if signal.family not in cue.families:
            return False
        return not cue.closed_by or bool(soon(cue.closed_by).match(self.document.words, signal.end))

    def _distance(self, signal: RawSignal, start: int, end: int, cue: CompiledCue) -> int | None:
        """Return the words between cue and signal, or None where the cue does not reach it."""
        if cue.direction == "sentence":
            return None if cue.mode == "past" and self._dates_another(signal.end, start) else max(0, start - signal.end, signal.start - end)
        if _holds(signal, start, end, cue):
            return 0 if self._says_itself(signal, cue) else None
        if _stands_inside(signal, start, end, cue):
            return None if _goes_on(self.document.words[end : signal.end]) else 0
        left, right = _between(signal, start, end, forward=cue.direction == "forward")
        if (
            right < left
            or _is_object(signal, start, end, cue)
            or self._is_active(start, end, cue)
            or right - (left := self._past_aside(left, right)) > cue.scope * 14
        ):
            return None
        apart = self.document.words.count(b" ", left, right) - 1
        if apart >= cue.scope or self._stopped(left, right, cue) or (cue.mode == "negated" and self._begins_anew(signal, start, end)):
            return None
        return apart

    def _dates_another(self, left: int, right: int) -> bool:
        """Say whether a date behind a signal is that of something else: "shelled the town, which was founded in 1851"."""
        words, clauses = self.document.words, self.document.clauses
        if right <= left:
            return False
        if _SINCE.search(words, left - 1, right):
            return True
        openings = list(_RELATIVE.finditer(words, left - 1, right))
        if not openings:
            return False
        last = openings[-1]
        return clauses[left : last.start() + 1].rstrip().endswith(b",") and clauses.find(b",", last.end(), right) < 0

    def _begins_anew(self, signal: RawSignal, start: int, end: int) -> bool:
        """Say whether an act is a second verb beside that of the cue: "suspended the treaty and fired missiles"."""
        words = self.document.words
        act = signal.start if end <= signal.start else signal.act_start
        if _ANEW.search(words, end, act + 1):
            return True
        joint = _AND.search(words, end, act) or _AND.search(words, end, signal.act_start)
        if not joint or b" that " in words[start : joint.start()]:
            return False
        second = words[joint.start() + len(" and ") : signal.act_end]
        if self._has_finite(start, end) and (_is_finite(second) or second.split(maxsplit=1)[0] in _UNCHANGED):
            return True
        return words[start:end].split(maxsplit=1)[0].endswith(b"s") and second.split(maxsplit=1)[0] in _PRESENTS

    def _is_active(self, start: int, end: int, cue: CompiledCue) -> bool:
        """Say whether a cue that looks back is a verb with its object behind it: "rebels blocked the road", but "the raid was blocked"."""
        words = self.document.words
        if cue.mode != "negated" or cue.direction != "backward" or not words.startswith(_DETERMINERS, end):
            return False
        return _is_finite(words[words.rfind(b" ", start - 1, end) : end])

    def _has_finite(self, start: int, end: int) -> bool:
        """Say whether a cue is a verb in the past tense, or a noun behind one: "announced the end of its truce and blew up the line"."""
        words = self.document.words
        return _is_finite(words[start:end]) or (words[start:end].endswith(b" of") and _is_finite(words[self.start : start]))

    def _past_aside(self, left: int, right: int) -> int:
        """Return where a stretch begins that opens with an aside: "rejected, on legal advice, the shelling"."""
        clauses = self.document.clauses
        return clauses.find(b",", left + 1, right) + 1 or left if clauses[left : left + 1] == b"," else left

    def _says_itself(self, signal: RawSignal, cue: CompiledCue) -> bool:
        """Say whether an act in a cue has its mode: "asked for missiles", "foiled coup"; but "halted the strikes" is a halt."""
        return cue.mode != "negated" or self.families[signal.family].group == "escalatory"

    def _stopped(self, left: int, right: int, cue: CompiledCue) -> bool:
        if self.stops and self.stops.search(self.document.words, left, right + 1):
            return True
        return (_MARKS if cue.comma else _STRONG_MARKS).search(self.document.clauses, left, right) is not None


def _past_blanks(words: bytes, start: int, end: int) -> bytes:
    """Return the words before a cue with one blank behind them, however many a comma has left there."""
    return words[start - 1 : end].rstrip() + b" "


def _is_finite(words: bytes) -> bool:
    """Say whether there is a verb in the past tense among these words."""
    return any((word.endswith(b"ed") and word not in _NO_PAST) or word in _PASTS for word in words.split())


def _is_lifted(rank: int, near: int, cue: CompiledCue, lifting: list[tuple[int, CompiledCue]]) -> bool:
    """Say whether a cue that lifts cues of this mode has the higher rank and stands nearer to the signal."""
    return any(cue.mode == by.only_over and rank < by.rank and near <= other for other, by in lifting)


def _holds(signal: RawSignal, start: int, end: int, cue: CompiledCue) -> bool:
    """Say whether the act is part of the cue: "asked for missiles"."""
    return start <= signal.act_start and signal.act_end <= end and (cue.direction == "forward" or end > signal.act_end)


def _goes_on(words: bytes) -> bool:
    """Say whether a second verb follows: "have blocked the road and set fire to lorries"."""
    behind = words.partition(b" and ")[2].split(maxsplit=1)
    return bool(behind) and (behind[0] in _UNCHANGED or _is_finite(behind[0]))


def _is_object(signal: RawSignal, start: int, end: int, cue: CompiledCue) -> bool:
    """Say whether a cue is what the act acts on, and no denial of it: "drops curbs on rockets"."""
    return cue.mode == "negated" and start == signal.start and end < signal.act_start


def _stands_inside(signal: RawSignal, start: int, end: int, cue: CompiledCue) -> bool:
    """Say whether a denial stands between an act and its object: "drones did not reach the refinery"; a lifted embargo is none."""
    return cue.direction == "forward" and cue.mode == "negated" and signal.act_end <= start and end < signal.end


def _between(signal: RawSignal, start: int, end: int, *, forward: bool) -> tuple[int, int]:
    """Return the stretch between a cue and a signal; it ends before it starts where the cue stands on the wrong side."""
    if forward:
        return end, signal.start if end <= signal.start else signal.act_start
    return signal.end if start >= signal.end else signal.act_end, start


def settle(signal: RawSignal, mode: str, families: dict[str, Family]) -> RawSignal:
    """Give the signal its mode, and where the mode changes what it means, its new family."""
    family = families[signal.family]
    if family.group == "counter":
        return signal  # a topic is there or not, whatever stands around it
    if mode == "actual":
        mode = family.base_mode
        if mode == "actual":
            return signal
    moved = family.moves.get(mode)
    name, mode = moved.split("/") if moved else (signal.family, mode)
    return RawSignal(name, mode, *signal[2:])


def _without_covered(signals: list[RawSignal], families: dict[str, Family]) -> list[RawSignal]:
    """Leave out what another signal holds already: the strike that is allowed is no second step beside its permission."""
    covering = [signal for signal in signals if families[signal.family].covers]
    return [s for s in signals if not _is_told_by(s, covering, families)] if covering else signals


def _is_told_by(signal: RawSignal, covering: list[RawSignal], families: dict[str, Family]) -> bool:
    """Say whether a signal begins inside one that covers it, or in the word behind ("to fire cruise | missiles at targets").

    An act told before that of the other is a step of its own: "shelled the port, then seized it".
    """
    kind, start, act = f"{signal.family}/{signal.mode}", signal.start, signal.act_start
    return bool([c for c in covering if c.start <= start <= c.end + 1 and c.act_start <= act and kind in families[c.family].covers])


def _merge(signals: list[RawSignal]) -> list[RawSignal]:
    """Merge overlapping signals of one family and mode into the longer one."""
    kept: list[RawSignal] = []
    for signal in sorted(signals):
        last = kept[-1] if kept else None
        if last and last[:2] == signal[:2] and signal.start < last.end:
            if signal.end > last.end:
                kept[-1] = last._replace(end=signal.end)
        else:
            kept.append(signal)
    return sorted(kept, key=_by_place)


def _by_place(signal: RawSignal) -> tuple[int, int, str]:
    return signal.start, signal.end, signal.family
