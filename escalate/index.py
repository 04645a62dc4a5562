"""From scores of articles to a series: the risk of a collection by day (week, month), with bands, gaps, and the articles behind it."""

from __future__ import annotations

import difflib
import math
import textwrap
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from statistics import NormalDist
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from escalate._default import default_model
from escalate.article import article_of, fault_of, in_words
from escalate.changepoints import change_points
from escalate.duplicates import SIMILARITY, originals
from escalate.errors import IndexInputError, of_kind
from escalate.frame import OK, Plan, score_chunk
from escalate.involved import Actors, Finder
from escalate.language import warn_of_doubts
from escalate.lexicon import Lexicon
from escalate.model import Model, is_missing
from escalate.moments import moment, read_moments, why_unread

__all__ = ["COLUMNS", "RiskIndex", "column_of", "risk_index", "wilson"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int_]

LEVELS = tuple(f"level_{rung}" for rung in range(6))
COLUMNS = (
    *("risk", "risk_low", "risk_high", "share", "share_low", "share_high"),
    *("n", "n_effective", "copies", *LEVELS, "direction", "status"),
)
"""The columns of an index; see :class:`RiskIndex`."""

THIN = 5.0
"""Effective articles below which a period is thin."""

LOOK_BACK = 7
"""Periods with articles before a date, from whose mean :meth:`RiskIndex.movers` counts the change."""

MOST_PERIODS = 200_000
"""More than the days of all years that dates are read of."""

MOST_ROWS = 5_000_000
"""Of all lines of an index together; some hundred bytes each."""

BALANCED = "balanced"
COVERAGE = 0.95
HEADLINE = 160


def wilson(share: ArrayLike, count: ArrayLike, coverage: float = COVERAGE) -> tuple[FloatArray, FloatArray]:
    """Return the Wilson interval of a share.

    Parameters
    ----------
    share : array of float
        Between 0 and 1.
    count : array of float
        What the share was counted over; NaN comes out where it is 0.
    coverage : float

    Returns
    -------
    tuple of ndarray
        Low and high ends.

    Examples
    --------
    >>> low, high = wilson(0.5, 100)
    >>> round(float(low), 3), round(float(high), 3)
    (0.404, 0.596)
    """
    p, n = np.asarray(share, float), np.asarray(count, float)
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(np.maximum(p * (1 - p), 0.0) / n + z * z / (4 * n * n))
    return np.minimum(np.maximum(middle - half, 0.0), p), np.maximum(np.minimum(middle + half, 1.0), p)


# --- the series ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Facts:
    """What an index was counted from, and its own copy of the counts: the frame itself is its owner's, who may sort or change it in place.

    ``member`` and ``line`` say which article stands on which line, ``part`` with what share of its period.
    """

    table: pd.DataFrame
    articles: pd.DataFrame
    left_out: pd.DataFrame
    lines: tuple[Hashable, ...]
    labels: pd.DatetimeIndex
    member: IntArray
    line: IntArray
    part: FloatArray
    is_split: bool
    timezone: str
    freq: str
    threshold: float


