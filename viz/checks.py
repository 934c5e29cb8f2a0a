"""What may be drawn: a Value, and advice for those who bring something else.

Knows no graph.
"""

from collections.abc import Sequence
from numbers import Real

from autograd import Listing, Tape, Value
from viz.errors import NotAValueError
from viz.quoting import shortened


def require_value(thing: object, caller: str) -> None:
    """Return nothing if `thing` is a Value.

    Raises:
        NotAValueError: if it is anything else, naming the function that was called.
    """
    if not isinstance(thing, Value):
        shown = f"{shortened(repr(thing), 60)} ({type(thing).__name__})"
        raise NotAValueError(
            f"{caller} needs the Value at the end of a computation, got {shown}; "
            f"{_advice(thing)}"
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
