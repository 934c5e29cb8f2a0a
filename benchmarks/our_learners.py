"""Networks of ours in training: step by step on the engine, compiled, whole runs natively.

Knows our ways to train. Knows no other library and no clock.
"""

from collections.abc import Callable
from functools import cache

# Models and losses take what they are given.
from typing import Any

import autograd
import nn
from autograd import Value
from benchmarks.networks import BETAS, EPSILON, Learner, Task, batches, first_weights
from benchmarks.peers import MissingPeerError
from nn.compiled import CompiledEpochs
from nn.epochs import Task as Epochs
from nn.epochs import eager_epoch


class Network:
    """A network of ours with what its training needs.

    Attributes:
        model: The network.
        weights: Its weights.
        optimiser: What moves them.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.xs, self.ys = task.data()
        self.model = nn.MLP(task.layers[0], list(task.layers[1:]), task.activation)
        self.weights = self.model.parameters()
        self.optimiser: Any = (
            nn.SGD(self.weights, lr=task.rate)
            if task.rule == "sgd"
            else nn.Adam(self.weights, lr=task.rate, betas=BETAS, eps=EPSILON)
        )
        self._start = self.optimiser.groups[0].states[0]
        self.restart()

    def restart(self) -> None:
        """Go back to the first weights; the optimiser remembers nothing."""
        group = self.optimiser.groups[0]
        group.states[:] = [self._start] * len(self.weights)
        group.steps[:] = [0] * len(self.weights)
        self.optimiser.clock = 0
        for weight, number in zip(self.weights, first_weights(self.task), strict=True):
            weight.data = number

    def judge(self, score: Any, label: Any) -> Any:
        """The loss of one output."""
        if self.task.loss == "hinge":
            return autograd.relu(1.0 - label * score)
        return nn.cross_entropy(score, label)

    def loss(self, x: Any, label: Any) -> Any:
        """The loss of one sample."""
        return self.judge(self.model(x), label)

    @property
    def penalty(self) -> Callable[[], Any] | None:
        """What is added to the mean loss, if anything."""
        if not self.task.penalty:
            return None
        return lambda: self.task.penalty * autograd.dot(self.weights, self.weights)

    def epochs(self) -> Epochs:
        """The same as `nn.fit` sees it."""
        return Epochs(
            *(self.model, self.xs, self.ys, self.judge, self.optimiser, self.task.batch),
            penalty=self.penalty,
        )

    def learner(self, train: Callable[[int], float], passes: int = 1) -> Learner:
        """A way to train this network."""
        return Learner(
            train, lambda: [weight.data for weight in self.weights], self.restart, passes
        )


def eager(task: Task) -> Learner:
    """The loop of `nn.fit` with every operation recorded and swept."""
    network = Network(task)
    epochs, order = network.epochs(), range(len(network.xs))

    def train(passes: int) -> float:
        return [eager_epoch(epochs, order)[-1] for _ in range(passes)][-1]

    return network.learner(train)


def compiled(task: Task, backend: str) -> Learner:
    """The loop as people write it, the loss of a batch compiled, the update in Python."""
    network = Network(task)
    parts = [(network.xs[part], network.ys[part]) for part in batches(task)]
    penalty = network.penalty

    def loss(x: Any, label: Any) -> Any:
        out = network.loss(x, label)
        return out if penalty is None else out + penalty()

    mean_loss = autograd.compile(loss, batch=("x", "label"), backend=backend)

    def step(xs: Any, labels: Any) -> float:
        out: Value = mean_loss(xs, labels)
        network.optimiser.zero_grad()
        out.backward()
        if task.rule == "sgd":
            for weight in network.weights:
                weight.data -= task.rate * weight.grad
        else:
            network.optimiser.step()
        return float(out.data)

    def train(passes: int) -> float:
        return [step(*part) for _ in range(passes) for part in parts][-1]

    return network.learner(train)


def native(task: Task) -> Learner:
    """Whole runs of many passes by `autograd.Trainer`."""
    try:
        import numpy as np  # noqa: PLC0415 - an extra, asked for where it is used

        network, trainer, group = trained_natively(task)
    except (ModuleNotFoundError, autograd.CompilationError) as error:
        raise MissingPeerError(str(error)) from error
    states: list[Any] = list(group.states)
    order: Any = np.arange(len(network.xs))
    # Arrays that are there already, which need not be made of lists for each call.
    repeated: Any = cache(lambda passes: np.tile(order, passes))
    rates: Any = cache(lambda passes: np.full((passes * len(batches(task)), 1), task.rate))

    def restart() -> None:
        network.restart()
        group.states[:] = states

    def train(passes: int) -> float:
        return trainer.run(repeated(passes), task.batch, rates(passes))[-1]

    learner = network.learner(train, task.many)
    return Learner(learner.train, learner.weights, restart, learner.passes)


def trained_natively(
    task: Task,
) -> tuple[Network, autograd.Trainer, autograd.WeightGroup]:
    """A network with a trainer for it, freshly compiled."""
    network = Network(task)
    moved = network.optimiser.groups[0]

    def rule(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
        return network.optimiser.rule(weight, gradient, state, step, lr=lr, **moved.options)

    group = autograd.WeightGroup(network.weights, rule, list(moved.states))
    trainer = autograd.Trainer(
        network.loss, (network.xs, network.ys), [group], penalty=network.penalty
    )
    return network, trainer, group


def fitted(task: Task) -> Learner:
    """What `nn.fit(..., backend="compiled")` does for an epoch, one call for each."""
    network = Network(task)
    try:
        epoch = CompiledEpochs(network.epochs())
    except (ModuleNotFoundError, autograd.CompilationError) as error:
        raise MissingPeerError(str(error)) from error
    order = range(len(network.xs))

    def train(passes: int) -> float:
        return [epoch(order)[-1] for _ in range(passes)][-1]

    return network.learner(train)