class RiskIndex(pd.DataFrame):
    """A series of risk: a DataFrame with one row a period, that also knows its articles.

    It *is* a DataFrame because of what one does with it: ``index["risk"].rolling(7).mean()``, ``index.join(other)``,
    ``index.to_csv(path)``. Whatever is made from it (a slice, a copy, a resampling) is a plain DataFrame: the articles belong to the
    index as it was counted, and a part of it could no longer account for itself. For the same reason its methods tell of the index as
    it was counted, also after a change in place.

    Its rows are all periods from the first article to the last, labelled as ``resample`` labels them, in the time zone of the index.
    With ``by=`` the row index has a level before that: the line.

    Attributes
    ----------
    risk, risk_low, risk_high : column of float
        Weighted mean of the scores, and its 95 % band.
    share, share_low, share_high : column of float
        Weighted share of articles scored at or above the threshold, and its band.
    n : column of int
        Articles counted, every story once.
    n_effective : column of float
        How many articles of equal weight they are worth (Kish); the bands rest on it.
    copies : column of int
        Further copies of these articles, which were not counted.
    level_0, level_1, level_2, level_3, level_4, level_5 : column of float
        Share of articles whose level rounds to that rung.
    direction : column of float
        Net direction: the weighted mean, -1 (risk lowered) to 1 (raised).
    status : column of str
        ``"ok"``; ``"thin"``: fewer than 5 effective articles, look at the band; ``"gap"``: no article, and the numbers are NaN, not 0.

    Notes
    -----
    The band is the Wilson interval of a share over the effective number of articles. If scores are calibrated it holds for the share of
    articles that coders would mark: the variance of a mark is ``p (1 - p)``, which is the variance between the scores plus the doubt in
    each. It never leaves 0 to 1 and is wide, not absent, for a single article. It takes articles as independent; on a day filled by one
    story they are not, and the truth may stray further.
    """

    _metadata: ClassVar[list[str]] = ["_facts"]
    _facts: _Facts

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    @property
    def articles(self) -> pd.DataFrame:
        """The articles counted, by time: their row label, time, headline, source, score, weight and number of copies."""
        return self._facts.articles.copy()

    @property
    def left_out(self) -> pd.DataFrame:
        """The rows not counted, by their label, each with what kind of fault it has and the reason."""
        return self._facts.left_out.copy()

    @property
    def lines(self) -> tuple[Hashable, ...]:
        """The names of the lines; empty where the index is not split."""
        return self._facts.lines if self._facts.is_split else ()

    @property
    def timezone(self) -> str:
        """The time zone in which days are cut."""
        return self._facts.timezone

    @property
    def freq(self) -> str:
        """The length of a period, as pandas names it."""
        return self._facts.freq

    @property
    def coverage(self) -> pd.Series:
        """How many rows there were, how many were counted or left out and why, and how many periods are gaps or thin.

        `doubtful` of those counted do not look like English news (`articles` says why in its column ``doubt``).

        Returns
        -------
        Series of int
        """
        facts = self._facts
        left_out = facts.left_out["kind"].value_counts().sort_index()
        status = facts.table["status"].value_counts()
        articles = len(facts.articles)
        doubtful = int((facts.articles["doubt"] != "").sum())
        counts = {"rows": articles + len(facts.left_out), "counted": articles, "doubtful": doubtful, **left_out.to_dict()}
        return pd.Series({**counts, "periods": len(facts.table), "thin": status.get("thin", 0), "gap": status.get("gap", 0)}, dtype=int)

    def line(self, name: Hashable = None) -> pd.DataFrame:
        """Return one line of the index, by date.

        Parameters
        ----------
        name : hashable, optional
            Its name; an index that is not split has one line without a name.

        Returns
        -------
        DataFrame

        Raises
        ------
        IndexInputError
            When there is no such line.
        """
        at, count = self._line(name), len(self._facts.labels)
        return self._facts.table.iloc[at * count : (at + 1) * count].set_axis(self._facts.labels.copy()).copy()

    def _line(self, name: Hashable) -> int:
        lines = self._facts.lines
        if not self._facts.is_split and name is None:
            return 0
        if name not in lines or not self._facts.is_split:
            known = "the index has one line; leave it out" if not self._facts.is_split else _suggestion(name, lines)
            raise IndexInputError(f"no line {name!r}: {known}")
        return lines.index(name)

    def movers(self, date: object, line: Hashable = None, count: int | None = 10) -> pd.DataFrame:
        """Return the articles that moved the index on a date.

        The change is counted from the mean of up to seven periods with articles before (for the first, from the mean of the line). Each
        article adds its share of the period times the distance of its score from there, so that all contributions sum to the change.

        Parameters
        ----------
        date : Timestamp, date, datetime64 or str
            A moment in the period, or its label.
        line : hashable, optional
            The line, in an index made with ``by=``.
        count : int or None
            How many to return; None for all.

        Returns
        -------
        DataFrame
            By row label of your table: time, headline, source, risk, level, copies, and ``contribution``; first those that moved
            the index the way it went. ``attrs`` holds ``risk``, ``before`` and ``change``.

        Raises
        ------
        IndexInputError
            When the date lies outside the index or in a gap, the line does not exist, or `count` is negative.
        """
        if count is not None and (not isinstance(count, Integral) or isinstance(count, bool) or count < 0):
            raise IndexInputError(f"count is {count!r}; expected a number of articles, 0 or more, or None for all")
        facts, which = self._facts, self._line(line)
        at = self._period(date, which)
        series = facts.table["risk"].to_numpy()[which * len(facts.labels) : (which + 1) * len(facts.labels)]
        earlier = series[:at][~np.isnan(series[:at])][-LOOK_BACK:]
        before = float(np.mean(earlier)) if len(earlier) else float(np.nanmean(series))
        inside = np.flatnonzero((facts.line == which) & (facts.articles["period"].to_numpy()[facts.member] == at))
        found = facts.articles.iloc[facts.member[inside]].drop(columns=["period", "text", "weight"], errors="ignore")
        found["contribution"] = facts.part[inside] * (found["risk"].to_numpy() - before)
        change = float(series[at]) - before
        found = found.sort_values("contribution", ascending=change < 0, kind="stable").head(len(found) if count is None else count)
        found.attrs = {"risk": float(series[at]), "before": before, "change": change}
        return found

    def _period(self, date: object, line: int) -> int:
        """Return the place of the period of a date, if there are articles in it."""
        labels = self._facts.labels
        when = moment(date, self._facts.timezone)
        label = when if when in labels else _label(self._facts.articles["time"].iloc[0], when, self._facts.freq)
        if label not in labels:
            raise IndexInputError(f"{date!r} lies outside the index, which runs from {labels[0]} to {labels[-1]}")
        at = int(labels.searchsorted(label))
        if math.isnan(self._facts.table["risk"].iloc[line * len(labels) + at]):
            raise IndexInputError(f"{date!r} lies in a gap: no article in the period {label}; see the column status")
        return at

    def changes(self, line: Hashable = None) -> pd.DataFrame:
        """Return the change points: where the level of the risk changes for at least three periods with articles.

        Parameters
        ----------
        line : hashable, optional
            Only of this line; default all.

        Returns
        -------
        DataFrame
            By date (with a column ``line`` for a split index): mean risk ``before`` and ``after``, ``change``, and ``headline`` of the
            article that moved the index most on the first day of the new level. See :mod:`escalate.changepoints` for the method.
        """
        names = [line] if line is not None or not self._facts.is_split else self._facts.lines
        found = [row for name in names for row in self._changes(name)]
        dates = pd.DatetimeIndex([row[0] for row in found], tz=self._facts.timezone, name=self._facts.labels.name)
        table = pd.DataFrame([row[1:] for row in found], dates, ["line", "before", "after", "change", "headline"])
        return table if self._facts.is_split else table.drop(columns="line")

    def _changes(self, name: Hashable) -> Iterator[tuple[Any, ...]]:
        table = self.line(name)
        table = table[table["status"] != "gap"]
        for change in change_points(table["risk"].to_numpy(float), table["n_effective"].to_numpy(float)):
            date = table.index[change.at]
            first = self.movers(date, name, 1)
            headline = first["headline"].iloc[0] if "headline" in first else ""
            yield date, name, change.before, change.after, change.after - change.before, headline


