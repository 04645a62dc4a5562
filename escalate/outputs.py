"""Where scored chunks go: standard output, or a file that is written so that a run which was killed can be gone on with.

While a run goes on, its output is a part file to which chunks are appended, and beside it a log. When a second has passed, the part and
the rejects are forced to disk, and only then a line in the log says how far input, part and rejects have come. What stands behind the
last line after a kill was never promised: going on cuts it off, and reads again from there. At the end the part becomes the output
in one step.
"""

from __future__ import annotations

import json
import os
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO

from escalate.files import Chunk, Encoder, Reject, Source, finish
from escalate.job import Job, Summary
from escalate.packing import BatchError, Position
from escalate.paths import no_place, same_file

__all__ = ["FileOutput", "Output", "PipeOutput", "Say", "check_paths"]

Say = Callable[[str], object]
"""Is called with a line where there is something to tell."""

PARTS = (".part", ".part.rejects", ".part.log", ".part.out")
"""What a run puts behind the name of its output for the files that it works in."""

_LONGEST_REJECT = 1 << 16
"""Bytes of a line of rejects, and more: it holds no more than the beginning of the row."""


# --- what may be written over --------------------------------------------------------------------


def check_paths(job: Job) -> None:
    """Refuse a job that would write over what it reads or writes, or over rejects that are none, or into no folder.

    Parameters
    ----------
    job : Job

    Raises
    ------
    BatchError
        Names the file.
    """
    source: str | BinaryIO = sys.stdin.buffer if job.source == "-" else job.source
    written = [] if job.target == "-" else [job.target, *(f"{job.target}{ending}" for ending in PARTS)]
    for path in written:
        if same_file(source, path):
            raise BatchError(f"{path} is the input itself; give the output another name")
    if job.rejects == "-":
        raise BatchError("rejects go into a file, not to standard output; give --rejects a name, ./- for a file that is called so")
    for name in (job.target, job.rejects_target()):
        if fault := no_place(name) if name not in ("-", "") else "":
            raise BatchError(fault)
    if Path(job.target).exists() and not Path(job.target).is_file():
        raise BatchError(f"{job.target} is no plain file, and would be replaced; leave OUT out, and use >")
    if job.rejects_target():
        _check_rejects(job.rejects_target(), source, written or [sys.stdout.buffer])


def _check_rejects(rejects: str, source: str | BinaryIO, written: Sequence[str | BinaryIO]) -> None:
    named = f"{rejects}, where the rejects go,"
    if same_file(source, rejects):
        raise BatchError(f"{named} is the input itself; give them another name with --rejects")
    if any(same_file(path, rejects) for path in written):
        raise BatchError(f"{named} is a file of the output; give them another name with --rejects")
    if Path(rejects).exists() and not _holds_rejects(Path(rejects)):
        raise BatchError(
            f"{named} is there already and holds no rejects of an earlier run; move it away, or give another name with --rejects"
        )


