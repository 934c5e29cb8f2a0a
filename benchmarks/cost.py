"""What does a gradient cost, in runs of the function?

The time of a value with its gradient, of a slope and of a Hessian times a vector, each from
plain numbers to plain numbers, divided by the time of the same function on plain floats. On the
engine, and compiled to Python.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul

# Numbers of several libraries.
from typing import Any

import autograd
from autograd import hvp, jvp, value_and_grad
from benchmarks import peers
from benchmarks.contest import agreed_as_far_as_they_go, contest
from benchmarks.cost_programs import PLAIN, PROGRAMS, Functions, Program, sum_of_products
from benchmarks.report import Target, busy_warning, ratio, seconds, table
from benchmarks.timing import CONTROL, Candidate, Timing

QUESTION = "value and derivatives in runs of the plain function"
OURS = Functions(autograd.tanh, autograd.dot)
FLOATS = "plain floats"
PEERS = {"micrograd": peers.MICROGRAD, "torch, 0-d tensors": peers.TORCH}

# At most so many runs of the plain function: what several runs gave, and about half as much
# again. In the order backward(), value_and_grad, jvp, hvp. What is compiled has the same bound
# everywhere.
_BOUNDS = {
    "rosenbrock": (55, 85, 85, 600),
    "goldstein": (80, 135, 150, 800),
    "chain": (55, 70, 70, 750),
    "newton": (70, 105, 130, 1600),
    "linear": (10, 12, 15, 75),
    "network": (105, 140, 210, 1050),
}


def direction(count: int) -> list[float]:
    """The vector along which slopes and curvatures are taken."""
    return [1.0 / (1 + k) for k in range(count)]


COMPILED = "value_and_grad, compiled"
COMPILED_BOUND = 5.0


@dataclass(frozen=True, slots=True)
class Way:
    """A way to derivatives.

    Attributes:
        compute: From a program to what it gives.
        summary: From that to the value and the slope along `direction`, as far as the way
            tells. (That hvp is right is a matter of the tests.)
        ready: From a program to what `compute` takes: what is done once and not timed.
    """

    compute: Callable[[Any], Any]
    summary: Callable[[Any], list[float]]
    ready: Callable[[Program], Any] = lambda program: program


def _floats(program: Program) -> float:
    return float(program.compute(PLAIN, program.point))


def _backward(program: Program) -> tuple[float, list[float]]:
    return _swept(program, peers.engine(peers.OURS), OURS)


def _swept(
    program: Program, engine: peers.Engine, functions: Functions
) -> tuple[float, list[float]]:
    leaves = [engine.leaf(x) for x in program.point]
    out = program.compute(functions, leaves)
    value = engine.value(out)
    engine.backward(out)
    return value, [engine.gradient(leaf) for leaf in leaves]


def _of_a_list(program: Program) -> Callable[[Sequence[Any]], Any]:
    return lambda x: program.compute(OURS, x)


def _transform(program: Program) -> Any:
    return value_and_grad(_of_a_list(program))(list(program.point))


def _along(program: Program) -> Any:
    return jvp(_of_a_list(program), (list(program.point),), (direction(len(program.point)),))


def _curvature(program: Program) -> Any:
    return hvp(_of_a_list(program), (list(program.point),), (direction(len(program.point)),))


def _compiled(program: Program) -> Any:
    f = autograd.compile(_of_a_list(program), backend="python")
    return lambda: f.value_and_grad(list(program.point))


def _slope(result: tuple[float, Sequence[float]]) -> list[float]:
    value, gradient = result
    return [value, sum(map(mul, gradient, direction(len(gradient))))]


WAYS = {
    FLOATS: Way(_floats, lambda value: [value]),
    "backward()": Way(_backward, _slope),
    "value_and_grad": Way(_transform, _slope),
    "jvp": Way(_along, list),
    "hvp": Way(_curvature, lambda _: []),
    COMPILED: Way(lambda run: run(), _slope, _compiled),
}

_RATIOS = [way for way in WAYS if way != FLOATS]
BOUNDS = {
    name: dict(zip(_RATIOS, (*bounds, COMPILED_BOUND), strict=True))
    for name, bounds in _BOUNDS.items()
}


def candidate(name: str, way: str) -> Candidate:
    """One way on one program."""
    program = PROGRAMS[name]
    if way in PEERS:
        engine = peers.engine(PEERS[way])
        functions = Functions(engine.tanh, sum_of_products)
        return Candidate(
            lambda: _swept(program, engine, functions),
            result=lambda: _slope(_swept(program, engine, functions)),
        )
    chosen = WAYS[way]
    ready = chosen.ready(program)
    return Candidate(
        lambda: chosen.compute(ready), result=lambda: chosen.summary(chosen.compute(ready))
    )


def run(*, full: bool) -> list[Target]:
    """Print a table for each program and return what became of the promises."""
    targets = []
    for name, program in PROGRAMS.items():
        candidates = {way: (name, way) for way in (*WAYS, *PEERS)}
        rounds = 15 if full else 7
        played = contest(__name__, candidates, rounds, agreed_as_far_as_they_go)
        print(f"  {program.title}: {len(program.point)} number(s) in")
        print(costs_table(played.timings), *played.missing, sep="\n", end="\n\n")
        targets += _targets(name, played.timings, BOUNDS[name])
    return targets


def costs_table(timings: Mapping[str, Timing]) -> str:
    """All timings, as times and in runs of the plain function, taken round by round."""
    plain = timings[FLOATS]
    rows = [
        [way, seconds(timing.seconds.median), ratio(plain.times_faster_than(timing))]
        for way, timing in timings.items()
        if way != CONTROL
    ]
    text = table(["", "median", "times the plain function"], rows)
    return f"{text}\n{busy_warning(timings)}".rstrip()


def _targets(
    name: str, timings: Mapping[str, Timing], bounds: Mapping[str, float]
) -> list[Target]:
    targets = []
    for way, bound in bounds.items():
        measured = timings[FLOATS].times_faster_than(timings[way])
        promise = f"cost: {way} of {PROGRAMS[name].title}, at most {bound:g} plain runs"
        targets.append(Target(promise, ratio(measured), measured.median <= bound))
    return targets
