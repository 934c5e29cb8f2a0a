"""Samples on their way to a network: split, put to scale, shuffled, in batches.

Works on any pair (xs, ys) of samples and targets. Knows no network and no loss.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from statistics import fmean, pstdev

# Samples are numbers or lists, of many types.
from typing import Any

from autograd import LengthError, shown
from nn.checks import between, is_list, numbers, whole
from nn.randomness import Seed, generator_of, permutation

# Samples and their targets.
Data = tuple[Sequence[Any], Sequence[Any]]
Sample = Sequence[float]


def checked_data(data: Any, whose: str = "the data") -> tuple[list[Any], list[Any]]:
    """Return samples and targets as lists.

    Raises:
        TypeError: if it is no pair of lists.
        LengthError: if there are none, or not one target for each sample.
        ValueError: if a number among them is not finite.
    """
    if not is_list(data) or len(pair := list(data)) != 2 or not all(map(is_list, pair)):
        raise TypeError(
            f"{whose} must be a pair of lists, samples and targets, got {shown(data)}"
        )
    xs, ys = map(list, pair)
    if len(xs) != len(ys) or not xs:
        raise LengthError(
            f"{whose} must have one target for each sample and at least one, got {len(xs)} "
            f"samples and {len(ys)} targets"
        )
    for things, kind in ((xs, "sample"), (ys, "target")):
        for k, thing in enumerate(things):
            for number in thing if isinstance(thing, (list, tuple)) else [thing]:
                if isinstance(number, float) and not math.isfinite(number):
                    raise ValueError(
                        f"{whose} must be finite, but {kind} {k} is {shown(thing)}"
                    )
    return xs, ys


def train_test_split(
    xs: Sequence[Any],
    ys: Sequence[Any],
    test: float = 0.2,
    *,
    stratify: bool = False,
    seed: Seed = 0,
) -> tuple[tuple[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    """Return a pair (xs, ys) to learn from and one to test on, both shuffled.

    Args:
        xs: samples.
        ys: their targets.
        test: the share of the samples to test on.
        stratify: take that share of each class, as far as it is a whole number.
        seed: a number, or a random.Random.

    Raises:
        ValueError: if one side would be left without samples.

    Example:
        >>> train, test = train_test_split(range(10), [0, 1] * 5, test=0.4, stratify=True)
        >>> len(train[0]), sorted(test[1])
        (6, [0, 0, 1, 1])
    """
    xs, ys = checked_data((xs, ys))
    share, generator = between(test, "test", 0.0, 1.0), generator_of(seed)
    groups: dict[Hashable, list[int]] = {}
    for k in permutation(len(xs), generator):
        groups.setdefault(ys[k] if stratify else None, []).append(k)
    cuts = {kind: round(share * len(places)) for kind, places in groups.items()}
    # Groups come in the order in which they were met; mixed, so that batches may be cut off.
    tested = {k for kind, places in groups.items() for k in places[: cuts[kind]]}
    order = permutation(len(xs), generator)
    sides = [k for k in order if k not in tested], [k for k in order if k in tested]
    if not all(sides):
        raise ValueError(
            f"a share of {share:g} of {len(xs)} samples leaves {len(sides[0])} to learn from "
            f"and {len(sides[1])} to test on; both need some"
            + (f"; stratify is for classes, and there are {len(groups)}" if stratify else "")
        )
    train, held = (([xs[k] for k in side], [ys[k] for k in side]) for side in sides)
    return train, held


def standardiser(xs: Sequence[Sample]) -> Callable[[Sample], list[float]]:
    """Return a function that measures a sample in standard deviations from the mean.

    Mean and deviation of each feature are those of the given samples, which should be those to
    learn from: the others must not be known before. A feature that never changes becomes 0.

    Example:
        >>> scaled = standardiser([[1.0, 5.0], [3.0, 5.0]])
        >>> scaled([4.0, 5.0])
        [2.0, 0.0]
    """
    rows = [numbers(row, "features") for row in _rows(xs)]
    if len({len(row) for row in rows}) != 1:
        raise LengthError("the samples must all have as many features")
    columns = list(zip(*rows, strict=True))
    centres, spreads = list(map(fmean, columns)), [pstdev(column) or 1.0 for column in columns]

    def standardised(sample: Sample) -> list[float]:
        if len(sample) != len(centres):
            raise LengthError(f"a sample must have {len(centres)} features, got {len(sample)}")
        return [
            (x - centre) / spread
            for x, centre, spread in zip(sample, centres, spreads, strict=True)
        ]

    return standardised


def _rows(xs: Any) -> list[Any]:
    rows = list(xs) if is_list(xs) else []
    if not rows or not all(map(is_list, rows)):
        raise TypeError(
            f"the samples must be a list of lists, as in [[1.0, 2.0], [3.0, 4.0]], got "
            f"{shown(xs)}"
        )
    return checked_data((rows, rows), "the samples")[0]


def standardise(training: Sequence[Sample], *others: Sequence[Sample]) -> list[Any]:
    """Return lists of samples, all put to the scale of the first of them.

    Example:
        >>> train, test = standardise([[1.0], [3.0]], [[4.0]])
        >>> train, test
        ([[-1.0], [1.0]], [[2.0]])
    """
    scale = standardiser(training)
    return [[scale(sample) for sample in samples] for samples in (training, *others)]


class Minibatches:
    """Samples and targets in batches: each time it is gone through, in a new random order.

    Args:
        xs: samples.
        ys: their targets.
        size: the number of samples in a batch; the last one may be shorter.
        seed: a number or a random.Random, for the order; None keeps the order as it is.
        drop_last: leave out a last batch that is shorter.

    Example:
        >>> batches = Minibatches(range(5), "abcde", size=2, seed=None)
        >>> len(batches), list(batches)[-1]
        (3, ([4], ['e']))
    """

    def __init__(
        self,
        xs: Sequence[Any],
        ys: Sequence[Any],
        size: int = 16,
        seed: Seed | None = 0,
        *,
        drop_last: bool = False,
    ) -> None:
        self.xs, self.ys = checked_data((xs, list(ys)))
        self.size = whole(size, "size", 1)
        self.generator = None if seed is None else generator_of(seed)
        self.drop_last = drop_last

    def __len__(self) -> int:
        return len(cut(list(range(len(self.xs))), self.size, drop_last=self.drop_last))

    def __iter__(self) -> Iterator[tuple[list[Any], list[Any]]]:
        order = list(range(len(self.xs)))
        if self.generator is not None:
            order = permutation(len(self.xs), self.generator)
        for batch in cut(order, self.size, drop_last=self.drop_last):
            yield [self.xs[k] for k in batch], [self.ys[k] for k in batch]


def cut(order: Sequence[int], size: int, *, drop_last: bool = False) -> list[list[int]]:
    """Return an order of samples, cut into batches.

    >>> cut([3, 1, 2, 0, 4], 2), cut([3, 1, 2, 0, 4], 2, drop_last=True)
    ([[3, 1], [2, 0], [4]], [[3, 1], [2, 0]])
    """
    batches = [list(order[start : start + size]) for start in range(0, len(order), size)]
    if drop_last and len(batches[-1]) < size:
        batches.pop()
    return batches
