"""Readings of the table over other kinds of numbers: Values, fractions, complex, mpmath.

The formulas are the ones that run on floats. What changes is the namespace they are read in,
and that their conditions look at primals: `0.0 if x <= 0.0 else x` over a Value compares its
data, and whichever branch is taken stays differentiable.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from autograd.errors import TapeError
from autograd.formulas import OWN_NAMES, ieee_tree
from autograd.operations import TABLE
from autograd.reductions import REDUCTIONS
from autograd.rows import CHECKPOINT, CUSTOM


class _Spelled(ast.NodeTransformer):
    """Wraps arguments inside conditions in `_primal(...)`."""

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


class _SpelledOut(_Spelled):
    """Wraps numbers outside conditions in `_literal(...)` too."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if self.inside or node.value is None:
            return node
        return ast.Call(ast.Name("_literal", ast.Load()), [node], [])


def with_primals(formula: str) -> ast.Expression:
    """Return a formula in which conditions look at primals and numbers stay floats.

    / and % are functions, as in the IEEE reading: each kind of number has its own.
    """
    return _Spelled().visit(ieee_tree(formula))  # type: ignore[no-any-return]


def with_literals(formula: str) -> ast.Expression:
    """Return the same, but with numbers outside conditions converted to the kind."""
    return _SpelledOut().visit(ieee_tree(formula))  # type: ignore[no-any-return]


Spelling = Callable[[str], ast.Expression]


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind of number that formulas can be read over.

    Attributes:
        names: the functions and constants of the formulas.
        primal: the real number that conditions look at.
        literal: turns a number written in a formula into this kind.
        spelling: how a formula is written for this kind.
    """

    names: Mapping[str, Any]
    primal: Callable[[Any], Any]
    literal: Callable[[float], Any] = float
    spelling: Spelling = with_literals
    _namespace: dict[str, Any] = field(default_factory=dict, init=False)
    _functions: dict[Any, Callable[..., Any]] = field(default_factory=dict, init=False)

    def function(
        self, formulas: tuple[str, ...], arguments: tuple[str, ...]
    ) -> Callable[..., tuple[Any, ...]]:
        """Return the function of the arguments that computes a tuple of formulas.

        Each is compiled once in a program, and bound to these names once.
        """
        key = formulas, arguments
        if key not in self._functions:
            # Users' own functions, too: some may have been defined since the last formula.
            self._namespace.update(self.names)
            self._namespace.update(OWN_NAMES)
            self._namespace.update(_primal=self.primal, _literal=self.literal)
            code = _code(self.spelling, formulas, arguments)
            self._functions[key] = FunctionType(code, self._namespace)
        return self._functions[key]


@cache
def _code(
    spelling: Spelling, formulas: tuple[str, ...], arguments: tuple[str, ...]
) -> CodeType:
    """Return the code of a function that computes a tuple of formulas."""
    text = f"lambda {', '.join(arguments)}: ({', '.join(formulas)},)"
    tree = ast.fix_missing_locations(spelling(text))
    code = compile(tree, f"<formulas {', '.join(formulas)}>", "eval")
    return next(part for part in code.co_consts if isinstance(part, CodeType))


def local_derivatives(
    name: str, moving: Sequence[bool], operands: Sequence[Any], out: Any, reading: Reading
) -> Sequence[Any]:
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
        slopes = reading.function(
            _wanted(operation.partials, tuple(moving)), (*operation.arguments, "out", "tie")
        )
        return slopes(*operands, out, 0.5 if all(moving) else 0.0)
    if name in REDUCTIONS:
        return _reduction_derivatives(name, moving, operands, out, reading)
    raise no_formula(name)


@cache
def _wanted(partials: tuple[str, ...], moving: tuple[bool, ...]) -> tuple[str, ...]:
    """Return the formulas of the local derivatives of what moves, "None" for constants."""
    formulas = [*partials, *["None"] * (len(moving) - len(partials))]
    return tuple(f if moves else "None" for f, moves in zip(formulas, moving, strict=True))


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
