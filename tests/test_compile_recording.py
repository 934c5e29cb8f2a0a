"""Recording: what becomes an instruction, a guard or an input, and what is refused."""

import copy
import itertools
import random
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import (
    CompilationError,
    NumberError,
    Tape,
    TapeError,
    Value,
    checkpoint,
    compile,  # noqa: A004 - what is tested
    grad,
    no_grad,
    stop_gradient,
    take,
    tanh,
    where,
)
from autograd.compiling.program import Program
from tests.programs import short_reels


def recorded(f: Callable[..., Any], *point: Any) -> Program:
    """Return the program of a function recorded at a point."""
    compiled = compile(f, backend="python")
    compiled(*point)
    return compiled.stages["recorded"]


def operations(f: Callable[..., Any], *point: Any) -> list[str]:
    """Return the operations of a recording, without inputs and constants."""
    program = recorded(f, *point)
    return [step.op for step in program.instructions if step.op not in ("input", "constant")]


# -- rows become instructions ---------------------------------------------------------------


def test_each_row_is_one_instruction() -> None:
    assert operations(lambda x, y: tanh(x * y) + 1.0, 1.0, 2.0) == ["mul", "tanh", "add"]


def test_what_no_result_depends_on_is_left_out() -> None:
    def f(x: Any) -> Any:
        assert x.exp() is not None
        return x * 2.0

    assert operations(f, 1.0) == ["mul"]


def test_labels_become_names() -> None:
    def f(x: Any) -> Any:
        y = x * x
        y.label = "square"
        return y + 1.0

    assert sorted(recorded(f, 1.0).names.values()) == ["square", "x"]


def test_numbers_in_containers_are_called_after_their_argument() -> None:
    def f(x: Any, p: Any) -> Any:
        return x[0] * x[1] + p["w"][0] * p["b"]

    program = recorded(f, [1.0, 2.0], {"w": [3.0], "b": 4.0})
    assert list(program.names.values()) == ["x0", "x1", "p_w0", "p_b"]


def test_a_value_made_inside_is_a_constant() -> None:
    assert operations(lambda x: x + Value(3.0), 1.0) == ["leaf", "add"]


def test_values_from_outside_are_inputs_that_keep_their_labels() -> None:
    w, v = Value(2.0, label="w"), Value(3.0)
    program = recorded(lambda x: w * x + v * w, 1.0)
    assert list(program.names.values()) == ["x", "w", "w1"]


def test_a_computed_value_from_outside_is_an_input() -> None:
    w = Value(2.0)
    double = w * 2.0
    f = compile(lambda x: double * x, backend="python")
    f(3.0).backward()
    assert w.grad == 6.0


def test_a_row_of_the_user_gets_a_stop() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            scale = x * x
        return scale * x

    assert operations(f, 3.0) == ["mul", "stop_gradient", "mul"]
    assert compile(f, backend="python").grad(3.0) == 9.0


def test_detach_is_a_stop() -> None:
    def f(x: Any) -> Any:
        return x.detach() * x

    assert operations(f, 3.0) == ["stop_gradient", "mul"]
    assert compile(f, backend="python").grad(3.0) == 3.0


def test_a_checkpoint_is_transparent() -> None:
    assert operations(checkpoint(lambda x: tanh(x * x)), 1.0) == ["mul", "tanh"]


def test_reels_that_end_in_the_middle_make_no_difference() -> None:
    def f(x: Any) -> Any:
        y = x * x
        with Tape():
            z = y + 1.0
        return z * y

    assert operations(f, 1.0) == ["mul", "add", "mul"]


def test_many_rows_on_several_reels() -> None:
    def f(x: Any) -> Any:
        for _ in range(400):
            x = x + 1.0
        return x

    with short_reels(100):
        assert compile(f, backend="python")(0.5) == 400.5


# -- guards and choices ---------------------------------------------------------------------


