"""The planner: sorts the instructions of a program into a plan.

Knows the form of instructions. Knows no machine and no LLVM.
"""

from collections.abc import Collection, Iterable, Sequence

from autograd.compiling.native.grids import grids
from autograd.compiling.native.plan import (
    CHUNK,
    WORTHWHILE,
    Chunk,
    Dense,
    Outer,
    Plan,
    Triple,
    lost_of,
    one_of,
)
from autograd.compiling.native.slots import slots_of
from autograd.compiling.native.watching import Watching, numbers_under
from autograd.compiling.program import (
    CONSTANT,
    GUARD,
    INPUT,
    NUMBER,
    SELECT,
    Instruction,
    Program,
)

# What costs so little that it is done while a tile's results are in registers, and how much.
_CHEAP = frozenset(("add", "sub", "mul", "neg", SELECT))
_TAIL = CHUNK // 2


def planned(
    program: Program,
    varying: Collection[int],
    *,
    dense: bool = True,
    apart: bool = True,
    rows: int = 4,
) -> Plan:
    """Return the plan of a program.

    Args:
        program: lowered; its outputs are summed over the samples.
        varying: the inputs that differ from sample to sample, as positions.
        dense: whether to look for dense steps at all.
        apart: whether the terms of a result may be summed over the samples one by one, which
            rounds otherwise; only then are there outer steps.
        rows: results in a tile of a dense step, at most.
    """
    return _Planner(program, varying, dense=dense, apart=apart).plan(rows)


