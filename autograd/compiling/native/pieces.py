"""What native code is put together from: functions, loops, addresses, vectors.

Knows how LLVM wants things said. Knows no program and no plan.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.compiling.native.machine import llvm

# Doubles in a line of the cache.
_LINE = 8


def pitch_of(stride: int) -> int:
    """Return how many doubles lie between two slots that hold a block of samples each.

    An odd number of lines of the cache: with an even one, slots would crowd into a few of
    its sets.

    >>> pitch_of(128), pitch_of(48), pitch_of(24), pitch_of(2)
    (136, 56, 24, 8)
    """
    lines = -(-stride // _LINE)
    return _LINE * (lines + 1 - lines % 2)


class Pieces:
    """Emits the small things of one module, on vectors of one width.

    Args:
        module: where to.
        width: doubles in a vector.
        vectors: vectors in a block, an even number.
        fused: whether a product and a sum may be rounded once.
    """

    def __init__(self, module: Any, width: int, vectors: int, *, fused: bool) -> None:
        ir, _ = llvm()
        self.ir = ir
        self.module = module
        self.width = width
        self.stride = width * vectors
        self.pitch = pitch_of(self.stride)
        self.fused = fused
        self.double, self.int = ir.DoubleType(), ir.IntType(64)
        self.short, self.byte = ir.IntType(32), ir.IntType(8)
        self.pointer = ir.PointerType()
        self.vector = ir.VectorType(self.double, width)
        self._tables: dict[tuple[int, ...], Any] = {}

    def function(self, name: str, kinds: Sequence[Any], *, internal: bool = True) -> Any:
        """Return a new function, and a builder at its start."""
        kind = self.ir.FunctionType(self.ir.VoidType(), kinds)
        function = self.ir.Function(self.module, kind, name)
        function.linkage = "internal" if internal else "external"
        for argument in function.args:
            if argument.type == self.pointer:
                argument.add_attribute("noalias")
        return function, self.ir.IRBuilder(function.append_basic_block("start"))

    def define(self, name: str, kinds: Sequence[Any], body: Callable[..., None]) -> Any:
        """Return the function of that name, defined by `body(builder, arguments)`."""
        known = self.module.globals.get(name)
        if known is not None:
            return known
        function, builder = self.function(name, kinds)
        body(builder, function.args)
        builder.ret_void()
        return function

    def table(self, numbers: Sequence[int]) -> Any:
        """Return a constant array of whole numbers."""
        key = tuple(numbers)
        if key not in self._tables:
            kind = self.ir.ArrayType(self.short, len(key))
            table = self.ir.GlobalVariable(self.module, kind, f"table_{len(self._tables)}")
            table.linkage, table.global_constant = "internal", True
            table.initializer = kind(list(key))
            self._tables[key] = table
        return self._tables[key]

    def const(self, number: int) -> Any:
        """Return a whole number of 64 bits."""
        return self.int(number)

    @contextmanager
    def loop(
        self, builder: Any, count: Any, step: int = 1, carried: Sequence[Any] = ()
    ) -> Iterator[tuple[Any, list[Any], list[Any]]]:
        """Emit a loop over 0, step, ... below `count`, which must not be 0.

        Gives the index, the carried values, and a list to put their next values into; after
        the loop that list holds what came out.
        """
        before = builder.block
        head = builder.append_basic_block("loop")
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(self.int)
        index.add_incoming(self.const(0), before)
        values = []
        for value in carried:
            phi = builder.phi(value.type)
            phi.add_incoming(value, before)
            values.append(phi)
        following: list[Any] = []
        yield index, values, following
        last = builder.block
        after = builder.append_basic_block("after")
        advanced = builder.add(index, self.const(step))
        builder.cbranch(builder.icmp_signed("<", advanced, count), head, after)
        index.add_incoming(advanced, last)
        for phi, value in zip(values, following, strict=True):
            phi.add_incoming(value, last)
        builder.position_at_end(after)

    @contextmanager
    def loop_if_any(self, builder: Any, count: Any, step: int = 1) -> Iterator[Any]:
        """Emit a loop over 0, step, ... below `count`, which may be 0."""
        with (
            builder.if_then(builder.icmp_signed(">", count, self.const(0))),
            self.loop(builder, count, step) as (index, _, _),
        ):
            yield index

    def at(self, builder: Any, base: Any, index: Any, kind: Any = None) -> Any:
        """Return the address of the index-th number of an array."""
        if isinstance(index, int):
            index = self.const(index)
        return builder.gep(base, [index], source_etype=kind or self.double)

    def entry(self, builder: Any, table: Any, index: Any) -> Any:
        """Return an entry of a table as a whole number of 64 bits."""
        short = builder.load(self.at(builder, table, index, self.short), typ=self.short)
        return builder.sext(short, self.int)

    def number(self, builder: Any, base: Any, index: Any) -> Any:
        """Return the index-th number of an array."""
        return builder.load(self.at(builder, base, index), typ=self.double)

    def spread(self, builder: Any, number: Any) -> Any:
        """Return a vector with a number in every lane."""
        kind = self.ir.VectorType(number.type, self.width)
        vector = builder.insert_element(kind(self.ir.Undefined), number, self.short(0))
        zeros = self.ir.Constant(self.ir.VectorType(self.short, self.width), None)
        return builder.shuffle_vector(vector, kind(self.ir.Undefined), zeros)

    def everywhere(self, number: float) -> Any:
        """Return a fixed number in every lane."""
        return self.ir.Constant(self.vector, [self.double(number)] * self.width)

    def load(self, builder: Any, address: Any) -> Any:
        """Return the vector at an address."""
        return builder.load(address, typ=self.vector, align=8 * self.width)

    def store(self, builder: Any, vector: Any, address: Any) -> None:
        """Put a vector at an address."""
        builder.store(vector, address, align=8 * self.width)

    def slot(self, builder: Any, scratch: Any, slot: Any, offset: Any) -> Any:
        """Return the address in a slot, `offset` samples into the block."""
        start = builder.mul(slot, self.const(self.pitch))
        return self.at(builder, scratch, builder.add(start, offset))

    def multiply_add(self, builder: Any, x: Any, y: Any, z: Any) -> Any:
        """Return x * y + z."""
        if self.fused:
            return builder.call(self._fma(), [x, y, z])
        return builder.fadd(z, builder.fmul(x, y))

    def _fma(self) -> Any:
        name = f"llvm.fma.v{self.width}f64"
        known = self.module.globals.get(name)
        kind = self.ir.FunctionType(self.vector, [self.vector] * 3)
        return known if known is not None else self.ir.Function(self.module, kind, name)