def test_if_leaves_a_guard_with_its_line() -> None:
    def f(x: Any) -> Any:
        if x > 0.0:
            return x * 2.0
        return x

    program = recorded(f, 1.0)
    (guard,) = program.guards
    assert program.instructions[guard].number == 1.0
    assert "test_compile_recording.py" in program.lines[guard]
    assert "if x > 0.0:" in program.lines[guard]


@pytest.mark.parametrize(
    ("f", "guards"),
    [
        pytest.param(lambda x, y: x * 2.0 if x < y else y, 1, id="if"),
        pytest.param(lambda x, y: max(x, y) * 1.0, 1, id="max"),
        pytest.param(lambda x, y: sorted([x, y, x * y])[1] * 1.0, 2, id="sorted"),
        pytest.param(lambda x, y: x * 2.0 if x else y, 1, id="bool"),
        pytest.param(lambda x, y: x * (x > y), 1, id="times"),
        pytest.param(lambda x, y: x * sum([x > y, y > x]), 2, id="sum"),
        pytest.param(lambda x, y: x if 0.0 < x < 3.0 else y, 2, id="chain"),
        pytest.param(lambda x, y: [x, y][x > y] * 1.0, 1, id="subscript"),
        pytest.param(lambda x, y: x if (x > y) == (y > x) else y, 2, id="equal truths"),
        pytest.param(lambda x, y: x if (x > y) | True else y, 1, id="or"),
        pytest.param(lambda x, y: x if True & (x > y) else y, 1, id="and"),
        pytest.param(lambda x, y: x if False | (x > y) else y, 1, id="or from the left"),
        pytest.param(lambda x, y: x if (x > y) ^ True else y, 1, id="xor"),
        pytest.param(lambda x, y: x if (x > y) ^ (x > 2.0 * y) else y, 2, id="xor of truths"),
        pytest.param(lambda x, y: x * float(x > y) + y, 1, id="float"),
        pytest.param(lambda x, y: x * ((x > y) * 3) + y, 1, id="product"),
        pytest.param(lambda x, y: x * (1 - (x > y)) + y, 1, id="minus from the left"),
        pytest.param(lambda x, y: x * ((x > y) - 1 + y), 1, id="minus"),
        pytest.param(lambda x, y: {True: x, False: y}[x > y] * 1.0, 1, id="key"),
    ],
)
def test_asking_for_a_truth_leaves_a_guard(f: Callable[..., Any], guards: int) -> None:
    program = recorded(f, 1.0, 2.0)
    assert len(program.guards) == guards
    both = compile(f, backend="python")
    for point in itertools.product((1.0, 2.0, -1.0), repeat=2):
        expected = f(*map(Value, point))
        assert both(*point) == expected.data


def test_the_same_truth_is_guarded_once() -> None:
    def f(x: Any) -> Any:
        positive = x > 0.0
        return x * 2.0 if positive and positive else x

    assert len(recorded(f, 1.0).guards) == 1


@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda x, y: where(x > y, x * 2.0, y), id="where"),
        pytest.param(lambda x, y: where((x > y) & (x > 0.0), 1.0, 2.0) * x, id="and"),
        pytest.param(lambda x, y: where((x <= y) | (x > 0.0), x, 2.0), id="or"),
        pytest.param(lambda x, y: autograd.relu(x) + autograd.maximum(x, y), id="relu"),
        pytest.param(lambda x, y: where(x, x * 3.0, y), id="value"),
    ],
)
def test_choices_are_no_guards(f: Callable[..., Any]) -> None:
    compiled = compile(f, backend="python")
    for point in itertools.product((1.0, 2.0, -1.0, 0.0), repeat=2):
        assert compiled.value_and_grad(*point, argnums=(0, 1)) == autograd.value_and_grad(
            f, (0, 1)
        )(*point)
    assert compiled.recordings == 1
    assert not compiled.program.guards


def test_printing_a_value_or_a_truth_is_no_guard() -> None:
    def f(x: Any) -> Any:
        assert re.fullmatch(
            r"2.0 Value\(data=2.0.*, grad=0.0\) True", f"{x:.1f} {x!r} {x > 0!r}"
        )
        return x * 2.0

    assert operations(f, 2.0)[-1] == "mul"
    assert not recorded(f, 2.0).guards


