"""What does a step cost against the size of the network, and where do others overtake us?

Moons on networks of two hidden layers, from 7 weights to nearly 10^5, without penalty, full
batch, gradient and update. Asked by name only: it takes a while, and draws `docs/speed.png`.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

# matplotlib's axes.
from typing import Any

from benchmarks import training
from benchmarks.contest import agreed_as_far_as_they_go, contest
from benchmarks.interpreters import ROOT
from benchmarks.networks import TASKS, WIDTHS
from benchmarks.peers import installed
from benchmarks.report import Target, busy_warning, seconds, table
from benchmarks.timing import CONTROL

QUESTION = "a step of training against the size of the network"
PICTURE = ROOT / "docs" / "speed.png"
PYTHON, NATIVE = training.PYTHON, training.NATIVE
# Who is drawn, in which colour (of Okabe and Ito, told apart by everybody) and up to how many
# weights.
COLOURS = {
    NATIVE: "#000000",
    PYTHON: "#d55e00",
    training.NUMPY: "#009e73",
    training.TORCH: "#cc79a7",
    training.JIT: "#56b4e9",
    training.LOOP: "#0072b2",
}
MOST = {PYTHON: 20_000}

# For each candidate the seconds of a step, by the number of weights.
Curves = dict[str, dict[int, float]]


def run(*, full: bool) -> list[Target]:
    """Print the table and draw the picture; nothing is promised."""
    curves: Curves = {name: {} for name in COLOURS}
    warnings = ""
    for width in WIDTHS:
        task = f"width {width}"
        weights = TASKS[task].weights
        names = [name for name in COLOURS if weights <= MOST.get(name, weights)]
        candidates = {name: (task, name) for name in names}
        played = contest(
            training.__name__, candidates, 7 if full else 3, agreed_as_far_as_they_go
        )
        print(*played.missing, sep="\n", end="\n" if played.missing else "")
        for name, timing in played.timings.items():
            if name != CONTROL:
                curves[name][weights] = timing.seconds.median
        warnings = warnings or busy_warning(played.timings)
    print(curves_table(curves))
    others = [name for name in COLOURS if name not in (NATIVE, PYTHON)]
    print(*(f"  {told(curves, name)}" for name in others), sep="\n")
    print(warnings, end="")
    draw(curves, PICTURE)
    print(f"  drawn: {PICTURE.relative_to(ROOT)}")
    return []


def curves_table(curves: Curves) -> str:
    """The time of a step of everybody, a line for each size."""
    sizes = sorted({weights for curve in curves.values() for weights in curve})
    lines = [
        [
            f"{weights:,}",
            *(seconds(curve[weights]) if weights in curve else "" for curve in curves.values()),
        ]
        for weights in sizes
    ]
    return table(["weights", *curves], lines)


def overtaken(ours: Mapping[int, float], theirs: Mapping[int, float]) -> float | None:
    """From how many weights on the other one is faster; None if that is nowhere.

    Between two sizes both are taken to be straight lines in the logarithms.

    >>> overtaken({10: 1.0, 1000: 100.0}, {10: 10.0, 1000: 10.0})
    100.0
    >>> overtaken({10: 1.0, 1000: 100.0}, {10: 10.0, 1000: 1000.0})
    """
    both = sorted(ours.keys() & theirs.keys())
    lead = [math.log(theirs[n] / ours[n]) for n in both]
    if not both or lead[-1] > 0.0:
        return None
    crossing = float(both[0])
    for (n, before), (m, after) in pairwise(zip(both, lead, strict=True)):
        if before > 0.0 >= after:
            part = before / (before - after)
            crossing = math.exp(math.log(n) + part * math.log(m / n))
    return float(f"{crossing:.2g}")


def told(curves: Curves, name: str) -> str:
    """Where one of the others overtakes our native code, as a sentence."""
    place = overtaken(curves[NATIVE], curves[name])
    if not curves[name]:
        return f"{name} was not measured"
    if place is None:
        return f"{name} is slower at every size"
    return f"{name} is faster from {place:,.0f} weights on"


def draw(curves: Curves, path: Path) -> None:
    """Draw all curves, each with its name at its end and a ring where it overtakes ours."""
    figure = installed("matplotlib.figure").Figure(figsize=(8.4, 5.2), layout="constrained")
    axes = figure.subplots()
    measured = {name: curve for name, curve in curves.items() if curve}
    for name, curve in measured.items():
        ours = name in (NATIVE, PYTHON)
        colour, width = COLOURS[name], 2.6 if ours else 1.6
        axes.plot([*curve], [*curve.values()], "o-", ms=3.5, color=colour, lw=width)
        place = overtaken(curves[NATIVE], curve) if not ours else None
        if place is not None and place > min(curve):
            height = between(curve, place)
            axes.plot([place], [height], "o", ms=11, mfc="none", mec=colour, mew=1.8)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="weights (two hidden layers)",
        ylabel="seconds for a step: gradient of 100 samples, update",
        title="Cost of a training step (ring: faster than our native code from here on)",
    )
    _label_ends(axes, measured)
    axes.grid(which="major", color="#dddddd", lw=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def _label_ends(axes: Any, curves: Mapping[str, Mapping[int, float]]) -> None:
    """Write each name to the right of its curve, one above the other where they would meet."""
    ends = sorted((max(c), c[max(c)], name) for name, c in curves.items())
    right = max(end[0] for end in ends)
    lowest = 0.0
    for size, height, name in sorted(ends, key=lambda end: end[1]):
        last = size == right
        # What ends before the others has its name above.
        place = height if not last else max(height, 1.5 * lowest)
        lowest = place if last else lowest
        axes.annotate(
            name,
            (size, place),
            xytext=(7, 0) if last else (0, 9),
            ha="left" if last else "center",
            textcoords="offset points",
            color=COLOURS[name],
            va="center" if last else "bottom",
            fontsize=9,
            bbox={"fc": "white", "ec": "none", "pad": 0.5, "alpha": 0.8},
            fontweight="bold" if name in (NATIVE, PYTHON) else "normal",
        )
    axes.set_xlim(min(map(min, curves.values())) / 1.6, right * 12)
    axes.set_ylim(top=2.5 * max(max(curve.values()) for curve in curves.values()))


def between(curve: Mapping[int, float], size: float) -> float:
    """The height of a curve between two of its points, straight in the logarithms.

    >>> round(between({10: 1.0, 1000: 100.0}, 100.0), 9)
    10.0
    """
    sizes: Sequence[int] = sorted(curve)
    low = max((n for n in sizes if n <= size), default=sizes[0])
    high = min((n for n in sizes if n >= size), default=sizes[-1])
    if low == high:
        return curve[low]
    part = math.log(size / low) / math.log(high / low)
    return float(math.exp((1.0 - part) * math.log(curve[low]) + part * math.log(curve[high])))
