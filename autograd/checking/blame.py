"""Who is to blame for what a report calls wrong: an operation, a kink, or a number let go.

Knows how findings about single operations change a report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograd.checking.calls import Call
from autograd.checking.probing import Site
from autograd.checking.ranges import inputs_of, out_of_range
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
        suspects = examine_twice(report.tape, tolerance, findings.edges)
    if suspects:
        return replace(report, suspects=suspects)
    if any(trusted(site, {k}) is None for k in range(len(site.point))):
        return replace(report, notes=(*report.notes, _ESCAPED))
    report = _acquitted(report, findings, call)
    return report if report.ok else replace(report, notes=(*report.notes, _UNEXPLAINED))


_ESCAPED = (
    "every operation is right, but a constant of the tape changes with the input; was a number "
    "taken out with .data or detach()? (stop_gradient does it openly)"
)
_BEYOND = "too much or too little for floats is passed on"
_UNEXPLAINED = "every operation is right by itself; does the function branch on its input?"


def _acquitted(report: GradientReport, findings: Findings, call: Call) -> GradientReport:
    """Return the report where every operation is right, and some excuse the whole.

    The conventions at kinks need not add up to its slope: relu(x) - relu(-x) is x and gets 0
    at 0. And what the sweep passes on may be no float: the slope of log at 1e-310 is 1e310.
    """
    report = _softened(
        report, findings.edges, KINK, "each right by itself, at a kink or an edge"
    )
    reason = f"each right by itself, but {_BEYOND}"
    report = _softened(report, findings.beyond, INCONCLUSIVE, reason)
    second = tuple(
        replace(row, verdict=INCONCLUSIVE, note=f"in the sweep over a sweep, {_BEYOND}")
        if row.verdict == WRONG and _lost_twice(call, *_inputs(row, call.names))
        else row
        for row in report.second
    )
    return replace(report, second=second)


def _lost_twice(call: Call, by: str, along: str) -> bool:
    """Return whether a second derivative is computed from what floats cannot hold."""
    rows = call.slope_tape(by)
    return along in {rows[k].label for k in inputs_of(rows, out_of_range(rows))}


def _inputs(row: Comparison, names: Sequence[str]) -> Sequence[str]:
    """Return the names of the inputs that a derivative is by; they may have commas inside."""
    starts = (name for name in names if row.name.startswith(f"{name}, "))
    pairs = ((name, row.name.removeprefix(f"{name}, ")) for name in starts)
    return next((pair for pair in pairs if pair[1] in names), (row.name,))


def _softened(
    report: GradientReport, excuses: Mapping[int, str], verdict: str, reason: str
) -> GradientReport:
    """Return the report with another verdict where the inputs of some rows are called wrong."""
    note = f"{reason}: {'; '.join(excuses.values())}"
    names = list(report.point)
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
