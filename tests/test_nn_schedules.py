"""Schedules against torch, against their closed forms, and beyond their ends."""

import json
import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from nn import SGD, schedules
from nn.schedules import Plateau, Schedule
from tests.untyped import untyped

STEPS = 30


def theirs(make: Callable[[Any, Any], Any], lr: float) -> list[float]:
    """Return the learning rates of a scheduler of torch."""
    torch = pytest.importorskip("torch", reason="compares with torch")
    optimiser = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=lr)
    scheduler = make(torch.optim.lr_scheduler, optimiser)
    rates = []
    for _ in range(STEPS):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return rates


CASES: dict[str, tuple[Schedule, Callable[[Any, Any], Any]]] = {
    "constant": (schedules.constant(0.3), lambda s, o: s.LambdaLR(o, lambda step: 1.0)),
    "step": (schedules.step_decay(0.3, 7), lambda s, o: s.StepLR(o, 7)),
    "step by half": (schedules.step_decay(0.3, 4, 0.5), lambda s, o: s.StepLR(o, 4, 0.5)),
    "multi-step": (
        schedules.multi_step(0.3, [11, 3, 20], 0.5),
        lambda s, o: s.MultiStepLR(o, [3, 11, 20], 0.5),
    ),
    "exponential": (
        schedules.exponential(0.3, 0.8),
        lambda s, o: s.ExponentialLR(o, 0.8),
    ),
    "linear": (
        schedules.linear(0.1, 0.3, steps=5),
        lambda s, o: s.LinearLR(o, start_factor=1 / 3, total_iters=5),
    ),
    "linear down": (
        schedules.linear(0.3, 0.03, steps=20),
        lambda s, o: s.LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=20),
    ),
    "cosine": (
        schedules.cosine(0.3, STEPS, end=0.01),
        lambda s, o: s.CosineAnnealingLR(o, STEPS, eta_min=0.01),
    ),
    "warm-up": (
        schedules.warm_up(schedules.cosine(0.3, 22), 8, start=0.03),
        lambda s, o: s.SequentialLR(
            o,
            [
                s.LinearLR(o, start_factor=0.1, total_iters=8),
                s.CosineAnnealingLR(o, 22),
            ],
            [8],
        ),
    ),
    "one-cycle": (
        schedules.one_cycle(0.5, STEPS + 1),
        lambda s, o: s.OneCycleLR(o, 0.5, STEPS + 1, cycle_momentum=False),
    ),
    "one-cycle by other shares": (
        schedules.one_cycle(0.5, STEPS + 1, rise=0.6, start_divisor=10, end_divisor=100),
        lambda s, o: s.OneCycleLR(
            o,
            0.5,
            STEPS + 1,
            pct_start=0.6,
            div_factor=10,
            final_div_factor=100,
            cycle_momentum=False,
        ),
    ),
}


@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step")
@pytest.mark.parametrize("case", CASES)
def test_schedules_are_those_of_torch(case: str) -> None:
    schedule, make = CASES[case]

    assert schedules.values(schedule, STEPS) == pytest.approx(
        theirs(make, 0.3), rel=1e-12, abs=1e-15
    )


@pytest.mark.parametrize(
    ("schedule", "end"),
    [
        (schedules.linear(1.0, 0.25, steps=10), 0.25),
        (schedules.cosine(1.0, steps=10, end=0.25), 0.25),
        (schedules.one_cycle(1.0, steps=10), 1.0 / 25.0 / 1e4),
        (schedules.warm_up(0.5, steps=10), 0.5),
    ],
    ids=["linear", "cosine", "one-cycle", "warm-up"],
)
def test_after_its_end_a_schedule_stays_where_it_ended(schedule: Schedule, end: float) -> None:
    assert [schedule(step) for step in (10, 11, 20, 1000)] == pytest.approx(
        [end] * 4, rel=1e-12
    )


