"""explore: a page that steps through a computation, in one file that loads nothing.

Puts together the picture, the data, the script and the style, under a content-security policy
that names them by their hashes. Knows HTML. Knows no derivative and no layout.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from pathlib import Path
from string import Template
from typing import Any

from autograd import Row, Tape, Value, skim
from viz.bundles import offered
from viz.checks import refused, require_computation
from viz.dot import check_prefix
from viz.errors import NotAValueError, OptionError, TooLargeError
from viz.files import PathLike, write_whole
from viz.graphs import Graph, Model, Names, named_by, of_rows, read
from viz.legend import legend
from viz.nodes import Node
from viz.picture import TIME_LIMIT, Picture, arranged, draw
from viz.quoting import printable
from viz.recording import Data, longest, recorded
from viz.scene import scene
from viz.sizes import MOST_APART
from viz.steps import steps
from viz.svg import svg
from viz.text import summary
from viz.web import frame, inert, policy, template, themed

# A page with more nodes takes many minutes to walk through.
MOST_STEPPED = 600
FRAME_HEIGHT = 760
# What the name of a file with a page may end in.
SUFFIXES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that steps through a computation; a notebook shows it, `save` writes it.

    Attributes:
        title: its heading.
        picture: the computation as a static picture.
    """

    title: str
    picture: Picture
    _html: str

    def html(self) -> str:
        """Return the page as the text of one HTML file."""
        return self._html

    def save(self, path: PathLike) -> Path:
        """Write the page to a file and return its path; folders are made.

        What interrupts the writing leaves an older file as it was.

        Raises:
            OptionError: if the path has the suffix of something else than a page.
            TargetError: if the file cannot be written.
        """
        suffix = Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            raise OptionError(
                f"a page is written as .html, got {Path(path).name!r}; for other formats, save "
                "its picture: page.picture.save(...)"
            )
        return write_whole(path, self._html.encode("utf-8"))

    def __repr__(self) -> str:
        return f"a page that steps through {summary(self.picture.graph)}"

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, str]:
        """Return the page in a frame that is shut off from the notebook, and the picture.

        Notebooks that are not trusted show no frame; they show the picture.
        """
        bundle = {
            "text/html": f"<figure>{self.picture.svg()}</figure>\n"
            + frame(self._html, self.title, FRAME_HEIGHT),
            "image/svg+xml": self.picture.svg(),
            "text/plain": repr(self),
        }
        return offered(bundle, include, exclude)


def explore(  # noqa: PLR0913 - a page has that many choices
    losses: Value | Tape | Sequence[Value | Tape],
    *,
    names: Names = (),
    model: Model | None = None,
    fused: bool = True,
    title: str = "",
    check: bool = True,
    max_nodes: int = MOST_STEPPED,
    time_limit: float = TIME_LIMIT,
    id_prefix: str | None = None,
) -> Page:
    """Return a page that steps through a computation, forward and backward.

    It needs no backward pass of your own: the page shows one, operand by operand. Under
    `with Tape(lines=True):` it also shows the lines of your program.

    Args:
        losses: the Value at the end of a computation, or a `Tape`; for training, a list of
            them, one for each step, of the same computation.
        names: (name, Value) pairs, or a dict, that say what leaves are called.
        model: whatever has `named_parameters()`, instead of names.
        fused: False shows a fused weighted sum as its products and sums.
        title: the heading.
        check: whether to work out finite differences beside the gradients of leaves.
        max_nodes: how many nodes there may be at most.
        time_limit: after so many seconds the layout is stopped.
        id_prefix: what ids of the static picture begin with.

    Raises:
        NotAValueError: if losses is none of these, or there is nothing in it.
        TooLargeError: if there are more nodes than max_nodes.
        LayoutTimeoutError: if the layout takes too long.
        OptionError: if an option means nothing, or several losses are of different
            computations.

    Example:
        >>> from autograd import Value
        >>> w, x = Value(2.0, label="w"), Value(3.0, label="x")
        >>> explore((w * x).tanh())  # .save("tanh.html") writes it
        a page that steps through 1 weight, 1 input, 2 operations
    """
    check_prefix(id_prefix)
    if not isinstance(title, str):
        raise OptionError(f"title must be a text, got {title!r}")
    things = [losses] if isinstance(losses, (Value, Tape)) else losses
    # A listing of rows is a tuple too, and no list of losses.
    if type(things) not in (list, tuple):
        raise refused(losses, "explore")
    if not things:
        raise NotAValueError("explore got an empty list; give it a loss, or one for each step")
    for thing in things:
        require_computation(thing, "explore")
        _require_short(thing, max_nodes)
    given = list(_pairs(named_by(names, model)))
    passes: list[Sequence[Row]] = []
    row_names: list[list[str]] = []
    for thing in things:
        rows, called = read(thing, given, None, fused=fused)
        passes.append(rows)
        row_names.append(called)
    graph = _swept(of_rows(passes[0], row_names[0]), passes[0])
    if len(graph.nodes) > max_nodes:
        raise _too_long(f"{len(graph.nodes):,}", max_nodes)
    data = recorded(passes, graph, check=check)
    heading = title or f"Step by step: {data['rows'][-1]['title']}"
    many = len(graph.nodes) > MOST_APART
    picture = draw(
        graph,
        detail="merged" if many else "full",
        title=heading,
        max_nodes=max_nodes,
        time_limit=time_limit,
        id_prefix=id_prefix,
    )
    return Page(heading, picture, _assembled(heading, graph, data, time_limit, split=not many))


