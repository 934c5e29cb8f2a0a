"""The text of a formula as instructions.

It is taken apart by `ast`, once, and every piece becomes an instruction: `0.0 if x <= 0.0 else
x` a comparison and a `select`. Knows no operation by name.
"""

import ast
import math
from collections.abc import Mapping
from functools import cache

from autograd.compiling.program import SELECT, Builder
from autograd.formulas import FLOAT_NAMES, OWN_NAMES

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
}
_ORDER: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
_TURNED: dict[type[ast.cmpop], str] = {ast.Gt: "lt", ast.GtE: "le"}


@cache
def _tree(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def expand(build: Builder, formula: str, names: Mapping[str, int]) -> int:
    """Append the instructions of a formula; return the place of its value.

    Args:
        build: where to.
        formula: text from the table.
        names: the places of its arguments (and of `out`, where a derivative uses it).

    Example:
        >>> build = Builder()
        >>> x = build.input("x")
        >>> print(build.program([expand(build, "1.0 / x if x > 0.0 else inf", {"x": x})]))
        v0 = input         # x
        v1 = 0
        v2 = v1 < v0
        v3 = 1
        v4 = v3 / v0
        v5 = inf
        v6 = v4 if v2 else v5
        return v6
    """
    return _Expansion(build, names).place(_tree(formula))


class _Expansion:
    """One formula on its way into a program."""

    def __init__(self, build: Builder, names: Mapping[str, int]) -> None:
        self.build = build
        self.names = names

    def place(self, node: ast.expr) -> int:  # noqa: C901, PLR0911 - a case for each node
        """Append a number of the formula; return its place."""
        emit = self.build.emit
        match node:
            case ast.Constant(value=bool() as value):
                return self._always(value=value)
            case ast.Constant(value=number):
                return self.build.constant(float(number))  # type: ignore[arg-type]
            case ast.Name(id=name):
                return self._named(name)
            case ast.BinOp(left=left, op=operator, right=right):
                return emit(_OPERATORS[type(operator)], self.place(left), self.place(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return emit("neg", self.place(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return emit("not", self.truth(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(name, [self.place(x) for x in arguments])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                # In this order: a program runs from top to bottom.
                condition = self.truth(test)
                return emit(SELECT, condition, self.place(body), self.place(orelse))
            case ast.Compare() | ast.BoolOp():
                return self.truth(node)
        raise AssertionError(f"no formula of the table has {ast.dump(node)}")

    def truth(self, node: ast.expr) -> int:
        """Return the place of a condition; a number counts as true where it is not 0."""
        match node:
            case ast.BoolOp(op=operator, values=values):
                name = "and" if isinstance(operator, ast.And) else "or"
                return self.build.emit(name, *(self.truth(value) for value in values))
            case ast.Compare(left=left, ops=orders, comparators=rights):
                places = [self.place(left), *(self.place(right) for right in rights)]
                truths = [
                    self._compared(type(order), x, y)
                    for order, x, y in zip(orders, places, places[1:], strict=False)
                ]
                return truths[0] if len(truths) == 1 else self.build.emit("and", *truths)
        place = self.place(node)
        if self.build.instructions[place].kind == "truth":
            return place
        return self.build.emit("ne", place, self.build.constant(0.0))

    def _compared(self, order: type[ast.cmpop], x: int, y: int) -> int:
        if order in _TURNED:
            return self.build.emit(_TURNED[order], y, x)
        return self.build.emit(_ORDER[order], x, y)

    def _always(self, *, value: bool) -> int:
        zero = self.build.constant(0.0)
        return self.build.emit("eq" if value else "ne", zero, zero)

    def _named(self, name: str) -> int:
        if name in self.names:
            return self.names[name]
        number = FLOAT_NAMES[name]
        assert isinstance(number, float), f"{name} is a constant"
        return self.build.constant(number)

    def _called(self, name: str, places: list[int]) -> int:
        if name == "float":
            return places[0]
        if name in ("min", "max"):
            return self._extreme(name, places)
        if name == "sinc_slope":
            return _sinc_slope(self.build, places[0])
        assert name in FLOAT_NAMES or name in OWN_NAMES, f"{name} is a function of formulas"
        return self.build.emit(name, *places)

    def _extreme(self, name: str, places: list[int]) -> int:
        """Return Python's min or max: the first of the extreme ones."""
        out = places[0]
        for place in places[1:]:
            pair = (place, out) if name == "min" else (out, place)
            out = self.build.emit(SELECT, self.build.emit("lt", *pair), place, out)
        return out


def _sinc_slope(build: Builder, x: int) -> int:
    """Append `formulas.sinc_slope` operation by operation, in its order."""
    emit, constant = build.emit, build.constant
    turned = emit("mul", constant(math.pi), x)
    square = emit("mul", turned, turned)
    out = constant(0.0)
    for k in range(12, 0, -1):
        term = constant((-1) ** k * 2 * k / math.factorial(2 * k + 1))
        out = emit("add", emit("mul", out, square), term)
    return emit("mul", emit("mul", constant(math.pi * math.pi), x), out)
