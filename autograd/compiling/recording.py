"""From a run of a function to a recorded program.

The function runs on fresh inputs while `tracing` looks on; the rows that its results and its
guards depend on become instructions, one each. Values that the function uses but did not make
or take as arguments, the weights of a model, become inputs as well: *captured*, their data is
read whenever the program runs.

A function whose program differs from one run to the next depends on something else than its
arguments, and one whose constants move with the arguments lets numbers escape; both are found
by running it again, at the same point and at one close by, and refused. Knows no sweep.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograd.compiling.program import (
    Program,
)
from autograd.compiling.stand_ins import Index
from autograd.compiling.tracing import looking_on
from autograd.compiling.writing import Key, Writer, key_of
from autograd.errors import CompilationError, Place, TapeError, written_place
from autograd.formulas import ARITHMETIC
from autograd.numbers import real
from autograd.rows import operands_of
from autograd.structures import Rebuild, flatten
from autograd.value import Value


@dataclass(frozen=True, slots=True)
class Given:
    """One number among the arguments.

    Attributes:
        number: what it is where the function is recorded.
        name: what the program calls it.
        whole: whether it is a whole number.
        varies: whether it is one of a column of a batch.
    """

    number: float
    name: str
    whole: bool = False
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A function as it ran at one point.

    Attributes:
        program: one instruction for each row.
        captured: the Values from outside, whose data the last inputs are.
        rebuild: puts results into the structure that the function returned.
        outcomes: how the guards came out, in order.
        places: where in the user's program each instruction comes from.
        roots: the results as they were recorded, to look at.
    """

    program: Program
    captured: tuple[Value, ...]
    rebuild: Rebuild
    outcomes: tuple[bool, ...]
    places: tuple[Place, ...]
    roots: tuple[Any, ...] = field(compare=False)


def record(call: Callable[[list[Any]], Any], givens: Sequence[Given]) -> Recording:
    """Return a function's recording, having made sure that it can be trusted.

    Args:
        call: runs the function on numbers in place of the given ones.
        givens: the numbers to start from.

    Raises:
        CompilationError: if the function depends on something else than its arguments.
        TapeError: if it hands out numbers that the program would need.
    """
    first = _Run(call, givens)
    second = _Run(call, givens)
    # Made inside is what is not the same object the second time.
    outside = first.from_outside().keys() & second.from_outside().keys()
    recording, again = first.recording(outside), second.recording(outside)
    _demand_same(recording, again)
    moved = _close_by(call, givens, recording, outside)
    if moved is not None:
        _demand_still(recording, moved)
    return recording


class _Run:
    """One run of a function under observation."""

    def __init__(self, call: Callable[[list[Any]], Any], givens: Sequence[Given]) -> None:
        self._givens = givens
        with looking_on() as self._trace:
            self._inputs = [_fresh(given) for given in givens]
            result = call(list(self._inputs))
            self._outputs, self._rebuild = flatten(result)
            self._outputs = [_number(x) for x in self._outputs]
        self._reels = {reel.stamp: reel for reel in self._trace.reels}
        self._needed = self._find_needed()

    def _find_needed(self) -> dict[int, set[int]]:
        """Return the rows that results and conditions depend on, by reel."""
        needed: dict[int, set[int]] = {stamp: set() for stamp in self._reels}
        waiting = [x for x in self._outputs if isinstance(x, Value)]
        waiting += [
            x for truth in self._trace.truths for x in truth.operands if isinstance(x, Value)
        ]
        for value in waiting:
            if value._reel is not None and value._reel.stamp in needed:
                needed[value._reel.stamp].add(value._row)
        for stamp in sorted(self._reels, reverse=True):
            reel, rows = self._reels[stamp], needed[stamp]
            for index in range(max(rows, default=-1), -1, -1):
                if index not in rows:
                    continue
                rows.update(i for i, _, _ in operands_of(reel.rows[index]) if i is not None)
                entered = reel.entries.get(index)
                home = None if entered is None else entered._reel
                if entered is not None and home is not None and home.stamp in needed:
                    needed[home.stamp].add(entered._row)
        return needed

    def from_outside(self) -> dict[Key, Value]:
        """Return what entered and is no input: captured, or a leaf made inside."""
        inputs = {id(x) for x in self._inputs}
        found = {
            key_of(value): value
            for stamp, reel in self._reels.items()
            for index, value in reel.entries.items()
            if index in self._needed[stamp]
            and id(value) not in inputs
            and (value._reel is None or value._reel.stamp not in self._reels)
        }
        bare = [*self._outputs, *(x for t in self._trace.truths for x in t.operands)]
        for value in bare:
            if isinstance(value, Value) and value._reel is None and id(value) not in inputs:
                found[key_of(value)] = value
        for value in found.values():
            self._check_older(value)
        return found

    def _check_older(self, value: Value) -> None:
        home = value._reel
        if home is not None and home.stamp > min(self._reels):
            raise TapeError(
                "a function that is being compiled uses a Value computed by another thread "
                "meanwhile; compile what each thread does by itself"
            )

    def _line_of(self, value: Value) -> Place:
        """Return where in the user's program a Value was used first."""
        for reel in self._reels.values():
            for index, entered in reel.entries.items():
                if entered is value:
                    return reel.lines.get(index)
        return None

    def recording(self, captured: set[Key]) -> Recording:
        """Return the program, with the Values of these keys as captured inputs."""
        outside = self.from_outside()
        kept = tuple(value for key, value in outside.items() if key in captured)
        inside = [value for key, value in outside.items() if key not in captured]
        writer = Writer(self._trace, self._reels, self._needed)
        for value, given in zip(self._inputs, self._givens, strict=True):
            writer.enter(value, given.name)
        for k, value in enumerate(kept):
            writer.enter(value, value.label or f"w{k}")
        for value in inside:
            writer.constant(value, self._line_of(value))
        outputs = writer.write(self._outputs)
        return Recording(
            writer.build.program(outputs),
            kept,
            self._rebuild,
            tuple(self._trace.truths[guard.truth].outcome for guard in self._trace.guards),
            tuple(writer.places),
            tuple(self._outputs),
        )


