"""The gallery shows what its lines draw today."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

from tests.gallery import PAGE, pictures, write

PICTURES = PAGE.parent / "gallery"
TEXT = PAGE.read_text("utf-8")


def test_the_gallery_shows_every_picture_there_is_and_no_other() -> None:
    shown = re.findall(r"\]\(gallery/([^)]+)\)", TEXT)

    assert len(shown) > 20
    assert sorted(shown) == sorted(path.name for path in PICTURES.iterdir())
    for name in shown:
        start = (PICTURES / name).read_bytes()[:6]
        kind = {".png": b"\x89PNG\r\n", ".gif": b"GIF89a"}.get(Path(name).suffix, start)
        assert start == kind


def test_graphs_are_those_on_file(tmp_path: Path) -> None:
    # What comes before the training is the same on every machine.
    before = takewhile(lambda found: found[0].endswith(".svg"), pictures(TEXT))
    names = []
    for name, picture in before:
        path = tmp_path / Path(name).name
        write(picture, path)
        assert path.read_text("utf-8") == (PAGE.parent / name).read_text("utf-8"), name
        names.append(name)

    assert len(names) == 7


def test_lines_that_do_not_run_are_an_error() -> None:
    page = "```python\n>>> picture = 1 / 0\n\n```\n\n![x](gallery/x.png)\n"
    with pytest.raises(ValueError, match=r"the lines that make gallery/x\.png do not run"):
        list(pictures(page))
