"""Neurons, layers and networks: micrograd's behaviour, activations, inputs, errors."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Tape, Value
from nn import MLP, Layer, Neuron
from nn.activations import NAMES

# What random.Random(0).uniform(-1.0, 1.0) gives, one call after the other.
DRAWN = [
    0.6888437030500962,
    0.515908805880605,
    -0.15885683833831,
    -0.4821664994140733,
    0.02254944273721704,
    -0.19013172509917142,
    0.5675971780695452,
    -0.3933745478421451,
    -0.04680609169528838,
]


def weights(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


# -- as in micrograd ----------------------------------------------------------------------


def test_weights_are_drawn_neuron_by_neuron_and_biases_start_at_0() -> None:
    model = MLP(2, [3, 1], seed=0)
    a, b, c, d, e, f, g, h, i = DRAWN

    assert weights(model) == [a, b, 0.0, c, d, 0.0, e, f, 0.0, g, h, i, 0.0]


def test_without_a_generator_weights_come_from_the_random_module() -> None:
    state = random.getstate()
    try:
        random.seed(0)
        model = MLP(2, [3, 1])
    finally:
        random.setstate(state)

    assert weights(model) == weights(MLP(2, [3, 1], seed=0))


def test_with_a_generator_the_random_module_is_left_alone() -> None:
    state = random.getstate()
    MLP(2, [3, 1], seed=0)

    assert random.getstate() == state


def test_weights_equal_those_of_micrograd() -> None:
    theirs = pytest.importorskip("micrograd.nn", reason="compares with micrograd")
    state = random.getstate()
    try:
        random.seed(1337)
        expected = theirs.MLP(2, [16, 16, 1])
    finally:
        random.setstate(state)

    assert weights(MLP(2, [16, 16, 1], seed=1337)) == weights(expected)


def test_answers_and_gradients_equal_those_of_micrograd() -> None:
    theirs = pytest.importorskip("micrograd.nn", reason="compares with micrograd")
    model, expected = MLP(2, [16, 16, 1]), theirs.MLP(2, [16, 16, 1])
    for p, q in zip(model.parameters(), expected.parameters(), strict=True):
        q.data = p.data
    ours, reference = model([0.5, -1.5]), expected([0.5, -1.5])
    ours.backward()
    reference.backward()

    assert ours.data == pytest.approx(reference.data, rel=1e-13, abs=1e-14)
    for p, q in zip(model.parameters(), expected.parameters(), strict=True):
        assert p.grad == pytest.approx(q.grad, rel=1e-13, abs=1e-14)


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (Neuron(2), "ReLUNeuron(2)"),
        (Neuron(16, False), "LinearNeuron(16)"),
        (Neuron(16, nonlin=False), "LinearNeuron(16)"),
        (Neuron(3, activation="tanh"), "TanhNeuron(3)"),
        (Neuron(3, activation="leaky_relu"), "LeakyReLUNeuron(3)"),
        (Neuron(3, activation="gelu"), "GELUNeuron(3)"),
        (Neuron(3, activation=None), "LinearNeuron(3)"),
        (Neuron(3, activation="linear"), "LinearNeuron(3)"),
        (Neuron(3, activation=autograd.log_sigmoid), "LogSigmoidNeuron(3)"),
        (Neuron(1, activation=lambda v: v * v), "LambdaNeuron(1)"),
        (Layer(2, 2), "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"),
        (
            MLP(2, [2, 1]),
            "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]",
        ),
        (
            MLP(1, (1, 1), "tanh", "sigmoid"),
            "MLP of [Layer of [TanhNeuron(1)], Layer of [SigmoidNeuron(1)]]",
        ),
    ],
)
def test_repr(thing: object, text: str) -> None:
    assert repr(thing) == text


def test_attributes_have_the_names_and_types_of_micrograd() -> None:
    model = MLP(3, [2, 1])
    neuron = model.layers[0].neurons[1]

    assert all(isinstance(w, Value) for w in neuron.w)
    assert len(neuron.w) == 3
    assert isinstance(neuron.b, Value)
    assert [layer.neurons[0].nonlin for layer in model.layers] == [True, False]


def test_nonlin_may_be_switched_afterwards() -> None:
    neuron = Neuron(1, activation="relu")
    neuron.w[0].data = -1.0
    bent = neuron([2.0]).data
    neuron.nonlin = False

    assert (bent, neuron([2.0]).data, repr(neuron)) == (0.0, -2.0, "LinearNeuron(1)")


@pytest.mark.parametrize("first", ["relu", None])
def test_activation_may_be_changed_afterwards(first: str | None) -> None:
    neuron = Neuron(1, activation=first)
    neuron.activation = "tanh"
    neuron.w[0].data = 0.5

    assert neuron([1.0]).data == math.tanh(0.5)
    assert repr(neuron) == "TanhNeuron(1)"


# -- shapes -------------------------------------------------------------------------------


def test_layer_gives_a_list_and_a_single_neuron_a_bare_value() -> None:
    answer = Layer(2, 3)([1.0, 2.0])

    assert [type(v) for v in answer] == [Value] * 3
    assert type(Layer(2, 1)([1.0, 2.0])) is Value


def test_mlp_gives_a_bare_value_for_one_output_and_else_a_list() -> None:
    assert type(MLP(2, [3, 1])([1.0, 2.0])) is Value
    assert len(MLP(2, [3, 2])([1.0, 2.0])) == 2


@pytest.mark.parametrize("fused", [True, False])
def test_hidden_layers_of_one_neuron_work(fused: bool) -> None:
    model = MLP(2, [1, 1, 2], None, fused=fused)
    for p, number in zip(
        model.parameters(), [2.0, 3.0, 1.0, -1.0, 0.5, 4.0, 0, 5.0, 1], strict=True
    ):
        p.data = number
    # 2*1 + 3*2 + 1 = 9, then -9 + 0.5 = -8.5, then 4*-8.5 + 0 and 5*-8.5 + 1.
    answers = model([1.0, 2.0])
    answers[1].backward()

    assert [v.data for v in answers] == [-34.0, -41.5]
    # 5 * -1 * (1, 2, 1) for the first neuron; 5 * (9, 1); nothing; the input and 1.
    assert [p.grad for p in model.parameters()] == [-5, -10, -5, 45, 5, 0, 0, -8.5, 1]


def test_a_neuron_without_inputs_is_its_bias() -> None:
    neuron = Neuron(0, nonlin=False)
    neuron.b.data = 3.0

    assert neuron([]).data == 3.0


# -- the weighted sum ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [float, Value])
def test_fused_and_chained_give_the_same_bits(kind: Callable[[float], Any]) -> None:
    fused = MLP(5, [7, 7, 3], "tanh", seed=1)
    chain = MLP(5, [7, 7, 3], "tanh", fused=False, seed=1)
    generator = random.Random(2)
    for _ in range(50):
        x = [kind(generator.gauss(0.0, 3.0)) for _ in range(5)]
        assert [v.data for v in fused(x)] == [v.data for v in chain(x)]


def test_sum_starts_at_the_bias_and_goes_from_left_to_right() -> None:
    neuron = Neuron(2, nonlin=False)
    neuron.b.data, neuron.w[0].data, neuron.w[1].data = 0.1, 0.2, 0.3
    # (0.1 + 0.2) + 0.3 is 0.6000000000000001, while 0.1 + (0.2 + 0.3) is 0.6.
    assert neuron([1.0, 1.0]).data == (0.1 + 0.2) + 0.3 != 0.1 + (0.2 + 0.3)


def test_a_fused_neuron_is_one_row_before_its_activation() -> None:
    with Tape() as tape:
        MLP(3, [1, 1], "tanh")([1.0, 2.0, 3.0])
    operations = [row.operation for row in tape if row.operation != "leaf"]

    assert operations == ["dot", "tanh", "dot"]


def test_a_chained_neuron_is_a_row_for_every_product_and_sum() -> None:
    neuron = Neuron(2, activation="tanh", fused=False)
    with Tape() as tape:
        neuron([1.0, 2.0])
    operations = [row.operation for row in tape if row.operation != "leaf"]

    assert operations == ["mul", "add", "mul", "add", "tanh"]


# -- activations --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_activation_by_name_is_the_function_of_that_name(name: str) -> None:
    neuron = Neuron(1, activation=name)
    neuron.w[0].data = -0.75
    function = abs if name == "abs" else getattr(autograd, name)

    assert neuron([1.0]).data == function(-0.75)


def test_activation_may_be_a_function() -> None:
    neuron = Neuron(1, activation=lambda v: v * v + 1.0)
    neuron.w[0].data = 3.0

    assert neuron([1.0]).data == 10.0


def test_switching_nonlin_on_changes_nothing_without_an_activation() -> None:
    neuron = Neuron(1, activation=None)
    neuron.w[0].data, neuron.nonlin = -3.0, True

    assert neuron([1.0]).data == -3.0


def test_out_activation_bends_the_last_layer_only() -> None:
    model = MLP(1, [1, 1], None, "sigmoid")
    for p, number in zip(model.parameters(), [3.0, 0.0, 1.0, -3.0], strict=True):
        p.data = number

    assert model([1.0]).data == 0.5


# -- inputs -------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [MLP, lambda nin, nouts: Neuron(nin)])
def test_inputs_may_be_lists_tuples_iterators_and_values(make: Callable[..., Any]) -> None:
    model = make(2, [3, 1])
    expected = model([1.0, 2.0]).data
    inputs: list[Any] = [(1.0, 2.0), iter([1.0, 2.0]), [1, 2], [True, 2], [Value(1.0), 2]]

    assert [model(x).data for x in inputs] == [expected] * 5


def test_inputs_may_be_numpy_rows_and_scalars() -> None:
    np = pytest.importorskip("numpy", reason="NumPy rows as inputs")
    model = MLP(2, [3, 1])
    expected = model([1.0, 2.0]).data
    inputs = [
        np.array([1.0, 2.0]),
        np.array([1, 2]),
        np.array([1.0, 2.0], dtype=np.float32),
        [np.float64(1.0), np.int64(2)],
        np.array([Value(1.0), Value(2.0)]),
        np.array([[1.0, 2.0], [3.0, 4.0]])[0],
    ]

    assert [model(x).data for x in inputs] == [expected] * 6


@pytest.mark.parametrize("x", [3.0, 3, Value(3.0)])
def test_a_single_input_may_stand_bare(x: Any) -> None:
    model = MLP(1, [2, 1])

    assert model(x).data == model([3.0]).data


def test_inputs_that_are_values_get_gradients() -> None:
    neuron = Neuron(2, nonlin=False)
    x = [Value(1.0), Value(2.0)]
    neuron(x).backward()

    assert [v.grad for v in x] == [w.data for w in neuron.w]


def test_the_callers_list_is_left_alone() -> None:
    x = [1, Value(2.0)]
    MLP(2, [1])(x)

    assert type(x[0]) is int
