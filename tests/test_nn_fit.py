"""fit: what it does in an epoch, how it ends, how it goes on, what it refuses."""

import io
import json
import math
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import AnomalyError, LengthError, NumberError, RangeError, Tape, Value, mean
from nn import (
    MLP,
    SGD,
    Adam,
    EarlyStopping,
    Embedding,
    History,
    Linear,
    Module,
    Run,
    Sequential,
    bce_with_logits,
    cross_entropy,
    data,
    evaluate,
    find_lr,
    fit,
    metrics,
    mse_loss,
    penalties,
    predict,
    replace_head,
    schedules,
)
from nn.epochs import Task, eager_epoch
from nn.guards import check_gradients
from nn.progress import sparkline
from nn.randomness import permutation
from tests.untyped import message_of, untyped


def made(seed: int = 0, lr: Any = 0.05, outputs: int = 1) -> tuple[MLP, Adam]:
    model = MLP(2, [4, outputs], "tanh", seed=seed)
    return model, Adam(model.parameters(), lr=lr)


def numbers(model: MLP) -> list[float]:
    return [weight.data for weight in model.parameters()]


POINTS = data.moons(22, seed=1)
OTHERS = data.moons(10, seed=2)


# -- an epoch -----------------------------------------------------------------------------


def test_fit_does_what_the_loop_written_out_does() -> None:
    model, optimiser = made()
    history = fit(model, POINTS, bce_with_logits, optimiser, epochs=3, batch_size=8, seed=5)
    by_hand, other = made()
    generator, losses = random.Random(5), []
    xs, ys = POINTS
    for _ in range(3):
        order, total = permutation(22, generator), 0.0
        for batch in (order[:8], order[8:16], order[16:]):
            loss = mean([bce_with_logits(by_hand(xs[k]), ys[k]) for k in batch])
            other.zero_grad()
            loss.backward()
            other.step()
            total += loss.data * len(batch)
        losses.append(total / 22)

    assert numbers(model) == numbers(by_hand)
    assert history == {"loss": losses, "lr": [0.05] * 3}


def test_the_mean_over_a_batch_has_the_gradient_of_the_samples_together() -> None:
    model, optimiser = made(lr=0.0)
    eager_epoch(Task(model, *POINTS, bce_with_logits, optimiser, 22), range(22))
    together = [weight.grad for weight in model.parameters()]
    optimiser.zero_grad()
    for x, y in zip(*POINTS, strict=True):
        (bce_with_logits(model(x), y) / 22).backward()

    assert [w.grad for w in model.parameters()] == pytest.approx(together, rel=1e-12, abs=1e-15)


def test_a_short_last_batch_counts_for_its_samples_only() -> None:
    model, optimiser = made(lr=0.0)
    history = fit(model, POINTS, bce_with_logits, optimiser, epochs=1, batch_size=16)

    assert history["loss"] == [
        pytest.approx(evaluate(model, POINTS, bce_with_logits)["loss"], rel=1e-12)
    ]


class Picked(Embedding):
    """An embedding as learners write it: rows that are not picked get no gradient."""

    def __call__(self, index: Any) -> list[Value]:
        return self.weight[index]


def test_a_table_that_is_picked_from_is_trained_as_by_torch() -> None:
    # Rows that are not in a batch have gradient 0 there, and go on by what Adam remembers.
    torch = pytest.importorskip("torch", reason="compares with torch")
    model = Sequential(Picked(4, 3, seed=0), Linear(3, 2, seed=1))
    theirs = torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.Linear(3, 2)).double()
    ours = model.state_dict()
    theirs.load_state_dict(
        {name: torch.tensor(ours[name], dtype=torch.float64) for name in ours}
    )
    words, kinds = [0, 1, 2, 3, 1, 0], [0, 1, 0, 1, 1, 0]
    optimiser = Adam(model.parameters(), lr=0.05)
    fit(model, (words, kinds), cross_entropy, optimiser, epochs=5, batch_size=1, seed=3)
    expected, generator = torch.optim.Adam(theirs.parameters(), 0.05), random.Random(3)
    for k in [k for _ in range(5) for k in permutation(6, generator)]:
        loss = torch.nn.functional.cross_entropy(
            theirs(torch.tensor(words[k])), torch.tensor(kinds[k])
        )
        expected.zero_grad()
        loss.backward()
        expected.step()

    for name, tensor in theirs.state_dict().items():
        found = torch.tensor(model.state_dict()[name], dtype=torch.float64)
        assert found.numpy() == pytest.approx(tensor.numpy(), abs=1e-12)


