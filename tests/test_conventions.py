"""Every line of the table of conventions, asked of the engine; and its page."""

import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from math import isfinite, isinf, isnan, ulp
from typing import Any

import pytest

import autograd
from autograd import Value, ieee
from autograd.operations import BUILT_IN as TABLE
from autograd.reductions import REDUCTIONS
from tests.conventions import (
    CASES,
    EXACT,
    GROUPS,
    PAGE,
    RULES,
    SECOND,
    Case,
    Gives,
    Raises,
    page,
    table,
)

# The names an expression may use: autograd's public functions and nothing else.
NAMES: dict[str, Any] = {
    name: thing for name, thing in vars(autograd).items() if not name.startswith("_")
}
NAMES["__builtins__"] = {}

# Functions without a kink, a tie, an edge of their domain or a tail: nothing to decide.
WITHOUT_EDGES = frozenset({"identity", "stop_gradient", "dot", "mean", "neg", "total"})
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "**": "pow"}

FIRST_ORDER = [case for case in CASES if case.order == 1]
SECOND_ORDER = [case for case in CASES if case.order == 2]


def named(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """Run a test once for each case, under the case's name."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def evaluate(expression: str, inputs: dict[str, Value]) -> Value:
    out = eval(expression, NAMES, dict(inputs))  # noqa: S307 - our own table
    assert isinstance(out, Value)
    return out


def measured(case: Case, context: Any) -> Gives:
    """Return the engine's value and gradients."""
    inputs = {name: Value(at) for name, at in case.inputs.items()}
    with context:
        out = evaluate(case.expression, inputs)
    out.backward()
    return Gives(out.data, tuple(x.grad for x in inputs.values()))


def close(got: float, expected: float, ulps: int) -> bool:
    """Return whether two numbers agree: NaN with NaN, inf with inf, else within ulps.

    >>> close(float("nan"), float("nan"), 0), close(1.0, float("nan"), 9)
    (True, False)
    >>> close(1.0 + 2**-52, 1.0, 1), close(1.0 + 2**-52, 1.0, 0)
    (True, False)
    """
    if isnan(expected) or isinf(expected) or not isfinite(got):
        return got == expected or (isnan(got) and isnan(expected))
    return abs(got - expected) <= ulps * ulp(expected)


def differences(case: Case, got: Gives, expected: Gives) -> list[str]:
    """Return what is wrong, a line for each number."""
    names = ["value", *(f"gradient of {name}" for name in case.inputs)]
    limits = [case.within.value, *[case.within.gradients] * len(case.inputs)]
    pairs = zip(
        names,
        [got.value, *got.gradients],
        [expected.value, *expected.gradients],
        limits,
        strict=True,
    )
    return [
        f"{case.expression}: {name} is {a!r}, not {b!r}"
        for name, a, b, ulps in pairs
        if not close(a, b, ulps)
    ]


@named(FIRST_ORDER)
def test_value_and_gradients_or_error_are_those_of_the_table(case: Case) -> None:
    if isinstance(case.expected, Raises):
        with pytest.raises(case.expected.error, match=re.escape(case.expected.says)):
            measured(case, nullcontext())
    else:
        assert differences(case, measured(case, nullcontext()), case.expected) == []


@named(FIRST_ORDER)
def test_ieee_mode_raises_nothing_and_changes_nothing_else(case: Case) -> None:
    expected = case.ieee or case.expected
    assert isinstance(expected, Gives)
    assert differences(case, measured(case, ieee()), expected) == []


def second_derivative(expression: str, at: float) -> float:
    """Return d²/dx² of an expression in x."""
    grad: Callable[[Any], Any] | None = getattr(autograd, "grad", None)
    if grad is None:
        pytest.skip("second order arrives with autograd.grad")
    out = grad(grad(lambda x: evaluate(expression, {"x": x})))(at)
    return float(out)


@named(SECOND_ORDER)
def test_second_derivative_is_that_of_the_table(case: Case) -> None:
    assert isinstance(case.expected, Gives)
    assert second_derivative(case.expression, case.inputs["x"]) == (case.expected.gradients[0])


def test_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "docs/conventions.md differs from tests/conventions.py: run `make conventions`"
    )


