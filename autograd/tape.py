"""The tape: what was computed, in order.

Rows stand on *reels* (Wengert 1964 called the list a tape; ours is cut into reels so that it
can be let go piece by piece). A row is a tuple of atoms, told apart by its length:

    2  ("leaf", value)                           a Value that entered the reel
    4  (operation, value, i, d)                  one operand: its row, its local derivative
    5  (operation, value, i, d, constant)        a constant on the right
       (operation, value, constant, j, e)        or on the left; a row is an int,
                                                 a constant a float
    6  (operation, value, i, d, j, e)            two operands
    3  (operation, value, (rows, partials, constants))
                                                 any number; `constants` is None or has one
                                                 place for each operand, None where it moves

What a reel did not compute enters it: a leaf, or a Value from an earlier reel. The reel keeps
a reference to what entered, so that the sweep can hand the gradient over. **Entries come only
from older reels**, so the sweep goes reel by reel, newest first, and row by row, last first.
No topological sort, no recursion, no reference cycle. Knows no derivative.
"""

import threading
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, WeakValueDictionary

from autograd.errors import user_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd.onlookers import Tracing, Watch
    from autograd.value import Value

# A reel is replaced when it is this long, so a program that never sweeps stays small. Twice
# as long is no faster, and two reels are alive at a time: see `appending`.
REEL_ROWS = 32_768

Raw = tuple[Any, ...]

_stamps = count(1)
# When a leaf was made, for those that a transform must tell from what was there before.
births = count(1)


class Reel:
    """A stretch of tape, recorded by one thread.

    Attributes:
        rows: the rows, in the order they ran.
        stamp: grows with every reel; a smaller stamp is an older reel.
        entries: the Value that entered at a row. Strong: a reel keeps what it depends on.
        foreign: where a row of an older reel entered, by (stamp, row) there.
        load: operands in long rows, which count towards the length of the reel.
        adjoints: gradients by row from the last sweep, or None.
        labels: labels of computed Values, by row.
        lines: where in the user's program rows were recorded, as far as that was asked for.
        closures: learners' own `_backward` functions, by row.
        reruns: how to get a checkpoint's local derivatives as Values, by row.
        looked_at: how long the reel was when its handles were last looked for.
        settled: whether nothing can be dropped from it, as far as is known.
    """

    __slots__ = (
        "__weakref__",
        "_handles",
        "adjoints",
        "closures",
        "entries",
        "foreign",
        "labels",
        "lines",
        "load",
        "looked_at",
        "reruns",
        "rows",
        "settled",
        "stamp",
    )

    def __init__(self) -> None:
        self.rows: list[Raw] = []
        self.stamp = next(_stamps)
        self.entries: dict[int, Value] = {}
        self.foreign: dict[tuple[int, int], int] = {}
        self.load = 0
        self.adjoints: list[float] | None = None
        self.labels: dict[int, str] = {}
        self.lines: dict[int, tuple[str, int] | None] = {}
        self.closures: dict[int, Callable[[], object]] = {}
        self.reruns: dict[int, Callable[[], list[Any]]] = {}
        self.looked_at = -1
        self.settled = False
        self._handles: WeakValueDictionary[Any, Value] | None = None

    @property
    def handles(self) -> "WeakValueDictionary[Any, Value]":
        """The Values that stand for rows; made on demand, as few programs ask for them."""
        if self._handles is None:
            self._handles = WeakValueDictionary()
        return self._handles

    def adjoint(self, row: int) -> float | None:
        """Return the gradient of a row, or None if no sweep has reached it."""
        if self.adjoints is None or row >= len(self.adjoints):
            return None
        return self.adjoints[row]

    def reach(self, row: int) -> list[float]:
        """Return the gradients by row, long enough to hold this row's."""
        if self.adjoints is None:
            self.adjoints = []
        missing = row + 1 - len(self.adjoints)
        if missing > 0:
            self.adjoints.extend([0.0] * missing)
        return self.adjoints


class _Nowhere(list[Raw]):
    """Rows that are not kept."""

    def append(self, _row: Raw) -> None:
        pass


