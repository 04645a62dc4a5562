"""What is to be done with a file, and what became of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from escalate.files import Format
from escalate.frame import CHUNK_ROWS, COLUMNS
from escalate.packing import BatchError

__all__ = ["LOG_SECONDS", "Job", "Summary"]

LOG_SECONDS = 1.0
"""How often a run is put on record: the work that a kill can cost."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be scored.

    Attributes
    ----------
    source, target : str
        Paths, or ``"-"`` for standard input and output.
    text : str
        The column of texts.
    title : str or None
        The column of titles.
    columns : sequence of str
        As in :func:`escalate.score_frame`.
    prefix : str
        What the names of the new columns begin with.
    given, wanted : str or None
        Formats such as ``"csv"`` or ``"jsonl.gz"``; by default what the names end in, and for standard output that of the input.
    rejects : str or None
        Where lines that are no rows go; by default beside the output. A file that is there is replaced only if it holds rejects.
    resume : bool
        Whether to go on with an unfinished run, if there is one.
    n_jobs : int or None
        Workers, as joblib counts them.
    chunk_rows : int
        Rows of a chunk.
    log_seconds : float
        How often the run is put on record.
    """

    source: str
    target: str = "-"
    text: str = "text"
    title: str | None = None
    columns: Sequence[str] = COLUMNS
    prefix: str = ""
    given: str | None = None
    wanted: str | None = None
    rejects: str | None = None
    resume: bool = False
    n_jobs: int | None = None
    chunk_rows: int = CHUNK_ROWS
    log_seconds: float = LOG_SECONDS

    def formats(self) -> tuple[Format, Format]:
        """Return the formats of input and output.

        Returns
        -------
        tuple of (Format, Format)
        """
        given = Format.of(self.given or self.source)
        wanted = Format.of(self.wanted or (given.kind if self.target == "-" else self.target))
        if self.target == "-" and (wanted.packing or wanted.kind == "parquet"):
            raise BatchError(f"standard output takes plain csv, tsv or jsonl, not {wanted.kind} {wanted.packing}; give a file")
        return given, wanted

    def rejects_target(self) -> str:
        """Return where lines that are no rows go; nothing where they are only told.

        Returns
        -------
        str
        """
        return self.rejects or ("" if self.target == "-" else f"{self.target}.rejects.jsonl")

    def behind_link(self) -> Job:
        """Return the same job with the file itself where the target is a symbolic link, which the finished output would else replace.

        Returns
        -------
        Job
        """
        if not Path(self.target).is_symlink():
            return self
        format_named = self.wanted or self.target
        return replace(self, target=os.path.realpath(self.target), wanted=format_named, rejects=self.rejects_target())


@dataclass(slots=True)
class Summary:
    """What became of a file.

    Attributes
    ----------
    rows : int
        Rows written.
    statuses : Counter
        Rows by status, what follows a colon apart.
    rejects : int
        Lines that were no rows.
    """

    rows: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    rejects: int = 0

    def add(self, statuses: Sequence[str], rejects: int) -> None:
        """Count a chunk.

        Parameters
        ----------
        statuses : sequence of str
        rejects : int
        """
        self.rows += len(statuses)
        self.statuses.update(status.partition(":")[0] for status in statuses)
        self.rejects += rejects

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {status}" for status, count in sorted(self.statuses.items(), key=lambda pair: -pair[1]))
        rows = f"{self.rows:,} rows" + (f": {kinds}" if kinds else "")
        return rows + (f"; {self.rejects:,} broken, in the rejects" if self.rejects else "")
