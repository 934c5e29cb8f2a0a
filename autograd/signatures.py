"""What public functions are to type checkers and in docstrings, and how numbers reach them.

Knows the table. Knows no recorder.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, overload

from autograd.numbers import real
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS
from autograd.value import Value

Number = float | Value


class Unary(Protocol):
    """A function of one number: float to float, Value to Value."""

    @overload
    def __call__(self, x: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, /) -> float: ...


class Binary(Protocol):
    """A function of two numbers: a Value if either is one."""

    @overload
    def __call__(self, x: Value, y: Number, /) -> Value: ...
    @overload
    def __call__(self, x: Number, y: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: float, /) -> float: ...


class Reduction(Protocol):
    """A function of a list of numbers: a Value if any of them is one."""

    @overload
    def __call__(self, xs: Iterable[Value], /) -> Value: ...
    @overload
    def __call__(self, xs: Iterable[float], /) -> float: ...
    @overload
    def __call__(self, xs: Iterable[Number], /) -> Number: ...


def number_or_value(thing: Any, name: str) -> Any:
    """Return a Value as it is and any other real number as a float."""
    return thing if isinstance(thing, Value) else real(thing, name)


def described(function: Callable[..., Any], name: str, call: str, result: str) -> None:
    """Give a function its name and the docstring that its row of the table says."""
    lines = [f"Return {(TABLE.get(name) or REDUCTIONS[name]).about}.", ""]
    lines += ["A float for floats, a Value as soon as one is given.", ""]
    if name in TABLE:
        operation = TABLE[name]
        slopes = zip(operation.arguments, operation.partials, strict=False)
        lines += [f"    d/d{argument} = {formula}" for argument, formula in slopes]
        if operation.domain:
            lines += ["", "Raises:", f"    DomainError: unless {operation.domain}."]
    lines += ["", "Example:", f'    >>> print(f"{{{call}:.4f}}")', f"    {result}", ""]
    function.__doc__ = "\n".join(lines)
    function.__name__ = function.__qualname__ = name
