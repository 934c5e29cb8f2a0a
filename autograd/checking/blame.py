"""Who is to blame for what a report calls wrong: an operation, a kink, or a number let go.

Knows how findings about single operations change a report.
"""

from collections.abc import Sequence
from dataclasses import replace

from autograd.checking.probing import Site
from autograd.checking.report import GradientReport
from autograd.checking.surroundings import trusted
from autograd.checking.suspects import Findings, examine, examine_twice
from autograd.checking.verdicts import KINK, WRONG, Comparison, Tolerance


def blamed(report: GradientReport, site: Site, tolerance: Tolerance) -> GradientReport:
    """Return the report with the operations to blame for what is wrong."""
    first = any(row.verdict == WRONG for row in (*report.rows, *report.forward))
    if not first and all(row.verdict != WRONG for row in report.second):
        return report
    findings = examine(report.tape, tolerance)
    suspects = findings.wrong or findings.unknown
    if not first and not suspects:
        suspects = examine_twice(report.tape, tolerance, findings.edges)
    if suspects:
        return replace(report, suspects=suspects)
    if any(trusted(site, {k}) is None for k in range(len(site.point))):
        return replace(report, notes=(*report.notes, _ESCAPED))
    report = _acquitted(report, findings)
    return report if report.ok else replace(report, notes=(*report.notes, _UNEXPLAINED))


_ESCAPED = (
    "every operation is right, but a constant of the tape changes with the input; was a number "
    "taken out with .data or detach()? (stop_gradient does it openly)"
)
_UNEXPLAINED = "every operation is right by itself; does the function branch on its input?"


def _acquitted(report: GradientReport, findings: Findings) -> GradientReport:
    """Return the report where every operation is right and some stand at kinks.

    Their conventions need not add up to the slope of the whole: relu(x) - relu(-x) is x and
    gets 0 at 0. That excuses the inputs that those operations were computed from.
    """
    note = f"each right by itself, at a kink or an edge: {'; '.join(findings.edges.values())}"
    excused = {report.tape[k].label for k in findings.affected}

    def softened(rows: Sequence[Comparison]) -> tuple[Comparison, ...]:
        return tuple(
            replace(row, verdict=KINK, note=note)
            if row.verdict == WRONG and excused.intersection((row.name, *row.name.split(", ")))
            else row
            for row in rows
        )

    return replace(
        report,
        rows=softened(report.rows),
        forward=softened(report.forward),
        second=softened(report.second),
    )
