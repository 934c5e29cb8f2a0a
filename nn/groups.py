"""Groups of weights: those that an optimiser moves by the same hyper-parameters.

Here is checked what an optimiser is given: weights, hyper-parameters, saved states. Knows no
update rule and no loss.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# Whatever callers give is looked at here.
from typing import Any

from autograd import LengthError, Value, shown
from nn.checks import between, is_leaf, is_list, learnable, whole
from nn.rules import State

# A learning rate, or a schedule: a function from the number of steps taken to one.
Rate = float | Callable[[int], float]


@dataclass(slots=True)
class Group:
    """Weights, their hyper-parameters, and what is remembered of each of them.

    Attributes:
        parameters: the weights.
        lr: the learning rate, or a schedule: a function from the number of steps that the
            optimiser has taken to a learning rate.
        options: the other hyper-parameters, by name.
        states: what the update rule remembers of each weight.
        steps: how often each weight has moved.
    """

    parameters: list[Value]
    lr: Rate
    options: dict[str, Any]
    states: list[State]
    steps: list[int]

    def rate(self, clock: int) -> float:
        """Return the learning rate for the step after `clock` steps."""
        return (
            between(self.lr(clock), "the learning rate of a schedule", 0.0)
            if callable(self.lr)
            else self.lr
        )

    def state_dict(self) -> dict[str, Any]:
        """Return all but the weights, as JSON can hold it; a schedule counts by its state."""
        schedule = self.lr.state_dict() if hasattr(self.lr, "state_dict") else None
        return {
            "lr": None if callable(self.lr) else self.lr,
            "schedule": schedule,
            "options": {
                k: list(v) if isinstance(v, tuple) else v for k, v in self.options.items()
            },
            "steps": list(self.steps),
            "states": [list(state) for state in self.states],
        }

    def loaded(self, saved: Any, where: str) -> "Group":
        """Return this group with what was saved of it; checked, and nothing changed.

        Raises:
            ValueError: if it was saved of other weights or another optimiser.
        """
        keys = {"lr", "schedule", "options", "steps", "states"}
        if not isinstance(saved, dict) or set(saved) != keys:
            raise ValueError(f"{where} must have {', '.join(sorted(keys))}, got {shown(saved)}")
        if not isinstance(saved["options"], dict) or set(saved["options"]) != set(self.options):
            raise ValueError(
                f"{where} must have the options {', '.join(self.options)}, got "
                f"{shown(saved['options'])}"
            )
        if (saved["lr"] is None) is not callable(self.lr):
            raise ValueError(
                f"{where} was saved with {'a schedule' if saved['lr'] is None else 'a number'} "
                "as lr; make the optimiser with one before loading"
            )
        lr = self.lr if callable(self.lr) else checked_rate(saved["lr"])
        options = checked_options(saved["options"])
        return Group(self.parameters, lr, options, *self._memory(saved, where))

    def _memory(self, saved: dict[str, Any], where: str) -> tuple[list[State], list[int]]:
        """Return the states and steps that were saved."""
        size = len(self.states[0]) if self.states else 0
        for name in ("states", "steps"):
            if not isinstance(saved[name], list) or len(saved[name]) != len(self.parameters):
                raise ValueError(
                    f"{where} must have one of the {name} for each of {len(self.parameters)} "
                    f"weights, got {shown(saved[name])}"
                )
        for k, (state, step) in enumerate(zip(saved["states"], saved["steps"], strict=True)):
            if not _is_state(state, size):
                raise ValueError(
                    f"{where} must remember {size} finite numbers of each weight, got "
                    f"{shown(state)} of weight {k}"
                )
            whole(step, f"the number of steps of weight {k} in {where}", 0)
        return [tuple(state) for state in saved["states"]], list(saved["steps"])


def grouped(parameters: Any, start: State, defaults: dict[str, Any]) -> list[Group]:
    """Return the groups that an optimiser is given: a list of weights, or of dicts.

    A dict has its weights under "params" and what differs from the defaults by name.

    Raises:
        LengthError: if there are no weights.
        TypeError, ValueError: if weights or hyper-parameters are wrong.
    """
    if not is_list(parameters):
        raise TypeError(
            f"an optimiser needs a list of weights, such as model.parameters(), "
            f"got {shown(parameters)}"
        )
    things = list(parameters)
    if not any(isinstance(thing, dict) for thing in things):
        things = [{"params": things}]
    groups = []
    for k, thing in enumerate(things):
        if not isinstance(thing, dict) or not is_list(thing.get("params")):
            raise TypeError(
                f"group {k} must be a dict with a list of weights under 'params', got "
                f"{shown(thing)}"
            )
        unknown = thing.keys() - defaults.keys() - {"params"}
        if unknown:
            raise TypeError(
                f"there is no hyper-parameter {min(unknown)!r}; there are {', '.join(defaults)}"
            )
        options = {name: thing.get(name, default) for name, default in defaults.items()}
        lr = checked_rate(options.pop("lr"))
        weights = list(thing["params"])
        count = len(weights)
        groups.append(
            Group(weights, lr, checked_options(options), [start] * count, [0] * count)
        )
    _check_weights([weight for group in groups for weight in group.parameters])
    return groups


def check_list_of_weights(parameters: Any, whose: str) -> list[Value]:
    """Return weights as a list.

    Raises:
        TypeError: if it is no list of Values.
    """
    if not is_list(parameters):
        raise TypeError(
            f"{whose} needs a list of weights, such as model.parameters(), "
            f"got {shown(parameters)}"
        )
    weights = list(parameters)
    for k, weight in enumerate(weights):
        if not isinstance(weight, Value):
            raise TypeError(f"parameters must be Values, but number {k} is {shown(weight)}")
    return weights


def _check_weights(weights: Iterable[Any]) -> None:
    """Refuse what is no list of different leaves of which at least one may move."""
    weights = check_list_of_weights(weights, "an optimiser")
    if not weights:
        raise LengthError("an optimiser needs at least one weight, got an empty list")
    places: dict[int, int] = {}
    for k, weight in enumerate(weights):
        if not is_leaf(weight):
            raise ValueError(
                f"parameters must be leaves, but number {k}, {shown(weight)}, was computed "
                "from others; give the Values it was computed from"
            )
        if id(weight) in places:
            raise ValueError(
                f"parameters must be different, but number {k} is number "
                f"{places[id(weight)]} again; list(dict.fromkeys(parameters)) leaves it out"
            )
        places[id(weight)] = k
    if not any(map(learnable, weights)):
        raise ValueError(
            f"an optimiser needs a weight that may move, but all {len(weights)} are frozen; "
            "unfreeze some first"
        )


# -- hyper-parameters ---------------------------------------------------------------------


def checked_rate(lr: Any) -> Rate:
    """Return a learning rate as a float, and a schedule as it is."""
    if callable(lr):
        schedule: Callable[[int], float] = lr
        return schedule
    return between(lr, "lr", 0.0)


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return hyper-parameters as floats and bools.

    Raises:
        NumberError: if one is no number.
        ValueError: if one is out of its range, or two do not go together.
    """
    checked = {}
    for name, thing in options.items():
        check: Callable[[Any, str], Any] = _CHECKS.get(name, _plain)
        checked[name] = check(thing, name)
    if checked.get("nesterov") and not (checked["momentum"] and not checked["dampening"]):
        raise ValueError("nesterov needs a momentum above 0 and no dampening")
    return checked


