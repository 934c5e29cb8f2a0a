"""A laid-out scene as DOT, for Graphviz to turn into PNG and PDF.

The text holds the places of everything and names the layout program that keeps them, so that
Graphviz draws the same picture as the SVG. Knows shapes and coordinates. Knows no graph.
"""

from itertools import pairwise

import graphviz

from viz.captions import frame_title
from viz.layering import Point
from viz.layout import Layout
from viz.legend import MARGIN, Legend, Sign
from viz.palettes import Palette
from viz.quoting import plain_label, tooltip
from viz.scene import Scene, Shape, Strand
from viz.svg import SPACE

POINTS_PER_INCH = 72.0
FONT = "Courier"

# Outlines that Graphviz has, for those of the SVG.
_SHAPES = {
    "weight": {"shape": "box", "style": "filled,rounded"},
    "input": {"shape": "cds", "style": "filled"},
    "constant": {"shape": "box", "style": "filled,dashed"},
    "operation": {"shape": "box", "style": "filled"},
    "output": {"shape": "box", "style": "filled", "peripheries": "2"},
    "operator": {"shape": "ellipse", "style": "filled"},
    "group": {"shape": "box3d", "style": "filled"},
    "nonfinite": {"shape": "box", "style": "filled"},
}
_STYLES = {"constant": "dotted", "still": "dashed"}


def dot(
    scene: Scene,
    layout: Layout,
    legend: Legend,
    palette: Palette,
    *,
    prefix: str,
    about: str,
    dpi: int | None = None,
) -> str:
    """Return the picture as DOT text, the same in every run.

    Args:
        scene: what to draw.
        layout: where it goes.
        legend: what explains it.
        palette: its colours.
        prefix: what its ids begin with.
        about: what it shows, for a comment.
        dpi: dots per inch, for formats that have dots.
    """
    printer = _Printer(scene, layout, legend, palette, prefix)
    return printer.text(about, {} if dpi is None else {"dpi": str(dpi)})