def _label(first: pd.Timestamp, when: pd.Timestamp, freq: str) -> pd.Timestamp:
    """Return the label of the period of a moment; where periods begin may depend on the first article."""
    times = pd.DatetimeIndex(sorted([first, when]))
    labels: list[pd.Timestamp] = list(pd.Series(1, index=times).resample(freq).sum().index)
    return labels[-1 if when >= first else 0]


def _suggestion(name: object, known: Any) -> str:
    names = [str(k) for k in known]
    near = difflib.get_close_matches(str(name), names, 3, 0.4)
    return "did you mean " + " or ".join(map(repr, near)) + "?" if near else f"there are {', '.join(names[:12])}"


# --- the call ------------------------------------------------------------------------------------


def risk_index(
    df: pd.DataFrame,
    date: str,
    text: str | None = None,
    *,
    risk: str | None = None,
    title: str | None = None,
    source: str | None = None,
    freq: str = "D",
    weights: str | Mapping[Any, float] | None = None,
    by: str | Actors | None = None,
    actors: Actors | None = None,
    threshold: float = 0.5,
    duplicates: float | None = SIMILARITY,
    timezone: str = "UTC",
    model: Model | None = None,
) -> RiskIndex:
    """Return the risk of a collection of articles as a series over time.

    It says how much of what was published reports escalation. It is a reading of the articles given, with all that their choice brings
    along, and no forecast of war.

    Parameters
    ----------
    df : DataFrame
        One row an article.
    date : str
        Column of dates: moments, dates or ISO 8601 strings, of the years 1700 to 2199. A row without one is left out and listed.
    text : str, optional
        Column of texts. They are scored, unless `risk` is given, compared to find copies, and searched for actors.
    risk : str, optional
        Column of scores, 0 to 1, instead of scoring: for example that of ``score_frame``, whose columns ``level`` and ``direction`` are
        then used too if they are there.
    title : str, optional
        Column of headlines, read before the texts. The text decides: a row with a headline and no text is left out and listed. Without
        `text` the headlines are the texts.
    source : str, optional
        Column of sources (publishers).
    freq : str
        Length of a period, as pandas names it: ``"D"``, ``"W"``, ``"MS"``, ``"6h"``. At most 200,000 periods are made.
    weights : str or mapping, optional
        How much an article counts. A column of weights; ``{source: weight}``, with 1 for the sources that it does not name; or
        ``"balanced"``: in each period every source counts the same, however much it prints. Without it every article counts the same.
        An article of weight 0, or without a weight, is left out and listed.
    by : str, mapping or Lexicon, optional
        One line each. ``"actors"``: every state, armed group and alliance that an article names; ``"pairs"``: every two of them that
        stand in one sentence, such as ``iran-united_states``; a column of `df`; or your own actors, as for `actors`.
    actors : mapping of str to list of str, or Lexicon, optional
        Whom to look for: ``{"Veskaria": ["Veskaria", "Veskarian", "Torvane"]}``, or a lexicon that holds actors. Default: the lexicon
        of the model.
    threshold : float
        Score from which an article counts in ``share``, 0 to 1.
    duplicates : float or None
        Above 0, up to 1: how much of their wording two articles at most three days apart share (see :mod:`escalate.duplicates`) to be
        one story, which counts once, at its first appearance. None: every copy counts. Copies are only found if there is a `text`, and
        with the extra ``dedupe``.
    timezone : str
        In which days are cut, and in which dates without an offset are meant.
    model : Model, optional
        Default: the shipped one.

    Returns
    -------
    RiskIndex
        A DataFrame by period, and with `by` by line and period.

    Raises
    ------
    IndexInputError
        When a column is missing, nothing can be counted, a score, weight or choice is out of range, or the time zone is not known.
    MissingExtraError
        When copies are to be found and datasketch is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> news = pd.DataFrame({"day": ["2031-03-01", "2031-03-01", "2031-03-03"], "risk": [0.1, 0.3, 0.9]})
    >>> risk_index(news, "day", risk="risk")[["risk", "n", "status"]]
                               risk  n status
    day
    2031-03-01 00:00:00+00:00   0.2  2   thin
    2031-03-02 00:00:00+00:00   NaN  0    gap
    2031-03-03 00:00:00+00:00   0.9  1   thin
    """
    _check_choices(threshold, duplicates)
    _check_lines(by, actors)
    model = None if model is None else of_kind(Model, "model", model)
    columns = _Columns(date, text, title, source, risk)
    rows = _read_rows(df, columns, timezone)
    rows["weight"] = _own_weights(df, weights, source)
    _leave_out_weightless(rows)
    rows["group"] = column_of(df, by).to_list() if _is_column(by) else None
    _score(rows, df, risk, model)
    articles, left_out = _count(rows, duplicates if columns.has_text else None)
    lines, member, line = _split(articles, by, actors, model)
    labels, period = _periods(articles["time"], freq, date)
    _check_size(len(lines), labels, freq)
    place = line * len(labels) + period[member]
    weight = articles["weight"].to_numpy()[member]
    if isinstance(weights, str) and weights == BALANCED:
        weight = _balanced(weight, place, articles["source"].to_numpy()[member])
    weight = _scaled(weight, place)
    table = _table(articles.iloc[member], place, weight, len(lines) * len(labels), threshold)
    part = weight / np.bincount(place, weight)[place]
    shown = _shown(articles.assign(period=period), columns)
    counted = _counted(table, lines, labels, by)
    facts = _Facts(counted, shown, left_out, tuple(lines), labels, member, line, part, by is not None, timezone, freq, threshold)
    found = RiskIndex(counted.copy())
    found._facts = facts
    return found


