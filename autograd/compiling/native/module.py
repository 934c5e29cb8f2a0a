"""A plan as an LLVM module: what runs once a batch, and what runs for each block of samples.

    prepare(shared, packed, sums)            shared numbers, weights as `dense` reads them
    samples(...)                             block by block: stages, masks, sums
    finish(shared, sums, count, results)     the sums of the lanes
    batch(...)                               all three

Knows the order of things. Knows no instruction and no loop from inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.compiling.native.kernels import VECTORS, Kernels, packed_order, tiles
from autograd.compiling.native.machine import Machine, llvm
from autograd.compiling.native.plan import CHUNK, Plan
from autograd.compiling.native.segments import Block, Functions, Straight, chunk

# Scratch should stay in the first level of cache, which has 32 KB or more.
_CACHE = 48 * 1024
_MOST_VECTORS = 16


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much room a module needs, in doubles.

    Attributes:
        shared: the shared numbers.
        packed: the weights of all dense steps.
        sums: what is added up over samples, lanes apart.
        scratch: one block of samples.
        results: the results.
        stride: samples in a block.
    """

    shared: int
    packed: int
    sums: int
    scratch: int
    results: int
    stride: int


def sizes(plan: Plan, width: int) -> Sizes:
    """Return the sizes for a plan on vectors of some width."""
    slots = plan.slot_count + 1
    fitting = _CACHE // (8 * width * slots)
    vectors = max(2, min(_MOST_VECTORS, fitting - fitting % 2))
    packed = sum(
        len(group.outs) * (len(group.xs) + 1) for stage in plan.stages for group in stage.dense
    )
    return Sizes(
        max(1, len(plan.shared)),
        max(1, packed),
        max(1, len(targets(plan))) * width,
        slots * width * vectors,
        len(plan.program.outputs),
        width * vectors,
    )


def targets(plan: Plan) -> list[int]:
    """Return the result that each sum adds to: of outer steps, of pairs, of numbers."""
    found = []
    for outer in plan.outers:
        columns = len(outer.rights)
        order = tiles(len(outer.lefts), columns)
        found += [outer.targets[row * columns + column] for row, column in order]
    found += [target for _, _, target in plan.pairs]
    return found + [target for _, target in plan.sums]


