"""The Python back end: the code it writes, and that it gives the engine's bits."""

import ast
import itertools
import linecache
import math
import random
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, compile, no_grad, value_and_grad  # noqa: A004 - what is tested
from autograd.compiling import passes
from autograd.compiling.expanding import expand
from autograd.compiling.program import Builder, Program
from autograd.compiling.python import PythonBatch, PythonPoint
from autograd.operations import TABLE
from autograd.strategies import Program as Straight
from autograd.strategies import programs
from tests.branches import NUMBERS, Branching, branching

ALL = (0, 1, 2)


def source_of(f: Callable[..., Any], *point: Any) -> str:
    """Return the code for the value of a function."""
    compiled = compile(f, backend="python")
    compiled(*point)
    return compiled.source


def outcome(f: Callable[..., Any], point: Sequence[float]) -> Any:
    """Return what comes out: a result, or the class of the error."""
    try:
        return f(*point)
    except (ArithmeticError, ValueError) as error:
        return type(error)


def same(ours: Any, theirs: Any) -> bool:
    """Return whether two values with gradients are equal, nan with nan."""
    pairs = zip((ours[0], *ours[1]), (theirs[0], *theirs[1]), strict=True)
    return all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in pairs)


# -- the engine's bits ----------------------------------------------------------------------


@given(programs(inputs=3, steps=10), st.lists(st.tuples(*[NUMBERS] * 3), max_size=2))
@settings(max_examples=100)
def test_values_and_gradients_are_the_engines(
    program: Straight, points: list[tuple[float, ...]]
) -> None:
    compiled = compile(program, backend="python")
    for point in (program.point, *points):
        theirs = outcome(value_and_grad(program, ALL), point)
        ours = outcome(lambda *x: compiled.value_and_grad(*x, argnums=ALL), point)
        if isinstance(theirs, type):
            # What no result depends on is not computed, so it cannot fail.
            assert ours is theirs or not isinstance(ours, type)
        else:
            assert same(ours, theirs)


@given(branching(), st.lists(st.tuples(*[NUMBERS] * 3), min_size=1, max_size=4))
@settings(max_examples=100)
def test_branches_are_the_engines(program: Branching, points: list[tuple[float, ...]]) -> None:
    compiled = compile(program, backend="python")
    for point in points:
        theirs = outcome(value_and_grad(program, ALL), point)
        ours = outcome(lambda *x: compiled.value_and_grad(*x, argnums=ALL), point)
        assert ours == theirs or same(ours, theirs)


@pytest.mark.filterwarnings("ignore::autograd.IndependenceWarning")
@given(branching(), st.lists(st.tuples(*[NUMBERS] * 3), min_size=1, max_size=3))
@settings(max_examples=25)
def test_derivatives_inside_are_the_engines(
    program: Branching, points: list[tuple[float, ...]]
) -> None:
    slope = autograd.grad(program, 0)
    compiled = compile(slope, backend="python")
    for point in points:
        assert outcome(compiled, point) == outcome(slope, point)


@given(programs(inputs=2, steps=6))
@settings(max_examples=25)
def test_tangents_are_the_engines(program: Straight) -> None:
    tangents = (1.0, -0.5)
    theirs = autograd.jvp(program, program.point, tangents)
    assume(all(map(math.isfinite, theirs)))
    assert compile(program, backend="python").jvp(program.point, tangents) == theirs


# -- how it is written ----------------------------------------------------------------------


def test_labels_and_arguments_are_names() -> None:
    w = Value(2.0, label="weight")

    def f(x: Any, y: Any) -> Any:
        z = (w * x).tanh()
        z.label = "hidden unit"
        return z * y + z

    with no_grad():
        code = source_of(f, 1.0, 2.0)
    assert code == (
        "def program(numbers):\n"
        "    x, y, weight = numbers\n"
        "    hidden_unit = tanh(weight * x)\n"
        "    return [hidden_unit * y + hidden_unit]\n"
    )


def test_names_that_clash_are_told_apart() -> None:
    values = [Value(1.0, label=label) for label in ("x", "tanh", "if", "3", "é", "x", "inf")]

    def f(x: Any) -> Any:
        return autograd.tanh(autograd.total([x, *values]))

    code = source_of(f, 1.0)
    names = next(line for line in code.splitlines() if "= numbers" in line)
    used = [name.strip() for name in names.partition("=")[0].split(",")]
    assert len(set(used)) == len(used) == 8
    assert not {"tanh", "if", "inf", "3"} & set(used)
    assert all(name.isidentifier() for name in used)


