"""Where operations are undefined: one line for each way to fail, and what plain Python does.

`test_errors.py` asks for the messages, `test_tape.py` that a failure leaves no trace.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation at operands where it has no value.

    Attributes:
        name: its name in the table.
        operands: the operands.
        plain: the same program in plain Python, which raises too.
        says: how the message starts.
    """

    name: str
    operands: tuple[float, ...]
    plain: Callable[..., Any]
    says: str


def _ones(
    name: str, domain: str, *points: float, plain: Callable[..., Any] | None = None
) -> list[Failure]:
    function = plain or getattr(math, name)
    says = f"{name}(x) needs {domain}, got x = "
    return [Failure(name, (x,), function, f"{says}{x!r}") for x in points]


def _large(name: str, *points: float) -> list[Failure]:
    says = f"{name}(x) is too large for a float at x = "
    return [Failure(name, (x,), getattr(math, name), f"{says}{x!r}") for x in points]


def _two(
    name: str, call: str, domain: str, plain: Callable[..., Any], *points: tuple[float, float]
) -> list[Failure]:
    return [
        Failure(name, (x, y), plain, f"{call} needs {domain}, got x = {x!r}, y = {y!r}")
        for x, y in points
    ]


_POW = "x > 0 or x == 0 and y >= 0 or x < 0 and y % 1 == 0"

FAILURES: list[Failure] = [
    *_two("div", "x / y", "y != 0", operator.truediv, (1.0, 0.0), (0.0, -0.0)),
    *_two("mod", "x % y", "y != 0", operator.mod, (5.0, 0.0)),
    *_two("pow", "x ** y", _POW, math.pow, (-8.0, 1 / 3), (-2.0, 0.5)),
    *_two("pow", "x ** y", _POW, operator.pow, (0.0, -1.0), (-0.0, -0.5)),
    Failure(
        "pow",
        (10.0, 400.0),
        operator.pow,
        "x ** y is too large for a float at x = 10.0, y = 400.0",
    ),
    *_two(
        "xlogy",
        "xlogy(x, y)",
        "y > 0 or x == 0",
        lambda x, y: x * math.log(y),
        (1.0, 0.0),
        (1.0, -1.0),
    ),
    *_large("exp", 710.0),
    *_large("expm1", 710.0),
    *_large("sinh", 711.0, -711.0),
    *_large("cosh", 711.0),
    *_ones("log", "x > 0", 0.0, -1.0),
    *_ones("log1p", "x > -1", -1.0, -2.0),
    *_ones("log2", "x > 0", 0.0, -1.0),
    *_ones("log10", "x > 0", 0.0, -1.0),
    *_ones("sqrt", "x >= 0", -1.0),
    *_ones("sin", "abs(x) < inf", inf, -inf),
    *_ones("cos", "abs(x) < inf", inf),
    *_ones("tan", "abs(x) < inf", inf),
    *_ones("asin", "-1 <= x <= 1", 2.0, -1.5),
    *_ones("acos", "-1 <= x <= 1", 2.0, -1.5),
    *_ones("acosh", "x >= 1", 0.5),
    *_ones("atanh", "-1 < x < 1", 1.0, -1.0, 2.0),
    *_ones(
        "sinc",
        "abs(x) < inf",
        inf,
        plain=lambda x: math.sin(math.pi * x) / (math.pi * x),
    ),
]

IDS = [f"{failure.name}{failure.operands}" for failure in FAILURES]
