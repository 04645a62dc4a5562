"""The pictures of a report as SVG: drawn by the server, styled by the page, readable without script and by a screen reader."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

__all__ = ["Point", "bars_chart", "place_x", "reliability_chart", "safe", "series_chart"]


class Point(NamedTuple):
    """One period of a series.

    Attributes
    ----------
    label : str
        Its date in words.
    tick : str
        Its date in short, for the axis.
    value, low, high : float
        NaN in a gap.
    status : str
        ``ok``, ``thin`` or ``gap``.
    told : str
        What is said about it when it is pointed at.
    """

    label: str
    tick: str
    value: float
    low: float
    high: float
    status: str
    told: str


class _Frame(NamedTuple):
    """Where things stand: the size of the picture, its margins, how many places there are, and the top of the scale."""

    width: float
    height: float
    places: int
    top: float
    left: float = 44.0
    right: float = 12.0
    above: float = 22.0
    below: float = 30.0

    def x(self, place: float) -> float:
        return round(self.left + (place + 0.5) * self.step, 1)

    def y(self, value: float) -> float:
        return round(self.height - self.below - value / self.top * (self.height - self.above - self.below), 1)

    @property
    def step(self) -> float:
        return (self.width - self.left - self.right) / max(self.places, 1)


_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord(c) for c in "\t\n\r"}
_TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
# What HTML cannot hold shows as U+FFFD; marks that turn the reading direction, and with it what stands beside, as nothing.
_UNSHOWABLE: dict[int, str] = dict.fromkeys({*_CONTROLS, *range(0xD800, 0xE000)}, "\ufffd") | dict.fromkeys(_TURNS, "")


def safe(text: object) -> str:
    """Return text escaped for HTML, in element or attribute."""
    return html.escape(str(text).translate(_UNSHOWABLE))


def _picture(frame: _Frame, name: str, title: str, description: str, body: str) -> str:
    kind = "small" if frame.width < 600 else "wide"
    return (
        f'<svg class="chart {kind}" viewBox="0 0 {frame.width:g} {frame.height:g}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{safe(title)}</title><desc id="{name}-d">{safe(description)}</desc>{body}</svg>'
    )


def _scale(frame: _Frame, steps: int = 4) -> Iterator[str]:
    """Draw the lines of the scale and their numbers."""
    for number in range(steps + 1):
        value = frame.top * number / steps
        y = frame.y(value)
        yield f'<path class="grid" d="M{frame.left:g} {y}H{frame.width - frame.right:g}"/>'
        yield f'<text class="tick" x="{frame.left - 6:g}" y="{y + 4:g}" text-anchor="end">{value:.2g}</text>'


def nice_top(values: Sequence[float]) -> float:
    """Return the top of a scale that holds all values: one of a few round numbers."""
    highest = max((v for v in values if not math.isnan(v)), default=1.0)
    return next((top for top in (0.04, 0.1, 0.2, 0.4, 0.6, 0.8) if highest <= top), 1.0)


# --- the series ----------------------------------------------------------------------------------


def series_chart(
    points: Sequence[Point], name: str, title: str, *, marks: Sequence[int] = (), size: tuple[float, float] = (960.0, 300.0)
) -> str:
    """Draw a series with its band, gaps, thin periods and change points.

    Parameters
    ----------
    points : sequence of Point
    name : str
        What ids begin with; once a page.
    title : str
    marks : sequence of int
        Places of the change points; they are numbered.
    size : tuple of float

    Returns
    -------
    str
        An ``<svg>``; each period says its numbers when pointed at.
    """
    frame = _Frame(*size, len(points), nice_top([p.high for p in points]))
    runs = list(_runs(points))
    body = [
        *_scale(frame),
        *_ticks(frame, points),
        *(_gap(frame, at) for at, point in enumerate(points) if point.status == "gap"),
        *(_band(frame, points, run) for run in runs),
        *(_line(frame, points, run) for run in runs),
        *_dots(frame, points),
        *(_mark(frame, at, number) for number, at in enumerate(marks, 1)),
        f'<path class="cursor" id="{name}-cursor" d="M0 {frame.above:g}V{frame.height - frame.below:g}" visibility="hidden"/>',
        *(_target(frame, at, point) for at, point in enumerate(points)),
    ]
    return _picture(frame, name, title, _summary(points), "".join(body))


def place_x(place: int, count: int, size: tuple[float, float] = (960.0, 300.0)) -> float:
    """Return where a place stands in the picture of :func:`series_chart`."""
    return _Frame(*size, count, 1.0).x(place)


def _runs(points: Sequence[Point]) -> Iterator[list[int]]:
    """Yield the stretches without a gap."""
    for is_gap, places in groupby(range(len(points)), key=lambda at: points[at].status == "gap"):
        if not is_gap:
            yield list(places)


def _band(frame: _Frame, points: Sequence[Point], run: Sequence[int]) -> str:
    # A lone period gets a band as wide as its place; a line of no width could not be seen.
    reach = frame.step * 0.3 if len(run) == 1 else 0.0
    corners = [(frame.x(i) - reach, frame.y(points[i].high)) for i in run] + [
        (frame.x(i) + reach, frame.y(points[i].high)) for i in run[-1:]
    ]
    corners += [(frame.x(i) + reach, frame.y(points[i].low)) for i in reversed(run)]
    corners += [(frame.x(i) - reach, frame.y(points[i].low)) for i in run[:1]]
    return f'<path class="band" d="M{"L".join(f"{x:g} {y:g}" for x, y in corners)}Z"/>'


def _line(frame: _Frame, points: Sequence[Point], run: Sequence[int]) -> str:
    return f'<path class="line" d="M{"L".join(f"{frame.x(i):g} {frame.y(points[i].value):g}" for i in run)}"/>'


def _dots(frame: _Frame, points: Sequence[Point]) -> Iterator[str]:
    """Draw thin periods as rings, and the others as dots where there is room."""
    for at, point in enumerate(points):
        if point.status == "thin" or (point.status == "ok" and frame.step > 7):
            radius = 2.4 if frame.step < 5 else 3.2
            yield f'<circle class="{point.status}" cx="{frame.x(at):g}" cy="{frame.y(point.value):g}" r="{radius}"/>'


def _gap(frame: _Frame, at: int) -> str:
    top, bottom = frame.above, frame.height - frame.below
    return f'<rect class="gap" x="{frame.x(at - 0.5):g}" y="{top:g}" width="{frame.step:g}" height="{bottom - top:g}"/>'


def _mark(frame: _Frame, at: int, number: int) -> str:
    x = frame.x(at - 0.5)
    line = f'<path class="mark" d="M{x:g} {frame.above - 4:g}V{frame.height - frame.below:g}"/>'
    badge = f'<circle class="badge" cx="{x:g}" cy="10" r="9"/><text class="number" x="{x:g}" y="14" text-anchor="middle">{number}</text>'
    return line + badge


def _target(frame: _Frame, at: int, point: Point) -> str:
    height = frame.height - frame.above - frame.below
    box = f'x="{frame.x(at - 0.5):g}" y="{frame.above:g}" width="{frame.step:.2f}" height="{height:g}"'
    return f'<rect class="target" data-at="{at}" {box}><title>{safe(point.told)}</title></rect>'


def _ticks(frame: _Frame, points: Sequence[Point]) -> Iterator[str]:
    every = max(1, math.ceil(len(points) * 88 / (frame.width - frame.left - frame.right)))
    for at in range(0, len(points), every):
        x = frame.x(at)
        if at and x > frame.width - 36:
            break
        yield f'<path class="grid" d="M{x:g} {frame.height - frame.below:g}v5"/>'
        yield f'<text class="tick" x="{x:g}" y="{frame.height - frame.below + 19:g}" text-anchor="middle">{safe(points[at].tick)}</text>'


def _summary(points: Sequence[Point]) -> str:
    """Say what the picture shows."""
    known = [p for p in points if p.status != "gap"]
    if not known:
        return "No period has articles."
    highest, lowest = max(known, key=lambda p: p.value), min(known, key=lambda p: p.value)
    gaps = len(points) - len(known)
    told = f"From {known[0].value:.2f} ({known[0].label}) to {known[-1].value:.2f} ({known[-1].label}). "
    told += f"Highest {highest.value:.2f} ({highest.label}), lowest {lowest.value:.2f} ({lowest.label}). "
    return told + f"{len(points)} periods, {gaps} without articles, {sum(p.status == 'thin' for p in points)} thin."


# --- bars and reliability ------------------------------------------------------------------------


def bars_chart(counts: Sequence[int], labels: Sequence[str], name: str, title: str, axis: str) -> str:
    """Draw counts as bars with their numbers.

    Parameters
    ----------
    counts : sequence of int
    labels : sequence of str
        One below each bar.
    name, title, axis : str
        What ids begin with, what the picture shows, and what stands along the bottom.

    Returns
    -------
    str
        An ``<svg>``.
    """
    frame = _Frame(460.0, 230.0, len(counts), float(max(*counts, 1)), left=12.0, below=46.0)
    body = []
    for at, (count, label) in enumerate(zip(counts, labels, strict=True)):
        x, y = frame.x(at), frame.y(count)
        box = f'x="{x - frame.step * 0.4:.1f}" y="{y:g}" width="{frame.step * 0.8:.1f}" height="{frame.height - frame.below - y:.1f}"'
        body.append(f'<rect class="bar" {box}/><text class="tick" x="{x:g}" y="{y - 5:g}" text-anchor="middle">{count:,}</text>')
        body.append(f'<text class="tick" x="{x:g}" y="{frame.height - 30:g}" text-anchor="middle">{safe(label)}</text>')
    body.append(f'<text class="tick" x="{frame.width / 2:g}" y="{frame.height - 8:g}" text-anchor="middle">{safe(axis)}</text>')
    told = ", ".join(f"{label}: {count}" for label, count in zip(labels, counts, strict=True))
    return _picture(frame, name, title, told, "".join(body))


def reliability_chart(rows: Sequence[tuple[float, float, float, float, int]], name: str, title: str) -> str:
    """Draw the share of marked texts over their mean score, with bands and counts.

    Parameters
    ----------
    rows : sequence of tuple
        Mean score, share marked, low and high end of the band, and number of texts, of each bin.
    name, title : str

    Returns
    -------
    str
        An ``<svg>``.
    """
    frame = _Frame(460.0, 380.0, 1, 1.0, below=62.0)
    wide = frame.width - frame.left - frame.right
    ends = frame.left, frame.left + wide
    body = [*_scale(frame), f'<path class="diagonal" d="M{ends[0]:g} {frame.y(0):g}L{ends[1]:g} {frame.y(1):g}"/>']
    for score, share, low, high, count in rows:
        x = frame.left + score * wide
        body.append(f'<path class="whisker" d="M{x:.1f} {frame.y(low):g}V{frame.y(high):g}"/>')
        body.append(f'<circle class="ok" cx="{x:.1f}" cy="{frame.y(share):g}" r="4"/>')
        body.append(f'<text class="tick" x="{x:.1f}" y="{frame.height - 30:g}" text-anchor="middle">{count:,}</text>')
    for number in range(5):
        x = frame.left + number / 4 * wide
        body.append(f'<text class="tick" x="{x:g}" y="{frame.height - 46:g}" text-anchor="middle">{number / 4:g}</text>')
    body.append(
        f'<text class="tick" x="{frame.left + wide / 2:g}" y="{frame.height - 10:g}" text-anchor="middle">score; texts in each bin</text>'
    )
    told = "; ".join(f"at score {score:.2f} {share:.0%} of {count} texts are marked" for score, share, _, _, count in rows)
    return _picture(frame, name, title, told, "".join(body))
