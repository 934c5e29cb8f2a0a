"""Everybody whom the benchmarks of compiled training compare takes the same steps."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd.compiling.native.objects import FOLDER_VARIABLE
from benchmarks import (
    compiling,
    compiling_probes,
    contest,
    figure,
    multiply_add,
    networks,
    peers,
    report,
    timing,
    training,
)
from benchmarks.networks import TASKS, Task

OURS = [name for name in training.LEARNERS if name.startswith("ours")]
# torch.compile takes half a minute to begin; it runs the very model of torch's other rows.
OTHERS = [name for name in training.LEARNERS if name not in (*OURS, training.TORCH_COMPILE)]


def result(task: str, name: str) -> list[float]:
    """The loss and the weights after two passes."""
    try:
        return training.candidate(task, name).result()
    except peers.MissingPeerError as missing:
        pytest.skip(f"{name}: {missing}")


def slopes(task: Task, judge: Callable[[list[float]], float]) -> list[float]:
    """The gradient at the first weights, by central differences."""
    start, step, found = networks.first_weights(task), 1e-6, []
    for k in range(len(start)):
        losses = [judge([*start[:k], start[k] + h, *start[k + 1 :]]) for h in (step, -step)]
        found.append((losses[0] - losses[1]) / (2.0 * step))
    return found


def plain_loss(task: Task, weights: list[float]) -> float:
    """The mean loss over the first batch, in plain Python."""
    xs, labels = task.data()
    total = 0.0
    for sample, label in zip(xs[: task.batch], labels[: task.batch], strict=True):
        x, layers = sample, networks.blocks(task, weights)
        for layer in layers:
            x = [dot(row, [*x, 1.0]) for row in layer]
            if layer is not layers[-1]:
                x = [math.tanh(v) if task.activation == "tanh" else max(v, 0.0) for v in x]
        if task.loss == "hinge":
            total += max(0.0, 1.0 - label * x[0])
        else:
            total += math.log(math.fsum(map(math.exp, x))) - x[label]
    return total / task.batch + task.penalty * dot(weights, weights)


def dot(xs: list[float], ys: list[float]) -> float:
    return math.fsum(x * y for x, y in zip(xs, ys, strict=True))


@pytest.mark.parametrize("task", ["iris", "width 4"])
def test_the_step_by_hand_goes_down_the_slope(task: str) -> None:
    network = TASKS[task]
    by_hand = training.LEARNERS[training.NUMPY](network)
    start = networks.first_weights(network)
    gradient = slopes(network, lambda weights: plain_loss(network, weights))
    if network.rule == "sgd":
        assert by_hand.train(1) == pytest.approx(plain_loss(network, start), rel=1e-12)
        expected = [w - network.rate * g for w, g in zip(start, gradient, strict=True)]
        # A central difference over 1e-6 is wrong by rounding: 1e-16 over its length.
        assert by_hand.weights() == pytest.approx(expected, abs=1e-9)
    else:
        # Adam's steps are about as long as the rate, and the nine of an epoch go the same way.
        by_hand.train(1)
        moved = [b - a for a, b in zip(start, by_hand.weights(), strict=True)]
        assert dot(moved, gradient) < 0.0
        assert max(map(abs, moved)) <= 9.0 * network.rate * 1.01


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("task", ["iris", "width 4"])
def test_our_ways_to_train_take_the_steps_worked_out_by_hand(task: str, name: str) -> None:
    theirs = result(task, training.NUMPY)
    loss, *weights = contest.agreed({"by hand": theirs, name: result(task, name)})
    assert 0.0 < loss < 2.0
    assert len(weights) == TASKS[task].weights
    assert weights != networks.first_weights(TASKS[task])


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("task", ["iris", "width 2"])
def test_others_take_the_same_steps(task: str, name: str) -> None:
    contest.agreed({"ours": result(task, training.EAGER), name: result(task, name)})


def test_the_task_with_a_penalty_agrees_too() -> None:
    names = (training.NATIVE, training.PYTHON, training.EAGER, training.NUMPY)
    contest.agreed({name: result("moons", name) for name in names})


@pytest.mark.parametrize("name", [training.NATIVE, training.FIT, training.NUMPY])
def test_a_restart_forgets_everything(name: str) -> None:
    candidate = training.candidate("iris", name)
    first = candidate.result()
    candidate.run()
    assert candidate.result() == first


def test_tasks_are_as_large_as_they_say() -> None:
    for task in TASKS.values():
        xs, labels = task.data()
        assert len(xs) == len(labels)
        assert len(xs) % task.batch == 0
        assert {len(x) for x in xs} == {task.layers[0]}
        assert len(networks.first_weights(task)) == task.weights
    assert TASKS["moons"].weights == 337
    # Forward and for the weights 304 products, for the neurons' inputs 272, 100 times.
    assert TASKS["moons"].multiply_adds == (2 * 304 + 272) * 100


def test_the_loop_of_multiply_adds_makes_as_many_as_it_says() -> None:
    pytest.importorskip("llvmlite", reason="the loop is made by LLVM")
    candidate = multiply_add.candidate("1000")
    # Every number tends to 1, as x does in x = 0.5 x + 0.5.
    assert candidate.run() == 1.0
    assert candidate.pieces % (multiply_add.TURNS * multiply_add.CHAINS // 1000) == 0


# The report.


def timings(**seconds: float) -> dict[str, timing.Timing]:
    return {name: timing.Timing(name, (taken, taken)) for name, taken in seconds.items()}


def test_a_promise_is_kept_by_the_median_of_the_ratios() -> None:
    taken = timings(ours=1.0, theirs=30.0)
    promise = training.Promise("ours 25x", "moons", "ours", "theirs", at_least=25.0)
    assert promise.target(taken) == report.Target(
        "training: ours 25x", "30.0x (30.0-30.0)", reached=True
    )
    slower = training.Promise("theirs", "moons", "ours", "theirs", at_most=3.0)
    assert not slower.target(taken).reached


def test_every_promise_is_about_what_is_measured() -> None:
    for promise in training.PROMISES:
        assert promise.task in training.TABLES
        assert {promise.one, promise.other} <= {*training.LEARNERS, training.LIMIT}


def test_the_table_of_steps_tells_how_much_faster_ours_is() -> None:
    taken = timings(**{training.NATIVE: 2e-6, "jax": 3e-5, timing.CONTROL: 1.0})
    lines = training.steps_table(taken).splitlines()
    assert len(lines) == 3
    assert lines[2].split() == [
        *("jax", "30.0", "us", "30.0", "us", "-", "30.0", "us", "15.0x", "(15.0-15.0)"),
    ]


# Compile times.


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "kept"))


def test_a_program_has_about_as_many_instructions_as_asked_for() -> None:
    taken, busy, instructions = compiling_probes.sizes("python", "1000")
    assert taken > 0.0
    assert busy >= 0.0
    assert instructions == pytest.approx(1000, rel=0.2)


def test_a_trainer_is_compiled_and_then_found(tmp_path: Path) -> None:
    pytest.importorskip("llvmlite", reason="trainers are native")
    folder = tmp_path / "code"
    assert len(compiling_probes.trainer("width 1", str(folder))) == 3
    kept = sorted(folder.iterdir())
    compiling_probes.trainer("width 1", str(folder))
    assert sorted(folder.iterdir()) == kept != []


def test_the_lines_and_promises_of_compile_times() -> None:
    said = {"100": [[0.2, 0.1, 200.0], [0.4, 0.3, 200.0], [0.3, 0.2, 200.0]]}
    (line,) = compiling.sizes_lines("native", said)
    assert line == ["native", "200", "300 ms", "200 ms", "1.50 ms"]
    slow, fast = [[0.4, 0.4, 1.0]], [[0.04, 0.04, 1.0]]
    targets = compiling._trainer_targets("moons", {"compiled": slow, "found": fast})
    assert [(target.reached, target.measured) for target in targets] == [
        (False, "400 ms (400 ms - 400 ms)"),
        (True, "40.0 ms (40.0 ms - 40.0 ms)"),
    ]


# The figure.

CURVES: figure.Curves = {
    figure.NATIVE: {10: 1e-6, 1_000: 1e-4, 100_000: 1e-2},
    figure.PYTHON: {10: 1e-4, 1_000: 1e-2},
    training.NUMPY: {10: 1e-5, 1_000: 1e-5, 100_000: 1e-5},
    training.TORCH: {10: 1.0, 1_000: 1.0, 100_000: 1.0},
    training.JIT: {},
    training.LOOP: {10: 1e-7, 1_000: 1e-7, 100_000: 1e-7},
}


def test_it_is_told_who_overtakes_us_and_where() -> None:
    others = (training.NUMPY, training.TORCH, training.JIT, training.LOOP)
    assert [figure.told(CURVES, name) for name in others] == [
        "NumPy by hand is faster from 100 weights on",
        "torch, 1 thread is slower at every size",
        "jax.jit, a step a call was not measured",
        "jax, one fori_loop is faster from 10 weights on",
    ]
    first, *_ = figure.curves_table(CURVES).splitlines()[1:]
    assert first.split()[:5] == ["10", "1.00", "us", "100", "us"]


def test_the_figure_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="it draws the figure")
    picture = tmp_path / "new" / "speed.png"
    figure.draw(CURVES, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_curves_are_of_candidates() -> None:
    assert figure.COLOURS.keys() <= training.LEARNERS.keys()
    assert len(set(figure.COLOURS.values())) == len(figure.COLOURS)
