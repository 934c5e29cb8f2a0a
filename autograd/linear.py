"""What a function did between inputs and outputs, as a linear map: pulled back or pushed.

A `Linearisation` holds the rows on the way from some inputs to some outputs. `pull` is the
reverse sweep over them and `push` the forward sweep, both over the same local derivatives. In
numbers they run the loops of `reverse` and `forward` over the rows as they are; where the
result must be differentiable itself, `following` reads the formulas of the table over Values.

The zero rule, for both sweeps: a term `0 * inf` or `0 * nan` is left out where the 0 is what
arrives (an adjoint, a tangent) and, in the forward sweep, where it is the local derivative.
Where the forward sweep still ends in something infinite or undefined, the reverse sweep is
asked. So wherever the reverse sweep gives a finite number, the forward sweep gives it too.
"""

import math
from collections.abc import Sequence
from typing import Any

from autograd.contexts import ieee
from autograd.following import Number, Way, add, primal, product
from autograd.forward import push_rows
from autograd.readings import no_formula
from autograd.recorders import handle_on
from autograd.reverse import pull_rows
from autograd.rows import dependencies
from autograd.tape import Reel, births, here
from autograd.value import Value


def private(number: float) -> Value:
    """Return a leaf for the input of a transform, marked with when it was made."""
    leaf = handle_on(None, 0, number)
    leaf.become_leaf()
    leaf.__dict__["_born"] = next(births)
    return leaf


def spend(inputs: Sequence[Value]) -> None:
    """Mark the inputs of a transform that is over and whose results are plain numbers."""
    for leaf in inputs:
        leaf.__dict__["_spent"] = True


