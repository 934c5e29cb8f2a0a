"""A graph as shapes with text and sizes, and wires between them: what every picture shows.

Decides what is written on a node and on an arrow, and how much room that takes. Text is set in
a fixed-width font, so its width is known without a renderer. Knows no coordinates and no
colour.
"""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from autograd import format_number
from viz.captions import (
    LONGEST_TIP,
    LONGEST_TITLE,
    about_edge,
    about_node,
    counted,
    frame_title,
    grad_text,
    letters,
    local_title,
    title_lines,
)
from viz.graphs import Graph
from viz.modules import ancestors
from viz.nodes import Edge, Group, Node
from viz.palettes import level_of
from viz.quoting import printable, shortened

# Widths of a fixed-width letter at the two font sizes, in all common fonts at most.
LETTER = 7.3
SMALL_LETTER = 6.1
LINE = 16.0
PAD = 7.0
PORT = 14.0
# The point of an input's arrow shape, and the shadow of a group.
TIP = 9.0

# More arrows than this into a group arrive at one place.
MOST_PORTS = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """Something with an outline.

    Attributes:
        name: `v3`; `v3op` for an operation that stands apart from its result.
        node: the name of the node it belongs to.
        kind: weight, input, constant, operation, output, operator or group.
        lines: (class, text): t title, n quiet title, s symbol, d data, g gradient, c counts.
        level: level of the gradient, as `level_of` names it.
        finite: whether all its numbers are finite.
        about: what it says when asked.
        width: its width.
        height: its height.
        frame: path of the frame it stands in, or "".
        ports: heights at which wires arrive, by name of the wire.
    """

    name: str
    node: str
    kind: str
    lines: tuple[tuple[str, str], ...]
    level: str
    finite: bool
    about: str
    width: float
    height: float
    frame: str
    ports: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Strand:
    """A wire between two shapes with its text.

    `edge` is None from an operation to its result; `kind` is operand, constant (nothing flows
    back), still (the gradient that flows back is 0), folded or result.
    """

    name: str
    tail: str
    head: str
    label: str
    about: str
    kind: str
    edge: Edge | None


class Note(NamedTuple):
    """A sentence to print below a picture, and whether it is a warning."""

    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """All shapes and wires of a picture, the largest gradient, and notes to print below it."""

    shapes: tuple[Shape, ...]
    strands: tuple[Strand, ...]
    largest: float
    notes: tuple[Note, ...]
    split: bool


def scene(
    graph: Graph,
    *,
    split: bool,
    framed: bool = True,
    room: Mapping[str, int] | None = None,
    notes: Sequence[Note] = (),
) -> Scene:
    """Return a graph as shapes.

    Args:
        graph: the graph.
        split: whether operations stand apart from their results.
        framed: whether neurons and layers get frames.
        room: letters to keep free for the numbers of a node, by its name.
        notes: what to print below the picture.
    """
    gradients = [abs(g) for node in graph.nodes for g in _gradients(node) if math.isfinite(g)]
    largest = max(gradients, default=0.0)
    into: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        into.setdefault(edge.head, []).append(edge)
    folded = {node.name for node in graph.nodes if isinstance(node, Group)}
    shapes: list[Shape] = []
    strands: list[Strand] = []
    for node in graph.nodes:
        edges = into.get(node.name, [])
        apart = split and isinstance(node, Node) and node.operation != ""
        head = f"{node.name}op" if apart else node.name
        crowded = isinstance(node, Group) and len(edges) > MOST_PORTS
        strands += [_strand(edge, head, folded, crowded=crowded) for edge in edges]
        if isinstance(node, Group):
            shapes.append(_group(node, edges, largest))
            continue
        frame = node.module if framed else ""
        if node.role == "constant":
            shapes.append(_constant(node, frame))
            continue
        if apart:
            shapes.append(_operator(node, edges, frame))
            strands.append(_result(node.name, head))
        ports = [] if apart else edges
        free = 0 if room is None else room.get(node.name, 0)
        shapes.append(_card(node, ports, frame, largest, free, apart=apart))
    return Scene(tuple(shapes), tuple(strands), largest, tuple(notes), split)


def _gradients(node: Node | Group) -> list[float]:
    gradient = node.largest if isinstance(node, Group) else node.gradient
    return [] if gradient is None else [gradient]


