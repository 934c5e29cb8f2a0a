"""The other loops over a block of samples: in, out, and added up.

`gather` brings samples in, `mask` takes out those that do not count, `pairs` and `sums` add up
over the samples, `reduce` adds up the lanes, `fixed` adds what is the same for all, `pack`
copies. Like products, they work on slots of scratch that stand in tables. Knows no program and
no function of the table.
"""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.native.pieces import Pieces
from autograd.compiling.sweeps import NOTHING_YET

# Slots that `sums` adds at a time.
SLOTS = 4


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


def reduce(pieces: Pieces) -> Any:
    """Return the function that adds the lanes of sums to results.

    Arguments: sums, table of results, how many, results.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        sums, targets, n, results = arguments
        with pieces.loop(b, n) as (k, _, _):
            vector = pieces.load(b, pieces.at(b, sums, b.mul(k, pieces.const(pieces.width))))
            place = pieces.at(b, results, pieces.entry(b, targets, k))
            total = b.load(place, typ=pieces.double)
            b.store(b.fadd(total, across(pieces, b, vector)), place)

    p, i = pieces.pointer, pieces.int
    return pieces.define("reduce", [p, p, i, p], body)


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


def fixed(pieces: Pieces, *, one_by_one: bool) -> Any:
    """Return the function that adds shared numbers to results, once for each sample.

    Arguments: shared numbers, table of them, table of results, how many, samples, results.

    Args:
        pieces: where to define it.
        one_by_one: whether to add as often as there are samples, rather than a product.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, numbers, targets, n, count, results = arguments
        one = pieces.ir.Constant(pieces.double, 1.0)
        times, factor = (
            (b.fptosi(count, pieces.int), one) if one_by_one else (pieces.const(1), count)
        )
        with pieces.loop(b, n) as (k, _, _):
            number = pieces.number(b, shared, pieces.entry(b, numbers, k))
            place = pieces.at(b, results, pieces.entry(b, targets, k))
            with pieces.loop_if_any(b, times):
                total = b.load(place, typ=pieces.double)
                b.store(b.fadd(total, b.fmul(factor, number)), place)

    p, i = pieces.pointer, pieces.int
    return pieces.define("fixed", [p, p, p, i, pieces.double, p], body)


def fixed_pairs(pieces: Pieces) -> Any:
    """Return the function that adds products of shared numbers, once for each sample.

    Arguments: shared numbers, table of left ones, table of right ones, table of results, how
    many, samples, results.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, lefts, rights, targets, n, count, results = arguments
        with pieces.loop(b, n) as (k, _, _):
            left, right = (
                pieces.number(b, shared, pieces.entry(b, table, k)) for table in (lefts, rights)
            )
            place = pieces.at(b, results, pieces.entry(b, targets, k))
            total = b.load(place, typ=pieces.double)
            b.store(b.fadd(total, b.fmul(b.fmul(count, left), right)), place)

    p, i = pieces.pointer, pieces.int
    return pieces.define("fixed_pairs", [p, p, p, p, i, pieces.double, p], body)


def shared_dot(scalars: Pieces) -> Any:
    """Return the function that adds up products of shared numbers, one after the other.

    Arguments: shared numbers, table of left ones, table of right ones, how many, where the sum
    starts from, where it goes.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, lefts, rights, n, start, out = arguments
        first = [scalars.load(b, scalars.at(b, shared, start))]
        with scalars.loop(b, n, carried=first) as (k, sums, following):
            x, y = (
                scalars.load(b, scalars.at(b, shared, scalars.entry(b, table, k)))
                for table in (lefts, rights)
            )
            following.append(scalars.multiply_add(b, x, y, sums[0]))
        scalars.store(b, following[0], scalars.at(b, shared, out))

    p, i = scalars.pointer, scalars.int
    return scalars.define("shared_dot", [p, p, p, i, i, i], body)


def shared_total(scalars: Pieces) -> Any:
    """Return the function that adds up shared numbers, one after the other.

    Arguments: shared numbers, table of them, how many, where the sum goes.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, numbers, n, out = arguments
        nothing = [scalars.everywhere(NOTHING_YET)]
        with scalars.loop(b, n, carried=nothing) as (k, sums, following):
            number = scalars.load(b, scalars.at(b, shared, scalars.entry(b, numbers, k)))
            following.append(b.fadd(sums[0], number))
        scalars.store(b, following[0], scalars.at(b, shared, out))

    p, i = scalars.pointer, scalars.int
    return scalars.define("shared_total", [p, p, i, i], body)


def gather(pieces: Pieces) -> Any:
    """Return the function that brings a block of samples into the first slots.

    Arguments: scratch, columns (each a row of `size` numbers), size, how many columns,
    order (indices of samples, or null for 0, 1, 2, ...), first, valid, samples. Beyond the
    valid ones the last is taken again: numbers that cannot go wrong.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, columns, size, n, order, first, valid, count = arguments
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
            with pieces.loop_if_any(b, n) as column:
                number = pieces.number(b, columns, b.add(b.mul(column, size), sample))
                b.store(number, pieces.slot(b, scratch, column, k))

    p, i = pieces.pointer, pieces.int
    return pieces.define("gather", [p, p, i, i, p, i, i, i], body)


def mask(pieces: Pieces) -> Any:
    """Return the function that puts -0 into slots for samples that do not count.

    Arguments: scratch, slot of what is 1 for samples that passed every guard, table of
    slots, how many, valid, samples.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        scratch, passed, slots, n, valid, count = arguments
        zero = pieces.ir.Constant(pieces.double, 0.0)
        nothing = pieces.ir.Constant(pieces.double, NOTHING_YET)
        with pieces.loop(b, count) as (k, _, _):
            ok = b.load(pieces.slot(b, scratch, passed, k), typ=pieces.double)
            counts = b.and_(b.icmp_signed("<", k, valid), b.fcmp_ordered("!=", ok, zero))
            with (
                b.if_then(b.not_(counts)),
                pieces.loop_if_any(b, n) as j,
            ):
                b.store(nothing, pieces.slot(b, scratch, pieces.entry(b, slots, j), k))

    p, i = pieces.pointer, pieces.int
    return pieces.define("mask", [p, i, p, i, i, i], body)


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
