"""Does time grow in proportion to rows?

A chain of 10^3, 10^4, ... rows is recorded, swept and freed. Ten times the rows should
take ten times as long: less says that something is paid once, more that something is
paid again and again. Up to 10^6 rows, with `--full` up to 10^7 if the memory suffices.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from autograd import Value
from benchmarks.report import Target, busy_warning, ratio, seconds, table
from benchmarks.timing import WARM_UPS, Sampler, Spread, interleave

QUESTION = "time against rows"
SAMPLE_ROWS = 300_000
"""Small graphs are built again and again until a sample holds this many rows."""
BYTES_PER_ROW = 200
"""The promised upper bound (`memory.py` measures it): tells whether 10^7 rows fit."""
LOWEST, HIGHEST = 8.0, 13.0


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds for one graph: to record it, to sweep it, to free it."""

    record: float
    sweep: float
    free: float

    @property
    def together(self) -> float:
        """Seconds from before the first row until all are freed."""
        return self.record + self.sweep + self.free


Measured = Mapping[int, list[Phases]]


def chain(start: Value, rows: int) -> Value:
    """A chain of `rows` operations: multiply, add, tanh in turn."""
    x = start
    for _ in range(rows // 3):
        x = (x * 1.0000001 + 1e-7).tanh()
    for _ in range(rows % 3):
        x = x * 1.0000001
    return x


def measure(rows: int, clock: Callable[[], float] = time.perf_counter) -> Phases:
    """Seconds per phase for one graph of `rows` rows, the mean over enough graphs."""
    repeats = max(1, SAMPLE_ROWS // rows)
    record = sweep = free = 0.0
    start = Value(0.5)
    gc.collect()
    for _ in range(repeats):
        begun = clock()
        end = chain(start, rows)
        recorded = clock()
        end.backward()
        swept = clock()
        del end
        freed = clock()
        record += recorded - begun
        sweep += swept - recorded
        free += freed - swept
    return Phases(record / repeats, sweep / repeats, free / repeats)


def fits(rows: int) -> bool:
    """Whether this machine's free memory holds a graph of that size twice over."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return False
    return free > 2 * rows * BYTES_PER_ROW


def run(*, full: bool) -> list[Target]:
    """Print the table of this question and return what became of its promise."""
    sizes = [10**exponent for exponent in range(3, 8 if full else 7)]
    if not fits(sizes[-1]):
        print(f"  {sizes.pop():,} rows are left out: the free memory is too small")
    measured: dict[int, list[Phases]] = {rows: [] for rows in sizes}
    samplers = {f"{rows:,}": _sampler(rows, measured[rows]) for rows in sizes}
    timings = interleave(samplers, rounds=5, at_least=0.0)
    for phases in measured.values():
        del phases[:WARM_UPS]
    headings = ["rows", "record", "sweep", "free", "ns per row", "of a tenth's time"]
    print(table(headings, _lines(measured)))
    print(busy_warning(timings), end="")
    return _targets(measured)


def _sampler(rows: int, phases: list[Phases]) -> Sampler:
    """Takes one sample, whatever it is asked for, and notes its phases."""

    def sampler(_: int) -> float:
        phases.append(measure(rows))
        return phases[-1].together

    return sampler


def _growth(measured: Measured, rows: int) -> Spread:
    """How many times longer `rows` rows take than a tenth of them, round by round."""
    pairs = zip(measured[rows], measured[rows // 10], strict=True)
    return Spread.of([large.together / small.together for large, small in pairs])


def _lines(measured: Measured) -> Iterator[list[str]]:
    for rows, phases in measured.items():
        each = [(phase.record, phase.sweep, phase.free) for phase in phases]
        parts = [Spread.of(column).median for column in zip(*each, strict=True)]
        per_row = Spread.of([phase.together / rows * 1e9 for phase in phases])
        yield [
            f"{rows:,}",
            *map(seconds, parts),
            f"{per_row.median:.0f} ({per_row.low:.0f}-{per_row.high:.0f})",
            ratio(_growth(measured, rows)) if rows // 10 in measured else "",
        ]


def _targets(measured: Measured) -> list[Target]:
    targets = []
    for rows in measured:
        if rows // 10 in measured:
            growth = _growth(measured, rows)
            times = f"{LOWEST:g} to {HIGHEST:g} times as long as {rows // 10:,}"
            reached = LOWEST <= growth.median <= HIGHEST
            promise = f"scaling: {rows:,} rows take {times}"
            targets.append(Target(promise, ratio(growth), reached))
    return targets
