"""draw: a picture of a computation, in every format, from one layout.

The SVG needs no renderer; PNG and PDF are made by Graphviz from the same places. Knows what
to call in which order. Knows no shape and no coordinate.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd import Tape, Value
from viz import placed_dot, render
from viz.bundles import offered
from viz.captions import letters
from viz.columns import Deadline
from viz.culprit import culprits
from viz.dot import check_prefix
from viz.errors import OptionError
from viz.files import PathLike, write_whole
from viz.graphs import Graph, Model, Names
from viz.layout import Box, Layout, Wire, lay_out
from viz.legend import Legend, legend
from viz.palettes import palette_of
from viz.scene import SMALL_LETTER, Note, Scene, scene
from viz.sizes import MOST_DRAWN, fitting
from viz.static_page import static_page
from viz.svg import svg
from viz.text import MOST_LINES, summary, table, tree

TIME_LIMIT = 10.0
DPI = 144
FORMATS = ("svg", "png", "pdf", "dot", "gv", "txt", "html")
# What stands between an arrow's number and what it points to.
LABEL_MARGIN = 14.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a graph; a notebook shows it, `save` writes it.

    Attributes:
        graph: what is drawn.
        title: its name, for people who do not see it.
        theme: its colours: light, dark or print.
    """

    graph: Graph
    title: str
    theme: str
    _scene: Scene
    _layout: Layout
    _legend: Legend
    _prefix: str

    def svg(self) -> str:
        """Return the picture as SVG text, the same in every run."""
        return svg(
            self._scene,
            self._layout,
            self._legend,
            palette_of(self.theme),
            prefix=self._prefix,
            title=self.title,
            about=self._about(),
        )

    def dot(self) -> str:
        """Return the picture as DOT text with the place of everything in it."""
        return self._dot(None)

    def png(self, dpi: int = DPI) -> bytes:
        """Return the picture as PNG.

        Raises:
            NoRendererError: if Graphviz is nowhere to be found.
        """
        return render.picture(self._dot(dpi), "png")

    def pdf(self) -> bytes:
        """Return the picture as PDF.

        Raises:
            NoRendererError: if Graphviz is nowhere to be found.
        """
        return render.picture(self._dot(None), "pdf")

    def text(self, kind: str = "table", *, most: int | None = MOST_LINES) -> str:
        """Return the picture for a terminal: as a "table" or as a "tree" of expressions.

        Args:
            kind: which of the two.
            most: how many lines at most; None for all.
        """
        if kind not in ("table", "tree"):
            raise OptionError(f'text comes as "table" or "tree", got {kind!r}')
        shown = table(self.graph, most) if kind == "table" else tree(self.graph, most)
        notes = [note.text for note in self._scene.notes]
        return "\n".join([shown, *notes])

    def html(self) -> str:
        """Return the picture and its table as one HTML file that loads nothing."""
        return static_page(self.title, self.svg(), self.graph)

    def save(self, path: PathLike, format: str | None = None) -> Path:  # noqa: A002 - its name
        """Write the picture to a file and return its path; the suffix is the format.

        What interrupts the writing leaves an older file as it was.

        Args:
            path: where to; folders are made.
            format: svg, png, pdf, dot, gv, txt or html, instead of the suffix.

        Raises:
            OptionError: if there is no such format.
            TargetError: if the file cannot be written.
            NoRendererError: for png and pdf, if Graphviz is nowhere to be found.
        """
        wanted = (format or Path(path).suffix.removeprefix(".")).lower()
        if wanted not in FORMATS:
            raise OptionError(
                f"a picture is written as one of {', '.join(FORMATS)}, by the suffix of its "
                f"path or by format=..., got {wanted!r}"
            )
        makers: dict[str, Callable[[], str | bytes]] = {
            "svg": self.svg,
            "png": self.png,
            "pdf": self.pdf,
            "txt": lambda: f"{self.text(most=None)}\n",
            "html": self.html,
        }
        made = makers.get(wanted, self.dot)()
        return write_whole(path, made if isinstance(made, bytes) else made.encode("utf-8"))

    def _dot(self, dpi: int | None) -> str:
        return placed_dot.dot(
            self._scene,
            self._layout,
            self._legend,
            palette_of(self.theme),
            prefix=self._prefix,
            about=repr(self),
            dpi=dpi,
        )

    def _about(self) -> str:
        return f"{summary(self.graph)}.\n{self.text()}"

    def __repr__(self) -> str:
        return f"a picture of {summary(self.graph)}"

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, str]:
        """Return the picture for a notebook, and its table for everything else."""
        bundle = {"image/svg+xml": self.svg(), "text/plain": self.text()}
        return offered(bundle, include, exclude)


