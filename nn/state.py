"""State dicts: fitting numbers from elsewhere to the weights of a network.

A state dict holds nested lists under the names of tensors. It is compared with the network as
a whole, names, shapes and numbers, before anything changes. Knows no file.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Nested lists of numbers, of any depth.
from typing import Any, Literal, TypedDict

from autograd import Value, shown
from nn.errors import StateError
from nn.parameter import Parameter
from nn.tensors import Shape, flattened, tensors

Rename = Mapping[str, str] | Callable[[str], str]

_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A tensor that has one shape here and another in what is loaded."""

    name: str
    expected: Shape
    got: Shape

    def __str__(self) -> str:
        return f"{self.name}: {_written(self.expected)} here, {_written(self.got)} there"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of every tensor of the network, and of every tensor that was given.

    Attributes:
        loaded: names of what was set.
        missing: names of what the network has and was not given.
        unexpected: names that were given and the network does not have.
        mismatched: what has another shape here than there.
    """

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    mismatched: tuple[Mismatch, ...]

    def __str__(self) -> str:
        kinds = ("loaded", "missing", "unexpected", "mismatched")
        lines = [f"{kind:10}  {each}" for kind in kinds for each in getattr(self, kind)]
        return "\n".join(lines) or "nothing to load"


@dataclass(frozen=True, slots=True)
class Plan:
    """What loading would do: the report, and the number for each weight."""

    report: LoadReport
    numbers: list[tuple[Value, float]]

    def carry_out(self) -> LoadReport:
        """Set the weights; all was checked before."""
        for weight, number in self.numbers:
            if isinstance(weight, Parameter):
                weight.assign(number, finite=False)
            else:
                weight.data = number
        return self.report


class HowToLoad(TypedDict, total=False):
    """The fields of `Options`, to be handed on."""

    strict: bool
    on_mismatch: Literal["error", "skip"]
    prefix: str
    rename: Rename | None
    finite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How loading deals with what does not fit; see `Module.load_state_dict`."""

    strict: bool = True
    on_mismatch: Literal["error", "skip"] = "error"
    prefix: str = ""
    rename: Rename | None = None
    finite: bool = True


def plan(named: Iterable[tuple[str, Value]], state: Mapping[str, Any], how: Options) -> Plan:
    """Return what loading a state dict into named weights would do; nothing is changed.

    Raises:
        StateError: if the weights do not fit, or numbers are none.
    """
    if how.on_mismatch not in ("error", "skip"):
        raise ValueError(f"on_mismatch must be 'error' or 'skip', got {how.on_mismatch!r}")
    given = _renamed(state, how)
    own = tensors(named)
    numbers: list[tuple[Value, float]] = []
    loaded, mismatched = [], []
    for name, tensor in own.items():
        if name not in given:
            continue
        shape, flat = given[name]
        if shape != tensor.shape:
            mismatched.append(Mismatch(name, tensor.shape, shape))
            continue
        if how.finite:
            _check_finite(name, flat)
        loaded.append(name)
        numbers += zip(tensor.weights, flat, strict=True)
    report = LoadReport(
        loaded=tuple(loaded),
        missing=tuple(name for name in own if name not in given),
        # A tensor without numbers, as of a layer without inputs, says nothing.
        unexpected=tuple(name for name, (_, flat) in given.items() if flat and name not in own),
        mismatched=tuple(mismatched),
    )
    _refuse(report, own, how)
    return Plan(report, numbers)


def _renamed(state: Mapping[str, Any], how: Options) -> dict[str, tuple[Shape, list[float]]]:
    """Return shapes and numbers by the names that the network has for them."""
    if not isinstance(state, Mapping):
        raise TypeError(
            f"a state dict must be a dict of names and nested lists, got {shown(state)}"
        )
    for name in how.rename if isinstance(how.rename, Mapping) else ():
        if name not in state:
            raise StateError(f"there is no {name!r} to rename; there is {_names(state)}")
    given: dict[str, tuple[Shape, list[float]]] = {}
    for name, thing in state.items():
        if not isinstance(name, str):
            raise StateError(f"names of weights must be texts, got {shown(name)}")
        if not name.startswith(how.prefix):
            continue
        new = _new_name(name, how)
        if new in given:
            raise StateError(f"two of the given weights would be called {new!r}")
        given[new] = flattened(thing, name)
    return given


def _new_name(name: str, how: Options) -> str:
    short = name.removeprefix(how.prefix)
    if isinstance(how.rename, Mapping):
        return how.rename.get(name, short)
    return short if how.rename is None else how.rename(short)


def _check_finite(name: str, flat: list[float]) -> None:
    for number in flat:
        if not math.isfinite(number):
            raise StateError(f"{name} holds {number!r}; load it with finite=False if it shall")


def _refuse(report: LoadReport, own: Mapping[str, object], how: Options) -> None:
    """Raise if what does not fit is not what the caller is ready for."""
    faults = []
    if how.strict and report.missing:
        faults.append(f"missing: {_names(report.missing)}")
    if how.strict and report.unexpected:
        faults.append(f"unexpected: {_names(report.unexpected)}")
    if how.on_mismatch == "error" and report.mismatched:
        faults.append(f"of another shape: {_names(map(str, report.mismatched))}")
    if faults:
        raise StateError(
            f"the weights do not fit, and nothing was loaded: {'; '.join(faults)}; "
            "strict=False loads what has a name here, on_mismatch='skip' what has a shape"
        )
    if not report.loaded and own:
        raise StateError(
            f"none of the given weights fits: the network has {_names(own)}, given were "
            f"{_names(report.unexpected) or 'none'}; see prefix and rename"
        )


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _SHOWN
    return ", ".join(listed[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _written(shape: Shape) -> str:
    return " x ".join(map(str, shape)) or "one number"
