"""Experiments on one operation at a time, and the verdicts on them.

A gradient is judged by the gradient that *did* come in from above, so that a mistake there
does not look like one here. Knows nothing of graphs in which several operations meet; those
are in `together`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from autograd.zoo import mistakes
from autograd.zoo.examination import Examination, truth
from autograd.zoo.forms import FORMS, Form
from autograd.zoo.mistakes import Mistake
from autograd.zoo.scripts import close
from autograd.zoo.tools import find_tools
from autograd.zoo.trials import Trial


def examine(exam: Examination) -> None:
    """Try every operation that the class has."""
    tools = find_tools(exam)
    for form in FORMS:
        if form.missing_in(exam.value_class):
            _note_missing(exam, form)
        elif not (form.repeats and exam.found(mistakes.EQUAL_CONFUSED)):
            _try(exam, Trial(form, tools))


def _note_missing(exam: Examination, form: Form) -> None:
    if form.half_there(exam.value_class):
        exam.note(mistakes.CONSTANTS_REFUSED, Trial(form).alone, "y.data", form.operation)
    else:
        exam.note_missing(form.operation)


def _try(exam: Examination, trial: Trial) -> None:
    """Keep what is wrong with an expression, or that it is sound."""
    operation = trial.form.operation
    if isinstance(exam.observe(trial.alone).error, NotImplementedError):
        exam.note_missing(operation)
        return
    problems = list(_problems(exam, trial))
    if not problems:
        exam.sound.append(trial.form)
    own = [problem for problem in problems if not _is_explained(exam, problem)]
    composed = bool(own) and _is_made_of_others(exam, trial)
    for problem in own:
        if problem.mistake is mistakes.NOT_REVERSED:
            exam.note(problem.mistake, problem.script, problem.look)
        elif composed:
            exam.note_if_nothing_else(problem.mistake, problem.script, problem.look, operation)
        else:
            exam.note(problem.mistake, problem.script, problem.look, operation)


def _is_explained(exam: Examination, problem: "Problem") -> bool:
    """Return whether no gradient arrives because the walk does not get that far."""
    lost = (
        mistakes.NO_GRADIENT,
        mistakes.CONSTANTS_CUT_OFF,
        mistakes.OPERANDS_FORGOTTEN,
        mistakes.NOT_REVERSED,
    )
    return exam.found(mistakes.NOT_REVERSED) and problem.mistake in lost


def _is_made_of_others(exam: Examination, trial: Trial) -> bool:
    """Return whether a composition of other operations goes wrong in just the same way."""
    looks = ["y.data", *(f"{name}.grad" for name in trial.form.inputs)]
    return any(
        all(
            exam.observe(own).agrees(exam.observe(composed), *looks)
            for own, composed in zip(trial.scripts(), trial.of(text).scripts(), strict=True)
        )
        for text in trial.form.composed
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, and the script and look that show it."""

    mistake: Mistake
    script: str
    look: str


def _problems(exam: Examination, trial: Trial) -> Iterator[Problem]:
    """Yield what is wrong with one expression."""
    seen = exam.observe(trial.alone)
    if seen.error is not None:
        yield Problem(_failure(exam, trial), trial.alone, "y.data")
    elif not exam.is_right(trial.forward, "y.data"):
        yield Problem(_wrong_value(exam, trial), trial.forward, "y.data")
    elif changed := [
        n for n in trial.form.inputs if not exam.is_right(trial.forward, f"{n}.data")
    ]:
        yield Problem(mistakes.IN_PLACE, trial.forward, f"{changed[0]}.data")
    elif not exam.is_right(trial.alone, "y.data"):
        yield Problem(mistakes.DATA_CHANGED, trial.alone, "y.data")
    else:
        found = [p for name in trial.form.inputs for p in _of_operand(exam, trial, name)]
        yield from found or _of_same_operand_twice(exam, trial)


def _failure(exam: Examination, trial: Trial) -> Mistake:
    if isinstance(exam.observe(trial.alone).result, int | float):
        return _nothing_arrives(trial.form)
    return mistakes.CONSTANTS_REFUSED if trial.form.number else mistakes.RAISES


def _nothing_arrives(form: Form) -> Mistake:
    return mistakes.CONSTANTS_CUT_OFF if form.number else mistakes.NO_GRADIENT


def _wrong_value(exam: Examination, trial: Trial) -> Mistake:
    if trial.form.swapped:
        swapped = truth(trial.of(trial.form.swapped).forward)
        if swapped.agrees(exam.observe(trial.forward), "y.data"):
            return mistakes.REFLECTED
    return mistakes.wrong_value(trial.form.operation)


