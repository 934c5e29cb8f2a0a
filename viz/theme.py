"""How a drawing looks: every colour, font and shape, by the role of what is drawn.

The colours are tints of the Okabe-Ito palette, which stays distinct for colour-blind readers;
roles differ in shape and border as well. Every node and edge also has the role as its class,
for pages that want other colours. Knows no numbers and no graph.
"""

BACKGROUND = "#ffffff"
INK = "#1a1a1a"
QUIET_INK = "#6b6b6b"
LEAF_FILL = "#d9eefb"
LEAF_LINE = "#0072b2"
COMPUTED_FILL = "#ffffff"
COMPUTED_LINE = "#4d4d4d"
ROOT_FILL = "#d6f0e7"
ROOT_LINE = "#00735a"
OPERATION_FILL = "#fbeccb"
OPERATION_LINE = "#8a5a00"
CONSTANT_FILL = "#f0f0f0"
WARNING_LINE = "#b33c00"

# Graphviz measures text with built-in tables for these two families only.
FONT = "Helvetica,Arial,sans-serif"

Attributes = dict[str, str]

# The background is explicit: a picture stays readable on a dark page.
GRAPH: Attributes = {
    "bgcolor": BACKGROUND,
    "fontname": FONT,
    "fontsize": "10",
    "fontcolor": QUIET_INK,
    "labelloc": "b",
    "labeljust": "l",
    "nodesep": "0.2",
    "ranksep": "0.35",
    "pad": "0.15",
}
NODE: Attributes = {"fontname": FONT, "fontsize": "12", "fontcolor": INK, "height": "0.3"}
EDGE: Attributes = {
    "fontname": FONT,
    "fontsize": "10",
    "fontcolor": QUIET_INK,
    "color": QUIET_INK,
    "arrowsize": "0.7",
}

ROLES: dict[str, Attributes] = {
    "leaf": {
        "shape": "record",
        "style": "filled,rounded",
        "fillcolor": LEAF_FILL,
        "color": LEAF_LINE,
    },
    "computed": {
        "shape": "record",
        "style": "filled",
        "fillcolor": COMPUTED_FILL,
        "color": COMPUTED_LINE,
    },
    "root": {
        "shape": "record",
        "style": "filled",
        "fillcolor": ROOT_FILL,
        "color": ROOT_LINE,
        "penwidth": "2.5",
    },
    "operation": {
        "shape": "ellipse",
        "style": "filled",
        "fillcolor": OPERATION_FILL,
        "color": OPERATION_LINE,
        "width": "0.4",
        "margin": "0.05,0.02",
        "ordering": "in",
    },
    "constant": {
        "shape": "box",
        "style": "filled",
        "fillcolor": CONSTANT_FILL,
        "color": QUIET_INK,
        "fontcolor": QUIET_INK,
        "fontsize": "10",
        "width": "0.3",
        "height": "0.2",
        "margin": "0.06,0.03",
    },
}

# Laid over a role where a value or a gradient is inf or nan.
WARNING: Attributes = {"color": WARNING_LINE, "penwidth": "2.5", "fontcolor": WARNING_LINE}
