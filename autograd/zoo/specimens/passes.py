"""Specimens: what goes wrong where a backward pass begins, and when it is not the first."""

from autograd.zoo.specimens.reference import Value


class RootNotSeeded(Value):
    """No `self.grad = 1`: the pass starts from 0, and 0 is all that arrives."""

    def backward(self) -> None:
        """Add nothing to the gradient of every leaf."""
        *below, _ = order = self.topological_order()
        for node in below:
            if node._prev:
                node.grad = 0.0
        for node in reversed(order):
            node._backward()


class SeedAdded(Value):
    """`self.grad += 1`: on top of what an earlier pass left there."""

    def backward(self) -> None:
        """Add the derivative of this by every leaf, too much the second time."""
        *below, _ = order = self.topological_order()
        for node in below:
            if node._prev:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            node._backward()


class LeavesReset(Value):
    """Every gradient is set to 0 at the start, those of the leaves too."""

    def backward(self) -> None:
        """Set the gradient of every leaf to the derivative of this."""
        order = self.topological_order()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


class StaleIntermediates(Value):
    """No gradient is set to 0 at the start: the first pass is passed on again."""

    def backward(self) -> None:
        """Add the derivative of this by every leaf, too much the second time."""
        self.grad = 1.0
        for node in reversed(self.topological_order()):
            node._backward()
