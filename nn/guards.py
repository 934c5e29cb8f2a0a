"""The guard of training: what is not finite, traced to where it began; what learns nothing.

Knows how to read a tape. Knows no optimiser.
"""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from autograd import AnomalyError, Value, shown, skim
from nn.checks import learnable
from nn.module import Module

NOTHING_LEARNED = (
    "the loss depends on no weight that the optimiser may move, which would learn nothing; are "
    "all of them frozen, or does the loss or the model take numbers out of Values, as v.data, "
    "v.detach() and no_grad() do?"
)


def one_each(losses: Sequence[Any]) -> Sequence[Any]:
    """Return the losses of some samples.

    Raises:
        TypeError: unless each of them is one number.
    """
    for loss in losses:
        if not isinstance(loss, (Value, Real)):
            missing = "; is a return missing?" if loss is None else ""
            raise TypeError(
                f"the loss must give one number for a sample, got {shown(loss)}{missing}"
            )
    return losses


def check_loss(loss: Value, model: Module) -> None:
    """Refuse a loss that is not finite.

    Raises:
        AnomalyError: naming the first weight, or else the first operation, that is not finite.
    """
    if not math.isfinite(loss.data):
        raise AnomalyError(f"the loss is {loss.data!r}: {_origin(loss, model)}")


def check_gradients(weights: Sequence[Value], model: Module) -> None:
    """Refuse gradients that are not finite, before an optimiser makes weights of them.

    Raises:
        AnomalyError: naming the first weight with such a gradient.
    """
    # One sum tells that all is well; only a sum that overflows, or worse, is looked into.
    if math.isfinite(sum(weight.grad for weight in weights)):
        return
    names = {id(weight): name for name, weight in model.named_parameters()}
    for weight in weights:
        if not math.isfinite(weight.grad):
            raise AnomalyError(
                f"the gradient of {names.get(id(weight), 'a weight')} is {weight.grad!r}, "
                "though the loss is finite; autograd.detect_anomaly finds the operation"
            )


def check_dependence(loss: Value, weights: Sequence[Value]) -> None:
    """Refuse a loss that depends on no weight that may move, after its backward pass.

    Raises:
        ValueError: if it depends on none.
    """
    # A gradient says so at once, but that all are 0 may be by chance.
    if any(weight.grad for weight in weights):
        return
    named = [("weight", weight) for weight in weights if learnable(weight)]
    if not any(glance.named for glance in skim(loss, named)):
        raise ValueError(NOTHING_LEARNED)


def _origin(loss: Value, model: Module) -> str:
    for name, weight in model.named_parameters():
        if not math.isfinite(weight.data):
            return f"weight {name} is {weight.data!r}"
    for row in loss.tape:
        if not math.isfinite(row.value):
            operands = ", ".join(repr(operand.value) for operand in row.operands)
            what = f"{row.operation}({operands})" if row.operands else f"the input {row.name}"
            return f"first {what} is {row.value!r}"
    raise AssertionError("the loss itself is a row")
