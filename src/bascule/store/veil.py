"""Words and names as tokens that can be searched and sorted, and that say nothing to whoever lacks the key.

The database sorts and searches lists, so what stands in its columns keeps the order, or the beginnings, of what it
stands for. A *word* becomes a chain of keyed digests, one for each of its beginnings: the token of a beginning is a
beginning of the token. A *place* keeps the order of texts: each letter becomes a number drawn under the key and all the
letters before it, growing with the letter. Both tell who begins alike, and a place tells who comes first; neither tells
a letter by itself, but who knows how often names occur may guess. Whoever holds the workspace's key can undo both.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

LONGEST = 32  # letters of a word that are told apart
SORTED = 16  # letters of a name that are sorted by; behind them the record's id decides
_BYTES = 3  # of the digest of one beginning: 4 characters


def word(key: bytes, text: str) -> str:
    """The token of a word; that of a beginning of the word is a beginning of it."""
    raw = text[:LONGEST]
    told = [hmac.digest(key, _raw(raw[: n + 1]), "sha256")[:_BYTES] for n in range(len(raw))]
    return urlsafe_b64encode(b"".join(told)).decode()


def place(key: bytes, text: str) -> str:
    """A token that sorts (by code point) as the text does: 4 hexadecimal digits for each byte of its UTF-8."""
    raw = _raw(text[:SORTED])
    return "".join(_number(key, raw[:n], raw[n]) for n in range(len(raw)))


def _number(key: bytes, before: bytes, byte: int) -> str:
    """Grows with the byte, by steps of 1 to 256 drawn for what stands before it."""
    steps = hashlib.shake_256(key + before).digest(256)
    return f"{sum(steps[: byte + 1]) + byte:04x}"


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
