"""Functions of one number: the curve, its tangent, and activations beside their slopes."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import autograd
from autograd import OPERATIONS, format_number, shown, value_and_grad
from viz.errors import OptionError
from viz.palettes import palette_of
from viz.plots.canvas import axes, grid, legend, new_figure, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Function = Callable[[Any], Any]

ACTIVATIONS = (
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "tanh",
    "sigmoid",
)
_POINTS = 400
# A slope below this share of 1 hardly lets a gradient through.
_FLAT = 0.05


def tangent(
    f: Function,
    x: float,
    *,
    ax: "Axes | None" = None,
    limits: tuple[float, float] | None = None,
    theme: str = "light",
) -> "Axes":
    """Return an Axes with a function and its tangent at a point: what a gradient means.

    The slope of the tangent is the gradient that the engine finds.

    Args:
        f: a function of one number, such as `lambda x: x**2` or `autograd.tanh`.
        x: where the tangent touches.
        ax: where to draw.
        limits: (left, right); by default two to either side of the point.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if the function has no finite value or slope at the point.

    Example:
        >>> ax = tangent(lambda x: x**2, 3.0)
        >>> ax.get_title()
        'at x = 3: value 9, slope 6'
    """
    colours = palette_of(theme)
    left, right = limits if limits is not None else (x - 2.0, x + 2.0)
    if not left < right:
        raise OptionError(f"limits must be two numbers, left < right, got {shown(limits)}")
    y, slope = value_and_grad(f)(float(x))
    if not (math.isfinite(y) and math.isfinite(slope)):
        raise OptionError(
            f"a tangent needs a finite value and slope, got {format_number(y)} and "
            f"{format_number(slope)} at x = {format_number(x)}"
        )
    ax = axes(ax, colours)
    across = _across(left, right)
    ax.plot(across, [_at(f, z) for z in across], label="f(x)", **series(colours, 0))
    line = series(colours, 1) | {"linestyle": "--"}
    reach = (right - left) * 0.3
    ends = [x - reach, x + reach]
    ax.plot(ends, [y + slope * (end - x) for end in ends], label="tangent", **line)
    ax.plot([x], [y], "o", color=colours.ink, zorder=5)
    ax.set_title(
        f"at x = {format_number(x)}: value {format_number(y)}, slope {format_number(slope)}",
        color=colours.ink,
        fontsize=11,
    )
    ax.set(xlabel="x", xlim=(left, right))
    grid(ax, colours)
    legend(ax, colours)
    return ax


def activation_functions(
    names: str | Sequence[str] = ACTIVATIONS,
    *,
    ax: "Axes | None" = None,
    limits: tuple[float, float] = (-4.0, 4.0),
    theme: str = "light",
) -> "Axes | list[Axes]":
    """Return activation functions with their derivatives: one Axes each, in a grid.

    Where the derivative is smaller than 0.05 in size the ground is shaded: there hardly any
    gradient comes through, and a unit that is there for every sample hardly learns.

    Args:
        names: functions of one number from the table of operations; a single name gives a
            single Axes and not a list.
        ax: where to draw a single one.
        limits: (left, right).
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if there is no such function.

    Example:
        >>> ax = activation_functions("relu")
        >>> [line.get_label() for line in ax.lines]
        ['relu', 'derivative']
    """
    colours = palette_of(theme)
    single = isinstance(names, str)
    chosen = [names] if isinstance(names, str) else list(names)
    for name in chosen:
        row = OPERATIONS.get(name)
        if row is None or len(row.arguments) - len(row.constants) != 1:
            raise OptionError(
                f"there is no activation function {name!r}; there are {', '.join(ACTIVATIONS)} "
                "and the other functions of one number in autograd.OPERATIONS"
            )
    if not chosen or (ax is not None and len(chosen) > 1):
        raise OptionError("give ax with a single name, and at least one name")
    if single or ax is not None:
        ax = axes(ax, colours)
        _draw_activation(ax, chosen[0], limits, theme)
        return ax
    rows, columns = math.ceil(len(chosen) / 3), min(len(chosen), 3)
    figure = new_figure(colours, (3.4 * columns, 2.8 * rows))
    panels = figure.subplots(rows, columns, squeeze=False)
    flat = list(panels.flat)
    for name, panel in zip(chosen, flat, strict=False):
        _draw_activation(axes(panel, colours), name, limits, theme)
    for panel in flat[len(chosen) :]:
        panel.remove()
    return flat[: len(chosen)]


def _draw_activation(ax: "Axes", name: str, limits: tuple[float, float], theme: str) -> None:
    colours = palette_of(theme)
    f = getattr(autograd, name)
    across = _across(*limits)
    slopes = [_slope(f, z) for z in across]
    ax.plot(across, [_at(f, z) for z in across], label=name, **series(colours, 0))
    line = series(colours, 1) | {"linestyle": "--"}
    ax.plot(across, slopes, label="derivative", **line)
    flat = [abs(slope) < _FLAT for slope in slopes]
    if any(flat):
        ax.fill_between(across, 0, 1, where=flat, transform=ax.get_xaxis_transform(),
                        color=colours.stripe, alpha=0.5, linewidth=0,
                        label=f"|derivative| < {_FLAT}")  # fmt: skip
    ax.set_title(name, color=colours.ink, fontsize=11)
    ax.set_xlim(*limits)
    grid(ax, colours)
    legend(ax, colours, fontsize=8)


def _across(left: float, right: float) -> list[float]:
    return [left + (right - left) * k / _POINTS for k in range(_POINTS + 1)]


def _at(f: Function, x: float) -> float:
    """Return the value of a function as the engine has it, nan where there is none."""
    try:
        with autograd.no_grad():
            y = f(autograd.Value(x))
    except (ArithmeticError, ValueError):
        return math.nan
    return float(y.data if isinstance(y, autograd.Value) else y)


def _slope(f: Function, x: float) -> float:
    try:
        return float(autograd.grad(f)(x))
    except (ArithmeticError, ValueError):
        return math.nan
