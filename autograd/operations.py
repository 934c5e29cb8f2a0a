"""The table of operations: every primitive, its value and its derivatives, as formulas.

A row names an operation, its arguments, the formula of its value and one formula for each
partial derivative, as text in the names of the arguments, `out` (the value) and the functions
of real analysis. The text is what runs: the recorders paste it, the listings and drawings
show it, and other number types evaluate it. A derivative stands here and nowhere else.

Reading a formula:

* `tie` is the share of the slope that falls to this argument where two arguments are equal:
  0.5 between two Values, 0.0 against a constant. Both are the subgradient of least norm over
  the arguments that can move.
* Constants have names (`log2_e`, `two_over_root_pi`), because every kind of number has its
  own: `formulas` holds those of floats.
* `nan` where the value is undefined or an operand is NaN; `inf` where the slope is.
* An argument under `constants` is a number and never a Value, and has no derivative.

Operations over a whole list of operands have a small function for each formula instead; they
stand in `reductions`. Knows no tape, no Value and no gradient.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

# What follows the name of an operation that was defined again: rows keep the rule they had.
AGAIN = "__definition_"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table.

    Attributes:
        name: the name in Python, `tanh`.
        symbol: how a drawing writes it, `tanh`, `+`; infix symbols stand between operands.
        arguments: names of the arguments, in order.
        value: formula of the value.
        partials: one formula for each argument that is not constant.
        about: what it computes, for the docstring.
        domain: where the value is defined, as a condition on the arguments; empty when
            everywhere.
        constants: default values of the arguments that are never Values.
        infix: whether the symbol stands between the operands.
    """

    name: str
    symbol: str
    arguments: tuple[str, ...]
    value: str
    partials: tuple[str, ...]
    about: str
    domain: str = ""
    constants: tuple[float, ...] = ()
    infix: bool = False

    @property
    def selects(self) -> bool:
        """Whether slopes are fixed numbers, 0 among them: an operand is taken or it is not.

        >>> TABLE["relu"].selects, TABLE["mul"].selects
        (True, False)
        """
        slopes = [slope for text in self.partials for slope in _outcomes(text)]
        return "0.0" in slopes and all(slope in _FIXED for slope in slopes)

    def written(self, operands: list[str]) -> str:
        """Return the operation applied to operands, as people write it.

        >>> TABLE["mul"].written(["a", "b"]), TABLE["tanh"].written(["a"])
        ('a * b', 'tanh(a)')
        """
        if self.infix:
            return f" {self.symbol} ".join(operands)
        if self.name == "neg":
            return f"-{operands[0]}"
        return f"{self.name.partition(AGAIN)[0]}({', '.join(operands)})"


_FIXED = frozenset({"0.0", "1.0", "-1.0", "tie", "nan"})


@cache
def _outcomes(formula: str) -> tuple[str, ...]:
    """Return what a formula may come to: each of its branches.

    >>> _outcomes("0.0 if x <= 0.0 else 1.0 if x > 0.0 else nan")
    ('0.0', '1.0', 'nan')
    """
    branches, waiting = [], [ast.parse(formula, mode="eval").body]
    while waiting:
        branch = waiting.pop(0)
        if isinstance(branch, ast.IfExp):
            waiting[:0] = [branch.body, branch.orelse]
        else:
            branches.append(ast.unparse(branch))
    return tuple(branches)


def _one(name: str, value: str, dx: str, about: str, domain: str = "") -> Operation:
    symbol = {"relu": "ReLU", "neg": "neg"}.get(name, name)
    return Operation(name, symbol, ("x",), value, (dx,), about, domain)


def _two(name: str, value: str, dx: str, dy: str, about: str, domain: str = "") -> Operation:
    return Operation(name, name, ("x", "y"), value, (dx, dy), about, domain)


def _infix(name: str, symbol: str, value: str, dx: str, dy: str, domain: str = "") -> Operation:
    about = f"x {symbol} y"
    return Operation(name, symbol, ("x", "y"), value, (dx, dy), about, domain, infix=True)