def test_the_trajectory_is_that_of_torch_in_the_same_order() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    model, _ = made(outputs=2)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)
    ).double()
    with torch.no_grad():
        for layer, ours in zip((theirs[0], theirs[2]), model.layers, strict=True):
            rows = [[w.data for w in neuron.w] for neuron in ours.neurons]
            layer.weight.copy_(torch.tensor(rows, dtype=torch.float64))
            biases = [neuron.b.data for neuron in ours.neurons]
            layer.bias.copy_(torch.tensor(biases, dtype=torch.float64))
    optimiser = SGD(model.parameters(), lr=0.5, momentum=0.9)
    history = fit(model, POINTS, cross_entropy, optimiser, epochs=4, batch_size=6, seed=3)
    expected, generator, losses = (
        torch.optim.SGD(theirs.parameters(), 0.5, 0.9),
        random.Random(3),
        [],
    )
    xs, ys = torch.tensor(POINTS[0], dtype=torch.float64), torch.tensor(POINTS[1])
    for _ in range(4):
        order, total = permutation(22, generator), 0.0
        for start in range(0, 22, 6):
            batch = order[start : start + 6]
            loss = torch.nn.functional.cross_entropy(theirs(xs[batch]), ys[batch])
            expected.zero_grad()
            loss.backward()
            expected.step()
            total += loss.item() * len(batch)
        losses.append(total / 22)

    assert history["loss"] == pytest.approx(losses, rel=1e-12)
    flat = [w.item() for w in theirs[0].weight.reshape(-1)]
    assert [w.data for n in model.layers[0].neurons for w in n.w] == pytest.approx(
        flat, rel=1e-11
    )


def test_a_penalty_is_part_of_every_loss() -> None:
    model, optimiser = made(lr=0.0)
    weights = model.parameters()
    plain = fit(model, POINTS, bce_with_logits, optimiser, epochs=1)
    held = fit(
        model,
        POINTS,
        bce_with_logits,
        optimiser,
        epochs=1,
        penalty=lambda: 0.5 * penalties.l2_penalty(weights),
    )
    size = 0.5 * sum(w * w for w in numbers(model))

    assert held["loss"][0] == pytest.approx(plain["loss"][0] + size, rel=1e-12)


def test_gradients_are_clipped_before_the_step() -> None:
    model, _ = made()
    before = numbers(model)
    fit(
        model,
        POINTS,
        bce_with_logits,
        SGD(model.parameters(), lr=1.0),
        epochs=1,
        batch_size=22,
        max_norm=0.25,
    )

    assert math.dist(before, numbers(model)) == pytest.approx(0.25, rel=1e-5)


def test_schedules_go_by_steps_and_the_history_tells_the_rate() -> None:
    model, optimiser = made(lr=schedules.linear(0.1, 0.0, steps=6))
    history = fit(model, POINTS, bce_with_logits, optimiser, epochs=4, batch_size=8)

    assert history["lr"] == pytest.approx([0.1, 0.05, 0.0, 0.0])
    assert optimiser.clock == 12


# -- what is measured ---------------------------------------------------------------------


def test_validation_and_metrics_are_measured_after_each_epoch_and_not_recorded() -> None:
    model, optimiser = made()
    rows = []
    history = fit(
        model,
        POINTS,
        bce_with_logits,
        optimiser,
        epochs=2,
        validation=OTHERS,
        metrics={"accuracy": metrics.accuracy},
        callbacks=[lambda run: rows.append(evaluate(model, OTHERS, bce_with_logits)["loss"])],
    )

    assert list(history) == ["loss", "lr", "val_loss", "val_accuracy"]
    assert history["val_loss"] == rows
    with Tape() as tape:
        assert {type(output) for output in predict(model, OTHERS[0])} == {float}
    assert len(tape) == 0


class Moody(Module):
    """A network that answers 100 more while it is trained, as dropout behaves differently."""

    def __init__(self) -> None:
        self.training = True
        self.network, _ = made()

    def __call__(self, x: Any) -> Any:
        return self.network(x) + (100.0 if self.training else 0.0)

    def named_modules(self) -> list[tuple[str, Any]]:
        return [("", self)]


def test_outputs_for_people_are_those_of_a_model_in_use() -> None:
    model = Moody()

    assert abs(predict(model, [[0.0, 0.0]])[0]) < 50.0
    assert evaluate(model, ([[0.0, 0.0]], [0.0]), mse_loss)["loss"] < 2500.0
    assert model.training
    with pytest.raises(LengthError):
        predict(model, [[0.0]])
    assert model.training


