"""A tape replayed on other numbers: exact fractions, complex steps, any number of digits.

The same rows and the same formulas, read over `fractions.Fraction`, `complex` or
`mpmath.mpf`. Values and gradients come out in that kind of number, so a fraction's gradient is
exact and an mpmath gradient has as many digits as its context.

Outside a domain floats and mpmath follow IEEE 754: log(-1) is nan, 1 / 0 is inf. Complex
numbers take the principal branch, so log(-1) is i pi; where they have no value, and where a
fraction has none, an error names the row. Knows no Value and no layout.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from autograd.errors import (
    DomainError,
    LengthError,
    NumberError,
    PoleError,
    RangeError,
    shown,
)
from autograd.formulas import ARITHMETIC
from autograd.kinds import kind_of
from autograd.operations import TABLE
from autograd.readings import Reading, local_derivatives, no_formula
from autograd.reductions import REDUCTIONS
from autograd.rows import LEAF, Row, selects, written


@dataclass(frozen=True, slots=True)
class Replay:
    """What a tape gives on other numbers.

    Attributes:
        values: the value of each row, by row number.
        gradients: the gradient of the last row with respect to each row.
    """

    values: tuple[Any, ...]
    gradients: tuple[Any, ...]


Inputs = Mapping[str | int, Any] | Sequence[Any] | None


def replay(rows: Sequence[Row], inputs: Inputs = None, *, number: type = float) -> Replay:
    """Return the values and gradients of a tape over another kind of number.

    Args:
        rows: the rows, as `Tape.rows` or `value.tape` gives them.
        inputs: numbers for the leaves: by label or row number, or one for each leaf in
            order. A leaf that is left out keeps its recorded data, converted.
        number: float, fractions.Fraction, complex or mpmath.mpf.

    Raises:
        NumberError: if the kind of number has no such function (a fraction has no exp), or
            does not hold an input (a fraction holds no inf).
        PoleError, DomainError, RangeError: if fractions or complex numbers have no value at
            the operands of a row.
        LengthError: if a list of inputs has not one number for each leaf.
        KeyError: if inputs name no leaf.

    Example:
        >>> from fractions import Fraction
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> replay((x * x / 7.0).tape, {"x": Fraction(1, 3)}, number=Fraction).gradients[0]
        Fraction(2, 21)
    """
    reading, convert = kind_of(number)
    given = _by_number(rows, inputs)
    values: list[Any] = []
    for row in rows:
        if row.operation == LEAF:
            values.append(_converted(given.get(row.number, row.value), convert, row.name))
            continue
        operands = _operands(row, values, convert)
        try:
            values.append(_value(row, operands, reading))
        except ARITHMETIC as error:
            raise _explained(error, "value", row, operands) from None
    gradients: list[Any] = [convert(0)] * len(rows)
    if rows:
        gradients[-1] = convert(1)
    for row in reversed(rows):
        if row.operation != LEAF and gradients[row.number] != 0:
            _pull(row, values, gradients, reading, convert)
    return Replay(tuple(values), tuple(gradients))


Convert = Callable[[Any], Any]


def _converted(x: Any, convert: Convert, name: str) -> Any:
    """Return an input in the kind of number that is replayed on."""
    try:
        return convert(x) if not isinstance(x, str) else convert(None)
    except (TypeError, ValueError):
        raise NumberError(f"replay needs a number for {name}, got {shown(x)}") from None
    except OverflowError:
        raise NumberError(
            f"replay got {shown(x)} for {name}, and this kind of number holds no inf"
        ) from None


def _operands(row: Row, values: Sequence[Any], convert: Convert) -> list[Any]:
    return [
        _converted(x.value, convert, f"a constant of {row.name}")
        if x.row is None
        else values[x.row]
        for x in row.operands
    ]


def _explained(error: Exception, what: str, row: Row, operands: Sequence[Any]) -> Exception:
    """Return the error for a row that has no value, or no slope, at its operands."""
    call = written(row, [str(x) for x in operands])
    kind = next((c for e, c in _ERRORS.items() if isinstance(error, e)), DomainError)
    return kind(
        f"{call}, in row {row.name}, has no {what} in this kind of number; replay with float "
        "or mpmath.mpf, where it is inf or nan"
    )


_ERRORS: dict[type[Exception], type[Exception]] = {
    ZeroDivisionError: PoleError,
    OverflowError: RangeError,
}


def _pull(
    row: Row, values: list[Any], gradients: list[Any], reading: Reading, convert: Convert
) -> None:
    moving = [x.row is not None for x in row.operands]
    operands = _operands(row, values, convert)
    name, out = row.operation, values[row.number]
    try:
        partials = local_derivatives(name, moving, operands, out, reading)
        for operand, partial in zip(row.operands, partials, strict=True):
            if operand.row is not None and not (partial == 0 and selects(name)):
                gradients[operand.row] += gradients[row.number] * convert(partial)
    except ARITHMETIC as error:
        raise _explained(error, "slope", row, operands) from None


def _value(row: Row, operands: list[Any], reading: Reading) -> Any:
    if row.operation in TABLE:
        operation = TABLE[row.operation]
        return reading.function((operation.value,), operation.arguments)(*operands)[0]
    if row.operation in REDUCTIONS:
        functions = SimpleNamespace(**reading.names)
        functions.maximum = lambda x, y: x if reading.primal(x) > reading.primal(y) else y
        functions.minimum = lambda x, y: x if reading.primal(x) < reading.primal(y) else y
        return REDUCTIONS[row.operation].expand(operands, functions)
    raise no_formula(row.op)


def _by_number(rows: Sequence[Row], inputs: Inputs) -> dict[int, Any]:
    """Return the given numbers by row number."""
    leaves = [row for row in rows if row.operation == LEAF]
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping):
        if len(inputs) != len(leaves):
            raise LengthError(
                f"replay needs one number for each of the {len(leaves)} leaves, "
                f"got {len(inputs)}"
            )
        return {row.number: x for row, x in zip(leaves, inputs, strict=True)}
    found = {}
    for key, x in inputs.items():
        named = [row for row in leaves if key in (row.number, row.label) and key != ""]
        if len(named) != 1:
            raise KeyError(
                f"replay found {len(named)} leaves called {key!r}; the labels are "
                f"{sorted({row.label for row in leaves if row.label})}, the row numbers "
                f"{[row.number for row in leaves]}"
            )
        found[named[0].number] = x
    return found
