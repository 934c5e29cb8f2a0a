"""Every loss against torch and against its formula in the tails, value and slopes."""

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd import LengthError, NumberError, Tape, Value

GENERATOR = random.Random(7)
OUTPUTS = [[GENERATOR.gauss(0.0, 2.0) for _ in range(4)] for _ in range(5)]
REALS = [[GENERATOR.gauss(0.0, 2.0) for _ in range(4)] for _ in range(5)]
SIGNS = [[GENERATOR.choice((-1.0, 1.0)) for _ in range(4)] for _ in range(5)]
SHARES = [
    [GENERATOR.choice((0.0, 1.0, GENERATOR.random())) for _ in range(4)] for _ in range(5)
]
CLASSES = [3, 0, 2, 1, 3]
CLASS_WEIGHTS = [0.5, 2.0, 0.0, 1.25]

Loss = Callable[..., Any]
ELEMENTWISE: dict[str, tuple[Loss, str, list[list[float]], dict[str, Any]]] = {
    "mse": (nn.mse_loss, "mse_loss", REALS, {}),
    "l1": (nn.l1_loss, "l1_loss", REALS, {}),
    "huber": (nn.huber_loss, "huber_loss", REALS, {}),
    "huber 0.3": (nn.huber_loss, "huber_loss", REALS, {"delta": 0.3}),
    "smooth l1": (nn.smooth_l1_loss, "smooth_l1_loss", REALS, {}),
    "smooth l1 2.5": (nn.smooth_l1_loss, "smooth_l1_loss", REALS, {"beta": 2.5}),
    "soft margin": (nn.soft_margin_loss, "soft_margin_loss", SIGNS, {}),
    "bce": (nn.bce_with_logits, "binary_cross_entropy_with_logits", SHARES, {}),
    "bce 3": (
        nn.bce_with_logits,
        "binary_cross_entropy_with_logits",
        SHARES,
        {"pos_weight": 3.0},
    ),
    "kl": (nn.kl_div, "kl_div", SHARES, {}),
}
OF_CLASSES: dict[str, tuple[Loss, str, dict[str, Any]]] = {
    "cross-entropy": (nn.cross_entropy, "cross_entropy", {}),
    "weights": (nn.cross_entropy, "cross_entropy", {"weights": CLASS_WEIGHTS}),
    "smoothing": (nn.cross_entropy, "cross_entropy", {"label_smoothing": 0.1}),
    "smoothing alone": (nn.cross_entropy, "cross_entropy", {"label_smoothing": 1.0}),
    "both": (
        nn.cross_entropy,
        "cross_entropy",
        {"weights": CLASS_WEIGHTS, "label_smoothing": 0.3},
    ),
    "nll": (nn.nll_loss, "nll_loss", {}),
    "nll with weights": (nn.nll_loss, "nll_loss", {"weights": CLASS_WEIGHTS}),
    "margin": (nn.multi_margin_loss, "multi_margin_loss", {}),
    "squared margin": (nn.multi_margin_loss, "multi_margin_loss", {"p": 2, "margin": 0.7}),
}
REDUCTIONS = ("mean", "sum", "none")


def ours(
    loss: Loss, rows: Any, targets: Any, options: dict[str, Any]
) -> tuple[list[float], list[float]]:
    """Return losses and the slopes of their sum with weights 1, 2, ..."""
    values = [[Value(x) for x in row] for row in rows]
    found = loss(values, targets, **options)
    flat = [found] if isinstance(found, Value) else flattened(found)
    for k, value in enumerate(flat, 1):
        value.backward(k)
    return [value.data for value in flat], [v.grad for row in values for v in row]


def flattened(losses: list[Any]) -> list[Value]:
    return list(itertools.chain(*losses)) if isinstance(losses[0], list) else losses


def theirs(
    name: str, rows: Any, targets: Any, options: dict[str, Any]
) -> tuple[list[float], list[float]]:
    torch = pytest.importorskip("torch", reason="compares with torch")
    options = dict(options)
    for mine, other in (("weights", "weight"), ("pos_weight", "pos_weight")):
        if mine in options:
            options[other] = torch.tensor(options.pop(mine), dtype=torch.float64)
    whole = isinstance(targets[0], int)
    leaf = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    target = torch.tensor(targets, dtype=torch.int64 if whole else torch.float64)
    found = getattr(torch.nn.functional, name)(leaf, target, **options).reshape(-1)
    found.backward(torch.arange(1, len(found) + 1, dtype=torch.float64))
    return found.tolist(), leaf.grad.reshape(-1).tolist()


def scaled(scale: float) -> list[list[float]]:
    return [[scale * x for x in row] for row in OUTPUTS]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", ELEMENTWISE)
