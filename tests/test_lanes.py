"""Elementary functions in lanes against 50-digit arithmetic, in every shape of vector.

The bounds are the table's own. Every function of the table must have a case here.
"""

import ctypes
import math
import operator
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from autograd.compiling.native import coefficients, machine
from autograd.compiling.native.constants import Constants
from autograd.compiling.native.elementary import FUNCTIONS, Elementary
from autograd.compiling.native.lanes import Lanes
from autograd.compiling.native.powers import FIXED

pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
np: Any = pytest.importorskip("numpy", reason="native code needs the extra `native`")
mpmath: Any = pytest.importorskip("mpmath", reason="the oracle needs the extra `check`")

# Vectors narrower and wider than the machine's, and arithmetic without fused multiply-add.
SHAPES = [(1, True), (2, True), (4, True), (8, True), (4, False)]
INF, NAN = math.inf, math.nan
LEAST, LARGEST = 5e-324, sys.float_info.max


# --------------------------------------------------------------------------- running lanes


class Kernels:
    """One module with a loop over arrays for every function, compiled."""

    def __init__(
        self,
        width: int,
        has_fma: bool,
        *,
        inlined: bool = False,
        host: machine.Machine | None = None,
    ) -> None:
        self.host = host or machine.host()
        self.ir, self.binding = machine.llvm()
        self.width = width
        self.module = self.ir.Module()
        first = Elementary(self.module, width, has_fma=has_fma, inlined=inlined)
        self.kinds = {name: (row.operands, row.results) for name, row in FUNCTIONS.items()}
        for name in FUNCTIONS:
            self.add(name, lambda b, *x, name=name: first.call(b, name, *x))
        # Another one for the same module: it shares the functions and their numbers.
        self.functions = Elementary(self.module, width, has_fma=has_fma, inlined=inlined)
        for power in (*FIXED, 2.5, -3.0):
            self.kinds[f"power {power}"] = (1, 1)
            self.add(
                f"power {power}", lambda b, x, power=power: self.functions.power(b, x, power)
            )
        self.kinds["library"] = (1, 1)
        self.add("library", lambda b, x: self.functions.library(b, "tanh", x))
        self.engine = self.compiled(inlined)

    def add(self, name: str, emit: Callable[..., Any]) -> None:
        ir = self.ir
        operands, results = self.kinds[name]
        integer, double = ir.IntType(64), ir.DoubleType()
        vector = ir.VectorType(double, self.width).as_pointer()
        kind = ir.FunctionType(
            ir.VoidType(), [double.as_pointer()] * (operands + results) + [integer]
        )
        function = ir.Function(self.module, kind, f"loop {name}")
        entry, loop, end = (function.append_basic_block(at) for at in ("entry", "loop", "end"))
        builder = ir.IRBuilder(entry)
        builder.branch(loop)
        builder.position_at_end(loop)
        index = builder.phi(integer)
        index.add_incoming(integer(0), entry)
        places = [builder.bitcast(builder.gep(a, [index]), vector) for a in function.args[:-1]]
        out = emit(builder, *(builder.load(place, align=8) for place in places[:operands]))
        for place, part in zip(places[operands:], out if results > 1 else (out,), strict=True):
            builder.store(part, place, align=8)
        following = builder.add(index, integer(self.width))
        index.add_incoming(following, builder.block)
        builder.cbranch(builder.icmp_unsigned("<", following, function.args[-1]), loop, end)
        builder.position_at_end(end)
        builder.ret_void()

    def compiled(self, inlined: bool) -> Any:
        module = self.binding.parse_assembly(str(self.module))
        module.verify()
        target = self.host.target(1)
        if inlined:
            options = self.binding.create_pipeline_tuning_options(speed_level=2)
            passes = self.binding.create_pass_builder(target, options)
            passes.getModulePassManager().run(module, passes)
        engine = self.binding.create_mcjit_compiler(module, target)
        engine.finalize_object()
        return engine

    def __call__(self, name: str, *columns: Sequence[float]) -> list[list[float]]:
        operands, results = self.kinds[name]
        assert len(columns) == operands
        length = len(columns[0])
        padded = length + -length % self.width
        # What fills the last vector must not matter; nan would show.
        arrays = [np.full(padded, NAN) for _ in range(operands + results)]
        for array, column in zip(arrays, columns, strict=False):
            array[:length] = column
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(arrays), ctypes.c_int64)
        address = self.engine.get_function_address(f"loop {name}")
        kind(address)(*(array.ctypes.data for array in arrays), padded)
        return [array[:length].tolist() for array in arrays[operands:]]


