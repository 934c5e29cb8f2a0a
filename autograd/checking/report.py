"""The report of a gradient check: what was compared, what was found, and how it reads.

Plain data and its two printings, text and HTML. Knows nothing of how anything was found.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.checking.properties import Property
from autograd.checking.suspects import Suspect, mark
from autograd.checking.verdicts import OK, WRONG, Comparison
from autograd.errors import TapeError
from autograd.listing import Listing, aligned
from autograd.numbers import format_number
from autograd.value import Value

HEADINGS = (
    "input",
    "ours",
    "reference",
    "+-",
    "absolute",
    "relative",
    "ulps",
    "verdict",
    "by",
    "note",
)
_RIGHT = (False, True, True, True, True, True, True, False, False, False)

NO_TAPE = Listing()

# Longer tables show what is not ok, and the first of the rest.
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class GradientReport:
    """What `check_gradients` found; true unless something is wrong.

    Attributes:
        function: the name of the function.
        point: the inputs, by name.
        value: the value of the function there.
        rows: one comparison for each input, by the reverse sweep.
        forward: the same by the forward sweep.
        second: one for each pair of inputs whose second derivative was checked.
        properties: what every gradient must do.
        suspects: the operations to blame.
        tape: what was recorded; empty for code that is not ours.
        notes: what else there is to say.
        record: computes the function once more and sweeps it; None for code that is not ours.
    """

    function: str
    point: dict[str, float]
    value: float
    rows: tuple[Comparison, ...]
    forward: tuple[Comparison, ...] = ()
    second: tuple[Comparison, ...] = ()
    properties: tuple[Property, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    tape: Listing = NO_TAPE
    notes: tuple[str, ...] = ()
    record: Callable[[], Any] | None = field(default=None, compare=False)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; what could not be decided is not wrong."""
        compared = (*self.rows, *self.forward, *self.second)
        broken = any(thing.fault for thing in self.properties)
        return not broken and all(row.verdict != WRONG for row in compared)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def root(self) -> Value:
        """The result as a Value, computed once more, to be drawn: `viz.draw_dot(report.root)`.

        It has been swept, and operations to blame bear a label that says so.

        Raises:
            TapeError: if there is no tape: for code that is not ours, or plain numbers.
        """
        root = None if self.record is None else self.record()
        if not isinstance(root, Value):
            raise TapeError(
                f"there is nothing to draw of {self.function}: it left no tape; "
                "check a function that is made of Values"
            )
        mark(root, self.tape, self.suspects)
        return root

    @property
    def verdicts(self) -> dict[str, int]:
        """How often each verdict was given, over all that was compared."""
        return dict(Counter(row.verdict for row in (*self.rows, *self.forward, *self.second)))

    def __str__(self) -> str:
        """Return the report as a text with a table."""
        return "\n".join([self._title(), "", *_text(self.rows), *self._remarks()])

    def _title(self) -> str:
        where = ", ".join(f"{name} = {x:.6g}" for name, x in list(self.point.items())[:6])
        more = ", ..." if len(self.point) > 6 else ""
        state = "nothing wrong" if self.ok else "WRONG"
        return f"gradients of {self.function} at {where}{more}: {state}"

    def _remarks(self) -> list[str]:
        """Return the lines below the table."""
        lines: list[str] = []
        if self.forward:
            other = [row for row in self.forward if row not in self.rows]
            share = f"{len(self.forward) - len(other)} of {len(self.forward)} inputs"
            lines += ["", f"forward sweep: agrees with the backward sweep for {share}"]
            lines += _text(other)
        if self.second:
            lines += ["", f"second order: {_counted(self.second)}"]
            lines += _text([row for row in self.second if row.verdict != OK])
        faults = [thing for thing in self.properties if thing.fault]
        if self.properties:
            held = len(self.properties) - len(faults)
            lines += ["", f"properties: {held} of {len(self.properties)} hold"]
            lines += [f"  not so: {thing.name}; {thing.fault}" for thing in faults]
        if self.suspects:
            lines += ["", "to blame:"]
            lines += [f"  {suspect}" for suspect in self.suspects]
        lines += [line for note in self.notes for line in ("", f"note: {note}")]
        return lines

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - only notebooks need it

        headings, *lines = _table(self.rows)
        head = "".join(f"<th>{escape(text)}</th>" for text in headings)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in line)}</tr>" for line in lines
        )
        remarks = escape("\n".join(self._remarks()).strip("\n"))
        return (
            f"<p>{escape(self._title())}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table><pre>{remarks}</pre>"
        )


def _digits(x: float) -> str:
    """Return a derivative with enough digits to see what is compared."""
    return f"{x:.12g}"


def cells(row: Comparison) -> tuple[str, ...]:
    """Return the texts of one line of the table."""
    return (
        row.name,
        _digits(row.ours),
        _digits(row.reference),
        *(
            format_number(x)
            for x in (row.reference_error, row.absolute_error, row.relative_error, row.ulps)
        ),
        row.verdict,
        row.method,
        row.note,
    )


def _chosen(rows: Sequence[Comparison]) -> list[Comparison]:
    if len(rows) <= MOST_ROWS:
        return list(rows)
    telling = [row for row in rows if row.verdict != OK]
    return (telling + [row for row in rows if row.verdict == OK])[:MOST_ROWS]


def _table(rows: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """Return the headings and the lines to show, without the notes if there are none."""
    table = [HEADINGS, *map(cells, _chosen(rows))]
    noted = any(line[-1] for line in table[1:])
    return table if noted else [line[:-1] for line in table]


def _text(rows: Sequence[Comparison]) -> list[str]:
    """Return the table as lines of text."""
    if not rows:
        return []
    table = _table(rows)
    lines = aligned(table, _RIGHT)
    left_out = len(rows) - len(table) + 1
    return [*lines, f"... {left_out} more ..."] if left_out else lines


def _counted(rows: Sequence[Comparison]) -> str:
    """Return how often each verdict was given."""
    counts = Counter(row.verdict for row in rows)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
