"""Losses: how wrong the outputs of a network are, as one number to go down.

Knows outputs and targets. Knows no network and no weight.
"""

# Logits are numbers or lists of numbers, of many types.
from typing import Any

from autograd import LengthError, logsumexp, mean, shown, take
from nn.checks import is_list, is_whole, numbers


def cross_entropy(logits: Any, target: Any) -> Any:
    """Return -log of the probability that softmax(logits) gives to the right class.

    That is logsumexp(logits) - logits[target], which neither overflows nor takes a logarithm
    of 0. A network that knows nothing scores log(number of classes).

    Args:
        logits: one number for each class, of any size: not probabilities. For a batch, a
            list of such lists.
        target: the right class, counted from 0. For a batch, a list of them; the result is
            the mean over the batch.

    Raises:
        IndexError: if there is no such class; negative ones do not count from the end.
        LengthError: if there are no logits, or not one target for each sample.
        TypeError: if a target is not a whole number.

    Example:
        >>> print(f"{cross_entropy([2.0, 0.0, -1.0], 0):.4f}")
        0.1698
        >>> print(f"{cross_entropy([[0.0, 0.0], [1.0, 0.0]], [1, 0]):.4f}")
        0.5032
    """
    if not is_list(logits):
        raise TypeError(
            f"cross_entropy needs a list of logits, one for each class, got {shown(logits)}"
        )
    samples = list(logits)
    if not samples or not is_list(samples[0]):
        return _loss(*_checked(samples, target, ""))
    if not is_list(target):
        raise TypeError(
            "cross_entropy needs a list of targets, one for each sample of the batch, "
            f"got {shown(target)}"
        )
    targets = list(target)
    if len(samples) != len(targets):
        raise LengthError(
            f"cross_entropy needs one target for each sample, got {len(samples)} samples and "
            f"{len(targets)} targets"
        )
    rows = [list(sample) if is_list(sample) else [sample] for sample in samples]
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise LengthError(
                f"cross_entropy needs as many logits for every sample, got {len(rows[0])} for "
                f"sample 0 and {len(row)} for sample {k}"
            )
    # All is checked before anything is recorded.
    checked = [
        _checked(row, target, f" of sample {k}")
        for k, (row, target) in enumerate(zip(rows, targets, strict=True))
    ]
    return mean(_loss(scores, right) for scores, right in checked)


def _loss(scores: list[Any], right: Any) -> Any:
    return logsumexp(scores) - take(scores, right)


def _checked(logits: list[Any], target: Any, which: str) -> tuple[list[Any], Any]:
    """Return the logits and the class of one sample; `which` names it in a batch."""
    scores = numbers(logits, f"the logits{which}")
    if not scores:
        raise LengthError(f"cross_entropy needs at least one logit{which}, got none")
    if not is_whole(target):
        raise TypeError(
            f"the target{which} must be the index of a class, a whole number, "
            f"got {shown(target)}"
        )
    if not 0 <= target < len(scores):
        raise IndexError(
            f"the target{which} must be one of the {len(scores)} classes 0 to "
            f"{len(scores) - 1}, got {target}"
        )
    return scores, target
