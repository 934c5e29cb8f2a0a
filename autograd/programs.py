"""Straight-line programs as data: steps over the table that can be run, printed and pasted.

What the strategies draw is made of these.
"""

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import functions
from autograd.formulas import ARITHMETIC
from autograd.operations import TABLE

_INFIX = {
    "add": ("+", "add"),
    "sub": ("-", "sub"),
    "mul": ("*", "mul"),
    "div": ("/", "truediv"),
    "mod": ("%", "mod"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a program: an operation on inputs, earlier steps and constants.

    An operand that is an int is a position, inputs first; a float is a constant.
    """

    operation: str
    operands: tuple[int | float, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A straight-line program over the table, to be called with floats or Values.

    Attributes:
        inputs: how many arguments it takes.
        steps: what it computes, in order; the last step is the result.
        point: inputs at which every step is finite.
    """

    inputs: int
    steps: tuple[Step, ...]
    point: tuple[float, ...]

    def __call__(self, *numbers: Any) -> Any:
        """Return the result for one number per input."""
        values = list(numbers)
        for step in self.steps:
            operands = [values[x] if type(x) is int else x for x in step.operands]
            values.append(apply(step.operation, operands))
        return values[-1]

    def __repr__(self) -> str:
        """Return the program as Python source that can be pasted, with its point."""
        names = [f"x{k}" for k in range(self.inputs)]
        lines = [f"def program({', '.join(names)}):"]
        for step in self.steps:
            operands = [names[x] if type(x) is int else repr(x) for x in step.operands]
            names.append(f"t{len(names) - self.inputs}")
            lines.append(f"    {names[-1]} = {_written(step.operation, operands)}")
        lines.append(f"    return {names[-1]}")
        return "\n".join(lines) + f"\n# at {self.point}"


def apply(name: str, operands: Sequence[Any]) -> Any:
    """Return what an operation of the table gives for some operands."""
    if name in _INFIX:
        return getattr(operator, _INFIX[name][1])(*operands)
    return getattr(functions, name)(*operands)


def _written(name: str, operands: Sequence[str]) -> str:
    if name in _INFIX:
        return f" {_INFIX[name][0]} ".join(operands)
    return f"autograd.{name}({', '.join(operands)})"


def value_at(name: str, operands: Sequence[float]) -> float:
    """Return the value of an operation on floats, nan where it has none."""
    try:
        return float(apply(name, operands))
    except ARITHMETIC:
        return math.nan


def arity(name: str) -> int:
    """Return how many numbers an operation takes, without its constants."""
    return len(TABLE[name].arguments) - len(TABLE[name].constants)
