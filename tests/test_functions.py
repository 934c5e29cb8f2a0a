"""The public functions: floats in, floats out; Values in, Values out; and their methods."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import OPERATIONS, Value
from autograd.reductions import REDUCTIONS
from tests.checks import OPERATORS, callable_of

ONE = [row.name for row in OPERATIONS.values() if row.arguments == ("x",)]
TWO = [row.name for row in OPERATIONS.values() if row.arguments == ("x", "y")]
NAMED = [name for name in TWO if name not in {"add", "sub", "mul", "div"}]
LISTS = [name for name in REDUCTIONS if name != "dot"]

# Somewhere in the domain of each.
AT = dict.fromkeys(ONE, 0.3) | {"acosh": 1.3}


def outcome(function: Callable[..., Any], *operands: float) -> tuple[float, list[float]]:
    """Return value and gradients of a function called with Values."""
    values = [Value(x) for x in operands]
    out = function(*values)
    out.backward()
    return out.data, [v.grad for v in values]


def test_every_row_is_a_public_function_or_an_operator() -> None:
    for name in [*OPERATIONS, *REDUCTIONS]:
        assert hasattr(autograd, name) != (name in {"add", "sub", "mul", "div"}), name


def test_every_function_has_a_docstring_and_its_name() -> None:
    for name in [*ONE, *NAMED, *REDUCTIONS]:
        function = getattr(autograd, name)
        assert function.__name__ == name
        assert function.__doc__.startswith("Return ")
        assert ">>> " in function.__doc__


@pytest.mark.parametrize("name", ONE)
def test_method_function_and_float_agree_in_every_bit(name: str) -> None:
    x, function = AT[name], getattr(autograd, name)
    expected = outcome(function, x)
    assert function(x) == expected[0]
    assert type(function(x)) is float
    if hasattr(Value, name):
        assert outcome(getattr(Value, name), x) == expected
    if name in OPERATORS:
        assert outcome(OPERATORS[name], x) == expected


def test_methods_exist_where_people_expect_them() -> None:
    without = {"identity", "neg", "stop_gradient"}
    assert [name for name in ONE if not hasattr(Value, name) and name not in without] == []


@pytest.mark.parametrize("name", NAMED)
def test_function_method_and_operator_of_two_agree_in_every_bit(name: str) -> None:
    function = getattr(autograd, name)
    expected = outcome(function, 2.5, 1.5)
    assert function(2.5, 1.5) == expected[0]
    assert type(function(2.5, 1.5)) is float
    assert function(Value(2.5), 1.5).data == expected[0]
    assert function(2.5, Value(1.5)).data == expected[0]
    if hasattr(Value, name):
        assert outcome(getattr(Value, name), 2.5, 1.5) == expected
    if name in OPERATORS:
        assert outcome(OPERATORS[name], 2.5, 1.5) == expected


@pytest.mark.parametrize("name", [*ONE, *NAMED])
@pytest.mark.parametrize("number", [2, True, Fraction(5, 2)])
def test_functions_take_every_real_number(name: str, number: Any) -> None:
    count = 1 if name in ONE else 2
    if name in {"asin", "acos", "atanh"}:
        number = Fraction(1, 2)
    out = getattr(autograd, name)(*[number] * count)
    assert type(out) is float
    assert out == getattr(autograd, name)(*[float(number)] * count)


@pytest.mark.parametrize("name", TWO)
@given(x=st.floats(0.5, 4.0), y=st.floats(0.5, 4.0))
def test_a_constant_on_either_side_changes_no_bit(name: str, x: float, y: float) -> None:
    if x == y:
        y += 0.25  # the shares of a tie do depend on what can move
    call = callable_of(name)
    value, (dx, dy) = outcome(call, x, y)
    assert outcome(lambda v: call(v, y), x) == (value, [dx])
    assert outcome(lambda v: call(x, v), y) == (value, [dy])


def test_reductions_take_anything_that_can_be_iterated() -> None:
    xs = [Value(1.0), Value(2.0), Value(4.0)]
    for name in LISTS:
        function = getattr(autograd, name)
        expected = function(xs).data
        for given_ in (tuple(xs), iter(xs), (x for x in xs), dict.fromkeys(xs).keys()):
            assert function(given_).data == expected
    assert autograd.dot(iter(xs), (x for x in xs)).data == 21.0
    assert autograd.softmax(iter(xs))[0].data == autograd.softmax(xs)[0].data


def test_reductions_take_ints_and_floats_among_values() -> None:
    x = Value(2.0)
    mixed: list[Any] = [1, x, 0.5, True]
    assert autograd.total(mixed).data == 4.5
    assert autograd.dot([1, x], [x, 3]).data == 8.0
    assert autograd.dot([x, x], [1, 2.0], 3).data == 9.0
    assert type(autograd.total([1, 2])) is float
    assert type(autograd.dot([1], [2])) is float


def test_reductions_of_the_same_value_count_it_each_time() -> None:
    x = Value(3.0)
    autograd.prod([x, x, x]).backward()
    assert x.grad == 27.0
    y = Value(3.0)
    autograd.dot([y, y], [y, 2.0], y).backward()
    assert y.grad == 6.0 + 2.0 + 1.0


@given(st.lists(st.floats(-700.0, 700.0), min_size=1, max_size=6))
def test_softmax_is_a_distribution_and_does_not_move_with_its_inputs(xs: list[float]) -> None:
    values = [Value(x) for x in xs]
    weights = autograd.softmax(values)
    assert sum(w.data for w in weights) == pytest.approx(1.0, rel=1e-12)
    assert [w.data for w in weights] == autograd.softmax(xs)
    # The slopes of one weight add up to 0: adding a number to all inputs changes nothing.
    weights[0].backward()
    assert abs(math.fsum(v.grad for v in values)) < 1e-12


def test_clamp_in_all_its_forms() -> None:
    for x, low, high, expected in (
        (0.5, 0.0, 1.0, 0.5), (-1.0, 0.0, 1.0, 0.0), (2.0, 0.0, 1.0, 1.0),
        (-1.0, 0.0, None, 0.0), (2.0, 0.0, None, 2.0), (2.0, None, 1.0, 1.0),
        (2.0, None, None, 2.0), (5, 0, 1, 1.0),
    ):  # fmt: skip
        inside = low != expected != high
        assert autograd.clamp(x, low, high) == expected
        for clamped in (autograd.clamp, Value.clamp):
            value, (slope,) = outcome(lambda v: clamped(v, low, high), x)  # noqa: B023
            assert (value, slope) == (expected, float(inside))
    assert type(autograd.clamp(5, 0, 1)) is float
    assert Value(2.0).clamp(high=1.0).data == 1.0


def test_bounds_of_clamp_may_be_values() -> None:
    assert outcome(autograd.clamp, 0.5, 0.0, 1.0) == (0.5, [1.0, 0.0, 0.0])
    assert outcome(autograd.clamp, -1.0, 0.0, 1.0) == (0.0, [0.0, 1.0, 0.0])
    assert outcome(autograd.clamp, 2.0, 0.0, 1.0) == (1.0, [0.0, 0.0, 1.0])
    assert outcome(lambda low: autograd.clamp(-1.0, low), 0.0) == (0.0, [1.0])
    assert outcome(lambda high: autograd.clamp(3.0, None, high), 2.0) == (2.0, [1.0])


def test_where_takes_bools_numbers_and_values_as_condition() -> None:
    x, y = Value(2.0), Value(3.0)
    holds: list[Any] = [True, 1, x > 0, Value(-1.0)]
    fails: list[Any] = [False, 0, 0.0, x > 5, Value(0.0)]
    for condition in holds:
        assert autograd.where(condition, x, y).data == 2.0
    for condition in fails:
        assert autograd.where(condition, x, y).data == 3.0
    assert autograd.where(True, 1.0, 2.0) == 1.0
    assert type(autograd.where(False, 1, 2)) is float


def test_where_hands_the_gradient_to_the_chosen_side() -> None:
    c, x, y = Value(1.0), Value(2.0), Value(3.0)
    autograd.where(c, x, y).backward(5.0)
    assert (c.grad, x.grad, y.grad) == (0.0, 5.0, 0.0)


def test_backward_as_a_function() -> None:
    x = Value(3.0)
    autograd.backward(x * x, 2.0)
    assert x.grad == 12.0


def test_star_import_leaves_the_builtins_alone() -> None:
    names: dict[str, Any] = {}
    exec("from autograd import *", names)  # noqa: S102
    assert not {"abs", "pow", "round", "sum", "max", "min"} & set(names)
    assert {"Value", "Tape", "exp", "tanh", "dot"} <= set(names)
    assert set(autograd.__all__) <= set(names)
    assert sorted(autograd.__all__) == sorted(set(autograd.__all__))


def test_leaky_relu_and_elu_have_the_usual_parameters() -> None:
    assert autograd.leaky_relu(-2.0) == -0.02
    assert autograd.elu(-1.0) == pytest.approx(math.exp(-1.0) - 1.0, rel=1e-15)
    assert outcome(lambda v: autograd.leaky_relu(v, slope=0.2), -2.0) == (-0.4, [0.2])
    assert outcome(lambda v: v.leaky_relu(0.2), -2.0) == (-0.4, [0.2])
    assert outcome(lambda v: v.leaky_relu(), -2.0) == (-0.02, [0.01])
    assert outcome(lambda v: v.elu(2), -1.0)[1] == [pytest.approx(2 * math.exp(-1.0))]


def test_generated_code_can_be_read() -> None:
    import inspect  # noqa: PLC0415

    from autograd.recorders import generated  # noqa: PLC0415

    text = inspect.getsource(generated("tanh", "record"))
    assert OPERATIONS["tanh"].partials[0] in text
