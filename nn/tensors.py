"""Tensors: single weights gathered into tables, and nested lists taken apart.

Weights are called `layers.0.weight[2][1]` one by one; files and other libraries know the
tensor `layers.0.weight` of shape (outputs, inputs). Here the one becomes the other. Knows no
file, and nothing of what fits where.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real

# Nested lists of numbers, of any depth.
from typing import Any

from autograd import Value, shown
from nn.errors import StateError

Shape = tuple[int, ...]

# Deeper lists are no weights.
DEEPEST = 16

_NAME = re.compile(r"(.*?)((?:\[\d+\])*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tensor:
    """Weights that belong together: their shape, and each of them, the last index fastest."""

    shape: Shape
    weights: list[Value]

    def numbers(self) -> Any:
        """Return the numbers as nested lists of this shape."""
        return nested([weight.data for weight in self.weights], self.shape)


def tensors(named: Iterable[tuple[str, Value]]) -> dict[str, Tensor]:
    """Return named weights gathered into tensors, in the order in which these begin.

    Weights that do not fill a box, such as rows of different lengths, stay single, each of
    shape () under its own name.

    Raises:
        ValueError: if two weights have the same name.

    >>> from autograd import Value
    >>> found = tensors((f"w[{j}][{i}]", Value(0.0)) for j in range(2) for i in range(3))
    >>> {name: tensor.shape for name, tensor in found.items()}
    {'w': (2, 3)}
    """
    groups: dict[str, dict[Shape, Value]] = {}
    for name, weight in named:
        matched = _NAME.fullmatch(name)
        assert matched is not None, "every text matches"
        places = tuple(map(int, re.findall(r"\d+", matched[2])))
        group = groups.setdefault(matched[1], {})
        if places in group:
            raise ValueError(f"two different weights are called {name!r}; rename one of them")
        group[places] = weight
    found: dict[str, Tensor] = {}
    for name, group in groups.items():
        shape = _box(group)
        if shape is not None:
            found[name] = Tensor(shape, [group[place] for place in sorted(group)])
        else:
            for place, weight in group.items():
                single = name + "".join(f"[{index}]" for index in place)
                found[single] = Tensor((), [weight])
    return found


def _box(places: Iterable[Shape]) -> Shape | None:
    """Return the shape of the box that different places fill, or None if they fill none."""
    places = list(places)
    if len({len(place) for place in places}) > 1:
        return None
    shape = tuple(1 + max(indices) for indices in zip(*places, strict=True))
    return shape if math.prod(shape) == len(places) else None


def nested(flat: Sequence[Any], shape: Shape) -> Any:
    """Return a flat list as nested lists.

    >>> nested([1, 2, 3, 4, 5, 6], (2, 3))
    [[1, 2, 3], [4, 5, 6]]
    """
    if not shape:
        return flat[0]
    parts: list[Any] = list(flat)
    for axis in range(len(shape) - 1, 0, -1):
        size, count = shape[axis], math.prod(shape[:axis])
        parts = [parts[k * size : (k + 1) * size] for k in range(count)]
    return parts


def flattened(thing: Any, name: str) -> tuple[Shape, list[float]]:
    """Return the shape and the numbers of nested lists, or of what has a `tolist()`.

    Raises:
        StateError: if lists of one level differ in length, or something is no number.

    >>> flattened([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "w")
    ((2, 3), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    """
    level: list[Any] = [thing.tolist() if hasattr(thing, "tolist") else thing]
    shape: list[int] = []
    while level and isinstance(level[0], (list, tuple)):
        size = len(level[0])
        if len(shape) == DEEPEST:
            raise StateError(f"{name} is nested more than {DEEPEST} lists deep")
        for part in level:
            if not isinstance(part, (list, tuple)) or len(part) != size:
                raise StateError(
                    f"{name} must be lists of the same length at each level, but one has "
                    f"{size} parts and another is {shown(part)}"
                )
        shape.append(size)
        level = [each for part in level for each in part]
    return tuple(shape), [_number(each, name) for each in level]


def _number(thing: Any, name: str) -> float:
    if type(thing) is float:
        return thing
    if isinstance(thing, bool) or not isinstance(thing, Real):
        raise StateError(f"{name} must be made of numbers, but one is {shown(thing)}")
    try:
        return float(thing)
    except OverflowError:
        raise StateError(
            f"{name} must be made of floats, but {shown(thing)} is too large"
        ) from None
