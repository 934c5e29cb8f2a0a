"""How much of a graph is drawn: everything, merged, folded, or a summary of it.

Knows how many nodes people can read. Knows no coordinates.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from autograd import Glance, Tape, Value, format_number, skim
from viz import views
from viz.checks import require_computation
from viz.errors import OptionError, TooLargeError
from viz.graphs import Graph, Model, Names, graph, named_by
from viz.modules import ancestors, home
from viz.nodes import Group
from viz.scene import Note

DETAILS = ("auto", "full", "merged", "collapsed", "summary")

# Up to so many nodes, operations stand apart from their results.
MOST_APART = 30
# Up to so many, every node is drawn.
MOST_DRAWN = 150
# Tapes with more rows are summarised without a look at each operand.
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Fit:
    """The graph to draw, whether operations stand apart in it, and notes to print below."""

    graph: Graph
    split: bool
    notes: tuple[Note, ...] = ()


def fitting(
    thing: Value | Tape | Graph,
    names: Names,
    model: Model | None,
    *,
    fused: bool,
    detail: str,
    most: int,
) -> Fit:
    """Return what to draw of a computation or a graph.

    Raises:
        OptionError: if there is no such detail.
        TooLargeError: if more than `most` nodes were asked for.
    """
    if detail not in DETAILS:
        raise OptionError(f"detail must be one of {', '.join(DETAILS)}, got {detail!r}")
    if isinstance(thing, Graph):
        return _fit(thing, detail, most)
    require_computation(thing, "draw")
    given = named_by(names, model)
    pairs = list(given.items()) if isinstance(given, Mapping) else list(given)
    glances = skim(thing, pairs)
    first = list(islice(glances, MOST_ROWS + 1))
    many = len(first) > MOST_ROWS
    if many and detail in ("full", "merged"):
        raise _too_large(f"more than {MOST_ROWS:,}", most)
    if many or detail == "summary":
        return _summary(chain(first, glances))
    return _fit(graph(thing, names=pairs, fused=fused), detail, most)


def _fit(whole: Graph, detail: str, most: int) -> Fit:
    count = len(whole.nodes)
    if detail == "full" or (detail == "auto" and count <= MOST_APART):
        _check(count, most)
        return Fit(whole, split=True)
    if detail == "merged" or (detail == "auto" and count <= most):
        _check(count, most)
        return Fit(whole, split=False)
    return _folded(whole, detail, most)


def _check(count: int, most: int) -> None:
    if count > most:
        raise _too_large(f"{count:,}", most)


def _too_large(count: str, most: int) -> TooLargeError:
    return TooLargeError(
        f"this graph has {count} nodes, and max_nodes = {most} allows {most:,}: more than that "
        'nobody can read. Fold it with detail="collapsed", and give model=... so that neurons '
        'and layers are known; or take a piece, as in draw(graph(loss).around("v3")) or '
        '.paths("w"); or read it as text, draw(loss).text(); or insist with a larger max_nodes'
    )


def _folded(whole: Graph, detail: str, most: int) -> Fit:
    """Return neurons, or else layers, folded into one node each."""
    base = whole if whole.whole is None else whole.whole
    for paths in (views.innermost(base.nodes), views.outermost(base.nodes)):
        folded = base.collapse(*paths)
        if len(folded.nodes) <= most and (len(folded.nodes) > 2 or detail == "collapsed"):
            return Fit(folded, split=False, notes=(_hint(folded),))
    if detail == "collapsed":
        raise _too_large(f"{len(folded.nodes):,}, folded,", most)
    modules = Note("No neurons or layers are known: give model=... to see them.")
    return Fit(folded, split=False, notes=(_hint(folded), modules))


def _hint(folded: Graph) -> Note:
    count = sum(views.size(node) for node in folded.nodes)
    return Note(f"{count:,} nodes, folded into {len(folded.nodes):,}.")


# -- a summary, from one pass over a tape ------------------------------------------------------


class _Tally:
    """What is counted of one group."""

    def __init__(self) -> None:
        self.count = 0
        self.nonfinite = 0
        self.smallest: float | None = None
        self.largest: float | None = None

    def add(self, glance: Glance) -> None:
        """Count a row."""
        self.count += 1
        gradient = glance.gradient
        if gradient is None:
            self.nonfinite += _odd(glance.value)
            return
        size = abs(gradient)
        if _odd(size) or _odd(glance.value):
            self.nonfinite += 1
        elif self.largest is None or self.smallest is None:
            self.smallest = self.largest = size
        elif size > self.largest:
            self.largest = size
        elif size < self.smallest:
            self.smallest = size


def _odd(x: float) -> bool:
    """Return whether a number is not finite; quicker than asking `math`."""
    return x - x != 0.0


def _summary(glances: Iterable[Glance]) -> Fit:
    """Return a group for each layer, one for other leaves, one for all that was computed."""
    weights: dict[str, _Tally] = {}
    inputs, computed = _Tally(), _Tally()
    operations: Counter[str] = Counter()
    culprit = ""
    for glance in glances:
        if glance.operation != "leaf":
            operations[glance.operation] += 1
            computed.add(glance)
        elif glance.named:
            layer = (ancestors(home(glance.name)) or ("(weights)",))[0]
            if layer not in weights:
                weights[layer] = _Tally()
            weights[layer].add(glance)
        else:
            inputs.add(glance)
        if not culprit and _odd(glance.value):
            name = glance.name or glance.operation
            culprit = f"The first value that is not finite is {glance.value}: {name}."
    groups = [
        _group(k, path, tally, "weights") for k, (path, tally) in enumerate(weights.items())
    ]
    if inputs.count:
        groups.append(_group(len(groups), views.INPUTS, inputs, "inputs"))
    groups.append(_group(len(groups), "(operations)", computed, "operations"))
    return Fit(Graph(tuple(groups), ()), split=False, notes=_told(operations, groups, culprit))


def _group(number: int, path: str, tally: _Tally, kind: str) -> Group:
    counts = {"weights": 0, "inputs": 0, "constants": 0, "operations": 0, kind: tally.count}
    return Group(
        name=f"g{number}",
        path=path,
        **counts,
        leaving=0,
        smallest=tally.smallest,
        largest=tally.largest,
        nonfinite=tally.nonfinite,
        output=kind == "operations",
    )


def _told(operations: Counter[str], groups: Sequence[Group], culprit: str) -> tuple[Note, ...]:
    rows = sum(group.count for group in groups)
    kinds = ", ".join(f"{name} {count:,}" for name, count in operations.most_common(12))
    more = f", {len(operations) - 12} more kinds" if len(operations) > 12 else ""
    notes = [Note(f"A summary of {rows:,} rows: {kinds}{more}.")]
    largest = max(
        (group for group in groups if group.largest is not None),
        key=lambda group: group.largest or 0.0,
        default=None,
    )
    if largest is not None:
        number = format_number(largest.largest or 0.0)
        notes.append(Note(f"The largest |grad|, {number}, is in {largest.path}."))
    return (*notes, *([Note(culprit, warns=True)] if culprit else []))
