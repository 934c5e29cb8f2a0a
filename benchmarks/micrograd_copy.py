"""micrograd, from private copies of its own modules.

A copy may be changed without anyone else noticing: its numbers get the functions that
readers of micrograd add in its exercises, its `nn` gets other numbers. Knows nothing of
our engine. Needs micrograd installed.
"""

import importlib.util
import math
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType

# micrograd has no types.
from typing import Any

_DEEPEST = 1_000_000


def second_copy(name: str) -> ModuleType:
    """A module of micrograd (`engine`, `nn`), run from its source once more."""
    spec = importlib.util.find_spec(f"micrograd.{name}")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def extended_value() -> type[Any]:
    """micrograd's Value with tanh, exp and log, and room for deep graphs."""
    value: type[Any] = second_copy("engine").Value
    for make in (_tanh, _exp, _log, _deep_backward):
        method = make(value)
        setattr(value, method.__name__, method)
    return value


def _deep_backward(value: type[Any]) -> Callable[[Any], None]:
    """Its own backward, whose recursive sort may reach the end of a long chain.

    Calls from Python to Python take no C stack, so only the limit stands in its way.
    """
    own = value.backward

    def backward(self: Any) -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _DEEPEST))
        try:
            own(self)
        finally:
            sys.setrecursionlimit(limit)

    return backward


# These three are written as micrograd's own relu is.


def _tanh(value: type[Any]) -> Callable[[Any], Any]:
    def tanh(self: Any) -> Any:
        out = value(math.tanh(self.data), (self,), "tanh")

        def _backward() -> None:
            self.grad += (1 - out.data**2) * out.grad

        out._backward = _backward
        return out

    return tanh


def _exp(value: type[Any]) -> Callable[[Any], Any]:
    def exp(self: Any) -> Any:
        out = value(math.exp(self.data), (self,), "exp")

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    return exp


def _log(value: type[Any]) -> Callable[[Any], Any]:
    def log(self: Any) -> Any:
        out = value(math.log(self.data), (self,), "log")

        def _backward() -> None:
            self.grad += out.grad / self.data

        out._backward = _backward
        return out

    return log
