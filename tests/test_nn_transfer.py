"""Fresh heads on trained networks, learning rates by group, and weights to and from torch."""

from collections import OrderedDict
from typing import Any

import pytest

import nn
from nn import (
    MLP,
    SGD,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    Sequential,
    StateError,
    load_torch_state_dict,
    replace_head,
    torch_state_dict,
)

CLOSE: Any = {"rel": 1e-12, "abs": 1e-14}


# -- a fresh head -------------------------------------------------------------------------


def test_a_fresh_head_leaves_the_body_as_it_is() -> None:
    model = MLP(4, [6, 5], "tanh", "sigmoid", bias=False, seed=0)
    before = model.layers[0].get_vector()
    head = replace_head(model, 3, init="he", seed=1)

    assert model.layers[1] is head
    assert isinstance(head, Layer)
    assert model.layers[0].get_vector() == before
    assert repr(model.layers[1]) == (
        "Layer of [SigmoidNeuron(6), SigmoidNeuron(6), SigmoidNeuron(6)]"
    )
    assert head.neurons[0].b is None
    assert len(model([1.0] * 4)) == 3
    twin = Layer(6, 3, activation="sigmoid", bias=False, init="he", seed=1)
    assert head.get_vector() == twin.get_vector()


def test_what_follows_without_weights_stays() -> None:
    model = Sequential(Linear(4, 6), "tanh", Linear(6, 5, bias=False), Dropout(0.1)).eval()
    head = replace_head(model, 2)

    assert repr(model) == (
        "Sequential(Linear(4, 6), Tanh(), Linear(6, 2, bias=False), Dropout(0.1))"
    )
    assert model[2] is head
    assert not head.training


def test_the_head_may_be_inside_the_last_part() -> None:
    model = Sequential(Linear(4, 6), MLP(6, [5, 2]), "tanh")
    replace_head(model, 3)

    assert model.num_parameters() == 30 + 35 + 18


@pytest.mark.parametrize(
    ("model", "error", "text"),
    [
        (Linear(2, 1), TypeError, "replace_head needs an MLP or a Sequential, got Linear"),
        (Sequential(Linear(2, 2), LayerNorm(2)), ValueError, "does not end in a Layer or Lin"),
        (Sequential("tanh"), ValueError, "does not end in a Layer or Linear"),
    ],
)
def test_a_network_without_a_head_is_told(
    model: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        replace_head(model, 3)


def test_fine_tuning_moves_the_head_alone_and_then_all() -> None:
    model = MLP(2, [4, 3], "tanh", seed=0)
    body = model.layers[0].get_vector()
    model.freeze()
    replace_head(model, 2, seed=1)

    def step(lr: float) -> float:
        optimiser = SGD(model.parameters(), lr=lr)
        loss = nn.cross_entropy(model([0.5, -1.0]), 1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return float(loss.data)

    losses = [step(0.5) for _ in range(10)]
    assert losses[-1] < losses[0]
    assert model.layers[0].get_vector() == body
    model.unfreeze()
    step(0.5)

    assert model.layers[0].get_vector() != body


def test_groups_have_their_own_learning_rates() -> None:
    if not hasattr(SGD([nn.Parameter(1.0)]), "groups"):
        pytest.skip("optimisers have no groups")
    model = MLP(2, [4, 1], activation=None, seed=0)
    body, head = (layer.parameters() for layer in model.layers)
    groups: Any = [{"params": body, "lr": 0.01}, {"params": head}]
    optimiser = SGD(groups, lr=1.0)
    model([0.5, -1.0]).backward()
    before = {id(p): (p.data, p.grad) for p in model.parameters()}
    optimiser.step()

    for p in model.parameters():
        data, gradient = before[id(p)]
        lr = 0.01 if any(p is q for q in body) else 1.0
        assert p.data == data - lr * gradient


# -- to and from torch --------------------------------------------------------------------


def sequential(torch: Any, *parts: Any) -> Any:
    return torch.nn.Sequential(*parts).double()


@pytest.mark.parametrize("bias", [True, False])
def test_an_mlp_goes_to_torch_and_back(bias: bool) -> None:
    torch = pytest.importorskip("torch", reason="weights go to and from torch")
    ours = MLP(3, [5, 4, 2], "tanh", bias=bias, init="auto", seed=0)
    theirs = sequential(
        torch,
        *(torch.nn.Linear(3, 5, bias=bias), torch.nn.Tanh()),
        *(torch.nn.Linear(5, 4, bias=bias), torch.nn.Tanh()),
        torch.nn.Linear(4, 2, bias=bias),
    )
    theirs.load_state_dict(
        {k: torch.tensor(v, dtype=torch.float64) for k, v in torch_state_dict(ours).items()}
    )
    x = [0.5, -1.0, 2.0]
    expected = theirs(torch.tensor(x, dtype=torch.float64)).tolist()
    assert [v.data for v in ours(x)] == pytest.approx(expected, **CLOSE)

    twin = MLP(3, [5, 4, 2], "tanh", bias=bias, seed=1)
    load_torch_state_dict(twin, theirs.state_dict())
    assert twin.get_vector() == ours.get_vector()


def test_layers_of_other_names_correspond_in_their_order() -> None:
    torch = pytest.importorskip("torch", reason="weights come from torch")

    layers = {
        "fc1": torch.nn.Linear(2, 3),
        "bend": torch.nn.ReLU(),
        "last": torch.nn.Linear(3, 1),
    }
    theirs, ours = torch.nn.Sequential(OrderedDict(layers)).double(), MLP(2, [3, 1])
    report = load_torch_state_dict(ours, theirs.state_dict())

    assert len(report.loaded) == 4
    expected = theirs(torch.tensor([0.5, 2.0], dtype=torch.float64)).item()
    assert ours([0.5, 2.0]).data == pytest.approx(expected, **CLOSE)
    # A list of modules in torch has our names anyway.
    again = MLP(2, [3, 1])
    load_torch_state_dict(again, ours.state_dict())
    assert again.get_vector() == ours.get_vector()


def test_layers_without_activation_take_one_place() -> None:
    assert list(torch_state_dict(MLP(2, [3, 3, 1], activation=None, bias=False))) == [
        "0.weight",
        "1.weight",
        "2.weight",
    ]
    assert list(torch_state_dict(Sequential(Embedding(3, 2), Linear(2, 1)))) == [
        "0.weight",
        "1.weight",
        "1.bias",
    ]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"0.weight": [[1.0, 2.0]], "0.bias": [0.0]}, "missing: layers.1.weight"),
        ({f"{k}.{n}": [[1.0]] for k in "024" for n in ("weight", "bias")}, "unexpected: 4.wei"),
        ({"0.weight": [[1.0]], "2.weight": [[1.0]]}, "missing: layers.0.bias"),
    ],
)
def test_layers_that_do_not_correspond_change_nothing(state: Any, text: str) -> None:
    model = MLP(2, [1, 1])
    before = model.get_vector()
    with pytest.raises(StateError, match=text):
        load_torch_state_dict(model, state)

    assert model.get_vector() == before
