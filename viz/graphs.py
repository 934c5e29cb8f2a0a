"""The graph of a computation, ready for any printer: the only reader of tapes.

One node for each row of the tape and for each constant operand, one edge for each operand, in
the order of the tape. Knows no colour, no layout and no file format.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from autograd import Operand, Row, Tape, Value, format_number, tape_of
from viz import views
from viz.checks import require_computation
from viz.errors import OptionError
from viz.modules import places, weights
from viz.nodes import Edge, Group, Node, Role
from viz.quoting import shortened
from viz.unfusing import unfused
from viz.wording import derivative_rule, reading_order, slot_names, written

Names = Iterable[tuple[str, Value]] | Mapping[str, Value]


class Model(Protocol):
    """Whatever knows its weights by name: an `nn.Module`, or a class of one's own."""

    def named_parameters(self) -> Iterable[tuple[str, Value]]:
        """Return (name, weight) pairs."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of the tape, operands before their operation, and their edges.

    Attributes:
        nodes: what is drawn.
        edges: one for each operand, in the order in which people read them.
        omitted: how many nodes `around` or `paths` left out.
        closed: paths of the modules that are folded into one node each.
        whole: the graph with nothing folded, None if nothing is.
    """

    nodes: tuple[Node | Group, ...]
    edges: tuple[Edge, ...]
    omitted: int = 0
    closed: frozenset[str] = frozenset()
    whole: "Graph | None" = field(default=None, repr=False)

    def collapse(self, *paths: str) -> "Graph":
        """Return the graph with modules folded into one node each; without paths, all layers.

        A path is that of a module (`layers.0`, `layers.0.neurons.2`), or `(inputs)` or
        `(outside)` for the leaves that belong to no module, and the operations with their
        constants.

        Raises:
            UnknownPathError: if there is no such module.
        """
        base = self if self.whole is None else self.whole
        chosen = paths or views.outermost(base.nodes)
        views.require_paths(chosen, views.modules(base.nodes))
        return base._folded(self.closed | frozenset(chosen))  # noqa: SLF001 - another Graph

    def expand(self, *paths: str) -> "Graph":
        """Return the graph with folded modules opened by one level; without paths, wholly.

        Raises:
            UnknownPathError: if nothing of that path is folded.
        """
        if self.whole is None:
            views.require_paths(paths, [])
            return self
        views.require_paths(paths, sorted(self.closed))
        opened = paths or self.closed
        children = views.children(self.whole.nodes, paths)
        return self.whole._folded((self.closed - frozenset(opened)) | children)  # noqa: SLF001

    def around(self, name: str, hops: int = 1) -> "Graph":
        """Return what is at most so many edges away from a node: by name, label or path.

        Raises:
            UnknownPathError: if there is no such node.
            OptionError: if hops is no whole number from 0.
        """
        if type(hops) is not int or hops < 0:
            raise OptionError(f"hops must be a whole number from 0, got {hops!r}")
        return self._only(views.around(self.nodes, self.edges, name, hops))

    def paths(self, start: str, end: str | None = None) -> "Graph":
        """Return all ways from one node to another, or to the outputs.

        Raises:
            UnknownPathError: if there is no such node, or no way.
        """
        return self._only(views.between(self.nodes, self.edges, start, end))

    def modules(self) -> list[str]:
        """Return the paths that can be folded, outermost first."""
        base = self if self.whole is None else self.whole
        return views.modules(base.nodes)

    def _folded(self, closed: frozenset[str]) -> "Graph":
        if not closed:
            return self
        nodes, edges = views.folded(self.nodes, self.edges, closed)
        return Graph(nodes, edges, self.omitted, closed, self)

    def _only(self, kept: set[str]) -> "Graph":
        nodes = tuple(node for node in self.nodes if node.name in kept)
        edges = tuple(e for e in self.edges if e.tail in kept and e.head in kept)
        left_out = sum(views.size(node) for node in self.nodes if node.name not in kept)
        return Graph(nodes, edges, self.omitted + left_out)


