"""The public functions: every operation, for floats and for Values alike.

Given floats a function returns a float; given a Value anywhere, it records and returns a
Value. Their docstrings come from the table. Knows how arguments are checked and spread over
recorders; knows no derivative.
"""

from typing import Any

from autograd.contexts import no_grad
from autograd.errors import NumberError, shown
from autograd.lists import record_many
from autograd.numbers import real
from autograd.operations import TABLE
from autograd.recorders import generated
from autograd.signatures import Binary, Unary, described, number_or_value
from autograd.tape import here
from autograd.value import Value


def _unary(name: str, x: float, result: str) -> Unary:
    def function(x: Any) -> Any:
        if isinstance(x, Value):
            return generated(name, "record")(x)
        return generated(name, "plain")(real(x, name))

    described(function, name, f"{name}({x})", result)
    return function


def _binary(name: str, x: float, y: float, result: str) -> Binary:
    def function(x: Any, y: Any) -> Any:
        if isinstance(x, Value):
            return generated(name, "record")(x, number_or_value(y, name))
        x = real(x, name)
        if isinstance(y, Value):
            return generated(name, "reflected")(y, x)
        return generated(name, "plain")(x, real(y, name))

    described(function, name, f"{name}({x}, {y})", result)
    return function


exp = _unary("exp", 1.0, "2.7183")
expm1 = _unary("expm1", 1.0, "1.7183")
log = _unary("log", 2.0, "0.6931")
log1p = _unary("log1p", 1.0, "0.6931")
log2 = _unary("log2", 8.0, "3.0000")
log10 = _unary("log10", 1000.0, "3.0000")
sqrt = _unary("sqrt", 2.0, "1.4142")
cbrt = _unary("cbrt", -8.0, "-2.0000")
sin = _unary("sin", 1.0, "0.8415")
cos = _unary("cos", 1.0, "0.5403")
tan = _unary("tan", 1.0, "1.5574")
asin = _unary("asin", 1.0, "1.5708")
acos = _unary("acos", 0.0, "1.5708")
atan = _unary("atan", 1.0, "0.7854")
atan2 = _binary("atan2", 1.0, -1.0, "2.3562")
hypot = _binary("hypot", 3.0, 4.0, "5.0000")
sinh = _unary("sinh", 1.0, "1.1752")
cosh = _unary("cosh", 1.0, "1.5431")
tanh = _unary("tanh", 1.0, "0.7616")
asinh = _unary("asinh", 1.0, "0.8814")
acosh = _unary("acosh", 2.0, "1.3170")
atanh = _unary("atanh", 0.5, "0.5493")
erf = _unary("erf", 1.0, "0.8427")
erfc = _unary("erfc", 1.0, "0.1573")
sinc = _unary("sinc", 0.5, "0.6366")
sigmoid = _unary("sigmoid", 1.0, "0.7311")
log_sigmoid = _unary("log_sigmoid", 1.0, "-0.3133")
softplus = _unary("softplus", 1.0, "1.3133")
relu = _unary("relu", -1.0, "0.0000")
selu = _unary("selu", 1.0, "1.0507")
gelu = _unary("gelu", 1.0, "0.8413")
silu = _unary("silu", 1.0, "0.7311")
softsign = _unary("softsign", 1.0, "0.5000")
identity = _unary("identity", 1.0, "1.0000")
stop_gradient = _unary("stop_gradient", 1.0, "1.0000")
neg = _unary("neg", 1.0, "-1.0000")
abs = _unary("abs", -1.0, "1.0000")  # noqa: A001 - a function of the table
sign = _unary("sign", -2.0, "-1.0000")
floor = _unary("floor", 1.5, "1.0000")
ceil = _unary("ceil", 1.5, "2.0000")
round = _unary("round", 2.5, "2.0000")  # noqa: A001 - a function of the table
pow = _binary("pow", 2.0, 3.0, "8.0000")  # noqa: A001 - a function of the table
mod = _binary("mod", 7.0, 3.0, "1.0000")
minimum = _binary("minimum", 1.0, 2.0, "1.0000")
maximum = _binary("maximum", 1.0, 2.0, "2.0000")
logaddexp = _binary("logaddexp", 0.0, 0.0, "0.6931")
xlogy = _binary("xlogy", 2.0, 3.0, "2.1972")


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x above 0 and slope * x below; at 0 the slope is that of the left side.

    Example:
        >>> leaky_relu(-2.0)
        -0.02
    """
    return _with_constants("leaky_relu", x, slope)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return x above 0 and alpha * (exp(x) - 1) below (Clevert et al. 2015, equation 15).

    Example:
        >>> elu(3.0)
        3.0
    """
    return _with_constants("elu", x, alpha)


def _with_constants(name: str, x: Any, *constants: Any) -> Any:
    numbers = [real(constant, name) for constant in constants]
    if isinstance(x, Value):
        return generated(name, "record")(x, *numbers)
    return generated(name, "plain")(real(x, name), *numbers)


def clamp(x: Any, low: Any = None, high: Any = None) -> Any:
    """Return x held between low and high, either of which may be left out.

    The slope is 1 inside and 0 outside and at a constant bound, so a weight that sits on its
    bound gets no gradient. Bounds may be Values: they then share the slope of a tie.

    Raises:
        NumberError: if a bound is no number, or low > high.

    Example:
        >>> clamp(3.0, 0.0, 1.0)
        1.0
    """
    if isinstance(x, Value):
        return x.clamp(low, high)
    with no_grad():
        held = Value(x).clamp(low, high)._data
    if not isinstance(low, Value) and not isinstance(high, Value):
        return held
    # A plain number shares no tie with its bounds.
    out = real(x, "clamp") if low is None else maximum(x, low)
    return out if high is None else minimum(out, high)


def where(condition: Any, x: Any, y: Any) -> Any:
    """Return x where the condition holds, else y.

    The condition is a bool, a number or a Value (true where not 0); no gradient flows through
    it, and only the chosen side gets one.

    Example:
        >>> v = Value(0.0)
        >>> where(v > 0, v, 2.0 + v)
        Value(data=2.0, grad=0.0)
    """
    x, y = number_or_value(x, "where"), number_or_value(y, "where")
    if not isinstance(condition, Value):
        if condition is None or isinstance(condition, (str, bytes)):
            raise NumberError(
                f"where needs a bool, a number or a Value, got {shown(condition)}"
            )
        tracing = here.tracing
        condition = float(bool(condition)) if tracing is None else tracing.condition(condition)
    operands = [condition, x, y]
    if type(condition) is not float or isinstance(x, Value) or isinstance(y, Value):
        return record_many("where", operands)
    return x if condition else y


def backward(value: Any, seed: float = 1.0) -> None:
    """Run `value.backward(seed)`, with a clear error for what is no Value.

    Raises:
        NumberError: if it is not a Value: nothing it was computed from was one.
    """
    if not isinstance(value, Value):
        raise NumberError(
            f"backward needs a Value, got {shown(value)}; a result is a Value only if "
            "something it was computed from is one"
        )
    value.backward(seed)


# doctest finds generated functions only when they are listed.
__test__ = {name: function for name, function in list(globals().items()) if name in TABLE}
