"""A graph for a terminal, and for whoever cannot see the picture: a table, or a tree.

Knows nodes and edges. Knows no layout and no colour.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from autograd import format_number
from viz.captions import counted, letters
from viz.graphs import Graph
from viz.nodes import Edge, Group, Node
from viz.quoting import printable, shortened

MOST_LINES = 60
_LONGEST = 40

HEADINGS = ("node", "name", "role", "value", "formula", "local derivatives", "gradient")
_RIGHT = frozenset({"value", "gradient"})


def summary(graph: Graph) -> str:
    """Return what a graph holds, in one line."""
    roles = Counter(node.role for node in graph.nodes if isinstance(node, Node))
    groups = sum(isinstance(node, Group) for node in graph.nodes)
    parts = [
        _some(roles["weight"], "weight"),
        _some(roles["input"], "input"),
        _some(roles["constant"], "constant"),
        _some(roles["operation"] + roles["output"], "operation"),
        _some(groups, "folded group"),
        _some(graph.omitted, "node", " left out"),
    ]
    return ", ".join(filter(None, parts)) or "an empty graph"


def _some(count: int, word: str, more: str = "") -> str:
    return f"{count:,} {word}{'s' * (count != 1)}{more}" if count else ""


def _one_line(text: str, most: int = _LONGEST) -> str:
    return shortened(printable(text).replace("\n", "\\n"), most)


def _gradient(node: Node | Group) -> str:
    if isinstance(node, Group):
        if node.largest is None:
            return "-"
        return f"{format_number(node.smallest or 0.0)} to {format_number(node.largest)}"
    return "-" if node.gradient is None else format_number(node.gradient)


def table(graph: Graph, most: int | None = MOST_LINES) -> str:
    """Return a line for each node but constants; `most=None` shows all of them.

    >>> from autograd import Value
    >>> from viz.graphs import graph
    >>> w = Value(2.0, label="w")
    >>> y = w * 3.0
    >>> y.backward()
    >>> print(table(graph(y)))
    node  name  role    value  formula     local derivatives  gradient
    v0    w     weight      2                                        3
    v1          output      6  v1 = w * 3  d/dw = 3                  1
    """
    into: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        into.setdefault(edge.head, []).append(edge)
    rows: list[tuple[str, ...] | str] = []
    for node in graph.nodes:
        if isinstance(node, Group):
            formula = ", ".join(counted(node))
            rows.append((node.name, _one_line(node.path), "folded", "", formula, "",
                         _gradient(node)))  # fmt: skip
        elif node.role != "constant":
            slopes = _elided([
                f"d/d{_one_line(edge.operand)} = {format_number(edge.partial)}"
                for edge in into.get(node.name, [])
                if edge.partial is not None
            ])  # fmt: skip
            name = _one_line(node.label or node.path)
            rows.append((node.name, name, node.role, format_number(node.value),
                         _one_line(node.formula, 60), ", ".join(slopes),
                         _gradient(node)))  # fmt: skip
    if most is not None and len(rows) > most:
        half = max(most // 2, 1)
        left_out = f"... {len(rows) - 2 * half:,} rows left out ..."
        rows = [*rows[:half], left_out, *rows[-half:]]
    return _aligned(rows)


def _elided(items: Sequence[str], most: int = 6) -> list[str]:
    if len(items) <= most:
        return list(items)
    half = most // 2
    return [*items[:half], f"... {len(items) - 2 * half} more ...", *items[-half:]]


def _aligned(rows: Sequence[tuple[str, ...] | str]) -> str:
    full = [HEADINGS, *(row for row in rows if not isinstance(row, str))]
    widths = [max(letters(row[k]) for row in full) for k in range(len(HEADINGS))]
    lines = []
    for row in (HEADINGS, *rows):
        if isinstance(row, str):
            lines.append(row)
            continue
        cells = []
        for text, width, heading in zip(row, widths, HEADINGS, strict=True):
            space = " " * (width - letters(text))
            cells.append(space + text if heading in _RIGHT else text + space)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def tree(graph: Graph, most: int | None = MOST_LINES) -> str:
    """Return outputs with what they were computed from below them, indented.

    The number before a node is the local derivative by it. A node that is used again is not
    spelled out again: "see above".

    >>> from autograd import Value
    >>> from viz.graphs import graph
    >>> x = Value(3.0, label="x")
    >>> y = x * x + x
    >>> y.backward()
    >>> print(tree(graph(y)))
    v2 = v1 + x    data 12  grad 1
    ├─ 1: v1 = x * x    data 9  grad 1
    │  ├─ 3: x    data 3  grad 7
    │  └─ 3: x    see above
    └─ 1: x    see above
    """
    lines = []
    for count, line in enumerate(_branches(graph)):
        if most is not None and count >= most:
            lines.append(f"... more than {most} lines; .text(most=None) shows all of them")
            break
        lines.append(line)
    return "\n".join(lines)


def _branches(graph: Graph) -> Iterator[str]:
    into: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        into.setdefault(edge.head, []).append(edge)
    used = {edge.tail for edge in graph.edges}
    nodes = {node.name: node for node in graph.nodes}
    seen: set[str] = set()
    roots = [node.name for node in graph.nodes if node.name not in used]
    # Each waits with its branch, with what stands before its own branches, and its slope.
    waiting = [(name, "", "", "") for name in reversed(roots)]
    while waiting:
        name, before, below, slope = waiting.pop()
        node = nodes[name]
        yield f"{before}{slope}{_said(node, known=name in seen)}"
        if name in seen:
            continue
        seen.add(name)
        edges = into.get(name, [])
        for k, edge in reversed(list(enumerate(edges))):
            last = k == len(edges) - 1
            text = "" if edge.partial is None else f"{format_number(edge.partial)}: "
            waiting.append(
                (edge.tail, below + ("└─ " if last else "├─ "),
                 below + ("   " if last else "│  "), text)
            )  # fmt: skip


def _said(node: Node | Group, *, known: bool) -> str:
    title = _one_line(node.title)
    if isinstance(node, Group):
        return f"{title}    see above" if known else f"{title}    {', '.join(counted(node))}"
    if node.role == "constant":
        return title
    if known:
        return f"{title}    see above"
    formula = _one_line(node.formula, 60) or title
    return f"{formula}    data {format_number(node.value)}  grad {_gradient(node)}"
