"""Every row of the table, for every argument, over its whole domain, against 50 digits."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import OPERATIONS, Value
from autograd.reductions import REDUCTIONS
from tests.cases import CASES, EPS, LISTS, Case, ListCase, Point
from tests.checks import agrees, callable_of, faults, gradients, nan_faults
from tests.oracles import Real, real
from tests.tolerances import BEYOND, OVER_TWO, USUAL, Beyond, bound, exception

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
every_list = pytest.mark.parametrize("case", LISTS.values(), ids=LISTS)


def test_every_row_of_the_table_has_a_case() -> None:
    assert set(CASES) == set(OPERATIONS)


def test_every_reduction_has_a_case() -> None:
    assert set(LISTS) == set(REDUCTIONS)


def test_every_case_speaks_of_every_argument() -> None:
    for case in CASES.values():
        operation = OPERATIONS[case.name]
        assert len(case.partials) == len(operation.partials)
        assert len(case.within) == 1 + len(operation.partials)
        assert {len(point) for point in case.points} == {len(operation.arguments)}


@every_case
def test_values_and_derivatives_at_chosen_points(case: Case) -> None:
    call = callable_of(case.name)
    assert [fault for point in case.points for fault in faults(case, point, call)] == []


@every_case
@given(data=st.data())
def test_values_and_derivatives_over_the_whole_domain(case: Case, data: st.DataObject) -> None:
    point = data.draw(case.operands)
    assert faults(case, point, callable_of(case.name)) == []


@every_case
def test_nan_in_gives_nan_out(case: Case) -> None:
    assert nan_faults(case, callable_of(case.name)) == []


# The others are Python's own operators.
FUNCTIONS = [case for name, case in CASES.items() if hasattr(autograd, name)]


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case.name)
@settings(max_examples=25)
@given(data=st.data())
def test_floats_give_the_float_that_values_give(case: Case, data: st.DataObject) -> None:
    point = data.draw(case.operands)
    function = getattr(autograd, case.name)
    moving = [Value(x) for x in point[: len(case.partials)]]
    plain = function(*point)
    assert type(plain) is float
    assert plain == function(*moving, *point[len(case.partials) :]).data


# Where every case is smooth, as far as it is defined there.
_SMOOTH = (0.6, -0.6, 1.7, -1.7, 3.3, 0.05)


def _smooth_points(case: Case) -> list[Point]:
    if case.name == "where":
        return [(1.0, 0.6, 1.7), (0.0, 0.6, 1.7)]
    if case.name == "clamp":
        return [(0.6, -1.0, 1.0), (1.7, -1.0, 1.0), (-1.7, -1.0, 1.0)]
    if len(case.points[0]) == 1:
        inside = {point[0] for point in case.points}
        return [(x,) for x in _SMOOTH if min(inside) <= x <= max(inside)]
    if case.name in {"pow", "xlogy"}:
        return [(0.6, 1.7), (1.7, 0.6), (3.3, 3.3)]
    return [(0.6, 1.7), (-0.6, 1.7), (3.3, -0.6)]


DIFFERENTIABLE = [case for case in CASES.values() if case.name != "stop_gradient"]


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=lambda case: case.name)
def test_derivatives_of_a_case_are_those_of_its_definition(case: Case) -> None:
    points = _smooth_points(case)
    assert points
    for point in points:
        exact = [real.mpf(x) for x in point]
        for k, slope in enumerate(case.partials):
            order = tuple(int(place == k) for place in range(len(exact)))
            expected = real.diff(case.value, tuple(exact), order)
            assert abs(slope(*exact) - expected) < 1e-15 * (1 + abs(expected)), (point, k)


@pytest.mark.parametrize(
    ("got", "truth", "ulps", "absolute", "verdict"),
    [
        (1.0, 1.0, 0.5, 0.0, True),
        (1.0 + 4 * EPS, 1.0, 4.0, 0.0, True),
        (1.0 + 5 * EPS, 1.0, 4.0, 0.0, False),
        (0.0, 5e-324, 0.5, 0.0, False),
        (0.0, 1e-17, 4.0, 0.0, False),
        (0.0, 1e-17, 4.0, 1e-16, True),
        (math.inf, 1.0, 1e9, 0.0, False),
        (1e308, math.inf, 1e9, 0.0, False),
        (math.inf, 1.0, math.inf, 0.0, True),
        (math.nan, 1.0, math.inf, 0.0, False),
        (math.nan, math.nan, 4.0, 0.0, True),
        (0.0, math.nan, 4.0, 0.0, False),
    ],
)
def test_agreement_tells_numbers_apart(
    got: float, truth: float, ulps: float, absolute: float, verdict: bool
) -> None:
    assert agrees(got, real.mpf(truth), ulps, absolute) is verdict


# -- exceptions from the usual bound ----------------------------------------------------------


def found(name: str, which: int, at: Point) -> tuple[float, Real]:
    """Return the value of an operation or one of its derivatives, and the truth."""
    case = CASES[name]
    values = [Value(x) for x in at[: len(case.partials)]]
    out = callable_of(name)(*values, *at[len(values) :])
    out.backward()
    exact = [case.value, *case.partials][which](*(real.mpf(x) for x in at))
    return values[which - 1].grad if which else out.data, exact


@pytest.mark.parametrize(
    "beyond", BEYOND, ids=lambda beyond: f"{beyond.name} {beyond.which} {beyond.where}"
)
def test_an_exception_is_needed_and_not_wider_than_it_has_to_be(beyond: Beyond) -> None:
    name, which, at = beyond.name, beyond.which, beyond.worst
    assert exception(name, which, at) is beyond
    got, truth = found(name, which, at)
    assert not agrees(got, truth, USUAL)
    ulps, absolute = bound(name, which, at, USUAL)
    if ulps < math.inf:
        room = ulps * math.ulp(float(truth)) + absolute
        # Other C libraries may be off elsewhere, but not by orders of magnitude.
        assert float(abs(real.mpf(got) - truth)) / room == pytest.approx(beyond.used, abs=0.3)


@pytest.mark.parametrize(("name", "which"), OVER_TWO)
def test_what_is_over_two_ulps_is_so_by_as_much_as_the_page_says(name: str, which: int) -> None:
    ulps, at = OVER_TWO[name, which]
    assert exception(name, which, at) is None
    got, truth = found(name, which, at)
    assert agrees(got, truth, USUAL)
    error = abs(real.mpf(got) - truth) / math.ulp(float(truth))
    assert float(error) == pytest.approx(ulps, abs=1.5)


def test_every_exception_has_its_reason_and_its_place() -> None:
    assert all(beyond.because for beyond in BEYOND)
    assert {beyond.name for beyond in BEYOND} <= set(CASES)
    assert all(CASES[b.name].within[b.which] == USUAL for b in BEYOND)


# -- operations over a list -------------------------------------------------------------------


@st.composite
def operands_of(draw: st.DrawFn, case: ListCase) -> tuple[list[float], list[bool]]:
    """Draw operands and which of them are constants, not all of them."""
    size = draw(st.integers(1, 7))
    if case.name == "dot":
        size = 2 * draw(st.integers(0, 4)) + 1
    xs = draw(st.lists(case.numbers, min_size=size, max_size=size))
    held = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    if all(held):
        held[draw(st.integers(0, size - 1))] = False
    return xs, held


def reduce(name: str, given: Sequence[Any]) -> Any:
    """Call a reduction on its operands in the order of the table."""
    if name != "dot":
        return getattr(autograd, name)(given)
    half = len(given) // 2
    return autograd.dot(list(given[:half]), list(given[half:-1]), given[-1])


@every_list
@given(data=st.data())
def test_reductions_over_their_domain(case: ListCase, data: st.DataObject) -> None:
    xs, held = data.draw(operands_of(case))
    exact = [real.mpf(x) for x in xs]
    value, slopes = gradients(lambda given: reduce(case.name, given), xs, held)

    truth, room = case.value(exact), EPS * len(xs)
    assert abs(real.mpf(value) - truth) <= room * case.scale(exact) + 5e-324
    pairs = zip(case.partials(exact), case.slope_scale(exact), held, strict=True)
    expected = [(slope, size) for slope, size, still in pairs if not still]
    tied = case.name in {"amax", "amin"} and any(
        x == value and still for x, still in zip(xs, held, strict=True)
    )
    for got, (slope, size) in zip(slopes, expected, strict=True):
        assert abs(real.mpf(got) - (0 if tied else slope)) <= room * size + 5e-324


@every_list
@given(data=st.data())
def test_a_reduction_is_what_it_expands_into(case: ListCase, data: st.DataObject) -> None:
    size = 2 * data.draw(st.integers(0, 3)) + 1
    numbers = st.floats(-20.0, 20.0).filter(lambda x: abs(x) > 1e-3)
    xs = data.draw(st.lists(numbers, min_size=size, max_size=size, unique=True))
    held = [False, *data.draw(st.lists(st.booleans(), min_size=size - 1, max_size=size - 1))]
    value, slopes = gradients(lambda given: reduce(case.name, given), xs, held)
    whole, parts = gradients(
        lambda given: REDUCTIONS[case.name].expand(given, autograd), xs, held
    )

    # Different orders of the same few roundings; logsumexp without its shift adds some.
    assert value == pytest.approx(whole, rel=1e-14, abs=1e-14)
    assert slopes == pytest.approx(parts, rel=1e-13)


@given(
    xs=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6),
    seed=st.integers(0, 3),
)
def test_all_paths_of_dot_give_the_same_bits(xs: list[float], seed: int) -> None:
    ys, start = [0.5 - x for x in xs], xs[0]
    fixed = {"x": seed == 1, "y": seed in {1, 2}, "start": seed == 3}

    def run(kind: type[list[Any]] | type[tuple[Any, ...]]) -> tuple[float, list[float]]:
        moving: list[Value] = []

        def given(number: float, name: str) -> Any:
            if fixed[name]:
                return number
            moving.append(Value(number))
            return moving[-1]

        left = kind(given(x, "x") for x in xs)
        right = kind(given(y, "y") for y in ys)
        out = autograd.dot(left, right, given(start, "start"))
        out.backward(3.0)
        return out.data, [v.grad for v in moving]

    expected = start
    for x, y in zip(xs, ys, strict=True):
        expected += x * y
    by_list, by_tuple = run(list), run(tuple)
    assert by_list == by_tuple
    assert by_list[0] == expected
