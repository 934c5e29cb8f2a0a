"""Native code where things are not as they should be: packages, processors, files, arrays."""

import ctypes
import hashlib
import math
import os
import random
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import autograd
from autograd import CompilationError, CompilationWarning, LengthError, NumberError, Value
from autograd.compiling import backends
from tests.native import ROOT, close, in_process

pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
np: Any = pytest.importorskip("numpy", reason="native code needs the extra `native`")

from autograd.compiling.native import backend, machine, objects  # noqa: E402 - needs both
from autograd.compiling.native.entry import BatchKernel  # noqa: E402
from autograd.compiling.program import Builder  # noqa: E402

XS = [0.5, -1.0, 2.0]


def squared(w: Any, x: Any) -> Any:
    return (w * x - 1.0) ** 2


def batched(**options: Any) -> Any:
    return autograd.compile(squared, batch="x", **options)


WANTED = autograd.value_and_grad(lambda w: autograd.mean([squared(w, x) for x in XS]))(3.0)


# -- packages and processors ----------------------------------------------------------------


@pytest.mark.parametrize("package", ["llvmlite", "numpy"])
def test_without_a_package_python_does_it(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    compiled = batched()
    assert close(compiled.value_and_grad(3.0, XS), WANTED)
    assert compiled.backend == f"python ({package} is not installed)"
    with pytest.raises(ModuleNotFoundError, match=r'pip install "wengert\[native\]"'):
        batched(backend="native")(3.0, XS)
    with pytest.raises(ModuleNotFoundError, match=package):
        autograd.Trainer(lambda x: x, [XS], [])


def test_on_an_unknown_processor_python_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Any:
        return machine.described("riscv64-unknown-linux-gnu", "generic-rv64", {})

    monkeypatch.setattr(backend, "host", unknown)
    compiled = batched()
    assert close(compiled.value_and_grad(3.0, XS), WANTED)
    assert "needs an x86-64 or 64-bit ARM processor, got 'generic-rv64'" in compiled.backend
    assert compiled.backend.startswith("python")
    with pytest.raises(CompilationError, match="cannot compile this: the native backend needs"):
        batched(backend="native")(3.0, XS)


def test_programs_that_are_too_long_are_left_to_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backend, "MOST_INSTRUCTIONS", 3)
    compiled = batched()
    assert close(compiled.value_and_grad(3.0, XS), WANTED)
    assert "instructions are more than the 3 that native code is generated" in compiled.backend
    with pytest.raises(CompilationError, match="in reasonable time"):
        batched(backend="native")(3.0, XS)
    w = Value(1.0)
    group = autograd.WeightGroup([w], lambda w, g, s, k, lr: (w - lr * g, s), [()])
    with pytest.raises(CompilationError, match="cannot become native code: "):
        autograd.Trainer(lambda x: squared(w, x), [XS], [group])


def test_an_operation_of_the_user_is_refused_by_name() -> None:
    build = Builder()
    program = build.program([build.emit("cubic_of_mine", build.input("x"))])
    assert "cubic_of_mine is an operation of yours" in backend.refusal(program)


def test_short_programs_at_points_run_in_python() -> None:
    compiled = autograd.compile(squared)
    assert compiled(3.0, 0.5) == 0.25
    assert compiled.backend == "python (short enough)"
    with mock.patch.object(backends, "LARGE", 2):
        longer = autograd.compile(squared)
        assert longer(3.0, 0.5) == 0.25
        assert longer.backend.startswith("native")


def test_native_programs_can_be_read_as_python() -> None:
    compiled = batched(backend="native")
    compiled.value_and_grad(3.0, XS)
    assert "def program(" in compiled.source


# -- the folder of compiled code ------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no warning given yet."""
    monkeypatch.setenv(objects.FOLDER_VARIABLE, str(tmp_path / "cache"))
    objects._warn_once.cache_clear()
    return tmp_path / "cache"


