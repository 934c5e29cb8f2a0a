"""A plan as an LLVM module: what runs once a batch, and what runs for each block of samples.

    prepare(shared, packed, sums)            shared numbers, weights as tiles read them
    samples(...)                             block by block: chunks, masks, sums
    finish(shared, sums, count, results)     the sums of the lanes
    batch(...)                               all three

Knows the order of things. Knows no instruction and no loop from inside.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd.compiling.native import loops, sharing
from autograd.compiling.native.blocks import Calls
from autograd.compiling.native.chunks import Block, chunk
from autograd.compiling.native.machine import Machine, llvm
from autograd.compiling.native.pieces import Pieces
from autograd.compiling.native.plan import CHUNK, LONG, Chunk, Plan
from autograd.compiling.native.products import VECTORS
from autograd.compiling.native.sizes import sizes, targets
from autograd.compiling.native.straight import Functions, Straight
from autograd.compiling.sweeps import NOTHING_YET


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
        self.exact = exact
        self.width = width
        self.sizes = sizes(plan, self.width)
        self.module = ir.Module("wengert")
        self.module.triple = machine.triple
        fused = machine.has_fma and not exact
        vectors = self.sizes.stride // self.width
        self.pieces = Pieces(self.module, self.width, vectors, fused=fused)
        self.scalars = Pieces(self.module, 1, 2, fused=fused)
        self.functions: Functions = library(self.module, self.width)
        self.scalar_functions = self.functions if width == 1 else library(self.module, 1)
        self.steps = plan.program.instructions
        self.index = plan.shared_index
        self.prepare = self._prepare()
        self.samples = self._samples()
        self.finish = self._finish()
        self.batch = self._batch()

    def _prepare(self) -> Any:
        pieces = self.pieces
        p = pieces.pointer
        function, b = pieces.function("prepare", [p, p, p], internal=False)
        shared, packed, sums = function.args
        self._prologue(b, shared)
        offset = 0
        for tile in (part.tile for part in self.plan.chunks if part.tile):
            if order := tile.packed(self.index):
                to = pieces.at(b, packed, offset)
                count = pieces.const(len(order))
                b.call(loops.pack(pieces), [to, shared, pieces.table(order), count])
                offset += len(order)
        nothing = pieces.everywhere(NOTHING_YET)
        with pieces.loop(b, pieces.const(self.sizes.sums), pieces.width) as (k, _, _):
            pieces.store(b, nothing, pieces.at(b, sums, k))
        b.ret_void()
        return function

    def _prologue(self, b: Any, shared: Any) -> None:
        """Call what computes shared numbers: functions of bounded size, and long sums."""
        part: list[int] = []
        for place in self.plan.prologue:
            step = self.steps[place]
            if step.op in ("dot", "total") and len(step.operands) > LONG:
                self._called(b, shared, part)
                self._long_sum(b, shared, place)
                part = []
            else:
                part.append(place)
            if len(part) == CHUNK:
                self._called(b, shared, part)
                part = []
        self._called(b, shared, part)

    def _called(self, b: Any, shared: Any, places: Sequence[int]) -> None:
        if places:
            b.call(self._scalar(f"shared_{places[0]}", places), [shared])

    def _long_sum(self, b: Any, shared: Any, place: int) -> None:
        step, scalars, tables = self.steps[place], self.scalars, self.pieces.table
        numbers = [self.index[x] for x in step.operands]
        half = len(numbers) // 2
        out = scalars.const(self.index[place])
        if step.op == "total":
            n, table = scalars.const(len(numbers)), tables(numbers)
            b.call(sharing.shared_total(scalars), [shared, table, n, out])
        else:
            start = scalars.const(numbers[-1])
            lefts, rights = numbers[:half], numbers[half:-1]
            whole = half - half % self.width
            in_rows = all(
                side == list(range(side[0], side[0] + half)) for side in (lefts, rights)
            )
            if self.exact or not in_rows:
                whole = 0
            if whole:
                places = [scalars.const(k) for k in (lefts[0], rights[0], whole)]
                b.call(sharing.shared_rows(self.pieces), [shared, *places, start, out])
                start = out
            if half > whole:
                xs, ys = tables(lefts[whole:]), tables(rights[whole:])
                n = scalars.const(half - whole)
                b.call(sharing.shared_dot(scalars), [shared, xs, ys, n, start, out])

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
        pieces = self.pieces
        p, i = pieces.pointer, pieces.int
        kinds = [p, p, i, p, i, i, p, p, p, p]
        function, b = pieces.function("samples", kinds, internal=False)
        shared, columns, size, order, first, last, failed, scratch, packed, sums = function.args
        stride = pieces.const(pieces.stride)
        total = b.sub(last, first)
        run = Calls(self.plan, pieces, b, (shared, scratch, packed, sums))
        chunks = self._chunks()
        with pieces.loop_if_any(b, total, pieces.stride) as done:
            start, rest = b.add(first, done), b.sub(total, done)
            valid = b.select(b.icmp_signed("<", rest, stride), rest, stride)
            # Tiles take two vectors at a time.
            dense = any(chunk.tile for chunk in self.plan.chunks)
            step = pieces.width * (VECTORS if dense else 1)
            whole = b.sdiv(b.add(valid, pieces.const(step - 1)), pieces.const(step))
            count = b.mul(whole, pieces.const(step))
            # Sums take one at a time.
            summed = b.and_(
                b.add(valid, pieces.const(pieces.width - 1)), pieces.const(-pieces.width)
            )
            gather = loops.gather(pieces, len(self.plan.columns))
            b.call(gather, [scratch, columns, size, order, start, valid, count])
            run.begin(count)
            run.chunks(chunks, count)
            run.mask(valid, summed)
            run.sums(summed)
            if self.plan.guarded:
                run.report(failed, start, valid)
        b.ret_void()
        return function

    def _chunks(self) -> list[Any]:
        index = self.index

        def block(scratch: Any, shared: Any, offset: Any) -> Block:
            return Block(self.pieces, scratch, shared, offset, self.plan, index)

        def run(name: str, part: Chunk) -> Any:
            return chunk(self.pieces, name, self.steps, part, self.functions, block)

        return [run(f"chunk_{k}", part) for k, part in enumerate(self.plan.chunks)]

    def _finish(self) -> Any:
        pieces = self.pieces
        p = pieces.pointer
        function, b = pieces.function("finish", [p, p, pieces.double, p], internal=False)
        shared, sums, count, results = function.args
        table = targets(self.plan, self.width)
        # What the first sums come to is put there, the others are added.
        first = _distinct(table)
        if first < self.sizes.results:
            # Across the end: there is room for that.
            with pieces.loop(b, pieces.const(self.sizes.results), pieces.width) as (k, _, _):
                b.store(pieces.everywhere(NOTHING_YET), pieces.at(b, results, k), align=8)
        for part, start, add in ((table[:first], 0, False), (table[first:], first, True)):
            if part:
                vectors = pieces.at(b, sums, start * pieces.width)
                arguments = [vectors, pieces.table(part), pieces.const(len(part)), results]
                b.call(loops.reduce(pieces, add=add), arguments)
        if self.plan.fixed:
            places, to = zip(*self.plan.fixed, strict=True)
            numbers = pieces.table([self.index[place] for place in places])
            n = pieces.const(len(places))
            arguments = [shared, numbers, pieces.table(to), n, count, results]
            b.call(sharing.fixed(pieces, one_by_one=self.exact), arguments)
        if self.plan.fixed_pairs:
            self._fixed_pairs(b, shared, count, results)
        b.ret_void()
        return function

    def _fixed_pairs(self, b: Any, shared: Any, count: Any, results: Any) -> None:
        """Call what adds products of shared numbers: in vectors where they lie in a row."""
        pieces, index = self.pieces, self.index
        rows = [(index[x], index[y], to) for x, y, to in self.plan.fixed_pairs]
        alike = Counter(rows)
        if len(set(alike.values())) == 1:
            # Each as often as the others: w * w has the slope w + w.
            count = b.fmul(count, pieces.ir.Constant(pieces.double, float(alike[rows[0]])))
            rows = list(alike)
        (left, right, to), whole = rows[0], 0
        if rows == [(left, right + k, to + k) for k in range(len(rows))]:
            whole = len(rows) - len(rows) % pieces.width
        if whole:
            places = [pieces.const(k) for k in (left, right, to, whole)]
            b.call(sharing.fixed_row(pieces), [shared, *places, count, results])
        if rows[whole:]:
            tables = [pieces.table(side) for side in zip(*rows[whole:], strict=True)]
            n = pieces.const(len(rows) - whole)
            b.call(sharing.fixed_pairs(pieces), [shared, *tables, n, count, results])

    def _batch(self) -> Any:
        pieces = self.pieces
        p, i = pieces.pointer, pieces.int
        kinds = [p, p, i, p, i, i, p, p, p, p, p]
        function, b = pieces.function("batch", kinds, internal=False)
        shared, columns, size, order, first, last, failed, *room, results = function.args
        scratch, packed, sums = room
        b.call(self.prepare, [shared, packed, sums])
        samples = [shared, columns, size, order, first, last, failed, scratch, packed, sums]
        b.call(self.samples, samples)
        count = b.sitofp(b.sub(last, first), pieces.double)
        b.call(self.finish, [shared, sums, count, results])
        b.ret_void()
        return function


def _distinct(numbers: Sequence[int]) -> int:
    """Return how many numbers there are before one comes again."""
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            break
        seen.add(number)
    return len(seen)


class _Shared:
    """Shared numbers as the prologue finds them."""

    def __init__(self, module: BatchModule, shared: Any) -> None:
        self.pieces = module.scalars
        self.index = module.index
        self.shared = shared

    def load(self, builder: Any, place: int) -> Any:
        """Return a shared number as a vector of one lane."""
        address = self.pieces.at(builder, self.shared, self.index[place])
        return self.pieces.load(builder, address)
