"""The weights of a model as texts: a hundred thousand numbers are read from them in a quarter of the time that JSON takes, bit for bit."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_WEIGHT", "checked_weights", "pack_weights", "unpack_weights"]

MAX_WEIGHT = 1e6
"""Log-odds that no feature can be worth; sums of such weights are still far from what a float can hold."""

SCALE = 1e5
"""Learned weights are rounded to five places, and so are whole numbers of hundred-thousandths."""

_WHOLE, _EXACT = "int32", "float64"
"""The forms: numbers of hundred-thousandths, or, for weights that are none, the numbers themselves. Both little-endian and in base64."""


def pack_weights(weights: Sequence[float]) -> dict[str, str]:
    """Return the weights as a text, under the name of its form.

    Raises
    ------
    ValueError
        When a weight is not finite.

    Examples
    --------
    >>> pack_weights([0.00001, -1.0])
    {'int32': 'AQAAAGB5/v8='}
    >>> pack_weights([1 / 3])
    {'float64': 'VVVVVVVV1T8='}
    """
    exact = np.asarray(weights, dtype="<f8")
    if not np.isfinite(exact).all():
        raise ValueError("a weight is not finite")
    whole = np.clip(np.rint(exact * SCALE), -(2**31), 2**31 - 1).astype("<i4")
    if (whole / SCALE).astype("<f8").tobytes() == exact.tobytes():  # of -0.0 and 0.0 as well, which are equal and not the same
        return {_WHOLE: _text(whole)}
    return {_EXACT: _text(exact)}


def unpack_weights(value: Any) -> NDArray[np.float64]:
    """Return the weights of a text that :func:`pack_weights` made.

    Raises
    ------
    ValueError
        When it is none.

    Examples
    --------
    >>> unpack_weights({"int32": "AQAAAGB5/v8="}).tolist()
    [1e-05, -1.0]
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("expected one text of packed numbers")
    ((form, text),) = value.items()
    if form == _WHOLE:
        return np.frombuffer(_bytes(text), "<i4") / SCALE
    if form == _EXACT:
        return np.frombuffer(_bytes(text), "<f8").astype(np.float64)
    raise ValueError(f"{form!r:.40} is no form of packed numbers")


def checked_weights(weights: Any, size: int, what: str) -> list[float]:
    """Return the weights as a list; raise a ValueError, which says `what` is wrong, for all but a list or array of so many.

    Examples
    --------
    >>> checked_weights([0.5, 1e9], 2, "weights")
    Traceback (most recent call last):
    ValueError: weights: 1000000000.0 is no number of at most 1e+06
    """
    if not isinstance(weights, list | np.ndarray) or len(weights) != size:
        raise ValueError(f"{what}: expected a list of {size} numbers")
    numbers: list[float] = weights if isinstance(weights, list) else weights.tolist()
    if isinstance(weights, np.ndarray) and bool(np.all(np.abs(weights) <= MAX_WEIGHT)):
        return numbers
    wrong = [number for number in numbers if type(number) not in (int, float) or not abs(number) <= MAX_WEIGHT]
    if wrong:
        raise ValueError(f"{what}: {wrong[0]!r:.40} is no number of at most {MAX_WEIGHT:g}")
    return numbers


def _text(numbers: NDArray[Any]) -> str:
    return binascii.b2a_base64(numbers.tobytes(), newline=False).decode("ascii")


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError(f"packed numbers are {type(text).__name__}")
    return binascii.a2b_base64(text, strict_mode=True)