def _require_short(thing: Value | Tape, most: int) -> None:
    """Return nothing unless a tape has so many rows that there is no need to read it."""
    if next(islice(skim(thing), most, None), None) is not None:
        raise _too_long(f"more than {most:,}", most)


def _too_long(count: str, most: int) -> TooLargeError:
    return TooLargeError(
        f"this computation has {count} nodes, and max_nodes = {most} allows {most:,}: nobody "
        "steps through more. Explore the loss of one sample, or a smaller network; or draw it "
        "with viz.draw, which folds it; or read it as text, viz.draw(loss).text(); or insist "
        "with a larger max_nodes"
    )


def _swept(graph: Graph, rows: Sequence[Row]) -> Graph:
    """Return the graph with the gradients of the backward pass that the page shows."""
    _, gradients = steps(rows)
    ends = (node for node in graph.nodes if isinstance(node, Node) and node.role != "constant")
    known = {node.name: gradient for node, gradient in zip(ends, gradients, strict=True)}
    return Graph(
        tuple(
            replace(node, gradient=known.get(node.name)) if isinstance(node, Node) else node
            for node in graph.nodes
        ),
        tuple(replace(edge, upstream=known[edge.head]) for edge in graph.edges),
    )


def _pairs(names: Names) -> Iterable[tuple[str, Value]]:
    return names.items() if isinstance(names, Mapping) else names


def _assembled(
    heading: str, graph: Graph, data: Data, time_limit: float, *, split: bool
) -> str:
    """Return the page: template, picture, table, data, style, script and policy."""
    shown = scene(graph, split=split, room=longest(data))
    layout = arranged(shown, time_limit)
    picture = svg(
        shown, layout, legend(shown, layout.width), None, prefix="g", title=heading,
        about=f"The computation as a graph: {summary(graph)}. The table has it as text.",
    )  # fmt: skip
    style, script = themed("page.css"), template("page.js")
    return Template(template("page.html")).substitute(
        policy=policy(style, script),
        title=escape(printable(heading)),
        summary=escape(summary(graph)),
        style=style,
        picture=picture,
        table=_table(data),
        data=inert(data),
        script=script,
    )


_HEADINGS = ("row", "name", "formula", "value", "gradient")
_CHECKS = ("finite difference", "check")


def _table(data: Data) -> str:
    """Return the tape as a table with the end of the computation, which a script may change."""
    first = data["passes"][0]
    head = "".join(
        [
            *(f'<th scope="col">{name}</th>' for name in _HEADINGS),
            *(f'<th scope="col" class="difference">{name}</th>' for name in _CHECKS),
        ]
    )
    body = []
    for k, row in enumerate(data["rows"]):
        cells = [
            f'<th scope="row">{row["name"]}</th>',
            f"<td>{escape(row['title'])}</td>",
            f"<td>{escape(row['formula'] or row['role'])}</td>",
            f'<td class="number">{first["values"][k]}</td>',
            f'<td class="number">{first["gradients"][k]}</td>',
            f'<td class="number difference">{first["differences"][k]}</td>',
            f'<td class="difference">{first["verdicts"][k]}</td>',
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (
        "<table>\n<caption>One row for each number, in the order in which they were computed"
        f"</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        + "\n".join(body)
        + "\n</tbody>\n</table>\n"
    )
