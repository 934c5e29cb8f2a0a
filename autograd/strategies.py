"""Hypothesis strategies: numbers in an operation's domain, random programs, small networks.

What they draw shrinks: numbers towards simple ones, programs towards the fewest steps, and a
program prints as a Python function that can be pasted. Needs the extra `check`. Knows which
points are special; knows no derivative.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from autograd import functions, sequences
from autograd.checking import assert_gradients
from autograd.errors import DomainError, NumberError, PoleError, RangeError, missing_extra
from autograd.operations import TABLE
from autograd.programs import Program, Step, arity, value_at

try:
    from hypothesis import HealthCheck, Phase, given, reject, settings
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise missing_extra("autograd.strategies", "hypothesis", "check") from error

__all__ = [
    "OPERATIONS",
    "SPECIAL",
    "Network",
    "Program",
    "Step",
    "check_property",
    "networks",
    "numbers",
    "programs",
]

# Zeros of either sign, ones, kinks, small and large magnitudes, saturation.
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 1e-8, -1e-8, 1e-300, 20.0, -20.0, 700.0, 1e8)

# Operations whose slope is 0 almost everywhere, or that are no function of one number.
_LEFT_OUT = {"sign", "floor", "ceil", "round", "where", "stop_gradient", "identity", "mod"}

# What programs are made of.
OPERATIONS = tuple(name for name in TABLE if name not in _LEFT_OUT)


def numbers(operation: str, argument: str = "x") -> "st.SearchStrategy[float]":
    """Return a strategy for one argument of an operation, special points included.

    The other arguments, where there are some, are taken to be 1.

    Raises:
        NumberError: if there is no such operation or argument.

    Example:
        >>> from hypothesis import given
        >>> @given(numbers("log"))
        ... def test(x):
        ...     assert x > 0.0
        >>> test()
    """
    row = TABLE.get(operation)
    if row is None or argument not in row.arguments:
        known = sorted(TABLE) if row is None else list(row.arguments)
        raise NumberError(f"numbers got {operation!r}, {argument!r}; there are {known}")
    names = row.arguments[: len(row.arguments) - len(row.constants)]

    def allowed(x: float) -> bool:
        return math.isfinite(value_at(operation, [x if n == argument else 1.0 for n in names]))

    special = [x for x in SPECIAL if allowed(x)]
    ranges = [
        st.floats(low, high, allow_nan=False, allow_infinity=False)
        for low, high in ((-1.0, 1.0), (0.0, 10.0), (-10.0, 10.0), (-1e3, 1e3))
    ]
    return st.one_of(st.sampled_from(special), *ranges).filter(allowed)


# Beyond this a program says more about overflow than about derivatives.
_LARGEST = 1e4

# Two decimals: what fails prints short.
_COORDINATES = st.integers(-300, 300).map(lambda n: n / 100)

_CONSTANTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 0.1, -0.7, 1.3)

# Ways to move a coordinate into a domain: as it is, above 1, between 0 and 1.
_MOVES: tuple[Callable[[float], float], ...] = (
    lambda x: x,
    lambda x: 1.0 + abs(x),
    lambda x: round(0.5 + x / 8.0, 5),
)


def programs(
    inputs: int = 2, steps: int = 6, operations: Sequence[str] = OPERATIONS
) -> "st.SearchStrategy[Program]":
    """Return a strategy for programs that are finite at a point they bring along.

    Intermediate results are used more than once, operands may be constants, and inputs may
    go unused, as in the programs that people write. What fails shrinks to the fewest steps.

    Args:
        inputs: how many arguments, at least 1.
        steps: the largest number of steps, at least 1.
        operations: the names to choose from.

    Example:
        >>> from hypothesis import given
        >>> @given(programs(inputs=1, steps=3))
        ... def test(program):
        ...     assert math.isfinite(program(*program.point))
        >>> test()
    """
    # A step is drawn in three choices and without a look at the others: then Hypothesis can
    # delete it. An int counts back from the newest number, which is wanted most.
    places = range(inputs + steps - 1)
    operand = st.sampled_from([*[0] * len(places), *places, *places, *_CONSTANTS])
    step = st.tuples(st.sampled_from(list(operations)), operand, operand)
    point = st.tuples(*[_COORDINATES] * inputs)
    drawn = st.tuples(st.lists(step, min_size=1, max_size=steps), point)
    return drawn.map(lambda drawn: _fitted(*drawn)).filter(lambda program: program.steps)


def _fitted(
    wanted: Sequence[tuple[str, int | float, int | float]], point: Sequence[float]
) -> Program:
    """Return a program of those steps that have a value.

    Where a step is the first to use an input, the input moves to where the step has one: so
    it still stands when those before it are deleted.
    """
    values = list(point)
    free = set(range(len(point)))
    made: list[Step] = []
    for name, *pair in wanted:
        newest = len(values) - 1
        operands = [newest - x % len(values) if type(x) is int else x for x in pair]
        operands = operands[: arity(name)]
        if not any(type(x) is int for x in operands):
            # Of constants alone it would be a step that no input reaches.
            operands[0] = newest
        used = {x for x in operands if type(x) is int}
        for move in _MOVES:
            moved = {x: move(values[x]) for x in used & free}
            numbers = [moved.get(x, values[x]) if type(x) is int else x for x in operands]
            out = value_at(name, numbers)
            if abs(out) < _LARGEST:
                values = [moved.get(k, value) for k, value in enumerate(values)] + [out]
                free -= used
                made.append(Step(name, tuple(operands)))
                break
    return Program(len(point), tuple(made), tuple(values[: len(point)]))


@dataclass(frozen=True, slots=True)
class Network:
    """A multilayer perceptron of plain numbers: `weights[layer][neuron]`, the bias last.

    Call it with a list of inputs and, to differentiate by the weights, with weights of your
    own in the same structure.
    """

    weights: tuple[tuple[tuple[float, ...], ...], ...]
    activation: str
    point: tuple[float, ...]

    def __call__(self, x: Sequence[Any], weights: Any = None) -> Any:
        """Return the sum of the outputs for a list of inputs."""
        layers = self.weights if weights is None else weights
        for depth, layer in enumerate(layers):
            x = [sequences.dot(row[:-1], x, row[-1]) for row in layer]
            if depth < len(layers) - 1:
                x = [getattr(functions, self.activation)(total) for total in x]
        return sequences.total(x)


@st.composite
def networks(
    draw: st.DrawFn, widest: int = 3, deepest: int = 2, activations: Sequence[str] = ("tanh",)
) -> Network:
    """Return a strategy for small networks with one number as their result, and a point.

    Example:
        >>> from hypothesis import given
        >>> @given(networks(activations=("tanh", "relu", "gelu")))
        ... def test(network):
        ...     assert math.isfinite(network(network.point))
        >>> test()
    """
    weight = st.integers(-200, 200).map(lambda n: n / 100)
    widths = draw(st.lists(st.integers(1, widest), min_size=2, max_size=deepest + 1))
    layers = [
        tuple(tuple(draw(weight) for _ in range(fan_in + 1)) for _ in range(fan_out))
        for fan_in, fan_out in itertools.pairwise(widths)
    ]
    point = tuple(draw(weight) for _ in range(widths[0]))
    return Network(tuple(layers), draw(st.sampled_from(list(activations))), point)


def check_property(
    *arguments: "st.SearchStrategy[Any]", **options: Any
) -> Callable[[Callable[..., Any]], Callable[[], None]]:
    """Return a decorator that turns a function into a property test of its gradients.

    The test takes no arguments and runs by itself or under pytest: for every point that the
    strategies draw it calls `assert_gradients(f, *point, **options)`, and a failure shows the
    report at the simplest point that fails. A point without a value says nothing.

    Args:
        arguments: a strategy for each argument of the function.
        options: those of `autograd.assert_gradients`.

    Example:
        >>> @check_property(numbers("tanh"), st.floats(0.5, 2.0), modes="reverse")
        ... def test_of_mine(x, scale):
        ...     return functions.tanh(x * scale)
        >>> test_of_mine()
    """

    def decorate(function: Callable[..., Any]) -> Callable[[], None]:
        def test(point: tuple[Any, ...]) -> None:
            try:
                assert_gradients(function, *point, **options)
            except (DomainError, PoleError, RangeError):
                # Hypothesis complains if there is no other.
                reject()

        test.__name__ = test.__qualname__ = getattr(function, "__name__", "test")
        # A check is slower than Hypothesis expects of a test, and its report explains enough.
        unhurried = settings(
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            report_multiple_bugs=False,
            phases=[phase for phase in settings().phases if phase != Phase.explain],
        )
        return cast("Callable[[], None]", unhurried(given(st.tuples(*arguments))(test)))

    return decorate
