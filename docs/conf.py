"""How Sphinx builds these pages as a site: `make docs`."""

import re
from importlib.metadata import version as version_of
from typing import Any

project = "wengert"
author = "the wengert authors"
version = release = version_of("wengert")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
myst_heading_anchors = 3
# From the top of the repository, so that links mean the same here and there.
root_doc = "docs/index"
include_patterns = [
    "*.md",
    "docs/*.md",
    "benchmarks/*.md",
    "examples/**/*.md",
]

html_theme = "furo"
html_title = "wengert"
html_static_path: list[str] = []
html_show_sphinx = False
# There is no year to keep current: the licence has the holder.
html_show_copyright = False

# In the order of the source, which is the order to read them in.
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
add_module_names = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_display_short_literal_types = True


def as_markdown(
    _app: object, _what: str, _name: str, _thing: object, _options: object, lines: list[str]
) -> None:
    """Read the single backquotes of our docstrings as code, and marks of reST as they are."""
    is_code = False
    for k, line in enumerate(lines):
        text = line.lstrip()
        is_code = text.startswith((">>>", "...")) or (is_code and text != "")
        if is_code:
            continue
        pieces = re.split(r"(`+[^`]*`+)", line)
        for j, piece in enumerate(pieces):
            if j % 2:
                # A letter right behind would be taken for a part of the code.
                joined = "\\ " if pieces[j + 1][:1].isalnum() else ""
                pieces[j] = f"``{piece.strip('`')}``{joined}"
            else:
                pieces[j] = re.sub(r"(?<!\\)([|*])|(\w)_(?!\w)", _escaped, piece)
        lines[k] = "".join(pieces)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\_"


def setup(app: Any) -> None:
    """Register the reading above, before napoleon makes fields of sections."""
    app.connect("autodoc-process-docstring", as_markdown, priority=100)
