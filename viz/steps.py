"""A computation as steps: every operation forward, then every operand backward.

The sweep is written out with all its numbers, in the order and by the rules of the engine: last
row first, a row whose gradient is 0 skipped, nothing to operands that were not selected. So
what a step says is what the engine computes. Knows rows. Knows no picture and no page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autograd import OPERATIONS, Row

Kind = Literal["start", "forward", "seed", "backward", "skip", "done"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens.

    Attributes:
        kind: what it is. "skip": the gradient of the row is 0, so nothing flows from it.
        row: number of the row it happens to.
        slot: which operand, for a step backward.
        upstream: the gradient of the row.
        partial: the local derivative, None where a learner's own function does the work.
        added: what is added to the gradient of the operand, None where that is not known.
        before: the gradient of the operand before, None if nothing had arrived.
        after: the gradient of the operand, or of the row that is seeded, after the step.
        chosen: False where the operation did not select the operand, so nothing flows.
    """

    kind: Kind
    row: int = -1
    slot: int = -1
    upstream: float | None = None
    partial: float | None = None
    added: float | None = None
    before: float | None = None
    after: float | None = None
    chosen: bool = True


def steps(rows: Sequence[Row]) -> tuple[list[Step], list[float]]:
    """Return the steps of a computation and of its sweep, and the gradients they end with.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> taken, gradients = steps((x * x).tape)
    >>> [(step.kind, step.before, step.added, step.after) for step in taken[2:]]
    [('seed', None, None, 1.0), ('backward', None, 3.0, 3.0), ('backward', 3.0, 3.0, 6.0), \
('done', None, None, None)]
    >>> gradients
    [6.0, 1.0]
    """
    taken = [Step("start")]
    taken += [Step("forward", row.number) for row in rows if row.operands]
    arrived: list[float | None] = [None] * len(rows)
    arrived[-1] = 1.0
    taken.append(Step("seed", len(rows) - 1, after=1.0))
    for row in reversed(rows):
        if row.operands:
            taken += _back(row, arrived)
    taken.append(Step("done"))
    return taken, [0.0 if gradient is None else gradient for gradient in arrived]


def _back(row: Row, arrived: list[float | None]) -> list[Step]:
    """Return the steps from one row to its operands, and add to what arrived there."""
    upstream = arrived[row.number]
    moving = [(slot, x) for slot, x in enumerate(row.operands) if x.row is not None]
    if not moving:
        return []
    if not upstream:
        return [Step("skip", row.number, upstream=0.0)]
    taken = []
    for slot, operand in moving:
        assert operand.row is not None, "constants do not move"
        before = arrived[operand.row]
        step = _term(row, slot, upstream, operand.partial, before)
        arrived[operand.row] = before if step.after is None else step.after
        taken.append(step)
    return taken


def _term(
    row: Row, slot: int, upstream: float, partial: float | None, before: float | None
) -> Step:
    if partial is None:
        return Step("backward", row.number, slot, upstream, before=before)
    chosen = math.isfinite(upstream) or partial != 0.0 or not selects(row.operation)
    added = upstream * partial if chosen else 0.0
    after = (0.0 if before is None else before) + added
    return Step("backward", row.number, slot, upstream, partial, added, before, after, chosen)


def selects(operation: str) -> bool:
    """Return whether an operation takes an operand or does not, with nothing in between.

    >>> selects("relu"), selects("mul")
    (True, False)
    """
    known = OPERATIONS.get(operation)
    return known.selects if known is not None else operation in ("amax", "amin")
