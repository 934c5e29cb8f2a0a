"""Programs: what a tape becomes on its way to code.

A program is a list of instructions in static single assignment. Each computes one number (or
one truth) from earlier ones and is named by its place in the list. There are two levels of the
same form: a *recorded* program has the operations of the table, one for each row of the tape;
a *lowered* one has only what formulas are made of, arithmetic, comparisons, `select` and
functions of one or two numbers, and `dot` and `total` over many.

Knows how programs are built, checked and printed. Knows no derivative and no back end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from autograd.numbers import format_number
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS

INPUT, CONSTANT, GUARD, SELECT, TAKE = "input", "constant", "guard", "select", "take"
# A Value made inside the function: a constant, but one that shares a tie like a Value.
LEAF = "leaf"

# How instructions are written that are no function calls. `x > y` is `y < x`.
INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
COMPARISONS = {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}
LOGIC = {"and": "and", "or": "or", "not": "not"}

NUMBER, TRUTH, NOTHING = "number", "truth", "nothing"
# What comes out of an instruction, where it is no number.
_KINDS = {GUARD: NOTHING, **dict.fromkeys((*COMPARISONS, *LOGIC), TRUTH)}
# Instructions that take more than numbers.
_CHOOSY = frozenset((GUARD, SELECT, *LOGIC))


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step of a program.

    Attributes:
        op: what it does: an operation of the table, a function of formulas, or one of
            `input`, `constant`, `leaf`, `lt le eq ne`, `and or not`, `select` (condition, then,
            otherwise), `take` (index, numbers to choose from) and `guard` (a truth that must
            be as it was recorded).
        operands: the places of what it is computed from.
        number: the number of a constant; 1.0 or 0.0 as what a guard demands of its truth.
    """

    op: str
    operands: tuple[int, ...] = ()
    number: float | None = None

    @property
    def kind(self) -> str:
        """What comes out: a number, a truth, or nothing."""
        return _KINDS.get(self.op, NUMBER)

    def kinds(self) -> list[str]:
        """Return what each operand must be."""
        if self.op in LOGIC or self.op == GUARD:
            return [TRUTH] * len(self.operands)
        if self.op == SELECT:
            return [TRUTH, NUMBER, NUMBER]
        return [NUMBER] * len(self.operands)


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions, what goes in and what comes out.

    Attributes:
        instructions: in the order they run; operands come before their users.
        inputs: the places of the inputs, in the order of the arguments.
        outputs: the places of the results.
        names: the user's labels, by place.
        lines: where in the user's program a guard was recorded, by place.
    """

    instructions: tuple[Instruction, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    lines: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.instructions)

    @property
    def guards(self) -> list[int]:
        """The places of the guards, in the order they must be checked."""
        return [k for k, step in enumerate(self.instructions) if step.op == GUARD]

    def uses(self) -> list[int]:
        """Return how often each instruction is used, as an operand or as a result."""
        counts = [0] * len(self)
        for step in self.instructions:
            for place in step.operands:
                counts[place] += 1
        for place in self.outputs:
            counts[place] += 1
        return counts

    def __str__(self) -> str:
        """Return one line for each instruction, as in `v3 = v1 * v2`.

        >>> build = Builder()
        >>> x, y = build.input("x"), build.input("y")
        >>> print(build.program([build.emit("tanh", build.emit("mul", x, y))]))
        v0 = input         # x
        v1 = input         # y
        v2 = v0 * v1
        v3 = tanh(v2)
        return v3
        """
        lines = []
        for place, step in enumerate(self.instructions):
            text = f"v{place} = {_written(step)}"
            note = self.names.get(place) or self.lines.get(place, "").strip()
            lines.append(f"{text:18} # {note}" if note else text)
        results = ", ".join(f"v{place}" for place in self.outputs)
        return "\n".join([*lines, f"return {results}"])


def _written(step: Instruction) -> str:  # noqa: PLR0911 - a case for each form
    operands = [f"v{place}" for place in step.operands]
    match step.op, operands:
        case "input", []:
            return INPUT
        case "constant" | "leaf", []:
            assert step.number is not None, "a constant has a number"
            return format_number(step.number)
        case "guard", [truth]:
            return f"guard {truth} is {bool(step.number)}"
        case "neg", [number]:
            return f"-{number}"
        case "not", [truth]:
            return f"not {truth}"
        case "select", [truth, yes, no]:
            return f"{yes} if {truth} else {no}"
    symbol = {**INFIX, **COMPARISONS, **LOGIC}.get(step.op)
    if symbol is not None:
        return f" {symbol} ".join(operands)
    return f"{step.op}({', '.join(operands)})"


class Builder:
    """Appends instructions and gives their places."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.inputs: list[int] = []
        self.names: dict[int, str] = {}
        self.lines: dict[int, str] = {}
        self._constants: dict[str, int] = {}

    @classmethod
    def of(cls, program: Program) -> Self:
        """Return a builder that goes on where a program ends."""
        build = cls()
        build.instructions = list(program.instructions)
        build.inputs = list(program.inputs)
        build.names = dict(program.names)
        build.lines = dict(program.lines)
        return build

    def append(self, step: Instruction) -> int:
        """Append an instruction as it is; return its place."""
        self.instructions.append(step)
        return len(self.instructions) - 1

    def emit(self, op: str, *operands: int) -> int:
        """Append an operation on earlier places; return its place."""
        return self.append(Instruction(op, operands))

    def input(self, name: str = "") -> int:
        """Append the next input."""
        place = self.append(Instruction(INPUT))
        self.inputs.append(place)
        if name:
            self.names[place] = name
        return place

    def constant(self, number: float) -> int:
        """Return the place of a constant; the same number stands once."""
        # By its text: 0.0 and -0.0 are equal but not the same, and nan is itself here.
        key = repr(number)
        if key not in self._constants:
            self._constants[key] = self.append(Instruction(CONSTANT, (), number))
        return self._constants[key]

    def guard(self, truth: int, *, expected: bool, line: str = "") -> int:
        """Demand that a truth is what it was when the program was recorded."""
        place = self.append(Instruction(GUARD, (truth,), float(expected)))
        if line:
            self.lines[place] = line
        return place

    def program(self, outputs: Iterable[int]) -> Program:
        """Return what was built."""
        return Program(
            tuple(self.instructions),
            tuple(self.inputs),
            tuple(outputs),
            dict(self.names),
            dict(self.lines),
        )


