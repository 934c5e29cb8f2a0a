"""Numbers that must be watched: inf and nan that no result would show.

Knows which instructions make a finite number of one that is not. Knows no plan.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from autograd.compiling.program import CONSTANT, GUARD, INPUT, SELECT, TRUTH, Instruction

# Functions that may make a finite number of inf or nan.
_HIDING = frozenset(
    (
        *("exp", "expm1", "tanh", "tanh_slope", "sigmoid", "sigmoid_turned", "softplus"),
        *("log_sigmoid", "atan", "atan2", "erf", "erfc", "pow", "hypot", "copysign"),
        *("min", "max", "minimum", "maximum", "mod", "fmod"),
    )
)


class Watching:
    """Finds the numbers whose being finite would not show in a result.

    The engine raises where a logarithm or a quotient has no value. In lanes the number is inf
    or nan then, and so are all results made of it; but a quotient by inf, the tanh of it and
    what a comparison says of it are finite again.

    Attributes:
        seen: the numbers found so far.
    """

    def __init__(self, steps: Sequence[Instruction]) -> None:
        self.steps = steps
        self.seen: set[int] = set()

    def first_seen(self, places: Sequence[int]) -> tuple[int, ...]:
        """Return the numbers that some instructions hide and none before them did."""
        found: dict[int, None] = {}
        for place in places:
            for x in self._hidden(self.steps[place]):
                if not self._known(x, found):
                    found[x] = None
        self.seen.update(found)
        return tuple(found)

    def _known(self, place: int, found: Collection[int]) -> bool:
        """Return whether a number shows already, by what it is chosen from at the latest."""
        step = self.steps[place]
        # Inputs are looked at before, by who gives them.
        if place in self.seen or place in found or step.op in (CONSTANT, INPUT):
            return True
        return step.op == SELECT and all(
            x in self.seen or self._is_finite(x) for x in step.operands[1:]
        )

    def _is_finite(self, place: int) -> bool:
        number = self.steps[place].number
        return number is not None and math.isfinite(number)

    def _hidden(self, step: Instruction) -> Sequence[int]:
        if step.op in _HIDING:
            return step.operands
        if step.op == "div":
            return step.operands[1:]
        if step.op == SELECT:
            return numbers_under(self.steps, step.operands[:1])
        return numbers_under(self.steps, step.operands) if step.op == GUARD else ()


def numbers_under(steps: Sequence[Instruction], places: Iterable[int]) -> list[int]:
    """Return the numbers that some places come from, through truths, which are not kept.

    A truth is computed again wherever it is used: that is cheaper than keeping it.
    """
    found: dict[int, None] = {}
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        if steps[place].kind == TRUTH:
            waiting += steps[place].operands
        else:
            found[place] = None
    return list(found)
