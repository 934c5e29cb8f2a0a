"""Programs written for micrograd and microgpt run as they are."""

import inspect
import math
import random
import types
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import DefinitionWarning, Tape, Value

# -- micrograd's own tests, with the numbers of the chain rule ---------------------------------


def test_a_small_expression() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    # z = 3x + 2 = -10, so relu(z) = 0; y = z**2 + z x + z x**2.
    assert (z.data, y.data) == (-10.0, 100.0 + 40.0 - 160.0)
    assert x.grad == 2 * -10 * 3 + (3 * -4 - 10) + (3 * 16 + 2 * -10 * -4)
    assert (q.grad, h.grad, y.grad) == (-3.0, 1.0, 1.0)


def test_an_expression_with_every_operator() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    # c = 4(a + b) + 3 - a, twice doubled: c = -1; d = 4 * 3 (a b + b**3) + relu(b - a) = 6.
    assert (c.data, d.data, e.data, f.data) == (-1.0, 6.0, -7.0, 49.0)
    assert g.data == pytest.approx(24.5 + 10 / 49, rel=1e-15)
    # dg/de = e - 20 / e**3; de/da = 3 - (12 b - 1), de/db = 4 - (12 (a + 3 b**2) + 1).
    slope = -7.0 + 20 / 343
    assert a.grad == pytest.approx(slope * (3 - 23), rel=1e-14)
    assert b.grad == pytest.approx(slope * (4 - 97), rel=1e-14)


def test_the_same_expressions_in_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch gives a second opinion")

    def program(a: Any, b: Any, relu: Any) -> Any:
        c = a + b
        d = a * b + b**3
        c = c + c + 1
        c = c + 1 + c + (-a)
        d = d + d * 2 + relu(b + a)
        d = d + 3 * d + relu(b - a)
        e = c - d
        f = e**2
        return f / 2.0 + 10.0 / f

    a, b = Value(-4.0), Value(2.0)
    ours = program(a, b, Value.relu)
    ours.backward()
    x, y = (torch.tensor(t, dtype=torch.float64, requires_grad=True) for t in (-4.0, 2.0))
    theirs = program(x, y, torch.relu)
    theirs.backward()
    assert ours.data == pytest.approx(theirs.item(), rel=1e-14)
    assert a.grad == pytest.approx(x.grad.item(), rel=1e-14)
    assert b.grad == pytest.approx(y.grad.item(), rel=1e-14)


# -- the first lecture: gradients by hand ------------------------------------------------------