def _check_choices(threshold: float, duplicates: float | None) -> None:
    if not _is_number(threshold) or not 0 <= threshold <= 1:
        raise IndexInputError(f"threshold is {threshold!r}; expected a score from 0 to 1, such as 0.5")
    if duplicates is not None and (not _is_number(duplicates) or not 0 < duplicates <= 1):
        expected = f"expected a share of common wording above 0, up to 1, such as {SIMILARITY}, or None to count every copy"
        raise IndexInputError(f"duplicates is {duplicates!r}; {expected}")


def _check_lines(by: object, actors: object) -> None:
    if not isinstance(by, str | Mapping | Lexicon | None):
        expected = "expected 'actors', 'pairs', the name of a column, or a mapping or Lexicon of actors"
        raise IndexInputError(f"by is {by!r:.80}; {expected}")
    if not isinstance(actors, Mapping | Lexicon | None):
        expected = "expected a mapping such as {'Iran': ['Iran', 'Iranian', 'Tehran']}, or a Lexicon that holds actors"
        raise IndexInputError(f"actors is {actors!r:.80}; {expected}")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _counted(table: dict[str, Any], lines: Sequence[Hashable], labels: pd.DatetimeIndex, by: str | Actors | None) -> pd.DataFrame:
    """Return the counts by period, and where there are lines by line and period."""
    index: pd.Index = labels
    if by is not None:
        index = pd.MultiIndex.from_product([lines, labels], names=[by if isinstance(by, str) else "actor", labels.name])
    return pd.DataFrame({name: table[name] for name in COLUMNS}, index=index)


