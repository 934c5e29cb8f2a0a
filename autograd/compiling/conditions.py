"""Local derivatives as Values, with their conditions recorded instead of decided.

A function that is compiled may differentiate inside. `0.0 if x <= 0.0 else 1.0` must then not
look at today's x, as `readings` does, but become a comparison and a choice that the program
makes anew at every point. The formulas are those of the table, with another reading of `if`.
"""

import ast
import math
from collections.abc import Callable, Sequence
from functools import cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from autograd import functions, sequences
from autograd.following import VALUE_NAMES, VALUES
from autograd.formulas import ARITHMETIC, OWN_NAMES
from autograd.operations import TABLE
from autograd.readings import local_derivatives as decided
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.compiling.tracing import Trace

_ORDERS = {
    ast.Lt: ("lt", False),
    ast.LtE: ("le", False),
    ast.Gt: ("lt", True),
    ast.GtE: ("le", True),
    ast.Eq: ("eq", False),
    ast.NotEq: ("ne", False),
}


def local_derivatives(
    trace: "Trace", name: str, moving: Sequence[bool], operands: Sequence[Any], out: Any
) -> list[Any]:
    """Return the local derivative of an operation for each operand, as Values or floats."""
    if name in _CHOICES:
        return _CHOICES[name](trace, moving, operands, out)
    if name not in TABLE:
        return list(decided(name, moving, operands, out, VALUES))
    operation = TABLE[name]
    names = dict(zip(operation.arguments, operands, strict=True))
    names |= {"out": out, "tie": 0.5 if all(moving) else 0.0}
    # All global: the branches of a condition are functions, which see no local names.
    names |= {**VALUE_NAMES, **OWN_NAMES, **_NUMBERS, "_": _Reading(trace)} | names
    return [
        eval(_code(operation.partials[k]), names) if moves else None  # noqa: S307 - our text
        for k, moves in enumerate(moving)
    ]


class _Reading:
    """What `if`, comparisons, `and`, `or` and `not` in a formula come to."""

    def __init__(self, trace: "Trace") -> None:
        self.trace = trace

    def select(self, test: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
        test = self.truth(test)
        if isinstance(test, bool):
            return yes() if test else no()
        return functions.where(test, _number(yes), _number(no))

    def truth(self, test: Any) -> Any:
        return self.trace.truth_of(test) if isinstance(test, (float, Value)) else test

    def compare(self, order: str, x: Any, y: Any) -> Any:
        if isinstance(x, Value) or isinstance(y, Value):
            return self.trace.compared(order, x, y)
        return {"lt": x < y, "le": x <= y, "eq": x == y, "ne": x != y}[order]

    def both(self, *tests: Callable[[], Any]) -> Any:
        return self._joined(tests, decisive=False)

    def either(self, *tests: Callable[[], Any]) -> Any:
        return self._joined(tests, decisive=True)

    def _joined(self, tests: Sequence[Callable[[], Any]], *, decisive: bool) -> Any:
        unknown: list[Any] = []
        for test in tests:
            truth = self.truth(test())
            if not isinstance(truth, bool):
                unknown.append(truth)
            elif truth is decisive:
                return decisive
        if not unknown:
            return not decisive
        if len(unknown) == 1:
            return unknown[0]
        return self.trace.joined("or" if decisive else "and", unknown)


def _number(arm: Callable[[], Any]) -> Any:
    """Return an arm, which may fail on constants as long as it is not the one chosen."""
    try:
        return arm()
    except ARITHMETIC:
        return math.nan


def _sign(x: Any, y: Any) -> Any:
    """Return copysign(x, y) for a constant x; on a zero, whose sign is unknown, x."""
    return functions.where(y < 0.0, -x, x) if isinstance(y, Value) else math.copysign(x, y)


def _fmod(x: Any, y: float) -> Any:
    if not isinstance(x, Value):
        return math.fmod(x, y)
    return functions.where(x < 0.0, -(-x % y), x % y)


_NUMBERS: dict[str, Any] = {"copysign": _sign, "fmod": _fmod}


class _Recorded(ast.NodeTransformer):
    """Writes conditions as calls: `a if x < y else b` as `_.select(_.compare(...), ...)`."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        return _call("select", node.test, _later(node.body), _later(node.orelse))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        found = []
        for order, *pair in zip(node.ops, sides, sides[1:], strict=False):
            name, turned = _ORDERS[type(order)]
            found.append(
                _call("compare", ast.Constant(name), *(pair[::-1] if turned else pair))
            )
        return found[0] if len(found) == 1 else _call("both", *map(_later, found))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        name = "both" if isinstance(node.op, ast.And) else "either"
        return _call(name, *map(_later, node.values))


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    function = ast.Attribute(ast.Name("_", ast.Load()), name, ast.Load())
    return ast.Call(function, list(arguments), [])


def _later(node: ast.expr) -> ast.expr:
    nothing = ast.arguments([], [], None, [], [], None, [])
    return ast.Lambda(nothing, node)


@cache
def _code(formula: str) -> CodeType:
    tree = _Recorded().visit(ast.parse(formula, mode="eval"))
    return compile(ast.fix_missing_locations(tree), f"<formula {formula}>", "eval")


# Reductions that choose, by the rules in `reductions`.


def _extreme(trace: "Trace", moving: Sequence[bool], xs: Sequence[Any], out: Any) -> list[Any]:
    tied = [trace.compared("eq", x, out) for x in xs]
    share = 1.0 / sequences.total([functions.where(tie, 1.0, 0.0) for tie in tied])
    for tie, moves in zip(tied, moving, strict=True):
        if not moves:
            share = functions.where(tie, 0.0, share)
    return [functions.where(tie, share, 0.0) for tie in tied]


def _logsumexp(_: "Trace", __: Sequence[bool], xs: Sequence[Any], out: Any) -> list[Any]:
    return [functions.exp(x - out) for x in xs]


def _take(trace: "Trace", _: Sequence[bool], operands: Sequence[Any], __: Any) -> list[Any]:
    index, *xs = operands
    return [
        0.0,
        *(
            functions.where(trace.compared("eq", index, float(k)), 1.0, 0.0)
            for k in range(len(xs))
        ),
    ]


_CHOICES: dict[str, Callable[..., list[Any]]] = {
    "amax": _extreme,
    "amin": _extreme,
    "logsumexp": _logsumexp,
    "take": _take,
}
