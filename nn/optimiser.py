"""Optimiser: weights, and the rule that moves them, step by step.

The rules are in `rules`, the optimisers people use in `optim`. Knows no network and no loss.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping

# Hyper-parameters differ from rule to rule.
from typing import Any

from autograd import AnomalyError, Value, shown
from nn.checks import learnable, whole
from nn.groups import Group, Rate, checked_rate, grouped
from nn.rules import State

Parameters = Iterable[Value | Mapping[str, Any]]


class Optimiser:
    """Weights and the rule that moves them; `SGD`, `Adam` and the others are optimisers.

    Args:
        parameters: the weights, such as `model.parameters()`; or groups of them, each a dict
            with its weights under "params" and what differs from the other hyper-parameters.
        rule: the update rule, as those in `nn.rules`.
        start: what it remembers of a weight that has not moved yet.
        options: its hyper-parameters by name, `lr` among them.

    Attributes:
        groups: the groups of weights; see `Group`.
        rule: the update rule.
        clock: the number of steps taken. It is what schedules go by: a learning rate may be a
            function of it.

    Example:
        >>> from nn import SGD
        >>> fast, slow = Value(1.0), Value(1.0)
        >>> optimiser = SGD([{"params": [fast]}, {"params": [slow], "lr": 0.01}], lr=0.1)
        >>> (fast + slow).backward()
        >>> optimiser.step()
        >>> fast.data, slow.data
        (0.9, 0.99)
        >>> SGD([Value(1.0)], lr=0.1, momentum=0.9)  # doctest: +ELLIPSIS
        SGD(weights: 1, lr=0.1, momentum=0.9, dampening=0.0, ...)
    """

    def __init__(
        self,
        parameters: Parameters,
        rule: Callable[..., Any],
        start: State,
        **options: Any,
    ) -> None:
        self.groups: list[Group] = grouped(parameters, start, options)
        self.rule = rule
        self.clock = 0

    @property
    def parameters(self) -> list[Value]:
        """Every weight, group by group."""
        return [weight for group in self.groups for weight in group.parameters]

    @property
    def lr(self) -> Rate:
        """The learning rate or schedule, if there is one group; each group has its own."""
        return self._only_group().lr

    @lr.setter
    def lr(self, lr: Rate) -> None:
        self._only_group().lr = checked_rate(lr)

    def _only_group(self) -> Group:
        if len(self.groups) > 1:
            raise AttributeError(
                f"there are {len(self.groups)} learning rates, one for each group; use "
                "optimiser.groups[k].lr"
            )
        return self.groups[0]

    def __repr__(self) -> str:
        groups = (
            ", ".join(
                [
                    f"weights: {len(group.parameters)}",
                    f"lr={'a schedule' if callable(group.lr) else group.lr}",
                    *(f"{name}={option}" for name, option in group.options.items()),
                ]
            )
            for group in self.groups
        )
        return f"{type(self).__name__}({'; '.join(groups)})"

    def step(self, zeros: Collection[int] = frozenset()) -> None:
        """Move every weight that has a gradient and is not frozen; nothing is recorded.

        A weight that no backward pass has reached since `zero_grad()` stays where it is. If
        something goes wrong, all weights do.

        Args:
            zeros: the ids of weights that move as if the gradient 0 had reached them.

        Raises:
            AnomalyError: if a weight would not be finite.
        """
        moved = []
        for group in self.groups:
            lr = group.rate(self.clock)
            for k, weight in enumerate(group.parameters):
                gradient = weight.gradient
                if gradient is None and id(weight) in zeros:
                    gradient = 0.0
                if gradient is None or not learnable(weight):
                    continue
                data, state = self.rule(
                    weight.data,
                    gradient,
                    group.states[k],
                    group.steps[k] + 1,
                    lr=lr,
                    **group.options,
                )
                if not math.isfinite(data):
                    raise AnomalyError(
                        f"{weight.label or 'a weight'} = {weight.data!r} with gradient "
                        f"{gradient!r} would become {data!r}; a lower learning rate may help"
                    )
                moved.append((group, k, data, state))
        for group, k, data, state in moved:
            group.parameters[k].data = data
            group.states[k] = state
            group.steps[k] += 1
        self.clock += 1

    def zero_grad(self) -> None:
        """Clear the gradients: `backward()` adds to what is there."""
        for weight in self.parameters:
            weight.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return all that a later run needs to go on, as JSON can hold it.

        Weights are not in it, and neither are schedules: both belong to who made them.
        """
        return {
            "optimiser": type(self).__name__,
            "clock": self.clock,
            "groups": [group.state_dict() for group in self.groups],
        }

    def load_state_dict(self, saved: Any) -> None:
        """Go on where the optimiser of a `state_dict()` was; weights are told by their order.

        Raises:
            ValueError: if it was saved of another kind of optimiser or of other weights;
                nothing has changed then.
        """
        if not isinstance(saved, dict) or set(saved) != {"optimiser", "clock", "groups"}:
            raise ValueError(
                f"an optimiser loads what state_dict() returned, got {shown(saved)}"
            )
        if saved["optimiser"] != type(self).__name__:
            raise ValueError(
                f"this is the state of {saved['optimiser']}, not of {type(self).__name__}"
            )
        if not isinstance(saved["groups"], list) or len(saved["groups"]) != len(self.groups):
            raise ValueError(
                f"this optimiser has {len(self.groups)} groups, got {shown(saved['groups'])}"
            )
        clock = whole(saved["clock"], "clock", 0)
        pairs = list(zip(self.groups, saved["groups"], strict=True))
        loaded = [group.loaded(of, f"group {k}") for k, (group, of) in enumerate(pairs)]
        for group, of in pairs:
            if of["schedule"] is not None and hasattr(group.lr, "load_state_dict"):
                group.lr.load_state_dict(of["schedule"])
        self.groups, self.clock = loaded, clock
