"""Reductions as instructions: the rules of `reductions`, one by one, in the same order.

So results agree with the engine's to the last bit.
"""

import math
from collections.abc import Callable, Sequence

from autograd.compiling.program import SELECT, TAKE, Builder

Places = Sequence[int]


def _mean(build: Builder, xs: Places) -> int:
    return build.emit("div", build.emit("total", *xs), build.constant(float(len(xs))))


def _prod(build: Builder, xs: Places) -> int:
    if not xs:
        return build.constant(1.0)
    out = xs[0]
    for x in xs[1:]:
        out = build.emit("mul", out, x)
    return out


def _largest(build: Builder, xs: Places) -> int:
    out = xs[0]
    for x in xs[1:]:
        out = build.emit(SELECT, build.emit("lt", out, x), x, out)
    return out


def _weights(build: Builder, xs: Places) -> tuple[int, list[int], int]:
    """Return the largest, exp(x - largest) for each x, and the sum of those."""
    largest = _largest(build, xs)
    weights = [build.emit("exp", build.emit("sub", x, largest)) for x in xs]
    return largest, weights, build.emit("total", *weights)


def _logsumexp(build: Builder, xs: Places) -> int:
    largest, _, norm = _weights(build, xs)
    finite = build.emit("add", largest, build.emit("log", norm))
    size = build.emit("abs", largest)
    infinite = build.emit("eq", size, build.constant(math.inf))
    return build.emit(SELECT, infinite, largest, finite)


def _extreme(better: Callable[[int, int], tuple[int, int]]) -> Callable[[Builder, Places], int]:
    def lowered(build: Builder, xs: Places) -> int:
        out = xs[0]
        for x in xs[1:]:
            taken = build.emit("or", build.emit("lt", *better(x, out)), build.emit("ne", x, x))
            out = build.emit(SELECT, taken, x, out)
        return out

    return lowered


def _take(build: Builder, operands: Places) -> int:
    """Return the number at an index, by asking for each in turn; the last is for the rest."""
    index, *choices = operands
    out = choices[-1]
    for k in range(len(choices) - 2, -1, -1):
        asked = build.emit("eq", index, build.constant(float(k)))
        out = build.emit(SELECT, asked, choices[k], out)
    return out


REDUCED: dict[str, Callable[[Builder, Places], int]] = {
    "mean": _mean,
    "prod": _prod,
    "logsumexp": _logsumexp,
    "amax": _extreme(lambda x, out: (out, x)),
    "amin": _extreme(lambda x, out: (x, out)),
    TAKE: _take,
}

Moving = Sequence[bool]


def _dot_partials(_build: Builder, operands: Places, _out: int, _moving: Moving) -> list[int]:
    length = len(operands) // 2
    one = _build.constant(1.0)
    return [*operands[length:-1], *operands[:length], one]


def _total_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    return [build.constant(1.0)] * len(xs)


def _mean_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    return [build.constant(1.0 / len(xs))] * len(xs)


def _prod_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    def running(steps: Places) -> list[int]:
        products = [build.constant(1.0)]
        for x in steps:
            products.append(build.emit("mul", products[-1], x))
        return products

    if len(xs) == 1:
        return [build.constant(1.0)]
    before, after = running(xs[:-1]), running(xs[:0:-1])
    pairs = zip(before, reversed(after), strict=True)
    return [build.emit("mul", left, right) for left, right in pairs]


def _logsumexp_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    _, weights, norm = _weights(build, xs)
    return [build.emit("div", weight, norm) for weight in weights]


def _extreme_partials(build: Builder, xs: Places, out: int, moving: Moving) -> list[int]:
    zero, one = build.constant(0.0), build.constant(1.0)
    tied = [build.emit("eq", x, out) for x in xs]
    count = build.emit("total", *(build.emit(SELECT, tie, one, zero) for tie in tied))
    share = build.emit("div", one, count)
    for tie, moves in zip(tied, moving, strict=True):
        if not moves:
            # A constant in the tie leaves slope 0.
            share = build.emit(SELECT, tie, zero, share)
    return [build.emit(SELECT, tie, share, zero) for tie in tied]


def _take_partials(build: Builder, operands: Places, _out: int, _moving: Moving) -> list[int]:
    index, *choices = operands
    zero, one = build.constant(0.0), build.constant(1.0)
    asked = [build.emit("eq", index, build.constant(float(k))) for k in range(len(choices))]
    return [zero, *(build.emit(SELECT, truth, one, zero) for truth in asked)]


REDUCED_PARTIALS: dict[str, Callable[[Builder, Places, int, Moving], list[int]]] = {
    "dot": _dot_partials,
    "total": _total_partials,
    "mean": _mean_partials,
    "prod": _prod_partials,
    "logsumexp": _logsumexp_partials,
    "amax": _extreme_partials,
    "amin": _extreme_partials,
    TAKE: _take_partials,
}
