"""A fused weighted sum shown as what it stands for: its products and its running sum.

A `dot` row is start + x1*y1 + x2*y2 + ..., added from left to right. Here it becomes rows of
`mul` and `add` with the numbers that the engine computed on the way, bit for bit. Knows rows.
"""

from collections.abc import Sequence

from autograd import Operand, Row


def unfused(rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Return rows without `dot`, and a name for each that says which row it came from.

    Products of row 7 are called v7p0, v7p1, ..., its running sums v7s0, v7s1, ...; the last
    sum is v7 itself.

    >>> from autograd import Value, dot
    >>> rows, names = unfused(dot([Value(2.0), Value(3.0)], [Value(5.0), 7.0], 1.0).tape)
    >>> names
    ['v0', 'v1', 'v2', 'v3p0', 'v3s0', 'v3p1', 'v3']
    >>> [row.value for row in rows]
    [2.0, 3.0, 5.0, 10.0, 11.0, 21.0, 32.0]
    """
    out: list[Row] = []
    names: list[str] = []
    moved: dict[int, int] = {}
    for row in rows:
        operands = [_moved(operand, moved) for operand in row.operands]
        if row.operation == "dot" and len(operands) > 1:
            _expand(row, operands, out, names)
        else:
            _append(out, names, row, operands, f"v{row.number}")
        moved[row.number] = len(out) - 1
    return out, names


def _moved(operand: Operand, moved: dict[int, int]) -> Operand:
    row = None if operand.row is None else moved[operand.row]
    return Operand(row, operand.value, operand.partial)


def _append(
    out: list[Row], names: list[str], row: Row, operands: Sequence[Operand], name: str
) -> Operand:
    """Append a row as the next one, and return it as an operand."""
    out.append(
        Row(
            len(out),
            row.operation,
            row.op,
            row.value,
            tuple(operands),
            row.label,
            row.gradient,
            row.path,
            row.line,
        )
    )
    names.append(name)
    return Operand(len(out) - 1, row.value, None)


def _expand(row: Row, operands: Sequence[Operand], out: list[Row], names: list[str]) -> None:
    """Append the products and running sums of one `dot`."""
    length = len(operands) // 2
    running = operands[-1]
    for k, (x, y) in enumerate(zip(operands[:length], operands[length:-1], strict=True)):
        pair = (_by(x, y.value), _by(y, x.value))
        fixed = x.row is None and y.row is None
        product = _like(row, "mul", "*", x.value * y.value, "", None if fixed else row.gradient)
        product_operand = _append(out, names, product, pair, f"v{row.number}p{k}")
        last = k == length - 1
        value = running.value + product_operand.value
        total = _like(row, "add", "+", value, row.label if last else "", row.gradient)
        pair = (_by(running, 1.0), _by(product_operand, 1.0))
        name = f"v{row.number}" if last else f"v{row.number}s{k}"
        running = _append(out, names, total, pair, name)


def _like(
    row: Row, operation: str, op: str, value: float, label: str, gradient: float | None
) -> Row:
    return Row(row.number, operation, op, value, (), label, gradient, "", row.line)


def _by(operand: Operand, partial: float) -> Operand:
    """Return the operand with its local derivative; a constant has none."""
    return Operand(operand.row, operand.value, None if operand.row is None else partial)
