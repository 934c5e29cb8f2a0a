"""JSON without its loose ends: every number exact and finite, every key once.

Floats are written so that they come back to the last bit. What JSON has no word for, tuples
and numbers that are not finite, is written as an object with one key that begins with "$".
Knows no weight.
"""

import json
import math
from collections.abc import Iterable

# Plain data: None, bools, numbers, texts, and lists, tuples and dicts of them.
from typing import Any, NoReturn

from autograd import shown
from nn.errors import FormatError


def dumps(thing: Any) -> str:
    """Return plain data as JSON.

    Raises:
        TypeError: if something in it is no plain data.

    >>> dumps({"lr": 0.1, "betas": (0.9, 0.999), "best": float("inf")})
    '{"lr": 0.1, "betas": {"$tuple": [0.9, 0.999]}, "best": {"$float": "inf"}}'
    """
    return json.dumps(_plain(thing, "it"), allow_nan=False)


def loads(text: str | bytes, *, tags: bool = False) -> Any:
    """Return the plain data of a JSON text, with `tags` as `dumps` writes it.

    Raises:
        FormatError: if it is no JSON, or JSON that leaves something open.

    >>> loads('{"betas": {"$tuple": [0.9, 0.999]}}', tags=True)
    {'betas': (0.9, 0.999)}
    """
    try:
        return json.loads(
            text.decode("utf-8") if isinstance(text, bytes) else text,
            object_pairs_hook=_tagged if tags else _object,
            parse_float=_finite,
            parse_int=_whole,
            parse_constant=_no_constant,
        )
    except FormatError:
        raise
    except RecursionError:
        raise FormatError("it is nested too deeply") from None
    except ValueError as error:
        raise FormatError(f"it is no JSON: {error}") from None


def document(
    content: bytes, name: str, version: int, keys: Iterable[str], *, tags: bool = False
) -> dict[str, Any]:
    """Return the parts of a JSON file of ours, by the keys that it must have.

    Raises:
        FormatError: if it says that it is something else, or has other keys.
    """
    data = loads(content, tags=tags)
    if not isinstance(data, dict) or data.get("format") != name:
        raise FormatError(f'it has no "format": "{name}"')
    if type(data.get("version")) is not int or data["version"] != version:
        raise FormatError(
            f"it is of version {shown(data.get('version'))}, but only {version} is known"
        )
    if set(data) != {"format", "version", *keys}:
        raise FormatError(f"it has other parts than it should: {', '.join(data)}")
    return data


def _plain(thing: Any, where: str) -> Any:
    """Return data that `json` writes as it is meant."""
    if thing is None or isinstance(thing, (bool, int, str)):
        return thing
    if isinstance(thing, float):
        if math.isfinite(thing):
            return float(thing)
        return {"$float": repr(float(thing))}
    if isinstance(thing, (list, tuple)):
        parts = [_plain(part, f"{where}[{k}]") for k, part in enumerate(thing)]
        return {"$tuple": parts} if isinstance(thing, tuple) else parts
    if isinstance(thing, dict):
        for key in thing:
            if not isinstance(key, str) or key.startswith("$"):
                raise TypeError(
                    f"keys must be texts that do not begin with '$', but {where} has "
                    f"{shown(key)}"
                )
        return {key: _plain(part, f"{where}[{key!r}]") for key, part in thing.items()}
    raise TypeError(
        f"only numbers, texts, None, and lists, tuples and dicts of them can be kept, but "
        f"{where} is {shown(thing)}"
    )


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, part in pairs:
        if key in found:
            raise FormatError(f"the key {key!r} stands there twice")
        found[key] = part
    return found


def _tagged(pairs: Iterable[tuple[str, Any]]) -> Any:
    match found := _object(pairs):
        case {"$tuple": list(parts), **rest} if not rest:
            return tuple(parts)
        case {"$float": "inf" | "-inf" | "nan" as name, **rest} if not rest:
            return float(name)
    if any(key.startswith("$") for key in found):
        raise FormatError(f"an object of {', '.join(map(repr, found))} means nothing")
    return found


def _finite(text: str) -> float:
    x = float(text)
    if not math.isfinite(x):
        raise FormatError(f"{text} is too large for a float")
    return x


def _whole(text: str) -> int:
    # Python takes long for very long ones, and refuses still longer ones.
    if len(text) > 400:
        raise FormatError(f"a whole number of {len(text)} digits is too large")
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise FormatError(f"{text} is no JSON")
