"""Whatever happens to a tape, in any order: data, gradients, labels and rows stay right.

A state machine of Hypothesis records, sweeps, clears, detaches, assigns, opens tapes and
`no_grad` and closes them again, lets Values go, all on reels of a few rows, so that a program
of forty steps crosses many of them. After every step the engine is compared with the naive
graph of `oracles.py`, which knows no tape, no reel and no context.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from autograd import Row, Tape, Value, no_grad, stop_gradient
from autograd.errors import TapeError
from tests import oracles
from tests.oracles import Node
from tests.programs import ARITY, NUMBERS, call, holds, short_reels

# A row as it was recorded: the operation, its value, and the data of operands that are leaves.
Line = tuple[str, float, Counter[float]]


@dataclass(eq=False, slots=True)
class Held:
    """A Value that the program holds, and what it should be.

    Attributes:
        value: the Value.
        node: the same number in the naive graph.
        label: its label.
        recorded: whether there is a tape to go back over.
    """

    value: Value
    node: Node
    label: str = ""
    recorded: bool = True


@dataclass(slots=True)
class Surrounding:
    """A context that is open; `tape` is None for `no_grad`."""

    exit: ExitStack
    tape: Tape | None
    lines: list[Line] = field(default_factory=list)


# Which of the Values held, counted from the newest, modulo how many there are; the oldest, of
# which the first is a leaf, are -1, -2 and so on.
PICK = st.one_of(st.integers(0, 2), st.integers(0, 15), st.integers(-3, -1))


# An operation and its operands.
Step = tuple[str, list[int | float]]


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Draw an operation and its operands, at least one of them a Value."""
    name = draw(st.sampled_from(list(ARITY)))
    count = ARITY[name] or draw(st.sampled_from([1, 3, 5]))
    picks: list[int | float] = [draw(PICK)]
    picks += [draw(st.one_of(PICK, NUMBERS)) for _ in range(count - 1)]
    return name, picks[::-1] if draw(st.booleans()) else picks


STEPS = st.lists(steps(), min_size=2, max_size=8)
SLOPES = st.sampled_from([2.0, -0.5, 1.0, 0.0])
SEEDS = st.sampled_from([1.0, -2.5, 0.3, 0.0])
MOST_HELD = 12


