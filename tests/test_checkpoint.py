"""checkpoint: one row for a piece of a program, and the same derivatives of every order."""

import gc
import itertools
import math
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

import autograd
from autograd import (
    Tape,
    TapeError,
    Value,
    checkpoint,
    derivative,
    detect_anomaly,
    dot,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    stop_gradient,
    tanh,
)
from autograd.strategies import Program, programs
from autograd.tape import Reel
from tests.programs import short_reels

Function = Callable[..., Any]


def outcome(f: Function, *point: float) -> tuple[float, list[float]]:
    """Return value and gradient."""
    values = [Value(x) for x in point]
    out = f(*values)
    out.backward()
    return out.data, [v.grad for v in values]


def operations_of(value: Any) -> list[str]:
    """Return the operations that a Value's tape holds."""
    return [row.operation for row in value.tape]


# -- values and first derivatives -----------------------------------------------------------


def test_value_and_gradient_by_hand() -> None:
    # x**3 y: gradient (3 x**2 y, x**3)
    piece = checkpoint(lambda x, y: x * x * x * y)
    assert outcome(piece, 2.0, 5.0) == (40.0, [60.0, 8.0])


def test_one_row_is_left() -> None:
    x, y = Value(2.0), Value(5.0)
    out = checkpoint(lambda x, y: x * x * x * y)(x, y)
    assert operations_of(out) == ["leaf", "leaf", "checkpoint"]
    row = out.tape[-1]
    assert [(operand.row, operand.partial) for operand in row.operands] == [(0, 60.0), (1, 8.0)]
    assert operations_of(out * 2.0) == ["leaf", "leaf", "checkpoint", "mul"]


@given(programs(inputs=2, steps=8))
def test_gradients_are_those_of_the_plain_program(program: Program) -> None:
    # The same sums in the same order; only the seed comes in as a factor of 1.
    plain = outcome(lambda x, y: program(x, y) + 0.0 * x * y, *program.point)
    piece = checkpoint(program)
    kept = outcome(lambda x, y: piece(x, y) + 0.0 * x * y, *program.point)
    assert repr(kept) == repr(plain)


def test_pieces_in_a_row() -> None:
    piece = checkpoint(lambda x: x * x + 1.0)
    # f(f(x)) at 2: f = 5, then 26; slope 2 x 2 f(x) = 4 * 10
    assert outcome(lambda x: piece(piece(x)), 2.0) == (26.0, [40.0])


def test_backward_as_often_as_wanted() -> None:
    x = Value(3.0)
    y = checkpoint(lambda x: x * x)(x)
    y.backward()
    y.backward(10.0)
    assert x.grad == 66.0


def test_weights_that_are_closed_over_get_their_gradients() -> None:
    w, b = Value(3.0), Value(-1.0)
    piece = checkpoint(lambda x: tanh(w * x + b))
    x = Value(0.5)
    out = piece(x) * 2.0
    out.backward()
    slope = 2.0 / math.cosh(0.5) ** 2
    assert out.data == 2.0 * math.tanh(0.5)
    assert (x.grad, w.grad, b.grad) == pytest.approx((3.0 * slope, 0.5 * slope, slope))


def test_weights_alone() -> None:
    w = Value(3.0)
    out = checkpoint(lambda x: w * w * x)(2.0)
    out.backward()
    assert (out.data, w.grad) == (18.0, 12.0)


def test_computed_values_are_operands_too() -> None:
    w = Value(3.0)
    hidden = w * w
    out = checkpoint(lambda x: hidden * x)(hidden + 1.0)
    out.backward()
    # w**2 (w**2 + 1): 4 w**3 + 2 w; by hidden alone 2 w**2 + 1
    assert (out.data, w.grad, hidden.grad) == (90.0, 114.0, 19.0)


def test_same_value_twice() -> None:
    x = Value(3.0)
    out = checkpoint(lambda x, y: x * x * y)(x, x)
    out.backward()
    assert (out.data, x.grad, len(out.tape)) == (27.0, 27.0, 2)


