"""Operations of one's own: from text, from functions, and everywhere a built-in one can be."""

import inspect
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    OPERATIONS,
    DefinitionError,
    DomainError,
    NumberError,
    PoleError,
    RangeError,
    Tape,
    Value,
    check_gradients,
    checkpoint,
    derivative,
    grad,
    hessian,
    hvp,
    ieee,
    jvp,
    no_grad,
    operation,
    replay,
)
from autograd.operations import TABLE
from autograd.recorders import NAMESPACE
from autograd.reductions import REDUCTIONS
from tests.untyped import message_of
from viz import draw_dot

mpmath: Any = pytest.importorskip("mpmath", reason="the extra `check` brings it")


@pytest.fixture(autouse=True)
def table_as_it_was() -> Iterator[None]:
    """Forget afterwards what a test defines."""
    before = dict(TABLE)
    yield
    for name in set(TABLE) - set(before):
        del TABLE[name]
        for kind in ("plain", "record", "reflected"):
            NAMESPACE.pop(f"{kind}_{name}", None)


Definition = Callable[[], Any]


def by_decorator() -> Any:
    @operation(dx=lambda x, y: y + 2 * x, dy=lambda x, y: x)  # type: ignore[untyped-decorator]
    def mixed(x: Any, y: Any) -> Any:
        """Return x y + x**2."""
        return x * y + x * x

    return mixed


# The same three functions by text and by callables: t**3, x y + x**2, a b**2 c.
ONE: dict[str, Definition] = {
    "text": lambda: operation("t * t * t", name="cubed", dt="3 * t * t"),
    "text with powers": lambda: operation("t ** 3", name="cubed", dt="3 * t ** 2"),
    "callables": lambda: operation(lambda t: t * t * t, name="cubed", dt=lambda t: 3.0 * t * t),
    "callable and text": lambda: operation(lambda t: t * t * t, name="cubed", dt="3 * t**2"),
    "text and callable": lambda: operation("t * t * t", name="cubed", dt=lambda t: 3.0 * t * t),
    "with out": lambda: operation("t**3", name="cubed", dt="3 * out / t"),
    "callable of out": lambda: operation(
        lambda t: t * t * t, name="cubed", dt=lambda t, out: 3.0 * out / t
    ),
}
TWO: dict[str, Definition] = {
    "text": lambda: operation("x*y + x*x", name="mixed", dx="y + 2*x", dy="x"),
    "other names": lambda: operation("b*y + b*b", name="mixed", db="y + 2*b", dy="b"),
    "swapped names": lambda: operation("y*x + y*y", name="mixed", dy="x + 2*y", dx="y"),
    "callables": lambda: operation(
        lambda x, y: x * y + x * x,
        name="mixed",
        dx=lambda x, y: y + 2 * x,
        dy=lambda x, y: x,
    ),
    "decorator": by_decorator,
}
THREE: dict[str, Definition] = {
    "text": lambda: operation("a*b*b*c", name="third", da="b*b*c", db="2*a*b*c", dc="a*b*b"),
    "x, y and z": lambda: operation(
        "x*y**2*z", name="third", dx="y*y*z", dy="2*x*y*z", dz="x*y*y"
    ),
    "callables": lambda: operation(
        lambda a, b, c: a * b * b * c,
        name="third",
        da=lambda a, b, c: b * b * c,
        db=lambda a, b, c, out: 2.0 * out / b,
        dc=lambda a, b, c: a * b * b,
    ),
}
one = pytest.mark.parametrize("define", ONE.values(), ids=ONE)
two = pytest.mark.parametrize("define", TWO.values(), ids=TWO)
three = pytest.mark.parametrize("define", THREE.values(), ids=THREE)
every = pytest.mark.parametrize(
    ("define", "point"),
    [
        *((define, [2.0]) for define in ONE.values()),
        *((define, [2.0, 3.0]) for define in TWO.values()),
        *((define, [2.0, 3.0, 5.0]) for define in THREE.values()),
    ],
    ids=[
        f"{len(args)}: {key}"
        for args, group in (("x", ONE), ("xy", TWO), ("xyz", THREE))
        for key in group
    ],
)

