"""Every mistake with neurons, losses and optimisers, and what it is told, word for word."""

from collections.abc import Callable
from dataclasses import dataclass

from autograd import LengthError, NumberError, Value
from nn import MLP, SGD, Adam, Layer, Neuron, cross_entropy
from tests.untyped import untyped


@dataclass(frozen=True)
class Mistake:
    """A call, the error it ends in and what that says."""

    call: Callable[..., object]
    error: type[Exception]
    text: str


ONE = Neuron(2)
NET = MLP(2, [3, 1])
W = Value(1.0)


MISTAKES = {
    "too many inputs": Mistake(
        lambda: NET([1.0, 2.0, 3.0]),
        LengthError,
        "ReLUNeuron(2) needs 2 inputs, one for each weight, got 3",
    ),
    "too few inputs": Mistake(
        lambda: ONE([1.0]),
        LengthError,
        "ReLUNeuron(2) needs 2 inputs, one for each weight, got 1",
    ),
    "one bare input for two": Mistake(
        lambda: NET(3.0),
        LengthError,
        "ReLUNeuron(2) needs 2 inputs, one for each weight, got 1",
    ),
    "text among inputs": Mistake(
        lambda: NET([1.0, "a"]),
        NumberError,
        "inputs must be numbers, but number 1 is 'a' (str)",
    ),
    "text as inputs": Mistake(
        lambda: NET("ab"),
        NumberError,
        "inputs must be numbers, but number 0 is 'ab' (str)",
    ),
    "nothing as inputs": Mistake(
        lambda: NET(None),
        NumberError,
        "inputs must be numbers, but number 0 is None (NoneType)",
    ),
    "a batch as inputs": Mistake(
        lambda: NET([[1, 2], [3, 4]]),
        NumberError,
        "inputs must be numbers, but number 0 is [1, 2] (list); give one sample at a time",
    ),
    "a set as inputs": Mistake(
        lambda: NET({1.0, 2.0}),
        NumberError,
        "inputs must be numbers, but number 0 is {1.0, 2.0} (set)",
    ),
    "a complex input": Mistake(
        lambda: NET([1j, 2.0]),
        NumberError,
        "inputs must be numbers, but number 0 is 1j (complex)",
    ),
    "text for a neuron": Mistake(
        lambda: ONE([1.0, "a"]),
        NumberError,
        "dot needs one real number, got 'a' (str); convert it with float(...)",
    ),
    "text for a chained neuron": Mistake(
        lambda: Neuron(2, fused=False)([1.0, "a"]),
        NumberError,
        "inputs must be numbers, but number 1 is 'a' (str)",
    ),
    "misspelt activation": Mistake(
        lambda: MLP(2, [1], "thanh"),
        ValueError,
        "there is no activation 'thanh'; there are relu, leaky_relu, elu, selu, gelu, silu, "
        "softplus, softsign, tanh, sigmoid, log_sigmoid, erf, atan, sin, cos, exp, abs, and "
        "linear for none; a function of one Value, such as autograd.asinh, will do too",
    ),
    "a number as activation": Mistake(
        lambda: Neuron(2, activation=untyped(3)),
        TypeError,
        "activation must be a name such as 'tanh', a function of one Value, or None, "
        "got 3 (int)",
    ),
    "a float as width": Mistake(
        lambda: Neuron(untyped(2.0)),
        TypeError,
        "nin must be a whole number, got 2.0 (float)",
    ),
    "negative width": Mistake(lambda: Neuron(-1), ValueError, "nin must be at least 0, got -1"),
    "no neurons": Mistake(lambda: Layer(2, 0), ValueError, "nout must be at least 1, got 0"),
    "a bool as width": Mistake(
        lambda: MLP(2, [True, 1]),
        TypeError,
        "nout must be a whole number, got True (bool)",
    ),
    "one width without a list": Mistake(
        lambda: MLP(2, untyped(16)),
        TypeError,
        "nouts must list the neurons of each layer, as in [16, 1], got 16 (int)",
    ),
    "no layers": Mistake(
        lambda: MLP(2, []),
        LengthError,
        "nouts must name at least one layer, as in [16, 1], got none",
    ),
    "a seed that is not whole": Mistake(
        lambda: MLP(2, [1], seed=untyped(7.5)),
        TypeError,
        "a seed must be a whole number or a random.Random, got 7.5 (float)",
    ),
    "no weights": Mistake(
        lambda: SGD([]),
        LengthError,
        "an optimiser needs at least one weight, got an empty list",
    ),
    "a model as weights": Mistake(
        lambda: Adam(untyped(Neuron(2))),
        TypeError,
        "an optimiser needs a list of weights, such as model.parameters(), "
        "got ReLUNeuron(2) (Neuron)",
    ),
    "one weight without a list": Mistake(
        lambda: SGD(untyped(W)),
        TypeError,
        "an optimiser needs a list of weights, such as model.parameters(), "
        "got Value(data=1.0, grad=0.0) (Value)",
    ),
    "a number as weight": Mistake(
        lambda: SGD([W, untyped(2.0)]),
        TypeError,
        "parameters must be Values, but number 1 is 2.0 (float)",
    ),
    "a computed weight": Mistake(
        lambda two=W * 2.0: SGD([W, two]),
        ValueError,
        "parameters must be leaves, but number 1, Value(data=2.0, grad=0.0) (Value), was "
        "computed from others; give the Values it was computed from",
    ),
    "a weight twice": Mistake(
        lambda: SGD([W, Value(2.0), W]),
        ValueError,
        "parameters must be different, but number 2 is number 0 again; "
        "list(dict.fromkeys(parameters)) leaves it out",
    ),
    "negative learning rate": Mistake(
        lambda: SGD([W], lr=-0.1), ValueError, "lr must be at least 0 and finite, got -0.1"
    ),
    "infinite learning rate": Mistake(
        lambda: Adam([W], lr=1e999), ValueError, "lr must be at least 0 and finite, got inf"
    ),
    "text as learning rate": Mistake(
        lambda: SGD([W], lr=untyped("fast")),
        NumberError,
        "lr must be one real number, got 'fast' (str)",
    ),
    "negative momentum": Mistake(
        lambda: SGD([W], momentum=-1),
        ValueError,
        "momentum must be at least 0 and finite, got -1.0",
    ),
    "momentum without a value": Mistake(
        lambda: SGD([W], momentum=float("nan")),
        ValueError,
        "momentum must be at least 0 and finite, got nan",
    ),
    "a beta of one": Mistake(
        lambda: Adam([W], betas=(0.9, 1.0)),
        ValueError,
        "betas[1] must be at least 0 and below 1, got 1.0",
    ),
    "another beta of one": Mistake(
        lambda: Adam([W], betas=(1.0, 0.9)),
        ValueError,
        "betas[0] must be at least 0 and below 1, got 1.0",
    ),
    "a negative beta": Mistake(
        lambda: Adam([W], betas=(0.9, -0.1)),
        ValueError,
        "betas[1] must be at least 0 and below 1, got -0.1",
    ),
    "a single beta": Mistake(
        lambda: Adam([W], betas=untyped(0.9)),
        ValueError,
        "betas must be two numbers, got 0.9 (float)",
    ),
    "three betas": Mistake(
        lambda: Adam([W], betas=untyped((0.9, 0.9, 0.9))),
        ValueError,
        "betas must be two numbers, got (0.9, 0.9, 0.9) (tuple)",
    ),
    "no eps": Mistake(
        lambda: Adam([W], eps=0.0),
        ValueError,
        "eps must be above 0: a gradient of 0 would be divided by it",
    ),
    "no logits": Mistake(
        lambda: cross_entropy([], 0),
        LengthError,
        "cross_entropy needs at least one logit, got none",
    ),
    "a sample without logits": Mistake(
        lambda: cross_entropy([[], []], [0, 0]),
        LengthError,
        "cross_entropy needs at least one logit of sample 0, got none",
    ),
    "a single logit without a list": Mistake(
        lambda: cross_entropy(W, 0),
        TypeError,
        "cross_entropy needs a list of logits, one for each class, "
        "got Value(data=1.0, grad=0.0) (Value); for a single logit, use bce_with_logits",
    ),
    "class too large": Mistake(
        lambda: cross_entropy([1.0, 2.0], 2),
        IndexError,
        "the target must be one of the 2 classes 0 to 1, got 2; a network needs one output "
        "for each class",
    ),
    "negative class": Mistake(
        lambda: cross_entropy([1.0, 2.0], -1),
        IndexError,
        "the target must be one of the 2 classes 0 to 1, got -1",
    ),
    "a bool as class": Mistake(
        lambda: cross_entropy([1.0, 2.0], True),
        TypeError,
        "the target must be the index of a class, a whole number, got True (bool)",
    ),
    "a float as class": Mistake(
        lambda: cross_entropy([1.0, 2.0], 1.0),
        TypeError,
        "the target must be the index of a class, a whole number, got 1.0 (float); use "
        "int(...)",
    ),
    "a Value as class": Mistake(
        lambda: cross_entropy([1.0, 2.0], W),
        TypeError,
        "the target must be the index of a class, a whole number, "
        "got Value(data=1.0, grad=0.0) (Value)",
    ),
    "several classes for one sample": Mistake(
        lambda: cross_entropy([1.0, 2.0], [0, 1]),
        TypeError,
        "the target must be the index of a class, a whole number, got [0, 1] (list); of a "
        "one-hot target, give the index of the 1",
    ),
    "one class for several samples": Mistake(
        lambda: cross_entropy([[1.0, 2.0]], 0),
        TypeError,
        "cross_entropy needs a list of targets, one for each sample of the batch, got 0 (int)",
    ),
    "more classes than samples": Mistake(
        lambda: cross_entropy([[W, 2.0]], [0, 1]),
        LengthError,
        "cross_entropy needs one target for each sample, got 1 samples and 2 targets",
    ),
    "a short sample": Mistake(
        lambda: cross_entropy([[W, 2.0], [1.0]], [0, 0]),
        LengthError,
        "cross_entropy needs as many logits for every sample, got 2 for sample 0 and 1 for "
        "sample 1",
    ),
    "a bare logit in a batch": Mistake(
        lambda: cross_entropy([[W, 2.0], 1.0], [0, 0]),
        LengthError,
        "cross_entropy needs as many logits for every sample, got 2 for sample 0 and 1 for "
        "sample 1",
    ),
    "class too large in a batch": Mistake(
        lambda: cross_entropy([[W, 2.0], [W, 2.0]], [0, 2]),
        IndexError,
        "the target of sample 1 must be one of the 2 classes 0 to 1, got 2; a network needs "
        "one output for each class",
    ),
    "text among logits": Mistake(
        lambda: cross_entropy([W, "a"], 0),
        NumberError,
        "the logits must be numbers, but number 1 is 'a' (str)",
    ),
    "text among logits of a batch": Mistake(
        lambda: cross_entropy([[W, 2.0], [W, "a"]], [0, 0]),
        NumberError,
        "the logits of sample 1 must be numbers, but number 1 is 'a' (str)",
    ),
}
