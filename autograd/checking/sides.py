"""The two sides of a point on a line: smooth, or a kink, a jump, the edge of a domain.

Each side has a slope of its own, from points on that side alone. Knows a line's values and
nothing of where they come from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.checking.slopes import Estimate, Line, Number, better, extrapolated

# A slope whose steps shrink by 4 and that grows each time by this factor has no bound.
_UNBOUNDED = 1.1

# Slopes that differ by less are the same: their errors are floats, and may be less than any.
_NIL = 1e-250


@dataclass(frozen=True, slots=True)
class Sides:
    """The slopes on both sides of a point, None where the line has no value.

    Attributes:
        left: the slope below.
        right: the slope above.
        jump: whether the value at the point is not the limit from both sides.
    """

    left: Estimate | None
    right: Estimate | None
    jump: bool = False

    @property
    def smooth(self) -> bool:
        """Whether both sides have one slope, as far as the estimates can tell."""
        if self.left is None or self.right is None or self.jump:
            return False
        left, right = self.left.value, self.right.value
        if left - left != 0 or right - right != 0:
            # Infinite; a slope of 1e320 in many digits is not, though no float holds it.
            return False
        room = _NIL + 10 * (self.left.error + self.right.error)
        return bool(abs(left - right) <= room + 1e-7 * max(abs(left), abs(right)))


def looks_smooth(line: Line, ratio: float = 128.0) -> bool:
    """Return whether the slopes of both sides draw together as steps shrink by the ratio.

    And whether they do not grow. A first look at five points: what does not look smooth here
    may still turn out to be.

    >>> looks_smooth(Line(math.exp, 0.125, 2.0**-17, 2.0**-52))
    True
    >>> looks_smooth(Line(abs, 0.125, 2.0**-17, 2.0**-52))
    False
    """
    with line.context():
        middle = line.at(0.0)
        gaps, slopes = [], []
        for step in (line.near, line.near / ratio):
            up, down = line.at(step), line.at(-step)
            if up is None or down is None or middle is None or not step:
                return False
            gaps.append(abs(up - middle - (middle - down)) / step)
            slopes.append(abs(up - down) / (2.0 * step))
        noise = 16.0 * line.error(up, down) / step
        return bool(gaps[1] <= gaps[0] / 4.0 + noise and slopes[1] <= 2.0 * slopes[0] + noise)


def sides(line: Line) -> Sides:
    """Return the slopes of the two sides, each from points on that side alone.

    >>> kink = sides(Line(abs, 0.125, 2.0**-14, 2.0**-52))
    >>> kink.left.value, kink.right.value, kink.smooth
    (-1.0, 1.0, False)
    """
    with line.context():
        middle = line.at(0.0)
        left, left_jumps = _side(line, -1.0, middle)
        right, right_jumps = _side(line, 1.0, middle)
        return Sides(left, right, left_jumps or right_jumps)


def _side(line: Line, sign: float, middle: Number | None) -> tuple[Estimate | None, bool]:
    """Return the slope of one side, and whether the point itself lies off its limit."""
    steps = [sign * line.near / 4.0**k for k in range(6)]
    pairs = [(step, line.at(step), line.at(2.0 * step)) for step in steps if step]
    found = [
        (step, one, two) for step, one, two in pairs if one is not None and two is not None
    ]
    if len(found) < 3:
        return None, False
    slopes = [(two - one) / step for step, one, two in found]
    gaps = [] if middle is None else [abs(2.0 * one - two - middle) for _, one, two in found]
    jump = bool(gaps) and _constant(gaps, 1e3 * line.error(middle))
    if not jump and _grows(slopes):
        return Estimate(math.copysign(math.inf, slopes[-1]), 0.0), jump
    best: Estimate | None = None
    above: list[Number] = []
    for (step, one, _), slope in zip(found, slopes, strict=True):
        current = extrapolated(slope, above, 4.0)
        best = better(best, current, above, line.error(one) / abs(step))
        above = current
    loose = _scatter(slopes)
    if best is not None and best.error < loose:
        step, one, _ = found[-1]
        noise = float(line.error(one) / abs(step))
        # More than noise: it moves slowly, and nobody knows how far.
        error = loose if loose <= 100.0 * noise else max(loose, float(abs(best.value)))
        best = Estimate(best.value, error)
    return best, jump


def _scatter(slopes: Sequence[Number]) -> float:
    """Return how far the last slopes lie apart if they do not draw together, else 0.

    >>> _scatter([1.0, 1.1, 1.11, 1.111]), _scatter([1.0, 3.0, 0.0, 2.0])
    (0.0, 3.0)
    """
    first, last = abs(slopes[1] - slopes[0]), abs(slopes[-1] - slopes[-2])
    if last <= first / 4.0:
        return 0.0
    return float(max(slopes[-3:]) - min(slopes[-3:]))


def _constant(gaps: Sequence[Number], noise: float) -> bool:
    """Return whether a gap stays as it is while the steps shrink."""
    return bool(min(gaps) > noise and max(gaps) <= 1.1 * min(gaps))


def _grows(slopes: Sequence[Number]) -> bool:
    """Return whether slopes at shrinking steps follow a power law without bound.

    >>> _grows([2.0**k for k in range(6)]), _grows([3.0, 3.1, 3.11, 3.111, 3.1111, 3.1111])
    (True, False)
    """
    ratios = [float(after / before) for before, after in pairwise(slopes) if before != 0][-3:]
    if len(ratios) < 3 or min(ratios) < _UNBOUNDED:
        return False
    return max(ratios) - 1.0 <= 1.5 * (min(ratios) - 1.0)
