"""Curves that are drawn while a model trains: the picture, and the notebook that shows it."""

import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from nn import MLP, SGD, bce_with_logits, data, fit
from viz import Live, OptionError
from viz.chart import chart
from viz.palettes import LIGHT

POINTS = data.xor()


def trained(*callbacks: Any, epochs: int = 3, **options: Any) -> Any:
    model = MLP(2, [3, 1], "tanh", seed=0)
    optimiser = SGD(model.parameters(), lr=0.1)
    return fit(
        model, POINTS, bce_with_logits, optimiser, epochs=epochs, callbacks=callbacks, **options
    )


class Notebook:
    """Stands for IPython: what was shown, and what was put in its place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, kernel: bool = True) -> None:
        self.shown: list[list[str]] = []
        shell = ModuleType("IPython")
        display = ModuleType("IPython.display")
        shell.get_ipython = lambda: SimpleNamespace(  # type: ignore[attr-defined]
            kernel=object() if kernel else None
        )
        display.HTML = str  # type: ignore[attr-defined]
        display.display = self.display  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "IPython", shell)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def display(self, picture: str, *, display_id: bool) -> Any:
        assert display_id
        pictures = [picture]
        self.shown.append(pictures)
        return SimpleNamespace(update=pictures.append)


def test_a_notebook_shows_one_picture_and_renews_it(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    history = trained(Live(pause=0.0), epochs=4)

    [pictures] = notebook.shown
    assert [re.findall(r"epoch \d+: loss \S+,", picture) for picture in pictures] == [
        [f"epoch {k + 1}: loss {loss:.4g},"] for k, loss in enumerate(history["loss"])
    ]


def test_pictures_keep_a_distance_and_the_last_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notebook = Notebook(monkeypatch)
    trained(Live(pause=1e9), epochs=5)

    [[first, last]] = notebook.shown
    assert "epoch 1:" in first
    assert "epoch 5:" in last


def test_the_last_picture_is_shown_after_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)

    def fail(run: Any) -> None:
        if run.epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(Live(pause=1e9), fail, epochs=5)
    assert "epoch 3:" in notebook.shown[0][-1]


def test_another_run_has_a_picture_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    live = Live(pause=0.0)
    trained(live, epochs=2)
    trained(live, epochs=3)

    assert [len(pictures) for pictures in notebook.shown] == [2, 3]


@pytest.mark.parametrize("there", [True, False])
def test_without_a_notebook_nothing_is_shown(
    there: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if there:
        notebook = Notebook(monkeypatch, kernel=False)  # IPython on a terminal
    else:
        monkeypatch.delitem(sys.modules, "IPython", raising=False)
    live = Live()
    history = trained(live)

    assert not there or notebook.shown == []
    assert capsys.readouterr() == ("", "")
    assert f"loss {history['loss'][-1]:.4g}" in live._repr_html_()
    assert repr(live) == "live curves of 3 epochs"


def test_before_the_training_there_is_a_picture_of_nothing() -> None:
    live = Live()

    assert "<polyline" not in live.svg()
    live.close()
    assert repr(live) == "live curves of 0 epochs"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "pink"}, "theme must be one of light"),
        ({"pause": -1}, "pause must be a number"),
    ],
)
def test_options_are_checked(options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Live(**options)


# -- the picture ------------------------------------------------------------------------------


def lines(picture: str) -> list[list[tuple[float, float]]]:
    tree = ElementTree.fromstring(picture)  # noqa: S314 - our own picture
    found = tree.findall("{http://www.w3.org/2000/svg}polyline")
    return [
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]  # type: ignore[misc]
        for line in found
    ]


def test_a_curve_is_as_high_as_its_numbers() -> None:
    [curve] = lines(chart({"loss": [4.0, 2.0, 0.0, 1.0]}, LIGHT))

    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = curve
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.11)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(0.5, abs=0.01)
    assert (y3 - y2) / (y0 - y2) == pytest.approx(0.25, abs=0.01)
    assert y0 < y2  # heights count from the top


def test_losses_and_metrics_have_a_panel_each_and_rates_none() -> None:
    history = {
        "loss": [1.0, 0.5],
        "lr": [0.1, 0.1],
        "val_loss": [1.0, 2.0],
        "accuracy": [0.5, 1.0],
    }
    loss, val_loss, accuracy = lines(chart(history, LIGHT))

    assert loss[0][0] == val_loss[0][0] < accuracy[0][0]
    assert "lr" not in chart(history, LIGHT)


def test_what_is_not_finite_is_left_out_and_names_are_inert() -> None:
    picture = chart({"<b>loss": [1.0, float("nan"), 2.0]}, LIGHT, title='"&<')

    assert len(lines(picture)[0]) == 2
    assert "<b>" not in picture


def test_long_runs_are_thinned_out_from_the_first_epoch_to_the_last() -> None:
    [curve] = lines(chart({"loss": [float(k) for k in range(5000)]}, LIGHT))

    assert len(curve) == 300
    assert curve[0][1] > curve[-1][1]
    assert lines(chart({}, LIGHT)) == []
