"""Gradients of leaves by finite differences, to check those of the sweep against.

Uses the values of a tape only: every leaf is moved a little up and a little down, and the tape
replayed. Knows rows and no derivative.
"""

import math
from collections.abc import Sequence

from autograd import NumberError, Row, TapeError, replay

# Rows times leaves: more would take longer than people wait.
MOST_WORK = 60_000
# The step that makes the errors of rounding and of the formula alike: the fifth root of the
# rounding of a float, for a formula of fourth order.
_STEP = 2.0 ** (-52 / 5)


def differences(rows: Sequence[Row]) -> dict[int, float] | None:
    """Return d(last row)/d(leaf) for every leaf, or None if that cannot be had.

    A tape with an operation of a learner's own cannot be replayed; a very long one takes too
    long.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> round(differences((x * x).tape)[0], 9)
    6.0
    """
    leaves = [row for row in rows if not row.operands]
    if len(leaves) * len(rows) > MOST_WORK:
        return None
    try:
        return {leaf.number: _slope(rows, leaf) for leaf in leaves}
    except (NumberError, TapeError, ValueError, ArithmeticError):
        return None


def _slope(rows: Sequence[Row], leaf: Row) -> float:
    """Return the central difference of fourth order."""
    step = _STEP * max(abs(leaf.value), 1.0)
    if not math.isfinite(leaf.value):
        return math.nan

    def at(shift: float) -> float:
        return float(replay(rows, {leaf.number: leaf.value + shift}).values[-1])

    near, far = at(step) - at(-step), at(2 * step) - at(-2 * step)
    return (8 * near - far) / (12 * step)


def agree(gradient: float, difference: float) -> bool:
    """Return whether a gradient and a finite difference are the same as far as one can tell.

    >>> agree(6.0, 6.00000001), agree(6.0, 6.1), agree(0.0, 1e-12)
    (True, False, True)
    """
    if not (math.isfinite(gradient) and math.isfinite(difference)):
        return str(gradient) == str(difference)
    return abs(gradient - difference) <= 1e-5 * max(abs(gradient), abs(difference), 1e-3)
