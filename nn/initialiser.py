"""Initialiser: what draws the weights of a layer, and the distributions to draw from.

Chance is that of `randomness`. Knows no layer and no Value.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from nn.randomness import Draw, Seed, draw_of

Matrix = list[list[float]]


@dataclass(frozen=True, slots=True)
class Initialiser:
    """How the weights and biases of a layer begin.

    Attributes:
        name: how it is called.
        matrix: the weights from (inputs, outputs, draw), a row for each output.
        bias: the bound of the biases from the number of inputs: uniform between -bound and
            bound; None for biases of 0.

    Example:
        >>> from nn.init import xavier_uniform
        >>> weights, biases = xavier_uniform()(300, 40, seed=0)
        >>> len(weights), len(weights[0]), biases == [0.0] * 40
        (40, 300, True)
    """

    name: str
    matrix: Callable[[int, int, Draw], Matrix]
    bias: Callable[[int], float] | None = None

    def __call__(
        self, nin: int, nout: int, seed: Seed | None = None
    ) -> tuple[Matrix, list[float]]:
        """Return weights and biases for a layer; without a seed from `random` itself."""
        draw = draw_of(seed)
        weights = self.matrix(nin, nout, draw)
        if self.bias is None:
            return weights, [0.0] * nout
        bound = self.bias(nin)
        return weights, [between_bounds(-bound, bound, draw) for _ in range(nout)]

    def __repr__(self) -> str:
        return f"<{self.name}>"


def between_bounds(low: float, high: float, draw: Draw) -> float:
    """Return what `random.uniform` returns."""
    return low + (high - low) * draw()


def orthonormal(rows: Matrix) -> Matrix:
    """Return rows of length 1 at right angles, each the first with a positive part along.

    Gram and Schmidt, twice over: once leaves errors that grow with the rows' likeness. It is
    the QR decomposition with a positive diagonal, so normal rows give even directions.
    """
    done: Matrix = []
    for row in rows:
        rest = row
        for _ in range(2):
            for other in done:
                along = math.fsum(x * y for x, y in zip(rest, other, strict=True))
                rest = [x - along * y for x, y in zip(rest, other, strict=True)]
        length = math.sqrt(math.fsum(x * x for x in rest))
        done.append([x / length for x in rest])
    return done
