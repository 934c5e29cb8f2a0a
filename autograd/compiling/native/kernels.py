"""The loops that every native program is made of, emitted as LLVM functions.

They work on *scratch*: for each slot, the numbers of a block of samples, as vectors of lanes.
`dense` multiplies matrices, `outer`, `pairs` and `sums` add up over the samples, `gather`
brings samples in, `mask` takes out those that do not count, `reduce` adds up the lanes. Which
slots they work on stands in tables. Knows no program and no function of the table.

The innermost loops hold their sums in registers: four results for two vectors of samples.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.compiling.native.machine import llvm

# Rows and vectors of one tile of `dense`.
ROWS, VECTORS = 4, 2
# Columns of one tile of `outer`, by its rows: enough sums to keep the adders busy.
COLUMNS = {ROWS: 2, 1: 4}
# Slots that `sums` adds at a time.
SLOTS = 4


class Kernels:
    """Defines each loop in a module when it is first asked for.

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
        self.fused = fused
        self.double, self.int = ir.DoubleType(), ir.IntType(64)
        self.short, self.byte = ir.IntType(32), ir.IntType(8)
        self.pointer = ir.PointerType()
        self.vector = ir.VectorType(self.double, width)
        self._tables: dict[tuple[int, ...], Any] = {}

    # -- pieces ---------------------------------------------------------------------------

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
        vector = builder.insert_element(self.vector(self.ir.Undefined), number, self.short(0))
        zeros = self.ir.Constant(self.ir.VectorType(self.short, self.width), None)
        return builder.shuffle_vector(vector, self.vector(self.ir.Undefined), zeros)

    def load(self, builder: Any, address: Any) -> Any:
        """Return the vector at an address."""
        return builder.load(address, typ=self.vector, align=8 * self.width)

    def store(self, builder: Any, vector: Any, address: Any) -> None:
        """Put a vector at an address."""
        builder.store(vector, address, align=8 * self.width)

    def slot(self, builder: Any, scratch: Any, slot: Any, offset: Any) -> Any:
        """Return the address in a slot, `offset` samples into the block."""
        start = builder.mul(slot, self.const(self.stride))
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

    # -- matrix products ------------------------------------------------------------------

    def dense(self) -> Any:
        """Return the function that computes start + x1 * w1 + ... + xn * wn for many rows.

        Arguments: scratch, packed weights, table of x slots, n, table of result slots, rows,
        samples. The weights lie as the loops read them: for four rows at a time their starts,
        then four by four their weights; for each remaining row its start and its weights.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            scratch, packed, xs, n, outs, rows, count = arguments
            whole = b.and_(rows, self.const(-ROWS))
            size = b.add(n, self.const(1))
            with self.loop_if_any(b, whole, ROWS) as row:
                weights = self.at(b, packed, b.mul(row, size))
                self._rows(b, (scratch, weights, xs, n, outs, row, count), ROWS)
            with self.loop_if_any(b, b.sub(rows, whole)) as further:
                row = b.add(whole, further)
                weights = self.at(b, packed, b.mul(row, size))
                self._rows(b, (scratch, weights, xs, n, outs, row, count), 1)

        p, i = self.pointer, self.int
        return self.define("dense", [p, p, p, i, p, i, i], body)

    def _rows(self, b: Any, arguments: tuple[Any, ...], rows: int) -> None:
        scratch, weights, xs, n, outs, row, count = arguments
        starts = [self.spread(b, self.number(b, weights, k)) for k in range(rows)]
        first = self.at(b, weights, rows)
        vectors = [self.const(v * self.width) for v in range(VECTORS)]
        with self.loop(b, count, VECTORS * self.width) as (offset, _, _):
            sums = [start for start in starts for _ in range(VECTORS)]
            with self.loop(b, n, carried=sums) as (k, values, following):
                base = self.slot(b, scratch, self.entry(b, xs, k), offset)
                x = [self.load(b, self.at(b, base, vector)) for vector in vectors]
                place = b.mul(k, self.const(rows))
                for r in range(rows):
                    index = b.add(place, self.const(r))
                    weight = self.spread(b, self.number(b, first, index))
                    for v in range(VECTORS):
                        value = values[r * VECTORS + v]
                        following.append(self.multiply_add(b, weight, x[v], value))
            for r in range(rows):
                out = self.entry(b, outs, b.add(row, self.const(r)))
                base = self.slot(b, scratch, out, offset)
                for v, vector in enumerate(vectors):
                    address = self.at(b, base, vector)
                    self.store(b, following[r * VECTORS + v], address)

    def outer(self) -> Any:
        """Return the function that adds every left times every right number over a block.

        Arguments: scratch, sums, table of left slots, how many, table of right slots, how
        many, samples. The sums are vectors, in the order of `tiles`.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            scratch, sums, lefts, left_count, rights, right_count, count = arguments
            operands = (scratch, lefts, rights, count)
            row_size = b.mul(right_count, self.const(self.width))
            whole = b.and_(left_count, self.const(-ROWS))
            with self.loop_if_any(b, whole, ROWS) as left:
                start = self.at(b, sums, b.mul(left, row_size))
                self._strip(b, operands, start, left, right_count, ROWS)
            with self.loop_if_any(b, b.sub(left_count, whole)) as further:
                left = b.add(whole, further)
                start = self.at(b, sums, b.mul(left, row_size))
                self._strip(b, operands, start, left, right_count, 1)

        p, i = self.pointer, self.int
        return self.define("outer", [p, p, p, i, p, i, i], body)

    def _strip(
        self, b: Any, operands: tuple[Any, ...], sums: Any, left: Any, rights: Any, rows: int
    ) -> None:
        """Emit the tiles of some left numbers with all right ones."""
        columns = COLUMNS[rows]
        whole = b.and_(rights, self.const(-columns))
        step = self.const(rows * self.width)
        with self.loop_if_any(b, whole, columns) as right:
            start = self.at(b, sums, b.mul(right, step))
            self._tile(b, operands, start, (left, right), (rows, columns))
        with self.loop_if_any(b, b.sub(rights, whole)) as further:
            right = b.add(whole, further)
            start = self.at(b, sums, b.mul(right, step))
            self._tile(b, operands, start, (left, right), (rows, 1))

    def _tile(
        self,
        b: Any,
        operands: tuple[Any, ...],
        sums: Any,
        corner: tuple[Any, Any],
        shape: tuple[int, int],
    ) -> None:
        """Emit some rows times some columns, their sums in registers."""
        scratch, lefts, rights, count = operands
        zero = self.const(0)
        rows, columns = shape
        bases = [
            self.slot(b, scratch, self.entry(b, table, b.add(start, self.const(k))), zero)
            for table, start, size in zip((lefts, rights), corner, shape, strict=True)
            for k in range(size)
        ]
        places = [self.at(b, sums, k * self.width) for k in range(rows * columns)]
        loaded = [self.load(b, place) for place in places]
        with self.loop(b, count, self.width, carried=loaded) as (offset, values, following):
            vectors = [self.load(b, self.at(b, base, offset)) for base in bases]
            for r in range(rows):
                for c in range(columns):
                    value = values[r * columns + c]
                    x, y = vectors[r], vectors[rows + c]
                    following.append(self.multiply_add(b, x, y, value))
        for place, value in zip(places, following, strict=True):
            self.store(b, value, place)

    # -- sums over the samples ------------------------------------------------------------

    def pairs(self) -> Any:
        """Return the function that adds single products over a block.

        Arguments: scratch, sums, table of left slots, table of right slots, how many, samples.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            scratch, sums, lefts, rights, n, count = arguments
            with self.loop(b, n) as (k, _, _):
                place = self.at(b, sums, b.mul(k, self.const(self.width)))
                zero = self.const(0)
                x, y = (
                    self.slot(b, scratch, self.entry(b, table, k), zero)
                    for table in (lefts, rights)
                )
                carried = [self.load(b, place)]
                with self.loop(b, count, self.width, carried) as (offset, values, following):
                    left = self.load(b, self.at(b, x, offset))
                    right = self.load(b, self.at(b, y, offset))
                    following.append(self.multiply_add(b, left, right, values[0]))
                self.store(b, following[0], place)

        p, i = self.pointer, self.int
        return self.define("pairs", [p, p, p, p, i, i], body)

    def sums(self) -> Any:
        """Return the function that adds slots over a block.

        Arguments: scratch, sums, table of slots, how many, samples.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            scratch, sums, slots, n, count = arguments
            whole = b.and_(n, self.const(-SLOTS))
            with self.loop_if_any(b, whole, SLOTS) as k:
                self._added(b, (scratch, sums, slots, count), k, SLOTS)
            with self.loop_if_any(b, b.sub(n, whole)) as further:
                self._added(b, (scratch, sums, slots, count), b.add(whole, further), 1)

        p, i = self.pointer, self.int
        return self.define("sums", [p, p, p, i, i], body)

    def _added(self, b: Any, arguments: Sequence[Any], first: Any, many: int) -> None:
        """Emit the sums of some slots at a time, so that none waits for another."""
        scratch, sums, slots, count = arguments
        indices = [b.add(first, self.const(k)) for k in range(many)]
        places = [self.at(b, sums, b.mul(k, self.const(self.width))) for k in indices]
        zero = self.const(0)
        bases = [self.slot(b, scratch, self.entry(b, slots, k), zero) for k in indices]
        carried = [self.load(b, place) for place in places]
        with self.loop(b, count, self.width, carried) as (offset, values, following):
            for base, value in zip(bases, values, strict=True):
                following.append(b.fadd(value, self.load(b, self.at(b, base, offset))))
        for place, value in zip(places, following, strict=True):
            self.store(b, value, place)

    def reduce(self) -> Any:
        """Return the function that adds the lanes of sums to results.

        Arguments: sums, table of results, how many, results.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            sums, targets, n, results = arguments
            with self.loop(b, n) as (k, _, _):
                vector = self.load(b, self.at(b, sums, b.mul(k, self.const(self.width))))
                place = self.at(b, results, self.entry(b, targets, k))
                total = b.load(place, typ=self.double)
                b.store(b.fadd(total, self.across(b, vector)), place)

        p, i = self.pointer, self.int
        return self.define("reduce", [p, p, i, p], body)

    def across(self, b: Any, vector: Any) -> Any:
        """Return the sum of the lanes, halves first."""
        width = self.width
        while width > 1:
            width //= 2
            halves = [
                self.ir.Constant(
                    self.ir.VectorType(self.short, width),
                    [self.short(start + k) for k in range(width)],
                )
                for start in (0, width)
            ]
            low, high = (b.shuffle_vector(vector, vector, half) for half in halves)
            vector = b.fadd(low, high)
        return b.extract_element(vector, self.short(0))

    def fixed(self) -> Any:
        """Return the function that adds shared numbers to results, once for each sample.

        Arguments: shared numbers, table of them, table of results, how many, samples, results.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            shared, numbers, targets, n, count, results = arguments
            with self.loop(b, n) as (k, _, _):
                number = self.number(b, shared, self.entry(b, numbers, k))
                place = self.at(b, results, self.entry(b, targets, k))
                total = b.load(place, typ=self.double)
                b.store(b.fadd(total, b.fmul(count, number)), place)

        p, i = self.pointer, self.int
        return self.define("fixed", [p, p, p, i, self.double, p], body)

    # -- samples in and out ---------------------------------------------------------------

    def gather(self) -> Any:
        """Return the function that brings a block of samples into the first slots.

        Arguments: scratch, columns (each a row of `size` numbers), size, how many columns,
        order (indices of samples, or null for 0, 1, 2, ...), first, valid, samples. Beyond the
        valid ones the last is taken again: numbers that cannot go wrong.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            scratch, columns, size, n, order, first, valid, count = arguments
            last = b.sub(valid, self.const(1))
            ordered = b.icmp_unsigned("!=", b.ptrtoint(order, self.int), self.const(0))
            with self.loop(b, count) as (k, _, _):
                inside = b.icmp_signed("<", k, last)
                position = b.add(first, b.select(inside, k, last))
                # Without an order the table is never read: any address will do.
                table = b.select(ordered, order, scratch)
                index = b.select(ordered, position, self.const(0))
                listed = b.load(self.at(b, table, index, self.int), typ=self.int)
                sample = b.select(ordered, listed, position)
                with self.loop_if_any(b, n) as column:
                    number = self.number(b, columns, b.add(b.mul(column, size), sample))
                    b.store(number, self.slot(b, scratch, column, k))

        p, i = self.pointer, self.int
        return self.define("gather", [p, p, i, i, p, i, i, i], body)

    def mask(self) -> Any:
        """Return the function that puts 0 into slots for samples that do not count.

        Arguments: scratch, slot of what is 1 for samples that passed every guard, table of
        slots, how many, valid, samples.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            scratch, passed, slots, n, valid, count = arguments
            zero = self.ir.Constant(self.double, 0.0)
            with self.loop(b, count) as (k, _, _):
                ok = b.load(self.slot(b, scratch, passed, k), typ=self.double)
                counts = b.and_(b.icmp_signed("<", k, valid), b.fcmp_ordered("!=", ok, zero))
                with (
                    b.if_then(b.not_(counts)),
                    self.loop_if_any(b, n) as j,
                ):
                    b.store(zero, self.slot(b, scratch, self.entry(b, slots, j), k))

        p, i = self.pointer, self.int
        return self.define("mask", [p, i, p, i, i, i], body)

    def pack(self) -> Any:
        """Return the function that copies numbers by a table.

        Arguments: where to, where from, table, how many.
        """

        def body(b: Any, arguments: Sequence[Any]) -> None:
            to, numbers, table, n = arguments
            with self.loop(b, n) as (k, _, _):
                number = self.number(b, numbers, self.entry(b, table, k))
                b.store(number, self.at(b, to, k))

        p, i = self.pointer, self.int
        return self.define("pack", [p, p, p, i], body)


