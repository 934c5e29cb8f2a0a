"""Where the sweep over a tape leaves the range of floats, and which inputs that concerns.

A local derivative may be beyond the largest float, 1 / x for x = 1e-310, and a product of
right ones below the smallest. Such a gradient is lost, though no formula is wrong. Knows how
adjoints are passed down a tape that is made to be read.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.contexts import Tape
from autograd.rows import LEAF, Row
from autograd.transforms import grad
from autograd.value import Value

# Well inside the normal floats: twice as much is still one.
_LEAST, _LARGEST = 1e-300, 1e300


def out_of_range(rows: Sequence[Row]) -> list[int]:
    """Return the rows of a tape that pass on more or less than floats can hold.

    >>> from autograd import Value
    >>> x = Value(1e-310)
    >>> out_of_range((x.log() * x).tape), out_of_range((x.exp() + x).tape)
    ([2, 1], [])
    """
    found: list[int] = []
    adjoints = [0.0] * len(rows)
    adjoints[-1:] = [1.0]
    for row in reversed(rows):
        adjoint = adjoints[row.number]
        for x in row.operands:
            if x.row is None or not x.partial or not adjoint:
                continue
            passed = adjoint * x.partial
            adjoints[x.row] += passed
            if not _LEAST <= abs(passed) <= _LARGEST and row.number not in found:
                found.append(row.number)
    return found


def out_of_range_twice(
    f: Callable[..., Any], point: Sequence[float], pair: Iterable[int]
) -> bool:
    """Return whether the sweep over a sweep does so, on its way to a second derivative.

    Args:
        f: a function of Values.
        point: where.
        pair: by which input it is differentiated first, and by which then.

    >>> from autograd import log
    >>> out_of_range_twice(log, [1e-200], (0, 0)), out_of_range_twice(log, [1e-100], (0, 0))
    (True, False)
    """
    by, along = pair
    inputs = [Value(x, label=f"input {k}") for k, x in enumerate(point)]
    with Tape():
        slope = grad(f, by)(*inputs)
        rows = slope.tape if isinstance(slope, Value) else ()
        lost = inputs_of(rows, out_of_range(rows))
        return inputs[along].label in {rows[k].label for k in lost}


def inputs_of(rows: Sequence[Row], tops: Iterable[int]) -> frozenset[int]:
    """Return the numbers of the leaves that some rows were computed from.

    >>> from autograd import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> rows = (x * x + y).tape
    >>> sorted(inputs_of(rows, [1])), sorted(inputs_of(rows, [3]))
    ([0], [0, 2])
    """
    needed = set(tops)
    for row in reversed(rows):
        if row.number in needed:
            needed.update(x.row for x in row.operands if x.row is not None)
    return frozenset(number for number in needed if rows[number].operation == LEAF)