def test_a_dot_product_is_a_sum_of_products() -> None:
    f = compile(lambda w, x: autograd.dot(w, x, 0.5), backend="python")
    assert f([1.0, 2.0], [3.0, 4.0]) == 11.5
    assert "return [0.5 + w0 * x0 + w1 * x1]" in f.source


def test_a_choice_computes_one_branch_only() -> None:
    def f(x: Any) -> Any:
        return autograd.where(x > 0.0, x * 2.0, autograd.exp(-x) * x)

    compiled = compile(f, backend="python")
    assert compiled(1.0) == 2.0
    # exp(1000) would overflow.
    assert compiled(1000.0) == 2000.0
    assert "if 0.0 < x else" in compiled.source


def test_a_branch_of_a_choice_that_is_used_twice_is_still_a_branch() -> None:
    def f(x: Any) -> Any:
        big = autograd.exp(x * x)
        return autograd.where(x < 5.0, big / (1.0 + big), 1.0)

    compiled = compile(f, backend="python")
    assert compiled(1.0) == f(Value(1.0)).data
    # Without an error on the way, and so without the engine.
    assert compiled._forms.last is not None
    kernel = compiled._forms.last[1].kernel
    assert kernel.run([100.0]) == [1.0]


def test_long_branches_get_a_name_and_stay_right() -> None:
    def f(x: Any) -> Any:
        y = x
        for _ in range(60):
            y = autograd.sin(y) + x
        return autograd.where(x > 0.0, y * y, x)

    compiled = compile(f, backend="python")
    assert compiled.value_and_grad(0.5) == value_and_grad(f)(0.5)
    assert compiled.value_and_grad(-0.5) == value_and_grad(f)(-0.5)
    assert max(map(len, compiled.source.splitlines())) < 500


def test_long_sums_are_cut_into_lines_in_the_same_order() -> None:
    generator = random.Random(0)
    xs = [generator.uniform(-1e9, 1e9) ** 3 for _ in range(1_200)]
    ys = [generator.gauss(0.0, 1.0) for _ in xs]
    f = compile(autograd.dot, backend="python")
    assert f(xs, ys) == autograd.dot(xs, ys)
    total = compile(lambda x: autograd.total(x) + x[0], backend="python")
    assert total(xs) == autograd.total(xs) + xs[0]
    assert max(map(len, f.source.splitlines())) < 1_000


def test_lines_of_many_names_are_wrapped() -> None:
    f = compile(lambda x: autograd.total(x) * 1.5, backend="python")
    xs = [float(k) for k in range(200)]
    assert f.value_and_grad(xs) == (29850.0, [1.5] * 200)
    assert max(map(len, f.source.splitlines())) < 300


def test_tracebacks_show_the_source() -> None:
    build = Builder()
    x = build.input("x")
    kernel = PythonPoint(build.program([build.emit("log", x)]))
    with pytest.raises(ValueError, match="math domain") as caught:
        kernel.run([-1.0])
    assert "return [log(x)]" in "".join(traceback.format_exception(caught.value))


def test_a_source_that_is_gone_leaves_linecache() -> None:
    build = Builder()
    kernel = PythonPoint(build.program([build.input("x")]))
    file = kernel.run.__code__.co_filename
    assert file in linecache.cache
    del kernel
    assert file not in linecache.cache


def evaluated(tree: ast.expr, names: dict[str, float]) -> float:
    """Return an expression by its tree, which knows no precedence."""
    match tree:
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(operand=operand):
            return -evaluated(operand, names)
        case ast.BinOp(left=left, op=op, right=right):
            x, y = evaluated(left, names), evaluated(right, names)
            kinds = {ast.Add: x + y, ast.Sub: x - y, ast.Mult: x * y}
            return kinds[type(op)] if type(op) in kinds else x / y
    raise AssertionError(ast.dump(tree))


def expressions() -> st.SearchStrategy[str]:
    """Return a strategy for formulas with all the parentheses that there can be."""
    return st.recursive(
        st.sampled_from(["x", "y"]),
        lambda inner: st.one_of(
            inner.map(lambda x: f"(-{x})"),
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        ),
        max_leaves=8,
    )


