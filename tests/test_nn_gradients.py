"""Gradients of whole networks against torch, difference quotients and calculus by hand."""

import math
import random
from typing import Any

import pytest

from autograd import Value
from nn import MLP, Neuron, cross_entropy

SHAPES = [(3, [1]), (1, [1, 1, 1]), (2, [16, 16, 1]), (4, [8, 3]), (5, [4, 4, 4, 4, 2])]
ACTIVATIONS = [
    "relu",
    "tanh",
    "sigmoid",
    "gelu",
    "silu",
    "elu",
    "selu",
    "leaky_relu",
    "softplus",
    "softsign",
    "log_sigmoid",
]


def samples(count: int, width: int, seed: int) -> list[list[float]]:
    generator = random.Random(seed)
    return [[generator.gauss(0.0, 1.0) for _ in range(width)] for _ in range(count)]


def answers(model: MLP, x: Any) -> list[Value]:
    answer = model(x)
    return answer if isinstance(answer, list) else [answer]


def run(model: MLP, data: list[list[float]]) -> tuple[list[float], list[list[Value]]]:
    """Return the outputs and inputs of some samples after a sweep with uneven seeds."""
    outputs, inputs = [], [[Value(x) for x in row] for row in data]
    loss = Value(0.0)
    for k, row in enumerate(inputs):
        for j, out in enumerate(answers(model, row)):
            outputs.append(out.data)
            loss = loss + (0.5 + k - 2 * j) * out
    model.zero_grad()
    loss.backward()
    return outputs, inputs


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("nin", "nouts"), SHAPES)
def test_outputs_and_gradients_agree_with_torch(
    nin: int, nouts: list[int], activation: str
) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    name = {"log_sigmoid": "logsigmoid"}.get(activation, activation)
    bend = getattr(torch.nn.functional, name)
    model = MLP(nin, nouts, activation, "tanh", seed=nin)
    data = samples(4, nin, seed=7)
    for k, p in enumerate(model.parameters()):
        p.data += 0.01 * k % 0.1  # biases other than 0
    outputs, inputs = run(model, data)

    x = torch.tensor(data, dtype=torch.float64, requires_grad=True)
    pairs = []
    out = x
    for number, layer in enumerate(model.layers):
        weight = [[w.data for w in neuron.w] for neuron in layer.neurons]
        weight = torch.tensor(weight, dtype=torch.float64, requires_grad=True)
        bias = [neuron.b.data for neuron in layer.neurons]
        bias = torch.tensor(bias, dtype=torch.float64, requires_grad=True)
        pairs.append((layer, weight, bias))
        out = torch.nn.functional.linear(out, weight, bias)
        out = torch.tanh(out) if number == len(nouts) - 1 else bend(out)
    seeds = [[0.5 + k - 2 * j for j in range(nouts[-1])] for k in range(len(data))]
    out.backward(torch.tensor(seeds, dtype=torch.float64))

    # A sum of some terms of size 1 in another order differs by about 1e-15.
    close: Any = {"rel": 1e-12, "abs": 1e-14}
    assert outputs == pytest.approx(out.flatten().tolist(), **close)
    for layer, weight, bias in pairs:
        for j, neuron in enumerate(layer.neurons):
            assert [w.grad for w in neuron.w] == pytest.approx(weight.grad[j].tolist(), **close)
            assert neuron.b.grad == pytest.approx(bias.grad[j].item(), **close)
    for row, slopes in zip(inputs, x.grad.tolist(), strict=True):
        assert [v.grad for v in row] == pytest.approx(slopes, **close)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu", "silu", "softplus"])
def test_gradients_agree_with_difference_quotients(activation: str, fused: bool) -> None:
    model = MLP(3, [4, 2], activation, fused=fused, seed=5)
    data = samples(3, 3, seed=11)
    _, inputs = run(model, data)
    found = [p.grad for p in model.parameters()]
    slopes = [[v.grad for v in row] for row in inputs]

    def loss() -> float:
        return math.fsum(
            (0.5 + k - 2 * j) * out.data
            for k, row in enumerate(data)
            for j, out in enumerate(answers(model, row))
        )

    # Central differences over h: error about h**2 and epsilon / h, so 1e-9 at h = 1e-5.
    h = 1e-5
    for p, gradient in zip(model.parameters(), found, strict=True):
        weight = p.data
        p.data = weight + h
        above = loss()
        p.data = weight - h
        below = loss()
        p.data = weight
        assert gradient == pytest.approx((above - below) / (2 * h), rel=1e-7, abs=1e-8)
    for row, gradients in zip(data, slopes, strict=True):
        for i, gradient in enumerate(gradients):
            x = row[i]
            row[i] = x + h
            above = loss()
            row[i] = x - h
            below = loss()
            row[i] = x
            assert gradient == pytest.approx((above - below) / (2 * h), rel=1e-7, abs=1e-8)


def test_a_tanh_neuron_by_hand() -> None:
    neuron = Neuron(2, activation="tanh")
    neuron.w[0].data, neuron.w[1].data, neuron.b.data = 0.5, -0.25, 0.125
    x = [Value(2.0), Value(3.0)]
    out = neuron(x)
    out.backward()
    # tanh(1 - 0.75 + 0.125), whose slope is 1 / cosh(0.375)**2.
    slope = 1.0 / math.cosh(0.375) ** 2

    assert out.data == math.tanh(0.375)
    assert neuron.w[0].grad == pytest.approx(2.0 * slope, rel=1e-15)
    assert neuron.w[1].grad == pytest.approx(3.0 * slope, rel=1e-15)
    assert neuron.b.grad == pytest.approx(slope, rel=1e-15)
    assert x[0].grad == pytest.approx(0.5 * slope, rel=1e-15)
    assert x[1].grad == pytest.approx(-0.25 * slope, rel=1e-15)


def test_softmax_regression_by_hand() -> None:
    model = MLP(2, [3], seed=0)
    x, target = [1.5, -2.0], 1
    z = [v.data for v in model(x)]
    cross_entropy(model(x), target).backward()
    norm = sum(map(math.exp, z))
    errors = [math.exp(v) / norm - (j == target) for j, v in enumerate(z)]

    for neuron, error in zip(model.layers[0].neurons, errors, strict=True):
        assert [w.grad for w in neuron.w] == pytest.approx([error * v for v in x], rel=1e-13)
        assert neuron.b.grad == pytest.approx(error, rel=1e-13)


def test_the_slope_of_a_linear_neuron_is_its_weight() -> None:
    neuron = Neuron(7, nonlin=False, seed=4)
    x = [Value(v) for v in samples(1, 7, seed=1)[0]]
    neuron(x).backward()

    assert [v.grad for v in x] == [w.data for w in neuron.w]


def test_samples_taken_one_by_one_add_up_to_the_batch() -> None:
    data, targets = samples(6, 4, seed=2), [0, 1, 2, 2, 1, 0]
    model = MLP(4, [5, 3], "tanh", seed=3)
    cross_entropy([model(x) for x in data], targets).backward()
    whole = [p.grad for p in model.parameters()]
    model.zero_grad()
    for x, target in zip(data, targets, strict=True):
        (cross_entropy(model(x), target) / 6).backward()

    assert [p.grad for p in model.parameters()] == pytest.approx(whole, rel=1e-12, abs=1e-15)
