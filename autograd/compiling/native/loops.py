"""The other loops over a block of samples: in, out, and added up.

`gather` brings samples in, `mask` takes out those that do not count, `pairs` and `sums` add up
over the samples, `reduce` adds up the lanes, `pack` copies. Like products, they work on slots
of scratch that stand in tables. Knows no program and no function of the table.
"""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.native.pieces import Pieces
from autograd.compiling.sweeps import NOTHING_YET

# Slots that `sums` adds at a time.
SLOTS = 4
# Columns that `gather` brings without a loop.
_FEW = 8


def pairs(pieces: Pieces) -> Any:
    """Return the function that adds single products over a block.

    Arguments: scratch, sums, table of left slots, table of right slots, how many, samples.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, sums, lefts, rights, n, count = arguments
        with pieces.loop(b, n) as (k, _, _):
            place = pieces.at(b, sums, b.mul(k, pieces.const(pieces.width)))
            zero = pieces.const(0)
            x, y = (
                pieces.slot(b, scratch, pieces.entry(b, table, k), zero)
                for table in (lefts, rights)
            )
            carried = [pieces.load(b, place)]
            with pieces.loop(b, count, pieces.width, carried) as (offset, values, following):
                left = pieces.load(b, pieces.at(b, x, offset))
                right = pieces.load(b, pieces.at(b, y, offset))
                following.append(pieces.multiply_add(b, left, right, values[0]))
            pieces.store(b, following[0], place)

    p, i = pieces.pointer, pieces.int
    return pieces.define("pairs", [p, p, p, p, i, i], body)


def sums(pieces: Pieces) -> Any:
    """Return the function that adds slots over a block.

    Arguments: scratch, sums, table of slots, how many, samples.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, sums, slots, n, count = arguments
        whole = b.and_(n, pieces.const(-SLOTS))
        with pieces.loop_if_any(b, whole, SLOTS) as k:
            _added(pieces, b, (scratch, sums, slots, count), k, SLOTS)
        with pieces.loop_if_any(b, b.sub(n, whole)) as further:
            _added(pieces, b, (scratch, sums, slots, count), b.add(whole, further), 1)

    p, i = pieces.pointer, pieces.int
    return pieces.define("sums", [p, p, p, i, i], body)


def _added(pieces: Pieces, b: Any, arguments: Sequence[Any], first: Any, many: int) -> None:
    """Emit the sums of some slots at a time, so that none waits for another."""
    scratch, sums, slots, count = arguments
    indices = [b.add(first, pieces.const(k)) for k in range(many)]
    places = [pieces.at(b, sums, b.mul(k, pieces.const(pieces.width))) for k in indices]
    zero = pieces.const(0)
    bases = [pieces.slot(b, scratch, pieces.entry(b, slots, k), zero) for k in indices]
    carried = [pieces.load(b, place) for place in places]
    with pieces.loop(b, count, pieces.width, carried) as (offset, values, following):
        for base, value in zip(bases, values, strict=True):
            following.append(b.fadd(value, pieces.load(b, pieces.at(b, base, offset))))
    for place, value in zip(places, following, strict=True):
        pieces.store(b, value, place)


