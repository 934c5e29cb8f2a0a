"""Memory that native code works in: arrays that start where vectors may.

Knows sizes. Knows no program.
"""

from collections.abc import Iterable
from typing import Any

from autograd.compiling.native.sizes import Sizes
from autograd.errors import missing_extra


def numpy() -> Any:
    """Return NumPy, which the native back end needs for its arrays."""
    try:
        import numpy as np  # noqa: PLC0415 - an extra, loaded where it is used
    except ModuleNotFoundError as error:
        raise missing_extra("the native backend", "numpy", "native") from error
    return np


class Room:
    """Memory for one thread.

    Attributes:
        shared: the shared numbers, constants filled in.
        sums: what is added up over samples.
        results: the results.
        given, answers: where shared numbers and results lie.
        addresses: where scratch, packed weights and sums lie.
    """

    def __init__(self, sizes: Sizes, width: int, numbers: Iterable[tuple[int, float]]) -> None:
        self.shared = aligned(sizes.shared)
        for k, number in numbers:
            self.shared[k] = number
        self._scratch, self._packed = aligned(sizes.scratch), aligned(sizes.packed)
        self.sums = aligned(sizes.sums)
        # Vectors are read across the end.
        self.results = aligned(sizes.results + width)
        # Asking an array where it lies takes longer than many a batch.
        self.given, self.answers = self.shared.ctypes.data, self.results.ctypes.data
        arrays = self._scratch, self._packed, self.sums
        self.addresses = tuple(array.ctypes.data for array in arrays)


def aligned(size: int) -> Any:
    """Return a new array of zeros that starts at a multiple of 64 bytes."""
    room = numpy().zeros(size + 8)
    skipped = -(room.ctypes.data // 8) % 8
    return room[skipped : skipped + size]
