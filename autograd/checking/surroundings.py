"""What a function does around a point: has it values there, one path, and looks it smooth?

The plain function is run beside the point, near and nearer, and its runs are compared. Knows
how to look; what follows for a derivative is the business of `judging`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from autograd.checking.probing import Replayed, Site
from autograd.checking.references import plain_line, unit
from autograd.checking.sides import looks_smooth
from autograd.checking.slopes import Estimate, Line, rough

# Where a function is looked at, relative to the input: near, nearer, and at the point itself.
_FAR, _NEAR, _NEARER, _AT = 2.0**-3, 2.0**-17, 2.0**-24, 2.0**-40

# By how much the nearer step is smaller.
RATIO = _NEAR / _NEARER


@dataclass(frozen=True, slots=True)
class Around:
    """What a function does beside a point, along one input.

    Attributes:
        size: the scale at which it was looked at: that of the input, or 1 far from 0.
        edge: it has no value right beside the point, on one side at least.
        branch: it takes another path of operations right beside the point.
        crossing: it does so, or ends, a little further away.
        tape: its tape, if that is all that happens between the inputs and the result.
        line: its values, on any path.
        smooth: whether they look smooth.
        slope: a rough slope with a generous error, None if none could be had.
        large: the slope by which the function would change as much as it is large.
    """

    size: float
    edge: bool
    branch: bool
    crossing: bool
    tape: Replayed | None
    line: Line
    smooth: bool
    slope: Estimate | None
    large: float

    @property
    def coarse(self) -> bool:
        """Whether floats lie too far apart to look at the function any closer.

        For their size, far from 0; and among the smallest there are.
        """
        return not self.smooth and not 0.0 < self.size * _NEARER <= _NEARER


def look(site: Site, k: int) -> Around:
    """Return what the function does beside the point along one input.

    Far from 0 it is looked at again in steps of 1, unless floats lie too far apart there: a
    share of 1e8 is many turns of a sine.
    """
    if k not in site.seen:
        size = unit(site.point[k])
        around = _look(site, k, size)
        closer = not around.smooth and size > 1.0 and math.ulp(size) <= _NEARER
        site.seen[k] = _look(site, k, 1.0) if closer else around
    found: Around = site.seen[k]
    return found


def _look(site: Site, k: int, size: float) -> Around:
    def step(share: float) -> float:
        return max(size * share, math.ulp(site.point[k]))

    runs = [
        site.moved({k: sign * step(share)}) for share in (_NEAR, _NEARER) for sign in (1, -1)
    ]
    away = any(run is None or run.path != site.base.path for run in runs)
    beside = [site.moved({k: sign * step(_AT)}) for sign in (1, -1)] if away else []
    tape = trusted(site, (k,))
    line = _values(site, k, size, tape)
    return Around(
        size=size,
        edge=any(run is None for run in beside),
        branch=any(run is not None and run.path != site.base.path for run in beside),
        crossing=away,
        tape=tape,
        line=line,
        smooth=not away and looks_smooth(replace(line, near=size * _NEAR), RATIO),
        slope=None if away else rough(line, size * _NEARER, RATIO),
        large=large_slope(site, k),
    )


def trusted(site: Site, inputs: Iterable[int]) -> Replayed | None:
    """Return the tape if it says everything: no number comes in from beside it.

    That is, its constants stay the same when the inputs move. What stands behind
    `stop_gradient` is a constant then.
    """
    tape, base = site.tape, site.base
    if tape is None:
        return None
    for k in inputs:
        size = unit(site.point[k])
        for t in (size * _NEAR, -size * _NEAR, size * _AT, -size * _AT):
            run = site.moved({k: t})
            if run is not None and run.path == base.path and run.constants != base.constants:
                return None
    value = tape.at({}, float)
    if value is None or not math.isfinite(value):
        # A reduction that is written out may overflow where it does not; other numbers may do.
        return tape.frozen()
    return tape.frozen() if abs(value - base.value) <= 1e-12 * tape.largest else None


def _values(site: Site, k: int, size: float, tape: Replayed | None) -> Line:
    """Return the values along an input; what stands behind stop_gradient stands still."""
    plain = plain_line(site, k, size, on_path=False)
    if tape is None or tape.rows == site.base.rows:
        return plain

    def at(t: float) -> float | None:
        value = tape.at({k: tape.point[k] + t}, float)
        return value if value is not None and math.isfinite(value) else None

    return replace(plain, at=at)


def large_slope(site: Site, k: int) -> float:
    """Return the slope by which the function would change as much as it is large."""
    # At 0 there is no telling how far values reach, so look farther.
    step = unit(site.point[k]) * (_NEAR if site.point[k] else _FAR)
    runs = [site.base, *(site.moved({k: sign * step}) for sign in (1, -1))]
    largest = max(abs(run.value) for run in runs if run is not None)
    if site.tape is not None and site.tape.finite:
        largest = max(largest, site.tape.largest)
    return largest / max(1.0, abs(site.point[k]))
