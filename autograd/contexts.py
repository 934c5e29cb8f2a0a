"""What surrounds a computation: an explicit tape, no tape, IEEE arithmetic.

Each is a context manager that belongs to one thread and puts back what it found, whatever
happens inside. Knows reels and listings; knows no operation.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ContextDecorator
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from typing import Any, Self, TypeVar

from autograd.errors import TapeError
from autograd.listing import MOST_ROWS, Listing
from autograd.replay import Inputs, Replay
from autograd.rows import Row, snapshot
from autograd.tape import VOID, Reel, here, renew

Function = TypeVar("Function", bound=Callable[..., Any])

# Flags of code that may be left and entered again while it runs.
_IN_PIECES = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR


class Tape:
    """Every row recorded inside a `with` block, in the order they ran.

    Printing it gives the textbook table; iterating gives `Row`s. Tapes nest: an outer tape
    holds the rows of the inner ones too. A tape belongs to the thread that opened it.

    Args:
        lines: note for each row the line of the program that computed it, as `Row.line`. That
            takes several times as long as recording does.

    Example:
        >>> from autograd import Tape, Value
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> with Tape() as tape:
        ...     c = a * b
        >>> c.backward()
        >>> print(tape)
        row  label  value  operation  local derivatives    gradient
          0  a          2  leaf                                  -3
          1  b         -3  leaf                                   2
          2            -6  a * b      d/da = -3, d/db = 2         1
    """

    def __init__(self, *, lines: bool = False) -> None:
        self._lines = lines
        self._reels: list[Reel] = []
        self._thread: int | None = None
        self._used = False
        self._inside_no_grad = False

    def __enter__(self) -> Self:
        if self._used:
            raise TapeError(
                "a Tape records one `with` block, and this one has been used; make a new "
                "Tape() for the next block"
            )
        self._used = True
        self._thread = threading.get_ident()
        self._inside_no_grad = here.reel is VOID
        here.tapes.append(self._reels)
        here.placing += self._lines
        renew()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread != threading.get_ident():
            raise TapeError(
                "a Tape must be left in the thread that entered it; open one Tape in each "
                "thread"
            )
        here.tapes = [reels for reels in here.tapes if reels is not self._reels]
        here.placing -= self._lines
        if self._inside_no_grad:
            here.reel = VOID
        elif here.reel is not VOID:
            renew()

    @property
    def rows(self) -> Listing:
        """The rows so far, as plain frozen `Row`s."""
        return Listing(snapshot(self._reels))

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Row:
        return self.rows[number]

    def __str__(self) -> str:
        return str(self.rows)

    __repr__ = __str__

    def text(self, most: int | None = MOST_ROWS) -> str:
        """Return the table with at most so many rows; None shows every row."""
        return self.rows.text(most)

    def replay(self, inputs: Inputs = None, *, number: type = float) -> Replay:
        """Return values and gradients over another kind of number; see `autograd.replay`."""
        return self.rows.replay(inputs, number=number)

    def _repr_html_(self) -> str:
        return self.rows._repr_html_()


class Context(ContextDecorator):
    """A context manager that is a decorator too, for functions that run in one go."""

    def __init__(self, *misplaced: object) -> None:
        if misplaced:
            name = type(self).__name__
            raise TypeError(f"{name} takes no arguments; as a decorator it is @{name}()")

    def __call__(self, function: Function) -> Function:
        """Return the function, run inside this context."""
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _IN_PIECES:
            name = type(self).__name__
            raise TypeError(
                f"@{name}() cannot wrap {function.__name__}, which is a generator or a "
                f"coroutine and runs in pieces; write `with {name}():` around each piece"
            )
        return super().__call__(function)


class no_grad(Context):  # noqa: N801 - torch's name for it
    """Compute without recording: results are constants and need no memory.

    A `with` block or a decorator. A `Tape` opened inside records again.

    Example:
        >>> from autograd import Value, no_grad
        >>> x = Value(3.0)
        >>> with no_grad():
        ...     y = x * x
        >>> len(y.tape)
        1
    """

    def __enter__(self) -> Self:
        here.put_aside(self, here.reel)
        if here.tracing is not None:
            # To be compiled, the computation must stand on a tape all the same.
            here.tracing.freeze()
        else:
            here.reel = VOID
        return self

    def __exit__(self, *_: object) -> None:
        reel = here.take_back(self)
        if here.tracing is not None:
            here.tracing.thaw()
            return
        here.reel = reel
        if here.tapes and reel is not VOID and here.tapes[-1][-1] is not reel:
            # A Tape inside recorded on newer reels; what follows stands behind them.
            renew()


class ieee(Context):  # noqa: N801 - named like no_grad
    """Follow IEEE 754 where plain Python raises: 1/0 is inf, log(-1) is nan.

    A `with` block or a decorator.

    Example:
        >>> from autograd import Value, ieee
        >>> with ieee():
        ...     print((1.0 / Value(0.0)).data)
        inf
    """

    def __enter__(self) -> Self:
        here.put_aside(self, here.ieee)
        here.ieee = True
        return self

    def __exit__(self, *_: object) -> None:
        here.ieee = here.take_back(self)
