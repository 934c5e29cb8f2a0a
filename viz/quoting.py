r"""Text as Graphviz must be given it so that it shows as it is.

Pure functions from text to text. A label that people chose may hold braces, bars, quotes,
backslashes, entities, `<b>`, line breaks or control characters, and all of them mean something
to Graphviz, not the same thing everywhere. The double quotes around a text, and those inside
it, are the business of the `graphviz` package, which also has to be told that a text is no
HTML (`graphviz.nohtml`). Knows no graph and no drawing.
"""

import re

# What neither DOT nor XML can hold: shown the way Python writes it.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SHAPES_A_RECORD = re.compile(r"[{}|<>]")
# Spaces that a record would squeeze or strip: all but a single one between words.
_FRAGILE_SPACES = re.compile(r"^ +| +$|  +", re.MULTILINE)
_NO_BREAK_SPACE = "\xa0"


def printable(text: str) -> str:
    r"""Return text in which every letter can stand in DOT and in XML.

    >>> print(printable("tab\there"), printable("a\0b"))
    tab\there a\x00b
    """
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def plain_label(text: str) -> str:
    r"""Return text for the label of a node that is no record, or of an edge.

    >>> print(plain_label(r"a\N"), plain_label("a\nb"), plain_label("&lt;"))
    a\\N a\nb &amp;lt;
    >>> plain_label("2 < 3 | {x}")
    '2 < 3 | {x}'
    """
    return _without_entities(text).replace("\\", r"\\").replace("\n", r"\n")


def record_cell(text: str) -> str:
    r"""Return text for one cell of a record, to be put between `|` without spaces.

    Braces, bars and angle brackets shape a record, so each is escaped. Spaces that it would
    squeeze become no-break spaces, which look the same.

    >>> print(record_cell("{w|1}"), record_cell("<port>"), record_cell("R&D"))
    \{w\|1\} \<port\> R&amp;D
    >>> record_cell("a b  c ")
    'a b\xa0\xa0c\xa0'
    """
    escaped = _SHAPES_A_RECORD.sub(r"\\\g<0>", _doubled(_kept_spaces(text)))
    return escaped.replace("\n", r"\n")


def tooltip(text: str) -> str:
    r"""Return text for a tooltip.

    Graphviz reads the backslashes of a tooltip twice.

    >>> print(tooltip(r"\N"), tooltip("a\nb"))
    \\\\N a\nb
    """
    return _without_entities(text).replace("\\", r"\\\\").replace("\n", r"\n")


def shortened(text: str, most: int) -> str:
    """Return text with its middle left out where it is longer than `most` characters.

    >>> shortened("weight", 9), shortened("layers[0].neurons[3].w[12]", 11)
    ('weight', 'laye...[12]')
    """
    if len(text) <= most:
        return text
    keep = most - len("...")
    return f"{text[: keep - keep // 2]}...{text[len(text) - keep // 2 :]}"


def _without_entities(text: str) -> str:
    """Return text in which everything is printable and `&lt;` is four characters."""
    return printable(text).replace("&", "&amp;")


def _doubled(text: str) -> str:
    return _without_entities(text).replace("\\", r"\\")


def _kept_spaces(text: str) -> str:
    return _FRAGILE_SPACES.sub(lambda found: _NO_BREAK_SPACE * len(found[0]), text)
