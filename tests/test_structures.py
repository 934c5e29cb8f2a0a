"""Nested lists, tuples and dicts as arguments and results of transforms."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    IndependenceWarning,
    NumberError,
    StructureError,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)


class Point(NamedTuple):
    x: Any
    y: Any


def numbers_in(thing: Any) -> list[Any]:
    """Return the numbers of a nesting from left to right."""
    if isinstance(thing, dict):
        return [x for part in thing.values() for x in numbers_in(part)]
    if isinstance(thing, (list, tuple)):
        return [x for part in thing for x in numbers_in(part)]
    return [] if thing is None else [thing]


def mapped(function: Callable[[Any], Any], thing: Any) -> Any:
    """Return the same nesting with a function applied to every number."""
    if isinstance(thing, dict):
        return {key: mapped(function, part) for key, part in thing.items()}
    if isinstance(thing, Point):
        return Point(*(mapped(function, part) for part in thing))
    if isinstance(thing, (list, tuple)):
        return type(thing)([mapped(function, part) for part in thing])
    return None if thing is None else function(thing)


def squares(thing: Any) -> Any:
    """Return 1 + x1**2 + x2**2 + ... over a nesting."""
    out = 1.0
    for x in numbers_in(thing):
        out = x * x + out
    return out


SHAPES = st.recursive(
    st.one_of(st.integers(-9, 9).map(float), st.none()),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.lists(parts, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), parts, max_size=3),
        st.builds(Point, parts, parts),
    ),
    max_leaves=5,
).filter(numbers_in)


def same(a: Any, b: Any) -> bool:
    """Return whether two nestings are equal, containers of the same types throughout."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


@given(SHAPES)
def test_gradient_has_the_shape_of_the_argument(point: Any) -> None:
    # d(sum of squares) = 2 x
    expected = mapped(lambda x: 2.0 * x, point)
    assert same(grad(squares)(point), expected)
    slopes = grad(squares)(mapped(Value, point))
    assert all(isinstance(g, Value) for g in numbers_in(slopes))
    assert same(mapped(lambda g: g.data, slopes), expected)


@given(SHAPES)
def test_gradients_by_several_arguments_are_a_tuple(point: Any) -> None:
    slopes = grad(lambda a, _, b: squares(a) * b, (2, 0))(point, "text", 3.0)
    assert isinstance(slopes, tuple)
    assert same(slopes[1], mapped(lambda x: 6.0 * x, point))
    assert slopes[0] == 1.0 + sum(x * x for x in numbers_in(point))


@given(SHAPES)
def test_jacobian_has_the_shape_of_the_result_over_that_of_the_argument(point: Any) -> None:
    # Each output is the square of its own input.
    got = jacobian(lambda p: mapped(lambda x: x * x, p))(point)
    xs = numbers_in(point)
    rows = iter(range(len(xs)))

    def row(x: float) -> Any:
        i, columns = next(rows), iter(range(len(xs)))
        return mapped(lambda _: 2.0 * x if next(columns) == i else 0.0, point)

    assert same(got, mapped(row, point))


@given(SHAPES)
def test_hessian_has_the_shape_twice(point: Any) -> None:
    size = len(numbers_in(point))
    rows = iter(range(size))

    def row(_: float) -> Any:
        i, columns = next(rows), iter(range(size))
        return mapped(lambda _: 2.0 if next(columns) == i else 0.0, point)

    assert same(hessian(squares)(point), mapped(row, point))


@given(SHAPES)
def test_jvp_and_vjp_keep_shapes(point: Any) -> None:
    def doubled_squares(p: Any) -> Any:
        return {"all": mapped(lambda x: x * x, p), "sum": squares(p)}

    value = {"all": mapped(lambda x: x * x, point), "sum": squares(point)}
    moved = {
        "all": mapped(lambda x: 2.0 * x, point),
        "sum": sum((2.0 * x for x in numbers_in(point)), 0.0),
    }
    ones = mapped(lambda _: 1.0, point)
    out, tangent = jvp(doubled_squares, (point,), (ones,))
    assert same(out, value)
    assert same(tangent, moved)
    out, pullback = vjp(doubled_squares, point)
    assert same(out, value)
    (pulled,) = pullback({"all": ones, "sum": 10.0})
    assert same(pulled, mapped(lambda x: 22.0 * x, point))


@given(SHAPES)
def test_hvp_has_the_shape_of_the_primals(point: Any) -> None:
    (product,) = hvp(squares, (point,), (mapped(lambda x: x + 1.0, point),))
    assert same(product, mapped(lambda x: 2.0 * (x + 1.0), point))


