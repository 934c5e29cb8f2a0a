"""The source of the recorders: templates filled with the formulas of the table.

All recorders are written out from here, operation by operation, because a generic one that
calls formulas takes twice the time. Knows what a recorder does, step by step; runs nothing.
"""

import re
from collections.abc import Sequence
from textwrap import indent

from autograd.operations import TABLE, Operation

# The templates. {value}, {dx} and {dy} are formulas; x, y and out are the floats in them.

_PLAIN = """
def plain_{name}({arguments}):
    try:
        return {value}
    except ARITHMETIC as error:
        return rescue("{name}", error, {arguments})
"""

# Find the row `i` of a Value `a` whose data is `x`, or let place() enter it.
_PLACE = """
home = {a}._reel
if home is reel:
    {i} = {a}._row
elif home is None:
    stamp, {i}, data = {a}._row
    if data is not {x} or stamp != reel.stamp:
        reel, ({i},) = place(({a},))
else:
    reel, ({all_rows},) = place(({all_operands},))
"""

_VALUE = """
try:
    out = {value}
except ARITHMETIC as error:
    out = rescue("{name}", error, {operands})
"""

_PARTIALS = """
try:
    {assignments}
except ARITHMETIC:
    {targets} = ieee_partials("{name}", {arguments}, out){pick}
"""

_APPEND = """
rows = reel.rows
index = len(rows)
rows.append({row})
handle = new(Value)
handle._data = out
handle._reel = reel
handle._row = index
if index >= REEL_ROWS:
    next_reel()
return handle
"""

_UNARY = """
def record_{name}(self{defaults}):
    {conversions}
    x = self._data
    {value}
    {partials}
    reel = here.reel
    {place}
    {append}
"""

_BINARY = """
def record_{name}(self, other):
    if type(other) is not Value and not isinstance(other, Value):
        y = other if type(other) is float else {convert}(other, "{shown}")
        if y is NotImplemented:
            return y
        x = self._data
        {left}
    x = self._data
    y = other._data
    {value}
    {partials}
    reel = here.reel
    {place}
    {append}

def reflected_{name}(self, other):
    x = other if type(other) is float else {convert}(other, "{shown}")
    if x is NotImplemented:
        return x
    y = self._data
    {right}
"""


def _fill(template: str, **parts: str) -> str:
    """Return the template with its parts, each indented to where its name stands."""
    out = []
    for line in template.strip("\n").split("\n"):
        stripped = line.lstrip()
        name = stripped[1:-1]
        if stripped.startswith("{") and stripped.endswith("}") and name in parts:
            if parts[name].strip():
                out.append(indent(parts[name].strip("\n"), line[: -len(stripped)]))
        else:
            out.append(line.format(**parts))
    return "\n".join(out) + "\n"


def _value(operation: Operation, operands: str) -> str:
    return _fill(_VALUE, name=operation.name, value=operation.value, operands=operands)


def _partials(operation: Operation, which: Sequence[int], tie: str) -> str:
    """Return the code for the local derivatives with respect to some of the arguments."""
    targets = ["d", "e"]
    texts = [re.sub(r"\btie\b", tie, operation.partials[k]) for k in which]
    lines = [f"{targets[k]} = {text}" for k, text in zip(which, texts, strict=True)]
    if not any("/" in text or "(" in text for text in texts):
        return "\n".join(lines) + "\n"
    pick = "" if len(which) == len(operation.partials) else f"[{which[0]}]"
    return _fill(
        _PARTIALS,
        assignments="\n".join(lines),
        name=operation.name,
        targets=", ".join(targets[k] for k in which),
        arguments=", ".join(operation.arguments),
        pick=pick,
    )


def _place(a: str, i: str, x: str, rows: str, operands: str) -> str:
    return _fill(_PLACE, a=a, i=i, x=x, all_rows=rows, all_operands=operands)


def _append(row: str) -> str:
    return _fill(_APPEND, row=row)


def _source_of_unary(operation: Operation) -> str:
    names = operation.arguments[1:]
    defaults = zip(names, operation.constants, strict=True)
    conversions = [
        f'{name} = {name} if type({name}) is float else real({name}, "{operation.name}")'
        for name in names
    ]
    constants = ", ".join(names)
    row = f'("{operation.name}", out, i, d{", " + constants if names else ""})'
    if len(names) > 1:
        row = f'("{operation.name}", out, ((i,), (d,), (None, {constants})))'
    return _fill(
        _UNARY,
        name=operation.name,
        defaults="".join(f', {name}=float("{default}")' for name, default in defaults),
        conversions="\n".join(conversions),
        value=_value(operation, ", ".join(("self", *names))),
        partials=_partials(operation, [0], "0.0"),
        place=_place("self", "i", "x", "i", "self"),
        append=_append(row),
    )


def _source_of_binary(operation: Operation) -> str:
    name = operation.name
    both = ("i, j", "self, other")

    def against_constant(which: int, operands: str, row: str) -> str:
        return (
            _value(operation, operands)
            + _partials(operation, [which], "0.0")
            + "reel = here.reel\n"
            + _place("self", "ij"[which], "xy"[which], "ij"[which], "self")
            + _append(row)
        )

    return _fill(
        _BINARY,
        name=name,
        shown=operation.written(["x", "y"]),
        # Only an operator may leave the rest to the other operand's type.
        convert="real_or_other" if operation.infix else "real",
        left=against_constant(0, "self, y", f'("{name}", out, i, d, y)'),
        right=against_constant(1, "x, self", f'("{name}", out, x, j, e)'),
        value=_value(operation, "self, other"),
        partials=_partials(operation, [0, 1], "0.5"),
        place=_place("self", "i", "x", *both) + _place("other", "j", "y", *both),
        append=_append(f'("{name}", out, i, d, j, e)'),
    )


def source(name: str) -> str:
    """Return the generated source of an operation: on floats alone, and on Values."""
    operation = TABLE[name]
    arguments = ", ".join(operation.arguments)
    text = _fill(_PLAIN, name=name, arguments=arguments, value=operation.value)
    if operation.arguments == ("x", "y"):
        text += "\n" + _source_of_binary(operation)
    elif len(operation.partials) == 1:
        text += "\n" + _source_of_unary(operation)
    return text
