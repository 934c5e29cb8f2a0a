"""Where things stand that lead from left to right: one level of a layered drawing.

The classic four steps (Sugiyama, Tagawa and Toda 1981): columns by longest path, an order
within each column with few crossings, heights that make lines straight, and the lines. Lines
from the same place to far columns share a trunk. The same input gives the same layout, always.
Knows sizes and numbers. Knows no graph, no text and no colour.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from viz.columns import LANE, Deadline, Item, Level, Link
from viz.ordering import order

COLUMN_GAP = 26.0
ROW_GAP = 12.0
# Many lines between two columns need room to bend.
LINE_ROOM = 2.0
MOST_LINE_ROOM = 70.0
HEIGHT_SWEEPS = 24

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placement:
    """Left upper corners of the items, the size of all, and a line of points for each link."""

    corners: list[Point]
    width: float
    height: float
    routes: list[list[Point]]


def arrange(items: Sequence[Item], links: Sequence[Link], deadline: Deadline) -> Placement:
    """Return where items and lines go. Lines lead from lower to higher items, if possible."""
    if not items:
        return Placement([], 0.0, 0.0, [])
    level = Level(items, links, deadline)
    order(level)
    _settle(level)
    return _placement(level)


# -- heights ---------------------------------------------------------------------------------


def _settle(level: Level) -> None:
    """Give every spot a height: near its neighbours, in the order of its column."""
    level.y = [0.0] * len(level.spots)
    for column in level.columns:
        _stack(level, column, dict.fromkeys(column, 0.0))
    for sweep in range(HEIGHT_SWEEPS):
        level.deadline.check()
        early, rightward = sweep < 2, sweep % 2 == 0
        for column in level.columns if rightward else reversed(level.columns):
            wished = {}
            for spot in column:
                near = (
                    (level.before if rightward else level.after)[spot]
                    if early
                    else [*level.before[spot], *level.after[spot]]
                )
                weight = sum(w for _, _, _, w in near)
                wished[spot] = (
                    sum(w * (level.y[n] + y - own) for n, y, own, w in near) / weight
                    if near
                    else level.y[spot]
                )
            _stack(level, column, wished)


def _stack(level: Level, column: Sequence[int], wished: dict[int, float]) -> None:
    """Put a column as close to the wished heights as its order and its gaps allow.

    That is isotonic regression of the wishes less the room that those above need: blocks that
    would overlap are pooled and take their mean.
    """
    blocks: list[tuple[float, int]] = []
    room, rooms = 0.0, []
    for k, spot in enumerate(column):
        if k:
            above = level.spots[column[k - 1]]
            bare = above.width == 0 and level.spots[spot].width == 0
            room += above.height + (2.0 if bare else ROW_GAP)
        rooms.append(room)
        blocks.append((wished[spot] - room, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (low, m), (high, n) = blocks[-2:]
            blocks[-2:] = [((low * m + high * n) / (m + n), m + n)]
    heights = [mean for mean, count in blocks for _ in range(count)]
    for spot, height, room in zip(column, heights, rooms, strict=True):
        level.y[spot] = height + room


# -- the result ------------------------------------------------------------------------------


def _placement(level: Level) -> Placement:
    top = min(level.y)
    y = [height - top for height in level.y]
    widths = [max(level.spots[spot].width for spot in column) for column in level.columns]
    lefts = _lefts(level, widths)
    corners = []
    for k, item in enumerate(level.items):
        rank = level.rank[k]
        corners.append((lefts[rank] + (widths[rank] - item.width) / 2, y[k]))
    routes = [
        _route(level, link, chain, corners, y, lefts, widths)
        for link, chain in zip(level.links, level.chains, strict=True)
    ]
    height = max(y[k] + spot.height for k, spot in enumerate(level.spots))
    return Placement(corners, lefts[-1] + widths[-1], height, routes)


def _lefts(level: Level, widths: Sequence[float]) -> list[float]:
    """Return where each column begins: gaps are wider where many lines or long labels are."""
    labels: dict[int, float] = defaultdict(float)
    lines: dict[int, int] = defaultdict(int)
    for link in level.links:
        rank = level.rank[link.head]
        labels[rank] = max(labels[rank], link.label)
    for spot, near in enumerate(level.before):
        lines[level.rank[spot]] += len(near)
    lefts = [0.0]
    for rank in range(1, len(widths)):
        only_borders = widths[rank - 1] == 0 and not labels[rank]
        bare = COLUMN_GAP / 2 if only_borders else COLUMN_GAP
        gap = bare + labels[rank] + min(LINE_ROOM * lines[rank], MOST_LINE_ROOM)
        lefts.append(lefts[-1] + widths[rank - 1] + gap)
    return lefts


def _route(  # noqa: PLR0917 - the parts of one placement
    level: Level,
    link: Link,
    chain: Sequence[int],
    corners: Sequence[Point],
    y: Sequence[float],
    lefts: Sequence[float],
    widths: Sequence[float],
) -> list[Point]:
    """Return the points of a line: out of its tail, along its bends, into its head."""
    tail_x, tail_top = corners[link.tail]
    points = [(tail_x + level.items[link.tail].width, tail_top + link.tail_y)]
    for bend in chain[1:-1]:
        left, height = lefts[level.rank[bend]], y[bend] + LANE / 2
        points += [(left, height), (left + widths[level.rank[bend]], height)]
    end_x, end_y = corners[link.head][0], corners[link.head][1] + link.head_y
    if link.label:
        points.append((end_x - link.label, end_y))
    return [*points, (end_x, end_y)]
