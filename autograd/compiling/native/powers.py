"""Powers and roots in lanes: pow, powers to a fixed exponent, cbrt, hypot.

The logarithm of a power is multiplied by an exponent that may make it a thousand times larger,
and its error with it; so it is kept as the sum of two doubles. Knows no tape and no program.
"""

import math
from collections.abc import Callable, Mapping

from autograd.compiling.native.coefficients import CUBE_ROOT, LOG_TAIL
from autograd.compiling.native.exponentials import LOG2_HIGH, LOG2_LOW, exp_of_sum
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.logarithms import split_any
from autograd.compiling.native.vectors import Mask, Vector

# 2 / 3 as the sum of two doubles.
_TWO_THIRDS, _TWO_THIRDS_LOW = 2.0 / 3.0, 3.700743415417188e-17

# Beyond this exponent every power is 0, 1 or inf: 2**65 * log(1 + 2**-53) is 4096.
_LARGEST_EXPONENT = 2.0**65

# Leaves the nearest whole number in the last bits of a double, as an exponent is stored.
_TO_EXPONENT = 1.5 * 2.0**52 + 1023


def _log_pair(lanes: Lanes, x: Vector) -> tuple[Vector, Vector]:
    """Return log(x) as the sum of two doubles, to 2**-65 of itself, for positive finite x.

    The series of `logarithms`, of which all but the terms from s**5 on are computed twice as
    precisely.
    """
    e, m = split_any(lanes, x)
    f = m - 1.0
    divisor = f + 2.0
    divisor_low = f - (divisor - 2.0)
    share = 1.0 / divisor
    s = f * share
    back, back_low = lanes.product(s, divisor)
    s_low = ((f - back) - back_low - s * divisor_low) * share

    z, z_low = lanes.product(s, s)
    z_low = z_low + (s + s) * s_low
    tail = z * lanes.polynomial(LOG_TAIL.coefficients, z)
    q = tail + _TWO_THIRDS
    q_low = (tail - (q - _TWO_THIRDS)) + _TWO_THIRDS_LOW
    w, w_low = lanes.product(z, q)
    w_low = w_low + (z * q_low + z_low * q)
    v, v_low = lanes.product(s, w)
    v_low = v_low + (s * w_low + s_low * w)

    twice = s + s
    near = twice + v
    near_low = (v - (near - twice)) + (v_low + (s_low + s_low))
    high, low = lanes.total(e * LOG2_HIGH, near)
    return high, low + (near_low + e * LOG2_LOW)


def _is_whole(lanes: Lanes, x: Vector) -> Mask:
    return lanes.intrinsic("floor", x).equals(x)


def pow(lanes: Lanes, x: Vector, y: Vector) -> Vector:  # noqa: A001 - the name it has in math
    """Emit x to the power y, for real numbers, as IEEE 754 has it."""
    size = abs(x)
    log, log_low = _log_pair(lanes, size)
    held = lanes.at_least(lanes.at_most(y, _LARGEST_EXPONENT), -_LARGEST_EXPONENT)
    high, low = lanes.product(held, log)
    out = exp_of_sum(lanes, high, lanes.muladd(held, log_low, low), 1.0)

    at_end = size.equals(0.0) | size.equals(math.inf)
    grows = ((size < 1.0) & (y < 0.0)) | ((size > 1.0) & (y > 0.0))
    out = lanes.where(at_end, lanes.where(grows, math.inf, 0.0), out)

    whole = _is_whole(lanes, y)
    odd = whole & ~_is_whole(lanes, y * 0.5)
    out = out.with_sign_of(lanes.where(odd, x, 1.0))
    undefined = (x < 0.0) & (x > -math.inf) & ~whole
    out = lanes.where(undefined | x.is_nan() | y.is_nan(), math.nan, out)
    return lanes.where(y.equals(0.0) | x.equals(1.0), 1.0, out)


def _inverse_square(_: Lanes, x: Vector) -> Vector:
    # Not 1 / x**2: the square is 0 or inf long before the result is.
    inverse = 1.0 / x
    return inverse * inverse


def _square_root(lanes: Lanes, x: Vector) -> Vector:
    # sqrt(-0.0) is -0.0 and sqrt(-inf) is nan; the powers are 0.0 and inf.
    root = lanes.intrinsic("sqrt", x + 0.0)
    return lanes.where(x.equals(-math.inf), math.inf, root)


# Powers to a fixed exponent that take a few instructions, at most 2 ulp from the true one.
FIXED: Mapping[float, Callable[[Lanes, Vector], Vector]] = {
    -2.0: _inverse_square,
    -1.0: lambda _, x: 1.0 / x,
    0.0: lambda lanes, _: lanes.number(1.0),
    0.5: _square_root,
    1.0: lambda _, x: x,
    2.0: lambda _, x: x * x,
    3.0: lambda _, x: x * x * x,
    4.0: lambda _, x: (x * x) * (x * x),
}


def cbrt(lanes: Lanes, x: Vector) -> Vector:
    """Emit the cube root, by Newton's method for one over it, which needs no division."""
    size = abs(x)
    e, m = split_any(lanes, size)
    shifted = lanes.muladd(e, 1.0 / 3.0, _TO_EXPONENT)
    third = shifted - _TO_EXPONENT
    # What is left of the exponent is -1, 0 or 1. The polynomials in it go through 1/2, 1 and
    # 2, and through their inverse cube roots.
    left = e - third * 3.0
    near = lanes.polynomial(CUBE_ROOT.coefficients, m)
    m = m * lanes.muladd(lanes.muladd(left, 0.25, 0.75), left, 1.0)
    step = lanes.muladd(
        lanes.muladd(left, 0.026810787939486547, -0.2331102619553867), left, 1.0
    )
    inverse = near * step
    for _ in range(2):
        error = 1.0 - m * inverse * inverse * inverse
        inverse = lanes.muladd(inverse * (1.0 / 3.0), error, inverse)
    root = m * inverse * inverse
    square, square_low = lanes.product(root, root)
    cube, cube_low = lanes.product(square, root)
    excess = (cube - m) + (cube_low + square_low * root)
    root = root - excess * (inverse * inverse * (1.0 / 3.0))
    out = (root * (shifted.bits() << 52).doubles()).with_sign_of(x)
    # 0, inf and nan are their own roots.
    return lanes.where((size > 0.0) & (size < math.inf), out, x)


def hypot(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    """Emit sqrt(x**2 + y**2), on a scale on which squares neither overflow nor vanish."""
    x, y = abs(x), abs(y)
    larger = lanes.where(x > y, x, y)
    one = lanes.number(1.0)
    huge, tiny = larger > 2.0**500, larger < 2.0**-450
    scale = lanes.where(huge, 2.0**-600, lanes.where(tiny, 2.0**600, one))
    back = lanes.where(huge, 2.0**600, lanes.where(tiny, 2.0**-600, one))
    a, b = x * scale, y * scale
    out = lanes.intrinsic("sqrt", lanes.muladd(a, a, b * b)) * back
    infinite = x.equals(math.inf) | y.equals(math.inf)
    return lanes.where(infinite, math.inf, out)
