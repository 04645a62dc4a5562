"""Which file a name stands for, so that nothing is written over what it is made from, and whether a file can stand there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["no_place", "same_file", "write_whole"]


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


def no_place(path: str | Path) -> str:
    """Say why no file can be written under a name, or nothing.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
    """
    folder = Path(path).parent
    if not folder.is_dir():
        return f"{path}: there is no folder {str(folder)!r}; make it first, or give another name"
    return f"{path} is a folder; name a file in it" if Path(path).is_dir() else ""


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all, behind a symbolic link too; into a device or pipe it goes as it is.

    Parameters
    ----------
    path : Path
    text : str
    """
    data = text.encode("utf-8")  # as bytes, or line ends would be others on Windows
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    file = Path(os.path.realpath(path))
    part = file.with_name(f"{file.name}.{os.getpid()}.part")  # of this process alone: another may write the same file
    try:
        part.write_bytes(data)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _state(file: str | Path | BinaryIO) -> os.stat_result:
    return Path(file).stat() if isinstance(file, str | Path) else os.fstat(file.fileno())
