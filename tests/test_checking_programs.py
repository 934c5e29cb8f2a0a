"""No false alarms: on random correct programs, and on every convention at kinks and edges."""

import math
from typing import Any

import pytest
from hypothesis import given, settings

import autograd
from autograd import NumberError, check_gradients
from autograd.checking import references
from autograd.strategies import Program
from tests.conventions import CASES, Case, Gives
from tests.nightly import PROGRAMS


@given(program=PROGRAMS)
def test_a_correct_program_is_never_called_wrong(program: Program) -> None:
    try:
        report = check_gradients(program, *program.point)
    except NumberError as refused:
        assert "depends on the arguments" in str(refused)  # noqa: PT017 - a constant program
        return

    assert report, f"{program!r}\n{report}"


@settings(max_examples=max(20, settings().max_examples // 2))
@given(program=PROGRAMS)
def test_nor_is_it_without_mpmath(program: Program) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(references, "mpmath_if_installed", lambda: None)
        try:
            report = check_gradients(program, *program.point)
        except NumberError:
            return

    assert report, f"{program!r}\n{report}"


# -- the table of conventions ---------------------------------------------------------------

NAMES: dict[str, Any] = {
    name: thing for name, thing in vars(autograd).items() if not name.startswith("_")
}

# Cases with a value in plain mode, at finite points where it is finite.
AT_POINTS = [
    case
    for case in CASES
    if isinstance(case.expected, Gives)
    and math.isfinite(case.expected.value)
    and all(map(math.isfinite, case.inputs.values()))
]


def program_of(case: Case) -> Any:
    source = f"lambda {', '.join(case.inputs)}: {case.expression}"
    return eval(source, NAMES)  # noqa: S307 - our own table


@pytest.mark.parametrize("case", AT_POINTS, ids=lambda case: case.name)
def test_no_convention_is_called_wrong(case: Case) -> None:
    report = check_gradients(program_of(case), *case.inputs.values())

    assert report, f"{report}"


KINKS: list[tuple[str, tuple[float, ...]]] = [
    ("relu(x)", (0.0,)),
    ("abs(x)", (0.0,)),
    ("sign(x)", (0.0,)),
    ("floor(x)", (2.0,)),
    ("ceil(x)", (-1.0,)),
    ("round(x)", (0.5,)),
    ("x % 3.0", (6.0,)),
    ("clamp(x, -1.0, 1.0)", (1.0,)),
    ("clamp(x, -1.0, 1.0)", (-1.0,)),
    ("leaky_relu(x)", (0.0,)),
    ("elu(x, alpha=2.0)", (0.0,)),
    ("selu(x)", (0.0,)),
    ("maximum(x, 0.0)", (0.0,)),
    ("minimum(x, 2.0 * x)", (0.0,)),
    ("maximum(x, y)", (3.0, 3.0)),
    ("minimum(x, y)", (3.0, 3.0)),
    ("amax([x, y, 1.0])", (1.0, 1.0)),
    ("amin([x, y, 5.0])", (2.0, 2.0)),
    ("hypot(x, y)", (0.0, 0.0)),
    ("where(x > 0, x, -x)", (0.0,)),
    ("sqrt(abs(x))", (0.0,)),
    ("relu(x) - relu(-x)", (0.0,)),
    ("exp(relu(x - 0.25)) * x", (0.25,)),
]


@pytest.mark.parametrize("with_mpmath", [True, False])
@pytest.mark.parametrize(("expression", "point"), KINKS)
def test_a_kink_is_called_one_and_passes(
    monkeypatch: pytest.MonkeyPatch,
    expression: str,
    point: tuple[float, ...],
    with_mpmath: bool,
) -> None:
    if not with_mpmath:
        monkeypatch.setattr(references, "mpmath_if_installed", lambda: None)
    arguments = ", ".join("xy"[: len(point)])
    f = eval(f"lambda {arguments}: {expression}", NAMES)  # noqa: S307 - the list above

    report = check_gradients(f, *point)

    assert report
    assert {row.verdict for row in report.rows} == {"kink"}


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("elu(x)", 0.0),
        ("softsign(x)", 0.0),
        ("relu(x) ** 2", 0.0),
        ("x * abs(x)", 0.0),
        ("cos(x * atan2(x, x))", 0.0),  # the angle jumps, and has no derivative there
    ],
)
def test_a_kink_of_the_slope_is_one_of_second_order(expression: str, at: float) -> None:
    f = eval(f"lambda x: {expression}", NAMES)  # noqa: S307 - the list above

    report = check_gradients(f, at)

    assert report
    assert [row.verdict for row in report.second] == ["kink"]


@pytest.mark.parametrize(
    ("expression", "at"),
    [("sqrt(x)", 0.0), ("acosh(x)", 1.0), ("asin(x)", 1.0), ("x ** 1.5", 0.0)],
)
def test_an_edge_of_the_domain_is_called_one(expression: str, at: float) -> None:
    f = eval(f"lambda x: {expression}", NAMES)  # noqa: S307 - the list above

    report = check_gradients(f, at)

    assert report
    assert [row.verdict for row in report.rows] == ["domain"]


