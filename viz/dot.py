"""A graph as DOT: the picture that micrograd's users know.

Values are records `{ label | data 2 | grad 3 }`, operations are small ellipses, and every
operand is one arrow with its local derivative. Names, classes and ids are the same in every
run. Knows no tape and no renderer.
"""

import hashlib
import re
from collections.abc import Sequence

import graphviz

from autograd import Row, Value, format_number
from viz import theme
from viz.captions import about_edge
from viz.checks import require_value
from viz.drawing import Drawing
from viz.errors import OptionError, TooLargeError
from viz.graphs import Graph, drawn_operands, of_rows
from viz.nodes import Edge, Group, Node
from viz.quoting import plain_label, record_cell, shortened, tooltip

# Enough for one sample through micrograd's demo network, which takes a few seconds.
MOST_NODES = 2000
# A graph can be wide instead of long: one sum over many operands has few nodes.
MOST_EDGES_PER_NODE = 3

DIRECTIONS = ("LR", "TB", "RL", "BT")

_LONGEST_LABEL = 40
_LONGEST_LINE = 200
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_EXPLAINED = "Grey number: local derivative, d(result) / d(operand)."
_PAIRED = "dot: its start plus the sum of the products of its pairs."
_ACCUMULATED = (
    "Backward: each arrow adds (grad of its result) * (its number) to the grad of its operand."
)
_NOT_YET = "grad -: no backward pass yet; call .backward() on the result, then draw again."


def draw_dot(
    root: Value,
    format: str = "svg",  # noqa: A002 - micrograd's name for it
    rankdir: str = "LR",
    *,
    max_nodes: int = MOST_NODES,
    id_prefix: str | None = None,
) -> Drawing:
    """Return a picture of everything that a Value was computed from.

    It is a `graphviz.Digraph`: a notebook shows it, `.render("name")` writes a file, `.pipe()`
    returns the picture, `.source` is its text in DOT. Draw after `backward()` to see gradients.

    Args:
        root: the Value whose computation to draw.
        format: what `.render` and `.pipe` make: svg, png, pdf, ...
        rankdir: where the arrows lead: LR, TB, RL or BT (left, right, top, bottom).
        max_nodes: larger graphs are refused, because nobody can read them.
        id_prefix: what ids in the SVG begin with. Without it, pictures that differ have ids
            that differ; the same picture twice in one page needs two prefixes.

    Raises:
        NotAValueError: if root is no Value.
        TooLargeError: if the graph has more nodes than max_nodes, or very many edges.
        OptionError: if rankdir or id_prefix cannot be used.

    Example:
        >>> from autograd import Value
        >>> from viz import draw_dot
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> c = a * b
        >>> c.backward()
        >>> draw_dot(c)
        a drawing of 3 values and 1 operation
    """
    if rankdir not in DIRECTIONS:
        raise OptionError(f"rankdir must be one of {', '.join(DIRECTIONS)}, got {rankdir!r}")
    check_prefix(id_prefix)
    if format not in graphviz.FORMATS:
        raise OptionError(
            "format must be one that Graphviz can write, such as svg, png or pdf, "
            f"got {format!r}"
        )
    require_value(root, "draw_dot")
    rows = root.tape
    _check_size(rows, max_nodes)
    graph = of_rows(rows, [f"v{row.number}" for row in rows])
    if id_prefix is None:
        unnamed = as_dot(graph, rankdir, "").source
        id_prefix = "g" + hashlib.sha256(unnamed.encode("utf-8")).hexdigest()[:8]
    drawing = as_dot(graph, rankdir, id_prefix)
    drawing.format = format
    return drawing


def check_prefix(id_prefix: str | None) -> None:
    """Return nothing if ids may begin so.

    Raises:
        OptionError: if they may not.
    """
    if id_prefix is not None and not _ID.fullmatch(id_prefix):
        raise OptionError(
            "id_prefix must be a letter followed by letters, digits, '_', '.' or '-', "
            f"got {id_prefix!r}"
        )


