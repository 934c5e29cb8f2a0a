"""Diagnostics against hand-made networks, and what initialisation does to deep ones."""

import math
import random
from collections.abc import Callable
from statistics import pstdev
from typing import Any

import pytest

from autograd import Value
from nn import MLP, SGD, Module, Neuron, bce_with_logits, cross_entropy, data, fit, mse_loss
from nn.depth import Initialise
from nn.diagnostics import (
    depth_sweep,
    expected_loss,
    look_inside,
    snapshot,
    update_ratios,
)
from nn.randomness import normal


def made(activation: str, weights: list[float], widths: list[int]) -> MLP:
    """Return a network of one input with these weights, in the order of its parameters."""
    model = MLP(1, widths, activation)
    for parameter, number in zip(model.parameters(), weights, strict=True):
        parameter.data = number
    return model


def test_a_dead_unit_and_gradients_are_found() -> None:
    # Neuron 0 passes x on, neuron 1 is off for every sample; the output adds them.
    model = made("relu", [1.0, 0.0, -1.0, 0.0, 1.0, 1.0, 0.0], [2, 1])
    report = look_inside(model, ([[1.0], [3.0]], [0.0, 0.0]), mse_loss)
    hidden, out = report.layers

    assert (hidden.dead, out.dead) == (0.5, 0.0)
    assert (hidden.mean, hidden.std) == (1.0, pstdev([1.0, 0.0, 3.0, 0.0]))
    assert (out.mean, out.std) == (2.0, 1.0)
    # d(mean of y**2)/dy is y for two samples; both weights of the sum are 1.
    assert out.gradient == pstdev([1.0, 3.0])
    assert hidden.gradient == pstdev([1.0, 1.0, 3.0, 3.0])
    assert out.weight_gradient == pstdev([10.0, 0.0, 4.0])
    assert report.loss == 5.0
    assert hidden.saturated is None


@pytest.mark.parametrize(("activation", "x"), [("tanh", 3.0), ("sigmoid", 6.0)])
def test_saturated_outputs_are_counted(activation: str, x: float) -> None:
    model = made(activation, [1.0, 0.0, 0.01, 0.0, 1.0, 1.0, 0.0], [2, 1])
    hidden, out = look_inside(model, ([[x], [-x]], [0, 1]), bce_with_logits).layers

    assert (hidden.saturated, out.saturated) == (0.5, None)


def test_the_table_has_a_line_for_each_layer() -> None:
    model = made("tanh", [1.0, 0.0, 1.0, 0.0], [1, 1])
    text = str(look_inside(model, ([[0.0], [0.0]], [0.0, 0.0]), mse_loss))

    assert [line.split() for line in text.splitlines()] == [
        ["loss", "0"],
        ["layer", "mean", "std", "saturated", "dead", "gradient", "weight", "its", "grad"],
        ["layers.0", "0", "0", "0%", "100%", "0", "0.5", "0"],
        ["layers.1", "0", "0", "100%", "0", "0.5", "0"],
    ]


def test_looking_changes_no_weight_and_leaves_no_gradient() -> None:
    model = MLP(2, [3, 2], "tanh", seed=0)
    before = snapshot(model)
    look_inside(model, data.moons(6), cross_entropy)

    assert snapshot(model) == before
    assert all(weight.gradient is None for weight in model.parameters())


class Chain(Module):
    """Parts one after the other, functions among them."""

    def __init__(self, *parts: Any) -> None:
        self.parts = list(parts)


def test_parts_may_be_functions_without_weights() -> None:
    double = Chain(Neuron(1, activation=None), lambda output: [2.0 * output], lambda xs: xs[0])
    double.parts[0].w[0].data, double.parts[0].b.data = 3.0, 0.0
    layers = look_inside(double, ([[1.0], [-1.0]], [0.0, 0.0]), mse_loss).layers

    assert [layer.name for layer in layers] == ["parts.0", "parts.1", "parts.2"]
    assert [layer.std for layer in layers] == [3.0, 6.0, 6.0]
    assert [layer.gradient for layer in layers] == [12.0, 6.0, 6.0]
    assert [layer.weight for layer in layers] == [1.5, 0.0, 0.0]


def test_a_model_without_layers_is_refused() -> None:
    with pytest.raises(TypeError, match="look_inside needs a model with a list of layers"):
        look_inside(MLP(1, [1]).layers[0], ([[1.0]], [0.0]), mse_loss)


