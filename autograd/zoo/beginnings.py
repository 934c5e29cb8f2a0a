"""Experiments that come first: whether there is anything to try, and where a pass begins.

Knows what must hold before operations can be judged.
"""

from autograd.zoo import mistakes
from autograd.zoo.examination import Examination
from autograd.zoo.forms import FORMS
from autograd.zoo.scripts import close, with_inputs
from autograd.zoo.trials import Trial

_LEAF = with_inputs({"x": 3.0})
_SWEPT_LEAF = with_inputs({"x": 3.0}, "x.backward()")


def examine(exam: Examination) -> bool:
    """Look at leaves, the seed and equal numbers; return whether to go on."""
    if not (_is_usable(exam) and _has_right_seed(exam)):
        return False
    _examine_equal_numbers(exam)
    return True


def _is_usable(exam: Examination) -> bool:
    """Look for .data, .grad and .backward() on a leaf."""
    for look in ("x.data", "x.grad"):
        if not exam.is_right(_LEAF, look):
            exam.note(mistakes.UNUSABLE, _LEAF, look)
            return False
    if not hasattr(exam.value_class, "backward"):
        exam.note(mistakes.UNUSABLE, _SWEPT_LEAF, "x.grad")
        return False
    return True


def _has_right_seed(exam: Examination) -> bool:
    """Look at the gradient of the root; where it is missing, set it by hand from now on."""
    script, leaves = _first_that_runs(exam)
    seen = exam.observe(script)
    root = seen.at(f"{_root(script)}.grad")
    if seen.error is not None or close(root, 1.0):
        return True
    if not close(root, 0.0):
        exam.note(mistakes.WRONG_SEED, script, f"{_root(script)}.grad")
        return False
    if any(not close(seen.at(f"{name}.grad"), 0.0) for name in leaves):
        return True
    smallest = script if exam.is_right(_SWEPT_LEAF, "x.grad") else _SWEPT_LEAF
    exam.note(mistakes.NOT_SEEDED, smallest, f"{_root(smallest)}.grad")
    exam.needs_seed = True
    return _seed_by_hand_helps(exam)


def _seed_by_hand_helps(exam: Examination) -> bool:
    """Return whether a gradient arrives anywhere once the root's is set from outside."""
    for form in FORMS:
        seen = exam.observe(Trial(form).alone)
        if seen.error is None and any(seen.at(f"{name}.grad") for name in form.inputs):
            return True
    exam.note_untried("everything else, as long as backward() starts from 0")
    return False


def _first_that_runs(exam: Examination) -> tuple[str, list[str]]:
    """Return the first script of one operation that does not fail, and its leaves."""
    for form in FORMS:
        script = Trial(form).alone
        if not form.missing_in(exam.value_class) and exam.observe(script).error is None:
            return script, list(form.inputs)
    return _SWEPT_LEAF, ["x"]


def _root(script: str) -> str:
    return script.splitlines()[-1].removesuffix(".backward()")


def _examine_equal_numbers(exam: Examination) -> None:
    """Compare two leaves of the same number with two of different numbers."""
    for sign in "*+":
        lines = (f"y = x {sign} w", f"u = k {sign} w", "z = y + u", "z.backward()")
        control = with_inputs({"x": 3.0, "k": 4.0, "w": 5.0}, *lines)
        equal = with_inputs({"x": 3.0, "k": 3.0, "w": 5.0}, *lines)
        for look in ("x.grad", "k.grad"):
            if exam.is_right(control, look) and not exam.is_right(equal, look):
                exam.note(mistakes.EQUAL_CONFUSED, equal, look)
