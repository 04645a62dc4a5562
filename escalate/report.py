"""A report of a table of articles as one page: the index, what it is about, the highest texts with their reasons, and what was not read.

The page loads nothing and says so to the browser; it is whole without script, which only makes it quicker to look through.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from escalate import __version__
from escalate._default import default_model
from escalate.calibration import FULLY_READ
from escalate.duplicates import SIMILARITY
from escalate.errors import IndexInputError, of_kind
from escalate.evaluation import calibration_error
from escalate.explanation import Explanation, Signal
from escalate.index import LEVELS, LOOK_BACK, THIN, RiskIndex, risk_index, wilson
from escalate.involved import Actors
from escalate.model import Model, is_missing
from escalate.moments import check_timezone, read_moments
from escalate.render import RUNGS
from escalate.survey import Survey, Unread, article_in, read_rows, survey
from escalate.svg import Point, bars_chart, place_x, reliability_chart, safe, series_chart

__all__ = ["report_file", "report_page"]

PAGES = Path(__file__).parent / "pages"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
READING = "It is a reading of these texts and no forecast of war: it says what the words report, not whether it is true or what comes next."

TOP_TEXTS, TOP_LINES, TOP_FAMILIES, TOP_UNREAD = 10, 6, 24, 50
LINE_COUNT = 3.5
"""Articles a period that the fullest line holds at least in the mean, or its periods are made longer."""

MOST_SHOWN = 50_000
"""Periods of a page: the days of 136 years, in some twenty million characters. Beyond, no browser would show it."""

LONGEST_TEXT = 3000
REASONS = 9
HEAT_COLUMNS = 16

GROUPS = {"escalatory": "escalatory", "pressure": "pressure without force", "deescalatory": "de-escalatory", "counter": "other topics"}
COARSER = {"D": "W", "W": "MS", "MS": "QS"}
FREQS = {"h": "hour", "D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"}


@dataclass(frozen=True)
class _Report:
    """What the page is made from.

    ``counted`` holds the places in the survey of the articles that count, by time; ``index`` is None where there are no dates, and
    ``problem`` says why.
    """

    seen: Survey
    index: RiskIndex | None
    split: RiskIndex | None
    problem: str
    counted: list[int]
    model: Model
    name: str
    freq: str


def report_page(
    df: pd.DataFrame,
    *,
    date: str | None = None,
    text: str | None = "text",
    title: str | None = None,
    source: str | None = None,
    label: str | None = None,
    freq: str | None = None,
    by: str | None = None,
    actors: Actors | None = None,
    weights: Mapping[Any, float] | str | None = None,
    duplicates: float | None = SIMILARITY,
    timezone: str = "UTC",
    name: str = "articles",
    unread: Sequence[Unread] = (),
    model: Model | None = None,
) -> str:
    """Return a report of a table of articles as one HTML page.

    Parameters
    ----------
    df : DataFrame
        One row an article.
    date, text, title, source : str, optional
        Names of columns. Without `date` there is no index.
    label : str, optional
        Column of labels, 1 where the text reports escalation, else 0: then the page shows how well the scores keep their promise on it.
    freq : str, optional
        Length of a period; default the shortest of day, week, month and quarter in which there are mostly five articles or more.
    by : str, optional
        ``"actors"`` or ``"pairs"``: the index of the six most named of them too.
    actors, weights, duplicates, timezone
        As for :func:`escalate.risk_index`; `weights` is ``"balanced"`` or by source.
    name : str
        What the table is called.
    unread : sequence of Unread
        What could not be read of it before; see :func:`escalate.survey.read_rows`.
    model : Model, optional
        Default: the shipped one.

    Returns
    -------
    str

    Raises
    ------
    IndexInputError
        When a column is missing, no text could be read, the time zone is not known, `by` or `weights` is none of what it may be, or
        `freq` cuts the time into more periods than a page can show.
    """
    check_timezone(timezone)
    _check_choices(by, weights)
    scorer = default_model() if model is None else of_kind(Model, "model", model)
    columns = {"date": date, "text": text, "title": title, "source": source, "label": label}
    seen = survey(df, columns, scorer, list(unread))
    if seen.table["risk"].isna().all():
        raise IndexInputError(f"none of {len(seen.table)} rows of {name} has a text to score")
    freq = freq or _fitting_freq(seen.table, timezone)
    options: dict[str, Any] = {"weights": weights, "timezone": timezone, "freq": freq, "model": scorer}
    index, problem = _index(seen.table, options | {"duplicates": duplicates})
    split = _split_index(seen.table, index, options | {"by": by, "actors": actors}) if by and index is not None else None
    counted = [int(at) for at in (index.articles.index if index is not None else np.flatnonzero(seen.table["risk"].notna()))]
    return _page(_Report(seen, index, split, problem, counted, scorer, name, freq))


def _check_choices(by: object, weights: object) -> None:
    """Refuse what an index could take, but a page cannot: it surveys the table, and of other columns knows nothing."""
    if by not in (None, "actors", "pairs"):
        raise IndexInputError(f"by is {by!r:.60}; expected 'actors' or 'pairs', or nothing")
    if not isinstance(weights, Mapping) and not (weights is None or (isinstance(weights, str) and weights == "balanced")):
        raise IndexInputError(f"weights is {weights!r:.60}; expected 'balanced', a mapping such as {{'Reuters': 2}}, or nothing")


def report_file(
    path: Path,
    columns: Mapping[str, str | None],
    *,
    freq: str | None = None,
    by: str | None = None,
    actors: Actors | None = None,
    balanced: bool = False,
    keep_copies: bool = False,
    timezone: str = "UTC",
    model: Model | None = None,
) -> str:
    """Return a report of a file; see :func:`report_page`.

    Parameters
    ----------
    path : Path
        CSV, TSV, JSON Lines (also packed) or Parquet.
    columns : mapping
        Names of the columns ``date, text, title, source, label``; where one is None, the column of that very name, if there is one (but a
        label must be named). There must be a column of texts.
    freq, by, actors, timezone, model
        As for :func:`report_page`.
    balanced : bool
        Whether in each period every source counts the same.
    keep_copies : bool
        Whether every copy of a story counts.

    Returns
    -------
    str
    """
    table, unread = read_rows(path, columns["text"] or "text")
    named = {role: name or (role if role in table.columns and role != "label" else None) for role, name in columns.items()}
    return report_page(
        table,
        **named,
        freq=freq,
        by=by,
        actors=actors,
        weights="balanced" if balanced else None,
        duplicates=None if keep_copies else SIMILARITY,
        timezone=timezone,
        name=path.name,
        unread=unread,
        model=model,
    )


def _index(table: pd.DataFrame, options: dict[str, Any]) -> tuple[RiskIndex | None, str]:
    """Return the index of the surveyed table, or why there is none."""
    if "date" not in table:
        return None, "The table has no column of dates, so there is no index over time."
    if not read_moments(table["date"], options["timezone"]).notna().any():
        return None, "No row has a date that can be read, so there is no index over time. Dates are read as ISO 8601, such as 2031-03-25."
    found = risk_index(table, "date", risk="risk", **_columns_of(table), **options)
    if len(found) > MOST_SHOWN:
        told = f"{len(found):,} periods from {found.index[0]:%Y-%m-%d} to {found.index[-1]:%Y-%m-%d}; a page shows {MOST_SHOWN:,} at most"
        raise IndexInputError(f"freq {options['freq']!r}: {told}; take longer ones, leave freq out, or drop the dates far from the others")
    return found, ""


def _split_index(table: pd.DataFrame, index: RiskIndex, options: dict[str, Any]) -> RiskIndex:
    """Return the index by line of the articles that were counted; a line has fewer of them, and may need longer periods."""
    rows = table.loc[list(index.articles.index)]
    found = risk_index(rows, "date", risk="risk", duplicates=None, **_columns_of(table), **options)
    counts = found.line(found.groupby(level=0)["n"].sum().idxmax())["n"]
    freq = options["freq"]
    while freq in COARSER and counts.resample(freq).sum().mean() < LINE_COUNT:
        freq = COARSER[freq]
    return found if freq == options["freq"] else _split_index(table, index, options | {"freq": freq})


def _columns_of(table: pd.DataFrame) -> dict[str, Any]:
    return {role: role for role in ("text", "title", "source") if role in table}


def _fitting_freq(table: pd.DataFrame, timezone: str) -> str:
    """Return the shortest period in which there are mostly as many articles as a band needs."""
    if "date" not in table:
        return "D"
    days = pd.DatetimeIndex(read_moments(table["date"], timezone).dropna()).sort_values()
    freq = "D"
    while freq in COARSER and len(days) and pd.Series(1, index=days).resample(freq).sum().median() < THIN:
        freq = COARSER[freq]
    return freq


# --- the page ------------------------------------------------------------------------------------


def _page(report: _Report) -> str:
    sections = {
        "In short": _in_short(report),
        "Over time": _over_time(report),
        "Changes, and the articles behind them": _changes(report),
        "Who is involved": _lines(report),
        "What it is about": _heat(report),
        "Highest texts": _texts(report),
        "Calibration and coverage": _calibration(report),
        "What could not be read": _unread(report),
    }
    shown = {heading: body for heading, body in sections.items() if body}
    links = "".join(f'<li><a href="#{_slug(heading)}">{heading}</a></li>' for heading in shown)
    body = "".join(
        f'<section aria-labelledby="{_slug(heading)}"><h2 id="{_slug(heading)}">{heading}</h2>{content}</section>'
        for heading, content in shown.items()
    )
    return _document(f"Escalation in {report.name}", links, body, _foot(report))


def _document(title: str, links: str, body: str, foot: str) -> str:
    style, script = ((PAGES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{safe(title)}</title>'
        f'<style>{style}</style></head><body><a class="skip" href="#main">Skip to the report</a>'
        f'<header class="wrap"><h1>{safe(title)}</h1><p>How much of what was published reports a current step that uses, threatens, '
        f'prepares or enables military force. {READING}</p><nav aria-label="Sections"><ul>{links}</ul></nav></header>'
        f'<main class="wrap" id="main">{body}</main><footer class="wrap soft">{foot}</footer><script>{script}</script></body></html>\n'
    )


def _slug(heading: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in heading.lower())


def _foot(report: _Report) -> str:
    data = report.model.meta.get("data", {})
    learned = f", trained on {data['texts']:,} labelled texts" if "texts" in data else ""
    made = f"Made with escalate {__version__}, model {report.model.version}{learned}."
    return f"<p>{made} Everything on this page is in this one file; nothing is loaded from elsewhere.</p>"


def _day(moment: pd.Timestamp, freq: str) -> str:
    """Return a period in words."""
    unit = freq.lstrip("0123456789")[:1]
    if unit in "MQY":
        return f"{moment:%B %Y}"
    day = f"{moment.day} {moment:%B %Y}"
    return f"week to {day}" if unit == "W" else f"{day} {moment:%H:%M}" if unit in "hHTtm" else day


def _tick(moment: pd.Timestamp, freq: str, *, first: bool) -> str:
    if freq.lstrip("0123456789")[:1] in "MQY":
        return f"{moment:%b %Y}"
    return f"{moment.day} {moment:%b %Y}" if first else f"{moment.day} {moment:%b}"


def _unit(freq: str) -> str:
    return FREQS.get(freq.lstrip("0123456789")[:1], "period")


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table as named tuples."""
    yield from table.itertuples()


