"""A scene as SVG: the text is the same in every run, and needs no renderer.

With a palette every element has its colours as attributes, so that the picture looks the same
in a browser, a notebook and a drawing program. Without one it has classes only, for a page
that brings its own style. Knows shapes and coordinates. Knows no graph.
"""

from collections.abc import Iterator, Sequence

from viz.captions import frame_title
from viz.layering import Point
from viz.layout import Frame, Layout
from viz.legend import MARGIN, Legend
from viz.palettes import Palette
from viz.quoting import printable
from viz.scene import LINE, PAD, TIP, Scene, Shape, Strand
from viz.svg_lines import ARROW, box, curve, outline, short

FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
SPACE = 16.0
_EDGE_TEXT = 10
_DASHES = {"constant": ' stroke-dasharray="2 3"', "still": ' stroke-dasharray="5 3"'}


def escaped(text: str) -> str:
    """Return text for XML, in an element or between double quotes.

    >>> escaped('<a href="x">&')
    '&lt;a href=&quot;x&quot;&gt;&amp;'
    """
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(letter, entity)
    return printable(text.replace("\n", "\ue000")).replace("\ue000", "\n")


def svg(
    scene: Scene,
    layout: Layout,
    legend: Legend,
    palette: Palette | None,
    *,
    prefix: str,
    title: str,
    about: str,
) -> str:
    """Return the picture.

    Args:
        scene: what to draw.
        layout: where it goes.
        legend: what explains it.
        palette: its colours, None for classes alone.
        prefix: what its ids begin with.
        title: its name, for people who do not see it.
        about: what it shows, in words, likewise.
    """
    writer = _Writer(palette, prefix)
    width = max(layout.width, legend.width) + 2 * SPACE
    height = layout.height + 2 * SPACE + (MARGIN + legend.height if legend.height else 0.0)
    size = f'width="{short(width)}" height="{short(height)}"'
    # An image is one thing for a screen reader; on a page its nodes are there one by one.
    role = "group" if palette is None else "img"
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{prefix}" class="wengert" {size} '
        f'viewBox="0 0 {short(width)} {short(height)}" role="{role}" '
        f'aria-labelledby="{prefix}-title {prefix}-about" xml:space="preserve" '
        f'font-family="{FONT}" font-size="12">'
    )
    names = (
        f'<title id="{prefix}-title">{escaped(title)}</title>'
        f'<desc id="{prefix}-about">{escaped(about)}</desc>'
    )
    lines = [root, names, *writer.start(width, height)]
    lines += [writer.frame(frame) for frame in layout.frames]
    lines += [writer.wire(strand, layout.wires[strand.name]) for strand in scene.strands]
    lines += [writer.shape(shape, layout.boxes[shape.name]) for shape in scene.shapes]
    lines += writer.legend(legend, layout.height + SPACE + MARGIN)
    return "\n".join([*lines, "</svg>", ""])


