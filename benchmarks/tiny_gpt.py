"""A GPT of 4,192 weights, written one number at a time.

Letters in, a distribution over the next letter out: embedding, RMSNorm, causal
attention with four heads, a hidden layer, softmax, negative log likelihood. Knows the
mathematics and no engine: numbers need what `Scalar` lists, which a course's own Value
has.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar, cast

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
BOUNDARY = len(ALPHABET)
TOKENS = len(ALPHABET) + 1
WIDTH = 16
HEADS = 4
HEAD_WIDTH = WIDTH // HEADS
CONTEXT = 16

_SHAPES = {
    "token": (TOKENS, WIDTH),
    "position": (CONTEXT, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "attended": (WIDTH, WIDTH),
    "expand": (4 * WIDTH, WIDTH),
    "contract": (WIDTH, 4 * WIDTH),
    "logits": (TOKENS, WIDTH),
}


class Scalar(Protocol):
    """What a course's Value can do.

    Operands are `Any`: each engine takes numbers of its own kind and plain ones.
    """

    data: Any
    grad: Any

    def __add__(self: "S", other: Any, /) -> "S": ...
    def __radd__(self: "S", other: Any, /) -> "S": ...
    def __sub__(self: "S", other: Any, /) -> "S": ...
    def __mul__(self: "S", other: Any, /) -> "S": ...
    def __truediv__(self: "S", other: Any, /) -> "S": ...
    def __pow__(self: "S", other: Any, /) -> "S": ...
    def __neg__(self: "S") -> "S": ...

    def exp(self: "S") -> "S":
        """e to the power of this number."""

    def log(self: "S") -> "S":
        """The natural logarithm."""

    def relu(self: "S") -> "S":
        """This number where it is positive, else zero."""

    def backward(self) -> object:
        """Fill in `grad`."""


S = TypeVar("S", bound=Scalar)
Weights = dict[str, list[list[S]]]


def new_weights(number: Callable[[float], S], generator: random.Random) -> Weights[S]:
    """Fresh weights, normal with deviation 0.08, as numbers that `number` makes."""
    return {
        name: [
            [number(generator.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)
        ]
        for name, (rows, columns) in _SHAPES.items()
    }


def parameters(weights: Weights[S]) -> list[S]:
    """All weights in one list, in a fixed order."""
    return [weight for matrix in weights.values() for row in matrix for weight in row]


def word_loss(weights: Weights[S], word: str) -> S:
    """The mean negative log likelihood of a lower-case word's letters and its end."""
    tokens = [BOUNDARY, *(ALPHABET.index(letter) for letter in word), BOUNDARY]
    keys: list[list[S]] = []
    values: list[list[S]] = []
    losses = []
    for position, (token, following) in enumerate(pairwise(tokens)):
        x = sum_of(weights["token"][token], weights["position"][position])
        logits = _next_logits(weights, normalised(x), keys, values)
        losses.append(-softmax(logits)[following].log())
    return added(losses) / len(losses)


def _next_logits(
    weights: Weights[S], x: list[S], keys: list[list[S]], values: list[list[S]]
) -> list[S]:
    """Scores of the next token; `keys` and `values` grow by this position's."""
    inside = normalised(x)
    keys.append(linear(weights["key"], inside))
    values.append(linear(weights["value"], inside))
    attended = list(_attention(linear(weights["query"], inside), keys, values))
    x = sum_of(x, linear(weights["attended"], attended))
    hidden = [h.relu() for h in linear(weights["expand"], normalised(x))]
    x = sum_of(x, linear(weights["contract"], hidden))
    return linear(weights["logits"], x)


def _attention(query: list[S], keys: list[list[S]], values: list[list[S]]) -> Iterator[S]:
    """Each head's mean of the values so far.

    A position's share in it is how well its key answers the query.
    """
    for start in range(0, WIDTH, HEAD_WIDTH):
        head = range(start, start + HEAD_WIDTH)
        answers = [added(query[i] * key[i] for i in head) for key in keys]
        shares = softmax([answer / HEAD_WIDTH**0.5 for answer in answers])
        for i in head:
            yield added(s * value[i] for s, value in zip(shares, values, strict=True))


def added(terms: Iterable[S]) -> S:
    """The sum from left to right by the built-in `sum`, which starts with `0 + ...`."""
    return cast("S", sum(terms))


def sum_of(x: Sequence[S], y: Sequence[S]) -> list[S]:
    """The sum of two vectors."""
    return [a + b for a, b in zip(x, y, strict=True)]


def linear(matrix: list[list[S]], x: Sequence[S]) -> list[S]:
    """The product of a matrix and a vector."""
    return [added(w * xi for w, xi in zip(row, x, strict=True)) for row in matrix]


def normalised(x: list[S]) -> list[S]:
    """The vector divided by its root mean square."""
    scale = (added(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def softmax(logits: list[S]) -> list[S]:
    """Shares that add up to one; no exp overflows, for the greatest logit comes off."""
    greatest = max(logit.data for logit in logits)
    exponentials = [(logit - greatest).exp() for logit in logits]
    normaliser = added(exponentials)
    return [exponential / normaliser for exponential in exponentials]
