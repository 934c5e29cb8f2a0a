"""A layout with frames: neurons and layers are drawn around what is in them.

Every frame is laid out by itself, innermost first, with the lines that cross its border tied to
places on it; then it stands as one box in the frame around it. Lines are put together from
their pieces at the end. Knows boxes, wires and frames. Knows no graph and no colour.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from viz.columns import Deadline, Item, Link
from viz.layering import Placement, Point, arrange
from viz.modules import ancestors

FRAME_PAD = 10.0
FRAME_TITLE = 18.0
BORDER_LANE = 9.0


@dataclass(frozen=True, slots=True)
class Box:
    """A thing with a size. `frame` is the path of the frame it stands in, or "".

    `ports` are the heights at which wires arrive, by the name of the wire; all leave from
    the middle.
    """

    name: str
    width: float
    height: float
    ports: dict[str, float]
    frame: str = ""


@dataclass(frozen=True, slots=True)
class Wire:
    """A line between two boxes; `label` is the width of the text at its end."""

    name: str
    tail: str
    head: str
    label: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: left upper corner and size."""

    path: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Corners of boxes, frames from the outermost on, and the points of every wire."""

    width: float
    height: float
    boxes: dict[str, Point]
    frames: list[Frame]
    wires: dict[str, list[Point]]


@dataclass(slots=True)
class _Part:
    """What one frame holds, laid out.

    Attributes:
        path: path of the frame, "" for the whole picture.
        members: names of boxes, and paths of frames with a "/" before them.
        placement: where they stand.
        pieces: index of the route of a piece of a wire, by its two ends.
        entries: heights on the left border, by the box that the wires come from.
        exits: heights on the right border, by the box that the wires leave.
    """

    path: str
    members: list[str] = field(default_factory=list)
    placement: Placement = field(init=False)
    pieces: dict[tuple[str, str], int] = field(default_factory=dict)
    entries: dict[str, float] = field(default_factory=dict)
    exits: dict[str, float] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def lay_out(boxes: Sequence[Box], wires: Sequence[Wire], deadline: Deadline) -> Layout:
    """Return where boxes, wires and frames go.

    Raises:
        LayoutTimeoutError: if the deadline passes.
    """
    plan = _Plan(boxes, wires)
    for path in sorted(plan.parts, key=lambda path: -len(_lineage(path))):
        plan.place(plan.parts[path], deadline)
    return plan.assembled()


def _lineage(path: str) -> list[str]:
    """Return the frames around something in a frame, from the whole picture inwards."""
    return ["", *ancestors(path)] if path else [""]


class _Plan:
    """The boxes and wires of one picture, and its parts as they are laid out."""

    def __init__(self, boxes: Sequence[Box], wires: Sequence[Wire]) -> None:
        self.boxes = {box.name: box for box in boxes}
        self.lineages = {box.name: _lineage(box.frame) for box in boxes}
        self.wires = wires
        self.parts: dict[str, _Part] = {"": _Part("")}
        for box in boxes:
            self._enrol(box)
        # The wires that a part holds a piece of.
        self.through: dict[str, list[Wire]] = defaultdict(list)
        for wire in wires:
            tail, head = self.lineages[wire.tail], self.lineages[wire.head]
            for path in dict.fromkeys([*tail, *head]):
                if path in (tail if path not in head else head):
                    self.through[path].append(wire)

    def _enrol(self, box: Box) -> None:
        lineage = self.lineages[box.name]
        for above, path in pairwise(lineage):
            if path not in self.parts:
                self.parts[path] = _Part(path)
                self.parts[above].members.append(f"/{path}")
        self.parts[lineage[-1]].members.append(box.name)

    def _member(self, name: str, path: str) -> str | None:
        """Return which member of a part a box is or is in, None if it is outside."""
        lineage = self.lineages[name]
        if path not in lineage:
            return None
        depth = lineage.index(path)
        return f"/{lineage[depth + 1]}" if depth + 1 < len(lineage) else name

    def place(self, part: _Part, deadline: Deadline) -> None:
        """Lay out one part, given that the frames in it are laid out."""
        items = [self._item(member) for member in part.members]
        numbers = {member: k for k, member in enumerate(part.members)}
        pieces: list[tuple[str, str, Wire]] = []
        for wire in self.through[part.path]:
            tail, head = (self._member(n, part.path) for n in (wire.tail, wire.head))
            if (tail is None and head is None) or (tail == head and tail is not None):
                continue
            # A wire from outside begins at the border, one to the outside ends there.
            ends = (tail or f"<{wire.tail}", head or f">{wire.tail}")
            pieces.append((*ends, wire))
        borders = dict.fromkeys(end for piece in pieces for end in piece[:2])
        for end in borders:
            if end[0] in "<>" and end not in numbers:
                numbers[end] = len(items)
                items.append(Item(0.0, BORDER_LANE, -1 if end[0] == "<" else 1))
        # What comes in from the left stands first, so that lines lead to higher numbers.
        order = sorted(range(len(items)), key=lambda k: items[k].pin)
        moved = {old: new for new, old in enumerate(order)}
        links: list[Link] = []
        for tail, head, wire in pieces:
            key = (self._end(tail, wire), self._end(head, wire, arriving=True))
            if key in part.pieces:
                continue
            part.pieces[key] = len(links)
            links.append(
                Link(
                    moved[numbers[tail]],
                    self._leaves(tail, wire),
                    moved[numbers[head]],
                    self._arrives(head, wire),
                    wire.label if head == wire.head else 0.0,
                )
            )
        part.placement = arrange([items[k] for k in order], links, deadline)
        self._finish(part, numbers, moved)

    def _finish(self, part: _Part, numbers: dict[str, int], moved: dict[int, int]) -> None:
        placed = part.placement
        lead = FRAME_TITLE if part.path else 0.0
        pad = FRAME_PAD if part.path else 0.0
        for end, number in numbers.items():
            height = placed.corners[moved[number]][1] + BORDER_LANE / 2 + lead + pad
            if end.startswith("<"):
                part.entries[end[1:]] = height
            elif end.startswith(">"):
                part.exits[end[1:]] = height
        corners = {end: placed.corners[moved[number]] for end, number in numbers.items()}
        self_corners = [corners[member] for member in part.members]
        part.placement = Placement(self_corners, placed.width, placed.height, placed.routes)
        title = 7.0 * len(part.path) + 2 * pad if part.path else 0.0
        part.width = max(placed.width + 2 * pad, title)
        part.height = placed.height + 2 * pad + lead

    def _item(self, member: str) -> Item:
        thing = self.parts[member[1:]] if member.startswith("/") else self.boxes[member]
        return Item(thing.width, thing.height)

    def _end(self, end: str, wire: Wire, *, arriving: bool = False) -> str:
        """Return what tells the end of a piece from others at the same member."""
        if end.startswith("/"):
            return f"{end} {wire.tail}"
        return f"{end} {wire.name}" if arriving and end == wire.head else end

    def _leaves(self, end: str, wire: Wire) -> float:
        if end.startswith("/"):
            return self.parts[end[1:]].exits[wire.tail]
        return BORDER_LANE / 2 if end.startswith("<") else self.boxes[end].height / 2

    def _arrives(self, end: str, wire: Wire) -> float:
        if end.startswith("/"):
            return self.parts[end[1:]].entries[wire.tail]
        if end.startswith(">"):
            return BORDER_LANE / 2
        box = self.boxes[end]
        return box.ports.get(wire.name, box.height / 2)

    # -- putting together --------------------------------------------------------------------

    def assembled(self) -> Layout:
        """Return the whole layout in the coordinates of the picture."""
        origins: dict[str, Point] = {"": (0.0, 0.0)}
        corners: dict[str, Point] = {}
        frames = []
        for path in sorted(self.parts, key=lambda path: len(_lineage(path))):
            part, (x, y) = self.parts[path], origins[path]
            if path:
                frames.append(Frame(path, x, y, part.width, part.height))
            left, top = self._inner(part)
            for member, (dx, dy) in zip(part.members, part.placement.corners, strict=True):
                at = (x + left + dx, y + top + dy)
                if member.startswith("/"):
                    origins[member[1:]] = at
                else:
                    corners[member] = at
        wires = {wire.name: self._points(wire, origins) for wire in self.wires}
        whole = self.parts[""]
        return Layout(whole.width, whole.height, corners, frames, wires)

    def _inner(self, part: _Part) -> Point:
        if not part.path:
            return 0.0, 0.0
        return (part.width - part.placement.width) / 2, FRAME_PAD + FRAME_TITLE

    def _points(self, wire: Wire, origins: dict[str, Point]) -> list[Point]:
        tail, head = self.lineages[wire.tail], self.lineages[wire.head]
        common = [path for path in tail if path in head]
        inward = [path for path in head if path not in common]
        outward = [path for path in reversed(tail) if path not in common]
        points: list[Point] = []
        for path in (*outward, common[-1], *inward):
            part, (x, y) = self.parts[path], origins[path]
            ends = (self._member(wire.tail, path) or f"<{wire.tail}",
                    self._member(wire.head, path) or f">{wire.tail}")  # fmt: skip
            key = (self._end(ends[0], wire), self._end(ends[1], wire, arriving=True))
            left, top = self._inner(part)
            route = part.placement.routes[part.pieces[key]]
            points += [(x + left + px, y + top + py) for px, py in route]
        return points
