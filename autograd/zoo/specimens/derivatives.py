"""Specimens: local derivatives that are nearly right."""

import math
from typing import Self

from autograd.zoo.specimens.reference import Value


class ProductKeepsItsFactor(Value):
    """The derivative of a product by one factor is the *other* factor."""

    def __mul__(self, other: Value | float) -> Self:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            self.grad += x * out.grad
            other.grad += y * out.grad

        out._backward = _backward
        return out


class PowerKeepsItsExponent(Value):
    """`n * x**n`, where the power must go down by one."""

    def __pow__(self, n: float) -> Self:
        x = self.data
        out = type(self)(x**n, (self,))

        def _backward() -> None:
            self.grad += n * x**n * out.grad

        out._backward = _backward
        return out


class DifferenceAdds(Value):
    """The second operand of a difference gets +1 in place of -1."""

    def __sub__(self, other: Value | float) -> Self:
        other = self.lift(other)
        out = type(self)(self.data - other.data, (self, other))

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out


class QuotientWithoutSquare(Value):
    """`-x / y`, where the denominator must be squared."""

    def __truediv__(self, other: Value | float) -> Self:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x / y, (self, other))

        def _backward() -> None:
            self.grad += 1 / y * out.grad
            other.grad += -x / y * out.grad

        out._backward = _backward
        return out


class ExpAsAPower(Value):
    """The power rule, where exp is its own derivative."""

    def exp(self) -> Self:
        """Return e to the power of this."""
        x = self.data
        out = type(self)(math.exp(x), (self,))

        def _backward() -> None:
            self.grad += x * math.exp(x - 1) * out.grad

        out._backward = _backward
        return out


class TanhPlusSquare(Value):
    """`1 + t**2`, where it must be `1 - t**2`."""

    def tanh(self) -> Self:
        """Return the hyperbolic tangent of this."""
        t = math.tanh(self.data)
        out = type(self)(t, (self,))

        def _backward() -> None:
            self.grad += (1 + t**2) * out.grad

        out._backward = _backward
        return out


class ReluLetsAllThrough(Value):
    """A gradient even where relu is flat."""

    def relu(self) -> Self:
        """Return this where it is positive, else 0."""
        out = type(self)(max(self.data, 0.0), (self,))

        def _backward() -> None:
            self.grad += out.grad

        out._backward = _backward
        return out