# The reel under no_grad: it takes every row and holds none.
VOID = Reel()
VOID.rows = _Nowhere()


class _PlacedRows(list[Raw]):
    """Rows of a reel, each noted with the line of the user's program that records it."""

    def __init__(self, reel: Reel) -> None:
        super().__init__()
        self._lines = reel.lines

    def append(self, row: Raw) -> None:
        self._lines[len(self)] = user_place()
        super().append(row)


# What a leaf that never entered a reel says of its last entry: (stamp, row, data).
NEVER = (0, 0, 0.0)


Untrimmed = dict[int, tuple[ReferenceType[Reel], list[ReferenceType[Reel]]]]


class _Here(threading.local):
    """The recording state of one thread.

    Attributes:
        reel: where rows are appended now.
        tapes: the `Tape`s that are open, outermost first.
        placing: how many of them note the lines of the user's program.
        ieee: whether values follow IEEE 754 where plain Python raises.
        watch: what looks at every number under `detect_anomaly`, or None.
        tracing: what looks on while a function is recorded to be compiled, or None.
        untrimmed: older reels to drop rows from when they are let go, by stamp, each with
            the reels whose entries stand on it.
    """

    def __init__(self) -> None:
        self.reel = Reel()
        self.tapes: list[list[Reel]] = []
        self.placing = 0
        self.ieee = False
        self.watch: Watch | None = None
        self.tracing: Tracing | None = None
        self.untrimmed: Untrimmed = {}
        self._aside: dict[int, list[Any]] = {}

    def put_aside(self, context: object, state: Any) -> None:
        """Keep what a context found, in this thread, until it ends; contexts may nest."""
        self._aside.setdefault(id(context), []).append(state)

    def take_back(self, context: object) -> Any:
        """Return what a context found when it began."""
        found = self._aside[id(context)]
        state = found.pop()
        if not found:
            del self._aside[id(context)]
        return state


here = _Here()


def renew() -> Reel:
    """Let this thread go on with a fresh reel, and return it."""
    reel = here.reel = Reel()
    if here.watch is not None:
        here.watch.start(reel)
    elif here.placing:
        reel.rows = _PlacedRows(reel)
    for reels in here.tapes:
        reels.append(reel)
    return reel


def place(values: "Sequence[Value]") -> tuple[Reel, list[int]]:
    """Return the reel to record on and the row of each operand there, entering what is new.

    The general case of what recorders write out for operands already on the current reel.
    """
    reel = here.reel
    if reel is VOID:
        return reel, [0] * len(values)
    stamp, rows = reel.stamp, []
    for value in values:
        home = value._reel
        if home is reel:
            rows.append(value._row)
            continue
        if home is None:
            # One tuple, read at once: another thread may enter the same leaf elsewhere.
            entered, row, data = value._row
            if entered == stamp and data is value._data:
                rows.append(row)
                continue
        rows.append(_enter(reel, value))
    if NEWER in rows:
        reel = renew()
        return place(values)
    return reel, rows


# Said of a Value from a newer reel (of another thread): it cannot enter an older one.
NEWER = -1


def _enter(reel: Reel, value: "Value") -> int:
    """Return the row where a Value that the reel did not compute enters it."""
    home = value._reel
    if home is VOID:
        home = value._home()
    if home is None:
        row = _append_entry(reel, value)
        value._row = (reel.stamp, row, value._data)
        return row
    if home.stamp > reel.stamp:
        return NEWER
    key = (home.stamp, value._row)
    known = reel.foreign.get(key)
    if known is not None and reel.rows[known][1] is value._data:
        return known
    row = reel.foreign[key] = _append_entry(reel, value)
    return row


def _append_entry(reel: Reel, value: "Value") -> int:
    row = len(reel.rows)
    reel.rows.append(("leaf", value._data))
    reel.entries[row] = value
    return row


def keep_numbers_in(what: str) -> None:
    """Refuse to hand out a number while this thread records a function to be compiled."""
    if here.tracing is not None:
        raise here.tracing.refusal(what)
