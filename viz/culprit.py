"""Where a number that is not finite came from: the first one, forward and backward.

Knows nodes and edges. Knows no picture.
"""

import math
from collections.abc import Sequence

from autograd import format_number
from viz.nodes import Edge, Group, Node


def culprits(nodes: Sequence[Node | Group], edges: Sequence[Edge]) -> list[str]:
    """Return a sentence on the first value, and on the first gradient, that is not finite.

    The first value is that of the earliest row; the first gradient is met last row first,
    because that is how the sweep goes.

    >>> from autograd import Value, ieee
    >>> from viz.graphs import graph
    >>> with ieee():
    ...     drawn = graph(Value(0.0, label="x").log() + 1.0)
    >>> culprits(drawn.nodes, drawn.edges)
    ['The first value that is not finite is -inf: v1 = log(x), with x = 0.']
    """
    plain = [node for node in nodes if isinstance(node, Node)]
    by_name = {node.name: node for node in plain}
    found = []
    value = next((node for node in plain if not math.isfinite(node.value)), None)
    if value is not None:
        number = format_number(value.value)
        how = f"{value.formula}{_with(value, edges, by_name)}" if value.formula else value.title
        found.append(f"The first value that is not finite is {number}: {how}.")
    for node in reversed(plain):
        if node.gradient is not None and not math.isfinite(node.gradient):
            found.append(_gradient(node, edges, by_name))
            break
    return found


def _with(node: Node, edges: Sequence[Edge], by_name: dict[str, Node]) -> str:
    """Return the operands of a node with their numbers, constants left out."""
    tails = dict.fromkeys(edge.tail for edge in edges if edge.head == node.name)
    known = [by_name[tail] for tail in tails if tail in by_name]
    given = [
        f"{operand.title} = {format_number(operand.value)}"
        for operand in known
        if operand.role != "constant"
    ]
    return f", with {', '.join(given)}" if given else ""


def _gradient(node: Node, edges: Sequence[Edge], by_name: dict[str, Node]) -> str:
    text = f"The first gradient that is not finite is {format_number(node.gradient or 0.0)}"
    for edge in edges:
        if edge.tail != node.name or edge.partial is None or edge.upstream is None:
            continue
        if not math.isfinite(edge.share):
            head = by_name.get(edge.head)
            formula = head.formula if head is not None else edge.result
            return (
                f"{text}, that of {node.title}: {formula} hands over "
                f"{format_number(edge.upstream)} * {format_number(edge.partial)}."
            )
    return f"{text}, that of {node.title}."
