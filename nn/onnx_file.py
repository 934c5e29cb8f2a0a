"""Export to ONNX: a network as a file that other runtimes run.

The file says what happens to a table of samples, of shape (samples, inputs). Weights are
constants in it. Needs the package `onnx`, of the extra `interop`. Knows the operations of ONNX;
knows no training.
"""

import math
import os
from collections.abc import Sequence
from itertools import count

# `onnx` has no types of its own, and is there only if it is installed.
from typing import Any

from autograd import missing_extra, shown
from nn.activations import LINEAR
from nn.elementwise import Elementwise
from nn.files import write_atomically
from nn.layers import MLP, Layer
from nn.norms import Dropout, LayerNorm, RMSNorm
from nn.sequential import Sequential
from nn.tables import Linear

# Read by every runtime since 2021; nothing newer is needed.
_OPSET, _IR = 13, 8

# Activations as operations of ONNX on "x", numbers being constants. Runtimes have no kernels
# in double precision for Elu, Softplus and their like: these are put together of simple ones.
_BELOW: Any = ("Sub", ("Exp", ("Min", "x", 0.0)), 1.0)
_TAIL: Any = ("Log", ("Add", 1.0, ("Exp", ("Neg", ("Abs", "x")))))
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_FORMULAS: dict[str, Any] = {
    LINEAR: "x",
    "relu": ("Relu", "x"),
    "leaky_relu": ("Max", "x", ("Mul", 0.01, "x")),
    "elu": ("Add", ("Relu", "x"), _BELOW),
    "selu": ("Mul", _SELU_SCALE, ("Add", ("Relu", "x"), ("Mul", _SELU_ALPHA, _BELOW))),
    "gelu": ("Mul", ("Mul", 0.5, "x"), ("Add", 1.0, ("Erf", ("Mul", math.sqrt(0.5), "x")))),
    "silu": ("Mul", "x", ("Sigmoid", "x")),
    "softplus": ("Add", ("Relu", "x"), _TAIL),
    "softsign": ("Div", "x", ("Add", 1.0, ("Abs", "x"))),
    "tanh": ("Tanh", "x"),
    "sigmoid": ("Sigmoid", "x"),
    "log_sigmoid": ("Sub", ("Min", "x", 0.0), _TAIL),
    "erf": ("Erf", "x"),
    "atan": ("Atan", "x"),
    "sin": ("Sin", "x"),
    "cos": ("Cos", "x"),
    "exp": ("Exp", "x"),
    "abs": ("Abs", "x"),
}

# Of these, onnxruntime has no kernel in double precision, and no simple operations make them.
_SINGLE = ("gelu", "erf", "atan")


def export_onnx(model: Any, path: str | os.PathLike[str], *, dtype: str = "F64") -> None:
    """Write a network as an ONNX file, with input "x" and output "y".

    Args:
        model: an MLP, a Layer, a Linear, or a Sequential of these, activations and norms;
            Dropout is left out, as in use.
        path: the file.
        dtype: "F64" for the numbers that this engine computes with, or "F32".

    Raises:
        TypeError: if there is something in it that ONNX has no word for, such as a function
            of your own. There is no new file then.
        ValueError: if a runtime could not run it in this precision.
        ModuleNotFoundError: without the package `onnx`.
    """
    write_atomically(path, _Graph(_onnx(), dtype).of(model))


def _onnx() -> Any:
    try:
        import onnx  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        raise missing_extra("export_onnx", "onnx", "interop") from None
    return onnx


