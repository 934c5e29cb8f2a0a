"""detect_anomaly: the first number that is not finite is named with its line."""

import inspect
import math
import threading
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import (
    AnomalyError,
    Tape,
    Value,
    checkpoint,
    detect_anomaly,
    grad,
    hessian,
    ieee,
    jvp,
    no_grad,
    where,
)


def here() -> int:
    """Return the line number of the caller."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def message_of(work: Callable[[], object]) -> str:
    """Return what an AnomalyError says."""
    with pytest.raises(AnomalyError) as caught:
        work()
    return str(caught.value)


def at(line: int, text: str) -> str:
    """Return how a message ends that speaks of a line of this file."""
    return f" ({__file__}, line {line}: {text})"


# -- values ---------------------------------------------------------------------------------


def test_infinite_value_names_operation_operands_and_line() -> None:
    x = Value(1e200, label="x")
    with detect_anomaly():
        line = here() + 1
        message = message_of(lambda: x * x)
    text = "message = message_of(lambda: x * x)"
    assert message == "x = 1e+200 * x = 1e+200 is inf" + at(line, text)


def test_anomaly_error_is_an_arithmetic_error() -> None:
    with detect_anomaly(), pytest.raises(ArithmeticError):
        Value(1e200) * 1e200


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda x: x / 0.0, "x = 2 / 0 is inf ("),
        (lambda x: 1e308 / (x * 1e-300), "1e+308 / 2e-300 is inf ("),
        (lambda x: autograd.exp(x * 1000.0), "exp(2000) is inf ("),
        (lambda x: autograd.log(x - 3.0), "log(-1) is nan ("),
        (lambda x: autograd.log(x - 2.0), "log(0) is -inf ("),
        (lambda x: (x - 2.0) / (x - 2.0), "0 / 0 is nan ("),
        (lambda x: autograd.total([x, math.inf]), "total(x = 2, inf) is inf ("),
        (lambda x: autograd.clamp(x * 1e308, 0.0), "x = 2 * 1e+308 is inf ("),
        (lambda x: -math.inf * x, "-inf * x = 2 is -inf ("),
        (lambda x: autograd.maximum(x, math.nan), "maximum(x = 2, nan) is nan ("),
    ],
    ids=["pole", "left", "exp", "log", "log0", "0/0", "total", "mul", "constant", "nan"],
)
def test_values_of_ieee_are_found(compute: Callable[[Any], Any], message: str) -> None:
    x = Value(2.0, label="x")
    with detect_anomaly(), ieee():
        assert message_of(lambda: compute(x)).startswith(message)


def test_label_of_a_computed_operand_is_shown() -> None:
    x = Value(1e300, label="x")
    with detect_anomaly():
        square = x / 2.0
        square.label = "half"
        message = message_of(lambda: square * square)
    assert message.startswith("half = 5e+299 * half = 5e+299 is inf (")


def test_leaf_that_is_not_finite_is_found_where_it_is_used() -> None:
    with detect_anomaly():
        message = message_of(lambda: Value(math.nan, label="w") + 1.0)
    assert message.startswith("a leaf that enters the tape is nan (")


def test_error_of_plain_python_comes_first() -> None:
    with detect_anomaly(), pytest.raises(autograd.DomainError):
        autograd.log(Value(-1.0))


def test_operation_built_by_hand_is_named_too() -> None:
    x = Value(2.0, label="x")
    with detect_anomaly():
        message = message_of(lambda: Value(math.inf, (x,), "mine", local_grads=[1.0]))
    assert message.startswith("mine(x = 2) is inf (")


def test_value_that_fails_leaves_the_tape_as_it_was() -> None:
    x = Value(1e200)
    with detect_anomaly():
        y = x * 2.0
        message_of(lambda: y * y)
        z = y * 3.0
        assert [row.operation for row in z.tape] == ["leaf", "mul", "mul"]
        z.backward()
    assert x.grad == 6.0


# -- gradients ------------------------------------------------------------------------------


def test_infinite_gradient_names_the_forward_operation_and_its_line() -> None:
    x = Value(0.0, label="x")
    with detect_anomaly():
        line = here() + 1
        y = autograd.sqrt(x)
        z = y * 3.0
        message = message_of(z.backward)
    assert message == (
        "the gradient becomes inf at operand 1 of sqrt(x = 0)"
        + at(line, "y = autograd.sqrt(x)")
        + ": adjoint 3 times local derivative inf"
    )


def test_gradient_that_is_nan_names_its_operand() -> None:
    base, power = Value(-2.0, label="base"), Value(2.0, label="power")
    with detect_anomaly():
        message = message_of((base**power).backward)
    assert message.startswith(
        "the gradient becomes nan at operand 2 of base = -2 ** power = 2 ("
    )
    assert message.endswith(": adjoint 1 times local derivative nan")


def test_gradient_that_overflows_in_a_product() -> None:
    x = Value(1e-300, label="x")
    with detect_anomaly():
        y = x * 1e200 * 1e200
        message = message_of(y.backward)
    assert message.startswith("the gradient becomes inf at operand 1 of x = 1e-300 * 1e+200 (")
    assert message.endswith(": adjoint 1e+200 times local derivative 1e+200")


def test_gradient_that_overflows_in_a_sum() -> None:
    x = Value(0.0, label="x")
    with detect_anomaly():
        y = x * 1e308 + x * 1e308
        message_of(y.backward)
    assert x.gradient is None


def test_seed_that_is_not_finite() -> None:
    x = Value(2.0)
    with detect_anomaly():
        y = x * 3.0
        message_of(lambda: y.backward(math.inf))


def test_no_gradient_of_a_leaf_changes() -> None:
    x, y = Value(0.0), Value(5.0)
    x.grad = 7.0
    with detect_anomaly():
        message_of((autograd.sqrt(x) + y * y).backward)
    assert (x.grad, y.gradient) == (7.0, None)


def test_rows_recorded_before_are_named_without_a_line() -> None:
    x = Value(0.0, label="x")
    y = autograd.sqrt(x)
    with detect_anomaly():
        message = message_of(y.backward)
    assert message == (
        "the gradient becomes inf at operand 1 of sqrt(x = 0): adjoint 1 times local "
        "derivative inf"
    )


def test_sweep_after_the_context_is_not_looked_at() -> None:
    x = Value(0.0)
    with detect_anomaly():
        y = autograd.sqrt(x)
    y.backward()
    assert x.grad == math.inf


def test_reverse_sweep_of_a_transform_is_looked_at() -> None:
    with detect_anomaly():
        line = here() + 1
        message = message_of(lambda: grad(lambda x: autograd.sqrt(x) * 2.0)(0.0))
    assert message.startswith("the gradient becomes inf at operand 1 of sqrt(0)")
    assert f"{__file__}, line {line}: " in message


def test_forward_sweep_of_a_transform_is_looked_at() -> None:
    with detect_anomaly():
        message = message_of(lambda: jvp(lambda x: autograd.sqrt(x) * 2.0, (0.0,), (1.0,)))
    assert "sqrt(0)" in message


def test_second_derivative_is_looked_at() -> None:
    # The slope of x**1.5 at 0 is 0, and its own slope is infinite.
    assert grad(lambda x: x**1.5)(0.0) == 0.0
    with detect_anomaly():
        assert grad(lambda x: x**1.5)(0.0) == 0.0
        message_of(lambda: hessian(lambda x: x**1.5)(0.0))


def test_piece_of_a_checkpoint_is_looked_at() -> None:
    x = Value(0.0, label="x")
    piece = checkpoint(lambda x: autograd.sqrt(x) * 3.0)
    with detect_anomaly():
        message = message_of(lambda: piece(x))
    assert message.startswith("the gradient becomes inf at operand 1 of sqrt(x = 0)")


# -- what the zero-adjoint rule left out ----------------------------------------------------


def test_suppressed_terms_are_listed_with_their_line() -> None:
    x = Value(0.0, label="x")
    with detect_anomaly() as watch:
        line = here() + 1
        root = autograd.sqrt(x)
        y = where(x > 0.0, root, 1.0) + x
        y.backward()
    assert watch.suppressed == ["0 * inf of sqrt(x = 0)" + at(line, "root = autograd.sqrt(x)")]
    assert x.grad == 1.0


def test_suppressed_nan_is_listed() -> None:
    base, power = Value(-2.0), Value(2.0, label="power")
    with detect_anomaly() as watch:
        ((base**power) * 0.0).backward()
    assert [text.partition(" (")[0] for text in watch.suppressed] == [
        "0 * nan of -2 ** power = 2"
    ]


def test_suppressed_terms_of_transforms_are_listed() -> None:
    with detect_anomaly() as watch:
        assert grad(lambda x: autograd.sqrt(x) * 0.0)(0.0) == 0.0
    assert [text.partition(" (")[0] for text in watch.suppressed] == ["0 * inf of sqrt(0)"]


def test_nothing_is_listed_for_a_sound_program() -> None:
    x = Value(2.0)
    with detect_anomaly() as watch:
        (autograd.sqrt(x) * 0.0 + autograd.relu(-x)).backward()
    assert watch.suppressed == []


# -- surroundings -----------------------------------------------------------------------------


def overflow() -> Value:
    """Return an infinite product."""
    return Value(1e200) * 1e200


def test_numbers_are_the_same_with_and_without() -> None:
    def run() -> list[float]:
        x, y = Value(0.3), Value(-0.7)
        loss = autograd.tanh(x * y) + autograd.logsumexp([x, y, 0.0]) / (x * x + 2.0)
        loss.backward()
        return [loss.data, x.grad, y.grad]

    plain = run()
    with detect_anomaly():
        assert run() == plain


def test_nothing_is_looked_at_outside() -> None:
    with detect_anomaly():
        pass
    assert overflow().data == math.inf


def test_contexts_nest() -> None:
    with detect_anomaly() as outer:
        with detect_anomaly() as inner:
            (autograd.sqrt(Value(0.0)) * 0.0).backward()
            message_of(overflow)
        message_of(overflow)
        (autograd.sqrt(Value(0.0)) * 0.0).backward()
    assert (len(inner.suppressed), len(outer.suppressed)) == (1, 1)
    assert overflow().data == math.inf


def test_one_context_may_be_entered_again() -> None:
    watch = detect_anomaly()
    with watch, watch:
        with watch:
            pass
        message_of(overflow)
    assert overflow().data == math.inf


def test_context_ends_when_its_block_fails() -> None:
    with pytest.raises(KeyError), detect_anomaly():
        raise KeyError
    assert overflow().data == math.inf
    with pytest.raises(AnomalyError), detect_anomaly():
        overflow()
    assert overflow().data == math.inf


def test_it_is_a_decorator_too() -> None:
    @detect_anomaly()
    def compute() -> Value:
        return overflow()

    message_of(compute)
    assert overflow().data == math.inf


def test_other_threads_are_unaffected() -> None:
    seen: list[float] = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(overflow().data))
        thread.start()
        thread.join()
        message_of(overflow)
    assert seen == [math.inf]


def test_context_of_another_thread_does_not_reach_here() -> None:
    entered, done = threading.Event(), threading.Event()
    messages: list[str] = []

    def work() -> None:
        with detect_anomaly():
            entered.set()
            done.wait()
            messages.append(message_of(overflow))

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait()
    assert overflow().data == math.inf
    done.set()
    thread.join()
    assert len(messages) == 1


def test_tapes_inside_and_outside_hold_the_same_rows() -> None:
    x = Value(2.0)
    with Tape() as outside, detect_anomaly(), Tape() as inside:
        y = x * x
    assert [row.operation for row in inside] == ["leaf", "mul"]
    assert [row.operation for row in outside] == ["leaf", "mul"]
    y.backward()
    assert x.grad == 4.0


def test_no_grad_records_nothing_inside() -> None:
    with detect_anomaly():
        with no_grad():
            y = Value(2.0) * 3.0
        assert len(y.tape) == 1
        message_of(overflow)


def test_program_longer_than_a_reel_is_looked_at() -> None:
    x = Value(1.0)
    with detect_anomaly():
        y = x
        for _ in range(40_000):
            y = y * 1.01
        message_of(lambda: y * y)
