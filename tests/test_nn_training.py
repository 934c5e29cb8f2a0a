"""Training as a whole: it learns, repeats to the bit, in threads too, and holds no memory."""

import gc
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from autograd import Value
from nn import MLP, SGD, Adam, cross_entropy

XOR = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]
MEGABYTE = 2**20
# Every allocation is counted, which takes time.
STEPS = 150


def train(seed: int, steps: int, fused: bool = True) -> list[float]:
    """Return the losses and final weights of a network that learns XOR."""
    model = MLP(2, [4, 2], "tanh", fused=fused, seed=seed)
    optimiser = Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        loss = cross_entropy([model(x) for x, _ in XOR], [y for _, y in XOR])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.data)
    return losses + [p.data for p in model.parameters()]


def test_xor_is_learned() -> None:
    model = MLP(2, [8, 1], "tanh", seed=0)
    optimiser = Adam(model.parameters(), lr=0.05)
    for _ in range(300):
        loss = sum(((model(x) - y) ** 2 for x, y in XOR), Value(0.0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    assert [round(model(x).data) for x, _ in XOR] == [y for _, y in XOR]


def test_gradient_descent_finds_the_least_squares_line() -> None:
    points = [(0.0, 1.0), (1.0, 2.5), (2.0, 6.0), (3.0, 6.5)]
    line = MLP(1, [1], seed=0)
    optimiser = SGD(line.parameters(), lr=0.05, momentum=0.9)
    for _ in range(1000):
        loss = sum(((line(x) - y) ** 2 for x, y in points), Value(0.0)) / 4
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    slope, offset = (p.data for p in line.parameters())

    # Means 1.5 and 4; the slope is the covariance 10 / 5, the offset 4 - 1.5 * 2.
    assert (slope, offset) == pytest.approx((2.0, 1.0), abs=1e-12)


def test_two_runs_with_one_seed_are_the_same_to_the_bit() -> None:
    assert train(seed=1, steps=30) == train(seed=1, steps=30) != train(seed=2, steps=30)


def test_threads_train_like_one_thread_to_the_bit() -> None:
    alone = [train(seed, steps=40) for seed in range(8)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        together = list(pool.map(lambda seed: train(seed, steps=40), range(8)))

    assert together == alone


@contextmanager
def collector(on: bool) -> Iterator[None]:
    gc.collect()
    before = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        yield
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("collecting", [True, False])
def test_memory_stays_flat_while_training(fused: bool, collecting: bool) -> None:
    model = MLP(2, [4, 1], "tanh", fused=fused, seed=0)
    optimiser = SGD(model.parameters(), lr=0.05, momentum=0.9)

    def steps(count: int) -> None:
        for _ in range(count):
            loss = sum(((model(x) - y) ** 2 for x, y in XOR), Value(0.0))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    with collector(collecting):
        steps(50)
        tracemalloc.start()
        steps(STEPS)
        grown, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    # The rows of 150 steps take more than 1.5 MB; one step's take a few kB.
    assert grown < MEGABYTE / 4
    assert peak < MEGABYTE
