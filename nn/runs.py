"""What a run of training remembers: its history, the best weights, where it stands.

All of it can be kept as JSON holds it, so that a run goes on later as if it had never stopped.
Knows no epoch from inside; that is `training`.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

# Saved states come from files.
from typing import Any, NoReturn

from autograd import shown
from nn.checks import between, whole
from nn.module import Module
from nn.optimiser import Optimiser


class History(dict[str, list[float]]):
    """A list of numbers for each thing that is measured after every epoch, such as "loss".

    Example:
        >>> history = History()
        >>> history.add(loss=0.5, accuracy=0.75)
        >>> history.add(loss=0.25, accuracy=1.0)
        >>> history["loss"]
        [0.5, 0.25]
    """

    def __missing__(self, name: str) -> NoReturn:
        raise KeyError(
            f"{name} was not measured, only {', '.join(self) or 'nothing'}; `metrics` and "
            "`validation` of fit add more"
        )

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f'a History has no {name!r}; numbers are had as in ["loss"]')

    def add(self, **numbers: float) -> None:
        """Take in the numbers of an epoch."""
        for name, number in numbers.items():
            self.setdefault(name, []).append(number)


class EarlyStopping:
    """Stops a run that gets no better, and gives its model the best weights it had.

    It stops when `patience` epochs in a row were no better than the best one. However a run
    ends, by an error or by Ctrl-C too, the best weights are put back. A number that is nan is
    never better.

    Args:
        monitor: what is looked at in the history.
        patience: how many epochs in a row may be no better.
        least: by how much a better epoch must be better.
        maximise: whether larger is better, as for accuracy. It must be said, but for losses,
            of which smaller ones are better.

    Raises:
        ValueError: if it is not said for something whose name does not end in "loss".

    Attributes:
        best: the best number so far; None before there is one.
        best_epoch: the epoch it is of, counted from 1.
        waited: how many epochs have been no better since.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 10,
        least: float = 0.0,
        *,
        maximise: bool | None = None,
    ) -> None:
        if maximise is None and not monitor.endswith("loss"):
            raise ValueError(
                f"is a larger {monitor} better, as of accuracy? say maximise=True or "
                "maximise=False"
            )
        self.monitor = monitor
        self.patience = whole(patience, "patience", 1)
        self.least = between(least, "least", 0.0)
        self.maximise = bool(maximise)
        self.restart()

    def restart(self) -> None:
        """Forget what was seen; every run that does not go on from another begins so."""
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self._weights: list[float] = []

    def see(self, history: History, epoch: int, model: Module) -> bool:
        """Take in what was measured after an epoch; return whether to stop."""
        number = history[self.monitor][-1]
        sign = -1.0 if self.maximise else 1.0
        limit = math.inf if self.best is None else sign * self.best - self.least
        if sign * number < limit:
            self.best, self.best_epoch, self.waited = number, epoch, 0
            self._weights = [weight.data for weight in model.parameters()]
            return False
        self.waited += 1
        return self.waited >= self.patience

    def restore(self, model: Module) -> None:
        """Give the model the best weights, if there are any."""
        if self.best is not None:
            for weight, data in zip(model.parameters(), self._weights, strict=True):
                weight.data = data

    def state_dict(self) -> dict[str, Any]:
        """Return what a later run needs to go on, as JSON can hold it."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "weights": list(self._weights),
        }

    def load_state_dict(self, saved: Any, count: int | None = None) -> None:
        """Go on where another run was; `count` is the number of weights of the model.

        Raises:
            ValueError: if it was not saved by an EarlyStopping; nothing has changed then.
        """
        if not isinstance(saved, dict) or set(saved) != set(self.state_dict()):
            raise ValueError(f"early stopping has no such state: {shown(saved)}")
        best, weights = saved["best"], saved["weights"]
        if not (best is None or _is_finite(best)):
            raise ValueError(f"the best number must be finite or None, got {shown(best)}")
        if not isinstance(weights, list) or not all(map(_is_finite, weights)):
            raise ValueError(f"the best weights must be finite numbers, got {shown(weights)}")
        if best is not None and count not in (None, len(weights)):
            raise ValueError(f"the model has {count} weights, the saved one {len(weights)}")
        epoch = whole(saved["best_epoch"], "best_epoch", 0)
        self.waited = whole(saved["waited"], "waited", 0)
        self.best, self.best_epoch, self._weights = best, epoch, list(weights)


@dataclass(slots=True)
class Run:
    """Where a run of training stands; callbacks are given it after every epoch.

    Attributes:
        model: what is trained.
        optimiser: what trains it.
        generator: where the order of the samples comes from.
        history: what was measured so far.
        stopping: what may stop it early, if anything does.
        epoch: how many epochs are done.
    """

    model: Module
    optimiser: Optimiser
    generator: random.Random
    history: History = field(default_factory=History)
    stopping: EarlyStopping | None = None
    epoch: int = 0

    def begin(self, saved: Mapping[str, Any] | None = None) -> None:
        """Start anew, or go on where another run was saved; see `load_state_dict`."""
        if saved is not None:
            self.load_state_dict(saved)
        elif self.stopping is not None:
            self.stopping.restart()

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on from here, bit for bit, as JSON can hold it.

        Randomness inside of the model, as that of dropout, is in it if the model draws from
        the same generator.
        """
        version, numbers, spare = self.generator.getstate()
        return {
            "epoch": self.epoch,
            "weights": {name: weight.data for name, weight in self.model.named_parameters()},
            "optimiser": self.optimiser.state_dict(),
            "generator": [version, list(numbers), spare],
            "history": {name: list(numbers) for name, numbers in self.history.items()},
            "stopping": None if self.stopping is None else self.stopping.state_dict(),
        }

    def load_state_dict(self, saved: Any) -> None:
        """Go on where another run was.

        Raises:
            ValueError: if it was another kind of run; nothing has changed then.
        """
        if not isinstance(saved, dict) or set(saved) != set(self.state_dict()):
            raise ValueError(
                f"a run goes on from what state_dict() returned, got {shown(saved)}"
            )
        if (saved["stopping"] is None) is not (self.stopping is None):
            raise ValueError("both runs must stop early, or neither")
        weights = dict(self.model.named_parameters())
        found = _numbers_for(weights, saved["weights"])
        epoch, history = whole(saved["epoch"], "epoch", 0), _history(saved["history"])
        state = _generator_state(saved["generator"])
        # Both refuse as a whole; what the first has taken in it gives back if the second does.
        before = None if self.stopping is None else self.stopping.state_dict()
        if self.stopping is not None:
            self.stopping.load_state_dict(saved["stopping"], len(weights))
        try:
            self.optimiser.load_state_dict(saved["optimiser"])
        except (TypeError, ValueError):
            if self.stopping is not None:
                self.stopping.load_state_dict(before)
            raise
        self.generator.setstate(state)
        for name, number in found.items():
            weights[name].data = number
        self.history, self.epoch = history, epoch


def _numbers_for(weights: dict[str, Any], saved: Any) -> dict[str, float]:
    """Return the saved numbers, one for each weight."""
    if not isinstance(saved, dict) or set(saved) != set(weights):
        raise ValueError(
            f"the model has {len(weights)} weights of other names, got {shown(saved)}"
        )
    for name, number in saved.items():
        if not _is_finite(number):
            raise ValueError(f"weight {name} must be a finite number, got {shown(number)}")
    return saved


def _is_finite(number: object) -> bool:
    return isinstance(number, float) and math.isfinite(number)


def _history(saved: Any) -> History:
    if not isinstance(saved, dict) or not all(isinstance(v, list) for v in saved.values()):
        raise ValueError(f"a history must hold lists by name, got {shown(saved)}")
    return History({name: list(numbers) for name, numbers in saved.items()})


def _generator_state(saved: Any) -> tuple[Any, ...]:
    """Return the state of a generator, tried out on another one."""
    try:
        version, numbers, spare = saved
        state = (version, tuple(numbers), spare)
        random.Random().setstate(state)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"no generator has the state {shown(saved)}") from None
    return state
