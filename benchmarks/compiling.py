"""How long does it take to compile, and does the time grow in proportion to the program?

Functions of 10^2 to 10^5 instructions, each in fresh interpreters; and trainers for two
networks, in an interpreter that compiles and keeps the code and in one that finds it. The clock
starts when everything is imported; it stands beside the processor's own, since what waits for
a busy machine is not work.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.interpreters import run_fresh
from benchmarks.networks import TASKS
from benchmarks.report import Target, left_out, ratio, seconds, table
from benchmarks.timing import Spread

QUESTION = "time to compile"
BACKENDS = ("python", "native")
SIZES = (100, 1_000, 10_000, 100_000)
# Ten times the instructions: promised to take about ten times as long.
HIGHEST = 14.0
# Seconds to compile, by task; and to start where the code was found.
PROMISED = {"moons": 0.3, "digits": 2.0}
PROMISED_START = {"moons": 0.05}

Measured = Sequence[Sequence[float]]


def run(*, full: bool) -> list[Target]:
    """Print both tables of this question and return what became of its promises."""
    rounds = 5 if full else 3
    backends = [*_present()]
    return [*_sizes(backends, rounds), *(_trainers(rounds) if "native" in backends else ())]


def _present() -> Sequence[str]:
    """The back ends that are installed; says which is not."""
    try:
        from autograd.compiling.native.machine import host  # noqa: PLC0415 - needs an extra

        host()
    except (ModuleNotFoundError, NotImplementedError) as error:
        print(left_out("native", str(error)))
        return BACKENDS[:1]
    return BACKENDS


def _probe(*arguments: str) -> list[float]:
    printed = run_fresh("-m", "benchmarks.compiling_probes", *arguments)
    return [float(number) for number in printed.split()]


def in_turn(
    probes: Mapping[str, Callable[[], list[float]]], rounds: int
) -> dict[str, list[list[float]]]:
    """What every probe says, in each round one after the other.

    >>> in_turn({"one": lambda: [1.0], "two": lambda: [2.0]}, rounds=2)
    {'one': [[1.0], [1.0]], 'two': [[2.0], [2.0]]}
    """
    said: dict[str, list[list[float]]] = {name: [] for name in probes}
    for _ in range(rounds):
        for name, probe in probes.items():
            said[name].append(probe())
    return said


def middle(measured: Measured, column: int) -> Spread:
    """One of the numbers that a probe gives, over all rounds."""
    return Spread.of([numbers[column] for numbers in measured])


# -- size ---------------------------------------------------------------------------------


def _sizes(backends: Sequence[str], rounds: int) -> list[Target]:
    targets, lines = [], []
    for backend in backends:
        probes = {str(n): partial(_probe, "sizes", backend, str(n)) for n in SIZES}
        said = in_turn(probes, rounds)
        lines += sizes_lines(backend, said)
        growth = grown(said, str(SIZES[-2]), str(SIZES[-1]))
        promise = f"compiling: {backend}, 10x the instructions at most {HIGHEST:g}x the time"
        targets.append(Target(promise, ratio(growth), growth.median <= HIGHEST))
    headings = ["back end", "instructions", "median", "of it computing", "per instruction"]
    print(table(headings, lines), end="\n\n")
    return targets


def sizes_lines(backend: str, said: Mapping[str, Measured]) -> list[list[str]]:
    """A line for each size."""
    lines = []
    for measured in said.values():
        taken, busy, (_, _, count) = middle(measured, 0), middle(measured, 1), measured[0]
        times = taken.median, busy.median, taken.median / count
        lines.append([backend, f"{count:,.0f}", *map(seconds, times)])
    return lines


def grown(said: Mapping[str, Measured], smaller: str, larger: str) -> Spread:
    """How many times longer the larger took, for ten times the instructions.

    >>> grown({"few": [[1.0, 1.0, 100.0]], "many": [[11.0, 11.0, 1000.0]]}, "few", "many")
    Spread(median=11.0, low=11.0, high=11.0)
    """
    pairs = zip(said[smaller], said[larger], strict=True)
    return Spread.of([b[0] / a[0] * (10.0 * a[2] / b[2]) for a, b in pairs])


# -- trainers -----------------------------------------------------------------------------


def _trainers(rounds: int) -> list[Target]:
    targets, lines = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in PROMISED:
            _probe("trainer", name, folder)
            said = in_turn(
                {
                    "compiled": partial(_probe, "trainer", name, ""),
                    "found": partial(_probe, "trainer", name, folder),
                },
                rounds,
            )
            for how, measured in said.items():
                columns = [middle(measured, k).median for k in range(3)]
                lines.append([f"{TASKS[name].title}: {how}", *map(seconds, columns)])
            targets += _trainer_targets(name, said)
    print(table(["a trainer for", "ready after", "of it computing", "first pass"], lines))
    return targets


def _trainer_targets(name: str, said: Mapping[str, Measured]) -> list[Target]:
    targets = []
    for how, limits in (("compiled", PROMISED), ("found", PROMISED_START)):
        if name in limits:
            taken = middle(said[how], 0)
            measured = f"{seconds(taken.median)} ({seconds(taken.low)} - {seconds(taken.high)})"
            what = "in" if how == "compiled" else "by a process that finds the code in"
            promise = f"compiling: {name} {what} under {limits[name] * 1e3:g} ms"
            targets.append(Target(promise, measured, taken.median < limits[name]))
    return targets
