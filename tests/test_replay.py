"""Tapes replayed on fractions, complex numbers and mpmath: the same rows, other numbers."""

import cmath
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

import autograd
from autograd import (
    OPERATIONS,
    DomainError,
    LengthError,
    NumberError,
    PoleError,
    RangeError,
    Replay,
    Tape,
    TapeError,
    Value,
    checkpoint,
    ieee,
    replay,
)
from autograd.reductions import REDUCTIONS
from autograd.strategies import Program, programs
from tests.cases import CASES, LISTS, Case, ListCase, Point
from tests.checks import callable_of
from tests.oracles import Real, real
from tests.untyped import message_of

mpmath: Any = pytest.importorskip("mpmath", reason="the extra `check` brings it")


def tape_of(name: str, point: Sequence[float], constants: Sequence[float] = ()) -> Any:
    """Return the tape of an operation at a point, its leaves labelled x0, x1, ..."""
    values = [Value(x, label=f"x{k}") for k, x in enumerate(point)]
    return callable_of(name)(*values, *constants).tape


# -- exact fractions --------------------------------------------------------------------------


@st.composite
def rationals(draw: st.DrawFn) -> tuple[list[Fraction], list[tuple[str, Any, Any]]]:
    """Draw inputs and the steps of a rational program: (operation, operand, operand).

    An operand is the number of an earlier result, or a fraction that a float holds exactly.
    No step divides by zero.
    """
    small = st.builds(Fraction, st.integers(-9, 9), st.sampled_from([1, 2, 4]))
    values = draw(st.lists(small, min_size=1, max_size=3))
    inputs, steps = list(values), []
    for _ in range(draw(st.integers(1, 8))):
        place = st.integers(0, len(values) - 1)
        i, j = draw(place), draw(st.one_of(place, small))
        operation = draw(st.sampled_from(list(EXACT)))
        x, y = values[i], values[j] if type(j) is int else j
        if operation == "**":
            j = Fraction(draw(st.integers(-2, 4)))
            y = j
        if (operation == "/" and y == 0) or (operation == "**" and y < 0 and x == 0):
            operation = "+"
        steps.append((operation, i, j))
        values.append(EXACT[operation](x, Fraction(y), ZERO)[0])
        # Long fractions are no better a test.
        assume(values[-1].denominator < 10**30 and abs(values[-1].numerator) < 10**30)
    return inputs, steps


Fractions = tuple[Fraction, Fraction, Fraction]
ONE, ZERO = Fraction(1), Fraction(0)

# Value and derivatives by definition; `tie` is the share of each in a tie.
EXACT: dict[str, Callable[[Fraction, Fraction, Fraction], Fractions]] = {
    "+": lambda x, y, tie: (x + y, ONE, ONE),
    "-": lambda x, y, tie: (x - y, ONE, -ONE),
    "*": lambda x, y, tie: (x * y, y, x),
    "/": lambda x, y, tie: (x / y, 1 / y, -x / y**2),
    "**": lambda x, y, tie: (ONE * x ** int(y), y * x ** int(y - 1) if y else ZERO, ZERO),
    "neg": lambda x, y, tie: (-x, -ONE, ZERO),
    "relu": lambda x, y, tie: (max(x, ZERO), Fraction(x > 0), ZERO),
    "max": lambda x, y, tie: (
        max(x, y),
        tie if x == y else Fraction(x > y),
        tie if x == y else Fraction(y > x),
    ),
}
RECORDED: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": lambda x, y: -x,
    "relu": lambda x, y: autograd.relu(x),
    "max": autograd.maximum,
}


