"""Compiled functions at points: values, gradients, branches, and when the engine answers."""

import math
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import (
    BranchError,
    CompilationError,
    CompilationWarning,
    NumberError,
    TapeError,
    Value,
    compile,  # noqa: A004 - what is tested
    derivative,
    detect_anomaly,
    grad,
    hessian,
    ieee,
    jacobian,
    jvp,
    no_grad,
    tanh,
    value_and_grad,
)
from autograd.compiling import backends, specialising

Function = Callable[..., Any]


def python(f: Function, **options: Any) -> Any:
    """Return a function compiled to Python."""
    return compile(f, backend="python", **options)


class Pair(NamedTuple):
    """Two numbers with names."""

    first: Any
    second: Any


# -- what goes in and comes out -------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "args", "kwargs"),
    [
        pytest.param(lambda x, y: x * y + 1.0, (2.0, 3.0), {}, id="numbers"),
        pytest.param(lambda x: [x, x * 2.0], (2.0,), {}, id="list"),
        pytest.param(lambda x: {"a": x, "b": (x * x, 5.0)}, (2.0,), {}, id="dict"),
        pytest.param(
            lambda p: Pair(p.second * 1.0, p.first + 1.0), (Pair(1.0, 2.0),), {}, id="named"
        ),
        pytest.param(lambda x, scale: x * scale, (2.0,), {"scale": 3.0}, id="keyword"),
        pytest.param(
            lambda x, p: p["w"][0][1] * x, (2.0, {"w": [(1.0, 2.0)]}), {}, id="nested"
        ),
        pytest.param(lambda *xs: autograd.total(xs), (1.0, 2.0, 3.0), {}, id="any number"),
        pytest.param(lambda x, name: x * len(name), (2.0, "abc"), {}, id="text"),
        pytest.param(lambda x, flag: x * 2.0 if flag else x, (2.0, True), {}, id="flag"),
        pytest.param(lambda x, y: x if y is None else y, (2.0, None), {}, id="none"),
        pytest.param(lambda x: 3.0, (2.0,), {}, id="constant"),
        pytest.param(lambda x: x, (2.0,), {}, id="argument"),
        pytest.param(lambda x, y: x * y, (Fraction(1, 2), np.float64(3.0)), {}, id="kinds"),
        pytest.param(lambda x: x > 1.0, (2.0,), {}, id="truth"),
        pytest.param(lambda x: [], (2.0,), {}, id="nothing"),
    ],
)
def test_it_gives_what_the_function_gives(
    f: Function, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    compiled = python(f)
    for _ in range(2):
        result = compiled(*args, **kwargs)
        assert result == f(*args, **kwargs)
        assert type(result) is type(f(*args, **kwargs)) or isinstance(result, float)
    assert compiled.recordings == 1


def test_it_has_the_name_and_the_documentation_of_the_function() -> None:
    def f(x: Any) -> Any:
        """Return the square."""
        return x * x

    compiled = compile(f)
    assert (compiled.__name__, compiled.__doc__) == ("f", "Return the square.")
    assert repr(compiled) == "<compiled f: 0 recording(s), not run yet>"
    compiled(2.0)
    assert repr(compiled) == f"<compiled f: 1 recording(s), backend {compiled.backend}>"


def test_as_a_decorator_with_and_without_options() -> None:
    @compile
    def f(x: Any) -> Any:
        return x * x

    @compile(backend="python")
    def g(x: Any) -> Any:
        return x * x

    assert f(3.0) == g(3.0) == 9.0


@pytest.mark.parametrize("argnums", [0, 1, -1, (0, 1), (1, 0), (2,)])
def test_gradients_have_the_structure_of_the_arguments(argnums: Any) -> None:
    def f(x: Any, p: Any, q: Any) -> Any:
        return x * p["w"][0] + p["b"] * q * x

    point = (2.0, {"w": [3.0], "b": 5.0}, 7.0)
    compiled = python(f)
    assert compiled.value_and_grad(*point, argnums=argnums) == value_and_grad(f, argnums)(
        *point
    )
    assert compiled.grad(*point, argnums=argnums) == grad(f, argnums)(*point)


def test_one_recording_serves_every_question() -> None:
    f = python(lambda x, y: tanh(x) * y)
    f(1.0, 2.0), f.grad(3.0, 4.0), f.grad(1.0, 1.0, argnums=1), f.jvp((1.0, 2.0), (1.0, 0.0))
    assert f.recordings == 1


def test_a_number_that_is_no_argument_to_differentiate_by_shares_no_tie() -> None:
    # Against a constant the slope at a tie is 0, between two Values it is shared.
    f = python(autograd.maximum)
    assert f.grad(2.0, 2.0) == grad(autograd.maximum)(2.0, 2.0) == 0.0
    both = grad(autograd.maximum, (0, 1))(2.0, 2.0)
    assert f.grad(2.0, 2.0, argnums=(0, 1)) == both == (0.5, 0.5)


def test_forms_of_arguments_are_told_apart() -> None:
    f = python(lambda x: autograd.total([y * 1.0 for y in x]))
    assert [f([1.0]), f([1.0, 2.0]), f((1.0, 2.0)), f([1, 2]), f([1, 2.5])] == [1, 3, 3, 3, 3.5]
    assert f.recordings == 4


def test_a_model_is_told_from_another() -> None:
    class Model:
        def __init__(self, weight: float) -> None:
            self.weight = weight

    f = python(lambda model, x: x * model.weight)
    one, other = Model(2.0), Model(3.0)
    assert [f(one, 1.0), f(other, 1.0), f(one, 2.0)] == [2.0, 3.0, 4.0]
    assert f.recordings == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param((np.ones(2),), r"not arrays, .*array.tolist\(\)", id="array"),
        pytest.param(({1.0, 2.0},), "things that stay what they are", id="set"),
    ],
)
def test_arguments_that_cannot_be_compiled(args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(NumberError, match=message):
        python(lambda x: 1.0)(*args)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "fast"}, "backend must be one of"),
        ({"reduction": "max"}, "reduction must be one of"),
        ({"on_branch": "ignore"}, "on_branch must be one of"),
        ({"batch": 1.5}, "batch must be names"),
        ({"batch": ()}, "batch must be names"),
        ({"batch": ("x", None)}, "batch must be names"),
    ],
    ids=str,
)
def test_options_that_are_none(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NumberError, match=message):
        compile(lambda x: x, **options)


