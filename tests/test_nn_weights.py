"""Files of weights: exact, whole, readable by the reference library, and never in between."""

import json
import math
import os
import random
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nn import (
    MLP,
    FormatError,
    LayerNorm,
    Linear,
    Sequential,
    StateError,
    load_weights,
    read_weights,
    save_weights,
)
from nn.files import write_atomically
from tests.untyped import message_of, untyped

ROOT = Path(__file__).resolve().parent.parent
ENDINGS = [".json", ".safetensors"]


def network(seed: int = 0) -> MLP:
    return MLP(2, [3, 1], "tanh", seed=seed)


# -- to the last bit ----------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_weights_come_back_to_the_last_bit(tmp_path: Path, ending: str) -> None:
    model, twin = network(), network(1)
    # Numbers of every size, the smallest and the largest of floats among them.
    generator = random.Random(2)
    numbers = [
        generator.gauss(0.0, 1.0) * 10.0 ** generator.randint(-300, 300) for _ in range(8)
    ]
    model.set_vector([*numbers, 5e-324, -1.7976931348623157e308, -0.0, 0.1, 2.0 / 3.0])
    save_weights(model, tmp_path / f"w{ending}")
    report = load_weights(twin, tmp_path / f"w{ending}")

    assert report.loaded == tuple(model.state_dict())
    pairs = zip(twin.get_vector(), model.get_vector(), strict=True)
    assert all(x.hex() == y.hex() for x, y in pairs)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"w{ending}"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_notes_are_kept_with_the_weights(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"w{ending}"
    notes = {"trained on": "Fisher's irises", "süß": "☃ \x00 \n"}
    save_weights({"größe": [[1.0], [2.0]], "one": 3.0}, path, metadata=notes)

    assert read_weights(path) == ({"größe": [[1.0], [2.0]], "one": 3.0}, notes)


def test_a_json_file_is_made_to_be_read(tmp_path: Path) -> None:
    save_weights(Linear(2, 2, init="ones"), tmp_path / "w.json", metadata={"by": "hand"})
    lines = (tmp_path / "w.json").read_text("ascii").splitlines()

    assert lines[:3] == ["{", '  "format": "wengert weights",', '  "version": 1,']
    assert lines[3].startswith('  "sha256": "')
    assert lines[4:] == [
        '  "metadata": {"by": "hand"},',
        '  "weights": {',
        '    "weight": [',
        "      [1.0, 1.0],",
        "      [1.0, 1.0]",
        "    ],",
        '    "bias": [0.0, 0.0]',
        "  }",
        "}",
    ]


def test_a_part_of_a_file_is_loaded_with_the_options_of_load_state_dict(tmp_path: Path) -> None:
    save_weights(network(), tmp_path / "w.json")
    model = MLP(2, [3, 5], seed=1)
    with pytest.raises(StateError):
        load_weights(model, tmp_path / "w.json")
    report = load_weights(model, tmp_path / "w.json", on_mismatch="skip")

    assert report.loaded == ("layers.0.weight", "layers.0.bias")


def test_nan_is_kept_by_safetensors_when_told_so(tmp_path: Path) -> None:
    model = network()
    model.parameters()[3].assign(math.nan, finite=False)  # type: ignore[attr-defined]
    path = tmp_path / "w.safetensors"
    for ending, options in ((".safetensors", {}), (".json", {"finite": False})):
        with pytest.raises(
            ValueError, match=r"layers\.0\.weight holds nan, so nothing was saved"
        ):
            save_weights(model, tmp_path / f"w{ending}", **untyped(options))
    assert list(tmp_path.iterdir()) == []
    save_weights(model, path, finite=False)
    twin = network(1)
    with pytest.raises(StateError, match=r"layers\.0\.weight holds nan"):
        load_weights(twin, path)
    load_weights(twin, path, finite=False)

    assert list(map(repr, twin.get_vector())) == list(map(repr, model.get_vector()))


def test_single_precision_is_the_nearest_there_is(tmp_path: Path) -> None:
    model = network()
    save_weights(model, tmp_path / "w.safetensors", dtype="F32")
    state, _ = read_weights(tmp_path / "w.safetensors")
    nearest = [
        struct.unpack("f", struct.pack("f", x))[0] for x in model.state_dict()["layers.0.bias"]
    ]

    assert state["layers.0.bias"] == nearest
    with pytest.raises(
        ValueError, match=r"w holds 1e\+39, which is too large for F32; use F64"
    ):
        save_weights({"w": [1.0, 1e39]}, tmp_path / "w.safetensors", dtype="F32")
    assert read_weights(tmp_path / "w.safetensors")[0] == state


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: save_weights(network(), "w.pt"), ValueError,
         "the name of a file of weights ends in .json or .safetensors, got 'w.pt'"),
        (lambda: read_weights("weights"), ValueError,
         "the name of a file of weights ends in .json or .safetensors, got 'weights'"),
        (lambda: save_weights(Sequential("relu"), "w.json"), ValueError,
         "there are no weights to save in Sequential(ReLU()) (Sequential)"),
        (lambda: save_weights({}, "w.json"), ValueError,
         "there are no weights to save in {} (dict)"),
        (lambda: save_weights({"__metadata__": 1.0}, "w.json"), ValueError,
         "weights cannot be called '__metadata__' (str)"),
        (lambda: save_weights({"w": ["a"]}, "w.json"), StateError,
         "w must be made of numbers, but one is 'a' (str)"),
        (lambda: save_weights({"w": 1.0}, "w.json", metadata=untyped({"epoch": 3})), ValueError,
         "metadata must be texts by name, and 'sha256' is taken, got 'epoch' (str): 3 (int)"),
        (lambda: save_weights({"w": 1.0}, "w.json", metadata={"sha256": ""}), ValueError,
         "metadata must be texts by name, and 'sha256' is taken, got 'sha256' (str): '' (str)"),
        (lambda: save_weights({"w": 1.0}, "w.json", dtype="F32"), ValueError,
         "a .json file keeps every bit; dtype is for .safetensors"),
        (lambda: save_weights({"w": 1.0}, "w.safetensors", dtype="F16"), ValueError,
         "dtype must be 'F64' or 'F32', got 'F16' (str)"),
    ],
)  # fmt: skip
def test_mistakes_are_told_and_leave_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: Any,
    error: type[Exception],
    text: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message_of(error, call) == text
    assert list(tmp_path.iterdir()) == []