@given(rationals())
def test_rational_programs_are_exact(program: Any) -> None:
    inputs, steps = program
    values = list(inputs)
    # Derivatives of every result by every input, carried along by the chain rule.
    slopes = [[Fraction(i == k) for i in range(len(inputs))] for k in range(len(inputs))]
    handles: list[Any] = [Value(float(x), label=f"x{k}") for k, x in enumerate(inputs)]
    for operation, i, j in steps:
        moves = type(j) is int
        x, y = values[i], values[j] if moves else j
        out, dx, dy = EXACT[operation](x, y, Fraction(moves, 2))
        still = [ZERO] * len(inputs)
        other = slopes[j] if moves else still
        values.append(out)
        slopes.append([dx * a + dy * b for a, b in zip(slopes[i], other, strict=True)])
        # A division on floats may round to 0 or leave the domain of the next: no matter here.
        try:
            with ieee():
                handles.append(
                    RECORDED[operation](handles[i], handles[j] if moves else float(j))
                )
        except (ArithmeticError, ValueError):
            assume(condition=False)
    tape = handles[-1].tape
    leaves = {row.label: row.number for row in tape if row.label}
    given_inputs = {f"x{k}": x for k, x in enumerate(inputs) if f"x{k}" in leaves}
    done = tape.replay(given_inputs, number=Fraction)
    assert done.values[-1] == values[-1]
    for k in range(len(inputs)):
        if f"x{k}" in leaves:
            got = done.gradients[leaves[f"x{k}"]]
            assert type(got) is Fraction
            assert got == slopes[-1][k]


def test_fraction_that_no_float_holds() -> None:
    x = Value(1 / 3, label="x")
    done = replay((x * x / 7.0 - x).tape, {"x": Fraction(1, 3)}, number=Fraction)
    assert done.values[-1] == Fraction(1, 63) - Fraction(1, 3)
    assert done.gradients[0] == Fraction(2, 21) - 1


def test_leaf_that_is_left_out_keeps_its_data_exactly() -> None:
    x, y = Value(0.1, label="x"), Value(3.0, label="y")
    done = replay((x * y).tape, {"y": Fraction(7, 5)}, number=Fraction)
    # 0.1 is the float nearest to a tenth.
    assert done.values[-1] == Fraction(0.1) * Fraction(7, 5)
    assert done.gradients[:2] == (Fraction(7, 5), Fraction(0.1))


def test_fractions_through_reductions() -> None:
    thirds = [Fraction(1, 3), Fraction(2, 3), Fraction(-5, 7)]
    xs = [Value(float(x), label=f"x{k}") for k, x in enumerate(thirds)]
    inputs: dict[str | int, Any] = {f"x{k}": x for k, x in enumerate(thirds)}
    a, b, c = thirds
    expected: dict[Any, tuple[Fraction, list[Fraction]]] = {
        autograd.total: (a + b + c, [Fraction(1)] * 3),
        autograd.mean: ((a + b + c) / 3, [Fraction(1, 3)] * 3),
        autograd.prod: (a * b * c, [b * c, a * c, a * b]),
        autograd.amax: (b, [Fraction(0), Fraction(1), Fraction(0)]),
        autograd.amin: (c, [Fraction(0), Fraction(0), Fraction(1)]),
    }
    for reduce, (value, slopes) in expected.items():
        done = replay(reduce(xs).tape, inputs, number=Fraction)
        assert done.values[-1] == value
        assert list(done.gradients[:3]) == slopes
        assert {type(x) for x in done.gradients} == {Fraction}
    done = replay(autograd.dot(xs, [2.0, 3.0, 5.0], xs[0]).tape, inputs, number=Fraction)
    assert done.values[-1] == 3 * a + 3 * b + 5 * c
    assert list(done.gradients[:3]) == [3, 3, 5]


def test_ties_of_fractions_are_shared() -> None:
    x, y = Value(1.0, label="x"), Value(1.0, label="y")
    third = Fraction(1, 3)
    extremes: list[Callable[..., Any]] = [autograd.maximum, autograd.minimum]
    for f in extremes:
        done = replay(f(x, y).tape, [third, third], number=Fraction)
        assert done == Replay((third, third, third), (Fraction(1, 2), Fraction(1, 2), 1))
        assert replay(f(x, 1.0).tape, [1], number=Fraction).gradients == (0, 1)
    largest: Any = autograd.amax([x, y, 0.0])
    done = replay(largest.tape, [third, third], number=Fraction)
    assert done.gradients == (Fraction(1, 2), Fraction(1, 2), 1)