# By hand, at those points: value, gradient, Hessian.
EXPECTED: dict[int, tuple[float, list[float], list[list[float]]]] = {
    1: (8.0, [12.0], [[12.0]]),
    2: (10.0, [7.0, 2.0], [[2.0, 1.0], [1.0, 0.0]]),
    3: (
        90.0,
        [45.0, 60.0, 18.0],
        [[0.0, 30.0, 9.0], [30.0, 20.0, 12.0], [9.0, 12.0, 0.0]],
    ),
}


# -- what it computes -------------------------------------------------------------------------


@every
def test_floats_give_floats(define: Definition, point: list[float]) -> None:
    out = define()(*point)
    assert (out, type(out)) == (EXPECTED[len(point)][0], float)


@every
def test_backward_gives_the_gradient(define: Definition, point: list[float]) -> None:
    values = [Value(x) for x in point]
    out = define()(*values)
    out.backward()
    value, slopes, _ = EXPECTED[len(point)]
    assert (out.data, [v.grad for v in values]) == (value, slopes)


@every
def test_constants_may_stand_on_either_side(define: Definition, point: list[float]) -> None:
    f = define()
    value, slopes, _ = EXPECTED[len(point)]
    for moving in range(1, 2 ** len(point)):
        args = [Value(x) if moving >> k & 1 else x for k, x in enumerate(point)]
        out = f(*args)
        out.backward()
        assert out.data == value
        for x, slope in zip(args, slopes, strict=True):
            assert not isinstance(x, Value) or x.grad == slope


@every
def test_other_numbers_than_floats_are_constants_too(
    define: Definition, point: list[float]
) -> None:
    f = define()
    assert f(*(int(x) for x in point)) == EXPECTED[len(point)][0]
    assert f(Value(point[0]), *(Fraction(x) for x in point[1:])).data == EXPECTED[len(point)][0]


@every
def test_it_can_be_differentiated_again(define: Definition, point: list[float]) -> None:
    f = define()
    _, slopes, table = EXPECTED[len(point)]
    everything = tuple(range(len(point)))
    assert grad(f, everything)(*point) == tuple(slopes)
    assert hessian(f, everything)(*point) == tuple(tuple(row) for row in table)
    for k in everything:
        unit = [float(i == k) for i in everything]
        assert jvp(f, point, unit) == (EXPECTED[len(point)][0], slopes[k])
        assert hvp(f, point, unit) == tuple(table[k])


@one
def test_third_and_higher_derivatives(define: Definition) -> None:
    f = define()
    assert derivative(f, 3)(2.0) == pytest.approx(6.0, rel=1e-14)
    assert derivative(f, 4)(2.0) == pytest.approx(0.0, abs=1e-13)


@two
def test_second_order_against_a_constant(define: Definition) -> None:
    f = define()
    assert hessian(lambda x: f(x, 3.0))(2.0) == 2.0
    assert hessian(lambda y: f(2.0, y))(3.0) == 0.0
    assert hessian(lambda x: f(x, x))(2.0) == 4.0


@every
def test_it_is_one_row_of_the_listing(define: Definition, point: list[float]) -> None:
    f = define()
    values = [Value(x, label=label) for x, label in zip(point, "pqr", strict=False)]
    with Tape() as tape:
        out = f(*values)
    row = tape[len(point)]
    assert row.operation == row.op == f.__name__
    assert [x.partial for x in row.operands] == EXPECTED[len(point)][1]
    written = f"{f.__name__}({', '.join('pqr'[: len(point)])})"
    assert written in str(tape)
    assert out._op == f.__name__
    assert [v.label for v in out._prev] == list("pqr"[: len(point)])


@every
def test_it_is_drawn(define: Definition, point: list[float]) -> None:
    f = define()
    out = f(*(Value(x) for x in point))
    source = draw_dot(out).source
    assert f.__name__ in source


