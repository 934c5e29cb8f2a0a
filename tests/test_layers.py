"""Who may import whom, and what the top of the repository may hold.

The checks are functions from source text to a list of faults, so that each is
shown to find a fault before it is trusted to find none.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).resolve().parent.parent

# A file or folder in autograd/ imports only what stands to its left here; what it
# names under `if TYPE_CHECKING:` is never imported when the program runs.
ORDER = (
    "errors",
    "namesake",
    "operations",
    "reductions",
    "formulas",
    "numbers",
    "structures",
    "onlookers",
    "tape",
    "appending",
    "rows",
    "reverse",
    "readings",
    "kinds",
    "replay",
    "listing",
    "contexts",
    "anomaly",
    "templates",
    "recorders",
    "ancestry",
    "lists",
    "value",
    "naming",
    "signatures",
    "functions",
    "sequences",
    "forward",
    "following",
    "linear",
    "checkpointing",
    "custom",
    "runs",
    "transforms",
    "compiling",
    "checking",
    "programs",
    "strategies",
    "zoo",
    "__init__",
    # A program of its own, which looks at all three packages.
    "doctor",
)

# What importing a package may load besides itself and the standard library.
MAY_LOAD = {
    "autograd": set[str](),
    "nn": {"autograd"},
    "viz": {"autograd", "graphviz"},
}

TOP_LEVEL = {
    ".ci",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "autograd",
    "benchmarks",
    "docs",
    "examples",
    "nn",
    "pyproject.toml",
    "tests",
    "viz",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from module import name`, or `import module`."""

    line: int
    module: str
    name: str | None


def imports(tree: ast.AST, package: str) -> Iterator[Import]:
    """Yield every import of a file, relative ones made absolute.

    `package` is the dotted name of the package that the file lies in.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, None)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parents = package.split(".")
                parents = parents[: len(parents) - node.level + 1]
                module = ".".join([*parents, module] if module else parents)
            for alias in node.names:
                yield Import(node.lineno, module, alias.name)


class WithoutTypeImports(ast.NodeTransformer):
    """Removes the body of every `if TYPE_CHECKING:`."""

    def visit_If(self, node: ast.If) -> ast.AST:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
        return self.generic_visit(node)


def sources(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each Python file of a package and the dotted package it lies in."""
    for path in sorted(folder.rglob("*.py")):
        yield path, ".".join(path.parent.relative_to(folder.parent).parts)


def unit_imported(found: Import, order: tuple[str, ...]) -> str:
    """Return the part of autograd that an import of autograd reaches."""
    parts = found.module.split(".")
    if len(parts) > 1:
        return parts[1]
    return found.name if found.name in order else "__init__"


def order_faults(folder: Path, order: tuple[str, ...]) -> list[str]:
    """Return what in a package breaks the order of its files."""
    faults = []
    for path, package in sources(folder):
        unit = path.relative_to(folder).parts[0].removesuffix(".py")
        if unit not in order:
            faults.append(f"{unit} has no place in the order")
            continue
        tree = WithoutTypeImports().visit(ast.parse(path.read_text("utf-8")))
        for found in imports(tree, package):
            if found.module.split(".")[0] != folder.name:
                continue
            reached = unit_imported(found, order)
            inside = reached == unit and path.parent != folder
            if reached not in order[: order.index(unit)] and not inside:
                faults.append(f"{unit}:{found.line} imports {reached}")
    return faults


def privacy_faults(folder: Path, public: set[str]) -> list[str]:
    """Return where a package uses more of autograd than its public names."""
    faults = []
    for path, package in sources(folder):
        tree = ast.parse(path.read_text("utf-8"))
        names = [
            (found.line, found.name)
            for found in imports(tree, package)
            if found.module == "autograd" and found.name is not None
        ]
        names += [
            (node.lineno, node.attr)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "autograd"
        ]
        names += [
            (found.line, found.module)
            for found in imports(tree, package)
            if found.module.startswith("autograd.")
        ]
        faults += [
            f"{path.name}:{line} uses {name}" for line, name in names if name not in public
        ]
    return faults


