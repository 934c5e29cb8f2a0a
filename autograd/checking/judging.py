"""First and second derivatives judged: which reference is asked, and when it is believed.

The cheapest reference first, the next ones only if it disagrees. Nothing is called wrong
before the best of them says so with the rounding of the whole program considered, and the
plain function does not object.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from autograd.checking import references
from autograd.checking.probing import Replayed, Site
from autograd.checking.references import COMPLEX, PRECISE, RIDDERS, UNUSED
from autograd.checking.sides import Sides, looks_smooth, sides
from autograd.checking.slopes import Estimate, Line, believable, central, rough
from autograd.checking.surroundings import RATIO, Around, large_slope, look, trusted
from autograd.checking.verdicts import (
    BRANCH,
    DOMAIN,
    INCONCLUSIVE,
    KINK,
    OK,
    WRONG,
    Comparison,
    Tolerance,
    between,
    compared,
    unchecked,
    weighed,
)

# How to find a derivative of a tape.
Way = Callable[[Replayed], Estimate | None]


def first_order(site: Site, k: int, name: str, ours: float, tolerance: Tolerance) -> Comparison:
    """Return the verdict on the derivative by one input."""
    around = look(site, k)
    if around.edge:
        return between(name, ours, _at_an_edge(around, k), DOMAIN, tolerance)
    if around.branch:
        return between(name, ours, sides(around.line), BRANCH, tolerance)
    if not around.smooth:
        precise = references.precise_line(around.tape, k) if around.tape else None
        both = sides(precise or around.line)
        if not (both.smooth or (around.crossing and precise is None)):
            return between(name, ours, both, KINK, tolerance)
    found = _smooth(site, around, k, name, ours, tolerance)
    if found.verdict == WRONG and not (around.smooth or around.crossing):
        # A kink so near that floats cannot tell it from the point.
        both = sides(around.line)
        kink = between(name, ours, both, KINK, tolerance)
        return kink if kink.verdict == KINK and not both.smooth else found
    return found


def _at_an_edge(around: Around, k: int) -> Sides:
    """Return the slopes where the domain ends, from the tape if it ends there too."""
    both = sides(around.line)
    precise = references.precise_line(around.tape, k) if around.tape else None
    if precise is None:
        return both
    finer = sides(precise)
    same = (finer.left is None) == (both.left is None) and (finer.right is None) == (
        both.right is None
    )
    return finer if same else both


def _smooth(
    site: Site, around: Around, k: int, name: str, ours: float, tolerance: Tolerance
) -> Comparison:
    """Return the verdict at a smooth point."""
    if around.tape is None:
        return _by_ridders(site, around, k, name, ours, tolerance)
    best: tuple[str, Way, Estimate] | None = None
    for method, way in _ways(k):
        reference = way(around.tape)
        # A complex step takes the side of a kink that the floats take, and functions of the
        # user's may turn exact numbers into floats: neither is the slope of the values then.
        if reference is None or not believable(reference, around.slope):
            continue
        best = method, way, reference
        if weighed(ours, reference, tolerance, around.large) == OK:
            return compared(name, ours, reference, OK, method)
    if best is None:
        return _by_ridders(site, around, k, name, ours, tolerance)
    method, way, reference = best
    reference = _with_rounding(around.tape, way, reference)
    verdict = weighed(ours, reference, tolerance, around.large)
    if verdict == WRONG and around.tape.rows == site.base.rows:
        plain = references.ridders(site, k)
        return _last_word(name, ours, reference, method, plain, tolerance)
    return compared(name, ours, reference, verdict, method)


def _ways(k: int) -> Iterator[tuple[str, Way]]:
    """Yield the references that read the tape, the cheapest first."""
    yield COMPLEX, lambda tape: references.complex_step(tape, k)
    yield PRECISE, lambda tape: references.precise(tape, k)


def _by_ridders(
    site: Site, around: Around, k: int, name: str, ours: float, tolerance: Tolerance
) -> Comparison:
    if any(row.operation == "stop_gradient" for row in site.base.rows):
        return unchecked(name, ours, "values cannot tell what stop_gradient leaves standing")
    plain = references.ridders(site, k)
    if plain is None or not believable(plain, around.slope):
        return unchecked(name, ours, "no steady slope beside the point, on the same path")
    verdict = weighed(ours, plain, tolerance, around.large)
    return compared(name, ours, plain, verdict, RIDDERS)


def _with_rounding(tape: Replayed, way: Way, reference: Estimate) -> Estimate:
    """Return a reference with what rounding does to a derivative added to its error."""
    return replace(reference, error=reference.error + references.rounding(tape, way))


def _last_word(
    name: str,
    ours: float,
    reference: Estimate,
    method: str,
    plain: Estimate | None,
    tolerance: Tolerance,
) -> Comparison:
    """Return the conviction, unless the plain function objects to the reference."""
    if plain is not None:
        far = abs(float(plain.value) - float(reference.value))
        room = tolerance.room(float(plain.value), reference) + tolerance.errors * plain.error
        if not far <= room:
            note = "the references disagree"
            return compared(name, ours, reference, INCONCLUSIVE, method, note)
    return compared(name, ours, reference, WRONG, method)


# -- second derivatives ---------------------------------------------------------------------

_LINES: dict[str, Callable[[Replayed, int, int], Line | None]] = {
    COMPLEX: references.complex_slopes,
    PRECISE: references.precise_slopes,
}


def second_order(
    site: Site, i: int, j: int, name: str, ours: float, tolerance: Tolerance
) -> Comparison:
    """Return the verdict on a second derivative, at a point smooth in both inputs."""
    tape = trusted(site, {i, j})
    if tape is not None and not {i, j} <= site.base.reached:
        nothing = Estimate(0.0, 0.0)
        verdict = weighed(ours, nothing, tolerance, large=0.0)
        return compared(name, ours, nothing, verdict, UNUSED)
    found = _by_lines(site, tape, (i, j), name, ours, tolerance)
    if found.verdict != WRONG or tape is None or found.method not in _LINES:
        return found
    reference = Estimate(found.reference, found.reference_error)
    reference = _with_rounding(tape, _again(found.method, i, j), reference)
    verdict = weighed(ours, reference, tolerance, _large(site, i, j))
    if verdict == WRONG and tape.rows == site.base.rows:
        plain = _slope_of(references.plain_slopes(site, i, j), RIDDERS)
        return _last_word(name, ours, reference, found.method, plain, tolerance)
    return compared(name, ours, reference, verdict, found.method)


def _by_lines(
    site: Site,
    tape: Replayed | None,
    pair: tuple[int, int],
    name: str,
    ours: float,
    tolerance: Tolerance,
) -> Comparison:
    """Return the verdict by the first line of slopes that agrees, or the last that does not."""
    i, j = pair
    slope = look(site, i).slope
    found: Comparison | None = None
    for method, line in _slopes(site, tape, i, j):
        if method == RIDDERS and found is not None:
            break
        if not _exact(line, method, tape, i, slope):
            continue
        found = _along(line, method, name, ours, tolerance, _large(site, i, j)) or found
        if found is not None and found.verdict == OK:
            break
    return found or unchecked(name, ours, "no steady slopes beside the point")


def _large(site: Site, i: int, j: int) -> float:
    """Return the second derivative by which a slope would change as much as it is large."""
    return large_slope(site, i) / min(1.0, references.unit(site.point[j]))


def _exact(
    line: Line, method: str, tape: Replayed | None, i: int, slope: Estimate | None
) -> bool:
    """Return whether a line of slopes is roughly right at the point itself.

    In 50 digits that is not enough where a function of the user's may go through floats: its
    values must change at a step that no float can see.
    """
    middle = line.at(0.0)
    if middle is None or not believable(Estimate(middle, 0.0), slope):
        return False
    if method != PRECISE or tape is None or not tape.has_own_operations:
        return True
    reference = references.precise(tape, i)
    return reference is not None and believable(reference, slope)


def _slopes(site: Site, tape: Replayed | None, i: int, j: int) -> Iterator[tuple[str, Line]]:
    """Yield the lines of slopes there are, the cheapest first, the plain function last."""
    for method, make in _LINES.items():
        line = make(tape, i, j) if tape is not None else None
        if line is not None:
            yield method, line
    if tape is None or tape.rows == site.base.rows:
        yield RIDDERS, references.plain_slopes(site, i, j)


def _along(
    line: Line, method: str, name: str, ours: float, tolerance: Tolerance, large: float
) -> Comparison | None:
    """Return the verdict by one line of slopes, None if it has nothing steady to say."""
    if not looks_smooth(line, RATIO):
        # Where the slope itself jumped, there would be no second derivative to check.
        both = replace(sides(line), jump=False)
        if not both.smooth:
            return between(name, ours, both, KINK, tolerance)
    reference = _slope_of(line, method)
    if reference is None or not believable(reference, rough(line, line.near / RATIO, RATIO)):
        return None
    slope = abs(float(line.at(0.0) or 0.0))
    verdict = weighed(ours, reference, tolerance, max(large, slope))
    return compared(name, ours, reference, verdict, method)


def _slope_of(line: Line, method: str) -> Estimate | None:
    if method == PRECISE:
        # In 50 digits the two steps at which the line was looked at are exact enough.
        return central(line, rows=2, shrink=RATIO)
    return central(line, rows=10, shrink=4.0)


def _again(method: str, i: int, j: int) -> Way:
    """Return how a second derivative was found, for other tapes of the same shape."""

    def way(tape: Replayed) -> Estimate | None:
        line = _LINES[method](tape, i, j)
        return None if line is None else _slope_of(line, method)

    return way