def _fact(name: str, value: str, note: str = "") -> str:
    return f"<div><dt>{name}</dt><dd>{value}{f'<small>{note}</small>' if note else ''}</dd></div>"


# --- in short, over time -------------------------------------------------------------------------


def _in_short(report: _Report) -> str:
    table = report.seen.table.iloc[report.counted]
    count, risk = len(table), float(table["risk"].mean())
    low, high = wilson(risk, count)
    above = int((table["risk"] >= 0.5).sum())
    direction = float(table["direction"].mean())
    told = "raises risk" if direction > 0.05 else "lowers risk" if direction < -0.05 else "even"
    facts = [
        _fact("articles counted", f"{count:,}", _span(report)),
        _fact("mean risk", f"{risk:.2f}", f"95 % band {float(low):.2f} to {float(high):.2f}"),
        _fact("scored 0.5 or more", f"{above:,}", f"{above / count:.0%} of articles"),
        _fact("net direction", f"{direction:+.2f}".replace("-", "\u2212"), told),
    ]
    if report.index is not None:
        facts.append(_fact("copies set aside", f"{report.index.coverage.get('copy', 0):,}", "the same story again within three days"))
    unread = len(_faults(report))
    facts.append(_fact("rows not read", f"{unread:,}", '<a href="#what-could-not-be-read">see why</a>' if unread else ""))
    return f'<dl class="facts">{"".join(facts)}</dl>'


