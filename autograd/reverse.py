"""The reverse sweep: the gradient of every row that a result depends on.

Knows the order of a tape: newest reel first, last row first. Knows no derivative; the local
derivatives stand in the rows. `pull_rows` is the one loop that every sweep over numbers runs,
that of `backward()` and those of the transforms.

The zero-adjoint rule: a row whose adjoint is exactly 0.0 is skipped. So `0 * inf` on a branch
that was not taken cannot turn a gradient into nan. Nor can `inf * 0`, where the 0 is the slope
of an operation that selects (relu, where, maximum, stop_gradient): nothing flows there.
The forward sweep has the mirror of this rule; `linear` holds the two together.
"""

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from autograd.errors import DefinitionWarning, user_stacklevel
from autograd.rows import operands_of, selects, symbol
from autograd.tape import VOID, Raw, Reel, here, renew

if TYPE_CHECKING:
    from autograd.value import Value

# What is done with the adjoint of a row whose local derivatives are a learner's own function:
# called with the reel, the row and the rows of its operands.
ByHand = Callable[[Reel, int, tuple[int, ...]], None]
Pending = dict[int, Reel]
# What leaves are about to get, by id. Summed up first: twice the sweep is twice the gradient,
# to the last bit.
Gains = dict[int, tuple["Value", float]]


def sweep(reel: Reel, row: int, seed: float) -> None:
    """Put the gradient of one row on every row below it and add it to every leaf.

    The reels' own gradients start afresh; those of leaves accumulate, and change only once
    the whole sweep is done.
    """
    pending: Pending = {}
    _demand(reel, row, pending)[row] = seed
    gains: Gains = {}
    while pending:
        newest = pending.pop(max(pending))
        pull_rows(newest, newest.reach(0), partial(_run_closure, pending))
        _hand_over(newest, pending, gains)
    for leaf, gain in gains.values():
        leaf.gain(gain)
    if here.reel is not VOID and here.reel.rows:
        renew()


def _demand(reel: Reel, row: int, pending: Pending) -> list[float]:
    """Return a reel's gradients in this sweep, at least as long as the row asks for."""
    if reel.stamp not in pending:
        pending[reel.stamp] = reel
        reel.adjoints = None
    return reel.reach(row)


def pull_rows(  # noqa: C901, PLR0912 - the hot loop
    reel: Reel, adjoints: list[float], by_hand: ByHand
) -> None:
    """Hand the adjoint of every row of a reel down to its operands, last row first.

    Adds to `adjoints`, which holds one number for each row, up to the last that has one.
    """
    rows = reel.rows
    watch = here.watch
    for index in range(len(adjoints) - 1, -1, -1):
        g = adjoints[index]
        if watch is not None:
            watch.check_row(reel, index, g)
        if not g:
            continue
        row = rows[index]
        if g - g != 0.0 and selects(row[0]):
            _spread(row, g, adjoints)
            continue
        length = len(row)
        if length == 6:
            _, _, i, d, j, e = row
            adjoints[i] += g * d
            adjoints[j] += g * e
        elif length == 4:
            _, _, i, d = row
            adjoints[i] += g * d
        elif length == 5:
            _, _, i, d, e = row
            if type(i) is int:
                adjoints[i] += g * d
            else:
                adjoints[d] += g * e
        elif length == 3:
            operands, partials, _ = row[2]
            if partials is None:
                by_hand(reel, index, operands)
            else:
                for i, d in zip(operands, partials, strict=True):
                    adjoints[i] += g * d


def _spread(row: Raw, g: float, adjoints: list[float]) -> None:
    """Hand an infinite or undefined adjoint to the operands that were selected."""
    for i, _, d in operands_of(row):
        if i is not None and d:
            adjoints[i] += g * d


def _run_closure(pending: Pending, reel: Reel, index: int, operands: tuple[int, ...]) -> None:
    """Call a learner's own `_backward`, which adds to the gradients of its operands."""
    closure = reel.closures.get(index)
    if closure is None:
        warnings.warn(
            f"the operation {symbol(reel.rows[index])!r} passes no gradient to its operands; "
            "assign out._backward or use autograd.operation, or, if it is meant so, say "
            "out._backward = lambda: None",
            DefinitionWarning,
            stacklevel=user_stacklevel(),
        )
        return
    for row in operands:
        value = reel.entries.get(row)
        if value is not None and value._reel is not None:
            _demand(value._reel, value._row, pending)
    closure()


def _hand_over(reel: Reel, pending: Pending, gains: Gains) -> None:
    """Give the gradients of what entered to the leaves and to the older reels."""
    adjoints = reel.reach(0)
    for row, value in reel.entries.items():
        if row >= len(adjoints):
            break
        gain = adjoints[row]
        home = value._reel
        if home is None:
            known = gains.get(id(value))
            gains[id(value)] = (value, gain if known is None else known[1] + gain)
        else:
            # Even a gain of 0: what an earlier sweep left on that reel must not stay.
            _demand(home, value._row, pending)[value._row] += gain
