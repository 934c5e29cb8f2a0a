"""Native code over batches: patterns of layers in every small shape, sizes of batches, guards.

The oracle is the Python back end, sample after sample, which has the engine's bits.
"""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, dot, relu, tanh, total
from autograd.compiling.python import PythonBatch
from tests.native import bits, close, gradient_program

pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
np: Any = pytest.importorskip("numpy", reason="native code needs the extra `native`")

from autograd.compiling.native import entry  # noqa: E402 - needs the packages
from autograd.compiling.native.entry import BatchKernel  # noqa: E402
from autograd.compiling.native.plan import Dense, Plan  # noqa: E402
from autograd.compiling.native.planner import planned  # noqa: E402
from autograd.compiling.native.rewrites import relaxed  # noqa: E402

Loss = Callable[[list[Any], list[Any]], Any]


def numbers(count: int, seed: int = 0) -> list[float]:
    generator = random.Random(seed)
    return [generator.uniform(-2.0, 2.0) for _ in range(count)]


def samples(width: int, count: int, seed: int = 0) -> Any:
    return np.array(numbers(width * count, seed)).reshape(width, count)


class Made:
    """A loss of some columns and shared numbers, made into programs and kernels."""

    def __init__(self, loss: Loss, width: int, shared: Sequence[float]) -> None:
        self.shared, self.width = list(shared), width
        self.program, self.varying = gradient_program(loss, numbers(width), shared)
        self.python = PythonBatch(self.program, self.varying)

    def kernel(self, **options: Any) -> BatchKernel:
        return BatchKernel(self.program, self.varying, **options)

    def wanted(self, columns: Any) -> list[float]:
        return list(self.python.run(self.shared, columns.tolist())[0])

    def faults(self, counts: Sequence[int], **options: Any) -> list[Any]:
        """Return the sizes of batches for which a kernel is wrong."""
        kernel = self.kernel(**options)
        found = []
        for count in counts:
            columns = samples(self.width, count, count)
            ours = (kernel(self.shared, columns).totals + 0.0).tolist()
            theirs = self.wanted(columns)
            fine = bits(ours) == bits(theirs) if kernel.exact else close(ours, theirs)
            if not fine:
                found.append((count, ours, theirs))
        return found


def layer(xs: Sequence[Any], ws: Sequence[Any], rows: int, f: Any = tanh) -> list[Any]:
    """Return a layer whose neurons take their weights and then a bias from a list."""
    size = len(xs) + 1
    parts = [ws[k * size : (k + 1) * size] for k in range(rows)]
    return [f(dot(part[:-1], xs, part[-1])) for part in parts]


def two_layers(inputs: int, hidden: int, outputs: int = 2) -> tuple[Loss, int]:
    """Return a loss of two layers, and how many weights it takes."""
    first, second = hidden * (inputs + 1), outputs * (hidden + 1)

    def loss(xs: list[Any], ws: list[Any]) -> Any:
        inner = layer(xs, ws[:first], hidden)
        return total([y * y for y in layer(inner, ws[first:], outputs, lambda z: z)])

    return loss, first + second


# -- shapes of layers -----------------------------------------------------------------------


@pytest.mark.parametrize("hidden", range(1, 10))
def test_layers_of_every_small_shape(hidden: int) -> None:
    for inputs in range(1 + hidden % 2, 10, 2):
        loss, count = two_layers(inputs, hidden)
        assert Made(loss, inputs, numbers(count)).faults([1, 5]) == []


def tiles_of(plan: Plan) -> list[Dense]:
    """The tiles of a plan's dense steps, in order."""
    return [chunk.tile for chunk in plan.chunks if chunk.tile]


def test_a_network_is_found_to_be_matrix_products() -> None:
    loss, count = two_layers(4, 5, 4)
    program, varying = gradient_program(loss, numbers(4), numbers(count))
    plan = planned(relaxed(program), varying, rows=8)
    shapes = [(len(tile.outs), len(tile.xs)) for tile in tiles_of(plan)]
    # Forward twice, and backward once: from outputs to hidden units.
    assert shapes == [(5, 4), (4, 5), (5, 4)]
    # The gradients of both layers' weights; those of biases are sums and single products.
    assert [{len(outer.lefts), len(outer.rights)} for outer in plan.outers] == [{4, 5}] * 2


