"""Tapes to read: the table, its rows, nesting, reels, and what leaves no trace."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given

import autograd
from autograd import OPERATIONS, Listing, Operand, Row, Tape, Value, no_grad
from autograd.reductions import REDUCTIONS
from autograd.tape import REEL_ROWS, Reel
from tests.checks import callable_of
from tests.failures import FAILURES, IDS, Failure
from tests.programs import Program, programs, run

BEFORE = """\
row  label    value  operation               local derivatives                gradient
  0  a            2  leaf                                                            -
  1  b           -3  leaf                                                            -
  2  c           -6  a * b                   d/da = -3, d/db = 2                     -
  3               4  a ** 2                  d/da = 4                                -
  4              -2  c + v3                  d/dc = 1, d/dv3 = 1                     -
  5            -0.5  v4 / 4                  d/dv4 = 0.25                            -
  6         -0.4621  tanh(v5)                d/dv5 = 0.7864                          -
  7           2.462  2 - v6                  d/dv6 = -1                              -
  8             -16  dot(a, b, c, 1.5, 0.5)  d/da = -6, d/db = 1.5, d/dc = 2         -
  9          -2.462  -v7                     d/dv7 = -1                              -
 10  loss    -18.46  v8 + v9                 d/dv8 = 1, d/dv9 = 1                    -"""

AFTER = """\
row  label    value  operation               local derivatives                gradient
  0  a            2  leaf                                                        -11.8
  1  b           -3  leaf                                                        5.893
  2  c           -6  a * b                   d/da = -3, d/db = 2                 2.197
  3               4  a ** 2                  d/da = 4                           0.1966
  4              -2  c + v3                  d/dc = 1, d/dv3 = 1                0.1966
  5            -0.5  v4 / 4                  d/dv4 = 0.25                       0.7864
  6         -0.4621  tanh(v5)                d/dv5 = 0.7864                          1
  7           2.462  2 - v6                  d/dv6 = -1                             -1
  8             -16  dot(a, b, c, 1.5, 0.5)  d/da = -6, d/db = 1.5, d/dc = 2         1
  9          -2.462  -v7                     d/dv7 = -1                              1
 10  loss    -18.46  v8 + v9                 d/dv8 = 1, d/dv9 = 1                    1"""

ELIDED = """\
row  label   value  operation  local derivatives     gradient
  0  a           2  leaf                                -11.8
  1  b          -3  leaf                                5.893
