"""The example that trains on Fisher's irises: its data, its steps, its files."""

import io
import os
import random
import re
import struct
import subprocess
import sys
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from autograd import Value
from examples import iris
from nn import MLP, Adam
from viz import NoRendererError

ROOT = Path(__file__).resolve().parent.parent
FILES = ["iris_curve.png", "iris_graph.svg", "iris_steps.html", "iris_tape.txt"]


# -- data ---------------------------------------------------------------------------------


def test_there_are_50_flowers_of_each_species() -> None:
    species = [species for _, species in iris.read_flowers()]

    assert species == [0] * 50 + [1] * 50 + [2] * 50


def test_sums_are_those_of_fishers_table() -> None:
    columns = zip(*(measures for measures, _ in iris.read_flowers()), strict=True)

    # R prints the means 5.843333, 3.057333, 3.758 and 1.199333.
    assert [round(sum(column), 6) for column in columns] == [876.5, 458.6, 563.7, 179.9]


def test_the_two_flowers_that_are_often_copied_wrong_are_right() -> None:
    flowers = iris.read_flowers()

    assert flowers[34][0] == [4.9, 3.1, 1.5, 0.2]
    assert flowers[37][0] == [4.9, 3.6, 1.4, 0.1]


def test_flowers_equal_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="has another copy of the data")
    theirs = datasets.load_iris()

    assert iris.read_flowers() == list(
        zip(theirs.data.tolist(), theirs.target.tolist(), strict=True)
    )
    assert list(iris.SPECIES) == theirs.target_names.tolist()


# -- steps --------------------------------------------------------------------------------


def test_split_keeps_the_species_even_and_every_flower_once() -> None:
    flowers = iris.read_flowers()
    training, test = iris.split(flowers, 0.2, random.Random(3))

    assert [sum(s == k for _, s in test) for k in range(3)] == [10, 10, 10]
    assert [sum(s == k for _, s in training) for k in range(3)] == [40, 40, 40]
    assert sorted(training + test) == sorted(flowers)


def test_split_follows_its_generator() -> None:
    flowers = iris.read_flowers()
    first, again, other = (iris.split(flowers, 0.2, random.Random(k)) for k in (3, 3, 4))

    assert first == again != other


def test_standardised_training_flowers_have_mean_0_and_deviation_1() -> None:
    training, _ = iris.split(iris.read_flowers(), 0.2, random.Random(0))
    standardise = iris.standardiser(training)
    scaled = [standardise(flower) for flower in training]

    assert [species for _, species in scaled] == [species for _, species in training]
    for column in zip(*(measures for measures, _ in scaled), strict=True):
        assert fmean(column) == pytest.approx(0.0, abs=1e-14)
        assert pstdev(column) == pytest.approx(1.0, rel=1e-14)


def test_a_new_flower_is_measured_by_the_training_flowers() -> None:
    training = [([1.0, 10.0, 0.0, 5.0], 0), ([3.0, 30.0, 4.0, 6.0], 1)]

    assert iris.standardiser(training)(([4.0, 20.0, 4.0, 5.5], 2)) == ([2.0, 0.0, 1.0, 0.0], 2)


def test_an_untrained_network_is_judged_at_random_and_a_sure_one_right() -> None:
    model: Any = MLP(4, [3])
    for weight in model.parameters():
        weight.data = 0.0
    model.layers[0].neurons[1].b.data = 100.0
    flowers = [([0.0] * 4, 1), ([0.0] * 4, 1), ([0.0] * 4, 2)]
    loss, right = iris.judge(model, flowers)

    # Two flowers cost nothing and one 100.
    assert loss == pytest.approx(100 / 3)
    assert right == 2


def test_a_short_last_batch_counts_for_its_flowers_only() -> None:
    model = MLP(4, [3], generator=random.Random(0))
    optimiser = Adam(model.parameters(), lr=0.0)
    flowers = iris.read_flowers()[40:60]
    loss = iris.train_epoch(model, optimiser, flowers, random.Random(0))

    assert loss == pytest.approx(iris.judge(model, flowers)[0], rel=1e-12)


# -- the whole program --------------------------------------------------------------------


