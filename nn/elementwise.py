"""Activations as modules: a function applied to each number.

Knows how to apply one. Knows no formula; those are in the table of `autograd`.
"""

# One number or a list of them, plain or Values.
from typing import Any, ClassVar

from autograd import Value
from nn.activations import Activation, function_of, title
from nn.checks import inputs, is_list
from nn.module import Module


class Elementwise(Module):
    """An activation as a module.

    Args:
        activation: its name, a function of one Value, or None for none; see
            `nn.activations`.

    Example:
        >>> [x.data for x in Elementwise("relu")([-1.0, 2.0])]
        [0.0, 2.0]
    """

    def __init__(self, activation: Activation) -> None:
        self._function = function_of(activation)
        self.activation = activation

    def __call__(self, x: Any) -> Any:
        """Return the function of each number of a list, or of a bare number."""
        values = [each if isinstance(each, Value) else Value(each) for each in inputs(x)]
        found = [self._function(value) for value in values]
        return found if is_list(x) else found[0]

    def __repr__(self) -> str:
        return f"{title(self.activation)}()"


class _Named(Elementwise):
    """An activation whose name is the class's."""

    name: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.name)


class ReLU(_Named):
    """The number above 0, else 0."""

    name = "relu"


class LeakyReLU(_Named):
    """The number above 0, else 0.01 of it."""

    name = "leaky_relu"


class ELU(_Named):
    """The number above 0, else exp(x) - 1."""

    name = "elu"


class SELU(_Named):
    """`ELU`, scaled so that signals keep mean 0 and variance 1."""

    name = "selu"


class GELU(_Named):
    """The number times the normal distribution function of it."""

    name = "gelu"


class SiLU(_Named):
    """The number times its sigmoid."""

    name = "silu"


class Softplus(_Named):
    """A smooth `ReLU`: log(1 + exp(x))."""

    name = "softplus"


class Softsign(_Named):
    """x / (1 + abs(x))."""

    name = "softsign"


class Tanh(_Named):
    """The hyperbolic tangent, between -1 and 1."""

    name = "tanh"


class Sigmoid(_Named):
    """1 / (1 + exp(-x)), between 0 and 1."""

    name = "sigmoid"


class LogSigmoid(_Named):
    """The logarithm of `Sigmoid`."""

    name = "log_sigmoid"
