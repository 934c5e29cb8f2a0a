"""Items and lines in columns: the first step of a layered drawing, and the limits of all.

A line that leads past columns has a bend in each of them, which takes room as an item does.
Knows sizes and numbers. Knows no graph, no text and no colour.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import pairwise

from viz.errors import LayoutTimeoutError, TooLargeError

LANE = 9.0
# Bends of lines and nodes together; more take gigabytes and hours.
MOST_SPOTS = 200_000


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


@dataclass(slots=True)
class Level:
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
