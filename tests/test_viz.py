"""What a drawing shows: nodes, arrows, numbers, names, and what it refuses."""

import gc
import os
import re
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import graphviz
import pytest

import autograd
from autograd import Tape, Value, no_grad
from viz import Drawing, draw_dot, graph, theme

GOLDEN = Path(__file__).parent / "golden"


def square() -> Value:
    """Return y = x*x + x at 3, swept."""
    x = Value(3.0, label="x")
    y: Value = x * x + x
    y.label = "y"
    y.backward()
    return y


def neuron() -> Value:
    """Return the neuron of micrograd's lecture, with a constant, swept."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    n = x1 * w1 + x2 * w2 + 6.8813735870195432
    n.label = "n"
    o: Value = n.tanh()
    o.label = "o"
    o.backward()
    return o


EXAMPLES = {"square": square, "neuron": neuron}


def node_lines(source: str) -> dict[str, str]:
    """Return the statement of each node by its name."""
    return dict(re.findall(r"^\t(v\d+\w*) \[(.*)\]$", source, re.MULTILINE))


def arrows(source: str) -> list[tuple[str, str, str]]:
    """Return (tail, head, text) of every arrow, in order."""
    found = re.findall(
        r"^\t(\w+) -> (\w+) \[(?:label=(\"[^\"]*\"|\w+) )?", source, re.MULTILINE
    )
    return [(tail, head, text.strip('" ')) for tail, head, text in found]


def into(source: str, head: str) -> list[tuple[str, str]]:
    """Return (tail, text) of every arrow into a node, in order."""
    return [(tail, text) for tail, to, text in arrows(source) if to == head]


def label_of(source: str, name: str) -> str:
    found = re.match(r'label=("(?:[^"\\]|\\.)*"|\S+)', node_lines(source)[name])
    assert found is not None
    return found[1].strip('"')


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_dot_text_is_the_one_on_file(name: str) -> None:
    assert draw_dot(EXAMPLES[name]()).source == (GOLDEN / f"{name}.dot").read_text("utf-8")


def assert_deaf_to_hashing(program: str) -> None:
    """Check that a program prints something, and the same under two seeds of hashing."""
    first, second = (
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=GOLDEN.parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second != ""


def test_the_dot_text_does_not_depend_on_hashing() -> None:
    program = (
        "import tests.test_viz as examples, viz\n"
        "print(*[viz.draw_dot(e()).source for e in examples.EXAMPLES.values()])"
    )
    assert_deaf_to_hashing(program)


def test_the_picture_is_a_digraph() -> None:
    picture = draw_dot(square())

    assert isinstance(picture, graphviz.Digraph)
    assert picture.format == "svg"
    assert draw_dot(square(), "png").format == "png"
    assert repr(picture) == "a drawing of 3 values and 2 operations"


def test_a_copy_of_a_picture_is_a_picture() -> None:
    picture = draw_dot(square(), format="png")
    copy = picture.copy()

    assert isinstance(copy, Drawing)
    assert (copy.source, copy.format, repr(copy)) == (picture.source, "png", repr(picture))


def test_a_value_used_twice_has_two_arrows() -> None:
    x = Value(3.0)

    assert into(draw_dot(x * x).source, "v1op") == [("v0", "3"), ("v0", "3")]
    assert into(draw_dot(x + x).source, "v1op") == [("v0", "1"), ("v0", "1")]


def test_a_shared_intermediate_is_drawn_once() -> None:
    a = Value(2.0)
    b = a * a
    source = draw_dot(b + b * a).source

    assert list(node_lines(source)) == ["v0", "v1op", "v1", "v2op", "v2", "v3op", "v3"]
    assert Counter(tail for tail, _, _ in arrows(source))["v1"] == 2


@pytest.mark.parametrize(
    ("function", "texts"),
    [
        (lambda a, b: a - b, ["left: 1", "right: -1"]),
        (lambda a, b: b - a, ["left: 1", "right: -1"]),
        (lambda a, b: a / b, ["left: 0.25", "right: -0.125"]),
        (lambda a, b: a**b, ["left: 32", "right: 11.09"]),
        (lambda a, b: a + b, ["1", "1"]),
        (lambda a, b: a * b, ["4", "2"]),
        (autograd.atan2, ["operand 1: 0.2", "operand 2: -0.1"]),
        (lambda a, b: autograd.where(a < b, a, b), ["condition", "then: 1", "else: 0"]),
        (lambda a, b: autograd.total([b, a, b]), ["1", "1", "1"]),
        (
            lambda a, b: autograd.dot([a, b], [b, a], start=a),
            ["pair 1: 4", "pair 1: 2", "pair 2: 2", "pair 2: 4", "start: 1"],
        ),
        (lambda a, b: a.tanh() + b, ["1", "1"]),
        (lambda a, _: autograd.leaky_relu(a), ["1", "slope"]),
        (lambda a, _: a**2, ["4"]),
        (lambda a, _: 2**a, ["left", "right: 2.773"]),
        (lambda a, b: Value(7.0, (a, b), "mine", local_grads=(5.0, 6.0)),
         ["operand 1: 5", "operand 2: 6"]),
    ],
)  # fmt: skip
def test_arrows_stand_in_operand_order_with_slot_and_local_derivative(
    function: Callable[[Value, Value], Value], texts: list[str]
) -> None:
    source = draw_dot(function(Value(2.0), Value(4.0))).source
    root = list(node_lines(source))[-1]

    assert [text for _, text in into(source, f"{root}op")] == texts


def test_operands_keep_their_order() -> None:
    a, b = Value(2.0, label="a"), Value(4.0, label="b")
    source = draw_dot(a + b * a).source
    names = {label_of(source, name)[1]: name for name in ("v0", "v1")}

    assert into(source, "v2op") == [(names["b"], "2"), (names["a"], "4")]
    assert into(source, "v3op") == [(names["a"], "1"), ("v2", "1")]


def test_the_symbols_are_micrograds() -> None:
    x = Value(2.0)
    source = draw_dot((x**2 + x.relu()) * x.tanh()).source
    symbols = [label_of(source, name) for name in node_lines(source) if name.endswith("op")]

    assert symbols == ["**2", "ReLU", "+", "tanh", "*"]


def test_an_operation_without_a_symbol_still_has_a_node() -> None:
    assert label_of(draw_dot(Value(4.0, (Value(2.0),))).source, "v1op") == "custom"


def test_the_label_has_a_cell_only_if_there_is_one() -> None:
    x = Value(2.0, label="x")
    source = draw_dot(x * 3.0).source

    assert label_of(source, "v0") == "{x|data 2|grad -}"
    assert label_of(source, "v1") == "{data 6|grad -}"


def test_a_gradient_is_a_dash_until_there_is_one() -> None:
    x, y = Value(2.0), Value(-1.0)
    product = x * y
    before = draw_dot(product).source
    product.backward()
    after = draw_dot(product).source

    assert [label_of(before, f"v{k}").split("|")[-1] for k in range(3)] == ["grad -}"] * 3
    assert "no backward pass yet" in before
    assert [label_of(after, f"v{k}").split("|")[-1] for k in range(3)] == [
        "grad -1}",
        "grad 2}",
        "grad 1}",
    ]
    assert "no backward pass yet" not in after


def test_a_gradient_that_is_zero_is_zero_and_no_dash() -> None:
    w, x = Value(2.0), Value(-1.0)
    out = (w * x).relu()
    out.backward()

    assert label_of(draw_dot(out).source, "v0") == "{data 2|grad 0}"


def test_small_numbers_do_not_turn_to_zero() -> None:
    x = Value(1.25e-7)
    out = x * 3e-9
    out.backward()
    source = draw_dot(out).source

    assert label_of(source, "v0") == "{data 1.25e-07|grad 3e-09}"
    assert label_of(source, "v1") == "{data 3.75e-16|grad 1}"
    assert into(source, "v1op") == [("v0", "3e-09"), ("v1c1", "")]


def test_a_constant_has_a_node_for_each_use() -> None:
    x = Value(5.0)
    source = draw_dot(2.0 * x + 2.0).source
    constants = {n: label_of(source, n) for n in node_lines(source) if "c" in n}

    assert constants == {"v1c0": "2", "v2c1": "2"}


def test_roles_are_classes() -> None:
    source = draw_dot(square() * 2.0).source
    roles = {
        name: re.findall(r"class=(\w+)", line)[0] for name, line in node_lines(source).items()
    }

    assert roles == {
        "v0": "leaf",
        "v1op": "operation",
        "v1": "computed",
        "v2op": "operation",
        "v2": "computed",
        "v3c1": "constant",
        "v3op": "operation",
        "v3": "root",
    }


def test_numbers_that_are_not_finite_stand_out() -> None:
    with autograd.ieee():
        out = Value(0.0).log() * 1.0
    lines = node_lines(draw_dot(out).source)

    assert 'class="computed nonfinite"' in lines["v1"]
    assert theme.WARNING_LINE in lines["v1"]
    assert "nonfinite" not in lines["v0"]
    assert theme.WARNING_LINE not in lines["v0"]


def test_an_arrow_explains_itself() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    c.label = "c"
    (c * 4.0).backward()

    assert (
        'tooltip="a\\nd(c)/d(a) = -3\\nbecause in general d(x * y)/dx = y\\n'
        'adds 4 * -3 = -12 to the gradient of a"'
    ) in draw_dot(c).source


def test_a_gradient_of_zero_adds_zero_however_steep_the_operation() -> None:
    with autograd.ieee():
        x = Value(0.0)
        out = x.sqrt() * 0.0
        out.backward()

    steep = graph(out).edges[0]
    assert (steep.partial, steep.upstream, steep.share) == (float("inf"), 0.0, 0.0)
    assert "adds 0 * inf = 0 to the gradient" in draw_dot(out).source


def test_a_single_value_is_one_node() -> None:
    source = draw_dot(Value(1.0, label="w")).source

    assert list(node_lines(source)) == ["v0"]
    assert arrows(source) == []
    assert label_of(source, "v0") == "{w|data 1|grad -}"


def test_a_result_of_no_grad_is_one_node() -> None:
    with no_grad():
        y = Value(3.0) * 2.0

    assert list(node_lines(draw_dot(y).source)) == ["v0"]


def test_a_graph_over_several_tapes_is_one_picture() -> None:
    x = Value(2.0, label="x")
    with Tape():
        y = x * x
    with Tape():
        z = y * x
    z.backward()

    source = draw_dot(z).source
    assert [name for name in node_lines(source) if "op" not in name] == ["v0", "v1", "v2"]
    assert label_of(source, "v0") == "{x|data 2|grad 12}"


def test_a_label_too_long_is_cut_and_whole_in_the_tooltip() -> None:
    label = "abcdefghij" * 10
    source = draw_dot(Value(1.0, label=label)).source

    assert label_of(source, "v0") == "{abcdefghijabcdefghi...cdefghijabcdefghij|data 1|grad -}"
    assert label in source


def test_a_picture_keeps_no_value_alive() -> None:
    leaf = Value(2.0, label="x")
    result = leaf * leaf
    result.backward()
    alive = [weakref.ref(leaf), weakref.ref(result)]
    drawn, picture = graph(result), draw_dot(result)
    assert all(ref() is not None for ref in alive)

    del leaf, result
    gc.collect()

    assert [ref() for ref in alive] == [None, None]
    assert len(drawn.nodes) == 2
    assert "x|data 2" in picture.source


def test_every_direction_is_passed_on() -> None:
    for rankdir in ("LR", "TB", "RL", "BT"):
        assert f"rankdir={rankdir} " in draw_dot(square(), rankdir=rankdir).source