# fmt: off
_ROWS = (
    # Arithmetic. Division is its own primitive: a * b**-1 rounds differently.
    _infix("add", "+", "x + y", "1.0", "1.0"),
    _infix("sub", "-", "x - y", "1.0", "-1.0"),
    _infix("mul", "*", "x * y", "y", "x"),
    _infix("div", "/", "x / y", "1.0 / y", "-out / y", "y != 0"),
    # Not floor(x / y): that quotient may round up to a whole number, 1 / 0.1 to 10.
    _infix("mod", "%", "x % y", "1.0 if out == out else nan", "-float(round(x / y - out / y))",
           "y != 0"),
    # pow is math.pow: real, it raises where ** would turn complex. One formula for each
    # argument, so that (-3)**2 never evaluates log(-3). Where y - 1 is not exact, its
    # rounding would be multiplied by log(x); for a small y, x**(y - 1) may overflow and the
    # slope not. At y = 0 the slope is 0, and its own slope is not.
    _infix("pow", "**", "pow(x, y)",
           "y * pow(x, y - 1.0) if 1.0 <= abs(y) < 1e15 and y - 1.0 + 1.0 == y "
           "or x == 0.0 != y or abs(x) == inf "
           "else 0.0 if y == 0.0 and (x == 0.0 or x != x) else y * out / x",
           "nan if x < 0.0 else 0.0 if x == 0.0 and y >= 0.0 else out * log(x)",
           "x > 0 or x == 0 and y >= 0 or x < 0 and y % 1 == 0"),
    _one("neg", "-x", "-1.0", "-x"),
    # The two that leave the number as it is: a row of its own for the same value, and one
    # through which no gradient flows.
    _one("identity", "x", "1.0", "x itself"),
    _one("stop_gradient", "x", "0.0", "x, as a constant for every derivative"),

    # Exponentials, logarithms, roots.
    _one("exp", "exp(x)", "out", "e to the power x"),
    _one("expm1", "expm1(x)", "exp(x)", "exp(x) - 1, exact for small x"),
    _one("log", "log(x)", "1.0 / x if x > 0.0 else inf if x == 0.0 else nan",
         "natural logarithm", "x > 0"),
    _one("log1p", "log1p(x)",
         "1.0 / (1.0 + x) if x > -1.0 else inf if x == -1.0 else nan",
         "log(1 + x), exact for small x", "x > -1"),
    _one("log2", "log2(x)",
         "log2_e / x if x > 0.0 else inf if x == 0.0 else nan",
         "logarithm to base 2", "x > 0"),
    _one("log10", "log10(x)",
         "log10_e / x if x > 0.0 else inf if x == 0.0 else nan",
         "logarithm to base 10", "x > 0"),
    _one("sqrt", "sqrt(x)", "0.5 / out if x > 0.0 else inf if x == 0.0 else nan",
         "square root", "x >= 0"),
    _one("cbrt", "cbrt(x)",
         "inf if x == 0.0 else 0.0 if abs(x) == inf else out / x / 3.0",
         "cube root, of negative numbers too"),

    # Circular and hyperbolic functions.
    _one("sin", "sin(x)", "cos(x)", "sine of x radians", "abs(x) < inf"),
    _one("cos", "cos(x)", "-sin(x)", "cosine of x radians", "abs(x) < inf"),
    _one("tan", "tan(x)", "1.0 + out * out", "tangent of x radians", "abs(x) < inf"),
    _one("asin", "asin(x)", "1.0 / sqrt((1.0 - x) * (1.0 + x))",
         "inverse sine, in radians", "-1 <= x <= 1"),
    _one("acos", "acos(x)", "-1.0 / sqrt((1.0 - x) * (1.0 + x))",
         "inverse cosine, in radians", "-1 <= x <= 1"),
    # From 1e8 on 1 + x*x rounds to x*x, which overflows long before 1/x/x underflows.
    _one("atan", "atan(x)",
         "1.0 / (1.0 + x * x) if abs(x) < 1e8 else 1.0 / x / x",
         "inverse tangent, in radians"),
    # Dividing by hypot twice neither overflows nor underflows; x*x + y*y does both.
    _two("atan2", "atan2(x, y)",
         "y / hypot(x, y) / hypot(x, y) if abs(x) < inf and abs(y) < inf else 0.0 * out",
         "-x / hypot(x, y) / hypot(x, y) if abs(x) < inf and abs(y) < inf else 0.0 * out",
         "angle of the point with ordinate x and abscissa y, in radians"),
    _two("hypot", "hypot(x, y)",
         "0.0 if out == 0.0 else x / out if abs(x) < inf else "
         "copysign(1.0, x) if abs(x) == inf and abs(y) < inf else nan",
         "0.0 if out == 0.0 else y / out if abs(y) < inf else "
         "copysign(1.0, y) if abs(y) == inf and abs(x) < inf else nan",
         "distance of the point (x, y) from the origin"),
    _one("sinh", "sinh(x)", "cosh(x)", "hyperbolic sine"),
    _one("cosh", "cosh(x)", "sinh(x)", "hyperbolic cosine"),
    # Not 1 - tanh(x)**2, which has no digit left from x = 20 on.
    _one("tanh", "tanh(x)", "1.0 / cosh(x) / cosh(x)", "hyperbolic tangent"),
    _one("asinh", "asinh(x)", "1.0 / hypot(1.0, x)", "inverse hyperbolic sine"),
    _one("acosh", "acosh(x)", "1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))",
         "inverse hyperbolic cosine", "x >= 1"),
    _one("atanh", "atanh(x)",
         "1.0 / ((1.0 - x) * (1.0 + x)) if abs(x) < 1.0 else "
         "inf if abs(x) == 1.0 else nan",
         "inverse hyperbolic tangent", "-1 < x < 1"),
    _one("erf", "erf(x)", "two_over_root_pi * exp(-x * x)", "error function"),
    _one("erfc", "erfc(x)", "-two_over_root_pi * exp(-x * x)",
         "1 - erf(x), exact for large x"),
    # sin(pi x) / (pi x); near 0 its slope is a difference of nearly equal numbers, so
    # below 0.5 the series with terms up to x**19 is summed instead (error below 1e-17).
    # fmod is exact, and pi * x is not for large x.
    _one("sinc", "sin(pi * fmod(x, 2.0)) / (pi * x) if x != 0.0 else 1.0",
         "(cos(pi * fmod(x, 2.0)) - out) / x if abs(x) > 0.5 else sinc_slope(x)",
         "sin(pi x) / (pi x), and 1 at 0", "abs(x) < inf"),

    # Activations. log1p, two branches and sigmoid(-x) keep full precision in the tails.
    _one("sigmoid",
         "1.0 / (1.0 + exp(-x)) if x >= 0.0 else exp(x) / (1.0 + exp(x))",
         "out * sigmoid(-x)", "1 / (1 + exp(-x)), the logistic function"),
    _one("log_sigmoid",
         "-log1p(exp(-x)) if x >= 0.0 else x - log1p(exp(x))",
         "sigmoid(-x)", "log(sigmoid(x)), exact in both tails"),
    _one("softplus",
         "x + log1p(exp(-x)) if x >= 0.0 else log1p(exp(x))",
         "sigmoid(x)", "log(1 + exp(x)), the smooth relu"),
    _one("relu", "0.0 if x <= 0.0 else x",
         "0.0 if x <= 0.0 else 1.0 if x > 0.0 else nan",
         "x above 0 and 0 below, with slope 0 at 0"),
    Operation("leaky_relu", "leaky_relu", ("x", "slope"),
              "x if x > 0.0 else slope * x",
              (("1.0 if x > 0.0 else slope if x < 0.0 else "
               "max(0.0, min(1.0, slope)) if x == 0.0 else nan"),),
              "x above 0 and slope * x below",
              constants=(0.01,)),
    Operation("elu", "elu", ("x", "alpha"),
              "x if x > 0.0 else alpha * expm1(x)",
              (("1.0 if x > 0.0 else alpha * exp(x) if x < 0.0 else "
               "max(0.0, min(1.0, alpha)) if x == 0.0 else nan"),),
              "x above 0 and alpha * (exp(x) - 1) below", constants=(1.0,)),
    # Klambauer et al. 2017, "Self-normalizing neural networks", equation 2.
    _one("selu",
         "selu_scale * x if x > 0.0 else selu_scale * selu_alpha * expm1(x)",
         "selu_scale if x >= 0.0 else selu_scale * selu_alpha * exp(x)",
         "scaled exponential linear unit"),
    # Hendrycks & Gimpel 2016: x * Phi(x) with the exact normal distribution function.
    _one("gelu",
         "0.0 if x == -inf else 0.5 * x * erfc(-root_half * x)",
         "0.5 * erfc(-root_half * x) + "
         "(one_over_root_two_pi * x * exp(-0.5 * x * x) if abs(x) < inf else 0.0)",
         "x times the standard normal distribution function of x"),
    _one("silu", "0.0 if x == -inf else x * sigmoid(x)",
         "sigmoid(x) * (1.0 + x * sigmoid(-x)) if abs(x) < inf else sigmoid(x)",
         "x * sigmoid(x), also called swish"),
    _one("softsign", "copysign(1.0, x) if abs(x) == inf else x / (1.0 + abs(x))",
         "1.0 / (1.0 + abs(x)) / (1.0 + abs(x))", "x / (1 + |x|)"),

    # Kinks and steps. A step has slope 0, on the step too.
    _one("abs", "abs(x)",
         "1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else nan",
         "absolute value, with slope 0 at 0"),
    _one("sign", "1.0 if x > 0.0 else -1.0 if x < 0.0 else x",
         "0.0 if x == x else nan", "1, 0 or -1 with the sign of x"),
    _one("floor", "float(floor(x)) if abs(x) < inf else x",
         "0.0 if x == x else nan", "largest whole number not above x"),
    _one("ceil", "float(ceil(x)) if abs(x) < inf else x",
         "0.0 if x == x else nan", "smallest whole number not below x"),
    _one("round", "float(round(x)) if abs(x) < inf else x",
         "0.0 if x == x else nan", "nearest whole number, ties to the even one"),
    _two("minimum", "x if x < y or x != x else y",
         "nan if x != x else 1.0 if x < y else tie if x == y else 0.0",
         "nan if y != y else 1.0 if y < x else tie if x == y else 0.0",
         "the smaller of x and y"),
    _two("maximum", "x if x > y or x != x else y",
         "nan if x != x else 1.0 if x > y else tie if x == y else 0.0",
         "nan if y != y else 1.0 if y > x else tie if x == y else 0.0",
         "the larger of x and y"),
    Operation("clamp", "clamp", ("x", "low", "high"),
              "low if x < low else high if x > high else x",
              (("1.0 if low < x < high or abs(x) == inf and low <= x <= high else "
               "0.0 if x == x else nan"),),
              "x held between low and high, with slope 0 at both",
              constants=(float("-inf"), float("inf"))),
    Operation("where", "where", ("condition", "x", "y"), "x if condition else y",
              ("0.0", "1.0 if condition else 0.0", "0.0 if condition else 1.0"),
              "x where the condition holds, else y"),

    # Pairs that need care at their own singularities.
    _two("logaddexp",
         "x + log1p(exp(y - x)) if x > y else y + log1p(exp(x - y)) if x < y else "
         "x + log_2 if x == y else nan",
         "sigmoid(x - y) if x != y or abs(x) < inf else 0.5",
         "sigmoid(y - x) if x != y or abs(x) < inf else 0.5",
         "log(exp(x) + exp(y)) without overflow"),
    _two("xlogy", "0.0 if x == 0.0 and y == y else x * log(y)",
         "0.0 if x == 0.0 and y == 0.0 else log(y)",
         "0.0 if x == 0.0 and y == 0.0 else x / y",
         "x * log(y), and 0 where x is 0", "y > 0 or x == 0"),
)
# fmt: on

BUILT_IN: Mapping[str, Operation] = MappingProxyType({row.name: row for row in _ROWS})

# All there are: the built-in ones, and those that users define.
TABLE: dict[str, Operation] = dict(BUILT_IN)
