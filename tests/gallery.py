"""The pictures of docs/gallery.md, each made by the lines above it.

    python -m tests.gallery

runs the page and writes what `picture` is wherever the page shows one. `test_gallery.py`
holds those to it that are the same on every machine.
"""

import doctest
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "gallery.md"
_SHOWN = re.compile(r"^!\[[^\]]*\]\((\S+)\)$", re.MULTILINE)
_DPI = 80


def pictures(page: str) -> Iterator[tuple[str, Any]]:
    """Yield the name of each picture of a page and what it is, running the lines before it."""
    names: dict[str, Any] = {"__name__": "gallery"}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    start = 0
    for shown in _SHOWN.finditer(page):
        test = parser.get_doctest(page[start : shown.start()], names, shown[1], None, None)
        runner.run(test, clear_globs=False)
        if runner.summarize(verbose=False).failed:
            raise ValueError(f"the lines that make {shown[1]} do not run")
        names = test.globs
        yield shown[1], names["picture"]
        start = shown.end()


def write(picture: Any, path: Path) -> None:
    """Write a picture of any kind."""
    if path.suffix == ".png" and hasattr(picture, "html"):
        _photograph(picture, path)
    elif hasattr(picture, "save"):
        picture.save(path)
    elif hasattr(picture, "svg"):
        path.write_text(picture.svg() + "\n", "utf-8")
    else:
        ax = picture[0] if isinstance(picture, list) else picture
        ax.figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def _photograph(page: Any, path: Path) -> None:
    """Write how a page looks in the middle of its backward sweep."""
    from tests.chromium import running  # noqa: PLC0415 - for one picture

    with tempfile.TemporaryDirectory() as folder, running() as browser:
        browser.size(1100, 760)
        saved = page.save(Path(folder) / "page.html")
        browser.open(saved)
        middle = int(browser.run("slider.max")) * 3 // 4
        browser.open(f"{saved.as_uri()}?#step={middle}")
        browser.screenshot(path)


def main() -> None:
    """Write all of them."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    text = PAGE.read_text("utf-8")
    for name, picture in pictures(text):
        path = PAGE.parent / name
        path.parent.mkdir(exist_ok=True)
        write(picture, path)
        print(f"wrote {name}: {path.stat().st_size / 1024:.0f} KB")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