@pytest.mark.parametrize(
    ("name", "point", "constants", "value", "slope"),
    [
        ("abs", (-0.5,), (), Fraction(1, 3), -1),
        ("sign", (-0.5,), (), -1, 0),
        ("relu", (-0.5,), (), 0, 0),
        ("leaky_relu", (-0.5,), (0.25,), Fraction(-1, 12), Fraction(1, 4)),
        ("clamp", (-0.5,), (-1.0, 1.0), Fraction(-1, 3), 1),
        ("clamp", (-0.5,), (0.5, 1.0), Fraction(1, 2), 0),
        ("floor", (-0.5,), (), -1, 0),
        ("ceil", (-0.5,), (), 0, 0),
        ("round", (-0.5,), (), 0, 0),
        ("softsign", (-0.5,), (), Fraction(-1, 4), Fraction(9, 16)),
        ("identity", (-0.5,), (), Fraction(-1, 3), 1),
        ("stop_gradient", (-0.5,), (), Fraction(-1, 3), 0),
        ("neg", (-0.5,), (), Fraction(1, 3), -1),
    ],
)
def test_rational_rows_at_minus_a_third(
    name: str, point: Point, constants: Point, value: Any, slope: Any
) -> None:
    done = replay(tape_of(name, point, constants), [Fraction(-1, 3)], number=Fraction)
    assert (done.values[-1], done.gradients[0]) == (value, slope)


def test_remainder_of_fractions() -> None:
    done = replay(
        tape_of("mod", (7.0, 3.0)), [Fraction(22, 7), Fraction(2, 3)], number=Fraction
    )
    assert done.values[-1] == Fraction(22, 7) % Fraction(2, 3) == Fraction(10, 21)
    assert done.gradients[:2] == (1, -4)


@pytest.mark.parametrize(
    "name",
    [
        "exp",
        "log",
        "sqrt",
        "sin",
        "tanh",
        "sigmoid",
        "erf",
        "atan2",
        "hypot",
        "logaddexp",
        "cbrt",
    ],
)
def test_function_that_fractions_lack(name: str) -> None:
    point = (0.5, 0.25)[: len(OPERATIONS[name].arguments)]
    message = message_of(NumberError, lambda: replay(tape_of(name, point), number=Fraction))
    assert message.endswith(" has no value in fractions; replay with mpmath.mpf instead")


def test_message_names_the_function() -> None:
    message = message_of(NumberError, lambda: replay(tape_of("exp", (1.0,)), number=Fraction))
    assert message == "exp has no value in fractions; replay with mpmath.mpf instead"


def test_power_that_is_no_fraction() -> None:
    x = Value(2.0)
    message = message_of(NumberError, lambda: replay((x**0.5).tape, number=Fraction))
    assert message == "a fraction to the power 1/2 is no fraction; replay with mpmath.mpf"


def test_fractions_do_not_divide_by_zero() -> None:
    x = Value(2.0, label="x")
    y = 1.0 / x
    message = message_of(
        PoleError, lambda: replay((y + 1.0).tape, {"x": Fraction(0)}, number=Fraction)
    )
    assert message == (
        "1 / 0, in row v1, has no value in this kind of number; replay with float or "
        "mpmath.mpf, where it is inf or nan"
    )
    assert issubclass(PoleError, ZeroDivisionError)


def test_fractions_that_have_a_value_but_no_slope() -> None:
    y = Value(2.0, label="y")
    message = message_of(
        DomainError, lambda: replay(autograd.pow(-2.0, y).tape, number=Fraction)
    )
    assert message.startswith("-2 ** 2, in row v1, has no slope in this kind of number;")


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_fractions_hold_neither_inf_nor_nan(x: float) -> None:
    tape = (Value(1.0, label="x") * 2.0).tape
    message = message_of(NumberError, lambda: replay(tape, {"x": x}, number=Fraction))
    assert f"{x!r} (float)" in message
    assert " for x" in message


def test_constant_that_fractions_do_not_hold() -> None:
    tape = (Value(1.0) * math.inf).tape
    message = message_of(NumberError, lambda: replay(tape, number=Fraction))
    assert message == (
        "replay got inf (float) for a constant of v1, and this kind of number holds no inf"
    )


# -- floats -----------------------------------------------------------------------------------


def same(got: float, expected: float) -> bool:
    return got == expected or (math.isnan(got) and math.isnan(expected))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_replay_on_floats_is_what_was_recorded_in_every_bit(case: Case) -> None:
    moving = len(case.partials)
    for point in case.points:
        values = [Value(x) for x in point[:moving]]
        out = callable_of(case.name)(*values, *point[moving:])
        out.backward()
        done = replay(out.tape)
        assert done.values[-1] == out.data, point
        for got, value in zip(done.gradients, values, strict=False):
            assert same(got, value.grad), point