def test_code_is_kept_and_found_again(folder: Path) -> None:
    batched().value_and_grad(3.0, XS)
    (kept,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    with mock.patch("autograd.compiling.native.entry.generated") as generated:
        assert close(batched().value_and_grad(3.0, XS), WANTED)
    assert not generated.called
    assert list(folder.iterdir()) == [kept]


SPOILT = {
    "empty": lambda content: b"",
    "cut short": lambda content: content[:100],
    "cut shorter": lambda content: content[:20],
    "changed": lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
    "nothing but a digest": lambda content: hashlib.sha256(b"").digest(),
    "longer": lambda content: content + b"\0",
    "something else": lambda content: b"#!/bin/sh\n",
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_files_that_were_spoilt_are_made_again(folder: Path, spoil: Any) -> None:
    batched().value_and_grad(3.0, XS)
    (kept,) = folder.iterdir()
    good = kept.read_bytes()
    kept.write_bytes(spoil(good))
    assert close(batched().value_and_grad(3.0, XS), WANTED)
    assert kept.read_bytes() == good


def test_a_file_under_another_name_is_not_believed(folder: Path) -> None:
    batched().value_and_grad(3.0, XS)
    (kept,) = folder.iterdir()
    other = autograd.compile(lambda w, x: w * x, batch="x")
    other.value_and_grad(3.0, XS)
    (wrong,) = set(folder.iterdir()) - {kept}
    kept.write_bytes(wrong.read_bytes())
    assert close(batched().value_and_grad(3.0, XS), WANTED)


def test_a_folder_in_the_place_of_a_file_is_survived(folder: Path) -> None:
    batched().value_and_grad(3.0, XS)
    (kept,) = folder.iterdir()
    kept.unlink()
    kept.mkdir()
    with pytest.warns(CompilationWarning, match="cannot be kept"):
        assert close(batched().value_and_grad(3.0, XS), WANTED)


def test_a_folder_that_cannot_be_made_warns_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("a file stands here")
    monkeypatch.setenv(objects.FOLDER_VARIABLE, str(folder / "inside"))
    with pytest.warns(CompilationWarning, match="set WENGERT_CACHE to a folder") as caught:
        assert close(batched().value_and_grad(3.0, XS), WANTED)
    assert caught[0].filename == __file__
    # Warnings are errors here: there is no second one.
    assert close(batched().value_and_grad(3.0, XS), WANTED)


def test_a_folder_that_cannot_be_written_warns(folder: Path) -> None:
    # Said by mock: to root, every folder can be written.
    assert not folder.exists()
    refused = PermissionError(13, "Permission denied")
    with (
        mock.patch("tempfile.mkstemp", side_effect=refused),
        pytest.warns(CompilationWarning, match="cannot be kept"),
    ):
        assert close(batched().value_and_grad(3.0, XS), WANTED)


def test_nothing_is_kept_where_none_is_wanted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(objects.FOLDER_VARIABLE, "")
    assert close(batched().value_and_grad(3.0, XS), WANTED)
    assert objects.cache_folder() is None
    assert not folder.exists()


def test_the_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(objects.FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert objects.cache_folder() == tmp_path / "wengert"
    monkeypatch.delenv("XDG_CACHE_HOME")
    with mock.patch.object(Path, "home", return_value=tmp_path):
        assert objects.cache_folder() == tmp_path / ".cache" / "wengert"
    with mock.patch.object(Path, "home", side_effect=RuntimeError("no home")):
        assert objects.cache_folder() is None


MANY_PROGRAMS = """
import autograd, random
for k in range(8):
    f = autograd.compile(lambda w, x: (w * x - float(k)) ** 2, batch="x", backend="native")
    value, slope = f.value_and_grad(3.0, [1.0, 2.0])
    assert abs(value - ((3 - k) ** 2 + (6 - k) ** 2) / 2) < 1e-9, (k, value)
print("well")
"""


def test_processes_may_write_to_one_folder_at_a_time(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MANY_PROGRAMS]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in running] == ["well\n"] * 3
    assert [process.returncode for process in running] == [0] * 3
    assert len(list(folder.iterdir())) == 8


# -- arrays ---------------------------------------------------------------------------------


def two(w: Any, x: Any, y: Any) -> Any:
    return (w[0] * x[0] + w[1] * x[1] - y) ** 2


ROWS = [[0.5, 1.0], [-1.0, 2.0], [3.0, -2.0]]
FORMS = {
    "float32": np.array(ROWS, np.float32),
    "whole": np.array([[1, 2], [3, 4], [5, 6]], np.int64),
    "small and whole": np.array([[1, 2], [3, 4], [5, 6]], np.uint8),
    "truths": np.array([[True, False], [False, True], [True, True]]),
    "column by column": np.asfortranarray(ROWS),
    "every other one": np.array(ROWS * 2)[::2],
    "backwards": np.array(ROWS)[::-1],
    "transposed": np.array(ROWS).T.copy().T,
    "big-endian": np.array(ROWS, ">f8"),
    "read-only": np.frombuffer(np.array(ROWS).tobytes()).reshape(3, 2),
    "half": np.array(ROWS, np.float16),
}


@pytest.mark.parametrize("xs", FORMS.values(), ids=FORMS)
def test_arrays_of_any_real_kind_and_form(xs: Any) -> None:
    f = autograd.compile(two, batch=("x", "y"), backend="native")
    ys = np.array([1.0, 2.0, 3.0])
    theirs = f.value_and_grad([0.3, -0.2], [[float(x) for x in row] for row in xs], list(ys))
    assert close(f.value_and_grad([0.3, -0.2], xs, ys), theirs)


WRONG = {
    "objects": (np.array([[1.0, "a"]] * 3, object), NumberError, "dtype object"),
    "complex": (np.array(ROWS, complex), NumberError, "dtype complex128"),
    "texts": (np.array([["a", "b"]] * 3), NumberError, "dtype <U1"),
    "dates": (np.array([["2020-01-01"] * 2] * 3, "M8[D]"), NumberError, "dtype datetime64"),
    "nan": (np.array([[1.0, math.nan]] * 3), NumberError, "needs finite numbers, got nan"),
    "infinity": (np.array([[1.0, math.inf]] * 3), NumberError, "needs finite numbers, got inf"),
    "empty": (np.zeros((0, 2)), LengthError, "is empty"),
    "hollow": (np.zeros((3, 0)), LengthError, "without any number"),
    "a number": (np.float64(3.0), NumberError, "one entry for each sample"),
    "two samples": (np.zeros((2, 2)), LengthError, "the same number of samples"),
}


@pytest.mark.parametrize(("xs", "error", "message"), WRONG.values(), ids=WRONG)
def test_arrays_that_are_none_of_numbers_are_refused(
    xs: Any, error: type[Exception], message: str
) -> None:
    f = autograd.compile(two, batch=("x", "y"), backend="native")
    f.value_and_grad([0.3, -0.2], ROWS, [1.0, 2.0, 3.0])
    with pytest.raises(error, match=message):
        f.value_and_grad([0.3, -0.2], xs, [1.0, 2.0, 3.0])


def test_an_array_that_changes_later_does_not_change_a_trainer() -> None:
    w = Value(1.0)
    xs = np.array(XS)
    group = autograd.WeightGroup([w], lambda w, g, s, k, lr: (w - lr * g, s), [()])
    trainer = autograd.Trainer(lambda x: squared(w, x), [xs], [group])
    xs[:] = math.nan
    assert trainer.run([0], 1, [[0.0]]) == [0.25]


# -- threads and processes ------------------------------------------------------------------


def test_one_kernel_may_be_called_by_many_threads() -> None:
    f = autograd.compile(two, batch=("x", "y"), backend="native")
    generator = random.Random(0)
    cases = []
    for _ in range(8):
        xs = [[generator.uniform(-1.0, 1.0) for _ in range(2)] for _ in range(300)]
        w = [generator.uniform(-1.0, 1.0) for _ in range(2)]
        cases.append((w, np.array(xs), np.array([x[0] for x in xs])))
    alone = [f.value_and_grad(*case) for case in cases]
    barrier = threading.Barrier(8)

    def run(case: Any) -> list[Any]:
        barrier.wait()
        return [f.value_and_grad(*case) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(run, cases))
    assert together == [[result] * 20 for result in alone]


def test_threads_that_compile_at_the_same_time(folder: Path) -> None:
    barrier = threading.Barrier(4)

    def run(k: int) -> Any:
        f = autograd.compile(lambda w, x: (w * x - float(k)) ** 2, batch="x", backend="native")
        barrier.wait()
        return f.value_and_grad(3.0, [1.0, 2.0])

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, [0, 0, 1, 1]))
    assert found[0] == found[1] == (22.5, 15.0)
    assert found[2] == found[3]