def test_losses_of_numbers_agree_with_torch(case: str, reduction: str, scale: float) -> None:
    # There torch's soft margin overflows; the tails below have ours.
    scale = min(scale, 100.0) if case == "soft margin" else scale
    loss, name, targets, options = ELEMENTWISE[case]
    options = options | {"reduction": reduction}
    found, slopes = ours(loss, scaled(scale), targets, options)
    expected, expected_slopes = theirs(name, scaled(scale), targets, options)

    assert all(map(math.isfinite, found + slopes))
    # What torch cancels away in the tails of the logistic losses is below 1e-12 of its terms.
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert slopes == pytest.approx(expected_slopes, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", OF_CLASSES)
def test_losses_of_classes_agree_with_torch(case: str, reduction: str, scale: float) -> None:
    loss, name, options = OF_CLASSES[case]
    theirs_of = options | {"reduction": reduction}
    found, slopes = ours(loss, scaled(scale), CLASSES, theirs_of)
    expected, expected_slopes = theirs(name, scaled(scale), CLASSES, theirs_of)

    assert all(map(math.isfinite, found + slopes))
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale)
    assert slopes == pytest.approx(expected_slopes, rel=1e-12, abs=1e-13 * scale)


def test_the_hinge_loss_agrees_with_scikit_learn_and_micrograds_demo() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="has a hinge loss")
    scores, signs = OUTPUTS[0] + OUTPUTS[1], SIGNS[0] + SIGNS[1]
    values = [Value(score) for score in scores]
    by_hand = [(1.0 + -sign * score).relu() for score, sign in zip(values, signs, strict=True)]

    assert nn.hinge_loss(scores, signs) == pytest.approx(
        metrics.hinge_loss(signs, scores), rel=1e-15
    )
    assert nn.hinge_loss(values, signs, reduction="none")[0].data == by_hand[0].data
    assert nn.hinge_loss(values, signs, "sum").data == pytest.approx(
        sum(loss.data for loss in by_hand), rel=1e-15
    )


# -- tails --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [40.0, 300.0, 700.0])
def test_a_sure_and_right_logit_keeps_every_digit(size: float) -> None:
    # The loss is log(1 + exp(-size)), which is exp(-size) to the last bit.
    for sign, target in ((1.0, 1), (-1.0, 0)):
        value = Value(sign * size)
        loss = nn.bce_with_logits(value, target)
        loss.backward()
        assert loss.data == pytest.approx(math.exp(-size), rel=1e-15)
        assert value.grad == pytest.approx(-sign * math.exp(-size), rel=1e-15)
        assert nn.soft_margin_loss(sign * size, sign) == pytest.approx(loss.data, rel=1e-15)


@pytest.mark.parametrize("logit", [-1e4, 1e4])
@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_logits_of_any_size_give_finite_losses(logit: float, target: float) -> None:
    wrong = target if logit < 0 else 1.0 - target

    assert nn.bce_with_logits(logit, target) == 1e4 * wrong
    assert nn.bce_with_logits(Value(logit), target, pos_weight=2.0).data == (
        1e4 * wrong * (2.0 if logit < 0 else 1.0)
    )


# Kinks, and where to stand on them.
KINKS: dict[str, tuple[Callable[[Value], Value], float, float]] = {
    "l1": (lambda v: nn.l1_loss(v, 2.0), 2.0, 0.0),
    "huber at 0": (lambda v: nn.huber_loss(v, 2.0), 2.0, 0.0),
    "huber at delta": (lambda v: nn.huber_loss(v, 0.0, delta=2.0), 2.0, 2.0),
    "smooth l1 at beta": (lambda v: nn.smooth_l1_loss(v, 0.0, beta=2.0), -2.0, -1.0),
    "hinge": (lambda v: nn.hinge_loss(v, 1), 1.0, 0.0),
}


@pytest.mark.parametrize("case", KINKS)
def test_at_its_kinks_a_loss_has_the_slope_of_torch(case: str) -> None:
    loss, x, slope = KINKS[case]
    value = Value(x)
    loss(value).backward()

    assert value.grad == slope


# -- shapes -------------------------------------------------------------------------------


def test_single_numbers_lists_and_lists_of_lists_are_outputs() -> None:
    assert nn.mse_loss(3.0, 1) == 4.0
    assert nn.mse_loss([3.0], [1]) == 4.0
    assert nn.mse_loss([[3.0, 1.0], [1.0, 2.0]], [[1, 1], [1, 1]]) == 1.25
    assert nn.mse_loss([[3.0], [1.0, 2.0]], [[1], [1, 1]], "none") == [[4.0], [0.0, 1.0]]
    assert nn.mse_loss((x for x in (3.0, 1.0)), (1, 1), "sum") == 4.0


def test_targets_may_be_values_and_get_slopes() -> None:
    student, teacher = Value(1.0), Value(3.0)
    nn.mse_loss([student], [teacher]).backward()

    assert (student.grad, teacher.grad) == (-4.0, 4.0)


def test_no_loss_looks_at_data_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(self: Value, *other: object) -> bool:
        raise AssertionError("a branch on data")

    for method in ("__bool__", "__lt__", "__le__", "__gt__", "__ge__"):
        monkeypatch.setattr(Value, method, forbidden)
    for loss, _, targets, options in ELEMENTWISE.values():
        values = [[Value(x) for x in row] for row in targets]
        ours(loss, OUTPUTS, values, options)
    ours(nn.hinge_loss, OUTPUTS, [[Value(y) for y in row] for row in SIGNS], {})
    for loss, _, options in OF_CLASSES.values():
        ours(loss, OUTPUTS, CLASSES, options)


