"""Loops over shared numbers: sums of them, once a batch, and what they add to the results.

Which numbers they work on stands in tables, or is a row of them. Knows no program and no
function of the table.
"""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.native.loops import across
from autograd.compiling.native.pieces import Pieces
from autograd.compiling.sweeps import NOTHING_YET


def fixed(pieces: Pieces, *, one_by_one: bool) -> Any:
    """Return the function that adds shared numbers to results, once for each sample.

    Arguments: shared numbers, table of them, table of results, how many, samples, results.

    Args:
        pieces: where to define it.
        one_by_one: whether to add as often as there are samples, rather than a product.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, numbers, targets, n, count, results = arguments
        times = b.fptosi(count, pieces.int)
        with pieces.loop(b, n) as (k, _, _):
            number = pieces.number(b, shared, pieces.entry(b, numbers, k))
            place = pieces.at(b, results, pieces.entry(b, targets, k))
            if one_by_one:
                with pieces.loop_if_any(b, times):
                    b.store(b.fadd(b.load(place, typ=pieces.double), number), place)
            else:
                total = b.load(place, typ=pieces.double)
                b.store(b.fadd(total, b.fmul(count, number)), place)

    p, i = pieces.pointer, pieces.int
    return pieces.define("fixed", [p, p, p, i, pieces.double, p], body)


def fixed_row(pieces: Pieces) -> Any:
    """Return the function that adds products of one shared number with others in a row.

    Arguments: shared numbers, where the one is, where the others start, where their results
    start, how many (whole vectors), how many samples, results.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, left, right, to, n, count, results = arguments
        factor = pieces.spread(b, b.fmul(count, pieces.number(b, shared, left)))
        others, totals = pieces.at(b, shared, right), pieces.at(b, results, to)
        with pieces.loop(b, n, pieces.width) as (k, _, _):
            x, total = (
                b.load(pieces.at(b, base, k), typ=pieces.vector, align=8)
                for base in (others, totals)
            )
            added = pieces.multiply_add(b, factor, x, total)
            b.store(added, pieces.at(b, totals, k), align=8)

    p, i = pieces.pointer, pieces.int
    return pieces.define("fixed_row", [p, i, i, i, i, pieces.double, p], body)


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


def shared_rows(pieces: Pieces) -> Any:
    """Return the function that adds up products of shared numbers that lie in two rows.

    Arguments: shared numbers, where the left ones start, where the right ones start, how many
    (whole vectors), where the sum starts from, where it goes.
    """

    def body(b: Any, arguments: Sequence[Any]) -> None:
        shared, left, right, n, start, out = arguments
        rows = [pieces.at(b, shared, place) for place in (left, right)]
        nothing = [pieces.everywhere(NOTHING_YET)]
        with pieces.loop(b, n, pieces.width, carried=nothing) as (k, sums, following):
            x, y = (b.load(pieces.at(b, row, k), typ=pieces.vector, align=8) for row in rows)
            following.append(pieces.multiply_add(b, x, y, sums[0]))
        total = b.fadd(pieces.number(b, shared, start), across(pieces, b, following[0]))
        b.store(total, pieces.at(b, shared, out))

    p, i = pieces.pointer, pieces.int
    return pieces.define("shared_rows", [p, i, i, i, i, i], body)


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
