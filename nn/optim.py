"""Optimisers: how a weight moves, once its gradient is known.

An update rule is a function of one weight, its gradient, what the optimiser remembers of it
and the number of its steps. It is written once, in operations that floats and Values share:
`step()` applies it to the floats of every weight, and a compiler may record it. Knows no
network and no loss.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

# Hyper-parameters differ from rule to rule.
from typing import Any

from autograd import LengthError, Value, shown, sqrt
from nn.checks import between, is_leaf, is_list

# What an optimiser remembers of one weight.
State = tuple[float, ...]


def sgd(
    weight: float, gradient: float, state: State, _step: int, *, lr: float, momentum: float
) -> tuple[float, State]:
    """Return the new weight and velocity: gradient descent, with momentum as torch has it.

    >>> sgd(1.0, 2.0, (0.0,), 1, lr=0.25, momentum=0.0)
    (0.5, (2.0,))
    """
    (velocity,) = state
    velocity = momentum * velocity + gradient
    return weight - lr * velocity, (velocity,)


def adam(
    weight: float,
    gradient: float,
    state: State,
    step: int,
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
) -> tuple[float, State]:
    """Return the new weight and moments: Kingma and Ba 2015, algorithm 1; steps count from 1.

    The first step is lr long, whatever the gradient:

    >>> adam(1.0, 200.0, (0.0, 0.0), 1, lr=0.5, betas=(0.5, 0.5), eps=1e-8)[0]
    0.500000000025
    """
    m, v = state
    beta1, beta2 = betas
    m = beta1 * m + (1.0 - beta1) * gradient
    v = beta2 * v + (1.0 - beta2) * gradient * gradient
    mean = m / (1.0 - beta1**step)
    spread = sqrt(v / (1.0 - beta2**step))
    return weight - lr * mean / (spread + eps), (m, v)


class Optimiser(ABC):
    """Weights, what is remembered of each, and the rule that moves them.

    Attributes:
        parameters: the weights.
        lr: the learning rate; set it to what the next step shall use.
        states: what is remembered of each weight.
        steps: how often each weight has moved.
    """

    def __init__(self, parameters: Iterable[Value], lr: float, start: State) -> None:
        self.parameters = _weights(parameters)
        self.lr = between(lr, "lr", 0.0)
        self.states = [start] * len(self.parameters)
        self.steps = [0] * len(self.parameters)

    @abstractmethod
    def update(
        self, weight: float, gradient: float, state: State, step: int
    ) -> tuple[float, State]:
        """Return a weight after the step, and what to remember of it."""

    def step(self) -> None:
        """Move every weight that has a gradient; nothing is recorded.

        A weight that no backward pass has reached since `zero_grad()` stays where it is.
        """
        for k, parameter in enumerate(self.parameters):
            gradient = parameter.gradient
            if gradient is None:
                continue
            self.steps[k] += 1
            parameter.data, self.states[k] = self.update(
                parameter.data, gradient, self.states[k], self.steps[k]
            )

    def zero_grad(self) -> None:
        """Clear the gradients: `backward()` adds to what is there."""
        for parameter in self.parameters:
            parameter.grad = None


class SGD(Optimiser):
    """Gradient descent: a weight moves by -lr times its gradient.

    Args:
        parameters: the weights, such as `model.parameters()`.
        lr: the learning rate.
        momentum: how much of its velocity a weight keeps from step to step.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0)
        >>> optimiser = SGD([w], lr=0.25)
        >>> (w * w).backward()
        >>> optimiser.step()
        >>> w.data
        1.5
    """

    def __init__(
        self, parameters: Iterable[Value], lr: float = 0.1, momentum: float = 0.0
    ) -> None:
        super().__init__(parameters, lr, (0.0,))
        self.momentum = between(momentum, "momentum", 0.0)

    def update(
        self, weight: float, gradient: float, state: State, step: int
    ) -> tuple[float, State]:
        """Return a weight after the step, and its velocity; see `sgd`."""
        return sgd(weight, gradient, state, step, lr=self.lr, momentum=self.momentum)


class Adam(Optimiser):
    """Gradient descent with a step length of its own for each weight.

    Args:
        parameters: the weights, such as `model.parameters()`.
        lr: the learning rate: about how far a weight moves in one step.
        betas: how much of the mean gradient and of the mean squared gradient stays from step
            to step.
        eps: keeps the division safe where gradients are 0.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0)
        >>> optimiser = Adam([w], lr=0.25)
        >>> (w * w).backward()
        >>> optimiser.step()
        >>> print(f"{w.data:.6f}")
        2.750000
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(parameters, lr, (0.0, 0.0))
        self.betas = _betas(betas)
        self.eps = between(eps, "eps", 0.0)
        if self.eps == 0.0:
            raise ValueError("eps must be above 0: a gradient of 0 would be divided by it")

    def update(
        self, weight: float, gradient: float, state: State, step: int
    ) -> tuple[float, State]:
        """Return a weight after the step, and its moments; see `adam`."""
        return adam(weight, gradient, state, step, lr=self.lr, betas=self.betas, eps=self.eps)


def _betas(betas: Any) -> tuple[float, float]:
    if not is_list(betas) or len(pair := list(betas)) != 2:
        raise ValueError(f"betas must be two numbers, got {shown(betas)}")
    return between(pair[0], "betas[0]", 0.0, 1.0), between(pair[1], "betas[1]", 0.0, 1.0)


def _weights(parameters: Any) -> list[Value]:
    """Return the weights as a list, each a leaf and there only once."""
    if not is_list(parameters):
        raise TypeError(
            f"an optimiser needs a list of weights, such as model.parameters(), "
            f"got {shown(parameters)}"
        )
    weights = list(parameters)
    if not weights:
        raise LengthError("an optimiser needs at least one weight, got an empty list")
    places: dict[int, int] = {}
    for k, weight in enumerate(weights):
        if not isinstance(weight, Value):
            raise TypeError(f"parameters must be Values, but number {k} is {shown(weight)}")
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
    return weights
