"""Rows and guards of a recording as instructions, one each. Knows no sweep."""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.program import CONSTANT, LEAF, SELECT, TAKE, Builder, Instruction
from autograd.compiling.stand_ins import Mark, Truth
from autograd.compiling.tracing import Trace
from autograd.errors import Place, written_place
from autograd.operations import TABLE
from autograd.readings import no_formula
from autograd.reductions import REDUCTIONS
from autograd.rows import CUSTOM, operands_of
from autograd.tape import Raw, Reel
from autograd.value import Value

# What a Value is known by: a leaf by its identity, a computed one by its reel and row.
Key = tuple[int, int]


class Writer:
    """Writes rows as instructions."""

    def __init__(
        self, trace: Trace, reels: dict[int, Reel], needed: dict[int, set[int]]
    ) -> None:
        self.build = Builder()
        self.places: list[Place] = []
        self._trace = trace
        self._reels = reels
        self._needed = needed
        self._known: dict[Key, int] = {}
        self._truths: dict[int, int] = {}
        self._place: Place = None

    def enter(self, value: Value, name: str) -> None:
        """Write an input."""
        self._known[key_of(value)] = self.build.input(name)
        self.places.append(None)

    def constant(self, value: Value, place: Place) -> None:
        """Write a leaf that the function makes."""
        self._place = place
        self._known[key_of(value)] = self._append(Instruction(LEAF, (), value._data))

    def write(self, outputs: Sequence[Any]) -> list[int]:
        """Write every row and guard in the order they ran; return the places of results."""
        guards = iter([*self._trace.guards, None])
        guard = next(guards)
        for stamp, reel in self._reels.items():
            for index in range(len(reel.rows) + 1):
                while guard is not None and guard.row <= (stamp, index):
                    self._place = guard.place
                    truth = self._trace.truths[guard.truth]
                    place = self._truth(truth)
                    line = written_place(guard.place)
                    self.build.guard(place, expected=truth.outcome, line=line)
                    self.places.append(guard.place)
                    guard = next(guards)
                if index in self._needed[stamp]:
                    self._row(reel, index)
        self._place = None
        return [self._operand(x) for x in outputs]

    def _row(self, reel: Reel, index: int) -> None:
        raw = reel.rows[index]
        key = reel.stamp, index
        entered = reel.entries.get(index)
        if entered is not None:
            self._known[key] = self._known[key_of(entered)]
            return
        self._place = reel.lines.get(index)
        self._known[key] = place = self._operation(reel, raw)
        if index in reel.labels:
            self.build.names.setdefault(place, reel.labels[index])

    def _operation(self, reel: Reel, raw: Raw) -> int:
        name = raw[0]
        if name.startswith(CUSTOM) or not (name in TABLE or name in REDUCTIONS or name == TAKE):
            raise no_formula(name)
        operands = []
        for i, constant, _ in operands_of(raw):
            if i is not None:
                operands.append(self._known[reel.stamp, i])
            elif type(constant) is Mark:
                operands.append(self._truth(self._trace.truths[constant.truth]))
                name = SELECT
            else:
                operands.append(self._operand(constant))
        place = self._append(Instruction(name, tuple(operands)))
        if any(start <= reel.stamp < end for start, end in self._trace.frozen):
            place = self._append(Instruction("stop_gradient", (place,)))
        return place

    def _truth(self, truth: Truth) -> int:
        if truth.number not in self._truths:
            operands = tuple(
                self._truth(x) if isinstance(x, Truth) else self._operand(x)
                for x in truth.operands
            )
            self._truths[truth.number] = self._append(Instruction(truth.op, operands))
        return self._truths[truth.number]

    def _operand(self, x: Any) -> int:
        if isinstance(x, Value):
            return self._known[key_of(x)]
        # Each constant by itself, so that programs can be compared step by step.
        return self._append(Instruction(CONSTANT, (), x))

    def _append(self, step: Instruction) -> int:
        self.places.append(self._place)
        return self.build.append(step)


def key_of(value: Value) -> Key:
    """Return what a Value is known by: a leaf by itself, a computed one by its row."""
    return (0, id(value)) if value._reel is None else (value._reel.stamp, value._row)
