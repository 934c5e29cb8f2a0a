"""Transforms: from a function to its derivatives, of any order, nested at will.

Each takes a function of numbers and returns a function of the same arguments. Arguments may
be floats, Values and nested lists, tuples and dicts of them. Results are floats if everything
was; as soon as a Value takes part, as an argument or as a weight that the function uses, they
are Values and can be differentiated again. Nothing here touches anybody's `.grad`.
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
    shown,
    user_stacklevel,
)
from autograd.functions import identity, where
from autograd.linear import Linearisation, births, private
from autograd.numbers import real
from autograd.structures import Rebuild, flatten, same_shape
from autograd.tape import VOID, here, renew
from autograd.value import Value

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


class _Runs(threading.local):
    """How many functions this thread has run for transforms."""

    count = 0


_runs = _Runs()


class _Run:
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
            if given_values:
                # So that f finds computed inputs on an older reel than its own rows.
                renew()
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
        if others and not self.recorded:
            self.recorded = Linearisation(self.inputs, others, self._started).outside
        # A derivative inside f may well be constant: that is no oversight.
        if not self.linear.depends and not self._nested:
            warnings.warn(
                f"the result of the function given to {self.name} does not depend on the "
                "arguments it is differentiated by, so every derivative is 0",
                IndependenceWarning,
                stacklevel=user_stacklevel(),
            )

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
    return identity(x) if isinstance(x, Value) else private(real(x, name))


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


def _one_number(output: Any, name: str) -> Any:
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


def value_and_grad(f: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Return the function that computes (f(x), df/dx).

    Args:
        f: a function that returns one number; or, with has_aux, a pair of that number and
            anything else.
        argnums: the positions of the arguments to differentiate by; several give a tuple.
        has_aux: whether f returns a pair. The result is then ((f(x), other), df/dx).

    Example:
        >>> value_and_grad(lambda x: x * x)(3.0)
        (9.0, 6.0)
    """

    def transformed(*args: Any, **kwargs: Any) -> Any:
        run = _Run(lambda *a: f(*a, **kwargs), args, argnums, "grad")
        if has_aux and not (isinstance(run.result, (tuple, list)) and len(run.result) == 2):
            raise NumberError(
                "grad with has_aux=True needs a function that returns a pair (number, "
                f"other), got {shown(run.result)}"
            )
        output, aux = run.result if has_aux else (run.result, None)
        output = _one_number(output, "grad")
        run.linearise([output], [x for x in flatten(aux)[0] if isinstance(x, Value)])
        pulled = run.linear.pull([1.0], recorded=run.recorded)
        gradient = run.arrange(pulled, recorded=run.recorded)
        value = run.out(output)
        return ((value, _outside(aux, run)), gradient) if has_aux else (value, gradient)

    return transformed


def _outside(aux: Any, run: _Run) -> Any:
    numbers, rebuild = flatten(aux)
    return rebuild([run.out(x) for x in numbers])


