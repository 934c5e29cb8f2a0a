"""Gradient checks far from 0 and close to it: right verdicts, or an honest "inconclusive"."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import check_gradients, operation
from autograd.checking import references

NAMES: dict[str, Any] = {
    name: thing for name, thing in vars(autograd).items() if not name.startswith("_")
}


def function(text: str) -> Callable[[Any], Any]:
    return eval(f"lambda x: {text}", NAMES)  # type: ignore[no-any-return]  # noqa: S307


RIGHT = [
    ("sin(x)", 1e8),
    ("sin(x) + x", -1e8),
    ("cos(2.0 * x)", 1e12),
    ("sin(x)", 1e22),
    ("tanh(x * 1e-8) * sin(x)", 3e8),
    ("log(x)", 1e300),
    ("sqrt(x) + x", 1e100),
    ("relu(x)", 1e300),
    ("log(x)", 1e-100),
    ("exp(x)", 1e-300),
    ("1.0 + abs(x)", 1e-300),
    ("relu(x) + 1.0", -1e-310),
    ("sinh(x) * cosh(x)", 1e-310),
    ("tanh(x)", 5e-324),
    ("x * x + x", -5e-324),
    ("1e300 * x", 1e-250),
    ("1e300 + tanh(x)", 0.5),
]


@pytest.mark.parametrize(("text", "x"), RIGHT)
def test_a_right_gradient_is_right_at_every_size(text: str, x: float) -> None:
    report = check_gradients(function(text), x)

    assert {row.verdict for row in (*report.rows, *report.forward)} == {"ok"}
    assert {row.verdict for row in report.second} == {"ok"}


@pytest.mark.parametrize(("text", "x"), RIGHT)
def test_nor_is_it_called_wrong_without_mpmath(
    monkeypatch: pytest.MonkeyPatch, text: str, x: float
) -> None:
    monkeypatch.setattr(references, "mpmath_if_installed", lambda: None)

    assert check_gradients(function(text), x)


@pytest.mark.parametrize(
    ("value", "slope", "x"),
    [
        ("sin(x)", "cos(x)", 1e8),
        ("log(x)", "1.0 / x", 1e-300),
        ("log(x)", "1.0 / x", 1e100),
        ("exp(x)", "out", 1e-310),
        ("x * x", "2.0 * x", 1e150),
    ],
)
def test_a_wrong_one_is_wrong_at_every_size(value: str, slope: str, x: float) -> None:
    off = operation(value, name="off", dx=f"1.001 * ({slope})")

    report = check_gradients(lambda x: off(x) + 1.0, x, modes="reverse")

    assert [row.verdict for row in report.rows] == ["wrong"]
    assert [suspect.row for suspect in report.suspects] == [1]


@pytest.mark.parametrize("x", [1e3, 1e6, 1e8])
@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "ok"), (1.001, "wrong")])
def test_values_alone_tell_as_far_as_floats_are_close(
    x: float, factor: float, verdict: str
) -> None:
    report = check_gradients(math.sin, x, gradient=lambda x: factor * math.cos(x))

    assert [row.verdict for row in report.rows] == [verdict]


@pytest.mark.parametrize("x", [1e10, 1e12, 1e16, 1e300])
def test_farther_away_they_cannot_tell(x: float) -> None:
    report = check_gradients(math.sin, x, gradient=math.cos)

    [row] = report.rows
    assert row.verdict == "inconclusive"
    assert row.note == "floats lie too far apart here to tell a slope from values"


@pytest.mark.parametrize(
    ("text", "x"),
    [("asin(x)", 1.0 - 2.0**-53), ("atanh(x)", -1.0 + 2.0**-53), ("acosh(x)", 1.0 + 2.0**-52)],
)
def test_a_right_gradient_is_right_one_float_beside_an_edge(text: str, x: float) -> None:
    report = check_gradients(function(text), x)

    assert set(report.verdicts) == {"ok"}


def test_a_kink_far_away_is_one() -> None:
    report = check_gradients(lambda x: autograd.relu(x - 1e8), 1e8)

    assert [row.verdict for row in report.rows] == ["kink"]
