"""The graph as plain nodes and edges: roles, modules, folding, neighbourhoods, ways."""

import dataclasses
import gc
import weakref
from collections import Counter
from typing import Any

import pytest

from autograd import Line, Tape, Value, dot, ieee, total
from nn import MLP, Layer, Module, Neuron, bce_with_logits
from viz import Edge, Graph, Group, Node, NotAValueError, OptionError, UnknownPathError, graph
from viz.modules import home
from viz.views import size


def network(widths: tuple[int, ...] = (4, 4, 1), **options: Any) -> tuple[MLP, Value]:
    """Return MLP(2, widths) and its swept loss on one sample."""
    model = MLP(2, list(widths), activation="tanh", seed=1, **options)
    loss: Value = (model([1.0, -2.0]) - 0.5) ** 2
    loss.label = "loss"
    loss.backward()
    return model, loss


def nodes_of(drawn: Graph) -> dict[str, Node]:
    return {node.name: node for node in drawn.nodes if isinstance(node, Node)}


def groups_of(drawn: Graph) -> dict[str, Group]:
    return {node.path: node for node in drawn.nodes if isinstance(node, Group)}


def represented(drawn: Graph) -> int:
    return drawn.omitted + sum(size(node) for node in drawn.nodes)


def test_every_row_and_every_constant_is_a_node() -> None:
    x = Value(3.0, label="x")
    y = 2.0 * x + 1.0
    y.backward()
    drawn = graph(y)

    nodes = nodes_of(drawn).values()
    assert [(node.name, node.role, node.title, node.value) for node in nodes] == [
        ("v0", "input", "x", 3.0),
        ("v1c0", "constant", "2", 2.0),
        ("v1", "operation", "v1", 6.0),
        ("v2c1", "constant", "1", 1.0),
        ("v2", "output", "v2", 7.0),
    ]  # fmt: skip
    assert [(edge.name, edge.tail, edge.head, edge.partial) for edge in drawn.edges] == [
        ("v1in0", "v1c0", "v1", None),
        ("v1in1", "v0", "v1", 2.0),
        ("v2in0", "v1", "v2", 1.0),
        ("v2in1", "v2c1", "v2", None),
    ]


def test_the_graph_agrees_with_the_tape() -> None:
    _, loss = network()
    drawn, rows = nodes_of(graph(loss)), loss.tape

    for row in rows:
        node = drawn[f"v{row.number}"]
        assert (node.value, node.gradient, node.label) == (row.value, row.gradient, row.label)
        assert node.operation == ("" if row.operation == "leaf" else row.operation)
    partials = Counter(
        operand.partial for row in rows for operand in row.operands if operand.row is not None
    )
    edges = graph(loss).edges
    assert Counter(edge.partial for edge in edges if edge.partial is not None) == partials


def test_each_use_of_a_value_is_an_edge() -> None:
    x = Value(3.0)

    assert [(e.tail, e.name) for e in graph(x * x).edges] == [("v0", "v1in0"), ("v0", "v1in1")]


def test_nodes_and_edges_are_frozen() -> None:
    drawn = graph(Value(1.0) * 2.0)

    for thing, attribute in ((drawn, "omitted"), (drawn.nodes[0], "value"),
                             (drawn.edges[0], "partial")):  # fmt: skip
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, attribute, 1)


def test_a_model_tells_weights_from_inputs() -> None:
    neuron = Neuron(2, seed=0)
    x = Value(1.0, label="x")
    nodes = nodes_of(graph(neuron([x, 2.0]), model=neuron))

    roles = {node.title: node.role for node in nodes.values() if not node.operation}
    assert roles == {
        "weight[0]": "weight",
        "weight[1]": "weight",
        "bias": "weight",
        "x": "input",
        "2": "constant",
    }
    assert [w.label for w in neuron.parameters()] == ["", "", ""]


def test_names_do_what_a_model_does() -> None:
    model, loss = network()

    assert graph(loss, names=model.named_parameters()) == graph(loss, model=model)
    assert graph(loss, names=dict(model.named_parameters())) == graph(loss, model=model)


