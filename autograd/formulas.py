"""Readings of the table's formulas: on plain floats, and on floats by the rules of IEEE 754.

On plain floats a formula is ordinary Python in `FLOAT_NAMES`: `math` raises where a result is
undefined. The IEEE reading is the same text with every function and every division replaced
by one that returns inf or nan instead; local derivatives fall back on it, and so do values
under `ieee()`. Knows no tape and no Value.

`eval` runs text of the table alone, never text from outside.
"""

import ast
import math
from collections.abc import Callable, Sequence
from functools import cache
from types import CodeType
from typing import Any

from autograd.operations import TABLE, Operation

ARITHMETIC = (ArithmeticError, ValueError)


def sinc_slope(x: Any) -> Any:
    """Return d/dx sin(pi x) / (pi x) for |x| <= 0.5, from the Taylor series about 0.

    Made of + and * only, so it is right for every kind of number.
    """
    square = (math.pi * x) * (math.pi * x)
    out = 0.0
    for k in range(12, 0, -1):
        out = out * square + (-1) ** k * 2 * k / math.factorial(2 * k + 1)
    return math.pi * math.pi * x * out


def _sigmoid(x: float) -> float:
    return float(eval(_code(TABLE["sigmoid"].value), FLOAT_NAMES, {"x": x}))  # noqa: S307


@cache
def _code(formula: str) -> CodeType:
    return compile(formula, f"<formula {formula}>", "eval")


FLOAT_NAMES: dict[str, Any] = {
    name: thing for name, thing in vars(math).items() if not name.startswith("_")
}
FLOAT_NAMES |= {"abs": abs, "round": round, "float": float, "min": min, "max": max}
FLOAT_NAMES |= {"sigmoid": _sigmoid, "sinc_slope": sinc_slope}

# Constants by name, to 40 digits: each kind of number takes as many as it holds.
CONSTANTS = {
    "log_2": "0.6931471805599453094172321214581765680755",
    "log2_e": "1.442695040888963407359924681001892137427",
    "log10_e": "0.4342944819032518276511289189166050822944",
    "root_half": "0.7071067811865475244008443621048490392848",
    "two_over_root_pi": "1.128379167095512573896158903121545171688",
    "one_over_root_two_pi": "0.3989422804014326779399460599343818684759",
    # Klambauer et al. 2017, equations 13 and 14.
    "selu_alpha": "1.6732632423543772848170429916717",
    "selu_scale": "1.0507009873554804934193349852946",
}
FLOAT_NAMES |= {name: float(digits) for name, digits in CONSTANTS.items()}


# Functions that users gave for operations of their own; they are read over every number.
OWN_NAMES: dict[str, Callable[..., Any]] = {}


def _divide(x: float, y: float) -> float:
    if y != 0.0:
        return x / y
    if x == 0.0 or math.isnan(x):
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1.0, y)


def _modulo(x: float, y: float) -> float:
    return math.nan if y == 0.0 or math.isinf(x) else x % y