def test_what_is_no_function() -> None:
    with pytest.raises(NumberError, match="compile needs a function, got 3"):
        compile(3)  # type: ignore[call-overload]


def test_nothing_to_see_before_the_first_call() -> None:
    with pytest.raises(TapeError, match="call it before looking inside"):
        compile(lambda x: x).source  # noqa: B018 - it raises


# -- errors and edges are the engine's ------------------------------------------------------


def test_an_undefined_value_raises_what_the_engine_raises() -> None:
    f = python(lambda x: autograd.log(x) / x)
    assert f(1.0) == 0.0
    for point, error in ((-1.0, autograd.DomainError), (0.0, autograd.DomainError)):
        for question in (f, f.grad, lambda x: f.jvp((x,), (1.0,))):
            with pytest.raises(error, match=r"log\(x\) needs x > 0"):
                question(point)
    assert f.recordings == 1


def test_an_infinite_slope_is_the_engines() -> None:
    f = python(lambda x: autograd.sqrt(x) * 0.0 + x)
    assert f.grad(4.0) == 1.0
    # The zero rule: 0 * inf does not spoil the gradient.
    assert f.grad(0.0) == grad(lambda x: autograd.sqrt(x) * 0.0 + x)(0.0) == 1.0
    assert python(autograd.sqrt).grad(0.0) == math.inf


def test_ieee_gives_infinities() -> None:
    f = python(lambda x: 1.0 / x)
    assert f(2.0) == 0.5
    with ieee():
        assert f(0.0) == math.inf


def test_infinite_and_undefined_arguments() -> None:
    f = python(lambda x: x * 2.0 if x > 0.0 else x)
    for _ in range(2):
        assert f(math.inf) == math.inf
        assert math.isnan(f(math.nan))
    assert f.recordings == 0
    assert f(1.0) == 2.0
    assert math.isnan(f(math.nan))


