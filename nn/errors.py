"""What can go wrong with weights that come from elsewhere.

Knows no format.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StateError(ValueError):
    """Weights do not fit the network that they shall go into: names, shapes or numbers."""


class FormatError(ValueError):
    """A file is not what it should be: cut off, changed, or of another format."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let a FormatError say which file it is about."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{path.name} cannot be read: {error}") from None
