"""Candidates against each other: first that they agree, then how long they take.

Each lives in an interpreter of its own, as it does with its users: none is slowed or sped
up by what another one has imported or left to the garbage collector. Knows nothing of what
they compute.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.interpreters import Worker
from benchmarks.report import left_out, timing_table
from benchmarks.timing import Timing, interleave

# Sums of some thousand terms in another order differ by about 1e-13 of the sum.
RELATIVE, ABSOLUTE = 1e-9, 1e-13
# Seconds: long enough that a pass of the garbage collector is no accident of one sample.
SAMPLE = 0.2


@dataclass(frozen=True, slots=True)
class Contest:
    """Timings per piece of work by name, the numbers that all agree on, who is missing, why."""

    timings: Mapping[str, Timing]
    result: Sequence[float]
    missing: Sequence[str]

    def text(self, operations: int = 1) -> str:
        """The table, with the first candidate as the baseline, and who is missing."""
        table = timing_table(self.timings, next(iter(self.timings)), operations)
        return "\n".join([table, *self.missing])


def contest(
    module: str,
    candidates: Mapping[str, Sequence[str]],
    rounds: int,
    agree: "Agree | None" = None,
) -> Contest:
    """Run all candidates in turn.

    Args:
        module: Where `candidate(*arguments)` is, which builds one.
        candidates: The arguments that build each one, by the name it goes by in the table.
        rounds: How many samples to take of each.
        agree: What they must agree on; `agreed` if nothing else is said.

    Raises:
        ValueError: Two candidates compute different numbers.
    """
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(Worker(module, *arguments))
            for name, arguments in candidates.items()
        }
        missing = [
            left_out(name, worker.missing)
            for name, worker in workers.items()
            if worker.missing is not None
        ]
        present = {name: w for name, w in workers.items() if w.missing is None}
        result = (agree or agreed)({name: worker.result() for name, worker in present.items()})
        pieces = {name: worker.pieces() for name, worker in present.items()}
        timings = interleave({n: w.sample for n, w in present.items()}, rounds, SAMPLE)
    per_piece = {name: timing.per(pieces.get(name, 1)) for name, timing in timings.items()}
    return Contest(per_piece, result, missing)


Results = Mapping[str, Sequence[float]]
Agree = Callable[[Results], Sequence[float]]


def agreed(results: Results) -> Sequence[float]:
    """The numbers that all candidates come to, as the first one has them.

    >>> agreed({"a": [1.0, 2.0], "b": [1.0, 2.0 + 1e-12]})
    [1.0, 2.0]

    Raises:
        ValueError: One comes to others.
    """
    (first, expected), *others = results.items()
    for name, got in others:
        for number, (a, b) in enumerate(zip(expected, got, strict=True)):
            if not math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
                raise ValueError(
                    f"{first} and {name} do not compute the same (number {number} of their "
                    f"results is {a!r} and {b!r}), so their times cannot be compared"
                )
    return expected


def agreed_as_far_as_they_go(results: Results) -> Sequence[float]:
    """The same for candidates that compute only the first of the numbers, or none of them.

    >>> agreed_as_far_as_they_go({"value": [1.0], "value and slope": [1.0, 2.0], "slow": []})
    [1.0, 2.0]

    Raises:
        ValueError: One comes to others.
    """
    most = max(results, key=lambda name: len(results[name]))
    for name, got in results.items():
        agreed({most: results[most][: len(got)], name: got})
    return results[most]