def test_nan_on_the_way_to_a_guard_is_left_to_the_engine() -> None:
    def f(x: Any, y: Any) -> Any:
        ratio = (x * 1e308 * 10.0) - (y * 1e308 * 10.0)
        return x if ratio > 0.0 else y * 2.0

    compiled = python(f)
    for _ in range(2):
        assert compiled(1.0, 1.0) == 2.0
    assert compiled(1e-300, 0.5e-300) == 1e-300


def test_independent_results_warn_as_the_transforms_do() -> None:
    f = python(lambda x, y: y * 2.0)
    for _ in range(2):
        with pytest.warns(autograd.IndependenceWarning):
            assert f.grad(1.0, 2.0) == 0.0


def test_wrong_questions_get_the_transforms_errors() -> None:
    f = python(lambda x: [x, x])
    with pytest.raises(NumberError, match="use jacobian for several outputs"):
        f.grad(1.0)
    with pytest.raises(autograd.LengthError, match="argnums"):
        f.grad(1.0, argnums=3)
    with pytest.raises(NumberError, match="one tuple"):
        f.jvp(1.0, 1.0)
    with pytest.raises(autograd.StructureError):
        f.jvp((1.0,), (1.0, 2.0))
    with pytest.raises(NumberError):
        python(lambda p: p[0]).grad([1.0, "text"])


def test_questions_about_values_are_answered_with_values() -> None:
    f = python(lambda x, y: x * x * y)
    x = Value(3.0)
    value, slope = f.value_and_grad(x, 2.0)
    slope.backward()
    assert (value.data, slope.data, x.grad) == (18.0, 12.0, 4.0)
    out, tangent = f.jvp((x, 2.0), (1.0, 0.0))
    assert (out.data, tangent.data) == (18.0, 12.0)
    assert f.jvp((3.0, 2.0), (1, 0)) == (18.0, 12.0)


def test_a_function_that_does_not_say_its_parameters() -> None:
    class Odd:
        __signature__ = "none"

        def __call__(self, x: Any) -> Any:
            return x * x

    f = python(Odd())
    assert f(3.0) == 9.0
    assert "x0" in f.source


def test_under_anomaly_detection_the_function_itself_runs() -> None:
    f = python(lambda x: autograd.sqrt(x) * 1.0)
    assert f.grad(4.0) == 0.25
    with detect_anomaly(), pytest.raises(autograd.AnomalyError, match="sqrt"):
        f.grad(0.0)


# -- Values take part -----------------------------------------------------------------------


def test_a_result_is_one_row_over_the_values_that_took_part() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    f = python(lambda x, scale: tanh(w * x) * scale)
    y = f(x, 2.0)
    assert [row.operation for row in y.tape] == ["leaf", "leaf", "compiled"]
    y.backward()
    slope = 2.0 / math.cosh(6.0) ** 2
    assert (w.grad, x.grad) == pytest.approx((3.0 * slope, 2.0 * slope))


def test_weights_are_read_at_every_call() -> None:
    w = Value(2.0)
    f = python(lambda x: w * x)
    assert f(3.0).data == 6.0
    w.data = 5.0
    y = f(3.0)
    y.backward()
    assert (y.data, w.grad, f.recordings) == (15.0, 3.0, 1)


def test_several_results_are_a_row_each() -> None:
    w = Value(2.0)
    f = python(lambda x: {"a": w * x, "b": [w * w, x, 7.0]})
    out = f(3.0)
    (out["a"] + out["b"][0] * 10.0).backward()
    assert w.grad == 3.0 + 40.0
    assert out["b"][1].data == 3.0
    assert out["b"][2] == 7.0


def test_several_results_one_with_an_infinite_slope() -> None:
    w = Value(0.0)
    f = python(lambda x: [autograd.sqrt(w * x), w * x])
    out = f(4.0)
    (out[0] + out[1]).backward()
    assert w.grad == math.inf


