"""Holding the engine to a case: values and gradients against 50 digits, in ulps.

Knows how to call an operation and how to compare; the truth stands in `cases.py`.
"""

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import autograd
from autograd import Value
from tests.cases import CASES, Case, Point
from tests.oracles import Real, real
from tests.tolerances import bound

Call = Callable[..., Any]

OPERATORS: dict[str, Call] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": operator.mod,
    "pow": operator.pow,
    "neg": operator.neg,
}


def callable_of(name: str) -> Call:
    """Return an operation as people call it: an operator or a public function."""
    if name in OPERATORS:
        return OPERATORS[name]
    function: Call = getattr(autograd, name)
    return function


def agrees(got: float, truth: Real, ulps: float, absolute: float = 0.0) -> bool:
    """Return whether a float is as near to the truth as it has to be.

    >>> agrees(0.1, real.mpf("0.1"), 0.5), agrees(0.1, real.mpf("0.1"), 0.1)
    (True, False)
    """
    rounded = float(truth)
    if math.isnan(rounded) or math.isnan(got):
        return math.isnan(rounded) and math.isnan(got)
    if ulps == math.inf:
        return True
    if math.isinf(rounded) or math.isinf(got):
        return rounded == got
    room = real.mpf(ulps) * math.ulp(rounded) + absolute
    return bool(abs(real.mpf(got) - truth) <= room)


def subsets(case: Case) -> Iterator[tuple[bool, ...]]:
    """Return every way to make some of the arguments Values and the others constants."""
    moving = len(case.partials)
    fixed = (False,) * (len(case.points[0]) - moving)
    for choice in product((True, False), repeat=moving):
        if any(choice):
            yield choice + fixed


@lru_cache(maxsize=4096)
def _truth(name: str, operands: Point) -> tuple[Real, list[Real], list[Real]]:
    """Return the value, the derivatives, and those where the other operand is a constant.

    Kept, because mutants ask for the same points over and over.
    """
    case, exact = CASES[name], [real.mpf(x) for x in operands]
    partials = [slope(*exact) for slope in case.partials]
    held = [slope(*exact) for slope in case.held] or partials
    return case.value(*exact), partials, held


def faults(case: Case, operands: Point, call: Call) -> list[str]:
    """Return what an operation gets wrong at a point, a line for each wrong number."""
    truth, partials, held = _truth(case.name, operands)
    wrong = []
    for choice in subsets(case):
        values = [Value(x) for x in operands]
        out = call(*(v if moves else v.data for v, moves in zip(values, choice, strict=True)))
        if not agrees(out.data, truth, *bound(case.name, 0, operands, case.within[0])):
            wrong.append(f"{case.name}{operands} is {out.data!r}, not {float(truth)!r}")
        out.backward()
        for k, expected in enumerate(partials if all(choice) else held):
            if not choice[k]:
                continue
            got = values[k].grad
            room = bound(case.name, k + 1, operands, case.within[k + 1])
            if not agrees(got, expected, *room):
                wrong.append(
                    f"{case.name}{operands}: derivative {k + 1} is {got!r}, "
                    f"not {float(expected)!r}"
                )
    return wrong


# Arguments in which an operation is linear: the slope does not look at them.
LINEAR = {
    ("add", 0), ("add", 1), ("sub", 0), ("sub", 1), ("mul", 0), ("mul", 1), ("div", 0),
    ("xlogy", 0), ("neg", 0), ("identity", 0), ("stop_gradient", 0),
}  # fmt: skip


def nan_faults(case: Case, call: Call) -> list[str]:
    """Return where a NaN operand does not make the value and its own gradient NaN.

    Says nothing about `where`, whose value is the side that is chosen.
    """
    wrong: list[str] = []
    moving = 0 if case.name == "where" else len(case.partials)
    for k in range(moving):
        point = list(case.points[0])
        point[k] = math.nan
        values = [Value(x) for x in point[:moving]]
        out = call(*values, *point[moving:])
        out.backward()
        if not math.isnan(out.data):
            wrong.append(f"{case.name}{tuple(point)} is {out.data!r}, not nan")
        if (case.name, k) not in LINEAR and not math.isnan(values[k].grad):
            wrong.append(f"{case.name}{tuple(point)}: derivative {k + 1} is not nan")
    return wrong


def gradients(
    call: Call, xs: Sequence[float], held: Sequence[bool] = ()
) -> tuple[float, list[float]]:
    """Return the value of a function of a list, and the gradients of what is not held."""
    still = held or [False] * len(xs)
    given = [x if constant else Value(x) for x, constant in zip(xs, still, strict=True)]
    out = call(given)
    out.backward()
    return out.data, [x.grad for x in given if isinstance(x, Value)]
