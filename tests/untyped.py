"""Mistakes that types would forbid, for tests of what happens to those who make them."""

from typing import Any


def untyped(thing: object) -> Any:
    """Hide a thing's type."""
    return thing
