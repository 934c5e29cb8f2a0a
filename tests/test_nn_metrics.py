"""Metrics against scikit-learn's, and what they refuse to measure."""

import math
import random
import warnings
from collections.abc import Callable

import pytest

from autograd import LengthError, NumberError, Value
from nn import MLP, accuracy, data, metrics, predict, predicted_class
from tests.untyped import message_of, untyped


def test_metrics_are_those_of_scikit_learn() -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason="has metrics")
    generator = random.Random(4)
    scores = [[generator.random() for _ in range(3)] for _ in range(40)]
    kinds = [generator.randrange(3) for _ in range(40)]
    taken = [max(range(3), key=row.__getitem__) for row in scores]
    reals = [generator.gauss(0.0, 1.0) for _ in range(40)]
    guesses = [y + generator.gauss(0.0, 0.5) for y in reals]

    assert accuracy(scores, kinds) == theirs.accuracy_score(kinds, taken)
    assert metrics.confusion(scores, kinds, 3) == theirs.confusion_matrix(kinds, taken).tolist()
    assert metrics.r2(guesses, reals) == pytest.approx(theirs.r2_score(reals, guesses))
    for outputs, targets in (([1.0, 1.0], [1.0, 1.0]), ([1.0, 2.0], [1.0, 1.0])):
        assert metrics.r2(outputs, targets) == theirs.r2_score(targets, outputs)


@pytest.mark.parametrize("no", [0, -1, 0.0, -1.0])
def test_single_logits_have_targets_of_either_kind(no: float) -> None:
    logits, targets = [3.0, -2.0, 0.5, -0.1], [1, no, no, 1]

    assert accuracy(logits, targets) == 0.5
    assert metrics.confusion(logits, untyped(targets), 2) == [[1, 1], [1, 1]]


def test_outputs_may_be_values_tuples_and_arrays() -> None:
    numpy = pytest.importorskip("numpy", reason="has arrays")
    rows = [[0.0, 1.0], [1.0, 0.0], [2.0, 3.0]]

    for outputs in (
        [[Value(score) for score in row] for row in rows],
        [tuple(row) for row in rows],
        numpy.array(rows),
    ):
        assert accuracy(outputs, numpy.array([1, 1, 1])) == pytest.approx(2 / 3)
        assert [predicted_class(output) for output in outputs] == [1, 0, 1]


def test_a_single_output_may_come_in_a_list() -> None:
    outputs, targets = [[0.7], [-0.7], [2.0]], [1, 0, 0]

    assert [predicted_class(output) for output in outputs] == [1, 0, 1]
    assert accuracy(outputs, targets) == pytest.approx(2 / 3)
    assert accuracy(outputs, [[y] for y in targets]) == pytest.approx(2 / 3)
    assert metrics.confusion(outputs, targets, 2) == [[1, 1], [0, 1]]


def test_probabilities_have_another_threshold() -> None:
    outputs, targets = [0.2, 0.8, 0.4], [0, 1, 1]

    assert accuracy(outputs, targets, threshold=0.5) == pytest.approx(2 / 3)
    with pytest.warns(UserWarning, match=r"for probabilities, as of a sigmoid, give thres"):
        assert accuracy(outputs, targets) == pytest.approx(2 / 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for others in ([0.2, 1.8, 0.4], [0.2, 0.8, -0.4]):
            accuracy(others, targets)
        accuracy(outputs, [1, 1, 1])


def test_the_class_of_every_sample_of_a_network() -> None:
    xs, ys = data.iris()
    model = MLP(4, [3])
    outputs = predict(model, xs)
    taken = [predicted_class(output) for output in outputs]

    assert accuracy(outputs, ys) == sum(map(int.__eq__, taken, ys)) / len(ys)


FOR_TWO = "the target of a single output must be 0 or 1, or -1 or 1, got "
FOR_MORE = "; more than two classes need an output each, and cross_entropy"

MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "one output": (
        lambda: accuracy(untyped(5.0), untyped(1)),
        TypeError,
        (
            "a metric needs a list of outputs, as of predict(model, xs), and one of targets, "
            "got 5.0 (float) and 1 (int)"
        ),
    ),
    "three classes on one output": (
        lambda: accuracy([5.0, 5.0], [1, 2]),
        ValueError,
        f"{FOR_TWO}2 (int){FOR_MORE}",
    ),
    "a probability": (
        lambda: accuracy([5.0, 5.0], [1.0, 0.25]),
        ValueError,
        f"{FOR_TWO}0.25 (float){FOR_MORE}",
    ),
    "targets in lists": (
        lambda: accuracy([5.0], [[1]]),
        ValueError,
        f"{FOR_TWO}[1] (list){FOR_MORE}",
    ),
    "three classes by sign": (
        lambda: accuracy([5.0, -5.0, 0.0], [1, -1, 0]),
        ValueError,
        (
            "the targets of single outputs must be 0 and 1, or -1 and 1, got -1, 0 and perhaps "
            "1; three classes need three outputs, and cross_entropy"
        ),
    ),
    "three classes on two outputs": (
        lambda: accuracy([[1.0, 2.0], [3.0, 1.0]], [1, 2]),
        IndexError,
        (
            "the target of sample 1 must be one of the 2 classes 0 to 1, got 2; a network "
            "needs one output for each class"
        ),
    ),
    "a sign for scores": (
        lambda: metrics.confusion([[1.0, 2.0]], [-1], 2),
        IndexError,
        "the target of sample 0 must be one of the 2 classes 0 to 1, got -1",
    ),
    "one-hot targets": (
        lambda: accuracy([[1.0, 2.0]], [[0, 1]]),
        TypeError,
        (
            "the target of sample 0 must be the index of a class, a whole number, got [0, 1] "
            "(list); of a one-hot target, give the index of the 1"
        ),
    ),
    "nan": (
        lambda: accuracy([[1.0, math.nan]], [1]),
        ValueError,
        "an output with nan stands for no class, got [1.0, nan] (list)",
    ),
    "text": (
        lambda: predicted_class("a"),
        NumberError,
        "the scores must be numbers, but number 0 is 'a' (str)",
    ),
    "no scores": (
        lambda: predicted_class([]),
        LengthError,
        "an output needs at least one score, got none",
    ),
    "too few classes": (
        lambda: metrics.confusion([[1.0, 2.0]], [0], 1),
        ValueError,
        "there are 1 classes, but a sample is of class 1",
    ),
    "nothing to measure": (
        lambda: metrics.r2([], []),
        LengthError,
        (
            "a metric needs one target for each output and at least one, got 0 outputs and 0 "
            "targets"
        ),
    ),
    "rows for r2": (
        lambda: metrics.r2(untyped([[1.0]]), [1.0]),
        NumberError,
        (
            "the outputs must be numbers, but number 0 is [1.0] (list); give one sample at a "
            "time"
        ),
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told(case: str) -> None:
    call, error, text = MISTAKES[case]
    assert message_of(error, call) == text
