"""The learning-rate finder: a short ride through all rates, from far too low to too high.

The loss falls where a rate works, and jumps where it is too high (Smith 2015). Each step sees
all samples, so nothing but the rate changes. Knows how to take steps; knows no schedule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

# Models are called with what they like.
from typing import Any

from autograd import AnomalyError, RangeError
from nn.batches import Data, checked_data
from nn.checks import between, whole
from nn.epochs import Loss, Task, eager_epoch
from nn.optimiser import Optimiser


@dataclass(frozen=True, slots=True)
class RateTest:
    """What the finder saw.

    Attributes:
        rates: the learning rates that were tried.
        losses: the loss before the step at each.
    """

    rates: Sequence[float]
    losses: Sequence[float]

    @property
    def steepest(self) -> float:
        """The rate whose step made the loss fall most: a bold one to start with."""
        pairs = zip(self.losses, self.losses[1:], strict=False)
        falls = [after - before for before, after in pairs]
        return self.rates[min(range(len(falls)), key=falls.__getitem__)]

    @property
    def cautious(self) -> float:
        """A tenth of the rate at which the loss was lowest."""
        return self.rates[min(range(len(self.losses)), key=self.losses.__getitem__)] / 10.0


def find_lr(
    model: Any,
    data: Data,
    loss: Loss,
    optimiser: Optimiser,
    *,
    low: float = 1e-4,
    high: float = 10.0,
    steps: int = 50,
) -> RateTest:
    """Return how the loss goes while the learning rate grows evenly from low to high.

    It stops where the loss is four times its lowest, or not finite any more. Weights and
    optimiser are then given back what they had.

    Example:
        >>> from nn import MLP, SGD, mse_loss
        >>> from nn.data import linear
        >>> model = MLP(1, [1], seed=0)
        >>> test = find_lr(model, linear(), mse_loss, SGD(model.parameters()))
        >>> 0.01 < test.steepest < 1.0
        True
    """
    xs, ys = checked_data(data)
    low, high = between(low, "low", 0.0), between(high, "high", 0.0)
    if not 0.0 < low < high:
        raise ValueError(f"low must be above 0 and below high, got {low!r} and {high!r}")
    steps = whole(steps, "steps", 3)
    rates = [low * (high / low) ** (k / (steps - 1)) for k in range(steps)]
    task = Task(model, xs, ys, loss, optimiser, len(xs))
    weights = [(weight, weight.data) for weight in model.parameters()]
    groups, clock = optimiser.groups, optimiser.clock
    optimiser.groups = [
        replace(group, states=list(group.states), steps=list(group.steps)) for group in groups
    ]
    try:
        return _ride(task, rates)
    finally:
        optimiser.groups, optimiser.clock = groups, clock
        optimiser.zero_grad()
        for weight, number in weights:
            weight.data = number


def _ride(task: Task, rates: list[float]) -> RateTest:
    losses: list[float] = []
    for rate in rates:
        for group in task.optimiser.groups:
            group.lr = rate
        try:
            losses += eager_epoch(task, range(len(task.xs)))
        except (AnomalyError, RangeError):
            break
        if losses[-1] > 4.0 * min(losses):
            break
    if len(losses) < 2:
        raise AnomalyError("the loss is not finite even at the lowest learning rate")
    return RateTest(rates[: len(losses)], losses)