def _holds_rejects(path: Path) -> bool:
    """Say whether a file is one that a run leaves, which the next may replace or remove; an empty one has nothing to lose."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(_LONGEST_REJECT)
    try:
        found = json.loads(first) if first else None
    except (ValueError, RecursionError):
        return False
    return not first or (isinstance(found, dict) and set(found) == {part.name for part in fields(Reject)})


class Output(ABC):
    """Where scored chunks go.

    Attributes
    ----------
    summary : Summary
        What has gone there.
    """

    summary: Summary

    @abstractmethod
    def go_on(self, source: Source) -> bool:
        """Bring the source to where an unfinished run stopped; say whether anything is left to score."""

    @abstractmethod
    def add(self, chunk: Chunk, columns: dict[str, Any], statuses: Sequence[str]) -> None:
        """Write a chunk."""

    @abstractmethod
    def finish(self) -> Summary:
        """Make what was written final."""

    @abstractmethod
    def close(self) -> None:
        """Close what is open, finished or not."""


def _rejected(rejects: Iterable[Reject]) -> bytes:
    lines = [json.dumps(asdict(reject), ensure_ascii=False) + "\n" for reject in rejects]
    return "".join(lines).encode("utf-8", "backslashreplace")


class PipeOutput(Output):
    """Standard output: chunks are written as they come, and cannot be gone on with.

    Parameters
    ----------
    job : Job
    encoder : Encoder
    say : callable
        Is told of every line that is no row, unless the job names a file for them.
    """

    def __init__(self, job: Job, encoder: Encoder, say: Say) -> None:
        if job.resume:
            raise BatchError("standard output cannot be gone on with: nobody knows how much of it was read; --resume needs an output file")
        self.summary = Summary()
        self._encoder = encoder
        self._say = say
        self._out = sys.stdout.buffer
        self._rejects_path = Path(job.rejects) if job.rejects else None
        self._rejects = _open_at(self._rejects_path, 0) if self._rejects_path else None

    def go_on(self, source: Source) -> bool:
        """Begin; there is nothing to go on with."""
        self._out.write(self._encoder.head())
        return True

    def add(self, chunk: Chunk, columns: dict[str, Any], statuses: Sequence[str]) -> None:
        """Write a chunk at once."""
        self._out.write(self._encoder.encode(chunk.rows, columns))
        self._out.flush()
        if self._rejects:
            self._rejects.write(_rejected(chunk.rejects))
        else:
            for reject in chunk.rejects:
                self._say(f"line {reject.line}: {reject.reason}")
        self.summary.add(statuses, len(chunk.rejects))

    def finish(self) -> Summary:
        """Return what was written; of no rejects there is no file."""
        self.close()
        if self._rejects_path and not self.summary.rejects:
            self._rejects_path.unlink(missing_ok=True)
        return self.summary

    def close(self) -> None:
        """Close the rejects."""
        if self._rejects:
            self._rejects.close()


# --- a file --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Entry:
    """A line of the log: how far everything has come."""

    position: Position = field(default_factory=Position)
    part: int = 0
    rejects: int = 0
    summary: Summary = field(default_factory=Summary)
    ended: bool = False
    log: int = 0
    """Where the log itself goes on; not written."""

    def line(self) -> bytes:
        counts = {"rows": self.summary.rows, "statuses": self.summary.statuses, "rejects": self.summary.rejects}
        entry = {"position": self.position, "part": self.part, "rejects": self.rejects, "summary": counts, "ended": self.ended}
        return json.dumps(entry).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes, log: int) -> _Entry:
        entry = json.loads(line)
        counts = entry["summary"]
        summary = Summary(counts["rows"], Counter(counts["statuses"]), counts["rejects"])
        return cls(Position(*entry["position"]), entry["part"], entry["rejects"], summary, entry["ended"], log)


class _Log:
    """The record of an unfinished run: first what the run is, then a line each time it was safe on disk."""

    def __init__(self, path: Path, run: dict[str, Any], *, resume: bool) -> None:
        left = path.exists()
        self.path = path
        self._file = path.open("a+b")
        with ExitStack() as stack:
            stack.callback(self._file.close)
            _lock(self._file, path)  # first: what a run that still goes on has there is not left behind, and must not be deleted
            if left and not resume:
                raise BatchError(f"{path}: an unfinished run has left this; go on with it by --resume, or delete the file to begin again")
            self.entries = self._read(run)
            stack.pop_all()

    def _read(self, run: dict[str, Any]) -> list[_Entry]:
        """Return the entries; a log without a whole first line is begun."""
        self._file.seek(0)
        first, *lines = self._file.read().splitlines(keepends=True) or [b""]
        if not first.endswith(b"\n") and json.dumps(run).encode().startswith(first):
            self._file.truncate(0)
            first = json.dumps(run).encode() + b"\n"
            self._append(first)
            lines = []
        self.head = len(first)
        self._check(self._first(first), json.loads(json.dumps(run)))
        entries, end = [], self.head
        for line in takewhile(_is_json, lines):
            end += len(line)
            entries.append(_Entry.read(line, end))
        return entries

    def _first(self, line: bytes) -> dict[str, Any]:
        """Return what the first line says of the run."""
        found = json.loads(line) if _is_json(line) else None
        if not isinstance(found, dict) or "escalate" not in found:
            raise BatchError(f"{self.path} is there already and no record of a run; move it away, or give the output another name")
        return found

    def _check(self, was: dict[str, Any], now: dict[str, Any]) -> None:
        for key, value in now.items():
            if was.get(key) != value:
                raise BatchError(
                    f"{self.path}: the unfinished run had {key} {was.get(key)!r}, this one has {value!r}; "
                    "run it as before, or delete the file to begin again"
                )

    def cut(self, end: int) -> None:
        """Forget what stands behind an entry that holds."""
        self._file.truncate(end)

    def add(self, entry: _Entry) -> None:
        self._append(entry.line())

    def _append(self, line: bytes) -> None:
        self._file.write(line)
        _to_disk(self._file)

    def close(self) -> None:
        self._file.close()


def _is_json(line: bytes) -> bool:
    """Say whether a line of a log is whole; a power cut may leave anything behind the last one that was safe."""
    try:
        return json.loads(line) is not None and line.endswith(b"\n")
    except (ValueError, RecursionError):
        return False


def _lock(file: BinaryIO, path: Path) -> None:
    """Keep a second run off, where the system can; the lock goes with the process."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BatchError(f"{path}: another run is writing this output") from error


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


