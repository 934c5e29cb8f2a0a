"""Data sets by their formulas, splits, scales and batches."""

import math
import random
from collections import Counter
from collections.abc import Callable
from statistics import fmean, pstdev
from typing import Any

import pytest

from autograd import LengthError, NumberError
from nn import Minibatches, data, data_iris, standardise, standardiser, train_test_split
from nn.randomness import normal, permutation
from tests.untyped import message_of, untyped

MAKERS: dict[str, Callable[..., Any]] = {
    "moons": data.moons,
    "circles": data.circles,
    "blobs": data.blobs,
    "spiral": data.spiral,
    "xor": lambda seed: data.xor(40, noise=0.1, seed=seed),
    "sine": lambda seed: data.sine(noise=0.1, seed=seed),
    "linear": data.linear,
}


# -- made by formulas ---------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_a_seed_decides_everything_and_the_global_generator_nothing(name: str) -> None:
    make = MAKERS[name]
    random.seed(1)
    before = random.getstate()
    first = make(seed=3)
    assert random.getstate() == before
    assert make(seed=3) == make(seed=random.Random(3)) == first != make(seed=4)


@pytest.mark.parametrize("name", MAKERS)
def test_each_sample_has_a_target_and_its_own_list(name: str) -> None:
    xs, ys = MAKERS[name](seed=0)

    assert len(xs) == len(ys)
    assert len({id(x) for x in xs}) == len(xs)
    assert {len(x) for x in xs} == {1 if name in ("sine", "linear") else 2}


def test_moons_are_half_circles() -> None:
    xs, ys = data.moons(41, noise=0.0)

    assert Counter(ys) == {0: 21, 1: 20}
    for (x, y), kind in zip(xs, ys, strict=True):
        centre, top = ((0.0, 0.0), y >= 0.0) if kind == 0 else ((1.0, 0.5), y <= 0.5)
        assert math.dist((x, y), centre) == pytest.approx(1.0)
        assert top


def test_moons_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="has moons")
    theirs_xs, theirs_ys = datasets.make_moons(20, shuffle=False, noise=None)
    xs, ys = data.moons(20, noise=0.0)

    assert ys == theirs_ys.tolist()
    for ours, theirs in zip(xs, theirs_xs.tolist(), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-15)


def test_circles_have_their_radii() -> None:
    xs, ys = data.circles(30, noise=0.0, factor=0.25)

    assert [math.hypot(*x) for x in xs] == pytest.approx([[1.0, 0.25][y] for y in ys])
    assert len({tuple(x) for x in xs}) == 30


def test_arms_of_a_spiral_are_turned_copies() -> None:
    xs, ys = data.spiral(30, arms=3, noise=0.0)
    arms = [[x for x, y in zip(xs, ys, strict=True) if y == arm] for arm in range(3)]

    for k in range(10):
        assert [math.hypot(*arm[k]) for arm in arms] == pytest.approx([k / 9] * 3)
    for ahead, behind in ((0, 1), (1, 2)):
        (a, b), (c, d) = arms[ahead][-1], arms[behind][-1]
        assert math.cos(2 * math.pi / 3) == pytest.approx(a * c + b * d)
    assert Counter(data.spiral(301)[1]) == {0: 101, 1: 100, 2: 100}


def test_blobs_lie_around_their_centres() -> None:
    xs, ys = data.blobs(4000, centres=[(1.0, 2.0), (-3.0, 0.0)], spread=0.5, seed=1)
    first = [x for x, y in zip(xs, ys, strict=True) if y == 0]

    for column, centre in zip(zip(*first, strict=True), (1.0, 2.0), strict=True):
        assert fmean(column) == pytest.approx(centre, abs=5 * 0.5 / math.sqrt(2000))
        assert pstdev(column) == pytest.approx(0.5, rel=0.08)


def test_sine_and_linear_follow_their_formulas() -> None:
    xs, ys = data.sine(64)
    assert ys == [math.sin(x) for (x,) in xs]
    assert (xs[0], xs[-1]) == ([-math.pi], [math.pi])

    xs, ys = data.linear(50, weights=(1.0, -2.0), bias=3.0, noise=0.0)
    assert ys == pytest.approx([3.0 + a - 2.0 * b for a, b in xs], rel=1e-15)


def test_normal_numbers_are_normal() -> None:
    generator = random.Random(2)
    numbers = sorted(normal(generator) for _ in range(4000))
    error = max(
        abs(0.5 * math.erfc(-x / math.sqrt(2)) - (k + 0.5) / 4000)
        for k, x in enumerate(numbers)
    )

    # Kolmogorov and Smirnov: p is about 1e-3 at 1.95 / sqrt(n).
    assert error < 1.95 / math.sqrt(4000)


