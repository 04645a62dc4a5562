"""Bytes in and out: files and standard input, plain or packed with gzip or zstd, and their lines with the place of each."""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from escalate.errors import EscalateError, extra_hint

__all__ = ["PACKINGS", "RECORD_LIMIT", "BatchError", "CutLine", "Input", "Lines", "Position", "pack"]

PACKINGS = {"gz": "gz", "zst": "zst", "zstd": "zst"}
"""Endings of packed files, and what they are packed with."""

RECORD_LIMIT = 4 << 20
"""Bytes of one row of text. What is longer is no row but the work of a lost line end or quote."""

_BLOCK = 1 << 20


class BatchError(EscalateError, ValueError):
    """A file cannot be read or written as asked, or an unfinished run cannot be gone on with."""


class Position(NamedTuple):
    """A place between two rows where reading can begin.

    Attributes
    ----------
    at : int
        Unpacked bytes before it; in Parquet rows.
    line : int
        Lines before it; in Parquet rows.
    crc : int
        Checksum of what was before it, where the input is a stream and cannot be known by its date and size; else 0.
    """

    at: int = 0
    line: int = 0
    crc: int = 0


# --- packing -------------------------------------------------------------------------------------


class Input:
    """The unpacked bytes of a file or of standard input.

    Parameters
    ----------
    name : str
        A path, or ``"-"`` for standard input.
    packing : str
        ``""``, ``"gz"`` or ``"zst"``.

    Attributes
    ----------
    stream : BinaryIO
        The unpacked bytes.
    is_stream : bool
        Whether it is standard input, which comes by only once.
    can_seek : bool
        Whether one can go to a place without reading what is before it.
    """

    def __init__(self, name: str, packing: str) -> None:
        self.name = name
        self.is_stream = name == "-"
        self.can_seek = not (packing or self.is_stream)
        unpack = _unpacker(packing)
        self._raw = sys.stdin.buffer if self.is_stream else _opened(name)
        self._size = 0 if self.is_stream else Path(name).stat().st_size
        self.stream = unpack(self._raw)

    def share(self) -> float | None:
        """Return which share of the file has been read, 0 to 1; None for a stream.

        Returns
        -------
        float or None
        """
        return min(1.0, self._raw.tell() / self._size) if self._size else None

    def close(self) -> None:
        """Close the file."""
        if not self.is_stream:
            self._raw.close()


def _opened(name: str) -> BinaryIO:
    return Path(name).open("rb")


def _unpacker(packing: str) -> Callable[[BinaryIO], BinaryIO]:
    """Return what turns packed bytes into plain ones."""
    if packing == "gz":
        return lambda raw: cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"), _BLOCK))
    if packing == "zst":
        new = _zstd().ZstdDecompressor
        return lambda raw: cast("BinaryIO", io.BufferedReader(_ZstdReader(raw, new().decompressobj), _BLOCK))
    return lambda raw: raw


class _ZstdReader(io.RawIOBase):
    """Frames of zstd unpacked. The reader of the library takes a file that was cut off for one that has ended; this one does not."""

    def __init__(self, raw: BinaryIO, new: Callable[[], Any]) -> None:
        super().__init__()
        self._raw = raw
        self._new = new
        self._frame: Any = None
        self._packed = b""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and self._more():
            self._frame = self._frame or self._new()
            self._ready = self._frame.decompress(self._packed)
            self._packed = b""
            if self._frame.eof:
                self._packed, self._frame = self._frame.unused_data, None
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def _more(self) -> bool:
        """Have some packed bytes, if there are any left."""
        self._packed = self._packed or self._raw.read(1 << 16)
        if not self._packed and self._frame is not None:
            raise EOFError("the file ends inside a frame")
        return bool(self._packed)


def _zstd() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise BatchError(f"zstd files need the package zstandard; {extra_hint('batch')}") from error
    return zstandard


