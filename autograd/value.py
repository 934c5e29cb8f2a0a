"""Value: a number that remembers how it was computed.

A Value is either a *leaf*, with its own data and gradient, or a handle on one row of a reel.
Arithmetic records rows; `backward()` runs the reverse sweep. Everything micrograd's `Value`
has works here too. Knows no derivative and no order of sweeping.
"""

import operator
from collections.abc import Callable, KeysView, Sequence
from functools import partial
from numbers import Number
from typing import Any, Self

from autograd import ancestry, reverse
from autograd.appending import append_many
from autograd.errors import ConversionError, DomainError, NumberError, TapeError, shown
from autograd.listing import Listing
from autograd.numbers import real
from autograd.onlookers import tracings
from autograd.recorders import (
    generated,
    recorder,
    set_value_class,
)
from autograd.rows import CUSTOM, dependencies, snapshot, symbol
from autograd.tape import NEVER, VOID, Reel, births, here, keep_numbers_in

_NO_FLOAT = (
    "a Value does not turn into a plain number by itself, because its gradient would be lost: "
    'use v.data for the number, as in f"{v.data:.3f}" for "%.3f" % v, or autograd.sin(v) and '
    "the like for math.sin(v)"
)


# What a recorder is to type checkers, which read methods and operators off these.
Unary = Callable[["Value"], "Value"]
Binary = Callable[["Value", Any], "Value"]


def _unary(name: str) -> Unary:
    return recorder(name)


def _binary(name: str, kind: str = "record") -> Binary:
    return recorder(name, kind)


def _with_constant(name: str) -> "Callable[..., Value]":
    return recorder(name)