def test_under_no_grad_a_result_is_a_constant() -> None:
    w = Value(2.0)
    f = python(lambda x: w * x)
    with no_grad():
        y = f(3.0)
        assert f.value_and_grad(3.0) == (6.0, 2.0)
        assert f.jvp((3.0,), (1.0,)) == (6.0, 2.0)
    assert y.data == 6.0
    with pytest.raises(TapeError, match="computed under no_grad"):
        y.backward()


def test_gradients_with_weights_that_can_be_followed_are_values() -> None:
    w = Value(2.0)
    value, slope = python(lambda x: w * x * x).value_and_grad(3.0)
    slope.backward()
    assert (value.data, slope.data, w.grad) == (18.0, 12.0, 6.0)


def test_the_same_value_twice() -> None:
    x = Value(3.0)
    python(lambda a, b: a * b)(x, x).backward()
    assert x.grad == 6.0


def test_a_computed_value_as_an_argument() -> None:
    x = Value(3.0)
    y = python(lambda a: a * a)(x * 2.0)
    y.backward()
    assert (y.data, x.grad) == (36.0, 24.0)


def test_where_the_engine_answers_values_are_still_followed() -> None:
    w = Value(0.0)
    f = python(lambda x: autograd.sqrt(w + 0.0) * x)
    y = f(1.0)
    y.backward()
    assert (y.data, w.grad) == (0.0, math.inf)
    fresh = python(lambda x: autograd.sqrt(w + 0.0) * x)
    assert isinstance(fresh(math.inf * 0.0), Value)


# -- higher orders --------------------------------------------------------------------------


def cube(x: Any) -> Any:
    """Return x**3 for x > 0 and x**2 elsewhere."""
    return x * x * x if x > 0.0 else x * x


@pytest.mark.parametrize("x", [2.0, -2.0])
def test_transforms_and_compile_in_any_order(x: float) -> None:
    expected = grad(grad(cube))(x)
    assert python(grad(grad(cube)))(x) == expected
    assert grad(python(grad(cube)))(x) == expected
    assert grad(grad(python(cube)))(x) == expected
    assert python(grad(python(cube))).grad(x) == expected
    assert derivative(python(cube), 3)(x) == derivative(cube, 3)(x)


def test_matrices_of_derivatives() -> None:
    def f(v: Any) -> Any:
        return v[0] ** 2 * v[1] + tanh(v[1])

    point = [1.0, 3.0]
    assert python(hessian(f))(point) == hessian(f)(point)
    for row, expected in zip(hessian(python(f))(point), hessian(f)(point), strict=True):
        assert row == pytest.approx(expected)
    assert python(jacobian(lambda v: [v[0] * v[1], v[0]]))(point) == [[3.0, 1.0], [1.0, 0.0]]
    assert jvp(python(f), (point,), ([1.0, 0.0],)) == jvp(f, (point,), ([1.0, 0.0],))


def test_compiled_functions_call_compiled_functions() -> None:
    inner = python(lambda x: x * x)
    outer = python(lambda x: inner(x) + 1.0)
    assert outer.value_and_grad(3.0) == (10.0, 6.0)
    assert inner.recordings == 0


def test_running_again_for_second_derivatives_needs_the_same_data() -> None:
    w = Value(2.0)
    f = python(lambda x: w * x * x)

    def changed(x: Any) -> Any:
        y = f(x)
        w.data = 3.0
        return y

    with pytest.raises(TapeError, match="has other data now"):
        grad(grad(changed))(1.0)


def test_second_derivatives_through_a_computed_value() -> None:
    f = python(lambda x: x * x * x)
    assert grad(grad(lambda x: f(x * 2.0)))(1.0) == 48.0


# -- branches -------------------------------------------------------------------------------


def test_each_branch_is_recorded_once() -> None:
    f = python(cube)
    assert [f(x) for x in (2.0, -2.0, 3.0, -3.0)] == [8.0, 4.0, 27.0, 9.0]
    assert f.recordings == 2


