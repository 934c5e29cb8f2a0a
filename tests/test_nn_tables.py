"""Linear, Embedding, norms, Dropout, Sequential and activations as modules."""

import random
from typing import Any

import pytest

import nn
from autograd import LengthError, NumberError, Value
from nn import (
    MLP,
    Dropout,
    Elementwise,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    Module,
    Neuron,
    RMSNorm,
    Sequential,
)
from nn.activations import NAMES
from nn.tensors import tensors
from tests.untyped import message_of, untyped

CLOSE: Any = {"rel": 1e-12, "abs": 1e-14}


def numbers(count: int, seed: int) -> list[float]:
    generator = random.Random(seed)
    return [generator.gauss(0.0, 1.0) for _ in range(count)]


def close_to(expected: list[float]) -> Any:
    """Return what equals a vector to 12 digits; a sum of terms that cancel has fewer."""
    return pytest.approx(expected, rel=1e-12, abs=1e-12 * max(map(abs, expected)))


def compare_with_torch(ours: Module, theirs: Any, x: list[float]) -> None:
    """Check outputs and all gradients of two networks with the same weights, by name."""
    torch = pytest.importorskip("torch", reason="compares with torch")
    values = [Value(each) for each in x]
    answers: Any = ours(values)  # type: ignore[operator]
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    expected = theirs(tensor)
    seeds = [0.5 + k for k in range(len(answers))]
    loss = Value(0.0)
    for seed, answer in zip(seeds, answers, strict=True):
        loss = loss + seed * answer
    loss.backward()
    expected.backward(torch.tensor(seeds, dtype=torch.float64))

    assert [answer.data for answer in answers] == close_to(expected.tolist())
    assert [v.grad for v in values] == close_to(tensor.grad.tolist())
    gradients = {name: p.grad.flatten().tolist() for name, p in theirs.named_parameters()}
    for name, tensor_of in tensors(ours.named_parameters()).items():
        found = [weight.grad for weight in tensor_of.weights]
        assert found == close_to(gradients.pop(name)), name
    assert gradients == {}


def twin_in_torch(ours: Module, theirs: Any) -> Any:
    torch = pytest.importorskip("torch", reason="compares with torch")
    theirs = theirs.double()
    state = {k: torch.tensor(v, dtype=torch.float64) for k, v in ours.state_dict().items()}
    theirs.load_state_dict(state)
    return theirs


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("nin", "nout"), [(1, 1), (3, 5), (5, 1), (8, 4)])
def test_linear_agrees_with_torch(nin: int, nout: int, bias: bool) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    ours = Linear(nin, nout, bias=bias, seed=0)
    theirs = twin_in_torch(ours, torch.nn.Linear(nin, nout, bias=bias))

    compare_with_torch(ours, theirs, numbers(nin, 1))


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("relu", "ReLU"), ("leaky_relu", "LeakyReLU"), ("elu", "ELU"), ("selu", "SELU"),
        ("gelu", "GELU"), ("silu", "SiLU"), ("softplus", "Softplus"), ("softsign", "Softsign"),
        ("tanh", "Tanh"), ("sigmoid", "Sigmoid"), ("log_sigmoid", "LogSigmoid"),
    ],
)  # fmt: skip
def test_sequences_agree_with_torch(depth: int, name: str, class_name: str) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    generator = random.Random(depth)
    ours, theirs = [Linear(3, 6, seed=generator)], [torch.nn.Linear(3, 6)]
    parts: list[Any] = [ours[0]]
    for _ in range(depth):
        linear = Linear(6, 6, init="xavier", seed=generator)
        parts += [getattr(nn, class_name)(), LayerNorm(6), linear]
        theirs += [
            getattr(torch.nn, class_name)(),
            torch.nn.LayerNorm(6),
            torch.nn.Linear(6, 6),
        ]
    model = Sequential(*parts)

    compare_with_torch(model, twin_in_torch(model, torch.nn.Sequential(*theirs)), numbers(3, 2))


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("eps", [1e-5, 0.1])
@pytest.mark.parametrize("kind", ["LayerNorm", "RMSNorm"])
def test_norms_agree_with_torch(kind: str, eps: float, affine: bool) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    ours = getattr(nn, kind)(5, eps=eps, affine=affine)
    for k, p in enumerate(ours.parameters()):
        p.data = 0.5 + k
    theirs = getattr(torch.nn, kind)(5, eps=eps, elementwise_affine=affine)

    compare_with_torch(ours, twin_in_torch(ours, theirs), numbers(5, 3))


