"""What a drawing refuses: graphs too large, and what is no graph at all."""

from typing import Any

import pytest

import autograd
from autograd import Tape, Value
from viz import NotAValueError, OptionError, TooLargeError, draw_dot, trace


def chain(length: int) -> Value:
    out = Value(1.0)
    for _ in range(length):
        out = out.tanh()
    return out


def test_a_long_chain_is_drawn_without_recursion() -> None:
    picture = draw_dot(chain(3000), max_nodes=6001)

    assert repr(picture) == "a drawing of 3001 values and 3000 operations"


def test_a_graph_too_large_is_refused_with_its_size_and_ways_out() -> None:
    with pytest.raises(TooLargeError) as problem:
        draw_dot(chain(20_000))

    assert str(problem.value) == (
        "this graph would be drawn with 40,001 nodes and 40,000 edges, but max_nodes = 2000 "
        "allows 2,000 nodes and 6,000 edges: more than that nobody can read, and the layout "
        "may take very long. Draw a smaller piece, such as the output of one neuron or the "
        "loss of one sample; or read it as a table with print(root.tape); or insist with "
        "draw_dot(root, max_nodes=40001)"
    )


def test_a_graph_with_few_nodes_and_many_edges_is_refused_too() -> None:
    wide = autograd.total([Value(1.0)] * 7000)

    with pytest.raises(TooLargeError, match=r"3 nodes and 7,001 edges.*max_nodes=2334\)"):
        draw_dot(wide)
    assert draw_dot(wide, max_nodes=2334).source.count("v0 -> v1op") == 7000


def test_the_limit_counts_every_node() -> None:
    out = Value(1.0).tanh() + 2.0  # three values, two operations, one constant

    assert draw_dot(out, max_nodes=6).source.count("label=") == 1 + 6 + 2
    with pytest.raises(TooLargeError, match="6 nodes and 5 edges"):
        draw_dot(out, max_nodes=5)


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (2.0, "2.0 (float); a plain number remembers no computation: compute with Value(...)"),
        ([Value(1.0)], "(list); take one of its Values, or combine them with autograd.total"),
        (Value(1.0).tape, "(Listing); take the last Value that was computed on it, or print"),
        (Tape(), "(Tape); take the last Value that was computed on it, or print"),
        (Value.tanh, "(function); call it with inputs, and take what it returns"),
        (None, "None (NoneType); compute with autograd.Value, and take the result"),
        ("abc" * 33, f"'{'abc' * 9}a...{'abc' * 9}' (str); compute with autograd.Value, and"),
    ],
    ids=["number", "list", "listing", "tape", "function", "none", "long"],
)
def test_what_is_no_value_is_refused_with_advice(root: Any, message: str) -> None:
    for function in (draw_dot, trace):
        with pytest.raises(NotAValueError) as problem:
            function(root)

        assert str(problem.value).startswith(
            f"{function.__name__} needs the Value at the end of a computation, got "
        )
        assert message in str(problem.value)
        assert isinstance(problem.value, TypeError)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("rankdir", "left", "must be one of LR, TB, RL, BT"),
        ("format", "word", "must be one that Graphviz can write, such as svg, png or pdf"),
        ("id_prefix", "1 a", "must be a letter followed by letters, digits, '_', '.' or '-'"),
    ],
)
def test_an_option_that_means_nothing_is_refused(option: str, value: Any, message: str) -> None:
    with pytest.raises(OptionError) as problem:
        draw_dot(Value(1.0), **{option: value})

    assert str(problem.value) == f"{option} {message}, got {value!r}"
    assert isinstance(problem.value, ValueError)
