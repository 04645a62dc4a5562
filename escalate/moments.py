"""When articles appeared: columns of dates of any make as moments in one time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd

from escalate.errors import IndexInputError
from escalate.model import is_missing

__all__ = ["FIRST_YEAR", "LAST_YEAR", "check_timezone", "moment", "read_moments", "why_unread"]

FIRST_YEAR, LAST_YEAR = 1700, 2199
"""The years that dates are read of. Before them there is no news to score, and what lies outside stands for no date at all (0001-01-01,
1601-01-01, 9999-12-31); one such row would stretch an index over thousands of empty years."""

_YEAR = re.compile(r"\s*(\d{4})")
_OFFSET = re.compile(r"\d{4}\D?\d\d?\D?\d\d?[T ]\s*\d.*(?:Z|[+-]\d\d?(?::?\d\d?)?)$", re.IGNORECASE)
"""A date, a time behind it, and at the end an offset; what ends in one must not be read as without, which pandas refuses."""


def read_moments(values: pd.Series, timezone: str) -> pd.Series:
    """Return a column of dates as moments in `timezone`; what is no date becomes NaT.

    Parameters
    ----------
    values : Series
        Moments, dates (of numpy too) or ISO 8601 strings (``2031-03-01``, ``2031-03-01T18:30+02:00``), also mixed; of a Period of
        pandas, when it begins. Of ISO 8601 the calendar dates are read, year first, not weeks (``2031-W10``) and days of the year
        (``2031-060``). Other spellings are not guessed at: ``03/04/2031`` is March to one and April to another. Years before
        `FIRST_YEAR` or after `LAST_YEAR` are no dates of news, and become NaT too.
    timezone : str
        What a moment without an offset is meant in, and what all are given in.

    Returns
    -------
    Series of datetime64 with time zone

    Raises
    ------
    IndexInputError
        When the time zone does not exist.

    Examples
    --------
    >>> found = read_moments(pd.Series(["2031-03-01", "2031-03-01T23:30-02:00", "soon"]), "UTC")
    >>> [str(moment) for moment in found]
    ['2031-03-01 00:00:00+00:00', '2031-03-02 01:30:00+00:00', 'NaT']
    """
    check_timezone(timezone)
    if isinstance(values.dtype, pd.PeriodDtype):
        values = _of_news(values).dt.to_timestamp()
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        moved: pd.Series = _of_news(values).dt.tz_convert(timezone)
        return moved
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return _placed(_of_news(values), timezone)
    words = pd.Series(list(_spelled(values)), index=values.index, dtype=object)
    fixed = words.str.contains(_OFFSET).to_numpy(bool)
    aware = pd.to_datetime(words.where(fixed, ""), format="ISO8601", utc=True, errors="coerce").dt.tz_convert(timezone)
    naive = _placed(pd.to_datetime(words.where(~fixed, ""), format="ISO8601", errors="coerce"), timezone)
    found: pd.Series = aware.where(fixed, naive)
    return found


def check_timezone(timezone: object) -> None:
    """Refuse what is no time zone.

    Parameters
    ----------
    timezone : object
        A name, or a time zone of the standard library.

    Raises
    ------
    IndexInputError
        When there is no such time zone.
    """
    try:
        known = isinstance(timezone, str | tzinfo) and pd.Timestamp(0, tz=timezone).tz is not None
    except (LookupError, ValueError, TypeError, OSError):
        known = False
    if not known:  # None, and names of dateutil that it does not know, would be read as no time zone at all, and numbers as seconds
        raise IndexInputError(f"time zone {timezone!r:.80} is not known; expected a name such as 'UTC' or 'Europe/Kyiv'")


def _of_news(values: pd.Series) -> pd.Series:
    """Return moments or periods without those of years in which there is no news."""
    kept: pd.Series = values.where(values.dt.year.between(FIRST_YEAR, LAST_YEAR))
    return kept


def _spelled(values: pd.Series) -> Iterator[str]:
    """Yield every date as ISO 8601; what cannot be one (a number too), or is of another year than news, as an empty string."""
    for value in values:
        year = _year(value)
        yield "" if year is None or not FIRST_YEAR <= year <= LAST_YEAR else _spelling(value)


def _spelling(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[ns]"))
    return str((value.start_time if isinstance(value, pd.Period) else value).isoformat())


def _year(value: Any) -> int | None:
    """Return the year of a date or of its spelling, which can be known where the date is too far off to be handled; None of no date."""
    if isinstance(value, str):
        found = _YEAR.match(value)
        return int(found[1]) if found else None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else int(value.astype("datetime64[Y]").astype(int)) + 1970
    year = getattr(value, "year", None)
    is_date = isinstance(value, pd.Period) or hasattr(value, "isoformat")
    return year if is_date and isinstance(year, int) else None


def why_unread(date: Any) -> str:
    """Say why a date that :func:`read_moments` makes NaT of cannot be read.

    Parameters
    ----------
    date : object
        As it stands in the table.

    Returns
    -------
    str

    Examples
    --------
    >>> why_unread(None), why_unread("9999-12-31")
    ('no date', "no date from the years 1700 to 2199: '9999-12-31'")
    """
    year = _year(date)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        shown = f"{date!r:.60}" if isinstance(date, str) else f"the year {year}"  # what is too far off cannot always be shown
        return f"no date from the years {FIRST_YEAR} to {LAST_YEAR}: {shown}"
    missing = is_missing(date) or (isinstance(date, str) and not date.strip()) or (isinstance(date, np.datetime64) and np.isnat(date))
    return "no date" if missing else f"no date that can be read: {date!r:.60}"


def _placed(values: pd.Series, timezone: str) -> pd.Series:
    """Read moments without an offset as of the time zone; an hour that clocks repeat is the first of the two."""
    placed: pd.Series = values.dt.tz_localize(timezone, ambiguous=np.ones(len(values), bool), nonexistent="shift_forward")
    return placed


def moment(date: object, timezone: str) -> pd.Timestamp:
    """Return one date as a moment in `timezone`.

    Raises
    ------
    IndexInputError
        When it is no date.
    """
    found = read_moments(pd.Series([date], dtype=object), timezone).iloc[0]
    if pd.isna(found):
        wanted = f"expected a Timestamp, or ISO 8601 such as '2031-03-25', of the years {FIRST_YEAR} to {LAST_YEAR}"
        raise IndexInputError(f"{date!r} is no date; {wanted}")
    return pd.Timestamp(found)