# --- reading the table ---------------------------------------------------------------------------


class _Columns(NamedTuple):
    """The names of the columns that are read."""

    date: str
    text: str | None
    title: str | None
    source: str | None
    risk: str | None

    @property
    def has_text(self) -> bool:
        return bool(self.text or self.title)


def column_of(df: pd.DataFrame, name: Any) -> pd.Series:
    """Return a column of a table of articles; what is no table, no column or two of them is an IndexInputError."""
    if not isinstance(df, pd.DataFrame):
        what = f"{type(df).__module__.partition('.')[0]} {type(df).__name__}"
        raise IndexInputError(f"expected a pandas DataFrame, got {what}; convert it first, for example df.to_pandas()")
    if not isinstance(name, Hashable) or name not in df.columns:
        raise IndexInputError(f"no column {name!r}; {_suggestion(name, df.columns)}")
    found = df[name]
    if not isinstance(found, pd.Series):
        raise IndexInputError(f"column {name!r} stands {found.shape[1]} times in the table; rename all but one")
    return found


def _numbers(df: pd.DataFrame, name: str, low: float, high: float) -> FloatArray:
    """Return a column of numbers, missing ones as NaN; one out of range is named with its row."""
    column = column_of(df, name)
    read = pd.to_numeric(column, errors="coerce")
    if {column.dtype.kind, read.dtype.kind} & {"c", "m"}:  # of complex numbers a part would be dropped, durations be counted in fractions
        raise IndexInputError(f"column {name!r} holds {column.dtype}; expected plain numbers")
    numbers = read.to_numpy(float, na_value=np.nan)
    wrong = np.flatnonzero((numbers < low) | (numbers > high) | np.isinf(numbers) | (np.isnan(numbers) & column.notna().to_numpy()))
    if len(wrong):
        where = f"row {df.index[wrong[0]]!r} of column {name!r}"
        expected = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more, and not without end"
        raise IndexInputError(f"{where} holds {column.iloc[wrong[0]]!r}; expected a number {expected}")
    return numbers


