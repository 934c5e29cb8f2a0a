"""What can go wrong with a picture, said to the person at the keyboard.

Each class is also the built-in error, or the error of `graphviz`, that callers may already
catch. Knows no graph and no renderer.
"""

import graphviz


class NotAValueError(TypeError):
    """Something that is no Value was to be drawn."""


class TooLargeError(ValueError):
    """A graph has more nodes or edges than anyone can read or Graphviz can place in time."""


class OptionError(ValueError):
    """An option of a drawing has a value that means nothing."""


class UnknownPathError(LookupError):
    """A module or a node was asked for that the graph does not have."""


class TargetError(OSError):
    """A picture or a page cannot be written where it was to go."""


class NoRendererError(graphviz.ExecutableNotFound):  # type: ignore[misc] # graphviz has no types
    """Neither the program `dot` nor the package pygraphviz is there to make a picture."""

    def __init__(self, message: str) -> None:
        RuntimeError.__init__(self, message)  # graphviz's own takes a command line instead


class RenderingError(RuntimeError):
    """Graphviz was there and could not make the picture."""


class LayoutTimeoutError(TimeoutError):
    """Graphviz did not end within the time limit."""
