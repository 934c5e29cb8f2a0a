"""Elementwise instructions as LLVM code: one vector instruction for as many samples as lanes.

Emits instructions one after the other, wherever a builder stands. Knows instructions, and the
watched ones of a chunk. Knows no slot and no tile: numbers from elsewhere come by `Places`.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from autograd.compiling.native.pieces import Pieces
from autograd.compiling.native.plan import Chunk
from autograd.compiling.program import COMPARISONS, CONSTANT, GUARD, TRUTH, Instruction

_SIMPLE = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
# Comparisons that hold for no nan, and what says the opposite and holds for no nan either.
_ORDERED = {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_OPPOSITE = {"lt": ">=", "le": ">", "eq": "!=", "ne": "=="}

# Functions that share their work: the one that computes both, and which of its results.
_TOGETHER = {
    "tanh": ("tanh_and_slope", 0, "tanh_slope"),
    "tanh_slope": ("tanh_and_slope", 1, "tanh"),
    "sigmoid": ("sigmoid_pair", 0, "sigmoid_turned"),
    "sigmoid_turned": ("sigmoid_pair", 1, "sigmoid"),
}
# What costs less alone than both together.
_FIRST = frozenset({"tanh", "sigmoid"})


class Functions(Protocol):
    """Where functions of one or more numbers come from."""

    def call(self, builder: Any, name: str, *operands: Any) -> Any:
        """Return what a function makes of vectors."""


class Places(Protocol):
    """How numbers that were not computed here are found."""

    def load(self, builder: Any, place: int) -> Any:
        """Return the vector of a place."""


class Straight:
    """Instructions emitted one after the other, at the end of a builder's block.

    Attributes:
        ok: LLVM's flags for the lanes that passed every guard so far; None before a guard.
    """

    def __init__(
        self,
        pieces: Pieces,
        builder: Any,
        steps: Sequence[Instruction],
        functions: Functions,
        outside: Places,
        known: Collection[Instruction] = (),
    ) -> None:
        self.pieces = pieces
        self.builder = builder
        self.steps = steps
        self.functions = functions
        self.outside = outside
        self.known = known
        self.values: dict[int, Any] = {}
        self.ok: Any = None
        self._flags = ("contract",) if pieces.fused else ()
        self._both: dict[tuple[str, int], Any] = {}

    def number(self, place: int) -> Any:
        """Return the vector of a place: computed here, constant, or found outside."""
        if place not in self.values:
            step = self.steps[place]
            self.values[place] = (
                self.constant(step.number)
                if step.op == CONSTANT and step.number is not None
                else self.outside.load(self.builder, place)
            )
        return self.values[place]

    def constant(self, number: float) -> Any:
        """Return a number in every lane."""
        return self.pieces.everywhere(number)

    def truth(self, place: int) -> Any:
        """Return the flags of a truth; computed here, whoever else did so before."""
        if place not in self.values:
            step = self.steps[place]
            assert step.kind == TRUTH, f"{step.op} is a truth"
            if step.op in COMPARISONS:
                self.values[place] = self._compared(_ORDERED[step.op], step.operands)
            else:
                self.values[place] = self._combined(step)
        return self.values[place]

    def _compared(self, sign: str, operands: Sequence[int]) -> Any:
        x, y = (self.number(operand) for operand in operands)
        if sign == "!=":
            # As in Python, nan is different from everything.
            return self.builder.fcmp_unordered(sign, x, y)
        return self.builder.fcmp_ordered(sign, x, y)

    def _combined(self, step: Instruction) -> Any:
        truths = [self.truth(operand) for operand in step.operands]
        if step.op == "not":
            return self.builder.not_(truths[0])
        out = truths[0]
        for truth in truths[1:]:
            out = getattr(self.builder, f"{step.op}_")(out, truth)
        return out

    def run(self, place: int) -> None:
        """Emit the instruction of a place."""
        step = self.steps[place]
        if step.op == GUARD:
            self._guard(step)
        elif step.kind == TRUTH:
            self.truth(place)
        else:
            self.values[place] = self._computed(step)

    def _guard(self, step: Instruction) -> None:
        inner = self.steps[step.operands[0]]
        if step.number:
            passed = self.truth(step.operands[0])
        elif inner.op in COMPARISONS:
            # Not the negation: nan must fail a guard either way.
            x, y = (self.number(operand) for operand in inner.operands)
            passed = self.builder.fcmp_ordered(_OPPOSITE[inner.op], x, y)
        else:
            passed = self.builder.not_(self.truth(step.operands[0]))
        self.ok = passed if self.ok is None else self.builder.and_(self.ok, passed)

    def watched(self, lost: Any, part: Chunk) -> Any:
        """Return a number as it is, and nan where a watched one is not finite."""
        builder, parts = self.builder, [self.number(place) for place in part.watched]
        # Pair by pair, so that few additions wait for others.
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=False)
            parts = [builder.fadd(x, y) for x, y in pairs] + parts[len(parts) & ~1 :]
        # -0.0, or nan if their sum is inf or nan. Finite numbers with such a sum are huge; the
        # engine then finds nothing amiss.
        return builder.fsub(lost, builder.fsub(parts[0], parts[0]))

    def _computed(self, step: Instruction) -> Any:
        builder = self.builder
        if step.op == "select":
            truth = self.truth(step.operands[0])
            return builder.select(truth, *(self.number(x) for x in step.operands[1:]))
        operands = [self.number(x) for x in step.operands]
        if step.op in _SIMPLE:
            return getattr(builder, _SIMPLE[step.op])(*operands, flags=self._flags)
        if step.op == "neg":
            return builder.fneg(operands[0])
        if step.op in ("dot", "total"):
            return self._summed(step, operands)
        if step.op in _TOGETHER:
            return self._together(step, operands[0])
        return self.functions.call(builder, step.op, *operands)

    def _together(self, step: Instruction, operand: Any) -> Any:
        """Return one of two functions of a number that are cheaper together."""
        name, which, other = _TOGETHER[step.op]
        if step.op in _FIRST and Instruction(other, step.operands) not in self.known:
            return self.functions.call(self.builder, step.op, operand)
        key = (name, step.operands[0])
        if key not in self._both:
            self._both[key] = self.functions.call(self.builder, name, operand)
        return self._both[key][which]

    def _summed(self, step: Instruction, operands: list[Any]) -> Any:
        if step.op == "total":
            out = operands[0]
            for x in operands[1:]:
                out = self.builder.fadd(out, x, flags=self._flags)
            return out
        half = len(operands) // 2
        out = operands[-1]
        for x, y in zip(operands[:half], operands[half:-1], strict=True):
            out = self.pieces.multiply_add(self.builder, x, y, out)
        return out
