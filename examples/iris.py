"""Train a small network on Fisher's irises, and look inside.

    python examples/iris.py [--seed 0] [--epochs 30] [--out out]

`iris.csv` beside this file holds what Ronald Fisher published in 1936 ("The use of multiple
measurements in taxonomic problems", Annals of Eugenics 7): for 50 flowers each of three
species of iris the length and width of sepals and petals, in centimetres. The numbers are
those of R's data set `iris`; the copy of the UCI repository differs in two flowers, the 35th
and the 38th. One species stands apart, the other two overlap a little.

A network with 8 hidden neurons learns to tell them apart from 120 of the flowers and is tested
on the other 30. Into the output folder go

    iris_graph.svg  how the loss of the hardest test flower came about, with all gradients
    iris_steps.html the same to step through, forward and backward
    iris_tape.txt   the same as a table
    iris_curve.png  how the loss went down
"""

import argparse
import csv
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, pstdev

from autograd import Value, no_grad
from nn import MLP, Adam, cross_entropy
from viz import NoRendererError, draw_dot, explore

SPECIES = ("setosa", "versicolor", "virginica")
FEATURES = ("sepal length", "sepal width", "petal length", "petal width")

HIDDEN = 8
LEARNING_RATE = 0.05
BATCH = 16

# Four measurements and the number of the species.
Flower = tuple[list[float], int]


def read_flowers() -> list[Flower]:
    """Return the 150 flowers, in the order of the file."""
    with Path(__file__).with_name("iris.csv").open(encoding="utf-8", newline="") as file:
        return [
            ([float(row[feature]) for feature in FEATURES], SPECIES.index(row["species"]))
            for row in csv.DictReader(file)
        ]


# -- data ---------------------------------------------------------------------------------


def split(
    flowers: Sequence[Flower], share: float, generator: random.Random
) -> tuple[list[Flower], list[Flower]]:
    """Return flowers to learn from and flowers to test on, each with its share per species."""
    training: list[Flower] = []
    test: list[Flower] = []
    for species in range(len(SPECIES)):
        group = [flower for flower in flowers if flower[1] == species]
        generator.shuffle(group)
        cut = round(share * len(group))
        test += group[:cut]
        training += group[cut:]
    return training, test


def standardiser(training: Sequence[Flower]) -> Callable[[Flower], Flower]:
    """Return a function that measures flowers in standard deviations from the mean.

    Mean and deviation are those of the training flowers: the test must not be known before.
    """
    columns = list(zip(*(measures for measures, _ in training), strict=True))
    centres, spreads = list(map(fmean, columns)), list(map(pstdev, columns))

    def standardise(flower: Flower) -> Flower:
        measures, species = flower
        scaled = zip(measures, centres, spreads, strict=True)
        return [(x - centre) / spread for x, centre, spread in scaled], species

    return standardise


# -- training -----------------------------------------------------------------------------


def loss_of(model: MLP, flowers: Sequence[Flower]) -> Value:
    """Return the mean cross-entropy of some flowers."""
    scores = [model(measures) for measures, _ in flowers]
    loss: Value = cross_entropy(scores, [species for _, species in flowers])
    return loss


