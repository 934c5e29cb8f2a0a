"""A compiled function over a batch: the mean, or sum, over the samples, and its gradient.

Samples that take different branches are run by different programs, each over all of its
samples; samples for which no program fits run on the engine. Sums go in the order of the
samples within each of these groups.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import transforms
from autograd.compiling.arguments import check_columns, parameters, structure_of
from autograd.compiling.recording import record
from autograd.compiling.results import (
    branch_error,
    left_to_engine,
    on_the_tape,
    one_number_expected,
    others,
    plain_positions,
    rerun,
)
from autograd.compiling.samples import Call, Sums, add_by_engine, by_engine, read_call
from autograd.compiling.specialising import (
    Compilation,
    Family,
    Options,
    Specialisation,
    Task,
    totals,
)
from autograd.errors import LengthError
from autograd.tape import VOID, here


class Batches:
    """The compiled forms of a function that is called with batches.

    Attributes:
        recordings: how often the function was recorded.
        last: what ran last, and the recording it came from.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        options: Options,
        batch: Sequence[Any],
        reduction: str,
    ) -> None:
        check_columns(function, name, batch)
        self.function = function
        self.name = name
        self.options = options
        self.recordings = 0
        self.last: tuple[Specialisation, Compilation] | None = None
        self._batch = tuple(batch)
        self._mean = reduction == "mean"
        self._families: dict[Any, Family] = {}
        self._names: dict[int, list[str]] = {}
        # The line of the guard that flipped last.
        self._flipped = ""

    # -- the questions --------------------------------------------------------------------

    def call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Return the mean or the sum: a Value if Values take part, else a float."""
        call = self._read(args, kwargs)
        if left_to_engine():
            return self._by_engine(call)
        followed = here.reel is not VOID
        wrt = tuple(call.shared.values) if followed else ()
        sums = self._sums(call, wrt, slopes=followed)
        count = call.count if self._mean else 1
        out = sums.value / count
        sources = [
            *call.shared.values.values(),
            *(value for value, _ in sums.captured.values()),
        ]
        if not sources and (followed or not self._takes_values(call)):
            return out
        slopes = [*sums.shared, *(slope for _, slope in sums.captured.values())]
        again = rerun(sources, lambda: self._by_engine(call)) if followed else None
        partials = [slope / count for slope in slopes] if followed else ()
        return on_the_tape(sources if followed else [], out, partials, again)

    def value_and_grad(
        self, args: Sequence[Any], kwargs: dict[str, Any], argnums: Any
    ) -> tuple[Any, Any]:
        """Return the mean or the sum, and its gradient by shared arguments."""
        call = self._read(args, kwargs)
        if argnums is None and not call.positions:
            raise LengthError(
                f"{self.name} has no shared argument to be differentiated by; for the "
                "gradients of Values that it uses, such as the weights of a model, call it, "
                "and backward() on what it returns"
            )
        if argnums is None:
            argnums = call.positions[0] if len(call.positions) == 1 else tuple(call.positions)
        positions = plain_positions(argnums, len(call.args))
        if positions is None or any(position in call.varying for position in positions):
            raise LengthError(
                f"{self.name} is differentiated by shared arguments, those that are no "
                f"columns: argnums may be among {call.positions}, got {argnums!r}"
            )
        wrt = tuple(k for position in positions for k in call.span(position))
        rebuilds = [structure_of(call.args[position], "grad") for position in positions]
        followed = here.reel is not VOID and self._takes_values(call)
        if left_to_engine() or followed:

            def engine(*shared: Any) -> Any:
                return self._by_engine(call, shared)

            among = [call.positions.index(position) for position in positions]
            chosen = among[0] if isinstance(argnums, int) else tuple(among)
            both = transforms.value_and_grad(engine, chosen)
            return both(*(call.args[k] for k in call.positions))  # type: ignore[no-any-return]
        sums = self._sums(call, wrt, slopes=True)
        count = call.count if self._mean else 1
        slopes = [slope / count for slope in sums.shared]
        parts, start = [], 0
        for position, rebuild in zip(positions, rebuilds, strict=True):
            size = len(call.span(position))
            parts.append(rebuild(slopes[start : start + size]))
            start += size
        return sums.value / count, parts[0] if isinstance(argnums, int) else tuple(parts)

    def _read(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
        count = len(args) + len(kwargs)
        if count not in self._names:
            self._names[count] = parameters(self.function, count)
        return read_call(self.name, self._names[count], self._batch, args, kwargs)

    def _by_engine(self, call: Call, shared: Sequence[Any] | None = None) -> Any:
        given = [call.args[k] for k in call.positions] if shared is None else shared
        return by_engine(self.function, call, given, mean=self._mean)

    def _takes_values(self, call: Call) -> bool:
        """Return whether Values take part, as arguments or captured."""
        if call.shared.values:
            return True
        family = self._family(call)
        if not family.members and self._record(family, call, 0) is None:
            return True
        return any(member.recording.captured for member in family.members)

    def _family(self, call: Call) -> Family:
        return self._families.setdefault(call.key, Family())

    # -- sums -----------------------------------------------------------------------------

    def _sums(self, call: Call, wrt: tuple[int, ...], *, slopes: bool) -> Sums:
        """Return the totals over all samples."""
        family = self._family(call)
        family.tick()
        sums = Sums(0.0, [0.0] * len(wrt), {})
        left = list(range(call.count))
        tried: list[Specialisation] = []
        while left:
            ran = self._one_group(family, call, wrt, left, tried, slopes=slopes)
            if ran is None:
                break
            member = tried[-1]
            results, flipped = ran
            if len(flipped) < len(left):
                sums.add(results, member.recording.captured)
                family.use(member)
            left = [left[k] for k, _ in flipped]
        for k in left:
            add_by_engine(self.function, call, wrt, k, sums, slopes=slopes)
        return sums

    def _one_group(
        self,
        family: Family,
        call: Call,
        wrt: tuple[int, ...],
        samples: list[int],
        tried: list[Specialisation],
        *,
        slopes: bool,
    ) -> tuple[list[float], list[tuple[int, int]]] | None:
        """Return the totals of a specialisation not tried so far, and the samples left out."""
        known = next((member for member in family.members if member not in tried), None)
        member = known or self._another(family, call, samples[0])
        if member is None:
            return None
        ran = self._run(family, call, member, wrt, samples, slopes=slopes)
        if known is None and ran is not None and ran[1] and ran[1][0][0] == 0:
            # Its own guards do not hold, because of a nan.
            family.drop(member)
            return None
        if ran is not None and ran[1] and self.last is not None:
            self._flipped = self.last[1].line_of(ran[1][0][1])
        tried.append(member)
        return ran

    def _another(self, family: Family, call: Call, sample: int) -> Specialisation | None:
        """Return a new specialisation that fits a sample, None if the engine must do."""
        if family.members and self.options.on_branch == "raise":
            raise branch_error(self.name, self._flipped)
        room = family.has_room(self.name)
        return self._record(family, call, sample) if room else None

    def _run(
        self,
        family: Family,
        call: Call,
        member: Specialisation,
        wrt: tuple[int, ...],
        samples: list[int],
        *,
        slopes: bool,
    ) -> tuple[list[float], list[tuple[int, int]]] | None:
        count = len(call.shared.numbers)
        varying = tuple(range(count, count + sum(x.width for x in call.varying.values())))
        last = count + len(varying)
        captured = range(last, last + len(member.recording.captured))

        def make() -> Task:
            if not (slopes and (wrt or captured)):
                return Task("value", varying=varying)
            fixed = (*others(count, wrt), *varying)
            return Task("gradient", (*wrt, *captured), fixed, varying=varying)

        compiled = member.compiled(family.known((slopes, len(captured), wrt), make))
        self.last = member, compiled
        some = samples if len(samples) < call.count else None
        arrays = compiled.backend.startswith("native")
        lists = [x for found in call.varying.values() for x in found.rows(some, arrays=arrays)]
        shared = [*call.shared.numbers, *member.captured()]
        return totals(compiled.kernel, shared, lists)

    def _record(self, family: Family, call: Call, sample: int) -> Specialisation | None:
        """Return a specialisation for the branches that a sample takes."""
        laid_out = call.layout()
        givens = [*laid_out.givens, *call.givens(sample)]
        count = len(call.shared.numbers)

        def run(numbers: list[Any]) -> Any:
            shared, named = laid_out.rebuild(numbers[:count])
            return self.function(*call.arguments(shared, numbers[count:]), **named)

        recording = record(run, givens)
        self.recordings += 1
        member = family.add(recording, self.options, self.name)
        if member is not None and not member.single:
            family.drop(member)
            raise one_number_expected(self.name)
        return member