def test_keywords_and_other_arguments() -> None:
    @checkpoint
    def power(x: Any, times: int, *, scale: float = 1.0, note: str = "") -> Any:
        """Return scale * x**times."""
        assert note == "cube"
        return scale * x**times

    x = Value(2.0)
    out = power(x, 3, scale=10.0, note="cube")
    out.backward()
    assert (out.data, x.grad) == (80.0, 120.0)
    assert (power.__name__, power.__doc__) == ("power", "Return scale * x**times.")


def test_structures_go_in_and_out() -> None:
    piece = checkpoint(
        lambda p: {"sum": p["a"] + p["b"][0], "parts": [p["a"] * 2.0, 7.0, None]}
    )
    a, b = Value(2.0), Value(3.0)
    out = piece({"a": a, "b": [b]})
    assert set(out) == {"sum", "parts"}
    assert out["parts"][1:] == [7.0, None]
    (out["sum"] * out["parts"][0]).backward()
    # (a + b) 2 a
    assert (a.grad, b.grad) == (14.0, 4.0)


def test_every_result_is_a_row() -> None:
    x = Value(2.0)
    square, cube = checkpoint(lambda x: (x * x, x * x * x))(x)
    (square + 10.0 * cube).backward()
    assert (square.data, cube.data, x.grad) == (4.0, 8.0, 4.0 + 120.0)
    assert operations_of(square + cube) == ["leaf", "checkpoint", "checkpoint", "add"]


def test_result_that_is_an_argument_or_a_number_stays_what_it_is() -> None:
    x, w = Value(2.0), Value(3.0)
    same, weight, number, text = checkpoint(lambda x: (x, w, 5.0, "text"))(x)
    assert same is x
    assert weight is w
    assert (number, text) == (5.0, "text")


def test_floats_give_floats() -> None:
    assert checkpoint(lambda x: x * x)(3.0) == 9.0
    assert checkpoint(tanh)(0.5) == math.tanh(0.5)


def test_gradients_that_were_there_are_added_to() -> None:
    x = Value(3.0)
    x.grad = 100.0
    y = checkpoint(lambda x: x * x)(x)
    assert x.grad == 100.0
    y.backward()
    assert x.grad == 106.0


def test_stop_gradient_and_detach_inside() -> None:
    assert outcome(checkpoint(lambda x: stop_gradient(x) * x), 3.0) == (9.0, [3.0])
    assert outcome(checkpoint(lambda x: x.detach() * x), 3.0) == (9.0, [3.0])


def test_branches_and_slopes_that_are_infinite() -> None:
    relu_like = checkpoint(lambda x: x * 1.0 if x > 0 else x * 0.0)
    assert outcome(relu_like, 2.0) == (2.0, [1.0])
    assert outcome(relu_like, -2.0) == (-0.0, [0.0])
    assert outcome(checkpoint(autograd.sqrt), 0.0) == (0.0, [math.inf])


# -- higher derivatives ---------------------------------------------------------------------


def f(x: Any, y: Any) -> Any:
    """Return x**3 y**2 + x."""
    return x * x * x * y * y + x


X, Y = 2.0, 3.0
HESSIAN = ((6 * X * Y * Y, 6 * X * X * Y), (6 * X * X * Y, 2 * X**3))


def test_second_derivatives() -> None:
    piece = checkpoint(f)
    assert grad(piece, (0, 1))(X, Y) == (3 * X * X * Y * Y + 1.0, 2 * X**3 * Y)
    assert hessian(piece, (0, 1))(X, Y) == HESSIAN
    assert hvp(piece, (X, Y), (1.0, 0.0)) == HESSIAN[0]
    assert jvp(grad(piece), (X, Y), (0.0, 1.0))[1] == HESSIAN[0][1]
    assert grad(lambda x: jvp(lambda y: piece(x, y), (Y,), (1.0,))[1])(X) == HESSIAN[0][1]


