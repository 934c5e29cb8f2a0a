"""The references of gradient checks, and how far they say they may be off."""

import math
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    atan,
    check_gradients,
    clamp,
    elu,
    erf,
    erfc,
    gelu,
    relu,
    replay,
    sin,
    sinc,
    softplus,
    tan,
    tanh,
    total,
)
from autograd.checking import references
from autograd.checking.probing import Site, recorded
from autograd.checking.sides import Sides, looks_smooth, sides
from autograd.checking.slopes import Line, central, rough

Function = Callable[[float], float]


def line(f: Function, x: float) -> Line:
    """Return a float function along its argument, None where it raises."""

    def at(t: float) -> float | None:
        try:
            return f(x + t)
        except (ValueError, ArithmeticError):
            return None

    size = references.unit(x)
    return Line(at, size / 8.0, size * 2.0**-14, 2.0**-52)


# -- Ridders --------------------------------------------------------------------------------

SMOOTH: list[tuple[str, Function, Any, float, float]] = [
    ("exp", math.exp, mpmath.exp, -20.0, 20.0),
    ("sin", math.sin, mpmath.sin, -1000.0, 1000.0),
    ("tanh", math.tanh, mpmath.tanh, -6.0, 6.0),
    ("log", math.log, mpmath.log, 1e-3, 1e3),
    ("1/x", lambda x: 1.0 / x, lambda x: 1 / x, 0.01, 100.0),
    ("sqrt", math.sqrt, mpmath.sqrt, 0.01, 100.0),
    ("a pole near by", lambda x: 1 / (x - 1.003), lambda x: 1 / (x - 1.003), 0.95, 0.999),
    (
        "a narrow peak",
        lambda x: 1 / (1e-6 + (x - 1) ** 2),
        lambda x: 1 / (1e-6 + (x - 1) ** 2),
        0.99,
        1.01,
    ),
]


@pytest.mark.parametrize(
    ("f", "exact", "low", "high"), [case[1:] for case in SMOOTH], ids=[c[0] for c in SMOOTH]
)
@given(share=st.floats(0.0, 1.0))
def test_the_error_that_ridders_states_is_no_lie(
    f: Function, exact: Any, low: float, high: float, share: float
) -> None:
    x = low + (high - low) * share
    estimate = central(line(f, x))

    assert estimate is not None
    with mpmath.workdps(50):
        truth = mpmath.diff(exact, mpmath.mpf(x))
        assert abs(estimate.value - truth) <= 10.0 * estimate.error
    assert estimate.error <= 1e-8 * max(abs(float(truth)), abs(f(x)))


def test_ridders_takes_smaller_steps_near_an_edge() -> None:
    estimate = central(line(math.log, 1e-3))

    assert estimate is not None
    assert estimate.value == pytest.approx(1e3, rel=1e-10)


def test_ridders_has_nothing_to_say_without_values() -> None:
    assert central(line(math.sqrt, 0.0)) is None


# -- the two sides --------------------------------------------------------------------------


def slopes(found: Sides) -> tuple[float | None, float | None]:
    left, right = (
        None if side is None else float(side.value) for side in (found.left, found.right)
    )
    return left, right


@pytest.mark.parametrize(
    ("f", "left", "right"),
    [
        (abs, -1.0, 1.0),
        (lambda x: max(x, 0.0) + 1000.0 * x * x, 0.0, 1.0),
        (lambda x: math.exp(abs(x)), -1.0, 1.0),
        (lambda x: math.copysign(abs(x) ** (1 / 3), x), math.inf, math.inf),
        (lambda x: math.sqrt(abs(x)), -math.inf, math.inf),
    ],
)
def test_a_kink_has_two_slopes(f: Function, left: float, right: float) -> None:
    found = sides(line(f, 0.0))

    assert slopes(found) == pytest.approx((left, right), abs=1e-8)
    assert not found.smooth
    assert not found.jump
    assert not looks_smooth(line(f, 0.0))


@pytest.mark.parametrize(
    ("f", "x"), [(math.floor, 2.0), (math.ceil, -1.0), (lambda x: x + (x > 0.5), 0.5)]
)
def test_a_jump_is_seen(f: Function, x: float) -> None:
    assert sides(line(f, x)).jump
    assert not sides(line(f, x + 0.25)).jump


def test_a_point_off_its_neighbours_is_a_jump() -> None:
    assert sides(line(lambda x: 1.0 if x == 0.0 else x, 0.0)).jump


def test_an_edge_has_one_slope() -> None:
    assert slopes(sides(line(math.sqrt, 0.0))) == (None, math.inf)
    assert slopes(sides(line(math.asin, 1.0))) == (math.inf, None)
    left, right = slopes(sides(line(lambda x: math.sqrt(x) ** 3, 0.0)))
    assert left is None
    assert right == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (math.exp, 1.0),
        (math.sin, 0.0),
        (math.cos, 0.0),
        (lambda x: x**3, 0.0),
        (math.log, 1e-9),
    ],
)
def test_a_smooth_point_has_one_slope(f: Function, x: float) -> None:
    assert looks_smooth(line(f, x))
    assert sides(line(f, x)).smooth


