"""A film of a training: which frames it has, and the files that it becomes."""

import io
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from nn import MLP, Adam, Linear, Sequential, bce_with_logits, data, fit, mse_loss
from tests.chromium import needs_chromium, running
from viz import OptionError, TargetError
from viz.plots import Film

Image = pytest.importorskip("PIL.Image", reason="comes with matplotlib")
XOR = data.xor()


def trained(film: Film, epochs: int = 5) -> MLP:
    model = MLP(2, [3, 1], "tanh", seed=0)
    optimiser = Adam(model.parameters(), lr=0.1)
    fit(model, XOR, bce_with_logits, optimiser, epochs=epochs, callbacks=[film])
    return model


@pytest.fixture(scope="module")
def film() -> Film:
    made = Film(XOR, every=2, resolution=5, title="XOR <b>")
    trained(made, 6)
    return made


def test_the_first_and_the_last_epoch_have_a_frame(film: Film) -> None:
    assert repr(film) == "a film of 4 frames, from epoch 1 to 6"
    assert len(film) == 4
    assert repr(Film()) == "a film without frames"


def test_a_gif_has_a_picture_for_each_frame_and_they_differ(film: Film) -> None:
    gif = Image.open(io.BytesIO(film.gif(rate=4.0)))

    assert gif.n_frames == 4
    pictures, pauses = [], []
    for k in range(gif.n_frames):
        gif.seek(k)
        pictures.append(gif.convert("RGB").tobytes())
        pauses.append(gif.info["duration"])
    assert len(set(pictures)) == 4
    assert pauses == [250, 250, 250, 1500]
    assert gif.info["loop"] == 0


def test_a_page_has_all_frames_and_loads_nothing(film: Film) -> None:
    page = film.html(rate=5.0)

    [written] = re.findall(r'<script id="frames" type="application/json">(.*?)</script>', page)
    frames = json.loads(written)
    assert len(set(frames["pictures"])) == len(frames["captions"]) == 4
    assert frames["rate"] == 5.0
    assert [caption.split(":")[0] for caption in frames["captions"]] == [
        f"epoch {k}" for k in (1, 3, 5, 6)
    ]
    assert "XOR &lt;b&gt;" in page
    assert "<b>" not in page
    assert "http" not in page.replace("http-equiv", "")


@needs_chromium
def test_the_page_plays_to_the_last_frame_and_can_be_stepped(
    film: Film, tmp_path: Path
) -> None:
    path = film.save(tmp_path / "xor.html", rate=50.0)
    with running() as browser:
        browser.open(path)
        end = time.monotonic() + 30.0
        while browser.run("caption.textContent.split(':')[0]") != "epoch 6":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert browser.run("play.textContent") == "Play"
        browser.run("slider.focus()")
        browser.press("ArrowLeft")
        assert browser.run("picture.alt.split(':')[0]") == "epoch 5"

        # So slow that no frame changes while the test looks.
        slow = film.save(tmp_path / "slow.html", rate=0.01)
        browser.prefer(reduced_motion="reduce")
        browser.open(slow)
        assert browser.run("caption.textContent.split(':')[0]") == "epoch 1"
        assert browser.run("play.textContent") == "Play"
        browser.run("play.focus()")
        for pressed, text in (("true", "Pause"), ("false", "Play")):
            browser.press("Enter")
            assert browser.run("play.getAttribute('aria-pressed')") == pressed
            assert browser.run("play.textContent") == text
        assert browser.complaints == []
        assert [url for url in browser.requests if not url.startswith("data:")] == [
            slow.as_uri()
        ]


def test_a_film_is_saved_by_the_name_of_its_file(film: Film, tmp_path: Path) -> None:
    assert film.save(tmp_path / "a" / "x.GIF").read_bytes().startswith(b"GIF89a")
    assert film.save(tmp_path / "x.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(OptionError, match=r"written as \.gif or \.html, got 'x\.mp4'"):
        film.save(tmp_path / "x.mp4")
    (tmp_path / "folder.gif").mkdir()
    with pytest.raises(TargetError, match="it is a folder"):
        film.save(tmp_path / "folder.gif")


def test_what_interrupts_the_drawing_leaves_the_old_file(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film.save(tmp_path / "xor.gif")
    before = path.read_bytes()

    def fail(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("viz.plots.film.network", fail)
    with pytest.raises(KeyboardInterrupt):
        film.save(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["xor.gif"]


def test_drawing_leaves_the_model_as_it_is() -> None:
    film = Film(XOR, resolution=2)
    model = trained(film, 2)
    before = [(weight.data, weight.gradient) for weight in model.parameters()]
    film.gif()

    assert [(weight.data, weight.gradient) for weight in model.parameters()] == before


def test_a_notebook_gets_the_page_in_a_frame(film: Film) -> None:
    bundle = film._repr_mimebundle_()

    assert bundle["text/html"].startswith(
        '<iframe sandbox="allow-scripts" title="XOR &lt;b&gt;"'
    )
    assert set(film._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(Film()._repr_mimebundle_()) == {"text/plain"}


def test_a_model_without_neurons_and_samples_has_a_film_of_its_loss() -> None:
    model = Sequential(Linear(1, 1, seed=0))
    film = Film(theme="dark")
    points = ([[0.0], [1.0]], [[0.0], [2.0]])
    fit(model, points, mse_loss, Adam(model.parameters()), epochs=2, callbacks=[film])

    assert Image.open(io.BytesIO(film.gif())).n_frames == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "every must be a whole number from 1 on"),
        ({"resolution": 1}, "resolution must be a whole number from 2 on"),
        ({"theme": "pink"}, "theme must be one of light"),
    ],
)
def test_options_are_checked(options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Film(**options)


@pytest.mark.parametrize("rate", [0.0, -1.0, 51.0, float("nan")])
def test_the_rate_has_bounds(film: Film, rate: float) -> None:
    with pytest.raises(OptionError, match="rate must be above 0 and at most 50"):
        film.gif(rate)
    with pytest.raises(OptionError, match="rate must be above 0 and at most 50"):
        film.html(rate)


def test_a_film_without_frames_says_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"no frame yet: train with nn\.fit\("):
        Film().save(tmp_path / "x.gif")