@every
@pytest.mark.parametrize("number", [float, Fraction, complex, mpmath.mpf])
def test_it_is_replayed(define: Definition, point: list[float], number: Any) -> None:
    out = define()(*(Value(x) for x in point))
    value, slopes, _ = EXPECTED[len(point)]
    done = replay(out.tape, number=number)
    assert type(done.values[-1]) in (number, type(number(1)))
    assert done.values[-1] == value
    assert list(done.gradients[:-1]) == slopes


@two
def test_replay_is_exact(define: Definition) -> None:
    x, y = Fraction(1, 3), Fraction(2, 7)
    out = define()(Value(1.0), Value(2.0))
    done = replay(out.tape, [x, y], number=Fraction)
    assert done.values[-1] == x * y + x * x
    assert done.gradients == (y + 2 * x, x, 1)


@every
def test_it_works_under_no_grad_and_in_checkpoints(
    define: Definition, point: list[float]
) -> None:
    f = define()
    value, slopes, _ = EXPECTED[len(point)]
    values = [Value(x) for x in point]
    with no_grad():
        assert len(f(*values).tape) == 1
    out = checkpoint(f)(*values)
    out.backward()
    assert (out.data, [v.grad for v in values]) == (value, slopes)


@every
def test_the_gradient_checker_accepts_it(define: Definition, point: list[float]) -> None:
    assert autograd.check_gradients(define(), *point)


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_it_composes_with_built_in_operations(x: int, y: int) -> None:
    f = operation("x*y + x*x", name="mixed", dx="y + 2*x", dy="x")
    a, b = Value(x), Value(y)
    out = f(a * b, f(b, a) - 1.0) * a
    out.backward()
    # u = x y, v = y x + y**2 - 1, out = (u v + u**2) x
    u, v = x * y, y * x + y * y - 1
    du, dv = v + 2 * u, u
    assert out.data == (u * v + u * u) * x
    assert a.grad == (du * y + dv * y) * x + (u * v + u * u)
    assert b.grad == (du * x + dv * (x + 2 * y)) * x


def test_operands_from_deep_in_a_program() -> None:
    f = operation("x * y", name="times", dx="y", dy="x")
    x = Value(1.0)
    y = x
    for _ in range(1000):
        y = f(y, 1.0) + f(0.0, y)
    y.backward()
    assert (y.data, x.grad) == (1.0, 1.0)


# -- text of formulas -------------------------------------------------------------------------

FORMULAS: dict[str, tuple[Definition, float, float, float]] = {
    # value, slope and curvature at 2, by hand
    "whole numbers": (lambda: operation("2*t + 1", name="f", dt="2"), 5.0, 2.0, 0.0),
    "power of a variable": (
        lambda: operation("2 ** t", name="f", dt="out * log(2)"),
        4.0,
        4.0 * math.log(2),
        4.0 * math.log(2) ** 2,
    ),
    "branches": (
        lambda: operation("t if t > 0 else -t*t", name="f", dt="1 if t > 0 else -2*t"),
        2.0,
        1.0,
        0.0,
    ),
    "functions and constants": (
        lambda: operation("sin(pi * t) + e", name="f", dt="pi * cos(pi * t)"),
        math.sin(2 * math.pi) + math.e,
        math.pi,
        -(math.pi**2) * math.sin(2 * math.pi),
    ),
    "sigmoid": (
        lambda: operation("sigmoid(3*t)", name="f", dt="3 * out * sigmoid(-3*t)"),
        1 / (1 + math.exp(-6)),
        3 * math.exp(-6) / (1 + math.exp(-6)) ** 2,
        -9 * math.exp(-6) * (1 - math.exp(-6)) / (1 + math.exp(-6)) ** 3,
    ),
}


