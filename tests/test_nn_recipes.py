"""Linear and logistic regression with a neuron: the answers are known in closed form."""

import math
import random
from fractions import Fraction

import pytest

from autograd import Value, softplus
from nn import SGD, Linear, Neuron


def solved(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """Return the exact solution of linear equations."""
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    n = len(rows)
    for k in range(n):
        pivot = next(j for j in range(k, n) if rows[j][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for j in range(n):
            if j != k:
                rows[j] = [x - rows[j][k] * y for x, y in zip(rows[j], rows[k], strict=True)]
    return [row[-1] for row in rows]


def least_squares(points: list[tuple[list[float], float]]) -> list[float]:
    """Return weights and offset by the normal equations, in fractions."""
    inputs = [[*map(Fraction, x), Fraction(1)] for x, _ in points]
    targets = [Fraction(y) for _, y in points]
    size = range(len(inputs[0]))
    matrix = [
        [sum((row[i] * row[j] for row in inputs), Fraction()) for j in size] for i in size
    ]
    right = [
        sum((row[i] * y for row, y in zip(inputs, targets, strict=True)), Fraction())
        for i in size
    ]
    return list(map(float, solved(matrix, right)))


def noisy_plane(generator: random.Random, count: int = 20) -> list[tuple[list[float], float]]:
    points = []
    for _ in range(count):
        x = [generator.uniform(-1.0, 1.0) for _ in range(3)]
        y = 2.0 * x[0] - x[1] + 0.5 + generator.gauss(0.0, 0.3)
        points.append((x, y))
    return points


@pytest.mark.parametrize("seed", range(3))
def test_linear_regression_comes_to_the_least_squares(seed: int) -> None:
    points = noisy_plane(random.Random(seed))
    neuron = Neuron(3, activation=None, seed=seed)
    optimiser = SGD(neuron.parameters(), lr=0.3, momentum=0.8)
    for _ in range(250):
        loss = sum(((neuron(x) - y) ** 2 for x, y in points), Value(0.0)) / len(points)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    # After 250 steps that much is left to go.
    assert neuron.get_vector() == pytest.approx(least_squares(points), rel=1e-10, abs=1e-10)


def test_regression_of_two_targets_is_two_regressions() -> None:
    points = noisy_plane(random.Random(7))
    model = Linear(3, 2, init="zeros")
    optimiser = SGD(model.parameters(), lr=0.3, momentum=0.8)
    for _ in range(250):
        loss = Value(0.0)
        for x, y in points:
            first, second = model(x)
            loss = loss + (first - y) ** 2 + (second + 3.0 * y) ** 2
        optimiser.zero_grad()
        (loss / len(points)).backward()
        optimiser.step()
    *weights, offset = least_squares(points)
    state = model.state_dict()

    assert state["weight"][0] == pytest.approx(weights, rel=1e-10, abs=1e-10)
    assert state["weight"][1] == pytest.approx(
        [-3.0 * w for w in weights], rel=1e-10, abs=1e-10
    )
    assert state["bias"] == pytest.approx([offset, -3.0 * offset], rel=1e-10)


def test_logistic_regression_comes_to_the_odds() -> None:
    # Of 10 where x is 0, 3 are right; of 10 where x is 1, 8 are. The best offset is the
    # logarithm of the odds at 0, and the best weight is how much that is more at 1.
    cases = [(0.0, 1.0, 3), (0.0, 0.0, 7), (1.0, 1.0, 8), (1.0, 0.0, 2)]
    neuron = Neuron(1, activation=None, start=[0.0])
    optimiser = SGD(neuron.parameters(), lr=2.0, momentum=0.8)
    for _ in range(300):
        loss = Value(0.0)
        for x, y, count in cases:
            z = neuron(x)
            loss = loss + count * (softplus(z) - y * z)
        optimiser.zero_grad()
        (loss / 20).backward()
        optimiser.step()
    weight, offset = neuron.get_vector()

    assert offset == pytest.approx(math.log(3 / 7), rel=1e-10)
    assert weight == pytest.approx(math.log(8 / 2) - math.log(3 / 7), rel=1e-10)
