"""Parameter: a number that is learned.

A Value that belongs to a network: it may be frozen, and it does not become nan or infinite
unless somebody says so. Knows no network and no optimiser.
"""

import math

# Whatever callers give is looked at here.
from typing import Any, cast

from autograd import Value
from nn.checks import number

# What a copy needs to know: data, gradient, whether it is learned, further attributes.
_State = tuple[float, float | None, bool, dict[str, Any]]


# What a Value does when its number or gradient is read or set; it may be a matter of whether a
# function is being compiled.
_DATA: Any = vars(Value)["data"]
_GRAD: Any = vars(Value)["grad"]


class Parameter(Value):
    """One weight: a leaf of the tape that training moves.

    Args:
        data: the number to start from.
        name: its label in listings, drawings and messages; `Module.name_parameters` sets
            it to the place in the network, `layers.0.weight[2][1]`.
        requires_grad: whether it is learned. A frozen one, False, is used like any number,
            but gets no gradient, so no optimiser moves it.

    Raises:
        NumberError: if data is not one real number.
        ValueError: if data is nan or infinite; see `assign`.

    Example:
        >>> w = Parameter(3.0, name="w")
        >>> (w * w).backward()
        >>> w
        Parameter(data=3.0, grad=6.0)
        >>> w.requires_grad = False
        >>> (w * w).backward()
        >>> w
        Parameter(data=3.0, frozen)
    """

    __slots__ = ("_learned",)

    _learned: bool

    def __init__(self, data: Any, name: str = "", *, requires_grad: bool = True) -> None:
        super().__init__(0.0, label=name)
        self.assign(data)
        self._learned = bool(requires_grad)

    def assign(self, data: Any, *, finite: bool = True) -> None:
        """Set the number; with `finite=False` also to nan or infinity.

        Raises:
            NumberError: if it is not one real number.
            ValueError: if it has to be finite and is not.
        """
        if type(data) is not float:
            data = number(data, self.name or "a weight")
        if finite and not math.isfinite(data):
            raise ValueError(
                f"{self.name or 'a weight'} would become {data!r}: look at the gradient and "
                "the learning rate; assign(number, finite=False) sets it all the same"
            )
        _DATA.fset(self, data)

    def _set_data(self, data: Any) -> None:
        # The common case by itself: training sets every weight in every step.
        if type(data) is float and math.isfinite(data):
            _DATA.fset(self, data)
        else:
            self.assign(data)

    data = cast("Any", property(_DATA.fget, _set_data))

    @property
    def name(self) -> str:
        """The label: where the weight stands in its network, if it was told."""
        return self.label

    @name.setter
    def name(self, name: str) -> None:
        self.label = name

    @property
    def requires_grad(self) -> bool:
        """Whether the weight is learned. Setting it to False clears the gradient."""
        return self._learned

    @requires_grad.setter
    def requires_grad(self, learned: bool) -> None:
        self._learned = bool(learned)
        if not learned:
            self._grad = None

    def _set_grad(self, gradient: Any) -> None:
        _GRAD.fset(self, gradient)
        if not self._learned:
            # Quietly, as an operation of one's own may add to it in the middle of a sweep.
            self._grad = None

    grad = cast("Any", property(_GRAD.fget, _set_grad))

    def gain(self, gradient: float) -> None:
        """Add to the gradient; the sweep calls it."""
        if self._learned:
            self._grad = gradient if self._grad is None else self._grad + gradient

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle with the gradient and whether it is learned."""
        return _blank, (type(self),), (self._data, self._grad, self._learned, vars(self))

    def __setstate__(self, state: _State) -> None:
        self._data, self._grad, self._learned, attributes = state
        vars(self).update(attributes)

    def __repr__(self) -> str:
        end = f"grad={self.grad!r}" if self._learned else "frozen"
        return f"{type(self).__name__}(data={self._data!r}, {end})"


def _blank(kind: type[Parameter]) -> Parameter:
    """Return a weight whose state is yet to be set."""
    parameter = kind.__new__(kind)
    parameter.become_leaf()
    return parameter
