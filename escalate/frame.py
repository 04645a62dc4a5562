"""Scores of whole tables: a DataFrame in, a DataFrame of the same kind, index and order out.

A table of real news has holes. A row without a text gets no number but a *status* that says why, and the rows around it are scored.
The same worker scores the chunks of a DataFrame here and of a file in `batch.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from escalate._default import default_model
from escalate.article import article_of, fault_of
from escalate.calibration import FULLY_READ, logits
from escalate.errors import EscalateError, TextError, TextTypeError, of_kind
from escalate.evidence import known_words
from escalate.explanation import Explanation, build_explanation
from escalate.language import doubt
from escalate.model import FloatArray, Model, Reading, Unit, handfuls
from escalate.modelfile import uncollected
from escalate.rating import score_units
from escalate.running import Bar, run_chunks

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrameT

__all__ = ["COLUMNS", "GROUPS", "OK", "TEXT_COLUMNS", "ColumnError", "Columns", "Plan", "score_chunk", "score_frame"]

COLUMNS = ("risk", "low", "high", "level", "direction", "status")
"""The columns given unless others are asked for."""

GROUPS = ("counts", "contributions", "reasons")
"""What can be asked for besides: one column a family, one a family and one each for words, form and intercept, and one text."""

TEXT_COLUMNS = ("status", "reasons")
"""The columns that are text; all others are numbers."""

OK = "ok"
"""The status of a row that was scored without a remark. Other statuses have no score if they begin as those of `FAULTS`; else a score in
doubt, and the reason of :func:`escalate.language.doubt`."""

CHUNK_ROWS = 1000
BLOCK_ROWS = 256
"""Texts whose units are kept until they are rated together: enough to share the cost, few enough to weigh nothing."""

TOP = 3
"""Reasons that are told."""

# UTF-8 holds no lone surrogate, nor do the strings of pyarrow: one of them in what is told of a row would cost all rows their columns.
_LONE_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

Columns = dict[str, Any]
"""Columns by name: float64 arrays, and lists of str for `status` and `reasons`."""

FAULTS: dict[str, type[EscalateError]] = {"missing": TextError, "empty": TextError, "not text": TextTypeError, "failed": EscalateError}
"""How the status of a row without a score begins, and what it raises where rows may not be marked."""

# What a fault in the reading of one text can raise. It costs that row its score, and no other.
_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)


class ColumnError(EscalateError, ValueError):
    """A column that was asked for does not exist, or would stand twice."""


class Plan(NamedTuple):
    """What is to be found for each text.

    Attributes
    ----------
    names : tuple of str
        The columns, in order, groups spelled out.
    rated : bool
        Whether level or direction is among them.
    bounded : bool
        Whether an end of the interval is among them.
    counted : bool
        Whether counts are among them.
    explained : bool
        Whether something is among them that only an explanation gives.
    """

    names: tuple[str, ...]
    rated: bool
    bounded: bool
    counted: bool
    explained: bool

    @classmethod
    def of(cls, columns: Iterable[str], model: Model) -> Plan:
        """Return the plan of the columns and groups asked for, in their order.

        Parameters
        ----------
        columns : iterable of str
            Names from `COLUMNS` and `GROUPS`, and names that the groups stand for.
        model : Model
            Its families give the groups their names.

        Returns
        -------
        Plan
        """
        if isinstance(columns, str):
            raise ColumnError(f"columns is the string {columns!r}; pass a list, for example [{columns!r}]")
        if not isinstance(columns, Iterable) or isinstance(columns, set | frozenset):  # a set has no order that the columns could have
            raise TypeError(f"columns is {columns!r:.60}; pass a list, for example ['risk', 'status'], or leave it out")
        groups = _groups(model)
        known = [*COLUMNS, *(name for names in groups.values() for name in names)]
        asked = list(columns)
        for name in asked:
            if name not in known and name not in GROUPS:
                raise ColumnError(f"no column {name!r:.60} can be given; {_suggestion(name, [*known, *GROUPS])}")
        if not asked:
            raise ColumnError(f"columns names no column; ask for one at least, or leave it out for {', '.join(COLUMNS)}")
        names = dict.fromkeys(name for wanted in asked for name in groups.get(wanted, [wanted]))
        kinds = {name.partition("_")[0] for name in names}
        rated, bounded = bool(kinds & {"level", "direction"}), bool(kinds & {"low", "high"})
        return cls(tuple(names), rated, bounded, "count" in kinds, bool(kinds & {"contribution", "reasons"}))

    def with_status(self) -> Plan:
        """Return the plan with the status among its columns.

        Returns
        -------
        Plan
        """
        return self if "status" in self.names else self._replace(names=(*self.names, "status"))


def _groups(model: Model) -> dict[str, list[str]]:
    families = sorted(model.lexicon.families)
    return {
        "counts": [f"count_{family}" for family in families],
        "contributions": [f"contribution_{name}" for name in (*families, "words", "form", "intercept")],
        "reasons": ["reasons"],
    }


def _suggestion(name: str, known: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(str(name), known, 3)
    return "did you mean " + " or ".join(map(repr, near)) + "?" if near else "there are " + ", ".join(dict.fromkeys([*COLUMNS, *GROUPS]))


# --- a chunk -------------------------------------------------------------------------------------


def score_chunk(model: Model, texts: Sequence[Any], titles: Sequence[Any] | None, plan: Plan) -> Columns:
    """Return the columns of a plan for some texts, whatever they are.

    Parameters
    ----------
    model : Model
    texts : sequence
        Texts, or anything else, which is then named in the status.
    titles : sequence or None
        One title a text; a missing or empty one is no title.
    plan : Plan

    Returns
    -------
    dict of str to ndarray or list
        Each column as long as `texts`; a row without a score has NaN in every column of numbers.
    """
    blocks = [
        _score_block(model, plan, texts[at : at + BLOCK_ROWS], titles[at : at + BLOCK_ROWS] if titles is not None else None)
        for at in range(0, max(len(texts), 1), BLOCK_ROWS)
    ]
    return {name: _joined([block[name] for block in blocks]) for name in plan.names}


def _joined(parts: Sequence[Any]) -> Any:
    return [value for part in parts for value in part] if isinstance(parts[0], list) else np.concatenate(parts)


class _Found(NamedTuple):
    """What was read in a block: the status of every row; and of those that were read their place, units, known words and extras."""

    statuses: list[str]
    places: list[int]
    units: list[list[Unit]]
    known: list[int]
    extras: list[dict[str, Any]]


def _score_block(model: Model, plan: Plan, texts: Sequence[Any], titles: Sequence[Any] | None) -> Columns:
    # All are looked at before one is read: between two readings a look takes twice as long, since the processor has forgotten it.
    looked_at = list(map(_look_at, texts, titles if titles is not None else [None] * len(texts)))
    with uncollected():  # what is kept of each text would be looked through again and again, and is gone when this is over
        columns, places = _read_block(model, plan, looked_at)
    return {name: _spread(columns[name], places, len(looked_at)) for name in plan.names}


def _read_block(model: Model, plan: Plan, looked_at: Sequence[tuple[str, str]]) -> tuple[Columns, list[int]]:
    """Return the status of every row; and of those that could be read their other columns, and their places."""
    found = _Found([], [], [], [], [])
    readings = chain.from_iterable(_read(model, some) for some in handfuls(article for _, article in looked_at if article))
    for status, article in looked_at:
        failure = _find(model, plan, next(readings), found) if article else ""
        found.statuses.append(failure or status)
    columns = {"status": found.statuses, **_numbers(model, plan, found.units, found.known), **_extras(plan, found.extras)}
    return columns, found.places


def _look_at(text: Any, title: Any) -> tuple[str, str]:
    """Return the status of a row, as far as it can be known unread, and what is to be read of it: nothing where there is a fault."""
    if fault := fault_of(text, title):
        return fault, ""
    try:
        article = article_of(text, title)
        return doubt(article) or OK, article
    except _FAULTS as error:
        return _failure(error), ""


def _failure(error: Exception) -> str:
    return f"failed: {type(error).__name__}: {error}".translate(_LONE_SURROGATES)


def _read(model: Model, articles: Sequence[str]) -> list[Reading | str]:
    """Return the reading of each text, or why it could not be read; where one of them fails they are read one by one."""
    try:
        return [*model.read_all(articles)]
    except _FAULTS as error:
        return [_failure(error)] if len(articles) == 1 else [_read(model, [article])[0] for article in articles]


def _find(model: Model, plan: Plan, reading: Reading | str, found: _Found) -> str:
    """Find in the reading of one row what is asked for, and return why that failed, or nothing."""
    if isinstance(reading, str):
        return reading
    try:
        extra = _extra(model, plan, reading)
    except _FAULTS as error:
        return _failure(error)
    found.places.append(len(found.statuses))
    found.units.append(reading.units)
    if plan.bounded:
        found.known.append(known_words(reading.document, reading.sentences, FULLY_READ))
    found.extras.append(extra)
    return ""


def _numbers(model: Model, plan: Plan, units: Sequence[Sequence[Unit]], known: Sequence[int]) -> Columns:
    """Return the columns of numbers of the texts that were read; the bounds, level and direction only where asked for."""
    unasked = np.full(len(units), np.nan)
    if plan.rated:
        risk, level, direction = model.rate(units)
    else:
        risk, level, direction = score_units(model, units), unasked, unasked
    low, high = _intervals(model, risk, known) if plan.bounded else (unasked, unasked)
    return {"risk": risk, "low": low, "high": high, "level": level, "direction": direction}


def _intervals(model: Model, risk: FloatArray, known: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the interval around each risk, of texts with so many known words."""
    return model.calibration.intervals(logits(risk), np.array(known, dtype=np.int_))