class _Planner:
    """Sorts the instructions of one program."""

    def __init__(
        self, program: Program, varying: Collection[int], *, dense: bool, apart: bool
    ) -> None:
        self.program = program
        self.steps = program.instructions
        self.columns = tuple(program.inputs[k] for k in sorted(varying))
        self.varies = _varying(self.steps, self.columns)
        self.products: list[Triple] = []
        self.sums: list[tuple[int, int]] = []
        self.fixed: list[tuple[int, int]] = []
        self.fixed_pairs: list[Triple] = []
        self._results(apart=apart)
        self.needed = self._needed()
        self.candidates = self._candidates() if dense else {}
        self.level = self._levels()
        self.groups = self._groups()
        self.dense_outs = {out for group in self.groups for out in group[1].outs}

    def _results(self, *, apart: bool) -> None:
        """Sort the outputs into products, sums and shared numbers."""
        for target, place in enumerate(self.program.outputs):
            out = self.steps[place]
            terms = out.operands if apart and out.op == "total" else (place,)
            for term in terms:
                step, varies = self.steps[term], self.varies[term]
                if (
                    apart
                    and step.op == "mul"
                    and all(self.varies[x] is varies for x in step.operands)
                ):
                    left, right = step.operands
                    pairs = self.products if varies else self.fixed_pairs
                    pairs.append((left, right, target))
                else:
                    (self.sums if varies else self.fixed).append((term, target))

    def _needed(self) -> set[int]:
        """Return what has to be computed: not the products that only outer steps take."""
        needed = {place for place, _ in (*self.sums, *self.fixed)}
        pairs = *self.products, *self.fixed_pairs
        needed |= {place for left, right, _ in pairs for place in (left, right)}
        needed |= set(self.program.guards)
        for place in range(len(self.steps) - 1, -1, -1):
            if place in needed:
                needed.update(self.steps[place].operands)
        return needed

    def _candidates(self) -> dict[int, tuple[tuple[int, ...], tuple[int, ...]]]:
        """Return the dot products of varying with shared numbers, as (varying, shared)."""
        found = {}
        for place in sorted(self.needed):
            step = self.steps[place]
            if step.op != "dot" or self.varies[step.operands[-1]]:
                continue
            half = len(step.operands) // 2
            pairs = [
                (x, y) if self.varies[x] else (y, x)
                for x, y in zip(step.operands[:half], step.operands[half:-1], strict=True)
            ]
            if all(self.varies[x] and not self.varies[y] for x, y in pairs):
                xs, ys = zip(*pairs, strict=True)
                found[place] = (xs, ys)
        sizes: dict[tuple[int, ...], int] = {}
        for xs, _ in found.values():
            sizes[xs] = sizes.get(xs, 0) + len(xs)
        return {k: pair for k, pair in found.items() if sizes[pair[0]] >= WORTHWHILE}

    def _levels(self) -> list[int]:
        """Return for each place how many dense steps stand before it."""
        level = [0] * len(self.steps)
        for place, step in enumerate(self.steps):
            level[place] = max(
                (level[x] + (x in self.candidates) for x in step.operands if self.varies[x]),
                default=0,
            )
        return level

    def _groups(self) -> list[tuple[int, Dense]]:
        """Return the dense steps with their levels."""
        members: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for place, (xs, _) in self.candidates.items():
            members.setdefault((self.level[place], xs), []).append(place)
        return [
            (
                level,
                Dense(
                    xs,
                    tuple(outs),
                    tuple(self.candidates[out][1] for out in outs),
                    tuple(self.steps[out].operands[-1] for out in outs),
                ),
            )
            for (level, xs), outs in members.items()
        ]

    def plan(self, rows: int) -> Plan:
        """Return the whole plan."""
        chunks = self._chunks(rows)
        if any(chunk.watched for chunk in chunks) and self.program.outputs:
            self.sums.append((lost_of(self.program), 0))
        shared, prologue = self._shared()
        outers, pairs = self._grids()
        # What is added up when a block is done keeps its slot until then, and the operands of
        # one outer step lie side by side.
        kept = [
            *self.columns,
            *(place for outer in outers for place in (*outer.lefts, *outer.rights)),
            *(place for pair in pairs for place in pair[:2]),
            *(place for place, _ in self.sums),
        ]
        one = one_of(self.program)
        slots = slots_of(self.steps, chunks, [place for place in kept if place != one])
        count = max(slots.values(), default=-1) + 1
        slots[one] = count
        return Plan(
            self.program,
            self.columns,
            shared,
            prologue,
            tuple(chunks),
            tuple(outers),
            tuple(pairs),
            tuple(self.sums),
            tuple(self.fixed),
            tuple(self.fixed_pairs),
            slots,
            count + 1,
            bool(self.program.guards),
        )

    def _grids(self) -> tuple[list[Outer], list[Triple]]:
        """Return the products as grids and pairs; sums that fit a grid are products with 1."""
        one = one_of(self.program)
        lefts = {left for left, _, _ in self.products}
        rights = {right for _, right, _ in self.products}
        products, sums = list(self.products), []
        for place, target in self.sums:
            if place in lefts:
                products.append((place, one, target))
            elif place in rights:
                products.append((one, place, target))
            else:
                sums.append((place, target))
        outers, pairs = grids(products)
        for left, right, target in pairs:
            if one in (left, right):
                sums.append((left if right == one else right, target))
        self.sums = sums
        return outers, [pair for pair in pairs if one not in pair[:2]]

    def _chunks(self, rows: int) -> list[Chunk]:
        """Return what runs for each block, level by level: elementwise, then dense."""
        bodies = self._bodies()
        watching = Watching(self.steps)
        chunks: list[Chunk] = []
        taken: set[int] = set()
        for level, body in enumerate(bodies):
            rest = [place for place in body if place not in taken]
            for k in range(0, len(rest), CHUNK):
                part = tuple(rest[k : k + CHUNK])
                chunks.append(Chunk(part, watching.first_seen(part)))
            for tile in (
                tile for at, group in self.groups if at == level for tile in group.tiles(rows)
            ):
                after = bodies[level + 1] if level + 1 < len(bodies) else []
                tail = self._tail(tile, level, [k for k in after if k not in taken])
                taken.update(tail)
                chunks.append(Chunk(tail, watching.first_seen(tail), tile))
        return chunks

    def _tail(self, tile: Dense, level: int, body: Sequence[int]) -> tuple[int, ...]:
        """Return what can be done of the next level once a tile is there."""
        have, tail = set(tile.outs), list[int]()
        for place in body:
            step = self.steps[place]
            if step.op not in _CHEAP or len(tail) == _TAIL:
                continue
            numbers = [x for x in numbers_under(self.steps, step.operands) if self.varies[x]]
            if not have.isdisjoint(numbers) and all(
                x in have or self.level[x] + (x in self.dense_outs) <= level for x in numbers
            ):
                have.add(place)
                tail.append(place)
        return tuple(tail)

    def _bodies(self) -> list[list[int]]:
        """Return the elementwise instructions of each level."""
        count = 1 + max((self.level[k] for k in self.needed), default=0)
        bodies: list[list[int]] = [[] for _ in range(count)]
        for place in sorted(self.needed):
            step = self.steps[place]
            guard = step.op == GUARD
            number = self.varies[place] and step.kind == NUMBER and step.op != INPUT
            if guard or (number and place not in self.dense_outs):
                bodies[self.level[place]].append(place)
        return bodies

    def _shared(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        inputs = [k for k in self.program.inputs if not self.varies[k]]
        rest = [
            k
            for k in sorted(self.needed)
            if not self.varies[k] and self.steps[k].op != INPUT and self.steps[k].op != GUARD
        ]
        numbers = [k for k in rest if self.steps[k].kind == NUMBER]
        computed = [k for k in rest if self.steps[k].op != CONSTANT]
        return (*inputs, *numbers), tuple(computed)


def _varying(steps: Sequence[Instruction], columns: Iterable[int]) -> list[bool]:
    varies = [False] * len(steps)
    for place in columns:
        varies[place] = True
    for place, step in enumerate(steps):
        varies[place] = varies[place] or any(varies[x] for x in step.operands)
    return varies
