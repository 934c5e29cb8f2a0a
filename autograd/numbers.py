"""Numbers in and numbers out: what counts as one real number, and how one is written.

The only place that turns an argument into a float, and the only place that turns a float into
text for a reader. Knows no tape and no Value.
"""

from numbers import Complex, Real
from typing import Any

from autograd.errors import NumberError, shown

# Certainly not one real number. Other types may know how to combine with a Value (an array
# does it element by element), so operators leave those to them.
_NEVER_NUMBERS = (str, bytes, list, tuple, dict, set, frozenset, type(None))


def real(thing: Any, where: str) -> float:
    """Return `thing` as a float if it is one real number.

    Accepts int, bool, float, Fraction and NumPy's real scalars.

    Raises:
        NumberError: if it is anything else, naming `where` it stood.

    >>> real(3, "Value")
    3.0
    """
    # Whole numbers first: they are common in formulas, and asking an abstract class is slow.
    if type(thing) is int or isinstance(thing, Real):
        try:
            return float(thing)
        except OverflowError:
            raise NumberError(
                f"{where} needs a number within the range of a float, got {shown(thing)}"
            ) from None
    raise NumberError(f"{where} needs one real number, got {shown(thing)}{_advice(thing)}")


def real_or_other(thing: Any, where: str) -> Any:
    """Return `thing` as a float, or NotImplemented if its own operators may know better."""
    if type(thing) is int or isinstance(thing, (Complex, *_NEVER_NUMBERS)):
        return real(thing, where)
    return NotImplemented


def _advice(thing: Any) -> str:
    if isinstance(thing, Complex):
        return "; use the real and imaginary parts as two numbers"
    if isinstance(thing, str):
        return "; convert it with float(...)"
    if hasattr(thing, "__array__"):
        return "; apply the operation to each element, as in [f(x) for x in array]"
    if isinstance(thing, (list, tuple)):
        return "; functions of lists are dot, total, mean, prod, logsumexp, amax, amin"
    return ""


def format_number(x: float) -> str:
    """Return a number as the listings and drawings write it: four significant digits.

    A small number turns to scientific notation and never to 0.

    >>> [format_number(x) for x in (2.0, -0.33333333, 1234567.0, 0.0000123, float("inf"))]
    ['2', '-0.3333', '1.235e+06', '1.23e-05', 'inf']
    """
    return f"{x:.4g}"
