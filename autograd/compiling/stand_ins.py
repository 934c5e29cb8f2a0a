"""What stands for truths and whole numbers while a function is recorded.

A comparison of Values gives a `Truth`; whole numbers that are arguments are `Index`es. Both
tell the `Trace` what Python learns of them.
"""

from collections.abc import Callable
from numbers import Integral
from typing import TYPE_CHECKING, Any

from autograd.errors import TapeError, user_line
from autograd.tape import here
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.compiling.tracing import Trace

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
        self.outcome = bool(_ORDERS[op](*map(plain, operands)))
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


def plain(x: Any) -> Any:
    """Return the number or the truth that something stands for."""
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
            return _ORDERS[op](self._data, plain(other))
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
