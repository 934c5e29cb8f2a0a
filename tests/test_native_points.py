"""Native code at points, one after the other, against the engine: every operation, programs.

With `exact=True` every bit must agree; without, every digit that rounding leaves.
"""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    Value,
    compile,  # noqa: A004 - what is tested
    value_and_grad,
)
from autograd.operations import TABLE
from autograd.strategies import Program, programs
from tests.branches import NUMBERS, Branching, branching
from tests.cases import CASES
from tests.native import bits, close, in_process, outcome, succeeds_where
from tests.programs import call

pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
pytest.importorskip("numpy", reason="native code needs the extra `native`")

Point = tuple[float, ...]
REDUCTIONS = ("dot", "total", "mean", "prod", "logsumexp", "amax", "amin")
LISTS = (
    (1.0, 2.0, -3.0, 0.5, 0.25),
    (2.0, 2.0, -1.0, 2.0, 0.0),
    (0.0, -0.0, 0.0, -0.0, 0.0),
    (700.0, -700.0, 1e-8, 0.1, 0.1),
)


def points_of(name: str) -> list[Point]:
    """Return points where an operation must be right: special ones, kinks, ties, ordinary."""
    operation = TABLE[name]
    moving = len(operation.partials)
    found = [point[:moving] for point in CASES[name].points]
    usual = (0.5, 1.0, -1.0, 0.0, -0.0, 0.1, 2.0, -0.7, 20.0, -20.0, 1e-9)
    found += [(x,) for x in usual] if moving == 1 else [(x, y) for x in usual for y in usual]
    return list(dict.fromkeys(p for p in found if all(map(math.isfinite, p))))


def operation(name: str) -> Any:
    """Return an operation as a function of what can move, its constants as they are."""
    if name == "where":
        return lambda x, y: autograd.where(x > y, x, y)
    return lambda *operands: call(name, operands)


def differing(f: Any, points: Sequence[Point], *, exact: bool) -> list[Any]:
    """Return where native results, and those of the engine, are not the same."""
    compiled, found = compile(f, backend="native", exact=exact), []
    for point in points:
        argnums = tuple(range(len(point)))
        theirs = outcome(value_and_grad(f, argnums), *point)
        ours = outcome(compiled.value_and_grad, *point, argnums=argnums)
        fine = bits(ours) == bits(theirs) if exact else close(ours, theirs)
        if not fine:
            found.append((point, ours, theirs))
    return found


# -- operations -----------------------------------------------------------------------------


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("name", [name for name in TABLE if name != "stop_gradient"])
def test_operations_are_the_engines(name: str, exact: bool) -> None:
    points = points_of("maximum" if name == "where" else name)
    assert differing(operation(name), points, exact=exact) == []


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_are_the_engines(name: str, exact: bool) -> None:
    assert differing(operation(name), LISTS, exact=exact) == []


def test_a_number_chosen_by_its_index_is_the_engines() -> None:
    def chosen(index: int, *xs: Any) -> Any:
        return autograd.take(xs, index) * xs[0]

    compiled = compile(chosen, backend="native", exact=True)
    for index in (0, 1, 2):
        theirs = value_and_grad(chosen, (1, 2, 3))(index, 2.0, 3.0, 5.0)
        assert compiled.value_and_grad(index, 2.0, 3.0, 5.0, argnums=(1, 2, 3)) == theirs


# -- programs -------------------------------------------------------------------------------

ALL = (0, 1, 2)


@given(programs(inputs=3, steps=10), st.lists(st.tuples(*[NUMBERS] * 3), max_size=3))
@settings(max_examples=20)
def test_programs_are_the_engines_to_the_last_bit(
    program: Program, points: list[Point]
) -> None:
    compiled = compile(program, backend="native", exact=True)
    for point in (program.point, *points):
        theirs = outcome(value_and_grad(program, ALL), *point)
        ours = outcome(compiled.value_and_grad, *point, argnums=ALL)
        assert bits(ours) == bits(theirs) or succeeds_where(ours, theirs)


