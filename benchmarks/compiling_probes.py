"""Inside a fresh interpreter: how long it takes to compile something, once.

    python -m benchmarks.compiling_probes sizes native 100
    python -m benchmarks.compiling_probes trainer moons /tmp/kept

Prints numbers, which are told in the functions below. Imports and what is done once in a
process are over when the clock starts.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence

# Programs take floats and Values.
from typing import Any

import autograd
from autograd.compiling.native.objects import FOLDER_VARIABLE
from benchmarks.networks import TASKS
from benchmarks.our_learners import trained_natively

INSTRUCTIONS_PER_NUMBER = 13
"""Of the program that gives the values and the gradient of the function below."""


def mixed(xs: Sequence[Any]) -> Any:
    """A function of many numbers, each of which meets its neighbours, twice."""
    folded = [x * y + autograd.tanh(x) for x, y in zip(xs, [*xs[1:], xs[0]], strict=True)]
    total = xs[0]
    for x, y in zip(folded, xs, strict=True):
        total = total + x * y
    return total


def sizes(backend: str, instructions: str) -> list[float]:
    """Seconds until the first value and gradient; on the processor's clock; instructions.

    Nothing is kept on disk or found there.
    """
    os.environ[FOLDER_VARIABLE] = ""
    _ready(backend)
    f = autograd.compile(mixed, backend=backend)
    count = max(2, int(instructions) // INSTRUCTIONS_PER_NUMBER)
    point = [0.5 + 0.25 * k / count for k in range(count)]
    taken = _timed(lambda: f.value_and_grad(point))
    return [*taken, float(len(f.program))]


def trainer(task: str, folder: str) -> list[float]:
    """Seconds until a trainer is ready; on the processor's clock; 1 step on it, in seconds.

    Args:
        task: One of `networks.TASKS`.
        folder: Where code is kept and found; "" for nowhere.
    """
    os.environ[FOLDER_VARIABLE] = folder
    _ready("native", keep=folder != "")
    made: list[Any] = []
    taken = _timed(lambda: made.append(trained_natively(TASKS[task])))
    _, trained, _ = made[0]
    count, size = trained.count, TASKS[task].batch
    steps = range(-(-count // size))
    first = _timed(lambda: trained.run(range(count), size, [[0.0] for _ in steps]))
    return [*taken, first[0]]


def _ready(backend: str, *, keep: bool = False) -> None:
    """Compile something small, so that all is loaded."""
    small = autograd.compile(lambda x: x * x, backend=backend)
    small.value_and_grad(2.0)
    if backend == "native":
        rule: Callable[..., Any] = lambda weight, gradient, state, step, lr: (weight, state)  # noqa: E731
        group = autograd.WeightGroup([autograd.Value(1.0)], rule, [()])
        autograd.Trainer(lambda x: group.values[0] * x, ([1.0],), [group])


def _timed(work: Callable[[], object]) -> list[float]:
    start, busy = time.perf_counter(), time.process_time()
    work()
    return [time.perf_counter() - start, time.process_time() - busy]


PROBES: dict[str, Callable[..., list[float]]] = {"sizes": sizes, "trainer": trainer}

if __name__ == "__main__":
    print(*PROBES[sys.argv[1]](*sys.argv[2:]))
