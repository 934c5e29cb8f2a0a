"""What every operation gives at its kinks, ties, edges and infinities: one table.

Each case states an expression, where it is taken, and the value and gradients (or the
error) that must come out. The numbers are closed forms or were computed with 50 digits;
none comes from the engine. `tests/test_conventions.py` holds the engine to them, and

    python -m tests.conventions

writes the same table as `docs/conventions.md`, and with it the bounds of `tolerances.py`.
Evaluates nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, nan
from pathlib import Path

from autograd.errors import DomainError, PoleError, RangeError
from autograd.operations import BUILT_IN
from tests.tolerances import BEYOND, OVER_TWO, Beyond

PAGE = Path(__file__).parent.parent / "docs" / "conventions.md"


@dataclass(frozen=True, slots=True)
class Gives:
    """A value, and one gradient for each input in the order of the inputs."""

    value: float
    gradients: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Raises:
    """An error and a part of its message."""

    error: type[Exception]
    says: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What other libraries return for the gradient, as text; a dash where not known."""

    pytorch: str = "—"
    jax: str = "—"
    tensorflow: str = "—"
    others: str = "—"


@dataclass(frozen=True, slots=True)
class Ulps:
    """How far a result may be off, in units in the last place, and why it may."""

    value: int
    gradients: int
    because: str


EXACT = Ulps(0, 0, "")


