"""Initialisation: the right distributions, at the right scale, from one stream."""

import math
import random
from collections.abc import Callable
from itertools import chain, pairwise
from statistics import NormalDist, fmean
from typing import Any

import pytest

from autograd import NumberError
from nn import MLP, SGD, Embedding, Layer, Linear, Module, Neuron, init, replace_head
from nn.initialiser import Initialiser
from tests.untyped import message_of, untyped

ROOT2 = math.sqrt(2.0)
# Standard deviation of a normal number between -2 and 2 standard deviations.
TRUNCATED = 0.8796256610342398


def drawn(initialiser: Initialiser, nin: int, nout: int, seed: int = 0) -> list[float]:
    weights, biases = initialiser(nin, nout, random.Random(seed))
    assert len(weights) == len(biases) == nout
    assert all(len(row) == nin for row in weights)
    return list(chain.from_iterable(weights))


def uniform_below(bound: float) -> Callable[[float], float]:
    return lambda x: min(max((x / bound + 1.0) / 2.0, 0.0), 1.0)


def normal_below(std: float) -> Callable[[float], float]:
    return NormalDist(0.0, std).cdf


def truncated_below(x: float) -> float:
    curve = NormalDist()
    return (curve.cdf(x) - curve.cdf(-2.0)) / (curve.cdf(2.0) - curve.cdf(-2.0))


# For a layer of n inputs and m outputs: the variance, and the distribution of each weight. The
# variances stand in Glorot and Bengio 2010, He et al. 2015 and LeCun et al. 1998.
UNIFORM: dict[str, tuple[Any, Callable[[int, int], float]]] = {
    "micrograd": (init.uniform(), lambda n, m: 1 / 3),
    "torch": (init.torch_default(), lambda n, m: 1 / (3 * n)),
    "xavier": (init.xavier_uniform(), lambda n, m: 2 / (n + m)),
    "xavier of tanh": (init.xavier_uniform(5 / 3), lambda n, m: 25 / 9 * 2 / (n + m)),
    "he": (init.he_uniform(), lambda n, m: 2 / n),
    "he by outputs": (init.he_uniform(fan="out"), lambda n, m: 2 / m),
    "lecun": (init.lecun_uniform(), lambda n, m: 1 / n),
}
NORMAL: dict[str, tuple[Any, Callable[[int, int], float]]] = {
    "normal": (init.normal(), lambda n, m: 1.0),
    "microgpt": (init.normal(std=0.08), lambda n, m: 0.0064),
    "xavier": (init.xavier_normal(), lambda n, m: 2 / (n + m)),
    "he": (init.he_normal(), lambda n, m: 2 / n),
    "he of leaky relu": (
        init.he_normal(init.gain("leaky_relu", 0.2)),
        lambda n, m: 2 / 1.04 / n,
    ),
    "he by outputs": (init.he_normal(fan="out"), lambda n, m: 2 / m),
    "lecun": (init.lecun_normal(), lambda n, m: 1 / n),
}
CASES = [
    pytest.param(initialiser, variance, kurtosis, nin, nout, id=f"{kind} {name} {nin}-{nout}")
    for kind, kurtosis, table in (("uniform", 1.8, UNIFORM), ("normal", 3.0, NORMAL))
    for name, (initialiser, variance) in table.items()
    # Sides that differ: swapped fans would be off by a factor of 7.5.
    for nin, nout in ((300, 40), (40, 300))
]


@pytest.mark.parametrize(("initialiser", "variance", "kurtosis", "nin", "nout"), CASES)
def test_weights_have_their_distribution(
    initialiser: Initialiser,
    variance: Callable[[int, int], float],
    kurtosis: float,
    nin: int,
    nout: int,
) -> None:
    weights = drawn(initialiser, nin, nout)
    n, expected = len(weights), variance(nin, nout)
    std = math.sqrt(expected)

    # Five standard deviations of a sample's mean and variance.
    assert abs(fmean(weights)) < 5 * std / math.sqrt(n)
    band = 5 * math.sqrt((kurtosis - 1) / n)
    assert fmean(x * x for x in weights) == pytest.approx(expected, rel=band)
    bound = std * math.sqrt(3.0)
    if kurtosis < 2:
        assert 0.99 * bound < max(map(abs, weights)) <= bound * (1 + 1e-15)
    assert kolmogorov(
        weights, uniform_below(bound) if kurtosis < 2 else normal_below(std)
    ) < 1.95  # fmt: skip


def kolmogorov(sample: list[float], below: Callable[[float], float]) -> float:
    """Return sqrt(n) times the largest gap between a sample and a distribution.

    Above 1.95 one time in a thousand.
    """
    n = len(sample)
    gaps = [
        max((k + 1) / n - share, share - k / n)
        for k, share in enumerate(map(below, sorted(sample)))
    ]
    return math.sqrt(n) * max(gaps)


def test_the_largest_gap_by_hand() -> None:
    # Three steps of a third at 0.1, 0.2 and 0.9: the gap just right of 0.2 is 2/3 - 0.2, that
    # just left of 0.9 is 0.9 - 2/3.
    found = kolmogorov([0.9, 0.1, 0.2], lambda x: x)

    assert found == pytest.approx(math.sqrt(3.0) * (2 / 3 - 0.2), rel=1e-15)


def test_a_wrong_distribution_is_noticed() -> None:
    # The tests above could not fail otherwise.
    assert kolmogorov(drawn(init.uniform(-(3**0.5), 3**0.5), 100, 100), NormalDist().cdf) > 1.95
    assert kolmogorov(drawn(init.normal(std=1.2), 100, 100), NormalDist().cdf) > 1.95


def test_truncated_normal_numbers() -> None:
    weights = drawn(init.truncated_normal(), 100, 100)

    assert -2.0 <= min(weights) < -1.95
    assert 1.95 < max(weights) <= 2.0
    spread = math.sqrt(fmean(x * x for x in weights))
    assert spread == pytest.approx(TRUNCATED, rel=0.03)
    assert kolmogorov(weights, truncated_below) < 1.95


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_normal_distribution_truncated_far_out(sign: float) -> None:
    low, high = sorted((sign * 20.0, sign * 21.0))
    weights = drawn(init.truncated_normal(0.0, 1.0, low, high), 50, 50)

    assert low <= min(weights) <= max(weights) <= high
    # Out there the distribution falls off as exp(-20 x): the mean is 1/20 beyond the bound.
    assert fmean(map(abs, weights)) == pytest.approx(20.05, abs=0.005)


def test_bounds_are_numbers_and_not_deviations() -> None:
    weights = drawn(init.truncated_normal(1.0, 0.1, 0.9, 3.0), 50, 50)

    assert 0.9 <= min(weights) < 0.91
    assert 1.3 < max(weights) < 1.6


# -- orthogonal ---------------------------------------------------------------------------


@pytest.mark.parametrize(("nin", "nout"), [(7, 4), (4, 7), (6, 6), (1, 5), (5, 1)])
def test_the_shorter_side_of_an_orthogonal_matrix_is_at_right_angles(
    nin: int, nout: int
) -> None:
    rows, biases = init.orthogonal(1.5)(nin, nout, random.Random(0))
    short = rows if nout <= nin else [list(column) for column in zip(*rows, strict=True)]
    for j, a in enumerate(short):
        for k, b in enumerate(short):
            product = math.fsum(x * y for x, y in zip(a, b, strict=True))
            assert product == pytest.approx(2.25 if j == k else 0.0, abs=1e-14)
    assert biases == [0.0] * nout


def test_an_orthogonal_matrix_is_that_of_the_qr_decomposition() -> None:
    np = pytest.importorskip("numpy", reason="has a QR decomposition")
    rows, _ = init.normal()(5, 5, random.Random(3))
    q, r = np.linalg.qr(np.array(rows).T)
    expected = (q * np.sign(np.diag(r))).T
    found, _ = init.orthogonal()(5, 5, random.Random(3))

    assert np.allclose(found, expected, rtol=0, atol=1e-13)


def test_directions_of_orthogonal_matrices_are_even() -> None:
    generator = random.Random(0)
    first = [init.orthogonal()(3, 2, generator)[0][0][0] for _ in range(2000)]

    # One coordinate of a point on a sphere in space is uniform (Archimedes).
    assert kolmogorov(first, uniform_below(1.0)) < 1.95


# -- gains and names ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_are_those_of_torch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")

    assert init.gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)
    theirs = torch.nn.init.calculate_gain("leaky_relu", 0.3)
    assert init.gain("leaky_relu", 0.3) == pytest.approx(theirs, rel=1e-15)


