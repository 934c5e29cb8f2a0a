"""Specimens: backward passes that walk the graph in a wrong way."""

from collections import deque

from autograd.zoo.specimens.reference import Value


class NotReversed(Value):
    """The topological order from its beginning: operands before results."""

    def backward(self) -> None:
        """Add the derivative of this by every leaf, in the wrong order."""
        self.grad = 1.0
        for node in self.topological_order():
            node._backward()


class DepthFirstWalk(Value):
    """Down to the operands at once, before other uses have contributed."""

    def backward(self) -> None:
        """Add the derivative of this by every leaf, in the wrong order."""
        seen = set()

        def visit(node: Value) -> None:
            seen.add(node)
            node._backward()
            for operand in node._prev:
                if operand not in seen:
                    visit(operand)

        self.grad = 1.0
        visit(self)


class BreadthFirstWalk(Value):
    """Level by level: too early for a number that is used on two levels."""

    def backward(self) -> None:
        """Add the derivative of this by every leaf, in the wrong order."""
        self.grad = 1.0
        queue: deque[Value] = deque([self])
        seen: set[Value] = {self}
        while queue:
            node = queue.popleft()
            node._backward()
            for operand in node._prev:
                if operand not in seen:
                    seen.add(operand)
                    queue.append(operand)


class AVisitForEveryPath(Value):
    """No list of what has been visited: shared numbers pass everything on again."""

    def backward(self) -> None:
        """Add the derivative of this by every leaf, some of it several times."""

        def visit(node: Value) -> None:
            node._backward()
            for operand in node._prev:
                visit(operand)

        self.grad = 1.0
        visit(self)


class EqualNumbersConfused(Value):
    """`==` compares data, so a set takes two Values of one number for the same."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)


class Recursion(Value):
    """Right, but a call within a call for every operation: 1,000 are too many."""

    def topological_order(self) -> list[Value]:
        """Return every Value this one was computed from, operands before results."""
        order: list[Value] = []
        seen = set()

        def visit(node: Value) -> None:
            if node not in seen:
                seen.add(node)
                for operand in node._prev:
                    visit(operand)
                order.append(node)

        visit(self)
        return order
