"""What runs for each block of samples: chunks, masks, sums, in order.

Knows a plan and which functions do what it says. Knows no instruction and no loop from inside.
"""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.native import loops, products
from autograd.compiling.native.pieces import Pieces
from autograd.compiling.native.plan import Plan
from autograd.compiling.sweeps import NOTHING_YET


class Calls:
    """What is called for each block, in order."""

    def __init__(
        self, plan: Plan, pieces: Pieces, builder: Any, arrays: tuple[Any, Any, Any, Any]
    ) -> None:
        self.plan, self.pieces = plan, pieces
        self.b = builder
        # Shared numbers, scratch, packed weights, sums.
        self.arrays = arrays

    def begin(self, count: Any) -> None:
        """Let every sample pass, and nothing be lost, to begin with."""
        pieces, plan, (_, scratch, _, _) = self.pieces, self.plan, self.arrays
        first = {plan.passed: 1.0}
        if plan.watches:
            first[plan.slots[plan.lost]] = NOTHING_YET
        with pieces.loop(self.b, count, pieces.width) as (offset, _, _):
            for slot, number in first.items():
                address = pieces.slot(self.b, scratch, pieces.const(slot), offset)
                pieces.store(self.b, pieces.everywhere(number), address)

    def chunks(self, functions: Sequence[Any], count: Any) -> None:
        """Run every chunk."""
        pieces, (shared, scratch, packed, _) = self.pieces, self.arrays
        offset, index = 0, self.plan.shared_index
        for chunk, function in zip(self.plan.chunks, functions, strict=True):
            weights = pieces.at(self.b, packed, offset)
            self.b.call(function, [scratch, shared, weights, count])
            offset += len(chunk.tile.packed(index)) if chunk.tile else 0

    def _table(self, places: Sequence[int]) -> tuple[Any, Any]:
        table = self.pieces.table([self.plan.slots[place] for place in places])
        return table, self.pieces.const(len(places))

    def mask(self, valid: Any, count: Any) -> None:
        """Take out of the sums what does not count."""
        summed = self._summed()
        if not summed:
            return
        pieces, b, (_, scratch, _, _) = self.pieces, self.b, self.arrays
        slots, n = self._table(sorted(summed))
        # Without guards, only the last vector may hold what does not count.
        whole = b.and_(valid, pieces.const(-pieces.width))
        first = pieces.const(0) if self.plan.guarded else whole
        arguments = [scratch, pieces.const(self.plan.passed), slots, n, first, valid, count]
        with b.if_then(b.icmp_signed("<", first, count)):
            b.call(loops.mask(pieces), arguments)

    def _summed(self) -> set[int]:
        """Return the places of what must not count beyond the samples that do."""
        plan = self.plan
        products = [(outer.lefts, outer.rights) for outer in plan.outers]
        products += [((left,), (right,)) for left, right, _ in plan.pairs]
        summed = {place for place, _ in plan.sums}
        for lefts, rights in products:
            if plan.guarded:
                # Both sides: 0 times what went wrong in a sample that failed a guard is nan.
                summed.update(lefts, rights)
            else:
                # What is beyond the last sample is that sample again: one side is enough.
                summed.update(rights if plan.one in lefts else lefts)
        return summed - {plan.one}

    def sums(self, count: Any) -> None:
        """Add the block to the sums."""
        pieces, plan, b = self.pieces, self.plan, self.b
        _, scratch, _, sums = self.arrays
        offset = 0
        for outer in plan.outers:
            lefts, left_count = self._table(outer.lefts)
            rights, right_count = self._table(outer.rights)
            to = pieces.at(b, sums, offset)
            arguments = [scratch, to, lefts, left_count, rights, right_count, count]
            b.call(products.outer(pieces), arguments)
            offset += len(outer.targets) * pieces.width
        if plan.pairs:
            lefts, n = self._table([left for left, _, _ in plan.pairs])
            rights, _ = self._table([right for _, right, _ in plan.pairs])
            to = pieces.at(b, sums, offset)
            b.call(loops.pairs(pieces), [scratch, to, lefts, rights, n, count])
            offset += len(plan.pairs) * pieces.width
        if plan.sums:
            slots, n = self._table([place for place, _ in plan.sums])
            to = pieces.at(b, sums, offset)
            b.call(loops.sums(pieces), [scratch, to, slots, n, count])

    def report(self, failed: Any, start: Any, valid: Any) -> None:
        """Say which samples failed a guard."""
        pieces, b, (_, scratch, _, _) = self.pieces, self.b, self.arrays
        zero = pieces.ir.Constant(pieces.double, 0.0)
        slot = pieces.const(self.plan.passed)
        with pieces.loop(b, valid) as (k, _, _):
            ok = b.load(pieces.slot(b, scratch, slot, k), typ=pieces.double)
            flag = b.zext(b.fcmp_ordered("==", ok, zero), pieces.byte)
            b.store(flag, pieces.at(b, failed, b.add(start, k), pieces.byte))
