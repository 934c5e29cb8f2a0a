"""Checkpoint: a piece of a long program recorded as one row for each of its results.

The piece runs on reels of its own, its reverse sweep runs at once, and what stays on the
outer tape is one row with a local derivative for everything the piece depends on; the reels
of the piece are let go. So memory grows with the number of pieces, not with their length.
Adept and CoDiPack call it preaccumulation. To be differentiated again, the piece runs again.
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from autograd.appending import append_many
from autograd.errors import TapeError
from autograd.linear import Linearisation
from autograd.recorders import handle_on
from autograd.rows import CHECKPOINT
from autograd.structures import flatten
from autograd.tape import VOID, Reel, here, renew
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return f as a function that leaves one row per result on the tape, not its whole run.

    Values, gradients and higher derivatives are those of f; Values that f uses without taking
    them as arguments (weights) get their gradients too. Each result costs one reverse sweep
    over the piece when it is recorded, so it pays for long pieces with few results.

    Example:
        >>> from autograd import Value
        >>> def power(x):
        ...     out = x
        ...     for _ in range(99):
        ...         out = out * x
        ...     return out
        >>> x = Value(1.0)
        >>> y = checkpoint(power)(x)
        >>> y.backward()
        >>> x.grad, len(y.tape)
        (100.0, 2)
    """

    @wraps(f)
    def piece(*args: Any, **kwargs: Any) -> Any:
        if here.reel is VOID or here.tracing is not None:
            return f(*args, **kwargs)
        with own_reels() as reels:
            result = f(*args, **kwargs)
        outputs, rebuild = flatten(result)
        sources = sources_of(reels)
        kept = [
            _one_row(out, k, sources, lambda: f(*args, **kwargs))
            if isinstance(out, Value) and out._reel in reels
            else out
            for k, out in enumerate(outputs)
        ]
        return rebuild(kept)

    return piece


@contextmanager
def own_reels() -> "Iterator[list[Reel]]":
    """Record on reels that no open tape keeps."""
    outer, tapes = here.reel, here.tapes
    reels: list[Reel] = []
    here.tapes = [reels]
    renew()
    try:
        yield reels
    finally:
        here.reel, here.tapes = outer, tapes


def sources_of(reels: Sequence[Reel]) -> list[Value]:
    """Return what the piece depends on: everything that entered from outside, once."""
    found = {
        (id(value), 0) if value._reel is None else (value._reel.stamp, value._row): value
        for reel in reels
        for value in reel.entries.values()
        if value._reel not in reels
    }
    return list(found.values())


def _one_row(out: Value, k: int, sources: Sequence[Value], run: Callable[[], Any]) -> Value:
    gradient = Linearisation(sources, [out]).pull([1.0], recorded=False)
    reel, row = append_many(CHECKPOINT, out._data, sources, gradient)
    data = [source._data for source in sources]

    def again() -> list[Any]:
        """Return the local derivatives as Values, by running the piece once more."""
        if any(source._data != then for source, then in zip(sources, data, strict=True)):
            raise TapeError(
                "a checkpoint runs again for higher derivatives, and a Value that it uses has "
                "other data now than when it was recorded; set data afterwards"
            )
        outputs, _ = flatten(run())
        return Linearisation(sources, [outputs[k]]).pull([1.0], recorded=True)

    reel.reruns[row] = again
    return handle_on(reel, row, out._data)
