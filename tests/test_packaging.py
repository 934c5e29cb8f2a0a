"""What the wheel and the source distribution hold and say of themselves."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

pytest.importorskip("build", reason="building needs the package build")
pytest.importorskip("hatchling", reason="building offline needs hatchling")

# All in one process, so that the distributions are built once.
pytestmark = pytest.mark.xdist_group("packaging")

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAME = f"{PROJECT['name']}-{PROJECT['version']}"
INFO = f"{NAME}.dist-info"
FOR_USERS = ("native", "render", "plots", "progress", "interop", "check")


def build(folder: Path) -> Path:
    """Build both distributions, the wheel from the source one, offline."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(ROOT)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def wheel_path(built: Path) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


@pytest.fixture(scope="module")
def wheel(wheel_path: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(wheel_path) as archive:
        yield archive


@pytest.fixture(scope="module")
def source_names(built: Path) -> set[str]:
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        return {name.removeprefix(f"{NAME}/") for name in archive.getnames()}


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return HeaderParser().parsestr(wheel.read(f"{INFO}/METADATA").decode("utf-8"))


def test_wheel_holds_exactly_the_files_of_the_three_packages(
    wheel: zipfile.ZipFile,
) -> None:
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = {name for name in wheel.namelist() if not name.startswith(f"{INFO}/")}

    assert names == expected
    assert {name.split("/")[0] for name in names} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_marks_each_package_as_typed(wheel: zipfile.ZipFile, package: str) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


def test_wheel_is_small(wheel_path: Path) -> None:
    assert wheel_path.stat().st_size < 600_000


def test_wheel_carries_the_license(wheel: zipfile.ZipFile) -> None:
    text = wheel.read(f"{INFO}/licenses/LICENSE").decode("utf-8")

    assert text == (ROOT / "LICENSE").read_text("utf-8")


def test_source_distribution_can_be_tested_and_worked_on(
    source_names: set[str],
) -> None:
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "autograd/__init__.py",
        "tests/conftest.py",
        "tests/test_packaging.py",
    } <= source_names


def test_source_distribution_holds_nothing_that_was_built_or_cached(
    source_names: set[str],
) -> None:
    unwanted = {".git", ".venv", "out", "dist", "__pycache__", ".coverage"}

    assert not {part for name in source_names for part in name.split("/")} & unwanted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Name", "wengert"),
        ("Version", PROJECT["version"]),
        ("Requires-Python", ">=3.11"),
        ("License-Expression", "MIT"),
        ("License-File", "LICENSE"),
        ("Description-Content-Type", "text/markdown"),
    ],
)
def test_metadata_says(metadata: Message, field: str, value: str) -> None:
    assert metadata[field] == value


def test_metadata_calls_the_packages_typed(metadata: Message) -> None:
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


def test_graphviz_is_the_only_package_that_everybody_needs(metadata: Message) -> None:
    required = metadata.get_all("Requires-Dist", [])

    assert [line for line in required if "extra ==" not in line] == ["graphviz>=0.20"]


def needed_by(extra: str, metadata: Message) -> set[str]:
    """Return the requirements that an extra brings."""
    requirements = [line.partition(";") for line in metadata.get_all("Requires-Dist", [])]
    return {
        requirement.strip()
        for requirement, _, condition in requirements
        if condition.strip().replace('"', "'") == f"extra == '{extra}'"
    }


def test_every_extra_brings_something(metadata: Message) -> None:
    extras = metadata.get_all("Provides-Extra", [])

    assert set(extras) == {*FOR_USERS, "all", "test", "docs", "bench"}
    assert all(needed_by(extra, metadata) for extra in extras)


def test_all_is_what_a_user_may_want_and_no_more(metadata: Message) -> None:
    wanted = set[str]().union(*(needed_by(extra, metadata) for extra in FOR_USERS))

    assert needed_by("all", metadata) == wanted


def test_packages_of_the_wheel_import_alone(wheel_path: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(wheel_path, tmp_path, "zip")
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import autograd, nn, viz\n"
        "print(autograd.__file__, nn.__file__, viz.__file__, sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines() == [
        str(tmp_path / package / "__init__.py") for package in PACKAGES
    ]


def test_building_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    def digests(folder: Path) -> dict[str, str]:
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()
        }

    assert digests(build(tmp_path)) == digests(built)


def test_importing_starts_no_thread_and_no_process(wheel_path: Path, tmp_path: Path) -> None:
    """As in a browser, which has neither."""
    shutil.unpack_archive(wheel_path, tmp_path, "zip")
    program = (
        "import sys, threading, subprocess, os\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "def refuse(*_, **__): raise RuntimeError('a thread or a process was started')\n"
        "threading.Thread.start = subprocess.Popen.__init__ = os.system = refuse\n"
        "for name in ('multiprocessing', '_multiprocessing', 'concurrent.futures.process'):\n"
        "    sys.modules[name] = None\n"
        "import autograd, nn, viz\n"
        "x = autograd.Value(3.0)\n"
        "(x * x).backward()\n"
        "viz.draw(x * x).svg()\n"
        "print(autograd.compile(lambda v: v * v)(3.0), x.grad)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.stdout == "9.0 6.0\n", done.stderr
