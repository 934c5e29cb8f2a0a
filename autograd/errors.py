"""What can go wrong, said to the person at the keyboard.

Every class here is a subclass of the built-in that plain Python would raise, so a program
that catches `ValueError` from `math.log` catches ours too. Knows how to find the line of the
user's program that is at fault. Knows no operation and no tape.
"""

import linecache
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from autograd.checking.report import GradientReport


class DomainError(ValueError):
    """An operation is not defined at its operands, such as log(-1)."""


class PoleError(ZeroDivisionError):
    """An operation divides by zero at its operands, such as 1 / 0 or 0 ** -1."""


class RangeError(OverflowError):
    """The result of an operation is too large for a float, such as exp(710)."""


class NumberError(TypeError):
    """Something that is not one real number stands where a number belongs."""


class ConversionError(TypeError):
    """A Value would silently lose its gradient, as in float(v) or v == 2.0."""


class LengthError(ValueError):
    """Lists that belong together have different lengths, or one is empty."""


class StructureError(ValueError):
    """Two nested structures that belong together have different shapes."""


class TapeError(RuntimeError):
    """A tape is used in a way in which it cannot record or be swept."""


class AnomalyError(ArithmeticError):
    """A value or a gradient is not finite, found by `detect_anomaly`."""


class CompilationError(ValueError):
    """A function cannot be compiled, because it depends on more than its arguments."""


class BranchError(RuntimeError):
    """A compiled function would take another branch, and was told to raise then."""


class DefinitionError(ValueError):
    """An operation of one's own is defined in a way that cannot work."""


class GradientError(AssertionError):
    """A gradient is not the derivative, found by `assert_gradients`.

    Attributes:
        report: what was found; `report.root` can be drawn.
    """

    def __init__(self, report: "GradientReport") -> None:
        super().__init__(str(report))
        self.report = report


class CompilationWarning(UserWarning):
    """A compiled function runs on the engine after all, and more slowly."""


class DefinitionWarning(UserWarning):
    """An operation of one's own passes no gradient on, because it was not told how."""


class IndependenceWarning(UserWarning):
    """A derivative is 0 because the result does not depend on the input at all."""


def missing_extra(what: str, package: str, extra: str) -> ModuleNotFoundError:
    """Return the error for an extra that is not installed: what needs it, what brings it.

    >>> print(missing_extra("autograd.strategies", "hypothesis", "check"))
    autograd.strategies needs hypothesis, which is not installed: pip install "wengert[check]"
    """
    return ModuleNotFoundError(
        f'{what} needs {package}, which is not installed: pip install "wengert[{extra}]"',
        name=package,
    )


OUR_PACKAGES = frozenset({"autograd", "nn", "viz"})


def user_line() -> str:
    """Return where the user's program is right now, for the end of a message.

    That is the innermost frame outside our own packages: file, line number and, where the
    source can be read, the text of the line. Empty when there is no such frame.
    """
    return written_place(user_place())


# A file and a line in it; None where there is no frame of the user's.
Place = tuple[str, int] | None


def user_place() -> Place:
    """Return the file and the line where the user's program is right now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not _is_ours(frame):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def written_place(place: Place) -> str:
    """Return a place of the user's program for the end of a message."""
    if place is None:
        return ""
    name, line = place
    text = linecache.getline(name, line).strip()
    return f" ({name}, line {line}{': ' + text if text else ''})"


def user_stacklevel() -> int:
    """Return the `stacklevel` that makes a warning of the caller point to the user's line."""
    frame: FrameType | None = sys._getframe(1)
    level = 1
    while frame is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    return level


def _is_ours(frame: "FrameType") -> bool:
    return _in_our_packages(frame.f_globals.get("__name__", ""))


@cache
def _in_our_packages(module: str) -> bool:
    return module.partition(".")[0] in OUR_PACKAGES


def shown(thing: object) -> str:
    """Return a thing's repr and type for a message, a long repr cut short.

    >>> shown("two")
    "'two' (str)"
    >>> len(shown("x" * 100)) == 60 + len(" (str)")
    True
    """
    text = repr(thing)
    if len(text) > 60:
        text = text[:57] + "..."
    return f"{text} ({type(thing).__name__})"