def pack(source: Path, target: Path, packing: str) -> None:
    """Write the bytes of one file into another, packed; the same bytes always give the same file.

    Parameters
    ----------
    source, target : Path
    packing : str
        ``"gz"`` or ``"zst"``.
    """
    with source.open("rb") as plain, target.open("wb") as packed:
        if packing == "gz":
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=packed, mtime=0) as file:
                shutil.copyfileobj(plain, file, _BLOCK)
        else:
            _zstd().ZstdCompressor(level=6).copy_stream(plain, packed)


# --- lines ---------------------------------------------------------------------------------------


class CutLine(bytes):
    """The beginning of a line that is longer than any row may be.

    Attributes
    ----------
    size : int
        Bytes of the whole line.
    """

    size: int


class Lines:
    """The lines of an input one by one, which knows where it stands and can take lines back.

    Parameters
    ----------
    source : Input

    Attributes
    ----------
    at : int
        Bytes before the next line.
    number : int
        Lines before it.
    """

    def __init__(self, source: Input) -> None:
        self._source = source
        self._taken_back: list[bytes] = []
        self._passed: list[bytes] | None = [] if source.is_stream else None
        self._crc = 0
        self.at = 0
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line = self._taken_back.pop() if self._taken_back else self._read()
        if not line:
            raise StopIteration
        self.at += _size(line)
        self.number += 1
        if self._passed is not None:
            self._passed.append(line)
        return line

    def take_back(self, lines: Sequence[bytes]) -> None:
        """Take back the last lines that were given, so that they come again.

        Parameters
        ----------
        lines : sequence of bytes
            In the order in which they were given.
        """
        self._taken_back.extend(reversed(lines))
        self.at -= sum(map(_size, lines))
        self.number -= len(lines)
        if self._passed is not None:
            del self._passed[len(self._passed) - len(lines) :]

    def position(self) -> Position:
        """Return where the next line begins; lines given before it can no longer be taken back.

        Returns
        -------
        Position
        """
        if self._passed:
            self._crc = zlib.crc32(b"".join(self._passed), self._crc)
            self._passed.clear()
        return Position(self.at, self.number, self._crc)

    def go_to(self, position: Position) -> None:
        """Go on to a position further on, which an earlier run gave.

        Parameters
        ----------
        position : Position

        Raises
        ------
        BatchError
            When this stream is not the one which that run read.
        """
        if self._source.can_seek:
            self._taken_back.clear()
            self._source.stream.seek(position.at)
            self.at, self.number = position.at, position.line
            return
        while self.at < position.at and next(self, None):
            self.position()
        if self.position() != position:
            raise BatchError("this is not the input of the unfinished run: what was scored then reads differently now")

    def share(self) -> float | None:
        """Return which share of the input has been read, 0 to 1; None for a stream.

        Returns
        -------
        float or None
        """
        return self._source.share()

    def close(self) -> None:
        """Close the input."""
        self._source.close()

    def _read(self) -> bytes:
        """Return the next line; of one that is too long only the beginning."""
        try:
            line = self._source.stream.readline(RECORD_LIMIT)
            if len(line) < RECORD_LIMIT or line.endswith(b"\n"):
                return line
            return self._cut(line)
        except (OSError, EOFError, zlib.error) + _packing_errors() as error:
            raise BatchError(f"{self._source.name}: cannot be unpacked or read behind line {self.number}: {error}") from error

    def _cut(self, line: bytes) -> CutLine:
        cut, size = CutLine(line[:200]), len(line)
        while (rest := self._source.stream.readline(RECORD_LIMIT)) and not rest.endswith(b"\n"):
            size += len(rest)
        cut.size = size + len(rest)
        return cut


def _size(line: bytes) -> int:
    return line.size if isinstance(line, CutLine) else len(line)


def _packing_errors() -> tuple[type[Exception], ...]:
    """Return the errors of zstd where it is used."""
    error: type[Exception] | None = getattr(sys.modules.get("zstandard"), "ZstdError", None)
    return (error,) if error else ()