@cache
def kernels(width: int, has_fma: bool) -> Kernels:
    if has_fma and not machine.host().has_fma:
        pytest.skip("the processor has no fused multiply-add")
    return Kernels(width, has_fma)


# --------------------------------------------------------------------------- points


def by_exponent(low: float, high: float, count: int, seed: int = 1) -> list[float]:
    """Return numbers of both signs whose logarithms are evenly spread."""
    draw = random.Random(seed)
    sizes = [
        math.ldexp(draw.uniform(1, 2), round(draw.uniform(low, high))) for _ in range(count)
    ]
    return [draw.choice((-1, 1)) * size for size in sizes]


def evenly(low: float, high: float, count: int, seed: int = 2) -> list[float]:
    draw = random.Random(seed)
    return [draw.uniform(low, high) for _ in range(count)]


def beside(*points: float) -> list[float]:
    """Return each point and its neighbours."""
    return [q for p in points for q in (math.nextafter(p, -INF), p, math.nextafter(p, INF))]


ZERO = [0.0, -0.0, LEAST, -LEAST, 1e-310, -1e-310, 2.2250738585072014e-308, 1e-17, -1e-17]
WIDE = [*ZERO, LARGEST, -LARGEST, *by_exponent(-1070, 1023, 150), *evenly(-3, 3, 150)]
POSITIVE = [abs(x) for x in WIDE if x] + beside(1.0, math.sqrt(0.5), math.sqrt(2.0))
POSITIVE += [1.0 + x for x in by_exponent(-52, -1, 100)]
EXPONENTS = [*ZERO, *evenly(-750, 715, 150), *by_exponent(-60, 6, 100)]
EXPONENTS += beside(
    709.782712893384, -708.3964185322641, -745.1332191019411, 0.34657359027997264
)
UNIT = [*ZERO, *beside(0.5, -0.5), 1.0 - 2.0**-53, 2.0**-53 - 1.0]
UNIT += [*evenly(-1, 1, 150), *by_exponent(-1070, -1, 150)]
PLANE = [
    (x * scale, y * scale)
    for x, y in zip(evenly(-2, 2, 80), by_exponent(-60, 2, 80), strict=True)
    for scale in (1.0, 2.0**-1060, 2.0**1020, 2.0**-500)
]


PAIRS = list(zip(WIDE, reversed(WIDE), strict=True))
DIVISIONS = [
    (x * y, y)
    for x, y in zip(by_exponent(-3, 60, 150), by_exponent(-900, 900, 150, seed=9), strict=True)
]
DIVISIONS += [(x, y) for x, y in PAIRS if y] + [(1.0, 0.1), (-1.0, 0.1), (6.0, -3.0)]
DIVISIONS += [(math.nextafter(3 * x, 0.0), x) for x in by_exponent(-900, 900, 50, seed=10)]


def powers() -> list[tuple[float, float]]:
    draw = random.Random(5)
    points = []
    for base in [abs(x) for x in by_exponent(-1070, 1023, 150)] + [
        1.0 + x for x in by_exponent(-50, -1, 150)
    ]:
        points.append((base, draw.uniform(-744, 709) / (math.log(base) or 1.0)))
        points.append((base, draw.uniform(-3, 3)))
        points.append((-base, float(draw.randrange(-4, 5))))
    return points


def sech_squared(x: Any) -> Any:
    return 1 / mpmath.cosh(x) ** 2


