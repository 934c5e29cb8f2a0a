"""Data to learn from: points made by formulas, Fisher's irises, given names.

Every data set is a pair (xs, ys): a list of samples, each a list of numbers, and a list of
targets, classes counted from 0 or real numbers. A seed, or a `random.Random`, decides all that
is random, and nothing depends on how other versions of Python shuffle or draw normal numbers.
Knows no network.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from autograd import LengthError, shown
from nn.checks import between, is_list, whole
from nn.data_iris import KINDS, MEASURES
from nn.data_names import NAMES
from nn.randomness import Seed, generator_of, normal

__all__ = ["blobs", "circles", "iris", "linear", "moons", "names", "sine", "spiral", "xor"]

Points = tuple[list[list[float]], list[int]]
Curve = tuple[list[list[float]], list[float]]


def moons(n: int = 200, noise: float = 0.1, seed: Seed = 0) -> Points:
    """Return points on two half circles that reach into each other, two classes.

    Example:
        >>> moons(4, noise=0.0)[0][0]
        [1.0, 0.0]
        >>> moons(5)[1]
        [0, 0, 0, 1, 1]
    """

    def bare() -> Iterator[tuple[float, float, int]]:
        outer = n - n // 2
        for t in _evenly(outer, 0.0, math.pi):
            yield math.cos(t), math.sin(t), 0
        for t in _evenly(n // 2, 0.0, math.pi):
            yield 1.0 - math.cos(t), 0.5 - math.sin(t), 1

    n = whole(n, "n", 2)
    return _scattered(bare(), noise, seed)


def circles(n: int = 200, noise: float = 0.05, factor: float = 0.5, seed: Seed = 0) -> Points:
    """Return points on two circles around the origin, two classes: radius 1, and a factor.

    Example:
        >>> circles(4, noise=0.0)[0][2]
        [0.5, 0.0]
    """

    def bare() -> Iterator[tuple[float, float, int]]:
        for kind, (count, radius) in enumerate([(n - n // 2, 1.0), (n // 2, factor)]):
            for k in range(count):
                angle = 2.0 * math.pi * k / count
                yield radius * math.cos(angle), radius * math.sin(angle), kind

    n, factor = whole(n, "n", 2), between(factor, "factor", 0.0)
    return _scattered(bare(), noise, seed)


def blobs(
    n: int = 150,
    centres: Sequence[Sequence[float]] = ((-4.0, 0.0), (0.0, 4.0), (4.0, 0.0)),
    spread: float = 1.0,
    seed: Seed = 0,
) -> Points:
    """Return points scattered around centres, one class each; the centres take turns.

    Example:
        >>> blobs(4, spread=0.0)
        ([[-4.0, 0.0], [0.0, 4.0], [4.0, 0.0], [-4.0, 0.0]], [0, 1, 2, 0])
    """
    if not is_list(centres) or len(centres) == 0 or not all(map(is_list, centres)):
        raise TypeError(
            f"centres must list points, as in [[0.0, 0.0], [3.0, 3.0]], got {shown(centres)}"
        )
    if len(set(map(len, centres))) > 1:
        raise LengthError(f"centres must have as many coordinates each, got {shown(centres)}")
    n, generator = whole(n, "n", 1), generator_of(seed)
    spread = between(spread, "spread", 0.0)
    ys = [k % len(centres) for k in range(n)]
    xs = [[x + spread * normal(generator) for x in centres[y]] for y in ys]
    return xs, ys


def spiral(n: int = 300, arms: int = 3, noise: float = 0.2, seed: Seed = 0) -> Points:
    """Return points on the arms of a spiral, one class each; noise is in the angle.

    Each arm makes 4 radians, as in Stanford's course on neural networks.

    Example:
        >>> spiral(300)[1].count(2)
        100
    """
    n, arms = whole(n, "n", 1), whole(arms, "arms", 1)
    noise, generator = between(noise, "noise", 0.0), generator_of(seed)
    xs, ys = [], []
    for arm in range(arms):
        count = n // arms + (arm < n % arms)
        for share in _evenly(count, 0.0, 1.0):
            angle = 2.0 * math.pi * arm / arms + 4.0 * share + noise * normal(generator)
            xs.append([share * math.sin(angle), share * math.cos(angle)])
            ys.append(arm)
    return xs, ys


def xor(n: int = 4, noise: float = 0.0, seed: Seed = 0) -> Points:
    """Return the corners of a square, of class 1 where just one coordinate is 1.

    Example:
        >>> xor()
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corners = [(0.0, 0.0, 0), (0.0, 1.0, 1), (1.0, 0.0, 1), (1.0, 1.0, 0)]
    return _scattered((corners[k % 4] for k in range(whole(n, "n", 1))), noise, seed)


def sine(n: int = 64, noise: float = 0.0, seed: Seed = 0) -> Curve:
    """Return points of the sine between -pi and pi.

    Example:
        >>> [x] = sine(3)[0][1]
        >>> x, sine(3)[1][1]
        (0.0, 0.0)
    """
    noise, generator = between(noise, "noise", 0.0), generator_of(seed)
    xs = [[x] for x in _evenly(whole(n, "n", 1), -math.pi, math.pi)]
    return xs, [math.sin(x) + noise * normal(generator) for (x,) in xs]


def linear(
    n: int = 100,
    weights: Sequence[float] = (2.0,),
    bias: float = 1.0,
    noise: float = 0.1,
    seed: Seed = 0,
) -> Curve:
    """Return weighted sums of normal inputs, plus a bias, plus noise.

    Example:
        >>> xs, ys = linear(10, weights=[3.0, -1.0], bias=0.5, noise=0.0)
        >>> abs(3.0 * xs[0][0] - xs[0][1] + 0.5 - ys[0]) < 1e-15
        True
    """
    noise, generator = between(noise, "noise", 0.0), generator_of(seed)
    if not is_list(weights):
        raise TypeError(
            f"weights must list one number for each input, as in [2.0], got {shown(weights)}"
        )
    xs, ys = [], []
    for _ in range(whole(n, "n", 1)):
        x = [normal(generator) for _ in weights]
        exact = bias + sum(w * number for w, number in zip(weights, x, strict=True))
        xs.append(x)
        ys.append(exact + noise * normal(generator))
    return xs, ys


def iris() -> Points:
    """Return Fisher's 150 irises: four measurements in centimetres each, and the species.

    What they are called, and where they come from, stands in `nn.data_iris`.

    Example:
        >>> xs, ys = iris()
        >>> xs[0], ys[0], len(ys)
        ([5.1, 3.5, 1.4, 0.2], 0, 150)
    """
    return [list(measures) for measures in MEASURES], list(KINDS)


def names() -> list[str]:
    """Return 869 given names in small letters; see `nn.data_names` for where they come from.

    Example:
        >>> names()[:3]
        ['aaron', 'abby', 'abdul']
    """
    return list(NAMES)


def _scattered(points: Iterable[tuple[float, float, int]], noise: float, seed: Seed) -> Points:
    """Return points with normal noise on both coordinates, and their classes."""
    noise, generator = between(noise, "noise", 0.0), generator_of(seed)
    xs, ys = [], []
    for x, y, kind in points:
        xs.append([x + noise * normal(generator), y + noise * normal(generator)])
        ys.append(kind)
    return xs, ys


def _evenly(n: int, start: float, end: float) -> list[float]:
    """Return n numbers from start to end at equal distances."""
    return [start + (end - start) * k / max(n - 1, 1) for k in range(n)]


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(f"there is no data set {name!r}; there are {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
