"""Why a gradient is 0, in words: what the learner can do something about.

Knows rows and the steps of their sweep. Knows no page.
"""

from collections.abc import Sequence

from autograd import Row, format_number
from viz.steps import Step

_FLAT = frozenset({"sign", "floor", "ceil", "round"})
_CHOOSES = frozenset({"where", "minimum", "maximum", "amax", "amin"})
_PRODUCTS = frozenset({"mul", "dot", "prod"})
_SATURATES = frozenset(
    {"tanh", "sigmoid", "exp", "erf", "softsign", "clamp", "elu", "softplus"}
)


def why_zero(
    rows: Sequence[Row], taken: Sequence[Step], gradients: Sequence[float], names: Sequence[str]
) -> dict[int, str]:
    """Return for every row whose gradient is 0 what made it so.

    >>> from autograd import Value
    >>> from viz.steps import steps
    >>> x = Value(-2.0, label="x")
    >>> rows = x.relu().tape
    >>> why_zero(rows, *steps(rows), ["x", "y"])[0]
    'y = relu(x) is flat here: x = -2 is not above 0, so its slope is 0 and nothing comes back.'
    """
    into: dict[int, list[Step]] = {}
    skipped: dict[int, list[int]] = {}
    for step in taken:
        if step.kind == "backward":
            operand = rows[step.row].operands[step.slot].row
            assert operand is not None, "steps lead to rows"
            into.setdefault(operand, []).append(step)
        elif step.kind == "skip":
            for x in rows[step.row].operands:
                if x.row is not None:
                    skipped.setdefault(x.row, []).append(step.row)
    found = {}
    for row in rows:
        if gradients[row.number] == 0.0:
            terms = into.get(row.number, [])
            blocked = list(dict.fromkeys(skipped.get(row.number, [])))
            found[row.number] = _reason(row, rows, terms, blocked, names)
    return found


def _reason(
    row: Row,
    rows: Sequence[Row],
    terms: Sequence[Step],
    blocked: Sequence[int],
    names: Sequence[str],
) -> str:
    name = names[row.number]
    amounts = [step.added for step in terms if step.added is not None]
    if any(step.added is None for step in terms):
        return f"A _backward function of your own decides what {name} gets."
    if any(amounts):
        total = " + ".join(format_number(amount) for amount in amounts)
        return f"What comes back to {name} cancels: {total} = 0."
    reasons = [_flat(step, rows, names) for step in terms]
    if blocked:
        shown = ", ".join(names[k] for k in blocked[:4])
        more = f" and {len(blocked) - 4} more" if len(blocked) > 4 else ""
        reasons.append(f"The gradient of {shown}{more} is 0, so nothing comes back from there.")
    return " ".join(dict.fromkeys(reasons)) or f"Nothing depends on {name}."


def _flat(step: Step, rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return why one operand of one operation gets 0."""
    row = rows[step.row]
    operand = row.operands[step.slot]
    assert operand.row is not None, "steps lead to rows"
    x, value = names[operand.row], format_number(operand.value)
    result = f"{names[step.row]} = {row.operation}({x})"
    if step.partial:
        upstream = format_number(step.upstream or 0.0)
        return (
            f"{upstream} * {format_number(step.partial)} is smaller than the smallest number "
            "above 0, so it became 0."
        )
    said = {
        "relu": f"{result} is flat here: {x} = {value} is not above 0, so its slope is 0 and "
        "nothing comes back.",
        "stop_gradient": f"stop_gradient lets nothing back to {x}.",
    }
    said |= dict.fromkeys(
        _CHOOSES, f"{names[step.row]} = {row.operation}(...) did not choose {x}."
    )
    said |= dict.fromkeys(_PRODUCTS, f"{x} is multiplied by 0 in {names[step.row]}.")
    said |= dict.fromkeys(_FLAT, f"{result} is a step: its slope is 0 everywhere.")
    said |= dict.fromkeys(
        _SATURATES, f"{result} is saturated: at {x} = {value} its slope rounds to 0."
    )
    otherwise = f"The slope of {names[step.row]} by {x} is 0 at {x} = {value}."
    return said.get(row.operation, otherwise)
