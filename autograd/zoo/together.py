"""Experiments on whole graphs: the order of a pass, and a second pass.

They are built from operations that are sound on their own, so that what goes wrong here is
not the fault of one operation. Knows nothing of what lies outside the graph; see `aside`.
"""

import re
from dataclasses import dataclass

from autograd.zoo import mistakes
from autograd.zoo.examination import Examination, truth
from autograd.zoo.mistakes import Mistake
from autograd.zoo.scripts import close, with_inputs

_INPUTS = {"x": 2.0, "w": 3.0, "b": 7.0, "c": 11.0, "d": 13.0, "k": 19.0}


def examine(exam: Examination) -> None:
    """Try whole graphs, as far as the class has sound operations to build them from."""
    _examine_seed(exam)
    links = [sign for sign in "*+/" if exam.is_sound(f"x {sign} w")]
    joins = [sign for sign in "+*" if exam.is_sound(f"x {sign} w")]
    if not links or not joins:
        exam.note_untried("the order of the walk and a second pass, until + or * is right")
        return
    graphs = Graphs(links[0], joins[0])
    _examine_order(exam, graphs)
    _examine_second_pass(exam, graphs)
    _examine_bystanders(exam, graphs)


@dataclass(frozen=True, slots=True)
class Graphs:
    """Scripts of whole graphs, written with * and + whatever the class has instead.

    Attributes:
        link: the sign of the operation that stands for *.
        join: the sign of the operation that stands for +.
    """

    link: str
    join: str

    def script(self, *lines: str) -> str:
        """Return a script with the leaves that its lines need.

        >>> print(Graphs("*", "+").script("y = x * w", "y.backward()"))
        x = Value(2.0)
        w = Value(3.0)
        y = x * w
        y.backward()
        """
        signs = str.maketrans({"*": self.link, "+": self.join})
        body = "\n".join(lines).translate(signs)
        needed = set(re.findall(r"\b[a-z]\b", body))
        inputs = {name: at for name, at in _INPUTS.items() if name in needed}
        return with_inputs(inputs, body)


# -- the order of a pass ------------------------------------------------------------------


def _examine_order(exam: Examination, graphs: Graphs) -> None:
    """Compare graphs in which the gradient of y arrives along several ways."""
    doubled = graphs.script("y = x * w", "z = y + y", "z.backward()")
    near = [
        graphs.script("y = x * w", "u = y * b", f"z = {last}", "z.backward()")
        for last in ("y + u", "u + y")
    ]
    far = [
        graphs.script("y = x * w", "u = y * b", "v = u * d", f"z = {last}", "z.backward()")
        for last in ("y + v", "v + y")
    ]
    row = graphs.script(
        *("y = x * w", "u = y * b", "p = y + u", "q = p * c", "r = q + p"),
        *("s = r * d", "t = s * k", "z = r + t", "z.backward()"),
    )
    scripts = [doubled, *near, *far, row]
    if any(_more(exam, script) for script in scripts):
        first = next(script for script in scripts if _more(exam, script))
        exam.note(mistakes.EVERY_PATH, first, "x.grad")
    elif any(_less(exam, script) for script in scripts):
        first = next(script for script in scripts if _less(exam, script))
        exam.note(_which_order([_less(exam, script) for script in far]), first, "x.grad")
    else:
        _examine_intermediates(exam, scripts)


def _which_order(far: list[bool]) -> Mistake:
    """Tell the walk by whether it fails for y + v and for v + y, with v far from y."""
    if all(far):
        return mistakes.BREADTH_FIRST
    return mistakes.DEPTH_FIRST if any(far) else mistakes.WRONG_ORDER


def _more(exam: Examination, script: str, look: str = "x.grad") -> bool:
    seen, should = exam.observe(script).at(look), truth(script).at(look)
    return seen > should and not close(seen, should)


def _less(exam: Examination, script: str, look: str = "x.grad") -> bool:
    seen, should = exam.observe(script).at(look), truth(script).at(look)
    return seen < should and not close(seen, should)


def _examine_intermediates(exam: Examination, scripts: list[str]) -> None:
    """Look for what is left: exceptions, nan, and gradients of y alone."""
    for script in scripts:
        if exam.observe(script).error is not None:
            exam.note(mistakes.RAISES, script, "x.grad")
        elif not exam.is_right(script, "x.grad"):
            exam.note(mistakes.SHARED_VALUE, script, "x.grad")
        elif not (exam.is_right(script, "y.grad") or exam.observe(script).at("y.grad") == 0.0):
            exam.note(mistakes.SHARED_VALUE, script, "y.grad")


# -- a second pass ------------------------------------------------------------------------


def _examine_seed(exam: Examination) -> None:
    """Look at the gradient of the root when it is swept a second time."""
    for sign in "*+/":
        script = Graphs(sign, sign).script("y = x * w", "y.backward()", "y.backward()")
        if close(exam.observe(script).at("y.grad"), 2.0):
            look = "y.grad" if exam.is_right(script, "x.grad") else "x.grad"
            exam.note(mistakes.SEED_ADDED, script, look)


def _examine_second_pass(exam: Examination, graphs: Graphs) -> None:
    """Go back twice: over new graphs, over a part that two share, over the same graph."""
    fresh = graphs.script("y = x * w", "y.backward()", "z = x * b", "z.backward()")
    shared = graphs.script(
        *("y = x * w", "u = y * c", "z = y * d", "u.backward()", "z.backward()")
    )
    twice = graphs.script("y = x * w", "y.backward()", "y.backward()")
    same = graphs.script("y = x * w", "z = y * c", "z.backward()", "z.backward()")
    scripts = (fresh, shared, twice, same)
    for script in scripts:
        error = exam.observe(script).error
        if error is not None:
            exam.note_untried(f"a second backward pass, which ends in {error!r}")
            return
    last = truth(graphs.script("z = x * b", "z.backward()")).at("x.grad")
    if close(exam.observe(fresh).at("x.grad"), last):
        exam.note(mistakes.LEAVES_RESET, fresh, "x.grad")
    passed_on = _more(exam, shared, "x.grad")
    if passed_on or (_more(exam, shared, "y.grad") and not _less(exam, shared, "x.grad")):
        look = "x.grad" if passed_on else "y.grad"
        shows_it = shared if exam.is_right(same, look) else same
        exam.note(mistakes.STALE_INTERMEDIATES, shows_it, look)
    if not exam.found(mistakes.LEAVES_RESET, mistakes.SEED_ADDED, mistakes.STALE_INTERMEDIATES):
        for script in scripts:
            exam.note_wrong(mistakes.SECOND_PASS, script, "x.grad")


# -- what should have no part in a pass ---------------------------------------------------


def _examine_bystanders(exam: Examination, graphs: Graphs) -> None:
    """Look at other expressions, at Values that are not used, and at data."""
    others = graphs.script(
        *("y = x * w", "u = k * b", "u.backward()", "z = y * c", "z.backward()")
    )
    unused = graphs.script("y = x * w", "u = x * k", "z = y * c", "z.backward()")
    exam.note_wrong(mistakes.DISTURBED, others, "x.grad", "k.grad")
    exam.note_wrong(mistakes.UNUSED, unused, "x.grad", "k.grad", "u.grad")
    exam.note_wrong(mistakes.DATA_CHANGED, unused, "x.data", "w.data", "y.data")
