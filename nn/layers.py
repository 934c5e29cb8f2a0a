"""Neuron, Layer, MLP: where weights are used.

A neuron multiplies each input by a weight, adds the products to its bias and bends the sum
by an activation. Calls, attributes and the order of random numbers are micrograd's, so its
programs run unchanged. Knows no loss and no optimiser.
"""

from collections.abc import Iterable, Iterator, Sequence

# What a model takes and gives depends on its widths: one number, or a list of them.
from typing import Any, TypedDict, Unpack

from autograd import LengthError, dot, shown
from nn.activations import LINEAR, Activation, function_of, title
from nn.checks import inputs, is_list, numbers, whole
from nn.init import initialiser_of
from nn.initialiser import Initialiser
from nn.module import Module
from nn.parameter import Parameter
from nn.randomness import Seed, generator_of


class Options(TypedDict, total=False):
    """How the neurons of a layer are made; see `Neuron`."""

    nonlin: bool
    activation: Activation
    bias: bool
    fused: bool


class Neuron(Module):
    """One neuron: a weight `w[i]` for each input, a bias `b`, and an activation.

    With `activation=None` it is a linear model, such as linear regression; logistic
    regression too, if its output goes to a loss on logits.

    Args:
        nin: the number of inputs.
        nonlin: whether there is an activation at all.
        activation: its name, such as "tanh", all of them in `nn.activations.NAMES`; a
            function of one Value; None or "linear" for none.
        bias: whether there is a bias; without one, `b` is None.
        fused: record the weighted sum as one row of the tape instead of a row for every
            product and every sum. The numbers are the same, bit for bit.
        start: the numbers that weights start from. If left out, they are drawn evenly from
            -1 to 1. The bias starts at 0, or at the number after the weights.
        seed: a number or a random.Random, for the weights; without one, they are drawn from
            the `random` module.

    Raises:
        LengthError: when called, if there is not one input for each weight.

    Example:
        >>> neuron = Neuron(2, activation="tanh", seed=0)
        >>> neuron
        TanhNeuron(2)
        >>> from math import tanh
        >>> neuron([1.0, -1.0]).data == tanh(neuron.w[0].data - neuron.w[1].data)
        True
    """

    nonlin: bool
    b: Any  # a Parameter, or None

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,  # noqa: FBT001, FBT002 - micrograd's signature
        *,
        activation: Activation = "relu",
        bias: bool = True,
        fused: bool = True,
        start: Sequence[float] | None = None,
        seed: Seed | None = None,
    ) -> None:
        nin = whole(nin, "nin", 0)
        if start is None:
            (start,), _ = initialiser_of("micrograd")(nin, 1, seed)
        if not nin <= len(start) <= nin + bias:
            raise LengthError(
                f"a neuron of {nin} inputs starts from {nin} weights and "
                f"{'perhaps a' if bias else 'no'} bias, got {len(start)} numbers"
            )
        self.w = [Parameter(x) for x in start[:nin]]
        self.b = Parameter([*start[nin:], 0.0][0]) if bias else None
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

    def __call__(self, x: Any) -> Any:
        """Return the answer to a list of inputs, numbers or Values; one may stand bare."""
        if type(x) is not list:
            x = inputs(x)
        if len(x) != len(self.w):
            raise LengthError(
                f"{self} needs {len(self.w)} inputs, one for each weight, got {len(x)}"
            )
        start = 0.0 if self.b is None else self.b
        total = dot(self.w, x, start) if self.fused else self._chain(x, start)
        return self._function(total) if self.nonlin else total

    def _chain(self, x: list[Any], total: Any) -> Any:
        """Return b + w1*x1 + ... + wn*xn, every step a row of its own."""
        for weight, number in zip(self.w, numbers(x, "inputs"), strict=True):
            total = total + weight * number
        return total

    def named_parts(self) -> Iterator[tuple[str, object]]:
        """Return the attributes; the weights are called `weight[i]`, the bias `bias`."""
        for name, part in super().named_parts():
            yield {"w": "weight", "b": "bias"}.get(name, name), part

    def multiply_adds(self) -> int:
        """Return the number of products for one sample: one for each input."""
        return len(self.w)

    def __repr__(self) -> str:
        activation = self.activation if self.nonlin else None
        return f"{title(activation)}Neuron({len(self.w)})"


