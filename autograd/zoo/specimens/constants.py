"""Specimens: what goes wrong with plain numbers beside a Value."""

from typing import Self

from autograd.zoo.specimens.reference import Value


class ConstantsRefused(Value):
    """Operations expect a Value: `v + 1` and `2 * v` fail."""

    def lift(self, number: Value | float) -> Value:
        """Return what should be a Value already."""
        assert isinstance(number, Value), "expected a Value"
        return number


class ConstantsCutOff(Value):
    """With a number the result forgets where it came from: `2 * v` gives no gradient."""

    def __mul__(self, other: Value | float) -> Self:
        if isinstance(other, int | float):
            return type(self)(self.data * other)
        return super().__mul__(other)


class ConstantsLeak(Value):
    """The gradient of a number is added to that of the Value beside it."""

    def __mul__(self, other: Value | float) -> Self:
        other_gets_it = other if isinstance(other, Value) else self
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            self.grad += y * out.grad
            other_gets_it.grad += x * out.grad

        out._backward = _backward
        return out


class ReflectedOperators(Value):
    """A number on the left is treated as one on the right: `2 - v` is `v - 2`."""

    def __rsub__(self, other: Value | float) -> Self:
        return self - other

    def __rtruediv__(self, other: Value | float) -> Self:
        return self / other
