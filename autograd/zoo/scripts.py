"""Experiments as short Python programs: what runs is what the report shows.

A script makes Values, computes with them and calls backward(); then the data and gradients
of its names are looked at. Knows no mistake and no specimen.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CodeType
from typing import Any

# Relative, with as much absolute: far above rounding, far below any mistake here.
TOLERANCE = 1e-6


def close(got: float, expected: float) -> bool:
    """Return whether two numbers agree but for rounding; nan agrees with nothing."""
    return math.isclose(got, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def with_inputs(inputs: Mapping[str, float], *lines: str) -> str:
    """Return a script that makes leaves and goes on with the given lines.

    >>> print(with_inputs({"x": 3.0}, "y = x * x", "y.backward()"))
    x = Value(3.0)
    y = x * x
    y.backward()
    """
    return "\n".join([*(f"{name} = Value({at!r})" for name, at in inputs.items()), *lines])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen after a script ran.

    Attributes:
        numbers: data and gradient of every Value of the script, such as "x.grad".
        error: what ended the script early, None if nothing did.
        result: what the script called y, whatever that is.
    """

    numbers: Mapping[str, float] = field(default_factory=dict)
    error: Exception | None = None
    result: Any = None

    def at(self, look: str) -> float:
        """Return one number, nan if there is no such Value."""
        return self.numbers.get(look, math.nan)

    def agrees(self, other: "Outcome", *looks: str) -> bool:
        """Return whether both show the same numbers there, or fail in the same way."""
        if self.error is not None or other.error is not None:
            return repr(self.error) == repr(other.error)
        return all(
            close(self.at(look), other.at(look))
            for look in looks
            if look in self.numbers or look in other.numbers
        )


@cache
def _code(script: str) -> CodeType:
    return compile(script, "<experiment>", "exec")


def run(script: str, value_class: type[Any]) -> Outcome:
    """Return what a script shows when `Value` in it means the given class.

    Whatever the class raises is part of the outcome.
    """
    names: dict[str, Any] = {"Value": value_class}
    numbers = {}
    try:
        exec(_code(script), names)  # noqa: S102 - the package's own scripts, never text from outside
        for name, thing in names.items():
            for attribute in ("data", "grad"):
                if name != "Value" and hasattr(thing, attribute):
                    numbers[f"{name}.{attribute}"] = plain(getattr(thing, attribute))
    except Exception as error:
        return Outcome(error=error, result=names.get("y"))
    return Outcome(numbers, result=names.get("y"))


def seeded_by_hand(script: str) -> str:
    """Return a script that sets the gradient of the root itself before each pass.

    >>> print(seeded_by_hand("y.backward()"))
    y.grad = 1.0
    y.backward()
    """
    lines = []
    for line in script.splitlines():
        root, dot, call = line.partition(".")
        if dot and call == "backward()":
            lines.append(f"{root}.grad = 1.0")
        lines.append(line)
    return "\n".join(lines)


def plain(number: Any) -> float:
    """Return what a class keeps as data or gradient as a float; None counts as 0.

    >>> plain(2), plain(None)
    (2.0, 0.0)
    """
    if number is None:
        return 0.0
    try:
        return float(number)
    except TypeError:
        return float(number.data)
