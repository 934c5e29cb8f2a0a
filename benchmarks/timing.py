"""One timer for every benchmark: candidates in turn, ratios round by round.

Knows clocks and medians. Knows nothing of what it times.
"""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Sampler = Callable[[int], float]
"""Takes a number of calls, makes them and gives back the seconds."""

CONTROL = "control (plain floats)"
WARM_UPS = 2
STEADY_SAMPLE = 0.02
"""Seconds a sample should last, so that the clock and a hiccup weigh little."""


def _nothing() -> None:
    """The preparation of a candidate that needs none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to do the work.

    Attributes:
        run: What is timed.
        prepare: What runs before each sample and is not timed.
        result: What it computes, as numbers that other candidates must come to, too.
        pieces: How many pieces of the work one run is. More than one for what has a loop of
            its own; times are per piece.
    """

    run: Callable[[], object]
    prepare: Callable[[], object] = _nothing
    result: Callable[[], list[float]] = list
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the lowest and the highest sample around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Spread":
        """The spread of at least one sample.

        >>> Spread.of([3.0, 1.0, 2.0])
        Spread(median=2.0, low=1.0, high=3.0)
        """
        return cls(statistics.median(samples), min(samples), max(samples))


@dataclass(frozen=True, slots=True)
class Timing:
    """What one candidate took: seconds per call, one sample for each round."""

    name: str
    samples: tuple[float, ...]

    @property
    def seconds(self) -> Spread:
        """Seconds per call over all rounds."""
        return Spread.of(self.samples)

    def times_faster_than(self, baseline: "Timing") -> Spread:
        """How many times faster this is, each round compared with the same round.

        A slow minute of the machine falls on both sides of such a ratio.

        >>> old, new = Timing("old", (4.0, 8.0, 3.0)), Timing("new", (1.0, 2.0, 1.0))
        >>> new.times_faster_than(old)
        Spread(median=4.0, low=3.0, high=4.0)
        """
        rounds = zip(baseline.samples, self.samples, strict=True)
        return Spread.of([before / now for before, now in rounds])

    def per(self, pieces: int) -> "Timing":
        """Seconds per piece of a call.

        >>> Timing("long", (3.0, 6.0)).per(2)
        Timing(name='long', samples=(1.5, 3.0))
        """
        return Timing(self.name, tuple(taken / pieces for taken in self.samples))


def plain_floats() -> float:
    """The control: fixed work in floats and tuples, which varies only if the machine does."""
    x, rows = 0.5, []
    for number in range(5_000):
        x = math.tanh(x * 1.0000001 + 1e-7)
        rows.append(("tanh", x, number))
    return x


def sample(
    candidate: Candidate, calls: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds that `calls` calls take.

    The garbage collector is left alone: cycles that earlier calls left behind are
    collected when Python sees fit, as in a user's own loop.
    """
    candidate.prepare()
    run = candidate.run
    start = clock()
    for _ in range(calls):
        run()
    return clock() - start


def control(calls: int) -> float:
    """A sample of the control."""
    return sample(Candidate(plain_floats), calls)


def interleave(
    samplers: Mapping[str, Sampler], rounds: int = 7, at_least: float = STEADY_SAMPLE
) -> dict[str, Timing]:
    """The timings of all samplers and of the control, by name.

    Each first gives `WARM_UPS` samples of one call which do not count; the last of them
    tells how many calls make a sample of `at_least` seconds. Then each round takes
    one sample of everyone, beginning with another one each time.

    >>> timings = interleave({"steady": lambda calls: 0.25 * calls}, rounds=2)
    >>> timings["steady"]
    Timing(name='steady', samples=(0.25, 0.25))
    """
    everyone: dict[str, Sampler] = {**samplers, CONTROL: control}
    calls = {name: _calls(sampler, at_least) for name, sampler in everyone.items()}
    samples: dict[str, list[float]] = {name: [] for name in everyone}
    order = list(everyone)
    for _ in range(rounds):
        for name in order:
            samples[name].append(everyone[name](calls[name]) / calls[name])
        order = order[1:] + order[:1]
    return {name: Timing(name, tuple(taken)) for name, taken in samples.items()}


def _calls(sampler: Sampler, at_least: float) -> int:
    warm = [sampler(1) for _ in range(WARM_UPS)][-1]
    return max(1, math.ceil(at_least / warm)) if warm > 0.0 else 1
