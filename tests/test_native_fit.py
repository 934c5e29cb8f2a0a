"""fit(backend="compiled"): the same training as on the engine, in every option."""

import random
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

import autograd
import nn
from autograd import AnomalyError, CompilationError, Value
from nn import MLP, SGD, Adagrad, Adam, AdamW, EarlyStopping, RMSprop, fit, schedules
from nn.compiled import CompiledEpochs
from nn.penalties import decay_groups, elastic_net, l1_penalty, l2_penalty, without_biases
from tests.native import close

pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
pytest.importorskip("numpy", reason="native code needs the extra `native`")

# 20 samples in batches of 8: the last is short. 34 epochs are 102 steps.
EPOCHS, BATCH = 34, 8
Make = Callable[[Any], Any]


def points() -> tuple[list[Any], list[Any]]:
    generator = random.Random(5)
    xs = [[generator.uniform(-1.0, 1.0), generator.uniform(-1.0, 1.0)] for _ in range(20)]
    return xs, [1.0 if a * b > 0.0 else -1.0 for a, b in xs]


def trained(make: Make, backend: str, *, prepare: Any = None, **options: Any) -> Any:
    """Return all that a run leaves behind."""
    model = MLP(2, [5, 1], "tanh", seed=1)
    if prepare is not None:
        prepare(model)
    optimiser = make(model)
    if "penalty" in options:
        options["penalty"] = options["penalty"](model)
    settings = {"epochs": EPOCHS, "batch_size": BATCH, "progress": False} | options
    history = fit(model, points(), nn.hinge_loss, optimiser, backend=backend, **settings)
    weights = [weight.data for weight in model.parameters()]
    groups = optimiser.groups
    states = [[list(state) for state in group.states] for group in groups]
    return weights, dict(history), states, [group.steps for group in groups], optimiser.clock


def same_training(make: Make, **options: Any) -> None:
    ours = trained(make, "compiled", **options)
    theirs = trained(make, "eager", **options)
    assert close(ours[0], theirs[0])
    assert {name: len(line) for name, line in ours[1].items()} == {
        name: len(line) for name, line in theirs[1].items()
    }
    assert all(close(line, ours[1][name]) for name, line in theirs[1].items())
    assert close(ours[2], theirs[2])
    assert ours[3:] == theirs[3:]


class Picked(nn.Embedding):
    """An embedding as learners write it: rows that are not picked get no gradient."""

    def __call__(self, index: Any) -> list[Value]:
        return [autograd.take(column, index) for column in zip(*self.weight, strict=True)]


def test_a_table_that_is_picked_from_moves_as_a_whole() -> None:
    # Letters that are not in a batch go on by the momentum of those before.
    words, kinds = [0, 1, 2, 3, 4, 1, 2], [0, 1, 0, 1, 1, 1, 0]
    left: dict[str, Any] = {}
    for backend in ("eager", "compiled"):
        model = nn.Sequential(Picked(5, 3, seed=0), nn.Linear(3, 2, seed=1))
        optimiser = AdamW(model.parameters(), lr=0.05, weight_decay=0.1)
        fit(model, (words, kinds), nn.cross_entropy, optimiser, epochs=4, batch_size=2,
            backend=backend)  # fmt: skip
        [group] = optimiser.groups
        left[backend] = [w.data for w in model.parameters()], group.steps

    assert close(left["compiled"][0], left["eager"][0])
    assert left["compiled"][1] == left["eager"][1] == [16] * 23


# -- optimisers -----------------------------------------------------------------------------

OPTIMISERS: dict[str, Make] = {
    "SGD": lambda ws: SGD(ws, lr=0.3),
    "SGD, momentum": lambda ws: SGD(ws, lr=0.1, momentum=0.9),
    "SGD, dampening": lambda ws: SGD(ws, lr=0.1, momentum=0.9, dampening=0.3),
    "SGD, Nesterov": lambda ws: SGD(ws, lr=0.1, momentum=0.8, nesterov=True),
    "SGD, decay": lambda ws: SGD(ws, lr=0.1, momentum=0.5, weight_decay=0.02),
    "Adam": lambda ws: Adam(ws, lr=0.02),
    "Adam, decay": lambda ws: Adam(ws, lr=0.02, betas=(0.8, 0.9), weight_decay=0.1),
    "AMSGrad": lambda ws: Adam(ws, lr=0.02, amsgrad=True),
    "AdamW": lambda ws: AdamW(ws, lr=0.02, weight_decay=0.1),
    "AdamW, AMSGrad": lambda ws: AdamW(ws, lr=0.02, weight_decay=0.1, amsgrad=True),
    "RMSprop": lambda ws: RMSprop(ws, lr=0.01),
    "RMSprop, eps inside": lambda ws: RMSprop(ws, lr=0.01, eps=1e-3, eps_inside=True),
    "RMSprop, centred": lambda ws: RMSprop(ws, lr=0.01, alpha=0.8, centred=True),
    "RMSprop, momentum": lambda ws: RMSprop(ws, lr=0.01, momentum=0.7, weight_decay=0.01),
    "Adagrad": lambda ws: Adagrad(ws, lr=0.1, lr_decay=0.01, weight_decay=0.01),
    "Adagrad, started": lambda ws: Adagrad(ws, lr=0.1, initial_accumulator_value=0.5),
}


@pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS)
def test_optimisers_come_to_the_weights_of_the_engine(make: Make) -> None:
    same_training(lambda model: make(model.parameters()))


SCHEDULES: dict[str, Callable[[], Any]] = {
    "cosine": lambda: schedules.cosine(0.1, 100),
    "steps": lambda: schedules.step_decay(0.1, 10, 0.5),
    "warm up": lambda: schedules.warm_up(schedules.exponential(0.1, 0.97), 20),
    "one cycle": lambda: schedules.one_cycle(0.1, 102),
}


@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
def test_schedules_go_on_as_they_would(make: Callable[[], Any]) -> None:
    same_training(lambda model: Adam(model.parameters(), lr=make()))


def test_a_rate_that_goes_by_the_loss_is_set_between_epochs() -> None:
    def run(backend: str) -> Any:
        plateau = schedules.Plateau(0.1, patience=1)
        return trained(
            lambda model: SGD(model.parameters(), lr=plateau),
            backend,
            callbacks=[lambda run: plateau.see(run.history["loss"][-1])],
        )

    ours, theirs = run("compiled"), run("eager")
    assert close(ours[0], theirs[0])
    assert close(ours[1]["lr"], theirs[1]["lr"])
    assert len(set(theirs[1]["lr"])) > 1


def test_groups_may_differ_in_their_options() -> None:
    same_training(lambda model: AdamW(decay_groups(model, 0.1), lr=0.02))
    same_training(
        lambda model: SGD(
            [
                {"params": model.layers[0].parameters(), "momentum": 0.9},
                {"params": model.layers[1].parameters(), "lr": schedules.linear(0.1, 0.0, 102)},
            ],
            lr=0.05,
        )
    )


# -- what is added to the loss, and taken from gradients ------------------------------------

PENALTIES: dict[str, Make] = {
    "l2": lambda model: lambda: 0.01 * l2_penalty(model.parameters()),
    "l1": lambda model: lambda: 0.01 * l1_penalty(model.parameters()),
    "elastic": lambda model: lambda: elastic_net(model.parameters(), 0.003, 0.01),
    "no biases": lambda model: lambda: 0.01 * l2_penalty(without_biases(model)),
}


@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
def test_penalties_hold_weights_back_alike(penalty: Make) -> None:
    same_training(lambda model: SGD(model.parameters(), lr=0.2), penalty=penalty)


@pytest.mark.parametrize("max_norm", [1e-3, 0.3])
def test_gradients_are_clipped_alike(max_norm: float) -> None:
    same_training(lambda model: SGD(model.parameters(), lr=0.5), max_norm=max_norm)


@pytest.mark.parametrize("batch_size", [1, 7, 20, 1000])
def test_batches_of_any_size(batch_size: int) -> None:
    make: Make = lambda model: Adam(model.parameters(), lr=0.02)  # noqa: E731 - as above
    same_training(make, batch_size=batch_size, epochs=5)


def test_frozen_weights_stay() -> None:
    same_training(
        lambda model: Adam(model.parameters(), lr=0.05),
        prepare=lambda model: model.freeze("layers.0"),
        max_norm=0.2,
    )


def test_a_weight_that_the_loss_does_not_use_stays() -> None:
    def prepare(model: Any) -> None:
        model.idle = nn.Parameter(2.0)

    make: Make = lambda model: AdamW(model.parameters(), lr=0.05)  # noqa: E731 - as above
    same_training(make, prepare=prepare, epochs=3)
    assert 2.0 in trained(make, "compiled", prepare=prepare, epochs=3)[0]


