"""The verdict on one derivative, given a reference: numbers weighed against numbers.

ok, wrong, kink, domain, branch changed, or inconclusive where the reference is too poor to
tell. Knows nothing of functions; where references come from is the business of others.
"""

import math
from dataclasses import dataclass

from autograd.checking.sides import Sides
from autograd.checking.slopes import Estimate

OK, WRONG, KINK, DOMAIN = "ok", "wrong", "kink", "domain"
BRANCH, INCONCLUSIVE = "branch changed", "inconclusive"

ONE_SIDED = "one-sided"

# A reference whose error exceeds this share of the derivative proves nothing.
_POOR = 1e-4

# Below this share of what would be a large slope, a derivative is as good as 0; and below
# this size in any case.
_NOTHING, _NIL = 1e-10, 1e-250


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a derivative may be off: absolute + relative * size + errors * its error."""

    relative: float = 1e-8
    absolute: float = 0.0
    errors: float = 10.0

    def room(self, ours: float, reference: Estimate) -> float:
        """Return how far the derivative may be from the reference."""
        sizes = [abs(x) for x in (ours, float(reference.value)) if math.isfinite(x)]
        size = max(sizes, default=0.0)
        room = self.absolute + self.relative * size + self.errors * reference.error
        # Differences this small are lost in the references themselves.
        return max(room, 1e-200)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One derivative against its reference.

    Attributes:
        name: the input, or both inputs of a second derivative.
        ours: the derivative that was checked.
        reference: what it should be; between the slopes of a kink, ours itself; nan where
            there is no reference.
        reference_error: how far the reference may be off.
        absolute_error: the distance of ours from the reference.
        relative_error: the same, as a share of the reference.
        ulps: the same, in units in the last place of the reference.
        verdict: ok, wrong, kink, domain, branch changed or inconclusive.
        method: where the reference comes from.
        note: what there is to add.
    """

    name: str
    ours: float
    reference: float
    reference_error: float
    absolute_error: float
    relative_error: float
    ulps: float
    verdict: str
    method: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A derivative to be judged.

    Attributes:
        name: the input, or both inputs of a second derivative.
        ours: the derivative.
        tolerance: how far it may be off.
    """

    name: str
    ours: float
    tolerance: Tolerance

    def compared(
        self, reference: Estimate, verdict: str, method: str, note: str = ""
    ) -> Comparison:
        """Return the comparison with a reference, errors worked out."""
        ours, truth = self.ours, float(reference.value)
        # In the reference's own arithmetic: 50 digits see less than one ulp.
        gap = 0.0 if ours == reference.value else float(abs(ours - reference.value))
        size = math.ulp(truth) if math.isfinite(truth) else math.inf
        relative = gap / abs(truth) if truth and math.isfinite(truth) else gap
        ulps = gap / size if math.isfinite(gap) else gap
        error = reference.error
        return Comparison(
            self.name, ours, truth, error, gap, relative, ulps, verdict, method, note
        )

    def unchecked(self, note: str, verdict: str = INCONCLUSIVE) -> Comparison:
        """Return the comparison with nothing."""
        nan = math.nan
        return Comparison(self.name, self.ours, nan, nan, nan, nan, nan, verdict, "-", note)

    def against(self, reference: Estimate, method: str, large: float = 0.0) -> Comparison:
        """Return ok, wrong, or inconclusive for a reference too poor to tell.

        Args:
            reference: what the derivative should be.
            method: where that comes from.
            large: what would be a large slope here; a derivative of 1e-10 of it is as good
                as 0.

        >>> claim = Claim("x", 2.002, Tolerance())
        >>> claim.against(Estimate(2.0, 1e-12), "Ridders").verdict
        'wrong'
        >>> claim.against(Estimate(2.002, 1e-12), "Ridders").verdict
        'ok'
        >>> claim.against(Estimate(2.0, 1e-3), "Ridders").verdict
        'inconclusive'
        """
        note = "too large for a float" if math.isinf(float(reference.value)) else ""
        return self.compared(reference, self._weighed(reference, large), method, note)

    def _weighed(self, reference: Estimate, large: float) -> str:
        ours, truth = self.ours, float(reference.value)
        if not (math.isfinite(truth) and math.isfinite(reference.error)):
            return INCONCLUSIVE
        if not abs(float(ours - reference.value)) <= self.tolerance.room(ours, reference):
            return WRONG
        doubt = self.tolerance.errors * reference.error
        size = max(abs(ours), abs(truth))
        if doubt <= _POOR * size + self.tolerance.absolute:
            return OK
        nothing = max(_NOTHING * large, _NIL)
        return OK if size <= nothing and doubt <= nothing else INCONCLUSIVE

    def between(self, both: Sides, verdict: str) -> Comparison:
        """Return the verdict where only the slopes of the two sides can be had.

        The given verdict, such as kink, if ours lies between them.
        """
        ours = self.ours
        found = [
            side for side in (both.left, both.right) if side and not math.isnan(side.value)
        ]
        if not found:
            known = DOMAIN if verdict == DOMAIN else INCONCLUSIVE
            return self.unchecked("no value on either side", known)
        note = _told(both)
        nearest = min(found, key=lambda side: _distance(ours, float(side.value)))
        bounds = [float(side.value) for side in found]
        if math.isnan(ours):
            # As it should be where the slope has no limit: at jumps, and at tangents upright.
            fair = both.jump or any(math.isinf(bound) for bound in bounds)
            return self.compared(nearest, verdict if fair else WRONG, ONE_SIDED, note)
        if min(bounds) <= ours <= max(bounds):
            inside = Estimate(ours, nearest.error)
            if len(bounds) == 2 and min(bounds) == max(bounds) and math.isinf(ours):
                return self.compared(inside, OK, ONE_SIDED, "an upright tangent")
            return self.compared(inside, verdict, ONE_SIDED, note)
        near = _near(ours, nearest, self.tolerance)
        outcome = verdict if near else _outside(ours, found, self.tolerance)
        return self.compared(nearest, outcome, ONE_SIDED, note)


def _near(ours: float, side: Estimate, tolerance: Tolerance, times: float = 1.0) -> bool:
    far = _distance(ours, float(side.value))
    return math.isfinite(far) and far <= times * tolerance.room(ours, side)


def _outside(ours: float, found: list[Estimate], tolerance: Tolerance) -> str:
    """Return the verdict on a derivative that is none of the slopes of the sides."""
    if len(found) == 1 and math.isinf(found[0].value) and math.isfinite(ours):
        # The slope grows without bound towards an edge: a convention, or a mistake.
        return INCONCLUSIVE
    # Slopes that do not settle may grow without bound, slowly.
    unsettled = [side for side in found if side.error > _POOR * abs(side.value)]
    doubtful = math.isinf(ours) or any(_near(ours, side, tolerance, 10.0) for side in unsettled)
    return INCONCLUSIVE if unsettled and doubtful else WRONG


def _distance(ours: float, bound: float) -> float:
    return 0.0 if ours == bound else abs(ours - bound)


def _told(both: Sides) -> str:
    """Return the slopes of both sides in words.

    >>> _told(Sides(None, Estimate(1.0, 0.0)))
    'slope - from the left, 1 from the right'
    """
    left, right = (
        "-" if side is None else f"{float(side.value):.6g}" for side in (both.left, both.right)
    )
    jump = "the value jumps; " if both.jump else ""
    return f"{jump}slope {left} from the left, {right} from the right"
