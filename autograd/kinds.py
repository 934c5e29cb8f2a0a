"""The kinds of number that a tape is replayed on: their functions, constants and operators.

Floats follow IEEE 754, and so does mpmath outside a domain, where it would turn complex or
raise. Complex numbers take the principal branch. Fractions have +, -, *, /, whole powers and
what compares; every other function is refused with what to do. Knows no tape.
"""

import cmath
import math
import operator
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from autograd.errors import NumberError, shown
from autograd.formulas import CONSTANTS, FLOAT_NAMES, IEEE_NAMES, ieee_tree
from autograd.readings import Reading


def kind_of(number: type) -> tuple[Reading, Callable[[Any], Any]]:
    """Return the reading of a kind of number and how to convert to it."""
    if number is float:
        return Reading(IEEE_NAMES, _itself, float, ieee_tree), float
    if number is complex:
        return Reading(_complex_names(), lambda z: complex(z).real, complex), complex
    origin = getattr(number, "__module__", "").partition(".")[0]
    if origin == "fractions":
        return Reading(_fraction_names(number), _itself, number), number
    if origin == "mpmath":
        return Reading(_mpmath_names(_precision()), _itself, _to_mpmath), _to_mpmath
    raise NumberError(
        "replay needs float, fractions.Fraction, complex or mpmath.mpf as the kind of number, "
        f"got {shown(number)}"
    )


def _itself(x: Any) -> Any:
    return x


# What / and % are where they may raise.
_OPERATORS: dict[str, Any] = {"_divide": operator.truediv, "_modulo": operator.mod}


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
    names |= _OPERATORS | {"float": fraction, "inf": math.inf, "pow": _fraction_power}
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
    return (
        names
        | _OPERATORS
        | {
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
    )


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


def _precision() -> int:
    import mpmath as mp  # noqa: PLC0415 - an extra, needed only here

    return int(mp.mp.prec)


@lru_cache(maxsize=32)
def _mpmath_names(_precision: int) -> dict[str, Any]:
    """Return functions, and constants to the precision that mpmath is at."""
    import mpmath as mp  # noqa: PLC0415 - an extra, needed only here

    names: dict[str, Any] = {
        name: _real(mp, getattr(mp, name))
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
        "fmod": lambda x, y: x - y * int(x / y) if mp.isfinite(x) else mp.nan,
        "round": mp.nint,
        "log2": lambda x: names["log"](x) / mp.log(2),
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "copysign": lambda x, sign: abs(x) if sign >= 0 else -abs(x),
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "sinc_slope": lambda x: mp.diff(mp.sincpi, x),
        **_mpmath_edges(mp),
    }


def _mpmath_edges(mp: Any) -> dict[str, Any]:
    """Return the functions of two numbers where mpmath differs from IEEE 754 at an edge."""

    def power(x: Any, y: Any) -> Any:
        if mp.isfinite(x) and mp.isfinite(y):
            return x**y if x or y >= 0 else mp.inf
        # 0, 1, inf or nan: no digit is lost.
        return mp.mpf(IEEE_NAMES["pow"](float(x), float(y)))

    def modulo(x: Any, y: Any) -> Any:
        if not y or not mp.isfinite(x):
            return mp.nan
        return x % y if not mp.isinf(y) else x if mp.sign(x) * mp.sign(y) >= 0 else y

    def angle(x: Any, y: Any) -> Any:
        if not mp.isinf(x) and not mp.isinf(y):
            return mp.atan2(x, y)
        up, along = (mp.sign(z) if mp.isinf(z) else 0 * z for z in (abs(x), y))
        return mp.atan2(up, along) * (-1 if x < 0 else 1)

    def length(x: Any, y: Any) -> Any:
        return mp.inf if mp.isinf(x) or mp.isinf(y) else mp.hypot(x, y)

    return {
        "pow": _real(mp, power),
        "atan2": angle,
        "hypot": length,
        "_divide": lambda x, y: x / y if y else mp.sign(x) * mp.inf,
        "_modulo": modulo,
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


def _real(mp: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of mpmath that is undefined where it would turn complex."""

    def real(*operands: Any) -> Any:
        out = function(*operands)
        return out.real if out.imag == 0 else mp.nan

    return real
