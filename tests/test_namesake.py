"""The warning about the other distribution that has our import name."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _import_with(path: Path) -> str:
    """Return what importing autograd says with a folder on the path, as errors."""
    program = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(path)!r}]; import autograd"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return ran.stderr


def test_the_other_autograd_on_the_path_is_named_in_a_warning(tmp_path: Path) -> None:
    (tmp_path / "autograd" / "numpy").mkdir(parents=True)

    said = _import_with(tmp_path)

    assert "wengert" in said
    assert "HIPS autograd" in said
    assert str(tmp_path) in said


def test_nothing_is_said_when_ours_is_alone(tmp_path: Path) -> None:
    assert _import_with(tmp_path) == ""
