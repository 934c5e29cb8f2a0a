"""A compiled function over a batch: the mean, or sum, over the samples, and its gradient.

Samples that take different branches are run by different programs, each over all of its
samples; samples for which no program fits run on the engine. Sums go in the order of the
samples within each of these groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import functions, transforms
from autograd.checkpointing import own_reels, sources_of
from autograd.compiling.arguments import Arguments, layout, parameters, read, structure_of
from autograd.compiling.columns import Columns, columns
from autograd.compiling.points import (
    branch_error,
    left_to_engine,
    on_the_tape,
    one_number_expected,
    others,
    plain_positions,
    rerun,
)
from autograd.compiling.recording import Given, record
from autograd.compiling.specialising import (
    Compilation,
    Family,
    Options,
    Specialisation,
    Task,
    totals,
)
from autograd.errors import LengthError, NumberError, shown
from autograd.linear import Linearisation
from autograd.numbers import real
from autograd.tape import VOID, here
from autograd.value import Value

# The index, in a batch, of arguments: what varies by position, the rest in order.
Varying = dict[int, Columns]


@dataclass(slots=True)
class Sums:
    """Totals over samples.

    Attributes:
        value: of the function.
        shared: of its derivatives by the numbers of shared arguments.
        captured: of its derivatives by captured Values, with these.
    """

    value: float
    shared: list[float]
    captured: dict[int, tuple[Value, float]]

    def add(self, results: Sequence[float], captured: Sequence[Value]) -> None:
        """Add a value and its derivatives: by shared numbers, then by captured Values."""
        self.value += results[0]
        if len(results) == 1:
            return
        split = 1 + len(self.shared)
        for k, slope in enumerate(results[1:split]):
            self.shared[k] += slope
        for value, slope in zip(captured, results[split:], strict=True):
            _, known = self.captured.get(id(value), (value, 0.0))
            self.captured[id(value)] = value, known + slope


@dataclass(frozen=True, slots=True)
class Call:
    """One call: arguments that are shared, and columns."""

    args: list[Any]
    kwargs: dict[str, Any]
    varying: Varying
    shared: Arguments
    positions: list[int]
    count: int

    def span(self, position: int) -> range:
        """Return the numbers of a shared argument, by its position among all arguments."""
        return self.shared.span(self.positions.index(position))


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
        self.function = function
        self.name = name
        self.options = options
        self.recordings = 0
        self.last: tuple[Specialisation, Compilation] | None = None
        self._batch = tuple(batch)
        self._mean = reduction == "mean"
        self._families: dict[Any, Family] = {}
        self._known_names: dict[int, list[str]] = {}

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
                return self._by_engine(call, dict(zip(call.positions, shared, strict=True)))

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

    # -- arguments ------------------------------------------------------------------------

    def _names(self, count: int) -> list[str]:
        """Return the names of so many arguments."""
        if count not in self._known_names:
            self._known_names[count] = parameters(self.function, count)
        return self._known_names[count]

    def _read(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
        names = self._names(len(args) + len(kwargs))
        args, kwargs = list(args), dict(kwargs)
        while len(args) < len(names) and names[len(args)] in kwargs:
            args.append(kwargs.pop(names[len(args)]))
        varying: Varying = {}
        for which in self._batch:
            position, name = self._position(which, names, len(args))
            varying[position] = columns(args[position], name)
        counts = {names[position]: found.count for position, found in varying.items()}
        if len(set(counts.values())) != 1:
            raise LengthError(
                f"{self.name} needs columns with the same number of samples, got {counts}"
            )
        positions = [k for k in range(len(args)) if k not in varying]
        shared = read([args[k] for k in positions], kwargs)
        return Call(args, kwargs, varying, shared, positions, next(iter(counts.values())))

    def _position(self, which: Any, names: Sequence[str], count: int) -> tuple[int, str]:
        if which in names[:count]:
            return names.index(which), str(which)
        if type(which) is int and -count <= which < count:
            return which % count, names[which % count]
        raise LengthError(
            f"{self.name} was compiled for a batch with the argument {which!r} as a column, "
            f"and was called without it; it got {list(names[:count])}"
        )

    def _takes_values(self, call: Call) -> bool:
        if call.shared.values:
            return True
        family = self._families.get(self._key(call))
        if family is None or not family.members:
            family = self._families.setdefault(self._key(call), Family())
            if self._record(family, call, 0) is None:
                return True
        return any(member.recording.captured for member in family.members)

    def _key(self, call: Call) -> Any:
        forms = tuple((k, found.shape, found.whole) for k, found in call.varying.items())
        return call.shared.key, forms

    # -- sums -----------------------------------------------------------------------------

    def _sums(self, call: Call, wrt: tuple[int, ...], *, slopes: bool) -> Sums:
        """Return the totals over all samples."""
        family = self._families.setdefault(self._key(call), Family())
        family.tick()
        sums = Sums(0.0, [0.0] * len(wrt), {})
        left = list(range(call.count))
        tried: list[Specialisation] = []
        flipped = ""
        while left:
            member = next((x for x in family.members if x not in tried), None)
            fresh = member is None
            if member is None:
                member = self._another(family, call, left[0], flipped)
            if member is None:
                break
            ran = self._run(family, call, member, wrt, left, slopes=slopes)
            if ran is None:
                break
            tried.append(member)
            results, out = ran
            if fresh and out and out[0][0] == 0:
                # Its own guards do not hold, because of a nan.
                family.drop(member)
                break
            if len(out) < len(left):
                sums.add(results, member.recording.captured)
                family.use(member)
            if out:
                assert self.last is not None, "something ran"
                flipped = self.last[1].line_of(out[0][1])
            left = [left[k] for k, _ in out]
        for k in left:
            self._add_by_engine(call, wrt, k, sums, slopes=slopes)
        return sums

    def _another(
        self, family: Family, call: Call, sample: int, flipped: str
    ) -> Specialisation | None:
        """Return a new specialisation that fits a sample, None if the engine must do."""
        if family.members and self.options.on_branch == "raise":
            raise branch_error(self.name, flipped)
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
        lists = [column for found in call.varying.values() for column in found.lists]
        varying = tuple(range(count, count + len(lists)))
        last = count + len(lists)
        captured = range(last, last + len(member.recording.captured))

        def make() -> Task:
            if not (slopes and (wrt or captured)):
                return Task("value", varying=varying)
            fixed = (*others(count, wrt), *varying)
            return Task("gradient", (*wrt, *captured), fixed, varying=varying)

        compiled = member.compiled(family.known((slopes, len(captured), wrt), make))
        self.last = member, compiled
        if len(samples) < call.count:
            lists = [[column[k] for k in samples] for column in lists]
        shared = [*call.shared.numbers, *member.captured()]
        return totals(compiled.kernel, shared, lists)

    def _record(self, family: Family, call: Call, sample: int) -> Specialisation | None:
        """Return a specialisation for the branches that a sample takes."""
        given = [call.args[k] for k in call.positions]
        laid_out = layout(self._reordered(call), given, call.kwargs, call.shared)
        givens = list(laid_out.givens)
        names = self._names(len(call.args))
        for position, found in call.varying.items():
            numbers = found.sample(sample)
            many = len(numbers) > 1
            givens += [
                Given(x, f"{names[position]}{k if many else ''}", found.whole, varies=True)
                for k, x in enumerate(numbers)
            ]
        count = len(call.shared.numbers)

        def run(numbers: list[Any]) -> Any:
            shared, named = laid_out.rebuild(numbers[:count])
            return self.function(*self._arguments(call, shared, numbers[count:]), **named)

        recording = record(run, givens)
        self.recordings += 1
        member = family.add(recording, self.options, self.name)
        if member is not None and not member.single:
            family.drop(member)
            raise one_number_expected(self.name)
        return member

    def _reordered(self, call: Call) -> Callable[..., Any]:
        """Return something whose parameters are called like the shared arguments."""
        import inspect  # noqa: PLC0415 - a small thing

        names = self._names(len(call.args))

        def shared(*_: Any) -> None:
            """Take the shared arguments."""

        kind = inspect.Parameter.POSITIONAL_ONLY
        shared.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(names[k], kind) for k in call.positions]
        )
        return shared

    def _arguments(
        self, call: Call, shared: Sequence[Any], numbers: Sequence[Any]
    ) -> list[Any]:
        """Return all arguments: shared ones, and one sample's numbers in their shapes."""
        parts = dict(zip(call.positions, shared, strict=True))
        start = 0
        for position, found in call.varying.items():
            size = len(found.lists)
            parts[position] = found.arranged(numbers[start : start + size])
            start += size
        return [parts[k] for k in range(len(call.args))]

    # -- the engine -----------------------------------------------------------------------

    def _sample(self, call: Call, k: int) -> list[Any]:
        """Return the numbers of a sample as the engine gets them."""
        return [
            int(x) if found.whole else x
            for found in call.varying.values()
            for x in found.sample(k)
        ]

    def _by_engine(self, call: Call, shared: dict[int, Any] | None = None) -> Any:
        """Return the mean or the sum, every sample recorded by itself."""
        given = shared or {k: call.args[k] for k in call.positions}
        arguments = [given[k] for k in call.positions]
        outs = [
            self.function(
                *self._arguments(call, arguments, self._sample(call, k)), **call.kwargs
            )
            for k in range(call.count)
        ]
        return functions.mean(outs) if self._mean else functions.total(outs)

    def _add_by_engine(
        self, call: Call, wrt: tuple[int, ...], k: int, sums: Sums, *, slopes: bool
    ) -> None:
        """Add one sample's value and derivatives, computed by the engine."""
        numbers: list[Any] = list(call.shared.numbers)
        fresh = []
        for position in wrt:
            numbers[position] = Value(numbers[position])
            fresh.append(numbers[position])
        given = [call.args[position] for position in call.positions]
        laid_out = layout(self._reordered(call), given, call.kwargs, call.shared)
        shared, named = laid_out.rebuild(numbers)
        arguments = self._arguments(call, shared, self._sample(call, k))
        try:
            with own_reels() as reels:
                out = self.function(*arguments, **named)
        except Exception as error:
            error.add_note(f"at sample {k} of the batch")
            raise
        if not isinstance(out, Value):
            sums.add([real(out, "the result"), *([0.0] * len(wrt) if slopes else [])], [])
            return
        captured = [x for x in sources_of(reels) if not any(x is y for y in fresh)]
        if not slopes:
            sums.add([out._data], [])
            return
        if out._reel is None and not any(out is y for y in (*fresh, *captured)):
            captured.append(out)
        pulled = Linearisation([*fresh, *captured], [out]).pull([1.0], recorded=False)
        sums.add([out._data, *pulled], captured)


def checked_batch(batch: Any) -> tuple[Any, ...]:
    """Return the names or positions of the columns.

    Raises:
        NumberError: if they are anything else.

    >>> checked_batch("x"), checked_batch(("x", 1))
    (('x',), ('x', 1))
    """
    wanted = (batch,) if isinstance(batch, (str, int)) else batch
    listed = isinstance(wanted, (tuple, list)) and len(wanted) > 0
    if listed and all(type(k) in (str, int) for k in wanted):
        return tuple(wanted)
    raise NumberError(
        'batch must be names of arguments, such as ("x", "y"), or their positions, got '
        f"{shown(batch)}"
    )
