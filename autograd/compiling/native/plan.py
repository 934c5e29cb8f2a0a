"""The plan: which part of a program runs where when a batch goes through it in lanes.

A batch runs through a program block by block. Most instructions are *elementwise*: one vector
instruction for as many samples as there are lanes. Two patterns take most of the time of a
network, and are found by their form alone, whoever wrote them:

* dot products of the same samples' numbers with different shared ones, a layer going forward
  and a layer going backward, make a *dense* step, a small matrix product;
* results that are products of two samples' numbers, summed over the batch, the gradients of a
  layer's weights, make an *outer* step.

A dense step needs all its operands first, so the program falls into stages: elementwise, then
dense steps, then the next stage. Knows places and slots. Knows no machine and no LLVM.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from autograd.compiling.program import (
    CONSTANT,
    GUARD,
    INPUT,
    NUMBER,
    TRUTH,
    Instruction,
    Program,
)

# A dense step pays from this many products on; below, they are written out.
WORTHWHILE = 16
# Instructions in one function of machine code; code generation time grows faster than length.
CHUNK = 100

# A left number, a right number, and the result that their product adds to.
Triple = tuple[int, int, int]
Partners = dict[int, dict[int, list[int]]]


@dataclass(frozen=True, slots=True)
class Dense:
    """Dot products that share their varying operands.

    Attributes:
        xs: places of the operands that vary from sample to sample.
        outs: places of the results.
        weights: for each result, the places of the shared operands, in the order of `xs`.
        starts: for each result, the place that its sum starts from (a constant may be -0.0).
    """

    xs: tuple[int, ...]
    outs: tuple[int, ...]
    weights: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outer:
    """Products of every left with every right number, summed over the samples.

    Attributes:
        lefts, rights: places.
        targets: for each pair, row by row, the result it adds to.
    """

    lefts: tuple[int, ...]
    rights: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(slots=True)
class Stage:
    """Elementwise chunks, and the dense steps that come after them."""

    chunks: list[list[int]] = field(default_factory=list)
    dense: list[Dense] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs where.

    Attributes:
        program: what is planned.
        columns: the places of the inputs that vary, in order.
        shared: the places of shared numbers: inputs first, then constants and the rest.
        prologue: the shared instructions to compute once a batch.
        stages: what runs for each block of samples.
        outers, pairs, sums: what is added up over the samples: grids of products, single
            products as (left, right, result), and numbers as (place, result).
        fixed: shared results, as (place, result): they count once for each sample.
        slots: where varying numbers are kept between steps, by place.
        slot_count: how many slots there are.
        guarded: whether samples may fail a guard.
    """

    program: Program
    columns: tuple[int, ...]
    shared: tuple[int, ...]
    prologue: tuple[int, ...]
    stages: tuple[Stage, ...]
    outers: tuple[Outer, ...]
    pairs: tuple[tuple[int, int, int], ...]
    sums: tuple[tuple[int, int], ...]
    fixed: tuple[tuple[int, int], ...]
    slots: dict[int, int]
    slot_count: int
    guarded: bool

    @property
    def shared_index(self) -> dict[int, int]:
        """Where each shared number stands among the shared ones."""
        return {place: k for k, place in enumerate(self.shared)}


def planned(program: Program, varying: Collection[int], *, dense: bool = True) -> Plan:
    """Return the plan of a program.

    Args:
        program: lowered; its outputs are summed over the samples.
        varying: the inputs that differ from sample to sample, as positions.
        dense: whether to look for dense and outer steps at all.
    """
    return _Planner(program, varying, dense=dense).plan()


