"""Losses: how wrong the outputs of a network are, as one number to go down.

A loss compares one output with one target; given lists, of any depth but of the same shape, it
does so number by number. `reduction` says what becomes of them: their "mean", their "sum", or
"none", which returns one loss for each output. Formulas are written without a branch on data,
in forms that neither overflow nor cancel. Knows outputs and targets, no network and no weight;
losses of scores for classes are in `class_losses`.
"""

import math
from collections.abc import Callable

# Outputs and targets are numbers or lists of numbers, of many types.
from typing import Any

from autograd import (
    LengthError,
    TapeError,
    Value,
    mean,
    minimum,
    relu,
    shown,
    softplus,
    total,
    xlogy,
)
from nn.checks import between, is_list, is_whole, numbers, plain

Loss = Callable[[Any, Any], Any]


def mse_loss(outputs: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return the squared error (output - target)**2, its mean over all outputs.

    Example:
        >>> mse_loss([1.0, 3.0], [1.0, 1.0])
        2.0
    """
    return _spread("mse_loss", _squared, outputs, targets, reduction)


def _squared(output: Any, target: Any) -> Any:
    distance = output - target
    return distance * distance


def l1_loss(outputs: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return the absolute error |output - target|, its slope 0 where they are equal.

    Example:
        >>> l1_loss([1.0, 3.0], [1.0, 1.0])
        1.0
    """
    return _spread("l1_loss", lambda x, y: abs(x - y), outputs, targets, reduction)


def huber_loss(outputs: Any, targets: Any, delta: float = 1.0, reduction: str = "mean") -> Any:
    """Return half the squared error up to a distance delta, and a straight line from there on.

    Outliers pull with a slope of delta at most (Huber 1964).

    Example:
        >>> huber_loss([0.5, 10.0], [0.0, 0.0], reduction="none")
        [0.125, 9.5]
    """
    delta = _positive("delta", delta)

    def loss(output: Any, target: Any) -> Any:
        distance = abs(output - target)
        near = minimum(distance, delta)
        return 0.5 * near * near + delta * (distance - near)

    return _spread("huber_loss", loss, outputs, targets, reduction)


def smooth_l1_loss(
    outputs: Any, targets: Any, beta: float = 1.0, reduction: str = "mean"
) -> Any:
    """Return the absolute error, rounded off below a distance beta: Huber's loss over beta.

    Example:
        >>> smooth_l1_loss([0.25, 10.0], [0.0, 0.0], beta=0.5, reduction="none")
        [0.0625, 9.75]
    """
    beta = _positive("beta", beta)

    def loss(output: Any, target: Any) -> Any:
        distance = abs(output - target)
        near = minimum(distance, beta)
        return 0.5 * near * near / beta + (distance - near)

    return _spread("smooth_l1_loss", loss, outputs, targets, reduction)


def hinge_loss(scores: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return max(0, 1 - target * score): 0 once a score is on the right side by 1.

    Targets are -1 and 1. It is the loss of support vector machines, and of micrograd's demo.

    Example:
        >>> hinge_loss([0.25, 3.0], [1, 1], reduction="none")
        [0.75, 0.0]
    """
    return _spread("hinge_loss", _hinge, scores, targets, reduction, _SIGN)


def _hinge(score: Any, target: Any) -> Any:
    return relu(1.0 - target * score)


def soft_margin_loss(scores: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return log(1 + exp(-target * score)): logistic regression with targets -1 and 1.

    Example:
        >>> print(f"{soft_margin_loss(0.0, 1):.4f}")
        0.6931
    """
    return _spread("soft_margin_loss", _soft_margin, scores, targets, reduction, _SIGN)


def _soft_margin(score: Any, target: Any) -> Any:
    return softplus(-target * score)


def bce_with_logits(
    logits: Any, targets: Any, pos_weight: float = 1.0, reduction: str = "mean"
) -> Any:
    """Return the cross-entropy of two classes, yes and no, from the logit of yes.

    That is -log(p) for target 1 and -log(1 - p) for target 0, where p is sigmoid(logit);
    targets between 0 and 1 are probabilities. Exact in both tails, for logits of any size.

    Args:
        logits: numbers of any size; not probabilities.
        targets: 0 or 1, or probabilities.
        pos_weight: how much more a yes counts than a no.
        reduction: "mean", "sum" or "none".

    Example:
        >>> print(f"{bce_with_logits([2.0, -1.0], [1, 0]):.4f}")
        0.2201
        >>> bce_with_logits(-1e4, 1)
        10000.0
    """
    pos_weight = _positive("pos_weight", pos_weight)

    # One softplus and a product would do, and lose every digit where a sure yes is right.
    def loss(logit: Any, target: Any) -> Any:
        return (1.0 - target) * softplus(logit) + pos_weight * target * softplus(-logit)

    return _spread("bce_with_logits", loss, logits, targets, reduction, _PROBABILITY)


def kl_div(log_probabilities: Any, targets: Any, reduction: str = "mean") -> Any:
    """Return target * (log(target) - log_probability): how far one distribution is off.

    The divergence of two distributions is the "sum" over the classes; the mean of a batch is
    that divided by the number of samples. "mean" divides by the classes too, as in torch.

    Example:
        >>> print(f"{kl_div([-0.5, -1.0], [0.5, 0.5], reduction='sum'):.4f}")
        0.0569
    """
    return _spread("kl_div", _kl, log_probabilities, targets, reduction, _NOT_NEGATIVE)


def _kl(log_probability: Any, target: Any) -> Any:
    return xlogy(target, target) - target * log_probability


def reduced(losses: list[Any], reduction: str, name: str) -> Any:
    """Return the mean or the sum of losses, or the list itself.

    Raises:
        LengthError: if there are none.
    """
    if not losses:
        raise LengthError(f"{name} needs at least one output, got none")
    if reduction == "none":
        return losses
    return mean(losses) if reduction == "mean" else total(losses)


def check_reduction(reduction: object, name: str) -> None:
    """Refuse what is no way to reduce.

    Raises:
        ValueError: unless it is "mean", "sum" or "none".
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"the reduction of {name} must be 'mean', 'sum' or 'none', got {shown(reduction)}"
        )


# What targets must be: a test, how a message says it, and what it advises. Tests are written as
# comparisons that go the same way for every good target: where a function is compiled they
# become guards, and one program serves all.
Range = tuple[Callable[[Any], bool], str, str]
# Columns of a compiled function are finite anyway.
_FINITE: Range = (lambda y: isinstance(y, Value) or math.isfinite(y), "finite", "")
_MORE = "for more classes cross_entropy, with an output for each"
_SIGN: Range = (
    lambda y: 1.0 <= abs(y) <= 1.0,
    "-1 or 1",
    f"; for 0 and 1 use bce_with_logits, {_MORE}",
)
_PROBABILITY: Range = (
    lambda y: 0.0 <= y <= 1.0,
    "between 0 and 1",
    f"; for -1 and 1 use soft_margin_loss, {_MORE}",
)
_NOT_NEGATIVE: Range = (lambda y: 0.0 <= y < math.inf, "at least 0 and finite", "")


def _spread(
    name: str, loss: Loss, outputs: Any, targets: Any, reduction: str, fit: Range = _FINITE
) -> Any:
    """Apply a loss of one output and one target to all of them, and reduce the results."""
    check_reduction(reduction, name)
    # All is checked before anything is recorded.
    pairs = _paired(name, outputs, targets, fit, "")
    if isinstance(pairs, tuple):
        return loss(*pairs)
    if reduction == "none":
        return _each(loss, pairs)
    flat: list[Any] = []
    waiting = [pairs]
    while waiting:
        for pair in waiting.pop(0):
            (flat if isinstance(pair, tuple) else waiting).append(pair)
    return reduced([loss(*pair) for pair in flat], reduction, name)


def _each(loss: Loss, pairs: Any) -> Any:
    """Return the loss of every pair, in the shape of the lists."""
    return loss(*pairs) if isinstance(pairs, tuple) else [_each(loss, pair) for pair in pairs]


def _paired(name: str, outputs: Any, targets: Any, fit: Range, where: str) -> Any:
    """Return a pair (output, target), or lists of pairs in the shape of both."""
    if is_list(outputs) != is_list(targets):
        hint = "; for scores of classes, use cross_entropy" if is_whole(targets) else ""
        raise LengthError(
            f"{name} needs targets in the shape of the outputs, got "
            f"{_counted(outputs, 'output')} and {_counted(targets, 'target')}{where}{hint}"
        )
    if not is_list(outputs):
        (output,) = numbers([outputs], f"the outputs of {name}{where}")
        (target,) = numbers([targets], f"the targets of {name}{where}")
        holds, wanted, advice = fit
        if not holds(_seen(target)):
            number = getattr(target, "_data", target)  # also while a function is compiled
            raise ValueError(
                f"the targets of {name} must be {wanted}, got {number!r}{where}{advice}"
            )
        return output, target
    outputs, targets = list(outputs), list(targets)
    if len(outputs) != len(targets):
        raise LengthError(
            f"{name} needs one target for each output, got {len(outputs)} outputs and "
            f"{len(targets)} targets{where}"
        )
    return [
        _paired(name, output, target, fit, f" at place {k}{where}")
        for k, (output, target) in enumerate(zip(outputs, targets, strict=True))
    ]


def _counted(things: Any, what: str) -> str:
    """Return how many there are in a list, or the one that stands bare."""
    return f"{len(list(things))} {what}s" if is_list(things) else f"the {what} {shown(things)}"


def _seen(target: Any) -> Any:
    """Return the number of a target; while a function is compiled, what stands for it."""
    try:
        return plain(target)
    except TapeError:
        return target


def _positive(name: str, thing: Any) -> float:
    number = between(thing, name, 0.0)
    if number == 0.0:
        raise ValueError(f"{name} must be above 0, got 0")
    return number
