"""A picture with its table as one HTML file: no script, nothing loaded, prints well.

Knows HTML. Knows no layout.
"""

from html import escape

from viz.graphs import Graph
from viz.quoting import printable
from viz.text import table
from viz.web import hashed

_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem; }
figure { margin: 0; overflow-x: auto; }
pre { overflow-x: auto; font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; }
svg { max-width: none; height: auto; }
@media print { figure, pre { overflow: visible; } svg { max-width: 100%; } }
"""


def static_page(title: str, picture: str, graph: Graph) -> str:
    """Return an HTML document with a picture, and the graph as text below it."""
    policy = f"default-src 'none'; style-src {hashed(_STYLE)}; img-src data:"
    name = escape(printable(title))
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{name}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{name}</h1>
<figure>
{picture}</figure>
<pre>{escape(table(graph, None))}</pre>
</body>
</html>
"""
