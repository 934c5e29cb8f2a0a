"""Products of layers: tiles of a matrix times samples, and `outer`, sums of products over them.

Both work on *scratch*: for each slot, the numbers of a block of samples, as vectors of lanes.
Which slots they work on stands in tables. The innermost loops hold their sums in registers: up
to eight results for two vectors of samples. Knows no program and no function of the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.compiling.native.pieces import Pieces

# Vectors of samples in one tile of a dense step.
VECTORS = 2
# Columns of one tile of `outer`, by its rows: enough sums to keep the adders busy.
COLUMNS = {8: 2, 4: 2, 1: 4}
_WIDEST = 8


def rows_of(width: int) -> int:
    """Return how many rows a tile has on vectors of some width.

    Processors with vectors of eight doubles have registers for twice as many.

    >>> rows_of(8), rows_of(4)
    (8, 4)
    """
    return 8 if width == _WIDEST else 4


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the weights of a tile are read.

    Attributes:
        base: where the positions count from.
        starts: for each row, the position of what its sum starts from.
        firsts: for each row, the position of its first weight.
        steps: for each column, how far its weights are from the first ones.
    """

    base: Any
    starts: Sequence[int]
    firsts: Sequence[int]
    steps: Sequence[int]


def dense_tile(
    pieces: Pieces, b: Any, scratch: Any, slots: Sequence[int], weights: Weights
) -> list[list[Any]]:
    """Emit start + x1 * w1 + ... + xn * wn for some rows; return them for each vector.

    Args:
        pieces: how addresses are computed.
        b: where to emit.
        scratch: where the first slot has the first vector.
        slots: where the x are.
        weights: where the weights are.
    """
    table = pieces.table([slot * pieces.pitch for slot in slots])
    steps = pieces.table(weights.steps)
    starts = [pieces.spread(b, pieces.number(b, weights.base, k)) for k in weights.starts]
    sums = [each for each in starts for _ in range(VECTORS)]
    with pieces.loop(b, pieces.const(len(slots)), carried=sums) as (k, values, following):
        base = pieces.at(b, scratch, pieces.entry(b, table, k))
        x = [pieces.load(b, pieces.at(b, base, v * pieces.width)) for v in range(VECTORS)]
        column = pieces.at(b, weights.base, pieces.entry(b, steps, k))
        for r, first in enumerate(weights.firsts):
            weight = pieces.spread(b, pieces.number(b, column, first))
            for v in range(VECTORS):
                value = values[r * VECTORS + v]
                following.append(pieces.multiply_add(b, weight, x[v], value))
    return [following[v::VECTORS] for v in range(VECTORS)]


def outer(pieces: Pieces) -> Any:
    """Return the function that adds every left times every right number over a block.

    Arguments: scratch, sums, table of left slots, how many, table of right slots, how
    many, samples. The sums are vectors, in the order of `tiles`.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, sums, lefts, left_count, rights, right_count, count = arguments
        operands = (scratch, lefts, rights, count)
        row_size = b.mul(right_count, pieces.const(pieces.width))
        rows = rows_of(pieces.width)
        whole = b.and_(left_count, pieces.const(-rows))
        with pieces.loop_if_any(b, whole, rows) as left:
            start = pieces.at(b, sums, b.mul(left, row_size))
            _strip(pieces, b, operands, (start, left, right_count), rows)
        with pieces.loop_if_any(b, b.sub(left_count, whole)) as further:
            left = b.add(whole, further)
            start = pieces.at(b, sums, b.mul(left, row_size))
            _strip(pieces, b, operands, (start, left, right_count), 1)

    p, i = pieces.pointer, pieces.int
    return pieces.define("outer", [p, p, p, i, p, i, i], body)


def _strip(
    pieces: Pieces, b: Any, operands: tuple[Any, ...], strip: tuple[Any, Any, Any], rows: int
) -> None:
    """Emit the tiles of some left numbers with all right ones."""
    sums, left, rights = strip
    columns = COLUMNS[rows]
    whole = b.and_(rights, pieces.const(-columns))
    step = pieces.const(rows * pieces.width)
    with pieces.loop_if_any(b, whole, columns) as right:
        start = pieces.at(b, sums, b.mul(right, step))
        _tile(pieces, b, operands, start, (left, right), (rows, columns))
    with pieces.loop_if_any(b, b.sub(rights, whole)) as further:
        right = b.add(whole, further)
        start = pieces.at(b, sums, b.mul(right, step))
        _tile(pieces, b, operands, start, (left, right), (rows, 1))


def _tile(
    pieces: Pieces,
    b: Any,
    operands: tuple[Any, ...],
    sums: Any,
    corner: tuple[Any, Any],
    shape: tuple[int, int],
) -> None:
    """Emit some rows times some columns, their sums in registers."""
    scratch, lefts, rights, count = operands
    zero = pieces.const(0)
    rows, columns = shape
    bases = [
        pieces.slot(b, scratch, pieces.entry(b, table, b.add(start, pieces.const(k))), zero)
        for table, start, size in zip((lefts, rights), corner, shape, strict=True)
        for k in range(size)
    ]
    places = [pieces.at(b, sums, k * pieces.width) for k in range(rows * columns)]
    loaded = [pieces.load(b, place) for place in places]
    with pieces.loop(b, count, pieces.width, carried=loaded) as (offset, values, following):
        vectors = [pieces.load(b, pieces.at(b, base, offset)) for base in bases]
        for r in range(rows):
            for c in range(columns):
                value = values[r * columns + c]
                x, y = vectors[r], vectors[rows + c]
                following.append(pieces.multiply_add(b, x, y, value))
    for place, value in zip(places, following, strict=True):
        pieces.store(b, value, place)


def tiles(lefts: int, rights: int, rows: int) -> list[tuple[int, int]]:
    """Return the pairs of a grid in the order in which `outer` keeps their sums.

    >>> tiles(1, 3, 4)
    [(0, 0), (0, 1), (0, 2)]
    >>> tiles(4, 2, 4) == [(row, column) for row in range(4) for column in range(2)]
    True
    """
    order: list[tuple[int, int]] = []
    for left, height in _parts(lefts, rows):
        for right, columns in _parts(rights, COLUMNS[height]):
            order += [
                (left + row, right + column)
                for row in range(height)
                for column in range(columns)
            ]
    return order


def _parts(count: int, size: int) -> list[tuple[int, int]]:
    """Return how a count is cut into parts of a size and then single ones, as (start, size)."""
    whole = count - count % size
    parts = [(start, size) for start in range(0, whole, size)]
    return parts + [(start, 1) for start in range(whole, count)]