def _read_rows(df: pd.DataFrame, columns: _Columns, timezone: str) -> pd.DataFrame:
    """Return one row an article: its label, moment, text, headline and source, and what is wrong with it."""
    if not columns.risk and not columns.has_text:
        raise IndexInputError("nothing to score: give text=, the column of texts, or risk=, a column of scores")
    dates = column_of(df, columns.date)
    rows = pd.DataFrame({"row": pd.Series(list(df.index), dtype=object), "time": read_moments(dates, timezone).reset_index(drop=True)})
    pairs = list(zip(*_texts(df, columns), strict=True))
    faults = [fault_of(*pair) if columns.has_text else "" for pair in pairs]
    articles = [None if fault or not columns.has_text else article_of(*pair) for fault, pair in zip(faults, pairs, strict=True)]
    rows["text"] = pd.Series(articles, dtype=object)
    rows["headline"] = pd.Series([_headline(text) for text in rows["text"]], dtype=object)
    rows["source"] = pd.Series(column_of(df, columns.source).to_list() if columns.source else None, rows.index, dtype=object)
    found = [_fault(*row) for row in zip(rows["time"], dates, faults, strict=True)]
    rows[["kind", "reason"]] = pd.DataFrame(found, rows.index, ["kind", "reason"], dtype=object)
    return rows


def _texts(df: pd.DataFrame, columns: _Columns) -> tuple[list[Any], list[Any]]:
    """Return texts and titles; in a table without texts the titles are the texts."""
    texts, titles = (column_of(df, name).to_list() if name else [None] * len(df) for name in (columns.text, columns.title))
    return (texts, titles) if columns.text else (titles, texts)


def _headline(text: str | None) -> str:
    return textwrap.shorten(text.strip().partition("\n")[0], HEADLINE, placeholder=" ...") if text else ""


def _fault(time: pd.Timestamp, date: Any, fault: str) -> tuple[str, str]:
    """Return why a row cannot be counted: the kind of fault and the reason, both empty for a good one; `fault` is that of its text."""
    if pd.isna(time):
        return "date", why_unread(date)
    return ("text", in_words(fault)) if fault else ("", "")


# --- scores, weights, copies ---------------------------------------------------------------------


def _score(rows: pd.DataFrame, df: pd.DataFrame, risk: str | None, model: Model | None) -> None:
    """Give the rows their score, level and direction, and where they are not English news the reason for the doubt."""
    rows["doubt"] = ""
    if risk:
        rows["risk"] = _numbers(df, risk, 0, 1)
        for name, low in (("level", 0), ("direction", -1)):
            rows[name] = _numbers(df, name, low, 5 if name == "level" else 1) if name in df.columns else np.nan
        missing = rows["risk"].isna() & (rows["kind"] == "")
        rows.loc[missing, ["kind", "reason"]] = "score", "no score"
        return
    scorer = default_model() if model is None else model
    good = rows["kind"] == ""
    names = ["risk", "level", "direction"]
    found = score_chunk(scorer, rows.loc[good, "text"].to_list(), None, Plan.of([*names, "status"], scorer))
    rows[names] = np.nan
    rows.loc[good, names] = np.stack([found[name] for name in names], axis=1)
    doubts = {row: status for row, status in zip(rows.index[good].tolist(), found["status"], strict=True) if status != OK}
    failed = {row: doubts.pop(row) for row, status in list(doubts.items()) if status.startswith("failed")}
    for row, status in failed.items():
        rows.loc[row, ["kind", "reason"]] = "score", status
    rows.loc[list(doubts), "doubt"] = list(doubts.values())
    warn_of_doubts(doubts, len(rows))


def _own_weights(df: pd.DataFrame, weights: str | Mapping[Any, float] | None, source: str | None) -> FloatArray:
    """Return the weight each row has by itself; a missing one is 0."""
    if not isinstance(weights, Mapping | Hashable):
        expected = "expected the name of a column of weights, 'balanced', or a mapping such as {'Reuters': 2}"
        raise IndexInputError(f"weights is {type(weights).__name__} ({weights!r:.60}); {expected}")
    by_source = isinstance(weights, Mapping) or weights == BALANCED
    if by_source and source is None:
        raise IndexInputError("weights by source need source=, the column of sources")
    if isinstance(weights, Mapping):
        given = pd.DataFrame({"weights": [weights.get(name, 1.0) for name in column_of(df, source)]}, df.index)
        return _numbers(given, "weights", 0, math.inf)
    return np.ones(len(df)) if weights is None or by_source else np.nan_to_num(_numbers(df, weights, 0, math.inf))