@dataclass(frozen=True, slots=True)
class Case:
    """One convention: an expression at a point, and what must come out.

    Attributes:
        name: a fragment of a sentence, such as "relu at 0".
        expression: Python text in the names of the inputs and autograd's functions.
        inputs: the values of the inputs, by name.
        expected: the value and gradients, or the error, in the default mode.
        rule: the key in RULES that decides the case.
        why: how that rule decides it.
        seen: the gradients of other libraries.
        ieee: value and gradients under `with ieee():` where the default mode raises.
        within: the tolerance; EXACT unless something is rounded on the way.
        order: 1 for gradients, 2 where `gradients` holds the second derivative.
    """

    name: str
    expression: str
    inputs: Mapping[str, float]
    expected: Gives | Raises
    rule: str
    why: str
    seen: Seen = Seen()
    ieee: Gives | None = None
    within: Ulps = EXACT
    order: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that a reader looks up together; one table of the page."""

    title: str
    about: str
    cases: tuple[Case, ...]


def gives(value: float, *gradients: float) -> Gives:
    """Return the expectation of a value and of one gradient for each input."""
    return Gives(value, gradients)


RULES: Mapping[str, str] = {
    "slope": "Where an operation is differentiable, the gradient is its derivative, "
    "right to the last digits: also far out in a tail, where a textbook formula has "
    "lost them.",
    "kink": "A corner has many slopes: every one between the slopes on its two sides "
    "touches a convex graph from below, or a concave one from above. The gradient is "
    "the one nearest to 0, the subgradient of least norm. With several arguments it "
    "is the shortest vector among them, so a tie is split evenly.",
    "limit": "Anywhere else where there is a value, the gradient is the limit of the "
    "slopes nearby. It may be `inf`. `logsumexp` and `logaddexp` share the slope of "
    "infinite operands evenly, which is the limit along equal operands.",
    "undefined": "Where there is no value, or no limit of slopes, the gradient is "
    "`nan`, or `inf` where the formula says so (`0 / 0` in IEEE mode). A value that "
    "does not exist never carries a finite slope.",
    "active": "The rules look only at arguments that can move. A constant is not an "
    "argument: `maximum(x, 0.0)` is a function of `x` alone, with the corner of "
    "`relu`.",
    "nan": "NaN in, NaN out: an operand that is `nan` makes the value `nan` and its "
    "own gradient too, at corners and steps as well. Only what does not depend on it "
    "at all stays a number, such as `x ** 0`.",
    "arithmetic": "`+`, `-` and `*` have their partial derivatives (1 and 1, 1 and "
    "-1, y and x) at every operand, `inf` and `nan` included.",
    "raise": "Going forward, an operation raises what the same program raises with "
    "floats (`math.log(0.0)`, `1 / 0.0`), and says with which operands and in which "
    "line. Going backward, nothing raises. Inside `with ieee():` the forward pass "
    "does not raise either and gives `inf` or `nan`, as other libraries do.",
    "zero": "An operation whose gradient is exactly 0 passes nothing on. See below.",
}

# fmt: off
KINKS = Group(
    "Kinks and ties",
    "Corners, equal arguments, and functions that go in steps.",
    (
        Case("relu at 0", "relu(x)", {"x": 0.0}, gives(0.0, 0.0), "kink",
             "slopes 0 to 1, nearest to 0 is 0; also the most efficient choice in "
             "training, though of no effect in 64 bits (Bertoin et al., NeurIPS 2021)",
             Seen("0", "0", "0")),
        Case("relu(x) - relu(-x) at 0", "relu(x) - relu(-x)", {"x": 0.0},
             gives(0.0, 0.0), "kink",
             "the sum is x, whose slope is 1, but each operation decides alone; no "
             "choice for relu is right for every expression", Seen("0")),
        Case("maximum with a constant, at the constant 0", "maximum(x, 0.0)",
             {"x": 0.0}, gives(0.0, 0.0), "active",
             "a function of x alone, with the corner of relu",
             Seen("½", "½", "1", "HIPS ½; PyTorch 2.15 clamp_min 0")),
        Case("maximum with a constant, at the constant 1", "maximum(1.0, x)",
             {"x": 1.0}, gives(1.0, 0.0), "active",
             "slopes 0 to 1; which side x stands on is no matter", Seen("½")),
        Case("minimum with a constant, at the constant", "minimum(x, 0.0)", {"x": 0.0},
             gives(0.0, 0.0), "active", "slopes 0 to 1 here too", Seen("½")),
        Case("a tie in maximum", "maximum(x, y)", {"x": 3.0, "y": 3.0},
             gives(3.0, 0.5, 0.5), "kink",
             "the shortest vector between (1, 0) and (0, 1)",
             Seen("½, ½", "½, ½", "1, 0",
                  "HIPS, CasADi ½, ½; CoDiPack, DiffRules, Dr.Jit 0, 1; MyGrad 0, 0")),
        Case("a tie in minimum", "minimum(x, y)", {"x": 3.0, "y": 3.0},
             gives(3.0, 0.5, 0.5), "kink",
             "concave, and again the shortest vector between (1, 0) and (0, 1)",
             Seen("½, ½", "½, ½", "1, 0", "HIPS, CasADi ½, ½; MyGrad 0, 0")),
        Case("maximum of x and x", "maximum(x, x)", {"x": 3.0}, gives(3.0, 1.0), "kink",
             "both halves come back to x: the function is x, its slope 1", Seen("1")),
        Case("minimum of x and x", "minimum(x, x)", {"x": 3.0}, gives(3.0, 1.0), "kink",
             "both halves come back to x", Seen("1")),
        Case("abs at 0", "abs(x)", {"x": 0.0}, gives(0.0, 0.0), "kink",
             "slopes -1 to 1",
             Seen("0", "1", "0",
                  "HIPS, CppAD, CoDiPack, CasADi, Dr.Jit (since 2025) 0; DiffRules 1 "
                  "or -1 by the sign of the zero")),
        Case("hypot at the origin", "hypot(x, y)", {"x": 0.0, "y": 0.0},
             gives(0.0, 0.0, 0.0), "kink",
             "the tip of a cone; its slopes fill the unit disc, the shortest is (0, 0)",
             Seen("NaN, NaN", "NaN", "NaN (norm)",
                  "torch.norm 0; CoDiPack 0; CasADi NaN")),
        Case("hypot with the constant 0, at 0", "hypot(x, 0.0)", {"x": 0.0},
             gives(0.0, 0.0), "active", "a function of x alone: abs", Seen("NaN")),
        Case("hypot of equal sides", "hypot(x, y)", {"x": 3.0, "y": 3.0},
             gives(4.242640687119285146405, 0.70710678118654752440,
                   0.70710678118654752440), "slope",
             "no tie: the cone is smooth off its tip", Seen("0.70711, 0.70711"),
             within=Ulps(1, 2, "libm's hypot may be 1 ulp off, the division rounds")),
        Case("hypot with one side 0", "hypot(x, y)", {"x": 0.0, "y": 2.0},
             gives(2.0, 0.0, 1.0), "slope", "off the tip: (x, y) / hypot(x, y)",
             Seen("0, 1")),
        Case("clamp at its upper bound", "clamp(x, -1.0, 1.0)", {"x": 1.0},
             gives(1.0, 0.0), "kink",
             "slopes 0 to 1; a parameter that sits on the bound gets no gradient and "
             "stays",
             Seen("1; from 2.15 on 0", "clip ½, lax.clamp 0, hard_tanh 1, relu6 0", "1",
                  "HIPS 0")),
        Case("clamp at its lower bound", "clamp(x, -1.0, 1.0)", {"x": -1.0},
             gives(-1.0, 0.0), "kink", "slopes 0 to 1",
             Seen("1; from 2.15 on 0", "clip ½, lax.clamp 0", "1", "HIPS 0")),
        Case("clamp inside its bounds", "clamp(x, -1.0, 1.0)", {"x": 0.5},
             gives(0.5, 1.0), "slope", "it is x there", Seen("1")),
        Case("clamp above its bounds", "clamp(x, -1.0, 1.0)", {"x": 2.0},
             gives(1.0, 0.0), "slope", "it is constant there", Seen("0")),
        Case("clamp below its bounds", "clamp(x, -1.0, 1.0)", {"x": -2.0},
             gives(-1.0, 0.0), "slope", "it is constant there", Seen("0")),
        Case("clamp with a lower bound only, at it", "clamp(x, low=0.0)", {"x": 0.0},
             gives(0.0, 0.0), "kink", "relu by another name",
             Seen("1; from 2.15 on 0")),
        Case("clamp with an upper bound only, at it", "clamp(x, high=6.0)", {"x": 6.0},
             gives(6.0, 0.0), "kink", "slopes 0 to 1", Seen("1; from 2.15 on 0")),
        Case("leaky_relu at 0", "leaky_relu(x)", {"x": 0.0}, gives(0.0, 0.01), "kink",
             "slopes 0.01 to 1, nearest to 0 is the leak", Seen("0.01")),
        Case("leaky_relu at 0 with a steep leak", "leaky_relu(x, slope=2.0)",
             {"x": 0.0}, gives(0.0, 1.0), "kink",
             "concave, slopes 1 to 2, nearest to 0 is 1", Seen("2")),
        Case("leaky_relu at 0 with slope -1", "leaky_relu(x, slope=-1.0)", {"x": 0.0},
             gives(0.0, 0.0), "kink", "this is abs: slopes -1 to 1", Seen("-1")),
        Case("elu at 0", "elu(x)", {"x": 0.0}, gives(0.0, 1.0), "slope",
             "slope 1 on both sides, no corner", Seen("1")),
        Case("elu at 0 with alpha 2", "elu(x, alpha=2.0)", {"x": 0.0}, gives(0.0, 1.0),
             "kink", "slopes 1 to 2, nearest to 0 is 1", Seen("2")),
        Case("elu at 0 with alpha 0.5", "elu(x, alpha=0.5)", {"x": 0.0},
             gives(0.0, 0.5), "kink", "slopes 0.5 to 1, nearest to 0 is 0.5",
             Seen("0.5")),
        Case("selu at 0", "selu(x)", {"x": 0.0}, gives(0.0, 1.0507009873554804934),
             "kink", "slope 1.0507 on the right, 1.7581 on the left", Seen("1.7581")),
        Case("softsign at 0", "softsign(x)", {"x": 0.0}, gives(0.0, 1.0), "slope",
             "x / (1 + abs(x)) has no corner, though it is written with abs",
             Seen("1")),
        Case("sign at its jump", "sign(x)", {"x": 0.0}, gives(0.0, 0.0), "limit",
             "slope 0 on both sides", Seen("0", "0", "0", "HIPS not traced")),
        Case("sign off its jump", "sign(x)", {"x": -2.5}, gives(-1.0, 0.0), "slope",
             "constant there", Seen("0", "0", "0", "HIPS not traced")),
        Case("floor at its jump", "floor(x)", {"x": 2.0}, gives(2.0, 0.0), "limit",
             "slope 0 on both sides", Seen("0", "0", "None", "HIPS not traced")),
        Case("floor off its jump", "floor(x)", {"x": -2.5}, gives(-3.0, 0.0), "slope",
             "constant there", Seen("0", "0", "None", "HIPS not traced")),
        Case("ceil at its jump", "ceil(x)", {"x": 2.0}, gives(2.0, 0.0), "limit",
             "slope 0 on both sides", Seen("0", "0", others="HIPS not traced")),
        Case("ceil off its jump", "ceil(x)", {"x": -2.5}, gives(-2.0, 0.0), "slope",
             "constant there", Seen("0", "0", others="HIPS not traced")),
        Case("round at its jump", "round(x)", {"x": 2.5}, gives(2.0, 0.0), "limit",
             "halves go to the even neighbour, as Python's round does; slope 0 on "
             "both sides", Seen("0", "0", "None", "HIPS not traced")),
        Case("round off its jump", "round(x)", {"x": 2.6}, gives(3.0, 0.0), "slope",
             "constant there", Seen("0", "0", "None", "HIPS not traced")),
        Case("remainder of positive numbers", "x % y", {"x": 7.0, "y": 3.0},
             gives(1.0, 1.0, -2.0), "slope", "x % y is x - floor(x / y) * y",
             Seen("1, -2", "1, -2", "1, -2")),
        Case("remainder of a negative number", "x % y", {"x": -7.0, "y": 3.0},
             gives(2.0, 1.0, 3.0), "slope",
             "Python's remainder has the sign of y, so floor(x / y) is -3",
             Seen("1, 3", "1, 3", "1, 3")),
        Case("remainder by a negative number", "x % y", {"x": 7.0, "y": -3.0},
             gives(-2.0, 1.0, 3.0), "slope", "floor(x / y) is -3", Seen("1, 3")),
        Case("remainder where it jumps", "x % y", {"x": 6.0, "y": 3.0},
             gives(0.0, 1.0, -2.0), "limit",
             "the limit on the side whose value it has, as at a jump of floor",
             Seen("1, -2", "1, -2", "1, -2", "DiffRules NaN")),
    ),
)

DOMAINS = Group(
    "Powers, roots, logarithms and other edges of a domain",
    "Where a function ends, and what it does at its last point.",
    (
        Case("x ** 0 at 0", "x ** 0", {"x": 0.0}, gives(1.0, 0.0), "slope",
             "it is 1 everywhere", Seen("0", "0", "NaN", "HIPS 0")),
        Case("x ** 0.0 at 0", "x ** 0.0", {"x": 0.0}, gives(1.0, 0.0), "slope",
             "the same: 0 and 0.0 are one exponent", Seen("0", "NaN", "NaN", "HIPS 0")),
        Case("x ** 1 at 0", "x ** 1", {"x": 0.0}, gives(0.0, 1.0), "slope", "it is x",
             Seen("1", "1", "1", "HIPS 1")),
        Case("x ** 2 at 0", "x ** 2", {"x": 0.0}, gives(0.0, 0.0), "slope", "2 * x",
             Seen("0", "0", "0", "HIPS 0")),
        Case("x ** 0.5 at 0", "x ** 0.5", {"x": 0.0}, gives(0.0, inf), "limit",
             "ever steeper towards 0", Seen("inf", "inf", "inf", "HIPS raises")),
        Case("x ** 1.5 at 0", "x ** 1.5", {"x": 0.0}, gives(0.0, 0.0), "limit",
             "1.5 * sqrt(x)", Seen("0")),
        Case("x ** y at (0, 0)", "x ** y", {"x": 0.0, "y": 0.0}, gives(1.0, 0.0, 0.0),
             "limit", "x ** 0 is 1 for every x; 0 ** y is 0 for every y > 0",
             Seen("0, 0", "NaN, 0", "NaN, 0", "HIPS 0, 0")),
        Case("x ** y at (0, 1)", "x ** y", {"x": 0.0, "y": 1.0}, gives(0.0, 1.0, 0.0),
             "limit", "x ** 1 is x; x * log(x) goes to 0",
             Seen("1, 0", others="CppAD 0")),
        Case("x ** y at (0, 2)", "x ** y", {"x": 0.0, "y": 2.0}, gives(0.0, 0.0, 0.0),
             "limit", "x ** 2 is flat; x**2 * log(x) goes to 0",
             Seen("0, 0", "0, 0", "0, 0", "HIPS 0, 0")),
        Case("x ** y at (0, -1)", "x ** y", {"x": 0.0, "y": -1.0},
             Raises(PoleError, "got x = 0.0, y = -1.0"), "raise",
             "0.0 ** -1.0 raises; the limits of both slopes are -inf",
             Seen("-inf, -inf", "-inf, NaN", "-inf, NaN", "HIPS raises"),
             ieee=gives(inf, -inf, -inf)),
        Case("x ** -1 at 0", "x ** -1", {"x": 0.0},
             Raises(PoleError, "got x = 0.0, y = -1.0"), "raise", "0.0 ** -1 raises",
             Seen("-inf"), ieee=gives(inf, -inf)),
        Case("x ** y at (-2, 2)", "x ** y", {"x": -2.0, "y": 2.0},
             gives(4.0, -4.0, nan), "undefined",
             "beside y = 2 there is no real power of -2; the slope along x is intact",
             Seen("-4, NaN", "-4, NaN", "-4, 0",
                  "HIPS, DiffRules NaN for y; CoDiPack 0")),
        Case("a constant negative base", "(-2.0) ** x", {"x": 2.0}, gives(4.0, nan),
             "undefined", "beside x = 2 there is no real power of -2", Seen("NaN")),
        Case("a constant base 0 at exponent 0", "0.0 ** x", {"x": 0.0}, gives(1.0, 0.0),
             "limit", "0 ** x is 0 for every x > 0", Seen("0")),
        Case("a constant base 0 at exponent 2", "0.0 ** x", {"x": 2.0}, gives(0.0, 0.0),
             "slope", "0 ** x is 0 for every x > 0", Seen("0")),
        Case("x ** 0.5 at -2", "x ** 0.5", {"x": -2.0},
             Raises(DomainError, "got x = -2.0, y = 0.5"), "raise",
             "Python gives a complex number, which is no Value; so it raises as "
             "math.pow",
             Seen("NaN", "NaN", "NaN", "HIPS crashes on the complex number"),
             ieee=gives(nan, nan)),
        Case("the cube root of -8 by **", "x ** (1 / 3)", {"x": -8.0},
             Raises(DomainError, "got x = -8.0, y = 0.3333333333333333"), "raise",
             "1 / 3 is not a third but a float beside it, so the power is not real; "
             "cbrt is", Seen("NaN"), ieee=gives(nan, nan)),
        Case("cbrt at -8", "cbrt(x)", {"x": -8.0}, gives(-2.0, 0.083333333333333333333),
             "slope", "1 / 12", within=Ulps(1, 2, "libm's cbrt may be 1 ulp off")),
        Case("cbrt at 0", "cbrt(x)", {"x": 0.0}, gives(0.0, inf), "limit",
             "upright on both sides"),
        Case("sqrt at 0", "sqrt(x)", {"x": 0.0}, gives(0.0, inf), "limit",
             "ever steeper towards 0; a gradient of exactly 0 from above does not "
             "meet it",
             Seen("inf", "inf", "inf",
                  "CoDiPack 0; ADOL-C inf, 0 or NaN by direction; HIPS raises")),
        Case("sqrt at -1", "sqrt(x)", {"x": -1.0},
             Raises(DomainError, "sqrt(x) needs x >= 0, got x = -1.0"), "raise",
             "math.sqrt raises", Seen("NaN", "NaN", "NaN"), ieee=gives(nan, nan)),
        Case("sqrt of a square at 0", "sqrt(x ** 2)", {"x": 0.0}, gives(0.0, nan),
             "undefined",
             "inf from sqrt times 0 from the square; write abs or hypot, which know "
             "better", Seen("NaN")),
        Case("log at 0", "log(x)", {"x": 0.0},
             Raises(DomainError, "log(x) needs x > 0, got x = 0.0"), "raise",
             "math.log raises", Seen("inf", "inf", "inf", "HIPS inf"),
             ieee=gives(-inf, inf)),
        Case("log at -1", "log(x)", {"x": -1.0},
             Raises(DomainError, "log(x) needs x > 0, got x = -1.0"), "raise",
             "math.log raises; 1 / x would be a finite slope of a value that does not "
             "exist", Seen("-1", "-1", "-1", "HIPS -1"), ieee=gives(nan, nan)),
        Case("log2 at 0", "log2(x)", {"x": 0.0},
             Raises(DomainError, "log2(x) needs x > 0, got x = 0.0"), "raise",
             "math.log2 raises", Seen("inf"), ieee=gives(-inf, inf)),
        Case("log2 at -1", "log2(x)", {"x": -1.0},
             Raises(DomainError, "log2(x) needs x > 0, got x = -1.0"), "raise",
             "math.log2 raises", Seen("-1.4427"), ieee=gives(nan, nan)),
        Case("log10 at 0", "log10(x)", {"x": 0.0},
             Raises(DomainError, "log10(x) needs x > 0, got x = 0.0"), "raise",
             "math.log10 raises", Seen("inf"), ieee=gives(-inf, inf)),
        Case("log10 at -1", "log10(x)", {"x": -1.0},
             Raises(DomainError, "log10(x) needs x > 0, got x = -1.0"), "raise",
             "math.log10 raises", Seen("-0.43429"), ieee=gives(nan, nan)),
        Case("log1p at -1", "log1p(x)", {"x": -1.0},
             Raises(DomainError, "log1p(x) needs x > -1, got x = -1.0"), "raise",
             "math.log1p raises", Seen("inf"), ieee=gives(-inf, inf)),
        Case("log1p at -2", "log1p(x)", {"x": -2.0},
             Raises(DomainError, "log1p(x) needs x > -1, got x = -2.0"), "raise",
             "math.log1p raises", Seen("-1"), ieee=gives(nan, nan)),
        Case("0 * log(x) at 0", "0.0 * log(x)", {"x": 0.0},
             Raises(DomainError, "log(x) needs x > 0, got x = 0.0"), "raise",
             "log raises before it is multiplied; xlogy is made for this. In IEEE "
             "mode 0 * -inf is nan, and the constant 0 passes nothing on",
             Seen("NaN", jax="NaN"), ieee=gives(nan, 0.0)),
        Case("xlogy at (0, 0)", "xlogy(x, y)", {"x": 0.0, "y": 0.0},
             gives(0.0, 0.0, 0.0), "limit",
             "0 along x = 0; the value is 0 by definition",
             Seen("0, NaN", "-inf, NaN", "0, 0")),
        Case("xlogy at (0, 2)", "xlogy(x, y)", {"x": 0.0, "y": 2.0},
             gives(0.0, 0.69314718055994530942, 0.0), "slope", "log(y) and x / y",
             Seen("0.6931, 0"), within=Ulps(0, 1, "log 2 is rounded by libm")),
        Case("xlogy at (2, 0)", "xlogy(x, y)", {"x": 2.0, "y": 0.0},
             Raises(DomainError,
                    "xlogy(x, y) needs y > 0 or x == 0, got x = 2.0, y = 0.0"), "raise",
             "2 * math.log(0.0) raises", Seen("-inf, inf"),
             ieee=gives(-inf, -inf, inf)),
        Case("sinc at 0", "sinc(x)", {"x": 0.0}, gives(1.0, 0.0), "slope",
             "the top of a smooth hill", Seen("0", "0", others="HIPS NaN")),
        Case("1 / x at 0", "1 / x", {"x": 0.0},
             Raises(PoleError, "x / y needs y != 0, got x = 1.0, y = 0.0"), "raise",
             "1 / 0.0 raises", Seen("-inf", "-inf", "-inf", "HIPS raises"),
             ieee=gives(inf, -inf)),
        Case("x / y at (0, 0)", "x / y", {"x": 0.0, "y": 0.0},
             Raises(PoleError, "x / y needs y != 0, got x = 0.0, y = 0.0"), "raise",
             "0.0 / 0.0 raises; beside x = 0 the quotient is infinite",
             Seen("inf, NaN", "inf, NaN", "inf, NaN"), ieee=gives(nan, inf, nan)),
        Case("x % y at (7, 0)", "x % y", {"x": 7.0, "y": 0.0},
             Raises(PoleError, "x % y needs y != 0, got x = 7.0, y = 0.0"), "raise",
             "7.0 % 0.0 raises", Seen("1, -inf"), ieee=gives(nan, nan, nan)),
        Case("asin at 1", "asin(x)", {"x": 1.0}, gives(1.5707963267948966192, inf),
             "limit", "ever steeper towards 1", Seen("inf")),
        Case("acos at 1", "acos(x)", {"x": 1.0}, gives(0.0, -inf), "limit",
             "ever steeper towards 1", Seen("-inf")),
        Case("asin at 2", "asin(x)", {"x": 2.0},
             Raises(DomainError, "asin(x) needs -1 <= x <= 1, got x = 2.0"), "raise",
             "math.asin raises", Seen("NaN"), ieee=gives(nan, nan)),
        Case("acos at 2", "acos(x)", {"x": 2.0},
             Raises(DomainError, "acos(x) needs -1 <= x <= 1, got x = 2.0"), "raise",
             "math.acos raises", Seen("NaN"), ieee=gives(nan, nan)),
        Case("acosh at 1", "acosh(x)", {"x": 1.0}, gives(0.0, inf), "limit",
             "ever steeper towards 1", Seen("inf")),
        Case("acosh at 0.5", "acosh(x)", {"x": 0.5},
             Raises(DomainError, "acosh(x) needs x >= 1, got x = 0.5"), "raise",
             "math.acosh raises", Seen("NaN"), ieee=gives(nan, nan)),
        Case("acosh at -2", "acosh(x)", {"x": -2.0},
             Raises(DomainError, "acosh(x) needs x >= 1, got x = -2.0"), "raise",
             "math.acosh raises; 1 / sqrt(x**2 - 1) would be finite", Seen("0.57735"),
             ieee=gives(nan, nan)),
        Case("atanh at 1", "atanh(x)", {"x": 1.0},
             Raises(DomainError, "atanh(x) needs -1 < x < 1, got x = 1.0"), "raise",
             "math.atanh raises", Seen("inf"), ieee=gives(inf, inf)),
        Case("atanh at -1", "atanh(x)", {"x": -1.0},
             Raises(DomainError, "atanh(x) needs -1 < x < 1, got x = -1.0"), "raise",
             "math.atanh raises", Seen("inf"), ieee=gives(-inf, inf)),
        Case("atanh at 2", "atanh(x)", {"x": 2.0},
             Raises(DomainError, "atanh(x) needs -1 < x < 1, got x = 2.0"), "raise",
             "math.atanh raises; 1 / (1 - x**2) would be finite", Seen("-1/3"),
             ieee=gives(nan, nan)),
        Case("atan2 at the origin", "atan2(y, x)", {"y": 0.0, "x": 0.0},
             gives(0.0, nan, nan), "undefined",
             "the angle turns by any amount in any small circle: there is no limit",
             Seen("1.13: NaN; 2.13: 0, 0", "NaN", "NaN",
                  "HIPS NaN; CoDiPack can be built to raise")),
    ),
)

_LIBM = "libm may be 1 ulp off in each function of the formula"

SATURATION = Group(
    "Saturation, overflow and underflow",
    "Numbers so large or so small that a formula of the textbook loses its digits.",
    (
        Case("tanh at 20", "tanh(x)", {"x": 20.0},
             gives(1.0, 1.6993417021166355836929e-17), "slope",
             "1 - tanh(x)**2 has no digit left here; 1 / cosh(x)**2 has all",
             Seen("0", "0", "0", "HIPS 1.69934e-17 (exact)"), within=Ulps(0, 4, _LIBM)),
        Case("tanh at -20", "tanh(x)", {"x": -20.0},
             gives(-1.0, 1.6993417021166355836929e-17), "slope",
             "the same on the other side", Seen("0"), within=Ulps(0, 4, _LIBM)),
        Case("tanh at 750", "tanh(x)", {"x": 750.0}, gives(1.0, 0.0), "slope",
             "below the smallest float, and nothing overflows on the way", Seen("0")),
        Case("sigmoid at 20", "sigmoid(x)", {"x": 20.0},
             gives(0.99999999793884638180979642, 2.0611536139418493436522946e-9),
             "slope", "s * (1 - s) has lost half its digits here",
             Seen("2.06115369e-9", "2.06115369e-9", "2.06115358e-9",
                  "exact: 2.06115361394e-9"), within=Ulps(1, 4, _LIBM)),
        Case("sigmoid at 40", "sigmoid(x)", {"x": 40.0},
             gives(1.0, 4.2483542552915889533e-18), "slope",
             "s is 1 to the last digit, its slope is not 0", Seen("0"),
             within=Ulps(0, 4, _LIBM)),
        Case("sigmoid at -710", "sigmoid(x)", {"x": -710.0},
             gives(4.4762862256751299561e-309, 4.4762862256751299561e-309), "slope",
             "subnormal numbers are kept",
             Seen("0 (value 0)", jax="0 (the compiler flushes subnormals)",
                  others="exact: 4.5e-309"),
             within=Ulps(1, 2, "exp(-710) is subnormal")),
        Case("the sigmoid of the textbook at -750", "1 / (1 + exp(-x))", {"x": -750.0},
             Raises(RangeError, "exp(x) is too large for a float at x = 750.0"),
             "raise", "math.exp raises; sigmoid(x) does not",
             Seen("NaN", jax="NaN", others="plain Python raises"),
             ieee=gives(0.0, 0.0)),
        Case("sigmoid at -750", "sigmoid(x)", {"x": -750.0}, gives(0.0, 0.0), "slope",
             "1.9e-326 is below the smallest float", Seen("0")),
        Case("softplus at 750", "softplus(x)", {"x": 750.0}, gives(750.0, 1.0), "slope",
             "log(1 + exp(x)) without exp(750)",
             Seen("1", "1", "1", "PyTorch leaves terms out above 20")),
        Case("softplus at -750", "softplus(x)", {"x": -750.0}, gives(0.0, 0.0), "slope",
             "1.9e-326 is below the smallest float", Seen("0", "0", "0")),
        Case("log_sigmoid at 750", "log_sigmoid(x)", {"x": 750.0}, gives(0.0, 0.0),
             "slope", "-1.9e-326 is below the smallest float", Seen("0")),
        Case("log_sigmoid at -750", "log_sigmoid(x)", {"x": -750.0}, gives(-750.0, 1.0),
             "slope", "log(0.0) is never asked for", Seen("1")),
        Case("silu at -700", "silu(x)", {"x": -700.0},
             gives(-6.9017735806318395997e-302, -6.8919139040880798288e-302), "slope",
             "sigmoid(x) * (1 + x * sigmoid(-x))", Seen("-6.8919e-302"),
             within=Ulps(4, 8, _LIBM)),
        Case("gelu at -10", "gelu(x)", {"x": -10.0},
             gives(-7.6198530241605260660e-23, -7.6184000964648140857e-22), "slope",
             "0.5 * (1 + erf) has no digit left here; erfc has",
             Seen("-7.6946e-22 (value 0)"),
             within=Ulps(130, 8, "erfc multiplies the error of x / sqrt(2), up to "
                         "1.8e-16, by 100")),
        Case("erf at 6", "erf(x)", {"x": 6.0}, gives(1.0, 2.6173012392492648292e-16),
             "slope", "exp(-36) * 2 / sqrt(pi)", Seen("2.6173e-16"),
             within=Ulps(0, 4, _LIBM)),
        Case("erfc at 20", "erfc(x)", {"x": 20.0},
             gives(5.3958656116079009289e-176, -2.1610374743867984610e-174), "slope",
             "1 - erf(x) is 0 from 6 on", Seen("-2.161e-174"),
             within=Ulps(8, 4, "libm's erfc, up to 8 ulp here")),
        Case("exp at 710", "exp(x)", {"x": 710.0},
             Raises(RangeError, "exp(x) is too large for a float at x = 710.0"),
             "raise", "math.exp raises", Seen("inf", "inf", "inf"),
             ieee=gives(inf, inf)),
        Case("exp at -745", "exp(x)", {"x": -745.0}, gives(5e-324, 5e-324), "slope",
             "the smallest float, and it is kept",
             Seen("5e-324", jax="0 (the compiler flushes subnormals)")),
        Case("exp at -750", "exp(x)", {"x": -750.0}, gives(0.0, 0.0), "slope",
             "1.9e-326 is below the smallest float", Seen("0")),
        Case("expm1 at 710", "expm1(x)", {"x": 710.0},
             Raises(RangeError, "expm1(x) is too large for a float at x = 710.0"),
             "raise", "math.expm1 raises", Seen("inf"), ieee=gives(inf, inf)),
        Case("sinh at -711", "sinh(x)", {"x": -711.0},
             Raises(RangeError, "sinh(x) is too large for a float at x = -711.0"),
             "raise", "math.sinh raises", Seen("inf"), ieee=gives(-inf, inf)),
        Case("cosh at -711", "cosh(x)", {"x": -711.0},
             Raises(RangeError, "cosh(x) is too large for a float at x = -711.0"),
             "raise", "math.cosh raises", Seen("-inf"), ieee=gives(inf, -inf)),
        Case("x ** 2 at 1e200", "x ** 2", {"x": 1e200},
             Raises(RangeError,
                    "x ** y is too large for a float at x = 1e+200, y = 2.0"), "raise",
             "1e200 ** 2 raises, though 1e200 * 1e200 does not", Seen("2e200"),
             ieee=gives(inf, 2e200)),
        Case("x * x at 1e200", "x * x", {"x": 1e200}, gives(inf, 2e200), "arithmetic",
             "a product of floats gives inf and raises nothing", Seen("2e200")),
        Case("x / y at (1e-200, 1e-200)", "x / y", {"x": 1e-200, "y": 1e-200},
             gives(1.0, 1e200, -1e200), "slope",
             "-(x / y) / y keeps what -x / y**2 loses to underflow",
             Seen("1.13: -inf for y; 2.13: 1e200, -1e200", "-inf for y",
                  others="true: 1e200, -1e200"),
             within=Ulps(0, 1, "the reciprocal of a rounded 1e-200")),
        Case("atan2 at 1e200", "atan2(y, x)", {"y": 1e200, "x": 1e200},
             gives(0.78539816339744830962, 5e-201, -5e-201), "slope",
             "divided by hypot twice; x**2 + y**2 overflows",
             Seen("1.13: inf; 2.13: 0, 0", "inf, 0", others="true: 5e-201, -5e-201"),
             within=Ulps(0, 4, "two divisions by a rounded hypot")),
        Case("atan2 at 1e-200", "atan2(y, x)", {"y": 1e-200, "x": 1e-200},
             gives(0.78539816339744830962, 5e199, -5e199), "slope",
             "divided by hypot twice; x**2 + y**2 underflows",
             Seen("1.13: inf; 2.13: 0, 0", "inf, 0", others="true: 5e199, -5e199"),
             within=Ulps(0, 4, "two divisions by a rounded hypot")),
        Case("hypot at 1e200", "hypot(x, y)", {"x": 1e200, "y": 1e200},
             gives(1.4142135623730950060e200, 0.70710678118654752440,
                   0.70710678118654752440), "slope", "no square overflows",
             Seen("0.70711, 0.70711"),
             within=Ulps(1, 2, "libm's hypot may be 1 ulp off, the division rounds")),
        Case("asinh at 1e200", "asinh(x)", {"x": 1e200},
             gives(461.21016577936908208, 1e-200), "slope",
             "1 / sqrt(1 + x**2) would overflow to a slope of 0", Seen("0"),
             within=Ulps(1, 2, _LIBM)),
        Case("acosh at 1e200", "acosh(x)", {"x": 1e200},
             gives(461.21016577936908208, 1e-200), "slope",
             "1 / sqrt(x**2 - 1) would overflow to a slope of 0", Seen("0"),
             within=Ulps(1, 2, _LIBM)),
        Case("atan at 1e160", "atan(x)", {"x": 1e160},
             gives(1.5707963267948966192, 1e-320), "slope",
             "x**2 overflows, 1 / x**2 is subnormal and is kept", Seen("0"),
             within=Ulps(0, 1, "1e-320 is subnormal")),
        Case("softsign at 1e200", "softsign(x)", {"x": 1e200}, gives(1.0, 0.0), "slope",
             "1e-400 is below the smallest float, and nothing overflows on the way",
             Seen("0")),
        Case("logaddexp at (1000, 1000)", "logaddexp(x, y)", {"x": 1000.0, "y": 1000.0},
             gives(1000.6931471805599453, 0.5, 0.5), "slope",
             "½ exactly: weights taken after the larger operand is subtracted",
             Seen("½, ½", "0.5000000000000275",
                  others="logsumexp of PyTorch 0.5000000000000275")),
    ),
)

INFINITIES = Group(
    "Infinite operands",
    "An infinite operand is a limit: the value and the slope are what they tend to.",
    (
        Case("exp at inf", "exp(x)", {"x": inf}, gives(inf, inf), "limit",
             "exp is its slope", Seen("inf")),
        Case("exp at -inf", "exp(x)", {"x": -inf}, gives(0.0, 0.0), "limit",
             "exp is its slope", Seen("0")),
        Case("log at inf", "log(x)", {"x": inf}, gives(inf, 0.0), "limit", "1 / x",
             Seen("0")),
        Case("sqrt at inf", "sqrt(x)", {"x": inf}, gives(inf, 0.0), "limit",
             "0.5 / sqrt(x)", Seen("0")),
        Case("cbrt at -inf", "cbrt(x)", {"x": -inf}, gives(-inf, 0.0), "limit",
             "ever flatter"),
        Case("1 / x at inf", "1 / x", {"x": inf}, gives(0.0, 0.0), "limit", "-1 / x**2",
             Seen("0")),
        Case("x ** 2 at inf", "x ** 2", {"x": inf}, gives(inf, inf), "limit", "2 * x",
             Seen("inf")),
        Case("tanh at inf", "tanh(x)", {"x": inf}, gives(1.0, 0.0), "limit", "flat",
             Seen("0")),
        Case("sigmoid at inf", "sigmoid(x)", {"x": inf}, gives(1.0, 0.0), "limit",
             "flat", Seen("0")),
        Case("sigmoid at -inf", "sigmoid(x)", {"x": -inf}, gives(0.0, 0.0), "limit",
             "flat", Seen("0")),
        Case("log_sigmoid at inf", "log_sigmoid(x)", {"x": inf}, gives(0.0, 0.0),
             "limit", "flat", Seen("0")),
        Case("log_sigmoid at -inf", "log_sigmoid(x)", {"x": -inf}, gives(-inf, 1.0),
             "limit", "it tends to x", Seen("1")),
        Case("softplus at inf", "softplus(x)", {"x": inf}, gives(inf, 1.0), "limit",
             "it tends to x", Seen("1", "1", "1")),
        Case("softplus at -inf", "softplus(x)", {"x": -inf}, gives(0.0, 0.0), "limit",
             "flat", Seen("0", "0", "0")),
        Case("relu at inf", "relu(x)", {"x": inf}, gives(inf, 1.0), "limit", "it is x",
             Seen("1")),
        Case("relu at -inf", "relu(x)", {"x": -inf}, gives(0.0, 0.0), "limit", "flat",
             Seen("0")),
        Case("leaky_relu at -inf", "leaky_relu(x)", {"x": -inf}, gives(-inf, 0.01),
             "limit", "slope * x", Seen("0.01")),
        Case("elu at -inf", "elu(x)", {"x": -inf}, gives(-1.0, 0.0), "limit", "flat",
             Seen("0")),
        Case("selu at -inf", "selu(x)", {"x": -inf}, gives(-1.7580993408473768599, 0.0),
             "limit", "flat", Seen("0"),
             within=Ulps(1, 0, "the product of its two constants is rounded")),
        Case("silu at inf", "silu(x)", {"x": inf}, gives(inf, 1.0), "limit",
             "it tends to x", Seen("NaN")),
        Case("silu at -inf", "silu(x)", {"x": -inf}, gives(0.0, 0.0), "limit",
             "exp(x) wins against x", Seen("NaN (value NaN)")),
        Case("gelu at inf", "gelu(x)", {"x": inf}, gives(inf, 1.0), "limit",
             "it tends to x", Seen("NaN")),
        Case("gelu at -inf", "gelu(x)", {"x": -inf}, gives(0.0, 0.0), "limit",
             "exp(-x**2 / 2) wins against x", Seen("NaN (value NaN)")),
        Case("softsign at inf", "softsign(x)", {"x": inf}, gives(1.0, 0.0), "limit",
             "flat", Seen("NaN (value NaN)")),
        Case("softsign at -inf", "softsign(x)", {"x": -inf}, gives(-1.0, 0.0), "limit",
             "flat", Seen("NaN (value NaN)")),
        Case("abs at -inf", "abs(x)", {"x": -inf}, gives(inf, -1.0), "limit",
             "it is -x", Seen("-1")),
        Case("clamp at inf", "clamp(x, -1.0, 1.0)", {"x": inf}, gives(1.0, 0.0),
             "limit", "above the bounds", Seen("0")),
        Case("clamp at inf without a bound", "clamp(x, low=0.0)", {"x": inf},
             gives(inf, 1.0), "limit", "it is x: no bound is there", Seen("1")),
        Case("atan at inf", "atan(x)", {"x": inf}, gives(1.5707963267948966192, 0.0),
             "limit", "flat", Seen("0")),
        Case("asinh at inf", "asinh(x)", {"x": inf}, gives(inf, 0.0), "limit", "1 / x",
             Seen("0")),
        Case("acosh at inf", "acosh(x)", {"x": inf}, gives(inf, 0.0), "limit", "1 / x",
             Seen("0")),
        Case("sinh at -inf", "sinh(x)", {"x": -inf}, gives(-inf, inf), "limit",
             "cosh is its slope", Seen("inf")),
        Case("cosh at -inf", "cosh(x)", {"x": -inf}, gives(inf, -inf), "limit",
             "sinh is its slope", Seen("-inf")),
        Case("erf at -inf", "erf(x)", {"x": -inf}, gives(-1.0, 0.0), "limit", "flat",
             Seen("0")),
        Case("erfc at inf", "erfc(x)", {"x": inf}, gives(0.0, 0.0), "limit", "flat",
             Seen("0")),
        Case("sin at inf", "sin(x)", {"x": inf},
             Raises(DomainError, "sin(x) needs abs(x) < inf, got x = inf"), "raise",
             "math.sin raises: it has no limit", Seen("NaN"), ieee=gives(nan, nan)),
        Case("cos at -inf", "cos(x)", {"x": -inf},
             Raises(DomainError, "cos(x) needs abs(x) < inf, got x = -inf"), "raise",
             "math.cos raises: it has no limit", Seen("NaN"), ieee=gives(nan, nan)),
        Case("tan at inf", "tan(x)", {"x": inf},
             Raises(DomainError, "tan(x) needs abs(x) < inf, got x = inf"), "raise",
             "math.tan raises: it has no limit", Seen("NaN"), ieee=gives(nan, nan)),
        Case("x * y at (inf, 0)", "x * y", {"x": inf, "y": 0.0}, gives(nan, 0.0, inf),
             "arithmetic", "inf * 0 is nan; the partials are y and x",
             Seen("0, inf", jax="0, inf")),
        Case("x - x at 3", "x - x", {"x": 3.0}, gives(0.0, 0.0), "arithmetic", "1 - 1",
             Seen("0")),
        Case("x - x at inf", "x - x", {"x": inf}, gives(nan, 0.0), "arithmetic",
             "inf - inf is nan; the partials are 1 and -1", Seen("0", jax="0")),
        Case("hypot at (inf, 1)", "hypot(x, y)", {"x": inf, "y": 1.0},
             gives(inf, 1.0, 0.0), "limit", "the long side is all that counts",
             Seen("NaN, 0", "NaN, 0")),
        Case("hypot at (1, -inf)", "hypot(x, y)", {"x": 1.0, "y": -inf},
             gives(inf, 0.0, -1.0), "limit", "the long side is all that counts",
             Seen("0, NaN")),
        Case("hypot at (inf, inf)", "hypot(x, y)", {"x": inf, "y": inf},
             gives(inf, nan, nan), "undefined",
             "x / hypot(x, y) has a limit along each direction, all different",
             Seen("NaN, NaN")),
        Case("atan2 at (inf, 1)", "atan2(y, x)", {"y": inf, "x": 1.0},
             gives(1.5707963267948966192, 0.0, 0.0), "limit", "1 / hypot goes to 0",
             Seen("0, NaN")),
        Case("atan2 at (1, -inf)", "atan2(y, x)", {"y": 1.0, "x": -inf},
             gives(3.1415926535897932385, 0.0, 0.0), "limit", "1 / hypot goes to 0",
             Seen("NaN, 0")),
        Case("a tie of maximum at inf", "maximum(x, y)", {"x": inf, "y": inf},
             gives(inf, 0.5, 0.5), "kink", "a tie like any other", Seen("½, ½")),
        Case("logaddexp at (inf, 0)", "logaddexp(x, y)", {"x": inf, "y": 0.0},
             gives(inf, 1.0, 0.0), "limit", "the larger operand is all that counts",
             Seen("1, 0", "1, 1")),
        Case("logaddexp at (-inf, -inf)", "logaddexp(x, y)", {"x": -inf, "y": -inf},
             gives(-inf, 0.5, 0.5), "limit",
             "the limit along equal inputs: each counts half", Seen("NaN, NaN")),
        Case("logaddexp at (inf, inf)", "logaddexp(x, y)", {"x": inf, "y": inf},
             gives(inf, 0.5, 0.5), "limit",
             "the limit along equal inputs: each counts half", Seen("NaN, NaN")),
    ),
)

NANS = Group(
    "NaN",
    "A NaN that slips through an `if` unseen is hard to find. These let none through.",
    (
        Case("relu of NaN", "relu(x)", {"x": nan}, gives(nan, nan), "nan",
             "nan is neither above 0 nor below", Seen("1", "0", "0", "micrograd 0")),
        Case("abs of NaN", "abs(x)", {"x": nan}, gives(nan, nan), "nan",
             "no side of the corner", Seen("0", "-1", "NaN")),
        Case("sign of NaN", "sign(x)", {"x": nan}, gives(nan, nan), "nan",
             "no side of the jump", Seen("0 (value 0)")),
        Case("floor of NaN", "floor(x)", {"x": nan}, gives(nan, nan), "nan",
             "not a 0 that looks right", Seen("0")),
        Case("ceil of NaN", "ceil(x)", {"x": nan}, gives(nan, nan), "nan",
             "not a 0 that looks right", Seen("0")),
        Case("round of NaN", "round(x)", {"x": nan}, gives(nan, nan), "nan",
             "not a 0 that looks right", Seen("0")),
        Case("clamp of NaN", "clamp(x, -1.0, 1.0)", {"x": nan}, gives(nan, nan), "nan",
             "neither inside nor outside", Seen("0", "0", "0")),
        Case("leaky_relu of NaN", "leaky_relu(x)", {"x": nan}, gives(nan, nan), "nan",
             "no side of the corner", Seen("0.01")),
        Case("elu of NaN", "elu(x)", {"x": nan}, gives(nan, nan), "nan", "no side",
             Seen("1")),
        Case("selu of NaN", "selu(x)", {"x": nan}, gives(nan, nan), "nan",
             "no side of the corner", Seen("1.0507")),
        Case("softplus of NaN", "softplus(x)", {"x": nan}, gives(nan, nan), "nan",
             "neither tail", Seen("NaN")),
        Case("sigmoid of NaN", "sigmoid(x)", {"x": nan}, gives(nan, nan), "nan",
             "neither tail", Seen("NaN")),
        Case("log_sigmoid of NaN", "log_sigmoid(x)", {"x": nan}, gives(nan, nan), "nan",
             "neither tail", Seen("NaN")),
        Case("softsign of NaN", "softsign(x)", {"x": nan}, gives(nan, nan), "nan",
             "no side", Seen("NaN")),
        Case("maximum of NaN and 1", "maximum(x, y)", {"x": nan, "y": 1.0},
             gives(nan, nan, 0.0), "nan",
             "the value is the NaN of x, so its gradient goes to x, and 0 to y",
             Seen("1, 1", "0, 0", "0, 1", "HIPS 0, 0")),
        Case("maximum of 1 and NaN", "maximum(x, y)", {"x": 1.0, "y": nan},
             gives(nan, 0.0, nan), "nan",
             "Python's max(1.0, nan) is 1.0: order matters there, and not here",
             Seen("1, 1")),
        Case("maximum of NaN and NaN", "maximum(x, y)", {"x": nan, "y": nan},
             gives(nan, nan, nan), "nan", "both are NaN sides", Seen("1, 1")),
        Case("minimum of 1 and NaN", "minimum(x, y)", {"x": 1.0, "y": nan},
             gives(nan, 0.0, nan), "nan", "as maximum", Seen("1, 1")),
        Case("minimum of NaN and 1", "minimum(x, y)", {"x": nan, "y": 1.0},
             gives(nan, nan, 0.0), "nan", "as maximum", Seen("1, 1")),
        Case("maximum of NaN and a constant", "maximum(x, 0.0)", {"x": nan},
             gives(nan, nan), "nan", "as relu", Seen("1")),
        Case("hypot of NaN and 1", "hypot(x, y)", {"x": nan, "y": 1.0},
             gives(nan, nan, nan), "nan", "y / hypot is nan as well", Seen("NaN, NaN")),
        Case("x % y at (NaN, 2)", "x % y", {"x": nan, "y": 2.0}, gives(nan, nan, nan),
             "nan", "floor(x / y) is nan as well", Seen("1, NaN")),
        Case("x ** 0 of NaN", "x ** 0", {"x": nan}, gives(1.0, 0.0), "slope",
             "it is 1 everywhere; Python's nan ** 0 is 1.0 as well", Seen("0")),
        Case("x + y at (NaN, 1)", "x + y", {"x": nan, "y": 1.0}, gives(nan, 1.0, 1.0),
             "arithmetic", "the partials of a sum are 1 whatever the operands",
             Seen("1, 1")),
        Case("sqrt of NaN", "sqrt(x)", {"x": nan}, gives(nan, nan), "nan",
             "math.sqrt(nan) raises nothing", Seen("NaN")),
        Case("log of NaN", "log(x)", {"x": nan}, gives(nan, nan), "nan",
             "math.log(nan) raises nothing", Seen("NaN")),
        Case("atanh of NaN", "atanh(x)", {"x": nan}, gives(nan, nan), "nan",
             "math.atanh(nan) raises nothing", Seen("NaN")),
        Case("logaddexp of NaN and 0", "logaddexp(x, y)", {"x": nan, "y": 0.0},
             gives(nan, nan, nan), "nan", "both weights are nan", Seen("NaN, NaN")),
        Case("logsumexp with a NaN", "logsumexp([x, y])", {"x": nan, "y": 0.0},
             gives(nan, nan, nan), "nan", "all weights are nan", Seen("NaN, NaN")),
        Case("amax with a NaN", "amax([x, y])", {"x": 1.0, "y": nan},
             gives(nan, 0.0, nan), "nan", "as maximum", Seen("NaN, NaN")),
        Case("amin with a NaN", "amin([x, y])", {"x": nan, "y": 1.0},
             gives(nan, nan, 0.0), "nan", "as minimum", Seen("NaN, NaN")),
    ),
)

MANY = Group(
    "Many arguments",
    "Functions of a whole list.",
    (
        Case("logsumexp at (0, -inf)", "logsumexp([x, y])", {"x": 0.0, "y": -inf},
             gives(0.0, 1.0, 0.0), "limit", "exp(-inf) adds nothing",
             Seen("1, 0", "1, 0", "1, 0")),
        Case("logsumexp at (-inf, -inf)", "logsumexp([x, y])", {"x": -inf, "y": -inf},
             gives(-inf, 0.5, 0.5), "limit",
             "the limit along equal inputs: each counts 1 / n",
             Seen("NaN, NaN", "NaN, NaN", "NaN, NaN", "HIPS NaN, NaN")),
        Case("logsumexp of three at -inf", "logsumexp([x, y, z])",
             {"x": -inf, "y": -inf, "z": -inf}, gives(-inf, 1 / 3, 1 / 3, 1 / 3),
             "limit", "the limit along equal inputs: each counts 1 / n",
             Seen("NaN, NaN, NaN")),
        Case("logsumexp at (inf, 0)", "logsumexp([x, y])", {"x": inf, "y": 0.0},
             gives(inf, 1.0, 0.0), "limit", "the larger operand is all that counts",
             Seen("NaN, 0", "NaN, 0", "NaN, 0")),
        Case("logsumexp at (inf, inf)", "logsumexp([x, y])", {"x": inf, "y": inf},
             gives(inf, 0.5, 0.5), "limit",
             "the limit along equal inputs: each counts 1 / n", Seen("NaN, NaN")),
        Case("logsumexp at (1000, 1000)", "logsumexp([x, y])",
             {"x": 1000.0, "y": 1000.0}, gives(1000.6931471805599453, 0.5, 0.5),
             "slope",
             "½ exactly: weights taken after the largest operand is subtracted",
             Seen("0.5000000000000275", "0.5000000000000275")),
        Case("logsumexp of one operand", "logsumexp([x])", {"x": 1000.0},
             gives(1000.0, 1.0), "slope", "it is x", Seen("1")),
        Case("softmax at (1000, 0), first", "softmax([x, y])[0]",
             {"x": 1000.0, "y": 0.0}, gives(1.0, 0.0, 0.0), "slope",
             "p * (1 - p) with p = 1; nothing overflows", Seen("0, 0")),
        Case("softmax with a masked entry, first", "softmax([x, y])[0]",
             {"x": 0.0, "y": -inf}, gives(1.0, 0.0, 0.0), "limit",
             "-inf takes an entry out, and no NaN comes in", Seen("0, 0")),
        Case("softmax with a masked entry, the masked one", "softmax([x, y])[1]",
             {"x": 0.0, "y": -inf}, gives(0.0, 0.0, 0.0), "limit",
             "p = 0, and p * p too", Seen("0, 0")),
        Case("a tie of three in amax", "amax([x, y, z])",
             {"x": 2.0, "y": 2.0, "z": 2.0}, gives(2.0, 1 / 3, 1 / 3, 1 / 3), "kink",
             "the shortest vector between (1, 0, 0), (0, 1, 0) and (0, 0, 1)",
             Seen("⅓, ⅓, ⅓")),
        Case("a tie of two of three in amax", "amax([x, y, z])",
             {"x": 2.0, "y": 1.0, "z": 2.0}, gives(2.0, 0.5, 0.0, 0.5), "kink",
             "split between those that tie", Seen("½, 0, ½")),
        Case("a tie in amin", "amin([x, y, z])", {"x": 2.0, "y": 1.0, "z": 1.0},
             gives(1.0, 0.0, 0.5, 0.5), "kink", "split between those that tie",
             Seen("0, ½, ½")),
        Case("amax of x and x", "amax([x, x])", {"x": 2.0}, gives(2.0, 1.0), "kink",
             "both halves come back to x", Seen("1")),
        Case("amax at a constant", "amax([x, 1.0])", {"x": 1.0}, gives(1.0, 0.0),
             "active", "a function of x alone, with the corner of relu", Seen("½")),
        Case("a tie of two and a constant in amax", "amax([x, y, 1.0])",
             {"x": 1.0, "y": 1.0}, gives(1.0, 0.0, 0.0), "active",
             "where both are below 1 it is flat, so (0, 0) is among the slopes",
             Seen("⅓, ⅓")),
        Case("amin at a constant", "amin([1.0, x])", {"x": 1.0}, gives(1.0, 0.0),
             "active", "slopes 0 to 1", Seen("½")),
        Case("prod with one zero", "prod([x, y, z])", {"x": 0.0, "y": 3.0, "z": 5.0},
             gives(0.0, 15.0, 0.0, 0.0), "slope",
             "products of the others, never the product divided by x",
             Seen("15, 0, 0", "15, 0, 0")),
        Case("prod with two zeros", "prod([x, y, z])", {"x": 0.0, "y": 0.0, "z": 5.0},
             gives(0.0, 0.0, 0.0, 0.0), "slope",
             "every product of the others has a zero", Seen("0, 0, 0")),
        Case("prod of x and x at 0", "prod([x, x])", {"x": 0.0}, gives(0.0, 0.0),
             "slope", "2 * x", Seen("0")),
        Case("prod with zero and infinity", "prod([x, y])", {"x": 0.0, "y": inf},
             gives(nan, inf, 0.0), "arithmetic", "as x * y", Seen("inf, 0")),
    ),
)

CHOICES = Group(
    "Choices and branches not taken",
    "`where` and `if` choose by data. Nothing comes back along a branch not taken.",
    (
        Case("the first branch of where", "where(x > 0, x * y, x + y)",
             {"x": 2.0, "y": 3.0}, gives(6.0, 3.0, 2.0), "slope", "the slopes of x * y",
             Seen("3, 2")),
        Case("the second branch of where", "where(x > 0, x * y, x + y)",
             {"x": -2.0, "y": 3.0}, gives(1.0, 1.0, 1.0), "slope",
             "the slopes of x + y", Seen("1, 1")),
        Case("a guarded sqrt at 0", "where(x > 0, sqrt(x), 0.0)", {"x": 0.0},
             gives(0.0, 0.0), "zero", "0 * inf on the branch not taken is left out",
             Seen("NaN", "NaN", "0 (its sqrt kernel tests zero)")),
        Case("a guarded exp at 1000", "where(x < 100, exp(x), 0.0)", {"x": 1000.0},
             Raises(RangeError, "exp(x) is too large for a float at x = 1000.0"),
             "raise",
             "both branches are computed before where chooses; in IEEE mode the "
             "branch not taken does no harm",
             Seen("NaN", "NaN", "NaN", "tapes that skip zeros: 0"),
             ieee=gives(0.0, 0.0)),
        Case("a guarded log at -1", "where(x > 0, log(x), 0.0)", {"x": -1.0},
             Raises(DomainError, "log(x) needs x > 0, got x = -1.0"), "raise",
             "both branches are computed before where chooses; `if` computes one",
             Seen("0"), ieee=gives(0.0, 0.0)),
        Case("where in place of maximum, at a tie", "where(x > y, x, y)",
             {"x": 3.0, "y": 3.0}, gives(3.0, 0.0, 1.0), "slope",
             "where knows of no tie: 3 > 3 is false, so this is y", Seen("0, 1")),
        Case("where in place of abs, at 0", "where(x > 0, x, -x)", {"x": 0.0},
             gives(0.0, -1.0), "slope", "this is -x there; abs would give 0",
             Seen("-1")),
        Case("where with a NaN in its condition", "where(x > 0, x, 1.0)", {"x": nan},
             gives(1.0, 0.0), "slope",
             "every comparison with nan is false, so this is the constant 1",
             Seen("0")),
        Case("0 * sqrt(x) at 0", "0.0 * sqrt(x)", {"x": 0.0}, gives(0.0, 0.0), "zero",
             "0 * inf is left out: the function is 0 everywhere", Seen("NaN")),
        Case("sqrt(x) * sqrt(x) at 0", "sqrt(x) * sqrt(x)", {"x": 0.0}, gives(0.0, 0.0),
             "zero", "the price: 0 * inf had a limit, 1, and chain rule cannot know it",
             Seen("NaN")),
    ),
)

SECOND = Group(
    "Second derivatives",
    "The gradient of a gradient: here the gradient column holds second derivatives.",
    (
        Case("relu at 0, twice", "relu(x)", {"x": 0.0}, gives(0.0, 0.0), "limit",
             "its slope is a step", Seen("0", jax="0"), order=2),
        Case("abs at 0, twice", "abs(x)", {"x": 0.0}, gives(0.0, 0.0), "limit",
             "its slope is a step", Seen("0", jax="0"), order=2),
        Case("x ** 1.0 at 0, twice", "x ** 1.0", {"x": 0.0}, gives(0.0, 0.0), "slope",
             "it is x", Seen("0", jax="NaN"), order=2),
        Case("a factor of 0 that moves, twice", "(1 + x) ** 2 * x", {"x": 0.0},
             gives(0.0, 4.0), "slope",
             "x + 2 x**2 + x**3; a sweep that skips the factor whose gradient is 0 "
             "finds 2", Seen("4"), order=2),
    ),
)
# fmt: on

GROUPS = (KINKS, DOMAINS, SATURATION, INFINITIES, NANS, MANY, CHOICES, SECOND)
CASES = tuple(case for group in GROUPS for case in group.cases)

INTRODUCTION = """\
# Conventions at the edges

