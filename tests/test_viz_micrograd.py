"""micrograd's tools on our Values: its trace, and the drawing that notebooks bring along."""

import re
from typing import Any

import graphviz
import pytest

from autograd import Value
from viz import trace


def test_trace_gives_sets_that_keep_their_order() -> None:
    a, b = Value(2.0), Value(3.0)
    c = a * b
    d = c - a
    nodes, edges = trace(d)

    assert list(nodes) == [a, b, c, d]
    assert list(edges) == [(c, d), (a, c), (b, c), (a, d)]
    assert nodes == {a, b, c, d}
    assert edges & {(a, c), (d, a)} == {(a, c)}


def test_trace_walks_a_deep_graph_without_recursion() -> None:
    out = Value(1.0)
    for _ in range(20_000):
        out = out.tanh()

    nodes, edges = trace(out)

    assert (len(nodes), len(edges)) == (20_001, 20_000)


def notebook_picture(root: Any) -> graphviz.Digraph:
    """Draw the way notebooks do: a recursive walk over `_prev`, nodes named by `id`."""
    nodes: set[Any] = set()
    edges: set[tuple[Any, Any]] = set()

    def walk(value: Any) -> None:
        if value in nodes:
            return
        nodes.add(value)
        for operand in value._prev:
            edges.add((operand, value))
            walk(operand)

    walk(root)
    picture = graphviz.Digraph(graph_attr={"rankdir": "LR"})
    for value in nodes:
        text = f"{{ {value.label} | data {value.data:.4f} | grad {value.grad:.4f} }}"
        picture.node(str(id(value)), text, shape="record")
        if value._op:
            picture.node(f"{id(value)}{value._op}", value._op)
            picture.edge(f"{id(value)}{value._op}", str(id(value)))
    for operand, result in edges:
        picture.edge(str(id(operand)), f"{id(result)}{result._op}")
    return picture


def test_a_notebooks_own_drawing_works_on_our_values() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    shared = a * b
    out = (shared + shared * 10.0 + b).tanh()
    out.backward()
    source = notebook_picture(out).source

    # Values: a, b, the constant 10 and five results; five operations.
    assert len(re.findall(r"^\t\d+ \[", source, re.MULTILINE)) == 8
    assert len(re.findall(r'^\t"\d+\S+" \[', source, re.MULTILINE)) == 5
    # Two operands each for two * and two +, one for tanh, and an arrow to every result.
    assert source.count("->") == 9 + 5


def test_a_notebooks_own_drawing_draws_as_much_as_on_micrograds_values() -> None:
    reason = "micrograd is the oracle here"
    engine = pytest.importorskip("micrograd.engine", reason=reason)

    def drawn(value_class: Any) -> tuple[int, int]:
        a, b = value_class(2.0), value_class(-3.0)
        a.label = b.label = ""
        shared = a * b
        out = (shared + shared * 10.0 + b * a + a).relu()
        nodes, edges = micrograd_trace(out)
        return len(nodes), len(edges)

    assert drawn(Value) == drawn(engine.Value) == (10, 13)


def micrograd_trace(root: Any) -> tuple[set[Any], set[Any]]:
    nodes: set[Any] = set()
    edges: set[Any] = set()
    waiting = [root]
    while waiting:
        value = waiting.pop()
        nodes.add(value)
        edges |= {(operand, value) for operand in value._prev}
        waiting += [operand for operand in value._prev if operand not in nodes]
    return nodes, edges
