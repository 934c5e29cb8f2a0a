"""The README's picture is the one that its neuron has today."""

from pathlib import Path

from autograd import Value
from viz import draw

DOCS = Path(__file__).resolve().parent.parent / "docs"


def neuron() -> Value:
    """Return the lecture's neuron, after its backward pass."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    o.backward()
    return o


def test_the_picture_of_the_neuron_is_current(tmp_path: Path) -> None:
    draw(neuron(), title="a neuron").save(tmp_path / "neuron.svg")
    drawn = (tmp_path / "neuron.svg").read_text(encoding="utf-8")
    assert drawn == (DOCS / "neuron.svg").read_text(encoding="utf-8")
