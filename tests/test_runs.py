"""What people hand to transforms: no functions, functions with a memory, points at infinity."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import (
    DomainError,
    NumberError,
    StructureError,
    TapeError,
    Value,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from tests.untyped import message_of

Function = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "call", "example"),
    [
        ("grad", grad, "grad(f)(x)"),
        ("grad", value_and_grad, "grad(f)(x)"),
        ("derivative", derivative, "derivative(f)(x)"),
        ("jacobian", jacobian, "jacobian(f)(x)"),
        ("grad", hessian, "grad(f)(x)"),
        ("vjp", lambda f: vjp(f, 1.0), "vjp(f, x)"),
        ("jvp", lambda f: jvp(f, (1.0,), (1.0,)), "jvp(f, (x,), (1.0,))"),
        ("hvp", lambda f: hvp(f, (1.0,), (1.0,)), "hvp(f, (x,), (1.0,))"),
    ],
)
def test_result_of_a_function_in_place_of_the_function(
    name: str, call: Function, example: str
) -> None:
    x = Value(3.0)
    assert message_of(NumberError, lambda: call(x * x)) == (
        f"{name} takes a function, as in {example}, got Value(data=9.0, grad=0.0) (Value)"
    )


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("jacobian", lambda f: jacobian(f)(1.0)),
        ("vjp", lambda f: vjp(f, 1.0)),
        ("jvp", lambda f: jvp(f, (1.0,), (1.0,))),
    ],
)
def test_forgotten_return(name: str, call: Function) -> None:
    assert message_of(NumberError, lambda: call(lambda x: None)) == (
        f"{name} needs a function that returns numbers, got None; is a return missing?"
    )


def test_tangents_of_hvp_are_called_so() -> None:
    f = lambda v: v[0] * v[0]  # noqa: E731
    for tangents in (([1.0],), ({"a": 1.0},), (1.0, 2.0)):
        message = message_of(StructureError, lambda: hvp(f, ([1.0, 2.0],), tangents))  # noqa: B023
        assert message.startswith("hvp's tangents needs the structure of ([1.0, 2.0],) (tuple)")
    assert "hvp(f, (2.0,), (1.0,))" in message_of(
        NumberError,
        lambda: hvp(f, ([1.0, 2.0],), 1.0),  # type: ignore[arg-type]
    )


# -- functions that keep state ----------------------------------------------------------------


SLOPES: dict[str, Function] = {
    "grad": lambda f: grad(f)(3.0),
    "value_and_grad": lambda f: value_and_grad(f)(3.0)[1],
    "jacobian": lambda f: jacobian(f)(3.0),
    "jvp": lambda f: jvp(f, (3.0,), (1.0,))[1],
}


@pytest.mark.parametrize("name", SLOPES)
def test_value_kept_from_an_earlier_call_is_an_error_in_the_next(name: str) -> None:
    call = SLOPES[name]
    total: list[Any] = [0.0]

    def running(x: Any) -> Any:
        total[0] = total[0] + x * x
        return total[0]

    assert call(running) == 6.0
    message = message_of(TapeError, lambda: call(running))
    assert message.startswith("the function given to ")
    assert "uses a Value that an earlier call left behind" in message
    assert "keep v.data there" in message


def test_state_in_numbers_is_no_matter() -> None:
    total = [0.0]

    def running(x: Any) -> Any:
        out = total[0] + x * x
        total[0] = out.data if isinstance(out, Value) else out
        return out

    assert [value_and_grad(running)(3.0) for _ in range(3)] == [
        (9.0, 6.0),
        (18.0, 6.0),
        (27.0, 6.0),
    ]


def test_input_kept_from_an_earlier_call_is_an_error_in_the_next() -> None:
    kept: list[Any] = []

    def keeping(x: Any) -> Any:
        kept.append(x)
        return x * kept[0]

    assert grad(keeping)(3.0) == 6.0
    assert "left behind" in message_of(TapeError, lambda: grad(keeping)(3.0))
    aux = grad(lambda x: (x, kept), has_aux=True)
    assert "left behind" in message_of(TapeError, lambda: aux(3.0))
    # It is a number like any other outside of transforms, and kept lists may just grow.
    assert (kept[0] * 2.0).data == 6.0
    growing = grad(lambda x: [kept.append(x * x), kept[-1]][1])  # type: ignore[func-returns-value]
    assert [growing(3.0), growing(4.0)] == [6.0, 8.0]


def test_value_of_an_earlier_call_that_is_a_result_may_be_used() -> None:
    w = Value(5.0)
    slope = grad(lambda x: w * x * x)(3.0)
    out = grad(lambda x: x * slope)(2.0)
    assert out.data == 30.0
    out.backward()
    assert w.grad == 6.0
    _, pullback = vjp(lambda x: x * x, 3.0)
    pulled = pullback(w)[0]
    assert grad(lambda x: x * pulled)(2.0).data == 30.0
    _, along = jvp(lambda x: x * x, (3.0,), (w,))
    assert grad(lambda x: x * along)(2.0).data == 30.0


# Each gives the factor of a linear function.
FACTORS: dict[str, Function] = {
    "grad": lambda f: grad(f)(1.0),
    "jvp": lambda f: jvp(f, (1.0,), (1.0,))[1],
    "vjp": lambda f: vjp(f, 1.0)[1](1.0)[0],
    "derivative": lambda f: 0.5 * derivative(lambda x: f(x) * x, 2)(1.0),
    "hessian": lambda f: 0.5 * hessian(lambda x: f(x) * x)(1.0),
    "hvp": lambda f: 0.5 * hvp(lambda x: f(x) * x, (1.0,), (1.0,))[0],
}


@pytest.mark.parametrize("name", FACTORS)
def test_function_runs_once_for_each_call(name: str) -> None:
    """So one that returns another number each time is differentiated where it ran."""
    call = FACTORS[name]
    calls = itertools.count(1)

    def another(x: Any) -> Any:
        return next(calls) * x

    assert [call(another) for _ in range(3)] == [1.0, 2.0, 3.0]


# -- points that are not finite ---------------------------------------------------------------


def test_gradients_at_nan_and_infinity_are_those_of_floats() -> None:
    square = lambda x: x * x  # noqa: E731
    for x in (math.inf, -math.inf):
        assert (grad(square)(x), jvp(square, (x,), (1.0,))) == (2.0 * x, (math.inf, 2.0 * x))
        assert grad(autograd.tanh)(x) == 0.0
        assert hvp(square, (x,), (1.0,)) == (2.0,)
    assert math.isnan(grad(square)(math.nan))
    assert hessian(lambda v: v[0] * v[1])([math.nan, 1.0]) == [[0.0, 1.0], [1.0, 0.0]]


def test_point_outside_a_domain_is_an_error_of_the_operation_unless_ieee_is_on() -> None:
    calls: list[Callable[[], Any]] = [
        lambda: grad(autograd.sin)(math.inf),
        lambda: derivative(autograd.sin, 2)(math.inf),
        lambda: jvp(autograd.sin, (math.inf,), (1.0,))[1],
        lambda: hvp(autograd.sin, (math.inf,), (1.0,))[0],
    ]
    for call in calls:
        message = message_of(DomainError, call)
        assert message.startswith("sin(x) needs abs(x) < inf, got x = inf")
        with autograd.ieee():
            assert math.isnan(call())


def test_vector_that_is_not_finite() -> None:
    f = lambda x: x * x  # noqa: E731
    assert jvp(f, (1.0,), (math.inf,)) == (1.0, math.inf)
    assert vjp(f, 1.0)[1](-math.inf) == (-math.inf,)
    assert math.isnan(jvp(f, (1.0,), (math.nan,))[1])
