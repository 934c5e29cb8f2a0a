"""Freezing: frozen weights stay what they are, bit by bit, and the others learn."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import nn
from autograd import Value
from nn import MLP, Linear, Module, Parameter, Sequential

# Every optimiser there is, with whatever might move a weight that has no gradient.
HYPERPARAMETERS: dict[str, tuple[str, dict[str, float]]] = {
    "SGD": ("SGD", {}),
    "SGD, momentum": ("SGD", {"momentum": 0.9}),
    "Adam": ("Adam", {}),
    "AdamW": ("AdamW", {"weight_decay": 0.1}),
    "RMSprop": ("RMSprop", {"momentum": 0.9}),
    "Adagrad": ("Adagrad", {}),
}
OPTIMISERS: dict[str, Callable[[Any], Any]] = {
    name: partial(getattr(nn, kind), lr=0.1, **options)
    for name, (kind, options) in HYPERPARAMETERS.items()
    if hasattr(nn, kind)
}


def step(model: MLP, optimiser: Any) -> None:
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


@pytest.mark.parametrize("name", OPTIMISERS)
def test_frozen_weights_stay_under_every_optimiser(name: str) -> None:
    model = MLP(2, [4, 4, 1], "tanh", seed=0)
    optimiser = OPTIMISERS[name](model.parameters())
    # With a past: momentum and stale gradients must not move them either.
    for _ in range(3):
        step(model, optimiser)
    model.freeze("layers.1")
    frozen = [p.data for p in model.layers[1].parameters()]
    before = [p.data for p in model.layers[0].parameters()]
    for _ in range(10):
        step(model, optimiser)

    assert [p.data for p in model.layers[1].parameters()] == frozen
    assert all(p.gradient is None for p in model.layers[1].parameters())
    after = [p.data for p in model.layers[0].parameters()]
    assert all(x != y for x, y in zip(before, after, strict=True))


@pytest.mark.parametrize("name", OPTIMISERS)
def test_unfrozen_weights_learn_again(name: str) -> None:
    model = MLP(2, [4, 1], "tanh", seed=0).freeze("layers.0")
    optimiser = OPTIMISERS[name](model.parameters())
    step(model, optimiser)
    before = [p.data for p in model.layers[0].parameters()]
    model.unfreeze()
    step(model, optimiser)

    after = [p.data for p in model.layers[0].parameters()]
    assert all(x != y for x, y in zip(before, after, strict=True))


def test_gradients_of_the_others_do_not_depend_on_what_is_frozen() -> None:
    model = MLP(2, [4, 4, 1], "tanh", seed=0)
    model([0.5, -1.0]).backward()
    expected = [p.grad for p in model.layers[0].parameters()]
    model.zero_grad()
    model.freeze("layers.1").freeze("layers.2")
    model([0.5, -1.0]).backward()

    assert [p.grad for p in model.layers[0].parameters()] == expected


def learned(model: Module) -> list[str]:
    return [name for name, p in model.named_parameters() if getattr(p, "requires_grad", True)]


def test_weights_are_chosen_by_the_beginning_of_their_names() -> None:
    model = Sequential(*(Linear(1, 1) for _ in range(11)))
    model.freeze("1")
    assert len(learned(model)) == 20
    model.freeze("10.bias")
    assert "10.weight[0][0]" in learned(model)
    assert "10.bias[0]" not in learned(model)
    model.unfreeze("1.weight[0]")
    assert "1.weight[0][0]" in learned(model)


def test_weights_are_chosen_by_a_function() -> None:
    model = MLP(2, [2, 1]).freeze(lambda name, weight: "bias" not in name)

    assert learned(model) == ["layers.0.bias[0]", "layers.0.bias[1]", "layers.1.bias[0]"]


def test_a_misspelt_name_freezes_nothing() -> None:
    model = MLP(2, [2, 1])
    with pytest.raises(ValueError, match=r"no weight is called 'layer\.0'; there are lay"):
        model.freeze("layer.0")
    with pytest.raises(TypeError, match=r"weights are chosen by .* got 0"):
        model.freeze(0)  # type: ignore[arg-type]

    assert model.num_parameters(trainable_only=True) == 9


def test_a_bare_value_among_them_leaves_all_as_they_were() -> None:
    class Mixed(Module):
        def __init__(self) -> None:
            self.first, self.second = Parameter(1.0), Value(2.0)

    mixed = Mixed()
    with pytest.raises(TypeError, match="second is a bare Value"):
        mixed.freeze()

    assert mixed.first.requires_grad
