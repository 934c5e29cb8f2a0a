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

from autograd.errors import TapeError
from autograd.formulas import OWN_NAMES
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS
from autograd.rows import CHECKPOINT, CUSTOM


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind of number that formulas can be read over.

    Attributes:
        names: the functions and constants of the formulas.
        primal: the real number that conditions look at.
        literal: turns a number written in a formula into this kind.
        read: compiles a formula, if not in the usual way.
    """

    names: Mapping[str, Any]
    primal: Callable[[Any], Any]
    literal: Callable[[float], Any] = float
    read: "Callable[[str], CodeType] | None" = None

    def evaluate(self, formula: str, arguments: Mapping[str, Any]) -> Any:
        """Return a formula's value for arguments by name."""
        namespace = {
            **self.names,
            **OWN_NAMES,
            "_primal": self.primal,
            "_literal": self.literal,
        }
        return eval((self.read or _code)(formula), namespace, dict(arguments))  # noqa: S307 - our text


class _Spelled(ast.NodeTransformer):
    """Wraps arguments inside conditions in `_primal(...)` and numbers in `_literal(...)`."""

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

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if self.inside:
            return node
        return ast.Call(ast.Name("_literal", ast.Load()), [node], [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not self.inside:
            return node
        return ast.Call(ast.Name("_primal", ast.Load()), [node], [])


@cache
def _code(formula: str) -> CodeType:
    tree = _Spelled().visit(ast.parse(formula, mode="eval"))
    return compile(ast.fix_missing_locations(tree), f"<formula {formula}>", "eval")


def local_derivatives(
    name: str, moving: Sequence[bool], operands: Sequence[Any], out: Any, reading: Reading
) -> list[Any]:
    """Return the local derivative of an operation for each operand, over a kind of number.

    Args:
        name: the operation.
        moving: whether each operand is a row; the derivative of a constant is None.
        operands: every operand, constants included, in that kind of number.
        out: the value, likewise.
        reading: the kind of number.

    Raises:
        TapeError: for a learner's own operation, which has numbers or a function where the
            table has formulas.
    """
    if name in TABLE:
        operation = TABLE[name]
        names = dict(zip(operation.arguments, operands, strict=True))
        names |= {"out": out, "tie": 0.5 if all(moving) else 0.0}
        return [
            reading.evaluate(operation.partials[k], names) if moves else None
            for k, moves in enumerate(moving)
        ]
    if name in REDUCTIONS:
        return _reduction_derivatives(name, moving, operands, out, reading)
    raise no_formula(name)


def _reduction_derivatives(
    name: str, moving: Sequence[bool], operands: Sequence[Any], out: Any, reading: Reading
) -> list[Any]:
    rule = REDUCTIONS[name]
    if name == "logsumexp" and math.isfinite(reading.primal(out)):
        # The softmax, as a formula of the operands rather than of their data.
        return [reading.names["exp"](x - out) for x in operands]
    if name == "mean":
        return [reading.literal(1.0) / len(operands)] * len(operands)
    if name in ("amax", "amin", "logsumexp"):
        data = [reading.primal(x) for x in operands]
        return list(rule.partials(data, reading.primal(out), moving))
    return list(rule.partials(operands, out, moving))


def no_formula(name: str) -> TapeError:
    """Return the error for a row that has numbers or a function where formulas are needed."""
    if name == CHECKPOINT:
        return TapeError("a checkpoint keeps no formulas to replay; replay without it")
    return TapeError(
        f"the operation {name.removeprefix(CUSTOM)!r} was built by hand from children, so it "
        "has no formula for transforms, second derivatives and other numbers; define it with "
        "autograd.operation, or use backward()"
    )
