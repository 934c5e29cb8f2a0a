"""The tests of the table, tested: no formula can be changed without a case that notices.

Every formula of the table, and every branch of one, is scaled, negated, replaced by 0 and
moved a little, and the derivatives of two arguments are swapped. Each of these mutants must
fail a point of `cases.py` or a line of `conventions.py`. Survivors are named.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from math import isfinite, isnan, ulp
from typing import Any

import pytest

import autograd
from autograd import OPERATIONS, Value, ieee, operations, recorders
from autograd.operations import Operation
from autograd.reductions import REDUCTIONS, Reduction
from tests import conventions
from tests.cases import CASES
from tests.checks import callable_of, faults, nan_faults

MUTATIONS: dict[str, Callable[[str], str]] = {
    "scaled": lambda text: f"1.001 * ({text})",
    "negated": lambda text: f"-({text})",
    "zero": lambda text: "0.0",
    "moved": lambda text: f"({text}) + 0.001",
}

# What a mutation leaves as it is: 1.001 * 0.0, -nan, inf + 0.001. (0.0 * out is 0 or nan.)
IDLE = {
    "0.0": {"scaled", "negated", "zero"},
    "nan": {"scaled", "negated", "moved"},
    "inf": {"scaled", "moved"},
    "0.0 * out": {"scaled", "negated"},
}
# The branch `x` of these is for infinities, that of `sign` for 0; all are for NaN too.
IDLE_AT_X = {
    "floor": {"scaled", "moved"},
    "ceil": {"scaled", "moved"},
    "round": {"scaled", "moved"},
    "sign": {"scaled", "negated"},
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed row of the table, and what was changed."""

    name: str
    row: Operation


class _Branch(ast.NodeTransformer):
    """Replaces one branch, by number, of the conditional expressions of a formula."""

    def __init__(self, number: int, change: Callable[[str], str]) -> None:
        self.number, self.change, self.seen = number, change, 0

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.IfExp):
            node.body = self._side(node.body)
            node.orelse = self._side(node.orelse)
            return node
        return super().generic_visit(node)

    def _side(self, side: ast.expr) -> ast.expr:
        if isinstance(side, ast.IfExp):
            self.visit(side)
            return side
        self.seen += 1
        if self.seen - 1 != self.number:
            return side
        return ast.parse(f"({self.change(ast.unparse(side))})", mode="eval").body


def branches(formula: str) -> list[str]:
    """Return the branches of a formula's outermost condition, in order of their text.

    >>> branches("1.0 if x > 0 else -1.0 if x < 0 else 0.0")
    ['1.0', '-1.0', '0.0']
    """
    tree = ast.parse(formula, mode="eval").body
    found: list[str] = []

    def collect(node: ast.expr) -> None:
        if isinstance(node, ast.IfExp):
            collect(node.body)
            collect(node.orelse)
        else:
            found.append(ast.unparse(node))

    collect(tree)
    return found


def mutated(name: str, formula: str) -> Iterator[tuple[str, str]]:
    """Yield what was done to a formula of an operation, and the outcome."""
    idle = IDLE | {"x": IDLE_AT_X.get(name, set())}
    parts = branches(formula)
    for kind, change in MUTATIONS.items():
        for number, part in enumerate(parts):
            if kind in idle.get(part, set()):
                continue
            if len(parts) == 1:
                yield kind, change(formula)
                continue
            tree = _Branch(number, change).visit(ast.parse(formula, mode="eval"))
            yield f"{kind} where it is {part}", ast.unparse(ast.fix_missing_locations(tree))


def mutants(row: Operation) -> Iterator[Mutant]:
    """Yield every mutant of a row."""
    for what, text in mutated(row.name, row.value):
        yield Mutant(f"value {what}", replace(row, value=text))
    for place, formula in enumerate(row.partials):
        for what, text in mutated(row.name, formula):
            partials = (*row.partials[:place], text, *row.partials[place + 1 :])
            yield Mutant(f"derivative {place + 1} {what}", replace(row, partials=partials))
    if len(row.partials) == 2 and row.partials[0] != row.partials[1]:
        yield Mutant("derivatives swapped", replace(row, partials=row.partials[::-1]))


REFLECTED = {
    "__radd__", "__rsub__", "__rmul__", "__rtruediv__", "__rmod__", "__rpow__",
}  # fmt: skip


def _forget(name: str) -> None:
    """Drop the generated functions of an operation, so that its row is read again."""
    for kind in ("plain", "record", "reflected"):
        recorders.NAMESPACE.pop(f"{kind}_{name}", None)


@contextmanager
def installed(row: Operation) -> Iterator[None]:
    """Let the engine run with a changed row, and put everything back."""
    name = row.name
    names = {name, f"record_{name}", f"reflected_{name}"}
    before = {
        attribute: method
        for attribute, method in vars(Value).items()
        if getattr(method, "__name__", "") in names
        and getattr(method, "__module__", "") == recorders.__name__
    }
    original = operations.TABLE[name]
    try:
        operations.TABLE[name] = row
        _forget(name)
        for attribute in before:
            kind = "reflected" if attribute in REFLECTED else "record"
            setattr(Value, attribute, recorders.recorder(name, kind))
        yield
    finally:
        operations.TABLE[name] = original
        _forget(name)
        for attribute, method in before.items():
            setattr(Value, attribute, method)


NAMES: dict[str, Any] = {
    name: thing for name, thing in vars(autograd).items() if not name.startswith("_")
}
SYMBOLS = {op.symbol: op.name for op in OPERATIONS.values() if op.infix}


