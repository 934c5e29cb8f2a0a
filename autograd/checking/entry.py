"""Gradient checks for everyone: of transforms, of custom operations, of other people's code.

`check_gradients` holds the gradients of a function against references that use no derivative
formula, and reports. Knows the order of a check: properties, references, who is to blame. How
a derivative is judged stands in `judging`.
"""

import math
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograd.checking.blame import blamed
from autograd.checking.calls import Call, Gradient, plain_number
from autograd.checking.judging import first_order, second_order
from autograd.checking.probing import Site, recorded
from autograd.checking.properties import Property, linear_sweeps, same_twice, unequal
from autograd.checking.report import GradientReport
from autograd.checking.suspects import readable
from autograd.checking.verdicts import OK, Claim, Comparison, Tolerance
from autograd.errors import (
    DefinitionWarning,
    DomainError,
    GradientError,
    IndependenceWarning,
    LengthError,
    NumberError,
    TapeError,
    shown,
)
from autograd.listing import Listing
from autograd.numbers import real
from autograd.transforms import hessian, jvp, value_and_grad

MODES = ("reverse", "forward", "second")

# Second derivatives are checked among so many inputs at most.
MOST_INPUTS = 24


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    gradient: Gradient | None = None,
    modes: str | Collection[str] | None = None,
    rtol: float = 1e-8,
    atol: float = 0.0,
) -> GradientReport:
    """Return a report on the gradients of f at a point; it is true unless something is wrong.

    Args:
        f: a function that returns one number. Without `gradient` it is made of Values, as for
            `grad`; with it, any function of floats will do.
        args: where: floats, or nested lists, tuples and dicts of floats.
        gradient: a function of the same arguments that returns the gradient of f in their
            structure (a tuple for several arguments; arrays for lists will do). Then this
            gradient is checked and not ours.
        modes: which of "reverse", "forward" and "second" (second derivatives) to check; all
            that can be if left out.
        rtol: the relative error that is allowed.
        atol: the absolute error that is allowed.

    Raises:
        NumberError: if f returns anything but one number that depends on its arguments.
        DomainError: if an argument or the value of f is not finite, or a tolerance no error.
        StructureError: if `gradient` returns another structure than that of the arguments.
        LengthError: if there is nothing to differentiate by.

    Example:
        >>> from autograd import tanh
        >>> report = check_gradients(lambda x, w: tanh(x * w["a"]), 0.5, {"a": 2.0})
        >>> bool(report), [row.name for row in report.rows]
        (True, ['x', "w['a']"])
    """
    call = Call(f, args)
    tolerance = Tolerance(relative=_allowed(rtol, "rtol"), absolute=_allowed(atol, "atol"))
    if gradient is not None:
        if not callable(gradient):
            raise NumberError(
                "gradient must be a function of the same arguments as the one to check, got "
                f"{shown(gradient)}"
            )
        _known(modes, ("reverse",))
        return _check_theirs(call, gradient, tolerance)
    with warnings.catch_warnings():
        # The report says both.
        warnings.simplefilter("ignore", IndependenceWarning)
        warnings.simplefilter("ignore", DefinitionWarning)
        return _check_ours(call, _known(modes, MODES), tolerance)


def assert_gradients(f: Callable[..., Any], *args: Any, **options: Any) -> GradientReport:
    """Return the report of `check_gradients`, or raise it if something is wrong.

    Raises:
        GradientError: with the report as its message.

    Example:
        >>> from autograd import operation
        >>> square = operation("x * x", name="bad_square", dx="2.002 * x")
        >>> def f(x):
        ...     return square(x) + 1.0
        >>> assert_gradients(f, 3.0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        autograd.errors.GradientError: gradients of f at x = 3: WRONG
        ...
    """
    report = check_gradients(f, *args, **options)
    if not report:
        raise GradientError(report)
    return report


def _allowed(error: Any, name: str) -> float:
    """Return an error that is allowed as a float."""
    found = real(error, name)
    if not 0.0 <= found < math.inf:
        raise DomainError(f"{name} must be at least 0 and finite, got {found!r}")
    return found


def _known(modes: str | Collection[str] | None, known: Sequence[str]) -> Collection[str]:
    if modes is None:
        return known
    wanted = [modes] if isinstance(modes, str) else list(modes)
    if not wanted or any(mode not in known for mode in wanted):
        raise LengthError(f"check_gradients needs modes among {list(known)}, got {modes!r}")
    return wanted


def _started(call: Call, site: Site) -> GradientReport:
    """Return the report as far as it stands before anything is compared."""
    if not math.isfinite(site.base.value):
        raise DomainError(
            f"check_gradients needs a point where {call.title} is finite, "
            f"got {site.base.value!r}"
        )
    point = dict(zip(call.names, call.point, strict=True))
    return GradientReport(
        call.title, point, site.base.value, (), properties=(same_twice(site),)
    )


def _compared(
    site: Site, report: GradientReport, ours: Sequence[float], tolerance: Tolerance
) -> GradientReport:
    """Return the report with a verdict for each input."""
    claims = [Claim(name, g, tolerance) for name, g in zip(report.point, ours, strict=True)]
    if report.properties[0].fault:
        rows = [claim.unchecked("f keeps state") for claim in claims]
    else:
        rows = [first_order(site, k, claim) for k, claim in enumerate(claims)]
    return replace(report, rows=tuple(rows))