FORKED = """
import os, warnings
import numpy as np
import autograd
from autograd.compiling.native import entry
warnings.simplefilter("ignore")
entry._PARALLEL = 1
os.cpu_count = lambda: 2
f = autograd.compile(lambda w, x: (w * x - 1.0) ** 2, batch="x", backend="native")
xs = np.linspace(-1.0, 1.0, 1000)
first = f.value_and_grad(3.0, xs)
child = os.fork()
if child == 0:
    os._exit(0 if f.value_and_grad(3.0, xs) == first else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    assert in_process(FORKED) == "0\n"


# -- the interpreter ------------------------------------------------------------------------

FUZZ = """
import math, random, sys
import numpy as np
import autograd
from autograd.strategies import _fitted, OPERATIONS

generator = random.Random(int(sys.argv[1]))
STRANGE = [0.0, -0.0, 1.0, 1e-310, 1e308, -1e308, 1e200, 1e-200, 710.0, -746.0, 0.5, -3.0]


def drawn(inputs, steps):
    pool = [0, 0, 0, 1, 2, 3, 4, 5, 0.0, 1.0, -1.0, 2.0, 0.5, -0.7]
    while True:
        wanted = [
            (generator.choice(OPERATIONS), generator.choice(pool), generator.choice(pool))
            for _ in range(generator.randint(1, steps))
        ]
        program = _fitted(wanted, tuple(generator.uniform(-3, 3) for _ in range(inputs)))
        if program.steps:
            return program


