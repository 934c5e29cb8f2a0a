"""A program over batches as native code: built, cached, called.

`BatchKernel` takes the shared numbers and columns of samples and returns the results summed
over the batch. Knows arrays and pointers. Knows no LLVM instruction.
"""

import ctypes
import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from autograd.compiling.native.elementary import FUNCTIONS, Elementary
from autograd.compiling.native.exactly import announce, exact_form, library
from autograd.compiling.native.machine import Machine, host
from autograd.compiling.native.made import Made, generator, made
from autograd.compiling.native.module import BatchModule
from autograd.compiling.native.objects import Loaded, generated, key_of
from autograd.compiling.native.planner import planned
from autograd.compiling.native.products import rows_of
from autograd.compiling.native.rewrites import relaxed
from autograd.compiling.native.rooms import Room, numpy
from autograd.compiling.program import (
    COMPARISONS,
    CONSTANT,
    GUARD,
    INFIX,
    INPUT,
    LOGIC,
    SELECT,
    Program,
)

# From this many instructions times samples on, starting threads pays.
_PARALLEL = 4_000_000


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch came to.

    Attributes:
        totals: the outputs of the program, each summed over the samples that passed.
        failed: for each sample whether it failed a guard; None if there are no guards.
    """

    totals: Any
    failed: Any


class BatchKernel:
    """A program as native code over batches of samples.

    Args:
        program: lowered and optimised; its outputs are summed over the samples.
        varying: the inputs that differ from sample to sample, as positions; the others are
            shared.
        exact: give what the engine gives, to the last bit: sample after sample, no lanes.
        width: doubles in a vector; as many as the machine has if left out.

    Attributes:
        shared_count: how many shared inputs there are.
        sizes: how much room it needs.
        guarded: whether samples may fail a guard.
    """

    def __init__(
        self,
        program: Program,
        varying: Collection[int],
        *,
        exact: bool = False,
        width: int | None = None,
    ) -> None:
        machine = host()
        if exact:
            announce()
        self.exact = exact
        self.width = 1 if exact else width or machine.width
        varying = sorted(set(varying))
        key = key_of(generator(), machine, exact, self.width, written(program, varying))
        shared_count = len(program.inputs) - len(varying)
        code = made(key, lambda: self._make(program, varying, machine))
        self._adopt(code, machine, shared_count)

    def _make(self, program: Program, varying: Collection[int], machine: Machine) -> Made:
        form = exact_form(program) if self.exact else relaxed(program)
        plan = planned(form, varying, apart=not self.exact, rows=rows_of(self.width))
        libraries = library if self.exact else lanes_of(machine)
        module = BatchModule(plan, machine, libraries, self.width, exact=self.exact)
        return Made.of(plan, module.sizes, generated(module.module, machine, 1))

    def _adopt(self, code: Made, machine: Machine, shared_count: int) -> None:
        """Load the code of a program with so many shared inputs."""
        self.shared_count = shared_count
        self.sizes, self.guarded = code.sizes, code.guarded
        self._numbers, self._length = code.numbers, code.length
        self._code = Loaded(code.code, machine)
        self._load()
        # Those that no thread works in.
        self._rooms: list[Room] = []

    def _load(self) -> None:
        pointer, whole = ctypes.c_void_p, ctypes.c_int64
        samples = pointer, pointer, whole, pointer, whole, whole, *[pointer] * 4
        self._prepare = self._function("prepare", pointer, pointer, pointer)
        self._samples = self._function("samples", *samples)
        self._finish = self._function("finish", pointer, pointer, ctypes.c_double, pointer)
        self._batch = self._function("batch", *samples, pointer)

    def _room(self) -> Room:
        """Return memory that no other thread works in; whoever takes it puts it back."""
        try:
            return self._rooms.pop()
        except IndexError:
            return Room(self.sizes, self.width, self._numbers)

    def _function(self, name: str, *kinds: Any) -> Any:
        return ctypes.CFUNCTYPE(None, *kinds)(self._code.address(name))

    def __call__(self, shared: Any, columns: Any, order: Any = None) -> BatchResult:
        """Return the totals over a batch.

        Args:
            shared: the shared inputs, an array of float64.
            columns: float64, one row for each varying input, contiguous.
            order: which samples and in what order, as int64; all of them if None.
        """
        np = numpy()
        count = columns.shape[1] if order is None else len(order)
        failed = np.zeros(count, np.uint8) if self.guarded else None
        samples = (
            columns.ctypes.data,
            columns.shape[1],
            None if order is None else order.ctypes.data,
        )
        flags = None if failed is None else failed.ctypes.data
        parts = self._parts(count)
        room = self._room()
        room.shared[: self.shared_count] = shared
        if len(parts) == 1:
            self._batch(room.given, *samples, 0, count, flags, *room.addresses, room.answers)
        else:
            self._run_in_threads(room, parts, samples, flags)
        if failed is not None or len(parts) > 1:
            passed = count - (0 if failed is None else int(np.count_nonzero(failed)))
            self._finish(room.given, room.addresses[2], float(passed), room.answers)
        totals = room.results[: self.sizes.results].copy()
        self._rooms.append(room)
        return BatchResult(totals, failed)

    def _parts(self, count: int) -> list[tuple[int, int]]:
        """Return the samples that each thread takes: whole blocks, about as many for each."""
        if self.exact or count * self._length < _PARALLEL:
            return [(0, count)]
        threads = max(1, min(os.cpu_count() or 1, count // self.sizes.stride))
        blocks = -(-count // self.sizes.stride)
        ends = [
            min(count, blocks * k // threads * self.sizes.stride) for k in range(threads + 1)
        ]
        return list(pairwise(ends))

    def _run_in_threads(
        self,
        room: Room,
        parts: Sequence[tuple[int, int]],
        samples: tuple[Any, ...],
        flags: Any,
    ) -> None:
        """Run each part in a thread; the shared numbers and all sums are those of a room."""
        rooms = [room, *(self._room() for _ in parts[1:])]
        for each in rooms:
            self._prepare(room.given, *each.addresses[1:])

        def run(part: tuple[int, int], each: Room) -> None:
            self._samples(room.given, *samples, *part, flags, *each.addresses)

        waiting = [
            _pool().submit(run, part, each)
            for part, each in zip(parts[1:], rooms[1:], strict=True)
        ]
        try:
            run(parts[0], room)
        finally:
            # Whatever happens here, memory must not go while others work in it.
            wait(waiting)
        for each in rooms[1:]:
            room.sums += each.sums
        self._rooms += rooms[1:]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="wengert")


if hasattr(os, "register_at_fork"):
    # A child has none of its parent's threads, and would wait for them for ever.
    os.register_at_fork(after_in_child=_pool.cache_clear)


def lanes_of(machine: Machine) -> Callable[[Any, int], Elementary]:
    """Return what defines the functions of a module, in lanes as that machine has them."""

    def lanes(module: Any, width: int) -> Elementary:
        return Elementary(module, width, has_fma=machine.has_fma)

    return lanes


def unsupported(program: Program) -> str:
    """Return the first operation of a program that native code has not; "" if it has all."""
    known = {*FUNCTIONS, *_WRITTEN_OUT}
    for step in program.instructions:
        if step.op not in known:
            return step.op
    return ""


_WRITTEN_OUT = frozenset(
    (INPUT, CONSTANT, GUARD, SELECT, *INFIX, *COMPARISONS, *LOGIC, "neg", "dot", "total")
)


def written(program: Program, varying: Collection[int]) -> str:
    """Return all of a program that its code depends on, as text."""
    steps = [(step.op, step.operands, step.number) for step in program.instructions]
    return repr((steps, program.inputs, program.outputs, sorted(varying)))
