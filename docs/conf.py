"""How Sphinx builds these pages as a site: `make docs`."""

from importlib.metadata import version as version_of

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
exclude_patterns: list[str] = []

html_theme = "furo"
html_title = "wengert"
html_static_path: list[str] = []
html_show_sphinx = False

# In the order of the source, which is the order to read them in.
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
add_module_names = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_display_short_literal_types = True