def _spread(values: Any, places: Sequence[int], count: int) -> Any:
    """Return a column of all rows from the values of those that were read."""
    if len(values) == count:
        return values
    if isinstance(values, list):
        spread = [""] * count
        for place, value in zip(places, values, strict=True):
            spread[place] = value
        return spread
    numbers = np.full(count, np.nan)
    numbers[list(places)] = values
    return numbers


# --- counts, contributions, reasons --------------------------------------------------------------


def _extra(model: Model, plan: Plan, reading: Reading) -> dict[str, Any]:
    """Return what a text has of the columns that groups stand for; what is absent is 0."""
    extra: dict[str, Any] = {}
    if plan.counted:
        for signals in reading.signals:
            for signal in signals:
                extra[f"count_{signal.family}"] = extra.get(f"count_{signal.family}", 0) + 1
    if plan.explained:
        account = build_explanation(model, reading)
        extra |= _contributions(account)
        extra["reasons"] = _reasons(account)
    return extra


def _contributions(account: Explanation) -> dict[str, float]:
    """Return what each family, the words, the form and the intercept add; together the log-odds."""
    total = {
        "contribution_words": sum(word.contribution for word in account.words),
        "contribution_form": sum(account.structure.values()),
        "contribution_intercept": account.intercept,
    }
    for signal in account.signals:
        name = f"contribution_{signal.family}"
        total[name] = total.get(name, 0.0) + signal.contribution
    return total


