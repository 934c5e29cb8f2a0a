"""A film of a training: the decision boundary and the network, frame by frame.

Notes the weights while a model is trained, and draws only when the film is asked for. Knows
how frames become a GIF or a page.
"""

import base64
import copy
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from autograd import format_number, missing_extra
from viz.bundles import offered
from viz.errors import OptionError, TargetError
from viz.files import PathLike, write_whole
from viz.palettes import palette_of
from viz.plots.boundary import decision_boundary, outputs_of
from viz.plots.canvas import at_least, largest
from viz.plots.curves import curves
from viz.plots.network import network
from viz.quoting import printable
from viz.web import frame, inert, policy, template, themed

FORMATS = (".gif", ".html")
_DPI = 80
_COLOURS = 128
_FRAME_HEIGHT = 620


@dataclass(frozen=True, slots=True)
class _Moment:
    """Where a run was after an epoch."""

    epoch: int
    weights: list[float]
    # What `fit` goes on adding to; the first numbers, one an epoch, are those of this moment.
    history: Mapping[str, Sequence[float]]

    @property
    def numbers(self) -> dict[str, Sequence[float]]:
        """What was measured up to this epoch."""
        known = {name: xs[: self.epoch] for name, xs in self.history.items() if name != "lr"}
        return {name: xs for name, xs in known.items() if xs}

    @property
    def caption(self) -> str:
        """What is said of it."""
        last = [
            f"{name} {format_number(numbers[-1])}" for name, numbers in self.numbers.items()
        ]
        return f"epoch {self.epoch}: {', '.join(last)}"


