"""log and what is made of it, in lanes: log1p, log2, log10, softplus, inverse hyperbolics.

A number is 2**e * m with m from sqrt(1/2) to sqrt(2); log(m) comes from s = f / (2 + f), where
f = m - 1, because log(1 + f) = 2 * atanh(s), a fast series in s**2. Knows no tape and no
program.
"""

import math

from autograd.compiling.native.coefficients import LOG, LOG_WIDE
from autograd.compiling.native.exponentials import LOG2_HIGH, LOG2_LOW, decay
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.vectors import Mask, Vector

_ONE = 0x3FF0_0000_0000_0000
_ROOT_HALF = 0x3FE6_A09E_667F_3BCD
_MANTISSA = 0x000F_FFFF_FFFF_FFFF

# The bits of 2**52, and 2**52 with what an exponent is stored more than it is.
_WHOLE = 0x4330_0000_0000_0000
_FROM_WHOLE = 2.0**52 + 1023

_LEAST_NORMAL = 2.0**-1022

# Constants in two parts, the first of so few bits that what it is multiplied with is exact.
_LOG2_E = 1.4426950216293335, 1.9259629911266175e-08
_LOG10_E = 0.4342944771051407, 4.798111141615973e-09
_LOG10_2 = 0.30102999566395283, 2.8363394551044964e-14


def split(x: Vector) -> tuple[Vector, Vector]:
    """Return e and m, x = 2**e * m with m from sqrt(1/2) to sqrt(2), for positive normal x."""
    shifted = x.bits() + (_ONE - _ROOT_HALF)
    e = ((shifted >> 52) | _WHOLE).doubles() - _FROM_WHOLE
    return e, ((shifted & _MANTISSA) + _ROOT_HALF).doubles()


def split_any(lanes: Lanes, x: Vector) -> tuple[Vector, Vector]:
    """Return e and m for positive x, subnormal ones too."""
    small = x < _LEAST_NORMAL
    e, m = split(lanes.where(small, x * 2.0**54, x))
    return e - lanes.where(small, 54.0, 0.0), m


def _rest(lanes: Lanes, f: Vector, half: Vector) -> Vector:
    """Return log(1 + f) - f + half, where half is f * f / 2."""
    s = f / (f + 2.0)
    z = s * s
    return s * lanes.muladd(lanes.polynomial(LOG.coefficients, z), z, half)


def _natural(lanes: Lanes, e: Vector, f: Vector) -> Vector:
    """Return e * log(2) + log(1 + f)."""
    half = f * f * 0.5
    low = lanes.muladd(e, LOG2_LOW, _rest(lanes, f, half)) - half
    return lanes.muladd(e, LOG2_HIGH, f + low)


def _with_edges(lanes: Lanes, x: Vector, out: Vector) -> Vector:
    """Return a logarithm, and what it is at inf, at 0, below 0 and at nan."""
    out = lanes.where(x < math.inf, out, x)
    pole = lanes.where(x.equals(0.0), -math.inf, math.nan)
    return lanes.where(x > 0.0, out, pole)


def _usual(x: Vector) -> Mask:
    """Return where x is a positive normal number."""
    return (x >= _LEAST_NORMAL) & (x < math.inf)


def log(lanes: Lanes, x: Vector) -> Vector:
    """Emit the natural logarithm."""
    e, m = split(x)

    def careful() -> Vector:
        e, m = split_any(lanes, x)
        return _with_edges(lanes, x, _natural(lanes, e, m - 1.0))

    return lanes.seldom(~_usual(x), careful, _natural(lanes, e, m - 1.0))


def _to_base(
    lanes: Lanes, x: Vector, scale: tuple[float, float], step: tuple[float, float]
) -> Vector:
    """Return log(x) * scale, where step is log(2) * scale: whole powers come out exact."""

    def scaled(e: Vector, m: Vector) -> Vector:
        f = m - 1.0
        half = f * f * 0.5
        low = _rest(lanes, f, half) - half
        head = (f + low).head()
        tail = low - (head - f)
        high, lost = lanes.total(e * step[0], head * scale[0])
        low = lanes.muladd(tail, scale[0], lanes.muladd(head + tail, scale[1], e * step[1]))
        return high + (lost + low)

    def careful() -> Vector:
        return _with_edges(lanes, x, scaled(*split_any(lanes, x)))

    return lanes.seldom(~_usual(x), careful, scaled(*split(x)))


