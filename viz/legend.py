"""What explains a picture: its shapes, its scale of gradients, its numbers, and its warnings.

Only what the picture has is explained. Knows a scene and the widths of letters. Knows no
colour and no file format.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from autograd import format_number
from viz.captions import letters
from viz.palettes import LEVELS
from viz.scene import Scene

MARGIN = 14.0
ROW = 18.0
NARROWEST = 560.0
_LETTER = 6.7

KINDS = {
    "weight": "weight",
    "input": "input",
    "constant": "constant",
    "operator": "operation",
    "operation": "computed",
    "output": "output",
    "group": "several, folded",
    "nonfinite": "not finite",
}
SCALE = ("m4", "m3", "m2", "m1", "z", "p1", "p2", "p3", "p4")
SLOPES = "Number on an arrow: the local derivative, d(result)/d(operand)."
ADDS = (
    "Backward, each arrow adds (grad of its result) * (its number) to the grad of its operand."
)
NOT_YET = "grad -: no backward pass yet; call .backward() on the result, then draw again."
OPERANDS = "Word on an arrow: which operand it is, where that matters, as in left - right."
DOT = "dot = start + its other operands, multiplied in pairs; in a neuron, start is the bias."
COUNTS = "Number on an arrow: how many arrows it stands for."


@dataclass(frozen=True, slots=True)
class Sign:
    """One item of a legend: a shape, a colour or neither, and a text after it."""

    x: float
    y: float
    kind: str
    level: str
    text: str
    warns: bool = False

    @property
    def lead(self) -> float:
        """How far the text stands from the left of the item."""
        return 27.0 if self.kind else 23.0 if self.level else 0.0


@dataclass(frozen=True, slots=True)
class Legend:
    """The items, with places, and the size of all of them."""

    signs: tuple[Sign, ...]
    width: float
    height: float


def legend(scene: Scene, width: float) -> Legend:
    """Return the legend of a scene for a picture of a width."""
    widest = max(width, NARROWEST)
    rows: list[list[tuple[str, str, str, bool]]] = [_shapes(scene)]
    rows.append(_scale(scene))
    rows += [[("", "", text, False)] for text in _sentences(scene)]
    rows += [[("", "", note.text, note.warns)] for note in scene.notes]
    signs: list[Sign] = []
    y, longest = 0.0, 0.0
    for row in rows:
        x = 0.0
        for kind, level, text, warns in row:
            for k, line in enumerate(_wrapped(text, int(widest / _LETTER) - 4)):
                sign = Sign(x, y, kind if k == 0 else "", level, line, warns)
                taken = sign.lead + letters(line) * _LETTER + (16 if text else 0)
                if (x and x + taken > widest) or k:
                    x, y = 0.0, y + ROW
                    sign = Sign(x, y, sign.kind, level, line, warns)
                signs.append(sign)
                x += taken if text else 18.0
                longest = max(longest, x)
        y += ROW if row else 0.0
    return Legend(tuple(signs), min(longest, widest), y)


def _shapes(scene: Scene) -> list[tuple[str, str, str, bool]]:
    kinds = {shape.kind for shape in scene.shapes}
    if any(not shape.finite for shape in scene.shapes):
        kinds.add("nonfinite")
    names = {**KINDS, "operation": "computed" if scene.split else "operation and its result"}
    return [(kind, "", name, False) for kind, name in names.items() if kind in kinds]


def _scale(scene: Scene) -> list[tuple[str, str, str, bool]]:
    if all(shape.level == "none" for shape in scene.shapes):
        return []
    largest = format_number(scene.largest)
    steps = ", ".join(format_number(scene.largest * limit) for limit in reversed(LEVELS))
    ends = {
        "m4": "",
        "z": "",
        "p4": f"grad from -{largest} over 0 to {largest}; steps at {steps}",
    }
    return [("", level, ends.get(level, ""), False) for level in SCALE]


def _sentences(scene: Scene) -> list[str]:
    edges = [strand.edge for strand in scene.strands if strand.edge is not None]
    if not edges:
        return []
    sentences = []
    if any(edge.partial is not None for edge in edges):
        swept = any(shape.level != "none" for shape in scene.shapes)
        sentences += [SLOPES, ADDS if swept else NOT_YET]
    open_edges = [s.edge for s in scene.strands if s.edge is not None and s.kind != "folded"]
    words = {edge.slot for edge in open_edges if edge.slot and not edge.slot.startswith("pair")}
    if words - {"start"}:
        sentences.append(OPERANDS)
    if "start" in words:
        sentences.append(DOT)
    if any(strand.kind == "folded" and strand.label for strand in scene.strands):
        sentences.append(COUNTS)
    return sentences


def _wrapped(text: str, most: int) -> Sequence[str]:
    """Return text as lines of at most so many letters."""
    if letters(text) <= most:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        if line and letters(f"{line} {word}") > most:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]