def refrozen(backend: str, which: str, **options: Any) -> Any:
    """Train with other weights frozen and another momentum after each epoch."""

    def between(run: Any) -> None:
        run.model.unfreeze()
        if run.epoch % 2:
            run.model.freeze(which)
        run.optimiser.groups[0].options["momentum"] = 0.1 * run.epoch

    def make(model: Any) -> Any:
        return SGD(model.parameters(), lr=0.05, momentum=0.5)

    return trained(make, backend, callbacks=[between], epochs=4, **options)


def test_options_changed_between_epochs_are_seen() -> None:
    def run(backend: str) -> Any:
        def between(run: Any) -> None:
            run.optimiser.groups[0].options["momentum"] = 0.1 * run.epoch

        def make(model: Any) -> Any:
            return SGD(model.parameters(), lr=0.05, momentum=0.5)

        return trained(make, backend, callbacks=[between], epochs=4)

    ours, theirs = run("compiled"), run("eager")
    assert close(ours[0], theirs[0])


def test_weights_that_were_frozen_for_a_while_are_left_to_the_engine() -> None:
    with pytest.raises(CompilationError, match="moved equally often"):
        refrozen("compiled", "layers.0")
    # Where nobody insists, the engine goes on.
    with mock.patch("nn.training.WORTHWHILE", 1):
        ours = refrozen("auto", "layers.0")
    theirs = refrozen("eager", "layers.0")
    assert close(ours[0], theirs[0])
    assert ours[3:] == theirs[3:]


# -- runs -----------------------------------------------------------------------------------


def test_a_run_goes_on_from_where_it_was_saved() -> None:
    def run(*, ended: bool) -> list[float]:
        model = MLP(2, [5, 1], "tanh", seed=1)
        saved: dict[str, Any] = {}
        options: dict[str, Any] = {"batch_size": BATCH, "backend": "compiled"}
        keep = [lambda run: saved.update(run.state_dict())]
        optimiser = Adam(model.parameters(), lr=0.05)
        if ended:
            fit(model, points(), nn.hinge_loss, optimiser, epochs=3, callbacks=keep, **options)
            model = MLP(2, [5, 1], "tanh", seed=2)
            optimiser, options["resume"] = Adam(model.parameters(), lr=0.05), saved
        fit(model, points(), nn.hinge_loss, optimiser, epochs=8, **options)
        return [weight.data for weight in model.parameters()]

    assert run(ended=True) == run(ended=False)


def test_stopping_early_restores_the_best_weights() -> None:
    def run(backend: str) -> Any:
        return trained(
            lambda model: SGD(model.parameters(), lr=3.0),
            backend,
            validation=points(),
            stopping=EarlyStopping("val_loss", patience=2),
            metrics={"sizes": lambda outputs, _: float(len(outputs))},
        )

    ours, theirs = run("compiled"), run("eager")
    assert close(ours[0], theirs[0])
    assert close(list(ours[1].values()), list(theirs[1].values()))
    assert len(theirs[1]["loss"]) < EPOCHS


# -- what cannot be compiled ----------------------------------------------------------------


def exploding(backend: str, at: int) -> tuple[Any, ...]:
    """Train with a sample whose loss is not finite; return the error and what is left."""
    model = MLP(1, [2, 1], "relu", seed=0)
    optimiser = Adam(model.parameters(), lr=0.1)
    xs: list[Any] = [[0.5], [1.0], [-0.5], [0.25]]
    xs[at] = [1e200]
    with pytest.raises(AnomalyError) as caught:
        fit(
            model,
            (xs, [1.0] * 4),
            nn.mse_loss,
            optimiser,
            epochs=3,
            batch_size=1,
            backend=backend,
        )
    weights = [weight.data for weight in model.parameters()]
    return str(caught.value), weights, optimiser.clock, optimiser.groups[0].steps


@pytest.mark.parametrize("at", range(4))
def test_a_loss_that_is_not_finite_is_named_as_on_the_engine(at: int) -> None:
    ours, theirs = exploding("compiled", at), exploding("eager", at)
    assert ours[0].split(" is ")[0] == theirs[0].split(" is ")[0]
    assert "the loss is" in ours[0]
    assert close(ours[1], theirs[1])
    assert ours[2:] == theirs[2:]


