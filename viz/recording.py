"""A computation as the data of a page: every number of every step, as text.

All texts come from here, numbers by the one formatter, so the page computes nothing. Knows rows
and steps. Knows no HTML.
"""

import math
from collections.abc import Sequence
from typing import Any

from autograd import Line, Row, format_number
from viz.culprit import culprits
from viz.differences import agree, differences
from viz.errors import OptionError
from viz.graphs import Graph, drawn_operands
from viz.nodes import Node
from viz.palettes import level_of
from viz.quoting import printable, shortened
from viz.sentences import slope_rule, with_names, with_numbers
from viz.steps import Step, steps
from viz.why import why_zero
from viz.wording import slot_names

# What goes into JSON for a page: texts, numbers, lists and dicts of them.
Data = dict[str, Any]

_LONGEST_TITLE = 60


def recorded(passes: Sequence[Sequence[Row]], graph: Graph, *, check: bool) -> Data:
    """Return the data of a page.

    Args:
        passes: the rows of each training step, of the same computation.
        graph: the graph of the first.
        check: whether to work out finite differences.

    Raises:
        OptionError: if the passes are not of the same computation.
    """
    nodes = [node for node in graph.nodes if isinstance(node, Node) and node.role != "constant"]
    names = [shortened(printable(node.title), _LONGEST_TITLE) for node in nodes]
    for rows in passes[1:]:
        _require_same(passes[0], rows)
    swept = [steps(rows) for rows in passes]
    finite = [abs(g) for _, gradients in swept for g in gradients if math.isfinite(g)]
    largest = max(finite, default=0.0)
    shown = [
        _pass(rows, *each, names, largest, check=check)
        for rows, each in zip(passes, swept, strict=True)
    ]
    for each, rows in zip(shown, passes, strict=True):
        each["notes"] += _not_finite(graph, rows)
    for k, (data, rows) in enumerate(zip(shown, passes, strict=True)):
        after = passes[k + 1] if k + 1 < len(passes) else None
        data["changes"] = _changes(rows, after, data, nodes, names)
    return {"rows": _rows(passes[0], nodes, names), "passes": shown}


def longest(data: Data) -> dict[str, int]:
    """Return how many letters the numbers of each node take at most, by its name."""
    widths = [0] * len(data["rows"])
    for each in data["passes"]:
        for k, text in enumerate(each["values"]):
            widths[k] = max(widths[k], len(text))
        for step in each["steps"]:
            if step.get("after"):
                k = step["row"]
                if step["kind"] == "backward":
                    k = data["rows"][k]["operands"][step["slot"]]["row"]
                widths[k] = max(widths[k], len(step["after"]))
    return {row["name"]: width for row, width in zip(data["rows"], widths, strict=True)}


def _require_same(first: Sequence[Row], other: Sequence[Row]) -> None:
    def shape(rows: Sequence[Row]) -> list[tuple[str, tuple[int | None, ...]]]:
        return [(row.operation, tuple(x.row for x in row.operands)) for row in rows]

    if shape(first) != shape(other):
        raise OptionError(
            "several losses on one page must be of the same computation, with the same "
            f"operations in the same order; got tapes of {len(first)} and {len(other)} rows "
            "that differ. Record each training step on the same samples, or explore one loss"
        )


def _rows(rows: Sequence[Row], nodes: Sequence[Node], names: Sequence[str]) -> list[Data]:
    uses = [0] * len(rows)
    for row in rows:
        for operand in row.operands:
            if operand.row is not None:
                uses[operand.row] += 1
    return [
        {
            "name": node.name,
            "title": names[row.number],
            "role": node.role,
            "formula": with_names(row, names) if row.operands else "",
            "module": node.module,
            "line": _written_line(row.line),
            "uses": uses[row.number],
            "operands": _operands(row, node.name),
        }
        for row, node in zip(rows, nodes, strict=True)
    ]


def _operands(row: Row, name: str) -> list[Data]:
    count = len(row.operands)
    told = len(drawn_operands(row)) == 1
    slots = [""] * count if told else slot_names(row.operation, count)
    return [
        {
            "row": operand.row,
            "edge": f"{name}in{slot}",
            "slot": slots[slot],
            # What the picture writes before the number; of pairs it writes nothing.
            "label": "" if slots[slot].startswith("pair") else slots[slot],
        }
        for slot, operand in enumerate(row.operands)
    ]


