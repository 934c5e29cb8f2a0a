"""A tape for readers: plain frozen rows with numbers, names and gradients.

The only place that turns the rows of reels into something to read, print or draw. A snapshot
holds numbers and text and keeps no Value alive. Knows no derivative and no layout.
"""

import linecache
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.appending import reachable
from autograd.numbers import format_number
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS
from autograd.tape import Reel

if TYPE_CHECKING:
    from autograd.value import Value

LEAF = "leaf"
CUSTOM = "custom "
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Operand:
    """What a row was computed from.

    Attributes:
        row: number of the operand's row, or None for a constant.
        value: the number that was used.
        partial: the local derivative, or None for a constant and for a learner's own function.
    """

    row: int | None
    value: float
    partial: float | None


class Line(NamedTuple):
    """A line of the user's program: its file, its number, and its text where it is known."""

    file: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a tape.

    Attributes:
        number: position in this listing, from 0; operands have smaller numbers.
        operation: name in the table of operations; "leaf" for what was not computed here.
        op: the symbol that drawings use, such as "*", "tanh" or "**2"; "" for a leaf.
        value: the value that was recorded.
        operands: one for each argument, in order.
        label: the label of the Value, or "".
        gradient: the gradient of the last backward pass, None before there is one.
        path: the name that the reader of the tape gave to a leaf, see `tape_of`, or "".
        line: the line of the program that computed it, if the tape noted lines.
    """

    number: int
    operation: str
    op: str
    value: float
    operands: tuple[Operand, ...]
    label: str
    gradient: float | None
    path: str = ""
    line: Line | None = None

    @property
    def name(self) -> str:
        """The label, or the path, or `v` and the number where there is neither."""
        return self.label or self.path or f"v{self.number}"


def operands_of(raw: tuple[Any, ...]) -> list[tuple[int | None, float, float | None]]:
    """Return (row, constant, local derivative) for each operand of a row of a reel.

    The row is None for a constant; the constant is meaningless for a row.
    """
    if len(raw) == 3:
        rows, partials, constants = raw[2]
        moving = iter(zip(rows, partials or [None] * len(rows), strict=True))
        places = constants if constants is not None else [None] * len(rows)
        return [
            (*_pair(next(moving)),) if constant is None else (None, constant, None)
            for constant in places
        ]
    found: list[tuple[int | None, float, float | None]] = []
    place = 2
    while place < len(raw):
        if type(raw[place]) is int:
            found.append((raw[place], 0.0, raw[place + 1]))
            place += 2
        else:
            found.append((None, raw[place], None))
            place += 1
    return found


def _pair(moving: tuple[int, float | None]) -> tuple[int, float, float | None]:
    return moving[0], 0.0, moving[1]


def symbol(raw: tuple[Any, ...]) -> str:
    """Return how drawings write the operation of a row; constant powers as micrograd does.

    >>> symbol(("pow", 9.0, 0, 6.0, 2.0)), symbol(("relu", 0.0, 0, 0.0))
    ('**2', 'ReLU')
    """
    name = raw[0]
    if name == LEAF:
        return ""
    if name == "pow" and len(raw) == 5 and type(raw[2]) is int:
        return f"**{format_number(raw[4])}"
    if name.startswith(CUSTOM):
        return str(name.removeprefix(CUSTOM))
    return TABLE[name].symbol if name in TABLE else str(name)


def selects(name: str) -> bool:
    """Return whether an operation's slope of 0 means that nothing flows to an operand."""
    return TABLE[name].selects if name in TABLE else name in ("amax", "amin")


def written(row: Row, operands: list[str]) -> str:
    """Return the operation of a row applied to named operands, as people write it."""
    if row.operation in TABLE:
        return TABLE[row.operation].written(operands)
    if row.operation in REDUCTIONS:
        return REDUCTIONS[row.operation].written(operands)
    return f"{row.op or row.operation}({', '.join(operands)})"


Needed = dict[int, set[int]]


def dependencies(
    roots: "Iterable[Value]", stop: Set[tuple[int, int]] = frozenset()
) -> tuple[list[Reel], Needed]:
    """Return the reels that computed Values depend on, oldest first, and the rows there.

    Looks for nothing below the rows named in `stop`, by stamp and index.
    """
    reels: dict[int, Reel] = {}
    needed: Needed = {}
    waiting: set[int] = set()

    def need(value: "Value") -> None:
        home = value._reel
        assert home is not None, "a leaf depends on no reel"
        if (home.stamp, value._row) in stop:
            return
        reels[home.stamp] = home
        needed.setdefault(home.stamp, set()).add(value._row)
        waiting.add(home.stamp)

    for root in roots:
        need(root)
    while waiting:
        stamp = max(waiting)
        waiting.remove(stamp)
        rows = needed[stamp] = reachable(reels[stamp], needed[stamp], stop)
        for index, entered in reels[stamp].entries.items():
            if index in rows and entered._reel is not None:
                need(entered)
    return [reels[stamp] for stamp in sorted(reels)], needed