class Value:
    """One number on the tape.

    Args:
        data: the number; kept as a float.
        _children: the Values it was computed from, for learners who write their own operation.
        _op: the symbol of that operation, or, in the style of microgpt, the tuple of local
            derivatives with respect to the children.
        label: a name for listings, drawings and messages.
        local_grads: the local derivatives by keyword.

    Raises:
        NumberError: if data is not one real number.

    Example:
        >>> a, b = Value(2.0), Value(-3.0)
        >>> loss = a * b + a**2
        >>> loss.backward()
        >>> a.grad, b.grad
        (1.0, 2.0)
    """

    __slots__ = ("__dict__", "__weakref__", "_data", "_grad", "_reel", "_row")

    # The three slots the engine reads: data; the reel, None for a leaf; the row on it. For a
    # leaf the row is the last entry, (stamp of the reel, row there, data then).
    _data: float
    _reel: Reel | None
    _row: Any
    # A leaf's gradient; None until a backward pass gives one.
    _grad: float | None

    def __init__(
        self,
        data: Any,
        _children: "Sequence[Value]" = (),
        _op: str | Sequence[float] = "",
        label: str = "",
        *,
        children: "Sequence[Value]" = (),
        local_grads: Sequence[float] | None = None,
    ) -> None:
        if type(data) is not float:
            if isinstance(data, Value):
                raise NumberError(
                    f"Value needs one real number, got {shown(data)}; use v.detach() for a "
                    "copy that is a leaf"
                )
            data = real(data, "Value")
        self._data = data
        operands = _listed(_children) or _listed(children)
        if operands:
            self._become_row(operands, _op, local_grads)
        else:
            self.become_leaf()
        if label:
            self.label = label

    def _become_row(
        self,
        operands: "tuple[Value, ...]",
        op: str | Sequence[float],
        local_grads: Sequence[float] | None,
    ) -> None:
        """Record a learner's own operation, with local derivatives or a `_backward` to come."""
        for child in operands:
            if not isinstance(child, Value):
                raise NumberError(f"children must be Values, got {shown(child)}")
        name = op if isinstance(op, str) else ""
        partials = local_grads if isinstance(op, str) else op
        if partials is not None:
            partials = [real(d, "a local derivative") for d in partials]
            if len(partials) != len(operands):
                raise NumberError(
                    f"each child needs one local derivative, got {len(operands)} children "
                    f"and {len(partials)} derivatives"
                )
        self._reel, self._row = append_many(CUSTOM + name, self._data, operands, partials)

    def become_leaf(self) -> None:
        """Forget what computed this Value: it is a number with a gradient of its own."""
        self._reel = None
        self._row = NEVER
        self._grad = None

    def _home(self) -> Reel | None:
        """Return the reel this Value stands on, None for a leaf or a result of no_grad."""
        if self._reel is VOID:
            self.become_leaf()
            self.__dict__["_not_recorded"] = True
        return self._reel

    # -- what a Value is ------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number. Setting it never changes what was recorded before."""
        if tracings.running:
            keep_numbers_in("reads the data of a Value")
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        if tracings.running:
            keep_numbers_in("sets the data of a Value")
        self._data = number if type(number) is float else real(number, "data")

    @property
    def gradient(self) -> float | None:
        """The gradient of the last backward pass, None as long as there is none."""
        if tracings.running:
            keep_numbers_in("reads the gradient of a Value")
        return self._gradient()

    def _gradient(self) -> float | None:
        reel = self._home()
        return self._grad if reel is None else reel.adjoint(self._row)

    @property
    def grad(self) -> float:
        """The gradient, 0.0 as long as there is none.

        Leaves accumulate over backward passes; computed Values show the last pass alone.
        Setting a leaf's gradient to 0 or None clears it.
        """
        gradient = self.gradient
        return 0.0 if gradient is None else gradient

    @grad.setter
    def grad(self, number: Any) -> None:
        if tracings.running:
            keep_numbers_in("sets the gradient of a Value")
        gradient = 0.0 if number is None else real(number, "grad")
        reel = self._home()
        if reel is None:
            self._grad = gradient if gradient != 0.0 else None
        else:
            reel.reach(self._row)[self._row] = gradient

    def gain(self, gradient: float) -> None:
        """Add to the gradient of a leaf; the sweep calls it."""
        self._grad = gradient if self._grad is None else self._grad + gradient

    @property
    def label(self) -> str:
        """The name that listings, drawings and messages show."""
        reel = self._home()
        if reel is None:
            return str(self.__dict__.get("_label", ""))
        return reel.labels.get(self._row, "")

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise NumberError(f"a label is a text, got {shown(text)}; use str(...)")
        reel = self._home()
        if reel is None:
            self.__dict__["_label"] = text
        else:
            reel.labels[self._row] = text
            reel.handles.setdefault(self._row, self)

    # -- the graph ------------------------------------------------------------------------

    def backward(self, seed: float = 1.0) -> None:
        """Add d(self)/d(leaf) * seed to the gradient of every leaf this Value depends on.

        Works on tapes of any length and as often as you like: each call starts the gradients
        of computed Values afresh and adds to those of leaves.

        Raises:
            NumberError: if seed is not one real number.
            TapeError: if this Value was computed under `no_grad`.
        """
        if tracings.running:
            keep_numbers_in("calls backward()")
        seed = real(seed, "backward")
        if self._home() is None and "_not_recorded" in self.__dict__:
            raise TapeError(
                "this Value was computed under no_grad, so there is no tape to go back over; "
                "compute it outside no_grad, or call backward before detaching"
            )
        if self._reel is None:
            self.gain(seed)
        else:
            reverse.sweep(self._reel, self._row, seed)

    def detach(self) -> "Value":
        """Return a leaf with the same data, through which no gradient flows back."""
        if tracings.running and here.tracing is not None:
            return generated("stop_gradient", "record")(self)  # type: ignore[no-any-return]
        leaf = Value(self._data)
        leaf.__dict__["_born"] = next(births)
        return leaf

    @property
    def tape(self) -> Listing:
        """The rows this Value depends on, in the order they ran; it prints as a table."""
        reel = self._home()
        if reel is None:
            stray = Reel()
            stray.rows.append(("leaf", self._data))
            stray.entries[0] = self
            return Listing(snapshot([stray]))
        reels, needed = dependencies([self])
        return Listing(snapshot(reels, needed))

    @property
    def _children(self) -> "tuple[Value, ...]":
        """The operands in order, constants as Values; the same objects every time."""
        return ancestry.children(self)

    @property
    def _prev(self) -> "KeysView[Value]":
        """The distinct operands, as a set that keeps their order."""
        return dict.fromkeys(self._children).keys()

    @property
    def _op(self) -> str:
        """The symbol of the operation, "" for a leaf."""
        reel = self._home()
        return "" if reel is None else symbol(reel.rows[self._row])

    @property
    def _local_grads(self) -> tuple[float | None, ...]:
        """The local derivative for each child, None for a constant."""
        return ancestry.local_derivatives(self)

    @property
    def _backward(self) -> Callable[[], object]:
        """One step of the reverse sweep, to be called by hand: own gradient to operands."""
        return ancestry.own_step(self) or partial(ancestry.hand_down, self)

    @_backward.setter
    def _backward(self, function: Callable[[], object]) -> None:
        ancestry.set_step(self, function)

    # -- identity, order, conversion ------------------------------------------------------

    def __hash__(self) -> int:
        reel = self._home()
        if reel is None:
            return object.__hash__(self)
        reel.handles.setdefault(self._row, self)
        return hash((reel.stamp, self._row))

    def __eq__(self, other: object) -> bool:
        """Return whether both are the same Value; `==` never compares data."""
        if self is other:
            return True
        if isinstance(other, Value):
            reel = self._home()
            return reel is not None and reel is other._home() and bool(self._row == other._row)
        if isinstance(other, Number):
            raise _no_equality("==", other)
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        """Return whether both are different Values; `!=` never compares data."""
        if not isinstance(other, Value) and isinstance(other, Number):
            raise _no_equality("!=", other)
        same = self.__eq__(other)
        return same if same is NotImplemented else not same

    def _compare(self, other: Any, order: Callable[[float, float], bool]) -> bool:
        if tracings.running and here.tracing is not None:
            return _traced(order, self, other)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return order(self._data, other._data)
        if isinstance(other, Number):
            return order(self._data, real(other, "a comparison"))
        return NotImplemented  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> bool:
        return self._compare(other, operator.lt)

    def __le__(self, other: Any) -> bool:
        return self._compare(other, operator.le)

    def __gt__(self, other: Any) -> bool:
        return self._compare(other, operator.gt)

    def __ge__(self, other: Any) -> bool:
        return self._compare(other, operator.ge)

    def __bool__(self) -> bool:
        if tracings.running and here.tracing is not None:
            return bool(here.tracing.compared("ne", self, 0.0))
        return self._data != 0.0

    def __float__(self) -> float:
        raise ConversionError(f"float(v): {_NO_FLOAT}")

    def __int__(self) -> int:
        raise ConversionError(f"int(v): {_NO_FLOAT}")

    def __trunc__(self) -> int:
        raise ConversionError(f"math.trunc(v): {_NO_FLOAT}")

    def __round__(self, ndigits: int | None = None) -> "Value":
        if ndigits is not None:
            raise ConversionError(f"round(v, {ndigits}): use round(v.data, {ndigits})")
        return self.round()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle leaves; a computed Value cannot leave its tape behind."""
        if tracings.running:
            keep_numbers_in("copies or pickles a Value")
        if self._home() is not None:
            raise ConversionError(
                "only leaves can be copied or pickled; a computed Value belongs to its tape: "
                "use v.detach() for a leaf with the same data"
            )
        return _rebuild, (type(self), self._data, self._grad, self.__dict__)

    def __repr__(self) -> str:
        return f"Value(data={self._data!r}, grad={self._gradient() or 0.0!r})"

    def __format__(self, spec: str) -> str:
        """Format the data, so that f"{loss:.3f}" prints."""
        return format(self._data, spec) if spec else repr(self)

    # -- operations, from the table -------------------------------------------------------

    __add__ = _binary("add")
    __radd__ = _binary("add", "reflected")
    __sub__ = _binary("sub")
    __rsub__ = _binary("sub", "reflected")
    __mul__ = _binary("mul")
    __rmul__ = _binary("mul", "reflected")
    __truediv__ = _binary("div")
    __rtruediv__ = _binary("div", "reflected")
    __mod__ = _binary("mod")
    __rmod__ = _binary("mod", "reflected")
    __pow__ = _binary("pow")
    __rpow__ = _binary("pow", "reflected")
    __neg__ = _unary("neg")
    __abs__ = abs = _unary("abs")
    __floor__ = floor = _unary("floor")
    __ceil__ = ceil = _unary("ceil")
    round = _unary("round")
    sign = _unary("sign")
    exp = _unary("exp")
    expm1 = _unary("expm1")
    log = _unary("log")
    log1p = _unary("log1p")
    log2 = _unary("log2")
    log10 = _unary("log10")
    sqrt = _unary("sqrt")
    cbrt = _unary("cbrt")
    sin = _unary("sin")
    cos = _unary("cos")
    tan = _unary("tan")
    asin = arcsin = _unary("asin")
    acos = arccos = _unary("acos")
    atan = arctan = _unary("atan")
    sinh = _unary("sinh")
    cosh = _unary("cosh")
    tanh = _unary("tanh")
    asinh = arcsinh = _unary("asinh")
    acosh = arccosh = _unary("acosh")
    atanh = arctanh = _unary("atanh")
    erf = _unary("erf")
    erfc = _unary("erfc")
    sinc = _unary("sinc")
    sigmoid = _unary("sigmoid")
    log_sigmoid = _unary("log_sigmoid")
    softplus = _unary("softplus")
    relu = _unary("relu")
    leaky_relu = _with_constant("leaky_relu")
    elu = _with_constant("elu")
    selu = _unary("selu")
    gelu = _unary("gelu")
    silu = _unary("silu")
    softsign = _unary("softsign")
    minimum = _binary("minimum")
    maximum = _binary("maximum")
    hypot = _binary("hypot")
    arctan2 = atan2 = _binary("atan2")
    logaddexp = _binary("logaddexp")
    xlogy = _binary("xlogy")

    def __pos__(self) -> Self:
        return self

    def clamp(self, low: Any = None, high: Any = None) -> "Value":
        """Return this Value held between low and high; see `autograd.clamp`."""
        bounds = {"low": low, "high": high}
        given = {
            name: bound if isinstance(bound, Value) else real(bound, "clamp")
            for name, bound in bounds.items()
            if bound is not None
        }
        if len(given) == 2 and not given["low"] <= given["high"]:
            raise DomainError(f"clamp needs low <= high, got low = {low!r}, high = {high!r}")
        if any(isinstance(bound, Value) for bound in given.values()):
            out = self.maximum(given["low"]) if "low" in given else self
            return out.minimum(given["high"]) if "high" in given else out
        return generated("clamp", "record")(self, **given)  # type: ignore[no-any-return]


def _no_equality(written: str, number: object) -> ConversionError:
    return ConversionError(
        f"v {written} {number!r} is refused: == and != between Values ask whether they are the "
        "same Value; compare numbers with v.data, or order with < and >"
    )


def _traced(order: Callable[[float, float], bool], left: Value, right: Any) -> Any:
    """Return what stands for a comparison while a function is recorded to be compiled."""
    if not isinstance(right, Value):
        if not isinstance(right, Number):
            return NotImplemented
        right = real(right, "a comparison")
    assert here.tracing is not None, "somebody is recording"
    if order in (operator.gt, operator.ge):
        return here.tracing.compared("lt" if order is operator.gt else "le", right, left)
    return here.tracing.compared("lt" if order is operator.lt else "le", left, right)


def _listed(children: Any) -> tuple[Any, ...]:
    if not hasattr(children, "__iter__") or isinstance(children, str):
        hint = "; a label is given as label=..." if isinstance(children, str) else ""
        raise NumberError(f"children must be a tuple of Values, got {shown(children)}{hint}")
    return tuple(children)


def _rebuild(
    value_class: type[Value], data: float, grad: float | None, attributes: dict[str, Any]
) -> Value:
    value = value_class(data)
    value._grad = grad
    value.__dict__.update(attributes)
    return value


set_value_class(Value)
