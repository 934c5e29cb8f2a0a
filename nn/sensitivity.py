"""How strongly each input of a network influences each output.

Knows how to ask a network; the derivatives are `autograd`'s.
"""

# A model is anything that can be called; what it gives depends on its widths.
from typing import Any

from autograd import jacobian
from nn.checks import is_list


def sensitivity(model: Any, x: Any) -> Any:
    """Return d(output) / d(input), for one sample; the gradients of weights stay as they are.

    Of a linear model that is its weights.

    Args:
        model: a network, or any function of a list of inputs.
        x: the inputs, or a single one.

    Returns:
        One number for each input; a list of such lists if the model has several outputs.

    Example:
        >>> from nn import Neuron
        >>> neuron = Neuron(2, activation=None)
        >>> sensitivity(neuron, [5.0, -1.0]) == [w.data for w in neuron.w]
        True
    """
    found = jacobian(model)(list(x) if is_list(x) else x)
    return _numbers(found)


def _numbers(thing: Any) -> Any:
    """Return derivatives as floats: the weights they depend on would make them Values."""
    if isinstance(thing, list):
        return [_numbers(part) for part in thing]
    return getattr(thing, "data", thing)