def _reasons(account: Explanation) -> str:
    """Return the signals and words that move the score most, the strongest first; a lone surrogate in them shows as U+FFFD."""
    told = [(f"{s.family}:{s.mode} ", s) for s in account.signals] + [("", w) for w in account.words]
    told.sort(key=lambda pair: -abs(pair[1].contribution))
    reasons = "; ".join(f'{kind}"{" ".join(part.text.split())}" {part.contribution:+.2f}' for kind, part in told[:TOP])
    return reasons.translate(_LONE_SURROGATES)


def _extras(plan: Plan, extras: Sequence[dict[str, Any]]) -> Columns:
    """Return the columns of what groups stand for; most of their cells are 0."""
    columns: Columns = {name: np.zeros(len(extras)) for name in plan.names if name.startswith(("count_", "contribution_"))}
    if "reasons" in plan.names:
        columns["reasons"] = [""] * len(extras)
    if columns:
        for at, extra in enumerate(extras):
            for name in extra.keys() & columns.keys():
                columns[name][at] = extra[name]
    return columns


# --- a DataFrame ---------------------------------------------------------------------------------


def score_frame(
    df: IntoDataFrameT,
    text: str = "text",
    title: str | None = None,
    columns: Sequence[str] = COLUMNS,
    *,
    progress: bool | None = None,
    n_jobs: int | None = None,
    on_error: Literal["mark", "raise"] = "mark",
    model: Model | None = None,
) -> IntoDataFrameT:
    """Return the scores of a table of texts, with the index and order of the table.

    Parameters
    ----------
    df : DataFrame
        Of pandas or polars (or another eager kind that narwhals knows, such as a pyarrow Table).
    text : str
        Name of the column of texts.
    title : str, optional
        Name of a column of headlines. A headline and its text are read as one, with a blank line between them. The text decides: a row
        with a headline and no text is ``"missing"``.
    columns : sequence of str
        The columns wanted, in order: any of ``"risk"``, ``"low"``, ``"high"``, ``"level"``, ``"direction"``, ``"status"``, and of
        the groups ``"counts"`` (``count_<family>``), ``"contributions"`` (``contribution_<family>``, ``_words``, ``_form`` and
        ``_intercept``, which sum to the log-odds) and ``"reasons"`` (the three strongest, as text). The last two take several times
        as long.
    progress : bool, optional
        Whether to show a bar; by default only where standard error is a terminal and tqdm is installed.
    n_jobs : int, optional
        Workers, as joblib counts them; by default those of the caller's ``joblib.parallel_config``, else one. They are started only
        if what is left to do outlasts their start.
    on_error : {"mark", "raise"}
        Whether a row that cannot be scored is marked in `status`, or stops everything. A text in doubt has its score, and stops nothing.
    model : Model, optional
        Default: the shipped one.

    Returns
    -------
    DataFrame
        Of the kind of `df`. `risk` is what :func:`escalate.score` gives. `status` is ``"ok"``; ``"missing"``, ``"empty"``,
        ``"not text: <type>"`` or ``"failed: <reason>"`` where there is no score, and the numbers are NaN; or, of a text that is scored
        though it is not English news, the reason for the doubt: ``"not English (looks like Spanish ...)"``, ``"mostly digits and signs,
        not sentences"``. Its number means little.

    Raises
    ------
    ColumnError
        When a column is not there, or cannot be given (a ValueError).
    TextError, TextTypeError
        With ``on_error="raise"``: the first row that cannot be scored, named by its position. TextTypeError also when `df` is no
        DataFrame.
    ValueError
        When `on_error` or `n_jobs` is none of what it may be.
    TypeError
        When `model` is no Model, or `columns` no sequence.

    Examples
    --------
    >>> import pandas as pd
    >>> news = pd.DataFrame({"text": ["The army shelled two villages.", None]}, index=["a", "b"])
    >>> scores = score_frame(news, columns=["risk", "status"])
    >>> scores["status"].to_dict()
    {'a': 'ok', 'b': 'missing'}
    >>> list(news.assign(**scores).columns)
    ['text', 'risk', 'status']
    """
    import narwhals as nw

    if on_error not in ("mark", "raise"):
        raise ValueError(f"on_error is {on_error!r}; expected 'mark' or 'raise'")
    chosen = default_model() if model is None else of_kind(Model, "model", model)
    plan = Plan.of(columns, chosen)
    frame = _narwhal(df)
    texts = _values(frame, text)
    titles = None if title is None else _values(frame, title)
    found = _score_all(chosen, plan, _Rows(texts, titles), n_jobs, progress, stop=on_error == "raise")
    kinds = {name: nw.String if isinstance(values, list) else nw.Float64 for name, values in found.items()}
    series = [nw.new_series(name, values, kinds[name], backend=frame.implementation) for name, values in found.items()]
    scored: IntoDataFrameT = frame.with_columns(*series).select(*plan.names).to_native()
    return scored


