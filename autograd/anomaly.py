"""Anomaly mode: stop at the first number that is not finite, and say where it came from.

Rows recorded inside `detect_anomaly()` carry the line of the user's program that made them,
and every value and every term of the sweep is looked at. Slow, and only then.
"""

import math
from typing import Any, Self
from weakref import ref

from autograd.contexts import Context
from autograd.errors import AnomalyError, user_line, user_place, written_place
from autograd.numbers import format_number
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS
from autograd.rows import LEAF, operands_of, symbol
from autograd.tape import VOID, Reel, here, renew


class _WatchedRows(list[tuple[Any, ...]]):
    """The rows of a reel, each looked at before it is appended."""

    def __init__(self, reel: Reel) -> None:
        super().__init__()
        # Weak: the reel holds these rows.
        self._reel = ref(reel)

    def append(self, row: tuple[Any, ...]) -> None:
        reel = self._reel()
        if reel is not None:
            if not math.isfinite(row[1]):
                number = format_number(row[1])
                raise AnomalyError(f"{_called(reel, row)} is {number}{user_line()}")
            reel.lines[len(self)] = user_place()
        super().append(row)


def _called(reel: Reel, raw: tuple[Any, ...]) -> str:
    """Return the operation of a row with its operands, labels and numbers."""
    if raw[0] == LEAF:
        return "a leaf that enters the tape"
    operands = []
    for row, constant, _ in operands_of(raw):
        entered = reel.entries.get(row) if row is not None else None
        label = entered.label if entered is not None else reel.labels.get(row or 0, "")
        number = format_number(constant if row is None else reel.rows[row][1])
        operands.append(f"{label} = {number}" if label and row is not None else number)
    known = TABLE.get(raw[0]) or REDUCTIONS.get(raw[0])
    return known.written(operands) if known else f"{symbol(raw)}({', '.join(operands)})"


class detect_anomaly(Context):  # noqa: N801 - torch's name for it
    """Raise at the first value or gradient that is not finite, naming its origin.

    The message names the operation, its operands with their labels, and the file and line of
    the user's program that computed it, in a backward pass too. The context itself lists
    under `suppressed` the terms 0 * inf and 0 * nan that the zero-adjoint rule left out.

    Raises:
        AnomalyError: as soon as a number is not finite; no leaf's gradient is changed then.

    Example:
        >>> from autograd import Value, sqrt
        >>> with detect_anomaly() as watch:
        ...     x = Value(0.0, label="x")
        ...     (sqrt(x) * 0.0).backward()
        >>> watch.suppressed[0].partition(" (")[0]
        '0 * inf of sqrt(x = 0)'
    """

    def __init__(self) -> None:
        self.suppressed: list[str] = []

    def __enter__(self) -> Self:
        here.put_aside(self, here.watch)
        here.watch = self
        if here.reel is not VOID:
            renew()
        return self

    def __exit__(self, *_: object) -> None:
        here.watch = here.take_back(self)
        if here.reel is not VOID:
            renew()

    def start(self, reel: Reel) -> None:
        """Watch what a fresh reel records."""
        reel.rows = _WatchedRows(reel)

    def check_term(
        self, reel: Reel, index: int, adjoint: float, operand: int, partial: float
    ) -> None:
        """Look at one term of the sweep: adjoint * partial, from a row to an operand."""
        if math.isfinite(adjoint * partial):
            return
        called = self._origin(reel, index)
        if adjoint == 0.0:
            self.suppressed.append(f"0 * {format_number(partial)} of {called}")
            return
        raise AnomalyError(
            f"the gradient becomes {format_number(adjoint * partial)} at operand "
            f"{operand + 1} of {called}: adjoint {format_number(adjoint)} times local "
            f"derivative {format_number(partial)}"
        )

    def _origin(self, reel: Reel, index: int) -> str:
        """Return the operation of a row with its operands and the user's line."""
        return f"{_called(reel, reel.rows[index])}{written_place(reel.lines.get(index))}"

    def check_row(self, reel: Reel, index: int, adjoint: float) -> None:
        """Look at all the terms that a row of the sweep hands to its operands."""
        if not math.isfinite(adjoint):
            raise AnomalyError(
                f"the gradient of {self._origin(reel, index)} is {format_number(adjoint)}"
            )
        for operand, (row, _, partial) in enumerate(operands_of(reel.rows[index])):
            if row is not None and partial is not None:
                self.check_term(reel, index, adjoint, operand, partial)
