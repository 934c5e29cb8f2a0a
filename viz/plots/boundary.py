"""What a model says all over a plane of two inputs: its classes, and how sure it is of them."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd import Value, format_number, shown, softmax
from viz.errors import OptionError
from viz.palettes import Palette, palette_of
from viz.plots.canvas import MARKERS, at_least, axes, diverging, largest, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet

Limits = tuple[float, float, float, float]
# From points to the output for each, as plain numbers.
Predict = Callable[[list[list[float]]], Sequence[Any]]
# How much room there is around the samples, as a share of their extent.
_MARGIN = 0.15
# Shades on either side of the boundary.
_SHADES = 10


def decision_boundary(  # noqa: PLR0913 - options of a picture
    model: Any,
    data: tuple[Sequence[Any], Sequence[Any]] | None = None,
    *,
    ax: "Axes | None" = None,
    limits: Limits | None = None,
    resolution: int = 40,
    threshold: float = 0.0,
    extent: float | None = None,
    predict: Predict | None = None,
    theme: str = "light",
) -> "Axes":
    """Return an Axes with the answer of a model at every point of a plane, and the samples.

    A model with one output is drawn from orange, below the threshold, to blue, above it, with
    a scale of the bands; the line between is where it cannot tell. One with several outputs
    has a colour for each class, stronger where its share by softmax is larger. The legend
    says which targets the samples have.

    Args:
        model: called with two numbers in a list; it may return a number or one for each class.
        data: pairs of numbers, and a target for each: a class, or a number on either side of
            the threshold.
        ax: where to draw.
        limits: (left, right, bottom, top); by default the samples with room around them.
        resolution: how many points across; the model is called for each point of the square.
        threshold: the output of a single-output model that decides.
        extent: the distance from the threshold that has the strongest colour; by default
            the largest there is. Give it to compare pictures.
        predict: a faster way to the outputs for a list of points, such as a compiled one.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if there are neither samples nor limits, if they are no pairs, or the
            model gives no finite numbers.

    Example:
        >>> ax = decision_boundary(lambda x: x[0] - x[1], ([[0.0, 1.0], [1.0, 0.0]], [-1, 1]))
        >>> [round(float(x), 2) for x in ax.get_xlim()]
        [-0.15, 1.15]
    """
    colours = palette_of(theme)
    resolution = at_least(resolution, 2, "resolution")
    xs, ys = ([], []) if data is None else _samples(data)
    left, right, bottom, top = _limits(xs) if limits is None else limits
    ax = axes(ax, colours, (6.2, 4.8))
    across = [left + (right - left) * k / (resolution - 1) for k in range(resolution)]
    up = [bottom + (top - bottom) * k / (resolution - 1) for k in range(resolution)]
    points = [[x, y] for y in up for x in across]
    outputs = list(outputs_of(model, points) if predict is None else predict(points))
    rows = [outputs[k : k + resolution] for k in range(0, len(outputs), resolution)]
    several = isinstance(outputs[0], (list, tuple))
    if not all(
        math.isfinite(number) for out in outputs for number in (out if several else [out])
    ):
        raise OptionError("decision_boundary needs finite outputs, and the model gave others")
    if several:
        _draw_classes(ax, colours, rows, (left, right, bottom, top))
    else:
        _draw_margin(ax, colours, (across, up, rows), threshold, extent)
    _draw_samples(ax, colours, xs, ys, _classes(ys, threshold, several=several))
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="x1", ylabel="x2")
    legend(ax, colours, fontsize=9)
    return ax


def _samples(data: Any) -> tuple[list[list[float]], list[Any]]:
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise OptionError(f"data must be a pair, samples and targets, got {shown(data)}")
    xs = [[_number(number) for number in x] for x in data[0]]
    if wrong := [x for x in xs if len(x) != 2]:
        raise OptionError(
            f"a decision boundary is drawn over two inputs, got a sample of {len(wrong[0])}"
        )
    if not xs or len(xs) != len(data[1]):
        raise OptionError(
            f"data needs a target for each sample, got {len(xs)} samples and {len(data[1])} "
            "targets"
        )
    return xs, [_number(y) for y in data[1]]


def _number(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def _limits(xs: Sequence[Sequence[float]]) -> Limits:
    if not xs:
        raise OptionError("give data, or limits=(left, right, bottom, top)")
    found: list[float] = []
    for column in zip(*xs, strict=True):
        low, high = min(column), max(column)
        room = _MARGIN * ((high - low) or 1.0)
        found += [low - room, high + room]
    left, right, bottom, top = found
    return left, right, bottom, top


def outputs_of(model: Any, points: Sequence[Any]) -> list[Any]:
    """Return a number for each point, or a list of several; the model is asked as in use."""
    from nn import predict  # noqa: PLC0415 - pictures of graphs need no networks

    found = predict(model, points)
    return [
        out[0] if isinstance(out, (list, tuple)) and len(out) == 1 else out for out in found
    ]


def _draw_margin(
    ax: "Axes",
    colours: Palette,
    plane: tuple[list[float], list[float], list[list[float]]],
    threshold: float,
    extent: float | None,
) -> None:
    across, up, rows = plane
    margins = [[float(z) - threshold for z in row] for row in rows]
    reach = extent or largest(z for row in margins for z in row)
    # Two shades meet at the threshold.
    levels = [reach * (k / _SHADES - 1.0) for k in range(2 * _SHADES + 1)]
    bands = ax.contourf(
        across, up, margins, levels=levels, cmap=diverging(colours), extend="both"
    )
    _explain(ax, colours, bands, threshold, reach)
    if min(map(min, margins)) < 0.0 < max(map(max, margins)):
        ax.contour(across, up, margins, levels=[0.0], colors=[colours.ink], linewidths=1.5)


def _explain(
    ax: "Axes", colours: Palette, bands: "QuadContourSet", threshold: float, reach: float
) -> None:
    """Put the scale of the bands beside the plane."""
    bar = ax.figure.colorbar(bands, ax=ax, shrink=0.6, aspect=14, pad=0.02)
    ends = (-reach, 0.0, reach)
    bar.set_ticks(ends, labels=[format_number(threshold + x) for x in ends])
    bar.ax.tick_params(colors=colours.ink, labelsize=9)
    bar.set_label(f"output; line: {format_number(threshold)}", color=colours.ink, fontsize=9)
    bar.outline.set_edgecolor(colours.edge)


def _draw_classes(
    ax: "Axes", colours: Palette, rows: list[list[list[float]]], limits: Limits
) -> None:
    from matplotlib.colors import to_rgb  # noqa: PLC0415 - see `canvas.axes`

    from nn import predicted_class  # noqa: PLC0415 - pictures of graphs need no networks

    paper = to_rgb(colours.paper)
    best = [[predicted_class(z) for z in row] for row in rows]
    image = [
        [
            _mixed(paper, to_rgb(_colour_of_class(colours, k)), _sureness(outputs))
            for k, outputs in zip(kinds, row, strict=True)
        ]
        for kinds, row in zip(best, rows, strict=True)
    ]
    left, right, bottom, top = limits
    dx, dy = (right - left) / (len(rows[0]) - 1), (top - bottom) / (len(rows) - 1)
    edges = (left - dx / 2, right + dx / 2, bottom - dy / 2, top + dy / 2)
    ax.imshow(image, origin="lower", extent=edges, aspect="auto", interpolation="bilinear")
    across = [left + dx * k for k in range(len(rows[0]))]
    up = [bottom + dy * k for k in range(len(rows))]
    for kind in sorted({k for row in best for k in row}):
        # How far ahead of all others: 0 on the line.
        ahead = [[z[kind] - max(z[:kind] + z[kind + 1 :]) for z in row] for row in rows]
        if min(map(min, ahead)) < 0.0 < max(map(max, ahead)):
            ax.contour(across, up, ahead, levels=[0.0], colors=[colours.ink], linewidths=1.2)


def _sureness(outputs: Sequence[Any]) -> float:
    """Return how much of its colour a class gets: at most half, so that samples stand out."""
    share: float = max(softmax([float(z) for z in outputs]))
    return 0.55 * (share - 1 / len(outputs)) / (1 - 1 / len(outputs))


def _mixed(one: Sequence[float], other: Sequence[float], share: float) -> list[float]:
    return [(1.0 - share) * a + share * b for a, b in zip(one, other, strict=True)]


def _colour_of_class(colours: Palette, k: int) -> str:
    shades = colours.series
    if colours.has_one_line_colour:
        shades = (colours.far_above, colours.far_below, colours.quiet)
    return shades[k % len(shades)]


def _classes(ys: Sequence[float], threshold: float, *, several: bool) -> list[int]:
    """Return the class of each target; of a single output, 0 is below and 1 above.

    Targets of 0 and 1 are classes too where the output is compared with 0.
    """
    if several:
        return [int(y) for y in ys]
    middle = 0.5 if set(ys) <= {0.0, 1.0} else threshold
    return [int(y > middle) for y in ys]


def _draw_samples(
    ax: "Axes",
    colours: Palette,
    xs: Sequence[Sequence[float]],
    ys: Sequence[float],
    classes: Sequence[int],
) -> None:
    binary = set(classes) <= {0, 1}
    for k in sorted(set(classes)):
        chosen = [x for x, kind in zip(xs, classes, strict=True) if kind == k]
        colour = _colour_of_class(colours, 1 - k if binary else k)
        ax.plot(
            [x for x, _ in chosen],
            [y for _, y in chosen],
            MARKERS[k % len(MARKERS)],
            color=colour,
            markeredgecolor=colours.paper,
            markeredgewidth=0.8,
            markersize=6,
            linestyle="none",
            label=_told([y for y, kind in zip(ys, classes, strict=True) if kind == k]),
        )


def _told(targets: Sequence[float]) -> str:
    """Return what is said of the targets of samples that look alike.

    >>> _told([1.0, 1.0]), _told([0.7, 0.9, 0.8])
    ('target 1', 'targets 0.7 to 0.9')
    """
    low, high = format_number(min(targets)), format_number(max(targets))
    return f"target {low}" if low == high else f"targets {low} to {high}"