class BatchModule:
    """Builds the module of one plan.

    Attributes:
        module: llvmlite's module.
        prepare, samples, finish, batch: its functions.
    """

    def __init__(
        self, plan: Plan, machine: Machine, library: Any, width: int, *, exact: bool
    ) -> None:
        ir, _ = llvm()
        self.plan = plan
        self.width = width
        self.sizes = sizes(plan, self.width)
        self.module = ir.Module("wengert")
        self.module.triple = machine.triple
        fused = machine.has_fma and not exact
        vectors = self.sizes.stride // self.width
        self.kernels = Kernels(self.module, self.width, vectors, fused=fused)
        self.scalars = Kernels(self.module, 1, 2, fused=fused)
        self.functions: Functions = library(self.module, self.width)
        self.scalar_functions = self.functions if width == 1 else library(self.module, 1)
        self.passed = plan.slot_count
        self.steps = plan.program.instructions
        self.index = plan.shared_index
        self.prepare = self._prepare()
        self.samples = self._samples()
        self.finish = self._finish()
        self.batch = self._batch()

    def _prepare(self) -> Any:
        kernels = self.kernels
        p = kernels.pointer
        function, b = kernels.function("prepare", [p, p, p], internal=False)
        shared, packed, sums = function.args
        for part in self._prologue():
            b.call(part, [shared])
        offset = 0
        for stage in self.plan.stages:
            for group in stage.dense:
                rows = [[self.index[w] for w in row] for row in group.weights]
                order = packed_order(rows, [self.index[start] for start in group.starts])
                to = kernels.at(b, packed, offset)
                count = kernels.const(len(order))
                b.call(kernels.pack(), [to, shared, kernels.table(order), count])
                offset += len(order)
        zero = kernels.ir.Constant(kernels.vector, None)
        with kernels.loop(b, kernels.const(self.sizes.sums), kernels.width) as (k, _, _):
            kernels.store(b, zero, kernels.at(b, sums, k))
        b.ret_void()
        return function

    def _prologue(self) -> list[Any]:
        """Define what computes shared numbers, in functions of bounded size."""
        places = self.plan.prologue
        parts = [places[k : k + CHUNK] for k in range(0, len(places), CHUNK)]
        return [self._scalar(f"shared_{k}", part) for k, part in enumerate(parts)]

    def _scalar(self, name: str, places: Sequence[int]) -> Any:
        scalars = self.scalars
        function, b = scalars.function(name, [scalars.pointer])
        shared = function.args[0]
        outside = _Shared(self, shared)
        straight = Straight(scalars, b, self.steps, self.scalar_functions, outside)
        for place in places:
            straight.run(place)
            if place in self.index:
                address = scalars.at(b, shared, self.index[place])
                scalars.store(b, straight.number(place), address)
        b.ret_void()
        return function

    def _samples(self) -> Any:
        """Define what runs the samples `first` to `last` of an order (null: as they come)."""
        kernels = self.kernels
        p, i = kernels.pointer, kernels.int
        kinds = [p, p, i, p, i, i, p, p, p, p]
        function, b = kernels.function("samples", kinds, internal=False)
        shared, columns, size, order, first, last, failed, scratch, packed, sums = function.args
        stride = kernels.const(kernels.stride)
        total = b.sub(last, first)
        run = _Calls(self, b, (shared, scratch, packed, sums))
        chunks = self._chunks()
        with kernels.loop_if_any(b, total, kernels.stride) as done:
            start, rest = b.add(first, done), b.sub(total, done)
            valid = b.select(b.icmp_signed("<", rest, stride), rest, stride)
            # The loops of `dense` take two vectors at a time.
            dense = any(stage.dense for stage in self.plan.stages)
            step = kernels.width * (VECTORS if dense else 1)
            whole = b.sdiv(b.add(valid, kernels.const(step - 1)), kernels.const(step))
            count = b.mul(whole, kernels.const(step))
            n = kernels.const(len(self.plan.columns))
            b.call(kernels.gather(), [scratch, columns, size, n, order, start, valid, count])
            run.passed(count)
            run.stages(chunks, count)
            run.mask(valid, count)
            run.sums(count)
            if self.plan.guarded:
                run.report(failed, start, valid)
        b.ret_void()
        return function

    def _chunks(self) -> list[list[Any]]:
        slots, index = self.plan.slots, self.index

        def block(scratch: Any, shared: Any, offset: Any) -> Block:
            return Block(self.kernels, scratch, shared, offset, slots, index, self.passed)

        def run(name: str, places: list[int]) -> Any:
            return chunk(self.kernels, name, self.steps, places, self.functions, block)

        return [
            [run(f"stage_{s}_{k}", places) for k, places in enumerate(stage.chunks)]
            for s, stage in enumerate(self.plan.stages)
        ]

    def _finish(self) -> Any:
        kernels = self.kernels
        p = kernels.pointer
        function, b = kernels.function("finish", [p, p, kernels.double, p], internal=False)
        shared, sums, count, results = function.args
        zero = kernels.ir.Constant(kernels.double, 0.0)
        with kernels.loop(b, kernels.const(self.sizes.results)) as (k, _, _):
            b.store(zero, kernels.at(b, results, k))
        table = targets(self.plan)
        if table:
            n = kernels.const(len(table))
            b.call(kernels.reduce(), [sums, kernels.table(table), n, results])
        if self.plan.fixed:
            places, to = zip(*self.plan.fixed, strict=True)
            numbers = kernels.table([self.index[place] for place in places])
            n = kernels.const(len(places))
            arguments = [shared, numbers, kernels.table(to), n, count, results]
            b.call(kernels.fixed(), arguments)
        b.ret_void()
        return function

    def _batch(self) -> Any:
        kernels = self.kernels
        p, i = kernels.pointer, kernels.int
        kinds = [p, p, i, p, i, i, p, p, p, p, p]
        function, b = kernels.function("batch", kinds, internal=False)
        shared, columns, size, order, first, last, failed, *room, results = function.args
        scratch, packed, sums = room
        b.call(self.prepare, [shared, packed, sums])
        samples = [shared, columns, size, order, first, last, failed, scratch, packed, sums]
        b.call(self.samples, samples)
        count = b.sitofp(b.sub(last, first), kernels.double)
        b.call(self.finish, [shared, sums, count, results])
        b.ret_void()
        return function


class _Shared:
    """Shared numbers as the prologue finds them."""

    def __init__(self, module: BatchModule, shared: Any) -> None:
        self.kernels = module.scalars
        self.index = module.index
        self.shared = shared

    def load(self, builder: Any, place: int) -> Any:
        """Return a shared number as a vector of one lane."""
        address = self.kernels.at(builder, self.shared, self.index[place])
        return self.kernels.load(builder, address)


