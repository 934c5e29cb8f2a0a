"""Optimisers against hand formulas and torch, and what they leave alone."""

import itertools
import json
import math
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from autograd import AnomalyError, LengthError, Tape, Value
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Optimiser,
    RMSprop,
    clip_grad_norm_,
    clip_grad_value_,
)
from nn.rules import adagrad, adam, adamw, rmsprop, sgd
from tests.untyped import message_of, untyped

Make = Callable[[list[Value]], Optimiser]

MAKERS: dict[str, Make] = {
    "sgd": lambda p: SGD(p, lr=0.05),
    "momentum": lambda p: SGD(p, lr=0.05, momentum=0.9),
    "dampened": lambda p: SGD(p, lr=0.05, momentum=0.9, dampening=0.5, weight_decay=0.1),
    "nesterov": lambda p: SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: Adam(p, lr=0.05),
    "amsgrad": lambda p: Adam(p, lr=0.05, weight_decay=0.1, amsgrad=True),
    "adamw": lambda p: AdamW(p, lr=0.05, weight_decay=0.1),
    "rmsprop": lambda p: RMSprop(p, lr=0.05, momentum=0.5, centred=True),
    "adagrad": lambda p: Adagrad(p, lr=0.05, lr_decay=0.1),
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
    weight, state = adam(1.0, 3.0, (0.0, 0.0, 0.0), 1, lr=0.1, betas=(0.9, 0.99), eps=0.01)
    weight, state = adam(weight, -1.0, state, 2, lr=0.1, betas=(0.9, 0.99), eps=0.01)
    # m = .9*.3 - .1 = .17 over 1 - .81; v = .99*.09 + .01 = .0991 over 1 - .9801.
    first = 1.0 - 0.1 * 3.0 / (3.0 + 0.01)
    second = 0.1 * (0.17 / 0.19) / (math.sqrt(0.0991 / 0.0199) + 0.01)

    assert state == pytest.approx((0.17, 0.0991, 0.0), rel=1e-14)
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

SGDS = [
    {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": decay}
    for lr, momentum, dampening, decay in itertools.product(
        (0.0, 0.1), (0.0, 0.9, 1.0), (0.0, 0.3), (0.0, 0.1)
    )
]
NESTEROVS = [
    {"lr": 0.05, "momentum": momentum, "weight_decay": decay, "nesterov": True}
    for momentum, decay in itertools.product((0.5, 0.9), (0.0, 0.1))
]
ADAMS = [
    {"lr": 0.05, "betas": betas, "eps": eps, "weight_decay": decay, "amsgrad": amsgrad}
    for betas, eps, decay, amsgrad in itertools.product(
        ((0.9, 0.999), (0.85, 0.9), (0.0, 0.0)), (1e-8, 1e-2), (0.0, 0.1), (False, True)
    )
]
RMSPROPS = [
    {"lr": 0.02, "alpha": alpha, "eps": eps, "momentum": momentum, "weight_decay": decay}
    for alpha, eps, momentum, decay in itertools.product(
        (0.99, 0.5), (1e-8, 1e-2), (0.0, 0.9), (0.0, 0.1)
    )
]
ADAGRADS = [
    {"lr": 0.1, "eps": eps, "lr_decay": slow, "weight_decay": decay}
    for eps, slow, decay in itertools.product((1e-10, 1e-2), (0.0, 0.1), (0.0, 0.1))
]
GRID: list[tuple[Any, str, dict[str, Any]]] = [
    *((SGD, "SGD", options) for options in SGDS + NESTEROVS),
    *((Adam, "Adam", options) for options in ADAMS),
    *((AdamW, "AdamW", options) for options in ADAMS),
    *((RMSprop, "RMSprop", options) for options in RMSPROPS),
    *((RMSprop, "RMSprop", options | {"centred": True}) for options in RMSPROPS),
    *((Adagrad, "Adagrad", options) for options in ADAGRADS),
    *(
        (Adagrad, "Adagrad", options | {"initial_accumulator_value": 0.5})
        for options in ADAGRADS
    ),
]


def walked(
    optimiser: Optimiser,
    weights: list[Value],
    theirs: Callable[[list[float | None]], None] = lambda gradients: None,
    skipping: bool = True,
) -> None:
    """Take 60 noisy steps, some without a gradient, and hand each gradient to `theirs`."""
    generator = random.Random(5)
    for step in range(60):
        optimiser.zero_grad()
        gradients: list[float | None] = []
        for k, weight in enumerate(weights):
            # Each weight has steps without a gradient, and the last one gets zeros too.
            if skipping and (step + k) % 7 == 3:
                gradients.append(None)
                continue
            noise = 0.0 if k == 4 and step % 5 == 0 else generator.gauss(0.0, 10.0**-k)
            gradient = weight.data + noise if k < 4 else noise
            weight.backward(gradient)
            gradients.append(gradient)
        optimiser.step()
        theirs(gradients)


def beginnings() -> list[float]:
    generator = random.Random(6)
    return [generator.gauss(0.0, 1.0) for _ in range(5)]


@pytest.mark.parametrize(("ours", "name", "options"), GRID)
def test_60_noisy_steps_agree_with_torch(ours: Any, name: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    start = beginnings()
    weights = [Value(w) for w in start]
    tensors = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in start]
    spelt = {k.replace("centred", "centered"): v for k, v in options.items()}
    expected = getattr(torch.optim, name)(tensors, **spelt)

    def theirs(gradients: list[float | None]) -> None:
        for tensor, gradient in zip(tensors, gradients, strict=True):
            tensor.grad = None if gradient is None else torch.tensor(gradient).double()
        expected.step()

    torch.set_default_dtype(torch.float64)
    try:
        walked(ours(weights, **options), weights, theirs)
    finally:
        torch.set_default_dtype(torch.float32)

    got = [weight.data for weight in weights]
    # A weight near 0 has the rounding of the steps that led there, which are about lr long.
    small = 1e-12 * options["lr"]
    assert got == pytest.approx([tensor.item() for tensor in tensors], rel=1e-12, abs=small)
    assert (got == start) is (options["lr"] == 0.0)


OPTAX: dict[str, tuple[Any, str, dict[str, Any], dict[str, Any]]] = {
    "momentum": (SGD, "sgd", {"lr": 0.1, "momentum": 0.9}, {"momentum": 0.9}),
    "nesterov": (
        SGD,
        "sgd",
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"momentum": 0.9, "nesterov": True},
    ),
    "adam": (Adam, "adam", {"lr": 0.05}, {}),
    "adamw": (AdamW, "adamw", {"lr": 0.05, "weight_decay": 0.1}, {"weight_decay": 0.1}),
    "rmsprop with eps inside": (
        RMSprop,
        "rmsprop",
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-2, "eps_inside": True},
        {"decay": 0.9, "eps": 1e-2, "eps_in_sqrt": True},
    ),
    "rmsprop with eps outside": (
        RMSprop,
        "rmsprop",
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-2},
        {"decay": 0.9, "eps": 1e-2, "eps_in_sqrt": False},
    ),
    "centred rmsprop with eps inside": (
        RMSprop,
        "rmsprop",
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-2, "eps_inside": True, "centred": True},
        {"decay": 0.9, "eps": 1e-2, "eps_in_sqrt": True, "centered": True},
    ),
}