@pytest.mark.parametrize(
    ("define", "value", "slope", "curvature"), FORMULAS.values(), ids=FORMULAS
)
def test_formulas_mean_what_they_say(
    define: Definition, value: float, slope: float, curvature: float
) -> None:
    f = define()
    assert f(2.0) == pytest.approx(value, rel=1e-15)
    assert grad(f)(2.0) == pytest.approx(slope, rel=1e-15)
    assert derivative(f, 2)(2.0) == pytest.approx(curvature, rel=1e-13, abs=1e-15)


def test_power_stays_real() -> None:
    f = operation("t ** 0.5", name="root", dt="0.5 / out")
    assert f(4.0) == 2.0
    with pytest.raises(
        DomainError, match=r"^root\(x\) needs finite operands, got x = -1\.0 \("
    ):
        f(Value(-1.0))


def test_name_that_contains_a_word_of_formulas() -> None:
    f = operation(lambda x: x * x, name="necktie", dx=lambda x: 2.0 * x)
    assert grad(f)(3.0) == 6.0
    f = operation(lambda x, y: x * y, name="outfit", dx=lambda x, y: y, dy=lambda x, y: x)
    assert grad(f)(3.0, 5.0) == 5.0


def test_value_is_a_float_whatever_a_function_returns() -> None:
    step = operation(lambda x: 1 if x > 0 else 0, name="step", dx=lambda x: 0)
    out = step(Value(2.0))
    out.backward()
    assert type(out.data) is float
    assert type(step(2.0)) is float
    assert repr(out) == "Value(data=1.0, grad=1.0)"


def test_function_that_returns_no_number() -> None:
    broken: Any = operation(lambda x: None, name="broken", dx=lambda x: 1.0)
    for x in (2.0, Value(2.0)):
        message = message_of(NumberError, lambda: broken(x))  # noqa: B023
        assert "broken" in message
        assert "None" in message


def test_docstring_and_name_are_the_functions() -> None:
    f = by_decorator()
    assert (f.__name__, f.__doc__) == ("mixed", "Return x y + x**2.")
    g = operation("t*t", name="squared", dt="2*t")
    assert (g.__name__, g.__doc__) == ("squared", "Return t*t.")


def test_name_may_be_given_to_a_function_that_has_one() -> None:
    def square(x: Any) -> Any:
        return x * x

    assert operation(square, dx="2*x").__name__ == "square"
    assert operation(square, name="other", dx="2*x").__name__ == "other"


def test_function_of_math_may_be_the_value() -> None:
    f = operation(math.gamma, name="gamma_function", dx=lambda x: math.gamma(x) * 0.0)
    assert f(5.0) == 24.0


# -- the domain -------------------------------------------------------------------------------


def test_domain_stands_in_the_message() -> None:
    f = operation("log(t) / t", name="ratio", domain="t > 0", dt="(1 - log(t)) / t**2")
    message = message_of(DomainError, lambda: f(-1.0))
    assert message.startswith("ratio(x) needs t > 0, got x = -1.0 (")
    assert message.endswith("`with autograd.ieee():` gives inf or nan instead")
    labelled = message_of(DomainError, lambda: f(Value(-1.0, label="speed")))
    assert labelled.startswith("ratio(x) needs t > 0, got x = -1.0 (labelled 'speed') (")
    pole = message_of(
        PoleError, lambda: operation("1/t", name="r", domain="t != 0", dt="0")(0.0)
    )
    assert pole.startswith("r(x) needs t != 0, got x = 0.0 (")


def test_domain_of_three_arguments() -> None:
    f = operation("sqrt(a) * b * c", name="g", domain="a >= 0", da="0", db="0", dc="0")
    for args in ((-1.0, 2.0, 3.0), (Value(-1.0), Value(2.0), 3.0)):
        message = message_of(DomainError, lambda: f(*args))  # noqa: B023
        assert message.startswith("g(a, b, c) needs a >= 0, got a = -1.0, b = 2.0, c = 3.0 (")


