"""Looking on while a function is recorded: what Python learns about its numbers.

A program has no `if`. So a comparison of Values gives a `Truth` here: used as the condition of
`where` it becomes a choice between two numbers; taken for true or false, by `if`, `while`,
`max`, `sorted`, it becomes a *guard*: the program holds only where it comes out the same. Whole
numbers that are arguments are `Index`es, and a number that would leave the tape is refused.

Knows how to look on. Knows no program; that is made of all this in `recording`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from autograd.appending import append_many
from autograd.checkpointing import own_reels
from autograd.compiling.conditions import local_derivatives
from autograd.errors import Place, TapeError, user_line, user_place
from autograd.onlookers import tracings
from autograd.recorders import handle_on
from autograd.tape import Reel, here, renew
from autograd.value import Value

_ORDERS: dict[str, Callable[..., bool]] = {
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "and": lambda *truths: all(truths),
    "or": lambda *truths: any(truths),
    "not": lambda truth: not truth,
}


class Truth:
    """A truth about Values: a comparison, or `and`, `or`, `not` of others.

    It behaves like the bool that it stands for; whoever asks for that leaves a guard.

    Attributes:
        op: `lt`, `le`, `eq`, `ne`, `and`, `or` or `not`.
        operands: Values and floats, or Truths.
        outcome: the bool it stands for at the point where the function is recorded.
        number: its place among the truths of the trace.
    """

    __slots__ = ("number", "op", "operands", "outcome", "trace")

    def __init__(self, trace: "Trace", op: str, operands: tuple[Any, ...]) -> None:
        self.trace = trace
        self.op = op
        self.operands = operands
        self.outcome = bool(_ORDERS[op](*map(_plain, operands)))
        self.number = len(trace.truths)
        trace.truths.append(self)

    def __bool__(self) -> bool:
        if here.tracing is self.trace:
            self.trace.guard(self)
        return self.outcome

    def __and__(self, other: Any) -> Any:
        return self._combined("and", other)

    def __or__(self, other: Any) -> Any:
        return self._combined("or", other)

    def _combined(self, op: str, other: Any) -> Any:
        if isinstance(other, Truth):
            return Truth(self.trace, op, (self, other))
        return bool(self) & other if op == "and" else bool(self) | other

    def __rand__(self, other: Any) -> Any:
        return other & bool(self)

    def __ror__(self, other: Any) -> Any:
        return other | bool(self)

    def __xor__(self, other: Any) -> Any:
        return bool(self) ^ (bool(other) if isinstance(other, Truth) else other)

    __rxor__ = __xor__

    def __eq__(self, other: object) -> bool:
        return bool(bool(self) == (bool(other) if isinstance(other, Truth) else other))

    def __hash__(self) -> int:
        return hash(bool(self))

    def __index__(self) -> int:
        return int(bool(self))

    __int__ = __index__

    def __float__(self) -> float:
        return float(bool(self))

    def __add__(self, other: Any) -> Any:
        return int(self) + other

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return int(self) * other

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return int(self) - other

    def __rsub__(self, other: Any) -> Any:
        return other - int(self)

    def __repr__(self) -> str:
        """Return what the bool prints; looking at it is no branch."""
        return repr(self.outcome)


Integral.register(Truth)


def _plain(x: Any) -> Any:
    if isinstance(x, Truth):
        return x.outcome
    return x._data if isinstance(x, Value) else x


class Mark(float):
    """The condition of a recorded `where`: 1.0 or 0.0, and which truth it comes from."""

    __slots__ = ("truth",)
    truth: int


class Index(Value):
    """A whole number among the arguments of a function that is recorded.

    A Value in arithmetic; arithmetic with whole numbers gives another whole number. Where
    Python wants to know which one it is, as in `xs[index]`, the program is for this one only.

    Attributes:
        varies: whether it is one of a column, so that there is no such one.
    """

    __slots__ = ("varies",)
    varies: bool

    @staticmethod
    def standing_for(value: Value, *, varies: bool) -> "Index":
        """Return the same row as a whole number."""
        index = Index.__new__(Index)
        index._data, index._reel, index._row = value._data, value._reel, value._row
        index._grad = None
        index.varies = varies
        return index

    def __index__(self) -> int:
        number = int(self._data)
        if here.tracing is None:
            return number
        if self.varies:
            raise TapeError(
                "a compiled function needs to know a whole number that is different for every "
                f"sample{user_line()}: use autograd.take(xs, index) instead of xs[index]"
            )
        bool(here.tracing.compared("eq", self, float(number)))
        return number

    __int__ = __index__

    def __float__(self) -> float:
        return float(self.__index__())

    def __hash__(self) -> int:
        return hash(self.__index__())

    def __eq__(self, other: object) -> Any:
        return self._equal("eq", other)

    def __ne__(self, other: object) -> Any:
        return self._equal("ne", other)

    def _equal(self, op: str, other: object) -> Any:
        if isinstance(other, (int, float)):
            other = float(other)
        elif not isinstance(other, Value):
            return NotImplemented
        if here.tracing is None:
            return _ORDERS[op](self._data, _plain(other))
        return here.tracing.compared(op, self, other)

    def _whole(self, other: Any, out: Any) -> Any:
        """Return a result as a whole number if both operands were."""
        if isinstance(other, Index) or type(other) is int:
            varies = self.varies or (isinstance(other, Index) and other.varies)
            return Index.standing_for(out, varies=varies)
        return out

    def __add__(self, other: Any) -> Any:
        return self._whole(other, Value.__add__(self, other))

    def __radd__(self, other: Any) -> Any:
        return self._whole(other, Value.__radd__(self, other))

    def __sub__(self, other: Any) -> Any:
        return self._whole(other, Value.__sub__(self, other))

    def __rsub__(self, other: Any) -> Any:
        return self._whole(other, Value.__rsub__(self, other))

    def __mul__(self, other: Any) -> Any:
        return self._whole(other, Value.__mul__(self, other))

    def __rmul__(self, other: Any) -> Any:
        return self._whole(other, Value.__rmul__(self, other))

    def __mod__(self, other: Any) -> Any:
        return self._whole(other, Value.__mod__(self, other))

    def __floordiv__(self, other: Any) -> Any:
        return self.__index__() // other

    def __rfloordiv__(self, other: Any) -> Any:
        return other // self.__index__()

    def __neg__(self) -> Any:
        return self._whole(self, Value.__neg__(self))

    def __repr__(self) -> str:
        return repr(int(self._data))


Integral.register(Index)


@dataclass(frozen=True, slots=True)
class Guard:
    """A truth that was asked for.

    Attributes:
        truth: its number.
        place: where in the user's program.
        row: when: the reel, by stamp, and how many rows it had.
    """

    truth: int
    place: Place
    row: tuple[int, int]


class Trace:
    """What was seen while a function was recorded.

    Attributes:
        reels: the reels that it was recorded on, oldest first.
        truths: every comparison, and what was made of them.
        guards: those that were asked for, in order; each once.
        frozen: spans of reels, by stamp, through which no gradient flows.
    """

    def __init__(self) -> None:
        self.reels: list[Reel] = []
        self.truths: list[Truth] = []
        self.guards: list[Guard] = []
        self.frozen: list[tuple[int, float]] = []
        self._asked: set[int] = set()
        self._thaws_at: list[int] = []

    def compared(self, order: str, left: Any, right: Any) -> Truth:
        """Return the truth of a comparison."""
        return Truth(self, order, (left, right))

    def joined(self, op: str, truths: Sequence[Truth]) -> Truth:
        """Return the truth that all of some truths hold, or any."""
        return Truth(self, op, tuple(truths))

    def guard(self, truth: Truth) -> None:
        """Note that the function goes on in a way that depends on a truth."""
        if truth.number not in self._asked:
            self._asked.add(truth.number)
            row = here.reel.stamp, len(here.reel.rows)
            self.guards.append(Guard(truth.number, user_place(), row))

    def condition(self, truth: object) -> float:
        """Return the condition of a `where`, marked if it is a truth about Values."""
        if not isinstance(truth, Truth):
            return 1.0 if truth else 0.0
        mark = Mark(truth.outcome)
        mark.truth = truth.number
        return mark

    def take(self, xs: Sequence[Any], index: Value) -> Value:
        """Record xs[index], with guards that there is such an index."""
        if not isinstance(index, Index):
            raise TapeError(
                f"take needs a whole number as the index, got {index!r}{user_line()}: give "
                "whole numbers as int"
            )
        if not (index >= 0 and index < len(xs)):
            raise IndexError(
                f"take needs an index below {len(xs)} and not below 0, got {index!r}"
                f"{user_line()}"
            )
        chosen = int(index._data)
        out = _plain(xs[chosen])
        places = [None if isinstance(x, Value) else x for x in xs]
        moving = [k for k, x in enumerate(xs) if isinstance(x, Value)]
        slopes = [0.0, *(1.0 if k == chosen else 0.0 for k in moving)]
        values = [index, *(xs[k] for k in moving)]
        constants = (None, *places) if len(moving) < len(xs) else None
        return handle_on(*append_many("take", out, values, slopes, constants), out)

    def derivatives(
        self, name: str, moving: Sequence[bool], operands: Sequence[Any], out: Any
    ) -> list[Any]:
        """Return local derivatives as Values, conditions and all."""
        return local_derivatives(self, name, moving, operands, out)

    def truth_of(self, number: Any) -> Any:
        """Return whether a number is not 0: a Truth for Values, a bool for floats."""
        if isinstance(number, Mark):
            return self.truths[number.truth]
        return self.compared("ne", number, 0.0) if isinstance(number, Value) else bool(number)

    def freeze(self) -> None:
        """Go on with rows that no gradient flows through."""
        self._thaws_at.append(renew().stamp)

    def thaw(self) -> None:
        """Go on with rows as usual."""
        self.frozen.append((self._thaws_at.pop(), renew().stamp))

    def refusal(self, what: str) -> TapeError:
        """Return the error for a number that gets away from the tape."""
        return TapeError(
            f"a function that is being compiled {what}{user_line()}: what Python does with it "
            "would not become part of the program. Compute with the Value itself; use "
            "autograd.stop_gradient(v) for a constant, autograd.where(condition, x, y) for a "
            "choice, autograd.grad(f) for a derivative"
        )


@contextmanager
def looking_on() -> Iterator[Trace]:
    """Record what this thread computes on reels of its own, and look on."""
    trace = Trace()
    outer, watch = here.tracing, here.watch
    tracings.change(1)
    here.tracing, here.watch = trace, None
    # Every row is noted with its line.
    here.placing += 1
    try:
        with own_reels() as trace.reels:
            yield trace
    finally:
        here.tracing, here.watch = outer, watch
        here.placing -= 1
        tracings.change(-1)
