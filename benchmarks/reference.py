"""The textbook's engine: one node for each number, one closure for each operation.

What our Value is compared with in plain scalar programs, and an oracle for its
numbers. Written as a course writes it: children, a closure that adds to their
gradients, a topological sort. The sort is iterative, so that a deep graph needs no
deep stack. Knows nothing of `autograd`.
"""

import math
from typing import Union

Number = Union["ReferenceValue", float]


def _nothing() -> None:
    """What a leaf does in the backward pass."""


class ReferenceValue:
    """A number that remembers how it was computed."""

    def __init__(self, data: float, children: "tuple[ReferenceValue, ...]" = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self._children = children
        self._backward = _nothing

    def __add__(self, other: Number) -> "ReferenceValue":
        other = _as_value(other)
        out = ReferenceValue(self.data + other.data, (self, other))

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Number) -> "ReferenceValue":
        other = _as_value(other)
        out = ReferenceValue(self.data * other.data, (self, other))

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __pow__(self, exponent: float) -> "ReferenceValue":
        out = ReferenceValue(self.data**exponent, (self,))

        def _backward() -> None:
            self.grad += exponent * self.data ** (exponent - 1) * out.grad

        out._backward = _backward
        return out

    def exp(self) -> "ReferenceValue":
        """e to the power of this number."""
        out = ReferenceValue(math.exp(self.data), (self,))

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def log(self) -> "ReferenceValue":
        """The natural logarithm."""
        out = ReferenceValue(math.log(self.data), (self,))

        def _backward() -> None:
            self.grad += out.grad / self.data

        out._backward = _backward
        return out

    def tanh(self) -> "ReferenceValue":
        """The hyperbolic tangent."""
        out = ReferenceValue(math.tanh(self.data), (self,))

        def _backward() -> None:
            self.grad += (1.0 - out.data * out.data) * out.grad

        out._backward = _backward
        return out

    def relu(self) -> "ReferenceValue":
        """This number where it is positive, else zero."""
        out = ReferenceValue(max(0.0, self.data), (self,))

        def _backward() -> None:
            self.grad += (out.data > 0.0) * out.grad

        out._backward = _backward
        return out

    def __neg__(self) -> "ReferenceValue":
        return self * -1.0

    def __sub__(self, other: Number) -> "ReferenceValue":
        return self + -other

    def __truediv__(self, other: Number) -> "ReferenceValue":
        return self * other**-1

    def __radd__(self, other: float) -> "ReferenceValue":
        return self + other

    def __rmul__(self, other: float) -> "ReferenceValue":
        return self * other

    def __rsub__(self, other: float) -> "ReferenceValue":
        return -self + other

    def __rtruediv__(self, other: float) -> "ReferenceValue":
        return self**-1 * other

    def backward(self) -> None:
        """Add this number's derivative by every node to that node's gradient."""
        self.grad = 1.0
        for node in reversed(self._in_order()):
            node._backward()

    def _in_order(self) -> "list[ReferenceValue]":
        """Every node this number depends on and itself, children before parents."""
        order: list[ReferenceValue] = []
        seen: set[ReferenceValue] = set()
        stack = [(self, False)]
        while stack:
            node, children_done = stack.pop()
            if children_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._children)
        return order


def _as_value(number: Number) -> ReferenceValue:
    return number if isinstance(number, ReferenceValue) else ReferenceValue(number)
