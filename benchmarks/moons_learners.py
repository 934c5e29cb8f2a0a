"""The candidates of the moons question: one training step, in six ways.

Knows the step (hinge loss plus a penalty on the weights, gradient descent) and whose
networks can take it. Knows no clock.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

# One step runs on numbers and networks of several libraries.
from typing import Any

import nn
from autograd import Value
from benchmarks import peers
from benchmarks.micrograd_copy import second_copy
from benchmarks.moons_data import moons

POINTS = 100
LAYERS = (2, 16, 16, 1)
PENALTY = 1e-4
LEARNING_RATE = 0.1

MICROGRADS_NN = "micrograd's nn on our Value"
FUSED = "our nn.MLP"


@dataclass(frozen=True, slots=True)
class Learner:
    """One way to train; `step` returns the loss before the update.

    Weights are read and set as plain numbers, neuron by neuron, each one's bias last.
    """

    step: Callable[[], float]
    weights: Callable[[], list[float]]
    set_weights: Callable[[Sequence[float]], None]


def initial_weights() -> list[float]:
    """Uniform weights and zero biases, as micrograd draws them."""
    generator = random.Random(1337)
    weights: list[float] = []
    for inputs, neurons in pairwise(LAYERS):
        for _ in range(neurons):
            weights += [*(generator.uniform(-1.0, 1.0) for _ in range(inputs)), 0.0]
    return weights


def scalar_learner(model: Any, number: Callable[[float], Any]) -> Learner:
    """The loop of micrograd's example as it stands there, inputs made by `number`."""
    parameters, data = model.parameters(), moons(POINTS, 0.1, random.Random(1337))

    def step() -> float:
        inputs = [list(map(number, point)) for point, _ in data]
        scores = list(map(model, inputs))
        losses = [
            (1 + -label * score).relu() for (_, label), score in zip(data, scores, strict=True)
        ]
        data_loss = sum(losses) * (1.0 / len(losses))
        loss = data_loss + PENALTY * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= LEARNING_RATE * p.grad
        return float(loss.data)

    def weights() -> list[float]:
        return [float(p.data) for p in parameters]

    def set_weights(numbers: Sequence[float]) -> None:
        for p, weight in zip(parameters, numbers, strict=True):
            p.data = weight

    return Learner(step, weights, set_weights)


def torch_learner() -> Learner:
    """The same step on torch tensors, all points at once."""
    torch, data = peers.installed(peers.TORCH), moons(POINTS, 0.1, random.Random(1337))
    torch.set_num_threads(1)
    linear = [torch.nn.Linear(*size, dtype=torch.float64) for size in pairwise(LAYERS)]
    relu = torch.nn.ReLU()
    model = torch.nn.Sequential(linear[0], relu, linear[1], relu, linear[2])
    points = torch.tensor([point for point, _ in data], dtype=torch.float64)
    labels = torch.tensor([[label] for _, label in data], dtype=torch.float64)
    optimiser = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def step() -> float:
        loss = torch.relu(1.0 - labels * model(points)).mean()
        loss = loss + PENALTY * sum((p * p).sum() for p in model.parameters())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return float(loss.item())

    def weights() -> list[float]:
        blocks = [torch.hstack([a.weight, a.bias.unsqueeze(1)]) for a in linear]
        return [number for block in blocks for number in block.flatten().tolist()]

    def set_weights(numbers: Sequence[float]) -> None:
        flat = torch.tensor(numbers, dtype=torch.float64)
        sizes = [layer.weight.numel() + layer.bias.numel() for layer in linear]
        with torch.no_grad():
            for layer, part in zip(linear, flat.split(sizes), strict=True):
                block = part.reshape(layer.out_features, layer.in_features + 1)
                layer.weight.copy_(block[:, :-1])
                layer.bias.copy_(block[:, -1])

    return Learner(step, weights, set_weights)


def micrograd_learner(number: type[Any] | None = None) -> Learner:
    """The loop on micrograd's own networks, made of its own numbers or of others."""
    peers.installed(peers.MICROGRAD)
    module = second_copy("nn")
    if number is not None:
        vars(module)["Value"] = number
    return scalar_learner(module.MLP(LAYERS[0], list(LAYERS[1:])), module.Value)


def our_learner(number: Callable[[float], Any], *, fused: bool = True) -> Learner:
    """The loop on our networks."""
    return scalar_learner(nn.MLP(LAYERS[0], list(LAYERS[1:]), fused=fused), number)


LEARNERS: dict[str, Callable[[], Learner]] = {
    peers.MICROGRAD: micrograd_learner,
    MICROGRADS_NN: lambda: micrograd_learner(Value),
    FUSED: lambda: our_learner(Value),
    "our nn.MLP, inputs as numbers": lambda: our_learner(float),
    "our nn.MLP(fused=False)": lambda: our_learner(Value, fused=False),
    "torch float64, one thread": torch_learner,
}
