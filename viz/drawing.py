"""A drawing that anyone can show: a `graphviz.Digraph` that finds a renderer by itself.

It renders with a time limit, through `dot` or without it, leaves no source file behind, and
never raises while a notebook displays it. Knows DOT text only.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import graphviz

from viz import render
from viz.errors import LayoutTimeoutError, NoRendererError, RenderingError
from viz.files import PathLike, write_whole


class Drawing(graphviz.Digraph):  # type: ignore[misc] # graphviz has no types
    """A `graphviz.Digraph` with the same methods, and these differences.

    * without the program `dot`, pygraphviz makes the picture;
    * `.render("name")` writes the picture alone, unless `cleanup=False` asks for the source;
    * a layout is stopped after `time_limit` seconds.
    """

    time_limit: float = render.TIME_LIMIT

    def __repr__(self) -> str:
        return str(self.comment or super().__repr__())

    def pipe(
        self,
        format: str | None = None,  # noqa: A002 - graphviz's name
        *,
        renderer: str | None = None,
        formatter: str | None = None,
        quiet: bool = True,  # noqa: ARG002 - graphviz's signature
        engine: str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """Return the picture as bytes, or as text if an encoding is given.

        It is always `quiet`: what Graphviz prints is shown only in an error.

        Raises:
            NoRendererError: if Graphviz is nowhere to be found.
            LayoutTimeoutError: if the time limit passes.
            RenderingError: if Graphviz fails.
        """
        wanted = [format or self.format, renderer or self.renderer, formatter or self.formatter]
        picture = render.picture(
            self.source,
            ":".join(part for part in wanted if part),
            engine or self.engine,
            self.time_limit,
        )
        return picture if encoding is None else picture.decode(encoding)

    def render(  # noqa: PLR0913 - graphviz's signature
        self,
        filename: PathLike | None = None,
        directory: PathLike | None = None,
        *,
        view: bool = False,
        cleanup: bool = True,
        format: str | None = None,  # noqa: A002 - graphviz's name
        renderer: str | None = None,
        formatter: str | None = None,
        quiet: bool = True,  # noqa: ARG002 - graphviz's signature
        quiet_view: bool = False,
        outfile: PathLike | None = None,
        engine: str | None = None,
        raise_if_result_exists: bool = False,
    ) -> str:
        """Write the picture to a file and return its path.

        Args:
            filename: path without the suffix of the format, which is added.
            directory: folder for it; made if it is not there.
            view: show the picture with the program that belongs to its format.
            cleanup: False also leaves the DOT text, in `filename` itself (beside outfile: .gv).
            format: svg, png, pdf, ...; without it the suffix of outfile, or the drawing's own.
            renderer: Graphviz renderer, such as cairo.
            formatter: Graphviz formatter; needs a renderer.
            quiet: accepted for compatibility.
            quiet_view: like view, without what the viewer prints.
            outfile: path with suffix, instead of filename.
            engine: layout program instead of dot.
            raise_if_result_exists: refuse to overwrite a picture.

        Raises:
            graphviz.FileExistsError: if asked to, and the file is there.
        """
        wanted = format or self.format
        if outfile is not None and format is None:
            wanted = Path(outfile).suffix[1:].lower() or wanted
        folder = Path(self.directory if directory is None else directory)
        source = folder / (self.filename if filename is None else filename)
        if outfile is None:
            suffixes = [part for part in (formatter, renderer, wanted) if part]
            path = Path(".".join([str(source), *suffixes]))
        else:
            path = folder / outfile
            source = path.with_suffix(".gv")
        if raise_if_result_exists and path.exists():
            raise graphviz.FileExistsError(f"output file exists: {os.fspath(path)!r}")
        picture = self.pipe(wanted, renderer=renderer, formatter=formatter, engine=engine)
        write_whole(path, picture)
        if not cleanup:
            write_whole(source, self.source.encode(self.encoding))
        if view or quiet_view:
            graphviz.view(path, quiet=quiet_view)
        return str(path)

    def view(
        self,
        filename: PathLike | None = None,
        directory: PathLike | None = None,
        *,
        cleanup: bool = True,
        quiet: bool = True,
        quiet_view: bool = False,
    ) -> str:
        """Write the picture to a file, show it, and return its path; see `render`."""
        return self.render(
            filename,
            directory,
            view=True,
            cleanup=cleanup,
            quiet=quiet,
            quiet_view=quiet_view,
        )

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, bytes | str]:
        """Return the picture for a notebook, or text that says why there is none."""
        try:
            shown = super()._repr_mimebundle_(include=include, exclude=exclude)
            return {"text/plain": repr(self), **shown}
        except (NoRendererError, RenderingError, LayoutTimeoutError) as problem:
            return {"text/plain": f"{self!r}\n\n{problem}"}
