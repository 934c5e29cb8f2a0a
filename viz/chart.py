"""Curves of a training as a small SVG picture, made without any library.

One panel for losses and one for everything else but the learning rate. Knows nothing of how
numbers are measured.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

from autograd import format_number
from viz.palettes import Palette

WIDTH, HEIGHT = 320.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 68.0, 12.0, 26.0, 26.0
# More points than this cannot be told apart.
_MOST = 300

Numbers = Mapping[str, Sequence[float]]


def chart(history: Numbers, colours: Palette, title: str = "") -> str:
    """Return the curves of a history as SVG: losses, and beside them what else was measured.

    >>> from viz.palettes import LIGHT
    >>> picture = chart({"loss": [1.0, 0.5], "accuracy": [0.5, 0.75]}, LIGHT)
    >>> picture.count("<polyline")
    2
    """
    names = [name for name, numbers in history.items() if numbers and name != "lr"]
    panels = [
        [name for name in names if name.endswith("loss")],
        [name for name in names if not name.endswith("loss")],
    ]
    panels = [panel for panel in panels if panel]
    width = WIDTH * max(1, len(panels))
    said = "; ".join(f"{name} {format_number(history[name][-1])}" for name in names)
    about = escape(f"{title}: {said}" if title else said)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{about}"',
        f'viewBox="0 0 {width:g} {HEIGHT:g}" width="{width:g}" height="{HEIGHT:g}"',
        'font-family="system-ui, sans-serif" font-size="11">',
        f'<rect width="{width:g}" height="{HEIGHT:g}" fill="{colours.paper}"/>',
    ]
    for k, panel in enumerate(panels):
        parts += _panel(history, panel, colours, k * WIDTH)
    return "\n".join([*parts, "</svg>"])


def _panel(history: Numbers, names: Sequence[str], colours: Palette, left: float) -> list[str]:
    """Return one panel: a frame of numbers, and a line with its name for each curve."""
    finite = [x for name in names for x in history[name] if math.isfinite(x)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    epochs = max(len(history[name]) for name in names)
    x0, x1 = left + _LEFT, left + WIDTH - _RIGHT
    y0, y1 = HEIGHT - _BOTTOM, _TOP

    def place(epoch: int, number: float) -> str:
        x = x0 + (x1 - x0) * ((epoch - 1) / (epochs - 1) if epochs > 1 else 0.5)
        return f"{x:.1f},{y0 + (y1 - y0) * (number - low) / (high - low):.1f}"

    parts = [f'<path d="M{x0:g} {y1:g}V{y0:g}H{x1:g}" fill="none" stroke="{colours.edge}"/>']
    for y, number in ((y0, low), (y1, high)):
        parts.append(_text(x0 - 5, y + 4, format_number(number), "end", colours.ink))
    parts.append(_text(x0, y0 + 15, "1", "middle", colours.ink))
    parts.append(_text(x1, y0 + 15, f"epoch {epochs}", "end", colours.ink))
    along = x0
    for k, name in enumerate(names):
        colour = colours.series[k % len(colours.series)]
        dash = ' stroke-dasharray="5 3"' if k % 2 else ""
        points = [
            place(epoch, history[name][epoch - 1])
            for epoch in _chosen(len(history[name]))
            if math.isfinite(history[name][epoch - 1])
        ]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
            f'stroke-width="1.8"{dash}/>'
        )
        if points:
            right, _, top = points[-1].partition(",")
            parts.append(f'<circle cx="{right}" cy="{top}" r="2.6" fill="{colour}"/>')
        parts.append(f'<path d="M{along:.1f} 12h16" stroke="{colour}" stroke-width="2"{dash}/>')
        text = f"{name} {format_number(history[name][-1])}"
        parts.append(_text(along + 20, 16, text, "start", colours.ink))
        along += 34 + 6.2 * len(text)
    return parts


def _chosen(count: int) -> list[int]:
    """Return the epochs to draw, the first and the last among them."""
    if count <= _MOST:
        return list(range(1, count + 1))
    return [1 + (count - 1) * k // (_MOST - 1) for k in range(_MOST)]


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(text)}</text>"
    )
