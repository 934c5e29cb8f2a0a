"""The table of a network: its parts, their shapes, and how many weights each has.

Knows how to lay out a table. Knows nothing of what the parts do.
"""

from dataclasses import dataclass

from autograd import Value
from nn.checks import learnable
from nn.tensors import tensors
from nn.tree import HasParts, walk

# A float takes so many bytes in a file.
BYTES = 8

_HEADINGS = ("part", "kind", "shapes", "weights", "share", "bytes", "multiply-adds")
_LEFT = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A module that has weights of its own.

    Attributes:
        name: its place in the network, "" for the network itself.
        kind: the name of its class.
        shapes: name and shape of each of its tensors.
        weights: how many it has; what is shared counts where it is found first.
        frozen: how many of them are frozen.
        multiply_adds: products with weights for one sample, None if not known.
    """

    name: str
    kind: str
    shapes: tuple[tuple[str, tuple[int, ...]], ...]
    weights: int
    frozen: int
    multiply_adds: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """The parts of a network that have weights; it prints as a table.

    Example:
        >>> Summary((Part("layers.0", "Layer", (("weight", (3, 2)),), 6, 0, 6),))
        part      kind   shapes        weights    share  bytes  multiply-adds
        layers.0  Layer  weight 3 x 2        6  100.0 %     48              6
        6 weights, 0 frozen, 48 bytes as float64, 6 multiply-adds a sample
    """

    parts: tuple[Part, ...]

    @property
    def weights(self) -> int:
        """The number of weights."""
        return sum(part.weights for part in self.parts)

    @property
    def frozen(self) -> int:
        """The number of frozen weights."""
        return sum(part.frozen for part in self.parts)

    @property
    def multiply_adds(self) -> int | None:
        """Products with weights for one sample, None where one part does not know."""
        known = [part.multiply_adds for part in self.parts]
        return None if None in known else sum(count or 0 for count in known)

    def __str__(self) -> str:
        lines = [_HEADINGS, *(_cells(part, self.weights) for part in self.parts)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        out = []
        for line in lines:
            padded = [
                text.ljust(width) if k < _LEFT else text.rjust(width)
                for k, (text, width) in enumerate(zip(line, widths, strict=True))
            ]
            out.append("  ".join(padded).rstrip())
        products = self.multiply_adds
        out.append(
            f"{self.weights:,} weights, {self.frozen:,} frozen, "
            f"{BYTES * self.weights:,} bytes as float64, "
            f"{'?' if products is None else f'{products:,}'} multiply-adds a sample"
        )
        return "\n".join(out)

    __repr__ = __str__


def summary_of(network: HasParts) -> Summary:
    """Return the summary of a network; see `Module.summary`."""
    found = walk(network)
    things = {at.name: at.thing for at in found}
    own: dict[str, list[tuple[str, Value]]] = {}
    for at in found:
        if isinstance(at.thing, Value):
            own.setdefault(at.owner, []).append((at.name, at.thing))
    return Summary(
        tuple(
            Part(
                name=name,
                kind=type(things[name]).__name__,
                shapes=tuple(
                    (full.removeprefix(f"{name}."), tensor.shape)
                    for full, tensor in tensors(named).items()
                ),
                weights=len(named),
                frozen=sum(not learnable(weight) for _, weight in named),
                multiply_adds=things[name].multiply_adds(),
            )
            for name, named in own.items()
        )
    )


def _cells(part: Part, total: int) -> tuple[str, ...]:
    shapes = [f"{name} {' x '.join(map(str, shape))}".rstrip() for name, shape in part.shapes]
    return (
        part.name or "(itself)",
        part.kind,
        ", ".join(shapes),
        f"{part.weights:,}" + (" frozen" if part.frozen == part.weights else ""),
        f"{100 * part.weights / total:.1f} %",
        f"{BYTES * part.weights:,}",
        "?" if part.multiply_adds is None else f"{part.multiply_adds:,}",
    )