@pytest.mark.parametrize(
    "f",
    [
        lambda: autograd.sqrt(Value(0.0)),
        lambda: autograd.asin(Value(1.0)),
        lambda: autograd.acos(Value(-1.0)),
        lambda: autograd.acosh(Value(1.0)),
        lambda: autograd.atan2(Value(0.0), Value(0.0)),
        lambda: autograd.cbrt(Value(0.0)),
        lambda: 1.0 / Value(0.0),
        lambda: autograd.log(Value(0.0)),
        lambda: autograd.exp(Value(1000.0)),
        lambda: autograd.sqrt(Value(0.0)) * 0.0,
        lambda: autograd.where(Value(0.0) > 0.0, autograd.sqrt(Value(0.0)), 1.0),
        # The slope in the exponent is nan, but relu selected nothing below it.
        lambda: autograd.pow(-0.5, autograd.relu(Value(-0.5))),
    ],
    ids=[
        "sqrt",
        "asin",
        "acos",
        "acosh",
        "atan2",
        "cbrt",
        "div",
        "log",
        "exp",
        "mul",
        "where",
        "relu",
    ],
)
def test_replay_on_floats_follows_ieee_as_the_tape_did(f: Callable[[], Value]) -> None:
    with ieee():
        out = f()
    out.backward()
    done = replay(out.tape)
    for row, value, gradient in zip(out.tape, done.values, done.gradients, strict=True):
        assert same(value, row.value)
        assert same(gradient, row.gradient or 0.0)


@given(programs(inputs=3, steps=8))
def test_replay_of_random_programs_on_floats(program: Program) -> None:
    inputs = [Value(x, label=f"x{k}") for k, x in enumerate(program.point)]
    out = program(*inputs)
    out.backward()
    done = replay(out.tape)
    for row, value, gradient in zip(out.tape, done.values, done.gradients, strict=True):
        assert same(value, row.value)
        # A gradient adds its terms in the same order, and so rounds alike.
        assert same(gradient, row.gradient or 0.0)


