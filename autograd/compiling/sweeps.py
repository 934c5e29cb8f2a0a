"""The sweeps, written out as instructions: reverse for gradients, forward for tangents.

Same order as `reverse` and `linear` go at run time: rows from last to first, operands from
first to last, so that sums are rounded alike. The local derivatives are the formulas of the
table, expanded in place.

The zero-adjoint rule is not written out. Where it would have mattered, `0 * inf` makes a
result nan; every back end looks at its results and hands such a point to the engine.
"""

from collections.abc import Collection, Sequence

from autograd.compiling.lowering import lower, partials
from autograd.compiling.program import (
    CONSTANT,
    INPUT,
    LEAF,
    NUMBER,
    SELECT,
    Builder,
    Instruction,
    Program,
)
from autograd.rows import selects

# Adds nothing, not even to the sign of a zero.
NOTHING_YET = -0.0


def reverse(recorded: Program, wrt: Sequence[int], fixed: Sequence[int] = ()) -> Program:
    """Return the program that computes the one output and its gradient.

    Args:
        recorded: a program with one output.
        wrt: the inputs to differentiate by, as positions among the inputs. The outputs of
            the result are the value and then one derivative for each of them.
        fixed: the inputs that are plain numbers to the engine: they share no tie.
    """
    sweep = _Reverse(recorded, wrt, fixed)
    (out,) = recorded.outputs
    sweep.terms[out] = [(sweep.build.constant(1.0), None)]
    sweep.run()
    gradients = [sweep.gradient(recorded.inputs[k]) for k in wrt]
    return sweep.build.program([sweep.places[out], *gradients])


def forward(recorded: Program, wrt: Sequence[int], fixed: Sequence[int] = ()) -> Program:
    """Return the program that computes the outputs and their derivatives along a tangent.

    The tangents of the inputs at `wrt` are further inputs; the derivatives further outputs.
    """
    build = Builder()
    places = lower(recorded, build)
    moving = _moving(recorded, fixed)
    moved: dict[int, int] = {recorded.inputs[k]: build.input() for k in wrt}
    for k, step in enumerate(recorded.instructions):
        needed = [x in moved for x in step.operands]
        slopes = _slopes(build, recorded, k, places, needed, moving)
        terms = [
            (moved[x], slope)
            for x, slope in zip(step.operands, slopes, strict=True)
            if slope is not None
        ]
        if terms:
            moved[k] = _sum_of_products(
                build, [_unless_left_out(build, step, t) for t in terms]
            )
    zero = build.constant(0.0)
    tangents = [moved.get(k, zero) for k in recorded.outputs]
    return build.program([*(places[k] for k in recorded.outputs), *tangents])


# A term of a sum: an adjoint (or tangent), and what it is multiplied by; None for 1.
Term = tuple[int, int | None]


class _Reverse:
    """One reverse sweep over a recorded program."""

    def __init__(
        self, recorded: Program, wrt: Sequence[int], fixed: Sequence[int] = ()
    ) -> None:
        self.recorded = recorded
        self.moving = _moving(recorded, fixed)
        self.build = Builder()
        self.places = lower(recorded, self.build)
        self.active = _depending(recorded, {recorded.inputs[k] for k in wrt})
        self.terms: dict[int, list[Term]] = {}

    def run(self) -> None:
        """Hand every step's adjoint to its operands, from the last step to the first."""
        instructions = self.recorded.instructions
        for k in range(len(instructions) - 1, -1, -1):
            step = instructions[k]
            if k not in self.active or k not in self.terms or step.op == INPUT:
                continue
            adjoint = _sum_of_products(self.build, self.terms.pop(k))
            needed = [x in self.active for x in step.operands]
            slopes = _slopes(self.build, self.recorded, k, self.places, needed, self.moving)
            for x, slope in zip(step.operands, slopes, strict=True):
                if slope is not None:
                    term = _unless_left_out(self.build, step, (adjoint, slope))
                    self.terms.setdefault(x, []).append(term)

    def gradient(self, place: int) -> int:
        """Return where the derivative by an input is; a sum that starts at 0 is never -0."""
        if place not in self.terms or place not in self.active:
            return self.build.constant(0.0)
        total = _sum_of_products(self.build, self.terms[place])
        return self.build.emit("add", total, self.build.constant(0.0))