def test_embedding_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    ours = Sequential(Embedding(4, 3, seed=0), Linear(3, 2))
    theirs = twin_in_torch(
        ours, torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.Linear(3, 2))
    )
    for index, seed in ((2, 1.0), (0, 3.0), (2, -0.5)):
        first, second = ours(index)
        (first * seed + second).backward()
        out = theirs(torch.tensor(index))
        (out[0] * seed + out[1]).backward()
    expected = theirs[0].weight.grad.tolist()

    for row, slopes in zip(ours[0].weight, expected, strict=True):
        assert [w.grad for w in row] == pytest.approx(slopes, **CLOSE)
    # Classes that were not looked up have the gradient 0, which is a gradient.
    assert [w.gradient for w in ours[0].weight[1]] == [0.0] * 3


def test_an_embedding_learns_as_in_torch() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    ours = Sequential(Embedding(4, 3, seed=0), Linear(3, 4))
    theirs = twin_in_torch(
        ours, torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.Linear(3, 4))
    )
    optimiser = nn.Adam(ours.parameters(), lr=0.1)
    expected = torch.optim.Adam(theirs.parameters(), lr=0.1)
    for index in (2, 0, 2, 1, 1, 0):
        for both in (optimiser, expected):
            both.zero_grad()
        nn.cross_entropy(ours(index), (index + 1) % 4).backward()
        target = torch.tensor((index + 1) % 4)
        torch.nn.functional.cross_entropy(theirs(torch.tensor(index)), target).backward()
        for both in (optimiser, expected):
            both.step()

    for name, numbers in ours.state_dict().items():
        for row, tensor in zip(numbers, theirs.state_dict()[name].tolist(), strict=True):
            assert row == pytest.approx(tensor, rel=1e-12, abs=1e-13), name


def test_linear_gives_a_list_also_for_one_output() -> None:
    assert len(Linear(2, 1)([1.0, 2.0])) == 1
    assert [type(v) for v in Linear(1, 2)(3.0)] == [Value, Value]


def test_linear_and_layer_are_the_same_sums() -> None:
    layer = Layer(3, 2, activation=None, init="torch", seed=0)
    table = Linear(3, 2, seed=0)
    x = numbers(3, 1)

    assert [v.data for v in table(x)] == [v.data for v in layer(x)]


def test_embedding_takes_whatever_is_a_whole_number() -> None:
    np = pytest.importorskip("numpy", reason="whole numbers of NumPy")
    table = Embedding(4, 2, seed=0)

    expected = [w.data for w in table.weight[3]]
    assert [v.data for v in table(np.int64(3))] == [v.data for v in table(3)] == expected


def test_a_batch_norm_of_equal_inputs_is_finite() -> None:
    for layer in (LayerNorm(3), RMSNorm(3)):
        x = [Value(0.0) for _ in range(3)]
        out: Any = layer(x)
        (out[0] + 2.0 * out[1]).backward()
        assert [v.data for v in out] == [0.0] * 3
        assert all(abs(v.grad) < 1e4 for v in x)


def test_norms_without_weights_take_plain_numbers() -> None:
    assert RMSNorm(2, eps=0.0, affine=False)([3.0, -3.0]) == [1.0, -1.0]
    assert LayerNorm(2, eps=0.0, affine=False)([3.0, 5.0]) == [-1.0, 1.0]