def test_a_bias_is_the_weight_of_a_one_and_relu_needs_no_room() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        inner = layer(xs[:4], ws[:25], 5, relu)
        (out,) = layer(inner, ws[25:], 1, lambda z: z)
        return relu(1.0 - xs[4] * out)

    program, varying = gradient_program(loss, numbers(5), numbers(31))
    plan = planned(relaxed(program), varying)
    # Five units, four inputs and 1 for the bias.
    assert (5, 5) in [(len(outer.lefts), len(outer.rights)) for outer in plan.outers]
    # Inputs, relu, its gradient, gradient and loss of the output, what was lost, who passed;
    # what goes into relu is never kept.
    assert plan.slot_count <= 5 + 5 + 5 + 5
    assert Made(loss, 5, numbers(31)).faults([1, 9, 40]) == []


def test_neurons_written_as_sums_of_products_are_matrix_products_too() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        rows = [ws[k * 5 : k * 5 + 5] for k in range(6)]
        outs = [sum((w * x for w, x in zip(row, xs, strict=False)), row[4]) for row in rows]
        return total([tanh(out) for out in outs])

    made = Made(loss, 4, numbers(30))
    plan = planned(relaxed(made.program), made.varying)
    assert [len(tile.outs) for tile in tiles_of(plan)] == [3, 3]
    assert made.faults([1, 3, 40]) == []


def test_a_weight_that_layers_share() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        inner = layer(xs, ws, 4)
        return total(layer(inner, ws, 4))

    assert Made(loss, 4, numbers(20)).faults([1, 7, 40]) == []


def test_layers_whose_weights_lie_in_any_order() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        mixed = list(ws)
        random.Random(0).shuffle(mixed)
        inner = layer(xs, mixed[:45], 9)
        return total(layer(inner, mixed[45:], 3))

    assert Made(loss, 4, numbers(75)).faults([1, 7, 40]) == []


def test_a_weight_used_twice_in_one_product() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        rows = [[*ws[k : k + 3], *ws[k : k + 3]] for k in range(4)]
        return total([tanh(dot(row, [*xs, *xs])) for row in rows])

    assert Made(loss, 3, numbers(6)).faults([1, 7, 40]) == []


def test_sums_that_start_from_numbers_of_the_sample() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        rows = [ws[k * 4 : k * 4 + 4] for k in range(5)]
        return total([tanh(dot(row, xs, xs[k % 4] * row[0])) for k, row in enumerate(rows)])

    assert Made(loss, 4, numbers(20)).faults([1, 7, 40]) == []


def test_a_recurrent_network() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        state = [0.0, 0.0, 0.0]
        for x in xs:
            state = layer([x, *state], ws, 3)
        return total([s * s for s in state])

    assert Made(loss, 6, numbers(15)).faults([1, 7, 40]) == []


def test_weights_that_penalties_share() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        out = total(layer(xs, ws, 4))
        return out * out + 0.01 * total([w * w for w in ws]) + 0.1 * total([abs(w) for w in ws])

    for options in ({}, {"exact": True}):
        assert Made(loss, 4, numbers(20)).faults([1, 7, 40], **options) == []


@pytest.mark.parametrize("exact", [True, False])
def test_results_of_shared_numbers_alone_count_once_for_each_sample(exact: bool) -> None:
    made = Made(lambda xs, ws: ws[0] * ws[1] + 0.0 * xs[0], 1, [0.1, 0.7])
    assert made.faults([1, 3, 100], exact=exact) == []
    only = Made(lambda _, ws: autograd.exp(ws[0]) * ws[1], 1, [0.1, 0.7])
    assert only.faults([1, 3, 100], exact=exact) == []


@pytest.mark.parametrize("exact", [True, False])
def test_no_shared_numbers_at_all(exact: bool) -> None:
    made = Made(lambda xs, _: tanh(xs[0]) * xs[1], 2, [])
    assert made.faults([1, 2, 9, 50], exact=exact) == []


def test_a_dimension_that_is_added_to_more_than_one_result() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        # The same products again, for other weights of the same value.
        rows = [ws[k * 4 : k * 4 + 4] for k in range(8)]
        outs = [dot(rows[k], xs) + dot(rows[k + 4], xs) for k in range(4)]
        return total([out * out for out in outs])

    assert Made(loss, 4, numbers(32)).faults([1, 7, 40]) == []


# -- sizes of batches -----------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_batches_of_any_size(width: int) -> None:
    loss, count = two_layers(3, 5)
    made = Made(loss, 3, numbers(count))
    block = made.kernel(width=width).sizes.stride
    counts = {1, 2, width - 1, width, width + 1, block - 1, block, block + 1, 1000} - {0}
    assert made.faults(sorted(counts), width=width) == []


