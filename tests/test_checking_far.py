"""Gradient checks far from 0 and close to it: right verdicts, or an honest "inconclusive"."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import autograd
from autograd import check_gradients, operation, sin
from autograd.checking import references

NAMES: dict[str, Any] = {
    name: thing for name, thing in vars(autograd).items() if not name.startswith("_")
}


def function(text: str) -> Callable[[Any], Any]:
    return eval(f"lambda x: {text}", NAMES)  # type: ignore[no-any-return]  # noqa: S307


RIGHT = [
    ("sin(x)", 1e8),
    ("sin(x) + x", -1e8),
    ("cos(2.0 * x)", 1e12),
    ("sin(x)", 1e22),
    ("tanh(x * 1e-8) * sin(x)", 3e8),
    ("log(x)", 1e300),
    ("sqrt(x) + x", 1e100),
    ("relu(x)", 1e300),
    ("log(x)", 1e-100),
    ("exp(x)", 1e-300),
    ("1.0 + abs(x)", 1e-300),
    ("relu(x) + 1.0", -1e-310),
    ("sinh(x) * cosh(x)", 1e-310),
    ("tanh(x)", 5e-324),
    ("x * x + x", -5e-324),
    ("1e300 * x", 1e-250),
    ("1e300 + tanh(x)", 0.5),
]


@pytest.mark.parametrize(("text", "x"), RIGHT)
def test_a_right_gradient_is_right_at_every_size(text: str, x: float) -> None:
    report = check_gradients(function(text), x)

    assert {row.verdict for row in (*report.rows, *report.forward)} == {"ok"}
    assert {row.verdict for row in report.second} == {"ok"}


@pytest.mark.parametrize(("text", "x"), RIGHT)
def test_nor_is_it_called_wrong_without_mpmath(
    monkeypatch: pytest.MonkeyPatch, text: str, x: float
) -> None:
    monkeypatch.setattr(references, "mpmath_if_installed", lambda: None)

    assert check_gradients(function(text), x)


@pytest.mark.parametrize(
    ("value", "slope", "x"),
    [
        ("sin(x)", "cos(x)", 1e8),
        ("log(x)", "1.0 / x", 1e-300),
        ("log(x)", "1.0 / x", 1e100),
        ("exp(x)", "out", 1e-310),
        ("x * x", "2.0 * x", 1e150),
    ],
)
def test_a_wrong_one_is_wrong_at_every_size(value: str, slope: str, x: float) -> None:
    off = operation(value, name="off", dx=f"1.001 * ({slope})")

    report = check_gradients(lambda x: off(x) + 1.0, x, modes="reverse")

    assert [row.verdict for row in report.rows] == ["wrong"]
    assert [suspect.row for suspect in report.suspects] == [1]


@pytest.mark.parametrize("x", [1e3, 1e6, 1e8])
@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "ok"), (1.001, "wrong")])
def test_values_alone_tell_as_far_as_floats_are_close(
    x: float, factor: float, verdict: str
) -> None:
    report = check_gradients(math.sin, x, gradient=lambda x: factor * math.cos(x))

    assert [row.verdict for row in report.rows] == [verdict]


@pytest.mark.parametrize("x", [1e10, 1e12, 1e16, 1e300])
def test_farther_away_they_cannot_tell(x: float) -> None:
    report = check_gradients(math.sin, x, gradient=math.cos)

    [row] = report.rows
    assert row.verdict == "inconclusive"
    assert row.note == "floats lie too far apart here to tell a slope from values"


@pytest.mark.parametrize(
    ("text", "x"),
    [("asin(x)", 1.0 - 2.0**-53), ("atanh(x)", -1.0 + 2.0**-53), ("acosh(x)", 1.0 + 2.0**-52)],
)
def test_a_right_gradient_is_right_one_float_beside_an_edge(text: str, x: float) -> None:
    report = check_gradients(function(text), x)

    assert set(report.verdicts) == {"ok"}


def test_a_kink_far_away_is_one() -> None:
    report = check_gradients(lambda x: autograd.relu(x - 1e8), 1e8)

    assert [row.verdict for row in report.rows] == ["kink"]


# -- where right formulas give what no float can hold ---------------------------------------

# Every value is a float; a local derivative, an adjoint, or a product of them is none. The
# slopes of the functions themselves are no more than 1e220 (worked out by hand).
BEYOND = [
    ("-x * log(x)", 1e-310),  # 1 / x = 1e310
    ("-x * log(x)", 1e-323),
    ("-x * log(x)", 5e-324),
    ("1e200 * (1e200 * (1e-250 * x))", 1.0),  # adjoints 1e200, 1e400
    ("1e-200 * (1e-200 * (1e250 * x))", 1.0),  # adjoints 1e-200, 1e-400
    ("1.0 / (1.0 / x)", 5e-208),  # d/dx 1 / x = -4e414
    ("1e300 * x**-1.5", 4e189),  # d/dx = -1.5e-474
    ("1e300 * tanh(x)", 400.0),  # d/dx tanh = 4e-348
    ("sigmoid(x * -2e-210 / x)", 4.5e-200),  # x * -2e-210 = -9e-410
]


@pytest.mark.parametrize(("text", "x"), BEYOND)
def test_what_floats_cannot_hold_is_no_mistake_of_a_formula(text: str, x: float) -> None:
    report = check_gradients(function(text), x)

    assert report.ok
    assert {row.verdict for row in report.rows} <= {"ok", "inconclusive"}


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("log(x * x)", 3e-82),  # 2nd slope of log at 1e-163: -1e326
        ("sqrt(x * 1e-322)", 1e6),  # 2nd slope of sqrt at 1e-316: 1e473
        ("log1p(3e259 * x)", 2.8),  # 2nd slope of log1p at 1e260: -1e-520
        ("0.0 / x + x", -5e-324),  # 1 / x = -2e323
    ],
)
def test_nor_is_what_second_derivatives_are_computed_from(text: str, x: float) -> None:
    report = check_gradients(function(text), x)

    assert report.ok
    assert {row.verdict for row in report.second} <= {"ok", "inconclusive"}


def test_a_value_that_overflows_on_the_way_leaves_it_open() -> None:
    # v = inf, 1 / v = 0 with slope 0; floats see the slope of the constant.
    [row] = check_gradients(
        lambda x: (1e-14 - 1.0 / (1.0 / (1e-8 * x))) ** 3, 5e-304, modes="reverse"
    ).rows

    assert row.verdict in ("ok", "inconclusive")


def test_what_rounding_alone_brings_to_a_result_is_no_mistake() -> None:
    # Floats do not see x, and 50 digits see another sine, which has no such power.
    far = check_gradients(lambda x: sin(x - 1e289) ** -1.5, 2.6, modes="reverse")
    # sinc(3) is 0, in floats 1e-17; sqrt(sinc(1)) is an edge, in floats 6e-9 beside one.
    program = function("sqrt(sinc(sqrt(sinc(sinc(x)))))")
    near = check_gradients(program, 3.0, modes="reverse")

    assert (far.verdicts, near.verdicts) == ({"inconclusive": 1}, {"inconclusive": 1})
    assert near.rows[0].note == "a value on the way is nothing but rounding"


def test_nor_what_it_brings_to_a_second_derivative() -> None:
    # sinc(sinc(0)) is 0, in floats 4e-17.
    program = function("sinc(softplus(sinc(sinc(sinc(sinc(sinc(x)))))))")

    [second] = check_gradients(program, 0.0).second

    assert second.verdict in ("ok", "inconclusive")


def test_rounding_excuses_no_mistake_beside_it() -> None:
    wrong = operation("x * x", name="near", dx="2.002 * x")

    report = check_gradients(lambda x: wrong(x) + autograd.sinc(x - 2.0), 3.0)

    assert [row.verdict for row in report.rows] == ["wrong"]
    assert [suspect.operation for suspect in report.suspects] == ["near(x)"]


def test_it_is_told_which_operation_leaves_the_range() -> None:
    [row] = check_gradients(function("-x * log(x)"), 1e-310, modes="reverse").rows

    assert row.ours == -math.inf
    assert row.reference == pytest.approx(-math.log(1e-310) - 1.0)
    assert row.verdict == "inconclusive"
    assert row.note.startswith("each right by itself, but too much or too little for floats")
    assert "row 2, log(x)" in row.note


@pytest.mark.parametrize(("p", "scale"), [(5e-324, 0.5), (1e-323, 0.7), (2e-323, 2.0)])
def test_twice_the_seed_may_leave_the_range(p: float, scale: float) -> None:
    def entropy(p: Any, scale: Any) -> Any:
        return -p * autograd.log(p) * scale

    assert check_gradients(entropy, p, scale, modes="reverse")


def test_a_slope_too_large_for_floats_is_said_to_be() -> None:
    [row] = check_gradients(autograd.log, 1e-320, modes="reverse").rows

    assert (row.ours, row.verdict, row.note) == (
        math.inf,
        "inconclusive",
        "too large for a float",
    )


def test_and_excuses_no_mistake_beside_it() -> None:
    wrong = operation("x * x", name="beside", dx="2.002 * x")

    report = check_gradients(lambda x, y: -x * autograd.log(x) + wrong(y), 1e-310, 3.0)

    assert report.rows[1].verdict == "wrong"
    assert [suspect.operation for suspect in report.suspects] == ["beside(y)"]


# A step computes from one of the numbers so far, and a constant of any size.
SIZES = st.one_of(
    st.floats(-3.0, 3.0),
    st.floats(-320.0, 300.0).map(lambda power: 10.0**power),
    st.floats(-320.0, 300.0).map(lambda power: -(10.0**power)),
    st.sampled_from([0.0, 5e-324, -5e-324, 1e-310, 2.3e-308, 1e300]),
)
STEPS: list[Callable[[Any, Any, float], Any]] = [
    lambda a, b, c: a + b,
    lambda a, b, c: a - c,
    lambda a, b, c: a * b,
    lambda a, b, c: c * a,
    lambda a, b, c: a / b,
    lambda a, b, c: c / a,
    lambda a, b, c: a * a,
    lambda a, b, c: a**-1.5,
    *(
        lambda a, b, c, f=f: f(a)
        for f in (
            autograd.exp,
            autograd.expm1,
            autograd.log,
            autograd.log1p,
            autograd.sigmoid,
            autograd.sin,
            autograd.softplus,
            autograd.sqrt,
            autograd.tanh,
        )
    ),
]


@given(
    st.lists(SIZES, min_size=1, max_size=3),
    st.lists(
        st.tuples(
            st.sampled_from(STEPS),
            st.integers(0, 9),
            st.integers(0, 9),
            st.floats(1e-300, 1e300),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_a_program_of_numbers_of_any_size_is_never_called_wrong(
    point: list[float], steps: list[tuple[Callable[..., Any], int, int, float]]
) -> None:
    def program(*inputs: Any) -> Any:
        numbers = list(inputs)
        for step, a, b, constant in steps:
            numbers.append(
                step(numbers[-1 - a % len(numbers)], numbers[b % len(numbers)], constant)
            )
        return numbers[-1]

    try:
        report = check_gradients(program, *point)
    except (ArithmeticError, ValueError):
        # No value at the point, or one that no float can hold.
        reject()
    assert report.ok, report
