"""Who may call: keys in headers, tokens that expire, and an OAuth 2 server with a vendor's traits."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from random import Random
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from .errors import Refused
from .ids import Id
from .tables import Actor, Row
from .tenant import Tenant

ALWAYS = timedelta(days=36_500)


def secret(random: Random, length: int = 40) -> str:
    """`length` hexadecimal digits."""
    return random.getrandbits(length * 4).to_bytes(length // 2, "big").hex()


def basic(authorization: str | None) -> tuple[str, str] | None:
    """Name and password of a Basic header."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return name, password


def bearer(authorization: str | None) -> str | None:
    scheme, _, text = (authorization or "").partition(" ")
    return text if scheme.lower() == "bearer" and text else None


def valid(row: Row, given: str, now: datetime) -> bool:
    """Whether a credential's secret is this one, or is the one before it while that still works."""
    until = row.get("previous_until")
    accepted = [row["secret"], row.get("previous_secret") if until and now < until else None]
    return not row["revoked"] and any(one and hmac.compare_digest(one, given) for one in accepted)


def rotated(row: Row, new: str, now: datetime, grace: timedelta) -> dict[str, Any]:
    """The columns of a credential whose secret is replaced; the old one works for `grace` more."""
    return {"secret": new, "previous_secret": row["secret"], "previous_until": now + grace}


@dataclass(frozen=True)
class Token:
    credential_id: Id
    user_id: Id
    expires_at: datetime
    scopes: tuple[str, ...] = ()


class Tokens:
    """What was handed out, of three kinds: `access`, `refresh`, `code`. They are remembered, never decoded."""

    def __init__(self, now: Callable[[], datetime], seed: object) -> None:
        self._now = now
        self._random = Random(f"tokens-{seed}")
        self._given: dict[tuple[str, str], Token] = {}

    def give(
        self, kind: str, credential_id: Id, user_id: Id, *, lifetime: float | None, scopes: Iterable[str] = (),
        text: str = "",
    ) -> str:  # fmt: skip
        """A new one, good for `lifetime` seconds (None: for ever), under a text of its own unless one is given."""
        text = text or secret(self._random, 48)
        expires = self._now() + (ALWAYS if lifetime is None else timedelta(seconds=lifetime))
        self._given[kind, text] = Token(credential_id, user_id, expires, tuple(scopes))
        return text

    def good(self, kind: str, text: str | None) -> Token | None:
        """What a text stands for, if it is known and has not expired."""
        found = self._given.get((kind, text or ""))
        return found if found is not None and found.expires_at > self._now() else None

    def given(self, kind: str) -> list[str]:
        """The texts of a kind that were handed out and not forgotten, as they were."""
        return [text for of, text in self._given if of == kind]

    def use_up(self, kind: str, text: str, grace: float = 0.0) -> None:
        """It stops working, `grace` seconds from now."""
        found = self._given[kind, text]
        until = min(found.expires_at, self._now() + timedelta(seconds=grace))
        self._given[kind, text] = Token(found.credential_id, found.user_id, until, found.scopes)

    def forget(self, kind: str, credential_id: Id = None) -> None:
        """Every one of a kind stops working, of one credential or of all."""
        self._given = {(of, text): token for (of, text), token in self._given.items()
                       if of != kind or credential_id not in (None, token.credential_id)}  # fmt: skip


# OAuth 2.


def _rfc(refused: Refused) -> Response:
    told = {"error": refused.code or "invalid_request", "error_description": refused.message}
    return JSONResponse(told, refused.status, headers=refused.headers)


def _anything(client: Row, asked: Mapping[str, str]) -> None:
    pass


@dataclass(frozen=True)
class Traits:
    """How a vendor's OAuth server behaves."""

    grants: tuple[str, ...] = ("authorization_code", "refresh_token", "client_credentials")
    access_lifetime: float = 3600.0
    # None: for ever.
    refresh_lifetime: float | None = None
    # Whether a refresh gives a new refresh token, and for how long the one before it still works.
    rotates: bool = True
    refresh_grace: float = 0.0
    # The scope without which no refresh token is given; empty: it always is.
    offline: str = ""
    code_lifetime: float = 600.0
    # The vendor's own checks of what is asked at either address. Raises Refused.
    check: Callable[[Row, Mapping[str, str]], object] = _anything
    # Finishes the answer, from what it would be.
    answer: Callable[[dict[str, Any]], Mapping[str, Any]] = lambda given: given
    refuse: Callable[[Refused], Response] = _rfc


