"""Training as native code, seen from Python: arrays in, losses and moved weights out.

Knows arrays and pointers. Knows no optimiser, no model and no LLVM instruction.
"""

import ctypes
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.compiling.native.entry import BatchKernel, lanes_of, written
from autograd.compiling.native.machine import Machine, host
from autograd.compiling.native.made import Made, generator, made
from autograd.compiling.native.objects import generated, key_of
from autograd.compiling.native.planner import planned
from autograd.compiling.native.products import rows_of
from autograd.compiling.native.rewrites import relaxed
from autograd.compiling.native.rooms import aligned, numpy
from autograd.compiling.native.steps import StepsModule
from autograd.compiling.native.updates import GRADIENT, STATE, WEIGHT, Group
from autograd.compiling.program import Program


@dataclass(frozen=True, slots=True)
class Batches:
    """The samples of some training steps.

    Attributes:
        columns: float64, one row for each varying input, contiguous.
        order: the samples in the order they are used, int64; each step takes the next ones.
        size: samples in a step; the last may have fewer.
    """

    columns: Any
    order: Any
    size: int

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return -(-len(self.order) // self.size)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the program of a loss and its gradient comes from.

    Attributes:
        text: all that the program depends on.
        program: makes it: lowered and optimised; outputs are the loss of one sample and its
            derivative by each weight of each group. Its inputs are the weights of the groups,
            group by group, what is not trained, and then what differs from sample to sample.
        shared: how many inputs are shared.
        columns: how many differ from sample to sample.
    """

    text: str
    program: Callable[[], Program]
    shared: int
    columns: int


class TrainingKernel(BatchKernel):
    """A loss, its gradient and the update of its weights as native code.

    Args:
        loss: where its program comes from.
        groups: how the weights move.
        limits: of the norm of the gradient, and of the size of each number in it.

    Attributes:
        weights: for each group, a view of the weights that the next step starts from.
        states: for each group, a view of the state, one row for each number remembered.
    """

    def __init__(
        self,
        loss: Source,
        groups: Sequence[Group],
        limits: tuple[float, float] = (math.inf, math.inf),
    ) -> None:
        machine = host()
        self.exact, self.width = False, machine.width
        self.groups = [replace(group, update=relaxed(group.update)) for group in groups]
        self.limits = limits
        forms = [(group.count, group.states, written(group.update, ())) for group in groups]
        key = key_of(generator(), machine, "steps", loss.text, forms)
        code = made(key, lambda: self._steps_of(loss, machine))
        self._adopt(code, machine, loss.shared)
        lengths = [group.rows * group.padded(self.width) for group in self.groups]
        self._rows = aligned(sum(lengths))
        self.weights: list[Any] = []
        self.states: list[Any] = []
        start = 0
        for group, length in zip(self.groups, lengths, strict=True):
            rows = self._rows[start : start + length].reshape(group.rows, -1)
            self.weights.append(rows[WEIGHT, : group.count])
            self.states.append(rows[STATE : STATE + group.states, : group.count])
            start += length
        self.trained = sum(group.count for group in self.groups)

    def _load(self) -> None:
        super()._load()
        pointer, whole, double = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
        kinds = [pointer, pointer, whole, pointer, whole, whole, *[pointer] * 8, whole]
        kind = ctypes.CFUNCTYPE(whole, *kinds, double, double)
        self._steps = kind(self._code.address("steps"))

    def _steps_of(self, loss: Source, machine: Machine) -> Made:
        form = relaxed(loss.program())
        varying = range(loss.shared, loss.shared + loss.columns)
        plan = planned(form, varying, rows=rows_of(self.width))
        libraries = lanes_of(machine)
        module = StepsModule(plan, machine, libraries, self.width, self.groups)
        return Made.of(plan, module.sizes, generated(module.module, machine, 1))

    def run(self, batches: Batches, rates: Any, before: int, others: Any = ()) -> Any:
        """Run steps; return the losses of those that were done.

        Fewer than asked for were done if a loss, a gradient or a weight would not have been
        finite, or if a sample failed a guard; weights and states are then as they were before
        that one.

        Args:
            batches: the samples.
            rates: the learning rates, float64, one row for each step, one column for each
                group.
            before: how many steps the optimiser has made before.
            others: the shared inputs that are not trained.
        """
        before_all = self._rows.copy()
        done, losses = self._run(batches, rates, before, others)
        if done < 0:
            # Once more, without the step that spoils the weights.
            self._rows[:] = before_all
            few = replace(batches, order=batches.order[: (-1 - done) * batches.size])
            done, losses = self._run(few, rates, before, others)
        return losses[:done]

    def _run(self, batches: Batches, rates: Any, before: int, others: Any) -> tuple[int, Any]:
        np = numpy()
        losses = np.empty(batches.steps)
        failed = np.zeros(len(batches.order) if self.guarded else 1, np.uint8)
        room = self._room()
        room.shared[: self.trained] = np.concatenate(self.weights) if self.groups else ()
        room.shared[self.trained : self.shared_count] = others
        done = self._steps(
            room.given,
            batches.columns.ctypes.data,
            batches.columns.shape[1],
            batches.order.ctypes.data,
            len(batches.order),
            batches.size,
            failed.ctypes.data,
            *room.addresses,
            room.answers,
            self._rows.ctypes.data,
            rates.ctypes.data,
            losses.ctypes.data,
            before,
            *self.limits,
        )
        self._rooms.append(room)
        return done, losses


assert (WEIGHT, GRADIENT) == (0, 1), "rows are read by their numbers"
