"""Looking on while a function is recorded: what Python learns about its numbers.

A program has no `if`. So a comparison of Values gives a `Truth` here: used as the condition of
`where` it becomes a choice between two numbers; taken for true or false, by `if`, `while`,
`max`, `sorted`, it becomes a *guard*: the program holds only where it comes out the same. Whole
numbers that are arguments are `Index`es, and a number that would leave the tape is refused.

Knows how to look on. Knows no program; that is made of all this in `recording`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograd.appending import append_many
from autograd.checkpointing import own_reels
from autograd.compiling.conditions import local_derivatives
from autograd.compiling.stand_ins import Index, Mark, Truth, plain
from autograd.errors import Place, TapeError, user_line, user_place
from autograd.onlookers import tracings
from autograd.recorders import handle_on
from autograd.tape import Reel, here, renew
from autograd.value import Value


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
        out = plain(xs[chosen])
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
