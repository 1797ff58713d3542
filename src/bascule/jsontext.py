"""JSON text, quickly: msgspec, and the standard library for the little that it refuses (half a surrogate pair)."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(enc_hook=dict).encode
_encode_sorted = msgspec.json.Encoder(enc_hook=dict, order="sorted").encode
_decode = msgspec.json.Decoder().decode


def dumps(value: Any) -> str:
    """The text of a value; read-only mappings and tuples included."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value, default=dict, separators=(",", ":"))


def dumps_sorted(value: Any) -> bytes:
    """The same as UTF-8, keys in order: one spelling per value."""
    try:
        return _encode_sorted(value)
    except UnicodeEncodeError:
        return json.dumps(value, default=dict, separators=(",", ":"), sort_keys=True).encode()


def loads(text: str | bytes) -> Any:
    """The value of a text. ValueError if it is none (RecursionError for one that is nested too deeply)."""
    try:
        return _decode(text)
    except msgspec.DecodeError:
        return json.loads(text)
