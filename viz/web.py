"""What our web pages are made of: files, colours, data, and a policy that lets nothing else in.

Knows HTML and CSS. Knows no graph and no picture.
"""

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files

from viz.palettes import DARK, LIGHT, PRINT, Palette
from viz.quoting import printable


def hashed(text: str) -> str:
    """Return how a content-security policy names a script or a style: by its hash.

    >>> hashed("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(style: str, script: str) -> str:
    """Return the policy of a page that runs one script and loads nothing."""
    return (
        f"default-src 'none'; script-src {hashed(script)}; style-src {hashed(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def frame(page: str, title: str, height: int) -> str:
    """Return a page in a frame that is shut off from the notebook around it."""
    return (
        f'<iframe sandbox="allow-scripts" title="{escape(printable(title))}" '
        f'width="100%" height="{height}" srcdoc="{escape(page)}"></iframe>'
    )


@cache
def template(name: str) -> str:
    """Return the text of a file that came with this package."""
    return files("viz").joinpath(name).read_text("utf-8")


@cache
def themed(name: str) -> str:
    """Return a style: colours from the palettes, then the file's own."""
    light, dark, paper = map(_variables, (LIGHT, DARK, PRINT))
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        "@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) "
        f"{{ color-scheme: dark; {dark} }} }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
        # The doubled selector weighs more than a theme that was chosen on the page.
        f"@media print {{ :root:root:root {{ color-scheme: light; {paper} }} }}\n"
        f"{template(name)}"
    )


def _variables(palette: Palette) -> str:
    """Return a palette as CSS variables."""
    plain = ("paper", "ink", "quiet", "card", "operator", "frame", "edge", "accent", "result",
             "warning", "stripe", "active", "zero")  # fmt: skip
    colours = {name: getattr(palette, name) for name in plain}
    colours["line"] = palette.stripe if palette is PRINT else palette.zero
    for k in range(4):
        colours[f"p{k + 1}"] = palette.above[k]
        colours[f"m{k + 1}"] = palette.below[k]
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def inert(data: object) -> str:
    r"""Return data as JSON in which nothing can end the element that it stands in.

    >>> print(inert("</script>&"))
    "\u003c/script\u003e\u0026"
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
