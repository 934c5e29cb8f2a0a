"""What may be drawn: a Value, and advice for those who bring something else.

Knows no graph.
"""

from collections.abc import Sequence
from numbers import Real

from autograd import Listing, Tape, Value, skim
from viz.errors import NotAValueError
from viz.quoting import shortened


def require_value(thing: object, caller: str) -> None:
    """Return nothing if `thing` is a Value.

    Raises:
        NotAValueError: if it is anything else, naming the function that was called.
    """
    if not isinstance(thing, Value):
        raise refused(thing, caller)


def refused(thing: object, caller: str) -> NotAValueError:
    """Return the error for something that is no computation, with advice."""
    shown = f"{shortened(repr(thing), 60)} ({type(thing).__name__})"
    return NotAValueError(
        f"{caller} needs the Value at the end of a computation, got {shown}; {_advice(thing)}"
    )


def require_computation(thing: object, caller: str) -> None:
    """Return nothing if `thing` is a Value, or a tape with something on it.

    Raises:
        NotAValueError: if it is anything else, naming the function that was called.
    """
    if not isinstance(thing, Tape):
        require_value(thing, caller)
    elif next(skim(thing), None) is None:
        raise NotAValueError(
            f"{caller} got an empty tape; compute inside `with Tape() as tape:`, then draw it"
        )


def _advice(thing: object) -> str:
    if isinstance(thing, Real):
        return "a plain number remembers no computation: compute with Value(...) instead"
    if isinstance(thing, (Tape, Listing)):
        return "take the last Value that was computed on it, or print the tape as a table"
    if isinstance(thing, Sequence) and any(isinstance(item, Value) for item in thing):
        return "take one of its Values, or combine them with autograd.total(...)"
    if callable(thing):
        return "call it with inputs, and take what it returns"
    return "compute with autograd.Value, and take the result"