def test_result_that_is_too_large() -> None:
    f = operation("exp(t)", name="growth", dt="out")
    message = message_of(RangeError, lambda: f(Value(1000.0)))
    assert message.startswith("growth(x) is too large for a float at x = 1000.0 (")


def test_failure_in_a_function_is_explained_too() -> None:
    f = operation(lambda x: 1.0 * math.log(x), name="ln", domain="x > 0", dx="1 / x")
    message = message_of(DomainError, lambda: f(Value(-1.0)))
    assert message.startswith("ln(x) needs x > 0, got x = -1.0 (")


def test_ieee_gives_inf_and_nan() -> None:
    f = operation("log(t)", name="ln", dt="1 / t")
    x = Value(0.0)
    with ieee():
        assert f(0.0) == -math.inf
        y = f(x)
    y.backward()
    assert (y.data, x.grad) == (-math.inf, math.inf)


def test_slope_that_fails_is_infinite_and_does_not_raise() -> None:
    f = operation("sqrt(t)", name="root", dt="0.5 / out")
    x = Value(0.0)
    f(x).backward()
    assert x.grad == math.inf


# -- defined again ----------------------------------------------------------------------------


def test_a_new_definition_replaces_the_old_one() -> None:
    # As in a notebook, where the cell with the mistake is run again.
    wrong = operation("x * x", name="square", dx="x")
    x = Value(3.0)
    wrong(x).backward()
    assert (x.grad, hessian(wrong)(3.0)) == (3.0, 1.0)
    right = operation("x * x", name="square", dx="2 * x")
    y = Value(3.0)
    right(y).backward()
    assert (y.grad, hessian(right)(3.0)) == (6.0, 2.0)
    assert replay(right(y).tape, number=Fraction).gradients[0] == 6


def test_a_new_definition_of_functions_replaces_the_old_one() -> None:
    wrong = operation(lambda x, y: x * y, name="times", dx=lambda x, y: x, dy=lambda x, y: y)
    assert grad(wrong, (0, 1))(3.0, 5.0) == (3.0, 5.0)
    right = operation(lambda x, y: x * y, name="times", dx=lambda x, y: y, dy=lambda x, y: x)
    assert grad(right, (0, 1))(3.0, 5.0) == (5.0, 3.0)
    assert hessian(right, (0, 1))(3.0, 5.0) == ((0.0, 1.0), (1.0, 0.0))


def test_a_new_definition_goes_by_the_same_name() -> None:
    operation("x * x", name="square", dx="x")
    f = operation("sqrt(x) ** 4", name="square", domain="x >= 0", dx="2 * x")
    x = Value(3.0, label="x")
    y = f(x)
    assert f.__name__ == "square"
    assert y._op == "square"
    assert "square(x)" in str(y.tape)
    assert message_of(DomainError, lambda: f(Value(-1.0))).startswith("square(x) needs x >= 0")
    assert message_of(NumberError, lambda: f("two")).startswith("square needs one real number")
    message = message_of(DefinitionError, lambda: operation("z", name="square", dx="1"))
    assert message.startswith("square: value = 'z' uses ['z']")
    message = message_of(TypeError, lambda: f(1.0, 2.0))
    assert message == "square takes 1 argument(s), got 2"


def test_a_new_definition_may_take_more_arguments() -> None:
    operation("x * x", name="f", dx="2 * x")
    f = operation("x * y * z", name="f", dx="y * z", dy="x * z", dz="x * y")
    assert grad(f, (0, 1, 2))(2.0, 3.0, 5.0) == (15.0, 10.0, 6.0)


def test_a_tape_keeps_the_slopes_it_recorded() -> None:
    x = Value(3.0)
    y = operation("x * x", name="square", dx="2 * x")(x)
    operation("x * x", name="square", dx="0.0")
    y.backward()
    assert x.grad == 6.0


def test_built_in_table_does_not_grow() -> None:
    operation("x * x", name="square", dx="2 * x")
    assert "square" not in OPERATIONS


