"""A compiled function at one point: find the program, run it, or ask the engine.

The compiled path gives what the engine gives, or it gives way to the engine: where a result is
not finite, where an operation is undefined, where Values are to be followed through a
derivative. So errors and edge cases are the engine's.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import transforms
from autograd.compiling.arguments import Arguments, layout, parameters, read, structure_of
from autograd.compiling.ready import Ready, is_plain, suits
from autograd.compiling.recording import record
from autograd.compiling.results import (
    all_floats,
    branch_error,
    floats_by_engine,
    kept,
    left_to_engine,
    on_the_tape,
    others,
    plain_positions,
    rerun,
)
from autograd.compiling.specialising import (
    Compilation,
    Family,
    Options,
    Specialisation,
    Task,
    TaskOf,
    answer,
    finite,
)
from autograd.structures import Rebuild, flatten, same_shape
from autograd.tape import VOID, here


class Points:
    """The compiled forms of a function that is called with one point at a time.

    Attributes:
        recordings: how often the function was recorded.
        last: what ran last, and the recording it came from.
    """

    def __init__(self, function: Callable[..., Any], name: str, options: Options) -> None:
        self.function = function
        self.name = name
        self.options = options
        self.recordings = 0
        self.last: tuple[Specialisation, Compilation] | None = None
        self._families: dict[Any, Family] = {}
        # By argnums, for calls of the form that came last.
        self._ready: dict[Any, Ready] = {}

    # -- the three questions --------------------------------------------------------------

    def call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Return what the function gives: Values if Values take part, else floats."""
        if left_to_engine():
            return self.function(*args, **kwargs)
        found = read(args, kwargs)
        family = self._family(found)

        def task(member: Specialisation) -> Task:
            follows = found.values or member.recording.captured
            if not follows or here.reel is VOID or len(member.recording.roots) != 1:
                return family.known("value", lambda: Task("value"))
            return _followed(family, found, member, 0)

        ran = self._run(family, found, args, kwargs, task)
        if ran is None:
            return self._by_engine(family, found, args, kwargs)
        member, results = ran
        if not found.values and not member.recording.captured:
            return results[0] if member.single else member.recording.rebuild(results)
        return self._as_values(family, found, args, kwargs, member, results)

    def value_and_grad(
        self, args: Sequence[Any], kwargs: dict[str, Any], argnums: Any
    ) -> tuple[Any, Any]:
        """Return the value and the gradient by some arguments."""
        ready = None if kwargs or not is_plain(argnums) else self._ready.get(argnums)
        if ready is not None and not left_to_engine():
            found = ready.run(args)
            if found is not None:
                self.last = ready.last
                return found
        return self._value_and_grad(args, kwargs, argnums)

    def _value_and_grad(
        self, args: Sequence[Any], kwargs: dict[str, Any], argnums: Any
    ) -> tuple[Any, Any]:
        """Return the same, for a call of any form."""

        def engine() -> Any:
            return transforms.value_and_grad(self.function, argnums)(*args, **kwargs)

        positions = plain_positions(argnums, len(args))
        if left_to_engine() or positions is None:
            return engine()  # type: ignore[no-any-return]
        found = read(args, kwargs)
        if found.values:
            return engine()  # type: ignore[no-any-return]
        family = self._family(found)

        def gradient() -> tuple[Task, list[tuple[int, Rebuild]]]:
            wrt = tuple(k for position in positions for k in found.span(position))
            parts = [
                (len(found.span(position)), structure_of(args[position], "grad"))
                for position in positions
            ]
            return Task("gradient", wrt, others(len(found.numbers), wrt)), parts

        wanted, parts = family.known(("gradient", *positions), gradient)

        def task(member: Specialisation) -> Task | None:
            followed = member.recording.captured and here.reel is not VOID
            return wanted if member.single and not followed and member.depends(wanted) else None

        ran = self._run(family, found, args, kwargs, task)
        if ran is None:
            return engine()  # type: ignore[no-any-return]
        self._keep_ready(family, args, kwargs, argnums)
        results, start, gradients = ran[1], 1, []
        for size, rebuild in parts:
            gradients.append(rebuild(results[start : start + size]))
            start += size
        return results[0], gradients[0] if isinstance(argnums, int) else tuple(gradients)

    def _keep_ready(
        self, family: Family, args: Sequence[Any], kwargs: dict[str, Any], argnums: Any
    ) -> None:
        """Keep the way that a call went for others of its form, if that is a common one."""
        assert self.last is not None, "something ran"
        if not kwargs and suits(args, argnums, self.last[0]):
            self._ready[argnums] = Ready(family, self.last, args, argnums)

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """Return the value and its derivative along the tangents."""

        def engine() -> Any:
            return transforms.jvp(self.function, primals, tangents)

        both_tuples = isinstance(primals, (tuple, list)) and isinstance(tangents, (tuple, list))
        if left_to_engine() or not both_tuples:
            return engine()  # type: ignore[no-any-return]
        found = read(primals, {})
        _, moves = same_shape(tuple(primals), tuple(tangents), "jvp's tangents")
        if found.values or len(moves) != len(found.numbers) or not all_floats(moves):
            return engine()  # type: ignore[no-any-return]
        family = self._family(found)
        wanted = family.known(
            "tangent", lambda: Task("tangent", tuple(range(len(found.numbers))))
        )

        def task(member: Specialisation) -> Task | None:
            followed = member.recording.captured and here.reel is not VOID
            return wanted if not followed and member.depends(wanted) else None

        ran = self._run(family, found, primals, {}, task, moves)
        if ran is None:
            return engine()  # type: ignore[no-any-return]
        member, results = ran
        count = len(member.recording.roots)
        rebuild = member.recording.rebuild
        return rebuild(results[:count]), rebuild(results[count:])

    # -- finding a program ----------------------------------------------------------------

    def _family(self, found: Arguments) -> Family:
        family = self._families.get(found.key)
        if family is None:
            family = self._families[found.key] = Family()
        return family

    def _run(
        self,
        family: Family,
        found: Arguments,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        task_of: TaskOf,
        more: Sequence[float] = (),
    ) -> tuple[Specialisation, list[float]] | None:
        """Return the specialisation that fits and its results; None for the engine."""
        family.tick()
        flipped = ""
        for member in list(family.members):
            ran = self._ask(member, found, task_of, more)
            if ran is None:
                return None
            if isinstance(ran, list):
                family.use(member)
                return member, ran
            assert self.last is not None, "something ran"
            flipped = flipped or self.last[1].line_of(ran)
        if family.members and self.options.on_branch == "raise":
            raise branch_error(self.name, flipped)
        if not finite(found.numbers) or not family.has_room(self.name):
            return None
        fresh = self._record(family, found, args, kwargs)
        if fresh is None:
            return None
        ran = self._ask(fresh, found, task_of, more)
        if isinstance(ran, int):
            # Its own guards do not hold, because of a nan: nothing to keep.
            family.drop(fresh)
        return (fresh, ran) if isinstance(ran, list) else None

    def _record(
        self, family: Family, found: Arguments, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Specialisation | None:
        laid_out = layout(parameters(self.function, len(args)), args, kwargs, found)

        def call(numbers: list[Any]) -> Any:
            again, named = laid_out.rebuild(numbers)
            return self.function(*again, **named)

        recording = record(call, laid_out.givens)
        self.recordings += 1
        return family.add(recording, self.options, self.name)

    def _ask(
        self, member: Specialisation, found: Arguments, task_of: TaskOf, more: Sequence[float]
    ) -> list[float] | int | None:
        task = task_of(member)
        if task is None:
            return None
        compiled = member.compiled(task)
        self.last = member, compiled
        numbers: Sequence[float] = found.numbers
        if member.recording.captured or more:
            numbers = [*numbers, *member.captured(), *more]
        return answer(compiled.kernel, numbers)

    # -- results --------------------------------------------------------------------------

    def _as_values(
        self,
        family: Family,
        found: Arguments,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        member: Specialisation,
        results: list[float],
    ) -> Any:
        """Return results as Values, each recorded as one row over the Values that took part."""
        roots = member.recording.roots
        if here.reel is VOID:
            values = [on_the_tape([], out, (), None) for out in results]
            return member.recording.rebuild(kept(roots, values))
        sources = [*found.values.values(), *member.recording.captured]
        slopes = [results[1:]]
        if len(roots) != 1:
            slopes = []
            for k in range(len(roots)):
                compiled = member.compiled(_followed(family, found, member, k))
                numbers = [*found.numbers, *member.captured()]
                ran = answer(compiled.kernel, numbers)
                if not isinstance(ran, list):
                    return self.function(*args, **kwargs)
                slopes.append(ran[1:])
        values = []
        for k, (out, partials) in enumerate(zip(results, slopes, strict=False)):

            def run(k: int = k) -> Any:
                return flatten(self.function(*args, **kwargs))[0][k]

            again = rerun(sources, run)
            values.append(on_the_tape(sources, out, partials, again))
        return member.recording.rebuild(kept(roots, values))

    def _by_engine(
        self, family: Family, found: Arguments, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Return what the function gives when it runs on the engine."""
        if found.values or any(member.recording.captured for member in family.members):
            return self.function(*args, **kwargs)
        laid_out = layout(parameters(self.function, len(args)), args, kwargs, found)
        return floats_by_engine(self.function, laid_out, found.numbers, args, kwargs)


def _followed(family: Family, found: Arguments, member: Specialisation, output: int) -> Task:
    """Return the task of differentiating one output by all Values that take part."""
    count, more = len(found.numbers), len(member.recording.captured)

    def make() -> Task:
        wrt = (*found.values, *range(count, count + more))
        return Task("gradient", wrt, others(count, tuple(found.values)), output)

    return family.known(("followed", output, more, *found.values), make)