def reduce(pieces: Pieces, *, add: bool) -> Any:
    """Return the function that adds up the lanes of sums.

    Arguments: sums, table of results, how many, results.

    Args:
        pieces: where to define it.
        add: whether to add to what the results hold, rather than replace it.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        sums, targets, n, results = arguments
        whole = b.and_(n, pieces.const(-pieces.width))

        def at(k: Any) -> Any:
            return pieces.load(b, pieces.at(b, sums, b.mul(k, pieces.const(pieces.width))))

        def keep(k: Any, number: Any) -> None:
            place = pieces.at(b, results, pieces.entry(b, targets, k))
            if add:
                number = b.fadd(b.load(place, typ=pieces.double), number)
            b.store(number, place)

        with pieces.loop_if_any(b, whole, pieces.width) as k:
            places = [b.add(k, pieces.const(j)) for j in range(pieces.width)]
            totals = all_across(pieces, b, [at(place) for place in places])
            for j, place in enumerate(places):
                keep(place, b.extract_element(totals, pieces.short(j)))
        with pieces.loop_if_any(b, b.sub(n, whole)) as further:
            k = b.add(whole, further)
            keep(k, across(pieces, b, at(k)))

    p, i = pieces.pointer, pieces.int
    return pieces.define("reduce_more" if add else "reduce", [p, p, i, p], body)


def all_across(pieces: Pieces, b: Any, vectors: Sequence[Any]) -> Any:
    """Return the sums of the lanes of as many vectors as they have lanes, as a vector.

    Two vectors become one, again and again: their neighbours at a distance are added, and the
    sums take turns. So lane k ends with what the k-th vector comes to.
    """
    distance = 1
    while len(vectors) > 1:
        lanes = range(pieces.width)
        first = [k if not k & distance else k + pieces.width for k in lanes]
        other = [k ^ distance for k in first]
        shuffles = [
            pieces.ir.Constant(
                pieces.ir.VectorType(pieces.short, pieces.width),
                [pieces.short(k) for k in order],
            )
            for order in (first, other)
        ]
        vectors = [
            b.fadd(*(b.shuffle_vector(x, y, shuffle) for shuffle in shuffles))
            for x, y in zip(vectors[::2], vectors[1::2], strict=True)
        ]
        distance *= 2
    return vectors[0]


def across(pieces: Pieces, b: Any, vector: Any) -> Any:
    """Return the sum of the lanes, halves first."""
    width = pieces.width
    while width > 1:
        width //= 2
        halves = [
            pieces.ir.Constant(
                pieces.ir.VectorType(pieces.short, width),
                [pieces.short(start + k) for k in range(width)],
            )
            for start in (0, width)
        ]
        low, high = (b.shuffle_vector(vector, vector, half) for half in halves)
        vector = b.fadd(low, high)
    return b.extract_element(vector, pieces.short(0))


def gather(pieces: Pieces, n: int) -> Any:
    """Return the function that brings n columns of a block of samples into the first slots.

    Arguments: scratch, columns (each a row of `size` numbers), size, order (indices of
    samples, or null for 0, 1, 2, ...), first, valid, samples. Beyond the valid ones the last is
    taken again: numbers that cannot go wrong.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, columns, size, order, first, valid, count = arguments
        last = b.sub(valid, pieces.const(1))
        ordered = b.icmp_unsigned("!=", b.ptrtoint(order, pieces.int), pieces.const(0))
        with pieces.loop(b, count) as (k, _, _):
            inside = b.icmp_signed("<", k, last)
            position = b.add(first, b.select(inside, k, last))
            # Without an order the table is never read: any address will do.
            table = b.select(ordered, order, scratch)
            index = b.select(ordered, position, pieces.const(0))
            listed = b.load(pieces.at(b, table, index, pieces.int), typ=pieces.int)
            sample = b.select(ordered, listed, position)

            def bring(column: Any) -> None:
                number = pieces.number(b, columns, b.add(b.mul(column, size), sample))
                b.store(number, pieces.slot(b, scratch, column, k))

            if n <= _FEW:
                for column in range(n):
                    bring(pieces.const(column))
            else:
                with pieces.loop(b, pieces.const(n)) as (column, _, _):
                    bring(column)

    p, i = pieces.pointer, pieces.int
    return pieces.define("gather", [p, p, i, p, i, i, i], body)


def mask(pieces: Pieces) -> Any:
    """Return the function that puts -0 into slots for samples that do not count.

    Arguments: scratch, slot of what is 1 for samples that passed every guard, table of
    slots, how many, first, valid, samples. The samples from `first` on, which starts a vector,
    are looked at.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, passed, slots, n, first, valid, count = arguments
        zero, nothing = pieces.everywhere(0.0), pieces.everywhere(NOTHING_YET)
        lanes = pieces.ir.VectorType(pieces.int, pieces.width)
        counting = pieces.ir.Constant(lanes, list(range(pieces.width)))
        with pieces.loop(b, b.sub(count, first), pieces.width) as (further, _, _):
            k = b.add(first, further)
            here = b.add(pieces.spread(b, k), counting)
            ok = pieces.load(b, pieces.slot(b, scratch, passed, k))
            counts = b.and_(
                b.icmp_signed("<", here, pieces.spread(b, valid)),
                b.fcmp_ordered("!=", ok, zero),
            )
            with pieces.loop(b, n) as (j, _, _):
                place = pieces.slot(b, scratch, pieces.entry(b, slots, j), k)
                pieces.store(b, b.select(counts, pieces.load(b, place), nothing), place)

    p, i = pieces.pointer, pieces.int
    return pieces.define("mask", [p, i, p, i, i, i, i], body)


def pack(pieces: Pieces) -> Any:
    """Return the function that copies numbers by a table.

    Arguments: where to, where from, table, how many.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        to, numbers, table, n = arguments
        with pieces.loop(b, n) as (k, _, _):
            number = pieces.number(b, numbers, pieces.entry(b, table, k))
            b.store(number, pieces.at(b, to, k))

    p, i = pieces.pointer, pieces.int
    return pieces.define("pack", [p, p, p, i], body)
