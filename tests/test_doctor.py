"""The doctor tells what is there, what works, and what would bring the rest."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from autograd import doctor

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FOR_USERS = {"native", "render", "plots", "progress", "interop", "check"}


def states(text: str) -> dict[str, tuple[str, str]]:
    """Return state and detail of each line of a report."""
    rows = re.findall(r"^  (.+?)  +(ok|missing|BROKEN) +(.*)$", text, re.MULTILINE)
    return {what: (state, detail) for what, state, detail in rows}


def test_the_program_reports_and_ends_well_where_all_works() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograd.doctor"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    found = states(done.stdout)
    assert found["gradients"] == ("ok", "the gradient of x*x at 3 is 6")
    assert {"compiled as Python", "pictures as SVG", "gradient checks"} <= {
        what for what, (state, _) in found.items() if state == "ok"
    }
    assert "BROKEN" not in done.stdout


def test_every_extra_of_the_project_is_looked_at_and_no_other() -> None:
    found = doctor.requirements()

    assert set(found) == FOR_USERS | {""}
    for extra in FOR_USERS:
        written = PROJECT["optional-dependencies"][extra]
        assert sorted(f"{name}{versions}" for name, versions in found[extra]) == sorted(written)


def test_versions_are_those_installed() -> None:
    for finding in doctor.packages():
        name = finding.what.split()[0]
        try:
            assert finding == doctor.Finding(finding.what, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            assert finding.state == "missing"
            assert re.fullmatch(r'pip install "wengert\[\w+\]"', finding.detail)


def test_what_is_missing_comes_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = metadata.version

    def without(name: str) -> str:
        if name in ("llvmlite", "tqdm", "graphviz"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    text, works = doctor.report()
    found = states(text)

    assert works
    assert found["llvmlite >=0.44, for [native]"] == (
        "missing",
        'pip install "wengert[native]"',
    )
    assert found["tqdm >=4.66, for [progress]"] == (
        "missing",
        'pip install "wengert[progress]"',
    )
    assert found["graphviz >=0.20"] == ("missing", 'pip install "wengert"')
    assert found["compiled as native code"] == ("missing", "needs llvmlite")
    assert text.endswith('To have everything: pip install "wengert[all]"')


def test_without_graphviz_pictures_as_png_are_missing_and_not_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("viz.render.importlib.util.find_spec", lambda _: None)
    text, works = doctor.report()

    assert works
    assert states(text)["pictures as PNG"][0] == "missing"
    assert states(text)["dot, the program of Graphviz"][0] == "missing"
    assert states(text)["pictures as SVG"][0] == "ok"


def test_what_is_broken_is_named_and_the_program_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("autograd.compile", lambda *_, **__: 1 / 0)

    assert doctor.main([]) == 1
    out = capsys.readouterr().out
    assert states(out)["compiled as Python"] == (
        "BROKEN",
        "ZeroDivisionError: division by zero",
    )
    assert out.rstrip().endswith("Broken: compiled as Python, compiled as native code.")


def test_wrong_results_are_broken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Off:
        def value_and_grad(self, _: float) -> tuple[float, float]:
            return 0.231058578630, 0.9

    monkeypatch.setattr("autograd.compile", lambda *_, **__: Off())
    found = {finding.what: finding for finding in doctor.tried()}

    assert found["compiled as Python"].detail == "ArithmeticError: a gradient came out as 0.9"


def test_a_namesake_is_an_illness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "autograd" / "numpy").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path)
    text, works = doctor.report()

    assert not works
    assert "two distributions share the import name autograd" in text


def test_a_folder_that_was_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> Any:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", unknown)
    monkeypatch.setattr(metadata, "version", unknown)
    text, works = doctor.report()

    assert works
    assert text.startswith("wengert (not installed), ")


def test_a_cache_that_is_turned_off_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llvmlite", reason="makes the native code")
    monkeypatch.setenv("WENGERT_CACHE", "")
    found = {finding.what: finding for finding in doctor.tried()}

    assert found["cache of native code"].detail == "turned off; every process compiles anew"


def test_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["--fix"]) == 2
    assert "takes no arguments, got ['--fix']" in capsys.readouterr().err
