"""What a diagnosis says: findings, and the report that prints them.

Knows the look of a report. Knows no experiment.
"""

from dataclasses import dataclass
from textwrap import fill

from autograd.listing import aligned
from autograd.zoo.mistakes import Mistake

_HEADINGS = ("finding", "kind", "in", "expected", "got")
_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake of a class, with the smallest program that shows it.

    Attributes:
        mistake: what it is, and where to look.
        operations: the operations it was seen in; empty when it is in backward() itself.
        script: the program that shows it, ready to paste.
        look: what to look at after it, such as "x.grad".
        expected: what should be there.
        got: what is there.
    """

    mistake: Mistake
    operations: tuple[str, ...]
    script: str
    look: str
    expected: str
    got: str

    @property
    def name(self) -> str:
        """The name of the mistake."""
        return self.mistake.name

    @property
    def kind(self) -> str:
        """Either "mistake" or "limitation"."""
        return "limitation" if self.mistake.limitation else "mistake"

    def __str__(self) -> str:
        """Return the program, the numbers, the explanation and the hint."""
        where = f" (in {', '.join(self.operations)})" if self.operations else ""
        program = "\n".join(f"    {line}" for line in self.script.splitlines())
        return (
            f"{self.name}{where}\n"
            f"{program}\n"
            f"    {self.look}  # expected {self.expected}, got {self.got}\n"
            f"{fill(self.mistake.means, _WIDTH)}\n"
            f"{fill(f'Look at {self.mistake.look}', _WIDTH)}"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What is wrong with one class; true when it has no mistake.

    Attributes:
        name: the name of the class.
        findings: the mistakes, then the limitations.
        built_on_these: operations that go wrong only because they are made of others.
        not_there: operations that the class does not have.
        not_tried: what could not be tried, and why.
    """

    name: str
    findings: tuple[Finding, ...]
    built_on_these: tuple[str, ...] = ()
    not_there: tuple[str, ...] = ()
    not_tried: tuple[str, ...] = ()

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """The findings that make gradients wrong."""
        return tuple(f for f in self.findings if not f.mistake.limitation)

    @property
    def limitations(self) -> tuple[Finding, ...]:
        """The findings that matter only where the class is used beyond its limits."""
        return tuple(f for f in self.findings if f.mistake.limitation)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of every finding."""
        return tuple(finding.name for finding in self.findings)

    def __bool__(self) -> bool:
        return not self.mistakes

    def __str__(self) -> str:
        """Return a table of the findings, each of them in full, and what was left out."""
        parts = [f"{self.name}: {self._count()}"]
        if self.findings:
            parts += [self._table(), *(str(finding) for finding in self.findings)]
        parts += self._remarks()
        return "\n\n".join(parts)

    __repr__ = __str__

    def _count(self) -> str:
        count = _plural(len(self.mistakes), "mistake")
        if self.limitations:
            count += f", {_plural(len(self.limitations), 'limitation')}"
        return count

    def _table(self) -> str:
        lines = [
            (f.name, f.kind, ", ".join(f.operations), f.expected, f.got.partition(":")[0])
            for f in self.findings
        ]
        return "\n".join(aligned([_HEADINGS, *lines]))

    def _remarks(self) -> list[str]:
        remarks = []
        if self.built_on_these:
            operations = ", ".join(self.built_on_these)
            remarks.append(f"Wrong as well, being made of the above: {operations}")
        if self.not_there:
            remarks.append(f"Not there, so not tried: {', '.join(self.not_there)}")
        remarks += [f"Not tried: {what}" for what in self.not_tried]
        return remarks


def _plural(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