def _plain(thing: Any, name: str) -> float:
    return between(thing, name, 0.0)


def _share(thing: Any, name: str) -> float:
    return between(thing, name, 0.0, 1.0)


def _betas(thing: Any, name: str) -> tuple[float, float]:
    if not is_list(thing) or len(pair := list(thing)) != 2:
        raise ValueError(f"{name} must be two numbers, got {shown(thing)}")
    return _share(pair[0], f"{name}[0]"), _share(pair[1], f"{name}[1]")


def _eps(thing: Any, name: str) -> float:
    if (eps := between(thing, name, 0.0)) == 0.0:
        raise ValueError(f"{name} must be above 0: a gradient of 0 would be divided by it")
    return eps


def _yes_or_no(thing: Any, name: str) -> bool:
    if not isinstance(thing, bool):
        raise TypeError(f"{name} must be True or False, got {shown(thing)}")
    return thing


_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "alpha": _share,
    "betas": _betas,
    "eps": _eps,
    "amsgrad": _yes_or_no,
    "centred": _yes_or_no,
    "eps_inside": _yes_or_no,
    "nesterov": _yes_or_no,
}


def _is_state(state: Any, size: int) -> bool:
    if not isinstance(state, list) or len(state) != size:
        return False
    return all(isinstance(x, float) and math.isfinite(x) for x in state)