def grad(f: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Return the function that computes df/dx for the arguments at `argnums`.

    The result has the structure of the argument. With has_aux, f returns a pair (number,
    other), and the result is the pair (df/dx, other).

    Raises:
        NumberError: if f returns anything but one number, or an argument is no number.
        LengthError: if argnums name no argument.

    Example:
        >>> grad(lambda x: x * x)(3.0)
        6.0
        >>> grad(grad(lambda x: x**3))(2.0)
        12.0
        >>> grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 5.0})
        {'a': 5.0, 'b': 2.0}
    """
    both = value_and_grad(f, argnums, has_aux=has_aux)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return transformed


def derivative(f: Function, n: int = 1) -> Function:
    """Return the n-th derivative of a function of one number.

    Example:
        >>> derivative(lambda x: x**5, 3)(1.0)
        60.0
    """
    if type(n) is not int or n < 0:
        raise NumberError(f"derivative needs n as a whole number >= 0, got {shown(n)}")
    for _ in range(n):
        f = grad(f)
    return f


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """Return the function that computes every output's derivative by every input.

    The result has the structure of f's result, with the structure of the argument in place
    of each number: J[i][j] is d(output i)/d(input j).

    Example:
        >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
    """

    def transformed(*args: Any, **kwargs: Any) -> Any:
        run = _Run(lambda *a: f(*a, **kwargs), args, argnums, "jacobian")
        outputs, rebuild = _numbers_of(run.result, "jacobian")
        run.linearise(outputs)
        rows = []
        for k in range(len(outputs)):
            seeds = [1.0 if i == k else 0.0 for i in range(len(outputs))]
            pulled = run.linear.pull(seeds, recorded=run.recorded)
            rows.append(run.arrange(pulled, recorded=run.recorded))
        return rebuild(rows)

    return transformed


def _numbers_of(result: Any, name: str) -> tuple[list[Any], Rebuild]:
    outputs, rebuild = flatten(result)
    where = f"the result of the function given to {name}"
    return [x if isinstance(x, Value) else real(x, where) for x in outputs], rebuild


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """Return the function that computes the second derivatives of one number.

    H[i][j] is d2f / (d input i, d input j), in the structure of the argument twice over.

    Example:
        >>> hessian(lambda v: v[0] ** 2 * v[1])([1.0, 3.0])
        [[6.0, 2.0], [2.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Return f(*primals) and the function that pulls a seed back to the primals.

    The seed has the structure of the result; the pullback returns a tuple, one gradient for
    each primal.

    Example:
        >>> out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
        >>> out, pullback(1.0)
        (6.0, (3.0, 2.0))
    """
    run = _Run(f, primals, tuple(range(len(primals))), "vjp")
    outputs, rebuild = _numbers_of(run.result, "vjp")
    run.linearise(outputs)

    def pullback(seed: Any) -> Any:
        _, seeds = same_shape(run.result, seed, "the seed of vjp")
        seeds = [s if isinstance(s, Value) else real(s, "the seed of vjp") for s in seeds]
        recorded = run.recorded or any(isinstance(s, Value) for s in seeds)
        return run.arrange(run.linear.pull(seeds, recorded=recorded), recorded=recorded)

    return rebuild([run.out(x) for x in outputs]), pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f(*primals) and its derivative along the tangents, by a forward sweep.

    An infinite slope that is multiplied by 0 counts for nothing, as in a reverse sweep.

    Example:
        >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
        (6.0, 3.0)
    """
    for given in (primals, tangents):
        if not isinstance(given, (tuple, list)):
            raise NumberError(
                "jvp takes the primals as one tuple and the tangents as another, as in "
                f"jvp(f, (2.0,), (1.0,)), got {shown(given)}"
            )
    run = _Run(f, primals, tuple(range(len(primals))), "jvp")
    outputs, rebuild = _numbers_of(run.result, "jvp")
    run.linearise(outputs)
    _, moves = same_shape(tuple(primals), tuple(tangents), "jvp's tangents")
    moves = [t if isinstance(t, Value) else real(t, "jvp's tangents") for t in moves]
    recorded = run.recorded or any(isinstance(t, Value) for t in moves)
    pushed = run.linear.push(moves, recorded=recorded)
    values = rebuild([run.out(x) for x in outputs])
    return values, rebuild(run.followed(pushed, recorded=recorded))


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Return the Hessian of f at the primals times the tangents, without the Hessian.

    Forward over reverse: one gradient and one forward sweep over it. The result has the
    structure of the primals.

    Example:
        >>> hvp(lambda x, y: x**2 * y, (1.0, 3.0), (1.0, 0.0))
        (6.0, 2.0)
    """
    if not isinstance(primals, (tuple, list)):
        raise NumberError(f"hvp takes the primals as one tuple, got {shown(primals)}")
    argnums = tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]
