"""Random programs that branch on their numbers, in all the ways that Python has.

A program is a list of steps over the numbers computed so far. It runs on floats made Values,
so the engine is the oracle for what becomes of it when it is compiled. Knows no compiler.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

import autograd

Numbers = list[Any]


def _smaller(xs: Numbers) -> Any:
    return xs[0] * xs[1] if xs[0] < xs[1] else xs[1] - xs[2]


def _between(xs: Numbers) -> Any:
    if -1.0 <= xs[0] < 1.0 and not xs[1] > 2.0:
        return xs[0] * xs[0]
    return xs[2] * 0.5


def _largest(xs: Numbers) -> Any:
    return max(xs) * xs[0]


def _median(xs: Numbers) -> Any:
    return sorted(xs)[1]


def _truth(xs: Numbers) -> Any:
    return xs[1] if xs[0] else xs[2] + 1.0


def _halved(xs: Numbers) -> Any:
    x = xs[0]
    while x > 1.0 or x < -1.0:
        x = x * 0.25
    return x + xs[1]


def _counted(xs: Numbers) -> Any:
    return xs[0] * sum(x > 0.0 for x in xs) + xs[1]


def _chosen(xs: Numbers) -> Any:
    return autograd.where((xs[0] > 0.0) & (xs[1] > xs[2]), xs[0] * xs[1], xs[2])


def _where(xs: Numbers) -> Any:
    return autograd.where(xs[0] >= xs[1], autograd.tanh(xs[0]), xs[2] * 2.0)


def _relu(xs: Numbers) -> Any:
    return autograd.relu(xs[0]) - autograd.maximum(xs[1], xs[2])


def _bent(xs: Numbers) -> Any:
    return autograd.sin(xs[0]) * xs[1] + autograd.sigmoid(xs[2])


def _divided(xs: Numbers) -> Any:
    return xs[0] / xs[1] if xs[1] else xs[0] + xs[2]


KINDS: tuple[Callable[[Numbers], Any], ...] = (
    _smaller, _between, _largest, _median, _truth, _halved, _counted, _chosen, _where, _relu,
    _bent, _divided,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Branching:
    """A program of steps, each on three earlier numbers; the result is the sum of the last."""

    inputs: int
    steps: tuple[tuple[int, tuple[int, int, int]], ...]

    def __call__(self, *point: Any) -> Any:
        """Return the result at a point."""
        values: Sequence[Any] = list(point)
        for kind, operands in self.steps:
            values = [*values, KINDS[kind]([values[k] for k in operands])]
        return autograd.total([x * 1.0 for x in values[-3:]])


# Ties and zeros are where branches are decided.
NUMBERS = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5]), st.floats(-4.0, 4.0, allow_nan=False)
)


@st.composite
def branching(draw: st.DrawFn, inputs: int = 3, size: int = 5) -> Branching:
    """Draw a program."""
    steps = []
    for k in range(draw(st.integers(1, size))):
        place = st.integers(0, inputs + k - 1)
        kind = draw(st.integers(0, len(KINDS) - 1))
        steps.append((kind, (draw(place), draw(place), draw(place))))
    return Branching(inputs, tuple(steps))
