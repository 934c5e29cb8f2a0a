"""The nodes and edges of a computation as micrograd's `trace` returns them.

Made of Values, for programs that walk the graph themselves; drawings use plain numbers
instead. Knows no tape and no layout.
"""

from collections.abc import KeysView

from autograd import Value
from viz.checks import require_value

Nodes = KeysView[Value]
Edges = KeysView[tuple[Value, Value]]


def trace(root: Value) -> tuple[Nodes, Edges]:
    """Return the Values that a Value was computed from, and its (operand, result) pairs.

    Both are sets that keep their order: operands before results, the same in every run. As in
    micrograd, an operand that is used twice in one operation makes one edge; `draw_dot` shows
    both. Constants are Values too.

    Raises:
        NotAValueError: if root is no Value.

    Example:
        >>> from autograd import Value
        >>> a = Value(3.0)
        >>> nodes, edges = trace(a * a + a)
        >>> len(nodes), len(edges)
        (3, 3)
    """
    require_value(root, "trace")
    nodes: dict[Value, None] = {}
    edges: dict[tuple[Value, Value], None] = {}
    seen = {root}
    # A Value waits with the operands that are still to be visited before it.
    waiting = [(root, iter(_operands(root)))]
    while waiting:
        result, operands = waiting[-1]
        for operand in operands:
            edges[operand, result] = None
            if operand not in seen:
                seen.add(operand)
                waiting.append((operand, iter(_operands(operand))))
                break
        else:
            nodes[result] = None
            waiting.pop()
    return nodes.keys(), edges.keys()


def _operands(value: Value) -> KeysView[Value]:
    return value._prev  # noqa: SLF001 - micrograd's public name for the operands
