"""The plan: which part of a program runs where when a batch goes through it in lanes.

A batch runs through a program block by block. Most instructions are *elementwise*: one vector
instruction for as many samples as there are lanes. Two patterns take most of the time of a
network, and are found by their form alone, whoever wrote them:

* dot products of the same samples' numbers with different shared ones, a layer going forward
  and a layer going backward, make a *dense* step, a small matrix product;
* results that are products of two samples' numbers, summed over the batch, the gradients of a
  layer's weights, make an *outer* step.

A dense step is cut into *tiles*, a few results each, and what is cheap and made of a tile's
results alone (relu and its slope, say) is done at once, while they are in registers. All this
comes in *chunks*, in the order in which they run. Knows places and slots. Knows no machine and
no LLVM.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from autograd.compiling.program import Program

# Dense and outer steps pay from this many products on; below, they are written out.
WORTHWHILE = 16
# Instructions in one function of machine code; code generation time grows faster than length.
CHUNK = 100

# Sums of more shared numbers than this are loops over a table.
LONG = 16

# A left number, a right number, and the result that their product adds to.
Triple = tuple[int, int, int]


def lost_of(program: Program) -> int:
    """Return the place of `Plan.lost`: beyond the instructions."""
    return len(program)


def one_of(program: Program) -> int:
    """Return the place of `Plan.one`: beyond the instructions."""
    return len(program) + 1


@dataclass(frozen=True, slots=True)
class Dense:
    """Dot products that share their varying operands.

    Attributes:
        xs: places of the operands that vary from sample to sample.
        outs: places of the results.
        weights: for each result, the places of the shared operands, in the order of `xs`.
        starts: for each result, the place that its sum starts from (a constant may be -0.0).
    """

    xs: tuple[int, ...]
    outs: tuple[int, ...]
    weights: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]

    def tiles(self, rows: int) -> "list[Dense]":
        """Return parts of about equal size, with at most so many results."""
        count = len(self.outs)
        parts = -(-count // rows)
        ends = [count * k // parts for k in range(parts + 1)]
        return [
            Dense(self.xs, self.outs[a:b], self.weights[a:b], self.starts[a:b])
            for a, b in pairwise(ends)
        ]

    def packed(self, index: Mapping[int, int]) -> list[int]:
        """Return where starts and weights are, as native code reads them: column by column.

        Nothing if they can be read where they are: if each row is like the first, elsewhere.

        Args:
            index: the position of each shared place.
        """
        rows = [[index[weight] for weight in row] for row in self.weights]
        if all(
            y - x == row[0] - rows[0][0]
            for row in rows
            for x, y in zip(rows[0], row, strict=True)
        ):
            return []
        columns = chain.from_iterable(zip(*rows, strict=True))
        return [*(index[start] for start in self.starts), *columns]


@dataclass(frozen=True, slots=True)
class Outer:
    """Products of every left with every right number, summed over the samples.

    Attributes:
        lefts, rights: places.
        targets: for each pair, row by row, the result it adds to.
    """

    lefts: tuple[int, ...]
    rights: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Instructions that are one function of machine code.

    Attributes:
        places: the elementwise instructions.
        watched: numbers that must be finite, because what is made of them here would not
            show it if they were not.
        tile: part of a dense step that is done before them.
    """

    places: tuple[int, ...]
    watched: tuple[int, ...] = ()
    tile: Dense | None = None

    @property
    def made(self) -> tuple[int, ...]:
        """The places of all that is computed here, in order."""
        return (*self.tile.outs, *self.places) if self.tile else self.places


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs where.

    Attributes:
        program: what is planned.
        columns: the places of the inputs that vary, in order.
        shared: the places of shared numbers: inputs first, then constants and the rest.
        prologue: the shared instructions to compute once a batch.
        chunks: what runs for each block of samples, in order.
        outers, pairs, sums: what is added up over the samples: grids of products, single
            products as (left, right, result), and numbers as (place, result).
        fixed: shared results, as (place, result): they count once for each sample.
        fixed_pairs: the same for products of two shared numbers, as (left, right, result).
        slots: where varying numbers are kept between steps, by place.
        slot_count: how many slots there are, that of `passed` included.
        guarded: whether samples may fail a guard.
    """

    program: Program
    columns: tuple[int, ...]
    shared: tuple[int, ...]
    prologue: tuple[int, ...]
    chunks: tuple[Chunk, ...]
    outers: tuple[Outer, ...]
    pairs: tuple[tuple[int, int, int], ...]
    sums: tuple[tuple[int, int], ...]
    fixed: tuple[tuple[int, int], ...]
    fixed_pairs: tuple[Triple, ...]
    slots: dict[int, int]
    slot_count: int
    guarded: bool

    @property
    def passed(self) -> int:
        """The slot that is 1 for samples which passed every guard."""
        return self.slot_count - 1

    @property
    def lost(self) -> int:
        """The place of what is nan if a watched number is not finite, and else -0.

        It is no instruction; it has a slot, and is summed, if any number is watched.
        """
        return lost_of(self.program)

    @property
    def one(self) -> int:
        """The place of what is 1 for each sample that counts: no instruction, but a factor.

        It has the slot of `passed`.
        """
        return one_of(self.program)

    @property
    def watches(self) -> bool:
        """Whether any number is watched."""
        return self.lost in self.slots

    @property
    def shared_index(self) -> dict[int, int]:
        """Where each shared number stands among the shared ones."""
        return {place: k for k, place in enumerate(self.shared)}
