"""Less than a whole graph: modules folded into one node, a neighbourhood, the ways of a weight.

Every fold is honest: a group counts what is in it, a merged edge how many it stands for.
Works on nodes and edges, iteratively. Knows no tape and no layout.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

from viz.errors import UnknownPathError
from viz.modules import ancestors
from viz.nodes import Edge, Group, Node

INPUTS = "(inputs)"
OUTSIDE = "(outside)"

Nodes = Sequence[Node | Group]
Edges = Sequence[Edge]


def size(node: Node | Group) -> int:
    """Return how many nodes of the whole graph a node stands for."""
    return node.count if isinstance(node, Group) else 1


def lineage(node: Node) -> tuple[str, ...]:
    """Return the paths that a node is folded into, outermost first."""
    if node.module:
        return ancestors(node.module)
    return (INPUTS,) if node.role in ("weight", "input") else (OUTSIDE,)


def modules(nodes: Nodes) -> list[str]:
    """Return the paths that nodes can be folded into, in the order of the tape."""
    found: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, Node):
            found |= dict.fromkeys(lineage(node))
    return sorted(found, key=lambda path: len(ancestors(path)))


def outermost(nodes: Nodes) -> tuple[str, ...]:
    """Return the outermost of the paths that nodes can be folded into."""
    paths = (lineage(node)[0] for node in nodes if isinstance(node, Node))
    return tuple(dict.fromkeys(paths))


def innermost(nodes: Nodes) -> tuple[str, ...]:
    """Return the innermost ones: neurons where there are any."""
    paths = (lineage(node)[-1] for node in nodes if isinstance(node, Node))
    return tuple(dict.fromkeys(paths))


def children(nodes: Nodes, opened: Collection[str]) -> frozenset[str]:
    """Return the paths one level below those that are opened."""
    found = set()
    for node in nodes:
        if isinstance(node, Node):
            line = lineage(node)
            found |= {below for above, below in pairwise(line) if above in opened}
    return frozenset(found)


def require_paths(paths: Iterable[str], known: Sequence[str]) -> None:
    """Return nothing if all the paths are known.

    Raises:
        UnknownPathError: for the first that is not, with those that are like it.
    """
    for path in paths:
        if path not in known:
            raise UnknownPathError(_unknown("module", path, known))


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    near = get_close_matches(str(name), known, n=3, cutoff=0.5) or list(known[:6])
    more = f", ... ({len(known)} in all)" if len(known) > len(near) else ""
    there = f"there are {', '.join(map(repr, near))}{more}" if near else "there is none"
    return f"there is no {kind} {name!r} in this graph; {there}"


# -- folding ------------------------------------------------------------------------------


def folded(
    nodes: Nodes, edges: Edges, closed: Collection[str]
) -> tuple[tuple[Node | Group, ...], tuple[Edge, ...]]:
    """Return nodes and edges with everything below the closed paths folded into groups."""
    into: dict[str, str] = {}
    members: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        assert isinstance(node, Node), "a folded graph is folded from the whole one"
        path = next((path for path in lineage(node) if path in closed), None)
        if path is not None:
            into[node.name] = path
            members[path].append(node)
    leaving = {e.tail for e in edges if into.get(e.tail) != into.get(e.head)}
    names = {path: f"g{k}" for k, path in enumerate(members)}
    drawn: dict[str, Node | Group] = {}
    for node in nodes:
        path = into.get(node.name)
        if path is None:
            drawn[node.name] = node
        elif path not in drawn:
            drawn[path] = _group(names[path], path, members[path], leaving)
    moved = {name: names[path] for name, path in into.items()}
    return tuple(drawn.values()), tuple(_merged(edges, moved))


def _group(name: str, path: str, members: Sequence[Node], leaving: Collection[str]) -> Group:
    roles = Counter(node.role for node in members)
    gradients = [abs(node.gradient) for node in members if node.gradient is not None]
    finite = [g for g in gradients if math.isfinite(g)] or gradients
    ways_out = sum(
        node.role == "output" or (node.role == "operation" and node.name in leaving)
        for node in members
    )
    return Group(
        name=name,
        path=path,
        weights=roles["weight"],
        inputs=roles["input"],
        constants=roles["constant"],
        operations=roles["operation"] + roles["output"],
        leaving=ways_out,
        smallest=min(finite, default=None),
        largest=max(finite, default=None),
        nonfinite=sum(not node.finite for node in members),
        output=roles["output"] > 0,
    )


def _merged(edges: Edges, moved: dict[str, str]) -> Iterator[Edge]:
    """Yield the edges between what is drawn; those from or to a group once for each pair."""
    groups = set(moved.values())
    counts: dict[tuple[str, str], int] = {}
    alone: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        tail, head = moved.get(edge.tail, edge.tail), moved.get(edge.head, edge.head)
        if tail == head and tail in groups:
            continue
        counts[tail, head] = counts.get((tail, head), 0) + 1
        if tail == edge.tail and head == edge.head:
            alone[tail, head].append(edge)
    for (tail, head), count in counts.items():
        if (tail, head) in alone:
            yield from alone[tail, head]
        else:
            name = f"{tail}to{head}"
            yield Edge(name, tail, head, "", "", "", None, "", None, count)


# -- leaving out --------------------------------------------------------------------------


def find(nodes: Nodes, name: str) -> str:
    """Return the name of the node that is called so: by name, path or label.

    Raises:
        UnknownPathError: if there is none, or several have that label.
    """
    known = {node.name for node in nodes}
    if name in known:
        return name
    found = [node.name for node in nodes if name in _called(node)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownPathError(
            f"{len(found)} nodes of this graph are called {name!r}; take one of their names: "
            f"{', '.join(found[:6])}{', ...' if len(found) > 6 else ''}"
        )
    titles = [node.title for node in nodes if not isinstance(node, Node) or node.label
              or node.path]  # fmt: skip
    raise UnknownPathError(_unknown("node", name, titles or sorted(known)))


def _called(node: Node | Group) -> set[str]:
    called = {node.path} if isinstance(node, Group) else {node.path, node.label}
    return called - {""}


Links = dict[str, list[str]]


def links(edges: Edges) -> tuple[Links, Links]:
    """Return the operands of each node, and its consumers."""
    operands: Links = defaultdict(list)
    consumers: Links = defaultdict(list)
    for edge in edges:
        operands[edge.head].append(edge.tail)
        consumers[edge.tail].append(edge.head)
    return operands, consumers


def around(nodes: Nodes, edges: Edges, name: str, hops: int) -> set[str]:
    """Return the names of what is at most so many edges away, in either direction."""
    operands, consumers = links(edges)
    reached = frontier = {find(nodes, name)}
    for _ in range(hops):
        frontier = {
            other for each in frontier for other in (*operands[each], *consumers[each])
        } - reached
        reached = reached | frontier
    return reached


def between(nodes: Nodes, edges: Edges, start: str, end: str | None) -> set[str]:
    """Return the names of all that lies on a way from one node to another, or to outputs."""
    operands, consumers = links(edges)
    first = find(nodes, start)
    ends = {find(nodes, end)} if end is not None else {
        node.name for node in nodes if not consumers[node.name]}  # fmt: skip
    ways = _reached({first}, consumers) & _reached(ends, operands)
    if not ways:
        raise UnknownPathError(f"no way leads from {start!r} to {end or 'an output'!r}")
    return ways


def _reached(start: set[str], onward: Links) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for other in onward[waiting.pop()]:
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached
