"""Grids of products: the gradients of a layer's weights, found among single products.

Knows pairs of numbers. Knows no instruction.
"""

from collections.abc import Sequence
from itertools import chain

from autograd.compiling.native.plan import WORTHWHILE, Outer, Triple

Partners = dict[int, dict[int, list[int]]]


def grids(products: Sequence[Triple]) -> tuple[list[Outer], list[Triple]]:
    """Return products as outer steps: full grids, and what is left as single products.

    A grid is a set of left and a set of right numbers, each product of which is wanted. Which
    operand of a product is its left one is an accident, so what makes fewer grids is taken.
    """
    rows = _by_left(products)
    columns = _by_left([(right, left, target) for left, right, target in products])
    table = min(rows, columns, key=lambda partners: len(_alike(partners)))
    found: list[Outer] = []
    pairs: list[Triple] = []
    for rights, lefts in _alike(table).items():
        # A product may be wanted for several results: once in each round.
        rounds = min(len(table[left][right]) for left in lefts for right in rights)
        if len(lefts) * len(rights) < WORTHWHILE:
            rounds = 0
        for k in range(rounds):
            targets = [[table[left][right][k] for right in rights] for left in lefts]
            found.append(_outer(lefts, rights, targets))
        pairs += [
            (left, right, target)
            for left in lefts
            for right in rights
            for target in table[left][right][rounds:]
        ]
    return found, pairs


def _outer(
    lefts: Sequence[int], rights: Sequence[int], targets: Sequence[Sequence[int]]
) -> Outer:
    """Return a grid; one much wider than high is turned, for tiles are higher than wide."""
    if 2 * len(lefts) < len(rights):
        lefts, rights, targets = rights, lefts, list(zip(*targets, strict=True))
    return Outer(tuple(lefts), tuple(rights), tuple(chain.from_iterable(targets)))


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