@given(programs(inputs=2, steps=6), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_replay_at_another_point_is_the_program_there(
    program: Program, x: float, y: float
) -> None:
    tape = program(*(Value(z, label=f"x{k}") for k, z in enumerate(program.point))).tape
    labels = {row.label for row in tape}
    try:
        fresh = [Value(x), Value(y)]
        there = program(*fresh)
    except (ArithmeticError, ValueError):
        assume(condition=False)
    there.backward()
    given_inputs = {key: z for key, z in (("x0", x), ("x1", y)) if key in labels}
    done = tape.replay(given_inputs)
    assert same(done.values[-1], there.data)
    for k, leaf in enumerate(fresh):
        for row in tape:
            if row.label == f"x{k}":
                assert same(done.gradients[row.number], leaf.grad)


def test_replay_does_not_touch_the_tape() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.backward()
    before = str(y.tape)
    y.tape.replay({"x": 10.0})
    assert (str(y.tape), x.data, x.grad) == (before, 3.0, 6.0)


def test_branches_follow_the_new_inputs() -> None:
    x = Value(2.0, label="x")
    y = autograd.relu(x) + autograd.maximum(x, 1.0) + autograd.clamp(x, 0.0, 3.0)
    for at, value, slope in (
        (2.0, 6.0, 3.0),
        (0.5, 2.0, 2.0),
        (-1.0, 1.0, 0.0),
        (5.0, 13.0, 2.0),
    ):
        done = y.tape.replay({"x": at})
        assert (done.values[-1], done.gradients[0]) == (value, slope)
        exact = y.tape.replay({"x": Fraction(at)}, number=Fraction)
        assert (exact.values[-1], exact.gradients[0]) == (value, slope)


def test_condition_that_is_a_number_stays_and_one_that_is_a_value_follows() -> None:
    x, choice = Value(2.0, label="x"), Value(1.0, label="choice")
    fixed = autograd.where(x > 0.0, x * x, -x).tape
    assert fixed.replay({"x": -3.0}).values[-1] == 9.0
    chosen = autograd.where(choice, x * x, -x).tape
    assert chosen.replay({"x": -3.0}).values[-1] == 9.0
    other = chosen.replay({"x": -3.0, "choice": 0.0})
    leaf = next(row.number for row in chosen if row.label == "x")
    assert (other.values[-1], other.gradients[leaf]) == (3.0, -1.0)


# -- complex steps ----------------------------------------------------------------------------

STEP = 1e-200
# What is not analytic, or has no complex function in cmath.
NOT_COMPLEX = {"erf", "erfc", "gelu", "mod"}
COMPLEX = [case for name, case in CASES.items() if name not in NOT_COMPLEX]

INSIDE = (0.6, -0.6, 1.7, -1.7, 0.05, 7.25, -7.25)
CHOSEN: dict[str, list[Point]] = {
    "pow": [(0.6, 1.7), (1.7, -0.6), (2.5, 3.0)],
    "where": [(1.0, 0.6, 1.7), (0.0, 0.6, 1.7)],
    "clamp": [(0.6, -1.0, 1.0), (1.7, -1.0, 1.0), (-1.7, -1.0, 1.0)],
    "leaky_relu": [(0.6, 0.1), (-0.6, 0.1)],
    "elu": [(0.6, 0.7), (-0.6, 0.7), (-7.25, 1.0)],
}


def points_of(case: Case) -> list[Point]:
    """Return points in the domain, away from kinks."""
    if case.name in CHOSEN:
        return CHOSEN[case.name]
    twos = [(0.6, 1.7), (1.7, 0.6), (2.5, -1.3), (-0.3, 2.25), (-1.2, -0.7)]
    candidates: list[Point] = [(x,) for x in INSIDE] if len(case.points[0]) == 1 else [*twos]
    values = [case.value(*map(real.mpf, point)) for point in candidates]
    return [p for p, v in zip(candidates, values, strict=True) if isinstance(v, real.mpf)]


def close(got: float, truth: Real) -> bool:
    return bool(abs(real.mpf(got) - truth) <= real.mpf("2e-15") * max(abs(truth), 1))


@pytest.mark.parametrize("case", COMPLEX, ids=[case.name for case in COMPLEX])
def test_complex_step_of_every_row_is_its_derivative(case: Case) -> None:
    # Im f(x + ih) / h = f'(x) + O(h**2), without cancellation.
    moving = len(case.partials)
    for point in points_of(case):
        tape = tape_of(case.name, point[:moving], point[moving:])
        exact = [real.mpf(x) for x in point]
        for k in range(moving):
            inputs = [complex(x, STEP * (i == k)) for i, x in enumerate(point[:moving])]
            done = replay(tape, inputs, number=complex)
            assert close(done.values[-1].real, case.value(*exact)), point
            if case.name != "stop_gradient":
                assert close(done.values[-1].imag / STEP, case.partials[k](*exact)), point
            assert close(done.gradients[k].real, case.partials[k](*exact)), point


@given(
    programs(inputs=2, steps=6, operations=("add", "mul", "sin", "exp", "tanh", "atan", "relu"))
)
def test_complex_step_of_a_program_is_its_gradient(program: Program) -> None:
    inputs = [Value(x, label=f"x{k}") for k, x in enumerate(program.point)]
    out = program(*inputs)
    out.backward()
    for row in out.tape:
        if row.label:
            z = complex(row.value, STEP)
            try:
                done = out.tape.replay({row.label: z}, number=complex)
            except RangeError:
                reject()  # the slope of tanh where cosh is too large for a complex number
            slope = done.values[-1].imag / STEP
            on_kink = any(r.operation == "relu" and r.value == 0.0 for r in out.tape)
            assume(not on_kink)
            scale = 1.0 + max(abs(r.gradient or 0.0) for r in out.tape)
            assert slope == pytest.approx(row.gradient, rel=1e-11, abs=1e-11 * scale)


def test_complex_values_are_those_of_complex_analysis() -> None:
    z = 0.3 + 0.4j
    x = Value(0.3, label="x")
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan"):
        tape = getattr(autograd, name)(x).tape
        done = tape.replay({"x": z}, number=complex)
        assert done.values[-1] == pytest.approx(getattr(cmath, name)(z), rel=1e-15)
    square = (x * x + 1.0).tape.replay({"x": z}, number=complex)
    assert square.values[-1] == pytest.approx(z * z + 1.0, rel=1e-15)
    assert square.gradients[0] == 2 * z


def test_complex_reductions() -> None:
    xs = [Value(x, label=f"x{k}") for k, x in enumerate((0.3, -1.2, 2.0))]
    p = [math.exp(x.data) for x in xs]
    expected: dict[Any, float] = {
        autograd.total: 1.0,
        autograd.mean: 1.0 / 3.0,
        autograd.prod: -1.2 * 2.0,
        autograd.logsumexp: p[0] / sum(p),
        autograd.amax: 0.0,
        autograd.amin: 0.0,
    }
    for reduce, slope in expected.items():
        done = reduce(xs).tape.replay({"x0": complex(0.3, STEP)}, number=complex)
        assert done.values[-1].imag / STEP == pytest.approx(slope, rel=1e-15)
        assert done.gradients[0] == pytest.approx(slope, rel=1e-15)


POLES: dict[str, tuple[Callable[[Value], Value], float, type[Exception]]] = {
    "log(0j)": (autograd.log, 0.0, DomainError),
    "1 / 0j": (lambda x: 1.0 / x, 0.0, PoleError),
    "exp((1000+0j))": (autograd.exp, 1000.0, RangeError),
}


@pytest.mark.parametrize("call", POLES)
def test_complex_numbers_without_a_value_are_refused(call: str) -> None:
    f, x, error = POLES[call]
    tape = f(Value(0.5, label="x")).tape
    message = message_of(error, lambda: tape.replay({"x": x}, number=complex))
    assert message.startswith(call.replace("1 /", "(1+0j) /"))
    assert ", in row v1, has no value in this kind of number; replay with float" in message


def test_complex_numbers_outside_a_real_domain_take_the_principal_branch() -> None:
    done = tape_of("log", (1.0,)).replay({"x0": -1.0}, number=complex)
    assert done.values[-1] == complex(0.0, math.pi)


def test_function_without_a_complex_reading() -> None:
    message = message_of(NumberError, lambda: replay(tape_of("erf", (0.5,)), number=complex))
    assert message == "erf has no value in complex numbers; replay with mpmath.mpf instead"


# -- any number of digits ---------------------------------------------------------------------


def digits_agree(got: Any, truth: Real, digits: int) -> bool:
    """Return whether all but the last two digits are right, of a number or next to 1."""
    room = real.mpf(10) ** (2 - digits)
    return bool(abs(real.mpf(got) - truth) <= room * max(abs(truth), 1))


def definition(case: Case, point: Sequence[float], k: int | None = None) -> Real:
    """Return the value of a definition, or a derivative by argument k, at 50 digits."""
    with real.workdps(60):
        exact = [real.mpf(x) for x in point]
        return case.value(*exact) if k is None else case.partials[k](*exact)


@pytest.mark.parametrize("digits", [30, 50])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_row_has_as_many_digits_as_asked_for(case: Case, digits: int) -> None:
    moving = len(case.partials)
    with mpmath.workdps(digits):
        for point in points_of(case):
            done = replay(tape_of(case.name, point[:moving], point[moving:]), number=mpmath.mpf)
            assert digits_agree(done.values[-1], definition(case, point), digits), point
            for k in range(moving):
                truth = definition(case, point, k)
                assert digits_agree(done.gradients[k], truth, digits), point


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS)
def test_reductions_have_fifty_digits(case: ListCase) -> None:
    xs = [0.3, -1.2, 2.0, 0.7, 1.5]
    handles = [Value(x) for x in xs]
    out = (
        autograd.dot(handles[:2], handles[2:4], handles[4])
        if case.name == "dot"
        else getattr(autograd, case.name)(handles)
    )
    exact = [real.mpf(x) for x in xs]
    with mpmath.workdps(50):
        done = replay(out.tape, number=mpmath.mpf)
        assert digits_agree(done.values[-1], case.value(exact), 50)
        for got, truth in zip(done.gradients, case.partials(exact), strict=False):
            assert digits_agree(got, truth, 50)