# -- the reference library ----------------------------------------------------------------


def test_the_reference_library_reads_what_we_write(tmp_path: Path) -> None:
    reference = pytest.importorskip("safetensors.numpy", reason="the reference library")
    model = Sequential(Linear(3, 2, seed=0), LayerNorm(2))
    save_weights(model, tmp_path / "w.safetensors", metadata={"by": "us"})
    found = reference.load_file(tmp_path / "w.safetensors")

    assert {name: array.tolist() for name, array in found.items()} == model.state_dict()
    assert {str(array.dtype) for array in found.values()} == {"float64"}


@pytest.mark.parametrize("dtype", ["F64", "F32"])
def test_we_write_the_same_bytes_as_the_reference_library(tmp_path: Path, dtype: str) -> None:
    np = pytest.importorskip("numpy", reason="arrays for the reference library")
    reference = pytest.importorskip("safetensors.numpy", reason="the reference library")
    state = {"b": [[0.1, 0.2, 0.3]], "a": 1.5, "größe": [1.0, 2.0], "none": [], "a.b": [[7.0]]}
    save_weights(state, tmp_path / "ours.safetensors", dtype=dtype)
    ours = (tmp_path / "ours.safetensors").read_bytes()
    header = json.loads(ours[8 : 8 + struct.unpack("<Q", ours[:8])[0]])
    kind = {"F64": np.float64, "F32": np.float32}[dtype]
    arrays = {name: np.array(x, dtype=kind) for name, x in state.items()}
    theirs = reference.save(arrays, metadata=header["__metadata__"])

    assert ours == theirs


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_we_read_what_the_reference_library_writes(tmp_path: Path, dtype: str) -> None:
    torch = pytest.importorskip("torch", reason="has all kinds of floats")
    reference = pytest.importorskip("safetensors.torch", reason="the reference library")
    theirs = torch.nn.Linear(3, 2).to(getattr(torch, dtype))
    path = tmp_path / "w.safetensors"
    reference.save_file(theirs.state_dict(), path, metadata={"format": "pt", "x": "y"})
    model = Linear(3, 2)
    with pytest.raises(FormatError, match="it has no checksum, as files of other programs"):
        load_weights(model, path)
    load_weights(model, path, checksum=False)

    expected = {name: tensor.tolist() for name, tensor in theirs.state_dict().items()}
    assert model.state_dict() == expected
    assert read_weights(path, checksum=False)[1] == {"format": "pt", "x": "y"}


