"""The error function and remainders of divisions, in lanes. Knows no tape and no program."""

from autograd.compiling.native.coefficients import ERF, ERFC
from autograd.compiling.native.exponentials import exp_of_sum
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.vectors import Vector

# 2 / sqrt(pi) as the sum of two doubles.
_SLOPE, _SLOPE_LOW = 1.1283791670955126, 1.533545961316588e-17

# Where the variable of the polynomial for erfc is 0.
_CENTRE = 2.5


def _near(lanes: Lanes, x: Vector) -> Vector:
    """Return erf(x) for |x| <= 1."""
    z = x * x
    rest = lanes.muladd(lanes.polynomial(ERF.coefficients, z), z, _SLOPE_LOW) * x
    return lanes.muladd(x, _SLOPE, rest)


def _tail(lanes: Lanes, size: Vector) -> Vector:
    """Return erfc(size) for size >= 1/2.

    erfc(x) * exp(x**2) * (1 + 2 x) is so smooth that one polynomial in
    (x - 2.5) / (x + 2.5) serves to where erfc underflows.
    """
    size = lanes.at_most(size, 28.0)
    t = (size - _CENTRE) / (size + _CENTRE)
    share = lanes.polynomial(ERFC.coefficients, t) / (size + size + 1.0)
    square, low = lanes.product(size, size)
    return exp_of_sum(lanes, -square, -low, share)


def erf(lanes: Lanes, x: Vector) -> Vector:
    """Emit the error function; from 1 on as 1 - erfc(x)."""
    size = abs(x)
    far = (1.0 - _tail(lanes, size)).with_sign_of(x)
    return lanes.where(size < 1.0, _near(lanes, x), far)


def erfc(lanes: Lanes, x: Vector) -> Vector:
    """Emit 1 - erf(x), which keeps its digits for large x."""
    size = abs(x)
    tail = _tail(lanes, size)
    far = lanes.where(x < 0.0, 2.0 - tail, tail)
    return lanes.where(size < 0.6, 1.0 - _near(lanes, x), far)


def fmod(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    """Emit what is left of x after whole multiples of y, with the sign of x; exact.

    Quotients up to 2**51 are divided out at once; beyond, the C library does it.
    """
    size, divisor = abs(x), abs(y)
    quotient = size / divisor
    whole = lanes.intrinsic("floor", quotient)
    multiple, low = lanes.product(whole, divisor)
    left = (size - multiple) - low
    # A quotient just below a whole number may have been rounded up to it.
    left = lanes.where(left < 0.0, left + divisor, left)
    usual = (quotient < 2.0**51) & (size < 2.0**1000) & (divisor < 2.0**1000)

    def compute() -> Vector:
        return lanes.lane_by_lane("fmod", x, y)

    return lanes.seldom(~usual, compute, left.with_sign_of(x))


def mod(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    """Emit x % y as Python has it: with the sign of y."""
    return signed_by(lanes, fmod(lanes, x, y), y)


def signed_by(lanes: Lanes, left: Vector, y: Vector) -> Vector:
    """Emit what is left after a division by y, as Python has it: with the sign of y."""
    wrong = ((left < 0.0) & (y > 0.0)) | ((left > 0.0) & (y < 0.0))
    out = lanes.where(wrong, left + y, left)
    return lanes.where(left.equals(0.0), lanes.number(0.0).with_sign_of(y), out)
