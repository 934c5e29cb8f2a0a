"""A Value as a thing: made, read, written, compared, printed, copied, extended."""

import copy
import math
import operator
import pickle
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import NumberError, Value, no_grad

# -- made -------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [3, 3.0, True, Fraction(3, 2), -0.0, math.inf])
def test_data_is_always_a_float(data: Any) -> None:
    x = Value(data)
    assert type(x.data) is float
    assert x.data == float(data)


def test_a_fresh_value_is_a_leaf_without_gradient() -> None:
    x = Value(3.0)
    assert (x.grad, x.gradient, x.label, x._op) == (0.0, None, "", "")
    assert len(x._prev) == len(x._children) == len(x._local_grads) == 0


def test_forms_of_the_constructor() -> None:
    a, b = Value(2.0), Value(3.0)
    for made in (
        Value(6.0, (a, b), "mine", "six"),
        Value(6.0, _children=(a, b), _op="mine", label="six"),
        Value(6.0, children=(a, b), _op="mine", label="six"),
    ):
        assert (made.data, made._op, made.label) == (6.0, "mine", "six")
        assert set(made._prev) == {a, b}
    for made in (
        Value(6.0, (a, b), (3.0, 2.0)),
        Value(6.0, children=(a, b), local_grads=(3.0, 2.0)),
    ):
        assert made._local_grads == (3.0, 2.0)
        made.backward()
    assert (a.grad, b.grad) == (6.0, 4.0)
    assert Value(1.0, (), ())._op == ""


# -- read and written -------------------------------------------------------------------------


def test_data_may_be_assigned_and_updated_in_place() -> None:
    p = Value(1.0)
    p.data = 3
    p.data -= 0.5 * 2
    assert p.data == 2.0
    assert type(p.data) is float


def test_gradient_is_none_until_there_is_one_and_grad_is_zero() -> None:
    x = Value(3.0)
    y = x * x
    assert (x.gradient, y.gradient, x.grad, y.grad) == (None, None, 0.0, 0.0)
    y.backward()
    assert (x.gradient, y.gradient, x.grad, y.grad) == (6.0, 1.0, 6.0, 1.0)


@pytest.mark.parametrize("zero", [0, 0.0, None])
def test_gradient_is_cleared_by_zero_or_none(zero: Any) -> None:
    x = Value(3.0)
    (x * x).backward()
    x.grad = zero
    assert (x.grad, x.gradient) == (0.0, None)
    (x * x).backward()
    assert x.grad == 6.0


def test_gradient_may_be_assigned_on_leaves_and_on_results() -> None:
    x = Value(3.0)
    y = x * x
    x.grad = 5
    y.grad = 7
    assert (x.grad, y.grad) == (5.0, 7.0)
    y.backward()
    assert (x.grad, y.grad) == (11.0, 1.0)


def test_detach_gives_a_leaf_with_the_same_data() -> None:
    y = Value(3.0) * 2.0
    leaf = y.detach()
    assert (leaf.data, leaf._op, len(leaf.tape)) == (6.0, "", 1)
    assert leaf is not y


def test_any_attribute_may_be_set() -> None:
    p: Any = Value(1.0)
    p.m = p.v = 0.0
    y: Any = p * 2.0
    y.color = "red"
    assert (p.m, y.color) == (0.0, "red")
    with pytest.raises(AttributeError):
        y.size  # noqa: B018


def test_attributes_of_leaves_and_labelled_results_are_found_through_prev() -> None:
    a, b = Value(2.0), Value(3.0)
    h = a * b
    h.label = "h"
    a.color, h.color = "blue", "red"  # type: ignore[attr-defined]
    found: list[Any] = list((h + a)._prev)
    assert [child.color for child in found] == ["red", "blue"]
    assert found[0] is h
    assert found[1] is a


# -- identity ---------------------------------------------------------------------------------


