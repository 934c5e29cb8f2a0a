"""Neuron, Layer, MLP: where weights are used.

A neuron multiplies each input by a weight, adds the products to its bias and bends the sum
by an activation. Calls, attributes and the order of random numbers are micrograd's, so its
programs run unchanged. Knows no loss and no optimiser.
"""

import random
from collections.abc import Iterable, Iterator

# What a model takes and gives depends on its widths: one number, or a list of them.
from typing import Any, TypedDict, Unpack

from autograd import LengthError, Value, dot, shown
from nn.activations import LINEAR, Activation, function_of, title
from nn.checks import is_list, numbers, whole
from nn.module import Module


class Options(TypedDict, total=False):
    """How the neurons of a layer are made; see `Neuron`."""

    nonlin: bool
    activation: Activation
    fused: bool
    generator: random.Random | None


class Neuron(Module):
    """One neuron: a weight `w[i]` for each input, a bias `b`, and an activation.

    Weights start uniformly between -1 and 1, the bias at 0.

    Args:
        nin: the number of inputs.
        nonlin: whether there is an activation at all.
        activation: its name, such as "tanh", all of them in `nn.activations.NAMES`; a
            function of one Value; None or "linear" for none.
        fused: record the weighted sum as one row of the tape instead of a row for every
            product and every sum. The numbers are the same, bit for bit.
        generator: where weights are drawn from; without one, from the `random` module.

    Raises:
        LengthError: when called, if there is not one input for each weight.

    Example:
        >>> neuron = Neuron(2, activation="tanh", generator=random.Random(0))
        >>> neuron
        TanhNeuron(2)
        >>> from math import tanh
        >>> neuron([1.0, -1.0]).data == tanh(neuron.w[0].data - neuron.w[1].data)
        True
    """

    nonlin: bool

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,  # noqa: FBT001, FBT002 - micrograd's signature
        *,
        activation: Activation = "relu",
        fused: bool = True,
        generator: random.Random | None = None,
    ) -> None:
        draw = _uniform(generator)
        self.w = [Value(draw(-1.0, 1.0)) for _ in range(whole(nin, "nin", 0))]
        self.b = Value(0.0)
        self.activation = activation
        self.nonlin = self.nonlin and nonlin
        self.fused = fused

    @property
    def activation(self) -> Activation:
        """The activation as it was given; setting it switches `nonlin` too."""
        return self._activation

    @activation.setter
    def activation(self, activation: Activation) -> None:
        self._function = function_of(activation)
        self._activation = activation
        self.nonlin = activation not in (None, LINEAR)

    def __call__(self, x: Any) -> Value:
        """Return the answer to a list of inputs, numbers or Values; one may stand bare."""
        if type(x) is not list:
            x = _inputs(x)
        if len(x) != len(self.w):
            raise LengthError(
                f"{self} needs {len(self.w)} inputs, one for each weight, got {len(x)}"
            )
        total = dot(self.w, x, self.b) if self.fused else self._chain(x)
        return self._function(total) if self.nonlin else total

    def _chain(self, x: list[Any]) -> Value:
        """Return b + w1*x1 + ... + wn*xn, every step a row of its own."""
        total = self.b
        for weight, number in zip(self.w, numbers(x, "inputs"), strict=True):
            total = total + weight * number
        return total

    def named_parts(self) -> Iterator[tuple[str, object]]:
        """Return the attributes; the weights are called `weight[i]`, the bias `bias`."""
        for name, part in super().named_parts():
            yield {"w": "weight", "b": "bias"}.get(name, name), part

    def __repr__(self) -> str:
        activation = self.activation if self.nonlin else None
        return f"{title(activation)}Neuron({len(self.w)})"


class Layer(Module):
    """A row of neurons that all see the same inputs.

    Args:
        nin: the number of inputs.
        nout: the number of neurons.
        options: how each of them is made; see `Neuron`.

    Example:
        >>> layer = Layer(2, 3, nonlin=False, generator=random.Random(0))
        >>> layer
        Layer of [LinearNeuron(2), LinearNeuron(2), LinearNeuron(2)]
        >>> len(layer([1.0, 2.0]))
        3
    """

    def __init__(self, nin: int, nout: int, **options: Unpack[Options]) -> None:
        self.neurons = [Neuron(nin, **options) for _ in range(whole(nout, "nout", 1))]

    def __call__(self, x: Any) -> Any:
        """Return the answers as a list; that of a single neuron bare, as in micrograd."""
        x = _inputs(x)
        answers = [neuron(x) for neuron in self.neurons]
        return answers[0] if len(answers) == 1 else answers

    def named_parts(self) -> Iterator[tuple[str, object]]:
        """Return the attributes; the weights of neuron j are called `weight[j][i]`."""
        for name, part in super().named_parts():
            if part is self.neurons:
                for j, neuron in enumerate(self.neurons):
                    for inner, value in neuron.named_parts():
                        yield f"{inner}[{j}]", value
            else:
                yield name, part

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """A multilayer perceptron: layers, each fed by the one before.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons in each layer, the last one the outputs.
        activation: that of all layers but the last; see `Neuron`.
        out_activation: that of the last.
        fused: one row of the tape for each weighted sum; see `Neuron`.
        generator: where weights are drawn from; see `Neuron`.

    Example:
        >>> model = MLP(3, [4, 4, 1], activation="tanh", generator=random.Random(0))
        >>> score = model([2.0, 3.0, -1.0])
        >>> score.backward()
        >>> len(model.parameters())
        41
    """

    def __init__(
        self,
        nin: int,
        nouts: Iterable[int],
        activation: Activation = "relu",
        out_activation: Activation = None,
        *,
        fused: bool = True,
        generator: random.Random | None = None,
    ) -> None:
        if not is_list(nouts):
            raise TypeError(
                f"nouts must list the neurons of each layer, as in [16, 1], got {shown(nouts)}"
            )
        widths = list(nouts)
        if not widths:
            raise LengthError("nouts must name at least one layer, as in [16, 1], got none")
        activations = [activation] * (len(widths) - 1) + [out_activation]
        self.layers = [
            Layer(before, width, activation=bend, fused=fused, generator=generator)
            for before, width, bend in zip([nin, *widths], widths, activations, strict=False)
        ]

    def __call__(self, x: Any) -> Any:
        """Return the outputs for one sample: a list, or one Value if there is one output."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"


def _inputs(x: Any) -> list[Any]:
    """Return the inputs as a list; a single one may stand bare, as a layer of one gives it."""
    return numbers(x if is_list(x) else [x], "inputs")


def _uniform(generator: random.Random | None) -> Any:
    if generator is None:
        return random.uniform
    if not isinstance(generator, random.Random):
        raise TypeError(
            f"generator must be a random.Random, such as random.Random(0), "
            f"got {shown(generator)}"
        )
    return generator.uniform
