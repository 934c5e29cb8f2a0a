"""What training compiles: a loss over columns with its gradient, and an update rule.

Knows how they are recorded and swept. Knows no machine code and takes no step.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd.compiling import passes
from autograd.compiling.columns import Columns
from autograd.compiling.native.backend import refusal
from autograd.compiling.native.entry import written
from autograd.compiling.native.training import Source
from autograd.compiling.program import Program
from autograd.compiling.recording import Given, Recording, record
from autograd.compiling.specialising import Task
from autograd.errors import CompilationError, shown
from autograd.operations import TABLE, Operation
from autograd.value import Value

State = tuple[float, ...]
# From a weight, its gradient, its state, the number of the step and the learning rate to the
# weight and the state after the step; over floats and Values alike.
Rule = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any]]


def recorded(found: Sequence[Columns], loss: Callable[..., Any]) -> Recording:
    """Return the loss of the first sample as it was recorded.

    Raises:
        CompilationError: if it is not one number.
    """
    givens = [
        Given(number, f"data{k}_{slot}", column.whole, varies=True)
        for k, column in enumerate(found)
        for slot, number in enumerate(column.sample(0))
    ]
    recording = record(lambda numbers: loss(*arranged(found, numbers)), givens)
    if len(recording.roots) != 1:
        raise CompilationError(
            f"training needs a loss that is one number, got {shown(recording.roots)}"
        )
    return recording


def sample(found: Sequence[Columns], k: int) -> list[Any]:
    """Return one sample as the arguments of the loss, for the engine."""
    numbers = [int(x) if column.whole else x for column in found for x in column.sample(k)]
    return arranged(found, numbers)


def arranged(found: Sequence[Columns], numbers: Sequence[Any]) -> list[Any]:
    """Return one sample's numbers as the arguments of the loss."""
    arguments, start = [], 0
    for column in found:
        arguments.append(column.arranged(numbers[start : start + column.width]))
        start += column.width
    return arguments


def source(recording: Recording, trained: Sequence[Value], others: Sequence[Value]) -> Source:
    """Return where the program of loss and gradients comes from.

    Its inputs are the trained weights, the other captured Values, then the columns.
    """
    at = {id(value): k for k, value in enumerate(recording.captured)}
    count = len(recording.program.inputs) - len(recording.captured)
    weights = [count + at[id(value)] for value in trained]
    rest = [count + at[id(value)] for value in others]
    task = Task("gradient", tuple(weights), (*range(count), *rest))
    order = [*weights, *rest, *range(count)]

    def program() -> Program:
        swept = task.swept(recording.program)
        swept = replace(swept, inputs=tuple(swept.inputs[k] for k in order))
        return _native(passes.optimised(swept)[-1][1], "the loss")

    text = written(recording.program, order) + repr((task, _formulas(recording.program)))
    return Source(text, program, len(weights) + len(rest), count)


def _formulas(program: Program) -> list[Operation]:
    """Return the operations that a program is made of; users may define some of them."""
    used = {step.op for step in program.instructions}
    return [TABLE[name] for name in sorted(used) if name in TABLE]


def _native(program: Program, what: str) -> Program:
    """Return a program that can become native code."""
    if why := refusal(program):
        raise CompilationError(f"{what} cannot become native code: {why}")
    return program


def rule_program(rule: Rule, state: State) -> Program:
    """Return an update rule as a program.

    Its inputs are a weight, its gradient, its state, the number of the step and the learning
    rate; its outputs the weight and the state after the step.

    Raises:
        CompilationError: if it branches on numbers or uses Values of its own.
    """
    # A point where a rule has no edge: moving, and remembering that it moved.
    numbers = [0.5, 0.25, *(0.125 for _ in state), 2.0, 0.01]
    names = ["weight", "gradient", *(f"state{k}" for k in range(len(state))), "step", "lr"]

    def run(given: list[Any]) -> Any:
        weight, gradient, *remembered, step, lr = given
        weight, after = rule(weight, gradient, tuple(remembered), step, lr)
        return [weight, *after]

    recording = record(run, [Given(x, name) for x, name in zip(numbers, names, strict=True)])
    if recording.captured or recording.program.guards:
        raise CompilationError(
            "an update rule must be a formula of its arguments, without a branch on them; use "
            "where, maximum and the like"
        )
    if len(recording.roots) != 1 + len(state):
        raise CompilationError(
            f"an update rule must return the weight and as much state as it is given, "
            f"{len(state)} numbers, got {len(recording.roots) - 1}"
        )
    program = passes.optimised(Task("value").swept(recording.program))[-1][1]
    return _native(program, "an update rule")
