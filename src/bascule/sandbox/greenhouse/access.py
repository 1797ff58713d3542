"""Who may call: client credentials, bearer tokens, scopes, and one fixed window of requests for each credential."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..kit.rates import Windows
from ..kit.tables import Actor, Database, Row
from .errors import Problem, Refused, invalid, missing
from .options import Options

# A rotated secret's predecessor keeps working for this long.
GRACE = timedelta(days=7)


@dataclass(frozen=True)
class Token:
    credential_id: int
    sub: int
    expires_at: datetime


@dataclass(frozen=True)
class Caller:
    """A valid token's credential and the user it acts as."""

    credential: Row
    user: Row

    @property
    def actor(self) -> Actor:
        return Actor(f"api:{self.credential['name']}", self.user["id"])


def unauthorized(message: str) -> Refused:
    return Refused(401, Problem(message), message="Unauthorized")


class Access:
    """The tenant's API credentials and the tokens they were given."""

    def __init__(self, db: Database, options: Options) -> None:
        self._db = db
        self._options = options
        self._random = Random(f"access-{options.seed}")
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, Token] = {}
        self.requests = Windows(options.rate)
        self.token_requests = Windows(options.token_rate)

    # Credentials: made on a page.

    def _secret(self, length: int = 40) -> str:
        return self._random.getrandbits(length * 4).to_bytes(length // 2, "big").hex()

    def create(self, actor: Actor, name: str, user_id: int, scopes: Iterable[str]) -> Row:
        """A credential that acts as `user_id` unless a token names another user."""
        if not name.strip():
            raise invalid(("can't be blank", "name"))
        if self._db["users"].get(user_id) is None:
            raise invalid(("is not a user", "user_id"))
        return self._db.create(
            "credentials", actor, name=name.strip(), user_id=user_id, scopes=sorted(set(scopes)),
            client_id=self._secret(32), secret=self._secret(), previous_secret=None, previous_until=None, revoked=False,
        )  # fmt: skip

    def change(self, actor: Actor, id: int, *, scopes: Iterable[str], user_id: int) -> None:
        self._row(id)
        self._db.change("credentials", id, actor, {"scopes": sorted(set(scopes)), "user_id": user_id})

    def rotate(self, actor: Actor, id: int, grace: timedelta = GRACE) -> str:
        """A new secret; the one before it keeps working for a week."""
        row = self._row(id)
        secret = self._secret()
        self._db.change("credentials", id, actor, {
            "previous_secret": row["secret"], "previous_until": self._db.now() + grace, "secret": secret})  # fmt: skip
        return secret

    def revoke(self, actor: Actor, id: int) -> None:
        """The credential and every token it was given stop working at once."""
        self._row(id)
        self._db.change("credentials", id, actor, {"revoked": True})
        self.forget_tokens(id)

    def forget_tokens(self, id: int | None = None) -> None:
        """Every token given so far, to one credential or to all, stops working, as after an expiry."""
        self._tokens = {text: token for text, token in self._tokens.items() if id not in (None, token.credential_id)}

    def forget_consents(self, id: int | None = None) -> None:
        """Every refresh token given so far, to one credential or to all, stops working: somebody must consent again."""
        self._refresh = {text: one for text, one in self._refresh.items() if id not in (None, one.credential_id)}

    def _row(self, id: int) -> Row:
        row = self._db["credentials"].get(id)
        if row is None:
            raise missing("credential", id)
        return row

    # Tokens.

    def credential(self, authorization: str | None) -> Row:
        """The credential that a Basic header names. Raises Refused (401)."""
        scheme, _, encoded = (authorization or "").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise unauthorized("Client credentials are not readable") from None
        for row in self._db["credentials"]:
            if scheme.lower() == "basic" and row["client_id"] == client_id and not row["revoked"]:
                until = row["previous_until"]
                accepted = [row["secret"], row["previous_secret"] if until and self._db.now() < until else None]
                if any(one and hmac.compare_digest(one, secret) for one in accepted):
                    return row
        raise unauthorized("Client credentials are not valid")

    def grant(self, credential: Row, sub: str | None) -> dict[str, Any]:
        """A bearer token for the user `sub`, or for the credential's own service user when it is left out."""
        user_id = credential["user_id"] if not sub else int(sub) if sub.isdigit() else None
        user = self._db["users"].get(user_id)
        if user is None or user["deactivated"]:
            raise unauthorized("The user named by sub does not exist or is deactivated")
        expires = self._db.now() + timedelta(seconds=self._options.token_lifetime)
        text = self._signed({"jti": self._secret(16), "sub": str(user["id"]), "exp": int(expires.timestamp())})
        self._tokens[text] = Token(credential["id"], user["id"], expires)
        shown = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"token_type": "Bearer", "access_token": text, "expires_at": shown}

    def consent(self, id: int, user_id: int) -> str:
        """The refresh token that a partner's integration has once a user has consented: it acts as that user."""
        self._row(id)
        if self._db["users"].get(user_id) is None:
            raise invalid(("is not a user", "user_id"))
        return self._refreshing(id, user_id)

    def renew(self, credential: Row, text: str) -> dict[str, Any]:
        """A bearer token and a new refresh token for a good one, which is used up by that. Raises Refused (400)."""
        now = self._db.now()
        known = self._refresh.get(text)
        if known is None or known.credential_id != credential["id"] or known.expires_at <= now:
            raise Refused(400, Problem("The refresh token is unknown, used up or expired"), message="invalid_grant")
        used_up = now + timedelta(seconds=self._options.refresh_grace)
        self._refresh[text] = Token(known.credential_id, known.sub, min(known.expires_at, used_up))
        given = self.grant(credential, str(known.sub))
        return {**given, "refresh_token": self._refreshing(credential["id"], known.sub)}

    def _refreshing(self, id: int, sub: int) -> str:
        text = self._secret(48)
        expires = self._db.now() + timedelta(seconds=self._options.refresh_lifetime)
        self._refresh[text] = Token(id, sub, expires)
        return text

    def _signed(self, claims: dict[str, Any]) -> str:
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
                 for part in ({"alg": "HS256", "typ": "JWT"}, claims)]  # fmt: skip
        body = b".".join(parts)
        mark = hmac.new(f"sandbox-{self._options.seed}".encode(), body, hashlib.sha256).digest()
        return (body + b"." + base64.urlsafe_b64encode(mark).rstrip(b"=")).decode()

    def caller(self, authorization: str | None) -> Caller:
        """Who a bearer token speaks for. Raises Refused (401) when it is unknown, expired or revoked."""
        scheme, _, text = (authorization or "").partition(" ")
        token = self._tokens.get(text) if scheme.lower() == "bearer" else None
        if token is None or token.expires_at <= self._db.now():
            raise unauthorized("The access token is missing, unknown, expired or revoked")
        credential, user = self._db["credentials"].get(token.credential_id), self._db["users"].get(token.sub)
        if credential is None or user is None or credential["revoked"] or user["deactivated"]:
            raise unauthorized("The access token is no longer valid")
        return Caller(credential, user)
