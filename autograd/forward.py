"""The forward sweep: the tangent of every row along a move of the inputs.

Knows the order of a tape: first row first. Knows no derivative; the local derivatives stand in
the rows. It is the mirror of `reverse.pull_rows`, for programs with fewer inputs than outputs.

The zero rule: a term `0 * inf` or `0 * nan` is left out, whichever factor the 0 is. A tangent
of 0 says that nothing moves, a local derivative of 0 that the move does not matter.
"""

from collections.abc import Callable, Iterable

from autograd.rows import operands_of
from autograd.tape import Raw, Reel


def push_rows(  # noqa: C901 - the hot loop
    reel: Reel,
    wanted: Iterable[int],
    tangents: list[float],
    by_hand: Callable[[Reel, int, tuple[int, ...]], None],
) -> None:
    """Give every wanted row of a reel its tangent, from those of its operands.

    Args:
        reel: the reel.
        wanted: the rows, in the order they ran, each after those it is computed from.
        tangents: one number for each row; what entered has its own already.
        by_hand: called with a row that moves but has a learner's own function in place of
            local derivatives.
    """
    rows = reel.rows
    for index in wanted:
        row = rows[index]
        length = len(row)
        if length == 6:
            _, _, i, d, j, e = row
            tangent = tangents[i] * d + tangents[j] * e
        elif length == 4:
            _, _, i, d = row
            tangent = tangents[i] * d
        elif length == 5:
            _, _, i, d, e = row
            tangent = tangents[i] * d if type(i) is int else tangents[d] * e
        elif length == 3:
            operands, partials, _ = row[2]
            if partials is None:
                if any(tangents[i] for i in operands):
                    by_hand(reel, index, operands)
                continue
            tangent = 0.0
            for i, d in zip(operands, partials, strict=True):
                tangent += tangents[i] * d
        else:
            continue
        # Only an infinite or undefined number differs from itself by more than 0.
        tangents[index] = tangent if tangent - tangent == 0.0 else _with_zeros(row, tangents)


def _with_zeros(row: Raw, tangents: list[float]) -> float:
    """Return the tangent of a row by the zero rule."""
    tangent = 0.0
    for i, _, d in operands_of(row):
        if i is not None and d and tangents[i]:
            tangent += tangents[i] * d
    return tangent
