"""The native back end, as compiled functions ask for it: programs in, kernels out.

Knows lists and arrays. Knows no LLVM and no plan.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from autograd.compiling.native.entry import BatchKernel, unsupported
from autograd.compiling.native.machine import host
from autograd.compiling.native.rooms import numpy
from autograd.compiling.passes import prune
from autograd.compiling.program import Program
from autograd.compiling.python import PythonBackend

Numbers = Sequence[float]

# A network of 97,651 weights has 297,309, ready in ten seconds; beyond, it takes too long.
MOST_INSTRUCTIONS = 400_000


class NativeBackend:
    """Turns programs into machine code.

    Args:
        exact: give what the engine gives, to the last bit.
    """

    name = "native"

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact

    def point(self, program: Program) -> "NativePoint":
        """Return a program ready to run at one point."""
        return NativePoint(program, exact=self.exact)

    def batch(self, program: Program, varying: Sequence[int]) -> "NativeBatch":
        """Return a program ready to run on columns."""
        return NativeBatch(program, varying, exact=self.exact)


def refusal(program: Program) -> str:
    """Return why a program cannot be native code; "" if it can."""
    if len(program) > MOST_INSTRUCTIONS:
        return (
            f"{len(program):,} instructions are more than the {MOST_INSTRUCTIONS:,} that "
            "native code is generated for in reasonable time"
        )
    operation = unsupported(program)
    if operation:
        return f"{operation} is an operation of yours, which native code has not"
    try:
        host()
    except NotImplementedError as error:
        return str(error)
    return ""


class _Readable:
    """A program that can be read as Python."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @property
    def source(self) -> str:
        """The program as straight-line Python."""
        return PythonBackend().point(self._program).source

    @cached_property
    def _guards(self) -> Callable[[Numbers], list[float] | int]:
        """The guards alone, in Python."""
        return PythonBackend().point(prune(replace(self._program, outputs=()))).run

    def _flipped(self, numbers: Numbers) -> int:
        """Return the first guard that does not hold at a point, by asking each in Python."""
        answer = self._guards(numbers)
        # Rounded otherwise here than in lanes: some guard was at its very edge.
        return answer if isinstance(answer, int) else len(self._program.guards) - 1


class NativePoint(_Readable):
    """Machine code for one point."""

    def __init__(self, program: Program, *, exact: bool) -> None:
        super().__init__(program)
        every = range(len(program.inputs))
        self._kernel = BatchKernel(program, every, exact=exact, width=1)

    def run(self, numbers: Numbers) -> list[float] | int:
        """Return the results, or the position of the first guard that does not hold."""
        np = numpy()
        column = np.array(numbers, float).reshape(-1, 1)
        result = self._kernel((), column)
        if result.failed is not None and result.failed[0]:
            return self._flipped(numbers)
        return list(result.totals.tolist())


class NativeBatch(_Readable):
    """Machine code for batches."""

    def __init__(self, program: Program, varying: Sequence[int], *, exact: bool) -> None:
        super().__init__(program)
        self._varying = set(varying)
        self._kernel = BatchKernel(program, varying, exact=exact)

    def run(
        self, shared: Numbers, columns: Sequence[Numbers]
    ) -> tuple[list[float], list[tuple[int, int]]]:
        """Return the sum of each result over the samples, and the samples left out."""
        matrix = as_matrix(columns)
        result = self._kernel(shared, matrix)
        failed = [] if result.failed is None else numpy().flatnonzero(result.failed).tolist()
        points = ((k, self._point(shared, matrix[:, k])) for k in failed)
        # As sums that start from 0: no total is -0.
        totals = (result.totals + 0.0).tolist()
        return totals, [(k, self._flipped(point)) for k, point in points]

    def _point(self, shared: Numbers, sample: Any) -> list[float]:
        """Return the inputs of one sample, in the order of the program."""
        fixed, moving = iter(shared), iter(sample.tolist())
        count = len(self._program.inputs)
        return [next(moving if k in self._varying else fixed) for k in range(count)]


def as_matrix(columns: Sequence[Numbers]) -> Any:
    """Return columns as one array, a row for each, contiguous."""
    return numpy().ascontiguousarray(columns, float)
