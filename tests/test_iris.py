"""The example that trains on Fisher's irises: what it prints, and its files."""

import ast
import io
import os
import random
import re
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from autograd import Value
from examples import iris
from nn import MLP, Adam, History, Run
from viz import NoRendererError

# All in one process, so that the example is run once.
pytestmark = pytest.mark.xdist_group("iris")

ROOT = Path(__file__).resolve().parent.parent
FILES = ["iris_curve.png", "iris_graph.svg", "iris_steps.html", "iris_tape.txt"]


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


def test_the_readme_tells_the_size_of_the_page(out: Path) -> None:
    [told] = re.findall(r"a page of (\d+) KB", (ROOT / "README.md").read_text("utf-8"))
    # Other machines round the last digits otherwise.
    assert abs((out / "iris_steps.html").stat().st_size / 1000 - int(told)) < 3


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
    tree = ast.parse((ROOT / "examples" / "iris.py").read_text("utf-8"))
    ours = {
        node.module: {alias.name for alias in node.names}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and str(node.module).partition(".")[0] in ("autograd", "nn", "viz")
    }

    assert sorted(map(str, ours)) == ["autograd", "nn", "viz"]
    for package, names in ours.items():
        assert names <= set(sys.modules[str(package)].__all__)


# -- what may be missing ------------------------------------------------------------------


def test_without_matplotlib_the_program_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    iris.write_curves(History(loss=[1.0], val_loss=[1.0]), tmp_path / "iris_curve.png")

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


def told(epochs: int) -> None:
    """Tell of a run of so many epochs."""
    model = MLP(1, [1])
    run = Run(model, Adam(model.parameters()), random.Random(0))
    for _ in range(epochs):
        run.epoch += 1
        run.history.add(loss=0.25)
        iris.tell(run, epochs)


LINES = [f"  epoch {epoch:3}  loss 0.2500" for epoch in (1, 10, 12)]


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_there_are_lines_where_there_is_no_progress_bar(
    stream: type[io.StringIO],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    told(12)

    assert capsys.readouterr().out.splitlines() == ([] if stream is Terminal else LINES)
