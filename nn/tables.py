"""Linear and Embedding: weights kept as the table that other libraries know.

A table has a row for each output, or for each class, and is called as in torch. Knows no
activation.
"""

import operator
from typing import Any

from autograd import LengthError, Value, dot, shown, take
from nn.checks import inputs, whole
from nn.init import initialiser_of
from nn.initialiser import Initialiser
from nn.module import Module
from nn.parameter import Parameter
from nn.randomness import Seed


class Linear(Module):
    """Weighted sums of the inputs, y[j] = bias[j] + sum of weight[j][i] * x[i].

    Args:
        nin: the number of inputs.
        nout: the number of outputs; the answer is a list, also of a single one.
        bias: whether there are biases; without, `bias` is None.
        init: how weights and biases start; see `Layer`. The default is torch's, evenly within
            1 / sqrt(nin) of 0.
        seed: a number or a random.Random, for the weights; without one, they are drawn from
            the `random` module.

    Raises:
        LengthError: when called with another number of inputs.

    Example:
        >>> layer = Linear(3, 2, seed=0)
        >>> layer
        Linear(3, 2)
        >>> len(layer([1.0, 2.0, 3.0])), len(layer.weight), len(layer.weight[0])
        (2, 2, 3)
    """

    bias: list[Parameter] | None

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        bias: bool = True,
        init: str | Initialiser = "torch",
        seed: Seed | None = None,
    ) -> None:
        nin, nout = whole(nin, "nin", 0), whole(nout, "nout", 1)
        weights, biases = initialiser_of(init)(nin, nout, seed)
        self.nin = nin
        self.weight = [[Parameter(x) for x in row] for row in weights]
        self.bias = [Parameter(x) for x in biases] if bias else None

    def __call__(self, x: Any) -> list[Value]:
        """Return the sums for a list of inputs, numbers or Values; one may stand bare."""
        x = inputs(x)
        if len(x) != self.nin:
            raise LengthError(f"{self} needs {self.nin} inputs, got {len(x)}")
        starts: list[Any] = [*self.bias] if self.bias else [0.0] * len(self.weight)
        return [dot(row, x, start) for row, start in zip(self.weight, starts, strict=True)]

    def multiply_adds(self) -> int:
        """Return the number of products for one sample: inputs times outputs."""
        return self.nin * len(self.weight)

    def __repr__(self) -> str:
        end = ", bias=False" if self.bias is None else ""
        return f"Linear({self.nin}, {len(self.weight)}{end})"


class Embedding(Module):
    """A list of weights for each class: what a class means, learned.

    It is a Linear layer without bias that is given 1 for the class and 0 for all others, and
    so it learns: other classes get the gradient 0, and go on moving if an optimiser has
    momentum. A function that is compiled looks the weights up, which comes to the same.

    Args:
        count: the number of classes.
        width: how many weights each has.
        init: how they start; see `Layer`. The default is torch's, normal with variance 1.
        seed: a number or a random.Random, for the weights; without one, they are drawn from
            the `random` module.

    Raises:
        TypeError: when called with what is no whole number.
        IndexError: when called with a class that is not there; negative ones do not count
            from the end.

    Example:
        >>> letters = Embedding(27, 2, seed=0)
        >>> letters
        Embedding(27, 2)
        >>> [v.data for v in letters(3)] == [w.data for w in letters.weight[3]]
        True
    """

    def __init__(
        self,
        count: int,
        width: int,
        *,
        init: str | Initialiser = "normal",
        seed: Seed | None = None,
    ) -> None:
        count, width = whole(count, "count", 1), whole(width, "width", 1)
        weights, _ = initialiser_of(init)(width, count, seed)
        self.weight = [[Parameter(x) for x in row] for row in weights]

    def __call__(self, index: Any) -> list[Value]:
        """Return the weights of the class with this number."""
        columns = [list(column) for column in zip(*self.weight, strict=True)]
        if isinstance(index, Value) and hasattr(index, "__index__"):
            # One of many, in a function that is being compiled.
            return [take(column, index) for column in columns]
        if isinstance(index, bool) or not hasattr(index, "__index__"):
            raise TypeError(
                f"{self} needs the number of a class, a whole number, got {shown(index)}"
            )
        place = operator.index(index)
        if not 0 <= place < len(self.weight):
            raise IndexError(f"{self} has the classes 0 to {len(self.weight) - 1}, got {place}")
        chosen = [0.0] * len(self.weight)
        chosen[place] = 1.0
        return [dot(column, chosen) for column in columns]

    def multiply_adds(self) -> int:
        """Return 0: what is multiplied by 0 and 1 may as well be looked up."""
        return 0

    def __repr__(self) -> str:
        return f"Embedding({len(self.weight)}, {len(self.weight[0])})"
