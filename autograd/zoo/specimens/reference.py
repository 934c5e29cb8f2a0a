"""The textbook engine of the zoo: small, without a mistake, and in the style of a lesson.

Every other engine of the zoo is this one with a method or two replaced. Operations keep what
their derivatives need in a closure; `backward` walks the graph in topological order. Knows
nothing of the tape that the rest of `autograd` is built on.
"""

import math
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


def no_step() -> None:
    """Pass nothing on: the backward step of a number that was not computed."""


class Value:
    """A number, its gradient, and how it was computed.

    >>> x = Value(3.0)
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> x.grad
    8.0
    """

    def __init__(self, data: float, operands: "tuple[Value, ...]" = ()) -> None:
        self.data = data
        self.grad = 0.0
        self._prev = operands
        self._backward: Callable[[], None] = no_step

    def lift(self, number: "Value | float") -> "Value":
        """Return a plain number as a Value, and a Value as it is."""
        return number if isinstance(number, Value) else type(self)(number)

    def __add__(self, other: "Value | float") -> Self:
        other = self.lift(other)
        out = type(self)(self.data + other.data, (self, other))

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: "Value | float") -> Self:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            self.grad += y * out.grad
            other.grad += x * out.grad

        out._backward = _backward
        return out

    def __pow__(self, n: float) -> Self:
        x = self.data
        out = type(self)(x**n, (self,))

        def _backward() -> None:
            self.grad += n * x ** (n - 1) * out.grad

        out._backward = _backward
        return out

    def exp(self) -> Self:
        """Return e to the power of this."""
        y = math.exp(self.data)
        out = type(self)(y, (self,))

        def _backward() -> None:
            self.grad += y * out.grad

        out._backward = _backward
        return out

    def log(self) -> Self:
        """Return the natural logarithm of this."""
        x = self.data
        out = type(self)(math.log(x), (self,))

        def _backward() -> None:
            self.grad += 1 / x * out.grad

        out._backward = _backward
        return out

    def tanh(self) -> Self:
        """Return the hyperbolic tangent of this."""
        t = math.tanh(self.data)
        out = type(self)(t, (self,))

        def _backward() -> None:
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out

    def sigmoid(self) -> Self:
        """Return 1 / (1 + exp(-x)) of this."""
        s = 1 / (1 + math.exp(-self.data))
        out = type(self)(s, (self,))

        def _backward() -> None:
            self.grad += s * (1 - s) * out.grad

        out._backward = _backward
        return out

    def relu(self) -> Self:
        """Return this where it is positive, else 0."""
        x = self.data
        out = type(self)(max(x, 0.0), (self,))

        def _backward() -> None:
            self.grad += (x > 0) * out.grad

        out._backward = _backward
        return out

    def __neg__(self) -> Self:
        return self * -1

    def __sub__(self, other: "Value | float") -> Self:
        return self + (-other)

    def __truediv__(self, other: "Value | float") -> Self:
        return self * other**-1

    def __radd__(self, other: "Value | float") -> Self:
        return self + other

    def __rmul__(self, other: "Value | float") -> Self:
        return self * other

    def __rsub__(self, other: "Value | float") -> Self:
        return -self + other

    def __rtruediv__(self, other: "Value | float") -> Self:
        return self**-1 * other

    def __rpow__(self, base: float) -> Self:
        return (self * math.log(base)).exp()

    def topological_order(self) -> "list[Value]":
        """Return every Value this one was computed from, operands before results."""
        order: list[Value] = []
        seen: set[Value] = set()
        todo: list[tuple[Value, bool]] = [(self, False)]
        while todo:
            node, operands_are_in = todo.pop()
            if operands_are_in:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                todo.append((node, True))
                todo.extend((operand, False) for operand in node._prev)
        return order

    def backward(self) -> None:
        """Add the derivative of this by every leaf to the gradient of that leaf."""
        order = self.topological_order()
        for node in order:
            if node._prev:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(data={self.data}, grad={self.grad})"
