"""Arithmetic on lanes beyond operators: fused and exact products, choices, rare cases, calls.

Knows no function beyond what a processor computes in a few instructions.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from autograd.compiling.native.constants import Constants
from autograd.compiling.native.machine import llvm
from autograd.compiling.native.vectors import Bits, Mask, Number, Vector


class Lanes:
    """Where instructions go, and how many lanes each works on.

    Attributes:
        builder: llvmlite's builder, at the end of an open block.
        constants: the module's table of numbers.
        width: how many lanes a vector has.
        has_fma: whether the processor multiplies and adds with a single rounding.
        doubles: LLVM's type of vectors.
        integers: LLVM's type of their bits.
    """

    def __init__(
        self, builder: Any, constants: Constants, *, has_fma: bool, table: Any = None
    ) -> None:
        self._ir, _ = llvm()
        self.builder = builder
        self.constants = constants
        self.width = constants.width
        self.has_fma = has_fma
        self.doubles = self._ir.VectorType(self._ir.DoubleType(), self.width)
        self.integers = self._ir.VectorType(self._ir.IntType(64), self.width)
        self._table = constants.table if table is None else table

    def vector(self, value: Any) -> Vector:
        """Return an LLVM vector as something to calculate with."""
        return Vector(self, value)

    def number(self, x: float) -> Vector:
        """Return a number in every lane."""
        (pattern,) = struct.unpack("<Q", struct.pack("<d", x))
        return self.bits(pattern).doubles()

    def spread(self, x: Number) -> Vector:
        """Return a number in every lane, and a vector as it is."""
        return x if isinstance(x, Vector) else self.number(x)

    def bits(self, n: int) -> Bits:
        """Return 64 bits in every lane."""
        return Bits(self, self.constants.load(self.builder, self._table, n & (2**64 - 1)))

    def intrinsic(self, name: str, *operands: Vector) -> Vector:
        """Return what one of LLVM's intrinsics over doubles makes of the operands."""
        symbol = f"llvm.{name}.v{self.width}f64"
        kind = self._ir.FunctionType(self.doubles, [self.doubles] * len(operands))
        function = self._declared(symbol, kind)
        return Vector(self, self.builder.call(function, [x.value for x in operands]))

    def muladd(self, x: Vector, y: Number, z: Number) -> Vector:
        """Return x * y + z, rounded once where the processor can and twice elsewhere."""
        if self.has_fma:
            return self.intrinsic("fma", x, self.spread(y), self.spread(z))
        return x * y + z

    def product(self, x: Vector, y: Number) -> tuple[Vector, Vector]:
        """Return x * y as a rounded product and what the rounding lost.

        Exact unless the loss is below the smallest subnormal. Without fma, operands are
        halved by clearing bits (Dekker 1971), which cannot overflow.
        """
        y = self.spread(y)
        high = x * y
        if self.has_fma:
            return high, self.intrinsic("fma", x, y, -high)
        x_head, y_head = x.head(), y.head()
        x_tail, y_tail = x - x_head, y - y_head
        low = x_head * y_head - high + x_head * y_tail + x_tail * y_head + x_tail * y_tail
        return high, low

    def total(self, x: Vector, y: Number) -> tuple[Vector, Vector]:
        """Return x + y as a rounded sum and what the rounding lost (Knuth)."""
        high = x + y
        part = high - x
        return high, (x - (high - part)) + (y - part)

    def where(self, condition: Mask, x: Number, y: Number) -> Vector:
        """Return x in the lanes where the condition holds, and y in the others."""
        chosen = self.builder.select(
            condition.value, self.spread(x).value, self.spread(y).value
        )
        return Vector(self, chosen)

    def at_most(self, x: Vector, limit: float) -> Vector:
        """Return the lesser of x and a limit, and nan for nan."""
        return self.where(self.number(limit) < x, limit, x)

    def at_least(self, x: Vector, limit: float) -> Vector:
        """Return the greater of x and a limit, and nan for nan."""
        return self.where(self.number(limit) > x, limit, x)

    def polynomial(self, coefficients: Sequence[float], x: Vector) -> Vector:
        """Return c0 + c1 * x + c2 * x**2 + ..., even and odd powers as two chains.

        Two chains of Horner's rule in x**2 depend on each other only at the end, so that a
        processor works on both at once; together they take one operation more than one chain.
        """
        square = x * x
        even = self._horner(coefficients[::2], square)
        odd = self._horner(coefficients[1::2], square)
        return self.muladd(odd, x, even)

    def _horner(self, coefficients: Sequence[float], x: Vector) -> Vector:
        out = self.number(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            out = self.muladd(out, x, coefficient)
        return out

    def lane_by_lane(self, symbol: str, *operands: Vector) -> Vector:
        """Return what a function of the C library makes of each lane in turn."""
        double, index = self._ir.DoubleType(), self._ir.IntType(32)
        kind = self._ir.FunctionType(double, [double] * len(operands))
        function = self._declared(symbol, kind)
        out = self.doubles(self._ir.Undefined)
        for lane in range(self.width):
            place = index(lane)
            numbers = [self.builder.extract_element(x.value, place) for x in operands]
            result = self.builder.call(function, numbers)
            out = self.builder.insert_element(out, result, place)
        return Vector(self, out)

    def seldom(self, rare: Mask, compute: Callable[[], Vector], otherwise: Vector) -> Vector:
        """Return what `compute` gives in the rare lanes, and `otherwise` in the others.

        Its instructions run only if there is a rare lane. A lane's result never depends on
        the other lanes.
        """
        before = self.builder.block
        after = self.builder.append_basic_block("usual")
        aside = self.builder.append_basic_block("rare")
        branch = self.builder.cbranch(rare.any(), aside, after)
        branch.set_weights([1, 1000])
        self.builder.position_at_end(aside)
        mixed = self.where(rare, compute(), otherwise)
        aside = self.builder.block
        self.builder.branch(after)
        self.builder.position_at_end(after)
        out = self.builder.phi(self.doubles)
        out.add_incoming(otherwise.value, before)
        out.add_incoming(mixed.value, aside)
        return Vector(self, out)

    def _declared(self, symbol: str, kind: Any) -> Any:
        module = self.builder.module
        found = module.globals.get(symbol)
        return found if found is not None else self._ir.Function(module, kind, symbol)
