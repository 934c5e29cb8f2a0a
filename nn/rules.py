"""Update rules: how one weight moves, once its gradient is known.

A rule is a pure function of one weight, its gradient, what is remembered of it and the number
of its steps, counted from 1; it returns the new weight and what to remember. It is written
once, in operators and functions that floats and Values share: training applies it to the
floats of every weight, and a compiler may record it. All but the hyper-parameters besides `lr`
may be Values, so no rule branches on them. Formulas are torch's.

Knows one weight at a time; knows no network, no loss and no list of weights.
"""

# ruff: noqa: PLR0913 - a rule has as many arguments as hyper-parameters.

# Numbers here are floats or Values.
from typing import Any

from autograd import maximum, minimum, sqrt

# What is remembered of one weight; what an option does not use stays 0.
State = tuple[float, ...]


def sgd(
    weight: Any,
    gradient: Any,
    state: Any,
    step: Any,
    *,
    lr: Any,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> tuple[Any, Any]:
    """Return the new weight and (velocity,): gradient descent, with momentum or without.

    The first gradient enters the velocity undamped, as in torch; the learning rate stands
    outside of it. With `nesterov` the weight moves by what the velocity is about to become
    (Sutskever et al. 2013).

    >>> sgd(1.0, 2.0, (0.0,), 1, lr=0.25)
    (0.5, (0.0,))
    >>> sgd(1.0, 2.0, (4.0,), 2, lr=0.25, momentum=0.5, dampening=0.5)
    (0.25, (3.0,))
    """
    if weight_decay:
        gradient = gradient + weight_decay * weight
    if not momentum:
        return weight - lr * gradient, state
    (velocity,) = state
    # What is held back of a gradient: nothing in the first step, `dampening` later.
    damped = (1.0 - dampening * minimum(step - 1.0, 1.0)) * gradient if dampening else gradient
    velocity = momentum * velocity + damped
    move = gradient + momentum * velocity if nesterov else velocity
    return weight - lr * move, (velocity,)


def adam(
    weight: Any,
    gradient: Any,
    state: Any,
    step: Any,
    *,
    lr: Any,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
) -> tuple[Any, Any]:
    """Return the new weight and (mean, square, peak): Kingma and Ba 2015, algorithm 1.

    `mean` and `square` are moving averages of the gradient and of its square, and start at 0:
    dividing by 1 - beta**step makes up for that. With `amsgrad` the largest square so far
    counts (Reddi et al. 2018). The first step is lr long, whatever the gradient:

    >>> options = {"lr": 0.5, "betas": (0.5, 0.5), "eps": 1e-8}
    >>> adam(1.0, 200.0, (0.0, 0.0, 0.0), 1, **options)[0]
    0.500000000025
    """
    if weight_decay:
        gradient = gradient + weight_decay * weight
    mean, square, peak = state
    beta1, beta2 = betas
    mean = beta1 * mean + (1.0 - beta1) * gradient
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    if amsgrad:
        peak = maximum(peak, square)
    spread = sqrt((peak if amsgrad else square) / (1.0 - beta2**step))
    move = mean / (1.0 - beta1**step) / (spread + eps)
    return weight - lr * move, (mean, square, peak)


def adamw(
    weight: Any,
    gradient: Any,
    state: Any,
    step: Any,
    *,
    lr: Any,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    amsgrad: bool = False,
) -> tuple[Any, Any]:
    """Return what `adam` does for a weight that first shrank by lr * weight_decay.

    The decay is no part of the gradient, so it acts alike on all weights (Loshchilov and
    Hutter 2019, with the learning rate as a factor, as in torch).

    >>> options = {"lr": 0.5, "betas": (0.5, 0.5), "eps": 1e-8}
    >>> adamw(1.0, 0.0, (0.0, 0.0, 0.0), 1, weight_decay=0.5, **options)[0]
    0.75
    """
    if weight_decay:
        weight = weight * (1.0 - lr * weight_decay)
    return adam(weight, gradient, state, step, lr=lr, betas=betas, eps=eps, amsgrad=amsgrad)


def rmsprop(
    weight: Any,
    gradient: Any,
    state: Any,
    _step: Any,
    *,
    lr: Any,
    alpha: float,
    eps: float,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    centred: bool = False,
    eps_inside: bool = False,
) -> tuple[Any, Any]:
    """Return the new weight and (square, mean, velocity): Hinton's RMSprop, lecture 6.

    The gradient is divided by the root of a moving average of its square, or, `centred`, by
    that of its variance. `eps` is added to the root as in torch, or inside of it as in Keras.

    >>> rmsprop(1.0, 4.0, (0.0, 0.0, 0.0), 1, lr=0.5, alpha=0.75, eps=0.0)
    (0.0, (4.0, 0.0, 0.0))
    """
    if weight_decay:
        gradient = gradient + weight_decay * weight
    square, mean, velocity = state
    square = alpha * square + (1.0 - alpha) * gradient * gradient
    spread = square
    if centred:
        mean = alpha * mean + (1.0 - alpha) * gradient
        # A variance, which rounding may leave below 0.
        spread = maximum(square - mean * mean, 0.0)
    move = gradient / (sqrt(spread + eps) if eps_inside else sqrt(spread) + eps)
    if momentum:
        move = velocity = momentum * velocity + move
    return weight - lr * move, (square, mean, velocity)


def adagrad(
    weight: Any,
    gradient: Any,
    state: Any,
    step: Any,
    *,
    lr: Any,
    eps: float,
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
) -> tuple[Any, Any]:
    """Return the new weight and (squares,): each weight slows down by how far it was driven.

    `squares` is the sum of all squared gradients (Duchi et al. 2011).

    >>> adagrad(1.0, 4.0, (9.0,), 2, lr=0.5, eps=0.0)
    (0.6, (25.0,))
    """
    if weight_decay:
        gradient = gradient + weight_decay * weight
    (squares,) = state
    squares = squares + gradient * gradient
    if lr_decay:
        lr = lr / (1.0 + (step - 1.0) * lr_decay)
    return weight - lr * gradient / (sqrt(squares) + eps), (squares,)
