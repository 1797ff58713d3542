"""Who may call: client credentials, bearer tokens, scopes, and one fixed window of requests for each credential."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from ..kit.access import Token, Tokens, basic, bearer, rotated, secret, valid
from ..kit.ids import Id
from ..kit.rates import Windows
from ..kit.tables import Actor, Database, Row
from .errors import Problem, Refused, invalid, missing
from .options import Options

# A rotated secret's predecessor keeps working for this long.
GRACE = timedelta(days=7)
# Seconds until what a user's consent gives has to be traded for tokens.
CODE_LIFETIME = 60.0


@dataclass(frozen=True)
class Caller:
    """A valid token's credential, the user it acts as, and what it may do."""

    credential: Row
    user: Row
    scopes: frozenset[str]

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
        self.tokens = Tokens(db.now, options.seed)
        self.requests = Windows(options.rate)
        self.token_requests = Windows(options.token_rate)

    # Credentials: made on a page.

    def _secret(self, length: int = 40) -> str:
        return secret(self._random, length)

    def create(
        self, actor: Actor, name: str, user_id: int, scopes: Iterable[str], redirect_uris: Iterable[str] = ()
    ) -> Row:
        """A credential that acts as `user_id` unless a token names another user. A partner's has the addresses that
        users are sent back to who have consented."""
        if not name.strip():
            raise invalid(("can't be blank", "name"))
        if self._db["users"].get(user_id) is None:
            raise invalid(("is not a user", "user_id"))
        return self._db.create(
            "credentials", actor, name=name.strip(), user_id=user_id, scopes=sorted(set(scopes)),
            client_id=self._secret(32), secret=self._secret(), previous_secret=None, previous_until=None, revoked=False,
            redirect_uris=list(redirect_uris),
        )  # fmt: skip

    def change(self, actor: Actor, id: int, *, scopes: Iterable[str], user_id: int) -> None:
        self._row(id)
        self._db.change("credentials", id, actor, {"scopes": sorted(set(scopes)), "user_id": user_id})

    def rotate(self, actor: Actor, id: int, grace: timedelta = GRACE) -> str:
        """A new secret; the one before it keeps working for a week."""
        row, new = self._row(id), self._secret()
        self._db.change("credentials", id, actor, rotated(row, new, self._db.now(), grace))
        return new

    def revoke(self, actor: Actor, id: int) -> None:
        """The credential and every token it was given stop working at once."""
        self._row(id)
        self._db.change("credentials", id, actor, {"revoked": True})
        self.forget_tokens(id)

    def forget_tokens(self, id: int | None = None) -> None:
        """Every token given so far, to one credential or to all, stops working, as after an expiry."""
        self.tokens.forget("access", id)

    def forget_consents(self, id: int | None = None) -> None:
        """Every refresh token given so far, to one credential or to all, stops working: somebody must consent again."""
        self.tokens.forget("refresh", id)

    def _row(self, id: int) -> Row:
        row = self._db["credentials"].get(id)
        if row is None:
            raise missing("credential", id)
        return row

    # Tokens.

    def credential(self, authorization: str | None) -> Row:
        """The credential that a Basic header names. Raises Refused (401)."""
        client_id, given = basic(authorization) or ("", "")
        for row in self._db["credentials"]:
            if row["client_id"] == client_id and valid(row, given, self._db.now()):
                return row
        raise unauthorized("Client credentials are not valid")

    def grant(self, credential: Row, sub: str | None, scopes: Iterable[str] = ()) -> dict[str, Any]:
        """A bearer token for the user `sub`, or for the credential's own service user when it is left out. `scopes`:
        those that were consented to; all of the credential's where none are named."""
        user_id = credential["user_id"] if not sub else int(sub) if sub.isdigit() else None
        user = self._db["users"].get(user_id)
        if user is None or user["deactivated"]:
            raise unauthorized("The user named by sub does not exist or is deactivated")
        lifetime = self._options.token_lifetime
        expires = self._db.now() + timedelta(seconds=lifetime)
        text = self._signed({"jti": self._secret(16), "sub": str(user["id"]), "exp": int(expires.timestamp())})
        self.tokens.give("access", credential["id"], user["id"], lifetime=lifetime, text=text, scopes=scopes)
        shown = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"token_type": "Bearer", "access_token": text, "expires_at": shown}

    def consent(self, id: int, user_id: int) -> str:
        """The refresh token that a partner's integration has once a user has consented: it acts as that user."""
        self._row(id)
        if self._db["users"].get(user_id) is None:
            raise invalid(("is not a user", "user_id"))
        return self._refreshing(id, user_id)

    def traded(self, credential: Row, kind: str, text: str, held: Token) -> dict[str, Any]:
        """A bearer token and a new refresh token for a good `code` or `refresh` token, which is used up by that."""
        self.tokens.use_up(kind, text, self._options.refresh_grace if kind == "refresh" else 0.0)
        given = self.grant(credential, str(held.user_id), held.scopes)
        return {**given, "refresh_token": self._refreshing(credential["id"], held.user_id, held.scopes)}

    def _refreshing(self, id: int, user_id: Id, scopes: Iterable[str] = ()) -> str:
        lifetime = self._options.refresh_lifetime
        return self.tokens.give("refresh", id, user_id, lifetime=lifetime, text=self._secret(48), scopes=scopes)

    def _signed(self, claims: dict[str, Any]) -> str:
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
                 for part in ({"alg": "HS256", "typ": "JWT"}, claims)]  # fmt: skip
        body = b".".join(parts)
        mark = hmac.new(f"sandbox-{self._options.seed}".encode(), body, hashlib.sha256).digest()
        return (body + b"." + base64.urlsafe_b64encode(mark).rstrip(b"=")).decode()

    def caller(self, authorization: str | None) -> Caller:
        """Who a bearer token speaks for. Raises Refused (401) when it is unknown, expired or revoked."""
        token = self.tokens.good("access", bearer(authorization))
        if token is None:
            raise unauthorized("The access token is missing, unknown, expired or revoked")
        credential, user = self._db["credentials"].get(token.credential_id), self._db["users"].get(token.user_id)
        if credential is None or user is None or credential["revoked"] or user["deactivated"]:
            raise unauthorized("The access token is no longer valid")
        may = frozenset(credential["scopes"])
        return Caller(credential, user, may & set(token.scopes) if token.scopes else may)
