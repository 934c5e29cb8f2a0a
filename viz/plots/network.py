"""A network as layers of circles, with its weights, or their gradients, as coloured lines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd import format_number, shown
from viz.errors import OptionError
from viz.palettes import Palette, palette_of
from viz.plots.canvas import at_least, axes, diverging, largest
from viz.plots.layers import reader

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDEST = 3.5
_THINNEST = 0.3
_RADIUS = 0.17


@dataclass(frozen=True, slots=True)
class _Layer:
    """The numbers of one layer: a row for each neuron, and a bias or None."""

    rows: list[list[float]]
    biases: list[float | None]


def network(
    model: Any,
    of: str = "weights",
    *,
    ax: "Axes | None" = None,
    most: int = 16,
    extent: float | None = None,
    names: Sequence[str] | None = None,
    theme: str = "light",
) -> "Axes":
    """Return an Axes with the neurons of each layer and a line for each weight between them.

    A line is blue for a number above 0 and orange below, stronger and wider the larger it is;
    a circle is filled likewise by its bias. Layers of more than `most` neurons are drawn with
    their first and last ones, and say how many are left out.

    Args:
        model: a model with layers of neurons, as an MLP has: `layers`, each with `neurons`,
            each with its weights `w` and bias `b`.
        of: "weights" or "gradients".
        ax: where to draw.
        most: how many neurons of a layer are drawn at most.
        extent: the size that has the strongest colour; by default the largest there is. Give
            it to compare pictures.
        names: what to write beside the inputs.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if the model has no such layers, or no gradients yet.

    Example:
        >>> from nn import MLP
        >>> ax = network(MLP(2, [3, 1]))
        >>> len(ax.collections[0].get_segments())  # 2 * 3 + 3 * 1 weights
        9
    """
    colours = palette_of(theme)
    layers = _layers(model, of)
    most = at_least(most, 2, "most")
    sizes = [len(layers[0].rows[0]), *(len(layer.rows) for layer in layers)]
    if names is not None and len(names) != sizes[0]:
        raise OptionError(f"names must be {sizes[0]}, one for each input, got {len(names)}")
    places = [_places(k, size, most) for k, size in enumerate(sizes)]
    ax = axes(ax, colours, (1.2 + 1.9 * len(sizes), 0.9 + 0.42 * min(max(sizes), most)))
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - see `axes`

    lines = [
        (places[k][i], places[k + 1][j], row[i])
        for k, layer in enumerate(layers)
        for j, row in enumerate(layer.rows)
        if j in places[k + 1]
        for i in places[k]
    ]
    # Strong lines last, so that they are in front.
    lines.sort(key=lambda line: abs(line[2]) if math.isfinite(line[2]) else math.inf)
    numbers = [number for *_, number in lines]
    biases = [b for layer in layers for b in layer.biases if b is not None]
    scale = largest([*numbers, *biases]) if extent is None else extent
    colour = _Colour(colours, scale)
    ax.add_collection(
        LineCollection(
            [[start, end] for start, end, _ in lines],
            colors=[colour(number) for number in numbers],
            linewidths=[colour.width(number) for number in numbers],
        )
    )
    _draw_neurons(ax, colours, layers, places, colour)
    _write(ax, colours, sizes, places, most, names)
    _explain(ax, colours, of, scale)
    ax.set(xlim=(-0.6, len(sizes) - 0.4), xticks=[], yticks=[], aspect="auto")
    high = max(y for place in places for _, y in place.values())
    ax.set_ylim(-high - 0.9, high + 0.6)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def _layers(model: Any, of: str) -> list[_Layer]:
    layers = getattr(model, "layers", None)
    if not layers or not all(getattr(layer, "neurons", None) for layer in layers):
        raise OptionError(
            f"network draws models with layers of neurons, such as nn.MLP, got {shown(model)}"
        )
    number = reader(of, [w for layer in layers for neuron in layer.neurons for w in neuron.w])
    return [
        _Layer(
            [[number(w) for w in neuron.w] for neuron in layer.neurons],
            [_bias(neuron, number) for neuron in layer.neurons],
        )
        for layer in layers
    ]


def _bias(neuron: Any, number: Any) -> float | None:
    bias = getattr(neuron, "b", None)
    return None if bias is None else number(bias)


def _places(column: int, size: int, most: int) -> dict[int, tuple[float, float]]:
    """Return where the neurons of a layer stand that are drawn, by number, the first on top."""
    if size <= most:
        return {k: (float(column), (size - 1) / 2 - k) for k in range(size)}
    half = most // 2
    kept = [*range(half), *range(size - (most - half), size)]
    # One place stays free in the middle, for the dots.
    spots = [*range(half), *range(half + 1, most + 1)]
    return {k: (float(column), most / 2 - spot) for k, spot in zip(kept, spots, strict=True)}


class _Colour:
    """The colour and the width of a line, by its number and the largest there is."""

    def __init__(self, colours: Palette, scale: float) -> None:
        self._map, self._scale, self._warning = diverging(colours), scale, colours.warning

    def __call__(self, number: float) -> Any:
        if not math.isfinite(number):
            return self._warning
        share = max(-1.0, min(1.0, number / self._scale))
        return self._map((share + 1.0) / 2.0)

    def width(self, number: float) -> float:
        """Return the width of a line in points."""
        if not math.isfinite(number):
            return _WIDEST
        return _THINNEST + (_WIDEST - _THINNEST) * min(1.0, abs(number) / self._scale)


def _draw_neurons(
    ax: "Axes",
    colours: Palette,
    layers: Sequence[_Layer],
    places: Sequence[dict[int, tuple[float, float]]],
    colour: _Colour,
) -> None:
    for column, place in enumerate(places):
        for k, (x, y) in place.items():
            bias = layers[column - 1].biases[k] if column else None
            ax.plot([x], [y], marker="o" if column else "s", markersize=15,
                    color=colours.card if bias is None else colour(bias),
                    markeredgecolor=colours.edge, markeredgewidth=1.2)  # fmt: skip


def _write(
    ax: "Axes",
    colours: Palette,
    sizes: Sequence[int],
    places: Sequence[dict[int, tuple[float, float]]],
    most: int,
    names: Sequence[str] | None,
) -> None:
    low = min(y for place in places for _, y in place.values())
    for column, size in enumerate(sizes):
        if size > most:
            ax.text(column, 0.0 if most % 2 == 0 else 0.5, f"{size - most} more", ha="center",
                    va="center", color=colours.quiet, fontsize=9)  # fmt: skip
        title = "inputs" if column == 0 else "outputs" if column == len(sizes) - 1 else "hidden"
        ax.text(column, low - 0.75, f"{size} {title.removesuffix('s') if size == 1 else title}",
                ha="center", va="center", color=colours.ink, fontsize=10)  # fmt: skip
    for k, (x, y) in places[0].items():
        if names is not None:
            ax.text(x - _RADIUS, y, names[k], ha="right", va="center", color=colours.ink,
                    fontsize=9)  # fmt: skip


def _explain(ax: "Axes", colours: Palette, of: str, scale: float) -> None:
    """Put the scale of colours beside the network."""
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415 - see `axes`
    from matplotlib.colors import Normalize  # noqa: PLC0415

    scale_of = ScalarMappable(Normalize(-scale, scale), diverging(colours))
    bar = ax.figure.colorbar(scale_of, ax=ax, shrink=0.6, aspect=14, pad=0.02)
    bar.set_ticks([-scale, 0.0, scale], labels=[format_number(x) for x in (-scale, 0.0, scale)])
    bar.ax.tick_params(colors=colours.ink, labelsize=9)
    bar.set_label(f"{of}; circles: biases", color=colours.ink, fontsize=9)
    bar.outline.set_edgecolor(colours.edge)
