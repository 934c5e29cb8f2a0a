"""The programs in which one expression is tried.

As the root, where the gradient that comes in is 1; below another operation, where it is not;
beside a second use of an operand; on an operand that is computed; and with the same operand
on both sides. Knows no class and no verdict.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from autograd.zoo.forms import Form
from autograd.zoo.scripts import with_inputs

# Negative, so that gradients of both signs are handed on.
C = -11.0

# Operations that hand something else than 1 to what is below them.
ABOVE = ("y * c", "c * y", "y / c", "y ** 2", "y.exp()", "y.tanh()")

# Operations that use an operand v a second time.
BESIDE = ("y + v", "v + y", "y * v", "v * y", "y - v", "y / v")

# Operations that compute an operand, and the leaf they compute it from.
BENEATH: Mapping[str, Callable[[float], float]] = {
    "a + c": lambda at: at - C,
    "a * c": lambda at: at / C,
    "a - c": lambda at: at + C,
    "a / c": lambda at: at * C,
}


def try_above(above: str) -> str:
    """Return the script that shows what an operation hands to what is below it."""
    return with_inputs({"y": 2.0, "c": C}, f"z = {above}", "z.backward()")


def try_beneath(beneath: str, above: str | None) -> str:
    """Return the script that shows what an operation hands down to a leaf a."""
    inputs = {"a": BENEATH[beneath](2.0), "c": C}
    if above is None:
        return with_inputs(inputs, f"y = {beneath}", "y.backward()")
    return with_inputs(inputs, f"y = {beneath}", f"z = {above}", "z.backward()")


def try_beside(beside: str) -> str:
    """Return the script that shows whether an operation can be used beside others."""
    return with_inputs({"y": 2.0, "v": 3.0}, f"z = {beside}", "z.backward()")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a class has for building something around an expression; None for nothing.

    Attributes:
        above: an operation that hands something else than 1 to its operand.
        beside: a sound operation to use an operand a second time.
        beneath: a sound operation to compute an operand.
        gets_down: whether any gradient gets past two operations.
    """

    above: str | None = None
    beside: str | None = None
    beneath: str | None = None
    gets_down: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One expression and what can be built around it.

    Attributes:
        form: the expression.
        tools: the operations to build with.
        text: what stands for the expression, if not its own text.
    """

    form: Form
    tools: Tools = Tools()
    text: str = ""

    @property
    def _expression(self) -> str:
        return self.text or self.form.text

    def of(self, text: str) -> "Trial":
        """Return the trial of another text in place of the expression."""
        return replace(self, text=text)

    def _script(self, *lines: str, **more_inputs: float) -> str:
        inputs = {**self.form.inputs, **more_inputs}
        return with_inputs(inputs, f"y = {self._expression}", *lines)

    @property
    def forward(self) -> str:
        """The expression alone, without a backward pass."""
        return self._script()

    @property
    def alone(self) -> str:
        """The expression as the root."""
        return self._script("y.backward()")

    @property
    def below(self) -> str | None:
        """The expression below another operation."""
        if self.tools.above is None:
            return None
        more_inputs = {"c": C} if "c" in self.tools.above else {}
        return self._script(f"z = {self.tools.above}", "z.backward()", **more_inputs)

    def again(self, name: str) -> str | None:
        """The expression beside a second use of one of its operands."""
        if self.tools.beside is None:
            return None
        return self._script(f"z = {self.tools.beside.replace('v', name)}", "z.backward()")

    def computed(self, name: str) -> str | None:
        """The expression with one of its operands computed from a leaf a."""
        beneath = self.tools.beneath
        if beneath is None:
            return None
        leaf = BENEATH[beneath](self.form.inputs[name])
        inputs = {k: at for k, at in self.form.inputs.items() if k != name}
        inputs |= {"a": leaf, "c": C}
        lines = (f"{name} = {beneath}", f"y = {self._expression}", "y.backward()")
        return with_inputs(inputs, *lines)

    @property
    def doubled(self) -> str | None:
        """The expression with the same operand on both sides, if it has two."""
        if "w" not in self.form.inputs:
            return None
        text = self._expression.replace("w", "x")
        return with_inputs({"x": 3.0}, f"y = {text}", "y.backward()")

    @property
    def with_equal_operands(self) -> str:
        """The expression with different operands of the same number."""
        return with_inputs({"x": 3.0, "w": 3.0}, f"y = {self.form.text}", "y.backward()")

    @property
    def with_number_as_leaf(self) -> str:
        """The expression with a leaf k in place of its plain number."""
        form = self.form
        inputs = {**form.inputs, "k": float(form.number)}
        return with_inputs(inputs, f"y = {form.number_as_leaf}", "y.backward()")

    def scripts(self) -> Iterator[str]:
        """Yield every script of the trial, always in the same order."""
        yield self.alone
        names = self.form.inputs
        others = (self.below, *map(self.again, names), *map(self.computed, names), self.doubled)
        yield from (script for script in others if script is not None)
