"""Compiled losses over batches: columns in, mean and gradient out."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import (
    BranchError,
    LengthError,
    NumberError,
    StructureError,
    TapeError,
    Value,
    compile,  # noqa: A004 - what is tested
    detect_anomaly,
    grad,
    mean,
    no_grad,
    take,
    value_and_grad,
)
from autograd.compiling import specialising
from tests.branches import Branching, branching

Function = Callable[..., Any]
XS, YS = [1.0, -2.0, 0.5, 3.0, -1.0], [2.0, 4.0, 0.0, 1.0, -3.0]


def batched(f: Function, batch: Any = ("x", "y"), **options: Any) -> Any:
    """Return a loss compiled to Python."""
    return compile(f, batch=batch, backend="python", **options)


def straight(w: Any, x: Any, y: Any) -> Any:
    """Return a squared error."""
    return (w * x - y) ** 2


def branched(w: Any, x: Any, y: Any) -> Any:
    """Return a loss with a branch on the data."""
    return (w * x - y) ** 2 if x > 0.0 else w * x


def by_hand(f: Function, w: float, xs: Sequence[Any], ys: Sequence[Any]) -> tuple[float, float]:
    """Return the mean and its derivative, sample by sample."""
    pairs = [value_and_grad(f)(w, x, y) for x, y in zip(xs, ys, strict=True)]
    return sum(v for v, _ in pairs) / len(pairs), sum(g for _, g in pairs) / len(pairs)


# -- sums and means -------------------------------------------------------------------------


def test_the_mean_and_its_gradient() -> None:
    f = batched(straight)
    assert f.value_and_grad(2.0, XS, YS) == by_hand(straight, 2.0, XS, YS)
    assert f(2.0, XS, YS) == by_hand(straight, 2.0, XS, YS)[0]
    assert f.grad(2.0, XS, YS) == by_hand(straight, 2.0, XS, YS)[1]
    assert f.recordings == 1


def test_the_sum() -> None:
    f = batched(straight, reduction="sum")
    value, slope = by_hand(straight, 2.0, XS, YS)
    assert f.value_and_grad(2.0, XS, YS) == pytest.approx((value * 5, slope * 5))


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_any_number_of_samples(count: int) -> None:
    generator = random.Random(count)
    xs = [generator.uniform(-1.0, 1.0) for _ in range(count)]
    ys = [generator.uniform(-1.0, 1.0) for _ in range(count)]
    f = batched(straight)
    assert f.value_and_grad(0.5, xs, ys) == by_hand(straight, 0.5, xs, ys)


@pytest.mark.parametrize(
    ("batch", "args"),
    [
        (("x", "y"), (2.0, XS, YS)),
        ((1, 2), (2.0, XS, YS)),
        ((-2, "y"), (2.0, XS, YS)),
        (("x", "y"), (2.0, tuple(XS), np.array(YS))),
        (("x", "y"), (2.0, np.array(XS, "float32"), [np.float64(y) for y in YS])),
        (("x", "y"), (2.0, np.array(XS)[::1], iter(YS))),
    ],
    ids=range(6),
)
def test_columns_may_be_lists_or_arrays(batch: Any, args: tuple[Any, ...]) -> None:
    assert batched(straight, batch).value_and_grad(*args) == by_hand(straight, 2.0, XS, YS)


def test_columns_by_keyword() -> None:
    f = batched(straight)
    assert f.value_and_grad(2.0, y=YS, x=XS) == by_hand(straight, 2.0, XS, YS)
    assert f(w=2.0, y=YS, x=XS) == f(2.0, XS, YS)


def test_one_name_alone_and_a_keyword_that_is_shared() -> None:
    f = batched(lambda x, w, *, scale: w * x * scale, "x")
    assert f.value_and_grad([1.0, 3.0], 2.0, scale=10.0) == (40.0, 20.0)


@pytest.mark.parametrize(
    "columns",
    [
        [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)],
        [np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])],
        np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        [[1, 2.0], [3.0, 4], [5.0, 6.0]],
    ],
    ids=["lists", "tuples", "arrays", "array", "mixed"],
)
def test_samples_that_are_lists(columns: Any) -> None:
    f = batched(lambda w, x: w[0] * x[0] + w[1] * x[1], "x")
    assert f.value_and_grad([1.0, 10.0], columns) == (43.0, [3.0, 4.0])
    assert "x0" in f.source


@pytest.mark.parametrize("kind", [list, np.array])
def test_samples_that_are_matrices(kind: Any) -> None:
    f = batched(lambda w, x: w * x[1][0] + x[0][1], "x")
    columns = kind([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    assert f.value_and_grad(10.0, columns) == (54.0, 5.0)


@pytest.mark.parametrize("branch", [False, True], ids=["straight", "with a guard"])
def test_samples_with_more_numbers_than_a_line_holds(branch: bool) -> None:
    def loss(w: Any, x: Any) -> Any:
        total = autograd.dot([w] * len(x), x)
        return total * w if branch and x[0] > 0.0 else total

    xs = [[0.25 * k - 0.5 * j for k in range(64)] for j in (-1, 1, 3)]
    f = compile(loss, batch=("x",), backend="python")
    value, slope = f.value_and_grad(3.0, xs)
    one_by_one = [value_and_grad(loss)(3.0, x) for x in xs]
    assert value == pytest.approx(math.fsum(v for v, _ in one_by_one) / 3, rel=1e-14)
    assert slope == pytest.approx(math.fsum(g for _, g in one_by_one) / 3, rel=1e-14)


def test_several_shared_arguments() -> None:
    def loss(w: Any, x: Any, b: Any) -> Any:
        return w * x + b["b"]

    f = batched(loss, "x")
    assert f.grad(1.0, [1.0, 3.0], {"b": 2.0}) == (2.0, {"b": 1.0})
    assert f.grad(1.0, [1.0, 3.0], {"b": 2.0}, argnums=2) == {"b": 1.0}
    assert f.value_and_grad(1.0, [1.0, 3.0], {"b": 2.0}, argnums=(0,)) == (4.0, (2.0,))


# -- class indices --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "targets", [[0, 2, 1, 1], np.array([0, 2, 1, 1])], ids=["list", "array"]
)
def test_classes_as_targets(targets: Any) -> None:
    logits = [[0.1, 0.2, 0.3], [1.0, -1.0, 0.5], [0.0, 0.0, 0.0], [2.0, 1.0, 0.0]]

    def loss(w: Any, x: Any, y: Any) -> Any:
        return nn.cross_entropy([w * z for z in x], y)

    f = batched(loss)
    value, slope = f.value_and_grad(1.5, logits, targets)
    theirs = value_and_grad(
        lambda w: nn.cross_entropy(
            [[w * z for z in x] for x in logits], list(map(int, targets))
        )
    )(1.5)
    assert (value, slope) == pytest.approx(theirs, rel=1e-14)
    assert f.recordings == 1


def test_a_class_that_is_not_there() -> None:
    f = batched(lambda w, x, y: take([w, w * x], y))
    assert f.value_and_grad(2.0, [1.0, 3.0], [0, 1]) == (4.0, 2.0)
    with pytest.raises(IndexError, match="not below 0, got 5"):
        f(2.0, [1.0, 3.0], [0, 5])


def test_indexing_by_a_column_is_refused_with_advice() -> None:
    f = batched(lambda w, x, y: [w, w * x][y])
    with pytest.raises(
        TapeError, match=r"use autograd.take\(xs, index\) instead of xs\[index\]"
    ):
        f(2.0, [1.0, 3.0], [0, 1])


def test_whole_numbers_as_numbers() -> None:
    labels = [-1, 1, 1]
    f = batched(lambda w, x, y: autograd.relu(1 + -y * (w * x)))
    expected = by_hand(
        lambda w, x, y: autograd.relu(1.0 - y * (w * x)), 0.5, [1.0, 2.0, 3.0], labels
    )
    assert f.value_and_grad(0.5, [1.0, 2.0, 3.0], labels) == pytest.approx(expected)


def test_a_shared_whole_number_may_index() -> None:
    f = batched(lambda w, x, n: [w, w * x, w * x * x][n] * 1.0, "x")
    assert [f(2.0, [1.0, 3.0], n) for n in (0, 1, 2)] == [2.0, 4.0, 10.0]


# -- branches -------------------------------------------------------------------------------


def test_samples_on_different_branches() -> None:
    f = batched(branched)
    assert f.value_and_grad(2.0, XS, YS) == pytest.approx(by_hand(branched, 2.0, XS, YS))
    assert f.value_and_grad(3.0, YS, XS) == pytest.approx(by_hand(branched, 3.0, YS, XS))
    assert f.recordings == 2


def test_a_branch_may_raise_instead() -> None:
    f = batched(branched, on_branch="raise")
    assert f.value_and_grad(2.0, [1.0], [2.0]) == by_hand(branched, 2.0, [1.0], [2.0])
    with pytest.raises(BranchError, match=r"if x > 0\.0"):
        f.value_and_grad(2.0, XS, YS)


def test_too_many_branches_run_on_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specialising, "MOST", 1)
    f = batched(branched)
    with pytest.warns(autograd.CompilationWarning, match="combinations of branches"):
        ours = f.value_and_grad(2.0, XS, YS)
    assert ours == pytest.approx(by_hand(branched, 2.0, XS, YS))
    assert f.recordings == 1


@given(
    branching(), st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=6)
)
@settings(max_examples=40)
@pytest.mark.filterwarnings("ignore::autograd.IndependenceWarning")
def test_random_branches(program: Branching, samples: list[tuple[float, float]]) -> None:
    xs, ys = map(list, zip(*samples, strict=True))
    ours = compile(program, batch=(1, 2), backend="python").value_and_grad(0.5, xs, ys)
    # Groups of samples are summed one after the other.
    assert ours == pytest.approx(by_hand(program, 0.5, xs, ys), rel=1e-12, abs=1e-12)


# -- the engine answers ---------------------------------------------------------------------


def test_a_sample_that_is_undefined_raises_and_is_named() -> None:
    f = batched(lambda w, x: autograd.log(w * x), "x")
    assert f(1.0, [1.0, 1.0]) == 0.0
    with pytest.raises(autograd.DomainError, match=r"log\(x\) needs x > 0") as caught:
        f(1.0, [1.0, 2.0, -1.0])
    assert caught.value.__notes__ == ["at sample 2 of the batch"]


def test_infinite_slopes_are_the_engines() -> None:
    f = batched(lambda w, x: autograd.sqrt(w) * x, "x")
    assert f.value_and_grad(4.0, [1.0, 2.0]) == (3.0, 0.375)
    assert f.value_and_grad(0.0, [1.0, 2.0]) == (0.0, math.inf)
    # The zero rule, sample by sample.
    assert f.grad(0.0, [0.0, 0.0]) == 0.0
    assert batched(lambda w, x: x if x > 5.0 else w * x, "x")(math.nan, [6.0, 7.0]) == 6.5


def test_nan_on_the_way_to_a_guard_is_left_to_the_engine() -> None:
    def loss(w: Any, x: Any) -> Any:
        gap = (x * 1e308 * 10.0) - (x * 1e308 * 10.0)
        return w * x if gap > 0.0 else w * x * 2.0

    f = batched(loss, "x")
    for _ in range(2):
        assert f.value_and_grad(3.0, [1.0, 2.0]) == (9.0, 3.0)


def test_under_anomaly_detection_the_function_itself_runs() -> None:
    f = batched(straight)
    with detect_anomaly():
        assert f.value_and_grad(2.0, XS, YS) == pytest.approx(by_hand(straight, 2.0, XS, YS))
        assert f(2.0, XS, YS) == pytest.approx(by_hand(straight, 2.0, XS, YS)[0])


def test_inside_another_compiled_function() -> None:
    inner = batched(straight)
    outer = compile(lambda w: inner(w, XS, YS) + w, backend="python")
    value, slope = by_hand(straight, 2.0, XS, YS)
    assert outer.value_and_grad(2.0) == pytest.approx((value + 2.0, slope + 1.0))


# -- weights of a model ---------------------------------------------------------------------


def model() -> nn.MLP:
    """Return a small network."""
    return nn.MLP(2, [3, 1], activation="tanh", seed=0)


POINTS = [[0.1, 0.2], [1.0, -1.0], [0.5, 0.3], [-0.7, 0.4]]
TARGETS = [0.5, -0.5, 0.25, 1.0]


def test_training_a_model_that_is_closed_over() -> None:
    ours, theirs = model(), model()
    step = batched(lambda x, y: (ours(x) - y) ** 2)
    for _ in range(5):
        loss = step(POINTS, TARGETS)
        loss.backward()
        reference = mean([(theirs(x) - y) ** 2 for x, y in zip(POINTS, TARGETS, strict=True)])
        reference.backward()
        assert loss.data == pytest.approx(reference.data, rel=1e-13)
        for network in (ours, theirs):
            for parameter in network.parameters():
                parameter.data -= 0.1 * parameter.grad
                parameter.grad = 0.0
    weights = [[p.data for p in network.parameters()] for network in (ours, theirs)]
    assert weights[0] == pytest.approx(weights[1], rel=1e-12)
    assert step.recordings == 1


def test_shared_values_and_captured_ones() -> None:
    w, b = Value(2.0), Value(1.0)
    f = batched(lambda w, x: w * x + b, "x")
    loss = f(w, [1.0, 3.0])
    loss.backward()
    assert (loss.data, w.grad, b.grad) == (5.0, 2.0, 1.0)
    assert [row.operation for row in loss.tape] == ["leaf", "leaf", "compiled"]


def test_under_no_grad_a_loss_is_a_constant() -> None:
    b = Value(1.0)
    f = batched(lambda w, x: w * x + b, "x")
    with no_grad():
        loss = f(2.0, [1.0, 3.0])
        assert f.value_and_grad(2.0, [1.0, 3.0]) == (5.0, 2.0)
    assert loss.data == 5.0
    assert len(loss.tape) == 1


def test_gradients_that_can_be_followed() -> None:
    b = Value(3.0)
    f = batched(lambda w, x: w * w * x * b, "x")
    value, slope = f.value_and_grad(2.0, [1.0, 3.0])
    slope.backward()
    assert (value.data, slope.data, b.grad) == (24.0, 24.0, 8.0)
    plain = batched(lambda w, x: w * w * x, "x")
    assert grad(grad(lambda w: plain(w, [1.0, 3.0])))(2.0) == 4.0
    assert plain.grad(Value(2.0), [1.0, 3.0]).data == 8.0


def test_weights_on_the_engine() -> None:
    b = Value(0.0)
    f = batched(lambda x: autograd.sqrt(b + 0.0) * x, "x")
    loss = f([0.0, 1.0])
    loss.backward()
    assert (loss.data, b.grad) == (0.0, math.inf)
    b = Value(2.0)
    g = batched(lambda x: b if x > 0.0 else b * x, "x")
    loss = g([1.0, -1.0, math.e])
    loss.backward()
    assert loss.data == pytest.approx(2.0 / 3.0)
    assert b.grad == pytest.approx(1.0 / 3.0)


# -- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([], LengthError, "'x' is empty"),
        (np.ones((0, 2)), LengthError, "'x' is empty"),
        ([[], []], LengthError, "'x' has samples without any number"),
        (np.ones((2, 0)), LengthError, "'x' has samples without any number"),
        (
            np.array(1.0),
            NumberError,
            "'x' needs one entry for each sample, got a single number",
        ),
        (1.0, NumberError, "'x' needs one entry for each sample"),
        ("text", NumberError, "'x' needs one entry for each sample"),
        ({"a": 1.0}, NumberError, "'x' needs one entry for each sample"),
        (Value(1.0), NumberError, "'x' needs one entry for each sample"),
        (["a", "b"], NumberError, "'x' needs real numbers, got 'a' .str. at sample 0"),
        ([1.0, None], NumberError, "'x' needs real numbers, got None .* at sample 1"),
        ([1.0, Value(2.0)], NumberError, "at sample 1; weights are shared arguments"),
        (np.array(["a", "b"]), NumberError, "'x' needs an array of real numbers, got dtype"),
        (np.array([1j, 2j]), NumberError, "'x' needs an array of real numbers, got dtype"),
        ([1.0, math.nan], NumberError, "'x' needs finite numbers, got nan at sample 1"),
        ([[1.0, 2.0], [math.inf, 1.0]], NumberError, "'x' needs finite numbers, got inf"),
        (
            np.array([1.0, -np.inf]),
            NumberError,
            "'x' needs finite numbers, got -inf at sample 1",
        ),
        ([[1.0], [1.0, 2.0]], StructureError, "sample 0 has shape .1,., sample 1 is"),
        ([[1.0], 2.0], StructureError, "sample 0 has shape .1,., sample 1 is"),
        ([[[1.0]], [[1.0, 2.0]]], StructureError, "sample 0 has shape .1, 1., sample 1 is"),
        ([1.0, [2.0]], NumberError, r"'x' needs real numbers, got \[2.0\]"),
        ([[1.0, [2.0]], [1.0, 2.0]], NumberError, r"'x' needs real numbers, got \[2.0\]"),
        ([1.0, 2.0, 3.0], LengthError, "same number of samples, got {'x': 3, 'y': 2}"),
    ],
    ids=range(23),
)
def test_columns_that_are_none(x: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        batched(straight)(1.0, x, [1.0, 2.0])


def test_numbers_too_large_to_add_up_are_finite() -> None:
    f = batched(lambda w, x: w * (x * 1e-308), "x")
    assert f(1.0, [1.7e308, 1.7e308, 1.7e308]) == pytest.approx(1.7)


def test_arguments_that_are_missing() -> None:
    f = batched(straight)
    with pytest.raises(LengthError, match=r"'y' as a column, and was called without it"):
        f(1.0, XS)
    with pytest.raises(LengthError, match="3 as a column"):
        batched(lambda *several: several[0], 3)(1.0, XS, YS)


@pytest.mark.parametrize("which", ["z", 3, -4])
def test_a_column_that_the_function_does_not_take_is_told_before_any_call(which: Any) -> None:
    def line(w: float, x: float, y: float) -> float:
        return (w * x - y) ** 2

    with pytest.raises(LengthError) as caught:
        compile(line, batch=("x", which))

    assert str(caught.value) == (
        f"line has no argument {which!r} to be a column of a batch; it takes w, x, y"
    )


def test_differentiating_by_a_column_is_refused() -> None:
    f = batched(straight)
    with pytest.raises(LengthError, match=r"argnums may be among \[0\], got 1"):
        f.grad(1.0, XS, YS, argnums=1)
    with pytest.raises(LengthError) as caught:
        batched(lambda x: x * 2.0, "x").value_and_grad(XS)
    assert str(caught.value) == (
        "<lambda> has no shared argument to be differentiated by; for the gradients of Values "
        "that it uses, such as the weights of a model, call it, and backward() on what it "
        "returns"
    )
    with pytest.raises(LengthError, match="has no shared argument"):
        batched(lambda x: x * 2.0, "x").grad(XS)


def test_a_batch_needs_one_number_for_each_sample() -> None:
    with pytest.raises(NumberError, match="one number for each sample"):
        batched(lambda w, x: [w, x], "x")(1.0, XS)
    with pytest.raises(TapeError, match="have no jvp"):
        batched(straight).jvp((1.0,), (1.0,))


def test_a_loss_that_depends_on_nothing_shared() -> None:
    assert batched(lambda w, x: x * 2.0, "x").value_and_grad(1.0, [1.0, 2.0]) == (3.0, 0.0)
    assert batched(lambda w, x: 7.0, "x").value_and_grad(1.0, [1.0, 2.0]) == (7.0, 0.0)
