"""What the tests of native code share: programs, and how close results must be.

Knows how a program is recorded. Knows no machine code.
"""

import math
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd.compiling import passes
from autograd.compiling.program import Program
from autograd.compiling.recording import Given, record
from autograd.compiling.specialising import Task

Function = Callable[..., Any]
ROOT = Path(__file__).parent.parent


def outcome(f: Function, *args: Any, **kwargs: Any) -> Any:
    """Return what comes out, all numbers in one tuple; or the class of the error."""
    try:
        return flat(f(*args, **kwargs))
    except (ArithmeticError, ValueError) as error:
        return type(error)


def flat(thing: Any) -> tuple[float, ...]:
    """Return all numbers of a nested result."""
    if isinstance(thing, (list, tuple)):
        return tuple(x for part in thing for x in flat(part))
    return (float(thing),)


def bits(thing: Any) -> Any:
    """Return what two equal results have in common, down to the signs of zeros."""
    if isinstance(thing, type):
        return thing
    return ["nan" if math.isnan(x) else struct.pack("d", x) for x in flat(thing)]


def close(ours: Any, theirs: Any, relative: float = 1e-9) -> bool:
    """Return whether results agree: the same error, or numbers within rounding of each other.

    A number may be small because larger ones cancel: the largest of the results measures that.
    """
    if isinstance(ours, type) or isinstance(theirs, type):
        return ours is theirs
    ours, theirs = flat(ours), flat(theirs)
    finite = [abs(x) for x in theirs if math.isfinite(x)]
    slack = 1e-6 * relative * max(finite, default=0.0)
    return len(ours) == len(theirs) and all(
        x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= relative * abs(y) + slack
        for x, y in zip(ours, theirs, strict=True)
    )


def succeeds_where(ours: Any, theirs: Any) -> bool:
    """Return whether ours is a result where theirs is an error.

    So it may be: what no result depends on is not computed, and so cannot fail.
    """
    return isinstance(theirs, type) and not isinstance(ours, type)


def gradient_program(
    f: Function, columns: Sequence[float], shared: Sequence[float]
) -> tuple[Program, range]:
    """Return a loss and its derivatives by the shared numbers as a program.

    `f` takes the columns and the shared numbers as two lists. The inputs of the program are
    the columns, whose positions come back too, then the shared numbers.
    """
    count = len(columns)
    givens = [Given(x, f"x{k}", whole=False, varies=True) for k, x in enumerate(columns)]
    givens += [Given(x, f"w{k}", whole=False, varies=False) for k, x in enumerate(shared)]
    recording = record(lambda numbers: f(numbers[:count], numbers[count:]), givens)
    assert not recording.captured
    task = Task("gradient", tuple(range(count, count + len(shared))), tuple(range(count)))
    return passes.optimised(task.swept(recording.program))[-1][1], range(count)


def in_process(code: str, **environment: str) -> str:
    """Return what a program prints that runs in a process of its own; it must end well."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr}"
    return done.stdout
