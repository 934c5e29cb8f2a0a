"""Full reels let go of rows that nothing can reach, and of nothing else."""

import gc
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from autograd import Tape, Value, appending, recorders
from autograd.tape import Reel

Pair = tuple[Value, list[float]]


@pytest.fixture(params=[1, 2, 7, 40])
def short_reels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Make every reel full after a few rows."""
    rows = int(request.param)
    monkeypatch.setattr(appending, "REEL_ROWS", rows)
    monkeypatch.setitem(recorders.NAMESPACE, "REEL_ROWS", rows)
    return rows


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # looking through all objects is quick where there are few
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def _random_run(seed: int, leaves: int, steps: int) -> tuple[list[Value], list[Pair]]:
    """Compute at random, forgetting at random; carry gradients along as dual numbers do."""
    generator = random.Random(seed)
    inputs = [Value(generator.uniform(0.5, 1.5)) for _ in range(leaves)]
    live: list[Pair] = [
        (x, [float(k == j) for j in range(leaves)]) for k, x in enumerate(inputs)
    ]
    for _ in range(steps):
        (x, dx), (y, dy) = generator.choice(live), generator.choice(live)
        a, b = x.data, y.data
        kind = generator.randrange(4)
        if kind == 0:
            out = 0.5 * (x + y)
            slopes = [0.5 * (p + q) for p, q in zip(dx, dy, strict=True)]
        elif kind == 1:
            out = x * y / (1.0 + a * b)
            slopes = [(p * b + q * a) / (1.0 + a * b) for p, q in zip(dx, dy, strict=True)]
        elif kind == 2:
            out = x.maximum(y) * 0.9
            slopes = [0.9 * (p if a > b else q if b > a else (p + q) / 2)
                      for p, q in zip(dx, dy, strict=True)]  # fmt: skip
        else:
            out = -x + 2.0
            slopes = [-p for p in dx]
        live.append((out, slopes))
        while len(live) > 4 + leaves:
            live.pop(generator.randrange(len(live)))
    return inputs, live


@pytest.mark.parametrize("seed", range(12))
def test_gradients_are_right_whatever_was_let_go(seed: int, short_reels: int) -> None:
    inputs, live = _random_run(seed, leaves=3, steps=150)

    for out, slopes in live:
        for x in inputs:
            x.grad = 0.0
        out.backward()
        if out not in inputs:
            assert [x.grad for x in inputs] == pytest.approx(slopes, rel=1e-9, abs=1e-12)


def _reels() -> int:
    return sum(type(thing) is Reel for thing in gc.get_objects())


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("length", [3, 50, 200])
def test_forward_passes_without_backward_keep_few_reels(length: int, short_reels: int) -> None:
    weights = [Value(0.5 + 0.01 * k) for k in range(5)]
    counts = []
    for _ in range(20):
        out = Value(1.0)
        for k in range(length):
            out = out * weights[k % 5] + 0.5
        counts.append(_reels())

    assert max(counts[10:]) <= max(counts[5:10]) + 2


def test_a_tape_keeps_all_its_rows(short_reels: int) -> None:
    x = Value(1.0)
    with Tape() as tape:
        for _ in range(10):
            out = Value(1.0)
            for _ in range(10):
                out = out * x + 0.5

    operations = Counter(row.operation for row in tape)
    assert (operations["mul"], operations["add"]) == (100, 100)


def test_a_value_in_a_variable_keeps_what_it_depends_on(short_reels: int) -> None:
    x = Value(2.0)
    kept = [x * float(k) for k in range(5)]
    for _ in range(200):
        out = Value(1.0)
        for _ in range(3):
            out = out * x
    for value in kept:
        value.backward()

    assert x.grad == 0.0 + 1.0 + 2.0 + 3.0 + 4.0