def test_every_order_is_as_likely() -> None:
    generator = random.Random(0)
    counts = Counter(tuple(permutation(3, generator)) for _ in range(6000))

    assert len(counts) == 6
    # 5 deviations of a binomial number of mean 1000.
    assert all(abs(count - 1000) < 5 * math.sqrt(6000 / 6 * 5 / 6) for count in counts.values())


# -- the embedded ones --------------------------------------------------------------------


def test_irises_equal_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="has another copy of the data")
    theirs = datasets.load_iris()
    xs, ys = data.iris()

    assert (xs, ys) == (theirs.data.tolist(), theirs.target.tolist())
    assert list(data_iris.SPECIES) == theirs.target_names.tolist()


def test_sums_of_the_irises_are_those_of_fishers_table() -> None:
    xs, ys = data.iris()

    # R prints the means 5.843333, 3.057333, 3.758 and 1.199333.
    assert [round(sum(column), 6) for column in zip(*xs, strict=True)] == [
        *(876.5, 458.6, 563.7, 179.9)
    ]
    assert ys == [0] * 50 + [1] * 50 + [2] * 50
    # The two flowers that are often copied wrong.
    assert (xs[34], xs[37]) == ([4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1])


def test_what_is_done_to_the_data_does_not_last() -> None:
    xs, _ = data.iris()
    xs[0][0] = 0.0
    data.names().clear()

    assert data.iris()[0][0][0] == 5.1
    assert len(data.names()) == 869


def test_names_are_plain_small_letters_each_once_and_in_order() -> None:
    names = data.names()

    assert names == sorted(set(names))
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)


# -- splits -------------------------------------------------------------------------------


def test_a_split_keeps_every_sample_once() -> None:
    _, ys = data.iris()
    train, test = train_test_split(list(range(150)), ys, test=0.2, seed=1)

    assert sorted(train[0] + test[0]) == list(range(150))
    assert (len(train[0]), len(test[0])) == (120, 30)
    assert [ys[k] for k in train[0] + test[0]] == train[1] + test[1]
    assert train[0] != sorted(train[0])


def test_a_stratified_split_keeps_the_shares_of_the_classes() -> None:
    ys = [0] * 10 + [1] * 20 + [2] * 70
    train, test = train_test_split(ys, ys, test=0.3, stratify=True, seed=2)

    assert Counter(test[1]) == {0: 3, 1: 6, 2: 21}
    assert Counter(train[1]) == {0: 7, 1: 14, 2: 49}


def test_a_split_follows_its_seed() -> None:
    splits = [
        train_test_split(range(30), [0] * 30, seed=seed) for seed in (0, random.Random(0), 1)
    ]

    assert splits[0] == splits[1] != splits[2]


# -- scales -------------------------------------------------------------------------------


def test_standardised_training_samples_have_mean_0_and_deviation_1() -> None:
    train, test = standardise(data.iris()[0][:100], data.iris()[0][100:])

    for column in zip(*train, strict=True):
        assert fmean(column) == pytest.approx(0.0, abs=1e-14)
        assert pstdev(column) == pytest.approx(1.0, rel=1e-14)
    assert fmean(column[2] for column in test) > 1.0


def test_scales_are_those_of_scikit_learn() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="has a scaler")
    xs, _ = data.iris()
    flat = [[*x, 7.0] for x in xs]
    theirs = preprocessing.StandardScaler().fit(flat[:90]).transform(flat)
    scale = standardiser(flat[:90])

    for sample, expected in zip(flat, theirs.tolist(), strict=True):
        assert scale(sample) == pytest.approx(expected, rel=1e-12, abs=1e-13)


# -- batches ------------------------------------------------------------------------------


def test_batches_hold_every_sample_once_and_in_a_new_order_each_time() -> None:
    batches = Minibatches(range(10), [10 * k for k in range(10)], size=4, seed=0)
    first, second = list(batches), list(batches)

    for epoch in (first, second):
        assert [len(xs) for xs, _ in epoch] == [4, 4, 2]
        assert sorted(x for xs, _ in epoch for x in xs) == list(range(10))
        assert all(y == 10 * x for xs, ys in epoch for x, y in zip(xs, ys, strict=True))
    assert first != second
    again = Minibatches(range(10), [10 * k for k in range(10)], size=4, seed=0)
    assert [list(again), list(again)] == [first, second]