def train_epoch(
    model: MLP, optimiser: Adam, training: Sequence[Flower], generator: random.Random
) -> float:
    """Let the network see every flower once, in small batches; return the mean loss."""
    shuffled = list(training)
    generator.shuffle(shuffled)
    losses = 0.0
    for start in range(0, len(shuffled), BATCH):
        batch = shuffled[start : start + BATCH]
        loss = loss_of(model, batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses += loss.data * len(batch)
    return losses / len(shuffled)


@no_grad()
def judge(model: MLP, flowers: Sequence[Flower]) -> tuple[float, int]:
    """Return the mean loss, and how many flowers get their best score for their species."""
    right = 0
    for measures, species in flowers:
        scores = model(measures)
        right += scores[species] is max(scores)
    return loss_of(model, flowers).data, right


Curves = dict[str, list[float]]


def train(
    model: MLP,
    training: Sequence[Flower],
    test: Sequence[Flower],
    epochs: int,
    generator: random.Random,
) -> Curves:
    """Train the network and return the losses after each epoch."""
    optimiser = Adam(model.parameters(), lr=LEARNING_RATE)
    curves: Curves = {"training": [], "test": []}
    with Progress(epochs) as progress:
        for _ in range(epochs):
            curves["training"].append(train_epoch(model, optimiser, training, generator))
            curves["test"].append(judge(model, test)[0])
            progress.advance(curves["training"][-1])
    return curves


class Progress:
    """A progress bar on a terminal, if tqdm is installed; else a line now and then."""

    def __init__(self, epochs: int) -> None:
        self._epochs, self._done = epochs, 0
        self._bar = None
        if sys.stderr.isatty():
            try:
                from tqdm import tqdm  # noqa: PLC0415 - optional
            except ImportError:
                print('for a progress bar: pip install "wengert[progress]"')
            else:
                self._bar = tqdm(total=epochs, desc="training", unit="epoch")

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, loss: float) -> None:
        """Tell that an epoch is over."""
        self._done += 1
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            self._bar.update()
        elif self._done in (1, self._epochs) or self._done % 10 == 0:
            print(f"  epoch {self._done:3}  loss {loss:.4f}")


# -- looking inside -----------------------------------------------------------------------


def explained_loss(model: MLP, flower: Flower) -> Value:
    """Return the loss of one flower after its backward pass, everything in it labelled."""
    for name, weight in model.named_parameters():
        weight.label = name
    measures, species = flower
    values = [Value(x, label=name) for x, name in zip(measures, FEATURES, strict=True)]
    first, last = model.layers
    hidden = first(values)
    for k, neuron in enumerate(hidden):
        neuron.label = f"hidden {k}"
    scores = last(hidden)
    for score, name in zip(scores, SPECIES, strict=True):
        score.label = f"score {name}"
    loss: Value = cross_entropy(scores, species)
    loss.label = f"loss ({SPECIES[species]})"
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


def write_curves(curves: Curves, path: Path) -> None:
    """Write the losses over the epochs as PNG, if matplotlib is installed."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        print(f'no {path.name}: it needs matplotlib; pip install "wengert[plots]"')
        return
    # A Figure of its own draws without any window system.
    figure = Figure(figsize=(6.4, 4.0), dpi=150, layout="constrained")
    axes = figure.subplots()
    for (name, losses), style in zip(curves.items(), ("-", "--"), strict=True):
        axes.plot(range(1, len(losses) + 1), losses, style, label=name)
    axes.set(title="Fisher's irises", xlabel="epoch", ylabel="mean cross-entropy")
    axes.set_ylim(bottom=0.0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
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
    learn_from, test_on = split(read_flowers(), 0.2, generator)
    standardise = standardiser(learn_from)
    training, test = list(map(standardise, learn_from)), list(map(standardise, test_on))
    model = MLP(len(FEATURES), [HIDDEN, len(SPECIES)], "tanh", generator=generator)
    print(
        f"{len(training)} irises to learn from, {len(test)} to test on; "
        f"{len(model.parameters())} weights"
    )
    curves = train(model, training, test, options.epochs, generator)
    _, right = judge(model, test)
    print(f"test accuracy {right / len(test):.3f} ({right} of {len(test)})")

    options.out.mkdir(parents=True, exist_ok=True)
    hardest = max(test, key=lambda flower: judge(model, [flower])[0])
    loss = explained_loss(model, hardest)
    print(f"the hardest of the {len(test)}, a {SPECIES[hardest[1]]}, has loss {loss.data:.3f}")
    write_graph(loss, options.out / "iris_graph.svg")
    write_steps(loss, options.out / "iris_steps.html")
    write_tape(loss, options.out / "iris_tape.txt")
    write_curves(curves, options.out / "iris_curve.png")


if __name__ == "__main__":
    main()
