"""Initialisers that draw every weight from one distribution, whatever the size of the layer.

Users find them in `nn.init`, beside those that go by the size.
"""

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

from nn.checks import between, number
from nn.initialiser import Initialiser, between_bounds
from nn.randomness import Draw, standard_normal


def uniform(low: float = -1.0, high: float = 1.0) -> Initialiser:
    """Return an initialiser that draws evenly between two numbers.

    >>> from random import Random
    >>> uniform(2.0, 3.0)(1, 1, Random(0))[0]
    [[2.8444218515250483]]
    """
    low, high = _finite(low, "low"), _finite(high, "high")
    if low > high:
        raise ValueError(f"uniform needs low <= high, got {low!r} and {high!r}")
    return _same_for_all(
        f"uniform({low:g}, {high:g})", lambda draw: between_bounds(low, high, draw)
    )


def normal(mean: float = 0.0, std: float = 1.0) -> Initialiser:
    """Return an initialiser that draws from the normal distribution."""
    mean, std = _finite(mean, "mean"), between(std, "std", 0.0)
    return _same_for_all(
        f"normal({mean:g}, {std:g})", lambda draw: mean + std * standard_normal(draw)
    )


def truncated_normal(
    mean: float = 0.0, std: float = 1.0, low: float = -2.0, high: float = 2.0
) -> Initialiser:
    """Return an initialiser that draws from the part of a normal distribution in [low, high].

    The bounds are numbers, not multiples of std, as in torch.

    Raises:
        ValueError: if std is not above 0, or next to nothing of the distribution is there.
    """
    mean, std = _finite(mean, "mean"), between(std, "std", 0.0)
    low, high = _finite(low, "low"), _finite(high, "high")
    if std == 0.0 or low >= high:
        raise ValueError(
            f"truncated_normal needs std > 0 and low < high, got std = {std!r}, low = {low!r}, "
            f"high = {high!r}"
        )
    # Far to the right the distribution function is 1 to all digits, so look from the left.
    side = -1.0 if low > mean else 1.0
    below, above = sorted(_below(side * (x - mean) / std) for x in (low, high))
    if above - below < 1e-290:
        raise ValueError(
            f"next to nothing of a normal distribution of mean {mean!r} and std {std!r} lies "
            f"between {low!r} and {high!r}"
        )

    def one(draw: Draw) -> float:
        share = max(between_bounds(below, above, draw), 5e-324)
        return min(max(mean + std * side * NormalDist().inv_cdf(share), low), high)

    return _same_for_all(f"truncated_normal({mean:g}, {std:g}, {low:g}, {high:g})", one)


def constant(x: float) -> Initialiser:
    """Return an initialiser that gives every weight the same number.

    All neurons of a hidden layer then stay the same for ever: they get the same gradients.
    """
    x = _finite(x, "a constant")
    return _same_for_all(f"constant({x:g})", lambda _: x)


def _finite(thing: Any, name: str) -> float:
    x = number(thing, name)
    if not math.isfinite(x):
        raise ValueError(f"{name} must be finite, got {x!r}")
    return x


def _below(x: float) -> float:
    """Return the normal distribution function, right to the last digits on the left too."""
    return math.erfc(-x / math.sqrt(2.0)) / 2.0


def _same_for_all(name: str, one: Callable[[Draw], float]) -> Initialiser:
    return Initialiser(
        name, lambda nin, nout, draw: [[one(draw) for _ in range(nin)] for _ in range(nout)]
    )
