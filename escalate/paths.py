"""Which file a name stands for, so that nothing is written over what it is made from."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["same_file"]


def same_file(one: str | Path | BinaryIO, other: str | Path) -> bool:
    """Say whether two names are those of one file, through symbolic and hard links too.

    Parameters
    ----------
    one : path or binary stream
        A stream may be a file as well, which the shell has opened.
    other : path

    Returns
    -------
    bool
    """
    if isinstance(one, str | Path) and os.path.realpath(one) == os.path.realpath(other):
        return True  # also where neither is there yet
    with suppress(OSError):  # one of them is not there, or the stream is no file
        return os.path.samestat(_state(one), _state(other))
    return False


def _state(file: str | Path | BinaryIO) -> os.stat_result:
    return Path(file).stat() if isinstance(file, str | Path) else os.fstat(file.fileno())