def _written_line(line: Line | None) -> str:
    """Return a line of a program; of its file only the name, for a page may be given away."""
    if line is None:
        return ""
    file = line.file.replace("\\", "/").rpartition("/")[2]
    return printable(f"{file}, line {line.number}: {line.text}")


def _pass(
    rows: Sequence[Row],
    taken: Sequence[Step],
    gradients: Sequence[float],
    names: Sequence[str],
    largest: float,
    *,
    check: bool,
) -> Data:
    found = (differences(rows) if check else None) or {}
    return {
        "values": [format_number(row.value) for row in rows],
        "numbers": [with_numbers(row) if row.operands else "" for row in rows],
        "slopes": [
            ["" if x.partial is None else format_number(x.partial) for x in row.operands]
            for row in rows
        ],
        "gradients": [format_number(g) for g in gradients],
        "steps": [_step(step, rows, names, largest) for step in taken],
        "why": why_zero(rows, taken, gradients, names),
        "differences": [
            format_number(found[row.number]) if row.number in found else "" for row in rows
        ],
        "verdicts": [_verdict(row, gradients, found) for row in rows],
        "notes": _recorded_otherwise(rows, gradients, names),
    }


def _step(step: Step, rows: Sequence[Row], names: Sequence[str], largest: float) -> Data:
    data: Data = {"kind": step.kind, "row": step.row}
    if step.kind == "seed":
        data |= {"after": "1", "level": level_of(1.0, largest)}
    if step.kind != "backward":
        return data
    row = rows[step.row]
    operand = row.operands[step.slot]
    assert operand.row is not None, "steps lead to rows"
    data |= {
        "slot": step.slot,
        "upstream": format_number(step.upstream or 0.0),
        "partial": "?" if step.partial is None else format_number(step.partial),
        "added": None if step.added is None else format_number(step.added),
        "before": "-" if step.before is None else format_number(step.before),
        "after": "?" if step.after is None else format_number(step.after),
        "level": level_of(step.after, largest),
        "rule": slope_rule(row, step.slot, names),
        "chosen": step.chosen,
    }
    return data


def _verdict(row: Row, gradients: Sequence[float], found: dict[int, float]) -> str:
    if row.number not in found:
        return ""
    return "agrees" if agree(gradients[row.number], found[row.number]) else "differs"


def _recorded_otherwise(
    rows: Sequence[Row], gradients: Sequence[float], names: Sequence[str]
) -> list[str]:
    """Return a note where the program's gradients are not those of one pass with seed 1."""
    if rows[-1].gradient is None:
        return []
    for row in rows:
        own = row.gradient
        here = gradients[row.number]
        if row.operands or own is None or agree(own, here) or (own != own and here != here):  # noqa: PLR0124
            continue
        note = (
            f"In your program {names[row.number]}.grad is {format_number(own)}, here it is "
            f"{format_number(gradients[row.number])}: gradients of leaves add up until they "
            "are set to 0, and this page shows one backward pass, which begins with 1."
        )
        return [note]
    return []


def _not_finite(graph: Graph, rows: Sequence[Row]) -> list[str]:
    if all(math.isfinite(row.value) for row in rows):
        return []
    return culprits(graph.nodes, graph.edges)[:1]


def _changes(
    rows: Sequence[Row],
    after: Sequence[Row] | None,
    data: Data,
    nodes: Sequence[Node],
    names: Sequence[str],
) -> list[tuple[str, ...]]:
    """Return (weight, value, gradient, next value, change) for every weight."""
    moving = [k for k, node in enumerate(nodes) if node.role == "weight"]
    if not moving:
        moving = [k for k, node in enumerate(nodes) if node.role == "input"]
    found: list[tuple[str, ...]] = []
    for k in moving:
        value, gradient = data["values"][k], data["gradients"][k]
        if after is None:
            found.append((names[k], value, gradient, "-", "-"))
        else:
            change = format_number(after[k].value - rows[k].value)
            found.append((names[k], value, gradient, format_number(after[k].value), change))
    return found
