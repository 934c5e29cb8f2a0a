"""Weights and layers in functions that are compiled: the same numbers, or a clear refusal."""

import random
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import CompilationError, TapeError, Value
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
    bce_with_logits,
    cross_entropy,
    data,
    fit,
    hinge_loss,
    kl_div,
    soft_margin_loss,
)

XS = [[random.Random(k).gauss(0.0, 1.0) for _ in range(3)] for k in range(12)]
CLASSES = [k % 2 for k in range(12)]


def trained(make: Callable[[], Any], xs: Any, backend: str) -> list[float]:
    """Return the weights of a network after a few epochs."""
    model = make()
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9)
    fit(model, (xs, CLASSES), cross_entropy, optimiser, epochs=3, batch_size=4, backend=backend)
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


# -- targets ------------------------------------------------------------------------------

# A loss, targets that it takes and one that it refuses.
TARGETS: dict[str, tuple[Any, list[float], float]] = {
    "bce_with_logits": (bce_with_logits, [0, 1, 0.25], 2),
    "bce_with_logits, -1": (bce_with_logits, [0, 1, 1], -1),
    "hinge_loss": (hinge_loss, [-1, 1, 1], 0),
    "soft_margin_loss": (soft_margin_loss, [-1, 1, -1.0], 0.5),
    "kl_div": (kl_div, [0.0, 0.5, 2.0], -0.5),
}


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("case", TARGETS)
def test_a_bad_target_is_refused_compiled_as_on_the_engine(case: str, backend: str) -> None:
    if backend == "native":
        pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
    loss, good, bad = TARGETS[case]

    def scaled(w: Any, x: Any, y: Any) -> Any:
        return loss(w * x, y)

    with pytest.raises(ValueError, match="the targets of") as told:
        scaled(Value(0.5), 3.0, bad)
    # The bad one comes last, when a program for good ones is there already.
    xs = [1.0, -2.0, 3.0]
    fast = autograd.compile(scaled, batch=("x", "y"), backend=backend)
    expected = sum(scaled(0.5, x, y) for x, y in zip(xs, good, strict=True)) / 3
    assert fast(0.5, xs, good) == pytest.approx(expected)
    for targets in ([*good[:2], bad], [bad, *good[1:]]):
        for call in (fast, fast.value_and_grad):
            with pytest.raises(ValueError, match="the targets of") as caught:
                call(0.5, xs, targets)
            assert str(caught.value) == str(told.value)
    single = autograd.compile(scaled, backend=backend)
    assert single(0.5, 3.0, good[0]) == pytest.approx(scaled(0.5, 3.0, good[0]))
    with pytest.raises(ValueError, match="the targets of"):
        single(0.5, 3.0, bad)


@pytest.mark.parametrize("last", [False, True])
def test_fit_refuses_a_bad_target_however_it_takes_its_steps(last: bool) -> None:
    pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
    xs, ys = data.moons(200, seed=1)
    ys[-1 if last else 0] = 5
    for epochs in (1, 100):
        model = MLP(2, [4, 1], "tanh", seed=0)
        with pytest.raises(ValueError, match=r"between 0 and 1, got 5\.0"):
            fit(model, (xs, ys), bce_with_logits, SGD(model.parameters()), epochs=epochs)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_mean_of_classes_without_weight_is_refused(backend: str) -> None:
    if backend == "native":
        pytest.importorskip("llvmlite", reason="native code needs the extra `native`")

    def weighted(s: Any, y: Any) -> Any:
        return cross_entropy([[s, 0.0]], [y], weights=[1.0, 0.0])

    fast = autograd.compile(weighted, batch=("s", "y"), backend=backend)
    assert fast([0.5, 1.5], [0, 0]) == pytest.approx((weighted(0.5, 0) + weighted(1.5, 0)) / 2)
    with pytest.raises(ValueError, match="every target is a class of weight 0"):
        fast([0.5, 1.5], [0, 1])
