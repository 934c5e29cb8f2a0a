"""Trainer: steps as native code, against the same steps on the engine."""

import itertools
import math
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import autograd
from autograd import (
    CompilationError,
    LengthError,
    NumberError,
    Trainer,
    Value,
    WeightGroup,
    relu,
    tanh,
)
from tests.native import close
from tests.untyped import untyped

pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
np: Any = pytest.importorskip("numpy", reason="native code needs the extra `native`")

Rule = Callable[..., Any]
LINE = ([0.0, 1.0, 2.0, 3.0], [0.5, 2.5, 4.0, 6.5])


def descend(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
    return weight - lr * gradient, state


def heavy(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
    """Move with momentum, and less from step to step."""
    velocity = 0.9 * state[0] + gradient
    return weight - lr / step * velocity, (velocity,)


class Net:
    """A network of 2-4-1 with its loss, and the same training by hand."""

    def __init__(self, *, rule: Rule = descend, state: tuple[float, ...] = (), seed: int = 0):
        generator = random.Random(seed)
        self.weights = [Value(generator.uniform(-1.0, 1.0)) for _ in range(17)]
        self.xs = [[generator.uniform(-1.0, 1.0) for _ in range(2)] for _ in range(23)]
        self.ys = [math.sin(3.0 * a) * b for a, b in self.xs]
        self.group = WeightGroup(self.weights, rule, [state] * 17)

    def loss(self, x: Any, y: Any) -> Any:
        w = self.weights
        hidden = [tanh(w[k] * x[0] + w[k + 4] * x[1] + w[k + 8]) for k in range(4)]
        return (autograd.dot(hidden, w[12:16], w[16]) - y) ** 2

    def penalty(self) -> Any:
        return 1e-3 * autograd.total([w * w for w in self.weights[:12]])

    def trainer(self, **options: Any) -> Trainer:
        return Trainer(self.loss, (self.xs, self.ys), [self.group], **options)

    def data(self) -> list[float]:
        return [w.data for w in self.weights]

    def by_hand(
        self,
        order: Sequence[int],
        size: int,
        rates: Sequence[float],
        *,
        penalty: bool = False,
        max_norm: float = math.inf,
        max_value: float = math.inf,
    ) -> list[float]:
        """Take the steps on the engine; return the losses."""
        losses = []
        for step, start in enumerate(range(0, len(order), size)):
            batch = order[start : start + size]
            loss = autograd.mean([self.loss(self.xs[k], self.ys[k]) for k in batch])
            loss = loss + self.penalty() if penalty else loss
            for weight in self.weights:
                weight.grad = 0.0
            loss.backward()
            gradients = [w.grad for w in self.weights]
            length = math.sqrt(sum(g * g for g in gradients))
            scale = min(1.0, max_norm / (length + 1e-6)) if max_norm < math.inf else 1.0
            for k, weight in enumerate(self.weights):
                gradient = max(-max_value, min(max_value, gradients[k] * scale))
                moved = self.group.rule(
                    weight.data, gradient, self.group.states[k], step + 1, rates[step]
                )
                weight.data, self.group.states[k] = moved
            losses.append(loss.data)
        return losses


def shuffled(count: int, epochs: int, seed: int = 0) -> list[int]:
    generator = random.Random(seed)
    orders = [generator.sample(range(count), count) for _ in range(epochs)]
    return list(itertools.chain(*orders))


# -- the same steps -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 5, 23, 100])
def test_steps_are_those_of_the_engine(size: int) -> None:
    ours, theirs = Net(rule=heavy, state=(0.0,)), Net(rule=heavy, state=(0.0,))
    order = shuffled(23, 8 if size == 1 else 20)
    steps = -(-len(order) // size)
    rates = [0.1 / (1 + k) for k in range(steps)]
    found = ours.trainer().run(order, size, [[rate] for rate in rates])
    assert close(found, theirs.by_hand(order, size, rates))
    assert close(ours.data(), theirs.data())
    assert close(ours.group.states, theirs.group.states)


@pytest.mark.parametrize(
    "limits", [{"max_norm": 0.3}, {"max_value": 0.05}, {"max_norm": 0.5, "max_value": 0.2}]
)
def test_gradients_are_clipped_as_by_hand(limits: dict[str, float]) -> None:
    ours, theirs = Net(), Net()
    order, rates = shuffled(23, 20), [0.5] * 92
    found = ours.trainer(penalty=ours.penalty, **limits).run(order, 5, [[r] for r in rates])
    assert close(found, theirs.by_hand(order, 5, rates, penalty=True, **limits))
    assert close(ours.data(), theirs.data())


def test_several_runs_go_on_where_the_last_one_ended() -> None:
    ours, theirs = Net(rule=heavy, state=(0.0,)), Net(rule=heavy, state=(0.0,))
    trainer, order = ours.trainer(), shuffled(23, 3)
    found = []
    for epoch in range(3):
        part = order[23 * epoch : 23 * (epoch + 1)]
        found += trainer.run(part, 23, [[0.1]], before=epoch)
        assert trainer.taken == 1
    assert close(found, theirs.by_hand(order, 23, [0.1] * 3))
    assert close(ours.data(), theirs.data())


def test_weights_that_were_set_meanwhile_are_used() -> None:
    slope = Value(0.0)
    group = WeightGroup([slope], descend, [()])
    trainer = Trainer(lambda x, y: (slope * x - y) ** 2, LINE, [group])
    first = trainer.run([0, 1, 2, 3], 4, [[0.01]])
    slope.data = 0.0
    assert trainer.run([0, 1, 2, 3], 4, [[0.01]]) == first


def test_groups_have_their_own_rules_and_rates() -> None:
    a, b = Value(1.0), Value(-1.0)
    groups = [WeightGroup([a], descend, [()]), WeightGroup([b], heavy, [(0.0,)])]
    trainer = Trainer(lambda x, y: (a * x + b - y) ** 2, LINE, groups)
    trainer.run([1, 1], 1, [[0.01, 0.0], [0.0, 0.02]])
    # The errors are -2.5, and -2.45 after a has moved by 0.05; b remembers the first.
    assert close([a.data, b.data], [1.05, -1.0 + 0.02 / 2 * (0.9 * 5.0 + 4.9)])


def test_a_weight_that_the_loss_does_not_know_stays() -> None:
    slope, idle = Value(1.0), Value(5.0)
    group = WeightGroup([idle, slope], heavy, [(0.25,), (0.0,)])
    trainer = Trainer(lambda x, y: (slope * x - y) ** 2, LINE, [group])
    assert trainer.reached(group) == [False, True]
    trainer.run([0, 1, 2, 3], 4, [[0.01]])
    assert (idle.data, group.states[0]) == (5.0, (0.25,))
    assert slope.data != 1.0


def test_values_that_are_not_trained_are_read_at_every_run() -> None:
    slope, offset = Value(0.0), Value(0.0)
    group = WeightGroup([slope], descend, [()])
    trainer = Trainer(lambda x, y: (slope * x + offset - y) ** 2, LINE, [group])
    first = trainer.run([1], 1, [[0.0]])
    offset.data = 2.5
    assert (first, trainer.run([1], 1, [[0.0]])) == ([6.25], [0.0])


def test_class_indices_and_arrays() -> None:
    weights = [Value(0.1 * k) for k in range(6)]

    def loss(x: Any, kind: Any) -> Any:
        logits = [weights[k] * x[0] + weights[k + 3] * x[1] for k in range(3)]
        return autograd.logsumexp(logits) - autograd.take(logits, kind)

    xs = [[1.0, 2.0], [0.5, -1.0], [-1.0, 0.0], [2.0, 2.0]]
    kinds = [0, 2, 1, 0]
    results = []
    for data in ((xs, kinds), (np.array(xs, np.float32), np.array(kinds, np.uint8))):
        for k, weight in enumerate(weights):
            weight.data = 0.1 * k
        trainer = Trainer(loss, data, [WeightGroup(weights, descend, [()] * 6)])
        trainer.run([0, 1, 2, 3] * 5, 2, [[0.1]] * 10)
        results.append([w.data for w in weights])
    assert results[0] == results[1]
    for k, weight in enumerate(weights):
        weight.data = 0.1 * k
    for batch in ([0, 1], [2, 3]) * 5:
        for weight in weights:
            weight.grad = 0.0
        autograd.mean([loss(xs[k], kinds[k]) for k in batch]).backward()
        for weight in weights:
            weight.data -= 0.1 * weight.grad
    assert close(results[0], [w.data for w in weights])


def test_samples_that_branch_differently_are_done_by_the_engine() -> None:
    def training(*, natively: bool) -> tuple[list[float], float]:
        slope = Value(0.3)

        def loss(x: Any, y: Any) -> Any:
            error = slope * x - y
            return error * error if error < 0.5 else 0.5 * error

        xs, ys = [0.5, -1.0, 2.0, 1.0, -2.0], [0.1, 0.2, -0.3, 0.4, -2.0]
        order = shuffled(5, 40)
        if natively:
            trainer = Trainer(loss, (xs, ys), [WeightGroup([slope], descend, [()])])
            return trainer.run(order, 2, [[0.05]] * 100), slope.data
        losses = []
        for start in range(0, 200, 2):
            slope.grad = 0.0
            out = autograd.mean([loss(xs[k], ys[k]) for k in order[start : start + 2]])
            out.backward()
            losses.append(out.data)
            slope.data -= 0.05 * slope.grad
        return losses, slope.data

    assert close(training(natively=True), training(natively=False))


# -- steps that cannot be taken -------------------------------------------------------------


def test_it_ends_before_a_loss_that_is_not_finite() -> None:
    slope = Value(1.0)
    data = ([1.0, 1e200, 2.0], [0.0, 0.0, 0.0])
    trainer = Trainer(
        lambda x, y: (slope * x - y) ** 2, data, [WeightGroup([slope], heavy, [(0.0,)])]
    )
    assert trainer.run([0, 0, 1, 0], 1, [[0.1]] * 4) == [1.0, pytest.approx(0.64)]
    kept = slope.data
    assert trainer.taken == 2
    assert trainer.run([1], 1, [[0.1]]) == []
    assert slope.data == kept


def test_it_ends_before_a_gradient_that_is_not_finite() -> None:
    scale = Value(0.0)
    trainer = Trainer(
        lambda x: autograd.sqrt(scale * x), [[1.0, 0.0]], [WeightGroup([scale], descend, [()])]
    )
    scale.data = 4.0
    assert trainer.run([0], 1, [[0.0]]) == [2.0]
    scale.data = 0.0
    assert trainer.run([0], 1, [[0.1]]) == []
    assert scale.data == 0.0


@pytest.mark.parametrize("count", [1, 3, 9])
def test_it_ends_before_weights_that_are_not_finite(count: int) -> None:
    weights = [Value(1.0) for _ in range(count)]
    group = WeightGroup(weights, fast, [(0.0,)] * count)
    trainer = Trainer(lambda x: autograd.total(weights) * x, [[1.0, 1.0]], [group])
    losses = trainer.run([0] * 4, 1, [[0.5], [0.5], [1e200], [0.5]])
    assert losses == [count * 1.0, count * 0.75]
    kept, state = [w.data for w in weights], list(group.states)
    assert kept == [0.75 - 0.25 * 1.9] * count
    assert trainer.run([0], 1, [[1e200]]) == []
    assert ([w.data for w in weights], group.states) == (kept, state)


def test_a_step_with_an_error_is_not_taken() -> None:
    scale = Value(1.0)

    def loss(x: Any) -> Any:
        return autograd.log(scale * x) ** 2

    trainer = Trainer(loss, [[1.0, 3.0, -1.0]], [WeightGroup([scale], descend, [()])])
    assert len(trainer.run([1, 2, 1], 1, [[0.1]] * 3)) == 1
    assert trainer.taken == 1


def test_what_hides_that_it_is_not_finite_is_done_by_the_engine() -> None:
    scale = Value(1.0)
    trainer = Trainer(
        lambda x: tanh(scale * x * x * x), [[1.0, 1e150]], [WeightGroup([scale], descend, [()])]
    )
    assert trainer.run([1, 0], 1, [[0.1]] * 2) == [1.0, pytest.approx(math.tanh(1.0))]


# -- bad input ------------------------------------------------------------------------------


def simple(**options: Any) -> Trainer:
    slope = Value(1.0)
    group = WeightGroup([slope], descend, [()])
    return Trainer(lambda x, y: (slope * x - y) ** 2, LINE, [group], **options)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"order": [0, 4]}, LengthError, "order must name samples from 0 to 3, got 4 at 1"),
        ({"order": [-1, 0]}, LengthError, "order must name samples from 0 to 3, got -1 at 0"),
        ({"order": [2**62, 0]}, LengthError, "got 4611686018427387904 at 0"),
        ({"order": [0.0, 1.0]}, NumberError, "order must be a list of whole numbers"),
        ({"order": [True, False]}, NumberError, "order must be a list of whole numbers"),
        ({"order": [[0, 1]]}, NumberError, "order must be a list of whole numbers"),
        ({"order": ["a", "b"]}, NumberError, "order must be a list of whole numbers"),
        ({"batch_size": 0}, LengthError, "batch_size must be 1 at least, got 0"),
        ({"batch_size": -2}, LengthError, "batch_size must be 1 at least, got -2"),
        ({"batch_size": 1.5}, NumberError, "batch_size must be a whole number, got 1.5"),
        ({"rates": [[0.1], [0.1]]}, LengthError, "a row for each of 1 steps"),
        ({"rates": [[0.1, 0.2]]}, LengthError, "a rate for each of 1 groups"),
        ({"rates": [0.1]}, LengthError, None),
        ({"rates": []}, LengthError, "got shape (0,)"),
        ({"rates": [[math.nan]]}, NumberError, "rates must be finite numbers"),
        ({"rates": [["x"]]}, NumberError, "rates must be lists of numbers"),
        ({"rates": [[0.1], [0.1, 0.2]]}, NumberError, "rates must be lists of numbers"),
        ({"before": -1}, LengthError, "before must be 0 at least, got -1"),
    ],
)
def test_a_run_is_checked_before_it_starts(
    changed: dict[str, Any], error: type[Exception], message: str | None
) -> None:
    trainer = simple()
    given = {"order": [0, 1], "batch_size": 2, "rates": [[0.1]], **changed}
    if message is None:
        # A single rate for a single group may stand bare.
        assert len(trainer.run(**given)) == 1
        return
    with pytest.raises(error) as caught:
        trainer.run(**given)
    assert message in str(caught.value)


