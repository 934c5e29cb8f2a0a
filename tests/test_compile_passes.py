"""Programs on their way to code: sweeps, exact rewrites, and the checks between them."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

import autograd
from autograd import Value, compile, value_and_grad  # noqa: A004 - what is tested
from autograd.compiling import passes, sweeps
from autograd.compiling.expanding import expand
from autograd.compiling.program import Builder, Instruction, Program, verify
from autograd.compiling.python import PythonPoint
from tests import programs

# -- reductions and ties --------------------------------------------------------------------


@given(programs.programs(eventful=False))
@settings(max_examples=60)
def test_programs_with_reductions_give_the_engines_bits(program: programs.Program) -> None:
    def f(*point: Any) -> Any:
        values: list[Any] = list(point)
        for step in program.steps:
            assert isinstance(step, programs.Apply)
            given = [values[x] if isinstance(x, int) else x for x in step.operands]
            values.append(programs.call(step.name, given))
        return values[-1] * 1.0

    every = tuple(range(len(program.inputs)))
    ours = compile(f, backend="python").value_and_grad(*program.inputs, argnums=every)
    assert ours == value_and_grad(f, every)(*program.inputs)


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda x, y: autograd.amax([x, y, 1.0]), (1.0, 1.0)),
        (lambda x, y: autograd.amax([x, y, x]), (2.0, 1.0)),
        (lambda x, y: autograd.amin([x, y, x, y]), (2.0, 2.0)),
        (lambda x, y: autograd.amin([x, 5.0, y]), (5.0, 7.0)),
        (lambda x, y: autograd.prod([x]) * autograd.prod([]) + y, (2.0, 3.0)),
        (lambda x, y: autograd.prod([x, y, 0.0, x]), (2.0, 3.0)),
        (lambda x, y: autograd.mean([x, y, y]) * x, (2.0, 3.0)),
        (lambda x, y: autograd.logsumexp([x, y, -1e308]), (800.0, 799.0)),
        (lambda x, y: autograd.maximum(x, y) * autograd.minimum(y, x), (2.0, 2.0)),
        (lambda x, y: autograd.dot([x, y], [y, 2.0], x), (2.0, 3.0)),
        (lambda x, y: autograd.total([]) + x * y, (2.0, 3.0)),
        (lambda x, y: x % y + autograd.sinc(x) + autograd.sinc(y * 0.01), (7.5, 2.0)),
        (lambda x, y: autograd.clamp(x, y, 3.0) + autograd.leaky_relu(-x, 2.0) * y, (2.0, 2.0)),
    ],
    ids=range(13),
)
@pytest.mark.parametrize("argnums", [(0, 1), (0,), (1,)])
def test_ties_are_shared_as_by_the_engine(
    f: Callable[..., Any], point: tuple[float, ...], argnums: tuple[int, ...]
) -> None:
    value, slopes = value_and_grad(f, argnums)(*point)
    theirs = [x.data if isinstance(x, Value) else x for x in (value, *slopes)]
    ours = compile(f, backend="python").value_and_grad(*point, argnums=argnums)
    assert [ours[0], *ours[1]] == theirs


def test_an_input_that_is_fixed_shares_no_tie() -> None:
    build = Builder()
    x, y = build.input("x"), build.input("y")
    recorded = build.program([build.emit("maximum", x, y)])
    both, one = sweeps.reverse(recorded, (0,)), sweeps.reverse(recorded, (0,), fixed=(1,))
    assert PythonPoint(both).run([1.0, 1.0]) == [1.0, 0.5]
    assert PythonPoint(one).run([1.0, 1.0]) == [1.0, 0.0]
    pushed = sweeps.forward(recorded, (0,), fixed=(1,))
    assert PythonPoint(pushed).run([1.0, 1.0, 3.0]) == [1.0, 0.0]


# -- exact rewrites -------------------------------------------------------------------------


def simplified(formula: str) -> str:
    """Return what a formula of x and y comes to, in the letters of its program."""
    build = Builder()
    names = {"x": build.input("x"), "y": build.input("y")}
    program = build.program([expand(build, formula, names)])
    lines = str(passes.optimised(program)[-1][1]).splitlines()
    return "; ".join(line for line in lines if "input" not in line)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("1.0 * x", "return v0"),
        ("x * 1.0", "return v0"),
        ("x / 1.0", "return v0"),
        ("x - 0.0", "return v0"),
        ("x + -0.0", "return v0"),
        ("-(-x)", "return v0"),
        ("x * -1.0", "v2 = -v0; return v2"),
        ("x + (-y)", "v2 = v0 - v1; return v2"),
        ("x - (-y)", "v2 = v0 + v1; return v2"),
        ("pow(x, 1.0)", "return v0"),
        ("x * y + x * y", "v2 = v0 * v1; v3 = v2 + v2; return v3"),
        ("2.0 * 3.0 + x", "v2 = 6; v3 = v2 + v0; return v3"),
        ("x if 1.0 < 2.0 else y", "return v0"),
        ("x if not 1.0 < 2.0 else y", "return v1"),
        ("x if x < y else x", "return v0"),
        ("x if True and x < y else y", "v2 = v0 < v1; v3 = v0 if v2 else v1; return v3"),
        ("x if False and x < y else y", "return v1"),
        ("x if x < y or 1.0 < 2.0 else y", "return v0"),
        ("1.0 if not y < x else y",
         "v2 = v1 < v0; v3 = not v2; v4 = 1; v5 = v4 if v3 else v1; return v5"),
        # What looks as if it changed nothing, and does.
        ("0.0 * x", "v2 = 0; v3 = v2 * v0; return v3"),
        ("x + 0.0", "v2 = 0; v3 = v0 + v2; return v3"),
        ("x - x", "v2 = v0 - v0; return v2"),
        ("1.0 / 0.0 + x", "v2 = 1; v3 = 0; v4 = v2 / v3; v5 = v4 + v0; return v5"),
    ],
)  # fmt: skip
def test_only_what_changes_no_bit_is_rewritten(formula: str, expected: str) -> None:
    assert simplified(formula) == expected


@pytest.mark.parametrize("x", [0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, math.nan, 1e-320])
@pytest.mark.parametrize(
    "formula",
    ["1.0 * x - -y", "-(-x) + -y", "x * -1.0 / 1.0", "x - 0.0 + -0.0", "-0.0 + x * y - (-x)"],
)
def test_rewriting_keeps_every_bit(formula: str, x: float) -> None:
    build = Builder()
    names = {"x": build.input("x"), "y": build.input("y")}
    program = build.program([expand(build, formula, names)])
    for y in (0.0, -0.0, 3.0):
        before = PythonPoint(program).run([x, y])
        after = PythonPoint(passes.optimised(program)[-1][1]).run([x, y])
        assert repr(before) == repr(after)


def test_a_guard_that_always_holds_is_dropped_and_one_that_never_does_is_not() -> None:
    build = Builder()
    x = build.input("x")
    always = build.emit("lt", build.constant(0.0), build.constant(1.0))
    build.guard(always, expected=True)
    assert not passes.optimised(build.program([x]))[-1][1].guards
    build.guard(always, expected=False)
    assert len(passes.optimised(build.program([x]))[-1][1].guards) == 1


def test_equal_numbers_of_different_signs_are_different_constants() -> None:
    build = Builder()
    assert build.constant(0.0) != build.constant(-0.0)
    assert build.constant(math.nan) == build.constant(math.nan)


# -- promises between passes ----------------------------------------------------------------


def program_of(*steps: Instruction, inputs: tuple[int, ...] = (0,), out: int = -1) -> Program:
    """Return a program of an input and some steps."""
    every = (Instruction("input"), *steps)
    return Program(every, inputs, (len(every) - 1 if out < 0 else out,))


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (program_of(Instruction("neg", (1,))), "uses a later one"),
        (program_of(Instruction("neg", (-1,))), "before the first"),
        (program_of(Instruction("add", (0,))), "wrong number of operands"),
        (program_of(Instruction("exp", (0, 0))), "wrong number of operands"),
        (program_of(Instruction("dot", (0, 0))), "wrong number of operands"),
        (program_of(Instruction("constant")), "wrong number of operands"),
        (program_of(Instruction("neg", (0,), 1.0)), "wrong number of operands"),
        (program_of(Instruction("not", (0,))), "is given"),
        (program_of(Instruction("select", (0, 0, 0))), "is given"),
        (program_of(Instruction("lt", (0, 0))), "results are numbers"),
        (program_of(inputs=()), "every input is listed"),
        (program_of(Instruction("neg", (0,)), inputs=(0, 1)), "inputs are inputs"),
    ],
    ids=range(12),
)
def test_a_program_that_cannot_run_is_found(program: Program, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        verify(program)


def test_a_program_prints_with_labels_and_lines() -> None:
    def f(x: Any) -> Any:
        y = autograd.where(x > 1.0, x, 2.0)
        y.label = "chosen"
        return y if x > 0.0 and not x < 0.0 else x

    compiled = compile(f, backend="python")
    compiled(2.0)
    text = str(compiled.stages["recorded"])
    assert "# chosen" in text
    assert "guard" in text
    assert "return y if x > 0.0 and not x < 0.0 else x" in text


def test_a_value_that_f_made_shares_a_tie_like_a_value() -> None:
    def f(x: Any) -> Any:
        return autograd.maximum(x, Value(1.0))

    assert compile(f, backend="python").grad(1.0) == autograd.grad(f)(1.0).data == 0.5
