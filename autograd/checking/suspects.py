"""Which operation is to blame: every row of a tape checked alone.

A wrong gradient has a wrong local derivative somewhere. Each recorded partial is held against
a reference for that one operation at its recorded operands, so the row, the operand and both
numbers can be named. Knows how to run one operation of a tape by itself.
"""

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.checking.judging import first_order, second_order
from autograd.checking.probing import Site, recorded
from autograd.checking.ranges import out_of_range, out_of_range_twice
from autograd.checking.verdicts import DOMAIN, INCONCLUSIVE, KINK, WRONG, Claim, Tolerance
from autograd.lists import record_many
from autograd.numbers import format_number
from autograd.operations import TABLE
from autograd.recorders import generated
from autograd.reductions import REDUCTIONS
from autograd.rows import LEAF, Operand, Row, written
from autograd.transforms import hessian
from autograd.value import Value


@dataclass(frozen=True, slots=True)
class Suspect:
    """An operation whose own derivative is off.

    Attributes:
        row: its number on the tape of the report.
        operation: what it computes, in the names of the tape.
        derivative: which derivative is off, such as "d/dx".
        expected: what the reference says, None where the operation has no formula to check.
        got: what the operation has.
    """

    row: int
    operation: str
    derivative: str
    expected: float | None
    got: float | None

    def __str__(self) -> str:
        """Return the finding in one line."""
        if self.expected is None or self.got is None:
            return (
                f"row {self.row}, {self.operation}: has no formula, so its own derivative "
                "cannot be checked alone"
            )
        return (
            f"row {self.row}, {self.operation}: {self.derivative} should be "
            f"{self.expected:.12g}, got {self.got:.12g}"
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rows of a tape are like, each by itself.

    Attributes:
        wrong: operations with a wrong derivative.
        unknown: operations without a formula.
        edges: operations that stand at a kink or at the edge of their domain, by row.
        beyond: operations at which the sweep leaves the range of floats, by row.
    """

    wrong: tuple[Suspect, ...]
    unknown: tuple[Suspect, ...]
    edges: Mapping[int, str]
    beyond: Mapping[int, str]


def readable(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Return the rows of a recorded run as a tape to print, the inputs labelled.

    Without the row that made the inputs enter, and without the one that marks the result.
    """
    count = len(names)
    kept = [row for row in rows if row.number != count][:-1]
    where = {row.number: k for k, row in enumerate(kept)}
    return [
        Row(
            where[row.number],
            row.operation,
            row.op,
            row.value,
            tuple(_placed(x, where) for x in row.operands),
            names[row.number] if row.number < count else row.label,
            None,
        )
        for row in kept
    ]


def mark(root: Value, rows: Sequence[Row], suspects: Sequence[Suspect]) -> None:
    """Label the operations to blame among those that a Value was computed by.

    Args:
        root: the result.
        rows: its tape as `readable` gives it.
        suspects: the operations, by their rows there.
    """
    if not rows or rows[-1].operation == LEAF:
        return
    found = {rows[-1].number: root}
    for row in reversed(rows):
        if row.number in found:
            for x, child in zip(row.operands, found[row.number]._children, strict=True):
                if x.row is not None:
                    found[x.row] = child
    for suspect in {suspect.row: suspect for suspect in suspects}.values():
        blamed, symbol = found[suspect.row], rows[suspect.row].op
        blamed.label = f"wrong {blamed.label or symbol}"


def _placed(x: Operand, where: dict[int, int]) -> Operand:
    return x if x.row is None else Operand(where[x.row], x.value, x.partial)


def alone(row: Row) -> tuple[Callable[[list[Any]], Any], list[int]]:
    """Return an operation as a function of its moving operands, and which those are."""
    moving = [k for k, x in enumerate(row.operands) if x.row is not None]

    def operation(values: list[Any]) -> Any:
        operands: list[Any] = [x.value for x in row.operands]
        for k, value in zip(moving, values, strict=True):
            operands[k] = value
        return _applied(row.operation, operands)

    return operation, moving


def _applied(name: str, operands: list[Any]) -> Any:
    if name in REDUCTIONS or len(TABLE[name].partials) > 2:
        return record_many(name, operands)
    if isinstance(operands[0], Value):
        return generated(name, "record")(*operands)
    return generated(name, "reflected")(operands[1], operands[0])


def examine(rows: Sequence[Row], tolerance: Tolerance) -> Findings:
    """Check the local derivatives of every row of a readable tape."""
    wrong: list[Suspect] = []
    unknown: list[Suspect] = []
    edges: dict[int, str] = {}
    beyond: dict[int, str] = {}
    leaving = out_of_range(rows)
    for row, text in _operations(rows):
        if row.operation not in TABLE and row.operation not in REDUCTIONS:
            unknown.append(Suspect(row.number, text, "", None, None))
            continue
        verdicts = list(_first(row, text, rows, tolerance))
        wrong += [suspect for verdict, suspect in verdicts if verdict == WRONG]
        # An infinite slope that nobody can judge is too large for floats, and no edge.
        if any(
            verdict in (KINK, DOMAIN)
            or (math.isinf(suspect.got or 0.0) and verdict != INCONCLUSIVE)
            for verdict, suspect in verdicts
        ):
            edges[row.number] = f"row {row.number}, {text}"
        if row.number in leaving:
            beyond[row.number] = f"row {row.number}, {text}"
    return Findings(tuple(wrong), tuple(unknown), edges, beyond)


def _operations(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Yield the rows that compute something finite, with what they compute."""
    for row in rows:
        moving = any(x.row is not None for x in row.operands)
        if not moving or not all(
            map(math.isfinite, (row.value, *(x.value for x in row.operands)))
        ):
            continue
        names = [
            format_number(x.value) if x.row is None else rows[x.row].name for x in row.operands
        ]
        yield row, written(row, names)


def _first(
    row: Row, text: str, rows: Sequence[Row], tolerance: Tolerance
) -> Iterator[tuple[str, Suspect]]:
    function, moving = alone(row)
    site = Site(recorded(function), [row.operands[k].value for k in moving])
    for position, k in enumerate(moving):
        operand = row.operands[k]
        if operand.partial is None or operand.row is None or row.operation == "stop_gradient":
            continue
        found = first_order(site, position, Claim("", operand.partial, tolerance))
        slope = f"d/d{rows[operand.row].name}"
        suspect = Suspect(row.number, text, slope, found.reference, operand.partial)
        yield found.verdict, suspect


def examine_twice(
    rows: Sequence[Row], tolerance: Tolerance, excused: Container[int]
) -> tuple[Suspect, ...]:
    """Return the operations whose second derivatives are off, each by itself.

    Every one of them must have a formula. Excused are those at a kink or an edge, which have no
    second derivative, and those whose first is no float.
    """
    wrong: list[Suspect] = []
    for row, text in _operations(rows):
        if row.number in excused:
            continue
        function, moving = alone(row)
        point = [row.operands[k].value for k in moving]
        site = Site(recorded(function), point)
        names = [rows[row.operands[k].row or 0].name for k in moving]

        def flat(*numbers: Any, function: Any = function) -> Any:
            return function(list(numbers))

        ours = hessian(flat, tuple(range(len(point))))(*point)
        for i, first in enumerate(names):
            for j, second in enumerate(names):
                found = second_order(site, i, j, Claim("", ours[i][j], tolerance))
                if found.verdict == WRONG and not out_of_range_twice(flat, point, (i, j)):
                    slope = f"d2/d{first}d{second}"
                    suspect = Suspect(row.number, text, slope, found.reference, ours[i][j])
                    wrong.append(suspect)
    return tuple(wrong)