def graph(
    thing: Value | Tape, *, names: Names = (), model: Model | None = None, fused: bool = True
) -> Graph:
    """Return the graph of everything that a Value was computed from, or of a whole tape.

    Args:
        thing: the Value at the end of a computation, or a `Tape`.
        names: (name, Value) pairs, or a dict of them, that say what leaves are called.
        model: whatever has `named_parameters()`, instead of names; it is not changed.
        fused: whether a weighted sum that was recorded as one row is one node. False shows
            its products and sums, as `b + w1*x1 + w2*x2` would record them.

    Raises:
        NotAValueError: if thing is neither a Value nor a tape, or the tape is empty.
        OptionError: if names or model cannot name anything.

    Example:
        >>> from autograd import Value
        >>> w, x = Value(2.0, label="w"), Value(3.0, label="x")
        >>> drawn = graph((w * x).tanh())
        >>> [(node.name, node.role, node.title) for node in drawn.nodes]
        [('v0', 'weight', 'w'), ('v1', 'input', 'x'), ('v2', 'operation', 'v2'), \
('v3', 'output', 'v3')]
        >>> [(edge.tail, edge.head, edge.partial) for edge in drawn.edges[:2]]
        [('v0', 'v2', 3.0), ('v1', 'v2', 2.0)]
    """
    require_computation(thing, "graph")
    return of_rows(*read(thing, names, model, fused=fused))


def read(
    thing: Value | Tape, names: Names, model: Model | None, *, fused: bool = True
) -> tuple[Sequence[Row], list[str]]:
    """Return the rows of a computation and a stable name for each."""
    rows: Sequence[Row] = tape_of(thing, named_by(names, model))
    return (rows, [f"v{row.number}" for row in rows]) if fused else unfused(rows)


def named_by(names: Names, model: Model | None) -> Names:
    """Return the names that a caller gives to leaves."""
    if model is None:
        return names
    if names:
        raise OptionError("names and model both name the leaves; give one of them")
    if not callable(getattr(model, "named_parameters", None)):
        shown = shortened(repr(model), 60)
        raise OptionError(
            f"model must have named_parameters(), as an nn.Module has, got {shown}"
        )
    return list(model.named_parameters())


def of_rows(rows: Sequence[Row], names: Sequence[str]) -> Graph:
    """Return the graph of rows, given a name for each."""
    known = weights(rows)
    modules = places(rows, known)
    used = {operand.row for row in rows for operand in row.operands}
    titles = [row.label or row.path or name for row, name in zip(rows, names, strict=True)]
    nodes: list[Node | Group] = []
    edges: list[Edge] = []
    for row, name, module in zip(rows, names, modules, strict=True):
        operands = drawn_operands(row)
        for slot, operand in operands:
            if operand.row is None:
                nodes.append(_constant(f"{name}c{slot}", operand.value, module))
        role: Role = (
            "output"
            if row.operands and row.number not in used
            else "operation"
            if row.operands
            else "weight"
            if row.number in known
            else "input"
        )
        nodes.append(_node(row, name, role, titles, module))
        edges += _edges(row, name, operands, titles, names)
    return Graph(tuple(nodes), tuple(edges))


def drawn_operands(row: Row) -> list[tuple[int, Operand]]:
    """Return the operands that get an edge, each with its slot, in the order to draw them.

    A constant that the symbol already shows, as in `**2`, gets none.
    """
    told = row.operation == "pow" and row.op != "**"
    slots = [0] if told else reading_order(row.operation, len(row.operands))
    return [(slot, row.operands[slot]) for slot in slots]


def _constant(name: str, value: float, module: str) -> Node:
    return Node(name, "constant", format_number(value), "", "", module, value, None)


def _node(row: Row, name: str, role: Role, titles: Sequence[str], module: str) -> Node:
    title = titles[row.number]
    if not row.operands:
        return Node(name, role, title, row.label, row.path, module, row.value, row.gradient)
    operands = [_title(operand, titles) for operand in row.operands]
    return Node(
        name=name,
        role=role,
        title=title,
        label=row.label,
        path=row.path,
        module=module,
        value=row.value,
        gradient=row.gradient,
        operation=row.operation,
        symbol=row.op or row.operation,
        formula=f"{title} = {written(row, operands)}",
        line=row.line,
    )


def _edges(
    row: Row,
    name: str,
    operands: Sequence[tuple[int, Operand]],
    titles: Sequence[str],
    names: Sequence[str],
) -> list[Edge]:
    slots = slot_names(row.operation, len(row.operands)) if len(operands) > 1 else [""]
    values = [operand.value for operand in row.operands]
    return [
        Edge(
            name=f"{name}in{slot}",
            tail=f"{name}c{slot}" if operand.row is None else names[operand.row],
            head=name,
            slot=slots[slot],
            operand=_title(operand, titles),
            result=titles[row.number],
            partial=operand.partial,
            rule=derivative_rule(row.operation, slot, values, row.value),
            upstream=row.gradient,
            constant=operand.row is None,
        )
        for slot, operand in operands
    ]


def _title(operand: Operand, titles: Sequence[str]) -> str:
    return format_number(operand.value) if operand.row is None else titles[operand.row]
