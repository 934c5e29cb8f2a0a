"""Second and higher derivatives: of every row of the table, and of programs made of them.

The truth comes from the definitions in `cases.py`, differentiated numerically at 50 digits, or
from closed forms. What goes in and out of a transform is in `test_transforms.py`.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import (
    OPERATIONS,
    Tape,
    Value,
    derivative,
    dot,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd.strategies import Program, networks, programs
from tests import oracles
from tests.cases import CASES, Case, Point
from tests.checks import callable_of
from tests.oracles import Real, real

Function = Callable[..., Any]


def along(f: Function) -> Function:
    """Return the derivative of a function of one number, by a forward sweep."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


def back(f: Function) -> Function:
    """Return the derivative of a function of one number, by a pullback."""
    return lambda x: vjp(f, x)[1](1.0)[0]


def near(got: float, truth: Real, within: float) -> bool:
    """Return whether a number is right to a share of its size, or of 1 if it is smaller."""
    return bool(abs(real.mpf(got) - truth) <= within * max(abs(truth), 1))


# -- every row of the table -------------------------------------------------------------------

# Away from kinks; what is outside of an operation's domain is left out.
ONES = (0.6, -0.6, 1.7, -1.7, 3.3, 0.05, -7.25, 12.25)
TWOS = ((0.6, 1.7), (1.7, 0.6), (2.5, -1.3), (-0.3, 2.25), (-1.2, -0.7), (6.5, 4.1))
CHOSEN: dict[str, list[Point]] = {
    "pow": [(0.6, 1.7), (1.7, -0.6), (2.5, 3.0), (6.5, 2.0)],
    "where": [(1.0, 0.6, 1.7), (0.0, 0.6, 1.7)],
    "clamp": [(0.6, -1.0, 1.0), (1.7, -1.0, 1.0), (-1.7, -1.0, 1.0)],
    "leaky_relu": [(0.6, 0.1), (-0.6, 0.1)],
    "elu": [(0.6, 0.7), (-0.6, 0.7), (-7.25, 1.0)],
}


def points_of(case: Case) -> list[Point]:
    """Return points in the domain of an operation."""
    if case.name in CHOSEN:
        return CHOSEN[case.name]
    candidates: Sequence[Point] = [(x,) for x in ONES] if len(case.points[0]) == 1 else TWOS
    values = [case.value(*map(real.mpf, point)) for point in candidates]
    return [p for p, v in zip(candidates, values, strict=True) if isinstance(v, real.mpf)]


def moving_of(case: Case) -> list[int]:
    """Return the arguments that can be Values; a condition has no derivative."""
    return [k for k in range(len(case.partials)) if (case.name, k) != ("where", 0)]


def second(case: Case, point: Point, i: int, j: int) -> Real:
    """Return a second derivative of the definition, by differences at 50 digits."""
    orders = [0] * len(point)
    orders[i] += 1
    orders[j] += 1
    return real.diff(case.value, tuple(map(real.mpf, point)), tuple(orders))


every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)

# A few roundings, each of which a formula may double a few times.
ROUNDINGS = 2e-14


def test_every_row_has_points() -> None:
    assert set(CASES) == set(OPERATIONS)
    assert all(points_of(case) for case in CASES.values())


@every_case
def test_second_derivatives_of_every_row(case: Case) -> None:
    call, moving = callable_of(case.name), tuple(moving_of(case))
    for point in points_of(case):
        table = hessian(call, moving)(*point)
        for (row, i), (column, j) in itertools.product(enumerate(moving), repeat=2):
            assert near(table[row][column], second(case, point, i, j), ROUNDINGS), point


def of_one(case: Case, point: Point, k: int) -> Function:
    """Return an operation as a function of one argument, the others constants."""
    call = callable_of(case.name)
    return lambda x: call(*point[:k], x, *point[k + 1 :])