def _leave_out_weightless(rows: pd.DataFrame) -> None:
    """List what weighs nothing among the rows left out; this is done before copies are told, or a story would be lost with its first."""
    nothing = (rows["weight"] == 0) & (rows["kind"] == "")
    rows.loc[nothing, ["kind", "reason"]] = "weight", "the weight 0, or none"


def _scaled(weight: FloatArray, place: IntArray) -> FloatArray:
    """Return the weights as shares of the largest in their place: what they were, large or small, is squared without a loss."""
    largest = np.zeros(place.max() + 1)
    np.maximum.at(largest, place, weight)
    scaled: FloatArray = weight / largest[place]
    return scaled


def _balanced(weight: FloatArray, place: IntArray, source: NDArray[Any]) -> FloatArray:
    """Return the weights scaled so that those of each source sum to 1 in each period."""
    codes, names = pd.factorize(source, use_na_sentinel=False)
    _, inverse = np.unique(place.astype(np.int64) * len(names) + codes, return_inverse=True)
    scaled: FloatArray = weight / np.bincount(inverse, weight)[inverse]
    return scaled


def _count(rows: pd.DataFrame, duplicates: float | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the articles that count, by time, with their numbers of copies; and the rows that do not."""
    articles = rows[rows["kind"] == ""].sort_values("time", kind="stable").reset_index(drop=True)
    if articles.empty:
        told = "; ".join(f"{number} with {reason}" for reason, number in rows["reason"].value_counts().head(3).items())
        raise IndexInputError(f"none of {len(rows)} rows can be counted: {told or 'the table is empty'}")
    articles["copies"] = 0
    faulty = rows[rows["kind"] != ""]
    if duplicates is not None:
        times = articles["time"].dt.as_unit("us")  # nanoseconds, those of older pandas, hold no 500 years
        days = (times - times.iloc[0]) / pd.Timedelta(days=1)
        first = np.array(originals(articles["text"].to_list(), days.to_list(), duplicates))
        is_copy = first != np.arange(len(first))
        articles["copies"] = np.bincount(first, minlength=len(first)) - 1
        copies = articles[is_copy].assign(kind="copy", reason=[f"copy of {row}" for row in articles["row"].to_numpy()[first[is_copy]]])
        faulty = pd.concat([faulty, copies]) if len(copies) else faulty
        articles = articles[~is_copy].reset_index(drop=True)
    return articles, faulty.set_index("row")[["kind", "reason"]]


# --- lines and periods ---------------------------------------------------------------------------


def _is_column(by: str | Actors | None) -> bool:
    return isinstance(by, str) and by not in ("actors", "pairs")


def _split(
    articles: pd.DataFrame, by: str | Actors | None, actors: Actors | None, model: Model | None
) -> tuple[list[Hashable], IntArray, IntArray]:
    """Return the names of the lines, and for each standing of an article on a line the places of both."""
    if by is None:
        return [None], np.arange(len(articles)), np.zeros(len(articles), int)
    if _is_column(by):
        found = [[value] if not is_missing(value) else [] for value in articles["group"]]
    else:
        found = _named(articles, by, actors, model)
    lines = _lines(found, by)
    if not lines:
        raise IndexInputError(f"none of {len(articles)} articles stands on a line by {by!r:.80}; look at the spellings")
    places = {name: at for at, name in enumerate(lines)}
    member = np.repeat(np.arange(len(found)), [len(names) for names in found])
    return lines, member, np.array([places[name] for names in found for name in names])


def _lines(found: Sequence[Sequence[Any]], by: object) -> list[Hashable]:
    try:
        return sorted({name for names in found for name in names})
    except TypeError as error:  # names of different kinds have no order, lists cannot be names
        raise IndexInputError(
            f"{by!r:.80} gives no names of lines: {error}; give names of one kind, such as df[...].astype(str)"
        ) from error


def _named(articles: pd.DataFrame, by: str | Actors, actors: Actors | None, model: Model | None) -> list[list[str]]:
    if articles["text"].isna().any():
        raise IndexInputError("actors are looked for in the texts: give text=, the column of texts")
    wanted = actors if isinstance(by, str) else by
    find = Finder(wanted if wanted is not None else (default_model() if model is None else model).lexicon)
    names = find.pairs if by == "pairs" else find.actors
    return [sorted(names(text)) for text in articles["text"]]


def _periods(times: pd.Series, freq: str, name: str) -> tuple[pd.DatetimeIndex, IntArray]:
    """Return the labels of all periods, and which period each article falls in; the articles stand by time."""
    try:
        # In seconds: the years that are read are more than a difference of older pandas can hold.
        _check_length(freq, times.iloc[-1].timestamp() - times.iloc[0].timestamp())
        counts = pd.Series(1, index=pd.DatetimeIndex(times, name=name)).resample(freq).sum()
    except (TypeError, ValueError) as error:
        raise IndexInputError(f"freq {freq!r}: {error}; expected for example 'D', 'W', 'MS' or '6h'") from error
    return pd.DatetimeIndex(counts.index), np.repeat(np.arange(len(counts)), counts.to_numpy())


def _check_length(freq: str, seconds: float) -> None:
    """Refuse periods that do not last, or so short ones that an index of so long a span would fill the memory."""
    offset = pd.tseries.frequencies.to_offset(freq)
    if offset is None or offset.n < 1:
        raise ValueError("a period must last")
    if isinstance(offset, pd.offsets.Tick) and seconds * 1e9 / offset.nanos > MOST_PERIODS:
        raise ValueError(f"{seconds // 86_400:,.0f} days are more than {MOST_PERIODS:,} periods so short; take longer ones, or fewer days")


def _check_size(lines: int, labels: pd.DatetimeIndex, freq: str) -> None:
    """Refuse a table that would fill the memory, which one date far from the others is enough for."""
    if lines * len(labels) > MOST_ROWS:
        span = f"{lines:,} lines of {len(labels):,} periods from {labels[0]:%Y-%m-%d} to {labels[-1]:%Y-%m-%d}"
        remedy = "take longer periods, fewer lines, or leave out dates far from the others"
        raise IndexInputError(f"freq {freq!r}: {span} are more than {MOST_ROWS:,} rows; {remedy}")


# --- counting ------------------------------------------------------------------------------------


def _table(members: pd.DataFrame, place: IntArray, weight: FloatArray, size: int, threshold: float) -> dict[str, Any]:
    """Return the columns of the index; `members` has one row for each standing of an article on a line."""
    risk = members["risk"].to_numpy()
    total = np.bincount(place, weight, size)
    squared = np.bincount(place, weight**2, size)
    n = np.bincount(place, minlength=size)
    effective = np.zeros(size)
    np.divide(total**2, squared, out=effective, where=squared > 0)
    means = {"risk": _mean(place, weight, risk, size), "share": _mean(place, weight, (risk >= threshold).astype(float), size)}
    found: dict[str, Any] = {"n": n, "n_effective": effective}
    for name, mean in means.items():
        low, high = wilson(mean, effective)
        found |= {name: mean, f"{name}_low": low, f"{name}_high": high}
    level = members["level"].to_numpy()
    for rung, name in enumerate(LEVELS):
        found[name] = _mean(place, weight, np.where(np.isnan(level), np.nan, np.rint(level) == rung), size)
    found["direction"] = _mean(place, weight, members["direction"].to_numpy(), size)
    found["copies"] = np.bincount(place, members["copies"].to_numpy(), size).astype(int)
    found["status"] = np.select([effective == 0, effective < THIN], ["gap", "thin"], "ok")
    return found


def _mean(place: IntArray, weight: FloatArray, values: FloatArray, size: int) -> FloatArray:
    """Return the weighted mean in each place, over the values that are known; NaN where there is none."""
    known = ~np.isnan(values)
    total = np.bincount(place[known], weight[known], size)
    means = np.full(size, np.nan)
    np.divide(np.bincount(place[known], (weight * values)[known], size), total, out=means, where=total > 0)
    return means


def _shown(articles: pd.DataFrame, columns: _Columns) -> pd.DataFrame:
    """Return the articles as they are shown, without what the caller's table does not hold."""
    unseen = ["group", "kind", "reason", *([] if columns.has_text else ["text", "headline"]), *([] if columns.source else ["source"])]
    return articles.drop(columns=unseen).set_index("row")
