"""Training compiled: the steps of an epoch as native code, with the weights they end in.

The loss and the optimiser's rule are recorded once and compiled; the optimiser's memory, its
clock and its schedules go on as if it had taken the steps itself. Knows the optimiser's groups.
Knows no loss and no rule by name.
"""

import math
from collections.abc import Sequence

# Rules take floats or Values.
from typing import Any

import autograd
from autograd import CompilationError, LengthError, NumberError, StructureError, TapeError
from nn.batches import cut
from nn.checks import learnable
from nn.epochs import Task, eager_epoch
from nn.groups import Group
from nn.guards import NOTHING_LEARNED

# Below so many samples seen in all, compiling takes longer than it saves.
WORTHWHILE = 1_000

# What is raised where training cannot be compiled but may be possible for the engine.
CANNOT = (
    *(CompilationError, ModuleNotFoundError, TapeError),
    *(LengthError, NumberError, StructureError),
)


# Hyper-parameters, and which weights may move, group by group.
Form = tuple[list[dict[str, Any]], list[list[int]]]


class CompiledEpochs:
    """Takes the steps of whole epochs as native code.

    Args:
        task: what is trained.
        demanded: whether it is an error that steps cannot be compiled any more, after weights
            were frozen or hyper-parameters changed; else the engine takes them then.

    Raises:
        ModuleNotFoundError: if the extra `native` is not installed.
        CompilationError: if the loss, the model or the optimiser cannot be compiled.
    """

    def __init__(self, task: Task, *, demanded: bool = True) -> None:
        self.task = task
        self._demanded = demanded
        self._prepare(self._form_now())
        self._steps_before()

    def _prepare(self, form: Form) -> None:
        """Compile for the weights that are learnable and the hyper-parameters as they are."""
        task = self.task
        self._form = form
        _, self._chosen = form
        self._groups = [
            _weight_group(task.optimiser.rule, group, chosen)
            for group, chosen in zip(task.optimiser.groups, self._chosen, strict=True)
        ]
        self._trainer = autograd.Trainer(
            lambda x, y: task.loss(task.model(x), y),
            (task.xs, task.ys),
            self._groups,
            penalty=task.penalty,
            max_norm=math.inf if task.max_norm is None else task.max_norm,
        )
        reached = map(self._trainer.reached, self._groups)
        self._moving = [
            [k for k, moves in zip(chosen, which, strict=True) if moves]
            for chosen, which in zip(self._chosen, reached, strict=True)
        ]
        if not any(self._moving):
            raise CompilationError(NOTHING_LEARNED)

    def _form_now(self) -> Form:
        """Return what the code depends on: hyper-parameters, and which weights may move."""
        groups = self.task.optimiser.groups
        return [dict(group.options) for group in groups], [
            [k for k, weight in enumerate(group.parameters) if learnable(weight)]
            for group in groups
        ]

    def __call__(self, order: Sequence[int]) -> list[float]:
        """Take a step for each batch of an order of samples; return the loss before each.

        Raises:
            AnomalyError: if a loss or gradient is not finite; the step is not taken then.
        """
        try:
            form = self._form_now()
            if self._form != form:
                self._prepare(form)
            before = self._steps_before()
        except CANNOT:
            if self._demanded:
                raise
            return eager_epoch(self.task, order)
        optimiser, size = self.task.optimiser, self.task.batch_size
        for group, chosen, moved in zip(
            optimiser.groups, self._chosen, self._groups, strict=True
        ):
            moved.states[:] = [group.states[k] for k in chosen]
        clock, count = optimiser.clock, len(cut(order, size))
        rates = [[group.rate(clock + k) for group in optimiser.groups] for k in range(count)]
        try:
            losses = self._trainer.run(order, size, rates, before)
        finally:
            self._remember(self._trainer.taken)
        if len(losses) < count:
            # The engine says what is wrong, or, where nothing is, takes the steps.
            losses += eager_epoch(self.task, order[len(losses) * size :])
        return losses

    def _steps_before(self) -> int:
        """Return how many steps the weights have made, all of them the same number."""
        groups = zip(self.task.optimiser.groups, self._moving, strict=True)
        steps = {group.steps[k] for group, moving in groups for k in moving}
        if len(steps) > 1:
            raise CompilationError(
                f"the weights have moved {sorted(steps)} times; compiled training needs "
                "weights that have moved equally often: make a new optimiser, or use "
                "backend='eager'"
            )
        return steps.pop() if steps else 0

    def _remember(self, steps: int) -> None:
        """Tell the optimiser what its weights went through."""
        optimiser = self.task.optimiser
        for group, chosen, moved in zip(
            optimiser.groups, self._chosen, self._groups, strict=True
        ):
            for k, state in zip(chosen, moved.states, strict=True):
                group.states[k] = state
        for group, moving in zip(optimiser.groups, self._moving, strict=True):
            for k in moving:
                group.steps[k] += steps
        optimiser.clock += steps


def _weight_group(rule: Any, group: Group, chosen: Sequence[int]) -> "autograd.WeightGroup":
    def move(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
        return rule(weight, gradient, state, step, lr=lr, **group.options)

    values = [group.parameters[k] for k in chosen]
    # The compiler is loaded when it is asked for, not with this file.
    return autograd.WeightGroup(values, move, [group.states[k] for k in chosen])