def test_without_validation_metrics_are_of_the_data() -> None:
    model, optimiser = made(outputs=2)
    history = fit(
        model,
        POINTS,
        cross_entropy,
        optimiser,
        epochs=30,
        metrics={"accuracy": metrics.accuracy},
    )

    assert history["accuracy"][-1] == metrics.accuracy(predict(model, POINTS[0]), POINTS[1])
    assert history["accuracy"][-1] > 0.8


# -- what learns nothing ------------------------------------------------------------------


def test_gradients_of_0_are_no_mistake() -> None:
    dead = MLP(2, [3, 1], "relu", init="zeros")
    optimiser = SGD(dead.layers[0].parameters(), lr=0.1)

    history = fit(dead, POINTS, mse_loss, optimiser, epochs=2)

    assert history["loss"][0] == history["loss"][1] > 0.0


def test_a_weight_of_the_loss_may_be_learned_with_part_of_a_network() -> None:
    model, scale = MLP(2, [3, 1], "tanh", seed=0), Value(1.0)
    model.freeze("layers.0")
    before = numbers(model)
    optimiser = SGD([*model.layers[1].parameters(), scale], lr=0.1)

    fit(model, POINTS, lambda y, t: bce_with_logits(scale * y, t), optimiser, epochs=2)

    assert scale.data != 1.0
    assert numbers(model)[:9] == before[:9]
    assert numbers(model)[9:] != before[9:]


# -- how it ends --------------------------------------------------------------------------


def test_what_stops_one_run_starts_anew_with_the_next() -> None:
    stopping = EarlyStopping("loss", patience=3)
    good, optimiser = made()
    fit(good, POINTS, bce_with_logits, optimiser, epochs=20, stopping=stopping)
    best = stopping.best
    fresh = MLP(2, [3, 1], "tanh", init="zeros", seed=1)
    untrained = evaluate(fresh, POINTS, bce_with_logits)["loss"]
    history = fit(
        fresh, POINTS, bce_with_logits, SGD(fresh.parameters(), lr=1e-9), epochs=2,
        stopping=stopping,
    )  # fmt: skip

    assert best is not None
    assert best < 0.9 * untrained
    assert stopping.best == min(history["loss"]) == pytest.approx(untrained, rel=1e-6)
    assert evaluate(fresh, POINTS, bce_with_logits)["loss"] == pytest.approx(untrained)


def stopped(
    patience: int, epochs: int, losses: list[float], *, ends: Callable[[Run], object] = bool
) -> tuple[MLP, EarlyStopping, list[list[float]]]:
    """Train with a validation loss that goes as it is told to."""
    model, optimiser = made()
    stopping = EarlyStopping("val_told", patience=patience, maximise=False)
    seen: list[list[float]] = []

    def told(outputs: Any, targets: Any) -> float:
        seen.append(numbers(model))
        return losses[len(seen) - 1]

    def end(run: Run) -> object:
        return ends(run) if ends is not bool else None

    fit(
        model,
        POINTS,
        bce_with_logits,
        optimiser,
        epochs=epochs,
        validation=OTHERS,
        metrics={"told": told},
        stopping=stopping,
        callbacks=[end],
    )
    return model, stopping, seen


@pytest.mark.parametrize(
    ("patience", "epochs", "losses", "best", "done"),
    [
        (1, 9, [3.0, 2.0, 2.0], 2, 3),
        (2, 9, [3.0, 2.0, 2.5, 1.0, 1.0, 1.5], 4, 6),
        (3, 9, [1.0, 2.0, math.nan, 2.0], 1, 4),
        (9, 3, [3.0, 1.0, 2.0], 2, 3),
        (9, 3, [3.0, 2.0, 1.0], 3, 3),
        (2, 9, [math.nan, math.nan], 0, 2),
    ],
)
def test_the_best_weights_are_restored_when_it_stops_and_when_it_does_not(
    patience: int, epochs: int, losses: list[float], best: int, done: int
) -> None:
    model, stopping, seen = stopped(patience, epochs, losses)

    assert (stopping.best_epoch, len(seen)) == (best, done)
    assert numbers(model) == seen[best - 1]


def interrupt(run: Run) -> None:
    if run.epoch == 3:
        raise KeyboardInterrupt


def test_the_best_weights_are_restored_after_an_interrupt() -> None:
    kept: list[Any] = []

    def ends(run: Run) -> None:
        kept.append(run)
        interrupt(run)

    with pytest.raises(KeyboardInterrupt):
        stopped(9, 9, [2.0, 1.0, 3.0], ends=ends)
    run = kept[-1]
    best = run.stopping.state_dict()["weights"]

    assert run.stopping.best_epoch == 2
    assert numbers(run.model) == best
    # What was measured until then is still there.
    assert run.history["val_told"] == [2.0, 1.0, 3.0]


