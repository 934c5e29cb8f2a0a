"""The checker checked: every wrong rule is caught, and the operation named.

Each smooth operation of the table is defined once more as an operation of the user's, with
its derivatives as they are (must pass) and with each kind of mistake (must be caught).
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd import (
    Value,
    check_gradients,
    cos,
    exp,
    grad,
    hessian,
    operation,
    sin,
    stop_gradient,
    tanh,
)
from autograd.operations import BUILT_IN, Operation
from autograd.structures import flatten

# Steps have no slope that could be wrong; the others are no functions of numbers alone.
LEFT_OUT = {"identity", "stop_gradient", "where", "clamp", "leaky_relu", "elu"}
STEPS = {"sign", "floor", "ceil", "round"}

RULES = [row for name, row in BUILT_IN.items() if name not in LEFT_OUT | STEPS]

# One point in the domain of each operation; most are defined here.
USUAL = (0.55, 1.3)
POINTS = {"acosh": (1.9,), "mod": (7.1, 3.0)}


def point_of(row: Operation) -> tuple[float, ...]:
    return POINTS.get(row.name, USUAL[: len(row.arguments)])


def named(rows: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


def defined(row: Operation, slopes: list[str]) -> Callable[..., Any]:
    """Return an operation with the value of a row of the table and some derivatives."""
    partials = dict(zip((f"d{x}" for x in row.arguments), slopes, strict=True))
    made: Callable[..., Any] = operation(row.value, name="suspicious", **partials)
    return made


def right(row: Operation) -> list[str]:
    return [slope.replace("tie", "0.5") for slope in row.partials]


def mistakes(row: Operation) -> Iterator[tuple[str, list[str]]]:
    slopes = right(row)
    yield "scaled", [f"1.001 * ({slope})" for slope in slopes]
    yield "negated", [f"-({slope})" for slope in slopes]
    yield "zeroed", ["0.0" for _ in slopes]
    # The same number, but a constant when it is differentiated again.
    yield "flat", [f"copysign(abs({slope}), {slope})" for slope in slopes]
    if len(slopes) == 2:
        yield "swapped", slopes[::-1]


def inside(made: Callable[..., Any]) -> Callable[..., Any]:
    """Return a program that uses an operation."""

    def program(*operands: Any) -> Any:
        return sin(made(*[x * 1.0625 for x in operands]) * 0.25 + operands[0])

    return program


def differs(row: Operation, slopes: list[str], program: Callable[..., Any]) -> bool:
    """Return whether a mistake makes a difference at the point: x + y has no flat slopes."""
    point = point_of(row)
    wanted = tuple(range(len(point)))
    good = inside(defined(row, right(row)))
    for transform in (grad, hessian):
        one, other = (transform(f, wanted)(*point) for f in (good, program))
        pairs = zip(flatten(one)[0], flatten(other)[0], strict=True)
        if any(abs(x - y) > 1e-6 * max(abs(x), abs(y)) for x, y in pairs):
            return True
    return False


@named(RULES)
def test_every_mistake_in_a_rule_is_caught_and_named(row: Operation) -> None:
    caught = 0
    for kind, slopes in mistakes(row):
        program = inside(defined(row, slopes))
        if not differs(row, slopes, program):
            assert kind in ("flat", "swapped", "zeroed")
            continue
        # What is wrong at first order needs no second; what is flat is right at first order.
        modes = ("reverse", "second") if kind == "flat" else "reverse"
        report = check_gradients(program, *point_of(row), modes=modes)
        assert not report, f"{row.name} {kind}"
        assert report.suspects, f"{row.name} {kind}"
        assert all("suspicious(" in s.operation for s in report.suspects), f"{row.name} {kind}"
        caught += 1
    assert caught >= 2


@named(RULES)
def test_the_right_rule_passes(row: Operation) -> None:
    made = defined(row, right(row))

    assert set(check_gradients(made, *point_of(row)).verdicts) == {"ok"}
    assert set(check_gradients(inside(made), *point_of(row)).verdicts) == {"ok"}


# The same for rules that are functions: value, derivatives, and a point.
Rule = Callable[..., Any]
FUNCTIONS: dict[str, tuple[Rule, tuple[Rule, ...], tuple[float, ...]]] = {
    "cube": (lambda x: x * x * x, (lambda x: 3.0 * x * x,), (1.3,)),
    "wave": (lambda x: math.sin(3.0 * x), (lambda x: 3.0 * cos(3.0 * x),), (0.4,)),
    "decay": (lambda x: math.exp(-x * x), (lambda x: -2.0 * x * exp(-x * x),), (0.6,)),
    "squash": (math.tanh, (lambda x: 1.0 - tanh(x) * tanh(x),), (0.8,)),
    "ratio": (
        lambda x, y: x / (1.0 + y * y),
        (
            lambda x, y: 1.0 / (1.0 + y * y),
            lambda x, y: -2.0 * x * y / (1.0 + y * y) ** 2,
        ),
        (0.7, 1.1),
    ),
}

CHANGES: dict[str, Callable[[Any], Any]] = {
    "right": lambda slope: slope,
    "scaled": lambda slope: 1.001 * slope,
    "negated": lambda slope: -slope,
    "zeroed": lambda slope: 0.0 * slope,
    "flat": lambda slope: stop_gradient(slope) if isinstance(slope, Value) else slope,
    "bent again": lambda slope: slope * 1.001 - 0.001 * stop_gradient(slope),
}


def changed(slope: Rule, change: Callable[[Any], Any], arity: int) -> Rule:
    if arity == 1:
        return lambda x: change(slope(x))
    return lambda x, y: change(slope(x, y))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_mistakes_in_functions_are_caught_and_named(name: str, change: str) -> None:
    value, slopes, point = FUNCTIONS[name]
    partials: dict[str, Any] = {
        f"d{argument}": changed(slope, CHANGES[change], len(slopes))
        for argument, slope in zip("xy", slopes, strict=False)
    }
    made = operation(value, name="suspicious", **partials)

    report = check_gradients(inside(made), *point)

    if change == "right":
        assert set(report.verdicts) == {"ok"}
        return
    assert not report
    assert report.suspects
    assert all("suspicious(" in suspect.operation for suspect in report.suspects)
    if change in ("flat", "bent again"):
        assert {row.verdict for row in report.rows} == {"ok"}


def test_swapped_functions_are_caught() -> None:
    value, slopes, point = FUNCTIONS["ratio"]
    made = operation(value, name="suspicious", dx=slopes[1], dy=slopes[0])

    report = check_gradients(made, *point)

    assert [row.verdict for row in report.rows] == ["wrong", "wrong"]
    assert len(report.suspects) == 2
