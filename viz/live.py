"""Curves that are drawn while a model is being trained, in a notebook.

Knows how to ask a notebook to show a picture, and to put another in its place.
"""

import importlib
import sys
import time

# Whoever trains hands over what it likes; IPython ships types that nobody needs here.
from typing import Any

from autograd import format_number
from viz.chart import chart
from viz.errors import OptionError
from viz.palettes import palette_of


class Live:
    """A callback for `nn.fit` that shows losses and metrics while they come in.

    In a notebook a picture is put in its place after an epoch, at most every `pause` seconds
    and once more when the training is over. Where there is no notebook nothing is shown: a
    terminal has the sparkline of `fit` itself. `svg()` has the picture anywhere.

    Args:
        pause: how many seconds there are at least between two pictures.
        theme: "light", "dark" or "print".

    Raises:
        OptionError: if an option means nothing.

    Example:
        >>> from nn import MLP, Adam, bce_with_logits, data, fit
        >>> model = MLP(2, [4, 1], seed=0)
        >>> live = Live()
        >>> history = fit(model, data.xor(), bce_with_logits, Adam(model.parameters()),
        ...               epochs=5, callbacks=[live])
        >>> live.svg().count("<polyline")
        1
    """

    def __init__(self, *, pause: float = 0.5, theme: str = "light") -> None:
        colours = palette_of(theme)
        if not pause >= 0:
            raise OptionError(f"pause must be a number of seconds, 0 or more, got {pause!r}")
        self._pause, self._colours = pause, colours
        self._run: Any = None
        self._handle: Any = None
        self._next = 0.0
        self._is_stale = False

    def __call__(self, run: Any) -> None:
        """Take in the numbers of an epoch, and show them if it is time to."""
        if run is not self._run:
            self._run, self._handle, self._next = run, None, 0.0
        self._is_stale = True
        if time.monotonic() >= self._next:
            self.show()
            self._next = time.monotonic() + self._pause

    def close(self) -> None:
        """Show the last numbers, if a pause kept them back; `fit` calls this at its end."""
        if self._is_stale:
            self.show()

    def show(self) -> None:
        """Show the numbers so far, in a notebook."""
        display = _notebook()
        if display is None or self._run is None:
            return
        picture = display.HTML(self.html())
        if self._handle is None:
            self._handle = display.display(picture, display_id=True)
        else:
            self._handle.update(picture)
        self._is_stale = False

    def svg(self) -> str:
        """Return the curves so far as SVG."""
        history = {} if self._run is None else self._run.history
        return chart(history, self._colours, "training")

    def html(self) -> str:
        """Return the curves, and below them the last numbers as text."""
        history = {} if self._run is None else self._run.history
        numbers = [f"{name} {format_number(xs[-1])}" for name, xs in history.items() if xs]
        epoch = 0 if self._run is None else self._run.epoch
        return f"{self.svg()}\n<div>epoch {epoch}: {', '.join(numbers)}</div>"

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"live curves of {0 if self._run is None else self._run.epoch} epochs"


def _notebook() -> Any:
    """Return the module that shows things, None where no notebook is running."""
    # A notebook has loaded IPython long before it runs anything.
    shell = sys.modules.get("IPython")
    if shell is None or getattr(shell.get_ipython(), "kernel", None) is None:
        return None
    return importlib.import_module("IPython.display")
