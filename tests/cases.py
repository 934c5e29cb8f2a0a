"""What every operation of the table is, in 50 digits: one case for each, and its domain.

A case states the operation and its derivatives by definition, the numbers it is drawn from,
points that must not be missed, and how many units in the last place a float may be off. The
definitions are real analysis, not the engine's formulas. `checks.py` holds the engine to a
case, `test_table.py` runs them all, and `test_mutants.py` asks whether they would notice a
wrong formula. Infinities and NaN are in `conventions.py`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, nan

from hypothesis import strategies as st

from tests import oracles
from tests.oracles import Real, real
from tests.tolerances import EXACT, USUAL

Point = tuple[float, ...]
Function = Callable[..., Real]


@dataclass(frozen=True, slots=True)
class Case:
    """One operation by its definition.

    Attributes:
        name: its name in the table.
        operands: what the operands are drawn from.
        value: the definition.
        partials: the derivative with respect to each argument that can be a Value.
        points: operands that are always tried: kinks, edges, tails, tiny and huge numbers.
        within: how many ulps the value and each derivative may be off, but for the
            exceptions in `tolerances.py`.
        held: the derivatives where the other operand is a constant, if they differ.
    """

    name: str
    operands: st.SearchStrategy[Point]
    value: Function
    partials: Sequence[Function]
    points: Sequence[Point]
    within: Sequence[float]
    held: Sequence[Function] = ()


TINY = (5e-324, 1e-310, 2.2250738585072014e-308, 1e-160, 1e-20, 1e-8)
HUGE = (1e8, 1e16, 1e155, 1e300, 1.7976931348623157e308)


def reals(
    low: float = -inf, high: float = inf, *, near: Sequence[float] = ()
) -> st.SearchStrategy[float]:
    """Draw from all floats between low and high, tiny and middling ones often."""
    kinds = [
        st.floats(low, high, allow_nan=False, allow_infinity=False),
        st.floats(max(low, -10.0), min(high, 10.0)) if low < 10.0 and high > -10.0 else None,
        st.sampled_from([x for x in (*TINY, *(-x for x in TINY)) if low <= x <= high] or [low]),
    ]
    if near:
        steps = [sign * 2.0**-k for sign in (-1, 1) for k in (53, 52, 40, 27, 10, 3)]
        kinds += [st.sampled_from([point + step for point in near for step in steps])]
    chosen = st.one_of([kind for kind in kinds if kind is not None])
    return chosen.filter(lambda x: low <= x <= high) if near else chosen


def _ones(xs: st.SearchStrategy[float]) -> st.SearchStrategy[Point]:
    return xs.map(lambda x: (x,))


def _both(
    xs: st.SearchStrategy[float], ys: st.SearchStrategy[float] | None = None
) -> st.SearchStrategy[Point]:
    return st.tuples(xs, xs if ys is None else ys)


def one(
    name: str,
    value: Function,
    slope: Function,
    *,
    low: float = -inf,
    high: float = inf,
    points: Sequence[float] = (),
    near: Sequence[float] = (),
    within: tuple[float, float] = (USUAL, USUAL),
) -> Case:
    """Return the case of a function of one number, with the usual tiny and huge points."""
    usual = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -2.5, *TINY, *HUGE)
    tried = {x for p in usual for x in (p, -p) if low <= x <= high} | set(points)
    return Case(
        name,
        _ones(reals(low, high, near=near)),
        value,
        (slope,),
        [(x,) for x in sorted(tried)],
        within,
    )


_PAIRS = [
    (2.0, 3.0), (-2.0, 3.0), (2.0, -3.0), (-0.1, -0.3), (0.1, 0.3), (1.0, 0.1), (7.5, 2.5),
    (1e300, 1e300), (1e-300, 1e-300), (1e-200, 1e-200), (1e200, -1e-200), (1e-200, 1e200),
    (3.0, 3.0), (0.0, 2.0), (1.0, 1e-308),
]  # fmt: skip


def two(
    name: str,
    value: Function,
    dx: Function,
    dy: Function,
    *,
    operands: st.SearchStrategy[Point] | None = None,
    points: Sequence[Point] = _PAIRS,
    within: tuple[float, float, float] = (USUAL, USUAL, USUAL),
    held: Sequence[Function] = (),
) -> Case:
    """Return the case of a function of two numbers."""
    drawn = _both(reals()) if operands is None else operands
    return Case(name, drawn, value, (dx, dy), points, within, held)


def _zero(*_: Real) -> Real:
    return real.mpf(0)


def _unit(*_: Real) -> Real:
    return real.mpf(1)


def _floor(x: Real) -> Real:
    return real.floor(x)


def _half_even(x: Real) -> Real:
    low = real.floor(x)
    rest = x - low
    up = rest > 0.5 or (rest == 0.5 and low % 2 == 1)
    return low + 1 if up else low


def _exactly(x: Real) -> Fraction:
    sign, mantissa, exponent, _ = x._mpf_
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)


def _quotient(x: Real, y: Real) -> int:
    """Return floor(x / y), however many digits it has."""
    return math.floor(_exactly(x) / _exactly(y))


def _remainder(x: Real, y: Real) -> Real:
    rest = _exactly(x) - _quotient(x, y) * _exactly(y)
    return real.mpf(rest.numerator) / rest.denominator


def _step(x: Real) -> Real:
    return real.mpf(1 if x > 0 else 0)


_ALPHA, _LAMBDA = oracles.selu_constants()


def _least(x: Real, y: Real) -> Real:
    """Return the share of x in max(x, y), half of a tie."""
    return real.mpf(1 if x > y else 0.5 if x == y else 0)


def _power_slope(x: Real, y: Real) -> Real:
    # Not x**(y - 1) alone: 50 digits do not hold the 1 beside a y of 1e300.
    if y == 0:
        return real.mpf(0)
    return y * oracles.power(x, y) / x if abs(y) > 1e15 and x else y * oracles.power(x, y - 1)


EPS = math.ldexp(1.0, -52)


def _powers() -> st.SearchStrategy[Point]:
    """Draw x and y so that the logarithm of x**y is spread over the range of floats."""
    sizes = st.tuples(
        reals(5e-324).filter(lambda x: abs(math.log(x)) > 1e-15), reals(-745.0, 709.0)
    )
    return st.one_of(
        sizes.map(lambda p: (p[0], p[1] / math.log(p[0]))),
        _both(reals(1e-300, 1e300), st.floats(-1.0, 1.0)),
        _both(reals(1e-3, 1e3), st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, -1.0, 1 / 3, 0.1])),
        _both(st.floats(-100.0, -1e-3), st.integers(-40, 40).map(float)),
    )


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        two("add", lambda x, y: x + y, _unit, _unit, within=(EXACT, EXACT, EXACT)),
        two(
            "sub",
            lambda x, y: x - y,
            _unit,
            lambda *_: real.mpf(-1),
            within=(EXACT, EXACT, EXACT),
        ),
        two(
            "mul",
            lambda x, y: x * y,
            lambda x, y: y,
            lambda x, y: x,
            within=(EXACT, EXACT, EXACT),
        ),
        two(
            "div",
            lambda x, y: x / y,
            lambda x, y: 1 / y,
            lambda x, y: -x / y**2,
            operands=_both(reals(), reals().filter(bool)),
        ),
        two(
            "mod",
            _remainder,
            _unit,
            lambda x, y: real.mpf(-_quotient(x, y)),
            operands=_both(reals(), reals().filter(bool)),
        ),
        two(
            "pow",
            oracles.power,
            _power_slope,
            lambda x, y: (
                oracles.power(x, y) * real.log(x) if x > 0 else real.mpf(nan if x else 0)
            ),
            operands=_powers(),
            points=[
                (2.0, 3.0),
                (0.5, -2.5),
                (1e-300, 0.5),
                (3.0, 0.0),
                (1.0, 1e300),
                (-1.0, 1e300),
                (-1.0, 2.0**53),
                (-1.0, -(2.0**53)),
                (-3.0, 2.0),
                (-2.0, -3.0),
                (0.0, 2.0),
                (0.0, 0.0),
                (1e-160, -0.3),
                (1e200, 0.1),
                (inf, 0.3),
                (inf, -0.3),
            ],
        ),
        one("neg", lambda x: -x, lambda x: real.mpf(-1), within=(EXACT, EXACT)),
        one("exp", real.exp, real.exp, high=709.7, points=(-745.0, -709.0, 709.0)),
        one("expm1", real.expm1, real.exp, high=709.7, points=(-40.0, 709.0)),
        one("log", real.log, lambda x: 1 / x, low=5e-324, near=(1.0,)),
        one("log1p", oracles.log1p, lambda x: 1 / (1 + x), low=-1 + 2**-53, near=(-1.0,)),
        one(
            "log2",
            lambda x: real.log(x, 2),
            lambda x: 1 / (x * real.log(2)),
            low=5e-324,
            near=(1.0,),
        ),
        one(
            "log10",
            lambda x: real.log(x, 10),
            lambda x: 1 / (x * real.log(10)),
            low=5e-324,
            near=(1.0,),
        ),
        one("sqrt", real.sqrt, lambda x: 1 / (2 * real.sqrt(x)), low=5e-324),
        one("identity", lambda x: x, _unit, within=(EXACT, EXACT)),
        one("stop_gradient", lambda x: x, _zero, within=(EXACT, EXACT)),
        one(
            "cbrt",
            oracles.cbrt,
            lambda x: 1 / (3 * oracles.cbrt(x) ** 2) if x else real.inf,
        ),
        one("sin", real.sin, real.cos, near=(math.pi, math.pi / 2)),
        one("cos", real.cos, lambda x: -real.sin(x), near=(math.pi, math.pi / 2)),
        one("tan", real.tan, lambda x: real.sec(x) ** 2, near=(math.pi, math.pi / 2)),
        one(
            "asin",
            real.asin,
            lambda x: 1 / real.sqrt(1 - x * x),
            low=-1 + 2**-53,
            high=1 - 2**-53,
            near=(1.0, -1.0),
        ),
        one(
            "acos",
            real.acos,
            lambda x: -1 / real.sqrt(1 - x * x),
            low=-1 + 2**-53,
            high=1 - 2**-53,
            near=(1.0, -1.0),
        ),
        one("atan", real.atan, lambda x: 1 / (1 + x * x), near=(1e8,)),
        two(
            "atan2",
            real.atan2,
            lambda x, y: y / (x * x + y * y),
            lambda x, y: -x / (x * x + y * y),
            operands=_both(reals()).filter(
                # Where x is -0.0 stands in the conventions.
                lambda p: p[0] != 0 or p[1] > 0
            ),
        ),
        two(
            "hypot",
            real.hypot,
            lambda x, y: x / real.hypot(x, y),
            lambda x, y: y / real.hypot(x, y),
            operands=_both(reals()).filter(any),
        ),
        one("sinh", real.sinh, real.cosh, low=-710.4, high=710.4),
        one("cosh", real.cosh, real.sinh, low=-710.4, high=710.4),
        one(
            "tanh",
            real.tanh,
            lambda x: real.sech(x) ** 2,
            points=(20.0, -20.0, 350.0, -372.0, 800.0),
        ),
        one("asinh", real.asinh, lambda x: 1 / real.sqrt(1 + x * x)),
        one(
            "acosh", real.acosh, lambda x: 1 / real.sqrt(x * x - 1), low=1 + 2**-52, near=(1.0,)
        ),
        one(
            "atanh",
            real.atanh,
            lambda x: 1 / (1 - x * x),
            low=-1 + 2**-53,
            high=1 - 2**-53,
            near=(1.0, -1.0),
        ),
        one(
            "erf",
            oracles.erf,
            lambda x: 2 / real.sqrt(real.pi) * real.exp(-x * x),
            points=(5.0, -5.0, 26.0),
        ),
        one(
            "erfc",
            oracles.erfc,
            lambda x: -2 / real.sqrt(real.pi) * real.exp(-x * x),
            points=(5.0, -5.0, 26.0),
        ),
        one(
            "sinc",
            oracles.sinc,
            oracles.sinc_slope,
            near=(0.5, 1.0, 2.0),
        ),
        one(
            "sigmoid",
            oracles.logistic,
            lambda x: real.sech(x / 2) ** 2 / 4,
            points=(20.0, -20.0, 40.0, 745.0, -745.0),
        ),
        one(
            "log_sigmoid",
            lambda x: -oracles.log1p(real.exp(-x)),
            lambda x: oracles.logistic(-x),
            points=(20.0, 750.0, -750.0),
        ),
        one(
            "softplus",
            lambda x: oracles.log1p(real.exp(x)),
            oracles.logistic,
            points=(20.0, -20.0, 750.0, -740.0),
        ),
        one("relu", lambda x: max(x, real.mpf(0)), _step, within=(EXACT, EXACT)),
        one(
            "selu",
            lambda x: _LAMBDA * (x if x > 0 else _ALPHA * real.expm1(x)),
            lambda x: _LAMBDA * (real.mpf(1) if x >= 0 else _ALPHA * real.exp(x)),
            points=(-40.0, -740.0),
        ),
        one(
            "gelu",
            lambda x: x * oracles.ncdf(x),
            lambda x: oracles.ncdf(x) + x * oracles.npdf(x),
            points=(10.0, -10.0, -38.0),
        ),
        one(
            "silu",
            lambda x: x * oracles.logistic(x),
            lambda x: oracles.logistic(x) * (1 + x * oracles.logistic(-x)),
            points=(20.0, -20.0, -740.0),
        ),
        one("softsign", lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
        one("abs", abs, oracles.sign, within=(EXACT, EXACT)),
        one("sign", oracles.sign, _zero, within=(EXACT, EXACT)),
        one(
            "floor",
            _floor,
            _zero,
            within=(EXACT, EXACT),
            points=(3.0, -3.0, 3.5, -3.5, inf, -inf),
        ),
        one(
            "ceil",
            real.ceil,
            _zero,
            within=(EXACT, EXACT),
            points=(3.0, -3.0, 3.5, -3.5, inf, -inf),
        ),
        one(
            "round",
            _half_even,
            _zero,
            within=(EXACT, EXACT),
            points=(1.5, 3.5, -3.5, inf, -inf),
        ),
        two(
            "minimum",
            min,
            lambda x, y: _least(-x, -y),
            lambda x, y: _least(-y, -x),
            held=(lambda x, y: _step(y - x), lambda x, y: _step(x - y)),
            within=(EXACT, EXACT, EXACT),
        ),
        two(
            "maximum",
            max,
            _least,
            lambda x, y: _least(y, x),
            held=(lambda x, y: _step(x - y), lambda x, y: _step(y - x)),
            within=(EXACT, EXACT, EXACT),
        ),
        two(
            "logaddexp",
            lambda x, y: max(x, y) + oracles.log1p(real.exp(-abs(x - y))),
            lambda x, y: oracles.logistic(x - y),
            lambda x, y: oracles.logistic(y - x),
        ),
        two(
            "xlogy",
            lambda x, y: x * real.log(y),
            lambda x, y: real.log(y),
            lambda x, y: x / y,
            operands=_both(reals(), reals(5e-324)),
            points=[(2.0, 3.0), (-2.0, 0.5), (0.0, 2.0), (1e300, 1e-300), (1e-300, 1.0)],
        ),
        Case(
            "leaky_relu",
            _both(reals(), st.one_of(st.floats(-2.0, 2.0), reals())),
            lambda x, slope: x if x > 0 else slope * x,
            (
                lambda x, slope: (
                    real.mpf(1) if x > 0 else slope if x < 0 else min(max(slope, 0), 1)
                ),
            ),
            [(2.0, 0.01), (-2.0, 0.01), (0.0, 0.25), (0.0, -1.0), (0.0, 2.0), (-1e300, 0.5)],
            (EXACT, EXACT),
        ),
        Case(
            "elu",
            _both(reals(), st.one_of(st.floats(-2.0, 2.0), reals())),
            lambda x, alpha: x if x > 0 else alpha * real.expm1(x),
            (
                lambda x, alpha: (
                    real.mpf(1)
                    if x > 0
                    else alpha * real.exp(x)
                    if x < 0
                    else min(max(alpha, 0), 1)
                ),
            ),
            [
                (2.0, 1.0),
                (-2.0, 1.0),
                (0.0, 1.0),
                (0.0, -1.0),
                (0.0, 0.25),
                (-40.0, 1.5),
                (-1e-20, 1.0),
            ],
            (USUAL, USUAL),
        ),
        Case(
            "clamp",
            st.tuples(reals(), reals(), reals()).map(lambda p: (p[0], min(p[1:]), max(p[1:]))),
            lambda x, low, high: min(max(x, low), high),
            (lambda x, low, high: real.mpf(1 if low < x < high else 0),),
            [
                (0.5, 0.0, 1.0),
                (-1.0, 0.0, 1.0),
                (2.0, 0.0, 1.0),
                (0.0, 0.0, 1.0),
                (1.0, 0.0, 1.0),
                (1.0, 1.0, 1.0),
            ],
            (EXACT, EXACT),
        ),
        Case(
            "where",
            st.tuples(st.sampled_from([0.0, 1.0, -2.0]), reals(), reals()),
            lambda condition, x, y: x if condition else y,
            (
                _zero,
                lambda condition, x, y: real.mpf(1 if condition else 0),
                lambda condition, x, y: real.mpf(0 if condition else 1),
            ),
            [(1.0, 2.0, 3.0), (0.0, 2.0, 3.0)],
            (EXACT, EXACT, EXACT, EXACT),
        ),
    )
}


# -- operations over a list -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListCase:
    """One reduction by its definition.

    Attributes:
        name: its name in the table.
        value: the definition, over a list.
        partials: the derivatives with respect to each operand.
        numbers: what the operands are drawn from.
        scale: the size of the terms of the value, of which it may be off by one EPS for each
            operand.
        slope_scale: the same for each derivative.
    """

    name: str
    value: Callable[[Sequence[Real]], Real]
    partials: Callable[[Sequence[Real]], Sequence[Real]]
    numbers: st.SearchStrategy[float]
    scale: Callable[[Sequence[Real]], Real]
    slope_scale: Callable[[Sequence[Real]], Sequence[Real]]


def _halves(xs: Sequence[Real]) -> tuple[Sequence[Real], Sequence[Real], Real]:
    half = len(xs) // 2
    return xs[:half], xs[half:-1], xs[-1]


def _products(xs: Sequence[Real]) -> list[Real]:
    left, right, start = _halves(xs)
    return [start, *(x * y for x, y in zip(left, right, strict=True))]


def _without(xs: Sequence[Real], k: int) -> Real:
    return real.fprod([*xs[:k], *xs[k + 1 :]])


def _weights(xs: Sequence[Real]) -> list[Real]:
    norm = real.fsum(real.exp(x) for x in xs)
    return [real.exp(x) / norm for x in xs]


def _largest(xs: Sequence[Real]) -> list[Real]:
    ties = [x == max(xs) for x in xs]
    return [real.mpf(tie) / sum(ties) for tie in ties]


def _smallest(xs: Sequence[Real]) -> list[Real]:
    return _largest([-x for x in xs])


def _nothing(xs: Sequence[Real]) -> Sequence[Real]:
    return [real.mpf(0)] * len(xs)


def _sizes(xs: Sequence[Real]) -> Real:
    return real.fsum(abs(x) for x in xs)


def _spread(xs: Sequence[Real]) -> list[Real]:
    """Return each weight as often as an ulp of its exponent counts."""
    return [w * (2 + (max(xs) - x)) for w, x in zip(_weights(xs), xs, strict=True)]


_middling = st.one_of(
    st.floats(-100.0, 100.0).filter(lambda x: x == 0.0 or abs(x) > 1e-20),
    st.sampled_from([0.0, 1.0, -1.0, 3.0]),
)
_anything = reals(-1e300, 1e300)

LISTS: dict[str, ListCase] = {
    case.name: case
    for case in (
        ListCase(
            "dot",
            lambda xs: real.fsum(_products(xs)),
            lambda xs: [*_halves(xs)[1], *_halves(xs)[0], real.mpf(1)],
            reals(-1e150, 1e150),
            lambda xs: _sizes(_products(xs)),
            _nothing,
        ),
        ListCase(
            "total", real.fsum, lambda xs: [_unit()] * len(xs), _anything, _sizes, _nothing
        ),
        ListCase(
            "mean",
            lambda xs: real.fsum(xs) / len(xs),
            lambda xs: [_unit() / len(xs)] * len(xs),
            _anything,
            lambda xs: _sizes(xs) / len(xs),
            lambda xs: [_unit() / len(xs)] * len(xs),
        ),
        ListCase(
            "prod",
            real.fprod,
            lambda xs: [_without(xs, k) for k in range(len(xs))],
            _middling,
            lambda xs: abs(real.fprod(xs)),
            lambda xs: [abs(_without(xs, k)) for k in range(len(xs))],
        ),
        ListCase(
            "logsumexp",
            lambda xs: real.log(real.fsum(real.exp(x) for x in xs)),
            _weights,
            st.one_of(st.floats(-700.0, 700.0), st.floats(-3.0, 3.0), _anything),
            lambda xs: abs(max(xs)) + len(xs),
            _spread,
        ),
        ListCase("amax", max, _largest, _anything, lambda xs: real.mpf(0), _largest),
        ListCase("amin", min, _smallest, _anything, lambda xs: real.mpf(0), _smallest),
    )
}
