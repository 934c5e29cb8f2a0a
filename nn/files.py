"""Writing a file so that there is always a whole one: the old or the new.

Knows nothing of what is in it.
"""

import contextlib
import os
import secrets
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file; whoever reads it meanwhile, or after a crash, finds the old or the new.

    The content goes to a file beside it, reaches the disk, and then takes its place. What
    permissions there were stay, and a symbolic link goes on pointing to the file. A process
    that is killed may leave its file `.name.....tmp` behind.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "weights")
        ...     write_atomically(path, b"new")
        ...     path.read_bytes(), len(list(Path(folder).iterdir()))
        (b'new', 1)
    """
    target = Path(path).resolve()
    beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        # Fails if the name is taken; the permissions are those of any new file.
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            beside.chmod(target.stat().st_mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _keep_name(target.parent)


def _keep_name(folder: Path) -> None:
    """Let the change of name reach the disk, where a folder can be asked to."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # as on Windows
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
