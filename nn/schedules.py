"""Schedules: the learning rate as a pure function of the number of steps taken.

Each function here returns such a schedule, to be given to an optimiser as `lr`; the first step
has number 0. There is no state to keep in order, so training may be resumed anywhere; only
`Plateau`, which looks at how training goes, remembers something. Knows no optimiser.

>>> from nn import SGD, MLP
>>> model = MLP(2, [1])
>>> optimiser = SGD(model.parameters(), lr=warm_up(cosine(0.1, steps=1000), steps=100))
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable

# Saved states come from files.
from typing import Any

from autograd import shown
from nn.checks import between, is_list, whole

Schedule = Callable[[int], float]


def constant(lr: float) -> Schedule:
    """Return a schedule that stays at lr."""
    lr = _rate(lr)
    return lambda _step: lr


def step_decay(lr: float, every: int, factor: float = 0.1) -> Schedule:
    """Return a schedule that is multiplied by a factor every so many steps.

    Example:
        >>> [step_decay(1.0, every=2, factor=0.5)(step) for step in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    lr, every, factor = _rate(lr), whole(every, "every", 1), between(factor, "factor", 0.0)
    return lambda step: lr * factor ** (step // every)


def multi_step(lr: float, milestones: Iterable[int], factor: float = 0.1) -> Schedule:
    """Return a schedule that is multiplied by a factor at each of some steps.

    Example:
        >>> [multi_step(1.0, [1, 3], factor=0.5)(step) for step in range(5)]
        [1.0, 0.5, 0.5, 0.25, 0.25]
    """
    if not is_list(milestones):
        raise TypeError(f"milestones must list numbers of steps, got {shown(milestones)}")
    lr, factor = _rate(lr), between(factor, "factor", 0.0)
    places = sorted(whole(milestone, "a milestone", 0) for milestone in milestones)
    return lambda step: lr * factor ** bisect_right(places, step)


def exponential(lr: float, factor: float) -> Schedule:
    """Return a schedule that is multiplied by a factor in every step.

    Example:
        >>> [exponential(1.0, 0.5)(step) for step in range(4)]
        [1.0, 0.5, 0.25, 0.125]
    """
    lr, factor = _rate(lr), between(factor, "factor", 0.0)
    return lambda step: lr * factor**step


def linear(start: float, end: float, steps: int) -> Schedule:
    """Return a schedule that goes from start to end in equal steps, and stays there.

    Example:
        >>> [linear(1.0, 0.0, steps=4)(step) for step in range(6)]
        [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    start, end = _rate(start, "start"), _rate(end, "end")
    steps = whole(steps, "steps", 1)
    return lambda step: start + (end - start) * (min(step, steps) / steps)


def cosine(lr: float, steps: int, end: float = 0.0) -> Schedule:
    """Return a schedule that glides from lr to end along half a cosine, and stays there.

    torch's climbs back up after `steps`.

    Example:
        >>> [round(cosine(1.0, steps=4)(step), 4) for step in range(6)]
        [1.0, 0.8536, 0.5, 0.1464, 0.0, 0.0]
    """
    lr, end, steps = _rate(lr), _rate(end, "end"), whole(steps, "steps", 1)
    return lambda step: _glide(lr, end, min(step, steps) / steps)


def warm_up(schedule: Schedule | float, steps: int, start: float = 0.0) -> Schedule:
    """Return a schedule that climbs from start in equal steps, then follows another one.

    Example:
        >>> [warm_up(linear(1.0, 0.0, steps=2), steps=2)(step) for step in range(5)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    then = schedule if callable(schedule) else constant(schedule)
    start, steps = _rate(start, "start"), whole(steps, "steps", 1)

    def climbing(step: int) -> float:
        if step >= steps:
            return then(step - steps)
        return start + (then(0) - start) * (step / steps)

    return climbing


def one_cycle(
    peak: float,
    steps: int,
    rise: float = 0.3,
    start_divisor: float = 25.0,
    end_divisor: float = 1e4,
) -> Schedule:
    """Return a schedule that glides up to a peak and then far down (Smith and Topin 2017).

    As in torch it starts at peak / start_divisor, takes the share `rise` of the steps to climb,
    and ends at its start / end_divisor in the last step, number steps - 1; there it stays.

    Example:
        >>> [round(one_cycle(1.0, steps=11)(step), 3) for step in (0, 1, 2, 6, 10)]
        [0.04, 0.422, 0.96, 0.531, 0.0]
    """
    peak, steps = _rate(peak, "peak"), whole(steps, "steps", 2)
    top = between(rise, "rise", 0.0, 1.0) * steps - 1.0
    for divisor, name in ((start_divisor, "start_divisor"), (end_divisor, "end_divisor")):
        if between(divisor, name, 0.0) == 0.0:
            raise ValueError(f"{name} must be above 0, got 0")
    start = peak / start_divisor

    def cycle(step: int) -> float:
        if step < top:
            return _glide(start, peak, step / top)
        return _glide(
            peak, start / end_divisor, (min(step, steps - 1) - top) / (steps - 1 - top)
        )

    return cycle


class Plateau:
    """A learning rate that is cut when a loss has not improved for some epochs.

    Call `see(loss)` after each epoch. As in torch it is cut when more than `patience` epochs in
    a row were no better than the best by the share `threshold`.

    Args:
        lr: the learning rate to start with.
        factor: what it is multiplied by when it is cut.
        patience: how many epochs may pass without a better loss.
        threshold: a better loss is below best * (1 - threshold), or for a negative best below
            best * (1 + threshold); nan never is.
        least: the learning rate below which it is not cut.

    Example:
        >>> plateau = Plateau(0.1, factor=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.0, 2.0):
        ...     plateau.see(loss)
        ...     print(plateau.lr)
        0.1
        0.1
        0.1
        0.05
        0.05
    """

    def __init__(
        self,
        lr: float,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        least: float = 0.0,
    ) -> None:
        self.lr = _rate(lr)
        self.factor = between(factor, "factor", 0.0, 1.0)
        self.patience = whole(patience, "patience", 0)
        self.threshold = between(threshold, "threshold", 0.0)
        self.least = _rate(least, "least")
        self.best = math.inf
        self.waited = 0

    def __call__(self, _step: int) -> float:
        """Return the learning rate, whatever the step."""
        return self.lr

    def see(self, loss: float) -> None:
        """Take in the loss of an epoch."""
        if loss < self.best - self.threshold * abs(self.best if self.best < math.inf else 0.0):
            self.best, self.waited = float(loss), 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.lr = max(self.lr * self.factor, self.least)
            self.waited = 0

    def state_dict(self) -> dict[str, Any]:
        """Return what a later run needs to go on, as JSON can hold it."""
        best = self.best if self.best < math.inf else None
        return {"lr": self.lr, "best": best, "waited": self.waited}

    def load_state_dict(self, saved: Any) -> None:
        """Go on where another run was.

        Raises:
            TypeError, ValueError: if it was not saved by a Plateau; nothing has changed then.
        """
        if not isinstance(saved, dict) or set(saved) != {"lr", "best", "waited"}:
            raise ValueError(f"a Plateau loads what state_dict() returned, got {shown(saved)}")
        best = math.inf if saved["best"] is None else saved["best"]
        if not isinstance(best, float):
            raise TypeError(f"best must be a number or None, got {shown(best)}")
        waited = whole(saved["waited"], "waited", 0)
        self.lr, self.best, self.waited = _rate(saved["lr"]), best, waited


def values(schedule: Schedule, steps: int) -> list[float]:
    """Return a schedule's first values, as to plot them.

    Example:
        >>> values(linear(1.0, 0.0, steps=2), 4)
        [1.0, 0.5, 0.0, 0.0]
    """
    return [schedule(step) for step in range(whole(steps, "steps", 0))]


def _glide(start: float, end: float, share: float) -> float:
    """Return what lies between start and end along half a cosine."""
    return end + 0.5 * (start - end) * (1.0 + math.cos(math.pi * share))


def _rate(lr: Any, name: str = "lr") -> float:
    return between(lr, name, 0.0)
