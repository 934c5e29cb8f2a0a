"""Who is to blame for what a report calls wrong: an operation, a kink, or a number let go.

Knows how findings about single operations change a report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograd.checking.calls import Call
from autograd.checking.probing import Replayed, Site
from autograd.checking.ranges import inputs_of, out_of_range_twice
from autograd.checking.references import unreliable
from autograd.checking.report import GradientReport
from autograd.checking.surroundings import trusted
from autograd.checking.suspects import Findings, examine, examine_twice
from autograd.checking.verdicts import INCONCLUSIVE, KINK, WRONG, Comparison, Tolerance


def blamed(
    report: GradientReport, site: Site, call: Call, tolerance: Tolerance
) -> GradientReport:
    """Return the report with the operations to blame for what is wrong."""
    first = any(row.verdict == WRONG for row in (*report.rows, *report.forward))
    if not first and all(row.verdict != WRONG for row in report.second):
        return report
    findings = examine(report.tape, tolerance)
    suspects = findings.wrong or findings.unknown
    if not first and not suspects:
        excused = findings.edges.keys() | findings.beyond
        suspects = examine_twice(report.tape, tolerance, excused)
    if suspects:
        return replace(report, suspects=suspects)
    if any(trusted(site, {k}) is None for k in range(len(site.point))):
        return replace(report, notes=(*report.notes, _ESCAPED))
    report = _acquitted(report, findings, call, site.tape)
    return report if report.ok else replace(report, notes=(*report.notes, _UNEXPLAINED))


_ESCAPED = (
    "every operation is right, but a constant of the tape changes with the input; was a number "
    "taken out with .data or detach()? (stop_gradient does it openly)"
)
_BEYOND = "too much or too little for floats is passed on"
_UNEXPLAINED = "every operation is right by itself; does the function branch on its input?"


def _acquitted(
    report: GradientReport, findings: Findings, call: Call, tape: Replayed | None
) -> GradientReport:
    """Return the report where every operation is right, and something excuses the whole.

    The conventions at kinks need not add up to its slope: relu(x) - relu(-x) is x and gets 0
    at 0. What the sweep passes on may be no float: the slope of log at 1e-310 is 1e310. And a
    value on the way may not be what it stands for: sinc(1.0) is 4e-17, and not 0.
    """
    right = "each right by itself"
    report = _softened(report, KINK, f"{right}, at a kink or an edge", findings.edges)
    report = _softened(report, INCONCLUSIVE, f"{right}, but {_BEYOND}", findings.beyond)
    names = call.names
    second = tuple(
        replace(row, verdict=INCONCLUSIVE, note=f"in the sweep over a sweep, {_BEYOND}")
        if row.verdict == WRONG
        and out_of_range_twice(call.flat, call.point, map(names.index, _inputs(row, names)))
        else row
        for row in report.second
    )
    report = replace(report, second=second)
    if report.ok or tape is None or not (reason := unreliable(tape)):
        return report
    return _softened(report, INCONCLUSIVE, reason)


def _inputs(row: Comparison, names: Sequence[str]) -> Sequence[str]:
    """Return the names of the inputs that a derivative is by; they may have commas inside."""
    starts = (name for name in names if row.name.startswith(f"{name}, "))
    pairs = ((name, row.name.removeprefix(f"{name}, ")) for name in starts)
    return next((pair for pair in pairs if pair[1] in names), (row.name,))


def _softened(
    report: GradientReport, verdict: str, note: str, excuses: Mapping[int, str] | None = None
) -> GradientReport:
    """Return the report with another verdict where it says wrong.

    If excuses are given, rows with their texts, only for the inputs of those rows.
    """
    names = list(report.point)
    excused = set(names)
    if excuses is not None:
        note = f"{note}: {'; '.join(excuses.values())}"
        excused = {report.tape[k].label for k in inputs_of(report.tape, excuses)}

    def softened(rows: Sequence[Comparison]) -> tuple[Comparison, ...]:
        return tuple(
            replace(row, verdict=verdict, note=note)
            if row.verdict == WRONG and excused.intersection(_inputs(row, names))
            else row
            for row in rows
        )

    return replace(
        report,
        rows=softened(report.rows),
        forward=softened(report.forward),
        second=softened(report.second),
    )
