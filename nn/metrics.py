"""Metrics: how good outputs are, for people to read; nothing here is differentiated.

A metric takes the outputs for some samples and their targets. Knows no network and no loss.
"""

import math
import warnings
from collections.abc import Sequence
from statistics import fmean

# Outputs are numbers or lists of them.
from typing import Any

from autograd import LengthError, shown
from nn.checks import checked_class, is_list, numbers, plain, whole


def predicted_class(output: Any, threshold: float = 0.0) -> int:
    """Return the class that the output for one sample stands for.

    A list of scores stands for the class of the largest, the first one of several; a single
    number, bare or in a list, for class 1 if it is above a threshold, and else for class 0.

    Args:
        output: what a classifier gives for one sample.
        threshold: 0 for logits; 0.5 where the network itself ends in a sigmoid.

    Raises:
        LengthError: if there are no scores.
        ValueError: if one of them is nan.

    Example:
        >>> from nn import predict, MLP
        >>> predicted_class([0.5, 2.0, 2.0]), predicted_class(-1.0)
        (1, 0)
        >>> predicted_class(0.3), predicted_class(0.3, threshold=0.5)
        (1, 0)
        >>> outputs = predict(MLP(2, [3]), [[0.0, 1.0], [1.0, 0.0]])
        >>> [predicted_class(output) in (0, 1, 2) for output in outputs]
        [True, True]
    """
    scores = plain(numbers(output if is_list(output) else [output], "the scores"))
    if len(scores) == 1:
        scores = [threshold, *scores]
    if not scores:
        raise LengthError("an output needs at least one score, got none")
    if any(map(math.isnan, scores)):
        raise ValueError(f"an output with nan stands for no class, got {shown(output)}")
    return max(range(len(scores)), key=scores.__getitem__)


def accuracy(outputs: Sequence[Any], targets: Sequence[Any], threshold: float = 0.0) -> float:
    """Return the share of samples whose class is right, between 0 and 1.

    Args:
        outputs: for each sample a list of scores, one for each class, or a single number; see
            `predicted_class`.
        targets: the classes, counted from 0. Those of single numbers are 0 and 1, or -1 and 1.
        threshold: from where on a single number stands for class 1; 0.5 for probabilities.

    Raises:
        IndexError: if a target is a class without a score.
        TypeError: if a target is not a whole number.
        ValueError: if a target of a single number is another, or if -1 and 0 are mixed.

    Warns:
        UserWarning: if single numbers look like probabilities, and all are taken for class 1.

    Example:
        >>> accuracy([[0.1, 2.0], [1.0, 1.0]], [1, 1])
        0.5
        >>> accuracy([2.5, -0.5, 0.5], [1, -1, 1])
        1.0
    """
    return fmean(right == taken for right, taken in _classes(outputs, targets, threshold))


def confusion(outputs: Sequence[Any], targets: Sequence[int], classes: int) -> list[list[int]]:
    """Return how often samples of class i (the row) were taken for class j (the column).

    Example:
        >>> confusion([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0]], [0, 1, 1], classes=2)
        [[1, 0], [1, 1]]
    """
    classes = whole(classes, "classes", 1)
    pairs = _classes(outputs, targets)
    most = max(map(max, pairs))
    if most >= classes:
        raise ValueError(f"there are {classes} classes, but a sample is of class {most}")
    counts = [[0] * classes for _ in range(classes)]
    for right, taken in pairs:
        counts[right][taken] += 1
    return counts


def _classes(
    outputs: Sequence[Any], targets: Sequence[Any], threshold: float = 0.0
) -> list[tuple[int, int]]:
    """Return for each sample its class, and the one that its output stands for."""
    _check(outputs, targets)
    pairs = [_bare(*pair) for pair in zip(outputs, targets, strict=True)]
    signs = [_checked_sign(target) for output, target in pairs if not is_list(output)]
    if {-1, 0} <= set(signs):
        raise ValueError(
            "the targets of single outputs must be 0 and 1, or -1 and 1, got -1, 0 and "
            "perhaps 1; three classes need three outputs, and cross_entropy"
        )
    found = [
        (
            checked_class(target, len(output), f" of sample {k}")
            if is_list(output)
            else int(target > 0),
            predicted_class(output, threshold),
        )
        for k, (output, target) in enumerate(pairs)
    ]
    if signs and threshold == 0.0 and _look_like_probabilities(found, pairs):
        warnings.warn(
            "all outputs are between 0 and 1 and count as class 1, because a single output is "
            "taken for a logit; for probabilities, as of a sigmoid, give threshold=0.5",
            stacklevel=3,
        )
    return found


def _bare(output: Any, target: Any) -> tuple[Any, Any]:
    """Return a single number without the list that it came in, and so its target."""
    if not is_list(output) or len(output) != 1:
        return output, target
    return output[0], target[0] if is_list(target) and len(target) == 1 else target


def _look_like_probabilities(
    found: Sequence[tuple[int, int]], pairs: Sequence[tuple[Any, Any]]
) -> bool:
    return any(right == 0 for right, _ in found) and all(
        taken == 1 and not is_list(output) and output <= 1.0
        for (_, taken), (output, _) in zip(found, pairs, strict=True)
    )


def _checked_sign(target: Any) -> int:
    if is_list(target) or target not in (-1, 0, 1):
        raise ValueError(
            "the target of a single output must be 0 or 1, or -1 or 1, got "
            f"{shown(target)}; more than two classes need an output each, and cross_entropy"
        )
    return int(target)


def r2(outputs: Sequence[float], targets: Sequence[float]) -> float:
    """Return the share of the variance of the targets that the outputs explain.

    Outputs come first, as in all metrics and losses here; scikit-learn has them second.

    It is 1 for perfect outputs, 0 for the mean of the targets, and below 0 for worse ones;
    where all targets are the same, 1 if they are met and else 0, as in scikit-learn.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.7857142857142857
    """
    _check(outputs, targets)
    taken, right = plain(numbers(outputs, "the outputs")), numbers(targets, "the targets")
    centre = fmean(right)
    left: float = sum((y - x) ** 2 for x, y in zip(taken, right, strict=True))
    spread: float = sum((y - centre) ** 2 for y in right)
    if spread == 0.0:
        return float(left == 0.0)
    return 1.0 - left / spread


def _check(outputs: Sequence[Any], targets: Sequence[Any]) -> None:
    if not is_list(outputs) or not is_list(targets):
        raise TypeError(
            "a metric needs a list of outputs, as of predict(model, xs), and one of targets, "
            f"got {shown(outputs)} and {shown(targets)}"
        )
    if len(outputs) != len(targets) or len(outputs) == 0:
        raise LengthError(
            f"a metric needs one target for each output and at least one, got {len(outputs)} "
            f"outputs and {len(targets)} targets"
        )
