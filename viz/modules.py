"""Which neuron and which layer a row of a tape belongs to, told from the names of weights.

A tape knows no modules. But a weight called `layers.0.weight[2][1]` belongs to neuron 2 of
layer 0, and so does the product that uses it, the sum of that neuron's products and the
activation of that sum. A sum that is used twice has none: a loss may take the softplus of a
logit and of its negation. Knows names and rows. Knows no drawing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograd import OPERATIONS, Row

# Operations that are no activation even where they follow a neuron's sum.
_NO_ACTIVATION = frozenset({"neg", "identity", "stop_gradient"})

_NAME = re.compile(r"(?:(?P<home>.+)\.)?(?P<kind>[^.\[\]]+)(?P<places>(?:\[\d+\])*)")
_COMPONENT = re.compile(r"[^.]+(?:\.\d+)?")
_LIKE_A_WEIGHT = re.compile(r"(?:.*\.)?(?:weight|bias|w)_?\d*(?:\[\d+\])*", re.IGNORECASE)
_LIKE_A_BIAS = re.compile(r"(?:.*\.)?b_?\d*(?:\[\d+\])*", re.IGNORECASE)


def home(name: str) -> str:
    """Return the path of the neuron or module that a weight of this name belongs to.

    >>> home("layers.0.weight[2][1]"), home("layers.0.bias[2]"), home("encoder.w[3]")
    ('layers.0.neurons.2', 'layers.0.neurons.2', 'encoder')
    >>> home("weight[1]"), home("slope")
    ('', '')
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return ""
    module, places = found["home"] or "", re.findall(r"\d+", found["places"])
    indexed = len(places) - (found["kind"] != "bias")
    if found["kind"] in ("weight", "bias") and indexed == 1:
        return f"{module}.neurons.{places[0]}".lstrip(".")
    return module


@lru_cache(maxsize=4096)  # asked for every node of a large graph
def ancestors(path: str) -> tuple[str, ...]:
    """Return a module path and the paths of the modules around it, outermost first.

    >>> ancestors("layers.0.neurons.2")
    ('layers.0', 'layers.0.neurons.2')
    """
    parts = _COMPONENT.findall(path)
    return tuple(".".join(parts[: k + 1]) for k in range(len(parts)))


def weights(rows: Sequence[Row]) -> set[int]:
    """Return the numbers of the leaves that are weights.

    Those are the leaves that the reader named. Without any, they are those whose label says
    so: `w1`, `weight[0]`, `layers.1.bias[2]`; and `b`, where there is a `w` at all.
    """
    leaves = [row for row in rows if not row.operands]
    named = {row.number for row in leaves if row.path}
    if named:
        return named
    like = {row.number for row in leaves if _LIKE_A_WEIGHT.fullmatch(row.label)}
    if like:
        like |= {row.number for row in leaves if _LIKE_A_BIAS.fullmatch(row.label)}
    return like


@dataclass(slots=True)
class _Place:
    """Where a row belongs: a module path, and whether the neuron's activation has been."""

    path: str
    bent: bool = False


def places(rows: Sequence[Row], known: set[int]) -> list[str]:
    """Return the module path of each row, "" for none, given which leaves are weights."""
    found: list[_Place] = []
    used = Counter(number for row in rows for number in _moving(row))
    for row in rows:
        if not row.operands:
            path = home(row.path or row.label) if row.number in known else ""
            found.append(_Place(path))
        else:
            found.append(_place(row, found, known, used))
    return [place.path for place in found]


def _moving(row: Row) -> list[int]:
    return [operand.row for operand in row.operands if operand.row is not None]


def _place(row: Row, found: Sequence[_Place], known: set[int], used: Counter[int]) -> _Place:
    numbers = _moving(row)
    of_weights = {found[n].path for n in numbers if n in known}
    if len(of_weights) == 1:
        return _Place(of_weights.pop())
    paths = {found[n].path for n in numbers}
    if of_weights or len(paths) != 1:
        return _Place("")
    path = paths.pop()
    if len(numbers) > 1:
        inside = row.operation in ("add", "total") and not any(found[n].bent for n in numbers)
        return _Place(path if inside else "")
    [operand] = numbers
    alone = operand not in known and not found[operand].bent and used[operand] == 1
    if alone and _is_activation(row):
        return _Place(path, bent=True)
    return _Place("")


def _is_activation(row: Row) -> bool:
    operation = OPERATIONS.get(row.operation)
    if operation is None:
        return row.operation == "custom" and len(row.operands) == 1
    return len(operation.partials) == 1 and operation.name not in _NO_ACTIVATION
