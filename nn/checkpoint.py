"""Checkpoints: all that a run needs to go on as if it had never stopped, in one file.

    save_checkpoint("run.json", model=model, optimiser=optimiser, generator=generator, epoch=3)
    epoch = load_checkpoint("run.json", model=model, optimiser=optimiser,
                            generator=generator)["epoch"]

Knows what can give its state and take it back. Knows nothing of what is in it.
"""

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

# Parts of a checkpoint are whatever has a state, and plain data.
from typing import Any

from autograd import shown
from nn import strict_json
from nn.errors import FormatError, naming
from nn.files import write_atomically
from nn.module import Module
from nn.state import Options

FORMAT, VERSION = "wengert checkpoint", 1
CHECKSUM = "sha256"


def save_checkpoint(path: str | os.PathLike[str], **parts: Any) -> None:
    """Write the states of some things to one file, which replaces an older one at once.

    Args:
        path: the file.
        parts: by any names: networks, optimisers and whatever else has a `state_dict()`;
            generators; and plain data: numbers, texts, None, lists, tuples, dicts.

    Raises:
        TypeError: if something is neither; no file has changed then.

    Example:
        >>> import tempfile
        >>> from nn import Linear
        >>> model, generator = Linear(2, 1), random.Random(7)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "run.json")
        ...     save_checkpoint(path, model=model, generator=generator, epoch=3)
        ...     upcoming = generator.random()
        ...     epoch = load_checkpoint(path, model=model, generator=generator)["epoch"]
        >>> epoch, generator.random() == upcoming
        (3, True)
    """
    body = strict_json.dumps({name: _state(part) for name, part in parts.items()})
    text = (
        f'{{"format": "{FORMAT}", "version": {VERSION}, "{CHECKSUM}": "{_digest(body)}",\n'
        f'"parts": {body}}}\n'
    )
    write_atomically(path, text.encode("ascii"))


def load_checkpoint(path: str | os.PathLike[str], **things: Any) -> dict[str, Any]:
    """Return what a checkpoint holds, by name, and put it into the things that are given.

    Args:
        path: the file.
        things: by the names they were saved under, networks, optimisers, generators.

    Raises:
        FormatError: if the file is not what it should be or has no part of such a name.
        ValueError: if a part does not fit; everything is then as it was before.
    """
    path = Path(path)
    parts = _parts(path)
    for name, thing in things.items():
        if name not in parts:
            raise FormatError(
                f"{path.name} has no part {name!r}; it has {', '.join(parts) or 'none'}"
            )
        if not isinstance(thing, (Module, random.Random)) and not _has_state(thing):
            raise TypeError(f"{name} cannot take a state: {shown(thing)}")
    # What can be checked beforehand is; the rest is undone if something does not fit.
    at_last = [_ready(thing, parts[name], name) for name, thing in things.items()]
    _load_all([(thing, parts[name]) for name, thing in things.items() if _has_state(thing)])
    for carry_out in at_last:
        carry_out()
    return parts


def _load_all(pairs: list[tuple[Any, Any]]) -> None:
    """Load states into things, or, if one does not take it, leave all as they were."""
    undo: list[tuple[Any, Any]] = []
    try:
        for thing, state in pairs:
            undo.append((thing, thing.state_dict()))
            thing.load_state_dict(state)
    except BaseException:
        for thing, before in reversed(undo):
            thing.load_state_dict(before)
        raise


def _has_state(thing: Any) -> bool:
    if isinstance(thing, Module):
        return False
    return hasattr(thing, "state_dict") and hasattr(thing, "load_state_dict")


def _state(part: Any) -> Any:
    if isinstance(part, random.Random):
        return part.getstate()
    return part.state_dict() if hasattr(part, "state_dict") else part


def _ready(thing: Any, state: Any, name: str) -> Callable[[], object]:
    """Return what puts a state into a network or generator, after checking that it will."""
    if isinstance(thing, Module):
        return thing.plan_to_load(state, Options(finite=False)).carry_out
    if isinstance(thing, random.Random):
        try:
            random.Random().setstate(state)
        except (TypeError, ValueError, OverflowError) as error:
            raise FormatError(f"{name} is no state of a generator: {error}") from None
        return lambda: thing.setstate(state)
    return lambda: None


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("ascii")).hexdigest()


def _parts(path: Path) -> dict[str, Any]:
    with naming(path):
        keys = (CHECKSUM, "parts")
        data = strict_json.document(path.read_bytes(), FORMAT, VERSION, keys, tags=True)
        parts = data["parts"]
        if not isinstance(parts, dict):
            raise FormatError(f"its parts must be an object, got {shown(parts)}")
        if data[CHECKSUM] != _digest(strict_json.dumps(parts)):
            raise FormatError("its checksum is that of another run: it has been changed")
    return parts
