"""Two interleaving half circles with noise, in plain Python.

The data set of micrograd's example, from a generator of our own so that no other
library is needed.
"""

import math
import random


def moons(points: int, noise: float, generator: random.Random) -> list[tuple[list[float], int]]:
    """Shuffled points as `([x, y], label)`: -1 on the upper moon, 1 on the lower.

    >>> data = moons(4, 0.0, random.Random(0))
    >>> sorted(label for _, label in data)
    [-1, -1, 1, 1]
    """
    half = points // 2
    angles = [math.pi * i / max(1, half - 1) for i in range(half)]
    upper = [(math.cos(t), math.sin(t), -1) for t in angles]
    lower = [(1.0 - math.cos(t), 0.5 - math.sin(t), 1) for t in angles]
    data = [
        ([x + generator.gauss(0.0, noise), y + generator.gauss(0.0, noise)], label)
        for x, y, label in upper + lower
    ]
    generator.shuffle(data)
    return data
