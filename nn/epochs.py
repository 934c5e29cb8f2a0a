"""The steps of an epoch: for each batch a loss, its gradients, and weights that move.

Knows no loss and no update rule by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Models take and give, and losses compare, what they like.
from typing import Any

from autograd import Value, backward, mean, shown
from nn.batches import cut
from nn.clipping import clip_grad_norm_
from nn.guards import check_gradients, check_loss
from nn.optimiser import Optimiser

# The loss of one output and one target.
Loss = Callable[[Any, Any], Any]
# From the order of the samples to the loss before each step.
Epoch = Callable[[Sequence[int]], list[float]]


@dataclass(frozen=True, slots=True)
class Task:
    """What an epoch needs to know: what is trained, on what, towards what, and how."""

    model: Any
    xs: Sequence[Any]
    ys: Sequence[Any]
    loss: Loss
    optimiser: Optimiser
    batch_size: int
    penalty: Callable[[], Any] | None = None
    max_norm: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with, or would learn nothing.

        Raises:
            TypeError: if the model, the loss or the penalty is no function, or the optimiser
                none.
            ValueError: if the optimiser holds no weight of the model.
        """
        if isinstance(self.model, type) or not callable(self.model):
            raise TypeError(
                f"the model must be a network, such as MLP(2, [8, 1]), got {shown(self.model)}"
            )
        if self.penalty is not None and not callable(self.penalty):
            raise TypeError(
                "the penalty must be a function that returns a term of the loss, such as "
                f"lambda: 1e-4 * l2_penalty(weights), got {shown(self.penalty)}"
            )
        if not callable(self.loss):
            raise TypeError(
                "the loss must be a function of an output and a target, such as mse_loss, "
                f"got {shown(self.loss)}"
            )
        if not isinstance(self.optimiser, Optimiser):
            raise TypeError(
                "the optimiser must be one made of the weights, such as "
                f"Adam(model.parameters()), got {shown(self.optimiser)}"
            )
        weights: list[Value] = getattr(self.model, "parameters", list)()
        if weights and set(map(id, weights)).isdisjoint(map(id, self.optimiser.parameters)):
            raise ValueError(
                "the optimiser holds no weight of this model, which would learn nothing; make "
                "one of model.parameters()"
            )


def eager_epoch(task: Task, order: Sequence[int]) -> list[float]:
    """Take a step for each batch of an order of samples; return the loss before each step.

    Raises:
        AnomalyError: if a loss or gradient is not finite; the step is not taken then.
    """
    weights, losses = task.optimiser.parameters, []
    for batch in cut(order, task.batch_size):
        loss = mean([task.loss(task.model(task.xs[k]), task.ys[k]) for k in batch])
        if task.penalty is not None:
            loss = loss + task.penalty()
        task.optimiser.zero_grad()
        backward(loss)
        check_loss(loss, task.model)
        check_gradients(weights, task.model)
        if task.max_norm is not None:
            clip_grad_norm_(weights, task.max_norm)
        task.optimiser.step()
        losses.append(loss.data)
    return losses
