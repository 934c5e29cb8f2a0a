"""What calls at points and over batches share: results on the tape, and errors.

Knows how a result that a program computed becomes a Value: one row over the Values that took
part, which runs the function again on the engine when it is differentiated twice.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.appending import append_many
from autograd.compiling.arguments import Layout
from autograd.contexts import Tape
from autograd.errors import BranchError, NumberError, TapeError
from autograd.linear import Linearisation, private
from autograd.recorders import handle_on
from autograd.structures import flatten
from autograd.tape import VOID, births, here, renew
from autograd.value import Value

# What listings call a row that a program computed.
COMPILED = "compiled"


def left_to_engine() -> bool:
    """Return whether somebody looks on, so that everything must run as it is written."""
    return here.tracing is not None or here.watch is not None


def plain_positions(argnums: Any, count: int) -> list[int] | None:
    """Return argnums as positions, None if they are not in order: the engine says why."""
    wanted = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not wanted or any(type(k) is not int or not -count <= k < count for k in wanted):
        return None
    positions = [k % count for k in wanted]
    return positions if len(set(positions)) == len(positions) else None


def others(count: int, wrt: Sequence[int]) -> tuple[int, ...]:
    """Return the first positions but some.

    >>> others(4, (1, 2))
    (0, 3)
    """
    return tuple(sorted(set(range(count)).difference(wrt)))


def on_the_tape(
    sources: Sequence[Value],
    out: float,
    partials: Sequence[float],
    again: Callable[[], list[Any]] | None,
) -> Value:
    """Return a result as one row over the Values it depends on."""
    reel, row = append_many(COMPILED, out, sources, partials)
    if again is not None:
        reel.reruns[row] = again
    return handle_on(reel, row, out)


def rerun(sources: Sequence[Value], run: Callable[[], Any]) -> Callable[[], list[Any]]:
    """Return the function that computes a row's local derivatives as Values."""
    data = [source._data for source in sources]

    def again() -> list[Any]:
        if any(source._data != then for source, then in zip(sources, data, strict=True)):
            raise TapeError(
                "a compiled function runs again for higher derivatives, and a Value that it "
                "uses has other data now than when it ran; set data afterwards"
            )
        if here.reel is not VOID:
            # So that the function finds its sources on older reels than its own rows.
            renew()
        return Linearisation(sources, [run()]).pull([1.0], recorded=True)

    return again


def floats_by_engine(
    function: Callable[..., Any],
    laid_out: Layout,
    numbers: Sequence[float],
    args: Sequence[Any],
    kwargs: dict[str, Any],
) -> Any:
    """Return what a function gives for numbers: on Values, as it may use their methods.

    Floats come back, unless it uses Values from outside.
    """
    started = next(births)
    inputs = [private(x) for x in numbers]
    given = [
        int(x._data) if given.whole else x
        for x, given in zip(inputs, laid_out.givens, strict=True)
    ]
    again, named = laid_out.rebuild(given)
    with Tape():
        outputs, rebuild = flatten(function(*again, **named))
    if Linearisation(inputs, outputs, started).outside:
        return function(*args, **kwargs)
    return rebuild([x._data if isinstance(x, Value) else x for x in outputs])


def branch_error(name: str, line: str) -> BranchError:
    """Return the error for a branch that was not taken when the function was recorded."""
    return BranchError(
        f"{name} was compiled for another branch{line}; autograd.where(condition, x, y) is a "
        'choice that needs no branch, and on_branch="respecialise" compiles each branch'
    )


def one_number_expected(name: str) -> NumberError:
    """Return the error for a batch of a function with several results."""
    return NumberError(
        f"{name} is compiled for batches, so it must return one number for each sample"
    )


def all_floats(numbers: Sequence[Any]) -> bool:
    """Return whether all are plain floats."""
    return all(type(x) is float for x in numbers)


def kept(roots: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """Return results, those that are plain numbers in the function as plain numbers."""
    return [
        value if isinstance(root, Value) else root
        for root, value in zip(roots, values, strict=True)
    ]
