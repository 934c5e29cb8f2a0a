"""Slots of scratch: where a block keeps the numbers that outlive their chunk.

Knows chunks and the operands of instructions. Knows no machine and no LLVM.
"""

from collections.abc import Iterable, Sequence

from autograd.compiling.native.plan import Chunk
from autograd.compiling.native.watching import numbers_under
from autograd.compiling.program import Instruction


def slots_of(
    steps: Sequence[Instruction], chunks: Sequence[Chunk], kept: Iterable[int]
) -> dict[int, int]:
    """Return a slot for every place that a later chunk uses, counted from 0.

    Args:
        steps: the instructions of a program.
        chunks: what runs, in order.
        kept: what has a slot of its own for the whole block; they get the first ones, in this
            order. Other slots are used again once the last chunk that asks is done.
    """
    slots = {place: k for k, place in enumerate(dict.fromkeys(kept))}
    last = _last_uses(steps, chunks)
    count = len(slots)
    free: list[int] = []
    ends: dict[int, list[int]] = {}
    for k, chunk in enumerate(chunks):
        for place in chunk.made:
            if place in slots or last.get(place, -1) <= k:
                continue
            if free:
                slots[place] = free.pop()
            else:
                slots[place] = count
                count += 1
            ends.setdefault(last[place], []).append(slots[place])
        free += ends.pop(k, [])
    return slots


def _last_uses(steps: Sequence[Instruction], chunks: Sequence[Chunk]) -> dict[int, int]:
    """Return the last chunk that uses each place, as a position."""
    last: dict[int, int] = {}
    for k, chunk in enumerate(chunks):
        for x in chunk.tile.xs if chunk.tile else ():
            last[x] = k
        for place in chunk.places:
            for x in numbers_under(steps, steps[place].operands):
                last[x] = k
    return last