def test_a_branch_may_raise_instead() -> None:
    f = python(cube, on_branch="raise")
    assert f(2.0) == 8.0
    with pytest.raises(
        BranchError, match=r"(?s)cube was compiled for another branch \(.*line"
    ) as error:
        f(-2.0)
    assert "return x * x * x if x > 0.0 else x * x" in str(error.value)
    assert f.recordings == 1


def test_too_many_branches_run_on_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specialising, "MOST", 3)
    monkeypatch.setattr(specialising, "FORGOTTEN_AFTER", 10)
    f = python(lambda x, n: x * [1.0, 2.0, 3.0, 4.0, 5.0][n])
    assert [f(1.0, n) for n in range(3)] == [1.0, 2.0, 3.0]
    with pytest.warns(CompilationWarning, match="3 different combinations of branches"):
        assert f(1.0, 3) == 4.0
    # Said once.
    assert f(1.0, 4) == 5.0
    assert f.recordings == 3
    for _ in range(10):
        assert f(2.0, 0) == 2.0
    # The others were not needed for long; one of them makes room.
    assert f(1.0, 3) == 4.0
    assert f.recordings == 4


def test_programs_too_long_run_on_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specialising, "TOO_LONG", 10)
    f = python(lambda x: autograd.total([x * k for k in range(20)]))
    with pytest.warns(CompilationWarning, match="steps, which would take too long"):
        assert f(1.0) == 190.0
    with pytest.warns(CompilationWarning):
        assert f.grad(1.0) == 190.0


# -- looking inside -------------------------------------------------------------------------


def test_stages_source_and_backend_can_be_read() -> None:
    f = python(lambda x: x * x + 0.0 * 1.0)
    f.grad(3.0)
    assert list(f.stages) == ["recorded", "reversed", "simplified", "shared", "pruned"]
    assert str(f.program) == str(f.stages["pruned"])
    assert str(f.program).startswith("v0 = input         # x\nv1 = v0 * v0\n")
    assert "x * x" in f.source
    assert f.backend == "python (asked for)"
    f(3.0)
    assert list(f.stages)[1] == "lowered"
    f.jvp((3.0,), (1.0,))
    assert list(f.stages)[1] == "pushed"


def test_the_trace_is_a_value_to_draw() -> None:
    f = python(lambda x, y: tanh(x * y))
    f(1.0, 2.0)
    assert [row.operation for row in f.tape] == ["leaf", "leaf", "mul", "tanh"]
    assert [row.label for row in f.tape[:2]] == ["x", "y"]
    assert isinstance(f.trace, Value)
    constant = python(lambda: 3.0)
    constant()
    assert len(constant.tape) == 0


def test_an_operation_of_ones_own_from_text_and_from_functions() -> None:
    text = autograd.operation("x * x * y", name="bent_text", dx="2.0 * x * y", dy="x * x")

    function = autograd.operation(
        lambda x, y: x * x * y,
        name="bent_function",
        dx=lambda x, y: 2.0 * x * y,
        dy=lambda x, y: x * x,
    )
    for own in (text, function):
        f = python(lambda x, y, own=own: own(x, y) + own(x, 2.0))
        assert f.value_and_grad(3.0, 5.0, argnums=(0, 1)) == (63.0, (42.0, 9.0))


def test_threads_may_call_the_same_compiled_function() -> None:
    f = python(lambda x: cube(x) + cube(-x) * 2.0)
    expected = {x: cube(x) + cube(-x) * 2.0 for x in (-2.0, -1.0, 1.0, 2.0)}
    wrong: list[Any] = []

    def work() -> None:
        for _ in range(20):
            wrong.extend(x for x, y in expected.items() if f(x) != y)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_errors_of_compilation_are_value_errors_and_runtime_errors() -> None:
    assert issubclass(CompilationError, ValueError)
    assert issubclass(BranchError, RuntimeError)


# -- which back end -------------------------------------------------------------------------


def test_without_llvmlite_the_python_back_end_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "missing_package", lambda: "llvmlite")
    f = compile(lambda x: x * x)
    assert f(3.0) == 9.0
    assert f.backend == "python (llvmlite is not installed)"
    with pytest.raises(ModuleNotFoundError, match=r"needs llvmlite.*wengert\[native\]"):
        compile(lambda x: x * x, backend="native")(3.0)


