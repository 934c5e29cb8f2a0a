"""Networks to train: their layers, their data, what a step of training is.

Everything is plain numbers, so that every library starts from the same. Knows no library.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import nn
from benchmarks.moons_data import moons
from nn.randomness import permutation

# Samples, and for each of them its label: -1 or 1 for hinge loss, else the number of a class.
Data = tuple[list[list[float]], list[int]]

BETAS, EPSILON = (0.9, 0.999), 1e-8
"""What Adam forgets from step to step, and what keeps its division safe."""

# Samples times weights that one call of a learner with a loop of its own goes over: enough
# that what a call costs besides, some microsecond for each weight, is little of it.
_WORK = 600_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """A network, its data and how it is trained: one pass after another over all samples.

    Attributes:
        title: What the table is called.
        layers: Inputs, then neurons of each layer; the last layer is linear.
        activation: Of the other layers, `relu` or `tanh`.
        data: Makes the data.
        loss: `hinge` or `cross-entropy`, the mean over the samples of a step.
        rule: `sgd` or `adam`.
        rate: The learning rate.
        batch: How many samples a step looks at; divides their number.
        penalty: This times the squares of all weights is added to the loss.
    """

    title: str
    layers: tuple[int, ...]
    activation: str
    data: Callable[[], Data]
    loss: str
    rule: str
    rate: float
    batch: int
    penalty: float = 0.0

    @property
    def weights(self) -> int:
        """How many weights there are, biases among them."""
        return sum((inputs + 1) * neurons for inputs, neurons in pairwise(self.layers))

    @property
    def multiply_adds(self) -> int:
        """Multiplications with an addition in the matrix products of a pass.

        Forward and for the gradient by the weights one for each weight, and for the gradient by
        the inputs of each layer but the first.
        """
        products = [inputs * neurons for inputs, neurons in pairwise(self.layers)]
        return (3 * sum(products) - products[0]) * len(self.data()[0])

    @property
    def many(self) -> int:
        """How many passes one call makes of a learner with a loop of its own."""
        return min(4000, max(100, _WORK // (self.weights * len(self.data()[0]))))


def first_weights(task: Task) -> list[float]:
    """Small weights and zero biases, neuron by neuron, the bias of each last."""
    generator = random.Random(1337)
    weights: list[float] = []
    for inputs, neurons in pairwise(task.layers):
        size = 1.0 / math.sqrt(inputs)
        for _ in range(neurons):
            weights += [*(generator.uniform(-size, size) for _ in range(inputs)), 0.0]
    return weights


@cache
def two_moons() -> Data:
    """The 100 points of micrograd's example."""
    data = moons(100, 0.1, random.Random(1337))
    return [point for point, _ in data], [label for _, label in data]


@cache
def flowers() -> Data:
    """144 of Fisher's irises, standardised and shuffled: nine whole batches of 16."""
    xs, ys = nn.data.iris()
    (xs,) = nn.standardise(xs)
    order = permutation(len(xs), random.Random(0))[:144]
    return [xs[k] for k in order], [ys[k] for k in order]


@cache
def images() -> Data:
    """256 made-up images of 64 pixels; the brightest of ten patches is the class."""
    generator = random.Random(8)
    xs = [[generator.random() for _ in range(64)] for _ in range(256)]
    return xs, [max(range(10), key=lambda k: sum(x[6 * k : 6 * k + 6])) for x in xs]


def _moons(title: str, activation: str, *hidden: int, penalty: float = 0.0) -> Task:
    layers = (2, *hidden, 1)
    return Task(title, layers, activation, two_moons, "hinge", "sgd", 0.1, 100, penalty)


WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 310)
"""Neurons in each of two hidden layers, for 7 to nearly 10^5 weights."""

TASKS = {
    "moons": _moons(
        *("a step of moons, 2-16-16-1, relu, 100 points", "relu", 16, 16), penalty=1e-4
    ),
    "moons, tanh": _moons("the same with tanh", "tanh", 16, 16, penalty=1e-4),
    "digits": Task(
        "a step of digits, 64-32-10, relu, cross-entropy, 256 images",
        *((64, 32, 10), "relu", images, "cross-entropy", "sgd", 0.1, 256),
    ),
    "iris": Task(
        "an epoch of Iris, 4-8-3, tanh, cross-entropy, Adam, 9 batches of 16",
        *((4, 8, 3), "tanh", flowers, "cross-entropy", "adam", 0.01, 16),
    ),
    **{
        f"width {n}": _moons(f"a step of moons, 2-{n}-{n}-1, relu", "relu", n, n)
        for n in WIDTHS
    },
}


@dataclass(frozen=True, slots=True)
class Learner:
    """One way to train a network.

    Attributes:
        train: Makes so many passes and returns the loss before the last step.
        weights: The weights now, in the order of `first_weights`.
        restart: Goes back to the first weights, with nothing remembered.
        passes: How many passes one call of `train` should make: more than one where the loop
            is the library's and not Python's.
    """

    train: Callable[[int], float]
    weights: Callable[[], list[float]]
    restart: Callable[[], None]
    passes: int = 1


def batches(task: Task) -> list[slice]:
    """The samples of each step of a pass.

    >>> batches(TASKS["iris"])[:2], len(batches(TASKS["moons"]))
    ([slice(0, 16, None), slice(16, 32, None)], 1)
    """
    count = len(task.data()[0])
    return [slice(k, k + task.batch) for k in range(0, count, task.batch)]


def blocks(task: Task, numbers: Sequence[float]) -> list[list[list[float]]]:
    """A row for each neuron of each layer: its weights, then its bias.

    >>> layer, *_ = blocks(TASKS["width 1"], range(7))
    >>> layer
    [[0, 1, 2]]
    """
    remaining = iter(numbers)
    return [
        [[next(remaining) for _ in range(inputs + 1)] for _ in range(neurons)]
        for inputs, neurons in pairwise(task.layers)
    ]