def uses(expression: str) -> set[str]:
    """Return the operations in an expression of the conventions."""
    found = {"neg"} if "-" in expression else set()
    for node in ast.walk(ast.parse(expression)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
    found |= {name for symbol, name in SYMBOLS.items() if symbol in expression}
    return found


LINES = [case for case in conventions.CASES if case.order == 1]


def keeps(case: conventions.Case) -> bool:
    """Return whether the engine still gives what a line of the conventions says."""
    raises = isinstance(case.expected, conventions.Raises)
    expected = case.ieee if raises else case.expected
    assert isinstance(expected, conventions.Gives)
    inputs = {name: Value(x) for name, x in case.inputs.items()}
    with ieee() if raises else nullcontext():
        out = eval(case.expression, dict(NAMES), dict(inputs))  # noqa: S307 - our own table
    out.backward()
    got = [out.data, *(x.grad for x in inputs.values())]
    truth = [expected.value, *expected.gradients]
    room = [case.within.value, *[case.within.gradients] * len(inputs)]
    return all(map(_close, got, truth, room))


def _close(got: float, truth: float, ulps: float) -> bool:
    if isnan(truth) or not isfinite(got) or not isfinite(truth):
        return got == truth or (isnan(got) and isnan(truth))
    return abs(got - truth) <= ulps * ulp(truth)


def noticed(name: str) -> bool:
    """Return whether the cases notice that an operation is not what it was."""
    case, call = CASES[name], callable_of(name)
    try:
        if nan_faults(case, call) or any(faults(case, point, call) for point in case.points):
            return True
        return not all(keeps(line) for line in LINES if name in uses(line.expression))
    except (ValueError, ArithmeticError):
        return True


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_mutant_of_a_formula_survives(name: str) -> None:
    survivors = []
    for mutant in mutants(OPERATIONS[name]):
        with installed(mutant.row):
            if not noticed(name):
                survivors.append(mutant.name)
    assert survivors == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_check_is_quiet_about_the_table_as_it_is(name: str) -> None:
    with installed(OPERATIONS[name]):
        assert not noticed(name)
    assert not noticed(name)


def test_mutants_are_as_many_as_one_would_think() -> None:
    relu = [mutant.name for mutant in mutants(OPERATIONS["relu"])]
    assert relu == [
        "value scaled where it is x",
        "value negated where it is x",
        "value zero where it is x",
        "value moved where it is 0.0",
        "value moved where it is x",
        "derivative 1 scaled where it is 1.0",
        "derivative 1 negated where it is 1.0",
        "derivative 1 zero where it is 1.0",
        "derivative 1 zero where it is nan",
        "derivative 1 moved where it is 0.0",
        "derivative 1 moved where it is 1.0",
    ]
    assert "derivatives swapped" in [mutant.name for mutant in mutants(OPERATIONS["sub"])]


def test_the_engine_is_put_back() -> None:
    x = Value(2.0)
    row = OPERATIONS["tanh"]
    before = x.tanh().data
    with installed(replace(row, value="7.0")):
        assert x.tanh().data == 7.0
    assert x.tanh().data == before


# -- reductions -------------------------------------------------------------------------------

XS = [0.7, -1.3, 0.4, 2.1, 1.6]


def reduction_mutants(rule: Reduction) -> Iterator[tuple[str, Reduction]]:
    """Yield mutants of the two functions of a reduction."""
    changes: dict[str, Callable[[float], float]] = {
        "scaled": lambda x: 1.001 * x,
        "negated": lambda x: -x,
        "zero": lambda x: 0.0,
        "moved": lambda x: x + 0.001,
    }
    for what, change in changes.items():

        def value(operands: Sequence[float], change: Any = change) -> float:
            return float(change(rule.value(operands)))

        def partials(
            operands: Sequence[float], out: float, active: Sequence[bool], change: Any = change
        ) -> list[float]:
            return [change(d) for d in rule.partials(operands, out, active)]

        yield f"value {what}", replace(rule, value=value)
        yield f"derivatives {what}", replace(rule, partials=partials)
    if rule.name not in {"total", "mean"}:
        yield (
            "derivatives reversed",
            replace(rule, partials=lambda *args: rule.partials(*args)[::-1]),
        )


def outcome(compute: Callable[[Sequence[Value]], Any]) -> list[float]:
    """Return the value and the gradients of a function of XS."""
    values = [Value(x) for x in XS]
    out = compute(values)
    out.backward(3.0)
    return [out.data, *(v.grad for v in values)]


def expands_rightly(name: str) -> bool:
    """Return whether a reduction agrees with its expansion, in values and gradients."""
    try:
        whole = outcome(lambda values: _call(name, values))
    except ZeroDivisionError:
        return False
    parts = outcome(lambda values: REDUCTIONS[name].expand(values, autograd))
    return bool(whole == pytest.approx(parts, rel=1e-13))


def _call(name: str, values: Sequence[Value]) -> Any:
    if name == "dot":
        return autograd.dot(tuple(values[:2]), tuple(values[2:4]), values[4])
    return getattr(autograd, name)(values)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_no_mutant_of_a_reduction_survives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert expands_rightly(name)
    survivors: list[str] = []
    for what, rule in reduction_mutants(REDUCTIONS[name]):
        with monkeypatch.context() as patch:
            patch.setitem(REDUCTIONS, name, rule)
            if expands_rightly(name):
                survivors.append(what)
    assert survivors == []
