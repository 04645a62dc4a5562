"""Scoring a file from end to end: in chunks, with a bar, by workers where that pays, into an output that survives a kill."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import escalate
from escalate.files import Source, encoder_for, open_source
from escalate.frame import TEXT_COLUMNS, Plan, score_chunk
from escalate.job import Job, Summary
from escalate.model import Model
from escalate.modelfile import digest
from escalate.outputs import FileOutput, Output, PipeOutput, Say, check_paths
from escalate.running import Bar, run_chunks

__all__ = ["run_batch"]


def run_batch(job: Job, model: Model, say: Say = lambda _: None, progress: bool | None = None) -> Summary:
    """Score a file.

    Parameters
    ----------
    job : Job
    model : Model
    say : callable
        Called with a line where there is something to tell.
    progress : bool, optional
        Whether to show a bar; by default only on a terminal.

    Returns
    -------
    Summary

    Raises
    ------
    BatchError
        When the input cannot be read as asked, an unfinished run stands in the way or is another, or the input, or a file of
        rejects that holds something else, would be written over.
    ColumnError
        When a new column cannot be given.
    """
    job = job.behind_link()
    given, wanted = job.formats()
    check_paths(job)
    plan = Plan.of(job.columns, model)
    new = {job.prefix + name: name in TEXT_COLUMNS for name in plan.names}
    with closing(open_source(job.source, given, job.text, job.title, new)) as source:
        encoder = encoder_for(wanted, source, given, new)
        pipe = job.target == "-"
        output: Output = PipeOutput(job, encoder, say) if pipe else FileOutput(job, encoder, say, _description(job, plan, model))
        with closing(output):
            if output.go_on(source):
                _score(job, model, source, output, progress)
            return output.finish()


def _description(job: Job, plan: Plan, model: Model) -> dict[str, Any]:
    """Return what must be the same in a run that goes on with another."""
    described: dict[str, Any] = {"escalate": escalate.__version__, "model": digest(model), "columns": list(plan.names)}
    described |= {"text": job.text, "title": job.title, "prefix": job.prefix, "formats": [".".join(form) for form in job.formats()]}
    described |= {"chunk_rows": job.chunk_rows, "size": None, "changed": None}
    if job.source != "-":
        state = Path(job.source).stat()
        described |= {"size": state.st_size, "changed": state.st_mtime_ns}
    return described


def _score(job: Job, model: Model, source: Source, output: Output, progress: bool | None) -> None:
    plan = Plan.of(job.columns, model)
    scorer = partial(score_chunk, plan=plan.with_status())
    chunks = source.chunks(job.chunk_rows)
    with Bar(None, progress, output.summary.rows) as bar:
        for chunk, columns in run_chunks(chunks, scorer, model, job.n_jobs, partial(_seconds_left, source, source.share() or 0.0)):
            output.add(chunk, {job.prefix + name: columns[name] for name in plan.names}, columns["status"])
            share = source.share()
            bar.add(len(chunk.texts), round(output.summary.rows / share) if share else None)


def _seconds_left(source: Source, begun: float, seconds: float) -> float:
    """Guess how long the rest takes from the share that is done; a stream that has lasted so long is taken to last as long again."""
    share = source.share()
    return seconds if share is None else seconds * (1 - share) / max(share - begun, 1e-9)
