"""Chunks of a plan as LLVM functions: for the vectors of a block, a tile and what follows it.

Numbers come from scratch or from the shared numbers, results that are used elsewhere go to
scratch. Knows slots and tiles. Knows no pattern and no order of chunks.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.compiling.native.pieces import Pieces
from autograd.compiling.native.plan import Chunk, Dense, Plan
from autograd.compiling.native.products import VECTORS, Weights, dense_tile
from autograd.compiling.native.straight import Functions, Straight
from autograd.compiling.program import Instruction


class Block:
    """The numbers of a block of samples in scratch, and the shared ones.

    Args:
        pieces: how addresses are computed.
        scratch, shared: pointers.
        offset: how many samples into the block.
        plan: where the slots are.
        index: the position of each shared place.
    """

    def __init__(
        self,
        pieces: Pieces,
        scratch: Any,
        shared: Any,
        offset: Any,
        plan: Plan,
        index: Mapping[int, int],
    ) -> None:
        self.pieces = pieces
        self.plan = plan
        self.scratch = scratch
        self.shared = shared
        self.offset = offset
        self.slots = plan.slots
        self.index = index

    def address(self, builder: Any, slot: int) -> Any:
        """Return where the vector of a slot lies."""
        start = self.pieces.const(slot * self.pieces.pitch)
        return self.pieces.at(builder, self.scratch, builder.add(start, self.offset))

    def load(self, builder: Any, place: int) -> Any:
        """Return the vector of a place; a shared number stands in every lane."""
        if place in self.index:
            number = self.pieces.number(builder, self.shared, self.index[place])
            return self.pieces.spread(builder, number)
        return self.pieces.load(builder, self.address(builder, self.slots[place]))

    def store(self, builder: Any, place: int, vector: Any) -> None:
        """Keep the vector of a place in its slot."""
        self.pieces.store(builder, vector, self.address(builder, self.slots[place]))


def chunk(
    pieces: Pieces,
    name: str,
    steps: Sequence[Instruction],
    part: Chunk,
    functions: Functions,
    block: Callable[[Any, Any, Any], Block],
) -> Any:
    """Return the function that runs some instructions for all vectors of a block.

    Its arguments are scratch, the shared numbers, the packed weights of its tile, and how many
    samples.

    Args:
        pieces: where to define it.
        name: its name.
        steps: all instructions of the program.
        part: those to run.
        functions: where functions come from.
        block: the numbers outside, from scratch, shared numbers and an offset.
    """
    pointer, whole = pieces.pointer, pieces.int
    function, builder = pieces.function(name, [pointer, pointer, pointer, whole])
    scratch, shared, packed, count = function.args
    known = frozenset(steps[place] for place in part.places)
    vectors = VECTORS if part.tile else 1
    with pieces.loop(builder, count, vectors * pieces.width) as (offset, _, _):
        outsides = [
            block(scratch, shared, builder.add(offset, pieces.const(v * pieces.width)))
            for v in range(vectors)
        ]
        sums: list[list[Any]] = [[]] * vectors
        if part.tile:
            slots = [outsides[0].slots[x] for x in part.tile.xs]
            weights = _weights(part.tile, outsides[0].index, shared, packed)
            start = pieces.at(builder, scratch, offset)
            sums = dense_tile(pieces, builder, start, slots, weights)
        for outside, outs in zip(outsides, sums, strict=True):
            straight = Straight(pieces, builder, steps, functions, outside, known)
            if part.tile:
                straight.values.update(zip(part.tile.outs, outs, strict=True))
            _finished(straight, part, outside)
    builder.ret_void()
    return function


def _weights(tile: Dense, index: Mapping[int, int], shared: Any, packed: Any) -> Weights:
    """Return where the weights of a tile are read."""
    rows, columns = len(tile.outs), len(tile.xs)
    if tile.packed(index):
        starts, firsts = list(range(rows)), list(range(rows, 2 * rows))
        return Weights(packed, starts, firsts, [k * rows for k in range(columns)])
    starts = [index[start] for start in tile.starts]
    firsts = [index[row[0]] for row in tile.weights]
    return Weights(shared, starts, firsts, [index[w] - firsts[0] for w in tile.weights[0]])


def _finished(straight: Straight, part: Chunk, outside: Block) -> None:
    """Emit the instructions of a chunk for one vector, and keep what is used elsewhere."""
    builder, pieces = straight.builder, straight.pieces
    for place in part.places:
        straight.run(place)
    for place in part.made:
        if place in outside.slots:
            outside.store(builder, place, straight.number(place))
    if straight.ok is not None:
        address = outside.address(builder, outside.plan.passed)
        before = pieces.load(builder, address)
        zero = straight.constant(0.0)
        pieces.store(builder, builder.select(straight.ok, before, zero), address)
    if part.watched and outside.plan.watches:
        lost = outside.plan.lost
        outside.store(builder, lost, straight.watched(outside.load(builder, lost), part))
