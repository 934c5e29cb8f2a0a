"""How numbers are spread in each layer: weights, gradients, activations."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd import format_number, shown
from viz.errors import OptionError
from viz.palettes import Palette, palette_of
from viz.plots.canvas import at_least, axes, grid, legend, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("weights", "gradients")
_BINS = 40


def reader(of: str, weights: Iterable[Any]) -> Callable[[Any], float]:
    """Return what reads the number of a weight: itself, or its gradient.

    Raises:
        OptionError: if `of` is neither, or none of the weights has a gradient yet.
    """
    if of not in KINDS:
        raise OptionError(f"of must be one of {', '.join(KINDS)}, got {of!r}")
    if of == "weights":
        return lambda weight: float(weight.data)
    if all(weight.gradient is None for weight in weights):
        raise OptionError("the weights have no gradients yet: call backward() on a loss first")
    return lambda weight: float(weight.grad)


def tensors(model: Any, of: str, *, biases: bool = True) -> dict[str, list[float]]:
    """Return the weights of a model, or their gradients, by tensor such as `layers.0.weight`.

    Biases are left out if that is asked for and there is anything else.

    Raises:
        OptionError: if it has no named weights, or no gradients yet.
    """
    named = getattr(model, "named_parameters", None)
    if named is None:
        raise OptionError(
            f"a model with named_parameters() is needed, or numbers by name, got {shown(model)}"
        )
    pairs = list(named())
    if not pairs:
        raise OptionError(f"{model!r} has no weights")
    number = reader(of, [weight for _, weight in pairs])
    found: dict[str, list[float]] = {}
    for name, weight in pairs:
        found.setdefault(name.partition("[")[0], []).append(number(weight))
    others = {name: numbers for name, numbers in found.items() if not name.endswith("bias")}
    return found if biases or not others else others


def histograms(
    numbers: Any,
    of: str = "weights",
    *,
    ax: "Axes | None" = None,
    bins: int = _BINS,
    biases: bool = False,
    theme: str = "light",
) -> "Axes":
    """Return an Axes with how the numbers of each layer are spread, one line for each.

    All lines share their bins; heights are shares of the layer, so layers of any size can be
    compared. The legend gives mean and deviation.

    Args:
        numbers: a model; or lists of numbers by name, such as the activations that
            `nn.diagnostics.layer_outputs` gives.
        of: of a model, its "weights" or their "gradients".
        ax: where to draw.
        bins: how many.
        biases: whether the biases of a model get lines of their own.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if there are no numbers.

    Example:
        >>> ax = histograms({"layers.0": [0.0, 0.0, 1.0, 3.0]}, bins=2)
        >>> [float(height) for height in ax.patches[0].get_data().values]
        [0.75, 0.25]
    """
    colours = palette_of(theme)
    by_name = _by_name(numbers, of, biases=biases)
    bins = at_least(bins, 1, "bins")
    finite = [x for one in by_name.values() for x in one if math.isfinite(x)]
    if not finite:
        raise OptionError("there is no finite number to draw")
    low, high = min(finite), max(finite)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = [low + (high - low) * k / bins for k in range(bins + 1)]
    ax = axes(ax, colours)
    for k, (name, one) in enumerate(by_name.items()):
        shares = _shares(one, low, high, bins)
        mean = math.fsum(one) / len(one)
        std = math.sqrt(math.fsum((x - mean) ** 2 for x in one) / len(one))
        text = f"{name}: {format_number(mean)} ± {format_number(std)}"
        ax.stairs(shares, edges, label=text, linewidth=1.4, **series(colours, k))
    ax.set(
        xlabel=of if hasattr(numbers, "named_parameters") else "", ylabel="share of the layer"
    )
    grid(ax, colours)
    legend(ax, colours, fontsize=9)
    return ax


def _by_name(numbers: Any, of: str, *, biases: bool = True) -> dict[str, list[float]]:
    if not isinstance(numbers, Mapping):
        return tensors(numbers, of, biases=biases)
    found = {str(name): [float(x) for x in one] for name, one in numbers.items()}
    if not found or not all(found.values()):
        raise OptionError("there must be at least one number for each name, got an empty list")
    return found


def _shares(numbers: Sequence[float], low: float, high: float, bins: int) -> list[float]:
    """Return the share of the numbers in each bin; the last one includes its upper end."""
    counts = [0] * bins
    for x in numbers:
        if math.isfinite(x):
            counts[min(int((x - low) / (high - low) * bins), bins - 1)] += 1
    return [count / len(numbers) for count in counts]


def gradient_flow(model: Any, *, ax: "Axes | None" = None, theme: str = "light") -> "Axes":
    """Return an Axes with the mean and the largest size of the gradients in each layer.

    On a scale of powers of ten: bars that get shorter from right to left are gradients that
    vanish on their way back, longer ones explode. A layer without any gradient says 0, and
    one with nan or inf says that.

    Args:
        model: a model after a backward pass; or lists of gradients by name.
        ax: where to draw.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if there are no gradients.

    Example:
        >>> ax = gradient_flow({"layers.0": [0.5, -0.5], "layers.1": [1.0, 3.0]})
        >>> [float(bar.get_height()) for bar in ax.containers[0]]
        [0.5, 2.0]
    """
    colours = palette_of(theme)
    by_name = _by_name(model, "gradients")
    ax = axes(ax, colours)
    sizes = {name: [abs(x) for x in one] for name, one in by_name.items()}
    means = [_mean(one) for one in sizes.values()]
    largest = [max((x for x in one if math.isfinite(x)), default=0.0) for one in sizes.values()]
    places = range(len(sizes))
    ax.bar(places, largest, width=0.7, color=colours.above[1], label="largest")
    ax.bar(places, means, width=0.4, color=colours.series[0], label="mean")
    ax.containers.reverse()  # the mean, which stands in front, comes first
    if any(largest):
        ax.set_yscale("log")
        floor = min(mean for mean in means if mean) / 10.0
        ax.set_ylim(bottom=floor)
        _say_what_is_missing(ax, colours, list(sizes.values()), floor)
    ax.set_xticks(list(places), list(sizes), rotation=30, ha="right", fontsize=9)
    ax.set(ylabel="size of the gradients")
    grid(ax, colours)
    legend(ax, colours, fontsize=9)
    return ax


def _mean(sizes: Sequence[float]) -> float:
    finite = [x for x in sizes if math.isfinite(x)]
    return math.fsum(finite) / len(finite) if finite else 0.0


def _say_what_is_missing(
    ax: "Axes", colours: Palette, sizes: Sequence[Sequence[float]], floor: float
) -> None:
    for k, one in enumerate(sizes):
        broken = sum(not math.isfinite(x) for x in one)
        text = "all 0" if not any(one) else f"{broken} not finite" if broken else ""
        if text:
            ax.annotate(text, (k, floor), xytext=(0, 3), textcoords="offset points",
                        ha="center", color=colours.warning, fontsize=9)  # fmt: skip
