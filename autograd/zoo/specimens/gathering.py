"""Specimens: what goes wrong where contributions to a gradient are gathered."""

from typing import Self

from autograd.zoo.specimens.reference import Value


class OverwrittenGradients(Value):
    """`=` where `+=` belongs: a number used twice keeps one contribution."""

    def __add__(self, other: Value | float) -> Self:
        other = self.lift(other)
        out = type(self)(self.data + other.data, (self, other))

        def _backward() -> None:
            self.grad = out.grad
            other.grad = out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Value | float) -> Self:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            self.grad = y * out.grad
            other.grad = x * out.grad

        out._backward = _backward
        return out


class UpstreamDropped(Value):
    """The local derivative alone, without the gradient of the result."""

    def __mul__(self, other: Value | float) -> Self:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            self.grad += y
            other.grad += x

        out._backward = _backward
        return out


class OperandsInASet(Value):
    """Operands as keys of a dict: `x * x` has one, and gets one contribution."""

    def __mul__(self, other: Value | float) -> Self:
        other = self.lift(other)
        slopes: dict[Value, float] = {self: other.data, other: self.data}
        out = type(self)(self.data * other.data, tuple(slopes))

        def _backward() -> None:
            for operand, slope in slopes.items():
                operand.grad += slope * out.grad

        out._backward = _backward
        return out


class OperandsForgotten(Value):
    """A result without operands: the walk does not get past it."""

    def __mul__(self, other: Value | float) -> Self:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y)

        def _backward() -> None:
            self.grad += y * out.grad
            other.grad += x * out.grad

        out._backward = _backward
        return out
