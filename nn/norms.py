"""LayerNorm, RMSNorm and Dropout: what stands between layers and keeps signals in bounds.

Knows no weighted sum.
"""

# One number or a list of them, plain or Values.
from typing import Any

from autograd import CompilationError, LengthError, TapeError, Value, mean
from nn.checks import between, inputs, number, whole
from nn.module import Module
from nn.parameter import Parameter
from nn.randomness import Seed, draw_of, generator_of


class LayerNorm(Module):
    """Inputs less their mean, over their deviation; then a weight for each, and a bias.

    Ba, Kiros and Hinton 2016; the deviation is the root of the mean square plus eps.

    Args:
        width: the number of inputs.
        eps: keeps the division safe where all inputs are the same.
        affine: whether there are weights and biases.

    Example:
        >>> [f"{x.data:.3f}" for x in LayerNorm(3)([1.0, 2.0, 3.0])]
        ['-1.225', '0.000', '1.225']
    """

    def __init__(self, width: int, *, eps: float = 1e-5, affine: bool = True) -> None:
        self.width = whole(width, "width", 1)
        self.eps = between(eps, "eps", 0.0)
        self.weight = [Parameter(1.0) for _ in range(self.width)] if affine else None
        self.bias = [Parameter(0.0) for _ in range(self.width)] if affine else None

    def __call__(self, x: Any) -> list[Any]:
        """Return the inputs, brought to mean 0 and deviation 1."""
        x = _as_many(x, self.width, self)
        centre = mean(x)
        rest = [each - centre for each in x]
        scale = (mean([each * each for each in rest]) + self.eps) ** -0.5
        scaled = [each * scale for each in rest]
        if self.weight is None or self.bias is None:
            return scaled
        triples = zip(scaled, self.weight, self.bias, strict=True)
        return [each * weight + bias for each, weight, bias in triples]

    def multiply_adds(self) -> int:
        """Return the number of products with weights for one sample: one for each input."""
        return len(self.weight or ())

    def __repr__(self) -> str:
        return f"LayerNorm({self.width})"


class RMSNorm(Module):
    """Inputs over the root of their mean square; then a weight for each.

    Zhang and Sennrich 2019.

    Args:
        width: the number of inputs.
        eps: is added to the mean square.
        affine: whether there are weights.

    Example:
        >>> [f"{x.data:.3f}" for x in RMSNorm(2)([3.0, 4.0])]
        ['0.849', '1.131']
    """

    def __init__(self, width: int, *, eps: float = 1e-5, affine: bool = True) -> None:
        self.width = whole(width, "width", 1)
        self.eps = between(eps, "eps", 0.0)
        self.weight = [Parameter(1.0) for _ in range(self.width)] if affine else None

    def __call__(self, x: Any) -> list[Any]:
        """Return the inputs, brought to mean square 1."""
        x = _as_many(x, self.width, self)
        scale = (mean([each * each for each in x]) + self.eps) ** -0.5
        scaled = [each * scale for each in x]
        if self.weight is None:
            return scaled
        return [each * weight for each, weight in zip(scaled, self.weight, strict=True)]

    def multiply_adds(self) -> int:
        """Return the number of products with weights for one sample: one for each input."""
        return len(self.weight or ())

    def __repr__(self) -> str:
        return f"RMSNorm({self.width})"


class Dropout(Module):
    """In training, inputs at random become 0; the others grow, so that the mean stays.

    Srivastava et al. 2014. After `eval()` all pass unchanged.

    Args:
        share: how likely each input is to become 0.
        seed: a number or a random.Random, for chance; without one, it comes from the
            `random` module.

    Example:
        >>> layer = Dropout(0.5, seed=0)
        >>> layer([1.0, 1.0, 1.0, 1.0])
        [2.0, 2.0, 0.0, 0.0]
        >>> layer.eval()([1.0, 1.0, 1.0, 1.0])
        [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, share: float = 0.5, *, seed: Seed | None = None) -> None:
        share = number(share, "share")
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"share must be from 0 to 1, got {share!r}")
        self.share = share
        self.generator = None if seed is None else generator_of(seed)

    def __call__(self, x: Any) -> list[Any]:
        """Return the inputs, in training some of them 0 and the others larger."""
        x = inputs(x)
        if not self.training or self.share == 0.0:
            return list(x)
        _refuse_to_compile(x)
        draw = draw_of(self.generator)
        scale = 1.0 / (1.0 - self.share) if self.share < 1.0 else 0.0
        return [each * (scale if draw() >= self.share else 0.0) for each in x]

    def __repr__(self) -> str:
        return f"Dropout({self.share:g})"


def _refuse_to_compile(x: list[Any]) -> None:
    """Raise if a function is being compiled: it would draw once and for all."""
    try:
        # Their data is handed out at any other time.
        _ = [each.data for each in x if isinstance(each, Value)]
    except TapeError:
        raise CompilationError(
            "Dropout draws anew each time, which a compiled function cannot: train with "
            "backend='eager', or call eval() first"
        ) from None


def _as_many(x: Any, width: int, layer: Module) -> list[Any]:
    found = inputs(x)
    if len(found) != width:
        raise LengthError(f"{layer} needs {width} inputs, got {len(found)}")
    return found