class _Planner:
    """Sorts the instructions of one program."""

    def __init__(self, program: Program, varying: Collection[int], *, dense: bool) -> None:
        self.program = program
        self.steps = program.instructions
        self.columns = tuple(program.inputs[k] for k in sorted(varying))
        self.varies = _varying(self.steps, self.columns)
        self.products: list[tuple[int, int, int]] = []
        self.sums: list[tuple[int, int]] = []
        self.fixed: list[tuple[int, int]] = []
        self._results(split=dense)
        self.needed = self._needed()
        self.candidates = self._candidates() if dense else {}
        self.level = self._levels()
        self.groups = self._groups()
        self.dense_outs = {out for group in self.groups for out in group[1].outs}

    def _results(self, *, split: bool) -> None:
        """Sort the outputs into products, sums and shared numbers."""
        for target, place in enumerate(self.program.outputs):
            out = self.steps[place]
            terms = out.operands if split and out.op == "total" else (place,)
            for term in terms:
                step = self.steps[term]
                if not self.varies[term]:
                    self.fixed.append((term, target))
                elif split and step.op == "mul" and all(self.varies[x] for x in step.operands):
                    left, right = step.operands
                    self.products.append((left, right, target))
                else:
                    self.sums.append((term, target))

    def _needed(self) -> set[int]:
        """Return what has to be computed: not the products that only outer steps take."""
        needed = {place for place, _ in (*self.sums, *self.fixed)}
        needed |= {place for left, right, _ in self.products for place in (left, right)}
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

    def plan(self) -> Plan:
        """Return the whole plan."""
        count = 1 + max((self.level[k] for k in self.needed), default=0)
        stages = [Stage() for _ in range(count)]
        bodies: list[list[int]] = [[] for _ in range(count)]
        for place in sorted(self.needed):
            step = self.steps[place]
            guard = step.op == GUARD
            number = self.varies[place] and step.kind == NUMBER and step.op != INPUT
            if guard or (number and place not in self.dense_outs):
                bodies[self.level[place]].append(place)
        for stage, body in zip(stages, bodies, strict=True):
            stage.chunks = [body[k : k + CHUNK] for k in range(0, len(body), CHUNK)]
        for level, group in self.groups:
            stages[level].dense.append(group)
        shared, prologue = self._shared()
        outers, pairs = _grids(self.products)
        slots, count = self._slots(stages, outers, pairs)
        return Plan(
            self.program,
            self.columns,
            shared,
            prologue,
            tuple(stages),
            tuple(outers),
            tuple(pairs),
            tuple(self.sums),
            tuple(self.fixed),
            slots,
            count,
            bool(self.program.guards),
        )

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

    def _slots(
        self, stages: Sequence[Stage], outers: Sequence[Outer], pairs: Sequence[Triple]
    ) -> tuple[dict[int, int], int]:
        """Return a slot for every varying number that outlives its chunk.

        What dense and outer steps read and write keeps its slot for the whole block, and the
        operands of one step lie side by side. Other slots are used again.
        """
        kept: dict[int, None] = dict.fromkeys(self.columns)
        for stage in stages:
            for group in stage.dense:
                kept.update(dict.fromkeys((*group.xs, *group.outs)))
        for outer in outers:
            kept.update(dict.fromkeys((*outer.lefts, *outer.rights)))
        kept.update(dict.fromkeys(place for pair in pairs for place in pair[:2]))
        kept.update(dict.fromkeys(place for place, _ in self.sums))
        slots = {place: k for k, place in enumerate(kept)}
        chunks = [chunk for stage in stages for chunk in stage.chunks]
        last, born = self._lifetimes(chunks)
        free: list[int] = []
        count = len(slots)
        ends: dict[int, list[int]] = {}
        for k, chunk in enumerate(chunks):
            for place in chunk:
                if place in slots or last.get(place, -1) <= born[place]:
                    continue
                if free:
                    slots[place] = free.pop()
                else:
                    slots[place] = count
                    count += 1
                ends.setdefault(last[place], []).append(slots[place])
            free += ends.pop(k, [])
        return slots, count

    def _lifetimes(self, chunks: Sequence[Sequence[int]]) -> tuple[dict[int, int], list[int]]:
        """Return the last chunk that uses each place, and the chunk that computes it."""
        last: dict[int, int] = {}
        born = [-1] * len(self.steps)
        for k, chunk in enumerate(chunks):
            for place in chunk:
                born[place] = k
                for x in numbers_under(self.steps, self.steps[place].operands):
                    last[x] = k
        return last, born


def _varying(steps: Sequence[Instruction], columns: Iterable[int]) -> list[bool]:
    varies = [False] * len(steps)
    for place in columns:
        varies[place] = True
    for place, step in enumerate(steps):
        varies[place] = varies[place] or any(varies[x] for x in step.operands)
    return varies


def numbers_under(steps: Sequence[Instruction], places: Iterable[int]) -> list[int]:
    """Return the numbers that some places come from, through truths, which are not kept.

    A truth is computed again wherever it is used: that is cheaper than keeping it.
    """
    found: dict[int, None] = {}
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        if steps[place].kind == TRUTH:
            waiting += steps[place].operands
        else:
            found[place] = None
    return list(found)


def _grids(products: Sequence[Triple]) -> tuple[list[Outer], list[Triple]]:
    """Return products as outer steps: full grids, and what is left as single products.

    A grid is a set of left and a set of right numbers, each product of which is wanted. Which
    operand of a product is its left one is an accident, so what makes fewer grids is taken.
    """
    rows = _by_left(products)
    columns = _by_left([(right, left, target) for left, right, target in products])
    table = min(rows, columns, key=lambda partners: len(_alike(partners)))
    grids: list[Outer] = []
    pairs: list[Triple] = []
    for rights, lefts in _alike(table).items():
        # A product may be wanted for several results: once in each round.
        rounds = min(len(table[left][right]) for left in lefts for right in rights)
        if len(lefts) * len(rights) < WORTHWHILE:
            rounds = 0
        for k in range(rounds):
            targets = tuple(table[left][right][k] for left in lefts for right in rights)
            grids.append(Outer(tuple(lefts), rights, targets))
        pairs += [
            (left, right, target)
            for left in lefts
            for right in rights
            for target in table[left][right][rounds:]
        ]
    return grids, pairs


def _by_left(products: Sequence[Triple]) -> Partners:
    found: Partners = {}
    for left, right, target in products:
        found.setdefault(left, {}).setdefault(right, []).append(target)
    return found


def _alike(partners: Partners) -> dict[tuple[int, ...], list[int]]:
    """Return the left numbers that have the same right ones, by those."""
    found: dict[tuple[int, ...], list[int]] = {}
    for left, rights in partners.items():
        found.setdefault(tuple(sorted(rights)), []).append(left)
    return found
