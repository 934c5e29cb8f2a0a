"""How much room the native code of a plan needs, and how many samples make a block.

Knows plans. Knows no LLVM.
"""

from dataclasses import dataclass

from autograd.compiling.native.pieces import pitch_of
from autograd.compiling.native.plan import Plan
from autograd.compiling.native.products import rows_of, tiles

# Scratch should stay in the second level of cache, which has 256 KB or more; in blocks small
# enough for the first, what happens once for each block weighs too much.
_CACHE = 128 * 1024
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
    fitting = _CACHE // (8 * width * plan.slot_count)
    vectors = max(2, min(_MOST_VECTORS, fitting - fitting % 2))
    index = plan.shared_index
    packed = sum(len(chunk.tile.packed(index)) for chunk in plan.chunks if chunk.tile)
    return Sizes(
        max(1, len(plan.shared)),
        max(1, packed),
        max(1, len(targets(plan, width))) * width,
        plan.slot_count * pitch_of(width * vectors),
        len(plan.program.outputs),
        width * vectors,
    )


def targets(plan: Plan, width: int) -> list[int]:
    """Return the result that each sum adds to: of outer steps, of pairs, of numbers."""
    found = []
    for outer in plan.outers:
        columns = len(outer.rights)
        order = tiles(len(outer.lefts), columns, rows_of(width))
        found += [outer.targets[row * columns + column] for row, column in order]
    found += [target for _, _, target in plan.pairs]
    return found + [target for _, target in plan.sums]
