"""State dicts: names and shapes, all or nothing, and what is said about it."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import LengthError, NumberError, Value
from nn import MLP, Embedding, LayerNorm, Linear, Module, Parameter, Sequential, StateError
from nn.tensors import flattened, nested
from tests.untyped import untyped


class Holder(Module):
    """A module with whatever attributes it is given."""

    def __init__(self, **attributes: object) -> None:
        vars(self).update(attributes)


def network() -> MLP:
    return MLP(2, [3, 1], "tanh", seed=0)


# -- names and shapes ---------------------------------------------------------------------


def test_weights_stand_under_the_names_of_tensors() -> None:
    model = network()
    state = model.state_dict()
    first, second = model.layers

    assert list(state) == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]
    assert state["layers.0.weight"] == [[w.data for w in n.w] for n in first.neurons]
    assert state["layers.0.bias"] == [n.b.data for n in first.neurons]
    assert state["layers.1.weight"] == [[w.data for w in second.neurons[0].w]]


def test_single_names_belong_to_the_places_in_tensors() -> None:
    model = network()
    named, state = dict(model.named_parameters()), model.state_dict()

    assert named["layers.0.weight[2][1]"].data == state["layers.0.weight"][2][1]


def test_names_of_a_sequential_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="compares names with torch's")
    ours = Sequential(Linear(2, 3), "tanh", LayerNorm(3), Linear(3, 2, bias=False))
    theirs = torch.nn.Sequential(
        torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.LayerNorm(3),
        torch.nn.Linear(3, 2, bias=False),
    )  # fmt: skip
    shapes = {name: list(tensor.shape) for name, tensor in theirs.state_dict().items()}

    assert {name: list(flattened(x, name)[0]) for name, x in ours.state_dict().items()} == (
        shapes
    )
    assert list(ours.state_dict()) == list(shapes)


def test_weights_of_ones_own_modules_are_gathered_or_stay_single() -> None:
    a, b, c, d, e = (Parameter(x) for x in range(5))
    holder = Holder(alone=a, ragged=[[b], [c, d]], gap=[a, e], rows={"one": [Value(9.0)]})

    assert holder.state_dict() == {
        "alone": 0.0,
        "ragged[0][0]": 1.0,
        "ragged[1][0]": 2.0,
        "ragged[1][1]": 3.0,
        # The other one is shared and stands above.
        "gap[1]": 4.0,
        "rows.one": [9.0],
    }
    assert holder.load_state_dict(holder.state_dict()).loaded == tuple(holder.state_dict())


def test_two_weights_of_one_name_are_refused() -> None:
    holder = Holder(x=[Value(1.0)], rest={})
    vars(holder)["x[0]"] = Value(2.0)
    with pytest.raises(ValueError, match=r"two different weights are called 'x\[0\]'"):
        holder.state_dict()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 3), max_size=4))
def test_nested_lists_come_back_with_their_shape(sizes: list[int]) -> None:
    # Nothing stands inside an empty list, so nothing says how it would be divided.
    shape = tuple(sizes[: sizes.index(0) + 1] if 0 in sizes else sizes)
    flat = [float(k) for k in range(math.prod(shape))]
    got = flattened(nested(flat, shape), "w")
    empty = next((k for k, size in enumerate(shape) if not size), len(shape))

    assert got == (shape[: empty + 1], flat)


def test_an_empty_axis_in_the_middle_keeps_the_lists_around_it() -> None:
    assert nested([], (2, 0, 3)) == [[], []]
    assert nested([], (0, 2)) == []


# -- all or nothing -----------------------------------------------------------------------


def test_a_state_dict_goes_over_to_a_twin_bit_by_bit() -> None:
    model, twin = network(), MLP(2, [3, 1], "tanh", seed=1)
    report = twin.load_state_dict(model.state_dict())

    assert report.loaded == tuple(model.state_dict())
    assert (report.missing, report.unexpected, report.mismatched) == ((), (), ())
    assert twin.get_vector() == model.get_vector()
    assert twin([0.5, 2.0]).data == model([0.5, 2.0]).data


GOOD = {
    "layers.0.weight": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
    "layers.0.bias": [1.0, 2.0, 3.0],
    "layers.1.weight": [[1.0, 2.0, 3.0]],
    "layers.1.bias": [0.5],
}


def without(*names: str) -> dict[str, Any]:
    return {name: x for name, x in GOOD.items() if name not in names}


BAD: dict[str, tuple[Any, str]] = {
    "one is missing": (without("layers.1.bias"), "missing: layers.1.bias"),
    "one is too many": (GOOD | {"head": 1.0}, "unexpected: head"),
    "one is wider": (
        GOOD | {"layers.1.weight": [[1.0, 2.0]]},
        "of another shape: layers.1.weight: 1 x 3 here, 1 x 2 there",
    ),
    "one has another depth": (
        GOOD | {"layers.1.bias": 0.5},
        "of another shape: layers.1.bias: 1 here, one number there",
    ),
    "everything at once": (
        without("layers.0.bias") | {"head": [1.0], "layers.1.bias": [1.0, 2.0]},
        "missing: layers.0.bias; unexpected: head; of another shape: layers.1.bias",
    ),
    "ragged rows": (
        GOOD | {"layers.0.weight": [[1.0, 2.0], [3.0], [5.0, 6.0]]},
        (
            "layers.0.weight must be lists of the same length at each level, but one has 2 "
            "parts and another is [3.0] (list)"
        ),
    ),
    "a number among rows": (
        GOOD | {"layers.0.weight": [[1.0, 2.0], 3.0, [5.0, 6.0]]},
        "but one has 2 parts and another is 3.0 (float)",
    ),
    "a text": (
        GOOD | {"layers.1.bias": ["a"]},
        "layers.1.bias must be made of numbers, but one is 'a' (str)",
    ),
    "a bool": (GOOD | {"layers.1.bias": [True]}, "but one is True (bool)"),
    "None": (GOOD | {"layers.1.bias": None}, "but one is None (NoneType)"),
    "a whole number too large": (GOOD | {"layers.1.bias": [10**400]}, "is too large"),
    "nan": (GOOD | {"layers.1.bias": [math.nan]}, "layers.1.bias holds nan; load it with"),
    "infinity": (GOOD | {"layers.1.bias": [-math.inf]}, "layers.1.bias holds -inf"),
    "a name that is no text": (GOOD | {untyped(3): [1.0]}, "names of weights must be texts"),
    "no dict": ([("layers.0.bias", 1.0)], "a state dict must be a dict"),
    "very deep lists": (
        GOOD | {"layers.1.bias": [[[[[[[[[[[[[[[[[1.0]]]]]]]]]]]]]]]]]},
        "layers.1.bias is nested more than 16 lists deep",
    ),
}


@pytest.mark.parametrize(("state", "text"), BAD.values(), ids=BAD)
def test_what_does_not_fit_changes_nothing(state: Any, text: str) -> None:
    model = network()
    before = model.get_vector()
    with pytest.raises((StateError, TypeError)) as caught:
        model.load_state_dict(state)

    assert text in str(caught.value)
    assert model.get_vector() == before


def test_errors_are_value_errors() -> None:
    assert issubclass(StateError, ValueError)


def test_many_names_are_cut_short() -> None:
    model = Sequential(*(Linear(1, 1) for _ in range(10)))
    with pytest.raises(StateError, match=r"missing: 0\.bias, .*3\.weight and 13 more;"):
        model.load_state_dict({"0.weight": [[1.0]]})


def test_part_of_the_names_is_loaded_on_request() -> None:
    model = network()
    before = model.state_dict()
    report = model.load_state_dict(
        without("layers.1.weight", "layers.1.bias") | {"head": [1.0]}, strict=False
    )

    assert report.loaded == ("layers.0.weight", "layers.0.bias")
    assert report.missing == ("layers.1.weight", "layers.1.bias")
    assert report.unexpected == ("head",)
    assert model.state_dict() == {**before, **without("layers.1.weight", "layers.1.bias")}


def test_other_shapes_are_skipped_on_request_only() -> None:
    model, wider = network(), MLP(2, [3, 5], seed=1)
    before = model.state_dict()
    with pytest.raises(StateError):
        model.load_state_dict(wider.state_dict(), strict=False)
    assert model.state_dict() == before
    report = model.load_state_dict(wider.state_dict(), on_mismatch="skip")

    assert [each.name for each in report.mismatched] == ["layers.1.weight", "layers.1.bias"]
    assert (report.mismatched[0].expected, report.mismatched[0].got) == ((1, 3), (5, 3))
    assert model.state_dict()["layers.0.weight"] == wider.state_dict()["layers.0.weight"]
    assert model.state_dict()["layers.1.weight"] == before["layers.1.weight"]
    assert str(report).splitlines() == [
        "loaded      layers.0.weight",
        "loaded      layers.0.bias",
        "mismatched  layers.1.weight: 1 x 3 here, 5 x 3 there",
        "mismatched  layers.1.bias: 1 here, 5 there",
    ]
    with pytest.raises(ValueError, match="on_mismatch must be 'error' or 'skip', got 'no'"):
        model.load_state_dict(GOOD, on_mismatch=untyped("no"))


def test_nothing_that_fits_is_an_error_even_if_not_strict() -> None:
    with pytest.raises(StateError, match="none of the given weights fits: the network has "):
        network().load_state_dict({"fc.weight": [[1.0]]}, strict=False)


def test_a_prefix_is_taken_off_and_the_others_are_left_alone() -> None:
    model = network()
    state = {f"encoder.{name}": x for name, x in GOOD.items()} | {"decoder.bias": [1.0]}
    report = model.load_state_dict(state, prefix="encoder.")

    assert model.state_dict() == GOOD
    assert report.unexpected == ()


@pytest.mark.parametrize(
    "rename",
    [
        {"fc1.weight": "layers.0.weight", "fc1.bias": "layers.0.bias"},
        lambda name: name.replace("fc1", "layers.0"),
    ],
    ids=["by a dict", "by a function"],
)
def test_names_are_changed(rename: dict[str, str] | Callable[[str], str]) -> None:
    model = network()
    state = {name.replace("layers.0", "fc1"): x for name, x in GOOD.items()}
    model.load_state_dict(state, rename=rename)

    assert model.state_dict() == GOOD


def test_renaming_what_is_not_there_or_onto_another_is_an_error() -> None:
    model = network()
    before = model.get_vector()
    with pytest.raises(StateError, match="there is no 'fc' to rename; there is layers"):
        model.load_state_dict(GOOD, rename={"fc": "layers.0.weight"})
    with pytest.raises(StateError, match="two of the given weights would be called 'x'"):
        model.load_state_dict(GOOD, rename=lambda _: "x")

    assert model.get_vector() == before


def test_nan_is_loaded_when_told_so() -> None:
    model = network()
    model.load_state_dict(GOOD | {"layers.1.bias": [math.nan]}, finite=False)

    assert math.isnan(model.layers[1].neurons[0].b.data)


def test_frozen_weights_are_loaded_and_stay_frozen() -> None:
    model = network().freeze()
    model.load_state_dict(GOOD)

    assert model.state_dict() == GOOD
    assert model.num_parameters(trainable_only=True) == 0


def test_arrays_and_tensors_are_taken() -> None:
    np = pytest.importorskip("numpy", reason="arrays as weights")
    model = network()
    model.load_state_dict({name: np.array(x, dtype="float32") for name, x in GOOD.items()})

    assert model.state_dict() == GOOD


def test_a_tensor_without_numbers_is_not_unexpected() -> None:
    layer = Linear(0, 2)
    report = layer.load_state_dict({"weight": [[], []], "bias": [1.0, 2.0]})

    assert report.loaded == ("bias",)
    assert report.unexpected == ()


# -- vectors and copies -------------------------------------------------------------------


def test_a_vector_holds_all_weights_in_order() -> None:
    model = network()
    vector = model.get_vector()
    assert vector == [p.data for p in model.parameters()]
    model.set_vector([x + 1 for x in vector])

    assert model.get_vector() == [x + 1 for x in vector]


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (lambda v: v[:-1], LengthError, "one number for each of 13 weights, got 12"),
        (lambda v: [*v, 1.0], LengthError, "got 14"),
        (lambda v: [*v[:-1], math.nan], ValueError, "must be finite, but number 12 is nan"),
        (lambda v: [*v[:-1], "a"], NumberError, "a weight must be one real number, got 'a'"),
        (lambda v: 3.0, TypeError, "a vector must be a list of numbers, got 3.0"),
    ],
)
def test_a_vector_that_does_not_fit_changes_nothing(
    change: Callable[[list[float]], Any], error: type[Exception], text: str
) -> None:
    model = network()
    before = model.get_vector()
    with pytest.raises(error, match=text):
        model.set_vector(change(before))

    assert model.get_vector() == before


def test_a_clone_shares_nothing_and_has_no_gradients() -> None:
    model = network().freeze("layers.0.bias")
    model([1.0, 2.0]).backward()
    twin = model.clone()
    assert twin.get_vector() == model.get_vector()
    assert all(p.gradient is None for p in twin.parameters())
    assert twin.num_parameters(trainable_only=True) == 10
    twin.set_vector([0.0] * 13)
    twin([1.0, 2.0]).backward()

    assert model.get_vector() != twin.get_vector()
    assert model.layers[1].neurons[0].b.grad == 1.0


def test_permuting_hidden_neurons_leaves_the_function_as_it_is() -> None:
    model = network()
    state = model.state_dict()
    order = [2, 0, 1]
    state["layers.0.weight"] = [state["layers.0.weight"][k] for k in order]
    state["layers.0.bias"] = [state["layers.0.bias"][k] for k in order]
    state["layers.1.weight"] = [[state["layers.1.weight"][0][k] for k in order]]
    twin = model.clone()
    twin.load_state_dict(state)

    assert twin.get_vector() != model.get_vector()
    assert twin([0.3, -2.0]).data == pytest.approx(model([0.3, -2.0]).data, rel=1e-14)


def test_embeddings_have_a_row_for_each_class() -> None:
    state = Embedding(3, 2, init="zeros").state_dict()

    assert state == {"weight": [[0.0, 0.0]] * 3}
