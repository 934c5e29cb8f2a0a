"""How long does a step of training take, compiled, and how long with others?

A step of moons, with relu and with tanh; a step of a network for images of digits; an epoch of
Iris with Adam. All start from the same weights and must come to the same loss and the same new
weights after two passes. Beside the steps of moons stands the time that its multiply-adds would
take at the limit of the machine.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks import multiply_add, peers
from benchmarks.contest import agreed_as_far_as_they_go, contest
from benchmarks.jax_learner import jax_learner
from benchmarks.micrograd_learner import micrograd_learner
from benchmarks.networks import TASKS, Learner, Task
from benchmarks.numpy_learner import numpy_by_hand
from benchmarks.our_learners import compiled, eager, fitted, native
from benchmarks.report import Target, busy_warning, left_out, ratio, seconds, table
from benchmarks.timing import CONTROL, Candidate, Timing
from benchmarks.torch_learner import torch_learner

QUESTION = "a step of training, compiled, beside others"

MICROGRAD = peers.MICROGRAD
EAGER, PYTHON, NATIVE = "ours, eager", "ours, python", "ours, native"
STEPWISE, FIT = "ours, native, a step a call", "ours, nn.fit, an epoch a call"
TORCH, TORCH_2 = "torch, 1 thread", "torch, 2 threads"
TORCH_COMPILE = "torch.compile, 1 thread"
JIT, LOOP = "jax.jit, a step a call", "jax, one fori_loop"
LIMIT = "multiply-adds at the limit"
NUMPY = "NumPy by hand"

LEARNERS: dict[str, Callable[[Task], Learner]] = {
    NATIVE: native,
    STEPWISE: partial(compiled, backend="native"),
    FIT: fitted,
    PYTHON: partial(compiled, backend="python"),
    EAGER: eager,
    MICROGRAD: micrograd_learner,
    NUMPY: numpy_by_hand,
    TORCH: partial(torch_learner, threads=1),
    TORCH_2: partial(torch_learner, threads=2),
    TORCH_COMPILE: partial(torch_learner, threads=1, compiled=True),
    JIT: partial(jax_learner, loop=False),
    LOOP: partial(jax_learner, loop=True),
}

_PASSES = 2
RELU, TANH = "moons", "moons, tanh"
# The table's tasks, and who is left out of each of them, and why.
TABLES = (RELU, TANH, "digits", "iris")
SLOW = {"digits": {MICROGRAD: "a step takes it half a minute (ask with --full)"}}


@dataclass(frozen=True, slots=True)
class Promise:
    """One candidate is faster than another, at least or at most so many times."""

    text: str
    task: str
    one: str
    other: str
    at_least: float = 0.0
    at_most: float = math.inf

    def target(self, timings: Mapping[str, Timing]) -> Target:
        """What became of it."""
        found = timings[self.one].times_faster_than(timings[self.other])
        reached = self.at_least <= found.median <= self.at_most
        return Target(f"training: {self.text}", ratio(found), reached)


PROMISES = (
    Promise("moons, python at least 200x micrograd", RELU, PYTHON, MICROGRAD, 200.0),
    Promise("moons, native at least 50,000x micrograd", RELU, NATIVE, MICROGRAD, 50_000.0),
    Promise("moons, native at least 25x torch", RELU, NATIVE, TORCH, 25.0),
    Promise("moons, native at least 3x jax.jit by steps", RELU, NATIVE, JIT, 3.0),
    Promise("moons, native faster than one fori_loop", RELU, NATIVE, LOOP, 1.0),
    Promise("moons, native at most 3x the limit", RELU, LIMIT, NATIVE, at_most=3.0),
    Promise("digits, native faster than torch, 1 thread", "digits", NATIVE, TORCH, 1.0),
    Promise("digits, native faster than torch, 2 threads", "digits", NATIVE, TORCH_2, 1.0),
    Promise("digits, native faster than jax.jit by steps", "digits", NATIVE, JIT, 1.0),
)


def candidate(task: str, name: str) -> Candidate:
    """One way to train; its result is the last loss and the weights after two passes."""
    if name == LIMIT:
        return multiply_add.candidate(str(TASKS[task].multiply_adds))
    learner = LEARNERS[name](TASKS[task])

    def result() -> list[float]:
        learner.restart()
        return [learner.train(_PASSES), *learner.weights()]

    return Candidate(
        partial(learner.train, learner.passes), learner.restart, result, learner.passes
    )


def run(*, full: bool) -> list[Target]:
    """Print a table for each task and return what became of the promises."""
    targets = []
    for name in TABLES:
        task, slow = TASKS[name], {} if full else SLOW.get(name, {})
        names = [other for other in LEARNERS if other not in slow]
        names += [LIMIT] if name in (RELU, TANH) else []
        candidates = {other: (name, other) for other in names}
        played = contest(__name__, candidates, 9 if full else 5, agreed_as_far_as_they_go)
        print(f"  {task.title}")
        print(f"  all agree: loss {played.result[0]:.12g} and {task.weights:,} new weights")
        print(steps_table(played.timings))
        lines = [*played.missing, *(left_out(*pair) for pair in slow.items())]
        print(*lines, sep="\n", end="\n\n" if lines else "\n")
        targets += [
            promise.target(played.timings)
            for promise in PROMISES
            if promise.task == name and {promise.one, promise.other} <= played.timings.keys()
        ]
    return [*targets, *_tanh_beside_relu(9 if full else 5)]


def steps_table(timings: Mapping[str, Timing]) -> str:
    """All times, and how many times faster than each ours is."""
    ours = timings.get(NATIVE)
    rows = [
        [
            name,
            seconds(timing.seconds.median),
            f"{seconds(timing.seconds.low)} - {seconds(timing.seconds.high)}",
            ratio(ours.times_faster_than(timing)) if ours else "",
        ]
        for name, timing in timings.items()
        if name != CONTROL
    ]
    headings = ["", "median", "spread", f"times that {NATIVE!r} is faster"]
    return f"{table(headings, rows)}\n{busy_warning(timings)}".rstrip()


def _tanh_beside_relu(rounds: int) -> list[Target]:
    """The promise about tanh, from a contest of its own: the two compute different things."""
    candidates = {name: (name, NATIVE) for name in (RELU, TANH)}
    played = contest(__name__, candidates, rounds, agree=lambda _: [])
    if played.missing:
        return []
    text = "moons, native, tanh at most 3x relu"
    promise = Promise(text, RELU, RELU, TANH, at_most=3.0)
    return [promise.target(played.timings)]
