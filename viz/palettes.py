"""The colours of pictures and pages: one name for each, in a light, a dark and a print theme.

Gradients have a diverging scale that colour-blind readers can tell apart: blue above 0, orange
below, paler towards 0. Text keeps a contrast of at least 4.5:1 on all it stands on; a test
computes that. Knows no graph.
"""

from dataclasses import dataclass

from viz.errors import OptionError

# A gradient is as strong as its level: its size beside the largest one of the picture.
LEVELS = (1 / 100, 1 / 10, 1 / 3)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme.

    Attributes:
        paper: the background.
        ink: text.
        quiet: text and lines that are less important.
        card: the inside of nodes.
        operator: the inside of operations.
        frame: the inside of neurons and layers.
        edge: outlines of nodes.
        accent: the outline of weights, and what is selected.
        result: the outline of the output.
        warning: numbers that are not finite.
        stripe: the second colour of their stripes.
        active: the ground of what a step looks at.
        above: gradients above 0, from faint to strong.
        below: gradients below 0, likewise.
        zero: a gradient of exactly 0.
        far_above: the end of a continuous scale above 0, as strong as a line.
        far_below: its other end.
        series: lines of a plot, in order.
    """

    paper: str
    ink: str
    quiet: str
    card: str
    operator: str
    frame: str
    edge: str
    accent: str
    result: str
    warning: str
    stripe: str
    active: str
    above: tuple[str, str, str, str]
    below: tuple[str, str, str, str]
    zero: str
    far_above: str
    far_below: str
    series: tuple[str, ...]

    @property
    def has_one_line_colour(self) -> bool:
        """Whether lines of a plot differ in dashes alone, as on paper."""
        return len(set(self.series)) == 1

    def fill(self, level: str) -> str:
        """Return the colour of a gradient's level, as `level_of` names it.

        >>> LIGHT.fill("p4") == LIGHT.above[3], LIGHT.fill("none") == LIGHT.card
        (True, True)
        """
        if level == "none":
            return self.card
        if level == "z":
            return self.zero
        return (self.above if level[0] == "p" else self.below)[int(level[1]) - 1]


LIGHT = Palette(
    paper="#ffffff",
    ink="#17191c",
    quiet="#5c636b",
    card="#fbfbfc",
    operator="#f3ead7",
    frame="#f4f6f8",
    edge="#737b84",
    accent="#0072b2",
    result="#00735a",
    warning="#b3261e",
    stripe="#f7d9d5",
    active="#ffe27a",
    above=("#e6f1fa", "#c4def3", "#98c7ea", "#67a9db"),
    below=("#fcebdc", "#f9d2ae", "#f3b377", "#e8914a"),
    zero="#eceef0",
    far_above="#0b5c9e",
    far_below="#b04a00",
    series=("#0072b2", "#b04a00", "#00735a", "#9a3d7c", "#6b6200", "#4d4d4d"),
)
DARK = Palette(
    paper="#15181c",
    ink="#f1f3f5",
    quiet="#a4acb5",
    card="#1f2429",
    operator="#3a3222",
    frame="#1b2025",
    edge="#87909a",
    accent="#56b4e9",
    result="#3ecfa5",
    warning="#ff9d94",
    stripe="#4a1f1c",
    active="#4a3c00",
    above=("#1b2f42", "#1c4163", "#1d5485", "#1f66a5"),
    below=("#402a17", "#5a3614", "#75420f", "#8f4f0a"),
    zero="#2b3138",
    far_above="#6fb8f0",
    far_below="#f0994a",
    series=("#56b4e9", "#f0994a", "#3ecfa5", "#e08cc0", "#d8cc4a", "#c0c5cb"),
)
# For paper: no large dark areas, and tints that a black-and-white printer keeps apart.
PRINT = Palette(
    paper="#ffffff",
    ink="#000000",
    quiet="#404040",
    card="#ffffff",
    operator="#ffffff",
    frame="#ffffff",
    edge="#000000",
    accent="#000000",
    result="#000000",
    warning="#8a0000",
    stripe="#e0e0e0",
    active="#eeeeee",
    above=("#f0f6fb", "#d9e9f5", "#bcd8ec", "#9cc4e1"),
    below=("#fdf3ea", "#fae1c9", "#f5c99f", "#eeae73"),
    zero="#ffffff",
    far_above="#2f6f9f",
    far_below="#a35a1c",
    series=("#000000",),
)

THEMES = {"light": LIGHT, "dark": DARK, "print": PRINT}


def palette_of(theme: str) -> Palette:
    """Return the colours of a theme.

    Raises:
        OptionError: if there is no such theme.
    """
    if theme not in THEMES:
        raise OptionError(f"theme must be one of {', '.join(THEMES)}, got {theme!r}")
    return THEMES[theme]


def level_of(gradient: float | None, largest: float) -> str:
    """Return the level of a gradient: "p4" to "p1", "z", "m1" to "m4", or "none".

    >>> [level_of(g, 3.0) for g in (3.0, 0.5, 0.1, 1e-9, 0.0, -2.0, None)]
    ['p4', 'p3', 'p2', 'p1', 'z', 'm4', 'none']
    """
    if gradient is None or gradient != gradient:  # noqa: PLR0124 - nan
        return "none"
    if gradient == 0.0:
        return "z"
    share = abs(gradient) / largest if largest and largest != float("inf") else 1.0
    strength = 1 + sum(share > limit for limit in LEVELS)
    return f"{'p' if gradient > 0 else 'm'}{strength}"