def test_named_tuples_stay_what_they_are() -> None:
    slopes = grad(lambda p: p.x * p.x * p.y)(Point(2.0, 5.0))
    assert slopes == Point(20.0, 4.0)
    assert type(slopes) is Point
    table = hessian(lambda p: p.x * p.x * p.y)(Point(2.0, 5.0))
    assert (table.x.y, table.y.x, table.x.x, table.y.y) == (4.0, 4.0, 10.0, 0.0)


def test_jacobian_of_a_named_tuple_of_results() -> None:
    got = jacobian(lambda v: Point(v[0] * v[1], (v[0], None)))([2.0, 3.0])
    assert got == Point([3.0, 2.0], ([1.0, 0.0], None))
    assert type(got) is Point


def test_none_stands_for_nothing() -> None:
    def f(p: Any) -> Any:
        assert p["bias"] is None
        return p["w"] * p["w"]

    assert grad(f)({"w": 3.0, "bias": None}) == {"w": 6.0, "bias": None}


def test_empty_parts_stay_empty() -> None:
    point: Any = {"a": [], "b": (), "c": {}, "d": [[], 2.0]}
    assert grad(lambda p: p["d"][1] ** 2)(point) == {"a": [], "b": (), "c": {}, "d": [[], 4.0]}


def test_argument_without_a_number_has_an_empty_gradient() -> None:
    with pytest.warns(IndependenceWarning):
        assert value_and_grad(lambda xs: 7.0)([]) == (7.0, [])


def test_other_containers_come_back_as_plain_ones() -> None:
    slopes = grad(lambda p: p["b"] * p["a"])(OrderedDict(b=2.0, a=3.0))
    assert slopes == {"b": 3.0, "a": 2.0}
    assert list(slopes) == ["b", "a"]


def test_the_function_gets_the_containers_it_was_given() -> None:
    kinds = []

    def f(p: Any) -> Any:
        kinds.append([type(part) for part in (p, p["list"], p["tuple"], p["point"])])
        return p["list"][0] * p["tuple"][0] * p["point"].x

    grad(f)({"list": [1.0], "tuple": (2.0,), "point": Point(3.0, None)})
    assert kinds == [[dict, list, tuple, Point]]


def test_values_and_floats_may_be_mixed() -> None:
    x = Value(2.0)
    a, b = grad(lambda p: p[0] * p[0] * p[1])([x, 5.0])
    assert (a.data, b.data) == (20.0, 4.0)
    (a + b).backward()  # 2 x 5 + x**2
    assert x.grad == 14.0


# -- structures that belong together -------------------------------------------------------


def weighted(p: Any) -> Any:
    return p["a"] * 3.0 + p["b"]


def test_tangents_in_a_dict_go_by_key_and_not_by_order() -> None:
    point = {"a": 1.0, "b": 2.0}
    assert jvp(weighted, (point,), ({"a": 1.0, "b": 0.0},)) == (5.0, 3.0)
    assert jvp(weighted, (point,), ({"b": 0.0, "a": 1.0},)) == (5.0, 3.0)


def test_seeds_in_a_dict_go_by_key_and_not_by_order() -> None:
    _, pullback = vjp(lambda x: {"once": x, "cubed": x**3}, 2.0)
    assert pullback({"once": 1.0, "cubed": 0.0}) == (1.0,)
    assert pullback({"cubed": 0.0, "once": 1.0}) == (1.0,)


@pytest.mark.parametrize(
    "tangent",
    [
        1.0,
        [1.0, 2.0],
        {"a": 1.0},
        {"a": 1.0, "c": 2.0},
        {"a": 1.0, "b": None},
        {"a": 1.0, "b": [2.0]},
        {"a": 1.0, "b": 2.0, "c": 3.0},
    ],
)
def test_tangents_of_another_shape_are_refused(tangent: Any) -> None:
    point = {"a": 1.0, "b": 2.0}
    with pytest.raises(StructureError) as caught:
        jvp(weighted, (point,), (tangent,))
    expected, got = (point,), (tangent,)
    assert str(caught.value) == (
        f"jvp's tangents needs the structure of {expected!r} (tuple), got {got!r} (tuple)"
    )


def test_lists_and_tuples_are_different_shapes() -> None:
    _, pullback = vjp(lambda x: [x, x], 2.0)
    with pytest.raises(StructureError, match=r"the seed of vjp needs the structure of \["):
        pullback((1.0, 1.0))


def test_long_structures_are_cut_short_in_messages() -> None:
    with pytest.raises(StructureError) as caught:
        jvp(sum, ([1.0] * 100,), ([1.0] * 99,))
    assert str(caught.value).count("1.0, ... (tuple)") == 2
    assert len(str(caught.value)) < 200


def test_number_deep_inside_that_is_none() -> None:
    with pytest.raises(NumberError, match=r"^grad needs one real number, got 'x' \(str\)"):
        grad(squares)({"a": [1.0, ("x",)]})
