"""Arguments: what they are called, and nested lists, tuples and dicts of numbers in them.

Arguments and results of transforms may be one number or any nesting of these containers, which
are taken apart here and put together again.
Knows no tape and no derivative.
"""

import inspect
from collections.abc import Callable
from typing import Any

from autograd.errors import StructureError, shown

Rebuild = Callable[[list[Any]], Any]


def positional_names(f: Callable[..., Any]) -> tuple[list[str], str | None]:
    """Return the names of a function's positional arguments, and that of `*rest` if it has it.

    Raises:
        TypeError, ValueError: if it does not say, as some built-in functions.

    >>> positional_names(lambda x, /, y, *rest, z: x)
    (['x', 'y'], 'rest')
    """
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(f).parameters.values()
    several = (p.name for p in found if p.kind is inspect.Parameter.VAR_POSITIONAL)
    return [p.name for p in found if p.kind in kinds], next(several, None)


def flatten(structure: Any) -> tuple[list[Any], Rebuild]:
    """Return the numbers of a structure in order, and how to build the same one from others.

    Dicts keep their order; named tuples stay what they are; None stands for nothing.

    >>> numbers, rebuild = flatten({"w": [1.0, 2.0], "b": (3.0,)})
    >>> numbers, rebuild([10, 20, 30])
    ([1.0, 2.0, 3.0], {'w': [10, 20], 'b': (30,)})
    """
    numbers: list[Any] = []
    skeleton = _take_apart(structure, numbers)

    def rebuild(replacements: list[Any]) -> Any:
        return _put_together(skeleton, iter(replacements))

    return numbers, rebuild


class _Place:
    """Where a number stood."""


_PLACE = _Place()


def _take_apart(thing: Any, numbers: list[Any]) -> Any:
    if type(thing) is float:
        numbers.append(thing)
        return _PLACE
    if isinstance(thing, dict):
        return {key: _take_apart(part, numbers) for key, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        parts = [_take_apart(part, numbers) for part in thing]
        return _like(thing, parts)
    if thing is None:
        return None
    numbers.append(thing)
    return _PLACE


def _put_together(skeleton: Any, numbers: Any) -> Any:
    if skeleton is _PLACE:
        return next(numbers)
    if isinstance(skeleton, dict):
        return {key: _put_together(part, numbers) for key, part in skeleton.items()}
    if isinstance(skeleton, (list, tuple)):
        return _like(skeleton, [_put_together(part, numbers) for part in skeleton])
    return skeleton


def _like(container: Any, parts: list[Any]) -> Any:
    if isinstance(container, list):
        return parts
    if hasattr(container, "_fields"):
        return type(container)(*parts)
    return tuple(parts)


def same_shape(expected: Any, given: Any, what: str) -> tuple[list[Any], list[Any]]:
    """Return the numbers of two structures that must have the same shape.

    Raises:
        StructureError: if they do not, saying `what` the second one is.
    """
    numbers, others = flatten(expected)[0], list[Any]()
    if not _matches(expected, given, others):
        raise StructureError(
            f"{what} needs the structure of {shown(expected)}, got {shown(given)}"
        )
    return numbers, others


def _matches(expected: Any, given: Any, others: list[Any]) -> bool:
    """Return whether two structures match, collecting the second's numbers in order."""
    if isinstance(expected, dict):
        return (
            isinstance(given, dict)
            and expected.keys() == given.keys()
            and all(_matches(part, given[key], others) for key, part in expected.items())
        )
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(given, (list, tuple))
            and isinstance(given, list) == isinstance(expected, list)
            and len(given) == len(expected)
            and all(_matches(*pair, others) for pair in zip(expected, given, strict=True))
        )
    if expected is None or given is None:
        return expected is given
    others.append(given)
    return not isinstance(given, (dict, list, tuple))
