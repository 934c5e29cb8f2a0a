"""What every gradient must do, whatever its numbers are.

The same twice, nothing for a seed of 0, twice as much for twice the seed; and the function
itself must give the same twice. Knows no reference and no tolerance: all of this is exact.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.checking.calls import Call, plain_number
from autograd.checking.probing import Site
from autograd.checking.ranges import inputs_of, out_of_range
from autograd.rows import Row
from autograd.transforms import vjp


@dataclass(frozen=True, slots=True)
class Property:
    """Something that every gradient must do.

    Attributes:
        name: what must hold, such as "two sweeps are identical".
        fault: what was seen instead, "" if it holds.
    """

    name: str
    fault: str = ""


def same_twice(site: Site) -> Property:
    """Return whether f gives the same, by the same operations, when it is called again."""
    name = "two calls give the same"
    again = site.again()
    if again.value != site.base.value:
        return Property(
            name,
            f"f returned {site.base.value!r} and then {again.value!r} for the same arguments: "
            "it keeps state or draws random numbers",
        )
    if again.path != site.base.path:
        return Property(name, "f took another path of operations: it keeps state")
    return Property(name)


def linear_sweeps(call: Call, rows: Sequence[Row]) -> list[Property]:
    """Return whether the reverse sweep at a point does what every linear map does.

    Args:
        call: the function at the point.
        rows: its tape, the inputs first.
    """
    _, pullback = vjp(call.flat, *call.point)
    first, again, none, double = (
        [plain_number(g) for g in pullback(seed)] for seed in (1.0, 1.0, 0.0, 2.0)
    )
    # Where doubling itself rounds or overflows, nothing can be said.
    unsure = inputs_of(rows, out_of_range(rows))
    twice = [
        d if k in unsure else 2.0 * g
        for k, (g, d) in enumerate(zip(first, double, strict=True))
    ]
    zeros = [0.0] * len(call.names)
    return [
        Property("two sweeps are identical", unequal(call.names, first, again)),
        Property("a seed of 0 gives 0", unequal(call.names, zeros, none)),
        Property("twice the seed gives twice as much", unequal(call.names, twice, double)),
    ]


def unequal(names: Sequence[str], expected: Sequence[float], got: Sequence[float]) -> str:
    """Return where two gradients differ in any bit, "" for nowhere.

    >>> unequal(["x", "y"], [1.0, 2.0], [1.0, 3.0])
    'for y expected 2.0, got 3.0'
    """
    for name, one, other in zip(names, expected, got, strict=True):
        if one != other and not (math.isnan(one) and math.isnan(other)):
            return f"for {name} expected {one!r}, got {other!r}"
    return ""
