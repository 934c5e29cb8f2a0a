"""Training steps as native code: batch, penalty, clipping, update, many times over.

    steps(...)  for each step: the batch's loss and gradients, clipping, the update rule in
                lanes across weights; the loss goes to a list. Returns how many steps were
                done: it stops before one that would not be finite, or in which a sample
                failed a guard, with every weight as it was.

The weights of a group and what the optimiser remembers of them lie in rows: weights,
gradients, then one row for each part of the state. Knows no optimiser.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.compiling.native.kernels import Kernels
from autograd.compiling.native.machine import Machine
from autograd.compiling.native.module import BatchModule
from autograd.compiling.native.plan import Plan, planned
from autograd.compiling.native.segments import Functions, Straight
from autograd.compiling.program import Program

WEIGHT, GRADIENT, STATE = 0, 1, 2
# torch's clip_grad_norm_ keeps its quotient finite so.
_NEARLY_NOTHING = 1e-6


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


class StepsModule(BatchModule):
    """Builds the module of a loss and its training steps.

    Attributes:
        steps: its function.
    """

    def __init__(
        self,
        plan: Plan,
        machine: Machine,
        library: Callable[[Any, int], Functions],
        width: int,
        groups: Sequence[Group],
    ) -> None:
        super().__init__(plan, machine, library, width, exact=False)
        self.groups = groups
        self.moves = [
            _Rows(self, group, f"update_{k}").update() for k, group in enumerate(groups)
        ]
        self.steps = self._steps()

    def _steps(self) -> Any:
        kernels = self.kernels
        p, i, d = kernels.pointer, kernels.int, kernels.double
        kind = kernels.ir.FunctionType(i, [p, p, i, p, i, i, p, p, p, p, p, p, p, p, i, d, d])
        function = kernels.ir.Function(self.module, kind, "steps")
        b = kernels.ir.IRBuilder(function.append_basic_block("start"))
        shared, columns, size, order, total, batch, *rest = function.args
        failed, scratch, packed, sums, results, rows, rates, losses, before, *limits = rest
        count = b.sdiv(b.add(total, b.sub(batch, kernels.const(1))), batch)
        with kernels.loop_if_any(b, count) as step:
            first = b.mul(step, batch)
            beyond = b.add(first, batch)
            last = b.select(b.icmp_signed("<", beyond, total), beyond, total)
            arrays = [failed, scratch, packed, sums, results]
            b.call(self.batch, [shared, columns, size, order, first, last, *arrays])
            if self.plan.guarded:
                self._stop_if_failed(b, failed, first, last, step)
            one = _Step(self, b, shared, results, rows)
            number = b.sitofp(b.sub(last, first), d)
            loss = one.prepare(number)
            with b.if_then(one.not_finite(loss), likely=False):
                b.ret(step)
            one.clip(*limits)
            ordinal = b.sitofp(b.add(b.add(before, step), kernels.const(1)), d)
            place = b.mul(step, kernels.const(len(self.groups)))
            one.move(ordinal, kernels.at(b, rates, place))
            b.store(loss, kernels.at(b, losses, step))
        b.ret(count)
        return function

    def _stop_if_failed(self, b: Any, failed: Any, first: Any, last: Any, step: Any) -> None:
        kernels = self.kernels
        none = kernels.byte(0)
        flags = kernels.at(b, failed, first, kernels.byte)
        count = b.sub(last, first)
        with kernels.loop(b, count, carried=[none]) as (k, values, following):
            flag = b.load(kernels.at(b, flags, k, kernels.byte), typ=kernels.byte)
            following.append(b.or_(values[0], flag))
        with b.if_then(b.icmp_unsigned("!=", following[0], none), likely=False):
            b.ret(step)


class _Rows:
    """A function that runs a program over the rows of a group, in lanes across weights."""

    def __init__(self, module: StepsModule, group: Group, name: str) -> None:
        self.module, self.group, self.name = module, group, name
        self.width = module.width
        self.length = group.padded(self.width)

    def update(self) -> Any:
        """Define (rows, step, rate): weights and states move."""
        program = self.group.update
        states = range(STATE, STATE + self.group.states)
        inputs, outputs = (WEIGHT, GRADIENT, *states), (WEIGHT, *states)
        kernels = self.module.kernels
        plan = planned(program, range(len(inputs)), dense=False)
        kinds = [kernels.pointer, kernels.double, kernels.double]
        function, b = kernels.function(self.name, kinds)
        rows, *scalars = function.args
        shared = self._shared(b, plan, scalars)
        columns = dict(zip(plan.columns, inputs, strict=True))
        places = [place for stage in plan.stages for part in stage.chunks for place in part]
        length = kernels.const(self.length)
        known = frozenset(program.instructions[place] for place in places)
        with kernels.loop(b, length, self.width) as (offset, _, _):
            outside = _RowPlaces(kernels, rows, offset, self.length, columns, shared)
            straight = Straight(
                kernels, b, program.instructions, self.module.functions, outside, known
            )
            for place in places:
                straight.run(place)
            # Only now, when nothing of these weights is needed any more.
            results = [straight.number(place) for place in program.outputs]
            for row, result in zip(outputs, results, strict=True):
                kernels.store(b, result, outside.address(b, row))
        b.ret_void()
        return function

    def _shared(self, b: Any, plan: Plan, scalars: Sequence[Any]) -> dict[int, Any]:
        """Emit what is the same for all weights; return it by place."""
        kernels, steps = self.module.scalars, plan.program.instructions
        inputs = [k for k in plan.program.inputs if k not in plan.columns]
        found = {
            place: kernels.spread(b, scalar)
            for place, scalar in zip(inputs, scalars, strict=False)
        }
        outside = _Given(found)
        straight = Straight(kernels, b, steps, self.module.scalar_functions, outside)
        for place in plan.prologue:
            straight.run(place)
        numbers = {place: straight.number(place) for place in plan.shared}
        return {place: b.extract_element(v, kernels.short(0)) for place, v in numbers.items()}


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

    kernels: Kernels
    rows: Any
    offset: Any
    length: int
    columns: dict[int, int]
    shared: dict[int, Any]

    def address(self, builder: Any, row: int) -> Any:
        """Return where the weights' numbers in a row are."""
        start = self.kernels.const(row * self.length)
        return self.kernels.at(builder, self.rows, builder.add(start, self.offset))

    def load(self, builder: Any, place: int) -> Any:
        """Return the vector of a place."""
        if place in self.shared:
            return self.kernels.spread(builder, self.shared[place])
        return self.kernels.load(builder, self.address(builder, self.columns[place]))