def _of_operand(exam: Examination, trial: Trial, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the gradient of one operand."""
    look = f"{name}.grad"
    local, below = _local(exam, trial, look), _below(exam, trial, look)
    if local is not None:
        yield Problem(local, trial.alone, look)
    if below is not None and trial.below is not None:
        yield Problem(below, trial.below, look)
    if local is _nothing_arrives(trial.form) or below is mistakes.NOT_REVERSED:
        return
    yield from _again(exam, trial, name)
    yield from _operands(exam, trial, name)


def _local(exam: Examination, trial: Trial, look: str) -> Mistake | None:
    """Return what is wrong where the gradient that comes in is 1."""
    got, should = exam.observe(trial.alone).at(look), truth(trial.alone).at(look)
    if close(got, should):
        return None
    if close(got, 0.0):
        return _nothing_arrives(trial.form)
    if trial.form.number:
        leak = truth(trial.with_number_as_leaf).at("k.grad")
        if close(got, should + leak):
            return mistakes.CONSTANTS_LEAK
    hints = (
        slip.hint
        for slip in trial.form.slips
        if f"{slip.by}.grad" == look and close(got, slip.at(trial.form.inputs))
    )
    return mistakes.wrong_derivative(trial.form.operation, next(hints, ""))


def _below(exam: Examination, trial: Trial, look: str) -> Mistake | None:
    """Return what is wrong where the gradient that comes in is not 1."""
    if trial.below is None:
        return None
    seen = exam.observe(trial.below)
    if seen.error is not None:
        return mistakes.RAISES
    got, local = seen.at(look), exam.observe(trial.alone).at(look)
    if close(got, local * exam.came_in(trial.below)) or exam.is_right(trial.below, look):
        return None
    if close(got, local):
        return mistakes.UPSTREAM_DROPPED
    if close(got, 0.0) and not trial.tools.gets_down:
        return mistakes.NOT_REVERSED
    return mistakes.UPSTREAM_WRONG


def _again(exam: Examination, trial: Trial, name: str) -> Iterator[Problem]:
    """Yield what is wrong where an operand is used a second time."""
    script, look = trial.again(name), f"{name}.grad"
    if script is None or exam.is_right(script, look):
        return
    seen, should = exam.observe(script), truth(script)
    own = exam.observe(trial.alone).at(look)
    if _below(exam, trial, look) is not mistakes.UPSTREAM_DROPPED:
        own *= exam.came_in(script)
    other = should.at(look) - truth(trial.alone).at(look) * should.at("y.grad")
    if seen.error is not None:
        yield Problem(mistakes.RAISES, script, look)
    elif close(seen.at(look), own):
        doubled = trial.doubled
        if doubled is None or exam.is_right(doubled, "x.grad"):
            yield Problem(mistakes.OVERWRITTEN, script, look)
        else:
            yield Problem(mistakes.OVERWRITTEN, doubled, "x.grad")
    elif not close(seen.at(look), own + other):
        yield Problem(mistakes.SHARED_VALUE, script, look)


def _operands(exam: Examination, trial: Trial, name: str) -> Iterator[Problem]:
    """Yield what is wrong where an operand is computed itself."""
    script = trial.computed(name)
    if script is None or exam.is_right(script, "a.grad"):
        return
    seen, should = exam.observe(script), truth(script)
    look = f"{name}.grad"
    local = exam.observe(trial.alone).at(look)
    came_in = seen.at(look) or should.at(look)
    if seen.error is not None:
        yield Problem(mistakes.RAISES, script, "a.grad")
    elif seen.at(look) and not close(seen.at(look), local):
        yield Problem(mistakes.UPSTREAM_WRONG, script, look)
    elif close(seen.at("a.grad"), 0.0):
        yield Problem(mistakes.OPERANDS_FORGOTTEN, script, "a.grad")
    elif not close(seen.at("a.grad") * should.at(look), should.at("a.grad") * came_in):
        yield Problem(mistakes.UPSTREAM_WRONG, script, "a.grad")


def _of_same_operand_twice(exam: Examination, trial: Trial) -> Iterator[Problem]:
    """Yield what is wrong where an expression has the same operand on both sides."""
    script, look = trial.doubled, "x.grad"
    if script is None or exam.is_right(script, look):
        return
    got, parts = exam.observe(script).at(look), truth(trial.with_equal_operands)
    one_is_lost = any(close(got, parts.at(f"{name}.grad")) for name in trial.form.inputs)
    if not exam.runs(script):
        yield Problem(mistakes.RAISES, script, look)
    elif one_is_lost and trial.tools.beside is not None:
        yield Problem(mistakes.OPERANDS_IN_A_SET, script, look)
    else:
        yield Problem(mistakes.SHARED_VALUE, script, look)
