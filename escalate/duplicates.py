"""Which texts are copies of an earlier one: agencies are printed by many papers, cut a little and under another headline.

MinHash finds the candidates (library datasketch, an extra), an exact comparison decides, so chance has no part in what is called a copy.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from escalate.errors import MissingExtraError, extra_hint

__all__ = ["SIMILARITY", "WITHIN_DAYS", "originals", "similarity"]

SIMILARITY = 0.45
"""Share of all runs of three words that two texts have in common, from which on one is a copy: cut and retitled copies lie above 0.5,
texts about the same event in other words below 0.1."""

WITHIN_DAYS = 3.0
"""Days after which the same words are new news: "Markets open lower" stands there every month."""

RUN = 3
PERMUTATIONS = 128

_WORD = re.compile(r"\w+")


def originals(texts: Sequence[str], days: Sequence[float], threshold: float = SIMILARITY) -> list[int]:
    """Return, for each text, the place of the text it is a copy of; its own place where it is none.

    Parameters
    ----------
    texts : sequence of str
    days : sequence of float
        When each text appeared, in days, rising.
    threshold : float
        Similarity from which a text is a copy.

    Returns
    -------
    list of int
        A copy points at the first text of its kind, never at another copy. Copies are at most `WITHIN_DAYS` younger.

    Raises
    ------
    MissingExtraError
        When datasketch is missing.
    """
    lsh, sketch = _tools(threshold)
    runs = [_runs(text) for text in texts]
    first: list[int] = []
    for at, own in enumerate(runs):
        hashed = sketch(own) if own else None
        earlier = [k for k in (lsh.query(hashed) if hashed else ()) if days[at] - days[k] <= WITHIN_DAYS]
        root = _most_similar(runs, at, earlier, threshold)
        first.append(root)
        if root == at and hashed:
            lsh.insert(at, hashed)
    return first


def _most_similar(runs: Sequence[frozenset[str]], at: int, others: Sequence[int], threshold: float) -> int:
    found = max(((_jaccard(runs[at], runs[other]), -other) for other in others), default=(0.0, 0))
    return -found[1] if found[0] >= threshold else at


def similarity(one: str, other: str) -> float:
    """Return the share of runs of three words that two texts have in common, 0 to 1.

    Examples
    --------
    >>> similarity("The fleet has left the port.", "THE FLEET HAS LEFT THE PORT")
    1.0
    """
    return _jaccard(_runs(one), _runs(other))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def _runs(text: str) -> frozenset[str]:
    """Return the runs of three words of a text, or all of its words where they are fewer."""
    words = _WORD.findall(text.lower())
    if not words:
        return frozenset()
    return frozenset(" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)))


def _tools(threshold: float) -> tuple[Any, Callable[[frozenset[str]], Any]]:
    """Return the table of sketches, and what makes a sketch; a missed candidate is worse than one too many, which costs only time."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError as error:
        raise MissingExtraError(
            f"copies are found with datasketch; {extra_hint('dedupe')}, or count every copy with duplicates=None"
        ) from error
    blank = MinHash(num_perm=PERMUTATIONS, hashfunc=zlib.crc32)

    def sketch(runs: frozenset[str]) -> Any:
        made = blank.copy()
        made.update_batch([run.encode() for run in runs])
        return made

    return MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, weights=(0.1, 0.9)), sketch