def _fresh(given: Given) -> Value:
    value = Value(given.number)
    if given.whole:
        value = Index.standing_for(value, varies=given.varies)
    if given.name:
        value.label = given.name
    return value


def _number(x: Any) -> Any:
    """Return a result as a Value or a float."""
    if isinstance(x, Value):
        x._home()
        return x
    return real(x, "the result of a function to be compiled")


# -- what cannot be compiled ----------------------------------------------------------------

# How far to move, relative to each number: far enough to tell rounding from dependence, and
# in both directions, because a domain may end here.
_MOVES = (1e-3, -1e-3, 1e-6, -1e-6, 1e-9, -1e-9)


def _close_by(
    call: Callable[[list[Any]], Any],
    givens: Sequence[Given],
    recording: Recording,
    captured: set[Key],
) -> Recording | None:
    """Return the recording at a point close by where all guards come out the same, if any."""
    for move in _MOVES:
        moved = [_moved(given, k, move) for k, given in enumerate(givens)]
        if moved == list(givens):
            return None
        try:
            found = _Run(call, moved).recording(captured)
        except (*ARITHMETIC, LookupError):
            continue
        if found.outcomes == recording.outcomes:
            return found
    return None


def _moved(given: Given, k: int, move: float) -> Given:
    if given.whole or not math.isfinite(given.number):
        return given
    # Not all by the same, or differences would stay what they are.
    step = move * (1.0 + k % 7 / 10.0)
    return replace(given, number=given.number * (1.0 + step) if given.number else step)


def _demand_same(first: Recording, second: Recording) -> None:
    """Raise unless two runs at the same point recorded the same."""
    for place in _differences(first, second):
        raise CompilationError(
            "the function did something else when it ran again on the same arguments"
            f"{written_place(place)}, so it depends on more than its arguments: on random "
            "numbers, the time, or what it changed itself. Make what it depends on an argument"
        )


def _demand_still(first: Recording, moved: Recording) -> None:
    """Raise if a number that the program takes as constant depends on the arguments."""
    for place in _differences(first, moved):
        raise CompilationError(
            "a number that depends on the arguments left the tape and came back as a constant"
            f"{written_place(place)}; it would be frozen into the program. Compute with the "
            "Values themselves; autograd.stop_gradient(v) is a constant for derivatives only"
        )


def _differences(first: Recording, second: Recording) -> Iterator[Place]:
    """Yield where two recordings differ."""
    steps = first.program.instructions, second.program.instructions
    for one, other, place in zip(*steps, first.places, strict=False):
        # By their text: nan is no difference, and the sign of a zero is one.
        if one != other and repr(one) != repr(other):
            yield place
    lengths = len(steps[0]), len(steps[1])
    if lengths[0] != lengths[1]:
        longer = first if lengths[0] > lengths[1] else second
        yield longer.places[min(lengths)]
    elif first.program.outputs != second.program.outputs:
        yield None