CONSENT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Allow access · sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/ats.css">
</head><body><main class="narrow"><div class="card"><h1>{name} asks for access</h1><p>It will act as {user}.</p>
<ul>{scopes}</ul>
<form method="post" class="row"><button class="main" name="allow" value="yes">Allow</button>
<button class="bad" name="allow" value="">Deny</button></form></div></main></body></html>"""


class OAuth:
    """The two addresses of an OAuth server. Clients are rows of `credentials`: `client_id`, `secret`, `scopes`,
    `revoked`, `user_id` (as whom a client acts by itself) and, for consents, `redirect_uris`."""

    def __init__(self, tenant: Tenant[Any], tokens: Tokens, traits: Traits) -> None:
        self.tenant = tenant
        self.tokens = tokens
        self.traits = traits
        self._challenges: dict[str, str] = {}  # of codes whose client proves who it is (RFC 7636, S256)

    def client(self, client_id: str, given: str) -> Row:
        """The client of an id and secret. Raises Refused (401)."""
        for row in self.tenant.db["credentials"]:
            if row["client_id"] == client_id and valid(row, given, self.tenant.now()):
                return row
        raise Refused(401, "The client is unknown or its secret is wrong", code="invalid_client")

    def caller(self, request: Request) -> tuple[Row, Token]:
        """The credential and token that a request's bearer token stands for. Raises Refused (401)."""
        token = self.tokens.good("access", bearer(request.headers.get("authorization")))
        row = token and self.tenant.db["credentials"].get(token.credential_id)
        if not token or not row or row["revoked"]:
            raise Refused(401, "The access token is missing, unknown, expired or revoked", code="invalid_token")
        return row, token

    async def token(self, request: Request) -> Response:
        """Trade a code, a refresh token or the client's own credentials for an access token."""
        async with request.form() as form:
            asked = {key: value for key, value in form.items() if isinstance(value, str)}
        name, given = basic(request.headers.get("authorization")) or (
            asked.get("client_id", ""),
            asked.get("client_secret", ""),
        )
        try:
            client = self.client(name, given)
            self.traits.check(client, asked)
            return JSONResponse(self._granted(client, asked), headers={"Cache-Control": "no-store"})
        except Refused as refused:
            return self.traits.refuse(refused)

    def _granted(self, client: Row, asked: Mapping[str, str]) -> Mapping[str, Any]:
        grant = asked.get("grant_type", "")
        if grant not in self.traits.grants:
            raise Refused(
                400, f"grant_type must be one of {', '.join(self.traits.grants)}", code="unsupported_grant_type"
            )
        if grant == "client_credentials":
            return self._answer(client, client["user_id"], self._scopes(client, asked), refresh=None)
        kind = "code" if grant == "authorization_code" else "refresh"
        text = asked.get("code" if kind == "code" else "refresh_token", "")
        held = self.held(client, kind, text, asked)
        if kind == "refresh" and not self.traits.rotates:
            return self._answer(client, held.user_id, held.scopes, refresh=text)
        self.tokens.use_up(kind, text, self.traits.refresh_grace if kind == "refresh" else 0.0)
        offline = not self.traits.offline or self.traits.offline in held.scopes
        return self._answer(client, held.user_id, held.scopes, refresh="" if offline else None)

    def held(self, client: Row, kind: str, text: str, asked: Mapping[str, str]) -> Token:
        """What a `code` or `refresh` token stands for that this client shows. Raises Refused (400)."""
        found = self.tokens.good(kind, text)
        if found is None or found.credential_id != client["id"]:
            raise Refused(400, f"The {kind} is unknown, used up or expired", code="invalid_grant")
        challenge = self._challenges.get(text, "") if kind == "code" else ""
        if challenge and challenge != _s256(asked.get("code_verifier", "")):
            raise Refused(400, "The code_verifier does not fit the code_challenge", code="invalid_grant")
        return found

    def _scopes(self, client: Row, asked: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes asked for that the client has; all of its own where none are named."""
        wanted = asked.get("scope", "").split()
        return tuple(one for one in client["scopes"] if not wanted or one in wanted)

    def _answer(self, client: Row, user_id: Id, scopes: tuple[str, ...], *, refresh: str | None) -> Mapping[str, Any]:
        """`refresh`: this one again, a new one where it is empty, none where it is None."""
        traits, give = self.traits, self.tokens.give
        access = give("access", client["id"], user_id, lifetime=traits.access_lifetime, scopes=scopes)
        told: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "scope": " ".join(scopes),
                                "expires_in": int(traits.access_lifetime)}  # fmt: skip
        if refresh is not None and "refresh_token" in traits.grants:
            told["refresh_token"] = refresh or self.consent(client, user_id, scopes)
        return traits.answer(told)

    def consent(self, client: Row, user_id: Id, scopes: Iterable[str]) -> str:
        """A refresh token as a user's consent gives it."""
        return self.tokens.give("refresh", client["id"], user_id, lifetime=self.traits.refresh_lifetime, scopes=scopes)

    async def authorize(self, request: Request, user: Row) -> Response:
        """The page on which `user` (with `id` and `name`) allows a client what it asks for, and where that leads."""
        asked = dict(request.query_params)
        client = next(
            (row for row in self.tenant.db["credentials"] if row["client_id"] == asked.get("client_id")), None
        )
        target = asked.get("redirect_uri", "")
        if client is None or client["revoked"] or target not in client.get("redirect_uris", ()):
            raise Refused(400, "The client is unknown, or may not be sent back to that address", code="invalid_request")
        if asked.get("response_type") != "code":
            raise Refused(400, "response_type must be code", code="unsupported_response_type")
        self.traits.check(client, asked)
        wanted = asked.get("scope", "").split()
        scopes = [one for one in wanted or client["scopes"] if one in client["scopes"] or one == self.traits.offline]
        if request.method != "POST":
            shown = "".join(f"<li><code>{escape(one)}</code></li>" for one in scopes)
            return HTMLResponse(CONSENT.format(name=escape(client["name"]), user=escape(user["name"]), scopes=shown))
        async with request.form() as form:
            allowed = bool(form.get("allow"))
        code = allowed and self.tokens.give("code", client["id"], user["id"], scopes=scopes,
                                            lifetime=self.traits.code_lifetime)  # fmt: skip
        if code and asked.get("code_challenge"):
            self._challenges[code] = asked["code_challenge"]
        told = {"code": code} if code else {"error": "access_denied"}
        back = {**told, **({"state": asked["state"]} if "state" in asked else {})}
        return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(back)}", 302)


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def actor_of(credential: Row, user_id: Id = None) -> Actor:
    """Who a program is, in the log of changes: its credential, and the user it acts as."""
    return Actor(f"api:{credential['name']}", credential["user_id"] if user_id is None else user_id)