def test_a_callback_may_end_it_and_all_callbacks_are_called() -> None:
    model, optimiser = made()
    called = []
    history = fit(
        model,
        POINTS,
        bce_with_logits,
        optimiser,
        epochs=9,
        callbacks=[lambda run: run.epoch == 2, lambda run: called.append(run.epoch)],
    )

    assert len(history["loss"]) == 2
    assert called == [1, 2]


def test_accuracy_may_be_what_gets_better() -> None:
    stopping = EarlyStopping("accuracy", patience=1, least=0.1, maximise=True)
    model, _ = made()
    answers = []
    for epoch, accuracy in enumerate([0.5, 0.7, 0.75], 1):
        answers.append(stopping.see(History(accuracy=[accuracy]), epoch, model))

    assert answers == [False, False, True]
    assert (stopping.best, stopping.best_epoch) == (0.7, 2)


# -- how it goes on -----------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 3])
@pytest.mark.parametrize("plateau", [False, True])
def test_a_resumed_run_is_the_uninterrupted_one_to_the_bit(at: int, plateau: bool) -> None:
    def run_to(epochs: int, resume: Any = None, seed: int = 0) -> tuple[MLP, History, Any]:
        rate = (
            schedules.Plateau(0.1, factor=0.5, patience=0)
            if plateau
            else schedules.cosine(0.1, 20)
        )
        model, optimiser = made(seed, lr=rate)
        last: list[Any] = []

        def see(run: Run) -> None:
            if isinstance(rate, schedules.Plateau):
                rate.see(run.history["val_loss"][-1])
            last.append(json.loads(json.dumps(run.state_dict())))

        history = fit(
            model,
            POINTS,
            bce_with_logits,
            optimiser,
            epochs=epochs,
            batch_size=8,
            seed=seed,
            validation=OTHERS,
            stopping=EarlyStopping(patience=50),
            callbacks=[see],
            resume=resume,
        )
        return model, history, last[-1]

    whole_model, whole_history, end = run_to(6)
    _, _, checkpoint = run_to(at)
    # Other weights and another order to begin with: all comes from the checkpoint.
    model, history, again = run_to(6, resume=checkpoint, seed=9)

    assert numbers(model) == numbers(whole_model)
    assert history == whole_history
    assert again == end


def a_run(stopping: bool = True) -> Run:
    model, optimiser = made()
    return Run(
        model,
        optimiser,
        random.Random(0),
        stopping=EarlyStopping("loss") if stopping else None,
    )


def changed(**changes: Any) -> dict[str, Any]:
    run = a_run()
    run.history.add(loss=1.0)
    assert run.stopping is not None
    run.stopping.see(run.history, 1, run.model)
    return run.state_dict() | changes


def stop_state(**changes: Any) -> Any:
    return changed()["stopping"] | changes


BAD_RUNS: dict[str, tuple[Any, str]] = {
    "nothing": (None, "a run goes on from what state_dict() returned, got None (NoneType)"),
    "without early stopping": (changed(stopping=None), "both runs must stop early, or neither"),
    "other weights": (
        changed(weights={"w": 1.0}),
        "the model has 17 weights of other names, got {'w': 1.0} (dict)",
    ),
    "a weight of text": (
        changed(weights=changed()["weights"] | {"layers.0.bias[0]": "a"}),
        "weight layers.0.bias[0] must be a finite number, got 'a' (str)",
    ),
    "a weight that is not finite": (
        changed(weights=changed()["weights"] | {"layers.0.bias[0]": math.nan}),
        "weight layers.0.bias[0] must be a finite number, got nan (float)",
    ),
    "half an epoch": (changed(epoch=0.5), "epoch must be a whole number, got 0.5 (float)"),
    "a bad history": (
        changed(history={"loss": 1.0}),
        "a history must hold lists by name, got {'loss': 1.0} (dict)",
    ),
    "a bad generator": (changed(generator=[3, [1, 2], None]), "no generator has the state [3"),
    "no generator": (changed(generator=None), "no generator has the state None"),
    "another optimiser": (
        changed(optimiser=changed()["optimiser"] | {"optimiser": "SGD"}),
        "this is the state of SGD, not of Adam",
    ),
    "no stopping": (changed(stopping={}), "early stopping has no such state: {} (dict)"),
    "a best of text": (
        changed(stopping=stop_state(best="low")),
        "the best number must be finite or None, got 'low' (str)",
    ),
    "best weights of text": (
        changed(stopping=stop_state(weights=["a"])),
        "the best weights must be finite numbers, got ['a'] (list)",
    ),
    "too few best weights": (
        changed(stopping=stop_state(weights=[1.0])),
        "the model has 17 weights, the saved one 1",
    ),
}


