"""Carry what a network learned over to another task, and count what it was worth.

    python examples/fine_tuning.py [--seeds 5] [--labels 10] [--init micrograd]

A network learns to tell the handwritten digits 0 to 4 apart, from some 900 pictures. Then it
shall learn 5 to 9, from only ten pictures of each. Once it starts from the weights that it has,
with a fresh last layer; once from scratch. Both get the same pictures, in the same order, the
same number of steps and the same learning rate; all other pictures of 5 to 9 are the test. That
is done for several seeds, because with so few pictures luck plays a part.

What carrying over is worth depends on what it is compared with: with `--init auto` the fresh
network starts from weights of the right size for its layers, and on pictures as easy as these
it then needs no help.

The pictures are the 8 x 8 digits of E. Alpaydin and C. Kaynak (UCI, 1998) that scikit-learn
brings along: `pip install scikit-learn`.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from nn import MLP, Adam, accuracy, cross_entropy, evaluate, fit, replace_head

PIXELS, HIDDEN, CLASSES = 64, 16, 5
FIRST_EPOCHS = 30
# The second task is looked at after so many epochs; both ways go on to the last.
LOOKS = (5, 20, 40)
LEARNING_RATE = 0.01
BATCH = 10

Samples = tuple[list[list[float]], list[int]]


def read_digits() -> Samples:
    """Return 1,797 pictures of 8 x 8 numbers between 0 and 1, and the digits they show."""
    try:
        from sklearn.datasets import load_digits  # noqa: PLC0415 - only this example needs it
    except ModuleNotFoundError as error:
        raise SystemExit(
            "this example needs the digits of scikit-learn: pip install scikit-learn"
        ) from error
    digits: Any = load_digits()
    return (digits.data / 16.0).tolist(), digits.target.tolist()


def of_classes(samples: Samples, first: int) -> Samples:
    """Return the samples of five digits in a row, the classes counted from 0."""
    chosen = [(x, y - first) for x, y in zip(*samples, strict=True) if 0 <= y - first < CLASSES]
    return [x for x, _ in chosen], [y for _, y in chosen]


def some_of_each(
    samples: Samples, count: int, generator: random.Random
) -> tuple[Samples, Samples]:
    """Return `count` samples of each class, drawn by lot, and the rest."""
    order = generator.sample(range(len(samples[1])), len(samples[1]))
    drawn: list[int] = []
    for k in range(CLASSES):
        drawn += [place for place in order if samples[1][place] == k][:count]
    rest = [place for place in order if place not in set(drawn)]
    few, others = (
        ([samples[0][k] for k in places], [samples[1][k] for k in places])
        for places in (drawn, rest)
    )
    return few, others


def learn(
    model: MLP, samples: Samples, epochs: int, seed: int, look: Callable[[int], object]
) -> None:
    """Train every weight of a network; `look` is called with the number of epochs done."""
    fit(
        model,
        samples,
        cross_entropy,
        Adam(model.parameters(), lr=LEARNING_RATE),
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
        callbacks=[lambda run: look(run.epoch)],
        progress=False,
    )


def learn_and_test(model: MLP, few: Samples, test: Samples, seed: int) -> list[float]:
    """Return the accuracy on the test pictures at each look."""
    found: list[float] = []

    def look(epoch: int) -> None:
        if epoch in LOOKS:
            judged = evaluate(model, test, cross_entropy, {"accuracy": accuracy})
            found.append(judged["accuracy"])

    learn(model, few, LOOKS[-1], seed, look)
    return found


def once(digits: Samples, labels: int, init: str, seed: int) -> tuple[list[float], list[float]]:
    """Return the accuracies on 5 to 9: with what was learned before, and from scratch."""
    generator = random.Random(seed)
    few, test = some_of_each(of_classes(digits, 5), labels, generator)

    def network() -> MLP:
        return MLP(PIXELS, [HIDDEN, CLASSES], "tanh", init=init, seed=generator)

    carried = network()
    learn(carried, of_classes(digits, 0), FIRST_EPOCHS, seed, lambda _: None)
    replace_head(carried, CLASSES, seed=generator)
    fresh = network()
    tuned, scratch = (learn_and_test(model, few, test, seed) for model in (carried, fresh))
    return tuned, scratch


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare both ways for several seeds."""
    parser = argparse.ArgumentParser(description="Fine-tune a network on other digits.")
    parser.add_argument("--seeds", type=int, default=5, help="how often to do it all")
    parser.add_argument("--labels", type=int, default=10, help="pictures of each new digit")
    parser.add_argument("--init", default="micrograd", help="how weights start; see nn.init")
    options = parser.parse_args(arguments)

    digits = read_digits()
    print(f"accuracy on 5 to 9, from {options.labels} pictures of each, after epoch")
    print("seed    fine-tuned: " + "  ".join(f"{epoch:5}" for epoch in LOOKS), end="")
    print("    from scratch: " + "  ".join(f"{epoch:5}" for epoch in LOOKS))
    results = []
    for seed in range(options.seeds):
        results.append(once(digits, options.labels, options.init, seed))
        print(_row(f"{seed:4}", *results[-1]))
    medians = [
        [median(column) for column in zip(*way, strict=True)]
        for way in zip(*results, strict=True)
    ]
    print(_row("median", *medians))


def _row(title: str, tuned: Sequence[float], scratch: Sequence[float]) -> str:
    left, right = ("  ".join(f"{x:5.3f}" for x in way) for way in (tuned, scratch))
    return f"{title:20}{left}{'':18}{right}"


if __name__ == "__main__":
    main()
