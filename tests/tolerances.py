"""How exact the rows of the table are: 4 units in the last place, and where that is too much.

`test_table.py` holds the engine to these bounds, and `docs/conventions.md` shows them. A bound
is text in the names of the operation's arguments, so what a reader sees is what is tested.
Knows no operation but by name.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from autograd.operations import BUILT_IN

# Half a unit: rounded once, or not at all.
EXACT = 0.5
USUAL = 4.0


@dataclass(frozen=True, slots=True)
class Beyond:
    """A bound that takes the place of the usual one somewhere.

    Attributes:
        name: the operation.
        which: 0 for the value, 1 for the derivative by the first argument, and so on.
        where: the condition on the operands; the first that holds counts.
        ulps: how many units in the last place of the true result, as a formula.
        absolute: a distance on top of that, as a formula.
        because: why the usual bound does not hold there.
        worst: the operands at which most of the bound was used in a search.
        used: how much of it, as a fraction.
    """

    name: str
    which: int
    where: str
    because: str
    worst: tuple[float, ...] = ()
    used: float = 0.0
    ulps: str = "4"
    absolute: str = "0"


BEYOND: tuple[Beyond, ...] = (
    Beyond(
        "div",
        2,
        "abs(x / y) < 2.2250738585072014e-308",
        "x / y is subnormal and has lost digits",
        worst=(-1.69e-321, -4.265647555133042e-10),
        used=0.5,
        absolute="5e-324 / abs(y)",
    ),
    Beyond(
        "pow",
        1,
        "x != 0 and min(y * log(abs(x)), (y - 1) * log(abs(x))) < -708",
        "x ** y or x ** (y - 1) is subnormal and has lost digits",
        worst=(21.91819614733492, -235.54650655941148),
        used=0.47,
        absolute="5e-324 * abs(y) + 5e-324 / abs(x) * abs(y)",
    ),
    Beyond(
        "pow",
        2,
        "x > 0 and y * log(x) < -708",
        "x ** y is subnormal and has lost digits",
        worst=(4.363043734964486e-293, 1.103987545680143),
        used=0.5,
        absolute="5e-324 * abs(log(x))",
    ),
    Beyond(
        "cbrt",
        1,
        "",
        "the cube root of the C library is 3 units off here and there, and is divided twice",
        worst=(2.8189010655610827e-198,),
        used=0.73,
        ulps="7",
    ),
    Beyond(
        "atan2",
        1,
        "hypot(x, y) == inf",
        "the distance from the origin is too large for a float, its inverse 0",
        worst=(2.342005727823004e307, -1.7876190166664597e308),
        used=0.92,
        absolute="6e-309",
    ),
    Beyond(
        "atan2",
        2,
        "hypot(x, y) == inf",
        "the distance from the origin is too large for a float, its inverse 0",
        worst=(1.7769290657152376e308, -3.1326163337639906e307),
        used=0.91,
        absolute="6e-309",
    ),
    Beyond(
        "atan2",
        1,
        "hypot(x, y) < 2.2250738585072014e-308",
        "the distance from the origin is subnormal and has lost digits; it counts twice",
        worst=(3.27356076500423e-310, 1.44889143e-316),
        used=0.94,
        ulps="4 + 2.0**-1021 / hypot(x, y)",
        absolute="5e-324 / hypot(x, y)",
    ),
    Beyond(
        "atan2",
        2,
        "hypot(x, y) < 2.2250738585072014e-308",
        "the distance from the origin is subnormal and has lost digits; it counts twice",
        worst=(-6.1994198289e-313, -8.3675189235936e-311),
        used=0.94,
        ulps="4 + 2.0**-1021 / hypot(x, y)",
        absolute="5e-324 / hypot(x, y)",
    ),
    Beyond(
        "atan2",
        1,
        "abs(y) / hypot(x, y) < 2.2250738585072014e-308",
        "y / hypot(x, y) is subnormal and has lost digits",
        worst=(6.588136560135487e-06, -7.6427e-320),
        used=0.5,
        absolute="5e-324 / hypot(x, y)",
    ),
    Beyond(
        "atan2",
        2,
        "abs(x) / hypot(x, y) < 2.2250738585072014e-308",
        "x / hypot(x, y) is subnormal and has lost digits",
        worst=(-1.685776e-317, 4.217217603422844e-07),
        used=0.48,
        absolute="5e-324 / hypot(x, y)",
    ),
    Beyond(
        "hypot",
        1,
        "hypot(x, y) == inf",
        "the value is too large for a float, and the derivative 0 with it",
        worst=(-1.7862236025644328e308, 3.113039404306947e307),
        used=0.99,
        absolute="1",
    ),
    Beyond(
        "hypot",
        2,
        "hypot(x, y) == inf",
        "the value is too large for a float, and the derivative 0 with it",
        worst=(-2.3980837030053576e307, -1.7849084362797351e308),
        used=0.99,
        absolute="1",
    ),
    Beyond(
        "hypot",
        1,
        "hypot(x, y) < 2.2250738585072014e-308",
        "the value is subnormal and has lost digits",
        worst=(-5.8072e-320, -2.075e-321),
        used=1.0,
        ulps="4 + 2.0**-1022 / hypot(x, y)",
    ),
    Beyond(
        "hypot",
        2,
        "hypot(x, y) < 2.2250738585072014e-308",
        "the value is subnormal and has lost digits",
        worst=(-3.7006e-320, -2.77769986e-316),
        used=1.0,
        ulps="4 + 2.0**-1022 / hypot(x, y)",
    ),
    Beyond(
        "tanh",
        1,
        "",
        "cosh is rounded, and counts twice",
        worst=(-10.401805319729553,),
        used=0.75,
        ulps="6",
    ),
    Beyond(
        "erf",
        1,
        "abs(x) < 27.5",
        "x*x is rounded, and half a unit of it is up to x*x/2 units of its exponential",
        worst=(16.062529249727312,),
        used=0.92,
        ulps="4 + x*x",
    ),
    Beyond(
        "erfc",
        1,
        "abs(x) < 27.5",
        "x*x is rounded, and half a unit of it is up to x*x/2 units of its exponential",
        worst=(22.787951386100787,),
        used=0.96,
        ulps="4 + x*x",
    ),
    Beyond(
        "sinc",
        0,
        "abs(x) > 0.5",
        "pi*x is rounded, and the sine, which has zeros, makes that a distance",
        worst=(11.984000087919178,),
        used=0.7,
        absolute="3e-16 / abs(x)",
    ),
    Beyond(
        "sinc",
        1,
        "abs(x) > 0.5",
        "pi*x is rounded, and the cosine, which has zeros, makes that a distance",
        worst=(-954079353.5005772,),
        used=0.68,
        absolute="9e-16 / abs(x)",
    ),
    Beyond(
        "gelu",
        0,
        "-40 < x < 0",
        "x / sqrt(2) is rounded before erfc, which falls like exp(-x*x/2)",
        worst=(-11.457725772162703,),
        used=0.74,
        ulps="4 + 2*x*x",
    ),
    Beyond(
        "gelu",
        1,
        "-1.25 < x < -0.4",
        "the derivative has a zero of its own near -0.75",
        worst=(-0.7517915246933617,),
        used=0.85,
        absolute="2.0**-53",
    ),
    Beyond(
        "gelu",
        1,
        "-40 < x < 0",
        "x / sqrt(2) is rounded before erfc, which falls like exp(-x*x/2)",
        worst=(-1.2616150127136445,),
        used=0.82,
        ulps="4 + 2*x*x",
    ),
    Beyond(
        "silu",
        0,
        "x < -708",
        "sigmoid(x) is subnormal and has lost digits",
        worst=(-715.9080716397315,),
        used=0.5,
        absolute="abs(x) * 5e-324",
    ),
    Beyond(
        "silu",
        1,
        "x < -708",
        "sigmoid(x) is subnormal and has lost digits",
        worst=(-715.9080716397315,),
        used=0.5,
        absolute="abs(x) * 5e-324",
    ),
    Beyond(
        "silu",
        1,
        "-2 < x < -0.75",
        "the derivative has a zero of its own near -1.28",
        worst=(-1.2784645757995956,),
        used=0.45,
        absolute="2.0**-53",
    ),
    Beyond(
        "silu",
        1,
        "x < -0.75",
        "it is a product of three rounded factors",
        worst=(-4.802302855718395,),
        used=0.71,
        ulps="6",
    ),
    Beyond(
        "elu",
        1,
        "x < -708",
        "exp(x) is subnormal and has lost digits",
        worst=(-725.2515247003621, 1.1490663801415014e32),
        used=0.5,
        absolute="5e-324 * abs(alpha)",
    ),
    Beyond(
        "logaddexp",
        0,
        "-1 < max(x, y) < 0",
        "the value has a zero of its own below 0",
        worst=(-0.5566603317446628, -0.8512474019216648),
        used=0.69,
        ulps="4 + min(abs(x - y), 800)",
        absolute="2.0**-53",
    ),
    Beyond(
        "logaddexp",
        0,
        "0 <= max(x, y) < 1",
        "x - y is rounded before exp, which may be all of the value",
        worst=(-16.81392122587101, 3.6794702565841846e-13),
        used=0.6,
        ulps="4 + min(abs(x - y), 800)",
    ),
    Beyond(
        "logaddexp",
        1,
        "abs(x - y) < 800",
        "x - y is rounded, and half a unit of it is (x - y)/2 units of its exponential",
        worst=(59.519845396121866, 576.6514461681727),
        used=0.94,
        ulps="4 + abs(x - y)",
    ),
    Beyond(
        "logaddexp",
        2,
        "abs(x - y) < 800",
        "x - y is rounded, and half a unit of it is (x - y)/2 units of its exponential",
        worst=(-332.8699055090586, -872.8403443500777),
        used=0.93,
        ulps="4 + abs(x - y)",
    ),
)

# The largest error in ulps that a search found, where it is above 2 and no exception holds, by
# operation and number; and where.
OVER_TWO: dict[tuple[str, int], tuple[float, tuple[float, ...]]] = {
    ("cbrt", 0): (3.07, (-1.984069492658732e-172,)),
    ("atan", 1): (2.14, (-96922621.86110723,)),
    ("atan2", 1): (2.71, (7.275452936389851, -4.607783466011515)),
    ("atan2", 2): (2.63, (-759.2656868450819, -1029.427407146495)),
    ("acosh", 1): (2.47, (5.64245413250078e160,)),
    ("erfc", 0): (2.76, (1.1937698153172063,)),
    ("sinc", 1): (2.87, (0.33888559844933575,)),
    ("sigmoid", 1): (3.79, (-3.40682400483184,)),
    ("selu", 0): (2.66, (-0.32770853972581815,)),
    ("selu", 1): (2.56, (-20.683163011020742,)),
    ("silu", 0): (2.72, (-1.9139092729739802,)),
    ("silu", 1): (2.47, (1.2083625607119761,)),
    ("softsign", 1): (2.91, (-1.0052574539990469,)),
}

_LISTED: dict[tuple[str, int], list[Beyond]] = {}
for _beyond in BEYOND:
    _LISTED.setdefault((_beyond.name, _beyond.which), []).append(_beyond)

_NAMES = {
    "abs": abs, "min": min, "max": max, "hypot": math.hypot, "inf": math.inf, "log": math.log,
    "__builtins__": {},
}  # fmt: skip


@cache
def _compiled(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    function: Callable[..., float] = eval(  # noqa: S307 - our own table
        f"lambda {', '.join(arguments)}: {text}", _NAMES
    )
    return function


def evaluated(name: str, text: str, operands: Sequence[float]) -> float:
    """Return a formula in the names of an operation's arguments.

    >>> evaluated("div", "x / y", (3.0, 2.0))
    1.5
    """
    return _compiled(text, BUILT_IN[name].arguments)(*operands)


def exception(name: str, which: int, operands: Sequence[float]) -> Beyond | None:
    """Return what takes the place of the usual bound at some operands, if anything does.

    >>> exception("silu", 0, (-740.0,)).absolute, exception("silu", 0, (-5.0,))
    ('abs(x) * 5e-324', None)
    """
    for beyond in _LISTED.get((name, which), ()):
        if not beyond.where or evaluated(name, beyond.where, operands):
            return beyond
    return None


def bound(
    name: str, which: int, operands: Sequence[float], usual: float
) -> tuple[float, float]:
    """Return how far a number may be off: units in the last place, and a distance on top.

    >>> bound("erf", 1, (3.0,), USUAL), bound("exp", 0, (3.0,), USUAL)
    ((13.0, 0.0), (4.0, 0.0))
    """
    found = exception(name, which, operands)
    if found is None:
        return usual, 0.0
    ulps, absolute = (evaluated(name, text, operands) for text in (found.ulps, found.absolute))
    return float(ulps), float(absolute)