# -- what cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tanh", "add", "where", "stop_gradient"])
def test_name_of_a_built_in_operation(name: str) -> None:
    message = message_of(DefinitionError, lambda: operation("x", name=name, dx="1"))
    assert message == f"{name} is an operation of the table already; choose another name"


@pytest.mark.parametrize("name", [*REDUCTIONS, "leaf", "custom", "checkpoint"])
def test_name_of_another_kind_of_row(name: str) -> None:
    message = message_of(DefinitionError, lambda: operation("x", name=name, dx="1"))
    assert message.startswith(f"{name} is ")
    assert message.endswith("; choose another name")


def test_no_name() -> None:
    expected = "an operation needs a name that is an identifier, got "
    for work, shown in (
        (lambda: operation("x", dx="1"), "''"),
        (lambda: operation("x", name="", dx="1"), "''"),
        (lambda: operation("x", name="my op", dx="1"), "'my op'"),
        (lambda: operation("x", name="2x", dx="1"), "'2x'"),
        (lambda: operation(lambda x: x, dx="1"), "'<lambda>'"),
    ):
        assert message_of(DefinitionError, work) == expected + shown


@pytest.mark.parametrize(
    ("work", "missing"),
    [
        (lambda: operation(lambda x, y: x * y, name="f", dx="y"), "['dy']"),
        (lambda: operation(lambda x, y: x * y, name="f"), "['dx', 'dy']"),
        (lambda: operation(lambda x, y, z: x, name="f", dy="0"), "['dx', 'dz']"),
    ],
    ids=["one", "both", "two of three"],
)
def test_missing_derivative(work: Definition, missing: str) -> None:
    assert message_of(DefinitionError, work) == (
        f"f needs a derivative for each argument; missing: {missing}"
    )


def test_missing_derivative_of_a_text_is_an_unknown_name() -> None:
    assert message_of(DefinitionError, lambda: operation("x * y", name="f", dx="y")) == (
        "f: dx = 'y' uses ['y']; a formula may use its arguments (x), `out` in a "
        "derivative, and the functions of math"
    )


def test_superfluous_derivative() -> None:
    work = lambda: operation(lambda x: x, name="f", dx="1", dy="1")  # noqa: E731 - the call
    assert message_of(DefinitionError, work) == "f(x) has no argument for ['dy']"


@pytest.mark.parametrize("key", ["x", "d", "slope"])
def test_keyword_that_is_no_derivative(key: str) -> None:
    rules: dict[str, Any] = {key: "1"}
    message = message_of(DefinitionError, lambda: operation("x", name="f", **rules))
    assert message == (f"f: a derivative is given as dx=..., for the argument x; got {key}=...")


def test_no_arguments() -> None:
    expected = (
        "f needs at least one argument with its derivative: of an argument x, as in "
        'operation("x * x", name="square", dx="2 * x")'
    )
    assert message_of(DefinitionError, lambda: operation("1.0", name="f")) == expected
    assert message_of(DefinitionError, lambda: operation(lambda: 1.0, name="f")) == expected


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (lambda: 1.0, "()"),
        (lambda x, y: y, "(x, y)"),
        (lambda x, out, other: x, "(x, out, other)"),
        (lambda x, result: x, "(x, result)"),
    ],
    ids=["none", "two", "three", "another name for out"],
)
def test_derivative_of_another_arity(rule: Any, shown: str) -> None:
    message = message_of(DefinitionError, lambda: operation(lambda x: x, name="f", dx=rule))
    assert message == f"f: dx must take (x), and may take `out` after them; got {shown}"


def test_value_of_another_arity_than_its_derivatives() -> None:
    work = lambda: operation(  # noqa: E731 - the call
        lambda x, y: x * y, name="f", dx=lambda x: 1.0, dy="x"
    )
    message = message_of(DefinitionError, work)
    assert message == "f: dx must take (x, y), and may take `out` after them; got (x)"


