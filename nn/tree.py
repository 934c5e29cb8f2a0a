"""The way from a network down to its weights, through attributes, lists and dicts.

Knows what may hold weights. Knows nothing of what they are for.
"""

from collections.abc import Iterable

# What is found may be anything.
from typing import Any, NamedTuple, Protocol

from autograd import Value
from nn.checks import is_leaf
from nn.parameter import Parameter


class HasParts(Protocol):
    """A module: it says what it is made of."""

    def named_parts(self) -> Iterable[tuple[str, object]]:
        """Return its parts by name."""


class Found(NamedTuple):
    """A module, a container or a weight; its name, and that of the module it belongs to."""

    name: str
    thing: Any
    owner: str


def walk(root: HasParts) -> list[Found]:
    """Return every module and every leaf once, in order; what is shared where it comes first.

    However deep they are: there is no recursion.
    """
    result: list[Found] = []
    # Holds what was seen, so that no two things can have had the same id.
    seen: dict[int, object] = {}
    waiting = [Found("", root, "")]
    while waiting:
        found = waiting.pop()
        thing = found.thing
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        if isinstance(thing, Value):
            # A Parameter always is a leaf.
            if isinstance(thing, Parameter) or is_leaf(thing):
                result.append(found)
            continue
        if not isinstance(thing, _CONTAINERS):
            result.append(found)
        waiting += reversed(_parts(found))
    return result


_CONTAINERS = (list, tuple, dict)
_HOLDERS = (Value, *_CONTAINERS)


def _parts(found: Found) -> list[Found]:
    """Return the parts of a module or container that may hold weights, with full names."""
    name, thing, owner = found.name, found.thing, found.owner
    if isinstance(thing, dict):
        named = [(f"{name}.{key}", part) for key, part in thing.items()]
    elif isinstance(thing, (list, tuple)):
        named = [
            (f"{name}.{k}" if _is_module(part) else f"{name}[{k}]", part)
            for k, part in enumerate(thing)
        ]
    else:
        owner, prefix = name, f"{name}." if name else ""
        named = [(f"{prefix}{part}", value) for part, value in thing.named_parts()]
    return [
        Found(full, part, owner)
        for full, part in named
        if isinstance(part, _HOLDERS) or _is_module(part)
    ]


def _is_module(thing: object) -> bool:
    return hasattr(type(thing), "named_parts")
