"""What is written on nodes, arrows and frames, and how wide it is.

Knows nodes and edges. Knows no shape and no place.
"""

import unicodedata

from autograd import format_number
from viz.nodes import Edge, Group, Node
from viz.quoting import printable, shortened

LONGEST_TITLE = 28
LONGEST_TIP = 300


def letters(text: str) -> int:
    r"""Return how many letters wide a text is in a fixed-width font.

    >>> letters("w1"), letters("\u91cd\u307f"), letters("e\u0301")
    (2, 4, 1)
    """
    count = 0
    for letter in text:
        if not unicodedata.combining(letter):
            wide = unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0x1F000
            count += 1 + wide
    return count


def local_title(node: Node) -> str:
    """Return what a node is called inside the frame of its layer.

    >>> from autograd import Value
    >>> from viz.graphs import graph
    >>> w = Value(1.0, label="layers.0.weight[2][1]")
    >>> [local_title(node) for node in graph(w * 2.0).nodes]
    ['weight[2][1]', '2', 'v1']
    """
    layer = node.module.partition(".neurons.")[0]
    return node.title.removeprefix(f"{layer}.") if layer else node.title


def title_lines(text: str) -> list[str]:
    """Return a title as lines to print: hostile letters made harmless, long ones cut."""
    return [shortened(line, LONGEST_TITLE) for line in printable(text).split("\n")][:3]


def grad_text(gradient: float | None) -> str:
    """Return a gradient as it stands on a node: "-" until there is one.

    >>> grad_text(None), grad_text(0.0), grad_text(1e-9)
    ('grad -', 'grad 0', 'grad 1e-09')
    """
    return f"grad {'-' if gradient is None else format_number(gradient)}"


def frame_title(path: str) -> str:
    """Return what a module is called inside the frame around it.

    >>> frame_title("layers.0.neurons.2"), frame_title("layers.0")
    ('neuron 2', 'layers.0')
    """
    layer, _, neuron = path.rpartition("neurons.")
    return f"neuron {neuron}" if neuron.isdigit() and layer[-1:] in ("", ".") else path


def counted(group: Group) -> list[str]:
    """Return what is in a group, in words, nothing left out."""
    kinds = [
        (group.weights, "weight"),
        (group.inputs, "input"),
        (group.constants, "constant"),
        (group.operations, "operation"),
    ]
    found = [f"{count:,} {word}{'s' * (count != 1)}" for count, word in kinds if count]
    if group.leaving > 1:
        found.append(f"{group.leaving:,} results leave")
    if group.nonfinite:
        found.append(f"{group.nonfinite:,} not finite")
    return found


def about_node(node: Node) -> str:
    """Return all that is known of a node, in words."""
    parts = [f"{node.role} {node.title}" if node.role != "operation" else node.title]
    if node.formula:
        parts[0] = node.formula if node.role == "operation" else f"output {node.formula}"
    parts += [f"data {format_number(node.value)}", grad_text(node.gradient)]
    return shortened(", ".join(parts), LONGEST_TIP)


def about_edge(edge: Edge) -> str:
    """Return what an edge means: which operand, its slope, its share of the gradient."""
    if not edge.operand:
        return f"{edge.count:,} arrow{'s' * (edge.count != 1)} between them"
    lines = [f"{edge.slot}: {edge.operand}" if edge.slot else edge.operand]
    if edge.partial is not None:
        partial = format_number(edge.partial)
        lines.append(f"d({edge.result})/d({edge.operand}) = {partial}")
        if edge.rule:
            lines.append(f"because in general {edge.rule}")
        if edge.upstream is not None:
            upstream, share = format_number(edge.upstream), format_number(edge.share)
            lines.append(
                f"adds {upstream} * {partial} = {share} to the gradient of {edge.operand}"
            )
    return "\n".join(shortened(line, LONGEST_TIP) for line in lines)
