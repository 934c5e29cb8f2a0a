"""grad, jacobian, hessian, jvp, vjp and hvp: what goes in, what comes out, what stays.

Numbers of higher order are in `test_higher_order.py`, shapes in `test_structures.py`.
"""

import itertools
import math
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest

import autograd
from autograd import (
    DomainError,
    IndependenceWarning,
    LengthError,
    NumberError,
    StructureError,
    Tape,
    TapeError,
    Value,
    derivative,
    grad,
    hessian,
    hvp,
    ieee,
    jacobian,
    jvp,
    no_grad,
    stop_gradient,
    value_and_grad,
    vjp,
)
from tests.programs import short_reels
from tests.untyped import message_of

Function = Callable[..., Any]


def data(x: Any) -> Any:
    """Return the number of a Value: what f makes of Values of its own may be one."""
    return x.data if isinstance(x, Value) else x


def along(f: Function) -> Function:
    """Return the derivative of a function of one number, by a forward sweep."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


def back(f: Function) -> Function:
    """Return the derivative of a function of one number, by a pullback."""
    return lambda x: vjp(f, x)[1](1.0)[0]


DERIVATIVES: dict[str, Function] = {"grad": grad, "jvp": along, "vjp": back}


# -- what comes out ---------------------------------------------------------------------------


def test_grad_of_a_cube_at_two_is_twelve() -> None:
    assert grad(lambda x: x**3)(2.0) == 12.0


def test_value_and_grad_gives_both() -> None:
    assert value_and_grad(lambda x: x * x + 1.0)(3.0) == (10.0, 6.0)


def test_derivative_of_every_order_of_a_fifth_power() -> None:
    f = [derivative(lambda x: x**5, n)(2.0) for n in range(8)]
    assert f == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0, 0.0, 0.0]


def test_derivative_of_order_zero_is_the_function() -> None:
    assert derivative(math.sin, 0)(1.0) == math.sin(1.0)


def test_jacobian_has_a_row_for_each_output() -> None:
    def polar(p: list[Any]) -> list[Any]:
        return [p[0] * autograd.cos(p[1]), p[0] * autograd.sin(p[1])]

    c, s = math.cos(0.5), math.sin(0.5)
    assert jacobian(polar)([2.0, 0.5]) == [[c, 2.0 * -s], [s, 2.0 * c]]


def test_jacobian_of_one_output_is_its_gradient() -> None:
    assert jacobian(lambda v: v[0] * v[1])([2.0, 3.0]) == [3.0, 2.0]


def test_hessian_of_a_polynomial() -> None:
    # x**2 y z + y**3: every second derivative written out.
    x, y, z = 2.0, 3.0, 5.0
    expected = [
        [2 * y * z, 2 * x * z, 2 * x * y],
        [2 * x * z, 6 * y, x * x],
        [2 * x * y, x * x, 0],
    ]
    assert hessian(lambda v: v[0] ** 2 * v[1] * v[2] + v[1] ** 3)([x, y, z]) == expected


def test_hessian_by_several_arguments_is_a_table_of_blocks() -> None:
    f = hessian(lambda x, y: x * x * y, argnums=(0, 1))
    assert f(3.0, 5.0) == ((10.0, 6.0), (6.0, 0.0))


def test_jvp_is_the_derivative_along_the_tangents() -> None:
    # d(x y**2) = y**2 dx + 2 x y dy
    assert jvp(lambda x, y: x * y * y, (2.0, 3.0), (10.0, 100.0)) == (18.0, 90.0 + 1200.0)


def test_vjp_pulls_a_seed_back_as_often_as_wanted() -> None:
    out, pullback = vjp(lambda x, y: (x * y, x + y), 2.0, 3.0)
    assert out == (6.0, 5.0)
    assert pullback((1.0, 0.0)) == (3.0, 2.0)
    assert pullback((0.0, 10.0)) == (10.0, 10.0)
    assert pullback((1.0, 10.0)) == (13.0, 12.0)


def test_zero_seed_and_zero_tangent_give_exactly_zero() -> None:
    _, pullback = vjp(lambda x: autograd.exp(x) / x, 2.0)
    assert pullback(0.0) == (0.0,)
    assert jvp(lambda x: autograd.exp(x) / x, (2.0,), (0.0,))[1] == 0.0


def test_hvp_is_the_hessian_times_a_vector() -> None:
    # f = x**2 y**3: H = [[2 y**3, 6 x y**2], [6 x y**2, 6 x**2 y]]
    x, y, u, v = 2.0, 3.0, 5.0, 7.0
    got = hvp(lambda x, y: x**2 * y**3, (x, y), (u, v))
    h = 6 * x * y**2
    assert got == (2 * y**3 * u + h * v, h * u + 6 * x**2 * y * v)


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 30.0),
        (1, 20.0),
        (2, 12.0),
        (-1, 12.0),
        (-3, 30.0),
        ((0,), (30.0,)),
        ((0, 2), (30.0, 12.0)),
        ((2, 0), (12.0, 30.0)),
        ((-1, 1), (12.0, 20.0)),
    ],
)
def test_argnums_choose_the_arguments_and_their_order(argnums: Any, expected: Any) -> None:
    # d(2 x y z) at (2, 3, 5)

    def f(x: Any, y: Any, z: Any) -> Any:
        return 2.0 * x * y * z

    assert grad(f, argnums)(2.0, 3.0, 5.0) == expected
    assert value_and_grad(f, argnums=argnums)(2.0, 3.0, 5.0) == (60.0, expected)
    assert jacobian(f, argnums)(2.0, 3.0, 5.0) == expected


def test_other_arguments_may_be_anything() -> None:
    def power(kind: str, x: Any, *, times: int = 1, offset: Any = None) -> Any:
        assert kind == "power"
        assert offset is None
        return x**times

    assert grad(power, 1)("power", 3.0, times=4) == 108.0
    assert hessian(power, 1)("power", 3.0, times=4) == 108.0
    assert jacobian(power, 1)("power", 3.0) == 1.0


def test_aux_is_handed_through() -> None:
    def f(x: Any) -> Any:
        square = x * x
        return square * x, {"square": square, "name": "cube", "none": None, "list": [x, 1]}

    aux = {"square": 4.0, "name": "cube", "none": None, "list": [2.0, 1]}
    assert grad(f, has_aux=True)(2.0) == (12.0, aux)
    assert value_and_grad(f, has_aux=True)(2.0) == ((8.0, aux), 12.0)


@pytest.mark.parametrize("x", [3, True, Fraction(3), 3.0])
def test_any_real_number_is_an_argument_and_floats_come_out(x: Any) -> None:
    value, slope = value_and_grad(lambda x: x * x)(x)
    assert (value, slope) == (float(x * x), 2.0 * x)
    assert (type(value), type(slope)) == (float, float)


def test_output_that_is_the_input_itself() -> None:
    assert value_and_grad(lambda x: x)(3.0) == (3.0, 1.0)
    assert jacobian(lambda x, y: [y, x, x], (0, 1))(1.0, 2.0) == [
        (0.0, 1.0),
        (1.0, 0.0),
        (1.0, 0.0),
    ]


def test_outputs_may_be_constants_among_others() -> None:
    assert jacobian(lambda x: [x * x, 7.0, 1])(3.0) == [6.0, 0.0, 0.0]
    assert jvp(lambda x: [x * x, 7.0], (3.0,), (1.0,)) == ([9.0, 7.0], [6.0, 0.0])


# -- Values in, Values out --------------------------------------------------------------------


def kinds(thing: Any) -> set[type]:
    """Return the types of all numbers in a nesting."""
    if isinstance(thing, dict):
        return kinds(list(thing.values()))
    if isinstance(thing, (list, tuple)):
        return set().union(*map(kinds, thing))
    return {type(thing)}


W = Value(5.0, label="w")

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x),
    "derivative": lambda f, x: derivative(f, 2)(x),
    "jacobian": lambda f, x: jacobian(lambda x: [f(x), f(x) * x])(x),
    "hessian": lambda f, x: hessian(f)(x),
    "hvp": lambda f, x: hvp(f, (x,), (1.0,)),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,)),
    "vjp": lambda f, x: vjp(f, x)[1](1.0),
}

FUNCTIONS: dict[str, Function] = {
    "cubic": lambda x: x * x * x,
    "linear": lambda x: 3.0 * x + 1.0,
    "identity": lambda x: x,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_floats_for_floats(call: Function, f: Function) -> None:
    assert kinds(call(f, 2.0)) == {float}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_values_as_soon_as_an_argument_is_one(call: Function, f: Function) -> None:
    assert kinds(call(f, Value(2.0))) == {Value}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_values_as_soon_as_a_weight_is_used(call: Function, f: Function) -> None:
    assert kinds(call(lambda x: f(x) * W, 2.0)) == {Value}


def test_slope_that_is_a_number_is_a_value_where_a_weight_is_used() -> None:
    value, slope = value_and_grad(lambda x: 3.0 * x + W)(2.0)
    assert kinds([value, slope]) == {Value}
    assert (value.data, slope.data) == (11.0, 3.0)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_values_as_soon_as_another_argument_is_one(call: Function) -> None:
    other = Value(3.0)

    def f(x: Any) -> Any:
        return x * x * other

    assert kinds(call(f, 2.0)) == {Value}


def test_values_for_a_seed_or_a_tangent_that_is_one() -> None:
    seed = Value(2.0)
    (pulled,) = vjp(lambda x: x**3, 2.0)[1](seed)
    pulled.backward()
    assert (pulled.data, seed.grad) == (24.0, 12.0)
    tangent = Value(5.0)
    _, pushed = jvp(lambda x: x**3, (2.0,), (tangent,))
    pushed.backward()
    assert (pushed.data, tangent.grad) == (60.0, 12.0)


def test_gradient_of_a_value_can_be_swept() -> None:
    x = Value(2.0)
    slope = grad(lambda x: x**4)(x)
    slope.backward()
    assert (slope.data, x.grad) == (32.0, 48.0)


def test_value_of_the_function_can_be_swept() -> None:
    x = Value(2.0)
    value, slope = value_and_grad(lambda x: x**4)(x)
    (value + slope).backward()
    assert x.grad == 32.0 + 48.0


def test_gradient_penalty_reaches_the_weights() -> None:
    # f = w x**2 + b x; penalty = (df/dx)**2 = (2 w x + b)**2
    w, b, x = Value(3.0), Value(-1.0), 0.5
    slope = grad(lambda x: w * x * x + b * x)(x)
    (slope**2).backward()
    inner = 2 * w.data * x + b.data
    assert (slope.data, w.grad, b.grad) == (inner, 2 * inner * 2 * x, 2 * inner)


def test_jacobian_and_hessian_of_values_can_be_swept() -> None:
    x, y = Value(2.0), Value(3.0)
    ((a, b), (c, d)) = hessian(lambda v: v[0] ** 3 * v[1] ** 2)([x, y])
    assert [v.data for v in (a, b, c, d)] == [108.0, 72.0, 72.0, 16.0]
    b.backward()  # 6 x**2 y
    assert (x.grad, y.grad) == (72.0, 24.0)


def test_step_of_gradient_descent_can_be_differentiated() -> None:
    # After one step on (x - a)**2 from x0, the loss is ((1 - 2 lr) (x0 - a))**2.
    rate, start, target = Value(0.125), 4.0, 1.0

    def loss(x: Any) -> Any:
        return (x - target) ** 2

    final = loss(start - rate * grad(loss)(start))
    final.backward()
    gap = start - target
    assert final.data == ((1 - 2 * 0.125) * gap) ** 2
    assert rate.grad == -4 * (1 - 2 * 0.125) * gap**2


def test_gradient_through_inner_steps_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch gives a second opinion")

    def inner(w: Any, rate: Any, tanh: Function, slope: Function) -> Any:
        def loss(w: Any) -> Any:
            return (tanh(w[0] * 0.7 + w[1]) - 0.2) ** 2 + 0.1 * w[0] * w[1]

        for _ in range(3):
            w = [p - rate * g for p, g in zip(w, slope(loss, w), strict=True)]
        return loss(w)

    numbers = [0.3, -0.4, 0.15]
    ours = [Value(x) for x in numbers]
    out = inner(ours[:2], ours[2], autograd.tanh, lambda f, w: grad(f)(w))
    out.backward()

    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]

    def their_slope(f: Any, w: Any) -> Any:
        return torch.autograd.grad(f(w), w, create_graph=True)

    expected = inner(theirs[:2], theirs[2], torch.tanh, their_slope)
    expected.backward()
    assert out.data == pytest.approx(expected.item(), rel=1e-14)
    for a, b in zip(ours, theirs, strict=True):
        assert a.grad == pytest.approx(b.grad.item(), rel=1e-13)


# -- nobody's gradient is touched -------------------------------------------------------------


def fail(x: Any) -> Any:
    raise ZeroDivisionError


def test_gradients_of_weights_and_arguments_stay_as_they_were() -> None:
    for call in CALLS.values():
        w, x = Value(5.0), Value(2.0)
        w.grad, x.grad = 7.0, 11.0
        call(lambda x: w * x**3 + w, x)  # noqa: B023 - called at once
        assert (w.grad, x.grad) == (7.0, 11.0)


def test_gradients_that_were_none_stay_none() -> None:
    for call in CALLS.values():
        w, x = Value(5.0), Value(2.0)
        call(lambda x: w * x**3, x)  # noqa: B023 - called at once
        assert (w.gradient, x.gradient) == (None, None)


def test_gradients_of_interior_values_stay_as_they_were() -> None:
    w = Value(5.0)
    hidden = w * w
    out = hidden * 3.0
    out.backward()
    for call in CALLS.values():
        call(lambda x: hidden * x**3, 2.0)
        call(lambda x: x**3 * 2.0, hidden)
    assert (w.grad, hidden.grad, out.grad) == (30.0, 3.0, 1.0)


def test_nothing_changes_when_the_function_raises() -> None:
    for call in CALLS.values():
        w, x = Value(5.0), Value(2.0)
        w.grad, x.grad = 7.0, 11.0
        with pytest.raises(ZeroDivisionError):
            call(lambda x: fail(w * x), x)  # noqa: B023 - called at once
        assert (w.grad, x.grad) == (7.0, 11.0)
        y = w * x
        assert [row.operation for row in y.tape] == ["leaf", "leaf", "mul"]
        y.backward()
        assert (w.grad, x.grad) == (9.0, 16.0)


def test_error_inside_is_the_users_own() -> None:
    message = message_of(DomainError, lambda: grad(autograd.log)(-1.0))
    assert message.startswith("log(x) needs x > 0, got x = -1.0 (")


def test_arguments_are_not_changed() -> None:
    point = {"a": [1.0, 2.0], "b": 3.0}

    def f(p: Any) -> Any:
        return p["a"][0] * p["a"][1] * p["b"]

    assert grad(f)(point) == {"a": [6.0, 3.0], "b": 2.0}
    assert point == {"a": [1.0, 2.0], "b": 3.0}


def test_function_may_change_its_own_copy_of_a_list() -> None:
    def f(xs: list[Any]) -> Any:
        xs.append(xs[0] * xs[0])
        return xs[-1]

    point = [3.0]
    assert grad(f)(point) == [6.0]
    assert point == [3.0]


def test_function_may_run_backward_itself() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        loss = w * w * x
        loss.backward()
        return x * x * w.grad

    # w.grad is 2 w x = 12 when f reads it, a plain number.
    assert grad(f)(3.0) == 2.0 * 3.0 * 12.0
    assert w.grad == 12.0


# -- nesting: whose derivative is it? ---------------------------------------------------------

pairs_of_derivatives = pytest.mark.parametrize(
    ("outer", "inner"),
    list(itertools.product(DERIVATIVES.values(), repeat=2)),
    ids=[" of ".join(names) for names in itertools.product(DERIVATIVES, repeat=2)],
)


@pairs_of_derivatives
def test_perturbations_of_a_sum_are_not_confused(outer: Function, inner: Function) -> None:
    # Siskind and Pearlmutter 2005: d/dx (x * d/dy (x + y)) is 1, confused it is 2.
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x + y)(x))(1.0) == 1.0


@pairs_of_derivatives
def test_perturbations_of_a_product_are_not_confused(outer: Function, inner: Function) -> None:
    # d/dx (x * d/dy (x y)) = d/dx (x**2) = 2 x
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0
    assert outer(lambda x: x * inner(lambda y: x * y)(x))(3.0) == 6.0


@pairs_of_derivatives
def test_inner_function_may_close_over_the_outer_input(
    outer: Function, inner: Function
) -> None:
    # d/dx d/dy (x**2 y**3) at x = 5, y = 2 is 2 x 3 y**2
    assert outer(lambda x: inner(lambda y: x * x * y**3)(2.0))(5.0) == 120.0


@pairs_of_derivatives
def test_inner_derivative_by_a_function_of_the_outer_input(
    outer: Function, inner: Function
) -> None:
    # d/dx [d/dy y**3 at y = x**2] = d/dx 3 x**4
    assert outer(lambda x: inner(lambda y: y**3)(x * x))(2.0) == 12.0 * 8.0


@pytest.mark.parametrize(
    "operators",
    list(itertools.product(DERIVATIVES.values(), repeat=3)),
    ids=[" of ".join(names) for names in itertools.product(DERIVATIVES, repeat=3)],
)
def test_three_levels_are_not_confused(operators: tuple[Function, ...]) -> None:
    d1, d2, d3 = operators

    def f(x: Any) -> Any:
        # z: x y; then y * x y = x y**2, by y at x: 2 x**2; so f = 2 x**3.
        return x * d2(lambda y: y * d3(lambda z: x * y * z)(y))(x)

    assert d1(f)(3.0) == 54.0


def test_grad_inside_jvp_inside_vjp() -> None:
    # grad at z = y: 3 x y**3; jvp at y = x: 9 x**3; vjp: 27 x**2.
    def by_z(x: Any, y: Any) -> Any:
        return grad(lambda z: x * y * z**3)(y)

    out, pullback = vjp(lambda x: jvp(lambda y: by_z(x, y), (x,), (1.0,))[1], 2.0)
    assert (out, pullback(1.0)) == (72.0, (108.0,))


def test_same_value_passed_twice_is_two_inputs() -> None:
    x = Value(3.0)
    a, b = grad(lambda x, y: x * x * y, (0, 1))(x, x)
    assert (a.data, b.data) == (18.0, 9.0)
    (a + b).backward()  # 2 x y + x**2 with y = x is 3 x**2
    assert x.grad == 18.0


def test_same_value_in_a_list_twice_is_two_inputs() -> None:
    x = Value(3.0)
    assert [g.data for g in grad(lambda v: v[0] * v[0] * v[1])([x, x])] == [18.0, 9.0]


def test_argument_and_the_same_value_closed_over_are_different() -> None:
    w = Value(3.0)
    slope = grad(lambda x: x * x * w)(w)
    assert slope.data == 18.0
    slope.backward()  # 2 x w with both: 4 w
    assert w.grad == 12.0


def test_value_computed_outside_is_a_constant_inside_but_not_outside() -> None:
    def f(x: Any) -> Any:
        square = x * x
        return grad(lambda y: square * y**3)(2.0)

    assert grad(f)(5.0) == 120.0


def test_derivative_reaches_a_result_that_ignores_the_inner_input() -> None:
    def f(w: Any) -> Any:
        with pytest.warns(IndependenceWarning):
            return value_and_grad(lambda x: w)(1.0)[0]

    assert grad(f)(5.0) == 1.0


def test_derivative_reaches_what_is_handed_through_as_aux() -> None:
    def f(w: Any) -> Any:
        return grad(lambda x: (x * x, w * x), has_aux=True)(2.0)[1]

    assert grad(f)(3.0) == 2.0


def test_derivative_of_a_linear_function_can_be_differentiated_quietly() -> None:
    def linear(x: Any) -> Any:
        return 3.0 * x

    for outer, inner in itertools.product(DERIVATIVES.values(), repeat=2):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert outer(inner(linear))(2.0) == 0.0


def test_derivatives_may_be_taken_in_a_loop_of_the_function() -> None:
    def newton(a: Any) -> Any:
        x = a
        for _ in range(6):

            def square(x: Any) -> Any:
                return x * x - a

            x = x - square(x) / grad(square)(x)
        return x

    assert newton(2.0) == pytest.approx(math.sqrt(2.0), rel=1e-15)
    assert grad(newton)(2.0) == pytest.approx(0.5 / math.sqrt(2.0), rel=1e-14)


# -- the zero-adjoint rule --------------------------------------------------------------------


def test_adjoint_of_value_zero_still_has_a_derivative() -> None:
    # x**2 y at (1, 0): the adjoint of x**2 is y = 0, and d2/dxdy is 2 x = 2.

    def f(x: Any, y: Any) -> Any:
        return x**2 * y

    assert hessian(f, (0, 1))(1.0, 0.0) == ((0.0, 2.0), (2.0, 0.0))
    assert hvp(f, (1.0, 0.0), (1.0, 0.0)) == (0.0, 2.0)
    assert hvp(f, (1.0, 0.0), (0.0, 1.0)) == (2.0, 0.0)
    assert grad(lambda y: jvp(lambda x: f(x, y), (1.0,), (1.0,))[1])(0.0) == 2.0
    assert jvp(lambda y: grad(lambda x: f(x, y))(1.0), (0.0,), (1.0,))[1] == 2.0


def test_branch_that_was_not_taken_gives_no_nan() -> None:
    def f(x: Any) -> Any:
        return autograd.where(x > 0.0, autograd.sqrt(x), 0.0)

    assert grad(f)(0.0) == 0.0
    assert hessian(f)(0.0) == 0.0


def test_branch_that_was_not_taken_gives_no_nan_in_a_forward_sweep() -> None:
    def f(x: Any) -> Any:
        return autograd.where(x > 0.0, autograd.sqrt(x), 0.0)

    assert jvp(f, (0.0,), (1.0,)) == (0.0, 0.0)


def test_zero_times_an_infinite_slope_is_zero() -> None:
    def f(x: Any, k: Any) -> Any:
        return autograd.sqrt(x) * k

    assert grad(f)(0.0, 0.0) == 0.0
    assert grad(f)(0.0, 2.0) == math.inf
    assert jvp(autograd.sqrt, (0.0,), (0.0,)) == (0.0, 0.0)


def test_slope_may_be_infinite_or_undefined_without_raising() -> None:
    assert grad(autograd.sqrt)(0.0) == math.inf
    assert jvp(autograd.sqrt, (0.0,), (1.0,)) == (0.0, math.inf)
    assert math.isnan(grad(lambda y: autograd.pow(-2.0, y))(2.0))
    with ieee():
        assert grad(lambda x: 1.0 / x)(0.0) == -math.inf


# -- what stops a gradient --------------------------------------------------------------------


def test_stop_gradient_makes_a_constant_for_every_derivative() -> None:
    def f(x: Any) -> Any:
        return stop_gradient(x) * x * x

    for d in DERIVATIVES.values():
        assert d(f)(3.0) == 18.0
        for e in DERIVATIVES.values():
            assert e(d(f))(3.0) == 6.0


def test_stop_gradient_hides_nothing_from_reels_and_floats() -> None:
    x = Value(3.0)
    y = stop_gradient(x) * x
    y.backward()
    assert (y.data, x.grad) == (9.0, 3.0)
    assert [row.operation for row in y.tape] == ["leaf", "stop_gradient", "mul"]
    assert stop_gradient(3.0) == 3.0


def test_detach_leaves_no_row_and_counts_as_independence() -> None:
    assert repr(grad(lambda x: x.detach() * x)(3.0)) == "3.0"  # no Value: it is a constant
    assert grad(lambda x: stop_gradient(x) ** 2)(3.0) == 0.0
    with pytest.warns(IndependenceWarning):
        assert repr(grad(lambda x: x.detach() ** 2)(3.0)) == "0.0"


def test_a_value_detached_before_the_call_is_a_weight_and_inside_it_a_constant() -> None:
    w = Value(4.0)
    before = w.detach()
    assert repr(grad(lambda x: x * w.detach())(2.0)) == "4.0"
    slope = grad(lambda x: x * before)(2.0)
    slope.backward()
    assert (slope.data, before.grad, w.grad) == (4.0, 1.0, 0.0)


def test_stop_gradient_of_an_outer_input_stops_the_outer_derivative_alone() -> None:
    def f(x: Any) -> Any:
        return grad(lambda y: stop_gradient(x) * x * y * y)(x)

    # 2 c x y at y = x, with c = x held: d(2 c x**2) = 4 c x
    assert grad(f)(3.0) == 36.0


# -- independence -----------------------------------------------------------------------------

INDEPENDENT: dict[str, tuple[Callable[[], Any], Any]] = {
    "grad": (lambda: grad(lambda x: 5.0)(2.0), 0.0),
    "value_and_grad": (lambda: value_and_grad(lambda x: 5.0)(2.0), (5.0, 0.0)),
    "derivative": (lambda: derivative(lambda x: 5.0)(2.0), 0.0),
    "jacobian": (lambda: jacobian(lambda x: [5.0, 6.0])(2.0), [0.0, 0.0]),
    "hessian": (lambda: hessian(lambda x: 5.0)(2.0), 0.0),
    "hvp": (lambda: hvp(lambda x: 5.0, (2.0,), (1.0,)), (0.0,)),
    "jvp": (lambda: jvp(lambda x: 5.0, (2.0,), (1.0,)), (5.0, 0.0)),
    "vjp": (lambda: vjp(lambda x: 5.0, 2.0)[1](1.0), (0.0,)),
}


@pytest.mark.parametrize(("call", "expected"), INDEPENDENT.values(), ids=INDEPENDENT)
def test_independence_gives_zero_and_a_warning_at_the_users_line(
    call: Callable[[], Any], expected: Any
) -> None:
    with pytest.warns(IndependenceWarning) as caught:
        assert call() == expected
    (warning,) = caught
    assert str(warning.message).endswith(
        "does not depend on the arguments it is differentiated by, so every derivative is 0"
    )
    assert (warning.filename, warning.lineno) == (__file__, call.__code__.co_firstlineno)


def test_independence_is_said_once_for_a_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        assert [grad(lambda x: 5.0)(2.0) for _ in range(3)] == [0.0] * 3
    assert len(caught) == 1


def test_independence_of_one_input_among_others_is_a_quiet_zero() -> None:
    assert grad(lambda x, y: x * x, (0, 1))(3.0, 4.0) == (6.0, 0.0)


def test_aux_that_depends_on_the_input_does_not_hide_a_result_that_does_not() -> None:
    with pytest.warns(IndependenceWarning):
        assert grad(lambda x: (5.0, x * x), has_aux=True)(2.0) == (0.0, 4.0)


def test_warning_names_the_transform() -> None:
    with pytest.warns(IndependenceWarning) as caught:
        jacobian(lambda x: [5.0])(2.0)
    assert str(caught[0].message).startswith("the result of the function given to jacobian ")


# -- surroundings -----------------------------------------------------------------------------


def test_transforms_differentiate_under_no_grad_and_nothing_is_recorded_afterwards() -> None:
    x = Value(3.0)
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert hessian(lambda x: x**3)(2.0) == 12.0
        assert jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)
        y = x * x
    assert len(y.tape) == 1
    assert len((x * x).tape) == 2


def test_results_under_no_grad_are_constants() -> None:
    x = Value(3.0)
    with no_grad():
        value, slope = value_and_grad(lambda x: x**3)(x)
    assert (value.data, slope.data) == (27.0, 27.0)
    assert (len(value.tape), len(slope.tape)) == (1, 1)


def test_no_grad_inside_the_function_makes_constants() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            frozen = x * x
        return frozen * x

    assert data(grad(f)(3.0)) == 9.0


def test_transforms_work_inside_a_tape_that_goes_on() -> None:
    x = Value(3.0, label="x")
    with Tape() as tape:
        a = x * x
        slope = grad(lambda x: x**3)(2.0)
        b = a * slope
    b.backward()
    assert x.grad == 72.0
    assert [row.operation for row in b.tape] == ["leaf", "mul", "mul"]
    assert {row.operation for row in tape} >= {"leaf", "mul", "pow"}


def test_rows_of_transforms_of_values_stand_on_the_open_tape() -> None:
    x = Value(3.0)
    with Tape() as tape:
        slope = grad(lambda x: x * x * x)(x)
    assert slope.data == 27.0
    assert 27.0 in [row.value for row in tape]


def test_tape_inside_the_function_records_what_the_function_does() -> None:
    seen = []

    def f(x: Any) -> Any:
        with Tape() as tape:
            y = x * x
        seen.append([row.operation for row in tape])
        return y * x

    assert grad(f)(2.0) == 12.0
    assert seen == [["leaf", "mul"]]


def test_threads_differentiate_side_by_side() -> None:
    w = Value(2.0)
    barrier = threading.Barrier(8)

    def work(k: int) -> list[float]:
        barrier.wait()
        out = []
        for n in range(20):
            x = 0.25 * (k + n + 1)
            out.append(hessian(lambda x: x**4)(x) - 12.0 * x * x)
            out.append(grad(lambda x: w * x * x)(x).data - 4.0 * x)
            out.append(grad(lambda x: x * jvp(lambda y: x * y, (x,), (1.0,))[1])(x) - 2.0 * x)
        return out

    with ThreadPoolExecutor(8) as pool:
        for out in pool.map(work, range(8)):
            assert out == [0.0] * 60
    assert w.gradient is None


def test_long_programs_are_differentiated_without_recursion() -> None:
    def f(x: Any) -> Any:
        for _ in range(5_000):
            x = x + 1.0
        return x * x

    assert grad(f)(1.0) == 2.0 * 5_001.0
    assert jvp(f, (1.0,), (1.0,))[1] == 2.0 * 5_001.0
    assert derivative(f, 2)(1.0) == 2.0


@pytest.mark.parametrize("rows", [10, 100])
def test_program_longer_than_a_reel_is_differentiated_twice(rows: int) -> None:
    def f(x: Any) -> Any:
        y = x
        for _ in range(100):
            y = y + x * 0.5
        return y * y

    with short_reels(rows):
        assert value_and_grad(f)(1.0) == (51.0**2, 2.0 * 51.0**2)
        assert jvp(f, (1.0,), (1.0,)) == (51.0**2, 2.0 * 51.0**2)
        x = Value(1.0)
        grad(f)(x).backward()
        assert x.grad == 2.0 * 51.0**2


# -- what cannot be ---------------------------------------------------------------------------

NUMBER = "needs a function that returns one number, got"
RESULT = "the result of the function given to grad"
PARTS = "use the real and imaginary parts as two numbers"


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([1.0, 2.0], f"grad {NUMBER} [1.0, 2.0] (list); use jacobian for several outputs"),
        ((1.0,), f"grad {NUMBER} (1.0,) (tuple); use jacobian for several outputs"),
        ({"a": 1.0}, f"grad {NUMBER} {{'a': 1.0}} (dict); use jacobian for several outputs"),
        (None, f"grad {NUMBER} None; is a return missing?"),
        (
            "one",
            f"{RESULT} needs one real number, got 'one' (str); convert it with float(...)",
        ),
        (
            1j,
            f"{RESULT} needs one real number, got 1j (complex); {PARTS}",
        ),
    ],
)
def test_result_that_is_not_one_number(result: Any, message: str) -> None:
    def f(x: Any) -> Any:
        return result

    for work in (grad(f), value_and_grad(f), derivative(f), hessian(f)):
        assert message_of(NumberError, lambda: work(1.0)) == message  # noqa: B023
    assert message_of(NumberError, lambda: hvp(lambda x: result, (1.0,), (1.0,))) == message


def test_several_values_are_shown_with_their_type() -> None:
    message = message_of(NumberError, lambda: grad(lambda x: [x, x])(1.0))
    assert message.startswith(f"grad {NUMBER} [Value(data=1.0, grad=0.0), ")
    assert message.endswith("(list); use jacobian for several outputs")


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("jacobian", lambda f: jacobian(f)(1.0)),
        ("vjp", lambda f: vjp(f, 1.0)),
        ("jvp", lambda f: jvp(f, (1.0,), (1.0,))),
    ],
)
def test_result_with_something_that_is_no_number(name: str, call: Function) -> None:
    message = message_of(NumberError, lambda: call(lambda x: [x, "two"]))
    assert message == (
        f"the result of the function given to {name} needs one real number, got 'two' (str); "
        "convert it with float(...)"
    )


def test_aux_without_a_pair() -> None:
    for result in (lambda x: x * x, lambda x: (x, x, x), lambda x: [x], lambda x: None):
        message = message_of(NumberError, lambda: grad(result, has_aux=True)(2.0))  # noqa: B023
        assert message.startswith("grad ")
        assert "pair" in message


@pytest.mark.parametrize("argnums", [1, -2, 7, (0, 1)])
def test_argnums_that_name_no_argument(argnums: Any) -> None:
    assert message_of(LengthError, lambda: grad(lambda x: x, argnums)(1.0)) == (
        f"grad got argnums = {argnums!r}, but the function was called with 1 positional "
        "argument(s)"
    )


@pytest.mark.parametrize("argnums", [(0, 0), (0, -2), ()])
def test_argnums_that_name_an_argument_twice_or_none(argnums: Any) -> None:
    message = message_of(LengthError, lambda: jacobian(lambda x, y: x, argnums)(1.0, 2.0))
    assert message == f"jacobian needs distinct argnums, got {argnums!r}"


@pytest.mark.parametrize(
    ("argnums", "shown"),
    [
        (1.5, "1.5 (float)"),
        ("0", "'0' (str)"),
        (True, "True (bool)"),
        (None, "None (NoneType)"),
        ((0, 1.0), "(0, 1.0) (tuple)"),
    ],
)
def test_argnums_that_are_no_whole_numbers(argnums: Any, shown: str) -> None:
    message = message_of(NumberError, lambda: grad(lambda x, y: x, argnums)(1.0, 2.0))
    assert message == f"grad needs argnums as whole numbers, got {shown}"


def test_no_arguments_at_all() -> None:
    assert message_of(LengthError, grad(lambda: 1.0)) == (
        "grad got argnums = 0, but the function was called with 0 positional argument(s)"
    )
    for name, call in (
        ("vjp", lambda: vjp(lambda: 1.0)),
        ("jvp", lambda: jvp(lambda: 1.0, (), ())),
    ):
        message = message_of(LengthError, call)
        assert message.startswith(f"{name} ")
        assert "at least one" in message


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("two", "grad needs one real number, got 'two' (str); convert it with float(...)"),
        (
            1j,
            f"grad needs one real number, got 1j (complex); {PARTS}",
        ),
        (
            [1.0, "two"],
            "grad needs one real number, got 'two' (str); convert it with float(...)",
        ),
        ({1.0}, "grad needs one real number, got {1.0} (set)"),
    ],
)
def test_argument_that_is_no_number(argument: Any, message: str) -> None:
    assert message_of(NumberError, lambda: grad(lambda x: x)(argument)) == message


def test_array_as_an_argument_is_refused_with_advice() -> None:
    np = pytest.importorskip("numpy", reason="arrays of NumPy as arguments")
    message = message_of(NumberError, lambda: grad(lambda x: x)(np.array([1.0, 2.0])))
    assert message.endswith("apply the operation to each element, as in [f(x) for x in array]")
    assert grad(lambda x: x * x)(np.float64(3.0)) == 6.0


@pytest.mark.parametrize("n", [-1, 1.0, "2", None, True])
def test_order_of_a_derivative_that_is_no_whole_number(n: Any) -> None:
    message = message_of(NumberError, lambda: derivative(lambda x: x, n))
    assert message == (
        f"derivative needs n as a whole number >= 0, got {n!r} ({type(n).__name__}); it "
        "returns a function, as in derivative(f)(3.0)"
    )


@pytest.mark.parametrize("tangents", [(1.0,), (1.0, 2.0, 3.0), ([1.0], 2.0), (1.0, None)])
def test_tangents_of_another_structure(tangents: Any) -> None:
    message = message_of(StructureError, lambda: jvp(lambda x, y: x * y, (1.0, 2.0), tangents))
    assert message == (
        f"jvp's tangents needs the structure of (1.0, 2.0) (tuple), got {tangents!r} (tuple)"
    )


def test_tangent_that_is_no_number() -> None:
    message = message_of(NumberError, lambda: jvp(lambda x: x, (1.0,), ("up",)))
    assert message == (
        "jvp's tangents needs one real number, got 'up' (str); convert it with float(...)"
    )


def test_primals_and_tangents_that_are_no_sequence() -> None:
    for name, call in (
        ("jvp", lambda: jvp(lambda x: x, 2.0, (1.0,))),  # type: ignore[arg-type]
        ("jvp", lambda: jvp(lambda x: x, (2.0,), 1.0)),  # type: ignore[arg-type]
        ("hvp", lambda: hvp(lambda x: x * x, 2.0, (1.0,))),  # type: ignore[arg-type]
    ):
        assert name in message_of(TypeError, call)


def test_seed_of_another_structure() -> None:
    _, pullback = vjp(lambda x: [x, x * x], 2.0)
    for seed in (1.0, [1.0], [1.0, 2.0, 3.0], (1.0, 2.0)):
        message = message_of(StructureError, lambda: pullback(seed))  # noqa: B023
        assert message.startswith("the seed of vjp needs the structure of [")
        assert message.endswith(f", got {seed!r} ({type(seed).__name__})")


def test_seed_that_is_no_number() -> None:
    _, pullback = vjp(lambda x: x * x, 2.0)
    assert message_of(NumberError, lambda: pullback("one")) == (
        "the seed of vjp needs one real number, got 'one' (str); convert it with float(...)"
    )


def test_second_order_through_an_operation_built_by_hand() -> None:
    def square(x: Any) -> Any:
        return Value(x.data**2, (x,), "square", local_grads=[2.0 * x.data])

    assert grad(square)(3.0) == 6.0
    for call in (
        lambda: grad(grad(square))(3.0),
        lambda: hvp(square, (3.0,), (1.0,)),
        lambda: grad(square)(Value(3.0)),
    ):
        message = message_of(TapeError, call)
        assert message.startswith("the operation 'square' was built by hand from children, ")
        assert "define it with autograd.operation" in message


def test_first_order_through_an_operation_with_its_own_backward() -> None:
    def square(x: Any) -> Any:
        out = Value(x.data**2, (x,), "square")

        def backward() -> None:
            x.grad += 2.0 * x.data * out.grad

        out._backward = backward
        return out

    for call in (lambda: grad(square)(3.0), lambda: grad(lambda x: 2.0 * square(x))(3.0)):
        message = message_of(TapeError, call)
        assert "'square'" in message
        assert "autograd.operation" in message
