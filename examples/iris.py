"""Train a small network on Fisher's irises, and look inside.

    python examples/iris.py [--seed 0] [--epochs 30] [--out out]

For 50 flowers each of three species of iris there are the length and width of sepals and
petals; `nn.data_iris` tells where they come from. One species stands apart, the other two
overlap a little. A network with 8 hidden neurons learns to tell them apart from 120 of the
flowers and is tested on the other 30. Into the output folder go

    iris_graph.svg  how the loss of the hardest test flower came about, with all gradients
    iris_steps.html the same to step through, forward and backward
    iris_tape.txt   the same as a table
    iris_curve.png  how the loss went down
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from autograd import Value
from nn import (
    MLP,
    Adam,
    History,
    Run,
    accuracy,
    cross_entropy,
    data,
    data_iris,
    evaluate,
    fit,
    standardise,
    train_test_split,
)
from viz import NoRendererError, draw_dot, explore, plots

HIDDEN = 8
LEARNING_RATE = 0.05
BATCH = 16

# Four measurements and the number of the species.
Flower = tuple[list[float], int]


def tell(run: Run, epochs: int) -> None:
    """Print a line now and then, where no terminal shows how training goes."""
    if sys.stderr.isatty():
        return
    if run.epoch in (1, epochs) or run.epoch % 10 == 0:
        print(f"  epoch {run.epoch:3}  loss {run.history['loss'][-1]:.4f}")


# -- looking inside -----------------------------------------------------------------------


def explained_loss(model: MLP, flower: Flower) -> Value:
    """Return the loss of one flower after its backward pass, everything in it labelled."""
    for name, weight in model.named_parameters():
        weight.label = name
    measures, species = flower
    values = [
        Value(x, label=name) for x, name in zip(measures, data_iris.FEATURES, strict=True)
    ]
    first, last = model.layers
    hidden = first(values)
    for k, neuron in enumerate(hidden):
        neuron.label = f"hidden {k}"
    scores = last(hidden)
    for score, name in zip(scores, data_iris.SPECIES, strict=True):
        score.label = f"score {name}"
    loss: Value = cross_entropy(scores, species)
    loss.label = f"loss ({data_iris.SPECIES[species]})"
    model.zero_grad()
    loss.backward()
    return loss


def write_graph(loss: Value, path: Path) -> None:
    """Write the graph of a loss as SVG, or as text where nothing can draw it."""
    drawing = draw_dot(loss)
    try:
        drawing.render(outfile=path)
    except NoRendererError as problem:
        path = path.with_suffix(".gv")
        path.write_text(drawing.source, encoding="utf-8")
        print(f"no {path.stem}.svg: {problem}")
    print(f"wrote {path}: how its loss came about")


def write_steps(loss: Value, path: Path) -> None:
    """Write a page that steps through a loss, for any browser."""
    explore(loss, title=f"Step by step: {loss.label}").save(path)
    print(f"wrote {path}: the same to step through; open it in a browser")


def write_tape(loss: Value, path: Path) -> None:
    """Write every row that a loss depends on as a table."""
    path.write_text(loss.tape.text(most=None) + "\n", encoding="utf-8")
    print(f"wrote {path}: the same as a table")


def write_curves(history: History, path: Path) -> None:
    """Write the losses over the epochs as PNG, if matplotlib is installed."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        print(f'no {path.name}: it needs matplotlib; pip install "wengert[plots]"')
        return
    # A Figure of its own draws without any window system.
    figure = Figure(figsize=(6.4, 4.0), dpi=150, layout="constrained")
    axes = plots.curves(history, ax=figure.subplots())
    axes.set(title="Fisher's irises", ylabel="mean cross-entropy", ylim=(0.0, None))
    figure.savefig(path, metadata={"Software": None})
    print(f"wrote {path}: how the loss went down")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, test, and write what there is to see."""
    parser = argparse.ArgumentParser(description="Train a small network on Fisher's irises.")
    parser.add_argument("--seed", type=int, default=0, help="for split, weights and order")
    parser.add_argument("--epochs", type=int, default=30, help="how often to see each flower")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the files")
    options = parser.parse_args(arguments)

    generator = random.Random(options.seed)
    training, test = train_test_split(*data.iris(), stratify=True, seed=generator)
    # Test flowers are measured by the training flowers: they must not be known before.
    xs, test_xs = standardise(training[0], test[0])
    training, test = (xs, training[1]), (test_xs, test[1])
    shape = [HIDDEN, len(data_iris.SPECIES)]
    model = MLP(len(data_iris.FEATURES), shape, "tanh", seed=generator)
    print(
        f"{len(xs)} irises to learn from, {len(test_xs)} to test on; "
        f"{len(model.parameters())} weights"
    )
    history = fit(
        model,
        training,
        cross_entropy,
        Adam(model.parameters(), lr=LEARNING_RATE),
        epochs=options.epochs,
        batch_size=BATCH,
        seed=generator,
        validation=test,
        callbacks=[lambda run: tell(run, options.epochs)],
    )
    share = evaluate(model, test, cross_entropy, {"accuracy": accuracy})["accuracy"]
    print(f"test accuracy {share:.3f} ({round(share * len(test_xs))} of {len(test_xs)})")

    options.out.mkdir(parents=True, exist_ok=True)
    flowers: list[Flower] = list(zip(*test, strict=True))
    hardest = max(flowers, key=lambda flower: cross_entropy(model(flower[0]), flower[1]).data)
    loss = explained_loss(model, hardest)
    print(
        f"the hardest of the {len(flowers)}, a {data_iris.SPECIES[hardest[1]]}, "
        f"has loss {loss.data:.3f}"
    )
    write_graph(loss, options.out / "iris_graph.svg")
    write_steps(loss, options.out / "iris_steps.html")
    write_tape(loss, options.out / "iris_tape.txt")
    write_curves(history, options.out / "iris_curve.png")


if __name__ == "__main__":
    main()