class _Graph:
    """A graph of ONNX as it grows."""

    def __init__(self, onnx: Any, dtype: str) -> None:
        if dtype not in ("F64", "F32"):
            raise ValueError(f"dtype must be 'F64' or 'F32', got {shown(dtype)}")
        self._onnx = onnx
        self._type = getattr(onnx.TensorProto, {"F64": "DOUBLE", "F32": "FLOAT"}[dtype])
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._names = count()

    def of(self, model: Any) -> bytes:
        """Return the file of a network."""
        make = self._onnx.helper
        parts = _parts(model)
        y = "x"
        for part in parts:
            y = self._part(part, y)
        widths = [width for part in parts for width in _widths(part)]
        if not widths:
            raise TypeError(f"ONNX needs a network with weights, got {shown(model)}")
        self._nodes.append(make.make_node("Identity", [y], ["y"]))
        graph = make.make_graph(
            self._nodes,
            "network",
            [make.make_tensor_value_info("x", self._type, ["samples", widths[0]])],
            [make.make_tensor_value_info("y", self._type, ["samples", widths[-1]])],
            self._constants,
        )
        opset = make.make_opsetid("", _OPSET)
        proto = make.make_model(graph, opset_imports=[opset], ir_version=_IR)
        proto.producer_name = "wengert"
        self._onnx.checker.check_model(proto, full_check=True)
        return bytes(proto.SerializeToString())

    def _part(self, part: Any, x: str) -> str:
        """Add what a part does to `x`, and return what comes of it."""
        match part:
            case Layer():
                return self._layer(part, x)
            case Linear():
                return self._sums(part.weight, part.bias, x)
            case Elementwise():
                return self._activation(part.activation, x)
            case LayerNorm() | RMSNorm():
                return self._norm(part, x)
            case Dropout():
                return x
        raise TypeError(f"ONNX has no word for {shown(part)}; export what is around it")

    def _layer(self, layer: Layer, x: str) -> str:
        kinds = {(neuron.nonlin, neuron.activation) for neuron in layer.neurons}
        if len(kinds) > 1:
            raise TypeError(f"neurons of a layer must have one activation, got {layer}")
        rows = [neuron.w for neuron in layer.neurons]
        biases = [neuron.b for neuron in layer.neurons if neuron.b is not None]
        (nonlin, activation) = kinds.pop()
        sums = self._sums(rows, biases or None, x)
        return self._activation(activation if nonlin else None, sums)

    def _sums(self, rows: Sequence[Sequence[Any]], biases: Any, x: str) -> str:
        flat = [weight.data for row in rows for weight in row]
        operands = [x, self._constant(flat, [len(rows), len(rows[0])])]
        if biases is not None:
            operands.append(self._constant([bias.data for bias in biases], [len(biases)]))
        return self._node("Gemm", operands, transB=1)

    def _activation(self, activation: Any, x: str) -> str:
        name = activation or LINEAR
        if not isinstance(name, str) or name not in _FORMULAS:
            raise TypeError(f"ONNX has no word for the activation {shown(activation)}")
        if name in _SINGLE and self._type == self._onnx.TensorProto.DOUBLE:
            raise ValueError(
                f"onnxruntime computes {name} in single precision only; export with dtype='F32'"
            )
        return self._formula(_FORMULAS[name], x)

    def _formula(self, formula: Any, x: str) -> str:
        if formula == "x":
            return x
        if isinstance(formula, float):
            return self._constant([formula], [])
        operation, *operands = formula
        return self._node(operation, [self._formula(each, x) for each in operands])

    def _norm(self, norm: Any, x: str) -> str:
        if isinstance(norm, LayerNorm):
            x = self._node("Sub", [x, self._node("ReduceMean", [x], axes=[-1])])
        square = self._node("ReduceMean", [self._node("Mul", [x, x])], axes=[-1])
        spread = self._node("Add", [square, self._constant([norm.eps], [])])
        x = self._node("Div", [x, self._node("Sqrt", [spread])])
        for operation, weights in (("Mul", norm.weight), ("Add", getattr(norm, "bias", None))):
            if weights is not None:
                numbers = [weight.data for weight in weights]
                x = self._node(operation, [x, self._constant(numbers, [len(numbers)])])
        return x

    def _node(self, operation: str, operands: list[str], **attributes: Any) -> str:
        name = f"v{next(self._names)}"
        make = self._onnx.helper
        self._nodes.append(make.make_node(operation, operands, [name], **attributes))
        return name

    def _constant(self, numbers: list[float], shape: list[int]) -> str:
        name = f"c{next(self._names)}"
        make = self._onnx.helper
        self._constants.append(make.make_tensor(name, self._type, shape, numbers))
        return name


def _parts(model: Any) -> list[Any]:
    """Return what a network does, one after the other."""
    waiting, parts = [model], []
    while waiting:
        part = waiting.pop()
        if isinstance(part, MLP):
            waiting += reversed(part.layers)
        elif isinstance(part, Sequential):
            waiting += reversed(part.parts)
        else:
            parts.append(part)
    return parts


def _widths(part: Any) -> list[int]:
    """Return how many numbers a part takes and gives, nothing if it does not say."""
    match part:
        case Layer():
            return [len(part.neurons[0].w), len(part.neurons)]
        case Linear():
            return [part.nin, len(part.weight)]
        case LayerNorm() | RMSNorm():
            return [part.width, part.width]
    return []
