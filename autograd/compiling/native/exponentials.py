"""exp and what is made of it, in lanes: expm1, sinh, cosh, tanh, sigmoid and their slopes.

Everything starts alike: x = k * log(2) + r with a whole k and |r| <= log(2) / 2, one even and
one odd polynomial in r, and powers of two made by shifting k into the exponent of a double.
Knows no tape and no program.
"""

import math
from dataclasses import dataclass

from autograd.compiling.native.coefficients import COSH, SINH
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.vectors import Bits, Number, Vector

# log(2) in two parts. The first has 42 bits, so that its product with any k is exact.
LOG2_HIGH = 0.6931471805598903
LOG2_LOW = 5.497923018708371e-14

# Added to a double below 2**51, this leaves the nearest whole number in its last bits; and
# 2046 in them more, so that they hold a positive number for every k, down to -1076.
_OFFSET = 2046
_TO_WHOLE = 1.5 * 2.0**52 + _OFFSET

# From here on exp is inf, and from there on it is 0.
_OVERFLOW, _UNDERFLOW = 710.0, -746.0

_ONE = 0x3FF0_0000_0000_0000


@dataclass(frozen=True, slots=True, eq=False)
class _Reduced:
    """x as k * log(2) + r: the last bits hold k + 2046, and exp(r) is cosh(r) + sinh(r)."""

    lanes: Lanes
    whole: Bits
    r: Vector

    def rest(self) -> tuple[Vector, Vector]:
        """Return cosh(r) - 1 over r**2, and sinh(r) - r over r**3."""
        square = self.r * self.r
        return self.lanes.polynomial(COSH.coefficients, square), self.lanes.polynomial(
            SINH.coefficients, square
        )

    def expm1(self) -> Vector:
        """Return exp(r) - 1."""
        even, odd = self.rest()
        return self.lanes.muladd(self.lanes.muladd(odd, self.r, even), self.r * self.r, self.r)

    def power(self, less: int = 0) -> Vector:
        """Return 2**(k - less), where that is a normal number."""
        return ((self.whole - (_OFFSET - 1023 + less)) << 52).doubles()

    def scaled(self, x: Vector) -> Vector:
        """Return x * 2**k, rounded once, where 2**k itself overflows or underflows too."""
        # In two steps of about k / 2; the sum of the halves is k + 2 * 1023.
        half = self.whole >> 1
        return x * (half << 52).doubles() * ((self.whole - half) << 52).doubles()


def _reduced(lanes: Lanes, x: Vector) -> _Reduced:
    shifted = lanes.muladd(x, 1.0 / math.log(2.0), _TO_WHOLE)
    k = shifted - _TO_WHOLE
    r = lanes.muladd(k, -LOG2_LOW, lanes.muladd(k, -LOG2_HIGH, x))
    return _Reduced(lanes, shifted.bits(), r)


def _held(lanes: Lanes, x: Vector) -> Vector:
    return lanes.at_least(lanes.at_most(x, _OVERFLOW), _UNDERFLOW)


def exp(lanes: Lanes, x: Vector) -> Vector:
    """Emit e to the power x."""
    reduced = _reduced(lanes, _held(lanes, x))
    return reduced.scaled(reduced.expm1() + 1.0)


def exp_of_sum(lanes: Lanes, high: Vector, low: Vector, factor: Number) -> Vector:
    """Emit factor * exp(high + low), where low is small beside 1 unless exp is 0 or inf."""
    held = _held(lanes, high)
    reduced = _reduced(lanes, held)
    r = reduced.r + lanes.where(held.equals(high), low, 0.0)
    reduced = _Reduced(lanes, reduced.whole, r)
    return reduced.scaled(lanes.muladd(reduced.expm1(), factor, factor))


def expm1(lanes: Lanes, x: Vector) -> Vector:
    """Emit exp(x) - 1."""
    # Below -40 the result is -1. Half of everything, so that 2**k does not overflow.
    reduced = _reduced(lanes, lanes.at_least(lanes.at_most(x, _OVERFLOW), -40.0))
    half = reduced.power(1)
    out = lanes.muladd(reduced.expm1(), half, half - 0.5)
    # The least numbers are their own results, -0.0 too; half of them would be rounded.
    return lanes.where(abs(x) < 1e-17, x, out + out)