@pytest.mark.parametrize(
    ("labels", "weights"),
    [
        (["w1", "x1", "b"], ["w1", "b"]),
        (["a", "b", "c"], []),
        (["layers.0.weight[2][1]", "W_2", "bias"], ["layers.0.weight[2][1]", "W_2", "bias"]),
        (["weather", "wine", "basis"], []),
    ],
)
def test_labels_tell_weights_where_nobody_names_them(
    labels: list[str], weights: list[str]
) -> None:
    drawn = graph(total([Value(1.0, label=label) for label in labels]))

    assert [node.title for node in nodes_of(drawn).values() if node.role == "weight"] == weights


def test_rows_belong_to_the_neuron_of_their_weights() -> None:
    for fused in (True, False):
        model, loss = network((3, 1), fused=fused)
        nodes = nodes_of(graph(loss, model=model)).values()
        where = {(node.operation, node.module) for node in nodes if node.operation}
        sums = {"dot"} if fused else {"mul", "add"}
        neurons = [*(f"layers.0.neurons.{k}" for k in range(3)), "layers.1.neurons.0"]

        assert where == {
            *((operation, neuron) for operation in sums for neuron in neurons),
            *(("tanh", neuron) for neuron in neurons[:3]),
            ("sub", ""),
            ("pow", ""),
        }


@pytest.mark.parametrize("name", ["", "a[", "[0]", "weight..x[1", ".", "bias", "a b"])
def test_a_name_that_says_no_module_gives_none(name: str) -> None:
    drawn = graph(Value(1.0) * 2.0, names={name: Value(3.0)})

    assert home(name) in ("", "weight.")
    assert {node.module for node in nodes_of(drawn).values()} == {""}


def test_the_modules_of_labels_are_those_of_names() -> None:
    model, loss = network()
    named = graph(loss, model=model)
    for name, weight in model.named_parameters():
        weight.label = name

    modules = [node.module for node in nodes_of(graph(loss)).values()]
    assert modules == [node.module for node in nodes_of(named).values()]


def test_a_module_of_ones_own_is_a_group() -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.slope, self.offset = Value(2.0), Value(1.0)

    class Two(Module):
        def __init__(self) -> None:
            self.first, self.second = Line(), Line()

    two = Two()
    middle = two.first.slope * 3.0 + two.first.offset
    out = two.second.slope * middle + two.second.offset
    drawn = graph(out, model=two).collapse()

    assert {path: group.count for path, group in groups_of(drawn).items()} == {
        "first": 5,
        "second": 4,
    }


def test_a_penalty_over_layers_belongs_to_none_of_them() -> None:
    model, loss = network()
    penalty = total(model.parameters())
    drawn = graph(loss + penalty, model=model)

    assert next(n for n in nodes_of(drawn).values() if n.operation == "total").module == ""


def test_folding_counts_everything_once() -> None:
    model, loss = network()
    drawn = graph(loss, model=model)
    whole = len(drawn.nodes)

    folded = drawn.collapse()
    assert sorted(groups_of(folded)) == [
        "(outside)", "layers.0", "layers.1", "layers.2"
    ]  # fmt: skip
    assert represented(folded) == whole
    first = groups_of(folded)["layers.0"]
    assert (first.weights, first.constants, first.operations) == (12, 8, 8)
    assert first.leaving == 4
    assert represented(drawn.collapse("layers.1.neurons.2", "layers.0")) == whole


def test_edges_between_groups_say_how_many_they_stand_for() -> None:
    model, loss = network()
    folded = graph(loss, model=model).collapse()
    names = {group.path: group.name for group in groups_of(folded).values()}
    between = [(edge.tail, edge.head, edge.count) for edge in folded.edges]

    assert (names["layers.0"], names["layers.1"], 16) in between
    assert (names["layers.1"], names["layers.2"], 4) in between


def test_expanding_opens_one_level_at_a_time() -> None:
    model, loss = network()
    drawn = graph(loss, model=model)
    opened = drawn.collapse().expand("layers.0")

    assert [path for path in groups_of(opened) if path.startswith("layers.0")] == [
        f"layers.0.neurons.{k}" for k in range(4)
    ]
    assert represented(opened) == len(drawn.nodes)
    wider = opened.expand("layers.0.neurons.1")
    assert "layers.0.weight[1][0]" in [node.title for node in wider.nodes]
    assert wider.expand() == drawn
    assert drawn.expand() == drawn


