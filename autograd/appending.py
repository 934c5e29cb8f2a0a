"""Appending rows over many operands, and what happens when a reel is full.

A full reel is replaced in the middle of a computation, so the next one depends on it, that
one on the one before, and a program that never runs backward would keep them all. Therefore
rows that nothing can reach any more are dropped when a reel is full: a reel whose only
references are Values that entered newer reels keeps what those depend on and lets the rest go,
its hold on older reels included. Knows no operation.
"""

import sys
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING, TypeVar
from weakref import ref

from autograd.tape import REEL_ROWS, VOID, Reel, here, place, renew

if TYPE_CHECKING:
    from autograd.value import Value

T = TypeVar("T")


def append_many(
    name: str,
    out: float,
    values: "Sequence[Value]",
    partials: Sequence[float] | None,
    constants: tuple[float | None, ...] | None = None,
) -> tuple[Reel, int]:
    """Append a row over any number of Values; return its reel and row.

    Args:
        name: the operation.
        out: its value.
        values: the operands that are Values.
        partials: a local derivative for each of them; None where a learner's own function
            does the work of the sweep.
        constants: if some operands are constants, one place for each operand, None for a
            Value.
    """
    reel, rows = place(values)
    index = len(reel.rows)
    kept = None if partials is None else tuple(partials)
    reel.rows.append((name, out, (tuple(rows), kept, constants)))
    reel.load += len(rows)
    if reel is not VOID and index + reel.load >= REEL_ROWS:
        next_reel()
    return reel, index


def next_reel() -> Reel:
    """Let this thread go on with a fresh reel because the current one is full."""
    _trim(here.reel)
    return renew()


def _references(box: list[Reel]) -> int:
    return sys.getrefcount(box[0])


# What `_references` says of a reel that nothing refers to but its box.
_ALONE = _references([Reel()])


def _trim(newest: Reel) -> None:
    """Drop what is out of reach from the reels that a full reel depends on.

    Goes from newer reels to older ones until it meets one that was trimmed before. Those that
    could not be trimmed when they were met are tried again.
    """
    again, here.untrimmed = here.untrimmed, {}
    for stamp in sorted(again, reverse=True):
        reel, known = again[stamp]
        box = [alive for alive in [reel()] if alive is not None]
        if box and not box[0].settled:
            _try(box, [holder for each in known if (holder := each()) is not None])
    holders = [newest]
    older = _homes(newest.entries.values())
    while older:
        box = [older.pop(max(older))]
        if box[0].settled:
            break
        _try(box, holders)
        holders.append(box.pop())
        older |= _homes(holders[-1].entries.values())


def _try(box: list[Reel], holders: Sequence[Reel]) -> None:
    """Trim the reel in a box if nothing refers to it but Values that entered the holders.

    That is a matter of counting: every Value on a reel is one reference to it. Who else holds
    one, a variable, a `Tape`, another thread, may ask for any of its rows.
    """
    entered = [
        (holder, value)
        for holder in holders
        for value in holder.entries.values()
        if value._reel is box[0]
    ]
    if _references(box) == _ALONE + len({id(value) for _, value in entered}):
        _keep(box[0], {value._row for _, value in entered})
    else:
        _try_later(box[0], [holder for holder, _ in entered])


def _try_later(reel: Reel, holders: Sequence[Reel]) -> None:
    here.untrimmed[reel.stamp] = (ref(reel), [ref(holder) for holder in set(holders)])


def _homes(entered: "Iterable[Value]") -> dict[int, Reel]:
    """Return the reels, by stamp, on which the computed ones of some Values stand."""
    return {value._reel.stamp: value._reel for value in entered if value._reel is not None}


def _keep(reel: Reel, wanted: set[int]) -> None:
    """Keep of a reel only the wanted rows and what they depend on."""
    reel.settled = True
    if not _homes(reel.entries.values()):
        # It holds no older reel, so it goes as a whole when the time comes.
        return
    needed = reachable(reel, wanted)
    dropped = [value for row, value in reel.entries.items() if row not in needed]
    for home in _homes(dropped).values():
        home.settled = False
        _try_later(home, [reel])
    reel.rows = [row if index in needed else () for index, row in enumerate(reel.rows)]
    reel.entries = _only(reel.entries, needed)
    reel.foreign = {key: row for key, row in reel.foreign.items() if row in needed}
    reel.labels = _only(reel.labels, needed)
    reel.lines = _only(reel.lines, needed)
    reel.closures = _only(reel.closures, needed)
    reel.reruns = _only(reel.reruns, needed)


def _only(by_row: dict[int, T], rows: set[int]) -> dict[int, T]:
    return {row: thing for row, thing in by_row.items() if row in rows}


def reachable(
    reel: Reel, wanted: Set[int], stop: Set[tuple[int, int]] = frozenset()
) -> set[int]:
    """Return the rows of a reel that the wanted ones depend on, themselves included.

    Nothing is looked for below a row that `stop` names by stamp and index.
    """
    needed = set(wanted)
    rows, stamp = reel.rows, reel.stamp
    for index in range(max(wanted), -1, -1):
        if index not in needed or (stop and (stamp, index) in stop):
            continue
        row = rows[index]
        length = len(row)
        if length == 6:
            needed.add(row[2])
            needed.add(row[4])
        elif length == 4:
            needed.add(row[2])
        elif length == 5:
            needed.add(row[2] if type(row[2]) is int else row[3])
        elif length == 3:
            needed.update(row[2][0])
    return needed
