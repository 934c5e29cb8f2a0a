"""What every plot stands on: an Axes in the colours of a theme, and scales of colours.

matplotlib is loaded here, when the first plot is drawn. Knows nothing of what is plotted.
"""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autograd import missing_extra, shown
from viz.errors import OptionError
from viz.palettes import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

# So that lines are told apart without colours, too.
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
FAINT = 0.35


def _pyplot() -> Any:
    """Return matplotlib.pyplot, or say what brings it."""
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - an extra, and slow to load
    except ModuleNotFoundError as error:
        raise missing_extra("viz.plots", "matplotlib", "plots") from error
    return plt


def new_figure(colours: Palette, size: tuple[float, float]) -> "Figure":
    """Return an empty figure in the colours of a theme.

    Raises:
        ModuleNotFoundError: without matplotlib.
    """
    plt = _pyplot()
    figure: Figure = plt.figure(figsize=size, layout="constrained", facecolor=colours.paper)
    return figure


def axes(given: Any, colours: Palette, size: tuple[float, float] = (6.4, 4.0)) -> "Axes":
    """Return an Axes in the colours of a theme: the one given, or the one of a new figure.

    Raises:
        ModuleNotFoundError: without matplotlib.
        OptionError: if `given` is something else.
    """
    plt = _pyplot()
    if given is None:
        given = new_figure(colours, size).subplots()
    elif not isinstance(given, plt.Axes):
        raise OptionError(f"ax must be an Axes of matplotlib, got {shown(given)}")
    ax: Axes = given
    ax.set_facecolor(colours.paper)
    ax.tick_params(which="both", colors=colours.ink, labelcolor=colours.ink)
    for spine in ax.spines.values():
        spine.set_color(colours.edge)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
        text.set_color(colours.ink)
    for name in ("top", "right"):
        ax.spines[name].set_visible(False)
    return ax


def at_least(number: Any, least: int, name: str) -> int:
    """Return a whole number, if it is one and not below the least.

    Raises:
        OptionError: if not.
    """
    if type(number) is not int or number < least:
        raise OptionError(f"{name} must be a whole number from {least} on, got {number!r}")
    return number


def largest(numbers: Iterable[float]) -> float:
    """Return the largest finite size among some numbers, for a scale: 1 if all are 0."""
    return max((abs(x) for x in numbers if math.isfinite(x)), default=0.0) or 1.0


def grid(ax: "Axes", colours: Palette) -> None:
    """Draw faint lines at the ticks, below everything else."""
    ax.grid(visible=True, color=colours.edge, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)


def legend(ax: "Axes", colours: Palette, **options: Any) -> None:
    """Explain what has a label, if anything does."""
    if ax.get_legend_handles_labels()[0]:
        shown = ax.legend(frameon=True, facecolor=colours.paper, edgecolor=colours.edge,
                          labelcolor=colours.ink, **options)  # fmt: skip
        shown.get_frame().set_alpha(0.85)


def series(colours: Palette, k: int) -> dict[str, Any]:
    """Return the look of the k-th line: a colour, and from the last colour on new dashes."""
    count = len(colours.series)
    dashes = k if colours.has_one_line_colour else k // count
    return {"color": colours.series[k % count], "linestyle": DASHES[dashes % len(DASHES)]}


def diverging(colours: Palette) -> "LinearSegmentedColormap":
    """Return the scale from far below 0 to far above, with the colour of 0 in the middle."""
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415 - see `axes`

    steps = [colours.far_below, *reversed(colours.below[1:]), colours.zero, *colours.above[1:]]
    return LinearSegmentedColormap.from_list("wengert", [*steps, colours.far_above])