# -- what is refused ----------------------------------------------------------------------


def packed(header: Any, body: bytes, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def tensor(begin: int = 0, end: int = 16, dtype: Any = "F64", shape: Any = (2,)) -> Any:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


TWO = struct.pack("<2d", 1.0, 2.0)
NUL = b"\x00"

SAFETENSORS = {
    "an empty file": (b"", "it has 0 bytes, too few"),
    "a few bytes": (b"1234567", "it has 7 bytes, too few"),
    "a header beyond the end": (
        packed({"w": tensor()}, TWO, length=10**6),
        "its header should have 1000000 bytes, but only",
    ),
    "a header of absurd length": (
        packed(b"{}", b"", length=2**64 - 1),
        "its header should have",
    ),
    "a header that is no JSON": (packed(b'{"w": ', b""), "it is no JSON"),
    "a header that is no text": (packed(b'{"\xff": 1}', b""), "it is no JSON: 'utf-8' codec"),
    "a header that is a list": (packed([], b""), "its header must be an object, got [] (list)"),
    "a short body": (packed({"w": tensor()}, TWO[:-1]), "its tensors take 16 bytes, but 15"),
    "trailing bytes": (packed({"w": tensor()}, TWO + NUL), "its tensors take 16 bytes, but 17"),
    "a gap at the start": (
        packed({"w": tensor(8, 24)}, NUL * 8 + TWO),
        "w must begin at byte 0, where the header ends, not 8",
    ),
    "a gap": (
        packed({"a": tensor(), "b": tensor(24, 40)}, TWO + NUL * 8 + TWO),
        "b must begin at byte 16, where a ends, not 24",
    ),
    "an overlap": (
        packed({"a": tensor(), "b": tensor(8, 24)}, TWO + NUL * 8),
        "b must begin at byte 16, where a ends, not 8",
    ),
    "the same bytes twice": (
        packed({"a": tensor(), "b": tensor()}, TWO),
        "b must begin at byte 16, where a ends, not 0",
    ),
    "a shape of another size": (
        packed({"w": tensor(shape=(3,))}, TWO),
        "w of shape [3] takes 24 bytes, but it has 16",
    ),
    "a gigantic shape": (
        packed({"w": tensor(shape=(10**9, 10**9))}, TWO),
        "w of shape [1000000000, 1000000000] takes 8000000000000000000 bytes, but it has 16",
    ),
    "a gigantic shape of nothing": (
        packed({"w": tensor(0, 0, shape=(10**9, 0))}, b""),
        "w is empty and yet very large: [1000000000, 0]",
    ),
    "a shape of very many axes": (
        packed({"w": tensor(0, 8, shape=[1] * 1000)}, TWO[:8]),
        "w has no shape",
    ),
    "an unknown dtype": (
        packed({"w": tensor(dtype="I64")}, TWO),
        "w must be of F64, F32, F16, BF16, got 'I64' (str)",
    ),
    "a dtype that is no text": (packed({"w": tensor(dtype=[])}, TWO), "got [] (list)"),
    "a negative shape": (packed({"w": tensor(shape=(-2,))}, TWO), "w has no shape: [-2]"),
    "a fractional shape": (packed({"w": tensor(shape=(2.0,))}, TWO), "w has no shape: [2.0]"),
    "a shape of bools": (
        packed({"w": tensor(0, 8, shape=(True,))}, TWO[:8]),
        "w has no shape: [True]",
    ),
    "fractional offsets": (
        packed({"w": {"dtype": "F64", "shape": [2], "data_offsets": [0.0, 16.0]}}, TWO),
        "w has no data_offsets: [0.0, 16.0]",
    ),
    "three offsets": (
        packed({"w": {"dtype": "F64", "shape": [2], "data_offsets": [0, 8, 16]}}, TWO),
        "w has no data_offsets: [0, 8, 16]",
    ),
    "offsets the wrong way round": (
        packed({"w": tensor(16, 0)}, TWO),
        "w of shape [2] takes 16 bytes, but it has -16",
    ),
    "a missing field": (
        packed({"w": {"dtype": "F64", "shape": [2]}}, TWO),
        "w must have a dtype, a shape and data_offsets and nothing else",
    ),
    "an unknown field": (
        packed({"w": {**tensor(), "device": "cpu"}}, TWO),
        "w must have a dtype, a shape and data_offsets and nothing else",
    ),
    "metadata that is no text": (
        packed({"__metadata__": {"epoch": 3}, "w": tensor()}, TWO),
        "its metadata must be texts by name, got {'epoch': 3} (dict)",
    ),
    "metadata that is a list": (
        packed({"__metadata__": ["a"], "w": tensor()}, TWO),
        "its metadata must be texts by name, got ['a'] (list)",
    ),
    "a name twice": (
        packed(b'{"w": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}, "w": 1}', TWO),
        "the key 'w' stands there twice",
    ),
}


@pytest.mark.parametrize(("content", "text"), SAFETENSORS.values(), ids=SAFETENSORS)
def test_safetensors_files_that_leave_something_open_are_refused(
    tmp_path: Path, content: bytes, text: str
) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read_weights(path, checksum=False)

    assert str(caught.value).startswith("w.safetensors cannot be read: ")
    assert text in str(caught.value)


# Ours is stricter here, or tells apart what the reference takes for the same.
ONLY_OURS = {
    "a gigantic shape of nothing",
    "a name twice",
    "a shape of very many axes",
    "an unknown dtype",
    "an unknown field",
}


@pytest.mark.parametrize("case", sorted(set(SAFETENSORS) - ONLY_OURS))
def test_the_reference_library_refuses_them_too(case: str) -> None:
    reference = pytest.importorskip("safetensors", reason="the reference library")
    with pytest.raises(reference.SafetensorError):
        reference.deserialize(SAFETENSORS[case][0])


@pytest.mark.parametrize(
    "header", [b' {"w": %s}', b'{"w": %s}      \n', b'{"__metadata__": {}, "w": %s}']
)
def test_what_means_the_same_is_read(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(packed(header % json.dumps(tensor()).encode(), TWO))

    assert read_weights(path, checksum=False) == ({"w": [1.0, 2.0]}, {})


GOOD = {"format": "wengert weights", "version": 1, "sha256": "0", "metadata": {},
        "weights": {"w": [1.0]}}  # fmt: skip

JSON = {
    "an empty file": (b"", "it is no JSON: Expecting value"),
    "no text": (b"\xff\xfe", "it is no JSON: 'utf-8' codec"),
    "half a file": (json.dumps(GOOD).encode()[:-9], "it is no JSON"),
    "a list": (b"[]", 'it has no "format": "wengert weights"'),
    "another format": ({**GOOD, "format": "x"}, 'it has no "format": "wengert weights"'),
    "a later version": (
        {**GOOD, "version": 2},
        "it is of version 2 (int), but only 1 is known",
    ),
    "a version that is true": (
        {**GOOD, "version": True},
        "it is of version True (bool), but only 1 is known",
    ),
    "a part too many": ({**GOOD, "code": "import os"}, "it has other parts than it should"),
    "no weights": ({k: v for k, v in GOOD.items() if k != "weights"}, "it has other parts"),
    "weights that are a list": (
        {**GOOD, "weights": []},
        "weights and metadata must be objects",
    ),
    "notes that are no texts": ({**GOOD, "metadata": {"a": 1}}, "its metadata must be texts"),
    "ragged weights": (
        {**GOOD, "weights": {"w": [[1.0], [1.0, 2.0]]}},
        "w must be lists of the same length at each level",
    ),
    "weights of text": ({**GOOD, "weights": {"w": ["1.0"]}}, "w must be made of numbers"),
    "weights of bools": ({**GOOD, "weights": {"w": [True]}}, "w must be made of numbers"),
    "a wrong checksum": (GOOD, "its checksum is that of other weights: it has been changed"),
    "a checksum that is no text": (
        {**GOOD, "sha256": 3},
        "its checksum is that of other weights",
    ),
    "no checksum": ({**GOOD, "sha256": None}, "it has no checksum"),
    "a key twice": (b'{"format": "a", "format": "b"}', "the key 'format' stands there twice"),
    "NaN": (b'{"weights": {"w": [NaN]}}', "NaN is no JSON"),
    "Infinity": (b'{"weights": {"w": [-Infinity]}}', "-Infinity is no JSON"),
    "a number beyond the floats": (
        b'{"weights": {"w": [1e999]}}',
        "1e999 is too large for a float",
    ),
    "an endless number": (b"[" + b"9" * 10_000 + b"]", "of 10000 digits is too large"),
    "endless brackets": (b"[" * 100_000, "it is nested too deeply"),
}


@pytest.mark.parametrize(("content", "text"), JSON.values(), ids=JSON)
def test_json_files_that_leave_something_open_are_refused(
    tmp_path: Path, content: Any, text: str
) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(FormatError) as caught:
        read_weights(path)

    assert str(caught.value).startswith("w.json cannot be read: ")
    assert text in str(caught.value)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_weights(network(), tmp_path / "w.json")


# -- a changed file -----------------------------------------------------------------------


def mutated(content: bytes, generator: random.Random) -> bytes:
    """Return a file with one to three faults, such as discs and editors make."""
    for _ in range(generator.randint(1, 3)):
        place = generator.randrange(len(content) + 1)
        before, after = content[:place], content[place:]
        other = generator.randrange(len(content) + 1)
        content = generator.choice(
            [
                # A bit turned, a byte changed, a character of JSON for another.
                before
                + bytes(byte ^ 1 << generator.randrange(8) for byte in after[:1])
                + after[1:],
                before + bytes([generator.randrange(256)]) + after[1:],
                before + bytes([generator.choice(b'0123456789.-eE[]{},:" ')]) + after[1:],
                # Something left out, put in, cut off, or copied elsewhere.
                before + after[generator.randint(1, 8) :],
                before + generator.randbytes(4) + after,
                before,
                content[:other] + after[: generator.randint(1, 40)] + content[other:],
            ]
        )
    return content


def check_mutant(model: MLP, path: Path, content: bytes, expected: list[float]) -> bool:
    """Load a changed file; return whether it was refused, with nothing changed."""
    path.write_bytes(content)
    before = [0.5] * len(expected)
    model.set_vector(before)
    try:
        load_weights(model, path)
    except (FormatError, StateError):
        assert model.get_vector() == before
        return True
    assert model.get_vector() == expected
    return False


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_changed_file_is_refused_or_gives_the_exact_weights(
    tmp_path: Path, ending: str
) -> None:
    model, path = network(), tmp_path / f"w{ending}"
    save_weights(model, path, metadata={"note": "a"})
    content, expected = path.read_bytes(), model.get_vector()
    generator = random.Random(0)
    refused = sum(
        check_mutant(model, path, mutated(content, generator), expected) for _ in range(300)
    )

    assert refused > 250


# -- writing ------------------------------------------------------------------------------


def test_what_fails_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.json"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    write_atomically(target, b"old")
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~_umask()
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, b"new")

    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save_weights(network(), tmp_path / "no" / "w.json")


SAVING = """
import itertools, sys
from nn import save_weights
state = {"w": [[0.0] * 40 for _ in range(40)]}
print("ready", flush=True)
for k in itertools.count():
    state["w"] = [[float(k)] * 40 for _ in range(40)]
    save_weights(state, sys.argv[1])
"""


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_killed_while_saving_leaves_a_whole_file(tmp_path: Path, ending: str) -> None:
    path, generator = tmp_path / f"w{ending}", random.Random(0)
    save_weights({"w": [[-1.0] * 40 for _ in range(40)]}, path)
    for _ in range(4):
        command: list[str] = [sys.executable, "-c", SAVING, str(path)]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(generator.uniform(0.0, 0.05))
            child.kill()
        state, _ = read_weights(path)
        # One and the same number everywhere: never a mixture.
        assert len({x for row in state["w"] for x in row}) == 1
