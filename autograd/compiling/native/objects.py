"""Machine code: generated once, kept on disk by content, loaded into this process.

What is kept is object code, under a digest of everything that it depends on, with a digest of
that and of itself in front: a file that was cut short, changed or renamed is not believed and
made again. Files
appear whole (written beside and moved into place), so processes may share a folder. Knows no
program.
"""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from autograd.compiling.native.machine import Machine, llvm
from autograd.errors import CompilationWarning, user_stacklevel

FOLDER_VARIABLE = "WENGERT_CACHE"
_DIGEST = hashlib.sha256().digest_size


def cache_folder() -> Path | None:
    """Return where object code is kept; None if the user wants none kept.

    The environment variable WENGERT_CACHE names another folder; empty, it turns keeping off.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "wengert"
    except RuntimeError:  # There is no home.
        return None


def key_of(*parts: object) -> str:
    """Return the digest of all that some object code depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def object_code(key: str, generate: Callable[[], bytes]) -> bytes:
    """Return the object code of a key: from disk, or generated and then kept there."""
    folder = cache_folder()
    found = None if folder is None else _read(folder, key)
    if found is not None:
        return found
    code = generate()
    if folder is not None:
        _keep(folder, key, code)
    return code


def _read(folder: Path, key: str) -> bytes | None:
    try:
        content = (folder / key).read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if _digest(key, code) == digest else None


def _digest(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + code).digest()


def _keep(folder: Path, key: str, code: bytes) -> None:
    try:
        # What is in it will run: it is nobody else's to write.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f"{key}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(key, code) + code)
            Path(name).replace(folder / key)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        _warn_once(str(folder), str(error))


@cache
def _warn_once(folder: str, error: str) -> None:
    warnings.warn(
        f"compiled code cannot be kept in {folder} ({error}), so every process compiles "
        f"again; set {FOLDER_VARIABLE} to a folder that can be written, or to nothing",
        CompilationWarning,
        stacklevel=user_stacklevel(),
    )


def generated(module: Any, machine: Machine, opt: int) -> bytes:
    """Return the object code of a module."""
    _, binding = llvm()
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    target = machine.target(opt)
    parsed.data_layout = str(target.target_data)
    return bytes(target.emit_object(parsed))


class Loaded:
    """Object code in this process, as long as this object lives."""

    def __init__(self, code: bytes, machine: Machine) -> None:
        _, binding = llvm()
        empty = binding.parse_assembly("")
        self._engine = binding.create_mcjit_compiler(empty, machine.target(0))
        self._object = binding.ObjectFileRef.from_data(code)
        self._engine.add_object_file(self._object)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Return where a function is."""
        found = int(self._engine.get_function_address(name))
        assert found, f"{name} is a function of this module"
        return found
