"""Reference derivatives: what a derivative ought to be, found without derivative formulas.

Three ways, in the order of trust: central differences of the tape read over 50 digits; a
complex step through the tape; Ridders' extrapolation of the plain function. Each is offered
as an estimate with its error, or as a `Line` for the second derivative and for one-sided
slopes. Knows no derivative of any operation and nothing of what is to be judged.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from autograd.checking.probing import Replayed, Site
from autograd.checking.sides import looks_smooth
from autograd.checking.slopes import Estimate, Line, central, noise

COMPLEX, PRECISE, RIDDERS = "complex step", "50 digits", "Ridders"

# Said where the result is not computed from an input at all, and where floats deceive.
UNUSED = "not used"
LOST = "a value on the way is nothing but rounding"

# So many that 50 are left of a second difference.
_DIGITS = 120
_FLOAT = 2.0**-52

# Steps of floats, relative to the size of the input or to 1.
_WIDE, _NEAR, _CLOSE = 2.0**-3, 2.0**-14, 2.0**-20

# Steps in many digits, as powers of two: no edge of a domain lies nearer, beside a float. Of
# a second difference, the one inside and the one outside. The one inside is so much smaller
# that it crosses no kink beside which the other looks, even if one input counts 1e8 times more.
_TINY, _SMALL, _OUTER = -120, -130, -90


def unit(x: float) -> float:
    """Return the power of two at or below |x|, and 1 for 0: steps of it add exactly.

    >>> unit(-5.0), unit(0.0)
    (4.0, 1.0)
    """
    return 2.0 ** (math.frexp(x)[1] - 1) if x else 1.0


def mpmath_if_installed() -> Any:
    """Return the module mpmath, None without it."""
    try:
        import mpmath  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return None
    return mpmath


class _Many:
    """The arithmetic in which small steps from a point lose no digit of a derivative.

    Steps are small beside the smallest number on the tape, even after it was divided by the
    largest: functions have a scale, such as the period of x % y. And there are as many more
    digits as that costs.
    """

    def __init__(self, mpmath: Any, tape: Replayed, order: int) -> None:
        self._mpmath = mpmath
        self._tape = tape
        least, largest = min(1.0, tape.least), max(1.0, tape.largest)
        spread = math.log10(largest) - math.log10(least)
        self._digits = _DIGITS + math.ceil((1 + 2 * order) * spread)
        self._scale = mpmath.mpf(least) * least / largest

    def context(self) -> AbstractContextManager[Any]:
        """Return what the arithmetic runs in."""
        return self._mpmath.workdps(self._digits)  # type: ignore[no-any-return]

    def step(self, power: int) -> Any:
        """Return a step of 2**power."""
        return self._mpmath.ldexp(self._scale, power)

    def noise(self) -> Any:
        """Return how far a value may be off; where all are 0, a step away from it."""
        return self._mpmath.mpf(10) ** -self._digits * max(1.0, self._tape.largest)

    def value(self, moves: Sequence[tuple[int, Any]]) -> Any:
        """Return the value of the tape at a sum of moves, None if it has no real one."""
        moved: dict[int, Any] = {}
        for k, t in moves:
            moved[k] = moved.get(k, self._mpmath.mpf(self._tape.point[k])) + t
        return _real(self._tape.at(moved, self._mpmath.mpf))


def plain_line(site: Site, k: int, size: float, *, on_path: bool = True) -> Line:
    """Return the function itself along one input, on the path of the point alone or on any.

    Its steps are shares of a size.
    """
    path = site.base.path

    def at(t: float) -> float | None:
        run = site.moved({k: t})
        return None if run is None or (on_path and run.path != path) else run.value

    return Line(at, _WIDE * size, _NEAR * size, _FLOAT, math.ulp(0.0))


def ridders(site: Site, k: int, size: float) -> Estimate | None:
    """Return the slope of the plain function: the better of a step of a size and one of 1."""
    line = plain_line(site, k, size)
    line = replace(line, noise=line.noise + _noise(line, size))
    best = central(line)
    if size >= 1.0 or (best is not None and best.error <= 1e-9 * abs(best.value)):
        return best
    wide = replace(line, first=_WIDE, near=_NEAR)
    other = central(wide) if looks_smooth(wide) else None
    found = [estimate for estimate in (best, other) if estimate is not None]
    return min(found, key=lambda estimate: estimate.error, default=None)


def _noise(line: Line, size: float) -> float:
    """Return a generous bound of the noise in the values of the plain function."""
    return 4.0 * noise(line, size * _CLOSE)


def complex_step(tape: Replayed, k: int) -> Estimate | None:
    """Return Im f(x + ih) / h, which has no difference in it and so no cancellation.

    None where the operations have no complex reading, or where two steps disagree: the
    imaginary part is then more than the step.
    """
    return _complex_step(tape, k, {})


def _complex_step(tape: Replayed, k: int, moves: dict[int, float]) -> Estimate | None:
    x = tape.point[k] + moves.get(k, 0.0)
    size = min(abs(x), 1.0) or 1.0
    moved: dict[int, Any] = {j: tape.point[j] + t for j, t in moves.items()}
    slopes = []
    for step in (size * 1e-40, size * 1e-55):
        out = tape.at(moved | {k: complex(x, step)}, complex)
        if out is None or not step or not math.isfinite(complex(out).real):
            return None
        slopes.append(complex(out).imag / step)
    slope, far = slopes[0], abs(slopes[0] - slopes[-1])
    if not far <= 1e-12 * max(abs(slope), tape.largest / max(1.0, abs(x))):
        return None
    # Imaginary parts below the smallest float are lost.
    lost = math.ulp(0.0) / (size * 1e-55)
    return Estimate(slope, len(tape.rows) * (_FLOAT * abs(slope) + lost) + far)


def precise_line(tape: Replayed, k: int) -> Line | None:
    """Return the tape along one input in 50 digits, None if it cannot be read so."""
    many = _many(tape, order=1)
    if many is None:
        return None
    with many.context():
        size = many.step(_TINY)
        line = Line(lambda t: many.value([(k, t)]), size, size, 0.0, many.noise(), many.context)
    return _readable(line)


def _many(tape: Replayed, order: int) -> _Many | None:
    """Return the arithmetic of many digits, None where it is missing or values explode."""
    mpmath = mpmath_if_installed() if tape.finite else None
    return None if mpmath is None else _Many(mpmath, tape, order)


def lost(tape: Replayed) -> bool:
    """Return whether some value of the tape is nothing but rounding, such as sinc(1.0)."""
    return any(abs(exact - x) > 0.5 * abs(x) > 0 for x, exact in _values(tape))


def unreliable(tape: Replayed) -> str:
    """Return why the values of a tape say little of the function, "" if they can be trusted."""
    if lost(tape):
        return LOST
    if any(x == 0.0 != exact and abs(exact) < math.ulp(0.0) for x, exact in _values(tape)):
        return "a value on the way is too small for a float"
    many = not tape.has_own_operations and mpmath_if_installed() is not None
    if not tape.finite or (many and precise_line(tape, 0) is None):
        # An infinite one; or floats do not see the x of sin(x - 1e289), which is no root's.
        return "a value on the way is too large for floats"
    return ""


def _values(tape: Replayed) -> list[tuple[float, Any]]:
    """Return the values of a tape, in floats and in many digits; [] without those."""
    many = _many(tape, order=1)
    if many is None:
        return []
    with many.context():
        values = tape.values({}, type(many.noise()))
        return list(zip((row.value for row in tape.rows), values, strict=False))


def _readable(line: Line) -> Line | None:
    """Return a line if it has a value at the point itself."""
    with line.context():
        return line if line.at(0.0) is not None else None


def _real(x: Any) -> Any:
    """Return a number if it is real and finite, else None."""
    # x - x is nan, and not 0, for inf and nan of every kind of number.
    if x is None or getattr(x, "imag", 0) != 0 or x - x != 0:
        return None
    return x.real


def precise(tape: Replayed, k: int) -> Estimate | None:
    """Return the slope from central differences in 50 digits."""
    line = precise_line(tape, k)
    return None if line is None else central(line, rows=2)


# -- slopes as lines, for second derivatives ------------------------------------------------


def precise_slopes(tape: Replayed, i: int, j: int) -> Line | None:
    """Return the slope by input i along input j, in 50 digits."""
    many = _many(tape, order=2)
    if many is None:
        return None
    with many.context():
        step, size = many.step(_SMALL), many.step(_OUTER)
        noise = many.noise() / step

    @cache
    def at(t: Any) -> Any:
        up, down = many.value([(j, t), (i, step)]), many.value([(j, t), (i, -step)])
        return None if up is None or down is None else (up - down) / (2.0 * step)

    return _readable(Line(at, size, size, 0.0, noise, many.context))


def complex_slopes(tape: Replayed, i: int, j: int, size: float) -> Line | None:
    """Return the slope by input i along input j, from complex steps."""

    @cache
    def at(t: float) -> float | None:
        estimate = _complex_step(tape, i, {j: t})
        return None if estimate is None else float(estimate.value)

    middle = complex_step(tape, i)
    if middle is None:
        return None
    return Line(at, _WIDE * size, _NEAR * size, 4.0 * _FLOAT, middle.error)


def plain_slopes(site: Site, pair: tuple[int, int], sizes: tuple[float, float]) -> Line:
    """Return the slope by one input along another, by Ridders' extrapolation."""
    i, j = pair
    path = site.base.path
    inner = _WIDE * sizes[0] / 4.0
    shaking = math.ulp(0.0) + _noise(plain_line(site, i, sizes[0]), sizes[0])

    @cache
    def slope(t: float) -> Estimate | None:
        def at(s: float) -> float | None:
            run = site.moved({j: t + s} if i == j else {i: s, j: t})
            return None if run is None or run.path != path else run.value

        return central(Line(at, inner, inner, _FLOAT, shaking), rows=12)

    def at(t: float) -> float | None:
        estimate = slope(t)
        return None if estimate is None else float(estimate.value)

    size = sizes[1]
    middle = slope(0.0)
    error = math.inf if middle is None else 4.0 * middle.error
    return Line(at, _WIDE * size, _WIDE * size / 16.0, 4.0 * _FLOAT, error)


def rounding(tape: Replayed, slope: Callable[[Replayed], Estimate | None]) -> float:
    """Return how much a derivative of the tape may be off if floats compute it.

    Args:
        tape: the tape.
        slope: how to find the derivative of a tape, by one of the ways above.
    """
    known = slope(tape)
    spread = 0.0
    random = Random(0)
    for _ in range(4):
        other = slope(tape.shaken(random))
        if known is not None and other is not None:
            spread = max(spread, abs(float(other.value) - float(known.value)))
    return spread
