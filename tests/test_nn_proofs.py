"""Whole trainings against others' and against what can be computed: networks, letters, XOR."""

import math
import random
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from autograd import Value, dot, logsumexp, total
from nn import (
    MLP,
    SGD,
    Adam,
    accuracy,
    bce_with_logits,
    cross_entropy,
    data,
    evaluate,
    fit,
    mse_loss,
    penalties,
    predict,
    schedules,
    standardise,
    train_test_split,
)

# -- scikit-learn's networks --------------------------------------------------------------

ALPHA, RATE, STEPS, SAMPLES = 0.05, 0.1, 20, 24


def theirs(kind: str, model: MLP, activation: str, xs: Any, ys: Any) -> list[float]:
    """Return the weights of a network of scikit-learn that began as the model did."""
    networks = pytest.importorskip("sklearn.neural_network", reason="has networks")
    np = pytest.importorskip("numpy", reason="scikit-learn works on its arrays")
    beginnings = [
        (
            np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T,
            np.array([neuron.b.data for neuron in layer.neurons]),
        )
        for layer in model.layers
    ]

    class Begun(getattr(networks, kind)):  # type: ignore[misc]
        def _init_coef(self, *_: Any) -> Any:
            weights, biases = beginnings.pop(0)
            return weights.copy(), biases.copy()

    network = Begun(
        hidden_layer_sizes=tuple(len(layer.neurons) for layer in model.layers[:-1]),
        activation=activation,
        solver="sgd",
        alpha=ALPHA,
        batch_size=SAMPLES,
        learning_rate_init=RATE,
        momentum=0.9,
        nesterovs_momentum=True,
        shuffle=False,
    )
    options = {"classes": sorted(set(ys))} if kind == "MLPClassifier" else {}
    for _ in range(STEPS):
        network.partial_fit(np.array(xs), np.array(ys), **options)
    flat = []
    for weights, biases in zip(network.coefs_, network.intercepts_, strict=True):
        for row, bias in zip(weights.T.tolist(), biases.tolist(), strict=True):
            flat += [*row, bias]
    return flat


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic"])
@pytest.mark.parametrize("task", ["binary", "classes", "regression"])
def test_full_batch_training_is_that_of_scikit_learn(task: str, activation: str) -> None:
    xs, kinds = data.blobs(SAMPLES, spread=2.0, seed=3)
    name = {"logistic": "sigmoid"}.get(activation, activation)
    tasks: dict[str, Any] = {
        "binary": (1, bce_with_logits, [int(kind == 1) for kind in kinds]),
        "classes": (3, cross_entropy, kinds),
        # Theirs is half of the mean square.
        "regression": (
            1,
            lambda output, y: 0.5 * mse_loss(output, y),
            [math.sin(x) for x, _ in xs],
        ),
    }
    outputs, loss, ys = tasks[task]
    model = MLP(2, [5, 4, outputs], name, seed=1)
    for weight in model.parameters():
        weight.data *= 0.5
    kind = "MLPRegressor" if task == "regression" else "MLPClassifier"
    expected = theirs(kind, model, activation, xs, ys)
    weights = penalties.without_biases(model)
    fit(
        model,
        (xs, ys),
        loss,
        SGD(model.parameters(), lr=RATE, momentum=0.9, nesterov=True),
        epochs=STEPS,
        batch_size=SAMPLES,
        penalty=lambda: ALPHA / (2 * SAMPLES) * penalties.l2_penalty(weights),
    )

    found = [weight.data for weight in model.parameters()]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-13)


# -- letters ------------------------------------------------------------------------------


def test_letter_pairs_are_learned_to_their_analytic_optimum() -> None:
    counts = [[0] * 27 for _ in range(27)]
    for name in data.names():
        letters = [0, *(ord(letter) - ord("a") + 1 for letter in name), 0]
        for first, second in pairwise(letters):
            counts[first][second] += 1
    pairs = sum(map(sum, counts))
    # No model of pairs is better than their shares.
    optimum = -sum(n * math.log(n / sum(row)) for row in counts for n in row if n) / pairs
    shares = [[n / pairs for n in row] for row in counts]
    logits = [[Value(0.0) for _ in row] for row in counts]
    optimiser = Adam(
        [z for row in logits for z in row], lr=schedules.cosine(2.0, 150), betas=(0.9, 0.99)
    )
    losses = []
    for _ in range(150):
        # Cross-entropy of all pairs at once: the same pair always costs the same.
        loss = total(
            [
                total(row) * logsumexp(scores) - dot(row, scores)
                for row, scores in zip(shares, logits, strict=True)
            ]
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.data)

    assert losses[0] == pytest.approx(math.log(27), rel=1e-12)
    assert 0.0 <= losses[-1] - optimum < 1e-6


# -- what small networks reach ------------------------------------------------------------


def test_xor_is_solved_by_eight_neurons_from_every_seed() -> None:
    xs, ys = data.xor()
    solved = 0
    for seed in range(20):
        model = MLP(2, [8, 1], "tanh", seed=seed)
        fit(
            model,
            (xs, ys),
            bce_with_logits,
            Adam(model.parameters(), lr=0.05),
            epochs=300,
            callbacks=[lambda run: run.history["loss"][-1] < 0.2],
        )
        solved += accuracy(predict(model, xs), ys) == 1.0

    assert solved == 20


def reached(dataset: Any, widths: list[int], epochs: int, lr: float, seed: int) -> float:
    """Return the test accuracy of a network, a fifth of the samples held out."""
    generator = random.Random(seed)
    train, test = train_test_split(*dataset, stratify=True, seed=generator)
    scaled = standardise(train[0], test[0])
    model = MLP(len(train[0][0]), widths, "tanh", seed=generator)
    fit(
        model,
        (scaled[0], train[1]),
        cross_entropy,
        Adam(model.parameters(), lr=lr),
        epochs=epochs,
        seed=generator,
    )
    return accuracy(predict(model, scaled[1]), test[1])


def test_irises_are_told_apart_by_their_weighted_sums() -> None:
    found = [reached(data.iris(), [3], epochs=15, lr=0.1, seed=seed) for seed in range(5)]

    assert median(found) >= 0.93


@pytest.mark.parametrize("make", [data.moons, data.circles])
def test_curved_borders_are_learned(make: Any) -> None:
    found = [reached(make(100, seed=k), [8, 2], epochs=25, lr=0.05, seed=k) for k in range(3)]

    assert median(found) >= 0.95


def test_an_overfit_network_is_best_before_it_is_done() -> None:
    xs, ys = data.sine(14, noise=0.4, seed=1)
    others = data.sine(20, noise=0.4, seed=2)
    model = MLP(1, [12, 1], "tanh", seed=0)
    history = fit(
        model,
        (xs, ys),
        mse_loss,
        Adam(model.parameters(), lr=0.05),
        epochs=200,
        batch_size=14,
        validation=others,
    )
    best = min(history["val_loss"])

    assert history["val_loss"].index(best) < history["loss"].index(min(history["loss"]))
    assert evaluate(model, others, mse_loss)["loss"] > 1.05 * best


def test_constant_weights_stay_alike() -> None:
    model = MLP(2, [4, 1], "tanh")
    for weight in model.parameters():
        weight.data = 0.3
    fit(model, data.xor(), bce_with_logits, Adam(model.parameters(), lr=0.1), epochs=50)
    rows = [[w.data for w in [*n.w, n.b]] for n in model.layers[0].neurons]

    assert rows[0] == rows[1] == rows[2] == rows[3]
    assert len({w.data for w in model.layers[1].neurons[0].w}) == 1
    assert rows[0][0] != 0.3