@pytest.mark.parametrize("case", BAD_RUNS)
def test_a_state_that_does_not_fit_changes_nothing(case: str) -> None:
    saved, text = BAD_RUNS[case]
    run = a_run()
    before = json.dumps(run.state_dict())
    with pytest.raises((TypeError, ValueError)) as caught:
        run.load_state_dict(saved)

    assert str(caught.value).startswith(text)
    assert json.dumps(run.state_dict()) == before


def test_a_run_that_never_stops_early_refuses_as_well() -> None:
    run = a_run(stopping=False)
    saved = run.state_dict()
    saved["optimiser"]["clock"] = -1
    with pytest.raises(ValueError, match="clock must be at least 0, got -1"):
        run.load_state_dict(saved)


# -- the guard ----------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_names_the_first_bad_weight() -> None:
    model, optimiser = made()
    # As a broken file might: assignment refuses it.
    model.layers[0].neurons[1].w[0]._data = math.nan
    with pytest.raises(AnomalyError) as caught:
        fit(model, POINTS, mse_loss, optimiser, epochs=1)

    assert str(caught.value) == "the loss is nan: weight layers.0.weight[1][0] is nan"


def test_a_loss_that_is_not_finite_names_the_first_bad_operation() -> None:
    model, optimiser = made()
    before = numbers(model)

    def loss(output: Value, target: int) -> Value:
        return output * 1e200 * 1e200 - target

    with pytest.raises(AnomalyError) as caught:
        fit(model, POINTS, loss, optimiser, epochs=1)

    assert str(caught.value).startswith("the loss is ")
    assert ": first mul(" in str(caught.value)
    assert numbers(model) == before


def squares_inf(output: Value, target: float) -> Value:
    return (output - target) * (output - target)


def squares_raise(output: Value, target: float) -> Value:
    return (output - target) ** 2


@pytest.mark.parametrize(
    ("loss", "error"), [(squares_inf, AnomalyError), (squares_raise, RangeError)]
)
def test_a_loss_that_overflows_after_a_step_is_laid_to_the_learning_rate(
    loss: Any, error: type[Exception]
) -> None:
    def notes(start: float, lr: float) -> list[str]:
        model = MLP(1, [1], seed=0)
        model.parameters()[0].data = start
        with pytest.raises(error) as caught:
            fit(model, ([[1.0]], [0.0]), loss, SGD(model.parameters(), lr=lr), epochs=900)
        # A step multiplies the output by 1 - 4 * lr.
        return [note for note in getattr(caught.value, "__notes__", []) if "rate" in note]

    assert notes(1.0, 10.0) == ["the learning rate may be too large: this came after a step"]
    assert notes(1e200, 0.1) == []


def test_a_gradient_that_is_not_finite_moves_no_weight() -> None:
    model = MLP(1, [1], seed=0)
    before = numbers(model)

    def loss(output: Value, target: float) -> Value:
        return (output - output.data).sqrt()

    with pytest.raises(AnomalyError) as caught:
        fit(model, ([[1.0]], [0.0]), loss, SGD(model.parameters()), epochs=1)

    assert "the gradient of layers.0.weight[0][0] is inf, though the loss is finite" in str(
        caught.value
    )
    assert numbers(model) == before


def test_finite_gradients_whose_sum_overflows_are_no_anomaly() -> None:
    weights = [Value(0.0), Value(0.0)]
    for weight in weights:
        weight.backward(1.5e308)

    check_gradients(weights, Module())


# -- progress -----------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_there_is_a_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tqdm", reason="draws the progress bar")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    model, optimiser = made(lr=0.0)
    fit(model, POINTS, bce_with_logits, optimiser, epochs=4)
    shown = terminal.getvalue()

    assert "4/4" in shown
    assert "loss=" in shown
    assert "____" in shown  # four losses that are all the same; StringIO has no encoding