... 7 rows left out ...
  9         -2.462  -v7        d/dv7 = -1                   1
 10  loss   -18.46  v8 + v9    d/dv8 = 1, d/dv9 = 1         1"""


def textbook() -> tuple[Tape, Value]:
    """Return a tape with an operation of every shape, and its last Value."""
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    with Tape() as tape:
        c = a * b
        c.label = "c"
        d = 2.0 - ((c + a**2) / 4.0).tanh()
        loss = autograd.dot([a, b], [c, 1.5], 0.5) + -d
        loss.label = "loss"
    return tape, loss


def test_table_before_a_backward_pass_shows_no_gradient() -> None:
    tape, _ = textbook()
    assert str(tape) == BEFORE


def test_table_after_a_backward_pass() -> None:
    tape, loss = textbook()
    loss.backward()
    assert str(tape) == AFTER
    assert str(loss.tape) == AFTER


def test_long_table_is_elided_in_the_middle_and_says_how_much() -> None:
    tape, loss = textbook()
    loss.backward()
    assert tape.text(4) == ELIDED
    assert tape.text(None) == AFTER
    assert loss.tape.text(4) == ELIDED
    y = Value(0.0)
    for _ in range(100):
        y = y + 1.0
    lines = str(y.tape).splitlines()
    assert len(lines) == 1 + 20 + 1 + 20
    assert lines[21] == "... 61 rows left out ..."
    assert len(y.tape.text(None).splitlines()) == 1 + 101


def test_many_operands_are_elided_and_counted() -> None:
    line = str(autograd.total([Value(float(k)) for k in range(9)]).tape).splitlines()[-1]
    assert "total(v0, v1, v2, ... 3 more ..., v6, v7, v8)" in line
    assert "d/dv2 = 1, ... 3 more ..., d/dv6 = 1" in line


def test_empty_tape_says_so() -> None:
    with Tape() as tape:
        pass
    assert str(tape) == "an empty tape"
    assert tape._repr_html_() == "<p>an empty tape</p>"
    assert len(tape) == 0


def test_tape_of_a_leaf_is_the_leaf() -> None:
    x = Value(3.0, label="x")
    assert [(r.operation, r.value, r.label, r.gradient) for r in x.tape] == [
        ("leaf", 3.0, "x", None)
    ]
    assert (
        str(x.tape).splitlines()[1]
        == "  0  x          3  leaf                                 -"
    )


def test_html_holds_the_same_cells_and_escapes_them() -> None:
    x = Value(1.0, label='<b>&"x"')
    html = (x + 1.0).tape._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;&quot;x&quot; + 1" in html
    assert html.startswith("<table><thead><tr><th>row</th><th>label</th>")
    assert html.count("<tr>") == 3
    tape, _ = textbook()
    assert tape._repr_html_().count("<tr>") == 12
    y = x
    for _ in range(100):
        y = y + 1.0
    assert '<td colspan="6">... 61 rows left out ...</td>' in y.tape._repr_html_()


def test_rows_are_plain_frozen_data() -> None:
    tape, loss = textbook()
    loss.backward(2.0)
    row = tape[2]
    assert row == Row(
        number=2,
        operation="mul",
        op="*",
        value=-6.0,
        operands=(Operand(0, 2.0, -3.0), Operand(1, -3.0, 2.0)),
        label="c",
        gradient=row.gradient,
    )
    assert (row.name, tape[3].name) == ("c", "v3")
    assert tape[7].operands == (Operand(None, 2.0, None), Operand(6, tape[6].value, -1.0))
    with pytest.raises(FrozenInstanceError):
        row.value = 1.0  # type: ignore[misc]
    assert [r.op for r in tape] == [
        "",
        "",
        "*",
        "**2",
        "+",
        "/",
        "tanh",
        "-",
        "dot",
        "neg",
        "+",
    ]
    assert isinstance(tape.rows, Listing)
    assert list(tape) == list(tape.rows)


def test_tape_of_a_value_holds_what_it_depends_on_and_nothing_else() -> None:
    x, y = Value(2.0), Value(3.0)
    with Tape() as tape:
        used = x * 2.0
        _ = y * 5.0
        out = used + x
    assert len(tape) == 5
    assert [row.operation for row in out.tape] == ["leaf", "mul", "add"]
    assert [operand.row for operand in out.tape[2].operands] == [1, 0]


def test_a_value_that_returns_on_later_reels_stands_once() -> None:
    x = Value(2.0, label="x")
    with Tape() as tape:
        h = x * x
        with Tape():
            k = h * x
        out = k + h * x
    assert [row.operation for row in tape] == ["leaf", "mul", "mul", "mul", "add"]
    assert [row.operation for row in out.tape] == ["leaf", "mul", "mul", "mul", "add"]
    out.backward()
    assert [row.gradient for row in tape] == [24.0, 4.0, 1.0, 1.0, 1.0]


def test_outer_tape_holds_the_rows_of_inner_ones() -> None:
    x = Value(2.0)
    with Tape() as outer:
        a = x + 1.0
        with Tape() as inner:
            b = a * 3.0
        b - 1.0
    assert [row.operation for row in outer] == ["leaf", "add", "mul", "sub"]
    assert [(row.operation, row.value) for row in inner] == [("leaf", 3.0), ("mul", 9.0)]


def test_tape_records_again_after_a_backward_pass_inside() -> None:
    x = Value(2.0)
    with Tape() as tape:
        (x * x).backward()
        (x * 3.0).backward()
    assert [row.operation for row in tape] == ["leaf", "mul", "mul"]
    assert x.grad == 7.0


def test_tape_outside_its_block_records_nothing_more() -> None:
    x = Value(2.0)
    with Tape() as tape:
        y = x * x
    _ = y + 1.0
    assert len(tape) == 2


def test_tape_ends_when_its_block_fails() -> None:
    x = Value(-2.0)
    with pytest.raises(ValueError, match="x > 0"), Tape() as tape:
        (x * x * x).log()
    _ = x * 2.0
    assert len(tape) == 3


def test_tapes_left_out_of_order_keep_to_themselves() -> None:
    x = Value(1.0)
    first, second = Tape(), Tape()
    first.__enter__()
    second.__enter__()
    _ = x + 1.0
    first.__exit__(None, None, None)
    _ = x + 2.0
    second.__exit__(None, None, None)
    _ = x + 3.0
    assert [row.value for row in first][1:] == [2.0]
    assert [row.value for row in second][1:] == [2.0, 3.0]


def test_a_tape_inside_no_grad_records_and_leaves_no_grad_on() -> None:
    x = Value(2.0)
    with no_grad():
        with Tape() as tape:
            y = x * x
        after = x * x
    assert len(tape) == 2
    assert len(y.tape) == 2
    assert len(after.tape) == 1
    z = x * x
    assert len(z.tape) == 2


def test_a_tape_inside_no_grad_inside_a_tape_keeps_the_order_of_rows() -> None:
    x = Value(2.0)
    with Tape() as tape:
        with no_grad(), Tape():
            x.exp()
        x.sin()
    assert [row.operation for row in tape if row.operation != "leaf"] == ["exp", "sin"]


def test_no_grad_inside_a_tape_leaves_the_tape_on() -> None:
    x = Value(2.0)
    with Tape() as tape:
        with no_grad():
            y = x * x
        _ = y + x
    assert [(row.operation, row.value) for row in tape] == [
        ("leaf", 4.0),
        ("leaf", 2.0),
        ("add", 6.0),
    ]


def test_two_threads_fill_two_tapes() -> None:
    x = Value(2.0)
    tapes: dict[str, Tape] = {}
    barrier = threading.Barrier(2)

    def work(name: str, factor: float) -> None:
        with Tape() as tape:
            barrier.wait()
            _ = x * factor
            barrier.wait()
        tapes[name] = tape

    threads = [
        threading.Thread(target=work, args=(name, factor))
        for name, factor in (("one", 3.0), ("two", 5.0))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.value for row in tapes["one"]] == [2.0, 6.0]
    assert [row.value for row in tapes["two"]] == [2.0, 10.0]


# -- reels ------------------------------------------------------------------------------------


def test_a_full_reel_is_replaced_and_nobody_notices() -> None:
    x = y = Value(1.0)
    first = x + 1.0
    with Tape() as tape:
        for _ in range(REEL_ROWS + 10):
            y = y + x
    assert len(tape._reels) == 2
    assert len(tape) == REEL_ROWS + 11
    assert first._reel is not y._reel
    y.backward()
    assert x.grad == REEL_ROWS + 11.0
    assert [row.gradient for row in tape][-3:] == [1.0, 1.0, 1.0]


def test_a_gradient_of_zero_replaces_an_older_one_however_many_reels_down() -> None:
    x = Value(2.0)
    with Tape():
        lower = x * 3.0
    with Tape():
        middle = lower * 1.0
    with Tape():
        dead = (-middle).relu()
    (lower * 5.0).backward()
    assert lower.grad == 5.0
    dead.backward()
    assert (lower.grad, middle.grad, x.grad) == (0.0, 0.0, 15.0)


def test_long_rows_fill_a_reel_too() -> None:
    xs = [Value(1.0) for _ in range(1000)]
    with Tape() as tape:
        for _ in range(2 * REEL_ROWS // 1000):
            autograd.total(xs)
    assert len(tape._reels) >= 2


def reels_below(reels: Sequence[Reel]) -> dict[int, Reel]:
    """Return every reel that some reels depend on, by stamp."""
    found = {reel.stamp: reel for reel in reels}
    waiting = list(reels)
    while waiting:
        for value in waiting.pop().entries.values():
            home = value._reel
            if home is not None and home.stamp not in found:
                found[home.stamp] = home
                waiting.append(home)
    return found


@pytest.fixture(scope="module")
def threads() -> Iterator[Sequence[Executor]]:
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        yield one, other


@given(program=programs(threads=2))
def test_entries_come_from_older_reels_and_operands_from_earlier_rows(
    program: Program, threads: Sequence[Executor]
) -> None:
    values = run(program, threads)
    home = values[-1]._reel
    assert home is not None
    for reel in reels_below([home]).values():
        for value in reel.entries.values():
            assert value._reel is None or value._reel.stamp < reel.stamp
    for number, row in enumerate(values[-1].tape):
        assert row.number == number
        assert all(x.row is None or x.row < number for x in row.operands)


def test_a_value_from_another_threads_newer_reel_enters_a_fresh_reel() -> None:
    x = Value(2.0)
    here = x * 3.0
    with ThreadPoolExecutor(1) as other:
        there = other.submit(lambda: here * x).result()
        out = there + here
        back = other.submit(lambda: out * there).result()
    last = back + out
    last.backward()
    # here = 3x, there = 3x**2, out = 3x**2 + 3x, last = out * there + out
    assert last.data == 18.0 * 12.0 + 18.0
    assert x.grad == 15.0 * 12.0 + 18.0 * 12.0 + 15.0


def test_a_leaf_whose_data_changed_enters_again() -> None:
    w = Value(2.0, label="w")
    with Tape() as tape:
        a = w * 3.0
        w.data = 5.0
        b = w * 3.0
        out = a * b
    assert [(row.operation, row.value) for row in tape] == [
        ("leaf", 2.0),
        ("mul", 6.0),
        ("leaf", 5.0),
        ("mul", 15.0),
        ("mul", 90.0),
    ]
    out.backward()
    assert w.grad == 3.0 * 15.0 + 3.0 * 6.0


def test_a_leaf_that_keeps_its_data_enters_once() -> None:
    w = Value(2.0)
    with Tape() as tape:
        for _ in range(5):
            _ = w * 3.0
    assert [row.operation for row in tape].count("leaf") == 1


def test_rows_keep_what_they_used_when_data_changes_later() -> None:
    w = Value(2.0)
    y = w * w
    w.data = 10.0
    y.data = 7.0
    y.backward()
    assert w.grad == 4.0
    assert [row.value for row in y.tape] == [2.0, 4.0]


# -- labels -----------------------------------------------------------------------------------


def test_label_given_at_construction_or_later_stands_in_the_table() -> None:
    a = Value(1.0, label="a")
    b = a + 1.0
    assert b.label == ""
    b.label = "b"
    a.label = "renamed"
    assert [row.label for row in b.tape] == ["renamed", "b"]
    assert b.tape[1].name == "b"


def test_label_of_a_leaf_survives_from_reel_to_reel() -> None:
    a = Value(1.0, label="a")
    with Tape():
        b = a * 2.0
        b.label = "b"
    out = b + a
    assert [row.label for row in out.tape] == ["a", "b", ""]


@pytest.mark.parametrize("label", [5, 2.5, ["a"]])
def test_a_label_that_is_no_text_is_refused(label: Any) -> None:
    with pytest.raises(TypeError, match="label"):
        Value(1.0, label=label)
    for value in (Value(1.0), Value(1.0) + 1.0):
        with pytest.raises(TypeError, match="label"):
            value.label = label


# -- gradients in the table -------------------------------------------------------------------


def test_gradients_after_two_roots_are_those_of_the_last_pass() -> None:
    x = Value(2.0)
    with Tape() as tape:
        a = x * 3.0
        b = a * a
    a.backward()
    assert [row.gradient for row in tape] == [3.0, 1.0, None]
    b.backward()
    assert [row.gradient for row in tape] == [3.0 + 36.0, 12.0, 1.0]
    a.backward()
    assert [row.gradient for row in tape] == [39.0 + 3.0, 1.0, None]


# -- nothing is left behind by what fails -----------------------------------------------------


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
@pytest.mark.parametrize("which", [(True, True), (True, False), (False, True)])
def test_a_failed_operation_leaves_the_tape_as_it_was(
    failure: Failure, which: tuple[bool, bool]
) -> None:
    choice = which[: len(failure.operands)]
    given = [Value(x) if v else x for x, v in zip(failure.operands, choice, strict=True)]
    if not any(choice):
        given = [Value(failure.operands[0])]
    with Tape() as tape:
        before = len(tape)
        with pytest.raises((ValueError, ArithmeticError)):
            callable_of(failure.name)(*given)
        assert len(tape) == before == 0
        y = Value(2.0) * 3.0
    assert len(tape) == 2
    y.backward()


ONE = [row.name for row in OPERATIONS.values() if len(row.arguments) == 1]
TWO = [row.name for row in OPERATIONS.values() if row.arguments == ("x", "y")]
# Here "v" stands for a Value.
WRONG: list[tuple[str, tuple[Any, ...]]] = [
    ("clamp", ("v", "low", 2.0)),
    ("clamp", ("v", "v", "high")),
    ("clamp", ("v", 3.0, 2.0)),
    ("clamp", ("x", "v", 1.0)),
    ("where", (True, "v", "y")),
    ("where", ("v", "x", 2.0)),
    ("leaky_relu", ("v", "slope")),
    ("elu", ("v", "v")),
    ("dot", (["v"], [1.0, 2.0])),
    ("dot", (["v"], ["y"])),
    ("dot", (["v"], [1.0], "start")),
    *((name, (["v", "x"],)) for name in REDUCTIONS if name != "dot"),
    ("softmax", (["v", None],)),
    *((name, ("v", "y")) for name in TWO),
    *((name, ("x", "v")) for name in TWO),
]


def with_values(operands: Any) -> Any:
    """Return operands with a Value wherever they say "v"."""
    if isinstance(operands, (tuple, list)):
        return type(operands)(with_values(x) for x in operands)
    return Value(1.0) if operands == "v" else operands


@pytest.mark.parametrize(("name", "operands"), WRONG, ids=[f"{n}{a}" for n, a in WRONG])
def test_an_operand_that_is_no_number_leaves_the_tape_as_it_was(
    name: str, operands: tuple[Any, ...]
) -> None:
    given = with_values(operands)
    with Tape() as tape:
        with pytest.raises((TypeError, ValueError)):
            callable_of(name)(*given)
        assert len(tape) == 0


@pytest.mark.parametrize("name", ONE)
def test_functions_of_a_float_record_nothing(name: str) -> None:
    with Tape() as tape:
        if name != "acosh":
            callable_of(name)(0.5)
    assert len(tape) == 0


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_floats_record_nothing(name: str) -> None:
    with Tape() as tape:
        callable_of(name)(0.5, 2.0)
    assert len(tape) == 0


def test_functions_of_several_floats_record_nothing() -> None:
    with Tape() as tape:
        autograd.dot([1.0, 2.0], [3.0, 4.0], 5.0)
        for name in REDUCTIONS:
            if name != "dot":
                getattr(autograd, name)([1.0, 2.0])
        autograd.softmax([1.0, 2.0])
        autograd.where(True, 1.0, 2.0)
        autograd.leaky_relu(-1.0)
        autograd.elu(-1.0)
        autograd.clamp(3.0, 0.0, 1.0)
    assert len(tape) == 0
