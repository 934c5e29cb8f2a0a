"""The map of the packages in docs/architecture.md, drawn from what the files import.

    python -m tests.architecture

writes the page and its picture. The groups of files are those of the README's table; an arrow
leads from what is used to what uses it, unless a longer way says the same. Columns, order and
routes are made by the layout of `viz`.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from html import escape

from tests.test_layers import ROOT, WithoutTypeImports, imports, sources
from viz.columns import Deadline, Item, Link
from viz.layering import arrange
from viz.palettes import LIGHT

README = ROOT / "README.md"
HEADING = "## How it reads inside"
PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "architecture.svg"

_LETTER, _LINE, _PAD = 6.7, 15.0, 9.0
_WIDEST = 24


def groups() -> dict[str, str]:
    """Return the group that each file of autograd belongs to, by the README's table."""
    table = README.read_text("utf-8").partition(HEADING)[2]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| .+ \|$", table, re.MULTILINE)
    return {name: row.replace("`", "") for row in rows for name in re.findall(r"`(\w+)`", row)}


def uses() -> dict[str, set[str]]:
    """Return which groups each group imports; `nn` and `viz` are groups of their own."""
    of = groups()
    found: dict[str, set[str]] = {}
    for package in ("autograd", "nn", "viz"):
        for path, dotted in sources(ROOT / package):
            unit = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
            if package == "autograd" and unit not in of:
                continue
            group = of[unit] if package == "autograd" else package
            reached = found.setdefault(group, set())
            tree = WithoutTypeImports().visit(ast.parse(path.read_text("utf-8")))
            for each in imports(tree, dotted):
                parts = each.module.split(".")
                if parts[0] != "autograd":
                    continue
                name = parts[1] if len(parts) > 1 else str(each.name)
                if package == "autograd" and name in of:
                    reached.add(of[name])
            reached.discard(group)
    # They use what is public, which is everything up to the checks.
    for package in ("nn", "viz"):
        found[package] = {of["functions"], of["transforms"], of["compiling"]}
    return found


def direct(used: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Return the pairs (used, user) that no longer way implies."""

    def below(group: str, seen: set[str]) -> set[str]:
        for other in used[group]:
            if other not in seen:
                seen.add(other)
                below(other, seen)
        return seen

    return [
        (other, group)
        for group, others in used.items()
        for other in sorted(others)
        if not any(other in below(third, set()) for third in others - {other})
    ]


def _lines(group: str) -> list[str]:
    lines = [""]
    for name in group.split(", "):
        joined = f"{lines[-1]}, {name}" if lines[-1] else name
        if len(joined) > _WIDEST:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] = joined
    return lines


def svg() -> str:
    """Return the picture."""
    used = uses()
    # In the order of the README's table.
    names = [*dict.fromkeys(groups().values()), "nn", "viz"]
    texts = {name: _lines(name) for name in names}
    place = {name: k for k, name in enumerate(names)}
    # The layout leads from left to right; here it is turned, so that columns become rows.
    sizes = [
        (
            max(map(len, texts[name])) * _LETTER + 2 * _PAD,
            len(texts[name]) * _LINE + 2 * _PAD - 4,
        )
        for name in names
    ]
    items = [Item(height, width) for width, height in sizes]
    pairs = sorted(direct(used), key=lambda pair: (place[pair[0]], place[pair[1]]))
    links = [
        Link(place[a], sizes[place[a]][0] / 2, place[b], sizes[place[b]][0] / 2)
        for a, b in pairs
    ]
    layout = arrange(items, links, Deadline(20.0))
    width, height = layout.height + 20.0, layout.width + 20.0
    room = f'width="{width:.0f}" height="{height:.0f}"'
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"',
        f'viewBox="0 0 {width:.0f} {height:.0f}" {room}',
        'font-family="monospace" font-size="11">',
        "<title>Which files use which: an arrow leads from what is used to its user</title>",
        f'<rect {room} fill="{LIGHT.paper}"/>',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4"',
        'markerWidth="7" markerHeight="7" orient="auto">',
        f'<path d="M0 0L8 4L0 8z" fill="{LIGHT.quiet}"/></marker></defs>',
    ]
    for route in layout.routes:
        points = " ".join(f"{x + 10:.1f},{y + 10:.1f}" for y, x in route)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{LIGHT.quiet}" '
            'marker-end="url(#arrow)"/>'
        )
    for name, size, (y, x) in zip(names, sizes, layout.corners, strict=True):
        parts += _box(texts[name], size, (x, y), package=name in ("nn", "viz"))
    return "\n".join([*parts, "</svg>", ""])


def _box(
    lines: Sequence[str],
    size: tuple[float, float],
    corner: tuple[float, float],
    *,
    package: bool,
) -> list[str]:
    x, y = corner[0] + 10, corner[1] + 10
    edge = LIGHT.result if package else LIGHT.accent
    parts = [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}"',
        f'rx="4" fill="{LIGHT.card}" stroke="{edge}" stroke-width="1.4"/>',
    ]
    for k, line in enumerate(lines):
        parts.append(
            f'<text x="{x + _PAD:.1f}" y="{y + _PAD + 9 + k * _LINE:.1f}" '
            f'fill="{LIGHT.ink}">{escape(line)}</text>'
        )
    return parts


ABOUT = """\
# Architecture

Which file uses which. `autograd/` is read from top to bottom; a file imports only files above
it, and a test holds that. An arrow leads from what is used to its user; where a longer way
says the same, it is left out. `nn` and `viz` use public names alone.

![Which files use which](architecture.svg)

{table}

Who knows what:

* **The table** (`operations`, `reductions`) knows every derivative, and no tape.
* **The tape** (`tape`, `appending`, `rows`) knows the order of things, and no derivative.
* **The sweeps** (`reverse`, `forward`, `following`) know the order and the numbers in the rows,
  and no derivative either.
* **`viz.graph`** is the only reader of tapes among what draws. Pictures, text, pages and plots
  work on its plain nodes and edges.

This page and its picture are generated from the files: `python -m tests.architecture`.
"""


def page() -> str:
    """Return the page: the picture, and the README's table of what each file holds."""
    found = re.search(r"\| file \| what it holds \|\n(?:\|.*\n)+", README.read_text("utf-8"))
    assert found is not None, "the README has a table of files"
    return ABOUT.format(table=found[0].strip())


def main() -> None:
    """Write both."""
    PICTURE.write_text(svg(), "utf-8")
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name} and {PICTURE.name}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
