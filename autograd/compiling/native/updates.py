"""Update rules as native code: one scalar rule, run in lanes across weights.

The weights of a group and what is remembered of them lie in rows: weights, gradients, then one
row for each part of the state. Knows no loss and no optimiser by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.compiling.native.module import BatchModule
from autograd.compiling.native.pieces import Pieces
from autograd.compiling.native.plan import Plan
from autograd.compiling.native.planner import planned
from autograd.compiling.native.straight import Straight
from autograd.compiling.program import Program

WEIGHT, GRADIENT, STATE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Group:
    """Weights that move by one rule.

    Attributes:
        count: how many weights; groups follow each other among the shared inputs.
        states: how many numbers are remembered of each.
        update: lowered; inputs are a weight, its gradient, its state, the number of the step
            and the learning rate; outputs the new weight and state.
    """

    count: int
    states: int
    update: Program

    def padded(self, width: int) -> int:
        """Return how long a row is: whole vectors."""
        return -(-self.count // width) * width

    @property
    def rows(self) -> int:
        """How many rows the group has: weights, gradients, states."""
        return STATE + self.states


class Rows:
    """A function that runs a program over the rows of a group, in lanes across weights."""

    def __init__(self, module: BatchModule, group: Group, name: str) -> None:
        self.module, self.group, self.name = module, group, name
        self.width = module.width
        self.length = group.padded(self.width)

    def update(self) -> Any:
        """Define (rows, step, rate): weights and states move."""
        program = self.group.update
        states = range(STATE, STATE + self.group.states)
        inputs, outputs = (WEIGHT, GRADIENT, *states), (WEIGHT, *states)
        pieces = self.module.pieces
        plan = planned(program, range(len(inputs)), dense=False, apart=False)
        kinds = [pieces.pointer, pieces.double, pieces.double]
        function, b = pieces.function(self.name, kinds)
        rows, *scalars = function.args
        shared = self._shared(b, plan, scalars)
        columns = dict(zip(plan.columns, inputs, strict=True))
        places = [place for part in plan.chunks for place in part.places]
        length = pieces.const(self.length)
        known = frozenset(program.instructions[place] for place in places)
        with pieces.loop(b, length, self.width) as (offset, _, _):
            outside = _RowPlaces(pieces, rows, offset, self.length, columns, shared)
            straight = Straight(
                pieces, b, program.instructions, self.module.functions, outside, known
            )
            for place in places:
                straight.run(place)
            # Only now, when nothing of these weights is needed any more.
            results = [straight.number(place) for place in program.outputs]
            for row, result in zip(outputs, results, strict=True):
                pieces.store(b, result, outside.address(b, row))
        b.ret_void()
        return function

    def _shared(self, b: Any, plan: Plan, scalars: Sequence[Any]) -> dict[int, Any]:
        """Emit what is the same for all weights; return it by place."""
        pieces, steps = self.module.scalars, plan.program.instructions
        inputs = [k for k in plan.program.inputs if k not in plan.columns]
        found = {
            place: pieces.spread(b, scalar)
            for place, scalar in zip(inputs, scalars, strict=False)
        }
        outside = _Given(found)
        straight = Straight(pieces, b, steps, self.module.scalar_functions, outside)
        for place in plan.prologue:
            straight.run(place)
        numbers = {place: straight.number(place) for place in plan.shared}
        return {place: b.extract_element(v, pieces.short(0)) for place, v in numbers.items()}


@dataclass(frozen=True, slots=True)
class _Given:
    """Numbers that are there already."""

    values: dict[int, Any]

    def load(self, _builder: Any, place: int) -> Any:
        """Return the vector of a place."""
        return self.values[place]


@dataclass(frozen=True, slots=True)
class _RowPlaces:
    """The numbers of some weights in the rows of their group."""

    pieces: Pieces
    rows: Any
    offset: Any
    length: int
    columns: dict[int, int]
    shared: dict[int, Any]

    def address(self, builder: Any, row: int) -> Any:
        """Return where the weights' numbers in a row are."""
        start = self.pieces.const(row * self.length)
        return self.pieces.at(builder, self.rows, builder.add(start, self.offset))

    def load(self, builder: Any, place: int) -> Any:
        """Return the vector of a place."""
        if place in self.shared:
            return self.pieces.spread(builder, self.shared[place])
        return self.pieces.load(builder, self.address(builder, self.columns[place]))
