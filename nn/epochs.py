"""The steps of an epoch: for each batch a loss, its gradients, and weights that move.

Knows no loss and no update rule by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Models take and give, and losses compare, what they like.
from typing import Any

from autograd import AnomalyError, RangeError, backward, mean, shown
from nn.batches import cut
from nn.checks import learnable
from nn.clipping import clip_grad_norm_
from nn.guards import check_dependence, check_gradients, check_loss, one_each
from nn.optimiser import Optimiser
from nn.tensors import tensors

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
            ValueError: if the optimiser holds no weight of the model, or holds others in their
                place.
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
        self._check_weights()

    def _check_weights(self) -> None:
        """Refuse an optimiser that would leave the model as it is, or a new part of it."""
        weights: list[Any] = getattr(self.model, "parameters", list)()
        own = set(map(id, weights))
        held = set(map(id, self.optimiser.parameters))
        if own and own.isdisjoint(held):
            raise ValueError(
                "the optimiser holds no weight of this model, which would learn nothing; make "
                "one of model.parameters()"
            )
        left = [weight for weight in weights if learnable(weight) and id(weight) not in held]
        if left and held - own:
            raise ValueError(
                f"the optimiser holds {len(held - own)} weights that are not of this model, "
                f"and not {len(left)} of the model's that may move: if it was made before the "
                "model changed, make a new one of model.parameters(); if it is meant so, "
                "freeze those"
            )


def eager_epoch(task: Task, order: Sequence[int]) -> list[float]:
    """Take a step for each batch of an order of samples; return the loss before each step.

    Raises:
        AnomalyError: if a loss or gradient is not finite; the step is not taken then.
        ValueError: if the loss depends on no weight.
    """
    losses = []
    tables = _tables(task.model)
    for batch in cut(order, task.batch_size):
        try:
            losses.append(_swept(task, batch))
        except (AnomalyError, RangeError) as error:
            # Before the first step, it is the start or the data that is too large.
            if task.optimiser.clock:
                error.add_note("the learning rate may be too large: this came after a step")
            raise
        task.optimiser.step(_left_out(tables))
    return losses


def _tables(model: Any) -> list[list[Any]]:
    """Return the weights of a model that may move, by the tensors that they make up."""
    if not hasattr(model, "named_parameters"):
        return []
    found = [
        filter(learnable, tensor.weights)
        for tensor in tensors(model.named_parameters()).values()
    ]
    return [weights for weights in map(list, found) if len(weights) > 1]


def _left_out(tables: Sequence[Sequence[Any]]) -> set[int]:
    """Return the ids of the weights that a batch left out of tensors that it used.

    Their gradient is 0, as in machine code and in torch: an embedding goes on by its momentum
    for letters that are not in the batch.
    """
    found: set[int] = set()
    for table in tables:
        unreached = [id(weight) for weight in table if weight.gradient is None]
        if len(unreached) < len(table):
            found.update(unreached)
    return found


def _swept(task: Task, batch: Sequence[int]) -> float:
    """Return the loss of a batch; its gradients are those of the weights from then on."""
    weights = task.optimiser.parameters
    loss = mean(one_each([_sample_loss(task, k) for k in batch]))
    if task.penalty is not None:
        loss = loss + task.penalty()
    task.optimiser.zero_grad()
    backward(loss)
    check_loss(loss, task.model)
    check_gradients(weights, task.model)
    check_dependence(loss, weights)
    if task.max_norm is not None:
        clip_grad_norm_(weights, task.max_norm)
    number: float = loss.data
    return number


def _sample_loss(task: Task, k: int) -> Any:
    try:
        return task.loss(task.model(task.xs[k]), task.ys[k])
    except Exception as error:
        error.add_note(f"at sample {k} of the data")
        raise
