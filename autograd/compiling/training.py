"""Training as native code: whole epochs from columns of data, without Python in between.

A `Trainer` records the loss of one sample and the rule that moves one weight, and compiles
both into steps: batches, gradients, clipping, update. What native steps cannot do as the
engine does, a sample that takes another branch or a number that is not finite, is done by the
engine, one step at a time. Knows no model and no optimiser by name.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.compiling import passes
from autograd.compiling.backends import missing_package
from autograd.compiling.columns import Columns, columns
from autograd.compiling.native.backend import as_matrix, refusal
from autograd.compiling.native.entry import numpy
from autograd.compiling.native.training import Batches, TrainingKernel
from autograd.compiling.native.updates import Group
from autograd.compiling.program import Program
from autograd.compiling.recording import Given, Recording, record
from autograd.compiling.specialising import Task
from autograd.errors import CompilationError, LengthError, missing_extra, shown
from autograd.functions import backward, mean
from autograd.value import Value

State = tuple[float, ...]
# From a weight, its gradient, its state, the number of the step and the learning rate to the
# weight and the state after the step; over floats and Values alike.
Rule = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any]]


@dataclass(slots=True)
class WeightGroup:
    """WeightGroup that move by one rule.

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
        self.groups = groups
        self._loss, self._penalty = loss, penalty
        self._limits = max_norm, max_value
        self._columns = [columns(given, f"data[{k}]") for k, given in enumerate(data)]
        counts = [found.count for found in self._columns]
        if len(set(counts)) != 1:
            raise LengthError(f"every argument needs as many samples, got {counts}")
        self.count = counts[0]
        recording = self._recorded()
        self._moved, self._others = self._sorted(recording)
        program, varying = self._program(recording)
        if why := refusal(program):
            raise CompilationError(f"the loss cannot become native code: {why}")
        self._kernel = TrainingKernel(
            program,
            varying,
            [
                Group(
                    len(places), len(group.states[places[0]]), _rule_program(group, places[0])
                )
                for group, places in zip(groups, self._moved, strict=True)
                if places
            ],
            clip_norm=max_norm,
            clip_value=max_value,
        )
        self._matrix = as_matrix([column for found in self._columns for column in found.lists])

    # -- what is compiled -----------------------------------------------------------------

    def _recorded(self) -> Recording:
        """Return the loss of the first sample, penalty included, as it was recorded."""
        givens = [
            Given(number, f"data{k}_{slot}", found.whole, varies=True)
            for k, found in enumerate(self._columns)
            for slot, number in enumerate(found.sample(0))
        ]

        def run(numbers: list[Any]) -> Any:
            out = self._loss(*_arranged(self._columns, numbers))
            return out if self._penalty is None else out + self._penalty()

        recording = record(run, givens)
        if len(recording.roots) != 1:
            raise CompilationError(
                f"training needs a loss that is one number, got {shown(recording.roots)}"
            )
        return recording

    def _sorted(self, recording: Recording) -> tuple[list[list[int]], list[Value]]:
        """Return for each group which of its weights the loss depends on, and the others."""
        captured = {id(value) for value in recording.captured}
        moved = [
            [k for k, value in enumerate(group.values) if id(value) in captured]
            for group in self.groups
        ]
        trained = {
            id(group.values[k])
            for group, places in zip(self.groups, moved, strict=True)
            for k in places
        }
        return moved, [value for value in recording.captured if id(value) not in trained]

    def _program(self, recording: Recording) -> tuple[Program, range]:
        """Return loss and gradients as a program: inputs are weights, others, then columns."""
        at = {id(value): k for k, value in enumerate(recording.captured)}
        count = sum(len(found.lists) for found in self._columns)
        weights = [count + at[id(value)] for value in self._trained()]
        others = [count + at[id(value)] for value in self._others]
        fixed = (*range(count), *others)
        swept = Task("gradient", tuple(weights), fixed).swept(recording.program)
        order = [*weights, *others, *range(count)]
        inputs = tuple(swept.inputs[k] for k in order)
        program = passes.optimised(_with_inputs(swept, inputs))[-1][1]
        return program, range(len(weights) + len(others), len(order))

    def _trained(self) -> list[Value]:
        return [
            group.values[k]
            for group, places in zip(self.groups, self._moved, strict=True)
            for k in places
        ]

    def reached(self, group: WeightGroup) -> list[bool]:
        """Return for each weight of a group whether the loss depends on it."""
        places = self._moved[[other is group for other in self.groups].index(True)]
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
        it was then, before a step whose loss or gradient is not finite.

        Args:
            order: which samples, in order; each step takes the next ones.
            batch_size: samples in a step; the last may have fewer.
            rates: for each step the learning rate of each group.
            before: how many steps were taken before; rules count from there.
        """
        np = numpy()
        samples: Any = np.ascontiguousarray(order, np.int64)
        losses: list[float] = []
        steps = -(-len(samples) // batch_size)
        groups = [k for k, places in enumerate(self._moved) if places]
        chosen = np.ascontiguousarray(
            [[rate[k] for k in groups] for rate in rates], float
        ).reshape(steps, len(groups))
        while len(losses) < steps:
            done = len(losses)
            losses += self._natively(
                samples[done * batch_size :], batch_size, chosen[done:], before + done
            )
            done = len(losses)
            if done < steps:
                batch = samples[done * batch_size : (done + 1) * batch_size].tolist()
                loss = self._by_engine(batch, rates[done], before + done + 1)
                if loss is None:
                    break
                losses.append(loss)
        return losses

    def _natively(self, order: Any, size: int, rates: Any, before: int) -> list[float]:
        kernel = self._kernel
        groups = [
            (group, places)
            for group, places in zip(self.groups, self._moved, strict=True)
            if places
        ]
        for (group, places), weights, states in zip(
            groups, kernel.weights, kernel.states, strict=True
        ):
            weights[:] = [group.values[k]._data for k in places]
            remembered = numpy().array([group.states[k] for k in places], float)
            states[:] = remembered.reshape(len(places), -1).T
        batches = Batches(self._matrix, order, size)
        others = [value._data for value in self._others]
        losses = kernel.run(batches, rates, before, others).tolist()
        if losses:
            for (group, places), weights, states in zip(
                groups, kernel.weights, kernel.states, strict=True
            ):
                for k, data, state in zip(
                    places, weights.tolist(), states.T.tolist(), strict=True
                ):
                    group.values[k].data = data
                    group.states[k] = tuple(state)
        return list(losses)

    def _by_engine(
        self, batch: Sequence[int], rates: Sequence[float], step: int
    ) -> float | None:
        """Take one step on the engine; None, and nothing moved, if it is not finite."""
        samples = [
            _arranged(self._columns, [x for found in self._columns for x in _numbers(found, k)])
            for k in batch
        ]
        loss = mean([self._loss(*sample) for sample in samples])
        if self._penalty is not None:
            loss = loss + self._penalty()
        trained = self._trained()
        for value in trained:
            value.grad = None
        backward(loss)
        gradients = self._clipped([value.grad for value in trained])
        if not (math.isfinite(loss.data) and all(map(math.isfinite, gradients))):
            return None
        remaining = iter(gradients)
        for group, places, lr in zip(self.groups, self._moved, rates, strict=True):
            for k in places:
                value, gradient = group.values[k], next(remaining)
                moved = group.rule(value._data, gradient, group.states[k], float(step), lr)
                value.data, group.states[k] = moved
        return float(loss.data)

    def _clipped(self, gradients: list[float]) -> list[float]:
        max_norm, max_value = self._limits
        if max_norm < math.inf:
            factor = min(1.0, max_norm / (math.hypot(*gradients) + 1e-6))
            gradients = [factor * gradient for gradient in gradients]
        return [max(-max_value, min(max_value, gradient)) for gradient in gradients]


def _numbers(found: Columns, k: int) -> list[Any]:
    """Return the numbers of one sample as the engine gets them: indices as whole numbers."""
    return [int(x) if found.whole else x for x in found.sample(k)]


def _arranged(found: Sequence[Columns], numbers: Sequence[Any]) -> list[Any]:
    """Return one sample's numbers as the arguments of the loss."""
    arguments, start = [], 0
    for column in found:
        size = len(column.lists)
        arguments.append(column.arranged(numbers[start : start + size]))
        start += size
    return arguments


def _with_inputs(program: Program, inputs: tuple[int, ...]) -> Program:
    return Program(program.instructions, inputs, program.outputs, program.names, program.lines)


def _rule_program(group: WeightGroup, place: int) -> Program:
    """Return an update rule as a program; see `native.steps.Group`."""
    state = group.states[place]
    # A point where a rule has no edge: moving, and remembering that it moved.
    numbers = [0.5, 0.25, *(0.125 for _ in state), 2.0, 0.01]
    names = ["weight", "gradient", *(f"state{k}" for k in range(len(state))), "step", "lr"]

    def run(given: list[Any]) -> Any:
        weight, gradient, *remembered, step, lr = given
        weight, remembered = group.rule(weight, gradient, tuple(remembered), step, lr)
        return [weight, *remembered]

    recording = record(run, [Given(x, name) for x, name in zip(numbers, names, strict=True)])
    if recording.captured or recording.program.guards:
        raise CompilationError(
            "an update rule must be a formula of its arguments, without a branch on them; use "
            "where, maximum and the like"
        )
    return passes.optimised(Task("value").swept(recording.program))[-1][1]