class Program(RuleBasedStateMachine):
    """A program that is being run, on the engine and on the naive graph."""

    def __init__(self) -> None:
        super().__init__()
        self.patched = ExitStack()
        self.held: list[Held] = []
        self.open: list[Surrounding] = []
        # The results that a gradient reached in the last pass, and what each was last given:
        # gradient and size. What a pass does not reach, or reaches with nothing but rounding,
        # may keep that or lose it: the engine forgets by the reel.
        self.reached: set[Node] = set()
        self.given: dict[Node, list[tuple[float, float]]] = {}
        self.lines: dict[Node, Line] = {}

    @initialize(rows=st.sampled_from([1, 2, 3, 5, 9, 33]), x=NUMBERS)
    def start(self, rows: int, x: float) -> None:
        self.patched.enter_context(short_reels(rows))
        self.keep(Held(Value(x, label="x"), Node(x), "x"))

    def teardown(self) -> None:
        while self.open:
            self.open.pop().exit.close()
        self.patched.close()

    # -- making Values --------------------------------------------------------------------

    @rule(steps=STEPS)
    def compute(self, steps: list[Step]) -> None:
        for name, picks in steps:
            self.compute_one(name, [self.pick(x) if isinstance(x, int) else x for x in picks])

    def compute_one(self, name: str, operands: Sequence[Held | float]) -> None:
        numbers = [x.node.data if isinstance(x, Held) else x for x in operands]
        if not holds(name, numbers):
            name, operands = "tanh", [x for x in operands if isinstance(x, Held)][:1]
        node = oracles.apply(name, [x.node if isinstance(x, Held) else x for x in operands])
        values = [x.value if isinstance(x, Held) else x for x in operands]
        self.hold(name, call(name, values), node)

    @rule(kind=st.sampled_from(["leaf", "detach", "stop_gradient"]), k=PICK, x=NUMBERS)
    def cut_off(self, kind: str, k: int, x: float) -> None:
        """Make a Value through which nothing flows back."""
        held = self.pick(k)
        node, value = held.node, held.value
        if kind == "stop_gradient":
            self.hold(kind, stop_gradient(value), Node(node.data, [(node, 0.0)]))
        elif kind == "detach":
            self.keep(Held(value.detach(), Node(node.data)))
        else:
            self.keep(Held(Value(x, label="w"), Node(x), "w"))

    @rule(x=NUMBERS, first=PICK, second=PICK, slope=SLOPES, closure=st.booleans())
    def own(self, x: float, first: int, second: int, slope: float, closure: bool) -> None:
        """Record a learner's own operation."""
        a, b = self.pick(first), self.pick(second)
        children = a.value, b.value
        value = Value(x, children, "own", local_grads=None if closure else (slope, 3.0))
        if closure:
            value._backward = _adding(value, *children, slope)
        self.hold("custom", value, Node(x, [(a.node, slope), (b.node, 3.0)]))

    # -- what may happen to them ----------------------------------------------------------

    @rule(k=PICK, x=NUMBERS, what=st.sampled_from(["data", "label", "gradient", "clear"]))
    def assign(self, k: int, x: float, what: str) -> None:
        held = self.pick(k)
        if what == "data":
            held.value.data = held.node.data = x
        elif what == "label":
            held.value.label = held.label = f"x{k}"
        else:
            gradient = x if what == "gradient" else 0.0
            held.value.grad = held.node.grad = gradient
            held.node.size = abs(gradient)
            self.given[held.node] = [(gradient, abs(gradient))]

    @rule(steps=STEPS, seed=SEEDS)
    def compute_and_go_backward(self, steps: list[Step], seed: float) -> None:
        self.compute(steps)
        self.go_backward(0, seed)

    @rule(k=PICK, seed=SEEDS)
    def go_backward(self, k: int, seed: float) -> None:
        held = self.pick(k)
        if not held.recorded:
            with pytest.raises(TapeError, match="no_grad"):
                held.value.backward(seed)
            return
        held.value.backward(seed)
        oracles.backward(held.node, seed)
        self.reached = _reached(held.node)
        for x in oracles.topological(held.node):
            before = [] if x in self.reached else self.given.get(x, [])
            self.given[x] = [*before, (x.grad, x.size)]

    @precondition(lambda self: len(self.held) > 1)
    @rule(k=PICK)
    def let_go(self, k: int) -> None:
        self.held.remove(self.pick(k))

    @rule(k=PICK)
    def list_what_it_depends_on(self, k: int) -> None:
        held = self.pick(k)
        expected = [self.lines[x] for x in oracles.topological(held.node) if x in self.lines]
        listed = _lines(held.value.tape)
        assert Counter(line[:2] for line in listed) == Counter(line[:2] for line in expected)
        shown = {line[:2]: line[2] for line in listed}
        if len(shown) == len(listed):
            assert all(line[2] <= shown[line[:2]] for line in expected)

    # -- contexts -------------------------------------------------------------------------

    @precondition(lambda self: len(self.open) < 4)
    @rule(
        recording=st.lists(st.booleans(), min_size=1, max_size=3),
        swept=st.booleans(),
        steps=STEPS,
    )
    def enter(self, recording: list[bool], swept: bool, steps: list[Step]) -> None:
        for records in recording:
            tape = Tape() if records else None
            self.open.append(Surrounding(ExitStack(), tape))
            self.open[-1].exit.enter_context(no_grad() if tape is None else tape)
        if swept:
            self.go_backward(0, 1.0)
        self.compute(steps[:2])

    @precondition(lambda self: self.open)
    @rule(count=st.integers(1, 2), steps=STEPS)
    def leave(self, count: int, steps: list[Step]) -> None:
        for _ in self.open[:count]:
            self.close()
        self.compute(steps[:2])

    def close(self) -> None:
        surrounding = self.open.pop()
        surrounding.exit.close()
        if surrounding.tape is None:
            return
        listed = _lines(surrounding.tape)
        assert [line[:2] for line in listed] == [line[:2] for line in surrounding.lines]
        # A tape shows as leaves what was computed before it was opened, too.
        for shown, recorded in zip(listed, surrounding.lines, strict=True):
            assert recorded[2] <= shown[2]

    # -- what must hold after every step ----------------------------------------------------

    @invariant()
    def engine_and_naive_graph_agree(self) -> None:
        for held in self.held:
            value, node = held.value, held.node
            assert value.data == pytest.approx(node.data, rel=1e-12, abs=1e-12)
            assert value.label == held.label
            possible = [(node.grad, node.size)]
            if node.parents and node not in self.reached:
                possible += [(0.0, 0.0), *self.given.get(node, [])]
            assert any(_close(value.grad, *each) for each in possible), (value, node)

    # -- the parts of the rules ---------------------------------------------------------------

    def pick(self, k: int) -> Held:
        return self.held[-1 - k % len(self.held)]

    def hold(self, name: str, value: Value, node: Node) -> None:
        """Note a result, which is a constant under `no_grad`."""
        recorded = not self.open or self.open[-1].tape is not None
        if recorded:
            leaves = Counter(_brief(x.data) for x, _ in node.parents if not x.parents)
            line = self.lines[node] = name, value.data, leaves
            for surrounding in self.open:
                surrounding.lines.append(line)
        self.keep(Held(value, node if recorded else Node(node.data), "", recorded))

    def keep(self, held: Held) -> None:
        """Hold one more, and let an old one go if there are too many; leaves come first."""
        self.held.append(held)
        if len(self.held) > MOST_HELD:
            del self.held[3]


def _close(got: float, gradient: float, size: float) -> bool:
    """Return whether a gradient is right; `size` is how large the terms were that made it.

    Both engines round, in different orders.
    """
    return abs(got - gradient) <= 1e-10 * size


def _reached(root: Node) -> set[Node]:
    """Return the nodes to which a gradient flowed that is not 0, but for rounding."""
    reached, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        if not _close(0.0, node.grad, node.size):
            fresh = {parent for parent, partial in node.parents if partial} - reached
            reached |= fresh
            waiting += fresh
    return reached


def _adding(out: Value, a: Value, b: Value, slope: float) -> Callable[[], None]:
    """Return a learner's own `_backward`."""

    def backward() -> None:
        a.grad += slope * out.grad
        b.grad += 3.0 * out.grad

    return backward


def _lines(listing: Iterable[Row]) -> list[Line]:
    rows = list(listing)
    return [
        (row.operation, row.value, Counter(_leaves(row, rows)))
        for row in rows
        if row.operation != "leaf"
    ]


def _brief(number: float) -> float:
    """Return a number without its last digits, in which the two engines may differ."""
    return float(f"{number:.9g}")


def _leaves(row: Row, rows: Sequence[Row]) -> list[float]:
    """Return the numbers of the operands of a row that are leaves."""
    moving = [operand.row for operand in row.operands if operand.row is not None]
    return [_brief(rows[number].value) for number in moving if rows[number].operation == "leaf"]


TestProgram = Program.TestCase
# An example is a whole program, so half as many as elsewhere will do.
TestProgram.settings = settings(
    max_examples=settings().max_examples // 2, stateful_step_count=30
)
