"""The safetensors format: named tables of floats, a JSON header before the bytes.

    8 bytes    the length of the header, little-endian
    header     {"name": {"dtype": "F64", "shape": [3, 2], "data_offsets": [0, 48]}, ...}
    bytes      the tables one after the other, no gap, the last index fastest

The standard library suffices, and nothing in such a file can run. Written are the same bytes
as by the reference library; read is only what leaves nothing open. Knows no network.
"""

import json
import math
import struct
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Headers hold whatever JSON can.
from typing import Any

from autograd import shown
from nn.errors import FormatError
from nn.strict_json import loads

Shape = tuple[int, ...]

METADATA = "__metadata__"
_LONGEST_HEADER = 100_000_000
_MOST_AXES = 16
# Zero numbers can still be very many lists.
_MOST_EMPTY = 1_000_000

_SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
WRITTEN = ("F64", "F32")


@dataclass(frozen=True, slots=True)
class Table:
    """One tensor: its shape, and its numbers with the last index fastest."""

    shape: Shape
    numbers: Sequence[float]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a header says of one tensor."""

    name: str
    dtype: str
    shape: Shape
    begin: int
    end: int


# -- writing ------------------------------------------------------------------------------


def encode(
    tables: Mapping[str, Table], metadata: Mapping[str, str], dtype: str = "F64"
) -> bytes:
    """Return a file of some tensors.

    Raises:
        ValueError: if a number is too large for F32.
    """
    header: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    chunks = []
    begin = 0
    # Names in order of their UTF-8 bytes, which is that of code points.
    for name in sorted(tables):
        table = tables[name]
        chunk = _packed(name, table.numbers, dtype)
        header[name] = {
            "dtype": dtype,
            "shape": list(table.shape),
            "data_offsets": [begin, begin + len(chunk)],
        }
        begin += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *chunks])


def _packed(name: str, numbers: Sequence[float], dtype: str) -> bytes:
    if dtype == "F64":
        return struct.pack(f"<{len(numbers)}d", *numbers)
    try:
        return struct.pack(f"<{len(numbers)}f", *numbers)
    except OverflowError:
        largest = max(filter(math.isfinite, numbers), key=abs)
        raise ValueError(
            f"{name} holds {largest!r}, which is too large for {dtype}; use F64"
        ) from None


# -- reading ------------------------------------------------------------------------------


def decode(content: bytes) -> tuple[dict[str, Table], dict[str, str]]:
    """Return the tensors and the metadata of a file.

    Raises:
        FormatError: if it is no safetensors file, or not a whole one.
    """
    entries, metadata, start = header_of(content)
    body = memoryview(content)[start:]
    return {
        entry.name: Table(entry.shape, _unpacked(body[entry.begin : entry.end], entry.dtype))
        for entry in entries
    }, metadata


def header_of(content: bytes) -> tuple[list[Entry], dict[str, str], int]:
    """Return what the header says, checked against the length of the file, and its end."""
    if len(content) < 8:
        raise FormatError(f"it has {len(content)} bytes, too few for the length of a header")
    (length,) = struct.unpack_from("<Q", content)
    if length > min(_LONGEST_HEADER, len(content) - 8):
        raise FormatError(
            f"its header should have {length} bytes, but only {len(content) - 8} follow"
        )
    header = loads(content[8 : 8 + length])
    if not isinstance(header, dict):
        raise FormatError(f"its header must be an object, got {shown(header)}")
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(
        isinstance(text, str) for text in metadata.values()
    ):
        raise FormatError(f"its metadata must be texts by name, got {shown(metadata)}")
    entries = [_entry(name, said) for name, said in header.items()]
    _check_cover(entries, len(content) - 8 - length)
    return entries, metadata, 8 + length


def _entry(name: str, said: Any) -> Entry:
    if not isinstance(said, dict) or set(said) != {"dtype", "shape", "data_offsets"}:
        raise FormatError(
            f"{name} must have a dtype, a shape and data_offsets and nothing else, got "
            f"{shown(said)}"
        )
    dtype, shape, offsets = said["dtype"], said["shape"], said["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _SIZES:
        raise FormatError(f"{name} must be of {', '.join(_SIZES)}, got {shown(dtype)}")
    if not _is_sizes(shape) or len(shape) > _MOST_AXES:
        raise FormatError(f"{name} has no shape: {shown(shape)}")
    if not _is_sizes(offsets) or len(offsets) != 2:
        raise FormatError(f"{name} has no data_offsets: {shown(offsets)}")
    begin, end = offsets
    count = math.prod(shape)
    if end - begin != count * _SIZES[dtype]:
        raise FormatError(
            f"{name} of shape {shape} takes {count * _SIZES[dtype]} bytes, but it has "
            f"{end - begin}"
        )
    if not count and math.prod(size for size in shape if size) > _MOST_EMPTY:
        raise FormatError(f"{name} is empty and yet very large: {shape}")
    return Entry(name, dtype, tuple(shape), begin, end)


def _is_sizes(thing: Any) -> bool:
    return isinstance(thing, list) and all(type(x) is int and x >= 0 for x in thing)


def _check_cover(entries: list[Entry], length: int) -> None:
    """Refuse gaps, overlaps and bytes that belong to nothing."""
    spans = sorted((entry.begin, entry.end, entry.name) for entry in entries)
    for (_, end, name), (begin, _, after) in pairwise([(0, 0, "the header"), *spans]):
        if begin != end:
            raise FormatError(
                f"{after} must begin at byte {end}, where {name} ends, not {begin}"
            )
    last = max((end for _, end, _ in spans), default=0)
    if last != length:
        raise FormatError(f"its tensors take {last} bytes, but {length} follow the header")


def _unpacked(chunk: memoryview, dtype: str) -> Sequence[float]:
    count = len(chunk) // _SIZES[dtype]
    if dtype == "BF16":
        # The upper half of a float of 32 bits.
        halves = array("H", chunk.tobytes())
        if sys.byteorder == "big":
            halves.byteswap()
        chunk = memoryview(struct.pack(f"<{count}I", *(half << 16 for half in halves)))
    code = {"F64": "d", "F32": "f", "F16": "e", "BF16": "f"}[dtype]
    return struct.unpack(f"<{count}{code}", chunk)
