"""A tape as a table to read: plain text for a terminal, HTML for a notebook.

One line for each row: number, label, value, operation with its operands, local derivatives,
gradient. Knows the look of a table; the rows come from `rows`, numbers are written by
`format_number`.
"""

from collections.abc import Sequence

from autograd.numbers import format_number
from autograd.replay import Inputs, Replay, replay
from autograd.rows import LEAF, Row, written

HEADINGS = ("row", "label", "value", "operation", "local derivatives", "gradient")
_RIGHT = (True, False, True, False, False, True)

# Longer tables are elided in the middle, longer operand lists likewise.
MOST_ROWS = 40
MOST_OPERANDS = 6


def cells(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    """Return the texts of one line, given the names of all rows.

    The gradient is "-" as long as no backward pass has given one.
    """
    operands = [
        format_number(operand.value) if operand.row is None else names[operand.row]
        for operand in row.operands
    ]
    slopes = [
        f"d/d{name} = " + ("?" if operand.partial is None else format_number(operand.partial))
        for name, operand in zip(operands, row.operands, strict=True)
        if operand.row is not None
    ]
    operation = LEAF if row.operation == LEAF else written(row, _elide(operands))
    gradient = "-" if row.gradient is None else format_number(row.gradient)
    return (
        str(row.number),
        row.label,
        format_number(row.value),
        operation,
        ", ".join(_elide(slopes)),
        gradient,
    )


def _elide(items: list[str]) -> list[str]:
    if len(items) <= MOST_OPERANDS:
        return items
    half = MOST_OPERANDS // 2
    return [*items[:half], f"... {len(items) - 2 * half} more ...", *items[-half:]]


def _lines(rows: Sequence[Row], most: int | None) -> list[tuple[str, ...] | str]:
    names = [row.name for row in rows]
    if most is None or len(rows) <= most:
        return [cells(row, names) for row in rows]
    half = max(most // 2, 1)
    left_out = f"... {len(rows) - 2 * half} rows left out ..."
    top, bottom = rows[:half], rows[-half:]
    return [
        *(cells(row, names) for row in top),
        left_out,
        *(cells(row, names) for row in bottom),
    ]


def aligned(table: Sequence[Sequence[str]], right: Sequence[bool] | None = None) -> list[str]:
    """Return the lines of a table, its columns aligned: left, or right where that is said.

    >>> aligned([("x", "1"), ("long", "22")], right=(False, True))
    ['x      1', 'long  22']
    """
    columns = list(zip(*table, strict=True))
    padded = [
        [text.rjust(width) if right and right[k] else text.ljust(width) for text in column]
        for k, column in enumerate(columns)
        for width in [max(map(len, column))]
    ]
    return ["  ".join(line).rstrip() for line in zip(*padded, strict=True)]


def text_table(rows: Sequence[Row], most: int | None = MOST_ROWS) -> str:
    """Return the table as text; `most=None` shows every row."""
    if not rows:
        return "an empty tape"
    lines = _lines(rows, most)
    table = [HEADINGS, *(line for line in lines if not isinstance(line, str))]
    texts = iter(aligned(table, _RIGHT))
    out = [next(texts), *(line if isinstance(line, str) else next(texts) for line in lines)]
    return "\n".join(out)


def html_table(rows: Sequence[Row], most: int | None = MOST_ROWS) -> str:
    """Return the table as HTML, every text escaped."""
    from html import escape  # noqa: PLC0415 - slow to import, and only notebooks need it

    if not rows:
        return "<p>an empty tape</p>"
    body = []
    for line in _lines(rows, most):
        if isinstance(line, str):
            body.append(f'<tr><td colspan="{len(HEADINGS)}">{escape(line)}</td></tr>')
            continue
        texts = (
            f'<td style="text-align:{"right" if right else "left"}">{escape(text)}</td>'
            for text, right in zip(line, _RIGHT, strict=True)
        )
        body.append(f"<tr>{''.join(texts)}</tr>")
    head = "".join(f"<th>{escape(text)}</th>" for text in HEADINGS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


class Listing(tuple[Row, ...]):
    """Rows of a tape that print as the textbook table."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the table, elided in the middle when it is long."""
        return text_table(self)

    __repr__ = __str__

    def text(self, most: int | None = MOST_ROWS) -> str:
        """Return the table with at most so many rows; None shows every row."""
        return text_table(self, most)

    def replay(self, inputs: Inputs = None, *, number: type = float) -> Replay:
        """Return values and gradients over another kind of number; see `autograd.replay`."""
        return replay(self, inputs, number=number)

    def _repr_html_(self) -> str:
        return html_table(self)