class Film:
    """A callback for `nn.fit` that makes an animation of the training.

    Each frame has the network with its weights, the loss so far and, for a model of two
    inputs, its decision boundary; colours and limits are the same in all frames. `save`
    writes a GIF or a page with a slider; a notebook shows the page.

    Args:
        data: samples of two numbers and their targets, for the decision boundary; without
            them there is none.
        every: how many epochs there are from frame to frame. The first and the last epoch
            always have one.
        resolution: how many points across the boundary is computed at.
        title: the heading of the page.
        theme: "light", "dark" or "print".

    Raises:
        OptionError: if an option means nothing.

    Example:
        >>> from nn import MLP, Adam, bce_with_logits, data, fit
        >>> model = MLP(2, [4, 1], "tanh", seed=0)
        >>> film = Film(data.xor(), every=10)
        >>> history = fit(model, data.xor(), bce_with_logits, Adam(model.parameters(), lr=0.1),
        ...               epochs=25, callbacks=[film])
        >>> film  # film.save("xor.gif") or film.save("xor.html") draws it
        a film of 4 frames, from epoch 1 to 25
    """

    def __init__(
        self,
        data: tuple[Sequence[Any], Sequence[Any]] | None = None,
        *,
        every: int = 1,
        resolution: int = 30,
        title: str = "Training",
        theme: str = "light",
    ) -> None:
        palette_of(theme)
        self._data, self._title, self._theme = data, title, theme
        self._every = at_least(every, 1, "every")
        self._resolution = at_least(resolution, 2, "resolution")
        self._model: Any = None
        self._moments: list[_Moment] = []
        # The epoch after the last frame, if no frame has it.
        self._last: _Moment | None = None

    def __call__(self, run: Any) -> None:
        """Note where a run stands after an epoch."""
        if self._model is None:
            # A model of its own, so that drawing does not disturb the one in training.
            self._model = copy.deepcopy(run.model)
        weights = [weight.data for weight in run.model.parameters()]
        moment = _Moment(run.epoch, weights, run.history)
        if not self._moments or (run.epoch - 1) % self._every == 0:
            self._moments.append(moment)
            self._last = None
        else:
            self._last = moment

    def __len__(self) -> int:
        return len(self._frames())

    def __repr__(self) -> str:
        moments = self._frames()
        if not moments:
            return "a film without frames"
        return (
            f"a film of {len(moments)} frames, from epoch {moments[0].epoch} to "
            f"{moments[-1].epoch}"
        )

    def save(self, path: PathLike, *, rate: float = 8.0) -> Path:
        """Write the film as `.gif` or `.html`, by the name of the file, and return its path.

        Args:
            path: where to; folders are made, and what interrupts the writing leaves an older
                file as it was.
            rate: frames a second.

        Raises:
            ModuleNotFoundError: without matplotlib.
            OptionError: if there are no frames yet, or for another format.
            TargetError: if the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() not in FORMATS:
            raise OptionError(
                f"a film is written as {' or '.join(FORMATS)}, got {target.name!r}"
            )
        if target.is_dir():
            raise TargetError(f"cannot write {str(target)!r}: it is a folder")
        gif = target.suffix.lower() == ".gif"
        return write_whole(target, self.gif(rate) if gif else self.html(rate).encode())

    def gif(self, rate: float = 8.0) -> bytes:
        """Return the film as a GIF that begins anew after its last frame."""
        pause = round(1000.0 / _rate(rate))
        first, *others = self._pictures(titled=True)
        stream = io.BytesIO()
        # The last frame stays longer: there the result is looked at.
        pauses = [pause] * len(others) + [max(pause, 1500)]
        first.save(stream, "GIF", save_all=True, append_images=others, duration=pauses, loop=0)
        return stream.getvalue()

    def html(self, rate: float = 8.0) -> str:
        """Return the film as a page that needs nothing else, with a slider over the epochs."""
        rate = _rate(rate)
        pictures = [_as_data(picture) for picture in self._pictures(titled=False)]
        style, script = themed("film.css"), template("film.js")
        captions = [moment.caption for moment in self._frames()]
        return Template(template("film.html")).substitute(
            policy=policy(style, script),
            title=escape(printable(self._title)),
            style=style,
            script=script,
            first=pictures[0],
            last=len(pictures) - 1,
            frames=inert({"pictures": pictures, "captions": captions, "rate": rate}),
        )

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, str]:
        """Return the page in a frame that is shut off from the notebook around it."""
        bundle = {"text/plain": repr(self)}
        if self._moments:
            bundle["text/html"] = frame(self.html(), self._title, _FRAME_HEIGHT)
        return offered(bundle, include, exclude)

    def _frames(self) -> list[_Moment]:
        return self._moments + ([self._last] if self._last is not None else [])

    def _pictures(self, *, titled: bool) -> Iterator[Any]:
        """Yield a picture of Pillow, which comes with matplotlib, for each frame."""
        moments = self._frames()
        if not moments:
            raise OptionError(
                "there is no frame yet: train with nn.fit(..., callbacks=[film]) first"
            )
        try:
            from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
            from PIL import Image  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise missing_extra("viz.plots", "matplotlib", "plots") from error
        strongest = largest(x for moment in moments for x in moment.weights)
        reach = self._reach(moments[-1])
        for moment in moments:
            self._set(moment)
            figure = Figure(figsize=(11.2, 4.2), dpi=_DPI, layout="constrained")
            figure.set_facecolor(palette_of(self._theme).paper)
            self._draw(figure, moment, moments[-1], strongest, reach)
            if titled:
                figure.suptitle(moment.caption, color=palette_of(self._theme).ink, fontsize=11)
            stream = io.BytesIO()
            figure.savefig(stream, format="png", dpi=_DPI, facecolor=figure.get_facecolor())
            yield Image.open(stream).convert("RGB").quantize(_COLOURS)

    def _set(self, moment: _Moment) -> None:
        for weight, number in zip(self._model.parameters(), moment.weights, strict=True):
            weight.data = number

    def _reach(self, moment: _Moment) -> float | None:
        """Return the largest output at the end, for a scale that all frames share."""
        if self._data is None:
            return None
        self._set(moment)
        outputs = outputs_of(self._model, self._data[0])
        return None if isinstance(outputs[0], (list, tuple)) else largest(map(float, outputs))

    def _draw(
        self, figure: Any, moment: _Moment, last: _Moment, strongest: float, reach: float | None
    ) -> None:
        widths = [1.4, 1.5, 1.0] if self._data is not None else [1.5, 1.0]
        panels = list(figure.subplots(1, len(widths), width_ratios=widths))
        if self._data is not None:
            decision_boundary(
                self._model,
                self._data,
                ax=panels.pop(0),
                resolution=self._resolution,
                extent=reach,
                theme=self._theme,
            )
        if hasattr(self._model, "layers"):
            network(self._model, ax=panels[0], extent=strongest, theme=self._theme)
        else:
            panels[0].remove()
        ax = curves(moment.numbers, ax=panels[-1], best=False, theme=self._theme)
        losses = [x for name, xs in last.numbers.items() if name.endswith("loss") for x in xs]
        ax.set(xlim=(0.5, last.epoch + 0.5), ylim=(0.0, 1.05 * max(losses)))
        for line in ax.lines:
            line.set_marker("o")
            line.set_markevery([-1])  # where the run is now


def _rate(rate: float) -> float:
    if not 0.0 < rate <= 50.0:
        raise OptionError(f"rate must be above 0 and at most 50 frames a second, got {rate!r}")
    return rate


def _as_data(picture: Any) -> str:
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
