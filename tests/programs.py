"""Random programs, run on the engine and on the naive one of `oracles.py`.

A program is a list of steps over the numbers computed so far: operations with shared, equal
and constant operands, and whatever may happen to a tape on the way. While it is drawn it is
tried on the naive engine, so that every program stays in the range where both must agree: no
overflow, and no kink that two roundings could tell apart. A kink that is hit exactly stays.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from hypothesis import strategies as st

import autograd
from autograd import Tape, Value, appending, no_grad, recorders
from tests import oracles
from tests.checks import OPERATORS
from tests.oracles import Node

# An operand: the number of an earlier result, or a constant.
Operand = int | float


@dataclass(frozen=True, slots=True)
class Apply:
    """Compute an operation; in another thread, or without recording, if it says so."""

    name: str
    operands: tuple[Operand, ...]
    thread: int = 0
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Detach:
    """Go on with a leaf of the same data."""

    operand: int


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a leaf new data, as an optimiser does."""

    leaf: int
    data: float


@dataclass(frozen=True, slots=True)
class Open:
    """Open a tape inside those that are open."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the innermost tape, if there is one."""


Step = Apply | Detach | Assign | Open | Close


@dataclass(frozen=True, slots=True)
class Program:
    """Inputs and steps. Results are numbered: inputs first, then one for each computation.

    The last step is recorded, so the last result can be swept.
    """

    inputs: tuple[float, ...]
    steps: tuple[Step, ...]

    def roots(self) -> list[int]:
        """Return the numbers of all results but those of `no_grad`."""
        results = [step for step in self.steps if isinstance(step, (Apply, Detach))]
        swept = [not isinstance(step, Apply) or step.recorded for step in results]
        first = len(self.inputs)
        return [*range(first), *(first + k for k, yes in enumerate(swept) if yes)]


# -- running --------------------------------------------------------------------------------


def run_naively(program: Program) -> list[Node]:
    """Return the node of every input and result."""
    nodes = [Node(x) for x in program.inputs]
    for step in program.steps:
        _step_naively(step, nodes)
    return nodes


def _step_naively(step: Step, nodes: list[Node]) -> None:
    match step:
        case Apply(name, operands, _, recorded):
            given = [nodes[x] if isinstance(x, int) else x for x in operands]
            node = oracles.apply(name, given)
            nodes.append(node if recorded else Node(node.data))
        case Detach(operand):
            nodes.append(Node(nodes[operand].data))
        case Assign(leaf, data):
            nodes[leaf].data = data


def run(program: Program, threads: Sequence[Executor] = ()) -> list[Value]:
    """Return the Value of every input and result.

    A step for thread k > 0 runs on `threads[k - 1]`, and here if there are none.
    """
    values = [Value(x) for x in program.inputs]
    tapes: list[ExitStack] = []
    try:
        for step in program.steps:
            _step(step, values, tapes, threads)
    finally:
        while tapes:
            tapes.pop().close()
    return values


@contextmanager
def short_reels(rows: int) -> Iterator[None]:
    """Make reels full after so many rows."""
    with (
        mock.patch.object(appending, "REEL_ROWS", rows),
        mock.patch.dict(recorders.NAMESPACE, REEL_ROWS=rows),
    ):
        yield


def run_forgetting(program: Program, threads: Sequence[Executor], kept: int) -> list[Any]:
    """Return inputs and results, with None for those that are forgotten after their last use.

    The last `kept` results are never forgotten.
    """
    values: list[Any] = [Value(x) for x in program.inputs]
    last = _last_uses(program)
    tapes: list[ExitStack] = []
    try:
        for number, step in enumerate(program.steps):
            _step(step, values, tapes, threads)
            for k in range(len(program.inputs), len(values) - kept):
                if last.get(k, 0) <= number:
                    values[k] = None
    finally:
        while tapes:
            tapes.pop().close()
    return values


def _last_uses(program: Program) -> dict[int, int]:
    """Return the number of the last step that uses each result."""
    last: dict[int, int] = {}
    for number, step in enumerate(program.steps):
        match step:
            case Apply(_, operands):
                last |= {x: number for x in operands if isinstance(x, int)}
            case Detach(operand):
                last[operand] = number
    return last


def _step(
    step: Step, values: list[Value], tapes: list[ExitStack], threads: Sequence[Executor]
) -> None:
    match step:
        case Apply(name, operands, thread, recorded):
            given = [values[x] if isinstance(x, int) else x for x in operands]
            function: Callable[[str, Sequence[Any]], Value] = call if recorded else _frozen
            if thread and threads:
                values.append(threads[thread - 1].submit(function, name, given).result())
            else:
                values.append(function(name, given))
        case Detach(operand):
            values.append(values[operand].detach())
        case Assign(leaf, data):
            values[leaf].data = data
        case Open():
            tapes.append(ExitStack())
            tapes[-1].enter_context(Tape())
        case Close():
            if tapes:
                tapes.pop().close()