def _span(report: _Report) -> str:
    if report.index is None:
        return "without dates"
    times = report.index.articles["time"]
    return f"{_day(times.min(), 'D')} to {_day(times.max(), 'D')}"


def _over_time(report: _Report) -> str:
    if report.index is None:
        return f"<p>{safe(report.problem)}</p>"
    points = _points(report.index, None, report.freq)
    marks = report.index.index.get_indexer(report.index.changes().index).tolist()
    chart = series_chart(points, "index", f"Mean risk by {_unit(report.freq)}", marks=marks)
    caption = (
        f"Mean risk of the articles of each {_unit(report.freq)}, 0 to 1, with its 95 % band. Days are cut in the time zone "
        f"{safe(report.index.timezone)}."
    )
    box = f'<div class="scroll" id="index-chart" tabindex="0" role="region" aria-label="Picture of the index">{chart}</div>'
    return f"<figure>{box}<figcaption>{caption}<div>{_KEY}</div></figcaption></figure>{_explorer(report, points)}{_numbers(report, points)}"


_KEY = (
    '<span class="key"><svg aria-hidden="true"><circle class="ok" cx="11" cy="7" r="3.2"/></svg>five articles or more</span>'
    '<span class="key"><svg aria-hidden="true"><circle class="thin" cx="11" cy="7" r="3.2"/></svg>thin: fewer</span>'
    '<span class="key"><svg aria-hidden="true"><rect class="gap" width="22" height="14"/></svg>gap: none</span>'
    '<span class="key"><svg aria-hidden="true"><path class="mark" d="M11 0V14"/></svg>change of level</span>'
)


