"""Whether a delivery comes from the system it says it comes from. Closed by default."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from bascule.connectors.spec import HmacSha256, SignedFields


def verified(
    scheme: object, headers: Mapping[str, str], body: bytes, secret: str, *, now: datetime, max_bytes: int = 0
) -> bool:
    """True only if the declared scheme holds. `headers` have lower-case names; `body` is as it came, byte for byte.

    An unknown scheme, a missing secret or header, a wrong form, a time too far from `now` where the scheme has one, or
    more than `max_bytes` (0: no limit): refused.
    """
    if not secret or (max_bytes and len(body) > max_bytes):
        return False
    match scheme:
        case HmacSha256(header=name, prefix=prefix):
            return _hmac_sha256(headers.get(name.lower(), ""), prefix, body, secret)
        case SignedFields():
            return any(_signed_fields(scheme, body, one, now) for one in secret.split())
        case _:
            return False


def _hmac_sha256(given: str, prefix: str, body: bytes, secret: str) -> bool:
    expected = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().encode("utf-8", "replace"))


def _signed_fields(scheme: SignedFields, body: bytes, secret: str, now: datetime) -> bool:
    try:
        raw = json.loads(body)
    except ValueError:
        return False
    if not isinstance(raw, Mapping) or any(raw.get(name) in (None, "") for name in (*scheme.fields, scheme.signature)):
        return False
    message = "".join(str(raw[name]) for name in scheme.fields)
    expected = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), str(raw[scheme.signature]).encode("utf-8", "replace")):
        return False
    return not scheme.time or _recent(raw.get(scheme.time), scheme, now)


def _recent(milliseconds: object, scheme: SignedFields, now: datetime) -> bool:
    try:
        sent = datetime.fromtimestamp(float(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return abs(now - sent) <= scheme.within