def logistic(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def cube_root(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


@dataclass(frozen=True, slots=True)
class Case:
    """What a function is, over 50-digit numbers, and where it is compared."""

    oracles: tuple[Callable[..., Any], ...]
    points: Sequence[tuple[float, ...]]


def one(oracle: Callable[..., Any], points: Sequence[float]) -> Case:
    return Case((oracle,), [(x,) for x in points])


CASES = {
    "abs": one(abs, WIDE),
    "sqrt": one(mpmath.sqrt, POSITIVE),
    "floor": one(mpmath.floor, [*WIDE, *beside(1.0, -1.0, 2.0**52), 0.5]),
    "ceil": one(mpmath.ceil, [*WIDE, *beside(1.0, -1.0, 2.0**52), 0.5]),
    "round": one(mpmath.nint, [*WIDE, *beside(0.5, 1.5, -2.5, 2.0**52)]),
    "copysign": Case((math.copysign,), PAIRS),
    "minimum": Case((min,), PAIRS),
    "maximum": Case((max,), PAIRS),
    "min": Case((min,), PAIRS),
    "max": Case((max,), PAIRS),
    "exp": one(mpmath.exp, EXPONENTS),
    "expm1": one(mpmath.expm1, [*EXPONENTS, *evenly(-2, 2, 200)]),
    "sinh": one(mpmath.sinh, [*EXPONENTS, *evenly(-2, 2, 200), 710.4758600739439]),
    "cosh": one(mpmath.cosh, [*EXPONENTS, *evenly(-2, 2, 200), 710.4758600739439]),
    "tanh": one(mpmath.tanh, [*EXPONENTS, *evenly(-22, 22, 200)]),
    "sigmoid": one(logistic, [*EXPONENTS, *evenly(-40, 40, 200)]),
    "softplus": one(lambda x: mpmath.log1p(mpmath.exp(x)), [*EXPONENTS, *evenly(-40, 40, 200)]),
    "log_sigmoid": one(
        lambda x: -mpmath.log1p(mpmath.exp(-x)), [*EXPONENTS, *evenly(-40, 40, 200)]
    ),
    "tanh_and_slope": Case(
        (mpmath.tanh, sech_squared), [(x,) for x in [*EXPONENTS, *evenly(-22, 22, 200), 20.0]]
    ),
    "sigmoid_pair": Case(
        (logistic, lambda x: logistic(-x)), [(x,) for x in [*EXPONENTS, *evenly(-40, 40, 200)]]
    ),
    "log": one(mpmath.log, POSITIVE),
    "log2": one(lambda x: mpmath.log(x) / mpmath.log(2), POSITIVE),
    "log10": one(mpmath.log10, POSITIVE),
    "log1p": one(mpmath.log1p, [x for x in [*WIDE, *UNIT] if x > -1.0]),
    "asinh": one(mpmath.asinh, [*WIDE, *beside(2.0**28)]),
    "acosh": one(mpmath.acosh, [x for x in [*POSITIVE, *beside(2.0**28)] if x >= 1.0]),
    "atanh": one(mpmath.atanh, UNIT),
    "pow": Case((lambda x, y: x**y,), powers()),
    "cbrt": one(cube_root, WIDE),
    "hypot": Case((mpmath.hypot,), PLANE),
    "sin": one(mpmath.sin, WIDE),
    "cos": one(mpmath.cos, WIDE),
    "tan": one(mpmath.tan, WIDE),
    "asin": one(mpmath.asin, UNIT),
    "acos": one(mpmath.acos, UNIT),
    "atan": one(mpmath.atan, WIDE),
    "atan2": Case((mpmath.atan2,), PLANE),
    "erf": one(mpmath.erf, [*ZERO, *evenly(-7, 7, 300), *by_exponent(-1070, 1, 100)]),
    "erfc": one(mpmath.erfc, [*ZERO, *evenly(-7, 28, 300), *by_exponent(-60, 1, 100)]),
    "fmod": Case((math.fmod,), DIVISIONS),
    "mod": Case((operator.mod,), DIVISIONS),
}


@cache
def exact(name: str) -> list[list[Any]]:
    """Return the 50-digit results of a case, a list for each result."""
    case = CASES[name]
    with mpmath.workdps(50):
        # Functions of floats, such as math.fmod, are exact on floats.
        plain = name in {"copysign", "minimum", "maximum", "min", "max", "fmod", "mod"}
        number = float if plain else mpmath.mpf
        return [
            [mpmath.mpf(oracle(*map(number, point))) for point in case.points]
            for oracle in case.oracles
        ]


def ulps(got: float, wanted: Any) -> float:
    """Return how far a double is from a 50-digit number, in units of the last digit.

    Numbers from 2**1024 on count as 2**1024, inf too: a result may be inf where the true one
    is within the bound of it.
    """
    if math.isnan(got):
        return INF
    with mpmath.workdps(50):
        end = mpmath.mpf(2) ** 1024
        reached, wanted = (max(-end, min(end, mpmath.mpf(x))) for x in (got, wanted))
        exponent = mpmath.frexp(wanted)[1] if wanted else -INF
        return float(abs(reached - wanted) / mpmath.mpf(2) ** max(exponent - 53, -1074))


# Other widths give the same results, bit by bit, as the test after this one shows.
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("has_fma", [True, False], ids=["fused", "unfused"])
def test_lanes_are_as_exact_as_the_table_says(name: str, has_fma: bool) -> None:
    got = kernels(4, has_fma)(name, *zip(*CASES[name].points, strict=True))

    for column, wanted in zip(got, exact(name), strict=True):
        errors = [ulps(x, y) for x, y in zip(column, wanted, strict=True)]
        worst = max(range(len(errors)), key=errors.__getitem__)
        point = CASES[name].points[worst]
        assert errors[worst] <= FUNCTIONS[name].ulps, (point, column[worst], wanted[worst])


def test_no_bound_is_above_four_units() -> None:
    assert max(row.ulps for row in FUNCTIONS.values()) <= 4.0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_lane_gives_the_same_at_every_width(name: str) -> None:
    columns = list(zip(*CASES[name].points, strict=True))
    wanted = kernels(1, has_fma=True)(name, *columns)

    for width in (2, 4, 8):
        assert kernels(width, has_fma=True)(name, *columns) == wanted


def test_functions_put_in_place_of_calls_give_the_same() -> None:
    width = machine.host().width
    inlined = Kernels(width, machine.host().has_fma, inlined=True)

    for name, case in CASES.items():
        columns = list(zip(*case.points, strict=True))
        assert inlined(name, *columns) == kernels(width, machine.host().has_fma)(name, *columns)


def test_a_processor_from_before_avx_gives_the_same() -> None:
    host = machine.host()
    if not host.triple.startswith("x86_64"):
        pytest.skip("other kinds of processors have the same instructions everywhere")
    oldest = Kernels(2, has_fma=False, host=machine.described(host.triple, "x86-64", {}))

    for name, case in CASES.items():
        columns = list(zip(*case.points, strict=True))
        assert oldest(name, *columns) == kernels(4, has_fma=False)(name, *columns)


# --------------------------------------------------------------------------- special values

# Function, operands, and what IEEE 754 (and Python, for min and max) say, signs of 0 included.
SPECIAL = [
    ("abs", (-0.0,), 0.0),
    ("abs", (-INF,), INF),
    ("sqrt", (-0.0,), -0.0),
    ("sqrt", (-1.0,), NAN),
    ("sqrt", (INF,), INF),
    ("floor", (-0.0,), -0.0),
    ("floor", (-0.5,), -1.0),
    ("floor", (-INF,), -INF),
    ("ceil", (-0.5,), -0.0),
    ("ceil", (INF,), INF),
    ("round", (0.5,), 0.0),
    ("round", (-0.5,), -0.0),
    ("round", (2.5,), 2.0),
    ("round", (-INF,), -INF),
    ("copysign", (1.0, -0.0), -1.0),
    ("copysign", (INF, -2.0), -INF),
    ("minimum", (NAN, 1.0), NAN),
    ("minimum", (1.0, NAN), NAN),
    ("minimum", (-INF, 1.0), -INF),
    ("maximum", (NAN, 1.0), NAN),
    ("maximum", (1.0, NAN), NAN),
    ("maximum", (INF, 1.0), INF),
    ("min", (NAN, 1.0), NAN),
    ("min", (1.0, NAN), 1.0),
    ("min", (0.0, -0.0), 0.0),
    ("min", (-0.0, 0.0), -0.0),
    ("max", (NAN, 1.0), NAN),
    ("max", (1.0, NAN), 1.0),
    ("max", (0.0, -0.0), 0.0),
    ("max", (-0.0, 0.0), -0.0),
    ("exp", (INF,), INF),
    ("exp", (-INF,), 0.0),
    ("exp", (0.0,), 1.0),
    ("exp", (-0.0,), 1.0),
    ("exp", (LARGEST,), INF),
    ("exp", (-LARGEST,), 0.0),
    ("exp", (-745.0,), 5e-324),
    ("exp", (709.79,), INF),
    ("expm1", (INF,), INF),
    ("expm1", (-INF,), -1.0),
    ("expm1", (-0.0,), -0.0),
    ("expm1", (0.0,), 0.0),
    ("expm1", (LEAST,), LEAST),
    ("sinh", (INF,), INF),
    ("sinh", (-INF,), -INF),
    ("sinh", (-0.0,), -0.0),
    ("sinh", (LEAST,), LEAST),
    ("cosh", (INF,), INF),
    ("cosh", (-INF,), INF),
    ("cosh", (0.0,), 1.0),
    ("tanh", (INF,), 1.0),
    ("tanh", (-INF,), -1.0),
    ("tanh", (-0.0,), -0.0),
    ("tanh", (0.0,), 0.0),
    ("tanh", (-LEAST,), -LEAST),
    ("sigmoid", (INF,), 1.0),
    ("sigmoid", (-INF,), 0.0),
    ("sigmoid", (0.0,), 0.5),
    ("sigmoid", (-745.0,), 5e-324),
    ("softplus", (INF,), INF),
    ("softplus", (-INF,), 0.0),
    ("softplus", (-745.0,), 5e-324),
    ("log_sigmoid", (-INF,), -INF),
    ("log_sigmoid", (INF,), 0.0),
    ("log_sigmoid", (745.0,), -5e-324),
    ("log", (0.0,), -INF),
    ("log", (-0.0,), -INF),
    ("log", (-1.0,), NAN),
    ("log", (-LEAST,), NAN),
    ("log", (-INF,), NAN),
    ("log", (INF,), INF),
    ("log", (1.0,), 0.0),
    ("log2", (0.0,), -INF),
    ("log2", (-1.0,), NAN),
    ("log2", (INF,), INF),
    ("log2", (8.0,), 3.0),
    ("log2", (LEAST,), -1074.0),
    ("log10", (0.0,), -INF),
    ("log10", (-1.0,), NAN),
    ("log10", (INF,), INF),
    ("log10", (1000.0,), 3.0),
    ("log10", (1e22,), 22.0),
    ("log1p", (-1.0,), -INF),
    ("log1p", (-1.5,), NAN),
    ("log1p", (-INF,), NAN),
    ("log1p", (INF,), INF),
    ("log1p", (-0.0,), -0.0),
    ("log1p", (0.0,), 0.0),
    ("asinh", (INF,), INF),
    ("asinh", (-INF,), -INF),
    ("asinh", (-0.0,), -0.0),
    ("acosh", (INF,), INF),
    ("acosh", (1.0,), 0.0),
    ("acosh", (0.5,), NAN),
    ("acosh", (-INF,), NAN),
    ("atanh", (1.0,), INF),
    ("atanh", (-1.0,), -INF),
    ("atanh", (1.5,), NAN),
    ("atanh", (INF,), NAN),
    ("atanh", (-0.0,), -0.0),
    ("pow", (NAN, 0.0), 1.0),
    ("pow", (1.0, NAN), 1.0),
    ("pow", (NAN, 1.0), NAN),
    ("pow", (2.0, NAN), NAN),
    ("pow", (0.0, NAN), NAN),
    ("pow", (INF, NAN), NAN),
    ("pow", (-8.0, 1.0 / 3.0), NAN),
    ("pow", (-2.0, 3.0), -8.0),
    ("pow", (-2.0, -2.0), 0.25),
    ("pow", (0.0, -1.0), INF),
    ("pow", (-0.0, -1.0), -INF),
    ("pow", (-0.0, -2.0), INF),
    ("pow", (-0.0, 3.0), -0.0),
    ("pow", (-0.0, 0.5), 0.0),
    ("pow", (0.0, 0.0), 1.0),
    ("pow", (-INF, 3.0), -INF),
    ("pow", (-INF, 0.5), INF),
    ("pow", (-INF, -3.0), -0.0),
    ("pow", (INF, -0.5), 0.0),
    ("pow", (-1.0, INF), 1.0),
    ("pow", (-1.0, -INF), 1.0),
    ("pow", (0.5, INF), 0.0),
    ("pow", (0.5, -INF), INF),
    ("pow", (-2.0, INF), INF),
    ("pow", (2.0, -INF), 0.0),
    ("pow", (0.0, INF), 0.0),
    ("pow", (0.0, -INF), INF),
    ("pow", (INF, INF), INF),
    ("pow", (-1.0, 2.0**53 + 2.0), 1.0),
    ("pow", (-1.0, 2.0**53 - 1.0), -1.0),
    ("pow", (1.0 + 2.0**-52, LARGEST), INF),
    ("pow", (LARGEST, LARGEST), INF),
    ("pow", (LARGEST, -LARGEST), 0.0),
    ("pow", (LEAST, LEAST), 1.0),
    ("cbrt", (INF,), INF),
    ("cbrt", (-INF,), -INF),
    ("cbrt", (-0.0,), -0.0),
    ("cbrt", (-27.0,), -3.0),
    ("hypot", (INF, NAN), INF),
    ("hypot", (NAN, -INF), INF),
    ("hypot", (NAN, 1.0), NAN),
    ("hypot", (3.0, -4.0), 5.0),
    ("hypot", (-0.0, 0.0), 0.0),
    ("hypot", (LEAST, 0.0), LEAST),
    ("hypot", (LARGEST, LARGEST), INF),
    ("sin", (INF,), NAN),
    ("sin", (-0.0,), -0.0),
    ("cos", (-INF,), NAN),
    ("cos", (0.0,), 1.0),
    ("tan", (INF,), NAN),
    ("tan", (-0.0,), -0.0),
    ("asin", (1.5,), NAN),
    ("asin", (-0.0,), -0.0),
    ("acos", (-1.5,), NAN),
    ("acos", (1.0,), 0.0),
    ("acos", (INF,), NAN),
    ("atan", (INF,), math.pi / 2),
    ("atan", (-INF,), -math.pi / 2),
    ("atan", (-0.0,), -0.0),
    ("atan2", (0.0, -1.0), math.pi),
    ("atan2", (-0.0, -1.0), -math.pi),
    ("atan2", (-0.0, 0.0), -0.0),
    ("atan2", (INF, -INF), 3 * math.pi / 4),
    ("erf", (INF,), 1.0),
    ("erf", (-INF,), -1.0),
    ("erf", (-0.0,), -0.0),
    ("erf", (LEAST,), LEAST),
    ("erfc", (INF,), 0.0),
    ("erfc", (-INF,), 2.0),
    ("erfc", (0.0,), 1.0),
    ("fmod", (INF, 1.0), NAN),
    ("fmod", (1.0, 0.0), NAN),
    ("fmod", (-6.0, 3.0), -0.0),
    ("fmod", (5.0, INF), 5.0),
    ("fmod", (-1.0, 0.1), math.fmod(-1.0, 0.1)),
    ("mod", (INF, 1.0), NAN),
    ("mod", (1.0, 0.0), NAN),
    ("mod", (-6.0, 3.0), 0.0),
    ("mod", (6.0, -3.0), -0.0),
    ("mod", (-1.0, 3.0), 2.0),
    ("mod", (1.0, -INF), -INF),
    ("power 0.0", (NAN,), 1.0),
    ("power 0.5", (-0.0,), 0.0),
    ("power 0.5", (-INF,), INF),
    ("power 0.5", (-2.0,), NAN),
    ("power -1.0", (-0.0,), -INF),
    ("power -2.0", (-0.0,), INF),
    ("power -2.0", (1e155,), 1e155**-2.0),
    ("power 2.5", (4.0,), 32.0),
    ("power -3.0", (-2.0,), -0.125),
]


@pytest.mark.parametrize(("width", "has_fma"), SHAPES)
def test_special_values_are_those_of_ieee_754(width: int, has_fma: bool) -> None:
    run = kernels(width, has_fma)
    faults = []
    for name, operands, wanted in SPECIAL:
        got = run(name, *([x] for x in operands))[0][0]
        if repr(got) != repr(wanted):
            faults.append((name, operands, wanted, got))
    assert faults == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_in_is_nan_out(name: str) -> None:
    row = FUNCTIONS[name]
    skipped = {"min", "max", "copysign"}
    for place in range(1 if name in skipped else row.operands):
        operands = [[NAN] if place == k else [2.0] for k in range(row.operands)]
        got = kernels(machine.host().width, machine.host().has_fma)(name, *operands)
        assert all(math.isnan(column[0]) for column in got)


def test_pairs_have_their_special_values() -> None:
    run = kernels(4, has_fma=False)

    assert run("tanh_and_slope", [0.0, -INF, 20.0]) == [
        [0.0, -1.0, 1.0],
        [1.0, 0.0, 1.6993417021166355e-17],
    ]
    assert run("sigmoid_pair", [0.0, -INF, INF, 745.0]) == [
        [0.5, 0.0, 1.0, 1.0],
        [0.5, 1.0, 0.0, 5e-324],
    ]


@pytest.mark.parametrize("exponent", sorted(FIXED))
def test_fixed_powers_are_within_two_units(exponent: float) -> None:
    points = [x for x in POSITIVE if x > LEAST * 4]
    got = kernels(4, has_fma=False)(f"power {exponent}", points)[0]
    for x, out in zip(points, got, strict=True):
        with mpmath.workdps(50):
            assert ulps(out, mpmath.mpf(x) ** exponent) <= 2.0, x


def test_the_c_library_can_be_called_for_each_lane() -> None:
    points = evenly(-3, 3, 7)

    got = kernels(4, has_fma=False)("library", points)[0]

    assert got == [math.tanh(x) for x in points]


# --------------------------------------------------------------------------- coefficients


def interpolated(fit: coefficients.Fit) -> list[float]:
    """Return the polynomial through a function at Chebyshev's points (Newton's form)."""
    count = len(fit.coefficients)
    with mpmath.workdps(300):
        low, high = mpmath.mpf(fit.low), mpmath.mpf(fit.high)
        angles = [mpmath.pi * (2 * i + 1) / (2 * count) for i in range(count)]
        points = [(low + high) / 2 + (high - low) / 2 * mpmath.cos(a) for a in angles]
        table = [value(fit.function, x) for x in points]
        for k in range(1, count):
            for i in range(count - 1, k - 1, -1):
                table[i] = (table[i] - table[i - 1]) / (points[i] - points[i - k])
        out = [mpmath.mpf(0)] * count
        for difference, x in zip(reversed(table), reversed(points), strict=True):
            out = [a - x * b for a, b in zip([mpmath.mpf(0), *out], [*out, 0], strict=True)][
                :count
            ]
            out[0] += difference
        return [float(c) for c in out]


def value(formula: str, x: Any) -> Any:
    return eval(formula, dict(vars(mpmath)), {"x": x})  # noqa: S307 - our own text


@pytest.mark.parametrize("name", coefficients.FITS)
def test_coefficients_are_those_of_the_interpolation(name: str) -> None:
    fit = coefficients.FITS[name]

    assert interpolated(fit) == list(fit.coefficients)


@pytest.mark.parametrize("name", coefficients.FITS)
def test_polynomials_are_as_close_as_they_say(name: str) -> None:
    fit = coefficients.FITS[name]

    with mpmath.workdps(100):
        for k in range(1, 100):
            x = fit.low + (mpmath.mpf(fit.high) - fit.low) * k / 100
            polynomial = mpmath.fsum(c * x**power for power, c in enumerate(fit.coefficients))
            error = (polynomial - value(fit.function, x)) * value(fit.weight, x)
            assert abs(error) <= fit.error


# --------------------------------------------------------------------------- machines


@pytest.mark.parametrize(
    ("triple", "features", "width", "has_fma"),
    [
        ("x86_64-pc-linux-gnu", {"avx512f": True, "avx": True, "fma": True}, 8, True),
        ("x86_64-pc-windows-msvc", {"avx512f": False, "avx": True, "fma": True}, 4, True),
        ("x86_64-apple-darwin", {"avx": True, "fma": False}, 4, False),
        ("amd64-unknown-freebsd", {}, 2, False),
        ("arm64-apple-darwin", {}, 2, True),
        ("aarch64-unknown-linux-gnu", {"neon": True}, 2, True),
    ],
)
def test_the_widest_vector_of_a_machine_is_chosen(
    triple: str, features: dict[str, bool], width: int, has_fma: bool
) -> None:
    found = machine.described(triple, "some", features)

    assert (found.width, found.has_fma) == (width, has_fma)


def test_an_unknown_processor_is_refused_with_what_to_do() -> None:
    with pytest.raises(NotImplementedError) as caught:
        machine.described("riscv64-unknown-linux-gnu", "sifive", {"v": True})

    assert str(caught.value) == (
        "the native backend needs an x86-64 or 64-bit ARM processor, got 'sifive' "
        "(riscv64-unknown-linux-gnu); use backend='python'"
    )


def test_features_that_llvm_cannot_tell_leave_what_every_processor_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cannot_tell() -> dict[str, bool]:
        raise RuntimeError

    _, binding = machine.llvm()
    monkeypatch.setattr(binding, "get_host_cpu_features", cannot_tell)
    machine.host.cache_clear()
    try:
        assert (machine.host().width, machine.host().features) == (2, "")
    finally:
        machine.host.cache_clear()


def test_a_missing_llvmlite_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)

    with pytest.raises(ModuleNotFoundError) as caught:
        machine.llvm()

    assert str(caught.value) == (
        "the native backend needs llvmlite, which is not installed: "
        'pip install "wengert[native]"'
    )


def test_more_numbers_than_the_table_holds_are_numbers_all_the_same() -> None:
    ir, binding = machine.llvm()
    module = ir.Module()
    constants = Constants(module, 2)
    vector = ir.VectorType(ir.DoubleType(), 2)
    function = ir.Function(module, ir.FunctionType(ir.DoubleType(), []), "sum")
    builder = ir.IRBuilder(function.append_basic_block())
    lanes = Lanes(builder, constants, has_fma=False)
    out = lanes.number(0.0)
    for k in range(1, 400):
        out = out + float(k)
    assert out.value.type == vector
    builder.ret(builder.extract_element(out.value, ir.IntType(32)(1)))
    compiled = binding.parse_assembly(str(module))
    engine = binding.create_mcjit_compiler(compiled, machine.host().target())
    engine.finalize_object()

    address = engine.get_function_address("sum")

    assert ctypes.CFUNCTYPE(ctypes.c_double)(address)() == sum(range(400))


def test_a_name_that_is_no_function_is_refused() -> None:
    run = kernels(4, has_fma=False)

    with pytest.raises(KeyError, match="gamma"):
        run.functions.call(None, "gamma")
