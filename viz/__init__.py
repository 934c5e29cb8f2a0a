"""Pictures of computations: values, gradients and local derivatives.

>>> from autograd import Value
>>> from viz import draw_dot
>>> x = Value(3.0, label="x")
>>> y = x * x
>>> y.backward()
>>> picture = draw_dot(y)  # a notebook shows it; picture.render("y") writes y.svg
>>> picture.source.count("v0 -> v1op")  # one arrow for each use of x
2
"""

from importlib import import_module
from types import ModuleType

from viz.dot import draw_dot
from viz.drawing import Drawing
from viz.errors import (
    LayoutTimeoutError,
    NoRendererError,
    NotAValueError,
    OptionError,
    RenderingError,
    TargetError,
    TooLargeError,
    UnknownPathError,
)
from viz.graphs import Graph, graph
from viz.live import Live
from viz.nodes import Edge, Group, Node
from viz.page import Page, explore
from viz.picture import Picture, draw
from viz.tracing import trace

__all__ = [
    "Drawing",
    "Edge",
    "Graph",
    "Group",
    "LayoutTimeoutError",
    "Live",
    "NoRendererError",
    "Node",
    "NotAValueError",
    "OptionError",
    "Page",
    "Picture",
    "RenderingError",
    "TargetError",
    "TooLargeError",
    "UnknownPathError",
    "draw",
    "draw_dot",
    "explore",
    "graph",
    "plots",
    "trace",
]


def __getattr__(name: str) -> ModuleType:
    """Load `viz.plots` when it is first asked for: pictures of graphs need none of it."""
    if name == "plots":
        return import_module("viz.plots")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
