"""Penalties: what keeps weights small, or exactly 0.

A penalty is a term of the loss, a Value on the tape like any other: `loss + 1e-4 *
l2_penalty(weights)`. `proximal_l1_` acts after a step instead. Decay of the weights themselves
belongs to the optimisers. Knows weights and their names. Knows no loss and no optimiser.
"""

from collections.abc import Iterable

# Groups of weights hold hyper-parameters of many types.
from typing import Any

from autograd import Value, dot, total
from nn.checks import between, learnable
from nn.groups import check_list_of_weights
from nn.module import Module


def l2_penalty(weights: Iterable[Value]) -> Value:
    """Return the sum of the squares of the weights; mind the half that others put before it.

    Example:
        >>> w = Value(3.0)
        >>> penalty = 0.5 * l2_penalty([w, Value(4.0)])
        >>> penalty.backward()
        >>> penalty.data, w.grad
        (12.5, 3.0)
    """
    found = check_list_of_weights(weights, "l2_penalty")
    return _value(dot(found, found))


def l1_penalty(weights: Iterable[Value]) -> Value:
    """Return the sum of the absolute values of the weights; its slope at 0 is 0.

    Its slope is no smaller for small weights, so they do reach 0; but steps of a fixed length
    only hop around it. `proximal_l1_` leaves exact zeros.

    Example:
        >>> w = Value(-3.0)
        >>> l1_penalty([w, Value(4.0)]).backward()
        >>> w.grad
        -1.0
    """
    return _value(total([abs(w) for w in check_list_of_weights(weights, "l1_penalty")]))


def elastic_net(weights: Iterable[Value], l1: float, l2: float) -> Value:
    """Return l1 times the sum of absolute values plus l2 times the sum of squares.

    Example:
        >>> elastic_net([Value(3.0), Value(-4.0)], l1=1.0, l2=0.5).data
        19.5
    """
    found = check_list_of_weights(weights, "elastic_net")
    l1, l2 = between(l1, "l1", 0.0), between(l2, "l2", 0.0)
    return l1 * l1_penalty(found) + l2 * l2_penalty(found)


def proximal_l1_(weights: Iterable[Value], threshold: float) -> None:
    """Move each weight towards 0 by the threshold, and to exactly 0 if that is nearer.

    After a plain gradient step of rate lr on the rest of the loss, lr * strength is the
    threshold that minimises loss + strength * l1_penalty(weights), exact zeros included
    (Daubechies et al. 2004). Frozen weights stay.

    Example:
        >>> weights = [Value(1.0), Value(-0.25), Value(0.125)]
        >>> proximal_l1_(weights, 0.25)
        >>> [w.data for w in weights]
        [0.75, 0.0, 0.0]
    """
    threshold = between(threshold, "threshold", 0.0)
    for weight in check_list_of_weights(weights, "proximal_l1_"):
        if not learnable(weight):
            continue
        w = weight.data
        weight.data = (
            w - threshold if w > threshold else w + threshold if w < -threshold else 0.0
        )


def without_biases(model: Module) -> list[Value]:
    """Return the weights of a model that are no biases, by their names.

    A bias only shifts what its neuron computes, so it is customary to leave it alone.

    Example:
        >>> from nn import MLP
        >>> len(without_biases(MLP(2, [3, 1]))), len(MLP(2, [3, 1]).parameters())
        (9, 13)
    """
    return [weight for name, weight in model.named_parameters() if not is_bias(name)]


def decay_groups(model: Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return groups for an optimiser that decays the weights of a model and not its biases.

    Example:
        >>> from nn import MLP, AdamW
        >>> model = MLP(2, [3, 1])
        >>> optimiser = AdamW(decay_groups(model, 0.1), lr=0.01)
        >>> [len(group.parameters) for group in optimiser.groups]
        [9, 4]
    """
    named = model.named_parameters()
    return [
        {
            "params": [weight for name, weight in named if is_bias(name) is biases],
            "weight_decay": 0.0 if biases else between(weight_decay, "weight_decay", 0.0),
        }
        for biases in (False, True)
    ]


def is_bias(name: str) -> bool:
    """Return whether a weight of that name is a bias.

    >>> is_bias("layers.0.bias[2]"), is_bias("layers.0.weight[2][1]")
    (True, False)
    """
    return name.rpartition(".")[2].partition("[")[0] == "bias"


def _value(penalty: Any) -> Value:
    """Return the penalty as a Value, which it is not if there are no weights."""
    return penalty if isinstance(penalty, Value) else Value(penalty)
