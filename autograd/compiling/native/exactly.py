"""Native code that gives the engine's results to the last bit.

Every function is the one that Python calls: the C library's where Python has no other, else
Python's own, called back. Sums and products are rounded one by one, sample after sample.
"""

import ctypes
import math
from functools import cache
from typing import Any

from autograd.compiling.expanding import expand
from autograd.compiling.native import special
from autograd.compiling.native.constants import Constants
from autograd.compiling.native.elementary import FUNCTIONS
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.machine import llvm
from autograd.compiling.native.vectors import Vector
from autograd.compiling.passes import Sharer, prune, rewritten
from autograd.compiling.program import Instruction, Program, verify
from autograd.operations import TABLE

# Where `math` is a thin cover over the C library.
_LIBRARY = frozenset(
    (
        *("exp", "expm1", "log", "log1p", "log2", "log10", "pow", "cbrt", "fmod"),
        *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "erf", "erfc"),
        *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    )
)
# One correctly rounded instruction.
_INSTRUCTIONS = frozenset({"abs", "sqrt", "copysign"})
# The same, but for Python a whole number, which has no -0.
_WHOLE = frozenset({"floor", "ceil", "round"})
# What Python computes itself, and not as the C library does.
_OWN = frozenset({"hypot"})


@cache
def announce() -> None:
    """Make the functions that Python computes itself known to all code that calls them.

    Code from disk calls them by name too, in a process that never generated any.
    """
    _, binding = llvm()
    for name in _OWN:
        kinds = [ctypes.c_double] * (1 + FUNCTIONS[name].operands)
        function = ctypes.CFUNCTYPE(*kinds)(getattr(math, name))
        _alive.append(function)
        binding.add_symbol(_symbol(name), ctypes.cast(function, ctypes.c_void_p).value)


_alive: list[Any] = []


def _symbol(name: str) -> str:
    return f"wengert_{name}" if name in _OWN else name


def exact_form(program: Program) -> Program:
    """Return the program with formulas in the place of functions that only we have."""
    return verify(prune(rewritten(program, _Spelled)))


class _Spelled(Sharer):
    """Writes out `sigmoid`, which is a formula to the engine."""

    def rewritten(self, step: Instruction) -> int | None:
        if step.op == "sigmoid":
            return expand(self, TABLE["sigmoid"].value, {"x": step.operands[0]})
        return self.append(step)


class library:  # noqa: N801 - takes the place of a constructor of functions
    """The functions of one module, lane by lane."""

    def __init__(self, module: Any, width: int) -> None:
        self._constants = Constants(module, width)

    def call(self, builder: Any, name: str, *operands: Any) -> Any:
        """Return what the function that Python calls makes of vectors."""
        lanes = Lanes(builder, self._constants, has_fma=False)
        vectors = [lanes.vector(operand) for operand in operands]
        if name in _INSTRUCTIONS | _WHOLE:
            found = FUNCTIONS[name].emit(lanes, *vectors)
            assert isinstance(found, Vector)
            return (found + 0.0 if name in _WHOLE else found).value
        if name == "mod":
            left = lanes.lane_by_lane("fmod", *vectors)
            return special.signed_by(lanes, left, vectors[1]).value
        assert name in _LIBRARY or name in _OWN, f"{name} is a function of Python"
        return lanes.lane_by_lane(_symbol(name), *vectors).value
