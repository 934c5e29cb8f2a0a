"""The sweeps whose result can be differentiated again: over Values, step by step.

The rows between inputs and outputs become a `Way` of steps. Its sweeps read the formulas of
the table over Values, so that every adjoint and every tangent is itself recorded. Under
`detect_anomaly` plain numbers go the same way, since each term is looked at.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from autograd import functions
from autograd.formulas import IEEE_NAMES
from autograd.operations import TABLE
from autograd.readings import Reading, local_derivatives, no_formula, with_primals
from autograd.recorders import handle_on
from autograd.rows import CUSTOM, operands_of, selects
from autograd.tape import Reel, here
from autograd.value import Value

Number = Any  # float | Value; the arithmetic below is the same for both


def primal(x: Any) -> Any:
    """Return the number that a number or a Value is."""
    return x._data if isinstance(x, Value) else x


def _either(on_floats: Callable[[Any, Any], Any], on_values: Callable[[Any, Any], Any]) -> Any:
    """Return an operator that follows IEEE 754 on two floats and records otherwise."""

    def apply(x: Any, y: Any) -> Any:
        recorded = isinstance(x, Value) or isinstance(y, Value)
        return on_values(x, y) if recorded else on_floats(x, y)

    return apply


VALUE_NAMES: dict[str, Any] = {
    **IEEE_NAMES,
    **{name: getattr(functions, name) for name in TABLE if hasattr(functions, name)},
    "_divide": _either(IEEE_NAMES["_divide"], operator.truediv),
    "_modulo": _either(IEEE_NAMES["_modulo"], operator.mod),
    "float": lambda x: x,
    # Less a constant: whole turns.
    "fmod": lambda x, y: x - (primal(x) - IEEE_NAMES["fmod"](primal(x), y)),
    "copysign": lambda x, sign: math.copysign(primal(x), primal(sign)),
}

VALUES = Reading(VALUE_NAMES, primal, spelling=with_primals)


@dataclass(slots=True)  # frozen would take twice as long, and there is one for each row
class Step:
    """A row that depends on an input.

    Attributes:
        reel: the reel of the row.
        row: the row on it.
        operands: the row, the constant and the local derivative of each operand.
        sources: the slot of each operand on the way, None where it depends on no input.
    """

    reel: Reel
    row: int
    operands: Sequence[tuple[int | None, float, float | None]]
    sources: Sequence[int | None]

    def partials(self, *, recorded: bool) -> Sequence[Number]:
        """Return the local derivative for each operand: numbers, or Values if recorded."""
        name = self.reel.rows[self.row][0]
        if not recorded:
            if name.startswith(CUSTOM) and self.reel.rows[self.row][2][1] is None:
                raise no_formula(name)
            return [d for _, _, d in self.operands]
        if self.row in self.reel.reruns:
            return self.reel.reruns[self.row]()
        moving = [row is not None for row, _, _ in self.operands]
        numbers = [
            constant if row is None else self._at(row) for row, constant, _ in self.operands
        ]
        out = self._at(self.row)
        if here.tracing is not None:
            return here.tracing.derivatives(name, moving, numbers, out)
        return local_derivatives(name, moving, numbers, out, VALUES)

    def leaves_out(self, partial: Number) -> bool:
        """Return whether a local derivative is the 0 of an operand that was not selected."""
        none = type(partial) is float and partial == 0.0
        return none and selects(self.reel.rows[self.row][0])

    def _at(self, row: int) -> Value:
        return handle_on(self.reel, row, self.reel.rows[row][1])


class Way:
    """The steps from inputs to outputs, with a slot for each input and each step.

    Args:
        reels: the reels between them, oldest first.
        needed: the rows there that the outputs depend on.
        inputs: the inputs, which have the first slots.
        outputs: the outputs, None in place of those that are no Values.
    """

    def __init__(
        self,
        reels: Sequence[Reel],
        needed: Mapping[int, Set[int]],
        inputs: Sequence[Value],
        outputs: Sequence[Value | None],
    ) -> None:
        self._inputs = len(inputs)
        self._steps: list[Step] = []
        self._leaves: dict[int, int] = {}
        # The slot of each row that has one, by stamp of its reel and row.
        self._slots: dict[int, dict[int, int]] = {reel.stamp: {} for reel in reels}
        for slot, value in enumerate(inputs):
            if value._reel is None:
                self._leaves[id(value)] = slot
            else:
                self._slots.setdefault(value._reel.stamp, {})[value._row] = slot
        for reel in reels:
            self._take(reel, sorted(needed[reel.stamp]))
        self._outputs = [None if out is None else self._slot_of(out) for out in outputs]

    def _take(self, reel: Reel, rows: Sequence[int]) -> None:
        """Give a slot to every row of a reel that depends on an input."""
        slots = self._slots[reel.stamp]
        for row in rows:
            if row in slots:
                continue
            entered = reel.entries.get(row)
            if entered is not None:
                slot = self._slot_of(entered)
                if slot is not None:
                    slots[row] = slot
                continue
            operands = operands_of(reel.rows[row])
            sources = [None if i is None else slots.get(i) for i, _, _ in operands]
            if any(source is not None for source in sources):
                slots[row] = self._inputs + len(self._steps)
                self._steps.append(Step(reel, row, operands, sources))

    def _slot_of(self, value: Value) -> int | None:
        """Return the slot of an input or of a step, None for what depends on no input."""
        home = value._reel
        if home is None:
            return self._leaves.get(id(value))
        return self._slots[home.stamp].get(value._row)

    def pull(self, seeds: Sequence[Number], *, recorded: bool) -> list[Number]:
        """Return the gradient of sum(seed * output) with respect to each input."""
        adjoints = self._seeded(seeds)
        for step in reversed(self._steps):
            adjoint = adjoints.pop()
            if adjoint is None:
                continue
            if here.watch is not None:
                here.watch.check_row(step.reel, step.row, primal(adjoint))
            if type(adjoint) is float and adjoint == 0.0:
                # The zero rule: nothing flows on from here.
                continue
            partials = step.partials(recorded=recorded)
            for source, partial in zip(step.sources, partials, strict=True):
                if source is not None and not step.leaves_out(partial):
                    adjoints[source] = add(adjoints[source], product(adjoint, partial))
        return [0.0 if adjoint is None else adjoint for adjoint in adjoints]

    def _seeded(self, seeds: Sequence[Number]) -> list[Number | None]:
        """Return the adjoints of all slots before the sweep: the seeds of the outputs."""
        adjoints: list[Number | None] = [None] * (self._inputs + len(self._steps))
        for slot, seed in zip(self._outputs, seeds, strict=True):
            if slot is not None:
                adjoints[slot] = add(adjoints[slot], seed)
        return adjoints

    def push(self, moves: Sequence[Number], *, recorded: bool) -> list[Number]:
        """Return the derivative of each output along the tangents of the inputs."""
        tangents: list[Number | None] = list(moves)
        for step in self._steps:
            partials = step.partials(recorded=recorded)
            tangent = None
            for k, (source, partial) in enumerate(zip(step.sources, partials, strict=True)):
                moved = None if source is None else tangents[source]
                if moved is None or _matters_not(partial, moved):
                    continue
                if here.watch is not None:
                    here.watch.check_term(
                        step.reel, step.row, primal(moved), k, primal(partial)
                    )
                tangent = add(tangent, product(moved, partial))
            tangents.append(tangent)
        ends = [None if slot is None else tangents[slot] for slot in self._outputs]
        return [0.0 if tangent is None else tangent for tangent in ends]


def product(adjoint: Number, partial: Number) -> Number | None:
    """Return adjoint * partial, or None for 0 * non-finite, which the zero rule suppresses."""
    if type(partial) is float and partial == 1.0:
        return adjoint
    if type(adjoint) is float and adjoint == 1.0:
        return partial
    # A program that is being compiled holds for other numbers than these.
    if here.tracing is None and primal(adjoint) == 0.0 and not math.isfinite(primal(partial)):
        return None
    return adjoint * partial


def _matters_not(partial: Number, moved: Number) -> bool:
    """Return whether a local derivative is a constant 0, or a 0 that meets no finite move."""
    if type(partial) is float:
        return partial == 0.0
    if here.tracing is not None:
        return False
    return primal(partial) == 0.0 and not math.isfinite(primal(moved))


def add(known: Number | None, term: Number | None) -> Number | None:
    """Return the sum of what is known and one more term; None stands for nothing."""
    if term is None or known is None:
        return known if term is None else term
    return known + term