def _power(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except ValueError:
        if x != 0.0:
            return math.nan
    except OverflowError:
        pass
    negative = math.copysign(1.0, x) < 0.0 and y % 2.0 == 1.0
    return -math.inf if negative else math.inf


def _guard(name: str, otherwise: Callable[[float], float]) -> Callable[[float], float]:
    function = FLOAT_NAMES[name]

    def guarded(x: float) -> float:
        try:
            return float(function(x))
        except ARITHMETIC:
            return otherwise(x)

    return guarded


def _infinite(_: float) -> float:
    return math.inf


def _undefined(_: float) -> float:
    return math.nan


# What IEEE 754 returns where `math` raises.
_IEEE_RESULTS: dict[str, Callable[[float], float]] = {
    **dict.fromkeys(("exp", "expm1", "cosh"), _infinite),
    **dict.fromkeys(("sqrt", "sin", "cos", "tan", "asin", "acos", "acosh"), _undefined),
    **dict.fromkeys(("log", "log2", "log10"), lambda x: math.nan if x < 0 else -math.inf),
    "log1p": lambda x: math.nan if x < -1.0 else -math.inf,
    "sinh": lambda x: math.copysign(math.inf, x),
    "atanh": lambda x: math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan,
    "floor": lambda x: x,
    "ceil": lambda x: x,
    "round": lambda x: x,
}

IEEE_NAMES: dict[str, Any] = FLOAT_NAMES | {
    name: _guard(name, otherwise) for name, otherwise in _IEEE_RESULTS.items()
}
IEEE_NAMES |= {"pow": _power, "_divide": _divide, "_modulo": _modulo}
IEEE_NAMES["fmod"] = lambda x, y: math.nan if math.isinf(x) else math.fmod(x, y)


class _IeeeOperators(ast.NodeTransformer):
    """Replaces / and %, the operators that raise on floats, by functions."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name = {ast.Div: "_divide", ast.Mod: "_modulo"}.get(type(node.op))
        if name is None:
            return node
        function = ast.Name(name, ast.Load())
        return ast.Call(function, [node.left, node.right], [])


def ieee_tree(formula: str) -> ast.Expression:
    """Return a formula that follows IEEE 754, to be read in `IEEE_NAMES`."""
    return _IeeeOperators().visit(ast.parse(formula, mode="eval"))  # type: ignore[no-any-return]


@cache
def _ieee_code(formula: str) -> CodeType:
    return compile(ast.fix_missing_locations(ieee_tree(formula)), f"<ieee {formula}>", "eval")


def ieee_value(operation: Operation, operands: Sequence[float]) -> float:
    """Return the value of an operation by IEEE 754, with inf and nan instead of errors.

    >>> ieee_value(TABLE["log"], [0.0]), ieee_value(TABLE["div"], [-1.0, 0.0])
    (-inf, -inf)
    """
    names = dict(zip(operation.arguments, operands, strict=True))
    return float(eval(_ieee_code(operation.value), IEEE_NAMES, names))  # noqa: S307


def ieee_partial(formula: str, names: dict[str, float]) -> float:
    """Return a local derivative by IEEE 754, from its formula and the operands by name.

    >>> ieee_partial("0.5 / out", {"x": 0.0, "out": 0.0})
    inf
    """
    return float(eval(_ieee_code(formula), IEEE_NAMES, names))  # noqa: S307


class _Powers(ast.NodeTransformer):
    """Writes `pow(x, y)` as `x ** y`, as people do."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "pow":
            return ast.BinOp(node.args[0], ast.Pow(), node.args[1])
        return node


def applying(operation: str, slot: int, operands: Sequence[float], out: float) -> str:
    """Return what is left of the formula of a local derivative where its numbers are known.

    That is the branch of its conditions that they take, to be shown to people.

    Args:
        operation: the name of an operation of one or two arguments in the table.
        slot: which argument the derivative is with respect to.
        operands: all the arguments, constants too.
        out: the value.

    Example:
        >>> applying("pow", 0, [3.0, 2.0], 9.0), applying("log", 0, [3.0], 1.1)
        ('y * x ** (y - 1.0)', '1.0 / x')
    """
    row = TABLE[operation]
    names = dict(zip((*row.arguments, "out"), (*operands, out), strict=True)) | {"tie": 0.5}
    cases = _cases(row.partials[slot])
    while not isinstance(cases, str):
        test, body, orelse = cases
        cases = body if eval(test, IEEE_NAMES, names) else orelse  # noqa: S307
    return cases


# What a formula comes to: its text, or a condition and what it comes to either way.
_Cases = str | tuple[CodeType, "_Cases", "_Cases"]


@cache
def _cases(formula: str) -> _Cases:
    """Return the branches of a formula, taken apart once: graphs ask for every arrow."""

    def taken_apart(node: ast.expr) -> _Cases:
        if isinstance(node, ast.IfExp):
            test = _ieee_code(ast.unparse(node.test))
            return test, taken_apart(node.body), taken_apart(node.orelse)
        return ast.unparse(_Powers().visit(node))

    return taken_apart(ast.parse(formula, mode="eval").body)
