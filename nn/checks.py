"""What counts as good input, and how a message shows what is not.

The only place in `nn` that turns an argument into a number. Knows no weight and no network.
"""

import math
from collections.abc import Iterable
from numbers import Integral, Real

# Whatever callers give is looked at here.
from typing import Any

from autograd import NumberError, Value, shown

_READY = {float, Value}
_NO_LISTS = (str, bytes, dict, set, frozenset)


def is_list(thing: object) -> bool:
    """Return whether this is a list in the widest sense: a tuple, an iterator, an array."""
    if isinstance(thing, _NO_LISTS) or getattr(thing, "ndim", 1) == 0:
        return False
    return hasattr(thing, "__iter__")


def numbers(things: Iterable[Any], whose: str) -> list[Any]:
    """Return the numbers of a list as floats and Values.

    Raises:
        NumberError: if something in it is not one real number.

    >>> numbers((1, True, 0.5), "the inputs")
    [1.0, 1.0, 0.5]
    """
    found = list(things)
    if not _READY.issuperset(map(type, found)):
        for place, thing in enumerate(found):
            if isinstance(thing, Value):
                continue
            if isinstance(thing, Real):
                found[place] = float(thing)
            else:
                raise NumberError(
                    f"{whose} must be numbers, but number {place} is {shown(thing)}"
                    + ("; give one sample at a time" if is_list(thing) else "")
                )
    return found


def inputs(x: Any) -> list[Any]:
    """Return inputs as a list; a single one may stand bare, as a layer of one gives it.

    >>> inputs(3), inputs((1.0, 2.0))
    ([3.0], [1.0, 2.0])
    """
    return numbers(x if is_list(x) else [x], "inputs")


def number(thing: Any, name: str) -> float:
    """Return one real number as a float.

    Raises:
        NumberError: if it is not one real number, or too large for a float.

    >>> number(3, "w")
    3.0
    """
    if isinstance(thing, Real):
        try:
            return float(thing)
        except OverflowError:
            raise NumberError(
                f"{name} must be a number within the range of a float, got {shown(thing)}"
            ) from None
    raise NumberError(f"{name} must be one real number, got {shown(thing)}")


def whole(thing: Any, name: str, least: int) -> int:
    """Return a whole number that is at least so large.

    Raises:
        TypeError: if it is no whole number; True and 3.0 are not.
        ValueError: if it is smaller.
    """
    if not is_whole(thing):
        raise TypeError(f"{name} must be a whole number, got {shown(thing)}")
    if thing < least:
        raise ValueError(f"{name} must be at least {least}, got {thing}")
    return int(thing)


def is_whole(thing: object) -> bool:
    """Return whether this is a whole number by type: an int, or NumPy's, but no bool."""
    return not isinstance(thing, bool) and isinstance(thing, Integral)


def checked_class(target: Any, count: int, which: str = "") -> Any:
    """Return a target, the index of one of so many classes; `which` names it in messages.

    Raises:
        TypeError: if it is no whole number.
        IndexError: if there is no such class.
    """
    if not is_whole(target):
        hint = ""
        if isinstance(target, float) and target.is_integer():
            hint = "; use int(...)"
        elif is_list(target):
            hint = "; of a one-hot target, give the index of the 1"
        raise TypeError(
            f"the target{which} must be the index of a class, a whole number, "
            f"got {shown(target)}{hint}"
        )
    if not 0 <= target < count:
        hint = "" if target < 0 else "; a network needs one output for each class"
        raise IndexError(
            f"the target{which} must be one of the {count} classes 0 to {count - 1}, "
            f"got {target}{hint}"
        )
    # As it came: a function that is being compiled gets an index that it must not look at.
    return target


def plain(output: Any) -> Any:
    """Return an output, or nested lists of outputs, with the number of every Value.

    >>> plain([Value(1.0), [2.0]])
    [1.0, [2.0]]
    """
    if isinstance(output, Value):
        return output.data
    return [plain(part) for part in output] if isinstance(output, (list, tuple)) else output


def between(thing: Any, name: str, low: float, high: float = math.inf) -> float:
    """Return a number with low <= number < high as a float.

    Raises:
        NumberError: if it is not one real number.
        ValueError: if it lies elsewhere; nan lies nowhere.
    """
    found = number(thing, name)
    if not low <= found < high:
        end = "finite" if high == math.inf else f"below {high:g}"
        raise ValueError(f"{name} must be at least {low:g} and {end}, got {found!r}")
    return found


def is_leaf(value: Value) -> bool:
    """Return whether a Value has data of its own, not computed from others."""
    return not value._children  # noqa: SLF001 - microgpt's name for them


def learnable(weight: Value) -> bool:
    """Return whether a weight may move: it is not frozen."""
    return bool(getattr(weight, "requires_grad", True))