def _points(index: RiskIndex, line: Hashable, freq: str) -> list[Point]:
    points: list[Point] = []
    year = None
    for row in _rows(index.line(line)):
        label = _day(row.Index, freq)
        tick = _tick(row.Index, freq, first=row.Index.year != year)
        year = row.Index.year
        told = f"{label}: no articles"
        if row.status != "gap":
            articles = _counted(row.n, "article", "articles") + (f" and {_counted(row.copies, 'copy', 'copies')}" if row.copies else "")
            told = f"{label}: risk {row.risk:.2f} ({row.risk_low:.2f} to {row.risk_high:.2f}), {articles}"
        points.append(Point(label, tick, float(row.risk), float(row.risk_low), float(row.risk_high), str(row.status), told))
    return points


_RANK = {"ok": 2, "thin": 1, "gap": 0}
"""How much a period has to tell, by its status."""


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _explorer(report: _Report, points: Sequence[Point]) -> str:
    """Return the slider that tells the numbers and movers of one period; it appears where scripts run."""
    periods = [
        {"x": place_x(at, len(points)), "told": point.told, "movers": _mover_lines(report, at, point)} for at, point in enumerate(points)
    ]
    highest = max(range(len(points)), key=lambda at: (_RANK[points[at].status], points[at].value))
    data = json.dumps(periods, ensure_ascii=True).replace("<", "\\u003c").replace("&", "\\u0026")
    return (
        f'<div id="explore" hidden><label for="period">Look at one {_unit(report.freq)}</label>'
        f'<input id="period" type="range" min="0" max="{len(points) - 1}" value="{highest}">'
        '<div id="readout" aria-live="polite"></div></div>'
        f'<script type="application/json" id="periods">{data}</script>'
    )


def _mover_lines(report: _Report, at: int, point: Point) -> list[str]:
    if point.status == "gap" or report.index is None:
        return []
    movers = report.index.movers(report.index.index[at], count=3)
    return [f"{row.contribution:+.2f}  {row.headline}" for row in _rows(movers)]


def _numbers(report: _Report, points: Sequence[Point]) -> str:
    if report.index is None:
        return ""
    rows = []
    for point, row in zip(points, _rows(report.index), strict=True):
        known = point.status != "gap"
        values = [f"{point.value:.3f}", f"{point.low:.3f} to {point.high:.3f}", f"{row.share:.0%}"] if known else ["", "", ""]
        cells = "".join(f'<td class="num">{value}</td>' for value in [*values, f"{row.n:,}", f"{row.copies:,}"])
        rows.append(f'<tr><th scope="row">{safe(point.label)}</th>{cells}<td>{point.status}</td></tr>')
    numbers = ("mean risk", "95 % band", "at 0.5 or more", "articles", "copies")
    table = _table(f"Index by {_unit(report.freq)}", {"period": "", **dict.fromkeys(numbers, "num"), "status": ""}, "".join(rows))
    return f'<details class="numbers"><summary>The numbers of the picture</summary>{table}</details>'


# --- changes, lines ------------------------------------------------------------------------------


