"""Compiled tapes: a recorded function as a program, and the program as fast code.

Reading order: program, lowering, sweeps, passes; conditions, tracing, recording; printing,
python, backends; specialising, arguments, columns, points, batches, entry.
"""

from autograd.compiling.entry import Compiled
from autograd.compiling.entry import (
    compile as compile,  # noqa: A004 - what everybody calls it
)

__all__ = ["Compiled", "compile"]
