"""Batches of data: columns of numbers, from lists or from arrays of NumPy.

An argument that varies from sample to sample comes as something of shape (samples, ...). It is
checked as a whole and cut into columns, one for each number that a sample has. Knows no
program; needs NumPy for nothing, and makes use of it where it is given arrays.
"""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

from autograd.errors import LengthError, NumberError, StructureError, shown
from autograd.value import Value

# What one sample of an argument looks like: () is a number, (3,) a list of 3 numbers.
Shape = tuple[int, ...]


class Columns:
    """One argument for every sample.

    Attributes:
        shape: the shape of one sample.
        whole: whether the numbers are whole by type, so that they may be indices.
        count: how many samples there are.
        width: how many numbers each of them has.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        whole: bool,
        lists: list[list[float]] | None = None,
        matrix: Any = None,
    ) -> None:
        self.shape = shape
        self.whole = whole
        self._lists = lists
        # An array with a row for each column, where an array was given.
        self._matrix = matrix
        rows = matrix if lists is None else lists
        self.count = len(rows[0])
        self.width = len(rows)

    @property
    def lists(self) -> list[list[float]]:
        """One list of floats for each number of a sample."""
        if self._lists is None:
            self._lists = self._matrix.tolist()
        return self._lists

    def rows(self, samples: Sequence[int] | None, *, arrays: bool) -> list[Any]:
        """Return the columns, of some samples only; as arrays where arrays were given."""
        if arrays and self._matrix is not None:
            return list(self._matrix if samples is None else self._matrix[:, samples])
        if samples is None:
            return list(self.lists)
        return [[column[k] for k in samples] for column in self.lists]

    def sample(self, k: int) -> list[float]:
        """Return the numbers of one sample, in order."""
        return [float(row[k]) for row in (self._lists or self._matrix)]

    def arranged(self, numbers: Sequence[Any]) -> Any:
        """Return the numbers of one sample in its shape."""
        return _nested(list(numbers), self.shape)


def _nested(numbers: list[Any], shape: Shape) -> Any:
    if not shape:
        return numbers[0]
    step = math.prod(shape[1:])
    return [_nested(numbers[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def columns(given: Any, name: str) -> Columns:
    """Return the columns of an argument.

    Raises:
        NumberError: if it holds anything but finite real numbers.
        LengthError: if there are no samples, or samples of no numbers.
        StructureError: if samples have different shapes.

    >>> columns([[1, 2.5], [3, 4]], "x").lists
    [[1.0, 3.0], [2.5, 4.0]]
    """
    if hasattr(given, "__array__") and not isinstance(given, Value):
        return _of_array(given, name)
    if isinstance(given, (str, bytes, dict, set, frozenset, Value)) or not hasattr(
        given, "__iter__"
    ):
        raise NumberError(
            f"the batch argument {name!r} needs one entry for each sample, a list or an array, "
            f"got {shown(given)}"
        )
    samples = list(given)
    if not samples:
        raise _empty(name)
    # A list of arrays is a list of lists.
    samples = [x.tolist() if hasattr(x, "tolist") else x for x in samples]
    if not isinstance(samples[0], (list, tuple)):
        column = _column(samples, name)
        return Columns((), whole=_are_whole(samples), lists=[column])
    shape = _shape(samples[0])
    flat = samples
    if (
        len(shape) > 1
        or not {list, tuple}.issuperset(map(type, samples))
        or ({*shape} != set(map(len, samples)))
    ):
        flat = [_flat(sample, shape, k, name) for k, sample in enumerate(samples)]
    if not flat[0]:
        raise LengthError(f"the batch argument {name!r} has samples without any number")
    lists = [_column(list(column), name) for column in zip(*flat, strict=True)]
    return Columns(shape, whole=all(map(_are_whole, flat)), lists=lists)


def _empty(name: str) -> LengthError:
    return LengthError(f"the batch argument {name!r} is empty; a batch needs a sample at least")


def _shape(sample: Any) -> Shape:
    shape: list[int] = []
    while isinstance(sample, (list, tuple)):
        shape.append(len(sample))
        if not sample:
            break
        sample = sample[0]
    return tuple(shape)


def _flat(sample: Any, shape: Shape, k: int, name: str) -> list[Any]:
    """Return the numbers of a sample, having checked its shape."""
    numbers = [sample]
    for length in shape:
        for part in numbers:
            if not isinstance(part, (list, tuple)) or len(part) != length:
                raise StructureError(
                    f"the batch argument {name!r} needs the same shape for every sample: "
                    f"sample 0 has shape {shape}, sample {k} is {shown(sample)}"
                )
        numbers = [x for part in numbers for x in part]
    return numbers


def _are_whole(numbers: Sequence[Any]) -> bool:
    return all(isinstance(x, Integral) and not isinstance(x, bool) for x in numbers)


def _column(numbers: list[Any], name: str) -> list[float]:
    if {float} != set(map(type, numbers)):
        for k, x in enumerate(numbers):
            if not isinstance(x, Real):
                advice = "; weights are shared arguments" if isinstance(x, Value) else ""
                raise NumberError(
                    f"the batch argument {name!r} needs real numbers, got {shown(x)} at sample "
                    f"{k}{advice}"
                )
        numbers = list(map(float, numbers))
    # One addition each; a sum that overflows is looked at again.
    if not math.isfinite(sum(numbers)):
        for k, x in enumerate(numbers):
            if not math.isfinite(x):
                raise _not_finite(name, x, k)
    return numbers


def _not_finite(name: str, x: float, k: int) -> NumberError:
    return NumberError(
        f"the batch argument {name!r} needs finite numbers, got {x!r} at sample {k}"
    )


def _of_array(given: Any, name: str) -> Columns:
    import numpy as np  # noqa: PLC0415 - who gives an array has NumPy

    array = np.asarray(given)
    if array.dtype.kind not in "fiub":
        raise NumberError(
            f"the batch argument {name!r} needs an array of real numbers, got dtype "
            f"{array.dtype}"
        )
    if array.ndim == 0:
        raise NumberError(
            f"the batch argument {name!r} needs one entry for each sample, got a single number"
        )
    if not array.shape[0]:
        raise _empty(name)
    if not array.size:
        raise LengthError(f"the batch argument {name!r} has samples without any number")
    # A copy, so that nobody changes it meanwhile.
    flat = array.reshape(array.shape[0], -1).astype(float)
    finite = np.isfinite(flat)
    if not finite.all():
        k, slot = map(int, np.argwhere(~finite)[0])
        raise _not_finite(name, float(flat[k, slot]), k)
    matrix = np.ascontiguousarray(flat.T)
    return Columns(array.shape[1:], whole=array.dtype.kind in "iu", matrix=matrix)