@given(programs(inputs=3, steps=10), st.lists(st.tuples(*[NUMBERS] * 3), max_size=3))
@settings(max_examples=20)
def test_programs_are_the_engines_but_for_rounding(
    program: Program, points: list[Point]
) -> None:
    compiled = compile(program, backend="native")
    for point in (program.point, *points):
        theirs = outcome(value_and_grad(program, ALL), *point)
        ours = outcome(compiled.value_and_grad, *point, argnums=ALL)
        assert close(ours, theirs) or succeeds_where(ours, theirs)


@given(branching(), st.lists(st.tuples(*[NUMBERS] * 3), min_size=1, max_size=5))
@settings(max_examples=15)
def test_programs_with_branches_are_the_engines(
    program: Branching, points: list[Point]
) -> None:
    compiled = compile(program, backend="native", exact=True)
    for point in points:
        theirs = outcome(value_and_grad(program, ALL), *point)
        assert bits(outcome(compiled.value_and_grad, *point, argnums=ALL)) == bits(theirs)


@pytest.mark.filterwarnings("ignore::autograd.IndependenceWarning")
@given(programs(inputs=2, steps=5))
@settings(max_examples=8)
def test_second_derivatives_are_the_engines(program: Program) -> None:
    slope = autograd.grad(program)
    theirs = outcome(value_and_grad(slope, (0, 1)), *program.point)
    compiled = compile(slope, backend="native", exact=True)
    ours = outcome(compiled.value_and_grad, *program.point, argnums=(0, 1))
    assert bits(ours) == bits(theirs) or succeeds_where(ours, theirs)


# -- numbers that are not finite ------------------------------------------------------------

HIDDEN = {
    "a quotient of infinity": (lambda x: 1.0 / autograd.exp(x), 1000.0),
    "the arc tangent of a pole": (lambda x: autograd.atan(1.0 / x), 0.0),
    "the sigmoid of a logarithm": (lambda x: autograd.sigmoid(autograd.log(x)), 0.0),
    "a comparison": (lambda x: autograd.where(autograd.exp(x) > 1.0, x, 2.0 * x), 1000.0),
    "the lesser of two": (lambda x: autograd.minimum(autograd.exp(x), 6.0), 1000.0),
    "a branch": (lambda x: x * 2.0 if autograd.exp(x) > 1.0 else x, 1000.0),
}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("case", HIDDEN.values(), ids=HIDDEN)
def test_an_error_that_no_result_shows_is_raised(case: Any, exact: bool) -> None:
    f, bad = case
    compiled = compile(f, backend="native", exact=exact)
    assert close(compiled(0.7), f(0.7))
    theirs = outcome(lambda x: f(Value(x)).data, bad)
    assert isinstance(theirs, type)
    assert outcome(compiled, bad) is theirs


@pytest.mark.parametrize("x", [1e200, -1e200])
def test_what_overflows_without_an_error_is_what_the_engine_makes_of_it(x: float) -> None:
    def f(x: Any) -> Any:
        return autograd.tanh(x * x * x) + 1.0 / (x * x)

    compiled = compile(f, backend="native")
    compiled.value_and_grad(1.0)
    assert compiled.value_and_grad(x) == value_and_grad(f)(x)


def test_a_power_of_a_large_number_does_not_vanish_early() -> None:
    compiled = compile(lambda x: 1e300 * x**-8, backend="native")
    assert compiled(1e39) == pytest.approx(1e-12)


@pytest.mark.parametrize("exact", [True, False])
def test_zeros_keep_their_sign(exact: bool) -> None:
    negated = compile(lambda x: -x, backend="native", exact=exact)
    assert bits(negated(0.0)) == bits(-0.0)
    angle = compile(lambda x: autograd.atan2(x + 0.0, -1.0), backend="native", exact=exact)
    assert angle(-0.0) == math.pi


def test_functions_of_python_itself_are_found_by_code_from_disk(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENGERT_CACHE", str(tmp_path))
    lengths = (
        "import autograd\nf = autograd.compile(autograd.hypot, backend='native', exact=True)"
    )
    answers = [in_process(f"{lengths}\nprint(f(3.0, 4.0))") for _ in range(2)]
    assert answers == ["5.0\n", "5.0\n"]
