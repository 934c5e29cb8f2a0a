"""Which operations of a class can be relied on to build something around an expression.

Knows what each tool must do; judges no operation for its own sake.
"""

from autograd.zoo.examination import Examination, truth
from autograd.zoo.scripts import close
from autograd.zoo.trials import (
    ABOVE,
    BENEATH,
    BESIDE,
    Tools,
    try_above,
    try_beneath,
    try_beside,
)


def find_tools(exam: Examination) -> Tools:
    """Return what the class has for building something around an expression."""
    changing = [t for t in ABOVE if _changes_gradient(exam, try_above(t))]
    reaching = [t for t in changing if any(_reaches(exam, try_beneath(b, t)) for b in BENEATH)]
    above = next(iter(reaching or changing), None)
    beside = (t for t in BESIDE if exam.is_right(try_beside(t), "z.data", "y.grad", "v.grad"))
    beneath = (t for t in BENEATH if _hands_down(exam, try_beneath(t, above)))
    gets_down = any(_hands_down(exam, try_beneath(b, t)) for t in reaching for b in BENEATH)
    tools = Tools(above, next(beside, None), next(beneath, None), gets_down)
    if tools.above is None:
        exam.note_untried("whether operations pass on the gradient that comes in")
    if tools.beside is None:
        exam.note_untried("whether a number that is used twice gets both gradients")
    if tools.beneath is None:
        exam.note_untried("whether gradients get to the operands of operands")
    return tools


def _changes_gradient(exam: Examination, script: str) -> bool:
    seen = exam.observe(script)
    useless = any(close(seen.at("y.grad"), gradient) for gradient in (0.0, 1.0))
    return exam.runs(script) and not useless


def _reaches(exam: Examination, script: str) -> bool:
    """Return whether any gradient gets down to the leaf a."""
    return exam.runs(script) and not close(exam.observe(script).at("a.grad"), 0.0)


def _hands_down(exam: Examination, script: str) -> bool:
    """Return whether the operation on the leaf a does right by the gradient that comes in."""
    seen, should = exam.observe(script), truth(script)
    expected = should.at("a.grad") / should.at("y.grad") * exam.came_in(script)
    return exam.runs(script) and close(seen.at("a.grad"), expected)
