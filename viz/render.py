"""DOT text to a picture: the only place that calls Graphviz.

The program `dot` draws if it is on the PATH, else pygraphviz, whose wheels carry the Graphviz
libraries. Both run as another process, so that a layout that takes too long can be stopped, and
whatever Graphviz prints or breaks stays out of the caller's way. Knows no graph.
"""

import importlib.util
import shutil
import subprocess
import sys

import graphviz

from viz.errors import LayoutTimeoutError, NoRendererError, OptionError, RenderingError

TIME_LIMIT = 60.0

NO_RENDERER = """\
making a picture needs Graphviz, and neither its program {program} is on the PATH nor is the \
Python package pygraphviz installed. Either of these is enough:
  pip install "wengert[render]"    into this Python; brings Graphviz along
  apt install graphviz             Debian, Ubuntu
  dnf install graphviz             Fedora
  brew install graphviz            macOS
  winget install graphviz          Windows; let it add Graphviz to the PATH
  conda install graphviz           conda
The drawing itself is complete: its .source is DOT text that any Graphviz viewer shows."""

# Reads DOT from its standard input and writes the picture to its standard output.
_WITH_PYGRAPHVIZ = """\
import sys, pygraphviz
source = sys.stdin.buffer.read().decode("utf-8")
graph = pygraphviz.AGraph(string=source)
sys.stdout.buffer.write(graph.draw(format=sys.argv[2], prog=sys.argv[1]))
"""


def picture(
    source: str,
    format: str,  # noqa: A002 - Graphviz's name for it
    engine: str = "dot",
    time_limit: float = TIME_LIMIT,
) -> bytes:
    """Return DOT text as a picture.

    Args:
        source: the DOT text.
        format: what `dot -T` takes, such as svg or png:cairo.
        engine: the layout program.
        time_limit: seconds.

    Raises:
        OptionError: if engine is no layout program of Graphviz.
        NoRendererError: if Graphviz is nowhere to be found.
        LayoutTimeoutError: if the time limit passes.
        RenderingError: if Graphviz fails; the message has what it said.
    """
    if engine not in graphviz.ENGINES:
        programs = ", ".join(sorted(graphviz.ENGINES))
        raise OptionError(f"engine must be one of {programs}, got {engine!r}")
    try:
        done = subprocess.run(  # noqa: S603 - our own command line; the graph is its input
            _command(engine, format),
            input=source.encode("utf-8"),
            capture_output=True,
            check=False,
            timeout=time_limit,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # exists on Windows only
        )
    except subprocess.TimeoutExpired:
        raise LayoutTimeoutError(
            f"Graphviz needed more than {time_limit:g} s for this drawing and was stopped; "
            "draw a smaller piece, or give it longer with drawing.time_limit = <seconds>"
        ) from None
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode("utf-8", "replace")
        why = _reason(said) or f"it ended with code {done.returncode}"
        raise RenderingError(f"Graphviz could not make the {format} picture: {why}")
    return done.stdout


def _reason(said: str) -> str:
    """Return the line that tells what went wrong, among warnings and tracebacks."""
    lines = said.strip().splitlines() or [""]
    errors = [line for line in lines if line.startswith("Error: ")]
    return (errors or lines[-1:])[0].removeprefix("Error: ")


def _command(engine: str, format: str) -> list[str]:  # noqa: A002 - its name
    found = shutil.which(engine)
    if found is not None:
        return [found, f"-T{format}"]
    if importlib.util.find_spec("pygraphviz") is not None:
        return [sys.executable, "-P", "-c", _WITH_PYGRAPHVIZ, engine, format]
    raise NoRendererError(NO_RENDERER.format(program=engine))
