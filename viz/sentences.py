"""Formulas with names, and with numbers in place of the names.

What runs is what is shown: the text of a derivative is that of the table of operations, with
the operands' names, or their numbers, where it says x and y. Knows rows. Knows no page.
"""

import re
from collections.abc import Sequence

from autograd import OPERATIONS, Row, format_number
from viz.quoting import shortened
from viz.wording import slope_formula, written

_LONGEST = 160
_NUMBER = re.compile(r"(?<![\w.])(\d+)\.0(?![\d\w])")
# What is said of operations over a list, whose rules are functions and no formulas.
_LISTS = {
    "total": "1",
    "mean": "1 / n",
    "prod": "the product of the others",
    "logsumexp": "exp({x} - {out})",
    "amax": "1 if it is the largest, else 0",
    "amin": "1 if it is the smallest, else 0",
}


def with_numbers(row: Row) -> str:
    """Return the formula of a row with numbers in it.

    >>> from autograd import Value
    >>> with_numbers((Value(2.0) * -3.0).tape[-1]), with_numbers(Value(-2.0).relu().tape[-1])
    ('2 * (-3)', 'relu(-2)')
    """
    infix = row.operation == "dot" or (
        row.operation in OPERATIONS and OPERATIONS[row.operation].infix
    )
    numbers = [_number(operand.value, bracketed=infix) for operand in row.operands]
    return shortened(written(row, numbers), _LONGEST)


def with_names(row: Row, names: Sequence[str]) -> str:
    """Return the formula of a row with the names of its operands, given those of all rows."""
    operands = [
        format_number(operand.value) if operand.row is None else names[operand.row]
        for operand in row.operands
    ]
    return shortened(written(row, operands), _LONGEST)


def slope_rule(row: Row, slot: int, names: Sequence[str]) -> tuple[str, str]:
    """Return the rule for the local derivative by one operand: with names, and with numbers.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> slope_rule((a / b).tape[-1], 0, ["a", "b", "c"])
    ('1 / b', '1 / (-3)')
    """
    names_of = [
        format_number(operand.value) if operand.row is None else names[operand.row]
        for operand in row.operands
    ]
    numbers = [_number(operand.value, bracketed=True) for operand in row.operands]
    out = (names[row.number], _number(row.value, bracketed=True))
    values = [operand.value for operand in row.operands]
    if text := slope_formula(row.operation, slot, values, row.value):
        arguments = OPERATIONS[row.operation].arguments
    elif row.operation == "dot":
        text, arguments = _of_dot(slot, len(row.operands)), _places(row)
    elif row.operation in _LISTS:
        text = _LISTS[row.operation].format(x=f"x{slot}", out="out")
        arguments = (*_places(row), "n")
        count = str(len(row.operands))
        names_of, numbers = [*names_of, count], [*numbers, count]
    else:
        return "", ""
    text = _NUMBER.sub(r"\1", text)
    return (
        shortened(_put(text, arguments, names_of, out[0]), _LONGEST),
        shortened(_put(text, arguments, numbers, out[1]), _LONGEST),
    )


def _places(row: Row) -> tuple[str, ...]:
    return tuple(f"x{k}" for k in range(len(row.operands)))


def _of_dot(slot: int, count: int) -> str:
    """Return the partner of an operand of a sum of products; 1 for what it starts at."""
    length = count // 2
    if slot == count - 1:
        return "1"
    return f"x{slot + length if slot < length else slot - length}"


def _put(text: str, arguments: Sequence[str], operands: Sequence[str], out: str) -> str:
    """Return a formula with something in place of each argument, all at once."""
    into = {**dict(zip(arguments, operands, strict=False)), "out": out}
    return re.sub(r"[A-Za-z_]\w*", lambda found: into.get(found[0], found[0]), text)


def _number(x: float, *, bracketed: bool) -> str:
    text = format_number(x)
    return f"({text})" if bracketed and text.startswith("-") else text
