"""Where things stand that lead from left to right: one level of a layered drawing.

The classic four steps (Sugiyama, Tagawa and Toda 1981): columns by longest path, an order
within each column with few crossings, heights that make lines straight, and the lines. Lines
from the same place to far columns share a trunk. The same input gives the same layout, always.
Knows sizes and numbers. Knows no graph, no text and no colour.
"""

import time
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import pairwise

from viz.errors import LayoutTimeoutError, TooLargeError

COLUMN_GAP = 26.0
ROW_GAP = 12.0
LANE = 9.0
# Many lines between two columns need room to bend.
LINE_ROOM = 2.0
MOST_LINE_ROOM = 70.0
# Bends of lines and nodes together; more take gigabytes and hours.
MOST_SPOTS = 200_000
ORDER_SWEEPS = 10
HEIGHT_SWEEPS = 24

Point = tuple[float, float]


@dataclass(slots=True)
class Item:
    """A thing to place. `pin` holds it in the first (-1) or the last (1) column."""

    width: float
    height: float
    pin: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A line from the right side of an item to the left side of another.

    The heights are measured from the top of each item; `label` is the width that the text on
    the end of the line takes.
    """

    tail: int
    tail_y: float
    head: int
    head_y: float
    label: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Left upper corners of the items, the size of all, and a line of points for each link."""

    corners: list[Point]
    width: float
    height: float
    routes: list[list[Point]]


_DRAW_LESS = (
    'Draw less: fold it with detail="collapsed"; take a piece, as in '
    'graph(loss).around("v3") or .paths("w"); or read it as text, '
    'draw(loss, detail="summary").text()'
)