def test_a_package_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    assert backends.missing_package() == "llvmlite"


def test_short_programs_run_in_python() -> None:
    pytest.importorskip("llvmlite", reason="the native back end needs it")
    f = compile(lambda x: x * x)
    f(3.0)
    assert f.backend == "python (short enough)"
    own = autograd.operation(lambda x: x * x, name="squared_by_hand", dx=lambda x: 2.0 * x)
    with pytest.raises(CompilationError, match='backend="native" cannot compile this'):
        compile(lambda x: own(x) * 1.0, backend="native")(3.0)


# -- calls that all look alike ----------------------------------------------------------------

BACKENDS = [
    "python",
    pytest.param(
        "native",
        marks=pytest.mark.skipif(find_spec("llvmlite") is None, reason="needs llvmlite"),
    ),
]


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call gives, or the error that it raises."""
    try:
        return call()
    except Exception as error:
        return type(error), str(error)


def bent(x: Any, y: Any) -> Any:
    return x * y + x if x > y else autograd.exp(y) - x


CALLS: list[tuple[Any, ...]] = [
    (2.0, 1.0),
    (3.0, 1.5),
    (1.0, 2.0),
    (1.5, 2.5),
    (3.0, 1.0),
    (2, 1.0),
    (2.0, 1),
    (2.0, 1.0),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("argnums", [0, 1, -1, (0, 1), (0,), (1, 0), (0, -2)])
def test_a_call_like_the_last_gives_what_the_transform_gives(
    backend: str, argnums: Any
) -> None:
    fast = autograd.compile(bent, backend=backend, exact=True)
    for args in CALLS:
        expected = outcome(partial(value_and_grad(bent, argnums), *args))
        assert outcome(partial(fast.value_and_grad, *args, argnums=argnums)) == expected


@pytest.mark.parametrize("backend", BACKENDS)
def test_lists_of_other_lengths_and_kinds_go_the_long_way(backend: str) -> None:
    def f(xs: Any) -> Any:
        return sum((x * x * k for k, x in enumerate(xs, 1)), 0.0)

    fast = autograd.compile(f, backend=backend, exact=True)
    for xs in (
        [1.0, 2.0],
        [3.0, 4.0],
        [1.0, 2.0, 3.0],
        (1.0, 2.0),
        [1, 2.0],
        [5.0, 6.0],
        [7.0],
    ):
        expected = value_and_grad(f)(xs)
        got = fast.value_and_grad(xs)
        assert got == expected
        assert type(got[1]) is type(expected[1])
    assert fast.recordings <= 6


def test_a_ready_call_gives_way_to_errors_values_and_infinities() -> None:
    def f(x: Any, y: Any) -> Any:
        return autograd.log(x) / y

    fast = python(f)
    assert fast.value_and_grad(1.0, 2.0) == (0.0, 0.5)
    for wrong in ((-1.0, 2.0), (1.0, 0.0), (1.0,), (1.0, 2.0, 3.0), (1.0, "y")):
        expected = outcome(partial(value_and_grad(f), *wrong))
        assert outcome(partial(fast.value_and_grad, *wrong)) == expected
    value, slope = fast.value_and_grad(Value(1.0), 2.0)
    assert type(value) is Value
    assert slope.data == 0.5
    with autograd.detect_anomaly(), pytest.raises(autograd.AnomalyError):
        fast.value_and_grad(1e-310, 1e-310)
    assert fast.value_and_grad(1.0, 4.0) == (0.0, 0.25)
    with pytest.raises(NumberError, match="argnums as whole numbers"):
        fast.value_and_grad(1.0, 4.0, argnums=([0],))


def test_results_of_ready_calls_are_lists_of_their_own() -> None:
    def product(xs: Any) -> Any:
        return xs[0] * xs[1]

    fast = python(product)
    point = [2.0, 3.0]
    fast.value_and_grad(point)
    first, second = fast.value_and_grad(point)[1], fast.value_and_grad(point)[1]
    first[0] = 99.0
    assert second == [3.0, 2.0]
    assert point == [2.0, 3.0]
