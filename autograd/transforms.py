"""Transforms: from a function to its derivatives, of any order, nested at will.

Each takes a function of numbers and returns a function of the same arguments. Arguments may
be floats, Values and nested lists, tuples and dicts of them. Results are floats if everything
was; as soon as a Value takes part, as an argument or as a weight that the function uses, they
are Values and can be differentiated again. Nothing here touches anybody's `.grad`.

The function runs once for each call, for derivatives of every order: value and derivatives are
those of one run, even if the next one would give another number. It may keep numbers between
calls but no Values: those of a call that is over are an error in the next.
"""

from collections.abc import Sequence
from typing import Any

from autograd.errors import NumberError, shown
from autograd.numbers import real
from autograd.runs import (
    Argnums,
    Function,
    Run,
    check_function,
    moves_of,
    numbers_of,
    one_number,
)
from autograd.structures import flatten, same_shape
from autograd.value import Value


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
    check_function(f, "grad")

    def transformed(*args: Any, **kwargs: Any) -> Any:
        run = Run(lambda *a: f(*a, **kwargs), args, argnums, "grad")
        if has_aux and not (isinstance(run.result, (tuple, list)) and len(run.result) == 2):
            raise NumberError(
                "grad with has_aux=True needs a function that returns a pair (number, "
                f"other), got {shown(run.result)}"
            )
        output, aux = run.result if has_aux else (run.result, None)
        output = one_number(output, "grad")
        run.linearise([output], [x for x in flatten(aux)[0] if isinstance(x, Value)])
        pulled = run.linear.pull([1.0], recorded=run.recorded)
        gradient = run.arrange(pulled, recorded=run.recorded)
        value = (run.out(output), _outside(aux, run)) if has_aux else run.out(output)
        run.over()
        return value, gradient

    return transformed


def _outside(aux: Any, run: Run) -> Any:
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
        raise NumberError(
            f"derivative needs n as a whole number >= 0, got {shown(n)}; it returns a "
            "function, as in derivative(f)(3.0)"
        )
    check_function(f, "derivative")
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
    check_function(f, "jacobian")

    def transformed(*args: Any, **kwargs: Any) -> Any:
        run = Run(lambda *a: f(*a, **kwargs), args, argnums, "jacobian")
        outputs, rebuild = numbers_of(run.result, "jacobian")
        run.linearise(outputs)
        rows = []
        for k in range(len(outputs)):
            seeds = [1.0 if i == k else 0.0 for i in range(len(outputs))]
            pulled = run.linear.pull(seeds, recorded=run.recorded)
            rows.append(run.arrange(pulled, recorded=run.recorded))
        run.over()
        return rebuild(rows)

    return transformed


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
    check_function(f, "vjp")
    run = Run(f, primals, tuple(range(len(primals))), "vjp")
    outputs, rebuild = numbers_of(run.result, "vjp")
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
    check_function(f, "jvp")
    moves = moves_of(primals, tangents, "jvp")
    run = Run(f, primals, tuple(range(len(primals))), "jvp")
    outputs, rebuild = numbers_of(run.result, "jvp")
    run.linearise(outputs)
    recorded = run.recorded or any(isinstance(t, Value) for t in moves)
    pushed = run.linear.push(moves, recorded=recorded)
    values = rebuild([run.out(x) for x in outputs])
    slopes = rebuild(run.followed(pushed, recorded=recorded))
    if not recorded:
        run.over()
    return values, slopes


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Return the Hessian of f at the primals times the tangents, without the Hessian.

    Forward over reverse: one gradient and one forward sweep over it. The result has the
    structure of the primals.

    Example:
        >>> hvp(lambda x, y: x**2 * y, (1.0, 3.0), (1.0, 0.0))
        (6.0, 2.0)
    """
    check_function(f, "hvp")
    moves_of(primals, tangents, "hvp")
    argnums = tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]
