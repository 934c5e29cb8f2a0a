"""The recorders: for each operation of the table, the function that computes and records.

A recorder takes Values, computes the value and the local derivatives by pasting the formulas
of the table, and appends one row. All recorders come from the templates below, written out
operation by operation because a generic one that calls formulas takes twice the time. The
generated source is registered with `linecache`, so tracebacks and `inspect.getsource` show it;
`source("tanh")` returns it.

A recorder computes first and touches the tape last: an operation that fails leaves the tape
as it was. Local derivatives never raise; where Python would, IEEE 754 decides.
"""

import linecache
import re
from collections.abc import Callable, Sequence
from textwrap import indent
from typing import TYPE_CHECKING, Any

from autograd.appending import next_reel
from autograd.errors import DomainError, PoleError, RangeError, user_line
from autograd.formulas import ARITHMETIC, FLOAT_NAMES, ieee_partial, ieee_value
from autograd.numbers import real, real_or_other
from autograd.operations import TABLE, Operation
from autograd.tape import REEL_ROWS, here, place

if TYPE_CHECKING:
    from autograd.value import Value


def rescue(name: str, error: Exception, *operands: "Value | float") -> float:
    """Return the value by IEEE 754 under `ieee()`; otherwise raise, and say what failed."""
    numbers = [x if isinstance(x, float) else x._data for x in operands]
    if here.ieee:
        return ieee_value(TABLE[name], numbers)
    raise _explained(TABLE[name], error, operands, numbers) from None


def _explained(
    operation: Operation,
    error: Exception,
    operands: "Sequence[Value | float]",
    numbers: Sequence[float],
) -> Exception:
    call = operation.written(list(operation.arguments))
    labels = ["" if isinstance(x, float) else x.label for x in operands]
    given = ", ".join(
        f"{name} = {number!r}" + (f" (labelled {label!r})" if label else "")
        for name, number, label in zip(operation.arguments, numbers, labels, strict=True)
    )
    advice = "`with autograd.ieee():` gives inf or nan instead"
    if isinstance(error, OverflowError):
        return RangeError(f"{call} is too large for a float at {given}{user_line()}; {advice}")
    pole = isinstance(error, ZeroDivisionError) or (operation.name == "pow" and not numbers[0])
    return (PoleError if pole else DomainError)(
        f"{call} needs {operation.domain or 'finite operands'}, got {given}{user_line()}; "
        f"{advice}"
    )


def ieee_partials(name: str, *operands: float) -> Any:
    """Return the local derivatives by IEEE 754: one number, or a tuple for two arguments.

    The last of `operands` is the value.
    """
    operation = TABLE[name]
    names = dict(zip((*operation.arguments, "out"), operands, strict=True))
    partials = tuple(ieee_partial(text, names | {"tie": 0.5}) for text in operation.partials)
    return partials if len(partials) > 1 else partials[0]


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


NAMESPACE: dict[str, Any] = {
    **FLOAT_NAMES,
    "__name__": __name__,
    "ARITHMETIC": ARITHMETIC,
    "REEL_ROWS": REEL_ROWS,
    "here": here,
    "ieee_partials": ieee_partials,
    "new": object.__new__,
    "next_reel": next_reel,
    "place": place,
    "real": real,
    "real_or_other": real_or_other,
    "rescue": rescue,
}


def generated(name: str, kind: str) -> Callable[..., Any]:
    """Return a generated function of an operation, compiled on first use.

    `kind` is "record" (first argument a Value), "reflected" (a Value and the constant to the
    left of it) or "plain" (floats alone). Compiling all of them at import would take longer
    than the rest of the import together.
    """
    wanted = f"{kind}_{name}"
    if wanted not in NAMESPACE:
        text, file = source(name), f"<autograd recorder of {name}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        exec(compile(text, file, "exec"), NAMESPACE)  # noqa: S102 - our own source
    return NAMESPACE[wanted]  # type: ignore[no-any-return]


# Where in Value a method stands that has yet to be compiled.
_first_uses: dict[Callable[..., Any], list[str]] = {}


def recorder(name: str, kind: str = "record") -> Callable[..., Any]:
    """Return a method for Value that compiles its recorder when it is first called.

    It then puts the recorder in its own place, so that later calls are direct.
    """

    def first_use(*args: Any, **kwargs: Any) -> Any:
        function = generated(name, kind)
        attributes = _first_uses[first_use]
        while attributes:
            attribute = attributes.pop()
            # Unless somebody has put another method there meanwhile.
            if vars(NAMESPACE["Value"]).get(attribute) is first_use:
                setattr(NAMESPACE["Value"], attribute, function)
        return function(*args, **kwargs)

    _first_uses[first_use] = []
    first_use.__name__ = name
    first_use.__doc__ = f"Return {TABLE[name].about}; see `autograd.{name}`."
    return first_use


def set_value_class(value_class: type) -> None:
    """Tell the recorders which class their results have."""
    NAMESPACE["Value"] = value_class
    for attribute, method in vars(value_class).items():
        if callable(method) and method in _first_uses:
            _first_uses[method].append(attribute)


_new = object.__new__


def handle_on(reel: Any, row: int, data: float) -> "Value":
    """Return a Value that stands for a row."""
    handle: Value = _new(NAMESPACE["Value"])
    handle._data = data
    handle._reel = reel
    handle._row = row
    return handle
