"""A batch, taken apart: what all samples share, and what each of them has.

Knows columns, names and the engine, which can compute any sample by itself. Knows no program.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import sequences
from autograd.checkpointing import own_reels, sources_of
from autograd.compiling.arguments import Arguments, Layout, layout, position_of, read
from autograd.compiling.columns import Columns, columns
from autograd.compiling.recording import Given
from autograd.errors import LengthError, NumberError, shown
from autograd.linear import Linearisation
from autograd.numbers import real
from autograd.value import Value


@dataclass(slots=True)
class Sums:
    """Totals over samples.

    Attributes:
        value: of the function.
        shared: of its derivatives by the numbers of shared arguments.
        captured: of its derivatives by captured Values, with these.
    """

    value: float
    shared: list[float]
    captured: dict[int, tuple[Value, float]]

    def add(self, results: Sequence[float], captured: Sequence[Value]) -> None:
        """Add a value and its derivatives: by shared numbers, then by captured Values."""
        self.value += results[0]
        if len(results) == 1:
            return
        split = 1 + len(self.shared)
        for k, slope in enumerate(results[1:split]):
            self.shared[k] += slope
        for value, slope in zip(captured, results[split:], strict=True):
            _, known = self.captured.get(id(value), (value, 0.0))
            self.captured[id(value)] = value, known + slope


@dataclass(frozen=True, slots=True)
class Call:
    """One call with a batch.

    Attributes:
        args: all positional arguments.
        kwargs: the others, which are shared.
        names: what the positional arguments are called.
        varying: the columns, by the position of their argument.
        shared: the numbers of the other arguments.
        positions: where those stand.
    """

    args: list[Any]
    kwargs: dict[str, Any]
    names: list[str]
    varying: dict[int, Columns]
    shared: Arguments
    positions: list[int]

    @property
    def count(self) -> int:
        """How many samples there are."""
        return next(iter(self.varying.values())).count

    @property
    def key(self) -> Hashable:
        """Equal for calls that one program can serve, as far as its guards hold."""
        forms = tuple((k, found.shape, found.whole) for k, found in self.varying.items())
        return self.shared.key, forms

    def span(self, position: int) -> range:
        """Return the numbers of a shared argument, by its position among all arguments."""
        return self.shared.span(self.positions.index(position))

    def layout(self) -> Layout:
        """Return how the shared numbers become arguments again."""
        names = [self.names[k] for k in self.positions]
        return layout(names, [self.args[k] for k in self.positions], self.kwargs, self.shared)

    def givens(self, sample: int) -> list[Given]:
        """Return the numbers of a sample, with names."""
        return [
            Given(
                x,
                self.names[position] + (str(k) if found.shape else ""),
                found.whole,
                varies=True,
            )
            for position, found in self.varying.items()
            for k, x in enumerate(found.sample(sample))
        ]

    def sample(self, k: int) -> list[Any]:
        """Return the numbers of a sample as the engine gets them."""
        return [
            int(x) if found.whole else x
            for found in self.varying.values()
            for x in found.sample(k)
        ]

    def arguments(self, shared: Sequence[Any], numbers: Sequence[Any]) -> list[Any]:
        """Return all arguments: shared ones, and one sample's numbers in their shapes."""
        parts = dict(zip(self.positions, shared, strict=True))
        start = 0
        for position, found in self.varying.items():
            parts[position] = found.arranged(numbers[start : start + found.width])
            start += found.width
        return [parts[k] for k in range(len(self.args))]


def read_call(
    name: str,
    names: list[str],
    batch: Sequence[Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
) -> Call:
    """Return a call, taken apart.

    Args:
        name: of the function, for messages.
        names: of its positional arguments, at least as many as are given.
        batch: which of them are columns, by name or position.
        args: the positional arguments.
        kwargs: the others.

    Raises:
        LengthError: if a column is missing, empty, or has other samples than the others.
    """
    args, kwargs = list(args), dict(kwargs)
    while len(args) < len(names) and names[len(args)] in kwargs:
        args.append(kwargs.pop(names[len(args)]))
    varying: dict[int, Columns] = {}
    for which in batch:
        position = _position(name, which, names[: len(args)])
        varying[position] = columns(args[position], names[position])
    counts = {names[position]: found.count for position, found in varying.items()}
    if len(set(counts.values())) != 1:
        raise LengthError(f"{name} needs columns with the same number of samples, got {counts}")
    positions = [k for k in range(len(args)) if k not in varying]
    shared = read([args[k] for k in positions], kwargs)
    return Call(args, kwargs, names[: len(args)], varying, shared, positions)


def _position(name: str, which: Any, names: Sequence[str]) -> int:
    position = position_of(which, names)
    if position is None:
        raise LengthError(
            f"{name} was compiled for a batch with the argument {which!r} as a column, and was "
            f"called without it; it got {list(names)}"
        )
    return position


def by_engine(
    function: Callable[..., Any], call: Call, shared: Sequence[Any], *, mean: bool
) -> Any:
    """Return the mean or the sum over the samples, each recorded by itself."""
    outs = [
        function(*call.arguments(shared, call.sample(k)), **call.kwargs)
        for k in range(call.count)
    ]
    return sequences.mean(outs) if mean else sequences.total(outs)


def add_by_engine(
    function: Callable[..., Any],
    call: Call,
    wrt: Sequence[int],
    k: int,
    sums: Sums,
    *,
    slopes: bool,
) -> None:
    """Add one sample's value and derivatives, computed by the engine."""
    numbers: list[Any] = list(call.shared.numbers)
    fresh = [Value(numbers[position]) for position in wrt]
    for position, value in zip(wrt, fresh, strict=True):
        numbers[position] = value
    shared, named = call.layout().rebuild(numbers)
    try:
        with own_reels() as reels:
            out = function(*call.arguments(shared, call.sample(k)), **named)
    except Exception as error:
        error.add_note(f"at sample {k} of the batch")
        raise
    if not isinstance(out, Value) or not slopes:
        number = out._data if isinstance(out, Value) else real(out, "the result of a batch")
        sums.add([number, *([0.0] * len(wrt) if slopes else [])], [])
        return
    captured = [x for x in sources_of(reels) if not any(x is y for y in fresh)]
    if out._reel is None and not any(out is y for y in (*fresh, *captured)):
        captured.append(out)
    pulled = Linearisation([*fresh, *captured], [out]).pull([1.0], recorded=False)
    sums.add([out._data, *pulled], captured)


def checked_batch(batch: Any) -> tuple[Any, ...]:
    """Return the names or positions of the columns.

    Raises:
        NumberError: if they are anything else.

    >>> checked_batch("x"), checked_batch(("x", 1))
    (('x',), ('x', 1))
    """
    wanted = (batch,) if isinstance(batch, (str, int)) else batch
    listed = isinstance(wanted, (tuple, list)) and len(wanted) > 0
    if listed and all(type(k) in (str, int) for k in wanted):
        return tuple(wanted)
    raise NumberError(
        'batch must be names of arguments, such as ("x", "y"), or their positions, got '
        f"{shown(batch)}"
    )