def test_the_exact_sum_is_that_of_the_samples_one_by_one() -> None:
    loss, count = two_layers(3, 5)
    assert Made(loss, 3, numbers(count)).faults([1, 2, 16, 17, 300], exact=True) == []


def test_samples_may_come_in_any_order_and_more_than_once() -> None:
    loss, count = two_layers(3, 4)
    made = Made(loss, 3, numbers(count))
    columns, order = samples(3, 20), np.array([3, 3, 19, 0, 7, 3, 12], np.int64)
    ours = made.kernel()(made.shared, columns, order)
    assert close(ours.totals.tolist(), made.wanted(np.ascontiguousarray(columns[:, order])))


def test_two_threads_find_what_one_does() -> None:
    loss, count = two_layers(3, 5)
    made = Made(loss, 3, numbers(count))
    kernel, columns = made.kernel(), samples(3, 1003)
    alone = kernel(made.shared, columns).totals.tolist()
    with mock.patch.object(entry, "_PARALLEL", 1), mock.patch("os.cpu_count", return_value=2):
        assert len(kernel._parts(1003)) == 2
        together = [kernel(made.shared, columns).totals.tolist() for _ in range(3)]
    assert close(together[0], alone, 1e-12)
    assert together[0] == together[1] == together[2]


def test_threads_report_the_samples_that_failed() -> None:
    made = Made(lambda xs, ws: ws[0] * xs[0] if xs[0] > 0.0 else xs[0] * 2.0, 1, [3.0])
    kernel, columns = made.kernel(), samples(1, 999)
    with mock.patch.object(entry, "_PARALLEL", 1), mock.patch("os.cpu_count", return_value=2):
        result = kernel(made.shared, columns)
    assert result.failed.tolist() == (columns[0] <= 0.0).tolist()
    assert close(result.totals.tolist(), made.wanted(columns))


def test_numbers_whose_sum_overflows_are_finite_all_the_same() -> None:
    def loss(w: Value, x: Value) -> Value:
        huge = [w * x * k for k in (1.0, 1.5, 1.7)]
        return total([relu(tanh(z)) + relu(-z) * 1e-300 for z in huge])

    f = autograd.compile(loss, batch="x", backend="native", reduction="sum")
    points = [1.0, -1.0, 0.5, *[0.25] * 9]
    value, slope = f.value_and_grad(1e308, points)
    assert value == pytest.approx(11 * 3 - 3 + 3 + 4.2e8, rel=1e-9)
    assert slope == pytest.approx(-4.2e-300, rel=1e-9)


# -- long programs --------------------------------------------------------------------------


@pytest.mark.parametrize("exact", [True, False])
def test_programs_of_several_functions_use_their_room_again(exact: bool) -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        state = xs[0]
        for k in range(130):
            state = autograd.sin(state) * xs[k % 3] + ws[k % 2]
        return state

    made = Made(loss, 3, [0.3, -0.2])
    plan = planned(relaxed(made.program), made.varying)
    assert len(plan.chunks) > 3
    assert plan.slot_count < len(made.program) / 2
    assert made.faults([1, 9, 70], exact=exact) == []


def test_shared_numbers_are_computed_in_several_functions() -> None:
    def loss(xs: list[Any], ws: list[Any]) -> Any:
        state = ws[0]
        for w in [*ws, *ws]:
            state = tanh(state * w + 0.1)
        return state * xs[0] + (state if state > -5.0 else 0.0)

    made = Made(loss, 1, numbers(40))
    assert len(planned(relaxed(made.program), made.varying).prologue) > 200
    assert made.faults([1, 9]) == []


# -- guards and choices ---------------------------------------------------------------------


def folded(x: Any, w: Any) -> Any:
    """Return a loss whose branches are taken by some samples and not by others."""
    y = w * x if x > 0.25 else x * x
    while y > 1.0:
        y = y * 0.5
    return y + (w if abs(x) < 0.5 and x else 1.0)


@pytest.mark.parametrize("exact", [True, False])
def test_samples_of_one_batch_may_take_different_branches(exact: bool) -> None:
    xs = [*numbers(40), 0.25, 0.0, -0.0, 0.5, -0.5]
    f = autograd.compile(
        lambda w, x: folded(x, w), batch="x", backend="native", reduction="sum", exact=exact
    )
    w = Value(1.5)
    theirs = total([folded(x, w) for x in xs])
    theirs.backward()
    value, slope = f.value_and_grad(1.5, xs)
    assert close([value, slope], [theirs.data, w.grad], 1e-12)
    assert close(f.value_and_grad(1.5, np.array(xs)), [value, slope], 1e-12)


