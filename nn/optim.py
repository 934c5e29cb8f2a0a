"""SGD, Adam, AdamW, RMSprop, Adagrad: the optimisers, by their hyper-parameters.

Each is an `Optimiser` with one of the rules in `rules`. Wherever a learning rate is wanted, a
schedule will do: a function of the number of steps taken, such as those in `schedules`.
"""

from collections.abc import Callable

# Rules take floats or Values.
from typing import Any

from nn import rules
from nn.checks import between
from nn.groups import Rate
from nn.optimiser import Optimiser, Parameters


class SGD(Optimiser):
    """Gradient descent: a weight moves by -lr times its gradient; see `nn.rules.sgd`.

    Args:
        parameters: the weights, such as `model.parameters()`, or groups of them.
        lr: the learning rate, or a schedule.
        momentum: how much of its velocity a weight keeps from step to step.
        dampening: how much of every gradient but the first is held back from the velocity.
        weight_decay: this times the weight is added to its gradient.
        nesterov: move by what the velocity is about to become.

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
        self,
        parameters: Parameters,
        lr: Rate = 0.1,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        *,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            rules.sgd,
            (0.0,),
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
        )


class Adam(Optimiser):
    """Gradient descent with a step length of its own for each weight; see `nn.rules.adam`.

    Args:
        parameters: the weights, such as `model.parameters()`, or groups of them.
        lr: the learning rate, about how far a weight moves in one step; or a schedule.
        betas: how much of the mean gradient and of the mean squared gradient stays from step
            to step.
        eps: keeps the division safe where gradients are 0.
        weight_decay: this times the weight is added to its gradient.
        amsgrad: divide by the largest mean square so far, not by the last.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0)
        >>> optimiser = Adam([w], lr=0.25)
        >>> (w * w).backward()
        >>> optimiser.step()
        >>> print(f"{w.data:.6f}")
        2.750000
    """

    _rule: Callable[..., Any] = staticmethod(rules.adam)

    def __init__(
        self,
        parameters: Parameters,
        lr: Rate = 0.01,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            self._rule,
            (0.0, 0.0, 0.0),
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
        )


class AdamW(Adam):
    """Adam after shrinking each weight by lr * weight_decay; see `nn.rules.adamw`.

    Args:
        parameters: the weights, such as `model.parameters()`, or groups of them.
        lr: the learning rate, or a schedule.
        betas: see `Adam`.
        eps: see `Adam`.
        weight_decay: the share of a weight that goes in a step, before the factor lr.
        amsgrad: see `Adam`.

    Example:
        >>> from autograd import Value
        >>> w = Value(4.0)
        >>> optimiser = AdamW([w], lr=0.5, weight_decay=0.5)
        >>> (w * 0.0).backward()
        >>> optimiser.step()
        >>> w.data
        3.0
    """

    _rule: Callable[..., Any] = staticmethod(rules.adamw)

    def __init__(
        self,
        parameters: Parameters,
        lr: Rate = 0.01,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad=amsgrad)


class RMSprop(Optimiser):
    """Gradients divided by the root of their mean square; see `nn.rules.rmsprop`.

    Args:
        parameters: the weights, such as `model.parameters()`, or groups of them.
        lr: the learning rate, or a schedule.
        alpha: how much of the mean square stays from step to step.
        eps: keeps the division safe where gradients are 0.
        momentum: how much of its velocity a weight keeps from step to step.
        weight_decay: this times the weight is added to its gradient.
        centred: divide by the root of the variance instead.
        eps_inside: add eps before the root is taken, as Keras and optax do.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0)
        >>> optimiser = RMSprop([w], lr=0.5, alpha=0.75)
        >>> (w * w).backward()
        >>> optimiser.step()
        >>> print(f"{w.data:.6f}")
        2.000000
    """

    def __init__(  # noqa: PLR0913 - it has that many hyper-parameters
        self,
        parameters: Parameters,
        lr: Rate = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        centred: bool = False,
        eps_inside: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            rules.rmsprop,
            (0.0, 0.0, 0.0),
            lr=lr,
            alpha=alpha,
            eps=eps,
            momentum=momentum,
            weight_decay=weight_decay,
            centred=centred,
            eps_inside=eps_inside,
        )


class Adagrad(Optimiser):
    """Gradients divided by the root of the sum of all their squares; see `nn.rules.adagrad`.

    Args:
        parameters: the weights, such as `model.parameters()`, or groups of them.
        lr: the learning rate, or a schedule.
        eps: keeps the division safe where gradients are 0.
        lr_decay: the learning rate of step t is lr / (1 + (t - 1) * lr_decay).
        weight_decay: this times the weight is added to its gradient.
        initial_accumulator_value: what the sum starts from.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0)
        >>> optimiser = Adagrad([w], lr=0.5)
        >>> (w * w).backward()
        >>> optimiser.step()
        >>> print(f"{w.data:.6f}")
        2.500000
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: Rate = 0.1,
        eps: float = 1e-10,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        *,
        initial_accumulator_value: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            rules.adagrad,
            (between(initial_accumulator_value, "initial_accumulator_value", 0.0),),
            lr=lr,
            eps=eps,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
        )
