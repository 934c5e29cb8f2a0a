"""The tape over time: each number computed, kept, and met again on the way back."""

from typing import TYPE_CHECKING, Any

from autograd import Tape, Value
from viz.errors import TooLargeError
from viz.graphs import Graph, graph
from viz.nodes import Edge, Node
from viz.palettes import Palette, palette_of
from viz.plots.canvas import axes, diverging, largest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 200
# More rows than this have no room for their formulas.
_MOST_NAMES = 40


def timeline(
    root: Value | Tape, *, ax: "Axes | None" = None, names: Any = (), theme: str = "light"
) -> "Axes":
    """Return an Axes with the rows of a tape from top to bottom, and time from left to right.

    Forward, one step computes one row, drawn as a dot. A bar shows how long its number is
    kept: until the backward sweep comes back to it, in the opposite order. There a square is
    the gradient of the row, and the dots in its column are what it adds to the gradients of
    its operands, blue above 0 and orange below.

    Args:
        root: the Value at the end of a computation, or a tape.
        ax: where to draw.
        names: names of Values, as `viz.draw` takes them.
        theme: "light", "dark" or "print".

    Raises:
        ModuleNotFoundError: without matplotlib.
        NotAValueError: if it is no computation.
        TooLargeError: if there are more than 200 rows.

    Example:
        >>> x = Value(3.0, label="x")
        >>> y = x * x
        >>> y.backward()
        >>> ax = timeline(y)
        >>> [text.get_text() for text in ax.get_yticklabels()]
        ['x = 3', 'v1 = x * x']
    """
    colours = palette_of(theme)
    whole = graph(root, names=names)
    rows = [node for node in whole.nodes if isinstance(node, Node) and node.role != "constant"]
    if len(rows) > MOST_ROWS:
        raise TooLargeError(
            f"a timeline of {len(rows):,} rows cannot be read; draw {MOST_ROWS} at most, such "
            "as the loss of one sample"
        )
    ax = axes(ax, colours, (7.2, 1.4 + 0.27 * min(len(rows), _MOST_NAMES)))
    swept = any(node.gradient is not None for node in rows)
    back = [node.name for node in reversed(rows) if node.formula] if swept else []
    steps = {name: len(rows) + 0.5 + k for k, name in enumerate(back)}
    end = len(rows) + len(back) + 0.5
    height = {node.name: k for k, node in enumerate(rows)}
    until = {node.name: steps.get(node.name, end if swept else len(rows)) for node in rows}
    ax.hlines([height[node.name] for node in rows], range(len(rows)),
              [until[node.name] for node in rows], color=colours.edge, alpha=0.35,
              linewidth=5)  # fmt: skip
    ax.plot(range(len(rows)), range(len(rows)), "o", color=colours.ink, markersize=5)
    if swept:
        _draw_sweep(ax, colours, whole, rows, steps, height)
        ax.axvline(len(rows) - 0.25, color=colours.quiet, linewidth=1.0, linestyle=":")
        _title(ax, colours, (len(rows) - 1) / 2, "forward")
        _title(ax, colours, len(rows) + len(back) / 2, "backward")
    else:
        _title(ax, colours, (len(rows) - 1) / 2, "forward; no backward pass yet")
    if len(rows) <= _MOST_NAMES:
        ax.set_yticks(range(len(rows)), [_written(node) for node in rows], fontsize=9,
                      fontfamily="monospace")  # fmt: skip
    ax.set(xlabel="time, one row a step", ylim=(len(rows) - 0.4, -0.6))
    return ax


def _written(node: Node) -> str:
    text = node.formula or f"{node.title} = {node.value:.4g}"
    return text if len(text) <= 34 else f"{text[:33]}…"


def _title(ax: "Axes", colours: Palette, x: float, text: str) -> None:
    ax.annotate(text, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
                textcoords="offset points", ha="center", color=colours.ink)  # fmt: skip


def _draw_sweep(
    ax: "Axes",
    colours: Palette,
    whole: Graph,
    rows: list[Node],
    steps: dict[str, float],
    height: dict[str, int],
) -> None:
    """Draw the gradient of each row when the sweep is there, and what it adds below."""
    edges: list[Edge] = [
        edge for edge in whole.edges if edge.head in steps and not edge.constant
    ]
    shares = [edge.share for edge in edges]
    own = [node for node in rows if node.name in steps]
    gradients = [node.gradient or 0.0 for node in own]
    scale = largest([*shares, *gradients])
    look: dict[str, Any] = {
        "cmap": diverging(colours),
        "vmin": -scale,
        "vmax": scale,
        "edgecolors": colours.edge,
        "linewidths": 0.8,
        "zorder": 3,
    }
    for edge in edges:
        ax.vlines(
            steps[edge.head],
            height[edge.tail],
            height[edge.head],
            color=colours.edge,
            alpha=0.5,
            linewidth=0.8,
        )
    ax.scatter([steps[node.name] for node in own], [height[node.name] for node in own],
               c=gradients, s=44, marker="s", **look)  # fmt: skip
    ax.scatter([steps[edge.head] for edge in edges], [height[edge.tail] for edge in edges],
               c=shares, s=26, marker="o", **look)  # fmt: skip
