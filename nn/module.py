"""Module: anything that has weights, and how they are found and named.

Knows how to walk from a network down to its weights. Knows nothing of what they compute.
"""

from collections.abc import Iterable

from autograd import Value
from nn.checks import is_leaf


class Module:
    """Something with weights: a neuron, a network, or whatever holds them in attributes.

    Weights are the Values found in its attributes, in the order they were set, through other
    Modules, lists, tuples and dicts; a Value that was computed from others is none.

    Example:
        >>> from autograd import Value
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope, self.offset = Value(2.0), Value(1.0)
        ...
        ...     def __call__(self, x):
        ...         return self.slope * x + self.offset
        >>> line = Line()
        >>> line(3.0).data
        7.0
        >>> [name for name, _ in line.named_parameters()]
        ['slope', 'offset']
    """

    def parameters(self) -> list[Value]:
        """Return every weight once, also if it is used in several places."""
        return [value for _, value in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return (name, weight) for every weight; a shared one has the name found first.

        Example:
            >>> from nn import MLP
            >>> for name, _ in MLP(2, [1]).named_parameters():
            ...     print(name)
            layers.0.weight[0][0]
            layers.0.weight[0][1]
            layers.0.bias[0]
        """
        found: list[tuple[str, Value]] = []
        # Holds what was seen, so that no two things can have had the same id.
        seen: dict[int, object] = {}
        waiting: list[tuple[str, object]] = [("", self)]
        while waiting:
            name, thing = waiting.pop()
            if id(thing) in seen:
                continue
            seen[id(thing)] = thing
            if not isinstance(thing, Value):
                waiting += reversed(_parts(name, thing))
            elif is_leaf(thing):
                found.append((name, thing))
        return found

    def named_parts(self) -> Iterable[tuple[str, object]]:
        """Return what this module is made of, by name: its attributes.

        Override it to give weights better names, or to show weights kept elsewhere.
        """
        return vars(self).items()

    def zero_grad(self) -> None:
        """Clear the gradient of every weight: `backward()` adds to what is there."""
        for parameter in self.parameters():
            parameter.grad = None


_HOLDERS = (Value, Module, list, tuple, dict)


def _parts(name: str, thing: object) -> list[tuple[str, object]]:
    """Return the parts of a module or container that may hold weights, with full names."""
    if isinstance(thing, Module):
        prefix = f"{name}." if name else ""
        named = [(f"{prefix}{part}", value) for part, value in thing.named_parts()]
    elif isinstance(thing, dict):
        named = [(f"{name}.{key}", value) for key, value in thing.items()]
    else:
        assert isinstance(thing, (list, tuple)), "only holders are walked"
        named = [
            (f"{name}.{k}" if isinstance(value, Module) else f"{name}[{k}]", value)
            for k, value in enumerate(thing)
        ]
    return [(full, value) for full, value in named if isinstance(value, _HOLDERS)]