@every_case
def test_second_derivatives_against_constants(case: Case) -> None:
    for point, k in itertools.product(points_of(case), moving_of(case)):
        truth, f = second(case, point, k, k), of_one(case, point, k)
        assert near(hessian(f)(point[k]), truth, ROUNDINGS), point
        assert near(hvp(f, (point[k],), (1.0,))[0], truth, ROUNDINGS), point


# A constant slope does not depend on anything, and whether that is said is no matter here.
quietly = pytest.mark.filterwarnings("ignore::autograd.IndependenceWarning")


@quietly
@every_case
def test_forward_and_reverse_compose_in_every_order(case: Case) -> None:
    for point, k in itertools.product(points_of(case), moving_of(case)):
        truth, f = second(case, point, k, k), of_one(case, point, k)
        for outer, inner in itertools.product((grad, along, back), repeat=2):
            assert near(outer(inner(f))(point[k]), truth, ROUNDINGS), point


SMOOTH = [
    name
    for name, case in CASES.items()
    if len(case.points[0]) == 1
    and name not in {"sign", "floor", "ceil", "round", "abs", "relu", "identity", "neg"}
    and name != "stop_gradient"
]


@quietly
@pytest.mark.parametrize("name", SMOOTH)
def test_third_derivatives_in_every_order_of_composition(name: str) -> None:
    case, call = CASES[name], callable_of(name)
    for (x,) in points_of(case)[:2]:
        truth = real.diff(case.value, real.mpf(x), 3)
        for d1, d2, d3 in itertools.product((grad, along), repeat=3):
            assert near(d1(d2(d3(call)))(x), truth, 10 * ROUNDINGS)


@pytest.mark.parametrize("name", ["sinc", "gelu", "softplus", "erf", "atan", "expm1", "cos"])
def test_second_derivative_at_zero(name: str) -> None:
    case = CASES[name]
    truth = real.diff(case.value, real.mpf(0), 2)
    assert near(derivative(callable_of(name), 2)(0.0), truth, ROUNDINGS)


EDGES: dict[str, tuple[Function, float, float]] = {
    "x**0 at 0": (lambda x: x**0.0, 0.0, 0.0),
    "x**1 at 0": (lambda x: x**1.0, 0.0, 0.0),
    "x**2 at 0": (lambda x: x**2.0, 0.0, 2.0),
    "x**3 at 0": (lambda x: x**3.0, 0.0, 0.0),
    "x**2 at -3": (lambda x: x**2.0, -3.0, 2.0),
    "x**-1 at -2": (lambda x: x**-1.0, -2.0, -0.25),
    "relu": (autograd.relu, 0.0, 0.0),
    "abs": (autograd.abs, 0.0, 0.0),
    "clamp": (lambda x: autograd.clamp(x, 0.0, 1.0), 1.0, 0.0),
    "maximum against a constant": (lambda x: autograd.maximum(x, 0.0), 0.0, 0.0),
    "maximum of the same": (lambda x: autograd.maximum(x, x), 1.0, 0.0),
    "maximum of a square": (lambda x: autograd.maximum(x * x, x), 2.0, 2.0),
    "minimum of a line": (lambda x: autograd.minimum(x * x, x), 2.0, 0.0),
    "maximum in a tie": (lambda x: autograd.maximum(x * x, x), 1.0, 1.0),
    "where": (lambda x: autograd.where(x > 0.0, x**3, x), 2.0, 12.0),
    "xlogy": (lambda x: autograd.xlogy(x, x), 2.0, 0.5),
}


@pytest.mark.parametrize(("f", "x", "expected"), EDGES.values(), ids=EDGES)
def test_second_derivatives_on_kinks_and_edges(f: Function, x: float, expected: float) -> None:
    assert derivative(f, 2)(x) == expected


# -- operations over lists --------------------------------------------------------------------

XS = [0.3, -1.2, 2.0, 0.7]


