"""When articles appeared: columns of dates of any make as moments in one time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from escalate.errors import IndexInputError

__all__ = ["moment", "read_moments"]

_OFFSET = re.compile(r"\d:\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)$", re.IGNORECASE)


def read_moments(values: pd.Series, timezone: str) -> pd.Series:
    """Return a column of dates as moments in `timezone`; what is no date becomes NaT.

    Parameters
    ----------
    values : Series
        Moments, dates or ISO 8601 strings (``2031-03-01``, ``2031-03-01T18:30+02:00``), also mixed. Other spellings are not guessed at:
        ``03/04/2031`` is March to one and April to another.
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
    _check(timezone)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        moved: pd.Series = values.dt.tz_convert(timezone)
        return moved
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return _placed(values, timezone)
    words = pd.Series(list(_spelled(values)), index=values.index, dtype=object)
    fixed = words.str.contains(_OFFSET).to_numpy(bool)
    aware = pd.to_datetime(words.where(fixed, ""), format="ISO8601", utc=True, errors="coerce").dt.tz_convert(timezone)
    naive = _placed(pd.to_datetime(words.where(~fixed, ""), format="ISO8601", errors="coerce"), timezone)
    found: pd.Series = aware.where(fixed, naive)
    return found


def _check(timezone: str) -> None:
    try:
        pd.Timestamp(0, tz=timezone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise IndexInputError(f"time zone {timezone!r} is not known; expected a name such as 'UTC' or 'Europe/Kyiv'") from error


def _spelled(values: pd.Series) -> Iterator[str]:
    """Yield every date as ISO 8601; what cannot be one (a number too) as an empty string."""
    for value in values:
        if isinstance(value, str):
            yield value.strip()
        else:
            yield value.isoformat() if hasattr(value, "isoformat") and not pd.isna(value) else ""


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
        raise IndexInputError(f"{date!r} is no date; expected a Timestamp, or ISO 8601 such as '2031-03-25'")
    return pd.Timestamp(found)
