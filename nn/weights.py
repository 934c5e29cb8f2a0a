"""Keeping weights: a network's numbers in a file, and back, to the last bit.

    save_weights(model, "model.json")          to read with your eyes
    save_weights(model, "model.safetensors")   to take to other libraries
    load_weights(model, "model.json")

A file holds names, shapes and numbers, and a checksum over them; nothing in it can run. It is
looked at as a whole before any weight changes, and it is written so that a crash leaves the
old one. Knows how files are laid out; what fits a network is decided in `state`.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path

# State dicts hold nested lists of any depth.
from typing import Any, Unpack

from autograd import shown
from nn import safetensors_file, strict_json
from nn.errors import FormatError, naming
from nn.files import write_atomically
from nn.module import Module
from nn.safetensors_file import Table
from nn.state import HowToLoad, LoadReport
from nn.tensors import flattened, nested

PathLike = str | os.PathLike[str]

FORMAT, VERSION = "wengert weights", 1
CHECKSUM = "sha256"
JSON, SAFETENSORS = ".json", ".safetensors"


def save_weights(
    model: Module | Mapping[str, Any],
    path: PathLike,
    *,
    metadata: Mapping[str, str] | None = None,
    dtype: str = "F64",
    finite: bool = True,
) -> None:
    """Write weights to a file; the ending of its name, .json or .safetensors, says how.

    Args:
        model: a network, or its `state_dict()`.
        path: the file. One that is there is replaced at once, or stays if anything fails.
        metadata: notes to keep with the weights, texts by name.
        dtype: "F64" keeps every bit, "F32" is what other libraries mostly use; .safetensors
            only.
        finite: whether nan and infinity are an error; .json cannot hold them.

    Raises:
        ValueError: if a weight is not finite or too large for the dtype, or the ending of the
            name says nothing. There is no new file then.

    Example:
        >>> import tempfile
        >>> from nn import Linear
        >>> model, twin = Linear(3, 2), Linear(3, 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_weights(model, Path(folder, "weights.json"))
        ...     print(load_weights(twin, Path(folder, "weights.json")))
        loaded      weight
        loaded      bias
        >>> model.state_dict() == twin.state_dict()
        True
    """
    tables, notes, ending = _tables(model), _checked_notes(metadata or {}), _ending(path)
    if dtype not in safetensors_file.WRITTEN:
        raise ValueError(f"dtype must be 'F64' or 'F32', got {shown(dtype)}")
    if finite or ending == JSON:
        _check_finite(tables)
    if ending == JSON:
        if dtype != "F64":
            raise ValueError("a .json file keeps every bit; dtype is for .safetensors")
        content = _json_of(tables, notes)
    else:
        if dtype == "F32":
            tables = {name: _rounded(name, table) for name, table in tables.items()}
        signed = {**notes, CHECKSUM: _checksum(tables, notes)}
        content = safetensors_file.encode(tables, signed, dtype)
    write_atomically(path, content)


def load_weights(
    model: Module, path: PathLike, *, checksum: bool = True, **how: Unpack[HowToLoad]
) -> LoadReport:
    """Set the weights of a network from a file, all of them or none; return what was set.

    Args:
        model: the network.
        path: the file.
        checksum: False also reads .safetensors files of other programs, which have none.
        how: what to do about weights that do not fit; see `Module.load_state_dict`.

    Raises:
        FormatError: if the file is not what it should be.
        StateError: if its weights do not fit. Either way nothing has changed.
    """
    state, _ = read_weights(path, checksum=checksum)
    return model.load_state_dict(state, **how)


def read_weights(
    path: PathLike, *, checksum: bool = True
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the weights of a file as a state dict, and the notes kept with them.

    Raises:
        FormatError: if the file is not what it should be.
    """
    ending, path = _ending(path), Path(path)
    content = path.read_bytes()
    with naming(path):
        read = _from_json if ending == JSON else safetensors_file.decode
        tables, notes = read(content)
        found = notes.pop(CHECKSUM, None)
        if found is None and checksum:
            raise FormatError(
                "it has no checksum, as files of other programs; checksum=False reads it"
            )
        if found is not None and found != _checksum(tables, notes):
            raise FormatError("its checksum is that of other weights: it has been changed")
    return {name: nested(table.numbers, table.shape) for name, table in tables.items()}, notes


def _ending(path: PathLike) -> str:
    ending = Path(path).suffix.lower()
    if ending not in (JSON, SAFETENSORS):
        raise ValueError(
            f"the name of a file of weights ends in .json or .safetensors, got {str(path)!r}"
        )
    return ending


def _tables(model: Any) -> dict[str, Table]:
    state = model.state_dict() if isinstance(model, Module) else model
    if not isinstance(state, Mapping) or not state:
        raise ValueError(f"there are no weights to save in {shown(model)}")
    for name in state:
        if not isinstance(name, str) or name == safetensors_file.METADATA:
            raise ValueError(f"weights cannot be called {shown(name)}")
    return {name: Table(*flattened(thing, name)) for name, thing in state.items()}


def _check_finite(tables: Mapping[str, Table]) -> None:
    for name, table in tables.items():
        for number in table.numbers:
            if not math.isfinite(number):
                raise ValueError(
                    f"{name} holds {number!r}, so nothing was saved; finite=False and a "
                    ".safetensors file keep it all the same"
                )


def _checked_notes(metadata: Mapping[Any, Any]) -> dict[str, str]:
    for name, text in metadata.items():
        if not isinstance(name, str) or not isinstance(text, str) or name == CHECKSUM:
            raise ValueError(
                f"metadata must be texts by name, and {CHECKSUM!r} is taken, got "
                f"{shown(name)}: {shown(text)}"
            )
    return dict(metadata)


def _rounded(name: str, table: Table) -> Table:
    """Return a tensor with the numbers that a file of F32 gives back."""
    content = safetensors_file.encode({name: table}, {}, "F32")
    return safetensors_file.decode(content)[0][name]


def _checksum(tables: Mapping[str, Table], notes: Mapping[str, str]) -> str:
    """Return the SHA-256 of names, shapes, numbers and notes, in whatever format they are."""
    listed = [
        [name, list(table.shape), [x.hex() for x in table.numbers]]
        for name, table in sorted(tables.items())
    ]
    text = json.dumps([listed, sorted(notes.items())])
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _json_of(tables: Mapping[str, Table], notes: Mapping[str, str]) -> bytes:
    """Return a readable file: a line for each row of weights."""
    weights = ",\n".join(
        f"    {json.dumps(name)}: {_rows(nested(table.numbers, table.shape))}"
        for name, table in tables.items()
    )
    head = {"format": FORMAT, "version": VERSION, CHECKSUM: _checksum(tables, notes)}
    lines = [f"  {json.dumps(name)}: {json.dumps(thing)},\n" for name, thing in head.items()]
    lines.append(f'  "metadata": {json.dumps(dict(notes))},\n')
    return f'{{\n{"".join(lines)}  "weights": {{\n{weights}\n  }}\n}}\n'.encode("ascii")


def _rows(thing: Any) -> str:
    if not isinstance(thing, list) or not thing or not isinstance(thing[0], list):
        return json.dumps(thing, allow_nan=False)
    inner = ",\n".join(f"      {json.dumps(part, allow_nan=False)}" for part in thing)
    return f"[\n{inner}\n    ]"


def _from_json(content: bytes) -> tuple[dict[str, Table], dict[str, str]]:
    keys = (CHECKSUM, "metadata", "weights")
    data = strict_json.document(content, FORMAT, VERSION, keys)
    weights, notes = data["weights"], data["metadata"]
    if not isinstance(weights, dict) or not isinstance(notes, dict):
        raise FormatError("weights and metadata must be objects")
    if not all(isinstance(text, str) for text in notes.values()):
        raise FormatError(f"its metadata must be texts, got {shown(notes)}")
    try:
        tables = {name: Table(*flattened(thing, name)) for name, thing in weights.items()}
    except ValueError as error:
        raise FormatError(str(error)) from None
    return tables, {**notes, CHECKSUM: data[CHECKSUM]}