MANY = frozenset({"total", "mean", "prod", "logsumexp", "amax", "amin"})


def call(name: str, operands: Sequence[Any]) -> Value:
    """Call an operation of the engine by name on its operands in the order of the table."""
    out: Value
    if name in OPERATORS:
        out = OPERATORS[name](*operands)
    elif name == "dot":
        half = len(operands) // 2
        out = autograd.dot(operands[:half], operands[half:-1], operands[-1])
    elif name in MANY:
        out = getattr(autograd, name)(operands)
    else:
        out = getattr(autograd, name)(*operands)
    return out


def _frozen(name: str, operands: Sequence[Any]) -> Value:
    with no_grad():
        return call(name, operands)


# -- drawing --------------------------------------------------------------------------------

# How many operands each takes; 0 for any number.
ARITY = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "neg": 1, "exp": 1, "sin": 1, "tanh": 1,
    "softplus": 1, "sqrt": 1, "relu": 1, "abs": 1, "maximum": 2, "minimum": 2,
    "total": 0, "mean": 0, "prod": 0, "logsumexp": 0, "amax": 0, "dot": 0,
}  # fmt: skip

# Sums and products of small whole numbers are exact, and so are their derivatives.
EXACT = ("add", "sub", "mul", "neg", "relu", "abs", "total", "prod", "dot")

_sizes = st.floats(0.25, 4.0)
NUMBERS = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5]), _sizes, _sizes.map(lambda x: -x)
)
WHOLE = st.integers(-3, 3).map(float)

_LIMIT = 1e6
_MARGIN = 1e-6


def holds(name: str, numbers: Sequence[float]) -> bool:
    """Return whether both engines must agree on an operation at these operands."""
    rule = oracles.RULES[name]
    try:
        out = rule.value(*numbers)
        slopes = rule.partials(*numbers)
        margin = rule.margin(*numbers)
    except (ArithmeticError, ValueError):
        return False
    finite = all(math.isfinite(x) and abs(x) < _LIMIT for x in (out, *slopes))
    return finite and (margin == 0.0 or margin > _MARGIN)


@st.composite
def programs(
    draw: st.DrawFn,
    *,
    names: Sequence[str] = tuple(ARITY),
    numbers: st.SearchStrategy[float] = NUMBERS,
    threads: int = 0,
    eventful: bool = True,
    size: int = 14,
) -> Program:
    """Draw a program.

    Args:
        draw: Hypothesis draws with it.
        names: the operations to choose from.
        numbers: inputs and constants.
        threads: how many other threads steps may run in.
        eventful: whether tapes are opened, data assigned and Values detached on the way.
        size: the largest number of steps.
    """
    inputs = tuple(draw(st.lists(numbers, min_size=1, max_size=3)))
    nodes = [Node(x) for x in inputs]
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, size))):
        event = draw(st.integers(0, 9)) if eventful else 9
        step: Step
        if event == 0:
            step = Open() if draw(st.booleans()) else Close()
        elif event == 1:
            step = Detach(draw(st.integers(0, len(nodes) - 1)))
        elif event == 2:
            step = Assign(draw(st.integers(0, len(inputs) - 1)), draw(numbers))
        else:
            step = _computation(draw, names, numbers, nodes, threads, recorded=event != 3)
        steps.append(step)
        _step_naively(step, nodes)
    steps.append(Apply("add", (len(nodes) - 1, draw(st.integers(0, len(nodes) - 1)))))
    return Program(inputs, tuple(steps))


def _computation(
    draw: st.DrawFn,
    names: Sequence[str],
    numbers: st.SearchStrategy[float],
    nodes: Sequence[Node],
    threads: int,
    *,
    recorded: bool,
) -> Apply:
    """Draw an operation at operands where it holds, or else one that always does."""
    name = draw(st.sampled_from(names))
    count = ARITY[name] or draw(st.integers(1, 4))
    if name == "dot":
        count += 1 - count % 2
    result = st.integers(0, len(nodes) - 1)
    first = draw(result)
    others = [draw(st.one_of(result, numbers)) for _ in range(count - 1)]
    operands: list[Operand] = [*others, first] if draw(st.booleans()) else [first, *others]
    thread = draw(st.integers(0, threads))
    given = [nodes[x].data if isinstance(x, int) else x for x in operands]
    if not holds(name, given):
        name = "tanh" if "tanh" in names else "neg"
        operands = [first]
    return Apply(name, tuple(operands), thread, recorded)
