"""ONNX files: checked by the package, run by its reference and by onnxruntime."""

import importlib.util
import math
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from nn import (
    MLP,
    Dropout,
    Elementwise,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    Neuron,
    RMSNorm,
    Sequential,
    export_onnx,
)
from nn.activations import NAMES

RUNTIMES = ["the reference", "onnxruntime"]


def run(runtime: str, path: Path, samples: list[list[float]], dtype: str) -> list[list[float]]:
    """Return what a runtime makes of some samples."""
    np = pytest.importorskip("numpy", reason="runtimes take arrays")
    x = np.array(samples, dtype={"F64": np.float64, "F32": np.float32}[dtype])
    if runtime == "onnxruntime":
        onnxruntime = pytest.importorskip("onnxruntime", reason="runs ONNX files")
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (y,) = session.run(None, {"x": x})
    else:
        reference = pytest.importorskip("onnx.reference", reason="runs ONNX files")
        (y,) = reference.ReferenceEvaluator(str(path)).run(None, {"x": x})
    assert y.dtype == x.dtype
    found: list[list[float]] = y.tolist()
    return found


def compare(runtime: str, model: Any, nin: int, tmp_path: Path, dtype: str = "F64") -> None:
    pytest.importorskip("onnx", reason="writes ONNX files")
    path = tmp_path / "network.onnx"
    export_onnx(model, path, dtype=dtype)
    generator = random.Random(5)
    samples = [[generator.gauss(0.0, 2.0) for _ in range(nin)] for _ in range(6)]
    answers = [model.eval()(sample) for sample in samples]
    expected = [
        [v.data for v in (answer if isinstance(answer, list) else [answer])]
        for answer in answers
    ]
    close: Any = {"rel": 1e-12, "abs": 1e-14} if dtype == "F64" else {"rel": 1e-4, "abs": 1e-5}
    for found, wanted in zip(run(runtime, path, samples, dtype), expected, strict=True):
        assert found == pytest.approx(wanted, **close)


@pytest.mark.parametrize("dtype", ["F64", "F32"])
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("activation", [*NAMES, None])
def test_every_activation_runs_elsewhere(
    tmp_path: Path, runtime: str, activation: str | None, dtype: str
) -> None:
    model = MLP(3, [4, 2], activation, init="auto", seed=0)
    if dtype == "F64" and activation in ("gelu", "erf", "atan"):
        pytest.importorskip("onnx", reason="writes ONNX files")
        with pytest.raises(
            ValueError, match="in single precision only; export with dtype='F32'"
        ):
            export_onnx(model, tmp_path / "network.onnx")
        return

    compare(runtime, model, 3, tmp_path, dtype)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "model",
    [
        MLP(2, [16, 16, 1], seed=0),
        MLP(2, [3, 2], "tanh", "sigmoid", bias=False, seed=0),
        Layer(2, 3, activation="tanh", seed=0),
        Linear(2, 1, seed=0),
        Sequential(
            Linear(2, 5, seed=0), LayerNorm(5), "silu", Dropout(0.5),
            Sequential(Linear(5, 4, bias=False, seed=1), RMSNorm(4)),
            MLP(4, [3], seed=2),
        ),
        Sequential("tanh", LayerNorm(2, affine=False), RMSNorm(2, eps=0.1, affine=False)),
    ],
    ids=["MLP", "MLP without bias", "Layer", "Linear", "Sequential", "norms without weights"],
)  # fmt: skip
def test_networks_run_elsewhere(tmp_path: Path, runtime: str, model: Any) -> None:
    compare(runtime, model, 2, tmp_path)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_activations_run_elsewhere_far_out(tmp_path: Path, runtime: str) -> None:
    for name in ("softplus", "log_sigmoid", "elu", "selu", "silu", "sigmoid"):
        model = MLP(1, [1], out_activation=name)
        model.load_state_dict({"layers.0.weight": [[1.0]], "layers.0.bias": [0.0]})
        pytest.importorskip("onnx", reason="writes ONNX files")
        export_onnx(model, tmp_path / "network.onnx")
        numbers = [-700.0, -40.0, -1e-9, 0.0, 1e-9, 40.0, 700.0]
        found = run(runtime, tmp_path / "network.onnx", [[x] for x in numbers], "F64")
        expected = [model([x]).data for x in numbers]
        # Of log1p, ONNX knows the log only: right to 1e-16 beside 1.
        assert [y for (y,) in found] == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert all(map(math.isfinite, expected))


def test_what_onnx_has_no_word_for_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="writes ONNX files")
    mixed = Layer(2, 2, activation="tanh")
    mixed.neurons[1].activation = "relu"
    for model, error, text in (
        (Sequential(Embedding(3, 2)), TypeError, r"no word for Embedding\(3, 2\)"),
        (Sequential(Linear(2, 2), sum), TypeError, "no word for <built-in function sum>"),
        (MLP(2, [2, 1], lambda v: v * v), TypeError, "no word for the activation <function"),
        (mixed, TypeError, "neurons of a layer must have one activation"),
        (Neuron(2), TypeError, r"no word for ReLUNeuron\(2\)"),
        (Elementwise("relu"), TypeError, "ONNX needs a network with weights"),
    ):
        with pytest.raises(error, match=text):
            export_onnx(model, tmp_path / "network.onnx")
    with pytest.raises(ValueError, match=r"dtype must be 'F64' or 'F32', got 'F16' \(str\)"):
        export_onnx(Linear(1, 1), tmp_path / "network.onnx", dtype="F16")

    assert list(tmp_path.iterdir()) == []


def test_without_the_package_it_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        export_onnx(Linear(1, 1), tmp_path / "network.onnx")

    assert str(caught.value) == (
        'export_onnx needs onnx, which is not installed: pip install "wengert[interop]"'
    )


def test_importing_nn_does_not_load_onnx() -> None:
    assert importlib.util.find_spec("nn.onnx_file") is not None
    assert "onnx" not in vars(sys.modules["nn.onnx_file"])
