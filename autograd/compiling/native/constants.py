"""The numbers that lanes are calculated with, in one table for each module.

As operands in memory, numbers cost nothing. As constants of LLVM each would be fetched and
spread over the lanes by instructions of its own at every call, which made exp a third slower.
Knows no function.
"""

from typing import Any

from autograd.compiling.native.machine import llvm

# All functions together need fewer; whatever comes after is a constant of LLVM.
_CAPACITY = 256


class Constants:
    """A table of 64-bit patterns, each in every lane of a vector.

    Whoever asks for the table of a module gets the same one, because functions of the module
    are shared too.

    Attributes:
        width: lanes in a vector.
        table: the table's address, for code that was not given it in a register.
    """

    def __init__(self, module: Any, width: int) -> None:
        ir, _ = llvm()
        self.width = width
        self._index = ir.IntType(32)
        self._vector = ir.VectorType(ir.IntType(64), width)
        found = module.globals.get(f"lanes.constants.{width}")
        self.table = self._empty(ir, module) if found is None else found

    def load(self, builder: Any, table: Any, pattern: int) -> Any:
        """Return the vector that has a pattern of 64 bits in every lane.

        Args:
            builder: where to.
            table: the table's address. In a register, it makes each number an operand at a
                fixed distance from it; else every number has its address loaded first.
            pattern: the bits.
        """
        place = self._place(pattern)
        if place is None:
            return self._filled(pattern)
        at = builder.gep(table, [self._index(0), self._index(place)], inbounds=True)
        return builder.load(at, align=8 * self.width)

    def _place(self, pattern: int) -> int | None:
        # All zeros needs no memory, and a small number is part of the instruction: a shift.
        if pattern < 64:
            return None
        places: dict[int, int] = self.table.places
        if pattern not in places:
            if len(places) == _CAPACITY:
                return None
            places[pattern] = len(places)
            self.table.initializer.constant[places[pattern]] = self._filled(pattern)
        return places[pattern]

    def _empty(self, ir: Any, module: Any) -> Any:
        kind = ir.ArrayType(self._vector, _CAPACITY)
        table = ir.GlobalVariable(module, kind, f"lanes.constants.{self.width}")
        table.linkage = "internal"
        table.global_constant = True
        table.align = 8 * self.width
        table.initializer = kind([self._filled(0)] * _CAPACITY)
        table.places = {}  # The table itself remembers what it holds, for all its users.
        return table

    def _filled(self, pattern: int) -> Any:
        return self._vector([pattern] * self.width)
