"""Metrics: how good outputs are, for people to read; nothing here is differentiated.

A metric takes the outputs for some samples and their targets. Knows no network and no loss.
"""

from collections.abc import Sequence
from statistics import fmean

# Outputs are numbers or lists of them.
from typing import Any

from autograd import LengthError


def accuracy(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return the share of samples whose class is right.

    A list of scores stands for the class of the largest, the first one of several; a single
    logit for class 1 if it is above 0, and else for class 0, or -1.

    Example:
        >>> accuracy([[0.1, 2.0], [1.0, 1.0]], [1, 1])
        0.5
        >>> accuracy([2.5, -0.5, 0.5], [1, -1, 1])
        1.0
    """
    _check(outputs, targets)
    pairs = zip(outputs, targets, strict=True)
    return fmean(_right(output, target) for output, target in pairs)


def _right(output: Any, target: Any) -> bool:
    if isinstance(output, Sequence):
        return bool(predicted(output) == target)
    return bool((output > 0.0) == (target > 0))


def predicted(output: Any) -> int:
    """Return the class that an output stands for: 0 or 1 for a single logit.

    >>> predicted([0.5, 2.0, 2.0]), predicted(-1.0)
    (1, 0)
    """
    if isinstance(output, Sequence):
        return max(range(len(output)), key=output.__getitem__)
    return int(output > 0.0)


def confusion(outputs: Sequence[Any], targets: Sequence[int], classes: int) -> list[list[int]]:
    """Return how often samples of class i (the row) were taken for class j (the column).

    Example:
        >>> confusion([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0]], [0, 1, 1], classes=2)
        [[1, 0], [1, 1]]
    """
    _check(outputs, targets)
    counts = [[0] * classes for _ in range(classes)]
    for output, target in zip(outputs, targets, strict=True):
        counts[target][predicted(output)] += 1
    return counts


def r2(outputs: Sequence[float], targets: Sequence[float]) -> float:
    """Return the share of the variance of the targets that the outputs explain.

    It is 1 for perfect outputs, 0 for the mean of the targets, and below 0 for worse ones;
    where all targets are the same, 1 if they are met and else 0, as in scikit-learn.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.7857142857142857
    """
    _check(outputs, targets)
    centre = fmean(targets)
    left = sum((y - x) ** 2 for x, y in zip(outputs, targets, strict=True))
    spread = sum((y - centre) ** 2 for y in targets)
    if spread == 0.0:
        return float(left == 0.0)
    return 1.0 - left / spread


def _check(outputs: Sequence[Any], targets: Sequence[Any]) -> None:
    if len(outputs) != len(targets) or not outputs:
        raise LengthError(
            f"a metric needs one target for each output and at least one, got {len(outputs)} "
            f"outputs and {len(targets)} targets"
        )
