"""Depth: how signals and gradients fare in a deep network that was only just initialised.

Users find it in `nn.diagnostics`. Knows how to build such a network; trains nothing.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

# Signals are numbers or Values.
from typing import Any

from autograd import Value, backward, total
from nn.activations import Activation
from nn.checks import whole
from nn.layers import MLP
from nn.randomness import Seed, generator_of, normal

# Weights, a row for each output, and biases of a layer, from (inputs, outputs, generator).
Initialise = Callable[[int, int, random.Random], tuple[list[list[float]], list[float]]]
# How near to their ends outputs count as saturated: the slope of tanh is below 0.06 there.
_SATURATED = 0.97


def saturated_share(activation: object, outputs: Sequence[float]) -> float | None:
    """Return the share of outputs near the ends of tanh or sigmoid, None for others."""
    if activation == "tanh":
        return fmean(abs(output) > _SATURATED for output in outputs)
    if activation == "sigmoid":
        return fmean(abs(2.0 * output - 1.0) > _SATURATED for output in outputs)
    return None


@dataclass(frozen=True, slots=True)
class DepthSweep:
    """How signals fare in a deep network that was only just initialised.

    Attributes:
        outputs: the deviation of the outputs of each layer, from the inputs on.
        gradients: the deviation of their gradients.
        saturated: the share of saturated outputs, None if none can be.
    """

    outputs: tuple[float, ...]
    gradients: tuple[float, ...]
    saturated: float | None

    @property
    def ratio(self) -> float:
        """The gradients at the first layer over those at the last.

        About 1 is what initialisation is for; 1e-6 has vanished, 1e6 has exploded.
        """
        return self.gradients[0] / self.gradients[-1]


def depth_sweep(
    initialise: Initialise,
    activation: Activation = "tanh",
    *,
    depth: int = 20,
    width: int = 16,
    samples: int = 32,
    seed: Seed = 0,
) -> DepthSweep:
    """Send normal inputs through a deep network and random gradients back, and look.

    Args:
        initialise: weights and biases of a layer from (inputs, outputs, generator), as the
            initialisers of `nn.init`.
        activation: that of every layer; see `Neuron`.
        depth: the number of layers.
        width: the number of neurons in each, and of inputs.
        samples: the number of inputs.
        seed: a number or a random.Random, for weights, inputs and gradients.

    Example:
        >>> def tiny(nin, nout, generator):
        ...     return [[0.01 * normal(generator) for _ in range(nin)] for _ in range(nout)], [
        ...         0.0
        ...     ] * nout
        >>> depth_sweep(tiny, "relu", depth=5, samples=4).ratio < 1e-5
        True
    """
    generator = generator_of(seed)
    depth, width = whole(depth, "depth", 1), whole(width, "width", 1)
    model = MLP(width, [width] * depth, activation, activation, seed=generator)
    for layer in model.layers:
        rows, biases = initialise(width, width, generator)
        for neuron, row, bias in zip(layer.neurons, rows, biases, strict=True):
            neuron.b.data = bias
            for weight, number in zip(neuron.w, row, strict=True):
                weight.data = number
    outputs: list[list[float]] = [[] for _ in range(depth)]
    gradients: list[list[float]] = [[] for _ in range(depth)]
    for _ in range(whole(samples, "samples", 1)):
        signal: list[Any] = [normal(generator) for _ in range(width)]
        seen: list[list[Value]] = []
        for layer in model.layers:
            found = layer(signal)
            signal = [found] if isinstance(found, Value) else found
            seen.append(signal)
        backward(total([normal(generator) * value for value in signal]))
        for k, values in enumerate(seen):
            outputs[k] += [value.data for value in values]
            gradients[k] += [value.grad for value in values]
    last = saturated_share(activation, [x for layer in outputs for x in layer])
    return DepthSweep(tuple(map(pstdev, outputs)), tuple(map(pstdev, gradients)), last)