@given(expressions())
def test_parentheses_stand_where_they_must(formula: str) -> None:
    build = Builder()
    names = {"x": build.input("x"), "y": build.input("y")}
    program = build.program([expand(build, formula, names)])
    point = {"x": 1.1, "y": -0.7}
    try:
        expected = evaluated(ast.parse(formula, mode="eval").body, point)
    except ZeroDivisionError:
        assume(False)
    assert PythonPoint(program).run([1.1, -0.7]) == [expected]


def logic(build: Builder, depth: int, generator: random.Random) -> int:
    """Append a random truth about the two inputs."""
    x, y = build.inputs
    if depth == 0:
        return build.emit(
            generator.choice(["lt", "le", "eq", "ne"]), *generator.sample([x, y], 2)
        )
    op = generator.choice(["and", "or", "not"])
    count = 1 if op == "not" else generator.choice([2, 3])
    return build.emit(op, *(logic(build, depth - 1, generator) for _ in range(count)))


@pytest.mark.parametrize("seed", range(20))
def test_a_guard_lets_pass_what_was_recorded_and_no_nan(seed: int) -> None:
    generator = random.Random(seed)
    build = Builder()
    build.input("x"), build.input("y")
    truth = logic(build, 2, generator)
    chosen = build.emit("select", truth, build.constant(1.0), build.constant(0.0))
    plain = PythonPoint(build.program([chosen]))
    for expected in (True, False):
        guarded = Builder.of(build.program([chosen]))
        guarded.guard(truth, expected=expected)
        kernel = PythonPoint(guarded.program([chosen]))
        for point in itertools.product((0.0, 1.0), repeat=2):
            ((answer,)) = plain.run(point)
            assert (kernel.run(point) == [answer]) == (answer == float(expected))
        assert kernel.run([math.nan, 1.0]) == 0
        assert kernel.run([1.0, math.nan]) == 0


# -- loops over samples ---------------------------------------------------------------------


def batch_program() -> Program:
    """Return (w * x - y)**2 and its derivative by w, for x > 0 only."""
    f = compile(lambda w, x, y: (w * x - y) ** 2 if x > 0.0 else w, batch=("x", "y"))
    f.value_and_grad(1.0, [1.0], [2.0])
    return f.program


def test_the_loop_sums_what_holds_and_names_what_does_not() -> None:
    kernel = PythonBatch(batch_program(), (1, 2))
    columns = [[1.0, -1.0, 2.0, 0.0], [3.0, 0.0, 1.0, 0.0]]
    # w = 2: (2 - 3)**2 + (4 - 1)**2, and 2 (2 - 3) 1 + 2 (4 - 1) 2
    assert kernel.run([2.0], columns) == ([10.0, 10.0], [(1, 0), (3, 0)])


def test_what_all_samples_share_is_computed_once() -> None:
    f = compile(lambda w, x: autograd.exp(w) * x, batch="x", backend="python")
    assert f.value_and_grad(0.0, [1.0, 2.0]) == (1.5, 1.5)
    before, _, loop = f.source.partition("    for ")
    assert "exp(w)" in before
    assert "exp(w)" not in loop


def test_a_shared_guard_that_does_not_hold_leaves_every_sample_out() -> None:
    build = Builder()
    w, x = build.input("w"), build.input("x")
    build.guard(build.emit("lt", w, build.constant(0.0)), expected=True)
    kernel = PythonBatch(build.program([build.emit("mul", w, x)]), (1,))
    assert kernel.run([1.0], [[1.0, 2.0]]) == ([], [(0, 0), (1, 0)])
    assert kernel.run([-1.0], [[1.0, 2.0]]) == ([-3.0], [])


# -- rewriting ------------------------------------------------------------------------------


def test_every_operation_of_the_table_can_be_printed() -> None:
    points: dict[str, tuple[float, ...]] = {"acosh": (1.5,), "where": (1.0, 2.0, 3.0)}
    for name, operation in TABLE.items():
        count = len(operation.arguments) - len(operation.constants)
        point = points.get(name, (0.5, 0.25)[:count])
        function = getattr(autograd, name, None)
        if function is None or len(point) != count:
            continue
        ours = compile(function, backend="python").value_and_grad(*point)
        assert ours[0] == function(*map(Value, point)).data, name


def test_results_that_are_summed_need_no_zero() -> None:
    build = Builder()
    x = build.input("x")
    zero = build.constant(0.0)
    program = build.program([build.emit("add", x, zero), build.emit("mul", x, x)])
    assert passes.summed(program).outputs[0] == 0
    assert len(passes.summed(program)) == 2