def packed_order(rows: Sequence[Sequence[int]], starts: Sequence[int]) -> list[int]:
    """Return weights in the order in which `dense` reads them.

    >>> packed_order([[1, 2], [3, 4]], [10, 30])
    [10, 1, 2, 30, 3, 4]
    >>> packed_order([[1], [2], [3], [4]], [5, 6, 7, 8])
    [5, 6, 7, 8, 1, 2, 3, 4]
    """
    order: list[int] = []
    whole = len(rows) - len(rows) % ROWS
    for row in range(0, whole, ROWS):
        order += starts[row : row + ROWS]
        for column in zip(*rows[row : row + ROWS], strict=True):
            order += column
    for row in range(whole, len(rows)):
        order += [starts[row], *rows[row]]
    return order


def tiles(lefts: int, rights: int) -> list[tuple[int, int]]:
    """Return the pairs of a grid in the order in which `outer` keeps their sums.

    >>> tiles(1, 3)
    [(0, 0), (0, 1), (0, 2)]
    >>> tiles(4, 2) == [(row, column) for row in range(4) for column in range(2)]
    True
    """
    order: list[tuple[int, int]] = []
    for left, rows in _parts(lefts, ROWS):
        for right, columns in _parts(rights, COLUMNS[rows]):
            order += [
                (left + row, right + column) for row in range(rows) for column in range(columns)
            ]
    return order


def _parts(count: int, size: int) -> list[tuple[int, int]]:
    """Return how a count is cut into parts of a size and then single ones, as (start, size)."""
    whole = count - count % size
    parts = [(start, size) for start in range(0, whole, size)]
    return parts + [(start, 1) for start in range(whole, count)]
