"""All candidates of a benchmark compute the same, and the right thing; nothing is timed."""

import math
import random
import sys
from collections.abc import Callable, Mapping, Sequence

# A question is a module; what its candidates are is its own affair.
from typing import Any

import pytest

from autograd import Tape, Value, no_grad
from benchmarks import (
    contest,
    cost,
    cost_programs,
    gpt,
    memory_probes,
    moons,
    moons_data,
    moons_learners,
    operations,
    peers,
    report,
    scaling,
    timing,
    tiny_gpt,
)


def results(module: Any, candidates: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    return {name: module.candidate(*args).result() for name, args in candidates.items()}


def test_our_networks_take_the_same_moons_step() -> None:
    names = [name for name in moons_learners.LEARNERS if name.startswith("our")]
    loss, *weights = contest.agreed(results(moons, {name: (name,) for name in names}))
    assert len(names) == 3
    assert len(weights) == 337
    assert weights != moons_learners.initial_weights()
    assert 0.0 < loss < 10.0


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        ("micrograd", "micrograd"),
        ("micrograd", moons_learners.MICROGRADS_NN),
        ("torch", "torch float64, one thread"),
    ],
)
def test_others_take_the_same_moons_step_as_our_network(peer: str, name: str) -> None:
    pytest.importorskip(peer, reason=f"{peer} is one of the candidates")
    contest.agreed(results(moons, {name: (name,), "ours": (moons_learners.FUSED,)}))


def test_every_sample_of_the_moons_starts_from_the_same_weights() -> None:
    candidate = moons.candidate(moons_learners.FUSED)
    first = candidate.result()
    candidate.run()
    assert candidate.result() == first


def test_moons_are_two_half_circles() -> None:
    for (x, y), label in moons_data.moons(200, 0.0, random.Random(5)):
        across, up = (x, y) if label == -1 else (x - 1.0, y - 0.5)
        assert math.hypot(across, up) == pytest.approx(1.0)
        assert up * label <= 1e-12
    labels = [label for _, label in moons_data.moons(200, 0.1, random.Random(5))]
    assert sum(labels) == 0
    assert labels != sorted(labels)


def test_the_gpt_on_our_value_and_on_the_textbooks_class_agree() -> None:
    names = {name: (name,) for name in (peers.REFERENCE, peers.OURS)}
    loss, *gradients = contest.agreed(results(gpt, names))
    assert len(gradients) == 4192
    # Fresh weights know nothing: every token is about as likely as any other.
    assert loss == pytest.approx(math.log(27), abs=0.2)


def test_the_gpt_on_micrograd_agrees_too() -> None:
    pytest.importorskip("micrograd", reason="micrograd is one of the candidates")
    contest.agreed(results(gpt, {name: (name,) for name in (peers.OURS, peers.MICROGRAD)}))


def test_the_gradients_of_the_gpt_are_its_slopes() -> None:
    weights = tiny_gpt.new_weights(Value, random.Random(3))
    tiny_gpt.word_loss(weights, "ab").backward()
    step = 1e-4
    for matrix in weights.values():
        weight = max((w for row in matrix for w in row), key=lambda w: abs(w.grad))
        start, losses = weight.data, []
        for shift in (step, -step):
            weight.data = start + shift
            with no_grad():
                losses.append(tiny_gpt.word_loss(weights, "ab").data)
        weight.data = start
        slope = (losses[0] - losses[1]) / (2.0 * step)
        # A central difference is wrong by the order of the step squared.
        assert weight.grad == pytest.approx(slope, rel=1e-5)


def test_a_step_lowers_the_loss_of_the_gpt_and_a_restart_takes_it_back() -> None:
    trainer = gpt.Trainer(Value)
    before = trainer.loss().data
    trainer.step()
    assert trainer.loss().data < before
    trainer.restart()
    assert trainer.loss().data == before


@pytest.mark.parametrize("graph", ["short", "long", "wide"])
@pytest.mark.parametrize("engine", [peers.MICROGRAD, peers.TORCH, peers.DRJIT, peers.REFERENCE])
def test_engines_agree_with_ours_on_a_graph(engine: str, graph: str) -> None:
    try:
        theirs = operations.candidate(graph, engine).result()
    except peers.MissingPeerError as missing:
        pytest.skip(f"{engine}: {missing}")
    ours = operations.candidate(graph, peers.OURS).result()
    assert contest.agreed({engine: theirs, "ours": ours}) == theirs


def test_one_dot_is_the_sum_of_products() -> None:
    candidates = {name: (name, peers.OURS) for name in ("wide", "dot")}
    value, *gradients = contest.agreed(results(operations, candidates))
    inputs = operations.INPUTS
    expected = 0.5 + math.fsum(0.5 / (2 + i) * x for i, x in enumerate(inputs))
    assert value == pytest.approx(expected, rel=1e-12)
    assert gradients == [1.0, *inputs]


def test_the_recursion_limit_is_raised_for_micrograd_only_while_it_sweeps() -> None:
    pytest.importorskip("micrograd", reason="its backward is what recurses")
    limit = sys.getrecursionlimit()
    leaf = x = peers.value_class(peers.MICROGRAD)(0.5)
    for _ in range(2 * limit):
        x = x + 1.0
    x.backward()
    assert leaf.grad == 1.0
    assert sys.getrecursionlimit() == limit


# The cost of gradients.