def verify(program: Program) -> Program:
    """Return the program, having checked that it can run; a promise between our own files.

    Every operand is computed before it is used and is of the right kind; every operation has
    the right number of operands; inputs are inputs.
    """
    # The places that are no numbers: there are few, and asking for all is faster than each.
    kinds: dict[int, str] = {}
    for place, step in enumerate(program.instructions):
        operands = step.operands
        if operands:
            assert min(operands) >= 0, f"v{place} = {step} uses one before the first"
            assert max(operands) < place, f"v{place} = {step} uses a later one"
        if step.op in _CHOOSY or not kinds.keys().isdisjoint(operands):
            found = [kinds.get(operand, NUMBER) for operand in operands]
            assert found == step.kinds(), f"v{place} = {step} is given {found}"
        assert _fits(step), f"v{place} = {step} has the wrong number of operands"
        if step.op in _KINDS:
            kinds[place] = step.kind
    assert all(program.instructions[k].op == INPUT for k in program.inputs), "inputs are inputs"
    count = sum(step.op == INPUT for step in program.instructions)
    assert count == len(program.inputs), "every input is listed"
    assert kinds.keys().isdisjoint(program.outputs), "results are numbers"
    return program


_ARITY = {INPUT: 0, CONSTANT: 0, LEAF: 0, GUARD: 1, SELECT: 3, "not": 1}
_ARITY |= dict.fromkeys((*INFIX, *COMPARISONS), 2)


def _fits(step: Instruction) -> bool:
    if (step.number is None) == (step.op in (CONSTANT, LEAF, GUARD)):
        return False
    if step.op in _ARITY:
        return len(step.operands) == _ARITY[step.op]
    if step.op == "dot":
        return len(step.operands) % 2 == 1
    if step.op in TABLE:
        return len(step.operands) == len(TABLE[step.op].arguments)
    return len(step.operands) >= 1 or step.op in REDUCTIONS