def test_an_empty_order_takes_no_step() -> None:
    trainer = simple()
    assert trainer.run([], 4, []) == []
    assert trainer.taken == 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: simple(max_norm=-1.0), LengthError, "max_norm must not be negative, got -1.0"),
        (lambda: simple(max_value=math.nan), LengthError, "max_value must not be negative"),
        (lambda: simple(max_norm="1"), NumberError, "max_norm"),
        (lambda: built(data=()), LengthError, "an argument at least"),
        (lambda: built(data=([1.0], [1.0, 2.0])), LengthError, "got [1, 2]"),
        (lambda: built(data=([], [])), LengthError, "is empty"),
        (lambda: built(data=([1.0], [math.inf])), NumberError, "finite numbers"),
        (
            lambda: built(states=[]),
            LengthError,
            "groups[0] needs a state for each of 1 weights",
        ),
        (
            lambda: Trainer(lambda x: x, ([1.0],), untyped([Value(1.0)])),
            NumberError,
            (
                "groups[0] must be a WeightGroup(weights, rule, states), got Value(data=1.0, "
                "grad=0.0) (Value); nn.fit makes them of an optimiser"
            ),
        ),
        (lambda: built(values=[1.0]), NumberError, "groups[0] needs Values as weights"),
        (
            lambda: built(twice=True),
            LengthError,
            "groups[1] has weight 0 that was given before",
        ),
        (lambda: built(rule=branching), CompilationError, "without a branch on them"),
        (lambda: built(rule=growing), CompilationError, "as much state as it is given"),
        (
            lambda: built(loss=lambda x, y: (x, y)),
            CompilationError,
            "a loss that is one number",
        ),
    ],
)
def test_a_trainer_is_checked_when_it_is_made(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


def test_states_of_one_group_have_one_length() -> None:
    a, b = Value(1.0), Value(2.0)
    group = WeightGroup([a, b], descend, [(), (0.0,)])
    with pytest.raises(LengthError, match="states of one length"):
        Trainer(lambda x: a * b * x, [[1.0]], [group])


def branching(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
    return weight - lr * (max(0.0, gradient)), state


def fast(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
    velocity = 0.9 * state[0] + gradient
    return weight - lr * lr * velocity, (velocity,)


def growing(weight: Any, gradient: Any, state: Any, step: Any, lr: Any) -> Any:
    return weight - lr * gradient, (gradient,)


def built(
    *,
    data: Any = LINE,
    states: Any = None,
    values: Any = None,
    twice: bool = False,
    rule: Rule = descend,
    loss: Any = None,
) -> Trainer:
    slope = Value(1.0)
    group = WeightGroup(values or [slope], rule, [()] if states is None else states)
    groups = [group, group] if twice else [group]
    return Trainer(loss or (lambda x, y: (slope * x - y) ** 2), data, groups)


# -- threads --------------------------------------------------------------------------------


def test_two_trainers_in_two_threads() -> None:
    order, rates = shuffled(23, 40), [[0.1]] * 184
    alone = [Net(seed=seed) for seed in (1, 2)]
    for net in alone:
        net.trainer().run(order, 5, rates)
    nets = [Net(seed=seed) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        trainers = [net.trainer() for net in nets]
        done = [pool.submit(trainer.run, order, 5, rates) for trainer in trainers]
        assert all(len(future.result()) == 184 for future in done)
    assert [net.data() for net in nets] == [net.data() for net in alone]


def test_a_trainer_takes_the_steps_of_one_thread_at_a_time() -> None:
    net, other = Net(), Net()
    order = list(range(23)) * 4
    trainer = net.trainer()
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(trainer.run, order, 23, [[0.1]] * 4) for _ in range(4)]
        losses = sorted((run.result() for run in runs), reverse=True)
    assert close(losses, other.by_hand(order * 4, 23, [0.1] * 16))
    assert close(net.data(), other.data())


def test_a_relu_network_of_torch_moves_alike() -> None:
    torch = pytest.importorskip("torch", reason="the oracle is torch")
    generator = random.Random(3)
    weights = [Value(generator.uniform(-0.2, 0.2)) for _ in range(1042)]

    def loss(x: Any, kind: Any) -> Any:
        hidden = [
            relu(autograd.dot(weights[k * 33 : k * 33 + 32], x, weights[k * 33 + 32]))
            for k in range(24)
        ]
        start = 33 * 24
        rows = [weights[start + k * 25 : start + k * 25 + 25] for k in range(10)]
        logits = [autograd.dot(row[:24], hidden, row[24]) for row in rows]
        return autograd.logsumexp(logits) - autograd.take(logits, kind)

    xs = [[generator.uniform(0.0, 1.0) for _ in range(32)] for _ in range(70)]
    kinds = [generator.randrange(10) for _ in range(70)]
    flat = torch.tensor([w.data for w in weights], dtype=torch.float64, requires_grad=True)
    group = WeightGroup(weights, descend, [()] * len(weights))
    trainer = Trainer(loss, (xs, kinds), [group])
    found = trainer.run(list(range(70)), 70, [[1.0]])
    first, second = flat[: 33 * 24].view(24, 33), flat[33 * 24 :].view(10, 25)
    inputs = torch.tensor(xs, dtype=torch.float64)
    hidden = torch.relu(inputs @ first[:, :32].T + first[:, 32])
    logits = hidden @ second[:, :24].T + second[:, 24]
    theirs = torch.nn.functional.cross_entropy(logits, torch.tensor(kinds))
    theirs.backward()
    assert close(found, [theirs.item()], 1e-12)
    assert close([w.data for w in weights], (flat - flat.grad).tolist(), 1e-12)
