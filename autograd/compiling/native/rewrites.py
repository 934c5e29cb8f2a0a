"""Rewrites that lanes may have and the engine may not: right, but not to the last bit.

Used unless `exact` is asked for. They keep every result within rounding of the engine's as
long as all numbers are finite; where one is not, the point goes back to the engine anyway.
"""

import math
from collections.abc import Callable, Sequence

from autograd.compiling.passes import Sharer, prune, rewritten
from autograd.compiling.program import CONSTANT, Builder, Instruction, Program, verify

# Functions to which 0.0 and -0.0 are different numbers, both with a finite result.
_SIGNED = frozenset({"atan2", "copysign"})
# Powers that are written as products.
_MOST_FACTORS = 8


def relaxed(program: Program) -> Program:
    """Return the program as lanes run it fastest."""
    signs = any(step.op in _SIGNED for step in program.instructions)
    program = prune(rewritten(program, lambda: _Relaxing(signs_matter=signs)))
    return verify(prune(parted(gathered(program))))


class _Relaxing(Sharer):
    """Cheaper forms of single instructions.

    Args:
        signs_matter: whether the sign of a zero may show in a result.
    """

    def __init__(self, *, signs_matter: bool) -> None:
        super().__init__()
        self._signs_matter = signs_matter
        # What is relu(x) <= 0 instead of x <= 0.
        self._after: dict[int, int] = {}

    def rewritten(self, step: Instruction) -> int | None:
        rule = _RULES.get(step.op)
        found = rule(self, step.operands) if rule is not None else None
        return self.append(step) if found is None else found

    def _number(self, place: int) -> float | None:
        step = self.instructions[place]
        return step.number if step.op == CONSTANT else None

    def _add(self, operands: Sequence[int]) -> int | None:
        """A zero adds nothing but its sign."""
        x, y = operands
        if self._signs_matter:
            return None
        if self._number(y) == 0.0:
            return x
        return y if self._number(x) == 0.0 else None

    def _div(self, operands: Sequence[int]) -> int | None:
        x, y = operands
        divisor = self._number(y)
        if divisor is not None and divisor != 0.0:
            return self.emit("mul", x, self.constant(1.0 / divisor))
        return self._slope_of_tanh(x, y)

    def _slope_of_tanh(self, x: int, y: int) -> int | None:
        """Return 1 / cosh(u) / cosh(u) as one function, which shares its work with tanh(u)."""
        above, below = self.instructions[x], self.instructions[y]
        if below.op != "cosh" or above.op != "div" or above.operands[1] != y:
            return None
        if self._number(above.operands[0]) != 1.0:
            return None
        return self.emit("tanh_slope", *below.operands)

    def _sigmoid(self, operands: Sequence[int]) -> int | None:
        """Return sigmoid(-u) as one function, which shares its work with sigmoid(u)."""
        inner = self.instructions[operands[0]]
        return self.emit("sigmoid_turned", *inner.operands) if inner.op == "neg" else None

    def _pow(self, operands: Sequence[int]) -> int | None:
        x, exponent = operands[0], self._number(operands[1])
        if exponent == 0.5 and not self._signs_matter:
            return self.emit("sqrt", x)
        if exponent is None or not exponent.is_integer() or abs(exponent) > _MOST_FACTORS:
            return None
        if exponent < 0.0:
            # First: the power of a large number may overflow where its inverse is small.
            x = self.emit("div", self.constant(1.0), x)
        return self._factors(x, abs(int(exponent)))

    def _factors(self, x: int, count: int) -> int:
        """Return x to a whole power, by squaring."""
        out = None
        while count:
            if count % 2:
                out = x if out is None else self.emit("mul", out, x)
            count //= 2
            if count:
                x = self.emit("mul", x, x)
        return self.constant(1.0) if out is None else out

    def _select(self, operands: Sequence[int]) -> int | None:
        """Drop an arm that is nan, which is for operands that make results nan; reuse relu.

        Where relu(x) is 0 x is not above it: so its slope need not know x, which is forgotten.
        """
        truth, yes, no = operands
        if self._is_nan(no):
            return yes
        if self._is_nan(yes):
            return no
        if truth in self._after:
            return self.append(Instruction("select", (self._after[truth], yes, no)))
        step = self.instructions[truth]
        if step.op == "le" and step.operands == (no, yes) and self._number(yes) == 0.0:
            relu = self.append(Instruction("select", (truth, yes, no)))
            self._after[truth] = self.append(Instruction("le", (relu, yes)))
            return relu
        return None

    def _is_nan(self, place: int) -> bool:
        """Return whether a number is nan by its form: a constant, or a product with one."""
        step = self.instructions[place]
        places = step.operands if step.op == "mul" else (place,)
        return any(math.isnan(self._number(x) or 0.0) for x in places)


