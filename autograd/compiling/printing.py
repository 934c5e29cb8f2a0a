"""Instructions as Python: expressions with as few parentheses as they need.

What is used once stands where it is used; what is used more often gets a name, the user's
where there is one. The branches of a conditional expression are computed only if they are
chosen, which matters where the other branch would divide by zero. Knows no whole function;
those are in `python`.
"""

import keyword
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from autograd.compiling.program import (
    COMPARISONS,
    CONSTANT,
    GUARD,
    INFIX,
    INPUT,
    LEAF,
    LOGIC,
    NUMBER,
    SELECT,
    TRUTH,
    Program,
)

# How tightly things bind; operands need parentheses where they bind less.
_CHOICE, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)
_BINDING = {"add": _SUM, "sub": _SUM, "mul": _PRODUCT, "div": _PRODUCT, "mod": _PRODUCT}

# Longer expressions get a name, so that lines and nesting stay readable.
LONGEST = 60
# A branch that is used more than once is written out again up to this length; it may be longer
# if it could fail, which a branch that is not chosen must not.
_REPEATED, _REPEATED_RISKY = 30, 200
_TERMS_IN_A_LINE = 40

# Operations that return int on floats.
_TO_WHOLE = frozenset({"floor", "ceil", "round"})
_SAFE = frozenset({"add", "sub", "mul", "neg", "abs", SELECT, "dot", "total"})
_RESERVED = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, "float", "abs", "inf", "nan", "zip", "enumerate"}
)


@dataclass(frozen=True, slots=True)
class Text:
    """An expression and how tightly it binds."""

    text: str
    binding: int = _ATOM
    risky: bool = False

    def inside(self, binding: int) -> str:
        """Return the expression as an operand of something that binds so tightly."""
        return self.text if self.binding >= binding else f"({self.text})"


