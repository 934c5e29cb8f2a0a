"""Activations by name: what a neuron does with its weighted sum.

Knows the names. Knows no formula; those are in the table of `autograd`.
"""

from collections.abc import Callable
from operator import methodcaller

from autograd import Value, shown, softmax

# A name, a function of one Value, or None for none.
Activation = str | Callable[[Value], Value] | None

LINEAR = "linear"

# How names are written where a type is named after them, if not just with capitals.
_SPELLING = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
}

# Those with a slope or scale keep its default value.
NAMES = (
    *("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign"),
    *("tanh", "sigmoid", "log_sigmoid", "erf", "atan", "sin", "cos", "exp", "abs"),
)


def function_of(activation: Activation) -> Callable[[Value], Value]:
    """Return the function that an activation stands for.

    Raises:
        ValueError: if there is no activation of that name.
        TypeError: if it is neither a name nor a function.

    >>> function_of("relu")(Value(-2.0)).data
    0.0
    """
    if activation is None or activation == LINEAR:
        return _unchanged
    if activation in ("softmax", "log_softmax", softmax):
        raise ValueError(
            "softmax is of a whole layer, no activation of one neuron; leave it out: "
            "cross_entropy takes raw scores"
        )
    if isinstance(activation, str):
        if activation not in NAMES:
            raise ValueError(
                f"there is no activation {activation!r}; there are {', '.join(NAMES)}, and "
                f"{LINEAR} for none; a function of one Value, such as autograd.asinh, will do "
                "too"
            )
        return methodcaller(activation)
    if not callable(activation):
        raise TypeError(
            "activation must be a name such as 'tanh', a function of one Value, or None, "
            f"got {shown(activation)}"
        )
    return activation


def title(activation: Activation) -> str:
    """Return the name of an activation as types are named.

    >>> [title(activation) for activation in ("relu", "log_sigmoid", None)]
    ['ReLU', 'LogSigmoid', 'Linear']
    """
    name = activation or LINEAR
    if not isinstance(name, str):
        name = getattr(name, "__name__", type(name).__name__).strip("<>")
    return _SPELLING.get(name) or "".join(word.capitalize() for word in name.split("_"))


def _unchanged(total: Value) -> Value:
    return total