@pytest.mark.parametrize("x", [2.0, 0.25, 1e-100])
def test_a_power_of_0_has_a_slope_of_its_slope(x: float) -> None:
    report = check_gradients(lambda x, y: x**y + y * y, x, 0.0)

    expected = [0.0, 1.0 / x, 2.0 + math.log(x) ** 2]
    assert [row.ours for row in report.second] == pytest.approx(expected)
    assert {row.verdict for row in report.second} == {"ok"}


def test_an_asymmetric_second_derivative_is_blamed_on_its_operation() -> None:
    bad = autograd.operation(
        "x * y * y", name="bad", dx="y * y if y != 1.0 else 1.0", dy="2.0 * x * y"
    )

    report = check_gradients(lambda x, y: bad(x, y) + x, 3.0, 1.0)

    assert [str(suspect) for suspect in report.suspects] == [
        "row 2, bad(x, y): d2/dxdy should be 2, got 0"
    ]


def test_a_near_kink_is_none() -> None:
    report = check_gradients(lambda x: autograd.relu(x - 1.0), 1.0 + 2.0**-20)

    assert [row.verdict for row in report.rows] == ["ok"]


@pytest.mark.parametrize(
    ("slope", "verdict"), [(1.0, "branch changed"), (2.0, "branch changed"), (3.0, "wrong")]
)
def test_a_branch_at_the_point_is_called_one(slope: float, verdict: str) -> None:
    def f(x: Any) -> Any:
        if x > 1.0:
            return 2.0 * x - 1.0
        return x + 0.0 if x < 1.0 else slope * x - slope + 1.0

    assert check_gradients(f, 1.0).rows[0].verdict == verdict


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, -1e-3, -1e-9])
def test_a_branch_beside_the_point_does_no_harm(distance: float) -> None:
    def f(x: Any) -> Any:
        return x * x if x > 1.0 else 3.0 * x

    report = check_gradients(f, 1.0 + distance)

    assert {row.verdict for row in report.rows} == {"ok"}


def test_rounding_is_no_mistake() -> None:
    def cancels(x: Any) -> Any:
        return (x + 1e9) * (x - 1e9) - x * x

    report = check_gradients(cancels, 0.3)

    assert report


def test_rounding_of_second_derivatives_is_no_mistake() -> None:
    # Terms of 1 / t**2 cancel in it, and in x0 what rounding does at first order cancels too.
    def f(x0: Any, x1: Any) -> Any:
        t = autograd.leaky_relu(autograd.leaky_relu(autograd.asinh(x1) / x0))
        return autograd.sinh(t) / t

    assert check_gradients(f, 0.43, -0.25)


def test_a_kink_that_rounding_moved_is_left_open() -> None:
    # sinc(1) is 0, and 4e-17 in floats, beside which atan2 is steep and has no jump.
    report = check_gradients(lambda x: autograd.atan2(x, autograd.sinc(autograd.cosh(x))), 0.0)

    [row] = report.rows
    assert row.verdict == "inconclusive"
    assert row.note == "a value on the way is nothing but rounding"
    # Here the square root ends too, so there is a slope on one side alone.
    edge = check_gradients(
        lambda x: autograd.leaky_relu(autograd.sinc(x)) + 0.0 * autograd.sqrt(x - 1.0), 1.0
    )
    assert [row.verdict for row in edge.rows] == ["inconclusive"]
    # And here it has no value at all, but for the rounding.
    edge = check_gradients(lambda x: autograd.sinc(autograd.log10(autograd.sinc(x))), 1.0)
    assert [row.verdict for row in edge.rows] == ["inconclusive"]
    twice = check_gradients(lambda x: autograd.softsign(autograd.sinc(x)), 3.0)
    assert [row.verdict for row in (*twice.rows, *twice.second)] == ["ok", "inconclusive"]


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e-3, 1e6, 1e-6])
def test_a_kink_of_the_slope_in_two_inputs_is_one_whatever_their_scales(scale: float) -> None:
    report = check_gradients(lambda x, y: autograd.elu(autograd.erf(scale * y) + x), 0.0, 0.0)

    assert report
    assert {row.verdict for row in report.second} == {"kink"}


def test_a_kink_excuses_no_mistake_beside_it() -> None:
    def f(x: Any, y: Any) -> Any:
        return autograd.relu(x) - autograd.relu(-x) + y * math.sin(y.data)

    report = check_gradients(f, 0.0, 1.0)

    assert not report
    assert [row.verdict for row in report.rows] == ["wrong", "wrong"]


def test_a_kink_excuses_only_what_flows_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: Any, y: Any) -> Any:
        return autograd.relu(x) - autograd.relu(-x) + y

    monkeypatch.setattr(
        "autograd.checking.entry.value_and_grad", lambda *_: lambda *_: (1.0, (0.0, 1.5))
    )
    report = check_gradients(f, 0.0, 1.0, modes="reverse")

    assert [row.verdict for row in report.rows] == ["kink", "wrong"]
    assert report.notes == (
        "every operation is right by itself; does the function branch on its input?",
    )


def test_kinks_of_a_smooth_program_may_spoil_its_second_derivative() -> None:
    # abs stands exactly at 0, and -abs(-(x - 1)**2) is smooth there.
    report = check_gradients(lambda x: autograd.abs((x - 1.0) * (1.0 - x)) + x, 1.0)

    assert report
    assert [row.verdict for row in report.second] == ["kink"]
    assert "row 4, abs" in report.second[0].note
