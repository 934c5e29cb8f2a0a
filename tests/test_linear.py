"""A linearisation between any Values, wherever they stand."""

from collections.abc import Callable

import pytest

from autograd import Tape, Value, detect_anomaly
from autograd.linear import Linearisation
from tests.programs import short_reels


def on_one_reel() -> tuple[list[Value], Value]:
    x = Value(2.0)
    a = x * 3.0
    return [a, x], a * a + x


def on_several_reels() -> tuple[list[Value], Value]:
    x = Value(2.0)
    with Tape():
        a = x * 3.0
    with Tape():
        return [a, x], a * a + x


def on_short_reels() -> tuple[list[Value], Value]:
    with short_reels(2):
        return on_one_reel()


PLACES: dict[str, Callable[[], tuple[list[Value], Value]]] = {
    "one reel": on_one_reel,
    "several reels": on_several_reels,
    "short reels": on_short_reels,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("recorded", [False, True])
def test_inputs_are_independent_of_each_other(place: str, *, recorded: bool) -> None:
    """The first is computed from the second, and its slope says nothing about that."""
    inputs, out = PLACES[place]()
    between = Linearisation(inputs, [out])
    assert between.depends
    pulled = between.pull([1.0], recorded=recorded)
    assert [p._data if isinstance(p, Value) else p for p in pulled] == [12.0, 1.0]
    pushed = between.push([1.0, 10.0], recorded=recorded)
    assert [p._data if isinstance(p, Value) else p for p in pushed] == [22.0]


def test_an_output_may_be_an_input_itself() -> None:
    inputs, _ = on_one_reel()
    between = Linearisation(inputs, inputs)
    assert between.pull([2.0, 3.0], recorded=False) == [2.0, 3.0]
    assert between.push([2.0, 3.0], recorded=True) == [2.0, 3.0]


def test_under_anomaly_mode_numbers_go_step_by_step_to_the_same_slopes() -> None:
    inputs, out = on_several_reels()
    between = Linearisation(inputs, [out])
    plain = between.pull([1.0], recorded=False), between.push([1.0, 1.0], recorded=False)
    with detect_anomaly():
        watched = between.pull([1.0], recorded=False), between.push([1.0, 1.0], recorded=False)
    assert plain == watched == ([12.0, 1.0], [13.0])
