"""Vectors to calculate with: operators that emit LLVM instructions for all lanes.

`x * y + 1.0` over `Vector`s emits a multiplication and an addition. Nothing is reordered, fused
or assumed finite by the compiler, so error-free transformations hold. Knows no function.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.compiling.native.machine import llvm

if TYPE_CHECKING:
    from autograd.compiling.native.lanes import Lanes


# A product of two doubles is exact where each has half of the 53 bits.
_HALF_OF_THE_BITS = 0xFFFF_FFFF_F800_0000


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """A double in each lane."""

    lanes: "Lanes"
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
        builder, kind = self.lanes.builder, self.lanes.integers
        return Bits(self.lanes, builder.bitcast(self.value, kind))

    def _with(self, instruction: str, other: "Number") -> "Vector":
        y = self.lanes.spread(other)
        return Vector(self.lanes, getattr(self.lanes.builder, instruction)(self.value, y.value))

    def _compared(self, sign: str, other: "Number") -> "Mask":
        y = self.lanes.spread(other)
        return Mask(self.lanes, self.lanes.builder.fcmp_ordered(sign, self.value, y.value))


Number = Vector | float


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """The 64 bits in each lane, as an integer."""

    lanes: "Lanes"
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
        builder, kind = self.lanes.builder, self.lanes.doubles
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

    lanes: "Lanes"
    value: Any

    def __and__(self, other: "Mask") -> "Mask":
        return Mask(self.lanes, self.lanes.builder.and_(self.value, other.value))

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.lanes, self.lanes.builder.or_(self.value, other.value))

    def __invert__(self) -> "Mask":
        return Mask(self.lanes, self.lanes.builder.not_(self.value))

    def any(self) -> Any:
        """Return LLVM's flag for: true in some lane."""
        ir, _ = llvm()
        builder = self.lanes.builder
        whole = builder.bitcast(self.value, ir.IntType(self.lanes.width))
        return builder.icmp_unsigned("!=", whole, whole.type(0))