class Linearisation:
    """The rows from inputs to outputs, in the order they ran.

    Inputs are taken to be independent of each other: nothing flows on below one.

    Attributes:
        depends: whether any output depends on any input.
        outside: whether Values other than the inputs take part, so that a result may have
            to be differentiated with respect to them.
        leftover: whether an input of an earlier transform takes part, one that gave plain
            numbers and is over.
    """

    def __init__(
        self, inputs: Sequence[Value], outputs: Sequence[Any], started: float = math.inf
    ) -> None:
        self._started = started
        self._inputs = inputs
        self._outputs = [out if isinstance(out, Value) else None for out in outputs]
        self._leaves = {id(x): k for k, x in enumerate(inputs) if x._reel is None}
        self._rows = {
            (x._reel.stamp, x._row): k for k, x in enumerate(inputs) if x._reel is not None
        }
        values = [out for out in self._outputs if out is not None]
        computed = [out for out in values if out._home() is not None]
        self._reels, self._needed = dependencies(computed, stop=self._rows.keys())
        # Then sweeps over whole reels would go on below an input.
        self._inputs_inside = any(
            row in self._needed.get(stamp, ()) for stamp, row in self._rows
        )
        self._entries = {reel.stamp: self._entered(reel) for reel in self._reels}
        self.depends = self._inputs_inside
        self.outside = self.leftover = False
        for value in values:
            self._meet(value, self._number_of(value))
        for entries in self._entries.values():
            for _, number, value in entries:
                self._meet(value, number)
        self._way: Way | None = None

    def _number_of(self, value: Value) -> int | None:
        """Return which input a Value is, None if it is none."""
        home = value._reel
        if home is None:
            return self._leaves.get(id(value))
        return self._rows.get((home.stamp, value._row))

    def _entered(self, reel: Reel) -> list[tuple[int, int | None, Value]]:
        """Return what entered a reel on the way: its row, which input it is, and the Value."""
        needed, number_of = self._needed[reel.stamp], self._number_of
        return [
            (row, number_of(value), value)
            for row, value in reel.entries.items()
            if row in needed
        ]

    def _meet(self, value: Value, number: int | None) -> None:
        """Note what a Value at an end of the way says about the whole."""
        if number is not None:
            self.depends = True
        elif value._reel is None and value.__dict__.get("_born", 0) < self._started:
            # A leaf that was there before the function started.
            self.outside = True
            self.leftover |= "_spent" in value.__dict__

    def pull(self, seeds: Sequence[Number], *, recorded: bool) -> list[Number]:
        """Return the gradient of sum(seed * output) with respect to each input."""
        if self._step_by_step(recorded=recorded):
            with ieee():
                return self._followed().pull(seeds, recorded=recorded)
        return self._pull_numbers(seeds)

    def push(self, tangents: Sequence[Number], *, recorded: bool) -> list[Number]:
        """Return the derivative of each output along the tangents of the inputs."""
        with ieee():
            if self._step_by_step(recorded=recorded):
                pushed = self._followed().push(tangents, recorded=recorded)
            else:
                pushed = self._push_numbers(tangents)
        if here.tracing is not None:
            # A program holds for other numbers than these.
            return pushed
        return [
            slope
            if math.isfinite(primal(slope))
            else self._pulled(k, tangents, slope, recorded=recorded)
            for k, slope in enumerate(pushed)
        ]

    def _pulled(
        self, k: int, tangents: Sequence[Number], slope: Number, *, recorded: bool
    ) -> Number:
        """Return an output's slope by the reverse sweep if that is finite, else as it is.

        Infinite tangents may cancel, or meet a product that is 0 only once rounded; the
        reverse sweep, which starts from there, never comes to the infinity.
        """
        seeds = [1.0 if i == k else 0.0 for i in range(len(self._outputs))]
        gradient = self.pull(seeds, recorded=recorded)
        found: Number = 0.0
        for tangent, partial in zip(tangents, gradient, strict=True):
            found = add(found, product(tangent, partial))
        return found if math.isfinite(primal(found)) else slope

    def _step_by_step(self, *, recorded: bool) -> bool:
        """Return whether a sweep must look at each step, not only at the numbers in rows."""
        return recorded or here.watch is not None or self._inputs_inside

    def _followed(self) -> Way:
        if self._way is None:
            self._way = Way(self._reels, self._needed, self._inputs, self._outputs)
        return self._way

    # -- numbers ---------------------------------------------------------------------------

    def _numbers(self) -> dict[int, list[float]]:
        """Return a 0.0 for each row up to the last that is needed, by stamp of its reel."""
        return {reel.stamp: [0.0] * (max(self._needed[reel.stamp]) + 1) for reel in self._reels}

    def _pull_numbers(self, seeds: Sequence[float]) -> list[float]:
        gains = [0.0] * len(self._inputs)
        adjoints = self._numbers()

        def give(number: int | None, value: Value, adjoint: float) -> None:
            if number is not None:
                gains[number] += adjoint
            elif value._reel is not None:
                adjoints[value._reel.stamp][value._row] += adjoint

        for out, seed in zip(self._outputs, seeds, strict=True):
            if out is not None:
                give(self._number_of(out), out, seed)
        for reel in reversed(self._reels):
            swept = adjoints[reel.stamp]
            pull_rows(reel, swept, _refuse)
            for row, number, value in self._entries[reel.stamp]:
                give(number, value, swept[row])
        return gains

    def _push_numbers(self, moves: Sequence[float]) -> list[float]:
        tangents = self._numbers()

        def tangent_of(number: int | None, value: Value) -> float:
            if number is not None:
                return moves[number]
            home = value._reel
            return 0.0 if home is None else tangents[home.stamp][value._row]

        for reel in self._reels:
            pushed = tangents[reel.stamp]
            for row, number, value in self._entries[reel.stamp]:
                pushed[row] = tangent_of(number, value)
            push_rows(reel, sorted(self._needed[reel.stamp]), pushed, _refuse)
        return [
            0.0 if out is None else tangent_of(self._number_of(out), out)
            for out in self._outputs
        ]


def _refuse(reel: Reel, index: int, _: tuple[int, ...]) -> None:
    raise no_formula(reel.rows[index][0])
