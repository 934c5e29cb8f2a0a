"""A function looked at around a point: its values, its path, and its tape on other numbers.

A `Site` runs a function at a point and beside it. A function of Values is recorded each
time, so that two runs can be compared operation by operation; a function that is not ours is
just called. A `Replayed` is the tape of a run, read forward over other kinds of numbers: the
formulas of values take part, those of derivatives never do.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from random import Random
from typing import Any

from autograd.contexts import Tape
from autograd.errors import NumberError, shown
from autograd.formulas import ARITHMETIC
from autograd.functions import identity
from autograd.operations import BUILT_IN
from autograd.reductions import REDUCTIONS
from autograd.replay import replay
from autograd.rows import LEAF, Operand, Row, dependencies, snapshot
from autograd.sequences import total
from autograd.value import Value

Numbers = Sequence[float]

# Several steps are looked at more than once; a run holds a tape, so few are kept.
_KEPT = 128

# Of a local derivative below this, that or the second one may be no float.
_SMALL = 1e-140


@dataclass(frozen=True)
class Run:
    """One run of a function. Without slots, so that a path is worked out once.

    Attributes:
        value: what came out.
        inputs: how many numbers went in.
        rows: the tape: a leaf for each input first, the result last. Empty if the function
            is not ours.
    """

    value: float
    inputs: int
    rows: tuple[Row, ...] = ()

    @cached_property
    def path(self) -> tuple[Any, ...]:
        """Which operations ran, on which rows."""
        return tuple(
            (row.operation, row.op, tuple(x.row for x in row.operands)) for row in self.rows
        )

    @cached_property
    def constants(self) -> tuple[float, ...]:
        """The numbers that were used and not computed: constants and other leaves."""
        return tuple(
            x
            for row in self.rows[self.inputs :]
            for x in (
                [row.value]
                if row.operation == LEAF
                else [operand.value for operand in row.operands if operand.row is None]
            )
        )

    @cached_property
    def reached(self) -> set[int]:
        """The inputs that the result was computed from, according to the tape."""
        needed = {len(self.rows) - 1}
        for row in reversed(self.rows):
            if row.number in needed:
                needed.update(x.row for x in row.operands if x.row is not None)
        return {k for k in range(self.inputs) if k in needed}


def one_number(out: Any) -> Any:
    """Return the result of a function if it is one number.

    Raises:
        NumberError: if it is anything else.
    """
    if isinstance(out, (Value, Real)):
        return out
    if out is None:
        raise NumberError(
            "check_gradients needs a function that returns one number, got None; is a return "
            "missing?"
        )
    if isinstance(out, (list, tuple, dict)) or not hasattr(out, "__float__"):
        raise NumberError(
            f"check_gradients needs a function that returns one number, got {shown(out)}; "
            "check each output by itself, or their sum"
        )
    return float(out)


def recorded(f: Callable[[list[Value]], Any]) -> Callable[[Numbers], Run]:
    """Return how to run a function of a list of Values and keep its tape."""

    def run(point: Numbers) -> Run:
        with Tape():
            inputs = [Value(x) for x in point]
            # Lets every input enter the tape first, in order, whether f uses it or not.
            anchor = total(inputs)
            out = one_number(f(inputs))
            result = identity(out if isinstance(out, Value) else Value(out))
            rows = snapshot(*dependencies([anchor, result]))
        return Run(result.data, len(inputs), tuple(rows))

    return run


class Site:
    """A function of a list of numbers, at a point.

    Attributes:
        point: where.
        base: the run at the point.
        seen: what was found around the point, by input; every pair of inputs asks again.
    """

    def __init__(self, run: Callable[[Numbers], Run], point: Numbers) -> None:
        self._run = run
        self._known: dict[tuple[tuple[int, float], ...], Run | None] = {}
        self.seen: dict[int, Any] = {}
        self.point = tuple(point)
        self.base = run(self.point)

    def again(self) -> Run:
        """Return another run at the same point."""
        return self._run(self.point)

    def moved(self, moves: Mapping[int, float]) -> Run | None:
        """Return the run beside the point, None where the function has no finite value."""
        key = tuple(moves.items())
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = self._beside(moves)
        return self._known[key]

    def _beside(self, moves: Mapping[int, float]) -> Run | None:
        numbers = [x + moves.get(k, 0.0) for k, x in enumerate(self.point)]
        try:
            run = self._run(numbers)
        except ARITHMETIC:
            return None
        return run if math.isfinite(run.value) else None

    @property
    def tape(self) -> "Replayed | None":
        """The tape to be read over other numbers, None if the function left none."""
        return Replayed(self.base.rows, self.point) if self.base.rows else None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A tape read over other kinds of numbers, forward only.

    Attributes:
        rows: the rows, inputs first, the result last.
        point: the recorded numbers of the inputs.
        shaken_from: the rows as they were recorded, if these are shaken: they tell sizes.
    """

    rows: tuple[Row, ...]
    point: tuple[float, ...]
    shaken_from: tuple[Row, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether every row has a finite value, so that no other number explodes."""
        return all(math.isfinite(row.value) for row in self.rows)

    @property
    def has_own_operations(self) -> bool:
        """Whether operations of the user's take part."""
        return not {row.operation for row in self.rows} <= {*BUILT_IN, *REDUCTIONS, LEAF}

    @property
    def largest(self) -> float:
        """The largest size of a value on the way."""
        return max(abs(row.value) for row in self.shaken_from or self.rows)

    @property
    def least(self) -> float:
        """The smallest size of a number on the way, constants included, 0 left out."""
        rows = self.shaken_from or self.rows
        numbers = (row.value for row in rows)
        constants = (x.value for row in rows for x in row.operands if x.row is None)
        return min((abs(x) for x in (*numbers, *constants) if x), default=1.0)

    def frozen(self) -> "Replayed":
        """Return the tape with what stands behind `stop_gradient` as the constant it means."""
        return replace(self, rows=tuple(_still(row) for row in self.rows))

    def at(self, numbers: Mapping[int, Any], number: type) -> Any:
        """Return the result for other inputs, in a kind of number; None if it has none.

        Args:
            numbers: the inputs that differ from the recorded ones, by position.
            number: the kind of number, as `autograd.replay` takes it.
        """
        values = self.values(numbers, number)
        return values[-1] if values else None

    def values(self, numbers: Mapping[int, Any], number: type) -> tuple[Any, ...]:
        """Return the value of every row for other inputs, () if one has none."""
        # A last row that depends on nothing: the sweep of `replay` has nothing to do, so no
        # derivative formula is evaluated.
        idle = Row(len(self.rows), LEAF, "", 0.0, (), "", None)
        leaves = [row.value for row in (*self.rows, idle) if row.operation == LEAF]
        given = [numbers.get(k, x) for k, x in enumerate(self.point)]
        try:
            values = replay(
                (*self.rows, idle), [*given, *leaves[len(given) :]], number=number
            ).values
        except Exception:
            # A function of the user's may raise anything at a number that it does not know.
            return ()
        return values[:-1]

    def shaken(self, random: Random) -> "Replayed":
        """Return the tape with every value and every local derivative off by about a bit.

        And by the smallest float, which is all that is left of a derivative of 1e-350.
        How far that moves its derivative is what rounding may do to the derivative of the
        program in floats.
        """
        return Replayed(_shaken(self.rows, random), self.point, self.rows)


def _still(row: Row) -> Row:
    if row.operation != "stop_gradient":
        return row
    return Row(row.number, LEAF, "", row.value, (), row.label, None)


def _shaken(rows: Sequence[Row], random: Random) -> tuple[Row, ...]:
    """Return rows in which every value and every derivative is off by about a bit."""
    out: list[Row] = []
    where: list[int] = []

    def append(operation: str, *operands: Operand) -> Operand:
        out.append(Row(len(out), operation, operation, 0.0, operands, "", None))
        return Operand(len(out) - 1, 0.0, None)

    def bit(x: float = 1.0) -> float:
        # Below the normal floats a bit is a larger share. Of one size, two might cancel.
        size = random.uniform(0.5, 1.5) * random.choice((-1.0, 1.0))
        return size * max(2.0**-52, math.ulp(0.0) / (abs(x) or 1.0))

    for row in rows:
        operands, least = [], []
        for x in row.operands:
            if x.row is None:
                operands.append(x)
                continue
            # v + (bit + bit * shift / v) * shift: the value of v, and its first and second
            # derivatives off by bits of their own.
            v = Operand(where[x.row], x.value, None)
            shift = append("sub", v, _constant(x.value))
            bent = append(
                "mul", shift, _constant(bit() / x.value if abs(x.value) > 1e-290 else 0.0)
            )
            share = append("add", bent, _constant(bit()))
            operands.append(append("add", v, append("mul", share, shift)))
            if abs(x.partial or 0.0) < _SMALL:
                # First and second derivatives, off by the smallest float at least.
                least.append(append("mul", shift, _constant(math.ulp(0.0))))
                least.append(append("mul", shift, least[-1]))
        out.append(_row(len(out), row, tuple(operands)))
        value = Operand(len(out) - 1, row.value, None)
        value = append("mul", value, _constant(1.0 + bit(row.value)))
        for term in least:
            value = append("add", value, term)
        where.append(len(out) - 1)
    return tuple(out)


def _row(number: int, row: Row, operands: tuple[Operand, ...]) -> Row:
    return Row(number, row.operation, row.op, row.value, operands, row.label, None)


def _constant(x: float) -> Operand:
    return Operand(None, x, None)
