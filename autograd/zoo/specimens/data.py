"""Specimens: numbers that change after they were used."""

from typing import Self

from autograd.zoo.specimens.reference import Value


class LateData(Value):
    """Backward functions read data that may have changed since the forward pass."""

    def __mul__(self, other: Value | float) -> Self:
        other = self.lift(other)
        out = type(self)(self.data * other.data, (self, other))

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


class InPlaceOperators(Value):
    """`s += v` changes the number on the left, and whatever else goes by that name."""

    def __iadd__(self, other: Value | float) -> Self:
        self.data += self.lift(other).data
        return self
