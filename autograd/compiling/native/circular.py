"""Circular functions and their inverses, in lanes: sin, cos, tan, asin, acos, atan, atan2.

An angle is k quarter turns and a rest r of at most pi / 4, found with three parts of pi / 2 so
that r keeps its digits beside every multiple. Beyond 2**20 the C library does that, lane by
lane. Knows no tape and no program.
"""

import math

from autograd.compiling.native.coefficients import ASIN, ATAN, COS, SIN
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.vectors import Bits, Mask, Vector

# pi / 2 in three parts; the first has 33 bits, so that its product with k < 2**20 is exact.
_QUARTER = 1.5707963267341256, 6.077100506506192e-11, 3.5215598651832e-27

# What is left of pi and its parts below the last digit of a double.
_PI_LOW = 1.2246467991473532e-16
_TO_WHOLE = 1.5 * 2.0**52
_FARTHEST = 2.0**20

_TAN_EIGHTH = math.sqrt(2.0) - 1.0


def _reduced(lanes: Lanes, x: Vector) -> tuple[Bits, Vector, Vector]:
    """Return k in the last bits, and x - k * pi / 2 as the sum of two doubles."""
    shifted = lanes.muladd(x, 2.0 / math.pi, _TO_WHOLE)
    k = shifted - _TO_WHOLE
    near = lanes.muladd(k, -_QUARTER[0], x)
    step, step_low = lanes.product(k, _QUARTER[1])
    high, low = lanes.total(near, -step)
    low = lanes.muladd(k, -_QUARTER[2], low - step_low)
    r = high + low
    return shifted.bits(), r, low - (r - high)


def _sine_and_cosine(lanes: Lanes, r: Vector, low: Vector) -> tuple[Vector, Vector]:
    """Return sin(r + low) and cos(r + low) for |r| <= pi / 4."""
    z = r * r
    sine = r + lanes.muladd(lanes.polynomial(SIN.coefficients, z), z * r, low)
    half = z * 0.5
    near = 1.0 - half
    rest = lanes.muladd(lanes.polynomial(COS.coefficients, z), z * z, -(r * low))
    return sine, near + (((1.0 - near) - half) + rest)


def _far(lanes: Lanes, x: Vector, symbol: str, near: Vector) -> Vector:
    def compute() -> Vector:
        return lanes.lane_by_lane(symbol, x)

    return lanes.seldom(~(abs(x) <= _FARTHEST), compute, near)


def _turned(x: Vector, quarters: Bits) -> Vector:
    """Return x, and -x where the second last bit is set."""
    return (x.bits() ^ ((quarters & 2) << 62)).doubles()


def sin(lanes: Lanes, x: Vector) -> Vector:
    """Emit the sine of x radians."""
    k, r, low = _reduced(lanes, x)
    sine, cosine = _sine_and_cosine(lanes, r, low)
    near = _turned(lanes.where(k.odd(), cosine, sine), k)
    near = lanes.where(abs(x) < 1e-9, x, near)
    return _far(lanes, x, "sin", near)


def cos(lanes: Lanes, x: Vector) -> Vector:
    """Emit the cosine of x radians."""
    k, r, low = _reduced(lanes, x)
    sine, cosine = _sine_and_cosine(lanes, r, low)
    near = _turned(lanes.where(k.odd(), sine, cosine), k + 1)
    return _far(lanes, x, "cos", near)


def tan(lanes: Lanes, x: Vector) -> Vector:
    """Emit the tangent of x radians."""
    k, r, low = _reduced(lanes, x)
    sine, cosine = _sine_and_cosine(lanes, r, low)
    odd = k.odd()
    near = lanes.where(odd, -cosine, sine) / lanes.where(odd, sine, cosine)
    near = lanes.where(abs(x) < 1e-9, x, near)
    return _far(lanes, x, "tan", near)


def _arc(lanes: Lanes, t: Vector) -> Vector:
    """Return atan(t) - t for |t| <= tan(pi / 8)."""
    z = t * t
    return lanes.polynomial(ATAN.coefficients, z) * z * t


def atan(lanes: Lanes, x: Vector) -> Vector:
    """Emit the inverse tangent, from that of |x|, (|x| - 1) / (|x| + 1) or -1 / |x|."""
    size = abs(x)
    middle, large = size > _TAN_EIGHTH, size > 1.0 / _TAN_EIGHTH
    above = lanes.where(large, -1.0, lanes.where(middle, size - 1.0, size))
    below = lanes.where(large, size, lanes.where(middle, size + 1.0, 1.0))
    t = above / below
    turns = lanes.where(large, 0.5, lanes.where(middle, 0.25, 0.0))
    out = turns * math.pi + (t + lanes.muladd(turns, _PI_LOW, _arc(lanes, t)))
    return out.with_sign_of(x)


def atan2(lanes: Lanes, y: Vector, x: Vector) -> Vector:
    """Emit the angle of the point (x, y), from the inverse tangent of a ratio below 1."""
    rise, run = abs(y), abs(x)
    steep = rise > run
    ratio = lanes.where(steep, run, rise) / lanes.where(steep, rise, run)
    # 0 / 0 and inf / inf have the angles of the axis and of the diagonal.
    ratio = lanes.where(rise.equals(run), lanes.where(rise.equals(0.0), 0.0, 1.0), ratio)
    middle = ratio > _TAN_EIGHTH
    t = lanes.where(middle, ratio - 1.0, ratio) / lanes.where(middle, ratio + 1.0, 1.0)
    # The angle is turns * pi, plus or minus atan(t).
    left = (x.bits() >> 63).odd()
    back = _differ(steep, left)
    turns = lanes.where(middle, 0.25, 0.0)
    turns = lanes.where(back, -turns, turns)
    turns = turns + lanes.where(steep, 0.5, lanes.where(left, 1.0, 0.0))
    angle, rest = t, _arc(lanes, t)
    angle, rest = lanes.where(back, -angle, angle), lanes.where(back, -rest, rest)
    out = turns * math.pi + (angle + lanes.muladd(turns, _PI_LOW, rest))
    return lanes.where(x.is_nan() | y.is_nan(), math.nan, out.with_sign_of(y))


def _differ(one: Mask, other: Mask) -> Mask:
    return (one | other) & ~(one & other)


def _half_arc(lanes: Lanes, x: Vector) -> tuple[Mask, Vector, Vector]:
    """Return where |x| > 1/2, and asin of |x| or of sqrt((1 - |x|) / 2), as s and the rest."""
    size = abs(x)
    far = size > 0.5
    z = lanes.where(far, (1.0 - size) * 0.5, size * size)
    s = lanes.where(far, lanes.intrinsic("sqrt", z), size)
    return far, s, lanes.polynomial(ASIN.coefficients, z) * z * s


def asin(lanes: Lanes, x: Vector) -> Vector:
    """Emit the inverse sine, near 1 from that of sqrt((1 - x) / 2)."""
    far, s, rest = _half_arc(lanes, x)
    beyond = math.pi / 2 - ((s + s) + (rest + rest - _PI_LOW / 2))
    return lanes.where(far, beyond, s + rest).with_sign_of(x)


def acos(lanes: Lanes, x: Vector) -> Vector:
    """Emit the inverse cosine, near 1 twice the inverse sine of sqrt((1 - x) / 2)."""
    far, s, rest = _half_arc(lanes, x)
    twice = (s + s) + (rest + rest)
    beyond = lanes.where(x < 0.0, math.pi - (twice - _PI_LOW), twice)
    near = math.pi / 2 - (x + (rest.with_sign_of(x) - _PI_LOW / 2))
    return lanes.where(far, beyond, near)
