"""Elementary functions in lanes, by name: each becomes one function of an LLVM module.

Knows which functions there are, how they are called and how exact they are; the arithmetic
stands in the files beside it. Knows no tape and no program.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from autograd.compiling.native import circular, exponentials, logarithms, powers, special
from autograd.compiling.native.constants import Constants
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.machine import llvm
from autograd.compiling.native.vectors import Vector

Emitter = Callable[..., Vector | tuple[Vector, ...]]


@dataclass(frozen=True, slots=True)
class Function:
    """An elementary function of vectors.

    Attributes:
        emit: writes its instructions, given lanes and operands.
        ulps: how far a result may lie from the true one, in units of its last digit.
        operands: how many vectors it takes.
        results: how many vectors it returns; several come as a tuple.
        short: whether it is a few instructions, less than a call takes.
    """

    emit: Emitter
    ulps: float
    operands: int = 1
    results: int = 1
    short: bool = False


def _instruction(name: str, operands: int = 1) -> Function:
    def emit(lanes: Lanes, *vectors: Vector) -> Vector:
        return lanes.intrinsic(name, *vectors)

    return Function(emit, 0.5, operands, short=True)


def _minimum(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    return lanes.where((x < y) | x.is_nan(), x, y)


def _maximum(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    return lanes.where((x > y) | x.is_nan(), x, y)


def _min(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    return lanes.where(y < x, y, x)


def _max(lanes: Lanes, x: Vector, y: Vector) -> Vector:
    return lanes.where(y > x, y, x)


# fmt: off
_TABLE = {
    # What a processor does in an instruction or two. `minimum` and `maximum` return nan if
    # either operand is; `min` and `max` are Python's, which return the first then.
    "abs": _instruction("fabs"),
    "sqrt": _instruction("sqrt"),
    "floor": _instruction("floor"),
    "ceil": _instruction("ceil"),
    "round": _instruction("roundeven"),
    "copysign": _instruction("copysign", 2),
    "minimum": Function(_minimum, 0.5, 2, short=True),
    "maximum": Function(_maximum, 0.5, 2, short=True),
    "min": Function(_min, 0.5, 2, short=True),
    "max": Function(_max, 0.5, 2, short=True),
    # In lanes from the first to the last instruction.
    "exp": Function(exponentials.exp, 1.5),
    "expm1": Function(exponentials.expm1, 2.5),
    "sinh": Function(exponentials.sinh, 2.5),
    "cosh": Function(exponentials.cosh, 2.0),
    "tanh": Function(exponentials.tanh, 3.0),
    "sigmoid": Function(exponentials.sigmoid, 3.0),
    "softplus": Function(logarithms.softplus, 2.5),
    "log_sigmoid": Function(logarithms.log_sigmoid, 2.5),
    "tanh_and_slope": Function(exponentials.tanh_and_slope, 3.5, results=2),
    "sigmoid_pair": Function(exponentials.sigmoid_pair, 3.0, results=2),
    "log": Function(logarithms.log, 1.5),
    "log1p": Function(logarithms.log1p, 2.0),
    "log2": Function(logarithms.log2, 1.5),
    "log10": Function(logarithms.log10, 1.5),
    "asinh": Function(logarithms.asinh, 2.5),
    "acosh": Function(logarithms.acosh, 2.5),
    "atanh": Function(logarithms.atanh, 2.5),
    "pow": Function(powers.pow, 1.5, 2),
    "cbrt": Function(powers.cbrt, 1.0),
    "hypot": Function(powers.hypot, 2.0, 2),
    "asin": Function(circular.asin, 2.0),
    "acos": Function(circular.acos, 2.0),
    "atan": Function(circular.atan, 2.5),
    "atan2": Function(circular.atan2, 2.5, 2),
    "erf": Function(special.erf, 2.5),
    "erfc": Function(special.erfc, 3.5),
    # In lanes, but for arguments that are seldom so large: those call the C library, each
    # alone. That is from 2**20 on, and for remainders from a quotient of 2**51 on.
    "sin": Function(circular.sin, 1.5),
    "cos": Function(circular.cos, 1.5),
    "tan": Function(circular.tan, 3.0),
    "fmod": Function(special.fmod, 0.5, 2),
    "mod": Function(special.mod, 0.5, 2),
}
# fmt: on

FUNCTIONS: Mapping[str, Function] = MappingProxyType(_TABLE)


class Elementary:
    """The elementary functions of one module, each defined when it is first called.

    Attributes:
        module: llvmlite's module that holds them.
        width: doubles in a vector; vectors are `<width x double>`, for width 1 too.
        has_fma: whether the processor multiplies and adds with a single rounding.
        inlined: whether an optimiser may put bodies in place of calls (it must then run
            LLVM's inliner); else the functions are kept apart.
    """

    def __init__(
        self, module: Any, width: int, *, has_fma: bool, inlined: bool = False
    ) -> None:
        self.module = module
        self.width = width
        self.has_fma = has_fma
        self.inlined = inlined
        self._constants = Constants(module, width)

    def call(self, builder: Any, name: str, *vectors: Any) -> Any:
        """Emit a function of vectors and return its result: a vector, or a tuple of several.

        Raises:
            KeyError: if there is no function of that name in `FUNCTIONS`.
        """
        function = FUNCTIONS[name]
        assert len(vectors) == function.operands, (name, len(vectors))
        if function.short:
            lanes = self._lanes(builder)
            out = function.emit(lanes, *map(lanes.vector, vectors))
            assert isinstance(out, Vector)
            return out.value
        called = builder.call(self._defined(name, function), [self._constants.table, *vectors])
        if function.results == 1:
            return called
        return tuple(builder.extract_value(called, k) for k in range(function.results))

    def power(self, builder: Any, x: Any, exponent: float) -> Any:
        """Emit x to a fixed power: products for small whole exponents, `pow` for others."""
        lanes = self._lanes(builder)
        if exponent in powers.FIXED:
            return powers.FIXED[exponent](lanes, lanes.vector(x)).value
        return self.call(builder, "pow", x, lanes.number(exponent).value)

    def library(self, builder: Any, symbol: str, *vectors: Any) -> Any:
        """Emit calls of the C library's function, one for each lane, and return a vector."""
        lanes = self._lanes(builder)
        return lanes.lane_by_lane(symbol, *map(lanes.vector, vectors)).value

    def _lanes(self, builder: Any) -> Lanes:
        return Lanes(builder, self._constants, has_fma=self.has_fma)

    def _defined(self, name: str, function: Function) -> Any:
        symbol = f"lanes.{name}.{self.width}"
        found = self.module.globals.get(symbol)
        return found if found is not None else self._define(symbol, function)

    def _define(self, symbol: str, function: Function) -> Any:
        ir, _ = llvm()
        vector = ir.VectorType(ir.DoubleType(), self.width)
        several = ir.LiteralStructType([vector] * function.results)
        result = vector if function.results == 1 else several
        table = self._constants.table
        kind = ir.FunctionType(result, [table.type] + [vector] * function.operands)
        defined = ir.Function(self.module, kind, symbol)
        defined.linkage = "internal"
        defined.calling_convention = "fastcc"
        defined.attributes.add("nounwind")
        defined.attributes.add("alwaysinline" if self.inlined else "noinline")
        builder = ir.IRBuilder(defined.append_basic_block("entry"))
        lanes = Lanes(builder, self._constants, has_fma=self.has_fma, table=defined.args[0])
        out = function.emit(lanes, *map(lanes.vector, defined.args[1:]))
        if isinstance(out, Vector):
            builder.ret(out.value)
        else:
            packed = ir.Constant(several, ir.Undefined)
            for place, part in enumerate(out):
                packed = builder.insert_value(packed, part.value, place)
            builder.ret(packed)
        return defined
