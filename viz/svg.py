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

FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
SPACE = 16.0
ARROW = 7.0
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
    size = f'width="{_n(width)}" height="{_n(height)}"'
    # An image is one thing for a screen reader; on a page its nodes are there one by one.
    role = "group" if palette is None else "img"
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{prefix}" class="wengert" {size} '
        f'viewBox="0 0 {_n(width)} {_n(height)}" role="{role}" '
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


def _n(x: float) -> str:
    """Return a coordinate with one digit after the point at most.

    >>> _n(3.0), _n(2.26), _n(-0.01)
    ('3', '2.3', '0')
    """
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


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
            size = f'width="{_n(width)}" height="{_n(height)}"'
            yield f'<rect class="paper" {size} fill="{self._palette.paper}"/>'

    def frame(self, frame: Frame) -> str:
        """Return a frame with its title."""
        x, y = frame.x + SPACE, frame.y + SPACE
        paint = self._paint(fill="frame", stroke="quiet", stroke_width="0.8")
        ink = self._paint(fill="quiet")
        title = escaped(frame_title(frame.path))
        return (
            f'<g class="frame"><rect x="{_n(x)}" y="{_n(y)}" width="{_n(frame.width)}" '
            f'height="{_n(frame.height)}" rx="6"{paint}/><text class="quiet" '
            f'x="{_n(x + 8)}" y="{_n(y + 14)}" font-size="11"{ink}>{title}</text></g>'
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
                f'<text class="slope" x="{_n(end_x - ARROW - 2)}" y="{_n(end_y - 3)}" '
                f'text-anchor="end" font-size="{_EDGE_TEXT}"{tip}>'
                f"{escaped(strand.label)}</text>"
            )
        return (
            f'<g class="wire {strand.kind}"{name}>{self._spoken(strand.about)}'
            f'<path class="line" d="{_curve(points)}"{line}{dash}/>'
            f'<path class="tip" d="M{_n(end_x)} {_n(end_y)}l-{_n(ARROW)} -3v6z"{tip}/>'
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
                fill = (
                    ""
                    if self._palette is None
                    else f' fill="{self._palette.fill(shape.level)}"'
                )
                yield (
                    f'<rect class="level" x="{_n(x + 4)}" y="{_n(base - 12)}" '
                    f'width="{_n(room - 8)}" height="{_n(LINE - 1)}" rx="4"{fill}/>'
                )
            yield self._text(kind, text, x, base, room)

    def _text(self, kind: str, text: str, x: float, base: float, room: float) -> str:
        if kind in "sk":
            where = f'x="{_n(x + room / 2)}" text-anchor="middle"'
        else:
            where = f'x="{_n(x + PAD)}"'
        size = ' font-size="10"' if kind == "k" else ""
        weight = ' font-weight="bold"' if kind in "ts" else ""
        ink = self._paint(fill="quiet" if kind in "nk" else "ink")
        return (
            f'<text class="{kind}" {where} y="{_n(base)}"{size}{weight}{ink}>'
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
                    f'<rect class="level {sign.level}" x="{_n(x)}" y="{_n(y)}" width="18" '
                    f'height="12"{fill}{line}/>'
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
                    f'<text class="{kind}" x="{_n(x + sign.lead)}" y="{_n(y + 10)}" '
                    f'font-size="11"{weight}{colour}>{escaped(sign.text)}</text>'
                )
        yield "</g>"


def _curve(points: Sequence[Point]) -> str:
    """Return a line through points that leaves and arrives level."""
    (x, y), *rest = points
    parts = [f"M{_n(x)} {_n(y)}"]
    for k, (to_x, to_y) in enumerate(rest):
        end = to_x - (ARROW - 1) * (k == len(rest) - 1)
        if abs(to_y - y) < 0.05:
            parts.append(f"H{_n(end)}")
        else:
            middle = (x + end) / 2
            parts.append(f"C{_n(middle)} {_n(y)} {_n(middle)} {_n(to_y)} {_n(end)} {_n(to_y)}")
        x, y = to_x, to_y
    return "".join(parts)


def outline(kind: str, x: float, y: float, width: float, height: float, paint: str) -> str:
    """Return the outline that tells what a node is."""
    box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
    if kind == "input":
        tip = min(TIP, width / 3)
        path = (
            f"M{_n(x)} {_n(y)}h{_n(width - tip)}l{_n(tip)} {_n(height / 2)}"
            f"l-{_n(tip)} {_n(height / 2)}h-{_n(width - tip)}z"
        )
        return f'<path class="body" d="{path}"{paint}/>'
    if kind == "operator":
        middle = f'cx="{_n(x + width / 2)}" cy="{_n(y + height / 2)}"'
        size = f'rx="{_n(width / 2)}" ry="{_n(height / 2)}"'
        return f'<ellipse class="body" {middle} {size}{paint}/>'
    if kind == "group":
        shadow = f'x="{_n(x + 3)}" y="{_n(y + 3)}" width="{_n(width)}" height="{_n(height)}"'
        return (
            f'<rect class="body shadow" {shadow} rx="3"{paint}/>'
            f'<rect class="body" {box} rx="3"{paint}/>'
        )
    dash = ' stroke-dasharray="3 2"' if kind == "constant" else ""
    rounding = {"weight": min(10.0, height / 2), "constant": 2.0}.get(kind, 2.0)
    first = f'<rect class="body" {box} rx="{_n(rounding)}"{paint}{dash}/>'
    if kind != "output":
        return first
    inner = f'x="{_n(x + 3)}" y="{_n(y + 3)}" width="{_n(width - 6)}" height="{_n(height - 6)}"'
    return f'{first}<rect class="body inner" {inner} rx="1"{paint}/>'
