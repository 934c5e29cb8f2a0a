"""The guard of training: a loss or a gradient that is not finite, traced to where it began.

Knows how to read a tape. Knows no optimiser.
"""

import math
from collections.abc import Sequence

from autograd import AnomalyError, Value
from nn.module import Module


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
