"""What is done to a program before it becomes code: exact rewrites only.

Each pass takes a program and returns one that computes the same results to the last bit. So
`1.0 * x` is `x`, but `0.0 * x` stays: it is -0.0 for negative x and nan for infinite x.
"""

import math
import operator
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from autograd.compiling.program import (
    COMPARISONS,
    CONSTANT,
    GUARD,
    INPUT,
    LOGIC,
    SELECT,
    Builder,
    Instruction,
    Program,
    verify,
)
from autograd.formulas import ARITHMETIC, FLOAT_NAMES
from autograd.reductions import REDUCTIONS


def simplify(program: Program) -> Program:
    """Return the program with constants folded and with steps that change nothing left out.

    >>> build = Builder()
    >>> x, one = build.input("x"), build.constant(1.0)
    >>> two = build.emit("add", one, one)
    >>> product = build.emit("mul", build.emit("mul", x, one), two)
    >>> print(prune(simplify(build.program([product]))))
    v0 = input         # x
    v1 = 2
    v2 = v0 * v1
    return v2
    """
    return rewritten(program, _Simplifier)


def share(program: Program) -> Program:
    """Return the program with every computation in it only once."""
    return rewritten(program, Sharer)


def prune(program: Program) -> Program:
    """Return the program without what neither a result nor a guard depends on."""
    needed = {*program.outputs, *program.inputs, *program.guards}
    for place in range(len(program) - 1, -1, -1):
        if place in needed:
            needed.update(program.instructions[place].operands)
    return program if len(needed) == len(program) else _copied(program, Builder(), needed)


def optimised(program: Program) -> list[tuple[str, Program]]:
    """Return the program after each pass, by name; the last one is what runs."""
    stages = []
    for name, step in (("simplified", simplify), ("shared", share), ("pruned", prune)):
        program = verify(step(program))
        stages.append((name, program))
    return stages


def summed(program: Program) -> Program:
    """Return the program for results that are added up over samples.

    A sum that starts at 0.0 is never -0.0, so the `+ 0.0` that sees to the same in a single
    gradient changes nothing there.
    """
    outputs = [_without_zero(program, place) for place in program.outputs]
    return prune(replace(program, outputs=tuple(outputs)))


def _without_zero(program: Program, place: int) -> int:
    step = program.instructions[place]
    if step.op != "add":
        return place
    zero = program.instructions[step.operands[1]]
    return step.operands[0] if zero.op == CONSTANT and _same(zero.number, 0.0) else place


class Rewriter(Builder):
    """A builder that may answer an instruction with an earlier place."""

    def rewritten(self, step: Instruction) -> int | None:
        """Return the place for an instruction; None if it is not needed at all."""
        raise NotImplementedError


def rewritten(program: Program, rewriter: Callable[[], Rewriter]) -> Program:
    """Return the program with every instruction as a rewriter makes it."""
    return _copied(program, rewriter(), range(len(program)))


def _copied(program: Program, build: Builder, kept: Collection[int]) -> Program:
    """Return a copy of some of a program's instructions, in order."""
    put = build.rewritten if isinstance(build, Rewriter) else build.append
    places: dict[int, int] = {}
    for k, step in enumerate(program.instructions):
        if k not in kept:
            continue
        operands = tuple(map(places.__getitem__, step.operands))
        # Most stay where they are, and to make an instruction takes time.
        same = operands == step.operands
        place = put(step if same else Instruction(step.op, operands, step.number))
        if place is not None:
            places[k] = place
    for notes, copies in ((program.names, build.names), (program.lines, build.lines)):
        for k in sorted(notes):
            if k in places:
                copies.setdefault(places[k], notes[k])
    build.inputs = [places[k] for k in program.inputs]
    return build.program(places[k] for k in program.outputs)