def test_names_of_cases_are_unique() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_every_case_is_complete() -> None:
    for case in CASES:
        outcomes = [case.expected, case.ieee]
        gives = [outcome for outcome in outcomes if isinstance(outcome, Gives)]
        # Numbers stand once: for the default mode or, if that raises, for IEEE mode.
        assert len(gives) == 1, case.name
        assert len(gives[0].gradients) == len(case.inputs), case.name
        assert case.why, case.name
        assert (case.rule == "raise") == isinstance(case.expected, Raises), case.name


def test_every_rule_decides_a_case_and_every_case_names_a_rule() -> None:
    assert {case.rule for case in CASES} == set(RULES)


def test_every_tolerance_has_its_reason() -> None:
    for case in CASES:
        loose = case.within.value > 0 or case.within.gradients > 0
        assert loose == bool(case.within.because), case.name
        assert loose == (case.within != EXACT), case.name


def test_every_second_order_case_is_a_function_of_x() -> None:
    assert [tuple(case.inputs) for case in SECOND_ORDER] == [("x",)] * len(SECOND_ORDER)


def test_a_value_that_does_not_exist_has_no_finite_gradient_but_by_arithmetic() -> None:
    exceptions = {"0 * log(x) at 0"}  # the constant 0 passes nothing on
    for case in FIRST_ORDER:
        expected = case.ieee or case.expected
        assert isinstance(expected, Gives)
        no_number_in = not any(isnan(x) for x in case.inputs.values())
        if isnan(expected.value) and no_number_in and case.rule != "arithmetic":
            finite = [g for g in expected.gradients if isfinite(g)]
            assert finite == [] or case.name in exceptions, case.name


def operations_of(expression: str) -> set[str]:
    words = set(re.findall(r"[a-z_]+\d*[a-z]*", expression))
    signs = {OPERATORS[sign] for sign in re.findall(r"\*\*|[-+*/%]", expression)}
    return words | signs


def test_every_operation_has_its_edges_in_the_table() -> None:
    covered = set().union(*(operations_of(case.expression) for case in CASES))
    known = set(TABLE) | set(REDUCTIONS) | {"softmax"}
    assert known - covered - WITHOUT_EDGES == set()
    assert not WITHOUT_EDGES & covered


@pytest.mark.parametrize(
    ("got", "expected", "ulps", "agree"),
    [
        (1.0, 1.0, 0, True),
        (1.0 + 2**-52, 1.0, 0, False),
        (1.0 + 2**-52, 1.0, 1, True),
        (0.0, -0.0, 0, True),
        (float("nan"), float("nan"), 0, True),
        (0.0, float("nan"), 4, False),
        (float("nan"), 0.0, 4, False),
        (float("inf"), float("-inf"), 4, False),
        (1e308, float("inf"), 4, False),
        (float("inf"), 1e308, 4, False),
        (0.0, 1e-17, 4, False),
    ],
)
def test_comparison_tells_numbers_apart(
    got: float, expected: float, ulps: int, agree: bool
) -> None:
    assert close(got, expected, ulps) is agree


def test_a_wrong_gradient_is_told_by_name() -> None:
    case = next(case for case in CASES if case.name == "a tie in maximum")
    assert differences(case, Gives(3.0, (0.5, 1.0)), Gives(3.0, (0.5, 0.5))) == [
        "maximum(x, y): gradient of y is 1.0, not 0.5"
    ]


def test_tables_of_the_page_are_rectangular() -> None:
    for group in GROUPS:
        bars = [line.count("|") for line in table(group).splitlines()]
        assert len(bars) == len(group.cases) + 2
        assert set(bars) == {bars[0]}, group.title


def test_columns_without_a_number_are_left_out() -> None:
    header = table(SECOND).splitlines()[0]
    assert header == "| Case | Value | Gradient | PyTorch | JAX | Why |"