def _hyperbolic(lanes: Lanes, x: Vector) -> tuple[Vector, Vector, Vector, Vector]:
    """Return cosh(r) - 1 and sinh(r), and half of cosh(k log 2) and of sinh(k log 2).

    x must not be negative.
    """
    # From 710.5 on the result is inf.
    reduced = _reduced(lanes, lanes.at_most(x, 710.7))
    even, odd = reduced.rest()
    square = reduced.r * reduced.r
    up = reduced.power(2)
    # The reciprocal of a power of two, by its exponent; 0 for 2**1023, where it is lost.
    down = ((2 * _ONE - up.bits()).doubles()) * 0.0625
    return (
        even * square,
        lanes.muladd(odd * square, reduced.r, reduced.r),
        up + down,
        up - down,
    )


def cosh(lanes: Lanes, x: Vector) -> Vector:
    """Emit the hyperbolic cosine, from cosh and sinh of the two parts of x."""
    even, odd, c, s = _hyperbolic(lanes, abs(x))
    out = c + lanes.muladd(even, c, odd * s)
    return out + out


def sinh(lanes: Lanes, x: Vector) -> Vector:
    """Emit the hyperbolic sine, from cosh and sinh of the two parts of x."""
    even, odd, c, s = _hyperbolic(lanes, abs(x))
    out = s + lanes.muladd(even, s, odd * c)
    return lanes.where(abs(x) < 1e-9, x, (out + out).with_sign_of(x))


def tanh(lanes: Lanes, x: Vector) -> Vector:
    """Emit the hyperbolic tangent, as -m / (m + 2) where m = expm1(-2 |x|)."""
    # From 19.1 on the result is 1.
    reduced = _reduced(lanes, lanes.at_most(abs(x), 20.0) * -2.0)
    power = reduced.power()
    m = lanes.muladd(reduced.expm1(), power, power - 1.0)
    return (m / (m + 2.0)).with_sign_of(x)


def tanh_and_slope(lanes: Lanes, x: Vector) -> tuple[Vector, Vector]:
    """Emit the hyperbolic tangent and its derivative, 1 / cosh(x)**2, exact in the tails.

    With t = exp(-2 |x|) they are (1 - t) / (1 + t) and 4 t / (1 + t)**2.
    """
    # From 373.3 on the slope is 0. Where 2**k is not a normal number, 1 + t and 1 - t are 1.
    size = abs(x)
    reduced = _reduced(lanes, lanes.at_most(size, 374.0) * -2.0)
    q = reduced.expm1()
    power = lanes.where(size > 300.0, 0.0, reduced.power())
    m = lanes.muladd(q, power, power - 1.0)
    whole = m + 2.0
    # Squaring doubles an error; so what the sum lost is put back.
    lost = m - (whole - 2.0)
    square = lanes.muladd(whole, whole, (whole + whole) * lost)
    slope = reduced.scaled((q + 1.0) * 4.0 / square)
    return (m / whole).with_sign_of(x), slope


def decay(lanes: Lanes, x: Vector) -> Vector:
    """Emit exp(-|x|), which cannot overflow."""
    reduced = _reduced(lanes, lanes.at_least(-abs(x), _UNDERFLOW))
    return reduced.scaled(reduced.expm1() + 1.0)


def sigmoid(lanes: Lanes, x: Vector) -> Vector:
    """Emit 1 / (1 + exp(-x)), through exp(-|x|)."""
    t = decay(lanes, x)
    return lanes.where(x < 0.0, t, 1.0) / (t + 1.0)


def sigmoid_pair(lanes: Lanes, x: Vector) -> tuple[Vector, Vector]:
    """Emit sigmoid(x) and sigmoid(-x), whose product is the slope of both."""
    t = decay(lanes, x)
    near = 1.0 / (t + 1.0)
    far = t * near
    negative = x < 0.0
    return lanes.where(negative, far, near), lanes.where(negative, near, far)
