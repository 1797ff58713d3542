"""Links that let one person in to one thing, without an account. Pure.

A link is signed with a key of the workspace and names what it opens, what for, and which issue of it this is. Nothing
of it is stored, so a stolen database opens nothing; a newer issue makes the older ones worthless, and when it ends
stands with the thing itself. What is forged is refused before anything is looked up.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

_ID, _ISSUE, _SIGNATURE = 16, 2, 20  # bytes; 51 characters in all
LENGTH = 51


class Purpose(StrEnum):
    """What a link is for: one made for one thing opens no other. Also the first part of its path."""

    SCREENING = "screening"
    SHORTLIST = "shortlist"
    INTERVIEW = "interview"
    DECISION = "decide"  # everything that is held for one person
    CREDENTIALS = "credentials"  # what a connection signs in with


@dataclass(frozen=True, slots=True)
class Opens:
    """What a link opens: the thing's id, and the link's issue."""

    id: str
    issue: int


def token(key: bytes, purpose: Purpose, id: str, issue: int) -> str:
    """The secret part of a link; the same every time. `id` is a UUID of ours, `issue` below 65,536."""
    told = UUID(id).bytes + issue.to_bytes(_ISSUE)
    return _text(told + _signature(key, purpose, told))


def opens(key: bytes, purpose: Purpose, token: str) -> Opens | None:
    """What it opens; None where it was not signed here for this."""
    try:
        raw = urlsafe_b64decode(token + "=") if len(token) == LENGTH and token.isascii() else b""
    except Error:
        return None
    told, signature = raw[: _ID + _ISSUE], raw[_ID + _ISSUE :]
    if _text(raw) != token:  # its last letter has bits to spare: one link has one spelling
        return None
    if not hmac.compare_digest(signature, _signature(key, purpose, told)) or len(told) != _ID + _ISSUE:
        return None
    return Opens(str(UUID(bytes=told[:_ID])), int.from_bytes(told[_ID:]))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _signature(key: bytes, purpose: Purpose, told: bytes) -> bytes:
    return hmac.digest(key, f"{purpose}|".encode() + told, "sha256")[:_SIGNATURE]