# -- code that is not ours ------------------------------------------------------------------


def _check_theirs(call: Call, gradient: Gradient, tolerance: Tolerance) -> GradientReport:
    site = Site(call.plain, call.point)
    first, fault = call.gradient(gradient)
    second, _ = call.gradient(gradient)
    report = _compared(site, _started(call, site), first, tolerance)
    properties = (
        *report.properties,
        Property("two gradients are identical", unequal(call.names, first, second)),
        Property("the arguments are left alone", fault),
    )
    return replace(report, properties=properties)


# -- our own --------------------------------------------------------------------------------


def _check_ours(call: Call, modes: Collection[str], tolerance: Tolerance) -> GradientReport:
    site = Site(recorded(call.on), call.point)
    report = _started(call, site)
    _dependent(site, call)
    tape = Listing(readable(site.base.rows, call.names))
    untouched = Property("the arguments are left alone", call.changed())
    properties = (*report.properties, untouched)
    report = replace(report, tape=tape, properties=properties, record=lambda: call.swept()[0])
    if any(x.row is not None and x.partial is None for row in tape for x in row.operands):
        note = "an operation has no local derivatives, so only its _backward was checked"
        report = _compared(site, report, call.swept()[1], tolerance)
        return blamed(replace(report, notes=(note,)), site, call, tolerance)
    ours = value_and_grad(call.flat, tuple(range(len(call.point))))(*call.point)[1]
    report = _compared(site, report, [plain_number(g) for g in ours], tolerance)
    if not report.properties[0].fault:
        report = replace(report, properties=(*report.properties, *linear_sweeps(call, tape)))
        if "forward" in modes:
            report = replace(report, forward=_forward(site, call, report, tolerance))
        if "second" in modes:
            report = _second(site, call, report, tolerance)
    if "reverse" not in modes:
        report = replace(report, rows=())
    return blamed(report, site, call, tolerance)


def _dependent(site: Site, call: Call) -> None:
    """Raise if the result depends on no input, neither by its tape nor by its value."""
    if site.base.reached:
        return
    for k, x in enumerate(site.point):
        for step in (0.125 * max(1.0, abs(x)), -0.125 * max(1.0, abs(x))):
            run = site.moved({k: step})
            if run is not None and (run.value != site.base.value or run.reached):
                return
    raise NumberError(
        f"check_gradients needs a result that depends on the arguments, but {call.title} "
        f"returned the constant {site.base.value!r}"
    )


def _forward(
    site: Site, call: Call, report: GradientReport, tolerance: Tolerance
) -> tuple[Comparison, ...]:
    """Return a verdict for each input on the slope by the forward sweep."""
    found = []
    for k, row in enumerate(report.rows):
        tangents = [1.0 if j == k else 0.0 for j in range(len(report.rows))]
        slope = plain_number(jvp(call.flat, call.point, tangents)[1])
        same = slope == row.ours or (math.isnan(slope) and math.isnan(row.ours))
        found.append(row if same else first_order(site, k, Claim(row.name, slope, tolerance)))
    return tuple(found)


def _second(
    site: Site, call: Call, report: GradientReport, tolerance: Tolerance
) -> GradientReport:
    """Return the report with the second derivatives by all pairs of inputs that are ok."""
    notes = list(report.notes)
    # An upright tangent is right, and has no slope of its own.
    sure = [
        k for k, row in enumerate(report.rows) if row.verdict == OK and math.isfinite(row.ours)
    ]
    if len(sure) < len(report.rows):
        left_out = [row.name for k, row in enumerate(report.rows) if k not in sure]
        more = ", ..." if len(left_out) > 6 else ""
        notes.append(
            f"second derivatives with respect to {', '.join(left_out[:6])}{more} were not "
            "checked: the first must be ok and finite for that"
        )
    if len(sure) > MOST_INPUTS:
        notes.append(f"second derivatives were checked for {MOST_INPUTS} of {len(sure)} inputs")
        sure = [sure[k * len(sure) // MOST_INPUTS] for k in range(MOST_INPUTS)]
    if not sure:
        return replace(report, notes=tuple(notes))
    try:
        ours = hessian(call.flat, tuple(sure))(*call.point)
    except (TapeError, TypeError) as error:
        notes.append(f"second derivatives cannot be had: {error}")
        return replace(report, notes=tuple(notes))
    second = [
        comparison
        for i in range(len(sure))
        for j in range(i + 1)
        for comparison in _pair(
            site,
            call,
            (sure[i], sure[j]),
            (plain_number(ours[i][j]), plain_number(ours[j][i])),
            tolerance,
        )
    ]
    return replace(report, second=tuple(second), notes=tuple(notes))


def _pair(
    site: Site,
    call: Call,
    pair: tuple[int, int],
    ours: tuple[float, float],
    tolerance: Tolerance,
) -> Iterator[Comparison]:
    """Yield the verdict on a second derivative, and on its mirror image if that differs."""
    (i, j), (one, other) = pair, ours
    name, mirrored = f"{call.names[i]}, {call.names[j]}", f"{call.names[j]}, {call.names[i]}"
    yield second_order(site, i, j, Claim(name, one, tolerance))
    if i != j and not abs(one - other) <= tolerance.relative * max(abs(one), abs(other)):
        yield second_order(site, j, i, Claim(mirrored, other, tolerance))