@pytest.mark.parametrize(
    ("activation", "name", "variance"),
    [
        ("relu", "he_normal", 2 / 100),
        ("gelu", "he_normal", 2 / 100),
        ("leaky_relu", "he_normal", 2 / 1.0001 / 100),
        ("selu", "lecun_normal", 1 / 100),
        ("tanh", "xavier_uniform", 25 / 9 * 2 / 200),
        ("sigmoid", "xavier_uniform", 2 / 200),
        (None, "xavier_uniform", 2 / 200),
        (math.sin, "xavier_uniform", 2 / 200),
    ],
)
def test_auto_goes_by_the_activation(activation: Any, name: str, variance: float) -> None:
    found = init.initialiser_of("auto", activation)
    weights = drawn(found, 100, 100)

    assert found.name == name
    assert fmean(x * x for x in weights) == pytest.approx(variance, rel=0.071)


@pytest.mark.parametrize("name", init.BY_NAME)
def test_every_name_makes_a_layer(name: str) -> None:
    layers = [Layer(5, 3, init=name, seed=1) for _ in range(2)]
    table = Linear(5, 3, init=name, seed=1)

    assert layers[0].state_dict() == layers[1].state_dict() == table.state_dict()


def test_names_that_mean_the_same() -> None:
    def same(name: str, other: Initialiser) -> bool:
        return drawn(init.initialiser_of(name), 4, 4) == drawn(other, 4, 4)

    assert same("xavier", init.xavier_uniform())
    assert same("he", init.he_normal())
    assert same("torch", init.torch_default())
    assert same("zeros", init.constant(0.0))


# -- in layers ----------------------------------------------------------------------------


def biases_of(layer: Any) -> list[float]:
    found: list[float] = layer.state_dict()["bias"]
    return found


@pytest.mark.parametrize("name", sorted({*init.BY_NAME, "auto"} - {"torch"}))
def test_biases_start_at_0(name: str) -> None:
    layer = Layer(9, 4, init=name, activation="tanh", seed=0)

    assert biases_of(layer) == [0.0] * 4


def test_the_default_of_linear_is_torchs() -> None:
    layer = Linear(25, 200, seed=0)
    weights = [x for row in layer.state_dict()["weight"] for x in row]

    assert kolmogorov(weights, uniform_below(0.2)) < 1.95
    assert kolmogorov(biases_of(layer), uniform_below(0.2)) < 1.95
    assert weights == drawn(init.torch_default(), 25, 200)
    assert biases_of(Linear(0, 2)) == [0.0, 0.0]


def test_torch_draws_from_the_same_distribution() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    torch.manual_seed(0)
    theirs = torch.nn.Linear(300, 40)
    bound = 1 / math.sqrt(300)

    assert kolmogorov(theirs.weight.flatten().tolist(), uniform_below(bound)) < 1.95
    assert kolmogorov(drawn(init.torch_default(), 300, 40), uniform_below(bound)) < 1.95


def test_rows_of_an_embedding_are_normal() -> None:
    table = Embedding(200, 50, seed=0).state_dict()["weight"]

    assert kolmogorov([x for row in table for x in row], NormalDist().cdf) < 1.95


def test_one_stream_gives_every_layer_other_numbers() -> None:
    model = MLP(8, [8, 8, 8], init="he", seed=0)
    layers = [layer.state_dict()["weight"] for layer in model.layers]

    assert all(a != b for a, b in pairwise(layers))
    twin = MLP(8, [8, 8, 8], init="he", seed=0)
    assert twin.get_vector() == model.get_vector()
    other = MLP(8, [8, 8, 8], init="he", seed=1)
    assert other.get_vector() != model.get_vector()


@pytest.mark.parametrize(
    "made",
    [
        lambda seed: Neuron(3, seed=seed),
        lambda seed: Layer(3, 2, init="torch", seed=seed),
        lambda seed: MLP(3, [2, 2], seed=seed),
        lambda seed: Linear(3, 2, seed=seed),
        lambda seed: Embedding(3, 2, seed=seed),
        lambda seed: replace_head(MLP(3, [2, 2]), 4, seed=seed),
    ],
    ids=["Neuron", "Layer", "MLP", "Linear", "Embedding", "replace_head"],
)
def test_a_seed_is_a_number_or_a_generator(made: Callable[[Any], Module]) -> None:
    generator = random.Random(7)

    assert made(7).get_vector() == made(generator).get_vector()
    assert made(7).get_vector() != made(generator).get_vector()


def test_an_initialiser_may_be_used_again_and_goes_on() -> None:
    he, generator = init.he_normal(), random.Random(0)

    assert Linear(3, 3, init=he, seed=generator).get_vector() != (
        Linear(3, 3, init=he, seed=generator).get_vector()
    )


