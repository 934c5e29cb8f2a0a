"""Numerical derivatives on a line: the opinion of calculus, without any derivative formula.

A `Line` is a function of one offset from a point. From its values alone comes the slope, by
extrapolated central differences, with an estimate of its error. The arithmetic is the line's
own: floats, or numbers of 50 digits. Knows no tape and no Value.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Number = Any  # float or mpmath.mpf; the arithmetic below is the same for both


@dataclass(frozen=True, slots=True)
class Line:
    """A function of an offset from a point.

    Attributes:
        at: the value at an offset, None where there is none.
        first: the first step of `central`.
        near: the first step from one side, small.
        rounding: the relative error of one value.
        noise: an absolute error of one value, on top of that.
        context: what the arithmetic has to run in, such as a number of digits.
    """

    at: Callable[[Number], Number | None]
    first: Number
    near: Number
    rounding: float
    noise: Number = 0.0
    context: Callable[[], AbstractContextManager[Any]] = nullcontext

    def error(self, *values: Number) -> Number:
        """Return how far the largest of some values may be off.

        >>> Line(abs, 0.1, 0.1, rounding=0.5, noise=1.0).error(2.0, -4.0)
        3.0
        """
        return self.rounding * max(abs(x) for x in values) + self.noise


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope and how far it may be off; the slope is inf or -inf where it has no bound."""

    value: Number
    error: float


def central(line: Line, rows: int = 14, shrink: float = 2.0) -> Estimate | None:
    """Return the slope at the point by Ridders' extrapolation, None without values around.

    Ridders 1982, "Accurate computation of F'(x) and F'(x)F''(x)": central differences at
    shrinking steps, extrapolated to step 0; the entry of the tableau that changed least is the
    result, and its change the estimate of the error. Rounding of the values is added to it.

    >>> estimate = central(Line(lambda t: math.exp(1.0 + t), 0.125, 1e-4, 2.0**-52))
    >>> abs(estimate.value - math.e) <= estimate.error < 1e-11
    True
    """
    with line.context():
        step = line.first
        up, down = line.at(step), line.at(-step)
        for _ in range(12):
            if up is not None and down is not None:
                break
            step /= 16.0
            up, down = line.at(step), line.at(-step)
        best: Estimate | None = None
        above: list[Number] = []
        for row in range(rows):
            if row:
                step /= shrink
                up, down = line.at(step), line.at(-step)
            if up is None or down is None or not step:
                break
            current = extrapolated((up - down) / (2.0 * step), above, shrink * shrink)
            rounding = line.error(up, down) / step
            best = better(best, current, above, rounding)
            if best is not None and best.error <= rounding:
                # At smaller steps the rounding alone is more than that.
                break
            above = current
        return best


def extrapolated(first: Number, above: Sequence[Number], factor: float) -> list[Number]:
    """Return one more row of a tableau of Richardson's extrapolation."""
    row, power = [first], factor
    for older in above:
        row.append(row[-1] + (row[-1] - older) / (power - 1.0))
        power *= factor
    return row


def better(
    best: Estimate | None, row: Sequence[Number], above: Sequence[Number], rounding: Number
) -> Estimate | None:
    """Return the entry of least error among the best so far and a new row."""
    for k in range(1, len(row)):
        change = max(abs(row[k] - row[k - 1]), abs(row[k] - above[k - 1]))
        error = float(change + rounding)
        if best is None or error < best.error:
            best = Estimate(row[k], error)
    return best


def noise(line: Line, step: float) -> float:
    """Return the size of the noise in the values, beyond what their arithmetic rounds.

    More and Wild 2011, "Estimating computational noise": the differences of high order of a
    smooth function at close points are nothing but noise.

    >>> noise(Line(lambda t: round(math.exp(0.3 + t), 9), 0.125, 0.1, 2.0**-52), 1e-6) > 1e-10
    True
    """
    with line.context():
        values = [line.at(step * k) for k in range(-3, 4)]
        differences = [x for x in values if x is not None]
        if len(differences) < len(values):
            return 0.0
        largest = 0.0
        for order in range(1, len(values)):
            differences = [after - before for before, after in pairwise(differences)]
            if order >= 4:
                size = float(max(map(abs, differences)))
                largest = max(largest, size / math.sqrt(math.comb(2 * order, order)))
        return largest


def rough(line: Line, step: Number, ratio: float = 128.0) -> Estimate | None:
    """Return the slope from a plain difference, with a generous error.

    That is a thousandth, the rounding, and what the slope changes by from the larger step.
    None where it changes by most of itself: the steps are too large to say anything.

    >>> rough(Line(math.exp, 0.125, 0.125, 2.0**-52), 1e-6).error < 2e-3
    True
    """
    with line.context():
        slopes, error = [], 0.0
        for h in (step * ratio, step):
            up, down = line.at(h), line.at(-h)
            if up is None or down is None or not h:
                return None
            slopes.append((up - down) / (2.0 * h))
            error = float(16.0 * line.error(up, down) / h)
        wide, slope = slopes
        change = float(abs(wide - slope))
        if change > error + 0.5 * float(abs(slope)):
            return None
        return Estimate(slope, error + change + 1e-3 * float(abs(slope)))


def believable(estimate: Estimate, roughly: Estimate | None) -> bool:
    """Return whether an estimate lies where a rough one says; true without a rough one."""
    if roughly is None:
        return True
    far = abs(estimate.value - roughly.value)
    return bool(far <= roughly.error + 1e-3 * abs(estimate.value))
