"""Where an infinity meets a 0: forward and reverse sweeps come to the same number.

The reverse sweep never looks below an adjoint of 0. The forward sweep comes from the other
side, through the infinity, and must still say the same wherever the reverse sweep says
something finite.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, hvp, ieee, jvp, maximum, relu, sqrt, vjp, where

quietly = pytest.mark.filterwarnings("ignore::autograd.IndependenceWarning")


def cancelling(x: Any) -> Any:
    """Return 0, as three multiples of one root."""
    y = sqrt(x)
    return 2.0 * y - y - y


AGREED: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    "a factor 0 above": (lambda x: 0.0 * sqrt(x), 0.0, 0.0),
    "a factor 0 above, to the right": (lambda x: sqrt(x) * 0.0, 0.0, 0.0),
    "a computed 0 above": (lambda x: x * sqrt(x), 0.0, 0.0),
    "a square of the root": (lambda x: sqrt(x) ** 2, 0.0, 0.0),
    "a 0 in the middle": (lambda x: relu(-1.0 - sqrt(x)), 0.0, 0.0),
    "a branch that is not taken": (lambda x: where(x > 0.0, sqrt(x), 3.0 * x), 0.0, 3.0),
    "a maximum that is not taken": (lambda x: maximum(sqrt(x), x + 1.0), 0.0, 1.0),
    "infinities that cancel": (cancelling, 0.0, 0.0),
    "a product that rounds to 0": (lambda x: 1e-200 * (1e-200 * sqrt(x)), 0.0, 0.0),
    "a tangent that overflows": (lambda x: 1e-300 * (1e200 * (1e200 * x)), 1e-100, 1e100),
    "a list with a 0 in it": (lambda x: autograd.dot([sqrt(x), x], [0.0, 5.0]), 0.0, 5.0),
    "a product of a list": (lambda x: autograd.prod([sqrt(x), x, 2.0]), 0.0, 0.0),
}  # fmt: skip


def along(f: Callable[[Any], Any], x: Any) -> Any:
    """Return the slope of f by a forward sweep."""
    return jvp(f, (x,), (1.0,))[1]


@pytest.mark.parametrize("name", AGREED)
def test_both_sweeps_leave_out_what_a_zero_multiplies(name: str) -> None:
    f, x, slope = AGREED[name]
    assert grad(f)(x) == pytest.approx(slope, abs=0.0)
    assert along(f, x) == pytest.approx(slope, abs=0.0)


@quietly
@pytest.mark.parametrize("name", AGREED)
def test_so_do_both_recorded_sweeps(name: str) -> None:
    f, x, slope = AGREED[name]
    assert grad(f)(Value(x)).data == pytest.approx(slope, abs=0.0)
    assert along(f, Value(x)).data == pytest.approx(slope, abs=0.0)


def test_a_move_of_nothing_gives_nothing_at_a_pole() -> None:
    assert jvp(lambda x, y: sqrt(x) + y, (0.0, 1.0), (0.0, 1.0)) == (1.0, 1.0)
    with ieee():
        assert jvp(lambda x, y: 1.0 / x + y, (0.0, 1.0), (0.0, 1.0))[1] == 1.0


def test_only_the_output_that_cancels_is_taken_from_the_reverse_sweep() -> None:
    def f(x: Any) -> list[Any]:
        y = sqrt(x)
        return [y - y, y, 3.0 * x]

    _, slopes = jvp(f, (0.0,), (1.0,))
    assert slopes == [0.0, math.inf, 3.0]


def test_an_infinite_slope_stays_infinite() -> None:
    assert (along(sqrt, 0.0), grad(sqrt)(0.0)) == (math.inf, math.inf)
    assert along(lambda x: -2.0 * sqrt(x), 0.0) == -math.inf
    assert jvp(lambda x: 2.0 * x, (1.0,), (math.inf,)) == (2.0, math.inf)


def test_an_undefined_slope_stays_undefined() -> None:
    f = lambda y: autograd.pow(-2.0, y)  # noqa: E731
    assert math.isnan(along(f, 2.0))
    assert math.isnan(grad(f)(2.0))


def test_second_derivatives_follow_the_rule_too() -> None:
    f = lambda x: x * x + 0.0 * sqrt(x)  # noqa: E731
    assert grad(grad(f))(0.0) == 2.0
    assert hvp(f, (0.0,), (1.0,)) == (2.0,)
    assert along(lambda x: along(f, x), 0.0) == 2.0
    assert grad(lambda x: along(f, x))(0.0) == 2.0


def test_a_constant_zero_divides_in_recorded_sweeps_too() -> None:
    with ieee():
        assert grad(lambda x: x / 0.0)(1.0) == math.inf
        assert grad(lambda x: x / 0.0)(Value(1.0)).data == math.inf
        assert along(lambda x: x / 0.0, Value(1.0)).data == math.inf


# -- random programs ------------------------------------------------------------------------

UNARY = ("sqrt", "cbrt", "log", "relu", "abs", "exp", "neg")
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "maximum": maximum,
    "minimum": autograd.minimum,
}
# Where the slopes of the operations above are 0 or infinite, or where they tie.
CORNERS = st.sampled_from([0.0, 1.0, -1.0, 0.0, 2.0, 0.25, -0.0])


@dataclass(frozen=True)
class Corner:
    """A program of two inputs: pairs of a name and operands, ints by position."""

    steps: tuple[tuple[str, tuple[int | float, ...]], ...]

    def __call__(self, *inputs: Any) -> Any:
        values = list(inputs)
        for name, operands in self.steps:
            given = [values[x] if type(x) is int else x for x in operands]
            call = BINARY.get(name) or getattr(autograd, name)
            values.append(-given[0] if name == "neg" else call(*given))
        return values[-1]


@st.composite
def corners(draw: st.DrawFn) -> Corner:
    """Draw a program whose results may be infinite on the way."""
    steps: list[tuple[str, tuple[int | float, ...]]] = []
    for number in range(2, 2 + draw(st.integers(1, 6))):
        places = st.integers(0, number - 1)
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(UNARY)), (draw(places),)))
        else:
            pair = [draw(places), draw(st.one_of(places, CORNERS))]
            if draw(st.booleans()):
                pair.reverse()
            steps.append((draw(st.sampled_from(sorted(BINARY))), tuple(pair)))
    return Corner(tuple(steps))


def tame(out: Value) -> bool:
    """Return whether every slope is infinite, undefined, 0 or of moderate size.

    Then roundings weigh little, and only the infinities and the zeros are looked at.
    """
    partials = [x.partial for row in out.tape for x in row.operands if x.partial is not None]
    return all(1e-5 < abs(d) < 1e5 for d in partials if d and math.isfinite(d))


@quietly
@given(corners(), CORNERS, CORNERS)
def test_forward_is_reverse_wherever_reverse_is_finite(
    program: Corner, x: float, y: float
) -> None:
    with ieee():
        out = program(Value(x), Value(y))
        assume(isinstance(out, Value) and tame(out))
        reverse = grad(program, (0, 1))(x, y)
        again = grad(program, (0, 1))(Value(x), Value(y))
        _, pullback = vjp(program, x, y)
        assert repr(pullback(1.0)) == repr(reverse)
        for k, slope in enumerate(reverse):
            if not math.isfinite(slope):
                continue
            moves = (float(k == 0), float(k == 1))
            close = pytest.approx(slope, rel=1e-9, abs=1e-9)
            assert jvp(program, (x, y), moves)[1] == close
            # The recorded sweeps read the same rule over Values.
            assert again[k].data == close
            followed = jvp(program, (Value(x), Value(y)), moves)[1]
            assert (followed.data if isinstance(followed, Value) else followed) == close
