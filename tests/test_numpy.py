"""NumPy on either side: scalars are numbers, arrays hold Values element by element."""

import math
import operator
from typing import Any

import pytest

import autograd
from autograd import ConversionError, NumberError, Value

np: Any = pytest.importorskip("numpy", reason="NumPy is an optional companion")

SCALARS = [
    np.float64(2.5),
    np.float32(2.5),
    np.float16(2.5),
    np.int64(3),
    np.int8(3),
    np.uint16(3),
]
ids = [type(x).__name__ for x in SCALARS]
INFIX = [operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.pow]


def array(*values: Any) -> Any:
    """Return an array of objects."""
    return np.array(values, dtype=object)


def data(values: Any) -> list[float]:
    return [v.data for v in values]


@pytest.mark.parametrize("scalar", SCALARS, ids=ids)
def test_scalars_become_data(scalar: Any) -> None:
    x = Value(scalar)
    assert type(x.data) is float
    x.data = scalar
    x.data -= np.float64(0.5) * scalar
    x.grad = scalar
    assert (type(x.data), type(x.grad)) == (float, float)
    assert x.data == 0.5 * float(scalar)


@pytest.mark.parametrize("scalar", SCALARS, ids=ids)
@pytest.mark.parametrize("call", INFIX)
def test_scalars_stand_on_either_side(call: Any, scalar: Any) -> None:
    pairs = [((1.5, scalar), (1.5, float(scalar))), ((scalar, 1.5), (float(scalar), 1.5))]
    for place, (given, plain) in enumerate(pairs):
        x, y = Value(1.5), Value(1.5)
        out = call(*(x if k == place else n for k, n in enumerate(given)))
        expected = call(*(y if k == place else n for k, n in enumerate(plain)))
        assert type(out) is Value
        out.backward()
        expected.backward()
        assert (out.data, x.grad) == (expected.data, y.grad)


@pytest.mark.parametrize("scalar", SCALARS, ids=ids)
def test_scalars_are_ordered_and_not_equal(scalar: Any) -> None:
    x = Value(1.5)
    assert x < scalar
    assert scalar > x
    assert not x >= scalar
    with pytest.raises(ConversionError, match="is refused: == and != between Values"):
        x == scalar  # noqa: B015


@pytest.mark.parametrize("scalar", SCALARS, ids=ids)
def test_functions_take_scalars(scalar: Any) -> None:
    out = autograd.tanh(scalar)
    assert type(out) is float
    assert out == math.tanh(float(scalar))
    assert autograd.maximum(Value(1.0), scalar).data == float(scalar)
    assert autograd.total([Value(1.0), scalar]).data == 1.0 + float(scalar)


def test_integer_powers() -> None:
    x = Value(3.0)
    y = x ** np.int64(2)
    y.backward()
    assert (y.data, x.grad, y._op) == (9.0, 6.0, "**2")


@pytest.mark.parametrize("call", INFIX)
def test_arrays_of_values_work_element_by_element(call: Any) -> None:
    x, y = Value(1.5), Value(2.5)
    assert data(call(array(x, y), 2.0)) == [call(1.5, 2.0), call(2.5, 2.0)]
    assert data(call(2.0, array(x, y))) == [call(2.0, 1.5), call(2.0, 2.5)]
    assert data(call(array(x, y), array(y, x))) == [call(1.5, 2.5), call(2.5, 1.5)]
    numbers = np.array([2.0, 3.0])
    assert data(call(array(x, y), numbers)) == [call(1.5, 2.0), call(2.5, 3.0)]
    assert data(call(numbers, array(x, y))) == [call(2.0, 1.5), call(3.0, 2.5)]


@pytest.mark.parametrize("call", INFIX)
@pytest.mark.parametrize("dtype", [float, int, np.float32])
def test_an_array_and_a_value_give_an_array_of_values(call: Any, dtype: Any) -> None:
    x, numbers = Value(1.5), np.array([2, 3], dtype=dtype)
    for out, expected in (
        (call(x, numbers), [call(1.5, 2.0), call(1.5, 3.0)]),
        (call(numbers, x), [call(2.0, 1.5), call(3.0, 1.5)]),
        (call(x, array(Value(2.0), Value(3.0))), [call(1.5, 2.0), call(1.5, 3.0)]),
    ):
        assert isinstance(out, np.ndarray)
        assert out.shape == (2,)
        assert {type(v) for v in out} == {Value}
        assert data(out) == expected


def test_gradients_flow_through_arrays() -> None:
    x = Value(3.0)
    out = (x * np.array([1.0, 2.0]) * np.array([x, 1.0], dtype=object)).sum()
    out.backward()
    assert (out.data, x.grad) == (9.0 + 6.0, 6.0 + 2.0)


def test_matrix_products() -> None:
    x, y = Value(1.5), Value(2.5)
    assert (array(x, y) @ np.array([2.0, 3.0])).data == 1.5 * 2.0 + 2.5 * 3.0
    assert (array(x, y) @ array(y, x)).data == 7.5
    matrix = np.array([[x, y], [1.0, 2.0]], dtype=object)
    assert data(matrix @ array(x, y)) == [1.5 * 1.5 + 2.5 * 2.5, 1.5 + 5.0]
    assert np.dot(array(x, y), array(1.0, 1.0)).data == 4.0