# -- mistakes -----------------------------------------------------------------------------

MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "lengths": (
        lambda: nn.mse_loss([Value(1.0), 2.0], [1.0]),
        LengthError,
        "mse_loss needs one target for each output, got 2 outputs and 1 targets",
    ),
    "lengths inside": (
        lambda: nn.mse_loss([[1.0], [1.0, 2.0]], [[1.0], [1.0]]),
        LengthError,
        "mse_loss needs one target for each output, got 2 outputs and 1 targets at place 1",
    ),
    "torch's broadcasting trap": (
        lambda: nn.mse_loss([[1.0], [2.0]], [1.0, 2.0]),
        LengthError,
        (
            "mse_loss needs targets in the shape of the outputs, got 1 outputs and the "
            "target 1.0 (float) at place 0"
        ),
    ),
    "scores of classes": (
        lambda: nn.bce_with_logits([1.0, 2.0, 3.0], 2),
        LengthError,
        (
            "bce_with_logits needs targets in the shape of the outputs, got 3 outputs and "
            "the target 2 (int); for scores of classes, use cross_entropy"
        ),
    ),
    "nothing": (
        lambda: nn.l1_loss([], []),
        LengthError,
        "l1_loss needs at least one output, got none",
    ),
    "text": (
        lambda: nn.l1_loss([1.0, "a"], [1.0, 2.0]),
        NumberError,
        "the outputs of l1_loss at place 1 must be numbers, but number 0 is 'a' (str)",
    ),
    "text as target": (
        lambda: nn.l1_loss(1.0, "a"),
        NumberError,
        "the targets of l1_loss must be numbers, but number 0 is 'a' (str)",
    ),
    "reduction": (
        lambda: nn.cross_entropy([1.0, 2.0], 0, reduction="average"),
        ValueError,
        "the reduction of cross_entropy must be 'mean', 'sum' or 'none', got 'average' (str)",
    ),
    "infinite target": (
        lambda: nn.huber_loss([1.0], [math.inf]),
        ValueError,
        "the targets of huber_loss must be finite, got inf at place 0",
    ),
    "class 0 as sign": (
        lambda: nn.hinge_loss([1.0, 2.0], [1, 0]),
        ValueError,
        (
            "the targets of hinge_loss must be -1 or 1, got 0.0 at place 1; for 0 and 1 use "
            "bce_with_logits, for more classes cross_entropy, with an output for each"
        ),
    ),
    "sign as probability": (
        lambda: nn.bce_with_logits(1.0, -1),
        ValueError,
        (
            "the targets of bce_with_logits must be between 0 and 1, got -1.0; for -1 and 1 "
            "use soft_margin_loss, for more classes cross_entropy, with an output for each"
        ),
    ),
    "negative probability": (
        lambda: nn.kl_div([-1.0], [-0.5]),
        ValueError,
        "the targets of kl_div must be at least 0 and finite, got -0.5 at place 0",
    ),
    "delta": (
        lambda: nn.huber_loss(1.0, 1.0, delta=0.0),
        ValueError,
        "delta must be above 0, got 0",
    ),
    "beta": (
        lambda: nn.smooth_l1_loss(1.0, 1.0, beta=-1.0),
        ValueError,
        "beta must be at least 0 and finite, got -1.0",
    ),
    "too few class weights": (
        lambda: nn.cross_entropy([Value(1.0), 2.0], 0, weights=[1.0]),
        LengthError,
        "cross_entropy needs one weight for each class, got 2 classes and 1 weights",
    ),
    "one weight for all": (
        lambda: nn.nll_loss([-1.0, -2.0], 0, weights=2.0),
        TypeError,
        "weights must list one number for each class, got 2.0 (float)",
    ),
    "negative class weight": (
        lambda: nn.nll_loss([-1.0, -2.0], 0, weights=[1.0, -1.0]),
        ValueError,
        "weight 1 must be at least 0 and finite, got -1.0",
    ),
    "no class weight": (
        lambda: nn.nll_loss([-1.0, -2.0], 0, weights=[0.0, 0.0]),
        ValueError,
        "weights must not all be 0",
    ),
    "only classes without weight": (
        lambda: nn.cross_entropy([[Value(1.0), 2.0]], [1], weights=[1.0, 0.0]),
        ValueError,
        "cross_entropy has no mean: every target is a class of weight 0",
    ),
    "smoothing": (
        lambda: nn.cross_entropy([1.0, 2.0], 0, label_smoothing=1.5),
        ValueError,
        "label_smoothing must be between 0 and 1, got 1.5",
    ),
    "power": (
        lambda: nn.multi_margin_loss([1.0, 2.0], 0, p=3),
        ValueError,
        "p must be 1 or 2, got 3 (int)",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_before_anything_is_recorded(case: str) -> None:
    call, error, text = MISTAKES[case]
    with Tape() as tape, pytest.raises(error) as caught:
        call()

    assert str(caught.value) == text
    assert len(tape) == 0
