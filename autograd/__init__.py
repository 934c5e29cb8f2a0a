"""A scalar autograd engine with tape-based reverse mode, for people who teach and learn.

>>> from autograd import Value
>>> x = Value(3.0)
>>> y = x * x + 2.0 * x
>>> y.backward()
>>> x.grad
8.0
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd.contexts import Tape, ieee, no_grad
from autograd.errors import (
    AnomalyError,
    BranchError,
    CompilationError,
    CompilationWarning,
    ConversionError,
    DefinitionError,
    DefinitionWarning,
    DomainError,
    GradientError,
    IndependenceWarning,
    LengthError,
    NumberError,
    PoleError,
    RangeError,
    StructureError,
    TapeError,
    missing_extra,
    shown,
)
from autograd.formulas import applying
from autograd.functions import (
    abs as abs,  # noqa: A004 - a function of the table, like pow and round below
)
from autograd.functions import (
    acos,
    acosh,
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
    elu,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    gelu,
    hypot,
    identity,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    maximum,
    minimum,
    mod,
    neg,
    relu,
    selu,
    sigmoid,
    sign,
    silu,
    sin,
    sinc,
    sinh,
    softplus,
    softsign,
    sqrt,
    stop_gradient,
    tan,
    tanh,
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
from autograd.namesake import warn_of_namesake
from autograd.naming import skim, tape_of
from autograd.numbers import format_number
from autograd.operations import BUILT_IN as OPERATIONS
from autograd.replay import Replay, replay
from autograd.rows import Glance, Line, Operand, Row
from autograd.sequences import amax, amin, dot, logsumexp, mean, prod, softmax, take, total
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.anomaly import detect_anomaly
    from autograd.checking import GradientReport, assert_gradients, check_gradients
    from autograd.checkpointing import checkpoint
    from autograd.compiling import Compiled
    from autograd.compiling import compile as compile  # noqa: A004 - see below
    from autograd.compiling.training import Trainer, WeightGroup
    from autograd.custom import operation
    from autograd.transforms import (
        derivative,
        grad,
        hessian,
        hvp,
        jacobian,
        jvp,
        value_and_grad,
        vjp,
    )

__version__ = "0.1.0"

warn_of_namesake()

# Loaded when they are first asked for, so that importing the engine stays quick.
_LATER = {
    "Compiled": "autograd.compiling",
    "GradientReport": "autograd.checking",
    "Trainer": "autograd.compiling.training",
    "WeightGroup": "autograd.compiling.training",
    "assert_gradients": "autograd.checking",
    "check_gradients": "autograd.checking",
    "checkpoint": "autograd.checkpointing",
    "compile": "autograd.compiling",
    "derivative": "autograd.transforms",
    "detect_anomaly": "autograd.anomaly",
    "grad": "autograd.transforms",
    "hessian": "autograd.transforms",
    "hvp": "autograd.transforms",
    "jacobian": "autograd.transforms",
    "jvp": "autograd.transforms",
    "operation": "autograd.custom",
    "value_and_grad": "autograd.transforms",
    "vjp": "autograd.transforms",
}

# Without abs, compile, pow and round: `from autograd import *` leaves Python's own in place.
__all__ = [
    "OPERATIONS",
    "AnomalyError",
    "BranchError",
    "CompilationError",
    "CompilationWarning",
    "Compiled",
    "ConversionError",
    "DefinitionError",
    "DefinitionWarning",
    "DomainError",
    "Glance",
    "GradientError",
    "GradientReport",
    "IndependenceWarning",
    "LengthError",
    "Line",
    "Listing",
    "NumberError",
    "Operand",
    "PoleError",
    "RangeError",
    "Replay",
    "Row",
    "StructureError",
    "Tape",
    "TapeError",
    "Trainer",
    "Value",
    "WeightGroup",
    "acos",
    "acosh",
    "amax",
    "amin",
    "applying",
    "asin",
    "asinh",
    "assert_gradients",
    "atan",
    "atan2",
    "atanh",
    "backward",
    "cbrt",
    "ceil",
    "check_gradients",
    "checkpoint",
    "clamp",
    "cos",
    "cosh",
    "derivative",
    "detect_anomaly",
    "dot",
    "elu",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "floor",
    "format_number",
    "gelu",
    "grad",
    "hessian",
    "hvp",
    "hypot",
    "identity",
    "ieee",
    "jacobian",
    "jvp",
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
    "missing_extra",
    "mod",
    "neg",
    "no_grad",
    "operation",
    "prod",
    "relu",
    "replay",
    "selu",
    "shown",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "skim",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "stop_gradient",
    "take",
    "tan",
    "tanh",
    "tape_of",
    "total",
    "value_and_grad",
    "vjp",
    "where",
    "xlogy",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    thing = globals()[name] = getattr(import_module(_LATER[name]), name)
    return thing


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