class Layer(Module):
    """A row of neurons that all see the same inputs.

    Args:
        nin: the number of inputs.
        nout: the number of neurons.
        init: how weights and biases start: a name, all of them in `nn.init.BY_NAME`, or
            "auto" to go by the activation; or what functions of `nn.init` return.
        seed: a number or a random.Random, for the weights; without one, they are drawn from
            the `random` module.
        options: how each neuron is made; see `Neuron`.

    Example:
        >>> layer = Layer(2, 3, nonlin=False, seed=0)
        >>> layer
        Layer of [LinearNeuron(2), LinearNeuron(2), LinearNeuron(2)]
        >>> len(layer([1.0, 2.0]))
        3
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        init: str | Initialiser = "micrograd",
        seed: Seed | None = None,
        **options: Unpack[Options],
    ) -> None:
        nin, nout = whole(nin, "nin", 0), whole(nout, "nout", 1)
        activation = options.get("activation", "relu") if options.get("nonlin", True) else None
        weights, biases = initialiser_of(init, activation)(nin, nout, seed)
        if not options.get("bias", True):
            biases = []
        self.neurons = [
            Neuron(nin, start=[*row, *biases[j : j + 1]], **options)
            for j, row in enumerate(weights)
        ]

    def __call__(self, x: Any) -> Any:
        """Return the answers as a list; that of a single neuron bare, as in micrograd."""
        x = inputs(x)
        answers = [neuron(x) for neuron in self.neurons]
        return answers[0] if len(answers) == 1 else answers

    def switch_mode(self, *, mode: bool) -> None:
        """Switch the layer and its neurons; see `Module.train`."""
        super().switch_mode(mode=mode)
        for neuron in self.neurons:
            neuron.train(mode)

    def named_parts(self) -> Iterator[tuple[str, object]]:
        """Return the attributes; the weights of neuron j are called `weight[j][i]`."""
        for name, part in super().named_parts():
            if part is self.neurons:
                for j, neuron in enumerate(self.neurons):
                    for inner, value in neuron.named_parts():
                        yield f"{inner}[{j}]", value
            else:
                yield name, part

    def multiply_adds(self) -> int:
        """Return the number of products for one sample: inputs times neurons."""
        return sum(neuron.multiply_adds() for neuron in self.neurons)

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """A multilayer perceptron: layers, each fed by the one before.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons in each layer, the last one the outputs.
        activation: that of all layers but the last; see `Neuron`.
        out_activation: that of the last.
        bias: whether neurons have a bias.
        init: how weights start; see `Layer`. "auto" suits most networks better than the
            default, which is micrograd's: evenly from -1 to 1.
        fused: one row of the tape for each weighted sum; see `Neuron`.
        seed: see `Neuron`; all layers draw from one generator.

    Example:
        >>> model = MLP(3, [4, 4, 1], activation="tanh", seed=0)
        >>> score = model([2.0, 3.0, -1.0])
        >>> score.backward()
        >>> len(model.parameters())
        41
    """

    def __init__(  # noqa: PLR0913 - a network has that many choices
        self,
        nin: int,
        nouts: Iterable[int],
        activation: Activation = "relu",
        out_activation: Activation = None,
        *,
        bias: bool = True,
        init: str | Initialiser = "micrograd",
        fused: bool = True,
        seed: Seed | None = None,
    ) -> None:
        if not is_list(nouts):
            raise TypeError(
                f"nouts must list the neurons of each layer, as in [16, 1], got {shown(nouts)}"
            )
        widths = list(nouts)
        if not widths:
            raise LengthError("nouts must name at least one layer, as in [16, 1], got none")
        function_of(activation)  # a wrong one is told even where no layer has it
        if seed is not None:
            seed = generator_of(seed)  # one for all layers
        activations = [activation] * (len(widths) - 1) + [out_activation]
        self.layers = [
            Layer(
                before, width, activation=bend, bias=bias, fused=fused, init=init,
                seed=seed,
            )
            for before, width, bend in zip([nin, *widths], widths, activations, strict=False)
        ]  # fmt: skip

    def __call__(self, x: Any) -> Any:
        """Return the outputs for one sample: a list, or one Value if there is one output."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