@pytest.mark.parametrize("rule", [2.0, None, ["y"]])
def test_rule_that_is_neither_text_nor_function(rule: Any) -> None:
    message = message_of(DefinitionError, lambda: operation(lambda x: x, name="f", dx=rule))
    assert message == (
        f"f: dx needs a formula or a function, got {rule!r} ({type(rule).__name__})"
    )


@pytest.mark.parametrize(
    ("value", "slope", "role", "text", "unknown"),
    [
        ("x * z", "1", "value", "x * z", "['z']"),
        ("numpy + tie", "1", "value", "numpy + tie", "['numpy', 'tie']"),
        ("out", "1", "value", "out", "['out']"),
        ("x", "y + x", "dx", "y + x", "['y']"),
        ("x", "__import__('os')", "dx", "__import__('os')", "['__import__']"),
    ],
)
def test_unknown_names(value: str, slope: str, role: str, text: str, unknown: str) -> None:
    message = message_of(DefinitionError, lambda: operation(value, name="f", dx=slope))
    assert message == (
        f"f: {role} = {text!r} uses {unknown}; a formula may use its arguments (x), `out` in "
        "a derivative, and the functions of math"
    )


@pytest.mark.parametrize("text", ["x +", "x = 2", "return x", "x; x", ""])
def test_text_that_is_no_formula(text: str) -> None:
    message = message_of(DefinitionError, lambda: operation(text, name="f", dx="1"))
    assert message.startswith(f"f: value = {text!r} is no formula: ")


@pytest.mark.parametrize("text", ["x.real", "x[0]", "(lambda: 1)()", "x.__class__"])
def test_text_that_is_more_than_a_formula(text: str) -> None:
    message = message_of(DefinitionError, lambda: operation("x", name="f", dx=text))
    assert message == f"f: dx = {text!r} is more than a formula"


def test_function_without_a_signature() -> None:
    work = lambda: operation(math.hypot, name="distance", dx="x")  # noqa: E731 - the call
    assert "distance" in message_of(DefinitionError, work)


def test_a_definition_that_fails_defines_nothing() -> None:
    f = operation("x * x", name="square", dx="2 * x")
    with pytest.raises(DefinitionError):
        operation("x * x", name="square", dx="2 * y")
    with pytest.raises(DefinitionError):
        operation(lambda x: x, name="square", dx=lambda x, y: y)
    assert (f(3.0), grad(f)(3.0)) == (9.0, 6.0)


@every
def test_wrong_number_of_operands(define: Definition, point: list[float]) -> None:
    f, count = define(), len(point)
    for args in ([], point[:-1], [*point, 1.0]):
        if len(args) != count:
            message = message_of(TypeError, lambda: f(*args))  # noqa: B023
            assert message == f"{f.__name__} takes {count} argument(s), got {len(args)}"


@every
def test_operands_that_are_no_numbers(define: Definition, point: list[float]) -> None:
    f = define()
    for k in range(len(point)):
        args: list[Any] = [*point]
        args[k] = "two"
        message = message_of(NumberError, lambda: f(*args))  # noqa: B023
        assert message == (
            f"{f.__name__} needs one real number, got 'two' (str); convert it with float(...)"
        )


def test_slope_of_plain_math_cannot_be_differentiated_again() -> None:
    f = operation(math.exp, name="growth", dx=math.exp)
    assert grad(f)(0.0) == 1.0
    message = message_of(TypeError, lambda: grad(grad(f))(0.0))
    assert "autograd." in message


def test_an_operation_says_what_it_takes() -> None:
    scaled = operation("rate * x", name="scaled", drate="x", dx="rate")

    assert str(inspect.signature(scaled)) == "(rate, x, /)"
    report = check_gradients(scaled, 2.0, 3.0)
    assert [row.name for row in report.rows] == ["rate", "x"]


def test_a_power_is_not_written_with_a_caret() -> None:
    with pytest.raises(DefinitionError) as caught:
        operation("x^3", name="careted", dx="3 * x**2")

    assert str(caught.value) == "careted: value = 'x^3' has ^ for a power; write **"
