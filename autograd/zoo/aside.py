"""Experiments on what lies beside a pass: data that changes, history, length, other uses.

Knows nothing of the order of a pass; that is in `together`.
"""

import re

from autograd.zoo import mistakes
from autograd.zoo.examination import Examination
from autograd.zoo.forms import FORMS
from autograd.zoo.scripts import with_inputs
from autograd.zoo.trials import Trial

# More than Python allows calls within calls, in a notebook too.
_TERMS = 5000


def examine(exam: Examination) -> None:
    """Try each expression again under other circumstances."""
    _examine_late_data(exam)
    _examine_in_place(exam)
    _examine_pairs(exam)
    _examine_long_expressions(exam)
    _examine_history(exam)


def _examine_late_data(exam: Examination) -> None:
    """Change the data of leaves between the forward and the backward pass."""
    for form in FORMS:
        changes = [f"{name}.data = {at + 5.0}" for name, at in form.inputs.items()]
        script = with_inputs(form.inputs, f"y = {form.text}", *changes, "y.backward()")
        for look in (f"{name}.grad" for name in form.inputs):
            was_right = exam.is_right(Trial(form).alone, look)
            if was_right and exam.runs(script) and not exam.is_right(script, look):
                exam.note(mistakes.LATE_DATA, script, look, form.operation)


def _examine_long_expressions(exam: Examination) -> None:
    """Go back over an expression longer than Python's stack of calls."""
    loop = (f"for _ in range({_TERMS}):", "    y = y + w", "y.backward()")
    script = with_inputs({"x": 3.0, "w": 5.0}, "y = x", *loop)
    if isinstance(exam.observe(script).error, RecursionError):
        exam.note(mistakes.RECURSION, script, "w.grad")
    elif exam.is_sound("x + w"):
        exam.note_wrong(mistakes.LONG_EXPRESSIONS, script, "x.grad", "w.grad")


def _examine_pairs(exam: Examination) -> None:
    """Use each operation twice in one expression, on different numbers."""
    join = next((sign for sign in "+*" if exam.is_sound(f"x {sign} w")), None)
    for form in exam.sound:
        if form.repeats or join is None:
            continue
        other = re.sub(r"\bw\b", "b", re.sub(r"\bx\b", "a", form.text))
        names = dict(zip("ab", form.inputs, strict=False))
        inputs = dict(form.inputs) | {a: 1.25 * form.inputs[x] for a, x in names.items()}
        lines = (f"y = {form.text}", f"u = {other}", f"z = y {join} u", "z.backward()")
        script = with_inputs(inputs, *lines)
        looks = (f"{name}.grad" for name in inputs)
        exam.note_wrong(mistakes.DISTURBED, script, *looks, operation=form.operation)


def _examine_in_place(exam: Examination) -> None:
    """Look whether an operator such as += changes what stands on its left."""
    for sign in "+-*/":
        script = with_inputs({"x": 3.0, "w": 5.0}, "y = x", f"y {sign}= w")
        if exam.runs(script) and not exam.is_right(script, "x.data"):
            exam.note(mistakes.IN_PLACE, script, "x.data", f"{sign}=")


def _examine_history(exam: Examination) -> None:
    """Run again what went well, now that much else has run."""
    for form in exam.sound:
        script = Trial(form).alone
        exam.forget(script)
        for name in form.inputs:
            if not exam.is_right(script, f"{name}.grad"):
                exam.note(mistakes.DISTURBED, script, f"{name}.grad")