def outcome(f, *args):
    try:
        return f(*args)
    except (ArithmeticError, ValueError) as error:
        return type(error).__name__


calls = 0
for _ in range(int(sys.argv[2])):
    program = drawn(3, 8)

    def loss(w, x):
        out = program(w[0], w[1], x)
        return out if generator is None or out < 1.0 else out * 0.5

    f = autograd.compile(loss, batch="x", backend="native", exact=generator.random() < 0.3)
    for _ in range(3):
        w = [generator.choice([*STRANGE, generator.uniform(-3, 3)]) for _ in range(2)]
        count = generator.choice([1, 2, 3, 7, 8, 9, 40])
        xs = [generator.choice([*STRANGE, generator.uniform(-3, 3)]) for _ in range(count)]
        outcome(f.value_and_grad, w, np.array(xs))
        outcome(f.value_and_grad, [math.inf, math.nan], xs)
        calls += 2
print(calls)
"""


def test_nothing_that_programs_do_ends_the_interpreter(tmp_path: Path) -> None:
    script = tmp_path / "fuzz.py"
    script.write_text(FUZZ)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), "1", "12"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "72\n"), done.stderr


LEAK = """
import gc, os, resource
from autograd.compiling.native.entry import BatchKernel
from autograd.compiling.program import Builder

def size():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

def kernel(k):
    build = Builder()
    x, w = build.input("x"), build.input("w")
    moved = build.emit("add", w, build.constant(float(k)))
    out = build.emit("tanh", build.emit("mul", x, moved))
    return BatchKernel(build.program([out]), [0])

for k in range(30):
    kernel(k)
gc.collect()
before = size()
for k in range(120):
    kernel(k % 30)
gc.collect()
print((size() - before) // 120)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_code_that_nobody_needs_any_more_leaves_memory(tmp_path: Path) -> None:
    # The code of one kernel alone takes three pages.
    assert int(in_process(LEAK, WENGERT_CACHE=str(tmp_path))) < 4_096


def test_a_kernel_lives_as_long_as_it_is_used() -> None:
    build = Builder()
    x, w = build.input("x"), build.input("w")
    kernel = BatchKernel(build.program([build.emit("mul", x, w)]), [0])
    address = kernel._code.address("batch")
    assert ctypes.string_at(address, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kernel([2.0], np.array([[3.0, 4.0]])).totals.tolist() == [14.0]