def test_a_guard_on_what_is_not_a_number_sends_the_sample_to_the_engine() -> None:
    def f(w: Any, x: Any) -> Any:
        with autograd.ieee():
            y = (x * 1e300) * 1e300 * 0.0
            return w * x if y < 1.0 else w * 2.0

    compiled = autograd.compile(f, batch="x", backend="native", reduction="sum")
    assert compiled.value_and_grad(3.0, [0.0, 0.0]) == (0.0, 0.0)
    assert compiled.value_and_grad(3.0, [0.0, 1.0]) == (6.0, 2.0)


def test_class_indices_choose_in_lanes() -> None:
    def loss(w: Any, x: Any, kind: int) -> Any:
        logits = [w[k] * x for k in range(5)]
        return autograd.logsumexp(logits) - autograd.take(logits, kind)

    weights, xs = numbers(5), numbers(37)
    kinds = [k % 5 for k in range(37)]
    for columns in ((xs, kinds), (np.array(xs), np.array(kinds, np.int32))):
        f = autograd.compile(loss, batch=("x", "kind"), backend="native")
        ours = f.value_and_grad(weights, *columns)

        def mean(w: list[Any]) -> Any:
            return autograd.mean([loss(w, x, k) for x, k in zip(xs, kinds, strict=True)])

        assert close(ours, autograd.value_and_grad(mean)(weights), 1e-12)


# -- random programs ------------------------------------------------------------------------


ACTIVATIONS = (tanh, relu, autograd.sigmoid, abs, lambda z: z, lambda z: z * z)


@st.composite
def losses(draw: st.DrawFn) -> tuple[Loss, int, int]:
    """Draw a loss of random layers, with its numbers of columns and of shared numbers."""
    width, count = draw(st.integers(1, 4)), draw(st.sampled_from([2, 9, 30]))
    steps = draw(
        st.lists(
            st.tuples(
                st.integers(1, 6),
                st.sampled_from(["dot", "chain", "left"]),
                st.sampled_from(
                    [tanh, relu, autograd.sigmoid, abs, lambda z: z, lambda z: z * z]
                ),
                st.integers(0, 50),
                st.booleans(),
            ),
            min_size=1,
            max_size=3,
        )
    )
    end = draw(st.sampled_from(["sum", "squares", "entropy", "largest", "hinge"]))

    def loss(xs: list[Any], ws: list[Any]) -> Any:
        outs = list(xs)
        for rows, style, f, start, more in steps:
            pool = [ws[(start + k) % count] for k in range(rows * (len(outs) + 1))]
            size = len(outs) + 1
            parts = [pool[k * size : (k + 1) * size] for k in range(rows)]
            outs = [f(neuron(style, part, outs)) for part in parts]
            outs += [xs[0] * ws[0], outs[0] * xs[-1]] if more else []
        return ended(end, outs, xs)

    return loss, width, count


def neuron(style: str, weights: Sequence[Any], xs: Sequence[Any]) -> Any:
    if style == "dot":
        return dot(weights[:-1], xs, weights[-1])
    pairs = zip(weights, xs, strict=False)
    if style == "chain":
        return sum((w * x for w, x in pairs), weights[-1])
    return sum(x * w for w, x in pairs) + weights[-1]


def ended(end: str, outs: Sequence[Any], xs: Sequence[Any]) -> Any:
    if end == "squares":
        return autograd.mean([out * out for out in outs])
    if end == "entropy":
        return autograd.logsumexp(outs) - outs[0]
    if end == "largest":
        return autograd.amax(outs)
    return relu(1.0 - outs[0] * xs[0]) if end == "hinge" else total(outs)


@given(losses(), st.integers(1, 40), st.sampled_from([2, 4, 8]), st.booleans())
@settings(max_examples=20)
def test_random_networks(
    drawn: tuple[Loss, int, int], count: int, width: int, exact: bool
) -> None:
    loss, columns, shared = drawn
    made = Made(loss, columns, numbers(shared))
    if all(map(math.isfinite, made.wanted(samples(columns, count, count)))):
        options = {"exact": True} if exact else {"width": width}
        assert made.faults([count], **options) == []
