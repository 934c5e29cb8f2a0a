"""A tape read with names that its reader brings, with lines, and at a glance."""

import gc
import linecache
import weakref
from typing import Any

import pytest

from autograd import Glance, Line, Tape, Value, detect_anomaly, no_grad, skim, tape_of
from nn import MLP


def test_names_stand_beside_labels_and_change_no_value() -> None:
    w, x = Value(2.0), Value(3.0, label="x")
    rows = tape_of(w * x, [("weight[0]", w), ("weight[1]", x)])

    assert [row.path for row in rows] == ["weight[0]", "weight[1]", ""]
    assert [row.label for row in rows] == ["", "x", ""]
    assert [row.name for row in rows] == ["weight[0]", "x", "v2"]
    assert w.label == ""


def test_a_model_names_its_weights() -> None:
    model = MLP(2, [2, 1])
    rows = tape_of(model([1.0, 2.0]), model.named_parameters())

    leaves = [row.path for row in rows if row.operation == "leaf"]
    assert sorted(leaves) == sorted(name for name, _ in model.named_parameters())


def test_a_tape_is_read_with_names_too() -> None:
    w = Value(2.0)
    with Tape() as tape:
        w * w
    assert [row.path for row in tape_of(tape, {"w": w})] == ["w", ""]


def test_without_names_it_is_the_tape() -> None:
    x = Value(2.0, label="x")
    y = x * x + 1.0
    y.backward()

    assert tape_of(y) == y.tape
    assert tape_of(x) == x.tape


def test_the_first_name_of_a_value_counts() -> None:
    w = Value(2.0)

    assert tape_of(w * w, [("a", w), ("b", w)])[0].path == "a"


def test_a_listing_with_names_keeps_no_value_alive() -> None:
    w = Value(2.0)
    watch = weakref.ref(w)
    y = w * w
    y.backward()
    rows = tape_of(y, {"w": w})
    del w, y
    gc.collect()

    assert watch() is None
    assert rows[0].path == "w"


@pytest.mark.parametrize("names", [["w"], [("w", 2.0)], [(1, Value(1.0))], [None]])
def test_names_that_are_none_are_refused(names: Any) -> None:
    with pytest.raises(TypeError, match=r"names must be \(name, Value\) pairs, .* got "):
        tape_of(Value(1.0) * 2.0, names)


def test_what_is_no_tape_is_refused() -> None:
    thing: Any = 2.0

    with pytest.raises(TypeError, match=r"or a Tape, got 2\.0 \(float\)"):
        tape_of(thing)


def test_a_glance_at_every_row_agrees_with_the_listing() -> None:
    w, x = Value(2.0), Value(3.0, label="x")
    with Tape():
        y = w * x
    with Tape():
        y.label = "y"
        z = y * x + w
    z.backward()

    glances, rows = list(skim(z, {"w": w})), tape_of(z, {"w": w})
    assert [(g.operation, g.value, g.gradient) for g in glances] == [
        (row.operation, row.value, row.gradient) for row in rows
    ]
    assert [(g.name, g.named) for g in glances] == [
        (row.path or row.label, bool(row.path)) for row in rows
    ]
    assert isinstance(glances[0], Glance)


def test_a_tape_notes_lines_when_asked_to() -> None:
    x = Value(2.0)
    with Tape(lines=True) as tape:
        y = x * x  # the square
        with Tape():
            z = y + 1.0
    after = z * 2.0

    leaf, square, shifted = tape.rows
    assert leaf.line is None
    assert isinstance(square.line, Line)
    assert square.line.file == __file__
    assert square.line.text == "y = x * x  # the square"
    assert linecache.getline(__file__, square.line.number).strip() == square.line.text
    assert shifted.line is not None
    assert shifted.line.number == square.line.number + 2
    assert after.tape[-1].line is None
    assert after.tape[1].line == square.line


def test_without_asking_no_line_is_noted() -> None:
    x = Value(2.0)
    with Tape() as tape:
        x * x
    with Tape(lines=True), no_grad():
        y = x * x

    assert [row.line for row in tape] == [None, None]
    assert y.tape[0].line is None


def test_anomaly_mode_notes_lines_too() -> None:
    with detect_anomaly():
        y = Value(2.0) * 3.0

    assert y.tape[-1].line is not None
    assert y.tape[-1].line.text == "y = Value(2.0) * 3.0"