class _Rows(NamedTuple):
    """Some rows of a table."""

    texts: list[Any]
    titles: list[Any] | None

    def cut(self) -> Iterator[_Rows]:
        """Yield the rows chunk by chunk."""
        for at in range(0, len(self.texts), CHUNK_ROWS):
            end = at + CHUNK_ROWS
            yield _Rows(self.texts[at:end], None if self.titles is None else self.titles[at:end])


def _score_all(model: Model, plan: Plan, rows: _Rows, n_jobs: int | None, progress: bool | None, *, stop: bool) -> Columns:
    """Return the columns of all rows."""
    total, done = len(rows.texts), 0
    parts: list[Columns] = [score_chunk(model, [], None, plan)]

    def left(seconds: float) -> float:
        return seconds * (total - done) / max(done, 1)

    with Bar(total, progress) as bar:
        for chunk, columns in run_chunks(rows.cut(), partial(score_chunk, plan=plan.with_status()), model, n_jobs, left):
            if stop:
                _check(columns["status"], chunk, done)
            done += len(chunk.texts)
            bar.add(len(chunk.texts))
            parts.append(columns)
    return {name: _joined([part[name] for part in parts]) for name in plan.names}


def _check(statuses: Sequence[str], rows: _Rows, start: int) -> None:
    """Raise for the first row that has no score."""
    for at, status in enumerate(statuses):
        kind = status.partition(":")[0]
        if kind in FAULTS:
            wrong = rows.titles[at] if rows.titles and status.endswith(" in the title") else rows.texts[at]
            raise FAULTS[kind](f"row {start + at}: {status} ({wrong!r:.60}); drop or mend it, or leave on_error out to have it marked")


def _narwhal(df: Any) -> Any:
    """Return a DataFrame as narwhals sees it."""
    import narwhals as nw

    try:
        return nw.from_native(df, eager_only=True)
    except TypeError as error:
        what = f"expected a DataFrame of pandas or polars, got {type(df).__module__.partition('.')[0]} {type(df).__name__}"
        raise TextTypeError(f"{what}; collect a lazy frame first, make a Series a frame, give a list to escalate.score") from error
    except nw.exceptions.DuplicateError as error:
        twice = sorted({str(name) for name in df.columns if list(df.columns).count(name) > 1})
        raise ColumnError(f"columns stand twice: {', '.join(twice)}; rename them, or pass only those needed, as df[[text]]") from error


def _values(frame: Any, name: str) -> list[Any]:
    if name not in frame.columns:
        raise ColumnError(f"no column {name!r}; the table has {', '.join(map(str, frame.columns)) or 'no columns'}")
    values: list[Any] = frame.get_column(name).to_list()
    return values
