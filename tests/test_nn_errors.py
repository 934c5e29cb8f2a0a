"""Every mistake with neurons, losses and optimisers is told what is wrong."""

from typing import Any

import pytest

from autograd import LengthError, NumberError, Tape
from nn import Layer, cross_entropy
from tests.nn_mistakes import MISTAKES, NET, Mistake


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_and_leaves_the_tape_as_it_was(mistake: Mistake) -> None:
    with Tape() as tape, pytest.raises(mistake.error) as caught:
        mistake.call()

    assert str(caught.value) == mistake.text
    assert len(tape) == 0


def test_errors_are_those_of_plain_python() -> None:
    assert issubclass(LengthError, ValueError)
    assert issubclass(NumberError, TypeError)


def test_an_array_as_class_is_refused() -> None:
    np = pytest.importorskip("numpy", reason="arrays of NumPy as classes")
    with pytest.raises(TypeError) as caught:
        cross_entropy([1.0, 2.0], np.array([1, 0]))

    assert str(caught.value) == (
        "the target must be the index of a class, a whole number, got array([1, 0]) "
        "(ndarray); of a one-hot target, give the index of the 1"
    )


def test_an_array_without_dimensions_is_no_list() -> None:
    np = pytest.importorskip("numpy", reason="arrays of NumPy as inputs")
    with pytest.raises(NumberError) as caught:
        NET([np.array(1.0), 2.0])

    assert str(caught.value) == "inputs must be numbers, but number 0 is array(1.) (ndarray)"


def test_a_misspelt_option_is_an_error() -> None:
    options: Any = {"activaton": "tanh"}
    with pytest.raises(TypeError, match="unexpected keyword argument 'activaton'"):
        Layer(2, 3, **options)