def test_every_reduction_is_tried() -> None:
    assert set(LISTS) == set(REDUCTIONS)


@pytest.mark.parametrize("digits", [30, 50, 80])
def test_program_over_every_smooth_row(digits: int) -> None:
    # One long sum over every row: the value is the sum of the definitions.
    x, y = 0.375, 0.75
    a, b = Value(x, label="a"), Value(y, label="b")
    # acosh is not defined at these, and elu and leaky_relu take a constant.
    left_out = {"acosh", "elu", "leaky_relu"}
    names = [
        name
        for name, case in CASES.items()
        if len(case.points[0]) <= 2 and name not in left_out
    ]
    out: Any = 0.0
    for name in names:
        out = out + callable_of(name)(*(a, b)[: len(CASES[name].points[0])])
    with mpmath.workdps(digits):
        tape = out.tape
        done = tape.replay(number=mpmath.mpf)
    with real.workdps(digits + 10):
        exact = (real.mpf(x), real.mpf(y))
        expected = [CASES[name].value(*exact[: len(CASES[name].points[0])]) for name in names]
        assert digits_agree(done.values[-1], real.fsum(expected), min(digits, 50))
        slopes = [CASES[n].partials[0](*exact[: len(CASES[n].points[0])]) for n in names]
        leaf = next(row.number for row in tape if row.label == "a")
        assert digits_agree(done.gradients[leaf], real.fsum(slopes), min(digits, 50))


