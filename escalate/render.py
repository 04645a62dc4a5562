"""Three views of an explanation: a terminal account, an HTML fragment for notebooks, and a complete page.

All three take the same facts in the same order: what the score says, what made it, and how the parts add up. Nothing here
reads the lexicon or the model; the HTML has no script, loads nothing, and styles only what stands inside ``.esc-root``.
"""

from __future__ import annotations

import html
import math
import re
import textwrap
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from typing import NamedTuple

from escalate.counterfactual import WhatIf, what_if
from escalate.explanation import Explanation, Sentence, Signal, Word
from escalate.stylesheet import PAGE_STYLE, STYLE

__all__ = ["RUNGS", "Row", "as_html", "as_page", "as_text", "score_word", "strongest_rows", "verdict"]

RUNGS = ("none", "words only", "threat", "preparation", "use of force", "war")
"""What the rungs of the ladder are called, from 0."""

GROUPS = {"escalatory": "escalatory", "pressure": "pressure", "deescalatory": "de-escalatory", "counter": "counter-evidence"}
MODES = ("actual", "threatened", "hypothetical", "negated", "past", "figurative")

_WIDTH = 80
_WORDS = 8
_LEAST = 0.005
_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord(c) for c in "\t\n\r"}
# Control characters and lone surrogates show as U+FFFD; marks that turn the reading direction, and with it our labels, as nothing.
_TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSHOWABLE = dict.fromkeys({*_CONTROLS, *range(0xD800, 0xE000)}, "\ufffd") | dict.fromkeys(_TURNS, "\u2060")
_NAMES = {"actor:none": "sentences that name nobody", "no signal": "sentences without a signal"}
_SHORT_NAMES = frozenset(
    ("amal", "azov", "chad", "cuba", "fano", "fiji", "iran", "iraq", "kach", "laos", "lehi", "mali", "oman", "peru", "quad", "togo")
)
_READING = "A reading of this one text, not a forecast of war."
_HEADING = re.compile(r'<div class="(esc-[a-z]+)" role="heading" aria-level="([23])">(.*?)</div>')
_FOOTNOTE = "This reads one text and is no forecast: it says what the words report, not whether it is true or what comes next."


# --- what both views say -------------------------------------------------------------------------


class Row(NamedTuple):
    """One line of a table of contributions: what it is, and the words that carry it."""

    contribution: float
    family: str
    mode: str
    words: str
    actors: tuple[str, ...] = ()
    group: str = ""
    id: str = ""


def verdict(found: Explanation) -> str:
    """Return the score in words."""
    if not found.text.strip():
        return "No text to read"
    if found.warning:
        return "Not English news"
    steps = ((0.9, "Escalation reported"), (0.65, "Escalation probable"), (0.35, "Escalation possible"), (0.1, "Escalation unlikely"))
    return next((words for least, words in steps if found.score >= least), "No escalation found")


def score_word(score: float) -> str:
    """Return the score with three decimals; the ends are never shown as certainty."""
    return ">0.999" if score > 0.9995 else "<0.001" if score < 0.0005 else f"{score:.3f}"


def _interval_words(found: Explanation) -> str:
    return " to ".join(f"{end:.2f}" for end in found.interval)


def _evidence_words(found: Explanation) -> str:
    """Say how much of the text the model could read."""
    known, words = found.evidence.known, found.evidence.words
    return f"{known:,} of {words:,} content {'word' if words == 1 else 'words'} known"


def _level_word(level: float) -> str:
    return RUNGS[min(max(round(level), 0), 5)]


def _direction_word(direction: float) -> str:
    return "raises risk" if direction > 0.25 else "lowers risk" if direction < -0.25 else "risk even"


def _signal_rows(signals: Iterable[Signal], ids: Iterable[str] = repeat("")) -> list[Row]:
    return _strongest(_signal_row(s, row) for s, row in zip(signals, ids, strict=False))


def _signal_row(s: Signal, row: str) -> Row:
    return Row(s.contribution, _plain(s.family), s.mode, s.text, _actor_names(s), s.group, row)


def _word_rows(found: Explanation) -> list[Row]:
    """Return the words with their places summed; a stem is shown as the word it stands in."""
    totals: dict[str, float] = defaultdict(float)
    for word in found.words:
        totals[_whole_word(found.text, word)] += word.contribution
    return _strongest([Row(total, "word", "", text) for text, total in totals.items()])


