"""Whether a delivery comes from the system it says it comes from. Closed by default."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bascule.connectors.spec import Claim, HmacSha256, Signature, SignedFields, Unsigned


def verified(
    scheme: object,
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    *,
    now: datetime,
    token: str = "",
    max_bytes: int = 0,
) -> bool:
    """True only if the declared scheme holds. `headers` have lower-case names; `body` is as it came, byte for byte;
    `token` is what the address had after the connection's name.

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
        case Signature():
            claim = _claim(scheme, headers, body)
            return claim is not None and _claimed(claim, secret.split(), scheme.within, now)
        case Unsigned():
            return hmac.compare_digest(secret.encode(), token.encode("utf-8", "replace"))
        case _:
            return False


def _hmac_sha256(given: str, prefix: str, body: bytes, secret: str) -> bool:
    expected = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().encode("utf-8", "replace"))


def covers(scheme: object, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a delivery that was found to be genuine is signed as a whole."""
    claim = _claim(scheme, headers, body) if isinstance(scheme, Signature) else None
    return not isinstance(scheme, Unsigned | SignedFields) and (claim is None or claim.whole)


def _claim(scheme: Signature, headers: Mapping[str, str], body: bytes) -> Claim | None:
    """What a delivery says of itself; nothing, where it is not in the form that this takes."""
    try:
        return scheme.claim(headers, body)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, OSError):
        return None


def _claimed(claim: Claim, secrets: list[str], within: timedelta, now: datetime) -> bool:
    if claim.at is not None and abs(now - claim.at) > within:
        return False
    wanted = [hmac.new(one.encode(), claim.message, hashlib.sha256).hexdigest().encode() for one in secrets]
    given = [one.lower().encode("utf-8", "replace") for one in claim.given]
    return any(hmac.compare_digest(one, other) for one in wanted for other in given)


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