@pytest.mark.parametrize(("n", "kept", "dropped"), [(10, 3, 2), (8, 2, 2), (3, 1, 0)])
def test_a_short_last_batch_may_be_left_out(n: int, kept: int, dropped: int) -> None:
    for drop_last, count in ((False, kept), (True, dropped)):
        batches = Minibatches(range(n), range(n), size=4, drop_last=drop_last)
        assert len(batches) == len(list(batches)) == count


# -- mistakes -----------------------------------------------------------------------------

MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "n": (lambda: data.moons(1), ValueError, "n must be at least 2, got 1"),
    "noise": (
        lambda: data.xor(noise=-1.0),
        ValueError,
        "noise must be at least 0 and finite, got -1.0",
    ),
    "a number of centres": (
        lambda: data.blobs(centres=untyped(3)),
        TypeError,
        "centres must list points, as in [[0.0, 0.0], [3.0, 3.0]], got 3 (int)",
    ),
    "no centre": (
        lambda: data.blobs(centres=[]),
        TypeError,
        "centres must list points, as in [[0.0, 0.0], [3.0, 3.0]], got [] (list)",
    ),
    "a number of weights": (
        lambda: data.linear(weights=untyped(3)),
        TypeError,
        "weights must list one number for each input, as in [2.0], got 3 (int)",
    ),
    "seed": (
        lambda: data.spiral(seed=untyped("a")),
        TypeError,
        "a seed must be a whole number or a random.Random, got 'a' (str)",
    ),
    "lengths": (
        lambda: train_test_split([1.0, 2.0], [1]),
        LengthError,
        (
            "the data must have one target for each sample and at least one, got 2 samples "
            "and 1 targets"
        ),
    ),
    "nothing": (
        lambda: Minibatches([], []),
        LengthError,
        (
            "the data must have one target for each sample and at least one, got 0 samples "
            "and 0 targets"
        ),
    ),
    "no lists": (
        lambda: Minibatches(untyped(3), [1]),
        TypeError,
        "the data must be a pair of lists, samples and targets, got (3, [1]) (tuple)",
    ),
    "nan": (
        lambda: standardise([[1.0, 2.0], [math.nan, 2.0]]),
        ValueError,
        "the samples must be finite, but sample 1 is [nan, 2.0] (list)",
    ),
    "infinite target": (
        lambda: Minibatches([[1.0]], [math.inf]),
        ValueError,
        "the data must be finite, but target 0 is inf (float)",
    ),
    "nothing to test on": (
        lambda: train_test_split([1, 2, 3], [0, 0, 0], test=0.1),
        ValueError,
        ("a share of 0.1 of 3 samples leaves 3 to learn from and 0 to test on; both need some"),
    ),
    "curves by class": (
        lambda: train_test_split(*data.sine(20), stratify=True),
        ValueError,
        (
            "a share of 0.2 of 20 samples leaves 20 to learn from and 0 to test on; both need "
            "some; stratify is for classes, and there are 20"
        ),
    ),
    "ragged centres": (
        lambda: data.blobs(6, [[1.0, 2.0], [3.0]]),
        LengthError,
        ("centres must have as many coordinates each, got [[1.0, 2.0], [3.0]] (list)"),
    ),
    "share": (
        lambda: train_test_split([1, 2, 3], [0, 0, 0], test=1.0),
        ValueError,
        "test must be at least 0 and below 1, got 1.0",
    ),
    "ragged": (
        lambda: standardise([[1.0, 2.0], [1.0]]),
        LengthError,
        "the samples must all have as many features",
    ),
    "numbers for samples": (
        lambda: standardise(untyped([1.0, 2.0])),
        TypeError,
        (
            "the samples must be a list of lists, as in [[1.0, 2.0], [3.0, 4.0]], got "
            "[1.0, 2.0] (list)"
        ),
    ),
    "samples and targets": (
        lambda: standardise(untyped(data.xor())),
        NumberError,
        (
            "features must be numbers, but number 0 is [0.0, 0.0] (list); give one sample at "
            "a time"
        ),
    ),
    "too many features": (
        lambda: standardiser([[1.0, 2.0]])([1.0, 2.0, 3.0]),
        LengthError,
        "a sample must have 2 features, got 3",
    ),
    "size": (lambda: Minibatches([1], [1], 0), ValueError, "size must be at least 1, got 0"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told(case: str) -> None:
    call, error, text = MISTAKES[case]
    assert message_of(error, call) == text


def test_a_data_set_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"no data set 'mnist'; there are blobs, .*, xor"):
        untyped(data).mnist()
    for name in dir(data):
        assert getattr(data, name)()
