"""Diagnostics: what goes on inside a network, layer by layer, as numbers and as a table.

Looks at models that have their layers in a list `layers` or `parts`, one fed by the other, as
an MLP has. Activations should neither die out nor blow up from layer to layer, and gradients
neither on their way back; a unit that is 0 for every sample learns nothing, and one that is
saturated learns slowly. Knows how to run a model layer by layer; changes nothing in it but
gradients.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

# Models and losses take what they like.
from typing import Any

from autograd import Value, backward, format_number, mean, no_grad, shown
from nn.batches import Data, checked_data
from nn.checks import whole
from nn.depth import DepthSweep, depth_sweep, saturated_share
from nn.module import Module

__all__ = [
    "DepthSweep",
    "LayerReport",
    "Report",
    "depth_sweep",
    "expected_loss",
    "layer_outputs",
    "look_inside",
    "snapshot",
    "update_ratios",
]


@dataclass(frozen=True, slots=True)
class LayerReport:
    """What was seen in one layer, over all its units and all samples.

    Attributes:
        name: where the layer stands in its model.
        mean: the mean of the outputs.
        std: their deviation.
        saturated: the share of outputs near the ends of tanh or sigmoid; None for others.
        dead: the share of units whose output is 0 for every sample.
        gradient: the deviation of the gradients of the outputs.
        weight: the deviation of the weights, biases among them.
        weight_gradient: the deviation of their gradients.
    """

    name: str
    mean: float
    std: float
    saturated: float | None
    dead: float
    gradient: float
    weight: float
    weight_gradient: float


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen in a model; printing it gives a table.

    Attributes:
        loss: the mean loss.
        layers: a `LayerReport` for each layer, from the inputs on.
    """

    loss: float
    layers: tuple[LayerReport, ...]

    def __str__(self) -> str:
        head = ("layer", "mean", "std", "saturated", "dead", "gradient", "weight", "its grad")
        rows = [head, *(_cells(layer) for layer in self.layers)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join([f"loss {format_number(self.loss)}", *map(str.rstrip, lines)])


def look_inside(model: Any, data: Data, loss: Callable[[Any, Any], Any]) -> Report:
    """Return what goes on in each layer of a model for some samples and their mean loss.

    Gradients of the weights are cleared before and after.

    Raises:
        TypeError: if the model has no layers.

    Example:
        >>> from nn import MLP, bce_with_logits, data
        >>> model = MLP(2, [3, 1], "tanh", seed=0)
        >>> report = look_inside(model, data.xor(), bce_with_logits)
        >>> [layer.name for layer in report.layers]
        ['layers.0', 'layers.1']
    """
    place, layers = _layers(model, "look_inside")
    xs, ys = checked_data(data)
    seen: list[list[list[Value]]] = [[] for _ in layers]
    losses = []
    for x, y in zip(xs, ys, strict=True):
        output, units = _through(layers, x)
        for outputs, found in zip(seen, units, strict=True):
            outputs.append(found)
        losses.append(loss(output, y))
    model.zero_grad()
    whole_loss: Any = mean(losses)
    backward(whole_loss)
    reports = tuple(
        _reported(f"{place}.{k}", layer, outputs)
        for k, (layer, outputs) in enumerate(zip(layers, seen, strict=True))
    )
    model.zero_grad()
    return Report(whole_loss.data, reports)


def layer_outputs(model: Any, xs: Sequence[Any]) -> dict[str, list[float]]:
    """Return what each layer of a model gives out for some samples, all units in one list.

    For `viz.plots.histograms`: how activations are spread, layer by layer.

    Raises:
        TypeError: if the model has no layers.

    Example:
        >>> from nn import MLP
        >>> outputs = layer_outputs(MLP(2, [3, 1]), [[0.0, 0.5], [1.0, -1.0]])
        >>> {name: len(numbers) for name, numbers in outputs.items()}
        {'layers.0': 6, 'layers.1': 2}
    """
    place, layers = _layers(model, "layer_outputs")
    found: dict[str, list[float]] = {f"{place}.{k}": [] for k in range(len(layers))}
    with no_grad():
        for x in xs:
            _, units = _through(layers, x)
            for numbers, outputs in zip(found.values(), units, strict=True):
                numbers += [unit.data for unit in outputs]
    return found


def _through(layers: Sequence[Callable[[Any], Any]], x: Any) -> tuple[Any, list[list[Value]]]:
    """Return what a sample comes to, and the outputs of the units of each layer on its way."""
    units = []
    for layer in layers:
        x = layer(x)
        units.append([x] if isinstance(x, Value) else list(x))
    return x, units


def _layers(model: Any, caller: str) -> tuple[str, Sequence[Callable[[Any], Any]]]:
    """Return where a model keeps its layers, and the layers."""
    place = "layers" if hasattr(model, "layers") else "parts"
    layers = getattr(model, place, None)
    if not isinstance(layers, (list, tuple)) or not all(map(callable, layers)):
        raise TypeError(f"{caller} needs a model with a list of layers, got {shown(model)}")
    return place, layers


def _reported(name: str, layer: Any, outputs: list[list[Value]]) -> LayerReport:
    flat = [value.data for sample in outputs for value in sample]
    units = list(zip(*outputs, strict=True))
    weights = layer.parameters() if isinstance(layer, Module) else []
    return LayerReport(
        name,
        fmean(flat),
        pstdev(flat),
        saturated_share(_activation(layer), flat),
        fmean(all(value.data == 0.0 for value in unit) for unit in units),
        pstdev([value.grad for sample in outputs for value in sample]),
        pstdev([w.data for w in weights]) if weights else 0.0,
        pstdev([w.grad for w in weights]) if weights else 0.0,
    )


def _activation(layer: Any) -> object:
    """Return the name of a layer's activation, as far as it has one."""
    (first, *_) = getattr(layer, "neurons", None) or [layer]
    return getattr(first, "activation", None)


def _cells(layer: LayerReport) -> tuple[str, ...]:
    saturated = "" if layer.saturated is None else f"{100 * layer.saturated:.0f}%"
    numbers = (layer.gradient, layer.weight, layer.weight_gradient)
    return (
        layer.name,
        format_number(layer.mean),
        format_number(layer.std),
        saturated,
        f"{100 * layer.dead:.0f}%",
        *map(format_number, numbers),
    )


# -- steps --------------------------------------------------------------------------------


def snapshot(model: Any) -> dict[str, list[float]]:
    """Return the numbers of a model by tensor, such as `layers.0.weight`.

    Example:
        >>> from nn import MLP
        >>> {name: len(numbers) for name, numbers in snapshot(MLP(2, [3, 1])).items()}
        {'layers.0.weight': 6, 'layers.0.bias': 3, 'layers.1.weight': 3, 'layers.1.bias': 1}
    """
    found: dict[str, list[float]] = {}
    for name, weight in model.named_parameters():
        found.setdefault(name.partition("[")[0], []).append(weight.data)
    return found


def update_ratios(
    before: dict[str, list[float]], after: dict[str, list[float]]
) -> dict[str, float | None]:
    """Return by how much each tensor moved between two snapshots, as a power of ten.

    That is log10 of the deviation of the changes over that of the weights; after one step
    about -3 is healthy, -1 is wild, and -5 goes nowhere. None where either is 0, as for a
    tensor that did not move, and for one of a single number, whose deviation is 0.

    Example:
        >>> update_ratios({"w": [1.0, 3.0]}, {"w": [1.01, 2.99]})
        {'w': -2.0}
    """
    ratios: dict[str, float | None] = {}
    for name, old in before.items():
        changes = [new - x for new, x in zip(after[name], old, strict=True)]
        moved, spread = pstdev(changes), pstdev(old)
        ratios[name] = round(math.log10(moved / spread), 6) if moved and spread else None
    return ratios


def expected_loss(classes: int) -> float:
    """Return the cross-entropy of a network that knows nothing: log(number of classes).

    A new network that starts far above it is sure of itself for no reason: its last layer
    begins too large.

    Example:
        >>> [round(expected_loss(classes), 3) for classes in (2, 3, 10, 27)]
        [0.693, 1.099, 2.303, 3.296]
    """
    return math.log(whole(classes, "classes", 1))
