"""What training is given, checked before any of it reaches machine code.

An index outside the data would read what is not ours. Knows no loss and no weight.
"""

from operator import index
from typing import Any

from autograd.compiling.native.rooms import numpy
from autograd.errors import LengthError, NumberError, shown
from autograd.numbers import real


def limit(given: Any, name: str) -> float:
    """Return a number that is not negative."""
    number = real(given, name)
    if not number >= 0.0:
        raise LengthError(f"{name} must not be negative, got {shown(given)}")
    return number


def whole(given: Any, name: str, least: int) -> int:
    """Return a whole number that is not too small."""
    try:
        number = index(given)
    except TypeError:
        raise NumberError(f"{name} must be a whole number, got {shown(given)}") from None
    if number < least:
        raise LengthError(f"{name} must be {least} at least, got {number}")
    return number


def samples(order: Any, count: int) -> Any:
    """Return an order as an array of whole numbers, all of them samples that there are."""
    np = numpy()
    found = np.asarray(order)
    if found.size and (found.dtype.kind not in "iu" or found.ndim != 1):
        raise NumberError(f"order must be a list of whole numbers, got {shown(order)}")
    if found.size and (found.min() < 0 or found.max() >= count):
        outside = np.flatnonzero((found < 0) | (found >= count))
        raise LengthError(
            f"order must name samples from 0 to {count - 1}, got {found[outside[0]]} at "
            f"{outside[0]}"
        )
    return np.ascontiguousarray(found.reshape(-1), np.int64)


def rates(rates: Any, steps: int, groups: int) -> Any:
    """Return learning rates as an array: a row for each step, one for each group in it."""
    np = numpy()
    try:
        found = np.ascontiguousarray(rates, float)
    except (TypeError, ValueError):
        raise NumberError(f"rates must be lists of numbers, got {shown(rates)}") from None
    if found.shape[:1] != (steps,) or found.size != steps * groups:
        raise LengthError(
            f"rates needs a row for each of {steps} steps, with a rate for each of {groups} "
            f"groups, got shape {found.shape}"
        )
    if not np.isfinite(found).all():
        raise NumberError("rates must be finite numbers")
    return found.reshape(steps, groups)
