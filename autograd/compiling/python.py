"""The back end that needs nothing: a program as one straight Python function.

The source is registered with `linecache`, so tracebacks show it, and kept to be read. On a
batch the loop over the samples is inside the function, and what all samples share is computed
before it. Results are those of the engine to the last bit.
"""

import linecache
import textwrap
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from weakref import finalize

from autograd.compiling.passes import summed
from autograd.compiling.printing import Printer, reachable
from autograd.compiling.program import Program
from autograd.formulas import FLOAT_NAMES
from autograd.operations import TABLE

_files = count(1)


def _sigmoid() -> Callable[[float], float]:
    """Return the sigmoid of the table as a plain function."""
    namespace = dict(FLOAT_NAMES)
    exec(f"def sigmoid(x):\n    return {TABLE['sigmoid'].value}", namespace)  # noqa: S102 - our text
    return namespace["sigmoid"]  # type: ignore[no-any-return]


_SIGMOID = _sigmoid()


class PythonBackend:
    """Writes programs as Python functions."""

    name = "python"

    def point(self, program: Program) -> "PythonPoint":
        """Return a program ready to run at one point."""
        return PythonPoint(program)

    def batch(self, program: Program, varying: Sequence[int]) -> "PythonBatch":
        """Return a program ready to run on columns."""
        return PythonBatch(program, varying)


class PythonPoint:
    """A program as a function of the list of its inputs.

    >>> from autograd.compiling.program import Builder
    >>> build = Builder()
    >>> x, y = build.input("x"), build.input("y")
    >>> kernel = PythonPoint(build.program([build.emit("tanh", build.emit("mul", x, y))]))
    >>> print(kernel.source, end="")
    def program(numbers):
        x, y = numbers
        return [tanh(x * y)]
    >>> kernel.run([0.0, 3.0])
    [0.0]
    """

    def __init__(self, program: Program) -> None:
        printer = Printer(program, ("numbers", "program"))
        lines = ["def program(numbers):", *_unpacked(printer, program.inputs, "numbers")]
        printer.write(range(len(program)), "return {}")
        lines += printer.take_lines("    ")
        results = [printer.result(place) for place in program.outputs]
        lines += _wrapped("    return [", ", ".join(results), "]")
        self.source = "\n".join(lines) + "\n"
        self.run: Callable[[Sequence[float]], Any] = _function(self, self.source)


class PythonBatch:
    """A program as a function of shared inputs and columns, with the loop inside."""

    def __init__(self, program: Program, varying: Sequence[int]) -> None:
        program = summed(program)
        places = [program.inputs[k] for k in varying]
        shared = [place for place in program.inputs if place not in set(places)]
        moving = reachable(program, places)
        printer = Printer(
            program, ("shared", "columns", "samples", "program", "flipped", "range", "len", "k")
        )
        lines = ["def program(shared, columns):", *_unpacked(printer, shared, "shared")]
        printer.write(
            (k for k in range(len(program)) if k not in moving),
            "return [], [(k, {}) for k in range(len(columns[0]))]",
        )
        totals = [printer.fresh(f"total_{k}") for k in range(len(program.outputs))]
        lines += printer.take_lines("    ")
        lines += [f"    {total} = 0.0" for total in totals]
        guarded = any(place in moving for place in program.guards)
        lines += ["    flipped = []"] if guarded else []
        names = ", ".join(printer.names[place] for place in places)
        rows = "enumerate(zip(*columns))" if guarded else "zip(*columns)"
        lines += _wrapped(
            f"    for {'k, ' if guarded else ''}(",
            f"{names}{',' if len(places) == 1 else ''}",
            f") in {rows}:",
        )
        printer.write(
            (k for k in range(len(program)) if k in moving),
            "flipped.append((k, {})); continue",
        )
        lines += printer.take_lines("        ")
        for total, place in zip(totals, program.outputs, strict=True):
            lines.append(f"        {total} += {printer.result(place)}")
        lines += _wrapped(
            "    return [", ", ".join(totals), f"], {'flipped' if guarded else []}"
        )
        self.source = "\n".join(lines) + "\n"
        self.run: Callable[[Sequence[float], Sequence[Sequence[float]]], Any] = _function(
            self, self.source
        )


def _unpacked(printer: Printer, places: Sequence[int], whole: str) -> list[str]:
    names = ", ".join(printer.names[place] for place in places)
    if not places:
        return []
    return _wrapped(
        "    (" if len(names) > 80 else "    ",
        names,
        f"{',' if len(places) == 1 else ''}{')' if len(names) > 80 else ''} = {whole}",
    )


def _wrapped(start: str, items: str, end: str) -> list[str]:
    """Return a list of items between brackets, in lines of readable length."""
    if len(start) + len(items) + len(end) <= 100:
        return [start + items + end]
    indent = " " * (len(start) - len(start.lstrip()) + 4)
    lines = textwrap.wrap(items, 92, break_long_words=False, break_on_hyphens=False)
    return [start, *(indent + line for line in lines), indent[:-4] + end]


def _function(owner: object, source: str) -> Callable[..., Any]:
    """Return the function of a source, whose lines tracebacks can show as long as it lives."""
    file = f"<compiled by autograd {next(_files)}>"
    namespace: dict[str, Any] = {**FLOAT_NAMES, "sigmoid": _SIGMOID}
    exec(compile(source, file, "exec"), namespace)  # noqa: S102 - our own source
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    finalize(owner, linecache.cache.pop, file, None)
    return namespace["program"]  # type: ignore[no-any-return]
