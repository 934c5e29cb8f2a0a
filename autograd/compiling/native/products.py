"""Products of layers: `dense`, a matrix times samples, and `outer`, sums of products over them.

Both work on *scratch*: for each slot, the numbers of a block of samples, as vectors of lanes.
Which slots they work on stands in tables. The innermost loops hold their sums in registers:
four results for two vectors of samples. Knows no program and no function of the table.
"""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.native.pieces import Pieces

# Rows and vectors of one tile of `dense`.
ROWS, VECTORS = 4, 2
# Columns of one tile of `outer`, by its rows: enough sums to keep the adders busy.
COLUMNS = {ROWS: 2, 1: 4}


def dense(pieces: Pieces) -> Any:
    """Return the function that computes start + x1 * w1 + ... + xn * wn for many rows.

    Arguments: scratch, packed weights, table of x slots, n, table of result slots, rows,
    samples. The weights lie as the loops read them: for four rows at a time their starts,
    then four by four their weights; for each remaining row its start and its weights.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, packed, xs, n, outs, rows, count = arguments
        whole = b.and_(rows, pieces.const(-ROWS))
        size = b.add(n, pieces.const(1))
        with pieces.loop_if_any(b, whole, ROWS) as row:
            weights = pieces.at(b, packed, b.mul(row, size))
            _rows(pieces, b, (scratch, weights, xs, n, outs, row, count), ROWS)
        with pieces.loop_if_any(b, b.sub(rows, whole)) as further:
            row = b.add(whole, further)
            weights = pieces.at(b, packed, b.mul(row, size))
            _rows(pieces, b, (scratch, weights, xs, n, outs, row, count), 1)

    p, i = pieces.pointer, pieces.int
    return pieces.define("dense", [p, p, p, i, p, i, i], body)


def _rows(pieces: Pieces, b: Any, arguments: tuple[Any, ...], rows: int) -> None:
    scratch, weights, xs, n, outs, row, count = arguments
    starts = [pieces.spread(b, pieces.number(b, weights, k)) for k in range(rows)]
    first = pieces.at(b, weights, rows)
    vectors = [pieces.const(v * pieces.width) for v in range(VECTORS)]
    with pieces.loop(b, count, VECTORS * pieces.width) as (offset, _, _):
        sums = [start for start in starts for _ in range(VECTORS)]
        with pieces.loop(b, n, carried=sums) as (k, values, following):
            base = pieces.slot(b, scratch, pieces.entry(b, xs, k), offset)
            x = [pieces.load(b, pieces.at(b, base, vector)) for vector in vectors]
            place = b.mul(k, pieces.const(rows))
            for r in range(rows):
                index = b.add(place, pieces.const(r))
                weight = pieces.spread(b, pieces.number(b, first, index))
                for v in range(VECTORS):
                    value = values[r * VECTORS + v]
                    following.append(pieces.multiply_add(b, weight, x[v], value))
        for r in range(rows):
            out = pieces.entry(b, outs, b.add(row, pieces.const(r)))
            base = pieces.slot(b, scratch, out, offset)
            for v, vector in enumerate(vectors):
                address = pieces.at(b, base, vector)
                pieces.store(b, following[r * VECTORS + v], address)


def outer(pieces: Pieces) -> Any:
    """Return the function that adds every left times every right number over a block.

    Arguments: scratch, sums, table of left slots, how many, table of right slots, how
    many, samples. The sums are vectors, in the order of `tiles`.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, sums, lefts, left_count, rights, right_count, count = arguments
        operands = (scratch, lefts, rights, count)
        row_size = b.mul(right_count, pieces.const(pieces.width))
        whole = b.and_(left_count, pieces.const(-ROWS))
        with pieces.loop_if_any(b, whole, ROWS) as left:
            start = pieces.at(b, sums, b.mul(left, row_size))
            _strip(pieces, b, operands, (start, left, right_count), ROWS)
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


def packed_order(rows: Sequence[Sequence[int]], starts: Sequence[int]) -> list[int]:
    """Return weights in the order in which `dense` reads them.

    >>> packed_order([[1, 2], [3, 4]], [10, 30])
    [10, 1, 2, 30, 3, 4]
    >>> packed_order([[1], [2], [3], [4]], [5, 6, 7, 8])
    [5, 6, 7, 8, 1, 2, 3, 4]
    """
    order: list[int] = []
    whole = len(rows) - len(rows) % ROWS
    for row in range(0, whole, ROWS):
        order += starts[row : row + ROWS]
        for column in zip(*rows[row : row + ROWS], strict=True):
            order += column
    for row in range(whole, len(rows)):
        order += [starts[row], *rows[row]]
    return order


def tiles(lefts: int, rights: int) -> list[tuple[int, int]]:
    """Return the pairs of a grid in the order in which `outer` keeps their sums.

    >>> tiles(1, 3)
    [(0, 0), (0, 1), (0, 2)]
    >>> tiles(4, 2) == [(row, column) for row in range(4) for column in range(2)]
    True
    """
    order: list[tuple[int, int]] = []
    for left, rows in _parts(lefts, ROWS):
        for right, columns in _parts(rights, COLUMNS[rows]):
            order += [
                (left + row, right + column) for row in range(rows) for column in range(columns)
            ]
    return order


def _parts(count: int, size: int) -> list[tuple[int, int]]:
    """Return how a count is cut into parts of a size and then single ones, as (start, size)."""
    whole = count - count % size
    parts = [(start, size) for start in range(0, whole, size)]
    return parts + [(start, 1) for start in range(whole, count)]
