"""Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE; a cache of code.

Hypothesis loads a profile named `ci` of its own on build machines; registering
the name here replaces it. `dev` and `ci` draw the same examples every time.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

# No profile judges speed: machines are shared, and a slow one is not a fault.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
_UNHURRIED = settings.get_profile("unhurried")
settings.register_profile("dev", _UNHURRIED, max_examples=25, derandomize=True)
settings.register_profile("ci", _UNHURRIED, max_examples=200, derandomize=True)
settings.register_profile("nightly", _UNHURRIED, max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session", autouse=True)
def _object_code(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what the tests compile in a folder of this run, whose processes share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["WENGERT_CACHE"] = str(shared / "object-code")
