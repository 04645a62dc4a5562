"""Opinions of a stronger, slower reader on texts of the training tables, to learn from beside the labels (knowledge distillation).

A label is 0 or 1; a teacher says how sure a reader can be. Opinions are kept for known texts only, as numbers: nothing of the teacher is
needed to train or to score. Each text is told by the hash of its words.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from escalate.errors import EscalateError

__all__ = ["Teacher", "TeacherError"]

FloatArray = NDArray[np.float64]

_STEPS = 10
"""Opinions are kept in tenths of log-odds."""
_NONE = -128
"""In the file: no opinion."""
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""Date of every member of the file, so that the same opinions give the same bytes."""


class TeacherError(EscalateError, ValueError):
    """A file of opinions cannot be read."""


@dataclass(frozen=True)
class Teacher:
    """Opinions on texts, in columns that differ in what the teacher had not seen.

    Attributes
    ----------
    unseen : list of list of str
        For each column the groups (sources, or folds) that the teacher has learned nothing from.
    log_odds : ndarray of shape (n_texts, n_columns)
        Of escalation, calibrated; NaN where the column holds no opinion.
    place : dict of int to int
        Hash of a text to its row.
    """

    unseen: list[list[str]]
    log_odds: FloatArray
    place: dict[int, int]

    @classmethod
    def of(cls, texts: Sequence[str], columns: Sequence[tuple[list[str], FloatArray]]) -> Teacher:
        """Return a teacher from its opinions on `texts`, column by column; where a text occurs twice the last opinion stays."""
        place = {_key(text): row for row, text in enumerate(texts)}
        return cls([names for names, _ in columns], np.stack([values for _, values in columns], axis=1), place)

    def opinions(self, texts: Sequence[str], left_out: str | None = None) -> FloatArray:
        """Return what the teacher thinks of each text, by a column that has seen nothing of a left-out group.

        Parameters
        ----------
        texts : sequence of str
        left_out : str, optional
            Source or fold that is to stay unseen. Where no column has left it out, there is no opinion.

        Returns
        -------
        ndarray of shape (n_texts,)
            Log-odds of escalation; NaN where there is no opinion.
        """
        column = 0 if left_out is None else next((i for i, names in enumerate(self.unseen) if left_out in names), None)
        if column is None:
            return np.full(len(texts), np.nan)
        values = [*self.log_odds[:, column], np.nan]
        return np.array([values[self.place.get(_key(text), -1)] for text in texts], dtype=float)

    def save(self, path: str | Path) -> None:
        """Write the opinions: hashes, tenths of log-odds, and what each column has not seen. The same opinions give the same bytes."""
        keys = np.array(list(self.place), dtype=np.uint64)
        tenths = np.clip(np.rint(self.log_odds[list(self.place.values())] * _STEPS), -127, 127)
        order = np.argsort(keys)
        arrays: dict[str, NDArray[np.generic]] = {
            "keys": keys[order],
            "tenths": np.where(np.isnan(tenths), _NONE, tenths).astype(np.int8)[order],
            "unseen": np.array(["\n".join(names) for names in self.unseen]),
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in arrays.items():
                member = io.BytesIO()
                np.lib.format.write_array(member, array, allow_pickle=False)
                info = zipfile.ZipInfo(f"{name}.npy", _OLDEST)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.getvalue())

    @classmethod
    def load(cls, path: str | Path) -> Teacher:
        """Read a file that :meth:`save` has written.

        Raises
        ------
        TeacherError
            When there is no such file or it holds something else.
        """
        try:
            if not zipfile.is_zipfile(path):
                raise ValueError("not an .npz archive" if Path(path).exists() else "no such file")
            with np.load(path, allow_pickle=False) as file:
                keys, tenths, unseen = file["keys"], file["tenths"], file["unseen"]
        except (OSError, ValueError, KeyError) as error:
            raise TeacherError(f"{path}: cannot be read as opinions such as those of seeds/teacher.npz: {error}") from error
        if tenths.shape != (len(keys), len(unseen)):
            raise TeacherError(f"{path}: expected opinions of shape {(len(keys), len(unseen))}, got {tenths.shape}; write the file anew")
        log_odds = np.where(tenths == _NONE, np.nan, tenths / _STEPS)
        return cls([str(names).split("\n") for names in unseen], log_odds, {int(key): row for row, key in enumerate(keys)})


def _key(text: str) -> int:
    """Return the hash of a text by which it is known in the file."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