class _Printer:
    def __init__(
        self, scene: Scene, layout: Layout, legend: Legend, palette: Palette, prefix: str
    ) -> None:
        self._scene, self._layout, self._legend = scene, layout, legend
        self._palette = palette
        self._prefix = prefix
        below = MARGIN + legend.height if legend.height else 0.0
        self._height = layout.height + 2 * SPACE + below
        self._graph = graphviz.Digraph(
            name="gradients",
            graph_attr={
                "bgcolor": palette.paper,
                "id": prefix,
                # Keeps every place and every line as they are.
                "layout": "nop2",
                "pad": "0.15",
                "rankdir": "LR",
                "bb": f"0,0,{max(layout.width, legend.width) + 2 * SPACE:.1f},"
                f"{self._height:.1f}",
            },
            node_attr={"fontname": FONT, "fontsize": "11", "margin": "0.05,0"},
            edge_attr={"fontname": FONT, "fontsize": "9", "arrowsize": "0.6"},
        )

    def text(self, about: str, more: dict[str, str]) -> str:
        """Return the DOT text, given a comment and further attributes of the graph."""
        self._graph.comment = about
        self._graph.graph_attr.update(more)
        for shape in self._scene.shapes:
            self._node(shape)
        for strand in self._scene.strands:
            self._edge(strand)
        for frame in self._layout.frames:
            self._frame(frame.path)
        for k, sign in enumerate(self._legend.signs):
            self._sign(k, sign)
        return str(self._graph.source)

    def _at(self, point: Point) -> str:
        return f"{point[0] + SPACE:.1f},{self._height - point[1] - SPACE:.1f}"

    def _placed(self, corner: Point, width: float, height: float) -> dict[str, str]:
        middle = (corner[0] + width / 2, corner[1] + height / 2)
        return {
            "pos": self._at(middle),
            "width": f"{width / POINTS_PER_INCH:.3f}",
            "height": f"{height / POINTS_PER_INCH:.3f}",
            "fixedsize": "true",
        }

    def _colours(self, kind: str, level: str, *, finite: bool) -> dict[str, str]:
        palette = self._palette
        fill = palette.operator if kind == "operator" else palette.fill(level)
        edge = {"weight": palette.accent, "output": palette.result}.get(kind, palette.edge)
        colours = {"fillcolor": fill, "color": edge, "fontcolor": palette.ink}
        if not finite:
            # Stripes of two colours, which Graphviz draws in boxes.
            colours |= {
                "shape": "box",
                "style": "striped",
                "color": palette.warning,
                "fillcolor": ":".join([palette.card, palette.stripe] * 3),
            }
        return colours

    def _node(self, shape: Shape) -> None:
        middled = shape.kind in ("operator", "constant")
        lines = [plain_label(text) for _, text in shape.lines]
        label = "\\n".join(lines) if middled else "".join(f"{line}\\l" for line in lines)
        self._graph.node(
            shape.name,
            label=graphviz.nohtml(label),
            tooltip=graphviz.nohtml(tooltip(shape.about)),
            id=f"{self._prefix}-{shape.name}",
            **{"class": shape.kind},
            **self._placed(self._layout.boxes[shape.name], shape.width, shape.height),
            **_SHAPES[shape.kind] | self._colours(shape.kind, shape.level, finite=shape.finite),
        )

    def _edge(self, strand: Strand) -> None:
        points = self._layout.wires[strand.name]
        attributes = {
            "pos": f"e,{self._at(points[-1])} {self._spline(points)}",
            "color": self._palette.quiet,
            "fontcolor": self._palette.quiet,
            "id": f"{self._prefix}-{strand.name}",
            "class": strand.kind,
            "tooltip": graphviz.nohtml(tooltip(strand.about)),
        }
        if strand.kind in _STYLES:
            attributes["style"] = _STYLES[strand.kind]
        if strand.label:
            end_x, end_y = points[-1]
            where = (end_x - 9 - len(strand.label) * 2.7, end_y - 6)
            attributes |= {
                "label": graphviz.nohtml(plain_label(strand.label)),
                "lp": self._at(where),
            }
        self._graph.edge(strand.tail, strand.head, **attributes)

    def _spline(self, points: list[Point]) -> str:
        """Return the line as Graphviz wants it: cubic pieces that leave and arrive level."""
        *before, (end_x, end_y) = points
        kept = [*before, (end_x - 6, end_y)]
        parts = [self._at(kept[0])]
        for (x, y), (to_x, to_y) in pairwise(kept):
            middle = (x + to_x) / 2
            parts += [self._at((middle, y)), self._at((middle, to_y)), self._at((to_x, to_y))]
        return " ".join(parts)

    def _frame(self, path: str) -> None:
        frame = next(frame for frame in self._layout.frames if frame.path == path)
        low = self._at((frame.x, frame.y + frame.height))
        high = self._at((frame.x + frame.width, frame.y))
        title = (frame.x + 8 + 3.3 * len(frame_title(path)), frame.y + 9)
        with self._graph.subgraph(name=f"cluster {path}") as cluster:
            cluster.attr(
                bb=f"{low},{high}",
                label=graphviz.nohtml(plain_label(frame_title(path))),
                lp=self._at(title),
                color=self._palette.quiet,
                fontcolor=self._palette.quiet,
                fontname=FONT,
                fontsize="10",
            )
            for shape in self._scene.shapes:
                if shape.frame == path or shape.frame.startswith(f"{path}."):
                    cluster.node(shape.name)

    def _sign(self, number: int, sign: Sign) -> None:
        top = self._layout.height + MARGIN + sign.y
        palette = self._palette
        if sign.kind or sign.level:
            colours = self._colours(
                sign.kind, sign.level or "none", finite=sign.kind != "nonfinite"
            )
            look = _SHAPES.get(sign.kind, {"shape": "box", "style": "filled"})
            self._graph.node(
                f"key{number}",
                label="",
                **{**look, **colours},
                **self._placed((sign.x, top), 18.0, 12.0),
            )
        if sign.text:
            width = len(sign.text) * 6.0 + 8
            self._graph.node(
                f"text{number}",
                label=graphviz.nohtml(plain_label(sign.text) + "\\l"),
                shape="plaintext",
                fontsize="10",
                fontcolor=palette.warning if sign.warns else palette.quiet,
                margin="0",
                **self._placed((sign.x + sign.lead, top - 3), width, 16.0),
            )
