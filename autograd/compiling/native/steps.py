"""Training steps as native code: batch, penalty, clipping, update, many times over.

    steps(...)  for each step: the batch's loss and gradients, clipping, the update rule in
                lanes across weights; the loss goes to a list. Returns how many steps were
                done: it stops before one whose loss or gradient is not finite, or in which a
                sample failed a guard, with every weight as it was. Where the weights
                themselves would not be finite, it has spoilt them when it notices; it returns
                -1 - n then, if n steps were right.

The weights of a group and what the optimiser remembers of them lie in rows: weights,
gradients, then one row for each part of the state. Knows no optimiser.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.compiling.native import loops
from autograd.compiling.native.machine import Machine
from autograd.compiling.native.module import BatchModule
from autograd.compiling.native.plan import Plan
from autograd.compiling.native.straight import Functions
from autograd.compiling.native.updates import GRADIENT, WEIGHT, Group, Rows

# torch's clip_grad_norm_ keeps its quotient finite so.
_NEARLY_NOTHING = 1e-6


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
            Rows(self, group, f"update_{k}").update() for k, group in enumerate(groups)
        ]
        self.steps = self._steps()

    def _steps(self) -> Any:
        pieces = self.pieces
        p, i, d = pieces.pointer, pieces.int, pieces.double
        kind = pieces.ir.FunctionType(i, [p, p, i, p, i, i, p, p, p, p, p, p, p, p, i, d, d])
        function = pieces.ir.Function(self.module, kind, "steps")
        b = pieces.ir.IRBuilder(function.append_basic_block("start"))
        shared, columns, size, order, total, batch, *rest = function.args
        failed, scratch, packed, sums, results, rows, rates, losses, before, norm, limit = rest
        count = b.sdiv(b.add(total, b.sub(batch, pieces.const(1))), batch)
        with pieces.loop_if_any(b, count) as step:
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
            one.clip(norm, limit, step)
            ordinal = b.sitofp(b.add(b.add(before, step), pieces.const(1)), d)
            place = b.mul(step, pieces.const(len(self.groups)))
            with b.if_then(one.move(ordinal, pieces.at(b, rates, place)), likely=False):
                b.ret(b.sub(pieces.const(-1), step))
            b.store(loss, pieces.at(b, losses, step))
        b.ret(count)
        return function

    def _stop_if_failed(self, b: Any, failed: Any, first: Any, last: Any, step: Any) -> None:
        pieces = self.pieces
        none = pieces.byte(0)
        flags = pieces.at(b, failed, first, pieces.byte)
        count = b.sub(last, first)
        with pieces.loop(b, count, carried=[none]) as (k, values, following):
            flag = b.load(pieces.at(b, flags, k, pieces.byte), typ=pieces.byte)
            following.append(b.or_(values[0], flag))
        with b.if_then(b.icmp_unsigned("!=", following[0], none), likely=False):
            b.ret(step)


class _Step:
    """What one training step does after the batch, group by group."""

    def __init__(self, module: StepsModule, b: Any, shared: Any, results: Any, rows: Any):
        self.module, self.b, self.pieces = module, b, module.pieces
        self.width = module.width
        self.groups = module.groups
        self.starts, start = [], 0
        self.rows, place = [], 0
        for group in self.groups:
            self.starts.append(start)
            self.rows.append(self.pieces.at(b, rows, place))
            start += group.count
            place += group.rows * group.padded(self.width)
        self.shared, self.results = shared, results

    def _row(self, k: int, row: int) -> Any:
        length = self.groups[k].padded(self.width)
        return self.pieces.at(self.b, self.rows[k], row * length)

    def _zero(self) -> Any:
        return self.pieces.ir.Constant(self.pieces.double, 0.0)

    def prepare(self, number: Any) -> Any:
        """Put the means of the gradients into the rows; return that of the loss."""
        b, pieces = self.b, self.pieces
        share = b.fdiv(pieces.ir.Constant(pieces.double, 1.0), number)
        shares = pieces.spread(b, share)
        for k in range(len(self.groups)):
            totals = pieces.at(b, self.results, 1 + self.starts[k])
            self._averaged(k, totals, shares)
        return b.fmul(pieces.number(b, self.results, 0), share)

    def _averaged(self, k: int, totals: Any, shares: Any) -> None:
        b, pieces, gradients = self.b, self.pieces, self._row(k, GRADIENT)
        count = self.groups[k].count
        rest = count % self.width
        whole = pieces.const(count - rest)

        def mean(j: Any) -> Any:
            return b.fmul(b.load(pieces.at(b, totals, j), typ=pieces.vector, align=8), shares)

        with pieces.loop_if_any(b, whole, self.width) as j:
            pieces.store(b, mean(j), pieces.at(b, gradients, j))
        if rest:
            # What lies beyond the last weight must not count when gradients are clipped.
            kind = pieces.ir.VectorType(pieces.ir.IntType(1), self.width)
            flags = pieces.ir.Constant(kind, [int(k < rest) for k in range(self.width)])
            nothing = pieces.ir.Constant(pieces.vector, None)
            kept = b.select(flags, mean(whole), nothing)
            pieces.store(b, kept, pieces.at(b, gradients, whole))

    def _over_gradients(self, first: Any, each: Callable[[Any, Any, Any], Any]) -> Any:
        """Return what `each(sum, gradients, address)` makes of all vectors of gradients."""
        b, pieces = self.b, self.pieces
        out = first
        for k, group in enumerate(self.groups):
            start = self._row(k, GRADIENT)
            length = pieces.const(group.padded(self.width))
            with pieces.loop(b, length, self.width, [out]) as (j, values, following):
                place = pieces.at(b, start, j)
                following.append(each(values[0], pieces.load(b, place), place))
            out = following[0]
        return out

    def not_finite(self, loss: Any) -> Any:
        """Return LLVM's flag for: the loss or a gradient is inf or nan."""
        b, pieces = self.b, self.pieces
        nothing = pieces.ir.Constant(pieces.vector, None)
        # 0 times a number is 0 unless that is inf or nan, and then it is nan.
        total = self._over_gradients(nothing, lambda out, g, _: b.fadd(out, b.fmul(g, nothing)))
        zero = b.fadd(loops.across(pieces, b, total), b.fmul(loss, self._zero()))
        return b.fcmp_unordered("!=", zero, self._zero())

    def clip(self, norm: Any, limit: Any, step: Any) -> None:
        """Shorten the gradient to a norm, and each of its numbers to a size; inf for none.

        A gradient whose squares overflow is left to the engine: no more steps are done.
        """
        b, pieces = self.b, self.pieces
        unlimited = pieces.ir.Constant(pieces.double, float("inf"))
        with b.if_then(b.fcmp_ordered("<", norm, unlimited), likely=False):
            nothing = pieces.ir.Constant(pieces.vector, None)
            squares = self._over_gradients(nothing, lambda out, g, _: b.fadd(out, b.fmul(g, g)))
            length = b.call(self._sqrt(), [loops.across(pieces, b, squares)])
            with b.if_then(b.fcmp_ordered("==", length, unlimited), likely=False):
                b.ret(step)
            little = pieces.ir.Constant(pieces.double, _NEARLY_NOTHING)
            one = pieces.ir.Constant(pieces.double, 1.0)
            factor = b.fdiv(norm, b.fadd(length, little))
            factor = b.select(b.fcmp_ordered("<", factor, one), factor, one)
            self._each(lambda g: b.fmul(g, pieces.spread(b, factor)))
        with b.if_then(b.fcmp_ordered("<", limit, unlimited), likely=False):
            high = pieces.spread(b, limit)
            low = pieces.spread(b, b.fneg(limit))
            self._each(
                lambda g: b.select(
                    b.fcmp_ordered("<", g, low),
                    low,
                    b.select(b.fcmp_ordered(">", g, high), high, g),
                )
            )

    def _each(self, change: Callable[[Any], Any]) -> None:
        b, pieces = self.b, self.pieces

        def changed(out: Any, g: Any, place: Any) -> Any:
            pieces.store(b, change(g), place)
            return out

        self._over_gradients(self._zero(), changed)

    def _sqrt(self) -> Any:
        pieces = self.pieces
        known = pieces.module.globals.get("llvm.sqrt.f64")
        kind = pieces.ir.FunctionType(pieces.double, [pieces.double])
        return known or pieces.ir.Function(pieces.module, kind, "llvm.sqrt.f64")

    def move(self, ordinal: Any, rates: Any) -> Any:
        """Move every weight by its group's rule, and show the loss the new ones.

        Returns LLVM's flag for: some weight is not finite now.
        """
        b, pieces = self.b, self.pieces
        total = self._zero()
        for k, group in enumerate(self.groups):
            rate = pieces.number(b, rates, k)
            b.call(self.module.moves[k], [self.rows[k], ordinal, rate])
            shown = self._shown(group.count, self._row(k, WEIGHT), self.starts[k])
            total = b.fadd(total, shown)
        return b.fcmp_unordered("!=", total, self._zero())

    def _shown(self, count: int, weights: Any, start: int) -> Any:
        """Copy weights to where the loss finds them; return 0, or nan if not all are finite."""
        b, pieces = self.b, self.pieces
        to = pieces.at(b, self.shared, start)
        total, whole = self._zero(), count - count % self.width
        if whole:
            nothing = [pieces.everywhere(0.0)]
            with pieces.loop(b, pieces.const(whole), self.width, nothing) as (j, sums, after):
                vector = pieces.load(b, pieces.at(b, weights, j))
                b.store(vector, pieces.at(b, to, j), align=8)
                after.append(b.fadd(sums[0], b.fsub(vector, vector)))
            total = loops.across(pieces, b, after[0])
        for k in range(whole, count):
            weight = pieces.number(b, weights, k)
            b.store(weight, pieces.at(b, to, k))
            total = b.fadd(total, b.fsub(weight, weight))
        return total