# -- bias=False ---------------------------------------------------------------------------


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("kind", [float, Value])
def test_without_bias_a_neuron_starts_at_0(fused: bool, kind: Any) -> None:
    neuron = Neuron(2, activation=None, bias=False, fused=fused, start=[2.0, -3.0])
    out = neuron([kind(5.0), kind(7.0)])
    out.backward()

    assert neuron.b is None
    assert out.data == -11.0
    assert [w.grad for w in neuron.w] == [5.0, 7.0]
    assert [name for name, _ in neuron.named_parameters()] == ["weight[0]", "weight[1]"]


def test_an_mlp_without_biases_keeps_the_numbers_drawn() -> None:
    bare = MLP(2, [3, 1], bias=False, seed=0)
    full = MLP(2, [3, 1], seed=0)

    assert list(bare.state_dict()) == ["layers.0.weight", "layers.1.weight"]
    assert bare([1.0, 2.0]).data == full([1.0, 2.0]).data
    assert bare.num_parameters() == 9


def test_a_neuron_starts_from_given_numbers() -> None:
    assert Neuron(2, start=[1.0, 2.0]).get_vector() == [1.0, 2.0, 0.0]
    assert Neuron(2, start=[1.0, 2.0, 3.0]).get_vector() == [1.0, 2.0, 3.0]
    with pytest.raises(LengthError, match="starts from 2 weights and no bias, got 3"):
        Neuron(2, start=[1.0, 2.0, 3.0], bias=False)


# -- dropout ------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_the_gradient_fits() -> None:
    layer = Dropout(0.25, seed=0)
    x = [Value(2.0) for _ in range(10_000)]
    out = layer(x)
    kept = [v.data for v in out if v.data]
    total = Value(0.0)
    for v in out[:100]:
        total = total + v
    total.backward()

    # Five standard deviations of a share of 3/4 among 10,000.
    assert len(kept) / 10_000 == pytest.approx(0.75, abs=5 * 0.00433)
    assert set(kept) == {2.0 / 0.75}
    assert [v.grad for v in x[:100]] == [v.data / 2.0 for v in out[:100]]


def test_dropout_draws_anew_from_its_generator() -> None:
    layers = [Dropout(0.5, seed=7) for _ in range(2)]
    ones = [1.0] * 50
    first = [layer(ones) for layer in layers]
    second = [layer(ones) for layer in layers]

    assert first[0] == first[1] != second[0] == second[1]


def test_dropout_does_nothing_in_use_and_draws_nothing() -> None:
    layer = Dropout(0.5, seed=0).eval()
    x = [Value(1.0), Value(2.0)]
    assert layer.generator is not None
    state = layer.generator.getstate()

    assert all(a is b for a, b in zip(layer(x), x, strict=True))
    assert layer.generator.getstate() == state


def test_dropout_of_none_and_of_all() -> None:
    assert Dropout(0.0)([1.0, 2.0]) == [1.0, 2.0]
    assert Dropout(1.0)([1.0, 2.0]) == [0.0, 0.0]


def test_dropout_without_a_generator_uses_the_random_module() -> None:
    state = random.getstate()
    try:
        random.seed(3)
        found = Dropout(0.5)([1.0] * 20)
    finally:
        random.setstate(state)

    assert found == Dropout(0.5, seed=3)([1.0] * 20)


# -- sequences and activations ------------------------------------------------------------


def test_a_sequence_takes_modules_names_and_functions() -> None:
    model = Sequential(Linear(2, 3), "tanh", sum)

    assert repr(model) == f"Sequential(Linear(2, 3), Tanh(), {sum!r})"
    assert len(model) == len(list(model)) == 3
    assert isinstance(model[1], Elementwise)
    assert isinstance(model([1.0, 2.0]), Value)


def test_a_sequence_may_have_further_attributes() -> None:
    model = Sequential(Linear(1, 1, bias=False))
    vars(model)["scale"] = nn.Parameter(1.0)

    assert [name for name, _ in model.named_parameters()] == ["0.weight[0][0]", "scale"]