def test_a_truth_that_got_out_is_a_bool() -> None:
    kept = []

    def f(x: Any) -> Any:
        kept.append(x > 0.0)
        return x * 2.0

    compile(f, backend="python")(1.0)
    assert all(kept)
    assert [truth & True for truth in kept] == [True] * len(kept)


# -- numbers that get away ------------------------------------------------------------------


def refused(f: Callable[..., Any], error: type[Exception], *parts: str) -> None:
    """Check that a function is refused, with the parts in the message and the line."""
    with pytest.raises(error) as caught:
        compile(f, backend="python")(2.0)
    for part in (*parts, "test_compile_recording.py"):
        assert part in str(caught.value)


def set_data(x: Any) -> Any:
    x.data = 3.0
    return x * 2.0


def set_grad(x: Any) -> Any:
    x.grad = 3.0
    return x * 2.0


def run_backward(x: Any) -> Any:
    y = x * x
    y.backward()
    return y


@pytest.mark.parametrize(
    ("f", "what"),
    [
        pytest.param(lambda x: x * x.data, "reads the data of a Value", id="data"),
        pytest.param(
            lambda x: x * Value(1.0).data, "reads the data of a Value", id="data of a leaf"
        ),
        pytest.param(lambda x: x * x.grad, "reads the gradient of a Value", id="grad"),
        pytest.param(
            lambda x: x * (x.gradient or 1.0), "reads the gradient of a Value", id="gradient"
        ),
        pytest.param(set_data, "sets the data of a Value", id="set data"),
        pytest.param(set_grad, "sets the gradient of a Value", id="set grad"),
        pytest.param(run_backward, "calls backward()", id="backward"),
    ],
)
def test_taking_a_number_out_is_refused(f: Callable[..., Any], what: str) -> None:
    refused(f, TapeError, f"is being compiled {what}", "autograd.stop_gradient(v)", "where(")


def test_copying_is_refused() -> None:
    with pytest.raises(TapeError, match="is being compiled copies or pickles a Value"):
        compile(lambda x: copy.copy(x) * x, backend="python")(2.0)


def test_reading_data_is_allowed_again_afterwards() -> None:
    x = Value(2.0)
    with pytest.raises(TapeError):
        compile(lambda y: y * x.data, backend="python")(1.0)
    assert x.data == 2.0


def test_another_thread_may_read_data_meanwhile() -> None:
    w, seen = Value(2.0), []

    def f(x: Any) -> Any:
        thread = threading.Thread(target=lambda: seen.append(w.data))
        thread.start()
        thread.join()
        return x * w

    compile(f, backend="python")(1.0)
    assert seen
    assert set(seen) == {2.0}


def test_a_value_of_another_thread_is_refused() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        made: list[Any] = []
        thread = threading.Thread(target=lambda: made.append(w * 2.0))
        thread.start()
        thread.join()
        return x * made[0]

    with pytest.raises(TapeError, match="by another thread"):
        compile(f, backend="python")(1.0)


def test_random_numbers_are_refused() -> None:
    refused(lambda x: x * random.random(), CompilationError, "when it ran again")


def test_state_is_refused() -> None:
    counter = itertools.count()

    def f(x: Any) -> Any:
        for _ in range(next(counter)):
            x = x * 2.0
        return x

    with pytest.raises(CompilationError, match="depends on more than its arguments"):
        compile(f, backend="python")(2.0)


def test_a_leaf_made_of_a_random_number_is_refused() -> None:
    refused(lambda x: x * Value(random.random()), CompilationError, "when it ran again")


def test_a_number_that_comes_back_as_a_constant_is_refused() -> None:
    refused(
        lambda x: x * float(f"{x:.17g}"),
        CompilationError,
        "came back as a constant",
        "autograd.stop_gradient(v)",
    )


