"""Training as native code: whole epochs from columns of data, without Python in between.

A `Trainer` records the loss of one sample and the rule that moves one weight, and compiles
both into steps: batches, gradients, clipping, update. What native steps cannot do as the
engine does, a sample that takes another branch or a number that is not finite, is done by the
engine, one step at a time. Knows no model and no optimiser by name.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from autograd.compiling import given, losses
from autograd.compiling.backends import missing_package
from autograd.compiling.columns import columns
from autograd.compiling.losses import Rule, State
from autograd.compiling.native.backend import as_matrix
from autograd.compiling.native.rooms import numpy
from autograd.compiling.native.training import Batches, TrainingKernel
from autograd.compiling.native.updates import Group
from autograd.errors import LengthError, NumberError, missing_extra, shown
from autograd.formulas import ARITHMETIC
from autograd.functions import backward
from autograd.sequences import mean
from autograd.value import Value


@dataclass(slots=True)
class WeightGroup:
    """Weights that move by one rule.

    Attributes:
        values: the weights.
        rule: how one of them moves.
        states: what is remembered of each; kept up to date.
    """

    values: Sequence[Value]
    rule: Rule
    states: list[State]


class Trainer:
    """Training steps as native code.

    Args:
        loss: the loss of one sample, as a function of what the columns hold; it uses weights
            as it likes.
        data: for each argument of `loss` one entry for each sample: lists or arrays. Whole
            numbers may be used as indices (`autograd.take`).
        groups: the weights to train. One that the loss does not depend on stays as it is.
        penalty: what is added to the mean loss of a batch, as a function of nothing.
        max_norm: the norm that gradients are cut to, all of them together, as torch's
            `clip_grad_norm_` does it.
        max_value: the size that each number of a gradient is cut to.

    Attributes:
        count: how many samples there are.
        taken: how many steps the last `run` took, if it was ended by an error too.

    Raises:
        ModuleNotFoundError: if the extra `native` is not installed.
        CompilationError: if the loss or a rule cannot be compiled.

    Example:
        >>> slope = Value(0.0)
        >>> def descend(weight, gradient, state, step, lr):
        ...     return weight - lr * gradient, state
        >>> line = [0.0, 1.0, 2.0, 3.0], [0.0, 2.0, 4.0, 6.0]
        >>> weights = WeightGroup([slope], descend, [()])
        >>> trainer = Trainer(lambda x, y: (slope * x - y) ** 2, line, [weights])
        >>> losses = trainer.run(order=[0, 1, 2, 3] * 50, batch_size=2, rates=[[0.05]] * 100)
        >>> len(losses), round(slope.data, 6)
        (100, 2.0)
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        data: Sequence[Any],
        groups: Sequence[WeightGroup],
        *,
        penalty: Callable[[], Any] | None = None,
        max_norm: float = math.inf,
        max_value: float = math.inf,
    ) -> None:
        if (package := missing_package()) != "":
            raise missing_extra("native training", package, "native")
        self.taken = 0
        self.groups = list(groups)
        self._loss, self._penalty = loss, penalty
        self._limits = given.limit(max_norm, "max_norm"), given.limit(max_value, "max_value")
        self._columns = [columns(given, f"data[{k}]") for k, given in enumerate(data)]
        counts = [found.count for found in self._columns]
        if len(set(counts)) != 1:
            raise LengthError(
                "training needs an argument at least, and as many samples of each, got "
                f"{counts}"
            )
        self.count = counts[0]
        _check_groups(self.groups)
        recording = losses.recorded(self._columns, self._judged)
        self._moved = _reached(self.groups, recording.captured)
        trained = {id(value) for value in self._trained()}
        self._others = [value for value in recording.captured if id(value) not in trained]
        source = losses.source(recording, self._trained(), self._others)
        self._kernel = TrainingKernel(source, self._rules(), self._limits)
        rows = [row for found in self._columns for row in found.rows(None, arrays=True)]
        self._matrix = as_matrix(rows)
        # Two threads would move the same weights.
        self._lock = Lock()

    def _judged(self, *sample: Any) -> Any:
        """Return the loss of one sample, penalty included."""
        out = self._loss(*sample)
        return out if self._penalty is None else out + self._penalty()

    def _rules(self) -> list[Group]:
        """Return how the weights move that do."""
        rules = []
        for group, places in self._moving():
            state = group.states[places[0]]
            rules.append(Group(len(places), len(state), losses.rule_program(group.rule, state)))
        return rules

    def _moving(self) -> list[tuple[WeightGroup, list[int]]]:
        """Return the groups of which some weights move, and which do."""
        pairs = zip(self.groups, self._moved, strict=True)
        return [(group, places) for group, places in pairs if places]

    def _trained(self) -> list[Value]:
        return [group.values[k] for group, places in self._moving() for k in places]

    def reached(self, group: WeightGroup) -> list[bool]:
        """Return for each weight of a group whether the loss depends on it."""
        places = set(self._moved[[other is group for other in self.groups].index(True)])
        return [k in places for k in range(len(group.values))]

    # -- training -------------------------------------------------------------------------

    def run(
        self,
        order: Sequence[int],
        batch_size: int,
        rates: Sequence[Sequence[float]],
        before: int = 0,
    ) -> list[float]:
        """Take a step for each batch; return the losses before them.

        Weights and states are those after the last step. It ends early, with every weight as
        it was then, before a step whose loss, gradient or weights are not finite.

        Args:
            order: which samples, in order; each step takes the next ones.
            batch_size: samples in a step; the last may have fewer.
            rates: for each step the learning rate of each group.
            before: how many steps were taken before; rules count from there.

        Raises:
            LengthError: if a sample does not exist, or there is not a row of rates for each
                step.
            NumberError: if a sample or a size is no whole number, or a rate not finite.
        """
        size, before = (
            given.whole(batch_size, "batch_size", 1),
            given.whole(before, "before", 0),
        )
        samples = given.samples(order, self.count)
        steps = -(-len(samples) // size)
        chosen = given.rates(rates, steps, len(self.groups))
        with self._lock:
            self.taken = 0
            found: list[float] = []
            while self.taken < steps:
                rest = samples[self.taken * size :]
                found += self._natively(
                    Batches(self._matrix, rest, size), chosen[self.taken :], before + self.taken
                )
                self.taken = len(found)
                if self.taken < steps:
                    batch = samples[self.taken * size : (self.taken + 1) * size].tolist()
                    lrs = chosen[self.taken].tolist()
                    loss = self._by_engine(batch, lrs, before + self.taken + 1)
                    if loss is None:
                        break
                    found.append(loss)
                    self.taken = len(found)
        return found

    def _natively(self, batches: Batches, rates: Any, before: int) -> list[float]:
        """Take steps as far as they can be native; return their losses."""
        kernel, moving = self._kernel, self._moving()
        rows = list(zip(moving, kernel.weights, kernel.states, strict=True))
        for (group, places), weights, states in rows:
            weights[:] = [group.values[k]._data for k in places]
            states[:] = (
                numpy()
                .array([group.states[k] for k in places], float)
                .reshape(len(places), -1)
                .T
            )
        groups = [k for k, places in enumerate(self._moved) if places]
        others = [value._data for value in self._others]
        lrs = numpy().ascontiguousarray(rates[:, groups])
        found = kernel.run(batches, lrs, before, others).tolist()
        if found:
            for (group, places), weights, states in rows:
                moved = zip(places, weights.tolist(), states.T.tolist(), strict=True)
                for k, data, state in moved:
                    group.values[k].data = data
                    group.states[k] = tuple(state)
        return list(found)

    def _by_engine(
        self, batch: Sequence[int], rates: Sequence[float], step: int
    ) -> float | None:
        """Take one step on the engine; None, and nothing moved, if it is not finite."""
        trained = self._trained()
        try:
            loss = mean([self._loss(*losses.sample(self._columns, k)) for k in batch])
            if self._penalty is not None:
                loss = loss + self._penalty()
            for value in trained:
                value.grad = None
            backward(loss)
            gradients = self._clipped([value.grad for value in trained])
            if not (math.isfinite(loss.data) and all(map(math.isfinite, gradients))):
                return None
            moved = self._moves(gradients, rates, step)
        except ARITHMETIC:
            return None
        if not all(math.isfinite(data) for _, _, data, _ in moved):
            return None
        for group, k, data, state in moved:
            group.values[k].data, group.states[k] = data, state
        return float(loss.data)

    def _moves(
        self, gradients: Sequence[float], rates: Sequence[float], step: int
    ) -> list[tuple[WeightGroup, int, float, State]]:
        """Return where each weight goes, and what is remembered of it then."""
        remaining = iter(gradients)
        found = []
        for group, places, lr in zip(self.groups, self._moved, rates, strict=True):
            for k in places:
                data, state = group.rule(
                    group.values[k]._data, next(remaining), group.states[k], float(step), lr
                )
                found.append((group, k, data, state))
        return found

    def _clipped(self, gradients: list[float]) -> list[float]:
        max_norm, max_value = self._limits
        if max_norm < math.inf:
            factor = min(1.0, max_norm / (math.hypot(*gradients) + 1e-6))
            gradients = [factor * gradient for gradient in gradients]
        return [max(-max_value, min(max_value, gradient)) for gradient in gradients]


def _reached(groups: Sequence[WeightGroup], captured: Sequence[Value]) -> list[list[int]]:
    """Return for each group which of its weights a loss depends on."""
    known = {id(value) for value in captured}
    return [
        [k for k, value in enumerate(group.values) if id(value) in known] for group in groups
    ]


def _check_groups(groups: Sequence[WeightGroup]) -> None:
    """Refuse groups that share a weight, or whose states do not fit."""
    seen: set[int] = set()
    for which, group in enumerate(groups):
        name = f"groups[{which}]"
        if not isinstance(group, WeightGroup):
            raise NumberError(
                f"{name} must be a WeightGroup(weights, rule, states), got {shown(group)}; "
                "nn.fit makes them of an optimiser"
            )
        if len(group.values) != len(group.states):
            raise LengthError(
                f"{name} needs a state for each of {len(group.values)} weights, got "
                f"{len(group.states)}"
            )
        if len({len(state) for state in group.states}) > 1:
            raise LengthError(f"{name} needs states of one length")
        for k, value in enumerate(group.values):
            if not isinstance(value, Value):
                raise NumberError(f"{name} needs Values as weights, got {shown(value)} at {k}")
            if id(value) in seen:
                raise LengthError(f"{name} has weight {k} that was given before")
            seen.add(id(value))