def _changes(report: _Report) -> str:
    if report.index is None:
        return ""
    found = report.index.changes()
    if found.empty:
        return f"<p>No lasting change of level was found. The {_unit(report.freq)}s that moved most:</p>{''.join(_largest_moves(report))}"
    told = (
        f"The level of the index changed {_times(len(found))}. Below a rise stand the articles that moved its first {_unit(report.freq)}, "
    )
    parts = [f"<p>{told}below a fall those that had stood highest in the {LOOK_BACK} {_unit(report.freq)}s before.</p>"]
    for number, row in enumerate(_rows(found), 1):
        heading = f"{number}. {_day(row.Index, report.freq)}: mean risk from {row.before:.2f} to {row.after:.2f}"
        behind = _movers_table(report.index, row.Index, heading) if row.change > 0 else _before_table(report.index, row.Index, heading)
        parts.append(f"<h3>{safe(heading)}</h3>{behind}")
    return "".join(parts)


def _before_table(index: RiskIndex, day: pd.Timestamp, caption: str) -> str:
    """Return the highest articles of the periods before a day: a level falls by what is no longer there."""
    at = int(index.index.searchsorted(day))
    earlier = index.articles[index.articles["period"].between(at - LOOK_BACK, at - 1)]
    highest = earlier.sort_values("risk", ascending=False, kind="stable").head(5)
    rows = "".join(
        f'<tr><td class="num">{row.risk:.2f}</td><td class="num">{_day(row.time, "D")}</td><td><bdi>{safe(row.headline)}</bdi></td>'
        f"<td><bdi>{safe(_known(getattr(row, 'source', '')))}</bdi></td></tr>"
        for row in _rows(highest)
    )
    return _table(f"Articles before {caption}", {"risk": "num", "day": "num", "article": "", "source": ""}, rows, "hidden-label")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _largest_moves(report: _Report) -> Iterator[str]:
    index = report.index
    if index is None:
        return
    days = index.index[index["status"] != "gap"]
    moves = sorted(((index.movers(day, count=1).attrs["change"], day) for day in days), key=lambda move: -abs(move[0]))[:3]
    for change, day in moves:
        heading = f"{_day(day, report.freq)}: {change:+.2f} against the {_unit(report.freq)}s before"
        yield f"<h3>{safe(heading)}</h3>{_movers_table(index, day, heading)}"


def _movers_table(index: RiskIndex, day: pd.Timestamp, caption: str) -> str:
    movers = index.movers(day, count=5)
    rows = "".join(
        f'<tr><td class="num">{row.contribution:+.3f}</td><td class="num">{row.risk:.2f}</td><td><bdi>{safe(row.headline)}</bdi></td>'
        f"<td><bdi>{safe(_known(getattr(row, 'source', '')))}</bdi></td></tr>"
        for row in _rows(movers)
    )
    return _table(f"Articles behind {caption}", {"moved by": "num", "risk": "num", "article": "", "source": ""}, rows, "hidden-label")


def _table(caption: str, heads: Mapping[str, str], rows: str, kind: str = "") -> str:
    """Return a table; `heads` gives each column its class."""
    cells = "".join(f'<th scope="col" class="{look}">{head}</th>' for head, look in heads.items())
    top = f'<caption class="{kind}">{safe(caption)}</caption><thead><tr>{cells}</tr></thead>'
    return f'<div class="scroll"><table>{top}<tbody>{rows}</tbody></table></div>'


def _known(value: object) -> str:
    return str(value) if isinstance(value, str) else ""


def _lines(report: _Report) -> str:
    if report.split is None:
        return ""
    counts = report.split.groupby(level=0)["n"].sum()
    most = counts[counts >= THIN].nlargest(TOP_LINES)
    if most.empty:
        return f"<p>None of {len(counts)} lines has {THIN:g} articles or more.</p>"
    figures = [_line_figure(report.split, name, int(count), number) for number, (name, count) in enumerate(most.items())]
    unit = _unit(report.split.freq)
    told = f"The {len(most)} most named of {len(report.split.lines)}, by {unit}; an article counts on every line that it names."
    return f'<p>{told}</p><div class="pair">{"".join(figures)}</div>'


def _line_figure(split: RiskIndex, name: Hashable, count: int, number: int) -> str:
    marks = split.line(name).index.get_indexer(split.changes(name).index).tolist()
    title = f"{_plain(str(name))}: {count:,} articles"
    chart = series_chart(_points(split, name, split.freq), f"line-{number}", title, marks=marks, size=(460.0, 170.0))
    return f"<figure><h3>{safe(title)}</h3>{chart}</figure>"


def _plain(name: str) -> str:
    return name.replace("_", " ")


# --- families over time --------------------------------------------------------------------------


