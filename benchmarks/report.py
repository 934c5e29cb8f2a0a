"""Plain aligned text: tables of timings, and targets reached or missed.

Knows how a number is printed. Knows nothing of how it was measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.timing import CONTROL, Spread, Timing

BUSY = 1.5
"""A control whose slowest sample took this many times its fastest: a busy machine."""

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"))


@dataclass(frozen=True, slots=True)
class Target:
    """A promise about speed or size, what was measured, and whether it holds."""

    promise: str
    measured: str
    reached: bool


def seconds(duration: float) -> str:
    """A duration in the unit that suits it.

    >>> seconds(1.31), seconds(0.04512), seconds(2.5e-7), seconds(1310.0)
    ('1.31 s', '45.1 ms', '250 ns', '1310 s')
    """
    for size, unit in _UNITS:
        if abs(duration) >= size:
            return f"{_three_digits(duration / size)} {unit}"
    return f"{_three_digits(duration * 1e9)} ns"


def ratio(spread: Spread) -> str:
    """A ratio with its lowest and highest round.

    >>> ratio(Spread(27.31, 26.84, 104.2))
    '27.3x (26.8-104)'
    """
    low, high = _three_digits(spread.low), _three_digits(spread.high)
    return f"{_three_digits(spread.median)}x ({low}-{high})"


def _three_digits(number: float) -> str:
    size = abs(number)
    return f"{number:.{0 if size >= 100 else 1 if size >= 10 else 2}f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under their headings: the first column to the left, the rest to the right.

    >>> print(table(["engine", "time"], [["ours", "1 ms"], ["theirs", "12 ms"]]))
      engine   time
      ours     1 ms
      theirs  12 ms
    """
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    aligned = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return ("  " + "  ".join(aligned)).rstrip()


def timing_table(timings: Mapping[str, Timing], baseline: str, operations: int = 1) -> str:
    """All timings with their ratios, and a warning if the machine was busy.

    Args:
        timings: What `timing.interleave` returned.
        baseline: The name of the candidate that the others are compared with.
        operations: How many operations one call is; times are printed per operation,
            the control's per call.
    """
    rows = []
    for name, timing in timings.items():
        per = 1 if name == CONTROL else operations
        spread = timing.seconds
        faster = ratio(timing.times_faster_than(timings[baseline]))
        rows.append(
            [
                name,
                seconds(spread.median / per),
                f"{seconds(spread.low / per)} - {seconds(spread.high / per)}",
                "" if name == CONTROL else faster,
            ]
        )
    headings = ["", "median", "spread", f"times faster than {baseline}"]
    return f"{table(headings, rows)}\n{busy_warning(timings)}".rstrip()


def busy_warning(timings: Mapping[str, Timing]) -> str:
    """A line when the control varied so much that the machine was busy, else nothing."""
    control = timings[CONTROL].seconds
    if control.high <= BUSY * control.low:
        return ""
    varied = _three_digits(control.high / control.low)
    return f"  The machine was busy: the control varied by {varied}x. Run this again.\n"


def left_out(name: str, reason: str) -> str:
    """The line that tells why a candidate is not in a table.

    >>> left_out("torch", "it has no wheel here")
    '  torch is left out: it has no wheel here'
    """
    return f"  {name} is left out: {reason}"


def targets_table(targets: Iterable[Target]) -> str:
    """All promises with what was measured for them."""
    rows = [
        [f"{'reached' if t.reached else 'MISSED':7}  {t.promise}", t.measured] for t in targets
    ]
    return table([f"{'':7}  promise", "measured"], rows)