_RULES: dict[str, Callable[[_Relaxing, Sequence[int]], int | None]] = {
    "add": _Relaxing._add,
    "div": _Relaxing._div,
    "sigmoid": _Relaxing._sigmoid,
    "pow": _Relaxing._pow,
    "select": _Relaxing._select,
}


def parted(program: Program) -> Program:
    """Return the program with results that are dot products as sums of single products.

    They are summed over the samples too, each product by itself where that is faster.
    """
    build = Builder.of(program)
    outputs = [_parted(build, place) for place in program.outputs]
    return build.program(outputs)


def _parted(build: Builder, place: int) -> int:
    step = build.instructions[place]
    if step.op != "dot":
        return place
    half = len(step.operands) // 2
    start = step.operands[-1]
    pairs = zip(step.operands[:half], step.operands[half:-1], strict=True)
    products = [build.emit("mul", x, y) for x, y in pairs]
    nothing = build.instructions[start].number == 0.0
    return build.emit("total", *products, *([] if nothing else [start]))


def gathered(program: Program) -> Program:
    """Return the program with sums of products, added one by one, as dot products.

    That is how networks come out whose neurons are written `sum(w * x for ...) + b`.
    """
    chains = _Chains(program).found
    return rewritten(program, lambda: _Gathering(chains))


class _Chains:
    """Where sums of products end, and of what they are made."""

    def __init__(self, program: Program) -> None:
        self.steps = program.instructions
        self.uses = program.uses()
        self.found: dict[int, tuple[list[tuple[int, int]], list[int]]] = {}
        inside: set[int] = set()
        for place in range(len(self.steps) - 1, -1, -1):
            if self.steps[place].op != "add" or place in inside:
                continue
            pairs, rest, links = self._walk(place)
            if len(pairs) > 1:
                self.found[place] = (pairs[::-1], rest[::-1])
                inside.update(links)

    def _walk(self, root: int) -> tuple[list[tuple[int, int]], list[int], list[int]]:
        """Return the products and the other terms of a sum, and the additions in it."""
        pairs: list[tuple[int, int]] = []
        rest: list[int] = []
        links: list[int] = []
        place = root
        while True:
            left, right = self.steps[place].operands
            self._sort(right, pairs, rest)
            if self.steps[left].op != "add" or self.uses[left] != 1:
                self._sort(left, pairs, rest)
                return pairs, rest, links
            place = left
            links.append(place)

    def _sort(self, place: int, pairs: list[tuple[int, int]], rest: list[int]) -> None:
        step = self.steps[place]
        if step.op == "mul" and self.uses[place] == 1:
            pairs.append((step.operands[0], step.operands[1]))
        else:
            rest.append(place)


class _Gathering(Sharer):
    """Puts a dot product in the place of the last addition of a chain."""

    def __init__(self, chains: dict[int, tuple[list[tuple[int, int]], list[int]]]) -> None:
        super().__init__()
        self._chains = chains
        self._seen = -1
        self._places: list[int] = []

    def rewritten(self, step: Instruction) -> int | None:
        self._seen += 1
        place = self._gathered() if self._seen in self._chains else self.append(step)
        self._places.append(place)
        return place

    def _gathered(self) -> int:
        pairs, rest = self._chains[self._seen]
        xs = [self._places[x] for x, _ in pairs]
        ys = [self._places[y] for _, y in pairs]
        others = [self._places[place] for place in rest]
        start = others.pop() if others else self.constant(-0.0)
        out = self.emit("dot", *xs, *ys, start)
        for other in others:
            out = self.emit("add", out, other)
        return out
