"""Readings of the table over other kinds of numbers: Values, fractions, complex, mpmath.

The formulas are the ones that run on floats. What changes is the namespace they are read in,
and that their conditions look at primals: `0.0 if x <= 0.0 else x` over a Value compares its
data, and whichever branch is taken stays differentiable.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

from autograd import functions
from autograd.errors import TapeError
from autograd.formulas import FLOAT_NAMES
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS
from autograd.rows import CUSTOM, operands_of
from autograd.value import Value


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind of number that formulas can be read over.

    Attributes:
        names: the functions and constants of the formulas.
        primal: the real number that conditions look at.
    """

    names: Mapping[str, Any]
    primal: Callable[[Any], Any]

    def evaluate(self, formula: str, arguments: Mapping[str, Any]) -> Any:
        """Return a formula's value for arguments by name."""
        namespace = {**self.names, "_primal": self.primal}
        return eval(_code(formula), namespace, dict(arguments))  # noqa: S307 - our text


class _PrimalConditions(ast.NodeTransformer):
    """Wraps the arguments inside the conditions of a formula in `_primal(...)`."""

    def __init__(self) -> None:
        self.inside = False

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.inside = True
        node.test = self.visit(node.test)
        self.inside = False
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not self.inside:
            return node
        return ast.Call(ast.Name("_primal", ast.Load()), [node], [])


@cache
def _code(formula: str) -> CodeType:
    tree = _PrimalConditions().visit(ast.parse(formula, mode="eval"))
    return compile(ast.fix_missing_locations(tree), f"<formula {formula}>", "eval")


def _data(x: Any) -> Any:
    return x._data if isinstance(x, Value) else x


VALUES = Reading(
    {
        **FLOAT_NAMES,
        **{name: getattr(functions, name) for name in TABLE if hasattr(functions, name)},
        "float": lambda x: x,
        "copysign": lambda x, sign: math.copysign(_data(x), _data(sign)),
    },
    _data,
)


def local_derivatives(
    raw: tuple[Any, ...], operands: Sequence[Any], out: Any, reading: Reading = VALUES
) -> list[Any]:
    """Return the local derivative of a row for each operand, over another kind of number.

    Args:
        raw: the row of a reel.
        operands: every operand, constants included, in that kind of number.
        out: the value of the row, likewise.
        reading: the kind of number.

    Raises:
        TapeError: for a learner's own operation, which has numbers or a function where the
            table has formulas.
    """
    name = raw[0]
    places = operands_of(raw)
    moving = [row is not None for row, _, _ in places]
    if name in TABLE:
        operation = TABLE[name]
        names = dict(zip(operation.arguments, operands, strict=True))
        names |= {"out": out, "tie": 0.5 if all(moving) else 0.0}
        return [
            reading.evaluate(operation.partials[k], names) if moves else None
            for k, moves in enumerate(moving)
        ]
    if name in REDUCTIONS:
        rule = REDUCTIONS[name]
        if name == "logsumexp" and math.isfinite(reading.primal(out)):
            # The softmax, as a formula of the operands rather than of their data.
            return [reading.names["exp"](x - out) for x in operands]
        if name in ("amax", "amin", "logsumexp"):
            data = [reading.primal(x) for x in operands]
            return list(rule.partials(data, reading.primal(out), moving))
        return list(rule.partials(operands, out, moving))
    raise TapeError(
        f"the operation {name.removeprefix(CUSTOM)!r} was built by hand from children, so it "
        "has no formula to differentiate again or to read over other numbers; define it with "
        "autograd.operation"
    )