def test_a_network_that_knows_nothing_costs_the_logarithm_of_the_classes() -> None:
    xs, ys = data.spiral(12)
    model = MLP(2, [4, 3], "tanh", seed=0)
    for neuron in model.layers[1].neurons:
        for weight in neuron.w:
            weight.data *= 1e-9

    assert look_inside(model, (xs, ys), cross_entropy).loss == pytest.approx(expected_loss(3))


def test_update_ratios_are_those_of_a_step() -> None:
    model = MLP(1, [2, 1], "tanh", seed=0)
    before = snapshot(model)
    fit(
        model,
        ([[1.0]], [1.0]),
        mse_loss,
        SGD(model.parameters(), lr=0.1),
        epochs=1,
    )
    after = snapshot(model)
    (a, b), (c, d) = before["layers.0.weight"], after["layers.0.weight"]
    ratio = (abs((c - a) - (d - b)) / 2) / (abs(a - b) / 2)

    assert update_ratios(before, after)["layers.0.weight"] == pytest.approx(
        math.log10(ratio), abs=1e-6
    )
    # All biases begin at 0, and one weight has no deviation.
    assert update_ratios(before, after)["layers.0.bias"] is None
    assert update_ratios(before, after)["layers.1.bias"] is None


# -- depth --------------------------------------------------------------------------------


def uniform(bound: Callable[[int], float]) -> Initialise:
    def initialise(nin: int, nout: int, generator: random.Random) -> Any:
        rows = [
            [bound(nin) * (2.0 * generator.random() - 1.0) for _ in range(nin)]
            for _ in range(nout)
        ]
        return rows, [0.0] * nout

    return initialise


def normals(std: Callable[[int], float]) -> Initialise:
    def initialise(nin: int, nout: int, generator: random.Random) -> Any:
        rows = [[std(nin) * normal(generator) for _ in range(nin)] for _ in range(nout)]
        return rows, [0.0] * nout

    return initialise


MICROGRAD = uniform(lambda nin: 1.0)
TORCH = uniform(lambda nin: 1.0 / math.sqrt(nin))
XAVIER = uniform(lambda nin: math.sqrt(3.0 / nin))
HE = normals(lambda nin: math.sqrt(2.0 / nin))
TINY = normals(lambda nin: 0.01)


@pytest.mark.parametrize(
    ("initialise", "activation", "low", "high"),
    [
        (HE, "relu", 1e-2, 1e2),
        (XAVIER, "tanh", 1e-2, 1e1),
        (MICROGRAD, "relu", 1e2, 1e6),
        (TORCH, "relu", 1e-11, 1e-5),
        (TINY, "relu", 0.0, 1e-20),
        (HE, "sigmoid", 0.0, 1e-5),
    ],
    ids=["He", "Xavier", "exploding", "torch", "tiny", "sigmoid"],
)
def test_gradients_vanish_or_explode_as_initialisation_has_it(
    initialise: Initialise, activation: str, low: float, high: float
) -> None:
    assert low < depth_sweep(initialise, activation, samples=4, seed=1).ratio < high


def test_without_an_activation_the_sweep_is_what_matrices_do() -> None:
    def double(nin: int, nout: int, _generator: random.Random) -> Any:
        return [[2.0 * (i == j) for i in range(nin)] for j in range(nout)], [0.0] * nout

    sweep = depth_sweep(double, None, depth=5, width=3, samples=8)

    assert [b / a for a, b in zip(sweep.outputs, sweep.outputs[1:], strict=False)] == (
        pytest.approx([2.0] * 4)
    )
    assert sweep.ratio == pytest.approx(16.0)
    assert sweep.saturated is None


def test_saturation_of_a_deep_network_is_told() -> None:
    # About a quarter of all outputs, where weights between -1 and 1 meet sixteen inputs.
    found = depth_sweep(MICROGRAD, "tanh", samples=4).saturated

    assert found is not None
    assert 0.1 < found < 0.4


def test_one_neuron_is_wide_enough() -> None:
    sweep = depth_sweep(lambda i, o, g: ([[0.5]], [0.0]), None, depth=3, width=1, samples=5)

    assert sweep.ratio == pytest.approx(0.25)
    assert isinstance(MLP(1, [1])([1.0]), Value)