def test_equality_is_identity() -> None:
    a, b = Value(2.0), Value(2.0)
    c = a + b
    again = next(iter((c * 2.0)._prev))
    assert a == a  # noqa: PLR0124
    assert a != b
    assert c == again
    assert hash(c) == hash(again)
    assert c != a + b
    assert a != "text"
    assert a is not None
    assert a not in [None, "text", b]


def test_values_live_in_sets_and_dicts() -> None:
    a, b = Value(2.0), Value(2.0)
    c = a * b
    names = {a: "a", b: "b", c: "c"}
    assert [names[v] for v in (a, b, c)] == ["a", "b", "c"]
    assert len({a, b, c, *(c + 1.0)._prev}) == 4  # the constant 1 is a Value of its own
    a.data = 5.0
    assert names[a] == "a"


def test_hash_stays_when_a_result_of_no_grad_is_used() -> None:
    x = Value(2.0)
    with no_grad():
        y = x * x
    before = hash(y)
    _ = y * x
    assert hash(y) == before


# -- order ------------------------------------------------------------------------------------


def test_order_compares_data() -> None:
    a, b = Value(2.0), Value(3.0)
    assert a < b
    assert a <= b
    assert b > a
    assert b >= a
    assert a < 2.5
    assert not a > 2
    assert operator.gt(2.5, a)
    assert operator.le(2, a)
    assert a >= 2
    assert a < Fraction(5, 2)
    assert (a < b) is True


def test_order_with_nan_is_false() -> None:
    a = Value(math.nan)
    assert not a < 1.0
    assert not a >= 1.0
    assert not Value(1.0) <= a


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=9))
def test_sorted_max_and_min_go_by_data(numbers: list[float]) -> None:
    values = [Value(x) for x in numbers]
    assert [v.data for v in sorted(values)] == sorted(numbers)
    assert max(values).data == max(numbers)
    assert min(values) is values[numbers.index(min(numbers))]


def test_truth_is_whether_the_data_is_not_zero() -> None:
    assert Value(0.5)
    assert not Value(0.0)
    assert not Value(-0.0)
    assert Value(math.nan)


# -- arithmetic with plain numbers ------------------------------------------------------------


@pytest.mark.parametrize("number", [3, 3.0, True, Fraction(3, 2)])
def test_plain_numbers_stand_on_either_side(number: Any) -> None:
    x, c = 2.0, float(number)
    v = Value(x)
    results = [v + number, v - number, v * number, v / number, v % number, v**number]
    assert [r.data for r in results] == [x + c, x - c, x * c, x / c, x % c, x**c]
    results = [number + v, number - v, number * v, number / v, number % v, number**v]
    assert [r.data for r in results] == [c + x, c - x, c * x, c / x, c % x, c**x]
    assert {type(r.data) for r in results} == {float}


def test_sum_starts_from_an_integer_zero() -> None:
    xs = [Value(float(k)) for k in range(4)]
    out = sum(xs)
    assert isinstance(out, Value)
    out.backward()
    assert (out.data, [x.grad for x in xs]) == (6.0, [1.0] * 4)


def test_signs_and_python_functions() -> None:
    x = Value(-2.5)
    assert (-x).data == 2.5
    assert +x is x
    assert abs(x).data == 2.5
    assert round(x).data == -2.0
    assert math.floor(x).data == -3.0
    assert math.ceil(x).data == -2.0
    assert pow(Value(3.0), 2).data == 9.0


def test_in_place_operators_make_new_values() -> None:
    x = Value(2.0)
    y = x
    y += 1.0
    y *= 3.0
    y -= x
    y /= 7.0
    y **= 2
    assert x.data == 2.0
    assert y.data == 1.0
    y.backward()
    assert x.grad == pytest.approx(2 * 2 / 7, rel=1e-15)


# -- shown ------------------------------------------------------------------------------------


