"""Numbers over the course of a training: losses, accuracies, how far each step went."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd import format_number, shown
from viz.errors import OptionError
from viz.palettes import Palette, palette_of
from viz.plots.canvas import FAINT, axes, grid, legend, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What `nn.fit` returns, or anything like it: a list of numbers by name.
Numbers = Mapping[str, Sequence[float]]


def curves(
    history: Numbers | Mapping[str, Numbers],
    what: str = "loss",
    *,
    ax: "Axes | None" = None,
    log: bool = False,
    smooth: float = 0.0,
    best: bool = True,
    theme: str = "light",
) -> "Axes":
    """Return an Axes with a number after each epoch, that of the validation dashed beside it.

    Args:
        history: what `nn.fit` returned; or several of them by name, to compare runs.
        what: which number, such as "loss" or "accuracy"; "val_" and this name goes with it.
        ax: where to draw.
        log: whether heights are logarithms.
        smooth: from 0, as it is, to below 1: how much of the line so far each point keeps.
            The numbers themselves then stand behind it, faint.
        best: whether to mark the epoch, of the validation if there is one, with the lowest
            loss, or the highest of anything else.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if there is no such number, or none at all.

    Example:
        >>> ax = curves({"accuracy": [0.5, 0.75, 0.7]}, "accuracy")
        >>> [float(y) for y in ax.lines[0].get_ydata()]
        [0.5, 0.75, 0.7]
    """
    if not 0.0 <= smooth < 1.0:
        raise OptionError(f"smooth must be from 0 to below 1, got {smooth!r}")
    colours = palette_of(theme)
    found = list(_lines(history, what))
    ax = axes(ax, colours)
    for k, (name, numbers, look) in enumerate(found):
        line = series(colours, k if colours.has_one_line_colour else look) | {"label": name}
        if name.rpartition(" ")[2] == "validation" and line["linestyle"] == "-":
            line["linestyle"] = "--"
        epochs = range(1, len(numbers) + 1)
        if smooth:
            ax.plot(epochs, numbers, color=line["color"], alpha=FAINT, linewidth=0.8)
        ax.plot(epochs, _smoothed(numbers, smooth), **line)
    if best:
        _mark_best(ax, colours, what, found)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel="epoch", ylabel=what)
    ax.locator_params("x", integer=True)
    grid(ax, colours)
    if len(found) > 1 or found[0][0] != "training":
        legend(ax, colours)
    return ax


def _lines(
    history: Numbers | Mapping[str, Numbers], what: str
) -> Iterable[tuple[str, list[float], int]]:
    """Yield a name, the numbers and which colour for each line there is to draw."""
    if not isinstance(history, Mapping):
        raise OptionError(
            f"curves needs what nn.fit returns, lists of numbers by name, got {shown(history)}"
        )
    several = bool(history) and all(isinstance(run, Mapping) for run in history.values())
    runs: Any = history if several else {"": history}
    for k, (run, numbers) in enumerate(runs.items()):
        names = [name for name in (what, f"val_{what}") if numbers.get(name)]
        if not names:
            raise OptionError(
                f"there is nothing to draw for {what!r}{f' in {run!r}' if run else ''}; "
                f"there is {', '.join(name for name in numbers if numbers[name]) or 'nothing'}"
            )
        for j, name in enumerate(names):
            part = "validation" if name.startswith("val_") else "training"
            label = f"{run} {part}" if run and len(names) > 1 else run or part
            yield label, [float(x) for x in numbers[name]], k if several else j


def _smoothed(numbers: Sequence[float], share: float) -> list[float]:
    """Return the moving mean that keeps a share of itself, without the pull of its start.

    >>> _smoothed([1.0, 1.0, 4.0], 0.5)
    [1.0, 1.0, 2.7142857142857144]
    """
    smoothed, weight, total = [], 0.0, 0.0
    for number in numbers:
        weight, total = share * weight + 1.0, share * total + number
        smoothed.append(total / weight)
    return smoothed


def _mark_best(
    ax: "Axes", colours: Palette, what: str, found: Sequence[tuple[str, list[float], int]]
) -> None:
    """Put a point at the lowest loss, or the highest number, if only one run is drawn."""
    if (
        len({name.removesuffix("validation").removesuffix("training") for name, *_ in found})
        > 1
    ):
        return
    numbers = found[-1][1]
    finite = [x for x in numbers if math.isfinite(x)]
    if not finite:
        return
    lowest = what.endswith("loss")
    number = min(finite) if lowest else max(finite)
    epoch = numbers.index(number) + 1
    ax.plot([epoch], [number], "o", color=colours.ink, markersize=5, zorder=5)
    early = epoch <= (len(numbers) + 1) / 2
    ax.annotate(
        f"{'lowest' if lowest else 'highest'} {format_number(number)}, epoch {epoch}",
        (epoch, number),
        # Off the lines, which are near the point and on the way to it.
        xytext=(6 if early else -6, 36 if lowest else -36),
        textcoords="offset points",
        ha="left" if early else "right",
        color=colours.ink,
        fontsize=9,
        bbox={"facecolor": colours.paper, "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
        arrowprops={"arrowstyle": "-", "color": colours.ink, "linewidth": 0.8},
    )


# About one part in a thousand a step: Karpathy's rule of thumb, in "makemore" part 3.
HEALTHY = -3.0


def update_ratios(
    steps: Iterable[Mapping[str, float | None]],
    *,
    ax: "Axes | None" = None,
    theme: str = "light",
) -> "Axes":
    """Return an Axes with how far each tensor of weights moved in each step, as powers of ten.

    A tensor that has no ratio at any step, such as a single bias or one that is frozen, has no
    line, and the legend says so.

    Args:
        steps: what `nn.diagnostics.update_ratios` gave after each step. The healthy ratio is
            that of one step: an epoch of several goes farther.
        ax: where to draw.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: without steps.

    Example:
        >>> ax = update_ratios([{"w": -2.0}, {"w": -3.0}, {"w": None}])
        >>> ax.lines[1].get_label()
        'w'
    """
    colours = palette_of(theme)
    steps = list(steps)
    if not steps or not all(steps):
        raise OptionError(
            "update_ratios needs what nn.diagnostics.update_ratios gave after each step, got "
            "nothing"
        )
    ax = axes(ax, colours)
    ax.axhline(HEALTHY, color=colours.quiet, linewidth=1.0, linestyle=":")
    ax.annotate("healthy: about 1/1000", (0.995, HEALTHY), xycoords=("axes fraction", "data"),
                xytext=(0, 3), textcoords="offset points", ha="right", fontsize=9,
                color=colours.quiet)  # fmt: skip
    for k, name in enumerate(steps[0]):
        ratios = [step.get(name) for step in steps]
        heights = [math.nan if ratio is None else ratio for ratio in ratios]
        look = series(colours, k) | {"label": name}
        if all(map(math.isnan, heights)):
            look |= {"label": f"{name}: no ratio", "linestyle": "none"}
        ax.plot(range(1, len(heights) + 1), heights, **look)
    ax.set(xlabel="step", ylabel="log10(update / weight)")
    grid(ax, colours)
    legend(ax, colours, fontsize=9)
    return ax
