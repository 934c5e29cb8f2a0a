"""Counting weights, the table of a network, modes, names and sensitivities."""

import random
from typing import Any

import pytest

from autograd import Value
from nn import (
    MLP,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    Module,
    Neuron,
    Parameter,
    RMSNorm,
    Sequential,
    sensitivity,
)

# -- counting -----------------------------------------------------------------------------


# The widths of networks people teach with, and how many weights they have.
LADDER = [
    (2, [2, 1], 9),
    (2, [16, 16, 1], 337),
    (4, [8, 3], 67),
    (64, [16, 10], 1210),
]


@pytest.mark.parametrize(("nin", "nouts", "count"), LADDER)
def test_number_of_weights_and_of_products(nin: int, nouts: list[int], count: int) -> None:
    model = MLP(nin, nouts)
    summary = model.summary()

    assert model.num_parameters() == summary.weights == count
    assert summary.multiply_adds == count - sum(nouts)


def test_numbers_of_weights_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="counts with torch")
    ours = Sequential(
        Linear(5, 7), "relu", LayerNorm(7), Linear(7, 3, bias=False), Embedding(4, 2),
        RMSNorm(3), Dropout(0.5),
    )  # fmt: skip
    theirs = torch.nn.Sequential(
        torch.nn.Linear(5, 7), torch.nn.ReLU(), torch.nn.LayerNorm(7),
        torch.nn.Linear(7, 3, bias=False), torch.nn.Embedding(4, 2), torch.nn.RMSNorm(3),
        torch.nn.Dropout(0.5),
    )  # fmt: skip

    assert ours.num_parameters() == sum(p.numel() for p in theirs.parameters())


def test_shared_weights_are_counted_once() -> None:
    layer = Linear(3, 3)

    assert Sequential(layer, "tanh", layer).num_parameters() == 12
    assert Sequential(layer, "tanh", layer).summary().weights == 12


def test_frozen_weights_are_counted_apart() -> None:
    model = MLP(2, [16, 16, 1]).freeze("layers.1")

    assert model.num_parameters() == 337
    assert model.num_parameters(trainable_only=True) == 337 - 272
    assert model.summary().frozen == 272


# -- the table ----------------------------------------------------------------------------


def test_the_table_of_a_network() -> None:
    assert str(MLP(4, [8, 3]).freeze("layers.0").summary()).splitlines() == [
        "part      kind   shapes                  weights   share  bytes  multiply-adds",
        "layers.0  Layer  weight 8 x 4, bias 8  40 frozen  59.7 %    320             32",
        "layers.1  Layer  weight 3 x 8, bias 3         27  40.3 %    216             24",
        "67 weights, 40 frozen, 536 bytes as float64, 56 multiply-adds a sample",
    ]


def test_the_table_of_ones_own_module() -> None:
    class Mine(Module):
        def __init__(self) -> None:
            self.scale = Parameter(2.0)
            self.inner = [Embedding(3, 2), Linear(2, 1)]

    lines = repr(Mine().summary()).splitlines()

    assert lines[1].split() == ["(itself)", "Mine", "scale", "1", "10.0", "%", "8", "?"]
    assert lines[2].split()[:2] == ["inner.0", "Embedding"]
    assert lines[2].split()[-1] == "0"
    assert lines[-1] == "10 weights, 0 frozen, 80 bytes as float64, ? multiply-adds a sample"


def test_a_module_says_how_many_products_it_takes() -> None:
    class Scale(Module):
        def __init__(self) -> None:
            self.scale = Parameter(2.0)

        def __call__(self, x: Value) -> Value:
            return self.scale * x

        def multiply_adds(self) -> int:
            return 1

    assert Sequential(Scale(), LayerNorm(4), RMSNorm(4)).summary().multiply_adds == 9
    assert Neuron(7).summary().multiply_adds == 7


def test_a_network_without_weights_has_an_empty_table() -> None:
    assert Sequential("relu").summary().weights == 0
    assert str(Sequential("relu").summary()).endswith("0 multiply-adds a sample")


# -- modes and names ----------------------------------------------------------------------


def test_modes_reach_everything_inside() -> None:
    class Deep(Neuron):
        pass

    layer = Layer(1, 2)
    layer.neurons[1] = Deep(1)
    drop = Dropout(0.5)
    model = Sequential(MLP(1, [1]), layer, drop)
    assert model.training
    assert drop.training
    assert model.eval() is model

    modes = [module.training for _, module in model.named_modules()]
    assert not any(modes)
    assert [n.training for n in layer.neurons] == [False, False]
    model.train()
    assert drop.training
    assert layer.neurons[1].training
    # New ones begin in training.
    assert Dropout().training


def test_modules_are_found_by_name() -> None:
    names = [name for name, _ in Sequential(MLP(1, [1, 1]), "tanh").named_modules()]

    assert names == ["", "0", "0.layers.0", "0.layers.1", "1"]


def test_weights_are_labelled_with_their_names() -> None:
    model = MLP(2, [1], seed=0).name_parameters()

    assert [p.label for p in model.parameters()] == [
        "layers.0.weight[0][0]",
        "layers.0.weight[0][1]",
        "layers.0.bias[0]",
    ]
    assert "layers.0.weight[0][1]" in str(model([1.0, 2.0]).tape)


# -- sensitivity --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_sensitivity_of_a_linear_model_is_its_weights(seed: int) -> None:
    generator = random.Random(seed)
    neuron = Neuron(7, activation=None, seed=generator)
    layer = Linear(7, 3, seed=generator)
    x = [generator.gauss(0.0, 10.0) for _ in range(7)]

    assert sensitivity(neuron, x) == [w.data for w in neuron.w]
    assert sensitivity(layer, tuple(x)) == layer.state_dict()["weight"]


def test_sensitivity_leaves_gradients_alone_and_is_that_of_backward() -> None:
    model = MLP(3, [4, 1], "tanh", seed=0)
    x = [0.5, -1.0, 2.0]
    found = sensitivity(model, x)
    assert all(p.gradient is None for p in model.parameters())
    values = [Value(each) for each in x]
    model(values).backward()

    assert found == pytest.approx([v.grad for v in values], rel=1e-14)
    assert all(type(each) is float for each in found)


def test_sensitivity_of_a_single_input_and_of_a_frozen_model() -> None:
    model: Any = MLP(1, [2, 1], "tanh", seed=0).freeze()

    assert sensitivity(model, 0.5) == pytest.approx(sensitivity(model, [0.5])[0], rel=1e-15)
