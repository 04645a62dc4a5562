"""Draws the walk of one text, from what the library says of it: `python docs/walk.py` writes docs/pictures/walk.svg."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import escalate
from escalate.explanation import Explanation

TEXT = "Berlin has declined to send missiles to the front. Two days ago its neighbour's army shelled the border town."
PICTURE = Path(__file__).parent / "pictures" / "walk.svg"

WIDTH, LEFT = 820, 200
INK, SOFT, LINE = "#1a1e24", "#57606b", "#dce1e7"
COLOURS = {"escalatory": "#b3261e", "pressure": "#865500", "deescalatory": "#00666a", "counter": "#57606b"}


def words(x: float, y: float, what: str, *, size: int = 13, colour: str = INK, anchor: str = "start", weight: str = "normal") -> str:
    """Return a line of text."""
    style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(what)}</text>'


def bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Return a filled bar."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def room(number: int, name: str, module: str, top: float) -> str:
    """Return the head of one step: a line, its number and name, and the module that does it."""
    rule = f'<line x1="20" y1="{top:.1f}" x2="{WIDTH - 20}" y2="{top:.1f}" stroke="{LINE}"/>'
    return rule + words(20, top + 24, f"{number}  {name}", weight="bold") + words(34, top + 41, module, size=11, colour=SOFT)


def colour_of(family: str) -> str:
    """Return the colour of the group of a family."""
    return COLOURS[escalate.default_model().lexicon.families[family].group]


def sentences(found: Explanation, top: float) -> Iterator[str]:
    """Draw the sentences of the text."""
    yield room(1, "text", "text.py", top)
    for row, sentence in enumerate(found.sentences):
        yield words(LEFT, top + 24 + 20 * row, sentence.text)


def signals(found: Explanation, top: float) -> Iterator[str]:
    """Draw the signals: their words, and the family and mode they are read as."""
    yield room(2, "signals", "matching.py, context.py", top)
    for row, signal in enumerate(found.signals):
        y = top + 24 + 20 * row
        yield words(LEFT, y, f"“{signal.text}”")
        yield words(LEFT + 240, y, f"{signal.family.replace('_', ' ')}, {signal.mode}", colour=colour_of(signal.family), weight="bold")


def parts(found: Explanation) -> list[tuple[str, float, str]]:
    """Return name, size and colour of all that is added up."""
    rows = [("where every text starts", found.intercept, SOFT), ("form and calibration", sum(found.structure.values()), SOFT)]
    rows += [(f"{s.family.replace('_', ' ')}, {s.mode}", s.contribution, colour_of(s.family)) for s in found.signals]
    return [*rows, (f"{len(found.words)} words beside them", sum(w.contribution for w in found.words), SOFT)]


def log_odds(found: Explanation, top: float) -> Iterator[str]:
    """Draw the sum, each part beginning where the one above it ends."""
    yield room(3, "log-odds", "features.py, model.py", top)
    middle, scale, at = LEFT + 380, 42.0, 0.0
    for row, (name, value, colour) in enumerate(parts(found)):
        y = top + 24 + 22 * row
        yield words(LEFT, y, name)
        yield bar(middle + scale * min(at, at + value), y - 11, scale * abs(value), 14, colour)
        yield words(WIDTH - 24, y, f"{value:+.2f}", anchor="end")
        at += value
    y = top + 24 + 22 * len(parts(found))
    yield words(LEFT, y, "sum", weight="bold") + words(WIDTH - 24, y, f"{at:+.2f}", anchor="end", weight="bold")
    yield f'<line x1="{middle}" y1="{top + 10:.1f}" x2="{middle}" y2="{y:.1f}" stroke="{SOFT}" stroke-dasharray="2 3"/>'


def probability(found: Explanation, top: float) -> Iterator[str]:
    """Draw the score on the scale from 0 to 1, with its interval."""
    yield room(4, "probability", "calibration.py", top)
    width, y = WIDTH - LEFT - 40, top + 34
    low, high = found.interval
    yield bar(LEFT, y - 1, width, 2, LINE) + bar(LEFT + width * low, y - 5, width * (high - low), 10, "#fde3df")
    yield f'<circle cx="{LEFT + width * found.score:.1f}" cy="{y:.1f}" r="7" fill="{COLOURS["escalatory"]}"/>'
    yield words(LEFT + width * found.score, y - 13, f"{found.score:.2f}", anchor="middle", weight="bold")
    yield words(LEFT, y + 22, "0", colour=SOFT) + words(LEFT + width, y + 22, "1", colour=SOFT, anchor="end")
    yield words(LEFT + width / 2, y + 22, f"interval {low:.2f} to {high:.2f}", colour=SOFT, anchor="middle")


def spoken(found: Explanation) -> Iterator[str]:
    """Return title and description of the picture, for those who hear it."""
    named = "; ".join(f"“{s.text}” is {s.family.replace('_', ' ')}, {s.mode}, {s.contribution:+.2f}" for s in found.signals)
    low, high = found.interval
    yield f'<title id="walk-title">{escape("From a text to its score, in four steps")}</title>'
    told = f"1, text: {len(found.sentences)} sentences. 2, signals: {named}. 3, log-odds: all parts add up to {found.log_odds:+.2f}. "
    told += f"4, probability: {found.score:.2f}, interval {low:.2f} to {high:.2f}."
    yield f'<desc id="walk-desc">{escape(told)}</desc>'


def draw(text: str = TEXT) -> str:
    """Return the picture of the walk of `text` as SVG."""
    found = escalate.explain(text)
    steps = [(sentences, 44 + 20 * len(found.sentences)), (signals, 44 + 20 * len(found.signals)), (log_odds, 66 + 22 * len(parts(found)))]
    drawn, top = [], 12.0
    for step, height in [*steps, (probability, 80)]:
        drawn += step(found, top)
        top += height
    named = 'role="img" aria-labelledby="walk-title" aria-describedby="walk-desc"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:.0f}" font-family="system-ui, Arial, sans-serif" {named}>'
    return "\n".join([head, *spoken(found), bar(0, 0, WIDTH, top, "#ffffff"), *drawn, "</svg>\n"])


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