UFUNCS = [
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arctanh", "floor",
    "ceil", "absolute", "negative", "positive", "square", "reciprocal",
]  # fmt: skip


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs_on_arrays_of_values(name: str) -> None:
    numbers = [0.25, 0.75]
    ufunc = getattr(np, name)
    values = [Value(x) for x in numbers]
    out = ufunc(array(*values))
    assert data(out) == pytest.approx(list(ufunc(np.array(numbers))), rel=1e-15)
    out.sum().backward()
    assert all(math.isfinite(v.grad) for v in values)


def test_arccosh_and_functions_of_two() -> None:
    x, y = Value(1.5), Value(2.5)
    assert np.arccosh(array(x))[0].data == math.acosh(1.5)
    assert data(np.hypot(array(x), array(y))) == [math.hypot(1.5, 2.5)]
    assert data(np.arctan2(array(x), array(y))) == [math.atan2(1.5, 2.5)]
    assert data(np.maximum(array(x), array(y))) == [2.5]
    assert data(np.minimum(array(x), array(y))) == [1.5]
    assert data(np.power(array(x), 2)) == [2.25]


def test_sums_means_and_products_of_arrays() -> None:
    values = [Value(x) for x in (1.0, 2.0, 4.0)]
    assert np.sum(array(*values)).data == 7.0
    assert array(*values).sum().data == 7.0
    assert np.mean(array(*values)).data == 7.0 / 3.0
    assert np.prod(array(*values)).data == 8.0
    assert data(np.cumsum(array(*values))) == [1.0, 3.0, 7.0]
    assert np.max(array(*values)) is values[2]
    assert [v.data for v in np.sort(array(*values[::-1]))] == [1.0, 2.0, 4.0]


def test_comparison_with_an_array_is_element_by_element() -> None:
    x = Value(1.5)
    assert list(x < np.array([1.0, 2.0])) == [False, True]
    assert list(np.array([1.0, 2.0]) < x) == [True, False]
    assert list(array(x, Value(2.5)) > 2.0) == [False, True]


def test_an_array_of_values_holds_objects() -> None:
    made = np.array([Value(1.0), Value(2.0)])
    assert (made.dtype, made.shape) == (np.dtype(object), (2,))
    assert np.array([[Value(1.0)], [2.0]]).shape == (2, 1)


def test_an_array_of_floats_refuses_values() -> None:
    for refuse in (
        lambda v: np.array([v], dtype=float),
        lambda v: np.zeros(1).__setitem__(0, v),
        np.float64,
    ):
        with pytest.raises(TypeError, match=r"use v\.data for the number"):
            refuse(Value(1.0))


def test_a_ufunc_on_a_value_alone() -> None:
    x = Value(0.5)
    out = np.tanh(x)
    assert isinstance(out, Value)
    out.backward()
    assert x.grad == pytest.approx(1 - math.tanh(0.5) ** 2, rel=1e-15)
    with pytest.raises(TypeError):
        np.rint(x)


def test_reductions_take_arrays() -> None:
    values = [Value(x) for x in (1.0, 2.0, 4.0)]
    assert autograd.total(array(*values)).data == 7.0
    assert autograd.total(np.array([1.0, 2.0])) == 3.0
    assert type(autograd.total(np.array([1.0, 2.0]))) is float
    assert autograd.dot(array(*values), np.array([1.0, 1.0, 1.0])).data == 7.0
    assert autograd.dot(values, np.array([1, 1, 1]), np.float32(2.0)).data == 9.0
    assert autograd.softmax(np.array([0.0, 0.0])) == [0.5, 0.5]


WRONG = [np.array([1.0, 2.0]), np.array(["a"]), np.complex128(1j), np.array([[1.0]])]
wrong = pytest.mark.parametrize("thing", WRONG, ids=["vector", "text", "complex", "matrix"])


@wrong
def test_what_is_no_real_number_makes_no_value(thing: Any) -> None:
    with pytest.raises(NumberError, match="Value needs one real number, got "):
        Value(thing)
    x = Value(1.0)
    with pytest.raises(NumberError, match="data needs one real number, got "):
        x.data = thing
    with pytest.raises(NumberError, match="backward needs one real number, got "):
        x.backward(thing)
    assert (x.data, x.gradient) == (1.0, None)


@pytest.mark.parametrize("name", ["tanh", "relu", "exp", "abs", "gelu"])
def test_functions_refuse_arrays_and_say_how(name: str) -> None:
    advice = r"apply the operation to each element, as in \[f\(x\) for x in array\]"
    with pytest.raises(NumberError, match=f"{name} needs one real number, got array.*{advice}"):
        getattr(autograd, name)(np.array([1.0, 2.0]))


def test_functions_of_two_refuse_arrays() -> None:
    for given in ((Value(1.0), np.array([1.0])), (np.array([1.0]), Value(1.0))):
        with pytest.raises(NumberError, match="maximum needs one real number, got array"):
            autograd.maximum(*given)
    with pytest.raises(NumberError, match="needs one real number, got array"):
        Value(1.0).maximum(np.array([1.0, 2.0]))


def test_reductions_refuse_matrices() -> None:
    with pytest.raises(NumberError, match="total needs one real number, got array"):
        autograd.total(np.array([[1.0, 2.0]]))


@pytest.mark.parametrize("number", [np.complex128(1j), np.complex64(1j)])
def test_complex_scalars_are_refused(number: Any) -> None:
    with pytest.raises(NumberError, match="use the real and imaginary parts"):
        autograd.exp(number)
    with pytest.raises(TypeError):
        Value(1.0) * number