def draw(  # noqa: PLR0913 - a picture has that many choices
    thing: Value | Tape | Graph,
    *,
    names: Names = (),
    model: Model | None = None,
    fused: bool = True,
    detail: str = "auto",
    theme: str = "light",
    title: str = "",
    max_nodes: int = MOST_DRAWN,
    time_limit: float = TIME_LIMIT,
    id_prefix: str | None = None,
) -> Picture:
    """Return a picture of a computation: values, gradients and local derivatives.

    Small graphs are drawn with everything, up to about 150 nodes with operations merged into
    their results; larger ones are folded by neuron or layer, and very large ones summarised.

    Args:
        thing: the Value at the end of a computation, a `Tape`, or a `Graph`.
        names: (name, Value) pairs, or a dict, that say what leaves are called.
        model: whatever has `named_parameters()`, instead of names; it is not changed.
        fused: False shows a fused weighted sum as its products and sums.
        detail: "auto", or "full", "merged", "collapsed" or "summary".
        theme: "light", "dark" or "print".
        title: its name, for people who do not see it.
        max_nodes: how many nodes are drawn at most.
        time_limit: after so many seconds the layout is stopped.
        id_prefix: what ids begin with, if the same picture stands twice in one page.

    Raises:
        NotAValueError: if thing is none of the three, or an empty tape.
        TooLargeError: if more nodes were asked for than max_nodes.
        LayoutTimeoutError: if the layout takes too long.
        OptionError: if an option has a value that means nothing.

    Example:
        >>> from autograd import Value
        >>> w, x = Value(2.0, label="w"), Value(3.0, label="x")
        >>> y = (w * x).tanh()
        >>> y.backward()
        >>> draw(y)
        a picture of 1 weight, 1 input, 2 operations
    """
    palette_of(theme)
    check_prefix(id_prefix)
    if not isinstance(title, str):
        raise OptionError(f"title must be a text, got {title!r}")
    fit = fitting(thing, names, model, fused=fused, detail=detail, most=max_nodes)
    whole = fit.graph if fit.graph.whole is None else fit.graph.whole
    warnings = [Note(said, warns=True) for said in culprits(whole.nodes, whole.edges)]
    shown = scene(fit.graph, split=fit.split, notes=[*fit.notes, *warnings])
    layout = arranged(shown, time_limit)
    name = title or f"Computation graph: {summary(fit.graph)}"
    explained = legend(shown, layout.width)
    if id_prefix is None:
        unnamed = Picture(fit.graph, name, theme, shown, layout, explained, "g").svg()
        id_prefix = "g" + hashlib.sha256(unnamed.encode("utf-8")).hexdigest()[:8]
    return Picture(fit.graph, name, theme, shown, layout, explained, id_prefix)


def arranged(shown: Scene, time_limit: float) -> Layout:
    """Return where the shapes and wires of a scene go."""
    if not time_limit > 0:
        raise OptionError(f"time_limit must be more than 0 seconds, got {time_limit!r}")
    boxes = [
        Box(shape.name, shape.width, shape.height, dict(shape.ports), shape.frame)
        for shape in shown.shapes
    ]
    # Lines run level beside the longest text at their end, so that none crosses another's.
    room: dict[str, float] = {}
    for strand in shown.strands:
        if strand.label:
            width = letters(strand.label) * SMALL_LETTER + LABEL_MARGIN
            room[strand.head] = max(room.get(strand.head, 0.0), width)
    wires = [
        Wire(strand.name, strand.tail, strand.head, room.get(strand.head, 0.0))
        for strand in shown.strands
    ]
    return lay_out(boxes, wires, Deadline(time_limit))
