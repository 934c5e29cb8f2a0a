"""From operations to instructions: the table read over places of a program.

An operation is what its formula comes to (`expanding`), a reduction what its rule comes to
(`lowering_lists`). Knows no derivative; those are formulas of the table like any other.
"""

from collections.abc import Sequence

from autograd.compiling.expanding import expand
from autograd.compiling.lowering_lists import REDUCED, REDUCED_PARTIALS, Places
from autograd.compiling.program import (
    CONSTANT,
    LEAF,
    Builder,
    Instruction,
    Program,
)
from autograd.operations import TABLE, Operation
from autograd.reductions import REDUCTIONS


def value(build: Builder, name: str, operands: Places) -> int:
    """Append the value of an operation of the table or a reduction; return its place."""
    if name in PRIMITIVES:
        return build.emit(name, *operands)
    if name in TABLE:
        return _formula_value(build, TABLE[name], operands)
    return REDUCED[name](build, operands)


def _formula_value(build: Builder, operation: Operation, operands: Places) -> int:
    names = dict(zip(operation.arguments, operands, strict=True))
    return expand(build, operation.value, names)


# Operations that are a function of formulas themselves: they stay what they are.
PRIMITIVES = frozenset(
    name
    for name, operation in TABLE.items()
    if operation.value == f"{name}({', '.join(operation.arguments)})"
) | {"add", "sub", "mul", "div", "mod", "neg", "sigmoid", "dot", "total"}


def partials(
    build: Builder, name: str, operands: Places, out: int, moving: Sequence[bool]
) -> list[int | None]:
    """Append the local derivatives of an operation; return their places, None for constants.

    Args:
        build: where to.
        name: the operation.
        operands: every operand, constants included.
        out: the place of the value.
        moving: whether each operand is more than a constant.
    """
    if name in TABLE:
        operation = TABLE[name]
        names = dict(zip(operation.arguments, operands, strict=True)) | {"out": out}
        names["tie"] = build.constant(0.5 if all(moving) else 0.0)
        return [
            expand(build, operation.partials[k], names) if moves else None
            for k, moves in enumerate(moving)
        ]
    found = REDUCED_PARTIALS[name](build, operands, out, moving)
    return [place if moves else None for place, moves in zip(found, moving, strict=True)]


def lowered(build: Builder, step: Instruction, operands: Places) -> int:
    """Append what a recorded instruction comes to, on the places of its operands."""
    if step.op in TABLE or step.op in REDUCED or step.op in REDUCTIONS:
        return value(build, step.op, operands)
    if step.op in (CONSTANT, LEAF):
        assert step.number is not None, "a constant has a number"
        return build.constant(step.number)
    return build.append(Instruction(step.op, tuple(operands), step.number))


def lower(recorded: Program, build: Builder) -> list[int]:
    """Append a recorded program in terms of formulas alone; return where each step went."""
    places: list[int] = []
    for k, step in enumerate(recorded.instructions):
        place = lowered(build, step, [places[operand] for operand in step.operands])
        places.append(place)
        if k in recorded.names:
            build.names.setdefault(place, recorded.names[k])
        if k in recorded.lines:
            build.lines[place] = recorded.lines[k]
    build.inputs = [places[k] for k in recorded.inputs]
    return places