@pytest.mark.parametrize("case", OPTAX)
def test_60_noisy_steps_agree_with_optax(case: str) -> None:
    optax = pytest.importorskip("optax", reason="a second opinion")
    np = pytest.importorskip("numpy", reason="optax works on its arrays")
    jax = pytest.importorskip("jax", reason="optax works on it")
    ours, name, options, theirs_options = OPTAX[case]
    start = beginnings()
    weights = [Value(w) for w in start]
    with jax.enable_x64(True):
        expected = getattr(optax, name)(options["lr"], **theirs_options)
        position = np.array(start)
        state = expected.init(position)

        def theirs(gradients: list[float | None]) -> None:
            nonlocal position, state
            updates, state = expected.update(np.array(gradients), state, position)
            position = optax.apply_updates(position, updates)

        walked(ours(weights, **options), weights, theirs, skipping=False)

    assert [w.data for w in weights] == pytest.approx(position.tolist(), rel=1e-12, abs=1e-15)


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

    assert (idle.data, both.groups[0].steps) == (5.0, [0, 3])
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
    plain, fast, lasting = SGD([weight]), Adam([weight]), AdamW([weight])

    assert (plain.lr, plain.groups[0].options["momentum"]) == (0.1, 0.0)
    assert (fast.lr, *fast.groups[0].options.values()) == (
        *(0.01, (0.9, 0.999), 1e-8),
        *(0.0, False),
    )
    assert lasting.groups[0].options["weight_decay"] == 0.01


# -- rules --------------------------------------------------------------------------------