def softmax(xs: Sequence[float]) -> list[Real]:
    """Return the softmax at 50 digits."""
    norm = real.fsum(real.exp(x) for x in xs)
    return [real.exp(x) / norm for x in xs]


def test_hessian_of_logsumexp_is_the_covariance_of_its_softmax() -> None:
    p = softmax(XS)
    table = hessian(autograd.logsumexp)(XS)
    for i, j in itertools.product(range(4), repeat=2):
        assert near(table[i][j], (p[i] if i == j else 0) - p[i] * p[j], 1e-15)


def test_hessian_of_logsumexp_against_a_constant() -> None:
    p = softmax(XS)
    table = hessian(lambda v: autograd.logsumexp([v[0], XS[1], v[1], XS[3]]))([XS[0], XS[2]])
    assert near(table[0][0], p[0] - p[0] ** 2, 1e-15)
    assert near(table[0][1], -p[0] * p[2], 1e-15)


def test_hessian_of_prod_is_the_product_of_the_others() -> None:
    xs = [2.0, 3.0, 0.0, 5.0]
    table = hessian(autograd.prod)(xs)
    for i, j in itertools.product(range(4), repeat=2):
        others = math.prod(x for k, x in enumerate(xs) if k not in (i, j))
        assert table[i][j] == (0.0 if i == j else others)
    assert hessian(lambda x: autograd.prod([x, 7.0, x, x]))(2.0) == 84.0


def test_hessian_of_dot_couples_the_lists() -> None:
    xs, ys = [2.0, 3.0], [5.0, 7.0]
    f = hessian(dot, (0, 1, 2))
    by_xs, by_ys, by_start = f(xs, ys, 1.0)
    nothing, unit = [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]
    assert by_xs == [(nothing, row, 0.0) for row in unit]
    assert by_ys == [(row, nothing, 0.0) for row in unit]
    assert by_start == (nothing, nothing, 0.0)
    # d2 (x*x + 3 x) = 2
    assert hessian(lambda x: dot([x, 3.0], [x, x]))(1.5) == 2.0
    assert hessian(lambda x: dot([x, x], [2.0, 3.0], x * x))(1.5) == 2.0


@pytest.mark.parametrize("name", ["total", "mean", "amax", "amin"])
def test_linear_reductions_have_no_second_derivative(name: str) -> None:
    reduce = getattr(autograd, name)
    assert hessian(reduce)(XS) == [[0.0] * 4] * 4
    # Through a square: d2 of f(x**2, 1) is 2 f_1, or 0 where 1 is chosen.
    slope = {"total": 1.0, "mean": 0.5, "amax": 1.0, "amin": 0.0}[name]
    assert hessian(lambda x: reduce([x * x, 1.0]))(3.0) == 2.0 * slope


def test_hessian_of_softmax() -> None:
    p = softmax(XS)
    table = hessian(lambda xs: autograd.softmax(xs)[0])(XS)
    for i, j in itertools.product(range(4), repeat=2):
        di, dj, same = float(i == 0), float(j == 0), float(i == j)
        truth = p[0] * ((di - p[i]) * (dj - p[j]) - p[i] * (same - p[j]))
        assert near(table[i][j], truth, 1e-15)


# -- closed forms -----------------------------------------------------------------------------


def tanh_in_powers_of_itself(n: int) -> list[Fraction]:
    """Return c with d^n tanh / dx^n = c0 + c1 t + c2 t**2 + ..., where t = tanh x.

    As dt/dx = 1 - t**2, one derivative of p(t) is p'(t) (1 - t**2).
    """
    p = [Fraction(0), Fraction(1)]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(p)][1:]
        p = [Fraction(0)] * (len(slope) + 2)
        for k, c in enumerate(slope):
            p[k] += c
            p[k + 2] -= c
    return p