# The number of each row in a listing, by the stamp of its reel and its place there.
Numbers = dict[int, dict[int, int]]


def _in_order(
    reels: Iterable[Reel], needed: Needed | None, numbers: Numbers
) -> Iterator[tuple[Reel, int, tuple[Any, ...], int]]:
    """Yield (reel, row, raw row, number) for every row of a listing, and fill in `numbers`.

    A Value that entered a reel after being computed on another one of them stands once, as
    its own row; a leaf that entered several times stands once as long as its data was the same.
    """
    leaves: dict[tuple[int, float], int] = {}
    number = 0
    for reel in reels:
        entries = reel.entries
        wanted = None if needed is None else needed[reel.stamp]
        numbered = numbers[reel.stamp] = {}
        for index, raw in enumerate(reel.rows):
            if wanted is not None and index not in wanted:
                continue
            if index in entries:
                entered = entries[index]
                home = entered._reel
                if home is None:
                    known = leaves.setdefault((id(entered), raw[1]), number)
                else:
                    known = numbers.setdefault(home.stamp, {}).setdefault(entered._row, number)
                if known != number:
                    numbered[index] = known
                    continue
            numbered[index] = number
            yield reel, index, raw, number
            number += 1


Names = Mapping[int, str]


def snapshot(
    reels: Iterable[Reel], needed: Needed | None = None, names: Names | None = None
) -> list[Row]:
    """Return the rows of reels, oldest first, as one numbered listing.

    Args:
        reels: the reels, oldest first.
        needed: the rows to list of each reel; all of them without it.
        names: names of leaves by their id, to stand as `Row.path`.
    """
    listing: list[Row] = []
    numbers: Numbers = {}
    for reel, index, raw, number in _in_order(reels, needed, numbers):
        listing.append(_row(reel, index, raw, number, numbers, listing, names or {}))
    return listing


class Glance(NamedTuple):
    """What can be said of a row without its operands: little, and quickly.

    Attributes:
        operation: name in the table of operations; "leaf" for what was not computed here.
        value: the value that was recorded.
        gradient: the gradient of the last backward pass, None before there is one.
        name: the name that the reader gave to a leaf, its label, or "".
        named: whether it is the name that the reader gave.
    """

    operation: str
    value: float
    gradient: float | None
    name: str
    named: bool


def glances(
    reels: Iterable[Reel], needed: Needed | None = None, names: Names | None = None
) -> Iterator[Glance]:
    """Yield a glance at every row that `snapshot` would list, in its order."""
    names = names or {}
    for reel, index, raw, _ in _in_order(reels, needed, {}):
        entered = reel.entries.get(index)
        if entered is None:
            label = reel.labels.get(index, "")
            yield Glance(raw[0], raw[1], reel.adjoint(index), label, named=False)
        else:
            path = names.get(id(entered), "")
            name = path or entered.label
            yield Glance(raw[0], raw[1], entered.gradient, name, named=bool(path))


def _row(  # noqa: PLR0917 - the parts of one loop
    reel: Reel,
    index: int,
    raw: tuple[Any, ...],
    number: int,
    numbers: Numbers,
    listing: list[Row],
    names: Names,
) -> Row:
    operands = []
    for i, constant, partial in operands_of(raw):
        if i is None:
            operands.append(Operand(None, constant, None))
        else:
            above = numbers[reel.stamp][i]
            operands.append(Operand(above, listing[above].value, partial))
    entered = reel.entries.get(index)
    if entered is not None:
        label, gradient = entered.label, entered._gradient()
    else:
        label, gradient = reel.labels.get(index, ""), reel.adjoint(index)
    name = "custom" if raw[0].startswith(CUSTOM) else raw[0]
    path = "" if entered is None else names.get(id(entered), "")
    place = reel.lines.get(index) if entered is None else None
    line = None if place is None else Line(*place, linecache.getline(*place).strip())
    return Row(number, name, symbol(raw), raw[1], tuple(operands), label, gradient, path, line)
