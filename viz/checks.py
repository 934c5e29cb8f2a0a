"""What may be drawn: a Value, and advice for those who bring something else.

Knows no graph.
"""

from collections.abc import Iterable, Sequence
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
        shown = f"{shortened(repr(thing), 60)} ({type(thing).__name__})"
        raise NotAValueError(
            f"{caller} needs the Value at the end of a computation, got {shown}; "
            f"{_advice(thing)}"
        )


def require_computation(thing: object, caller: str) -> None:
    """Return nothing if `thing` is a Value, or a tape with something on it.

    Raises:
        NotAValueError: if it is anything else, naming the function that was called.
    """
    if isinstance(thing, (Tape, Listing)) and not any(True for _ in _rows(thing)):
        raise NotAValueError(
            f"{caller} got an empty tape; compute inside `with Tape() as tape:`, then draw it"
        )
    if not isinstance(thing, (Tape, Listing, list)):
        require_value(thing, caller)


def _rows(tape: Tape | Listing) -> Iterable[object]:
    return skim(tape) if isinstance(tape, Tape) else tape


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
