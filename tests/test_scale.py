"""A million rows: recorded, swept, listed and freed without recursion."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

import autograd
from autograd import Tape, Value

MILLION = 1_000_000


@pytest.fixture(autouse=True)
def _shallow() -> Iterator[None]:
    """Leave so little room for recursion that any along the graph fails."""
    before = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 60)
    yield
    sys.setrecursionlimit(before)


def test_a_chain_of_a_million_rows() -> None:
    x = y = Value(1.0)
    for _ in range(MILLION // 2):
        y = y * 0.5 + x
    y.backward()
    # The sum of 0.5**k over all k, in floats.
    assert (y.data, x.grad) == (2.0, 2.0)
    reel = weakref.ref(y._reel)
    gc.disable()
    try:
        del y
        (x * 1.0).backward()
        assert reel() is None
    finally:
        gc.enable()


def test_a_million_terms_in_a_row() -> None:
    xs = [Value(1.0) for _ in range(1000)]
    out = sum(x for _ in range(1000) for x in xs)
    assert isinstance(out, Value)
    out.backward()
    assert out.data == 1e6
    assert {x.grad for x in xs} == {1000.0}


def test_one_row_over_a_hundred_thousand_operands() -> None:
    xs = [Value(2.0) for _ in range(100_000)]
    for reduce, gradient in ((autograd.total, 1.0), (autograd.mean, 1e-5)):
        for x in xs:
            x.grad = 0.0
        reduce(xs).backward()
        assert {x.grad for x in xs} == {gradient}
    ys = [1.0] * len(xs)
    assert autograd.dot(xs, ys).data == 200_000.0
    assert autograd.amax(xs).data == 2.0


def test_one_value_used_by_a_hundred_thousand_rows() -> None:
    x = Value(3.0)
    h = x * 2.0
    autograd.total([h * 0.5 for _ in range(100_000)]).backward()
    assert (h.grad, x.grad) == (50_000.0, 100_000.0)


def test_a_chain_across_ten_thousand_reels_is_swept_and_freed() -> None:
    x = y = Value(1.0)
    for _ in range(10_000):
        with Tape():
            y = y + 1.0
    assert len(y.tape) == 10_001
    y.backward()
    assert x.grad == 1.0
    first = weakref.ref(y._reel)
    y = x
    assert first() is None


def test_a_long_tape_is_listed_and_printed() -> None:
    y = Value(0.0)
    with Tape() as tape:
        for _ in range(30_000):
            y = y + 1.0
    assert len(tape) == 30_001
    assert "... 29961 rows left out ..." in str(tape)
    assert y.tape[-1].value == 30_000.0
