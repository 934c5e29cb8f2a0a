"""What a Value was computed from, as Values: for people who walk a graph by hand.

The engine itself reads rows. micrograd's users read `_prev`, call `_backward` and put their
own in its place, and expect to meet the same object each time; this is where rows turn into
such objects. Knows no derivative and no order of sweeping.
"""

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from autograd.recorders import NAMESPACE, handle_on
from autograd.rows import CUSTOM, operands_of, symbol
from autograd.tape import Reel

if TYPE_CHECKING:
    from autograd.value import Value


def children(value: "Value") -> "tuple[Value, ...]":
    """Return the operands of a Value in order, constants as Values; none of a leaf."""
    reel = value._home()
    if reel is None:
        return ()
    if "_operands" not in value.__dict__:
        # Kept from now on: whoever walks a graph by identity must find the same objects
        # again. A Value keeps those below it, so no cycle comes of it.
        value.__dict__["_operands"] = tuple(
            _stand_in(reel, row, constant, (value._row, slot))
            for slot, (row, constant, _) in enumerate(operands_of(reel.rows[value._row]))
        )
    return value.__dict__["_operands"]  # type: ignore[no-any-return]


def local_derivatives(value: "Value") -> tuple[float | None, ...]:
    """Return the local derivative for each child, None for a constant."""
    reel = value._home()
    return () if reel is None else tuple(d for _, _, d in operands_of(reel.rows[value._row]))


def own_step(value: "Value") -> Callable[[], object] | None:
    """Return the `_backward` that a learner gave a Value, None if nobody did."""
    reel = value._home()
    return value.__dict__.get("_closure") if reel is None else reel.closures.get(value._row)


def set_step(value: "Value", closure: Callable[[], object]) -> None:
    """Let the sweep call a learner's function where it would use local derivatives."""
    reel = value._home()
    if reel is None:
        value.__dict__["_closure"] = closure
        return
    name, data, *_ = raw = reel.rows[value._row]
    found = operands_of(raw)
    constants = tuple(None if row is not None else constant for row, constant, _ in found)
    rows = tuple(row for row, _, _ in found if row is not None)
    name = name if name.startswith(CUSTOM) else CUSTOM + symbol(raw)
    reel.rows[value._row] = (name, data, (rows, None, constants))
    reel.closures[value._row] = closure


def hand_down(value: "Value") -> None:
    """Add the gradient of a Value, times the local derivatives, to its operands'."""
    gradient = value.grad
    for child, partial in zip(children(value), local_derivatives(value), strict=True):
        if partial is not None:
            child.grad += gradient * partial


def _stand_in(reel: Reel, row: int | None, constant: float, slot: tuple[int, int]) -> "Value":
    """Return the Value for an operand: what entered, or one handle per row or constant."""
    if row is not None and row in reel.entries:
        return reel.entries[row]
    key = slot if row is None else row
    if row is not None and reel.looked_at != len(reel.rows):
        _find_handles(reel)
    known = reel.handles.get(key)
    if known is None:
        if row is None:
            known = handle_on(None, 0, constant)
            known.become_leaf()
        else:
            known = handle_on(reel, row, reel.rows[row][1])
        reel.handles[key] = known
    return known


def _find_handles(reel: Reel) -> None:
    """Note which Values the program holds on a reel; slow, and only for who asks for them."""
    for thing in gc.get_referrers(reel):
        if isinstance(thing, NAMESPACE["Value"]) and thing._reel is reel:
            reel.handles.setdefault(thing._row, thing)
    reel.looked_at = len(reel.rows)