class Sharer(Rewriter):
    """Gives the earlier place of a computation that was done before."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[object, int] = {}

    def append(self, step: Instruction) -> int:
        """Return the place of an instruction, the earlier one if there is one like it."""
        if step.op == INPUT:
            return super().append(step)
        # By its text: 0.0 and -0.0 are equal but not the same.
        key = step.op, step.operands, step.number if step.number is None else repr(step.number)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = super().append(step)
        return place

    def rewritten(self, step: Instruction) -> int | None:
        """Return the place for an instruction."""
        return self.append(step)


class _Simplifier(Rewriter):
    """Folds constants and leaves out what changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        # Truths that do not depend on any input.
        self._truths: dict[int, bool] = {}

    def rewritten(self, step: Instruction) -> int | None:
        if step.op == CONSTANT:
            assert step.number is not None, "a constant has a number"
            return self.constant(step.number)
        if step.op == GUARD:
            known = self._truths.get(step.operands[0])
            return None if known == bool(step.number) else self.append(step)
        if step.op in COMPARISONS or step.op in LOGIC:
            return self._truth(step)
        if step.op == SELECT:
            return self._select(step)
        numbers = [self._number(x) for x in step.operands]
        if step.op != INPUT and None not in numbers:
            folded = computed(step.op, numbers)  # type: ignore[arg-type]
            if folded is not None:
                return self.constant(folded)
        return self._simpler(step, numbers)

    def _number(self, place: int) -> float | None:
        step = self.instructions[place]
        return step.number if step.op == CONSTANT else None

    def _truth(self, step: Instruction) -> int:
        if step.op in COMPARISONS:
            numbers = [self._number(x) for x in step.operands]
            place = self.append(step)
            if None not in numbers:
                self._truths[place] = bool(computed(step.op, numbers))  # type: ignore[arg-type]
            return place
        known = [self._truths.get(x) for x in step.operands]
        if step.op == "not":
            place = self.append(step)
            if known[0] is not None:
                self._truths[place] = not known[0]
            return place
        decisive = step.op == "or"
        if decisive in known:
            return step.operands[known.index(decisive)]
        open_ones = [x for x, truth in zip(step.operands, known, strict=True) if truth is None]
        if len(open_ones) < 2:
            return (open_ones or step.operands)[0]
        return self.append(Instruction(step.op, tuple(open_ones)))

    def _select(self, step: Instruction) -> int:
        truth, yes, no = step.operands
        known = self._truths.get(truth)
        if known is not None:
            return yes if known else no
        return yes if yes == no else self.append(step)

    def _simpler(self, step: Instruction, numbers: Sequence[float | None]) -> int:
        for rule in _RULES.get(step.op, ()):
            found = rule(self, step.operands, numbers)
            if found is not None:
                return found
        return self.append(step)


Numbers = Sequence[float | None]
Rule = Callable[[_Simplifier, Sequence[int], Numbers], int | None]


def _same(x: float | None, y: float) -> bool:
    return x is not None and x == y and math.copysign(1.0, x) == math.copysign(1.0, y)


def _unchanged(neutral: float, *sides: int) -> Rule:
    """Return the rule that an operand on one of the sides changes nothing."""

    def rule(_: _Simplifier, places: Sequence[int], numbers: Numbers) -> int | None:
        for side in sides:
            if _same(numbers[side], neutral):
                return places[1 - side]
        return None

    return rule


def _times_minus_one(build: _Simplifier, places: Sequence[int], numbers: Numbers) -> int | None:
    for side in (0, 1):
        if _same(numbers[side], -1.0):
            return build.rewritten(Instruction("neg", (places[1 - side],)))
    return None


def _negated(build: _Simplifier, places: Sequence[int], _: Numbers) -> int | None:
    inner = build.instructions[places[0]]
    return inner.operands[0] if inner.op == "neg" else None


def _with_negative(op: str) -> Rule:
    """Return the rule that x + (-y) is x - y, and the other way round."""

    def rule(build: _Simplifier, places: Sequence[int], _: Numbers) -> int | None:
        second = build.instructions[places[1]]
        if second.op != "neg":
            return None
        return build.append(Instruction(op, (places[0], second.operands[0])))

    return rule


def _start_of_dot(build: _Simplifier, places: Sequence[int], _: Numbers) -> int | None:
    """A dot product of one pair that starts from nothing is a product."""
    if len(places) != 3 or not _same(build._number(places[2]), -0.0):
        return None
    return build.rewritten(Instruction("mul", tuple(places[:2])))


_RULES: dict[str, tuple[Rule, ...]] = {
    "mul": (_unchanged(1.0, 0, 1), _times_minus_one),
    "div": (_unchanged(1.0, 1),),
    "pow": (_unchanged(1.0, 1),),
    "sub": (_unchanged(0.0, 1), _with_negative("add")),
    "add": (_unchanged(-0.0, 0, 1), _with_negative("sub")),
    "neg": (_negated,),
    "dot": (_start_of_dot,),
    "total": (lambda _, places, __: places[0] if len(places) == 1 else None,),
}

_COMPUTED: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": operator.mod,
    "neg": operator.neg,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
}


def computed(op: str, numbers: Sequence[float]) -> float | None:
    """Return an operation of constants, or None if it fails or is the user's own."""
    if op in REDUCTIONS:
        return float(REDUCTIONS[op].value(list(numbers)))
    function = _COMPUTED.get(op) or FLOAT_NAMES.get(op)
    if function is None:
        return None
    try:
        return float(function(*numbers))
    except ARITHMETIC:
        return None
