"""One run of a function for a transform: its inputs, its results, and what both must be.

A `Run` gives a function fresh inputs in place of its arguments, keeps what came out and finds
the way between. Beside it stand the checks of what people hand to transforms. Knows no
derivative and no transform.
"""

import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autograd.contexts import Tape
from autograd.errors import (
    IndependenceWarning,
    LengthError,
    NumberError,
    TapeError,
    shown,
    user_stacklevel,
)
from autograd.functions import identity, where
from autograd.linear import Linearisation, private, spend
from autograd.numbers import real
from autograd.structures import Rebuild, flatten, same_shape
from autograd.tape import VOID, births, here
from autograd.value import Value

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


class _Runs(threading.local):
    """How many functions this thread has run for transforms."""

    count = 0


_runs = _Runs()


class Run:
    """One run of a function on fresh inputs: what came out and how it got there."""

    def __init__(self, f: Function, args: Sequence[Any], argnums: Argnums, name: str) -> None:
        self.name = name
        self._argnums = _positions(argnums, len(args), name)
        self._single = isinstance(argnums, int)
        self._rebuilds: list[Rebuild] = []
        self.inputs: list[Value] = []
        self._sizes: list[int] = []
        given_values = False
        args = list(args)
        runs_before = _runs.count
        self._started = next(births)
        with Tape():
            for position in self._argnums:
                numbers, rebuild = flatten(args[position])
                given_values |= any(isinstance(x, Value) for x in numbers)
                fresh = [_fresh(x, name) for x in numbers]
                args[position] = rebuild(list(fresh))
                self._rebuilds.append(rebuild)
                self._sizes.append(len(fresh))
                self.inputs.extend(fresh)
            self.result = f(*args)
        self._given_values = given_values
        self._nested = _runs.count > runs_before
        _runs.count += 1

    def linearise(self, outputs: Sequence[Any], others: Sequence[Any] = ()) -> None:
        """Find the way from the inputs to the outputs.

        What else is handed through may depend on Values outside even if no output does.
        """
        self.linear = Linearisation(self.inputs, outputs, self._started)
        self.recorded = self._given_values or self.linear.outside
        leftover = self.linear.leftover
        if others:
            handed = Linearisation(self.inputs, others, self._started)
            self.recorded |= handed.outside
            leftover |= handed.leftover
        if leftover:
            raise TapeError(
                f"the function given to {self.name} uses a Value that an earlier call left "
                "behind, in a list or a variable outside; keep v.data there, or hand what is "
                "kept in as an argument and out with has_aux=True"
            )
        # A derivative inside f may well be constant: that is no oversight.
        if not self.linear.depends and not self._nested:
            warnings.warn(
                f"the result of the function given to {self.name} does not depend on the "
                "arguments it is differentiated by, so every derivative is 0",
                IndependenceWarning,
                stacklevel=user_stacklevel(),
            )

    def over(self) -> None:
        """Say that nothing but plain numbers came out, so that what f kept is recognised."""
        if not self.recorded:
            spend(self.inputs)

    def out(self, output: Any) -> Any:
        """Return an output as the caller gets it: a float unless it can be followed further."""
        if not isinstance(output, Value):
            return output
        # Under no_grad the row of the identity is not kept, so this is a constant.
        followed = identity(output) if here.reel is VOID else output
        return followed if self.recorded else output._data

    def followed(self, numbers: Sequence[Any], *, recorded: bool) -> list[Any]:
        """Return derivatives as Values if they may be differentiated again.

        A constant among them becomes a Value that depends on an input, with slope 0.
        """
        if not recorded or not self.inputs:
            return list(numbers)
        anchor = self.inputs[0]
        return [g if isinstance(g, Value) else where(0.0, anchor, g) for g in numbers]

    def arrange(self, numbers: Sequence[Any], *, recorded: bool) -> Any:
        """Return one number for each input in the structure of the arguments."""
        numbers = self.followed(numbers, recorded=recorded)
        remaining = iter(numbers)
        parts = [
            rebuild([next(remaining) for _ in range(size)])
            for rebuild, size in zip(self._rebuilds, self._sizes, strict=True)
        ]
        return parts[0] if self._single else tuple(parts)


def _fresh(x: Any, name: str) -> Value:
    """Return an input of its own for a number, even if the same Value is used elsewhere."""
    if isinstance(x, Value):
        return identity(x)
    return private(x if type(x) is float else real(x, name))


def _positions(argnums: Argnums, count: int, name: str) -> list[int]:
    wanted = tuple(argnums) if isinstance(argnums, (tuple, list)) else (argnums,)
    if not wanted and count == 0:
        raise LengthError(f"{name} needs at least one argument to differentiate by")
    for position in wanted:
        if type(position) is not int:
            raise NumberError(f"{name} needs argnums as whole numbers, got {shown(argnums)}")
        if not -count <= position < count:
            raise LengthError(
                f"{name} got argnums = {argnums!r}, but the function was called with {count} "
                "positional argument(s)"
            )
    positions = [position % count for position in wanted]
    if len(set(positions)) != len(positions) or not positions:
        raise LengthError(f"{name} needs distinct argnums, got {argnums!r}")
    return positions


def check_function(f: Any, name: str) -> None:
    """Raise if a transform was given something else than a function, such as f(x)."""
    if not callable(f):
        example = _EXAMPLES.get(name, f"{name}(f)(x)")
        raise NumberError(f"{name} takes a function, as in {example}, got {shown(f)}")


_EXAMPLES = {
    "vjp": "vjp(f, x)",
    "jvp": "jvp(f, (x,), (1.0,))",
    "hvp": "hvp(f, (x,), (1.0,))",
}


def one_number(output: Any, name: str) -> Any:
    """Return what a function returned, if that is one number."""
    if isinstance(output, Value):
        return output
    if isinstance(output, (list, tuple, dict)):
        raise NumberError(
            f"{name} needs a function that returns one number, got {shown(output)}; use "
            "jacobian for several outputs"
        )
    if output is None:
        raise NumberError(
            f"{name} needs a function that returns one number, got None; is a return missing?"
        )
    return real(output, f"the result of the function given to {name}")


def numbers_of(result: Any, name: str) -> tuple[list[Any], Rebuild]:
    """Return the numbers that a function returned, and how to build the same structure."""
    if result is None:
        raise NumberError(
            f"{name} needs a function that returns numbers, got None; is a return missing?"
        )
    outputs, rebuild = flatten(result)
    where = f"the result of the function given to {name}"
    return [x if isinstance(x, Value) else real(x, where) for x in outputs], rebuild


def moves_of(primals: Any, tangents: Any, name: str) -> list[Any]:
    """Return the numbers of the tangents, having checked that they go with the primals."""
    for given in (primals, tangents):
        if not isinstance(given, (tuple, list)):
            raise NumberError(
                f"{name} takes the primals as one tuple and the tangents as another, as in "
                f"{name}(f, (2.0,), (1.0,)), got {shown(given)}"
            )
    _, moves = same_shape(tuple(primals), tuple(tangents), f"{name}'s tangents")
    return [t if isinstance(t, Value) else real(t, f"{name}'s tangents") for t in moves]