def run(folder: Path, *arguments: str) -> str:
    """Run the program as a user does, and return what it prints."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "iris.py"), *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("matplotlib", reason="draws the curves")
    return tmp_path_factory.mktemp("iris")


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    return run(folder)


@pytest.fixture(scope="module")
def out(folder: Path, printed: str) -> Path:
    """The folder that the program wrote."""
    assert printed
    return folder / "out"


def test_program_reaches_its_accuracy(printed: str) -> None:
    found = re.search(r"^test accuracy (\d\.\d{3}) \((\d+) of 30\)$", printed, re.MULTILINE)

    assert found is not None
    assert float(found[1]) == round(int(found[2]) / 30, 3) >= 0.93


def test_program_names_the_files_that_it_writes(printed: str, out: Path) -> None:
    named = re.findall(r"^wrote (\S+): ", printed, re.MULTILINE)

    assert sorted(named) == [str(Path("out") / name) for name in FILES]
    assert sorted(path.name for path in out.iterdir()) == FILES


def test_graph_is_svg_with_the_labels(out: Path) -> None:
    root = ET.parse(out / "iris_graph.svg").getroot()  # noqa: S314 - our own file
    text = "".join(root.itertext())

    for label in ("petal width", "layers.1.weight[2][7]", "hidden 7", "score virginica"):
        assert label in text


def test_tape_has_a_line_for_every_row(out: Path) -> None:
    lines = (out / "iris_tape.txt").read_text("utf-8").splitlines()

    # The heading; 67 weights, 4 inputs; 8 sums, 8 tanh, 3 scores; logsumexp and difference.
    assert len(lines) == 1 + 67 + 4 + 8 + 8 + 3 + 2
    assert lines[-1].split()[1] == "loss"
    assert lines[-1].endswith(" 1")  # the gradient of the loss


def test_curve_is_a_png_picture(out: Path) -> None:
    head = (out / "iris_curve.png").read_bytes()[:24]

    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", head[16:]) == (960, 600)


def test_a_second_run_prints_and_writes_the_same(printed: str, folder: Path, out: Path) -> None:
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    assert run(folder) == printed
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_another_seed_gives_another_network(printed: str, folder: Path, out: Path) -> None:
    other = run(folder, "--seed", "1", "--epochs", "3", "--out", "other")
    tapes = [(path / "iris_tape.txt").read_text("utf-8") for path in (out, folder / "other")]

    assert tapes[0] != tapes[1]
    assert "epoch   3" in other
    assert "epoch  30" in printed


def test_program_uses_public_names_only() -> None:
    text = (ROOT / "examples" / "iris.py").read_text("utf-8")
    ours = re.findall(r"^from ((?:autograd|nn|viz)\S*) import (.*)$", text, re.MULTILINE)
    packages = {package: set(sys.modules[package].__all__) for package, _ in ours}

    assert sorted(packages) == ["autograd", "nn", "viz"]
    for package, names in ours:
        assert set(names.split(", ")) <= packages[package]


# -- what may be missing ------------------------------------------------------------------


def test_without_matplotlib_the_program_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    iris.write_curves({"training": [1.0], "test": [1.0]}, tmp_path / "iris_curve.png")

    assert capsys.readouterr().out == (
        'no iris_curve.png: it needs matplotlib; pip install "wengert[plots]"\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_without_a_renderer_the_graph_is_written_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Undrawable:
        source = "digraph {}"

        def render(self, outfile: Path) -> str:
            raise NoRendererError("there is no Graphviz")

    monkeypatch.setattr(iris, "draw_dot", lambda loss: Undrawable())
    iris.write_graph(Value(1.0), tmp_path / "iris_graph.svg")

    assert (tmp_path / "iris_graph.gv").read_text() == "digraph {}"
    assert capsys.readouterr().out.splitlines() == [
        "no iris_graph.svg: there is no Graphviz",
        f"wrote {tmp_path / 'iris_graph.gv'}: how its loss came about",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def advance(epochs: int) -> None:
    with iris.Progress(epochs) as progress:
        for _ in range(epochs):
            progress.advance(0.25)


def test_on_a_terminal_there_is_a_progress_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tqdm", reason="draws the progress bar")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    advance(20)

    assert "20/20" in terminal.getvalue()
    assert "loss=0.2500" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_on_a_terminal_without_tqdm_there_are_lines_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys, "stderr", Terminal())
    advance(12)

    assert capsys.readouterr().out.splitlines() == [
        'for a progress bar: pip install "wengert[progress]"',
        "  epoch   1  loss 0.2500",
        "  epoch  10  loss 0.2500",
        "  epoch  12  loss 0.2500",
    ]


def test_without_a_terminal_there_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    advance(12)
    captured = capsys.readouterr()

    lines = [f"  epoch {epoch:3}  loss 0.2500" for epoch in (1, 10, 12)]
    assert captured.out.splitlines() == lines
    assert captured.err == ""
