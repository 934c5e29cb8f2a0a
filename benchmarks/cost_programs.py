"""Programs as people write them, from a list of numbers to one number.

Each asks of its numbers only operators, and of `Functions` a tanh and a dot product, so the
very same text runs on floats and on every engine. Knows no engine and no derivative.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

# Floats, or numbers of an engine.
from typing import Any


@dataclass(frozen=True, slots=True)
class Functions:
    """What a program calls on its numbers.

    Attributes:
        tanh: Of one number.
        dot: Of two lists.
    """

    tanh: Callable[[Any], Any]
    dot: Callable[[Sequence[Any], Sequence[Any]], Any]


def sum_of_products(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """The dot product for engines that have none of their own."""
    return sum(map(mul, xs, ys))


PLAIN = Functions(math.tanh, sum_of_products)


@dataclass(frozen=True, slots=True)
class Program:
    """A program, what it is, and where it is run."""

    title: str
    point: tuple[float, ...]
    compute: Callable[[Functions, Sequence[Any]], Any]


def rosenbrock(_: Functions, x: Sequence[Any]) -> Any:
    """A curved valley with its floor at 1, 1, ..."""
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def goldstein_price(_: Functions, point: Sequence[Any]) -> Any:
    """A polynomial of degree 8 in two numbers, from the collections for optimisers."""
    x, y = point
    return (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )


def chain(functions: Functions, point: Sequence[Any]) -> Any:
    """1,000 operations in a row: multiply, add, tanh in turn."""
    (x,) = point
    for _step in range(333):
        x = functions.tanh(x * 1.5 + 0.25)
    return x * 2.0


def newton(_: Functions, point: Sequence[Any]) -> Any:
    """The square root of a number by 40 steps of Newton's method, from another number."""
    target, x = point
    for _step in range(40):
        x = x - (x * x - target) / (2 * x)
    return x


def linear_model(functions: Functions, weights: Sequence[Any]) -> Any:
    """The squared error of 20 weights on 10 samples, one dot product for each."""
    total = 0
    for sample in range(10):
        inputs = [math.sin(1.0 + 20 * sample + k) for k in range(20)]
        total = total + (functions.dot(weights, inputs) - 0.1 * sample) ** 2
    return total


def network(functions: Functions, weights: Sequence[Any]) -> Any:
    """The squared error of a 2-16-16-1 network of tanh on one sample, in plain operations."""
    remaining = iter(weights)
    x: list[Any] = [0.3, -0.8]
    for width in (16, 16, 1):
        sums = []
        for _unit in range(width):
            out = next(remaining)
            for value in x:
                out = out + next(remaining) * value
            sums.append(out)
        x = [functions.tanh(out) for out in sums]
    return (x[0] - 1) ** 2


def _spread_out(count: int, size: float) -> tuple[float, ...]:
    """Numbers that look random and are the same each time."""
    return tuple(size * math.sin(1.0 + 2.0 * k) for k in range(count))


PROGRAMS = {
    "rosenbrock": Program("Rosenbrock in 10 numbers", _spread_out(10, 1.0), rosenbrock),
    "goldstein": Program("Goldstein-Price", (0.5, -0.25), goldstein_price),
    "chain": Program("a chain of 1,000", (0.5,), chain),
    "newton": Program("40 steps of Newton", (2.0, 1.0), newton),
    "linear": Program("20 weights on 10 samples", _spread_out(20, 0.5), linear_model),
    "network": Program("a 2-16-16-1 network", _spread_out(337, 0.4), network),
}