class _Step:
    """What one training step does after the batch, group by group."""

    def __init__(self, module: StepsModule, b: Any, shared: Any, results: Any, rows: Any):
        self.module, self.b, self.kernels = module, b, module.kernels
        self.width = module.width
        self.groups = module.groups
        self.starts, start = [], 0
        self.rows, place = [], 0
        for group in self.groups:
            self.starts.append(start)
            self.rows.append(self.kernels.at(b, rows, place))
            start += group.count
            place += group.rows * group.padded(self.width)
        self.shared, self.results = shared, results

    def _row(self, k: int, row: int) -> Any:
        length = self.groups[k].padded(self.width)
        return self.kernels.at(self.b, self.rows[k], row * length)

    def _zero(self) -> Any:
        return self.kernels.ir.Constant(self.kernels.double, 0.0)

    def prepare(self, number: Any) -> Any:
        """Put the means of the gradients into the rows; return that of the loss."""
        b, kernels = self.b, self.kernels
        share = b.fdiv(kernels.ir.Constant(kernels.double, 1.0), number)
        shares = kernels.spread(b, share)
        for k in range(len(self.groups)):
            totals = kernels.at(b, self.results, 1 + self.starts[k])
            self._averaged(k, totals, shares)
        return b.fmul(kernels.number(b, self.results, 0), share)

    def _averaged(self, k: int, totals: Any, shares: Any) -> None:
        b, kernels, gradients = self.b, self.kernels, self._row(k, GRADIENT)
        count = self.groups[k].count
        rest = count % self.width
        whole = kernels.const(count - rest)

        def mean(j: Any) -> Any:
            return b.fmul(b.load(kernels.at(b, totals, j), typ=kernels.vector, align=8), shares)

        with kernels.loop_if_any(b, whole, self.width) as j:
            kernels.store(b, mean(j), kernels.at(b, gradients, j))
        if rest:
            # What lies beyond the last weight must not count when gradients are clipped.
            kind = kernels.ir.VectorType(kernels.ir.IntType(1), self.width)
            flags = kernels.ir.Constant(kind, [int(k < rest) for k in range(self.width)])
            nothing = kernels.ir.Constant(kernels.vector, None)
            kept = b.select(flags, mean(whole), nothing)
            kernels.store(b, kept, kernels.at(b, gradients, whole))

    def _over_gradients(self, first: Any, each: Callable[[Any, Any, Any], Any]) -> Any:
        """Return what `each(sum, gradients, address)` makes of all vectors of gradients."""
        b, kernels = self.b, self.kernels
        out = first
        for k, group in enumerate(self.groups):
            start = self._row(k, GRADIENT)
            length = kernels.const(group.padded(self.width))
            with kernels.loop(b, length, self.width, [out]) as (j, values, following):
                place = kernels.at(b, start, j)
                following.append(each(values[0], kernels.load(b, place), place))
            out = following[0]
        return out

    def not_finite(self, loss: Any) -> Any:
        """Return LLVM's flag for: the loss or a gradient is inf or nan."""
        b, kernels = self.b, self.kernels
        nothing = kernels.ir.Constant(kernels.vector, None)
        # 0 times a number is 0 unless that is inf or nan, and then it is nan.
        total = self._over_gradients(nothing, lambda out, g, _: b.fadd(out, b.fmul(g, nothing)))
        zero = b.fadd(kernels.across(b, total), b.fmul(loss, self._zero()))
        return b.fcmp_unordered("!=", zero, self._zero())

    def clip(self, norm: Any, limit: Any) -> None:
        """Shorten the gradient to a norm, and each of its numbers to a size; inf for none."""
        b, kernels = self.b, self.kernels
        unlimited = kernels.ir.Constant(kernels.double, float("inf"))
        with b.if_then(b.fcmp_ordered("<", norm, unlimited), likely=False):
            nothing = kernels.ir.Constant(kernels.vector, None)
            squares = self._over_gradients(nothing, lambda out, g, _: b.fadd(out, b.fmul(g, g)))
            length = b.call(self._sqrt(), [kernels.across(b, squares)])
            little = kernels.ir.Constant(kernels.double, _NEARLY_NOTHING)
            one = kernels.ir.Constant(kernels.double, 1.0)
            factor = b.fdiv(norm, b.fadd(length, little))
            factor = b.select(b.fcmp_ordered("<", factor, one), factor, one)
            self._each(lambda g: b.fmul(g, kernels.spread(b, factor)))
        with b.if_then(b.fcmp_ordered("<", limit, unlimited), likely=False):
            high = kernels.spread(b, limit)
            low = kernels.spread(b, b.fneg(limit))
            self._each(
                lambda g: b.select(
                    b.fcmp_ordered("<", g, low),
                    low,
                    b.select(b.fcmp_ordered(">", g, high), high, g),
                )
            )

    def _each(self, change: Callable[[Any], Any]) -> None:
        b, kernels = self.b, self.kernels

        def changed(out: Any, g: Any, place: Any) -> Any:
            kernels.store(b, change(g), place)
            return out

        self._over_gradients(self._zero(), changed)

    def _sqrt(self) -> Any:
        kernels = self.kernels
        known = kernels.module.globals.get("llvm.sqrt.f64")
        kind = kernels.ir.FunctionType(kernels.double, [kernels.double])
        return known or kernels.ir.Function(kernels.module, kind, "llvm.sqrt.f64")

    def move(self, ordinal: Any, rates: Any) -> None:
        """Move every weight by its group's rule, and show the loss the new ones."""
        b, kernels = self.b, self.kernels
        for k, group in enumerate(self.groups):
            rate = kernels.number(b, rates, k)
            b.call(self.module.moves[k], [self.rows[k], ordinal, rate])
            self._shown(group.count, self._row(k, WEIGHT), self.starts[k])

    def _shown(self, count: int, weights: Any, start: int) -> None:
        """Copy weights to where the loss finds them."""
        b, kernels = self.b, self.kernels
        to = kernels.at(b, self.shared, start)
        whole = count - count % self.width
        with kernels.loop_if_any(b, kernels.const(whole), self.width) as j:
            vector = kernels.load(b, kernels.at(b, weights, j))
            b.store(vector, kernels.at(b, to, j), align=8)
        for k in range(whole, count):
            b.store(kernels.number(b, weights, k), kernels.at(b, to, k))