def test_the_polynomials_of_tanh() -> None:
    assert tanh_in_powers_of_itself(1) == [1, 0, -1]
    assert tanh_in_powers_of_itself(2) == [0, -2, 0, 2]
    assert tanh_in_powers_of_itself(6) == [0, -272, 0, 1232, 0, -1680, 0, 720]


def test_sixth_derivative_of_tanh_on_two_hundred_points() -> None:
    p = tanh_in_powers_of_itself(6)
    sixth = derivative(autograd.tanh, 6)
    for k in range(200):
        x = -7.0 + 14.0 * k / 199.0
        t = real.tanh(real.mpf(x))
        truth = real.fsum(real.mpf(c.numerator) * t**n for n, c in enumerate(p))
        assert abs(sixth(x) - truth) <= 1e-10 * abs(truth), x


@pytest.mark.parametrize("n", range(1, 7))
def test_derivatives_of_tanh_of_every_order(n: int) -> None:
    p = tanh_in_powers_of_itself(n)
    for x in (-3.0, -0.5, 0.0, 0.25, 8.0, 19.5):
        t = real.tanh(real.mpf(x))
        truth = real.fsum(real.mpf(c.numerator) * t**k for k, c in enumerate(p))
        assert near(derivative(autograd.tanh, n)(x), truth, 1e-12)


@pytest.mark.parametrize("n", range(7))
def test_high_orders_of_elementary_functions(n: int) -> None:
    x = 0.75
    quarter = n * math.pi / 2
    expected: list[tuple[Function, float]] = [
        (autograd.exp, math.exp(x)),
        (autograd.sin, math.sin(x + quarter)),
        (autograd.cos, math.cos(x + quarter)),
        (lambda x: 1.0 / x, (-1) ** n * math.factorial(n) / x ** (n + 1)),
        (lambda x: x**6, math.perm(6, n) * x ** (6 - n)),
        (lambda x: autograd.exp(-2.0 * x), (-2.0) ** n * math.exp(-2.0 * x)),
        (autograd.cosh, math.sinh(x) if n % 2 else math.cosh(x)),
    ]
    for f, truth in expected:
        assert derivative(f, n)(x) == pytest.approx(truth, rel=1e-12, abs=1e-12)


def rosenbrock(v: Sequence[Any]) -> Any:
    return autograd.total(
        [100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in itertools.pairwise(v)]
    )


def rosenbrock_hessian(v: Sequence[int]) -> list[list[float]]:
    """Return the closed form: tridiagonal, from each pair of neighbours."""
    table = [[0.0] * len(v) for _ in v]
    for k, (a, b) in enumerate(itertools.pairwise(v)):
        table[k][k] += 1200.0 * a * a - 400.0 * b + 2.0
        table[k][k + 1] = table[k + 1][k] = -400.0 * a
        table[k + 1][k + 1] += 200.0
    return table


def test_goldstein_price_has_its_gradient_at_one_one() -> None:
    def goldstein_price(x: Any, y: Any) -> Any:
        first = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
        other = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
        return (1 + (x + y + 1) ** 2 * first) * (30 + (2 * x - 3 * y) ** 2 * other)

    assert value_and_grad(goldstein_price, (0, 1))(1.0, 1.0) == (1876.0, (-5376.0, 8064.0))
    assert hvp(goldstein_price, (1.0, 1.0), (0.0, 0.0)) == (0.0, 0.0)
    x, y = Value(1.0), Value(1.0)
    goldstein_price(x, y).backward()
    assert (x.grad, y.grad) == (-5376.0, 8064.0)
    assert jvp(goldstein_price, (1.0, 1.0), (1.0, 2.0)) == (1876.0, 10752.0)
    # The minimum is 3, at (0, -1).
    assert value_and_grad(goldstein_price, (0, 1))(0.0, -1.0) == (3.0, (0.0, 0.0))


