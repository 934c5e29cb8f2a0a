"""Memory: small rows, no leaks, no cycles, flat where nothing is ever cleared."""

import gc
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd
from autograd import Tape, Value, no_grad

MEGABYTE = 2**20


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Let nothing but reference counts free memory.

    What was there before is out of the collector's sight, which makes it quick.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def growth(work: Callable[[], object]) -> tuple[int, int]:
    """Return how many bytes more are in use after some work, and at its peak."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = work()
        after, peak = tracemalloc.get_traced_memory()
        del kept
    finally:
        tracemalloc.stop()
    return after - before, peak - before


@pytest.mark.usefixtures("without_collector")
def test_a_row_of_a_chain_takes_at_most_200_bytes() -> None:
    rows = 40_000

    def chain(*, sweep: bool) -> Value:
        y = Value(1.0)
        for _ in range(rows // 2):
            y = (y * 0.999).tanh()
        if sweep:
            y.backward()
        return y

    for sweep in (False, True):
        used, _ = growth(lambda: chain(sweep=sweep))  # noqa: B023 - called at once
        assert 50 < used / rows <= 200


@pytest.mark.usefixtures("without_collector")
def test_20000_forward_passes_without_backward_stay_small() -> None:
    w, b = Value(0.5), Value(0.1)

    def forward(passes: int = 20_000) -> None:
        for k in range(passes):
            h = w * float(k % 7)
            (autograd.dot([w, h], [h, b], b) + h.relu() * w).tanh()

    forward(10)
    used, peak = growth(forward)
    assert used < 20 * MEGABYTE
    assert peak < 40 * MEGABYTE


@pytest.mark.usefixtures("without_collector")
def test_20000_values_used_once_without_backward_stay_small() -> None:
    w = Value(0.5)

    def forward(passes: int = 20_000) -> None:
        for k in range(passes):
            (Value(float(k)) * w + 1.0).tanh()

    forward(10)
    used, _ = growth(forward)
    assert used < 20 * MEGABYTE


@pytest.mark.usefixtures("without_collector")
def test_2000_training_steps_that_clear_nothing_stay_flat() -> None:
    weights = [Value(0.1 * k) for k in range(10)]

    def train(steps: int = 2_000) -> None:
        for step in range(steps):
            xs = [Value(float((step * k) % 5)) for k in range(10)]
            loss = (autograd.dot(weights, xs) - 1.0) ** 2 + sum(w * w for w in weights)
            loss.backward()
            for w in weights:
                w.data -= 0.001 * w.grad
                w.grad = 0

    train(10)
    used, peak = growth(train)
    assert used < MEGABYTE
    assert peak < 2 * MEGABYTE


@pytest.mark.usefixtures("without_collector")
def test_no_grad_keeps_nothing() -> None:
    w = Value(0.5)

    def forward() -> list[Value]:
        with no_grad():
            y = w
            for _ in range(20_000):
                y = (y * w + 0.5).tanh()
        return [y]

    used, peak = growth(forward)
    assert max(used, peak) < 0.1 * MEGABYTE


@pytest.mark.usefixtures("without_collector")
def test_values_and_reels_die_with_their_last_reference() -> None:
    x = Value(2.0)
    h = x * 3.0
    h.label = "h"
    out = h.tanh() + autograd.total([h, x])
    out.backward()
    assert len(list(out._prev)) == 2
    things: list[Any] = [h, out, out._reel]
    alive = [weakref.ref(thing) for thing in things]
    del things
    del h, out
    assert [ref() for ref in alive] == [None, None, None]
    leaf = weakref.ref(x)
    del x
    assert leaf() is None


@pytest.mark.usefixtures("without_collector")
def test_a_tape_lets_go_of_its_rows() -> None:
    x = Value(2.0)
    with Tape() as tape:
        y = x * x
    str(tape)
    row = tape[1]
    reel = weakref.ref(y._reel)
    del y, tape
    assert reel() is None
    assert row.value == 4.0


@pytest.mark.usefixtures("without_collector")
def test_a_failed_operation_keeps_nothing_alive() -> None:
    x = Value(-1.0)
    ref = weakref.ref(x)
    try:
        x.log()
    except ValueError as error:
        message = str(error)
    del x
    assert ref() is None
    assert "x > 0" in message


def programs() -> Iterator[tuple[str, Callable[[Value], Any]]]:
    """Yield programs of every shape."""
    yield "operators", lambda x: (x * x + 2.0 - x / 3.0) ** 2
    yield "functions", lambda x: autograd.softplus(x.tanh().exp())
    yield "lists", lambda x: autograd.logsumexp([x, x * 2.0, 1.0])
    yield "where", lambda x: autograd.where(x > 0, x, -x)
    yield "own local derivatives", lambda x: Value(4.0, (x,), (2.0,))
    yield "own operation", lambda x: Value(4.0, (x,), "mine")


@pytest.mark.filterwarnings("ignore::autograd.DefinitionWarning")
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize(("name", "program"), list(programs()), ids=[n for n, _ in programs()])
def test_the_collector_finds_nothing_to_do(name: str, program: Callable[[Value], Any]) -> None:
    def work() -> None:
        for _ in range(3):
            x = Value(2.0, label="x")
            with Tape() as tape:
                y = program(x)
                y.label = "y"
                y.backward()
            for _ in y._prev:
                pass
            str(tape)
            hash(y)

    work()
    gc.collect()
    work()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        found = [thing for thing in gc.garbage if type(thing).__module__.startswith("autograd")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert found == [], name


def test_a_cycle_through_a_learners_closure_is_collected() -> None:
    def work() -> weakref.ref[Value]:
        x = Value(2.0)
        out = Value(4.0, (x,), "mine")

        def _backward() -> None:
            x.grad += 2.0 * out.grad

        out._backward = _backward
        out.backward()
        assert x.grad == 2.0
        return weakref.ref(out)

    ref = work()
    gc.collect()
    assert ref() is None


def test_rows_are_not_tracked_by_the_collector() -> None:
    x, y = Value(2.0), Value(3.0)
    out = autograd.dot([x, y], [y, 1.5], x) + (x * y).tanh() * 2.0 + autograd.clamp(x, 0.0, 9.0)
    reel = out._reel
    assert reel is not None
    for _ in range(4):  # tuples inside tuples are let go from the inside out
        gc.collect()
    assert not any(gc.is_tracked(row) for row in reel.rows)