def neuron() -> tuple[list[Value], list[Value]]:
    """Return inputs and results of the lecture's neuron, results in order."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    o = n.tanh()
    return [x1, x2, w1, w2, b], [x1w1, x2w2, both, n, o]


def test_backward_called_by_hand_in_order() -> None:
    (x1, x2, w1, w2, b), (x1w1, x2w2, both, n, o) = neuron()
    o.grad = 1.0
    o._backward()
    n._backward()
    b._backward()
    both._backward()
    x2w2._backward()
    x1w1._backward()
    # tanh(n) is 1/sqrt(2), so its slope is 1/2.
    assert n.grad == pytest.approx(0.5, rel=1e-14)
    by_hand = [v.grad for v in (x1, x2, w1, w2, b)]
    assert by_hand == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5], rel=1e-14)
    inputs, results = neuron()
    results[-1].backward()
    assert [v.grad for v in inputs] == by_hand


def test_tanh_in_pieces_has_the_gradient_of_tanh() -> None:
    (x1, x2, w1, w2, b), (*_, n, o) = neuron()
    e = (2 * n).exp()
    pieces = (e - 1) / (e + 1)
    pieces.backward()
    assert pieces.data == pytest.approx(o.data, rel=1e-15)
    grads = [v.grad for v in (x1, x2, w1, w2, b)]
    assert grads == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5], rel=1e-13)


def test_gradients_set_by_hand_are_kept() -> None:
    _, (*_, n, o) = neuron()
    o.grad = 1.0
    n.grad = 0.5
    assert (o.grad, n.grad) == (1.0, 0.5)


# -- the graph, as notebooks walk it -----------------------------------------------------------


def trace(root: Value) -> tuple[set[Value], set[tuple[Value, Value]]]:
    """Walk a graph as the notebooks do, by `_prev` and identity."""
    nodes: set[Value] = set()
    edges: set[tuple[Value, Value]] = set()

    def build(v: Value) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_notebooks_own_trace_finds_every_node_once() -> None:
    inputs, results = neuron()
    nodes, edges = trace(results[-1])
    assert nodes == {*inputs, *results}
    assert len(edges) == 9
    assert len({id(v) for v in nodes}) == 10
    assert {v._op for v in nodes} == {"", "*", "+", "tanh"}


def test_prev_gives_the_same_objects_every_time() -> None:
    a = Value(2.0)
    out = (a * 3.0) + (a * 3.0)
    first = list(out._prev)
    assert [id(v) for v in first] == [id(v) for v in out._prev]
    constants = [list(child._prev) for child in first]
    assert [id(v) for pair in constants for v in pair] == [
        id(v) for child in out._prev for v in child._prev
    ]
    assert constants[0][0] is a


def test_prev_is_a_set_and_children_are_a_sequence() -> None:
    a = Value(3.0)
    b = a * a
    assert len(b._prev) == 1
    assert set(b._prev) == {a}
    assert a in b._prev
    assert b._prev == {a}
    assert b._children == (a, a)
    assert b._local_grads == (3.0, 3.0)
    c = 2.0 - a
    assert [child.data for child in c._children] == [2.0, 3.0]
    assert c._local_grads == (None, -1.0)


@pytest.mark.parametrize(
    ("build", "op"),
    [
        (lambda a: a + a, "+"),
        (lambda a: a - 1, "-"),
        (lambda a: a * 2, "*"),
        (lambda a: a / 2, "/"),
        (lambda a: a**2, "**2"),
        (lambda a: a**0.5, "**0.5"),
        (lambda a: a**-1, "**-1"),
        (lambda a: a**a, "**"),
        (lambda a: 2**a, "**"),
        (lambda a: -a, "neg"),
        (lambda a: a.relu(), "ReLU"),
        (lambda a: a.tanh(), "tanh"),
        (lambda a: a.exp(), "exp"),
        (lambda a: a.log(), "log"),
        (lambda a: a.sigmoid(), "sigmoid"),
        (lambda a: a, ""),
    ],
    ids=["+", "-", "*", "/", "**2", "**0.5", "**-1", "**", "2**a", "neg", "relu", "tanh", "exp",
         "log", "sigmoid", "leaf"],
)  # fmt: skip
def test_symbols_are_those_of_micrograd(build: Any, op: str) -> None:
    assert build(Value(1.5))._op == op


# -- operations of one's own -------------------------------------------------------------------


def cube(x: Value) -> Value:
    """Return x**3 as learners write an operation."""
    out = Value(x.data**3, (x,), "cube")

    def _backward() -> None:
        x.grad += 3 * x.data**2 * out.grad

    out._backward = _backward
    return out


def times(x: Value, y: Value) -> Value:
    """Return x * y as learners write an operation."""
    out = Value(x.data * y.data, (x, y), "times")

    def _backward() -> None:
        x.grad += y.data * out.grad
        y.grad += x.data * out.grad

    out._backward = _backward
    return out


def test_operation_with_an_assigned_backward() -> None:
    x = Value(2.0)
    out = cube(x)
    assert (out.data, out._op, list(out._prev)) == (8.0, "cube", [x])
    out.backward(10.0)
    assert (x.grad, out.grad) == (120.0, 10.0)
    out.backward(10.0)
    assert x.grad == 240.0


def test_operation_of_ones_own_inside_an_expression() -> None:
    x, y = Value(2.0), Value(3.0)
    h = x * y
    out = cube(h) + times(h, h) * x
    out.backward()
    # (x y)**3 + x (x y)**2
    assert x.grad == 3 * 36 * 3 + 36 + 2 * 2 * 6 * 3
    assert y.grad == 3 * 36 * 2 + 2 * 2 * 6 * 2
    assert h.grad == 3 * 36 + 2 * 2 * 6


def test_operation_of_ones_own_on_older_reels() -> None:
    x = Value(2.0)
    with Tape():
        h = x * 3.0
    with Tape():
        k = cube(h)
    out = times(k, h)  # (3x)**4
    out.backward()
    assert x.grad == 4 * 27 * 8 * 3
    first = (h.grad, k.grad)
    out.backward()
    assert x.grad == 2 * 4 * 27 * 8 * 3
    assert (h.grad, k.grad) == first


def test_backward_assigned_to_the_result_of_a_built_in_operation() -> None:
    x = Value(2.0)
    out = x * 3.0

    def straight_through() -> None:
        x.grad += out.grad

    out._backward = straight_through
    (out * 5.0).backward()
    assert (x.grad, out._op) == (5.0, "*")


def test_own_backward_may_be_called_by_hand() -> None:
    x = Value(2.0)
    out = cube(x)
    out.grad = 1.0
    out._backward()
    assert x.grad == 12.0


def test_own_operation_without_backward_passes_nothing_on_and_says_so() -> None:
    x = Value(2.0)
    root = Value(4.0, (x,), "mine") * 3.0
    with pytest.warns(DefinitionWarning) as caught:
        root.backward()
    assert x.grad == 0.0
    assert str(caught[0].message) == (
        "the operation 'mine' passes no gradient to its operands; assign out._backward or use "
        "autograd.operation, or, if it is meant so, say out._backward = lambda: None"
    )
    assert (len(caught), caught[0].filename) == (1, __file__)


def test_who_means_to_pass_nothing_on_hears_nothing() -> None:
    x = Value(2.0)
    out = Value(4.0, (x,), "mine")
    out._backward = lambda: None
    out.backward()
    assert x.grad == 0.0


def test_operations_that_are_only_looked_at_hear_nothing() -> None:
    a, b = Value(2.0), Value(3.0)
    total = Value(5.0, (a, b), "+")
    (a * b + total.data).backward()
    (a + total * 0.0).data  # noqa: B018
    assert (set(total._prev), total._op, len(total.tape)) == ({a, b}, "+", 3)


@given(st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=4))
def test_own_operations_have_the_gradients_of_built_in_ones(xs: list[float]) -> None:
    def program(values: Sequence[Value], multiply: Any) -> Any:
        out = values[0]
        for v in values:
            out = multiply(out, v) + out
        return out

    ours, theirs = [Value(x) for x in xs], [Value(x) for x in xs]
    program(ours, times).backward(3.0)
    program(theirs, lambda x, y: x * y).backward(3.0)
    assert [v.grad for v in ours] == pytest.approx([v.grad for v in theirs], rel=1e-13)


def test_local_derivatives_in_the_style_of_microgpt() -> None:
    x, y = Value(2.0), Value(3.0)
    out = Value(x.data * y.data, (x, y), (y.data, x.data))
    assert (out._children, out._local_grads) == ((x, y), (3.0, 2.0))
    (out * 10.0).backward()
    assert (x.grad, y.grad) == (30.0, 20.0)


# -- micrograd's networks on our Value ---------------------------------------------------------


def module_on_our_value(source: str) -> Any:
    """Return micrograd's nn as a module that takes its Value from us."""
    module = types.ModuleType("micrograd_nn_on_ours")
    code = source.replace("from micrograd.engine import Value", "from autograd import Value")
    exec(code, vars(module))  # noqa: S102 - a library's own source
    return module