@pytest.mark.parametrize("n", range(6))
def test_higher_derivatives(n: int) -> None:
    piece = checkpoint(lambda x: autograd.exp(x * 2.0))
    assert derivative(piece, n)(0.5) == pytest.approx(2.0**n * math.e, rel=1e-14)
    power = checkpoint(lambda x: x * x * x * x)
    assert derivative(power, n)(2.0) == math.perm(4, n) * 2.0 ** max(4 - n, 0)


def test_second_derivatives_by_weights_closed_over() -> None:
    w = Value(3.0)
    piece = checkpoint(lambda x: w * w * x * x)
    slope = grad(piece)(2.0)
    slope.backward()
    # d/dw d/dx w**2 x**2 = 4 w x
    assert (slope.data, w.grad) == (36.0, 24.0)


def test_second_derivatives_of_pieces_in_a_row() -> None:
    square = checkpoint(lambda x: x * x)
    assert derivative(lambda x: square(square(x)), 2)(2.0) == 48.0
    assert derivative(lambda x: square(square(x)), 3)(2.0) == 48.0


def test_several_results_again() -> None:
    piece = checkpoint(lambda x, y: [x * x * y, x * y * y])
    table = jacobian(jacobian(piece, (0, 1)), (0, 1))(2.0, 3.0)
    # Second derivatives of x**2 y and x y**2.
    assert table == [((6.0, 4.0), (4.0, 0.0)), ((0.0, 6.0), (6.0, 4.0))]


def test_hessian_of_a_network_is_that_without_checkpoints() -> None:
    weights = [[0.3, -0.5, 0.1], [0.7, 0.2, -0.4]]

    def network(v: Any, layer: Function) -> Any:
        for _ in range(3):
            v = layer(v)
        return dot(v, [1.0, 2.0])

    def layer(v: Any) -> Any:
        return [tanh(dot(row[:2], v, row[2])) for row in weights]

    plain = hessian(lambda v: network(v, layer))([0.5, -1.5])
    kept = hessian(lambda v: network(v, checkpoint(layer)))([0.5, -1.5])
    for i, j in itertools.product(range(2), repeat=2):
        assert kept[i][j] == pytest.approx(plain[i][j], rel=1e-13)


def test_data_that_has_changed_since_is_an_error() -> None:
    w = Value(3.0)
    x = Value(2.0)
    out = checkpoint(lambda x: w * x * x)(x)
    w.data = 4.0
    out.backward()
    assert x.grad == 12.0  # as recorded, like every other row

    def stateful(x: Any) -> Any:
        out = checkpoint(lambda x: w * x * x)(x)
        w.data = 5.0
        return out

    again = r"^a checkpoint runs again for higher derivatives, and "
    with pytest.raises(TapeError, match=again):
        grad(grad(stateful))(2.0)


# -- nesting and surroundings ---------------------------------------------------------------


def test_checkpoints_nest() -> None:
    square = checkpoint(lambda x: x * x)
    fourth = checkpoint(lambda x: square(square(x)))
    x = Value(2.0)
    out = fourth(x)
    assert operations_of(out) == ["leaf", "checkpoint"]
    assert outcome(fourth, 2.0) == (16.0, [32.0])
    assert [derivative(fourth, n)(2.0) for n in (1, 2, 3, 4, 5)] == [
        32.0,
        48.0,
        48.0,
        24.0,
        0.0,
    ]


def test_weights_reach_through_nested_pieces() -> None:
    w = Value(3.0)
    inner = checkpoint(lambda x: w * x)
    outer = checkpoint(lambda x: inner(x) * inner(x))
    x = Value(2.0)
    outer(x).backward()
    assert (x.grad, w.grad) == (36.0, 24.0)
    slope = grad(outer)(2.0)
    slope.backward()
    assert (slope.data, w.grad) == (36.0, 24.0 + 24.0)


def test_derivatives_inside_a_piece() -> None:
    # x**3: piece = x * 3 x**2 = 3 x**3
    piece = checkpoint(lambda x: x * grad(lambda z: z * z * z)(x))
    assert outcome(piece, 2.0) == (24.0, [36.0])
    assert derivative(piece, 2)(2.0) == 36.0


