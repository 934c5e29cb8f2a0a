"""Arithmetic on lanes: formulas over vectors of doubles, emitted as LLVM instructions.

`x * y + 1.0` over `Vector`s emits a multiplication and an addition of all lanes. Nothing is
reordered, fused or assumed finite by the compiler, so error-free transformations hold.
Knows no function beyond what a processor computes in one instruction.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.compiling.native.constants import Constants
from autograd.compiling.native.machine import llvm

# A product of two doubles is exact where each has half of the 53 bits.
_HALF_OF_THE_BITS = 0xFFFF_FFFF_F800_0000


class Lanes:
    """Where instructions go, and how many lanes each works on.

    Attributes:
        builder: llvmlite's builder, at the end of an open block.
        constants: the module's table of numbers, which says how wide vectors are.
        has_fma: whether the processor multiplies and adds with a single rounding.
        table: the address of that table, where code has it in a register.
    """

    def __init__(
        self, builder: Any, constants: Constants, *, has_fma: bool, table: Any = None
    ) -> None:
        ir, _ = llvm()
        self.builder = builder
        self.constants = constants
        self._table = constants.table if table is None else table
        self.width = width = constants.width
        self.has_fma = has_fma
        self._flag = ir.IntType(1)
        self._double = ir.DoubleType()
        self._index = ir.IntType(32)
        self._function = ir.FunctionType
        self._declare = ir.Function
        self._undefined = ir.Undefined
        self._doubles = ir.VectorType(self._double, width)
        self._integers = ir.VectorType(ir.IntType(64), width)
        self._flags = ir.VectorType(self._flag, width)

    def vector(self, value: Any) -> "Vector":
        """Return an LLVM vector as something to calculate with."""
        return Vector(self, value)

    def number(self, x: float) -> "Vector":
        """Return a number in every lane."""
        (pattern,) = struct.unpack("<Q", struct.pack("<d", x))
        return self.bits(pattern).doubles()

    def bits(self, n: int) -> "Bits":
        """Return 64 bits in every lane."""
        return Bits(self, self.constants.load(self.builder, self._table, n & (2**64 - 1)))

    def intrinsic(self, name: str, *operands: "Vector") -> "Vector":
        """Return what one of LLVM's intrinsics over doubles makes of the operands."""
        symbol = f"llvm.{name}.v{self.width}f64"
        kind = self._function(self._doubles, [self._doubles] * len(operands))
        function = self._declared(symbol, kind)
        return Vector(self, self.builder.call(function, [x.value for x in operands]))

    def muladd(self, x: "Vector", y: "Number", z: "Number") -> "Vector":
        """Return x * y + z, rounded once where the processor can and twice elsewhere."""
        if self.has_fma:
            return self.intrinsic("fma", x, self._vector(y), self._vector(z))
        return x * y + z

    def product(self, x: "Vector", y: "Number") -> tuple["Vector", "Vector"]:
        """Return x * y as a rounded product and what the rounding lost.

        Exact unless the loss is below the smallest subnormal. Without fma, operands are
        halved by clearing bits (Dekker 1971), which cannot overflow.
        """
        y = self._vector(y)
        high = x * y
        if self.has_fma:
            return high, self.intrinsic("fma", x, y, -high)
        x_head, y_head = x.head(), y.head()
        x_tail, y_tail = x - x_head, y - y_head
        low = x_head * y_head - high + x_head * y_tail + x_tail * y_head + x_tail * y_tail
        return high, low

    def total(self, x: "Vector", y: "Number") -> tuple["Vector", "Vector"]:
        """Return x + y as a rounded sum and what the rounding lost (Knuth)."""
        high = x + y
        part = high - x
        return high, (x - (high - part)) + (y - part)

    def where(self, condition: "Mask", x: "Number", y: "Number") -> "Vector":
        """Return x in the lanes where the condition holds, and y in the others."""
        chosen = self.builder.select(
            condition.value, self._vector(x).value, self._vector(y).value
        )
        return Vector(self, chosen)

    def at_most(self, x: "Vector", limit: float) -> "Vector":
        """Return the lesser of x and a limit, and nan for nan."""
        return self.where(self.number(limit) < x, limit, x)

    def at_least(self, x: "Vector", limit: float) -> "Vector":
        """Return the greater of x and a limit, and nan for nan."""
        return self.where(self.number(limit) > x, limit, x)

    def polynomial(self, coefficients: Sequence[float], x: "Vector") -> "Vector":
        """Return c0 + c1 * x + c2 * x**2 + ..., even and odd powers as two chains.

        Two chains of Horner's rule in x**2 depend on each other only at the end, so that a
        processor works on both at once; together they take one operation more than one chain.
        """
        square = x * x
        even = self._horner(coefficients[::2], square)
        odd = self._horner(coefficients[1::2], square)
        return self.muladd(odd, x, even)

    def _horner(self, coefficients: Sequence[float], x: "Vector") -> "Vector":
        out = self.number(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            out = self.muladd(out, x, coefficient)
        return out

    def lane_by_lane(self, symbol: str, *operands: "Vector") -> "Vector":
        """Return what a function of the C library makes of each lane in turn."""
        kind = self._function(self._double, [self._double] * len(operands))
        function = self._declared(symbol, kind)
        out = self._doubles(self._undefined)
        for lane in range(self.width):
            place = self._index(lane)
            numbers = [self.builder.extract_element(x.value, place) for x in operands]
            result = self.builder.call(function, numbers)
            out = self.builder.insert_element(out, result, place)
        return Vector(self, out)

    def seldom(
        self, rare: "Mask", compute: Callable[[], "Vector"], otherwise: "Vector"
    ) -> "Vector":
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
        out = self.builder.phi(self._doubles)
        out.add_incoming(otherwise.value, before)
        out.add_incoming(mixed.value, aside)
        return Vector(self, out)

    def _declared(self, symbol: str, kind: Any) -> Any:
        module = self.builder.module
        found = module.globals.get(symbol)
        return found if found is not None else self._declare(module, kind, symbol)

    def _vector(self, x: "Number") -> "Vector":
        return self.number(x) if isinstance(x, (int, float)) else x


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """A double in each lane."""

    lanes: Lanes
    value: Any

    def __add__(self, other: "Number") -> "Vector":
        return self._with("fadd", other)

    def __sub__(self, other: "Number") -> "Vector":
        return self._with("fsub", other)

    def __mul__(self, other: "Number") -> "Vector":
        return self._with("fmul", other)

    def __truediv__(self, other: "Number") -> "Vector":
        return self._with("fdiv", other)

    def __radd__(self, other: float) -> "Vector":
        return self.lanes.number(other) + self

    def __rsub__(self, other: float) -> "Vector":
        return self.lanes.number(other) - self

    def __rmul__(self, other: float) -> "Vector":
        return self.lanes.number(other) * self

    def __rtruediv__(self, other: float) -> "Vector":
        return self.lanes.number(other) / self

    def __neg__(self) -> "Vector":
        return Vector(self.lanes, self.lanes.builder.fneg(self.value))

    def __abs__(self) -> "Vector":
        return self.lanes.intrinsic("fabs", self)

    def __lt__(self, other: "Number") -> "Mask":
        return self._compared("<", other)

    def __le__(self, other: "Number") -> "Mask":
        return self._compared("<=", other)

    def __gt__(self, other: "Number") -> "Mask":
        return self._compared(">", other)

    def __ge__(self, other: "Number") -> "Mask":
        return self._compared(">=", other)

    def equals(self, other: "Number") -> "Mask":
        """Return where the lanes equal the other's; nan equals nothing."""
        return self._compared("==", other)

    def is_nan(self) -> "Mask":
        """Return which lanes are nan."""
        builder = self.lanes.builder
        return Mask(self.lanes, builder.fcmp_unordered("uno", self.value, self.value))

    def with_sign_of(self, other: "Vector") -> "Vector":
        """Return the magnitude of this with the other's sign bit."""
        return self.lanes.intrinsic("copysign", self, other)

    def head(self) -> "Vector":
        """Return the upper half of the digits: 26 bits, so that products are exact."""
        return (self.bits() & _HALF_OF_THE_BITS).doubles()

    def bits(self) -> "Bits":
        """Return the 64 bits of each lane."""
        builder, kind = self.lanes.builder, self.lanes._integers
        return Bits(self.lanes, builder.bitcast(self.value, kind))

    def _with(self, instruction: str, other: "Number") -> "Vector":
        y = self.lanes._vector(other)
        return Vector(self.lanes, getattr(self.lanes.builder, instruction)(self.value, y.value))

    def _compared(self, sign: str, other: "Number") -> "Mask":
        y = self.lanes._vector(other)
        return Mask(self.lanes, self.lanes.builder.fcmp_ordered(sign, self.value, y.value))


Number = Vector | float


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """The 64 bits in each lane, as an integer."""

    lanes: Lanes
    value: Any

    def __add__(self, other: "Bits | int") -> "Bits":
        return self._with("add", other)

    def __sub__(self, other: "Bits | int") -> "Bits":
        return self._with("sub", other)

    def __rsub__(self, other: int) -> "Bits":
        return self.lanes.bits(other) - self

    def __and__(self, other: "Bits | int") -> "Bits":
        return self._with("and_", other)

    def __or__(self, other: "Bits | int") -> "Bits":
        return self._with("or_", other)

    def __xor__(self, other: "Bits | int") -> "Bits":
        return self._with("xor", other)

    def __lshift__(self, places: int) -> "Bits":
        return self._with("shl", places)

    def __rshift__(self, places: int) -> "Bits":
        return self._with("lshr", places)

    def doubles(self) -> Vector:
        """Return the doubles that have these bits."""
        builder, kind = self.lanes.builder, self.lanes._doubles
        return Vector(self.lanes, builder.bitcast(self.value, kind))

    def odd(self) -> "Mask":
        """Return where the last bit is set."""
        builder = self.lanes.builder
        last = self & 1
        return Mask(
            self.lanes, builder.icmp_unsigned("!=", last.value, self.lanes.bits(0).value)
        )

    def _with(self, instruction: str, other: "Bits | int") -> "Bits":
        y = self.lanes.bits(other) if isinstance(other, int) else other
        return Bits(self.lanes, getattr(self.lanes.builder, instruction)(self.value, y.value))


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """True or false in each lane."""

    lanes: Lanes
    value: Any

    def __and__(self, other: "Mask") -> "Mask":
        return Mask(self.lanes, self.lanes.builder.and_(self.value, other.value))

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.lanes, self.lanes.builder.or_(self.value, other.value))

    def __invert__(self) -> "Mask":
        return Mask(self.lanes, self.lanes.builder.not_(self.value))

    def any(self) -> Any:
        """Return LLVM's flag for: true in some lane."""
        builder = self.lanes.builder
        ir, _ = llvm()
        whole = builder.bitcast(self.value, ir.IntType(self.lanes.width))
        return builder.icmp_unsigned("!=", whole, whole.type(0))
