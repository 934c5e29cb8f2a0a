"""The operations a Value class may have, each as expressions a person would write.

A form is one expression with numbers at which wrong derivatives give distinct results, the
slips that people make in it, and what it is often composed of. Knows no class.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Slip:
    """A derivative that people write by mistake: `by` an input, as `formula`."""

    by: str
    formula: str
    hint: str

    def at(self, inputs: Mapping[str, float]) -> float:
        """Return the number that the wrong formula gives."""
        names = vars(math) | dict(inputs)
        return float(eval(self.formula, names))  # noqa: S307 - text of this file alone


@dataclass(frozen=True, slots=True)
class Form:
    """One expression to try.

    Attributes:
        text: the expression.
        operation: the operation it tries.
        method: what a class must define for it.
        inputs: the leaves in it and their numbers.
        slips: wrong derivatives and what to say of each.
        composed: other ways to write it; where they go wrong alike, it is made of them.
        number: a plain number that stands beside a Value, as it is written.
        swapped: what is computed when operands are swapped.
        repeats: whether two Values in it hold the same number.
    """

    text: str
    operation: str
    method: str
    inputs: Mapping[str, float] = field(default_factory=lambda: {"x": 3.0})
    slips: tuple[Slip, ...] = ()
    composed: tuple[str, ...] = ()
    number: str = ""
    swapped: str = ""
    repeats: bool = False

    @property
    def number_as_leaf(self) -> str:
        """The expression with a leaf k in place of the plain number."""
        return self.text.replace(self.number, "k")

    def missing_in(self, value_class: type[Any]) -> bool:
        """Return whether a class does not define the operation."""
        return not hasattr(value_class, self.method)

    def half_there(self, value_class: type[Any]) -> bool:
        """Return whether a class has the operation, but not with a number on the left."""
        return bool(self.number) and hasattr(value_class, self.method.replace("__r", "__"))


_BOTH: Mapping[str, float] = {"x": 3.0, "w": 5.0}
_HALF: Mapping[str, float] = {"x": 0.5}
_FOUR: Mapping[str, float] = {"x": 4.0}
_S = "1 / (1 + exp(-x))"


def _slips(by: str, *formulas: str, hint: str) -> tuple[Slip, ...]:
    return tuple(Slip(by, formula, hint) for formula in formulas)


# Simple operations first: what is composed of others comes after them.
FORMS = (
    Form("x + w", "+", "__add__", _BOTH),
    Form(
        "x * w",
        "*",
        "__mul__",
        _BOTH,
        slips=(
            *_slips("x", "x", hint="the derivative by one factor is the other factor"),
            *_slips("w", "w", hint="the derivative by one factor is the other factor"),
        ),
    ),
    Form(
        "x ** 3",
        "**",
        "__pow__",
        {"x": 2.0},
        slips=(
            *_slips("x", "3 * x**3", hint="n * x**(n - 1): the power must go down by one"),
            *_slips("x", "x**2", hint="n * x**(n - 1): the factor n is missing"),
        ),
    ),
    Form("x ** 2", "**", "__pow__", {"x": 0.0}, repeats=True),
    Form("x ** -1", "**", "__pow__", {"x": 2.0}),
    Form("x ** 0.5", "**", "__pow__", _FOUR),
    Form(
        "x.exp()",
        "exp",
        "exp",
        {"x": 2.0},
        slips=_slips(
            "x", "x * exp(x - 1)", "x", "1", hint="exp is its own derivative: the result"
        ),
    ),
    Form(
        "x.log()",
        "log",
        "log",
        _FOUR,
        slips=_slips("x", "x", "log(x)", "1 / log(x)", hint="the derivative is 1 / x"),
    ),
    Form("x + 2", "+", "__add__", number="2"),
    Form("x + 2.5", "+", "__add__", number="2.5"),
    Form("x * 2", "*", "__mul__", number="2"),
    Form("x * 2.5", "*", "__mul__", number="2.5"),
    Form("-x", "-v", "__neg__", composed=("x * -1", "0 - x")),
    Form(
        "x - w",
        "-",
        "__sub__",
        _BOTH,
        slips=_slips("w", "1", hint="the derivative by the second operand is -1"),
        composed=("x + -w", "x + w * -1"),
    ),
    Form(
        "x / w",
        "/",
        "__truediv__",
        _BOTH,
        slips=_slips(
            "w",
            "-x / w",
            "x / w",
            "x / w**2",
            "-1 / w**2",
            "-1 / w",
            hint="the derivative by the denominator is -x / w**2",
        ),
        composed=("x * w ** -1",),
    ),
    Form("x - 2", "-", "__sub__", composed=("x + -2",), number="2"),
    Form("x / 2", "/", "__truediv__", composed=("x * 2 ** -1",), number="2"),
    Form("2 + x", "+", "__radd__", composed=("x + 2",), number="2"),
    Form("2 * x", "*", "__rmul__", composed=("x * 2",), number="2"),
    Form(
        "2 - x",
        "-",
        "__rsub__",
        {"x": 9.0},
        composed=("-x + 2", "2 + -x", "Value(2) - x"),
        number="2",
        swapped="x - 2",
        repeats=True,
    ),
    Form(
        "2 / x",
        "/",
        "__rtruediv__",
        composed=("x ** -1 * 2", "2 * x ** -1", "Value(2) / x"),
        number="2",
        swapped="x / 2",
    ),
    Form(
        "2 ** x",
        "2**v",
        "__rpow__",
        slips=_slips("x", "2**x", "x * 2**(x - 1)", hint="the derivative is log(2) * 2**x"),
        composed=("(x * 0.6931471805599453).exp()",),
        swapped="x ** 2",
    ),
    Form(
        "sum([x, w])", "+", "__radd__", _BOTH, composed=("x + 0 + w",), number="0", repeats=True
    ),
    Form(
        "x.tanh()",
        "tanh",
        "tanh",
        _HALF,
        slips=(
            *_slips("x", "1 + tanh(x)**2", hint="it is 1 - t**2, with a minus"),
            *_slips("x", "1 - tanh(x)", hint="it is 1 - t**2: the square is missing"),
            *_slips("x", "1 - x**2", hint="it is 1 - t**2, with t the result, not the input"),
        ),
        composed=(
            "((2 * x).exp() - 1) / ((2 * x).exp() + 1)",
            "(x.exp() - (-x).exp()) / (x.exp() + (-x).exp())",
        ),
    ),
    Form(
        "x.sigmoid()",
        "sigmoid",
        "sigmoid",
        _HALF,
        slips=_slips(
            "x",
            f"({_S}) * (1 + {_S})",
            _S,
            f"1 - {_S}",
            "x * (1 - x)",
            hint="it is s * (1 - s), with s the result",
        ),
        composed=("1 / (1 + (-x).exp())", "(1 + (-x).exp()) ** -1"),
    ),
    Form("x.relu()", "relu", "relu", repeats=True),
    Form(
        "x.relu()",
        "relu",
        "relu",
        {"x": -3.0},
        slips=_slips("x", "1", hint="below 0 relu is flat, and no gradient goes through"),
    ),
)