def loaded_by(package: str, search_path: Path) -> set[str]:
    """Return the packages that a fresh interpreter loads to import `package`.

    Neither the standard library nor `package` itself is among them.
    """
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(search_path)!r})\n"
        "before = set(sys.modules)\n"
        f"import {package}\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    tops = {name.split(".")[0] for name in done.stdout.split()}
    assert package in tops
    return tops - sys.stdlib_module_names - {package}


def write(folder: Path, **files: str) -> Path:
    """Make a package of the given files and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder


def test_files_of_autograd_import_only_files_to_their_left() -> None:
    assert order_faults(ROOT / "autograd", ORDER) == []


@pytest.mark.parametrize(
    "text",
    [
        "from .value import Value",
        "from . import value",
        "from autograd.value import Value",
        "from autograd import value",
        "import autograd.value",
        "def later():\n    from .value import Value",
        "if TYPE_CHECKING:\n    pass\nelse:\n    from .value import Value",
    ],
)
def test_an_import_to_the_right_is_found(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path / "autograd", tape=text, value="", __init__="")

    line = text.count("\n") + 1
    assert order_faults(folder, ORDER) == [f"tape:{line} imports value"]


def test_an_import_to_the_left_is_no_fault(tmp_path: Path) -> None:
    text = "import math\nfrom .tape import Tape\nfrom . import errors"
    folder = write(tmp_path / "autograd", value=text, tape="", errors="")

    assert order_faults(folder, ORDER) == []


def test_an_import_for_types_only_is_no_fault(tmp_path: Path) -> None:
    text = "if TYPE_CHECKING:\n    from .value import Value"
    folder = write(tmp_path / "autograd", tape=text, value="")

    assert order_faults(folder, ORDER) == []


def test_an_import_of_the_package_itself_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path / "autograd", tape="from autograd import Value")

    assert order_faults(folder, ORDER) == ["tape:1 imports __init__"]


def test_a_file_without_a_place_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path / "autograd", helpers="")

    assert order_faults(folder, ORDER) == ["helpers has no place in the order"]


def test_files_of_one_folder_may_import_each_other(tmp_path: Path) -> None:
    folder = write(tmp_path / "autograd", tape="")
    write(folder / "compile", python="from .program import Program", program="")
    write(folder / "compile", native="from ..value import Value")
    order = ("tape", "compile", "value")

    assert order_faults(folder, order) == ["compile:1 imports value"]


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_packages_use_only_public_names_of_autograd(package: str) -> None:
    assert (ROOT / package).is_dir()
    assert privacy_faults(ROOT / package, set(autograd.__all__)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("from autograd import Value, _current", "_current"),
        ("from autograd import tape", "tape"),
        ("from autograd import *", "*"),
        ("from autograd.tape import Value", "autograd.tape"),
        ("import autograd.tape", "autograd.tape"),
        ("import autograd\nautograd._current", "_current"),
        ("def later():\n    from autograd.tape import Value", "autograd.tape"),
    ],
)
def test_use_of_a_private_name_is_found(tmp_path: Path, text: str, fault: str) -> None:
    folder = write(tmp_path / "nn", layers=text)

    line = text.count("\n") + 1
    assert privacy_faults(folder, {"Value"}) == [f"layers.py:{line} uses {fault}"]


def test_use_of_public_names_is_no_fault(tmp_path: Path) -> None:
    text = "import autograd\nfrom autograd import Value\nautograd.Value"
    folder = write(tmp_path / "nn", layers=text)

    assert privacy_faults(folder, {"Value"}) == []


@pytest.mark.parametrize("package", MAY_LOAD)
def test_importing_loads_nothing_beyond_what_is_promised(package: str) -> None:
    assert loaded_by(package, ROOT) <= MAY_LOAD[package]


@pytest.mark.parametrize("text", ["import numpy", "from graphviz import Digraph"])
def test_a_foreign_import_is_seen(tmp_path: Path, text: str) -> None:
    write(tmp_path / "autograd", __init__=text)

    assert text.split()[1] in loaded_by("autograd", tmp_path)


def test_the_repository_holds_only_what_it_needs() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - git from the PATH, as everywhere
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = {line.split("/")[0] for line in listing.splitlines()}

    assert {"pyproject.toml", "autograd"} <= names <= TOP_LEVEL
