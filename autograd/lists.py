"""Recording operations over lists: reductions, `where`, and the dot product by itself.

The dot product is where a network spends its time, so it has its own path for the common
case, Values against Values or floats: the same numbers, half the time. Knows no derivative but
through the rules in `reductions`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd.appending import append_many
from autograd.formulas import ieee_partial
from autograd.operations import TABLE
from autograd.recorders import NAMESPACE, generated, handle_on
from autograd.reductions import REDUCTIONS

if TYPE_CHECKING:
    from autograd.value import Value


def record_many(name: str, operands: "Sequence[Value | float]") -> "Value":
    """Compute a reduction, or `where`, over Values and floats and record it as one row."""
    value_class = NAMESPACE["Value"]
    if set(map(type, operands)) == {value_class}:
        values, constants = operands, None
        numbers = [x._data for x in operands]  # type: ignore[union-attr]
        active: Sequence[bool] = [True] * len(operands)
    else:
        active = [isinstance(x, value_class) for x in operands]
        pairs = list(zip(operands, active, strict=True))
        values = [x for x, moves in pairs if moves]
        numbers = [x._data if moves else x for x, moves in pairs]  # type: ignore[union-attr]
        constants = tuple(None if moves else x for x, moves in pairs)
    out, partials = _value_and_partials(name, numbers, active)
    if constants is not None:
        partials = [d for d, moves in zip(partials, active, strict=True) if moves]
    return handle_on(*append_many(name, out, values, partials, constants), out)  # type: ignore[arg-type]


def _value_and_partials(
    name: str, numbers: list[Any], active: Sequence[bool]
) -> tuple[float, list[float]]:
    if name in REDUCTIONS:
        rule = REDUCTIONS[name]
        out = rule.value(numbers)
        return out, rule.partials(numbers, out, active)
    operation = TABLE[name]
    out = generated(name, "plain")(*numbers)
    names = dict(zip((*operation.arguments, "out"), (*numbers, out), strict=True))
    return out, [ieee_partial(text, names) for text in operation.partials]


def record_dot(xs: "list[Value]", ys: list[Any], start: Any) -> "Value | None":
    """Record start + x1*y1 + ... + xn*yn, or return None if it is not the common case.

    That is: all xs are Values, the ys are all Values or all floats, the start is one of either.
    """
    try:
        x_data = [x._data for x in xs]
        constants: tuple[float | None, ...] | None = None
        if type(ys[0]) is float:
            if {*map(type, ys)} != {float}:
                return None
            y_data, values, partials = ys, (*xs, start), (*ys, 1.0)
            constants = (*(None for _ in xs), *ys, None)
        else:
            y_data = [y._data for y in ys]
            values, partials = (*xs, *ys, start), (*y_data, *x_data, 1.0)
        if type(start) is float:
            out, values, partials = start, values[:-1], partials[:-1]
            constants = (*(constants[:-1] if constants else (None for _ in values)), start)
        else:
            out = start._data
    except (AttributeError, IndexError):
        return None
    for x, y in zip(x_data, y_data, strict=True):
        out += x * y
    return handle_on(*append_many("dot", out, values, partials, constants), out)
