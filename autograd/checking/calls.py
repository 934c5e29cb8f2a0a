"""A function and its arguments, as a function of a flat list of numbers with names.

Knows how arguments are named after parameters, keys and positions, what a call does to its
arguments, and how other people's gradients are laid out. Knows no derivative.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.checking.probing import Numbers, Run, one_number
from autograd.contexts import Tape
from autograd.errors import DomainError, LengthError, NumberError, shown
from autograd.numbers import real
from autograd.structures import flatten, positional_names, same_shape
from autograd.value import Value

Gradient = Callable[..., Any]


def plain_number(x: Any) -> Any:
    """Return the data of a Value, and anything else as it is.

    Transforms return Values for a function that uses Values of its own, such as weights.
    """
    return x._data if isinstance(x, Value) else x


class Call:
    """A function at a point, numbers in and one number out.

    Attributes:
        title: the name of the function.
        names: the name of each number, such as `p['w'][1]`.
        point: the numbers.
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not callable(f):
            raise NumberError(f"check_gradients needs a function first, got {shown(f)}")
        self._f = f
        self.title = str(getattr(f, "__name__", type(f).__name__))
        numbers, self._rebuild = flatten(args)
        self.names = [
            name
            for argument, part in zip(_parameters(f, len(args)), args, strict=True)
            for name in _named(argument, part)
        ]
        if not numbers:
            raise LengthError(
                "check_gradients needs the arguments to differentiate by, as in "
                "check_gradients(f, 2.0, [1.0, 3.0]); got none"
            )
        self.point = [
            _finite(plain_number(x), name) for name, x in zip(self.names, numbers, strict=True)
        ]

    def on(self, numbers: Sequence[Any]) -> Any:
        """Return what the function gives for other numbers."""
        return self._f(*self._rebuild(list(numbers)))

    def flat(self, *numbers: Any) -> Any:
        """Return the same, for transforms: one argument for each number."""
        return self.on(numbers)

    def plain(self, numbers: Numbers) -> Run:
        """Return a run on floats."""
        return Run(float(plain_number(one_number(self.on(numbers)))), len(numbers))

    def swept(self) -> tuple[Any, list[float]]:
        """Return the result on labelled inputs, swept by backward(), and their gradients."""
        inputs = [Value(x, label=name) for name, x in zip(self.names, self.point, strict=True)]
        with Tape():
            out = one_number(self.on(inputs))
            if isinstance(out, Value):
                out.backward()
        return out, [x.grad for x in inputs]

    def changed(self) -> str:
        """Return what a call does to arguments made of Values, "" for nothing."""
        inputs = [Value(x) for x in self.point]
        args = self._rebuild(list(inputs))
        with Tape():
            self._f(*args)
        return self._difference(inputs, args)

    def gradient(self, gradient: Gradient) -> tuple[list[float], str]:
        """Return somebody's gradient as a flat list, and what that did to its arguments.

        Raises:
            StructureError: if it has not the structure of the arguments.
            NumberError: if something in it is not one number.
        """
        inputs = list(self.point)
        args = self._rebuild(list(inputs))
        given = _lists(gradient(*args))
        expected = self._rebuild(list(self.point))
        if len(args) == 1:
            expected = expected[0]
            given = given[0] if isinstance(given, tuple) and len(given) == 1 else given
        elif isinstance(given, list):
            given = tuple(given)
        _, slopes = same_shape(expected, given, "the result of gradient")
        fault = self._difference(inputs, args)
        return [_slope(g, name) for name, g in zip(self.names, slopes, strict=True)], fault

    def _difference(self, before: Sequence[Any], args: Any) -> str:
        """Return where arguments no longer hold what they held before a call."""
        after, _ = flatten(args)
        if len(after) != len(before):
            return f"the arguments held {len(before)} numbers, and {len(after)} after the call"
        for name, x, then, now in zip(self.names, self.point, before, after, strict=True):
            if now is not then:
                return f"{name} was replaced during the call"
            if isinstance(now, Value) and now._data != x:
                return f"{name} was {x!r}, and {now._data!r} after the call"
        return ""


def _finite(x: Any, name: str) -> float:
    number = real(x, f"check_gradients, for {name},")
    if not math.isfinite(number):
        raise DomainError(f"check_gradients needs finite arguments, got {name} = {number!r}")
    return number


def _parameters(f: Callable[..., Any], count: int) -> list[str]:
    """Return a name for each of so many positional arguments.

    >>> _parameters(lambda x, *rest: x, 3), _parameters(max, 1)
    (['x', 'rest[0]', 'rest[1]'], ['arg[0]'])
    """
    try:
        names, rest = positional_names(f)
    except (TypeError, ValueError):
        names, rest = [], None
    return [*names[:count], *(f"{rest or 'arg'}[{k}]" for k in range(count - len(names)))]


def _named(name: str, part: Any) -> Iterator[str]:
    """Yield the name of every number of a structure, in the order of `flatten`.

    >>> list(_named("p", {"w": [1.0, 2.0], "b": 3.0}))
    ["p['w'][0]", "p['w'][1]", "p['b']"]
    """
    if isinstance(part, dict):
        for key, inner in part.items():
            yield from _named(f"{name}[{key!r}]", inner)
    elif isinstance(part, (list, tuple)):
        fields = getattr(part, "_fields", None)
        for k, inner in enumerate(part):
            yield from _named(f"{name}.{fields[k]}" if fields else f"{name}[{k}]", inner)
    elif part is not None:
        yield name


def _lists(thing: Any) -> Any:
    """Return a structure with its arrays and tensors as lists and floats."""
    if hasattr(thing, "tolist"):
        return thing.tolist()
    if isinstance(thing, dict):
        return {key: _lists(part) for key, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        parts = [_lists(part) for part in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
    return thing


def _slope(thing: Any, name: str) -> float:
    return real(plain_number(thing), f"gradient, for {name},")