What is the slope of `relu` at 0? Of `sqrt`? Of `maximum(a, b)` when both are equal?
Calculus leaves some of these open, floating point breaks others, and libraries differ.
This page says what happens here, at every such place, and why. It is generated from the
table in `tests/conventions.py`, and the test suite holds the engine to every line of
it.

## The rule

The first four are tried in this order; the others say how they are applied. Each line
of the tables below names the one that decides it.
"""

ZERO_ADJOINT = """\
No rule is right for every expression: `relu(x) - relu(-x)` is just `x` and should have
slope 1, but gets 0 at 0, because each operation decides alone.

## Zeros pass nothing on

A backward pass carries a gradient from the result down to the inputs, and multiplies it
by a local derivative at each operation. That derivative may be infinite where it does
not matter at all:

```python
>>> from autograd import Value, sqrt, where
>>> x = Value(0.0)
>>> y = where(x > 0, sqrt(x), 0.0)
>>> y.backward()
>>> x.grad
0.0

```

`where` did not take `sqrt(x)`, so the gradient that arrives there is 0. The slope of
`sqrt` at 0 is `inf`, and `0 * inf` is `nan`: multiplied blindly, a branch that has no
part in the result spoils the gradient of everything below it. Hence the rule: **an
operation whose gradient is exactly 0 passes nothing on.** Where the backward pass is
differentiated in its turn, a gradient of 0 may still have a slope; there only the
products of 0 with `inf` or `nan` are left out.