def test_a_number_read_off_a_tape_is_refused() -> None:
    def f(x: Any) -> Any:
        with Tape() as tape:
            y = x * x
        return y * tape[-1].value

    refused(f, CompilationError, "came back as a constant")


def test_an_escape_at_the_edge_of_a_domain_is_found() -> None:
    # From 0 one can go in one direction only.
    def f(x: Any) -> Any:
        return autograd.sqrt(x) + float(f"{x:.17g}")

    with pytest.raises(CompilationError, match="came back as a constant"):
        compile(f, backend="python")(0.0)


def test_a_domain_that_ends_at_the_point_is_left_in_the_other_direction() -> None:
    with pytest.raises(CompilationError, match="came back as a constant"):
        compile(lambda x: autograd.acos(x) + float(f"{x:.17g}"), backend="python")(1.0)


def test_a_function_that_does_more_the_second_time_is_refused() -> None:
    calls: list[Any] = []

    def f(x: Any) -> Any:
        calls.append(None)
        return x * 2.0 if len(calls) % 2 else x * 2.0 + 1.0

    refused(f, CompilationError, "when it ran again")
    calls.clear()

    def g(x: Any) -> Any:
        calls.append(None)
        y = x * 2.0
        return y if len(calls) % 2 else x

    with pytest.raises(CompilationError, match="when it ran again"):
        compile(g, backend="python")(2.0)


def test_a_leaf_made_inside_that_is_the_result() -> None:
    assert compile(lambda x: [x, Value(3.0)], backend="python")(2.0) == [2.0, 3.0]


def test_a_hand_built_operation_is_refused() -> None:
    def f(x: Any) -> Any:
        return Value(2.0, (x,), "mine", local_grads=(1.0,))

    with pytest.raises(TapeError, match="'mine' was built by hand"):
        compile(f, backend="python")(2.0)


def test_text_as_a_result_is_refused() -> None:
    with pytest.raises(NumberError, match="result of a function to be compiled"):
        compile(lambda x: "text", backend="python")(2.0)


def test_an_error_of_the_function_is_its_own() -> None:
    with pytest.raises(autograd.DomainError, match=r"log\(x\) needs x > 0"):
        compile(autograd.log, backend="python")(-1.0)
    assert autograd.tape.here.tracing is None


# -- whole numbers --------------------------------------------------------------------------


def test_take_is_an_operation() -> None:
    f = compile(lambda x, k: take([x, x * 2.0, 5.0], k), backend="python")
    assert [f(1.5, k) for k in range(3)] == [1.5, 3.0, 5.0]
    assert [f.grad(1.5, k) for k in range(2)] == [1.0, 2.0]
    assert f.recordings == 1


def test_take_outside_a_compiled_function() -> None:
    assert take([1.0, 2.0], 1) == 2.0
    for index, error in ((2, IndexError), (-1, IndexError)):
        with pytest.raises(error, match="take needs an index below 2 and not below 0"):
            take([1.0, 2.0], index)
    for wrong in (1.0, True, "1", Value(1.0)):
        with pytest.raises(NumberError, match="whole number as the index"):
            take([1.0, 2.0], wrong)


def test_take_out_of_range_in_a_compiled_function() -> None:
    f = compile(lambda x, k: take([x, x * 2.0], k), backend="python")
    assert f(1.5, 1) == 3.0
    with pytest.raises(IndexError, match="below 2 and not below 0, got 2"):
        f(1.5, 2)
    with pytest.raises(TapeError, match="give whole numbers as int"):
        f(1.5, 1.0)


def test_an_index_outside_take_specialises() -> None:
    f = compile(lambda x, k: [x, x * 2.0, x * 3.0][k] * 1.0, backend="python")
    assert [f(1.5, k) for k in (0, 1, 2, 1)] == [1.5, 3.0, 4.5, 3.0]
    assert f.recordings == 3