def test_inputs_of_many_digits_are_used_to_the_last() -> None:
    x = Value(0.1, label="x")
    with mpmath.workdps(40):
        tenth = mpmath.mpf(1) / 10
        done = autograd.exp(x).tape.replay({"x": tenth}, number=mpmath.mpf)
        assert abs(done.values[-1] - mpmath.exp(tenth)) < mpmath.mpf(10) ** -38
        other = autograd.exp(x).tape.replay(number=mpmath.mpf)
        assert abs(other.values[-1] - done.values[-1]) > mpmath.mpf(10) ** -18


def test_fraction_as_an_input_of_mpmath() -> None:
    x = Value(0.1, label="x")
    with mpmath.workdps(40):
        done = (x * 3.0).tape.replay({"x": Fraction(1, 3)}, number=mpmath.mpf)
        assert abs(done.values[-1] - 1) < mpmath.mpf(10) ** -38


def test_branches_of_mpmath() -> None:
    x = Value(0.5, label="x")
    y = autograd.relu(x) + autograd.where(x, x * x, 0.0) + autograd.clamp(x, -1.0, 1.0)
    done = y.tape.replay({"x": -3}, number=mpmath.mpf)
    assert (done.values[-1], done.gradients[0]) == (0 + 9 - 1, 0 - 6 + 0)


def test_power_that_is_not_real_is_undefined() -> None:
    x = Value(2.0, label="x")
    done = (x**0.5).tape.replay({"x": -2.0}, number=mpmath.mpf)
    assert mpmath.isnan(done.values[-1])


EDGES = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -3.0, math.inf, -math.inf, math.nan)


def alike(got: Any, expected: float) -> bool:
    """Return whether a number of mpmath is a float's, or rounds to it."""
    return same(float(got), expected) or math.isclose(got, expected, rel_tol=1e-12)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_mpmath_follows_ieee_at_every_edge(case: Case) -> None:
    moving = len(case.partials)
    for point in itertools.product(EDGES if moving < 3 else EDGES[::3], repeat=moving):
        with ieee():
            values = [Value(x, label=f"x{k}") for k, x in enumerate(point)]
            out = callable_of(case.name)(*values, *case.points[0][moving:])
        out.backward()
        done = out.tape.replay(number=mpmath.mpf)
        assert alike(done.values[-1], out.data), point
        for row in out.tape:
            if row.operation == "leaf":
                assert alike(done.gradients[row.number], row.gradient or 0.0), (point, row)


def test_tape_that_leaves_a_domain_goes_on_with_nan_in_mpmath() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    out = autograd.log(x) * y + autograd.relu(y)
    done = out.tape.replay({"x": -1.0}, number=mpmath.mpf)
    again = out.tape.replay({"x": -1.0})
    assert [alike(a, b) for a, b in zip(done.values, again.values, strict=True)] == [True] * 6
    assert [alike(a, b) for a, b in zip(done.gradients, again.gradients, strict=True)] == (
        [True] * 6
    )


# -- where it can be called, and inputs -------------------------------------------------------


def test_tape_listing_and_function_agree() -> None:
    x, y = Value(3.0, label="x"), Value(4.0, label="y")
    with Tape() as tape:
        out = x * y
    expected = Replay(
        (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)), (Fraction(1, 3), Fraction(1, 2), 1)
    )
    inputs: dict[str | int, Any] = {"x": Fraction(1, 2), "y": Fraction(1, 3)}
    assert tape.replay(inputs, number=Fraction) == expected
    assert tape.rows.replay(inputs, number=Fraction) == expected
    assert out.tape.replay(inputs, number=Fraction) == expected
    assert replay(list(tape), inputs, number=Fraction) == expected


