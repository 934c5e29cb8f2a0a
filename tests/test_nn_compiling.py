"""Weights and layers in functions that are compiled: the same numbers, or a clear refusal."""

import random
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import CompilationError, TapeError
from nn import (
    MLP,
    SGD,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    Module,
    Parameter,
    RMSNorm,
    Sequential,
    cross_entropy,
    fit,
)

XS = [[random.Random(k).gauss(0.0, 1.0) for _ in range(3)] for k in range(12)]
CLASSES = [k % 2 for k in range(12)]


def trained(make: Callable[[], Any], xs: Any, backend: str) -> list[float]:
    """Return the weights of a network after a few epochs."""
    model = make()
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9)
    data = (xs, CLASSES)
    fit(model, data, cross_entropy, optimiser, epochs=3, batch_size=4, backend=backend)
    weights: list[float] = model.get_vector()
    return weights


def norms() -> Module:
    g = random.Random(0)
    return Sequential(
        Linear(3, 4, seed=g), LayerNorm(4), "gelu", RMSNorm(4), Linear(4, 2, seed=g)
    )


def half_frozen() -> Module:
    return MLP(3, [4, 2], "tanh", bias=False, seed=0).freeze("layers.0")


def letters() -> Module:
    g = random.Random(0)
    return Sequential(Embedding(5, 3, seed=g), Linear(3, 2, seed=g))


@pytest.mark.parametrize(
    ("make", "xs"), [(norms, XS), (half_frozen, XS), (letters, [k % 5 for k in range(12)])]
)
def test_compiled_training_comes_to_the_weights_of_the_engine(
    make: Callable[[], Any], xs: Any
) -> None:
    pytest.importorskip("llvmlite", reason="compiles to native code")
    eager = trained(make, xs, "eager")

    assert trained(make, xs, "compiled") == pytest.approx(eager, rel=1e-12, abs=1e-14)
    assert eager != make().get_vector()


def test_dropout_is_not_compiled_in_training() -> None:
    def make() -> Module:
        # So rarely that two recordings in a row would hardly ever differ.
        dropout = Dropout(0.001, seed=1)
        return Sequential(Linear(3, 2, seed=0), dropout)

    with pytest.raises(
        CompilationError, match="Dropout draws anew each time, which a compiled"
    ):
        trained(make, XS, "compiled")
    model: Any = make().eval()
    compiled = autograd.compile(lambda x: model(x)[0])

    assert compiled([1.0, 2.0, 3.0]).data == model([1.0, 2.0, 3.0])[0].data


def test_the_number_of_a_weight_does_not_get_away_while_compiling() -> None:
    weight = Parameter(2.0)
    for function in (lambda x: x * weight.data, lambda x: x * weight.grad):
        with pytest.raises(TapeError, match="a function that is being compiled reads the"):
            autograd.compile(function)(3.0)

    def change(x: Any) -> Any:
        weight.data = 1.0
        return x * weight

    with pytest.raises(TapeError, match="a function that is being compiled sets the data"):
        autograd.compile(change)(3.0)
    assert weight.data == 2.0
    assert autograd.compile(lambda x: x * weight)(3.0).data == 6.0
