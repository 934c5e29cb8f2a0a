"""What a check holds against a function besides its numbers, how it reads, what it refuses."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import (
    DomainError,
    GradientError,
    LengthError,
    NumberError,
    TapeError,
    Value,
    assert_gradients,
    check_gradients,
    ieee,
    log,
    operation,
    sin,
)
from tests.untyped import untyped
from viz import draw_dot

# -- drawing what is wrong ------------------------------------------------------------------


def test_the_root_of_a_report_is_swept_and_names_what_is_wrong() -> None:
    off = operation("sin(x)", name="off", dx="1.001 * cos(x)")

    report = check_gradients(lambda x, unused, y: off(x * y) + y, 0.5, 9.0, 2.0)

    assert [row.label for row in report.root.tape if row.operation != "leaf"] == [
        "",
        "wrong off",
        "",
    ]
    leaves = [row for row in report.root.tape if row.operation == "leaf"]
    assert [(row.label, row.gradient) for row in leaves] == [
        (row.name, row.ours) for row in report.rows if row.name != "unused"
    ]
    assert "wrong off" in draw_dot(report.root).source


def test_a_label_of_the_users_stays_beside_the_blame() -> None:
    off = operation("sin(x)", name="off", dx="1.001 * cos(x)")

    def f(x: Any) -> Any:
        wave = off(x)
        if isinstance(wave, Value):
            wave.label = "wave"
        return wave * wave

    root = check_gradients(f, 0.5, modes="reverse").root

    assert [row.label for row in root.tape] == ["x", "wrong wave", ""]


def test_a_report_without_fault_can_be_drawn_too() -> None:
    report = check_gradients(lambda p: p["a"] * sin(p["b"]), {"a": 2.0, "b": 1.0})

    assert {row.label for row in report.root.tape} == {"p['a']", "p['b']", ""}
    assert report.root.data == report.value
    assert check_gradients(lambda x, y: y, 1.0, 2.0).root.data == 2.0


def test_code_that_is_not_ours_cannot_be_drawn() -> None:
    report = check_gradients(math.sin, 1.0, gradient=math.cos)

    with pytest.raises(TapeError) as caught:
        _ = report.root
    assert str(caught.value) == (
        "there is nothing to draw of sin: it left no tape; check a function that is made of "
        "Values"
    )


# -- what every gradient must do ------------------------------------------------------------


def faults(f: Callable[..., Any], *args: Any) -> dict[str, str]:
    report = check_gradients(f, *args)
    assert not report
    return {held.name: held.fault for held in report.properties if held.fault}


def test_a_function_that_keeps_state_is_found() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    assert faults(f, 1.0) == {
        "two calls give the same": "f returned 1.0 and then 2.0 for the same arguments: it "
        "keeps state or draws random numbers"
    }


def test_a_function_that_keeps_state_is_not_judged() -> None:
    report = check_gradients(lambda x: x * random.random(), 1.0)

    assert [(row.verdict, row.note) for row in report.rows] == [
        ("inconclusive", "f keeps state")
    ]


def test_another_path_for_the_same_arguments_is_found() -> None:
    turn = iter(range(1000))

    found = faults(lambda x: x + x if next(turn) % 2 else 2.0 * x, 1.0)

    assert found == {
        "two calls give the same": "f took another path of operations: it keeps state"
    }


def overwrite(p: Any) -> Any:
    p[0] = p[0] * 2.0
    return p[0] + p[1]


def grow(p: Any) -> Any:
    p.append(p[0])
    return p[0] + p[1]


def reassign(p: Any) -> Any:
    out = p[0] * p[1]
    p[1].data = 7.0
    return out


@pytest.mark.parametrize(
    ("f", "fault"),
    [
        (overwrite, "p[0] was replaced during the call"),
        (grow, "the arguments held 2 numbers, and 3 after the call"),
        (reassign, "p[1] was 2.0, and 7.0 after the call"),
    ],
)
def test_a_function_that_changes_its_arguments_is_found(
    f: Callable[..., Any], fault: str
) -> None:
    assert faults(f, [1.0, 2.0])["the arguments are left alone"] == fault


@pytest.mark.parametrize(
    ("seed", "gives", "name", "fault"),
    [
        (0.0, 1e-300, "a seed of 0 gives 0", "for x expected 0.0, got 1e-300"),
        (2.0, 8.5, "twice the seed gives twice as much", "for x expected 8.0, got 8.5"),
    ],
)
def test_a_sweep_that_is_not_linear_is_found(
    monkeypatch: pytest.MonkeyPatch, seed: float, gives: float, name: str, fault: str
) -> None:
    def broken(_f: Any, x: float) -> tuple[float, Callable[[float], tuple[float]]]:
        return x * x, lambda s: (gives if s == seed else 4.0 * s,)

    monkeypatch.setattr("autograd.checking.properties.vjp", broken)

    assert faults(lambda x: x * x, 2.0) == {name: fault}


def test_two_sweeps_that_differ_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter((4.0, 4.000000000000001, 0.0, 8.0))

    def broken(_f: Any, x: float) -> tuple[float, Callable[[float], tuple[float]]]:
        return x * x, lambda _: (next(answers),)

    monkeypatch.setattr("autograd.checking.properties.vjp", broken)

    assert faults(lambda x: x * x, 2.0) == {
        "two sweeps are identical": "for x expected 4.0, got 4.000000000000001"
    }


def test_a_forward_sweep_of_its_own_opinion_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.checking.entry.jvp", lambda *_: (4.0, 4.004))

    report = check_gradients(lambda x: x * x, 2.0)

    assert [row.verdict for row in report.rows] == ["ok"]
    assert [row.verdict for row in report.forward] == ["wrong"]


def test_a_hessian_that_is_not_symmetric_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    hessian = ((0.0, 1.0), (1.001, 0.0))
    monkeypatch.setattr("autograd.checking.entry.hessian", lambda *_: lambda *_: hessian)

    report = check_gradients(lambda x, y: x * y, 2.0, 3.0)

    assert [(row.name, row.verdict) for row in report.second] == [
        ("x, x", "ok"),
        ("y, x", "wrong"),
        ("x, y", "ok"),
        ("y, y", "ok"),
    ]


# -- how it reads ---------------------------------------------------------------------------


def test_the_report_prints_as_a_table() -> None:
    report = check_gradients(lambda x, y: x * y, 2.0, 3.0)

    lines = str(report).split("\n")
    assert lines[0] == "gradients of <lambda> at x = 2, y = 3: nothing wrong"
    assert lines[2].split() == [
        *("input", "ours", "reference", "+-", "absolute", "relative", "ulps"),
        *("verdict", "by"),
    ]
    assert lines[3].split()[:3] == ["x", "3", "3"]
    assert lines[4].split()[:3] == ["y", "2", "2"]
    assert lines[5:] == [
        "",
        "forward sweep: agrees with the backward sweep for 2 of 2 inputs",
        "",
        "second order: 3 ok",
        "",
        "properties: 5 of 5 hold",
    ]
    assert repr(report) == str(report)


def test_the_report_prints_what_is_wrong() -> None:
    bad = operation("x * x", name="bent", dx="2.002 * x")

    text = str(check_gradients(lambda p: bad(p["a"]) + p["b"], {"a": 3.0, "b": 1.0}))

    assert text.startswith("gradients of <lambda> at p['a'] = 3, p['b'] = 1: WRONG\n")
    assert "to blame:\n  row 2, bent(p['a']): d/dp['a'] should be 6, got 6.006" in text
    assert (
        "note: second derivatives with respect to p['a'] were not checked: the first " in text
    )


def test_a_fault_prints() -> None:
    assert (
        "properties: 4 of 5 hold\n"
        "  not so: the arguments are left alone; p[0] was replaced during the call"
    ) in str(check_gradients(overwrite, [1.0, 2.0]))


def test_a_long_report_is_cut_short_and_keeps_what_is_wrong() -> None:
    bad = operation("x * x", name="crooked", dx="2.002 * x")

    def f(xs: Any) -> Any:
        return autograd.total(xs[:-1]) + bad(xs[-1])

    text = str(check_gradients(f, [1.0] * 60, modes="reverse"))

    table = text.split("\n\n")[1].split("\n")
    assert len(table) == 42
    assert table[1].split()[0] == "xs[59]"
    assert table[-1] == "... 20 more ..."


def test_the_report_shows_in_a_notebook() -> None:
    page = check_gradients(lambda x: x * x, 2.0)._repr_html_()

    assert page.startswith("<p>gradients of &lt;lambda&gt; at x = 2: nothing wrong</p><table>")
    assert "<td>x</td><td>4</td><td>4</td>" in page
    assert "<pre>forward sweep: agrees with the backward sweep for 1 of 1 inputs" in page


def test_assert_gradients_returns_a_true_report() -> None:
    assert assert_gradients(sin, 1.0).ok


def test_assert_gradients_raises_the_report() -> None:
    bad = operation("x * x", name="skewed", dx="2.002 * x")

    with pytest.raises(GradientError) as caught:
        assert_gradients(bad, 3.0, modes="reverse")
    assert str(caught.value.report) == str(caught.value)

    assert isinstance(caught.value, AssertionError)
    assert str(caught.value) == str(check_gradients(bad, 3.0, modes="reverse"))


# -- what it refuses ------------------------------------------------------------------------

ONE = "check_gradients needs a function that returns one number, got "


@pytest.mark.parametrize(
    ("f", "args", "error", "says"),
    [
        (lambda x: [x, 2.0], (1.0,), NumberError, ONE + "[Value("),
        (
            lambda x: "one",
            (1.0,),
            NumberError,
            ONE + "'one' (str); check each output by itself",
        ),
        (lambda x: None, (1.0,), NumberError, ONE + "None; is a return missing?"),
        (
            lambda x: 3.0,
            (1.0,),
            NumberError,
            (
                "check_gradients needs a result that depends on the arguments, but <lambda> "
                "returned the constant 3.0"
            ),
        ),
        (lambda x: Value(3.0), (1.0,), NumberError, "returned the constant 3.0"),
        (
            lambda: 3.0,
            (),
            LengthError,
            (
                "check_gradients needs the arguments to differentiate by, as in "
                "check_gradients(f, 2.0, [1.0, 3.0]); got none"
            ),
        ),
        (lambda p: 3.0, ([],), LengthError, "got none"),
        (
            lambda p: p[0],
            ([math.inf],),
            DomainError,
            "check_gradients needs finite arguments, got p[0] = inf",
        ),
        (lambda x: x, (math.nan,), DomainError, "got x = nan"),
        (
            lambda x: x,
            ("one",),
            NumberError,
            "check_gradients, for x, needs one real number, got 'one' (str)",
        ),
        (3.0, (1.0,), NumberError, "check_gradients needs a function first, got 3.0 (float)"),
        (log, (-1.0,), DomainError, "log(x) needs x > 0, got x = -1.0"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    f: Any, args: tuple[Any, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        check_gradients(f, *args)

    assert says in str(caught.value)


def test_a_gradient_that_is_no_function_is_refused() -> None:
    with pytest.raises(NumberError) as caught:
        check_gradients(log, 1.0, gradient=untyped(6.0))

    assert str(caught.value) == (
        "gradient must be a function of the same arguments as the one to check, got 6.0 (float)"
    )


@pytest.mark.parametrize(
    ("allowed", "says"),
    [
        ({"rtol": -1.0}, "rtol must be at least 0 and finite, got -1.0"),
        ({"rtol": math.nan}, "rtol must be at least 0 and finite, got nan"),
        ({"atol": math.inf}, "atol must be at least 0 and finite, got inf"),
    ],
)
def test_what_is_no_tolerance_is_refused(allowed: dict[str, float], says: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_gradients(log, 1.0, **untyped(allowed))

    assert str(caught.value) == says


def test_a_value_that_is_not_finite_is_refused() -> None:
    with ieee(), pytest.raises(DomainError) as caught:
        check_gradients(lambda x: 1.0 / x, 0.0)

    assert str(caught.value) == (
        "check_gradients needs a point where <lambda> is finite, got inf"
    )


@pytest.mark.parametrize("modes", ["backward", ["reverse", "third"], []])
def test_an_unknown_mode_is_refused(modes: Any) -> None:
    with pytest.raises(LengthError) as caught:
        check_gradients(sin, 1.0, modes=modes)

    assert str(caught.value) == (
        f"check_gradients needs modes among ['reverse', 'forward', 'second'], got {modes!r}"
    )