class _Writer:
    """Writes the elements of one picture."""

    def __init__(self, palette: Palette | None, prefix: str) -> None:
        self._palette = palette
        self._prefix = prefix

    def _paint(self, **colours: str) -> str:
        """Return attributes such as fill="#fff" from names such as fill="paper"."""
        if self._palette is None:
            return ""
        parts = []
        for attribute, name in colours.items():
            colour = getattr(self._palette, name, None) or name
            parts.append(f' {attribute.replace("_", "-")}="{colour}"')
        return "".join(parts)

    def _spoken(self, about: str) -> str:
        """Return what an element says of itself; a page has its own words for that."""
        return f"<title>{escaped(about)}</title>" if self._palette is not None else ""

    def _level(self, level: str) -> str:
        return "" if self._palette is None else f' fill="{self._palette.fill(level)}"'

    def start(self, width: float, height: float) -> Iterator[str]:
        """Yield what stands before everything: stripes and the background."""
        stripes = self._paint(fill="card")
        line = self._paint(stroke="stripe")
        yield (
            f'<defs><pattern id="{self._prefix}-stripes" width="8" height="8" '
            f'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<rect class="card" width="8" height="8"{stripes}/>'
            f'<path class="stripe" d="M2 0V8"{line} stroke-width="4"/></pattern></defs>'
        )
        if self._palette is not None:
            size = f'width="{short(width)}" height="{short(height)}"'
            yield f'<rect class="paper" {size} fill="{self._palette.paper}"/>'

    def frame(self, frame: Frame) -> str:
        """Return a frame with its title."""
        x, y = frame.x + SPACE, frame.y + SPACE
        paint = self._paint(fill="frame", stroke="quiet", stroke_width="0.8")
        ink = self._paint(fill="quiet")
        title = escaped(frame_title(frame.path))
        return (
            f'<g class="frame"><rect {box(x, y, frame.width, frame.height)} rx="6"{paint}/>'
            f'<text class="quiet" x="{short(x + 8)}" y="{short(y + 14)}" '
            f'font-size="11"{ink}>{title}</text></g>'
        )

    def wire(self, strand: Strand, points: Sequence[Point]) -> str:
        """Return an arrow with its number."""
        points = [(x + SPACE, y + SPACE) for x, y in points]
        end_x, end_y = points[-1]
        # On a page the gradients are yet to come.
        dash = _DASHES.get(strand.kind, "")
        if self._palette is None and strand.kind == "still":
            dash = ""
        name = f' id="{self._prefix}-{strand.name}" data-edge="{strand.name}"'
        line = self._paint(fill="none", stroke="quiet")
        tip = self._paint(fill="quiet")
        label = ""
        if strand.label:
            label = (
                f'<text class="slope" x="{short(end_x - ARROW - 2)}" y="{short(end_y - 3)}" '
                f'text-anchor="end" font-size="{_EDGE_TEXT}"{tip}>'
                f"{escaped(strand.label)}</text>"
            )
        return (
            f'<g class="wire {strand.kind}"{name}>{self._spoken(strand.about)}'
            f'<path class="line" d="{curve(points)}"{line}{dash}/>'
            f'<path class="tip" d="M{short(end_x)} {short(end_y)}l-{short(ARROW)} -3v6z"{tip}/>'
            f"{label}</g>"
        )

    # -- nodes -------------------------------------------------------------------------------

    def shape(self, shape: Shape, corner: Point) -> str:
        """Return a node: its outline and its lines of text."""
        x, y = corner[0] + SPACE, corner[1] + SPACE
        classes = f"node {shape.kind} {shape.level}{'' if shape.finite else ' nonfinite'}"
        name = f'id="{self._prefix}-{shape.name}" data-node="{shape.node}"'
        return (
            f'<g class="{classes}" {name}>{self._spoken(shape.about)}'
            f"{self._outline(shape, x, y)}{''.join(self._texts(shape, x, y))}</g>"
        )

    def _body(self, shape: Shape, *, bold: bool = False) -> str:
        fill = "operator" if shape.kind == "operator" else "card"
        stroke = {"weight": "accent", "output": "result"}.get(shape.kind, "edge")
        if not shape.finite:
            stroke = "warning"
        width = "2" if bold or not shape.finite else "1.2"
        if self._palette is None:
            return ""
        paint = self._paint(stroke=stroke, stroke_width=width)
        ground = getattr(self._palette, fill)
        if not shape.finite:
            ground = f"url(#{self._prefix}-stripes)"
        return f' fill="{ground}"{paint}'

    def _outline(self, shape: Shape, x: float, y: float) -> str:
        return outline(shape.kind, x, y, shape.width, shape.height, self._body(shape))

    def _texts(self, shape: Shape, x: float, y: float) -> Iterator[str]:
        room = shape.width - TIP * (shape.kind == "input")
        top = y + (shape.height - len(shape.lines) * LINE) / 2
        for k, (kind, text) in enumerate(shape.lines):
            base = top + k * LINE + 12
            if kind == "g" and (shape.level != "none" or self._palette is None):
                place = box(x + 4, base - 12, room - 8, LINE - 1)
                yield f'<rect class="level" {place} rx="4"{self._level(shape.level)}/>'
            yield self._text(kind, text, x, base, room)

    def _text(self, kind: str, text: str, x: float, base: float, room: float) -> str:
        if kind in "sk":
            where = f'x="{short(x + room / 2)}" text-anchor="middle"'
        else:
            where = f'x="{short(x + PAD)}"'
        size = ' font-size="10"' if kind == "k" else ""
        weight = ' font-weight="bold"' if kind in "ts" else ""
        ink = self._paint(fill="quiet" if kind in "nk" else "ink")
        return (
            f'<text class="{kind}" {where} y="{short(base)}"{size}{weight}{ink}>'
            f"{escaped(text)}</text>"
        )

    # -- the legend --------------------------------------------------------------------------

    def legend(self, legend: Legend, top: float) -> Iterator[str]:
        """Yield what explains shapes, colours and numbers."""
        if not legend.height:
            return
        yield '<g class="legend">'
        ink = self._paint(fill="quiet")
        for sign in legend.signs:
            x, y = sign.x + SPACE, top + sign.y
            if sign.level:
                fill = self._level(sign.level)
                line = self._paint(stroke="quiet", stroke_width="0.5")
                yield (
                    f'<rect class="level {sign.level}" {box(x, y, 18.0, 12.0)}{fill}{line}/>'
                )
            elif sign.kind:
                example = Shape("", "", sign.kind, (), "none", sign.kind != "nonfinite", "",
                                22, 13, "", {})  # fmt: skip
                body = self._body(example)
                kind = "operation" if sign.kind == "nonfinite" else sign.kind
                shown = outline(kind, x, y, 22, 13, body)
                yield f'<g class="node {sign.kind}">{shown}</g>'
            if sign.text:
                weight = ' font-weight="bold"' if sign.warns else ""
                colour = self._paint(fill="warning") if sign.warns else ink
                kind = "warning" if sign.warns else "quiet"
                yield (
                    f'<text class="{kind}" x="{short(x + sign.lead)}" y="{short(y + 10)}" '
                    f'font-size="11"{weight}{colour}>{escaped(sign.text)}</text>'
                )
        yield "</g>"
