"""The order within each column: the second step of a layered drawing, with few crossings."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from viz.columns import Level

ORDER_SWEEPS = 10


def order(level: Level) -> None:
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
    level: Level,
    neighbours: Sequence[tuple[int, float, float, float]],
    place: Sequence[float],
    default: float,
) -> float:
    """Return the mean place of neighbours, finer than whole places by where lines are tied."""
    if not neighbours:
        return default
    total = sum(place[n] + 0.9 * y / level.spots[n].height for n, y, _, _ in neighbours)
    return total / len(neighbours)


def _crossings(level: Level, place: Sequence[float]) -> int:
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
