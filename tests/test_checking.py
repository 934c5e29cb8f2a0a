"""Gradient checks of our own functions: what is right passes, and what is wrong is named."""

import math
import random
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

import autograd
from autograd import (
    Value,
    check_gradients,
    checkpoint,
    erf,
    exp,
    log,
    operation,
    sin,
    sqrt,
    stop_gradient,
    tanh,
)
from autograd.checking import references
from autograd.checking.slopes import Estimate
from autograd.reductions import REDUCTIONS

# -- what is right passes -------------------------------------------------------------------


def five(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    bend = tanh(a * b + c)
    wave = sin(b - d * e)
    return log(exp(bend * wave + a) + 1.0) * bend + sqrt(c * c + d * d)


POINT = (0.3, -0.7, 1.2, 0.4, 0.9)


def test_a_right_program_is_ok_in_every_mode() -> None:
    report = check_gradients(five, *POINT)

    assert report
    assert [row.name for row in report.rows] == ["a", "b", "c", "d", "e"]
    assert len(report.forward) == 5
    assert len(report.second) == 15
    assert report.verdicts == {"ok": 25}
    assert [held.fault for held in report.properties] == [""] * 5
    assert report.suspects == ()


def test_the_report_says_the_numbers() -> None:
    report = check_gradients(lambda x: x**3, 2.0)

    [row] = report.rows
    assert report.value == 8.0
    assert report.point == {"x": 2.0}
    assert (row.name, row.ours, row.verdict) == ("x", 12.0, "ok")
    assert row.reference == pytest.approx(12.0, rel=1e-15)
    assert row.absolute_error <= 1e-14
    assert row.ulps == row.absolute_error / math.ulp(12.0)
    assert report.second[0].ours == 12.0


class Pair(NamedTuple):
    left: float
    right: float


def test_inputs_are_named_after_parameters_keys_and_positions() -> None:
    def f(p: Any, *rest: Any) -> Any:
        numbers = [p["w"][0], p["w"][1], p["pair"].left, p["pair"].right, *rest]
        return autograd.total([x * x for x in numbers])

    report = check_gradients(f, {"w": [1.0, 2.0], "pair": Pair(3.0, 4.0)}, 5.0, 6.0)

    assert [row.name for row in report.rows] == [
        "p['w'][0]",
        "p['w'][1]",
        "p['pair'].left",
        "p['pair'].right",
        "rest[0]",
        "rest[1]",
    ]
    assert report


def test_a_function_without_a_signature_has_numbered_arguments() -> None:
    report = check_gradients(max, 2.0, 1.0, gradient=lambda _x, _y: (1.0, 0.0))

    assert [row.name for row in report.rows] == ["arg[0]", "arg[1]"]


def test_values_may_be_given_as_arguments() -> None:
    x = Value(2.0)

    assert check_gradients(lambda x: x * x, x).point == {"x": 2.0}
    assert x.gradient is None


def test_weights_of_the_function_are_constants_of_the_check() -> None:
    weight = Value(3.0)

    report = check_gradients(lambda x: tanh(weight * x) * weight, 0.2)

    assert report
    assert type(report.rows[0].ours) is float
    assert weight.gradient is None


def test_modes_choose_what_is_checked() -> None:
    assert check_gradients(sin, 1.0, modes="reverse").verdicts == {"ok": 1}
    forward = check_gradients(sin, 1.0, modes=["forward"])
    assert (forward.rows, len(forward.forward), forward.second) == ((), 1, ())
    assert len(check_gradients(sin, 1.0, modes=("reverse", "second")).second) == 1


def test_many_inputs_have_second_derivatives_by_some_of_them() -> None:
    report = check_gradients(autograd.prod, [1.0 + k / 64 for k in range(30)])

    assert report
    assert len(report.rows) == 30
    assert len(report.second) == 24 * 25 // 2
    assert report.notes == ("second derivatives were checked for 24 of 30 inputs",)


def test_a_stopped_gradient_is_what_the_program_means() -> None:
    report = check_gradients(lambda x: x * stop_gradient(x), 3.0)

    assert report.verdicts == {"ok": 3}
    assert report.rows[0].ours == 3.0


def test_a_checkpoint_is_checked_by_its_values() -> None:
    piece = checkpoint(lambda x: sin(x) * x)

    report = check_gradients(lambda x: piece(x) + x, 2.0, modes="reverse")

    assert (report.rows[0].verdict, report.rows[0].method) == ("ok", "Ridders")


def test_a_number_taken_out_where_it_does_not_matter_is_no_fault() -> None:
    def stable(x: Any, y: Any) -> Any:
        largest = max(x.data, y.data)
        return log(exp(x - largest) + exp(y - largest)) + largest

    report = check_gradients(stable, 3.0, 5.0, modes="reverse")

    assert [row.verdict for row in report.rows] == ["ok", "ok"]
    assert [row.method for row in report.rows] == ["complex step", "Ridders"]


def test_the_check_is_deterministic() -> None:
    bad = operation("tanh(x)", name="steep", dx="1.001 / cosh(x) / cosh(x)")
    state = random.getstate()

    first = str(check_gradients(lambda x: bad(x) * x, 0.7))

    assert first == str(check_gradients(lambda x: bad(x) * x, 0.7))
    assert random.getstate() == state


# -- what is wrong is said ------------------------------------------------------------------


def test_a_wrong_derivative_is_wrong_and_its_operation_is_named() -> None:
    bad = operation("tanh(x)", name="steeper", dx="1.001 / cosh(x) / cosh(x)")

    report = check_gradients(lambda x, y: bad(x * y) + x, 0.5, 2.0)

    assert not report
    assert [row.verdict for row in report.rows] == ["wrong", "wrong"]
    assert [row.verdict for row in report.forward] == ["wrong", "wrong"]
    [suspect] = report.suspects
    slope = 1.0 / math.cosh(1.0) ** 2
    assert suspect.row == 3
    assert report.tape[3].operation.startswith("steeper")
    assert (suspect.operation, suspect.derivative) == ("steeper(v2)", "d/dv2")
    assert suspect.expected == pytest.approx(slope, rel=1e-13)
    assert suspect.got == pytest.approx(1.001 * slope, rel=1e-13)
    assert str(suspect) == (
        "row 3, steeper(v2): d/dv2 should be 0.419974341614, got 0.420394315956"
    )


def test_the_other_operand_is_not_blamed() -> None:
    bad = operation("x * y * y", name="half_right", dx="y * y", dy="x * y")

    report = check_gradients(bad, 3.0, 5.0)

    assert [suspect.derivative for suspect in report.suspects] == ["d/dy"]
    assert [row.verdict for row in report.rows] == ["ok", "wrong"]


def test_a_derivative_wrong_only_when_differentiated_again_is_found() -> None:
    bad = operation("x * x", name="flat_slope", dx=lambda x: 2.0 * stop_gradient(x))

    report = check_gradients(lambda x: bad(x) * x, 3.0)

    assert [row.verdict for row in (*report.rows, *report.forward)] == ["ok", "ok"]
    assert [row.verdict for row in report.second] == ["wrong"]
    assert [str(suspect) for suspect in report.suspects] == [
        "row 1, flat_slope(x): d2/dxdx should be 2, got 0"
    ]


def test_an_infinite_derivative_of_a_smooth_function_is_wrong() -> None:
    bad = operation("x * x", name="upright", dx="inf")

    assert check_gradients(bad, 1.0).rows[0].verdict == "wrong"


def test_a_number_that_leaves_the_tape_is_wrong_and_the_note_says_where_to_look() -> None:
    report = check_gradients(lambda x: x * math.sin(x.data), 1.0)

    assert report.rows[0].verdict == "wrong"
    assert report.suspects == ()
    assert report.notes[-1] == (
        "every operation is right, but a constant of the tape changes with the input; was a "
        "number taken out with .data or detach()? (stop_gradient does it openly)"
    )


def test_a_function_that_computes_beside_the_tape_is_wrong() -> None:
    report = check_gradients(lambda x: math.sin(x.data), 1.0)

    assert report.rows[0].verdict == "wrong"
    assert report.rows[0].reference == pytest.approx(math.cos(1.0), rel=1e-9)


def test_a_special_case_that_drops_the_gradient_is_wrong() -> None:
    def sinc_by_hand(x: Any) -> Any:
        return sin(x) / x if x < 0 or x > 0 else x * 0.0 + 1.0

    def exp_by_hand(x: Any) -> Any:
        return exp(x) if x < 0 or x > 0 else x * 0.0 + 1.0

    assert check_gradients(sinc_by_hand, 0.0).rows[0].verdict == "branch changed"
    assert check_gradients(exp_by_hand, 0.0).rows[0].verdict == "wrong"


# -- learners' own operations ---------------------------------------------------------------


def product(a: Value, b: Value, *, adding: bool) -> Value:
    out = Value(a.data * b.data, (a, b), "times")

    def backward() -> None:
        a.grad = a.grad * adding + b.data * out.grad
        b.grad = b.grad * adding + a.data * out.grad

    out._backward = backward
    return out


def test_an_operation_with_its_own_backward_is_checked_through_backward() -> None:
    report = check_gradients(lambda a, b: product(a, b, adding=True) * a, 2.0, 3.0)

    assert report
    assert [row.ours for row in report.rows] == [12.0, 4.0]
    assert report.notes == (
        "an operation has no local derivatives, so only its _backward was checked",
    )


def test_one_without_a_backward_is_to_blame() -> None:
    # The warning that backward() gives there would be an error here: the report says it.
    report = check_gradients(lambda x: Value(x.data**2, (x,), "squared") + x, 3.0)

    assert [row.verdict for row in report.rows] == ["wrong"]
    assert [suspect.operation for suspect in report.suspects] == ["squared(x)"]


def test_a_backward_that_overwrites_gradients_is_wrong() -> None:
    def square_of_product(a: Any, b: Any) -> Any:
        return product(a, b, adding=False) + product(a, a * b, adding=False)

    report = check_gradients(square_of_product, 2.0, 3.0)

    assert not report
    assert "has no formula, so its own derivative cannot be checked alone" in str(report)


def test_an_operation_with_numbers_for_derivatives_has_no_second_ones() -> None:
    def times(a: Value, b: Value) -> Value:
        return Value(a.data * b.data, (a, b), (b.data, a.data))

    report = check_gradients(times, 2.0, 3.0)

    assert report
    assert report.second == ()
    assert report.notes[0].startswith("second derivatives cannot be had: ")


def test_a_function_of_math_is_checked_by_the_plain_function() -> None:
    sine = operation(math.sin, name="plain_sine", dx=math.cos)

    report = check_gradients(lambda x: sine(x) * x, 1.0)

    assert (report.rows[0].verdict, report.rows[0].method) == ("ok", "Ridders")
    assert report.second == ()


def test_an_input_that_is_not_used_has_no_second_derivatives() -> None:
    report = check_gradients(lambda x, y: erf(x), 0.5, 2.0)

    assert report.verdicts == {"ok": 7}
    assert [row.method for row in report.second if "y" in row.name] == ["not used"] * 2


def test_an_operation_of_three_operands_is_named() -> None:
    bad = operation("x * y * z", name="triple", dx="y * z", dy="x * z", dz="1.001 * x * y")

    report = check_gradients(lambda x, y: bad(x, 2.0, y) + 1.0, 3.0, 5.0)

    [suspect] = report.suspects
    assert (suspect.operation, suspect.derivative) == ("triple(x, 2, y)", "d/dy")
    assert suspect.expected == pytest.approx(6.0)
    assert suspect.got == pytest.approx(6.006)


def test_a_constant_on_the_left_is_no_operand_to_blame() -> None:
    bad = operation("x * x * y", name="lopsided", dx="0.0", dy="-x * x")

    report = check_gradients(lambda y: bad(2.0, y), 3.0)

    assert [str(suspect) for suspect in report.suspects] == [
        "row 1, lopsided(2, y): d/dy should be 4, got -4"
    ]


def test_a_wrong_reduction_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = replace(REDUCTIONS["prod"], partials=lambda xs, out, _: [out for _ in xs])
    monkeypatch.setitem(REDUCTIONS, "prod", rule)

    report = check_gradients(lambda x, y: autograd.prod([x, y, 2.0]), 3.0, 5.0, modes="reverse")

    assert [row.verdict for row in report.rows] == ["wrong", "wrong"]
    assert [str(suspect) for suspect in report.suspects] == [
        "row 2, prod(x, y, 2): d/dx should be 10, got 30",
        "row 2, prod(x, y, 2): d/dy should be 6, got 30",
    ]


def test_a_stopped_gradient_beside_a_number_taken_out_is_left_open() -> None:
    report = check_gradients(lambda x: stop_gradient(x) * x.data * x, 3.0, modes="reverse")

    [row] = report.rows
    assert (row.verdict, row.method) == ("inconclusive", "-")
    assert row.note == "values cannot tell what stop_gradient leaves standing"


def test_references_that_disagree_convict_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = operation("x * x", name="suspected", dx="2.002 * x")
    monkeypatch.setattr(references, "ridders", lambda *_: Estimate(6.006, 1e-12))

    [row] = check_gradients(bad, 3.0, modes="reverse").rows

    assert (row.verdict, row.note) == ("inconclusive", "the references disagree")


def test_a_stopped_gradient_is_not_to_blame() -> None:
    bad = operation("x * x", name="at_fault", dx="2.002 * x")

    report = check_gradients(lambda x: bad(x) * stop_gradient(x), 3.0, modes="reverse")

    assert [suspect.operation for suspect in report.suspects] == ["at_fault(x)"]


def test_a_checkpoint_that_hides_a_mistake_is_suspected() -> None:
    bad = operation("x * x", name="hidden", dx=lambda x: 2.0 * stop_gradient(x))
    piece = checkpoint(lambda x: bad(x) + x)

    report = check_gradients(lambda x: piece(x) * x, 3.0)

    assert [row.verdict for row in report.second] == ["wrong"]
    assert [suspect.expected for suspect in report.suspects] == [None]
