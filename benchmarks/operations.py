"""What does one operation cost, recorded and swept?

On a chain (each operation on the result of the one before: multiply, add, tanh in turn)
and on a fan-in (a sum of 1,000 products of weights and numbers).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

# Numbers of several libraries.
from typing import Any

from autograd import dot
from benchmarks import peers
from benchmarks.contest import contest
from benchmarks.peers import Engine
from benchmarks.report import Target, ratio
from benchmarks.timing import Candidate, Timing

QUESTION = "the time of one operation, recorded and swept"
PROMISE = 2.0
INPUTS = [0.001 * i for i in range(1_000)]
ENGINES = {
    peers.MICROGRAD: peers.MICROGRAD,
    peers.OURS: peers.OURS,
    "torch, 0-d tensors": peers.TORCH,
    peers.DRJIT: peers.DRJIT,
    peers.REFERENCE: peers.REFERENCE,
}


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph: how many operations it has and leaves it starts from, and its builder."""

    title: str
    operations: int
    leaves: int
    build: Callable[[Engine, Sequence[Any]], Any]


def chain(operations: int, engine: Engine, leaves: Sequence[Any]) -> Any:
    """`operations` operations in a row, on the first leaf."""
    x, tanh = leaves[0], engine.tanh
    for _ in range(operations // 3):
        x = tanh(x * 1.0000001 + 1e-7)
    for _ in range(operations % 3):
        x = x * 1.0000001
    return x


def fan_in(_: Engine, leaves: Sequence[Any]) -> Any:
    """A sum of products that begins with the first leaf, as a neuron's does."""
    bias, *weights = leaves
    return sum((w * x for w, x in zip(weights, INPUTS, strict=True)), bias)


def one_dot(_: Engine, leaves: Sequence[Any]) -> Any:
    """The same sum as a single operation of ours."""
    bias, *weights = leaves
    return dot(weights, INPUTS, bias)


GRAPHS = {
    "short": Graph("a chain of 1,000", 1_000, 1, partial(chain, 1_000)),
    "long": Graph("a chain of 10,000", 10_000, 1, partial(chain, 10_000)),
    "wide": Graph("a sum of 1,000 products", 2_000, 1_001, fan_in),
    "dot": Graph("a sum of 1,000 products", 2_000, 1_001, one_dot),
}


def candidate(graph: str, engine: str) -> Candidate:
    """One engine on one graph; its result is the value and every leaf's gradient."""
    chosen, numbers = GRAPHS[graph], peers.engine(engine)
    build, backward = chosen.build, numbers.backward
    leaves = [numbers.leaf(0.5 / (1 + i)) for i in range(chosen.leaves)]

    def run() -> None:
        backward(build(numbers, leaves))

    def result() -> list[float]:
        fresh = [numbers.leaf(0.5 / (1 + i)) for i in range(chosen.leaves)]
        root = build(numbers, fresh)
        value = numbers.value(root)
        backward(root)
        return [value, *map(numbers.gradient, fresh)]

    return Candidate(run, result=result)


def run(*, full: bool) -> list[Target]:
    """Print a table for each graph and return what became of the promises."""
    targets = []
    for graph in ("short", "long", "wide"):
        candidates = {name: (graph, engine) for name, engine in ENGINES.items()}
        if graph == "wide":
            candidates["ours, as one dot"] = ("dot", peers.OURS)
        played = contest(__name__, candidates, rounds=15 if full else 7)
        print(f"  {GRAPHS[graph].title}: time per operation")
        print(played.text(GRAPHS[graph].operations), end="\n\n")
        targets += _targets(GRAPHS[graph].title, played.timings)
    return targets


def _targets(graph: str, timings: Mapping[str, Timing]) -> list[Target]:
    if peers.MICROGRAD not in timings:
        return []
    measured = timings[peers.OURS].times_faster_than(timings[peers.MICROGRAD])
    promise = f"operations: {graph}, at least {PROMISE:g}x micrograd"
    return [Target(promise, ratio(measured), measured.median >= PROMISE)]