class _Calls:
    """What is called for each block, in order."""

    def __init__(
        self, module: BatchModule, builder: Any, arrays: tuple[Any, Any, Any, Any]
    ) -> None:
        self.module, self.plan, self.kernels = module, module.plan, module.kernels
        self.b = builder
        # Shared numbers, scratch, packed weights, sums.
        self.arrays = arrays

    def passed(self, count: Any) -> None:
        """Let every sample pass, to begin with."""
        kernels, (_, scratch, _, _) = self.kernels, self.arrays
        one = kernels.ir.Constant(kernels.vector, [kernels.double(1.0)] * kernels.width)
        slot = kernels.const(self.module.passed)
        with kernels.loop(self.b, count, kernels.width) as (offset, _, _):
            kernels.store(self.b, one, kernels.slot(self.b, scratch, slot, offset))

    def stages(self, chunks: Sequence[Sequence[Any]], count: Any) -> None:
        """Run every stage: elementwise chunks, then dense steps."""
        kernels, (shared, scratch, packed, _) = self.kernels, self.arrays
        offset = 0
        for stage, functions in zip(self.plan.stages, chunks, strict=True):
            for function in functions:
                self.b.call(function, [scratch, shared, count])
            for group in stage.dense:
                weights = kernels.at(self.b, packed, offset)
                xs, n = self._table(group.xs)
                outs, rows = self._table(group.outs)
                arguments = [scratch, weights, xs, n, outs, rows, count]
                self.b.call(kernels.dense(), arguments)
                offset += len(group.outs) * (len(group.xs) + 1)

    def _table(self, places: Sequence[int]) -> tuple[Any, Any]:
        table = self.kernels.table([self.plan.slots[place] for place in places])
        return table, self.kernels.const(len(places))

    def mask(self, valid: Any, count: Any) -> None:
        """Take out of the sums what does not count."""
        summed = {place for place, _ in self.plan.sums}
        for outer in self.plan.outers:
            # Both sides: 0 times what went wrong in a sample that failed a guard is nan.
            summed.update(outer.lefts, outer.rights)
        summed |= {place for pair in self.plan.pairs for place in pair[:2]}
        if not summed:
            return
        b, (_, scratch, _, _) = self.b, self.arrays
        slots, n = self._table(sorted(summed))
        arguments = [scratch, self.kernels.const(self.module.passed), slots, n, valid, count]
        if self.plan.guarded:
            b.call(self.kernels.mask(), arguments)
        else:
            with b.if_then(b.icmp_signed("<", valid, count), likely=False):
                b.call(self.kernels.mask(), arguments)

    def sums(self, count: Any) -> None:
        """Add the block to the sums."""
        kernels, plan, b = self.kernels, self.plan, self.b
        _, scratch, _, sums = self.arrays
        offset = 0
        for outer in plan.outers:
            lefts, left_count = self._table(outer.lefts)
            rights, right_count = self._table(outer.rights)
            to = kernels.at(b, sums, offset)
            arguments = [scratch, to, lefts, left_count, rights, right_count, count]
            b.call(kernels.outer(), arguments)
            offset += len(outer.targets) * kernels.width
        if plan.pairs:
            lefts, n = self._table([left for left, _, _ in plan.pairs])
            rights, _ = self._table([right for _, right, _ in plan.pairs])
            to = kernels.at(b, sums, offset)
            b.call(kernels.pairs(), [scratch, to, lefts, rights, n, count])
            offset += len(plan.pairs) * kernels.width
        if plan.sums:
            slots, n = self._table([place for place, _ in plan.sums])
            to = kernels.at(b, sums, offset)
            b.call(kernels.sums(), [scratch, to, slots, n, count])

    def report(self, failed: Any, start: Any, valid: Any) -> None:
        """Say which samples failed a guard."""
        kernels, b, (_, scratch, _, _) = self.kernels, self.b, self.arrays
        zero = kernels.ir.Constant(kernels.double, 0.0)
        slot = kernels.const(self.module.passed)
        with kernels.loop(b, valid) as (k, _, _):
            ok = b.load(kernels.slot(b, scratch, slot, k), typ=kernels.double)
            flag = b.zext(b.fcmp_ordered("==", ok, zero), kernels.byte)
            b.store(flag, kernels.at(b, failed, b.add(start, k), kernels.byte))
