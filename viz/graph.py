"""The graph of a computation as plain nodes and edges, ready for any printer.

The only reader of tapes: it takes a snapshot of numbers and text, so that a picture keeps no
Value alive. Decides what is drawn, which operand is which, and how much is too much. Knows no
colour, no layout and no file format.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from autograd import Operand, Row, Value, format_number
from viz.checks import require_value
from viz.errors import TooLargeError
from viz.wording import derivative_rule, reading_order, slot_names, written

# Enough for one sample through micrograd's demo network, which takes a few seconds.
MOST_NODES = 2000
# A graph can be wide instead of long: one sum over many operands has few nodes.
MOST_EDGES_PER_NODE = 3

Role = Literal["leaf", "computed", "root"]


@dataclass(frozen=True, slots=True)
class ValueNode:
    """A number on the tape.

    Attributes:
        name: `v3`, by its place on the tape.
        title: what people call it: its label, or its name.
        label: its label, or "".
        value: the number.
        gradient: the gradient of the last backward pass, None before there is one.
        role: what it is in the graph; the root is the Value that is drawn.
    """

    name: str
    title: str
    label: str
    value: float
    gradient: float | None
    role: Role


@dataclass(frozen=True, slots=True)
class ConstantNode:
    """A plain number that stands as an operand; no gradient flows to it."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class OperationNode:
    """What was computed: `symbol` made the value `result`; `formula` is `c = a * b`."""

    name: str
    symbol: str
    result: str
    formula: str


@dataclass(frozen=True, slots=True)
class Edge:
    """One operand of one operation.

    Attributes:
        name: `v3in0`, by the row and the slot.
        tail: name of the operand's node.
        head: name of the operation's node.
        slot: which operand it is, where exchanging operands would change the result; else "".
        operand: title of the operand.
        result: title of the operation's result.
        partial: the local derivative, None for a constant and where it is not known.
        rule: the rule that gives the local derivative, `d(x * y)/dx = y`, or "".
        upstream: the gradient of the result, None before there is one.
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

    @property
    def share(self) -> float:
        """What a backward pass adds to the gradient of the operand along this edge.

        A gradient of 0 adds 0, however steep the operation: the sweep stops there.
        """
        if self.partial is None or not self.upstream:
            return 0.0
        return self.upstream * self.partial


Node = ValueNode | ConstantNode | OperationNode


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of the tape, operands before their operation, and their edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def snapshot(root: Value, max_nodes: int = MOST_NODES) -> Graph:
    """Return the graph of everything that a Value was computed from.

    Raises:
        NotAValueError: if root is no Value.
        TooLargeError: if there are more than `max_nodes` nodes, or very many edges.
    """
    require_value(root, "draw_dot")
    rows = root.tape
    _check_size(rows, max_nodes)
    return Graph(tuple(_nodes(rows)), tuple(_edges(rows)))


def _nodes(rows: Sequence[Row]) -> Iterator[Node]:
    for row in rows:
        for slot, operand in _drawn(row):
            if operand.row is None:
                yield ConstantNode(_operand_name(row, slot), operand.value)
        if row.operands:
            operands = [_title(operand, rows) for operand in row.operands]
            formula = f"{row.name} = {written(row, operands)}"
            symbol = row.op or row.operation
            yield OperationNode(_operation_name(row), symbol, f"v{row.number}", formula)
        role: Role = "root" if row is rows[-1] else "computed" if row.operands else "leaf"
        yield ValueNode(f"v{row.number}", row.name, row.label, row.value, row.gradient, role)


def _edges(rows: Sequence[Row]) -> Iterator[Edge]:
    for row in rows:
        drawn = _drawn(row)
        slots = slot_names(row.operation, len(row.operands)) if len(drawn) > 1 else [""]
        for slot, operand in drawn:
            yield Edge(
                name=f"v{row.number}in{slot}",
                tail=_operand_name(row, slot),
                head=_operation_name(row),
                slot=slots[slot],
                operand=_title(operand, rows),
                result=row.name,
                partial=operand.partial,
                rule=derivative_rule(row.operation, slot),
                upstream=row.gradient,
            )


def _drawn(row: Row) -> list[tuple[int, Operand]]:
    """Return the operands that get an edge, each with its slot, in the order to draw them.

    A constant that the symbol already shows, as in `**2`, gets none.
    """
    told = row.operation == "pow" and row.op != "**"
    slots = [0] if told else reading_order(row.operation, len(row.operands))
    return [(slot, row.operands[slot]) for slot in slots]


def _operation_name(row: Row) -> str:
    return f"v{row.number}op"


def _operand_name(row: Row, slot: int) -> str:
    above = row.operands[slot].row
    return f"v{row.number}c{slot}" if above is None else f"v{above}"


def _title(operand: Operand, rows: Sequence[Row]) -> str:
    return format_number(operand.value) if operand.row is None else rows[operand.row].name


def _check_size(rows: Sequence[Row], max_nodes: int) -> None:
    nodes, edges = len(rows), 0
    for row in rows:
        drawn = _drawn(row)
        computed = bool(drawn)
        nodes += computed + sum(operand.row is None for _, operand in drawn)
        edges += computed + len(drawn)
    most_edges = MOST_EDGES_PER_NODE * max_nodes
    if nodes <= max_nodes and edges <= most_edges:
        return
    enough = max(nodes, -(-edges // MOST_EDGES_PER_NODE))
    raise TooLargeError(
        f"this graph would be drawn with {nodes:,} nodes and {edges:,} edges, but max_nodes = "
        f"{max_nodes} allows {max_nodes:,} nodes and {most_edges:,} edges: more than that "
        "nobody can read, and the layout may take very long. Draw a smaller piece, such as "
        "the output of one neuron or the loss of one sample; or read it as a table with "
        f"print(root.tape); or insist with draw_dot(root, max_nodes={enough})"
    )
