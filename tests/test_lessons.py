"""The lessons run from first to last, answers too, and the notebooks are current."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.lessons import build

SCRIPTS = build.scripts()
NAMES = [script.stem for script in SCRIPTS]

plt = pytest.importorskip("matplotlib.pyplot", reason="lessons draw plots")
pytest.importorskip("hypothesis", reason="a lesson is about it")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the long lesson take few steps, and forget its figures afterwards."""
    monkeypatch.setenv("LESSON_STEPS", "12")
    monkeypatch.setenv("LESSON_LETTERS", "3")
    before = dict(os.environ)
    yield
    plt.close("all")
    os.environ.clear()
    os.environ.update(before)


def pieces(script: Path) -> Iterator[tuple[int, str]]:
    """Yield the code of a lesson in order, its answers too, each with the line it is on."""
    text = script.read_text("utf-8")
    start = 0
    for kind, source in build.cells(text):
        if kind == "code":
            start = text.index(source, start)
            yield text.count("\n", 0, start), source
            continue
        for answer in build.ANSWER.findall(source):
            first = answer.split("\n")[0]
            start = text.index(f"# {first}", start)
            yield text.count("\n", 0, start), answer


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_a_lesson_runs_and_its_answers_hold(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {"__name__": "lesson"}
    for line, source in pieces(script):
        exec(compile("\n" * line + source, script, "exec"), names)  # noqa: S102 - a lesson

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_a_lesson_has_a_title_exercises_and_hidden_answers(script: Path) -> None:
    found = build.cells(script.read_text("utf-8"))
    texts = "\n".join(source for kind, source in found if kind == "markdown")
    number = int(script.stem.split("_")[0])

    assert found[0][0] == "markdown"
    assert found[0][1].startswith(f"# {number}. ")
    assert "## Exercises" in texts
    count = len(re.findall(r"^\*\*\d\.\*\*", texts, re.MULTILINE))
    assert 2 <= count <= 4
    assert len(build.ANSWER.findall(texts)) == texts.count("<details>") == count
    assert any("assert" in source for kind, source in found if kind == "code")


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_a_notebook_is_made_from_its_script(script: Path) -> None:
    written = script.with_suffix(".ipynb").read_text("utf-8")

    assert written == build.text_of(script)
    cells = json.loads(written)["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_the_list_of_lessons_names_each_in_order() -> None:
    page = (build.FOLDER / "README.md").read_text("utf-8")

    assert re.findall(r"\]\((\d+_\w+)\.ipynb\)", page) == NAMES
    assert [int(name.split("_")[0]) for name in NAMES] == list(range(1, len(NAMES) + 1))
