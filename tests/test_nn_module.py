"""Finding, naming and clearing weights."""

import copy
import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd import Value, no_grad
from nn import (
    MLP,
    SGD,
    Layer,
    Module,
    Neuron,
    Parameter,
    Sequential,
    evaluate,
    fit,
    mse_loss,
    predict,
)
from tests.untyped import message_of, untyped


class Holder(Module):
    """A module with whatever attributes it is given."""

    def __init__(self, **attributes: object) -> None:
        vars(self).update(attributes)


def names(module: Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


def test_names_of_a_network_say_layer_neuron_and_input() -> None:
    assert names(MLP(2, [2, 1])) == [
        "layers.0.weight[0][0]",
        "layers.0.weight[0][1]",
        "layers.0.bias[0]",
        "layers.0.weight[1][0]",
        "layers.0.weight[1][1]",
        "layers.0.bias[1]",
        "layers.1.weight[0][0]",
        "layers.1.weight[0][1]",
        "layers.1.bias[0]",
    ]


def test_names_belong_to_their_weights() -> None:
    model = MLP(3, [4, 2])
    found = dict(model.named_parameters())

    assert found["layers.1.weight[1][3]"] is model.layers[1].neurons[1].w[3]
    assert found["layers.0.bias[2]"] is model.layers[0].neurons[2].b


def test_names_of_a_neuron_and_of_a_layer() -> None:
    assert names(Neuron(2)) == ["weight[0]", "weight[1]", "bias"]
    assert names(Layer(1, 2)) == ["weight[0][0]", "bias[0]", "weight[1][0]", "bias[1]"]


def test_parameters_come_neuron_by_neuron_with_the_bias_last() -> None:
    model = MLP(2, [2, 1])
    expected = [p for layer in model.layers for n in layer.neurons for p in [*n.w, n.b]]
    found = model.parameters()

    assert len(found) == len(expected) == 9
    assert all(a is b for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("nin", "nouts", "count"),
    [(2, [16, 16, 1], 337), (4, [8, 3], 67), (2, [2, 1], 9), (64, [16, 10], 1210)],
)
def test_number_of_parameters(nin: int, nouts: list[int], count: int) -> None:
    assert len(MLP(nin, nouts).parameters()) == count


def test_weights_are_found_through_modules_lists_tuples_and_dicts_in_order() -> None:
    a, b, c, d, e, f = map(Value, range(6))
    holder = Holder(
        first=a,
        table=[[b], [c]],
        pair=(Holder(inside=d), 3.0),
        rows={"one": e, 2: Holder(x=f)},
        text="not a weight",
        nothing=None,
    )

    assert names(holder) == [
        "first",
        "table[0][0]",
        "table[1][0]",
        "pair.0.inside",
        "rows.one",
        "rows.2.x",
    ]
    assert [p.data for p in holder.parameters()] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_shared_weight_stands_once_under_its_first_name() -> None:
    weight = Value(1.0)

    assert names(Holder(a=weight, b=[weight, Value(2.0)])) == ["a", "b[1]"]


def test_a_shared_module_stands_once() -> None:
    layer = Layer(2, 2)
    holder = Holder(encoder=layer, decoder=layer)

    assert len(holder.parameters()) == 6
    assert all(name.startswith("encoder.") for name in names(holder))


def test_cycles_come_to_an_end() -> None:
    child, ring = Holder(w=Value(1.0)), list[object]()
    parent = Holder(child=child, ring=ring)
    vars(child)["parent"] = parent
    ring += [ring, parent, Value(2.0)]

    assert names(parent) == ["child.w", "ring[2]"]


def test_depth_has_no_limit() -> None:
    holder = Holder(w=Value(1.0))
    for _ in range(10_000):
        holder = Holder(x=holder)

    assert names(holder) == ["x." * 10_000 + "w"]


def test_what_was_computed_is_no_weight() -> None:
    weight = Value(2.0)

    assert names(Holder(w=weight, last=weight * 3.0)) == ["w"]


def test_parts_shown_by_an_override_are_not_mixed_up() -> None:
    class Many(Module):
        def __init__(self) -> None:
            self.values = [Value(k) for k in range(50)]

        def named_parts(self) -> Iterator[tuple[str, object]]:
            # Each list exists only for a moment, so ids would repeat if nobody held it.
            for k, value in enumerate(self.values):
                yield f"w{k}", [[value]]

    assert [p.data for p in Many().parameters()] == [float(k) for k in range(50)]


def test_a_subclass_of_a_neuron_keeps_its_own_weights() -> None:
    class Scaled(Neuron):
        def __init__(self, nin: int) -> None:
            super().__init__(nin)
            self.gain = Value(3.0)

    layer = Layer(1, 2)
    layer.neurons[1] = Scaled(1)
    vars(layer)["shift"] = Value(4.0)

    assert names(layer) == [
        "weight[0][0]",
        "bias[0]",
        "weight[1][0]",
        "bias[1]",
        "gain[1]",
        "shift",
    ]


def test_a_module_without_weights() -> None:
    empty = Holder()
    empty.zero_grad()

    assert empty.parameters() == []


def test_zero_grad_clears_every_gradient() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    model([1.0, 2.0]).backward()
    assert all(p.gradient is not None for p in model.parameters())
    model.zero_grad()

    assert all(p.gradient is None and p.grad == 0.0 for p in model.parameters())


def test_gradients_add_up_without_zero_grad() -> None:
    neuron = Neuron(1, nonlin=False)
    neuron([3.0]).backward()
    neuron([4.0]).backward()

    assert (neuron.w[0].grad, neuron.b.grad) == (7.0, 2.0)


def test_networks_can_be_copied_and_pickled() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    expected = model([1.0, 2.0]).data
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301 - our own bytes
        assert twin([1.0, 2.0]).data == expected
        twin.parameters()[0].data += 1.0
    assert model([1.0, 2.0]).data == expected


def test_a_network_under_no_grad_gives_the_same_numbers_and_no_rows() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    with no_grad():
        answer = model([1.0, 2.0])

    assert answer.data == model([1.0, 2.0]).data
    assert len(answer.tape) == 1
    assert math.isfinite(answer.data)


class Forward(Module):
    """A network as torch wants it."""

    def __init__(self) -> None:
        self.slope = Parameter(2.0)

    def forward(self, x: list[float]) -> Value:
        return self.slope * x[0]


class Called(Forward):
    """The same, made one of ours."""

    def __call__(self, x: list[float]) -> Value:
        return self.forward(x)


XS, YS = [[1.0], [2.0]], [1.0, 2.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model([1.0]),
        lambda model: Sequential(model)([1.0]),
        lambda model: predict(model, XS),
        lambda model: evaluate(model, (XS, YS), mse_loss),
        lambda model: fit(model, (XS, YS), mse_loss, SGD(model.parameters()), epochs=1),
    ],
    ids=["call", "Sequential", "predict", "evaluate", "fit"],
)
def test_forward_in_place_of_call_is_told(call: Callable[[Any], object]) -> None:
    assert message_of(TypeError, lambda: call(Forward())) == (
        "Forward cannot be called: define __call__, not forward as in torch"
    )


def test_a_call_beside_forward_counts_wherever_it_is_defined() -> None:
    class Mixin:
        def __call__(self, x: list[float]) -> object:
            return untyped(self).forward(x)

    class Mixed(Module, Mixin):
        def forward(self, x: list[float]) -> float:
            return 3.0 * x[0]

    assert Called()([3.0]).data == 6.0
    assert Mixed()([3.0]) == 9.0


def test_a_module_without_forward_is_no_function() -> None:
    assert not callable(Holder())


def test_classes_of_modules_may_take_options() -> None:
    class Named(Module):
        kind = ""

        def __init_subclass__(cls, *, kind: str, **options: object) -> None:
            super().__init_subclass__(**options)
            cls.kind = kind

    class One(Named, kind="one"):
        pass

    assert One.kind == "one"
