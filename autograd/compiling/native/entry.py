"""A program over batches as native code: built, cached, called.

`BatchKernel` takes the shared numbers and columns of samples and returns the results summed
over the batch. Knows arrays and pointers. Knows no LLVM instruction.
"""

import ctypes
import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograd.compiling.native.elementary import FUNCTIONS, Elementary
from autograd.compiling.native.exactly import exact_form, library
from autograd.compiling.native.machine import Machine, host
from autograd.compiling.native.module import BatchModule, sizes
from autograd.compiling.native.objects import Loaded, generated, key_of, object_code
from autograd.compiling.native.plan import planned
from autograd.compiling.native.rewrites import relaxed
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
from autograd.errors import missing_extra

# From this many instructions times samples on, starting threads pays.
_PARALLEL = 4_000_000


def numpy() -> Any:
    """Return NumPy, which the native back end needs for its arrays."""
    try:
        import numpy as np  # noqa: PLC0415 - an extra, loaded where it is used
    except ModuleNotFoundError as error:
        raise missing_extra("the native backend", "numpy", "native") from error
    return np


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
        column_count: how many inputs vary.
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
        np = numpy()
        form = exact_form(program) if exact else relaxed(program)
        self.plan = planned(form, varying)
        self.exact = exact
        self.width = 1 if exact else width or machine.width
        self.sizes = sizes(self.plan, self.width)
        key = self._key(machine, form, varying)
        self._code = Loaded(object_code(key, lambda: self._generate(machine)), machine)
        self._load()
        varying = set(varying)
        self.shared_count = sum(k not in varying for k in range(len(program.inputs)))
        self.column_count = len(program.inputs) - self.shared_count
        self._shared = aligned(np, self.sizes.shared)
        for place, k in self.plan.shared_index.items():
            step = form.instructions[place]
            if step.op == CONSTANT:
                self._shared[k] = step.number
        # Vectors are read across the end.
        self._results = aligned(np, self.sizes.results + self.width)
        self._rooms = [self._room(np)]
        # Asking an array where it lies takes longer than many a batch.
        self._fixed = self._shared.ctypes.data, self._results.ctypes.data

    def _key(self, machine: Machine, form: Program, varying: Collection[int]) -> str:
        """Return the digest of all that the code depends on."""
        return key_of(generator(), machine, self.exact, self.width, written(form, varying))

    def _load(self) -> None:
        pointer, whole = ctypes.c_void_p, ctypes.c_int64
        samples = pointer, pointer, whole, pointer, whole, whole, *[pointer] * 4
        self._prepare = self._function("prepare", pointer, pointer, pointer)
        self._samples = self._function("samples", *samples)
        self._finish = self._function("finish", pointer, pointer, ctypes.c_double, pointer)
        self._batch = self._function("batch", *samples, pointer)

    def _room(self, np: Any) -> "_Room":
        sizes = self.sizes.scratch, self.sizes.packed, self.sizes.sums
        return _Room(*(aligned(np, size) for size in sizes))

    def _function(self, name: str, *kinds: Any) -> Any:
        return ctypes.CFUNCTYPE(None, *kinds)(self._code.address(name))

    def _generate(self, machine: Machine) -> bytes:
        """Return the object code of the program."""
        libraries = library if self.exact else lanes_of(machine)
        module = BatchModule(self.plan, machine, libraries, self.width, exact=self.exact)
        return generated(module.module, machine, 1)

    def __call__(self, shared: Any, columns: Any, order: Any = None) -> BatchResult:
        """Return the totals over a batch.

        Args:
            shared: the shared inputs, an array of float64.
            columns: float64, one row for each varying input, contiguous.
            order: which samples and in what order, as int64; all of them if None.
        """
        np = numpy()
        count = columns.shape[1] if order is None else len(order)
        self._shared[: self.shared_count] = shared
        failed = np.zeros(count, np.uint8) if self.plan.guarded else None
        samples = (
            columns.ctypes.data,
            columns.shape[1],
            None if order is None else order.ctypes.data,
        )
        flags = None if failed is None else failed.ctypes.data
        parts = self._parts(count)
        room, (given, results) = self._rooms[0], self._fixed
        if len(parts) == 1:
            self._batch(given, *samples, 0, count, flags, *room.addresses, results)
        else:
            self._run_in_threads(parts, samples, flags)
        if failed is not None or len(parts) > 1:
            passed = count - (0 if failed is None else int(np.count_nonzero(failed)))
            self._finish(given, room.addresses[2], float(passed), results)
        return BatchResult(self._results[: self.sizes.results].copy(), failed)

    def _parts(self, count: int) -> list[tuple[int, int]]:
        """Return the samples that each thread takes: whole blocks, about as many for each."""
        if self.exact or count * len(self.plan.program) < _PARALLEL:
            return [(0, count)]
        threads = max(1, min(os.cpu_count() or 1, count // self.sizes.stride))
        blocks = -(-count // self.sizes.stride)
        ends = [
            min(count, blocks * k // threads * self.sizes.stride) for k in range(threads + 1)
        ]
        return list(pairwise(ends))

    def _run_in_threads(
        self, parts: Sequence[tuple[int, int]], samples: tuple[Any, ...], flags: Any
    ) -> None:
        np, given = numpy(), self._fixed[0]
        while len(self._rooms) < len(parts):
            self._rooms.append(self._room(np))
        rooms = self._rooms[: len(parts)]
        for room in rooms:
            self._prepare(given, *room.addresses[1:])

        def run(part: tuple[int, int], room: _Room) -> None:
            self._samples(given, *samples, *part, flags, *room.addresses)

        waiting = [
            _pool().submit(run, part, room)
            for part, room in zip(parts[1:], rooms[1:], strict=True)
        ]
        run(parts[0], rooms[0])
        for future in waiting:
            future.result()
        for room in rooms[1:]:
            rooms[0].sums += room.sums


class _Room:
    """Memory for one thread: scratch, packed weights and sums.

    Attributes:
        sums: the array of sums.
        addresses: where the three lie.
    """

    def __init__(self, *arrays: Any) -> None:
        self._arrays = arrays
        self.sums = arrays[-1]
        self.addresses = tuple(array.ctypes.data for array in arrays)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="wengert")


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


def aligned(np: Any, size: int) -> Any:
    """Return a new array of zeros that starts at a multiple of 64 bytes."""
    room = np.zeros(size + 8)
    skipped = -(room.ctypes.data // 8) % 8
    return room[skipped : skipped + size]


@cache
def generator() -> str:
    """Return what made the code: the version of llvmlite, and the text of this package."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    texts = [source.read_bytes() for source in sources]
    return key_of(metadata.version("llvmlite"), *texts)


def written(program: Program, varying: Collection[int]) -> str:
    """Return all of a program that its code depends on, as text."""
    steps = [(step.op, step.operands, step.number) for step in program.instructions]
    return repr((steps, program.inputs, program.outputs, sorted(varying)))
