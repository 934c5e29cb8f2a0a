"""The arguments of a compiled function: which numbers there are, and what they are called.

Numbers, in nested lists, tuples and dicts too, are what a program runs on; everything else
(text, True and False, None, a model) is part of what was compiled, so another one means another
program. An argument whose numbers are all whole by type may be used as an index.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from autograd.compiling.recording import Given
from autograd.errors import LengthError, NumberError, shown
from autograd.numbers import real
from autograd.structures import Rebuild, flatten, positional_names
from autograd.value import Value


@dataclass(slots=True)
class Arguments:
    """The arguments of one call.

    Attributes:
        key: equal for calls that one program can serve, as far as its guards hold.
        numbers: every number, in order; data of the Values among them.
        values: which of them are Values, by position.
        ends: where the numbers of each argument end, positional ones first.
        wholes: for each argument, whether its numbers are all whole.
    """

    key: Hashable
    numbers: list[float]
    values: dict[int, Value]
    ends: tuple[int, ...]
    wholes: tuple[bool, ...]

    def span(self, argument: int) -> range:
        """Return the positions of the numbers of an argument."""
        return range(self.ends[argument - 1] if argument else 0, self.ends[argument])


def read(args: Sequence[Any], kwargs: dict[str, Any]) -> Arguments:
    """Return the arguments of a call, taken apart.

    Raises:
        NumberError: for arrays, and for what might change without being noticed.
    """
    if not kwargs and {float}.issuperset(map(type, args)):
        count = len(args)
        return Arguments(count, list(args), {}, tuple(range(1, count + 1)), (False,) * count)
    reader = _Reader()
    keys: list[Hashable] = []
    ends: list[int] = []
    wholes: list[bool] = []
    for thing in (*args, *kwargs.values()):
        before, reader.whole = len(reader.numbers), True
        key = reader.read(thing)
        wholes.append(reader.whole and len(reader.numbers) > before)
        keys.append(key)
        ends.append(len(reader.numbers))
    named = tuple(kwargs)
    key = (len(args), named, tuple(wholes), *keys)
    return Arguments(key, reader.numbers, reader.values, tuple(ends), tuple(wholes))


class _Reader:
    """Takes arguments apart."""

    def __init__(self) -> None:
        self.numbers: list[float] = []
        self.values: dict[int, Value] = {}
        # Whether all numbers since this was set are whole.
        self.whole = True

    def read(self, thing: Any) -> Hashable:  # noqa: C901, PLR0911 - a case for each kind
        """Add the numbers of a thing; return what is the same for all things of its form."""
        kind = type(thing)
        if kind is float:
            self.numbers.append(thing)
            self.whole = False
            return None
        if kind in (list, tuple):
            if {float}.issuperset(map(type, thing)):
                self.numbers.extend(thing)
                self.whole = self.whole and not thing
                return kind, len(thing)
            return self._listed(thing)
        if isinstance(thing, Value):
            self.values[len(self.numbers)] = thing
            self.numbers.append(thing._data)
            self.whole = False
            return None
        if thing is None or kind in (bool, str, bytes):
            return kind, thing
        if isinstance(thing, Real):
            self.numbers.append(real(thing, "an argument"))
            self.whole = self.whole and isinstance(thing, Integral)
            return None
        if isinstance(thing, dict):
            return dict, *((key, self.read(part)) for key, part in thing.items())
        if isinstance(thing, (list, tuple)):
            return self._listed(thing)
        return self._apart(thing)

    def _listed(self, things: Sequence[Any]) -> Hashable:
        keys = tuple(map(self.read, things))
        numbers = all(key is None for key in keys)
        return type(things), len(keys) if numbers else keys

    def _apart(self, thing: Any) -> Hashable:
        if hasattr(thing, "__array__"):
            raise NumberError(
                f"a compiled function takes lists of numbers, not arrays, got {shown(thing)}: "
                "use array.tolist(), or name it in batch=... if its rows are samples"
            )
        try:
            hash(thing)
        except TypeError:
            raise NumberError(
                "a compiled function takes numbers, lists, tuples and dicts of them, and "
                f"things that stay what they are, got {shown(thing)}"
            ) from None
        # By identity: two models are different even if they compare equal.
        return type(thing), _Same(thing)


class _Same:
    """A thing as a key: equal to itself alone, and kept as long as the key is."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the numbers of a call become arguments again, and what they are called."""

    givens: tuple[Given, ...]
    rebuild: Callable[[Sequence[Any]], tuple[tuple[Any, ...], dict[str, Any]]]


