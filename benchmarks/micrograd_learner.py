"""A network in training on micrograd's numbers, in the loop of its example.

Knows no other library.
"""

from collections.abc import Sequence

# Its numbers have no types that matter here.
from typing import Any

from benchmarks import peers
from benchmarks.networks import BETAS, EPSILON, Learner, Task, batches, blocks, first_weights


def micrograd_learner(task: Task) -> Learner:
    """Its numbers in the loop of its example; what they lack is added to a copy of them."""
    number = peers.value_class(peers.MICROGRAD)
    xs, labels = task.data()
    weights = [number(0.0) for _ in range(task.weights)]
    remembered: list[list[float]] = [[], []]
    layers = blocks(task, weights)

    def restart() -> None:
        for weight, start in zip(weights, first_weights(task), strict=True):
            weight.data = start
        remembered[:] = [[0.0] * len(weights), [0.0] * len(weights)]
        held["steps"] = 0

    def step(part: slice) -> float:
        losses = [
            _micrograd_loss(task, _scores(task, layers, list(map(number, x))), label)
            for x, label in zip(xs[part], labels[part], strict=True)
        ]
        loss = sum(losses) * (1.0 / len(losses))
        if task.penalty:
            loss = loss + task.penalty * sum(p * p for p in weights)
        for weight in weights:
            weight.grad = 0.0
        loss.backward()
        held["steps"] += 1
        _micrograd_update(task, weights, remembered, held["steps"])
        return float(loss.data)

    def train(passes: int) -> float:
        return [step(part) for _ in range(passes) for part in batches(task)][-1]

    held = {"steps": 0}
    restart()
    return Learner(train, lambda: [float(weight.data) for weight in weights], restart)


def _scores(task: Task, layers: Sequence[Any], x: list[Any]) -> list[Any]:
    for layer in layers:
        sums = [sum((w * v for w, v in zip(row, x, strict=False)), row[-1]) for row in layer]
        hidden = layer is not layers[-1]
        x = [getattr(out, task.activation)() for out in sums] if hidden else sums
    return x


def _micrograd_loss(task: Task, scores: list[Any], label: int) -> Any:
    if task.loss == "hinge":
        return (1 + -label * scores[0]).relu()
    top = max(score.data for score in scores)
    return sum((score - top).exp() for score in scores).log() - (scores[label] - top)


def _micrograd_update(
    task: Task, weights: Sequence[Any], remembered: list[list[float]], steps: int
) -> None:
    if task.rule == "sgd":
        for p in weights:
            p.data -= task.rate * p.grad
        return
    means, squares = remembered
    (b1, b2) = BETAS
    for k, p in enumerate(weights):
        means[k] = b1 * means[k] + (1.0 - b1) * p.grad
        squares[k] = b2 * squares[k] + (1.0 - b2) * p.grad * p.grad
        size = (squares[k] / (1.0 - b2**steps)) ** 0.5 + EPSILON
        p.data -= task.rate * (means[k] / (1.0 - b1**steps)) / size