OPTIONS: list[tuple[Any, int, dict[str, Any]]] = [
    (sgd, 1, {}),
    (sgd, 1, {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    (sgd, 1, {"momentum": 0.9, "nesterov": True}),
    (adam, 3, {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1, "amsgrad": True}),
    (adamw, 3, {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1}),
    (rmsprop, 3, {"alpha": 0.9, "eps": 1e-8, "momentum": 0.9, "centred": True}),
    (rmsprop, 3, {"alpha": 0.9, "eps": 1e-8, "weight_decay": 0.1, "eps_inside": True}),
    (adagrad, 1, {"eps": 1e-10, "lr_decay": 0.1, "weight_decay": 0.1}),
]


def data(number: float | Value) -> float:
    return number.data if isinstance(number, Value) else number


@pytest.mark.parametrize(("rule", "size", "options"), OPTIONS)
def test_a_recorded_rule_gives_the_same_bits(
    rule: Any, size: int, options: dict[str, Any]
) -> None:
    generator = random.Random(3)
    weight, state = 1.0, (0.0,) * size
    for step in range(1, 21):
        gradient, lr = generator.gauss(0.0, 1.0), 0.1 / step
        recorded, remembered = rule(
            Value(weight),
            Value(gradient),
            tuple(map(Value, state)),
            Value(step),
            lr=Value(lr),
            **options,
        )
        weight, state = rule(weight, gradient, state, step, lr=lr, **options)
        assert recorded.data == weight
        assert tuple(map(data, remembered)) == state


@pytest.mark.parametrize(("rule", "size", "options"), OPTIONS)
def test_no_rule_looks_at_data_in_python(
    rule: Any, size: int, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(self: Value, *other: object) -> bool:
        raise AssertionError("a branch on data")

    for method in ("__bool__", "__lt__", "__le__", "__gt__", "__ge__"):
        monkeypatch.setattr(Value, method, forbidden)
    one, half = Value(1.0), Value(0.5)
    weight, _ = rule(one, half, (Value(0.25),) * size, Value(3.0), lr=Value(0.1), **options)

    assert isinstance(weight, Value)


def test_a_rule_may_be_recorded() -> None:
    weight, gradient = Value(1.0), Value(2.0)
    moved, _ = sgd(weight, gradient, (0.0,), 1, lr=0.25)
    moved.backward()

    assert (moved.data, weight.grad, gradient.grad) == (0.5, 1.0, -0.25)


def test_coupled_decay_is_a_penalty_in_the_loss_for_every_optimiser() -> None:
    for make in (SGD, Adam, RMSprop, Adagrad):
        coupled, penalised = Value(1.5), Value(1.5)
        by_rule: Any = make([coupled], lr=0.1, weight_decay=0.25)
        by_loss: Any = make([penalised], lr=0.1)
        for _ in range(30):
            by_rule.zero_grad()
            by_loss.zero_grad()
            ((coupled - 1.0) ** 2).backward()
            ((penalised - 1.0) ** 2 + 0.5 * 0.25 * penalised * penalised).backward()
            by_rule.step()
            by_loss.step()
        assert coupled.data == pytest.approx(penalised.data, rel=1e-13)


def test_decoupled_decay_is_coupled_decay_only_without_adaptation() -> None:
    gap = {}
    for name, make in (("coupled", Adam), ("decoupled", AdamW)):
        weight = Value(1.0)
        optimiser: Any = make([weight], lr=0.01, weight_decay=0.1)
        for _ in range(60):
            optimiser.zero_grad()
            weight.backward(0.01)
            optimiser.step()
        gap[name] = weight.data

    assert abs(gap["coupled"] - gap["decoupled"]) > 0.01


# -- groups -------------------------------------------------------------------------------


def test_each_group_moves_by_its_own_numbers() -> None:
    fast, slow, alone_fast, alone_slow = (Value(1.0) for _ in range(4))
    both = SGD(
        [{"params": [fast]}, {"params": [slow], "lr": 0.01, "momentum": 0.0}],
        lr=0.1,
        momentum=0.9,
    )
    optimisers = (both, SGD([alone_fast], 0.1, 0.9), SGD([alone_slow], 0.01))
    for _ in range(3):
        for optimiser in optimisers:
            optimiser.zero_grad()
        for weight in (fast, slow, alone_fast, alone_slow):
            weight.backward(2.0)
        for optimiser in optimisers:
            optimiser.step()

    assert (fast.data, slow.data) == (alone_fast.data, alone_slow.data)
    assert fast.data != slow.data
    assert both.parameters == [fast, slow]


def test_a_schedule_is_asked_with_the_number_of_steps_taken() -> None:
    asked = []

    def schedule(step: int) -> float:
        asked.append(step)
        return 1.0 / (step + 1)

    weight = Value(0.0)
    optimiser = SGD([weight], lr=schedule)
    for _ in range(3):
        optimiser.zero_grad()
        weight.backward(-1.0)
        optimiser.step()

    assert asked == [0, 1, 2]
    assert weight.data == 1.0 + 1 / 2 + 1 / 3


def test_several_groups_have_no_single_learning_rate() -> None:
    optimiser = SGD([{"params": [Value(1.0)]}, {"params": [Value(1.0)]}])

    with pytest.raises(AttributeError, match="there are 2 learning rates, one for each group"):
        optimiser.lr = 0.5


# -- frozen weights -----------------------------------------------------------------------


class Freezable(Value):
    requires_grad = True


@pytest.mark.parametrize("name", MAKERS)
def test_a_frozen_weight_keeps_its_bits_and_its_memory(name: str) -> None:
    frozen, free = Freezable(0.1), Freezable(0.1)
    optimiser = MAKERS[name]([frozen, free])
    for step in range(6):
        frozen.requires_grad = step < 3
        optimiser.zero_grad()
        frozen.backward(1.0)
        free.backward(1.0)
        before = frozen.data, optimiser.groups[0].states[0]
        optimiser.step()
        unmoved = (frozen.data, optimiser.groups[0].states[0]) == before
        assert unmoved is (step >= 3)

    assert frozen.data != free.data
    assert optimiser.groups[0].steps == [3, 6]


# -- all or nothing -----------------------------------------------------------------------


def test_a_rule_that_fails_moves_no_weight() -> None:
    def rule(weight: float, gradient: float, state: Any, step: int, *, lr: float) -> Any:
        if weight == 2.0:
            raise ZeroDivisionError
        return 0.0, state

    weights = [Value(1.0), Value(2.0)]
    optimiser = Optimiser(weights, rule, (0.0,), lr=0.1)
    for weight in weights:
        weight.backward()
    with pytest.raises(ZeroDivisionError):
        optimiser.step()

    assert [w.data for w in weights] == [1.0, 2.0]
    assert (optimiser.clock, optimiser.groups[0].steps) == (0, [0, 0])


def test_a_step_to_infinity_is_refused_and_moves_no_weight() -> None:
    weights = [Value(1.0), Value(2.0, label="w")]
    optimiser = SGD(weights, lr=1e10)
    with_gradients(weights, [1.0, -1e300])
    with pytest.raises(AnomalyError) as caught:
        optimiser.step()

    assert str(caught.value) == (
        "w = 2.0 with gradient -1e+300 would become inf; a lower learning rate may help"
    )
    assert [w.data for w in weights] == [1.0, 2.0]


# -- states -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_going_on_from_a_saved_state_gives_the_same_bits(name: str) -> None:
    through, stopped = ([Value(w) for w in beginnings()] for _ in range(2))
    first, second = MAKERS[name](through), MAKERS[name](stopped)
    walked(first, through)
    walked(second, stopped)
    saved = json.loads(json.dumps(second.state_dict()))
    resumed = [Value(w.data) for w in stopped]
    third = MAKERS[name](resumed)
    third.load_state_dict(saved)
    walked(first, through)
    walked(third, resumed)

    assert [w.data for w in resumed] == [w.data for w in through]
    assert third.state_dict() == first.state_dict()


def test_a_state_is_a_copy() -> None:
    weight = Value(1.0)
    optimiser = SGD([weight], momentum=0.9)
    saved = optimiser.state_dict()
    weight.backward()
    optimiser.step()

    assert saved["groups"][0]["steps"] == [0]
    assert saved["clock"] == 0


def adam_state(**changes: Any) -> dict[str, Any]:
    saved = Adam([Value(1.0), Value(2.0)]).state_dict()
    saved["groups"][0] |= changes
    return saved


def without(saved: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: thing for name, thing in saved.items() if name != key}


BAD_STATES: dict[str, tuple[Any, str]] = {
    "nothing": (None, "an optimiser loads what state_dict() returned, got None (NoneType)"),
    "no clock": (without(adam_state(), "clock"), "an optimiser loads what state_dict()"),
    "a text as clock": (adam_state() | {"clock": "3"}, "clock must be a whole number"),
    "another optimiser": (
        SGD([Value(1.0), Value(2.0)]).state_dict(),
        "this is the state of SGD, not of Adam",
    ),
    "no groups": (adam_state() | {"groups": []}, "this optimiser has 1 groups, got [] (list)"),
    "a text as group": (adam_state() | {"groups": ["a"]}, "group 0 must have lr, options"),
    "other options": (
        adam_state(options={"eps": 1.0}),
        "group 0 must have the options betas, eps, weight_decay, amsgrad, got",
    ),
    "a bad option": (
        adam_state(options=adam_state()["groups"][0]["options"] | {"eps": -1.0}),
        "eps must be at least 0 and finite, got -1.0",
    ),
    "a schedule": (
        adam_state(lr=None),
        "group 0 was saved with a schedule as lr; make the optimiser with one before loading",
    ),
    "too few weights": (
        adam_state(steps=[0]),
        "group 0 must have one of the steps for each of 2 weights, got [0] (list)",
    ),
    "a negative step": (
        adam_state(steps=[0, -1]),
        "the number of steps of weight 1 in group 0 must be at least 0, got -1",
    ),
    "a short state": (
        adam_state(states=[[0.0, 0.0, 0.0], [0.0]]),
        "group 0 must remember 3 finite numbers of each weight, got [0.0] (list) of weight 1",
    ),
    "a state that is not finite": (
        adam_state(states=[[0.0, 0.0, math.nan], [0.0, 0.0, 0.0]]),
        "group 0 must remember 3 finite numbers of each weight, got",
    ),
}


@pytest.mark.parametrize("case", BAD_STATES)
def test_a_state_that_does_not_fit_changes_nothing(case: str) -> None:
    saved, text = BAD_STATES[case]
    weights = [Value(1.0), Value(2.0)]
    optimiser = Adam(weights)
    weights[0].backward()
    optimiser.step()
    before = optimiser.state_dict()
    with pytest.raises((ValueError, TypeError), match=re.escape(text)):
        optimiser.load_state_dict(saved)

    assert optimiser.state_dict() == before


# -- clipping -----------------------------------------------------------------------------


def leaves_with(gradients: list[float]) -> list[Value]:
    weights = [Value(0.0) for _ in gradients]
    with_gradients(weights, gradients)
    return weights


@pytest.mark.parametrize("limit", [0.5, 1.0, 4.9999, 5.0, 1e9])
def test_the_clipped_norm_is_that_of_torch(limit: float) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    gradients = [3.0, 4.0, -1e-3]
    weights = leaves_with(gradients)
    tensors = [torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in gradients]
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.grad = torch.tensor(gradient, dtype=torch.float64)
    norm = clip_grad_norm_([*weights, Value(1.0)], limit)
    expected = torch.nn.utils.clip_grad_norm_(tensors, limit)

    assert norm == pytest.approx(expected.item(), rel=1e-15)
    assert [w.grad for w in weights] == pytest.approx(
        [t.grad.item() for t in tensors], rel=1e-15
    )
    assert ([w.grad for w in weights] == gradients) is (limit > 5.0001)


def test_gradients_whose_squares_overflow_are_clipped() -> None:
    weights = leaves_with([3e200, 4e200])

    assert clip_grad_norm_(weights, 1.0) == pytest.approx(5e200, rel=1e-15)
    assert [w.grad for w in weights] == pytest.approx([0.6, 0.8])


def test_gradients_that_are_not_finite_are_not_spread() -> None:
    weights = leaves_with([3.0, math.inf])
    with pytest.raises(AnomalyError, match="the gradients of 2 weights have norm inf"):
        clip_grad_norm_(weights, 1.0)

    assert [w.grad for w in weights] == [3.0, math.inf]


def test_clipping_by_value_holds_each_gradient_by_itself() -> None:
    weights = [*leaves_with([3.0, -4.0, 0.5]), Value(1.0)]
    clip_grad_value_(weights, 2.0)

    assert [w.gradient for w in weights] == [2.0, -2.0, 0.5, None]


# -- mistakes -----------------------------------------------------------------------------

FROZEN, TWICE = Freezable(1.0), Value(1.0)
FROZEN.requires_grad = False
MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "only frozen weights": (
        lambda: SGD([FROZEN]),
        ValueError,
        "an optimiser needs a weight that may move, but all 1 are frozen; unfreeze some first",
    ),
    "empty groups": (
        lambda: SGD([{"params": []}]),
        LengthError,
        "an optimiser needs at least one weight, got an empty list",
    ),
    "a weight in two groups": (
        lambda: SGD([{"params": [TWICE]}, {"params": [TWICE]}]),
        ValueError,
        (
            "parameters must be different, but number 1 is number 0 again; "
            "list(dict.fromkeys(parameters)) leaves it out"
        ),
    ),
    "weights and groups": (
        lambda: SGD(untyped([{"params": [Value(1.0)]}, 2.0])),
        TypeError,
        "group 1 must be a dict with a list of weights under 'params', got 2.0 (float)",
    ),
    "a group without weights": (
        lambda: SGD(untyped([{"lr": 0.1}])),
        TypeError,
        "group 0 must be a dict with a list of weights under 'params', got {'lr': 0.1} (dict)",
    ),
    "a misspelt hyper-parameter": (
        lambda: SGD([{"params": [Value(1.0)], "momentun": 0.9}]),
        TypeError,
        (
            "there is no hyper-parameter 'momentun'; there are lr, momentum, dampening, "
            "weight_decay, nesterov"
        ),
    ),
    "a negative decay": (
        lambda: AdamW([Value(1.0)], weight_decay=-0.1),
        ValueError,
        "weight_decay must be at least 0 and finite, got -0.1",
    ),
    "a negative rate in a group": (
        lambda: SGD([{"params": [Value(1.0)], "lr": -1}]),
        ValueError,
        "lr must be at least 0 and finite, got -1.0",
    ),
    "an alpha of one": (
        lambda: RMSprop([Value(1.0)], alpha=1.0),
        ValueError,
        "alpha must be at least 0 and below 1, got 1.0",
    ),
    "a negative slowing": (
        lambda: Adagrad([Value(1.0)], lr_decay=-1.0),
        ValueError,
        "lr_decay must be at least 0 and finite, got -1.0",
    ),
    "a negative start": (
        lambda: Adagrad([Value(1.0)], initial_accumulator_value=-1.0),
        ValueError,
        "initial_accumulator_value must be at least 0 and finite, got -1.0",
    ),
    "nesterov without momentum": (
        lambda: SGD([Value(1.0)], nesterov=True),
        ValueError,
        "nesterov needs a momentum above 0 and no dampening",
    ),
    "nesterov with dampening": (
        lambda: SGD([Value(1.0)], 0.1, 0.9, 0.1, nesterov=True),
        ValueError,
        "nesterov needs a momentum above 0 and no dampening",
    ),
    "a number for yes or no": (
        lambda: Adam([Value(1.0)], amsgrad=untyped(1)),
        TypeError,
        "amsgrad must be True or False, got 1 (int)",
    ),
    "a negative norm": (
        lambda: clip_grad_norm_([Value(1.0)], -1.0),
        ValueError,
        "max_norm must be at least 0 and finite, got -1.0",
    ),
    "a model to clip": (
        lambda: clip_grad_value_(untyped(MLP(1, [1])), 1.0),
        TypeError,
        (
            "clip_grad_value_ needs a list of weights, such as model.parameters(), got "
            "MLP of [Layer of [LinearNeuron(1)]] (MLP)"
        ),
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told(case: str) -> None:
    call, error, text = MISTAKES[case]
    assert message_of(error, call) == text


def test_a_schedule_that_gives_no_learning_rate_moves_nothing() -> None:
    weight = Value(1.0)
    optimiser = SGD([weight], lr=lambda step: -1.0)
    weight.backward()
    with pytest.raises(ValueError, match="the learning rate of a schedule must be at least 0"):
        optimiser.step()

    assert weight.data == 1.0


def test_an_optimiser_shows_its_hyper_parameters() -> None:
    w, v = Value(1.0), Value(2.0)

    assert repr(Adagrad([w, v], lr=lambda step: 0.1)) == (
        "Adagrad(weights: 2, lr=a schedule, eps=1e-10, lr_decay=0.0, weight_decay=0.0)"
    )
    groups: list[dict[str, Any]] = [
        {"params": [w]},
        {"params": [v], "lr": 0.5, "momentum": 0.9},
    ]
    assert repr(SGD(groups, lr=0.1)) == (
        "SGD(weights: 1, lr=0.1, momentum=0.0, dampening=0.0, weight_decay=0.0, "
        "nesterov=False; weights: 1, lr=0.5, momentum=0.9, dampening=0.0, weight_decay=0.0, "
        "nesterov=False)"
    )
