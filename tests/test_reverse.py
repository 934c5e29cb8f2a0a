"""The sweep: random programs against a naive engine, seeds, sharing and repeated passes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tape, Value, no_grad, stop_gradient, where
from tests import oracles
from tests.oracles import Node
from tests.programs import (
    EXACT,
    WHOLE,
    Program,
    programs,
    run,
    run_forgetting,
    run_naively,
    short_reels,
)

SEEDS = st.sampled_from([1.0, -2.5, 0.3, 7.0])


@pytest.fixture(scope="module")
def threads() -> Iterator[Sequence[Executor]]:
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        # A thread of a pool starts with its first task; both are to stay the same ones.
        yield one, other


def assert_same(values: Sequence[Value], nodes: Sequence[Node]) -> None:
    """Compare data and gradients of every input and every result.

    Both engines round, in different orders: a gradient may be off by some EPS of the sum of
    the absolute values of its terms, which the naive engine keeps in `size`.
    """
    for k, (value, node) in enumerate(zip(values, nodes, strict=True)):
        assert value.data == pytest.approx(node.data, rel=1e-12, abs=1e-12), k
        assert abs(value.grad - node.grad) <= 1e-10 * node.size, (k, value.grad, node.grad)


@given(program=programs(threads=2), seed=SEEDS)
def test_programs_have_the_gradients_of_the_naive_engine(
    program: Program, seed: float, threads: Sequence[Executor]
) -> None:
    values, nodes = run(program, threads), run_naively(program)
    values[-1].backward(seed)
    oracles.backward(nodes[-1], seed)
    assert_same(values, nodes)


@given(program=programs(threads=2, size=40), rows=st.integers(1, 9), kept=st.integers(1, 4))
def test_programs_on_short_reels_whose_rows_are_let_go(
    program: Program, rows: int, kept: int, threads: Sequence[Executor]
) -> None:
    with short_reels(rows):
        values = run_forgetting(program, threads, kept)
        values[-1].backward(0.3)
    nodes = run_naively(program)
    oracles.backward(nodes[-1], 0.3)
    held = [k for k, value in enumerate(values) if value is not None]
    assert_same([values[k] for k in held], [nodes[k] for k in held])


@given(program=programs(names=EXACT, numbers=WHOLE, eventful=False, size=6))
def test_whole_numbers_have_exact_gradients(program: Program) -> None:
    values, nodes = run(program), run_naively(program)
    values[-1].backward(3.0)
    oracles.backward(nodes[-1], 3.0)
    assert [v.data for v in values] == [n.data for n in nodes]
    assert [v.grad for v in values] == [n.grad for n in nodes]


@given(
    program=programs(), roots=st.lists(st.integers(0, 99), min_size=2, max_size=4), seed=SEEDS
)
def test_roots_that_share_a_graph_add_up_in_the_leaves(
    program: Program, roots: list[int], seed: float
) -> None:
    values, nodes = run(program), run_naively(program)
    swept = [program.roots()[k % len(program.roots())] for k in roots]
    for root in swept:
        values[root].backward(seed)
        oracles.backward(nodes[root], seed)
    leaves = [k for k, node in enumerate(nodes) if not node.parents]
    assert_same([values[k] for k in leaves], [nodes[k] for k in leaves])
    below = oracles.topological(nodes[swept[-1]])
    last = [k for k, node in enumerate(nodes) if node in below]
    assert_same([values[k] for k in last], [nodes[k] for k in last])


@given(program=programs(threads=2), seed=SEEDS)
def test_second_pass_doubles_leaves_exactly_and_repeats_the_rest(
    program: Program, seed: float, threads: Sequence[Executor]
) -> None:
    values = run(program, threads)
    leaves = [not node.parents for node in run_naively(program)]
    values[-1].backward(seed)
    first = [v.grad for v in values]
    values[-1].backward(seed)
    pairs = zip(first, leaves, strict=True)
    assert [v.grad for v in values] == [2 * g if leaf else g for g, leaf in pairs]


@given(program=programs())
def test_zero_seed_gives_zero_everywhere(program: Program) -> None:
    values = run(program)
    values[-1].backward(0.0)
    assert [v.grad for v in values] == [0.0] * len(values)


@given(program=programs(), power=st.integers(-20, 20))
def test_a_power_of_two_as_seed_scales_exactly(program: Program, power: int) -> None:
    values = run(program)
    values[-1].backward(1.0)
    once = [v.grad for v in values]
    values = run(program)
    values[-1].backward(2.0**power)
    assert [v.grad for v in values] == [2.0**power * g for g in once]


@given(program=programs())
def test_a_pass_changes_no_data_and_no_row(program: Program) -> None:
    values = run(program)
    data = [v.data for v in values]
    rows = [(row.op, row.value, row.operands) for row in values[-1].tape]
    values[-1].backward()
    assert [v.data for v in values] == data
    assert [(row.op, row.value, row.operands) for row in values[-1].tape] == rows


@given(program=programs(eventful=False))
def test_tapes_and_reels_leave_no_trace_in_the_numbers(program: Program) -> None:
    plain = run(program)
    plain[-1].backward()
    with Tape(), Tape():
        taped = run(program)
    taped[-1].backward()
    assert [(v.data, v.grad) for v in taped] == [(v.data, v.grad) for v in plain]


# -- the same, small enough to check by eye ---------------------------------------------------


def test_unused_input_gets_zero_gradient() -> None:
    x, unused = Value(3.0), Value(4.0)
    (x * 2.0).backward()
    assert (x.grad, unused.grad) == (2.0, 0.0)


def test_an_operand_used_twice_counts_twice() -> None:
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0
    y = Value(3.0)
    (y + y).backward()
    assert y.grad == 2.0


def test_both_ways_around_a_diamond_count() -> None:
    x = Value(2.0)
    left, right = x * 3.0, x * x
    out = left * right  # 3 x**3
    out.backward()
    assert x.grad == 36.0
    assert (left.grad, right.grad, out.grad) == (4.0, 6.0, 1.0)


def test_a_long_way_and_a_short_way_meet_in_order() -> None:
    # The case in which a sweep without an order is wrong: 128 instead of 46.
    a = Value(2.0)
    b = a + 1.0
    c = b * b
    out = c * b + c * a + b  # (a + 1)**3 + a (a + 1)**2 + a + 1
    out.backward()
    assert (a.grad, c.grad) == (3 * 9.0 + 9.0 + 2 * 2 * 3.0 + 1.0, 5.0)


def test_second_pass_from_a_leaf_of_the_first_doubles_the_leaves() -> None:
    a, b = Value(3.0), Value(4.0)
    c = a * b
    d = c * a
    d.backward()
    assert (a.grad, b.grad, c.grad) == (24.0, 9.0, 3.0)
    d.backward()
    assert (a.grad, b.grad, c.grad) == (48.0, 18.0, 3.0)


def test_an_older_reel_forgets_what_an_earlier_pass_gave_it() -> None:
    x = Value(0.0)
    with Tape():
        h = x.exp()
    out = x.minimum(h)
    h.backward()
    assert h.grad == 1.0
    out.backward()
    assert h.grad == 0.0


def test_a_leaf_that_entered_several_reels_is_doubled_exactly() -> None:
    x = Value(2.0)
    with Tape():
        h = x.sqrt()
    out = h + x
    out.backward()
    first = x.grad
    out.backward()
    assert x.grad == 2 * first


def test_a_leaf_as_root_gets_the_seed() -> None:
    x = Value(3.0)
    x.backward(2.5)
    assert x.grad == 2.5


def test_setting_gradients_to_zero_starts_again() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = 0
    y.backward()
    assert x.grad == 6.0


def test_gradient_reaches_through_reels_that_were_left_long_ago() -> None:
    x = y = Value(1.5)
    for _ in range(50):
        y = y * 1.01
        y.backward()  # ends the reel
        x.grad = 0.0
    y.backward()
    assert x.grad == pytest.approx(1.01**50, rel=1e-13)


def test_a_zero_gradient_passes_nothing_on() -> None:
    x = Value(0.0)
    (x.sqrt() * 0.0).backward()
    assert x.grad == 0.0


def test_an_infinite_gradient_leaves_the_branch_not_taken_alone() -> None:
    x, y = Value(0.0), Value(5.0)
    where(True, x, y).sqrt().backward()
    assert (x.grad, y.grad) == (float("inf"), 0.0)


def test_an_infinite_gradient_leaves_the_smaller_operand_alone() -> None:
    x, y = Value(0.0), Value(-5.0)
    x.maximum(y).sqrt().backward()
    assert (x.grad, y.grad) == (float("inf"), 0.0)


def test_an_infinite_gradient_does_not_pass_stop_gradient() -> None:
    x = Value(0.0)
    stop_gradient(x).sqrt().backward()
    assert x.grad == 0.0


def test_results_of_no_grad_are_leaves() -> None:
    x = Value(3.0)
    with no_grad():
        y = x * x
    (y * x).backward()
    assert (x.grad, y.grad) == (9.0, 3.0)


def test_detached_values_pass_nothing_back() -> None:
    x = Value(3.0)
    y = (x * x).detach()
    (y * x).backward()
    assert (x.grad, y.grad) == (9.0, 3.0)
