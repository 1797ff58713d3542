"""Whether a delivery comes from the system it says it comes from. Closed by default."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from bascule.connectors.spec import HmacSha256


def verified(scheme: object, headers: Mapping[str, str], body: bytes, secret: str, *, max_bytes: int = 0) -> bool:
    """True only if the declared scheme holds. `headers` have lower-case names; `body` is as it came, byte for byte.

    An unknown scheme, a missing secret or header, a wrong form, or more than `max_bytes` (0: no limit): refused.
    """
    if not secret or (max_bytes and len(body) > max_bytes):
        return False
    match scheme:
        case HmacSha256(header=name, prefix=prefix):
            return _hmac_sha256(headers.get(name.lower(), ""), prefix, body, secret)
        case _:
            return False


def _hmac_sha256(given: str, prefix: str, body: bytes, secret: str) -> bool:
    expected = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().encode("utf-8", "replace"))