@pytest.mark.parametrize("name", NAMES)
def test_activations_as_modules_are_those_of_neurons(name: str) -> None:
    neuron = Neuron(1, activation=name, start=[1.0])

    assert [v.data for v in Elementwise(name)([-0.75])] == [neuron([-0.75]).data]


def test_named_activations() -> None:
    names = {
        "ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "SELU": "selu",
        "GELU": "gelu", "SiLU": "silu", "Softplus": "softplus", "Softsign": "softsign",
        "Tanh": "tanh", "Sigmoid": "sigmoid", "LogSigmoid": "log_sigmoid",
    }  # fmt: skip
    for class_name, name in names.items():
        module = getattr(nn, class_name)()
        assert module.activation == name
        assert repr(module) == f"{class_name}()"


def test_a_bare_number_goes_through_an_activation_bare() -> None:
    assert nn.ReLU()(-3.0).data == 0.0
    assert isinstance(nn.Tanh()(Layer(2, 1)([1.0, 2.0])), Value)


# -- mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: Linear(3, 2)([1.0]), LengthError, "Linear(3, 2) needs 3 inputs, got 1"),
        (lambda: Linear(3, 2, bias=False)([]), LengthError,
         "Linear(3, 2, bias=False) needs 3 inputs, got 0"),
        (lambda: Linear(2, 1)(["a", 1.0]), NumberError,
         "inputs must be numbers, but number 0 is 'a' (str)"),
        (lambda: Linear(untyped(2.0), 1), TypeError,
         "nin must be a whole number, got 2.0 (float)"),
        (lambda: Linear(2, 0), ValueError, "nout must be at least 1, got 0"),
        (lambda: LayerNorm(2)([1.0]), LengthError, "LayerNorm(2) needs 2 inputs, got 1"),
        (lambda: RMSNorm(2)([1.0] * 3), LengthError, "RMSNorm(2) needs 2 inputs, got 3"),
        (lambda: LayerNorm(0), ValueError, "width must be at least 1, got 0"),
        (lambda: RMSNorm(2, eps=-1.0), ValueError,
         "eps must be at least 0 and finite, got -1.0"),
        (lambda: Embedding(3, 2)(3), IndexError,
         "Embedding(3, 2) has the classes 0 to 2, got 3"),
        (lambda: Embedding(3, 2)(-1), IndexError,
         "Embedding(3, 2) has the classes 0 to 2, got -1"),
        (lambda: Embedding(3, 2)(1.0), TypeError,
         "Embedding(3, 2) needs the number of a class, a whole number, got 1.0 (float)"),
        (lambda: Embedding(3, 2)(untyped(True)), TypeError,
         "Embedding(3, 2) needs the number of a class, a whole number, got True (bool)"),
        (lambda: Embedding(3, 2)([1]), TypeError,
         "Embedding(3, 2) needs the number of a class, a whole number, got [1] (list)"),
        (lambda: Embedding(0, 2), ValueError, "count must be at least 1, got 0"),
        (lambda: Dropout(1.5), ValueError, "share must be from 0 to 1, got 1.5"),
        (lambda: Dropout(float("nan")), ValueError, "share must be from 0 to 1, got nan"),
        (lambda: Dropout(untyped("a")), NumberError,
         "share must be one real number, got 'a' (str)"),
        (lambda: Dropout(0.5, seed=untyped(3.5)), TypeError,
         "a seed must be a whole number or a random.Random, got 3.5 (float)"),
        (Sequential, LengthError, "Sequential needs at least one part, got none"),
        (lambda: Sequential(untyped(3)), TypeError,
         ("a part of Sequential must be a module, the name of an activation or a function, "
         "got 3 (int)")),
        (lambda: Elementwise("relu")([1.0, "a"]), NumberError,
         "inputs must be numbers, but number 1 is 'a' (str)"),
    ],
)  # fmt: skip
def test_mistakes_are_told(call: Any, error: type[Exception], text: str) -> None:
    assert message_of(error, call) == text