@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda x, n: sum(x * k for k in range(n)) + x, id="range"),
        pytest.param(
            lambda x, n: sum(x * k for k in range(2 * n - 1 + n)) + x, id="range of a sum"
        ),
        pytest.param(lambda x, n: x * n if n % 2 == 0 else x + n, id="remainder"),
        pytest.param(lambda x, n: x * n if n != 3 else x - n, id="unequal"),
        pytest.param(lambda x, n: x * (n // 2) + x * (7 // n), id="quotients"),
        pytest.param(lambda x, n: x**n + n / 2 - (1 - n) * x, id="numbers"),
        pytest.param(lambda x, n: {1: x, 2: x * 5.0}.get(n, x * 7.0) * 1.0, id="key"),
        pytest.param(lambda x, n: x * float(n) + int(-n), id="conversions"),
        pytest.param(lambda x, n: x + n * n if n else x, id="truth"),
        pytest.param(lambda x, n: x * (1 + n) + x * (n - 1) + n * 3, id="both sides"),
    ],
)
def test_whole_numbers_behave_like_int(f: Callable[..., Any]) -> None:
    compiled = compile(f, backend="python")
    for n in (1, 2, 3, 2, 4):
        assert compiled(1.5, n) == pytest.approx(f(Value(1.5), n).data, rel=1e-15)


def test_a_whole_number_that_got_out_is_one() -> None:
    kept = []

    def f(x: Any, n: Any) -> Any:
        kept.append(n)
        return x * n

    compile(f, backend="python")(1.5, 2)
    assert kept[0] == 2
    assert kept[0] != 3
    assert (repr(kept[0]), int(kept[0]), kept[0] == "2") == ("2", 2, False)


# -- derivatives inside ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda x: autograd.relu(x) * x, id="relu"),
        pytest.param(lambda x: autograd.maximum(x * x, 1.0 - x) * x, id="maximum"),
        pytest.param(lambda x: where(x > 0.0, x**3, x * x), id="where"),
        pytest.param(lambda x: autograd.logsumexp([x, x * x, 1.0]), id="logsumexp"),
        pytest.param(lambda x: autograd.amax([x, x * x, 0.25]) * x, id="amax"),
        pytest.param(lambda x: autograd.amin([x, x * x, x + 0.0]) * x, id="amin"),
        pytest.param(lambda x: autograd.sinc(x) + autograd.softsign(x), id="sinc"),
        pytest.param(lambda x: autograd.leaky_relu(x) * autograd.elu(x), id="leaky_relu"),
        pytest.param(
            lambda x: autograd.prod([x, x, x + 1.0]) + autograd.mean([x, x * x]), id="prod"
        ),
        pytest.param(lambda x: autograd.clamp(x, -0.5, 0.5) * x, id="clamp"),
        pytest.param(
            lambda x: autograd.xlogy(x * x, x * x) + autograd.hypot(x, 1.0), id="xlogy"
        ),
        pytest.param(lambda x: stop_gradient(x) * x, id="stop_gradient"),
        pytest.param(lambda x: take([x, x * x], 1) * 1.0, id="take"),
        pytest.param(lambda x: (x * x) ** (x * 0.5 + 3.0) + (x * x + 1.0) ** 0.5, id="pow"),
        pytest.param(lambda x: autograd.log(x * x) + autograd.atan2(x, 2.0), id="log"),
    ],
)
def test_conditions_of_derivatives_are_recorded(f: Callable[..., Any]) -> None:
    # One recording serves every point: no condition was decided where it was recorded.
    slope = compile(grad(f), backend="python")
    for x in (2.0, -2.0, 0.3, -0.3, 0.7, 1.0, 5.5):
        assert slope(x) == pytest.approx(grad(f)(x), rel=1e-14, abs=1e-14)
        assert slope.grad(x) == pytest.approx(grad(grad(f))(x), rel=1e-12, abs=1e-12)
    assert slope.recordings == 1


def test_a_derivative_of_take_inside() -> None:
    def f(x: Any, k: Any) -> Any:
        return grad(lambda y: take([y * y, y * y * y], k))(x)

    compiled = compile(f, backend="python")
    assert [compiled(2.0, 0), compiled(2.0, 1)] == [4.0, 12.0]
    assert compiled.recordings == 1
