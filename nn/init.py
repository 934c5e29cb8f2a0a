"""Initialisation: the numbers that weights start from.

Each function returns an `Initialiser`, which draws the weights of a whole layer, a row for
each output, and its biases, from one stream of random numbers: fan-in and fan-out belong to
the layer, and a stream that goes on never gives two layers the same numbers.

The aim is that signals neither die out nor blow up on their way through many layers. A layer
of n inputs multiplies the mean square of what passes by n times the variance of its weights,
relu halves it; so Xavier takes a variance about 1/n and He 2/n (see each function for its
source). Knows no layer and no Value.
"""

import math
from collections.abc import Callable
from typing import Any, Literal

from autograd import shown
from nn.checks import between, number
from nn.distributions import constant, normal, truncated_normal, uniform
from nn.initialiser import Initialiser, Matrix, between_bounds, orthonormal
from nn.randomness import Draw, standard_normal

__all__ = [
    "AUTO",
    "BY_NAME",
    "GAINS",
    "LEAKY",
    "Fan",
    "constant",
    "gain",
    "he_normal",
    "he_uniform",
    "initialiser_of",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "orthogonal",
    "torch_default",
    "truncated_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
]

Fan = Literal["in", "out"]

# -- gains --------------------------------------------------------------------------------

# How much larger weights should be because an activation makes signals smaller. That of tanh
# is a rule of thumb, and so is 1 for sigmoid; that of relu is exact for symmetric signals.
GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2.0),
    "selu": 3 / 4,
}
LEAKY = "leaky_relu"


def gain(activation: str | None, slope: float = 0.01) -> float:
    """Return the gain of an activation, as torch has it; `slope` is that of leaky_relu.

    Raises:
        ValueError: if there is none for it.

    >>> gain("tanh"), gain("leaky_relu", slope=1.0)
    (1.6666666666666667, 1.0)
    """
    name = activation or "linear"
    if name == LEAKY:
        return math.sqrt(2.0 / (1.0 + number(slope, "slope") ** 2))
    if name not in GAINS:
        raise ValueError(
            f"there is no gain for {shown(activation)}; there are {', '.join(GAINS)} and "
            f"{LEAKY}; give the gain as a number, such as 1.0"
        )
    return GAINS[name]


# -- by the size of the layer -------------------------------------------------------------


def xavier_uniform(gain: float = 1.0) -> Initialiser:
    """Return Glorot and Bengio 2010, equation 16: U(-a, a), a = gain * sqrt(6 / (in + out))."""
    gain = between(gain, "gain", 0.0)
    return _uniform_by_size(
        "xavier_uniform", lambda nin, nout: gain * math.sqrt(6.0 / max(nin + nout, 1))
    )


def xavier_normal(gain: float = 1.0) -> Initialiser:
    """Return the same variance as `xavier_uniform`, gain**2 * 2 / (in + out), normal."""
    gain = between(gain, "gain", 0.0)
    return _normal_by_size(
        "xavier_normal", lambda nin, nout: gain * math.sqrt(2.0 / max(nin + nout, 1))
    )


def he_uniform(gain: float = GAINS["relu"], fan: Fan = "in") -> Initialiser:
    """Return He et al. 2015: variance gain**2 / n, n inputs (or outputs, fan="out"), uniform.

    By inputs, signals keep their size going forward; by outputs, gradients going backward.
    """
    gain, size = between(gain, "gain", 0.0), _fan(fan)
    return _uniform_by_size(
        "he_uniform", lambda nin, nout: gain * math.sqrt(3.0 / max(size(nin, nout), 1))
    )


def he_normal(gain: float = GAINS["relu"], fan: Fan = "in") -> Initialiser:
    """Return the same variance as `he_uniform`, gain**2 / n, normal."""
    gain, size = between(gain, "gain", 0.0), _fan(fan)
    return _normal_by_size(
        "he_normal", lambda nin, nout: gain / math.sqrt(max(size(nin, nout), 1))
    )


def lecun_normal() -> Initialiser:
    """Return LeCun et al. 1998: variance 1 / inputs, normal; what selu was made for."""
    return _normal_by_size("lecun_normal", lambda nin, _: 1.0 / math.sqrt(max(nin, 1)))


