"""A tape read by somebody who knows more of the leaves than the tape does: their names.

A model knows its weights by name and need not write the names on them: whoever reads the tape
brings them along. Knows no operation and no layout.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograd.contexts import Tape
from autograd.errors import NumberError, shown
from autograd.listing import Listing
from autograd.rows import Glance, Needed, dependencies, glances, snapshot
from autograd.tape import Reel
from autograd.value import Value

Names = Iterable[tuple[str, Value]] | Mapping[str, Value]


def tape_of(thing: Value | Tape, names: Names = ()) -> Listing:
    """Return the rows of a `Tape`, or those that a Value depends on, with names for leaves.

    Args:
        thing: the Value at the end of a computation, or a tape.
        names: (name, Value) pairs, such as `model.named_parameters()`, or a dict of them. The
            names stand as `Row.path`; the Values are not changed.

    Raises:
        TypeError: if thing is neither, or names are no such pairs.

    Example:
        >>> w, x = Value(2.0), Value(3.0, label="x")
        >>> [row.name for row in tape_of(w * x, {"layers.0.weight[0]": w})]
        ['layers.0.weight[0]', 'x', 'v2']
    """
    return Listing(snapshot(*_reels(thing), by_id(names)))


def skim(thing: Value | Tape, names: Names = ()) -> Iterator[Glance]:
    """Return a glance at each row that `tape_of` would list: for tapes of millions of rows.

    Example:
        >>> x = Value(3.0, label="x")
        >>> [glance.operation for glance in skim(x * x + 1.0)]
        ['leaf', 'mul', 'add']
    """
    return glances(*_reels(thing), by_id(names))


def by_id(names: Names) -> dict[int, str]:
    """Return names by the id of their Value; the caller keeps the Values alive."""
    pairs: Any = names.items() if isinstance(names, Mapping) else names
    found: dict[int, str] = {}
    for pair in pairs:
        try:
            name, value = pair
        except (TypeError, ValueError):
            name, value = None, None
        if not isinstance(name, str) or not isinstance(value, Value):
            raise NumberError(
                "names must be (name, Value) pairs, as model.named_parameters() gives them, "
                f"got {shown(pair)}"
            )
        found.setdefault(id(value), name)
    return found


def _reels(thing: Value | Tape) -> tuple[Sequence[Reel], Needed | None]:
    """Return the reels with the rows of a tape or a Value, and which of their rows it needs."""
    if isinstance(thing, Tape):
        return thing._reels, None
    if not isinstance(thing, Value):
        raise NumberError(
            f"expected the Value at the end of a computation, or a Tape, got {shown(thing)}"
        )
    if thing._home() is None:
        stray = Reel()
        stray.rows.append(("leaf", thing.data))
        stray.entries[0] = thing
        return [stray], None
    return dependencies([thing])