def test_repr_shows_data_and_gradient() -> None:
    x = Value(3)
    y = x * 2
    y.backward()
    assert repr(x) == "Value(data=3.0, grad=2.0)"
    assert str(y) == "Value(data=6.0, grad=1.0)"
    assert f"{x}" == repr(x)
    assert f"{x!r:>30}" == "     Value(data=3.0, grad=2.0)"


def test_a_format_formats_the_data() -> None:
    x = Value(math.pi)
    assert f"{x:.3f}" == "3.142"
    assert f"{x:8.2e}" == "3.14e+00"
    assert f"{x:g}" == "3.14159"


# -- copied -----------------------------------------------------------------------------------


def test_leaves_are_copied_with_gradient_label_and_attributes() -> None:
    x: Any = Value(3.0, label="x")
    (x * x).backward()
    x.momentum = [0.5]
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):  # noqa: S301
        assert (twin.data, twin.grad, twin.label, twin.momentum) == (3.0, 6.0, "x", [0.5])
        assert twin is not x
        (twin * 1.0).backward()
        assert twin.grad == 7.0
    assert x.grad == 6.0
    assert copy.copy(x).momentum is x.momentum
    assert copy.deepcopy(x).momentum is not x.momentum


def test_a_copied_network_trains_apart() -> None:
    weights = [Value(1.0), Value(2.0)]
    twin = copy.deepcopy(weights)
    twin[0].data = 9.0
    assert weights[0].data == 1.0


def test_results_of_no_grad_are_copied_like_leaves() -> None:
    with no_grad():
        y = Value(2.0) * 3.0
    assert copy.copy(y).data == 6.0


# -- extended ---------------------------------------------------------------------------------


class Weight(Value):
    """A Value with more to it."""

    def __init__(self, data: float, *, frozen: bool = False) -> None:
        super().__init__(data)
        self.frozen = frozen


def test_subclass_computes_like_a_value() -> None:
    w, x = Weight(2.0, frozen=True), Value(3.0)
    for out in (w * x, x * w, w * 3.0, 3.0 * w):
        w.grad = 0.0
        out.backward()
        assert (out.data, w.grad) == (6.0, 3.0)
    assert w.frozen
    assert repr(w).endswith("(data=2.0, grad=3.0)")
    assert {w, x} == {x, w}


def test_subclass_may_bring_its_own_operators() -> None:
    class Loud(Value):
        def __add__(self, other: Any) -> Any:
            out: Any = super().__add__(other)
            out.loud = True
            return out

        __radd__ = __add__

    loud, x = Loud(2.0), Value(3.0)
    assert (loud + x).loud
    assert (x + loud).loud
    assert (1.0 + loud).data == 3.0


def test_methods_may_be_added_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def square(self: Value) -> Any:
        return self * self

    monkeypatch.setattr(Value, "square", square, raising=False)
    x = Value(3.0)
    y: Any = x * 1.0
    y.square().backward()
    assert x.grad == 6.0


def test_methods_may_be_replaced_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def add(self: Value, other: Any) -> str:
        return "added"

    x = Value(3.0)
    assert (x + 1.0).data == 4.0
    monkeypatch.setattr(Value, "__add__", add)
    assert x + 1.0 == "added"
    monkeypatch.undo()
    assert (x + 1.0).data == 4.0


@given(data=st.floats(allow_nan=False, allow_infinity=False))
def test_pickle_keeps_every_bit(data: float) -> None:
    twin = pickle.loads(pickle.dumps(Value(data)))  # noqa: S301
    assert math.copysign(1.0, twin.data) == math.copysign(1.0, data)
    assert twin.data == data


def test_values_do_not_touch_the_global_random_numbers() -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    (Value(2.0) * 3.0).backward()
    assert random.random() == expected


def test_a_label_in_the_place_of_children_is_told() -> None:
    with pytest.raises(NumberError) as caught:
        Value(2.0, "a")  # type: ignore[arg-type]

    assert str(caught.value) == (
        "children must be a tuple of Values, got 'a' (str); a label is given as label=..."
    )
