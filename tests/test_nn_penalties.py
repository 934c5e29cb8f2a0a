"""Penalties by hand and against torch, and linear models against scikit-learn."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd import NumberError, Tape, Value, mean
from nn import MLP, SGD, AdamW, bce_with_logits, mse_loss, penalties
from nn.penalties import decay_groups, proximal_l1_, without_biases
from tests.untyped import untyped

# -- terms of the loss --------------------------------------------------------------------


def test_penalties_and_slopes_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    numbers = [1.5, -2.0, 0.0, 0.25]
    weights = [Value(x) for x in numbers]
    tensor = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    ours = penalties.elastic_net(weights, l1=0.3, l2=0.7)
    theirs = 0.3 * tensor.abs().sum() + 0.7 * (tensor**2).sum()
    ours.backward()
    theirs.backward()

    assert ours.data == pytest.approx(theirs.item(), rel=1e-15)
    assert [w.grad for w in weights] == pytest.approx(tensor.grad.tolist(), rel=1e-15)


def test_the_penalty_of_micrograds_demo_is_the_same() -> None:
    weights = MLP(2, [4, 1], seed=0).parameters()
    by_hand = sum((p * p for p in weights), Value(0.0))

    assert penalties.l2_penalty(weights).data == pytest.approx(by_hand.data, rel=1e-15)


def test_l2_is_one_row_and_no_weights_cost_nothing() -> None:
    weights = [Value(1.0), Value(2.0)]
    with Tape() as tape:
        penalties.l2_penalty(weights)

    assert len(tape) == 3
    assert penalties.l1_penalty([]).data == penalties.l2_penalty([]).data == 0.0


# -- which weights ------------------------------------------------------------------------


def test_biases_are_told_by_their_names() -> None:
    model = MLP(2, [3, 1])
    biases = [neuron.b for layer in model.layers for neuron in layer.neurons]
    free, held = decay_groups(model, 0.1)

    assert set(map(id, without_biases(model))).isdisjoint(map(id, biases))
    assert len(without_biases(model)) + len(biases) == len(model.parameters())
    assert held["params"] == biases
    assert (free["weight_decay"], held["weight_decay"]) == (0.1, 0.0)


def test_decay_reaches_the_weights_of_its_group_only() -> None:
    model = MLP(2, [3, 1], seed=0)
    for weight in model.parameters():
        weight.data = 1.0
    optimiser = AdamW(decay_groups(model, 0.5), lr=0.5)
    for weight in model.parameters():
        (weight * 0.0).backward()
    optimiser.step()

    assert {w.data for w in without_biases(model)} == {0.75}
    assert {layer.neurons[0].b.data for layer in model.layers} == {1.0}


class Frozen(Value):
    requires_grad = False


def test_the_proximal_step_leaves_exact_zeros_and_frozen_weights() -> None:
    weights = [Value(x) for x in (1.0, -1.0, 0.5, -0.5, 0.25, -0.0, 0.0)] + [Frozen(1.0)]
    proximal_l1_(weights, 0.5)

    assert [w.data for w in weights] == [0.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    assert {math.copysign(1.0, w.data) for w in weights[2:7]} == {1.0}


def test_bad_strengths_and_bad_weights_are_told() -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: proximal_l1_([Value(1.0)], -1.0), "threshold must be at least 0 and finite"),
        (lambda: penalties.elastic_net([Value(1.0)], -1.0, 0.0), "l1 must be at least 0"),
        (lambda: penalties.l2_penalty(untyped(Value(1.0))), "l2_penalty needs a list of"),
        (lambda: penalties.l1_penalty([untyped(1.0)]), "parameters must be Values, but number"),
        (lambda: decay_groups(MLP(1, [1]), -0.5), "weight_decay must be at least 0"),
    ]
    for call, text in cases:
        with pytest.raises((ValueError, TypeError, NumberError), match=text):
            call()


# -- linear models ------------------------------------------------------------------------

GENERATOR = random.Random(11)
TRUE = (1.5, 0.0, -2.0)
XS = [[GENERATOR.gauss(0.0, 1.0) for _ in TRUE] for _ in range(20)]
YS = [
    sum(w * x for w, x in zip(TRUE, row, strict=True)) + 0.5 + GENERATOR.gauss(0.0, 0.3)
    for row in XS
]
LABELS = [int(y > 0.5) for y in YS]

Objective = Callable[[list[Value], list[Value]], Any]


def descended(
    objective: Objective, lr: float, steps: int, momentum: float = 0.0, threshold: float = 0.0
) -> list[float]:
    """Return the weights and the bias of a linear model after full-batch gradient descent."""
    model = MLP(len(TRUE), [1], seed=0)
    weights = without_biases(model)
    for weight in model.parameters():
        weight.data = 0.0
    optimiser = SGD(model.parameters(), lr=lr, momentum=momentum)
    for _ in range(steps):
        optimiser.zero_grad()
        objective([model(x) for x in XS], weights).backward()
        optimiser.step()
        if threshold:
            proximal_l1_(weights, lr * threshold)
    return [weight.data for weight in model.parameters()]


def fitted(model: Any, targets: list[Any]) -> list[float]:
    model.fit(XS, targets)
    (weights,) = model.coef_ if hasattr(model.coef_[0], "__len__") else (model.coef_,)
    intercept = model.intercept_
    return [*weights, float(intercept[0] if hasattr(intercept, "__len__") else intercept)]


def test_gradient_descent_finds_ordinary_least_squares() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="has linear models")
    ours = descended(lambda outputs, _: mse_loss(outputs, YS), lr=0.1, steps=300, momentum=0.5)

    assert ours == pytest.approx(fitted(linear.LinearRegression(), YS), rel=1e-10)


def test_an_l2_penalty_is_ridge_regression() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="has linear models")
    alpha = 3.0
    ours = descended(
        lambda outputs, w: mse_loss(outputs, YS) + alpha / len(YS) * penalties.l2_penalty(w),
        lr=0.1,
        steps=300,
        momentum=0.5,
    )

    assert ours == pytest.approx(fitted(linear.Ridge(alpha, tol=1e-12), YS), rel=1e-10)


def test_proximal_steps_are_the_lasso_with_its_exact_zeros() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="has linear models")
    alpha = 0.3
    ours = descended(
        lambda outputs, _: 0.5 * mse_loss(outputs, YS), lr=0.5, steps=200, threshold=alpha
    )
    theirs = fitted(linear.Lasso(alpha, tol=1e-14, max_iter=100_000), YS)

    assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-12)
    assert ours[1] == theirs[1] == 0.0


def test_an_l1_penalty_alone_leaves_no_exact_zero() -> None:
    ours = descended(
        lambda outputs, w: 0.5 * mse_loss(outputs, YS) + 0.3 * penalties.l1_penalty(w),
        lr=0.05,
        steps=150,
    )

    assert 0.0 < abs(ours[1]) < 0.05


def test_logistic_regression_is_that_of_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="has linear models")
    strength = 2.0
    ours = descended(
        lambda outputs, w: (
            mean(bce_with_logits(outputs, LABELS, reduction="none"))
            + 1.0 / (2.0 * strength * len(XS)) * penalties.l2_penalty(w)
        ),
        lr=1.0,
        steps=400,
        momentum=0.8,
    )
    theirs = linear.LogisticRegression(C=strength, tol=1e-12, max_iter=10_000)

    assert ours == pytest.approx(fitted(theirs, LABELS), rel=1e-6)
