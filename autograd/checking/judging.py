"""First and second derivatives judged: which reference is asked, and when it is believed.

The cheapest reference first, the next ones only if it disagrees. Nothing is called wrong
before the best of them says so with the rounding of the whole program considered, and the
plain function does not object.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from autograd.checking import references
from autograd.checking.probing import Replayed, Site
from autograd.checking.references import COMPLEX, PRECISE, RIDDERS, UNUSED
from autograd.checking.sides import looks_smooth, sides
from autograd.checking.slopes import Estimate, Line, believable, central, rough
from autograd.checking.surroundings import RATIO, Around, look, trusted
from autograd.checking.verdicts import (
    BRANCH,
    DOMAIN,
    INCONCLUSIVE,
    KINK,
    OK,
    ONE_SIDED,
    WRONG,
    Claim,
    Comparison,
)

# How to find a derivative, and the slope by one input along another; of a tape where there is
# one, and of the plain function otherwise.
Way = Callable[[Any], Estimate | None]
LineOf = Callable[[Any], Line | None]


def first_order(site: Site, k: int, claim: Claim) -> Comparison:
    """Return the verdict on the derivative by one input."""
    around = look(site, k)
    if around.edge:
        return _at_an_edge(site, around, k, claim)
    if around.branch:
        return claim.between(sides(around.line), BRANCH)
    # Floats see a kink unless something else is nearer, or they lie too far apart.
    plain = None if around.crossing or around.coarse else around.line
    line = None if around.smooth else _precise_line(around, k) or plain
    both = None if line is None else sides(line)
    if both is not None and not both.smooth:
        return _unless_lost(claim.between(both, KINK), around.tape)
    found = _smooth(site, around, k, claim)
    if found.verdict == WRONG:
        # A kink so near that floats cannot tell it from the point, or many between two floats.
        line = _precise_line(around, k) if around.smooth else plain
        return _excused(line, claim) or found
    return found


def _unless_lost(found: Comparison, tape: Replayed | None) -> Comparison:
    """Return the verdict at a kink or an edge, but no conviction where rounding decides."""
    if found.verdict != WRONG or tape is None or not references.lost(tape):
        return found
    return replace(found, verdict=INCONCLUSIVE, note=references.LOST)


def _excused(line: Line | None, claim: Claim) -> Comparison | None:
    """Return the verdict at a kink or an edge, None where there is none or it is no excuse."""
    if line is None:
        return None
    both = sides(line)
    verdict = DOMAIN if both.left is None or both.right is None else KINK
    found = claim.between(both, verdict)
    return found if found.verdict == verdict and not both.smooth else None


def _precise_line(around: Around, k: int) -> Line | None:
    return None if around.tape is None else references.precise_line(around.tape, k)


def _at_an_edge(site: Site, around: Around, k: int, claim: Claim) -> Comparison:
    """Return the verdict where floats have no value right beside the point.

    By the tape if it ends there too. Where the tape goes on, floats only overflow.
    """
    both = sides(around.line)
    precise = _precise_line(around, k)
    if precise is None:
        return _unless_lost(claim.between(both, DOMAIN), around.tape)
    finer = sides(precise)
    if finer.smooth:
        return _smooth(site, around, k, claim)
    same = (finer.left is None) == (both.left is None) and (finer.right is None) == (
        both.right is None
    )
    return _unless_lost(claim.between(finer if same else both, DOMAIN), around.tape)


def _smooth(site: Site, around: Around, k: int, claim: Claim) -> Comparison:
    """Return the verdict at a smooth point."""
    tape, ways = around.tape, dict[str, Way]()
    if tape is not None:
        ways[COMPLEX] = lambda tape: references.complex_step(tape, k)
        ways[PRECISE] = lambda tape: references.precise(tape, k)
    if not (reason := _untold(site, around)):
        ways[RIDDERS] = lambda _: references.ridders(site, k, around.size)
    found: Comparison | None = None
    for method, way in ways.items():
        reference = way(tape) if method != RIDDERS or found is None else None
        if reference is None or not _credible(method, reference, around):
            continue
        found = claim.against(reference, method, around.large)
        if found.verdict == OK:
            break
    if found is None:
        return claim.unchecked(reason or "no steady slope beside the point, on the same path")
    return _reconsidered(found, tape, ways, claim, around.large)


def _credible(method: str, reference: Estimate, around: Around) -> bool:
    """Return whether a reference is the slope of the values, as far as those can tell.

    A complex step takes the side of a kink that the floats take, and a function of the user's
    may turn exact numbers into floats. Without one, 50 digits see closer than floats do.
    """
    if method == PRECISE and around.tape is not None and not around.tape.has_own_operations:
        return True
    return believable(reference, around.slope)


def _untold(site: Site, *arounds: Around) -> str:
    """Return why values alone cannot tell a slope, "" where they can."""
    if any(row.operation == "stop_gradient" for row in site.base.rows):
        return "values cannot tell what stop_gradient leaves standing"
    if any(around.coarse for around in arounds):
        return "floats lie too far apart here to tell a slope from values"
    return ""


def _reconsidered(
    found: Comparison, tape: Replayed | None, ways: dict[str, Way], claim: Claim, large: float
) -> Comparison:
    """Return a conviction by a tape again, with the rounding of the program considered.

    And withdraw it if the plain function objects to the reference.
    """
    if found.verdict != WRONG or tape is None or found.method not in (COMPLEX, PRECISE):
        return found
    error = found.reference_error + references.rounding(tape, ways[found.method])
    reference = Estimate(found.reference, error)
    again = claim.against(reference, found.method, large)
    plain = ways[RIDDERS](None) if RIDDERS in ways and again.verdict == WRONG else None
    if plain is None:
        return again
    room = claim.tolerance.room(float(plain.value), reference)
    if abs(float(plain.value) - found.reference) <= room + claim.tolerance.errors * plain.error:
        return again
    return replace(again, verdict=INCONCLUSIVE, note="the references disagree")


# -- second derivatives ---------------------------------------------------------------------


def second_order(site: Site, i: int, j: int, claim: Claim) -> Comparison:
    """Return the verdict on a second derivative, at a point smooth in both inputs."""
    tape = trusted(site, {i, j})
    if tape is not None and not {i, j} <= site.base.reached:
        return claim.against(Estimate(0.0, 0.0), UNUSED)
    around = look(site, i)
    size = references.unit(site.point[j])
    large = around.large / min(1.0, size)
    lines = _lines(site, tape, (i, j), (around, look(site, j)))
    found: Comparison | None = None
    for method, line_of in lines.items():
        line = line_of(tape) if method != RIDDERS or found is None else None
        if line is not None and _exact(line, method, tape, i, around):
            found = _along(line, method, claim, size, large) or found
        if found is not None and found.verdict == OK:
            break
    if found is None:
        return claim.unchecked("no steady slopes beside the point")
    if found.method == ONE_SIDED:
        return _unless_lost(found, tape)
    ways = {method: _slopes_by(method, line_of) for method, line_of in lines.items()}
    return _reconsidered(found, tape, ways, claim, large)


def _lines(
    site: Site, tape: Replayed | None, pair: tuple[int, int], arounds: tuple[Around, Around]
) -> dict[str, LineOf]:
    """Return the lines of slopes there are, the cheapest first, the plain function last."""
    first, other = arounds
    lines: dict[str, LineOf] = {}
    if tape is not None:
        if not other.coarse:
            lines[COMPLEX] = lambda tape: references.complex_slopes(tape, *pair, other.size)
        lines[PRECISE] = lambda tape: references.precise_slopes(tape, *pair)
    if not _untold(site, *arounds):
        sizes = first.size, other.size
        lines[RIDDERS] = lambda _: references.plain_slopes(site, pair, sizes)
    return lines


def _slopes_by(method: str, line_of: LineOf) -> Way:
    """Return how a line of slopes gives a second derivative."""

    def way(tape: Any) -> Estimate | None:
        line = line_of(tape)
        return None if line is None else _slope_of(line, method)

    return way


def _exact(line: Line, method: str, tape: Replayed | None, i: int, around: Around) -> bool:
    """Return whether a line of slopes is roughly right at the point itself.

    In 50 digits that is not enough where a function of the user's may go through floats: its
    values must change at a step that no float can see.
    """
    middle = line.at(0.0)
    if middle is None or not _credible(method, Estimate(middle, 0.0), around):
        return False
    if method != PRECISE or tape is None or not tape.has_own_operations:
        return True
    reference = references.precise(tape, i)
    return reference is not None and believable(reference, around.slope)


def _along(
    line: Line, method: str, claim: Claim, size: float, large: float
) -> Comparison | None:
    """Return the verdict by one line of slopes, None if it has nothing steady to say."""
    if not looks_smooth(line, RATIO):
        # Where the slope itself jumped, there would be no second derivative to check.
        both = replace(sides(line), jump=False)
        if not both.smooth:
            return claim.between(both, KINK)
    reference = _slope_of(line, method)
    if reference is None or not believable(reference, rough(line, line.near / RATIO, RATIO)):
        return None
    slope = abs(float(line.at(0.0) or 0.0))
    # It may be what is left of terms as large as the slope, each of them rounded.
    error = reference.error + 2.0**-52 * slope / max(1.0, size)
    return claim.against(replace(reference, error=error), method, max(large, slope))


def _slope_of(line: Line, method: str) -> Estimate | None:
    if method == PRECISE:
        # In 50 digits the two steps at which the line was looked at are exact enough.
        return central(line, rows=2, shrink=RATIO)
    return central(line, rows=10, shrink=4.0)