def test_a_cycle_may_begin_at_its_peak() -> None:
    assert schedules.one_cycle(1.0, steps=10, rise=0.0)(0) == pytest.approx(1.0, abs=0.05)


def test_a_schedule_drives_an_optimiser() -> None:
    weight = Value(0.0)
    optimiser = SGD([weight], lr=schedules.exponential(1.0, 0.5))
    for _ in range(20):
        optimiser.zero_grad()
        weight.backward(-1.0)
        optimiser.step()

    assert weight.data == 2.0 - 0.5**19


# -- the plateau --------------------------------------------------------------------------


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_a_plateau_cuts_when_torch_does(patience: int) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    theirs_of = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=0.3)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        theirs_of, factor=0.5, patience=patience, threshold=0.01, min_lr=0.01
    )
    plateau = Plateau(0.3, factor=0.5, patience=patience, threshold=0.01, least=0.01)
    generator = random.Random(patience)
    for epoch in range(60):
        loss = 2.0 / (1 + epoch) + 0.1 * generator.random()
        plateau.see(loss)
        scheduler.step(loss)
        assert plateau(epoch) == pytest.approx(theirs_of.param_groups[0]["lr"], rel=1e-12)

    assert plateau.lr == pytest.approx(0.01)


def test_nan_is_no_better_loss() -> None:
    plateau = Plateau(1.0, factor=0.5, patience=0)
    plateau.see(math.nan)

    assert (plateau.lr, plateau.best) == (0.5, math.inf)


def test_a_plateau_goes_on_where_it_was_within_its_optimiser() -> None:
    def made() -> tuple[Plateau, SGD]:
        plateau = Plateau(0.5, factor=0.5, patience=1)
        return plateau, SGD([Value(1.0)], lr=plateau)

    first, optimiser = made()
    for _ in range(3):
        first.see(1.0)
    saved = json.loads(json.dumps(optimiser.state_dict()))
    second, resumed = made()
    resumed.load_state_dict(saved)
    first.see(1.0)
    second.see(1.0)

    assert second.state_dict() == first.state_dict()
    assert resumed.state_dict() == optimiser.state_dict()
    assert json.loads(json.dumps(Plateau(0.1).state_dict()))["best"] is None


# -- mistakes -----------------------------------------------------------------------------

MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    "negative": (
        lambda: schedules.constant(-1.0),
        "lr must be at least 0 and finite, got -1.0",
    ),
    "every": (lambda: schedules.step_decay(1.0, 0), "every must be at least 1, got 0"),
    "a bare milestone": (
        lambda: schedules.multi_step(1.0, untyped(3)),
        "milestones must list numbers of steps, got 3 (int)",
    ),
    "no steps": (lambda: schedules.cosine(1.0, 0), "steps must be at least 1, got 0"),
    "half steps": (
        lambda: schedules.linear(1.0, 0.0, untyped(2.5)),
        "steps must be a whole number, got 2.5 (float)",
    ),
    "rise": (
        lambda: schedules.one_cycle(1.0, 10, rise=1.0),
        "rise must be at least 0 and below 1, got 1.0",
    ),
    "divisor": (
        lambda: schedules.one_cycle(1.0, 10, end_divisor=0.0),
        "end_divisor must be above 0, got 0",
    ),
    "factor": (
        lambda: Plateau(1.0, factor=1.0),
        "factor must be at least 0 and below 1, got 1.0",
    ),
    "no state": (
        lambda: Plateau(1.0).load_state_dict({"lr": 1.0}),
        "a Plateau loads what state_dict() returned, got {'lr': 1.0} (dict)",
    ),
    "a bad state": (
        lambda: Plateau(1.0).load_state_dict({"lr": 1.0, "best": "low", "waited": 0}),
        "best must be a number or None, got 'low' (str)",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told(case: str) -> None:
    call, text = MISTAKES[case]
    with pytest.raises((ValueError, TypeError)) as caught:
        call()

    assert str(caught.value) == text
