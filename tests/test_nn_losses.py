"""Cross-entropy against closed forms, torch and 50-digit arithmetic."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tape, Value, no_grad
from nn import cross_entropy

EPSILON = 2.0**-52


def gradients(logits: list[float], target: int) -> tuple[float, list[float]]:
    values = [Value(z) for z in logits]
    loss = cross_entropy(values, target)
    loss.backward()
    return loss.data, [v.grad for v in values]


@pytest.mark.parametrize("classes", [1, 2, 3, 10, 27])
def test_equal_logits_cost_the_logarithm_of_the_number_of_classes(classes: int) -> None:
    loss, slopes = gradients([0.25] * classes, classes - 1)

    assert loss == pytest.approx(math.log(classes), rel=1e-15, abs=1e-16)
    expected = [1 / classes - (k == classes - 1) for k in range(classes)]
    assert slopes == pytest.approx(expected, rel=1e-15, abs=1e-16)


@pytest.mark.parametrize("d", [-30.0, -1.0, 0.0, 0.5, 3.0, 30.0])
def test_two_classes_are_logistic_regression(d: float) -> None:
    loss, (slope, other) = gradients([d, 0.0], 0)

    # The loss is log(1 + exp(-d)); its error is a rounding of the larger logit.
    assert loss == pytest.approx(math.log1p(math.exp(-d)), rel=1e-15, abs=30 * EPSILON)
    assert slope == pytest.approx(-1 / (1 + math.exp(d)), rel=1e-13, abs=EPSILON)
    assert other == pytest.approx(1 / (1 + math.exp(d)), rel=1e-13, abs=EPSILON)


@pytest.mark.parametrize(
    ("logits", "target", "loss", "slopes"),
    [
        ([1e4, -1e4], 0, 0.0, [0.0, 0.0]),
        ([1e4, -1e4], 1, 2e4, [1.0, -1.0]),
        ([-1e4, -1e4], 0, math.log(2.0), [-0.5, 0.5]),
        ([1e4, 1e4, -1e4], 2, 2e4 + math.log(2.0), [0.5, 0.5, -1.0]),
        ([1e300, 0.0], 1, 1e300, [1.0, -1.0]),
    ],
)
def test_logits_of_any_size_give_finite_losses(
    logits: list[float], target: int, loss: float, slopes: list[float]
) -> None:
    got, found = gradients(logits, target)

    assert got == pytest.approx(loss, rel=1e-15, abs=1e4 * EPSILON)
    assert found == slopes


def test_a_class_that_is_ruled_out_costs_infinitely_much() -> None:
    assert cross_entropy([0.0, -math.inf], 1) == math.inf
    assert cross_entropy([0.0, -math.inf], 0) == 0.0


@given(
    logits=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8),
    choice=st.integers(0, 7),
)
def test_value_and_gradient_agree_with_50_digits(logits: list[float], choice: int) -> None:
    mpmath = pytest.importorskip("mpmath", reason="arithmetic of 50 digits")
    target = choice % len(logits)
    with mpmath.workdps(50):
        exponentials = [mpmath.exp(z) for z in logits]
        norm = mpmath.fsum(exponentials)
        loss = mpmath.log(norm) - logits[target]
        slopes = [float(e / norm) - (k == target) for k, e in enumerate(exponentials)]
    got, found = gradients(logits, target)
    largest = max(map(abs, logits))

    # logsumexp and the subtraction round once each, at the size of the largest logit.
    assert got == pytest.approx(float(loss), rel=4 * EPSILON, abs=4 * EPSILON * (1 + largest))
    assert found == pytest.approx(slopes, rel=1e-13, abs=8 * EPSILON)


@given(logits=st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=6))
def test_slopes_add_up_to_0(logits: list[float]) -> None:
    assert sum(gradients(logits, 0)[1]) == pytest.approx(0.0, abs=8 * EPSILON)


BATCH = [[0.5, -1.0, 2.0], [3.0, 3.0, -0.25], [0.0, 0.0, 0.0], [-4.0, 1.5, 1.0]]
TARGETS = [2, 0, 1, 0]


def test_a_batch_costs_the_mean_of_its_samples() -> None:
    single = [cross_entropy(z, t) for z, t in zip(BATCH, TARGETS, strict=True)]

    assert cross_entropy(BATCH, TARGETS) == pytest.approx(sum(single) / 4, rel=1e-15)


def test_a_batch_of_one_costs_what_its_sample_costs() -> None:
    assert cross_entropy(BATCH[:1], [2]) == cross_entropy(BATCH[0], 2)


@pytest.mark.parametrize("scale", [1.0, 30.0, -1e3])
def test_value_and_gradient_agree_with_torch(scale: float) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    z = torch.tensor(BATCH, dtype=torch.float64).mul(scale).requires_grad_()
    expected = torch.nn.functional.cross_entropy(z, torch.tensor(TARGETS))
    (3.0 * expected).backward()
    values = [[Value(scale * x) for x in row] for row in BATCH]
    loss = cross_entropy(values, TARGETS)
    loss.backward(3.0)

    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    for row, slopes in zip(values, z.grad.tolist(), strict=True):
        assert [v.grad for v in row] == pytest.approx(slopes, rel=1e-12, abs=4 * EPSILON)


def test_floats_give_a_float_and_one_value_gives_a_value() -> None:
    assert type(cross_entropy([1.0, 2], 0)) is float
    assert type(cross_entropy(BATCH, TARGETS)) is float
    assert type(cross_entropy([1.0, Value(2.0)], 0)) is Value


def test_a_loss_is_two_rows() -> None:
    values = [Value(z) for z in BATCH[0]]
    with Tape() as tape:
        cross_entropy(values, 1)

    assert [row.operation for row in tape][-2:] == ["logsumexp", "sub"]
    assert len(tape) == 5


def test_logits_and_targets_may_be_arrays_tuples_and_iterators() -> None:
    np = pytest.importorskip("numpy", reason="NumPy arrays as logits and targets")
    expected = cross_entropy(BATCH, TARGETS)
    logits: list[Any] = [np.array(BATCH), tuple(map(tuple, BATCH)), map(iter, BATCH)]
    targets: list[Any] = [np.array(TARGETS), tuple(TARGETS), iter(TARGETS)]

    assert [cross_entropy(*pair) for pair in zip(logits, targets, strict=True)] == [
        expected
    ] * 3
    assert cross_entropy(BATCH[0], np.int64(2)) == cross_entropy(BATCH[0], 2)


def test_under_no_grad_the_loss_is_the_same_number() -> None:
    values = [[Value(x) for x in row] for row in BATCH]
    with no_grad():
        loss = cross_entropy(values, TARGETS)

    assert loss.data == cross_entropy(BATCH, TARGETS)
