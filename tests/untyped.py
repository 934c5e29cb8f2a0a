"""Mistakes, those that types would forbid among them, and what is said to who makes them."""

from collections.abc import Callable
from typing import Any

import pytest


def untyped(thing: object) -> Any:
    """Hide a thing's type."""
    return thing


def message_of(error: type[Exception], work: Callable[[], object]) -> str:
    """Return what an error says."""
    with pytest.raises(error) as caught:
        work()
    return str(caught.value)