def _whole_span(text: str, word: Word) -> tuple[int, int]:
    start, end = word.start, word.end
    while start > max(word.start - 30, 0) and text[start - 1].isalnum():
        start -= 1
    while end < min(word.end + 30, len(text)) and text[end].isalnum():
        end += 1
    return start, end


def _whole_word(text: str, word: Word) -> str:
    start, end = _whole_span(text, word)
    return " ".join(text[start:end].lower().split()).strip(" .,;:!?\"'()[]\u2018\u2019\u201c\u201d\u2014\u2013-") or word.text


def _strongest(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that would not be shown as 0.00, the strongest first."""
    return sorted((row for row in rows if abs(row.contribution) >= _LEAST), key=lambda row: -abs(row.contribution))


def strongest_rows(found: Explanation, count: int = 12) -> list[Row]:
    """Return the strongest contributions, and what is left of each kind, so that all together make the log-odds."""
    rows = _strongest([*_signal_rows(found.signals), *_word_rows(found)])[:count]
    signals, words = (math.fsum(part.contribution for part in parts) for parts in (found.signals, found.words))
    rest = {
        "other signals": signals - math.fsum(row.contribution for row in rows if row.mode),
        "other words": words - math.fsum(row.contribution for row in rows if not row.mode),
        "form": math.fsum(found.structure.values()),
        "where every text starts": found.intercept,
    }
    return rows + [Row(value, name, "", "") for name, value in rest.items() if abs(value) >= _LEAST]


def _raising(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.contribution > 0]


def _lowering(rows: Iterable[Row]) -> list[Row]:
    return _strongest(row for row in rows if row.contribution < 0)


def _hinges(found: Explanation) -> Iterator[tuple[WhatIf, str]]:
    """Yield what the score hangs on, with the score under negation in words; topics cannot be negated."""
    for row in what_if(found):
        topics = all(s.group == "counter" for s in row.signals)
        yield row, "" if topics else score_word(row.negated)


def _carrying(found: Explanation) -> list[tuple[int, float, Sentence]]:
    """Return rank, share of all that the sentences add and subtract, and sentence, of up to three sentences."""
    total = math.fsum(abs(s.contribution) for s in found.sentences)
    strongest = sorted((s for s in found.sentences if s.end > s.start and s.contribution), key=lambda s: -abs(s.contribution))
    return [(rank, abs(s.contribution) / total, s) for rank, s in enumerate(strongest[:3], 1)]


class _Sum(NamedTuple):
    """The parts of the log-odds in hundredths, rounded so that what is shown adds up as shown."""

    intercept: int
    structure: dict[str, int]
    signals: int
    words: int
    log_odds: int


def _sum(found: Explanation) -> _Sum:
    signals = math.fsum(s.contribution for s in found.signals)
    words = math.fsum(w.contribution for w in found.words)
    total = round(found.log_odds * 100)
    intercept, in_signals, in_words, *form = _apportion([found.intercept, signals, words, *found.structure.values()], total)
    names = [_NAMES.get(name, _plain(name)) for name in found.structure]
    return _Sum(intercept, dict(zip(names, form, strict=True)), in_signals, in_words, total)


def _apportion(values: Sequence[float], total: int) -> list[int]:
    """Round `values` to hundredths that sum to `total`: all down, then those with the largest remainders up."""
    parts = [math.floor(value * 100) for value in values]
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - values[i] * 100)
    for i in by_remainder[: max(total - sum(parts), 0)]:
        parts[i] += 1
    return parts


def _actor_names(signal: Signal) -> tuple[str, ...]:
    """Return the actors as names: ``united_states`` is United States, and a name of up to four letters mostly an acronym."""
    return tuple(n.upper() if len(n) < 5 and n not in _SHORT_NAMES else _plain(n).title() for n in signal.actors)


def _plain(name: str) -> str:
    return name.replace("_", " ").replace(":", " ")


# --- the terminal account ------------------------------------------------------------------------


def as_text(explanation: Explanation) -> str:
    """Return the account of a score for a terminal: plain text of at most 80 columns.

    Parameters
    ----------
    explanation : Explanation
        What :func:`escalate.explain` returns.

    Returns
    -------
    str
        Verdict, strongest signals, what lowered the score, words, sentences, and the sum of the parts.

    Examples
    --------
    >>> import escalate
    >>> print(as_text(escalate.explain("The army shelled two villages.")).splitlines()[1])
    A reading of this one text, not a forecast of war.
    """
    words = _word_rows(explanation)
    signals = _signal_rows(explanation.signals)
    hinge = f"What {score_word(explanation.score)} would be if this were not there, and if it were denied"
    lines = [
        _first_line(explanation),
        _READING,
        *_warning_lines(explanation),
        f"Interval {_interval_words(explanation)}; {_evidence_words(explanation)}.",
        *_section("Strongest signals", _table(signals[:10]) or ["  none found"]),
        *_section("What lowered it", _table(_lowering(signals + words)[:5]) or ["  no signal and no word"]),
        *_section("Strongest words", _inline(_counted(words[:8])) or ["  none"]),
        *_section("The sentences that carry it", _sentence_lines(explanation) or ["  none"]),
        *_section(hinge, list(_hinge_lines(explanation)) or ["  no signal"]),
        *_section("How it adds up", _sum_lines(explanation)),
    ]
    return "\n".join(lines)


def _first_line(found: Explanation) -> str:
    level = f"level {found.level:.1f} ({_level_word(found.level)})"
    return f"{verdict(found)}: score {score_word(found.score)}, {level}, {_direction_word(found.direction)} ({found.direction:+.2f})"


def _warning_lines(found: Explanation) -> list[str]:
    return textwrap.wrap(f"Warning: {found.warning}; the score means little.", _WIDTH) if found.warning else []


def _hinge_lines(found: Explanation) -> Iterator[str]:
    for row, negated in _hinges(found):
        yield f"  {score_word(row.without):>6}  {negated or '-':>6}  {_fit(_hinge_words(row), _WIDTH - 18)}"


def _hinge_words(row: WhatIf) -> str:
    first, *more = row.signals
    return f"all {len(row.signals)} signals" if more else f"{_plain(first.family)} {first.mode}: {first.text}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from lines


def _table(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    largest = max(abs(row.contribution) for row in rows)
    family = min(max(_columns(row.family) for row in rows), 24)
    mode = max(len(row.mode) for row in rows)
    lines: list[str] = []
    for row in rows:
        head = f"  {row.contribution:+6.2f} {_bar(row.contribution / largest)} {_pad(row.family, family)}  {row.mode:{mode}}  "
        lines += _with_words(head, row)
    return lines


def _with_words(head: str, row: Row) -> Iterator[str]:
    """Put the words and, where they do not fit beside them, below them the actors."""
    margin = _columns(head)
    words = _fit(row.words, _WIDTH - margin)
    actors = f"[{', '.join(row.actors)}]" if row.actors else ""
    if not actors or margin + _columns(words) + 1 + _columns(actors) <= _WIDTH:
        yield f"{head}{words} {actors}".rstrip()
        return
    yield head + words
    yield " " * margin + _fit(actors, _WIDTH - margin)


def _bar(share: float, width: int = 6) -> str:
    """Return a bar of up to `width` columns, in eighths of a column."""
    eighths = max(round(abs(share) * width * 8), 1)
    full, rest = divmod(eighths, 8)
    return ("\u2588" * full + (chr(0x2590 - rest) if rest else "")).ljust(width)


def _counted(rows: Iterable[Row]) -> list[str]:
    return [f"{row.contribution:+.2f} {_fit(row.words, 34)}" for row in rows]


def _inline(items: Sequence[str]) -> list[str]:
    """Set short items side by side in columns of equal width."""
    if not items:
        return []
    room = max(map(_columns, items)) + 2
    a_line = max((_WIDTH - 2) // room, 1)
    return ["  " + "".join(_pad(item, room) for item in items[i : i + a_line]).rstrip() for i in range(0, len(items), a_line)]


def _sentence_lines(found: Explanation) -> list[str]:
    return [f"  {share:4.0%} {s.contribution:+6.2f}  {_fit(s.text, _WIDTH - 15)}" for _, share, s in _carrying(found)]


def _sum_lines(found: Explanation) -> list[str]:
    parts = _sum(found)
    # No-break spaces hold a trait and its number together; they do not outlive the wrapping.
    form = ", ".join(f"{name} {_signed(value)}".replace(" ", "\xa0") for name, value in parts.structure.items()) or "nothing"
    start = f"intercept {_signed(parts.intercept)}; structure: {form}"
    terms = {"intercept": parts.intercept, "structure": sum(parts.structure.values()), "signals": parts.signals, "words": parts.words}
    total = " ".join(f"{_signed(value)} {name}" for name, value in terms.items())
    lines = textwrap.wrap(start, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    return [*(line.replace("\xa0", " ") for line in lines), f"  {total} = {_signed(parts.log_odds)} log-odds"]


def _signed(hundredths: int) -> str:
    return f"{hundredths / 100:+.2f}"


def _columns(text: str) -> int:
    """Return the columns that `text` takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    text = _fit(text, width)
    return text + " " * (width - _columns(text))


def _fit(text: str, width: int) -> str:
    """Return `text` on one line, without control characters, cut to `width` columns."""
    # A text may hold escape sequences; printed as they stand they would command the terminal.
    text = "".join(c for c in " ".join(text.split()) if c.isprintable())
    if _columns(text) <= width:
        return text
    taken = 0
    for at, c in enumerate(text):
        taken += _columns(c)
        if taken > width - 3:
            return text[:at].rstrip() + "..."
    return text


# --- the article, marked -------------------------------------------------------------------------


class _Range(NamedTuple):
    """A stretch of the caller's text, and what is written where it opens and after it has closed."""

    start: int
    end: int
    tag: str
    opening: str
    before: str = ""
    after: str = ""


def _article(found: Explanation) -> str:
    if not found.text.strip():
        return '<p class="esc-article esc-none">The text is empty: the score is what the model starts from.</p>'
    # Of ranges that start together the longest opens first, and sentences before their signals: most then nest as they stand.
    ranges = [*_sentence_ranges(found), *_signal_ranges(found), *_word_ranges(found)]
    ranges.sort(key=lambda r: (r.start, -r.end, r.tag != "span"))
    return f'<div class="esc-article" dir="auto">{"".join(_marked(found.text, ranges))}</div>'


def _sentence_ranges(found: Explanation) -> Iterator[_Range]:
    for rank, share, s in _carrying(found):
        way = _way(s.contribution)
        title = f"sentence {rank} of those that carry the score: {s.contribution:+.2f}, {share:.0%}"
        rank_mark = f'<sup aria-hidden="true" class="esc-rank esc-r{rank} esc-{way}">{rank}</sup>'
        yield _Range(s.start, s.end, "span", f'<span class="esc-carry esc-{way}" title="{_safe(title)}">', rank_mark)


def _signal_ranges(found: Explanation) -> Iterator[_Range]:
    ends: list[int] = []
    for s, row in sorted(zip(found.signals, _row_ids(found), strict=True), key=lambda pair: (pair[0].start, -pair[0].end)):
        if s.start >= s.end:
            continue
        lane = next((i for i, end in enumerate(ends) if end <= s.start), len(ends))
        ends[lane : lane + 1] = [s.end]
        yield _signal_range(s, row if abs(s.contribution) >= _LEAST else "", min(lane, 3))


def _signal_range(s: Signal, row: str, lane: int) -> _Range:
    """Return the mark of a signal; what it adds stands in its row, where the label leads, for a title is seen by the mouse alone."""
    label, group = f"{_plain(s.family)} \u00b7 {s.mode}", s.group
    actors = f" [{', '.join(_actor_names(s))}]" if s.actors else ""
    title = _safe(f"{label}: {s.contribution:+.2f}{actors}")
    described = f' aria-describedby="{row}"' if row else ""
    shown = f'<a class="esc-to" href="#{row}">{_safe(label)}</a>' if row else _safe(label)
    opening = f'<mark class="esc-{group} esc-{_safe(s.mode)} esc-l{lane}" title="{title}"{described}>'
    return _Range(s.start, s.end, "mark", opening, after=f'<sup class="esc-label esc-{group}">{shown}</sup>')


def _row_ids(found: Explanation) -> list[str]:
    """Return a name for the row of each signal that no other text in the same notebook has."""
    text = zlib.crc32(found.text.encode("utf-8", "replace"))
    return [f"esc-{text:08x}-{number}" for number in range(len(found.signals))]


def _word_ranges(found: Explanation) -> Iterator[_Range]:
    """Yield the places of the strongest words, those that the panels list."""
    rows = _word_rows(found)
    shown = {row.words: row.contribution for row in [*_raising(rows)[:_WORDS], *_lowering(rows)[:_WORDS]]}
    for word in found.words:
        total = shown.get(_whole_word(found.text, word))
        start, end = _whole_span(found.text, word)
        if total and start < end:
            yield _Range(start, end, "b", f'<b class="esc-w esc-{_way(total)}" title="word: {total:+.2f}">')


def _marked(text: str, ranges: Sequence[_Range]) -> Iterator[str]:
    """Yield `text` as HTML with `ranges` (sorted) marked; ranges that cross are closed and opened again where they must be."""
    starting: dict[int, list[_Range]] = defaultdict(list)
    for found in ranges:
        starting[found.start].append(found)
    cuts = sorted({0, len(text), *(r.start for r in ranges), *(r.end for r in ranges)})
    opened: list[_Range] = []
    for start, end in pairwise(cuts):
        yield from _close(opened, start)
        for found in starting.get(start, ()):
            opened.append(found)
            yield found.opening + found.before
        yield _safe(text[start:end])
    yield from _close(opened, len(text))


def _close(opened: list[_Range], at: int) -> Iterator[str]:
    """Close the ranges that end by `at`, and what was opened inside them; open again what goes on."""
    first = next((i for i, r in enumerate(opened) if r.end <= at), None)
    if first is None:
        return
    inner = opened[first:]
    going_on = [r for r in inner if r.end > at]
    opened[first:] = going_on
    yield "".join(f"</{r.tag}>" for r in reversed(inner))
    yield "".join(r.after for r in inner if r.end <= at)
    yield "".join(r.opening for r in going_on)


def _safe(text: str) -> str:
    """Return `text` escaped for HTML, in element or attribute; what HTML cannot hold is replaced one for one."""
    return html.escape(text).translate(_UNSHOWABLE)


# --- the fragment --------------------------------------------------------------------------------


def as_html(explanation: Explanation) -> str:
    """Return the account of a score as an HTML fragment, as notebooks show it.

    Parameters
    ----------
    explanation : Explanation
        What :func:`escalate.explain` returns.

    Returns
    -------
    str
        One self-contained ``<div>``: no script, nothing loaded, every text escaped, light and dark.

    Examples
    --------
    >>> import escalate
    >>> as_html(escalate.explain("The army shelled two villages.")).startswith('<div class="esc-root">')
    True
    """
    return "\n".join(
        [
            '<div class="esc-root">',
            f"<style>{STYLE}</style>",
            _head(explanation),
            _article(explanation),
            _legend(explanation),
            f'<div class="esc-panels">{"".join(_panels(explanation))}</div>',
            _equation(explanation),
            f'<p class="esc-foot">{_FOOTNOTE}</p>',
            "</div>",
        ]
    )


def _head(found: Explanation) -> str:
    tone = "raises" if found.score >= 0.65 else "lowers" if found.score < 0.35 else "even"
    tone = "counter" if found.warning else tone
    words = f'<div class="esc-verdict" role="heading" aria-level="2">{verdict(found)}</div>'
    glosses = [_READING] if found.warning else [_gloss(found.score), _READING]
    notes = "".join(f'<p class="esc-gloss">{gloss}</p>' for gloss in glosses)
    score = f'<div class="esc-score">{_safe(score_word(found.score))}<small>score</small></div>'
    top = f'<div class="esc-top"><div>{words}{notes}</div>{score}</div>'
    warning = (
        f'<p class="esc-warning" role="note"><b>Warning</b> {_safe(found.warning)}; the score means little.</p>' if found.warning else ""
    )
    return f'<div class="esc-head esc-{tone}">{top}{warning}{_meter(found)}{_facts(found)}</div>'


def _gloss(score: float) -> str:
    of_100 = round(score * 100)
    count = "fewer than one" if of_100 < 1 else "more than 99" if of_100 > 99 else f"about {of_100}"
    verb = "reports" if of_100 <= 1 else "report"
    return f"Of 100 texts with this score, {count} {verb} a current step that uses, threatens, prepares or enables military force."


def _meter(found: Explanation) -> str:
    score, (low, high) = found.score, found.interval
    at, left, width = (f"{min(max(share, 0.0), 1.0):.1%}" for share in (score, low, high - low))
    return (
        f'<div class="esc-meter" role="meter" aria-label="score" aria-valuemin="0" aria-valuemax="1" aria-valuenow="{score:.3f}"'
        f' aria-valuetext="{_safe(score_word(score))}, interval {_interval_words(found)}">'
        f'<div class="esc-scale"><i class="esc-band" style="left:{left};width:{width}"></i><i class="esc-pin" style="left:{at}"></i></div>'
        '<div class="esc-ticks" aria-hidden="true"><span>0</span><span>0.5</span><span>1</span></div></div>'
    )


def _facts(found: Explanation) -> str:
    reached = round(found.level)
    steps = "".join(f"<li {_step(rung, reached)}>{_safe(name)}</li>" for rung, name in enumerate(RUNGS))
    ladder = f'<span class="esc-key">level {found.level:.1f} of 5</span><ol class="esc-ladder" start="0">{steps}</ol>'
    word = _direction_word(found.direction)
    arrow = {"raises risk": "\u25b2", "lowers risk": "\u25bc"}.get(word, "\u25c6")
    way = f'<span class="esc-key">direction</span><span class="esc-way">{arrow} {word} ({_minus(f"{found.direction:+.2f}")})</span>'
    reach = f'<span class="esc-key">interval</span><span class="esc-way">{_interval_words(found)}</span>'
    reach += f'<small class="esc-key">{_evidence_words(found)}</small>'
    return f'<div class="esc-facts"><div>{ladder}</div><div>{way}</div><div>{reach}</div></div>'


def _step(rung: int, reached: int) -> str:
    if rung == reached:
        return 'class="esc-here" aria-current="step"'
    return f'class="esc-{"passed" if rung < reached else "ahead"}"'


def _legend(found: Explanation) -> str:
    """Explain the marks that occur."""
    if not found.signals and not found.words:
        return ""
    groups = " ".join(f'<mark class="esc-{group}">{name}</mark>' for group, name in GROUPS.items())
    modes = " ".join(f'<mark class="esc-plain esc-{mode} esc-l0">{mode}</mark>' for mode in MODES)
    keys = {"colour": groups, "line": modes} if found.signals else {}
    keys["words"] = '<b class="esc-w esc-raises">raising</b> <b class="esc-w esc-lowers">lowering</b>'
    keys["margin"] = '<sup class="esc-rank">1</sup> a sentence that carries the score, by rank'
    rows = "".join(f"<b>{key}</b><div>{shown}</div>" for key, shown in keys.items())
    return f'<div class="esc-legend">{rows}</div>'


def _panels(found: Explanation) -> Iterator[str]:
    if not found.text.strip():
        return
    signals, words = _signal_rows(found.signals, _row_ids(found)), _word_rows(found)
    largest = max((abs(row.contribution) for row in signals + words), default=1.0)
    yield _bar_panel("Signals that raised it", _raising(signals), largest)
    yield _panel("Sentences that carry it", [_sentence_row(rank, share, s) for rank, share, s in _carrying(found)])
    yield _bar_panel("Words that raised it", _raising(words), largest)
    yield _bar_panel("What lowered it", _lowering(signals + words), largest, named=True)
    if found.signals:
        yield _panel(f"What {_safe(score_word(found.score))} would be", [_hinge_row(row, negated) for row, negated in _hinges(found)])


def _bar_panel(title: str, rows: Sequence[Row], largest: float, *, named: bool = False) -> str:
    return _panel(title, [_bar_row(row, largest, named=named) for row in rows])


def _panel(title: str, rows: Sequence[str]) -> str:
    """Return a titled list; what does not stand among the first can be unfolded, so that each mark has its row."""
    body = _rows(rows[:_WORDS]) if rows else '<p class="esc-none">none</p>'
    more = rows[_WORDS:]
    rest = f'<details><summary class="esc-none">and {len(more)} weaker</summary>{_rows(more)}</details>' if more else ""
    return f'<div class="esc-panel"><div class="esc-title" role="heading" aria-level="3">{title}</div>{body}{rest}</div>'


def _rows(rows: Iterable[str]) -> str:
    return f'<ul class="esc-list">{"".join(rows)}</ul>'


def _bar_row(row: Row, largest: float, *, named: bool) -> str:
    """Return one bar; a word is called one where signals stand beside it."""
    group = row.group or _way(row.contribution)
    kind = f"{row.family} \u00b7 {row.mode}" if row.mode else row.family if named else ""
    name = f'<span class="esc-name">{_safe(kind)}</span> ' if kind else ""
    actors = f' <span class="esc-actors">{_safe(", ".join(row.actors))}</span>' if row.actors else ""
    what = f"{name}<bdi>{_safe(_shorten(row.words, 90))}</bdi>{actors}"
    kind = "" if name else " esc-word"
    return _entry(_minus(f"{row.contribution:+.2f}"), abs(row.contribution) / largest, group, what, kind, name=row.id)


def _hinge_row(row: WhatIf, negated: str) -> str:
    first, *more = row.signals
    name = f"without all {len(row.signals)} signals" if more else f"without {_plain(first.family)} \u00b7 {first.mode}"
    words = "" if more else f" <bdi>{_safe(_shorten(first.text, 90))}</bdi>"
    denied = f'; <span class="esc-actors">negated: {_safe(negated)}</span>' if negated else ""
    return _entry(_safe(score_word(row.without)), row.without, "counter", f'<span class="esc-name">{_safe(name)}</span>{words}{denied}')


def _sentence_row(rank: int, share: float, sentence: Sentence) -> str:
    way = _way(sentence.contribution)
    mark = f'<sup class="esc-rank esc-{way}">{rank}</sup> <span class="esc-name">{share:.0%}</span>'
    return _entry(_minus(f"{sentence.contribution:+.2f}"), share, way, f"{mark} <bdi>{_safe(_shorten(sentence.text, 180))}</bdi>")


def _entry(value: str, share: float, tone: str, what: str, kind: str = "", *, name: str = "") -> str:
    named = f' id="{name}"' if name else ""
    bar = f'<span class="esc-track"><i class="esc-{tone}" style="width:{share:.1%}"></i></span>'
    return f'<li class="esc-entry{kind}"{named}><span class="esc-value">{value}</span>{bar}<span class="esc-what">{what}</span></li>'


def _way(contribution: float) -> str:
    return "raises" if contribution > 0 else "lowers"


def _equation(found: Explanation) -> str:
    parts = _sum(found)
    form = "".join(f"<small>{_safe(name)} {_minus(_signed(value))}</small>" for name, value in parts.structure.items())
    terms = {"intercept": (parts.intercept, ""), "structure": (sum(parts.structure.values()), form)}
    terms |= {"signals": (parts.signals, ""), "words": (parts.words, "")}
    cells = "".join(f"<div><b>{_minus(_signed(value))}</b><span>{name}</span>{small}</div>" for name, (value, small) in terms.items())
    score = _safe(score_word(found.score))
    total = f"<div><b>= {_minus(_signed(parts.log_odds))}</b><span>log-odds \u2192 score {score}</span></div>"
    return f'<div class="esc-sum">{cells}{total}</div>'


def _minus(number: str) -> str:
    return number.replace("-", "\u2212")


def _shorten(text: str, length: int) -> str:
    return textwrap.shorten(text, length, placeholder=" \u2026") if " " in text[:length] else text[:length]


# --- the page ------------------------------------------------------------------------------------


def as_page(explanation: Explanation) -> str:
    """Return the account of a score as a complete HTML page, with headings of its own.

    Parameters
    ----------
    explanation : Explanation
        What :func:`escalate.explain` returns.

    Returns
    -------
    str
        An HTML document around :func:`as_html`.

    Examples
    --------
    >>> import escalate
    >>> as_page(escalate.explain("The museum opens at nine.")).startswith("<!DOCTYPE html>")
    True
    """
    title = f"{verdict(explanation)} ({_safe(score_word(explanation.score))})"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{PAGE_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n{_HEADING.sub(_own_heading, as_html(explanation))}\n</main>\n</body>\n</html>\n"
    )


def _own_heading(found: re.Match[str]) -> str:
    """Return a heading of the page for one of the fragment, which stands below the headings of a notebook and out of their style."""
    name, level, words = found.groups()
    tag = f"h{int(level) - 1}"
    return f'<{tag} class="{name}">{words}</{tag}>'