def along(name: str) -> tuple[float, float, float]:
    """The value, the slope and the curvature along the direction, in 30 digits."""
    mpmath = pytest.importorskip("mpmath", reason="the extra `check` brings it")
    program = cost_programs.PROGRAMS[name]
    with mpmath.workdps(30):
        functions = cost_programs.Functions(mpmath.tanh, cost_programs.sum_of_products)
        moves = cost.direction(len(program.point))

        def at(t: Any) -> Any:
            moved = [mpmath.mpf(x) + t * v for x, v in zip(program.point, moves, strict=True)]
            return program.compute(functions, moved)

        step = mpmath.mpf(10) ** -8
        low, middle, high = at(-step), at(0), at(step)
        slope, curvature = (high - low) / (2 * step), (high - 2 * middle + low) / step**2
        return float(middle), float(slope), float(curvature)


@pytest.mark.parametrize("name", cost_programs.PROGRAMS)
def test_every_way_to_a_derivative_gives_the_slope_and_the_curvature(name: str) -> None:
    value, slope, curvature = along(name)
    # A central difference is wrong by the order of the step squared.
    for way in ("backward()", "value_and_grad", "jvp", cost.COMPILED):
        assert cost.candidate(name, way).result() == pytest.approx([value, slope], rel=1e-9)
    assert cost.candidate(name, cost.FLOATS).result() == pytest.approx([value], rel=1e-12)
    program = cost_programs.PROGRAMS[name]
    moves = cost.direction(len(program.point))
    (product,) = cost.WAYS["hvp"].compute(program)
    found = sum(v * p for v, p in zip(moves, product, strict=True))
    assert found == pytest.approx(curvature, rel=1e-6)


@pytest.mark.parametrize("peer", cost.PEERS)
def test_peers_come_to_the_same_slope(peer: str) -> None:
    try:
        theirs = cost.candidate("goldstein", peer).result()
    except peers.MissingPeerError as missing:
        pytest.skip(f"{peer}: {missing}")
    ours = cost.candidate("goldstein", "backward()").result()
    assert contest.agreed_as_far_as_they_go({"theirs": theirs, "ours": ours}) == theirs


def test_costs_are_runs_of_the_plain_function_round_by_round() -> None:
    timings = {
        cost.FLOATS: timing.Timing(cost.FLOATS, (1.0, 2.0, 1.0)),
        "backward()": timing.Timing("backward()", (10.0, 22.0, 12.0)),
        timing.CONTROL: timing.Timing(timing.CONTROL, (1.0, 1.0, 1.0)),
    }
    assert cost.costs_table(timings).splitlines()[-1].split() == [
        *("backward()", "12.0", "s", "11.0x", "(10.0-12.0)"),
    ]
    promises = cost._targets("chain", timings, {"backward()": 11.5})
    assert promises == [
        report.Target(
            "cost: backward() of a chain of 1,000, at most 11.5 plain runs",
            "11.0x (10.0-12.0)",
            reached=True,
        )
    ]
    assert not cost._targets("chain", timings, {"backward()": 10.5})[0].reached


def test_every_bound_is_of_a_program_and_a_way_that_is_measured() -> None:
    assert cost.BOUNDS.keys() == cost_programs.PROGRAMS.keys()
    for bounds in cost.BOUNDS.values():
        assert bounds.keys() == cost.WAYS.keys() - {cost.FLOATS}


def test_who_computes_less_is_held_to_what_it_computes() -> None:
    with pytest.raises(ValueError, match="number 1 of their results"):
        contest.agreed_as_far_as_they_go({"a": [1.0], "b": [1.0, 2.0, 3.0], "c": [1.0, 2.1]})


# Scaling and memory.


def test_phases_are_means_over_graphs_that_fill_a_sample() -> None:
    ticks = iter(range(100))
    phases = scaling.measure(100_000, clock=lambda: float(next(ticks)))
    assert phases == scaling.Phases(record=1.0, sweep=1.0, free=1.0)
    assert next(ticks) == 3 * 4


def test_growth_is_taken_between_sizes_of_the_same_round() -> None:
    small = [scaling.Phases(1.0, 1.0, 0.0), scaling.Phases(2.0, 1.0, 1.0)]
    large = [scaling.Phases(10.0, 9.0, 1.0), scaling.Phases(20.0, 20.0, 8.0)]
    targets = scaling._targets({1_000: small, 10_000: large})
    promise = "scaling: 10,000 rows take 8 to 13 times as long as 1,000"
    assert targets == [report.Target(promise, "11.0x (10.0-12.0)", reached=True)]


@pytest.mark.parametrize("graph", sorted(memory_probes.GRAPHS))
def test_a_graph_of_the_memory_question_has_as_many_operations_as_it_says(graph: str) -> None:
    with Tape() as tape:
        memory_probes.GRAPHS[graph](Value, 300)
    assert sum(row.operation != "leaf" for row in tape) == 300


def test_bytes_per_row_are_counted_where_they_are_known() -> None:
    traced, resident = map(
        float, memory_probes.bytes_per_row("kept", "3000", peers.REFERENCE).split()
    )
    # A node has at least two floats and a tuple of children.
    assert traced > 2 * sys.getsizeof(0.5) + sys.getsizeof((0.5,))
    assert not resident < 0.0


@pytest.mark.parametrize("program", [memory_probes.training, memory_probes.forward])
def test_growth_is_a_number_of_bytes(program: Callable[..., str]) -> None:
    assert not float(program("2", "on", "fused")) < 0.0
