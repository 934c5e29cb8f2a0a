"""Gradient checks of code that is not ours: by hand, PyTorch, and what compiled code gives."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import NumberError, StructureError, Value, check_gradients, tanh


def rosenbrock(x: float, y: float) -> float:
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


def rosenbrock_gradient(x: float, y: float) -> tuple[float, float]:
    return -2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)


def test_a_gradient_by_hand_is_ok() -> None:
    report = check_gradients(rosenbrock, -1.2, 1.0, gradient=rosenbrock_gradient)

    assert report.verdicts == {"ok": 2}
    assert [row.ours for row in report.rows] == pytest.approx([-215.6, -88.0])
    assert {row.method for row in report.rows} == {"Ridders"}
    assert [held.name for held in report.properties] == [
        "two calls give the same",
        "two gradients are identical",
        "the arguments are left alone",
    ]
    assert (report.forward, report.second, len(report.tape)) == ((), (), 0)


@pytest.mark.parametrize("factor", [1.001, -1.0, 0.0])
def test_a_wrong_gradient_by_hand_is_wrong(factor: float) -> None:
    def wrong(x: float, y: float) -> tuple[float, float]:
        by_x, by_y = rosenbrock_gradient(x, y)
        return by_x * factor, by_y

    report = check_gradients(rosenbrock, -1.2, 1.0, gradient=wrong)

    assert not report
    assert [row.verdict for row in report.rows] == ["wrong", "ok"]


def test_a_gradient_with_its_components_swapped_is_wrong() -> None:
    report = check_gradients(
        rosenbrock, -1.2, 1.0, gradient=lambda x, y: rosenbrock_gradient(x, y)[::-1]
    )

    assert report.verdicts == {"wrong": 2}


class Line(NamedTuple):
    slope: float
    offset: float


@pytest.mark.parametrize(
    ("f", "point", "gradient"),
    [
        (lambda p: p[0] * p[1], [2.0, 3.0], lambda p: [p[1], p[0]]),
        (lambda p: p[0] * p[1], [2.0, 3.0], lambda p: np.array([p[1], p[0]])),
        (lambda p: p[0] * p[1], [2.0, 3.0], lambda p: ([p[1], p[0]],)),
        (lambda p: p["a"] ** 2, {"a": 3.0}, lambda p: {"a": np.float64(2.0 * p["a"])}),
        (lambda p: p.slope * p.offset, Line(2.0, 3.0), lambda p: Line(p.offset, p.slope)),
        (np.sin, 0.5, np.cos),
        (lambda x: np.array(x * x), 2.5, lambda x: np.array(2.0 * x)),
        (lambda x: tanh(Value(x)), 1.0, lambda x: Value(1.0 / math.cosh(x) ** 2)),
    ],
)
def test_gradients_come_in_the_structure_of_the_arguments(
    f: Callable[..., Any], point: Any, gradient: Callable[..., Any]
) -> None:
    assert set(check_gradients(f, point, gradient=gradient).verdicts) == {"ok"}


def test_several_gradients_may_come_as_a_list() -> None:
    report = check_gradients(lambda x, y: x * y, 2.0, 3.0, gradient=lambda x, y: [y, x])

    assert report.verdicts == {"ok": 2}


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (
            [1.0],
            StructureError,
            "the result of gradient needs the structure of [2.0, 3.0] (list), got [1.0] (list)",
        ),
        (3.0, StructureError, "got 3.0 (float)"),
        (None, StructureError, "got None (NoneType)"),
        ({"a": 1.0, "b": 2.0}, StructureError, "got {'a': 1.0, 'b': 2.0} (dict)"),
        (
            [1.0, "two"],
            NumberError,
            "gradient, for p[1], needs one real number, got 'two' (str); convert it with",
        ),
    ],
)
def test_a_gradient_of_another_structure_is_refused(
    given: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        check_gradients(lambda p: p[0] * p[1], [2.0, 3.0], gradient=lambda p: given)

    assert says in str(caught.value)


def test_a_function_of_several_results_is_refused() -> None:
    with pytest.raises(NumberError) as caught:
        check_gradients(lambda x: [x, x], 2.0, gradient=lambda x: 1.0)

    assert str(caught.value) == (
        "check_gradients needs a function that returns one number, got [2.0, 2.0] (list); "
        "check each output by itself, or their sum"
    )


@pytest.mark.parametrize(
    ("slope", "verdict"), [(0.0, "kink"), (-1.0, "kink"), (1.0, "kink"), (1.5, "wrong")]
)
def test_a_gradient_at_a_kink_lies_between_the_slopes(slope: float, verdict: str) -> None:
    report = check_gradients(abs, 0.0, gradient=lambda x: slope)

    [row] = report.rows
    assert (row.verdict, row.method) == (verdict, "one-sided")
    assert row.note == "slope -1 from the left, 1 from the right"


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(math.inf, "domain"), (-math.inf, "wrong"), (math.nan, "domain"), (0.0, "inconclusive")],
)
def test_a_gradient_at_an_edge_is_one_sided(slope: float, verdict: str) -> None:
    report = check_gradients(math.sqrt, 0.0, gradient=lambda x: slope)

    assert report.rows[0].verdict == verdict


@pytest.mark.parametrize("distance", [1e-3, 1e-7, 1e-10])
def test_a_gradient_near_an_edge_is_never_wrong(distance: float) -> None:
    x = 1.0 + distance

    report = check_gradients(
        lambda x: math.sqrt(x - 1.0), x, gradient=lambda x: 0.5 / math.sqrt(x - 1.0)
    )

    assert report.rows[0].verdict in ("ok", "inconclusive")


def test_a_gradient_that_draws_random_numbers_is_found() -> None:
    answers = iter((2.0, 2.0000000000000004))

    report = check_gradients(lambda x: x * x, 1.0, gradient=lambda x: next(answers))

    assert not report
    assert report.properties[1].fault == "for x expected 2.0, got 2.0000000000000004"


def test_a_gradient_that_changes_its_arguments_is_found() -> None:
    def gradient(p: list[float]) -> list[float]:
        p[0], p[1] = p[1], p[0]
        return list(p)

    report = check_gradients(lambda p: p[0] * p[1], [2.0, 3.0], gradient=gradient)

    assert not report
    assert report.properties[2].fault == "p[0] was replaced during the call"


def single(x: float) -> float:
    return float(np.float32(math.exp(x)))


def test_the_noise_of_a_function_is_seen() -> None:
    [right] = check_gradients(single, 0.3, gradient=math.exp).rows
    [wrong] = check_gradients(single, 0.3, gradient=lambda x: 1.001 * math.exp(x)).rows

    assert (right.verdict, wrong.verdict) == ("ok", "wrong")
    assert right.absolute_error <= 10.0 * right.reference_error < 1e-4


def test_a_function_of_steps_leaves_its_gradient_undecided() -> None:
    report = check_gradients(lambda x: round(math.exp(x), 4), 0.3, gradient=math.exp)

    assert report.rows[0].verdict == "inconclusive"


def test_single_precision_of_the_gradient_needs_a_tolerance() -> None:
    assert check_gradients(math.exp, 0.3, gradient=single).rows[0].verdict == "wrong"
    assert check_gradients(math.exp, 0.3, gradient=single, rtol=1e-6).ok
    assert check_gradients(math.exp, 0.3, gradient=single, atol=1e-6).ok


# -- PyTorch --------------------------------------------------------------------------------


def torch_pair(wrong: float = 1.0) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a function of floats and a gradient, both run by PyTorch in double precision."""
    torch = pytest.importorskip("torch", reason="an optional peer")

    class Swish(torch.autograd.Function):  # type: ignore[misc,name-defined]
        @staticmethod
        def forward(context: Any, x: Any) -> Any:
            context.save_for_backward(x)
            return x * torch.sigmoid(x)

        @staticmethod
        def backward(context: Any, seed: Any) -> Any:
            (x,) = context.saved_tensors
            s = torch.sigmoid(x)
            return wrong * seed * s * (1.0 + x * (1.0 - s))

    def run(w: list[float], x: float) -> tuple[list[Any], Any]:
        leaves = [torch.tensor(z, dtype=torch.float64, requires_grad=True) for z in (*w, x)]
        a, b, x = leaves
        return leaves, Swish.apply(a * x + b) * torch.cos(x)

    def f(w: list[float], x: float) -> float:
        return float(run(w, x)[1].item())

    def gradient(w: list[float], x: float) -> tuple[list[Any], Any]:
        leaves, out = run(w, x)
        a, b, by_x = torch.autograd.grad(out, leaves)
        return [a, b], by_x

    return f, gradient