class Deadline:
    """A moment after which a layout stops with an error that says what to do instead.

    A layout that grows without end, in the bends of its lines, stops too.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self, spots: int = 0) -> None:
        """Return nothing before the moment, and as long as there are not too many spots.

        Raises:
            LayoutTimeoutError: after it.
            TooLargeError: if there are too many.
        """
        if spots > MOST_SPOTS:
            raise TooLargeError(
                f"the layout has more than {MOST_SPOTS:,} bends in its lines. {_DRAW_LESS}"
            )
        if time.monotonic() > self._end:
            raise LayoutTimeoutError(
                f"the layout needed more than {self._seconds:g} s and was stopped. "
                f"{_DRAW_LESS}. Or give it longer with time_limit=<seconds>"
            )


def arrange(items: Sequence[Item], links: Sequence[Link], deadline: Deadline) -> Placement:
    """Return where items and lines go. Lines lead from lower to higher items, if possible."""
    if not items:
        return Placement([], 0.0, 0.0, [])
    level = _Level(items, links, deadline)
    _order(level)
    _settle(level)
    return _placement(level)


@dataclass(slots=True)
class _Level:
    """Items and the bends of long lines, in columns.

    Attributes:
        spots: the items, then the bends.
        columns: numbers of spots, from top to bottom.
        chains: for each link, the spots that its line goes through.
        before: for each spot, (spot to its left, height there, own height, weight).
        after: likewise to its right.
    """

    items: Sequence[Item]
    links: Sequence[Link]
    deadline: Deadline
    spots: list[Item] = field(init=False)
    rank: list[int] = field(init=False)
    columns: list[list[int]] = field(init=False)
    chains: list[list[int]] = field(init=False)
    before: list[list[tuple[int, float, float, float]]] = field(init=False)
    after: list[list[tuple[int, float, float, float]]] = field(init=False)
    y: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.spots = list(self.items)
        self.rank = _ranks(self.items, self.links)
        self.chains = []
        trunks: dict[tuple[int, float, int], int] = {}
        for link in self.links:
            self.chains.append(self._chain(link, trunks))
            self.deadline.check(len(self.spots))
        self.before = [[] for _ in self.spots]
        self.after = [[] for _ in self.spots]
        seen: set[tuple[int, float, int, float]] = set()
        for link, chain in zip(self.links, self.chains, strict=True):
            self._join(link, chain, seen)
        self.columns = [[] for _ in range(max(self.rank) + 1)]
        for spot, rank in enumerate(self.rank):
            self.columns[rank].append(spot)

    def _chain(self, link: Link, trunks: dict[tuple[int, float, int], int]) -> list[int]:
        start, end = self.rank[link.tail], self.rank[link.head]
        chain = [link.tail]
        if end <= start:
            return [*chain, link.head]
        for rank in range(start + 1, end):
            key = (link.tail, link.tail_y, rank)
            if key not in trunks:
                trunks[key] = len(self.spots)
                self.spots.append(Item(0.0, LANE))
                self.rank.append(rank)
            chain.append(trunks[key])
        return [*chain, link.head]

    def _join(
        self, link: Link, chain: Sequence[int], seen: set[tuple[int, float, int, float]]
    ) -> None:
        count = len(self.items)
        for left, right in pairwise(chain):
            if self.rank[right] <= self.rank[left]:
                continue
            left_y = LANE / 2 if left >= count else link.tail_y
            right_y = LANE / 2 if right >= count else link.head_y
            if (left, left_y, right, right_y) in seen:
                continue
            seen.add((left, left_y, right, right_y))
            weight = 1.0 + 2.0 * (left >= count) + 2.0 * (right >= count)
            self.after[left].append((right, right_y, left_y, weight))
            self.before[right].append((left, left_y, right_y, weight))


def _ranks(items: Sequence[Item], links: Sequence[Link]) -> list[int]:
    """Return the column of each item: as far left as possible, sources next to their use."""
    order, onward = _forward(len(items), links)
    fed = [False] * len(items)
    rank = [0] * len(items)
    for item in order:
        for head in onward[item]:
            fed[head] = fed[head] or items[item].pin == 0
            rank[head] = max(rank[head], rank[item] + (items[item].pin == 0))
    for item, heads in enumerate(onward):
        free = [head for head in heads if items[head].pin == 0]
        if not fed[item] and free and items[item].pin == 0:
            rank[item] = max(0, min(rank[head] for head in free) - 1)
    first = any(item.pin < 0 for item in items)
    last = max((rank[k] for k, item in enumerate(items) if item.pin == 0), default=0)
    for k, each in enumerate(items):
        if each.pin:
            rank[k] = 0 if each.pin < 0 else last + first + 1
        else:
            rank[k] += first
    return rank


def _forward(count: int, links: Sequence[Link]) -> tuple[list[int], list[list[int]]]:
    """Return an order of items in which links lead forward, and the links that do.

    Where links go in a circle, the item that came first stands first, and a link back to it
    does not count.
    """
    onward: list[dict[int, None]] = [{} for _ in range(count)]
    waiting_for = [0] * count
    for link in links:
        if link.tail != link.head and link.head not in onward[link.tail]:
            onward[link.tail][link.head] = None
            waiting_for[link.head] += 1
    order: list[int] = []
    ready = [k for k in range(count) if waiting_for[k] == 0]
    heapify(ready)
    placed = [False] * count
    while len(order) < count:
        item = heappop(ready) if ready else placed.index(False)
        placed[item] = True
        order.append(item)
        for head in onward[item]:
            waiting_for[head] -= 1
            if waiting_for[head] == 0 and not placed[head]:
                heappush(ready, head)
    at = {item: k for k, item in enumerate(order)}
    return order, [[h for h in heads if at[h] > at[k]] for k, heads in enumerate(onward)]


# -- the order within each column ------------------------------------------------------------


def _order(level: _Level) -> None:
    """Sort every column by the middle of its neighbours, and keep the best order seen."""
    place = [0.0] * len(level.spots)
    _number(level.columns, place)
    best, fewest = [list(column) for column in level.columns], _crossings(level, place)
    for sweep in range(ORDER_SWEEPS):
        if fewest == 0:
            break
        level.deadline.check()
        rightward = sweep % 2 == 0
        neighbours = level.before if rightward else level.after
        for column in level.columns if rightward else reversed(level.columns):
            middle = {spot: _middle(level, neighbours[spot], place, place[spot])
                      for spot in column}  # fmt: skip
            column.sort(key=lambda spot, middle=middle: middle[spot])  # type: ignore[misc]
            _number([column], place)
        crossings = _crossings(level, place)
        if crossings < fewest:
            best, fewest = [list(column) for column in level.columns], crossings
    level.columns = best


def _number(columns: Iterable[Sequence[int]], place: list[float]) -> None:
    for column in columns:
        for k, spot in enumerate(column):
            place[spot] = float(k)


def _middle(
    level: _Level,
    neighbours: Sequence[tuple[int, float, float, float]],
    place: Sequence[float],
    default: float,
) -> float:
    """Return the mean place of neighbours, finer than whole places by where lines are tied."""
    if not neighbours:
        return default
    total = sum(place[n] + 0.9 * y / level.spots[n].height for n, y, _, _ in neighbours)
    return total / len(neighbours)


def _crossings(level: _Level, place: Sequence[float]) -> int:
    """Return how many pairs of lines cross, counted column by column."""
    count = 0
    for column in level.columns:
        lines = sorted(
            (place[spot] + y / level.spots[spot].height * 0.9,
             place[head] + head_y / level.spots[head].height * 0.9)
            for spot in column
            for head, head_y, y, _ in level.after[spot]
        )  # fmt: skip
        ends: list[float] = []
        for _, end in lines:
            count += len(ends) - bisect_left(ends, end + 1e-9)
            insort(ends, end)
    return count


# -- heights ---------------------------------------------------------------------------------


def _settle(level: _Level) -> None:
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


def _stack(level: _Level, column: Sequence[int], wished: dict[int, float]) -> None:
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


def _placement(level: _Level) -> Placement:
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


def _lefts(level: _Level, widths: Sequence[float]) -> list[float]:
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
    level: _Level,
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
