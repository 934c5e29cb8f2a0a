"""Second opinions: real analysis at 50 digits, and a naive engine to run programs on.

Nothing here is taken from `autograd`. The formulas of real analysis are written from the
definitions, in mpmath, where rounding and overflow play no part. The naive engine is the
textbook's: one object for each result, an explicit topological order, one rule for each
operation. Knows nothing of tapes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

# A number of 50 digits. mpmath ships no types.
Real = Any

real = mpmath.MPContext()
real.dps = 50


# -- functions of real analysis that mpmath lacks, or has with a smaller domain -------------


def sign(x: Real) -> Real:
    """Return 1, 0 or -1."""
    return real.sign(x)


def cbrt(x: Real) -> Real:
    """Return the real cube root."""
    return real.sign(x) * real.cbrt(abs(x))


def erf(x: Real) -> Real:
    """Return the error function, which mpmath computes for moderate x only."""
    return sign(x) if abs(x) > 1000 else real.erf(x)


def erfc(x: Real) -> Real:
    """Return 1 - erf(x), which mpmath computes for moderate x only."""
    return 1 - sign(x) if abs(x) > 1000 else real.erfc(x)


def ncdf(x: Real) -> Real:
    """Return the standard normal distribution function."""
    return erfc(-x / real.sqrt(2)) / 2


def npdf(x: Real) -> Real:
    """Return the standard normal density."""
    return real.exp(-x * x / 2) / real.sqrt(2 * real.pi)


def logistic(x: Real) -> Real:
    """Return 1 / (1 + exp(-x))."""
    return 1 / (1 + real.exp(-x))


def log1p(x: Real) -> Real:
    """Return log(1 + x) with all digits for tiny and for huge x."""
    return real.log1p(x) if abs(x) < 1 else real.log(1 + x)


def sinc(x: Real) -> Real:
    """Return sin(pi x) / (pi x)."""
    return real.sinpi(x) / (real.pi * x) if x else real.mpf(1)


def sinc_slope(x: Real) -> Real:
    """Return the derivative of sinc, without cancellation near 0.

    sinc(x) is the hypergeometric function 0F1(3/2; -(pi x)^2 / 4); near 0 its derivative is
    taken from there.
    """
    if abs(x) <= 1:
        return -(real.pi**2) * x / 3 * real.hyp0f1(real.mpf(5) / 2, -((real.pi * x) ** 2) / 4)
    return (real.cospi(x) - sinc(x)) / x


def selu_constants() -> tuple[Real, Real]:
    """Return alpha and lambda of Klambauer et al. 2017, equation 14."""
    root_e, root_2 = real.sqrt(real.e), real.sqrt(2)
    c, d = real.erfc(1 / root_2), real.erfc(root_2)
    pi, e = real.pi, real.e
    alpha = -real.sqrt(2 / pi) / (c * root_e - 1)
    inner = 2 * d * e**2 + pi * c**2 * e - 2 * (2 + pi) * c * root_e + pi + 2
    return alpha, (1 - c * root_e) * real.sqrt(2 * pi) / real.sqrt(inner)


def power(x: Real, y: Real) -> Real:
    """Return x**y where it is real."""
    if x == 0:
        return real.mpf(1) if y == 0 else real.mpf(0)
    size = real.exp(y * real.log(abs(x)))
    return -size if x < 0 and y % 2 == 1 else size


# -- the naive engine -----------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Node:
    """A number, what it was computed from, and what the sweep found.

    Attributes:
        data: the value.
        parents: operands with their local derivatives.
        grad: the sum over all paths of products of local derivatives.
        size: the same sum over absolute values: how large the terms were that made `grad`,
            and so how much rounding it may carry.
    """

    data: float
    parents: Sequence[tuple["Node", float]] = ()
    grad: float = 0.0
    size: float = 0.0


def topological(root: Node) -> list[Node]:
    """Return every node that root depends on, operands first."""
    order: list[Node] = []
    seen = {root}
    stack = [(root, iter(root.parents))]
    while stack:
        node, parents = stack[-1]
        for parent, _ in parents:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(parent.parents)))
                break
        else:
            order.append(node)
            stack.pop()
    return order


def backward(root: Node, seed: float = 1.0) -> None:
    """Give every computed node its gradient and add to that of every leaf."""
    order = topological(root)
    for node in order:
        if node.parents:
            node.grad = node.size = 0.0
    root.grad += seed
    root.size += abs(seed)
    for node in reversed(order):
        for parent, partial in node.parents:
            parent.grad += node.grad * partial
            parent.size += node.size * abs(partial)


Floats = Sequence[float]


@dataclass(frozen=True, slots=True)
class Rule:
    """How the naive engine computes one operation: value, and derivatives of the operands.

    `margin` says how far the operands are from a kink: 0.0 on it, and inf where there is none.
    """

    value: Callable[..., float]
    partials: Callable[..., Floats]
    margin: Callable[..., float] = lambda *_: math.inf


def _squash(x: float) -> float:
    fall = math.expm1(-2.0 * abs(x))
    return math.copysign(fall / (fall + 2.0), x)


def _squash_slope(x: float) -> float:
    fall = math.exp(-2.0 * abs(x))
    return 4.0 * fall / (1.0 + fall) ** 2


def _softmax(xs: Floats) -> list[float]:
    norm = math.fsum(math.exp(x) for x in xs)
    return [math.exp(x) / norm for x in xs]


def _others(xs: Floats) -> list[float]:
    return [math.prod([*xs[:k], *xs[k + 1 :]]) for k in range(len(xs))]


def _gap(xs: Floats) -> float:
    """Return how far the largest number is ahead of the next one."""
    ahead, behind = sorted(xs, reverse=True)[:2] if len(xs) > 1 else (math.inf, 0.0)
    return ahead - behind


def _shares(xs: Floats, held: Sequence[bool]) -> list[float]:
    """Return the shortest subgradient of max over the operands that can move."""
    ties = [x == max(xs) for x in xs]
    if any(tie and still for tie, still in zip(ties, held, strict=True)):
        return [0.0] * len(xs)
    return [tie / sum(ties) for tie in ties]


RULES: dict[str, Rule] = {
    "add": Rule(lambda x, y: x + y, lambda x, y: (1, 1)),
    "sub": Rule(lambda x, y: x - y, lambda x, y: (1, -1)),
    "mul": Rule(lambda x, y: x * y, lambda x, y: (y, x)),
    "div": Rule(lambda x, y: x / y, lambda x, y: (1 / y, -x / (y * y))),
    "pow": Rule(
        lambda x, y: x**y if x > 0 else math.nan,
        lambda x, y: (y * x**y / x, x**y * math.log(x)),
    ),
    "neg": Rule(lambda x: -x, lambda x: (-1,)),
    "exp": Rule(math.exp, lambda x: (math.exp(x),)),
    "sin": Rule(math.sin, lambda x: (math.cos(x),)),
    "tanh": Rule(_squash, lambda x: (_squash_slope(x),)),
    "softplus": Rule(lambda x: math.log1p(math.exp(x)), lambda x: (1 / (1 + math.exp(-x)),)),
    "sqrt": Rule(math.sqrt, lambda x: (0.5 * x**-0.5,)),
    "relu": Rule(lambda x: max(x, 0.0), lambda x: (float(x > 0),), abs),
    "abs": Rule(abs, lambda x: (float((x > 0) - (x < 0)),), abs),
    "maximum": Rule(
        max,
        lambda *xs, held=(False, False): _shares(xs, held),
        lambda x, y: abs(x - y),
    ),
    "minimum": Rule(
        min,
        lambda *xs, held=(False, False): _shares([-x for x in xs], held),
        lambda x, y: abs(x - y),
    ),
    "total": Rule(lambda *xs: math.fsum(xs), lambda *xs: [1.0] * len(xs)),
    "mean": Rule(lambda *xs: math.fsum(xs) / len(xs), lambda *xs: [1.0 / len(xs)] * len(xs)),
    "prod": Rule(lambda *xs: math.prod(xs), lambda *xs: _others(xs)),
    "logsumexp": Rule(
        lambda *xs: math.log(math.fsum(map(math.exp, xs))), lambda *xs: _softmax(xs)
    ),
    "amax": Rule(
        lambda *xs: max(xs),
        lambda *xs, held=(): _shares(xs, held or [False] * len(xs)),
        lambda *xs: _gap(xs),
    ),
    "dot": Rule(
        lambda *xs: math.fsum(map(math.prod, _products(xs))),
        lambda *xs: [*xs[len(xs) // 2 : -1], *xs[: len(xs) // 2], 1.0],
    ),
}

KINKED = frozenset({"maximum", "minimum", "amax"})


def _products(xs: Floats) -> list[tuple[float, ...]]:
    half = len(xs) // 2
    return [*zip(xs[:half], xs[half:-1], strict=True), (xs[-1],)]


def apply(name: str, operands: Sequence[Node | float]) -> Node:
    """Return the node of an operation; constants are no parents."""
    numbers = [x.data if isinstance(x, Node) else x for x in operands]
    rule = RULES[name]
    held = [not isinstance(x, Node) for x in operands]
    which = {"held": held} if name in KINKED else {}
    partials = rule.partials(*numbers, **which)
    pairs = zip(operands, partials, strict=True)
    parents = [(x, float(d)) for x, d in pairs if isinstance(x, Node)]
    return Node(rule.value(*numbers), parents)