@given(st.lists(st.integers(-8, 8), min_size=2, max_size=5))
def test_hessian_of_rosenbrock(v: list[int]) -> None:
    # Whole numbers, so nothing rounds and the tables are equal.
    assert hessian(rosenbrock)(v) == rosenbrock_hessian(v)


def test_hessian_vector_product_of_rosenbrock() -> None:
    v, u = [3, -2, 1, 4], [1.0, -1.0, 2.0, 3.0]
    table = rosenbrock_hessian(v)
    product = [sum(h * x for h, x in zip(row, u, strict=True)) for row in table]
    assert hvp(rosenbrock, (v,), (u,)) == (product,)


def test_hessian_of_matyas() -> None:
    def matyas(x: Any, y: Any) -> Any:
        return 0.26 * (x**2 + y**2) - 0.48 * x * y

    assert grad(matyas, (0, 1))(0.0, 0.0) == (0.0, 0.0)
    for x, y in ((0.0, 0.0), (1.0, -2.0), (9.5, 3.25)):
        ((xx, xy), (yx, yy)) = hessian(matyas, (0, 1))(x, y)
        assert (xx, yy) == (0.52, 0.52)
        assert (xy, yx) == (-0.48, -0.48)


# Functions of two numbers that optimisers are tried on: f, f_xx, f_xy and f_yy.
PLANE: dict[str, tuple[Function, Function, Function, Function]] = {
    "Rosenbrock": (
        lambda x, y: 100 * (y - x**2) ** 2 + (1 - x) ** 2,
        lambda x, y: 1200 * x * x - 400 * y + 2,
        lambda x, y: -400 * x,
        lambda x, y: 200,
    ),
    "Booth": (
        lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
        lambda x, y: 10,
        lambda x, y: 8,
        lambda x, y: 10,
    ),
    "Himmelblau": (
        lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        lambda x, y: 12 * x * x + 4 * y - 42,
        lambda x, y: 4 * (x + y),
        lambda x, y: 12 * y * y + 4 * x - 26,
    ),
    "three-hump camel": (
        lambda x, y: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
        lambda x, y: 4 - 12.6 * x**2 + 5 * x**4,
        lambda x, y: 1,
        lambda x, y: 2,
    ),
    "McCormick": (
        lambda x, y: autograd.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
        lambda x, y: 2 - math.sin(x + y),
        lambda x, y: -2 - math.sin(x + y),
        lambda x, y: 2 - math.sin(x + y),
    ),
    "a hill": (
        lambda x, y: autograd.exp(-(x**2) - y**2),
        lambda x, y: (4 * x * x - 2) * math.exp(-x * x - y * y),
        lambda x, y: 4 * x * y * math.exp(-x * x - y * y),
        lambda x, y: (4 * y * y - 2) * math.exp(-x * x - y * y),
    ),
}


@pytest.mark.parametrize("name", PLANE)
def test_hessians_in_the_plane_are_their_closed_forms(name: str) -> None:
    f, f_xx, f_xy, f_yy = PLANE[name]
    for x, y in ((1.0, 1.0), (-0.75, 2.5), (0.0, 0.0), (3.0, -0.5)):
        ((xx, xy), (yx, yy)) = hessian(f, (0, 1))(x, y)
        truth = f_xx(x, y), f_xy(x, y), f_xy(x, y), f_yy(x, y)
        assert (xx, xy, yx, yy) == pytest.approx(truth, rel=1e-13, abs=1e-13)
        # Forward over reverse: a column.
        column = hvp(f, (x, y), (0.0, 1.0))
        assert column == pytest.approx(truth[2:], rel=1e-13, abs=1e-13)


def test_hessian_of_a_quadratic_form_is_twice_its_matrix() -> None:
    a = [[2.0, -1.0, 0.5], [-1.0, 3.0, 4.0], [0.5, 4.0, -6.0]]

    def form(v: Sequence[Any]) -> Any:
        return dot(v, [dot(row, v) for row in a])

    assert hessian(form)([0.3, 0.6, 0.9]) == [[2.0 * x for x in row] for row in a]