def test_a_group_knows_its_gradients() -> None:
    model, loss = network()
    drawn = graph(loss, model=model)
    group = groups_of(drawn.collapse("layers.1"))["layers.1"]
    inside = [
        abs(node.gradient)
        for node in nodes_of(drawn).values()
        if node.module.startswith("layers.1") and node.gradient is not None
    ]

    assert (group.smallest, group.largest) == (min(inside), max(inside))
    assert group.finite


def test_a_group_counts_numbers_that_are_not_finite() -> None:
    with ieee():
        w = Value(0.0, label="net.w")
        out = (w * 2.0).log() + 1.0
    folded = groups_of(graph(out).collapse())

    assert [(g.path, g.count, g.nonfinite) for g in folded.values()] == [
        ("net", 4, 1), ("(outside)", 2, 1)
    ]  # fmt: skip
    assert not folded["net"].finite


def test_what_a_loss_does_to_a_logit_is_outside() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    loss = bce_with_logits([model([float(k), 1.0]) for k in range(4)], [1.0, 0.0, 1.0, 0.0])
    folded = groups_of(graph(loss, model=model).collapse("layers.1.neurons.0", "(outside)"))

    # One logit for each sample leaves; both its softplus are the loss's, as are the targets.
    neuron, outside = folded["layers.1.neurons.0"], folded["(outside)"]
    assert (neuron.weights, neuron.operations, neuron.leaving) == (4, 4, 4)
    assert (outside.constants, outside.operations) == (8, 4 * 6 + 1)


def test_an_activation_is_its_neurons() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    folded = groups_of(graph(model([1.0, 2.0]).sigmoid().log(), model=model).collapse())

    assert (folded["layers.1"].operations, folded["(outside)"].operations) == (2, 1)


def test_samples_of_a_batch_are_counted() -> None:
    model = MLP(2, [3, 1], seed=0)
    loss = total(model([float(k), 1.0]) for k in range(10))
    group = groups_of(graph(loss, model=model).collapse("layers.0.neurons.1"))

    assert group["layers.0.neurons.1"].leaving == 10
    assert group["layers.0.neurons.1"].weights == 3


def test_a_neighbourhood_is_what_is_within_reach() -> None:
    x = Value(1.0, label="x")
    y = x.exp()
    y.label = "y"
    z = (y.tanh() + 1.0) * y
    drawn = graph(z)
    near = drawn.around("y")

    assert [node.title for node in near.nodes] == ["x", "y", "v2", "v4"]
    assert near.omitted == 2
    assert {(edge.tail, edge.head) for edge in near.edges} == {
        ("v0", "v1"), ("v1", "v2"), ("v1", "v4")
    }  # fmt: skip
    assert [node.title for node in drawn.around("y", hops=0).nodes] == ["y"]
    assert represented(near) == len(drawn.nodes)


def test_the_ways_of_a_weight_lead_to_the_loss() -> None:
    model, loss = network((2, 2, 1))
    drawn = graph(loss, model=model)
    ways = drawn.paths("layers.0.weight[1][0]")
    modules = {node.module for node in nodes_of(ways).values() if node.operation}

    assert modules == {"layers.0.neurons.1", "layers.1.neurons.0", "layers.1.neurons.1",
                       "layers.2.neurons.0", ""}  # fmt: skip
    assert [node.title for node in nodes_of(ways).values() if node.role == "weight"] == [
        "layers.0.weight[1][0]"
    ]
    assert represented(ways) == len(drawn.nodes)
    part = drawn.paths("layers.0.weight[1][0]", "loss")
    assert part == ways


def test_the_product_along_the_ways_is_the_gradient() -> None:
    model, loss = network((2, 2, 1))
    ways = graph(loss, model=model).paths("layers.0.bias[1]")
    slope = {ways.nodes[-1].name: 1.0}
    for edge in sorted(ways.edges, key=lambda e: -int(e.head[1:])):
        slope[edge.tail] = slope.get(edge.tail, 0.0) + slope[edge.head] * (edge.partial or 0.0)

    assert slope[ways.nodes[0].name] == pytest.approx(
        dict(model.named_parameters())["layers.0.bias[1]"].grad, rel=1e-12
    )


