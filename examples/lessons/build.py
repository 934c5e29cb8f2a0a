"""Lessons as notebooks: the scripts are what is written, the notebooks are made from them.

    python -m examples.lessons.build

A script is in the percent format: `# %%` begins a cell of code, `# %% [markdown]` one of text,
written as comments. Notebooks have no outputs; whoever opens one runs it.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_MARK = re.compile(r"^# %%(.*)$", re.MULTILINE)
# An answer that a reader unfolds; its code runs in the suite, after the cell above.
ANSWER = re.compile(r"<details>.*?```python\n(.*?)```.*?</details>", re.DOTALL)


def scripts() -> list[Path]:
    """Return the lessons in order."""
    return sorted(FOLDER.glob("[0-9]*.py"))


def cells(script: str) -> list[tuple[str, str]]:
    """Return the cells of a script: "markdown" or "code", and the text."""
    _, *parts = _MARK.split(script)
    found = []
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        text = body.strip("\n")
        if "[markdown]" in kind:
            lines = [re.sub(r"^# ?", "", line) for line in text.split("\n")]
            found.append(("markdown", "\n".join(lines).strip("\n")))
        else:
            found.append(("code", text))
    return found


def notebook(script: Path) -> dict[str, Any]:
    """Return a lesson as a notebook of nbformat 4.5."""
    made = []
    for k, (kind, text) in enumerate(cells(script.read_text("utf-8"))):
        digest = hashlib.sha256(f"{script.stem} {k}".encode()).hexdigest()
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": digest[:12],
            "metadata": {},
            "source": text.splitlines(keepends=True),
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": made,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def text_of(script: Path) -> str:
    """Return the notebook of a lesson as its file has it."""
    return json.dumps(notebook(script), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write a notebook beside each script."""
    for script in scripts():
        script.with_suffix(".ipynb").write_text(text_of(script), "utf-8")
        print(f"wrote {script.with_suffix('.ipynb').name}")


if __name__ == "__main__":
    main()