def test_a_torch_function_is_checked() -> None:
    f, gradient = torch_pair()

    report = check_gradients(f, [0.7, -0.2], 1.3, gradient=gradient)

    assert [row.name for row in report.rows] == ["w[0]", "w[1]", "x"]
    assert report.verdicts == {"ok": 3}


def test_a_wrong_torch_function_is_wrong() -> None:
    f, gradient = torch_pair(wrong=1.001)

    report = check_gradients(f, [0.7, -0.2], 1.3, gradient=gradient)

    assert report.verdicts == {"wrong": 3}


# -- compiled functions ---------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "ok"), (1.001, "wrong")])
def test_a_compiled_gradient_is_checked(backend: str, factor: float, verdict: str) -> None:
    if backend == "native":
        pytest.importorskip("llvmlite", reason="the extra `native`")
    f = autograd.compile(lambda p, x: tanh(p["w"][0] * x) * p["b"] + x * x, backend=backend)

    def gradient(p: dict[str, Any], x: float) -> Any:
        by_p, by_x = f.grad(p, x, argnums=(0, 1))
        return by_p, factor * by_x

    report = check_gradients(f, {"w": [0.3], "b": 2.0}, 1.7, gradient=gradient)

    assert [row.name for row in report.rows] == ["p['w'][0]", "p['b']", "x"]
    assert [row.verdict for row in report.rows] == ["ok", "ok", verdict]
