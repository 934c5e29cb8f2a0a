"""The numbers that lanes are calculated with, in one table for each module.

As operands in memory, numbers cost nothing. As constants of LLVM each would be fetched and
spread over the lanes by instructions of its own at every call, which made exp a third slower.
Knows no function.
"""

from typing import Any

from autograd.compiling.native.machine import llvm


class Constants:
    """A table of 64-bit patterns, each in every lane of a vector.

    Attributes:
        module: llvmlite's module that holds the table.
        width: lanes in a vector.
        table: the table's address, for code that was not given it in a register.
    """

    # All functions together use fewer; whatever comes after is a constant of LLVM.
    _CAPACITY = 256

    def __init__(self, module: Any, width: int) -> None:
        ir, _ = llvm()
        self.module = module
        self.width = width
        self._index = ir.IntType(32)
        self._vector = ir.VectorType(ir.IntType(64), width)
        kind = ir.ArrayType(self._vector, self._CAPACITY)
        self._places: dict[int, int] = {}
        self.table = ir.GlobalVariable(module, kind, f"lanes.constants.{width}")
        self.table.linkage = "internal"
        self.table.global_constant = True
        self.table.align = 8 * width
        self.table.initializer = kind([self._filled(0)] * self._CAPACITY)

    def load(self, builder: Any, table: Any, pattern: int) -> Any:
        """Return the vector that has a pattern of 64 bits in every lane.

        Args:
            builder: where to.
            table: the table's address. In a register, it makes each number an operand at a
                fixed distance from it; else every number has its address loaded first.
            pattern: the bits.
        """
        # All zeros needs no memory, and a small number is part of the instruction: a shift.
        if pattern < 64 or len(self._places) == self._CAPACITY:
            return self._filled(pattern)
        place = self._places.get(pattern)
        if place is None:
            place = self._places[pattern] = len(self._places)
            self.table.initializer.constant[place] = self._filled(pattern)
        at = builder.gep(table, [self._index(0), self._index(place)], inbounds=True)
        return builder.load(at, align=8 * self.width)

    def _filled(self, pattern: int) -> Any:
        return self._vector([pattern] * self.width)