The rule has a price. `sqrt(x) * sqrt(x)` is `x`, with slope 1, and gets 0 at 0: the
chain rule cannot see that this `0 * inf` has a limit.

## Errors, and IEEE mode

Going forward, an operation raises what plain Python raises. Going backward, nothing
does.

```python
>>> from autograd import ieee, log
>>> log(Value(0.0))  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
autograd.errors.DomainError: log(x) needs x > 0, got x = 0.0 ...
>>> x = Value(0.0)
>>> with ieee():
...     y = log(x)
>>> y.backward()
>>> y.data, x.grad
(-inf, inf)

```

## Reading the tables

Gradients stand in the order of the inputs. Where the default mode raises, the numbers
after "IEEE:" are those under `with ieee():`. The columns of other libraries give
*their* gradients in 64-bit floats on a CPU: PyTorch 1.13 and 2.13 (what 2.15 changes is
noted), JAX 0.12, TensorFlow 2.21, HIPS autograd 1.9.1, and others as named. A dash
means not measured; a column of nothing but dashes is left out.
"""

EXACTNESS = """\
## How exact it is

The value and every derivative of every operation are held against arithmetic with 50
digits, over the whole domain: tails, subnormal numbers and the largest floats included.
A unit in the last place, ulp, is the distance from the true number to the next float.
**All stay within 4 ulp, but for the exceptions below.** A search over some ten thousand
points for each found all within 2 ulp but for these: {over_two}.

