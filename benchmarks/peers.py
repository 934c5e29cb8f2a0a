"""Other people's engines, if they are installed, behind one set of functions.

Knows how each engine makes a leaf, takes a tanh and sweeps. Knows no benchmark.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from operator import methodcaller

# Numbers of four libraries have no type in common.
from typing import Any

from autograd import Value
from benchmarks.reference import ReferenceValue

OURS = "ours"
MICROGRAD = "micrograd"
TORCH = "torch"
DRJIT = "drjit"
REFERENCE = "node-and-closure"


class MissingPeerError(Exception):
    """A peer is not installed or does not start; a benchmark goes on without it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What a benchmark needs of a scalar engine; numbers are of the engine's own type."""

    leaf: Callable[[float], Any]
    tanh: Callable[[Any], Any]
    backward: Callable[[Any], object]
    value: Callable[[Any], float]
    gradient: Callable[[Any], float]


def installed(name: str) -> Any:
    """The module of a peer; raises MissingPeerError if it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPeerError("it is not installed (make peers)") from error


def engine(name: str) -> Engine:
    """The engine of one of the names above; raises MissingPeerError."""
    return _ENGINES[name]()


def value_class(name: str) -> type[Any]:
    """The `Value` of ours, of the reference or of micrograd; raises MissingPeerError."""
    if name != MICROGRAD:
        return {OURS: Value, REFERENCE: ReferenceValue}[name]
    installed(MICROGRAD)
    copy: Any = importlib.import_module("benchmarks.micrograd_copy")
    extended: type[Any] = copy.extended_value()
    return extended


def _node_engine(name: str) -> Engine:
    value = value_class(name)
    return Engine(
        leaf=value,
        tanh=methodcaller("tanh"),
        backward=value.backward,
        value=lambda number: float(number.data),
        gradient=lambda leaf: float(leaf.grad),
    )


def _torch() -> Engine:
    """Zero-dimensional float64 tensors of torch, on one thread."""
    torch = installed(TORCH)
    torch.set_num_threads(1)
    return Engine(
        leaf=lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True),
        tanh=torch.tanh,
        backward=torch.Tensor.backward,
        value=lambda number: float(number.item()),
        gradient=lambda leaf: float(leaf.grad.item()),
    )


def _drjit() -> Engine:
    """Numbers of width one of drjit's LLVM backend, its only one for a CPU."""
    drjit = installed(DRJIT)
    try:
        number = importlib.import_module("drjit.llvm.ad").Float64
        number(1.0) + 1.0
    # Its loader fails in many ways, and none of them is ours to handle.
    except Exception as error:
        raise MissingPeerError(f"its LLVM backend does not start ({error})") from error

    def leaf(x: float) -> Any:
        made = number(x)
        drjit.enable_grad(made)
        return made

    return Engine(
        leaf=leaf,
        tanh=drjit.tanh,
        backward=drjit.backward,
        value=lambda number: float(number[0]),
        gradient=lambda leaf: float(drjit.grad(leaf)[0]),
    )


_ENGINES: dict[str, Callable[[], Engine]] = {
    MICROGRAD: lambda: _node_engine(MICROGRAD),
    OURS: lambda: _node_engine(OURS),
    TORCH: _torch,
    DRJIT: _drjit,
    REFERENCE: lambda: _node_engine(REFERENCE),
}