def test_hessian_of_a_network_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch gives a second opinion")

    def network(v: Any, tanh: Function, exp: Function, log: Function) -> Any:
        hidden = [tanh(v[0] * 0.7 + v[1] * k - 0.2 * v[2]) for k in (-1.0, 0.5, 2.0)]
        return log(exp(hidden[0] * v[3]) + exp(hidden[1] * v[4])) * hidden[2] + v[3] ** 3

    point = [0.3, -0.8, 1.1, 0.4, -0.6]
    ours = hessian(lambda v: network(v, autograd.tanh, autograd.exp, autograd.log))(point)
    theirs = torch.autograd.functional.hessian(
        lambda v: network(v, torch.tanh, torch.exp, torch.log),
        torch.tensor(point, dtype=torch.float64),
    )
    for row, expected in zip(ours, theirs.tolist(), strict=True):
        assert row == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_third_derivatives_in_several_inputs_agree_with_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch gives a second opinion")

    def f(v: Any, sin: Function, exp: Function) -> Any:
        return sin(v[0] * v[1]) * exp(v[1] - v[2]) + v[0] ** 2 * v[2] ** 3

    point = [0.4, -0.9, 1.3]
    ours = jacobian(hessian(lambda v: f(v, autograd.sin, autograd.exp)))(point)

    v = torch.tensor(point, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(f(v, torch.sin, torch.exp), v, create_graph=True)
    for i in range(3):
        (second,) = torch.autograd.grad(first[i], v, create_graph=True)
        for j in range(3):
            (third,) = torch.autograd.grad(second[j], v, retain_graph=True)
            assert ours[i][j] == pytest.approx(third.tolist(), rel=1e-13, abs=1e-14)


# -- random programs: forward and reverse -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paths:
    """Exact sums over the paths from one leaf to the last row, from the local derivatives.

    Attributes:
        slope: the sum of the products along the paths.
        size: the sum of their absolute values.
    """

    slope: Fraction
    size: Fraction


def paths(tape: Any, leaf: int) -> Paths:
    """Return what a tape's own local derivatives say, added up without rounding."""
    sums = [(Fraction(int(row.number == leaf)),) * 2 for row in tape]
    for row in tape:
        for x in row.operands:
            if x.row is not None:
                partial = Fraction(x.partial)
                slope, size = sums[row.number]
                sums[row.number] = (
                    slope + partial * sums[x.row][0],
                    size + abs(partial) * sums[x.row][1],
                )
    return Paths(*sums[-1])


def finite(tape: Any) -> bool:
    """Return whether every local derivative of a tape is finite."""
    partials = [x.partial for row in tape for x in row.operands if x.row is not None]
    return all(map(math.isfinite, partials))


@given(programs(inputs=3, steps=7))
def test_forward_and_reverse_add_up_the_same_paths(program: Program) -> None:
    inputs = [Value(x, label=f"input {k}") for k, x in enumerate(program.point)]
    tape = program(*inputs).tape
    assume(finite(tape))
    leaves = {row.label: row.number for row in tape if row.operation == "leaf"}
    slopes = grad(program, (0, 1, 2))(*program.point)
    for k, reverse in enumerate(slopes):
        seeds = [float(i == k) for i in range(3)]
        _, forward = jvp(program, program.point, seeds)
        exact = paths(tape, leaves.get(f"input {k}", -1))
        # One rounding for every product and sum of the longest path, and some to spare.
        room = exact.size * Fraction(4 * len(tape), 2**53)
        assert abs(Fraction(reverse) - exact.slope) <= room
        assert abs(Fraction(forward) - exact.slope) <= room


@given(programs(inputs=2, steps=5), st.integers(-8, 8), st.integers(-8, 8))
def test_jvp_is_linear_in_the_tangent(program: Program, a: int, b: int) -> None:
    _, both = jvp(program, program.point, (float(a), float(b)))
    first, other = grad(program, (0, 1))(*program.point)
    assume(math.isfinite(first) and math.isfinite(other))
    size = abs(a * first) + abs(b * other)
    # Terms of paths may cancel, so this asks for less than the test above.
    assert both == pytest.approx(a * first + b * other, rel=1e-9, abs=1e-9 * (1.0 + size))


# -- random programs against second-order dual numbers ----------------------------------------


@dataclass(frozen=True, slots=True)
class Jet:
    """A float with the exact first and second derivatives of what computed it.

    Attributes:
        value: the float that the program computes.
        first: derivatives by the inputs.
        second: second derivatives by the inputs.
        first_size: the first ones with every term taken absolutely.
        second_size: the second ones likewise: how much rounding there may be.
    """

    value: float
    first: Sequence[Real]
    second: Sequence[Sequence[Real]]
    first_size: Sequence[Real]
    second_size: Sequence[Sequence[Real]]


N = 2
PAIRS = list(itertools.product(range(N), repeat=2))


def seeded(value: float, k: int) -> Jet:
    """Return input k; a constant for any other k."""
    first = [real.mpf(i == k) for i in range(N)]
    nothing = [[real.mpf(0)] * N for _ in range(N)]
    return Jet(value, first, nothing, first, nothing)


KINKED = {"relu", "abs", "leaky_relu", "maximum", "minimum", "clamp"}
# Their second derivative jumps at 0, or their first is infinite close to it.
ROUGH_AT_ZERO = {"elu", "selu", "softsign", "hypot", "atan2", "cbrt", "sqrt", "log", "xlogy"}


def applied(name: str, value: float, operands: Sequence[Jet], held: bool) -> Jet:
    """Return the jet of an operation, by the chain rule for second derivatives."""
    operation = OPERATIONS[name]
    at = [real.mpf(x.value) for x in operands]
    fixed = [real.mpf(c) for c in operation.constants]
    case = CASES[name]
    slopes = case.held if held and case.held else case.partials
    d1 = [slope(*at, *fixed) for slope in slopes]
    count = len(at)
    d2 = [[real.mpf(0)] * count for _ in at]
    if name not in KINKED:
        for i, j in itertools.product(range(count), repeat=2):
            orders = tuple(int(k == j) for k in range(count))
            d2[i][j] = real.diff(lambda *xs, i=i: slopes[i](*xs, *fixed), tuple(at), orders)
    first = [real.fsum(d1[i] * x.first[a] for i, x in enumerate(operands)) for a in range(N)]
    first_size = [
        real.fsum(abs(d1[i]) * x.first_size[a] for i, x in enumerate(operands))
        for a in range(N)
    ]
    second = [[real.mpf(0)] * N for _ in range(N)]
    second_size = [[real.mpf(0)] * N for _ in range(N)]
    for a, b in PAIRS:
        bent = [
            (d2[i][j], x.first[a], y.first[b], x.first_size[a], y.first_size[b])
            for i, x in enumerate(operands)
            for j, y in enumerate(operands)
        ]
        second[a][b] = real.fsum(d * u * v for d, u, v, _, _ in bent) + real.fsum(
            d1[i] * x.second[a][b] for i, x in enumerate(operands)
        )
        # A slope's own slope may vanish where its rounding does not: hence |d1| once more.
        scale = real.fsum(abs(d) for d in d1)
        second_size[a][b] = real.fsum((abs(d) + scale) * u * v for d, _, _, u, v in bent) + (
            real.fsum(abs(d1[i]) * x.second_size[a][b] for i, x in enumerate(operands))
        )
    return Jet(value, first, second, first_size, second_size)


def jet_of(program: Program) -> Jet:
    """Return the derivatives of a program, each step's taken at the floats that it got."""
    jets = [seeded(x, k) for k, x in enumerate(program.point)]
    for step in program.steps:
        operands = [jets[x] if type(x) is int else seeded(float(x), -1) for x in step.operands]
        held = any(type(x) is float for x in step.operands)
        floats = [x.value for x in operands]
        assume(step.operation not in ROUGH_AT_ZERO or min(map(abs, floats)) > 1e-6)
        value = callable_of(step.operation)(*floats)
        jets.append(applied(step.operation, value, operands, held))
    return jets[-1]


def within_rounding(got: float, truth: Real, size: Real) -> bool:
    return bool(abs(real.mpf(got) - truth) <= real.mpf("1e-12") * size + real.mpf("1e-300"))


# Left out: powers of negative numbers have no slope in the exponent; and poles.
TAME = tuple(
    name
    for name in OPERATIONS
    if name not in {"pow", "mod", "where", "sign", "floor", "ceil", "round", "tan", "atanh"}
    and name not in {"asin", "acos", "acosh", "stop_gradient"}
)


@given(programs(inputs=N, steps=6, operations=TAME))
def test_first_and_second_derivatives_of_random_programs(program: Program) -> None:
    jet = jet_of(program)
    slopes = grad(program, (0, 1))(*program.point)
    table = hessian(program, (0, 1))(*program.point)
    for a in range(N):
        assert within_rounding(slopes[a], jet.first[a], jet.first_size[a])
    for a, b in PAIRS:
        assert within_rounding(table[a][b], jet.second[a][b], jet.second_size[a][b])
        # Both are right, and so the table is symmetric up to rounding.
        assert within_rounding(table[b][a], jet.second[a][b], jet.second_size[a][b])
    for b in range(N):
        column = hvp(program, program.point, [float(i == b) for i in range(N)])
        for a in range(N):
            assert within_rounding(column[a], jet.second[a][b], jet.second_size[a][b])


@given(networks(activations=("tanh", "softplus", "gelu", "silu", "sigmoid")))
def test_gradient_by_the_weights_agrees_with_differences_in_fifty_digits(network: Any) -> None:
    def truth(weights: Sequence[Any]) -> Real:
        """Return the network by definition, in 50 digits."""
        x = [real.mpf(v) for v in network.point]
        for depth, layer in enumerate(weights):
            x = [real.fsum(map(real.fprod, zip(w[:-1], x, strict=True))) + w[-1] for w in layer]
            if depth < len(weights) - 1:
                x = [CASES[network.activation].value(total) for total in x]
        return real.fsum(x)

    exact = [[[real.mpf(w) for w in row] for row in layer] for layer in network.weights]
    slopes = grad(lambda weights: network(network.point, weights))(network.weights)
    h = real.mpf(2) ** -60
    for i, layer in enumerate(network.weights):
        for j, row in enumerate(layer):
            for k in range(len(row)):
                ends = []
                for step in (h, -h):
                    exact[i][j][k] += step
                    ends.append(truth(exact))
                    exact[i][j][k] -= step
                expected = (ends[0] - ends[1]) / (2 * h)
                assert near(slopes[i][j][k], expected, 1e-13)


# -- the tape after differentiating -----------------------------------------------------------


def test_recorded_derivatives_stand_on_the_tape_as_formulas_of_the_table() -> None:
    x = Value(0.5, label="x")
    with Tape() as tape:
        slope = grad(autograd.tanh)(x)
    operations = [row.operation for row in tape]
    assert operations.count("cosh") == 2
    assert slope.data == pytest.approx(1.0 - math.tanh(0.5) ** 2, rel=1e-15)


def test_oracle_knows_a_wrong_derivative() -> None:
    assert near(1.0 + 1e-15, real.mpf(1), ROUNDINGS)
    assert not near(1.0 + 1e-12, real.mpf(1), ROUNDINGS)
    assert not near(math.nan, real.mpf(1), ROUNDINGS)
    assert oracles.real is real