def layout(
    called: Sequence[str], args: Sequence[Any], kwargs: dict[str, Any], found: Arguments
) -> Layout:
    """Return the layout of a call that was read; `called` names its positional arguments."""
    leaves, rebuild = flatten((tuple(args), kwargs))
    are_numbers = [_is_number(x) for x in leaves]
    names = _names(called, args, kwargs)
    wholes = [found.wholes[k] for k in range(len(found.ends)) for _ in found.span(k)]
    givens = tuple(
        Given(number, (found.values[k].label if k in found.values else "") or name, whole=whole)
        for k, (number, name, whole) in enumerate(
            zip(found.numbers, names, wholes, strict=True)
        )
    )

    def back(numbers: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        remaining = iter(numbers)
        pairs = zip(leaves, are_numbers, strict=True)
        whole = rebuild([next(remaining) if number else leaf for leaf, number in pairs])
        return whole[0], whole[1]

    return Layout(givens, back)


def _is_number(x: Any) -> bool:
    return isinstance(x, Value) or (isinstance(x, Real) and not isinstance(x, bool))


def _names(called: Sequence[str], args: Sequence[Any], kwargs: dict[str, Any]) -> list[str]:
    """Return a name for every number: `x`, `x0`, `x1`, `p_w0`."""
    names: list[str] = []
    for name, thing in zip(called, args, strict=True):
        _add_names(name, thing, names)
    for name, thing in kwargs.items():
        _add_names(name, thing, names)
    return names


def parameters(f: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first positional parameters of a function."""
    names, rest = _known_names(f)
    return [*names, *(f"{rest or 'x'}{k}" for k in range(count))][:count]


def check_columns(f: Callable[..., Any], name: str, batch: Sequence[Any]) -> None:
    """Refuse columns, by name or position, that no call of a function can have.

    Raises:
        LengthError: if there is one.
    """
    names, rest = _known_names(f)
    if rest is not None:
        return
    for which in batch:
        if position_of(which, names) is None:
            raise LengthError(
                f"{name} has no argument {which!r} to be a column of a batch; it takes "
                f"{', '.join(names) or 'none'}"
            )


def position_of(which: Any, names: Sequence[str]) -> int | None:
    """Return the position of an argument that is given by name or position; None if none is."""
    if which in names:
        return names.index(which)
    if type(which) is int and -len(names) <= which < len(names):
        return which % len(names)
    return None


def _known_names(f: Callable[..., Any]) -> tuple[list[str], str | None]:
    """Return the names of positional arguments and of the rest, which may be any number."""
    try:
        return positional_names(f)
    except (TypeError, ValueError):
        # A built-in function may not say what its parameters are called.
        return [], "x"


def _add_names(name: str, thing: Any, names: list[str]) -> None:
    if isinstance(thing, dict):
        for key, part in thing.items():
            _add_names(f"{name}_{key}", part, names)
    elif isinstance(thing, (list, tuple)):
        for k, part in enumerate(thing):
            _add_names(f"{name}{'_' if name[-1:].isdigit() else ''}{k}", part, names)
    elif _is_number(thing):
        names.append(name)


def structure_of(thing: Any, name: str) -> Rebuild:
    """Return how the gradient by an argument is put together.

    Raises:
        NumberError: if there is something else than numbers in it.
    """
    if type(thing) is float:
        return lambda numbers: numbers[0]
    if type(thing) is list and {float}.issuperset(map(type, thing)):
        return list
    leaves, rebuild = flatten(thing)
    for x in leaves:
        if not _is_number(x):
            raise NumberError(f"{name} needs one real number, got {shown(x)}")
    return rebuild