def test_weights_that_would_not_be_finite_stay() -> None:
    def run(backend: str) -> tuple[str, list[float], int]:
        model = MLP(1, [1], seed=0)
        optimiser = SGD(
            model.parameters(), lr=schedules.step_decay(0.1, 3, 1e300), momentum=0.9
        )
        data = [[1e9], [2e9]], [1e9, -1e9]
        with pytest.raises(AnomalyError, match="would become") as caught:
            fit(model, data, nn.l1_loss, optimiser, epochs=9, batch_size=1, backend=backend)
        weights = [weight.data for weight in model.parameters()]
        return str(caught.value).partition(" ")[0], weights, optimiser.clock

    ours, theirs = run("compiled"), run("eager")
    assert (ours[0], ours[2]) == (theirs[0], theirs[2])
    assert close(ours[1], theirs[1])


def test_an_error_of_the_loss_is_raised_and_the_steps_before_it_count() -> None:
    def run(backend: str) -> tuple[Any, ...]:
        model = MLP(1, [1], seed=0)
        optimiser = Adam(model.parameters(), lr=0.01)

        def loss(output: Any, target: Any) -> Any:
            if target > 2.0:
                raise KeyError("no such class")
            return (output - target) ** 2

        data = [[1.0], [2.0], [3.0], [4.0]], [0.0, 1.0, 2.0, 3.0]
        with pytest.raises(KeyError):
            fit(model, data, loss, optimiser, epochs=1, batch_size=1, seed=3, backend=backend)
        weights = [weight.data for weight in model.parameters()]
        return weights, optimiser.clock, optimiser.groups[0].steps

    ours, theirs = run("compiled"), run("eager")
    assert close(ours[0], theirs[0])
    assert ours[1:] == theirs[1:]


def test_a_loss_that_branches_on_data_is_trained_as_on_the_engine() -> None:
    def huber(output: Any, target: Any) -> Any:
        error = abs(output - target)
        return 0.5 * error * error if error < 1.0 else error - 0.5

    def run(backend: str) -> list[float]:
        model = MLP(2, [3, 1], "tanh", seed=0)
        optimiser = SGD(model.parameters(), lr=0.1)
        fit(model, points(), huber, optimiser, epochs=6, batch_size=4, backend=backend)
        return [weight.data for weight in model.parameters()]

    assert close(run("compiled"), run("eager"))


def test_a_random_loss_is_refused_and_left_to_the_engine() -> None:
    generator = random.Random(0)

    def noisy(output: Any, target: Any) -> Any:
        return (output - target + generator.gauss(0.0, 0.1)) ** 2

    model = MLP(2, [1], seed=0)
    optimiser = SGD(model.parameters(), lr=0.01)
    with pytest.raises(CompilationError):
        fit(model, points(), noisy, optimiser, epochs=1, backend="compiled")
    assert optimiser.clock == 0
    history = fit(model, points(), noisy, optimiser, epochs=150, batch_size=20, backend="auto")
    assert len(history["loss"]) == 150


def test_weights_that_moved_unequally_are_refused() -> None:
    model = MLP(2, [1], seed=0)
    optimiser = Adam(model.parameters(), lr=0.01)
    weights = model.parameters()
    autograd.total(weights[:1]).backward()
    optimiser.step()
    with pytest.raises(CompilationError, match="moved equally often"):
        fit(model, points(), nn.hinge_loss, optimiser, epochs=1, backend="compiled")


def test_short_runs_are_not_worth_compiling() -> None:
    model = MLP(2, [1], seed=0)
    for epochs, compiled in ((2, False), (200, True)):
        optimiser = SGD(model.parameters(), lr=0.01)
        with mock.patch("nn.training.CompiledEpochs", wraps=CompiledEpochs) as made:
            fit(model, points(), nn.hinge_loss, optimiser, epochs=epochs, batch_size=20)
        assert made.called is compiled


def test_a_gradient_of_0_is_still_one_after_clipping() -> None:
    weight, other = autograd.Value(1.0), autograd.Value(1.0)
    (weight * 0.0 + other * 3.0).backward()
    nn.clip_grad_norm_([weight, other], 1.0)
    nn.clip_grad_value_([weight, other], 0.5)
    assert (weight.gradient, other.gradient) == (0.0, 0.5)


def test_a_loss_that_learns_nothing_is_refused() -> None:
    model = MLP(2, [5, 1], "tanh", seed=1)
    optimiser = SGD(model.parameters(), lr=0.1)

    with pytest.raises(CompilationError, match="the loss depends on no weight"):
        fit(model, points(), lambda output, y: Value(2.0) * y, optimiser, epochs=1,
            backend="compiled")  # fmt: skip
    with pytest.raises(ValueError, match="the loss depends on no weight"):
        fit(model, points(), lambda output, y: Value(2.0) * y, optimiser, epochs=100)