def _depending(recorded: Program, inputs: set[int]) -> set[int]:
    """Return the places that depend on some inputs, themselves included."""
    active = set(inputs)
    for k, step in enumerate(recorded.instructions):
        if step.kind == NUMBER and not active.isdisjoint(step.operands):
            active.add(k)
    return active


def _moving(recorded: Program, fixed: Sequence[int]) -> set[int]:
    """Return the places of what is a Value to the engine: the others are plain numbers."""
    constants = {recorded.inputs[k] for k in fixed}
    moving: set[int] = set()
    for k, step in enumerate(recorded.instructions):
        numbers = step.operands[1:] if step.op == SELECT else step.operands
        if (
            step.op == LEAF
            or (step.op == INPUT and k not in constants)
            or (step.kind == NUMBER and not moving.isdisjoint(numbers))
        ):
            moving.add(k)
    return moving


def _slopes(
    build: Builder,
    recorded: Program,
    k: int,
    places: Sequence[int],
    needed: Sequence[bool],
    moving: Collection[int],
) -> list[int | None]:
    """Append the local derivatives of a step for the operands that need them."""
    step = recorded.instructions[k]
    if not any(needed) or step.kind != NUMBER:
        return [None] * len(needed)
    operands = [places[x] for x in step.operands]
    if step.op == SELECT:
        zero, one = build.constant(0.0), build.constant(1.0)
        taken = [None, (one, zero), (zero, one)]
        return [
            build.emit(SELECT, operands[0], *pair) if pair and need else None
            for pair, need in zip(taken, needed, strict=True)
        ]
    values = [x in moving for x in step.operands]
    slopes = partials(build, step.op, operands, places[k], values)
    return [slope if need else None for slope, need in zip(slopes, needed, strict=True)]


def _unless_left_out(build: Builder, step: Instruction, term: Term) -> Term:
    """Return a term, chosen rather than multiplied where the operation selects.

    A slope of 0 means there that nothing flows, also if the adjoint is infinite.
    """
    adjoint, slope = term
    if slope is None or not (selects(step.op) or step.op in (SELECT, "take")):
        return term
    return _chosen(build, adjoint, slope), None


def _chosen(build: Builder, adjoint: int, slope: int) -> int:
    """Return adjoint * slope, for a slope made of selects and fixed numbers."""
    step = build.instructions[slope]
    if step.op == SELECT:
        truth, yes, no = step.operands
        return build.emit(
            SELECT, truth, _chosen(build, adjoint, yes), _chosen(build, adjoint, no)
        )
    if step.op in (CONSTANT, LEAF) and step.number in (0.0, 1.0):
        return slope if step.number == 0.0 else adjoint
    return build.emit("mul", adjoint, slope)


def _sum_of_products(build: Builder, terms: Sequence[Term]) -> int:
    """Append the sum of terms, from left to right; return its place."""
    terms = [_without_ones(build, term) for term in terms]
    if len(terms) > 1 and all(_is_product(build, term) for term in terms):
        lefts, rights = zip(*terms, strict=True)
        return build.emit("dot", *lefts, *rights, build.constant(NOTHING_YET))
    products = [
        adjoint if factor is None else build.emit("mul", adjoint, factor)
        for adjoint, factor in terms
    ]
    return products[0] if len(products) == 1 else build.emit("total", *products)


def _without_ones(build: Builder, term: Term) -> Term:
    """Return a term without a factor of 1, as the engine multiplies."""
    adjoint, factor = term
    if factor is None or _is_one(build, factor):
        return adjoint, None
    return (factor, None) if _is_one(build, adjoint) else term


def _is_one(build: Builder, place: int) -> bool:
    step = build.instructions[place]
    return step.op == CONSTANT and step.number == 1.0


def _is_product(build: Builder, term: Term) -> bool:
    """Return whether a term is a product that no simplification will undo."""
    fixed = [place is None or build.instructions[place].op == CONSTANT for place in term]
    return not any(fixed)
