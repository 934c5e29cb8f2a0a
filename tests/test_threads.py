"""Threads: each records for itself, and Values may go from one to another."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ContextDecorator, nullcontext
from typing import Any

import pytest

import autograd
from autograd import Tape, Value, ieee, no_grad
from tests.programs import short_reels


def together(work: Callable[[int], object], count: int = 8) -> list[object]:
    """Run work(0), work(1), ... in threads that start at the same moment."""
    barrier = threading.Barrier(count)

    def run(k: int) -> object:
        barrier.wait()
        return work(k)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def train(seed: int) -> list[float]:
    """Train a small network and return its weights."""
    numbers = random.Random(seed)
    w1 = [[Value(numbers.uniform(-1, 1)) for _ in range(2)] for _ in range(4)]
    w2 = [Value(numbers.uniform(-1, 1)) for _ in range(4)]
    params = [*w2, *(w for row in w1 for w in row)]
    for _ in range(40):
        x = [numbers.uniform(-1, 1) for _ in range(2)]
        sums: list[Any] = [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in w1]
        hidden = [out.tanh() for out in sums]
        loss = (autograd.dot(w2, hidden) - x[0] * x[1]) ** 2
        loss.backward()
        for p in params:
            p.data -= 0.1 * p.grad
            p.grad = 0
    return [p.data for p in params]


def test_eight_threads_train_to_the_same_bits_as_one() -> None:
    alone = [train(seed) for seed in range(8)]
    assert together(train) == alone
    assert together(lambda _: train(3)) == [alone[3]] * 8


@pytest.mark.parametrize("rows", [1, 10, 60])
def test_threads_do_not_disturb_each_other_where_reels_are_full(rows: int) -> None:
    alone = [train(seed) for seed in range(8)]
    with short_reels(rows):
        assert together(train) == alone


def test_tapes_of_threads_hold_their_own_rows() -> None:
    shared = Value(2.0)

    def work(k: int) -> list[float]:
        with Tape() as tape:
            y = shared
            for _ in range(200):
                y = y + float(k)
        return [row.value for row in tape]

    for k, values in enumerate(together(work)):
        assert values == [2.0 + k * n for n in range(201)]


def test_shared_leaves_do_not_mix_up_rows() -> None:
    shared = [Value(float(k + 1)) for k in range(5)]

    def work(k: int) -> bool:
        numbers = random.Random(k)
        right = True
        for _ in range(300):
            i, j = numbers.randrange(5), numbers.randrange(5)
            y = shared[i] * shared[j] + shared[j] * float(k)
            with Tape() as tape:
                z = shared[i] * y
            rows = tape.rows
            right = right and y.data == (i + 1) * (j + 1) + (j + 1) * k
            right = right and rows[-1].value == z.data
            right = right and {row.value for row in rows} == {i + 1.0, y.data, z.data}
        return right

    assert together(work) == [True] * 8


def test_shared_leaves_get_the_gradients_of_all_threads() -> None:
    shared = Value(2.0)
    own = [Value(1.0) for _ in range(8)]
    results = together(lambda k: shared * own[k] * float(k))
    for result in results:
        assert isinstance(result, Value)
        result.backward()
    assert shared.grad == sum(range(8))
    assert [v.grad for v in own] == [2.0 * k for k in range(8)]


def test_a_value_may_be_handed_from_thread_to_thread() -> None:
    x = Value(1.0)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
        y = x
        for k in range(50):
            y = (one, two)[k % 2].submit(lambda v: v * x + 1.0, y).result()
            y = y * 1.0
    y.backward()
    assert y.data == 51.0
    # The powers of x up to 49, and the 51st.
    assert x.grad == 51 + 49 * 50 / 2
    assert [row.operation for row in y.tape].count("mul") == 100


def test_backward_in_another_thread_than_the_program() -> None:
    x = Value(3.0)
    y = x * x
    with ThreadPoolExecutor(1) as other:
        other.submit(y.backward).result()
    assert x.grad == 6.0
    z = y * x
    z.backward()
    assert x.grad == 6.0 + 27.0


def test_modes_belong_to_one_thread() -> None:
    x = Value(2.0)
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with no_grad(), ieee(), Tape():
            inside.set()
            done.wait(10)

    with ThreadPoolExecutor(1) as other:
        holding = other.submit(hold)
        inside.wait(10)
        y = x * x
        rows = len(y.tape)
        try:
            _ = x / 0.0
            raised = False
        except ZeroDivisionError:
            raised = True
        done.set()
        holding.result()
    assert (rows, raised) == (2, True)


class Overlap:
    """Two threads inside one decorated function: the first to enter is the first to leave."""

    def __init__(self, mode: ContextDecorator) -> None:
        self.first_in, self.second_in, self.first_done = (threading.Event() for _ in range(3))
        self.decorated = mode(self._body)

    def _body(self, number: int) -> None:
        if number == 1:
            self.first_in.set()
            self.second_in.wait(10)
        else:
            self.second_in.set()
            self.first_done.wait(10)

    def run(self, surroundings: AbstractContextManager[object]) -> tuple[list[Value], bool]:
        """Return what the first thread computes afterwards, and whether 1 / 0 raises there.

        The second thread is inside of `surroundings`.
        """

        def first() -> tuple[list[Value], bool]:
            x = Value(2.0)
            self.decorated(1)
            results = [x * x]
            try:
                results.append(x / 0.0)
            except ZeroDivisionError:
                return results, True
            finally:
                self.first_done.set()
            return results, False

        def second() -> None:
            self.first_in.wait(10)
            with surroundings:
                self.decorated(2)

        with ThreadPoolExecutor(2) as pool:
            done = pool.submit(first), pool.submit(second)
            done[1].result(10)
            return done[0].result(10)


def test_no_grad_as_a_decorator_serves_several_threads() -> None:
    (y,), _ = Overlap(no_grad()).run(no_grad())
    assert len(y.tape) == 2
    with Tape() as tape:
        (y,), _ = Overlap(no_grad()).run(nullcontext())
    assert len(y.tape) == 2
    assert len(tape) == 0


def test_ieee_as_a_decorator_serves_several_threads() -> None:
    _, raises = Overlap(ieee()).run(ieee())
    assert raises
