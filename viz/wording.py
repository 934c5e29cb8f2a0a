"""What is written about an operation: its formula, its rule, and which operand is which.

Reads the table of operations. Knows no tape, no graph and no layout.
"""

from collections.abc import Sequence
from functools import lru_cache

from autograd import OPERATIONS, Row, applying

# Operations that give the same result whatever the order of their operands.
_SYMMETRIC = frozenset(
    {
        "add",
        "mul",
        "minimum",
        "maximum",
        "hypot",
        "logaddexp",
        "total",
        "mean",
        "prod",
        "logsumexp",
        "amax",
        "amin",
    }
)


def reading_order(operation: str, count: int) -> list[int]:
    """Return the slots of the operands in the order in which people read them.

    That is their own order, but for `dot`: its operands are x1 ... xn, y1 ... yn and what the
    sum starts at, and people read pair by pair.

    >>> reading_order("sub", 2), reading_order("dot", 5)
    ([0, 1], [0, 2, 1, 3, 4])
    """
    if operation != "dot":
        return list(range(count))
    length = count // 2
    pairs = ((place, length + place) for place in range(length))
    return [*(slot for pair in pairs for slot in pair), count - 1]


def slot_names(operation: str, count: int) -> list[str]:
    """Return a name for each operand, "" where exchanging operands changes nothing.

    >>> slot_names("sub", 2), slot_names("mul", 2), slot_names("leaky_relu", 2)
    (['left', 'right'], ['', ''], ['', 'slope'])
    >>> slot_names("dot", 5)
    ['pair 1', 'pair 2', 'pair 1', 'pair 2', 'start']
    """
    if operation in _SYMMETRIC or count == 1:
        return [""] * count
    if operation == "dot":
        pairs = [f"pair {place + 1}" for place in range(count // 2)]
        return [*pairs, *pairs, "start"]
    if operation == "where":
        return ["condition", "then", "else"]
    known = OPERATIONS.get(operation)
    if known is None:
        return [f"operand {place + 1}" for place in range(count)]
    if known.infix:
        return ["left", "right"]
    moving = len(known.partials)
    moved = [""] if moving == 1 else [f"operand {place + 1}" for place in range(moving)]
    return [*moved, *known.arguments[moving:]]


def written(row: Row, operands: Sequence[str]) -> str:
    """Return the operation of a row applied to named operands, as people write it."""
    known = OPERATIONS.get(row.operation)
    if known is not None:
        return known.written(list(operands))
    if row.operation == "dot":
        length = len(operands) // 2
        pairs = zip(operands[:length], operands[length:-1], strict=True)
        return " + ".join([operands[-1], *(f"{x} * {y}" for x, y in pairs)])
    return f"{row.op or row.operation}({', '.join(operands)})"


# A longer formula is shown as far as it applies to the numbers at hand.
_LONGEST_FORMULA = 60


def slope_formula(operation: str, slot: int, operands: Sequence[float], out: float) -> str:
    """Return the table's formula for the derivative by one operand, or "" if it has none.

    Of a long one with conditions, the part that applies at these numbers.

    >>> slope_formula("relu", 0, [2.0], 2.0), slope_formula("pow", 0, [3.0, 2.0], 9.0)
    ('0.0 if x <= 0.0 else 1.0 if x > 0.0 else nan', 'y * x ** (y - 1.0)')
    """
    known = OPERATIONS.get(operation)
    if known is None or slot >= len(known.partials):
        return ""
    formula = known.partials[slot]
    if len(formula) <= _LONGEST_FORMULA:
        return formula
    return applying(operation, slot, operands, out)


def derivative_rule(operation: str, slot: int, operands: Sequence[float], out: float) -> str:
    """Return the rule for the derivative by one operand at some numbers, or "".

    >>> derivative_rule("mul", 0, [2.0, 3.0], 6.0)
    'd(x * y)/dx = y'
    >>> derivative_rule("pow", 0, [3.0, 2.0], 9.0)
    'd(x ** y)/dx = y * x ** (y - 1.0)'
    """
    formula = slope_formula(operation, slot, operands, out)
    return _rule(operation, slot, formula) if formula else ""


@lru_cache(maxsize=1024)  # asked for every arrow of a large graph
def _rule(operation: str, slot: int, formula: str) -> str:
    known = OPERATIONS[operation]
    applied = known.written(list(known.arguments))
    return f"d({applied})/d{known.arguments[slot]} = {formula}"