def test_a_rough_slope_is_none_beyond_the_edge() -> None:
    assert rough(line(math.sqrt, 0.0), 1e-6) is None


# -- the references agree with each other ---------------------------------------------------

PROGRAMS: list[tuple[Callable[[Any], Any], float]] = [
    (lambda x: sin(x * x) / x, 1.3),
    (lambda x: tanh(x) * softplus(x) - relu(x), 0.4),
    (lambda x: erf(x) * gelu(x), 0.8),
    (lambda x: sinc(x) + atan(x) ** 3, -0.7),
    (lambda x: clamp(x, -1.0, 1.0) * tan(x), 0.6),
    (lambda x: x**3, -1.1),
    (lambda x: elu(x, alpha=2.0), -0.5),
    (lambda x: total([x, x, x]), 5.0),
]


@pytest.mark.parametrize(("f", "x"), PROGRAMS)
def test_all_references_agree(f: Callable[[Any], Any], x: float) -> None:
    site = Site(recorded(lambda values: f(values[0])), [x])
    assert site.tape is not None
    found = [
        references.complex_step(site.tape, 0),
        references.precise(site.tape, 0),
        references.ridders(site, 0, references.unit(x)),
    ]

    known = [estimate for estimate in found if estimate is not None]
    assert len(known) >= 2
    for estimate in known:
        assert float(estimate.value) == pytest.approx(float(known[-1].value), rel=1e-8)


def test_fifty_digits_are_right_to_thirty() -> None:
    site = Site(recorded(lambda v: erfc(v[0]) * sin(v[0])), [0.75])
    assert site.tape is not None

    estimate = references.precise(site.tape, 0)

    assert estimate is not None
    assert estimate.error < 1e-28
    with mpmath.workdps(50):
        x = mpmath.mpf(0.75)
        bell = -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)
        truth = bell * mpmath.sin(x) + mpmath.erfc(x) * mpmath.cos(x)
        assert abs(estimate.value - truth) < 1e-28


def test_a_complex_step_that_leaves_the_real_branch_is_refused() -> None:
    # A negative base to an exponent too large for repeated multiplication.
    site = Site(recorded(lambda v: v[0] ** 101.0), [-1.1])
    assert site.tape is not None

    estimate = references.complex_step(site.tape, 0)

    assert estimate is None or estimate.value == pytest.approx(101 * 1.1**100, rel=1e-9)


def test_no_reference_evaluates_a_derivative_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(recorded(lambda v: tanh(v[0] * v[1])), [0.5, 0.7])
    assert site.tape is not None

    def forbidden(*_: object) -> None:
        raise AssertionError

    # The package has a function of the module's name.
    monkeypatch.setattr(sys.modules["autograd.replay"], "local_derivatives", forbidden)
    with pytest.raises(AssertionError):
        replay(site.tape.rows)
    for find in (references.complex_step, references.precise):
        assert find(site.tape, 0) is not None
    assert references.complex_slopes(site.tape, 0, 1, size=0.5) is not None
    assert references.precise_slopes(site.tape, 0, 1) is not None


def lossy(x: Any) -> Any:
    return (x * 1e8 + 1.0) * (x - 1e8) - x * x * 1e8


@pytest.mark.parametrize(("f", "least", "most"), [(tanh, 1e-17, 1e-14), (lossy, 1e-1, 1e2)])
def test_rounding_finds_what_cancellation_costs(
    f: Callable[[Any], Any], least: float, most: float
) -> None:
    site = Site(recorded(lambda v: f(v[0])), [0.3])
    assert site.tape is not None

    spread = references.rounding(site.tape, lambda tape: references.precise(tape, 0))

    assert least < spread < most


# -- without mpmath -------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "x"), PROGRAMS)
def test_a_check_needs_no_mpmath(
    monkeypatch: pytest.MonkeyPatch, f: Callable[[Any], Any], x: float
) -> None:
    monkeypatch.setattr(references, "mpmath_if_installed", lambda: None)

    report = check_gradients(f, x)

    assert set(report.verdicts) == {"ok"}
    assert {row.method for row in (*report.rows, *report.second)} <= {"complex step", "Ridders"}


def test_without_mpmath_a_wrong_derivative_is_still_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(references, "mpmath_if_installed", lambda: None)

    def escaped(x: Value) -> Value:
        return erf(x) * Value(math.exp(x.data))

    report = check_gradients(lambda x: escaped(x) + x, 0.5)

    assert report.rows[0].verdict == "wrong"


def test_mpmath_that_is_not_installed_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)

    assert references.mpmath_if_installed() is None
