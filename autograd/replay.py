"""A tape replayed on other numbers: exact fractions, complex steps, any number of digits.

The same rows and the same formulas, read over `fractions.Fraction`, `complex` or
`mpmath.mpf`. Values and gradients come out in that kind of number, so a fraction's gradient is
exact and an mpmath gradient has as many digits as its context. Knows no Value and no layout.
"""

import cmath
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from autograd.errors import LengthError, NumberError, shown
from autograd.formulas import CONSTANTS, FLOAT_NAMES, IEEE_NAMES, ieee_tree
from autograd.operations import TABLE
from autograd.readings import Reading, local_derivatives, no_formula
from autograd.reductions import REDUCTIONS
from autograd.rows import LEAF, Row, selects


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
        NumberError: if the kind of number has no such function (a fraction has no exp).
        LengthError: if a list of inputs has not one number for each leaf.
        KeyError: if inputs name no leaf.

    Example:
        >>> from fractions import Fraction
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> replay((x * x / 7.0).tape, {"x": Fraction(1, 3)}, number=Fraction).gradients[0]
        Fraction(2, 21)
    """
    reading, convert = _kind(number)
    given = _by_number(rows, inputs)
    values: list[Any] = []
    for row in rows:
        if row.operation == LEAF:
            values.append(_converted(given.get(row.number, row.value), convert, row))
        else:
            operands = [
                convert(x.value) if x.row is None else values[x.row] for x in row.operands
            ]
            values.append(_value(row, operands, reading))
    gradients: list[Any] = [convert(0)] * len(rows)
    if rows:
        gradients[-1] = convert(1)
    for row in reversed(rows):
        if row.operation != LEAF and gradients[row.number] != 0:
            _pull(row, values, gradients, reading, convert)
    return Replay(tuple(values), tuple(gradients))


def _converted(x: Any, convert: Callable[[Any], Any], row: Row) -> Any:
    """Return an input in the kind of number that is replayed on."""
    try:
        return convert(x) if not isinstance(x, str) else convert(None)
    except (TypeError, ValueError):
        raise NumberError(f"replay needs a number for {row.name}, got {shown(x)}") from None


def _pull(
    row: Row,
    values: list[Any],
    gradients: list[Any],
    reading: Reading,
    convert: Callable[[Any], Any],
) -> None:
    moving = [x.row is not None for x in row.operands]
    operands = [convert(x.value) if x.row is None else values[x.row] for x in row.operands]
    name = row.operation
    partials = local_derivatives(name, moving, operands, values[row.number], reading)
    for operand, partial in zip(row.operands, partials, strict=True):
        if operand.row is not None and not (partial == 0 and selects(name)):
            gradients[operand.row] += gradients[row.number] * convert(partial)


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


def _kind(number: type) -> tuple[Reading, Callable[[Any], Any]]:
    """Return the reading of a kind of number and how to convert to it."""
    if number is float:
        return Reading(IEEE_NAMES, lambda x: x, float, ieee_tree), float
    if number is complex:
        return Reading(_complex_names(), lambda z: complex(z).real, complex), complex
    origin = getattr(number, "__module__", "").partition(".")[0]
    if origin == "fractions":
        return Reading(_fraction_names(number), lambda x: x, number), number
    if origin == "mpmath":
        return Reading(_mpmath_names(), lambda x: x, _to_mpmath), _to_mpmath
    raise NumberError(
        "replay needs float, fractions.Fraction, complex or mpmath.mpf as the kind of number, "
        f"got {shown(number)}"
    )


def _refusing(kind: str, name: str) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise NumberError(f"{name} has no value in {kind}; replay with mpmath.mpf instead")

    return refuse


@cache
def _fraction_names(fraction: type) -> dict[str, Any]:
    names = {
        name: _refusing("fractions", name) if callable(thing) else thing
        for name, thing in FLOAT_NAMES.items()
    }
    names |= {
        name: FLOAT_NAMES[name] for name in ("abs", "min", "max", "floor", "ceil", "round")
    }
    names |= {"float": fraction, "inf": math.inf, "pow": _fraction_power}
    return names


def _fraction_power(x: Any, y: Any) -> Any:
    if y.denominator != 1:
        raise NumberError(f"a fraction to the power {y} is no fraction; replay with mpmath.mpf")
    return x ** int(y)


@cache
def _complex_names() -> dict[str, Any]:
    names = {
        name: _refusing("complex numbers", name) if callable(thing) else thing
        for name, thing in FLOAT_NAMES.items()
    }
    known = "exp log log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"
    names |= {name: getattr(cmath, name) for name in known.split()}
    return names | {
        "log2": lambda z: cmath.log(z) / math.log(2.0),
        "log1p": lambda z: cmath.log(1.0 + z),
        "expm1": lambda z: 2.0 * cmath.exp(0.5 * z) * cmath.sinh(0.5 * z),
        "cbrt": lambda z: _signed(z) * (_signed(z) * z) ** (1.0 / 3.0),
        "pow": lambda z, w: z**w,
        "abs": lambda z: _signed(z) * z,
        "hypot": lambda z, w: cmath.sqrt(z * z + w * w),
        "atan2": _complex_atan2,
        "sigmoid": lambda z: 1.0 / (1.0 + cmath.exp(-z)) if z.real >= 0 else _rising(z),
        "sinc_slope": FLOAT_NAMES["sinc_slope"],
        "float": lambda z: z,
        "fmod": lambda z, y: z - (z.real - math.fmod(z.real, complex(y).real)),
        "floor": lambda z: complex(math.floor(z.real)),
        "ceil": lambda z: complex(math.ceil(z.real)),
        "round": lambda z: complex(round(z.real)),
        "copysign": lambda z, w: math.copysign(complex(z).real, complex(w).real),
        "max": lambda *zs: max(zs, key=lambda z: complex(z).real),
        "min": lambda *zs: min(zs, key=lambda z: complex(z).real),
    }


def _signed(z: complex) -> float:
    """Return the sign of the real part: the analytic branch of |z| for complex steps."""
    return -1.0 if complex(z).real < 0.0 else 1.0


def _rising(z: complex) -> complex:
    return cmath.exp(z) / (1.0 + cmath.exp(z))


def _complex_atan2(y: complex, x: complex) -> complex:
    """Return the angle, analytic about every real point but the negative real axis."""
    turn = math.atan2(y.real, x.real)
    # In the frame turned by the real angle, what is left is a small angle.
    across = y * math.cos(turn) - x * math.sin(turn)
    along = x * math.cos(turn) + y * math.sin(turn)
    return turn + cmath.atan(across / along)


def _to_mpmath(x: Any) -> Any:
    import mpmath  # noqa: PLC0415 - an extra, needed only here

    if type(x).__module__ == "fractions":
        return mpmath.mpf(x.numerator) / x.denominator
    return mpmath.mpf(x)


def _mpmath_names() -> dict[str, Any]:
    import mpmath as mp  # noqa: PLC0415 - an extra, needed only here

    names = {
        name: getattr(mp, name)
        for name, thing in FLOAT_NAMES.items()
        if callable(thing) and hasattr(mp, name)
    }
    names |= {name: mp.mpf(digits) for name, digits in CONSTANTS.items()}
    names |= {
        "log_2": mp.log(2),
        "log2_e": 1 / mp.log(2),
        "log10_e": 1 / mp.log(10),
        "root_half": mp.sqrt(mp.mpf(1) / 2),
        "two_over_root_pi": 2 / mp.sqrt(mp.pi),
        "one_over_root_two_pi": 1 / mp.sqrt(2 * mp.pi),
        **_selu_constants(mp),
        "pi": +mp.pi,
        "inf": mp.inf,
        "nan": mp.nan,
    }
    return names | {
        "abs": abs,
        "min": min,
        "max": max,
        "float": mp.mpf,
        "fmod": lambda x, y: x - y * int(x / y),
        "round": mp.nint,
        "pow": _mpmath_power,
        "log2": lambda x: mp.log(x) / mp.log(2),
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "copysign": lambda x, sign: abs(x) if sign >= 0 else -abs(x),
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "sinc_slope": lambda x: mp.diff(mp.sincpi, x),
    }


def _selu_constants(mp: Any) -> dict[str, Any]:
    """Return the constants of selu: Klambauer et al. 2017, equation 14."""
    tail, root_e = mp.erfc(1 / mp.sqrt(2)), mp.exp(mp.mpf(1) / 2)
    inner = 2 * mp.erfc(mp.sqrt(2)) * mp.e**2 + mp.pi * tail**2 * mp.e
    inner += -2 * (2 + mp.pi) * tail * root_e + mp.pi + 2
    return {
        "selu_alpha": -mp.sqrt(2 / mp.pi) / (tail * root_e - 1),
        "selu_scale": (1 - tail * root_e) * mp.sqrt(2 * mp.pi) / mp.sqrt(inner),
    }


def _mpmath_power(x: Any, y: Any) -> Any:
    out = x**y
    if getattr(out, "imag", 0) != 0:
        raise ValueError(f"{x} ** {y} is not real")
    return out
