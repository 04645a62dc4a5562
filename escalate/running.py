"""Chunks of texts in their order: scored one by one here, or by joblib's workers where that pays; and a bar that shows how far."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from numbers import Integral
from types import TracebackType
from typing import Any, NamedTuple, Protocol, TypeVar

from escalate._default import default_model
from escalate.article import to_send
from escalate.errors import EscalateError, extra_hint
from escalate.model import Model
from escalate.modelfile import digest, from_text, to_text

__all__ = ["START_SECONDS", "Bar", "ModelSource", "built", "pays", "run_chunks", "score_far", "worker_count"]

START_SECONDS = 1.5
"""What it costs to start workers: processes, imports, and a model built in each. Measured by ``benchmarks/batch.py``."""

WAVE = 4
"""Chunks handed to each worker at a time: more of them, fewer waits for the slowest, and more rows in memory."""


class HasTexts(Protocol):
    """A chunk: its texts, and their titles if there are any."""

    @property
    def texts(self) -> list[Any]: ...
    @property
    def titles(self) -> list[Any] | None: ...


Chunk = TypeVar("Chunk", bound=HasTexts)
Scorer = Callable[[Model, list[Any], list[Any] | None], dict[str, Any]]
"""What is done with the texts and titles of a chunk."""


# --- workers -------------------------------------------------------------------------------------


class ModelSource(NamedTuple):
    """A model as it travels to a worker. An automaton cannot travel, so each worker builds its own, once.

    Attributes
    ----------
    checksum : str
        Of the model's content.
    text : str
        What its file would say; nothing for the default model, which every worker has at home.
    """

    checksum: str
    text: str

    @classmethod
    def of(cls, model: Model) -> ModelSource:
        """Return the source of a model.

        Parameters
        ----------
        model : Model

        Returns
        -------
        ModelSource
        """
        return cls(digest(model), "" if model is default_model() else to_text(model))


@lru_cache(maxsize=2)
def built(source: ModelSource) -> Model:
    """Return the model of a source; built once in each worker.

    Parameters
    ----------
    source : ModelSource

    Returns
    -------
    Model

    Raises
    ------
    EscalateError
        When the default model is meant, and the one of this worker is another.
    """
    if source.text:
        return from_text(source.text)
    model = default_model()
    if digest(model) != source.checksum:
        raise EscalateError("the default model of a worker is not the one of the caller; install the same escalate on both")
    return model


def score_far(source: ModelSource, scorer: Scorer, texts: list[Any], titles: list[Any] | None) -> dict[str, Any]:
    """Return the columns of a chunk; this is what runs in a worker.

    Parameters
    ----------
    source : ModelSource
    scorer : callable
    texts : list
    titles : list or None

    Returns
    -------
    dict of str to ndarray or list
    """
    return scorer(built(source), texts, titles)


def worker_count(n_jobs: int | None) -> int:
    """Return how many workers there would be: those asked for, else those of the caller's ``joblib.parallel_config``.

    Parameters
    ----------
    n_jobs : int or None

    Returns
    -------
    int

    Raises
    ------
    ValueError
        When it is no number of workers.
    """
    if n_jobs is not None and (not isinstance(n_jobs, Integral) or n_jobs == 0):
        raise ValueError(f"n_jobs is {n_jobs!r}; expected a number of workers: 1 or more, or -1 for all processors")
    if n_jobs is None and "joblib" not in sys.modules:
        return 1  # nobody can have configured it
    from joblib import effective_n_jobs

    return int(effective_n_jobs(n_jobs))


def pays(seconds: float, workers: int) -> bool:
    """Say whether work that takes one process so long is done sooner by workers that must first be started.

    Parameters
    ----------
    seconds : float
        What is left to do.
    workers : int

    Returns
    -------
    bool
    """
    return seconds * (1 - 1 / workers) > START_SECONDS


def run_chunks(
    chunks: Iterator[Chunk], scorer: Scorer, model: Model, n_jobs: int | None, left: Callable[[float], float]
) -> Iterator[tuple[Chunk, dict[str, Any]]]:
    """Yield every chunk with its columns, in order.

    The first ones are scored here, which shows how long the rest would take; as soon as that is longer than the start of workers,
    the rest goes to them, in waves, so that no more than a wave is held in memory whatever the back end.

    Parameters
    ----------
    chunks : iterator
        Each has `texts` and `titles`.
    scorer : callable
        Takes a model, texts and titles, and returns columns; it must be known by name to a worker.
    model : Model
    n_jobs : int or None
        As joblib counts them.
    left : callable
        Takes the seconds spent so far, and returns about how many the rest will take in one process.

    Yields
    ------
    tuple of (chunk, dict)
    """
    workers = worker_count(n_jobs)
    start = time.perf_counter()
    for chunk in chunks:
        yield chunk, scorer(model, chunk.texts, chunk.titles)
        if workers > 1 and pays(left(time.perf_counter() - start), workers):
            yield from _run_waves(chunks, scorer, ModelSource.of(model), n_jobs, workers)


def _run_waves(
    chunks: Iterator[Chunk], scorer: Scorer, source: ModelSource, n_jobs: int | None, workers: int
) -> Iterator[tuple[Chunk, dict[str, Any]]]:
    from joblib import Parallel, delayed

    with Parallel(n_jobs=n_jobs, batch_size=1) as parallel:
        while wave := list(islice(chunks, WAVE * workers)):
            found = parallel(delayed(score_far)(source, scorer, *_parcel(chunk)) for chunk in wave)
            yield from zip(wave, found, strict=True)


def _parcel(chunk: HasTexts) -> tuple[list[Any], list[Any] | None]:
    """Return the texts and titles of a chunk as they travel: one cell that cannot be pickled would cost all rows their scores."""
    return list(map(to_send, chunk.texts)), None if chunk.titles is None else list(map(to_send, chunk.titles))


# --- the bar -------------------------------------------------------------------------------------


class Bar:
    """A progress bar of rows with rate and time left, or nothing at all.

    Parameters
    ----------
    total : int or None
        Rows to do, if known.
    shown : bool or None
        None shows it where standard error is a terminal and tqdm is installed.
    done : int
        Rows done before.
    """

    def __init__(self, total: int | None, shown: bool | None, done: int = 0) -> None:
        self._bar: Any = None
        if shown or (shown is None and sys.stderr and sys.stderr.isatty() and find_spec("tqdm")):
            self._bar = _tqdm()(total=total, initial=done, unit=" rows", dynamic_ncols=True, smoothing=0.05)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()

    def add(self, rows: int, total: int | None = None) -> None:
        """Count rows as done; `total` is a new guess at how many there are.

        Parameters
        ----------
        rows : int
        total : int, optional
        """
        if self._bar is None:
            return
        if total is not None:
            self._bar.total = total
        self._bar.update(rows)


def _tqdm() -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise EscalateError(f"a progress bar needs tqdm; {extra_hint('batch')}, or leave progress out") from error
    return tqdm
