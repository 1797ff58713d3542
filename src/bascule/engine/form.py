"""A form with files, as browsers send them (RFC 7578)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from bascule.model import Json


def multipart(fields: Json, files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """(body, content type). A field that is a list is sent once for each of its elements."""
    told = hashlib.sha256(b"".join(content for _, content in files.values())).hexdigest()
    parts: list[bytes] = []
    for name, value in _flat(fields):
        parts.append(_head(f'form-data; name="{_quoted(name)}"') + value.encode() + b"\r\n")
    for name, (filename, content) in files.items():
        head = _head(f'form-data; name="{_quoted(name)}"; filename="{_quoted(filename)}"', "application/octet-stream")
        parts.append(head + content + b"\r\n")
    between = f"bascule-{told[:32]}"
    body = b"".join(f"--{between}\r\n".encode() + part for part in parts) + f"--{between}--\r\n".encode()
    return body, f"multipart/form-data; boundary={between}"


def _flat(fields: Json) -> Iterable[tuple[str, str]]:
    for name, value in (fields or {}).items():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            yield name, str(one)


def _head(disposition: str, media: str = "") -> bytes:
    kind = f"Content-Type: {media}\r\n" if media else ""
    return f"Content-Disposition: {disposition}\r\n{kind}\r\n".encode()


def _quoted(text: str) -> str:
    return re.sub(r"[\r\n]", " ", text).replace('"', "%22")
