"""A zoo of wrong engines, and a diagnosis that tells which of them a `Value` class is like.

Whoever writes a `Value` class of their own, as in a course, hands it over and is told what is
wrong with it and where to look:

>>> from autograd.zoo import diagnose
>>> class MyValue:
...     def __init__(self, data, operands=()):
...         self.data, self.grad, self.operands = data, 0.0, operands
...         self.pass_on = lambda: None
...
...     def __mul__(self, other):
...         out = MyValue(self.data * other.data, (self, other))
...
...         def pass_on():
...             self.grad = other.data * out.grad
...             other.grad = self.data * out.grad
...
...         out.pass_on = pass_on
...         return out
...
...     def backward(self):
...         order = []
...
...         def visit(value):
...             if value not in order:
...                 for operand in value.operands:
...                     visit(operand)
...                 order.append(value)
...
...         visit(self)
...         self.grad = 1.0
...         for value in reversed(order):
...             value.pass_on()
>>> report = diagnose(MyValue)
>>> bool(report)
False
>>> report.names
('overwritten gradients', 'constants refused', 'late data')
>>> print(report.findings[0])
overwritten gradients (in *)
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad  # expected 6, got 3
A gradient is written with `=` where a contribution must be added with `+=`. Of a number
that is used twice, only one use counts.
Look at every line of a backward function that changes a .grad; it needs `+=`.

`print(report)` shows all of it. A class needs `Value(data)`, `.data`, `.grad` and
`.backward()`; of operators and of exp, log, tanh, sigmoid and relu it may have as many as it
likes. The experiments run the class's own code, so a backward pass that never ends holds up
the diagnosis too.

A teacher finds in `ENGINES` a textbook engine that is right and one for each mistake, most of
them one method long; `inspect.getsource` prints them:

>>> from autograd.zoo import ENGINES
>>> len(ENGINES)
28
>>> print(ENGINES["depth-first walk"].__doc__)
Down to the operands at once, before other uses have contributed.

Inside, `scripts`, `forms` and `trials` say what is tried, `examination` tries it, and
`beginnings`, `alone`, `aside` and `together` judge. `import autograd` imports none of this.
"""

from typing import Any

from autograd.errors import shown
from autograd.zoo import alone, aside, beginnings, together
from autograd.zoo.examination import Examination
from autograd.zoo.mistakes import Mistake
from autograd.zoo.report import Finding, Report
from autograd.zoo.specimens import ENGINES
from autograd.zoo.specimens.reference import Value

__all__ = ["ENGINES", "Finding", "Mistake", "Report", "Value", "diagnose"]


def diagnose(value_class: type[Any]) -> Report:
    """Return which mistakes and limitations a `Value` class has.

    The report is true when there is no mistake, and prints as text. Operators that are not
    there are listed, not held against the class.

    Raises:
        TypeError: if it is given anything but a class.

    >>> from autograd import Value
    >>> diagnose(Value)
    Value: no mistakes
    """
    if not isinstance(value_class, type):
        raise TypeError(
            f"diagnose needs a class, got {shown(value_class)}; give it the class itself, "
            "as in diagnose(Value), not one of its objects or a module"
        )
    exam = Examination(value_class)
    if beginnings.examine(exam):
        alone.examine(exam)
        aside.examine(exam)
        together.examine(exam)
    return exam.report()
