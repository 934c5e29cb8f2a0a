"""What a function did between inputs and outputs, as a linear map: pulled back or pushed.

A `Linearisation` holds the rows on the way from some inputs to some outputs. `pull` is the
reverse sweep over them and `push` the forward sweep, both over the same local derivatives:
the numbers in the rows, or, where the result must be differentiable itself, the formulas of
the table read over Values.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from autograd import functions
from autograd.contexts import ieee
from autograd.formulas import FLOAT_NAMES
from autograd.operations import TABLE
from autograd.readings import Reading, local_derivatives, no_formula
from autograd.recorders import handle_on
from autograd.rows import CUSTOM, dependencies, operands_of, selects
from autograd.tape import Reel, here
from autograd.value import Value


def _primal(x: Any) -> Any:
    return x._data if isinstance(x, Value) else x


VALUE_NAMES: dict[str, Any] = {
    **FLOAT_NAMES,
    **{name: getattr(functions, name) for name in TABLE if hasattr(functions, name)},
    "float": lambda x: x,
    # Less a constant: whole turns.
    "fmod": lambda x, y: x - (_primal(x) - math.fmod(_primal(x), y)),
    "copysign": lambda x, sign: math.copysign(_primal(x), _primal(sign)),
}

VALUES = Reading(VALUE_NAMES, _primal)


Key = tuple[int, int]
Number = Any  # float | Value; the arithmetic below is the same for both


births = count(1)


def private(number: float) -> Value:
    """Return a leaf for the input of a transform, marked with when it was made."""
    leaf = Value(number)
    leaf.__dict__["_born"] = next(births)
    return leaf


@dataclass(frozen=True, slots=True)
class Step:
    """A row that depends on an input, and the rows it was computed from.

    Attributes:
        key: the row, by stamp of its reel and index.
        reel: the reel of the row.
        sources: the row of each operand, None where it does not depend on an input.
    """

    key: Key
    reel: Reel
    sources: tuple[Key | None, ...]

    def partials(self, *, recorded: bool) -> list[Number]:
        """Return the local derivative for each operand: numbers, or Values if recorded."""
        raw = self.reel.rows[self.key[1]]
        places = operands_of(raw)
        if not recorded:
            if raw[0].startswith(CUSTOM) and raw[2][1] is None:
                raise no_formula(raw[0])
            return [d for _, _, d in places]
        if self.key[1] in self.reel.reruns:
            return self.reel.reruns[self.key[1]]()
        operands = [constant if row is None else self._at(row) for row, constant, _ in places]
        moving = [row is not None for row, _, _ in places]
        if here.tracing is not None:
            out = self._at(self.key[1])
            return here.tracing.derivatives(raw[0], moving, operands, out)
        return local_derivatives(raw[0], moving, operands, self._at(self.key[1]), VALUES)

    def leaves_out(self, partial: Number) -> bool:
        """Return whether a local derivative is the 0 of an operand that was not selected."""
        none = isinstance(partial, float) and partial == 0.0
        return none and selects(self.reel.rows[self.key[1]][0])

    def _at(self, row: int) -> Value:
        return handle_on(self.reel, row, self.reel.rows[row][1])


class Linearisation:
    """The rows from inputs to outputs, in the order they ran.

    Attributes:
        reaches: for each output, whether it depends on any input.
        outside: whether Values other than the inputs take part, so that a result may have
            to be differentiated with respect to them.
    """

    def __init__(
        self, inputs: Sequence[Value], outputs: Sequence[Any], started: float = math.inf
    ) -> None:
        self._started = started
        self._steps: list[Step] = []
        self._same: dict[Key, Key] = {}
        self.outside = False
        leaves = {id(value): (0, k) for k, value in enumerate(inputs) if value._reel is None}
        self._inputs: list[Key] = [
            (0, k) if value._reel is None else (value._reel.stamp, value._row)
            for k, value in enumerate(inputs)
        ]
        self._active: set[Key] = set(self._inputs)
        computed = [out for out in outputs if isinstance(out, Value) and out._home()]
        reels, needed = dependencies(computed, stop=self._active)
        for reel in reels:
            for row in sorted(needed[reel.stamp]):
                self._visit(reel, row, leaves)
        self.outside |= any(
            isinstance(out, Value)
            and out._reel is None
            and id(out) not in leaves
            and self._is_outside(out)
            for out in outputs
        )
        self._outputs = [self._key_of(out, leaves) for out in outputs]
        self.reaches = [key in self._active for key in self._outputs]

    def _visit(self, reel: Reel, row: int, leaves: dict[int, Key]) -> None:
        key = (reel.stamp, row)
        if key in self._active:
            return
        entered = reel.entries.get(row)
        if entered is not None:
            home = entered._reel
            if home is None:
                source = leaves.get(id(entered))
                self.outside |= source is None and self._is_outside(entered)
            else:
                source = (home.stamp, entered._row)
                source = self._same.get(source, source)
            if source in self._active:
                self._same[key] = source
            return
        sources = tuple(
            self._resolve((reel.stamp, i)) if i is not None else None
            for i, _, _ in operands_of(reel.rows[row])
        )
        if any(source is not None for source in sources):
            self._active.add(key)
            self._steps.append(Step(key, reel, sources))

    def _is_outside(self, leaf: Value) -> bool:
        """Return whether a leaf was there before the function started."""
        return bool(leaf.__dict__.get("_born", 0) < self._started)

    def _resolve(self, key: Key) -> Key | None:
        key = self._same.get(key, key)
        return key if key in self._active else None

    def _key_of(self, out: Any, leaves: dict[int, Key]) -> Key | None:
        if not isinstance(out, Value):
            return None
        reel = out._reel
        if reel is None:
            return leaves.get(id(out))
        return self._resolve((reel.stamp, out._row))

    def pull(self, seeds: Sequence[Number], *, recorded: bool) -> list[Number]:
        """Return the gradient of sum(seed * output) with respect to each input."""
        adjoints: dict[Key, Number] = {}
        for key, seed in zip(self._outputs, seeds, strict=True):
            if key is not None:
                _add(adjoints, key, seed)
        for step, partials in self._partials(
            reversed(self._steps), adjoints, recorded=recorded
        ):
            adjoint = adjoints.pop(step.key)
            for source, partial in zip(step.sources, partials, strict=True):
                if source is not None and not step.leaves_out(partial):
                    _add(adjoints, source, _product(adjoint, partial))
        return [adjoints.get(key, 0.0) for key in self._inputs]

    def push(self, tangents: Sequence[Number], *, recorded: bool) -> list[Number]:
        """Return the derivative of each output along the tangents of the inputs."""
        moved: dict[Key, Number] = {}
        for key, tangent in zip(self._inputs, tangents, strict=True):
            _add(moved, key, tangent)
        for step in self._steps:
            with ieee():
                partials = step.partials(recorded=recorded)
            for k, (source, partial) in enumerate(zip(step.sources, partials, strict=True)):
                if source in moved and here.watch is not None:
                    pair = _primal(moved[source]), k, _primal(partial)
                    here.watch.check_term(step.reel, step.key[1], *pair)
                if source in moved and not step.leaves_out(partial):
                    _add(moved, step.key, _product(moved[source], partial))
        return [moved.get(key, 0.0) if key is not None else 0.0 for key in self._outputs]

    def _partials(
        self, steps: Iterator[Step], adjoints: dict[Key, Number], *, recorded: bool
    ) -> Iterator[tuple[Step, list[Number]]]:
        """Yield the steps that have an adjoint, with their local derivatives."""
        for step in steps:
            adjoint = adjoints.get(step.key)
            if adjoint is not None and here.watch is not None:
                here.watch.check_row(step.reel, step.key[1], _primal(adjoint))
            if adjoint is None or (isinstance(adjoint, float) and adjoint == 0.0):
                # The zero-adjoint rule: nothing flows on from here.
                adjoints.pop(step.key, None)
                continue
            with ieee():
                partials = step.partials(recorded=recorded)
            yield step, partials


def _product(adjoint: Number, partial: Number) -> Number | None:
    """Return adjoint * partial, or None for 0 * non-finite, which the zero rule suppresses."""
    if isinstance(partial, float) and partial == 1.0:
        return adjoint
    if isinstance(adjoint, float) and adjoint == 1.0:
        return partial
    if here.tracing is None and _primal(adjoint) == 0.0 and not math.isfinite(_primal(partial)):
        return None
    return adjoint * partial


def _add(sums: dict[Key, Number], key: Key, term: Number | None) -> None:
    if term is not None:
        known = sums.get(key)
        sums[key] = term if known is None else known + term