def test_inputs_by_label_by_number_and_in_order() -> None:
    x, y = Value(3.0, label="x"), Value(4.0)
    tape = (x - y).tape
    ways: list[Any] = [{"x": 10.0, 1: 7.0}, {0: 10.0, 1: 7.0}, [10.0, 7.0], (10, 7)]
    for inputs in ways:
        assert tape.replay(inputs).values == (10.0, 7.0, 3.0)
    assert tape.replay({1: 7.0}).values == (3.0, 7.0, -4.0)
    assert tape.replay().values == tape.replay({}).values == (3.0, 4.0, -1.0)


def test_gradient_is_that_of_the_last_row() -> None:
    x = Value(3.0)
    with Tape() as tape:
        a = x * x
        a * 5.0
        x + 1.0
    assert tape.replay().gradients == (1.0, 0.0, 0.0, 1.0)


def test_leaf_alone_and_empty_tape() -> None:
    assert Value(3.0).tape.replay() == Replay((3.0,), (1.0,))
    with Tape() as tape:
        pass
    assert tape.replay() == Replay((), ())


def test_long_tapes_are_replayed() -> None:
    x = Value(1.0, label="x")
    y = x
    for _ in range(3000):
        y = y + 1.0
    done = (y * y).tape.replay({"x": Fraction(1, 2)}, number=Fraction)
    assert done.values[-1] == Fraction(6001, 2) ** 2
    assert done.gradients[0] == 6001


def test_inputs_that_name_no_leaf() -> None:
    x, y = Value(3.0, label="x"), Value(4.0)
    product = x * y
    product.label = "product"
    tape = product.tape
    for key in ("z", "product", "", 2, 5):
        message = message_of(KeyError, lambda: tape.replay({key: 1.0}))  # noqa: B023
        assert message == repr(
            f"replay found 0 leaves called {key!r}; the labels are ['x'], "
            "the row numbers [0, 1]"
        )


def test_label_that_two_leaves_have() -> None:
    x, y = Value(3.0, label="w"), Value(4.0, label="w")
    message = message_of(KeyError, lambda: (x * y).tape.replay({"w": 1.0}))
    assert message == repr(
        "replay found 2 leaves called 'w'; the labels are ['w'], the row numbers [0, 1]"
    )


@pytest.mark.parametrize("inputs", [[], [1.0], [1.0, 2.0, 3.0]])
def test_wrong_number_of_inputs(inputs: list[float]) -> None:
    tape = (Value(3.0) * Value(4.0)).tape
    assert message_of(LengthError, lambda: tape.replay(inputs)) == (
        f"replay needs one number for each of the 2 leaves, got {len(inputs)}"
    )


@pytest.mark.parametrize("number", [int, str, bool, list, Value])
def test_kind_of_number_that_is_none(number: Any) -> None:
    message = message_of(NumberError, lambda: Value(3.0).tape.replay(number=number))
    assert message == (
        "replay needs float, fractions.Fraction, complex or mpmath.mpf as the kind of number, "
        f"got {number!r} (type)"
    )


@pytest.mark.parametrize("number", [float, Fraction, complex, mpmath.mpf])
def test_input_that_is_no_number(number: Any) -> None:
    x = Value(3.0, label="x")
    tape = (x * x).tape
    for thing in ("three", None, [1.0], Value(1.0)):
        message = message_of(NumberError, lambda: tape.replay({"x": thing}, number=number))  # noqa: B023
        assert "replay" in message


@pytest.mark.parametrize("number", [float, Fraction, complex, mpmath.mpf])
def test_operation_built_by_hand_has_no_formula_to_replay(number: Any) -> None:
    x = Value(3.0)
    out = Value(9.0, (x,), "square", local_grads=[6.0])
    message = message_of(TapeError, lambda: out.tape.replay(number=number))
    assert message.startswith("the operation 'square' was built by hand from children, so it ")
    assert "define it with autograd.operation" in message


def test_checkpoint_has_no_formula_to_replay() -> None:
    out = checkpoint(lambda x: x * x)(Value(3.0))
    message = message_of(TapeError, lambda: out.tape.replay(number=Fraction))
    assert "checkpoint" in message
    assert "by hand" not in message
