"""The operations over a whole list of operands: one rule each, and how it expands.

A reduction has one value and one partial derivative for each operand, so its rule is a small
function rather than a formula. `expand` says the same thing with the operations of the table:
drawings and other number types use it, and the tests hold the two against each other.
Knows no tape, no Value and no gradient.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any

Numbers = Sequence[float]


@dataclass(frozen=True, slots=True)
class Reduction:
    """One operation over a list.

    Attributes:
        name: the name in Python, `logsumexp`.
        value: the value of the operands.
        partials: the partial derivatives, one for each operand, from the operands, the value
            and which of the operands are active (a constant cannot share a tie).
        expand: the same value from +, -, *, / and a namespace of the table's functions.
        about: what it computes, for the docstring.
    """

    name: str
    value: Callable[[Numbers], float]
    partials: Callable[[Numbers, float, Sequence[bool]], list[float]]
    expand: Callable[[Sequence[Any], Any], Any]
    about: str

    def written(self, operands: list[str]) -> str:
        """Return the reduction applied to operands, as people write it."""
        return f"{self.name}({', '.join(operands)})"


# dot: the operands are x1 ... xn, y1 ... yn and the start, in this order.


def _dot(operands: Sequence[Any], _functions: Any = None) -> Any:
    """Return start + x1*y1 + ... + xn*yn, added from left to right."""
    length = len(operands) // 2
    out = operands[-1]
    for x, y in zip(operands[:length], operands[length:-1], strict=True):
        out = out + x * y
    return out


def _dot_partials(operands: Numbers, _out: float, _active: object) -> list[float]:
    length = len(operands) // 2
    return [*operands[length:-1], *operands[:length], 1.0]


def _total(operands: Sequence[Any], _functions: Any = None) -> Any:
    """Return the sum, added from left to right (`sum` compensates on newer Pythons)."""
    if not operands:
        return 0.0
    out = operands[0]
    for x in operands[1:]:
        out = out + x
    return out


def _total_partials(operands: Numbers, _out: float, _active: object) -> list[float]:
    return [1.0] * len(operands)


def _mean(operands: Sequence[Any], _functions: Any = None) -> Any:
    return _total(operands) / len(operands)


def _mean_partials(operands: Numbers, _out: float, _active: object) -> list[float]:
    return [1.0 / len(operands)] * len(operands)


def _prod(operands: Sequence[Any], _functions: Any = None) -> Any:
    if not operands:
        return 1.0
    out = operands[0]
    for x in operands[1:]:
        out = out * x
    return out


def _prod_partials(operands: Numbers, _out: float, _active: object) -> list[float]:
    """Multiply what stands before by what stands after: exact where an operand is 0."""
    if len(operands) == 1:
        return [1.0]
    before = list(accumulate(operands[:-1], mul, initial=1))
    after = list(accumulate(reversed(operands[1:]), mul, initial=1))
    return [left * right for left, right in zip(before, reversed(after), strict=True)]


def _logsumexp(operands: Numbers) -> float:
    """Return log(exp(x1) + ... + exp(xn)), shifted by the largest so nothing overflows."""
    if any(map(math.isnan, operands)):
        return math.nan
    largest = max(operands)
    if math.isinf(largest):
        return largest
    return largest + math.log(_total([math.exp(x - largest) for x in operands]))


def _logsumexp_partials(operands: Numbers, out: float, _active: object) -> list[float]:
    """Return the softmax; infinite operands share the slope among the largest."""
    if math.isnan(out):
        return [math.nan] * len(operands)
    if math.isinf(out):
        ties = sum(x == out for x in operands)
        return [1.0 / ties if x == out else 0.0 for x in operands]
    largest = max(operands)
    weights = [math.exp(x - largest) for x in operands]
    norm = _total(weights)
    return [weight / norm for weight in weights]


def _logsumexp_expanded(operands: Sequence[Any], functions: Any) -> Any:
    return functions.log(_total([functions.exp(x) for x in operands]))


def _extreme(better: Callable[[float, float], bool]) -> Callable[[Numbers], float]:
    def value(operands: Numbers) -> float:
        out = operands[0]
        for x in operands[1:]:
            if better(x, out) or math.isnan(x):
                out = x
        return out

    return value


def _extreme_partials(operands: Numbers, out: float, active: Sequence[bool]) -> list[float]:
    """Share the slope equally among the tied; a constant in the tie leaves slope 0."""
    if math.isnan(out):
        return [math.nan if math.isnan(x) else 0.0 for x in operands]
    held = any(x == out and not moves for x, moves in zip(operands, active, strict=True))
    share = 0.0 if held else 1.0 / sum(x == out for x in operands)
    return [share if x == out else 0.0 for x in operands]


def _chain(name: str) -> Callable[[Sequence[Any], Any], Any]:
    def expand(operands: Sequence[Any], functions: Any) -> Any:
        out = operands[0]
        for x in operands[1:]:
            out = getattr(functions, name)(out, x)
        return out

    return expand


REDUCTIONS: dict[str, Reduction] = {
    row.name: row
    for row in (
        Reduction("dot", _dot, _dot_partials, _dot, "start + x1*y1 + ... + xn*yn"),
        Reduction("total", _total, _total_partials, _total, "x1 + ... + xn"),
        Reduction("mean", _mean, _mean_partials, _mean, "(x1 + ... + xn) / n"),
        Reduction("prod", _prod, _prod_partials, _prod, "x1 * ... * xn"),
        Reduction(
            "logsumexp",
            _logsumexp,
            _logsumexp_partials,
            _logsumexp_expanded,
            "log(exp(x1) + ... + exp(xn))",
        ),
        Reduction(
            "amax",
            _extreme(lambda x, y: x > y),
            _extreme_partials,
            _chain("maximum"),
            "the largest of x1, ..., xn",
        ),
        Reduction(
            "amin",
            _extreme(lambda x, y: x < y),
            _extreme_partials,
            _chain("minimum"),
            "the smallest of x1, ..., xn",
        ),
    )
}
