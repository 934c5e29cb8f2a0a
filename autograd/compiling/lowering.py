"""From formulas to instructions: the table read over places of a program.

The text of a formula is taken apart by `ast`, once, and every piece becomes an instruction:
`0.0 if x <= 0.0 else x` a comparison and a `select`. Reductions, which have functions for
rules, are written out here with the same operations in the same order as their rules, so that
results agree with the engine's to the last bit.

Knows no derivative; those are formulas of the table like any other.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from autograd.compiling.program import (
    CONSTANT,
    LEAF,
    SELECT,
    TAKE,
    Builder,
    Instruction,
    Program,
)
from autograd.formulas import FLOAT_NAMES, OWN_NAMES
from autograd.operations import TABLE, Operation
from autograd.reductions import REDUCTIONS

Places = Sequence[int]

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


def value(build: Builder, name: str, operands: Places) -> int:
    """Append the value of an operation of the table or a reduction; return its place."""
    if name in PRIMITIVES:
        return build.emit(name, *operands)
    if name in TABLE:
        return _formula_value(build, TABLE[name], operands)
    return _REDUCED[name](build, operands)


def _formula_value(build: Builder, operation: Operation, operands: Places) -> int:
    names = dict(zip(operation.arguments, operands, strict=True))
    return expand(build, operation.value, names)


# Operations that are a function of formulas themselves: they stay what they are.
PRIMITIVES = frozenset(
    name
    for name, operation in TABLE.items()
    if operation.value == f"{name}({', '.join(operation.arguments)})"
) | {"add", "sub", "mul", "div", "mod", "neg", "sigmoid", "dot", "total"}


def partials(
    build: Builder, name: str, operands: Places, out: int, moving: Sequence[bool]
) -> list[int | None]:
    """Append the local derivatives of an operation; return their places, None for constants.

    Args:
        build: where to.
        name: the operation.
        operands: every operand, constants included.
        out: the place of the value.
        moving: whether each operand is more than a constant.
    """
    if name in TABLE:
        operation = TABLE[name]
        names = dict(zip(operation.arguments, operands, strict=True)) | {"out": out}
        names["tie"] = build.constant(0.5 if all(moving) else 0.0)
        return [
            expand(build, operation.partials[k], names) if moves else None
            for k, moves in enumerate(moving)
        ]
    found = _REDUCED_PARTIALS[name](build, operands, out, moving)
    return [place if moves else None for place, moves in zip(found, moving, strict=True)]


# Reductions: the rules of `reductions`, instruction by instruction.


def _mean(build: Builder, xs: Places) -> int:
    return build.emit("div", build.emit("total", *xs), build.constant(float(len(xs))))


def _prod(build: Builder, xs: Places) -> int:
    if not xs:
        return build.constant(1.0)
    out = xs[0]
    for x in xs[1:]:
        out = build.emit("mul", out, x)
    return out


def _largest(build: Builder, xs: Places) -> int:
    out = xs[0]
    for x in xs[1:]:
        out = build.emit(SELECT, build.emit("lt", out, x), x, out)
    return out


def _weights(build: Builder, xs: Places) -> tuple[int, list[int], int]:
    """Return the largest, exp(x - largest) for each x, and the sum of those."""
    largest = _largest(build, xs)
    weights = [build.emit("exp", build.emit("sub", x, largest)) for x in xs]
    return largest, weights, build.emit("total", *weights)


def _logsumexp(build: Builder, xs: Places) -> int:
    largest, _, norm = _weights(build, xs)
    finite = build.emit("add", largest, build.emit("log", norm))
    size = build.emit("abs", largest)
    infinite = build.emit("eq", size, build.constant(math.inf))
    return build.emit(SELECT, infinite, largest, finite)


def _extreme(better: Callable[[int, int], tuple[int, int]]) -> Callable[[Builder, Places], int]:
    def lowered(build: Builder, xs: Places) -> int:
        out = xs[0]
        for x in xs[1:]:
            taken = build.emit("or", build.emit("lt", *better(x, out)), build.emit("ne", x, x))
            out = build.emit(SELECT, taken, x, out)
        return out

    return lowered


def _take(build: Builder, operands: Places) -> int:
    """Return the number at an index, by asking for each in turn; the last is for the rest."""
    index, *choices = operands
    out = choices[-1]
    for k in range(len(choices) - 2, -1, -1):
        asked = build.emit("eq", index, build.constant(float(k)))
        out = build.emit(SELECT, asked, choices[k], out)
    return out


_REDUCED: dict[str, Callable[[Builder, Places], int]] = {
    "mean": _mean,
    "prod": _prod,
    "logsumexp": _logsumexp,
    "amax": _extreme(lambda x, out: (out, x)),
    "amin": _extreme(lambda x, out: (x, out)),
    TAKE: _take,
}

Moving = Sequence[bool]


def _dot_partials(_build: Builder, operands: Places, _out: int, _moving: Moving) -> list[int]:
    length = len(operands) // 2
    one = _build.constant(1.0)
    return [*operands[length:-1], *operands[:length], one]


def _total_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    return [build.constant(1.0)] * len(xs)


def _mean_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    return [build.constant(1.0 / len(xs))] * len(xs)


def _prod_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    def running(steps: Places) -> list[int]:
        products = [build.constant(1.0)]
        for x in steps:
            products.append(build.emit("mul", products[-1], x))
        return products

    if len(xs) == 1:
        return [build.constant(1.0)]
    before, after = running(xs[:-1]), running(xs[:0:-1])
    pairs = zip(before, reversed(after), strict=True)
    return [build.emit("mul", left, right) for left, right in pairs]


def _logsumexp_partials(build: Builder, xs: Places, _out: int, _moving: Moving) -> list[int]:
    _, weights, norm = _weights(build, xs)
    return [build.emit("div", weight, norm) for weight in weights]


def _extreme_partials(build: Builder, xs: Places, out: int, moving: Moving) -> list[int]:
    zero, one = build.constant(0.0), build.constant(1.0)
    tied = [build.emit("eq", x, out) for x in xs]
    count = build.emit("total", *(build.emit(SELECT, tie, one, zero) for tie in tied))
    share = build.emit("div", one, count)
    for tie, moves in zip(tied, moving, strict=True):
        if not moves:
            # A constant in the tie leaves slope 0.
            share = build.emit(SELECT, tie, zero, share)
    return [build.emit(SELECT, tie, share, zero) for tie in tied]


def _take_partials(build: Builder, operands: Places, _out: int, _moving: Moving) -> list[int]:
    index, *choices = operands
    zero, one = build.constant(0.0), build.constant(1.0)
    asked = [build.emit("eq", index, build.constant(float(k))) for k in range(len(choices))]
    return [zero, *(build.emit(SELECT, truth, one, zero) for truth in asked)]


_REDUCED_PARTIALS: dict[str, Callable[[Builder, Places, int, Moving], list[int]]] = {
    "dot": _dot_partials,
    "total": _total_partials,
    "mean": _mean_partials,
    "prod": _prod_partials,
    "logsumexp": _logsumexp_partials,
    "amax": _extreme_partials,
    "amin": _extreme_partials,
    TAKE: _take_partials,
}


def lowered(build: Builder, step: Instruction, operands: Places) -> int:
    """Append what a recorded instruction comes to, on the places of its operands."""
    if step.op in TABLE or step.op in _REDUCED or step.op in REDUCTIONS:
        return value(build, step.op, operands)
    if step.op in (CONSTANT, LEAF):
        assert step.number is not None, "a constant has a number"
        return build.constant(step.number)
    return build.append(Instruction(step.op, tuple(operands), step.number))


def lower(recorded: Program, build: Builder) -> list[int]:
    """Append a recorded program in terms of formulas alone; return where each step went."""
    places: list[int] = []
    for k, step in enumerate(recorded.instructions):
        place = lowered(build, step, [places[operand] for operand in step.operands])
        places.append(place)
        if k in recorded.names:
            build.names.setdefault(place, recorded.names[k])
        if k in recorded.lines:
            build.lines[place] = recorded.lines[k]
    build.inputs = [places[k] for k in recorded.inputs]
    return places
