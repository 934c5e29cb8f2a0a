"""The Hypothesis profile in force is ours, on a build machine too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "dev 25 True None"),
        ({"CI": "true"}, "dev 25 True None"),
        ({"CI": "true", "HYPOTHESIS_PROFILE": "ci"}, "ci 200 True None"),
        ({"HYPOTHESIS_PROFILE": "nightly"}, "nightly 5000 False None"),
    ],
)
def test_profile_follows_the_environment(environment: dict[str, str], expected: str) -> None:
    program = (
        "import tests.conftest\n"
        "from hypothesis import settings\n"
        "now = settings()\n"
        "print(settings.get_current_profile_name(), now.max_examples,"
        " now.derandomize, now.deadline)\n"
    )
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CI", "HYPOTHESIS_PROFILE"}
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=plain | environment,
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == expected
