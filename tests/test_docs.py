"""The documentation: links lead somewhere, generated pages are current, the map is complete."""

import re
import subprocess
from pathlib import Path

import pytest

from tests import architecture
from tests.test_layers import ORDER, ROOT

PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere in this repository."""
    found = []
    for link in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A b\n[x](no.md) [y](#a-b) [z](#c) `[q](r)` [w](https://example.org)", "utf-8"
    )

    assert dead_links(page) == ["no.md", "#c"]


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    toctree = index[index.index("{toctree}") :].split()
    names = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}

    assert names <= set(toctree)
    assert {link.removesuffix(".md") for link in LINK.findall(index)} >= names


def test_the_map_has_every_file() -> None:
    assert set(architecture.groups()) == set(ORDER) - {"__init__"}


def test_the_map_is_current() -> None:
    assert architecture.PAGE.read_text("utf-8") == architecture.page()
    assert architecture.PICTURE.read_text("utf-8") == architecture.svg()


def test_arrows_are_imports_and_what_they_leave_out_is_implied() -> None:
    used = architecture.uses()
    pairs = architecture.direct(used)

    reached: dict[str, set[str]] = {}
    for group in used:
        waiting, seen = [group], set[str]()
        while waiting:
            new = {a for a, b in pairs if b == waiting[-1]} - seen
            waiting.pop()
            seen |= new
            waiting += new
        reached[group] = seen
    for group, others in used.items():
        assert others <= reached[group]
    assert all(a in used[b] for a, b in pairs)


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_to_do(word: str) -> None:
    listing = subprocess.run(
        ["git", "grep", "-n", "-w", word, "--", "*.py", "*.md", ":!tests/test_docs.py"],  # noqa: S607 - git from the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listing.stdout == ""