def test_without_tqdm_a_terminal_has_a_line_with_a_sparkline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model, optimiser = made(lr=0.05)
    history = fit(
        model, POINTS, bce_with_logits, optimiser, epochs=5, batch_size=len(POINTS[0])
    )

    [*_, last] = terminal.getvalue().rstrip("\n").split("\r")
    losses = history["loss"]
    assert losses == sorted(losses, reverse=True)
    assert last.startswith(f"epoch 5/5  loss {losses[-1]:.4g}  #")
    assert last.endswith("_")
    assert terminal.getvalue().endswith("\n")


class Utf8(Terminal):
    encoding = "utf-8"


def test_a_terminal_that_has_blocks_shows_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Utf8()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model, optimiser = made(lr=0.0)
    fit(model, POINTS, bce_with_logits, optimiser, epochs=3)

    assert terminal.getvalue().endswith("▁▁▁\n")


@pytest.mark.parametrize(
    ("numbers", "width", "shown"),
    [
        ([], 8, ""),
        ([2.0], 8, "▁"),
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8, "▁▂▃▄▅▆▇█"),
        ([7.0, 0.0, 3.5], 8, "█▁▅"),
        ([1.0, math.nan, 2.0, math.inf], 8, "▁ █ "),
        ([0.0, 2.0, 7.0, 9.0, 1.0, 1.0], 3, "▁█▁"),
        (list(map(float, range(1000))), 4, "▁▃▆█"),
    ],
)
def test_a_sparkline_is_as_high_as_its_numbers(
    numbers: list[float], width: int, shown: str
) -> None:
    assert sparkline(numbers, width) == shown


@pytest.mark.parametrize(
    ("stream", "progress", "tqdm"),
    [(io.StringIO, None, True), (Terminal, False, True), (io.StringIO, None, False)],
)
def test_otherwise_it_is_quiet(
    stream: type[io.StringIO], progress: bool | None, tqdm: bool, monkeypatch: Any
) -> None:
    err = stream()
    monkeypatch.setattr(sys, "stderr", err)
    if not tqdm:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    model, optimiser = made()
    fit(model, POINTS, bce_with_logits, optimiser, epochs=1, progress=progress)

    assert err.getvalue() == ""


