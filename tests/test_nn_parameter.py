"""Parameter: a Value that may be frozen and does not become nan by itself."""

import copy
import math
import pickle
import random
from fractions import Fraction
from typing import Any

import pytest

from autograd import NumberError, Tape, Value, dot, grad
from nn import MLP, Module, Neuron, Parameter, Sequential


def test_a_parameter_is_a_value_with_its_own_gradient() -> None:
    w = Parameter(3.0)
    (w * w + 2.0 / w).backward()

    assert isinstance(w, Value)
    assert (w.data, w.grad, w.gradient) == (3.0, 6.0 - 2.0 / 9.0, 6.0 - 2.0 / 9.0)


@pytest.mark.parametrize("number", [2, True, Fraction(1, 2), 0.1])
def test_numbers_become_floats(number: Any) -> None:
    w = Parameter(number)

    assert type(w.data) is float
    assert w.data == float(number)
    w.data = number
    assert type(w.data) is float


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_weight_becomes_nan_or_infinite_only_when_told_so(number: float) -> None:
    w = Parameter(1.5, name="layers.0.bias[1]")
    with pytest.raises(
        ValueError, match=r"layers\.0\.bias\[1\] would become -?(nan|inf): look"
    ):
        w.data = number
    with pytest.raises(ValueError, match="a weight would become"):
        Parameter(number)
    assert w.data == 1.5
    w.assign(number, finite=False)

    assert repr(w.data) == repr(number)


@pytest.mark.parametrize("thing", ["a", None, 1j, [1.0], Value(1.0), 10**400])
def test_what_is_no_number_is_refused(thing: Any) -> None:
    w = Parameter(1.0)
    with pytest.raises(NumberError, match="a weight must be"):
        w.data = thing
    with pytest.raises(NumberError, match="a weight must be"):
        Parameter(thing)

    assert w.data == 1.0


def test_the_name_is_the_label() -> None:
    w = Parameter(1.0, name="slope")
    with Tape() as tape:
        w * 2.0

    assert (w.name, w.label, tape[0].label) == ("slope", "slope", "slope")
    w.name = "other"
    assert w.label == "other"
    assert Parameter(1.0).name == ""


def test_a_frozen_weight_is_used_and_gets_no_gradient() -> None:
    frozen, free = Parameter(3.0, requires_grad=False), Parameter(2.0)
    x = Value(5.0)
    out = frozen * free * x
    out.backward()

    assert out.data == 30.0
    assert (frozen.gradient, frozen.grad) == (None, 0.0)
    assert (free.grad, x.grad) == (15.0, 6.0)


def test_freezing_clears_the_gradient_and_unfreezing_brings_none_back() -> None:
    w = Parameter(3.0)
    (w * w).backward()
    w.requires_grad = False
    assert w.gradient is None
    w.requires_grad = True
    assert w.gradient is None
    (w * w).backward()

    assert w.grad == 6.0


def test_no_gradient_can_be_put_on_a_frozen_weight() -> None:
    w = Parameter(3.0, requires_grad=False)
    w.grad = 2.0
    w.backward()
    out = Value(9.0, (w,), "mine")

    def _backward() -> None:
        w.grad += 6.0 * out.grad

    out._backward = _backward
    out.backward()

    assert w.gradient is None


def test_gradients_can_be_set_and_cleared() -> None:
    w = Parameter(3.0)
    w.grad = 2
    assert w.grad == 2.0
    w.grad = 0.0
    assert w.gradient is None
    w.grad = 1.0
    setattr(w, "grad", None)  # noqa: B010 - what types forbid
    assert w.gradient is None
    with pytest.raises(NumberError, match="grad needs one real number, got 'a'"):
        setattr(w, "grad", "a")  # noqa: B010


def test_transforms_see_through_a_frozen_weight() -> None:
    w = Parameter(3.0, requires_grad=False)

    assert grad(lambda x: w * x * x)(2.0).data == 12.0
    assert grad(lambda v: v * v)(w).data == 6.0


def test_repr_says_gradient_or_frozen() -> None:
    w = Parameter(1.5)
    assert repr(w) == "Parameter(data=1.5, grad=0.0)"
    w.requires_grad = False
    assert repr(w) == "Parameter(data=1.5, frozen)"


@pytest.mark.parametrize("learned", [True, False])
def test_copies_and_pickles_keep_everything(learned: bool) -> None:
    w = Parameter(1.5, name="w")
    vars(w)["note"] = "kept"
    w.grad = 2.0
    w.requires_grad = learned
    twins = (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w)))  # noqa: S301 - our own bytes
    for twin in twins:
        assert type(twin) is Parameter
        assert (twin.data, twin.gradient, twin.name) == (1.5, w.gradient, "w")
        assert (twin.requires_grad, vars(twin)["note"]) == (learned, "kept")
        (twin * 2.0).backward()
    assert w.gradient == (2.0 if learned else None)


def test_a_copy_of_a_weight_that_is_nan_is_nan() -> None:
    w = Parameter(0.0)
    w.assign(math.nan, finite=False)

    assert math.isnan(copy.deepcopy(w).data)


@pytest.mark.parametrize("kind", [float, Value, Parameter])
@pytest.mark.parametrize("start", [0.5, Value(0.5), Parameter(0.5)])
def test_dot_gives_the_same_row_for_all_kinds_of_numbers(kind: Any, start: Any) -> None:
    xs = [Parameter(1.25), Parameter(-2.5)]
    ys = [kind(3.0), kind(0.5)]
    for x in (*xs, *ys, start):
        if isinstance(x, Value):
            x.grad = 0.0
    with Tape() as tape:
        out = dot(xs, ys, start)
    out.backward(2.0)

    assert out.data == 0.5 + 1.25 * 3.0 - 2.5 * 0.5
    assert [row.operation for row in tape if row.operation != "leaf"] == ["dot"]
    operands = tape[-1].operands
    assert [operand.value for operand in operands] == [1.25, -2.5, 3.0, 0.5, 0.5]
    moving = [operand.row is not None for operand in operands]
    assert moving == [True, True, *[kind is not float] * 2, isinstance(start, Value)]
    assert [x.grad for x in xs] == [6.0, 1.0]
    if kind is not float:
        assert [y.grad for y in ys] == [2.5, -5.0]
    if isinstance(start, Value):
        assert start.grad == 2.0


def test_an_update_that_leaves_the_floats_is_told_where_it_happens() -> None:
    neuron = Neuron(1, activation=None).name_parameters()
    neuron.w[0].grad = 1e300
    with pytest.raises(ValueError, match=r"weight\[0\] would become -inf"):
        neuron.w[0].data -= 1e300 * neuron.w[0].grad


def test_weights_of_all_layers_are_parameters() -> None:
    model = Sequential(MLP(2, [3, 3]), "relu")

    assert all(type(p) is Parameter for p in model.parameters())


def test_bare_values_are_weights_too() -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.slope = Value(2.0)

    line = Line()

    assert line.num_parameters(trainable_only=True) == 1
    line.load_state_dict({"slope": 3.0})
    assert line.slope.data == 3.0
    with pytest.raises(TypeError, match="slope is a bare Value, which is always learned"):
        line.freeze()


def test_a_generator_of_numbers_gives_every_parameter_its_own() -> None:
    numbers = random.Random(0)
    weights = [Parameter(numbers.random()) for _ in range(100)]

    assert len({w.data for w in weights}) == 100
