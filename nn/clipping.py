"""Clipping: gradients held back between the backward pass and the step.

Knows gradients. Knows no optimiser and no loss.
"""

import math
from collections.abc import Iterable

from autograd import AnomalyError, Value
from nn.checks import between
from nn.groups import check_list_of_weights


def clip_grad_norm_(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients so that together they are no longer than `max_norm`.

    Returns how long they were before: the root of the sum of their squares, all weights as one
    vector. Gradients that are short enough stay as they are, to the bit; others are multiplied
    by max_norm / (length + 1e-6), as in torch.

    Raises:
        AnomalyError: if a gradient is not finite; none has changed then.

    Example:
        >>> a, b = Value(0.0), Value(0.0)
        >>> (3.0 * a + 4.0 * b).backward()
        >>> clip_grad_norm_([a, b], 1.0)
        5.0
        >>> print(f"{a.grad:.6f} {b.grad:.6f}")
        0.600000 0.800000
    """
    limit = between(max_norm, "max_norm", 0.0)
    weights = check_list_of_weights(parameters, "clip_grad_norm_")
    found = [(weight, weight.gradient) for weight in weights]
    given = [(weight, gradient) for weight, gradient in found if gradient is not None]
    length = math.hypot(*(gradient for _, gradient in given))
    if not math.isfinite(length):
        raise AnomalyError(
            f"the gradients of {len(given)} weights have norm {length!r}; look for the first "
            "one that is not finite with autograd.detect_anomaly"
        )
    scale = limit / (length + 1e-6)
    if scale < 1.0:
        for weight, gradient in given:
            # To set a gradient of 0 is to clear it: the weight would not be moved at all.
            if gradient != 0.0:
                weight.grad = scale * gradient
    return length


def clip_grad_value_(parameters: Iterable[Value], limit: float) -> None:
    """Hold each gradient between -limit and limit.

    Example:
        >>> w = Value(0.0)
        >>> (5.0 * w).backward()
        >>> clip_grad_value_([w], 2.0)
        >>> w.grad
        2.0
    """
    limit = between(limit, "limit", 0.0)
    for weight in check_list_of_weights(parameters, "clip_grad_value_"):
        if weight.grad != 0.0:
            weight.grad = max(-limit, min(limit, weight.grad))
