"""Optimisers against hand formulas and torch, and what they leave alone."""

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Tape, Value
from nn import MLP, SGD, Adam
from nn.optim import Optimiser, adam, sgd

Make = Callable[[list[Value]], Optimiser]

MAKERS: dict[str, Make] = {
    "sgd": lambda p: SGD(p, lr=0.05),
    "momentum": lambda p: SGD(p, lr=0.05, momentum=0.9),
    "adam": lambda p: Adam(p, lr=0.05),
}


def with_gradients(weights: list[Value], gradients: list[float]) -> None:
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.backward(gradient)


# -- hand formulas ------------------------------------------------------------------------


def test_sgd_moves_against_the_gradient() -> None:
    weights = [Value(1.0), Value(-2.0)]
    optimiser = SGD(weights, lr=0.5)
    with_gradients(weights, [4.0, -1.0])
    optimiser.step()

    assert [w.data for w in weights] == [-1.0, -1.5]


def test_momentum_keeps_a_share_of_the_velocity() -> None:
    weight = Value(0.0)
    optimiser = SGD([weight], lr=1.0, momentum=0.5)
    path = []
    for _ in range(4):
        optimiser.zero_grad()
        weight.backward(-1.0)
        optimiser.step()
        path.append(weight.data)

    # Velocities 1, 1 + 1/2, 1 + 1/2 + 1/4, ... add up.
    assert path == [1.0, 2.5, 4.25, 6.125]


def test_adams_first_step_is_lr_long_whatever_the_gradient() -> None:
    # lr * g / (|g| + eps): with g as small as eps only half as long.
    for gradient, share in ((1e6, 1.0), (1.0, 1.0), (-1e-3, -1.0), (1e-8, 0.5)):
        weight = Value(0.0)
        optimiser = Adam([weight], lr=0.125)
        weight.backward(gradient)
        optimiser.step()
        assert weight.data == pytest.approx(-0.125 * share, rel=2e-5)


def test_adam_with_a_constant_gradient_walks_evenly() -> None:
    weight = Value(0.0)
    optimiser = Adam([weight], lr=0.125, betas=(0.75, 0.5), eps=1e-12)
    for step in range(1, 8):
        optimiser.zero_grad()
        weight.backward(2.0)
        optimiser.step()
        # Both corrected means are those of a constant: m = 2, v = 4.
        assert weight.data == pytest.approx(-0.125 * step, rel=1e-11)


def test_adams_second_step_by_hand() -> None:
    weight, state = adam(1.0, 3.0, (0.0, 0.0), 1, lr=0.1, betas=(0.9, 0.99), eps=0.01)
    weight, state = adam(weight, -1.0, state, 2, lr=0.1, betas=(0.9, 0.99), eps=0.01)
    # m = .9*.3 - .1 = .17 over 1 - .81; v = .99*.09 + .01 = .0991 over 1 - .9801.
    first = 1.0 - 0.1 * 3.0 / (3.0 + 0.01)
    second = 0.1 * (0.17 / 0.19) / (math.sqrt(0.0991 / 0.0199) + 0.01)

    assert state == pytest.approx((0.17, 0.0991), rel=1e-14)
    assert weight == pytest.approx(first - second, rel=1e-14)


@pytest.mark.parametrize(("lr", "shrinks"), [(0.99, True), (1.01, False)])
def test_sgd_converges_below_two_over_the_curvature_only(lr: float, shrinks: bool) -> None:
    # The loss w**2 has curvature 2: each step multiplies w by 1 - 2*lr.
    weight = Value(1.0)
    optimiser = SGD([weight], lr=lr)
    for _ in range(100):
        optimiser.zero_grad()
        (weight * weight).backward()
        optimiser.step()

    assert abs(weight.data) == pytest.approx(abs(1 - 2 * lr) ** 100, rel=1e-12)
    assert (abs(weight.data) < 1.0) is shrinks


# -- torch --------------------------------------------------------------------------------

GRID: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "sgd": (SGD, "SGD", {"lr": 0.1}),
    "sgd without motion": (SGD, "SGD", {"lr": 0.0}),
    "momentum": (SGD, "SGD", {"lr": 0.1, "momentum": 0.9}),
    "momentum of one": (SGD, "SGD", {"lr": 0.01, "momentum": 1.0}),
    "adam": (Adam, "Adam", {"lr": 0.01}),
    "adam with betas": (Adam, "Adam", {"lr": 0.05, "betas": (0.85, 0.99)}),
    "adam without memory": (Adam, "Adam", {"lr": 0.05, "betas": (0.0, 0.0)}),
    "adam with large eps": (Adam, "Adam", {"lr": 0.1, "eps": 1e-2}),
}