def test_a_fused_sum_is_shown_whole_or_as_what_it_stands_for() -> None:
    xs, ws = [Value(2.0), Value(3.0)], [Value(0.5), Value(-0.7)]
    out = dot(ws, xs, 0.1)
    out.label = "out"
    out.backward()
    whole, parts = graph(out), graph(out, fused=False)

    assert nodes_of(whole)["v4"].formula == "out = 0.1 + v0 * v2 + v1 * v3"
    computed = [node for node in nodes_of(parts).values() if node.operation]
    assert [(n.name, n.symbol) for n in computed] == [
        ("v4p0", "*"), ("v4s0", "+"), ("v4p1", "*"), ("v4", "+"),
    ]  # fmt: skip
    by_hand = 0.1 + ws[0] * xs[0] + ws[1] * xs[1]
    assert computed[-1].value == by_hand.data == out.data
    assert computed[-1].label == "out"
    assert {node.gradient for node in computed} == {1.0}
    assert [e.partial for e in parts.edges if e.head == "v4p1"] == [3.0, -0.7]


def test_a_tape_is_a_graph_too() -> None:
    with Tape() as tape:
        x = Value(2.0)
        x * x
        x + 1.0
    drawn = graph(tape)

    assert [node.role for node in drawn.nodes if isinstance(node, Node)] == [
        "input",
        "output",
        "constant",
        "output",
    ]


def test_the_line_of_the_program_is_known_where_it_was_noted() -> None:
    x = Value(2.0)
    with Tape(lines=True):
        y = x * x
    node = nodes_of(graph(y))["v1"]

    assert isinstance(node.line, Line)
    assert node.line.text == "y = x * x"


def test_a_graph_keeps_no_value_alive() -> None:
    model, loss = network((1,))
    alive = [weakref.ref(loss), *(weakref.ref(weight) for weight in model.parameters())]
    folded = graph(loss, model=model).collapse()
    del model, loss
    gc.collect()

    assert [ref() for ref in alive] == [None] * 4
    assert represented(folded) > 4


def test_a_long_chain_needs_no_recursion() -> None:
    out = start = Value(1.0, label="start")
    for _ in range(5000):
        out = out.tanh()
    drawn = graph(out)

    assert len(drawn.paths("start").nodes) == 5001
    assert len(drawn.around("start", hops=5000).nodes) == 5001
    assert start.label == "start"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda g: g.collapse("layers.7"), "no module 'layers.7' in this graph; there are"),
        (lambda g: g.expand("layers.0"), "no module 'layers.0' in this graph; there is none"),
        (lambda g: g.around("v999"), "there is no node 'v999' in this graph; there are"),
        (lambda g: g.paths("loss", "layers.0.bias[0]"), "no way leads from 'loss' to 'layers"),
        (lambda g: g.paths("layers.0.wieght[0][0]"), r"'layers.0.weight\[0\]\[0\]'"),
    ],
)
def test_a_path_that_does_not_exist_is_a_clear_error(action: Any, message: str) -> None:
    model, loss = network()

    with pytest.raises(UnknownPathError, match=message):
        action(graph(loss, model=model))


def test_a_label_that_several_nodes_have_is_no_name() -> None:
    x = Value(1.0, label="x") * Value(2.0, label="x")

    with pytest.raises(UnknownPathError, match=r"2 nodes of this .* called 'x'.* v0, v1"):
        graph(x).around("x")


@pytest.mark.parametrize("hops", [-1, 1.5, True])
def test_hops_are_counted_from_0(hops: Any) -> None:
    with pytest.raises(OptionError, match="hops must be a whole number from 0"):
        graph(Value(1.0)).around("v0", hops)


def test_what_cannot_be_drawn_is_refused() -> None:
    number: Any = 2.0
    with pytest.raises(NotAValueError, match="graph needs the Value at the end"):
        graph(number)
    with pytest.raises(NotAValueError, match="graph got an empty tape"):
        graph(Tape())
    with pytest.raises(OptionError, match=r"model must have named_parameters\(\)"):
        graph(Value(1.0), model=number)
    with pytest.raises(OptionError, match="names and model both name the leaves"):
        graph(Value(1.0), model=Layer(1, 1), names=[("w", Value(1.0))])


def test_an_edge_knows_its_share() -> None:
    edge = Edge("v1in0", "v0", "v1", "", "x", "y", 2.0, "", 3.0)

    assert edge.share == 6.0