def hinge_step(model: Any, rate: float) -> tuple[float, list[float]]:
    """Take one step of micrograd's demo on four points; return loss and weights."""
    points = [([1.0, 2.0], 1), ([-1.0, 0.5], -1), ([0.5, -1.5], -1), ([2.0, 1.0], 1)]
    scores = [model(x) for x, _ in points]
    losses = [(1 + -y * score).relu() for (_, y), score in zip(points, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= rate * p.grad
    return loss.data, [p.data for p in model.parameters()]


def test_micrograds_nn_trains_on_our_value_as_on_its_own() -> None:
    theirs = pytest.importorskip("micrograd.nn", reason="micrograd is compared with")
    ours = module_on_our_value(inspect.getsource(theirs))
    models = []
    for nn in (ours, theirs):
        random.seed(1337)
        models.append(nn.MLP(2, [4, 4, 1]))
    assert repr(models[0]) == repr(models[1])
    for step in range(20):
        rate = 1.0 - 0.9 * step / 20
        (loss, weights), (expected, expected_weights) = (hinge_step(m, rate) for m in models)
        # Sums of gradients are taken in another order.
        assert loss == pytest.approx(expected, rel=1e-9)
        assert weights == pytest.approx(expected_weights, rel=1e-9)
    assert isinstance(models[0].parameters()[0], Value)


# -- a small language model in the style of microgpt -------------------------------------------


def softmax(logits: Sequence[Any]) -> list[Any]:
    top = max(v.data for v in logits)
    exps = [(v - top).exp() for v in logits]
    norm = sum(exps)
    return [e / norm for e in exps]


def rmsnorm(x: Sequence[Any]) -> list[Any]:
    scale = (sum(v * v for v in x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]


def linear(x: Sequence[Any], w: Sequence[Sequence[Any]]) -> list[Any]:
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def loss_of(tokens: Sequence[int], state: dict[str, Any]) -> Any:
    """Return the mean loss of a one-layer, one-head transformer over some tokens."""
    keys: list[Any] = []
    values: list[Any] = []
    losses: list[Any] = []
    for position, (token, target) in enumerate(pairwise(tokens)):
        pairs = zip(state["wte"][token], state["wpe"][position], strict=True)
        x = rmsnorm([t + p for t, p in pairs])
        q, k, v = (linear(x, state[name]) for name in ("wq", "wk", "wv"))
        keys.append(k)
        values.append(v)
        scores = [
            sum(a * b for a, b in zip(q, key, strict=True)) / len(q) ** 0.5 for key in keys
        ]
        weights = softmax(scores)
        head = [
            sum(w * value[j] for w, value in zip(weights, values, strict=True))
            for j in range(len(q))
        ]
        x = [a + b for a, b in zip(linear(head, state["wo"]), x, strict=True)]
        hidden = [h.relu() for h in linear(rmsnorm(x), state["fc1"])]
        x = [a + b for a, b in zip(linear(hidden, state["fc2"]), x, strict=True)]
        losses.append(-softmax(linear(x, state["head"]))[target].log())
    return (1 / len(losses)) * sum(losses)


def small_state(make: Any) -> dict[str, Any]:
    numbers = random.Random(42)

    def matrix(rows: int, columns: int) -> list[list[Any]]:
        return [[make(numbers.gauss(0, 0.5)) for _ in range(columns)] for _ in range(rows)]

    shapes = {"wte": (5, 4), "wpe": (6, 4), "wq": (4, 4), "wk": (4, 4), "wv": (4, 4)}
    shapes |= {"wo": (4, 4), "fc1": (8, 4), "fc2": (4, 8), "head": (5, 4)}
    return {name: matrix(*shape) for name, shape in shapes.items()}


def test_a_small_transformer_has_the_gradients_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch gives a second opinion")
    tokens = [0, 3, 1, 4, 2, 0]
    ours = small_state(Value)
    loss = loss_of(tokens, ours)
    loss.backward()

    theirs = small_state(lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True))
    expected = loss_of(tokens, theirs)
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    for name, rows in ours.items():
        for row, twin in zip(rows, theirs[name], strict=True):
            for p, t in zip(row, twin, strict=True):
                truth = 0.0 if t.grad is None else t.grad.item()
                assert p.grad == pytest.approx(truth, rel=1e-10, abs=1e-14), name


def test_a_small_transformer_learns() -> None:
    tokens = [0, 3, 1, 4, 2, 0]
    state = small_state(Value)
    params = [p for rows in state.values() for row in rows for p in row]
    history = []
    for _ in range(30):
        loss = loss_of(tokens, state)
        loss.backward()
        history.append(loss.data)
        for p in params:
            p.data -= 0.2 * p.grad
            p.grad = 0
    assert history[0] > 1.0
    assert history[-1] < 0.25 * history[0]
    assert all(math.isfinite(x) for x in history)