@pytest.mark.parametrize("case", GRID)
def test_60_noisy_steps_agree_with_torch(case: str) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    ours, theirs, options = GRID[case]
    generator = random.Random(case)
    start = [generator.gauss(0.0, 1.0) for _ in range(5)]
    weights = [Value(w) for w in start]
    tensors = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in start]
    optimiser = ours(weights, **options)
    expected = getattr(torch.optim, theirs)(tensors, **options)
    for step in range(60):
        optimiser.zero_grad()
        for k, (weight, tensor) in enumerate(zip(weights, tensors, strict=True)):
            tensor.grad = None
            # Each weight has steps without a gradient, and the last one gets zeros too.
            if (step + k) % 7 == 3:
                continue
            noise = 0.0 if k == 4 and step % 5 == 0 else generator.gauss(0.0, 10.0**-k)
            gradient = weight.data + noise if k < 4 else noise
            weight.backward(gradient)
            tensor.grad = torch.tensor(gradient, dtype=torch.float64)
        optimiser.step()
        expected.step()

    got = [weight.data for weight in weights]
    assert got == pytest.approx([tensor.item() for tensor in tensors], rel=1e-12, abs=1e-15)
    assert (got == start) is (options["lr"] == 0.0)


def test_a_changed_learning_rate_holds_from_the_next_step_as_in_torch() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    weight, tensor = Value(1.0), torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimiser = SGD([weight], lr=0.1, momentum=0.9)
    expected = torch.optim.SGD([tensor], lr=0.1, momentum=0.9)
    for step in range(20):
        optimiser.lr = expected.param_groups[0]["lr"] = 0.1 / (step + 1)
        optimiser.zero_grad()
        expected.zero_grad()
        weight.backward(weight.data - 0.3)
        tensor.grad = tensor.detach() - 0.3
        optimiser.step()
        expected.step()

    assert weight.data == pytest.approx(tensor.item(), rel=1e-13)


# -- what an optimiser does not do --------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_a_weight_without_gradient_stays_and_does_not_age(name: str) -> None:
    idle, busy, alone = Value(5.0), Value(1.0), Value(1.0)
    both, single = MAKERS[name]([idle, busy]), MAKERS[name]([alone])
    for _ in range(3):
        for optimiser, weight in ((both, busy), (single, alone)):
            optimiser.zero_grad()
            weight.backward(2.0)
            optimiser.step()

    assert (idle.data, both.steps) == (5.0, [0, 3])
    assert busy.data == alone.data != 1.0


def test_a_gradient_of_zero_is_a_gradient() -> None:
    weight = Value(0.0)
    optimiser = SGD([weight], lr=1.0, momentum=0.5)
    weight.backward(-1.0)
    optimiser.step()
    optimiser.zero_grad()
    (weight * 0.0).backward()
    optimiser.step()

    assert weight.data == 1.5


def test_weights_of_dead_neurons_keep_their_momentum() -> None:
    model = MLP(1, [1, 1])
    for p, number in zip(model.parameters(), [1.0, 0.0, 1.0, 0.0], strict=True):
        p.data = number
    optimiser = SGD(model.parameters(), lr=1.0, momentum=0.5)
    model(1.0).backward()
    optimiser.step()
    before = model.layers[0].neurons[0].w[0].data
    optimiser.zero_grad()
    model(-1e6).backward()
    optimiser.step()

    # The neuron is dead here: gradient 0, velocity half of the 1.0 before.
    assert model.layers[0].neurons[0].w[0].data == before - 0.5


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_records_nothing_and_leaves_gradients_alone(name: str) -> None:
    weight = Value(1.0)
    optimiser = MAKERS[name]([weight])
    weight.backward(3.0)
    with Tape() as tape:
        optimiser.step()

    assert len(tape) == 0
    assert weight.grad == 3.0
    assert len(weight.tape) == 1


def test_zero_grad_clears_the_given_weights_only() -> None:
    mine, other = Value(1.0), Value(2.0)
    (mine * other).backward()
    SGD([mine]).zero_grad()

    assert (mine.gradient, other.gradient) == (None, 1.0)


def test_weights_may_come_from_a_tuple_or_an_iterator() -> None:
    a, b = Value(1.0), Value(2.0)

    assert SGD((a, b)).parameters == Adam(iter([a, b])).parameters == [a, b]


def test_defaults() -> None:
    weight = Value(1.0)
    plain, fast = SGD([weight]), Adam([weight])

    assert (plain.lr, plain.momentum) == (0.1, 0.0)
    assert (fast.lr, fast.betas, fast.eps) == (0.01, (0.9, 0.999), 1e-8)


def test_a_rule_may_be_recorded() -> None:
    weight, gradient = Value(1.0), Value(2.0)
    any_sgd: Any = sgd
    moved, _ = any_sgd(weight, gradient, (0.0,), 1, lr=0.25, momentum=0.0)
    moved.backward()

    assert (moved.data, weight.grad, gradient.grad) == (0.5, 1.0, -0.25)


def test_a_recorded_rule_gives_the_same_bits() -> None:
    any_adam: Any = adam
    options = {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}
    generator = random.Random(3)
    weight, state = 1.0, (0.0, 0.0)
    for step in itertools.count(1):
        gradient = generator.gauss(0.0, 1.0)
        recorded, moments = any_adam(
            Value(weight), Value(gradient), tuple(map(Value, state)), step, **options
        )
        weight, state = any_adam(weight, gradient, state, step, **options)
        assert recorded.data == weight
        assert tuple(m.data for m in moments) == state
        if step == 20:
            break
