"""One class on the examination table: experiments run on it, and what they found.

Every experiment runs on the textbook engine too, which says what is right. Knows how findings
are collected; which experiments there are, others know.
"""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from autograd.numbers import format_number
from autograd.zoo.mistakes import RAISES, Mistake
from autograd.zoo.report import Finding, Report
from autograd.zoo.scripts import Outcome, run, seeded_by_hand
from autograd.zoo.specimens.reference import Value

if TYPE_CHECKING:
    from autograd.zoo.forms import Form


@cache
def truth(script: str) -> Outcome:
    """Return what a script should show."""
    return run(script, Value)


class Examination:
    """The state of a diagnosis.

    Attributes:
        value_class: the class to diagnose.
        sound: the expressions that are right on their own, in the order they were tried.
        needs_seed: whether the experiments set the gradient of the root themselves.
    """

    def __init__(self, value_class: type[Any]) -> None:
        self.value_class = value_class
        self.sound: list[Form] = []
        self.needs_seed = False
        self._seen: dict[str, Outcome] = {}
        self._findings: dict[str, Finding] = {}
        self._consequences: list[tuple[Mistake, str, str, str]] = []
        self._not_there: dict[str, None] = {}
        self._not_tried: list[str] = []

    def observe(self, script: str) -> Outcome:
        """Return what a script shows with the class under examination."""
        if self.needs_seed:
            script = seeded_by_hand(script)
        if script not in self._seen:
            self._seen[script] = run(script, self.value_class)
        return self._seen[script]

    def forget(self, script: str) -> None:
        """Let a script run again the next time that it is asked for."""
        self._seen.pop(seeded_by_hand(script) if self.needs_seed else script, None)

    def runs(self, script: str) -> bool:
        """Return whether a script ends without an exception."""
        return self.observe(script).error is None

    def is_right(self, script: str, *looks: str) -> bool:
        """Return whether the class shows what it should."""
        return self.observe(script).agrees(truth(script), *looks)

    def came_in(self, script: str) -> float:
        """Return the gradient that y was given; a class may have cleared it afterwards."""
        return self.observe(script).at("y.grad") or truth(script).at("y.grad")

    def note(self, mistake: Mistake, script: str, look: str, operation: str = "") -> None:
        """Keep a finding and what shows it; a known one gets one more operation."""
        known = self._findings.get(mistake.name)
        if known is None:
            expected, got = _shown(truth(script), look), _shown(self.observe(script), look)
            if expected == got:
                expected, got = (
                    repr(outcome.at(look)) for outcome in (truth(script), self.observe(script))
                )
            known = Finding(mistake, (), script, look, expected, got)
        if operation and operation not in known.operations:
            known = replace(known, operations=(*known.operations, operation))
        self._findings[mistake.name] = known

    def note_wrong(
        self, mistake: Mistake, script: str, *looks: str, operation: str = ""
    ) -> None:
        """Keep a finding if one of the looks is off, as an exception if the script fails."""
        for look in looks:
            if not self.is_right(script, look):
                self.note(mistake if self.runs(script) else RAISES, script, look, operation)

    def note_if_nothing_else(
        self, mistake: Mistake, script: str, look: str, operation: str
    ) -> None:
        """Keep a finding in an operation that is made of others, which may be why."""
        self._consequences.append((mistake, script, look, operation))

    def note_missing(self, operation: str) -> None:
        """Keep an operation that the class does not have."""
        self._not_there[operation] = None

    def note_untried(self, what: str) -> None:
        """Keep what could not be tried, and why."""
        self._not_tried.append(what)

    def found(self, *mistakes: Mistake) -> bool:
        """Return whether one of the mistakes is among the findings."""
        return any(mistake.name in self._findings for mistake in mistakes)

    def is_sound(self, text: str) -> bool:
        """Return whether an expression was tried on its own and is right."""
        return any(form.text == text for form in self.sound)

    def report(self) -> Report:
        """Return what was found, mistakes before limitations."""
        if all(finding.mistake.limitation for finding in self._findings.values()):
            # Made of each other, then; the simplest comes first.
            for consequence in self._consequences:
                if consequence[-1] == self._consequences[0][-1]:
                    self.note(*consequence)
        findings = sorted(self._findings.values(), key=lambda f: f.mistake.limitation)
        own = {operation for finding in findings for operation in finding.operations}
        built = dict.fromkeys(operation for *_, operation in self._consequences)
        return Report(
            self.value_class.__name__,
            tuple(findings),
            tuple(operation for operation in built if operation not in own),
            tuple(operation for operation in self._not_there if operation not in own),
            tuple(self._not_tried),
        )


def _shown(outcome: Outcome, look: str) -> str:
    error = outcome.error
    if error is not None:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    return format_number(outcome.numbers[look]) if look in outcome.numbers else "nothing"