def _card(
    node: Node,
    edges: Sequence[Edge],
    frame: str,
    largest: float,
    free: int,
    *,
    apart: bool,
) -> Shape:
    title = local_title(node) if frame else node.title
    quiet = "t" if node.label or node.path else "n"
    lines = [(quiet, line) for line in title_lines(title)]
    if node.operation and not apart:
        symbol = shortened(printable(node.symbol).replace("\n", " "), 12)
        lines[0] = (quiet, f"{lines[0][1]} = {symbol}")
    lines += [("d", f"data {format_number(node.value)}"), ("g", grad_text(node.gradient))]
    longest = max(*(letters(text) for _, text in lines), len("grad ") + free)
    width = longest * LETTER + 2 * PAD + TIP * (node.role == "input")
    height = max(len(lines) * LINE + PAD, len(edges) * PORT + 4)
    return Shape(
        name=node.name,
        node=node.name,
        kind=node.role,
        lines=tuple(lines),
        level=level_of(node.gradient, largest),
        finite=node.finite,
        about=about_node(node),
        width=width,
        height=height,
        frame=frame,
        ports=_ports(edges, height),
    )


def _constant(node: Node, frame: str) -> Shape:
    text = format_number(node.value)
    width = len(text) * SMALL_LETTER + 10
    about = f"constant {text}"
    return Shape(
        node.name, node.name, "constant", (("k", text),), "none", node.finite, about,
        width, 18.0, frame, {},
    )  # fmt: skip


def _operator(node: Node, edges: Sequence[Edge], frame: str) -> Shape:
    symbol = shortened(printable(node.symbol).replace("\n", " "), LONGEST_TITLE)
    width = max(30.0, letters(symbol) * LETTER + 18)
    height = max(26.0, len(edges) * PORT + 6)
    about = shortened(node.formula, LONGEST_TIP)
    return Shape(
        name=f"{node.name}op",
        node=node.name,
        kind="operator",
        lines=(("s", symbol),),
        level="none",
        finite=True,
        about=about,
        width=width,
        height=height,
        frame=frame,
        ports=_ports(edges, height),
    )


def _group(group: Group, edges: Sequence[Edge], largest: float) -> Shape:
    lines = [("t", line) for line in title_lines(frame_title(group.path))]
    lines += [("c", text) for text in counted(group)]
    if len(edges) > MOST_PORTS:
        lines.append(("c", f"{sum(edge.count for edge in edges):,} arrows arrive"))
    if group.largest is not None:
        low, high = format_number(group.smallest or 0.0), format_number(group.largest)
        lines.append(("g", f"|grad| {low} to {high}" if low != high else f"|grad| {high}"))
    width = max(letters(text) for _, text in lines) * LETTER + 2 * PAD
    ports = edges if len(edges) <= MOST_PORTS else []
    height = max(len(lines) * LINE + PAD, len(ports) * PORT + 4)
    level = "none" if group.largest is None else level_of(abs(group.largest), largest)
    about = f"{group.path}: {', '.join(counted(group))}"
    return Shape(
        group.name, group.name, "group", tuple(lines), level, group.finite, about,
        width, height, _around(group.path), _ports(ports, height),
    )  # fmt: skip


def _around(path: str) -> str:
    """Return the frame that a folded module stands in: the one above it."""
    above = ancestors(path)[:-1]
    return above[-1] if above else ""


def _ports(edges: Sequence[Edge], height: float) -> dict[str, float]:
    start = height / 2 - PORT * (len(edges) - 1) / 2
    return {edge.name: start + PORT * k for k, edge in enumerate(edges)}


def _result(name: str, operator: str) -> Strand:
    return Strand(f"{name}out", operator, name, "", "result", "result", None)


def _strand(edge: Edge, head: str, folded: Set[str], *, crowded: bool) -> Strand:
    if edge.tail in folded or edge.head in folded:
        label = "" if crowded else f"x{edge.count:,}"
        return Strand(edge.name, edge.tail, head, label, about_edge(edge), "folded", edge)
    partial = "" if edge.partial is None else format_number(edge.partial)
    slot = "" if edge.slot.startswith("pair") else edge.slot
    label = ": ".join(filter(None, (slot, partial)))
    still = edge.upstream is not None and edge.share == 0.0 and edge.partial is not None
    kind = "constant" if edge.constant else "still" if still else "operand"
    return Strand(edge.name, edge.tail, head, label, about_edge(edge), kind, edge)