def as_dot(graph: Graph, rankdir: str, id_prefix: str) -> Drawing:
    """Return a graph as a drawing whose ids begin with `id_prefix`."""
    drawing = Drawing(
        name="gradients",
        comment=summary(graph),
        graph_attr={
            "rankdir": rankdir,
            "id": id_prefix,
            "label": _caption(graph),
            **theme.GRAPH,
        },
        node_attr=theme.NODE,
        edge_attr=theme.EDGE,
    )
    for node in graph.nodes:
        assert isinstance(node, Node), "draw_dot folds nothing"
        if node.operation:
            operation = f"{node.name}op"
            drawing.node(operation, id=f"{id_prefix}-{operation}", **_operation(node))
            drawing.edge(operation, node.name, id=f"{id_prefix}-{node.name}out", **_RESULT)
        drawing.node(node.name, id=f"{id_prefix}-{node.name}", **_node_attributes(node))
    for edge in graph.edges:
        drawing.edge(
            edge.tail,
            f"{edge.head}op",
            id=f"{id_prefix}-{edge.name}",
            **_edge_attributes(edge),
        )
    return drawing


def summary(graph: Graph) -> str:
    """Return what a drawing shows, in one line."""
    nodes = [node for node in graph.nodes if isinstance(node, Node)]
    values = sum(node.role != "constant" for node in nodes)
    operations = sum(node.operation != "" for node in nodes)
    return (
        f"a drawing of {values} value{'s' * (values != 1)} "
        f"and {operations} operation{'s' * (operations != 1)}"
    )


def _caption(graph: Graph) -> str:
    values = [n for n in graph.nodes if isinstance(n, Group) or n.role != "constant"]
    if len(values) == 1:
        return ""
    swept = any(isinstance(node, Node) and node.gradient is not None for node in values)
    lines = [_EXPLAINED, _ACCUMULATED if swept else _NOT_YET]
    if any(edge.slot.startswith("pair") for edge in graph.edges):
        lines.append(_PAIRED)
    return "".join(f"{plain_label(line)}\\l" for line in lines)


# The classes that pages written for this drawing know.
_CLASSES = {"weight": "leaf", "input": "leaf", "operation": "computed", "output": "root"}


def _node_attributes(node: Node) -> theme.Attributes:
    if node.role == "constant":
        number = format_number(node.value)
        return _with_role("constant", number, f"constant {number}")
    gradient = "-" if node.gradient is None else format_number(node.gradient)
    cells = [f"data {format_number(node.value)}", f"grad {gradient}"]
    about = ", ".join([node.title, *cells])
    if node.label:
        cells.insert(0, record_cell(shortened(node.label, _LONGEST_LABEL)))
    label = f"{{{'|'.join(cells)}}}"
    return _with_role(_CLASSES[node.role], label, about, finite=node.finite)


def _operation(node: Node) -> theme.Attributes:
    symbol = plain_label(shortened(node.symbol, _LONGEST_LABEL))
    return _with_role("operation", symbol, shortened(node.formula, _LONGEST_LINE))


def _with_role(role: str, label: str, about: str, *, finite: bool = True) -> theme.Attributes:
    attributes = {
        "label": graphviz.nohtml(label),
        "tooltip": graphviz.nohtml(tooltip(about)),
        "class": role if finite else f"{role} nonfinite",
        **theme.ROLES[role],
    }
    return attributes if finite else {**attributes, **theme.WARNING}


def _edge_attributes(edge: Edge) -> theme.Attributes:
    partial = "" if edge.partial is None else format_number(edge.partial)
    about = about_edge(edge)
    attributes = {
        "tooltip": graphviz.nohtml(tooltip(about)),
        "labeltooltip": graphviz.nohtml(tooltip(about)),
        "class": "operand",
    }
    label = ": ".join(part for part in (edge.slot, partial) if part)
    # The space keeps the text off an arrow that runs down the page.
    return {"label": f" {label}", **attributes} if label else attributes


_RESULT = {"class": "result", "tooltip": "result"}


def _check_size(rows: Sequence[Row], max_nodes: int) -> None:
    nodes, edges = len(rows), 0
    for row in rows:
        drawn = drawn_operands(row)
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
