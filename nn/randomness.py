"""Randomness that a seed decides: the same on every machine and under every Python.

Only `random.Random.random` is used, whose numbers do not change between versions, while those
of `gauss` and `shuffle` may.
"""

import math
import random
from collections.abc import Callable

from autograd import shown

# Draws a number from [0, 1).
Draw = Callable[[], float]
# A number, from which a generator is made, or a generator to go on with.
Seed = int | random.Random


def generator_of(seed: Seed) -> random.Random:
    """Return a generator: the one that is given, or one made from a seed.

    Raises:
        TypeError: if it is neither.
    """
    if isinstance(seed, random.Random):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"a seed must be a whole number or a random.Random, got {shown(seed)}")
    return random.Random(seed)


def draw_of(seed: Seed | None) -> Draw:
    """Return what draws a number from [0, 1); without a seed that of `random` itself."""
    return random.random if seed is None else generator_of(seed).random


def normal(generator: random.Random) -> float:
    """Return a normal random number of mean 0 and deviation 1."""
    return standard_normal(generator.random)


def standard_normal(draw: Draw) -> float:
    """Return one normal number (Box and Muller 1958, of whose pair one is not used)."""
    return math.sqrt(-2.0 * math.log(1.0 - draw())) * math.cos(math.tau * draw())


def permutation(n: int, generator: random.Random) -> list[int]:
    """Return the numbers below n in random order, each order as likely (Fisher and Yates).

    >>> sorted(permutation(5, random.Random(0)))
    [0, 1, 2, 3, 4]
    """
    order = list(range(n))
    for last in range(n - 1, 0, -1):
        k = int(generator.random() * (last + 1))
        order[k], order[last] = order[last], order[k]
    return order
