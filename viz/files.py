"""Files written whole or not at all. Knows bytes and paths."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from viz.errors import TargetError

PathLike = str | os.PathLike[str]


def write_whole(path: PathLike, content: bytes) -> Path:
    """Write a file in one step and return its path; folders are made.

    The content goes to a file beside it, which then takes its place: whatever interrupts the
    writing leaves the old file as it was.

    Raises:
        TargetError: if the file cannot be written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError("it is a folder")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    except OSError as problem:
        raise _cannot(target, problem) from problem
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        draft.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
        draft.replace(target)
    except OSError as problem:
        raise _cannot(target, problem) from problem
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return target


def _umask() -> int:
    """Return the permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot(target: Path, problem: OSError) -> TargetError:
    why = problem.strerror or str(problem)
    return TargetError(f"cannot write {os.fspath(target)!r}: {why}; choose another place")
