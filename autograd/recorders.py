"""The recorders: for each operation of the table, the function that computes and records.

A recorder takes Values, computes the value and the local derivatives and appends one row.
`templates` has the source of each, with the formulas of the table pasted in; it is registered
with `linecache`, so tracebacks and `inspect.getsource` show it.

A recorder computes first and touches the tape last: an operation that fails leaves the tape
as it was. Local derivatives never raise; where Python would, IEEE 754 decides.
"""

import linecache
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.appending import next_reel
from autograd.errors import DomainError, PoleError, RangeError, user_line
from autograd.formulas import ARITHMETIC, FLOAT_NAMES, ieee_partial, ieee_value
from autograd.numbers import real, real_or_other
from autograd.operations import TABLE, Operation
from autograd.tape import REEL_ROWS, here, place
from autograd.templates import source

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