def _heat(report: _Report) -> str:
    """Return the table of signal families by period, as the share of its articles that report each."""
    columns, place, sizes = _heat_columns(report)
    counts = _family_counts(report, place, len(columns))
    if not counts:
        return "<p>No signal was found in any text.</p>"
    heads = "".join(f'<th scope="col">{safe(column)}<br>n = {size:,}</th>' for column, size in zip(columns, sizes, strict=True))
    body = "".join(_heat_group(report, group, counts, sizes) for group in GROUPS)
    caption = "Of 100 articles of a period, how many report each kind of step as current or threatened. Darker is more; a blank is none. "
    caption += "Weeks bear the date of their last day."
    table = f'<table class="heat"><caption>{caption}</caption><thead><tr><td></td>{heads}</tr></thead>{body}</table>'
    return f'<div class="scroll" tabindex="0" role="region" aria-label="What the articles are about">{table}</div>'


def _heat_columns(report: _Report) -> tuple[list[str], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the columns, the column of each counted article, and how many articles each holds; empty ones are left out."""
    if report.index is None:
        return ["all"], np.zeros(len(report.counted), int), np.array([len(report.counted)])
    times = pd.DatetimeIndex(report.index.articles["time"])
    freq = next(f for f in (report.freq, "D", "W", "MS", "QS", "YS", "10YS", "100YS") if _periods_in(times, f) <= HEAT_COLUMNS)
    counts = pd.Series(1, index=times).resample(freq).sum()
    kept = counts[counts > 0]
    first = [at == 0 or kept.index[at].year != kept.index[at - 1].year for at in range(len(kept))]
    labels = [_tick(day, freq, first=new) for day, new in zip(kept.index, first, strict=True)]
    return labels, np.repeat(np.arange(len(kept)), kept.to_numpy()), kept.to_numpy()


def _periods_in(times: pd.DatetimeIndex, freq: str) -> int:
    return len(pd.Series(1, index=times[[0, -1]]).resample(freq).sum())


def _family_counts(report: _Report, place: np.ndarray[Any, Any], width: int) -> dict[str, np.ndarray[Any, Any]]:
    counts: dict[str, np.ndarray[Any, Any]] = {}
    for column, at in zip(place, report.counted, strict=True):
        for family in report.seen.families[at]:
            counts.setdefault(family, np.zeros(width, int))[column] += 1
    return dict(sorted(counts.items(), key=lambda item: -item[1].sum())[:TOP_FAMILIES])


def _heat_group(report: _Report, group: str, counts: dict[str, np.ndarray[Any, Any]], sizes: np.ndarray[Any, Any]) -> str:
    families = report.model.lexicon.families
    rows = [_heat_row(name, found / sizes) for name, found in counts.items() if families[name].group == group]
    if not rows:
        return ""
    head = f'<tr class="group"><th scope="rowgroup" colspan="{len(sizes) + 1}">{GROUPS[group]}</th></tr>'
    return f"<tbody>{head}{''.join(rows)}</tbody>"


def _heat_row(name: str, shares: np.ndarray[Any, Any]) -> str:
    cells = "".join(f'<td class="h{_shade(share)}">{f"{share * 100:.0f}" if share else ""}</td>' for share in shares)
    return f'<tr><th scope="row">{safe(_plain(name))}</th>{cells}</tr>'


def _shade(share: float) -> int:
    return int(np.searchsorted([0.0, 0.04, 0.1, 0.2, 0.35, 0.55], share, side="left"))


# --- the highest texts ---------------------------------------------------------------------------


def _texts(report: _Report) -> str:
    table = report.seen.table.iloc[report.counted]
    highest = table.sort_values(["risk", "level"], ascending=False, kind="stable").head(TOP_TEXTS)
    shown = [_text(report, row._asdict(), number) for number, row in enumerate(_rows(highest), 1)]
    told = f"The {len(shown)} texts with the highest scores. Words marked with a line raise the score, those with a dashed line lower it; "
    told += "the numbers lead to the reasons."
    return f'<p>{told}</p><button id="open-all" type="button" aria-pressed="false" hidden>Open or close all texts</button>{"".join(shown)}'


def _text(report: _Report, row: dict[str, Any], number: int) -> str:
    article = article_in(row)
    found = report.model.explain(article)
    facts = [
        _known(row.get("source")),
        _known(row.get("date")),
        f"level {found.level:.1f} ({RUNGS[min(5, round(found.level))]})",
        row["row"],
    ]
    head = safe(textwrap.shorten(article.strip().partition("\n")[0], 140, placeholder=" ..."))
    where = safe(", ".join(fact for fact in facts if fact))
    summary = f'<span class="score">{found.score:.3f}</span><span class="head"><bdi>{head}</bdi></span><span class="where">{where}</span>'
    reasons = _reasons(found)
    body = f'<div class="article" dir="auto">{_marked(found, reasons, number)}</div>{_reason_list(found, reasons, number)}'
    return f'<details class="text"{" open" if number == 1 else ""}><summary>{summary}</summary><div class="inside">{body}</div></details>'


def _reasons(found: Explanation) -> list[Signal]:
    """Return the strongest signals that do not lie over one another, and within what is shown."""
    kept: list[Signal] = []
    for signal in sorted(found.signals, key=lambda s: -abs(s.contribution)):
        apart = all(signal.end <= other.start or other.end <= signal.start for other in kept)
        if apart and signal.start < signal.end <= LONGEST_TEXT and len(kept) < REASONS:
            kept.append(signal)
    return kept


def _marked(found: Explanation, reasons: Sequence[Signal], number: int) -> str:
    pieces, at = [], 0
    for signal in sorted(reasons, key=lambda s: s.start):
        reason = reasons.index(signal) + 1
        link = f'<sup><a href="#text-{number}-{reason}" aria-label="reason {reason}">{reason}</a></sup>'
        words = safe(found.text[signal.start : signal.end])
        pieces += [safe(found.text[at : signal.start]), f'<mark class="{_way(signal.contribution)}">{words}{link}</mark>']
        at = signal.end
    pieces.append(safe(found.text[at:LONGEST_TEXT]))
    return "".join(pieces) + (" [...]" if len(found.text) > LONGEST_TEXT else "")


def _reason_list(found: Explanation, reasons: Sequence[Signal], number: int) -> str:
    items = []
    for reason, signal in enumerate(reasons, 1):
        actors = f" ({safe(', '.join(map(_plain, signal.actors)))})" if signal.actors else ""
        told = f"{safe(_plain(signal.family))}, {safe(signal.mode)}{actors}"
        items.append(f'<li id="text-{number}-{reason}"><b>{_signed(signal.contribution)}</b> {told}</li>')
    words = sorted(found.words, key=lambda w: -abs(w.contribution))[:6]
    beside = ", ".join(f"<bdi>{safe(w.text)}</bdi> {_signed(w.contribution)}" for w in words)
    total = f'<p class="note">Words beside them: {beside or "none"}. All parts together: log-odds {_signed(found.log_odds)}.</p>'
    return f'<ol class="reasons">{"".join(items)}</ol>{total}'


def _way(contribution: float) -> str:
    return "raises" if contribution >= 0 else "lowers"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


# --- calibration and coverage --------------------------------------------------------------------


def _calibration(report: _Report) -> str:
    table = report.seen.table.iloc[report.counted]
    scores = np.bincount(np.minimum((table["risk"].to_numpy() * 10).astype(int), 9), minlength=10)
    spread = bars_chart(scores.tolist(), [f"{i / 10:.1f}" for i in range(10)], "scores", "How the scores are spread", "score, from")
    rungs = np.bincount(np.rint(table["level"].to_numpy()).astype(int), minlength=len(LEVELS))
    ladder = bars_chart(rungs.tolist(), RUNGS, "levels", "How the levels are spread", "level (nearest rung)")
    charts = f"<figure><h3>Scores</h3>{spread}</figure><figure><h3>Levels</h3>{ladder}</figure>"
    return f'{_coverage(table)}<div class="pair">{charts}</div>{_promise(report, table)}'


def _coverage(table: pd.DataFrame) -> str:
    """Say how much of the texts the model could read."""
    known, words = table["known"].to_numpy(), table["words"].to_numpy()
    width = float((table["high"] - table["low"]).median())
    few, doubts = int((known < FULLY_READ).sum()), int((table["doubt"] != "").sum())
    facts = [
        _fact("content words known", f"{known.sum() / max(words.sum(), 1):.0%}", f"of {int(words.sum()):,} in all texts"),
        _fact(f"texts with fewer than {FULLY_READ} known words", f"{few:,}", "too short to be sure of: see their intervals"),
        _fact("texts that do not look like English news", f"{doubts:,}", "scored all the same, and listed at the end"),
        _fact("interval around a score", f"\u00b1 {width / 2:.2f}", "half its width, median of the texts"),
    ]
    return f'<dl class="facts">{"".join(facts)}</dl>'


def _promise(report: _Report, table: pd.DataFrame) -> str:
    """Say how well the scores keep their promise: on the labels of the table, or else where the model was measured."""
    labels = pd.to_numeric(table["label"], errors="coerce") if "label" in table else pd.Series(dtype=float)
    labelled = table[labels.isin([0, 1])] if len(labels) else table.iloc[:0]
    if len(labelled):
        return _measured_here(labels[labels.isin([0, 1])].to_numpy(float), labelled["risk"].to_numpy()) + _no_labels(table)
    measured = report.model.meta.get("metrics", {}).get("left-out sources", {})
    cells = {name: (f"{values['n']:,}", f"{values['calibration_error']:.3f}") for name, values in measured.items()}
    rows = "".join(
        f'<tr><th scope="row">{safe(k)}</th><td class="num">{n}</td><td class="num">{e}</td></tr>' for k, (n, e) in cells.items()
    )
    told = f"<h3>Calibration</h3>{_no_labels(table)}<p>The table has no labels to measure on, so whether the scores keep their promise "
    told += "here is not known. "
    told += "A hundred texts drawn at random and labelled by the codebook would tell.</p>"
    caption = "Where the model was measured, on sources that it had not seen"
    return told + (_table(caption, {"texts": "", "number": "num", "calibration error": "num"}, rows) if rows else "")


def _no_labels(table: pd.DataFrame) -> str:
    """Tell of what stands in the column of labels and is none; an empty cell only says that a text is not labelled."""
    if "label" not in table:
        return ""
    read = pd.to_numeric(table["label"], errors="coerce")
    wrong = [row for row, known in zip(_rows(table), read.isin([0, 1]), strict=True) if not known and not _is_empty(row.label)]
    if not wrong:
        return ""
    first = f"{safe(f'{wrong[0].label!r:.60}')} in {safe(wrong[0].row)}"
    return f"<p>{len(wrong):,} labels are neither 0 nor 1, the first {first}, and are left out of it.</p>"


def _is_empty(cell: Any) -> bool:
    return is_missing(cell) or (isinstance(cell, str) and not cell.strip())


def _measured_here(labels: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> str:
    inside = np.minimum((scores * 10).astype(int), 9)
    rows = []
    for at in range(10):
        marked = labels[inside == at]
        if len(marked):
            low, high = wilson(marked.mean(), len(marked))
            rows.append((float(scores[inside == at].mean()), float(marked.mean()), float(low), float(high), len(marked)))
    chart = reliability_chart(rows, "reliability", "Share marked by score")
    told = f"{len(labels):,} labelled texts: {labels.mean():.0%} are marked, the mean score is {scores.mean():.2f}, "
    told += f"the calibration error {calibration_error(labels, scores):.3f} (0 is perfect)."
    return f"<h3>Calibration on the labels of the table</h3><p>{told}</p><figure>{chart}</figure>"


# --- what could not be read ----------------------------------------------------------------------


def _faults(report: _Report) -> list[Unread]:
    """Return the lines that are no rows, and the rows that could not be counted; copies are no fault."""
    table, found = report.seen.table, list(report.seen.unread)
    if report.index is None:
        return found + [Unread(row.row, row.fault) for row in _rows(table[table["risk"].isna()])]
    left_out = report.index.left_out
    left_out = left_out[left_out["kind"] != "copy"].sort_index()
    return found + [Unread(str(table["row"].iloc[at]), str(row.reason)) for at, row in zip(left_out.index, _rows(left_out), strict=True)]


def _unread(report: _Report) -> str:
    found = _faults(report)
    if not found:
        return "<p>Every row was read.</p>" + _doubts(report)
    rows = "".join(f'<tr><th scope="row">{safe(fault.where)}</th><td>{safe(fault.reason)}</td></tr>' for fault in found[:TOP_UNREAD])
    more = f"<p>And {len(found) - TOP_UNREAD:,} more.</p>" if len(found) > TOP_UNREAD else ""
    told = f"<p>{len(found):,} rows are not in the numbers above.</p>"
    return told + _table("Rows not read", {"where": "", "why": ""}, rows) + more + _doubts(report)


def _doubts(report: _Report) -> str:
    """List the texts that were scored though the score was not made for them."""
    table = report.seen.table.iloc[report.counted]
    doubtful = table[table["doubt"] != ""]
    if doubtful.empty:
        return ""
    rows = "".join(f'<tr><th scope="row">{safe(row.row)}</th><td>{safe(row.doubt)}</td></tr>' for row in _rows(doubtful.head(TOP_UNREAD)))
    told = f"<h3>Scored, but in doubt</h3><p>{len(doubtful):,} texts do not look like English news; their scores mean little.</p>"
    return told + _table("Texts in doubt", {"where": "", "why": ""}, rows)
