"""Programs for every branch: which of them are there, and which one a point needs.

A *specialisation* is one recording of a function with the kernels that were made of it. Calls
of the same form share a *family*: the specialisations for the branches that were taken so far.
Knows nothing of arguments and of what is done when no program fits.
"""

import math
import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from autograd.compiling import passes, sweeps
from autograd.compiling.backends import BatchKernel, PointKernel, choose
from autograd.compiling.lowering import lower
from autograd.compiling.program import Builder, Program, verify
from autograd.compiling.recording import Recording
from autograd.errors import CompilationWarning, user_stacklevel
from autograd.formulas import ARITHMETIC

T = TypeVar("T")

# Specialisations of one family that are kept.
MOST = 32
# One that so many calls did not need makes room for another.
FORGOTTEN_AFTER = 1_000
# Longer programs take minutes to compile.
TOO_LONG = 1_000_000


# Compared by identity: families keep those they know, and to hash thousands of positions at
# every call would take longer than many programs.
@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What to compute with a recording.

    Attributes:
        kind: `value`; `gradient` of one output; `tangent` of all of them.
        wrt: the inputs to differentiate by, as positions.
        fixed: the inputs that are plain numbers to the engine.
        output: which output's gradient.
        varying: the inputs that are columns, for a batch.
    """

    kind: str
    wrt: tuple[int, ...] = ()
    fixed: tuple[int, ...] = ()
    output: int = 0
    varying: tuple[int, ...] = ()

    def swept(self, recorded: Program) -> Program:
        """Return the program that computes it, in terms of formulas alone."""
        if self.kind == "gradient":
            one = replace(recorded, outputs=(recorded.outputs[self.output],))
            return sweeps.reverse(one, self.wrt, self.fixed)
        if self.kind == "tangent":
            return sweeps.forward(recorded, self.wrt, self.fixed)
        build = Builder()
        places = lower(recorded, build)
        return build.program(places[k] for k in recorded.outputs)


@dataclass(frozen=True, slots=True)
class Options:
    """How programs are made to run; see `compile`."""

    backend: str = "auto"
    exact: bool = False
    on_branch: str = "respecialise"


class Compilation:
    """One task of a specialisation, compiled.

    Attributes:
        stages: the program at each stage, by name; the last one runs.
        kernel: what runs.
        backend: the name of the back end and why it is that one.
    """

    def __init__(self, recording: Recording, task: Task, options: Options) -> None:
        swept = verify(task.swept(recording.program))
        name = {"value": "lowered", "gradient": "reversed", "tangent": "pushed"}[task.kind]
        stages = [("recorded", recording.program), (name, swept), *passes.optimised(swept)]
        self.stages = dict(stages)
        program = stages[-1][1]
        backend, why = choose(
            options.backend, program, batched=bool(task.varying), exact=options.exact
        )
        self.backend = f"{backend.name} ({why})"
        self.kernel: Any = (
            backend.batch(program, task.varying) if task.varying else backend.point(program)
        )

    @property
    def program(self) -> Program:
        """The program that runs."""
        return list(self.stages.values())[-1]

    def line_of(self, guard: int) -> str:
        """Return where in the user's program a guard comes from."""
        program = self.program
        return program.lines.get(program.guards[guard], "")


class Specialisation:
    """A recording and what was compiled from it."""

    def __init__(self, recording: Recording, options: Options) -> None:
        self.recording = recording
        self.used = 0
        # Whether the function returns one bare number.
        mark = object()
        self.single = len(recording.roots) == 1 and recording.rebuild([mark]) is mark
        self._options = options
        self._depends: dict[Task, bool] = {}
        self._compiled: dict[Task, Compilation] = {}

    def compiled(self, task: Task) -> Compilation:
        """Return what was compiled for a task, compiling it if need be."""
        found = self._compiled.get(task)
        if found is None:
            found = self._compiled[task] = Compilation(self.recording, task, self._options)
        return found

    def depends(self, task: Task) -> bool:
        """Return whether any result depends on any input that a task differentiates by."""
        if task not in self._depends:
            program = self.recording.program
            known = {program.inputs[k] for k in task.wrt}
            for k, step in enumerate(program.instructions):
                if not known.isdisjoint(step.operands):
                    known.add(k)
            self._depends[task] = not known.isdisjoint(program.outputs)
        return self._depends[task]

    def captured(self) -> list[float]:
        """Return the data that the captured Values have now."""
        return [value._data for value in self.recording.captured]


def answer(kernel: PointKernel, numbers: Sequence[float]) -> list[float] | int | None:
    """Return the results of a kernel, the guard that does not hold, or None for the engine."""
    try:
        results = kernel.run(numbers)
    except ARITHMETIC:
        return None
    return results if isinstance(results, int) or finite(results) else None


def totals(
    kernel: BatchKernel, shared: Sequence[float], columns: Sequence[Sequence[float]]
) -> tuple[list[float], list[tuple[int, int]]] | None:
    """Return the totals of a kernel and the samples it left out, or None for the engine."""
    try:
        results, flipped = kernel.run(shared, columns)
    except ARITHMETIC:
        return None
    return (results, flipped) if finite(results) else None


def finite(numbers: Sequence[float]) -> bool:
    """Return whether all numbers are finite."""
    # One addition each; a sum that overflows is looked at again.
    return math.isfinite(sum(numbers)) or all(map(math.isfinite, numbers))


class Family:
    """The specialisations for calls of one form, the last used first."""

    def __init__(self) -> None:
        self.members: list[Specialisation] = []
        self._known: dict[Hashable, Any] = {}
        self._calls = 0
        self._warned = False

    def known(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is the same for all calls of this form, made when first asked for."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = make()
        return found

    def tick(self) -> None:
        """Count a call."""
        self._calls += 1

    def use(self, member: Specialisation) -> None:
        """Note that a specialisation served."""
        member.used = self._calls
        if self.members[0] is not member:
            self.members.remove(member)
            self.members.insert(0, member)

    def has_room(self, name: str) -> bool:
        """Return whether another branch may be compiled, having warned if not."""
        if len(self.members) < MOST:
            return True
        oldest = min(self.members, key=lambda member: member.used)
        if self._calls - oldest.used > FORGOTTEN_AFTER:
            self.members.remove(oldest)
            return True
        if not self._warned:
            self._warned = True
            warn(
                f"{name} took {MOST} different combinations of branches; further ones run on "
                "the engine. autograd.where(condition, x, y) is a choice that needs no branch"
            )
        return False

    def add(self, recording: Recording, options: Options, name: str) -> Specialisation | None:
        """Return a new specialisation, None if its program is too long to be compiled."""
        if len(recording.program) > TOO_LONG:
            warn(
                f"{name} records {len(recording.program)} steps, which would take too long to "
                "compile; it runs on the engine. Compile a smaller piece, or one sample with "
                "batch=..."
            )
            return None
        member = Specialisation(recording, options)
        self.members.insert(0, member)
        member.used = self._calls
        return member

    def drop(self, member: Specialisation) -> None:
        """Forget a specialisation."""
        self.members.remove(member)


def warn(message: str) -> None:
    """Warn at the user's line."""
    warnings.warn(message, CompilationWarning, stacklevel=user_stacklevel())


TaskOf = Callable[[Specialisation], Task | None]
