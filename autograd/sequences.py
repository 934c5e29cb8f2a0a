"""The public functions of lists: sums, products, extremes, and a choice among numbers.

Given floats a function returns a float; given a Value anywhere, it records one row, and returns
a Value. Knows how lists are checked; knows no derivative.
"""

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from autograd.errors import LengthError, NumberError, shown
from autograd.functions import exp
from autograd.lists import record_dot, record_many
from autograd.reductions import REDUCTIONS
from autograd.signatures import Reduction, described, number_or_value
from autograd.tape import here
from autograd.value import Value


def _reduction(name: str, xs: list[float], result: str) -> Reduction:
    def function(xs: Any) -> Any:
        operands = _list(xs, name)
        if not operands and name not in ("total", "prod"):
            raise LengthError(f"{name} needs at least one number, got an empty list")
        return _reduced(name, operands)

    described(function, name, f"{name}({xs})", result)
    return function


def _list(xs: Any, name: str) -> list[Any]:
    if isinstance(xs, (Value, str, bytes, dict)) or not hasattr(xs, "__iter__"):
        raise NumberError(f"{name} needs a list of numbers, got {shown(xs)}")
    numbers = list(xs)
    if not _READY.issuperset(map(type, numbers)):
        numbers = [number_or_value(x, name) for x in numbers]
    return numbers


# Types that need no conversion; asking for them all at once is what makes long lists fast.
_READY = {float, Value}


def _reduced(name: str, operands: list[Any]) -> Any:
    if {float}.issuperset(map(type, operands)):
        return REDUCTIONS[name].value(operands)
    return record_many(name, operands)


total = _reduction("total", [1.0, 2.0, 3.0], "6.0000")
mean = _reduction("mean", [1.0, 2.0, 3.0], "2.0000")
prod = _reduction("prod", [2.0, 3.0, 4.0], "24.0000")
logsumexp = _reduction("logsumexp", [0.0, 0.0], "0.6931")
amax = _reduction("amax", [1.0, 3.0, 2.0], "3.0000")
amin = _reduction("amin", [1.0, 3.0, 2.0], "1.0000")


def dot(xs: Iterable[Any], ys: Iterable[Any], start: Any = 0.0) -> Any:
    """Return start + x1*y1 + ... + xn*yn, added from left to right, as one row of the tape.

    Raises:
        LengthError: if xs and ys have different lengths.

    Example:
        >>> dot([1.0, 2.0], [3.0, 4.0], 0.5)
        11.5
    """
    if type(xs) is type(ys) is list and len(xs) == len(ys):
        recorded = record_dot(xs, ys, start)
        if recorded is not None:
            return recorded
    xs, ys = _list(xs, "dot"), _list(ys, "dot")
    if len(xs) != len(ys):
        raise LengthError(
            f"dot needs two lists of the same length, got {len(xs)} and {len(ys)} numbers"
        )
    return _reduced("dot", [*xs, *ys, number_or_value(start, "dot")])


def take(xs: Iterable[Any], index: Any) -> Any:
    """Return xs[index], for an index that a compiled function may be given as an argument.

    Elsewhere that is all there is to it, but that negative indices do not count from the end.
    A compiled function runs the same code for every index; `xs[index]` would need code of its
    own for each.

    Raises:
        NumberError: if the index is not a whole number.
        IndexError: if there is no such number.

    Example:
        >>> take([0.5, 0.25, 0.125], 1)
        0.25
    """
    numbers = _list(xs, "take")
    if isinstance(index, Value) and here.tracing is not None:
        return here.tracing.take(numbers, index)
    if isinstance(index, bool) or not isinstance(index, Integral):
        raise NumberError(f"take needs a whole number as the index, got {shown(index)}")
    if not 0 <= int(index) < len(numbers):
        raise IndexError(
            f"take needs an index below {len(numbers)} and not below 0, got {index}"
        )
    return numbers[int(index)]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Return exp(x - logsumexp(xs)) for each x: positive numbers that add up to 1.

    Example:
        >>> softmax([0.0, 0.0])
        [0.5, 0.5]
    """
    operands = _list(xs, "softmax")
    if not operands:
        raise LengthError("softmax needs at least one number, got an empty list")
    norm = logsumexp(operands)
    return [exp(x - norm) for x in operands]


# doctest finds generated functions only when they are listed.
__test__ = {name: function for name, function in list(globals().items()) if name in REDUCTIONS}