def lecun_uniform() -> Initialiser:
    """Return the same variance as `lecun_normal`, 1 / inputs, uniform."""
    return _uniform_by_size("lecun_uniform", lambda nin, _: math.sqrt(3.0 / max(nin, 1)))


def torch_default() -> Initialiser:
    """Return what torch gives a Linear: weights and biases U(-b, b), b = 1 / sqrt(inputs).

    The variance is a third of LeCun's. In torch it is written as He's with a slope of
    sqrt(5), which comes to the same bound.
    """
    return Initialiser(
        "torch_default", _uniform_by_size("", lambda nin, _: _torch_bound(nin)).matrix,
        _torch_bound,
    )  # fmt: skip


def orthogonal(gain: float = 1.0) -> Initialiser:
    """Return Saxe et al. 2013: rows (or columns, of the shorter side) at right angles.

    Every one has length gain; the directions are even over all of space.
    """
    gain = between(gain, "gain", 0.0)

    def matrix(nin: int, nout: int, draw: Draw) -> Matrix:
        rows = [[standard_normal(draw) for _ in range(nin)] for _ in range(nout)]
        if nout <= nin:
            return [[gain * x for x in row] for row in orthonormal(rows)]
        columns = orthonormal([list(column) for column in zip(*rows, strict=True)])
        return [[gain * column[j] for column in columns] for j in range(nout)]

    return Initialiser("orthogonal", matrix)


# -- by name ------------------------------------------------------------------------------

AUTO = "auto"
BY_NAME: dict[str, Callable[[], Initialiser]] = {
    "micrograd": uniform,
    "torch": torch_default,
    "xavier": xavier_uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun": lecun_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
    "orthogonal": orthogonal,
    "normal": normal,
    "zeros": lambda: constant(0.0),
    "ones": lambda: constant(1.0),
}

_HE = ("relu", "elu", "gelu", "silu", "softplus")


def initialiser_of(init: str | Initialiser, activation: Any = None) -> Initialiser:
    """Return the initialiser of a name; "auto" goes by the activation of the layer.

    "auto" is He for relu and its kind, LeCun for selu, Xavier with gain 5/3 for tanh, and
    Xavier otherwise.

    Raises:
        ValueError: if there is no initialiser of that name.
        TypeError: if it is neither a name nor an `Initialiser`.

    >>> initialiser_of("auto", "relu"), initialiser_of("auto", "sigmoid")
    (<he_normal>, <xavier_uniform>)
    """
    if isinstance(init, Initialiser):
        return init
    if not isinstance(init, str):
        raise TypeError(
            "init must be a name such as 'he', or what nn.init.he_normal() and the like "
            f"return, got {shown(init)}"
        )
    if init != AUTO:
        if init not in BY_NAME:
            raise ValueError(
                f"there is no initialisation {init!r}; there are {', '.join(BY_NAME)} and "
                f"{AUTO}"
            )
        return BY_NAME[init]()
    if activation in _HE:
        return he_normal()
    if activation == LEAKY:
        return he_normal(gain(LEAKY))
    if activation == "selu":
        return lecun_normal()
    return xavier_uniform(gain("tanh") if activation == "tanh" else 1.0)


# -- how it is done -----------------------------------------------------------------------


def _fan(fan: Any) -> Callable[[int, int], int]:
    if fan not in ("in", "out"):
        raise ValueError(f"fan must be 'in' or 'out', got {shown(fan)}")
    return lambda nin, nout: nin if fan == "in" else nout


Size = Callable[[int, int], float]


def _uniform_by_size(name: str, bound: Size) -> Initialiser:
    def matrix(nin: int, nout: int, draw: Draw) -> Matrix:
        b = bound(nin, nout)
        return [[between_bounds(-b, b, draw) for _ in range(nin)] for _ in range(nout)]

    return Initialiser(name, matrix)


def _normal_by_size(name: str, std: Size) -> Initialiser:
    def matrix(nin: int, nout: int, draw: Draw) -> Matrix:
        s = std(nin, nout)
        return [[s * standard_normal(draw) for _ in range(nin)] for _ in range(nout)]

    return Initialiser(name, matrix)


def _torch_bound(nin: int) -> float:
    return 1.0 / math.sqrt(nin) if nin else 0.0