def test_without_a_seed_numbers_come_from_the_random_module() -> None:
    state = random.getstate()
    try:
        random.seed(5)
        found = Linear(3, 2).get_vector()
    finally:
        random.setstate(state)

    assert found == Linear(3, 2, seed=5).get_vector()


def test_uniform_numbers_are_those_of_the_random_module() -> None:
    generator = random.Random(0)

    assert drawn(init.uniform(-0.3, 0.7), 4, 2) == [
        generator.uniform(-0.3, 0.7) for _ in range(8)
    ]


def test_layers_of_an_mlp_go_by_their_own_activation_and_size() -> None:
    model = MLP(200, [50, 50], "relu", "tanh", init="auto", seed=0)
    spreads = [
        fmean(x * x for row in layer.state_dict()["weight"] for x in row)
        for layer in model.layers
    ]

    assert spreads == [
        # Five standard deviations of the variance of 10,000 normal, of 2,500 uniform numbers.
        pytest.approx(2 / 200, rel=0.071),
        pytest.approx(25 / 9 * 2 / 100, rel=0.09),
    ]


# -- why it matters -----------------------------------------------------------------------


def test_neurons_that_start_the_same_stay_the_same() -> None:
    model = MLP(2, [4, 1], "tanh", init=init.constant(0.3), seed=0)
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.5)
    for k in range(200):
        loss = (model([0.5 * (k % 2), -1.0]) - k % 2) ** 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    state = model.state_dict()

    assert state["layers.0.weight"][0] != [0.3, 0.3]
    assert all(row == state["layers.0.weight"][0] for row in state["layers.0.weight"])
    assert len(set(state["layers.0.bias"])) == len(set(state["layers.1.weight"][0])) == 1


def test_from_zero_only_the_last_bias_learns() -> None:
    model = MLP(2, [4, 1], "tanh", init="zeros")
    ((model([0.5, -1.0]) - 1.0) ** 2).backward()
    moving = [name for name, p in model.named_parameters() if p.grad != 0.0]

    assert moving == ["layers.1.bias[0]"]


# -- mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: Linear(2, 1, init="hee"), ValueError,
         ("there is no initialisation 'hee'; there are micrograd, torch, xavier, "
         "xavier_uniform, xavier_normal, he, he_uniform, he_normal, lecun, lecun_uniform, "
         "lecun_normal, orthogonal, normal, zeros, ones and auto")),
        (lambda: MLP(2, [1], init=untyped(0.1)), TypeError,
         ("init must be a name such as 'he', or what nn.init.he_normal() and the like return, "
         "got 0.1 (float)")),
        (lambda: init.gain("gelu"), ValueError,
         ("there is no gain for 'gelu' (str); there are linear, sigmoid, tanh, relu, selu and "
         "leaky_relu; give the gain as a number, such as 1.0")),
        (lambda: init.gain("leaky_relu", untyped("a")), NumberError,
         "slope must be one real number, got 'a' (str)"),
        (lambda: init.uniform(1.0, -1.0), ValueError,
         "uniform needs low <= high, got 1.0 and -1.0"),
        (lambda: init.uniform(0.0, math.inf), ValueError, "high must be finite, got inf"),
        (lambda: init.normal(std=-1.0), ValueError,
         "std must be at least 0 and finite, got -1.0"),
        (lambda: init.constant(math.nan), ValueError, "a constant must be finite, got nan"),
        (lambda: init.truncated_normal(std=0.0), ValueError,
         ("truncated_normal needs std > 0 and low < high, got std = 0.0, low = -2.0, "
          "high = 2.0")),
        (lambda: init.truncated_normal(low=1.0, high=1.0), ValueError,
         "truncated_normal needs std > 0 and low < high, got std = 1.0, low = 1.0, high = 1.0"),
        (lambda: init.truncated_normal(0.0, 1.0, 90.0, 91.0), ValueError,
         ("next to nothing of a normal distribution of mean 0.0 and std 1.0 lies between 90.0 "
         "and 91.0")),
        (lambda: init.xavier_normal(-1.0), ValueError,
         "gain must be at least 0 and finite, got -1.0"),
        (lambda: init.he_normal(fan=untyped("both")), ValueError,
         "fan must be 'in' or 'out', got 'both' (str)"),
        (lambda: Linear(2, 1, seed=untyped(7.5)), TypeError,
         "a seed must be a whole number or a random.Random, got 7.5 (float)"),
    ],
)  # fmt: skip
def test_mistakes_are_told(call: Any, error: type[Exception], text: str) -> None:
    assert message_of(error, call) == text
