"""The lines of a picture as SVG: outlines of nodes, wires between them, coordinates.

Knows points and sizes. Knows no text and no colour.
"""

from collections.abc import Sequence

from viz.layering import Point
from viz.scene import TIP

ARROW = 7.0


def short(x: float) -> str:
    """Return a coordinate with one digit after the point at most.

    >>> short(3.0), short(2.26), short(-0.01)
    ('3', '2.3', '0')
    """
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def curve(points: Sequence[Point]) -> str:
    """Return a line through points that leaves and arrives level."""
    (x, y), *rest = points
    parts = [f"M{short(x)} {short(y)}"]
    for k, (to_x, to_y) in enumerate(rest):
        end = to_x - (ARROW - 1) * (k == len(rest) - 1)
        if abs(to_y - y) < 0.05:
            parts.append(f"H{short(end)}")
        else:
            middle = (x + end) / 2
            turns = ((middle, y), (middle, to_y), (end, to_y))
            parts.append("C" + " ".join(f"{short(a)} {short(b)}" for a, b in turns))
        x, y = to_x, to_y
    return "".join(parts)


def box(x: float, y: float, width: float, height: float) -> str:
    """Return where a rectangle is, as attributes."""
    return f'x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}"'


def outline(kind: str, x: float, y: float, width: float, height: float, paint: str) -> str:
    """Return the outline that tells what a node is."""
    place = box(x, y, width, height)
    if kind == "input":
        tip = min(TIP, width / 3)
        path = (
            f"M{short(x)} {short(y)}h{short(width - tip)}l{short(tip)} {short(height / 2)}"
            f"l-{short(tip)} {short(height / 2)}h-{short(width - tip)}z"
        )
        return f'<path class="body" d="{path}"{paint}/>'
    if kind == "operator":
        middle = f'cx="{short(x + width / 2)}" cy="{short(y + height / 2)}"'
        size = f'rx="{short(width / 2)}" ry="{short(height / 2)}"'
        return f'<ellipse class="body" {middle} {size}{paint}/>'
    if kind == "group":
        shadow = box(x + 3, y + 3, width, height)
        return (
            f'<rect class="body shadow" {shadow} rx="3"{paint}/>'
            f'<rect class="body" {place} rx="3"{paint}/>'
        )
    dash = ' stroke-dasharray="3 2"' if kind == "constant" else ""
    rounding = {"weight": min(10.0, height / 2), "constant": 2.0}.get(kind, 2.0)
    first = f'<rect class="body" {place} rx="{short(rounding)}"{paint}{dash}/>'
    if kind != "output":
        return first
    inner = box(x + 3, y + 3, width - 6, height - 6)
    return f'{first}<rect class="body inner" {inner} rx="1"{paint}/>'
