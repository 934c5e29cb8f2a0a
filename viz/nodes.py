"""What a graph is made of: nodes, folded groups of nodes, and edges, frozen and plain.

Numbers and text only, so a graph keeps no Value alive. Knows no tape, no colour and no layout.
"""

import math
from dataclasses import dataclass
from typing import Literal

from autograd import Line

Role = Literal["weight", "input", "constant", "operation", "output"]


@dataclass(frozen=True, slots=True)
class Node:
    """A number: a row of the tape, or a constant that stands as an operand.

    Attributes:
        name: `v3`, by its place on the tape; `v7c1` for the constant operand 1 of row 7.
        role: what it is in the graph. Weights are the leaves that have a weight's name.
        title: what people call it: its label, its path, or its name; a constant's number.
        label: its label, or "".
        path: the name that a model gave a weight, or "".
        module: path of the neuron or layer it belongs to, `layers.0.neurons.2`, or "".
        value: the number.
        gradient: the gradient of the last backward pass, None before there is one.
        operation: name in the table of operations, "" for leaves and constants.
        symbol: how drawings write the operation.
        formula: how it was computed, `c = a * b`, "" for leaves and constants.
        line: the line of the program that computed it, if the tape noted lines.
    """

    name: str
    role: Role
    title: str
    label: str
    path: str
    module: str
    value: float
    gradient: float | None
    operation: str = ""
    symbol: str = ""
    formula: str = ""
    line: Line | None = None

    @property
    def finite(self) -> bool:
        """Whether value and gradient are finite numbers."""
        return math.isfinite(self.value) and math.isfinite(self.gradient or 0.0)


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes folded into one: a neuron, a layer, or what stands outside all modules.

    Attributes:
        name: the name of the group as a node.
        path: path of the module, or what the group is.
        weights: how many weights are in it.
        inputs: how many leaves that are no weights.
        constants: how many constants.
        operations: how many computed numbers, outputs included.
        leaving: how many of its numbers are used outside, or are outputs: with one neuron,
            one for each sample.
        smallest: the smallest absolute gradient in it, None before there is one.
        largest: the largest one.
        nonfinite: how many of its nodes have a value or gradient that is not finite.
        output: whether the output is in it.
    """

    name: str
    path: str
    weights: int
    inputs: int
    constants: int
    operations: int
    leaving: int
    smallest: float | None
    largest: float | None
    nonfinite: int
    output: bool

    @property
    def count(self) -> int:
        """How many nodes are folded into it."""
        return self.weights + self.inputs + self.constants + self.operations

    @property
    def title(self) -> str:
        """What people call it."""
        return self.path

    @property
    def finite(self) -> bool:
        """Whether all its values and gradients are finite numbers."""
        return self.nonfinite == 0


@dataclass(frozen=True, slots=True)
class Edge:
    """One operand of one operation, or several edges between two groups folded into one.

    Attributes:
        name: `v3in0`, by the row and the slot.
        tail: name of the operand's node.
        head: name of the result's node.
        slot: which operand it is, where exchanging operands would change the result; else "".
        operand: title of the operand.
        result: title of the operation's result.
        partial: the local derivative, None for a constant and where it is not known.
        rule: the rule that gives the local derivative here, `d(x * y)/dx = y`, or "".
        upstream: the gradient of the result, None before there is one.
        count: how many edges were folded into it.
        constant: whether the operand is a constant, so that nothing flows back.
    """

    name: str
    tail: str
    head: str
    slot: str
    operand: str
    result: str
    partial: float | None
    rule: str
    upstream: float | None
    count: int = 1
    constant: bool = False

    @property
    def share(self) -> float:
        """What a backward pass adds to the gradient of the operand along this edge.

        A gradient of 0 adds 0, however steep the operation: the sweep stops there.
        """
        if self.partial is None or not self.upstream:
            return 0.0
        return self.upstream * self.partial
