"""Sequential: modules one after the other.

Knows how to hand on what comes out. Knows nothing of what is in between.
"""

from collections.abc import Callable, Iterator

# What goes from module to module: one number or a list of them.
from typing import Any

from autograd import LengthError, shown
from nn.elementwise import Elementwise
from nn.module import Module


class Sequential(Module):
    """Modules, each fed by the one before; weights are called as in torch, `0.weight[2][1]`.

    Args:
        parts: modules, names of activations, or functions of lists.

    Example:
        >>> import random
        >>> from nn import Linear
        >>> generator = random.Random(0)
        >>> model = Sequential(
        ...     Linear(2, 8, seed=generator), "tanh", Linear(8, 1, seed=generator)
        ... )
        >>> model
        Sequential(Linear(2, 8), Tanh(), Linear(8, 1))
        >>> (score,) = model([1.0, 2.0])
        >>> list(model.state_dict())
        ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *parts: Module | str | Callable[[Any], Any]) -> None:
        if not parts:
            raise LengthError("Sequential needs at least one part, got none")
        self.parts: list[Any] = []
        for part in parts:
            if not isinstance(part, str) and not callable(part):
                raise TypeError(
                    "a part of Sequential must be a module, the name of an activation or a "
                    f"function, got {shown(part)}"
                )
            self.parts.append(Elementwise(part) if isinstance(part, str) else part)

    def __call__(self, x: Any) -> Any:
        """Return what the last part makes of it."""
        for part in self.parts:
            x = part(x)
        return x

    def named_parts(self) -> Iterator[tuple[str, object]]:
        """Return the parts by their numbers, then further attributes."""
        for name, part in super().named_parts():
            if part is self.parts:
                for k, each in enumerate(self.parts):
                    yield str(k), each
            else:
                yield name, part

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def __getitem__(self, place: int) -> Any:
        return self.parts[place]

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.parts))})"
