"""How long does one training step of a small GPT in plain scalar operations take?

The program of `tiny_gpt.py` on one seven-letter word, forward, backward and Adam, on our
Value, on the textbook's node-and-closure class and on micrograd, which must agree in the
loss and in all 4,192 gradients.
"""

import math
import random
from collections.abc import Callable

# One training step runs on the numbers of several engines.
from typing import Any

from autograd import Tape, Value
from benchmarks import peers, tiny_gpt
from benchmarks.contest import contest
from benchmarks.report import Target, ratio
from benchmarks.timing import Candidate

QUESTION = "one training step of a small GPT in plain scalar operations"
WORD = "charlie"
PROMISE = 3.0
ENGINES = (peers.REFERENCE, peers.OURS, peers.MICROGRAD)


class Trainer:
    """A GPT on one engine's numbers, with Adam in plain floats."""

    def __init__(self, number: Callable[[float], Any]) -> None:
        self._weights: tiny_gpt.Weights[Any] = tiny_gpt.new_weights(number, random.Random(42))
        self._parameters = tiny_gpt.parameters(self._weights)
        self._start = [p.data for p in self._parameters]
        self.restart()

    def restart(self) -> None:
        """Go back to the first weights."""
        self._steps = 0
        self._means = [0.0] * len(self._parameters)
        self._squares = [0.0] * len(self._parameters)
        for p, data in zip(self._parameters, self._start, strict=True):
            p.data = data
            p.grad = 0.0

    def loss(self) -> Any:
        """The loss on the word, a number of the engine."""
        return tiny_gpt.word_loss(self._weights, WORD)

    def loss_and_gradients(self) -> list[float]:
        """The first loss, then its gradients, as plain numbers."""
        self.restart()
        loss = self.loss()
        loss.backward()
        return [float(loss.data), *(float(p.grad) for p in self._parameters)]

    def step(self) -> None:
        """Forward, backward, Adam (rate 0.01, betas 0.85 and 0.99), zero gradients."""
        self.loss().backward()
        self._steps += 1
        mean_share = 1.0 - 0.85**self._steps
        square_share = 1.0 - 0.99**self._steps
        for i, p in enumerate(self._parameters):
            mean = self._means[i] = 0.85 * self._means[i] + 0.15 * p.grad
            square = self._squares[i] = 0.99 * self._squares[i] + 0.01 * p.grad**2
            size = math.sqrt(square / square_share) + 1e-8
            p.data -= 0.01 * (mean / mean_share) / size
            p.grad = 0.0


def candidate(engine: str) -> Candidate:
    """The GPT on one engine; its result is the first loss and all gradients."""
    trainer = Trainer(peers.value_class(engine))
    return Candidate(trainer.step, trainer.restart, trainer.loss_and_gradients)


def run(*, full: bool) -> list[Target]:
    """Print the table of this question and return what became of its promise."""
    played = contest(__name__, {name: (name,) for name in ENGINES}, rounds=11 if full else 5)
    with Tape() as tape:
        Trainer(Value).loss()
    print(f"  {len(tape):,} rows, the weights among them")
    print(f"  all agree: loss {played.result[0]:.12g} and {len(played.result) - 1:,} gradients")
    print(played.text())
    measured = played.timings[peers.OURS].times_faster_than(played.timings[peers.REFERENCE])
    promise = f"gpt: our Value, at least {PROMISE:g}x the {peers.REFERENCE} class"
    return [Target(promise, ratio(measured), measured.median >= PROMISE)]
