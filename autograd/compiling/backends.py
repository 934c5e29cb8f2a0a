"""Back ends: who turns a program into something that runs, and which of them is taken.

A back end gets a lowered program and gives a kernel. A kernel answers with numbers or says
which guard came out otherwise; anything unusual (an error, a result that is not finite) is
the caller's business, who asks the engine then. Knows no function of the user's.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from autograd.compiling.program import Program
from autograd.errors import CompilationError, NumberError, missing_extra, shown

# Shorter programs run as fast in Python as it takes to call anything else.
LARGE = 2_000

Numbers = Sequence[float]


class PointKernel(Protocol):
    """A program ready to run at one point."""

    source: str

    def run(self, numbers: Numbers) -> list[float] | int:
        """Return the results, or the position of the first guard that does not hold.

        Args:
            numbers: one for each input.

        Raises:
            ArithmeticError, ValueError: where the program has no value.
        """


class BatchKernel(Protocol):
    """A program ready to run on columns."""

    source: str

    def run(
        self, shared: Numbers, columns: Sequence[Numbers]
    ) -> tuple[list[float], list[tuple[int, int]]]:
        """Return the sum of each result over the samples, and the samples left out.

        Args:
            shared: one number for each input that does not vary.
            columns: for each input that varies, its numbers, one for each sample.

        Returns:
            The totals over the samples whose guards hold; and for each of the others its
            number and the position of the first guard that does not hold.

        Raises:
            ArithmeticError, ValueError: where the program has no value.
        """


class Backend(Protocol):
    """Turns programs into kernels."""

    name: str

    def point(self, program: Program) -> PointKernel:
        """Return a program ready to run at one point."""

    def batch(self, program: Program, varying: Sequence[int]) -> BatchKernel:
        """Return a program ready to run on columns.

        Args:
            program: the program of one sample.
            varying: which inputs come as columns, as positions among the inputs.
        """


NAMES = ("auto", "python", "native")


def choose(name: str, program: Program, *, batched: bool, exact: bool) -> tuple[Backend, str]:
    """Return the back end for a program, and why it is that one.

    Raises:
        ModuleNotFoundError: if the native one is asked for and llvmlite is not there.
        CompilationError: if the native one is asked for and cannot have this program.
    """
    python: Backend = import_module("autograd.compiling.python").PythonBackend()
    if name == "python":
        return python, "asked for"
    why = missing_package()
    if name == "native" and why:
        raise missing_extra('backend="native"', why, "native")
    if why:
        return python, f"{why} is not installed"
    if name == "auto" and not batched and len(program) < LARGE:
        return python, "short enough"
    native = import_module("autograd.compiling.native.backend")
    refusal = native.refusal(program)
    if refusal and name == "native":
        raise CompilationError(f'backend="native" cannot compile this: {refusal}')
    if refusal:
        return python, refusal
    asked = "a batch" if batched else f"{len(program)} instructions"
    return native.NativeBackend(exact=exact), "asked for" if name == "native" else asked


def checked_name(name: Any) -> str:
    """Return the name of a back end, having checked that there is one.

    >>> checked_name("python")
    'python'
    """
    if name not in NAMES:
        raise NumberError(f"backend must be one of {NAMES}, got {shown(name)}")
    return str(name)


def missing_package() -> str:
    """Return the package that the native back end lacks, "" if it is all there."""
    for package in ("llvmlite", "numpy"):
        try:
            import_module(package)
        except ModuleNotFoundError:
            return package
    return ""