class Printer:
    """Writes the instructions of a program, some of them at a time.

    Attributes:
        names: the name of each input, and of each computed number that has one.
        lines: what was written so far; `take_lines` empties it.
    """

    def __init__(self, program: Program, reserved: Iterable[str] = ()) -> None:
        self.program = program
        self.lines: list[str] = []
        functions = {step.op for step in program.instructions}
        self._taken = {*_RESERVED, *functions, *reserved}
        self._texts: dict[int, Text] = {}
        self._uses = program.uses()
        self._branches = _only_in_branches(program)
        self.names = {place: self._free(name) for place, name in _labels(program).items()}
        for k in program.inputs:
            self._texts[k] = Text(self.names.setdefault(k, self._free(f"v{k}")))
        self._guards = {place: k for k, place in enumerate(program.guards)}

    def _free(self, name: str) -> str:
        """Return the name, made into an identifier that nothing else has."""
        letters = "".join(c if c.isalnum() and c.isascii() else "_" for c in name).strip("_")
        word = letters if letters and not letters[0].isdigit() else f"v_{letters}".rstrip("_")
        found, count = word, 1
        while found in self._taken:
            count += 1
            found = f"{word}_{count}"
        self._taken.add(found)
        return found

    def fresh(self, name: str) -> str:
        """Return a name that nothing else has."""
        return self._free(name)

    def write(self, places: Iterable[int], flipped: str) -> None:
        """Write the statements for some instructions; `flipped` says what a guard does.

        In `flipped`, `{}` is the position of the guard.
        """
        for place in places:
            step = self.program.instructions[place]
            if step.op == GUARD:
                holds = self._condition(step.operands[0], wanted=bool(step.number))
                self.lines.append(f"if not ({holds}):")
                self.lines.append("    " + flipped.format(self._guards[place]))
            elif step.op != INPUT:
                self._texts[place] = self._named_or_inline(place)

    def take_lines(self, indent: str) -> list[str]:
        """Return what was written, indented, and start afresh."""
        lines, self.lines = self.lines, []
        return [indent + line for line in lines]

    def result(self, place: int) -> str:
        """Return the expression of a result."""
        return self._texts[place].text

    def _named_or_inline(self, place: int) -> Text:
        step = self.program.instructions[place]
        if step.op in (CONSTANT, LEAF):
            return _constant(step.number)
        if step.op in ("dot", "total") and len(step.operands) > 2 * _TERMS_IN_A_LINE:
            return self._long_sum(place)
        text = self._expression(place)
        if self._stays_inline(place, text):
            return text
        return self._assign(place, text.text)

    def _stays_inline(self, place: int, text: Text) -> bool:
        step, uses = self.program.instructions[place], self._uses[place]
        length = len(text.text)
        if place in self.names and step.kind == NUMBER:
            return place in self._branches and length <= _REPEATED_RISKY
        if place in self._branches:
            if uses == 1:
                return length <= _REPEATED_RISKY
            return length <= (_REPEATED_RISKY if text.risky else _REPEATED)
        if step.kind == TRUTH and length <= _REPEATED:
            return True
        return uses == 1 and length <= LONGEST

    def _assign(self, place: int, text: str) -> Text:
        name = self.names.get(place)
        if name is None:
            name = self.names[place] = self._free(f"v{place}")
        self.lines.append(f"{name} = {text}")
        return Text(name)

    def _expression(self, place: int) -> Text:  # noqa: PLR0911 - a case for each form
        step = self.program.instructions[place]
        operands = [self._texts[x] for x in step.operands]
        risky = step.op not in _SAFE or any(x.risky for x in operands)
        match step.op, operands:
            case "neg", [x]:
                return Text(f"-{x.inside(_SIGN)}", _SIGN, risky)
            case "select", [test, yes, no]:
                written = f"{yes.inside(_OR)} if {test.inside(_OR)} else {no.inside(_CHOICE)}"
                return Text(written, _CHOICE, risky)
            case "not", [x]:
                return Text(f"not {x.inside(_NOT)}", _NOT, risky)
            case (("dot" | "total"), _):
                return Text(" + ".join(self._terms(place)), _SUM, risky)
        if step.op in _BINDING:
            binding = _BINDING[step.op]
            left, right = operands[0].inside(binding), operands[1].inside(binding + 1)
            return Text(f"{left} {INFIX[step.op]} {right}", binding, risky)
        if step.op in COMPARISONS:
            left, right = (operand.inside(_SUM) for operand in operands)
            return Text(f"{left} {COMPARISONS[step.op]} {right}", _COMPARED, risky)
        if step.op in LOGIC:
            binding = _AND if step.op == "and" else _OR
            joined = f" {step.op} ".join(x.inside(binding + 1) for x in operands)
            return Text(joined, binding, risky)
        called = f"{step.op}({', '.join(x.text for x in operands)})"
        return Text(f"float({called})" if step.op in _TO_WHOLE else called, _ATOM, risky)

    def _terms(self, place: int) -> list[str]:
        """Return the terms of a sum, from left to right."""
        step = self.program.instructions[place]
        operands = [self._texts[x] for x in step.operands]
        if step.op == "total":
            return [operands[0].inside(_SUM), *(x.inside(_PRODUCT) for x in operands[1:])]
        length = len(operands) // 2
        pairs = zip(operands[:length], operands[length:-1], strict=True)
        products = [f"{x.inside(_PRODUCT)} * {y.inside(_SIGN)}" for x, y in pairs]
        start = operands[-1]
        # Adding to -0.0 changes nothing.
        return products if start.text == "-0.0" else [start.inside(_SUM), *products]

    def _long_sum(self, place: int) -> Text:
        """Write a sum of many terms, a few in each line; the order stays the same."""
        terms = self._terms(place)
        text = self._assign(place, " + ".join(terms[:_TERMS_IN_A_LINE]))
        for k in range(_TERMS_IN_A_LINE, len(terms), _TERMS_IN_A_LINE):
            self.lines.append(
                f"{text.text} = {text.text} + " + " + ".join(terms[k : k + _TERMS_IN_A_LINE])
            )
        return text

    def _condition(self, place: int, *, wanted: bool) -> str:
        """Return the condition that a truth is as wanted, and that no nan decided it."""
        step = self.program.instructions[place]
        if step.op == "not":
            return self._condition(step.operands[0], wanted=not wanted)
        if step.op in LOGIC:
            joint = " and " if (step.op == "and") == wanted else " or "
            parts = (self._condition(x, wanted=wanted) for x in step.operands)
            return joint.join(f"({part})" for part in parts)
        x, y = (self._texts[operand].inside(_SUM) for operand in step.operands)
        if (step.op == "eq") != wanted and step.op in ("eq", "ne"):
            return f"{x} < {y} or {x} > {y}"
        sign = {("lt", True): "<", ("le", True): "<=", ("lt", False): ">=", ("le", False): ">"}
        return f"{x} {sign.get((step.op, wanted), '==')} {y}"


def _constant(number: float | None) -> Text:
    assert number is not None, "a constant has a number"
    text = repr(number)
    return Text(text, _SIGN if text.startswith("-") else _ATOM)


def _labels(program: Program) -> dict[int, str]:
    return {place: name for place, name in program.names.items() if name}


def _only_in_branches(program: Program) -> Collection[int]:
    """Return the instructions that are used in branches of choices and nowhere else."""
    strict = {*program.outputs}
    branches: set[int] = set()
    for place in range(len(program) - 1, -1, -1):
        step = program.instructions[place]
        inside = place in branches and place not in strict
        if not inside:
            branches.discard(place)
        for k, x in enumerate(step.operands):
            if inside or (step.op == SELECT and k > 0):
                branches.add(x)
            else:
                strict.add(x)
    return branches - strict


def reachable(program: Program, sources: Sequence[int]) -> set[int]:
    """Return the instructions that depend on some inputs, those included."""
    found = set(sources)
    for place, step in enumerate(program.instructions):
        if not found.isdisjoint(step.operands):
            found.add(place)
    return found