class FileOutput(Output):
    """A file, whole in the end or not there; see the module's docstring.

    Parameters
    ----------
    job : Job
    encoder : Encoder
    say : callable
    run : dict
        What must be the same in a run and in one that goes on with it.
    """

    def __init__(self, job: Job, encoder: Encoder, say: Say, run: dict[str, Any]) -> None:
        self.summary = Summary()
        self._job = job
        self._encoder = encoder
        self._say = say
        self._target = Path(job.target)
        self._rejects_target = Path(job.rejects_target())
        self._part_path = Path(f"{job.target}.part")
        self._rejects_path = Path(f"{job.target}.part.rejects")
        self._log = _Log(Path(f"{job.target}.part.log"), run, resume=job.resume)
        self._last = _Entry()
        self._open: list[BinaryIO] = []
        self._recorded = time.monotonic()

    def go_on(self, source: Source) -> bool:
        """Cut off what the log does not promise, and bring the source to the same place."""
        sizes = [path.stat().st_size if path.exists() else 0 for path in (self._part_path, self._rejects_path)]
        made = self._part_path.exists() or self._target.exists()  # or what was scored has been deleted since
        holding = [e for e in self._log.entries if made and (e.ended or (e.part <= sizes[0] and e.rejects <= sizes[1]))]
        self._last = holding[-1] if holding else _Entry(log=self._log.head)
        self._log.cut(self._last.log)
        if holding:
            self.summary = self._last.summary
            self._say(f"going on behind {self.summary.rows:,} rows")
        if self._last.ended:
            return False
        self._open = [_open_at(self._part_path, self._last.part), _open_at(self._rejects_path, self._last.rejects)]
        if holding:
            source.go_to(self._last.position)
        else:
            self._open[0].write(self._encoder.head())
        return True

    def add(self, chunk: Chunk, columns: dict[str, Any], statuses: Sequence[str]) -> None:
        """Append a chunk, and put it on record if a second has passed."""
        self._open[0].write(self._encoder.encode(chunk.rows, columns))
        self._open[1].write(_rejected(chunk.rejects))
        self.summary.add(statuses, len(chunk.rejects))
        self._last.position = chunk.position
        if time.monotonic() - self._recorded >= self._job.log_seconds:
            self._record()

    def _record(self, *, ended: bool = False) -> None:
        for file in self._open:
            _to_disk(file)
        part, rejects = (file.tell() for file in self._open)
        self._last = _Entry(self._last.position, part, rejects, self.summary, ended)
        self._log.add(self._last)
        self._recorded = time.monotonic()

    def finish(self) -> Summary:
        """Make what was written final; each step can be taken again after a kill.

        Returns
        -------
        Summary
        """
        if not self._last.ended:
            self._record(ended=True)
        for file in self._open:
            file.close()
        check_paths(self._job)  # once more: much may have been saved under these names since the run began
        if self._last.rejects:
            _move(self._rejects_path, self._rejects_target)
        else:
            self._rejects_path.unlink(missing_ok=True)
            self._rejects_target.unlink(missing_ok=True)
        if self._part_path.exists():
            finish(self._part_path, self._target, self._job.formats()[1])
        self._part_path.unlink(missing_ok=True)
        self._log.path.unlink()
        return self.summary

    def close(self) -> None:
        """Close all files."""
        for file in self._open:
            file.close()
        self._log.close()


def _open_at(path: Path, size: int) -> BinaryIO:
    """Open a file, made where there is none, to be written on behind its first `size` bytes."""
    path.touch()
    os.truncate(path, size)
    return path.open("ab")


def _move(source: Path, target: Path) -> None:
    """Move a file, unless a run before this one has done it."""
    if source.exists():
        source.replace(target)
