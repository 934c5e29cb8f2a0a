"""Carrying weights over: to another task, and to and from torch.

Knows how heads are exchanged and how names correspond. What fits is decided in `state`.
"""

import re
from collections.abc import Mapping

# State dicts hold nested lists of any depth, or tensors.
from typing import Any

from autograd import shown
from nn.initialiser import Initialiser
from nn.layers import MLP, Layer
from nn.module import Module
from nn.randomness import Seed
from nn.sequential import Sequential
from nn.state import LoadReport
from nn.tables import Linear


def replace_head(
    model: MLP | Sequential,
    nout: int,
    *,
    init: str | Initialiser = "torch",
    seed: Seed | None = None,
) -> Layer | Linear:
    """Put a fresh last layer into a network, for a new task, and return it.

    What comes before keeps its weights, and so does what follows without weights.

    Args:
        model: the network; it is changed.
        nout: how many outputs it shall have.
        init: how the new weights start; see `Layer`.
        seed: a number or a random.Random, for them; without one, they are drawn from the
            `random` module.

    Example:
        >>> from nn import MLP
        >>> model = MLP(64, [16, 5], "tanh").freeze()
        >>> head = replace_head(model, 3)
        >>> model.num_parameters(), model.num_parameters(trainable_only=True)
        (1091, 51)
    """
    if not isinstance(model, (MLP, Sequential)):
        raise TypeError(f"replace_head needs an MLP or a Sequential, got {shown(model)}")
    parts: list[Any] = model.layers if isinstance(model, MLP) else model.parts
    for place in reversed(range(len(parts))):
        part = parts[place]
        if isinstance(part, (MLP, Sequential)):
            return replace_head(part, nout, init=init, seed=seed)
        if isinstance(part, (Layer, Linear)):
            parts[place] = head = _like(part, nout, init, seed)
            return head
        if isinstance(part, Module) and part.parameters():
            break
    raise ValueError(f"{model!r} does not end in a Layer or Linear")


def _like(old: Any, nout: int, init: str | Initialiser, seed: Seed | None) -> Layer | Linear:
    """Return a layer as the old one was, with other weights and so many outputs."""
    new: Layer | Linear
    if isinstance(old, Linear):
        bias = old.bias is not None
        new = Linear(old.nin, nout, bias=bias, init=init, seed=seed)
    else:
        neuron = old.neurons[0]
        new = Layer(
            len(neuron.w),
            nout,
            init=init,
            seed=seed,
            nonlin=neuron.nonlin,
            activation=neuron.activation,
            bias=neuron.b is not None,
            fused=neuron.fused,
        )
    return new.train(old.training)


def torch_state_dict(model: Module) -> dict[str, Any]:
    """Return the weights as nested lists, under the names that torch has for them.

    Those of an MLP are those of a `torch.nn.Sequential` of linear layers and activations,
    each of which counts as one part; other networks have torch's names anyway.

    Example:
        >>> list(torch_state_dict(MLP(2, [8, 1], "tanh")))
        ['0.weight', '0.bias', '2.weight', '2.bias']
    """
    state = model.state_dict()
    if not isinstance(model, MLP):
        return state
    places: dict[str, str] = {}
    place = 0
    for k, layer in enumerate(model.layers):
        places[f"layers.{k}"] = str(place)
        place += 1 + layer.neurons[0].nonlin
    return {
        f"{places[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": numbers
        for name, numbers in state.items()
    }


def load_torch_state_dict(model: Module, state: Any) -> LoadReport:
    """Set the weights from a `state_dict()` of torch, all of them or none.

    Where names differ from ours, as `fc1.weight` does from `layers.0.weight`, layers
    correspond in their order.

    Raises:
        StateError: if the weights do not fit; nothing has changed then.
    """
    own = [name for name, numbers in model.state_dict().items() if numbers != []]
    if not isinstance(state, Mapping) or set(own) == set(state):
        return model.load_state_dict(state)
    theirs, ours = _layers(state), _layers(own)
    new = dict(zip(theirs, ours, strict=False))
    rename = {}
    for name in state:
        layer, dot, last = str(name).rpartition(".")
        rename[name] = f"{new.get(layer, layer)}{dot}{last}"
    return model.load_state_dict(state, rename=rename)


def _layers(names: Any) -> list[str]:
    """Return what stands before `.weight` and `.bias` in names, once each, in order."""
    found = [re.fullmatch(r"(.*)\.(weight|bias)", str(name)) for name in names]
    return list(dict.fromkeys(match[1] for match in found if match is not None))