def log2(lanes: Lanes, x: Vector) -> Vector:
    """Emit the logarithm to base 2."""
    return _to_base(lanes, x, _LOG2_E, (1.0, 0.0))


def log10(lanes: Lanes, x: Vector) -> Vector:
    """Emit the logarithm to base 10."""
    return _to_base(lanes, x, _LOG10_E, _LOG10_2)


def _log1p(lanes: Lanes, x: Vector) -> Vector:
    """Return log(1 + x) for finite x > -1."""
    u, lost = lanes.total(x, 1.0)
    e, m = split(u)
    # What 1 + x lost, on the scale of m; from 2**54 on nothing counts, and 2**-e underflows.
    down = (m.bits() + _ONE - u.bits()).doubles()
    return _natural(lanes, e, (m - 1.0) + lanes.where(x < 2.0**54, lost * down, 0.0))


def log1p(lanes: Lanes, x: Vector) -> Vector:
    """Emit the natural logarithm of 1 + x, exact for small x."""

    def careful() -> Vector:
        return log(lanes, x + 1.0)

    # Numbers that vanish beside 1 are their own results, -0.0 too.
    near = lanes.where(abs(x) < 1e-17, x, _log1p(lanes, x))
    return lanes.seldom(~((x > -1.0) & (x < 2.0**53)), careful, near)


def _log1p_decay(lanes: Lanes, x: Vector) -> Vector:
    """Return log(1 + exp(-|x|)): of a number in (1, 2], so that no exponent is split off."""
    t = decay(lanes, x)
    half = t * t * 0.5
    s = t / (t + 2.0)
    z = s * s
    rest = s * lanes.muladd(lanes.polynomial(LOG_WIDE.coefficients, z), z, half)
    return t + (rest - half)


def softplus(lanes: Lanes, x: Vector) -> Vector:
    """Emit log(1 + exp(x)), as max(x, 0) + log1p(exp(-|x|))."""
    return lanes.where(x <= 0.0, 0.0, x) + _log1p_decay(lanes, x)


def log_sigmoid(lanes: Lanes, x: Vector) -> Vector:
    """Emit the logarithm of sigmoid(x), as min(x, 0) - log1p(exp(-|x|))."""
    return lanes.where(x >= 0.0, 0.0, x) - _log1p_decay(lanes, x)


def asinh(lanes: Lanes, x: Vector) -> Vector:
    """Emit the inverse hyperbolic sine, log1p(a + a**2 / (1 + sqrt(1 + a**2))), a = |x|."""
    size = abs(x)
    large = size > 2.0**28
    a = lanes.at_most(size, 2.0**28)
    square = a * a
    rest = square / (lanes.intrinsic("sqrt", square + 1.0) + 1.0)
    # Beyond 2**28 it is log(2 a) to the last digit.
    out = _log1p(lanes, lanes.where(large, size - 1.0, a + rest))
    out = out + lanes.where(large, math.log(2.0), 0.0)
    out = lanes.where(size < math.inf, out, size)
    return lanes.where(size < 1e-9, x, out.with_sign_of(x))


def acosh(lanes: Lanes, x: Vector) -> Vector:
    """Emit the inverse hyperbolic cosine, as log1p(t + sqrt(2 t + t**2)) where t = x - 1."""
    large = x > 2.0**28
    t = lanes.at_most(x, 2.0**28) - 1.0
    rest = lanes.intrinsic("sqrt", lanes.muladd(t, t, t + t))
    out = _log1p(lanes, lanes.where(large, x - 1.0, t + rest))
    out = out + lanes.where(large, math.log(2.0), 0.0)
    out = lanes.where(x < math.inf, out, x)
    return lanes.where(x < 1.0, math.nan, out)


def atanh(lanes: Lanes, x: Vector) -> Vector:
    """Emit the inverse hyperbolic tangent, as log1p(2 a / (1 - a)) / 2 where a = |x|."""
    size = abs(x)
    out = _log1p(lanes, (size + size) / (1.0 - size)) * 0.5
    out = lanes.where(size < 1.0, out, lanes.where(size.equals(1.0), math.inf, math.nan))
    return lanes.where(size < 1e-9, x, out.with_sign_of(x))