def test_a_bar_that_is_wanted_and_cannot_be_is_an_error(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model, optimiser = made()
    with pytest.raises(ModuleNotFoundError, match=r'pip install "wengert\[progress\]"'):
        fit(model, POINTS, bce_with_logits, optimiser, epochs=1, progress=True)


# -- the learning-rate finder -------------------------------------------------------------


def test_the_finder_leaves_everything_as_it_was() -> None:
    model, optimiser = made(lr=schedules.cosine(0.1, 100))
    fit(model, POINTS, bce_with_logits, optimiser, epochs=2)
    before = numbers(model), optimiser.state_dict(), optimiser.lr
    test = find_lr(model, POINTS, bce_with_logits, optimiser)

    assert (numbers(model), optimiser.state_dict(), optimiser.lr) == before
    assert all(weight.gradient is None for weight in model.parameters())
    assert len(test.rates) == len(test.losses)


def test_the_finder_stops_where_training_explodes() -> None:
    # Half of the squared distance has curvature 1: rates above 2 diverge.
    model = MLP(1, [1], seed=0)
    model.layers[0].neurons[0].w[0].data = 0.0
    optimiser = SGD(model.parameters())
    test = find_lr(
        model,
        ([[0.0]], [10.0]),
        lambda output, target: 0.5 * mse_loss(output, target),
        optimiser,
        high=1e9,
        steps=200,
    )

    assert test.rates[-1] < 1e9
    assert 0.01 < test.steepest < 2.0
    assert test.losses[-1] > 4.0 * min(test.losses)


def test_the_finder_goes_no_further_than_losses_are_finite() -> None:
    model = MLP(1, [1], seed=0)

    def loss(output: Value, target: float) -> Any:
        # Overflows as soon as the output is far enough off.
        return (output - target) ** 2 * 1e290 / 1e290

    points = ([[1.0]], [1.0])
    test = find_lr(model, points, loss, SGD(model.parameters()), high=1e200, steps=40)

    assert 2 <= len(test.rates) < 40
    assert test.cautious < 10.0


def test_the_finder_tells_when_nothing_works() -> None:
    model, optimiser = made()
    before = numbers(model)
    with pytest.raises(AnomalyError, match="not finite even at the lowest learning rate"):
        find_lr(model, POINTS, lambda output, target: output * 1e200 * 1e200, optimiser)

    assert numbers(model) == before


# -- mistakes -----------------------------------------------------------------------------


def call(**options: Any) -> None:
    model, optimiser = made()
    usual = {"data": POINTS, "loss": bce_with_logits, "optimiser": optimiser, "epochs": 1}
    arguments: dict[str, Any] = usual | options
    fit(model, **arguments)


LEARNS_NOTHING = (
    "the loss depends on no weight that the optimiser may move, which would learn nothing; are "
    "all of them frozen, or does the loss or the model take numbers out of Values, as v.data, "
    "v.detach() and no_grad() do?"
)


def with_a_new_head() -> tuple[Any, Any, Any, Any]:
    model = MLP(2, [3, 1], "tanh", seed=0)
    optimiser = SGD(model.parameters(), lr=0.1)
    replace_head(model, 2, seed=1)
    return model, POINTS, cross_entropy, optimiser


MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "lengths": (
        lambda: call(data=([[1.0, 2.0]], [])),
        LengthError,
        (
            "the data must have one target for each sample and at least one, got 1 samples "
            "and 0 targets"
        ),
    ),
    "nan": (
        lambda: call(data=([[1.0, math.nan]], [1])),
        ValueError,
        "the data must be finite, but sample 0 is [1.0, nan] (list)",
    ),
    "the name of a loss": (
        lambda: call(loss="mse"),
        TypeError,
        (
            "the loss must be a function of an output and a target, such as mse_loss, "
            "got 'mse' (str)"
        ),
    ),
    "the name of an optimiser": (
        lambda: call(optimiser="adam"),
        TypeError,
        (
            "the optimiser must be one made of the weights, such as Adam(model.parameters()), "
            "got 'adam' (str)"
        ),
    ),
    "another model's optimiser": (
        lambda: call(optimiser=made()[1]),
        ValueError,
        (
            "the optimiser holds no weight of this model, which would learn nothing; make one "
            "of model.parameters()"
        ),
    ),
    "another model's optimiser, to find a rate": (
        lambda: find_lr(made()[0], POINTS, bce_with_logits, made()[1]),
        ValueError,
        (
            "the optimiser holds no weight of this model, which would learn nothing; make one "
            "of model.parameters()"
        ),
    ),
    "metrics without names": (
        lambda: call(metrics=[1]),
        TypeError,
        'metrics must be functions by name, such as {"accuracy": accuracy}, got [1] (list)',
    ),
    "a metric called loss": (
        lambda: evaluate(made()[0], POINTS, bce_with_logits, {"loss": metrics.accuracy}),
        ValueError,
        "loss is no name for a metric: it is there anyway",
    ),
    "the name of a metric": (
        lambda: evaluate(made()[0], POINTS, bce_with_logits, untyped({"r2": "r2"})),
        TypeError,
        (
            'metrics must be functions by name, such as {"accuracy": accuracy}, '
            "got {'r2': 'r2'} (dict)"
        ),
    ),
    "an optimiser from before a new head": (
        lambda: fit(*with_a_new_head(), epochs=1),
        ValueError,
        (
            "the optimiser holds 4 weights that are not of this model, and not 8 of the "
            "model's that may move: if it was made before the model changed, make a new one of "
            "model.parameters(); if it is meant so, freeze those"
        ),
    ),
    "a loss without a return": (
        lambda: call(loss=lambda output, target: None),
        TypeError,
        (
            "the loss must give one number for a sample, got None (NoneType); is a return "
            "missing?"
        ),
    ),
    "a loss of several numbers": (
        lambda: evaluate(made()[0], POINTS, lambda output, target: [1.0]),
        TypeError,
        "the loss must give one number for a sample, got [1.0] (list)",
    ),
    "a loss of numbers taken out": (
        lambda: call(loss=lambda output, target: Value((output.data - target) ** 2)),
        ValueError,
        LEARNS_NOTHING,
    ),
    "a loss that looks at something else": (
        lambda: call(loss=lambda output, target: Value(2.0) * 3.0),
        ValueError,
        LEARNS_NOTHING,
    ),
    "the class of a network": (
        lambda: fit(untyped(MLP), POINTS, bce_with_logits, made()[1], epochs=1),
        TypeError,
        (
            "the model must be a network, such as MLP(2, [8, 1]), got <class "
            "'nn.layers.MLP'> (type)"
        ),
    ),
    "a number as penalty": (
        lambda: call(penalty=0.1),
        TypeError,
        (
            "the penalty must be a function that returns a term of the loss, such as "
            "lambda: 1e-4 * l2_penalty(weights), got 0.1 (float)"
        ),
    ),
    "a patience as stopping": (
        lambda: call(stopping=5),
        TypeError,
        "stopping must be an EarlyStopping, got 5 (int)",
    ),
    "one callback": (
        lambda: call(callbacks=bool),
        TypeError,
        "callbacks must be a list of functions, got <class 'bool'> (type)",
    ),
    "validation": (
        lambda: call(validation=[1, 2, 3]),
        TypeError,
        "the validation must be a pair of lists, samples and targets, got [1, 2, 3] (list)",
    ),
    "epochs": (
        lambda: call(epochs=1.5),
        TypeError,
        "epochs must be a whole number, got 1.5 (float)",
    ),
    "batch size": (
        lambda: call(batch_size=0),
        ValueError,
        "batch_size must be at least 1, got 0",
    ),
    "seed": (
        lambda: call(seed="a"),
        TypeError,
        "a seed must be a whole number or a random.Random, got 'a' (str)",
    ),
    "norm": (
        lambda: call(max_norm=-1.0),
        ValueError,
        "max_norm must be at least 0 and finite, got -1.0",
    ),
    "backend": (
        lambda: call(backend="quick"),
        ValueError,
        "backend must be one of auto, eager, compiled, got 'quick' (str)",
    ),
    "nothing to look at": (
        lambda: call(stopping=EarlyStopping()),
        ValueError,
        "early stopping looks at 'val_loss', but there are loss, lr; val_ needs validation",
    ),
    "which way is better": (
        lambda: EarlyStopping("val_accuracy"),
        ValueError,
        (
            "is a larger val_accuracy better, as of accuracy? say maximise=True or "
            "maximise=False"
        ),
    ),
    "patience": (
        lambda: EarlyStopping(patience=0),
        ValueError,
        "patience must be at least 1, got 0",
    ),
    "rates": (
        lambda: find_lr(made()[0], POINTS, bce_with_logits, made()[1], low=1.0, high=0.5),
        ValueError,
        "low must be above 0 and below high, got 1.0 and 0.5",
    ),
    "a sample to predict from": (
        lambda: predict(MLP(2, [3, 1]), [1.0, 2.0]),
        LengthError,
        (
            "predict needs a list of samples, as in [[1.0, 2.0]], got [1.0, 2.0] (list); "
            "ReLUNeuron(2) needs 2 inputs, one for each weight, got 1"
        ),
    ),
    "samples and targets to predict from": (
        lambda: predict(MLP(2, [3, 1]), untyped(data.xor(1))),
        NumberError,
        (
            "predict needs a list of samples, as in [[1.0, 2.0]], got ([[0.0, 0.0]], [0]) "
            "(tuple); of a pair (xs, ys), give xs"
        ),
    ),
    "softmax as activation": (
        lambda: MLP(2, [3, 3], "tanh", untyped(autograd.softmax)),
        ValueError,
        (
            "softmax is of a whole layer, no activation of one neuron; leave it out: "
            "cross_entropy takes raw scores"
        ),
    ),
    "a number to predict from": (
        lambda: predict(MLP(2, [3, 1]), untyped(1.0)),
        TypeError,
        "predict needs a list of samples, as in [[1.0, 2.0]], got 1.0 (float)",
    ),
    "a sample that is too long": (
        lambda: predict(MLP(2, [3, 1]), [[1.0, 2.0], [1.0, 2.0, 3.0]]),
        LengthError,
        "ReLUNeuron(2) needs 2 inputs, one for each weight, got 3",
    ),
    "an attribute of a history": (
        lambda: untyped(History()).loss,
        AttributeError,
        """a History has no 'loss'; numbers are had as in ["loss"]""",
    ),
    "a loss that is a number": (
        lambda: fit(*made_of_numbers(), epochs=1),
        TypeError,
        (
            "backward needs a Value, got 1.0 (float); a result is a Value only if something it "
            "was computed from is one"
        ),
    ),
}


def made_of_numbers() -> tuple[Any, Any, Any, Any]:
    model, optimiser = made()
    return model, POINTS, untyped(lambda output, target: 1.0), optimiser


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told(case: str) -> None:
    wrong, error, text = MISTAKES[case]
    assert message_of(error, wrong) == text


def test_a_history_says_what_was_measured() -> None:
    with pytest.raises(KeyError, match="accuracy was not measured, only loss, lr; `metrics`"):
        History(loss=[1.0], lr=[0.1])["accuracy"]


def test_a_mistake_in_the_data_is_told_with_its_place() -> None:
    xs, ys = [[0.0, 1.0]] * 20, [1] * 20
    xs[13] = [0.0, 1.0, 2.0]
    with pytest.raises(LengthError) as caught:
        call(data=(xs, ys))

    assert caught.value.__notes__ == ["at sample 13 of the data"]
