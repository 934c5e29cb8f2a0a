"""Losses of scores for classes, where the target is the index of the right one.

For one sample the scores are a list and the target is a class, counted from 0; for a batch,
both are lists of those. Knows scores and targets. Knows no network and no weight.
"""

from collections.abc import Callable

# Scores are numbers or lists of numbers, of many types.
from typing import Any

from autograd import LengthError, dot, logsumexp, relu, shown, take, total
from nn.checks import between, checked_class, is_list, numbers
from nn.losses import check_reduction, reduced

# One sample: its scores, and its class.
Sample = tuple[list[Any], int]


def cross_entropy(
    logits: Any,
    target: Any,
    weights: Any = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    """Return -log of the probability that softmax(logits) gives to the right class.

    That is logsumexp(logits) - logits[target], which neither overflows nor takes a logarithm
    of 0. A network that knows nothing scores log(number of classes).

    Args:
        logits: one number for each class, of any size: not probabilities. For a batch, a
            list of such lists.
        target: the right class, counted from 0. For a batch, a list of them.
        weights: one number for each class, how much its samples count. The mean over a batch
            is then a weighted one, so one weight for all changes nothing.
        label_smoothing: the share of the target that is spread evenly over all classes.
        reduction: "mean", "sum" or "none": what becomes of the losses of a batch.

    Raises:
        IndexError: if there is no such class; negative ones do not count from the end.
        LengthError: if there are no logits, not one target for each sample or not one weight
            for each class.
        TypeError: if a target is not a whole number.

    Example:
        >>> print(f"{cross_entropy([2.0, 0.0, -1.0], 0):.4f}")
        0.1698
        >>> print(f"{cross_entropy([[0.0, 0.0], [1.0, 0.0]], [1, 0]):.4f}")
        0.5032
    """
    smoothing = between(label_smoothing, "label_smoothing", 0.0)
    if smoothing > 1.0:
        raise ValueError(f"label_smoothing must be between 0 and 1, got {smoothing!r}")

    def loss(scores: list[Any], right: int) -> Any:
        norm = logsumexp(scores)
        sure = norm - take(scores, right)
        if class_weights is not None:
            sure = take(class_weights, right) * sure
        if not smoothing:
            return sure
        spread = class_weights or [1.0] * len(scores)
        all_classes = total(spread) * norm - dot(spread, scores)
        return (1.0 - smoothing) * sure + smoothing / len(scores) * all_classes

    class_weights = None if weights is None else _class_weights(weights)
    words = ("cross_entropy", "logit")
    return _over(words, loss, logits, target, reduction, class_weights)


def nll_loss(
    log_probabilities: Any, target: Any, weights: Any = None, reduction: str = "mean"
) -> Any:
    """Return minus the log-probability of the right class: `cross_entropy` after log-softmax.

    Example:
        >>> nll_loss([[-0.5, -1.0], [-2.0, -0.25]], [0, 1])
        0.375
    """

    def loss(scores: list[Any], right: int) -> Any:
        sure = -take(scores, right)
        return sure if class_weights is None else take(class_weights, right) * sure

    class_weights = None if weights is None else _class_weights(weights)
    words = ("nll_loss", "log-probability")
    return _over(words, loss, log_probabilities, target, reduction, class_weights)


def multi_margin_loss(
    scores: Any, target: Any, margin: float = 1.0, p: int = 1, reduction: str = "mean"
) -> Any:
    """Return by how much other classes come nearer than `margin` to the score of the right one.

    max(0, margin + score - right score)**p, added over the wrong classes and divided by the
    number of classes: the hinge loss of more than two.

    Example:
        >>> multi_margin_loss([2.0, 1.5, -1.0, 0.0], 0)
        0.125
    """
    margin = between(margin, "margin", 0.0)
    if p not in (1, 2):
        raise ValueError(f"p must be 1 or 2, got {shown(p)}")

    def loss(scores: list[Any], right: int) -> Any:
        best = take(scores, right)
        # The right class comes as near as itself, which is taken off again, so that no
        # Python branch on the class is needed.
        near = [relu(margin + (score - best)) for score in scores]
        if p == 2:
            near = [distance * distance for distance in near]
        return (total(near) - margin**p) / len(scores)

    return _over(("multi_margin_loss", "score"), loss, scores, target, reduction, None)


def _over(
    words: tuple[str, str],
    loss: Callable[[list[Any], int], Any],
    scores: Any,
    target: Any,
    reduction: str,
    class_weights: list[float] | None,
) -> Any:
    """Return the loss of one sample, or that of a batch, reduced.

    `words` are what messages call the loss and its scores.
    """
    name, what = words
    check_reduction(reduction, name)
    if not is_list(scores):
        raise TypeError(
            f"{name} needs a list of {what}s, one for each class, got {shown(scores)}; for a "
            "single logit, use bce_with_logits"
        )
    rows = list(scores)
    alone = not rows or not is_list(rows[0])
    # All is checked before anything is recorded.
    if alone:
        samples = [_checked(name, what, rows, target, "")]
    else:
        samples = _batch(name, what, rows, target)
    if class_weights is not None and len(class_weights) != len(samples[0][0]):
        raise LengthError(
            f"{name} needs one weight for each class, got {len(samples[0][0])} classes and "
            f"{len(class_weights)} weights"
        )
    if class_weights is not None and reduction == "mean":
        weight = total([take(class_weights, right) for _, right in samples])
        if not weight > 0.0:
            raise ValueError(f"{name} has no mean: every target is a class of weight 0")
        return total([loss(*sample) for sample in samples]) / weight
    losses = [loss(*sample) for sample in samples]
    return losses[0] if alone else reduced(losses, reduction, name)


def _batch(name: str, what: str, rows: list[Any], target: Any) -> list[Sample]:
    """Return the samples of a batch, all with scores for as many classes."""
    if not is_list(target):
        raise TypeError(
            f"{name} needs a list of targets, one for each sample of the batch, "
            f"got {shown(target)}"
        )
    targets = list(target)
    if len(rows) != len(targets):
        raise LengthError(
            f"{name} needs one target for each sample, got {len(rows)} samples and "
            f"{len(targets)} targets"
        )
    rows = [list(row) if is_list(row) else [row] for row in rows]
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise LengthError(
                f"{name} needs as many {what}s for every sample, got {len(rows[0])} for "
                f"sample 0 and {len(row)} for sample {k}"
            )
    return [
        _checked(name, what, row, target, f" of sample {k}")
        for k, (row, target) in enumerate(zip(rows, targets, strict=True))
    ]


def _checked(name: str, what: str, row: list[Any], target: Any, which: str) -> Sample:
    """Return the scores and the class of one sample; `which` names it in a batch."""
    scores = numbers(row, f"the {what}s{which}")
    if not scores:
        raise LengthError(f"{name} needs at least one {what}{which}, got none")
    return scores, checked_class(target, len(scores), which)


def _class_weights(weights: Any) -> list[float]:
    if not is_list(weights):
        raise TypeError(f"weights must list one number for each class, got {shown(weights)}")
    found = [between(weight, f"weight {k}", 0.0) for k, weight in enumerate(weights)]
    if not any(found):
        raise ValueError("weights must not all be 0")
    return found
