"""Module: anything that has weights, and how they are named, frozen, copied and carried over.

Knows nothing of what weights compute, and of no file.
"""

import copy
import math
from collections.abc import Callable, Iterable, Mapping

# State dicts hold nested lists of any depth.
from typing import Any, Literal, NoReturn, Self

from autograd import LengthError, Value, shown
from nn.checks import is_list, learnable, number
from nn.parameter import Parameter
from nn.state import LoadReport, Options, Plan, Rename, plan
from nn.summary import Summary, summary_of
from nn.tensors import tensors
from nn.tree import walk

# Which weights: all of them, those whose name begins so, or those for which this is true.
Which = str | Callable[[str, Value], bool] | None


class Module:
    """Something with weights: a neuron, a network, or whatever holds them in attributes.

    Weights are the leaves found in its attributes, in the order they were set, through other
    Modules, lists, tuples and dicts; a Value that was computed from others is none. They may
    be any Values, but only a `Parameter` can be frozen.

    Attributes:
        training: whether layers such as `Dropout` behave as in training; see `train`.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope, self.offset = Parameter(2.0), Parameter(1.0)
        ...
        ...     def __call__(self, x):
        ...         return self.slope * x + self.offset
        >>> line = Line()
        >>> line(3.0).data
        7.0
        >>> line.state_dict()
        {'slope': 2.0, 'offset': 1.0}
    """

    training: bool = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # Not for every module: what is not meant to be called should not look callable.
        if "forward" in vars(cls) and not any("__call__" in vars(kind) for kind in cls.__mro__):
            cls.__call__ = _refuse_forward  # type: ignore[method-assign]

    # -- finding and naming ---------------------------------------------------------------

    def parameters(self) -> list[Value]:
        """Return every weight once, also if it is used in several places."""
        return [value for _, value in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return (name, weight) for every weight; a shared one has the name found first.

        Example:
            >>> from nn import MLP
            >>> for name, _ in MLP(2, [1]).named_parameters():
            ...     print(name)
            layers.0.weight[0][0]
            layers.0.weight[0][1]
            layers.0.bias[0]
        """
        return [(at.name, at.thing) for at in walk(self) if isinstance(at.thing, Value)]

    def named_modules(self) -> list[tuple[str, "Module"]]:
        """Return (name, module) for this module, called "", and every one inside."""
        return [(at.name, at.thing) for at in walk(self) if isinstance(at.thing, Module)]

    def named_parts(self) -> Iterable[tuple[str, object]]:
        """Return what this module is made of, by name: its attributes.

        Override it to give weights better names, or to show weights kept elsewhere.
        """
        return vars(self).items()

    def name_parameters(self) -> Self:
        """Label every weight with its name, for listings, drawings and messages.

        Example:
            >>> from nn import MLP
            >>> MLP(2, [1]).name_parameters().parameters()[1].label
            'layers.0.weight[0][1]'
        """
        for name, weight in self.named_parameters():
            weight.label = name
        return self

    # -- counting -------------------------------------------------------------------------

    def num_parameters(self, *, trainable_only: bool = False) -> int:
        """Return the number of weights, a shared one counted once; or of those not frozen.

        Example:
            >>> from nn import MLP
            >>> MLP(2, [16, 16, 1]).num_parameters()
            337
        """
        weights = self.parameters()
        return sum(map(learnable, weights)) if trainable_only else len(weights)

    def multiply_adds(self) -> int | None:
        """Return how many products with weights one sample takes; None if it is not known.

        A module of your own that has weights may override it, for `summary()`.
        """
        return None

    def summary(self) -> Summary:
        """Return the table of the parts that have weights; print it."""
        return summary_of(self)

    # -- training -------------------------------------------------------------------------

    def zero_grad(self) -> None:
        """Clear the gradient of every weight: `backward()` adds to what is there."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - torch's signature
        """Let this module and all inside behave as in training; `train(False)` as in use."""
        for _, module in self.named_modules():
            module.switch_mode(mode=bool(mode))
        return self

    def switch_mode(self, *, mode: bool) -> None:
        """Switch this module alone; override it where modules are not among the parts."""
        self.training = mode

    def eval(self) -> Self:
        """Let this module and all inside behave as in use; gradients still flow."""
        return self.train(mode=False)

    def freeze(self, which: Which = None) -> Self:
        """Make weights keep their numbers: they get no gradient, and no optimiser moves them.

        Args:
            which: the beginning of their names, up to a dot or bracket, such as "layers.0";
                or a function of name and weight that says which; all if left out.

        Raises:
            ValueError: if no weight has such a name.
            TypeError: if one of them is a bare Value, which cannot be frozen.

        Example:
            >>> from nn import MLP
            >>> model = MLP(2, [16, 16, 1]).freeze("layers.0")
            >>> model.num_parameters(trainable_only=True)
            289
        """
        return self._set_learned(which, learned=False)

    def unfreeze(self, which: Which = None) -> Self:
        """Let weights be learned again; see `freeze`."""
        return self._set_learned(which, learned=True)

    def _set_learned(self, which: Which, *, learned: bool) -> Self:
        chosen: list[Parameter] = []
        for name, weight in self.selected(which):
            if not isinstance(weight, Parameter):
                raise TypeError(
                    f"{name} is a bare Value, which is always learned; make it an nn.Parameter"
                )
            chosen.append(weight)
        for parameter in chosen:
            parameter.requires_grad = learned
        return self

    def selected(self, which: Which = None) -> list[tuple[str, Value]]:
        """Return (name, weight) for some of the weights; see `freeze`.

        Raises:
            ValueError: if a text is given and no name begins so.

        Example:
            >>> from nn import MLP
            >>> len(MLP(2, [16, 16, 1]).selected("layers.1.bias"))
            16
        """
        named = self.named_parameters()
        if which is None:
            return named
        if callable(which):
            return [(name, weight) for name, weight in named if which(name, weight)]
        if not isinstance(which, str):
            raise TypeError(
                f"weights are chosen by the beginning of their names or by a function, got "
                f"{shown(which)}"
            )
        ends = (which, f"{which}.", f"{which}[")
        found = [(name, w) for name, w in named if name == which or name.startswith(ends[1:])]
        if not found:
            parts = ", ".join(tensors(named)) or "none"
            raise ValueError(f"no weight is called {which!r}; there are {parts}")
        return found

    # -- copying and carrying over --------------------------------------------------------

    def clone(self) -> Self:
        """Return a copy that shares nothing with this one; its gradients are clear."""
        twin = copy.deepcopy(self)
        twin.zero_grad()
        return twin

    def get_vector(self) -> list[float]:
        """Return all weights as one list, in the order of `parameters()`."""
        return [weight.data for weight in self.parameters()]

    def set_vector(self, vector: Iterable[Any]) -> None:
        """Set all weights, frozen ones too, from one list in the order of `parameters()`.

        Raises:
            LengthError: if there is not one number for each weight.
            ValueError: if one is nan or infinite. Nothing has changed then.
        """
        if not is_list(vector):
            raise TypeError(f"a vector must be a list of numbers, got {shown(vector)}")
        found = [number(x, "a weight") for x in vector]
        weights = self.parameters()
        if len(found) != len(weights):
            raise LengthError(
                f"set_vector needs one number for each of {len(weights)} weights, "
                f"got {len(found)}"
            )
        for k, x in enumerate(found):
            if not math.isfinite(x):
                raise ValueError(f"weights must be finite, but number {k} is {x!r}")
        for weight, x in zip(weights, found, strict=True):
            weight.data = x

    def state_dict(self) -> dict[str, Any]:
        """Return the weights as nested lists by the names of tensors.

        Example:
            >>> from nn import Linear
            >>> Linear(2, 1, init="ones", seed=0).state_dict()
            {'weight': [[1.0, 1.0]], 'bias': [0.0]}
        """
        named = tensors(self.named_parameters())
        return {name: tensor.numbers() for name, tensor in named.items()}

    def load_state_dict(
        self,
        state: Mapping[str, Any],
        *,
        strict: bool = True,
        on_mismatch: Literal["error", "skip"] = "error",
        prefix: str = "",
        rename: Rename | None = None,
        finite: bool = True,
    ) -> LoadReport:
        """Set the weights from a state dict, all of them or none, and say what was set.

        Args:
            state: nested lists by name, as `state_dict()` gives them, or tensors of torch, or
                arrays; frozen weights are set like others.
            strict: whether names that are missing or unexpected are an error.
            on_mismatch: "skip" leaves tensors of another shape as they are.
            prefix: take only names that begin so, without that beginning.
            rename: new names by old ones as they stand in `state`; or a function from the
                name without the prefix to the new one.
            finite: whether nan and infinity are an error.

        Raises:
            StateError: if the weights do not fit; nothing has changed then.
        """
        how = Options(
            strict=strict, on_mismatch=on_mismatch, prefix=prefix, rename=rename, finite=finite
        )
        return self.plan_to_load(state, how).carry_out()

    def plan_to_load(self, state: Mapping[str, Any], how: Options | None = None) -> Plan:
        """Return what `load_state_dict` would do, checked, to be carried out later."""
        return plan(self.named_parameters(), state, how or Options())


def _refuse_forward(module: Module, *_args: object, **_options: object) -> NoReturn:
    raise TypeError(
        f"{type(module).__name__} cannot be called: define __call__, not forward as in torch"
    )
