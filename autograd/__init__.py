"""A scalar autograd engine with tape-based reverse mode, for people who teach and learn.

>>> from autograd import Value
>>> x = Value(3.0)
>>> y = x * x + 2.0 * x
>>> y.backward()
>>> x.grad
8.0
"""

from autograd.contexts import Tape, ieee, no_grad
from autograd.errors import (
    ConversionError,
    DomainError,
    LengthError,
    NumberError,
    PoleError,
    RangeError,
    TapeError,
)
from autograd.functions import (
    abs as abs,  # noqa: A004 - a function of the table, like pow and round below
)
from autograd.functions import (
    acos,
    acosh,
    amax,
    amin,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    backward,
    cbrt,
    ceil,
    clamp,
    cos,
    cosh,
    dot,
    elu,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    logsumexp,
    maximum,
    mean,
    minimum,
    mod,
    neg,
    prod,
    relu,
    selu,
    sigmoid,
    sign,
    silu,
    sin,
    sinc,
    sinh,
    softmax,
    softplus,
    softsign,
    sqrt,
    tan,
    tanh,
    total,
    where,
    xlogy,
)
from autograd.functions import (
    pow as pow,  # noqa: A004
)
from autograd.functions import (
    round as round,  # noqa: A004
)
from autograd.listing import Listing
from autograd.numbers import format_number
from autograd.operations import TABLE as OPERATIONS
from autograd.rows import Operand, Row
from autograd.value import Value

__version__ = "0.1.0"

# Without abs, pow and round: `from autograd import *` leaves Python's own in place.
__all__ = [
    "OPERATIONS",
    "ConversionError",
    "DomainError",
    "LengthError",
    "Listing",
    "NumberError",
    "Operand",
    "PoleError",
    "RangeError",
    "Row",
    "Tape",
    "TapeError",
    "Value",
    "acos",
    "acosh",
    "amax",
    "amin",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "backward",
    "cbrt",
    "ceil",
    "clamp",
    "cos",
    "cosh",
    "dot",
    "elu",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "floor",
    "format_number",
    "gelu",
    "hypot",
    "ieee",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "logaddexp",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "mod",
    "neg",
    "no_grad",
    "prod",
    "relu",
    "selu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "tan",
    "tanh",
    "total",
    "where",
    "xlogy",
]