Each line says where another bound takes the place of the 4 ulp (the first line that fits
counts): so many ulp and, after a plus, a distance. Then how much of that bound the worst
point of the search took.
"""


def number(value: float) -> str:
    """Return a number as a reader writes it.

    >>> number(0.0), number(-3.0), number(0.5), number(float("-inf")), number(1e200)
    ('0', '-3', '0.5', '-inf', '1e+200')
    """
    if value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    return repr(value)


def _prose(text: str) -> str:
    """Return text in which Markdown takes no ** for bold.

    >>> print(_prose("x**2 + x**3"))
    x\\*\\*2 + x\\*\\*3
    """
    return text.replace("*", "\\*")


def _place(case: Case) -> str:
    inputs = ", ".join(f"{name} = {number(at)}" for name, at in case.inputs.items())
    return f"{_prose(case.name)}<br>`{case.expression}`, {inputs}"


def _value(case: Case) -> str:
    if isinstance(case.expected, Gives):
        return number(case.expected.value)
    ieee = f"<br>IEEE: {number(case.ieee.value)}" if case.ieee else ""
    return f"`{case.expected.error.__name__}`{ieee}"


def _gradients(case: Case) -> str:
    outcome = case.expected if isinstance(case.expected, Gives) else case.ieee
    if outcome is None:
        return "—"
    text = ", ".join(number(gradient) for gradient in outcome.gradients)
    return text if outcome is case.expected else f"IEEE: {text}"


COLUMNS: Mapping[str, Callable[[Case], str]] = {
    "Case": _place,
    "Value": _value,
    "Gradient": _gradients,
    "PyTorch": lambda case: case.seen.pytorch,
    "JAX": lambda case: case.seen.jax,
    "TensorFlow": lambda case: case.seen.tensorflow,
    "Others": lambda case: case.seen.others,
    "Why": lambda case: f"*{case.rule}*: {_prose(case.why)}",
}


def table(group: Group) -> str:
    """Return a group as a Markdown table, without columns in which nothing is known."""
    columns = {title: [text(case) for case in group.cases] for title, text in COLUMNS.items()}
    columns = {title: cells for title, cells in columns.items() if set(cells) != {"—"}}
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(cells) for cells in zip(*columns.values(), strict=True)]
    return "\n".join(f"| {line} |" for line in lines)


def _title(name: str, which: int) -> str:
    """Return which number of an operation is meant, with its formula.

    >>> _title("cbrt", 0), _title("erf", 1)
    ('cbrt(x)', 'd/dx erf(x)<br>`two_over_root_pi * exp(-x * x)`')
    """
    row = BUILT_IN[name]
    written = _prose(row.written(list(row.arguments)))
    if not which:
        return written
    return f"d/d{row.arguments[which - 1]} {written}<br>`{row.partials[which - 1]}`"


def _bound(beyond: Beyond) -> str:
    """Return a bound as a reader takes it in.

    >>> print(_bound(Beyond("erf", 1, "", "", ulps="4 + x*x")))
    `4 + x*x` ulp
    >>> print(_bound(Beyond("elu", 1, "", "", absolute="5e-324 * abs(alpha)")))
    4 ulp + `5e-324 * abs(alpha)`
    """
    if beyond.ulps == "inf":
        return "no bound"
    ulps = beyond.ulps if beyond.ulps.isdigit() else f"`{beyond.ulps}`"
    return f"{ulps} ulp" + (f" + `{beyond.absolute}`" if beyond.absolute != "0" else "")


def _worst(beyond: Beyond) -> str:
    names = BUILT_IN[beyond.name].arguments
    at = ", ".join(f"{name} = {x!r}" for name, x in zip(names, beyond.worst, strict=True))
    return f"at {at}" if beyond.ulps == "inf" else f"{beyond.used:.0%} at {at}"


def exactness() -> str:
    """Return the section about ulps: the rule and its exceptions."""
    over_two = ", ".join(
        f"{_title(name, which).partition('<br>')[0]} {ulps:.1f}"
        for (name, which), (ulps, _) in OVER_TWO.items()
    )
    lines = ["Number | Where | Within | Most seen | Why", "--- | --- | --- | --- | ---"]
    for beyond in BEYOND:
        where = f"`{beyond.where}`" if beyond.where else "everywhere"
        title = _title(beyond.name, beyond.which)
        cells = [title, where, _bound(beyond), _worst(beyond), _prose(beyond.because)]
        lines.append(" | ".join(cells))
    return "\n".join([EXACTNESS.format(over_two=over_two), *(f"| {line} |" for line in lines)])


def page() -> str:
    """Return the whole of docs/conventions.md."""
    rules = "\n".join(f"- *{name}*: {text}" for name, text in RULES.items())
    parts = [INTRODUCTION, rules, "", ZERO_ADJOINT]
    for group in GROUPS:
        parts += [f"## {group.title}\n", f"{group.about}\n", f"{table(group)}\n"]
    return "\n".join([*parts, exactness(), ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}: {len(CASES)} cases")  # noqa: T201 - a command