def test_nothing_is_recorded_under_no_grad() -> None:
    x = Value(3.0)
    piece = checkpoint(lambda x: x * x)
    with no_grad():
        y = piece(x)
    assert len(y.tape) == 1
    assert y.data == 9.0


def test_no_grad_inside_a_piece() -> None:
    def freeze(x: Any) -> Any:
        with no_grad():
            frozen = x * x
        return frozen * x

    assert outcome(checkpoint(freeze), 3.0) == (27.0, [9.0])


def test_open_tape_holds_the_row_and_not_the_piece() -> None:
    x = Value(3.0, label="x")
    with Tape() as tape:
        y = x + 1.0
        z = checkpoint(lambda y: y * y * y)(y)
        out = z * 2.0
    assert [row.operation for row in tape] == ["leaf", "add", "checkpoint", "mul"]
    out.backward()
    assert [row.gradient for row in tape] == [96.0, 96.0, 2.0, 1.0]
    assert "checkpoint(v1)" in str(tape)


def test_tape_inside_a_piece_holds_the_piece() -> None:
    seen = []

    def piece(x: Any) -> Any:
        with Tape() as tape:
            y = x * x
        seen.append([row.operation for row in tape])
        return y + 1.0

    assert outcome(checkpoint(piece), 3.0) == (10.0, [6.0])
    assert seen == [["leaf", "mul"]]


def test_failure_inside_a_piece_leaves_the_tape_as_it_was() -> None:
    def fail(x: Any) -> Any:
        _ = x * x
        raise KeyError

    x = Value(3.0)
    with Tape() as tape:
        y = x * 2.0
        with pytest.raises(KeyError):
            checkpoint(fail)(y)
        z = y * 5.0
    assert [row.operation for row in tape] == ["leaf", "mul", "mul"]
    z.backward()
    assert x.grad == 10.0


@pytest.mark.parametrize("rows", [5, 20])
def test_piece_that_is_longer_than_a_reel(rows: int) -> None:
    def chain(x: Any) -> Any:
        y = x
        for _ in range(60):
            y = y + x * 0.5
        return y

    with short_reels(rows):
        assert outcome(checkpoint(chain), 2.0) == (62.0, [31.0])
        square = checkpoint(lambda x: chain(x) * chain(x))
        assert derivative(square, 2)(2.0) == 2.0 * 31.0**2


def test_value_that_leaves_a_piece_by_the_back_door_is_still_right() -> None:
    hidden: list[Any] = []

    def piece(x: Any) -> Any:
        hidden.append(x * x)
        return hidden[-1] * 2.0

    x = Value(3.0)
    y = checkpoint(piece)(x)
    (y + hidden[0]).backward()
    assert x.grad == 18.0


def test_piece_under_detect_anomaly() -> None:
    with detect_anomaly() as watch:
        assert outcome(checkpoint(lambda x: autograd.sqrt(x) * 2.0), 4.0) == (4.0, [0.5])
    assert watch.suppressed == []


# -- memory ----------------------------------------------------------------------------------


def rows_alive() -> int:
    """Return how many rows all reels hold that are alive."""
    return sum(len(thing.rows) for thing in gc.get_objects() if type(thing) is Reel)


def test_memory_grows_with_the_number_of_pieces_and_not_with_their_length() -> None:
    @checkpoint
    def piece(x: Any) -> Any:
        for _ in range(1000):
            x = x + 0.001
        return x

    x = Value(1.0)
    y: Any = x
    before = rows_alive()
    for _ in range(90):
        y = piece(y)
    # Tracing is slow, so the last ten of a hundred are traced.
    tracemalloc.start()
    try:
        for _ in range(10):
            y = piece(y)
        peak = tracemalloc.get_traced_memory()[1]
        gc.collect()  # lets go of the lists of free tuples
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert rows_alive() - before < 200
    # A row with its operand and how to run the piece again, for each of the ten.
    assert kept < 10 * 2_000
    # What one piece needs while it is swept, about a kilobyte for each of its rows.
    assert peak < 2_000_000
    y.backward()
    assert (x.grad, len(y.tape)) == (1.0, 101)
